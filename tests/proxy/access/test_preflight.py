"""What is found out before a run."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from cloudmock_contract.aws.credentials.caller_identity import CallerIdentity
from cloudmock_contract.aws.credentials.provider import TEST_CREDENTIALS, CredentialProvider, Credentials
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.proxy.access import preflight
from cloudmock_contract.proxy.access.preflight import (
    Gate,
    check_all_credentials,
    check_credentials,
    check_surroundings,
)
from cloudmock_contract.settings import Settings
from lab.stand_ins.stand_in import StandIn

type MakeSettings = Callable[..., Settings]

AWS = {"aws_endpoint": ""}
USER = "arn:aws:iam::123456789012:user/somebody"


def test_nothing_is_missing(settings: MakeSettings, stand_in: StandIn, tmp_path: Path) -> None:
    """With CloudMock running and a writable output there is nothing to say, no file is left, and nothing is sent."""
    check_surroundings(settings(cloudmock=stand_in.url, output=str(tmp_path / "r.json")))

    assert [] == list(tmp_path.iterdir())
    assert [] == stand_in.received


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://no-such-host.invalid:4566", "http://a..b:4566"])
def test_cloudmock_is_not_there(settings: MakeSettings, tmp_path: Path, url: str) -> None:
    """A CloudMock that does not answer is named with its option and what to do."""
    with pytest.raises(ConfigurationError, match=r"--cloudmock: nothing answers at .*Start CloudMock"):
        check_surroundings(settings(cloudmock=url, output=str(tmp_path / "r.json")))


def test_the_output_cannot_be_written(settings: MakeSettings, stand_in: StandIn, tmp_path: Path) -> None:
    """An output in a folder that is not there is named before the run."""
    with pytest.raises(ConfigurationError, match="--output"):
        check_surroundings(settings(cloudmock=stand_in.url, output=str(tmp_path / "no" / "r.json")))


@pytest.mark.parametrize("option", ["journal", "cleanup"])
def test_another_file_cannot_be_written(settings: MakeSettings, stand_in: StandIn, tmp_path: Path, option: str) -> None:
    """A place where no file can be made is named with its own option, and not found out at the end of the run."""
    values = {"cloudmock": stand_in.url, "output": str(tmp_path / "r.json"), option: str(tmp_path / "no" / "file")}

    with pytest.raises(ConfigurationError, match=rf"^--{option}: .*no/file cannot be written"):
        check_surroundings(settings(**values))


def test_the_place_beside_the_report_is_taken(settings: MakeSettings, stand_in: StandIn, tmp_path: Path) -> None:
    """A journal that the user did not ask for is named with the option that decides where it is."""
    (tmp_path / "r.json.journal").mkdir()

    with pytest.raises(ConfigurationError, match=r"^--output: .*r\.json\.journal is a directory"):
        check_surroundings(settings(cloudmock=stand_in.url, output=str(tmp_path / "r.json")))


def test_no_report_needs_no_place(settings: MakeSettings, stand_in: StandIn) -> None:
    """A run that writes no file needs CloudMock alone, and no credentials yet."""
    check_surroundings(settings(cloudmock=stand_in.url, output="", cleanup="", **AWS))

    with pytest.raises(ConfigurationError, match="--cloudmock"):
        check_surroundings(settings(cloudmock="http://127.0.0.1:1", output="", cleanup="", **AWS))


@pytest.mark.parametrize("values", [{}, AWS, {**AWS, "no_preflight": True}])
def test_there_are_no_credentials(settings: MakeSettings, values: dict[str, object]) -> None:
    """Missing credentials are named before the run, whoever is or is not asked about them."""
    with pytest.raises(ConfigurationError, match="No AWS credentials"):
        check_credentials(settings(**values), CredentialProvider())


def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Credentials, str]]:
    """What AWS is asked, in place of which this test answers."""
    questions = []

    def caller(_session: object, credentials: Credentials, region: str) -> CallerIdentity:
        questions.append((credentials, region))
        return CallerIdentity("123456789012", USER, region or "us-east-1")

    monkeypatch.setattr(preflight, "caller_identity", caller)
    return questions


def give_keys(monkeypatch: pytest.MonkeyPatch, access_key: str) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def test_another_endpoint_is_not_asked(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside another endpoint placeholders will do, and AWS is not asked whose they are."""
    questions = asked(monkeypatch)

    assert check_credentials(settings(), CredentialProvider(TEST_CREDENTIALS)) is None
    assert [] == questions


@pytest.mark.parametrize(("region", "expected"), [("", "us-east-1"), ("eu-west-1", "eu-west-1")])
def test_aws_says_whose_the_credentials_are(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, region: str, expected: str
) -> None:
    """AWS is asked once, with the credentials of the run and in its region."""
    questions = asked(monkeypatch)
    give_keys(monkeypatch, "AKIASOMEBODYS")
    found = check_credentials(settings(**AWS, region=region), CredentialProvider())

    assert CallerIdentity("123456789012", USER, expected) == found
    assert [(Credentials("AKIASOMEBODYS", "secret"), region)] == questions


