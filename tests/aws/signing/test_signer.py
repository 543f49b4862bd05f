"""Requests signed for another host, checked by a second implementation of signature version 4."""

import base64
import hashlib
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.endpoints.resolver import Endpoints, addressed
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.aws.signing import signer
from cloudmock_contract.aws.signing.aws_chunked import reframing
from cloudmock_contract.aws.signing.forwarded_request import FORWARDING, HOP_BY_HOP
from cloudmock_contract.aws.signing.signer import SigningTarget
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.errors import AppError
from cloudmock_contract.values.authentication import Version
from cloudmock_contract.values.http import Headers, Request, Streamed
from lab.aws_verifier import signatures
from lab.aws_verifier.signatures import Key, Verification

type MakeRequest = Callable[..., Request]

USERS = Credentials("AKIATHEUSERS", "the-users-secret", "the/users+token==")
CLIENTS_OWN = ("AKIACLIENTSOWN", "clients-own-secret", "clients/own+token==", "clients%2Fown%2Btoken")
HOST = "real.eu-west-1.amazonaws.com"
EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def uri_encoded(data: bytes, safe: bytes = b"") -> str:
    return quote(data, safe=safe + b"-._~")


def raw_head(request: Request) -> bytes:
    """The request's head as it goes over the wire."""
    lines = [
        f"{request.method} {request.target} HTTP/1.1".encode(),
        *(n + b": " + v for n, v in request.headers.to_bytes()),
    ]
    return b"\r\n".join(lines)


def verification(
    signed: Request, credentials: Credentials = USERS, now: datetime | None = None, *, is_tls: bool = True
) -> Verification:
    """What a front end of AWS makes of the request as it goes over the wire."""
    key = Key(credentials.access_key, credentials.secret_key, credentials.token or "")
    now = now or datetime.now(tz=UTC)
    keys = {key.access_key: key}
    return signatures.verify(raw_head(signed), signed.body, keys, now, is_tls=is_tls, host_scope=lambda _: None)


def verify(
    signed: Request,
    service: str,
    *,
    credentials: Credentials = USERS,
    region: str = "eu-west-1",
    is_tls: bool = True,
    style: str = "header",
) -> None:
    """Fails unless AWS would accept the request."""
    result = verification(signed, credentials, is_tls=is_tls)
    assert result.accepted, f"{result.code}: {result.message}"
    assert (style, service, region) == (result.style, result.service, result.region)


def sign(
    request: Request,
    *,
    url_scheme: str = "https",
    host: str = HOST,
    credentials: Credentials = USERS,
    signing_name: str,
    region: str = "eu-west-1",
    bearer_token: str = "",
    version: Version = Version.V4,
) -> Request:
    target = SigningTarget(host, signing_name, region, datetime.now(tz=UTC), version, is_tls=url_scheme == "https")
    return signer.sign(request, authentication(request), target, credentials, bearer_token=bearer_token)


def resigned(request: Request, service: str, credentials: Credentials = USERS, host: str = HOST) -> Request:
    return sign(request, host=host, credentials=credentials, signing_name=service)


def of_client(method: str, target: str, *fields: tuple[str, str], service: str = "s3", body: bytes = b"") -> Request:
    """A request that some client signed for the proxy."""
    scope = f"AKIACLIENTSOWN/20260101/us-east-1/{service}/aws4_request"
    headers = (
        ("Host", "localhost:4577"),
        ("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'c0' * 32}"),
        ("X-Amz-Date", "20260101T000000Z"),
        ("X-Amz-Security-Token", "clients/own+token=="),
    )
    return Request(method, target, Headers((*headers, *fields)), body)


def shown(request: Request) -> str:
    return f"{request.method} {request.target} {request.headers.fields} {request.body!r}"


_KEYS = "k|a b|a/b|ü|日本|😀|100%|%2F|%252F|a+b|a//b|//a|/a|a/|a/../b|..|./a|;:@$,=|?#&|!'()*~-._|\\^`{}\"<>[]"
KEYS = _KEYS.split("|")


# What an SDK sends: service, method, parameters; the signing name is the last.

