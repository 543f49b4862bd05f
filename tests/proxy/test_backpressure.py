"""How long the app waits for a CloudMock that is a little behind."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from mitmproxy import http

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import SdkCatalog
from cloudmock_contract.comparison.comparison import Comparison
from cloudmock_contract.comparison.rules.rules import Rules
from cloudmock_contract.proxy.exchanges import (
    Exchanges,
    PendingExchange,
)
from cloudmock_contract.proxy.sides.http_client import Deadline
from cloudmock_contract.proxy.streams.spool import Spool
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.exchange import Exchange
from cloudmock_contract.values.http import Headers, Outcome, Reply, Request
from cloudmock_contract.values.operation import Operation
from support.calls import call_for

type MakeFlow = Callable[..., http.HTTPFlow]


_OPERATION = Operation("dynamodb", "PutItem", "json", "dynamodb")


_OK = Reply(200, Headers(()), b"{}")


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """A comparison without rules."""
    return Comparison(Rules(), SdkCatalog(Services()))


type Ask = Callable[[Call, Spool | None], Awaitable[Outcome]]


def _call(flow: http.HTTPFlow, invocation: str = "") -> Call:
    headers = Headers((("amz-sdk-invocation-id", invocation),)) if invocation else Headers(())
    return call_for(Request("POST", "/", headers, b"{}"), _OPERATION, id=flow.id)


class _Run:
    """Exchanges under way, and what is recorded of them, in the order in which they end."""

    def __init__(self, comparison: Comparison) -> None:
        self.exchanges = Exchanges(self)
        self.recorded: list[tuple[Exchange, Exchange | None]] = []
        self.compare = comparison.compare
        self._ask: dict[str, Ask] = {}

    async def ask_cloudmock(self, call: Call, _deadline: Deadline, body: Spool | None) -> Outcome:
        return await self._ask[call.id](call, body)

    def record(self, _flow: http.HTTPFlow, exchange: Exchange, superseded: Exchange | None = None) -> None:
        self.recorded.append((exchange, superseded))

    def begin(self, flow: http.HTTPFlow, ask: Ask, invocation: str = "", body: Spool | None = None) -> PendingExchange:
        self._ask[flow.id] = ask
        self.exchanges.begin(flow, _call(flow, invocation), Deadline(5), body)
        pending = self.exchanges.pending(flow)
        assert pending
        return pending

    async def end(self, pending: PendingExchange, aws: Outcome) -> tuple[Exchange, Exchange | None]:
        await self.exchanges.finish(pending, aws)
        return self.recorded[-1]


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

    async def ask(_call: Call, _body: Spool | None) -> Outcome:
        await asyncio.sleep(each)
        return Reply(200, Headers(()), b"{}", seconds)

    async def work() -> tuple[float, float]:
        run = _Run(comparison)
        if seconds:
            run.exchanges._backpressure.measure(_OK, Reply(200, Headers(()), b"", seconds))
        for _ in range(60):
            opened = run.begin(flow(), ask)
            run.exchanges.finish(opened, _OK)
        started = asyncio.get_running_loop().time()
        await run.exchanges.catch_up()
        first = asyncio.get_running_loop().time() - started
        await run.exchanges.catch_up()
        again = asyncio.get_running_loop().time() - started - first
        await run.exchanges._drain(0.01, 0.01)
        return first, again

    first, again = asyncio.run(work())

    assert least <= first < most
    assert again < 0.05
