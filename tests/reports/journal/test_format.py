"""The lines of a journal, written and read."""

import contextlib
import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.reports.journal.format import (
    MARK,
    End,
    Entry,
    UnknownVersionError,
    ended_by,
    first_line,
    last_line,
    line_of,
    read_line,
    run_of,
)
from cloudmock_contract.reports.journal.untrusted import LineError
from cloudmock_contract.reports.tally.report import Run
from cloudmock_contract.reports.tally.truncation import MAX_DIFFERENCES, truncate
from cloudmock_contract.values.difference import Difference, Kind, SdkEffect, Severity
from cloudmock_contract.values.exchange import Exchange, Resource, Verdict

_RUN = Run(datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "AWS", "http://localhost:4566", {"cloudmock-contract": "1.2"})
_VALUE = Difference(("a",), Kind.VALUE, 1, 2)
_BUCKET = Resource("s3", "eu-west-1", "DeleteBucket", (("Bucket", "é\n\ud800"),))


def _full(exchange: Callable[..., Exchange]) -> Exchange:
    differences = (
        Difference(("Table", 0, "Name"), Kind.VALUE, {"a": [1, 2.5, None, True, "\ud800"]}, False, "a breach"),
        Difference(("b",), Kind.MISSING, "x"),
    )
    verdict = Verdict(differences, {"A in s3.*": 2}, Severity.SCHEMA, (SdkEffect.RETRY, SdkEffect.DATA))
    return exchange(
        verdict=verdict, aws_error="A: b", cloudmock_error="C", invocation_id="call", follows="root",
        not_compared="Why.", created=(replace(_BUCKET, may_be_older=True),), deleted=(_BUCKET, _BUCKET),
    )  # fmt: skip


def _changed(line: bytes, **changes: Any) -> bytes:
    return json.dumps(json.loads(line) | changes).encode()


def test_an_exchange_is_read_as_it_was_written(exchange: Callable[..., Exchange]) -> None:
    """Every member of an exchange comes back, whether it is empty or not, and so does what it takes the place of."""
    many = truncate(exchange(*[_VALUE] * (MAX_DIFFERENCES + 7)))

    for original in (exchange(), exchange(_VALUE), _full(exchange), many):
        assert Entry(original, "") == read_line(line_of(original))
        assert Entry(original, "before") == read_line(line_of(original, "before"))


def test_a_line_is_one_line_of_ascii(exchange: Callable[..., Exchange]) -> None:
    """Whatever is in it, a line has its only newline at its end, and reads the same in every encoding."""
    for line in (line_of(_full(exchange)), first_line(_RUN), last_line(End(_RUN.started_at, 1))):
        assert line.isascii()
        assert [len(line) - 1] == [position for position, byte in enumerate(line) if byte == 10]


def test_what_is_empty_takes_no_room(exchange: Callable[..., Exchange]) -> None:
    """An exchange that matched is a short line."""
    line = line_of(exchange())

    assert len(line) < 400
    assert not {"differences", "created", "instead_of", "forgiven"} & json.loads(line).keys()


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e300, 10**40])
def test_any_number_comes_back(exchange: Callable[..., Exchange], number: float) -> None:
    """Numbers that JSON does not have are kept as what they are."""
    entry = read_line(line_of(exchange(Difference(("a",), Kind.VALUE, number, 1))))

    assert isinstance(entry, Entry)
    assert repr(number) == repr(entry.exchange.verdict.differences[0].aws)


def test_the_run_is_read_as_it_was_written() -> None:
    """The first line holds the run, and its beginning says what file it is."""
    elsewhere = replace(_RUN, started_at=_RUN.started_at.astimezone(timezone(timedelta(hours=5))))

    assert _RUN == run_of(first_line(_RUN)) == run_of(first_line(elsewhere))
    assert first_line(_RUN).startswith(MARK)


def test_another_version_is_not_guessed_at() -> None:
    """A journal of another format is not read, whatever else stands in its first line."""
    with pytest.raises(UnknownVersionError, match="^2$"):
        run_of(b'{"journal": "cloudmock-contract", "version": 2, "chapters": []}\n')


