"""Reads a reply of HTTP/1.1 as its bytes come, with llhttp, the parser of Node.js.

h11, which is there as well, takes some fifteen times as long for a small reply: as long as signing a request. This file
does not know where the bytes come from.
"""

from collections.abc import Callable, Iterable
from typing import Any

import httptools

from cloudmock_contract.errors import CloudMockError, without_quotes
from cloudmock_contract.proxy.streams.policy import MAX_KEPT_BYTES, Kept
from cloudmock_contract.values.http import Headers, Reply

MAX_HEAD_BYTES = 2**20
"""Bytes of a reply's head, with interim replies before it."""

_NO_CONTENT = 204


class ReplyParser:
    """One reply: feed it until it has ended."""

    def __init__(
        self,
        server: str,
        *,
        has_body: bool,
        max_kept: Callable[[int], int],
        moved: Callable[[int], None] = lambda _size: None,
    ) -> None:
        """`server`: whose reply it is, for texts. `has_body`: whether the request's method lets the reply have one.
        `max_kept`: of the body of a reply with this status, how many bytes are kept. `moved`: told how many bytes of
        the body have come.
        """
        self._server = server
        self._has_body = has_body
        self._max_kept = max_kept
        self._moved = moved
        self._parser: Any = httptools.HttpResponseParser(self)
        self._head_size = 0
        self._fields: list[tuple[bytes, bytes]] = []
        self._status = 0
        """0 until the head is there."""
        self._body = Kept(MAX_KEPT_BYTES)
        self.has_ended = False
        self.is_reusable = False
        """Whether the connection is good for another request, once the reply has ended."""

    def feed(self, data: bytes) -> None:
        """The next bytes; none where the connection was closed. Raises CloudMockError."""
        if not data:
            self._closed()
            return
        if not self._status:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._end(is_reusable=False)
        except httptools.HttpParserError as error:
            if not self.has_ended:
                raise CloudMockError(f"{self._server} broke HTTP: {without_quotes(str(error))}.") from error
            self.is_reusable = False  # something came after the reply
        if not self._status and self._head_size > MAX_HEAD_BYTES:
            raise CloudMockError(f"{self._server} broke HTTP: the head of its reply is larger than {MAX_HEAD_BYTES} B.")

    def reply(self, seconds: float = 0.0) -> Reply:
        """The reply, when it has ended; it took so long."""
        self._parser = None  # it refers back here: without it, all of this is freed at once
        reply = Reply(self._status, Headers.from_bytes(self._fields), b"", seconds)
        return self._body.put_into(reply) if self._body.length else reply

    def _closed(self) -> None:
        """A body without a length ends with its connection."""
        if not self._status or "content-length" in _names(self._fields) or self._is_chunked():
            raise CloudMockError(f"{self._server} closed the connection inside its reply.")
        self._end(is_reusable=False)

    def _is_chunked(self) -> bool:
        codings = [value for name, value in self._fields if name.lower() == b"transfer-encoding"]
        return b",".join(codings).lower().rpartition(b",")[2].strip() == b"chunked"

    def _end(self, *, is_reusable: bool) -> None:
        self.has_ended, self.is_reusable = True, is_reusable

    def on_message_begin(self) -> None:
        """Called by llhttp, as are those below. After an interim reply, another one begins."""
        if self.has_ended:
            self.is_reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._status:  # else it is a trailer
            self._fields.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        if self.has_ended:
            return
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._fields.clear()
            return
        self._status = status
        fields = self._fields  # and not what refers back here
        self._body = Kept(self._max_kept(status), lambda: _names(fields))
        if not self._has_body:
            self._end(is_reusable=self._may_reuse())

    def on_body(self, piece: bytes) -> None:
        if self.has_ended:
            self.is_reusable = False
        else:
            self._body.add(piece)
            self._moved(len(piece))

    def on_message_complete(self) -> None:
        if self._status and not self.has_ended:
            self._end(is_reusable=self._may_reuse())

    def _may_reuse(self) -> bool:
        """Whether nothing of this reply can come any more: after a 204 that says it is chunked, servers differ."""
        return self._parser.should_keep_alive() and not (self._status == _NO_CONTENT and self._is_chunked())


def _names(fields: Iterable[tuple[bytes, bytes]]) -> set[str]:
    return {name.lower().decode("latin-1") for name, _ in fields}
