"""Whose credentials they are, asked of a server that stands as AWS's STS."""

import socket
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.credentials.botocore_config import session
from cloudmock_contract.aws.credentials.caller_identity import (
    CallerIdentity,
    caller_identity,
    check_account,
    check_is_real,
)
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.errors import ConfigurationError
from lab.aws_verifier.signatures import Key
from lab.stand_ins import servers
from lab.stand_ins.redirection.sitecustomize import redirected
from lab.stand_ins.verifying_server import VerifyingServer

LASTING = Credentials("AKIALASTINGKEY", "a-lasting-secret")
PASSING = Credentials("ASIAPASSINGKEY", "a-passing-secret", "a/passing+token==")
KEYS = {
    credentials.access_key: Key(credentials.access_key, credentials.secret_key, credentials.token or "")
    for credentials in (LASTING, PASSING)
}


@pytest.fixture(scope="module")
def server() -> Iterator[VerifyingServer]:
    """A server with AWS's host names, which verifies signatures."""
    with servers.moto() as moto, VerifyingServer(KEYS, moto.port) as verifying:
        yield verifying


@pytest.fixture
def aws(server: VerifyingServer, monkeypatch: pytest.MonkeyPatch) -> VerifyingServer:
    """AWS as this process reaches it."""
    monkeypatch.setattr(socket, "getaddrinfo", redirected(socket.getaddrinfo, server.port))
    monkeypatch.setenv("AWS_CA_BUNDLE", str(server.ca_file))
    monkeypatch.setattr(server, "clock", lambda: datetime.now(UTC))
    server.accepted.clear()
    server.refused.clear()
    return server


@pytest.mark.parametrize(
    ("key", "is_placeholder"),
    [
        ("", True),
        ("test", True),
        ("TEST", True),
        ("testing", True),
        ("mock", True),
        ("mocked", True),
        ("fake", True),
        ("foo", True),
        ("bar", True),
        ("dummy", True),
        ("local", True),
        ("localstack", True),
        ("cloudmock", True),
        ("none", True),
        ("key", True),
        ("accesskey", True),
        ("accessKeyId", True),
        ("access_key", True),
        ("ACCESS_KEY_ID", True),
        ("AKIAIOSFODNN7EXAMPLE", True),
        ("ASIAIOSFODNN7EXAMPLE", True),
        ("LKIAQAAAAAAAAAAAAAAA", True),
        ("LSIAQAAAAAAAAAAAAAAA", True),
        ("AKIA2E0A8F3B244C9986", False),
        ("ASIA2E0A8F3B244C9986", False),
        ("AKIAEXAMPLEXXXXXXXXX", False),
        ("AKIALASTINGKEY", False),
        ("tester", False),
        ("mykey", False),
        ("test2", False),
    ],
)
def test_placeholders_are_told_from_keys(key: str, *, is_placeholder: bool) -> None:
    """What documentation and emulators use is nobody's, in any case; what could be somebody's is asked of AWS."""
    if is_placeholder:
        with pytest.raises(ConfigurationError, match=r"placeholder.*AWS_PROFILE.*--aws-endpoint URL"):
            check_is_real(Credentials(key, "secret"))
    else:
        check_is_real(Credentials(key, "secret"))


@given(
    st.sampled_from(("AKIA", "ASIA")),
    st.text(string.ascii_uppercase + "234567", min_size=16, max_size=16).filter(
        lambda text: not text.endswith("EXAMPLE")
    ),
)
def test_any_key_of_awss_is_taken_for_real(prefix: str, rest: str) -> None:
    """No key id that AWS gives out is a placeholder."""
    check_is_real(Credentials(prefix + rest, "secret"))


def test_the_secret_is_not_told() -> None:
    """The message names the key id, which is no secret, and nothing else."""
    with pytest.raises(ConfigurationError) as caught:
        check_is_real(Credentials("test", "the-secret", "the-token"))

    assert "'test'" in str(caught.value)
    assert "the-" not in str(caught.value)


@pytest.mark.parametrize("credentials", [LASTING, PASSING], ids=["lasting", "passing"])
def test_aws_says_who_the_caller_is(aws: VerifyingServer, credentials: Credentials) -> None:
    """With and without a session token, STS is asked once, in the region, with a signature that is right there."""
    caller = caller_identity(session(), credentials, "eu-west-1")

    assert ("123456789012", "eu-west-1") == (caller.account, caller.region)
    assert caller.arn.startswith("arn:aws:sts::123456789012:")
    assert ["sts.eu-west-1.amazonaws.com"] == [seen.host for seen in aws.accepted]
    assert [] == aws.refused


@pytest.mark.parametrize(
    ("given_region", "configured", "expected"),
    [("eu-west-1", "ap-south-1", "eu-west-1"), ("", "ap-south-1", "ap-south-1"), ("", "", "us-east-1")],
)
def test_aws_is_asked_in_the_region_of_the_run(
    aws: VerifyingServer, monkeypatch: pytest.MonkeyPatch, given_region: str, configured: str, expected: str
) -> None:
    """The given region comes before the configured one, and that before the default."""
    if configured:
        monkeypatch.setenv("AWS_DEFAULT_REGION", configured)

    assert expected == caller_identity(session(), LASTING, given_region).region
    assert [f"sts.{expected}.amazonaws.com"] == [seen.host for seen in aws.accepted]


