"""Signature version 4 and 4a: AWS's published cases, S3's documented examples, and what holds for every path."""

import posixpath
import re
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import example, given
from hypothesis import strategies as st

from cloudmock_contract.aws.signing import sigv4
from cloudmock_contract.aws.signing.sigv4 import Scope

SUITE = Path(__file__).resolve().parents[4] / "shared/vectors/botocore/tests/unit/auth/aws4_testsuite"
CASES = sorted(SUITE.rglob("*.sreq"))
IN_SUITE = pytest.mark.skipif(not CASES, reason=f"AWS's test suite for Signature Version 4 is not at {SUITE}")

SUITE_SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
S3 = Scope("20130524", "us-east-1", "s3")
EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
BUCKET = "examplebucket.s3.amazonaws.com"


@IN_SUITE
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_published_cases(case: Path) -> None:
    """Canonical request, string to sign and signature are those that AWS publishes for the request."""
    head, _, body = case.read_text(encoding="utf-8").partition("\n\n")
    first, *lines = re.sub(r"\n[ \t]+", " ", head).split("\n")
    method, _, rest = first.partition(" ")
    # The suite's targets are not encoded, as no wire has them: the path gets its one encoding, the query none.
    path, _, query = rest.removesuffix(" HTTP/1.1").partition("?")
    headers = [(name, value) for name, _, value in (line.partition(":") for line in lines)]
    authorization = case.with_suffix(".authz").read_text(encoding="utf-8")
    names = re.findall("SignedHeaders=([^,]+)", authorization)[0]

    canonical, signed_names = sigv4.canonical_request(
        method,
        sigv4.canonical_path(path),
        quote(query, safe="=&%-._~"),
        headers,
        names.split(";"),
        sha256(body.encode()).hexdigest(),
    )
    scope = Scope("20150830", "us-east-1", "service")
    text = sigv4.string_to_sign(sigv4.ALGORITHM, "20150830T123600Z", scope, canonical)

    assert names == signed_names
    assert case.with_suffix(".creq").read_text(encoding="utf-8") == canonical
    assert case.with_suffix(".sts").read_text(encoding="utf-8") == text
    assert authorization.rpartition("=")[2] == sigv4.signature(SUITE_SECRET, scope, text)


