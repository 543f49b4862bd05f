"""Servers that misbehave on the wire: each fault is a small function that drives one connection.

Knows HTTP/1.1 and TLS well enough to break them. Does not know who calls, nor what should come of a fault.
"""

import asyncio
import contextlib
import hashlib
import re
import socket
import ssl
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

FAULTY_CALL = 2
"""The number of the call that meets a fault; those before and after it do not."""

STAYS, ENDS = True, False
"""Whether a connection goes on after a reply."""

DRIPS = 15
DRIP_SECONDS = 0.4
"""A dripping body takes longer than a client waits for one read, and than CloudMock may take."""

HUGE = 32 * 2**20
ENDLESS = 256 * 2**20
"""Bytes after which a server gives up on a client that takes everything."""

BACKLOG = 4096

SETTLING_SECONDS = 3.0
"""How long the call before the faulty one may take to come: CloudMock's copy may be late."""

_CALL = re.compile(rb"call-(\d+)")


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
    for _ in range(ENDLESS // 2**16):
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
    await wire.send(wire.answer.head(b"Content-Length: %d" % HUGE))
    for _ in range(HUGE // 2**16):
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
    Fault("empty reply", say_nothing_and_close, BOTH),
    Fault("never answers", never_answer, BOTH),
    Fault("reset before the head", reset_before_head),
    Fault("reset inside the head", reset_inside_head),
    Fault("closed inside the head", close_inside_head),
    Fault("reset inside the body", reset_inside_body, BOTH),
    Fault("closed inside the body", close_inside_body, BOTH),
    Fault("stalls inside the body", stall_inside_body, BOTH),
    Fault("slow drip of the body", drip(600), BOTH),
    Fault("slow drip of all", drip_slowly_through_the_head),
    Fault("Content-Length too long", length_too_long, BOTH),
    Fault("Content-Length too short", length_too_short, BOTH),
    Fault("two Content-Lengths", two_lengths, may_be_mended=True),
    Fault("Content-Length and chunks", length_and_chunked, BOTH, may_be_mended=True),
    Fault("chunked", chunked(b"0\r\n\r\n"), BOTH),
    Fault("chunk size that is none", chunked(b"0\r\n\r\n", size=b"zz"), BOTH),
    Fault("chunk size too large", chunked(b"0\r\n\r\n", size=b"fffff")),
    Fault("chunks without an end", chunked(b""), BOTH),
    Fault("trailers", chunked(b"0\r\nx-checksum: abc\r\n\r\n", b"Trailer: x-checksum"), BOTH),
    Fault("trailers that are none", chunked(b"0\r\n\x00\xff: \r\x00\r\n\r\n")),
    Fault("100 before the reply", interim(b"100 Continue"), BOTH),
    Fault("102 before the reply", interim(b"102 Processing")),
    Fault("103 before the reply", interim(b"103 Early Hints"), BOTH),
    Fault("a thousand 103s", interim(*[b"103 Early Hints"] * 1000)),
    Fault("head of 2 MiB", oversized_head),
    Fault("head without an end", endless_head),
    Fault("body without an end", endless_body, BOTH, sides=("cloudmock",)),
    Fault("garbage", garbage, BOTH),
    Fault("status that is none", impossible_status),
    Fault("body until the end", until_the_end, BOTH),
    Fault("Connection: close", say_close),
    Fault("HTTP/1.0", http_1_0),
    Fault("closes unsaid", close_unsaid, BOTH, is_always=True),
    Fault("resets at the next request", reset_at_the_next_request, BOTH, is_always=True, may_be_mended=True),
    Fault("answers twice", answer_twice, BOTH),
    Fault("huge body", huge_body, ("GetObject",)),
    Fault("gzip that is none", gzip_that_is_none, BOTH),
    Fault("refuses before the body", refuse_early, ("PutObject",), is_before_body=True),
    Fault("never reads", take_nothing, ("PutObject",), is_before_body=True),
    Fault("TLS", is_tls=True),
    Fault("certificate of another host", certificate="other", is_tls=True),
    Fault("certificate of an unknown issuer", certificate="unknown", is_tls=True),
    Fault("certificate out of date", certificate="expired", is_tls=True),
    Fault("plain HTTP on a TLS port", accept=plain_http, is_tls=True),
    Fault("half a handshake", accept=half_a_handshake, is_tls=True),
    Fault("silent handshake", accept=silent_handshake, is_tls=True),
    Fault("TLS, reset inside the body", reset_inside_body, is_tls=True),
    Fault("TLS, body until the end", until_the_end, is_tls=True),
)
LATE = Fault("late", answer_late)


class FaultyServer:
    """A server on a free loopback port, running inside an `async with` statement."""

    def __init__(self, fault: Fault, certificates: "Certificates | None" = None, port: int = 0) -> None:
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


class Certificates:
    """Certificates for localhost and 127.0.0.1, good and bad ones, made on the fly."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.authority = folder / "authority.pem"
        trusted, stranger = self._authority("faults"), self._authority("stranger")
        self.authority.write_bytes(trusted[0].public_bytes(serialization.Encoding.PEM))
        now = datetime.now(UTC)
        self._write("good", trusted, "localhost", now)
        self._write("other", trusted, "other.example", now)
        self._write("unknown", stranger, "localhost", now)
        self._write("expired", trusted, "localhost", now - timedelta(days=60))

    def context(self, name: str) -> ssl.SSLContext:
        """The TLS settings of a server with the certificate of this name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._folder / f"{name}.pem")
        return context

    def _authority(self, name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        usage = dict.fromkeys(
            (
                *("content_commitment", "key_encipherment", "data_encipherment"),
                *("key_agreement", "encipher_only", "decipher_only"),
            ),
            False,
        )
        certificate = (
            _builder(subject, subject, key.public_key(), datetime.now(UTC))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(
                x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage), critical=True
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return certificate, key

    def _write(
        self, name: str, issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey], host: str, today: datetime
    ) -> None:
        authority, authority_key = issuer
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName(host)] + ([x509.IPAddress(IPv4Address("127.0.0.1"))] if host == "localhost" else [])
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
        certificate = (
            _builder(x509.Name([]), authority.subject, key.public_key(), today)
            .add_extension(x509.SubjectAlternativeName(names), critical=True)
            .add_extension(identifier, critical=False)
            .sign(authority_key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (self._folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, today: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=30))
    )
