"""The end of a run: report, summary, exit code."""

import json
import os
import stat
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloudmock_contract.reports.finish import REPORT_FORMATS, exit_code, finish, write_quietly
from cloudmock_contract.reports.journal.writer import Journal
from cloudmock_contract.reports.tally.report import Report, Run, Tally
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.difference import Difference, Kind
from cloudmock_contract.values.exchange import Exchange, Resource

_DIFFERENCES = [
    Difference(("a",), Kind.VALUE, 1, 2),
    Difference(("status",), Kind.STATUS, 200, 404),
    Difference(("aws",), Kind.FAILURE, aws="AWS is down."),
]


_TABLE = Resource("dynamodb", "eu-west-1", "DeleteTable", (("TableName", "users"),))


def _settings(output: Path | str, *, allow_empty: bool = False, **options: Path | str) -> Settings:
    return Settings.from_options({"output": output, "allow_empty": allow_empty, "cleanup": ""} | options)


def _journal(path: Path, report: Report) -> None:
    """Leave this run's journal there."""
    Journal(path, report.run).close()


@pytest.mark.parametrize("allow_empty", [False, True])
@pytest.mark.parametrize(("matched", "expected"), [(1, 0), (1000, 0)])
def test_all_matched_is_0(
    exchange: Callable[..., Exchange],
    report: Callable[..., Report],
    matched: int,
    expected: int,
    *,
    allow_empty: bool,
) -> None:
    """A run in which every request matched succeeds, whatever was forgiven."""
    outcome = report(*[exchange(forgiven={"A": 1})] * matched)

    assert expected == exit_code(outcome, allow_empty=allow_empty)


@pytest.mark.parametrize("allow_empty", [False, True])
@pytest.mark.parametrize("difference", _DIFFERENCES)
def test_a_mismatch_is_1(
    exchange: Callable[..., Exchange], report: Callable[..., Report], difference: Difference, *, allow_empty: bool
) -> None:
    """One mismatch among many matches, however mild, is enough to fail."""
    outcome = report(*[exchange()] * 1000, exchange(difference))

    expected = 1
    assert expected == exit_code(outcome, allow_empty=allow_empty)


@pytest.mark.parametrize(("allow_empty", "expected"), [(False, 2), (True, 0)])
def test_nothing_compared_is_2_unless_allowed(
    report: Callable[..., Report], expected: int, *, allow_empty: bool
) -> None:
    """A run that saw no request does not pass for a good one, unless the user said that it may."""
    assert expected == exit_code(report(), allow_empty=allow_empty)


@pytest.mark.parametrize(("allow_empty", "expected"), [(False, 2), (True, 0)])
def test_a_run_that_compared_nothing_is_an_empty_one(
    exchange: Callable[..., Exchange], report: Callable[..., Report], expected: int, *, allow_empty: bool
) -> None:
    """Requests that were not compared do not make a good run; beside one that was, they change nothing."""
    apart = [exchange(not_compared="The app left.")] * 5

    assert expected == exit_code(report(*apart), allow_empty=allow_empty)
    assert [0, 1] == [
        exit_code(report(*apart, exchange(*differences)), allow_empty=allow_empty)
        for differences in ((), _DIFFERENCES[:1])
    ]


