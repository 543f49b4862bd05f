"""Connections that outlive the proxy: mitmproxy has closed them, and their peers do not read.

Reaches into asyncio, which has no public list of a loop's transports; another loop may have none, and then nothing is
done. It can go when mitmproxy waits for its connections to end.
"""

import asyncio


async def drop_connections() -> None:
    """End what mitmproxy has closed and a peer that does not read keeps from ending: this loop is about to be closed.

    In a test's process it would be a warning of an unclosed socket, in whichever test comes next.
    """
    for transport in list(getattr(asyncio.get_running_loop(), "_transports", {}).values()):
        if transport.get_extra_info("socket").fileno() != -1:  # what is lost already cannot be aborted
            transport.abort()
    await asyncio.sleep(0)
