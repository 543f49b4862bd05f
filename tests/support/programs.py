"""The wrapper, mitmdump and mitmweb as processes, started as a user starts them."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.aws_verifier.signatures import Key
from lab.stand_ins import servers
from lab.stand_ins.verifying_server import VerifyingServer
from support.waiting import is_open, killed_if_late, wait_until

FOLDER = Path(sys.executable).parent
MAX_RUN_SECONDS = 180.0
"""How long a program may take to its end: the workloads take half a minute on a machine of their own."""

WORKLOAD = shlex.join(servers.module_command("lab.workloads.app"))


@dataclass(frozen=True, slots=True)
class Ended:
    """A run of a program that has ended."""

    code: int
    stdout: str
    stderr: str
    output: Path

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.output.read_text(encoding="utf-8"))
        return report


class Program:
    """The wrapper, mitmdump or mitmweb, as a process that is under way."""

    def __init__(self, command: list[str], output: Path, environment: Mapping[str, str]) -> None:
        self._output = output
        self.process = subprocess.Popen(
            command,
            cwd=output.parent,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def read_until(self, pattern: str, *, stdout: bool = False) -> re.Match[str]:
        """Read standard error, or standard output, up to a line in which the pattern is; the match."""
        stream = self.process.stdout if stdout else self.process.stderr
        assert stream
        lines: list[str] = []
        with killed_if_late(self.process):
            while line := stream.readline():
                if match := re.search(pattern, line):
                    return match
                lines.append(line)
        pytest.fail(f"no line with {pattern}:\n{''.join(lines)}")

    def listening_port(self) -> int:
        """The wrapper's port, once it says that it listens."""
        return int(self.read_until(r"listening on http://localhost:(\d+)")[1])

    def wait_until_open(self, port: int) -> None:
        """Return when somebody listens on the port."""
        wait_until(lambda: is_open(port) or self.process.poll() is not None)
        if not is_open(port):
            pytest.fail(str(self.wait()))

    def wait(self) -> Ended:
        """What it leaves behind, once it has ended; fails if it does not end."""
        try:
            stdout, stderr = self.process.communicate(timeout=MAX_RUN_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            stdout, stderr = self.process.communicate()
            pytest.fail(f"did not end:\n{stdout}\n{stderr}")
        return Ended(self.process.returncode, stdout, stderr, self._output)


def behind(aws: VerifyingServer, folder: Path, key: Key | None) -> dict[str, str]:
    """The environment of a program for which this server is AWS, with these credentials, if any, and no others."""
    environment = {
        "AWS_CA_BUNDLE": str(aws.ca_file),
        "AWS_CONFIG_FILE": str(folder / "config"),
        "PYTHONPATH": str(servers.REDIRECTION),
        "REDIRECT_HTTPS_PORT": str(aws.port),
    }
    if key:
        environment |= {"AWS_ACCESS_KEY_ID": key.access_key, "AWS_SECRET_ACCESS_KEY": key.secret_key}
        environment |= {"AWS_SESSION_TOKEN": key.token} if key.token else {}
    return environment


type Start = Callable[..., Program]
