"""What a request's own authentication tells."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cloudmock_contract.aws.wire.authentication import HEADERS, QUERY_NAMES, QUERY_NAMES_V2, authentication
from cloudmock_contract.values.authentication import Authentication, Style, Version
from cloudmock_contract.values.http import Headers, Request

type Made = Callable[..., Request]

_V4 = "AWS4-HMAC-SHA256"
_V4A = "AWS4-ECDSA-P256-SHA256"


def request(target: str = "/", authorization: str | None = None) -> Request:
    fields = [("Host", "localhost:4577")]
    if authorization is not None:
        fields.append(("AUTHORIZATION", authorization))
    return Request("GET", target, Headers(tuple(fields)), b"")


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        (
            f"{_V4} Credential=AKID/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00",
            Authentication(Style.HEADER, Version.V4, "AKID", "eu-west-1", "dynamodb"),
        ),
        (
            f"{_V4} Credential=AKID/20260101/eu-west-1/dynamodb/aws4_request,SignedHeaders=host,Signature=00",
            Authentication(Style.HEADER, Version.V4, "AKID", "eu-west-1", "dynamodb"),
        ),
        (
            f"{_V4} SignedHeaders=host, Signature=00, Credential=AKID/20260101/us-east-1/s3/aws4_request",
            Authentication(Style.HEADER, Version.V4, "AKID", "us-east-1", "s3"),
        ),
        (
            f"{_V4} Credential=a/key/with/slashes/20260101/us-east-1/s3/aws4_request, Signature=00",
            Authentication(Style.HEADER, Version.V4, "a/key/with/slashes", "us-east-1", "s3"),
        ),
        (
            f"{_V4A} Credential=AKID/20260101/s3/aws4_request, SignedHeaders=host, Signature=00",
            Authentication(Style.HEADER, Version.V4A, "AKID", "", "s3"),
        ),
        (
            f"{_V4A} Credential=a/key/with/slashes/20260101/s3/aws4_request, SignedHeaders=host, Signature=00",
            Authentication(Style.HEADER, Version.V4A, "a/key/with/slashes", "", "s3"),
        ),
        ("AWS AKID:frJIUN8DYpKDtOLCwo//yllqDzg=", Authentication(Style.HEADER, Version.V2, "AKID", "", "s3")),
        ("Bearer a.jwt.token", Authentication(Style.BEARER)),
        ("bearer a.jwt.token", Authentication(Style.BEARER)),
        (f"{_V4} Credential=AKID, Signature=00", Authentication(Style.HEADER, Version.V4, "AKID")),
        (f"{_V4} Credential=AKID/20260101/s3/aws4_request", Authentication(Style.HEADER, Version.V4, "AKID")),
        (f"{_V4A} Credential=AKID/20260101/s3", Authentication(Style.HEADER, Version.V4A, "AKID")),
        (f"{_V4} Credential=, Signature=00", Authentication(Style.NONE)),
        (_V4, Authentication(Style.NONE)),
        ("AWS3-HTTPS AWSAccessKeyId=AKID, Signature=00", Authentication(Style.NONE)),
        ("Basic dXNlcjpwYXNz", Authentication(Style.NONE)),
        ("", Authentication(Style.NONE)),
        (None, Authentication(Style.NONE)),
    ],
)
def test_reads_the_authorization_header(authorization: str | None, expected: Authentication) -> None:
    """Signature version 4, 4a and 2 and bearer tokens are told apart; anything else counts as no authentication."""
    assert expected == authentication(request(authorization=authorization))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            f"X-Amz-Algorithm={_V4}&X-Amz-Credential=AKID%2F20260101%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=0",
            Authentication(Style.QUERY, Version.V4, "AKID", "eu-west-1", "s3"),
        ),
        (
            f"x-amz-signature=0&x-amz-algorithm={_V4}&x-amz-credential=AKID/20260101/eu-west-1/polly/aws4_request",
            Authentication(Style.QUERY, Version.V4, "AKID", "eu-west-1", "polly"),
        ),
        (
            f"X-Amz-Algorithm={_V4A}&X-Amz-Credential=AKID%2F20260101%2Fs3%2Faws4_request&X-Amz-Signature=0",
            Authentication(Style.QUERY, Version.V4A, "AKID", "", "s3"),
        ),
        (
            "X-Amz-Credential=AKID%2F20260101%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=0",
            Authentication(Style.QUERY, Version.V4, "AKID", "eu-west-1", "s3"),
        ),
        (
            "AWSAccessKeyId=AKID&Expires=1767225600&Signature=x%3D",
            Authentication(Style.QUERY, Version.V2, "AKID", "", "s3"),
        ),
        (
            "Action=ListDomains&AWSAccessKeyId=AKID&SignatureVersion=2&SignatureMethod=HmacSHA256&Signature=x%3D",
            Authentication(Style.PARAMETERS, Version.V2, "AKID"),
        ),
        ("Action=ListDomains&AWSAccessKeyId=AKID&SignatureVersion=2", Authentication(Style.NONE)),
        ("X-Amz-Credential=AKID%2F20260101%2Feu-west-1%2Fs3%2Faws4_request", Authentication(Style.NONE)),
        ("X-Amz-Signature=0", Authentication(Style.NONE)),
        ("AWSAccessKeyId=AKID", Authentication(Style.NONE)),
        ("acl", Authentication(Style.NONE)),
    ],
)
def test_reads_the_query(query: str, expected: Authentication) -> None:
    """A request is presigned if its query has both a credential and a signature."""
    assert expected == authentication(request(f"/b/k?{query}"))


def test_the_header_counts_before_the_query() -> None:
    """A request that is authenticated twice is what its header says."""
    query = "X-Amz-Credential=QUERY%2F20260101%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=0"
    header = f"{_V4} Credential=HEADER/20260101/us-east-2/sqs/aws4_request, Signature=0"

    assert Authentication(Style.HEADER, Version.V4, "HEADER", "us-east-2", "sqs") == authentication(
        request(f"/?{query}", header)
    )


@pytest.mark.parametrize(
    ("service", "method", "signing_name"),
    [
        ("dynamodb", "list_tables", "dynamodb"),
        ("stepfunctions", "list_state_machines", "states"),
        ("s3", "list_buckets", "s3"),
    ],
)
def test_reads_what_an_sdk_signs(sdk_request: Made, service: str, method: str, signing_name: str) -> None:
    """The header of a real client is read as what the client was told to sign."""
    expected = Authentication(Style.HEADER, Version.V4, "AKIACLIENTSOWN", "eu-west-1", signing_name)

    assert expected == authentication(sdk_request(service, method))


@pytest.mark.parametrize(("version", "expected", "region"), [("s3v4", Version.V4, "eu-west-1"), ("s3", Version.V2, "")])
def test_reads_what_an_sdk_presigns(presigned: Made, version: str, expected: Version, region: str) -> None:
    """A presigned URL of either version is read; version 2 names no region."""
    request = presigned("s3", "get_object", {"signature_version": version}, Bucket="my-bucket", Key="a key")

    assert Authentication(Style.QUERY, expected, "AKIACLIENTSOWN", region, "s3") == authentication(request)


@pytest.mark.parametrize(("version", "names"), [("s3v4", QUERY_NAMES), ("s3", QUERY_NAMES_V2)])
def test_knows_every_parameter_that_an_sdk_presigns_with(presigned: Made, version: str, names: frozenset[str]) -> None:
    """All that a client adds to a URL when it presigns it, with a session token, is known as authentication."""
    request = presigned("s3", "get_object", {"signature_version": version}, Bucket="my-bucket", Key="key")
    added = {name.lower() for name, _ in parse_qsl(request.query)}

    assert len(added) > 3
    assert added <= names


def test_knows_every_header_that_an_sdk_signs_with(sdk_request: Made) -> None:
    """All that a client adds to a request's headers when it signs it is known as authentication."""
    signed, unsigned = (
        sdk_request("dynamodb", "list_tables", {"unsigned": is_unsigned}).headers for is_unsigned in (False, True)
    )
    added = {name.lower() for name, _ in signed.fields} - {name.lower() for name, _ in unsigned.fields}

    assert {"authorization", "x-amz-date", "x-amz-security-token"} == added
    assert added <= HEADERS


