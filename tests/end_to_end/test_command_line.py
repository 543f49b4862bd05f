"""The wrapper as a process, between real emulators."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.stand_ins import servers
from support.clients import client
from support.programs import WORKLOAD, Program, Start
from support.waiting import wait_until

type Between = Callable[..., Program]

READ_ONLY = (
    f'{sys.executable} -c "import boto3;'
    "s=boto3.Session('demo','demo',region_name='us-east-1');"
    "s.client('dynamodb').list_tables();s.client('s3').list_buckets();s.client('iam').list_users();"
    "s.client('sqs').list_queues();s.client('ec2').describe_vpcs();s.client('lambda').list_functions()\""
)


def test_a_workload_over_many_services_is_compared(between: Between) -> None:
    """Every call of a boto3 program over more than ten services is counted, and mismatches give exit code 1."""
    ended = between("--run", WORKLOAD).wait()
    calls_made = re.search(r"(\d+) calls made", ended.stdout)

    assert calls_made
    assert 1 == ended.code
    assert int(calls_made[1]) == ended.report["total_requests"] == ended.report["matched"] + ended.report["mismatched"]
    assert len(ended.report["by_service"]) > 10
    assert not [entry for entry in ended.report["mismatches"] if entry["severity"] == "error"]
    assert all(re.fullmatch(r"[A-Z]\w+", entry["action"]) for entry in ended.report["mismatches"])


def test_the_same_server_on_both_sides_matches(start: Start, moto: servers.Server) -> None:
    """A program that only reads, with one moto as both sides, matches in everything: exit code 0."""
    ended = start("--aws-endpoint", moto.url, "--cloudmock", moto.url, "--port", "0", "--run", READ_ONLY).wait()

    assert (0, []) == (ended.code, ended.report["mismatches"]), ended.stdout + ended.stderr
    assert (6, 6, 100.0) == (
        ended.report["total_requests"],
        ended.report["matched"],
        ended.report["compatibility_pct"],
    )


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--run", "exit 0"), 2, "nothing was compared"),
        (("--run", "exit 0", "--allow-empty"), 0, "nothing was compared"),
        (("--run", "exit 7"), 1, "the command failed with exit code 7"),
        (("--run", "kill -9 $$"), 1, "the command was ended by SIGKILL"),
        (("--run", "no-such-program"), 1, "the command failed with exit code 127"),
    ],
)
def test_exit_codes_without_requests(between: Between, arguments: tuple[str, ...], code: int, says: str) -> None:
    """Nothing compared is 2, unless that is allowed; a command that failed outranks it with 1."""
    ended = between(*arguments).wait()

    assert code == ended.code
    assert says in ended.stdout + ended.stderr
    assert 0 == ended.report["total_requests"]


def test_a_failed_command_outranks_matches(start: Start, moto: servers.Server) -> None:
    """All matched, but the command failed: exit code 1, and the command's own code is told."""
    sides = ("--aws-endpoint", moto.url, "--cloudmock", moto.url, "--port", "0")
    ended = start(*sides, "--run", f"{READ_ONLY}; exit 3").wait()

    assert (1, 0) == (ended.code, ended.report["mismatched"])
    assert "exit code 3" in ended.stderr


def test_the_command_has_the_environment_and_the_terminal(between: Between) -> None:
    """The child finds the proxy in its environment; its output and standard error are passed on as they come."""
    ended = between("--run", 'echo "$AWS_ENDPOINT_URL $AWS_ENDPOINT_URL_S3"; env | grep INJECTION >&2').wait()
    port = re.search(r"localhost:(\d+)", ended.stdout)

    assert port
    assert f"http://localhost:{port[1]} http://127.0.0.1:{port[1]}\n" in ended.stdout
    assert "AWS_DISABLE_HOST_PREFIX_INJECTION=true\n" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_a_report(between: Between, number: signal.Signals) -> None:
    """Ctrl+C and SIGTERM write the report of what has been compared, and the exit code follows from it."""
    program = between()
    port = program.listening_port()
    client("dynamodb", f"http://127.0.0.1:{port}").list_tables()
    program.process.send_signal(number)
    ended = program.wait()

    assert 1 == ended.report["total_requests"]
    assert ended.report["mismatched"] == ended.code
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_the_command(between: Between, number: signal.Signals) -> None:
    """The command and what it has started get the signal; the report is written after they have ended."""
    child = f"{sys.executable} -c \"import time;print('up',flush=True);time.sleep(60)\"; echo never"
    program = between("--run", child)
    program.read_until("up", stdout=True)
    program.process.send_signal(number)
    ended = program.wait()

    assert 1 == ended.code
    assert 0 == ended.report["total_requests"]


