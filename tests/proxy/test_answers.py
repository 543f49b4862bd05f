"""What the app is told where AWS gave no reply."""

import asyncio
from collections.abc import Callable

import pytest
from mitmproxy import flow, http
from mitmproxy.test import taddons

from cloudmock_contract.proxy.addon import ContractAddon
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.difference import Severity
from lab.stand_ins.stand_in import StandIn

type MakeFlow = Callable[..., http.HTTPFlow]


type MakeSettings = Callable[..., Settings]


HEADERS = {
    "Host": "localhost:4577",
    "X-Amz-Target": "DynamoDB_20120810.ListTables",
    "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/dynamodb/aws4_request, Signature=0",
}


@pytest.fixture
def addon(settings: MakeSettings, stand_in: StandIn) -> ContractAddon:
    """An addon with settings of its own, loaded, whose CloudMock is the stand-in."""
    made = ContractAddon(settings(cloudmock=stand_in.url))
    with taddons.context(made):
        return made


async def asked(addon: ContractAddon, made: http.HTTPFlow) -> None:
    await addon.requestheaders(made)
    await addon.request(made)


def test_an_error_is_answered_in_the_services_protocol(addon: ContractAddon, flow: MakeFlow) -> None:
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


def _error(message: str) -> flow.Error:
    return flow.Error(message)
