"""The wrapper, mitmdump and mitmweb as processes, started as a user starts them."""

import json
import os
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

FOLDER = Path(sys.executable).parent
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
        found: dict[str, Any] = json.loads(self.output.read_text(encoding="utf-8"))
        return found


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

    def wait(self, timeout: float = 90) -> Ended:
        try:
            stdout, stderr = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            stdout, stderr = self.process.communicate()
            pytest.fail(f"did not end:\n{stdout}\n{stderr}")
        return Ended(self.process.returncode, stdout, stderr, self._output)


def behind(aws: VerifyingServer, folder: Path, key: Key | None) -> dict[str, str]:
    """The environment of a program for which this server is AWS, with these credentials, if any, and no others."""
    found = {
        "AWS_CA_BUNDLE": str(aws.ca_file),
        "AWS_CONFIG_FILE": str(folder / "config"),
        "PYTHONPATH": str(servers.REDIRECTION),
        "REDIRECT_HTTPS_PORT": str(aws.port),
    }
    if key:
        found |= {"AWS_ACCESS_KEY_ID": key.access_key, "AWS_SECRET_ACCESS_KEY": key.secret_key}
        found |= {"AWS_SESSION_TOKEN": key.token} if key.token else {}
    return found


type Start = Callable[..., Program]
