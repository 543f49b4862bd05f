"""Replies of HTTP/1.1, whole and in pieces; h11, which shares nothing with the parser, says what is right."""

import itertools
import zlib

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.errors import CloudMockError
from cloudmock_contract.proxy.sides.reply_parser import MAX_HEAD_BYTES, ReplyParser
from cloudmock_contract.values.http import Reply

HEADERS = (b"Content-Type: application/json", b"X-Empty:", b"x-a:1 \t", b"X-A:  2", "X-U: ü".encode(), b"Server: a b")
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"


def parser(*, has_body: bool = True) -> ReplyParser:
    return ReplyParser("CloudMock", has_body=has_body, max_kept=lambda _status: 1000)


def in_pieces(raw: bytes, cuts: list[int]) -> list[bytes]:
    """The bytes, cut at these places."""
    places = sorted({0, len(raw), *(cut % (len(raw) + 1) for cut in cuts)})
    return [raw[start:end] for start, end in itertools.pairwise(places)]


def by_h11(raw: bytes, method: str) -> tuple[int, list[tuple[bytes, bytes]], bytes, bool]:
    """Status, fields, body, and whether the connection is good for another request."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)
    connection.send(h11.Request(method=method, target="/", headers=[("host", "x")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(raw)
    head, body = h11.Response(status_code=200, headers=[]), b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(b"")
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            is_reusable = connection.their_state is h11.DONE and not connection.trailing_data[0]
            return head.status_code, list(head.headers.raw_items()), body, is_reusable


@st.composite
def replies(draw: st.DrawFn) -> tuple[str, bytes]:
    """A method, and a reply to it that is as it should be."""
    method = draw(st.sampled_from(["GET", "HEAD"]))
    status = draw(st.sampled_from([200, 204, 304, 404, 500]))
    headers = draw(st.lists(st.sampled_from(HEADERS), max_size=5))
    body = draw(st.binary(max_size=40))
    framing = draw(st.sampled_from(["length", "chunked", "close"]))
    if draw(st.booleans()):
        headers.append(b"Connection: close")
    if framing == "length":
        headers.append(b"Content-Length: %d" % len(body))
    elif framing == "chunked":
        headers.append(b"Transfer-Encoding: chunked")
        trailer = draw(st.sampled_from([b"", b"X-Trailer: 1\r\n"]))
        pieces = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (body[:7], body[7:]) if piece)
        body = pieces + b"0\r\n" + trailer + b"\r\n"
    if method == "HEAD" or status in (204, 304):
        body = b""
    head = b"\r\n".join((b"HTTP/1.1 %d Said So" % status, *headers))
    return method, INTERIM * draw(st.integers(0, 2)) + head + b"\r\n\r\n" + body


@given(replies(), st.lists(st.integers(0, 500), max_size=6))
def test_any_reply_in_any_pieces(sent: tuple[str, bytes], cuts: list[int]) -> None:
    """Status, fields in their spelling, body and the use of the connection are as h11 has them, however it is cut."""
    method, raw = sent
    reading = parser(has_body=method != "HEAD")
    for piece in in_pieces(raw, cuts):
        reading.feed(piece)
    if not reading.has_ended:
        reading.feed(b"")
    reply = reading.reply()
    status, fields, body, is_reusable = by_h11(raw, method)

    assert (status, tuple(fields), body) == (reply.status, reply.headers.to_bytes(), reply.body)
    assert is_reusable or not reading.is_reusable


@pytest.mark.parametrize("headers", [b"Content-Length: 2\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_a_connection_is_used_again(headers: bytes) -> None:
    """After a reply whose end is known the connection is good for another request."""
    reading = parser()
    reading.feed(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n" + (b"hi" if b"Length" in headers else b"0\r\n\r\n"))

    assert (True, True) == (reading.has_ended, reading.is_reusable)


@pytest.mark.parametrize(
    "rest", [b"HTTP/1.1 200 OK\r\n", b"x", b"\x00", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"]
)
@pytest.mark.parametrize("connection", [b"keep-alive", b"close"])
def test_what_comes_after_a_reply_is_none_of_it(rest: bytes, connection: bytes) -> None:
    """Bytes behind the end change nothing in the reply, and the connection is not used again."""
    reading = parser()
    reading.feed(b"HTTP/1.1 200 OK\r\nConnection: %b\r\nContent-Length: 2\r\n\r\nhi%b" % (connection, rest))

    assert (200, b"hi", False) == (reading.reply().status, reading.reply().body, reading.is_reusable)


def test_a_reply_to_head_ends_with_its_head() -> None:
    """What follows is no body, whatever the head says of one; a connection with more in it is not used again."""
    reading = parser(has_body=False)
    reading.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/")

    assert (True, b"", False) == (reading.has_ended, reading.reply().body, reading.is_reusable)


@pytest.mark.parametrize("rest", [b"", b"0\r\n\r\n", b"5\r\nhello\r\n0\r\n\r\n"])
def test_a_204_that_says_it_is_chunked_is_empty(rest: bytes) -> None:
    """Whether or not the chunks come that there cannot be: nobody waits for them, and nothing is read after them."""
    reading = parser()
    reading.feed(b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: Chunked\r\n\r\n" + rest)

    assert (True, 204, b"", False) == (
        reading.has_ended, reading.reply().status, reading.reply().body, reading.is_reusable,
    )  # fmt: skip


def test_a_204_leaves_its_connection_good() -> None:
    """Where it says nothing of chunks."""
    reading = parser()
    reading.feed(b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n")

    assert (True, True) == (reading.has_ended, reading.is_reusable)


@pytest.mark.parametrize(
    ("name", "expected"), [(b"X-Amz-Crc32", {"x-amz-crc32": str(zlib.crc32(b"123"))}), (b"X-A", {})]
)
def test_of_a_long_body_its_checksums_are_made(name: bytes, expected: dict[str, str]) -> None:
    """Those that its headers say."""
    reading = ReplyParser("CloudMock", has_body=True, max_kept=lambda _status: 1)
    reading.feed(b"HTTP/1.1 200 OK\r\n" + name + b": 5\r\nContent-Length: 3\r\n\r\n123")
    digest = reading.reply().digest

    assert digest is not None
    assert expected == digest.checksums


def test_a_switch_of_protocols_is_a_reply() -> None:
    """A 101 is the last that is HTTP on its connection."""
    reading = parser()
    reading.feed(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x00")

    assert (True, 101, False) == (reading.has_ended, reading.reply().status, reading.is_reusable)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"garbage\r\n\r\n", "CloudMock broke HTTP: "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "CloudMock broke HTTP: "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "CloudMock broke HTTP: "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "CloudMock broke HTTP: "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "CloudMock closed the connection inside its reply."),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "CloudMock closed the connection inside"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "CloudMock closed the connection inside its reply."),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * MAX_HEAD_BYTES, "the head of its reply is larger than 1048576 B."),
        (INTERIM * (MAX_HEAD_BYTES // len(INTERIM) + 1), "the head of its reply is larger than 1048576 B."),
    ],
)
def test_what_is_no_reply_is_cloudmocks_fault(raw: bytes, expected: str) -> None:
    """Whatever is not HTTP, or not all of it, is an error that says whose fault it is and what is wrong."""
    reading, pieces = parser(), (*in_pieces(raw, list(range(0, len(raw), 65536))), b"")

    with pytest.raises(CloudMockError, match=expected):
        list(map(reading.feed, pieces))


def test_a_body_until_the_end() -> None:
    """A body without a length ends with its connection."""
    reading = parser()
    for piece in (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", b"all", b" of it", b""):
        reading.feed(piece)

    assert Reply(200, reading.reply().headers, b"all of it") == reading.reply()
    assert not reading.is_reusable


def test_of_a_body_it_is_told_how_much_has_come() -> None:
    """Each piece is counted as it comes, so that a body that moves has time."""
    moved: list[int] = []
    reading = ReplyParser("CloudMock", has_body=True, max_kept=lambda status: status, moved=moved.append)
    for piece in (b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n", bytes(100), bytes(200)):
        reading.feed(piece)
    digest = reading.reply().digest

    assert [100, 200] == moved
    assert digest is not None
    assert 300 == digest.length