def test_an_unsigned_request_of_an_sdk_has_no_authentication(sdk_request: Made) -> None:
    """A client without credentials is nobody."""
    request = sdk_request("s3", "get_object", {"unsigned": True}, Bucket="public-bucket", Key="k")

    assert Authentication(Style.NONE) == authentication(request)


# What is in a body: uploads that a browser posts to S3, and the parameters of SimpleDB.

_BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
_MULTIPART = f"multipart/form-data; boundary={_BOUNDARY}"
_FORM = "application/x-www-form-urlencoded"
_SCOPE = "AKID/20260101/eu-west-1/s3/aws4_request"


def form(*fields: tuple[str, str]) -> bytes:
    """A form as browsers write it; a field that is called `file` has a file name."""
    lines = []
    for name, value in fields:
        file_name = '; filename="a.txt"\r\nContent-Type: text/plain' if name == "file" else ""
        head = f'Content-Disposition: form-data; name="{name}"{file_name}'
        lines.append(f"--{_BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n")
    return ("".join(lines) + f"--{_BOUNDARY}--\r\n").encode()


def posted(body: bytes, content_type: str, *fields: tuple[str, str], method: str = "POST") -> Request:
    return Request(method, "/", Headers((("Host", "localhost:4577"), ("content-type", content_type), *fields)), body)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            [
                ("key", "a"),
                ("policy", "e30="),
                ("x-amz-algorithm", _V4),
                ("x-amz-credential", _SCOPE),
                ("x-amz-signature", "0"),
                ("file", "content"),
            ],
            Authentication(Style.FORM, Version.V4, "AKID", "eu-west-1", "s3"),
        ),
        (
            [("X-Amz-Credential", _SCOPE), ("Policy", "e30="), ("X-Amz-Signature", "0"), ("file", "content")],
            Authentication(Style.FORM, Version.V4, "AKID", "eu-west-1", "s3"),
        ),
        (
            [("x-amz-algorithm", _V4A), ("x-amz-credential", "AKID/20260101/s3/aws4_request"), ("file", "content")],
            Authentication(Style.FORM, Version.V4A, "AKID", "", "s3"),
        ),
        (
            [("key", "a"), ("AWSAccessKeyId", "AKID"), ("policy", "e30="), ("signature", "x="), ("file", "content")],
            Authentication(Style.FORM, Version.V2, "AKID", "", "s3"),
        ),
        ([("key", "a"), ("file", "content")], Authentication(Style.NONE)),
        ([("key", "a"), ("file", "content"), ("x-amz-credential", _SCOPE)], Authentication(Style.NONE)),
        ([("key", f'x-amz-credential="{_SCOPE}"'), ("file", f"AWSAccessKeyId={_SCOPE}")], Authentication(Style.NONE)),
        ([], Authentication(Style.NONE)),
    ],
)
def test_reads_an_upload_form(fields: list[tuple[str, str]], expected: Authentication) -> None:
    """A policy is signed with version 4 or 2 by fields in any case; what follows the file does not count."""
    assert expected == authentication(posted(form(*fields), _MULTIPART))


