"""The replay client against a server whose every byte is decided here."""

import asyncio
import hashlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable

import pytest

from cloudmock_contract.proxy.sides import http_client
from cloudmock_contract.proxy.sides.http_client import MAX_COPIED_BYTES, MIN_BYTES_PER_SECOND, Deadline, HttpClient
from cloudmock_contract.proxy.sides.reply_parser import MAX_HEAD_BYTES
from cloudmock_contract.proxy.streams.spool import Spool
from cloudmock_contract.url import Url
from cloudmock_contract.values.http import Digest, Failure, Headers, Outcome, Reply, Request, Skipped, Streamed
from lab.stand_ins.stand_in import Connection, Received, StandIn, reply
from lab.stand_ins.verifying_server import VerifyingServer

HOST = ("Host", "localhost:4577")


def send(server: StandIn | str, *requests: Request, timeout: float = 5.0) -> list[Outcome]:
    """The outcomes of these requests, one after the other over one client."""

    async def run() -> list[Outcome]:
        url = server if isinstance(server, str) else server.url
        client = HttpClient(Url.parse("--cloudmock", url), timeout, "CloudMock")
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


@pytest.mark.parametrize("size", [1, MAX_COPIED_BYTES - 1, MAX_COPIED_BYTES, 3_000_001])
def test_a_body_of_any_size_follows_its_head(stand_in: StandIn, size: int) -> None:
    """Copied into one piece with the head or not, it arrives as it is."""
    body = bytes(number % 251 for number in range(size))
    send(stand_in, request("POST", body=body), request())

    assert [body, b""] == [one.body for one in stand_in.received]


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
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * (MAX_HEAD_BYTES + 100_000), "broke HTTP"),
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
            client = HttpClient(url, 5.0, "CloudMock", str(server.ca_file) if is_trusted else "")
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


@pytest.mark.parametrize(("size", "is_digest"), [(100, False), (101, True), (2**20 - 1, True), (3 * 2**20, True)])
def test_of_a_large_reply_a_digest_is_kept(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, size: int, *, is_digest: bool
) -> None:
    """A body above the limit does not stay in memory: its length and its hash do, and the connection serves on."""
    monkeypatch.setattr(http_client, "MAX_KEPT_BYTES", 100)
    data = b"x" * size
    ports = set()

    def answer(_request: Received, connection: Connection) -> bytes:
        ports.add(connection.socket.getpeername())
        return reply(data)

    stand_in.answer = answer
    for outcome in send(stand_in, request(), request()):
        assert isinstance(outcome, Reply)
        assert size == outcome.length
        assert (b"" if is_digest else data) == outcome.body
        assert (Digest(size, hashlib.sha256(data).hexdigest()) if is_digest else None) == outcome.digest
    assert 1 == len(ports)


@pytest.mark.parametrize("size", [2**20, 3 * 2**20])
def test_a_large_reply_is_read_as_it_is(stand_in: StandIn, size: int) -> None:
    """Bytes, headers and status of a large reply are those that came, and nothing of what follows it."""
    data = (bytes(range(251)) * (size // 251 + 1))[:size]
    stand_in.answer = lambda *_: reply(data, "206 Partial Content") + b"HTTP/1.1 200 OK\r\n\r\n"
    (outcome,) = send(stand_in, request())

    assert isinstance(outcome, Reply)
    assert (206, str(size)) == (outcome.status, outcome.headers.get("content-length"))
    assert data == outcome.body


def test_a_large_reply_that_is_cut_off_is_a_failure(stand_in: StandIn) -> None:
    """A body that ends before its length is not taken for a whole one."""

    def answer(_request: Received, connection: Connection) -> bytes:
        connection.socket.sendall(reply(b"x" * 2**21)[:-1])
        return b""

    stand_in.answer = answer
    (outcome,) = send(stand_in, request())

    assert "CloudMock closed the connection inside its reply." == reason(outcome)


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "304 Not Modified"), ("GET", "204 No Content")]
)
def test_the_length_of_a_body_that_does_not_come_is_none(stand_in: StandIn, method: str, status: str) -> None:
    """Where HTTP has no body nobody waits for the one that the length speaks of."""
    stand_in.answer = lambda *_: f"HTTP/1.1 {status}\r\nContent-Length: {2**24}\r\n\r\n".encode()
    outcomes = send(stand_in, request(method), request(method))

    assert [b"", b""] == [outcome.body for outcome in outcomes if isinstance(outcome, Reply)]


