"""Lets the addon answer when the reference side cannot be reached.

mitmproxy answers such a request with an HTML page of its own, which no AWS SDK understands, and has no hook for another
answer: a response that an addon sets in the `error` hook is not sent. This layer sends it.

This file does not know what the answer says.
"""

from mitmproxy.net.tls import starts_like_tls_record
from mitmproxy.proxy import layer
from mitmproxy.proxy.layers import http, modes
from mitmproxy.proxy.layers.http import (
    HttpLayer,
    HTTPMode,
    HttpStream,
    ResponseData,
    ResponseEndOfMessage,
    ResponseHeaders,
    ResponseProtocolError,
)

ANSWER = "cloudmock_contract_answer"
"""The key in a flow's metadata that says that its response was set by the addon in the error hook."""


class AnsweringStream(HttpStream):
    """One request, answered by the addon if the server could not."""

    def handle_protocol_error(
        self, event: http.RequestProtocolError | http.ResponseProtocolError
    ) -> layer.CommandGenerator[None]:
        for command in super().handle_protocol_error(event):
            if (
                isinstance(command, http.SendHttp)
                and isinstance(command.event, ResponseProtocolError)
                and command.connection is self.context.client
                and self.flow.metadata.pop(ANSWER, None)
            ):
                yield from self._send_answer()
            else:
                yield command

    def _send_answer(self) -> layer.CommandGenerator[None]:
        response = self.flow.response
        assert response
        for part in (
            ResponseHeaders(self.stream_id, response, end_stream=False),
            ResponseData(self.stream_id, response.raw_content or b""),
            ResponseEndOfMessage(self.stream_id),
        ):
            yield http.SendHttp(part, self.context.client)


class AnsweringLayer(HttpLayer):
    """HTTP whose requests are `AnsweringStream`s."""

    def make_stream(self, stream_id: int) -> layer.CommandGenerator[None]:
        self.streams[stream_id] = AnsweringStream(self.context.fork(), stream_id)
        yield from self.event_to_child(self.streams[stream_id], http.events.Start())


def answering(data: layer.NextLayer) -> None:
    """In the next_layer hook: choose this layer for a reverse proxy's client that speaks plain HTTP."""
    is_reverse = isinstance(data.context.layers[-1], modes.ReverseProxy)
    if data.layer is None and is_reverse and not starts_like_tls_record(data.data_client()):
        data.layer = AnsweringLayer(data.context, HTTPMode.transparent)
