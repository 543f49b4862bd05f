"""Who gets the layer, and HTTP of every kind from the app, from AWS and from CloudMock through it."""

import gc
import http.client
import json
import socket
from collections.abc import Callable, Iterator

import mitmproxy.http
import pytest
from h11._receivebuffer import ReceiveBuffer
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy import connection
from mitmproxy.options import Options
from mitmproxy.proxy import commands, context, events, layer
from mitmproxy.proxy.layers import modes
from mitmproxy.proxy.layers.http import HTTPMode

from cloudmock_contract import ContractProxy
from cloudmock_contract.proxy.mitm import http1_layers, process
from cloudmock_contract.proxy.sides.reply_parser import ReplyParser
from lab.stand_ins.stand_in import Connection, Received, StandIn, reply


def next_layer(parent: type[layer.Layer], data: bytes) -> layer.NextLayer:
    client = connection.Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2), timestamp_start=0)
    made = context.Context(client, Options())
    parent(made)
    asked = layer.NextLayer(made)
    asked.events.append(events.DataReceived(client, data))
    return asked


def test_a_reverse_proxys_http_client_gets_the_layer() -> None:
    """Plain HTTP in reverse mode is handled by the answering layer."""
    asked = next_layer(modes.ReverseProxy, b"GET / HTTP/1.1\r\n")
    http1_layers.choose_layer(asked)

    assert isinstance(asked.layer, http1_layers.AnsweringLayer)


@pytest.mark.parametrize(
    ("parent", "data"),
    [(modes.ReverseProxy, b"\x16\x03\x01\x02\x00\x01"), (modes.HttpProxy, b"GET http://x/ HTTP/1.1\r\n")],
)
def test_everything_else_is_left_to_mitmproxy(parent: type[layer.Layer], data: bytes) -> None:
    """TLS and other proxy modes are none of its business."""
    asked = next_layer(parent, data)
    http1_layers.choose_layer(asked)

    assert asked.layer is None


def test_a_choice_that_was_made_is_kept() -> None:
    """Another addon's choice of a layer stays."""
    asked = next_layer(modes.ReverseProxy, b"GET / HTTP/1.1\r\n")
    chosen = http1_layers.AnsweringLayer(asked.context, HTTPMode.transparent)
    asked.context.layers.remove(chosen)
    asked.layer = chosen
    http1_layers.choose_layer(asked)

    assert chosen is asked.layer


def test_what_is_sent_at_once_is_sent_in_one() -> None:
    """Consecutive sends to one connection are one, in their order, up to a size; nothing overtakes anything."""
    client, server = (
        connection.Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2), timestamp_start=number)
        for number in range(2)
    )

    def sent() -> http1_layers.Commands:
        yield commands.SendData(client, b"a")
        yield commands.SendData(client, b"b" * (http1_layers.MAX_COALESCED_BYTES - 1))
        yield commands.SendData(client, b"c")
        yield commands.SendData(server, b"d")
        yield commands.SendData(client, b"e")
        yield commands.CloseConnection(client)
        yield commands.SendData(server, b"f")

    joined = [
        (command.connection is client, getattr(command, "data", b"close"))
        for command in http1_layers._coalesce_writes(sent())
        if isinstance(command, commands.ConnectionCommand)
    ]

    assert [
        (True, b"a" + b"b" * (http1_layers.MAX_COALESCED_BYTES - 1)),
        (True, b"c"),
        (False, b"d"),
        (True, b"e"),
        (True, b"close"),
        (False, b"f"),
    ] == joined


STEPS = st.one_of(
    st.lists(st.sampled_from((b"\r", b"\n", b"\r\n", b"a", b"bc")), min_size=1).map(b"".join),
    st.integers(0, 9),
    st.sampled_from(("maybe_extract_next_line", "maybe_extract_lines", "is_next_line_obviously_invalid_request_line")),
)


@given(st.lists(STEPS))
def test_the_buffer_gives_what_h11s_gives(steps: list[bytes | int | str]) -> None:
    """Whatever comes and is taken, in whatever order: the same as from the buffer that it stands in for."""
    ours, h11s = http1_layers._Buffer(), ReceiveBuffer()
    for step in steps:
        if isinstance(step, bytes):
            ours += step
            h11s += step
        else:
            name, arguments = (step, ()) if isinstance(step, str) else ("maybe_extract_at_most", (step,))
            assert getattr(h11s, name)(*arguments) == getattr(ours, name)(*arguments)
        assert (bytes(h11s), len(h11s), bool(h11s)) == (bytes(ours), len(ours), bool(ours))


def test_what_comes_alone_is_not_copied() -> None:
    """A piece of a body that is longer than the piece is handed over as it came."""
    buffer, piece = http1_layers._Buffer(), b"a" * 1000
    buffer += piece

    assert buffer.maybe_extract_at_most(1000) is piece
    assert b"" == bytes(buffer)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-a\r\n\r\n"
