"""Who and what is let through, by everything that has a say in it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.signing import signer
from cloudmock_contract.aws.signing.signer import SigningTarget
from cloudmock_contract.comparison.comparison import Asked
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.proxy.access.access import Access
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.http import Headers, Request
from cloudmock_contract.values.operation import Operation

type MakeSettings = Callable[..., Settings]

KNOWN = Credentials("AKIAKNOWN", "secret")
GET = Operation("s3", "GetObject", "rest-xml", "s3", "eu-west-1", "b")
PUT = Operation("s3", "PutObject", "rest-xml", "s3", "eu-west-1", "b")
SERVICES = Services()


def admission(settings: Settings, issued: str = "") -> Access:
    return Access(settings, SERVICES, {KNOWN.access_key: KNOWN}.get, issued.__eq__)


def request(host: str = "localhost:4577", key: str = "") -> Request:
    plain = Request("GET", "/b/k", Headers((("Host", host),)), b"")
    if not key:
        return plain
    now = datetime.now(tz=UTC)
    scope = f"{key}/{now:%Y%m%d}/eu-west-1/s3/aws4_request"
    field = ("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00")
    signed = Request("GET", "/b/k", plain.headers.adding(field), b"")
    return signer.sign(signed, SigningTarget(host, "s3", "eu-west-1", now), Credentials(key, "secret"))


def asked(operation: Operation, region: str = "eu-west-1") -> Asked:
    return Asked("id", datetime.now(tz=UTC), request(), operation, region)


def test_who_calls_it_by_a_foreign_name_is_refused(settings: MakeSettings) -> None:
    """The guard has its say: a local name may pass, another may not."""
    made = admission(settings())

    assert not made.refusal(request(), body_is_known=True)
    assert "--allow-host evil.example" in made.refusal(request("evil.example"), body_is_known=True)


@pytest.mark.parametrize(
    ("host", "key", "is_refused"),
    [
        ("", "", False),
        ("127.0.0.1", "", False),
        ("::1", "", False),
        ("0.0.0.0", "", True),
        ("0.0.0.0", "AKIAKNOWN", False),
        ("0.0.0.0", "AKIAUNKNOWN", True),
    ],
)
def test_beyond_loopback_only_who_holds_known_credentials_may_pass(
    settings: MakeSettings, host: str, key: str, *, is_refused: bool
) -> None:
    """Where the proxy is reached from elsewhere, a request has to be signed with a key that it knows."""
    made = admission(settings(host=host))

    assert is_refused == bool(made.refusal(request(key=key), body_is_known=True))


@pytest.mark.parametrize(("issued", "is_refused"), [("", True), ("AKIAKNOWN", False), ("AKIAOTHER", True)])
def test_a_key_that_aws_gave_to_the_app_may_pass(settings: MakeSettings, issued: str, *, is_refused: bool) -> None:
    """With --allow-key another key is refused, unless AWS issued it in this run."""
    made = admission(settings(allow_key=["AKIALISTED"]), issued)

    assert is_refused == bool(made.refusal(request(key="AKIAKNOWN"), body_is_known=True))


@pytest.mark.parametrize(
    ("options", "operation", "region", "expected"),
    [
        ({}, PUT, "eu-west-1", ""),
        ({"deny": ["s3:Put*"]}, PUT, "eu-west-1", "--deny s3:Put*"),
        ({"deny": ["s3:Put*"]}, GET, "eu-west-1", ""),
        ({"read_only": True}, PUT, "eu-west-1", "--read-only"),
        ({"read_only": True}, GET, "eu-west-1", ""),
        ({"allow_region": ["eu-west-1"]}, GET, "eu-west-1", ""),
        ({"allow_region": ["eu-west-1"]}, GET, "us-east-1", "--allow-region"),
    ],
)
def test_what_must_not_be_done_is_denied(
    settings: MakeSettings, options: dict[str, Any], operation: Operation, region: str, expected: str
) -> None:
    """The permissions have their say, by the operation and by the region that the request is signed for."""
    found = admission(settings(**options)).denial(asked(operation), region)

    assert (expected in found) if expected else not found


@pytest.mark.parametrize(("region", "is_denied"), [("eu-west-1", False), ("us-east-1", True)])
def test_a_set_of_regions_counts_as_the_one_that_was_meant(
    settings: MakeSettings, region: str, *, is_denied: bool
) -> None:
    """A signature for any region tells nothing of where the request goes: what is known of that counts."""
    made = admission(settings(allow_region=["eu-west-1"]))

    assert is_denied == bool(made.denial(asked(GET, region), "*"))


def test_what_is_denied_does_not_count(settings: MakeSettings) -> None:
    """Of the requests that a run may make, those that never went to AWS take nothing away."""
    made = admission(settings(max_requests=2, deny=["s3:PutObject"]))
    found = [made.denial(asked(operation), "eu-west-1") for operation in (PUT, GET, PUT, GET, GET)]

    assert ["--deny", "", "--deny", "", "--max-requests"] == [
        next((option for option in ("--deny", "--max-requests") if option in text), "") for text in found
    ]


def test_requests_take_turns(settings: MakeSettings) -> None:
    """The rate is the settings' own."""
    made = admission(settings(max_rate=20))

    async def run() -> float:
        loop = asyncio.get_running_loop()
        started = loop.time()
        for _ in range(3):
            await made.turn()
        return loop.time() - started

    assert 0.09 <= asyncio.run(run()) < 1


def test_a_pattern_that_names_nothing_is_an_error(settings: MakeSettings) -> None:
    """What the user meant to deny would go through."""
    with pytest.raises(ConfigurationError, match="--deny"):
        admission(settings(deny=["s3:PutObjekt"]))
