"""Signature version 2: the examples of S3's documentation, and what boto3's own signer makes."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import HmacV1Auth, HmacV1PostAuth, SigV2Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.signing.sigv2 import parameters_signature, policy_signature, s3_signature

ACCESS_KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize(
    ("method", "resource", "query", "headers", "date", "expected"),
    [
        (
            "GET",
            "/johnsmith/photos/puppy.jpg",
            "",
            [],
            "Tue, 27 Mar 2007 19:36:42 +0000",
            "bWq2s1WEIj+Ydj0vQ697zp+IXMU=",
        ),
        (
            "PUT",
            "/johnsmith/photos/puppy.jpg",
            "",
            [("Content-Type", "image/jpeg"), ("Content-Length", "94328")],
            "Tue, 27 Mar 2007 21:15:45 +0000",
            "MyyxeRY7whkBe+bq8fHCL/2kKUg=",
        ),
        (
            "GET",
            "/johnsmith/",
            "prefix=photos&max-keys=50&marker=puppy",
            [("User-Agent", "Mozilla/5.0")],
            "Tue, 27 Mar 2007 19:42:41 +0000",
            "htDYFYduRNen8P9ZfE/s9SuKy0U=",
        ),
        ("GET", "/johnsmith/", "acl", [], "Tue, 27 Mar 2007 19:44:46 +0000", "c2WLPFtWHVgbEmeEG93a4cG37dM="),
        (
            "DELETE",
            "/awsexamplebucket1/photos/puppy.jpg",
            "",
            [("User-Agent", "dotnet")],
            "Tue, 27 Mar 2007 21:20:26 +0000",
            "XbyTlbQdu9Xw5o8P4iMwPktxQd8=",
        ),
        (
            "PUT",
            "/static.johnsmith.net/db-backup.dat.gz",
            "",
            [
                ("User-Agent", "curl/7.15.5"),
                ("x-amz-acl", "public-read"),
                ("content-type", "application/x-download"),
                ("Content-MD5", "4gJE4saaMU4BqNR0kLY+lw=="),
                ("X-Amz-Meta-ReviewedBy", "joe@johnsmith.net"),
                ("X-Amz-Meta-ReviewedBy", "jane@johnsmith.net"),
                ("X-Amz-Meta-FileChecksum", "0x02661779"),
                ("X-Amz-Meta-ChecksumAlgorithm", "crc32"),
                ("Content-Disposition", "attachment; filename=database.dat"),
                ("Content-Encoding", "gzip"),
                ("Content-Length", "5913339"),
            ],
            "Tue, 27 Mar 2007 21:06:08 +0000",
            "ilyl83RwaSoYIEdixDQcA4OnAnc=",
        ),
        ("GET", "/", "", [], "Wed, 28 Mar 2007 01:29:59 +0000", "qGdzdERIC03wnaRNKh6OqZehG9s="),
        (
            "GET",
            "/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re",
            "",
            [],
            "Wed, 28 Mar 2007 01:49:49 +0000",
            "DNEZGsoieTZ92F3bUfSPQcbGmlM=",
        ),
        ("GET", "/johnsmith/photos/puppy.jpg", "", [], "1175139620", "NpgCjnDzrM+WFzoENXmpNDUsSn8="),
    ],
    ids=["get", "put", "list", "fetch", "delete", "upload", "buckets", "unicode", "presigned"],
)
def test_the_documented_examples_of_s3(
    method: str, resource: str, query: str, headers: Sequence[tuple[str, str]], date: str, expected: str
) -> None:
    """The signatures are those that S3's documentation gives for its examples."""
    assert expected == s3_signature(SECRET, method, resource, query, headers, date)


DATE = "Tue, 27 Mar 2007 21:20:26 +0000"


class _Signer(HmacV1Auth):  # type: ignore[misc]
    """boto3's signer, whose clock stands still."""

    def _get_date(self) -> str:
        return DATE


