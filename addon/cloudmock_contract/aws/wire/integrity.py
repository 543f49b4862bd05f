"""Whether the checksums that a reply names in its headers are those of its own bytes.

SDKs compute them again, and refuse a reply or ask once more where one does not fit. Each side's are held against its
own bytes, as they came: two sides whose bytes differ have different checksums, and neither is wrong.

CRC32C and CRC64NVME are computed here, slowly, for short bodies alone; those of long ones are taken to fit, as are the
hashes that Python does not have (XXHASH). This file does not know which operation a reply answers.
Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html;
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html (x-amz-crc32)
"""

import base64
import functools
import hashlib
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cloudmock_contract.values.http import Headers, Reply

MAX_SLOW_BYTES = 4 * 2**10
"""Bytes of a body of which CRC32C and CRC64NVME are computed: within a millisecond."""

CRC32, CONTENT_MD5, ETAG, CHECKSUM_PREFIX = "x-amz-crc32", "content-md5", "etag", "x-amz-checksum-"

OF_ANY_REPLY = frozenset((CRC32, CONTENT_MD5))
"""Headers that speak of the body wherever they stand."""

_PARTIAL, _NOT_MODIFIED = 206, 304
_MD5_IN_HEX = re.compile(r'"[0-9a-f]{32}"')
_COMPOSITE = re.compile(r".*-[0-9]{1,5}", re.DOTALL)
"""Of an object that came in parts: the checksum of theirs, and how many there are."""

_ENCRYPTED = "x-amz-server-side-encryption"
_PLAIN_ENCRYPTION = frozenset(("", "AES256"))
_ETAG_IS_NO_MD5 = frozenset(
    (f"{_ENCRYPTED}-customer-algorithm", f"{_ENCRYPTED}-aws-kms-key-id", "x-amz-mp-parts-count")
)
"""Headers of objects whose ETag is none (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html)."""
_ONE_ZONE = "EXPRESS_ONEZONE"
"""The storage class of directory buckets, whose ETags are none either."""


def _crc_table(polynomial: int) -> tuple[int, ...]:
    """Of a reflected polynomial, the remainder of each byte."""
    table = []
    for byte in range(256):
        remainder = byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (polynomial if remainder & 1 else 0)
        table.append(remainder)
    return tuple(table)


@functools.cache
def _table(bits: int) -> tuple[int, ...]:
    return _crc_table(_POLYNOMIALS[bits])


_POLYNOMIALS = {32: 0x82F63B78, 64: 0x9A6C9329AC4BC9B5}
"""CRC32C's (RFC 3720, appendix B.4) and CRC64NVME's (NVM Express, NVM command set, 5.2.1.3.4), reflected."""