def test_a_command_that_ignores_signals_is_killed_by_the_second(between: Between) -> None:
    """A command that does not end on Ctrl+C ends on the second one."""
    program = between("--run", "trap '' INT; echo up; while :; do sleep 1; done")
    program.read_until("up", stdout=True)
    program.process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert program.process.poll() is None
    program.process.send_signal(signal.SIGINT)

    assert "SIGKILL" in program.wait().stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--nonsense",), "unrecognized arguments: --nonsense"),
        (("--cloud", "http://localhost:1"), "unrecognized arguments: --cloud"),
        (("--port", "many"), "--port"),
        (("--port", "70000"), "--port: 70000 is not a port number"),
        (("--cloudmock", "localhost:4566"), "--cloudmock: 'localhost:4566' is not an http:// or https:// URL"),
        (("--cloudmock", "http://127.0.0.1:1"), "--cloudmock: nothing answers at http://127.0.0.1:1"),
        (("--aws-endpoint", "ftp://x"), "--aws-endpoint: 'ftp://x' is not"),
        (("--output", "/no/such/folder/report.json"), "--output: /no/such/folder/report.json cannot be written"),
        (("--output", "/"), "--output: / is a directory"),
        (("--config", "/no/such/rules.yaml"), "--config: /no/such/rules.yaml cannot be read"),
        (("--ignore-paths", "a..b"), "--ignore-paths: 'a..b'"),
        (("--region", "no such"), "--region: 'no such'"),
        (("--host", "no such host"), "--host: 'no such host'"),
        (("--timeout", "0"), "--timeout"),
    ],
)
def test_a_users_mistake_is_one_line_before_the_command(
    between: Between, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    """A mistake is told in a line or two that name the option, with exit code 2, and the command is not started."""
    ended = between("--run", f"touch {tmp_path / 'started'}", *arguments).wait()

    assert 2 == ended.code
    assert says in ended.stderr
    assert len(ended.stderr.splitlines()) <= 2
    assert not (tmp_path / "started").exists()


def test_a_busy_port_is_named(between: Between, tmp_path: Path) -> None:
    """A port that somebody else listens on is told with its option, before the command starts."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = between("--port", str(port), "--run", f"touch {tmp_path / 'started'}").wait()

    assert 2 == ended.code
    assert f"--port: 127.0.0.1:{port} cannot be listened on (Address already in use)" in ended.stderr
    assert not (tmp_path / "started").exists()


def test_a_bad_rule_is_told_with_file_and_line(between: Between, tmp_path: Path) -> None:
    """A mistake in a rules file is named with its line."""
    rules = tmp_path / "rules.yaml"
    rules.write_text("ignore:\n  - RequestId\n  - {path: X, until: 2001-01-01}\n", encoding="utf-8")
    ended = between("--config", str(rules), "--run", "true").wait()

    assert 2 == ended.code
    assert f"--config: {rules}, line 3: the rule for X expired on 2001-01-01" in ended.stderr


def test_cloudmock_killed_in_the_middle(start: Start, moto: servers.Server, tmp_path: Path) -> None:
    """The app gets all its answers from AWS; the exchanges after CloudMock's end are errors."""
    with servers.moto() as cloudmock:
        program = start("--aws-endpoint", moto.url, "--cloudmock", cloudmock.url, "--port", "0")
        sts = client("sts", f"http://127.0.0.1:{program.listening_port()}")
        sts.get_caller_identity()
        journal = tmp_path / "contract-report.json.journal"
        wait_until(lambda: len(journal.read_bytes().splitlines()) >= 2)  # the app does not wait for CloudMock
        cloudmock.stop(signal.SIGKILL)
        for _ in range(3):
            assert "Account" in sts.get_caller_identity()
        program.process.send_signal(signal.SIGINT)
        report = program.wait().report

    assert (4, 1, 3) == (report["total_requests"], report["matched"], report["by_severity"]["error"])
    assert all("CloudMock" in entry["diffs"][0] for entry in report["mismatches"])


def test_aws_down(start: Start, ministack: servers.Server) -> None:
    """With AWS out of reach the app's SDK raises an error with code and message, and the run is an error."""
    gone = f"http://127.0.0.1:{servers.free_port()}"
    program = start("--aws-endpoint", gone, "--cloudmock", ministack.url, "--port", "0")
    dynamodb = client("dynamodb", f"http://127.0.0.1:{program.listening_port()}")
    with pytest.raises(dynamodb.exceptions.ClientError, match="AWSUnreachable.*AWS gave no reply"):
        dynamodb.list_tables()
    program.process.send_signal(signal.SIGINT)
    ended = program.wait()

    assert 1 == ended.code
    assert {"error": 1} == {name: number for name, number in ended.report["by_severity"].items() if number}


def test_no_credentials_for_aws_itself(start: Start, ministack: servers.Server) -> None:
    """Comparing with AWS without credentials is a mistake that is told with the remedy."""
    ended = start("--cloudmock", ministack.url, "--port", "0", "--run", "true").wait()

    assert 2 == ended.code
    assert "No AWS credentials found. Set AWS_PROFILE or AWS_ACCESS_KEY_ID" in ended.stderr


def test_no_secret_of_the_run_is_in_its_report(start: Start, moto: servers.Server, ministack: servers.Server) -> None:
    """Neither the user's credentials nor a secret that the services answered with is in the report or the output."""
    program = start(
        "--aws-endpoint", moto.url, "--cloudmock", ministack.url, "--port", "0", "--run", WORKLOAD,
        environment={"AWS_ACCESS_KEY_ID": "AKIACANARY", "AWS_SECRET_ACCESS_KEY": "canary-secret",
                     "AWS_SESSION_TOKEN": "canary-token"},
    )  # fmt: skip
    ended = program.wait()
    everything = ended.stdout + ended.stderr + ended.output.read_text(encoding="utf-8")

    assert ended.report["total_requests"] > 40
    assert not [
        secret for secret in ("AKIACANARY", "canary-secret", "canary-token", "correct horse") if secret in everything
    ]


def test_help_and_version_name_every_flag() -> None:
    """--help lists all the flags, in a process that starts nothing."""
    run = subprocess.run(
        [sys.executable, "-m", "cloudmock_contract.cli", "--help"], capture_output=True, text=True, check=True
    )
    flags = ("--cloudmock", "--region", "--port", "--output", "--ignore-paths", "--run", "--aws-endpoint", "--config")

    assert all(flag in run.stdout for flag in (*flags, "--strict", "--web", "--allow-empty", "--version"))