def test_the_credentials_are_those_that_are_given(aws: VerifyingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not what the environment has, nor its endpoint."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "another")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    caller_identity(session(), LASTING, "eu-west-1")

    assert ["AKIALASTINGKEY"] == [seen.verification.access_key for seen in aws.accepted]


def test_a_wrong_secret_is_named(aws: VerifyingServer) -> None:
    """A secret of another key is told with what may be wrong, and without the secret."""
    wrong = Credentials(LASTING.access_key, "not-its-secret")
    with pytest.raises(ConfigurationError, match=r"\(SignatureDoesNotMatch\).*secret key does not belong") as caught:
        caller_identity(session(), wrong, "eu-west-1")

    assert "not-its-secret" not in str(caught.value)
    assert ["SignatureDoesNotMatch"] == [seen.verification.code for seen in aws.refused]


def test_a_wrong_clock_is_named(aws: VerifyingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose clock is off is told so."""
    monkeypatch.setattr(aws, "clock", lambda: datetime.now(UTC) + timedelta(hours=1))

    with pytest.raises(ConfigurationError, match=r"\(RequestTimeTooSkewed\).*clock is wrong: set it"):
        caller_identity(session(), LASTING, "eu-west-1")


class _Stubbed:
    """A session whose STS answers with this error."""

    def __init__(self, code: str) -> None:
        self._session, self._code = session(), code

    def create_client(self, *arguments: Any, **options: Any) -> Any:
        client = self._session.create_client(*arguments, **options)
        stub = Stubber(client)
        stub.add_client_error("get_caller_identity", self._code, "AWS's own words")
        stub.activate()
        return client


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("ExpiredToken", "aws sso login"),
        ("ExpiredTokenException", "assume the role again"),
        ("InvalidClientTokenId", "wrong, deleted, or of another partition"),
        ("SignatureDoesNotMatch", "secret key does not belong"),
        ("RequestTimeTooSkewed", "clock is wrong"),
        ("AccessDenied", "--no-preflight"),
        ("SomethingNew", "--no-preflight"),
    ],
)
def test_each_refusal_has_its_remedy(code: str, remedy: str) -> None:
    """What AWS refuses is named by its code, with what to do about it."""
    with pytest.raises(ConfigurationError, match=f"AWS does not accept the credentials \\({code}\\)") as caught:
        caller_identity(_Stubbed(code), PASSING, "eu-west-1")

    assert remedy in str(caught.value)


def test_aws_that_cannot_be_reached_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network the user reads so, with the way around."""
    monkeypatch.setattr(socket, "getaddrinfo", redirected(socket.getaddrinfo, servers.free_port()))

    with pytest.raises(ConfigurationError, match=r"cannot be asked whose.*sts\.eu-west-1.*--no-preflight"):
        caller_identity(session(), LASTING, "eu-west-1")


def test_certificates_that_do_not_fit_are_named(aws: VerifyingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has the host name without its certificate is not asked."""
    monkeypatch.delenv("AWS_CA_BUNDLE")

    with pytest.raises(ConfigurationError, match=r"cannot be asked whose.*SSL"):
        caller_identity(session(), LASTING, "eu-west-1")
    assert [] == aws.accepted + aws.refused


def test_a_region_that_cannot_be_is_named() -> None:
    """A region that makes no host name is the user's error."""
    with pytest.raises(ConfigurationError, match="cannot be asked whose"):
        caller_identity(session(), LASTING, "no region/")


FOUND = CallerIdentity("123456789012", "arn:aws:iam::123456789012:user/u", "eu-west-1")


def test_an_identity_is_a_line() -> None:
    """Account, who, and where."""
    expected = "AWS account 123456789012 as arn:aws:iam::123456789012:user/u, region eu-west-1"

    assert expected == str(FOUND)


@pytest.mark.parametrize("expected", [("123456789012",), ("234567890123", "123456789012"), ()])
def test_the_expected_account_is_right(expected: tuple[str, ...]) -> None:
    """The account is one of those that were expected, or any where none was."""
    check_account(FOUND, expected)


@pytest.mark.parametrize(
    ("expected", "named"),
    [
        (("123456789013",), "123456789013"),
        (("12345678901",), "12345678901"),
        (("0",), "0"),
        (("111111111111", "222222222222"), "111111111111 or 222222222222"),
    ],
)
def test_another_account_stops_the_run(expected: tuple[str, ...], named: str) -> None:
    """The message names all accounts, who the caller is, and that nothing was sent."""
    with pytest.raises(
        ConfigurationError, match=rf"--expect-account: .*account 123456789012 \(.*user/u\), not of {named}\. Nothing"
    ):
        check_account(FOUND, expected)
