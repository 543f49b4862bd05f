"""The command line's own logic. What it starts is tested end to end."""

import json
import re
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudmock_contract import cli
from cloudmock_contract.reports.journal.writer import Journal
from cloudmock_contract.reports.tally.report import Run
from cloudmock_contract.settings import OPTIONS
from cloudmock_contract.values.difference import Difference, Kind, Severity
from cloudmock_contract.values.exchange import Exchange, Resource, Verdict
from cloudmock_contract.values.operation import Operation

_RUN = Run(datetime(2026, 1, 2, tzinfo=UTC), "AWS", "http://localhost:4566")
_WRONG = Verdict((Difference(("a",), Kind.VALUE, 1, 2),), {}, Severity.DATA)
_BUCKET = Resource("s3", "eu-west-1", "DeleteBucket", (("Bucket", "b"),))


def _journal(path: Path, *verdicts: Verdict, **changes: Any) -> Path:
    """Write a journal of exchanges with these verdicts."""
    journal = Journal(path, _RUN)
    for number, verdict in enumerate(verdicts):
        operation = Operation("s3", "CreateBucket", "rest-xml", "s3")
        journal.append(
            Exchange(
                str(number), _RUN.started_at, operation, "PUT", "/", 200, 200, 0.5, 0.5, "", "", verdict, **changes
            )
        )
    journal.close()
    return path


def test_every_option_is_a_flag() -> None:
    """The flags are the settings' options and the program's own; what is not given is left to the options' defaults."""
    options = [option for option in OPTIONS if not option.is_switch]
    values = {option.name: option.kind.default or ("x" if option.kind.default == "" else 7) for option in options}
    arguments = [part for option in options for part in (option.flag, str(values[option.name]))]
    switches: dict[str, object] = {option.name: False for option in OPTIONS if option.is_switch}
    switches |= {"web": False, "isolate_credentials": False}

    assert switches == vars(cli._parser().parse_args([]))
    assert switches | values == vars(cli._parser().parse_args(arguments))


