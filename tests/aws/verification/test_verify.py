"""Signatures made by botocore's own signers, and what is wrong with those that were tampered with."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

import botocore.credentials
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4PostAuth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.signing import signer
from cloudmock_contract.aws.signing.signer import SigningTarget
from cloudmock_contract.aws.verification.verify import needs_body, violation
from cloudmock_contract.aws.wire import forms
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.values.authentication import Version
from cloudmock_contract.values.http import Headers, Request, Streamed

KEYS = Credentials("AKIATHEAPPS", "the-apps/secret+key", "the/apps+token==")
WITHOUT_TOKEN = Credentials("AKIATHEAPPS", "the-apps/secret+key")
HOST = "127.0.0.1:4577"

MISFIT = "Its signature does not fit the request and the secret of its access key."
MALFORMED = "What it says about its signature is not complete, or not well formed."
LATE = "It was signed more than 15 minutes ago, or the clocks differ."
EXPIRED = "Its signature has expired."


def now() -> datetime:
    return datetime.now(tz=UTC)


def problem(request: Request, keys: Credentials, now: datetime, *, body_is_known: bool = True) -> str | None:
    """Why a request does not bear a valid signature of these keys."""
    reason = violation(request, authentication(request), keys, now, body_is_known=body_is_known)
    return None if reason is None else str(reason)


def resigned(request: Request, target: SigningTarget) -> Request:
    """The request signed anew with the app's keys."""
    return signer.sign(request, authentication(request), target, KEYS)


def signed_by(
    signer: Any,
    method: str = "GET",
    target: str = "/b/k",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    *,
    service: str = "s3",
    keys: Credentials = KEYS,
    **more: Any,
) -> Request:
    """A request as botocore's signer leaves it, and as it goes over the wire."""
    request = AWSRequest(method, f"http://{HOST}{target}", {**(headers or {})}, body)
    frozen = botocore.credentials.Credentials(keys.access_key, keys.secret_key, keys.token)
    signer(frozen, service, "eu-west-1", **more).add_auth(request)
    url = urlsplit(request.url)
    fields = (("Host", HOST), *((name, str(value)) for name, value in request.headers.items()))
    sent = url.path + (f"?{url.query}" if url.query else "")
    return Request(method, sent, Headers(fields), body)


def posted(
    changed: Mapping[str, str] | None = None, *, keys: Credentials = KEYS, lifetime: timedelta = timedelta(hours=1)
) -> Request:
    """An upload form as botocore's signer signs it, with a field changed, or left out if it is empty."""
    request = AWSRequest("POST", f"http://{HOST}/b")
    expiration = (now() + lifetime).strftime("%Y-%m-%dT%H:%M:%SZ")
    request.context["s3-presign-post-policy"] = {"expiration": expiration, "conditions": [{"bucket": "b"}]}
    frozen = botocore.credentials.Credentials(keys.access_key, keys.secret_key, keys.token)
    S3SigV4PostAuth(frozen, "s3", "eu-west-1").add_auth(request)
    return form_of({"key": "k", **request.context["s3-presign-post-fields"], **(changed or {})})


def form_of(fields: dict[str, str]) -> Request:
    content_type = "multipart/form-data; boundary=x"
    parts = [forms.field_part(name, value) for name, value in fields.items() if value]
    file = forms.Part(b'Content-Disposition: form-data; name="file"; filename="f"', b"data")
    headers = Headers((("Host", HOST), ("Content-Type", content_type)))
    return Request("POST", "/b", headers, forms.joined(content_type, [*parts, file]))


def without(request: Request, *names: str) -> Request:
    return replace(request, headers=request.headers.without({name.lower() for name in names}))


def having(request: Request, name: str, value: str) -> Request:
    """The request with this value of a header, in the place where it was."""
    fields = tuple((key, value if key.lower() == name.lower() else old) for key, old in request.headers.fields)
    return replace(request, headers=Headers(fields))


