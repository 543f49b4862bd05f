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
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.proxy.access.access import Access, RateLimit
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.denial import Denial
from cloudmock_contract.values.endpoint import Endpoint
from cloudmock_contract.values.http import Headers, Request
from cloudmock_contract.values.operation import Operation
from support.calls import call_for

type MakeSettings = Callable[..., Settings]

KNOWN = Credentials("AKIAKNOWN", "secret")
GET = Operation("s3", "GetObject", "rest-xml", "s3", "eu-west-1", "b")
PUT = Operation("s3", "PutObject", "rest-xml", "s3", "eu-west-1", "b")
SERVICES = Services()


def access(settings: Settings, vended: str = "") -> Access:
    return Access(settings, SERVICES, {KNOWN.access_key: KNOWN}.get, vended.__eq__)


def request(host: str = "localhost:4577", key: str = "") -> Request:
    plain = Request("GET", "/b/k", Headers((("Host", host),)), b"")
    if not key:
        return plain
    now = datetime.now(tz=UTC)
    scope = f"{key}/{now:%Y%m%d}/eu-west-1/s3/aws4_request"
    field = ("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00")
    signed = Request("GET", "/b/k", plain.headers.adding(field), b"")
    return signer.sign(
        signed, authentication(signed), SigningTarget(host, "s3", "eu-west-1", now), Credentials(key, "secret")
    )


def addressed(operation: Operation, region: str = "eu-west-1", signing_region: str = "") -> Call:
    """A call of this operation that goes to this region."""
    destination = Endpoint("https", "s3.amazonaws.com", 443, "", "s3", signing_region or region)
    return call_for(request(), operation, region, destination=destination)


def reason(denial: Denial | None) -> str:
    return str(denial) if denial else ""


def test_who_calls_it_by_a_foreign_name_is_denied(settings: MakeSettings) -> None:
    """The guard has its say: a local name may pass, another may not."""
    control = access(settings())

    assert control.client_denial(call_for(request()), body_is_known=True) is None
    assert "--allow-host evil.example" in reason(
        control.client_denial(call_for(request("evil.example")), body_is_known=True)
    )


@pytest.mark.parametrize(
    ("host", "key", "is_denied"),
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
    settings: MakeSettings, host: str, key: str, *, is_denied: bool
) -> None:
    """Where the proxy is reached from elsewhere, a request has to be signed with a key that it knows."""
    control = access(settings(host=host))

    assert is_denied == bool(control.client_denial(call_for(request(key=key)), body_is_known=True))


@pytest.mark.parametrize(("vended", "is_denied"), [("", True), ("AKIAKNOWN", False), ("AKIAOTHER", True)])
def test_a_key_that_aws_gave_to_the_app_may_pass(settings: MakeSettings, vended: str, *, is_denied: bool) -> None:
    """With --allow-key another key is refused, unless AWS vended it in this run."""
    control = access(settings(allow_key=["AKIALISTED"]), vended)

    assert is_denied == bool(control.client_denial(call_for(request(key="AKIAKNOWN")), body_is_known=True))


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
    denial = access(settings(**options)).operation_denial(addressed(operation, region))

    assert (expected in reason(denial)) if expected else denial is None


@pytest.mark.parametrize(("region", "is_denied"), [("eu-west-1", False), ("us-east-1", True)])
def test_a_set_of_regions_counts_as_the_one_that_was_meant(
    settings: MakeSettings, region: str, *, is_denied: bool
) -> None:
    """A signature for any region tells nothing of where the request goes: what is known of that counts."""
    control = access(settings(allow_region=["eu-west-1"]))

    assert is_denied == bool(control.operation_denial(addressed(GET, region, "*")))


def test_what_is_denied_does_not_count(settings: MakeSettings) -> None:
    """Of the requests that a run may make, those that never went to AWS take nothing away."""
    control = access(settings(max_requests=2, deny=["s3:PutObject"]))
    denials = [
        control.operation_denial(addressed(operation)) or control.count_denial()
        for operation in (PUT, GET, PUT, GET, GET)
    ]

    assert ["--deny", "", "--deny", "", "--max-requests"] == [
        next((option for option in ("--deny", "--max-requests") if option in reason(denial)), "") for denial in denials
    ]


def test_requests_take_turns(settings: MakeSettings) -> None:
    """The rate is the settings' own."""
    control = access(settings(max_rate=20))

    async def run() -> float:
        loop = asyncio.get_running_loop()
        started = loop.time()
        for _ in range(3):
            await control.wait_for_turn()
        return loop.time() - started

    assert 0.09 <= asyncio.run(run()) < 1


def test_a_pattern_that_names_nothing_is_an_error(settings: MakeSettings) -> None:
    """What the user meant to deny would go through."""
    with pytest.raises(ConfigurationError, match="--deny"):
        access(settings(deny=["s3:PutObjekt"]))


@pytest.mark.parametrize("max_requests", [1, 3])
def test_the_number_of_requests_is_limited(max_requests: int) -> None:
    """As many as the option says may go, and each one after them is refused with the option's name."""
    limits = RateLimit(max_requests, 0)
    denials = [limits.denial() for _ in range(max_requests + 2)]

    expected = f"The run has made the {max_requests} requests that it may make (--max-requests)."
    assert [*[None] * max_requests, Denial(expected), Denial(expected)] == denials


def test_zero_is_no_limit() -> None:
    """Without the options any number may go, at once."""
    limits = RateLimit(0, 0)

    async def run() -> float:
        loop = asyncio.get_running_loop()
        started = loop.time()
        for _ in range(1_000):
            await limits.wait_for_turn()
        return loop.time() - started

    assert {None} == {limits.denial() for _ in range(1_000)}
    assert asyncio.run(run()) < 0.5


async def _turns(limits: RateLimit, number: int) -> list[float]:
    """When each of so many requests that ask at once may go, in seconds from now."""
    loop = asyncio.get_running_loop()
    started = loop.time()

    async def turn() -> float:
        await limits.wait_for_turn()
        return loop.time() - started

    return await asyncio.gather(*(turn() for _ in range(number)))


def test_requests_at_once_go_one_after_the_other() -> None:
    """The first may go at once, and each further one as much later as the rate says, in the order of asking."""
    times = asyncio.run(_turns(RateLimit(0, 20), 5))

    assert times == sorted(times)
    assert all(0.05 * number - 0.01 <= time < 0.05 * number + 0.5 for number, time in enumerate(times))


def test_a_pause_is_not_saved_up() -> None:
    """After a time without requests they are no faster than ever."""

    async def run() -> list[float]:
        limits = RateLimit(0, 20)
        await limits.wait_for_turn()
        await asyncio.sleep(0.3)
        return await _turns(limits, 3)

    first, _, third = asyncio.run(run())

    assert first < 0.05
    assert third >= 0.09


def test_who_comes_slowly_does_not_wait() -> None:
    """Requests that are further apart than the rate wants go at once."""

    async def run() -> list[float]:
        limits, waited = RateLimit(0, 100), []
        for _ in range(3):
            waited += await _turns(limits, 1)
            await asyncio.sleep(0.03)
        return waited

    assert max(asyncio.run(run())) < 0.02
