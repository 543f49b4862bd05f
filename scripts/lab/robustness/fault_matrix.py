"""What the app sees, and what the report says, of every fault on the wire: see scripts/measure faults.

Each case is a run of its own: the wrapper between two servers, one of which is faulty, and a client that makes three
calls, of which the second meets the fault. The same client makes the same calls to the servers themselves, without the
wrapper: what it sees there is what it should see through it. Where there was no reply, the wrapper may answer 502 in
the service's own format: SDKs try both again. What CloudMock does must not be seen at all.

This file judges from outside: it knows the command line, the wire and the report's keys.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import multiprocessing
import os
import re
import resource
import signal
import socket
import ssl
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import h11

from lab.stand_ins.broken_servers import FAULTS, FAULTY_CALL, LATE, NONE, STAYS, Certificates, Fault, FaultyServer, Wire
from lab.stand_ins.broken_servers import drip as dripping
from lab.stand_ins.servers import free_port

WRAPPER = Path(sys.executable).parent / "cloudmock-contract"

AWS, CLOUDMOCK, APP, RUN = "aws", "cloudmock", "app", "run"
"""Whose fault it is: a side's, the app's, or that of what is around."""

CALLS = (1, FAULTY_CALL, 3)
TIMEOUT_SECONDS = 3
"""--timeout: how long CloudMock may take."""

READ_SECONDS = 4.0
"""How long the client waits for one read, and for a connection. An SDK does for a minute."""

CALL_SECONDS = 10.0
"""How long it reads one reply, however much comes."""

DELAY_SECONDS = 1.0
"""What a call may take longer through the wrapper."""

LOADING_SECONDS = 3.0
"""What the first one may, for which the models of its service are loaded."""

START_SECONDS = 60.0
"""How long it may take to listen: the machine may have other things to do."""

END_SECONDS = 15.0
"""How long the wrapper may take to end after SIGTERM."""

CASE_SECONDS = 90.0
"""After which a case hangs."""

CROWD_SECONDS = 300.0
"""The same for that of 10,000 connections."""

MAX_LINE_BYTES = 2**16
"""Bytes of a reply's head that the client takes: as many as Python's http.client takes of one line."""

SUBSTITUTES = (502, 503, 504)
"""Statuses of the wrapper's own."""

CONNECTIONS = 10_000
AT_ONCE = 50
"""How many of them connect, and then call, at a time: asyncio lets 100 wait to be accepted."""

_FRAMING = frozenset((b"connection", b"content-length", b"keep-alive", b"trailer", b"transfer-encoding"))
"""Header fields that each hop writes anew (RFC 9110, section 7.6.1)."""


@dataclass(frozen=True, slots=True)
class View:
    """What the client saw of a reply."""

    status: int = 0
    fields: frozenset[tuple[bytes, bytes]] = frozenset()
    size: int = 0
    """Bytes of the body, as far as it came."""
    digest: str = ""
    code: str = ""
    """The error's, in the service's own format."""
    length: bytes = b""
    """The Content-Length, which is data of an object as well as framing; empty if there is none."""
    broken: str = ""
    """What broke the reply off; empty if it is whole."""
    seconds: float = 0.0

    @property
    def is_timeout(self) -> bool:
        return self.broken == "silence"

    @property
    def is_substitute(self) -> bool:
        """Whether it is the wrapper's own word for a reply that did not come."""
        return not self.broken and self.status in SUBSTITUTES and bool(self.code)

    def is_same_as(self, other: "View") -> bool:
        """Whether the app gets the same. A broken reply is like any other: SDKs throw away what came of it."""
        if self.broken or other.broken:
            return bool(self.broken and other.broken)
        return (self.status, self.fields, self.digest) == (other.status, other.fields, other.digest)

    def __str__(self) -> str:
        parts = [f"{self.status}" + (f" {self.code}" if self.code else f", {self.size} B")] if self.status else []
        return ", then ".join([*parts, *filter(None, (self.broken,))]) + f" ({self.seconds:.1f} s)"


def _code(body: bytes) -> str:
    """The error code, if the body is an error in the format of DynamoDB or S3."""
    if found := re.search(rb"<Error>.*<Code>([^<]+)</Code>", body, re.DOTALL):
        return found[1].decode()
    with contextlib.suppress(ValueError, AttributeError):
        return str(json.loads(body).get("__type") or "")
    return ""


