"""The candidate side: what CloudMock gets."""

import asyncio
from collections.abc import Callable

import pytest

from cloudmock_contract.exchange import Failure, Headers, Operation, Reply, Request
from cloudmock_contract.proxy.candidate import Candidate
from cloudmock_contract.settings import Settings
from stand_in import StandIn

type MakeSettings = Callable[..., Settings]

S3 = Operation("s3", "GetObject", "rest-xml", "s3", "eu-west-1", "b")
ALGORITHM = "AWS4-HMAC-SHA256"
PRESIGNED = (
    f"X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential=AKIAUSER%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Security-Token=TOKEN"
    "&X-Amz-Signature=SIGNATURE"
)
SECRETS = ("AKIAUSER", "SIGNATURE", "TOKEN")


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        (
            "/b/k",
            (
                ("Authorization", f"{ALGORITHM} Credential=AKIAUSER/20260101/eu-west-1/s3/aws4, Signature=SIGNATURE"),
                ("X-Amz-Security-Token", "TOKEN"),
            ),
        ),
        ("/b/k", (("Authorization", "AWS AKIAUSER:SIGNATURE"),)),
        ("/b/k", (("Authorization", "Bearer TOKEN"),)),
        ("/b/k", (("X-Amz-Security-Token", "TOKEN"),)),
        (
            "/b/k?" + PRESIGNED,
            (),
        ),
        ("/b/k?AWSAccessKeyId=AKIAUSER&Signature=SIGNATURE&Expires=1&x-amz-security-token=TOKEN", ()),
    ],
)  # fmt: skip
def test_carries_nothing_of_the_users(
    settings: MakeSettings, target: str, headers: tuple[tuple[str, str], ...]
) -> None:
    """However the app authenticates, neither key, token nor signature is in CloudMock's copy."""
    request = Request("GET", target, Headers((("Host", "localhost:4577"), *headers)), b"")
    copy = Candidate(settings()).copy_of(request, S3, "eu-west-1")

    assert not [secret for secret in SECRETS if secret in repr(copy)]
    assert "localhost:4577" == copy.headers.get("host")


def test_is_signed_for_the_same_service_and_region(settings: MakeSettings) -> None:
    """Emulators read service and region out of the scope."""
    authorization = f"{ALGORITHM} Credential=A/20260101/eu-west-1/s3/aws4_request, Signature=x"
    headers = Headers((("Authorization", authorization),))
    copy = Candidate(settings()).copy_of(Request("GET", "/b/k", headers, b""), S3, "eu-central-1")

    assert "Credential=test/" in copy.headers.get("authorization")
    assert "/eu-central-1/s3/aws4_request" in copy.headers.get("authorization")


def test_an_unsigned_request_stays_unsigned(settings: MakeSettings) -> None:
    """What nobody signed is sent as nobody's."""
    copy = Candidate(settings()).copy_of(Request("GET", "/b/k", Headers((("Host", "x"),)), b""), S3, "eu-west-1")

    assert "authorization" not in copy.headers


def test_replays_below_the_path_of_the_url(settings: MakeSettings, stand_in: StandIn) -> None:
    """A CloudMock behind a path prefix is asked there."""
    candidate = Candidate(settings(cloudmock=f"{stand_in.url}/mock/"))

    async def run() -> object:
        outcome = await candidate.replay(Request("GET", "/b/k?x", Headers((("Host", "h"),)), b""), S3, "eu-west-1")
        await candidate.close()
        await asyncio.sleep(0)
        return outcome

    assert isinstance(asyncio.run(run()), Reply)
    assert "/mock/b/k?x" == stand_in.received[0].target


def test_what_cannot_be_copied_is_a_failure(settings: MakeSettings) -> None:
    """A request whose framing is broken is a failure with the reason, not an exception in a task."""
    headers = Headers((("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),))
    outcome = asyncio.run(Candidate(settings()).replay(Request("PUT", "/b/k", headers, b"zz"), S3, "eu-west-1"))

    assert isinstance(outcome, Failure)
    assert "aws-chunked" in outcome.reason