def _slow_crc(data: bytes, bits: int) -> bytes:
    table, mask = _table(bits), (1 << bits) - 1
    remainder = mask
    for byte in data:
        remainder = table[(remainder ^ byte) & 0xFF] ^ remainder >> 8
    return (remainder ^ mask).to_bytes(bits // 8)


class _Crc32:
    """CRC32 with the interface of hashlib's hashes."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4)


@dataclass(frozen=True, slots=True)
class _Algorithm:
    title: str
    new: Callable[[], Any] | None = None
    """Makes a hash, as hashlib's; None where there is only `slow`."""
    slow: Callable[[bytes], bytes] | None = None
    write: Callable[[bytes], str] = lambda digest: base64.b64encode(digest).decode()

    def of(self, data: bytes) -> str:
        """The checksum as the header has it; empty if that would take too long."""
        if self.new:
            made = self.new()
            made.update(data)
            return self.write(made.digest())
        return self.write(self.slow(data)) if self.slow and len(data) <= MAX_SLOW_BYTES else ""


def _md5() -> Any:
    return hashlib.md5(usedforsecurity=False)


def _sha1() -> Any:
    return hashlib.sha1(usedforsecurity=False)


_ALGORITHMS: Mapping[str, _Algorithm] = {
    CRC32: _Algorithm("CRC32", _Crc32, write=lambda digest: str(int.from_bytes(digest))),
    CONTENT_MD5: _Algorithm("MD5", _md5),
    ETAG: _Algorithm("MD5", _md5, write=lambda digest: f'"{digest.hex()}"'),
    f"{CHECKSUM_PREFIX}crc32": _Algorithm("CRC32", _Crc32),
    f"{CHECKSUM_PREFIX}crc32c": _Algorithm("CRC32C", slow=lambda data: _slow_crc(data, 32)),
    f"{CHECKSUM_PREFIX}crc64nvme": _Algorithm("CRC64NVME", slow=lambda data: _slow_crc(data, 64)),
    f"{CHECKSUM_PREFIX}md5": _Algorithm("MD5", _md5),
    f"{CHECKSUM_PREFIX}sha1": _Algorithm("SHA1", _sha1),
    f"{CHECKSUM_PREFIX}sha256": _Algorithm("SHA256", hashlib.sha256),
    f"{CHECKSUM_PREFIX}sha512": _Algorithm("SHA512", hashlib.sha512),
}
"""By header."""

_PASSING = frozenset((CRC32, f"{CHECKSUM_PREFIX}crc32", f"{CHECKSUM_PREFIX}sha1", f"{CHECKSUM_PREFIX}sha256"))
"""Those that are quick enough to be made of a body that passes by: MD5 and SHA512 would hold it up."""


def passing(names: Iterable[str]) -> dict[str, Any]:
    """For each of these headers (in lower case) that can be checked of a body that passes by: a hash to be made."""
    return {name: algorithm.new() for name in names if name in _PASSING and (algorithm := _ALGORITHMS[name]).new}


def written(hashes: Mapping[str, Any]) -> dict[str, str]:
    """Those hashes, made, as their headers have them."""
    return {name: _ALGORITHMS[name].write(made.digest()) for name, made in hashes.items()}


def claims(reply: Reply, names: Collection[str]) -> dict[str, str]:
    """What the reply's headers of these names (in lower case) say of its body, where it can be checked."""
    if reply.status in (_PARTIAL, _NOT_MODIFIED) or _lacks_its_body(reply):
        return {}
    headers = reply.headers
    return {
        name: headers.get(name).strip()
        for name in names
        if name in headers and name in _ALGORITHMS and _is_of_the_whole(name, headers)
    }


def unsound(reply: Reply, names: Collection[str]) -> dict[str, str]:
    """Which of these headers do not fit the reply's body, and why not, by name."""
    return {
        name: f"not the {_ALGORITHMS[name].title} of the body"
        for name, claim in claims(reply, names).items()
        if not _fits(reply, name, claim)
    }


def _fits(reply: Reply, name: str, claim: str) -> bool:
    made = reply.digest.checksums.get(name, "") if reply.digest else _ALGORITHMS[name].of(reply.body)
    return not made or made == claim


def _lacks_its_body(reply: Reply) -> bool:
    """Whether the headers speak of a body that is not here: the reply to a HEAD."""
    headers = reply.headers
    return not reply.length and (headers.get("content-length", "0").strip() != "0" or "transfer-encoding" in headers)


def _is_of_the_whole(name: str, headers: Headers) -> bool:
    """Whether the header speaks of the bytes of the body, and not of an object's parts or of what encrypts it."""
    text = headers.get(name).strip()
    if name == ETAG:
        return (
            _MD5_IN_HEX.fullmatch(text) is not None
            and headers.get(_ENCRYPTED) in _PLAIN_ENCRYPTION
            and headers.get("x-amz-storage-class") != _ONE_ZONE
            and not any(header in headers for header in _ETAG_IS_NO_MD5)
        )
    if name.startswith(CHECKSUM_PREFIX):
        return headers.get("x-amz-checksum-type") != "COMPOSITE" and not _COMPOSITE.fullmatch(text)
    return True