def request(kind: str, number: int, host: str, *, more: bytes = b"", size: int | None = None) -> bytes:
    """A call as an SDK makes it. `more`: header lines; `size`: of the body that it says it has, if that is not so."""
    method, path, body, service = {
        "GetItem": (b"POST", b"/", b'{"TableName":"users","Key":{"id":{"S":"call-%d"}}}' % number, b"dynamodb"),
        "GetObject": (b"GET", b"/bucket/call-%d" % number, b"", b"s3"),
        "PutObject": (b"PUT", b"/bucket/call-%d" % number, b"x" * 8 * 2**20, b"s3"),
    }[kind]
    own = {
        b"dynamodb": b"X-Amz-Target: DynamoDB_20120810.GetItem\r\nContent-Type: application/x-amz-json-1.0\r\n",
        b"s3": b"X-Amz-Content-SHA256: UNSIGNED-PAYLOAD\r\n",
    }[service]
    length = len(body) if size is None else size
    framing = b"Content-Length: %d\r\n" % length if length and b"Transfer-Encoding" not in more else b""
    return (
        b"%s %s HTTP/1.1\r\nHost: %s\r\n%sX-Amz-Date: 20260101T000000Z\r\n"
        b"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/%s/aws4_request, "
        b"SignedHeaders=host;x-amz-date, Signature=%s\r\namz-sdk-invocation-id: %08d-0000-4000-8000-000000000000\r\n"
        b"%s%s\r\n%s"
    ) % (method, path, host.encode(), own, service, b"0" * 64, number, framing, more, body)


