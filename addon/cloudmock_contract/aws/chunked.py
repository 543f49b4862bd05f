"""Takes S3's aws-chunked content encoding off a request body.

A chunk signature is bound to the client's own key and Host, so a body in this encoding cannot be signed anew as it is:
the plain body can, with the trailing checksums as ordinary headers.

This file signs nothing and checks no chunk signature.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""

import re

from cloudmock_contract.errors import AppError
from cloudmock_contract.exchange import Request

UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

_DROPPED = frozenset(
    (
        "content-encoding",
        "content-length",
        "x-amz-content-sha256",
        "x-amz-decoded-content-length",
        "x-amz-trailer",
    )
)
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")
_TRAILER_NAME = re.compile(r"[A-Za-z0-9-]+")
_LONGEST_LINE = 4096


def decoded(request: Request, *, keeps_unsigned: bool = True) -> Request:
    """The request with a plain body; the same request if it is not aws-chunked. Raises AppError on broken framing.

    `keeps_unsigned`: a body that the client left unsigned is stated to be so, instead of being hashed.
    """
    kind = request.headers.get("x-amz-content-sha256")
    if not kind.startswith("STREAMING-"):
        return request
    if kind.endswith("-EVENTS"):
        raise AppError(
            "The app streams signed events, and these cannot be signed anew: cloudmock-contract refuses them."
        )
    body, trailers = _unframed(request.body)
    stated = request.headers.get("x-amz-decoded-content-length")
    if stated and stated != str(len(body)):
        raise AppError(
            f"The app's aws-chunked body holds {len(body)} bytes where x-amz-decoded-content-length says {stated}."
        )
    announced = {
        name.strip().lower() for name in ",".join(request.headers.values("x-amz-trailer")).split(",") if name.strip()
    }
    there = {name.lower() for name, _ in trailers}
    if absent := announced - there:
        raise AppError(f"The app's aws-chunked body ends without the trailer {', '.join(sorted(absent))}.")
    if odd := there - announced:
        raise AppError(f"The app's aws-chunked body has a trailer that is not announced: {', '.join(sorted(odd))}.")
    codings = [coding.strip() for coding in ",".join(request.headers.values("content-encoding")).split(",")]
    left = ",".join(coding for coding in codings if coding and coding.lower() != "aws-chunked")
    headers = request.headers.without(_DROPPED).adding(("Content-Length", str(len(body))), *trailers)
    if left:
        headers = headers.adding(("Content-Encoding", left))
    if kind == UNSIGNED and keeps_unsigned:
        headers = headers.adding(("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"))
    return Request(request.method, request.target, headers, body)


def _unframed(framed: bytes) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    chunks: list[bytes] = []
    position = 0
    while True:
        end = framed.find(b"\r\n", position, position + _LONGEST_LINE)
        size_text = framed[position:end].partition(b";")[0] if end >= 0 else b""
        size = int(size_text, 16) if _SIZE.fullmatch(size_text) else -1
        if size < 0 or end + 2 + size > len(framed):
            raise AppError(f"The app's aws-chunked body has no valid chunk at byte {position}.")
        position = end + 2 + size
        if size == 0:
            return b"".join(chunks), tuple(_trailers(framed[position:]))
        chunks.append(framed[end + 2 : position])
        if framed[position : position + 2] != b"\r\n":
            raise AppError(f"The app's aws-chunked body has a chunk that does not end at byte {position}.")
        position += 2


def _trailers(text: bytes) -> list[tuple[str, str]]:
    """The trailing headers: lines, the last of which may lack its end, as some SDKs leave it out."""
    found = []
    for line in text.decode("utf-8", "surrogateescape").split("\r\n"):
        if not line:
            continue
        name, colon, value = line.partition(":")
        if not colon or not _TRAILER_NAME.fullmatch(name.strip()):
            raise AppError(f"The app's aws-chunked body has a trailer that is no header: {line[:80]!r}.")
        if name.strip().lower() != "x-amz-trailer-signature":
            found.append((name.strip(), value.strip()))
    return found