def authorized(request: Request, old: str, new: str) -> Request:
    """The request with something else in its Authorization header."""
    value = request.headers.get("authorization")
    assert old in value
    return having(request, "authorization", value.replace(old, new))


TARGETS = [
    "/",
    "/b/k",
    "/b/a%20b",
    "/b/a+b",
    "/b/%C3%BC%E6%97%A5%F0%9F%98%80",
    "/b/100%25",
    "/b/a%2Fb",
    "/b/a//b",
    "/b//a/",
    "/b/./a/../b",
    "/b/~-._%21%27%28%29%2A",
    "/b/%3B%3A%40%24%2C%3D%7C%3F%23%26",
    "/b/k?acl",
    "/b/k?acl=",
    "/b?list-type=2&prefix=a%2Fb%20c&delimiter=%2F",
    "/b?prefix=a%2Bb&a=2&a=1&A=3",
    "/b?x=%C3%BC&y=~-._&z=%2A",
    "/b?key=a=b",
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("signer", "service"),
    [(S3SigV4Auth, "s3"), (SigV4Auth, "lambda"), (S3SigV4QueryAuth, "s3"), (SigV4QueryAuth, "execute-api")],
)
def test_what_botocore_signs_is_verified(signer: Any, service: str, target: str) -> None:
    """Signatures in headers and in the query, of S3 and of the others, fit, however odd the path and the query are."""
    assert problem(signed_by(signer, target=target, service=service), KEYS, now()) is None


@pytest.mark.parametrize("body", [b"", b"data", b"\xff\x00" * 1000])
@pytest.mark.parametrize("headers", [{}, {"X-Amz-Meta-A": " a   b ", "Content-Type": "text/plain"}, {"X-Plain": "ü"}])
@pytest.mark.parametrize(("signer", "service"), [(S3SigV4Auth, "s3"), (SigV4Auth, "dynamodb")])
def test_bodies_and_headers_are_verified(signer: Any, service: str, headers: dict[str, str], body: bytes) -> None:
    """The body and the headers that were signed fit, blanks and all."""
    assert problem(signed_by(signer, "PUT", "/b/k", headers, body, service=service), KEYS, now()) is None


SPELLINGS = st.text(st.sampled_from("ab/.%+~ -_=&?é😀\\"), max_size=12)


@given(SPELLINGS, st.lists(st.tuples(SPELLINGS, SPELLINGS), max_size=3), st.booleans())
def test_any_path_and_query_is_verified(path: str, pairs: list[tuple[str, str]], is_s3: bool) -> None:
    """Whatever a client asks for, the signature that botocore makes of it fits."""
    query = "&".join(f"{quote(name, '')}={quote(value, '')}" for name, value in pairs)
    target = f"/{quote(path)}" + (f"?{query}" if query else "")
    signer, service = (S3SigV4Auth, "s3") if is_s3 else (SigV4Auth, "lambda")

    assert problem(signed_by(signer, target=target, service=service), KEYS, now()) is None


@pytest.mark.parametrize(
    ("target", "sent"),
    [("/b/a%20b?x=a%20b", "/b/a%20b?x=a+b"), ("/b/%2A?x=%2A", "/b/*?x=*"), ("/b/a%2Bb", "/b/a%2bb")],
)
def test_another_spelling_of_the_target_is_verified(target: str, sent: str) -> None:
    """A target that a client signed in AWS's spelling and sent in its own is the same target."""
    assert problem(replace(signed_by(S3SigV4Auth, target=target), target=sent), KEYS, now()) is None


CLIENTS_OWN = Credentials("AKIACLIENTSOWN", "clients-own-secret", "clients/own+token==")