class Client:
    """A client of one port, as an SDK is one: it keeps its connection, unless it sees that it has been closed."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        self.host = f"localhost:{port}"
        self._port = port
        self._context = context
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._ahead = b""
        """What has come behind the reply that was read last."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    async def call(self, kind: str, number: int) -> View:
        return await self.exchange(request(kind, number, self.host))

    async def exchange(self, raw: bytes) -> View:
        """Send a request; what came of it."""
        started = time.monotonic()
        try:
            _reader, writer = await self.connected()
            sending = asyncio.create_task(_send(writer, raw))
            try:
                async with asyncio.timeout(CALL_SECONDS):
                    view = await self.read()
            finally:
                sending.cancel()
        except OSError as error:
            view = View(broken=_broken(error))
        if view.broken:
            self.leave()
        return replace(view, seconds=time.monotonic() - started)

    async def connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The connection: the kept one if it still stands and nothing has come over it unasked."""
        await asyncio.sleep(0.05)
        if self._streams and (self._ahead or self._streams[0].at_eof() or self._streams[0]._buffer):  # type: ignore[attr-defined] # noqa: SLF001
            self.leave()
        if self._streams is None:
            async with asyncio.timeout(READ_SECONDS):
                self._streams = await asyncio.open_connection(
                    "127.0.0.1", self._port, ssl=self._context, server_hostname="localhost" if self._context else None
                )
        return self._streams

    async def read(self) -> View:
        """Read one reply."""
        assert self._streams
        reader = self._streams[0]
        parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_LINE_BYTES)
        parser.send(h11.Request(method="GET", target="/", headers=[("host", "x")]))
        parser.send(h11.EndOfMessage())
        if self._ahead:
            parser.receive_data(self._ahead)
        view, body = View(), bytearray()
        broken = ""
        try:
            while not isinstance(event := parser.next_event(), h11.EndOfMessage):
                if isinstance(event, h11.Response):
                    fields = ((name, value) for name, value in event.headers if name not in _FRAMING)
                    length = dict(event.headers).get(b"content-length", b"")
                    view = View(event.status_code, frozenset(fields), length=length)
                elif isinstance(event, h11.Data):
                    body += event.data
                elif event is h11.NEED_DATA:
                    async with asyncio.timeout(READ_SECONDS):
                        parser.receive_data(await reader.read(2**16))
                elif isinstance(event, h11.ConnectionClosed):
                    broken = "closed"
                    break
        except (h11.RemoteProtocolError, OSError) as error:
            broken = _broken(error)
        self._ahead = parser.trailing_data[0]
        if parser.their_state is not h11.DONE or broken:
            self.leave()
        code = _code(bytes(body)) if view.status >= 300 and not broken else ""
        return replace(view, size=len(body), digest=hashlib.sha256(body).hexdigest(), code=code, broken=broken)

    def leave(self, *, reset: bool = False) -> None:
        """Close the connection."""
        if self._streams:
            if reset:
                plain = self._streams[1].get_extra_info("socket")
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            self._streams[1].transport.abort()
            self._streams, self._ahead = None, b""


def _broken(error: h11.RemoteProtocolError | OSError) -> str:
    """What broke a reply off, in words."""
    match error:
        case TimeoutError():
            return "silence"
        case ssl.SSLError():
            return f"TLS: {error.reason or error}"[:60]
        case ConnectionRefusedError():
            return "refused"
        case OSError():
            return "reset"
    is_over = re.search("closed|incomplete|without sending|ConnectionClosed", str(error))
    return "closed" if is_over else f"no HTTP: {error}"[:60]


async def _send(writer: asyncio.StreamWriter, raw: bytes) -> None:
    with contextlib.suppress(OSError):
        writer.write(raw)
        await writer.drain()


@dataclass(frozen=True, slots=True)
class Ended:
    """A run of the wrapper that has ended."""

    code: int
    """-9 for one that had to be killed."""
    seconds: float
    """From the signal to the end."""
    stderr: str
    report: Mapping[str, Any]
    """Empty if there is none that can be read."""

    @property
    def uncompared(self) -> int:
        return int(self.report.get("not_compared", {}).get("total", 0))

    @property
    def counted(self) -> int:
        return int(self.report.get("total_requests", 0)) + self.uncompared

    @property
    def amiss(self) -> int:
        """Exchanges that did not match."""
        return int(self.report.get("mismatched", 0)) + self.uncompared

    @property
    def totals(self) -> str:
        return "/".join(str(self.report.get(key, "-")) for key in ("total_requests", "matched", "mismatched")) + (
            f" +{self.uncompared}" if self.uncompared else ""
        )

    @property
    def said(self) -> str:
        """The severity and the first difference of each mismatch, and why others were not compared; each once."""
        lines = [f"{one['severity']}: {one['diffs'][0]}" for one in self.report.get("mismatches", ())]
        lines += [f"not compared: {reason}" for reason in self.report.get("not_compared", {}).get("by_reason", {})]
        return "; ".join(dict.fromkeys(lines))


class Wrapper:
    """The wrapper as a process, running inside an `async with` statement."""

    def __init__(
        self,
        aws: str,
        cloudmock: str,
        folder: Path,
        *,
        output: str = "report.json",
        environment: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
    ) -> None:
        """`before`: the command that starts it, in front of its own."""
        sides = ("--aws-endpoint", aws, "--cloudmock", cloudmock)
        options = ("--port", "0", "--output", output, "--timeout", str(TIMEOUT_SECONDS))
        self._command = [*before, str(WRAPPER), *sides, *options]
        self._folder = folder
        self._output = folder / output
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "HTTP", "http"))}
        nowhere = {"AWS_CONFIG_FILE": str(folder / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none")}
        self._environment = kept | nowhere | {"AWS_EC2_METADATA_DISABLED": "true"} | dict(environment or {})
        self.port = 0

    async def __aenter__(self) -> Self:
        with (self._folder / "stderr").open("wb") as stderr, (self._folder / "stdout").open("wb") as stdout:
            self.process = await asyncio.create_subprocess_exec(
                *self._command, cwd=self._folder, env=self._environment, stdout=stdout, stderr=stderr
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.returncode is None:
            if found := re.search(r"listening on http://localhost:(\d+)", self._stderr):
                self.port = int(found[1])
                return self
            await asyncio.sleep(0.05)
        code = self.process.returncode
        await self.__aexit__()
        raise RuntimeError(f"The wrapper did not start; exit code {code}, on standard error: {self._stderr}")

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    @property
    def _stderr(self) -> str:
        return (self._folder / "stderr").read_text(errors="replace")

    async def end(self) -> Ended:
        """Send SIGTERM, and wait."""
        started = time.monotonic()
        if self.process.returncode is None:
            self.process.terminate()
        try:
            async with asyncio.timeout(END_SECONDS):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        report: Mapping[str, Any] = {}
        if self._output.is_file():  # and no device, which might never end
            with contextlib.suppress(OSError, ValueError):
                report = json.loads(self._output.read_text(encoding="utf-8"))
        return Ended(self.process.returncode or 0, time.monotonic() - started, self._stderr, report)


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the matrix."""

    name: str
    side: str
    call: str
    run: Callable[[Self, Path], Awaitable["Row"]]

    def __str__(self) -> str:
        return f"{self.name}, {self.side}, {self.call}"


@dataclass(frozen=True, slots=True)
class Row:
    """What came of a case."""

    directly: str = ""
    through: str = ""
    said: str = ""
    counted: str = ""
    problems: tuple[str, ...] = ()
    """What is wrong; none: OK."""


