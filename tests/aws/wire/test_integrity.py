"""Checksums in a reply's headers, held against its own bytes."""

import base64
import hashlib
import time
import zlib
from typing import Any

import pytest
from botocore.exceptions import ChecksumError
from botocore.httpchecksum import Crc32Checksum, Sha1Checksum, Sha256Checksum
from botocore.retryhandler import CRC32Checker

from cloudmock_contract.aws.wire import integrity
from cloudmock_contract.aws.wire.integrity import MAX_SLOW_BYTES, claims, passing, unsound, written
from cloudmock_contract.values.http import Digest, Headers, Reply

_BODY = b"123456789"


def _in_base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _md5(body: bytes) -> bytes:
    return hashlib.md5(body, usedforsecurity=False).digest()


_RIGHT = {
    "x-amz-crc32": "3421780262",
    "content-md5": _in_base64(_md5(_BODY)),
    "etag": f'"{_md5(_BODY).hex()}"',
    "x-amz-checksum-crc32": _in_base64(bytes.fromhex("cbf43926")),
    "x-amz-checksum-crc32c": _in_base64(bytes.fromhex("e3069283")),
    "x-amz-checksum-crc64nvme": _in_base64(bytes.fromhex("ae8b14860a799888")),
    "x-amz-checksum-md5": _in_base64(_md5(_BODY)),
    "x-amz-checksum-sha1": _in_base64(hashlib.sha1(_BODY, usedforsecurity=False).digest()),
    "x-amz-checksum-sha256": _in_base64(hashlib.sha256(_BODY).digest()),
    "x-amz-checksum-sha512": _in_base64(hashlib.sha512(_BODY).digest()),
}
"""The check values of the catalogue of parametrised CRC algorithms (https://reveng.sourceforge.io/crc-catalogue/)."""


def _reply(body: bytes = _BODY, status: int = 200, **headers: str) -> Reply:
    return Reply(status, Headers(tuple((name.replace("_", "-"), value) for name, value in headers.items())), body)


@pytest.mark.parametrize("name", _RIGHT)
def test_right_checksums_fit(name: str) -> None:
    """Each algorithm, in the notation of its header."""
    assert {} == unsound(Reply(200, Headers(((name.title(), f" {_RIGHT[name]} "),)), _BODY), [name])


@pytest.mark.parametrize("name", _RIGHT)
def test_a_wrong_checksum_is_told(name: str) -> None:
    """By its header, with the name of the algorithm."""
    reply = Reply(200, Headers(((name, _RIGHT[name]),)), _BODY + b"0")
    title = {"etag": "MD5", "content-md5": "MD5"}.get(name, name.rpartition("-")[2].upper())

    assert {name: f"not the {title} of the body"} == unsound(reply, [name])


@pytest.mark.parametrize("text", ["3421780262", "1", "-3421780262"])
def test_botocore_accepts_what_fits(text: str) -> None:
    """Its check of DynamoDB's replies raises where the CRC32 is another one, at which it asks once more."""

    class Response:
        status_code, headers, content = 200, {"x-amz-crc32": text}, _BODY

    fits = not unsound(_reply(x_amz_crc32=text), ["x-amz-crc32"])
    refused: BaseException | None = None
    try:
        CRC32Checker("x-amz-crc32")(1, (Response(), {}), None)
    except ChecksumError as error:
        refused = error

    assert fits is (refused is None)


@pytest.mark.parametrize(
    ("algorithm", "checker"), [("crc32", Crc32Checksum), ("sha1", Sha1Checksum), ("sha256", Sha256Checksum)]
)
def test_botocore_makes_the_same_checksums(algorithm: str, checker: type) -> None:
    """Of the payloads of S3's objects."""
    assert checker().handle(_BODY) == _RIGHT[f"x-amz-checksum-{algorithm}"]


@pytest.mark.parametrize("text", ["", "x", "03421780262", "-1", "3421780262.0", "\udcff", "9" * 5000])
def test_what_is_no_checksum_does_not_fit(text: str) -> None:
    """SDKs compare texts, or fail to read them."""
    assert {"x-amz-crc32"} == unsound(_reply(x_amz_crc32=text), ["x-amz-crc32"]).keys()


@pytest.mark.parametrize("names", [(), ("etag",), ("x-amz-checksum-xxhash64",), ("unknown",)])
def test_only_what_is_asked_for_and_known_is_checked(names: tuple[str, ...]) -> None:
    """Other headers speak of other bytes, or say what cannot be computed."""
    reply = _reply(x_amz_crc32="1", content_md5="1", x_amz_checksum_xxhash64="1", unknown="1")

    assert {} == claims(reply, names) == unsound(reply, names)


