"""The reference side: where a request goes, and how it looks there."""

from collections.abc import Callable

import pytest

from cloudmock_contract.aws.services import Services
from cloudmock_contract.errors import AppError, ConfigurationError
from cloudmock_contract.exchange import Headers, Request
from cloudmock_contract.proxy.reference import Reference
from cloudmock_contract.settings import Settings

type MakeSettings = Callable[..., Settings]

SERVICES = Services()


def signed_for(service: str, region: str = "eu-west-1") -> tuple[str, str]:
    scope = f"AKIACLIENT/20260101/{region}/{service}/aws4_request"
    return ("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00")


def ready(settings: Settings, request: Request, monkeypatch: pytest.MonkeyPatch | None = None) -> Reference:
    if monkeypatch:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUSER")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    reference = Reference(settings, SERVICES)
    reference.prepare(request)
    return reference


def s3_request(host: str, target: str) -> Request:
    return Request("GET", target, Headers((("Host", host), signed_for("s3"))), b"")


def test_is_ready_once_prepared(settings: MakeSettings) -> None:
    """The first request of a service has models to be loaded; the second one does not, nor does an invented name."""
    request = s3_request("localhost", "/b/k")
    reference = Reference(settings(), SERVICES)

    assert not reference.is_ready_for(request)
    reference.prepare(request)
    assert reference.is_ready_for(request)
    assert reference.is_ready_for(Request("GET", "/", Headers((signed_for("invented"),)), b""))


@pytest.mark.parametrize(
    ("host", "target"), [("localhost:4577", "/my-bucket/a/key"), ("my-bucket.localhost:4577", "/a/key")]
)
def test_a_bucket_goes_into_the_host_of_aws(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, host: str, target: str
) -> None:
    """Both S3 styles of the app become a bucket host at AWS."""
    request = s3_request(host, target)
    reference = ready(settings(aws_endpoint=""), request, monkeypatch)
    endpoint, signed = reference.signed(request, reference.identify(request))

    assert "my-bucket.s3.eu-west-1.amazonaws.com" == endpoint.host == signed.headers.get("host")
    assert "/a/key" == signed.target
    assert "Credential=AKIAUSER/" in signed.headers.get("authorization")


def test_a_loopback_endpoint_gets_the_apps_own_host(settings: MakeSettings) -> None:
    """An emulator as the reference sees the Host and path that CloudMock sees, so that the URLs it makes are alike."""
    request = s3_request("my-bucket.localhost:4577", "/a/key?x=1")
    reference = ready(settings(aws_endpoint="http://localhost:5000/prefix"), request)
    endpoint, signed = reference.signed(request, reference.identify(request))

    assert ("localhost", 5000) == (endpoint.host, endpoint.port)
    assert ("/prefix/a/key?x=1", "my-bucket.localhost:4577") == (signed.target, signed.headers.get("host"))


def test_a_distant_endpoint_gets_its_own_host_and_path_style(settings: MakeSettings) -> None:
    """Any other reference is spoken to by its name, with the bucket in the path."""
    request = s3_request("my-bucket.localhost:4577", "/a/key")
    reference = ready(settings(aws_endpoint="https://emulator.example:8443"), request)
    endpoint, signed = reference.signed(request, reference.identify(request))

    assert ("https", "emulator.example", 8443) == (endpoint.scheme, endpoint.host, endpoint.port)
    assert ("/my-bucket/a/key", "emulator.example:8443") == (signed.target, signed.headers.get("host"))


def test_global_services_are_signed_where_they_are(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """IAM called from eu-west-1 is addressed and signed in us-east-1."""
    body = b"Action=ListUsers&Version=2010-05-08"
    headers = Headers((signed_for("iam"), ("Content-Type", "application/x-www-form-urlencoded")))
    request = Request("POST", "/", headers, body)
    reference = ready(settings(aws_endpoint=""), request, monkeypatch)
    endpoint, signed = reference.signed(request, reference.identify(request))

    assert "iam.amazonaws.com" == endpoint.host
    assert "/us-east-1/iam/" in signed.headers.get("authorization")


def test_a_region_that_cannot_be_is_the_apps_error(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A region that makes no host name goes nowhere."""
    request = Request("GET", "/", Headers((signed_for("s3", "evil.example#"),)), b"")
    reference = ready(settings(aws_endpoint=""), request, monkeypatch)
    with pytest.raises(AppError, match="evil"):
        reference.signed(request, reference.identify(request))


def test_without_credentials_nothing_is_signed(settings: MakeSettings) -> None:
    """Preparing says what is missing, and signing does too."""
    request = s3_request("localhost", "/b/k")
    reference = Reference(settings(aws_endpoint=""), SERVICES)
    with pytest.raises(ConfigurationError, match="No AWS credentials"):
        reference.prepare(request)
    with pytest.raises(ConfigurationError, match="no AWS credentials"):
        reference.signed(request, reference.identify(request))
