"""AWS's side: where a request goes, and how it looks there."""

import asyncio
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from cloudmock_contract.aws.credentials.caller_identity import QUICK, CallerIdentity
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.errors import AppError, ConfigurationError, ContractError
from cloudmock_contract.proxy.sides import aws_side, caller_question
from cloudmock_contract.proxy.sides.aws_side import AwsSide
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.endpoint import Endpoint
from cloudmock_contract.values.http import Headers, Reply, Request
from cloudmock_contract.values.operation import Operation
from lab.aws_verifier import signatures
from lab.aws_verifier.signatures import Key
from lab.stand_ins.stand_in import StandIn
from support.calls import call_for

type MakeSettings = Callable[..., Settings]

SERVICES = Services()


def signed_for(service: str, region: str = "eu-west-1") -> tuple[str, str]:
    scope = f"AKIACLIENT/20260101/{region}/{service}/aws4_request"
    return ("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00")


def ready(settings: Settings, request: Request, monkeypatch: pytest.MonkeyPatch | None = None) -> AwsSide:
    if monkeypatch:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUSER")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    aws = AwsSide(settings, SERVICES)
    aws.prepare(call_for(request))
    return aws


def signed_by(aws: AwsSide, request: Request, rewritten: Collection[str] = ()) -> tuple[Endpoint, Request]:
    """Where the request goes, and how, identified, addressed and signed as the proxy does it."""
    call = aws.address(aws.identify(call_for(request)))
    assert call.destination
    return call.destination, aws.sign(call, rewritten)


def s3_request(host: str, target: str) -> Request:
    return Request("GET", target, Headers((("Host", host), signed_for("s3"))), b"")


def test_is_ready_once_prepared(settings: MakeSettings) -> None:
    """The first request of a service has models to be loaded; the second one does not, nor does an invented name."""
    request = s3_request("localhost", "/b/k")
    aws = AwsSide(settings(), SERVICES)

    assert not aws.is_ready_for(call_for(request))
    aws.prepare(call_for(request))
    assert aws.is_ready_for(call_for(request))
    assert aws.is_ready_for(call_for(Request("GET", "/", Headers((signed_for("invented"),)), b"")))


@pytest.mark.parametrize(
    ("host", "target"), [("localhost:4577", "/my-bucket/a/key"), ("my-bucket.localhost:4577", "/a/key")]
)
def test_a_bucket_goes_into_the_host_of_aws(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, host: str, target: str
) -> None:
    """Both S3 styles of the app become a bucket host at AWS."""
    request = s3_request(host, target)
    aws = ready(settings(aws_endpoint=""), request, monkeypatch)
    endpoint, signed = signed_by(aws, request)

    assert "my-bucket.s3.eu-west-1.amazonaws.com" == endpoint.host == signed.headers.get("host")
    assert "/a/key" == signed.target
    assert "Credential=AKIAUSER/" in signed.headers.get("authorization")


def test_a_loopback_endpoint_gets_the_apps_own_host(settings: MakeSettings) -> None:
    """An emulator as AWS sees the Host and path that CloudMock sees, so that the URLs it makes are alike."""
    request = s3_request("my-bucket.localhost:4577", "/a/key?x=1")
    aws = ready(settings(aws_endpoint="http://localhost:5000/prefix"), request)
    endpoint, signed = signed_by(aws, request)

    assert ("localhost", 5000) == (endpoint.host, endpoint.port)
    assert ("/prefix/a/key?x=1", "my-bucket.localhost:4577") == (signed.target, signed.headers.get("host"))


def test_a_distant_endpoint_gets_its_own_host_and_path_style(settings: MakeSettings) -> None:
    """Any other endpoint is spoken to by its name, with the bucket in the path."""
    request = s3_request("my-bucket.localhost:4577", "/a/key")
    aws = ready(settings(aws_endpoint="https://emulator.example:8443"), request)
    endpoint, signed = signed_by(aws, request)

    assert ("https", "emulator.example", 8443) == (endpoint.scheme, endpoint.host, endpoint.port)
    assert ("/my-bucket/a/key", "emulator.example:8443") == (signed.target, signed.headers.get("host"))


