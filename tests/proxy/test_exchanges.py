"""Exchanges under way: begun once, ended once, and attempts at one call that are one call."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from mitmproxy import http

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import SdkCatalog
from cloudmock_contract.comparison.comparison import Asked, Comparison
from cloudmock_contract.comparison.rules.rules import Rules
from cloudmock_contract.proxy import exchanges as module
from cloudmock_contract.proxy.exchanges import (
    MAX_QUICK_ALIKE_BYTES,
    MAX_QUICK_BYTES,
    Ending,
    Exchanges,
    PendingExchange,
)
from cloudmock_contract.proxy.sides.http_client import Deadline
from cloudmock_contract.proxy.streams.spool import GivenUpError, Spool
from cloudmock_contract.values.exchange import Exchange
from cloudmock_contract.values.http import Failure, Headers, Outcome, Reply, Request, Skipped
from cloudmock_contract.values.operation import Operation

type MakeFlow = Callable[..., http.HTTPFlow]

_OPERATION = Operation("dynamodb", "PutItem", "json", "dynamodb")
_OK = Reply(200, Headers(()), b"{}")
_DOWN = Reply(503, Headers(()), b"{}")


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """A comparison without rules."""
    return Comparison(Rules(), SdkCatalog(Services()))


def _asked(flow: http.HTTPFlow, invocation: str = "") -> Asked:
    headers = Headers((("amz-sdk-invocation-id", invocation),)) if invocation else Headers(())
    return Asked(flow.id, datetime.now(tz=UTC), Request("POST", "/", headers, b"{}"), _OPERATION)


class _CloudMock:
    """Replies as it is told, and counts what it is asked."""

    def __init__(self, *replies: Outcome) -> None:
        self.replies = list(replies)
        self.asked = 0

    async def __call__(self, _opened: PendingExchange) -> Outcome:
        await asyncio.sleep(0)
        self.asked += 1
        return self.replies.pop(0) if self.replies else _OK


def _as_it_is(_asked: Asked, reply: Reply) -> Reply:
    return reply


class _Ended:
    """Exchanges under way, and what is counted of them, in the order in which they end."""

    def __init__(self, comparison: Comparison) -> None:
        self.exchanges = Exchanges()
        self.counted: list[tuple[Exchange, Exchange | None]] = []
        self.ending = Ending(comparison, _as_it_is, self._count)

    def _count(self, _flow: http.HTTPFlow, exchange: Exchange, before: Exchange | None) -> None:
        self.counted.append((exchange, before))

    def begin(
        self,
        made: http.HTTPFlow,
        replay: Callable[[PendingExchange], Awaitable[Outcome]],
        invocation: str = "",
        body: Spool | None = None,
    ) -> PendingExchange:
        self.exchanges.begin(made, _asked(made, invocation), replay, Deadline(5), body)
        opened = self.exchanges.opened(made)
        assert opened
        return opened

    async def end(self, opened: PendingExchange, aws: Outcome) -> tuple[Exchange, Exchange | None]:
        await self.exchanges.answered(opened, aws, self.ending)
        return self.counted[-1]


def _ran(work: Callable[[], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with asyncio.timeout(10):
            return await work()

    return asyncio.run(run())


def test_an_exchange_ends_once(flow: MakeFlow, comparison: Comparison) -> None:
    """Once AWS has answered, no hook finds the exchange any more; a flow that is not under way has none."""
    made, cloudmock = flow(), _CloudMock()

    async def work() -> list[Any]:
        ended = _Ended(comparison)
        opened = ended.begin(made, cloudmock)
        ending = ended.exchanges.answered(opened, _OK, ended.ending)
        found = [ended.exchanges.opened(made), ended.exchanges.opened(flow())]
        await ending
        return [ended.counted, *found, ended.exchanges.opened(made)]

    counted, *others = _ran(work)

    assert [(True, None)] == [(exchange.verdict.matched, before) for exchange, before in counted]
    assert [None, None, None] == others
    assert 1 == cloudmock.asked


@pytest.mark.parametrize(
    ("first_aws", "first_cloudmock", "expected"),
    [
        (_DOWN, _OK, 1),  # AWS did nothing, CloudMock did: it must not do it twice
        (Failure("The connection broke."), _OK, 1),
        (Reply(400, Headers(()), b'{"__type":"ThrottlingException"}'), _OK, 1),
        (_OK, _OK, 2),  # AWS has done it twice
        (_DOWN, _DOWN, 2),  # neither has done anything
        (_DOWN, Failure("It timed out."), 2),
    ],
)
def test_a_write_is_not_applied_twice(
    flow: MakeFlow, comparison: Comparison, first_aws: Outcome, first_cloudmock: Outcome, expected: int
) -> None:
    """What CloudMock did at an attempt that AWS failed stands for the next attempt at the same call."""
    cloudmock = _CloudMock(first_cloudmock)

    async def work() -> tuple[Exchange, Exchange | None]:
        ended = _Ended(comparison)
        for aws in (first_aws, _OK):
            await ended.end(ended.begin(flow(), cloudmock, "call-1"), aws)
        return ended.counted[-1]

    exchange, before = _ran(work)

    assert expected == cloudmock.asked
    assert before is not None
    assert before.aws_status == (first_aws.status if isinstance(first_aws, Reply) else 0)
    assert exchange.verdict.matched


def test_other_calls_are_no_attempts(flow: MakeFlow, comparison: Comparison) -> None:
    """Calls of other ids, and calls without one, are each asked of CloudMock, and take nobody's place."""
    cloudmock = _CloudMock()

    async def work() -> list[Any]:
        ended = _Ended(comparison)
        for invocation in ("a", "b", "", ""):
            await ended.end(ended.begin(flow(), cloudmock, invocation), _DOWN)
        return ended.counted

    counted = _ran(work)

    assert 4 == cloudmock.asked
    assert [None] * 4 == [before for _, before in counted]


