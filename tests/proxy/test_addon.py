"""The addon's hooks, called one by one. That they work together is tested in test_session and end to end."""

import asyncio

import pytest
from mitmproxy import flow, http

from cloudmock_contract.proxy.addon import ContractAddon
from cloudmock_contract.proxy.mitm import flows
from lab.stand_ins.stand_in import StandIn, reply
from support.flows import HEADERS, MakeFlow, MakeSettings, send, through


def test_a_flow_goes_through_all_hooks(addon: ContractAddon, flow: MakeFlow, stand_in: StandIn) -> None:
    """requestheaders and request retarget and sign; response compares, counts, annotates and redacts."""
    made = flow(headers=HEADERS, body=b"{}")

    async def run() -> None:
        await send(addon, made)
        assert ("127.0.0.1", 9) == (made.request.host, made.request.port)
        assert "Credential=redacted/" in made.request.headers["authorization"]
        made.response = http.Response.make(200, b'{"TableNames":[]}')
        await addon.response(made)
        await addon.done()

    asyncio.run(run())
    (mismatch,) = addon.report().mismatches

    assert ["TableNames: missing key"] == [str(one) for one in mismatch.verdict.differences]
    assert b"{}" == stand_in.received[0].body
    assert ":red_circle:" == made.marked
    assert "Signature=redacted" in made.request.headers["authorization"]


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_reply_waits_for_its_verdict_where_flows_are_kept(
    addon: ContractAddon, flow: MakeFlow, stand_in: StandIn, *, is_kept: bool
) -> None:
    """Where somebody looks at flows or saves them, they are annotated first; elsewhere the app does not wait."""
    made = flow(headers=HEADERS, body=b"{}")
    addon._keeps_flows = is_kept
    stand_in.delay = 0.2

    async def run() -> tuple[bool, bool]:
        await send(addon, made)
        made.response = http.Response.make(200, b"{}")
        await addon.response(made)
        at_once = flows.METADATA in made.metadata
        await addon.wait_recorded()
        settled = flows.METADATA in made.metadata
        await addon.done()
        return at_once, settled

    assert (is_kept, True) == asyncio.run(run())


def test_a_flow_is_counted_once(addon: ContractAddon, flow: MakeFlow) -> None:
    """An error that follows a response, or a response that comes twice, changes nothing."""
    made = flow(headers=HEADERS, body=b"{}")

    async def run() -> None:
        await send(addon, made)
        made.response = http.Response.make(200, b"{}")
        made.error = _error("late")
        await asyncio.gather(addon.response(made), addon.response(made), addon.error(made))
        await addon.error(made)
        await addon.done()

    asyncio.run(run())

    assert 1 == addon.report().total_requests


def test_what_is_under_way_at_the_end_is_counted(
    addon: ContractAddon, flow: MakeFlow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`done` waits for a while, then counts what has not ended as an error."""
    monkeypatch.setattr("cloudmock_contract.proxy.exchanges.MAX_IDLE_DRAIN_SECONDS", 0.1)

    async def run() -> None:
        await send(addon, flow(headers=HEADERS, body=b"{}"))
        await addon.done()

    asyncio.run(run())

    assert "had not" in str(addon.report().mismatches[0].verdict.differences[0])


def _error(message: str) -> flow.Error:
    return flow.Error(message)


def test_attempts_at_one_call_count_once(
    settings: MakeSettings, flow: MakeFlow, stand_in: StandIn, aws: StandIn
) -> None:
    """AWS fails, the SDK tries again: CloudMock is asked once, and the report has the one exchange that matched."""
    aws.answer = lambda *_: reply(b"{}", "503 Slow Down") if len(aws.received) == 1 else reply(b"{}")
    addon = ContractAddon(settings(cloudmock=stand_in.url, aws_endpoint=aws.url))
    for _ in range(2):
        through(addon, flow(headers={**HEADERS, "amz-sdk-invocation-id": "call-1"}, body=b"{}"), aws)

    assert (2, 1) == (len(aws.received), len(stand_in.received))
    assert (1, 1) == (addon.report().total_requests, addon.report().matched)
