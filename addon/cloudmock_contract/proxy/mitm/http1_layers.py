"""HTTP as mitmproxy does it, where AWS's answers and hostile ones need more.

An answer of the addon's own goes to the app when the reference side cannot be reached: mitmproxy answers with an HTML
page of its own, which no AWS SDK understands, and has no hook for another one. Interim replies (1xx) are skipped and
HTTP trailers dropped, where mitmproxy takes the former for the reply and fails on the latter; heads and held bodies
have a limit. Whatever fails in here ends the connection, so that no app waits for a reply that will not come.

This file does not know what an answer says, nor which bodies are streamed.
"""

import time
from collections.abc import Callable, Generator
from typing import Any, Self
from weakref import WeakKeyDictionary, WeakSet

from h11._events import EndOfMessage
from h11._readers import ChunkedReader
from h11._receivebuffer import ReceiveBuffer
from mitmproxy import flow as mitmproxy_flow
from mitmproxy.connection import Connection, Server
from mitmproxy.http import Request, Response
from mitmproxy.net.tls import starts_like_tls_record
from mitmproxy.proxy import commands, events, layer, tunnel
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import http, modes, tls
from mitmproxy.proxy.layers.http import (
    GetHttpConnection,
    GetHttpConnectionCompleted,
    HttpClient,
    HttpLayer,
    HTTPMode,
    HttpStream,
    RegisterHttpConnection,
    RequestData,
    RequestHeaders,
    ResponseData,
    ResponseEndOfMessage,
    ResponseHeaders,
    ResponseProtocolError,
)
from mitmproxy.proxy.layers.http._base import ReceiveHttp
from mitmproxy.proxy.layers.http._http1 import Http1Client, Http1Server, make_error_response

from cloudmock_contract import safe_logging
from cloudmock_contract.errors import ContractError

ANSWER = "cloudmock_contract_answer"
"""The key in a flow's metadata that says that its response was set by the addon in the error hook."""

TOO_LARGE = "cloudmock_contract_too_large"
"""The key that says that the request's body was too large to be held, and is gone."""

ENDED = "cloudmock_contract_ended"
"""The key that says that the flow's error is a sentence of this package's, and none of mitmproxy's."""

MAX_HEAD_BYTES = 2**20
"""Bytes of the head of a request or a reply."""

MAX_HELD_SECONDS = 1.0
"""How long a reply's body is held that is not streamed from the start: SDKs give up when nothing comes."""

MAX_PERSISTENT_CONNECTIONS = 1_000
"""The app's connections from which on none keeps its own connection to AWS: a process can have only so many."""

MAX_COALESCED_BYTES = 2**16
"""Bytes that are copied together to be sent at once: more are not worth the copy."""

MAX_HELD_BYTES = 128 * 2**20
"""Bytes of a body that is not streamed. AWS takes no larger ones but as payload, which is streamed."""

logger = safe_logging.logger(__name__)

type Commands = Generator[commands.Command, Any, None]


class _TrailersDropped(ChunkedReader):
    """Reads a chunked body; its trailers, which a proxy may drop (RFC 9110, section 6.5.1), are gone."""

    def __call__(self, buf: ReceiveBuffer) -> Any:
        event = super().__call__(buf)
        return EndOfMessage() if isinstance(event, EndOfMessage) else event


class _Buffer(ReceiveBuffer):
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


