"""Where the credentials of the AWS side come from."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cloudmock_contract.aws.credentials.provider import TEST_CREDENTIALS, CredentialProvider, Credentials
from cloudmock_contract.errors import ConfigurationError

ROLE = """
[default]
region = eu-west-1
role_arn = arn:aws:iam::123456789012:role/somebody
source_profile = base
{line}
[profile base]
aws_access_key_id = AKIABASE
aws_secret_access_key = base-secret
"""


SIGN_ON = """
[default]
sso_session = somewhere
sso_account_id = 123456789012
sso_role_name = somebody
[sso-session somewhere]
sso_region = us-east-1
sso_start_url = https://sso.invalid
"""


def write_config(text: str) -> None:
    """What ~/.aws/config says in this test."""
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(text, encoding="utf-8")


def write_process(folder: Path, key: str, minutes: float) -> None:
    """Credentials that end so many minutes from now, as a program prints them."""
    end = datetime.now(tz=UTC) + timedelta(minutes=minutes)
    printed = {
        "Version": 1,
        "AccessKeyId": key,
        "SecretAccessKey": "printed-secret",
        "SessionToken": "printed-token",
        "Expiration": end.isoformat(),
    }
    (folder / "printed.json").write_text(json.dumps(printed), encoding="utf-8")
    write_config(f"[default]\ncredential_process = cat {folder / 'printed.json'}\n")


def test_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and token of the environment are found."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")

    assert Credentials("AKIAENVIRONMENT", "secret", "token") == CredentialProvider().load()


def test_long_lived_keys_have_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's own keys come without a session token."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    assert CredentialProvider().load().token is None


def test_come_from_the_profile_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_PROFILE chooses among the user's profiles."""
    write_config(
        "[default]\naws_access_key_id = A\naws_secret_access_key = a\n"
        "[profile work]\naws_access_key_id = B\naws_secret_access_key = b\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "work")

    assert Credentials("B", "b") == CredentialProvider().load()


TWO_PROFILES = (
    "[default]\naws_access_key_id = A\naws_secret_access_key = a\n"
    "[profile work]\nregion = eu-central-1\naws_access_key_id = B\naws_secret_access_key = b\n"
)


@pytest.mark.parametrize(
    ("profile", "environment", "expected"),
    [
        ("", {}, Credentials("A", "a")),
        ("work", {}, Credentials("B", "b")),
        ("work", {"AWS_PROFILE": "default"}, Credentials("B", "b")),
        ("default", {"AWS_PROFILE": "work"}, Credentials("A", "a")),
        ("work", {"AWS_ACCESS_KEY_ID": "C", "AWS_SECRET_ACCESS_KEY": "c"}, Credentials("B", "b")),
        ("", {"AWS_ACCESS_KEY_ID": "C", "AWS_SECRET_ACCESS_KEY": "c"}, Credentials("C", "c")),
    ],
)
def test_the_given_profile_comes_first(
    monkeypatch: pytest.MonkeyPatch, profile: str, environment: dict[str, str], expected: Credentials
) -> None:
    """A profile that is asked for by name comes before AWS_PROFILE and before keys in the environment."""
    write_config(TWO_PROFILES)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert expected == CredentialProvider(profile=profile).load()


def test_the_session_is_the_profiles_and_is_made_once() -> None:
    """What else is configured is asked of the same session, before or after the credentials."""
    write_config(TWO_PROFILES)
    source = CredentialProvider(profile="work")
    session = source.session

    assert "eu-central-1" == session.get_config_variable("region")
    assert Credentials("B", "b") == source.load()
    assert session is source.session


@pytest.mark.parametrize("name", ["load", "session"])
def test_a_profile_that_is_not_there_is_the_users_error(name: str) -> None:
    """A mistyped profile is named, with those that there are, even where placeholders could stand in."""
    write_config(TWO_PROFILES)
    source = CredentialProvider(TEST_CREDENTIALS, "wrok")

    with pytest.raises(ConfigurationError, match=r"\(wrok\).* Your profiles: default, work"):
        source.load() if name == "load" else source.session


def test_a_file_that_is_broken_is_the_users_error() -> None:
    """A configuration that cannot be read is named."""
    write_config("[[[")

    with pytest.raises(ConfigurationError, match="Your AWS configuration cannot be read: .*config"):
        CredentialProvider(TEST_CREDENTIALS).load()


def test_none_is_an_error_that_says_what_to_do() -> None:
    """A user without credentials is told of both ways out."""
    with pytest.raises(ConfigurationError, match=r"No AWS credentials found.*AWS_PROFILE.*--aws-endpoint"):
        CredentialProvider().load()


def test_placeholders_stand_in_for_none() -> None:
    """Where an emulator stands for AWS, a user without credentials needs none."""
    source = CredentialProvider(TEST_CREDENTIALS)

    assert Credentials("test", "test", None) == source.load() == source.current


def test_the_users_own_come_before_placeholders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Placeholders are used only if there is nothing else."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    assert "AKIAENVIRONMENT" == CredentialProvider(TEST_CREDENTIALS).load().access_key


def test_current_is_known_after_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before loading nothing is known without blocking; after it, what was loaded is."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    source = CredentialProvider()

    assert source.current is None
    assert source.load() == source.current


def test_credentials_that_end_are_kept_until_they_near_their_end(tmp_path: Path) -> None:
    """Temporary credentials with an hour to go are not asked for again."""
    write_process(tmp_path, "AKIAFIRST", minutes=60)
    source = CredentialProvider()
    expected = Credentials("AKIAFIRST", "printed-secret", "printed-token")

    assert expected == source.load()
    write_process(tmp_path, "AKIASECOND", minutes=60)
    assert expected == source.load() == source.current


@pytest.mark.parametrize("minutes", [5, 12])
def test_credentials_that_near_their_end_are_refreshed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    """Temporary credentials that are about to end are used, and asked for again, but not for every request."""
    write_process(tmp_path, "AKIAFIRST", minutes=minutes)
    source = CredentialProvider()

    assert source.needs_loading
    assert "AKIAFIRST" == source.load().access_key
    assert source.current
    assert not source.needs_loading
    monkeypatch.setattr("cloudmock_contract.aws.credentials.provider.RELOAD_SECONDS", 0)
    assert source.needs_loading
    write_process(tmp_path, "AKIASECOND", minutes=60)
    assert "AKIASECOND" == source.load().access_key
    assert Credentials("AKIASECOND", "printed-secret", "printed-token") == source.current


@pytest.mark.parametrize(
    ("config", "environment", "reason"),
    [
        ("", {"AWS_ACCESS_KEY_ID": "AKIAHALF"}, "AWS_SECRET_ACCESS_KEY"),
        ("[default]\ncredential_process = false", {}, "custom-process"),
        ("[default]\ncredential_process = echo {}", {}, "Unsupported version"),
        (SIGN_ON, {}, "SSO"),
    ],
)
def test_credentials_that_cannot_be_used_are_the_users_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, config: str, environment: dict[str, str], reason: str
) -> None:
    """Half a pair of keys, a program that fails or a sign-on that is due: one line says so."""
    write_config(config)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match=f"The AWS credentials cannot be used. .*{reason}"):
        CredentialProvider(TEST_CREDENTIALS).load()