@pytest.mark.parametrize(("status", "is_digest"), [(200, True), (404, False)])
def test_what_is_kept_depends_on_the_status(stand_in: StandIn, status: int, *, is_digest: bool) -> None:
    """Who asks says how much of which reply is wanted."""
    stand_in.answer = lambda *_: reply(b"12345", f"{status} Status")

    async def run() -> Outcome:
        client = HttpClient(Url.parse("--cloudmock", stand_in.url), 5.0, "CloudMock")
        outcome = await client.send(request(), max_kept=lambda status: 4 if status < 300 else 5)
        await client.close()
        return outcome

    outcome = asyncio.run(run())

    assert isinstance(outcome, Reply)
    assert is_digest is (outcome.digest is not None)


def test_a_connection_is_closed_at_once() -> None:
    """A request without a body leaves nothing to be written: closing its connection does not have to wait."""
    with StandIn() as server:

        async def run() -> float:
            client = HttpClient(Url.parse("--cloudmock", server.url), 5.0, "CloudMock")
            await client.send(request())
            assert 0 == client._idle[0].writer.transport.get_write_buffer_size()
            started = time.monotonic()
            await client.close()
            return time.monotonic() - started

        assert asyncio.run(run()) < http_client.CLOSE_SECONDS / 2


def test_a_kept_connection_costs_no_processor_time() -> None:
    """While a connection waits to be used again, the event loop has nothing to do for it."""
    with StandIn() as server:

        async def run() -> float:
            client = HttpClient(Url.parse("--cloudmock", server.url), 5.0, "CloudMock")
            await client.send(request())
            started = time.thread_time()
            await asyncio.sleep(0.3)
            used = time.thread_time() - started
            await client.close()
            return used

        assert asyncio.run(run()) < 0.1


def test_many_at_once_do_not_mix(stand_in: StandIn) -> None:
    """Each of fifty requests under way at the same time gets its own reply."""
    stand_in.answer = lambda received, _: reply(received.target.encode())

    async def run() -> list[Outcome]:
        client = HttpClient(Url.parse("--cloudmock", stand_in.url), 5.0, "CloudMock")
        outcomes = await asyncio.gather(*(client.send(request(target=f"/{number}")) for number in range(50)))
        await client.close()
        return list(outcomes)

    bodies = [outcome.body for outcome in asyncio.run(run()) if isinstance(outcome, Reply)]

    assert [f"/{number}".encode() for number in range(50)] == bodies


type Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def against[T](handle: Handle, call: Callable[[HttpClient], Awaitable[T]], timeout: float = 5.0) -> tuple[T, int]:
    """What the call comes to against a server whose connections are handled so, and how many of these there were."""

    async def run() -> tuple[T, int]:
        number = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal number
            number += 1
            try:
                await handle(reader, writer)
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        client = HttpClient(Url("http", "127.0.0.1", server.sockets[0].getsockname()[1], ""), timeout, "CloudMock")
        try:
            return await asyncio.wait_for(call(client), 20), number
        finally:
            await client.close()
            server.close()
            await asyncio.sleep(0.01)

    return asyncio.run(run())


