"""Faults in the body of a success reply: in its members, in their values, in its lists.

This file does not know how replies are compared, nor what stands around the body.
"""

import copy
import json
import re
from collections.abc import Callable
from random import Random
from typing import Any
from xml.etree.ElementTree import Element, tostring

from cloudmock_contract.values.difference import Path
from lab.mutations import new_values
from lab.mutations.change import SCHEMA, Change, Context
from lab.mutations.replies import Draft, Spot


def choose(draft: Draft, context: Context, fits: Callable[[Any], bool]) -> Any:
    """One of the places that fit: every member counts once, however long the list that it is in."""
    groups: dict[Path, list[Spot]] = {}
    for spot in draft.spots:
        if fits(spot):
            groups.setdefault(tuple(step for step in spot.path if isinstance(step, str)), []).append(spot)
    return context.random.choice(context.random.choice(list(groups.values()))) if groups else None


def _is_scalar(spot: Any) -> bool:
    return spot.shape.type_name not in ("structure", "list", "map") and not isinstance(
        spot.value, dict | list | Element
    )


def member_dropped(draft: Draft, context: Context) -> Change | None:
    spot = choose(draft, context, lambda spot: spot.is_member)
    if spot is None:
        return None
    change = Change(spot.path, spot.wire, spot.value, "(dropped)")
    spot.drop()
    return change


def member_added(draft: Draft, context: Context) -> Change | None:
    spot = choose(draft, context, lambda spot: spot.shape.type_name == "structure" and _is_object(spot.value))
    if spot is None:
        return None
    name = context.random.choice(("Annotation", "InternalName", "OriginLabel", "ExtraDetail", "ShadowState"))
    name += context.random.choice(("", "Value", "Info", "Text"))
    spot.add(name, "added")
    return Change((*spot.path, name), (*spot.wire, name), "(absent)", "added")


def _is_object(value: object) -> bool:
    return isinstance(value, dict | Element)


def member_renamed(draft: Draft, context: Context) -> Change | None:
    spot = choose(draft, context, lambda spot: spot.is_member)
    if spot is None:
        return None
    old = str(spot.wire[-1])
    variants = [old[:1].swapcase() + old[1:], old + "s", old + "Value", f"Resource{old}", re.sub(r"s$", "", old)]
    known = spot.siblings | set(getattr(spot.parent, "members", ())) | {old, ""}
    name = context.random.choice([variant for variant in variants if variant not in known] or [f"{old}Renamed"])
    spot.rename(name)
    return Change(spot.path, spot.wire, old, name)


def other_type(draft: Draft, context: Context) -> Change | None:
    if draft.notation == "XML":
        return None
    spot = choose(draft, context, lambda spot: spot.parent is not None and spot.shape.type_name != "timestamp")
    if spot is None:
        return None
    was = copy.deepcopy(spot.value)
    spot.replace(_as_other_type(spot.value))
    return Change(spot.path, spot.wire, was, spot.value)


def _as_other_type(value: Any) -> object:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return int(value) if re.fullmatch(r"[1-9]\d{0,14}", value) else len(value)
        case dict():
            return [value]
        case list():
            return {str(index): item for index, item in enumerate(value)}
        case _:
            return str(value)


def null(draft: Draft, context: Context) -> Change | None:
    if draft.notation == "XML":
        return None
    spot = choose(draft, context, lambda spot: spot.parent is not None)
    if spot is None:
        return None
    was = spot.value
    spot.replace(None)
    return Change(spot.path, spot.wire, was, None)


def other_value(draft: Draft, context: Context) -> Change | None:
    def fits(spot: Any) -> bool:
        return (
            _is_scalar(spot)
            and spot.shape.type_name != "timestamp"
            and not getattr(spot.shape, "enum", ())
            and not (context.is_hash(spot.value, spot.name))
            and spot.value not in context.memory
            and new_values.is_plain(spot.value, spot.name, context.request_text)
            and new_values.other_plain(spot.value, Random(0)) is not None
        )

    spot = choose(draft, context, fits)
    if spot is None:
        return None
    was = spot.value
    is_number = draft.notation == "XML" and spot.shape.type_name in ("integer", "long", "float", "double")
    if is_number and context.random.random() < 0.2:
        spot.replace("many")
        return Change(spot.path, spot.wire, was, "many", SCHEMA)
    spot.replace(new_values.other_plain(was, context.random))
    return Change(spot.path, spot.wire, was, spot.value)


def _list_of(draft: Draft, context: Context, fits: Callable[[Any], bool]) -> Any:
    return choose(
        draft,
        context,
        lambda spot: (
            spot.shape.type_name == "list"
            and isinstance(spot.value, list | Element | str)
            and bool(_items(spot))
            and fits(spot)
        ),
    )


