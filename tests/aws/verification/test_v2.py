"""Signatures of version 2 that botocore's own signers make, and what is wrong with those that were tampered with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import botocore.credentials
import pytest
from botocore.auth import HmacV1Auth, HmacV1PostAuth, HmacV1QueryAuth, SigV2Auth
from botocore.awsrequest import AWSRequest

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.verification.verify import violation
from cloudmock_contract.aws.wire import forms
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.values.http import Headers, Request

KEYS = Credentials("AKIATHEAPPS", "the-apps/secret+key", "the/apps+token==")
HOST = "127.0.0.1:4577"

MISFIT = "Its signature does not fit the request and the secret of its access key."
MALFORMED = "What it says about its signature is not complete, or not well formed."
EXPIRED = "Its signature has expired."
LATE = "It was signed more than 15 minutes ago, or the clocks differ."
OTHER_TOKEN = "Its session token is not that of its access key."


def now() -> datetime:
    return datetime.now(tz=UTC)


def problem(request: Request, keys: Credentials, now: datetime) -> str | None:
    """Why a request does not bear a valid signature of these keys."""
    reason = violation(request, authentication(request), keys, now)
    return None if reason is None else str(reason)


def _signer(kind: Any, **more: Any) -> Any:
    return kind(botocore.credentials.Credentials(KEYS.access_key, KEYS.secret_key, KEYS.token), **more)


def s3(
    kind: Any = HmacV1Auth, method: str = "GET", target: str = "/b/k", host: str = HOST, resource: str = "", **more: Any
) -> Request:
    """An S3 request as botocore signs it; `resource`: the path in path style, where the host begins with the bucket."""
    headers = {"Content-Type": "text/plain", "X-Amz-Meta-A": "1"} if method == "PUT" else {}
    request = AWSRequest(method, f"http://{host}{target}", headers, auth_path=resource or None)
    _signer(kind, **more).add_auth(request)
    url = urlsplit(request.url)
    signed = [(name, str(value)) for name, value in request.headers.items()]
    if kind is HmacV1QueryAuth:
        signed = list(headers.items())  # which stand in the query as well
    fields = (("Host", host), *signed)
    return Request(method, url.path + (f"?{url.query}" if url.query else ""), Headers(fields), b"")


def parameters(method: str = "POST", **more: str) -> Request:
    """A request of the query protocol as botocore signs it."""
    values = {"Action": "Select", "SelectExpression": "select * from `a b` where c = 'é+~'", **more}
    request = AWSRequest(method, f"http://{HOST}/", data=values if method == "POST" else {}, params=values)
    _signer(SigV2Auth).add_auth(request)
    text = urlencode(request.data if method == "POST" else request.params)
    if method == "GET":
        return Request("GET", f"/?{text}", Headers((("Host", HOST),)), b"")
    content_type = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
    return Request("POST", "/", Headers((("Host", HOST), content_type)), text.encode())


def form(**changed: str) -> Request:
    """An upload form as botocore signs it, with a field changed."""
    request = AWSRequest("POST", f"http://{HOST}/b")
    expiration = (now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    request.context["s3-presign-post-policy"] = {"expiration": expiration, "conditions": []}
    _signer(HmacV1PostAuth).add_auth(request)
    content_type = "multipart/form-data; boundary=x"
    fields = {"key": "k", **request.context["s3-presign-post-fields"], **changed}
    body = forms.joined(content_type, [forms.field_part(name, value) for name, value in fields.items()])
    return Request("POST", "/b", Headers((("Host", HOST), ("Content-Type", content_type))), body)


def having(request: Request, name: str, value: str) -> Request:
    fields = tuple((key, value if key.lower() == name else old) for key, old in request.headers.fields)
    return replace(request, headers=Headers(fields))


@pytest.mark.parametrize("kind", [HmacV1Auth, HmacV1QueryAuth])
@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/b/k",
        "/b/a%20b",
        "/b/a+b",
        "/b/a//%C3%BC",
        "/b/a%2Fb",
        "/b/k?acl",
        "/b/k?versionId=a%2Bb&x=1",
        "/b?max-keys=1",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_what_botocore_signs_for_s3_is_verified(kind: Any, target: str, method: str) -> None:
    """Requests in path style, signed in headers or presigned, fit their signature."""
    assert problem(s3(kind, method, target), KEYS, now()) is None


@pytest.mark.parametrize("kind", [HmacV1Auth, HmacV1QueryAuth])
def test_the_bucket_may_stand_in_the_host(kind: Any) -> None:
    """What is signed is the path in path style, whichever style is used."""
    request = s3(kind, target="/k?acl", host="bucket.localhost:4577", resource="/bucket/k")

    assert problem(request, KEYS, now()) is None
    assert problem(having(request, "host", "other.localhost:4577"), KEYS, now()) == MISFIT


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_botocore_signs_for_the_query_protocol_is_verified(method: str) -> None:
    """Parameters fit their signature, in the query and in the body."""
    assert problem(parameters(method), KEYS, now()) is None


def test_a_form_that_botocore_signs_is_verified() -> None:
    """A policy fits its signature."""
    assert problem(form(), KEYS, now()) is None


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: replace(s3(), method="DELETE"), MISFIT),
        (lambda: replace(s3(), target="/b/other"), MISFIT),
        (lambda: replace(s3(), target="/b/k?acl"), MISFIT),
        (lambda: having(s3(method="PUT"), "content-type", "text/html"), MISFIT),
        (lambda: having(s3(method="PUT"), "x-amz-meta-a", "2"), MISFIT),
        (lambda: having(s3(), "authorization", f"AWS {KEYS.access_key}:"), MISFIT),
        (lambda: having(s3(), "authorization", f"AWS {KEYS.access_key}"), MISFIT),
        (lambda: having(s3(), "authorization", "AWS AKIAOTHER:x"), "It is signed with another access key."),
        (lambda: having(s3(), "date", "soon"), "It does not say when it was signed."),
        (lambda: having(s3(), "x-amz-security-token", "other"), OTHER_TOKEN),
        (lambda: replace(s3(HmacV1QueryAuth), target=s3(HmacV1QueryAuth).target.replace("/k", "/l")), MISFIT),
        (
            lambda: replace(s3(HmacV1QueryAuth), target=s3(HmacV1QueryAuth).target.replace("Expires=", "Expires=1")),
            MISFIT,
        ),
        (
            lambda: replace(s3(HmacV1QueryAuth), target=s3(HmacV1QueryAuth).target.replace("Expires=", "Expires=x")),
            MALFORMED,
        ),
        (lambda: having(s3(HmacV1QueryAuth, "PUT"), "x-amz-meta-a", "2"), MISFIT),
        (
            lambda: replace(
                s3(HmacV1QueryAuth, "PUT"), target=s3(HmacV1QueryAuth, "PUT").target.replace("meta-a=1", "meta-a=2")
            ),
            MISFIT,
        ),
        (lambda: replace(parameters(), body=parameters().body.replace(b"Select", b"Delete", 1)), MISFIT),
        (lambda: replace(parameters(), body=parameters().body + b"&Added=1"), MISFIT),
        (lambda: replace(parameters(), target="/other"), MISFIT),
        (lambda: having(parameters(), "host", "localhost"), MISFIT),
        (lambda: replace(parameters("GET"), method="HEAD"), MISFIT),
        (
            lambda: replace(parameters(), body=parameters().body.replace(b"HmacSHA256", b"HmacSHA1")),
            "It is not signed with HmacSHA256 and signature version 2.",
        ),
        (
            lambda: replace(parameters(), body=parameters().body.replace(b"Timestamp=", b"Timestamp=x")),
            "It does not say when it was signed.",
        ),
        (lambda: form(signature="0"), MISFIT),
        (lambda: form(policy="e30="), MISFIT),
        (lambda: form(**{"x-amz-security-token": "other"}), OTHER_TOKEN),
    ],
)
def test_what_was_changed_is_not_verified(make: Callable[[], Request], expected: str | None) -> None:
    """A request of which a signed part was altered after its signature does not pass, and the problem says why."""
    assert expected == problem(make(), KEYS, now())


@pytest.mark.parametrize(
    ("make", "minutes", "expected"),
    [
        (s3, 14, None),
        (s3, 16, LATE),
        (s3, -16, LATE),
        (lambda: s3(HmacV1QueryAuth, expires=3600), 59, None),
        (lambda: s3(HmacV1QueryAuth, expires=3600), 61, EXPIRED),
        (parameters, 14, None),
        (parameters, 16, LATE),
        (lambda: parameters(Expires="2020-01-01T00:00:00Z"), 0, EXPIRED),
        (lambda: parameters(Expires="2099-01-01T00:00:00Z"), 16, None),
        (form, 61, "Its policy has expired."),
    ],
)
def test_signatures_expire(make: Callable[[], Request], minutes: int, expected: str | None) -> None:
    """A signature is valid for a quarter of an hour, or as long as it says."""
    assert expected == problem(make(), KEYS, now() + timedelta(minutes=minutes))
