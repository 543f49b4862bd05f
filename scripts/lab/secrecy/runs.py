"""Runs of the proxy, each started as a user starts it, between two servers that answer as an attempt says.

A run makes all attempts one after the other and then gives up everything that it has written, shown and sent. Knows
programs and their options; does not know what a secret is.
"""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.aws_verifier.signatures import Key
from lab.secrecy.attempts import Attempt
from lab.stand_ins import servers
from lab.stand_ins.stand_in import Connection, Received, StandIn
from lab.stand_ins.verifying_server import VerifyingServer

SCRIPT = servers.TOP / "addon" / "contract.py"
FOLDER = Path(sys.executable).parent
WEB_PASSWORD = "word"
TIMEOUT_SECONDS = 2
"""How long CloudMock may take to reply."""

MAX_WAIT_SECONDS = 60.0
"""How long the program may take to start, to end, and to show what it has: the machine may have other things to do."""

_IN_TEST_CODE = """
import logging, sys
from cloudmock_contract import ContractProxy
logging.basicConfig(level=logging.DEBUG)
aws, cloudmock, folder, port = sys.argv[1:]
proxy = ContractProxy(
    aws_endpoint=aws, cloudmock=cloudmock, timeout=2, output=f"{folder}/report.json", journal=f"{folder}/journal",
    cleanup=f"{folder}/clean-up", port=int(port),
)
with proxy:
    try:
        sys.stdin.read()
    except KeyboardInterrupt:
        print(proxy.report())
"""

_DEFECTS = """
import functools, importlib.abc, importlib.util, sys

# Each by its module, the name of what is to fail, and which argument says for which call.
TARGETS = {
    "cloudmock_contract.comparison.comparison": (("Comparison.compare", 1),),
    "cloudmock_contract.proxy.sides.aws_side": (
        ("AwsSide.identify", 1), ("AwsSide.sign", 1), ("AwsSide.learn", 1), ("AwsSide.learns_time", 1),
    ),
    "cloudmock_contract.aws.documents.substitution": (("substituted", 0),),
    "cloudmock_contract.aws.signing.signature_redaction": (("redact_request", 0),),
}


def failing(function, place, index):
    @functools.wraps(function)
    def fails(*arguments, **named):
        about = arguments[index] if len(arguments) > index else None
        request = getattr(about, "request", about)
        headers = getattr(request, "headers", None)
        if headers is not None and headers.get("x-canary-defect") == place:
            int("; ".join(": ".join(pair) for pair in headers.fields))  # a ValueError that quotes what it was given
        return function(*arguments, **named)

    return fails


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name not in TARGETS:
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            for dotted, index in TARGETS[name]:
                holder, _, last = dotted.rpartition(".")
                owner = getattr(module, holder) if holder else module
                setattr(owner, last, failing(getattr(owner, last), last, index))

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Finder())
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a run has left behind."""

    artefacts: Mapping[str, bytes]
    """By the names of `attempts.ARTEFACTS`; those that the run has not made are not there."""
    code: int | None
    """None: it had to be killed."""


@dataclass(slots=True)
class _Sides:
    """Answers as the attempt under way says."""

    attempt: Attempt | None = None

    def aws(self, request: Received, connection: Connection) -> bytes:
        assert self.attempt
        return self.attempt.aws(request, connection)

    def cloudmock(self, request: Received, connection: Connection) -> bytes:
        assert self.attempt
        return self.attempt.cloudmock(request, connection)


type Way = Callable[[str, str, Path, int, int], list[str]]
"""The command of a run: from AWS's URL, CloudMock's URL, a folder and two free ports, the second for mitmweb."""


def _flags(cloudmock: str, folder: Path) -> dict[str, str]:
    return {
        "cloudmock": cloudmock,
        "timeout": str(TIMEOUT_SECONDS),
        "output": str(folder / "report.json"),
        "journal": str(folder / "journal"),
        "cleanup": str(folder / "clean-up"),
    }


