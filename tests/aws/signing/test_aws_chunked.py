"""The aws-chunked content encoding of S3."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.signing import aws_chunked
from cloudmock_contract.aws.signing.aws_chunked import MIN_CHUNK_BYTES, decoded, reframing, restated
from cloudmock_contract.errors import AppError
from cloudmock_contract.values.http import Headers, Request, Streamed
from lab.aws_verifier import chunks as verifier_chunks

type MakeRequest = Callable[..., Request]

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_WITH_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_WITH_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNATURE = b";chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"


def framed(body: bytes, *fields: tuple[str, str], kind: str = UNSIGNED_WITH_TRAILER) -> Request:
    headers = (("Host", "localhost"), ("x-amz-content-sha256", kind), *fields)
    return Request("PUT", "/bucket/key", Headers(headers), body)


@pytest.mark.parametrize("stated", ["UNSIGNED-PAYLOAD", "e3b0c442", "", None])
def test_leaves_other_requests_alone(stated: str | None) -> None:
    """A request whose body is not in chunks comes back as it is, whatever its body looks like."""
    fields = () if stated is None else (("x-amz-content-sha256", stated),)
    request = Request("PUT", "/bucket/key", Headers((*fields, ("Content-Encoding", "gzip"))), b"3\r\nabc\r\n0\r\n\r\n")

    assert request is decoded(request)


def test_decodes_the_example_of_awss_documentation() -> None:
    """The signed chunks of AWS's own example are the 66560 letters that they carry."""
    body = (
        b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n"
        + b"a" * 65536
        + b"\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n"
        + b"a" * 1024
        + b"\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
    )
    request = framed(
        body,
        ("Content-Encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("Content-Length", "66824"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        kind=SIGNED,
    )
    plain = decoded(request)

    assert 66824 == len(body)
    assert b"a" * 66560 == plain.body
    assert {
        ("host", "localhost"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("content-length", "66560"),
    } == {(name.lower(), value) for name, value in plain.headers.fields}
    assert ("PUT", "/bucket/key") == (plain.method, plain.target)


def test_signed_trailers_become_headers_without_their_signature() -> None:
    """The checksum of a signed trailer is kept; the signature, which is bound to the client's key, is not."""
    body = (
        b"5" + SIGNATURE + b"\r\nhello\r\n0" + SIGNATURE + b"\r\n"
        b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
        b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
    )
    plain = decoded(
        framed(body, ("x-amz-trailer", "x-amz-checksum-crc32c"), ("Content-Length", "1"), kind=SIGNED_WITH_TRAILER)
    )

    expected = (("Host", "localhost"), ("Content-Length", "5"), ("x-amz-checksum-crc32c", "sOO8/Q=="))

    assert b"hello" == plain.body
    assert expected == plain.headers.fields


def test_trailers_are_fields_like_others() -> None:
    """The name of a trailer may be in any case, and there may be space around its value; more than one is kept."""
    body = (
        b"0\r\nX-Amz-Checksum-CRC32 :\t AAAAAA== \r\nx-amz-meta-late:a:b\r\n"
        b"X-Amz-Trailer-Signature:d81f82fc3505edab\r\n\r\n"
    )
    announced = ("x-amz-trailer", "x-amz-checksum-crc32, X-Amz-Meta-Late")
    plain = decoded(framed(body, announced, kind=SIGNED_WITH_TRAILER))

    assert (("X-Amz-Checksum-CRC32", "AAAAAA=="), ("x-amz-meta-late", "a:b")) == plain.headers.fields[2:]


def test_decodes_what_an_sdk_sends(sdk_request: MakeRequest) -> None:
    """boto3's own unsigned chunks with a trailing checksum are decoded, and the checksum is the body's."""
    via = {"url": "https://127.0.0.1:4577"}
    request = sdk_request("s3", "put_object", via, Bucket="b", Key="k", Body=b"123456789", ChecksumAlgorithm="CRC32")
    plain = decoded(request)

    assert UNSIGNED_WITH_TRAILER == request.headers.get("x-amz-content-sha256")
    assert "UNSIGNED-PAYLOAD" == plain.headers.get("x-amz-content-sha256")
    assert b"123456789" == plain.body
    assert "y/Q5Jg==" == plain.headers.get("x-amz-checksum-crc32")
    assert ["9"] == [value for name, value in plain.headers.fields if name.lower() == "content-length"]
    for name in ("x-amz-trailer", "x-amz-decoded-content-length", "content-encoding"):
        assert name not in plain.headers


@pytest.mark.parametrize(
    ("kind", "keeps_unsigned", "expected"),
    [
        (UNSIGNED_WITH_TRAILER, True, ("UNSIGNED-PAYLOAD",)),
        (UNSIGNED_WITH_TRAILER, False, ()),
        (SIGNED, True, ()),
        (SIGNED, False, ()),
        (SIGNED_WITH_TRAILER, True, ()),
        ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", True, ()),
    ],
)
def test_an_unsigned_body_may_stay_so(kind: str, keeps_unsigned: bool, expected: tuple[str, ...]) -> None:
    """What the client left unsigned is stated to be so where that is wanted; nothing is stated of what it signed."""
    plain = decoded(framed(b"5\r\nhello\r\n0\r\n\r\n", kind=kind), keeps_unsigned=keeps_unsigned)

    assert (b"hello", expected) == (plain.body, plain.headers.values("x-amz-content-sha256"))


@pytest.mark.parametrize("kind", ["STREAMING-AWS4-HMAC-SHA256-EVENTS", "STREAMING-AWS4-ECDSA-P256-SHA256-EVENTS"])
def test_signed_event_streams_are_refused(kind: str) -> None:
    """Events are signed one by one with the client's key, in another framing: a sentence says that this ends here."""
    with pytest.raises(AppError, match="streams signed events"):
        decoded(framed(b"\x00\x00\x00\x10", kind=kind))


@pytest.mark.parametrize(
    ("announced", "trailers", "missing"),
    [
        (("x-amz-checksum-crc32",), b"", "x-amz-checksum-crc32"),
        (("X-Amz-Checksum-CRC32",), b"x-amz-checksum-sha1:x\r\n", "x-amz-checksum-crc32"),
        (("x-amz-meta-b, x-amz-meta-a",), b"", "x-amz-meta-a, x-amz-meta-b"),
        (("x-amz-meta-b,x-amz-meta-a",), b"x-amz-meta-b:1\r\n", "x-amz-meta-a"),
        (("x-amz-checksum-crc32",), b"x-amz-checksum-crc32:AAAAAA==\r\n", ""),
        (("X-AMZ-Checksum-CRC32 ,",), b"x-amz-checksum-crc32:AAAAAA==\r\n", ""),
        (("x-amz-meta-a", "x-amz-meta-b"), b"x-amz-meta-a:1\r\n", "x-amz-meta-b"),
    ],
)
def test_an_announced_trailer_has_to_be_there(announced: tuple[str, ...], trailers: bytes, missing: str) -> None:
    """A body that ends without a checksum that its head announces was cut off, and the error names what is missing."""
    request = framed(b"0\r\n" + trailers + b"\r\n", *(("x-amz-trailer", value) for value in announced))
    if missing:
        with pytest.raises(AppError, match=f"without the trailer {missing}\\."):
            decoded(request)
    else:
        assert b"" == decoded(request).body


def test_a_trailer_has_to_be_announced() -> None:
    """What the head did not announce could change what the request asks: AWS refuses it, and so is it here."""
    with pytest.raises(AppError, match="not announced: x-amz-acl"):
        decoded(framed(b"0\r\nx-amz-acl:public-read\r\n\r\n"))


@pytest.mark.parametrize(
    ("codings", "expected"),
    [
        (("aws-chunked", "gzip"), ("gzip",)),
        (("gzip", "aws-chunked"), ("gzip",)),
        (("gzip, aws-chunked", "br"), ("gzip,br",)),
        (("aws-chunked", "AWS-CHUNKED"), ()),
    ],
)
def test_several_coding_headers_are_one_list(codings: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """Content-Encoding may stand more than once: the codings of all of them stay, in their order."""
    plain = decoded(framed(b"0\r\n\r\n", *(("Content-Encoding", coding) for coding in codings)))

    assert expected == plain.headers.values("content-encoding")


@pytest.mark.parametrize(
    "trailer",
    [b"no colon\r\n", b": value\r\n", b"a b: c\r\n", b"x-\xc3\xa9: c\r\n", b"X: 1\r\nHost\r\n", b"a\nb: c\r\n"],
)
def test_a_trailer_that_is_no_header_is_refused(trailer: bytes) -> None:
    """What cannot become a header does not become one."""
    with pytest.raises(AppError, match="trailer that is not a header"):
        decoded(framed(b"0\r\n" + trailer + b"\r\n"))


@pytest.mark.parametrize(
    ("coding", "expected"),
    [
        ("aws-chunked", ""),
        ("AWS-Chunked", ""),
        ("gzip,aws-chunked", "gzip"),
        ("aws-chunked, gzip", "gzip"),
        ("zstd , aws-chunked,gzip", "zstd,gzip"),
        ("gzip", "gzip"),
        ("", ""),
    ],
)
def test_keeps_the_objects_own_coding(coding: str, expected: str) -> None:
    """The codings that belong to the object stay, in their order; aws-chunked goes."""
    plain = decoded(framed(b"0\r\n\r\n", ("content-encoding", coding)))

    assert expected == plain.headers.get("Content-Encoding")
    assert bool(expected) == ("content-encoding" in plain.headers)


def test_an_empty_body_is_empty() -> None:
    """The last chunk alone is an object of no bytes."""
    plain = decoded(framed(b"0\r\n\r\n", ("x-amz-decoded-content-length", "0")))

    assert (b"", "0") == (plain.body, plain.headers.get("content-length"))


@pytest.mark.parametrize("stated", ["4", "6", "0", "-5", "five", "5.0"])
def test_refuses_a_wrong_length(stated: str) -> None:
    """A body that is shorter or longer than its header says is the app's error, and the error says both lengths."""
    with pytest.raises(AppError, match=f"holds 5 bytes where x-amz-decoded-content-length says {stated}"):
        decoded(framed(b"5\r\nhello\r\n0\r\n\r\n", ("x-amz-decoded-content-length", stated)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"\r\n",
        b";chunk-signature=0\r\n",
        b"zz\r\nhello\r\n0\r\n\r\n",
        b"-1\r\n0\r\n\r\n",
        b"5\r\nhello",
        b"5\r\nhello\r\n",
        b"5\r\nhello\r\n0",
        b"5\r\nhell\r\n0\r\n\r\n",
        b"5\r\nhello!\r\n0\r\n\r\n",
        b"5\r\nhello0\r\n\r\n",
        b"5\nhello\n0\n\n",
        b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"6\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n+0\r\n\r\n",
        b"0_5\r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"5 \r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n-0\r\n\r\n",
        b"00000000000000005\r\nhello\r\n0\r\n\r\n",
    ],
)
def test_refuses_broken_framing(body: bytes) -> None:
    """Chunks that do not add up are the app's error."""
    with pytest.raises(AppError, match="aws-chunked body has"):
        decoded(framed(body))


def test_never_changes_its_input() -> None:
    """The request that came in is what it was."""
    request = framed(b"5\r\nhello\r\n0\r\n\r\n", ("Content-Encoding", "aws-chunked"))
    before = repr(request)
    decoded(request)

    assert before == repr(request)


def encode(chunks: list[bytes], extension: bytes, trailers: dict[str, str], *, is_upper: bool) -> bytes:
    """The body in chunks, written from the format's description."""
    sizes = [f"{len(chunk):X}" if is_upper else f"{len(chunk):x}" for chunk in [*chunks, b""]]
    parts = [size.encode() + extension + b"\r\n" + chunk + b"\r\n" for size, chunk in zip(sizes, chunks, strict=False)]
    ends = [f"{name}:{value}\r\n".encode() for name, value in trailers.items()]
    return b"".join([*parts, b"0" + extension + b"\r\n", *ends, b"\r\n"])


_CHUNKS = st.lists(st.binary(min_size=1, max_size=40), max_size=5)
_TRAILERS = st.dictionaries(
    st.sampled_from(["x-amz-checksum-crc32", "x-amz-checksum-sha256", "x-amz-meta-late"]),
    st.text("abcXYZ0189+/=:", min_size=1),
)


@given(chunks=_CHUNKS, extension=st.sampled_from([b"", SIGNATURE]), trailers=_TRAILERS, is_upper=st.booleans())
def test_decodes_whatever_is_encoded(
    *, chunks: list[bytes], extension: bytes, trailers: dict[str, str], is_upper: bool
) -> None:
    """Any chunks, with or without signatures and trailers, give the bytes and the trailers that went in."""
    body = b"".join(chunks)
    request = framed(
        encode(chunks, extension, trailers, is_upper=is_upper),
        ("x-amz-decoded-content-length", str(len(body))),
        ("x-amz-trailer", ",".join(trailers)),
    )
    plain = decoded(request, keeps_unsigned=False)

    assert body == plain.body
    assert (("Host", "localhost"), ("Content-Length", str(len(body))), *trailers.items()) == plain.headers.fields


@given(_CHUNKS, st.data())
def test_refuses_whatever_is_cut_off(chunks: list[bytes], data: st.DataObject) -> None:
    """A body that ends before its last chunk's line does is refused, wherever it ends."""
    whole = encode(chunks, SIGNATURE, {}, is_upper=False)
    end = data.draw(st.integers(0, len(whole) - 4))

    with pytest.raises(AppError):
        decoded(framed(whole[:end]))


@given(st.binary() | st.text("0123456789abcdef;\r\n:").map(str.encode))
def test_anything_is_decoded_or_refused(body: bytes) -> None:
    """There is no body on which decoding breaks; what is decoded is never longer than what came."""
    try:
        plain = decoded(framed(body))
    except AppError:
        return

    assert len(plain.body) < len(body)
    assert str(len(plain.body)) == plain.headers.get("content-length")


V4A = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"
V4A_WITH_TRAILER = f"{V4A}-TRAILER"


def streamed(size: int | str, *fields: tuple[str, str], kind: str) -> Request:
    """The head of an upload of so many bytes."""
    request = framed(b"", ("X-Amz-Decoded-Content-Length", str(size)), *fields, kind=kind)
    return Request(request.method, request.target, request.headers, b"", Streamed(None))


def passed(request: Request, pieces: list[bytes]) -> bytes:
    """What goes on of a body that comes in these pieces; at its end there is an empty one."""
    reframe = reframing(request)
    return b"".join([reframe(piece) for piece in [*pieces, b""]])


def split(body: bytes, cuts: list[int]) -> list[bytes]:
    """The body in pieces, none of which is empty."""
    ends = sorted({cut % (len(body) + 1) for cut in cuts} | {0, len(body)})
    return [body[start:end] for start, end in itertools.pairwise(ends)]


_CUTS = st.lists(st.integers(0, 500), max_size=12)


@given(_CHUNKS, st.sampled_from([b"", SIGNATURE]), _CUTS, st.sampled_from([SIGNED, V4A]), st.booleans())
def test_a_streamed_body_is_made_plain_as_one_that_is_held(
    chunks: list[bytes], extension: bytes, cuts: list[int], kind: str, is_upper: bool
) -> None:
    """However the body comes in pieces, what goes on is what `decoded` makes of it, with a head that fits it."""
    body = encode(chunks, extension, {}, is_upper=is_upper)
    request = streamed(sum(map(len, chunks)), ("Content-Encoding", "gzip,aws-chunked"), kind=kind)
    plain = decoded(Request(request.method, request.target, request.headers, body))
    head = restated(request)

    assert plain.body == passed(request, split(body, cuts))
    assert (*plain.headers.fields, ("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD")) == tuple(
        sorted(head.headers.fields, key=lambda field: field[0] == "X-Amz-Content-SHA256")
    )
    assert Streamed(len(plain.body)) == head.streamed


@given(
    _CHUNKS,
    st.sampled_from([b"", SIGNATURE]),
    _TRAILERS,
    _CUTS,
    st.sampled_from([SIGNED_WITH_TRAILER, V4A_WITH_TRAILER]),
)
def test_a_streamed_body_keeps_its_trailers(
    chunks: list[bytes], extension: bytes, trailers: dict[str, str], cuts: list[int], kind: str
) -> None:
    """A body with trailers goes on in chunks, without signatures: a strict reader finds the bytes and the trailers."""
    ends = trailers | ({"x-amz-trailer-signature": "00"} if extension else {})
    body = encode(chunks, extension, ends, is_upper=False)
    request = streamed(sum(map(len, chunks)), ("x-amz-trailer", ",".join(trailers)), kind=kind)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aws_chunked, "MIN_CHUNK_BYTES", 16)
        patch.setattr(verifier_chunks, "_MIN_CHUNK_BYTES", 16)
        out = passed(request, split(body, cuts))
        result = verifier_chunks.take_apart(out, is_signed=False, has_trailer=True)

    assert (b"".join(chunks), trailers, "") == (result.data, result.trailer, result.trailer_signature)


@pytest.mark.parametrize("kind", [SIGNED_WITH_TRAILER, V4A_WITH_TRAILER])
def test_the_head_of_chunks_without_signatures_says_so(kind: str) -> None:
    """The kind is that of unsigned chunks; how long they will be is not known; everything else stays."""
    fields = (("x-amz-trailer", "x-amz-checksum-crc32"), ("Content-Encoding", "aws-chunked"))
    head = restated(streamed(9, ("Content-Length", "999"), *fields, kind=kind))

    expected = (
        ("Host", "localhost"),
        ("X-Amz-Decoded-Content-Length", "9"),
        *fields,
        ("X-Amz-Content-SHA256", UNSIGNED_WITH_TRAILER),
    )
    assert expected == head.headers.fields
    assert Streamed(None) == head.streamed


@pytest.mark.parametrize("size", [1, 1_000, 16_384, MIN_CHUNK_BYTES - 1, MIN_CHUNK_BYTES, 100_000])
@pytest.mark.parametrize("chunk", [8_192, 65_536, 300_000])
def test_chunks_are_as_large_as_s3_wants_them(size: int, chunk: int) -> None:
    """S3 refuses chunks of less than 8 KiB but for the last: pieces of any size become chunks that it takes."""
    data = bytes(range(250)) * 1_300
    chunks = [data[start : start + chunk] for start in range(0, len(data), chunk)]
    body = encode(chunks, SIGNATURE, {"x-amz-checksum-crc32": "AAAAAA=="}, is_upper=False)
    pieces = [body[start : start + size] for start in range(0, len(body), size)] if size > 1 else [body]
    request = streamed(len(data), ("x-amz-trailer", "x-amz-checksum-crc32"), kind=SIGNED_WITH_TRAILER)
    result = verifier_chunks.take_apart(passed(request, pieces), is_signed=False, has_trailer=True)

    assert data == result.data
    assert all(len(chunk.data) >= 8_192 for chunk in result.chunks[:-2])


def test_a_long_body_passes_by() -> None:
    """No more is kept back than one chunk needs, whatever the size of the app's chunks."""
    size = 50 * MIN_CHUNK_BYTES
    reframe = reframing(streamed(size, kind=SIGNED_WITH_TRAILER))
    reframe(f"{size:x}\r\n".encode())
    went = 0
    for number in range(1, 101):
        went += len(reframe(b"x" * (MIN_CHUNK_BYTES // 2)))
        assert went > number * (MIN_CHUNK_BYTES // 2) - MIN_CHUNK_BYTES
    plain = reframing(streamed(size, kind=SIGNED))

    assert (b"", b"xyz") == (plain(f"{size:x};chunk-signature=00\r\n".encode()), plain(b"xyz"))


@pytest.mark.parametrize("kind", ["", "UNSIGNED-PAYLOAD", "e3b0c442", UNSIGNED_WITH_TRAILER])
def test_other_bodies_pass_by_as_they_are(kind: str) -> None:
    """A plain body, and one in chunks that nobody signed, need no change; nor does the head."""
    request = streamed(5, ("Content-Length", "10"), kind=kind)

    assert request is restated(request)
    assert b"5\r\nhelloanything" == passed(request, [b"5\r\nhel", b"lo", b"anything"])


@pytest.mark.parametrize("kind", ["STREAMING-AWS4-HMAC-SHA256-EVENTS", "STREAMING-AWS4-ECDSA-P256-SHA256-EVENTS"])
def test_signed_events_are_not_streamed(kind: str) -> None:
    """Neither the head nor the body of signed events can be made anew."""
    for call in (restated, reframing):
        with pytest.raises(AppError, match="streams signed events"):
            call(streamed(5, kind=kind))


@pytest.mark.parametrize("kind", [SIGNED, SIGNED_WITH_TRAILER])
@pytest.mark.parametrize("stated", ["", "-5", "five", "5.0", " 5", "\u0665", "1_0", "0x5", "9" * 16])
def test_a_streamed_body_has_to_say_how_long_it_is(kind: str, stated: str) -> None:
    """Without the object's length there is no Content-Length to give; nothing else than digits is one."""
    for call in (restated, reframing):
        with pytest.raises(AppError, match="does not say in x-amz-decoded-content-length how long it is"):
            call(streamed(stated, kind=kind))


@pytest.mark.parametrize("kind", [SIGNED, SIGNED_WITH_TRAILER])
@pytest.mark.parametrize("stated", [0, 1, 4, 9])
def test_more_than_was_said_does_not_go_on(kind: str, stated: int) -> None:
    """Not one byte beyond the announced length is sent: it would be taken for the next request."""
    reframe = reframing(streamed(stated, kind=kind))
    with pytest.raises(AppError, match=f"holds more than the {stated} bytes"):
        reframe(b"5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n")


@pytest.mark.parametrize("kind", [SIGNED, SIGNED_WITH_TRAILER])
@pytest.mark.parametrize("stated", [6, 1_000])
def test_less_than_was_said_is_an_error(kind: str, stated: int) -> None:
    """A body that ends before it is as long as it should be is the app's error."""
    with pytest.raises(AppError, match=f"holds 5 bytes where x-amz-decoded-content-length says {stated}"):
        passed(streamed(stated, kind=kind), [b"5\r\nhello\r\n0\r\n\r\n"])


@pytest.mark.parametrize(
    ("kind", "announced", "trailers", "expected"),
    [
        (SIGNED_WITH_TRAILER, "x-amz-checksum-crc32", b"", "ends without the trailer x-amz-checksum-crc32"),
        (SIGNED_WITH_TRAILER, "", b"x-amz-acl:public-read\r\n", "not announced: x-amz-acl"),
        (SIGNED_WITH_TRAILER, "", b"no colon\r\n", "trailer that is not a header"),
        (SIGNED_WITH_TRAILER, "x-amz-meta-a", b"x-amz-meta-a:" + b"b" * 20_000, "trailers without end"),
        (SIGNED, "", b"x-amz-acl:public-read\r\n", "not announced: x-amz-acl"),
        (SIGNED, "x-amz-checksum-crc32", b"x-amz-checksum-crc32:AAAAAA==\r\n", "not announced: x-amz-checksum-crc32"),
    ],
)
def test_odd_trailers_of_a_streamed_body_are_errors(kind: str, announced: str, trailers: bytes, expected: str) -> None:
    """What was announced has to come, and nothing else may; where there is no room for trailers there must be none."""
    request = streamed(0, *((("x-amz-trailer", announced),) if announced else ()), kind=kind)

    with pytest.raises(AppError, match=expected):
        passed(request, [b"0\r\n", trailers, b"\r\n"])


@given(
    st.binary() | st.text("0123456789abcdef;\r\n:").map(str.encode),
    _CUTS,
    st.sampled_from([SIGNED, SIGNED_WITH_TRAILER]),
)
def test_any_streamed_body_is_made_anew_or_refused(body: bytes, cuts: list[int], kind: str) -> None:
    """Broken framing raises AppError and nothing else; a body is taken in pieces if it is taken as a whole."""
    try:
        plain = decoded(framed(body, kind=kind)).body
    except AppError:
        for stated in (0, 3, 10**6):
            with pytest.raises(AppError):
                passed(streamed(stated, kind=kind), split(body, cuts))
        return
    out = passed(streamed(len(plain), kind=kind), split(body, cuts))

    assert plain == (decoded(framed(out)).body if kind == SIGNED_WITH_TRAILER else out)


@given(_CHUNKS, st.data(), st.sampled_from([SIGNED, SIGNED_WITH_TRAILER]))
def test_a_streamed_body_that_is_cut_off_is_refused(chunks: list[bytes], data: st.DataObject, kind: str) -> None:
    """A body that ends before its last chunk's line does is refused, and nothing is made up for what is missing."""
    whole = encode(chunks, SIGNATURE, {}, is_upper=False)
    end = data.draw(st.integers(0, len(whole) - 4))

    with pytest.raises(AppError):
        passed(streamed(sum(map(len, chunks)), kind=kind), [whole[:end]] if end else [])


@pytest.mark.parametrize("kind", [SIGNED, SIGNED_WITH_TRAILER])
@pytest.mark.parametrize("between", [b"", b"\n", b"\r", b"!\r\n", b"\n\n", b"XX"])
def test_a_streamed_chunk_has_to_end_where_it_says(kind: str, between: bytes) -> None:
    """What stands between two chunks is CR LF and nothing else."""
    with pytest.raises(AppError, match="aws-chunked body (has|ends)"):
        passed(streamed(5, kind=kind), [b"5\r\nhello" + between + b"0\r\n\r\n"])


@pytest.mark.parametrize("ending", [b"0\r\n\r\n", b"0\r\n"])
def test_the_last_empty_line_may_lack(ending: bytes) -> None:
    """Some SDKs leave it out."""
    assert b"hello" == passed(streamed(5, kind=SIGNED), [b"5\r\nhello\r\n" + ending])
    assert b"5\r\nhello\r\n0\r\n\r\n" == passed(streamed(5, kind=SIGNED_WITH_TRAILER), [b"5\r\nhello\r\n" + ending])


def test_a_line_without_end_is_refused_early() -> None:
    """Garbage is not kept in the hope of a chunk."""
    reframe = reframing(streamed(5, kind=SIGNED))
    reframe(b"a" * 4_000)

    with pytest.raises(AppError, match="no valid chunk"):
        reframe(b"a" * 96)


def test_restating_changes_no_input() -> None:
    """The head that came in is what it was."""
    request = streamed(5, ("Content-Encoding", "aws-chunked"), kind=SIGNED)
    before = repr(request)
    restated(request)

    assert before == repr(request)