def ending_problems(ended: Ended, allowed: Iterable[int], *, codes: Iterable[int] = (0, 1)) -> Iterator[str]:
    """What is wrong with how the run ended. `allowed`: how many exchanges there may be in the report."""
    if ended.code == -signal.SIGKILL:
        yield f"hang: it had not ended {END_SECONDS:g} s after SIGTERM"
    elif ended.code not in codes:
        yield f"exit code {ended.code}"
    if not ended.report:
        yield "no report"
        return
    if ended.counted not in allowed:
        yield f"{'lost' if ended.counted < min(allowed) else 'counted twice'}: {ended.counted} in the report"
    if ended.report["total_requests"] != ended.report["matched"] + ended.report["mismatched"]:
        yield "the totals do not add up"
    if "Traceback" in ended.stderr:
        lines = ended.stderr.splitlines()
        last = max(number for number, line in enumerate(lines) if line.startswith("  File "))
        where = re.sub(r'.*/(\S+)", line (\d+).*', r"\1:\2", lines[last])
        what = next((line for line in lines[last:] if line and not line.startswith((" ", "\t"))), "")
        yield f"a traceback at {where}: {what}"[:160]


def view_problems(expected: Sequence[View], seen: Sequence[View], *, may_be_mended: bool) -> Iterator[str]:
    """Where the app sees through the wrapper what it should not."""
    for number, (one, other) in enumerate(zip(expected, seen, strict=True), 1):
        if other.is_timeout and not one.is_timeout:
            yield f"hang: call {number}"
        elif other.status in SUBSTITUTES and not other.code and not other.broken:
            yield f"view differs: call {number}, an error that is not in the service's format"
        elif not (one.is_same_as(other) or (one.broken and other.is_substitute)):
            if not (may_be_mended and (other.is_substitute or one.broken)):
                yield f"view differs: call {number}"
        elif other.seconds > one.seconds + (LOADING_SECONDS if number == 1 else DELAY_SECONDS):
            yield f"delayed: call {number} by {other.seconds - one.seconds:.1f} s"


def report_problems(ended: Ended, side: str, unsound: int, *, may_be_mended: bool) -> Iterator[str]:
    """Where the report does not say what happened. `unsound`: how many calls have met a fault that can be seen."""
    if ended.amiss < unsound and not may_be_mended:
        yield "report silent"
    elif ended.amiss > unsound and not may_be_mended:
        yield f"false alarm: {ended.amiss} are said to be amiss, {unsound} were"
    words = {AWS: ("AWS", "The app"), CLOUDMOCK: ("CloudMock",)}[side]
    silent = [one for one in ended.report.get("mismatches", ()) if one["severity"] == "error"]
    if any(not any(word in one["diffs"][0] for word in words) for one in silent):
        yield "report does not name the side"


async def run_fault(case: Case, folder: Path, fault: Fault) -> Row:
    """A fault of one of the servers."""
    certificates = Certificates(folder) if fault.is_tls else None
    sound = replace(NONE, is_tls=fault.is_tls)
    context, environment = None, {}
    if certificates:
        context = ssl.create_default_context(cafile=str(certificates.authority))
        environment = dict.fromkeys(("AWS_CA_BUNDLE", "SSL_CERT_FILE"), str(certificates.authority))
    faults = {AWS: sound, CLOUDMOCK: sound, case.side: fault}
    async with (
        FaultyServer(faults[AWS], certificates) as aws,
        FaultyServer(faults[CLOUDMOCK], certificates) as cloudmock,
        Wrapper(aws.url, cloudmock.url, folder, environment=environment) as wrapper,
    ):
        faulty, other = (aws, cloudmock) if case.side == AWS else (cloudmock, aws)
        right = await _calls(case.call, Client(other.port, context), other, 0.0)
        wrong = await _calls(case.call, Client(faulty.port, context), faulty, 0.0)
        aws.received.clear()
        cloudmock.received.clear()
        settling = TIMEOUT_SECONDS + 0.5 if case.side == CLOUDMOCK else 0.0
        seen = await _calls(case.call, Client(wrapper.port), faulty, settling)
        if case.side == CLOUDMOCK:
            await asyncio.sleep(min(max(one.seconds for one in wrong), TIMEOUT_SECONDS + 0.5))
        ended = await wrapper.end()
    expected = wrong if case.side == AWS else right
    unsound = sum(_is_unsound(case, good, bad) for good, bad in zip(right, wrong, strict=True))
    mended = fault.may_be_mended
    problems = [
        *view_problems(expected, seen, may_be_mended=mended and case.side == AWS),
        *ending_problems(ended, (len(CALLS),)),
        *report_problems(ended, case.side, unsound, may_be_mended=mended),
    ]
    is_silent = bool(wrong[1].broken) and not wrong[1].status
    may_repeat = mended or (case.side == CLOUDMOCK and case.call == "GetObject" and is_silent)
    if not may_repeat:
        received = ((AWS, aws), (CLOUDMOCK, cloudmock))
        problems += [
            f"sent to {name} twice" for name, server in received if max(server.received.values(), default=0) > 1
        ]
    directly = _views(wrong) if case.side == AWS else f"{_views(right)}; CloudMock: {_views(wrong)}"
    return Row(directly, _views(seen), ended.said, ended.totals, tuple(problems))


