"""Flows that go through the addon's hooks by hand, one hook after the other."""

import asyncio
import socket
from collections.abc import Callable

from mitmproxy import http
from mitmproxy.test import taddons

from cloudmock_contract.proxy.addon import ContractAddon
from cloudmock_contract.settings import Settings
from lab.stand_ins.stand_in import StandIn

type MakeFlow = Callable[..., http.HTTPFlow]
type MakeSettings = Callable[..., Settings]

HEADERS = {
    "Host": "localhost:4577",
    "X-Amz-Target": "DynamoDB_20120810.ListTables",
    "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/dynamodb/aws4_request, Signature=0",
}


async def send(addon: ContractAddon, flow: http.HTTPFlow) -> None:
    """The hooks of a request."""
    await addon.requestheaders(flow)
    await addon.request(flow)


def through(addon: ContractAddon, flow: http.HTTPFlow, aws: StandIn) -> None:
    """The flow's whole way; mitmproxy's part, sending it to AWS, is done by hand."""

    async def run() -> None:
        with taddons.context(addon):
            await send(addon, flow)
            with socket.create_connection(("127.0.0.1", aws.port)) as connection:
                lines = [f"{flow.request.method} {flow.request.path} HTTP/1.1".encode()]
                lines += [name + b": " + value for name, value in flow.request.headers.fields]
                connection.sendall(b"\r\n".join([*lines, b"", b""]) + (flow.request.raw_content or b""))
                answer = await asyncio.to_thread(connection.recv, 65536)
            head, _, body = answer.partition(b"\r\n\r\n")
            first, *fields = head.split(b"\r\n")
            pairs = [(name, value.strip()) for name, _, value in (line.partition(b":") for line in fields)]
            flow.response = http.Response.make(int(first.split()[1]), body, http.Headers(pairs))
            await addon.response(flow)
            await addon.wait_recorded()
            await addon.run.cloudmock.close()

    asyncio.run(run())
