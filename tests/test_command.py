"""The user's command: its environment, its exit code, and the signals that it is passed."""

import asyncio
import fcntl
import os
import select
import shlex
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudmock_contract import command
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.command import Command, environment

_added = {
    "AWS_ENDPOINT_URL": "http://localhost:4577",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:4577",
    "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
    "AWS_USE_FIPS_ENDPOINT": "false",
    "AWS_USE_DUALSTACK_ENDPOINT": "false",
    "NO_PROXY": "localhost,127.0.0.1",
    "no_proxy": "localhost,127.0.0.1",
}


@pytest.fixture(autouse=True)
def heeded_interrupts() -> Iterator[None]:
    """SIGINT as a terminal's programs have it: a shell's background jobs, as which tests may run, ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_environment_leads_every_call_to_the_proxy() -> None:
    """The SDKs' endpoint variables name the proxy, S3 by address, and no proxy stands between."""
    assert _added == environment({}, 4577)


def test_the_environment_keeps_the_rest() -> None:
    """What does not concern endpoints is passed on as it is, credentials among it; the original is not changed."""
    base = {"PATH": "/bin", "AWS_REGION": "eu-west-1", "AWS_SECRET_ACCESS_KEY": "s", "EMPTY": "", "AWS_ENDPOINT": "x"}
    copy = dict(base)

    assert base | _added == environment(base, 4577)
    assert copy == base


@pytest.mark.parametrize(
    "name",
    [
        "AWS_ENDPOINT_URL_DYNAMODB",
        "AWS_ENDPOINT_URL_S3_CONTROL",
        "AWS_ENDPOINT_URL_SQS",
    ],
)
def test_the_environment_has_no_way_past_the_proxy(name: str) -> None:
    """Variables that send some service elsewhere are not passed on."""
    assert name not in environment({name: "true"}, 4577)


@pytest.mark.parametrize(
    "name",
    [
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
        "AWS_DISABLE_HOST_PREFIX_INJECTION",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
    ],
)
def test_the_environment_replaces_what_was_there(name: str) -> None:
    """The user's own value of a variable that must name the proxy does not stay."""
    assert _added == environment({name: "http://elsewhere"}, 4577)


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ({"NO_PROXY": "a.example"}, "a.example,localhost,127.0.0.1"),
        ({"no_proxy": "a.example,.b"}, "a.example,.b,localhost,127.0.0.1"),
        ({"NO_PROXY": "", "no_proxy": "a.example"}, "a.example,localhost,127.0.0.1"),
        ({"NO_PROXY": ""}, "localhost,127.0.0.1"),
        ({"NO_PROXY": "a", "no_proxy": "b"}, "a,b,localhost,127.0.0.1"),
        ({"NO_PROXY": "*"}, "*"),
    ],
)
def test_hosts_that_are_not_proxied_stay_so(base: dict[str, str], expected: str) -> None:
    """The proxy's hosts are added to the user's list of hosts that are reached directly, in both spellings."""
    result = environment(base, 1)

    assert [expected] * 2 == [result["NO_PROXY"], result["no_proxy"]]


