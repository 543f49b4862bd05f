"""One request and its reply. This file does not know what they say, nor why a request is sent as it is."""

import time
from collections.abc import Generator
from typing import Any

from mitmproxy.http import Response
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import http
from mitmproxy.proxy.layers.http import (
    HttpRequestHeadersHook,
    HttpStream,
    RequestData,
    RequestHeaders,
    ResponseData,
    ResponseEndOfMessage,
    ResponseHeaders,
    ResponseProtocolError,
)

from cloudmock_contract.proxy.mitm.flow_states import FlowState, FlowStates
from cloudmock_contract.proxy.mitm.http1_layers.buffers import says_that_nothing_is_chunked

MAX_HELD_BYTES = 128 * 2**20
"""Of a body that is not streamed. AWS takes no larger ones but as payload, which is streamed."""

MAX_HELD_SECONDS = 1.0
"""How long a reply's body is held that is not streamed from the start: SDKs give up when nothing comes."""

type Commands = Generator[commands.Command, Any, None]
type _Check = Generator[commands.Command, Any, bool]


class AnsweringStream(HttpStream):
    """One request, answered by the addon if the server could not."""

    def __init__(self, context: Context, stream_id: int, states: FlowStates) -> None:
        super().__init__(context, stream_id)
        self._states = states
        self._state = FlowState()
        """Of the flow, once it has begun."""
        self._signed_body: bytes | None = None
        """What is sent instead of the flow's body."""
        self._is_dropped = False

    def check_invalid(self, request: bool) -> _Check:  # noqa: FBT001 (as mitmproxy has it)
        """A 204 that says it is chunked has no body all the same, and goes to the app as it is."""
        response = self.flow.response
        if request or response is None or not says_that_nothing_is_chunked(response):
            return (yield from super().check_invalid(request))
        headers, response.headers = response.headers, response.headers.copy()
        del response.headers["transfer-encoding"]
        try:
            return (yield from super().check_invalid(request))
        finally:
            response.headers = headers

    def state_consume_request_body(self, event: events.Event) -> Commands:
        """What is refused, or cannot be held, is not kept."""
        if isinstance(event, RequestData):
            if self.flow.response or self._state.is_too_large:
                return
            if len(self.request_body_buf) + len(event.data) > MAX_HELD_BYTES:
                self._state.is_too_large = True
                self.request_body_buf.clear()
                return
        yield from super().state_consume_request_body(event)

    def state_consume_response_body(self, event: events.Event) -> Commands:
        """A reply that is slow is not held any longer; one that cannot be held is none."""
        response, slow_stream = self.flow.response, self._state.slow_stream
        if isinstance(event, ResponseData) and response and slow_stream and _is_slow(response):
            response.stream, self._state.slow_stream = slow_stream, None
            held = bytes(self.response_body_buf)
            self.response_body_buf.clear()
            yield from self.start_response_stream()
            yield from self.state_stream_response_body(ResponseData(self.stream_id, held + event.data))
            return
        if isinstance(event, ResponseData) and len(self.response_body_buf) + len(event.data) > MAX_HELD_BYTES:
            self.response_body_buf.clear()
            yield commands.CloseConnection(self.context.server)
            problem = f"its reply is larger than {MAX_HELD_BYTES >> 20} MiB"
            code = http.ErrorCode.GENERIC_SERVER_ERROR
            yield from self.handle_protocol_error(ResponseProtocolError(self.stream_id, problem, code))
            return
        yield from super().state_consume_response_body(event)

    def _handle_event(self, event: events.Event) -> Commands:
        """mitmproxy's own handling, but for what goes to AWS, and for what the app is told of an error."""
        handling = super()._handle_event(event)
        reply: Any = None
        while True:
            try:
                command = handling.send(reply)
            except StopIteration:
                break
            reply = None
            if isinstance(command, http.SendHttp):
                if command.connection is not self.context.client:
                    reply = yield self._as_signed(command)
                elif isinstance(command.event, ResponseProtocolError) and self._state.has_own_answer:
                    self._state.has_own_answer = False
                    yield from self._send_answer()
                else:
                    reply = yield command
                continue
            if isinstance(command, HttpRequestHeadersHook):
                self._state = self._states.open(self.flow.id)
            elif isinstance(command, http.DropStream):
                self._is_dropped = True
            reply = yield command
        if self._is_dropped:
            self.let_go()
        elif self._handle_event == self.passthrough:  # it has switched protocols, and is not told to be dropped
            self._drop_state()

    def _as_signed(self, command: http.SendHttp) -> http.SendHttp:
        """What goes to AWS, from the request that was signed for it and that the flow does not show."""
        match command.event:
            case RequestHeaders(stream_id, shown, end_stream) if request := self._state.signed_request:
                self._state.signed_request = None
                self._signed_body = None if shown.stream else request.raw_content
                return http.SendHttp(RequestHeaders(stream_id, request, end_stream), command.connection)
            case RequestData(stream_id) if self._signed_body is not None:
                body, self._signed_body = self._signed_body, b""
                return http.SendHttp(RequestData(stream_id, body), command.connection)
        return command

    def let_go(self) -> None:
        """Nothing comes any more. Without what refers back to it, the stream is freed now, with the bodies that it has,
        and not when garbage is collected, which holds up the event loop.
        """
        self.client_state = self.server_state = ignore
        if self in self.context.layers:
            self.context.layers.remove(self)
        self._drop_state()

    def _drop_state(self) -> None:
        flow = getattr(self, "flow", None)
        if flow:
            self._states.drop(flow.id)

    def _send_answer(self) -> Commands:
        response = self.flow.response
        assert response
        for part in (
            ResponseHeaders(self.stream_id, response, end_stream=False),
            ResponseData(self.stream_id, response.raw_content or b""),
            ResponseEndOfMessage(self.stream_id),
        ):
            yield http.SendHttp(part, self.context.client)


def _is_slow(response: Response) -> bool:
    return time.time() - response.timestamp_start > MAX_HELD_SECONDS


def ignore(_event: events.Event) -> Commands:
    """What comes after the end."""
    yield from ()