CALLS: list[tuple[str, str, dict[str, Any], str]] = [
    ("dynamodb", "put_item", {"TableName": "t", "Item": {"id": {"S": "é"}}}, "dynamodb"),
    ("sqs", "send_message", {"QueueUrl": "http://127.0.0.1:4577/1/q", "MessageBody": "b"}, "sqs"),
    ("sns", "publish", {"TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": "a b+c&d"}, "sns"),
    ("ec2", "describe_instances", {"Filters": [{"Name": "tag:a b", "Values": ["*"]}]}, "ec2"),
    ("sts", "get_caller_identity", {}, "sts"),
    (
        "lambda",
        "invoke",
        {"FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:f", "Payload": b"{}"},
        "lambda",
    ),
    ("lambda", "list_tags", {"Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f"}, "lambda"),
    ("apigateway", "get_tags", {"resourceArn": "arn:aws:apigateway:eu-west-1::/restapis/a"}, "apigateway"),
    ("iot", "describe_thing", {"thingName": "a:b"}, "iot"),
    ("cloudwatch", "list_metrics", {"Namespace": "n"}, "monitoring"),
    ("stepfunctions", "list_state_machines", {}, "states"),
    ("route53", "create_hosted_zone", {"Name": "a.example", "CallerReference": "r"}, "route53"),
    ("s3", "list_buckets", {}, "s3"),
    ("s3", "list_objects_v2", {"Bucket": "b", "Prefix": "a b/+&=é", "Delimiter": "/"}, "s3"),
    ("s3", "get_bucket_acl", {"Bucket": "b"}, "s3"),
    ("s3", "delete_objects", {"Bucket": "b", "Delete": {"Objects": [{"Key": "<&>"}]}}, "s3"),
    ("s3", "copy_object", {"Bucket": "b", "Key": "k", "CopySource": {"Bucket": "c", "Key": "a b/ü+"}}, "s3"),
    ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b"x" * 100, "Metadata": {"a": "  two  spaces  "}}, "s3"),
    *(("s3", "put_object", {"Bucket": "b", "Key": key, "Body": b"body"}, "s3") for key in KEYS),
]


@pytest.mark.parametrize("token", ["the/users+token==", None])
@pytest.mark.parametrize(("service", "method", "parameters", "signing_name"), CALLS)
def test_what_an_sdk_sends_is_signed_as_aws_wants_it(
    sdk_request: MakeRequest,
    service: str,
    method: str,
    parameters: dict[str, Any],
    signing_name: str,
    token: str | None,
) -> None:
    """Each request has the signature that AWS computes for the user's credentials, and nothing of the client's own."""
    credentials = Credentials("AKIATHEUSERS", "the-users-secret", token)
    signed = resigned(sdk_request(service, method, **parameters), signing_name, credentials)

    verify(signed, signing_name, credentials=credentials)
    assert HOST == signed.headers.get("host")
    assert not any(secret in shown(signed) for secret in CLIENTS_OWN)


# Presigned URLs.


def query_of(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.query, keep_blank_values=True).items()}


@pytest.mark.parametrize("version", ["s3v4", "s3"])
@pytest.mark.parametrize("key", KEYS)
def test_a_presigned_url_is_signed_anew_in_its_query(presigned: MakeRequest, version: str, key: str) -> None:
    """A presigned URL of either version becomes one of the user's, for the same object."""
    parameters = {"Bucket": "b", "Key": key, "ResponseContentType": "text/plain; a=b", "VersionId": "v+1/="}
    request = presigned("s3", "get_object", {"signature_version": version}, **parameters)
    signed = resigned(request, "s3")

    verify(signed, "s3", style="query")
    assert not any(secret in shown(signed) for secret in CLIENTS_OWN)
    assert "/b/" + uri_encoded(key.encode(), b"/") == signed.path
    assert ("text/plain; a=b", "v+1/=") == (
        query_of(signed)["response-content-type"],
        query_of(signed)["versionId"],
    )


