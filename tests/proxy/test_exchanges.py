"""Exchanges under way: begun once, ended once, and attempts at one call that are one call."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from mitmproxy import http

from cloudmock_contract.aws.behaviour import Behaviours
from cloudmock_contract.aws.services import Services
from cloudmock_contract.comparison.conclusion import Asked, Comparison
from cloudmock_contract.comparison.rules import Rules
from cloudmock_contract.exchange import Exchange, Failure, Headers, Operation, Outcome, Reply, Request
from cloudmock_contract.proxy.exchanges import LARGE, Exchanges

type MakeFlow = Callable[..., http.HTTPFlow]

_OPERATION = Operation("dynamodb", "PutItem", "json", "dynamodb")
_OK = Reply(200, Headers(()), b"{}")
_DOWN = Reply(503, Headers(()), b"{}")


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """A comparison without rules."""
    return Comparison(Rules(), Behaviours(Services()))


def _asked(flow: http.HTTPFlow, invocation: str = "") -> Asked:
    headers = Headers((("amz-sdk-invocation-id", invocation),)) if invocation else Headers(())
    return Asked(flow.id, datetime.now(tz=UTC), Request("POST", "/", headers, b"{}"), _OPERATION)


class _CloudMock:
    """Replies as it is told, and counts what it is asked."""

    def __init__(self, *replies: Outcome) -> None:
        self.replies = list(replies)
        self.asked = 0

    async def __call__(self, _asked: Asked) -> Outcome:
        await asyncio.sleep(0)
        self.asked += 1
        return self.replies.pop(0) if self.replies else _OK


def _as_it_is(_asked: Asked, reply: Reply) -> Reply:
    return reply


def _ran(work: Callable[[], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        return await work()

    return asyncio.run(run())


def test_an_exchange_ends_once(flow: MakeFlow, comparison: Comparison) -> None:
    """Of two hooks that end a flow one gets the exchange; a flow that is not under way has none."""
    made, cloudmock = flow(), _CloudMock()

    async def work() -> list[Any]:
        exchanges = Exchanges()
        exchanges.begin(made, _asked(made), cloudmock)
        both = await asyncio.gather(*(exchanges.end(made, _OK, comparison, _as_it_is) for _ in range(2)))
        return [*both, await exchanges.end(flow(), _OK, comparison, _as_it_is), exchanges.asked(made)]

    first, *others = _ran(work)

    assert (True, None) == (first[0].verdict.matched, first[1])
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
        exchanges = Exchanges()
        for aws in (first_aws, _OK):
            made = flow()
            exchanges.begin(made, _asked(made, "call-1"), cloudmock)
            ended = await exchanges.end(made, aws, comparison, _as_it_is)
        assert ended
        return ended

    exchange, before = _ran(work)

    assert expected == cloudmock.asked
    assert before is not None
    assert before.aws_status == (first_aws.status if isinstance(first_aws, Reply) else 0)
    assert exchange.verdict.matched


def test_other_calls_are_no_attempts(flow: MakeFlow, comparison: Comparison) -> None:
    """Calls of other ids, and calls without one, are each asked of CloudMock, and take nobody's place."""
    cloudmock = _CloudMock()

    async def work() -> list[Any]:
        exchanges = Exchanges()
        ended = []
        for invocation in ("a", "b", "", ""):
            made = flow()
            exchanges.begin(made, _asked(made, invocation), cloudmock)
            ended.append(await exchanges.end(made, _DOWN, comparison, _as_it_is))
        return ended

    ended = _ran(work)

    assert 4 == cloudmock.asked
    assert [None] * 4 == [before for _, before in ended]


def test_an_attempt_waits_for_the_one_before(flow: MakeFlow, comparison: Comparison) -> None:
    """A second attempt that comes while the first is under way asks CloudMock only once that has ended."""
    first, second, cloudmock = flow(), flow(), _CloudMock()

    async def work() -> int:
        exchanges = Exchanges()
        exchanges.begin(first, _asked(first, "call-1"), cloudmock)
        exchanges.begin(second, _asked(second, "call-1"), cloudmock)
        await asyncio.sleep(0.01)
        asked = cloudmock.asked
        await exchanges.end(first, Failure("The app went away."), comparison, _as_it_is)
        await exchanges.end(second, _OK, comparison, _as_it_is)
        return asked

    assert 1 == _ran(work)
    assert 1 == cloudmock.asked


def test_large_replies_leave_the_event_loop(
    flow: MakeFlow, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long comparison runs in a thread; a short one does not pay for one."""
    import threading

    threads = []

    def conclude(*arguments: Any) -> Exchange:
        threads.append(threading.current_thread() is threading.main_thread())
        return Comparison.conclude(comparison, *arguments)

    async def work() -> None:
        exchanges = Exchanges()
        for size in (1, LARGE):
            made = flow()
            exchanges.begin(made, _asked(made), _CloudMock())
            reply = Reply(200, Headers(()), b"[" + b" " * size + b"]")
            spy = Comparison(comparison.rules, comparison.behaviours)
            monkeypatch.setattr(spy, "conclude", conclude)
            await exchanges.end(made, reply, spy, _as_it_is)

    _ran(work)

    assert [True, False] == threads


def test_what_has_not_ended_is_given_up(flow: MakeFlow) -> None:
    """At the end of a run what takes too long is handed back, and its task is cancelled."""
    made = flow()

    async def never(_asked: Asked) -> Outcome:
        await asyncio.Event().wait()
        return _OK

    async def work() -> tuple[Any, bool]:
        exchanges = Exchanges()
        exchanges.begin(made, _asked(made), never)
        (left,) = await exchanges.drain(0.01)
        await asyncio.sleep(0)
        return left.flow, left.twin.cancelled()

    assert (made, True) == _ran(work)


@pytest.mark.parametrize("where", ["replay", "comparison"])
def test_a_defect_costs_the_finding_and_not_the_exchange(
    flow: MakeFlow,
    comparison: Comparison,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    where: str,
) -> None:
    """Where the program itself fails the exchange ends all the same, as an error that says whose fault it is."""
    made = flow()

    async def failing(_asked: Asked) -> Outcome:
        raise RuntimeError("oops")

    def conclude(asked: Asked, aws: Outcome, cloudmock: Outcome) -> Exchange:
        if aws is _OK:
            raise RuntimeError("oops")
        return Comparison.conclude(comparison, asked, aws, cloudmock)

    async def work() -> Any:
        exchanges = Exchanges()
        exchanges.begin(made, _asked(made), failing if where == "replay" else _CloudMock())
        spy = Comparison(comparison.rules, comparison.behaviours)
        monkeypatch.setattr(spy, "conclude", conclude)
        return await exchanges.end(made, _OK, spy, _as_it_is)

    exchange, _ = _ran(work)

    assert "a defect of its own" in str(exchange.verdict.differences[0])
    assert "oops" in caplog.text