def upload(length: int | None, method: str = "PUT") -> Request:
    framing = ("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length))
    return Request(method, "/b/k", Headers((HOST, framing)), b"", Streamed(length))


def spooled(*pieces: bytes) -> Spool:
    """A whole body."""
    body = Spool()
    for piece in (*pieces, b""):
        body.put(piece)
    return body


@pytest.mark.parametrize(
    ("length", "pieces", "expected"),
    [
        (6, (b"abc", b"def"), b"abcdef"),
        (0, (), b""),
        (None, (b"abc", b"0123456789abcdefg"), b"3\r\nabc\r\n11\r\n0123456789abcdefg\r\n0\r\n\r\n"),
        (None, (), b"0\r\n\r\n"),
    ],
)
def test_a_streamed_body_has_the_framing_of_its_head(
    length: int | None, pieces: tuple[bytes, ...], expected: bytes
) -> None:
    """With a length the pieces go out as they are, without one in chunks; the connection is used again."""
    received = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            await reader.readuntil(b"\r\n\r\n")
            received.append(await reader.readexactly(len(expected)))
            writer.write(OK)

    async def call(client: HttpClient) -> list[Outcome]:
        return [await client.send(upload(length), body=spooled(*pieces)) for _ in range(2)]

    outcomes, connections = against(handle, call)

    assert [b"hi", b"hi"] == [outcome.body for outcome in outcomes if isinstance(outcome, Reply)]
    assert [expected, expected] == received
    assert 1 == connections


def test_a_streamed_body_goes_out_as_it_comes() -> None:
    """CloudMock has the first piece before there is a second; the reply's time is from the last byte on."""
    body = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        assert b"abc" == await reader.readexactly(3)
        body.set()
        assert b"def" == await reader.readexactly(3)
        writer.write(OK)

    async def call(client: HttpClient) -> Outcome:
        spool = Spool()
        sending = asyncio.create_task(client.send(upload(6), body=spool))
        spool.put(b"abc")
        await asyncio.wait_for(body.wait(), 5)
        await asyncio.sleep(0.2)
        spool.put(b"def")
        spool.put(b"")
        return await sending

    outcome, _ = against(handle, call)

    assert isinstance(outcome, Reply)
    assert outcome.seconds < 0.15


def test_a_large_body_goes_both_ways_at_once() -> None:
    """A server that sends its reply while it reads does not make either side wait for the other."""
    size = 8 * 2**20

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        left = size
        while left:
            data = await reader.read(2**16)
            left -= len(data)
            writer.write(data)
            await writer.drain()

    async def call(client: HttpClient) -> Outcome:
        return await client.send(upload(size), body=spooled(*[b"x" * 2**16] * (size // 2**16)))

    outcome, _ = against(handle, call, timeout=60.0)

    assert isinstance(outcome, Reply)
    assert size == outcome.length


@pytest.mark.parametrize("is_closing", [False, True])
def test_an_early_reply_counts(*, is_closing: bool) -> None:
    """A reply that comes before the whole body was sent is the reply; its connection is not used again."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(3)
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
        await writer.drain()
        if is_closing:
            writer.write_eof()
        assert b"" == await reader.read()

    async def call(client: HttpClient) -> list[Outcome]:
        outcomes = []
        for _ in range(2):
            body = Spool()
            body.put(b"abc")
            outcomes.append(await client.send(upload(6), body=body))
            body.close()
        return outcomes

    outcomes, connections = against(handle, call)

    assert [403, 403] == [outcome.status for outcome in outcomes if isinstance(outcome, Reply)]
    assert 2 == connections


def test_a_server_that_stops_reading_is_heard() -> None:
    """A reply counts, though the connection breaks under the body that is still being sent."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        await writer.drain()
        writer.get_extra_info("socket").shutdown(socket.SHUT_RD)
        await asyncio.sleep(0.1)

    async def call(client: HttpClient) -> Outcome:
        return await client.send(upload(2**24), body=spooled(*[b"x" * 2**16] * 100))

    outcome, _ = against(handle, call)

    assert isinstance(outcome, Reply)
    assert 413 == outcome.status


@pytest.mark.parametrize("is_reset", [False, True])
def test_a_server_that_dies_in_the_middle_of_a_body_is_a_failure(*, is_reset: bool) -> None:
    """Nobody waits for the reply of a server that is gone."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(3)
        if is_reset:
            writer.transport.abort()

    async def call(client: HttpClient) -> Outcome:
        body = Spool()
        body.put(b"abc")
        outcome = await client.send(upload(6), body=body)
        body.close()
        return outcome

    outcome, connections = against(handle, call)

    assert "connection" in reason(outcome)
    assert 1 == connections


def test_a_body_that_does_not_come_leaves_nothing_to_compare() -> None:
    """Where the body was given up the outcome says why, and CloudMock sees the connection end inside the body."""
    ended = []

    async def handle(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        ended.append(await reader.read())

    async def call(client: HttpClient) -> Outcome:
        body = Spool()
        sending = asyncio.create_task(client.send(upload(6), body=body))
        body.put(b"abc")
        await asyncio.sleep(0.05)
        body.give_up("The app hung up.")
        outcome = await sending
        await asyncio.sleep(0.05)
        return outcome

    outcome, _ = against(handle, call)

    assert isinstance(outcome, Skipped)
    assert "The app hung up." == outcome.reason
    assert 0.04 <= outcome.seconds < 2
    assert [b"abc"] == ended


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_streamed_body_is_sent_once(method: str) -> None:
    """What was read of a body is gone: its request is not sent again, even if it is a read."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await reader.readuntil(b"abc")

    async def call(client: HttpClient) -> tuple[Outcome, Outcome]:
        return await client.send(request()), await client.send(upload(3, method), body=spooled(b"abc"))

    (first, second), connections = against(handle, call, timeout=1.0)

    assert isinstance(first, Reply)
    assert "CloudMock closed the connection without a reply." == reason(second)
    assert 1 == connections


def test_time_does_not_count_before_aws_has_replied() -> None:
    """CloudMock may take as long as AWS, and its own time after that."""

    async def handle(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.read()

    async def call(client: HttpClient) -> tuple[Outcome, float]:
        deadline = Deadline(0.2)
        sending = asyncio.create_task(client.send(request(), deadline))
        await asyncio.sleep(0.4)
        assert not sending.done()
        deadline.aws_replied()
        started = time.monotonic()
        return await sending, time.monotonic() - started

    (outcome, seconds), _ = against(handle, call, timeout=0.2)

    assert "CloudMock gave no reply within 0.2 s (--timeout)." == reason(outcome)
    assert 0.15 < seconds < 1


def test_a_body_that_stands_still_runs_out_of_time() -> None:
    """A server that stops reading in the middle of a body is given up like one that does not reply."""

    async def handle(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(1)

    async def call(client: HttpClient) -> Outcome:
        return await client.send(upload(2**24), body=spooled(*[b"x" * 2**16] * 100))

    outcome, _ = against(handle, call, timeout=0.3)

    assert "(--timeout)" in reason(outcome)


def when(calls: Callable[[Deadline, asyncio.Timeout], Awaitable[None]], seconds: float = 10.0) -> float | None:
    """In how many seconds from now the time is up after these calls; None if it is not counted."""

    async def run() -> float | None:
        async with asyncio.timeout(None) as scope:
            await calls(Deadline(seconds), scope)
            end = scope.when()
            scope.reschedule(None)
        return None if end is None else end - asyncio.get_running_loop().time()

    return asyncio.run(run())


def test_a_deadline_is_counted_from_the_later_one() -> None:
    """From when CloudMock was asked, or AWS has replied, whichever was later; before that there is none."""

    async def nothing(_deadline: Deadline, _scope: asyncio.Timeout) -> None:
        await asyncio.sleep(0)

    async def asked(deadline: Deadline, scope: asyncio.Timeout) -> None:
        deadline.start(scope)
        deadline.moved(10 * MIN_BYTES_PER_SECOND)

    async def replied_later(deadline: Deadline, scope: asyncio.Timeout) -> None:
        deadline.start(scope)
        await asyncio.sleep(0.3)
        deadline.aws_replied()

    async def asked_later(deadline: Deadline, scope: asyncio.Timeout) -> None:
        deadline.aws_replied()
        await asyncio.sleep(0.3)
        deadline.start(scope)

    assert when(nothing) is None
    assert when(asked) is None
    for calls in (replied_later, asked_later):
        assert when(calls) == pytest.approx(10, abs=0.2)


@pytest.mark.parametrize(
    ("size", "moved", "expected"),
    [(0, 4, 9.5), (0.2, 4, 9.7), (4, 0, 9.5), (4, 0.2, 9.5), (4, 2, 10), (100, 50, 10)],
)
def test_a_large_body_has_time_as_long_as_it_moves(size: float, moved: float, expected: float) -> None:
    """Time is counted from when it has moved last, but for a second's worth no more than a second is given, and none
    for what is more than AWS's bodies.
    """

    async def calls(deadline: Deadline, scope: asyncio.Timeout) -> None:
        deadline.start(scope)
        deadline.aws_replied(int(size * MIN_BYTES_PER_SECOND))
        await asyncio.sleep(0.5)
        deadline.moved(int(moved * MIN_BYTES_PER_SECOND))

    assert when(calls) == pytest.approx(expected, abs=0.1)


def test_a_deadline_that_has_ended_is_left_alone() -> None:
    """After CloudMock's reply the scope may be gone: AWS's reply, and bytes, do not touch it."""

    async def run() -> None:
        deadline = Deadline(10)
        async with asyncio.timeout(None) as scope:
            deadline.start(scope)
            await asyncio.sleep(0)
            deadline.ended()
        deadline.aws_replied(10 * MIN_BYTES_PER_SECOND)
        deadline.moved(10 * MIN_BYTES_PER_SECOND)
        assert scope.when() is None

    asyncio.run(run())
