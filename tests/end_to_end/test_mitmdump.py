"""The addon in stock mitmdump and mitmweb, as `-s addon/contract.py`."""

import contextlib
import http.client
import json
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.stand_ins import servers
from support.clients import client
from support.programs import Program, Start
from support.waiting import MAX_WAIT_SECONDS, is_open

SCRIPT = str(servers.TOP / "addon" / "contract.py")

type Between = Callable[..., Program]


@pytest.fixture
def between(start: Start, moto: servers.Server, ministack: servers.Server, tmp_path: Path) -> Between:
    """mitmdump, or mitmweb, with the addon between moto and ministack, in a home of its own."""

    def run(*arguments: str, program: str = "mitmdump") -> Program:
        sides = [f"contract_aws_endpoint={moto.url}", f"contract_cloudmock={ministack.url}"]
        options = [word for side in (*sides, f"confdir={tmp_path}") for word in ("--set", side)]
        return start("-s", SCRIPT, *options, *arguments, program=program)

    return run


def own_address() -> str | None:
    """An address of this machine that is not loopback; None if there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # sends nothing
        address: str = probe.getsockname()[0]
        return None if address.startswith("127.") else address
    return None


@contextlib.contextmanager
def taken(port: int) -> Iterator[None]:
    """The port in use on all interfaces, by us or by somebody else."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            holder.bind(("", port))
            holder.listen()
        yield


NOT_TOLD = ("--set", "contract_no_preflight=true")
"""Neither side is asked whose account it is: sts:GetCallerIdentity differs."""


def test_compares_and_reports(between: Between) -> None:
    """The bare addon forwards, compares, writes the report on Ctrl+C, and gives the exit code of its content."""
    port = servers.free_port()
    program = between("-q", "-p", str(port), *NOT_TOLD)
    program.wait_until_open(port)
    client("sts", f"http://127.0.0.1:{port}").get_caller_identity()
    program.process.send_signal(signal.SIGINT)
    ended = program.wait()

    assert (1, 1) == (ended.code, ended.report["total_requests"])
    assert "sts.GetCallerIdentity" in ended.stdout
    assert [] == ended.stderr.splitlines()


def test_listens_on_loopback_alone_by_default(between: Between) -> None:
    """Without any flag it is 127.0.0.1 and ::1 at the port of the options, and mitmproxy's own port stays closed.

    mitmproxy would start on port 8080 of all interfaces before it loads the script: that the port is in use must not
    matter, and nobody may get in.
    """
    port = servers.free_port()
    with taken(8080):
        program = between("--set", f"contract_port={port}")
        program.wait_until_open(port)
        if address := own_address():
            assert not is_open(port, address)
        program.process.send_signal(signal.SIGTERM)
        ended = program.wait()

    assert 2 == ended.code
    assert f"listening at 127.0.0.1:{port}" in ended.stdout
    assert "8080" not in ended.stdout + ended.stderr


def test_the_default_port_is_4577(between: Between) -> None:
    """With no flag at all the proxy is where the app is told to look."""
    if is_open(4577):
        pytest.skip("port 4577 is in use on this machine")
    program = between()
    program.wait_until_open(4577)
    program.process.send_signal(signal.SIGTERM)

    assert "listening at 127.0.0.1:4577" in program.wait().stdout


def test_a_mode_that_the_user_gives_is_kept_to_loopback(between: Between) -> None:
    """--mode wins over the addon's own, and still listens on no other interface."""
    port = servers.free_port()
    program = between("--mode", f"reverse:http://127.0.0.1:9@{port}")
    program.wait_until_open(port)
    if address := own_address():
        assert not is_open(port, address)
    program.process.send_signal(signal.SIGTERM)

    assert "reverse proxy to http://127.0.0.1:9 listening at 127.0.0.1" in program.wait().stdout


def test_a_busy_port_ends_the_program(between: Between) -> None:
    """A port that is in use is an error at the start, as in mitmproxy."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        ended = between("-p", str(port)).wait()

    assert 1 == ended.code
    assert f"127.0.0.1:{port}" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("contract_clodmock=http://localhost:1", "Unknown option contract_clodmock"),
        ("contract_region=no such", "--region: 'no such'"),
        ("contract_port=many", "many"),
        ("contract_cloudmock=http://localhost:1", "contract_cloudmock"),  # a second time: the fixture gives it too
        ("contract_config=/no/such.yaml", "/no/such.yaml cannot be read"),
    ],
)
def test_a_users_mistake_ends_the_program(between: Between, setting: str, says: str) -> None:
    """A mistake in an option is told at the start, without a traceback, and nothing listens."""
    ended = between("--set", setting).wait()

    assert 1 == ended.code
    assert says in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "listening" not in ended.stdout + ended.stderr


def test_saved_flows_have_the_verdict_and_no_signature(between: Between, tmp_path: Path) -> None:
    """A flow file written with -w holds the verdict, and neither signature nor key of the request."""
    port, file = servers.free_port(), tmp_path / "flows"
    program = between("-q", "-p", str(port), "-w", str(file))
    program.wait_until_open(port)
    client("sts", f"http://127.0.0.1:{port}").get_caller_identity()
    program.process.send_signal(signal.SIGINT)
    program.wait()
    saved = file.read_bytes()

    assert b"sts.GetCallerIdentity" in saved
    assert b"Signature=redacted" in saved
    assert not re.search(rb"Signature=[0-9a-f]{64}", saved)


class Web:
    """mitmweb's own interface, as its page uses it."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token

    def get(self, path: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=MAX_WAIT_SECONDS)
        connection.request("GET", path, headers={"Authorization": f"Bearer {self._token}"})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        assert 200 == response.status, text
        return json.loads(text)


@pytest.mark.parametrize("is_wrapper", [False, True])
def test_mitmweb_shows_the_verdict(
    between: Between, start: Start, moto: servers.Server, ministack: servers.Server, is_wrapper: bool
) -> None:
    """The flow list has marker and comment of a mismatch, and the view Contract has its differences."""
    port, web_port = servers.free_port(), servers.free_port()
    if is_wrapper:
        sides = ("--aws-endpoint", moto.url, "--cloudmock", ministack.url)
        program = start(*sides, "--port", str(port), "--web", "--no-preflight")
        address = program.read_until(r"127\.0\.0\.1:(\d+)/\?token=(\w+)")
        web = Web(int(address[1]), address[2])
    else:
        options = ("--no-web-open-browser", "--web-port", str(web_port), "--set", "web_password=word")
        program = between("-p", str(port), *options, *NOT_TOLD, program="mitmweb")
        web = Web(web_port, "word")
        program.wait_until_open(web_port)
    program.wait_until_open(port)
    client("sts", f"http://127.0.0.1:{port}").get_caller_identity()
    (flow,) = web.get("/flows.json")
    view = web.get(f"/flows/{flow['id']}/response/content/contract.json")
    columns = web.get("/options")["web_columns"]["value"]
    program.process.send_signal(signal.SIGINT)
    program.wait()

    assert "\N{LARGE RED CIRCLE}" == flow["marked"]
    assert flow["comment"].startswith("data sts.GetCallerIdentity Account: ")
    assert "comment" in columns
    assert view["text"].startswith("sts.GetCallerIdentity: mismatched (data)")
    assert 'Account: "123456789012" -> "000000000000"' in view["text"]