def test_a_presigned_url_keeps_its_date_and_expiry(presigned: MakeRequest) -> None:
    """It is valid as long as the client made it, and not a second longer."""
    request = presigned("s3", "get_object", {"signature_version": "s3v4"}, Bucket="b", Key="k")
    signed = resigned(request, "s3")
    names = ("X-Amz-Date", "X-Amz-Expires")
    signed_at = datetime.strptime(query_of(request)["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    assert [query_of(request)[name] for name in names] == [query_of(signed)[name] for name in names]
    assert verification(signed, now=signed_at + timedelta(seconds=3599)).accepted
    assert "has expired" in verification(signed, now=signed_at + timedelta(seconds=3605)).message


@pytest.mark.parametrize(
    ("seconds", "is_valid"), [(3600, True), (30 * 86400, True), (5, True), (0, False), (-60, False)]
)
def test_a_url_of_signature_version_2_is_valid_until_it_said(seconds: int, *, is_valid: bool) -> None:
    """An absolute end becomes a date and a length, at most the week that version 4 allows."""
    end = int((datetime.now(tz=UTC) + timedelta(seconds=seconds)).timestamp())
    target = f"/b/k?AWSAccessKeyId=AKIACLIENTSOWN&Signature=c0&Expires={end}"
    signed = resigned(Request("GET", target, Headers((("Host", "localhost"),)), b""), "s3")

    assert is_valid is verification(signed).accepted
    assert not {"AWSAccessKeyId", "Signature", "Expires"} & query_of(signed).keys()


@pytest.mark.parametrize("end", ["", "tomorrow", "9" * 400])
def test_a_url_without_a_readable_end_is_no_crash(end: str) -> None:
    """What cannot be an end is sent as some, for AWS to refuse."""
    target = f"/b/k?AWSAccessKeyId=AKIACLIENTSOWN&Signature=c0&Expires={end}"

    assert "X-Amz-Signature" in query_of(resigned(Request("GET", target, Headers(), b""), "s3"))


def test_a_presigned_token_is_the_users(presigned: MakeRequest) -> None:
    """The client's session token makes room for the user's, whose signature it belongs to."""
    request = presigned("sts", "get_caller_identity")
    signed = resigned(request, "sts")

    assert "clients%2Fown%2Btoken" in request.target
    assert "the/users+token==" == query_of(signed)["X-Amz-Security-Token"]
    verify(signed, "sts", style="query")


def presigned_put(signed_headers: str) -> Request:
    query = (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential=AKIACLIENTSOWN%2F{datetime.now(tz=UTC):%Y%m%d}%2Fus-east-1%2Fs3%2Faws4_request"
        f"&X-Amz-Date={datetime.now(tz=UTC):%Y%m%dT%H%M%SZ}&X-Amz-Expires=60"
        f"&X-Amz-SignedHeaders={signed_headers}&X-Amz-Signature=c0"
    )
    headers = (("Host", "localhost"), ("Content-Type", "text/plain"), ("x-amz-meta-a", "1"), ("Content-Length", "4"))
    return Request("PUT", f"/b/k?{query}", Headers(headers), b"body")


def test_a_presigned_upload_signs_the_headers_that_the_client_signed() -> None:
    """What the client bound the URL to stays bound."""
    signed = resigned(presigned_put("content-length%3Bcontent-type%3Bhost%3Bx-amz-meta-a"), "s3")

    assert "content-length;content-type;host;x-amz-meta-a" == query_of(signed)["X-Amz-SignedHeaders"]
    verify(signed, "s3", style="query")


@pytest.mark.parametrize("signed_headers", ["host", "host%3Bx-amz-acl%3Bx-amz-meta-a"])
def test_a_presigned_upload_that_aws_would_refuse_is_refused(signed_headers: str) -> None:
    """A header that was not signed, or that was signed and is missing, is AWS's to complain about: so it can."""
    assert not verification(resigned(presigned_put(signed_headers), "s3")).accepted


def test_signature_version_2_stays_where_it_is_wanted(presigned: MakeRequest) -> None:
    """An emulator gets the version that the client used, in headers and in the query."""
    test = Credentials("test", "test")
    url = presigned("s3", "get_object", {"signature_version": "s3"}, Bucket="b", Key="k", VersionId="v")
    headers = Headers((("Host", "localhost"), ("Authorization", "AWS AKIACLIENTSOWN:c0"), ("x-amz-acl", "private")))
    for request, style in ((url, "v2-query"), (Request("PUT", "/b/k?acl", headers, b""), "v2-header")):
        signed = sign(request, credentials=test, signing_name="s3", version=Version.V2, host="localhost")
        result = verification(signed, test)

        assert (True, style) == (result.accepted, result.style), result.message
        assert not any(secret in shown(signed) for secret in CLIENTS_OWN)


@pytest.mark.parametrize("in_body", [True, False])
def test_the_query_protocols_signature_version_2_is_made_anew(*, in_body: bool) -> None:
    """SimpleDB has its signature among the parameters, wherever they are."""
    text = (
        "Action=ListDomains&AWSAccessKeyId=AKIACLIENTSOWN&SignatureVersion=2&SignatureMethod=HmacSHA256"
        "&Timestamp=2026-01-01T00%3A00%3A00Z&Version=2009-04-15&SecurityToken=clients%2Fown%2Btoken%3D%3D&Signature=c0"
    )
    form = (("Host", "localhost"), ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"))
    request = (
        Request("POST", "/", Headers(form), text.encode()) if in_body else Request("GET", f"/?{text}", Headers(), b"")
    )
    signed = sign(request, signing_name="sdb")

    result = verification(signed)
    assert result.accepted, result.message
    assert not any(secret in shown(signed) for secret in CLIENTS_OWN)


def test_several_regions_are_signed_with_an_asymmetric_key() -> None:
    """Where the endpoint wants version 4a, that is what it gets, in headers and in the query."""
    for request, style in ((of_client("GET", "/k"), "header"), (presigned_put("host%3Bx-amz-meta-a"), "query")):
        signed = sign(request, signing_name="s3", region="*", version=Version.V4A)
        result = verification(signed)

        assert (True, style, "s3") == (result.accepted, result.style, result.service), result.message


def test_an_upload_form_is_signed_anew(clients: Any) -> None:
    """A browser's form keeps its fields, its file and its policy's conditions; the signature is the user's."""
    post = clients.client("s3").generate_presigned_post(
        "b", "user/é", Fields={"acl": "private"}, Conditions=[{"acl": "private"}, ["content-length-range", 1, 10]]
    )
    fields = {**post["fields"], "file": "content"}
    body = "".join(
        f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    headers = (("Host", "localhost"), ("Content-Type", "multipart/form-data; boundary=XX"))
    signed = resigned(Request("POST", "/b", Headers(headers), f"{body}--XX--\r\n".encode()), "s3")

    result = verification(signed)
    assert (True, "policy") == (result.accepted, result.style), result.message
    assert not any(secret in shown(signed) for secret in CLIENTS_OWN)
    assert b"user/\xc3\xa9" in signed.body
    assert str(len(signed.body)) == signed.headers.get("content-length")


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
@pytest.mark.parametrize(
    "target",
    [
        "",
        "/",
        "/a b",
        "/a%20b",
        "/a+b",
        "/%2F",
        "/a//b",
        "//",
        "/a/./../b",
        "/%7e",
        "/%c3%a9",
        "/é",
        "/100%",
        "/%zz",
        "/a;b:c@d$e,f",
        "/a#b",
        "/a\\b",
        "/?acl",
        "/?acl&a=&b=c",
        "/?b=2&a=1&a=0",
        "/?a=b+c%2Bd",
        "/?a=b=c",
        "/?=v",
        "/?&&a",
        "/?a?b/c",
        "/?a#b",
        "/?%",
        "/?A=1&a=2&%41=3",
        "/?é=ü",
        "/%00?%00",
    ],
)
def test_any_target_is_signed_as_it_is_sent(service: str, target: str) -> None:
    """The path and query on the wire are those that the signature is of."""
    signed = resigned(of_client("GET", target, service=service), service)

    verify(signed, service)
    assert signed.target.startswith("/")
    assert signed.target.isascii()
    assert not set(signed.target) & set(" #\\+")


_TARGETS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20).map(lambda text: f"/{text}")


@given(st.sampled_from(["s3", "dynamodb"]), _TARGETS | st.text("/.%2Fa?&=+ ", max_size=20).map(lambda text: f"/{text}"))
def test_every_target_is_signed_as_it_is_sent(service: str, target: str) -> None:
    """So it is with whatever path and query can be thought of, unless they end in dots, which the rules leave open."""
    assume(not target.partition("?")[0].endswith(("/.", "/..")))

    verify(resigned(of_client("GET", target, service=service), service), service)


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
@pytest.mark.parametrize(
    "fields",
    [
        [("Content-Type", "application/json")],
        [("content-type", "  text/plain;   charset=utf-8  ")],
        [("Content-MD5", "hBotaJrYa9FhFEdFPCLG/A==")],
        [("x-amz-meta-a", "b"), ("X-Amz-Meta-A", "a")],
        [("x-amz-meta-a", "")],
        [("x-amz-meta-a", "a   b"), ("x-amz-acl", "private")],
        [("x-amz-meta-a", '"quoted   spaces"')],
        [("x-amz-meta-name", "Jürgen")],
        [("X-AMZ-TARGET", "DynamoDB_20120810.ListTables")],
        [("Date", "Thu, 01 Jan 2026 00:00:00 GMT")],
        [("x-amz-date", "20250101T000000Z"), ("authorization", "AWS AKIACLIENTSOWN:clients-own-secret")],
        [
            ("User-Agent", "sdk"),
            ("Accept-Encoding", "identity"),
            ("Range", "bytes=0-1"),
            ("amz-sdk-request", "attempt=1"),
        ],
    ],
)
def test_any_headers_are_signed_as_they_are_sent(service: str, fields: list[tuple[str, str]]) -> None:
    """Doubled, folded, empty and foreign headers do not break the signature."""
    signed = resigned(of_client("PUT", "/b/k", *fields, service=service, body=b"body"), service)

    verify(signed, service)


def test_headers_for_the_service_stay() -> None:
    """What the client tells the service arrives as it was told, in its order."""
    fields = (
        ("User-Agent", "sdk"),
        ("X-Amz-Meta-A", "1"),
        ("x-amz-meta-a", "2"),
        ("Content-Encoding", "gzip"),
        ("x-amz-server-side-encryption-customer-key", "a2V5"),
        ("x-amz-checksum-crc32", "y/Q5Jg=="),
        ("amz-sdk-invocation-id", "1"),
        ("If-None-Match", "*"),
    )
    signed = resigned(of_client("PUT", "/b/k", *fields, body=b"123456789"), "s3")

    assert fields == tuple(field for field in signed.headers.fields if field in fields)


@pytest.mark.parametrize("raw", [b"J\xfcrgen", b"\xff\xfe", "日本".encode()])
def test_headers_keep_their_bytes(raw: bytes) -> None:
    """What is not ASCII, or not even UTF-8, arrives as the bytes that it was."""
    fields = Headers.from_bytes([(b"x-amz-meta-a", raw), (b"X-Note", raw)]).fields
    signed = resigned(of_client("PUT", "/b/k", *fields, body=b"body"), "s3")

    assert {(b"x-amz-meta-a", raw), (b"X-Note", raw)} <= set(signed.headers.to_bytes())


@pytest.mark.parametrize("name", sorted(HOP_BY_HOP | FORWARDING))
def test_headers_for_the_proxy_alone_are_dropped(name: str) -> None:
    """What concerns the client's connection, and how the request came here, ends at the proxy."""
    signed = resigned(of_client("GET", "/b/k", (name.title(), "value"), ("X-Kept", "yes")), "s3")

    assert name not in signed.headers
    assert "yes" == signed.headers.get("x-kept")
    verify(signed, "s3")


def test_headers_that_connection_names_are_dropped() -> None:
    """A Connection header makes others the client's and the proxy's own affair; there may be more than one."""
    fields = (("Connection", "close, X-Private"), ("connection", "x-other"), ("X-PRIVATE", "1"), ("X-Other", "2"))
    signed = resigned(of_client("GET", "/b/k", *fields, ("X-Kept", "yes")), "s3")

    assert {"x-private", "x-other", "connection"}.isdisjoint(name.lower() for name, _ in signed.headers.fields)
    assert "yes" == signed.headers.get("x-kept")


@pytest.mark.parametrize(
    ("method", "body", "fields", "expected"),
    [
        ("GET", b"", [], None),
        ("GET", b"", [("Content-Length", "0")], "0"),
        ("DELETE", b"", [], None),
        ("PUT", b"", [], "0"),
        ("POST", b"", [], "0"),
        ("POST", b"body", [], "4"),
        ("POST", b"body", [("Content-Length", "3")], "4"),
        ("POST", b"body", [("Transfer-Encoding", "chunked")], "4"),
        ("GET", b"body", [], "4"),
    ],
)
def test_the_content_length_fits_the_body(
    method: str, body: bytes, fields: list[tuple[str, str]], expected: str | None
) -> None:
    """There is one Content-Length where there is a body or could be one, and it is right."""
    signed = resigned(of_client(method, "/b/k", *fields, body=body), "s3")
    lengths = [value for name, value in signed.headers.fields if name.lower() == "content-length"]

    assert ([] if expected is None else [expected]) == lengths
    assert "transfer-encoding" not in signed.headers


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (None, hashlib.sha256(b"body").hexdigest()),
        ("UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD"),
        (hashlib.sha256(b"other").hexdigest(), hashlib.sha256(b"other").hexdigest()),
        ("nonsense", "nonsense"),
    ],
)
def test_s3_is_told_what_the_client_says_of_the_body(stated: str | None, expected: str) -> None:
    """A client's statement of the body's hash goes on to S3, which checks it; without one it is computed."""
    fields = [] if stated is None else [("x-amz-content-sha256", stated)]
    signed = resigned(of_client("PUT", "/b/k", *fields, body=b"body"), "s3")
    is_true = expected in (hashlib.sha256(b"body").hexdigest(), "UNSIGNED-PAYLOAD")

    assert (expected,) == signed.headers.values("x-amz-content-sha256")
    assert is_true is verification(signed).accepted


def test_an_unsigned_payload_is_hashed_where_nothing_protects_it() -> None:
    """Without TLS a body that the client left unsigned gets its hash."""
    request = of_client("PUT", "/b/k", ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), body=b"body")

    verify(sign(request, url_scheme="http", signing_name="s3"), "s3", is_tls=False)