@pytest.mark.parametrize(
    ("service", "method", "parameters"),
    [
        ("s3", "put_object", {"Bucket": "b", "Key": "a b/ü+%2F", "Body": b"data", "Metadata": {"a": "1"}}),
        ("s3", "list_objects_v2", {"Bucket": "b", "Prefix": "a b/", "Delimiter": "/"}),
        ("dynamodb", "get_item", {"TableName": "t", "Key": {"id": {"S": "é"}}}),
        ("ec2", "describe_instances", {"Filters": [{"Name": "tag:a b", "Values": ["*"]}]}),
        ("lambda", "invoke", {"FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:f", "Payload": b"{}"}),
        ("route53", "list_resource_record_sets", {"HostedZoneId": "Z1", "StartRecordName": "a*b."}),
        ("iot-data", "publish", {"topic": "a/b c", "payload": b"x"}),
    ],
)
def test_what_boto3_sends_is_verified(
    sdk_request: Callable[..., Request], service: str, method: str, parameters: dict[str, Any]
) -> None:
    """Requests of a whole SDK fit their signature, with all the headers that it adds."""
    request = sdk_request(service, method, **parameters)

    assert problem(request, CLIENTS_OWN, now()) is None
    assert problem(replace(request, method="PATCH"), CLIENTS_OWN, now()) == MISFIT


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_what_boto3_presigns_is_verified(presigned: Callable[..., Request], version: str) -> None:
    """Presigned URLs of a whole SDK fit their signature, in either version."""
    request = presigned("s3", "get_object", {"signature_version": version}, Bucket="b", Key="a b/ü+%2F")

    assert problem(request, CLIENTS_OWN, now()) is None
    assert problem(replace(request, method="PUT"), CLIENTS_OWN, now()) == MISFIT


def _shifted(request: Request) -> Request:
    return authorized(request, "/eu-west-1/", "/us-east-1/")


_TAMPERED: dict[str, Callable[[Request], Request]] = {
    "method": lambda r: replace(r, method="DELETE"),
    "path": lambda r: replace(r, target=r.target.replace("/b/k", "/b/other")),
    "query value": lambda r: replace(r, target=r.target.replace("x=1", "x=2")),
    "query added": lambda r: replace(r, target=r.target + "&z=1"),
    "query removed": lambda r: replace(r, target=r.target.partition("?")[0]),
    "host": lambda r: having(r, "host", "localhost:4577"),
    "content type": lambda r: having(r, "content-type", "text/html"),
    "metadata": lambda r: having(r, "x-amz-meta-a", "2"),
    "header twice": lambda r: replace(r, headers=r.headers.adding(("X-Amz-Meta-A", "2"))),
    "token": lambda r: having(r, "x-amz-security-token", "another"),
    "region": _shifted,
    "service": lambda r: authorized(r, "/s3/", "/sts/"),
    "signature": lambda r: having(r, "authorization", r.headers.get("authorization")[:-1] + "x"),
    "empty signature": lambda r: having(r, "authorization", r.headers.get("authorization").partition("ture=")[0]),
    "date": lambda r: having(r, "x-amz-date", f"{now() - timedelta(minutes=1):%Y%m%dT%H%M%SZ}"),
    "fewer names": lambda r: authorized(r, "content-type;", ""),
    "body": lambda r: replace(r, body=b"other"),
    "hash": lambda r: having(r, "x-amz-content-sha256", sha256(b"other").hexdigest()),
    "unsigned body": lambda r: having(r, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
}


@pytest.mark.parametrize("name", _TAMPERED)
def test_what_was_changed_is_not_verified(name: str) -> None:
    """A request of which any signed part was altered after its signature does not pass."""
    headers = {"Content-Type": "text/plain", "X-Amz-Meta-A": "1"}
    request = signed_by(S3SigV4Auth, "PUT", "/b/k?x=1", headers, b"data")
    changed = _TAMPERED[name](request)

    assert changed != request
    assert problem(request, KEYS, now()) is None
    assert problem(changed, KEYS, now()) is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/b/k", "/b/other"),
        ("versionId=1", "versionId=2"),
        ("X-Amz-Expires=3600", "X-Amz-Expires=3601"),
        ("eu-west-1", "us-east-1"),
        ("the%2Fapps", "another%2Fapps"),
        ("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=host%3Brange"),
        ("X-Amz-Signature=", "X-Amz-Signature=0"),
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
        ("?", "?added=1&"),
    ],
)
def test_a_presigned_url_that_was_changed_is_not_verified(old: str, new: str) -> None:
    """Every part of a presigned URL is signed."""
    request = signed_by(S3SigV4QueryAuth, target="/b/k?versionId=1")
    changed = replace(request, target=request.target.replace(old, new))

    assert changed != request
    assert problem(changed, KEYS, now()) is not None


