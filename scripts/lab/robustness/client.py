"""A client of one port that makes calls as an SDK does, and says what it saw of the replies.

Knows HTTP/1.1 and two services' formats; does not know what it should see.
"""

import asyncio
import contextlib
import hashlib
import json
import re
import socket
import ssl
import time
from dataclasses import dataclass, replace
from typing import Self

import h11

READ_SECONDS = 4.0
"""How long the client waits for one read, and for a connection. An SDK does for a minute."""

CALL_SECONDS = 10.0
"""How long it reads one reply, however much comes."""

MAX_LINE_BYTES = 2**16
"""Bytes of a reply's head that the client takes: as many as Python's http.client takes of one line."""

SUBSTITUTES = (502, 503, 504)
"""Statuses of the wrapper's own."""

_FRAMING = frozenset((b"connection", b"content-length", b"keep-alive", b"trailer", b"transfer-encoding"))
"""Header fields that each hop writes anew (RFC 9110, section 7.6.1)."""


@dataclass(frozen=True, slots=True)
class View:
    """What the client saw of a reply."""

    status: int = 0
    fields: frozenset[tuple[bytes, bytes]] = frozenset()
    size: int = 0
    """Bytes of the body, as far as it came."""
    digest: str = ""
    code: str = ""
    """The error's, in the service's own format."""
    length: bytes = b""
    """The Content-Length, which is data of an object as well as framing; empty if there is none."""
    broken: str = ""
    """What broke the reply off; empty if it is whole."""
    seconds: float = 0.0

    @property
    def is_timeout(self) -> bool:
        return self.broken == "silence"

    @property
    def is_substitute(self) -> bool:
        """Whether it is the wrapper's own word for a reply that did not come."""
        return not self.broken and self.status in SUBSTITUTES and bool(self.code)

    def is_same_as(self, view: "View") -> bool:
        """Whether the app gets the same. A broken reply is like any other: SDKs throw away what came of it."""
        if self.broken or view.broken:
            return bool(self.broken and view.broken)
        return (self.status, self.fields, self.digest) == (view.status, view.fields, view.digest)

    def __str__(self) -> str:
        parts = [f"{self.status}" + (f" {self.code}" if self.code else f", {self.size} B")] if self.status else []
        return ", then ".join([*parts, *filter(None, (self.broken,))]) + f" ({self.seconds:.1f} s)"


def _code(body: bytes) -> str:
    """The error code, if the body is an error in the format of DynamoDB or S3."""
    if match := re.search(rb"<Error>.*<Code>([^<]+)</Code>", body, re.DOTALL):
        return match[1].decode()
    with contextlib.suppress(ValueError, AttributeError):
        return str(json.loads(body).get("__type") or "")
    return ""


def request(kind: str, number: int, host: str, *, more: bytes = b"", size: int | None = None) -> bytes:
    """A call as an SDK makes it. `more`: header lines; `size`: of the body that it says it has, if that is not so."""
    method, path, body, service = {
        "GetItem": (b"POST", b"/", b'{"TableName":"users","Key":{"id":{"S":"call-%d"}}}' % number, b"dynamodb"),
        "GetObject": (b"GET", b"/bucket/call-%d" % number, b"", b"s3"),
        "PutObject": (b"PUT", b"/bucket/call-%d" % number, b"x" * 8 * 2**20, b"s3"),
    }[kind]
    own = {
        b"dynamodb": b"X-Amz-Target: DynamoDB_20120810.GetItem\r\nContent-Type: application/x-amz-json-1.0\r\n",
        b"s3": b"X-Amz-Content-SHA256: UNSIGNED-PAYLOAD\r\n",
    }[service]
    length = len(body) if size is None else size
    framing = b"Content-Length: %d\r\n" % length if length and b"Transfer-Encoding" not in more else b""
    return (
        b"%s %s HTTP/1.1\r\nHost: %s\r\n%sX-Amz-Date: 20260101T000000Z\r\n"
        b"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/%s/aws4_request, "
        b"SignedHeaders=host;x-amz-date, Signature=%s\r\namz-sdk-invocation-id: %08d-0000-4000-8000-000000000000\r\n"
        b"%s%s\r\n%s"
    ) % (method, path, host.encode(), own, service, b"0" * 64, number, framing, more, body)


