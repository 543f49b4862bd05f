"""Bodies that pass by as they come: which ones do, and what is kept of them.

A request is streamed where its operation's model says that its body is payload without structure, and the signature
does not need to have seen it; a reply where it may be long or slow in coming. This file sends nothing.
Source: https://smithy.io/2.0/spec/streaming.html
"""

import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from typing import Any

from botocore.model import OperationModel

from cloudmock_contract.aws.documents.output import holds_bytes
from cloudmock_contract.aws.wire import eventstreams, integrity
from cloudmock_contract.aws.wire.authentication import S3_SIGNING_NAMES
from cloudmock_contract.proxy.streams.spool import Spool
from cloudmock_contract.values.authentication import Style
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.http import Digest, Headers, Reply, Request, Streamed

MIN_STREAMED_BYTES = 2**20
"""Bytes of a body from which on it is streamed; one of unknown length always is."""

MAX_KEPT_BYTES = 16 * 2**20
"""Bytes of a reply with structure that are kept, to be compared."""

MAX_KEPT_PAYLOAD_BYTES = 2**20
"""Bytes of a payload that are kept; of a larger one, its length and hash are compared."""

HASH_BYTES = 2**20
"""Bytes that go to the thread that hashes them: enough for it to be worth the way."""

_LENGTH = re.compile("[0-9]{1,18}")
"""Digits that int() takes: of far more, or of others than these, it makes errors or numbers of its own."""


class _Hash:
    """SHA-256 of what comes piece by piece, made beside the event loop, which forwards the pieces in the meantime.

    With it, the checksums that headers say.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._hash = sha256()
        self._checksums = integrity.passing(names)
        self._waiting: list[bytes | bytearray] = []
        self._size = 0
        """Bytes that wait."""
        self._work: Future[None] | None = None

    def update(self, piece: bytes | bytearray) -> None:
        """The next bytes, not to be touched from now on. Waits where the thread is behind: it takes a MiB in less than
        a millisecond.
        """
        self._waiting.append(piece)
        self._size += len(piece)
        if self._size >= HASH_BYTES:
            self._finish_work()
            self._work = _hashing.submit(self._add, self._waiting)
            self._waiting, self._size = [], 0

    def digest(self, length: int) -> Digest:
        """Of all the bytes, which are so many."""
        self._finish_work()
        self._add(self._waiting)
        self._waiting, self._size = [], 0
        return Digest(length, self._hash.hexdigest(), integrity.written(self._checksums))

    def _finish_work(self) -> None:
        if self._work:
            self._work.result()

    def _add(self, pieces: list[bytes | bytearray]) -> None:
        # At once, so that the thread takes the interpreter's lock but once, which the event loop wants as well.
        joined = b"".join(pieces)
        self._hash.update(joined)
        for checksum in self._checksums.values():
            checksum.update(joined)


_hashing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="cloudmock-contract-hashing")


class Kept:
    """A body that passes by: its bytes as long as they are few, their length and hash when they are many."""

    def __init__(self, max_bytes: int, names: Callable[[], Iterable[str]] = tuple) -> None:
        """`names`: of the reply's headers, in lower case; asked for when the bytes are many."""
        self._max_bytes = max_bytes
        self._names = names
        self._bytes = bytearray()
        self._hash: _Hash | None = None
        """Of all of them, from when they are many."""
        self.length = 0

    def add(self, piece: bytes) -> None:
        """The next bytes."""
        self.length += len(piece)
        if self.length <= self._max_bytes:
            self._bytes += piece
            return
        if self._hash is None:
            self._hash = _Hash(self._names())
            self._hash.update(self._bytes)
            self._bytes = bytearray()
        self._hash.update(piece)

    def put_into(self, reply: Reply) -> Reply:
        """The reply with this body."""
        if self._hash is None:
            return replace(reply, body=bytes(self._bytes))
        return replace(reply, body=b"", digest=self._hash.digest(self.length))


class Upload:
    """mitmproxy's `request.stream`: each piece goes to AWS as `reframe` makes it, and the same into the spool."""

    def __init__(self, reframe: Callable[[bytes], bytes]) -> None:
        self._reframe = reframe
        self.spool = Spool()

    def __call__(self, piece: bytes) -> tuple[bytes, ...]:
        """Nothing, or one piece: an empty piece would end a chunked body. May raise AppError, at which the layer ends
        the connection.
        """
        out = self._reframe(piece)
        if out:
            self.spool.put(out)
        if not piece:
            self.spool.put(b"")
        return (out,) if out else ()


class Download:
    """mitmproxy's `response.stream`: each piece goes to the app as it is."""

    def __init__(self, max_bytes: int, names: Callable[[], Iterable[str]] = tuple) -> None:
        """As `Kept`."""
        self.kept = Kept(max_bytes, names)

    def __call__(self, piece: bytes) -> bytes:
        self.kept.add(piece)
        return piece


def length(headers: Headers | Mapping[str, str], *, has_body: bool) -> int | None:
    """How long a body is by its headers; None where only its end tells. `has_body`: without headers there is one."""
    if "transfer-encoding" in headers:
        return None
    text = headers.get("content-length", "")
    if not text:
        return None if has_body else 0
    return int(text) if _LENGTH.fullmatch(text) else None


def may_stream(head: Request) -> bool:
    """Whether a request's body is long enough to be streamed, or may be."""
    size = length(head.headers, has_body=False)
    return size is None or size >= MIN_STREAMED_BYTES


def as_streamed(call: Call, model: OperationModel | None) -> Call | None:
    """The identified call with its body streamed; None if it has to be held: the body is needed to make it out."""
    head = call.request
    if model is None or not model.has_streaming_input:
        return None
    if call.authentication.style not in (Style.HEADER, Style.QUERY, Style.NONE):
        return None
    if call.operation.signing_name not in S3_SIGNING_NAMES and not head.headers.get("x-amz-content-sha256"):
        return None
    return call.with_request(replace(head, streamed=Streamed(length(head.headers, has_body=False))))


def max_kept_bytes(model: OperationModel | None) -> int:
    """How many bytes of a successful reply to the operation are kept."""
    output: Any = model.output_shape if model else None
    return MAX_KEPT_PAYLOAD_BYTES if holds_bytes(output) else MAX_KEPT_BYTES


def is_streamed(status: int, headers: Headers | Mapping[str, str]) -> bool:
    """Whether a reply with this head is given to the app as it comes. `headers`: by name in any case."""
    if headers.get("content-type", "").lower().startswith(eventstreams.CONTENT_TYPE):
        return True
    size = length(headers, has_body=True)
    return size >= MIN_STREAMED_BYTES if size is not None else status < 300