@pytest.mark.parametrize("target", ["/bucket/key", "/bucket/key?X-Amz-Expires=60&AWSAccessKeyId=nobodys"])
def test_unsigned_requests_stay_unsigned(target: str) -> None:
    """Who asks as nobody is answered as nobody: neither credentials nor a date are added."""
    request = Request("GET", target, Headers((("Host", "localhost"), ("Range", "bytes=0-1"))), b"")

    assert Request("GET", target, Headers((("Host", HOST), ("Range", "bytes=0-1"))), b"") == resigned(request, "s3")


def test_what_an_sdk_sends_unsigned_stays_unsigned(sdk_request: MakeRequest) -> None:
    """So it is with a real client."""
    via = {"unsigned": True}
    request = sdk_request("cognito-idp", "sign_up", via, ClientId="c", Username="u", Password="p")
    signed = resigned(request, "cognito-idp")

    assert "authorization" not in request.headers
    assert {"authorization", "x-amz-date", "x-amz-security-token"}.isdisjoint(
        name.lower() for name, _ in signed.headers.fields
    )
    assert request.body == signed.body
    assert request.headers.get("x-amz-target") == signed.headers.get("x-amz-target")


@pytest.mark.parametrize("authorization", ["garbage", "Basic dXNlcjpwYXNz", "AWS4-HMAC-SHA256 nonsense", "AWS4-"])
def test_an_unreadable_authorization_is_awss_to_refuse(authorization: str) -> None:
    """An Authorization header that is no AWS signature brings none about; an emulator is not shown it."""
    request = Request("GET", "/b/k", Headers((("Host", "localhost"), ("Authorization", authorization))), b"")
    emulator = SigningTarget(HOST, "s3", "eu-west-1", datetime.now(tz=UTC), keep_secrets=False)
    shown = signer.sign(request, authentication(request), emulator, USERS)

    assert (("Host", HOST), ("Authorization", authorization)) == resigned(request, "s3").headers.fields
    assert (("Host", HOST),) == shown.headers.fields


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("X-Amz-Signature=c0", "X-Amz-Signature="),
        ("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders="),
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=AWS5"),
        ("X-Amz-Expires=60", "x-amz-other=60"),
        ("%2F20260101%2F", "%2F20250101%2F"),
    ],
)
def test_a_url_that_is_not_whole_is_awss_to_refuse(part: str, instead: str) -> None:
    """What AWS would not take for a presigned URL does not become one."""
    whole = (
        "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIACLIENTSOWN%2F20260101%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=c0"
    )
    broken = Request("GET", whole.replace(part, instead), Headers((("Host", "localhost"),)), b"")

    assert USERS.access_key in shown(resigned(Request("GET", whole, broken.headers, b""), "s3"))
    assert USERS.access_key not in shown(resigned(broken, "s3"))


