"""How a server misbehaves on the wire: each way is a small function that drives one connection.

Knows HTTP/1.1 and TLS well enough to break them. Does not know which call meets which of them.
"""

import asyncio
import contextlib
import hashlib
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

STAYS, ENDS = True, False
"""Whether a connection goes on after a reply."""

DRIPS = 15
DRIP_SECONDS = 0.4
"""A dripping body takes longer than a client waits for one read, and than CloudMock may take."""

HUGE_BYTES = 32 * 2**20
ENDLESS_BYTES = 256 * 2**20
"""After which a server gives up on a client that takes everything."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The right reply to a call: both sides have the same."""

    fields: bytes
    """Header lines, each with its line end; without those that frame the body."""
    body: bytes

    def head(self, *more: bytes, status: bytes = b"200 OK", version: bytes = b"1.1") -> bytes:
        """`more`: header lines without their line ends."""
        return b"HTTP/%s %s\r\n%s%s\r\n" % (version, status, self.fields, b"".join(line + b"\r\n" for line in more))

    def sized(self, surplus: int = 0) -> bytes:
        """The head with a Content-Length that is this many bytes too large."""
        return self.head(b"Content-Length: %d" % (len(self.body) + surplus))

    @property
    def whole(self) -> bytes:
        return self.sized() + self.body


GET_ITEM = Answer(
    b"Content-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: 1\r\n",
    b'{"Item":{"id":{"S":"1"},"name":{"S":"%s"}}}' % (b"x" * 900),
)
_OBJECT = b"0123456789abcdef" * 256
GET_OBJECT = Answer(
    b'Content-Type: application/octet-stream\r\nETag: "%s"\r\nx-amz-request-id: 1\r\n'
    % hashlib.md5(_OBJECT, usedforsecurity=False).hexdigest().encode(),
    _OBJECT,
)
PUT_OBJECT = Answer(b'ETag: "d41d8cd98f00b204e9800998ecf8427e"\r\nx-amz-request-id: 1\r\n', b"")


def answer_to(head: bytes) -> Answer:
    """The right reply to the request with this head."""
    if head.startswith(b"PUT"):
        return PUT_OBJECT
    return GET_OBJECT if head.startswith(b"GET") else GET_ITEM


