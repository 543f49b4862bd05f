"""How many requests may go to AWS, and how fast.

This file does not know what a request asks for.
"""

import asyncio


class RateLimit:
    """Those of one run. Belongs to the event loop."""

    def __init__(self, most: int, rate: int) -> None:
        """`most`: requests; `rate`: requests a second. 0 is no limit."""
        self._most, self._rate = most, rate
        self._count = 0
        self._next = 0.0
        """When the next request may go, in the loop's time."""

    async def turn(self) -> None:
        """Wait until one more request is not too fast."""
        if not self._rate:
            return
        now = asyncio.get_running_loop().time()
        self._next = max(now, self._next + 1 / self._rate)
        await asyncio.sleep(self._next - now)

    def refusal(self) -> str:
        """Count one more request; why it may not go, empty if it may."""
        if self._most and self._count >= self._most:
            return f"The run has made the {self._most} requests that it may make (--max-requests)."
        self._count += 1
        return ""
