"""Sends an app's request to CloudMock a second time, byte for byte, over pooled connections.

The head goes out as it stands in the `Request`, with h11 reading what comes back; mitmproxy's own replay and the usual
clients either normalise the request or cost several times as much. A request is sent once. Only a read whose kept-alive
connection turned out to be closed, with no byte of a reply seen, is sent again on a new one: a write might have been
applied.

This file does not sign, and does not know what is in a request.
"""

import asyncio
import contextlib
import ssl
import time
from collections import deque
from dataclasses import dataclass, replace

import h11

from cloudmock_contract.errors import CloudMockError
from cloudmock_contract.exchange import Failure, Headers, Outcome, Reply, Request
from cloudmock_contract.settings import Url

LARGEST_REPLY = 512 * 2**20
"""Bytes of a reply's body that are taken in."""

LARGEST_HEAD = 2**20
"""Bytes of a reply's head."""

LONGEST_IDLE = 4.0
"""Seconds after which a kept connection is not used again: the usual servers close theirs after five."""

CLOSE_SECONDS = 1.0
"""How long a connection may take to say goodbye."""

MOST_IDLE = 64
"""Connections that are kept."""

READ_SIZE = 2**16

_SAFE_TO_REPEAT = frozenset(("GET", "HEAD", "OPTIONS"))


@dataclass(frozen=True, slots=True, eq=False)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    idle_since: float = 0.0
    """On the monotonic clock; 0 for one that was never used."""

    @property
    def is_usable(self) -> bool:
        return (
            time.monotonic() - self.idle_since < LONGEST_IDLE
            and not self.reader.at_eof()
            and not self.writer.is_closing()
        )


class _NothingReceivedError(CloudMockError):
    """The connection ended before the reply began."""


class Replayer:
    """A client of one CloudMock endpoint."""

    def __init__(self, url: Url, timeout: float, certificates: str = "") -> None:
        """`certificates`: a file of certificate authorities, instead of the system's."""
        self._url = url
        self._timeout = timeout
        self._idle: deque[_Connection] = deque()
        self._ssl = ssl.create_default_context(cafile=certificates or None) if url.scheme == "https" else None

    async def send(self, request: Request) -> Outcome:
        """The reply, or why there is none. Never raises for what the other side or the network does."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                return await self._send(request)
        except TimeoutError:
            reason = f"CloudMock gave no reply within {self._timeout:g} s (--timeout)."
        except CloudMockError as error:
            reason = str(error)
        except OSError as error:
            reason = f"CloudMock at {self._url} broke the connection: {error.strerror or error}."
        return Failure(reason, time.monotonic() - started)

    async def close(self) -> None:
        """Close the kept connections."""
        while self._idle:
            writer = self._idle.pop().writer
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await writer.wait_closed()

    async def _send(self, request: Request) -> Reply:
        kept = self._kept()
        if kept:
            try:
                return await self._exchange(kept, request)
            except (_NothingReceivedError, ConnectionError):
                if request.method not in _SAFE_TO_REPEAT:
                    raise
        return await self._exchange(await self._connect(), request)

    def _kept(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable:
                return connection
            connection.writer.close()
        return None

    async def _connect(self) -> _Connection:
        try:
            return _Connection(*await asyncio.open_connection(self._url.host, self._url.port, ssl=self._ssl))
        except ssl.SSLError as error:
            raise CloudMockError(
                f"CloudMock at {self._url} does not speak TLS as it should: {error.reason}."
            ) from error
        except OSError as error:
            message = f"CloudMock at {self._url} cannot be reached: {error.strerror or error}. Is it running?"
            raise CloudMockError(message) from error

    async def _exchange(self, connection: _Connection, request: Request) -> Reply:
        parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD)
        # What h11 makes of the request is thrown away: it only has to know which reply to expect.
        method = "HEAD" if request.method == "HEAD" else "GET"
        parser.send(h11.Request(method=method, target="/", headers=[("host", "x")]))
        parser.send(h11.EndOfMessage())
        is_reusable = False
        try:
            connection.writer.write(_head(request))
            if request.body:
                connection.writer.write(request.body)
            await connection.writer.drain()
            sent = time.monotonic()
            reply = await _receive(connection.reader, parser)
            is_reusable = parser.our_state is parser.their_state is h11.DONE and not parser.trailing_data[0]
            return replace(reply, seconds=time.monotonic() - sent)
        except h11.RemoteProtocolError as error:
            raise CloudMockError(f"CloudMock broke HTTP: {error}.") from error
        finally:
            if is_reusable and len(self._idle) < MOST_IDLE:
                self._idle.append(replace(connection, idle_since=time.monotonic()))
            else:
                connection.writer.close()


def _head(request: Request) -> bytes:
    lines = [f"{request.method} {request.target} HTTP/1.1".encode("utf-8", "surrogateescape")]
    lines += [name + b": " + value for name, value in request.headers.to_bytes()]
    return b"\r\n".join(lines) + b"\r\n\r\n"


async def _receive(reader: asyncio.StreamReader, parser: h11.Connection) -> Reply:
    head: h11.Response | None = None
    body = bytearray()
    is_silent = True
    while True:
        event = parser.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(READ_SIZE)
            if not data and is_silent:
                raise _NothingReceivedError("CloudMock closed the connection without a reply.")
            is_silent = False
            parser.receive_data(data)
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > LARGEST_REPLY:
                raise CloudMockError(f"CloudMock's reply is larger than {LARGEST_REPLY >> 20} MiB.")
        elif isinstance(event, h11.EndOfMessage):
            assert head
            return Reply(head.status_code, Headers.from_bytes(head.headers.raw_items()), bytes(body))
        elif event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
            raise CloudMockError("CloudMock closed the connection inside its reply.")
