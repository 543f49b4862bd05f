"""Real clients through the wrapper, with a strict verifier of AWS's signatures as AWS, behind TLS at AWS's own names.

The user's keys are others than those that the clients sign with; what CloudMock receives is kept and searched.
"""

import base64
import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import boto3
import pytest

from lab.aws_verifier.signatures import Key
from lab.stand_ins import servers
from lab.stand_ins.recorder import Recorder
from lab.stand_ins.verifying_server import VerifyingServer
from support import real_clients
from support.clients import client
from support.programs import FOLDER, Program, behind
from support.real_clients import BOTO3, PROGRAMS, Keys
from support.waiting import wait_until

USER = Key("AKIAUSERSREALKEYID22", "Users+Real/Secret+Key/40+Characters+Long", "Users/Real+Session+Token/with==")
CLIENT = Keys("AKIACLIENTSOWNKEYID2", "the-clients-own-secret", "the-clients-own-token")
LASTING = Keys("AKIACLIENTSOWNKEYID3", "the-clients-own-secret-3")
"""Keys without a session token."""

WANTED_REFUSALS = {"AccessDenied", "XAmzContentSHA256Mismatch"}
"""An expired URL, and a body that is not the one that was signed."""


@dataclass
class Run:
    """The wrapper between a verifying AWS and a recorded CloudMock."""

    url: str
    aws: VerifyingServer
    cloudmock: Recorder
    program: Program


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("run")
    with (
        servers.moto() as aws_moto,
        servers.moto() as cloudmock_moto,
        Recorder(cloudmock_moto.port) as cloudmock,
        VerifyingServer({USER.access_key: USER}, aws_moto.port) as aws,
    ):
        port = servers.free_port()
        environment = {
            **behind(aws, folder, USER),
            "AWS_ENDPOINT_URL": f"http://localhost:{port}",  # as a user's shell may have it
        }
        command = [str(FOLDER / "cloudmock-contract"), "--cloudmock", cloudmock.url, "--port", str(port)]
        program = Program(command, folder / "contract-report.json", environment)
        program.wait_until_open(port)
        yield Run(f"http://localhost:{port}", aws, cloudmock, program)
        if program.process.poll() is None:
            program.process.kill()
            program.process.communicate()


@pytest.fixture
def accepted_by_aws(run: Run) -> Iterator[Callable[[], int]]:
    """Fails if AWS refuses a request that it should not refuse; how many it has accepted so far in this test."""
    accepted, refused = len(run.aws.accepted), len(run.aws.refused)
    yield lambda: len(run.aws.accepted) - accepted
    wrong = [seen for seen in run.aws.refused[refused:] if seen.verification.code not in WANTED_REFUSALS]
    assert [] == [
        f"{seen.verification.code} {seen.method} {seen.host}{seen.target}: {seen.verification.message}"
        for seen in wrong
    ]
    assert {*run.aws.keys, ""} >= {seen.verification.access_key for seen in run.aws.accepted[accepted:]}


WORKLOADS = [
    *(pytest.param(work, CLIENT, "eu-west-1", id=f"boto3-{name}") for name, work in BOTO3.items()),
    *(
        pytest.param(real_clients.partition_workload, CLIENT, region, id=f"boto3-{region}")
        for region in ("cn-north-1", "us-gov-west-1")
    ),
    *(pytest.param(work, CLIENT, "us-east-1", id=name) for name, work in PROGRAMS.items()),
    pytest.param(PROGRAMS["s3cmd"], LASTING, "us-east-1", id="s3cmd-lasting-keys"),
]


