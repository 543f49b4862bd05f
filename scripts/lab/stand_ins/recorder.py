"""A TCP relay that keeps every byte that it passes on: for what a server must never be shown.

Knows nothing of HTTP.
"""

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass
class Recorder:
    """A relay from a free loopback port to another port, running inside a `with` statement."""

    relay_to: int
    _received: list[bytes] = field(default_factory=list)
    """What the clients sent, one value a connection."""

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def received(self) -> bytes:
        """Everything that came so far."""
        return b"".join(self._received)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self.relay_to)) as server:
            back = threading.Thread(target=_pass_on, args=(server, client, []), daemon=True)
            back.start()
            _pass_on(client, server, self._received)
            back.join()


def _pass_on(source: socket.socket, sink: socket.socket, copy: list[bytes]) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            copy.append(data)
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