def test_global_services_are_signed_where_they_are(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """IAM called from eu-west-1 is addressed and signed in us-east-1."""
    body = b"Action=ListUsers&Version=2010-05-08"
    headers = Headers((signed_for("iam"), ("Content-Type", "application/x-www-form-urlencoded")))
    request = Request("POST", "/", headers, body)
    aws = ready(settings(aws_endpoint=""), request, monkeypatch)
    endpoint, signed = signed_by(aws, request)

    assert "iam.amazonaws.com" == endpoint.host
    assert "/us-east-1/iam/" in signed.headers.get("authorization")


def test_a_region_that_cannot_be_is_the_apps_error(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A region that makes no host name goes nowhere."""
    request = Request("GET", "/", Headers((signed_for("s3", "evil.example#"),)), b"")
    aws = ready(settings(aws_endpoint=""), request, monkeypatch)
    with pytest.raises(AppError, match="evil"):
        signed_by(aws, request)


def test_without_credentials_nothing_is_signed(settings: MakeSettings) -> None:
    """Preparing says what is missing, and signing does too."""
    request = s3_request("localhost", "/b/k")
    aws = AwsSide(settings(aws_endpoint=""), SERVICES)
    with pytest.raises(ConfigurationError, match="No AWS credentials"):
        aws.prepare(call_for(request))
    with pytest.raises(ConfigurationError, match="no AWS credentials"):
        signed_by(aws, request)


def refusal(ahead: timedelta, status: int = 403, code: str = "RequestTimeTooSkewed") -> Reply:
    """AWS's refusal, its clock being so far ahead of ours."""
    date = format_datetime(datetime.now(tz=UTC) + ahead, usegmt=True)
    return Reply(status, Headers((("Date", date),)), f"<Error><Code>{code}</Code></Error>".encode())


def dated(request: Request) -> datetime:
    """When the request was signed, by its own word."""
    return datetime.strptime(request.headers.get("x-amz-date"), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


@pytest.mark.parametrize("hours", [2, -2])
def test_a_request_is_tried_again_by_awss_clock(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """Refused for its time, a request is worth one more try, and from then on every one has AWS's time."""
    request = s3_request("localhost", "/b/k")
    aws = ready(settings(aws_endpoint=""), request, monkeypatch)
    call = aws.address(aws.identify(call_for(request)))
    ahead = timedelta(hours=hours)
    first = aws.sign(call)

    assert aws.learns_time(call, first, refusal(ahead))
    second = aws.sign(call)
    assert timedelta(seconds=5) > abs(dated(second) - dated(first) - ahead)
    assert f"/{dated(second):%Y%m%d}/" in second.headers.get("authorization")
    assert not aws.learns_time(call, second, refusal(ahead))
    assert aws.learns_time(call, first, refusal(ahead))


@pytest.mark.parametrize(
    "reply",
    [
        lambda: Reply(200, Headers(), b"{}"),
        lambda: Reply(403, Headers(), b"<Code>RequestTimeTooSkewed</Code>"),
        lambda: refusal(timedelta()),
        lambda: refusal(timedelta(minutes=2), code="SignatureDoesNotMatch"),
        lambda: refusal(timedelta(hours=2), code="AccessDenied"),
        lambda: refusal(timedelta(hours=2), status=500),
    ],
    ids=range(6),
)
def test_another_refusal_is_not_worth_it(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, reply: Callable[[], Reply]
) -> None:
    """What AWS does not refuse because of the time is not tried again, and the time stays ours."""
    request = s3_request("localhost", "/b/k")
    aws = ready(settings(aws_endpoint=""), request, monkeypatch)
    call = aws.address(aws.identify(call_for(request)))

    signed = aws.sign(call)
    assert not aws.learns_time(call, signed, reply())
    signed = aws.sign(call)
    assert timedelta(seconds=5) > abs(dated(signed) - datetime.now(tz=UTC))


def test_who_may_be_anybody_is_not_asked_for_the_time(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backend of somebody's API cannot set the clock that requests to AWS are signed by."""
    request = s3_request("localhost", "/b/k")
    aws = ready(settings(aws_endpoint=""), request, monkeypatch)
    _, signed = signed_by(aws, request)
    api = call_for(request, Operation("execute-api", "GET /prod/pets", "", "execute-api"))

    assert not aws.learns_time(api, signed, refusal(timedelta(hours=2)))


PRESIGNED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
)


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        (f"/b/k?{PRESIGNED}", ()),
        ("/b/k", ()),
        ("/b/k", (("X-Amz-Date", "20260101T000000Z"), ("Authorization", "Bearer t"))),
    ],
)
def test_what_is_not_dated_by_us_is_not_tried_again(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, target: str, headers: tuple[tuple[str, str], ...]
) -> None:
    """A presigned URL is refused for the client's own date; an unsigned request has none."""
    request = Request("GET", target, Headers((("Host", "b.s3.eu-west-1.amazonaws.com"), *headers)), b"")
    aws = ready(settings(aws_endpoint=""), s3_request("localhost", "/b/k"), monkeypatch)
    operation = Operation("s3", "GetObject", "rest-xml", "s3", "eu-west-1", "b")
    call = aws.address(call_for(request, operation, "eu-west-1"))
    signed = aws.sign(call)

    assert not aws.learns_time(call, signed, refusal(timedelta(hours=2)))


QUEUE = "http://localhost:4577/123456789012/q"


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        (
            "application/x-amz-json-1.0",
            f'{{"QueueUrl":"{QUEUE}","MessageBody":"{QUEUE}"}}',
            f'{{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/123456789012/q","MessageBody":"{QUEUE}"}}',
        ),
        (
            "application/x-www-form-urlencoded",
            "Action=SendMessage&MessageBody=a+b&QueueUrl=http%3A%2F%2Flocalhost%3A4577%2F1%2Fq",
            "Action=SendMessage&MessageBody=a+b&QueueUrl=https%3A%2F%2Fsqs.eu-west-1.amazonaws.com%2F1%2Fq",
        ),
    ],
)
def test_a_queues_url_is_turned_back(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, content_type: str, body: str, expected: str
) -> None:
    """AWS gets the URL with its own host, and a signature of the body that it gets."""
    headers = Headers(
        (
            ("Host", "localhost:4577"),
            signed_for("sqs"),
            ("Content-Type", content_type),
            ("X-Amz-Target", "AmazonSQS.SendMessage"),
            ("Content-Length", str(len(body))),
        )
    )
    request = Request("POST", "/", headers, body.encode())
    aws = ready(settings(aws_endpoint=""), request, monkeypatch)
    _, signed = signed_by(aws, request, {"QueueUrl"})
    _, left = signed_by(aws, request)
    head = b"POST / HTTP/1.1\r\n" + b"\r\n".join(n + b": " + v for n, v in signed.headers.to_bytes())
    found = signatures.verify(head, signed.body, {"AKIAUSER": Key("AKIAUSER", "secret")}, datetime.now(tz=UTC))

    assert (expected.encode(), body.encode()) == (signed.body, left.body)
    assert (True, "") == (found.accepted, found.message)
    assert body.encode() == request.body


