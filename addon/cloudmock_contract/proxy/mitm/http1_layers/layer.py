"""One connection of the app's, and those to AWS that it needs. This file does not know what goes over them.

Whatever fails in here ends the connection, so that no app waits for a reply that will not come.
"""

from collections.abc import Generator
from typing import Any
from weakref import WeakSet

from mitmproxy import flow as mitmproxy_flow
from mitmproxy.connection import Connection, Server
from mitmproxy.net.tls import starts_like_tls_record
from mitmproxy.proxy import commands, events, layer, tunnel
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import http, modes, tls
from mitmproxy.proxy.layers.http import GetHttpConnection, GetHttpConnectionCompleted, HttpLayer, HTTPMode

from cloudmock_contract import safe_logging
from cloudmock_contract.errors import ContractError
from cloudmock_contract.proxy.mitm.flow_states import FlowStates
from cloudmock_contract.proxy.mitm.http1_layers.app_side import RequestReader
from cloudmock_contract.proxy.mitm.http1_layers.aws_side import AwsConnection
from cloudmock_contract.proxy.mitm.http1_layers.stream import AnsweringStream, ignore

MAX_COALESCED_BYTES = 2**16
"""That are copied together to be sent at once: more are not worth the copy."""

MAX_PERSISTENT_CONNECTIONS = 1_000
"""The app's connections from which on none keeps its own connection to AWS: a process can have only so many."""

logger = safe_logging.logger(__name__)

type Commands = Generator[commands.Command, Any, None]


_living: "WeakSet[HttpLayer]" = WeakSet()
"""The layers of the connections that the app has open."""


def _may_persist() -> bool:
    return len(_living) <= MAX_PERSISTENT_CONNECTIONS


class AnsweringLayer(HttpLayer):
    """HTTP/1.1 whose requests are `AnsweringStream`s."""

    def __init__(self, context: Context, mode: HTTPMode, states: FlowStates) -> None:
        super().__init__(context, mode)
        self._states = states

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
            if flow is None:
                continue
            if flow.error:
                self._states.drop(flow.id)
            else:
                flow.error = mitmproxy_flow.Error(problem)
                if state := self._states.get(flow.id):
                    state.has_own_error = True
                hook = http.HttpErrorHook(flow)
                hook.blocking = False
                yield hook
        for connection in list(self.connections):
            yield commands.CloseConnection(connection)
        self.handle_event = ignore  # type: ignore[method-assign, assignment]

    def _handle_event(self, event: events.Event) -> Commands:
        if isinstance(event, events.Start):
            _living.add(self)
            self.connections[self.context.client] = RequestReader(self.context.fork())
        yield from super()._handle_event(event)

    def make_stream(self, stream_id: int) -> Commands:
        self.streams[stream_id] = AnsweringStream(self.context.fork(), stream_id, self._states)
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
        stack /= AwsConnection(context, _may_persist)
        self.connections[context.server] = stack[0]
        self.waiting_for_establishment[context.server].append(event)
        yield from self.event_to_child(stack[0], events.Start())


def _coalesce_writes(stream: Commands) -> Commands:
    """The commands, with what is sent to one connection without a pause sent at once: each sending is a system call."""
    waiting: commands.SendData | None = None
    for command in stream:
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
    return sum(len(command.data) for command in sent)


def choose_layer(data: layer.NextLayer, states: FlowStates) -> None:
    """In the next_layer hook: choose this layer for a reverse proxy's client that speaks plain HTTP."""
    is_reverse = isinstance(data.context.layers[-1], modes.ReverseProxy)
    if data.layer is None and is_reverse and not starts_like_tls_record(data.data_client()):
        data.layer = AnsweringLayer(data.context, HTTPMode.transparent, states)
