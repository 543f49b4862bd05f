"""What a request's own authentication tells."""

from collections.abc import Callable
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cloudmock_contract.aws.authentication import (
    HEADERS,
    QUERY_NAMES,
    QUERY_NAMES_V2,
    Authentication,
    Style,
    authentication,
)
from cloudmock_contract.exchange import Headers, Request

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
            Authentication(Style.HEADER, "AKID", "eu-west-1", "dynamodb"),
        ),
        (
            f"{_V4} Credential=AKID/20260101/eu-west-1/dynamodb/aws4_request,SignedHeaders=host,Signature=00",
            Authentication(Style.HEADER, "AKID", "eu-west-1", "dynamodb"),
        ),
        (
            f"{_V4} SignedHeaders=host, Signature=00, Credential=AKID/20260101/us-east-1/s3/aws4_request",
            Authentication(Style.HEADER, "AKID", "us-east-1", "s3"),
        ),
        (
            f"{_V4} Credential=a/key/with/slashes/20260101/us-east-1/s3/aws4_request, Signature=00",
            Authentication(Style.HEADER, "a/key/with/slashes", "us-east-1", "s3"),
        ),
        (
            f"{_V4A} Credential=AKID/20260101/s3/aws4_request, SignedHeaders=host, Signature=00",
            Authentication(Style.HEADER, "AKID", "", "s3"),
        ),
        (
            f"{_V4A} Credential=a/key/with/slashes/20260101/s3/aws4_request, SignedHeaders=host, Signature=00",
            Authentication(Style.HEADER, "a/key/with/slashes", "", "s3"),
        ),
        ("AWS AKID:frJIUN8DYpKDtOLCwo//yllqDzg=", Authentication(Style.HEADER, "AKID", "", "s3")),
        ("Bearer a.jwt.token", Authentication(Style.BEARER)),
        ("bearer a.jwt.token", Authentication(Style.BEARER)),
        (f"{_V4} Credential=AKID, Signature=00", Authentication(Style.HEADER, "AKID")),
        (f"{_V4} Credential=, Signature=00", Authentication(Style.NONE)),
        (_V4, Authentication(Style.NONE)),
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
            Authentication(Style.QUERY, "AKID", "eu-west-1", "s3"),
        ),
        (
            f"x-amz-signature=0&x-amz-algorithm={_V4}&x-amz-credential=AKID/20260101/eu-west-1/polly/aws4_request",
            Authentication(Style.QUERY, "AKID", "eu-west-1", "polly"),
        ),
        (
            f"X-Amz-Algorithm={_V4A}&X-Amz-Credential=AKID%2F20260101%2Fs3%2Faws4_request&X-Amz-Signature=0",
            Authentication(Style.QUERY, "AKID", "", "s3"),
        ),
        ("AWSAccessKeyId=AKID&Expires=1767225600&Signature=x%3D", Authentication(Style.QUERY, "AKID", "", "s3")),
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

    assert Authentication(Style.HEADER, "HEADER", "us-east-2", "sqs") == authentication(request(f"/?{query}", header))


@pytest.mark.parametrize(
    ("service", "method", "signing_name"),
    [
        ("dynamodb", "list_tables", "dynamodb"),
        ("stepfunctions", "list_state_machines", "states"),
        ("s3", "list_buckets", "s3"),
    ],
)
def test_reads_what_an_sdk_signs(made: Made, service: str, method: str, signing_name: str) -> None:
    """The header of a real client is read as what the client was told to sign."""
    expected = Authentication(Style.HEADER, "AKIACLIENTSOWN", "eu-west-1", signing_name)

    assert expected == authentication(made(service, method))


@pytest.mark.parametrize(("version", "region"), [("s3v4", "eu-west-1"), ("s3", "")])
def test_reads_what_an_sdk_presigns(presigned: Made, version: str, region: str) -> None:
    """A presigned URL of either version is read; version 2 names no region."""
    request = presigned("s3", "get_object", {"signature_version": version}, Bucket="my-bucket", Key="a key")

    assert Authentication(Style.QUERY, "AKIACLIENTSOWN", region, "s3") == authentication(request)


@pytest.mark.parametrize(("version", "names"), [("s3v4", QUERY_NAMES), ("s3", QUERY_NAMES_V2)])
def test_knows_every_parameter_that_an_sdk_presigns_with(presigned: Made, version: str, names: frozenset[str]) -> None:
    """All that a client adds to a URL when it presigns it, with a session token, is known as authentication."""
    request = presigned("s3", "get_object", {"signature_version": version}, Bucket="my-bucket", Key="key")
    added = {name.lower() for name, _ in parse_qsl(request.query)}

    assert len(added) > 3
    assert added <= names


def test_knows_every_header_that_an_sdk_signs_with(made: Made) -> None:
    """All that a client adds to a request's headers when it signs it is known as authentication."""
    signed, unsigned = (
        made("dynamodb", "list_tables", {"unsigned": is_unsigned}).headers for is_unsigned in (False, True)
    )
    added = {name.lower() for name, _ in signed.fields} - {name.lower() for name, _ in unsigned.fields}

    assert {"authorization", "x-amz-date", "x-amz-security-token"} == added
    assert added <= HEADERS


def test_an_unsigned_request_of_an_sdk_has_no_authentication(made: Made) -> None:
    """A client without credentials is nobody."""
    request = made("s3", "get_object", {"unsigned": True}, Bucket="public-bucket", Key="k")

    assert Authentication(Style.NONE) == authentication(request)


_PART = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"], exclude_characters="/,"), min_size=1)


@given(key=st.lists(_PART, min_size=1, max_size=3).map("/".join), day=_PART, region=_PART, name=_PART)
def test_any_scope_comes_back(key: str, day: str, region: str, name: str) -> None:
    """Whatever key, region and service a scope is made of, in a header or in a query, they are read from it."""
    scope = f"{key}/{day}/{region}/{name}/aws4_request"
    header = request(authorization=f"{_V4} Credential={scope}, SignedHeaders=host, Signature=0")
    query = request(f"/?X-Amz-Credential={quote(scope, '')}&X-Amz-Signature=0")

    assert Authentication(Style.HEADER, key, region, name) == authentication(header)
    assert Authentication(Style.QUERY, key, region, name) == authentication(query)


@given(
    st.sampled_from(["", "AWS4-", f"{_V4} Credential=", f"{_V4A} Credential=", "AWS ", "Bearer "]),
    st.text(),
    st.sampled_from(["", "X-Amz-Credential=", "AWSAccessKeyId=", "X-Amz-Credential=%FF&X-Amz-Signature="]),
    st.text(),
)
@example(f"{_V4} Credential=", "/" * 10_000, "X-Amz-Signature=&X-Amz-Credential=", "%2F" * 10_000)
def test_reads_anything(kind: str, rest: str, parameter: str, value: str) -> None:
    """No header and no query is too odd to be read: the answer is one of the four styles."""
    found = authentication(request(f"/?{parameter}{value}", kind + rest))

    assert found.style in Style
    assert (found.signing_name == "") or found.style in (Style.HEADER, Style.QUERY)
