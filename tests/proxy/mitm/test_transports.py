"""Connections that outlive the proxy."""

import asyncio

from cloudmock_contract.proxy.mitm import transports


def test_a_connection_that_is_lost_already_is_nothing_to_end() -> None:
    """At the end of the loop, a transport that somebody holds after its connection is gone is left alone."""

    async def run() -> tuple[int, ...]:
        loop = asyncio.get_running_loop()
        gone: asyncio.Future[object] = loop.create_future()

        class Told(asyncio.Protocol):
            def connection_lost(self, exc: Exception | None) -> None:
                if not gone.done():
                    gone.set_result(exc)

        server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        lost, alive = [(await loop.create_connection(Told, *address))[0] for _ in range(2)]
        lost.write(bytes(2**24))
        lost.close()  # asyncio ends it in a way of its own when it has been sent
        await asyncio.wait_for(gone, 60)
        await transports.drop_connections()
        server.close()
        await asyncio.sleep(0.1)
        return tuple(one.get_extra_info("socket").fileno() for one in (lost, alive))

    assert (-1, -1) == asyncio.run(run())