@pytest.mark.parametrize(("version", "expected"), [("s3v4", Version.V4), ("s3", Version.V2)])
def test_reads_a_form_that_an_sdk_presigns(clients: Any, version: str, expected: Version) -> None:
    """The fields that boto3 gives a browser are read as what they were signed with."""
    fields = clients.client("s3", signature_version=version).generate_presigned_post("my-bucket", "a")["fields"]
    signed = authentication(posted(form(*fields.items(), ("file", "content")), _MULTIPART))
    region = {Version.V4: "eu-west-1", Version.V2: ""}[expected]

    assert Authentication(Style.FORM, expected, "AKIACLIENTSOWN", region, "s3") == signed


@pytest.mark.parametrize(
    ("body", "content_type", "method"),
    [
        (form(("x-amz-credential", _SCOPE)), _MULTIPART, "PUT"),
        (form(("x-amz-credential", _SCOPE)), "text/plain", "POST"),
        (form(("x-amz-credential", _SCOPE)), "multipart/form-data", "POST"),
        (form(("x-amz-credential", _SCOPE)), "multipart/form-data; boundary=other", "POST"),
        (form(("x-amz-credential", _SCOPE)), "multipart/form-data; boundary=", "POST"),
        (form(("x-amz-credential", _SCOPE))[:60], _MULTIPART, "POST"),
        (b"x-amz-credential=" + _SCOPE.encode(), _FORM, "POST"),
        (b"", _MULTIPART, "POST"),
    ],
)
def test_what_is_no_form_is_not_read_as_one(body: bytes, content_type: str, method: str) -> None:
    """Another method, content type or boundary, and a form that breaks off, hold no authentication."""
    assert Authentication(Style.NONE) == authentication(posted(body, content_type, method=method))


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (
            b"Action=Select&AWSAccessKeyId=AKID&SignatureVersion=2&SignatureMethod=HmacSHA1&Signature=x%3D",
            _FORM,
            Authentication(Style.PARAMETERS, Version.V2, "AKID"),
        ),
        (
            b"AWSAccessKeyId=A%2FK&Signature=x&SignatureVersion=2",
            f"{_FORM}; charset=utf-8",
            Authentication(Style.PARAMETERS, Version.V2, "A/K"),
        ),
        (b"Action=Select&AWSAccessKeyId=AKID", _FORM, Authentication(Style.NONE)),
        (b"Action=Select&SignatureVersion=2", _FORM, Authentication(Style.NONE)),
        (b"AWSAccessKeyId=AKID&SignatureVersion=2", "text/plain", Authentication(Style.NONE)),
        (b"\xff&SignatureVersion=2&AWSAccessKeyId=%FF", _FORM, Authentication(Style.PARAMETERS, Version.V2, "\ufffd")),
    ],
)
def test_reads_the_parameters_of_a_form(body: bytes, content_type: str, expected: Authentication) -> None:
    """A form that is signed with version 2, as SimpleDB's is, names a key and neither service nor region."""
    assert expected == authentication(posted(body, content_type))


