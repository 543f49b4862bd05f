"""The file to which exchanges are appended as they end."""

import contextlib
import errno
import fcntl
import json
import logging
import os
import resource
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.reports.journal import writer
from cloudmock_contract.reports.journal.format import MARK, line_of
from cloudmock_contract.reports.journal.writer import Journal, is_complete
from cloudmock_contract.reports.tally.report import Run
from cloudmock_contract.values.difference import Difference, Kind
from cloudmock_contract.values.exchange import Exchange

_RUN = Run(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "AWS", "http://localhost:4566")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal is to be."""
    return tmp_path / "the.journal"


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def _ids(path: Path) -> list[str]:
    return [line["id"] for line in _lines(path) if "id" in line]


@contextlib.contextmanager
def _room_for(number: int) -> Iterator[None]:
    """Files cannot grow beyond so many bytes meanwhile, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (number, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _cut_off(path: Path, *exchanges: Exchange) -> None:
    """Leave a journal as a killed run does."""
    journal = Journal(path, _RUN)
    for exchange in exchanges:
        journal.append(exchange)
    os.close(journal._file)


def test_a_journal_has_a_line_for_each_exchange(path: Path, exchange: Callable[..., Exchange]) -> None:
    """The run comes first, then each exchange in a line as it ends, then the end; the file is its owner's alone."""
    journal = Journal(path, _RUN)
    started = _lines(path)
    first, second = exchange(id="1"), exchange(Difference(("a",), Kind.VALUE, 1, 2), id="2")
    journal.append(first)
    assert 2 == len(_lines(path))
    journal.append(second, first)
    journal.close()

    assert ["AWS"] == [line["run"]["aws"] for line in started]
    assert [(None, None), ("1", None), ("2", "1"), (None, None)] == [
        (line.get("id"), line.get("instead_of")) for line in _lines(path)
    ]
    assert 0 == _lines(path)[-1]["lost"]
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert journal.problem is None


def test_a_closed_journal_stays_as_it_is(path: Path, exchange: Callable[..., Exchange]) -> None:
    """Closing again does nothing, and what ends after it is said to be missing."""
    journal = Journal(path, _RUN)
    journal.close()
    before = path.read_bytes()
    journal.close()
    assert journal.problem is None
    journal.append(exchange())

    assert before == path.read_bytes()
    assert f"1 exchange is not in the journal {path}: it was closed before they ended." == journal.problem


def test_a_disk_that_fails_at_the_end_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the system cannot promise that the journal is on the disk, the report says so."""

    def fail(_file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    journal = Journal(path, _RUN)
    journal.close()

    assert f"The journal {path} may not be on the disk: Input/output error." == journal.problem


def test_each_line_is_one_write(path: Path, exchange: Callable[..., Exchange], monkeypatch: pytest.MonkeyPatch) -> None:
    """A line reaches the operating system whole: no moment leaves half of it in this process."""
    journal = Journal(path, _RUN)
    writes: list[bytes] = []
    write = os.write

    def record(file: int, data: bytes) -> int:
        writes.append(data)
        return write(file, data)

    monkeypatch.setattr(os, "write", record)
    long = exchange(id="1", path="/" + "x" * 3_000)
    journal.append(long)

    assert [line_of(long)] == writes


def test_the_file_is_not_for_children(path: Path) -> None:
    """A command that the run starts does not inherit the file, and with it the lock."""
    journal = Journal(path, _RUN)

    assert fcntl.fcntl(journal._file, fcntl.F_GETFD) & fcntl.FD_CLOEXEC
    journal.close()


def test_two_runs_do_not_write_one_journal(path: Path, exchange: Callable[..., Exchange]) -> None:
    """As long as one run writes the journal another one does not start; then it may."""
    first = Journal(path, _RUN)
    first.append(exchange())
    before = path.read_bytes()

    with pytest.raises(ConfigurationError, match=f"^--journal: another run writes {path}; choose another path"):
        Journal(path, _RUN)
    assert before == path.read_bytes()
    first.close()
    Journal(path, _RUN).close()
    assert [] == _ids(path)


def test_a_journal_that_ended_well_is_overwritten(path: Path, exchange: Callable[..., Exchange]) -> None:
    """The journal of a run that came to its end is in nobody's way, also if its last newline is gone."""
    journal = Journal(path, _RUN)
    journal.append(exchange(id="old"))
    journal.close()
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    next_journal = Journal(path, _RUN)
    next_journal.append(exchange(id="new"))
    next_journal.close()

    assert ["new"] == _ids(path)
    assert [path] == list(path.parent.iterdir())


@pytest.mark.parametrize("torn", [b"", b'{"id": "1', b"\n\n", b"\x00" * 5_000])
def test_a_journal_that_was_cut_off_is_kept(
    path: Path, exchange: Callable[..., Exchange], caplog: pytest.LogCaptureFixture, torn: bytes
) -> None:
    """What a killed run left is moved to the next free name, and a line says where, and how it becomes a report."""
    (path.parent / "the.journal.1").write_text("somebody's", encoding="utf-8")
    _cut_off(path, exchange(id="old"))
    with path.open("ab") as file:
        file.write(torn)
    left = path.read_bytes()
    journal = Journal(path, _RUN)
    journal.append(exchange(id="new"))
    journal.close()

    moved = path.parent / "the.journal.2"
    assert (left, ["new"]) == (moved.read_bytes(), _ids(path))
    assert 3 == len(list(path.parent.iterdir()))
    (message,) = caplog.messages
    assert message.endswith(f"is kept as {moved}. Its report: cloudmock-contract report {moved}")


@pytest.mark.parametrize(
    "content", [b"", MARK, MARK[:9], MARK + b"1, ", None], ids=["empty", "mark", "9", "torn", "run"]
)
def test_a_run_without_exchanges_leaves_nothing_to_keep(path: Path, content: bytes | None) -> None:
    """A journal that was cut off before its first exchange is overwritten."""
    _cut_off(path) if content is None else path.write_bytes(content)
    Journal(path, _RUN).close()

    assert [path] == list(path.parent.iterdir())
    assert is_complete(path, _RUN)


@pytest.mark.parametrize("content", [b"my notes", b"\n", b"{}\n", b"\x00", b'{"journal": "other"}\n'])
def test_a_file_of_something_else_is_not_touched(path: Path, content: bytes) -> None:
    """A file that is no journal stays as it is, and the run does not start."""
    path.write_bytes(content)

    with pytest.raises(ConfigurationError, match="^--journal: .* exists and is not a journal; choose another path"):
        Journal(path, _RUN)
    assert [(path, content)] == [(file, file.read_bytes()) for file in path.parent.iterdir()]


def test_a_journal_of_another_version_is_kept(path: Path) -> None:
    """What a newer version wrote is moved away and not overwritten."""
    content = MARK + b'2, "chapters": []}\n{"chapter": 1}\n'
    path.write_bytes(content)
    Journal(path, _RUN).close()

    assert content == (path.parent / "the.journal.1").read_bytes()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, a pipe, a device, or a place below a missing folder is refused, and nobody waits for a pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    for location, says in (
        (pipe, "not a file"),
        (Path("/dev/null"), "not a file"),
        (tmp_path, "cannot be written: Is a"),
    ):
        with pytest.raises(ConfigurationError, match=f"^--journal: {location} .*{says}"):
            Journal(location, _RUN)
    with pytest.raises(ConfigurationError, match=r"cannot be written: No such file or directory\.$"):
        Journal(tmp_path / "missing" / "x", _RUN)


def test_a_file_that_is_moved_away_at_the_last_moment_is_not_written(
    path: Path, exchange: Callable[..., Exchange], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If another run moves the file between its being opened and locked, the one that is at the path then is taken."""
    _cut_off(path, exchange(id="old"))
    lock = writer._lock
    moves = iter([lambda: path.rename(path.parent / "moved")])

    def late(file: int, of: Path) -> None:
        next(moves, lambda: None)()
        lock(file, of)

    monkeypatch.setattr(writer, "_lock", late)
    Journal(path, _RUN).close()

    assert (["old"], []) == (_ids(path.parent / "moved"), _ids(path))


def test_where_files_cannot_be_locked_there_is_a_journal(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A file system without locks is no reason to do without a journal."""

    def refuse(_file: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    Journal(path, _RUN).close()

    assert is_complete(path, _RUN)
    assert "cannot be locked (No locks available)" in caplog.text


def test_a_full_disk_costs_nothing_if_there_is_room_later(
    path: Path, exchange: Callable[..., Exchange], caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be written waits, is written in its order when there is room, and is whole; it is logged once."""
    journal = Journal(path, _RUN)
    journal.append(exchange(id="0"))
    with _room_for(path.stat().st_size + 50):
        for number in range(1, 4):
            journal.append(exchange(id=str(number)))
        assert journal.problem == f"3 exchanges are not in the journal {path}: File too large."
    journal.append(exchange(id="4"))

    assert journal.problem is None
    journal.close()
    torn = [line for line in path.read_bytes().splitlines() if not line.endswith(b"}")]
    whole = [json.loads(line) for line in path.read_bytes().splitlines() if line.endswith(b"}")]
    assert [50] == [len(line) for line in torn]
    assert ["0", "1", "2", "3", "4"] == [line["id"] for line in whole if "id" in line]
    assert whole[-1]["lost"] == 0
    assert 1 == len(caplog.messages)
    assert "cannot be written: File too large; up to 8 MiB of exchanges wait in memory" in caplog.text


def test_room_that_comes_at_the_end_is_enough(path: Path, exchange: Callable[..., Exchange]) -> None:
    """What still waits when the run ends is written then."""
    journal = Journal(path, _RUN)
    with _room_for(path.stat().st_size):
        journal.append(exchange(id="1"))
    journal.close()

    assert (["1"], None, True) == (_ids(path), journal.problem, is_complete(path, _RUN))


def test_a_disk_that_stays_full_is_said(path: Path, exchange: Callable[..., Exchange]) -> None:
    """If there is no room to the end, it is said how many exchanges are missing, and the journal has no end."""
    journal = Journal(path, _RUN)
    with _room_for(path.stat().st_size):
        journal.append(exchange(id="1"))
        journal.close()

    assert f"1 exchange is not in the journal {path}: File too large." == journal.problem
    assert not is_complete(path, _RUN)


def test_memory_for_what_waits_is_bounded(
    path: Path, exchange: Callable[..., Exchange], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound the latest exchanges are lost, counted, and the end of the journal says how many."""
    monkeypatch.setattr(writer, "MAX_WAITING_BYTES", 3 * len(line_of(exchange(id="0"))))
    journal = Journal(path, _RUN)
    with _room_for(path.stat().st_size):
        for number in range(9):
            journal.append(exchange(id=str(number)))
    journal.close()

    assert ["0", "1", "2"] == _ids(path)
    assert 6 == _lines(path)[-1]["lost"]
    assert journal.problem is not None
    assert journal.problem.startswith("6 exchanges are not in the journal")


def test_a_journal_that_cannot_be_begun_does_not_start_the_run(path: Path) -> None:
    """If not even the first line can be written, the user is told before any call is made."""
    with (
        _room_for(10),
        pytest.raises(ConfigurationError, match=r"^--journal: .* cannot be written: File too large\.$"),
    ):
        Journal(path, _RUN)
    Journal(path, _RUN).close()

    assert is_complete(path, _RUN)


def test_what_cannot_be_said_is_counted(path: Path, exchange: Callable[..., Exchange]) -> None:
    """An exchange that JSON cannot say is missing, and is said to be; the run goes on."""
    journal = Journal(path, _RUN)
    endless: list[object] = []
    endless.append({"a": 10**5_000})
    journal.append(exchange(Difference(("a",), Kind.VALUE, endless, 1), id="1"))
    journal.append(exchange(id="2"))
    journal.close()

    assert ["2"] == _ids(path)
    assert journal.problem is not None
    assert journal.problem.startswith("1 exchange is not in the journal")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda content: content, True),
        (lambda content: content.splitlines(keepends=True)[0], False),
        (lambda content: content[:-5], False),
        (lambda content: b"x" + content, False),
        (lambda _: b"", False),
    ],
    ids=["whole", "first line", "torn", "other", "empty"],
)
def test_only_a_whole_journal_is_complete(
    path: Path, exchange: Callable[..., Exchange], change: Callable[[bytes], bytes], *, expected: bool
) -> None:
    """A journal is complete if it is of this run and has its end; that of another run is somebody else's."""
    journal = Journal(path, _RUN)
    journal.append(exchange())
    journal.close()
    path.write_bytes(change(path.read_bytes()))

    assert expected is is_complete(path, _RUN)
    assert not is_complete(path, replace(_RUN, started_at=_RUN.started_at + timedelta(microseconds=1)))


def test_appending_takes_no_time(path: Path, exchange: Callable[..., Exchange]) -> None:
    """The event loop is held up for well below a tenth of a millisecond by an exchange that matched."""
    journal = Journal(path, _RUN)
    matched = exchange(invocation_id="x" * 36)
    rounds = []
    for _ in range(20):
        started = time.perf_counter()
        for _ in range(100):
            journal.append(matched)
        rounds.append(time.perf_counter() - started)
    journal.close()

    logging.getLogger(__name__).info("%.1f µs for an exchange", min(rounds) * 1e4)
    assert min(rounds) / 100 < 100e-6
