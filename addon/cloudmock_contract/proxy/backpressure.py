"""How long the app waits for a CloudMock that is a little behind it. Of one that is slow it notices next to nothing.

This file does not know exchanges.
"""

import asyncio
from collections.abc import Sized

from cloudmock_contract.values.http import Outcome

MAX_BEHIND_UNNOTICED = 16
"""Exchanges that CloudMock may be behind the app before the app waits a little for it."""

STANDSTILL_SECONDS = 0.1
"""How long none of them may end for the app to wait on; when that happens, it does not for `NO_WAIT_SECONDS`."""

MAX_WAIT_SECONDS = 1.0

NO_WAIT_SECONDS = 1.0

MAX_SLOWDOWN = 2.0
"""How many times as long as AWS, and `MAX_SLOWDOWN_SECONDS`, CloudMock may take to be waited for."""

MAX_SLOWDOWN_SECONDS = 0.02


class Backpressure:
    """That of one run. Belongs to the event loop."""

    def __init__(self) -> None:
        self._progress = asyncio.Event()
        self._no_wait_until = 0.0
        self._aws_seconds = self._cloudmock_seconds = 0.0
        """How long they take to reply, of late."""

    def measure(self, aws: Outcome, cloudmock: Outcome) -> None:
        """Keep how long the sides take; both have the same share of what this program takes."""
        self._aws_seconds += (aws.seconds - self._aws_seconds) / 16
        self._cloudmock_seconds += (cloudmock.seconds - self._cloudmock_seconds) / 16

    def note_progress(self) -> None:
        """An exchange has ended."""
        self._progress.set()

    async def wait_for_progress(self, seconds: float) -> bool:
        """Wait until an exchange ends; whether one did within this time."""
        self._progress.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._progress.wait()
        except TimeoutError:
            return False
        return True

    async def catch_up(self, behind: Sized) -> None:
        """Let the app wait where CloudMock is a little behind, if it is not slow: then the processor is what is short.

        `behind`: what grows and shrinks by the exchanges that CloudMock is behind.
        """
        loop = asyncio.get_running_loop()
        started = loop.time()
        while len(behind) > MAX_BEHIND_UNNOTICED and self._no_wait_until < loop.time() < started + MAX_WAIT_SECONDS:
            if self._cloudmock_seconds > MAX_SLOWDOWN * self._aws_seconds + MAX_SLOWDOWN_SECONDS:
                return
            if not await self.wait_for_progress(STANDSTILL_SECONDS):
                self._no_wait_until = loop.time() + NO_WAIT_SECONDS
