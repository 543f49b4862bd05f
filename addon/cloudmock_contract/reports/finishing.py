"""The end of a run: the report is written, its summary is shown, and the exit code follows from it.

0   every request matched
1   a request mismatched
2   no request came through, or the report could not be written
"""

import sys
from pathlib import Path

from cloudmock_contract.reports import json, terminal
from cloudmock_contract.reports.model import Report
from cloudmock_contract.reports.writing import write
from cloudmock_contract.settings import Settings

MATCHED, MISMATCHED, UNUSABLE = 0, 1, 2


def exit_code(report: Report, *, allow_empty: bool) -> int:
    """The exit code that the report's content calls for."""
    if not report.total_requests:
        return MATCHED if allow_empty else UNUSABLE
    return MISMATCHED if report.mismatched else MATCHED


def finish(report: Report, settings: Settings) -> int:
    """Write the report, print its summary on standard output; the exit code."""
    print(terminal.render(report))
    code = exit_code(report, allow_empty=settings.allow_empty)
    if settings.output is None or _written(settings.output, report):
        return code
    return UNUSABLE


def _written(path: Path, report: Report) -> bool:
    try:
        write(path, json.render(report))
    except OSError as error:
        print(f"The report could not be written to {path}: {error.strerror}.", file=sys.stderr)
        return False
    print(f"Report: {path}")
    return True
