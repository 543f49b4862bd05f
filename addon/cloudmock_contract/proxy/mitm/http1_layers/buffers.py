"""What has come on a connection and is not read yet, and bodies in chunks. Reaches into h11's own reading.

This file does not know whose connection it is.
"""

import http
from typing import Any, Self

from h11._events import EndOfMessage
from h11._readers import ChunkedReader
from h11._receivebuffer import ReceiveBuffer
from mitmproxy.http import Response
from mitmproxy.proxy.layers.http._http1 import Http1Client, Http1Server

MAX_HEAD_BYTES = 2**20
"""Of the head of a request or a reply."""


class TrailersDropped(ChunkedReader):
    """Reads a chunked body; its trailers, which a proxy may drop (RFC 9110, section 6.5.1), are gone."""

    def __call__(self, buf: ReceiveBuffer) -> Any:
        event = super().__call__(buf)
        return EndOfMessage() if isinstance(event, EndOfMessage) else event


class Buffer(ReceiveBuffer):
    """What has come and is not read yet. What came alone stays as it came: of a body, it is handed over uncopied."""

    _data: bytes | bytearray  # type: ignore[assignment]

    def __iadd__(self, data: bytes | bytearray) -> Self:
        if not self._data:
            self._data = data
        elif isinstance(self._data, bytes):
            self._data = bytearray(self._data) + data
        else:
            self._data += data
        return self

    def maybe_extract_at_most(self, count: int) -> Any:
        if not 0 < len(self._data) <= count:
            return super().maybe_extract_at_most(count)
        whole, self._data = self._data, b""
        self._next_line_search = self._multiple_lines_search = 0
        return whole

    def _extract(self, count: int) -> bytearray:
        if isinstance(self._data, bytes):
            self._data = bytearray(self._data)
        return super()._extract(count)


def says_that_nothing_is_chunked(response: Response) -> bool:
    """Whether it has no body by its status (204), and says how that is framed all the same.

    RFC 9112, section 6.1, forbids servers to say so, and section 6.3 tells clients not to mind.
    """
    headers = response.headers
    return (
        response.status_code == http.HTTPStatus.NO_CONTENT
        and "content-length" not in headers
        and headers.get("transfer-encoding", "").lower() == "chunked"
    )


def drop_trailers(reader: Http1Client | Http1Server) -> None:
    """Read the body that begins, if it is chunked, without its trailers."""
    if type(reader.body_reader) is ChunkedReader:  # it has read nothing yet
        reader.body_reader = TrailersDropped()
