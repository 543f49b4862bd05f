"""Connections of an app's to the proxy, byte by byte where that is needed."""

import http.client
import socket
from collections.abc import Callable

from cloudmock_contract import ContractProxy
from lab.stand_ins.stand_in import Connection, Received, StandIn, reply

HELLO = reply(b"hello", content_type="text/plain")


def port_of(proxy: ContractProxy) -> int:
    return int(proxy.url.rpartition(":")[2])


def fetch(app: http.client.HTTPConnection, method: str = "GET") -> tuple[int, bytes]:
    """Status and body of an object's reply."""
    app.request(method, "/bucket/key")
    with app.getresponse() as response:
        return response.status, response.read()


def first(odd: bytes, server: StandIn) -> Callable[[Received, Connection], bytes]:
    """Answers the first request with these bytes, and all others as usual."""
    return lambda *_: odd if len(server.received) == 1 else HELLO


def exchange_bytes(proxy: ContractProxy, *pieces: bytes) -> bytes:
    """What comes back for these bytes until the connection is closed."""
    with socket.create_connection(("127.0.0.1", port_of(proxy)), 60) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return b"".join(iter(lambda: connection.recv(65536), b""))
