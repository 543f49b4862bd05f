"""The end of a run: the report is written, its summary is shown, and the exit code follows from it.

A clean-up script is written where something was left on AWS. The journal is removed when the report has all that is in
it. This file does not know how a report looks: see formats/__init__.py for how to add a format.
"""

import logging
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from cloudmock_contract.exit_code import ExitCode
from cloudmock_contract.reports.files import write
from cloudmock_contract.reports.formats import cleanup_script, json, terminal
from cloudmock_contract.reports.journal import writer
from cloudmock_contract.reports.tally.report import Report
from cloudmock_contract.settings import Settings

logger = logging.getLogger(__name__)

REPORT_FORMATS: Mapping[str, Callable[[Report], str]] = {
    "output": json.render,
}
"""By the setting that names its file, each format in which the report is written."""

_STANDARD_OUTPUT = (Path("/dev/stdout"), Path("/dev/fd/1"), Path("/proc/self/fd/1"))
"""Where a report shares a stream with the summary, which then goes to standard error."""

_EXECUTABLE = 0o700

_MAX_HEAD_BYTES = 4_096
"""Bytes among which a script's first comment is."""


def exit_code(report: Report, *, allow_empty: bool) -> ExitCode:
    """The exit code that the report's content calls for."""
    if not report.total_requests:
        return ExitCode.MATCHED if allow_empty else ExitCode.UNUSABLE
    return ExitCode.MISMATCHED if report.mismatched else ExitCode.MATCHED


def finish(report: Report, settings: Settings) -> ExitCode:
    """Write the report and the clean-up script, print the summary on standard output; the exit code."""
    paths = _report_paths(settings)
    stream = sys.stdout if paths.keys().isdisjoint(_STANDARD_OUTPUT) else sys.stderr
    script, complaint = _write_cleanup(settings.cleanup, report)
    outcomes = {path: _write(path, render(report)) for path, render in paths.items()}
    problems = [problem for problem in outcomes.values() if problem]
    _print(terminal.render(report, script), stream)
    for path, problem in outcomes.items():
        if not problem and path not in _STANDARD_OUTPUT:
            _print(f"Report: {path}", stream)
    journal = _kept_journal(report, settings, is_written=bool(paths) and not problems)
    if journal and problems:
        problems.append(f"It can be made from the journal: cloudmock-contract report {shlex.quote(str(journal))}")
    elif journal:
        _print(f"Journal: {journal}", stream)
    for text in filter(None, (complaint, " ".join(problems))):
        _print(text, sys.stderr)
    return ExitCode.UNUSABLE if problems else exit_code(report, allow_empty=settings.allow_empty)


def write_quietly(report: Report, settings: Settings) -> None:
    """Write the report and the clean-up script, and remove the journal, for a program whose output nobody reads.

    Raises OSError if the report cannot be written.
    """
    paths = _report_paths(settings)
    if not paths:
        return
    for path, render in paths.items():
        write(path, render(report))
    _, complaint = _write_cleanup(settings.cleanup, report)
    if complaint:
        logger.warning(complaint)
    _kept_journal(report, settings, is_written=True)


def _report_paths(settings: Settings) -> dict[Path, Callable[[Report], str]]:
    """By path, the formats that the user wants."""
    return {path: render for name, render in REPORT_FORMATS.items() if (path := getattr(settings, name)) is not None}


def _write(path: Path, text: str) -> str | None:
    """Write or print a report; what went wrong, if anything did."""
    try:
        if path in _STANDARD_OUTPUT:
            _print(text, sys.stdout)
        else:
            write(path, text)
    except OSError as error:
        return f"The report could not be written to {path}: {error.strerror}."
    return None


def _write_cleanup(path: Path | None, report: Report) -> tuple[Path | None, str | None]:
    """Write the clean-up script if there is something to clean up: where it is, and what went wrong."""
    if path is None or not report.leftovers:
        return None, None
    try:
        if path.exists() and not _is_cleanup(path):
            remedy = "remove it, or choose another path with --cleanup"
            return None, f"No clean-up script was written: {path} exists and is not one; {remedy}."
        write(path, cleanup_script.render(report), _EXECUTABLE)
    except OSError as error:
        return None, f"The clean-up script could not be written to {path}: {error.strerror}."
    return path, None


def _is_cleanup(path: Path) -> bool:
    """Whether the file is a clean-up script: its first comment says so."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        lines = file.read(_MAX_HEAD_BYTES).splitlines()
    comments = [line for line in lines if line.startswith(b"#") and not line.startswith(b"#!")]
    return bool(comments) and b"cloudmock-contract" in comments[0]


def _kept_journal(report: Report, settings: Settings, *, is_written: bool) -> Path | None:
    """Remove the run's journal if the report has all that is in it. Where it is, if it is kept."""
    path = settings.journal
    try:
        if path is None or not writer.is_complete(path, report.run):
            return None
        if not settings.keeps_journal and is_written and not report.mismatches_omitted:
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
