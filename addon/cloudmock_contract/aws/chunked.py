"""Takes S3's aws-chunked content encoding off a request body.

A chunk signature is bound to the client's own key and Host, so a body in this encoding cannot be signed anew as it is:
the plain body can, with the trailing checksums as ordinary headers.

This file signs nothing and checks no chunk signature.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""

from cloudmock_contract.errors import AppError
from cloudmock_contract.exchange import Request

_DROPPED = frozenset(
    (
        "content-encoding",
        "content-length",
        "x-amz-content-sha256",
        "x-amz-decoded-content-length",
        "x-amz-trailer",
    )
)


def decoded(request: Request) -> Request:
    """The request with a plain body; the same request if it is not aws-chunked. Raises AppError on broken framing."""
    if not request.headers.get("x-amz-content-sha256").startswith("STREAMING-"):
        return request
    body, trailers = _unframed(request.body)
    stated = request.headers.get("x-amz-decoded-content-length")
    if stated and stated != str(len(body)):
        raise AppError(
            f"The app's aws-chunked body holds {len(body)} bytes where x-amz-decoded-content-length says {stated}."
        )
    codings = [coding.strip() for coding in request.headers.get("content-encoding").split(",")]
    left = ",".join(coding for coding in codings if coding and coding.lower() != "aws-chunked")
    headers = request.headers.without(_DROPPED).adding(("Content-Length", str(len(body))), *trailers)
    if left:
        headers = headers.adding(("Content-Encoding", left))
    return Request(request.method, request.target, headers, body)


def _unframed(framed: bytes) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    chunks: list[bytes] = []
    position = 0
    while True:
        end = framed.find(b"\r\n", position)
        size_text = framed[position:end].partition(b";")[0]
        try:
            size = int(size_text, 16) if end >= 0 else -1
        except ValueError:
            size = -1
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
    found = []
    for line in text.decode("utf-8", "surrogateescape").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon and name.lower() != "x-amz-trailer-signature":
            found.append((name.strip(), value.strip()))
    return found
