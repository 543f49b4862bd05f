"""The wrapper as a process between two servers, and what a run of it leaves behind.

Knows the command line and the report's keys; does not know what a report should say.
"""

import asyncio
import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

WRAPPER = Path(sys.executable).parent / "cloudmock-contract"

TIMEOUT_SECONDS = 3
"""--timeout: how long CloudMock may take."""

START_SECONDS = 60.0
"""How long it may take to listen: the machine may have other things to do."""

END_SECONDS = 60.0
"""How long the wrapper may take to end after SIGTERM."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A run of the wrapper that has ended."""

    code: int
    """-9 for one that had to be killed."""
    seconds: float
    """From the signal to the end."""
    stderr: str
    report: Mapping[str, Any]
    """Empty if there is none that can be read."""

    @property
    def uncompared(self) -> int:
        return int(self.report.get("not_compared", {}).get("total", 0))

    @property
    def counted(self) -> int:
        return int(self.report.get("total_requests", 0)) + self.uncompared

    @property
    def amiss(self) -> int:
        """Exchanges that did not match."""
        return int(self.report.get("mismatched", 0)) + self.uncompared

    @property
    def totals(self) -> str:
        return "/".join(str(self.report.get(key, "-")) for key in ("total_requests", "matched", "mismatched")) + (
            f" +{self.uncompared}" if self.uncompared else ""
        )

    @property
    def reasons(self) -> str:
        """The severity and the first difference of each mismatch, and why others were not compared; each once."""
        lines = [f"{entry['severity']}: {entry['diffs'][0]}" for entry in self.report.get("mismatches", ())]
        lines += [f"not compared: {reason}" for reason in self.report.get("not_compared", {}).get("by_reason", {})]
        return "; ".join(dict.fromkeys(lines))


class Wrapper:
    """The wrapper as a process, running inside an `async with` statement."""

    def __init__(
        self,
        aws: str,
        cloudmock: str,
        folder: Path,
        *,
        output: str = "report.json",
        environment: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
    ) -> None:
        """`before`: the command that starts it, in front of its own."""
        sides = ("--aws-endpoint", aws, "--cloudmock", cloudmock)
        options = ("--port", "0", "--output", output, "--timeout", str(TIMEOUT_SECONDS))
        self._command = [*before, str(WRAPPER), *sides, *options]
        self._folder = folder
        self._output = folder / output
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "HTTP", "http"))}
        nowhere = {"AWS_CONFIG_FILE": str(folder / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none")}
        self._environment = inherited | nowhere | {"AWS_EC2_METADATA_DISABLED": "true"} | dict(environment or {})
        self.port = 0

    async def __aenter__(self) -> Self:
        with (self._folder / "stderr").open("wb") as stderr, (self._folder / "stdout").open("wb") as stdout:
            self.process = await asyncio.create_subprocess_exec(
                *self._command, cwd=self._folder, env=self._environment, stdout=stdout, stderr=stderr
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.returncode is None:
            if match := re.search(r"listening on http://localhost:(\d+)", self._stderr):
                self.port = int(match[1])
                return self
            await asyncio.sleep(0.05)
        code = self.process.returncode
        await self.__aexit__()
        raise RuntimeError(f"The wrapper did not start; exit code {code}, on standard error: {self._stderr}")

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    @property
    def _stderr(self) -> str:
        return (self._folder / "stderr").read_text(errors="replace")

    async def end(self) -> Ended:
        """Send SIGTERM, and wait."""
        started = time.monotonic()
        if self.process.returncode is None:
            self.process.terminate()
        try:
            async with asyncio.timeout(END_SECONDS):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        report: Mapping[str, Any] = {}
        if self._output.is_file():  # and no device, which might never end
            with contextlib.suppress(OSError, ValueError):
                report = json.loads(self._output.read_text(encoding="utf-8"))
        return Ended(self.process.returncode or 0, time.monotonic() - started, self._stderr, report)
