"""What the app is told where AWS gave no reply."""

import asyncio

import cbor2
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


def test_an_error_is_answered_in_the_notation_of_the_request(addon: ContractAddon, flow: MakeFlow) -> None:
    """An SDK that asks in CBOR reads its errors in it."""
    headers = {
        "Host": "localhost:4577",
        "X-Amz-Target": "Kinesis_20131202.ListStreams",
        "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/kinesis/aws4_request, Signature=0",
        "Content-Type": "application/x-amz-cbor-1.1",
    }
    made = flow(headers=headers, body=b"\xa0")

    async def run() -> None:
        await send(addon, made)
        made.error = _error("connection refused")
        await addon.error(made)
        await addon.done()

    asyncio.run(run())

    assert made.response
    assert "application/x-amz-cbor-1.1" == made.response.headers["content-type"]
    assert "AWSUnreachable" == cbor2.loads(made.response.content or b"")["__type"]


def _error(message: str) -> flow.Error:
    return flow.Error(message)
