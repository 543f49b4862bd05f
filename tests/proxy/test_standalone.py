"""The addon by itself: options, checks, the report."""

import asyncio
from datetime import UTC, datetime

import pytest
from mitmproxy import exceptions
from mitmproxy.test import taddons

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.proxy.access import preflight
from cloudmock_contract.proxy.standalone import StandaloneAddon
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.operation import Operation
from lab.stand_ins.stand_in import StandIn
from support.flows import HEADERS, MakeFlow, send


def test_a_change_of_options_while_running_is_checked() -> None:
    """In mitmweb's option tab a bad value is refused, a good one is in force at once, and the count goes on."""
    addon = StandaloneAddon()

    async def run() -> None:
        with taddons.context() as context:
            context.options.server = False
            context.master.addons.add(_Proxyserver())
            context.master.addons.add(addon)
            context.options.update(contract_cloudmock="http://localhost:1")
            with pytest.raises(exceptions.OptionsError, match="--cloudmock"):
                context.options.update(contract_cloudmock="nonsense")
            assert "http://localhost:1" == context.options.contract_cloudmock
            addon.run.recorder.add(_exchange())
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


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (HEADERS, b'"__type": "NoCredentials"'),
        (
            {
                "Host": "localhost:4577",
                "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/s3/aws4_request, Signature=0",
            },
            b"<Code>NoCredentials</Code>",
        ),
    ],
    ids=["json", "xml"],
)
def test_after_a_failed_check_all_requests_are_refused(
    flow: MakeFlow,
    stand_in: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    headers: dict[str, str],
    expected: bytes,
) -> None:
    """Where the proxy cannot be ended, no request leaves it, and each is told why in its service's protocol."""

    def fail(*_: object) -> None:
        raise ConfigurationError("--expect-account: these credentials are another account's.")

    monkeypatch.setattr(preflight, "check_credentials", fail)
    addon = StandaloneAddon()
    made = flow(headers=headers, body=b"{}")

    async def run() -> None:
        with taddons.context() as context:
            context.options.server = False
            context.master.addons.add(_Proxyserver())
            context.master.addons.add(addon)
            context.options.update(
                contract_cloudmock=stand_in.url, contract_aws_endpoint="http://127.0.0.1:9", contract_output=""
            )
            addon.running()
            await send(addon, made)

    asyncio.run(run())

    assert made.response
    assert 400 == made.response.status_code
    assert expected in (made.response.raw_content or b"")
    assert b"--expect-account: these credentials are another account" in (made.response.raw_content or b"")
    assert [] == stand_in.received
    assert 1 == addon.report().total_requests
    assert "--expect-account" in caplog.text
