"""The journal: a file to which each exchange is appended as it ends, so that a run that is cut off has its report too.

A line is handed to the operating system whole, in one write: what had ended is there whatever then becomes of this
process. It is not forced onto the disk before the end; a machine that loses power may lose the last seconds. The file
is locked as long as it is written. What cannot be written waits in memory, up to a bound: a full disk holds up no call.

This file does not know what is in a line; reading.py makes a report of them.
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
    LineError,
    first_line,
    last_line,
    line_of,
    read_line,
    run_of,
)
from cloudmock_contract.reports.tally.report import Run
from cloudmock_contract.reports.tally.truncation import excerpt
from cloudmock_contract.values.exchange import Exchange

logger = logging.getLogger(__name__)

MAX_WAITING_BYTES = 8 * 2**20
"""Bytes of lines that wait to be written."""

MAX_LINE_BYTES = 16 * 2**20
"""Bytes of a line; no excerpt is longer."""

_MAX_END_BYTES = 4_096
"""Bytes among which a last line is."""

_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""What a file system says that has no locks."""

_ATTEMPTS = 2
"""A full disk takes a part of a line first, and says only then that it is full."""


class Journal:
    """The journal of one run. Belongs to the event loop: nothing here waits but for the page cache."""

    def __init__(self, path: Path, run: Run) -> None:
        """Begin a journal; one that was cut off is kept beside it. Raises ConfigurationError."""
        self._path = path
        self._file = -1
        self._waiting: deque[bytes] = deque()
        self._waiting_size = 0
        self._is_torn = False
        """Whether the file ends in the middle of a line."""
        self._lost = 0
        self._error = self._doubt = ""
        try:
            self._file = _opened(path)
            is_written = self._write(first_line(run))
        except OSError as error:
            raise ConfigurationError(f"--journal: {path} cannot be written: {error.strerror}.") from error
        if not is_written:
            os.close(self._file)
            raise ConfigurationError(f"--journal: {path} cannot be written: {self._error}.")

    @property
    def problem(self) -> str:
        """What is not in the journal, as a sentence; empty if nothing is missing."""
        missing = self._lost + len(self._waiting)
        if not missing:
            return self._doubt
        are = "exchange is" if missing == 1 else "exchanges are"
        return f"{missing} {are} not in the journal {self._path}: {self._error}."

    def append(self, exchange: Exchange, instead_of: Exchange | None = None) -> None:
        """Write an exchange down, with those that wait. `instead_of`: see `Tally.add`. Never raises for the file."""
        if self._file < 0:
            self._lost += 1
            self._error = self._error or "it was closed before they ended"
            return
        try:
            line = line_of(excerpt(exchange), instead_of.id if instead_of else "")
        except (ValueError, RecursionError) as error:
            self._lost += 1
            self._fail(f"an exchange cannot be said in JSON ({error})")
            return
        self._waiting.append(line)
        self._waiting_size += len(line)
        self._write_waiting()
        while self._waiting_size > MAX_WAITING_BYTES:
            self._waiting_size -= len(self._waiting.pop())
            self._lost += 1

    def close(self) -> None:
        """Write what waits, and that the run has ended; have it on the disk. May be called again."""
        if self._file < 0:
            return
        self._write_waiting()
        if not self._waiting:
            self._write(last_line(End(datetime.now(tz=UTC), self._lost)))
        try:
            os.fsync(self._file)
        except OSError as error:
            self._doubt = f"It is not certain that the journal {self._path} is on the disk: {_reason(error)}."
        os.close(self._file)
        self._file = -1

    def _write_waiting(self) -> None:
        while self._waiting and self._write(self._waiting[0]):
            self._waiting_size -= len(self._waiting.popleft())

    def _write(self, line: bytes) -> bool:
        """Append a line; whether it is there whole."""
        for _ in range(_ATTEMPTS):
            before = b"\n" if self._is_torn else b""
            try:
                written = os.write(self._file, before + line)
            except OSError as error:
                self._fail(_reason(error))
                return False
            if written == len(before) + len(line):
                self._is_torn = False
                return True
            self._is_torn = written > len(before) or (self._is_torn and not written)
        self._fail("it takes no more than parts of lines")
        return False

    def _fail(self, reason: str) -> None:
        """Remember what went wrong, and log the first time that something does."""
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
    """Whether a run writes the open file."""
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


def _opened(path: Path) -> int:
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
        logger.warning("%s cannot be locked there (%s): no other run may write it.", path, _reason(error))


def _is_at(path: Path, file: int) -> bool:
    """Whether nobody has moved the file away before it was locked."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _is_free(path: Path, file: int) -> bool:
    """Make the file empty, if nothing is lost by that; else move it away: then another one is to be opened."""
    first = _first(file)
    if not first.startswith(MARK) and not MARK.startswith(first):
        raise ConfigurationError(f"--journal: {path} is a file of something else; choose another path, or remove it.")
    if os.fstat(file).st_size > len(first) and not _has_ended(file):
        kept = next(kept for kept in _names_beside(path) if not os.path.lexists(kept))
        path.rename(kept)
        logger.warning(
            "%s is of a run that was cut off, and is kept as %s. Its report: cloudmock-contract report %s",
            path,
            kept,
            shlex.quote(str(kept)),
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
    length = os.fstat(file).st_size
    *_, last = os.pread(file, _MAX_END_BYTES, max(0, length - _MAX_END_BYTES)).removesuffix(b"\n").split(b"\n")
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