@pytest.mark.parametrize(
    ("make", "keys", "expected"),
    [
        (lambda: signed_by(S3SigV4Auth), replace(KEYS, secret_key="another"), MISFIT),
        (
            lambda: signed_by(S3SigV4Auth),
            replace(KEYS, access_key="AKIAANOTHER"),
            "It is signed with another access key.",
        ),
        (
            lambda: signed_by(S3SigV4Auth),
            replace(KEYS, token="another"),
            "Its session token is not that of its access key.",
        ),
        (
            lambda: signed_by(S3SigV4Auth, keys=WITHOUT_TOKEN),
            KEYS,
            "Its session token is not that of its access key.",
        ),
        (lambda: signed_by(S3SigV4Auth), WITHOUT_TOKEN, None),
        (
            lambda: replace(
                signed_by(S3SigV4Auth), headers=signed_by(S3SigV4Auth).headers.adding(("X-Amz-Acl", "public-read"))
            ),
            KEYS,
            "A header that has to be signed is not: x-amz-acl.",
        ),
        (
            lambda: replace(
                signed_by(S3SigV4QueryAuth),
                headers=signed_by(S3SigV4QueryAuth).headers.adding(("X-Amz-Acl", "public-read")),
            ),
            KEYS,
            "A header that has to be signed is not: x-amz-acl.",
        ),
        (
            lambda: without(signed_by(S3SigV4Auth, headers={"X-Amz-Meta-A": "1"}), "x-amz-meta-a"),
            KEYS,
            "A header that is signed is missing: x-amz-meta-a.",
        ),
        (
            lambda: authorized(signed_by(S3SigV4Auth), "SignedHeaders=host;", "SignedHeaders="),
            KEYS,
            "A header that has to be signed is not: host.",
        ),
        (lambda: having(signed_by(S3SigV4Auth), "x-amz-date", "today"), KEYS, "It does not say when it was signed."),
        (lambda: without(signed_by(S3SigV4Auth), "x-amz-date"), KEYS, "Its Date header is not signed."),
        (lambda: authorized(signed_by(S3SigV4Auth), ", SignedHeaders=", ", Names="), KEYS, MALFORMED),
        (lambda: authorized(signed_by(S3SigV4Auth), "/aws4_request", "/aws5_request"), KEYS, MALFORMED),
        (lambda: authorized(signed_by(S3SigV4Auth), "/eu-west-1", ""), KEYS, MALFORMED),
        (
            lambda: authorized(signed_by(S3SigV4Auth), f"{now():%Y%m%d}/", "20200101/"),
            KEYS,
            "It is signed for another day than the one it names.",
        ),
        (
            lambda: replace(signed_by(S3SigV4Auth, "PUT", body=b"data"), body=b"other"),
            KEYS,
            "Its body is not the one that was signed.",
        ),
        (lambda: Request("GET", "/", Headers((("Host", HOST),)), b""), KEYS, "It is not signed."),
        (
            lambda: Request("GET", "/", Headers((("Host", HOST), ("Authorization", "Bearer t"))), b""),
            KEYS,
            "It bears a token in place of a signature.",
        ),
    ],
)
def test_the_violation_says_what_is_wrong(make: Callable[[], Request], keys: Credentials, expected: str | None) -> None:
    """Each reason why a request is not verified has a sentence of its own."""
    assert expected == problem(make(), keys, now())


