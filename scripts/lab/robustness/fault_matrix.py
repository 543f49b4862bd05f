"""What the app sees, and what the report says, of every fault on the wire: see scripts/measure faults.

Each case is a run of its own: the wrapper between two servers, one of which is faulty, and a client that makes three
calls, of which the second meets the fault. The same client makes the same calls to the servers themselves, without the
wrapper: what it sees there is what it should see through it. Where there was no reply, the wrapper may answer 502 in
the service's own format: SDKs try both again. What CloudMock does must not be seen at all.

This file judges from outside: it knows the command line, the wire and the report's keys.
"""

import argparse
import asyncio
import re
import resource
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lab.robustness.faults import MISDEEDS, Misdeed, run_fault, run_misdeed
from lab.robustness.judgement import APP, AWS, CLOUDMOCK, RUN, Case, Row
from lab.robustness.mishaps import MISHAPS, crowd
from lab.stand_ins.broken_servers import FAULTS, Fault

CASE_SECONDS = 180.0
"""After which a case hangs."""

CROWD_SECONDS = 300.0
"""The same for that of 10,000 connections."""


def cases() -> list[Case]:
    """All of them, in the order of the table."""
    all_cases = []
    for fault in FAULTS:
        for side in fault.sides:

            async def run(case: Case, folder: Path, fault: Fault = fault) -> Row:
                return await run_fault(case, folder, fault)

            all_cases += [Case(fault.name, side, call, run) for call in fault.calls]
    for misdeed in MISDEEDS:

        async def act(case: Case, folder: Path, misdeed: Misdeed = misdeed) -> Row:
            return await run_misdeed(case, folder, misdeed)

        all_cases.append(Case(misdeed.name, APP, "GetItem", act))
    return all_cases + [Case(name, RUN, "GetItem", mishap) for name, mishap in MISHAPS.items()]


async def result(case: Case) -> Row:
    """The row of a case; never raises."""
    with tempfile.TemporaryDirectory(prefix="cloudmock-contract-") as folder:
        try:
            async with asyncio.timeout(CROWD_SECONDS if case.run is crowd else CASE_SECONDS) as limit:
                return await case.run(case, Path(folder))
        except Exception as error:  # noqa: BLE001 (one case that fails to run must not cost the others)
            if isinstance(error, TimeoutError) and limit.expired():
                return Row(problems=("hang: the case did not end",))
            return Row(problems=(f"not run: {error!r}"[:300],))


async def results(chosen: Sequence[Case], jobs: int, tell: Callable[[Case, Row], None]) -> None:
    """Run the cases, so many at a time, and the crowd by itself; tell each when it has ended."""
    free = asyncio.Semaphore(jobs)

    async def run_one(case: Case) -> None:
        async with free:
            tell(case, await result(case))

    await asyncio.gather(*(run_one(case) for case in chosen if case.run is not crowd))
    for case in chosen:
        if case.run is crowd:
            await run_one(case)


COLUMNS = ("fault", "side", "call", "directly", "through us", "report", "counted", "verdict")


def rendered(rows: Mapping[Case, Row]) -> str:
    """The table, in Markdown."""
    lines = [COLUMNS, ["---"] * len(COLUMNS)]
    for case, row in rows.items():
        verdict = f"**FAIL** ({'; '.join(row.problems)})" if row.problems else "OK"
        cells = (case.name, case.side, case.call, row.directly, row.through, row.reasons or "-", row.counted, verdict)
        lines.append([re.sub(r"[\x00-\x1f|]", "·", cell)[:240] for cell in cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="What the app sees, and the report says, of every fault on the wire.")
    parser.add_argument("--only", metavar="NAME", help="only the faults whose names contain this")
    parser.add_argument("--side", choices=(AWS, CLOUDMOCK, APP, RUN), help="only faults of this side")
    parser.add_argument("--jobs", type=int, default=2, help="how many cases run at a time (2)")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    chosen = [
        case
        for case in cases()
        if (arguments.only or "").lower() in case.name.lower() and arguments.side in (None, case.side)
    ]
    ended: dict[Case, Row] = {}

    def print_row(case: Case, row: Row) -> None:
        ended[case] = row
        print(f"{case}: {'; '.join(row.problems) or 'OK'}", file=sys.stderr, flush=True)

    asyncio.run(results(chosen, arguments.jobs, print_row))
    rows = {case: ended[case] for case in chosen}
    failed = sum(bool(row.problems) for row in rows.values())
    print(f"{rendered(rows)}\n\n{len(rows)} cases, {failed} failed.")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