def test_an_attempt_waits_for_the_one_before(flow: MakeFlow, comparison: Comparison) -> None:
    """A second attempt that comes while the first is under way asks CloudMock only once that has ended."""
    cloudmock = _CloudMock()

    async def work() -> int:
        ended = _Ended(comparison)
        first, second = (ended.begin(flow(), cloudmock, "call-1") for _ in range(2))
        await asyncio.sleep(0.01)
        asked = cloudmock.asked
        await ended.end(first, Failure("The connection broke."))
        await ended.end(second, _OK)
        return asked

    assert 1 == _ran(work)
    assert 1 == cloudmock.asked


class _Held:
    """Notes when CloudMock is asked for what, and replies when it is let to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_reply: dict[str, asyncio.Event] = {}

    async def __call__(self, opened: PendingExchange) -> Outcome:
        self.asked.append(opened.flow.id)
        await self.may_reply.setdefault(opened.flow.id, asyncio.Event()).wait()
        return _OK


def test_cloudmock_sees_a_reply_before_what_was_asked_after_it(flow: MakeFlow, comparison: Comparison) -> None:
    """A request that begins after another's reply waits until CloudMock has answered that one; a parallel one not."""
    first, parallel, later, held = flow(), flow(), flow(), _Held()

    async def work() -> list[list[str]]:
        ended, seen = _Ended(comparison), []
        opened, beside = ended.begin(first, held), ended.begin(parallel, held)
        ending = ended.exchanges.answered(opened, _OK, ended.ending)
        after = ended.begin(later, held)
        await asyncio.sleep(0.01)
        seen.append(list(held.asked))
        held.may_reply[first.id].set()
        await ending
        await asyncio.sleep(0.01)
        seen.append(list(held.asked))
        for one in (beside, after):
            held.may_reply[one.flow.id].set()
            await ended.end(one, _OK)
        return seen

    assert [[first.id, parallel.id], [first.id, parallel.id, later.id]] == _ran(work)


