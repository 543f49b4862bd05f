"""Where exchanges go when they have ended."""

import errno
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.reports.recorder import MAX_PROBLEMS, Recorder
from cloudmock_contract.reports.tally.report import Count, Run
from cloudmock_contract.values.difference import Difference, Kind, Severity
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.operation import Operation

_TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_RUN = Run(_TIME, "AWS", "http://localhost:4566")
_DIFFERENT = Verdict((Difference(("status",), Kind.STATUS, 200, 500),), {}, Severity.STATUS)


def exchange(name: str, verdict: Verdict = _DIFFERENT) -> Exchange:
    return Exchange(
        id=name,
        time=_TIME,
        operation=Operation("sqs", "SendMessage", "json", "sqs"),
        method="POST",
        path="/",
        aws_status=200,
        cloudmock_status=500,
        aws_seconds=0.1,
        cloudmock_seconds=0.1,
        aws_error="",
        cloudmock_error="",
        verdict=verdict,
    )


def ids(path: Path) -> list[str]:
    """The exchanges in a journal."""
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    return [line["id"] for line in lines if "id" in line]


def test_exchanges_are_counted() -> None:
    """The report is of what was added, without a journal as well."""
    recorder = Recorder(_RUN)
    recorder.open(None)
    recorder.add(exchange("1"))
    recorder.add(exchange("2", Verdict()))
    report = recorder.report()
    recorder.close()

    assert Count(2, 1) == report.count
    assert ["1"] == [mismatch.id for mismatch in report.mismatches]
    assert () == report.problems


def test_exchanges_are_written_down(tmp_path: Path) -> None:
    """Each is in the journal as soon as it was added; a second journal is not begun."""
    recorder = Recorder(_RUN)
    recorder.add(exchange("before"))
    recorder.open(tmp_path / "first")
    recorder.open(tmp_path / "second")
    recorder.add(exchange("1"))
    at_once = ids(tmp_path / "first")
    recorder.add(exchange("2"))
    recorder.close()

    assert ["1"] == at_once
    assert ["1", "2"] == ids(tmp_path / "first")
    assert not (tmp_path / "second").exists()
    assert Count(3, 0) == recorder.report().count


def test_an_attempt_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    """Of two attempts at one call the later one counts alone, in the report and in the journal."""
    first, second = exchange("1"), exchange("2", Verdict())
    recorder = Recorder(_RUN)
    recorder.open(tmp_path / "journal")
    recorder.add(first)
    recorder.add(second, first)
    recorder.close()

    assert Count(1, 1) == recorder.report().count
    assert b'"1"' in (tmp_path / "journal").read_bytes().splitlines()[2]


def test_a_long_exchange_is_written_down_as_it_is_kept(tmp_path: Path) -> None:
    """What a hostile server makes endless is truncated before it is kept, in memory and in the journal alike."""
    recorder = Recorder(_RUN)
    recorder.open(tmp_path / "journal")
    recorder.add(replace(exchange("1"), aws_error="x" * 100_000))
    recorder.close()
    (mismatch,) = recorder.report().mismatches

    assert mismatch.aws_error.endswith("… (100000 characters)")
    assert json.dumps(mismatch.aws_error).encode() in (tmp_path / "journal").read_bytes()


def test_what_is_known_of_the_run_may_change() -> None:
    """What has been counted stays when the settings become known."""
    recorder = Recorder(_RUN)
    recorder.add(exchange("1"))
    recorder.describe(replace(_RUN, aws="http://localhost:4000"))

    assert "http://localhost:4000" == recorder.run.aws
    assert ("http://localhost:4000", Count(1, 0)) == (recorder.report().run.aws, recorder.report().count)


def test_a_journal_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """The run does not start, and the message names the option."""
    with pytest.raises(ConfigurationError, match="--journal"):
        Recorder(_RUN).open(tmp_path / "no" / "such" / "directory")


def test_what_the_journal_lacks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exchange that could not be written down is counted, and the report says what is missing, and why."""

    def fail(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    recorder = Recorder(_RUN)
    recorder.open(tmp_path / "journal")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fail)
        recorder.add(exchange("1"))
    report = recorder.report()
    recorder.add(exchange("2"))
    recorder.close()

    assert Count(1, 0) == report.count
    (problem,) = report.problems
    assert f"1 exchange is not in the journal {tmp_path / 'journal'}" in problem
    assert () == recorder.report().problems
    assert ["1", "2"] == ids(tmp_path / "journal")


def test_a_problem_is_told_once() -> None:
    """What is said of a subject later takes the place of what was said before."""
    recorder = Recorder(_RUN)
    recorder.note_problem("keys", "two")
    recorder.note_problem("caller", "unknown")
    recorder.note_problem("keys", "three")

    assert ("three", "unknown") == recorder.report().problems


def test_many_problems_take_no_more_memory() -> None:
    """Beyond the bound, what is known is still brought up to date."""
    recorder = Recorder(_RUN)
    for number in range(MAX_PROBLEMS + 10):
        recorder.note_problem(str(number), "text")
    recorder.note_problem("0", "new")

    assert MAX_PROBLEMS == len(recorder.report().problems)
    assert "new" == recorder.report().problems[0]
