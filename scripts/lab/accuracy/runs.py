"""Runs of a workload through cloudmock-contract between two servers of the same program: see scripts/measure verdicts.

The servers of a pair differ in their account ids and, where they can be given one, in the seed of their ids. This file
starts servers and runs, and reads reports; it does not judge what they say.
"""

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cloudmock_contract
from cloudmock_contract.aws.models.services import Services
from lab.mutations.relay import FaultInjector
from lab.stand_ins import servers

WORKLOADS = ("app", "development", "development_wide", "held_out")
AWS_ACCOUNT, CLOUDMOCK_ACCOUNT = "111111111111", "222222222222"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "verdicts",
    "AWS_SECRET_ACCESS_KEY": "verdicts",
    "AWS_DEFAULT_REGION": "us-east-1",
}

PROGRAMS: Mapping[str, Callable[[str, int], servers.Server]] = {
    "moto": servers.moto,
    "ministack": lambda account, _seed: servers.ministack(account),
}
"""What may stand on both sides; ministack's ids are random without a seed."""


def measured() -> str:
    """Which sources are measured: where they are, and a hash of them and of the rules; another one if they change."""
    folder = Path(cloudmock_contract.__file__).resolve().parent
    files = sorted((*folder.rglob("*.py"), *folder.parents[1].glob("configs/*")))
    contents = hashlib.sha256(b"".join(file.read_bytes() for file in files))
    return f"{folder}, sources {contents.hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two servers of one program: one stands in for AWS, one for CloudMock."""

    name: str
    aws: servers.Server
    cloudmock: servers.Server

    def reset(self) -> None:
        """Make both forget everything."""
        self.aws.reset()
        self.cloudmock.reset()


@contextmanager
def pair(program: str) -> Iterator[Pair]:
    """The pair, started, and stopped at the end."""
    start = PROGRAMS[program]
    with ExitStack() as stack:
        aws = stack.enter_context(start(AWS_ACCOUNT, 1))
        cloudmock = stack.enter_context(start(CLOUDMOCK_ACCOUNT, 2))
        yield Pair(f"{program}/{program}", aws, cloudmock)


def run(both: Pair, workload: str, *, cloudmock: str = "", options: Sequence[str] = ()) -> Mapping[str, Any]:
    """The report of one run, with `calls`: how many the workload made. `cloudmock`: a URL that is asked instead."""
    command = shlex.join(servers.module_command(f"lab.workloads.{workload}"))
    with tempfile.TemporaryDirectory(prefix="verdicts-") as folder:
        output = Path(folder) / "report.json"
        sides = ["--aws-endpoint", both.aws.url, "--cloudmock", cloudmock or both.cloudmock.url]
        rest = ["--port", "0", "--output", str(output), *options, "--run", command]
        ended = subprocess.run(
            [sys.executable, "-m", "cloudmock_contract.cli", *sides, *rest],
            env={**os.environ, **CREDENTIALS},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        calls_made = re.search(r"^(\d+) calls made$", ended.stdout, re.MULTILINE)
        if calls_made is None or not output.exists():
            raise RuntimeError(
                f"{both.name} {workload}: the run failed.\n{ended.stdout[-2000:]}\n{ended.stderr[-3000:]}"
            )
        return {**json.loads(output.read_text(encoding="utf-8")), "calls": int(calls_made[1])}


@dataclass(frozen=True, slots=True)
class FaultyRun:
    """A run with the fault injector before CloudMock."""

    calls: Mapping[str, tuple[str, int]]
    """By invocation id: the operation and how many of it came before; the same in every run of a workload."""
    statuses: Mapping[tuple[str, int], int]
    """CloudMock's own status of each call."""
    faults: Sequence[Mapping[str, Any]]
    mismatches: Mapping[str, Mapping[str, Any]]
    """The report's, by invocation id."""


def faulty_run(both: Pair, workload: str, seed: int, every: int, counts: Counter[str], services: Services) -> FaultyRun:
    """One run on servers that have forgotten everything. `every`: of how many replies one is faulted; 0: none."""
    both.reset()
    with FaultInjector(both.cloudmock.url, seed, every, counts=counts, services=services) as injector:
        report = run(both, workload, cloudmock=injector.url)
    calls: dict[str, tuple[str, int]] = {}
    statuses: dict[tuple[str, int], int] = {}
    seen: Counter[str] = Counter()
    for invocation, operation, status in injector.calls:
        calls[invocation] = operation, seen[operation]
        statuses[calls[invocation]] = status
        seen[operation] += 1
    if any("invocation_id" not in entry for entry in report["mismatches"] if entry["severity"] != "error"):
        raise RuntimeError("The report's mismatches have no invocation_id.")
    mismatches = {entry["invocation_id"]: entry for entry in report["mismatches"] if entry.get("invocation_id")}
    return FaultyRun(calls, statuses, injector.faults, mismatches)