def test_an_emulator_as_aws_gets_its_own_url(settings: MakeSettings) -> None:
    """The queue's URL leads to AWS's side, whichever that is."""
    body = f'{{"QueueUrl":"{QUEUE}"}}'.encode()
    headers = (("Host", "localhost:4577"), signed_for("sqs"), ("X-Amz-Target", "AmazonSQS.SendMessage"))
    request = Request("POST", "/", Headers(headers), body)
    aws = ready(settings(aws_endpoint="https://emulator.example:8443"), request)
    _, signed = signed_by(aws, request, {"QueueUrl"})

    assert b'{"QueueUrl":"https://emulator.example:8443/123456789012/q"}' == signed.body


def signed_call(access_key: str) -> Call:
    """A call that the app has signed with this key."""
    authorization = f"AWS4-HMAC-SHA256 Credential={access_key}/20260101/eu-west-1/dynamodb/aws4_request, Signature=0"
    headers = Headers((("X-Amz-Target", "DynamoDB_20120810.ListTables"), ("Authorization", authorization)))
    return call_for(Request("POST", "/", headers, b"{}"))


@pytest.mark.parametrize(
    ("endpoint", "access_key", "expected"),
    [
        ("http://127.0.0.1:9", "123456789012", "123456789012"),
        ("http://127.0.0.1:9", "AKIAAPP", "AKIAUSER"),
        ("", "123456789012", "AKIAUSER"),
        ("", "AKIAAPP", "AKIAUSER"),
    ],
)
def test_an_account_as_a_key_is_for_emulators(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, endpoint: str, access_key: str, expected: str
) -> None:
    """What stands in AWS's place may tell accounts by it; AWS itself has no such key."""
    call = signed_call(access_key)
    aws = ready(settings(aws_endpoint=endpoint), call.request, monkeypatch)

    assert expected == aws.credentials_of(call).access_key
    assert (expected == access_key) == aws.has_own_credentials_for(call)


