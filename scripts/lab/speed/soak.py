"""A long run through the wrapper: see scripts/measure soak.

Calls of several kinds, one in a hundred with replies that differ, from an app with several connections. Prints the
memory of the wrapper as the run goes on, how much it has grown after the first rows, the requests a second in the first
and in the last tenth, and how large the journal is. In the end the report must have every request.

With --kill the wrapper is killed half-way. What its journal then makes must have every request that was answered.
"""

import argparse
import asyncio
import itertools
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.speed import bench
from lab.stand_ins import fixed_servers
from lab.stand_ins.fixed_servers import CALLS, FixedCall

MIX = ("get-item", "get-object", "get-item", "scan")
DIFFERING = 100
"""Of how many calls one has replies that differ."""

JOURNAL = "journal"
PROGRAM = Path(sys.executable).with_name("cloudmock-contract")


def calls(number: int) -> Iterator[FixedCall]:
    """So many calls."""
    names = itertools.cycle(MIX)
    for index in range(1, number + 1):
        name = next(names)
        yield CALLS["differing" if index % DIFFERING == 0 else name]


class Run:
    """One run of the wrapper, as its app sees it."""

    def __init__(self, proxy: fixed_servers.Proxy, options: argparse.Namespace) -> None:
        self._proxy = proxy
        self._options = options
        self._kill_at = options.requests // 2 if options.kill else 0
        self._memory: list[float] = []
        self.started = time.perf_counter()
        self.ended: list[float] = []
        """When each call was answered, in seconds from the start."""

    def note(self, started: float, seconds: float) -> None:
        """A call was answered."""
        self.ended.append(started + seconds - self.started)
        answered = len(self.ended)
        if answered == self._kill_at:
            self._proxy.stop(signal.SIGKILL)
        elif answered % self._options.every == 0:
            memory = self._proxy.memory("VmRSS")
            growth = memory - self._memory[0] if self._memory else 0
            self._memory.append(memory)
            print(f"{answered:>9} {self.ended[-1]:>8.1f} {memory:>8.1f} {growth:>+8.1f}", flush=True)

    def speeds(self) -> tuple[float, float]:
        """Requests a second in the first tenth and in the last one."""
        tenth = max(1, len(self.ended) // 10)
        return tenth / self.ended[tenth - 1], tenth / (self.ended[-1] - self.ended[-tenth - 1])


def survivors(journal: Path) -> dict[str, Any]:
    """The report that the journal makes."""
    output = journal.with_name("made-of-journal.json")
    command = [str(PROGRAM), "report", str(journal), "--output", str(output)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if not output.exists():
        raise RuntimeError(f"`report` ended with {ended.returncode} and made none: {ended.stderr or ended.stdout}")
    return dict(json.loads(output.read_bytes()))


def problems(report: dict[str, Any], answered: int, max_count: int) -> list[str]:
    """What is wrong with a report on so many calls that were answered, and no more than so many that were made."""
    counted = report["total_requests"] + report.get("not_compared", {}).get("total", 0)
    actions = Counter(entry["action"] for entry in report["mismatches"])
    differing = range((2 * answered - max_count) // DIFFERING, max_count // DIFFERING + 1)
    wrong = []
    if not answered <= counted <= max_count:
        wrong.append(f"{answered} requests were answered, and {counted} are in the report")
    if report["total_requests"] != counted:
        wrong.append(
            f"{counted - report['total_requests']} were not compared: {report['not_compared']['by_reason']}"[:500]
        )
    if report["mismatched"] not in differing or actions.keys() - {"Query"}:
        wrong.append(f"one in {DIFFERING} was to mismatch, and {report['mismatched']} did: {dict(actions)}")
    return wrong


def main() -> int:
    """Run, and print what came of it."""
    parser = argparse.ArgumentParser(description="A long run through the wrapper.")
    parser.add_argument("--requests", type=int, default=200_000, help="(200000)")
    parser.add_argument("--connections", type=int, default=8, help="(8)")
    parser.add_argument("--every", type=int, default=10_000, help="after how many requests memory is read (10000)")
    parser.add_argument("--kill", action="store_true", help="kill the wrapper half-way, and read its journal")
    options = parser.parse_args()
    print(f"{fixed_servers.machine()}\n\n requests  seconds  RSS MiB   growth")
    with (
        fixed_servers.server("aws") as aws,
        fixed_servers.server("cloudmock") as cloudmock,
        fixed_servers.proxy("wrapper", aws.url, cloudmock.url, "--journal", JOURNAL) as proxy,
    ):
        journal = proxy.log.with_name(JOURNAL)
        run = Run(proxy, options)
        try:
            asyncio.run(bench.load(proxy.port, calls(options.requests), options.connections, run.note))
        except OSError:
            if not options.kill:
                raise
        answered = len(run.ended)
        first, last = run.speeds()
        print(f"\nfirst tenth {first:.0f} req/s, last tenth {last:.0f} req/s, ratio {last / first:.2f}")
        size = journal.stat().st_size if journal.exists() else 0
        print(f"journal {size / 2**20:.1f} MiB, {size / answered:.0f} B a request", flush=True)
        report = survivors(journal) if options.kill else proxy.report()
    found_problems = problems(report, answered, answered + options.connections if options.kill else answered)
    print(*(f"WRONG: {problem}" for problem in found_problems), sep="\n")
    print(f"{answered} requests answered; {report['matched']} matched, {report['mismatched']} mismatched in the report")
    return 1 if found_problems else 0


if __name__ == "__main__":
    sys.exit(main())