def test_the_end_is_read_as_it_was_written() -> None:
    """The last line says when the run ended, and how much could not be written."""
    end = End(datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), 7)

    assert end == read_line(last_line(end))


def test_a_moment_when_both_had_replied(exchange: Callable[..., Exchange]) -> None:
    """An exchange had ended when the slower side had replied."""
    original = exchange(aws_seconds=2.5, cloudmock_seconds=30.0)

    assert original.time + timedelta(seconds=30) == ended_by(original)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None}, {"id": 1}, {"time": "yesterday"}, {"time": "2026-01-02T03:04:05"}, {"time": 5},
        {"time": "0001-01-01T00:00:00+14:00"}, {"time": "9999-12-31T23:59:59+00:00", "aws_seconds": 1000},
        {"service": []}, {"aws_status": -1}, {"aws_status": True}, {"aws_status": 1.5}, {"aws_seconds": -1},
        {"aws_seconds": math.nan}, {"aws_seconds": 1e300}, {"aws_seconds": "1"}, {"forgiven": []},
        {"forgiven": {"A": "1"}}, {"severity": "bad"}, {"severity": "data", "differences": []}, {"severity": ""},
        {"effects": ["bad"]}, {"effects": "data"}, {"effects": [[]]}, {"differences": {}}, {"differences": [1]},
        {"differences": [{"path": "a", "kind": "value"}]}, {"differences": [{"path": [1.5], "kind": "value"}]},
        {"differences": [{"path": [True], "kind": "value"}]}, {"differences": [{"path": ["a"], "kind": "bad"}]},
        {"differences": [{"path": ["a"], "kind": "value", "breach": 1}]}, {"differences_omitted": -1},
        {"created": [1]}, {"created": [[]]}, {"created": [["s3", "r", "a", False, ["b"]]]}, {"created": "abc"},
        {"created": [["s3", "r", 1, False]]}, {"created": [["s3", "r", "a"]]}, {"deleted": {}},
        {"deleted": [["s3", "r", "a", False, ["b", 1]]]},
        {"instead_of": 1}, {"ended_at": "never"}, {"ended_at": "2026-01-02T03:04:05Z", "lost": -1},
    ],
)  # fmt: skip
def test_a_line_that_is_not_what_it_should_be_is_refused(
    exchange: Callable[..., Exchange], changes: dict[str, Any]
) -> None:
    """A member of the wrong type, or a value that cannot be, makes the line one that is not read."""
    line = line_of(exchange(_VALUE))

    assert isinstance(read_line(_changed(line)), Entry)
    with pytest.raises(LineError):
        read_line(_changed(line, **changes))


_NO_LINES = [b"", b"\n", b"{", b"[]", b"1", b'"x"', b"null", b"\xff", b"\x00" * 9, b"{}", b"[" * 100_000, b"1" * 9_999]


@pytest.mark.parametrize("line", _NO_LINES, ids=range(len(_NO_LINES)))
def test_what_is_no_line_is_refused(line: bytes) -> None:
    """Whatever a file holds, it is a line of a journal or it is not."""
    for read in (read_line, run_of):
        with pytest.raises(LineError):
            read(line)


def test_a_line_that_was_cut_anywhere_is_refused(exchange: Callable[..., Exchange]) -> None:
    """No beginning of a line is taken for a line."""
    for line, read in ((line_of(_full(exchange)), read_line), (first_line(_RUN), run_of)):
        for length in range(len(line) - 1):
            with pytest.raises(LineError):
                read(line[:length])


@given(st.binary() | st.text().map(str.encode), st.integers(0, 600))
def test_anything_in_a_line_is_read_or_refused(exchange: Callable[..., Exchange], noise: bytes, position: int) -> None:
    """Whatever a line is damaged by, it is read, or LineError says that it is not one."""
    line = line_of(_full(exchange))
    for damaged in (
        noise,
        line[:position] + noise + line[position:],
        line[:position] + noise + line[position + len(noise) :],
    ):
        with contextlib.suppress(LineError):
            assert isinstance(read_line(damaged), Entry | End)