@pytest.mark.parametrize(
    ("minutes", "expected"), [(-16, LATE), (-14, None), (0, None), (14, None), (16, LATE), (60 * 24 * 3000, LATE)]
)
def test_a_signature_in_headers_is_valid_for_15_minutes(minutes: int, expected: str | None) -> None:
    """The clocks may differ by a quarter of an hour."""
    assert expected == problem(signed_by(S3SigV4Auth), KEYS, now() + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("expires", "seconds", "expected"),
    [
        (60, 50, None),
        (60, 70, EXPIRED),
        (604800, 604700, None),
        (604801, 0, "Its X-Amz-Expires is not from one second to seven days."),
        (0, 0, "Its X-Amz-Expires is not from one second to seven days."),
        ("-5", 0, "Its X-Amz-Expires is not from one second to seven days."),
        ("9" * 30, 0, "Its X-Amz-Expires is not from one second to seven days."),
        (3600, -1200, "Its signature is not valid yet."),
    ],
)
def test_a_presigned_url_expires(expires: Any, seconds: int, expected: str | None) -> None:
    """A presigned URL is valid from its date on for as long as it says, and for no more than a week."""
    request = signed_by(S3SigV4QueryAuth, expires=expires)

    assert expected == problem(request, KEYS, now() + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("service", "seconds", "expected"),
    [
        ("sts", 800, None),
        ("sts", 1000, EXPIRED),
        ("s3", 0, "Its X-Amz-Expires is not from one second to seven days."),
    ],
)
def test_a_presigned_url_without_expiry_is_valid_as_long_as_a_header(
    service: str, seconds: int, expected: str | None
) -> None:
    """Services other than S3 take such a URL, for a quarter of an hour."""

    class Signer(SigV4QueryAuth):  # type: ignore[misc]
        def _modify_request_before_signing(self, request: Any) -> None:
            super()._modify_request_before_signing(request)
            request.url = request.url.replace("X-Amz-Expires=3600&", "")

    request = signed_by(Signer, service=service)

    assert "Expires" not in request.target
    assert expected == problem(request, KEYS, now() + timedelta(seconds=seconds))


def test_a_signature_may_be_of_the_date_header() -> None:
    """The Date header says when a request was signed where X-Amz-Date is not there."""
    request = signed_by(SigV4Auth, headers={"Date": "soon"}, service="sts")

    assert "x-amz-date" not in request.headers
    assert problem(request, KEYS, now()) is None


@pytest.mark.parametrize(
    "kind", ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"]
)
def test_a_body_may_be_unsigned(kind: str) -> None:
    """What is stated in the place of the body's hash is signed, and the body is not."""

    class Signer(S3SigV4Auth):  # type: ignore[misc]
        def payload(self, _request: object) -> str:
            return kind

    request = signed_by(Signer, "PUT", body=b"data")

    assert problem(replace(request, body=b"other"), KEYS, now()) is None
    assert having(request, "x-amz-content-sha256", "x") != request
    assert problem(having(request, "x-amz-content-sha256", sha256(b"data").hexdigest()), KEYS, now()) is not None


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: signed_by(S3SigV4Auth, "PUT", body=b"data"), None),
        (lambda: signed_by(S3SigV4QueryAuth, "PUT"), None),
        (
            lambda: signed_by(SigV4Auth, "POST", body=b"data", service="lambda"),
            "It does not state the hash of its body, which is still to come.",
        ),
        (posted, "It is not signed."),
    ],
)
def test_a_body_that_is_still_to_come_is_taken_as_stated(make: Callable[[], Request], expected: str | None) -> None:
    """Without the body, its hash is what the request says that it is."""
    assert expected == problem(replace(make(), body=b""), KEYS, now(), body_is_known=False)


