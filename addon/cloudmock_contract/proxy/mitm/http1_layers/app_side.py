"""The app's side of a connection. This file does not know what a request asks for."""

from collections.abc import Generator
from typing import Any

from mitmproxy.proxy import commands, events
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.http._http1 import Http1Server, make_error_response

from cloudmock_contract.proxy.mitm.http1_layers.buffers import MAX_HEAD_BYTES, Buffer, drop_trailers

type Commands = Generator[commands.Command, Any, None]


class RequestReader(Http1Server):
    """The app's side of the connection."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.buf = Buffer()

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        for command in super().read_headers(event):
            # mitmproxy quotes what it could not read, which may hold credentials.
            yield commands.Log("The app sent what is not HTTP.") if isinstance(command, commands.Log) else command
        if self.state == self.read_headers and len(self.buf) > MAX_HEAD_BYTES:
            yield commands.SendData(self.conn, make_error_response(431, f"The head is larger than {MAX_HEAD_BYTES} B."))
            yield commands.CloseConnection(self.conn)
            self.state = self.done

    def read_body(self, event: events.Event) -> Commands:
        drop_trailers(self)
        yield from super().read_body(event)
