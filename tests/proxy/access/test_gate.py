"""Whether requests may be sent yet."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from cloudmock_contract.aws.credentials.caller_identity import CallerIdentity
from cloudmock_contract.aws.credentials.provider import TEST_CREDENTIALS, CredentialProvider
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.proxy.access import preflight
from cloudmock_contract.proxy.access.gate import Gate
from cloudmock_contract.settings import Settings
from lab.stand_ins.stand_in import StandIn

type MakeSettings = Callable[..., Settings]

WRONG = ConfigurationError("--expect-account: another one")


def refuse(*_: object) -> None:
    raise WRONG


def test_who_was_never_asked_lets_pass() -> None:
    """Without a check there is nothing to wait for: the wrapper has made its own."""
    asyncio.run(Gate().passed())


def test_requests_wait_for_the_result(
    settings: MakeSettings, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing passes before mitmproxy is up and the identity is known, which is told then."""
    found = CallerIdentity("123456789012", "arn:aws:iam::123456789012:user/me", "eu-west-1")
    monkeypatch.setattr(preflight, "check_credentials", lambda *_: found)
    caplog.set_level(logging.INFO)
    refusals: list[str] = []

    async def run() -> bool:
        gate = Gate()
        gate.check(settings(cloudmock=stand_in.url), CredentialProvider(TEST_CREDENTIALS), lambda: refusals.append("x"))
        waiting = asyncio.create_task(gate.passed())
        await asyncio.sleep(0.05)
        had_to_wait = not waiting.done()
        gate.open_when_known()
        await waiting
        return had_to_wait and gate.refusal is None

    assert asyncio.run(run())
    assert [] == refusals
    assert "signing for AWS account 123456789012" in caplog.text


def test_a_refusal_is_told_and_kept(
    settings: MakeSettings, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Credentials that cannot be used are an error, and stay one until a new check finds better ones."""
    monkeypatch.setattr(preflight, "check_credentials", refuse)
    refusals: list[str] = []

    async def run() -> list[ConfigurationError | None]:
        gate = Gate()
        gate.open_when_known()
        found = []
        for _ in range(2):
            gate.check(
                settings(cloudmock=stand_in.url), CredentialProvider(TEST_CREDENTIALS), lambda: refusals.append("x")
            )
            await gate.passed()
            found.append(gate.refusal)
            monkeypatch.setattr(preflight, "check_credentials", lambda *_: None)
        return found

    assert [WRONG, None] == asyncio.run(run())
    assert ["x"] == refusals
    assert "another one" in caplog.text


def test_a_cloudmock_that_is_not_there_yet_is_a_warning(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It may still come, so requests pass."""
    monkeypatch.setattr(preflight, "check_credentials", lambda *_: None)

    async def run() -> ConfigurationError | None:
        gate = Gate()
        gate.open_when_known()
        gate.check(settings(cloudmock="http://127.0.0.1:1"), CredentialProvider(TEST_CREDENTIALS), lambda: None)
        await gate.passed()
        return gate.refusal

    assert asyncio.run(run()) is None
    assert [logging.WARNING] == [record.levelno for record in caplog.records if "nothing answers" in record.message]