@dataclass(frozen=True, slots=True)
class Wire:
    """A connection whose client waits for this answer."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    answer: Answer

    async def send(self, *parts: bytes) -> None:
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()

    async def sent(self, *parts: bytes) -> None:
        """Send, and give the client the time to read it."""
        await self.send(*parts)
        await asyncio.sleep(0.1)

    def reset(self) -> None:
        """End the connection with an RST."""
        plain = self.writer.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def until_left(self) -> None:
        """Say nothing for as long as the client stays."""
        while await self.reader.read(2**16):
            pass


type Act = Callable[[Wire], Awaitable[bool]]
"""Replies to one request, or does not; whether the connection goes on."""


async def answer(wire: Wire) -> bool:
    """No fault."""
    await wire.send(wire.answer.whole)
    return STAYS


async def say_nothing_and_close(_wire: Wire) -> bool:
    return ENDS


async def never_answer(wire: Wire) -> bool:
    await wire.until_left()
    return ENDS


async def reset_before_head(wire: Wire) -> bool:
    wire.reset()
    return ENDS


async def reset_inside_head(wire: Wire) -> bool:
    await wire.sent(wire.answer.whole[:30])
    wire.reset()
    return ENDS


async def close_inside_head(wire: Wire) -> bool:
    await wire.send(wire.answer.whole[:30])
    return ENDS


async def reset_inside_body(wire: Wire) -> bool:
    await wire.sent(wire.answer.whole[:-100])
    wire.reset()
    return ENDS


async def close_inside_body(wire: Wire) -> bool:
    await wire.send(wire.answer.whole[:-100])
    return ENDS


async def stall_inside_body(wire: Wire) -> bool:
    await wire.send(wire.answer.whole[:-100])
    await wire.until_left()
    return ENDS


def drip(size: int) -> Act:
    """Drip the last `size` bytes of the reply; a body that is larger than that comes at once up to there."""

    async def act(wire: Wire) -> bool:
        whole = wire.answer.whole
        await wire.send(whole[:-size])
        step = -(-size // DRIPS)
        for start in range(len(whole) - size, len(whole), step):
            await asyncio.sleep(DRIP_SECONDS)
            await wire.send(whole[start : start + step])
        return STAYS

    return act


async def drip_slowly_through_the_head(wire: Wire) -> bool:
    return await drip(len(wire.answer.whole))(wire)


async def answer_late(wire: Wire) -> bool:
    """Later than a client that leaves waits, and earlier than one that stays does."""
    await asyncio.sleep(1.0)
    return await answer(wire)


async def length_too_long(wire: Wire) -> bool:
    await wire.send(wire.answer.sized(10), wire.answer.body)
    return ENDS


async def length_too_short(wire: Wire) -> bool:
    await wire.send(wire.answer.sized(-10) + wire.answer.body)
    return STAYS


async def two_lengths(wire: Wire) -> bool:
    size = len(wire.answer.body)
    await wire.send(wire.answer.head(b"Content-Length: %d" % size, b"Content-Length: %d" % (size - 10)))
    await wire.send(wire.answer.body)
    return ENDS


async def length_and_chunked(wire: Wire) -> bool:
    body = wire.answer.body
    head = wire.answer.head(b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked")
    await wire.send(head, b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
    return ENDS


def chunked(end: bytes, *fields: bytes, size: bytes = b"%x") -> Act:
    """A chunked reply with this after its only chunk."""

    async def act(wire: Wire) -> bool:
        body = wire.answer.body
        size_line = size % len(body) if b"%" in size else size
        head = wire.answer.head(b"Transfer-Encoding: chunked", *fields)
        await wire.send(head, b"%s\r\n%s\r\n%s" % (size_line, body, end))
        return STAYS if end.endswith(b"\r\n\r\n") and b"%" in size else ENDS

    return act


def interim(*statuses: bytes) -> Act:
    """Replies with these statuses before the one that counts."""

    async def act(wire: Wire) -> bool:
        for status in statuses:
            link = b"Link: </style.css>; rel=preload\r\n" if status.startswith(b"103") else b""
            await wire.send(b"HTTP/1.1 %s\r\n%s\r\n" % (status, link))
        return await answer(wire)

    return act


async def oversized_head(wire: Wire) -> bool:
    length = b"Content-Length: %d" % len(wire.answer.body)
    await wire.send(wire.answer.head(b"X-Large: " + b"x" * 2 * 2**20, length), wire.answer.body)
    return ENDS


async def endless_head(wire: Wire) -> bool:
    await wire.send(wire.answer.head()[:-2])
    for _ in range(ENDLESS_BYTES // 2**16):
        await wire.send((b"X-More: " + b"x" * 1014 + b"\r\n") * 64)
    return ENDS


async def endless_body(wire: Wire) -> bool:
    await wire.send(wire.answer.head(b"Transfer-Encoding: chunked"))
    while not wire.writer.is_closing():
        await wire.send(b"10000\r\n" + b"x" * 2**16 + b"\r\n")
        await asyncio.sleep(0.05)
    return ENDS


async def garbage(wire: Wire) -> bool:
    await wire.send(bytes(range(256)) * 4 + b"\r\n\r\n")
    return ENDS


async def impossible_status(wire: Wire) -> bool:
    await wire.send(wire.answer.whole.replace(b" 200 OK", b" 2x0 OK", 1))
    return ENDS


async def until_the_end(wire: Wire) -> bool:
    """A body that ends where the connection does."""
    await wire.send(wire.answer.head(), wire.answer.body)
    return ENDS


async def say_close(wire: Wire) -> bool:
    length = b"Content-Length: %d" % len(wire.answer.body)
    await wire.send(wire.answer.head(length, b"Connection: close"), wire.answer.body)
    return ENDS


async def http_1_0(wire: Wire) -> bool:
    length = b"Content-Length: %d" % len(wire.answer.body)
    await wire.send(wire.answer.head(length, version=b"1.0"), wire.answer.body)
    return ENDS


async def close_unsaid(wire: Wire) -> bool:
    await answer(wire)
    return ENDS


async def reset_at_the_next_request(wire: Wire) -> bool:
    """The connection looks open until it is used again."""
    await answer(wire)
    if await wire.reader.read(1):
        wire.reset()
    return ENDS


async def answer_twice(wire: Wire) -> bool:
    await wire.send(wire.answer.whole * 2)
    return STAYS


async def huge_body(wire: Wire) -> bool:
    await wire.send(wire.answer.head(b"Content-Length: %d" % HUGE_BYTES))
    for _ in range(HUGE_BYTES // 2**16):
        await wire.send(b"x" * 2**16)
    return STAYS


async def gzip_that_is_none(wire: Wire) -> bool:
    length = b"Content-Length: %d" % len(wire.answer.body)
    await wire.send(wire.answer.head(length, b"Content-Encoding: gzip") + wire.answer.body)
    return STAYS


async def refuse_early(wire: Wire) -> bool:
    """Answer before the body of the request has come, and close."""
    body = b"<Error><Code>EntityTooLarge</Code><Message>No</Message><RequestId>1</RequestId></Error>"
    length = b"Content-Length: %d" % len(body)
    await wire.sent(Answer(PUT_OBJECT.fields, body).head(length, b"Connection: close", status=b"400 Bad Request"), body)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await wire.until_left()
    return ENDS


async def take_nothing(wire: Wire) -> bool:
    """Leave the body of the request unread."""
    wire.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await asyncio.sleep(3600)
    return ENDS


type Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Drives a connection from its first byte."""


async def plain_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(2**16)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\nConnection: close\r\n\r\nTLS!")
    await writer.drain()


async def half_a_handshake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(2**16)
    writer.write(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + b"x" * 20)
    await writer.drain()


async def silent_handshake(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    while await reader.read(2**16):
        pass
