"""What a message says of its body. The digests are published test vectors of "abc" and "123456789"."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.wire.body_headers import headers_for, with_body, with_body_and_length
from cloudmock_contract.values.http import Headers, Request

OLD, NEW = b"abc", b"123456789"


def changed(*fields: tuple[str, str], old: bytes = OLD, new: bytes = NEW) -> Request:
    return with_body(Request("PUT", "/b/k?a=1", Headers(fields), old), new)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("Content-Length", "3", "9"),
        ("content-md5", "kAFQmDzST7DWlj99KOF/cg==", "JfnnlDI7RTiF9RgfG2JNCw=="),
        (
            "X-Amz-Content-SHA256",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
        ),
        ("x-amz-checksum-crc32", "NSRBwg==", "y/Q5Jg=="),
        ("x-amz-checksum-sha1", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", "98O8HYCOBHMq32eZZczDTKeuNEE="),
        (
            "x-amz-checksum-sha256",
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
            "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
        ),
    ],
)
@pytest.mark.parametrize("spell", [str, str.lower, str.upper])
def test_what_was_true_becomes_true(name: str, old: str, new: str, spell: "type[str]") -> None:
    """A header that is true of the old body is true of the new one; its name stays as it is spelled."""
    field = (spell(name), old)

    assert ((spell(name), new),) == changed(field).headers.fields


@pytest.mark.parametrize(
    "field",
    [
        ("Content-Length", "4"),
        ("Content-Length", "03"),
        ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        ("x-amz-content-sha256", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"),
        ("x-amz-checksum-crc32", "AAAAAA=="),
        ("x-amz-checksum-type", "FULL_OBJECT"),
        ("x-amz-sdk-checksum-algorithm", "CRC32"),
        ("x-amz-checksum-algorithm", "SHA256"),
        ("Content-Type", "text/plain"),
        ("X-Other", "3"),
    ],
)
def test_what_was_not_true_stays(field: tuple[str, str]) -> None:
    """What the app got wrong stays wrong; other headers have nothing to do with the body."""
    assert (field,) == changed(field).headers.fields


@pytest.mark.parametrize(
    "field",
    [
        ("x-amz-checksum-crc32c", "4waSgw=="),
        ("X-Amz-Checksum-CRC32C", "wrong"),
        ("x-amz-checksum-crc64nvme", "rosUhgp5mIg="),
        ("x-amz-sdk-checksum-algorithm", "CRC32C"),
        ("x-amz-sdk-checksum-algorithm", "crc64nvme"),
        ("x-amz-checksum-algorithm", "CRC64NVME"),
    ],
)
def test_what_cannot_be_computed_is_left_out(field: tuple[str, str]) -> None:
    """So is what announces it; the rest stays in its order."""
    rest = (("A", "1"), ("B", "2"))

    assert rest == changed(rest[0], field, rest[1]).headers.fields


def test_only_body_and_headers_change() -> None:
    """Method and target stay; duplicates are all looked at, and no header is added."""
    request = changed(("content-length", "3"), ("Content-Length", "3"), ("content-length", "5"))

    assert ("PUT", "/b/k?a=1", NEW) == (request.method, request.target, request.body)
    assert ["9", "9", "5"] == [value for _, value in request.headers.fields]
    assert () == changed().headers.fields


def test_a_replys_headers_change_likewise() -> None:
    """What is true of the old body becomes true of the new one, whatever message it is of."""
    headers = Headers((("Content-Length", "3"), ("ETag", "3")))

    assert (("Content-Length", "9"), ("ETag", "3")) == headers_for(headers, OLD, NEW).fields
    assert headers is headers_for(headers, OLD, OLD)


def test_a_body_may_come_with_its_length() -> None:
    """There is one Content-Length then, the last header, whatever was said before."""
    old = Request("PUT", "/", Headers((("content-length", "4"), ("X-Kept", "yes"), ("Content-MD5", "no"))), OLD)
    new = with_body_and_length(old, NEW)

    assert (("X-Kept", "yes"), ("Content-MD5", "no"), ("Content-Length", "9")) == new.headers.fields
    assert NEW == new.body


@given(st.binary(), st.lists(st.tuples(st.sampled_from(("content-length", "x-amz-checksum-crc32c", "A")), st.text())))
def test_the_same_body_is_the_same_request(body: bytes, fields: list[tuple[str, str]]) -> None:
    """Where the body does not change, nothing does, not even what cannot be computed."""
    request = Request("PUT", "/", Headers(tuple(fields)), body)

    assert request is with_body(request, bytes(bytearray(body)))


def test_a_reply_s_crc32_becomes_true_of_another_body() -> None:
    """DynamoDB's is a number; a wrong one stays wrong."""
    right, wrong = ("X-Amz-Crc32", str(zlib.crc32(OLD))), ("X-Amz-Crc32", "1")

    assert (("X-Amz-Crc32", str(zlib.crc32(NEW))), wrong) == headers_for(Headers((right, wrong)), OLD, NEW).fields
