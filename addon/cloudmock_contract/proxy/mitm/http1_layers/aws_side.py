"""AWS's side of a connection, which speaks HTTP/1.1: nothing else is offered.

This file does not know what a reply says.
"""

from collections.abc import Callable, Generator
from typing import Any

from h11._receivebuffer import ReceiveBuffer
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import http
from mitmproxy.proxy.layers.http import HttpClient, RegisterHttpConnection, RequestHeaders, ResponseProtocolError
from mitmproxy.proxy.layers.http._base import ReceiveHttp
from mitmproxy.proxy.layers.http._http1 import Http1Client

from cloudmock_contract.proxy.mitm.http1_layers.buffers import (
    MAX_HEAD_BYTES,
    Buffer,
    drop_trailers,
    says_that_nothing_is_chunked,
)

type Commands = Generator[commands.Command, Any, None]


class ReplyReader(Http1Client):
    """Sends requests to AWS and reads its replies."""

    def __init__(self, context: Context, may_persist: Callable[[], bool]) -> None:
        """`may_persist`: whether the connection may be kept when a reply has been read."""
        super().__init__(context)
        self.buf = Buffer()
        self._may_persist = may_persist

    def send(self, event: http.HttpEvent) -> Commands:
        if isinstance(event, RequestHeaders):
            event.request.headers.pop("expect", None)  # mitmproxy has answered it
        yield from super().send(event)

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        if self.request:
            while _is_interim(self.buf) and self.buf.maybe_extract_lines():
                pass
        yield from super().read_headers(event)
        if self.state == self.read_headers and self.stream_id is not None and len(self.buf) > MAX_HEAD_BYTES:
            yield commands.CloseConnection(self.conn)
            problem = f"the head of its reply is larger than {MAX_HEAD_BYTES} B"
            code = http.ErrorCode.GENERIC_SERVER_ERROR
            yield ReceiveHttp(ResponseProtocolError(self.stream_id, problem, code))

    def read_body(self, event: events.Event) -> Commands:
        drop_trailers(self)
        yield from super().read_body(event)

    def mark_done(self, *, request: bool = False, response: bool = False) -> Commands:
        # After a 204 that says it is chunked, an end of the chunks may come, or not: nobody waits for it.
        is_read = not (self.response and says_that_nothing_is_chunked(self.response))
        yield from super().mark_done(request=request, response=response)
        is_idle = self.state == self.read_headers and self.stream_id is None
        if is_idle and not (is_read and self._may_persist()):
            yield commands.CloseConnection(self.conn)
            self.state = self.done


def _is_interim(buffer: ReceiveBuffer) -> bool:
    """Whether the next reply in the buffer is one before the real one; 101 is a real one."""
    start = bytes(buffer)[:12]
    return start.startswith(b"HTTP/1.") and start[9:10] == b"1" and start[9:12] != b"101"


class AwsConnection(HttpClient):
    """A connection to AWS, opened when it is first needed."""

    def __init__(self, context: Context, may_persist: Callable[[], bool]) -> None:
        """`may_persist`: as in `ReplyReader`."""
        super().__init__(context)
        self._may_persist = may_persist

    def _handle_event(self, event: events.Event) -> Commands:
        problem = None
        if not self.context.server.connected:
            problem = yield commands.OpenConnection(self.context.server)
        if not problem:
            self.child_layer = ReplyReader(self.context, self._may_persist)
            self._handle_event = self.child_layer.handle_event  # type: ignore[method-assign]
            yield from self._handle_event(event)
        yield RegisterHttpConnection(self.context.server, problem)