def test_a_cloudmock_that_is_too_far_behind_is_not_asked(
    flow: MakeFlow, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From so many exchanges behind on they are passed over, and say so; once it has caught up it is asked again."""
    monkeypatch.setattr(module, "MAX_BEHIND", 1)
    slow, body, held = flow(), Spool(), _Held()

    async def work() -> list[Exchange]:
        ended = _Ended(comparison)
        ending = ended.exchanges.answered(ended.begin(slow, held), _OK, ended.ending)
        await ended.end(ended.begin(flow(), held, body=body), _OK)
        with pytest.raises(GivenUpError):
            await anext(body.pieces())
        held.may_reply[slow.id].set()
        await ending
        last = ended.begin(flow(), _CloudMock())
        await ended.end(last, _OK)
        return [exchange for exchange, _ in ended.counted]

    passed_over, *compared = _ran(work)

    assert "CloudMock was too far behind the app, and was not asked." == passed_over.not_compared
    assert ["", ""] == [one.not_compared for one in compared]
    assert [slow.id] == held.asked


def test_bodies_that_wait_for_cloudmock_are_bounded(
    flow: MakeFlow, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes of what CloudMock is behind count as well as the number, and no longer when it has caught up."""
    monkeypatch.setattr(module, "MAX_HELD_BYTES", 10)
    slow, held = flow(), _Held()

    async def work() -> list[str]:
        ended = _Ended(comparison)
        ending = ended.exchanges.answered(ended.begin(slow, held), Reply(200, Headers(()), b"[12345678]"), ended.ending)
        await ended.end(ended.begin(flow(), held), _OK)
        held.may_reply[slow.id].set()
        await ending
        await ended.end(ended.begin(flow(), _CloudMock()), _OK)
        return [exchange.not_compared for exchange, _ in ended.counted]

    assert ["CloudMock was too far behind the app, and was not asked.", "", ""] == _ran(work)


def test_the_body_of_an_app_that_has_gone_is_given_up(flow: MakeFlow, comparison: Comparison) -> None:
    """CloudMock's copy of an upload ends with the app's, for the same reason."""
    body, reason = Spool(), "The app closed the connection."

    async def reading(opened: PendingExchange) -> Outcome:
        assert opened.body
        try:
            async for _piece in opened.body.pieces():
                pass
        except GivenUpError as error:
            return Skipped(str(error))
        return _OK

    async def work() -> list[str]:
        ended = _Ended(comparison)
        opened = ended.begin(flow(), reading, body=body)
        body.put(b"the first half")
        await ended.end(opened, Skipped(reason))
        return [exchange.not_compared for exchange, _ in ended.counted]

    assert [reason] == _ran(work)


@pytest.mark.parametrize(
    ("each", "seconds", "least", "most"),
    [
        (0.004, 0.0, 0.1, 0.9),  # the processor is what is short: the app waits until CloudMock is but a little behind
        (0.004, 5.0, 0.0, 0.05),  # CloudMock is slow, which is not the app's business
        (60.0, 0.0, 0.09, 0.6),  # it stands still: that is found out once
    ],
    ids=["busy", "slow", "still"],
)
def test_the_app_waits_for_a_cloudmock_that_is_not_slow(
    flow: MakeFlow, comparison: Comparison, each: float, seconds: float, least: float, most: float
) -> None:
    """The app is held up where that lets CloudMock catch up, and not where CloudMock is slow or does not answer."""

    async def replay(_opened: PendingExchange) -> Outcome:
        await asyncio.sleep(each)
        return Reply(200, Headers(()), b"{}", seconds)

    async def work() -> tuple[float, float]:
        ended = _Ended(comparison)
        if seconds:
            ended.exchanges._measure(_OK, Reply(200, Headers(()), b"", seconds))
        for _ in range(60):
            opened = ended.begin(flow(), replay)
            ended.exchanges.answered(opened, _OK, ended.ending)
        started = asyncio.get_running_loop().time()
        await ended.exchanges.catch_up()
        first = asyncio.get_running_loop().time() - started
        await ended.exchanges.catch_up()
        again = asyncio.get_running_loop().time() - started - first
        await ended.exchanges.drain(0.01, 0.01)
        return first, again

    first, again = asyncio.run(work())

    assert least <= first < most
    assert again < 0.05


def test_settled_waits_for_what_has_been_answered(flow: MakeFlow, comparison: Comparison) -> None:
    """It waits for exchanges that AWS has answered, and not for those that it has not."""
    answered, held = flow(), _Held()

    async def work() -> tuple[bool, int]:
        ended = _Ended(comparison)
        ended.exchanges.answered(ended.begin(answered, held), _OK, ended.ending)
        ended.begin(flow(), held)
        waiting = asyncio.create_task(ended.exchanges.wait_recorded())
        await asyncio.sleep(0.01)
        is_early = waiting.done()
        held.may_reply[answered.id].set()
        await waiting
        counted = len(ended.counted)
        await ended.exchanges.drain(0.01, 1)
        return is_early, counted

    assert (False, 1) == _ran(work)


def _padded(size: int, status: int = 200, text: bytes = b"[]") -> Reply:
    return Reply(status, Headers(()), b" " * size + text)


@pytest.mark.parametrize(
    ("aws", "cloudmock", "is_on_the_loop"),
    [
        (_padded(1), _padded(2), True),
        (_padded(MAX_QUICK_BYTES), _padded(1), False),
        (_padded(1), _padded(MAX_QUICK_BYTES), False),
        (_padded(MAX_QUICK_BYTES), _padded(MAX_QUICK_BYTES), True),
        (_padded(MAX_QUICK_BYTES, text=b"[1]"), _padded(MAX_QUICK_BYTES, text=b"[2]"), False),
        (_padded(MAX_QUICK_BYTES, 400), _padded(MAX_QUICK_BYTES, 400), False),
        (_padded(MAX_QUICK_ALIKE_BYTES), _padded(MAX_QUICK_ALIKE_BYTES), False),
        (_padded(MAX_QUICK_BYTES), Failure("none"), False),
    ],
)
def test_long_comparisons_leave_the_event_loop(
    flow: MakeFlow,
    comparison: Comparison,
    monkeypatch: pytest.MonkeyPatch,
    aws: Outcome,
    cloudmock: Outcome,
    *,
    is_on_the_loop: bool,
) -> None:
    """A comparison that may take long runs in a thread; one of small or of equal replies does not pay for it."""
    found = []
    spy = Comparison(comparison.rules, comparison.sdk_catalog)

    def conclude(*arguments: Any) -> Exchange:
        found.append(threading.current_thread() is threading.main_thread())
        return Comparison.conclude(comparison, *arguments)

    async def work() -> None:
        ended = _Ended(spy)
        await ended.end(ended.begin(flow(), _CloudMock(cloudmock)), aws)

    monkeypatch.setattr(spy, "conclude", conclude)
    _ran(work)

    assert [is_on_the_loop] == found


def test_what_has_not_ended_is_given_up(flow: MakeFlow, comparison: Comparison) -> None:
    """At the end of a run what takes too long is handed back, and its task is cancelled."""
    made = flow()

    async def work() -> tuple[Any, bool, Any]:
        ended = _Ended(comparison)
        ended.begin(made, _Held())
        (left,) = await ended.exchanges.drain(0.01, 1)
        return left.flow, left.twin.cancelled(), ended.exchanges.opened(made)

    assert (made, True, None) == _ran(work)


@pytest.mark.parametrize(("idle", "most", "left"), [(0.2, 5, 0), (5, 0.15, 3)], ids=["progress", "too long"])
def test_the_end_waits_as_long_as_exchanges_end(
    flow: MakeFlow, comparison: Comparison, idle: float, most: float, left: int
) -> None:
    """Each exchange that ends gives the others their time anew, up to a longest time."""

    async def work() -> int:
        ended = _Ended(comparison)

        async def slow(opened: PendingExchange) -> Outcome:
            await asyncio.sleep(0.1)
            return _OK

        for _ in range(4):
            ended.exchanges.answered(ended.begin(flow(), slow), _OK, ended.ending)
        return len(await ended.exchanges.drain(idle, most))

    assert left == _ran(work)


@pytest.mark.parametrize("where", ["replay", "comparison"])
def test_a_defect_costs_the_finding_and_not_the_exchange(
    flow: MakeFlow,
    comparison: Comparison,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    where: str,
) -> None:
    """Where the program itself fails the exchange ends all the same, as an error that says whose fault it is."""
    spy = Comparison(comparison.rules, comparison.sdk_catalog)

    async def failing(_opened: PendingExchange) -> Outcome:
        raise RuntimeError("oops")

    def conclude(asked: Asked, aws: Outcome, cloudmock: Outcome) -> Exchange:
        if aws is _OK:
            raise RuntimeError("oops")
        return Comparison.conclude(comparison, asked, aws, cloudmock)

    async def work() -> Any:
        ended = _Ended(spy)
        return await ended.end(ended.begin(flow(), failing if where == "replay" else _CloudMock()), _OK)

    monkeypatch.setattr(spy, "conclude", conclude)
    exchange, _ = _ran(work)

    assert "a defect of its own" in str(exchange.verdict.differences[0])
    assert "RuntimeError" in caplog.text
