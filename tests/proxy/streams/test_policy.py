"""Which bodies pass by as they come, and what is kept of them."""

import asyncio
import base64
import hashlib
import zlib
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mitmproxy import http

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.errors import AppError
from cloudmock_contract.proxy.streams.policy import (
    HASH_BYTES,
    MAX_KEPT_BYTES,
    MAX_KEPT_PAYLOAD_BYTES,
    MIN_STREAMED_BYTES,
    Download,
    Kept,
    Upload,
    as_streamed,
    is_streamed,
    length,
    max_kept_bytes,
    may_stream,
)
from cloudmock_contract.values.http import Digest, Headers, Reply, Request, Streamed
from cloudmock_contract.values.operation import Operation
from support.calls import call_for

SERVICES = Services()
LONG = ("Content-Length", str(MIN_STREAMED_BYTES))
CHUNKED = ("Transfer-Encoding", "chunked")
SCOPE = "AKIAUSER/20260101/eu-west-1/s3/aws4_request"
V4 = ("Authorization", f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=00")
V4_QUERY = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={SCOPE.replace('/', '%2F')}&X-Amz-Signature=00"
STATED = ("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD")
_REPLY = Reply(200, Headers((("ETag", '"1"'),)), b"", 0.5)


def put(*fields: tuple[str, str], target: str = "/b/k", method: str = "PUT") -> Request:
    return Request(method, target, Headers((("Host", "localhost:4577"), *fields)), b"")


def operation(name: str, signing_name: str = "") -> Operation:
    service, _, action = name.partition(".")
    return Operation(service, action, "", signing_name or service)


@example([b"abc", b"de"], 5)
@example([b"abc", b"de"], 4)
@given(st.lists(st.binary(max_size=20)), st.integers(0, 60))
def test_a_body_is_kept_or_its_digest(pieces: list[bytes], most: int) -> None:
    """Up to so many bytes the body itself is kept; of a longer one its length and its SHA-256, however it came."""
    data = b"".join(pieces)
    kept = Kept(most)
    for piece in pieces:
        kept.add(piece)
    reply = kept.put_into(_REPLY)

    digest = Digest(len(data), hashlib.sha256(data).hexdigest())
    expected = (data, None) if len(data) <= most else (b"", digest)
    assert expected == (reply.body, reply.digest)
    assert len(data) == kept.length == reply.length
    assert (_REPLY.status, _REPLY.headers, _REPLY.seconds) == (reply.status, reply.headers, reply.seconds)


def test_of_a_long_body_nothing_stays_in_memory() -> None:
    """As soon as a body is longer than what is kept, its bytes are let go."""
    kept = Kept(10)
    kept.add(b"0123456789")
    kept.add(b"a")

    assert b"" == bytes(kept._bytes)


@pytest.mark.parametrize("size", [1, 700_001, HASH_BYTES, 3 * HASH_BYTES + 1])
def test_a_long_body_is_hashed_in_its_order(size: int) -> None:
    """Whatever the pieces are that it comes in, the SHA-256 is that of the body, and little of it waits for it."""
    kept, right = Kept(10), hashlib.sha256()
    for number in range(max(12, 30_000 // size)):
        piece = bytes((number % 251,)) * size
        kept.add(piece)
        right.update(piece)
    reply = kept.put_into(_REPLY)

    assert Digest(kept.length, right.hexdigest()) == reply.digest
    assert kept._hash is not None
    assert [] == kept._hash._waiting


@pytest.mark.parametrize("size", [1, 700_001, HASH_BYTES + 1])
def test_the_checksums_that_headers_say_are_made_of_a_long_body(size: int) -> None:
    """With its hash, of the same bytes in the same order: where a header says one, and it is quick to make."""
    kept, data = Kept(10, lambda: ["date", "x-amz-crc32", "x-amz-checksum-crc32", "etag"]), b""
    for number in range(12):
        piece = bytes((number,)) * size
        kept.add(piece)
        data += piece
    digest, crc = kept.put_into(_REPLY).digest, zlib.crc32(data)
    expected = {"x-amz-crc32": str(crc), "x-amz-checksum-crc32": base64.b64encode(crc.to_bytes(4)).decode()}

    assert digest is not None
    assert (hashlib.sha256(data).hexdigest(), expected) == (digest.sha256, digest.checksums)


def test_headers_are_not_looked_at_for_a_short_body() -> None:
    """Its bytes are there."""

    def names() -> list[str]:
        raise AssertionError

    kept = Kept(2, names)
    kept.add(b"ab")

    assert b"ab" == kept.put_into(_REPLY).body


def test_what_the_app_gets_is_what_came() -> None:
    """A reply passes by unchanged, and what was kept of it is what the app got."""
    download = Download(4)
    passed = [download(piece) for piece in (b"abc", b"def", b"")]

    assert [b"abc", b"def", b""] == passed
    assert Digest(6, hashlib.sha256(b"abcdef").hexdigest()) == download.kept.put_into(_REPLY).digest


def test_both_sides_get_the_same() -> None:
    """Each piece goes on as it was made anew, at once, and into the spool; at the end there is what the end needs."""

    async def run() -> tuple[list[tuple[bytes, ...]], list[bytes]]:
        upload = Upload(lambda piece: b"" if piece == b"-" else piece.upper() or b"END")
        passed = [upload(piece) for piece in (b"ab", b"-", b"c", b"")]
        return passed, [piece async for piece in upload.spool.pieces()]

    passed, spooled = asyncio.run(run())

    assert [(b"AB",), (), (b"C",), (b"END",)] == passed
    assert [b"AB", b"C", b"END"] == spooled


def test_an_empty_piece_is_none() -> None:
    """mitmproxy would write it as the last chunk of a chunked body: what has nothing to send sends nothing."""

    async def run() -> list[tuple[bytes, ...]]:
        upload = Upload(lambda _piece: b"")
        return [upload(b"a"), upload(b"")]

    assert [(), ()] == asyncio.run(run())


def test_a_broken_body_is_not_ended() -> None:
    """Where the framing is broken the error goes to the layer, and the spool has not the rest, nor an end."""

    def broken(piece: bytes) -> bytes:
        if piece == b"bad":
            raise AppError("Broken.")
        return piece

    async def run() -> tuple[bytes, bool]:
        upload = Upload(broken)
        upload(b"good")
        with pytest.raises(AppError, match="Broken"):
            upload(b"bad")
        pieces = upload.spool.pieces()
        first = await anext(pieces)
        following = asyncio.ensure_future(anext(pieces))
        await asyncio.sleep(0.01)
        has_more = following.done()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        return first, has_more

    assert (b"good", False) == asyncio.run(run())


def test_a_spool_that_was_given_up_costs_aws_nothing() -> None:
    """AWS gets the whole body, whatever becomes of CloudMock's."""

    async def run() -> list[tuple[bytes, ...]]:
        upload = Upload(lambda piece: piece)
        upload.spool.close()
        return [upload(piece) for piece in (b"a", b"b", b"")]

    assert [(b"a",), (b"b",), ()] == asyncio.run(run())


@pytest.mark.parametrize(
    ("fields", "has_body", "expected"),
    [
        ((), False, 0),
        ((), True, None),
        ((("content-length", "0"),), True, 0),
        ((("Content-Length", "1048576"),), False, 2**20),
        ((CHUNKED,), False, None),
        ((CHUNKED, ("Content-Length", "5")), False, None),
        ((("Content-Length", ""),), True, None),
        ((("Content-Length", "-1"),), True, None),
        ((("Content-Length", "five"),), True, None),
        ((("Content-Length", "0x5"),), True, None),
        ((("Content-Length", "\u0665"),), True, None),
        ((("Content-Length", "²"),), True, None),
        ((("Content-Length", "1_0"),), True, None),
        ((("Content-Length", "9" * 5_000),), True, None),
    ],
)
def test_the_headers_tell_how_long_a_body_is(
    fields: tuple[tuple[str, str], ...], *, has_body: bool, expected: int | None
) -> None:
    """A length is a number of digits; of anything else only the end of the body tells, and nothing is an error."""
    raw = [(name.encode(), value.encode()) for name, value in fields]

    assert expected == length(Headers(fields), has_body=has_body)
    assert expected == length(http.Headers(raw), has_body=has_body)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((), False),
        ((("Content-Length", str(MIN_STREAMED_BYTES - 1)),), False),
        ((LONG,), True),
        ((CHUNKED,), True),
        ((("Content-Length", "nonsense"),), True),
    ],
)
def test_a_request_may_be_streamed_if_it_is_long(fields: tuple[tuple[str, str], ...], *, expected: bool) -> None:
    """From a length on, and where nothing tells the length."""
    assert expected == may_stream(put(*fields))


@pytest.mark.parametrize(
    ("head", "name", "signing_name", "expected"),
    [
        (put(LONG, V4, STATED), "s3.PutObject", "", MIN_STREAMED_BYTES),
        (put(CHUNKED, V4, STATED), "s3.PutObject", "", None),
        (put(LONG, V4), "s3.PutObject", "", MIN_STREAMED_BYTES),
        (put(LONG, V4, STATED), "s3.UploadPart", "", MIN_STREAMED_BYTES),
        (put(LONG, V4, STATED), "s3.PutObject", "s3express", MIN_STREAMED_BYTES),
        (put(LONG, target=f"/b/k?{V4_QUERY}"), "s3.PutObject", "", MIN_STREAMED_BYTES),
        (put(LONG), "s3.PutObject", "", MIN_STREAMED_BYTES),
        (put(LONG, ("Authorization", "AWS AKIAUSER:c2ln")), "s3.PutObject", "", MIN_STREAMED_BYTES),
        (put(LONG, V4, STATED), "glacier.UploadArchive", "", MIN_STREAMED_BYTES),
        (put(LONG, V4, STATED), "lambda.Invoke", "", MIN_STREAMED_BYTES),
    ],
)
def test_a_payload_is_streamed(head: Request, name: str, signing_name: str, expected: int | None) -> None:
    """A body that the model says is bytes passes by, and the request has its length if its head does."""
    named = operation(name, signing_name)
    call = as_streamed(call_for(head, named), SERVICES.operation_model(named.service, named.action))

    assert call is not None
    streamed = call.request
    assert Streamed(expected) == streamed.streamed
    assert (head.method, head.target, head.headers, b"") == (
        streamed.method,
        streamed.target,
        streamed.headers,
        streamed.body,
    )
    assert head.streamed is None


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (put(LONG, V4, STATED), "s3.DeleteObjects"),
        (put(LONG, V4, STATED), "s3.CompleteMultipartUpload"),
        (put(LONG, V4, STATED), "dynamodb.BatchWriteItem"),
        (put(LONG, V4, STATED), "s3.PUT /b/k"),
        (put(LONG, V4, STATED), "unknown.PutObject"),
        (put(LONG, V4, STATED), "transcribestreaming.StartStreamTranscription"),
        (put(LONG, V4), "lambda.Invoke"),
        (put(LONG, V4), "glacier.UploadArchive"),
        (put(LONG, ("Authorization", "Bearer token"), STATED), "s3.PutObject"),
        (put(LONG, ("Content-Type", "application/x-www-form-urlencoded"), V4), "sqs.SendMessage"),
    ],
)
def test_what_has_to_be_seen_is_held(head: Request, name: str) -> None:
    """A body with structure, of an unknown operation, or whose hash is to be signed is not streamed."""
    named = operation(name)

    assert as_streamed(call_for(head, named), SERVICES.operation_model(named.service, named.action)) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("s3.GetObject", MAX_KEPT_PAYLOAD_BYTES),
        ("lambda.Invoke", MAX_KEPT_PAYLOAD_BYTES),
        ("s3.ListObjectsV2", MAX_KEPT_BYTES),
        ("dynamodb.Scan", MAX_KEPT_BYTES),
        ("kinesis.SubscribeToShard", MAX_KEPT_BYTES),
        ("s3.PutObject", MAX_KEPT_BYTES),
        ("unknown.Operation", MAX_KEPT_BYTES),
    ],
)
def test_less_is_kept_of_a_payload(name: str, expected: int) -> None:
    """Bytes without structure need not be there to be compared: a digest will do."""
    assert expected == max_kept_bytes(SERVICES.operation_model(*name.split(".")))


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, {"Content-Length": str(MIN_STREAMED_BYTES)}, True),
        (200, {"Content-Length": str(MIN_STREAMED_BYTES - 1)}, False),
        (200, {"Content-Length": "0"}, False),
        (404, {"Content-Length": str(MIN_STREAMED_BYTES)}, True),
        (200, {"Transfer-Encoding": "chunked"}, True),
        (200, {}, True),
        (206, {}, True),
        (300, {}, False),
        (500, {"Transfer-Encoding": "chunked"}, False),
        (200, {"Content-Type": "application/vnd.amazon.eventstream", "Content-Length": "5"}, True),
        (200, {"content-type": "Application/VND.Amazon.EventStream; x=y", "content-length": "5"}, True),
        (200, {"Content-Type": "application/json", "Content-Length": "5"}, False),
    ],
)
def test_a_reply_is_streamed_if_it_is_long_or_slow(status: int, headers: Mapping[str, str], *, expected: bool) -> None:
    """Event streams, long replies, and successes of unknown length go to the app as they come."""
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]

    assert expected == is_streamed(status, Headers(tuple(headers.items())))
    assert expected == is_streamed(status, http.Headers(raw))


def test_an_upload_has_a_spool_of_its_own() -> None:
    """Two uploads at once do not mix."""

    async def run() -> tuple[bytes, bytes]:
        uploads = [Upload(lambda piece: piece) for _ in range(2)]
        for upload, piece in zip(uploads, (b"one", b"two"), strict=True):
            upload(piece)
            upload(b"")
        first, second = [b"".join([piece async for piece in upload.spool.pieces()]) for upload in uploads]
        return first, second

    assert (b"one", b"two") == asyncio.run(run())