def test_aws_is_not_asked_if_the_user_says_so(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --no-preflight the credentials are loaded and nobody is asked about them."""
    questions = asked(monkeypatch)
    give_keys(monkeypatch, "AKIASOMEBODYS")
    source = CredentialProvider()

    assert check_credentials(settings(**AWS, no_preflight=True), source) is None
    assert Credentials("AKIASOMEBODYS", "secret") == source.current
    assert [] == questions


@pytest.mark.parametrize("no_preflight", [False, True])
def test_placeholders_are_no_credentials_for_aws(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, no_preflight: bool
) -> None:
    """Keys that emulators are given are refused before AWS is asked, and also if it is not to be asked."""
    questions = asked(monkeypatch)
    give_keys(monkeypatch, "test")

    with pytest.raises(ConfigurationError, match="'test' is a placeholder"):
        check_credentials(settings(**AWS, no_preflight=no_preflight), CredentialProvider())
    assert [] == questions


def test_the_expected_account_is_the_one(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of an expected account, however it is written, are as good as any."""
    asked(monkeypatch)
    give_keys(monkeypatch, "AKIASOMEBODYS")
    found = check_credentials(settings(**AWS, expect_account="999999999999,1234-5678-9012"), CredentialProvider())

    assert CallerIdentity("123456789012", USER, "us-east-1") == found


def test_another_account_is_refused(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of an account that was not meant end the run before it starts, and the message names both."""
    asked(monkeypatch)
    give_keys(monkeypatch, "AKIASOMEBODYS")

    with pytest.raises(
        ConfigurationError, match=r"^--expect-account: .*123456789012.* not of 999999999999 or 888888888888"
    ):
        check_credentials(settings(**AWS, expect_account="999999999999,888888888888"), CredentialProvider())


WRONG = ConfigurationError("--expect-account: another one")


def profiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user's file with two profiles."""
    file = tmp_path / "credentials"
    lines = ("[default]", "aws_access_key_id=AKIAONE", "aws_secret_access_key=s", "[second]")
    file.write_text("\n".join((*lines, "aws_access_key_id=AKIATWO", "aws_secret_access_key=s", "")), encoding="utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))


def test_all_credentials_are_asked_of(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Those of --credentials too; the main ones come first."""
    questions = asked(monkeypatch)
    profiles(monkeypatch, tmp_path)
    mapped = {"AKIAAPP": CredentialProvider(profile="second")}
    callers = check_all_credentials(settings(**AWS), CredentialProvider(), mapped)

    assert ["AKIAONE", "AKIATWO"] == list(callers)
    assert ["AKIAONE", "AKIATWO"] == [credentials.access_key for credentials, _ in questions]


@pytest.mark.parametrize(
    ("profile", "account", "expected"),
    [
        ("third", "123456789012", r"--credentials, profile third: .*could not be found"),
        ("second", "999999999999", "--expect-account"),
    ],
)
def test_credentials_that_cannot_be_used_are_named_by_their_profile(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, profile: str, account: str, expected: str
) -> None:
    """No run starts that would sign with credentials of an account that was not meant."""
    asked(monkeypatch)
    profiles(monkeypatch, tmp_path)
    mapped = {"AKIAAPP": CredentialProvider(profile=profile)}

    with pytest.raises(ConfigurationError, match=expected):
        check_all_credentials(settings(**AWS, expect_account=account), CredentialProvider(), mapped)


def test_an_account_is_expected_of_all_credentials(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """If those of --credentials belong to another one, nothing is sent."""

    def caller(_session: object, credentials: Credentials, region: str) -> CallerIdentity:
        account = {"AKIAONE": "123456789012", "AKIATWO": "999999999999"}[credentials.access_key]
        return CallerIdentity(account, f"arn:aws:iam::{account}:user/u", region)

    monkeypatch.setattr(preflight, "caller_identity", caller)
    profiles(monkeypatch, tmp_path)
    mapped = {"AKIAAPP": CredentialProvider(profile="second")}

    with pytest.raises(ConfigurationError, match=r"--credentials, profile second: --expect-account: .*999999999999"):
        check_all_credentials(settings(**AWS, expect_account="123456789012"), CredentialProvider(), mapped)


def fail(*_: object) -> None:
    raise WRONG


def test_who_was_never_asked_lets_pass() -> None:
    """Without a check there is nothing to wait for: the wrapper has made its own."""
    asyncio.run(Gate().wait_until_known())


def test_requests_wait_for_the_result(
    settings: MakeSettings, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing passes before mitmproxy is up and the identity is known, which is told then."""
    caller = CallerIdentity("123456789012", "arn:aws:iam::123456789012:user/me", "eu-west-1")
    monkeypatch.setattr(preflight, "check_credentials", lambda *_: caller)
    caplog.set_level(logging.INFO)
    ends: list[str] = []
    known: dict[str, CallerIdentity] = {}

    async def run() -> bool:
        gate = Gate()
        source = CredentialProvider(TEST_CREDENTIALS)
        source.load()
        gate.check(settings(cloudmock=stand_in.url), source, lambda: ends.append("x"), on_known=known.update)
        waiting = asyncio.create_task(gate.wait_until_known())
        await asyncio.sleep(0.05)
        had_to_wait = not waiting.done()
        gate.open_when_known()
        await waiting
        return had_to_wait and gate.error is None

    assert asyncio.run(run())
    assert [] == ends
    assert {"test": caller} == known
    assert "signing for AWS account 123456789012" in caplog.text


def test_a_refusal_is_told_and_kept(
    settings: MakeSettings, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Credentials that cannot be used are an error, and stay one until a new check finds better ones."""
    monkeypatch.setattr(preflight, "check_credentials", fail)
    ends: list[str] = []

    async def run() -> list[ConfigurationError | None]:
        gate = Gate()
        gate.open_when_known()
        errors = []
        for _ in range(2):
            gate.check(settings(cloudmock=stand_in.url), CredentialProvider(TEST_CREDENTIALS), lambda: ends.append("x"))
            await gate.wait_until_known()
            errors.append(gate.error)
            monkeypatch.setattr(preflight, "check_credentials", lambda *_: None)
        return errors

    assert [WRONG, None] == asyncio.run(run())
    assert ["x"] == ends
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
        await gate.wait_until_known()
        return gate.error

    assert asyncio.run(run()) is None
    assert [logging.WARNING] == [record.levelno for record in caplog.records if "nothing answers" in record.message]