@pytest.mark.parametrize(
    ("authorization", "instead", "expected"),
    [
        ("Bearer a.jwt", "", "Bearer a.jwt"),
        ("bearer a.jwt", "", "bearer a.jwt"),
        ("Bearer a.jwt", "test", "Bearer test"),
    ],
)
def test_a_bearer_token_is_kept_or_replaced(authorization: str, instead: str, expected: str) -> None:
    """A bearer token goes on as it is, unless there is another one to take its place."""
    request = Request("POST", "/", Headers((("Host", "localhost"), ("Authorization", authorization))), b"{}")
    signed = sign(
        request,
        url_scheme="https",
        host=HOST,
        credentials=USERS,
        signing_name="codecatalyst",
        region="us-east-1",
        bearer_token=instead,
    )

    assert (("Host", HOST), ("Content-Length", "2"), ("Authorization", expected)) == signed.headers.fields


def test_a_bearer_token_is_given_to_nobody_else() -> None:
    """The token that replaces a client's is not added to a request that had none."""
    unsigned = Request("GET", "/", Headers((("Host", "localhost"),)), b"")
    for request in (unsigned, of_client("GET", "/")):
        signed = sign(
            request,
            url_scheme="http",
            host="localhost:4566",
            credentials=USERS,
            signing_name="s3",
            region="us-east-1",
            bearer_token="secret-bearer",
        )

        assert "secret-bearer" not in shown(signed)