@pytest.fixture
def two_profiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user's file with two profiles."""
    file = tmp_path / "credentials"
    lines = ("[default]", "aws_access_key_id=AKIAONE", "aws_secret_access_key=s", "[second]")
    file.write_text("\n".join((*lines, "aws_access_key_id=AKIATWO", "aws_secret_access_key=s", "")), encoding="utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))


@pytest.mark.usefixtures("two_profiles")
@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:9"])
def test_a_key_may_have_a_profile(settings: MakeSettings, endpoint: str) -> None:
    """Its credentials are loaded for the first call that is signed with it, and sign that alone."""
    aws = AwsSide(settings(aws_endpoint=endpoint, credentials="AKIAAPP=second,123456789012=second"), SERVICES)
    other, mapped, account = map(signed_call, ("AKIAOTHER", "AKIAAPP", "123456789012"))
    aws.prepare(other)

    assert (True, False) == (aws.is_ready_for(other), aws.is_ready_for(mapped))
    aws.prepare(mapped)
    aws.prepare(account)
    assert aws.is_ready_for(mapped)
    assert ["AKIAONE", "AKIATWO", "AKIATWO"] == [aws.credentials_of(c).access_key for c in (other, mapped, account)]
    assert [False, True, True] == list(map(aws.has_own_credentials_for, (other, mapped, account)))


def test_an_endpoint_in_awss_place_is_asked_who_the_caller_is(settings: MakeSettings, stand_in: StandIn) -> None:
    """With the region of the run, and the credentials in question."""
    aws = AwsSide(settings(aws_endpoint=stand_in.url, region="eu-west-1"), SERVICES)
    caller = asyncio.run(aws.ask_caller(Credentials("AKIASOMEBODY", "s")))

    assert ("123456789012", "eu-west-1") == (caller.account, caller.region)
    (received,) = stand_in.received_from_proxy
    assert "Credential=AKIASOMEBODY/" in (received.header("authorization") or "")


def test_aws_itself_is_asked_who_the_caller_is(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """By botocore, quickly or not at all."""
    found = CallerIdentity("123456789012", "arn:aws:iam::123456789012:user/u", "us-east-1")
    asked: list[object] = []

    def caller(_session: object, credentials: Credentials, region: str, *, timeouts: object) -> CallerIdentity:
        asked.extend((credentials.access_key, region, timeouts))
        return found

    monkeypatch.setattr(aws_side, "caller_identity", caller)
    aws = AwsSide(settings(aws_endpoint=""), SERVICES)

    assert found == asyncio.run(aws.ask_caller(Credentials("AKIASOMEBODY", "s")))
    assert ["AKIASOMEBODY", "", QUICK] == asked


def test_an_aws_that_is_slow_is_not_waited_for(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a resolver or a connection takes counts as well."""
    monkeypatch.setattr(aws_side, "caller_identity", lambda *_args, **_names: time.sleep(0.5))
    monkeypatch.setattr(caller_question, "MAX_SECONDS", 0.05)
    aws = AwsSide(settings(aws_endpoint=""), SERVICES)

    with pytest.raises(ContractError, match=r"no reply within 0\.05 s"):
        asyncio.run(aws.ask_caller(Credentials("AKIASOMEBODY", "s")))
