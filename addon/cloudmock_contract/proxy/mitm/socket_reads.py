"""Reads what comes on a connection in larger pieces than mitmproxy does: each piece costs a walk through its layers.

It can go when mitmproxy has an option for how much it reads at once. This file does not know what comes.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass

from mitmproxy import ctx
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.connection import Client, Connection

READ_BYTES = 2**18
"""Bytes of a piece: as many as asyncio takes from a socket at once. mitmproxy asks for a quarter of them."""


@dataclass(frozen=True, slots=True, eq=False)
class _LargeReads:
    """Stands in for a connection's reader; of it, mitmproxy uses this method alone."""

    reader: asyncio.StreamReader

    def read(self, _size: int) -> Awaitable[bytes]:
        return self.reader.read(READ_BYTES)


def read_more(client: Client, connection: Connection) -> None:
    """In the hook that tells of a connection, the client's or one made for it: let it be read in larger pieces."""
    proxyserver = ctx.master.addons.get("proxyserver")
    # A request that mitmproxy replays has no client that is connected.
    handler = proxyserver.connections.get(client.id) if isinstance(proxyserver, Proxyserver) else None
    transport = handler.transports.get(connection) if handler else None
    if transport and isinstance(transport.reader, asyncio.StreamReader):
        transport.reader = _LargeReads(transport.reader)  # type: ignore[assignment]
