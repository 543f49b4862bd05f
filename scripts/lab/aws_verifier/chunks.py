"""Bodies in S3's aws-chunked coding: framing, chunk signatures, trailer.

Written from https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html.
Does not know the request's own signature, only that the first chunk's is chained to it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.aws_verifier.canonical import V4, V4A, Signer, sha256
from lab.aws_verifier.request import RefusedError, Request, check_integrity

UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
KINDS = frozenset(
    {UNSIGNED_TRAILER}
    | {f"STREAMING-{algorithm}-PAYLOAD{tail}" for algorithm in (V4, V4A) for tail in ("", "-TRAILER")}
)

_MIN_CHUNK_BYTES = 8192
_SIZE = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f*]+))?")
_EMPTY = sha256(b"")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk and its signature."""

    data: bytes
    signature: str


@dataclass(frozen=True, slots=True)
class Chunked:
    """A body taken apart; the last chunk is the empty one."""

    chunks: tuple[Chunk, ...]
    trailer: Mapping[str, str] = field(default_factory=dict)
    trailer_signature: str = ""

    @property
    def data(self) -> bytes:
        return b"".join(chunk.data for chunk in self.chunks)


def chunk_text(signer: Signer, previous: str, data: bytes) -> str:
    """A chunk's string to sign."""
    return "\n".join(
        (f"{signer.algorithm}-PAYLOAD", signer.timestamp, signer.scope, previous.rstrip("*"), _EMPTY, sha256(data))
    )


def trailer_text(signer: Signer, previous: str, trailer: Mapping[str, str]) -> str:
    """The trailer's string to sign."""
    lines = "".join(f"{name}:{value}\n" for name, value in sorted(trailer.items()))
    hashed = sha256(lines.encode("latin-1"))
    return "\n".join((f"{signer.algorithm}-TRAILER", signer.timestamp, signer.scope, previous.rstrip("*"), hashed))


def take_apart(body: bytes, *, is_signed: bool, has_trailer: bool) -> Chunked:
    """The chunks and the trailer, the framing checked to its last byte."""
    chunks: list[Chunk] = []
    rest = body
    while not chunks or chunks[-1].data:
        line, line_end, rest = rest.partition(b"\r\n")
        match = _SIZE.fullmatch(line)
        if not line_end or not match:
            raise RefusedError("IncompleteBody", f"no chunk size in {line[:100]!r}")
        if is_signed != bool(match[2]):
            raise RefusedError(
                "InvalidRequest", f"a chunk signature is {'missing' if is_signed else 'there'}: {line!r}"
            )
        size = int(match[1], 16)
        if len(rest) < size:
            raise RefusedError("IncompleteBody", f"a chunk of {size} bytes has {len(rest)}")
        chunks.append(Chunk(rest[:size], (match[2] or b"").decode()))
        rest = rest[size:]
        if size or not has_trailer:
            if not rest.startswith(b"\r\n"):
                raise RefusedError("IncompleteBody", f"a chunk of {size} bytes does not end there: {rest[:20]!r}")
            rest = rest[2:]
    if small := [len(chunk.data) for chunk in chunks[:-2] if len(chunk.data) < _MIN_CHUNK_BYTES]:
        raise RefusedError("InvalidChunkSizeError", f"chunks that are not the last have only {small} bytes")
    if not has_trailer:
        if rest:
            raise RefusedError("IncompleteBody", f"bytes after the last chunk: {rest[:100]!r}")
        return Chunked(tuple(chunks))
    trailer = _trailer(rest)
    return Chunked(tuple(chunks), trailer, trailer.pop("x-amz-trailer-signature", ""))


def _trailer(text: bytes) -> dict[str, str]:
    """The trailer's fields; the example of the specification ends a line in LF CRLF, which stripping allows."""
    if not text.endswith(b"\r\n\r\n") and text != b"\r\n":
        raise RefusedError("MalformedTrailerError", f"the trailer does not end in an empty line: {text[-100:]!r}")
    fields: dict[str, str] = {}
    for line in text.removesuffix(b"\r\n").removesuffix(b"\r\n").decode("latin-1").split("\r\n"):
        name, colon, value = line.partition(":")
        if not line and not fields:
            continue
        if not colon or name.lower() in fields:
            raise RefusedError("MalformedTrailerError", f"malformed trailer line {line!r}")
        fields[name.lower()] = value.strip()
    return fields


def verify_chunks(request: Request, kind: str, signer: Signer, seed: str) -> bytes:
    """The decoded body; refused unless each chunk, the trailer, the length and the checksum fit."""
    is_signed = kind != UNSIGNED_TRAILER
    if is_signed and not kind.startswith(f"STREAMING-{signer.algorithm}-PAYLOAD"):
        raise RefusedError("InvalidRequest", f"{kind} beside a signature with {signer.algorithm}")
    length = request.header("x-amz-decoded-content-length")
    if length is None or not re.fullmatch("[0-9]+", length):
        raise RefusedError("MissingContentLength", f"x-amz-decoded-content-length is {length!r}")
    body = take_apart(request.body, is_signed=is_signed, has_trailer=kind.endswith("-TRAILER"))
    if is_signed:
        _check_signatures(body, signer, seed, has_trailer=kind.endswith("-TRAILER"))
    elif body.trailer_signature:
        raise RefusedError("MalformedTrailerError", "an unsigned trailer has a signature")
    if int(length) != len(body.data):
        raise RefusedError("IncompleteBody", f"x-amz-decoded-content-length is {length}, there are {len(body.data)}")
    announced = sorted(name.strip().lower() for name in (request.header("x-amz-trailer") or "").split(",") if name)
    if announced != sorted(body.trailer):
        raise RefusedError("MalformedTrailerError", f"x-amz-trailer announces {announced}, sent {sorted(body.trailer)}")
    check_integrity(body.trailer, body.data)
    return body.data


def _check_signatures(body: Chunked, signer: Signer, seed: str, *, has_trailer: bool) -> None:
    previous = seed
    for number, chunk in enumerate(body.chunks):
        text = chunk_text(signer, previous, chunk.data)
        if not signer.fits(text, chunk.signature):
            raise RefusedError("SignatureDoesNotMatch", f"the signature of chunk {number} is not that of:\n{text}")
        previous = chunk.signature
    if has_trailer:
        text = trailer_text(signer, previous, body.trailer)
        if not signer.fits(text, body.trailer_signature):
            raise RefusedError("SignatureDoesNotMatch", f"the trailer's signature is not that of:\n{text}")
