"""What is wrong with what the app saw, with how the run ended, and with what its report says: each as a text.

Knows neither faults nor how they are made.
"""

import re
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lab.robustness.client import SUBSTITUTES, View
from lab.robustness.wrapper import END_SECONDS, Ended

AWS, CLOUDMOCK, APP, RUN = "aws", "cloudmock", "app", "run"
"""Whose fault it is: a side's, the app's, or that of what is around."""

DELAY_SECONDS = 1.0
"""What a call may take longer through the wrapper."""

LOADING_SECONDS = 3.0
"""What the first one may, for which the models of its service are loaded."""


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the matrix."""

    name: str
    side: str
    call: str
    run: Callable[[Self, Path], Awaitable["Row"]]

    def __str__(self) -> str:
        return f"{self.name}, {self.side}, {self.call}"


@dataclass(frozen=True, slots=True)
class Row:
    """What came of a case."""

    directly: str = ""
    through: str = ""
    reasons: str = ""
    counted: str = ""
    problems: tuple[str, ...] = ()
    """What is wrong; none: OK."""


def ending_problems(ended: Ended, allowed: Iterable[int], *, codes: Iterable[int] = (0, 1)) -> Iterator[str]:
    """What is wrong with how the run ended. `allowed`: how many exchanges there may be in the report."""
    if ended.code == -signal.SIGKILL:
        yield f"hang: it had not ended {END_SECONDS:g} s after SIGTERM"
    elif ended.code not in codes:
        yield f"exit code {ended.code}"
    if not ended.report:
        yield "no report"
        return
    if ended.counted not in allowed:
        yield f"{'lost' if ended.counted < min(allowed) else 'counted twice'}: {ended.counted} in the report"
    if ended.report["total_requests"] != ended.report["matched"] + ended.report["mismatched"]:
        yield "the totals do not add up"
    if "Traceback" in ended.stderr:
        lines = ended.stderr.splitlines()
        last = max(number for number, line in enumerate(lines) if line.startswith("  File "))
        where = re.sub(r'.*/(\S+)", line (\d+).*', r"\1:\2", lines[last])
        what = next((line for line in lines[last:] if line and not line.startswith((" ", "\t"))), "")
        yield f"a traceback at {where}: {what}"[:160]


def view_problems(expected: Sequence[View], seen: Sequence[View], *, may_be_mended: bool) -> Iterator[str]:
    """Where the app sees through the wrapper what it should not."""
    for number, (direct, through) in enumerate(zip(expected, seen, strict=True), 1):
        if through.is_timeout and not direct.is_timeout:
            yield f"hang: call {number}"
        elif through.status in SUBSTITUTES and not through.code and not through.broken:
            yield f"view differs: call {number}, an error that is not in the service's format"
        elif not (direct.is_same_as(through) or (direct.broken and through.is_substitute)):
            if not (may_be_mended and (through.is_substitute or direct.broken)):
                yield f"view differs: call {number}"
        elif through.seconds > direct.seconds + (LOADING_SECONDS if number == 1 else DELAY_SECONDS):
            yield f"delayed: call {number} by {through.seconds - direct.seconds:.1f} s"


def report_problems(ended: Ended, side: str, unsound: int, *, may_be_mended: bool) -> Iterator[str]:
    """Where the report does not say what happened. `unsound`: how many calls have met a fault that can be seen."""
    if ended.amiss < unsound and not may_be_mended:
        yield "report silent"
    elif ended.amiss > unsound and not may_be_mended:
        yield f"false alarm: {ended.amiss} are said to be amiss, {unsound} were"
    words = {AWS: ("AWS", "The app"), CLOUDMOCK: ("CloudMock",)}[side]
    errors = [entry for entry in ended.report.get("mismatches", ()) if entry["severity"] == "error"]
    if any(not any(word in entry["diffs"][0] for word in words) for entry in errors):
        yield "report does not name the side"


def views_in_words(views: Sequence[View]) -> str:
    """The second, with the others if they are not as they should be."""
    odd = [f"call {number}: {views[number - 1]}" for number in (1, 3) if views[number - 1].status != 200]
    return "; ".join([str(views[1]), *odd])
