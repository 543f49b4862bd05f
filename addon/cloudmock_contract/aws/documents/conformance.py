"""Whether a value is one that the operation's model allows.

Only what SDKs rely on is looked at: required members, types, enumerations, notations of timestamps. This file does not
compare. Source: https://smithy.io/2.0/spec/constraint-traits.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from cloudmock_contract.aws.models.shapes import enumeration, is_event_stream
from cloudmock_contract.aws.wire.timestamps import timestamp
from cloudmock_contract.values.denial import Violation
from cloudmock_contract.values.json_values import json_type

NO_WRAPPER = "SDKs look for all members in it"
"""How a reply breaks the model that lacks the element around its members: SDKs read none, or raise an error."""

type Check = Callable[[Any, Any, str], Violation | None]
"""Of a shape, a value and the protocol: how the value breaks the shape."""

_TYPES = {
    "structure": ("object",),
    "map": ("object",),
    "list": ("array",),
    "string": ("string",),
    "character": ("string",),
    "blob": ("string", "object"),
    "boolean": ("boolean",),
    "integer": ("number",),
    "long": ("number",),
    "float": ("number", "string"),
    "double": ("number", "string"),
    "timestamp": ("string", "number"),
}
"""The JSON types that a tree has for each of the model's; the strings of numbers are NaN and Infinity."""

_NOTATIONS = {
    "unixtimestamp": re.compile(r"seconds as number"),
    "iso8601": re.compile(r"ISO 8601TsZ"),
    "rfc822": re.compile(r"HTTP GMT"),
    "seconds under tag 1": re.compile(r"CBOR tag 1"),
    "milliseconds under tag 1": re.compile(r"CBOR tag 1 in ms"),
}
_FORMS = {
    "iso8601": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z"),
    "rfc822": re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"),
    "seconds under tag 1": re.compile(r"[0-9TZ:.+-]+ \(tag 1\)"),
    "milliseconds under tag 1": re.compile(r"[0-9TZ:.+-]+ \(tag 1(?: in ms)?\)"),
}
JSON_IN_CBOR = "json in CBOR"
"""The protocol `json` where the messages are in CBOR."""

_BY_PROTOCOL = {
    "json": "unixtimestamp",
    "rest-json": "unixtimestamp",
    "smithy-rpc-v2-cbor": "seconds under tag 1",
    JSON_IN_CBOR: "milliseconds under tag 1",
    "query": "iso8601",
    "ec2": "iso8601",
    "rest-xml": "iso8601",
}


def violation(shape: Any, value: object, protocol: str) -> Violation | None:
    """How the value breaks its shape; None if it does not, or no model says."""
    if shape is None or value is None or getattr(shape, "is_document_type", False) or is_event_stream(shape):
        return None
    types, type_name = _TYPES.get(shape.type_name), json_type(value)
    if types and type_name not in types:
        return Violation(f"the model wants {shape.type_name}, not {type_name}")
    check = _CHECKS.get(shape.type_name)
    return check(shape, value, protocol) if check else None


def missing_violation(parent: Any, name: str | int) -> Violation | None:
    """How a structure of this shape breaks it by lacking the member; None if it does not, or no model says."""
    if parent is None or parent.type_name != "structure":
        return None
    required = {_wire_name(parent, member) for member in parent.required_members} | set(parent.required_members)
    return Violation("the model requires it") if name in required else None


def extra_violation(parent: Any, name: str | int) -> Violation | None:
    """How a structure of this shape breaks it by having the member; None if it does not, or no model says."""
    if parent is None or parent.type_name != "structure" or getattr(parent, "is_document_type", False):
        return None
    known = {_wire_name(parent, member) for member in parent.members} | set(parent.members)
    return None if name in known else Violation("the model does not know it")


def _wire_name(shape: Any, member: str) -> str:
    return str(shape.members[member].serialization.get("name", member))


def _string_violation(shape: Any, value: object, _protocol: str) -> Violation | None:
    allowed = enumeration(shape)
    return Violation("the model does not list this value") if allowed and value not in allowed else None


def _structure_violation(shape: Any, value: Any, _protocol: str) -> Violation | None:
    missing = [name for name in shape.required_members if name not in value and _wire_name(shape, name) not in value]
    return Violation(f"the model requires {', '.join(missing)}") if missing else None


def _timestamp_violation(shape: Any, value: object, protocol: str) -> Violation | None:
    notation = _default_notation(shape, protocol)
    if not notation.endswith("under tag 1"):  # CBOR has one notation, whatever the model says for others
        notation = str(shape.serialization.get("timestampFormat", notation)).lower()
    pattern = _NOTATIONS.get(notation)
    if pattern is None:
        return None
    moment = timestamp(value)
    is_right = pattern.fullmatch(moment.notation) if moment else _is_in_notation(value, notation)
    return None if is_right else Violation(f"the model wants a timestamp in {notation}")


def _is_in_notation(value: object, notation: str) -> bool:
    """Whether a time of another century is in this notation."""
    if notation == "unixtimestamp":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str) and _FORMS[notation].fullmatch(value) is not None


def _default_notation(shape: Any, protocol: str) -> str:
    return "rfc822" if shape.serialization.get("location") == "header" else _BY_PROTOCOL.get(protocol, "")


_CHECKS: Mapping[str, Check] = {
    "string": _string_violation,
    "structure": _structure_violation,
    "timestamp": _timestamp_violation,
}