@pytest.mark.parametrize(
    "kind",
    [
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    ],
)
def test_a_body_in_chunks_is_signed_plain(kind: str) -> None:
    """A streamed upload of any kind becomes a plain one: same bytes, same checksum, no chunk signature."""
    extension = b"" if "UNSIGNED" in kind else b";chunk-signature=" + b"c0" * 32
    trailer = b"x-amz-checksum-crc32:y/Q5Jg==\r\n" if kind.endswith("TRAILER") else b""
    fields = (
        ("x-amz-content-sha256", kind),
        ("x-amz-decoded-content-length", "9"),
        *((("x-amz-trailer", "x-amz-checksum-crc32"),) if trailer else ()),
        ("Content-Encoding", "gzip,aws-chunked"),
        ("Content-Length", "999"),
    )
    body = b"9" + extension + b"\r\n123456789\r\n0" + extension + b"\r\n" + trailer + b"\r\n"
    signed = resigned(of_client("PUT", "/b/k", *fields, body=body), "s3")

    verify(signed, "s3")
    assert b"123456789" == signed.body
    stated = "UNSIGNED-PAYLOAD" if "UNSIGNED" in kind else hashlib.sha256(b"123456789").hexdigest()
    assert stated == signed.headers.get("x-amz-content-sha256")
    assert "gzip" == signed.headers.get("content-encoding")
    assert ("y/Q5Jg==" if trailer else "") == signed.headers.get("x-amz-checksum-crc32")


