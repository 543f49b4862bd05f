"""Reports from journals, whole ones and others."""

import contextlib
import itertools
import os
import re
import tempfile
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.reports.journal import reader
from cloudmock_contract.reports.journal.format import MARK, End, first_line, last_line, line_of
from cloudmock_contract.reports.journal.reader import MAX_SKIPPED, read
from cloudmock_contract.reports.journal.writer import MAX_LINE_BYTES, Journal
from cloudmock_contract.reports.tally.report import Report, Run, Tally
from cloudmock_contract.values.difference import Difference, Kind, SdkEffect, Severity
from cloudmock_contract.values.exchange import Exchange, Resource, Verdict
from cloudmock_contract.values.operation import Operation

_RUN = Run(datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "AWS", "http://localhost:4566", {"cloudmock-contract": "1.2"})
_VALUE = Difference(("a",), Kind.VALUE, 1, 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal is."""
    return tmp_path / "the.journal"


def _write(path: Path, *lines: bytes, end: bytes | None = None) -> None:
    last = last_line(End(_RUN.started_at + timedelta(minutes=1), 0)) if end is None else end
    path.write_bytes(b"".join((first_line(_RUN), *lines, last)))


def _counts(report: Report) -> tuple[int, int]:
    return report.total_requests, report.matched


def test_a_journal_is_read_as_its_run_was(path: Path, exchange: Callable[..., Exchange]) -> None:
    """The report has the run, its exchanges, and how long it took; nothing is wrong with it."""
    _write(path, line_of(exchange()), line_of(exchange(_VALUE, id="wrong")))
    report = read(path)

    assert (_RUN, (2, 1), 60.0, ()) == (report.run, _counts(report), report.seconds, report.problems)
    assert ["wrong"] == [mismatch.id for mismatch in report.mismatches]


def test_a_run_that_was_cut_off_took_as_long_as_it_had_replies(path: Path, exchange: Callable[..., Exchange]) -> None:
    """Without an end, the run went on until its last reply, and the report says that it was cut off."""
    late = exchange(time=_RUN.started_at + timedelta(seconds=100), cloudmock_seconds=7.5)
    _write(path, line_of(late), line_of(exchange()), end=b"")
    report = read(path)

    assert (107.5, (2, 2)) == (report.seconds, _counts(report))
    assert (f"{path} has no end: its run was cut off, and what was under way then is missing.",) == report.problems


def test_a_run_that_is_under_way_is_said_to_be(path: Path, exchange: Callable[..., Exchange]) -> None:
    """The journal of a run that goes on can be read, and the run can go on writing it."""
    journal = Journal(path, _RUN)
    journal.append(exchange())
    report = read(path)
    journal.append(exchange())
    journal.close()

    assert (1, 1) == _counts(report)
    assert (f"The run that writes {path} is still under way: what ends later is missing.",) == report.problems
    assert ((2, 2), ()) == (_counts(read(path)), read(path).problems)


def test_what_was_lost_is_said(path: Path, exchange: Callable[..., Exchange]) -> None:
    """Exchanges that the run could not write are missing in the report, which says how many."""
    _write(path, line_of(exchange()), end=last_line(End(_RUN.started_at, 7)))

    assert (f"7 exchanges are missing: {path} could not be written when they ended.",) == read(path).problems


def test_the_last_line_may_be_cut_anywhere(path: Path, exchange: Callable[..., Exchange]) -> None:
    """Wherever the last line was cut, the lines before it count, and the cut one is said to be skipped."""
    last = line_of(exchange(_VALUE))
    for length in range(1, len(last) - 1, 7):
        _write(path, line_of(exchange()), end=last[:length])
        report = read(path)

        assert (1, 1) == _counts(report)
        assert f"Line 3 of {path} was skipped: it was cut off." == report.problems[0]


def test_a_last_line_that_lacks_but_its_newline_counts(path: Path, exchange: Callable[..., Exchange]) -> None:
    """A line that is whole but for its end is not lost."""
    _write(path, end=line_of(exchange()).removesuffix(b"\n"))

    assert (1, 1) == _counts(read(path))


def test_a_broken_line_is_skipped_with_its_number(path: Path, exchange: Callable[..., Exchange]) -> None:
    """A line that is not what it should be does not count, and does not keep others from being read."""
    good = line_of(exchange())
    _write(path, good, b"\x00\xff\n", good, b"\n", good.replace(b"200", b"-1"), good)
    report = read(path)

    assert (3, 3) == _counts(report)
    assert (
        f"Line 3 of {path} was skipped: it is not JSON.",
        f"Line 5 of {path} was skipped: it is not JSON.",
        f"Line 6 of {path} was skipped: aws_status is less than 0.",
    ) == report.problems


def test_many_broken_lines_are_counted(path: Path) -> None:
    """Of very many broken lines the first are told, and how many more there are."""
    _write(path, *[b"x\n"] * 1_000)
    problems = read(path).problems

    assert MAX_SKIPPED + 1 == len(problems)
    assert f"{1_000 - MAX_SKIPPED} more lines of {path} were skipped." == problems[-1]


def test_a_line_without_end_is_not_taken_in(path: Path, exchange: Callable[..., Exchange]) -> None:
    """A line that is longer than any can be is passed over in little memory, and what comes after it counts."""
    _write(path, b"x" * (8 * MAX_LINE_BYTES) + b"\n", line_of(exchange()))
    tracemalloc.start()
    try:
        report = read(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (1, 1) == _counts(report)
    assert (f"Line 2 of {path} was skipped: it is longer than 16 MiB.",) == report.problems
    assert peak < 4 * MAX_LINE_BYTES


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds nothing: its run was cut off before anything was written."),
        (MARK[:5], "holds nothing: its run was cut off before anything was written."),
        (MARK, "cannot be read: its first line is broken."),
        (MARK + b'1, "run": 5}\n', "cannot be read: its first line is broken."),
        (MARK + b"2}\n", "is a journal of format 2, which this version of cloudmock-contract does not read: use"),
        (b"my notes\n", "is not a journal of cloudmock-contract."),
        (b"{}\n", "is not a journal of cloudmock-contract."),
        (b"\x00" * 2**20, "is not a journal of cloudmock-contract."),
        (b"x" * (MAX_LINE_BYTES + 5), "is not a journal of cloudmock-contract."),
    ],
    ids=["empty", "start", "mark", "broken", "newer", "text", "JSON", "binary", "huge"],
)
def test_what_is_no_journal_is_refused(path: Path, content: bytes, says: str) -> None:
    """A file from which no run can be told is a mistake of the user's, and the message says what it is."""
    path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=f"^{path} {says}"):
        read(path)


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """A missing file, a folder and a pipe are told in a line; nobody waits for a pipe."""
    os.mkfifo(tmp_path / "pipe")

    for name, says in (("missing", "cannot be read: No such file"), (".", "is not a file"), ("pipe", "is not a file")):
        with pytest.raises(ConfigurationError, match=f"^{tmp_path / name} {says}"):
            read(tmp_path / name)


