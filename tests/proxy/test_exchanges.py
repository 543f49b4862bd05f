"""Exchanges under way: begun once, ended once, and attempts at one call that are one call."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mitmproxy import http

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import SdkCatalog
from cloudmock_contract.comparison.comparison import Comparison
from cloudmock_contract.comparison.rules.rules import Rules
from cloudmock_contract.proxy import exchanges as module
from cloudmock_contract.proxy.exchanges import (
    MAX_QUICK_ALIKE_BYTES,
    MAX_QUICK_BYTES,
)
from cloudmock_contract.proxy.streams.spool import GivenUpError, Spool
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.exchange import Exchange
from cloudmock_contract.values.http import Failure, Headers, Outcome, Reply, Skipped
from support.pending_exchanges import OK, PendingExchanges

type MakeFlow = Callable[..., http.HTTPFlow]


_DOWN = Reply(503, Headers(()), b"{}")


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """A comparison without rules."""
    return Comparison(Rules(), SdkCatalog(Services()))


class _CloudMock:
    """Replies as it is told, and counts what it is asked."""

    def __init__(self, *replies: Outcome) -> None:
        self.replies = list(replies)
        self.asked = 0

    async def __call__(self, _call: Call, _body: Spool | None) -> Outcome:
        await asyncio.sleep(0)
        self.asked += 1
        return self.replies.pop(0) if self.replies else OK


def _ran(work: Callable[[], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with asyncio.timeout(60):
            return await work()

    return asyncio.run(run())


def test_an_exchange_ends_once(flow: MakeFlow, comparison: Comparison) -> None:
    """Once AWS has answered, no hook finds the exchange any more; a flow that is not under way has none."""
    made, cloudmock = flow(), _CloudMock()

    async def work() -> list[Any]:
        run = PendingExchanges(comparison)
        opened = run.begin(made, cloudmock)
        ending = run.exchanges.finish(opened, OK)
        found = [run.exchanges.pending(made), run.exchanges.pending(flow())]
        await ending
        return [run.recorded, *found, run.exchanges.pending(made)]

    counted, *others = _ran(work)

    assert [(True, None)] == [(exchange.verdict.matched, before) for exchange, before in counted]
    assert [None, None, None] == others
    assert 1 == cloudmock.asked


@pytest.mark.parametrize(
    ("first_aws", "first_cloudmock", "expected"),
    [
        (_DOWN, OK, 1),  # AWS did nothing, CloudMock did: it must not do it twice
        (Failure("The connection broke."), OK, 1),
        (Reply(400, Headers(()), b'{"__type":"ThrottlingException"}'), OK, 1),
        (OK, OK, 2),  # AWS has done it twice
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
        run = PendingExchanges(comparison)
        for aws in (first_aws, OK):
            await run.end(run.begin(flow(), cloudmock, "call-1"), aws)
        return run.recorded[-1]

    exchange, before = _ran(work)

    assert expected == cloudmock.asked
    assert before is not None
    assert before.aws_status == (first_aws.status if isinstance(first_aws, Reply) else 0)
    assert exchange.verdict.matched


def test_other_calls_are_no_attempts(flow: MakeFlow, comparison: Comparison) -> None:
    """Calls of other ids, and calls without one, are each asked of CloudMock, and take nobody's place."""
    cloudmock = _CloudMock()

    async def work() -> list[Any]:
        run = PendingExchanges(comparison)
        for invocation in ("a", "b", "", ""):
            await run.end(run.begin(flow(), cloudmock, invocation), _DOWN)
        return run.recorded

    counted = _ran(work)

    assert 4 == cloudmock.asked
    assert [None] * 4 == [before for _, before in counted]


def test_an_attempt_waits_for_the_one_before(flow: MakeFlow, comparison: Comparison) -> None:
    """A second attempt that comes while the first is under way asks CloudMock only once that has ended."""
    cloudmock = _CloudMock()

    async def work() -> int:
        run = PendingExchanges(comparison)
        first, second = (run.begin(flow(), cloudmock, "call-1") for _ in range(2))
        await asyncio.sleep(0.01)
        asked = cloudmock.asked
        await run.end(first, Failure("The connection broke."))
        await run.end(second, OK)
        return asked

    assert 1 == _ran(work)
    assert 1 == cloudmock.asked


class _Held:
    """Notes when CloudMock is asked for what, and replies when it is let to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_reply: dict[str, asyncio.Event] = {}

    async def __call__(self, call: Call, _body: Spool | None) -> Outcome:
        self.asked.append(call.id)
        await self.may_reply.setdefault(call.id, asyncio.Event()).wait()
        return OK


def test_cloudmock_sees_a_reply_before_what_was_asked_after_it(flow: MakeFlow, comparison: Comparison) -> None:
    """A request that begins after another's reply waits until CloudMock has answered that one; a parallel one not."""
    first, parallel, later, held = flow(), flow(), flow(), _Held()

    async def work() -> list[list[str]]:
        run, seen = PendingExchanges(comparison), []
        opened, beside = run.begin(first, held), run.begin(parallel, held)
        ending = run.exchanges.finish(opened, OK)
        after = run.begin(later, held)
        await asyncio.sleep(0.01)
        seen.append(list(held.asked))
        held.may_reply[first.id].set()
        await ending
        await asyncio.sleep(0.01)
        seen.append(list(held.asked))
        for one in (beside, after):
            held.may_reply[one.flow.id].set()
            await run.end(one, OK)
        return seen

    assert [[first.id, parallel.id], [first.id, parallel.id, later.id]] == _ran(work)


