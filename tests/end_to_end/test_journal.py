"""The journal of the wrapper as a process: what is left of a run that is ended in any way."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.stand_ins.stand_in import StandIn, reply
from support.clients import client
from support.programs import FOLDER, Program, Start
from support.waiting import wait_until

CALLS = 5

type Begin = Callable[..., tuple[Program, str]]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Where the journal is."""
    return tmp_path / "run.journal"


@pytest.fixture
def cloudmock() -> Iterator[StandIn]:
    """A CloudMock that answers the first call as AWS does, and the others otherwise."""
    with StandIn() as server:
        server.answer = lambda _request, _connection: _names("a" if len(server.received) == 1 else "b")
        yield server


@pytest.fixture
def begin(start: Start, cloudmock: StandIn, journal: Path) -> Iterator[Begin]:
    """Starts the wrapper with a journal; the program and its URL."""
    with StandIn(lambda _request, _connection: _names("a")) as aws:

        def run(*arguments: str) -> tuple[Program, str]:
            sides = ("--aws-endpoint", aws.url, "--cloudmock", cloudmock.url, "--port", "0", "--timeout", "60")
            program = start(*sides, *(arguments or ("--journal", str(journal))))
            return program, f"http://127.0.0.1:{program.listening_port()}"

        yield run


def _names(name: str) -> bytes:
    return reply(json.dumps({"TableNames": [name]}).encode(), content_type="application/x-amz-json-1.0")


def _call(url: str, times: int = CALLS) -> None:
    dynamodb = client("dynamodb", url)
    for _ in range(times):
        dynamodb.list_tables()


def _exchanges(journal: Path) -> list[dict[str, Any]]:
    """The whole lines of exchanges that are in the journal."""
    lines = journal.read_bytes().split(b"\n")[1:-1]
    return [line for line in map(json.loads, lines) if "id" in line]


def _wait_for(journal: Path, number: int) -> None:
    """Wait until so many exchanges are in the journal: they are compared after the app has its reply."""
    wait_until(lambda: len(_exchanges(journal)) >= number, journal.read_text)