def test_problems_do_not_change_the_exit_code(
    exchange: Callable[..., Exchange], report: Callable[..., Report], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A report in which something may be missing counts by what is in it, and says so."""
    outcome = replace(report(exchange()), problems=("3 exchanges are missing.",))

    expected = 0
    assert expected == finish(outcome, _settings(tmp_path / "out.json"))
    assert "\nNote: 3 exchanges are missing.\n" in capsys.readouterr().out


@pytest.mark.parametrize(("differences", "expected"), [([], 0), (_DIFFERENCES[:1], 1)])
def test_a_finished_run_has_report_and_summary(
    exchange: Callable[..., Exchange],
    report: Callable[..., Report],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    differences: list[Difference],
    expected: int,
) -> None:
    """The report is written, the summary and the report's path are shown, and the exit code is the content's."""
    file = tmp_path / "out.json"
    code = finish(report(exchange(*differences)), _settings(file))

    shown, complaints = capsys.readouterr()
    assert (expected, "") == (code, complaints)
    assert expected == json.loads(file.read_text(encoding="utf-8"))["mismatched"]
    assert shown.startswith(f"{1 - expected} of 1 requests matched ")
    assert shown.endswith(f"\nReport: {file}\n")


@pytest.mark.parametrize(("allow_empty", "expected"), [(False, 2), (True, 0)])
def test_an_empty_run_has_a_report_too(
    report: Callable[..., Report],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    expected: int,
    *,
    allow_empty: bool,
) -> None:
    """A run without requests leaves a report of nothing, and says that nothing was compared."""
    file = tmp_path / "out.json"

    assert expected == finish(report(), _settings(file, allow_empty=allow_empty))
    assert not json.loads(file.read_text(encoding="utf-8"))["total_requests"]
    assert "nothing was compared" in capsys.readouterr().out


def test_no_report_is_written_where_none_is_wanted(
    exchange: Callable[..., Exchange],
    report: Callable[..., Report],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With an empty path there is the summary alone."""
    monkeypatch.chdir(tmp_path)

    expected = 0
    assert expected == finish(report(exchange()), _settings(""))
    assert not list(tmp_path.iterdir())
    assert "Report:" not in capsys.readouterr().out


@pytest.mark.parametrize("differences", [[], _DIFFERENCES])
def test_a_report_that_cannot_be_written_is_2(
    exchange: Callable[..., Exchange],
    report: Callable[..., Report],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    differences: list[Difference],
) -> None:
    """If the report cannot be written, the summary is still shown, one line says why, and the code is 2."""
    file = tmp_path / "gone" / "out.json"
    code = finish(report(exchange(*differences)), _settings(file))

    shown, complaints = capsys.readouterr()
    expected = (2, f"The report could not be written to {file}: No such file or directory.\n")
    assert expected == (code, complaints)
    assert "of 1 requests matched" in shown
    assert "Report:" not in shown


def test_a_report_on_standard_output_is_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    """With /dev/stdout as its place the report alone is there, and the summary is on standard error."""
    report = Tally(Run(datetime.now(tz=UTC), aws="AWS", cloudmock="http://localhost:4566")).report()
    finish(report, Settings.from_options({"output": "/dev/stdout"}))
    shown = capfd.readouterr()

    assert json.loads(shown.out)["total_requests"] == 0
    assert "nothing was compared" in shown.err


def test_each_format_is_for_a_setting(report: Callable[..., Report]) -> None:
    """The table of formats names settings that hold the path of a file, and renders a report as text."""
    settings = _settings("out.json")

    for name, render in REPORT_FORMATS.items():
        assert isinstance(getattr(settings, name), Path)
        assert isinstance(render(report()), str)


def test_what_is_left_has_a_script(
    exchange: Callable[..., Exchange], report: Callable[..., Report], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If something is left on AWS, a script that deletes it is written for its owner to run, and is named."""
    script = tmp_path / "clean.sh"
    code = finish(report(exchange(created=(_TABLE,))), _settings("", cleanup=script))

    assert (0, 0o700) == (code, stat.S_IMODE(script.stat().st_mode))
    assert 0 == subprocess.run(["sh", "-n", script], check=False).returncode
    assert "delete-table" in script.read_text(encoding="utf-8")
    assert "--endpoint-url" not in script.read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(f"\nClean-up script: {script}\n")


def test_the_script_goes_where_the_run_went(
    exchange: Callable[..., Exchange], report: Callable[..., Report], tmp_path: Path
) -> None:
    """What was created at another endpoint than AWS's is deleted there."""
    script = tmp_path / "clean.sh"
    finish(report(exchange(created=(_TABLE,)), aws="http://moto:2"), _settings("", cleanup=script))

    assert "--endpoint-url http://moto:2 " in script.read_text(encoding="utf-8")


def test_a_script_of_an_earlier_run_is_overwritten(
    exchange: Callable[..., Exchange], report: Callable[..., Report], tmp_path: Path
) -> None:
    """A clean-up script may take the place of a clean-up script; where nothing is left, it stays."""
    script = tmp_path / "clean.sh"
    finish(report(exchange(created=(_TABLE,))), _settings("", cleanup=script))
    finish(report(exchange(created=(replace(_TABLE, region="us-east-2"),))), _settings("", cleanup=script))
    before = script.read_text(encoding="utf-8")
    finish(report(exchange()), _settings("", cleanup=script))

    assert "us-east-2" in before
    assert before == script.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["", "#!/bin/sh\n# My own.\n# cloudmock-contract\n", "cloudmock-contract", None])
def test_a_file_of_somebody_elses_is_left(
    exchange: Callable[..., Exchange],
    report: Callable[..., Report],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str | None,
) -> None:
    """What is no clean-up script is not overwritten; that is said, and the exit code is the report's."""
    script = tmp_path / "clean.sh"
    script.mkdir() if content is None else script.write_text(content, encoding="utf-8")
    code = finish(report(exchange(created=(_TABLE,))), _settings("", cleanup=script))
    shown, complaints = capsys.readouterr()

    remedy = "remove it, or choose another path with --cleanup"
    assert 0 == code
    assert f"No clean-up script was written: {script} exists and is not one; {remedy}.\n" == complaints
    assert "Clean-up script" not in shown
    assert content is None or content == script.read_text(encoding="utf-8")


def test_a_script_that_cannot_be_written_is_said(
    exchange: Callable[..., Exchange], report: Callable[..., Report], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the script cannot be written, the report tells what is left all the same."""
    script = tmp_path / "gone" / "clean.sh"
    code = finish(report(exchange(created=(_TABLE,))), _settings(tmp_path / "out.json", cleanup=script))
    shown, complaints = capsys.readouterr()

    assert (0, f"The clean-up script could not be written to {script}: No such file or directory.\n") == (
        code, complaints,
    )  # fmt: skip
    assert "1 resource was created on AWS and not deleted" in shown


def test_the_journal_goes_when_the_report_is_there(
    exchange: Callable[..., Exchange], report: Callable[..., Report], tmp_path: Path
) -> None:
    """A journal that nobody asked for is removed once everything is in the report."""
    outcome, file = report(exchange(_DIFFERENCES[0])), tmp_path / "out.json"
    _journal(tmp_path / "out.json.journal", outcome)
    finish(outcome, _settings(file))

    assert [file] == list(tmp_path.iterdir())


def test_the_journal_stays_if_it_has_more_than_the_report(
    exchange: Callable[..., Exchange], report: Callable[..., Report], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If mismatches are counted and not listed, the journal that has them stays, and is named."""
    outcome, path = replace(report(exchange(_DIFFERENCES[0])), mismatches_omitted=1), tmp_path / "out.json.journal"
    _journal(path, outcome)
    finish(outcome, _settings(tmp_path / "out.json"))

    assert path.exists()
    assert capsys.readouterr().out.endswith(f"\nJournal: {path}\n")


def test_a_journal_that_was_asked_for_stays(
    exchange: Callable[..., Exchange], report: Callable[..., Report], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A journal that the user gave a path for is the user's, and is named."""
    outcome, path = report(exchange()), tmp_path / "mine"
    _journal(path, outcome)
    finish(outcome, _settings("/dev/stdout", journal=path))

    assert path.exists()
    assert capsys.readouterr().err.endswith(f"\nJournal: {path}\n")


@pytest.mark.parametrize("kind", ["other run", "cut off", "something else"])
def test_only_the_runs_own_journal_is_removed(
    exchange: Callable[..., Exchange], report: Callable[..., Report], tmp_path: Path, kind: str
) -> None:
    """What another run has left at that path, and what is no journal, is not this run's to remove."""
    outcome, path = report(exchange()), tmp_path / "out.json.journal"
    _journal(path, replace(outcome, run=replace(outcome.run, started_at=datetime(2000, 1, 1, tzinfo=UTC))))
    if kind != "other run":
        _journal(path, outcome)
        path.write_bytes(path.read_bytes()[:-9] if kind == "cut off" else b"notes")
    before = path.read_bytes()
    finish(outcome, _settings(tmp_path / "out.json"))

    assert before == path.read_bytes()


def test_a_journal_that_cannot_be_removed_is_said(
    exchange: Callable[..., Exchange],
    report: Callable[..., Report],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If the journal has to stay although it is not needed, that is told, and costs nothing else."""
    outcome, path = report(exchange()), tmp_path / "out.json.journal"
    _journal(path, outcome)

    def refuse(_self: Path) -> None:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "unlink", refuse)
    code = finish(outcome, _settings(tmp_path / "out.json"))

    assert (0, [f"The journal {path} could not be removed: Permission denied."]) == (code, caplog.messages)


def test_a_report_that_cannot_be_written_can_be_made_later(
    exchange: Callable[..., Exchange], report: Callable[..., Report], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If the report cannot be written, its journal stays, and the message says how it is made from that."""
    outcome, path = report(exchange()), tmp_path / "my journal"
    _journal(path, outcome)
    code = finish(outcome, _settings(tmp_path / "gone" / "out.json", journal=path))
    complaints = capsys.readouterr().err

    assert 2 == code
    assert path.exists()
    assert complaints.endswith(f" It can be made from the journal: cloudmock-contract report '{path}'\n")
    assert 1 == len(complaints.splitlines())


def test_a_program_has_its_files_without_a_word(
    exchange: Callable[..., Exchange],
    report: Callable[..., Report],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """For test code the report and the script are written, and nothing is printed; without an output nothing is."""
    resource = Resource("s3", "eu-west-1", "DeleteBucket", (("Bucket", "b"),))
    outcome = report(exchange(created=(resource,)))
    write_quietly(outcome, Settings.from_options({"output": "", "cleanup": str(tmp_path / "none.sh")}))
    write_quietly(
        outcome, Settings.from_options({"output": str(tmp_path / "r.json"), "cleanup": str(tmp_path / "clean.sh")})
    )

    assert {"r.json", "clean.sh"} == {path.name for path in tmp_path.iterdir()}
    assert ("", "") == capsys.readouterr()
