"""A request as it came over the wire, and the checks that every AWS front end makes before it looks at a signature.

Knows HTTP's own rules (RFC 9112, RFC 3986), the body's checksums
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html) and the error codes of
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. Does not know signatures. Text is the wire's
bytes read as latin-1, so that it turns back into the same bytes.
"""

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

SKEW = timedelta(minutes=15)
S3_FAMILY = frozenset({"s3", "s3express", "s3-object-lambda", "s3-outposts"})

_TARGET = re.compile(r"/(?:[!\"$&-~]|%[0-9A-Fa-f]{2})*")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class RefusedError(Exception):
    """The request is refused with this AWS error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Key:
    """Credentials that the verifier knows."""

    access_key: str
    secret_key: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request: method, target and headers as sent, names in lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The decoded query, in order."""
        return pairs(self.target.partition("?")[2])

    @property
    def host(self) -> str:
        return self.header("host") or ""

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def header(self, name: str) -> str | None:
        """The header's canonical value; None if it is absent."""
        values = self.values(name)
        return ",".join(re.sub(" +", " ", value.strip()) for value in values) if values else None

    def parameter(self, name: str) -> str | None:
        """The query parameter of this name, whatever its case; refused if it is there twice."""
        values = [value for key, value in self.query if key.lower() == name.lower()]
        if len(values) > 1:
            raise RefusedError("AuthorizationQueryParametersError", f"the query parameter {name} is there twice")
        return values[0] if values else None

    def media_type(self) -> str:
        return (self.header("content-type") or "").partition(";")[0].strip().lower()


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """A query or form, decoded; a plus is a blank there, which is why the specification wants %20 signed."""
    split = (part.partition("=") for part in text.split("&") if part)
    return tuple((_decoded(name), _decoded(value)) for name, _, value in split)


def _decoded(text: str) -> str:
    return unquote(text.replace("+", " "), encoding="latin-1")


def parse(head: bytes, body: bytes) -> Request:
    """The request, read leniently: lines may end in LF alone, and a folded value is joined by a blank."""
    first, *lines = head.decode("latin-1").replace("\r\n", "\n").rstrip("\n").split("\n")
    method, _, rest = first.partition(" ")
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and headers:
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}")
            continue
        name, _, value = line.partition(":")
        headers.append((name.lower(), value))
    return Request(method, rest.rpartition(" ")[0], tuple(headers), body)


def check_form(head: bytes, request: Request) -> None:
    """Refuse what is not HTTP/1.1 to the letter, or whose body is not the one announced."""
    first, *lines = head.removesuffix(b"\r\n").split(b"\r\n")
    if b"\n" in head.replace(b"\r\n", b"") or b"\r" in head.replace(b"\r\n", b""):
        raise RefusedError("BadRequest", "a line ends in a bare CR or LF")
    if not first.endswith(b" HTTP/1.1") or first.count(b" ") != 2:
        raise RefusedError("BadRequest", f"malformed request line {first!r}")
    if not _TARGET.fullmatch(request.target):
        raise RefusedError("InvalidURI", f"malformed request target {request.target!r}")
    for line in lines:
        name, colon, _ = line.decode("latin-1").partition(":")
        if not colon or not _NAME.fullmatch(name):
            raise RefusedError("BadRequest", f"malformed header line {line!r}")
    if len(request.values("host")) != 1 or not request.host:
        raise RefusedError("BadRequest", f"there must be one Host header, not {request.values('host')}")
    _check_length(request)


def _check_length(request: Request) -> None:
    lengths, codings = request.values("content-length"), request.values("transfer-encoding")
    if len(lengths) + len(codings) > 1:
        raise RefusedError("BadRequest", f"two framings: Content-Length {lengths}, Transfer-Encoding {codings}")
    if codings and codings[0].strip().lower() != "chunked":
        raise RefusedError("NotImplemented", f"Transfer-Encoding {codings[0]!r}")
    if lengths and not re.fullmatch("[0-9]+", lengths[0].strip()):
        raise RefusedError("BadRequest", f"Content-Length {lengths[0]!r}")
    announced = int(lengths[0]) if lengths else 0
    if not codings and announced != len(request.body):
        raise RefusedError("IncompleteBody", f"Content-Length is {announced}, the body has {len(request.body)} bytes")


def check_integrity(headers: Mapping[str, str], body: bytes) -> None:
    """Refuse a body that its Content-MD5 or its x-amz-checksum-* headers or trailers do not fit."""
    for name, function in CHECKSUMS.items():
        if (claimed := headers.get(name)) is None:
            continue
        computed = function(body)
        try:
            digest = base64.b64decode(claimed.strip(), validate=True)
        except binascii.Error:
            digest = b""
        if len(digest) != len(computed):
            code = "InvalidDigest" if name == "content-md5" else "InvalidRequest"
            raise RefusedError(code, f"{name} {claimed!r} is not the base64 of {len(computed)} bytes")
        if digest != computed:
            expected = base64.b64encode(computed).decode()
            raise RefusedError("BadDigest", f"{name} is {claimed}, the body's is {expected}")


def _crc(width: int, polynomial: int) -> Callable[[bytes], bytes]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ polynomial if value & 1 else value >> 1  # noqa: PLW2901
        table.append(value)

    def function(body: bytes) -> bytes:
        ones = (1 << width) - 1
        state = ones
        for byte in body:
            state = table[(state ^ byte) & 0xFF] ^ (state >> 8)
        return (state ^ ones).to_bytes(width // 8, "big")

    return function


CHECKSUMS: Mapping[str, Callable[[bytes], bytes]] = {
    "content-md5": lambda body: hashlib.md5(body).digest(),
    "x-amz-checksum-crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "x-amz-checksum-crc32c": _crc(32, 0x82F63B78),
    "x-amz-checksum-crc64nvme": _crc(64, 0x9A6C9329AC4BC9B5),
    "x-amz-checksum-sha1": lambda body: hashlib.sha1(body).digest(),
    "x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
}


def moment(text: str) -> datetime | None:
    """A time in AWS's basic format, in the extended one or in HTTP's; None if it is in none of them."""
    for form in ("%Y%m%dT%H%M%SZ", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        parsed = parsedate_to_datetime(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def check_skew(signed: datetime, now: datetime) -> None:
    """Refuse a clock that is 15 minutes off."""
    if abs(now - signed) > SKEW:
        message = "The difference between the request time and the current time is too large."
        raise RefusedError("RequestTimeTooSkewed", f"{message} Request: {signed:%c}, server: {now:%c}")


def check_expiry(signed: datetime, expires: datetime, now: datetime) -> None:
    """Refuse a URL that has expired, or that is not yet valid."""
    if now > expires:
        raise RefusedError("AccessDenied", f"Request has expired. Expires: {expires:%c}, server: {now:%c}")
    if signed - now > SKEW:
        raise RefusedError("AccessDenied", f"Request is not valid yet. Signed: {signed:%c}, server: {now:%c}")


def find_key(keys: Mapping[str, Key], access_key: str, token: str | None) -> Key:
    """The key of this request; refused unless the token is exactly the key's."""
    if (key := keys.get(access_key)) is None:
        message = "The AWS access key ID you provided does not exist in our records"
        raise RefusedError("InvalidAccessKeyId", f"{message}: {access_key!r}")
    if (token or "") != key.token:
        wrong = (
            "is not the key's"
            if token and key.token
            else "is missing"
            if key.token
            else "is not this key's: it has none"
        )
        raise RefusedError("InvalidToken", f"The provided token {wrong}")
    return key