def _is_unsound(case: Case, right: View, wrong: View) -> bool:
    """Whether the report should say that the faulty side's reply is not the other side's."""
    is_late = case.side == CLOUDMOCK and wrong.seconds > TIMEOUT_SECONDS
    is_missing = case.call == "GetObject" and wrong.length != right.length
    return is_late or is_missing or not wrong.is_same_as(right)


async def _calls(kind: str, client: Client, faulty: FaultyServer, settling: float) -> list[View]:
    """The three calls. `settling`: how many seconds a fault of connections outlasts the call."""
    views = [await client.call(kind, CALLS[0])]
    async with faulty.breaking(settling):
        views.append(await client.call(kind, FAULTY_CALL))
    views.append(await client.call(kind, CALLS[-1]))
    client.leave()
    return views


def _views(views: Sequence[View]) -> str:
    """The second, with the others if they are not as they should be."""
    odd = [f"call {number}: {views[number - 1]}" for number in (1, 3) if views[number - 1].status != 200]
    return "; ".join([str(views[1]), *odd])


type Misbehaviour = Callable[[Client, str], Awaitable[View]]
"""Makes the second call, with a request of this kind, in a way that no good client does."""


async def leave_before_the_reply(client: Client, kind: str, *, reset: bool = False) -> View:
    await _began(client, request(kind, FAULTY_CALL, client.host), 0.3)
    client.leave(reset=reset)
    return View(broken="left")


async def reset_before_the_reply(client: Client, kind: str) -> View:
    return await leave_before_the_reply(client, kind, reset=True)


async def leave_inside_the_body(client: Client, kind: str) -> View:
    await _began(client, request(kind, FAULTY_CALL, client.host), 1.0)
    client.leave()
    return View(broken="left")


async def leave_inside_the_request(client: Client, kind: str) -> View:
    raw = request(kind, FAULTY_CALL, client.host)
    await _began(client, raw[: len(raw) - 20], 0.3)
    client.leave()
    return View(broken="left")


async def leave_inside_the_head(client: Client, kind: str) -> View:
    await _began(client, request(kind, FAULTY_CALL, client.host)[:60], 0.3)
    client.leave()
    return View(broken="left")


async def _began(client: Client, raw: bytes, seconds: float) -> None:
    _reader, writer = await client.connected()
    await _send(writer, raw)
    await asyncio.sleep(seconds)


async def pipeline(client: Client, kind: str) -> View:
    """Send the request with another one behind it; the first reply that is amiss."""
    await _began(client, request(kind, FAULTY_CALL, client.host) + request(kind, 4, client.host), 0.0)
    views = [await client.read(), await client.read()]
    return next((one for one in views if one.status != 200 or one.broken), views[0])


async def expect_continue(client: Client, kind: str) -> View:
    """Send the body only when the server has said that it wants it."""
    raw = request(kind, FAULTY_CALL, client.host, more=b"Expect: 100-continue\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    reader, writer = await client.connected()
    await _send(writer, head + b"\r\n\r\n")
    async with asyncio.timeout(READ_SECONDS):
        interim = await reader.readuntil(b"\r\n\r\n")
    if b" 100 " not in interim:
        return View(broken="no 100")
    await _send(writer, body)
    return await client.read()


async def send_chunks(client: Client, kind: str, *, trailers: bytes = b"") -> View:
    raw = request(kind, FAULTY_CALL, client.host, more=b"Transfer-Encoding: chunked\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    return await client.exchange(head + b"\r\n\r\n%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, trailers))


async def send_trailers(client: Client, kind: str) -> View:
    return await send_chunks(client, kind, trailers=b"x-checksum: abc\r\n")


@dataclass(frozen=True, slots=True)
class Misdeed:
    """What the app does wrong, or seldom."""

    name: str
    act: Misbehaviour
    aws: Fault = NONE
    counts: tuple[int, ...] = (3,)
    """How many exchanges there may be: what was cut off was no call, and may be counted for one."""
    received: tuple[int, ...] = (1,)
    """How often each side may get the call; CloudMock need not if AWS did not."""


LARGE_DRIP = Fault("large drip", dripping(2000))
MISDEEDS = (
    Misdeed("gone before the reply", leave_before_the_reply, LATE, received=(0, 1)),
    Misdeed("reset before the reply", reset_before_the_reply, LATE, received=(0, 1)),
    Misdeed("gone inside the reply", leave_inside_the_body, LARGE_DRIP),
    Misdeed("gone inside the request", leave_inside_the_request, counts=(2, 3), received=(0,)),
    Misdeed("gone inside the head", leave_inside_the_head, counts=(2,), received=(0,)),
    Misdeed("pipelined", pipeline, counts=(4,)),
    Misdeed("Expect: 100-continue", expect_continue),
    Misdeed("chunked request", send_chunks),
    Misdeed("request with trailers", send_trailers),
)