def _wrapper(*more: str) -> Way:
    def command(aws: str, cloudmock: str, folder: Path, port: int, _web_port: int) -> list[str]:
        flags = _flags(cloudmock, folder) | ({"aws-endpoint": aws} if aws else {}) | {"port": str(port)}
        pairs = [word for name, text in flags.items() for word in (f"--{name}", text)]
        return [sys.executable, "-m", "cloudmock_contract.cli", *pairs, *more]

    return command


def _mitmproxy(program: str, *more: str) -> Way:
    def command(aws: str, cloudmock: str, folder: Path, port: int, web_port: int) -> list[str]:
        flags = _flags(cloudmock, folder) | {"aws_endpoint": aws}
        options = [word for name, text in flags.items() for word in ("--set", f"contract_{name}={text}")]
        web = ["--no-web-open-browser", "--web-port", str(web_port), "--set", f"web_password={WEB_PASSWORD}"]
        own = ["-p", str(port), "--set", f"confdir={folder}"]
        file = ["-w", str(folder / "flows.mitm")]
        more_options = (*own, *options, *file, *more, *(web if "web" in program else ()))
        return [str(FOLDER / program), "-s", str(SCRIPT), *more_options]

    return command


def _in_test_code(aws: str, cloudmock: str, folder: Path, port: int, _web_port: int) -> list[str]:
    return [sys.executable, "-c", _IN_TEST_CODE, aws, cloudmock, str(folder), str(port)]


WAYS: Mapping[str, Way] = {
    "wrapper": _wrapper(),
    "wrapper, AWS behind TLS": _wrapper("--no-preflight"),
    "wrapper --web": _wrapper("--web"),
    "mitmdump": _mitmproxy("mitmdump"),
    "mitmdump -v --flow-detail 4": _mitmproxy("mitmdump", "-v", "--flow-detail", "4"),
    "mitmweb": _mitmproxy("mitmweb"),
    "ContractProxy": _in_test_code,
}

_WEB = re.compile(rb"127\.0\.0\.1:(\d+)/\?token=(\w+)")


@dataclass
class _Pipe:
    """What a stream of a process has said so far."""

    stream: object
    content: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while data := os.read(self.stream.fileno(), 65536):  # type: ignore[attr-defined]
            self.content += data

    def join(self) -> None:
        self._thread.join(MAX_WAIT_SECONDS)


