"""What the app is told where AWS gave no reply."""

import asyncio

from mitmproxy import flow

from cloudmock_contract.proxy.addon import ContractAddon
from cloudmock_contract.values.difference import Severity
from support.flows import HEADERS, MakeFlow, send


def test_an_error_is_answered_in_the_services_protocol(addon: ContractAddon, flow: MakeFlow) -> None:
    """When AWS gave no reply the flow gets one that the app's SDK understands, and counts as an error."""
    made = flow(headers=HEADERS, body=b"{}")

    async def run() -> None:
        await send(addon, made)
        made.error = _error("connection refused")
        await addon.error(made)
        await addon.done()

    asyncio.run(run())

    assert made.response
    assert (502, "AWSUnreachable") == (made.response.status_code, made.response.json()["__type"])
    assert Severity.ERROR is addon.report().mismatches[0].verdict.severity


def _error(message: str) -> flow.Error:
    return flow.Error(message)
