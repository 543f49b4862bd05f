"""Sends requests to one server, byte for byte, over pooled connections: the app's, a second time, to CloudMock.

The head goes out as it stands in the `Request`; mitmproxy's own replay and the usual clients either normalise the
request or cost several times as much. A request is sent once. Only a read whose kept-alive connection turned out to be
closed, with no byte of a reply seen, is sent again on a new one: a write might have been applied. A streamed body is
sent as it comes, and of a large reply its length and hash are kept.

This file does not sign, and does not know what is in a request.
"""

import asyncio
import contextlib
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from cloudmock_contract.errors import CloudMockError
from cloudmock_contract.proxy.sides.reply_parser import ReplyParser
from cloudmock_contract.proxy.streams.policy import MAX_KEPT_BYTES
from cloudmock_contract.proxy.streams.spool import GivenUpError, Spool
from cloudmock_contract.url import Url
from cloudmock_contract.values.http import Failure, Outcome, Reply, Request, Skipped

MIN_BYTES_PER_SECOND = 2**18
"""Bytes a second of a large body at which CloudMock is not too slow yet."""

MAX_IDLE_SECONDS = 4.0
"""Seconds after which a kept connection is not used again: the usual servers close theirs after five."""

CLOSE_SECONDS = 1.0
"""How long a connection may take to say goodbye."""

MAX_IDLE_CONNECTIONS = 64
"""Connections that are kept."""

READ_BYTES = 2**18

MAX_COPIED_BYTES = 2**16
"""Bytes of a body that goes out with its head, in one system call; a larger one is not worth the copy."""

_SAFE_TO_REPEAT = frozenset(("GET", "HEAD", "OPTIONS"))


@dataclass(slots=True, eq=False)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    idle_since: float = 0.0
    """On the monotonic clock; 0 for one that was never used."""

    @property
    def is_usable(self) -> bool:
        return (
            time.monotonic() - self.idle_since < MAX_IDLE_SECONDS
            and not self.reader.at_eof()
            and not self.writer.is_closing()
        )