def test_a_cloudmock_that_is_too_far_behind_is_not_asked(
    flow: MakeFlow, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From so many exchanges behind on they are passed over, and say so; once it has caught up it is asked again."""
    monkeypatch.setattr(module, "MAX_BEHIND", 1)
    slow, body, held = flow(), Spool(), _Held()

    async def work() -> list[Exchange]:
        run = PendingExchanges(comparison)
        ending = run.exchanges.finish(run.begin(slow, held), OK)
        await run.end(run.begin(flow(), held, body=body), OK)
        with pytest.raises(GivenUpError):
            await anext(body.pieces())
        held.may_reply[slow.id].set()
        await ending
        last = run.begin(flow(), _CloudMock())
        await run.end(last, OK)
        return [exchange for exchange, _ in run.recorded]

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
        run = PendingExchanges(comparison)
        ending = run.exchanges.finish(run.begin(slow, held), Reply(200, Headers(()), b"[12345678]"))
        await run.end(run.begin(flow(), held), OK)
        held.may_reply[slow.id].set()
        await ending
        await run.end(run.begin(flow(), _CloudMock()), OK)
        return [exchange.not_compared for exchange, _ in run.recorded]

    assert ["CloudMock was too far behind the app, and was not asked.", "", ""] == _ran(work)


def test_the_body_of_an_app_that_has_gone_is_given_up(flow: MakeFlow, comparison: Comparison) -> None:
    """CloudMock's copy of an upload ends with the app's, for the same reason."""
    body, reason = Spool(), "The app closed the connection."

    async def reading(_call: Call, upload: Spool | None) -> Outcome:
        assert upload
        try:
            async for _piece in upload.pieces():
                pass
        except GivenUpError as error:
            return Skipped(str(error))
        return OK

    async def work() -> list[str]:
        run = PendingExchanges(comparison)
        opened = run.begin(flow(), reading, body=body)
        body.put(b"the first half")
        await run.end(opened, Skipped(reason))
        return [exchange.not_compared for exchange, _ in run.recorded]

    assert [reason] == _ran(work)


def test_settled_waits_for_what_has_been_answered(flow: MakeFlow, comparison: Comparison) -> None:
    """It waits for exchanges that AWS has answered, and not for those that it has not."""
    answered, held = flow(), _Held()

    async def work() -> tuple[bool, int]:
        run = PendingExchanges(comparison)
        run.exchanges.finish(run.begin(answered, held), OK)
        run.begin(flow(), held)
        waiting = asyncio.create_task(run.exchanges.wait_recorded())
        await asyncio.sleep(0.01)
        is_early = waiting.done()
        held.may_reply[answered.id].set()
        await waiting
        counted = len(run.recorded)
        await run.exchanges._drain(0.01, 1)
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

    def compare(*arguments: Any) -> Exchange:
        found.append(threading.current_thread() is threading.main_thread())
        return Comparison.compare(comparison, *arguments)

    async def work() -> None:
        run = PendingExchanges(spy)
        await run.end(run.begin(flow(), _CloudMock(cloudmock)), aws)

    monkeypatch.setattr(spy, "compare", compare)
    _ran(work)

    assert [is_on_the_loop] == found


def test_what_has_not_ended_is_given_up(flow: MakeFlow, comparison: Comparison) -> None:
    """At the end of a run what takes too long is handed back, and its task is cancelled."""
    made = flow()

    async def work() -> tuple[Any, bool, Any]:
        run = PendingExchanges(comparison)
        run.begin(made, _Held())
        (left,) = await run.exchanges._drain(0.01, 1)
        return left.flow, left.asking.cancelled(), run.exchanges.pending(made)

    assert (made, True, None) == _ran(work)


@pytest.mark.parametrize(("idle", "most", "left"), [(0.2, 5, 0), (5, 0.15, 3)], ids=["progress", "too long"])
def test_the_end_waits_as_long_as_exchanges_end(
    flow: MakeFlow, comparison: Comparison, idle: float, most: float, left: int
) -> None:
    """Each exchange that ends gives the others their time anew, up to a longest time."""

    async def work() -> int:
        run = PendingExchanges(comparison)

        async def slow(_call: Call, _body: Spool | None) -> Outcome:
            await asyncio.sleep(0.1)
            return OK

        for _ in range(4):
            run.exchanges.finish(run.begin(flow(), slow), OK)
        return len(await run.exchanges._drain(idle, most))

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

    async def failing(_call: Call, _body: Spool | None) -> Outcome:
        raise RuntimeError("oops")

    def compare(call: Call, aws: Outcome, cloudmock: Outcome) -> Exchange:
        if aws is OK:
            raise RuntimeError("oops")
        return Comparison.compare(comparison, call, aws, cloudmock)

    async def work() -> Any:
        run = PendingExchanges(spy)
        return await run.end(run.begin(flow(), failing if where == "replay" else _CloudMock()), OK)

    monkeypatch.setattr(spy, "compare", compare)
    exchange, _ = _ran(work)

    assert "a defect of its own" in str(exchange.verdict.differences[0])
    assert "RuntimeError" in caplog.text
