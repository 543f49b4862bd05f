"""Whose account it is: found out before anything is sent, by the real programs, from a strict verifier as AWS."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.aws_verifier.signatures import Key
from lab.stand_ins import servers
from lab.stand_ins.verifying_server import VerifyingServer
from support.programs import Program, Start, behind

USER = Key("AKIAUSERSREALKEYID22", "the-users-secret")
CALL = f'{sys.executable} -c \'import boto3; boto3.client("sqs", region_name="eu-west-1").list_queues()\''


@pytest.fixture
def aws(moto: servers.Server) -> Iterator[VerifyingServer]:
    with VerifyingServer({USER.access_key: USER}, moto.port) as server:
        yield server


def started(
    start: Start, moto: servers.Server, environment: Mapping[str, str], *arguments: str, program: str = ""
) -> Program:
    if program:
        options = ["-s", str(servers.TOP / "addon" / "contract.py"), "-p", str(servers.free_port())]
        return start(
            *options, "--set", f"contract_cloudmock={moto.url}", *arguments, program=program, environment=environment
        )
    return start("--cloudmock", moto.url, "--port", "0", *arguments, environment=environment)


def test_the_account_is_told(start: Start, moto: servers.Server, aws: VerifyingServer, tmp_path: Path) -> None:
    """The start says whose credentials sign, and where; the right account lets the command run."""
    run = started(
        start,
        moto,
        behind(aws, tmp_path, USER),
        "--expect-account",
        "1234-5678-9012",
        "--region",
        "eu-west-1",
        "--run",
        CALL,
    )
    ended = run.wait()

    assert 0 == ended.code, ended.stderr
    assert "signing for AWS account 123456789012 as arn:aws:" in ended.stderr
    assert "region eu-west-1" in ended.stderr
    assert ["sts.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com"] == [seen.host for seen in aws.accepted]


@dataclass(frozen=True, slots=True)
class Mistake:
    """Credentials with which nothing may be sent."""

    key: Key | None
    says: str
    arguments: tuple[str, ...] = ()
    identity_calls: int = 0
    """How often AWS is asked whose they are; twice as often if that is asked again."""


MISTAKES = {
    "another account": Mistake(
        USER,
        "--expect-account: the credentials are those of account 1234",
        ("--expect-account", "999999999999"),
        identity_calls=1,
    ),
    "placeholder": Mistake(Key("test", "test"), "'test' is a placeholder"),
    "AWS's example": Mistake(Key("AKIAIOSFODNN7EXAMPLE", "x"), "is a placeholder", ("--no-preflight",)),
    "none": Mistake(None, "No AWS credentials found"),
    "no such profile": Mistake(
        None, "--profile or AWS_PROFILE: The config profile (nobodys) could", ("--profile", "nobodys")
    ),
    "nobody's key": Mistake(Key("AKIANOBODYSKEYID2222", "x"), "The access key is wrong", identity_calls=1),
    "another secret": Mistake(
        Key(USER.access_key, "another-secret"), "The secret key does not belong to the access key", identity_calls=1
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
@pytest.mark.parametrize("program", ["", "mitmdump"])
def test_no_request_is_sent_for_the_wrong_credentials(
    start: Start, moto: servers.Server, aws: VerifyingServer, tmp_path: Path, mistake: Mistake, program: str
) -> None:
    """The program ends with 2, says what is wrong and what to do, and AWS is asked for the identity at most."""
    arguments = [*mistake.arguments, "--run", CALL]
    if program:
        options = {"--expect-account": "contract_expect_account", "--profile": "contract_profile"}
        arguments = ["--set", f"{options[arguments[0]]}={arguments[1]}"] if len(mistake.arguments) == 2 else []
        if "--no-preflight" in mistake.arguments:
            arguments = ["--set", "contract_no_preflight=true"]
    ended = started(start, moto, behind(aws, tmp_path, mistake.key), *arguments, program=program).wait()

    # What is wrong with an option ends mitmproxy with its own code.
    assert (1 if program and "--profile" in mistake.says else 2) == ended.code, ended.stdout + ended.stderr
    assert mistake.says in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert mistake.identity_calls <= len(aws.accepted + aws.refused) <= 2 * mistake.identity_calls
    assert all(seen.host.startswith("sts.") for seen in aws.accepted + aws.refused)


def test_a_role_is_assumed_at_aws_and_not_at_the_proxy(
    start: Start, moto: servers.Server, aws: VerifyingServer, tmp_path: Path
) -> None:
    """With AWS_ENDPOINT_URL set to the proxy, as a user's shell may have it, the proxy does not ask itself."""
    (tmp_path / "config").write_text(
        "[profile base]\naws_access_key_id = AKIAUSERSREALKEYID22\naws_secret_access_key = the-users-secret\n"
        "[profile work]\nrole_arn = arn:aws:iam::123456789012:role/work\nsource_profile = base\nregion = eu-west-1\n",
        encoding="utf-8",
    )
    port = str(servers.free_port())
    environment = {**behind(aws, tmp_path, None), "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    arguments = ["--cloudmock", moto.url, "--port", port, "--profile", "work", "--run", CALL]
    ended = start(*arguments, environment=environment).wait()

    # The role's keys are moto's, and the verifier does not know them: asked for the identity with them, it refuses.
    assert 2 == ended.code
    assert "The access key is wrong" in ended.stderr
    assert [b"Action=AssumeRole"] == [seen.body[:17] for seen in aws.accepted]
    assert {"sts.eu-west-1.amazonaws.com"} == {seen.host for seen in aws.accepted + aws.refused}


def test_the_preflight_can_be_left_out(
    start: Start, moto: servers.Server, aws: VerifyingServer, tmp_path: Path
) -> None:
    """Without it AWS is asked nothing but what the command asks."""
    ended = started(start, moto, behind(aws, tmp_path, USER), "--no-preflight", "--run", CALL).wait()

    assert 0 == ended.code, ended.stderr
    assert ["sqs.eu-west-1.amazonaws.com"] == [seen.host for seen in aws.accepted]