def test_the_header_counts_before_the_body() -> None:
    """A form that comes with a signed header is what the header says."""
    header = ("Authorization", f"{_V4} Credential=HEADER/20260101/us-east-2/s3/aws4_request, Signature=0")
    body = form(("x-amz-credential", _SCOPE))

    assert Authentication(Style.HEADER, Version.V4, "HEADER", "us-east-2", "s3") == authentication(
        posted(body, _MULTIPART, header)
    )


@pytest.mark.parametrize("name", ["x-amz-sso_bearer_token", "X-Amz-Sso_Bearer_Token"])
def test_a_token_may_have_a_header_of_its_own(name: str) -> None:
    """IAM Identity Center takes its token beside Authorization; a signature counts before it."""
    token = Request("GET", "/federation/credentials", Headers(((name, "a.b.c"),)), b"")
    header = ("Authorization", f"{_V4} Credential=AKID/20260101/eu-west-1/sso/aws4_request, Signature=0")

    assert Authentication(Style.BEARER) == authentication(token)
    assert Authentication(Style.HEADER, Version.V4, "AKID", "eu-west-1", "sso") == authentication(
        Request("GET", "/federation/credentials", Headers(((name, "a.b.c"), header)), b"")
    )


def test_the_headers_that_authenticate_are_known_in_lower_case() -> None:
    """`Date` stands in for X-Amz-Date in older signatures, and is replaced with it; the body's digest stays."""
    assert {"authorization", "date", "x-amz-date", "x-amz-security-token"} <= HEADERS
    assert {"x-amz-region-set", "x-amz-s3session-token"} <= HEADERS & QUERY_NAMES
    assert "x-amz-content-sha256" not in HEADERS
    assert [name.lower() for name in HEADERS] == list(HEADERS)


@given(st.binary() | st.text().map(str.encode), st.sampled_from([_MULTIPART, _FORM, "multipart/form-data; boundary=a"]))
def test_reads_any_body(body: bytes, content_type: str) -> None:
    """No body is too odd to be read, and what is in none of the forms is no authentication."""
    signed = authentication(posted(body, content_type))

    assert signed.style in (Style.NONE, Style.FORM, Style.PARAMETERS)
    assert (signed.style is Style.NONE) == (signed.version is Version.NONE)


_PART = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"], exclude_characters="/,"), min_size=1)


@given(key=st.lists(_PART, min_size=1, max_size=3).map("/".join), day=_PART, region=_PART, name=_PART)
def test_any_scope_comes_back(key: str, day: str, region: str, name: str) -> None:
    """Whatever key, region and service a scope is made of, in a header or in a query, they are read from it."""
    scope = f"{key}/{day}/{region}/{name}/aws4_request"
    header = request(authorization=f"{_V4} Credential={scope}, SignedHeaders=host, Signature=0")
    query = request(f"/?X-Amz-Credential={quote(scope, '')}&X-Amz-Signature=0")

    assert Authentication(Style.HEADER, Version.V4, key, region, name) == authentication(header)
    assert Authentication(Style.QUERY, Version.V4, key, region, name) == authentication(query)


@given(
    st.sampled_from(["", "AWS4-", f"{_V4} Credential=", f"{_V4A} Credential=", "AWS ", "Bearer "]),
    st.text(),
    st.sampled_from(["", "X-Amz-Credential=", "AWSAccessKeyId=", "X-Amz-Credential=%FF&X-Amz-Signature="]),
    st.text(),
)
@example(f"{_V4} Credential=", "/" * 10_000, "X-Amz-Signature=&X-Amz-Credential=", "%2F" * 10_000)
def test_reads_anything(kind: str, rest: str, parameter: str, value: str) -> None:
    """No header and no query is too odd to be read: the answer is one of the styles."""
    signed = authentication(request(f"/?{parameter}{value}", kind + rest))

    assert signed.style in (Style.NONE, Style.BEARER, Style.HEADER, Style.QUERY)
    assert (signed.signing_name == "") or signed.style in (Style.HEADER, Style.QUERY)
