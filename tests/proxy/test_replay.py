"""The replay client against a server whose every byte is decided here."""

import asyncio
import socket
import threading
import time

import pytest

from cloudmock_contract.exchange import Failure, Headers, Outcome, Reply, Request
from cloudmock_contract.proxy import replay
from cloudmock_contract.proxy.replay import Replayer
from cloudmock_contract.settings import Url
from stand_in import Connection, Received, StandIn, reply
from verifying_server import VerifyingServer

HOST = ("Host", "localhost:4577")


def send(server: StandIn | str, *requests: Request, timeout: float = 5.0) -> list[Outcome]:
    """The outcomes of these requests, one after the other over one client."""

    async def run() -> list[Outcome]:
        url = server if isinstance(server, str) else server.url
        client = Replayer(Url.parse("--cloudmock", url), timeout)
        outcomes = [await client.send(request) for request in requests]
        await client.close()
        await asyncio.sleep(0)
        return outcomes

    return asyncio.run(run())


def request(method: str = "GET", target: str = "/", body: bytes = b"") -> Request:
    length = (("Content-Length", str(len(body))),) if body else ()
    return Request(method, target, Headers((HOST, *length)), body)


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Failure)
    return outcome.reason


def test_sends_every_byte_as_it_is(stand_in: StandIn) -> None:
    """Odd targets, header spellings, duplicates and empty values go out as they stand in the request."""
    headers = Headers((("hOST", "x"), ("X-Twice", "1"), ("x-twice", "2"), ("X-Empty", ""), ("X-Ü", "ü")))
    send(stand_in, Request("GET", "/a%2fb//c/./d/../e%20f?x=%2F&y=a+b&&z", headers, b""))

    expected = (
        "GET /a%2fb//c/./d/../e%20f?x=%2F&y=a+b&&z HTTP/1.1",
        "hOST: x",
        "X-Twice: 1",
        "x-twice: 2",
        "X-Empty: ",
        "X-Ü: ü",
    )
    assert "\r\n".join(expected).encode() == stand_in.received[0].head


def test_gives_the_reply_with_headers_as_they_came(stand_in: StandIn) -> None:
    """Status, header spelling, duplicates, body and duration of the reply are kept."""
    stand_in.answer = lambda *_: b"HTTP/1.1 404 Nope\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 3\r\n\r\nabc"
    stand_in.delay = 0.05
    (outcome,) = send(stand_in, request())

    assert isinstance(outcome, Reply)
    assert (404, b"abc") == (outcome.status, outcome.body)
    assert (("X-A", "1"), ("x-a", "2"), ("Content-Length", "3")) == outcome.headers.fields
    assert 0.05 <= outcome.seconds < 2


@pytest.mark.parametrize(
    ("method", "raw", "body"),
    [
        (
            "GET",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX: y\r\n\r\n",
            b"abcde",
        ),
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b""),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", b""),
        ("GET", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
        ("POST", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
    ],
)
def test_reads_every_framing(stand_in: StandIn, method: str, raw: bytes, body: bytes) -> None:
    """Chunks with extensions and trailers, replies without a body and interim replies are all understood."""
    stand_in.answer = lambda *_: raw
    (outcome,) = send(stand_in, request(method))

    assert isinstance(outcome, Reply)
    assert body == outcome.body


def test_reads_until_the_connection_closes(stand_in: StandIn) -> None:
    """A reply without a length ends with its connection, which is not used again."""

    def answer(_request: Received, connection: Connection) -> bytes:
        connection.socket.sendall(b"HTTP/1.1 200 OK\r\n\r\nall of it")
        return b""

    stand_in.answer = answer
    outcomes = send(stand_in, request(), request())

    assert [b"all of it"] * 2 == [outcome.body for outcome in outcomes if isinstance(outcome, Reply)]


def test_keeps_connections(stand_in: StandIn) -> None:
    """Requests that follow each other share one connection."""
    ports = set()

    def answer(_request: Received, connection: Connection) -> bytes:
        ports.add(connection.socket.getpeername())
        return reply()

    stand_in.answer = answer
    send(stand_in, *[request("POST", body=b"x")] * 5)

    assert 1 == len(ports)


@pytest.mark.parametrize(("method", "times"), [("GET", 3), ("POST", 2)])
def test_repeats_reads_alone_when_a_kept_connection_was_closed(stand_in: StandIn, method: str, times: int) -> None:
    """A write whose connection ends without a reply may have been applied: it is never sent a second time."""

    def answer(_request: Received, connection: Connection) -> bytes:
        if len(stand_in.received) == 2:
            connection.reset()
            return b""
        return reply()

    stand_in.answer = answer
    outcomes = send(stand_in, request(method), request(method))

    assert isinstance(outcomes[0], Reply)
    assert (method == "GET") is isinstance(outcomes[1], Reply)
    assert times == len(stand_in.received)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "closed the connection without a reply"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "closed the connection inside its reply|broke HTTP"),
        (b"garbage\r\n\r\n", "broke HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "broke HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * (replay.LARGEST_HEAD + 100_000), "broke HTTP"),
    ],
)
def test_says_what_was_wrong_with_a_reply(stand_in: StandIn, raw: bytes, expected: str) -> None:
    """A reply that is no HTTP, or not all of it, is a failure whose reason says so."""

    def answer(_request: Received, connection: Connection) -> bytes:
        connection.socket.sendall(raw)
        return b""

    stand_in.answer = answer
    (outcome,) = send(stand_in, request())

    assert any(text in reason(outcome) for text in expected.split("|")), reason(outcome)