def test_an_attempt_takes_the_place_of_the_one_before(path: Path, exchange: Callable[..., Exchange]) -> None:
    """Attempts at one call count once, as in the run; the place of one that is not there cannot be taken."""
    first, second, third = exchange(_VALUE, id="1"), exchange(_VALUE, id="2"), exchange(id="3")
    _write(path, line_of(first), line_of(second, "1"), line_of(third, "2"))
    assert ((1, 1), ()) == (_counts(read(path)), read(path).problems)

    _write(path, line_of(second, "1"))
    assert (1, 0) == _counts(read(path))
    assert ("1 retry may be counted in addition to the attempt before.",) == read(path).problems


def test_only_the_last_exchanges_can_be_replaced(
    path: Path, exchange: Callable[..., Exchange], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory does not grow with the journal: attempts are looked for among the last exchanges."""
    monkeypatch.setattr(reader, "MAX_REMEMBERED", 3)
    lines = [line_of(exchange(id=str(number))) for number in range(6)]
    _write(path, *lines, line_of(exchange(id="new"), "3"), line_of(exchange(id="late"), "0"))

    assert (7, 7) == _counts(read(path))


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXT | st.just("x" * 5_000),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(_TEXT, below, max_size=3),
    max_leaves=5,
)
_DIFFERENCES = st.builds(
    Difference, st.tuples(st.sampled_from("ab"), st.integers(0, 2)), st.sampled_from(Kind), _VALUES, _VALUES, _TEXT
)
_COUNTS = st.dictionaries(st.sampled_from("XYZ"), st.integers(1, 9), max_size=2)
_VERDICTS = st.builds(Verdict, st.just(()), _COUNTS) | st.builds(
    Verdict,
    st.lists(_DIFFERENCES, min_size=1, max_size=2).map(tuple),
    _COUNTS,
    st.sampled_from(Severity),
    st.lists(st.sampled_from(SdkEffect), unique=True, max_size=2).map(tuple),
)
_RESOURCES = st.lists(
    st.builds(
        Resource,
        st.sampled_from(("s3", "sqs")),
        st.just("eu-west-1"),
        st.sampled_from(("DeleteA", "")),
        st.dictionaries(st.sampled_from("AB"), st.sampled_from("12")).map(
            lambda parameters: tuple(sorted(parameters.items()))
        ),
    ),
    max_size=2,
).map(tuple)
_EXCHANGES = st.builds(
    Exchange,
    id=st.just(""),
    time=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (given there)
    operation=st.builds(Operation, st.sampled_from(("s3", "sqs")), st.sampled_from(("A", "B")) | _TEXT, _TEXT, _TEXT),
    method=_TEXT,
    path=_TEXT,
    aws_status=st.just(0) | st.integers(100, 599),
    cloudmock_status=st.just(0) | st.integers(100, 599),
    aws_seconds=st.floats(0, 1e5),
    cloudmock_seconds=st.floats(0, 1e5),
    aws_error=_TEXT,
    cloudmock_error=_TEXT,
    verdict=_VERDICTS,
    invocation_id=_TEXT,
    follows=st.just("") | st.sampled_from("0123"),
    not_compared=st.just("") | st.sampled_from(("Why.", "Because.")),
    created=_RESOURCES,
    deleted=_RESOURCES,
)
_FOLDS = st.lists(st.tuples(_EXCHANGES, st.none() | st.integers(0, 9)), max_size=9)
"""Exchanges, each with the number of the one whose place it takes, counted among those that still have theirs."""


def _pairs(steps: Sequence[tuple[Exchange, int | None]]) -> list[tuple[Exchange, Exchange | None]]:
    counted: list[Exchange] = []
    pairs: list[tuple[Exchange, Exchange | None]] = []
    for number, (exchange, position) in enumerate(steps):
        before = counted.pop(position) if position is not None and position < len(counted) else None
        counted.append(replace(exchange, id=str(number)))
        pairs.append((counted[-1], before))
    return pairs


@settings(deadline=None, max_examples=150)
@given(_FOLDS, st.booleans())
def test_the_report_is_the_same_from_the_run_and_from_its_journal(
    steps: list[tuple[Exchange, int | None]], small: bool
) -> None:
    """Whatever the exchanges, attempts at one call among them, a journal comes to the report of its run."""
    bounds = {"MAX_MISMATCHES": 2, "MAX_NOT_COMPARED": 1, "MAX_NAMES": 2} if small else {}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for name, bound in bounds.items():
            patch.setattr(f"cloudmock_contract.reports.tally.report.{name}", bound)
        tally, journal = Tally(_RUN), Journal(Path(folder) / "x", _RUN)
        for exchange, before in _pairs(steps):
            tally.add(exchange, instead_of=before)
            journal.append(exchange, before)
        journal.close()
        reread = read(Path(folder) / "x")

    expected = tally.report(ended_at=_RUN.started_at + timedelta(seconds=reread.seconds))
    assert expected == reread
    assert journal.problem is None


@given(_FOLDS)
def test_the_numbers_are_those_of_what_counts(steps: list[tuple[Exchange, int | None]]) -> None:
    """What was replaced is in no number; every other exchange is matched, mismatched, or was not compared."""
    tally, pairs = Tally(_RUN), _pairs(steps)
    for exchange, before in pairs:
        tally.add(exchange, instead_of=before)
    report = tally.report()
    replaced = {before.id for _, before in pairs if before}
    left = [exchange for exchange, _ in pairs if exchange.id not in replaced]
    compared = [exchange for exchange in left if not exchange.not_compared]
    wrong = [exchange for exchange in compared if not exchange.verdict.matched]

    assert len(compared) == report.total_requests == report.matched + report.mismatched
    assert [exchange.id for exchange in wrong] == [mismatch.id for mismatch in report.mismatches]
    assert len(left) - len(compared) == report.not_compared.total == len(report.not_compared.exchanges)
    assert report.not_compared.total == sum(report.not_compared.by_reason.values())
    assert len(wrong) == sum(report.by_severity.values())
    assert sum(not exchange.follows for exchange in wrong) == sum(cause.count for cause in report.root_causes)


@settings(max_examples=150)
@given(st.binary(), st.integers(0, 5_000), st.integers(0, 50))
def test_any_file_is_a_journal_or_is_not(
    exchange: Callable[..., Exchange], noise: bytes, position: int, gone: int
) -> None:
    """Whatever happens to a journal's bytes, it is read, or ConfigurationError says that it is none."""
    lines = (first_line(_RUN), *itertools.repeat(line_of(exchange(_VALUE)), 3), last_line(End(_RUN.started_at, 0)))
    content = b"".join(lines)
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(ConfigurationError):
        path = Path(folder) / "x"
        path.write_bytes(content[:position] + noise + content[position + gone :])
        report = read(path)

        assert report.total_requests + report.not_compared.total <= 4
        problem = re.compile(r"Line \d+ of|/.* has no end|\d+ (exchanges|retry|retries) ")
        assert all(map(problem.match, report.problems))
