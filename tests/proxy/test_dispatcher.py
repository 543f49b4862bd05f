"""The way of a call to both sides."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from mitmproxy import http

from cloudmock_contract.proxy.addon import ContractAddon
from cloudmock_contract.proxy.streams.offload import MIN_OFFLOADED_BYTES
from lab.stand_ins.stand_in import StandIn
from support.flows import HEADERS, MakeFlow, send


@pytest.mark.parametrize(("size", "is_beside"), [(MIN_OFFLOADED_BYTES - 1, False), (MIN_OFFLOADED_BYTES, True)])
def test_a_large_body_is_made_out_and_signed_beside_the_event_loop(
    addon: ContractAddon, flow: MakeFlow, monkeypatch: pytest.MonkeyPatch, size: int, *, is_beside: bool
) -> None:
    """Hashing and signing it, for AWS and for CloudMock, would hold up every other flow."""
    made = flow(headers=HEADERS, body=b" " * size)
    seen: list[bool] = []

    def watched(work: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            seen.append(threading.current_thread() is not threading.main_thread())
            return work(*arguments, **named)

        return call

    for of, name in (
        (addon.run, "read"),
        (addon.run.access, "client_denial"),
        (addon.run.aws, "identify"),
        (addon.run.aws, "address"),
        (addon.run.aws, "sign"),
        (addon.run.cloudmock, "copy_of"),
    ):
        monkeypatch.setattr(of, name, watched(getattr(of, name)))

    async def run() -> None:
        await addon.requestheaders(flow(headers=HEADERS))
        seen.clear()
        await addon.request(made)
        made.response = http.Response.make(200, b"{}")
        await addon.response(made)
        await addon.done()

    asyncio.run(run())

    assert [is_beside] * 6 == seen


def test_a_flow_that_another_addon_answered_is_left_alone(
    addon: ContractAddon, flow: MakeFlow, stand_in: StandIn
) -> None:
    """A request that does not go to AWS does not go to CloudMock either, and is not counted."""
    made = flow(headers=HEADERS, status_code=200)

    async def run() -> None:
        await send(addon, made)
        await addon.response(made)
        await addon.done()

    asyncio.run(run())

    assert [] == stand_in.received
    assert 0 == addon.report().total_requests


def test_a_page_of_the_emulators_own_goes_to_it_alone(addon: ContractAddon, flow: MakeFlow, stand_in: StandIn) -> None:
    """A health check is CloudMock's to answer: AWS does not see it, nothing is replayed, nothing is counted."""
    made = flow("GET", "/_localstack/health?a=1", {"Host": "localhost:4577", "X-A": "1"})

    async def run() -> None:
        await send(addon, made)
        made.response = http.Response.make(200, b"{}")
        await addon.response(made)
        await addon.done()

    asyncio.run(run())

    assert stand_in.url == f"{made.request.scheme}://{made.request.host}:{made.request.port}"
    assert ("/_localstack/health?a=1", "1") == (made.request.path, made.request.headers["x-a"])
    assert "authorization" not in made.request.headers
    assert [] == stand_in.received
    assert 0 == addon.report().total_requests


def test_nothing_is_sent_after_the_end(addon: ContractAddon, flow: MakeFlow, stand_in: StandIn) -> None:
    """A call that comes when the run has ended, and would not be in its report, goes nowhere."""
    late = flow(headers=HEADERS, body=b"{}")

    async def run() -> None:
        await addon.done()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await send(addon, late)

    asyncio.run(run())

    assert late.response is None
    assert "aws.invalid" == late.request.host
    assert [] == stand_in.received
    assert 0 == addon.report().total_requests
