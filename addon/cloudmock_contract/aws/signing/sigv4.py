"""Signature version 4 and 4a, step by step as the specification names them: canonical request, string to sign, key,
signature.

Values in, values out: this file knows neither requests nor what has to be signed of them. What is canonicalised is what
goes over the wire, so the path and the query are taken as they are sent.
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
    that no header has is left out.
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
    """A header's value without the blanks around it, and with single ones in it."""
    value = value.strip(" \t")
    return re.sub(" {2,}", " ", value) if "  " in value else value


def percent_encoded(text: str | bytes) -> str:
    """All but the unreserved characters of RFC 3986 as percent and hexadecimal digits."""
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return quote(data, "-._~")


def canonical_path(path: str) -> str:
    """The path of every service but S3: dot segments and empty segments resolved, then encoded once more."""
    if "//" in path or "/." in path:
        kept: list[str] = []
        for segment in path.split("/"):
            if segment == "..":
                del kept[-1:]
            elif segment not in ("", "."):
                kept.append(segment)
        slash = "/" if kept and path.endswith("/") else ""
        path = f"/{'/'.join(kept)}{slash}"
    return quote(path, "/-._~") if path else "/"


def canonical_query(query: str) -> str:
    """The pairs in order of their names, then values; each with an equals sign."""
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
    """The key pair that the secret stands for: NIST SP 800-108 in counter mode, until the number fits the curve."""
    for counter in range(1, 255):
        context = access_key.encode() + bytes((counter,))
        message = b"\x00\x00\x00\x01" + ASYMMETRIC_ALGORITHM.encode() + b"\x00" + context + b"\x00\x00\x01\x00"
        candidate = int.from_bytes(hmac.digest(f"AWS4A{secret_key}".encode(), message, "sha256"))
        if candidate <= _P256_ORDER - 2:
            return ec.derive_private_key(candidate + 1, ec.SECP256R1())
    raise AssertionError("254 numbers in a row that do not fit the curve")
