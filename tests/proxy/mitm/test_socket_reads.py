"""Which connections are read in larger pieces."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.connection import Client, Server
from mitmproxy.proxy.mode_servers import ProxyConnectionHandler
from mitmproxy.proxy.server import ConnectionIO
from mitmproxy.test import taddons, tflow

from cloudmock_contract.proxy.mitm.socket_reads import READ_BYTES, read_more

MITMPROXYS = 65_535
"""Bytes that mitmproxy asks for."""


@pytest.fixture
def client() -> Client:
    """A client that is connected."""
    return tflow.tclient_conn()


def handled(client: Client, transports: dict[Any, ConnectionIO]) -> Proxyserver:
    """A proxy server that has these connections of the client's."""
    proxyserver = Proxyserver()
    proxyserver.connections[client.id] = cast(ProxyConnectionHandler, SimpleNamespace(transports=transports))
    return proxyserver


@pytest.mark.parametrize("of", ["client", "server"])
def test_a_connection_is_read_in_larger_pieces(client: Client, of: str) -> None:
    """A read of mitmproxy's gives more than it asks for, in order, then what is left, and nothing at the end."""
    connection = client if of == "client" else Server(address=("127.0.0.1", 1))
    body = bytes(range(256)) * 1_500

    async def run() -> list[bytes]:
        transport = ConnectionIO(reader=asyncio.StreamReader())
        with taddons.context(handled(client, {connection: transport})):
            assert isinstance(transport.reader, asyncio.StreamReader)
            transport.reader.feed_data(body)
            transport.reader.feed_eof()
            read_more(client, connection)
            return [await transport.reader.read(MITMPROXYS) for _ in range(3)]

    assert [body[:READ_BYTES], body[READ_BYTES:], b""] == asyncio.run(run())


def test_what_asyncio_does_not_read_stays(client: Client) -> None:
    """mitmproxy's own streams, of its modes that are written in Rust, are left alone."""
    stream: Any = object()
    transport = ConnectionIO(reader=stream)
    with taddons.context(handled(client, {client: transport})):
        read_more(client, client)

    assert stream is transport.reader


def test_a_connection_nobody_knows_stays(client: Client) -> None:
    """A replayed request has no client that is connected, and a connection may be closed already: nothing to do."""
    with taddons.context(handled(tflow.tclient_conn(), {})):
        read_more(client, client)
    with taddons.context(handled(client, {})):
        read_more(client, client)
    with taddons.context():
        read_more(client, client)
