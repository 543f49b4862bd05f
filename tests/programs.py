"""The wrapper, mitmdump and mitmweb as processes, started as a user starts them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import servers

FOLDER = Path(sys.executable).parent
WORKLOAD = f"{sys.executable} {servers.TOP / 'scripts' / 'workload.py'}"


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


type Start = Callable[..., Program]
