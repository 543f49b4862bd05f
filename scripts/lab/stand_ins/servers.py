"""Servers that stand in for AWS and for CloudMock: each a process of its own on a free loopback port.

Used by the demo, the benchmark and the end-to-end tests.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

MINISTACK = "ministack==1.5.33"
"""In an environment of its own, because it pins its own botocore."""

START_SECONDS = 120.0
"""The first start of ministack installs it."""

TOP = Path(__file__).resolve().parents[3]

REDIRECTION = Path(__file__).resolve().parent / "redirection"
"""On PYTHONPATH it leads a program's HTTPS to a local server."""


def module_command(module: str) -> list[str]:
    """The command that runs a module of scripts/."""
    return ["env", f"PYTHONPATH={TOP / 'scripts'}", sys.executable, "-m", module]


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server process: running inside a `with` statement."""

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        environment: Mapping[str, str] | None = None,
        *,
        reset_path: str = "",
        seed_path: str = "",
    ) -> None:
        """`reset_path`: what a POST to makes it forget everything; `seed_path`: likewise, its random numbers anew."""
        self.port = port
        self._reset_path = reset_path
        self._seed_path = seed_path
        self.url = f"http://127.0.0.1:{port}"
        self._command = command
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="cloudmock-contract-")
        self.log = Path(self._folder.name) / "log"

    def start(self) -> Self:
        """Start, and wait until the port is open."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=self._folder.name,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                self._post(self._seed_path)
                return self
            time.sleep(0.05)
        log_end = self.log.read_text(errors="replace")[-2000:]
        self.stop()
        raise RuntimeError(f"{' '.join(self._command)} did not start:\n{log_end}")

    def reset(self) -> None:
        """Make the server forget everything, and begin its random numbers anew."""
        self._post(self._reset_path)
        self._post(self._seed_path)

    def _post(self, path: str) -> None:
        if path:
            request = urllib.request.Request(self.url + path, method="POST")
            urllib.request.urlopen(request, timeout=START_SECONDS).close()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Stop the process and what it has started."""
        if self._process is None:
            return
        for signal_number in (number, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal_number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
                break
        self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        self._folder.cleanup()


def moto(account: str = "", seed: int | None = None) -> Server:
    """A moto server. `account`: its account id; `seed`: of the ids that it generates."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    environment = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"} | ({"MOTO_ACCOUNT_ID": account} if account else {})
    seed_path = "" if seed is None else f"/moto-api/seed?a={seed}"
    return Server(command, port, environment, reset_path="/moto-api/reset", seed_path=seed_path)


def ministack(account: str = "") -> Server:
    """A ministack server. `account`: its account id, for requests whose access key is none itself (of 12 digits)."""
    port = free_port()
    command = [str(TOP / "scripts" / "uv"), "tool", "run", "--from", MINISTACK, "python", "-m", "ministack.app"]
    environment = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    } | ({"MINISTACK_ACCOUNT_ID": account} if account else {})
    return Server(command, port, environment, reset_path="/_ministack/reset")
