"""The calculations of Signature Version 4 and 4a: canonical request, string to sign, keys, signatures.

Written from https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html; pure functions. Does not know where a
request carries its signature, nor which signatures are acceptable.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from lab.aws_verifier.request import Key, Request

V4 = "AWS4-HMAC-SHA256"
V4A = "AWS4-ECDSA-P256-SHA256"

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def encode(text: str, safe: str = "") -> str:
    """UriEncode() of the specification."""
    return quote(text, safe="-._~" + safe, encoding="latin-1")


def canonical_path(path: str, *, is_s3: bool) -> str:
    """The path of the canonical request.

    S3 encodes the object key once and leaves it alone otherwise. All others normalise the path of the wire, which is
    encoded already, and encode it again.
    """
    if is_s3:
        return encode(unquote(path, encoding="latin-1"), "/") or "/"
    resolved: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del resolved[-1:]
        elif segment not in ("", "."):
            resolved.append(segment)
    tail = "/" if resolved and path.rpartition("/")[2] in ("", ".", "..") else ""
    return encode("/" + "/".join(resolved) + tail, "/")


def canonical_query(parameters: Iterable[tuple[str, str]]) -> str:
    """The decoded parameters, encoded and sorted by name, then by value."""
    return "&".join(
        f"{name}={value}" for name, value in sorted((encode(name), encode(value)) for name, value in parameters)
    )


def canonical_headers(request: Request, signed: Sequence[str]) -> str:
    """The signed headers' lines; one that was not sent has an empty value."""
    return "".join(f"{name}:{request.header(name) or ''}\n" for name in signed)


def canonical_request(
    request: Request, signed: Sequence[str], payload: str, *, is_s3: bool, without: Sequence[str] = ()
) -> str:
    """The canonical request, the query parameters `without` left out."""
    return "\n".join(
        (
            request.method,
            canonical_path(request.path, is_s3=is_s3),
            canonical_query((name, value) for name, value in request.query if name.lower() not in without),
            canonical_headers(request, signed),
            ";".join(signed),
            payload,
        )
    )


def string_to_sign(algorithm: str, timestamp: str, scope: str, canonical: str) -> str:
    return f"{algorithm}\n{timestamp}\n{scope}\n{sha256(canonical.encode('latin-1'))}"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key that Signature Version 4 derives for one day, region and service."""
    key = b"AWS4" + secret.encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode("latin-1"), "sha256")
    return key


def signature(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode("latin-1"), "sha256").hex()


def signing_key_v4a(key: Key) -> ec.EllipticCurvePrivateKey:
    """The key pair that Signature Version 4a derives from a secret: NIST SP 800-108's KDF in counter mode."""
    for counter in range(1, 255):
        context = key.access_key.encode() + bytes((counter,))
        block = (1).to_bytes(4, "big") + V4A.encode() + b"\x00" + context + (256).to_bytes(4, "big")
        candidate = int.from_bytes(hmac.digest(b"AWS4A" + key.secret_key.encode(), block, "sha256"), "big")
        if candidate <= _ORDER - 2:
            return ec.derive_private_key(candidate + 1, ec.SECP256R1())
    raise ValueError("no key pair can be derived from this secret")


@dataclass(frozen=True, slots=True)
class Signer:
    """What the signatures of one request and of its chunks have in common."""

    algorithm: str
    timestamp: str
    scope: str
    fits: Callable[[str, str], bool]
    """Whether this text has this signature."""


def signer(algorithm: str, key: Key, timestamp: str, scope: str) -> Signer:
    """A signer for `scope`, which is DATE/REGION/SERVICE/aws4_request, for 4a without the region."""
    if algorithm == V4:
        date, region, service, _ = scope.split("/")
        derived = signing_key(key.secret_key, date, region, service)
        return Signer(
            algorithm,
            timestamp,
            scope,
            lambda text, claimed: hmac.compare_digest(signature(derived, text).encode(), claimed.encode("latin-1")),
        )
    public = signing_key_v4a(key).public_key()

    def fits(text: str, claimed: str) -> bool:
        try:
            public.verify(bytes.fromhex(claimed.rstrip("*")), text.encode("latin-1"), ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True

    return Signer(algorithm, timestamp, scope, fits)
