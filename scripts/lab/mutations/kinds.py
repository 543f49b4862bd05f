"""The kinds of fault that a reply can be given, and the choice of one: a reply in, a faulted reply out.

This file does not know how replies are compared, and nothing of connections.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, tostring

from cloudmock_contract.values.difference import Path
from cloudmock_contract.values.http import Reply
from lab.mutations import envelopes, members, new_values
from lab.mutations.change import DATA, SCHEMA, STATUS, Context, Make
from lab.mutations.replies import draft

MAX_TEXT_CHARACTERS = 120
"""Characters of a value that the log shows."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What was changed. `path` is in the model's member names, `wire` in those of the reply."""

    kind: str
    path: str
    wire: str
    expected: str
    was: str
    now: str


def faulted(reply: Reply, context: Context, counts: Counter[str]) -> tuple[Reply, Fault] | None:
    """The reply with one fault of the kind that is the rarest so far of those that have a place in it."""
    kinds = sorted(KINDS, key=lambda kind: (counts[kind], context.random.random()))
    for kind in kinds:
        make, expected = KINDS[kind]
        taken_apart = draft(reply, context.operation, context.model)
        change = make(taken_apart, context)
        if change is not None:
            fault = Fault(
                kind,
                dotted(change.path),
                dotted(change.wire or change.path),
                change.expected or expected,
                short(change.was),
                short(change.now),
            )
            return taken_apart.reply(has_body=context.request.method != "HEAD"), fault
    return None


def learn(reply: Reply, context: Context) -> None:
    """Remember the generated ids of a reply."""
    taken_apart = draft(reply, context.operation, context.model)
    values = [(spot.value, spot.name) for spot in taken_apart.spots]
    values += [(taken_apart.get(bound.header), str(bound.path[0])) for bound in taken_apart.bound]
    for value, name in values:
        if isinstance(value, str):
            context.memory.learn(value, new_values.id_kind(value, name, context.request_text))


def dotted(path: Path) -> str:
    """The path as reports write it."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def short(value: object) -> str:
    """As text, cut."""
    if isinstance(value, Element):
        value = tostring(value, encoding="unicode")
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= MAX_TEXT_CHARACTERS else text[:MAX_TEXT_CHARACTERS] + "…"


KINDS: Mapping[str, tuple[Make, str]] = {
    "member_dropped": (members.member_dropped, SCHEMA),
    "member_added": (members.member_added, SCHEMA),
    "member_renamed": (members.member_renamed, SCHEMA),
    "other_type": (members.other_type, SCHEMA),
    "other_value": (members.other_value, DATA),
    "null": (members.null, SCHEMA),
    "item_dropped": (members.item_dropped, SCHEMA),
    "item_duplicated": (members.item_duplicated, SCHEMA),
    "items_reordered": (members.items_reordered, DATA),
    "id_replaced": (members.id_replaced, DATA),
    "enum_changed": (members.enum_changed, DATA),
    "timestamp_format": (members.timestamp_format, SCHEMA),
    "timestamp_value": (members.timestamp_value, DATA),
    "status": (envelopes.status, STATUS),
    "error_code": (envelopes.error_code, DATA),
    "error_envelope": (envelopes.error_envelope, SCHEMA),
    "header_dropped": (envelopes.header_dropped, SCHEMA),
    "header_changed": (envelopes.header_changed, DATA),
    "body_truncated": (envelopes.body_truncated, SCHEMA),
    "content_hash_changed": (envelopes.hash_changed, DATA),
    "xml_root": (envelopes.xml_root, SCHEMA),
    "xml_namespace": (envelopes.xml_namespace, SCHEMA),
}
"""What makes each kind, and the severity that it should be given."""
