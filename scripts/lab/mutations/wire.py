"""Faults in how members are written down: their names on the wire, the wrappers around them, times in CBOR.

What they do to an app depends on its SDK's parser, which reads by the wire's names alone. This file does not know how
replies are compared.
"""

import copy
import datetime as dt
import itertools
from collections.abc import Callable, Collection, Mapping
from typing import Any
from xml.etree.ElementTree import Element

import cbor2

from lab.mutations.change import DATA, Change, Context
from lab.mutations.members import choose, lasting
from lab.mutations.replies import Draft, local


def model_name(draft: Draft, context: Context) -> Change | None:
    """A member under its model's name instead of its wire's."""

    def fits(spot: Any) -> bool:
        name = spot.path[-1] if spot.path else 0
        is_member = isinstance(name, str) and spot.parent is not None and spot.parent.type_name == "structure"
        return is_member and spot.wire[-1] != name and name not in spot.siblings

    spot = choose(draft, context, fits)
    if spot is None:
        return None
    spot.rename(str(spot.path[-1]))
    return Change(spot.path, spot.wire, spot.wire[-1], spot.path[-1])


def empty_body(draft: Draft, _context: Context) -> Change | None:
    if not draft.body.strip() or draft.notation not in ("XML", "JSON", "CBOR"):
        return None
    if draft.notation != "XML" and not draft.tree:  # SDKs read no body as an empty object
        return None
    was = len(draft.body)
    draft.body, draft.is_cut = b"", True
    return Change((), (), was, 0)


def result_wrapper_missing(draft: Draft, context: Context) -> Change | None:
    output = context.model.output_shape
    wrapper = output.serialization.get("resultWrapper") if output is not None else None
    if draft.notation != "XML" or draft.is_error or not wrapper:
        return None
    root = draft.tree
    found = next((child for child in root if local(child.tag) == wrapper), None)
    if found is None:
        return None
    position = list(root).index(found)
    root.remove(found)
    root[position:position] = list(found)
    return Change((), (wrapper,), wrapper, "(dropped)")


def _wrapped(spot: Any) -> bool:
    """Whether the list has an element of its own around its items."""
    is_list = spot.shape.type_name == "list" and not spot.shape.serialization.get("flattened")
    return is_list and isinstance(spot.value, Element) and bool(len(spot.value)) and bool(spot.path)


def list_wrapper_missing(draft: Draft, context: Context) -> Change | None:
    """The items stand where the list should."""
    spot = choose(draft, context, _wrapped) if draft.notation == "XML" else None
    if spot is None or spot.node not in list(spot.holder):
        return None
    position = list(spot.holder).index(spot.node)
    spot.holder.remove(spot.node)
    spot.holder[position:position] = list(spot.node)
    return Change(spot.path, spot.wire, local(spot.node.tag), "(dropped)")


def item_wrapper_missing(draft: Draft, context: Context) -> Change | None:
    """What is in the items stands where they should."""
    spot = choose(draft, context, _wrapped) if draft.notation == "XML" else None
    if spot is None:
        return None
    items = list(spot.node)
    was = local(items[0].tag)
    spot.node[:] = [member for item in items for member in item]
    if not len(spot.node):
        spot.node.text = "".join(item.text or "" for item in items)
    if not len(spot.node) and not spot.node.text:
        spot.node.text = "-"
    return Change(spot.path, spot.wire, was, "(dropped)")


def item_renamed(draft: Draft, context: Context) -> Change | None:
    spot = choose(draft, context, _wrapped) if draft.notation == "XML" else None
    if spot is None:
        return None
    items = list(spot.node)
    was = items[0].tag
    now = context.random.choice([name for name in ("member", "item", "entry", f"{was}s") if name != was])
    for item in items:
        item.tag = now
    return Change(spot.path, spot.wire, was, now)


def cbor_time(draft: Draft, context: Context) -> Change | None:
    """A time of CBOR as text, as tagged text, or in milliseconds."""
    spot = None
    if draft.notation == "CBOR":
        spot = choose(draft, context, lambda spot: isinstance(spot.value, dt.datetime))
    if spot is None:
        return None
    was: dt.datetime = spot.value
    text = was.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    notations: list[Callable[[], object]] = [
        lambda: text,
        lambda: cbor2.CBORTag(0, text),
        lambda: cbor2.CBORTag(1, int(was.timestamp() * 1000)),
    ]
    spot.replace(context.random.choice(notations)())
    return Change(spot.path, spot.wire, was, spot.value)


ORDERED: Mapping[str, Collection[str]] = {
    "bedrock-runtime.Converse": ("content",),
    "cloudformation.DescribeStackEvents": ("StackEvents",),
    "dynamodb.Query": ("Items",),
    "kinesis.GetRecords": ("Records",),
    "logs.GetLogEvents": ("events",),
    "route53.ListHostedZonesByName": ("HostedZones",),
    "route53.ListResourceRecordSets": ("ResourceRecordSets",),
    "s3.ListBuckets": ("Buckets",),
    "s3.ListObjectVersions": ("Versions", "DeleteMarkers"),
    "s3.ListObjects": ("Contents", "CommonPrefixes"),
    "s3.ListObjectsV2": ("Contents", "CommonPrefixes"),
    "s3.ListParts": ("Parts",),
}
"""Lists that AWS's API references give an order: of a sort key, of names, of time, of what is said first.

A protocol keeps the order of every list.
"""


def items_swapped(draft: Draft, context: Context) -> Change | None:
    """Two items of a list that has an order change places; they differ in more than their ids."""
    is_vector = context.operation.service == "vectors"
    ordered = ORDERED.get(context.operation.name, ())

    def fits(spot: Any) -> bool:
        if spot.shape.type_name != "list" or not isinstance(spot.value, list | Element):
            return False
        if not is_vector and spot.name not in ordered:
            return False
        items = [lasting(item, context) for item in spot.items]
        return any(first != second for first, second in itertools.pairwise(items))

    spot = choose(draft, context, fits)
    if spot is None:
        return None
    items = spot.items
    differing = [lasting(item, context) for item in items]
    places = [index for index in range(len(items) - 1) if differing[index] != differing[index + 1]]
    index = context.random.choice(places)
    swapped = copy.copy(items)
    swapped[index], swapped[index + 1] = items[index + 1], items[index]
    spot.replace_items(swapped)
    return Change(spot.path, spot.wire, index, index + 1, DATA)