def test_a_body_in_broken_chunks_is_the_apps_error() -> None:
    """What cannot be unpacked cannot be signed."""
    request = of_client(
        "PUT", "/b/k", ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"), body=b"5\r\nhell"
    )

    with pytest.raises(AppError):
        resigned(request, "s3")


@pytest.mark.parametrize(
    ("scheme", "host"), [("https", "real.amazonaws.com"), ("http", "localhost:4566"), ("http", "[::1]:4566")]
)
def test_any_host_is_signed(scheme: str, host: str) -> None:
    """The Host header is the one that was request for, once, whatever the client's was; emulators are hosts, too."""
    signed = sign(
        of_client("POST", "/", ("HOST", "second"), service="sqs", body=b"{}"),
        url_scheme=scheme,
        host=host,
        credentials=USERS,
        signing_name="sqs",
        region="eu-west-1",
    )

    verify(signed, "sqs")
    assert [host] == [value for name, value in signed.headers.fields if name.lower() == "host"]


@pytest.mark.parametrize("style", ["header", "query", "bearer", "chunked", "unsigned"])
def test_the_input_is_never_changed(style: str) -> None:
    """The request that came in is what it was, and its copy is another one."""
    presigned_target = "/b/k?X-Amz-Credential=A%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=0"
    request = {
        "header": of_client("PUT", "/b/a+b", ("Connection", "close"), body=b"body"),
        "query": Request("GET", presigned_target, Headers((("Host", "localhost"),)), b""),
        "bearer": Request("GET", "/", Headers((("Host", "localhost"), ("Authorization", "Bearer x"))), b""),
        "chunked": of_client(
            "PUT", "/b/k", ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"), body=b"1\r\na\r\n0\r\n\r\n"
        ),
        "unsigned": Request("GET", "/b/a+b", Headers((("Host", "localhost"),)), b""),
    }[style]
    before = shown(request)
    signed = resigned(request, "s3")

    assert before == shown(request)
    assert request != signed


@pytest.mark.parametrize("region", ["eu-west-1", "cn-north-1"])
def test_a_request_on_its_whole_way_is_what_aws_wants(
    sdk_request: MakeRequest, identifier: Identifier, services: Services, region: str
) -> None:
    """Identified, addressed and signed, an upload has the bucket's host and a signature that is right there."""
    request = sdk_request("s3", "put_object", {"region": region}, Bucket="my-bucket", Key="a b/ü", Body=b"body")
    authenticated = authentication(request)
    operation = identifier.identify(request, authenticated)
    endpoint = Endpoints(services).resolve(operation, region)
    signed = sign(
        addressed(request, authenticated, operation, endpoint),
        url_scheme=endpoint.scheme,
        host=endpoint.host_header,
        credentials=USERS,
        signing_name=endpoint.signing_name,
        region=endpoint.signing_region,
    )

    verify(signed, "s3", region=region)
    assert "/a%20b/%C3%BC" == signed.target
    assert signed.headers.get("host").startswith(f"my-bucket.s3.{region}.amazonaws.com")


DATA = bytes(range(256)) * 512
CRC32 = base64.b64encode(zlib.crc32(DATA).to_bytes(4)).decode()
CHUNKS_SAID = (
    ("X-Amz-Decoded-Content-Length", str(len(DATA))),
    ("Content-Encoding", "aws-chunked"),
)
TRAILER_SAID = (*CHUNKS_SAID, ("X-Amz-Trailer", "x-amz-checksum-crc32"))


def in_chunks(*, is_signed: bool, has_trailer: bool, chunk: int = 2**16) -> bytes:
    """The data as a client writes it in aws-chunked encoding."""
    extension = ";chunk-signature=" + "c0" * 32 if is_signed else ""
    parts = [DATA[start : start + chunk] for start in range(0, len(DATA), chunk)]
    lines = [f"{len(part):x}{extension}\r\n".encode() + part + b"\r\n" for part in parts]
    trailer = f"x-amz-checksum-crc32:{CRC32}\r\n" if has_trailer else ""
    if has_trailer and is_signed:
        trailer += f"x-amz-trailer-signature:{'c0' * 32}\r\n"
    return b"".join(lines) + f"0{extension}\r\n{trailer}\r\n".encode()


def streamed_and_signed(
    client: Request, body: bytes, version: Version = Version.V4, region: str = "eu-west-1"
) -> tuple[Request, Request]:
    """The signed head, and the same with the body that follows it on the wire."""
    head = replace(client, body=b"", streamed=Streamed(len(body)))
    signed = sign(head, signing_name="s3", region=region, version=version)
    reframe = reframing(head)
    pieces = [body[start : start + 5_000] for start in range(0, len(body), 5_000)]
    return signed, replace(signed, body=b"".join(map(reframe, [*pieces, b""])), streamed=None)


