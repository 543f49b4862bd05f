"""What is left of a request that may be shown."""

from collections.abc import Callable

import pytest

from cloudmock_contract.aws.signing.signature_redaction import redact_request
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.values.authentication import Style
from cloudmock_contract.values.http import Headers, Request

type MakeRequest = Callable[..., Request]

KEY, TOKEN, SIGNATURE = "AKIACANARYKEY", "canary/token+==", "c0" * 32
CANARIES = (KEY, TOKEN, "canary%2Ftoken%2B", SIGNATURE, "Y2FuYXJ5")
SCOPE = f"{KEY}/20260101/eu-west-1/s3/aws4_request"
FORM = "multipart/form-data; boundary=XX"


def part(name: str, value: str) -> str:
    return f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


def signed_form(**fields: str) -> bytes:
    policy = "eyJleHBpcmF0aW9uIjogIjIwMzAtMDEtMDFUMDA6MDA6MDBaIiwgImNvbmRpdGlvbnMiOiBbXX0="
    return ("".join(part(name, text) for name, text in {**fields, "policy": policy}.items()) + "--XX--\r\n").encode()


@pytest.mark.parametrize(
    "request_",
    [
        Request(
            "GET",
            "/b/k",
            Headers(
                (
                    (
                        "Authorization",
                        f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature={SIGNATURE}",
                    ),
                    ("X-AMZ-Security-Token", TOKEN),
                    ("x-amz-s3session-token", TOKEN),
                )
            ),
            b"",
        ),
        Request("GET", "/b/k", Headers((("Authorization", f"AWS {KEY}:Y2FuYXJ5"),)), b""),
        Request("GET", "/m", Headers((("authorization", f"Bearer {TOKEN}"),)), b""),
        Request("GET", "/m", Headers((("x-amz-sso_bearer_token", TOKEN),)), b""),
        Request(
            "GET",
            f"/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={SCOPE.replace('/', '%2F')}&X-Amz-Expires=60"
            "&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Security-Token=canary%2Ftoken%2B"
            f"&X-Amz-Signature={SIGNATURE}",
            Headers((("Host", "b.s3.eu-west-1.amazonaws.com"),)),
            b"",
        ),
        Request("GET", f"/b/k?AWSAccessKeyId={KEY}&Signature=Y2FuYXJ5&Expires=1", Headers(), b""),
        Request(
            "POST",
            "/b",
            Headers((("Content-Type", FORM),)),
            signed_form(**{"x-amz-credential": SCOPE, "x-amz-signature": SIGNATURE, "x-amz-security-token": TOKEN}),
        ),
        Request(
            "POST",
            "/b",
            Headers((("Content-Type", FORM),)),
            signed_form(AWSAccessKeyId=KEY, signature="Y2FuYXJ5"),
        ),
        Request(
            "POST",
            "/",
            Headers((("Content-Type", "application/x-www-form-urlencoded"),)),
            f"Action=ListDomains&AWSAccessKeyId={KEY}&SignatureVersion=2&Signature=Y2FuYXJ5".encode(),
        ),
    ],
    ids=["header", "v2 header", "bearer", "sso", "query", "v2 query", "form", "v2 form", "parameters"],
)
def test_no_secret_is_left(request_: Request) -> None:
    """Wherever a request has its key, signature or token, they are gone; how it was signed can still be told."""
    shown = redact_request(request_)
    text = f"{shown.target} {shown.headers.fields} {shown.body.decode()}"

    assert any(canary in f"{request_.target} {request_.headers.fields} {request_.body!r}" for canary in CANARIES)
    assert [] == [canary for canary in CANARIES if canary in text]
    assert "redacted" in text


def test_service_and_region_stay(sdk_request: MakeRequest, presigned: MakeRequest) -> None:
    """What the request was for can be told when it is sent again."""
    for request in (
        sdk_request("sqs", "list_queues"),
        presigned("s3", "get_object", {"signature_version": "s3v4"}, Bucket="b", Key="k"),
    ):
        before, after = authentication(request), authentication(redact_request(request))

        assert (before.style, before.region, before.signing_name) == (after.style, after.region, after.signing_name)
        assert before.style in (Style.HEADER, Style.QUERY)
        assert "redacted" == after.access_key


def test_what_has_no_secret_is_the_same(sdk_request: MakeRequest) -> None:
    """An unsigned request comes back as it is."""
    request = Request("GET", "/b/k?acl", Headers((("Host", "localhost"), ("Date", "today"))), b"")

    assert request is redact_request(request)


def test_what_cannot_be_taken_apart_is_not_shown() -> None:
    """A form whose policy is none could not be signed either: its body is left out."""
    body = (part("x-amz-credential", SCOPE) + part("policy", "?") + part("x-amz-signature", SIGNATURE)).encode()
    redacted = redact_request(Request("POST", "/b?x=1", Headers((("Content-Type", FORM),)), body))

    assert ("/b", b"") == (redacted.target, redacted.body)