class _RequestReader(Http1Server):
    """The app's side of the connection."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.buf = _Buffer()

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        for command in super().read_headers(event):
            # mitmproxy quotes what it could not read, which may hold credentials.
            yield commands.Log("The app sent what is not HTTP.") if isinstance(command, commands.Log) else command
        if self.state == self.read_headers and len(self.buf) > MAX_HEAD_BYTES:
            yield commands.SendData(self.conn, make_error_response(431, f"The head is larger than {MAX_HEAD_BYTES} B."))
            yield commands.CloseConnection(self.conn)
            self.state = self.done

    def read_body(self, event: events.Event) -> Commands:
        _drop_trailers(self)
        yield from super().read_body(event)


_stream_when_slow: "WeakKeyDictionary[Response, Callable[[bytes], bytes]]" = WeakKeyDictionary()


def stream_when_slow(response: Response, stream: Callable[[bytes], bytes]) -> None:
    """Let the body pass by `stream` to the app from when it has been held too long."""
    _stream_when_slow[response] = stream


def _is_slow(response: Response) -> bool:
    return response in _stream_when_slow and time.time() - response.timestamp_start > MAX_HELD_SECONDS


_sent: "WeakKeyDictionary[Request, Request]" = WeakKeyDictionary()


def send_instead(shown: Request, sent: Request) -> None:
    """Let `sent` go to the server where a flow has `shown`: who looks at flows does not see what it is signed with."""
    _sent[shown] = sent


class _ReplyReader(Http1Client):
    """AWS's side of the connection."""

    _body: bytes | None = None
    """What is sent instead of the flow's body."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.buf = _Buffer()

    def send(self, event: http.HttpEvent) -> Commands:
        if isinstance(event, RequestHeaders):
            request = _sent.pop(event.request, event.request)
            self._body = request.raw_content if request is not event.request and not request.stream else None
            request.headers.pop("expect", None)  # mitmproxy has answered it
            event = RequestHeaders(event.stream_id, request, event.end_stream)
        elif isinstance(event, RequestData) and self._body is not None:
            event, self._body = RequestData(event.stream_id, self._body), b""
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
        _drop_trailers(self)
        yield from super().read_body(event)

    def mark_done(self, *, request: bool = False, response: bool = False) -> Commands:
        yield from super().mark_done(request=request, response=response)
        if self.state == self.read_headers and self.stream_id is None and len(_living) > MAX_PERSISTENT_CONNECTIONS:
            yield commands.CloseConnection(self.conn)
            self.state = self.done


def _drop_trailers(reader: Http1Client | Http1Server) -> None:
    if type(reader.body_reader) is ChunkedReader:  # it has read nothing yet
        reader.body_reader = _TrailersDropped()


def _is_interim(buffer: ReceiveBuffer) -> bool:
    """Whether the next reply in the buffer is one before the real one; 101 is a real one."""
    start = bytes(buffer)[:12]
    return start.startswith(b"HTTP/1.") and start[9:10] == b"1" and start[9:12] != b"101"


class _Client(HttpClient):
    """A connection to AWS, which speaks HTTP/1.1: nothing else is offered."""

    def _handle_event(self, event: events.Event) -> Commands:
        problem = None
        if not self.context.server.connected:
            problem = yield commands.OpenConnection(self.context.server)
        if not problem:
            self.child_layer = _ReplyReader(self.context)
            self._handle_event = self.child_layer.handle_event  # type: ignore[method-assign]
            yield from self._handle_event(event)
        yield RegisterHttpConnection(self.context.server, problem)


class AnsweringStream(HttpStream):
    """One request, answered by the addon if the server could not."""

    _is_dropped = False

    def state_consume_request_body(self, event: events.Event) -> Commands:
        """What is refused, or cannot be held, is not kept."""
        if isinstance(event, RequestData):
            if self.flow.response or TOO_LARGE in self.flow.metadata:
                return
            if len(self.request_body_buf) + len(event.data) > MAX_HELD_BYTES:
                self.flow.metadata[TOO_LARGE] = True
                self.request_body_buf.clear()
                return
        yield from super().state_consume_request_body(event)

    def state_consume_response_body(self, event: events.Event) -> Commands:
        """A reply that is slow is not held any longer; one that cannot be held is none."""
        response = self.flow.response
        if isinstance(event, ResponseData) and response and _is_slow(response):
            response.stream = _stream_when_slow.pop(response)
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
        """What mitmproxy would tell the app of an error, the addon's answer tells it instead, if there is one."""
        given = super()._handle_event(event)
        reply: Any = None
        while True:
            try:
                command = given.send(reply)
            except StopIteration:
                break
            if isinstance(command, http.DropStream):
                self._is_dropped = True
            if self._is_error(command) and self.flow.metadata.pop(ANSWER, None):
                yield from self._send_answer()
                reply = None
            else:
                reply = yield command
        if self._is_dropped:
            self._let_go()

    def _let_go(self) -> None:
        """Nothing comes any more. Without what refers back to it, the stream is freed now, with the bodies that it has,
        and not when garbage is collected, which holds up the event loop.
        """
        self.client_state = self.server_state = _ignore
        if self in self.context.layers:
            self.context.layers.remove(self)

    def _is_error(self, command: commands.Command) -> bool:
        """Whether the command tells the app of an error."""
        return (
            isinstance(command, http.SendHttp)
            and isinstance(command.event, ResponseProtocolError)
            and command.connection is self.context.client
        )

    def _send_answer(self) -> Commands:
        response = self.flow.response
        assert response
        for part in (
            ResponseHeaders(self.stream_id, response, end_stream=False),
            ResponseData(self.stream_id, response.raw_content or b""),
            ResponseEndOfMessage(self.stream_id),
        ):
            yield http.SendHttp(part, self.context.client)