class Listener:
    """Takes connections, keeps the first line of what each says, and refuses it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                text = connection.recv(65536)
                if not text:
                    return
                self.lines.append(text.split(b"\r\n")[0].decode())
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def close(self) -> None:
        socket.create_connection(self._socket.getsockname()).close()
        self._thread.join()
        self._socket.close()


@pytest.fixture
def contract_proxy() -> Iterator[Listener]:
    """What AWS_ENDPOINT_URL points to."""
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def way_out() -> Iterator[Listener]:
    """An HTTP proxy between this machine and AWS: it sees who is asked for, and lets nobody through."""
    listener = Listener()
    yield listener
    listener.close()


@pytest.mark.parametrize("setting", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "profile"])
def test_credentials_are_never_asked_of_the_proxy_itself(
    monkeypatch: pytest.MonkeyPatch, contract_proxy: Listener, way_out: Listener, setting: str
) -> None:
    """A role is assumed at AWS's own STS, although the environment or the profile names the proxy as the endpoint."""
    write_config(ROLE.format(line=f"endpoint_url = {contract_proxy.url}" if setting == "profile" else ""))
    if setting != "profile":
        monkeypatch.setenv(setting, contract_proxy.url)
    monkeypatch.setenv("HTTPS_PROXY", way_out.url)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    with pytest.raises(ConfigurationError, match="cannot be used"):
        CredentialProvider().load()

    assert [] == contract_proxy.lines
    assert ["CONNECT sts.eu-west-1.amazonaws.com:443 HTTP/1.1"] == way_out.lines


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{0!r:>200}".format, lambda credentials: repr([credentials])])
def test_no_secret_is_shown(show: Callable[[Credentials], str]) -> None:
    """Neither key nor secret nor token is in what a log or a traceback shows of credentials."""
    text = show(Credentials("AKIASHOWN", "shown-secret", "shown-token"))

    assert "Credentials" in text
    assert not any(secret in text for secret in ("AKIASHOWN", "shown-secret", "shown-token"))


def test_no_secret_is_shown_of_a_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is there any in what is shown of where they come from."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "environments-secret")
    source = CredentialProvider()
    source.load()

    assert not any(secret in repr(source) for secret in ("AKIAENVIRONMENT", "environments-secret"))