TRAILERS = CHUNKED + b"5\r\nhello\r\n0\r\nx-a: 1\r\nx-b: 2\r\n\r\n"
HELLO = reply(b"hello", content_type="text/plain")
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
WITHOUT_REASON = b"HTTP/1.1 102\r\n\r\n"
HUGE = b'HTTP/1.1 200 OK\r\nContent-Length: 5000000000000\r\nETag: "a"\r\n\r\n'
NO_CONTENT = b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"
LARGE = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"a" * 3_000_000
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5000000\r\n\r\n"


@pytest.fixture
def app(proxy: ContractProxy) -> Iterator[http.client.HTTPConnection]:
    """One connection of the app's."""
    connection = http.client.HTTPConnection("127.0.0.1", port_of(proxy), timeout=10)
    yield connection
    connection.close()


def port_of(proxy: ContractProxy) -> int:
    return int(proxy.url.rpartition(":")[2])


def asked(app: http.client.HTTPConnection, method: str = "GET") -> tuple[int, bytes]:
    app.request(method, "/bucket/key")
    with app.getresponse() as response:
        return response.status, response.read()


def first(odd: bytes, server: StandIn) -> Callable[[Received, Connection], bytes]:
    """Answers the first request with these bytes, and all others as usual."""
    return lambda *_: odd if len(server.received) == 1 else HELLO


@pytest.mark.parametrize(
    ("method", "answer", "expected"),
    [
        ("GET", TRAILERS, (200, b"hello")),
        ("GET", INTERIM + HELLO, (200, b"hello")),
        ("GET", INTERIM * 100 + TRAILERS, (200, b"hello")),
        ("GET", WITHOUT_REASON + HELLO, (200, b"hello")),
        ("HEAD", HUGE, (200, b"")),
        ("HEAD", INTERIM + HUGE, (200, b"")),
        ("DELETE", NO_CONTENT, (204, b"")),
        ("GET", NOT_MODIFIED, (304, b"")),
    ],
    ids=[
        *("trailers", "interim replies", "many of them", "one without a reason", "HEAD of a huge object"),
        *("the same after interim replies", "204", "304"),
    ],
)
def test_a_connection_goes_on_after_every_reply(
    app: http.client.HTTPConnection,
    proxy: ContractProxy,
    aws: StandIn,
    cloudmock: StandIn,
    method: str,
    answer: bytes,
    expected: tuple[int, bytes],
) -> None:
    """The app gets the reply as HTTP means it, both sides' match, and the same connection takes the next request."""
    aws.answer, cloudmock.answer = first(answer, aws), first(answer, cloudmock)
    got = [asked(app, method), asked(app)]
    report = proxy.report()

    assert [expected, (200, b"hello")] == got
    assert (2, 2, 0) == (report.total_requests, report.matched, report.not_compared.total)
    assert [2, 2] == [len(aws.received), len(cloudmock.received)]


@pytest.mark.parametrize("answer", [HELLO, TRAILERS, b"", LARGE], ids=["reply", "chunked", "failure", "streamed"])
def test_what_has_ended_is_freed_without_the_garbage_collector(
    app: http.client.HTTPConnection,
    proxy: ContractProxy,
    aws: StandIn,
    cloudmock: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes,
) -> None:
    """Nothing of a request refers back to itself when it has ended: memory is free again, and nobody looks for it."""
    check = mitmproxy.http.MessageData.__post_init__  # makes such garbage by itself
    monkeypatch.setattr(mitmproxy.http.MessageData, "__post_init__", process.fast_type_check(check))
    aws.answer = first(answer, aws)
    cloudmock.answer = first(LARGE, cloudmock)
    asked(app)  # what is made once is made now
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            aws.received.clear()
            cloudmock.received.clear()
            asked(app)
            asked(app)
        assert 7 == proxy.report().total_requests
        of = (http1_layers.AnsweringStream, ReplyParser)
        left = [type(one).__name__ for one in gc.get_objects() if isinstance(one, of)]
    finally:
        gc.enable()

    assert [] == left


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "server closed connection"),
        (b"\x00\x01nonsense\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nX-A: " + b"x" * (http1_layers.MAX_HEAD_BYTES + 1), "the head of its reply is larger"),
        (INTERIM, ""),
    ],
    ids=["nothing", "nonsense", "length", "two lengths", "endless head", "interim replies alone"],
)
def test_what_is_no_reply_is_answered(
    app: http.client.HTTPConnection, proxy: ContractProxy, aws: StandIn, answer: bytes, reason: str
) -> None:
    """Where AWS's bytes are no reply the app gets an S3 error that says so, and its connection takes the next one."""

    def broken(_request: Received, connection: Connection) -> bytes:
        if len(aws.received) > 1:
            return HELLO
        connection.socket.sendall(answer)
        return b""

    aws.answer = broken
    status, body = asked(app)
    after = asked(app)
    report = proxy.report()

    assert (502, (200, b"hello")) == (status, after)
    assert b"<Code>AWSUnreachable</Code>" in body
    assert reason in body.decode()
    assert (2, 0) == (report.total_requests, report.not_compared.total)
    assert "AWS gave no reply" in str(report.mismatches[0].verdict.differences[0])