@pytest.mark.parametrize(
    "flag",
    [
        "--allow",
        "--allow-key",
        "--allow-region",
        "--aws-endpoint",
        "--deny",
        "--expect-account",
        "--profile",
        "--region",
    ],
)
def test_an_empty_value_is_a_mistake(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A variable that is not set in a script does not switch off what it was for."""
    with pytest.raises(SystemExit) as raised:
        cli.main([flag, ""])

    assert 2 == raised.value.code
    assert f"argument {flag}: it is empty" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--port"], ["--port", "x"], ["--nonsense"], ["--cloud", "x"], ["extra"]])
def test_a_usage_error_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake in the flags ends with exit code 2 and one line that points to --help; flags are not guessed."""
    with pytest.raises(SystemExit) as raised:
        cli.main(arguments)
    error = capsys.readouterr().err

    assert 2 == raised.value.code
    assert 1 == len(error.splitlines())
    assert "--help" in error


def test_a_configuration_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A value that cannot be used ends with exit code 2 and a line that names the flag."""
    assert 2 == cli.main(["--cloudmock", "nonsense"])
    assert capsys.readouterr().err.startswith("cloudmock-contract: --cloudmock: 'nonsense' is not an http://")


@pytest.mark.parametrize(
    ("verdicts", "flags", "expected"),
    [((Verdict(),), (), 0), ((Verdict(), _WRONG), (), 1), ((), (), 2), ((), ("--allow-empty",), 0)],
    ids=["matched", "mismatched", "empty", "empty, allowed"],
)
def test_a_report_is_made_from_a_journal(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verdicts: tuple[Verdict, ...],
    flags: tuple[str, ...],
    expected: int,
) -> None:
    """`report JOURNAL` writes the report and shows the summary as the run would have, with the run's exit code."""
    monkeypatch.chdir(tmp_path)
    path = _journal(tmp_path / "x.journal", *verdicts)
    before = path.read_bytes()

    assert expected == cli.main(["report", "x.journal", *flags])
    assert len(verdicts) == json.loads((tmp_path / "contract-report.json").read_bytes())["total_requests"]
    assert "\nReport: contract-report.json\n" in capsys.readouterr().out
    assert before == path.read_bytes()


def test_a_report_from_a_journal_goes_where_it_is_wanted(tmp_path: Path) -> None:
    """The report and the clean-up script of a journal have flags of their own, as a run has."""
    path = _journal(tmp_path / "x.journal", Verdict(), created=(_BUCKET,))
    output, script = tmp_path / "out.json", tmp_path / "clean.sh"

    assert 0 == cli.main(["report", str(path), "--output", str(output), "--cleanup", str(script)])
    assert ["b"] == [left["parameters"][0]["value"] for left in json.loads(output.read_bytes())["left_on_aws"]]
    assert 0o700 == stat.S_IMODE(script.stat().st_mode)


def test_the_journal_beside_a_report_is_not_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making a report from the journal of a run leaves that journal, also where a run would have removed it."""
    monkeypatch.chdir(tmp_path)
    path = _journal(tmp_path / "contract-report.json.journal", Verdict())

    assert 0 == cli.main(["report", path.name])
    assert path.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing"], "missing cannot be read: No such file or directory."),
        (["."], ". is not a file; give the path of a journal."),
        (["notes"], "notes is not a journal of cloudmock-contract."),
        (["x.journal", "--output", "no/out"], "--output: no/out cannot be written: No such file or directory."),
        (["x.journal", "--output", "./x.journal"], "--output: ./x.journal is the journal itself; choose another path."),
        (["x.journal", "--cleanup", "x.journal"], "--cleanup: x.journal is the journal itself; choose another path."),
    ],
)
def test_a_mistake_about_a_journal_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    """What cannot be made a report of is told in a line, with exit code 2, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    _journal(tmp_path / "x.journal", Verdict())
    (tmp_path / "notes").write_text("mine", encoding="utf-8")

    assert 2 == cli.main(["report", *arguments])
    assert f"cloudmock-contract: {says}\n" == capsys.readouterr().err
    assert {"x.journal", "notes"} == {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("arguments", [["report"], ["report", "x", "y"], ["report", "x", "--port", "1"], ["reports"]])
def test_a_usage_error_of_report_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake in the arguments of `report` points to its own help, and nothing else is taken for it."""
    with pytest.raises(SystemExit) as raised:
        cli.main(arguments)
    error = capsys.readouterr().err

    assert (2, 1) == (raised.value.code, len(error.splitlines()))
    assert ("See cloudmock-contract report --help." in error) is (arguments[0] == "report")


def test_a_command_may_be_named_report() -> None:
    """Only the first argument asks for a report; the value of a flag does not."""
    arguments = cli._parser().parse_args(["--run", "report x", "--output", "report"])

    assert ("report x", "report") == (arguments.run, arguments.output)


def test_isolated_credentials_need_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command there is nobody to give credentials to, and an app would go on with the user's own."""
    assert 2 == cli.main(["--isolate-credentials"])
    assert "--isolate-credentials: these are for the command of --run; add --run COMMAND." in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["-h"],
        ["--version"],
        ["report", "--help"],
        ["--nonsense"],
        ["--port", "x"],
        ["--region", "us_east_1"],
    ],
    ids=" ".join,
)
def test_what_starts_nothing_imports_little(arguments: list[str]) -> None:
    """Help, version and mistakes in the flags come at once: neither mitmproxy nor botocore is imported for them."""
    code = (
        "import sys\n"
        "from cloudmock_contract import cli\n"
        "try:\n"
        "    cli.main(sys.argv[1:])\n"
        "except SystemExit:\n"
        "    pass\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*names & {'mitmproxy', 'botocore', 'deepdiff', 'yaml', 'asyncio', 'ssl'}, file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)

    assert "" == run.stderr.splitlines()[-1]


def test_help_has_the_everyday_flags_first(capsys: pytest.CaptureFixture[str]) -> None:
    """--help begins with the flags that most runs need, and has every flag once."""
    with pytest.raises(SystemExit) as raised:
        cli.main(["--help"])
    text = capsys.readouterr().out
    flags = re.findall(r"^  (?:-h, )?(--[a-z-]+)", text, re.MULTILINE)

    assert 0 == raised.value.code
    assert [option.flag for option in cli.FLAGS] == flags
    assert text.index("everyday flags:") < text.index("--run COMMAND") < text.index("--cloudmock URL")
