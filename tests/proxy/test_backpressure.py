"""How long the app waits for a CloudMock that is a little behind."""

import asyncio
from collections.abc import Callable

import pytest
from mitmproxy import http

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import SdkCatalog
from cloudmock_contract.comparison.comparison import Comparison
from cloudmock_contract.comparison.rules.rules import Rules
from cloudmock_contract.proxy.streams.spool import Spool
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.http import Headers, Outcome, Reply
from support.pending_exchanges import OK, PendingExchanges

type MakeFlow = Callable[..., http.HTTPFlow]


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """A comparison without rules."""
    return Comparison(Rules(), SdkCatalog(Services()))


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
        run = PendingExchanges(comparison)
        if seconds:
            run.exchanges._backpressure.measure(OK, Reply(200, Headers(()), b"", seconds))
        for _ in range(60):
            opened = run.begin(flow(), ask)
            run.exchanges.finish(opened, OK)
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
