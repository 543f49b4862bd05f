"""The aws-chunked content encoding of S3."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.chunked import decoded
from cloudmock_contract.errors import AppError
from cloudmock_contract.exchange import Headers, Request

type Made = Callable[..., Request]

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


def test_decodes_what_an_sdk_sends(made: Made) -> None:
    """boto3's own unsigned chunks with a trailing checksum are decoded, and the checksum is the body's."""
    via = {"url": "https://127.0.0.1:4577"}
    request = made("s3", "put_object", via, Bucket="b", Key="k", Body=b"123456789", ChecksumAlgorithm="CRC32")
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
    with pytest.raises(AppError, match="trailer that is no header"):
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
