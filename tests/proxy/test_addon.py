"""The addon's hooks, called one by one. That they work together is tested in test_session and end to end."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from mitmproxy import exceptions, flow, http
from mitmproxy.test import taddons

from cloudmock_contract.exchange import Exchange, Operation, Severity, Verdict
from cloudmock_contract.proxy.addon import Contract
from cloudmock_contract.settings import Settings
from stand_in import StandIn

type MakeFlow = Callable[..., http.HTTPFlow]
type MakeSettings = Callable[..., Settings]

HEADERS = {
    "Host": "localhost:4577",
    "X-Amz-Target": "DynamoDB_20120810.ListTables",
    "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/dynamodb/aws4_request, Signature=0",
}


@pytest.fixture
def addon(settings: MakeSettings, stand_in: StandIn) -> Contract:
    """An addon with settings of its own, loaded, whose CloudMock is the stand-in."""
    made = Contract(settings(cloudmock=stand_in.url))
    with taddons.context(made):
        return made


async def asked(addon: Contract, made: http.HTTPFlow) -> None:
    await addon.requestheaders(made)
    addon.request(made)


def test_a_flow_goes_through_all_hooks(addon: Contract, flow: MakeFlow, stand_in: StandIn) -> None:
    """requestheaders and request retarget and sign; response compares, counts, annotates and redacts."""
    made = flow(headers=HEADERS, body=b"{}")

    async def run() -> None:
        await asked(addon, made)
        assert ("127.0.0.1", 9) == (made.request.host, made.request.port)
        assert "Credential=test/" in made.request.headers["authorization"]
        made.response = http.Response.make(200, b'{"TableNames":[]}')
        await addon.response(made)
        await addon.done()

    asyncio.run(run())
    (mismatch,) = addon.report().mismatches

    assert ["TableNames: missing key"] == [str(one) for one in mismatch.verdict.differences]
    assert b"{}" == stand_in.received[0].body
    assert ":red_circle:" == made.marked
    assert "Signature=redacted" in made.request.headers["authorization"]


def test_a_flow_is_counted_once(addon: Contract, flow: MakeFlow) -> None:
    """An error that follows a response, or a response that comes twice, changes nothing."""
    made = flow(headers=HEADERS, body=b"{}")

    async def run() -> None:
        await asked(addon, made)
        made.response = http.Response.make(200, b"{}")
        made.error = _error("late")
        await asyncio.gather(addon.response(made), addon.response(made), addon.error(made))
        await addon.error(made)
        await addon.done()

    asyncio.run(run())

    assert 1 == addon.report().total_requests


def test_a_flow_that_another_addon_answered_is_left_alone(addon: Contract, flow: MakeFlow, stand_in: StandIn) -> None:
    """A request that does not go to AWS does not go to CloudMock either, and is not counted."""
    made = flow(headers=HEADERS, status_code=200)

    async def run() -> None:
        await asked(addon, made)
        await addon.response(made)
        await addon.done()

    asyncio.run(run())

    assert [] == stand_in.received
    assert 0 == addon.report().total_requests


def test_an_error_is_answered_in_the_services_protocol(addon: Contract, flow: MakeFlow) -> None:
    """When AWS gave no reply the flow gets one that the app's SDK understands, and counts as an error."""
    made = flow(headers=HEADERS, body=b"{}")

    async def run() -> None:
        await asked(addon, made)
        made.error = _error("connection refused")
        await addon.error(made)
        await addon.done()

    asyncio.run(run())

    assert made.response
    assert (502, "AWSUnreachable") == (made.response.status_code, made.response.json()["__type"])
    assert Severity.ERROR is addon.report().mismatches[0].verdict.severity


def test_what_is_under_way_at_the_end_is_counted(
    addon: Contract, flow: MakeFlow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`done` waits for a while, then counts what has not ended as an error."""
    monkeypatch.setattr("cloudmock_contract.proxy.addon.DRAIN_SECONDS", 0.1)

    async def run() -> None:
        await asked(addon, flow(headers=HEADERS, body=b"{}"))
        await addon.done()

    asyncio.run(run())

    assert "had not" in str(addon.report().mismatches[0].verdict.differences[0])


def test_a_change_of_options_while_running_is_checked() -> None:
    """In mitmweb's option tab a bad value is refused, a good one is in force at once, and the count goes on."""
    addon = Contract()

    async def run() -> None:
        with taddons.context() as context:
            context.options.server = False
            context.master.addons.add(_Proxyserver())
            context.master.addons.add(addon)
            context.options.update(contract_cloudmock="http://localhost:1")
            with pytest.raises(exceptions.OptionsError, match="--cloudmock"):
                context.options.update(contract_cloudmock="nonsense")
            assert "http://localhost:1" == context.options.contract_cloudmock
            addon._tally.add(_exchange())
            context.options.update(contract_cloudmock="http://localhost:2")

    asyncio.run(run())

    assert ("http://localhost:2", 1) == (addon.report().run.cloudmock, addon.report().total_requests)


def _exchange() -> Exchange:
    operation = Operation("dynamodb", "ListTables", "json", "dynamodb")
    return Exchange("1", datetime.now(tz=UTC), operation, "POST", "/", 200, 200, 0.1, 0.1, "", "", Verdict())


class _Proxyserver:
    """Takes the place of mitmproxy's own, which has options and sockets."""

    name = "proxyserver"
    is_running = True


def _error(message: str) -> flow.Error:
    return flow.Error(message)
