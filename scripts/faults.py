"""The kinds of fault that a reply can be given, and the choice of one: a reply in, a faulted reply out.

This file does not know how replies are compared, and nothing of connections.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, tostring

import fault_envelopes
import fault_members
import fault_values
from cloudmock_contract.exchange import Path, Reply
from fault_changes import DATA, SCHEMA, STATUS, Context, Make
from fault_replies import draft

LONGEST = 120
"""Characters of a value that the log shows."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What was changed. `place` is in the model's member names, `wire` in those of the reply."""

    kind: str
    place: str
    wire: str
    expected: str
    was: str
    now: str


def faulted(reply: Reply, context: Context, counts: Counter[str]) -> tuple[Reply, Fault] | None:
    """The reply with one fault of the kind that is the rarest so far of those that have a place in it."""
    kinds = sorted(KINDS, key=lambda kind: (counts[kind], context.random.random()))
    for kind in kinds:
        make, expected = KINDS[kind]
        made = draft(reply, context.operation, context.model)
        change = make(made, context)
        if change is not None:
            fault = Fault(
                kind,
                dotted(change.place),
                dotted(change.wire or change.place),
                change.expected or expected,
                _short(change.was),
                _short(change.now),
            )
            return made.reply(has_body=context.request.method != "HEAD"), fault
    return None


def learn(reply: Reply, context: Context) -> None:
    """Remember the generated ids of a reply."""
    made = draft(reply, context.operation, context.model)
    values = [(spot.value, spot.name) for spot in made.spots]
    values += [(made.get(bound.header), str(bound.place[0])) for bound in made.bound]
    for value, name in values:
        if isinstance(value, str):
            context.memory.learn(value, fault_values.id_kind(value, name, context.said))


def dotted(path: Path) -> str:
    """The path as reports write it."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _short(value: object) -> str:
    if isinstance(value, Element):
        value = tostring(value, encoding="unicode")
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


KINDS: Mapping[str, tuple[Make, str]] = {
    "member_dropped": (fault_members.member_dropped, SCHEMA),
    "member_added": (fault_members.member_added, SCHEMA),
    "member_renamed": (fault_members.member_renamed, SCHEMA),
    "other_type": (fault_members.other_type, SCHEMA),
    "other_value": (fault_members.other_value, DATA),
    "null": (fault_members.null, SCHEMA),
    "item_dropped": (fault_members.item_dropped, SCHEMA),
    "item_duplicated": (fault_members.item_duplicated, SCHEMA),
    "items_reordered": (fault_members.items_reordered, DATA),
    "id_replaced": (fault_members.id_replaced, DATA),
    "enum_changed": (fault_members.enum_changed, DATA),
    "timestamp_format": (fault_members.timestamp_format, SCHEMA),
    "timestamp_value": (fault_members.timestamp_value, DATA),
    "status": (fault_envelopes.status, STATUS),
    "error_code": (fault_envelopes.error_code, DATA),
    "error_envelope": (fault_envelopes.error_envelope, SCHEMA),
    "header_dropped": (fault_envelopes.header_dropped, SCHEMA),
    "header_changed": (fault_envelopes.header_changed, DATA),
    "body_truncated": (fault_envelopes.body_truncated, SCHEMA),
    "content_hash_changed": (fault_envelopes.hash_changed, DATA),
    "xml_root": (fault_envelopes.xml_root, SCHEMA),
    "xml_namespace": (fault_envelopes.xml_namespace, SCHEMA),
}
"""What makes each kind, and the severity that it should be given."""