def _items(spot: Any) -> list[Any]:
    return [] if isinstance(spot.value, str) and isinstance(getattr(spot, "holder", None), dict) else spot.items


def item_dropped(draft: Draft, context: Context) -> Change | None:
    spot = _list_of(draft, context, lambda _: True)
    if spot is None:
        return None
    items = spot.items
    index = context.random.randrange(len(items))
    dropped = items.pop(index)
    spot.replace_items(items)
    return Change((*spot.path, index), (*spot.wire, index), dropped, "(dropped)")


def item_duplicated(draft: Draft, context: Context) -> Change | None:
    spot = _list_of(draft, context, lambda _: True)
    if spot is None:
        return None
    items = spot.items
    index = context.random.randrange(len(items))
    items.insert(index + 1, copy.deepcopy(items[index]))
    spot.replace_items(items)
    return Change((*spot.path, index + 1), (*spot.wire, index + 1), "(once)", items[index])


_UNORDERED_TEXT = re.compile(
    r"order of the elements in the response|no particular order|unordered|in any order|(?:not|n't) (?:be )?guarante\w+"
    r"[^.]{0,40} order|order[^.]{0,40} (?:not|n't) (?:be )?guarante",
    re.IGNORECASE,
)
_UNORDERED = frozenset(("StringSetAttributeValue", "NumberSetAttributeValue", "BinarySetAttributeValue"))
_UNORDERED_OPERATIONS = frozenset(("dynamodb.Scan", "dynamodb.BatchGetItem", "sqs.ReceiveMessage"))


def items_reordered(draft: Draft, context: Context) -> Change | None:
    documented = f"{context.model.documentation}"
    if context.operation.name in _UNORDERED_OPERATIONS or _UNORDERED_TEXT.search(documented):
        return None

    def fits(spot: Any) -> bool:
        is_ordered = spot.shape.name not in _UNORDERED and not _UNORDERED_TEXT.search(f"{spot.shape.documentation}")
        return is_ordered and len({lasting(item, context) for item in spot.items}) >= 2

    spot = _list_of(draft, context, fits)
    if spot is None:
        return None
    items = spot.items
    order = list(range(len(items)))
    while [lasting(items[index], context) for index in order] == [lasting(item, context) for item in items]:
        context.random.shuffle(order)
    spot.replace_items([items[index] for index in order])
    return Change(spot.path, spot.wire, list(range(len(items))), order)


def lasting(item: Any, context: Context) -> str:
    """The item without what nobody can know beforehand: two that differ in that alone are the same."""
    text = tostring(item, encoding="unicode") if isinstance(item, Element) else ""
    text = text or json.dumps(item, default=str, sort_keys=True)
    return re.sub(
        r"[\w:./+=-]{8,}",
        lambda match: (
            "?"
            if match[0] not in context.memory
            and (new_values.id_kind(match[0], "", "") or new_values.is_time(match[0], "Time"))
            else match[0]
        ),
        text,
    )


def id_replaced(draft: Draft, context: Context) -> Change | None:
    spot = choose(draft, context, lambda spot: isinstance(spot.value, str) and bool(context.memory.others(spot.value)))
    if spot is None:
        return None
    was = spot.value
    spot.replace(context.random.choice(context.memory.others(was)))
    return Change(spot.path, spot.wire, was, spot.value)


def enum_changed(draft: Draft, context: Context) -> Change | None:
    spot = choose(
        draft, context, lambda spot: spot.value in getattr(spot.shape, "enum", ()) and len(spot.shape.enum) > 1
    )
    if spot is None:
        return None
    was = spot.value
    spot.replace(context.random.choice([value for value in spot.shape.enum if value != was]))
    return Change(spot.path, spot.wire, was, spot.value)


def timestamp_format(draft: Draft, context: Context) -> Change | None:
    is_text = draft.notation == "XML"
    spot = choose(
        draft,
        context,
        lambda spot: (
            spot.shape.type_name == "timestamp"
            and new_values.other_notation(spot.value, Random(0), is_text=is_text) is not None
        ),
    )
    if spot is None:
        return None
    was = spot.value
    spot.replace(new_values.other_notation(was, context.random, is_text=is_text))
    return Change(spot.path, spot.wire, was, spot.value)


def timestamp_value(draft: Draft, context: Context) -> Change | None:
    def fits(spot: Any) -> bool:
        is_time = spot.shape.type_name == "timestamp" or (
            _is_scalar(spot) and new_values.is_time(spot.value, spot.name)
        )
        return is_time and new_values.shifted(spot.value, Random(0)) is not None

    spot = choose(draft, context, fits)
    if spot is None:
        return None
    was = spot.value
    spot.replace(new_values.shifted(was, context.random))
    return Change(spot.path, spot.wire, was, spot.value)
