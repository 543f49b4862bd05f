"""Waiting for what must come: a process, a port, a line, a condition. Knows only that a busy machine takes its time."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from subprocess import Popen

MAX_WAIT_SECONDS = 60.0
"""After which a test gives up. Long, for it is no test of speed, and other programs want the machine too."""


def wait_until(condition: Callable[[], object], problem: Callable[[], object] = lambda: "it has not come") -> None:
    """Return when the condition holds; `problem` is what the test fails with if it never does."""
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, problem()
        time.sleep(0.02)


def is_open(port: int, address: str = "127.0.0.1") -> bool:
    """Whether somebody listens there."""
    with contextlib.suppress(OSError), socket.create_connection((address, port), 2):
        return True
    return False


@contextlib.contextmanager
def killed_if_late(process: Popen[str]) -> Iterator[None]:
    """Ends what is read from the process in this block by ending the process, if that takes too long."""
    watchdog = threading.Timer(MAX_WAIT_SECONDS, process.kill)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()
