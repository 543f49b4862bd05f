"""Bodies that pass by as they come: long ones, slow ones, and those that break off, between an app and two servers.

Every call is in the report once, whatever becomes of it.
"""

import base64
import http.client
import random
import socket
import threading
import urllib.parse
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from mitmproxy import io
from mitmproxy.http import HTTPFlow

from cloudmock_contract import ContractProxy
from cloudmock_contract.reports.tally.report import Report
from lab.aws_verifier.chunks import UNSIGNED_TRAILER, take_apart
from lab.stand_ins import servers
from lab.stand_ins.stand_in import Connection, Received, StandIn, reply
from support.clients import client
from support.programs import Start
from support.waiting import MAX_WAIT_SECONDS, wait_until

LENGTH = 20 * 2**20
BODY = random.Random(1).randbytes(LENGTH)
PIECE = 2**16
OK = reply(b"")
AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00"
PLAIN = {"Authorization": AUTHORIZATION, "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
PUT = f"PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nAuthorization: {AUTHORIZATION}\r\n".encode()


@pytest.fixture
def aws() -> Iterator[StandIn]:
    """Stands in for AWS."""
    with StandIn(lambda *_: OK) as server:
        yield server


@pytest.fixture
def cloudmock() -> Iterator[StandIn]:
    """Stands in for CloudMock."""
    with StandIn(lambda *_: OK) as server:
        yield server


@pytest.fixture
def proxy(aws: StandIn, cloudmock: StandIn) -> Iterator[ContractProxy]:
    """A proxy between the two."""
    with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url, timeout=60, cleanup="") as running:
        yield running


@pytest.fixture
def app(proxy: ContractProxy) -> Iterator[http.client.HTTPConnection]:
    """One connection of the app's."""
    connection = http.client.HTTPConnection("127.0.0.1", port_of(proxy), timeout=MAX_WAIT_SECONDS)
    yield connection
    connection.close()


def port_of(proxy: ContractProxy) -> int:
    return int(proxy.url.rpartition(":")[2])


def totals(report: Report) -> tuple[int, int, int]:
    """How many matched, how many did not, and how many were not compared."""
    return report.matched, report.mismatched, report.not_compared.total


def put(
    app: http.client.HTTPConnection, body: bytes | Iterable[bytes], headers: dict[str, str], target: str = "/bucket/key"
) -> int:
    app.request("PUT", target, body, headers, encode_chunked=not isinstance(body, bytes))
    with app.getresponse() as response:
        response.read()
        return response.status


def pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]


def framed(signature: str, trailer: bytes) -> bytes:
    """The body in aws-chunked coding."""
    chunks = [b"%x%b\r\n%b\r\n" % (len(piece), signature.encode(), piece) for piece in pieces(BODY)]
    return b"".join((*chunks, b"0%b\r\n" % signature.encode(), trailer, b"\r\n"))


def aws_chunked(kind: str, trailer: str = "") -> dict[str, str]:
    headers = {
        "x-amz-content-sha256": kind,
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": str(LENGTH),
    }
    return PLAIN | headers | ({"x-amz-trailer": trailer} if trailer else {})


SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
CHUNK_SIGNATURE = ";chunk-signature=" + "0" * 64
CHECKSUM = b"x-amz-checksum-crc32:AAAAAA==\r\n"
TRAILER_SIGNATURE = b"x-amz-trailer-signature:" + b"0" * 64 + b"\r\n"

type Send = Callable[[ContractProxy, http.client.HTTPConnection], int]


def by_boto3(proxy: ContractProxy, _app: http.client.HTTPConnection) -> int:
    got = client("s3", proxy.url).put_object(Bucket="bucket", Key="key", Body=BODY)
    status: int = got["ResponseMetadata"]["HTTPStatusCode"]
    return status


def by_presigned_url(proxy: ContractProxy, app: http.client.HTTPConnection) -> int:
    url = client("s3", proxy.url).generate_presigned_url("put_object", {"Bucket": "bucket", "Key": "key"})
    return put(app, BODY, {}, url.removeprefix(proxy.url))


