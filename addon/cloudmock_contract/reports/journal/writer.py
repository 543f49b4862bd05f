"""The journal: a file to which each exchange is appended as it ends, so that a run that is cut off has its report too.

A line is handed to the operating system whole, in one write: what had ended is there whatever then becomes of this
process. It is not forced onto the disk before the end; a machine that loses power may lose the last seconds. The file
is locked as long as it is written. What cannot be written waits in memory, up to a bound: a full disk holds up no call.

This file does not know what is in a line, nor how lines become a report.
"""

import contextlib
import errno
import fcntl
import itertools
import logging
import os
import shlex
import stat
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.reports.journal.format import (
    MARK,
    End,
    first_line,
    last_line,
    line_of,
    read_line,
    run_of,
)
from cloudmock_contract.reports.journal.untrusted import LineError
from cloudmock_contract.reports.tally.report import Run
from cloudmock_contract.values.exchange import Exchange

logger = logging.getLogger(__name__)

MAX_WAITING_BYTES = 8 * 2**20
"""Bytes of lines that wait to be written."""

MAX_LINE_BYTES = 16 * 2**20
"""Bytes of a line; that of a truncated exchange is never longer."""

_MAX_LAST_LINE_BYTES = 4_096

_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""What a file system without locks says."""

_ATTEMPTS = 2
"""A full disk takes part of a line first, and only then says that it is full."""


class Journal:
    """The journal of one run. Belongs to the event loop: nothing here waits for more than the page cache."""

    def __init__(self, path: Path, run: Run) -> None:
        """Begin a journal; one that was cut off is kept beside it. Raises ConfigurationError."""
        self._path = path
        self._file = -1
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._is_torn = False
        """Whether the file ends in the middle of a line."""
        self._lost = 0
        self._error = ""
        """Why the last line could not be written; empty if all could be."""
        self._doubt: str | None = None
        try:
            self._file = _open(path)
            is_written = self._write(first_line(run))
        except OSError as error:
            raise ConfigurationError(f"--journal: {path} cannot be written: {error.strerror}.") from error
        if not is_written:
            os.close(self._file)
            raise ConfigurationError(f"--journal: {path} cannot be written: {self._error}.")

    @property
    def problem(self) -> str | None:
        """What is missing in the journal, as a sentence."""
        missing = self._lost + len(self._waiting)
        if not missing:
            return self._doubt
        exchanges = "exchange is" if missing == 1 else "exchanges are"
        return f"{missing} {exchanges} not in the journal {self._path}: {self._error}."

    def append(self, exchange: Exchange, instead_of: Exchange | None = None) -> None:
        """Write an exchange, after those that wait; errors of the file are not raised.

        `exchange`: truncated. `instead_of`: see `Tally.add`.
        """
        if self._file < 0:
            self._lost += 1
            self._error = self._error or "it was closed before they ended"
            return
        try:
            line = line_of(exchange, instead_of.id if instead_of else "")
        except (ValueError, RecursionError) as error:
            self._lost += 1
            self._fail(f"an exchange cannot be written as JSON ({error})")
            return
        self._waiting.append(line)
        self._waiting_bytes += len(line)
        self._write_waiting()
        while self._waiting_bytes > MAX_WAITING_BYTES:
            self._waiting_bytes -= len(self._waiting.pop())
            self._lost += 1

    def close(self) -> None:
        """Write what waits, and the end of the run, and see to it that all is on the disk. May be called again."""
        if self._file < 0:
            return
        self._write_waiting()
        if not self._waiting:
            self._write(last_line(End(datetime.now(tz=UTC), self._lost)))
        try:
            os.fsync(self._file)
        except OSError as error:
            self._doubt = f"The journal {self._path} may not be on the disk: {_reason(error)}."
        os.close(self._file)
        self._file = -1

    def _write_waiting(self) -> None:
        while self._waiting and self._write(self._waiting[0]):
            self._waiting_bytes -= len(self._waiting.popleft())

    def _write(self, line: bytes) -> bool:
        """Append a line; whether all of it was written."""
        for _ in range(_ATTEMPTS):
            newline = b"\n" if self._is_torn else b""
            try:
                written = os.write(self._file, newline + line)
            except OSError as error:
                self._fail(_reason(error))
                return False
            if written == len(newline) + len(line):
                self._is_torn = False
                return True
            self._is_torn = written > len(newline) or (self._is_torn and not written)
        self._fail("only part of a line could be written")
        return False

    def _fail(self, reason: str) -> None:
        """Remember what went wrong, and log it the first time."""
        if not self._error:
            waiting = f"up to {MAX_WAITING_BYTES >> 20} MiB of exchanges wait in memory to be written later"
            logger.warning("The journal %s cannot be written: %s; %s.", self._path, reason, waiting)
        self._error = reason


def is_complete(path: Path, run: Run) -> bool:
    """Whether the file is this run's journal, and has its end. Raises OSError."""
    with _to_read(path) as file:
        try:
            return run_of(_first(file)).started_at == run.started_at and _has_ended(file)
        except LineError:
            return False


def is_locked(file: int) -> bool:
    """Whether a run is writing the open file."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return False
    fcntl.flock(file, fcntl.LOCK_UN)
    return False


def _open(path: Path) -> int:
    """The file, empty and locked. Raises OSError and ConfigurationError."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
        try:
            _check_kind(file, path)
            _lock(file, path)
            if _is_at(path, file) and _is_free(path, file):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _check_kind(file: int, path: Path) -> None:
    if not stat.S_ISREG(os.fstat(file).st_mode):
        raise ConfigurationError(f"--journal: {path} is not a file; give a file's path.")


def _lock(file: int, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ConfigurationError(f"--journal: another run writes {path}; choose another path for this one.") from error
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        logger.warning(
            "The journal %s cannot be locked (%s): see to it that no other run writes it.", path, _reason(error)
        )


def _is_at(path: Path, file: int) -> bool:
    """Whether nobody has moved the file away before it was locked."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _is_free(path: Path, file: int) -> bool:
    """Empty the file if that loses nothing. Otherwise it is moved away, and the path has to be opened again."""
    first = _first(file)
    if not first.startswith(MARK) and not MARK.startswith(first):
        raise ConfigurationError(f"--journal: {path} exists and is not a journal; choose another path, or remove it.")
    if os.fstat(file).st_size > len(first) and not _has_ended(file):
        free = next(name for name in _names_beside(path) if not os.path.lexists(name))
        path.rename(free)
        logger.warning(
            "%s is the journal of a run that was cut off; it is kept as %s. Its report: cloudmock-contract report %s",
            path,
            free,
            shlex.quote(str(free)),
        )
        return False
    os.ftruncate(file, 0)
    return True


def _names_beside(path: Path) -> Iterator[Path]:
    return (path.with_name(f"{path.name}.{number}") for number in itertools.count(1))


def _first(file: int) -> bytes:
    """The first line, or what there is of it."""
    line, newline, _ = os.pread(file, MAX_LINE_BYTES, 0).partition(b"\n")
    return line + newline


def _has_ended(file: int) -> bool:
    start = max(0, os.fstat(file).st_size - _MAX_LAST_LINE_BYTES)
    *_, last = os.pread(file, _MAX_LAST_LINE_BYTES, start).removesuffix(b"\n").split(b"\n")
    try:
        return isinstance(read_line(last), End)
    except LineError:
        return False


@contextlib.contextmanager
def _to_read(path: Path) -> Iterator[int]:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        yield file
    finally:
        os.close(file)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