STREAMED = {
    "Host": "s3.amazonaws.com",
    "x-amz-date": "20130524T000000Z",
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
    "Content-Encoding": "aws-chunked",
    "x-amz-decoded-content-length": "66560",
}
PRESIGNED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
)


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "payload", "expected"),
    [
        (
            "GET",
            "/test.txt",
            "",
            {"Host": BUCKET, "Range": "bytes=0-9", "x-amz-content-sha256": EMPTY_HASH},
            EMPTY_HASH,
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test%24file.text",
            "",
            {
                "Host": BUCKET,
                "Date": "Fri, 24 May 2013 00:00:00 GMT",
                "x-amz-storage-class": "REDUCED_REDUNDANCY",
                "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            },
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            "GET",
            "/",
            "lifecycle",
            {"Host": BUCKET, "x-amz-content-sha256": EMPTY_HASH},
            EMPTY_HASH,
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            "GET",
            "/",
            "prefix=J&max-keys=2",
            {"Host": BUCKET, "x-amz-content-sha256": EMPTY_HASH},
            EMPTY_HASH,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
        (
            "GET",
            "/test.txt",
            PRESIGNED,
            {"Host": BUCKET, "x-amz-date": ""},
            "UNSIGNED-PAYLOAD",
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
        ),
        (
            "PUT",
            "/examplebucket/chunkObject.txt",
            "",
            {**STREAMED, "Content-Length": "66824", "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        ),
        (
            "PUT",
            "/examplebucket/chunkObject.txt",
            "",
            {
                **STREAMED,
                "x-amz-trailer": "x-amz-checksum-crc32c",
                "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            },
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        ),
    ],
    ids=["get", "put", "lifecycle", "list", "presigned", "chunks", "trailer"],
)
def test_the_documented_examples_of_s3(
    method: str, path: str, query: str, headers: dict[str, str], payload: str, expected: str
) -> None:
    """The signatures are those that S3's documentation gives for its examples."""
    is_presigned = query.startswith("X-Amz")
    fields = {**headers, "x-amz-date": "20130524T000000Z"}
    signed = {"host"} if is_presigned else {name.lower() for name in fields}
    canonical, _ = sigv4.canonical_request(method, path, query, fields.items(), signed, payload)
    text = sigv4.string_to_sign(sigv4.ALGORITHM, "20130524T000000Z", S3, canonical)

    assert expected == sigv4.signature(SECRET, S3, text)


POLICY = (
    "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJz"
    "aWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJw"
    "dWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6"
    "b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2Uv"
    "Il0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRp"
    "b24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRl"
    "bnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXot"
    "YWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9"
)


def test_the_documented_example_of_a_policy() -> None:
    """A policy in base64 is a string to sign by itself, with the signature of S3's documentation."""
    scope = Scope("20151229", "us-east-1", "s3")

    expected = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
    assert expected == sigv4.signature(SECRET, scope, POLICY)


def test_a_scope_is_written_with_its_parts() -> None:
    """A scope without a region, as version 4a has it, is a part shorter."""
    expected = ["20260131/eu-west-1/s3/aws4_request", "20260131/s3/aws4_request"]

    assert expected == [str(Scope("20260131", region, "s3")) for region in ("eu-west-1", "")]


@pytest.mark.parametrize(
    ("change", "value"),
    [("date", "20130525"), ("region", "us-east-2"), ("service", "s3express"), ("secret", "x"), ("text", "y")],
)
def test_a_signature_depends_on_all_that_it_is_of(change: str, value: str) -> None:
    """Another secret, day, region, service or text has another signature, whatever has been signed before."""

    def signature(secret: str = SECRET, text: str = "t", **scope: str) -> str:
        return sigv4.signature(
            secret, Scope(**{"date": "20130524", "region": "us-east-1", "service": "s3", **scope}), text
        )

    first = signature()
    changed = signature(**{change: value})

    assert first != changed
    assert first == signature()


@pytest.mark.parametrize(
    ("fields", "signed", "lines", "names"),
    [
        ([("Host", "h"), ("X-A", "1")], {"host"}, "host:h\n", "host"),
        ([("X-B", "2"), ("HOST", "h")], {"host", "x-b"}, "host:h\nx-b:2\n", "host;x-b"),
        ([("X-A", "b"), ("x-a", "a"), ("X-A", "")], {"x-a"}, "x-a:b,a,\n", "x-a"),
        ([("X-A", " \t one   two\t "), ("Host", "")], {"x-a", "host"}, "host:\nx-a:one two\n", "host;x-a"),
        ([("Host", "h")], {"host", "absent"}, "host:h\n", "host"),
        (
            [("X-A1", "v"), ("X-A", "v"), ("X-A-B", "v")],
            {"x-a1", "x-a", "x-a-b"},
            "x-a:v\nx-a-b:v\nx-a1:v\n",
            "x-a;x-a-b;x-a1",
        ),
    ],
)
def test_the_signed_headers_have_a_line_each(
    fields: list[tuple[str, str]], signed: set[str], lines: str, names: str
) -> None:
    """In lower case, sorted by name, without blanks too many, and doubled ones in one line in their order."""
    assert (f"GET\n/\n\n{lines}\n{names}\nhash", names) == sigv4.canonical_request(
        "GET", "/", "", fields, signed, "hash"
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ""),
        ("acl", "acl="),
        ("acl=", "acl="),
        ("b=1&a=2", "a=2&b=1"),
        ("a=2&a=1&a", "a=&a=1&a=2"),
        ("a=b=c", "a=b=c"),
        ("a1=x&a=y&a-b=z&A=w", "A=w&a=y&a-b=z&a1=x"),
        ("a%20b=%2F&a=%C3%A9", "a=%C3%A9&a%20b=%2F"),
    ],
)
def test_the_query_is_sorted(query: str, expected: str) -> None:
    """By name and then by value, as they are encoded, each pair with an equals sign."""
    assert expected == sigv4.canonical_query(query)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", "/"),
        ("/", "/"),
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b/"),
        ("/a%20b", "/a%2520b"),
        ("/2015-03-31/functions/arn%3Aaws%3Alambda", "/2015-03-31/functions/arn%253Aaws%253Alambda"),
        ("/a//b", "/a/b"),
        ("//", "/"),
        ("/../..", "/"),
        ("/a/./b/../c", "/a/c"),
        ("/a/../../b", "/b"),
        ("/a/...", "/a/..."),
        ("/.hidden", "/.hidden"),
        ("/a..b/.c.", "/a..b/.c."),
        ("/a*b!(c)'", "/a%2Ab%21%28c%29%27"),
        ("/~-._", "/~-._"),
    ],
)
def test_a_path_is_resolved_and_encoded_once_more(path: str, expected: str) -> None:
    """Dot segments and empty ones go, what only looks like one stays, and what is encoded is encoded again."""
    assert expected == sigv4.canonical_path(path)