WAYS: dict[str, tuple[Send, bool]] = {
    "boto3": (by_boto3, False),
    "presigned": (by_presigned_url, False),
    "length": (lambda _proxy, app: put(app, BODY, PLAIN), False),
    "chunks of HTTP": (lambda _proxy, app: put(app, pieces(BODY), PLAIN), False),
    "signed chunks": (lambda _proxy, app: put(app, framed(CHUNK_SIGNATURE, b""), aws_chunked(SIGNED)), False),
    "signed chunks and trailer": (
        lambda _proxy, app: put(
            app,
            framed(CHUNK_SIGNATURE, CHECKSUM + TRAILER_SIGNATURE),
            aws_chunked(f"{SIGNED}-TRAILER", "x-amz-checksum-crc32"),
        ),
        True,
    ),
    "unsigned trailer": (
        lambda _proxy, app: put(app, framed("", CHECKSUM), aws_chunked(UNSIGNED_TRAILER, "x-amz-checksum-crc32")),
        True,
    ),
    "unsigned trailer in chunks of HTTP": (
        lambda _proxy, app: put(
            app, pieces(framed("", CHECKSUM)), aws_chunked(UNSIGNED_TRAILER, "x-amz-checksum-crc32")
        ),
        True,
    ),
}


@pytest.mark.parametrize(("send", "keeps_chunks"), WAYS.values(), ids=WAYS.keys())
def test_a_long_upload_arrives_whole(
    app: http.client.HTTPConnection,
    proxy: ContractProxy,
    aws: StandIn,
    cloudmock: StandIn,
    send: Send,
    *,
    keeps_chunks: bool,
) -> None:
    """Both sides get every byte of 20 MiB, however the app sends it, and none of its signatures."""
    status = send(proxy, app)
    report = proxy.report()

    assert (200, (1, 0, 0)) == (status, totals(report))
    (at_aws,), (at_cloudmock,) = aws.received, cloudmock.received
    for received in (at_aws, at_cloudmock):
        body = received.body
        if keeps_chunks:
            chunked = take_apart(body, is_signed=False, has_trailer=True)
            assert {"x-amz-checksum-crc32": "AAAAAA=="} == chunked.trailer
            body = chunked.data
        assert body == BODY
        assert "Credential=A/" not in received.head.decode()
    assert 200 == put(app, b"short", PLAIN)


def test_an_upload_goes_on_while_it_comes(
    app: http.client.HTTPConnection, proxy: ContractProxy, aws: StandIn, cloudmock: StandIn
) -> None:
    """The sides have the beginning of a body before the app has sent its end."""
    begun = [threading.Event(), threading.Event()]

    def noticing(event: threading.Event) -> Callable[[Received, Connection], bytes]:
        def early(_request: Received, connection: Connection) -> bytes:
            assert connection.stream.peek(1)
            event.set()
            return b""

        return early

    aws.early, cloudmock.early = map(noticing, begun)

    def body() -> Iterator[bytes]:
        yield b"x" * PIECE
        for event in begun:
            yield b"y" if event.wait(MAX_WAIT_SECONDS) else b"late"

    assert 200 == put(app, body(), PLAIN)
    proxy.report()  # CloudMock has all of it by then
    assert [b"x" * PIECE + b"yy"] * 2 == [request.body for request in aws.received + cloudmock.received]


def head(length: int | None, content_type: str = "application/octet-stream", status: str = "200 OK") -> bytes:
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return f'HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nETag: "a"\r\n{framing}\r\n\r\n'.encode()


