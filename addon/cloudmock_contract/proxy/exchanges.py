"""The exchanges under way: from the request to the two replies that have been compared.

Each is begun once and ended once, whatever hooks come in between. The app has AWS's reply as soon as it has come, or a
moment later; CloudMock takes its time. What the app asks after a reply CloudMock is asked after it has answered what
came before, so that it sees things happen in the order in which AWS did; if it falls too far behind, exchanges are
passed over. Attempts that an SDK makes at one call are one call to CloudMock, where it did what AWS did not.
Comparisons are made one after the other, so that what one has learned the next one knows, and away from the event loop
where they take long.

This file does not know hooks, nor how a request is sent.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mitmproxy import http

from cloudmock_contract import safe_logging
from cloudmock_contract.aws.sdk.retries import Retries
from cloudmock_contract.comparison.comparison import Asked, Comparison, failed_comparison
from cloudmock_contract.proxy.sides.http_client import Deadline
from cloudmock_contract.proxy.streams.spool import Spool
from cloudmock_contract.values.exchange import Exchange
from cloudmock_contract.values.http import Failure, Outcome, Reply, Skipped

MAX_QUICK_BYTES = 4 * 2**10
"""Bytes of a body from which on it is worked on in a thread: it would hold up every other flow."""

MAX_QUICK_ALIKE_BYTES = 2**18
"""The same for two bodies that are equal, and need not be read."""

MAX_BEHIND_UNNOTICED = 16
"""Exchanges that CloudMock may be behind the app before the app waits a little for it."""

STANDSTILL_SECONDS = 0.1
"""How long none of them may end for the app to wait on; when that happens, it does not for `NO_WAIT_SECONDS`."""

MAX_WAIT_SECONDS = 1.0

NO_WAIT_SECONDS = 1.0

MAX_SLOWDOWN = 2.0
"""How many times as long as AWS, and `MAX_SLOWDOWN_SECONDS`, CloudMock may take to be waited for."""

MAX_SLOWDOWN_SECONDS = 0.02

MAX_BEHIND = 1_000
"""Exchanges that CloudMock may be behind the app."""

MAX_HELD_BYTES = 64 * 2**20
"""Bytes of their bodies."""

DEFECT = "cloudmock-contract failed to compare this exchange, which is a defect of its own: see its log."

logger = safe_logging.logger(__name__)


@dataclass(slots=True)
class PendingExchange:
    """An exchange that is under way."""

    flow: http.HTTPFlow
    asked: Asked
    deadline: Deadline
    body: Spool | None
    """Of a streamed request."""
    twin: "asyncio.Future[Outcome]" = field(init=False)
    is_asked: bool = False
    """Whether it has been CloudMock's turn."""
    aws: Outcome | None = None
    """None until AWS has replied, or will not."""
    ending: "asyncio.Task[None] | None" = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def size(self) -> int:
        """Bytes of bodies that are held."""
        reply = len(self.aws.body) if isinstance(self.aws, Reply) else 0
        return len(self.asked.request.body) + reply


@dataclass(frozen=True, slots=True)
class Ending:
    """What an exchange is ended with."""

    comparison: Comparison
    adapted: Callable[[Asked, Reply], Reply]
    """CloudMock's reply as the app would have got it."""
    count: Callable[[http.HTTPFlow, Exchange, Exchange | None], None]
    """Takes the exchange, and that of the attempt before it at the same call."""


