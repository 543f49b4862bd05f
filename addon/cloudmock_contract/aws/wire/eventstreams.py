"""Event streams: a body of framed messages to a list of its events.

An event is an object with one member, named by its type: its payload as a tree where it is JSON or CBOR, else as
text or as length and hash. Frames are checked by their own checksums; a stream that breaks off is an error.
Source: https://smithy.io/2.0/aws/amazon-eventstream.html
"""

import json
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.eventstream import EventStreamBuffer, ParserError
from cbor2 import CBORError

from cloudmock_contract.aws.wire import cbor

MIN_MESSAGE_BYTES = 16
"""Bytes of a message without headers and payload."""

CONTENT_TYPE = "application/vnd.amazon.eventstream"


def events(body: bytes, of_bytes: Callable[[bytes], object]) -> list[object]:
    """The events. `of_bytes`: what a payload without structure becomes. Raises ValueError."""
    read: list[object] = []
    try:
        for message in _messages(body):
            headers = {name.removeprefix(":"): value for name, value in message.headers.items()}
            name = headers.get("event-type") or headers.get("exception-type") or headers.get("error-code") or "event"
            read.append({str(name): _payload(message.payload, headers, of_bytes)})
    except (ParserError, ValueError, LookupError, TypeError, struct.error) as error:
        raise ValueError(f"event {len(read)} is broken: {error or type(error).__name__}") from error
    return read


def _messages(body: bytes) -> Iterator[Any]:
    """The messages; each begins with its length. One buffer a message: a buffer copies all that it holds for each."""
    position = 0
    while position < len(body):
        length = int.from_bytes(body[position : position + 4])
        if not MIN_MESSAGE_BYTES <= length <= len(body) - position:
            raise ValueError(f"it breaks off at byte {position}")
        buffer = EventStreamBuffer()
        buffer.add_data(body[position : position + length])
        yield buffer.next()
        position += length


def _payload(payload: bytes, headers: Mapping[str, object], of_bytes: Callable[[bytes], object]) -> object:
    content_type = str(headers.get("content-type", ""))
    if "json" in content_type or (not content_type and payload[:1] == b"{"):
        try:
            return json.loads(payload)
        except (ValueError, RecursionError):
            return of_bytes(payload)
    if "cbor" in content_type:
        try:
            return cbor.plain(cbor.loads(payload), of_bytes)
        except (ValueError, OverflowError, RecursionError, CBORError):
            return of_bytes(payload)
    return payload.decode() if content_type.startswith("text/") and payload.isascii() else of_bytes(payload)
