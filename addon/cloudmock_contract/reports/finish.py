"""The end of a run: the report is written, its summary is shown, and the exit code follows from it.

0   every request matched
1   a request mismatched
2   no request was compared, or the report could not be written

A clean-up script is written where something was left on AWS. The journal has done its service when the report is there.
"""

import logging
import os
import shlex
import sys
from pathlib import Path
from typing import TextIO

from cloudmock_contract.exit_code import ExitCode
from cloudmock_contract.reports.files import write
from cloudmock_contract.reports.formats import cleanup_script, json, terminal
from cloudmock_contract.reports.journal import writer
from cloudmock_contract.reports.tally.report import Report
from cloudmock_contract.settings import Settings

logger = logging.getLogger(__name__)

_STANDARD_OUTPUT = (Path("/dev/stdout"), Path("/dev/fd/1"), Path("/proc/self/fd/1"))
"""Where a report shares a stream with the summary, which then goes to standard error."""

_EXECUTABLE = 0o700

_MAX_HEAD_BYTES = 4_096
"""Bytes among which a script's first comment is."""


def exit_code(report: Report, *, allow_empty: bool) -> int:
    """The exit code that the report's content calls for."""
    if not report.total_requests:
        return ExitCode.MATCHED if allow_empty else ExitCode.UNUSABLE
    return ExitCode.MISMATCHED if report.mismatched else ExitCode.MATCHED


def finish(report: Report, settings: Settings) -> int:
    """Write the report and the clean-up script, print the summary on standard output; the exit code."""
    code = exit_code(report, allow_empty=settings.allow_empty)
    script, complaint = _write_cleanup(settings.cleanup, report)
    summary = terminal.render(report, script)
    if settings.output in _STANDARD_OUTPUT:
        _print(json.render(report), sys.stdout)
        _print(summary, sys.stderr)
        problem = ""
    else:
        problem = "" if settings.output is None else _write(settings.output, report)
        _print(summary, sys.stdout)
        if settings.output and not problem:
            _print(f"Report: {settings.output}", sys.stdout)
    kept = _kept_journal(report, settings, is_written=settings.output is not None and not problem)
    if kept and problem:
        problem += f" It can be made from the journal: cloudmock-contract report {shlex.quote(str(kept))}"
    elif kept:
        _print(f"Journal: {kept}", sys.stderr if settings.output in _STANDARD_OUTPUT else sys.stdout)
    for text in filter(None, (complaint, problem)):
        _print(text, sys.stderr)
    return ExitCode.UNUSABLE if problem else code


def write_quietly(report: Report, settings: Settings) -> None:
    """Write the report and the clean-up script, and remove the journal, for a program of which nobody reads the output.

    Raises OSError if the report cannot be written.
    """
    if settings.output is None:
        return
    write(settings.output, json.render(report))
    _, complaint = _write_cleanup(settings.cleanup, report)
    if complaint:
        logger.warning(complaint)
    _kept_journal(report, settings, is_written=True)


def _write(path: Path, report: Report) -> str:
    """Write the report; what went wrong, or nothing."""
    try:
        write(path, json.render(report))
    except OSError as error:
        return f"The report could not be written to {path}: {error.strerror}."
    return ""


def _write_cleanup(path: Path | None, report: Report) -> tuple[Path | None, str]:
    """Write the clean-up script if there is something to clean up: where it is, and what went wrong."""
    if path is None or not report.left:
        return None, ""
    try:
        if path.exists() and not _is_cleanup(path):
            return None, f"No clean-up script was written: {path} is a file of something else. See --cleanup."
        endpoint = "" if report.run.aws == "AWS" else report.run.aws
        write(path, cleanup_script.render(report.left, report.run, endpoint), _EXECUTABLE)
    except OSError as error:
        return None, f"The clean-up script could not be written to {path}: {error.strerror}."
    return path, ""


def _is_cleanup(path: Path) -> bool:
    """Whether the file is a clean-up script: its first comment says so."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        lines = file.read(_MAX_HEAD_BYTES).splitlines()
    comments = [line for line in lines if line.startswith(b"#") and not line.startswith(b"#!")]
    return bool(comments) and b"cloudmock-contract" in comments[0]


def _kept_journal(report: Report, settings: Settings, *, is_written: bool) -> Path | None:
    """Remove the run's journal if the report has all that is in it; else where it is. None if there is none."""
    path = settings.journal
    try:
        if path is None or not writer.is_complete(path, report.run):
            return None
        if not settings.keeps_journal and is_written and not report.omitted_mismatches:
            path.unlink()
            return None
    except FileNotFoundError:
        return None
    except OSError as error:
        logger.warning("The journal %s could not be removed: %s.", path, error.strerror)
    return path


def _print(text: str, stream: TextIO) -> None:
    """Print what the stream can take. A reader that has gone away must not cost the exit code."""
    encoding = stream.encoding or "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
    except OSError:
        # Python would try again to write what is left when it exits, and exit with 120.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