def _report(journal: Path) -> tuple[int, dict[str, Any], str]:
    """The exit code, the report, and what was shown, of `cloudmock-contract report`."""
    output = journal.parent / "made.json"
    ended = subprocess.run(
        [FOLDER / "cloudmock-contract", "report", journal, "--output", output, "--cleanup", ""],
        cwd=journal.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "" == ended.stderr
    return ended.returncode, json.loads(output.read_bytes()), ended.stdout


def test_a_killed_run_has_its_report(begin: Begin, journal: Path) -> None:
    """After kill -9 every exchange that had ended is in the report that is made from the journal."""
    program, url = begin()
    _call(url)
    _wait_for(journal, CALLS)
    program.process.kill()
    ended = program.wait()
    code, report, shown = _report(journal)

    assert (-signal.SIGKILL, False) == (ended.code, ended.output.exists())
    assert (1, CALLS, 1) == (code, report["total_requests"], report["matched"])
    assert {"data": CALLS - 1} == {name: number for name, number in report["by_severity"].items() if number}
    assert [f"{journal} has no end: its run was cut off, and what was under way then is missing."] == report["problems"]
    assert f"Note: {report['problems'][0]}" in shown
    assert "1 of 5 requests matched (20.0 %)" in shown


def test_what_had_not_ended_is_not_in_it(begin: Begin, cloudmock: StandIn, journal: Path) -> None:
    """An exchange that CloudMock has not answered when the run is killed is missing, and the rest is there."""
    program, url = begin()
    _call(url, 2)
    _wait_for(journal, 2)
    cloudmock.delay = 60
    _call(url, 1)  # which has AWS's reply, and does not wait for CloudMock's
    wait_until(lambda: len(cloudmock.received) >= 3)
    program.process.kill()
    program.wait()
    code, report, _ = _report(journal)

    assert (1, 2) == (code, report["total_requests"])


def test_a_torn_last_line_costs_that_line(begin: Begin, journal: Path) -> None:
    """A journal that was cut inside its last line has all the others, and the report names the line."""
    program, url = begin()
    _call(url)
    _wait_for(journal, CALLS)
    program.process.kill()
    program.wait()
    journal.write_bytes(journal.read_bytes()[:-20])
    code, report, _ = _report(journal)

    assert (1, CALLS - 1) == (code, report["total_requests"])
    assert f"Line {CALLS + 1} of {journal} was skipped: it was cut off." == report["problems"][0]


def test_the_next_run_keeps_the_journal_of_a_killed_one(begin: Begin, journal: Path) -> None:
    """The journal of a killed run is moved away by the next run with that path, which writes one of its own."""
    program, url = begin()
    _call(url)
    _wait_for(journal, CALLS)
    program.process.kill()
    program.wait()
    before = journal.read_bytes()
    program, url = begin()
    _call(url, 2)
    program.process.send_signal(signal.SIGTERM)
    program.wait()

    earlier = journal.with_name("run.journal.1")
    assert before == earlier.read_bytes()
    assert (CALLS, 2) == (_report(earlier)[1]["total_requests"], _report(journal)[1]["total_requests"])


def test_two_runs_cannot_write_one_journal(begin: Begin, start: Start, cloudmock: StandIn, journal: Path) -> None:
    """A second run with the journal of one that is under way does not start, and says why; the first goes on."""
    program, url = begin()
    _call(url, 1)
    sides = ("--aws-endpoint", cloudmock.url, "--cloudmock", cloudmock.url, "--port", "0")
    second = start(*sides, "--journal", str(journal), "--run", f"touch {journal.parent / 'started'}").wait()
    _call(url, 1)
    program.process.send_signal(signal.SIGTERM)
    ended = program.wait()

    assert 2 == second.code
    assert f"--journal: another run writes {journal}; choose another path for this one." in second.stderr
    assert not (journal.parent / "started").exists()
    assert 2 == ended.report["total_requests"] == len(_exchanges(journal))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_comes_to_the_report_of_its_journal(
    begin: Begin, journal: Path, number: signal.Signals
) -> None:
    """A run that ends on a signal has a report, and its journal, which was asked for, comes to the same one."""
    program, url = begin()
    _call(url)
    program.process.send_signal(number)
    ended = program.wait()
    code, report, _ = _report(journal)

    assert (1, 1) == (ended.code, code)
    assert CALLS == report["total_requests"]
    durations = ended.report.pop("duration_sec"), report.pop("duration_sec")
    assert abs(durations[0] - durations[1]) < 5
    assert {**ended.report, "duration_sec": 0} == {**report, "duration_sec": 0}
    assert f"Journal: {journal}\n" in ended.stdout


def test_a_journal_that_was_not_asked_for_goes_when_the_report_is_there(begin: Begin, tmp_path: Path) -> None:
    """Without --journal there is one beside the report as long as the run goes on, and none after it."""
    program, url = begin("--cleanup", "")
    _call(url, 1)
    beside = tmp_path / "contract-report.json.journal"
    _wait_for(beside, 1)
    program.process.send_signal(signal.SIGTERM)
    ended = program.wait()

    assert 1 == ended.report["total_requests"]
    assert not beside.exists()


def test_a_report_that_cannot_be_written_is_made_later(begin: Begin, tmp_path: Path) -> None:
    """If the report's place is gone when the run ends, the message names the command that makes it, which does."""
    folder, journal = tmp_path / "gone", tmp_path / "run.journal"
    folder.mkdir()
    program, url = begin("--output", str(folder / "report.json"), "--journal", str(journal))
    _call(url, 1)
    folder.rmdir()
    program.process.send_signal(signal.SIGTERM)
    ended = program.wait()

    assert 2 == ended.code
    assert f"It can be made from the journal: cloudmock-contract report {journal}\n" in ended.stderr
    assert (0, 1) == (_report(journal)[0], _report(journal)[1]["total_requests"])