class Deadline:
    """Until when CloudMock has to have replied: so many seconds after it was asked and AWS has replied.

    A call that takes AWS its time may take CloudMock as long. A large body has time as long as it moves, and not too
    slowly.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._scope: asyncio.Timeout | None = None
        self._asked = self._replied = 0.0
        self._moved = self._most = 0
        self._moved_last = 0.0

    def start(self, scope: asyncio.Timeout) -> None:
        """CloudMock is asked now; the scope ends when the time is up."""
        self._scope, self._asked = scope, asyncio.get_running_loop().time()
        self._set()

    def aws_replied(self, size: int = 0) -> None:
        """AWS has replied, or will not. `size`: bytes of the bodies, which CloudMock may take its time for."""
        self._replied, self._most = asyncio.get_running_loop().time(), size
        self._set()

    def ended(self) -> None:
        """CloudMock has replied, or will not."""
        self._scope = None

    def moved(self, size: int) -> None:
        """So many bytes have gone to CloudMock or come from it."""
        self._moved += size
        if self._moved > MIN_BYTES_PER_SECOND:
            self._moved_last = asyncio.get_running_loop().time()
            self._set()

    def _set(self) -> None:
        if self._scope and self._replied:
            begun = max(self._asked, self._replied)
            slowest = begun + min(self._moved, self._most) / MIN_BYTES_PER_SECOND
            self._scope.reschedule(min(slowest, max(begun, self._moved_last)) + self._seconds)


@dataclass(frozen=True, slots=True)
class _Moving:
    """How the bodies of one exchange move."""

    deadline: Deadline
    max_kept: Callable[[int], int]
    body: Spool | None


class _NothingReceivedError(CloudMockError):
    """The connection ended before the reply began."""


class HttpClient:
    """A client of one endpoint."""

    def __init__(self, url: Url, timeout: float, name: str, certificates: str = "") -> None:
        """`name`: whose endpoint it is, for texts: `CloudMock`. `certificates`: a file of certificate authorities,
        instead of the system's.
        """
        self._url = url
        self._name = name
        self._timeout = timeout
        self._idle: deque[_Connection] = deque()
        self._ssl = ssl.create_default_context(cafile=certificates or None) if url.scheme == "https" else None

    async def send(
        self,
        request: Request,
        deadline: Deadline | None = None,
        body: Spool | None = None,
        max_kept: Callable[[int], int] = lambda _status: MAX_KEPT_BYTES,
    ) -> Outcome:
        """The reply, or why there is none. Never raises for what the other side or the network does.

        `deadline`: without one, it is as if AWS had replied. `body`: of a streamed request. `max_kept`: of the body
        of a reply with this status, how many bytes are kept.
        """
        started = time.monotonic()
        if deadline is None:
            deadline = Deadline(self._timeout)
            deadline.aws_replied()
        try:
            async with asyncio.timeout(None) as scope:
                deadline.start(scope)
                return await self._send(request, _Moving(deadline, max_kept, body))
        except TimeoutError:
            reason = f"{self._name} gave no reply within {self._timeout:g} s (--timeout)."
        except GivenUpError as error:
            return Skipped(str(error), time.monotonic() - started)
        except CloudMockError as error:
            reason = str(error)
        except OSError as error:
            reason = f"{self._name} at {self._url} broke the connection: {error.strerror or error}."
        finally:
            deadline.ended()
        return Failure(reason, time.monotonic() - started)

    async def close(self) -> None:
        """Close the kept connections."""
        while self._idle:
            writer = self._idle.pop().writer
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await writer.wait_closed()
        await asyncio.sleep(0)  # for those that were closed a moment ago

    async def _send(self, request: Request, moving: _Moving) -> Reply:
        idle = self._idle_connection()
        if idle:
            try:
                return await self._exchange(idle, request, moving)
            except (_NothingReceivedError, ConnectionError):
                if request.method not in _SAFE_TO_REPEAT or moving.body:
                    raise
        return await self._exchange(await self._connect(), request, moving)

    def _idle_connection(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable:
                return connection
            connection.writer.close()
        return None

    async def _connect(self) -> _Connection:
        try:
            return _Connection(
                *await asyncio.open_connection(self._url.host, self._url.port, ssl=self._ssl, limit=READ_BYTES)
            )
        except ssl.SSLError as error:
            raise CloudMockError(
                f"{self._name} at {self._url} does not speak TLS as it should: {error.reason}."
            ) from error
        except OSError as error:
            message = f"{self._name} at {self._url} cannot be reached: {error.strerror or error}. Is it running?"
            raise CloudMockError(message) from error

    async def _exchange(self, connection: _Connection, request: Request, moving: _Moving) -> Reply:
        parser = ReplyParser(
            self._name,
            has_body=request.method != "HEAD",
            max_kept=moving.max_kept,
            moved=moving.deadline.moved,
        )
        is_reusable = False
        try:
            if len(request.body) < MAX_COPIED_BYTES:
                connection.writer.write(_head(request) + request.body)  # one system call
            else:
                connection.writer.write(_head(request))
                connection.writer.write(request.body)  # not copied
            if moving.body is None:
                await connection.writer.drain()
                is_sent, sent = True, time.monotonic()
                await self._receive(connection.reader, parser)
            else:
                sent, is_sent = await self._both_ways(connection, parser, request, moving)
            is_reusable = is_sent and parser.is_reusable
            return parser.reply(time.monotonic() - sent)
        finally:
            if is_reusable and len(self._idle) < MAX_IDLE_CONNECTIONS:
                connection.idle_since = time.monotonic()
                self._idle.append(connection)
            else:
                connection.writer.transport.abort()  # what has not been sent, nobody waits for

    async def _both_ways(
        self, connection: _Connection, parser: ReplyParser, request: Request, moving: _Moving
    ) -> tuple[float, bool]:
        """Send a streamed body while the reply may come: when it was sent, and whether all of it was."""
        assert moving.body
        sending = asyncio.create_task(_send_body(connection.writer, moving.body.pieces(), request, moving))
        receiving = asyncio.create_task(self._receive(connection.reader, parser))
        try:
            await asyncio.wait((sending, receiving), return_when=asyncio.FIRST_COMPLETED)
            if not receiving.done():
                # Where CloudMock has closed its side, what it said is what counts.
                if isinstance(sending.exception(), GivenUpError):
                    sending.result()
                await receiving
            receiving.result()
            is_sent = sending.done() and sending.exception() is None
            return sending.result() if is_sent else time.monotonic(), is_sent
        finally:
            for task in (sending, receiving):
                task.cancel()
            await asyncio.gather(sending, receiving, return_exceptions=True)

    async def _receive(self, reader: asyncio.StreamReader, parser: ReplyParser) -> None:
        """Feed the parser until the reply has ended."""
        is_silent = True
        while not parser.has_ended:
            try:
                data = await reader.read(READ_BYTES)
            except ConnectionError as error:
                kind = _NothingReceivedError if is_silent else CloudMockError
                raise kind(f"{self._name} broke the connection: {error.strerror or error}.") from error
            if not data and is_silent:
                raise _NothingReceivedError(f"{self._name} closed the connection without a reply.")
            is_silent = False
            parser.feed(data)


def _head(request: Request) -> bytes:
    lines = [f"{request.method} {request.target} HTTP/1.1".encode("utf-8", "surrogateescape")]
    lines += [name + b": " + value for name, value in request.headers.to_bytes()]
    return b"\r\n".join(lines) + b"\r\n\r\n"


async def _send_body(
    writer: asyncio.StreamWriter, pieces: AsyncIterator[bytes], request: Request, moving: _Moving
) -> float:
    """Send the body as it comes; when it was sent."""
    is_chunked = request.streamed is not None and request.headers.get("transfer-encoding") == "chunked"
    async for piece in pieces:
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if is_chunked else piece)
        await writer.drain()
        moving.deadline.moved(len(piece))
    if is_chunked:
        writer.write(b"0\r\n\r\n")
        await writer.drain()
    return time.monotonic()
