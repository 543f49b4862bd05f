"""Whether a value is one that the operation's model allows: the model as referee between two sides that differ.

Only what SDKs rely on is looked at: required members, types, enumerations, notations of timestamps. Sides are not
compared here. Source: https://smithy.io/2.0/spec/constraint-traits.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from cloudmock_contract.aws.models.shapes import enumeration, is_event_stream
from cloudmock_contract.aws.wire.timestamps import timestamp
from cloudmock_contract.values.json_values import json_type

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
    "iso8601": re.compile(r"ISO 8601T\d*sZ"),
    "rfc822": re.compile(r"HTTP GMT"),
}
_FORMS = {
    "iso8601": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z"),
    "rfc822": re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"),
}
_BY_PROTOCOL = {
    "json": "unixtimestamp",
    "rest-json": "unixtimestamp",
    "smithy-rpc-v2-cbor": "iso8601",
    "query": "iso8601",
    "ec2": "iso8601",
    "rest-xml": "iso8601",
}


def violation(shape: Any, value: object, protocol: str) -> str:
    """How the value breaks its shape, as a sentence for a person; empty if it does not, or no model says."""
    if shape is None or value is None or getattr(shape, "is_document_type", False) or is_event_stream(shape):
        return ""
    wanted, found = _TYPES.get(shape.type_name), json_type(value)
    if wanted and found not in wanted:
        return f"the model wants {shape.type_name}, not {found}"
    judge = _CHECKS.get(shape.type_name)
    return judge(shape, value, protocol) if judge else ""


def missing_violation(above: Any, name: str | int) -> str:
    """What the model says of a member of this structure that is not there."""
    if above is None or above.type_name != "structure":
        return ""
    required = {_wire_name(above, member) for member in above.required_members} | set(above.required_members)
    return "the model requires it" if name in required else ""


def extra_violation(above: Any, name: str | int) -> str:
    """What the model says of a member of this structure that the other side has not."""
    if above is None or above.type_name != "structure" or getattr(above, "is_document_type", False):
        return ""
    known = {_wire_name(above, member) for member in above.members} | set(above.members)
    return "" if name in known else "the model does not know it"


def _wire_name(shape: Any, member: str) -> str:
    return str(shape.members[member].serialization.get("name", member))


def _string_violation(shape: Any, value: object, _protocol: str) -> str:
    allowed = enumeration(shape)
    return "the model does not list this value" if allowed and value not in allowed else ""


def _structure_violation(shape: Any, value: Any, _protocol: str) -> str:
    absent = [name for name in shape.required_members if name not in value and _wire_name(shape, name) not in value]
    return f"the model requires {', '.join(absent)}" if absent else ""


def _timestamp_violation(shape: Any, value: object, protocol: str) -> str:
    notation = str(shape.serialization.get("timestampFormat", _default_notation(shape, protocol))).lower()
    found = timestamp(value)
    wanted = _NOTATIONS.get(notation)
    if wanted is None or (found is None and _has_its_form(value, notation)):
        return ""
    if found is not None and wanted.fullmatch(found.notation):
        return ""
    return f"the model wants a timestamp in {notation}"


def _has_its_form(value: object, notation: str) -> bool:
    """Whether a time that is in no century of ours is written as times are."""
    if notation == "unixtimestamp":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str) and _FORMS[notation].fullmatch(value) is not None


def _default_notation(shape: Any, protocol: str) -> str:
    return "rfc822" if shape.serialization.get("location") == "header" else _BY_PROTOCOL.get(protocol, "")


_CHECKS: Mapping[str, Callable[[Any, Any, str], str]] = {
    "string": _string_violation,
    "structure": _structure_violation,
    "timestamp": _timestamp_violation,
}
