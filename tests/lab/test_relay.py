"""The fault injector's relay alone: one reply in so many has a fault, and all others pass untouched."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from cloudmock_contract.aws.models.services import Services
from lab.mutations.relay import FaultInjector

SERVICES = Services()
BODY = b'{"Table": {"TableName": "users", "TableStatus": "ACTIVE", "ItemCount": 3}}'


@contextmanager
def server(*replies: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Answers each request with the next of these bytes, on one connection; its URL, and what it was asked."""
    asked: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        connection, _ = listener.accept()
        with connection:
            for reply in replies:
                asked.append(connection.recv(2**16))
                connection.sendall(reply)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    thread.join(5)
    listener.close()


def wire(body: bytes, headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 Fine\r\nContent-LENGTH:  %d\r\n%s\r\n%s" % (len(body), headers, body)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{} \r\n1;x=y\r\n\n\r\n0\r\nTrailer: t\r\n\r\n"
REQUEST = (
    b"POST / HTTP/1.1\r\nhost: localhost\r\nX-Amz-Target: DynamoDB_20120810.DescribeTable\r\n"
    b"amz-sdk-invocation-id: call-1\r\nContent-Length: 21\r\n\r\n" + b'{"TableName": "user"}'
)


def read(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length and (more := connection.recv(2**16)):
        data += more
    return data


@pytest.fixture
def connect() -> Iterator[Callable[[str], socket.socket]]:
    """Connects to a URL; closes at the end."""
    opened: list[socket.socket] = []

    def run(url: str) -> socket.socket:
        opened.append(socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 60))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


def test_replies_pass_byte_for_byte(connect: Callable[[str], socket.socket]) -> None:
    """Spelling, spaces, chunks and trailers are those of the server, on connections that are kept on both sides."""
    replies = (wire(BODY), CHUNKED, wire(b"x", b"X-Odd:\r\n"))
    with server(*replies) as (url, asked), FaultInjector(url, 1, 0, services=SERVICES) as injector:
        connection = connect(injector.url)
        for reply in replies:
            connection.sendall(REQUEST)

            assert reply == read(connection, len(reply))
    assert [REQUEST] * 3 == asked
    assert [("call-1", "dynamodb.DescribeTable", 200)] * 3 == injector.calls
    assert [] == injector.faults


def test_faults_are_logged(connect: Callable[[str], socket.socket], tmp_path: Path) -> None:
    """Every second reply has a fault, and the log a line for it."""
    log = tmp_path / "faults"
    reply = wire(BODY)
    with server(*[reply] * 4) as (url, _), FaultInjector(url, 1, 2, log=log, services=SERVICES) as injector:
        connection = connect(injector.url)
        received = []
        for _ in range(4):
            connection.sendall(REQUEST)
            received.append(connection.recv(2**16))
    lines: list[Mapping[str, str]] = [json.loads(line) for line in log.read_text().splitlines()]

    assert 2 == len(lines)
    assert 2 == received.count(reply)
    assert injector.faults == lines
    assert {"invocation_id", "operation", "kind", "path", "wire", "expected", "was", "now"} == lines[0].keys()
    assert ("call-1", "dynamodb.DescribeTable") == (lines[0]["invocation_id"], lines[0]["operation"])


def test_the_same_seed_makes_the_same_faults(connect: Callable[[str], socket.socket]) -> None:
    """A run can be made again."""
    found = []
    for _ in range(2):
        with server(wire(BODY)) as (url, _), FaultInjector(url, 7, 1, services=SERVICES) as injector:
            connection = connect(injector.url)
            connection.sendall(REQUEST)
            connection.recv(2**16)
        found.append(injector.faults)

    assert 1 == len(found[0])
    assert found[0] == found[1]


def test_what_is_no_call_passes(connect: Callable[[str], socket.socket]) -> None:
    """A request without an invocation id has no operation that a fault could be logged for."""
    reply = wire(b'{"status": "ok"}')
    with server(reply) as (url, _), FaultInjector(url, 1, 1, services=SERVICES) as injector:
        connection = connect(injector.url)
        connection.sendall(b"GET /_health HTTP/1.1\r\nHost: localhost\r\n\r\n")

        assert reply == read(connection, len(reply))
    assert [] == injector.calls
