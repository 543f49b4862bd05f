"""Work that takes long where a body is long: in a thread then, because the event loop would hold up every other flow.

This file does not know the work.
"""

import asyncio
from collections.abc import Callable

MIN_OFFLOADED_BYTES = 2**16
"""Bytes of a body from which on making a request out, hashing and signing it is worth the way to a thread."""


async def run_in_thread[T](size: int, work: Callable[[], T], large: int = MIN_OFFLOADED_BYTES) -> T:
    """What the work gives, done beside the event loop if the body is large. `size`: the body's, in bytes."""
    return work() if size < large else await asyncio.to_thread(work)
