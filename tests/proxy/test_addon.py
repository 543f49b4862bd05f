"""The addon's hooks, called one by one. That they work together is tested in test_session and end to end."""

import asyncio
import socket
from collections.abc import Callable

import pytest
from mitmproxy import flow, http
from mitmproxy.test import taddons

from cloudmock_contract.proxy.addon import ContractAddon
from cloudmock_contract.proxy.mitm import flows
from cloudmock_contract.settings import Settings
from lab.stand_ins.stand_in import StandIn, reply

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


def test_a_flow_goes_through_all_hooks(addon: ContractAddon, flow: MakeFlow, stand_in: StandIn) -> None:
    """requestheaders and request retarget and sign; response compares, counts, annotates and redacts."""
    made = flow(headers=HEADERS, body=b"{}")

    async def run() -> None:
        await asked(addon, made)
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
        await asked(addon, made)
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
        await asked(addon, made)
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
        await asked(addon, flow(headers=HEADERS, body=b"{}"))
        await addon.done()

    asyncio.run(run())

    assert "had not" in str(addon.report().mismatches[0].verdict.differences[0])


def _error(message: str) -> flow.Error:
    return flow.Error(message)


def through(addon: ContractAddon, made: http.HTTPFlow, aws: StandIn) -> None:
    """The flow's whole way; mitmproxy's part, sending it to AWS, is done by hand."""

    async def run() -> None:
        with taddons.context(addon):
            await asked(addon, made)
            with socket.create_connection(("127.0.0.1", aws.port)) as connection:
                lines = [f"{made.request.method} {made.request.path} HTTP/1.1".encode()]
                lines += [name + b": " + value for name, value in made.request.headers.fields]
                connection.sendall(b"\r\n".join([*lines, b"", b""]) + (made.request.raw_content or b""))
                answer = await asyncio.to_thread(connection.recv, 65536)
            head, _, body = answer.partition(b"\r\n\r\n")
            first, *fields = head.split(b"\r\n")
            pairs = [(name, value.strip()) for name, _, value in (line.partition(b":") for line in fields)]
            made.response = http.Response.make(int(first.split()[1]), body, http.Headers(pairs))
            await addon.response(made)
            await addon.done()

    asyncio.run(run())


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