async def run_misdeed(case: Case, folder: Path, misdeed: Misdeed) -> Row:
    """A fault of the app."""
    async with (
        FaultyServer(misdeed.aws) as aws,
        FaultyServer(NONE) as cloudmock,
        Wrapper(aws.url, cloudmock.url, folder) as wrapper,
    ):
        views = []
        for port in (aws.port, wrapper.port):
            aws.received.clear()
            with Client(port) as client:
                first, second = await client.call(case.call, 1), await misdeed.act(client, case.call)
                views.append([first, second, await client.call(case.call, 3)])
                await asyncio.sleep(1.0)
        ended = await wrapper.end()
    problems = [*view_problems(*views, may_be_mended=False), *ending_problems(ended, misdeed.counts)]
    for name, server in ((AWS, aws), (CLOUDMOCK, cloudmock)):
        if server.received[FAULTY_CALL] not in misdeed.received:
            problems.append(f"sent to {name} {server.received[FAULTY_CALL]} times")
    return Row(_views(views[0]), _views(views[1]), ended.said, ended.totals, tuple(problems))


@contextlib.asynccontextmanager
async def _between(folder: Path, **options: Any) -> AsyncIterator[tuple[FaultyServer, FaultyServer, Wrapper]]:
    """The wrapper between two good servers."""
    async with (
        FaultyServer(NONE) as aws,
        FaultyServer(NONE) as cloudmock,
        Wrapper(aws.url, cloudmock.url, folder, **options) as wrapper,
    ):
        yield aws, cloudmock, wrapper


def _row(views: Sequence[View], ended: Ended, problems: Iterable[str], longest: float = DELAY_SECONDS) -> Row:
    """Of calls that all should have gone well. `longest`: seconds that each may take, but for the first."""
    good = sum(one.status == 200 and not one.broken for one in views)
    limits = (LOADING_SECONDS, *[longest] * (len(views) - 1))
    slow = [f"delayed: {one.seconds:.1f} s" for one, most in zip(views, limits, strict=True) if one.seconds > most][:1]
    bad = [f"view differs: {len(views) - good} calls failed"] if good < len(views) else []
    found = (*bad, *slow, *problems)
    return Row("200, all", f"200, {good} of {len(views)}", ended.said, ended.totals, found)


async def restart_cloudmock(case: Case, folder: Path) -> Row:
    """Three calls with it, three without, three when it is back."""
    views: list[View] = []
    async with _between(folder) as (_aws, cloudmock, wrapper):
        with Client(wrapper.port) as client:
            for change in (None, cloudmock.stop, cloudmock.start):
                await asyncio.sleep(0.3)
                if change:
                    await change()
                views += [await client.call(case.call, len(views) + 10 + number) for number in range(3)]
            await asyncio.sleep(0.3)
            ended = await wrapper.end()
    wrong = [f"{ended.amiss} amiss, 3 were"] if ended.amiss != 3 else []
    return _row(views, ended, [*ending_problems(ended, (9,)), *wrong])


JUMPING_CLOCK = """
import os, time
_now, _jump, _sign = time.time, float(os.environ["CLOCK_JUMP"]), os.environ["CLOCK_JUMP_SIGN"]
time.time = lambda: _now() + (_jump if os.path.exists(_sign) else 0)
"""
"""A sitecustomize: the clock jumps when a file is there. `datetime.now` does not ask time.time, and stays."""


async def _jump_clock(case: Case, folder: Path, seconds: float) -> Row:
    (folder / "sitecustomize.py").write_text(JUMPING_CLOCK)
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    sign = folder / "jump"
    jump = {"PYTHONPATH": path, "CLOCK_JUMP": str(seconds), "CLOCK_JUMP_SIGN": str(sign)}
    async with _between(folder, environment=jump) as (_aws, _cloudmock, wrapper):
        with Client(wrapper.port) as client:
            views = [await client.call(case.call, number) for number in range(10, 20)]
            sign.touch()
            views += [await client.call(case.call, number) for number in range(20, 30)]
        ended = await wrapper.end()
    problems = [*ending_problems(ended, (20,))]
    if ended.amiss:
        problems.append(f"false alarm: {ended.amiss}")
    times = [ended.report.get("duration_sec", 0)]
    times += [value / 1000 for side in ended.report.get("latency_ms", {}).values() for value in side.values()]
    if any(not 0 <= one < 60 for one in times):
        problems.append(f"times of {min(times):.0f} to {max(times):.0f} s in the report")
    return _row(views, ended, problems)