class Exchanges:
    """Those of one run. Belongs to the event loop."""

    def __init__(self) -> None:
        self._open: dict[str, PendingExchange] = {}
        self._answered: dict[str, PendingExchange] = {}
        """Those of them that AWS has answered."""
        self._held = 0
        self._calls: dict[str, PendingExchange] = {}
        """The open ones by the SDK's id of the call."""
        self._attempts = Retries()
        self._concluding = asyncio.Lock()
        self._progress = asyncio.Event()
        self._no_wait_until = 0.0
        self._aws_seconds = self._cloudmock_seconds = 0.0
        """How long they take to reply, of late."""

    def opened(self, flow: http.HTTPFlow) -> PendingExchange | None:
        """The exchange of a flow that is under way, and that AWS has not answered."""
        opened = self._open.get(flow.id)
        return opened if opened and opened.aws is None else None

    def begin(
        self,
        flow: http.HTTPFlow,
        asked: Asked,
        replay: Callable[[PendingExchange], Awaitable[Outcome]],
        deadline: Deadline,
        body: Spool | None = None,
    ) -> None:
        """Let CloudMock be asked as well; does not wait for it."""
        opened = PendingExchange(flow, asked, deadline, body)
        if len(self._answered) >= MAX_BEHIND or self._held >= MAX_HELD_BYTES:
            opened.twin = asyncio.get_running_loop().create_future()
            opened.twin.set_result(Skipped("CloudMock was too far behind the app, and was not asked."))
            if body:
                body.close()
        else:
            before = tuple(self._answered.values())
            running = self._calls.get(asked.invocation_id)
            if running:
                before += (running,)
            # Not before the loop has turned: what is for AWS goes first.
            opened.twin = asyncio.Task(self._once(opened, replay, before), loop=asyncio.get_running_loop())
        self._open[flow.id] = opened
        if asked.invocation_id:
            self._calls[asked.invocation_id] = opened

    async def _once(
        self,
        opened: PendingExchange,
        replay: Callable[[PendingExchange], Awaitable[Outcome]],
        before: tuple[PendingExchange, ...],
    ) -> Outcome:
        """CloudMock's reply to the request, or to the attempt before it, if AWS did not do that one.

        `before`: the exchanges that have to end first.
        """
        for one in before:
            await one.ended.wait()
        attempt = self._attempts.before(opened.asked.invocation_id)
        if attempt and attempt.cloudmock:
            if opened.body:
                opened.body.close()
            return attempt.cloudmock
        opened.is_asked = True
        return await replay(opened)

    def answered(self, opened: PendingExchange, aws: Outcome, ending: Ending) -> "asyncio.Task[None]":
        """AWS has replied, or will not: the task that awaits CloudMock, compares, and counts the exchange.

        It does not begin before the loop has turned: the app is to have its reply first.
        """
        opened.aws = aws
        uploaded = opened.asked.request.streamed
        downloaded = aws.length if isinstance(aws, Reply) else 0
        opened.deadline.aws_replied(downloaded + ((uploaded and uploaded.length) or 0))
        if opened.body and not opened.body.has_ended and not (isinstance(aws, Reply) and aws.status < 300):
            opened.body.give_up(aws.reason if isinstance(aws, Skipped) else "AWS did not take the whole body.")
        self._answered[opened.flow.id] = opened
        self._held += opened.size
        opened.ending = asyncio.Task(self._end(opened, ending), loop=asyncio.get_running_loop())
        return opened.ending

    async def _end(self, opened: PendingExchange, ending: Ending) -> None:
        assert opened.aws is not None
        aws: Outcome = opened.aws
        try:
            cloudmock = await opened.twin
            self._measure(aws, cloudmock)
            if isinstance(aws, Failure) and isinstance(cloudmock, Skipped):
                cloudmock = Failure(cloudmock.reason, cloudmock.seconds)  # AWS's failure is what there is to tell
            compared = ending.adapted(opened.asked, cloudmock) if isinstance(cloudmock, Reply) else cloudmock
            exchange = await self._concluded(opened.asked, aws, compared, ending.comparison)
        except Exception:  # a defect of this program must cost the finding, and not the exchange
            logger.exception("cloudmock-contract failed to compare an exchange.")
            cloudmock = Failure(DEFECT)
            exchange = failed_comparison(opened.asked, aws, cloudmock, DEFECT)
        before = self._attempts.before(exchange.invocation_id)
        self._attempts.ended(exchange, aws, cloudmock)
        try:
            ending.count(opened.flow, exchange, before.exchange if before else None)
        finally:
            self._close(opened)

    def _close(self, opened: PendingExchange) -> None:
        del self._open[opened.flow.id]
        if self._answered.pop(opened.flow.id, None):
            self._held -= opened.size
        if self._calls.get(opened.asked.invocation_id) is opened:
            del self._calls[opened.asked.invocation_id]
        opened.ended.set()
        self._progress.set()

    async def _concluded(self, asked: Asked, aws: Outcome, cloudmock: Outcome, comparison: Comparison) -> Exchange:
        async with self._concluding:
            if _is_quick(asked, aws, cloudmock):
                return comparison.conclude(asked, aws, cloudmock)
            return await asyncio.to_thread(comparison.conclude, asked, aws, cloudmock)

    async def catch_up(self) -> None:
        """Let the app wait where CloudMock is a little behind, if it is not slow: then the processor is what is short.

        Of a CloudMock that is slow, or stands still, the app notices next to nothing.
        """
        loop = asyncio.get_running_loop()
        started = loop.time()
        while (
            len(self._answered) > MAX_BEHIND_UNNOTICED
            and self._no_wait_until < loop.time() < started + MAX_WAIT_SECONDS
        ):
            if self._cloudmock_seconds > MAX_SLOWDOWN * self._aws_seconds + MAX_SLOWDOWN_SECONDS:
                return
            self._progress.clear()
            try:
                async with asyncio.timeout(STANDSTILL_SECONDS):
                    await self._progress.wait()
            except TimeoutError:
                self._no_wait_until = loop.time() + NO_WAIT_SECONDS

    def _measure(self, aws: Outcome, cloudmock: Outcome) -> None:
        """Keep how long the sides take; both have the same share of what this program takes."""
        self._aws_seconds += (aws.seconds - self._aws_seconds) / 16
        self._cloudmock_seconds += (cloudmock.seconds - self._cloudmock_seconds) / 16

    async def wait_recorded(self) -> None:
        """Wait for those that AWS has answered by now."""
        for opened in tuple(self._answered.values()):
            await opened.ended.wait()

    async def drain(self, idle: float, most: float) -> tuple[PendingExchange, ...]:
        """Wait for those under way; those that have not ended by then, which are given up.

        It waits `most` seconds at most, and not on when none has ended for `idle` seconds.
        """
        end = asyncio.get_running_loop().time() + most
        while self._open and (left := min(idle, end - asyncio.get_running_loop().time())) > 0:
            self._progress.clear()
            try:
                async with asyncio.timeout(left):
                    await self._progress.wait()
            except TimeoutError:
                break
        given_up = tuple(self._open.values())
        self._open.clear()
        unfinished = [task for opened in given_up for task in (opened.twin, opened.ending) if task]
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        for opened in given_up:
            if opened.body:
                opened.body.close()
        return given_up


def compared_on_the_loop(comparison: Comparison, asked: Asked, aws: Outcome, cloudmock: Outcome) -> Exchange:
    """The exchange; where comparing it fails, one that says so."""
    try:
        return comparison.conclude(asked, aws, cloudmock)
    except Exception:  # as above
        logger.exception("cloudmock-contract failed to compare an exchange.")
        return failed_comparison(asked, aws, cloudmock, DEFECT)


def _is_quick(asked: Asked, aws: Outcome, cloudmock: Outcome) -> bool:
    """Whether concluding takes too little time to be worth a thread."""
    largest = max(_size(aws), _size(cloudmock))
    is_alike = (
        isinstance(aws, Reply)
        and isinstance(cloudmock, Reply)
        and aws.status == cloudmock.status < 300
        and aws.body == cloudmock.body
    )
    return len(asked.request.body) < MAX_QUICK_BYTES and largest < (
        MAX_QUICK_ALIKE_BYTES if is_alike else MAX_QUICK_BYTES
    )


def _size(outcome: Outcome) -> int:
    return len(outcome.body) if isinstance(outcome, Reply) else 0
