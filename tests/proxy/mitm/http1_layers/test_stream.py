"""One request and its reply."""

import gc
import http.client
import json

import mitmproxy.http
import pytest

from cloudmock_contract import ContractProxy
from cloudmock_contract.proxy.mitm import process
from cloudmock_contract.proxy.mitm.http1_layers import stream
from cloudmock_contract.proxy.sides.reply_parser import ReplyParser
from lab.stand_ins.stand_in import Connection, Received, StandIn, reply
from support.connections import HELLO, fetch, first
from support.waiting import wait_until

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-a\r\n\r\n"


TRAILERS = CHUNKED + b"5\r\nhello\r\n0\r\nx-a: 1\r\nx-b: 2\r\n\r\n"


LARGE = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"a" * 3_000_000


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
    fetch(app)  # what is made once is made now, and whose the credentials are is asked now
    wait_until(lambda: 1 == proxy.report().total_requests)
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            aws.received.clear()
            cloudmock.received.clear()
            fetch(app)
            fetch(app)
        assert 7 == proxy.report().total_requests
        wait_until(lambda: not _alive(), _alive)  # the last of them may be about to end
    finally:
        gc.enable()


def _alive() -> list[str]:
    """What there is of what each exchange has one of."""
    kinds = (stream.AnsweringStream, ReplyParser)
    return [type(thing).__name__ for thing in gc.get_objects() if isinstance(thing, kinds)]


def test_what_broke_is_told_briefly(app: http.client.HTTPConnection, proxy: ContractProxy, aws: StandIn) -> None:
    """A reply that breaks off in its head is not copied into the app's error and the report."""

    def broken(_request: Received, connection: Connection) -> bytes:
        connection.socket.sendall(b"HTTP/1.1 200 OK\r\nX-A: " + b"secret" * 100_000)
        return b""

    aws.answer = broken
    status, body = fetch(app)

    assert 502 == status
    assert 1_000 > len(body)
    assert 1_000 > len(str(proxy.report().mismatches[0].verdict.differences[0]))


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
    monkeypatch.setattr(stream, "MAX_HELD_BYTES", 2**20)
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
    assert (200, b"{}") == fetch(app)
    assert 2 == proxy.report().total_requests


def test_a_reply_that_cannot_be_held_is_none(
    app: http.client.HTTPConnection, proxy: ContractProxy, aws: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply that has to be held and is too large is AWS's failure; the app's connection goes on."""
    monkeypatch.setattr(stream, "MAX_HELD_BYTES", 2**20)
    refused = reply(b"x" * (2**20 + 1), "403 Forbidden")  # held: it may be for the time
    aws.answer = first(refused, aws)
    status, body = fetch(app)

    assert (502, True) == (status, b"its reply is larger than 1 MiB" in body)
    assert (200, b"hello") == fetch(app)
    assert 2 == proxy.report().total_requests