_OWN = Credentials("AKIAISOLATED", "isolated/secret+key")
_isolated = {
    **_added,
    "AWS_ACCESS_KEY_ID": "AKIAISOLATED",
    "AWS_SECRET_ACCESS_KEY": "isolated/secret+key",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "BOTO_CONFIG": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.mark.parametrize(
    "name",
    [
        "AWS_ACCESS_KEY_ID",
        "AWS_ACCESS_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECRET_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SESSION_EXPIRATION",
        "AWS_SECURITY_TOKEN",
        "AWS_BEARER_TOKEN_BEDROCK",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_CREDENTIAL_FILE",
        "AWS_CREDENTIAL_PROFILES_FILE",
        "AWS_CREDENTIALS",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_IAM_ROLE_ARN",
        "AWS_IAM_ROLE_SESSION_NAME",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_SSO_ACCOUNT_ID",
        "AWS_LOGIN_CACHE_DIRECTORY",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "BOTO_CONFIG",
        "AMAZON_ACCESS_KEY_ID",
        "AMAZON_SECRET_ACCESS_KEY",
        "AMAZON_SESSION_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "BITBUCKET_STEP_OIDC_TOKEN",
        "CIRCLE_OIDC_TOKEN_V2",
        "VERCEL_OIDC_TOKEN",
    ],
)
def test_an_isolated_environment_leads_to_no_other_credentials(name: str) -> None:
    """With credentials of its own, the child has no variable left that holds others or says where there are some."""
    assert _isolated == environment({name: "the-users"}, 4577, _OWN)


def test_an_isolated_environment_keeps_the_rest() -> None:
    """What does not lead to credentials is passed on as it is; the original is not changed."""
    base = {
        "PATH": "/bin",
        "AWS_REGION": "eu-west-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_BUCKET": "b",
        "AWS_ACCOUNT_ID": "1",
    }
    copy = dict(base)

    assert base | _isolated == environment(base, 4577, _OWN)
    assert copy == base


def test_an_isolated_environment_has_the_token_of_its_credentials() -> None:
    """Temporary credentials have a token, which is not the user's own."""
    own = Credentials("AKIAISOLATED", "isolated/secret+key", "own")

    assert _isolated | {"AWS_SESSION_TOKEN": "own"} == environment({"AWS_SESSION_TOKEN": "the-users"}, 4577, own)


@pytest.mark.parametrize(
    ("base", "region", "expected"),
    [
        ({}, "eu-west-1", {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}),
        ({"AWS_REGION": ""}, "eu-west-1", {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}),
        ({"AWS_REGION": "us-east-1"}, "eu-west-1", {"AWS_REGION": "us-east-1"}),
        ({"AWS_DEFAULT_REGION": "us-east-1"}, "eu-west-1", {"AWS_DEFAULT_REGION": "us-east-1"}),
        ({}, "", {}),
    ],
)
def test_an_isolated_environment_has_the_region_of_the_user_s_profile(
    base: dict[str, str], region: str, expected: dict[str, str]
) -> None:
    """The profile cannot be read any more; a region that the environment names counts before it, as ever."""
    assert _isolated | expected == environment(base, 4577, _OWN, region)


def test_the_region_is_left_alone_without_isolation() -> None:
    """A child that reads the user's profile finds the region there."""
    assert _added == environment({}, 4577, region="eu-west-1")


_ASKS_BOTO3 = """
import boto3
session = boto3.Session()
keys = session.get_credentials().get_frozen_credentials()
print(keys.access_key, keys.secret_key, keys.token, session.region_name, session.available_profiles)
"""


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        (None, "AKIAUSERS users-secret users-token eu-north-1 ['default', 'dev']"),
        (_OWN, "AKIAISOLATED isolated/secret+key None eu-west-1 []"),
    ],
    ids=["the user's", "isolated"],
)
def test_an_isolated_sdk_does_not_find_the_user_s_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, credentials: Credentials | None, expected: str
) -> None:
    """boto3 in the command has the credentials that it was given, and sees nothing of ~/.aws and ~/.boto."""
    folder = tmp_path / ".aws"
    folder.mkdir()
    keys = "aws_access_key_id = AKIAUSERS\naws_secret_access_key = users-secret\naws_session_token = users-token\n"
    (folder / "credentials").write_text(f"[default]\n{keys}\n[dev]\n{keys}", encoding="utf-8")
    (folder / "config").write_text("[default]\nregion = eu-north-1\n", encoding="utf-8")
    (tmp_path / ".boto").write_text(f"[Credentials]\n{keys}", encoding="utf-8")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_PROFILE", "default")
    seen = tmp_path / "seen"
    text = f"{shlex.quote(sys.executable)} -c {shlex.quote(_ASKS_BOTO3)} > {shlex.quote(str(seen))}"

    assert asyncio.run(Command(text, 1, credentials, "eu-west-1").run()) == 0
    assert f"{expected}\n" == seen.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", 0),
        ("false", 1),
        ("exit 7", 7),
        ("exit 255", 255),
        ("", 0),
        ("no-such-program-anywhere", 127),
        ("false || true && exit 3", 3),
        ("if", 2),
        ("kill -TERM $$", -signal.SIGTERM),
        ("kill -KILL $$", -signal.SIGKILL),
    ],
)
def test_a_commands_exit_code_is_the_shells(text: str, expected: int) -> None:
    """The command is run by the shell, whose exit code is the result; a signal's is its number, negative."""
    assert expected == asyncio.run(Command(text, 1).run())