class Client:
    """A client of one port, as an SDK is one: it keeps its connection, unless it sees that it has been closed."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        self.host = f"localhost:{port}"
        self._port = port
        self._context = context
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._ahead = b""
        """What has come behind the reply that was read last."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    async def call(self, kind: str, number: int) -> View:
        return await self.exchange(request(kind, number, self.host))

    async def exchange(self, raw: bytes) -> View:
        """Send a request; what came of it."""
        started = time.monotonic()
        try:
            _reader, writer = await self.connected()
            sending = asyncio.create_task(send(writer, raw))
            try:
                async with asyncio.timeout(CALL_SECONDS):
                    view = await self.read()
            finally:
                sending.cancel()
        except OSError as error:
            view = View(broken=_broken(error))
        if view.broken:
            self.leave()
        return replace(view, seconds=time.monotonic() - started)

    async def connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The connection: the kept one if it still stands and nothing has come over it unasked."""
        await asyncio.sleep(0.05)
        if self._streams and (self._ahead or self._streams[0].at_eof() or self._streams[0]._buffer):  # type: ignore[attr-defined] # noqa: SLF001
            self.leave()
        if self._streams is None:
            async with asyncio.timeout(READ_SECONDS):
                self._streams = await asyncio.open_connection(
                    "127.0.0.1", self._port, ssl=self._context, server_hostname="localhost" if self._context else None
                )
        return self._streams

    async def read(self) -> View:
        """Read one reply."""
        assert self._streams
        reader = self._streams[0]
        parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_LINE_BYTES)
        parser.send(h11.Request(method="GET", target="/", headers=[("host", "x")]))
        parser.send(h11.EndOfMessage())
        if self._ahead:
            parser.receive_data(self._ahead)
        view, body = View(), bytearray()
        broken = ""
        try:
            while not isinstance(event := parser.next_event(), h11.EndOfMessage):
                if isinstance(event, h11.Response):
                    fields = ((name, value) for name, value in event.headers if name not in _FRAMING)
                    length = dict(event.headers).get(b"content-length", b"")
                    view = View(event.status_code, frozenset(fields), length=length)
                elif isinstance(event, h11.Data):
                    body += event.data
                elif event is h11.NEED_DATA:
                    async with asyncio.timeout(READ_SECONDS):
                        parser.receive_data(await reader.read(2**16))
                elif isinstance(event, h11.ConnectionClosed):
                    broken = "closed"
                    break
        except (h11.RemoteProtocolError, OSError) as error:
            broken = _broken(error)
        self._ahead = parser.trailing_data[0]
        if parser.their_state is not h11.DONE or broken:
            self.leave()
        code = _code(bytes(body)) if view.status >= 300 and not broken else ""
        return replace(view, size=len(body), digest=hashlib.sha256(body).hexdigest(), code=code, broken=broken)

    def leave(self, *, reset: bool = False) -> None:
        """Close the connection."""
        if self._streams:
            if reset:
                plain = self._streams[1].get_extra_info("socket")
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            self._streams[1].transport.abort()
            self._streams, self._ahead = None, b""


def _broken(error: h11.RemoteProtocolError | OSError) -> str:
    """What broke a reply off, in words."""
    match error:
        case TimeoutError():
            return "silence"
        case ssl.SSLError():
            return f"TLS: {error.reason or error}"[:60]
        case ConnectionRefusedError():
            return "refused"
        case OSError():
            return "reset"
    is_over = re.search("closed|incomplete|without sending|ConnectionClosed", str(error))
    return "closed" if is_over else f"no HTTP: {error}"[:60]


async def send(writer: asyncio.StreamWriter, raw: bytes) -> None:
    with contextlib.suppress(OSError):
        writer.write(raw)
        await writer.drain()
