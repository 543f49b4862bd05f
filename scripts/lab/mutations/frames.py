"""The messages of an event stream, taken apart and put together with their checksums.

Source: https://smithy.io/2.0/aws/amazon-eventstream.html. This file does not know what the messages say.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

_PRELUDE_BYTES, _CHECKSUM_BYTES = 12, 4


@dataclass(frozen=True, slots=True)
class Frame:
    """One message."""

    headers: bytes
    """As they stand on the wire."""
    payload: bytes


def frames(body: bytes) -> list[Frame]:
    """The messages of a whole stream."""
    read: list[Frame] = []
    position = 0
    while position < len(body):
        length, headers = struct.unpack_from(">II", body, position)
        start = position + _PRELUDE_BYTES
        end = position + length - _CHECKSUM_BYTES
        read.append(Frame(body[start : start + headers], body[start + headers : end]))
        position += length
    return read


def stream(messages: Iterable[Frame]) -> bytes:
    """The body that has these messages."""
    return b"".join(map(_message, messages))


def _message(frame: Frame) -> bytes:
    length = _PRELUDE_BYTES + len(frame.headers) + len(frame.payload) + _CHECKSUM_BYTES
    prelude = struct.pack(">II", length, len(frame.headers))
    whole = prelude + struct.pack(">I", crc32(prelude)) + frame.headers + frame.payload
    return whole + struct.pack(">I", crc32(whole))