@pytest.mark.parametrize(
    ("fields", "body", "stated", "length"),
    [
        ((("X-Amz-Content-SHA256", hashlib.sha256(DATA).hexdigest()),), DATA, hashlib.sha256(DATA).hexdigest(), None),
        ((("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"),), DATA, "UNSIGNED-PAYLOAD", None),
        ((), DATA, "UNSIGNED-PAYLOAD", None),
        (
            (("X-Amz-Content-SHA256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), *CHUNKS_SAID),
            in_chunks(is_signed=True, has_trailer=False),
            "UNSIGNED-PAYLOAD",
            len(DATA),
        ),
        (
            (("X-Amz-Content-SHA256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"), *TRAILER_SAID),
            in_chunks(is_signed=True, has_trailer=True),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            0,
        ),
        (
            (("X-Amz-Content-SHA256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"), *TRAILER_SAID),
            in_chunks(is_signed=False, has_trailer=True),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            None,
        ),
    ],
    ids=["hashed", "unsigned", "not stated", "signed chunks", "signed trailer", "unsigned trailer"],
)
@pytest.mark.parametrize("version", [Version.V4, Version.V4A])
def test_a_streamed_request_is_what_aws_wants(
    fields: tuple[tuple[str, str], ...], body: bytes, stated: str, length: int | None, version: Version
) -> None:
    """The head is signed before the body is there, with what it can state of it; both together are accepted."""
    region = "*" if version is Version.V4A else "eu-west-1"
    head, whole = streamed_and_signed(of_client("PUT", "/b/k", *fields), body, version, region)
    result = verification(whole)

    assert result.accepted, f"{result.code}: {result.message}"
    assert (stated,) == head.headers.values("x-amz-content-sha256")
    lengths = () if length == 0 else (str(length or len(body)),)
    assert lengths == head.headers.values("content-length")
    assert (() if lengths else ("chunked",)) == head.headers.values("transfer-encoding")
    assert not [secret for secret in CLIENTS_OWN if secret in shown(head)]


@pytest.mark.parametrize("part", ["first", "last"])
def test_a_streamed_body_that_is_another_is_refused(part: str) -> None:
    """The hash that the client stated is what is signed: AWS checks it against what came."""
    _, whole = streamed_and_signed(
        of_client("PUT", "/b/k", ("X-Amz-Content-SHA256", hashlib.sha256(DATA).hexdigest())), DATA
    )
    body = b"x" + DATA[1:] if part == "first" else DATA[:-1] + b"x"

    assert verification(whole).accepted
    assert not verification(replace(whole, body=body)).accepted


def test_a_streamed_trailer_that_does_not_fit_is_refused() -> None:
    """The checksum in the trailer is the client's own, and still guards the body."""
    fields = (("X-Amz-Content-SHA256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"), *TRAILER_SAID)
    body = in_chunks(is_signed=True, has_trailer=True).replace(CRC32.encode(), b"AAAAAA==")
    _, whole = streamed_and_signed(of_client("PUT", "/b/k", *fields), body)

    assert not verification(whole).accepted


def test_small_chunks_of_the_apps_are_joined() -> None:
    """S3 refuses small chunks: no piece of the app's, however small, becomes a chunk of its own."""
    fields = (("X-Amz-Content-SHA256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"), *TRAILER_SAID)
    _, whole = streamed_and_signed(
        of_client("PUT", "/b/k", *fields), in_chunks(is_signed=True, has_trailer=True, chunk=100)
    )

    assert verification(whole).accepted


@pytest.mark.parametrize("stated", ["", "UNSIGNED-PAYLOAD", hashlib.sha256(DATA).hexdigest()])
def test_a_streamed_presigned_upload_is_accepted(stated: str) -> None:
    """A presigned URL stays one, whatever it says of the body."""
    request = presigned_put("host")
    fields = (("X-Amz-Content-SHA256", stated),) if stated else ()
    request = replace(request, headers=request.headers.without({"x-amz-acl", "x-amz-meta-a"}).adding(*fields))
    if stated:
        request = replace(request, target=request.target.replace("=host", "=host%3Bx-amz-content-sha256"))
    head, whole = streamed_and_signed(request, DATA)
    result = verification(whole)

    assert result.accepted, f"{result.code}: {result.message}"
    assert "query" == result.style
    assert "authorization" not in head.headers


def test_a_streamed_unsigned_request_stays_so() -> None:
    """Nobody's upload is nobody's, and has the length that its body will have."""
    request = Request("PUT", "/b/k", Headers((("Host", "localhost:4577"),)), b"", Streamed(len(DATA)))
    signed = sign(request, signing_name="s3")

    assert (("Host", HOST), ("Content-Length", str(len(DATA)))) == signed.headers.fields
    assert Streamed(len(DATA)) == signed.streamed