def in_chunks(parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        yield b"%x\r\n%b\r\n" % (len(part), part)
    yield b"0\r\n\r\n"


def download(body: bytes, *, is_chunked: bool = False) -> Iterator[bytes]:
    yield head(None if is_chunked else len(body))
    yield from in_chunks(pieces(body)) if is_chunked else pieces(body)


def get(app: http.client.HTTPConnection, target: str = "/bucket/key") -> tuple[int, bytes]:
    app.request("GET", target)
    with app.getresponse() as response:
        return response.status, response.read()


@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("is_same", [True, False], ids=["same", "another byte"])
def test_a_long_download_arrives_whole(
    app: http.client.HTTPConnection,
    proxy: ContractProxy,
    aws: StandIn,
    cloudmock: StandIn,
    *,
    is_chunked: bool,
    is_same: bool,
) -> None:
    """The app gets AWS's 20 MiB byte for byte; another byte anywhere in CloudMock's is a difference."""
    cloudmock_body = BODY if is_same else BODY[:-1] + bytes((BODY[-1] ^ 1,))
    aws.answer = lambda *_: download(BODY, is_chunked=is_chunked)
    cloudmock.answer = lambda *_: download(cloudmock_body, is_chunked=is_chunked)
    status, body = get(app)
    report = proxy.report()

    assert (200, True) == (status, body == BODY)
    assert ((1, 0, 0) if is_same else (0, 1, 0)) == totals(report)
    aws.answer = cloudmock.answer = lambda *_: reply(b"short")
    assert (200, b"short") == get(app)


@pytest.mark.parametrize(("aws_body", "cloudmock_body"), [(BODY, BODY[:-1]), (BODY[:-1], BODY)])
def test_the_checksum_of_a_long_download_is_that_of_its_bytes(
    app: http.client.HTTPConnection,
    proxy: ContractProxy,
    aws: StandIn,
    cloudmock: StandIn,
    aws_body: bytes,
    cloudmock_body: bytes,
) -> None:
    """It is made on either side as the bytes pass: the side whose bytes are others than its header says is told."""
    checksum = base64.b64encode(zlib.crc32(BODY).to_bytes(4))

    def answer(body: bytes) -> Iterator[bytes]:
        yield head(len(body)).replace(b"ETag:", b"x-amz-checksum-crc32: " + checksum + b"\r\nETag:")
        yield from pieces(body)

    aws.answer, cloudmock.answer = lambda *_: answer(aws_body), lambda *_: answer(cloudmock_body)
    got = get(app)
    (mismatch,) = proxy.report().mismatches
    of_aws, of_cloudmock = ("right" if body == BODY else _NO_CRC32 for body in (aws_body, cloudmock_body))

    assert (200, aws_body) == got
    assert f"x-amz-checksum-crc32: {of_aws} -> {of_cloudmock}" in map(str, mismatch.verdict.differences)


_NO_CRC32 = "not the CRC32 of the body"


def test_a_slow_reply_reaches_the_app_as_it_comes(
    app: http.client.HTTPConnection, proxy: ContractProxy, aws: StandIn, cloudmock: StandIn
) -> None:
    """The app has the first bytes before AWS has sent the last ones."""
    has_first = threading.Event()

    def slow(*_: object) -> Iterator[bytes]:
        yield head(2 * 2**20) + b"a" * 2**20
        yield (b"b" if has_first.wait(MAX_WAIT_SECONDS) else b"c") * 2**20

    aws.answer = slow
    cloudmock.answer = lambda *_: download(b"a" * 2**20 + b"b" * 2**20)
    app.request("GET", "/bucket/key")
    with app.getresponse() as response:
        first = response.read(1000)
        has_first.set()
        rest = response.read()

    assert b"a" * 2**20 + b"b" * 2**20 == first + rest
    assert (1, 0, 0) == totals(proxy.report())


@pytest.mark.parametrize("is_chunked", [True, False], ids=["chunked", "length"])
def test_events_arrive_one_by_one(
    app: http.client.HTTPConnection, proxy: ContractProxy, aws: StandIn, *, is_chunked: bool
) -> None:
    """Each frame of an event stream reaches the app before AWS has sent the next one."""
    taken = [threading.Event() for _ in range(5)]

    def frames() -> Iterator[bytes]:
        for number, event in enumerate(taken):
            yield b"frame %d" % number
            assert event.wait(MAX_WAIT_SECONDS)

    def stream(*_: object) -> Iterator[bytes]:
        yield head(None if is_chunked else 5 * 7, "application/vnd.amazon.eventstream")
        yield from in_chunks(frames()) if is_chunked else frames()

    aws.answer = stream
    app.request("POST", "/bucket/key?select&select-type=2", b"<SelectObjectContentRequest/>")
    got = []
    with app.getresponse() as response:
        for event in taken:
            got.append(response.read(7))
            event.set()
        response.read()

    assert [b"frame %d" % number for number in range(5)] == got
    assert 1 == sum(totals(proxy.report()))


@pytest.mark.parametrize("is_alive", [True, False], ids=["slow", "dead"])
def test_a_cloudmock_that_lags_does_not_delay_the_app(
    proxy: ContractProxy, aws: StandIn, cloudmock: StandIn, *, is_alive: bool
) -> None:
    """The app has all its replies while CloudMock has not answered the first; CloudMock sees the app's order."""
    may_answer = threading.Event()

    def lagging(*_: object) -> bytes:
        may_answer.wait(MAX_WAIT_SECONDS)
        return reply() if is_alive else b""

    aws.answer = lambda *_: reply()
    cloudmock.answer = lagging
    dynamodb = client("dynamodb", proxy.url)
    for number in range(5):
        dynamodb.list_tables(ExclusiveStartTableName=f"table-{number}")
    seen_meanwhile = len(cloudmock.received)
    may_answer.set()
    report = proxy.report()

    assert 1 == seen_meanwhile
    assert [request.body for request in aws.received] == [request.body for request in cloudmock.received]
    assert ((5, 0, 0) if is_alive else (0, 5, 0)) == totals(report)


def test_an_app_that_goes_away_in_its_upload(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """Neither side is left with a body that looks whole; the exchange is not compared."""
    begun = threading.Event()

    def early(*_: object) -> bytes:
        begun.set()
        return b""

    cloudmock.early = early
    with socket.create_connection(("127.0.0.1", port_of(proxy))) as connection:
        connection.sendall(PUT + b"Content-Length: 5000000\r\n\r\n")
        connection.sendall(b"x" * 2_000_000)
        assert begun.wait(MAX_WAIT_SECONDS)
    wait_until(lambda: sum(totals(proxy.report())) == 1)
    report = proxy.report()

    assert (0, 0, 1) == totals(report)
    assert "The app closed the connection" in report.not_compared.exchanges[0].not_compared
    assert [] == aws.received == cloudmock.received


def test_an_app_that_goes_away_in_its_download(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """The exchange is not compared, and AWS does not send on for nobody."""
    is_over = threading.Event()

    def endless(*_: object) -> Iterator[bytes]:
        yield head(10**12)
        try:
            while True:
                yield b"x" * PIECE
        finally:
            is_over.set()

    aws.answer = endless
    with socket.create_connection(("127.0.0.1", port_of(proxy))) as connection:
        connection.sendall(b"GET /bucket/key HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(PIECE)
    wait_until(lambda: sum(totals(proxy.report())) == 1)

    assert (0, 0, 1) == totals(proxy.report())
    assert is_over.wait(MAX_WAIT_SECONDS)


def reading(length: int, then: Callable[[Connection], bytes]) -> Callable[[Received, Connection], bytes]:
    """Reads so much of the body, and ends then."""

    def early(_request: Received, connection: Connection) -> bytes:
        connection.stream.read(length)
        return then(connection)

    return early


def reset(connection: Connection) -> bytes:
    connection.reset()
    raise ConnectionError("reset")


def test_aws_breaks_off_in_an_upload(
    app: http.client.HTTPConnection, proxy: ContractProxy, aws: StandIn, cloudmock: StandIn
) -> None:
    """The app's call fails at once; it is an error in the report, and the next call is fine."""
    aws.early = reading(100_000, reset)
    try:
        status = put(app, BODY, PLAIN)
    except ConnectionError:
        status = 0
    report = proxy.report()
    aws.early = None
    app.close()

    assert status in (0, 502)
    assert (0, 1, 0) == totals(report)
    assert "AWS gave no reply" in str(report.mismatches[0].verdict.differences[0])
    assert 200 == put(app, BODY, PLAIN)
    assert (1, 1, 0) == totals(proxy.report())


@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunked"])
def test_aws_breaks_off_in_a_download(
    app: http.client.HTTPConnection, proxy: ContractProxy, aws: StandIn, cloudmock: StandIn, *, is_chunked: bool
) -> None:
    """The app does not take the beginning for the whole; it is an error in the report, and the next call is fine."""

    def broken(*_: object) -> Iterator[bytes]:
        sent = download(BODY, is_chunked=is_chunked)
        for _number in range(100):
            yield next(sent)
        raise ConnectionError("broken")

    aws.answer = broken
    cloudmock.answer = lambda *_: download(BODY)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        get(app)
    wait_until(lambda: sum(totals(proxy.report())) == 1)
    app.close()

    assert (0, 1, 0) == totals(proxy.report())
    aws.answer = cloudmock.answer
    status, body = get(app)
    assert (200, True) == (status, body == BODY)
    assert (1, 1, 0) == totals(proxy.report())


def test_cloudmock_breaks_off_in_an_upload(
    app: http.client.HTTPConnection, proxy: ContractProxy, aws: StandIn, cloudmock: StandIn
) -> None:
    """The app's upload goes through to AWS; CloudMock's failure is in the report."""
    cloudmock.early = reading(100_000, reset)

    assert 200 == put(app, BODY, PLAIN)
    assert (0, 1, 0) == totals(proxy.report())
    assert BODY == aws.received[0].body
    cloudmock.early = None
    assert 200 == put(app, BODY, PLAIN)
    assert (1, 1, 0) == totals(proxy.report())


@pytest.mark.parametrize("expect", [{}, {"Expect": "100-continue"}], ids=["at once", "100-continue"])
@pytest.mark.parametrize("length", [0, 2**20], ids=["at the head", "in the body"])
def test_a_refusal_before_the_body_has_been_sent(
    app: http.client.HTTPConnection,
    proxy: ContractProxy,
    aws: StandIn,
    cloudmock: StandIn,
    expect: dict[str, str],
    length: int,
) -> None:
    """S3 refuses an upload before it has all of it: the app gets that refusal, and the exchange is compared."""
    refusal = reply(b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>", "403 Forbidden")
    aws.early = cloudmock.early = reading(length, lambda _connection: refusal)

    assert 403 == put(app, BODY, PLAIN | expect)
    wait_until(lambda: sum(totals(proxy.report())) == 1)
    assert (1, 0, 0) == totals(proxy.report())
    assert [] == aws.received == cloudmock.received


@pytest.mark.parametrize("length", [0, 2**20], ids=["at the head", "in the body"])
def test_a_call_after_a_refusal_that_ends_the_connection(
    app: http.client.HTTPConnection, proxy: ContractProxy, aws: StandIn, cloudmock: StandIn, length: int
) -> None:
    """S3 refuses early and says that it closes: so does the proxy, and the app's next call is as good as any."""
    refusal = reply(b"", "403 Forbidden").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    aws.early = cloudmock.early = reading(length, lambda _connection: refusal)
    refused = put(app, BODY, PLAIN)
    wait_until(lambda: sum(totals(proxy.report())) == 1)
    aws.early = cloudmock.early = None

    assert (403, 200) == (refused, put(app, BODY, PLAIN))
    assert (2, 0, 0) == totals(proxy.report())


def test_a_call_is_never_lost_nor_counted_twice(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """Thirty calls of all kinds at once, some of which break: the report has thirty."""

    def answer(request: Received, _connection: Connection) -> bytes | Iterable[bytes]:
        kind = int(urllib.parse.urlsplit(request.target).path.rpartition("/")[2]) % 3
        return (OK, b"", download(b"x" * 2 * 2**20))[kind]

    aws.answer = cloudmock.answer = answer

    def call(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port_of(proxy), timeout=MAX_WAIT_SECONDS)
        body = b"x" * (2**21 if number % 2 else 0)
        connection.request("PUT" if number % 2 else "GET", f"/bucket/{number}", body, PLAIN)
        with connection.getresponse() as response:
            response.read()
        connection.close()

    threads = [threading.Thread(target=call, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = proxy.report()

    assert 30 == sum(totals(report))
    assert 30 == len(aws.received)
    # A read on a kept connection that is closed without a reply is asked once more, on another one.
    targets = Counter(request.target for request in cloudmock.received)
    assert 30 == len(targets)
    assert {1} == {times for target, times in targets.items() if int(target.rpartition("/")[2]) % 2}


def test_a_saved_flow_of_a_stream_has_its_verdict_and_no_signature(
    start: Start, aws: StandIn, cloudmock: StandIn, tmp_path: Path
) -> None:
    """With `-w`, long uploads and downloads are annotated before they are saved; keys and signatures are out."""
    aws.answer = cloudmock.answer = lambda request, _: OK if request.body else download(b"x" * 2 * 2**20)
    port, flows = servers.free_port(), tmp_path / "flows.mitm"
    program = start(
        *("-q", "-s", str(servers.TOP / "addon" / "contract.py"), "-p", str(port), "-w", str(flows)),
        *("--set", f"contract_aws_endpoint={aws.url}", "--set", f"contract_cloudmock={cloudmock.url}"),
        *("--set", f"confdir={tmp_path}", "--set", "contract_cleanup="),
        program="mitmdump",
    )
    program.wait_until_open(port)
    app = http.client.HTTPConnection("127.0.0.1", port, timeout=MAX_WAIT_SECONDS)
    signed = aws_chunked(SIGNED) | {"x-amz-security-token": "the-apps-token"}
    statuses = [put(app, framed(CHUNK_SIGNATURE, b""), signed), get(app)[0]]
    app.close()
    program.process.terminate()
    ended = program.wait()
    with flows.open("rb") as file:
        saved = [flow for flow in io.FlowReader(file).stream() if isinstance(flow, HTTPFlow)]

    assert [200, 200] == statuses
    assert ['"verdict": "matched"' in str(flow.metadata["cloudmock_contract"]) for flow in saved] == [True, True]
    assert 2 == ended.report["matched"]
    raw = flows.read_bytes()
    assert not [word for word in (b"Credential=test", b"Credential=A/", b"the-apps-token") if word in raw]
    assert b"Signature=redacted" in raw
