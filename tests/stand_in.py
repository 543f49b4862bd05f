"""A server whose every byte a test decides: it stands in for AWS or for CloudMock.

Keeps what it received, as it came over the wire.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Received:
    """One request, raw."""

    head: bytes
    body: bytes

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

    def reset(self) -> None:
        """End it with an RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.socket.close()


type Answer = Callable[[Received, Connection], bytes]
"""The bytes to send; empty closes the connection."""


def reply(body: bytes = b"{}", status: str = "200 OK", content_type: str = "application/json") -> bytes:
    """An HTTP/1.1 response."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@dataclass
class StandIn:
    """A server on a free loopback port, running inside a `with` statement."""

    answer: Answer = field(default=lambda _request, _connection: reply())
    received: list[Received] = field(default_factory=list)
    delay: float = 0.0
    """Seconds before each answer."""

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
                request = Received(head, b"")
                length = int(request.header("content-length") or 0)
                request = Received(head, stream.read(length))
                self.received.append(request)
                time.sleep(self.delay)
                answer = self.answer(request, Connection(connection))
                if not answer:
                    break
                connection.sendall(answer)
        self._open.discard(connection)


def _head(readline: Callable[[], bytes]) -> bytes:
    lines = []
    while (line := readline()) not in (b"\r\n", b""):
        lines.append(line)
    return b"".join(lines).removesuffix(b"\r\n")