async def jump_ahead(case: Case, folder: Path) -> Row:
    return await _jump_clock(case, folder, 3600)


async def jump_back(case: Case, folder: Path) -> Row:
    return await _jump_clock(case, folder, -3600)


async def terminate_under_load(case: Case, folder: Path) -> Row:
    """SIGTERM while eight clients call; what was answered is in the report, and nothing that was not asked."""
    numbers = iter(range(10, 10**6))
    views: list[View] = []
    asked = 0

    async def load() -> None:
        nonlocal asked
        with Client(wrapper.port) as client:
            while wrapper.process.returncode is None:
                asked += 1
                views.append(await client.call(case.call, next(numbers)))

    async with _between(folder) as (_aws, _cloudmock, wrapper):
        loads = [asyncio.create_task(load()) for _ in range(8)]
        await asyncio.sleep(2)
        ended = await wrapper.end()
        for one in loads:
            one.cancel()
        await asyncio.gather(*loads, return_exceptions=True)
    answered = sum(one.status == 200 and not one.broken for one in views)
    problems = [*ending_problems(ended, range(answered, asked + 1))]
    wrong = {one.status for one in views if one.status and one.status not in (200, 502, 503)}
    problems += [f"view differs: {wrong}"] if wrong else []
    slow = [one for one in views if not one.broken and one.seconds > DELAY_SECONDS]
    problems += [f"delayed: {len(slow)} calls"] if slow else []
    shown = f"{answered} answered of {asked}, ended in {ended.seconds:.1f} s"
    return Row("-", shown, ended.said, ended.totals, tuple(problems))


def _no_space(limits: Sequence[str], output: str) -> Callable[[Case, Path], Awaitable[Row]]:
    """A run whose report cannot be written: 150 mismatches, so that it is larger than what there is room for."""

    async def run(case: Case, folder: Path) -> Row:
        before = [*limits, str(folder / "small")] if limits else []
        (folder / "small").mkdir()
        different = Fault("different", replace_by_an_error, is_always=True)
        async with (
            FaultyServer(NONE) as aws,
            FaultyServer(different) as cloudmock,
            Wrapper(aws.url, cloudmock.url, folder, output=output, before=before) as wrapper,
        ):
            with Client(wrapper.port) as client:
                views = [await client.call(case.call, number) for number in range(10, 160)]
            ended = await wrapper.end()
        problems = [f"exit code {ended.code}"] if ended.code != 2 else []
        problems += [] if "could not be written" in ended.stderr else ["it does not say that the report is missing"]
        problems += ["a traceback"] if "Traceback" in ended.stderr else []
        said = ended.stderr.strip().splitlines()[-1] if ended.stderr else ""
        return replace(_row(views, ended, problems), said=said.replace(str(folder), "…")[-160:])

    return run


async def replace_by_an_error(wire: Wire) -> bool:
    body = b'{"__type":"ResourceNotFoundException","message":"%s"}' % (b"No. " * 100)
    length = b"Content-Length: %d" % len(body)
    await wire.send(wire.answer.head(length, status=b"400 Bad Request") + body)
    return STAYS


_AS_ROOT = () if os.geteuid() == 0 else ("--map-root-user",)
SMALL_DISK = ("unshare", *_AS_ROOT, "--mount", "sh", "-c", 'mount -t tmpfs -o size=64k none "$0" && exec "$@"')
SMALL_FILES = ("sh", "-c", 'ulimit -f 32; exec "$@"')


def _serve(port: int) -> None:
    async def run() -> None:
        async with FaultyServer(NONE, port=port):
            await asyncio.Event().wait()

    asyncio.run(run())