def of_botocore(method: str, path: str, query: str, headers: Sequence[tuple[str, str]]) -> str:
    """S3's signature as boto3 computes it."""
    request = AWSRequest(method, f"https://s3.amazonaws.com{path}{f'?{query}' if query else ''}", dict(headers))
    signer = _Signer(Credentials(ACCESS_KEY, SECRET))
    signature: str = signer.get_signature(method, urlsplit(request.url), request.headers)
    return signature


@pytest.mark.parametrize(
    "query",
    [
        "uploads",
        "uploadId=a%2Bb&partNumber=3",
        "partNumber=3&prefix=x&uploadId=u",
        "versionId=null&acl",
        "response-content-type=text%2Fplain&response-content-disposition=attachment%3B%20filename%3D%22a%20b%22",
        "tagging&list-type=2",
        "Acl",
        "aclx=1",
        "torrent&website&logging&policy&location&lifecycle&delete&cors&restore&notification&requestPayment&versioning",
        "accelerate",
    ],
)
def test_subresources_belong_to_the_resource(query: str) -> None:
    """Parameters that name a subresource or change the answer are signed, decoded and sorted; others are not."""
    assert of_botocore("GET", "/b/k", query, []) == s3_signature(SECRET, "GET", "/b/k", query, [], DATE)


_NAMES = st.sampled_from(
    ("x-amz-acl", "X-Amz-Meta-A", "x-amz-meta-b", "Content-MD5", "Content-Type", "X-Other", "Range")
)
_VALUES = st.text("ab 1:/=,é", max_size=8).map(str.strip).filter(lambda value: "  " not in value)


@given(
    st.sampled_from(("GET", "PUT", "DELETE")),
    st.lists(st.text("ab~%2F+.", min_size=1, max_size=5), max_size=3).map(lambda parts: "/" + "/".join(parts)),
    st.lists(st.sampled_from(("acl", "uploads", "versionId=1", "prefix=a", "max-keys=1")), unique=True, max_size=4),
    st.dictionaries(_NAMES, _VALUES),
)
def test_any_request_is_signed_as_boto3_does_it(
    method: str, path: str, query: list[str], headers: dict[str, str]
) -> None:
    """Whatever method, path, query and headers there are, boto3's signer agrees."""
    if path.startswith("//"):
        path = path[1:]
    fields = tuple(headers.items())

    assert of_botocore(method, path, "&".join(query), fields) == s3_signature(
        SECRET, method, path, "&".join(query), fields, DATE
    )


@given(st.text("abc+/=", max_size=60))
def test_any_policy_is_signed_as_boto3_does_it(policy: str) -> None:
    """Whatever an upload form's policy is in base64, boto3's signer agrees."""
    assert HmacV1PostAuth(Credentials(ACCESS_KEY, SECRET)).sign_string(policy) == policy_signature(SECRET, policy)


def of_sdb(parameters: dict[str, str], path: str = "/") -> str:
    """The query protocol's signature as boto3 computes it."""
    request = AWSRequest("POST", f"https://sdb.amazonaws.com{path}")
    signature: str = SigV2Auth(Credentials(ACCESS_KEY, SECRET)).calc_signature(request, dict(parameters))[1]
    return signature


@given(
    st.dictionaries(st.text("AaBb.12", min_size=1, max_size=6), st.text(max_size=8)),
    st.sampled_from(("/", "/a/b")),
)
def test_any_parameters_are_signed_as_boto3_does_it(parameters: dict[str, str], path: str) -> None:
    """In the order of their names, encoded once, with the host and the path."""
    assert of_sdb(parameters, path) == parameters_signature(
        SECRET, "POST", "sdb.amazonaws.com", path, parameters.items()
    )


def test_the_host_is_signed_in_lower_case() -> None:
    """However the host is spelled, it is the same."""
    parameters = parse_qsl("Action=ListDomains&Version=2009-04-15&Name=a%20b%2A~")

    assert of_sdb(dict(parameters)) == parameters_signature(SECRET, "POST", "SDB.amazonaws.COM", "/", parameters)
