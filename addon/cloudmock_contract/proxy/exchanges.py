"""The exchanges under way: from the request to the two replies that have been compared.

Each is begun once and ended once, whatever hooks come in between. Attempts that an SDK makes at one call are one call
to CloudMock, where it did what AWS did not. Comparisons are made one after the other, so that what one has learned the
next one knows, and away from the event loop where they take long.

This file does not know hooks, nor how a request is sent.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mitmproxy import http

from cloudmock_contract.aws.attempts import Attempts
from cloudmock_contract.comparison.conclusion import Asked, Comparison
from cloudmock_contract.exchange import Exchange, Failure, Outcome, Reply

LARGE = 4 * 2**10
"""Bytes of a body from which on it is worked on in a thread: it would hold up every other flow."""


DEFECT = "cloudmock-contract failed to compare this exchange, which is a defect of its own: see its log."

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Opened:
    """An exchange that is under way."""

    flow: http.HTTPFlow
    asked: Asked
    twin: "asyncio.Task[Outcome]"
    is_ending: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Exchanges:
    """Those of one run. Belongs to the event loop."""

    def __init__(self) -> None:
        self._open: dict[str, Opened] = {}
        self._calls: dict[str, Opened] = {}
        """The same by the SDK's id of the call."""
        self._attempts = Attempts()
        self._concluding = asyncio.Lock()

    def asked(self, flow: http.HTTPFlow) -> Asked | None:
        """What was asked in a flow that is under way."""
        opened = self._open.get(flow.id)
        return opened.asked if opened else None

    def begin(self, flow: http.HTTPFlow, asked: Asked, replay: Callable[[Asked], Awaitable[Outcome]]) -> None:
        """Let CloudMock be asked as well; does not wait for it."""
        running = self._calls.get(asked.invocation_id)
        opened = Opened(flow, asked, asyncio.create_task(self._once(asked, replay, running)))
        self._open[flow.id] = opened
        if asked.invocation_id:
            self._calls[asked.invocation_id] = opened

    async def _once(
        self, asked: Asked, replay: Callable[[Asked], Awaitable[Outcome]], running: Opened | None
    ) -> Outcome:
        """CloudMock's reply to the request, or to the attempt before it, if AWS did not do that one.

        `running`: that attempt, if it has not ended.
        """
        if running:
            await running.ended.wait()
        before = self._attempts.before(asked.invocation_id)
        return before.cloudmock if before and before.cloudmock else await replay(asked)

    async def end(
        self, flow: http.HTTPFlow, aws: Outcome, comparison: Comparison, adapted: Callable[[Asked, Reply], Reply]
    ) -> tuple[Exchange, Exchange | None] | None:
        """Await CloudMock's reply and compare: the exchange, and that of the attempt before it.

        None for a flow that is not under way, or that another hook is ending. `adapted`: CloudMock's reply as the app
        would have got it.
        """
        opened = self._open.get(flow.id)
        if opened is None or opened.is_ending:
            return None
        opened.is_ending = True
        try:
            cloudmock = await opened.twin
            compared = adapted(opened.asked, cloudmock) if isinstance(cloudmock, Reply) else cloudmock
            exchange = await self._concluded(opened.asked, aws, compared, comparison)
        except Exception:  # a defect of this program must cost the finding, and not the exchange
            logger.exception("cloudmock-contract failed to compare an exchange.")
            cloudmock = Failure(DEFECT)
            exchange = comparison.conclude(opened.asked, cloudmock, cloudmock)
        if self._open.pop(flow.id, None) is None:
            return None
        before = self._attempts.before(exchange.invocation_id)
        self._attempts.ended(exchange, aws, cloudmock)
        if self._calls.get(exchange.invocation_id) is opened:
            del self._calls[exchange.invocation_id]
        opened.ended.set()
        return exchange, before.exchange if before else None

    async def _concluded(self, asked: Asked, aws: Outcome, cloudmock: Outcome, comparison: Comparison) -> Exchange:
        async with self._concluding:
            if max(_size(aws), _size(cloudmock), len(asked.request.body)) < LARGE:
                return comparison.conclude(asked, aws, cloudmock)
            return await asyncio.to_thread(comparison.conclude, asked, aws, cloudmock)

    async def drain(self, seconds: float) -> tuple[Opened, ...]:
        """Wait for those under way; those that have not ended by then, which are given up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._open:
                    await next(iter(self._open.values())).ended.wait()
        left = tuple(self._open.values())
        self._open.clear()
        for opened in left:
            opened.twin.cancel()
        return left


def _size(outcome: Outcome) -> int:
    return len(outcome.body) if isinstance(outcome, Reply) else 0