@contextlib.contextmanager
def _server_process() -> Iterator[int]:
    """A good server with file descriptors of its own; its port."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(port,), daemon=True)
    process.start()
    try:
        yield port
    finally:
        process.terminate()
        process.join()


async def crowd(case: Case, folder: Path) -> Row:
    """10,000 connections: one more is served while they are idle, and then each of them."""
    with _server_process() as aws, _server_process() as cloudmock:
        await asyncio.sleep(2)
        async with Wrapper(f"http://localhost:{aws}", f"http://localhost:{cloudmock}", folder) as wrapper:
            clients = [Client(wrapper.port) for _ in range(CONNECTIONS)]
            for start in range(0, CONNECTIONS, AT_ONCE):
                await asyncio.gather(*(one.connected() for one in clients[start : start + AT_ONCE]))
            with Client(wrapper.port) as one_more:
                views = [await one_more.call(case.call, 1)]
            started = time.monotonic()
            for start in range(0, CONNECTIONS, AT_ONCE):
                chosen = enumerate(clients[start : start + AT_ONCE], start + 10)
                calls = (one.call(case.call, number) for number, one in chosen)
                views += await asyncio.gather(*calls)
            seconds = time.monotonic() - started
            for one in clients:
                one.leave()
            ended = await wrapper.end()
    row = _row(views, ended, ending_problems(ended, (CONNECTIONS + 1,)), READ_SECONDS)
    broken = ", ".join(sorted({one.broken or str(one.status) for one in views} - {"200"}))
    shown = f"{row.through} in {seconds:.0f} s" + (f"; others: {broken}" if broken else "")
    return replace(row, through=shown, problems=(*row.problems, *(["false alarm"] if ended.amiss else [])))


MISHAPS: Mapping[str, Callable[[Case, Path], Awaitable[Row]]] = {
    "CloudMock restarts": restart_cloudmock,
    "clock jumps ahead by 1 h": jump_ahead,
    "clock jumps back by 1 h": jump_back,
    "SIGTERM under load": terminate_under_load,
    "full disk": _no_space(SMALL_DISK, "small/report.json"),
    "file size limit": _no_space(SMALL_FILES, "report.json"),
    "/dev/full": _no_space((), "/dev/full"),
    "10,000 connections": crowd,
}


def cases() -> list[Case]:
    """All of them, in the order of the table."""
    found = []
    for fault in FAULTS:
        for side in fault.sides:

            async def run(case: Case, folder: Path, fault: Fault = fault) -> Row:
                return await run_fault(case, folder, fault)

            found += [Case(fault.name, side, call, run) for call in fault.calls]
    for misdeed in MISDEEDS:

        async def act(case: Case, folder: Path, misdeed: Misdeed = misdeed) -> Row:
            return await run_misdeed(case, folder, misdeed)

        found.append(Case(misdeed.name, APP, "GetItem", act))
    return found + [Case(name, RUN, "GetItem", mishap) for name, mishap in MISHAPS.items()]


async def result(case: Case) -> Row:
    """The row of a case; never raises."""
    with tempfile.TemporaryDirectory(prefix="cloudmock-contract-") as folder:
        try:
            async with asyncio.timeout(CROWD_SECONDS if case.run is crowd else CASE_SECONDS) as limit:
                return await case.run(case, Path(folder))
        except Exception as error:  # noqa: BLE001 (one case that fails to run must not cost the others)
            if isinstance(error, TimeoutError) and limit.expired():
                return Row(problems=("hang: the case did not end",))
            return Row(problems=(f"not run: {error!r}"[:300],))


async def results(chosen: Sequence[Case], jobs: int, done: Callable[[Case, Row], None]) -> None:
    """Run the cases, so many at a time, and the crowd by itself; tell each when it has ended."""
    free = asyncio.Semaphore(jobs)

    async def one(case: Case) -> None:
        async with free:
            done(case, await result(case))

    await asyncio.gather(*(one(case) for case in chosen if case.run is not crowd))
    for case in chosen:
        if case.run is crowd:
            await one(case)


COLUMNS = ("fault", "side", "call", "directly", "through us", "report", "counted", "verdict")


def rendered(rows: Mapping[Case, Row]) -> str:
    """The table, in Markdown."""
    lines = [COLUMNS, ["---"] * len(COLUMNS)]
    for case, row in rows.items():
        verdict = f"**FAIL** ({'; '.join(row.problems)})" if row.problems else "OK"
        cells = (case.name, case.side, case.call, row.directly, row.through, row.said or "-", row.counted, verdict)
        lines.append([re.sub(r"[\x00-\x1f|]", "·", cell)[:240] for cell in cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="What the app sees, and the report says, of every fault on the wire.")
    parser.add_argument("--only", metavar="NAME", help="only the faults whose names contain this")
    parser.add_argument("--side", choices=(AWS, CLOUDMOCK, APP, RUN), help="only faults of this side")
    parser.add_argument("--jobs", type=int, default=2, help="how many cases run at a time (2)")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    chosen = [
        case
        for case in cases()
        if (arguments.only or "").lower() in case.name.lower() and arguments.side in (None, case.side)
    ]
    found: dict[Case, Row] = {}

    def done(case: Case, row: Row) -> None:
        found[case] = row
        print(f"{case}: {'; '.join(row.problems) or 'OK'}", file=sys.stderr, flush=True)

    asyncio.run(results(chosen, arguments.jobs, done))
    rows = {case: found[case] for case in chosen}
    failed = sum(bool(row.problems) for row in rows.values())
    print(f"{rendered(rows)}\n\n{len(rows)} cases, {failed} failed.")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
