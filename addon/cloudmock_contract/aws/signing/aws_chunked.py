"""Takes S3's aws-chunked content encoding, or the signatures in it, off a request body.

A chunk signature is bound to the client's own key and Host, so a body in this encoding cannot be signed anew as it is:
the plain body can, with the trailing checksums as ordinary headers. The trailers of a streamed body come too late for
that: such a body keeps its chunks, without signatures.

This file signs nothing and checks no chunk signature.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from cloudmock_contract.errors import AppError
from cloudmock_contract.values.http import Request, Streamed

UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

MIN_CHUNK_BYTES = 64 * 2**10
"""Of each chunk that is written here, except the last one: S3 refuses other chunks of less than 8 KiB."""

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
_MAX_LINE_BYTES = 4096
_MAX_TRAILERS_BYTES = 4 * _MAX_LINE_BYTES


def decoded(request: Request, *, keeps_unsigned: bool = True) -> Request:
    """The request with a plain body; the same request if it is not aws-chunked. Raises AppError on broken framing.

    `keeps_unsigned`: a body that the client left unsigned is declared unsigned, instead of being hashed.
    """
    kind = request.headers.get("x-amz-content-sha256")
    if not kind.startswith("STREAMING-"):
        return request
    if kind.endswith("-EVENTS"):
        raise AppError(_EVENTS)
    body, trailers = _unframed(request.body)
    stated = request.headers.get("x-amz-decoded-content-length")
    if stated and stated != str(len(body)):
        raise AppError(
            f"The app's aws-chunked body holds {len(body)} bytes where x-amz-decoded-content-length says {stated}."
        )
    _check_trailers(trailers, _announced(request))
    headers = request.headers.without(_DROPPED).adding(
        ("Content-Length", str(len(body))), *trailers, *_other_codings(request)
    )
    if kind == UNSIGNED and keeps_unsigned:
        headers = headers.adding(("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"))
    return Request(request.method, request.target, headers, body)


def _announced(request: Request) -> frozenset[str]:
    """The names of the trailers that the head announces, in lower case."""
    names = ",".join(request.headers.values("x-amz-trailer")).split(",")
    return frozenset(name.strip().lower() for name in names if name.strip())


def _check_trailers(trailers: Collection[tuple[str, str]], announced: frozenset[str]) -> None:
    names = {name.lower() for name, _ in trailers}
    if missing := announced - names:
        raise AppError(f"The app's aws-chunked body ends without the trailer {', '.join(sorted(missing))}.")
    if extra := names - announced:
        raise AppError(f"The app's aws-chunked body has a trailer that is not announced: {', '.join(sorted(extra))}.")


def _other_codings(request: Request) -> tuple[tuple[str, str], ...]:
    """The Content-Encoding header without aws-chunked; nothing if that was all of it."""
    codings = [coding.strip() for coding in ",".join(request.headers.values("content-encoding")).split(",")]
    others = ",".join(coding for coding in codings if coding and coding.lower() != "aws-chunked")
    return (("Content-Encoding", others),) if others else ()


def _unframed(framed: bytes) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    chunks: list[bytes] = []
    position = 0
    while True:
        end = framed.find(b"\r\n", position, position + _MAX_LINE_BYTES)
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
    """The trailing headers, one a line; some SDKs leave out the end of the last line."""
    trailers = []
    for line in text.decode("utf-8", "surrogateescape").split("\r\n"):
        if not line:
            continue
        name, colon, value = line.partition(":")
        if not colon or not _TRAILER_NAME.fullmatch(name.strip()):
            raise AppError(f"The app's aws-chunked body has a trailer that is not a header: {line[:80]!r}.")
        if name.strip().lower() != "x-amz-trailer-signature":
            trailers.append((name.strip(), value.strip()))
    return trailers


def restated(request: Request) -> Request:
    """The head of a streamed request, made to fit the body that `reframing` makes. Raises AppError."""
    kind = _kind(request)
    if kind in ("", UNSIGNED):
        return request
    length = _length(request)
    if _keeps_chunks(kind):
        headers = request.headers.without({"x-amz-content-sha256", "content-length"})
        return replace(request, headers=headers.adding(("X-Amz-Content-SHA256", UNSIGNED)), streamed=Streamed(None))
    headers = request.headers.without(_DROPPED).adding(
        ("Content-Length", str(length)), ("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"), *_other_codings(request)
    )
    return replace(request, headers=headers, streamed=Streamed(length))


def reframing(request: Request) -> Callable[[bytes], bytes]:
    """A function that turns a streamed body into the one that `restated` announces.

    It takes the body's pieces in turn, then an empty piece. `request`: as the app sent it. Raises AppError; so does the
    function, on broken framing, and before it would return more bytes than announced: these would be taken for the next
    request.
    """
    kind = _kind(request)
    if kind in ("", UNSIGNED):
        return _unchanged
    keeps_chunks = _keeps_chunks(kind)
    # Without chunks there is no room for trailers.
    announced = _announced(request) if keeps_chunks else frozenset[str]()
    return _Reframing(_length(request), announced, keeps_chunks=keeps_chunks)


def _kind(request: Request) -> str:
    kind = request.headers.get("x-amz-content-sha256")
    if kind.endswith("-EVENTS"):
        raise AppError(_EVENTS)
    return kind if kind.startswith("STREAMING-") else ""


def _keeps_chunks(kind: str) -> bool:
    return kind.endswith("-TRAILER")


def _length(request: Request) -> int:
    text = request.headers.get("x-amz-decoded-content-length")
    if not re.fullmatch("[0-9]{1,15}", text, re.ASCII):
        raise AppError("The app's aws-chunked body does not say in x-amz-decoded-content-length how long it is.")
    return int(text)


def _unchanged(piece: bytes) -> bytes:
    return piece


class _Reframing:
    """Reads a body in aws-chunked encoding as it comes.

    Each `_read_…` method takes a part off the buffer, and returns whether the next part may be there already.
    """

    def __init__(self, length: int, announced: frozenset[str], *, keeps_chunks: bool) -> None:
        self._length, self._announced, self._keeps_chunks = length, announced, keeps_chunks
        self._buffer = bytearray()
        self._remaining = 0
        """Bytes of the chunk that are still to come."""
        self._total = 0
        """Bytes of the object in the chunks so far."""
        self._unsent = bytearray()
        """Bytes of the object that are not enough for a chunk yet."""
        self._read_next: Callable[[list[bytes]], bool] = self._read_size

    def __call__(self, piece: bytes) -> bytes:
        self._buffer += piece
        out: list[bytes] = []
        while self._read_next(out):
            pass
        trailers = () if piece else self._end_trailers()
        data = b"".join(out)
        return self._in_chunks(data, trailers, is_last=not piece) if self._keeps_chunks else data

    def _in_chunks(self, data: bytes, trailers: Collection[tuple[str, str]], *, is_last: bool) -> bytes:
        self._unsent += data
        if not is_last and len(self._unsent) < MIN_CHUNK_BYTES:
            return b""
        chunk = b"%x\r\n%b\r\n" % (len(self._unsent), bytes(self._unsent)) if self._unsent else b""
        self._unsent = bytearray()
        if not is_last:
            return chunk
        lines = "".join(f"{name}:{value}\r\n" for name, value in trailers)
        return chunk + f"0\r\n{lines}\r\n".encode("utf-8", "surrogateescape")

    def _end_trailers(self) -> Collection[tuple[str, str]]:
        """The trailers at the end of the body. Raises AppError if this is not the end."""
        if self._read_next != self._read_trailers:
            raise AppError("The app's aws-chunked body ends within a chunk.")
        if self._total != self._length:
            raise AppError(
                f"The app's aws-chunked body holds {self._total} bytes "
                f"where x-amz-decoded-content-length says {self._length}."
            )
        trailers = _trailers(bytes(self._buffer))
        _check_trailers(trailers, self._announced)
        return trailers

    def _read_size(self, _out: list[bytes]) -> bool:
        end = self._buffer.find(b"\r\n", 0, _MAX_LINE_BYTES)
        if end < 0:
            if len(self._buffer) >= _MAX_LINE_BYTES:
                raise AppError(_NO_CHUNK)
            return False
        text = bytes(self._buffer[:end]).partition(b";")[0]
        if not _SIZE.fullmatch(text):
            raise AppError(_NO_CHUNK)
        del self._buffer[: end + 2]
        self._remaining = int(text, 16)
        self._total += self._remaining
        if self._total > self._length:
            raise AppError(
                f"The app's aws-chunked body holds more than the {self._length} bytes "
                "that x-amz-decoded-content-length says."
            )
        self._read_next = self._read_data if self._remaining else self._read_trailers
        return True

    def _read_data(self, out: list[bytes]) -> bool:
        data = bytes(self._buffer[: self._remaining])
        if data:
            del self._buffer[: len(data)]
            self._remaining -= len(data)
            out.append(data)
        if self._remaining == 0:
            self._read_next = self._read_chunk_end
        return self._remaining == 0

    def _read_chunk_end(self, _out: list[bytes]) -> bool:
        if len(self._buffer) < 2:
            return False
        if self._buffer[:2] != b"\r\n":
            raise AppError("The app's aws-chunked body has a chunk that does not end where it says.")
        del self._buffer[:2]
        self._read_next = self._read_size
        return True

    def _read_trailers(self, _out: list[bytes]) -> bool:
        if len(self._buffer) > _MAX_TRAILERS_BYTES:
            raise AppError("The app's aws-chunked body has trailers without end.")
        return False


_NO_CHUNK = "The app's aws-chunked body has no valid chunk where one should be."
_EVENTS = (
    "The app streams signed events. cloudmock-contract cannot sign these anew, and does not send them: call the "
    "operation without the proxy."
)
