"""The end of a run: the report is written, its summary is shown, and the exit code follows from it.

0   every request matched
1   a request mismatched
2   no request came through, or the report could not be written
"""

import os
import sys
from pathlib import Path
from typing import TextIO

from cloudmock_contract.reports import json, terminal
from cloudmock_contract.reports.model import Report
from cloudmock_contract.reports.writing import write
from cloudmock_contract.settings import Settings

MATCHED, MISMATCHED, UNUSABLE = 0, 1, 2

_STANDARD_OUTPUT = (Path("/dev/stdout"), Path("/dev/fd/1"), Path("/proc/self/fd/1"))
"""Where a report shares a stream with the summary, which then goes to standard error."""


def exit_code(report: Report, *, allow_empty: bool) -> int:
    """The exit code that the report's content calls for."""
    if not report.total_requests:
        return MATCHED if allow_empty else UNUSABLE
    return MISMATCHED if report.mismatched else MATCHED


def finish(report: Report, settings: Settings) -> int:
    """Write the report, print its summary on standard output; the exit code."""
    code = exit_code(report, allow_empty=settings.allow_empty)
    if settings.output in _STANDARD_OUTPUT:
        _print(json.render(report), sys.stdout)
        _print(terminal.render(report), sys.stderr)
        return code
    problem = "" if settings.output is None else _write(settings.output, report)
    _print(terminal.render(report), sys.stdout)
    if problem:
        _print(problem, sys.stderr)
        return UNUSABLE
    if settings.output:
        _print(f"Report: {settings.output}", sys.stdout)
    return code


def _write(path: Path, report: Report) -> str:
    """Write the report; what went wrong, or nothing."""
    try:
        write(path, json.render(report))
    except OSError as error:
        return f"The report could not be written to {path}: {error.strerror}."
    return ""


def _print(text: str, stream: TextIO) -> None:
    """Print what the stream can take. A reader that has gone away must not cost the exit code."""
    encoding = stream.encoding or "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
    except OSError:
        # Python would try again to write what is left when it exits, and exit with 120.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
