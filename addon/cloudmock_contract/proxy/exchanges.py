"""The exchanges under way: from the call to the two replies that have been compared.

Each is begun once and ended once, whatever hooks come in between. The app has AWS's reply as soon as it has come, or a
moment later; CloudMock takes its time. What the app asks after a reply CloudMock is asked after it has answered what
came before, so that it sees things happen in the order in which AWS did; if it falls too far behind, exchanges are
passed over. Attempts that an SDK makes at one call are one call to CloudMock, where it did what AWS did not.
Comparisons are made one after the other, so that what one has learned the next one knows, and away from the event loop
where they take long.

A reply of CloudMock's is thrown away, or never asked for, in these places:

    begin         CloudMock is too far behind, and is not asked
    _ask_once     it has answered an attempt that AWS failed: that answer stands for this attempt too
    _finish       comparing fails, which is a defect of this program
    _drain        the run ends before it has answered
    comparison    AWS has no reply to compare it with, or a reply is too large: `comparison._why_not_compared`
    http_client   it takes too long, breaks HTTP, or AWS did not take the whole body: `HttpClient.send`

This file does not know hooks, nor how a request is sent, a verdict made or an exchange recorded: see `Stages`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mitmproxy import http

from cloudmock_contract import safe_logging
from cloudmock_contract.aws.sdk.retries import Retries
from cloudmock_contract.comparison.comparison import failed_comparison
from cloudmock_contract.proxy.backpressure import Backpressure
from cloudmock_contract.proxy.sides.http_client import Deadline
from cloudmock_contract.proxy.streams.spool import Spool
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.exchange import Exchange
from cloudmock_contract.values.http import Failure, Outcome, Reply, Skipped

MAX_QUICK_BYTES = 4 * 2**10
"""Bytes of a body from which on it is worked on in a thread: it would hold up every other flow."""

MAX_QUICK_ALIKE_BYTES = 2**18
"""The same for two bodies that are equal, and need not be read."""

MAX_BEHIND = 1_000
"""Exchanges that CloudMock may be behind the app."""

MAX_HELD_BYTES = 64 * 2**20
"""Bytes of their bodies."""

MAX_IDLE_DRAIN_SECONDS = 10.0
"""How long the run's end waits for exchanges that are under way, when none ends."""

MAX_DRAIN_SECONDS = 120.0
"""How long it waits when some do, and nobody has ended the run by a signal."""

DEFECT = "cloudmock-contract failed to compare this exchange, which is a defect of its own: see its log."

logger = safe_logging.logger(__name__)


class Stages(Protocol):
    """What is done for an exchange on its way."""

    async def ask_cloudmock(self, call: Call, deadline: Deadline, body: Spool | None) -> Outcome:
        """CloudMock's answer. `body`: of a streamed request."""

    def compare(self, call: Call, aws: Outcome, cloudmock: Outcome) -> Exchange:
        """The exchange with its verdict. May run in a thread, one at a time."""

    def record(self, flow: http.HTTPFlow, exchange: Exchange, superseded: Exchange | None = None) -> None:
        """Count the exchange, in the place of the attempt before it at the same call, and show it."""


@dataclass(slots=True)
class PendingExchange:
    """An exchange that is under way."""

    flow: http.HTTPFlow
    call: Call
    deadline: Deadline
    body: Spool | None
    """Of a streamed request."""
    asking: "asyncio.Future[Outcome]" = field(init=False)
    """CloudMock's answer, when it is there."""
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
        return len(self.call.request.body) + reply