_living: "WeakSet[HttpLayer]" = WeakSet()
"""The layers of the connections that the app has open."""


class AnsweringLayer(HttpLayer):
    """HTTP/1.1 whose requests are `AnsweringStream`s."""

    def handle_event(self, event: events.Event) -> Commands:
        try:
            yield from _coalesce_writes(super().handle_event(event))
        except ContractError as error:
            yield from self._end(str(error))
        except Exception:
            # mitmproxy would log it, and leave the app waiting.
            logger.exception("cloudmock-contract failed to handle a connection.")
            yield from self._end(
                "cloudmock-contract failed to handle the connection, a defect of its own: see its log."
            )

    def _end(self, problem: str) -> Commands:
        """Close everything; each exchange that was under way is told why."""
        streams, self.streams = list(self.streams.values()), {}
        for stream in streams:
            flow = getattr(stream, "flow", None)
            if flow and not flow.error:
                flow.error = mitmproxy_flow.Error(problem)
                flow.metadata[ENDED] = True
                hook = http.HttpErrorHook(flow)
                hook.blocking = False
                yield hook
        for connection in list(self.connections):
            yield commands.CloseConnection(connection)
        self.handle_event = _ignore  # type: ignore[method-assign, assignment]

    def _handle_event(self, event: events.Event) -> Commands:
        if isinstance(event, events.Start):
            _living.add(self)
            self.connections[self.context.client] = _RequestReader(self.context.fork())
        yield from super()._handle_event(event)

    def make_stream(self, stream_id: int) -> Commands:
        self.streams[stream_id] = AnsweringStream(self.context.fork(), stream_id)
        yield from self.event_to_child(self.streams[stream_id], http.events.Start())

    def get_connection(self, event: GetHttpConnection, *, reuse: bool = True) -> Commands:
        known = next(filter(event.connection_spec_matches, self._reusable()), None) if reuse else None
        if known is None:
            yield from self._connect(event)
        elif known in self.waiting_for_establishment:
            self.waiting_for_establishment[known].append(event)
        else:
            stream = self.command_sources.pop(event)
            yield from self.event_to_child(stream, GetHttpConnectionCompleted(event, (known, None)))

    def _reusable(self) -> Generator[Connection]:
        """The connections that are open, or about to be."""
        for connection in self.connections:
            if connection in self.waiting_for_establishment or (connection.connected and not connection.error):
                yield connection

    def _connect(self, event: GetHttpConnection) -> Commands:
        context = self.context.fork()
        context.server = Server(address=event.address, transport_protocol=event.transport_protocol)
        stack = tunnel.LayerStack()
        if event.tls:
            context.server.sni = event.address[0]
            stack /= tls.ServerTLSLayer(context)
        stack /= _Client(context)
        self.connections[context.server] = stack[0]
        self.waiting_for_establishment[context.server].append(event)
        yield from self.event_to_child(stack[0], events.Start())


def _coalesce_writes(given: Commands) -> Commands:
    """The commands, with what is sent to one connection without a pause sent at once: each sending is a system call."""
    waiting: commands.SendData | None = None
    for command in given:
        if type(command) is commands.SendData:
            if (
                waiting
                and waiting.connection is command.connection
                and _length(waiting, command) <= MAX_COALESCED_BYTES
            ):
                waiting = commands.SendData(waiting.connection, waiting.data + command.data)
                continue
            waiting, command = command, waiting  # noqa: PLW2901 (the one before goes first)
        elif waiting:
            yield waiting
            waiting = None
        if command:
            yield command
    if waiting:
        yield waiting


def _length(*sent: commands.SendData) -> int:
    return sum(len(one.data) for one in sent)


def _ignore(_event: events.Event) -> Commands:
    """What comes after the end."""
    yield from ()


def choose_layer(data: layer.NextLayer) -> None:
    """In the next_layer hook: choose this layer for a reverse proxy's client that speaks plain HTTP."""
    is_reverse = isinstance(data.context.layers[-1], modes.ReverseProxy)
    if data.layer is None and is_reverse and not starts_like_tls_record(data.data_client()):
        data.layer = AnsweringLayer(data.context, HTTPMode.transparent)