def test_gives_up_after_the_timeout(stand_in: StandIn) -> None:
    """A server that does not answer in time is a failure that names the option."""
    stand_in.delay = 2
    started = time.monotonic()
    (outcome,) = send(stand_in, request(), timeout=0.2)

    assert "CloudMock gave no reply within 0.2 s (--timeout)." == reason(outcome)
    assert time.monotonic() - started < 1.5


def test_says_when_nothing_listens() -> None:
    """A refused connection is a failure that asks whether CloudMock is running."""
    with StandIn() as gone:
        pass
    (outcome,) = send(gone, request())

    assert f"CloudMock at {gone.url} cannot be reached" in reason(outcome)
    assert reason(outcome).endswith("Is it running?")


def test_says_when_a_server_does_not_speak_tls() -> None:
    """An https URL of a server that speaks plain HTTP is a failure that says so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_at_once() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer_at_once)
        thread.start()
        (outcome,) = send(f"https://127.0.0.1:{listener.getsockname()[1]}", request())
        thread.join()

    assert "does not speak TLS as it should" in reason(outcome)


@pytest.mark.parametrize("is_trusted", [True, False])
def test_trusts_the_certificates_that_it_is_given(*, is_trusted: bool) -> None:
    """With a file of certificate authorities of its own, a client trusts these; without one, the system's."""
    with StandIn() as plain, VerifyingServer({}, plain.port) as server:
        url = Url("https", "localhost", server.port, "")

        async def run() -> Outcome:
            client = Replayer(url, 5.0, str(server.ca_file) if is_trusted else "")
            outcome = await client.send(Request("GET", "/a", Headers((("Host", f"localhost:{server.port}"),)), b""))
            await client.close()
            await asyncio.sleep(0.05)  # a failed handshake is taken down after it was told
            return outcome

        outcome = asyncio.run(run())

    if is_trusted:
        assert isinstance(outcome, Reply)
        assert (200, b"{}") == (outcome.status, outcome.body)
    else:
        assert "does not speak TLS as it should: CERTIFICATE_VERIFY_FAILED" in reason(outcome)
        assert [] == plain.received


def test_refuses_a_reply_without_end(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body above the limit is a failure, not memory."""
    monkeypatch.setattr(replay, "LARGEST_REPLY", 2**20)
    stand_in.answer = lambda *_: reply(b"x" * (2**20 + 1))
    (outcome,) = send(stand_in, request())

    assert "larger than 1 MiB" in reason(outcome)


def test_many_at_once_do_not_mix(stand_in: StandIn) -> None:
    """Each of fifty requests under way at the same time gets its own reply."""
    stand_in.answer = lambda received, _: reply(received.target.encode())

    async def run() -> list[Outcome]:
        client = Replayer(Url.parse("--cloudmock", stand_in.url), 5.0)
        outcomes = await asyncio.gather(*(client.send(request(target=f"/{number}")) for number in range(50)))
        await client.close()
        return list(outcomes)

    bodies = [outcome.body for outcome in asyncio.run(run()) if isinstance(outcome, Reply)]

    assert [f"/{number}".encode() for number in range(50)] == bodies
