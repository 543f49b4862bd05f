"""A part of the fault matrix: faults of each kind, on the wire and of each side, through the wrapper as a process.

scripts/measure faults runs all of them.
"""

import asyncio
from collections.abc import Mapping

import pytest

from lab.robustness import fault_matrix
from lab.robustness.client import View
from lab.robustness.judgement import Case, Row, ending_problems, report_problems, view_problems
from lab.robustness.wrapper import END_SECONDS, Ended

CHOSEN = (
    "none, aws, GetObject",
    "connection refused, aws, GetItem",
    "never answers, cloudmock, GetItem",
    "reset inside the body, aws, GetItem",
    "reset inside the body, cloudmock, GetItem",
    "trailers, aws, GetItem",
    "103 before the reply, aws, GetItem",
    "head without an end, aws, GetItem",
    "garbage, cloudmock, GetItem",
    "closes unsaid, aws, GetItem",
    "certificate of another host, aws, GetItem",
    "gone before the reply, app, GetItem",
    "gone inside the request, app, GetItem",
    "CloudMock restarts, run, GetItem",
    "SIGTERM under load, run, GetItem",
    "/dev/full, run, GetItem",
)
JOBS = 4

WHOLE = View(200, size=10, digest="a", seconds=0.1)
BROKEN = View(200, size=5, digest="b", broken="reset", seconds=0.1)
SILENT = View(broken="silence", seconds=4.0)
REFUSED = View(502, size=50, digest="c", code="AWSUnreachable", seconds=0.1)
PAGE = View(502, size=50, digest="d", seconds=0.1)


@pytest.fixture(scope="module")
def rows() -> Mapping[str, Row]:
    """What has come of the chosen cases, which wait more than they compute and so run side by side."""
    rows: dict[str, Row] = {}
    chosen = [case for case in fault_matrix.cases() if str(case) in CHOSEN]

    def keep(case: Case, row: Row) -> None:
        rows[str(case)] = row

    asyncio.run(fault_matrix.results(chosen, JOBS, keep))
    return rows


@pytest.mark.parametrize("case", CHOSEN)
def test_a_fault_is_seen_as_without_the_proxy_and_named(case: str, rows: Mapping[str, Row]) -> None:
    """The app sees what it would see without the proxy; the report says what happened, once; nothing hangs."""
    assert () == rows[case].problems, rows[case]


@pytest.mark.parametrize(
    ("directly", "through", "problems"),
    [
        (WHOLE, WHOLE, []),
        (BROKEN, BROKEN, []),
        (BROKEN, REFUSED, []),
        (SILENT, REFUSED, []),
        (SILENT, SILENT, []),
        (BROKEN, WHOLE, ["view differs: call 1"]),
        (WHOLE, REFUSED, ["view differs: call 1"]),
        (WHOLE, BROKEN, ["view differs: call 1"]),
        (WHOLE, View(200, size=9, digest="e"), ["view differs: call 1"]),
        (BROKEN, PAGE, ["view differs: call 1, an error that is not in the service's format"]),
        (BROKEN, SILENT, ["hang: call 1"]),
        (WHOLE, View(200, size=10, digest="a", seconds=3.5), ["delayed: call 1 by 3.4 s"]),
    ],
)
def test_what_the_app_may_see(directly: View, through: View, problems: list[str]) -> None:
    """A broken reply may be another broken reply or an error of the service's own; a whole one only itself."""
    assert problems == list(view_problems([directly], [through], may_be_mended=False))


def ended(total: int, matched: int, *diffs: str, code: int = 1, uncompared: int = 0, stderr: str = "") -> Ended:
    """A run with these totals, and an error for each of the differences."""
    mismatches = [{"severity": "error", "diffs": [diff]} for diff in diffs]
    counts = {"total_requests": total, "matched": matched, "mismatched": total - matched}
    return Ended(code, 0.1, stderr, {**counts, "mismatches": mismatches, "not_compared": {"total": uncompared}})


@pytest.mark.parametrize(
    ("run", "problems"),
    [
        (ended(3, 2), []),
        (ended(2, 2, uncompared=1), []),
        (ended(2, 2), ["lost: 2 in the report"]),
        (ended(4, 3), ["counted twice: 4 in the report"]),
        (ended(3, 3, code=-9), [f"hang: it had not ended {END_SECONDS:g} s after SIGTERM"]),
        (ended(3, 3, code=-11), ["exit code -11"]),
        (Ended(1, 0.1, "", {}), ["no report"]),
        (
            ended(3, 3, stderr='Traceback (most recent call last):\n  File "/a/b.py", line 7, in c\n    d\nE: f\n'),
            ["a traceback at b.py:7: E: f"],
        ),
    ],
)
def test_how_a_run_may_end(run: Ended, problems: list[str]) -> None:
    """Each exchange is in the report once, compared or not, and the wrapper ends by itself."""
    assert problems == list(ending_problems(run, (3,)))


@pytest.mark.parametrize(
    ("run", "unsound", "problems"),
    [
        (ended(3, 3), 0, []),
        (ended(3, 2, "cloudmock: CloudMock broke HTTP"), 1, []),
        (ended(3, 3), 1, ["report silent"]),
        (ended(3, 2, "cloudmock: CloudMock broke HTTP"), 0, ["false alarm: 1 are said to be amiss, 0 were"]),
        (ended(3, 2, "something broke"), 1, ["report does not name the side"]),
    ],
)
def test_what_a_report_must_say(run: Ended, unsound: int, problems: list[str]) -> None:
    """A fault that can be seen is reported, with the side that it is of; one that cannot is not."""
    assert problems == list(report_problems(run, "cloudmock", unsound, may_be_mended=False))
