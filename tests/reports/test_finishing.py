"""The end of a run: report, summary, exit code."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloudmock_contract.exchange import Difference, Exchange, Kind
from cloudmock_contract.reports.finishing import exit_code, finish
from cloudmock_contract.reports.model import Report, Run, Tally
from cloudmock_contract.settings import Settings

_DIFFERENCES = [
    Difference(("a",), Kind.VALUE, 1, 2),
    Difference(("status",), Kind.STATUS, 200, 404),
    Difference(("aws",), Kind.FAILURE, aws="AWS is down."),
]


def _settings(output: Path | str, *, allow_empty: bool = False) -> Settings:
    return Settings.from_options({"output": output, "allow_empty": allow_empty})


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
    made = report(*[exchange(forgiven={"A": 1})] * matched)

    assert expected == exit_code(made, allow_empty=allow_empty)


@pytest.mark.parametrize("allow_empty", [False, True])
@pytest.mark.parametrize("difference", _DIFFERENCES)
def test_a_mismatch_is_1(
    exchange: Callable[..., Exchange], report: Callable[..., Report], difference: Difference, *, allow_empty: bool
) -> None:
    """One mismatch among many matches, however mild, is enough to fail."""
    made = report(*[exchange()] * 1000, exchange(difference))

    expected = 1
    assert expected == exit_code(made, allow_empty=allow_empty)


@pytest.mark.parametrize(("allow_empty", "expected"), [(False, 2), (True, 0)])
def test_nothing_compared_is_2_unless_allowed(
    report: Callable[..., Report], expected: int, *, allow_empty: bool
) -> None:
    """A run that saw no request does not pass for a good one, unless the user said that it may."""
    assert expected == exit_code(report(), allow_empty=allow_empty)


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
    said = capfd.readouterr()

    assert json.loads(said.out)["total_requests"] == 0
    assert "nothing was compared" in said.err