def run(way: str, attempts: Iterable[Attempt], key: Key) -> Ended:
    """Make these attempts in this way; the user's credentials are `key`."""
    sides = _Sides()
    with (
        tempfile.TemporaryDirectory(prefix="canaries-") as name,
        StandIn(sides.aws) as aws,
        StandIn(sides.cloudmock) as cloudmock,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        environment = _environment(folder, key)
        is_tls = "TLS" in way
        if is_tls:
            server = stack.enter_context(VerifyingServer({key.access_key: key}, aws.port))
            environment |= {"AWS_CA_BUNDLE": str(server.ca_file), "REDIRECT_HTTPS_PORT": str(server.port)}
            environment["PYTHONPATH"] = _path(servers.REDIRECTION)
        port, web_port = servers.free_port(), servers.free_port()
        command = WAYS[way]("" if is_tls else aws.url, cloudmock.url, folder, port, web_port)
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,  # stays open and says nothing
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        stdout, stderr = _Pipe(process.stdout), _Pipe(process.stderr)
        try:
            _wait_for(lambda: _is_open(port), stdout, stderr, process)
            web = _web(way, stdout, stderr, process, web_port)
            answers = bytearray()
            shown = bytearray()
            for attempt in attempts:
                if is_tls and not attempt.is_http:
                    continue  # the server behind TLS passes on HTTP alone
                sides.attempt = attempt
                answers += _answer_to(port, attempt, web, shown)
            if web:
                time.sleep(0.3)
                shown += web.everything()
        finally:
            code = _end(process)
            stdout.join()
            stderr.join()
            for pipe in (process.stdin, process.stdout, process.stderr):
                with contextlib.suppress(OSError):
                    assert pipe
                    pipe.close()
        wire = {
            "AWS": b"\n".join(request.head + b"\r\n\r\n" + request.body for request in aws.received),
            "CloudMock": b"\n".join(request.head + b"\r\n\r\n" + request.body for request in cloudmock.received),
        }
        artefacts = {"app": bytes(answers), "stdout": bytes(stdout.content), "stderr": bytes(stderr.content), **wire}
        files = {
            "report": "report.json",
            "journal": "journal",
            "clean-up script": "clean-up",
            "flow file": "flows.mitm",
        }
        artefacts |= {kind: (folder / file).read_bytes() for kind, file in files.items() if (folder / file).exists()}
        return Ended(artefacts | ({"mitmweb": bytes(shown)} if web else {}), code)


def _environment(folder: Path, key: Key) -> dict[str, str]:
    """Nothing of the developer's own AWS configuration; defects on demand; asyncio's own debug log."""
    (folder / "defects").mkdir()
    (folder / "defects" / "sitecustomize.py").write_text(_DEFECTS, encoding="utf-8")
    foreign = ("AWS_", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(foreign)}
    return inherited | {
        "AWS_ACCESS_KEY_ID": key.access_key,
        "AWS_SECRET_ACCESS_KEY": key.secret_key,
        "AWS_SESSION_TOKEN": key.token or "",
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONASYNCIODEBUG": "1",
        "PYTHONPATH": _path(folder / "defects"),
        "HOME": str(folder),
    }


def _path(first: Path) -> str:
    return os.pathsep.join(filter(None, (str(first), os.environ.get("PYTHONPATH"))))


def _wait_for(is_there: Callable[[], object], stdout: _Pipe, stderr: _Pipe, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if is_there():
            return
        time.sleep(0.02)
    raise RuntimeError(f"the program did not start:\n{bytes(stdout.content + stderr.content).decode(errors='replace')}")


def _is_open(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class _Web:
    """mitmweb's own interface, as its page uses it."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token

    def get(self, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=MAX_WAIT_SECONDS)
        connection.request("GET", path, headers={"Authorization": f"Bearer {self._token}"})
        body = connection.getresponse().read()
        connection.close()
        return body

    def everything(self) -> bytes:
        """All that the page could show: flows, their bodies as they are and prettified, the log, the state."""
        flows = self.get("/flows.json")
        pages = [flows, self.get("/events.json"), self.get("/state.json"), self.get("/flows/dump")]
        for flow in json.loads(flows):
            for message in ("request", "response"):
                views = ("content.data", "content/auto.json", "content/contract.json")
                pages += [self.get(f"/flows/{flow['id']}/{message}/{view}") for view in views]
        return b"\n".join(pages)


def _web(way: str, stdout: _Pipe, stderr: _Pipe, process: "subprocess.Popen[bytes]", web_port: int) -> _Web | None:
    if "web" not in way:
        return None
    if "wrapper" not in way:
        _wait_for(lambda: _is_open(web_port), stdout, stderr, process)
        return _Web(web_port, WEB_PASSWORD)
    _wait_for(lambda: _WEB.search(stderr.content), stdout, stderr, process)
    match = _WEB.search(stderr.content)
    assert match
    return _Web(int(match[1]), match[2].decode())


def _answer_to(port: int, attempt: Attempt, web: _Web | None, shown: bytearray) -> bytes:
    """What the app was answered, as bytes."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), MAX_WAIT_SECONDS) as app, contextlib.suppress(OSError):
        app.sendall(attempt.request)
        if web and "under way" in attempt.name:
            time.sleep(0.6)
            shown += web.everything()
        app.settimeout(attempt.patience)
        while data := app.recv(65536):
            received += data
            if _is_whole(received):
                break
    return bytes(received)


def _is_whole(received: bytearray) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(end) and length is not None and len(body) >= int(length[1])


def _end(process: "subprocess.Popen[bytes]") -> int | None:
    """The program's exit code, after Ctrl+C."""
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.wait(MAX_WAIT_SECONDS)
    process.kill()
    process.wait()
    return None
