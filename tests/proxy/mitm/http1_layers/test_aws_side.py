"""HTTP of every kind from AWS, and from CloudMock."""

import http.client

import pytest

from cloudmock_contract import ContractProxy
from cloudmock_contract.proxy.mitm.http1_layers.buffers import MAX_HEAD_BYTES
from lab.stand_ins.stand_in import Connection, Received, StandIn, reply
from support.connections import HELLO, fetch, first

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-a\r\n\r\n"


TRAILERS = CHUNKED + b"5\r\nhello\r\n0\r\nx-a: 1\r\nx-b: 2\r\n\r\n"


INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"


WITHOUT_REASON = b"HTTP/1.1 102\r\n\r\n"


HUGE = b'HTTP/1.1 200 OK\r\nContent-Length: 5000000000000\r\nETag: "a"\r\n\r\n'


NO_CONTENT = b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"


NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5000000\r\n\r\n"


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
    got = [fetch(app, method), fetch(app)]
    report = proxy.report()

    assert [expected, (200, b"hello")] == got
    assert (2, 2, 0) == (report.total_requests, report.matched, report.not_compared.total)
    assert [2, 2] == [len(aws.received), len(cloudmock.received)]


CHUNKED_NO_CONTENT = b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("cloudmock_rest", [b"", b"0\r\n\r\n"])
@pytest.mark.parametrize("aws_rest", [b"", b"0\r\n\r\n"])
def test_a_204_that_says_it_is_chunked_is_one(
    app: http.client.HTTPConnection,
    proxy: ContractProxy,
    aws: StandIn,
    cloudmock: StandIn,
    aws_rest: bytes,
    cloudmock_rest: bytes,
) -> None:
    """It goes to the app as it came, whether or not the end of the chunks follows on either side; so does the next."""
    aws.answer = first(CHUNKED_NO_CONTENT + aws_rest, aws)
    cloudmock.answer = first(CHUNKED_NO_CONTENT + cloudmock_rest, cloudmock)
    app.request("DELETE", "/bucket/key")
    with app.getresponse() as response:
        got = response.status, response.headers["Transfer-Encoding"], response.read()
    after = fetch(app)
    report = proxy.report()

    assert ((204, "chunked", b""), (200, b"hello")) == (got, after)
    assert (2, 2, 0) == (report.total_requests, report.matched, report.not_compared.total)


@pytest.mark.parametrize("status", [b"204 No Content", b"200 OK"])
def test_other_framings_that_contradict_themselves_are_no_replies(
    app: http.client.HTTPConnection, proxy: ContractProxy, aws: StandIn, status: bytes
) -> None:
    """A length beside chunks is what an attack looks like, whatever the status."""
    odd = b"HTTP/1.1 " + status + b"\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n"
    aws.answer = first(odd, aws)

    assert [502, 200] == [fetch(app)[0], fetch(app)[0]]
    assert 2 == proxy.report().total_requests


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "server closed connection"),
        (b"\x00\x01nonsense\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nX-A: " + b"x" * (MAX_HEAD_BYTES + 1), "the head of its reply is larger"),
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
    status, body = fetch(app)
    after = fetch(app)
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
    got = [fetch(app), fetch(app)]
    report = proxy.report()

    assert [(200, b"{}")] * 2 == got
    assert (2, 1) == (report.total_requests, report.matched)
    assert "cloudmock: CloudMock" in str(report.mismatches[0].verdict.differences[0])