@pytest.mark.parametrize(
    "answer",
    [b"\x00nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", INTERIM, CHUNKED + b"5\r\nhel"],
    ids=["nonsense", "cut short", "interim replies alone", "cut in a chunk"],
)
def test_a_broken_candidate_does_not_concern_the_app(
    app: http.client.HTTPConnection, proxy: ContractProxy, cloudmock: StandIn, answer: bytes
) -> None:
    """What CloudMock breaks is its own failure in the report; the app gets AWS's replies."""

    def broken(_request: Received, connection: Connection) -> bytes:
        if len(cloudmock.received) > 1:
            return reply()
        connection.socket.sendall(answer)
        return b""

    cloudmock.answer = broken
    got = [asked(app), asked(app)]
    report = proxy.report()

    assert [(200, b"{}")] * 2 == got
    assert (2, 1) == (report.total_requests, report.matched)
    assert "cloudmock: CloudMock" in str(report.mismatches[0].verdict.differences[0])


def sent(proxy: ContractProxy, *pieces: bytes) -> bytes:
    """What comes back for these bytes until the connection is closed."""
    with socket.create_connection(("127.0.0.1", port_of(proxy)), 10) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_the_apps_trailers_are_dropped(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """An upload with trailers reaches both sides without them, and is answered."""
    head = b"PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    got = sent(proxy, head, b"5\r\nhello\r\n0\r\nx-a: 1\r\n\r\n")

    assert got.startswith(b"HTTP/1.1 200 ")
    assert (1, 1) == (proxy.report().total_requests, proxy.report().matched)
    assert [b"hello"] * 2 == [one.body for one in aws.received + cloudmock.received]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /b/k HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"x" * (http1_layers.MAX_HEAD_BYTES + 1), b"431"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /b/k HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
    ],
    ids=["endless head", "nonsense", "two lengths"],
)
def test_what_is_no_request_is_refused(
    proxy: ContractProxy, aws: StandIn, cloudmock: StandIn, request_bytes: bytes, status: bytes
) -> None:
    """The app's connection is closed with HTTP's own error, and neither side hears of it."""
    got = sent(proxy, request_bytes)

    assert [b"HTTP/1.1", status] == got.split()[:2]
    assert [] == aws.received == cloudmock.received
    assert 0 == proxy.report().total_requests


def test_what_broke_is_told_briefly(app: http.client.HTTPConnection, proxy: ContractProxy, aws: StandIn) -> None:
    """A reply that breaks off in its head is not copied into the app's error and the report."""

    def broken(_request: Received, connection: Connection) -> bytes:
        connection.socket.sendall(b"HTTP/1.1 200 OK\r\nX-A: " + b"secret" * 100_000)
        return b""

    aws.answer = broken
    status, body = asked(app)

    assert 502 == status
    assert 1_000 > len(body)
    assert 1_000 > len(str(proxy.report().mismatches[0].verdict.differences[0]))


@pytest.mark.parametrize("where", ["read_headers", "read_body"])
def test_a_defect_does_not_keep_the_app_waiting(
    app: http.client.HTTPConnection,
    proxy: ContractProxy,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    where: str,
) -> None:
    """Where the layer itself fails the app's connection ends at once, the exchange is counted, the log has the rest."""

    def fail(*_: object) -> http1_layers.Commands:
        raise RuntimeError("oops")

    monkeypatch.setattr(http1_layers._ReplyReader, where, fail)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        asked(app)
    monkeypatch.undo()
    report = proxy.report()

    assert (1, 0, 0) == (report.total_requests, report.matched, report.not_compared.total)
    assert "a defect of its own" in str(report.mismatches[0].verdict.differences[0])
    assert "RuntimeError" in caplog.text
    assert (200, b"{}") == asked(app)


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_cannot_be_held_is_refused(
    app: http.client.HTTPConnection,
    proxy: ContractProxy,
    aws: StandIn,
    cloudmock: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_chunked: bool,
) -> None:
    """A request whose body has to be held and is too large gets an error of its service's; the connection goes on."""
    monkeypatch.setattr(http1_layers, "MAX_HELD_BYTES", 2**20)
    headers = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}
    body = b"x" * (2**20 + 1)
    if is_chunked:
        app.request("POST", "/", iter([body]), headers, encode_chunked=True)
    else:
        app.request("POST", "/", body, headers)
    with app.getresponse() as response:
        status, answer = response.status, response.read()

    assert (400, True) == (status, b"larger than 1 MiB" in answer)
    assert "InvalidRequest" == json.loads(answer)["__type"]
    assert [] == aws.received == cloudmock.received
    assert (200, b"{}") == asked(app)
    assert 2 == proxy.report().total_requests


def test_a_reply_that_cannot_be_held_is_none(
    app: http.client.HTTPConnection, proxy: ContractProxy, aws: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply that has to be held and is too large is AWS's failure; the app's connection goes on."""
    monkeypatch.setattr(http1_layers, "MAX_HELD_BYTES", 2**20)
    refused = reply(b"x" * (2**20 + 1), "403 Forbidden")  # held: it may be for the time
    aws.answer = first(refused, aws)
    status, body = asked(app)

    assert (502, True) == (status, b"its reply is larger than 1 MiB" in body)
    assert (200, b"hello") == asked(app)
    assert 2 == proxy.report().total_requests
