"""Servers that misbehave on the wire at one call of several, in the way that a fault says.

Does not know who calls, nor what should come of a fault.
"""

import asyncio
import contextlib
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self

from lab.stand_ins import misbehaviour
from lab.stand_ins.certificates import LocalCertificates
from lab.stand_ins.misbehaviour import STAYS, Accept, Act, Wire, answer, answer_to

FAULTY_CALL = 2
"""The number of the call that meets a fault; those before and after it do not."""

BACKLOG = 4096

SETTLING_SECONDS = 3.0
"""How long the call before the faulty one may take to come: CloudMock's copy may be late."""

_CALL = re.compile(rb"call-(\d+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """What a server does wrong: in its reply, or, while the call is made, to every new connection."""

    name: str
    act: Act = answer
    calls: tuple[str, ...] = ("GetItem",)
    """Which calls it is tried with."""
    is_always: bool = False
    """Whether it is in the replies to all calls."""
    is_down: bool = False
    accept: Accept | None = None
    is_deaf: bool = False
    """Whether connections are never made: nobody accepts them, and no more of them wait."""
    certificate: str = ""
    """The one that the server has while the call is made."""
    is_tls: bool = False
    is_before_body: bool = False
    """Whether the server acts before the request's body has come."""
    may_be_mended: bool = False
    """Whether somebody between may send the request again, or refuse the reply (RFC 9112, sections 6.3 and 9.3.1)."""
    sides: tuple[str, ...] = ("aws", "cloudmock")

    @property
    def is_of_connections(self) -> bool:
        return bool(self.is_down or self.is_deaf or self.accept or self.certificate)


BOTH = ("GetItem", "GetObject")
NONE = Fault("none", calls=("GetItem", "GetObject", "PutObject"))
FAULTS = (
    NONE,
    Fault("connection refused", is_down=True),
    Fault("connection never made", is_deaf=True),
    Fault("empty reply", misbehaviour.say_nothing_and_close, BOTH),
    Fault("never answers", misbehaviour.never_answer, BOTH),
    Fault("reset before the head", misbehaviour.reset_before_head),
    Fault("reset inside the head", misbehaviour.reset_inside_head),
    Fault("closed inside the head", misbehaviour.close_inside_head),
    Fault("reset inside the body", misbehaviour.reset_inside_body, BOTH),
    Fault("closed inside the body", misbehaviour.close_inside_body, BOTH),
    Fault("stalls inside the body", misbehaviour.stall_inside_body, BOTH),
    Fault("slow drip of the body", misbehaviour.drip(600), BOTH),
    Fault("slow drip of all", misbehaviour.drip_slowly_through_the_head),
    Fault("Content-Length too long", misbehaviour.length_too_long, BOTH),
    Fault("Content-Length too short", misbehaviour.length_too_short, BOTH),
    Fault("two Content-Lengths", misbehaviour.two_lengths, may_be_mended=True),
    Fault("Content-Length and chunks", misbehaviour.length_and_chunked, BOTH, may_be_mended=True),
    Fault("chunked", misbehaviour.chunked(b"0\r\n\r\n"), BOTH),
    Fault("chunk size that is none", misbehaviour.chunked(b"0\r\n\r\n", size=b"zz"), BOTH),
    Fault("chunk size too large", misbehaviour.chunked(b"0\r\n\r\n", size=b"fffff")),
    Fault("chunks without an end", misbehaviour.chunked(b""), BOTH),
    Fault("trailers", misbehaviour.chunked(b"0\r\nx-checksum: abc\r\n\r\n", b"Trailer: x-checksum"), BOTH),
    Fault("trailers that are none", misbehaviour.chunked(b"0\r\n\x00\xff: \r\x00\r\n\r\n")),
    Fault("100 before the reply", misbehaviour.interim(b"100 Continue"), BOTH),
    Fault("102 before the reply", misbehaviour.interim(b"102 Processing")),
    Fault("103 before the reply", misbehaviour.interim(b"103 Early Hints"), BOTH),
    Fault("a thousand 103s", misbehaviour.interim(*[b"103 Early Hints"] * 1000)),
    Fault("head of 2 MiB", misbehaviour.oversized_head),
    Fault("head without an end", misbehaviour.endless_head),
    Fault("body without an end", misbehaviour.endless_body, BOTH, sides=("cloudmock",)),
    Fault("garbage", misbehaviour.garbage, BOTH),
    Fault("status that is none", misbehaviour.impossible_status),
    Fault("body until the end", misbehaviour.until_the_end, BOTH),
    Fault("Connection: close", misbehaviour.say_close),
    Fault("HTTP/1.0", misbehaviour.http_1_0),
    Fault("closes unsaid", misbehaviour.close_unsaid, BOTH, is_always=True),
    Fault(
        "resets at the next request", misbehaviour.reset_at_the_next_request, BOTH, is_always=True, may_be_mended=True
    ),
    Fault("answers twice", misbehaviour.answer_twice, BOTH),
    Fault("huge body", misbehaviour.huge_body, ("GetObject",)),
    Fault("gzip that is none", misbehaviour.gzip_that_is_none, BOTH),
    Fault("refuses before the body", misbehaviour.refuse_early, ("PutObject",), is_before_body=True),
    Fault("never reads", misbehaviour.take_nothing, ("PutObject",), is_before_body=True),
    Fault("TLS", is_tls=True),
    Fault("certificate of another host", certificate="other", is_tls=True),
    Fault("certificate of an unknown issuer", certificate="unknown", is_tls=True),
    Fault("certificate out of date", certificate="expired", is_tls=True),
    Fault("plain HTTP on a TLS port", accept=misbehaviour.plain_http, is_tls=True),
    Fault("half a handshake", accept=misbehaviour.half_a_handshake, is_tls=True),
    Fault("silent handshake", accept=misbehaviour.silent_handshake, is_tls=True),
    Fault("TLS, reset inside the body", misbehaviour.reset_inside_body, is_tls=True),
    Fault("TLS, body until the end", misbehaviour.until_the_end, is_tls=True),
)
LATE = Fault("late", misbehaviour.answer_late)


class FaultyServer:
    """A server on a free loopback port, running inside an `async with` statement."""

    def __init__(self, fault: Fault, certificates: LocalCertificates | None = None, port: int = 0) -> None:
        """`port`: 0 for a free one. `certificates`: needed for TLS."""
        self.fault = fault
        self.received: Counter[int] = Counter()
        """How often each call has come, by its number; a request that is cut off does not count."""
        self._came = asyncio.Event()
        """Set when the call before the faulty one has come."""
        self._certificates = certificates
        self._port = port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._waiting: list[socket.socket] = []

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"{'https' if self.fault.is_tls else 'http'}://localhost:{self._port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, as a server without a fault of connections."""
        await self._listen(self._serve, "good")

    async def stop(self) -> None:
        """Listen no more, and drop all connections."""
        for listener in self._waiting:
            listener.close()
        self._waiting.clear()
        if self._server:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0.05)

    @contextlib.asynccontextmanager
    async def breaking(self, seconds: float) -> AsyncIterator[None]:
        """While the call is made, and for some seconds more, a fault of connections is there."""
        if not self.fault.is_of_connections:
            yield
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLING_SECONDS):
                await self._came.wait()
        self._came.clear()
        await self.stop()
        if self.fault.is_deaf:
            self._be_deaf()
        elif not self.fault.is_down:
            await self._listen(self.fault.accept, self.fault.certificate)
        try:
            yield
            await asyncio.sleep(seconds)
        finally:
            await self.stop()
            await self.start()

    async def _listen(self, accept: Accept | None, certificate: str) -> None:
        is_tls = self.fault.is_tls and bool(certificate)
        context = self._certificates.context(certificate) if is_tls and self._certificates else None

        async def drive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._open.add(writer)
            try:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                    await (accept or self._serve)(reader, writer)
            finally:
                self._open.discard(writer)
                writer.close()

        self._server = await asyncio.start_server(drive, "127.0.0.1", self._port, ssl=context, backlog=BACKLOG)
        self._port = self._server.sockets[0].getsockname()[1]

    def _be_deaf(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(0)
        self._waiting = [listener]
        for _ in range(4):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", self._port))
            self._waiting.append(waiting)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        goes_on = STAYS
        while goes_on and (head := await reader.readuntil(b"\r\n\r\n")):
            wire = Wire(reader, writer, answer_to(head))
            if self.fault.is_before_body and self._is_faulty(head):
                goes_on = await self.fault.act(wire)
                continue
            if b"\r\nexpect: 100-continue" in head.lower():
                await wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            number = self._number(head + await _body(reader, head.lower()))
            self.received[number] += 1
            if number == FAULTY_CALL - 1:
                self._came.set()
            goes_on = await (self.fault.act if self.fault.is_always or number == FAULTY_CALL else answer)(wire)

    def _is_faulty(self, head: bytes) -> bool:
        return self._number(head) == FAULTY_CALL

    @staticmethod
    def _number(request: bytes) -> int:
        match = _CALL.search(request)
        return int(match[1]) if match else 0


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    """The request's body, by its head in lower case."""
    if b"\r\ntransfer-encoding: chunked" in head:
        body = bytearray()
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            body += (await reader.readexactly(size + 2))[:-2]
        while await reader.readuntil(b"\r\n") != b"\r\n":
            pass
        return bytes(body)
    length = re.search(rb"\r\ncontent-length: *(\d+)", head)
    return await reader.readexactly(int(length[1])) if length else b""