def _form(content_type: str, method: str = "POST") -> Request:
    return Request(method, "/", Headers((("Host", HOST), ("Content-Type", content_type))), b"")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: signed_by(S3SigV4Auth, "PUT"), False),
        (lambda: without(signed_by(S3SigV4Auth, "PUT"), "x-amz-content-sha256"), False),
        (lambda: signed_by(S3SigV4QueryAuth, "PUT"), False),
        (lambda: signed_by(SigV4Auth, "POST", service="lambda"), True),
        (lambda: signed_by(SigV4QueryAuth, "POST", service="lambda"), True),
        (lambda: signed_by(SigV4Auth, "POST", headers={"X-Amz-Content-Sha256": "0"}, service="lambda"), False),
        (lambda: replace(signed_by(SigV4Auth, "POST", service="lambda"), streamed=Streamed(1)), False),
        (lambda: _form("multipart/form-data; boundary=x"), True),
        (lambda: _form("application/x-www-form-urlencoded"), True),
        (lambda: replace(_form("application/x-www-form-urlencoded"), streamed=Streamed(1)), False),
        (lambda: _form("application/x-www-form-urlencoded", "PUT"), False),
        (lambda: _form("text/plain"), False),
        (lambda: replace(_form("text/plain"), headers=Headers((("Authorization", "AWS k:s"),))), False),
        (lambda: replace(_form("text/plain"), headers=Headers((("Authorization", "Bearer t"),))), False),
    ],
)
def test_some_signatures_are_of_the_body(make: Callable[[], Request], expected: bool) -> None:
    """A form may be signed in its body, and a signature may be of a hash that only the body tells."""
    request = make()

    assert expected is needs_body(request, authentication(request))


def test_a_streamed_body_is_taken_as_stated() -> None:
    """A body that is streamed is never there, and the hash that the request states is taken for its own."""
    request = replace(signed_by(S3SigV4Auth, "PUT", body=b"data"), body=b"", streamed=Streamed(4))

    assert problem(request, KEYS, now()) is None


@pytest.mark.parametrize("presigned", [False, True])
def test_signature_version_4a_is_verified(presigned: bool) -> None:
    """A signature with an asymmetric key is checked by the public key that the secret stands for."""
    client = signed_by(S3SigV4QueryAuth if presigned else S3SigV4Auth)
    request = resigned(client, SigningTarget(HOST, "s3", "*", now(), Version.V4A))

    assert "AWS4-ECDSA-P256-SHA256" in request.target + request.headers.get("authorization")
    assert problem(request, KEYS, now()) is None
    assert problem(replace(request, method="PUT"), KEYS, now()) == MISFIT
    assert problem(request, replace(KEYS, secret_key="another"), now()) == MISFIT


@pytest.mark.parametrize("signature", ["", "zz", "30", "ff" * 70])
def test_a_signature_of_version_4a_that_is_none_is_not_verified(signature: str) -> None:
    """What cannot be read as a signature is none."""
    request = resigned(signed_by(S3SigV4Auth), SigningTarget(HOST, "s3", "*", now(), Version.V4A))
    head = request.headers.get("authorization").partition("Signature=")[0]

    assert problem(having(request, "authorization", f"{head}Signature={signature}"), KEYS, now()) is not None


def _policy(expiration: object) -> str:
    return base64.b64encode(json.dumps({"expiration": expiration, "conditions": []}).encode()).decode()