def test_a_command_has_the_environment_of_its_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command sees the endpoint of the proxy that it runs beside, and this process's other variables."""
    monkeypatch.setenv("OWN", "a b")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://elsewhere")
    file = tmp_path / "seen"
    text = f'printf "%s|" "$AWS_ENDPOINT_URL" "$AWS_ENDPOINT_URL_S3" "$OWN" "${{AWS_ENDPOINT_URL_SQS-unset}}" > {file}'
    asyncio.run(Command(text, 1234).run())

    expected = "http://localhost:1234|http://127.0.0.1:1234|a b|unset|"
    assert expected == file.read_text(encoding="utf-8")
    assert os.environ["AWS_ENDPOINT_URL_SQS"] == "http://elsewhere"


def test_a_command_has_this_process_s_input_and_output(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What the command writes goes where this process writes; it runs in the same folder."""
    here = tmp_path / "here"
    here.mkdir()
    before = Path.cwd()
    os.chdir(here)
    try:
        asyncio.run(Command("pwd; echo oops >&2", 1).run())
    finally:
        os.chdir(before)

    assert (f"{here}\n", "oops\n") == tuple(capfd.readouterr())


def _signalled(text: str, ready: Path, *signals: signal.Signals) -> int:
    """The exit code of a command that is sent signals, one after another, as soon as it has made the file."""

    async def run() -> int:
        running = Command(text, 1)
        result = asyncio.create_task(running.run())
        await asyncio.to_thread(_wait_for, ready)
        for _ in range(100):  # the process may run before the event loop knows that it does
            await asyncio.sleep(0)
        for number in signals:
            running.forward(number)
            await asyncio.sleep(0.1)
        return await result

    return asyncio.run(asyncio.wait_for(run(), 60))


def _wait_for(file: Path) -> None:
    end = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < end
        time.sleep(0.005)


_WAIT = "while :; do sleep 0.02; done"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_passed_on(tmp_path: Path, number: signal.Signals) -> None:
    """The command gets the signal that this process got, may clean up, and its exit code counts."""
    ready, cleaned = tmp_path / "ready", tmp_path / "cleaned"
    name = number.name.removeprefix("SIG")
    text = f"trap 'sleep 0.2; touch {cleaned}; exit 9' {name}; touch {ready}; {_WAIT}"

    expected = 9
    assert expected == _signalled(text, ready, number)
    assert cleaned.exists()


@pytest.mark.parametrize(
    ("trap", "signals", "expected"),
    [
        (":", (signal.SIGTERM,), -signal.SIGTERM),
        ("trap '' TERM", (signal.SIGTERM, signal.SIGTERM), -signal.SIGKILL),
        ("trap '' INT TERM", (signal.SIGINT, signal.SIGTERM), -signal.SIGKILL),
    ],
    ids=["no handler", "twice", "Ctrl+C and SIGTERM"],
)
def test_a_signal_ends_a_command(tmp_path: Path, trap: str, signals: tuple[signal.Signals, ...], expected: int) -> None:
    """The first signal ends a command that does not handle it, the second one kills any, and the exit code says so."""
    ready = tmp_path / "ready"

    assert expected == _signalled(f"{trap}; touch {ready}; {_WAIT}", ready, *signals)


def test_a_signal_reaches_what_the_command_has_started(tmp_path: Path) -> None:
    """Without a terminal, the programs that the shell has started get the signal too, not the shell alone."""
    ready, cleaned = tmp_path / "ready", tmp_path / "cleaned"
    child = f'sh -c "trap \\"touch {cleaned}; exit 0\\" TERM; touch {ready}; {_WAIT}"'

    expected = 4
    assert expected == _signalled(f"trap : TERM; {child} & wait; wait; exit 4", ready, signal.SIGTERM)
    assert cleaned.exists()


def test_a_command_that_does_not_end_in_time_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that ignores a signal is killed when its time to end is over, and not before."""
    monkeypatch.setattr(command, "GRACE_SECONDS", 0.3)
    ready = tmp_path / "ready"
    code = _signalled(f"trap '' INT; touch {ready}; {_WAIT}", ready, signal.SIGINT)

    expected = -signal.SIGKILL
    assert expected == code
    assert time.time() - ready.stat().st_mtime >= 0.29


def test_a_signal_before_the_command_s_start_is_not_lost() -> None:
    """A signal that comes while the command is being started ends it as soon as it runs."""

    async def run() -> int:
        starting = Command("sleep 20; exit 5", 1)
        result = asyncio.create_task(starting.run())
        await asyncio.sleep(0)
        starting.forward(signal.SIGTERM)
        return await result

    expected = -signal.SIGTERM
    assert expected == asyncio.run(run())


def test_a_signal_after_the_command_s_end_is_no_error() -> None:
    """A signal that comes when the command has ended reaches nobody, and its exit code stays what it was."""

    async def run() -> int:
        ended = Command("exit 5", 1)
        code = await ended.run()
        ended.forward(signal.SIGTERM)
        ended.forward(signal.SIGTERM)
        return code

    expected = 5
    assert expected == asyncio.run(run())


_ON_A_TERMINAL = """
import asyncio, signal, sys
from cloudmock_contract.command import Command

async def main():
    running = Command(sys.argv[1], 1)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, running.forward, number)
    return await running.run()

print("code", asyncio.run(main()), flush=True)
"""


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class _Terminal:
    """A process that has a terminal of its own and runs a command there."""

    def __init__(self, text: str) -> None:
        self._ours, theirs = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _ON_A_TERMINAL, text],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 (there is no other way to give it the terminal)
            env={**os.environ, "PYTHONPATH": str(Path(command.__file__).parents[1])},
        )
        os.close(theirs)
        self._seen = ""

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def wait_for(self, text: str) -> str:
        """All that was shown until the text was."""
        end = time.monotonic() + 60
        while text not in self._seen:
            assert select.select([self._ours], [], [], max(0.0, end - time.monotonic()))[0], self._seen
            self._seen += os.read(self._ours, 1000).decode()
        return self._seen

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


