"""CBOR as AWS's protocols use it: bytes to values, with times as they are tagged.

SDKs tell a time from a text or a number by its tag, and only tag 1 is one to them: in seconds in RPC v2, in
milliseconds in `application/x-amz-cbor-1.1`. So a tagged time stays tagged until it becomes a text, which says how it
is tagged.

This file does not know which members are times.
Sources: RFC 8949; https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html#timestamp-type-serialization
"""

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.message import Message
from typing import Any

import cbor2

CONTENT_TYPE = "application/x-amz-cbor-1.1"
"""Of CBOR in place of JSON in the protocol `json`: SDKs for Java and Go write to Kinesis in it."""

MIN_MILLISECONDS = 10**11
"""A time since 1970 as large as this, which in seconds were in the year 5138, is in milliseconds."""

MAX_INTEGER_BITS = 4096
"""Bits of a CBOR integer that stays a number; Python refuses to write much larger ones in decimal."""

TEXT_TAG, NUMBER_TAG = 0, 1
"""The tags of times as text, and as a number since 1970."""


def is_cbor(content_type: str) -> bool:
    return content_type.lower().startswith(CONTENT_TYPE)


def loads(data: bytes) -> Any:
    """The value; a time is a `CBORTag`. Raises CBORError, ValueError or RecursionError."""
    return cbor2.loads(data, semantic_decoders=_DECODERS)


def _tagged(tag: int) -> Callable[[object, bool], object]:
    return lambda value, _is_immutable: cbor2.CBORTag(tag, value)


def _refuse(_value: object, _is_immutable: bool) -> object:  # noqa: FBT001 (as cbor2 calls it)
    raise ValueError("a value stands for another one")


_DECODERS: Mapping[int, Any] = {
    **{tag: _tagged(tag) for tag in (TEXT_TAG, NUMBER_TAG)},
    **dict.fromkeys((25, 28, 29, 256), _refuse),
}
"""By tag. With references to other values (http://cbor.schmorp.de/value-sharing and /stringref) few bytes could grow
without bounds, or hold themselves; AWS sends none.
"""


def texts(data: bytes) -> Iterator[str]:
    """Every text in the value, names of members included; none if it cannot be read."""
    try:
        stack = [loads(data)]
    except (cbor2.CBORError, ValueError, RecursionError):
        return
    while stack:
        match value := stack.pop():
            case str():
                yield value
            case dict():
                stack += [*value.values(), *value.keys()]
            case list() | tuple():
                stack += value
            case _:
                pass


def plain(value: object, of_bytes: Callable[[bytes], object]) -> object:  # noqa: PLR0911 (one for each type)
    """A value with JSON's types alone; `of_bytes`: what bytes become.

    A time is a text that says its tag: to SDKs, another text is no time. Raises ValueError, OverflowError or
    RecursionError where nothing but CBOR can hold it.
    """
    match value:
        case dict():
            return {str(key): plain(item, of_bytes) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item, of_bytes) for item in value]
        case bytes():
            return of_bytes(value)
        case cbor2.CBORTag() if value.tag in (TEXT_TAG, NUMBER_TAG):
            return time_text(value)
        case int() if value.bit_length() > MAX_INTEGER_BITS:
            return hex(value)
        case bool() | int() | float() | str() | None:
            return value
        case Message():
            return "MIME message"  # not every one can be written as text
        case _:
            return str(value)


def time_text(tag: cbor2.CBORTag) -> str:
    """A tagged time as a text such as `2026-01-31T00:00:00Z (tag 1)`; whatever else is tagged so, as it is."""
    unit, value = "", tag.value
    if tag.tag == NUMBER_TAG and isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value):
        in_milliseconds = abs(value) >= MIN_MILLISECONDS
        unit = " in ms" if in_milliseconds else ""
        value = _iso(value / 1000 if in_milliseconds else value)
    return f"{value} (tag {tag.tag}{unit})"


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def _iso(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):  # a year that no calendar has
        return str(seconds)