@pytest.mark.parametrize(("work", "keys", "region"), WORKLOADS)
def test_aws_accepts_what_a_client_sends(
    run: Run,
    accepted_by_aws: Callable[[], int],
    request: pytest.FixtureRequest,
    work: real_clients.Workload,
    keys: Keys,
    region: str,
) -> None:
    """Every request of a real client is signed so that AWS accepts it, and the client finds what it expects."""
    name = request.node.callspec.id
    client = next((program for program in PROGRAMS if name.startswith(program)), "boto3")
    if reason := real_clients.missing(client.removesuffix("_v2")):
        pytest.skip(reason)

    work(run.url, keys, region, f"work-{name.replace('_', '-')}")

    assert accepted_by_aws()


def test_the_app_acts_as_the_role_that_it_assumes(run: Run, accepted_by_aws: Callable[[], int]) -> None:
    """What the app signs with credentials that AWS has given it is signed with them, and not with the user's."""
    role = "arn:aws:iam::123456789012:role/of-the-app"
    with contextlib.closing(client("sts", run.url)) as own:
        given = own.assume_role(RoleArn=role, RoleSessionName="app")["Credentials"]
    key = Key(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    run.aws.keys[key.access_key] = key
    session = boto3.Session(key.access_key, key.secret_key, key.token, "us-east-1")
    with contextlib.closing(session.client("sts", endpoint_url=run.url)) as sts:
        arn = sts.get_caller_identity()["Arn"]

    assert arn.endswith("assumed-role/of-the-app/app")
    wait_until(lambda: 3 == accepted_by_aws(), accepted_by_aws)  # the third asks whose these credentials are
    assert key.access_key.encode() not in run.cloudmock.received


@pytest.mark.parametrize("ahead", [timedelta(minutes=40), timedelta(hours=-2)])
def test_a_clock_that_is_off_costs_one_refusal(run: Run, ahead: timedelta) -> None:
    """When AWS's time is another than ours, the app notices nothing, and what follows is signed by AWS's time."""
    run.aws.clock = lambda: datetime.now(tz=UTC) + ahead
    refused = len(run.aws.refused)
    for _ in range(3):
        real_clients.boto3_secrets(run.url, CLIENT, "eu-west-1", f"clock-{ahead.seconds}")

    assert ["RequestTimeTooSkewed"] == [seen.verification.code for seen in run.aws.refused[refused:]]


def test_cloudmock_sees_nothing_of_the_users(run: Run) -> None:
    """Not one byte of the user's key, secret, token or of a signature made with them is in what CloudMock received."""
    received = run.cloudmock.received
    of_aws = b"".join(seen.head + b"\n" + seen.body for seen in run.aws.accepted + run.aws.refused)
    signatures = set(re.findall(rb"[0-9a-f]{64}", of_aws)) & {
        match[1] for match in re.finditer(rb"(?i)signature(?:=|\"\r\n\r\n)([0-9a-f]{64})", of_aws)
    }
    secrets = {
        encoded
        for secret in (USER.access_key, USER.secret_key, USER.token, CLIENT.access, CLIENT.secret, CLIENT.token)
        for encoded in (secret.encode(), quote(secret, "").encode(), base64.b64encode(secret.encode()))
    }

    assert len(received) > 100_000
    assert len(signatures) > 100
    assert set() == {secret for secret in secrets | signatures if secret in received}
    assert b"Credential=test/" in received
    assert b"X-Amz-Credential=test" in received
    assert b"AWSAccessKeyId" not in received  # signature version 2 is not what CloudMock gets either


def test_the_run_is_reported(run: Run) -> None:
    """The account is told at the start; at the end every exchange that reached AWS is in the report."""
    run.program.process.terminate()
    ended = run.program.wait()
    text = ended.output.read_text(encoding="utf-8") + ended.stdout + ended.stderr

    assert "signing for AWS account 123456789012" in ended.stderr
    skewed = sum(seen.verification.code == "RequestTimeTooSkewed" for seen in run.aws.refused)
    own = 2  # whose the user's credentials are, and whose those of the role
    assert ended.report["total_requests"] == len(run.aws.accepted) + len(run.aws.refused) - skewed - own
    assert not any(secret in text for secret in (USER.access_key, USER.secret_key, USER.token))