_SEGMENTS = st.sampled_from(("", ".", "..", "...", ".a", "a.", "a", "%2F", "%2e", "é", "a b", "+", "~")) | st.text(
    st.characters(exclude_characters="/", exclude_categories=["Cs"]), max_size=4
)
_PATHS = st.lists(_SEGMENTS, max_size=8).map(lambda segments: "/" + "/".join(segments))


@given(_PATHS)
@example("/./")
@example("/a/..//")
def test_any_path_is_resolved_as_a_file_system_does_it(path: str) -> None:
    """Decoded once, a canonical path is what POSIX makes of the path, with the slash at its end."""
    resolved = posixpath.normpath(path)
    resolved = resolved[1:] if resolved.startswith("//") else resolved
    canonical = unquote(sigv4.canonical_path(path))

    assert resolved == (canonical.removesuffix("/") or "/")
    if path.rpartition("/")[2] not in (".", ".."):  # after which the specification leaves the slash open
        assert (path.endswith("/") or resolved == "/") is canonical.endswith("/")


@given(_PATHS)
def test_any_path_is_fully_encoded(path: str) -> None:
    """There is nothing in a canonical path but slashes, unreserved characters and bytes in percents, in capitals."""
    assert re.fullmatch(r"/(?:[A-Za-z0-9/._~-]|%[0-9A-F]{2})*", sigv4.canonical_path(path))


@given(st.lists(st.text("abAB09.~-_", min_size=1).filter(lambda segment: segment.strip(".")), max_size=6))
def test_a_plain_path_stays(segments: list[str]) -> None:
    """A path of unreserved characters and real segments is canonical already."""
    path = "/" + "/".join(segments)

    assert path == sigv4.canonical_path(path)


# Access key, secret and public key as AWS's SDKs publish them for their tests of the derivation.
DERIVATIONS = [
    (
        "AKISORANDOMAASORANDOM",
        "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom",
        0x15D242CEEBF8D8169FD6A8B5A746C41140414C3B07579038DA06AF89190FFFCB,
        0x0515242CEDD82E94799482E4C0514B505AFCCF2C0C98D6A553BF539F424C5EC0,
    ),
    (
        "AKIDEXAMPLE",
        SUITE_SECRET,
        0xB6618F6A65740A99E650B33B6B4B5BD0D43B176D721A3EDFEA7E7D2D56D936B1,
        0x865ED22A7EADC9C5CB9D2CBACA1B3699139FEDC5043DC6661864218330C8E518,
    ),
]


@pytest.mark.parametrize(("access_key", "secret", "x", "y"), DERIVATIONS)
def test_an_asymmetric_signature_fits_the_published_key(access_key: str, secret: str, x: int, y: int) -> None:
    """The public key that AWS publishes for the secret verifies the text, and no other one."""
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    signature = bytes.fromhex(sigv4.asymmetric_signature(access_key, secret, "text é"))

    public.verify(signature, "text é".encode(), ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"another text", ec.ECDSA(hashes.SHA256()))


def test_an_asymmetric_signature_depends_on_the_access_key() -> None:
    """The same secret under another access key id is another key pair."""
    _, secret, x, y = DERIVATIONS[0]
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    other = bytes.fromhex(sigv4.asymmetric_signature("AKIDEXAMPLE", secret, "text"))

    with pytest.raises(InvalidSignature):
        public.verify(other, b"text", ec.ECDSA(hashes.SHA256()))


def test_bytes_that_are_no_utf8_are_signed_as_bytes() -> None:
    """A header's bytes that are no text, kept as surrogates, are hashed as what goes over the wire."""
    value = b"\xff\xfe".decode("utf-8", "surrogateescape")
    canonical, _ = sigv4.canonical_request("GET", "/", "", [("X-A", value)], {"x-a"}, "hash")

    expected = sha256(b"GET\n/\n\nx-a:\xff\xfe\n\nx-a\nhash").hexdigest()
    assert expected == sigv4.string_to_sign(sigv4.ALGORITHM, "t", S3, canonical).rpartition("\n")[2]
