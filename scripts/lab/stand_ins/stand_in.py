"""A server whose every byte a test decides: it stands in for AWS or for CloudMock.

Keeps what it received, as it came over the wire.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BufferedReader
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Received:
    """One request, raw."""

    head: bytes
    body: bytes
    """Without HTTP's own chunks."""

    @property
    def target(self) -> str:
        return self.head.split(b" ", 2)[1].decode("latin-1")

    def header(self, name: str) -> str | None:
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.decode("latin-1").lower() == name.lower():
                return value.strip().decode("latin-1")
        return None


@dataclass(slots=True)
class Connection:
    """One client connection, for answers that are more than bytes."""

    socket: socket.socket
    stream: BufferedReader
    """What of the request has not been read yet."""

    def reset(self) -> None:
        """End it with an RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.socket.close()


type Answer = Callable[[Received, Connection], bytes | Iterable[bytes]]
"""The bytes to send, at once or piece by piece; none closes the connection."""


def reply(body: bytes = b"{}", status: str = "200 OK", content_type: str = "application/json") -> bytes:
    """An HTTP/1.1 response."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def caller(account: str = "123456789012", arn: str = "", user_id: str = "AIDACKCEVSQ6C2EXAMPLE") -> bytes:
    """The reply to sts:GetCallerIdentity. `arn`: by default that of a user of the account."""
    arn = arn or f"arn:aws:iam::{account}:user/stand-in"
    members = f"<Arn>{arn}</Arn><UserId>{user_id}</UserId><Account>{account}</Account>"
    result = f"<GetCallerIdentityResult>{members}</GetCallerIdentityResult>"
    metadata = "<ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata>"
    namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
    root = f'<GetCallerIdentityResponse xmlns="{namespace}">{result}{metadata}</GetCallerIdentityResponse>'
    return reply(root.encode(), content_type="text/xml")


_OWN_QUESTION = b"user-agent: cloudmock-contract/"
"""In the head of what the proxy asks for itself: who the caller is."""


@dataclass
class StandIn:
    """A server on a free loopback port, running inside a `with` statement."""

    answer: Answer = field(default=lambda _request, _connection: reply())
    received: list[Received] = field(default_factory=list)
    delay: float = 0.0
    """Seconds before each answer."""
    early: Answer | None = None
    """Is asked before the body is read; what it answers ends the connection, and without an answer the body is read."""
    answer_proxy: Answer = field(default=lambda _request, _connection: caller())
    """To the proxy's own question who the caller is. It is asked behind the app's back, and kept apart."""
    received_from_proxy: list[Received] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop listening and drop all connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as stream:
            while head := _head(stream.readline):
                known = Connection(connection, stream)
                if _OWN_QUESTION in head.lower():
                    request = Received(head, _body(Received(head, b""), stream))
                    self.received_from_proxy.append(request)
                    if not _send(connection, self.answer_proxy(request, known)):
                        break
                    continue
                if self.early and _send(connection, self.early(Received(head, b""), known)):
                    connection.shutdown(socket.SHUT_WR)
                    while stream.read(2**16):
                        pass
                    break
                request = Received(head, _body(Received(head, b""), stream))
                self.received.append(request)
                time.sleep(self.delay)
                if not _send(connection, self.answer(request, known)):
                    break
        self._open.discard(connection)


def _send(connection: socket.socket, answer: bytes | Iterable[bytes]) -> bool:
    """Whether there was anything to send."""
    has_sent = False
    for piece in (answer,) if isinstance(answer, bytes) else answer:
        connection.sendall(piece)
        has_sent = has_sent or bool(piece)
    return has_sent


def _body(request: Received, stream: BufferedReader) -> bytes:
    """Raises ConnectionError if the connection ends within the body."""
    if (request.header("transfer-encoding") or "").lower() != "chunked":
        length = int(request.header("content-length") or 0)
        body = stream.read(length)
        if len(body) < length:
            raise ConnectionError("the client has gone")
        return body
    decoded = bytearray()
    while size := int(stream.readline().partition(b";")[0] or b"-1", 16):
        data = stream.read(size) if size > 0 else b""
        if len(data) < size or size < 0:
            raise ConnectionError("the client has gone")
        decoded += data
        stream.readline()
    _head(stream.readline)
    return bytes(decoded)


def _head(readline: Callable[[], bytes]) -> bytes:
    lines = []
    while (line := readline()) not in (b"\r\n", b""):
        lines.append(line)
    return b"".join(lines).removesuffix(b"\r\n")