@pytest.mark.parametrize(
    ("make", "keys", "expected"),
    [
        (posted, KEYS, None),
        (lambda: posted(keys=WITHOUT_TOKEN), WITHOUT_TOKEN, None),
        (lambda: posted({"key": "other"}), KEYS, None),
        (lambda: posted({"policy": _policy("2099-01-01T00:00:00Z")}), KEYS, MISFIT),
        (lambda: posted({"x-amz-signature": "0" * 64}), KEYS, MISFIT),
        (lambda: posted({"x-amz-signature": ""}), KEYS, MISFIT),
        (lambda: posted({"x-amz-date": ""}), KEYS, MALFORMED),
        (
            lambda: posted({"x-amz-date": "20200101T000000Z"}),
            KEYS,
            "It is signed for another day than the one it names.",
        ),
        (lambda: posted({"x-amz-algorithm": ""}), KEYS, MALFORMED),
        (lambda: posted({"x-amz-security-token": "other"}), KEYS, "Its session token is not that of its access key."),
        (lambda: posted(lifetime=timedelta(seconds=-1)), KEYS, "Its policy has expired."),
        (
            lambda: posted(
                {
                    "x-amz-algorithm": "AWS4-ECDSA-P256-SHA256",
                    "x-amz-credential": f"AKIATHEAPPS/{now():%Y%m%d}/s3/aws4_request",
                }
            ),
            KEYS,
            MALFORMED,
        ),
    ],
)
def test_an_upload_form_is_verified(make: Callable[[], Request], keys: Credentials, expected: str | None) -> None:
    """The policy of a form that botocore signs fits its signature, and has not expired."""
    assert expected == problem(make(), keys, now())


@pytest.mark.parametrize("expiration", [1, None, "", "soon", "0001-01-01T00:00:00+23:59", ["2099-01-01"]])
def test_a_policy_says_when_it_expires(expiration: object) -> None:
    """A signed policy without a readable expiration is not good for ever."""
    request = resigned(posted({"policy": _policy(expiration)}), SigningTarget(HOST, "s3", "eu-west-1", now()))

    assert problem(request, KEYS, now()) == "Its policy does not say when it expires."


def test_an_old_policy_is_not_verified() -> None:
    """The key that signs a policy is of one day, and is good for a week."""
    expected = "Its policy was signed more than seven days ago, or is not valid yet."

    assert expected == problem(posted(lifetime=timedelta(days=30)), KEYS, now() + timedelta(days=8))


HOSTILE = st.text(st.sampled_from("AKIATHES/=&;,:% \té\udcff2026T0Z-+\r\n\x00") | st.characters(), max_size=60)


@given(
    st.sampled_from(("authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "host")),
    HOSTILE,
)
def test_hostile_headers_are_a_violation_and_no_error(name: str, value: str) -> None:
    """Whatever stands in a header of the signature, the answer is a sentence."""
    request = signed_by(S3SigV4Auth)

    assert problem(having(request, name, value), KEYS, now()) is not None


@given(st.sampled_from(("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")), HOSTILE)
def test_hostile_queries_are_a_violation_and_no_error(name: str, value: str) -> None:
    """Whatever stands in a parameter of the signature, the answer is a sentence."""
    request = signed_by(S3SigV4QueryAuth)
    pairs = request.target.partition("?")[2].split("&")
    others = [pair for pair in pairs if not pair.startswith(f"X-Amz-{name}=")]
    target = f"/b/k?{'&'.join(others)}&X-Amz-{name}={value}"

    assert problem(replace(request, target=target), KEYS, now()) is not None


@pytest.mark.parametrize("time", ["99991231T235959Z", "00010101T000000Z"])
@pytest.mark.parametrize("style", ["header", "query", "form"])
def test_the_ends_of_time_are_a_violation_and_no_error(style: str, time: str) -> None:
    """A date at which calendars end is one like any other."""
    scope = f"AKIATHEAPPS/{time[:8]}/eu-west-1/s3/aws4_request"
    requests = {
        "header": authorized(having(signed_by(S3SigV4Auth), "x-amz-date", time), f"/{now():%Y%m%d}/", f"/{time[:8]}/"),
        "query": replace(
            (presigned := signed_by(S3SigV4QueryAuth)),
            target=presigned.target.replace("X-Amz-Date=", f"X-Amz-Date={time}&Was="),
        ),
        "form": posted({"x-amz-date": time, "x-amz-credential": scope}),
    }

    assert problem(requests[style], KEYS, now()) is not None
