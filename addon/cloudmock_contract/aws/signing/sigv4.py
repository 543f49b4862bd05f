"""Signature version 4 and 4a, step by step as the specification names them: canonical request, string to sign, key,
signature.

Values in, values out: this file does not know requests, nor which parts of them to sign. The path and the query are
those that go over the wire: AWS canonicalises what it receives.

Written here because the libraries cannot sign a request as it is on the wire, byte for byte. botocore.auth takes an
AWSRequest, and with it a URL and not a target; it signs nearly all headers, at the time of this machine's clock.
aws-sdk-signers resolves dot segments for S3 as well, and drops query parameters without a value. For version 4a
botocore needs awscrt, which is native code.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import functools
import hmac
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ALGORITHM = "AWS4-HMAC-SHA256"
ASYMMETRIC_ALGORITHM = "AWS4-ECDSA-P256-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class Scope:
    """What a signature is for."""

    date: str
    """`20260131`."""
    region: str
    """Empty for signature version 4a, which is for a set of regions."""
    service: str

    def __str__(self) -> str:
        return "/".join(part for part in (self.date, self.region, self.service, "aws4_request") if part)


def canonical_request(
    method: str,
    path: str,
    query: str,
    headers: Iterable[tuple[str, str]],
    signed: Collection[str],
    payload_hash: str,
) -> tuple[str, str]:
    """The canonical request, and the names of the signed headers as one text.

    `path`: canonical already (see `canonical_path`); `signed`: the names of the headers to sign, in lower case. A name
    without a header is left out.
    """
    values: dict[str, list[str]] = {}
    for name, value in headers:
        lowered = name.lower()
        if lowered in signed:
            values.setdefault(lowered, []).append(trimmed(value))
    names = sorted(values)
    lines = [f"{name}:{','.join(values[name])}\n" for name in names]
    signed_names = ";".join(names)
    return f"{method}\n{path}\n{canonical_query(query)}\n{''.join(lines)}\n{signed_names}\n{payload_hash}", signed_names


def trimmed(value: str) -> str:
    """A header's value without blanks around it, and with single blanks inside."""
    value = value.strip(" \t")
    return re.sub(" {2,}", " ", value) if "  " in value else value


def percent_encoded(text: str | bytes) -> str:
    """The text with all but the unreserved characters of RFC 3986 percent-encoded."""
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return quote(data, "-._~")


def canonical_path(path: str) -> str:
    """The path of every service but S3: dot segments and empty segments resolved, then encoded once more."""
    if "//" in path or "/." in path:
        resolved: list[str] = []
        for segment in path.split("/"):
            if segment == "..":
                del resolved[-1:]
            elif segment not in ("", "."):
                resolved.append(segment)
        slash = "/" if resolved and path.endswith("/") else ""
        path = f"/{'/'.join(resolved)}{slash}"
    return quote(path, "/-._~") if path else "/"


def canonical_query(query: str) -> str:
    """The pairs in the order of their names, then of their values, each with an equals sign."""
    if not query:
        return ""
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&"))
    return "&".join(f"{name}={value}" for name, value in pairs)


def string_to_sign(algorithm: str, time: str, scope: Scope, canonical: str) -> str:
    """`time`: `20260131T120000Z`."""
    return f"{algorithm}\n{time}\n{scope}\n{sha256(canonical.encode('utf-8', 'surrogateescape')).hexdigest()}"


def signature(secret_key: str, scope: Scope, text: str) -> str:
    """The signature of a string to sign, or of a policy."""
    return _hmac(_signing_key(secret_key, scope), text).hex()


@functools.lru_cache(maxsize=128)
def _signing_key(secret_key: str, scope: Scope) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (scope.date, scope.region, scope.service, "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode("utf-8", "surrogateescape"), "sha256")


def asymmetric_signature(access_key: str, secret_key: str, text: str) -> str:
    """The signature of a string to sign with signature version 4a."""
    key = asymmetric_key(access_key, secret_key)
    return key.sign(text.encode("utf-8", "surrogateescape"), ec.ECDSA(hashes.SHA256())).hex()


@functools.lru_cache(maxsize=8)
def asymmetric_key(access_key: str, secret_key: str) -> ec.EllipticCurvePrivateKey:
    """The key pair that is derived from the secret key: NIST SP 800-108 in counter mode, until one fits the curve."""
    for counter in range(1, 255):
        context = access_key.encode() + bytes((counter,))
        message = b"\x00\x00\x00\x01" + ASYMMETRIC_ALGORITHM.encode() + b"\x00" + context + b"\x00\x00\x01\x00"
        candidate = int.from_bytes(hmac.digest(f"AWS4A{secret_key}".encode(), message, "sha256"))
        if candidate <= _P256_ORDER - 2:
            return ec.derive_private_key(candidate + 1, ec.SECP256R1())
    raise AssertionError("none of 254 numbers fits the curve")