@pytest.mark.parametrize(
    "headers",
    [
        {"etag": '"0123456789abcdef0123456789abcdef-2"'},
        {"etag": 'W/"0123456789abcdef0123456789abcdef"'},
        {"etag": '"5"'},
        {"etag": '"0123456789abcdef0123456789abcdef"', "x-amz-server-side-encryption": "aws:kms"},
        {"etag": '"0123456789abcdef0123456789abcdef"', "x-amz-server-side-encryption": "aws:kms:dsse"},
        {
            "etag": '"0123456789abcdef0123456789abcdef"',
            "x-amz-server-side-encryption-customer-algorithm": "AES256",
        },
        {"etag": '"0123456789abcdef0123456789abcdef"', "x-amz-mp-parts-count": "1"},
        {"etag": '"0123456789abcdef0123456789abcdef"', "x-amz-storage-class": "EXPRESS_ONEZONE"},
        {"x-amz-checksum-crc32": "AAAAAA==-2"},
        {"x-amz-checksum-sha256": "x", "x-amz-checksum-type": "COMPOSITE"},
    ],
)
def test_checksums_of_other_things_than_the_body_are_not(headers: dict[str, str]) -> None:
    """Of parts, of encrypted bytes, and names that are no hashes."""
    assert {} == unsound(Reply(200, Headers(tuple(headers.items())), _BODY), list(_RIGHT))


@pytest.mark.parametrize(
    "headers", [{}, {"x_amz_server_side_encryption": "AES256"}, {"x_amz_storage_class": "GLACIER"}]
)
def test_the_etag_of_a_plain_object_is_its_md5(headers: dict[str, Any]) -> None:
    """Also where S3 encrypts it with its own keys."""
    reply = _reply(etag='"0123456789abcdef0123456789abcdef"', **headers)

    assert {"etag": "not the MD5 of the body"} == unsound(reply, ["etag"])


@pytest.mark.parametrize(
    "reply",
    [
        _reply(status=206, x_amz_crc32="1"),
        _reply(status=304, x_amz_crc32="1"),
        _reply(b"", x_amz_crc32="1", content_length="9"),
        _reply(b"", x_amz_crc32="1", transfer_encoding="chunked"),
    ],
)
def test_a_body_that_is_not_here_is_not_checked(reply: Reply) -> None:
    """A range, a reply to a HEAD."""
    assert {} == unsound(reply, ["x-amz-crc32"])


@pytest.mark.parametrize("length", [{}, {"content_length": "0"}])
def test_an_empty_body_is_checked(length: dict[str, Any]) -> None:
    """Its CRC32 is 0."""
    assert {} == unsound(_reply(b"", x_amz_crc32="0", **length), ["x-amz-crc32"])
    assert {"x-amz-crc32"} == unsound(_reply(b"", x_amz_crc32="1", **length), ["x-amz-crc32"]).keys()


@pytest.mark.parametrize("name", ["x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme"])
def test_slow_checksums_of_long_bodies_are_taken_to_fit(name: str) -> None:
    """Those of the longest bodies of which they are made take a moment."""
    headers = Headers(((name, "AAAA"),))
    started = time.process_time()
    found = unsound(Reply(200, headers, bytes(MAX_SLOW_BYTES)), [name])
    spent = time.process_time() - started

    assert {name} == found.keys()
    assert spent < 0.05
    assert {} == unsound(Reply(200, headers, bytes(MAX_SLOW_BYTES + 1)), [name])


def test_a_body_that_has_passed_by_is_checked_by_what_was_made_of_it() -> None:
    """Of those that were made; of others nothing is known."""
    name, other = "x-amz-checksum-crc32", "x-amz-checksum-sha1"
    hashes = passing([name, "etag", "x-amz-checksum-crc32c", "date"])
    for piece in (_BODY[:4], _BODY[4:]):
        hashes[name].update(piece)
    digest = Digest(len(_BODY), "", written(hashes))
    headers = Headers(((name, _RIGHT[name]), (other, "x")))
    wrong = Headers(((name, _in_base64(zlib.crc32(b"").to_bytes(4))),))

    assert {name} == hashes.keys()
    assert {} == unsound(Reply(200, headers, b"", digest=digest), [name, other])
    assert {name} == unsound(Reply(200, wrong, b"", digest=digest), [name]).keys()


def test_a_digest_is_the_same_whatever_else_was_made() -> None:
    """Its length and hash say which bytes they were."""
    assert Digest(1, "a", {"x-amz-crc32": "1"}) == Digest(1, "a")


def test_every_passing_checksum_can_be_made_in_pieces() -> None:
    """Those that are quick enough."""
    names = passing(_RIGHT)
    for made in names.values():
        made.update(_BODY)

    assert {name: _RIGHT[name] for name in names} == written(names)
    assert integrity.OF_ANY_REPLY <= _RIGHT.keys()