def test_a_command_on_a_terminal_reads_the_keyboard() -> None:
    """On a terminal the command may ask the user something."""
    terminal = _Terminal("echo 'which code?'; read answer; exit $answer")
    try:
        terminal.wait_for("which code?")
        terminal.type("6\n")
        terminal.wait_for("code 6")
    finally:
        terminal.close()


_COUNTING = """
import signal, sys, time
counted = []
signal.signal(signal.SIGINT, lambda *_: counted.append(1))
print("ready", flush=True)
end = time.monotonic() + 0.5
while time.monotonic() < end:
    time.sleep(0.01)
sys.exit(40 + len(counted))
"""


def test_ctrl_c_reaches_a_command_on_a_terminal_once(tmp_path: Path) -> None:
    """The terminal itself sends Ctrl+C to the command, so it is not passed on a second time."""
    script = tmp_path / "counting.py"
    script.write_text(_COUNTING, encoding="utf-8")
    terminal = _Terminal(f"exec {sys.executable} {script}")
    try:
        terminal.wait_for("ready")
        terminal.type("\x03")
        terminal.wait_for("code 41")
    finally:
        terminal.close()


def test_sigterm_is_passed_on_to_a_command_on_a_terminal() -> None:
    """What the terminal does not send, such as SIGTERM to this process alone, is passed on there too."""
    terminal = _Terminal(f"trap 'exit 8' TERM; echo ready; {_WAIT}")
    try:
        terminal.wait_for("ready")
        terminal.process.terminate()
        terminal.wait_for("code 8")
    finally:
        terminal.close()