class Exchanges:
    """Those of one run. Belongs to the event loop."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        self._pending: dict[str, PendingExchange] = {}
        self._answered: dict[str, PendingExchange] = {}
        """Those of them that AWS has answered."""
        self._held_bytes = 0
        self._by_invocation: dict[str, PendingExchange] = {}
        """The pending ones by the SDK's id of the call."""
        self._retries = Retries()
        self._comparing = asyncio.Lock()
        self._backpressure = Backpressure()

    def pending(self, flow: http.HTTPFlow) -> PendingExchange | None:
        """The exchange of a flow that is under way, and that AWS has not answered."""
        exchange = self._pending.get(flow.id)
        return exchange if exchange and exchange.aws is None else None

    def begin(self, flow: http.HTTPFlow, call: Call, deadline: Deadline, body: Spool | None = None) -> None:
        """Let CloudMock be asked as well; does not wait for it."""
        pending = PendingExchange(flow, call, deadline, body)
        if len(self._answered) >= MAX_BEHIND or self._held_bytes >= MAX_HELD_BYTES:
            pending.asking = asyncio.get_running_loop().create_future()
            pending.asking.set_result(Skipped("CloudMock was too far behind the app, and was not asked."))
            if body:
                body.close()
        else:
            before = tuple(self._answered.values())
            attempt = self._by_invocation.get(call.invocation_id)
            if attempt:
                before += (attempt,)
            # Not before the loop has turned: what is for AWS goes first.
            pending.asking = asyncio.Task(self._ask_once(pending, before), loop=asyncio.get_running_loop())
        self._pending[flow.id] = pending
        if call.invocation_id:
            self._by_invocation[call.invocation_id] = pending

    async def _ask_once(self, pending: PendingExchange, before: tuple[PendingExchange, ...]) -> Outcome:
        """CloudMock's reply to the call, or to the attempt before it, if AWS did not do that one.

        `before`: the exchanges that have to end first.
        """
        for exchange in before:
            await exchange.ended.wait()
        attempt = self._retries.before(pending.call.invocation_id)
        if attempt and attempt.cloudmock:
            if pending.body:
                pending.body.close()
            return attempt.cloudmock
        pending.is_asked = True
        return await self._stages.ask_cloudmock(pending.call, pending.deadline, pending.body)

    def finish(self, pending: PendingExchange, aws: Outcome) -> "asyncio.Task[None]":
        """AWS has replied, or will not: the task that awaits CloudMock, compares, and records the exchange.

        It does not begin before the loop has turned: the app is to have its reply first.
        """
        pending.aws = aws
        uploaded = pending.call.request.streamed
        downloaded = aws.length if isinstance(aws, Reply) else 0
        pending.deadline.aws_replied(downloaded + ((uploaded and uploaded.length) or 0))
        if pending.body and not pending.body.has_ended and not (isinstance(aws, Reply) and aws.status < 300):
            pending.body.give_up(aws.reason if isinstance(aws, Skipped) else "AWS did not take the whole body.")
        self._answered[pending.flow.id] = pending
        self._held_bytes += pending.size
        pending.ending = asyncio.Task(self._finish(pending, aws), loop=asyncio.get_running_loop())
        return pending.ending

    async def _finish(self, pending: PendingExchange, aws: Outcome) -> None:
        call = pending.call
        try:
            cloudmock = await pending.asking
            self._backpressure.measure(aws, cloudmock)
            if isinstance(aws, Failure) and isinstance(cloudmock, Skipped):
                cloudmock = Failure(cloudmock.reason, cloudmock.seconds)  # AWS's failure is what there is to tell
            exchange = await self._compare(call, aws, cloudmock)
        except Exception:  # a defect of this program must cost the finding, and not the exchange
            logger.exception("cloudmock-contract failed to compare an exchange.")
            cloudmock = Failure(DEFECT)
            exchange = failed_comparison(call, aws, cloudmock, DEFECT)
        attempt = self._retries.before(exchange.invocation_id)
        self._retries.ended(exchange, aws, cloudmock)
        try:
            self._stages.record(pending.flow, exchange, attempt.exchange if attempt else None)
        finally:
            self._close(pending)

    def _close(self, pending: PendingExchange) -> None:
        del self._pending[pending.flow.id]
        if self._answered.pop(pending.flow.id, None):
            self._held_bytes -= pending.size
        if self._by_invocation.get(pending.call.invocation_id) is pending:
            del self._by_invocation[pending.call.invocation_id]
        pending.ended.set()
        self._backpressure.note_progress()

    async def _compare(self, call: Call, aws: Outcome, cloudmock: Outcome) -> Exchange:
        async with self._comparing:
            if _is_quick(call, aws, cloudmock):
                return self._stages.compare(call, aws, cloudmock)
            return await asyncio.to_thread(self._stages.compare, call, aws, cloudmock)

    def compare_now(self, call: Call, aws: Outcome, cloudmock: Outcome) -> Exchange:
        """The exchange of which there is little to compare; where comparing it fails, one that says so."""
        try:
            return self._stages.compare(call, aws, cloudmock)
        except Exception:  # as above
            logger.exception("cloudmock-contract failed to compare an exchange.")
            return failed_comparison(call, aws, cloudmock, DEFECT)

    async def catch_up(self) -> None:
        """Let the app wait a little where CloudMock is a little behind."""
        await self._backpressure.catch_up(self._answered)

    async def wait_recorded(self) -> None:
        """Wait for those that AWS has answered by now."""
        for pending in tuple(self._answered.values()):
            await pending.ended.wait()

    async def end(self, *, short: bool) -> Sequence[tuple[http.HTTPFlow, Exchange]]:
        """Wait for those under way; those that have not ended by then, with their flows. They are not recorded.

        `short`: wait no longer than it must be.
        """
        max_seconds = MAX_IDLE_DRAIN_SECONDS if short else MAX_DRAIN_SECONDS
        unfinished = []
        for pending in await self._drain(MAX_IDLE_DRAIN_SECONDS, max_seconds):
            aws = pending.aws or _too_late("AWS")
            busy = Skipped("CloudMock was busy with an earlier call when the run ended, and was not asked.")
            cloudmock = _too_late("CloudMock") if pending.is_asked or isinstance(aws, Failure) else busy
            unfinished.append((pending.flow, self.compare_now(pending.call, aws, cloudmock)))
        return unfinished

    async def _drain(self, idle_seconds: float, max_seconds: float) -> tuple[PendingExchange, ...]:
        """Wait for those under way; those that have not ended by then, which are given up.

        It waits `max_seconds` at most, and not on when none has ended for `idle_seconds`.
        """
        end = asyncio.get_running_loop().time() + max_seconds
        while self._pending and (left := min(idle_seconds, end - asyncio.get_running_loop().time())) > 0:
            if not await self._backpressure.wait_for_progress(left):
                break
        given_up = tuple(self._pending.values())
        self._pending.clear()
        unfinished = [task for pending in given_up for task in (pending.asking, pending.ending) if task]
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        for pending in given_up:
            if pending.body:
                pending.body.close()
        return given_up


def _too_late(side: str) -> Failure:
    return Failure(f"{side} had not replied when the run ended, nor {MAX_IDLE_DRAIN_SECONDS:g} s later.")


def _is_quick(call: Call, aws: Outcome, cloudmock: Outcome) -> bool:
    """Whether comparing takes too little time to be worth a thread."""
    largest = max(_size(aws), _size(cloudmock))
    is_alike = (
        isinstance(aws, Reply)
        and isinstance(cloudmock, Reply)
        and aws.status == cloudmock.status < 300
        and aws.body == cloudmock.body
    )
    return len(call.request.body) < MAX_QUICK_BYTES and largest < (
        MAX_QUICK_ALIKE_BYTES if is_alike else MAX_QUICK_BYTES
    )


def _size(outcome: Outcome) -> int:
    return len(outcome.body) if isinstance(outcome, Reply) else 0
