"""A report from a journal: the exchanges are counted as the run counted them.

The file may have been cut off anywhere, or not be a journal at all. It is read line by line; a broken line is left out,
and the report says so. This file does not know what becomes of the report.
"""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.reports.journal.format import (
    MARK,
    End,
    UnknownVersionError,
    ended_by,
    read_line,
    run_of,
)
from cloudmock_contract.reports.journal.untrusted import LineError
from cloudmock_contract.reports.journal.writer import MAX_LINE_BYTES, is_locked
from cloudmock_contract.reports.tally.report import Report, Run, Tally
from cloudmock_contract.reports.tally.truncation import weight
from cloudmock_contract.values.bounded_dict import BoundedDict
from cloudmock_contract.values.exchange import Exchange

MAX_SKIPPED = 20
"""Lines left out that are named one by one."""

MAX_REMEMBERED = 10_000
"""Exchanges that a retry may replace: SDKs try again within minutes. A run itself remembers fewer."""

MAX_REMEMBERED_CHARACTERS = 64 * 2**20
"""Characters of them, about."""

_CHUNK_BYTES = 2**16


def read(path: Path) -> Report:
    """The report of the run whose journal this is. Raises ConfigurationError."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigurationError(f"{path} is not a file; give the path of a journal.")
        with path.open("rb") as file:
            lines = _lines(file)
            run = _run(path, next(lines, b""))
            return _report(path, run, lines, is_under_way=is_locked(file.fileno()))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}.") from error


def _run(path: Path, first: bytes | None) -> Run:
    try:
        if first and first.startswith(MARK):
            return run_of(first)
    except UnknownVersionError as error:
        raise ConfigurationError(
            f"{path} is a journal of format {error}, which this version of cloudmock-contract does not read: "
            "use the version that wrote it, or a newer one."
        ) from error
    except LineError as error:
        raise ConfigurationError(f"{path} cannot be read: its first line is broken.") from error
    if first is not None and MARK.startswith(first):
        raise ConfigurationError(f"{path} holds nothing: its run was cut off before anything was written.")
    raise ConfigurationError(f"{path} is not a journal of cloudmock-contract.")


def _report(path: Path, run: Run, lines: Iterator[bytes | None], *, is_under_way: bool) -> Report:
    tally, problems = Tally(run), _Problems(path)
    replaceable = BoundedDict[str, Exchange](MAX_REMEMBERED, MAX_REMEMBERED_CHARACTERS, weight)
    last_end, end = run.started_at, None
    for number, line in enumerate(lines, start=2):
        if line is None:
            problems.skipped(number, f"it is longer than {MAX_LINE_BYTES >> 20} MiB")
            continue
        try:
            entry = read_line(line)
        except LineError as error:
            problems.skipped(number, str(error) if line.endswith(b"\n") else "it was cut off")
            continue
        if isinstance(entry, End):
            end = entry
            continue
        replaced = replaceable.pop(entry.instead_of, None)
        if entry.instead_of and not replaced:
            problems.replaces_none()
        exchange = tally.add(entry.exchange, instead_of=replaced)
        replaceable[exchange.id] = exchange
        last_end = max(last_end, ended_by(exchange))
    return tally.report(
        ended_at=end.ended_at if end else last_end, problems=problems.texts(end, is_under_way=is_under_way)
    )


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """The lines, each with its end; None for one that is too long."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        if len(line) <= MAX_LINE_BYTES:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(_CHUNK_BYTES)
        yield None


class _Problems:
    """What is wrong with a journal, in sentences for the report."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._skipped: list[str] = []
        self._skipped_count = 0
        self._unreplaced_count = 0

    def skipped(self, line: int, reason: str) -> None:
        """A line was left out."""
        self._skipped_count += 1
        if self._skipped_count <= MAX_SKIPPED:
            self._skipped.append(f"Line {line} of {self._path} was skipped: {reason}.")

    def replaces_none(self) -> None:
        """A retry replaces an attempt that is not known."""
        self._unreplaced_count += 1

    def texts(self, end: End | None, *, is_under_way: bool) -> Iterator[str]:
        """`end`: the journal's last line, if it has one. `is_under_way`: the run has not ended."""
        yield from self._skipped
        if self._skipped_count > MAX_SKIPPED:
            yield f"{self._skipped_count - MAX_SKIPPED} more lines of {self._path} were skipped."
        if self._unreplaced_count:
            retries = "retry" if self._unreplaced_count == 1 else "retries"
            yield f"{self._unreplaced_count} {retries} may be counted in addition to the attempt before."
        if end is None and is_under_way:
            yield f"The run that writes {self._path} is still under way: what ends later is missing."
        elif end is None:
            yield f"{self._path} has no end: its run was cut off, and what was under way then is missing."
        elif end.lost:
            yield f"{end.lost} exchanges are missing: {self._path} could not be written when they ended."
