"""The verifier of signatures: AWS's published cases, what boto3 signs, and every way of getting it wrong."""

import base64
import contextlib
import hashlib
import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import (
    HmacV1Auth,
    HmacV1QueryAuth,
    S3ExpressAuth,
    S3SigV4Auth,
    S3SigV4QueryAuth,
    SigV2Auth,
    SigV4Auth,
    SigV4QueryAuth,
)
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from lab.aws_verifier.canonical import (
    V4,
    V4A,
    canonical_request,
    sha256,
    signature,
    signer,
    signing_key,
    signing_key_v4a,
    string_to_sign,
)
from lab.aws_verifier.chunks import chunk_text, trailer_text
from lab.aws_verifier.hosts import Scope, expected_scope
from lab.aws_verifier.request import CHECKSUMS, parse
from lab.aws_verifier.signatures import Key, Style, Verification, verify
from lab.stand_ins import servers
from lab.stand_ins.redirection.sitecustomize import redirected
from lab.stand_ins.verifying_server import VerifyingServer

SUITE = Path(__file__).parents[3] / "shared/vectors/botocore/tests/unit/auth/aws4_testsuite"
CASES = sorted(SUITE.rglob("*.sreq"))
IN_SUITE = pytest.mark.skipif(not CASES, reason=f"AWS's test suite for Signature Version 4 is not at {SUITE}")

SUITE_SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
EXAMPLE = Key("AKIAIOSFODNN7EXAMPLE", SECRET)
EXAMPLE_TIME = datetime(2013, 5, 24, tzinfo=UTC)
LASTING = Key("AKIALASTINGKEY", "a-lasting-secret")
PASSING = Key("ASIAPASSINGKEY", "a-passing-secret", "a/passing+token==")
OTHER = Key("AKIAOTHERSKEY", "another-secret")
KEYS = {key.access_key: key for key in (EXAMPLE, LASTING, PASSING, OTHER)}


@dataclass(frozen=True)
class Sent:
    """A request as a front end receives it."""

    head: bytes
    body: bytes = b""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def verified(self, now: datetime | None = None, **options: Any) -> Verification:
        return verify(self.head, self.body, KEYS, now or self.at, **options)


def sent(method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Sent:
    if body and "Content-Length" not in headers and "content-length" not in headers:
        headers = {**headers, "Content-Length": str(len(body))}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return Sent("\r\n".join(lines).encode("latin-1"), body)


def botocore_signed(
    auth: Any,
    method: str,
    url: str,
    headers: dict[str, str] | None = None,
    body: bytes | dict[str, str] = b"",
    key: Key = LASTING,
    params: dict[str, str] | None = None,
) -> Sent:
    """A request signed by botocore; `auth` makes its signer from the credentials."""
    parts = urlsplit(url)
    request = AWSRequest(method, url, {"Host": parts.netloc, **(headers or {})}, body or None, params)
    auth(Credentials(key.access_key, key.secret_key, key.token or None)).add_auth(request)
    prepared = request.prepare()
    after = urlsplit(prepared.url)
    texts = {
        name: value.decode() if isinstance(value, bytes) else str(value) for name, value in prepared.headers.items()
    }
    content = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body or b""
    return sent(method, (after.path or "/") + (f"?{after.query}" if after.query else ""), texts, content)


class PayloadAuth(S3SigV4Auth):  # type: ignore[misc]
    """S3's signer, with this instead of the body's hash."""

    def __init__(self, *arguments: Any, payload: str) -> None:
        super().__init__(*arguments)
        self.kind = payload

    def payload(self, _request: Any) -> str:
        return self.kind


def authorization(signed_headers: str, claimed: str) -> str:
    credential = f"{EXAMPLE.access_key}/20130524/us-east-1/s3/aws4_request"
    return f"{V4} Credential={credential},SignedHeaders={signed_headers},Signature={claimed}"


# --- AWS's published cases


@IN_SUITE
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_suite_of_version_4(case: Path) -> None:
    """Canonical request, string to sign and signature are those of AWS's suite."""
    head, _, body = case.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
    request = parse(head, body)
    published = case.with_suffix(".authz").read_text()
    names = re.findall("SignedHeaders=([^,]+)", published)[0].split(";")
    scope = "20150830/us-east-1/service/aws4_request"

    canonical = canonical_request(request, names, sha256(body), is_s3=False)
    text = string_to_sign(V4, "20150830T123600Z", scope, canonical)

    assert case.with_suffix(".creq").read_text() == canonical
    assert case.with_suffix(".sts").read_text() == text
    assert published.rpartition("=")[2] == signature(
        signing_key(SUITE_SECRET, "20150830", "us-east-1", "service"), text
    )


GET_EXAMPLE = sent(
    "GET",
    "/test.txt",
    {
        "Host": "examplebucket.s3.amazonaws.com",
        "Authorization": authorization(
            "host;range;x-amz-content-sha256;x-amz-date",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        "Range": "bytes=0-9",
        "x-amz-content-sha256": sha256(b""),
        "x-amz-date": "20130524T000000Z",
    },
)
PUT_EXAMPLE = sent(
    "PUT",
    "/test$file.text",
    {
        "Host": "examplebucket.s3.amazonaws.com",
        "Date": "Fri, 24 May 2013 00:00:00 GMT",
        "Authorization": authorization(
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": sha256(b"Welcome to Amazon S3."),
    },
    b"Welcome to Amazon S3.",
)
LIFECYCLE_EXAMPLE = sent(
    "GET",
    "/?lifecycle",
    {
        "Host": "examplebucket.s3.amazonaws.com",
        "Authorization": authorization(
            "host;x-amz-content-sha256;x-amz-date", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        ),
        "x-amz-date": "20130524T000000Z",
        "x-amz-content-sha256": sha256(b""),
    },
)
PRESIGNED_EXAMPLE = sent(
    "GET",
    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
    "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    {"Host": "examplebucket.s3.amazonaws.com"},
)


def chunked(*signatures: str) -> bytes:
    """The body of the specification's example: 65 KB of the letter a."""
    parts = zip((b"a" * 65536, b"a" * 1024, b""), signatures, strict=True)
    return b"".join(
        f"{len(data):x};chunk-signature={signature}\r\n".encode() + data + b"\r\n" for data, signature in parts
    )


def chunk_example(kind: str, seed: str, signed_headers: str, body: bytes, **headers: str) -> Sent:
    return sent(
        "PUT",
        "/examplebucket/chunkObject.txt",
        {
            "Host": "s3.amazonaws.com",
            "x-amz-date": "20130524T000000Z",
            "x-amz-storage-class": "REDUCED_REDUNDANCY",
            "Authorization": authorization(signed_headers, seed),
            "x-amz-content-sha256": kind,
            "Content-Encoding": "aws-chunked",
            "x-amz-decoded-content-length": "66560",
            "Content-Length": str(len(body)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        body,
    )


CHUNKS_EXAMPLE = chunk_example(
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length"
    ";x-amz-storage-class",
    chunked(
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ),
)
TRAILER_EXAMPLE = chunk_example(
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class"
    ";x-amz-trailer",
    chunked(
        "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
        "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
        "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
    ).removesuffix(b"\r\n")
    + b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
    + b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
    x_amz_trailer="x-amz-checksum-crc32c",
)
EXAMPLES = {
    "GET": GET_EXAMPLE,
    "PUT": PUT_EXAMPLE,
    "lifecycle": LIFECYCLE_EXAMPLE,
    "presigned": PRESIGNED_EXAMPLE,
    "chunks": CHUNKS_EXAMPLE,
    "trailer": TRAILER_EXAMPLE,
}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_the_examples_of_s3(example: Sent) -> None:
    """The signatures in S3's documentation are accepted at their time."""
    verification = example.verified(EXAMPLE_TIME)

    style: Style = "query" if b"X-Amz-Signature" in example.head else "header"
    assert Verification(True, "", "", style, "s3", "us-east-1", EXAMPLE.access_key) == verification


@dataclass(frozen=True, slots=True)
class SignedGet:
    """A GET of S3's documentation of Version 2, from the bucket johnsmith."""

    target: str
    date: str
    signature: str


V2_EXAMPLES = {
    "get": SignedGet("/photos/puppy.jpg", "Tue, 27 Mar 2007 19:36:42 +0000", "bWq2s1WEIj+Ydj0vQ697zp+IXMU="),
    "list": SignedGet(
        "/?prefix=photos&max-keys=50&marker=puppy", "Tue, 27 Mar 2007 19:42:41 +0000", "htDYFYduRNen8P9ZfE/s9SuKy0U="
    ),
    "fetch": SignedGet("/?acl", "Tue, 27 Mar 2007 19:44:46 +0000", "c2WLPFtWHVgbEmeEG93a4cG37dM="),
}


@pytest.mark.parametrize("example", V2_EXAMPLES.values(), ids=V2_EXAMPLES.keys())
def test_the_examples_of_version_2(example: SignedGet) -> None:
    """The Version 2 signatures in S3's documentation are accepted at their time."""
    authorization = f"AWS {EXAMPLE.access_key}:{example.signature}"
    headers = {"Host": "johnsmith.s3.amazonaws.com", "Date": example.date, "Authorization": authorization}

    verification = sent("GET", example.target, headers).verified(datetime(2007, 3, 27, 19, 40, tzinfo=UTC))

    assert Verification(True, "", "", "v2-header", "s3", "", EXAMPLE.access_key) == verification


def test_the_presigned_example_of_version_2() -> None:
    """The Version 2 URL in S3's documentation is accepted until it expires."""
    target = (
        "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE"
        "&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620"
    )
    example = sent("GET", target, {"Host": "johnsmith.s3.amazonaws.com"})
    expires = datetime.fromtimestamp(1175139620, UTC)

    assert ("", "v2-query") == (example.verified(expires).code, example.verified(expires).style)
    assert "AccessDenied" == example.verified(expires + timedelta(seconds=1)).code


def test_the_key_pair_of_version_4a() -> None:
    """The public key is the one that AWS's SDKs publish for their example secret."""
    numbers = signing_key_v4a(Key("AKIDEXAMPLE", SUITE_SECRET)).public_key().public_numbers()

    assert "b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1" == f"{numbers.x:064x}"
    assert "865ed22a7eadc9c5cb9d2cbaca1b3699139fedc5043dc6661864218330c8e518" == f"{numbers.y:064x}"


def test_the_check_values_of_the_checksums() -> None:
    """Each CRC has the catalogued value of the digits from one to nine."""
    checksums = {
        name: CHECKSUMS[f"x-amz-checksum-{name}"](b"123456789").hex() for name in ("crc32", "crc32c", "crc64nvme")
    }

    assert {"crc32": "cbf43926", "crc32c": "e3069283", "crc64nvme": "ae8b14860a799888"} == checksums


HOSTS = {
    "sqs.eu-west-1.amazonaws.com": ("sqs", "eu-west-1"),
    "dynamodb.cn-north-1.amazonaws.com.cn": ("dynamodb", "cn-north-1"),
    "123456789012.ddb.us-east-1.amazonaws.com": ("dynamodb", "us-east-1"),
    "streams.dynamodb.us-east-1.amazonaws.com": ("dynamodb", "us-east-1"),
    "s3.amazonaws.com": ("s3", "us-east-1"),
    "s3.us-east-2.amazonaws.com": ("s3", "us-east-2"),
    "my.dotted.bucket.s3.us-east-2.amazonaws.com": ("s3", "us-east-2"),
    "bucket.s3.dualstack.us-east-2.amazonaws.com": ("s3", "us-east-2"),
    "bucket.s3-us-west-2.amazonaws.com": ("s3", "us-west-2"),
    "bucket.s3.amazonaws.com": ("s3", ""),
    "bucket.s3-accelerate.amazonaws.com": ("s3", ""),
    "point-123456789012.s3-accesspoint.eu-west-1.amazonaws.com": ("s3", "eu-west-1"),
    "alias.accesspoint.s3-global.amazonaws.com": ("s3", ""),
    "123456789012.s3-control.eu-west-1.amazonaws.com": ("s3", "eu-west-1"),
    "p-1.s3-object-lambda.eu-west-1.amazonaws.com": ("s3-object-lambda", "eu-west-1"),
    "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com": ("s3express", "us-east-1"),
    "iam.amazonaws.com": ("iam", "us-east-1"),
    "iam.cn-north-1.amazonaws.com.cn": ("iam", "cn-north-1"),
    "iam.us-gov.amazonaws.com": ("iam", "us-gov-west-1"),
    "route53.amazonaws.com": ("route53", "us-east-1"),
    "route53.amazonaws.com.cn": ("route53", "cn-northwest-1"),
    "sts.amazonaws.com": ("sts", "us-east-1"),
    "sts.eu-west-1.amazonaws.com": ("sts", "eu-west-1"),
    "organizations.us-east-1.amazonaws.com": ("organizations", "us-east-1"),
    "sync-states.us-east-1.amazonaws.com": ("states", "us-east-1"),
    "monitoring.us-east-1.amazonaws.com": ("monitoring", "us-east-1"),
    "email.us-east-1.amazonaws.com": ("ses", "us-east-1"),
    "api.ecr.us-east-1.amazonaws.com": ("ecr", "us-east-1"),
    "kms-fips.us-east-1.amazonaws.com": ("kms", "us-east-1"),
    "abc.execute-api.us-east-1.amazonaws.com": ("execute-api", "us-east-1"),
    "abc.lambda-url.us-east-1.on.aws": ("lambda", "us-east-1"),
    "us-west-2.queue.amazonaws.com": ("sqs", "us-west-2"),
    "ec2.us-east-1.api.aws": ("ec2", "us-east-1"),
    "bedrock-runtime.us-east-1.amazonaws.com": ("bedrock", "us-east-1"),
    "unheard-of.us-east-1.amazonaws.com": ("unheard-of", "us-east-1"),
    "something.unheard-of.us-east-1.amazonaws.com": None,
    "example.com": None,
}


@pytest.mark.parametrize(("host", "scope"), HOSTS.items(), ids=HOSTS.keys())
def test_what_a_host_says(host: str, scope: tuple[str, str] | None) -> None:
    """An ordinary endpoint's name says for what its requests are signed; others say nothing."""
    assert (scope and Scope(*scope)) == expected_scope(host)


# --- what boto3 signs


@pytest.fixture(scope="module")
def server(moto: servers.Server) -> Iterator[VerifyingServer]:
    """AWS, as far as signatures go, in front of moto."""
    with VerifyingServer(KEYS, moto.port) as verifying:
        yield verifying


@pytest.fixture
def aws(server: VerifyingServer, monkeypatch: pytest.MonkeyPatch) -> VerifyingServer:
    """AWS with all its host names, nothing seen yet."""
    monkeypatch.setattr(socket, "getaddrinfo", redirected(socket.getaddrinfo, server.port))
    server.accepted.clear()
    server.refused.clear()
    return server


@contextlib.contextmanager
def client(
    aws: VerifyingServer, service: str, region: str = "us-east-1", key: Key = PASSING, **settings: Any
) -> Iterator[Any]:
    """A boto3 client of the real endpoint."""
    boto_client = boto3.client(
        service,
        region_name=region,
        aws_access_key_id=key.access_key,
        aws_secret_access_key=key.secret_key,
        aws_session_token=key.token or None,
        verify=str(aws.ca_file),
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=60, read_timeout=60, **settings),
    )
    with contextlib.closing(boto_client):
        yield boto_client


AWKWARD = (
    "plain.txt",
    "a b+c/d=e&f?g#h%20i~j*(k)'!",
    "ключ/鍵/🔑",
    "dots/../and/./more",
    "//double//slash",
    "a%2Fb;c,d:@$",
)


@pytest.mark.parametrize("key", [LASTING, PASSING], ids=["lasting", "passing"])
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_s3_with_awkward_keys(aws: VerifyingServer, style: str, key: Key) -> None:
    """What boto3 puts and gets under awkward names is accepted."""
    bucket = f"awkward-{style}-{key.access_key.lower()}"
    with client(aws, "s3", "eu-west-1", key, s3={"addressing_style": style}) as s3:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for name in AWKWARD:
            s3.put_object(Bucket=bucket, Key=name, Body=name.encode(), Metadata={"one": "two  words"})
            s3.head_object(Bucket=bucket, Key=name)
        s3.list_objects_v2(Bucket=bucket, Prefix="a b+c/", Delimiter="=")

        assert b"plain.txt" == s3.get_object(Bucket=bucket, Key="plain.txt")["Body"].read()
    assert [] == aws.refused
    assert {"header"} == {seen.verification.style for seen in aws.accepted}
    assert {"s3.eu-west-1.amazonaws.com" if style == "path" else f"{bucket}.s3.eu-west-1.amazonaws.com"} == {
        seen.host for seen in aws.accepted
    }


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_s3_with_checksums(aws: VerifyingServer, algorithm: str) -> None:
    """A trailer with a checksum, in aws-chunked, is accepted, and moto has the object."""
    with client(aws, "s3") as s3:
        s3.create_bucket(Bucket="checksums")
        s3.put_object(Bucket="checksums", Key="large", Body=b"x" * 3_000_000, ChecksumAlgorithm=algorithm)

        assert 3_000_000 == s3.head_object(Bucket="checksums", Key="large")["ContentLength"]
    assert [] == aws.refused
    assert any(b"STREAMING-UNSIGNED-PAYLOAD-TRAILER" in seen.head for seen in aws.accepted)


def fetch(aws: VerifyingServer, url: str, method: str = "GET", **options: Any) -> int:
    """The status of a plain request."""
    from botocore.httpsession import URLLib3Session

    session = URLLib3Session(verify=str(aws.ca_file))
    with contextlib.closing(session):
        return int(session.send(AWSRequest(method, url, **options).prepare()).status_code)


@pytest.mark.parametrize(("version", "style"), [("s3v4", "query"), ("s3", "v2-query")])
@pytest.mark.parametrize("key", [LASTING, PASSING], ids=["lasting", "passing"])
def test_presigned_urls(aws: VerifyingServer, version: str, style: str, key: Key) -> None:
    """boto3's presigned URLs are accepted in both versions."""
    with client(aws, "s3", key=key, signature_version=version) as s3:
        s3.create_bucket(Bucket="presigned")
        s3.put_object(Bucket="presigned", Key="a b+c", Body=b"x")
        aws.accepted.clear()
        url = s3.generate_presigned_url("get_object", {"Bucket": "presigned", "Key": "a b+c"})

        assert 200 == fetch(aws, url)
    assert ([], [style]) == (aws.refused, [seen.verification.style for seen in aws.accepted])


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_post(aws: VerifyingServer, version: str) -> None:
    """boto3's upload form is accepted, and refused with a field more, too large a file or a changed policy."""
    with client(aws, "s3", signature_version=version) as s3:
        s3.create_bucket(Bucket="forms")
        form = s3.generate_presigned_post(
            "forms", "up/${filename}", {"acl": "private"}, [{"acl": "private"}, ["content-length-range", 1, 20]]
        )

    def post(fields: dict[str, str], file: bytes) -> str:
        aws.accepted.clear()
        aws.refused.clear()
        body, kind = multipart(fields, file)
        fetch(aws, form["url"], "POST", headers={"Content-Type": kind}, data=body)
        (seen,) = aws.accepted + aws.refused
        assert "policy" == seen.verification.style
        return seen.verification.code

    fields, tomorrow = form["fields"], datetime.now(UTC) + timedelta(days=1)
    policy = json.loads(base64.b64decode(fields["policy"]))
    policy["expiration"] = "2099-01-01T00:00:00Z"
    longer = base64.b64encode(json.dumps(policy).encode()).decode()

    assert "" == post(fields, b"content")
    good = Sent(aws.accepted[0].head, aws.accepted[0].body)
    elsewhere = good.verified(host_scope=lambda _host: Scope("s3", "eu-west-1"))
    assert "AccessDenied" == good.verified(tomorrow).code
    assert "AccessDenied" == headed("Host: forms", "Host: others")(good).verified().code
    assert ("InvalidArgument" if version == "s3v4" else "") == elsewhere.code
    assert "" == post({**fields, "x-ignore-me": "1"}, b"content")
    assert "AccessDenied" == post({**fields, "x-amz-meta-more": "1"}, b"content")
    assert "AccessDenied" == post({**fields, "acl": "public-read"}, b"content")
    assert "EntityTooLarge" == post(fields, b"x" * 21)
    assert "EntityTooSmall" == post(fields, b"")
    assert "SignatureDoesNotMatch" == post({**fields, "policy": longer}, b"content")
    assert "InvalidToken" == post({**fields, "x-amz-security-token": "another"}, b"content")


def multipart(fields: dict[str, str], file: bytes) -> tuple[bytes, str]:
    parts = [
        f'--mark\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    parts.append('--mark\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\n')
    return "".join(parts).encode() + file + b"\r\n--mark--\r\n", "multipart/form-data; boundary=mark"


CALLS: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "dynamodb": ("eu-west-1", lambda client: client.list_tables(), "json"),
    "sqs": ("eu-west-1", lambda client: client.create_queue(QueueName="q"), "json"),
    "ec2": ("us-west-2", lambda client: client.describe_vpcs(Filters=[{"Name": "tag:a b", "Values": ["é*"]}]), "query"),
    "iam": ("eu-west-1", lambda client: client.list_users(PathPrefix="/"), "query"),
    "route53": ("eu-west-1", lambda client: client.list_hosted_zones(), "xml"),
    "sts": ("eu-west-1", lambda client: client.get_caller_identity(), "query"),
    "cloudwatch": ("eu-west-1", lambda client: client.list_metrics(), "cbor"),
    "lambda": ("eu-west-1", lambda client: client.list_functions(), "json"),
    "kms": ("eu-west-1", lambda client: client.list_keys(), "json"),
    "apigateway": ("eu-west-1", lambda client: client.get_rest_apis(), "json"),
    "secretsmanager": ("cn-north-1", lambda client: client.list_secrets(), "json"),
}


@pytest.mark.parametrize("service", CALLS)
def test_what_boto3_signs_for_other_services(aws: VerifyingServer, service: str) -> None:
    """A call of each protocol is accepted and answered."""
    region, call, _ = CALLS[service]
    with client(aws, service, region) as sdk_client:
        assert 200 == call(sdk_client)["ResponseMetadata"]["HTTPStatusCode"]
    assert [] == aws.refused
    assert {"header"} == {seen.verification.style for seen in aws.accepted}


@pytest.mark.parametrize("service", CALLS)
def test_how_a_refusal_is_worded(aws: VerifyingServer, service: str) -> None:
    """boto3 understands the refusal of a wrong secret, whatever the protocol."""
    region, call, protocol = CALLS[service]
    wrong = Key(PASSING.access_key, "another-secret", PASSING.token)
    code = "InvalidSignatureException" if protocol in ("json", "cbor") else "SignatureDoesNotMatch"

    with client(aws, service, region, wrong) as sdk_client, pytest.raises(ClientError) as caught:
        call(sdk_client)

    assert code == caught.value.response["Error"]["Code"]
    assert ["SignatureDoesNotMatch"] == [seen.verification.code for seen in aws.refused]
    assert [] == aws.accepted


@pytest.mark.parametrize("service", ["s3", "dynamodb", "iam"])
def test_the_clock_of_the_server(aws: VerifyingServer, service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request is judged by the server's clock, which the refusal tells."""
    monkeypatch.setattr(aws, "clock", lambda: datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC))
    calls = {"s3": "list_buckets", "dynamodb": "list_tables", "iam": "list_users"}

    with client(aws, service) as sdk_client, pytest.raises(ClientError) as caught:
        getattr(sdk_client, calls[service])()

    assert ["RequestTimeTooSkewed"] == [seen.verification.code for seen in aws.refused]
    assert "Wed, 02 Jan 2030 03:04:05 GMT" == caught.value.response["ResponseMetadata"]["HTTPHeaders"]["date"]


def test_the_host_has_to_be_that_of_the_connection(aws: VerifyingServer) -> None:
    """A request for one host in a connection to another is misdirected."""
    status = fetch(aws, "https://sqs.eu-west-1.amazonaws.com/", headers={"Host": "sqs.eu-west-2.amazonaws.com"})

    assert (421, ["MisdirectedRequest"]) == (status, [seen.verification.code for seen in aws.refused])


def test_http_bodies_in_chunks_and_after_100_continue(aws: VerifyingServer) -> None:
    """A chunked body is put together for the verification and passed on; one that is announced is asked for."""
    import ssl

    request = botocore_signed(
        lambda credentials: SigV4Auth(credentials, "dynamodb", "us-east-1"),
        "POST",
        "https://dynamodb.us-east-1.amazonaws.com/",
        {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.ListTables"},
        b"{}",
    )
    head = re.sub(rb"Content-Length: 2", b"Transfer-Encoding: chunked", request.head)
    context = ssl.create_default_context(cafile=str(aws.ca_file))
    with (
        socket.create_connection(("127.0.0.1", aws.port), 60) as plain,
        context.wrap_socket(plain, server_hostname="dynamodb.us-east-1.amazonaws.com") as connection,
        connection.makefile("rb") as stream,
    ):
        connection.sendall(head + b"\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
        first = stream.readline()
        head_of_answer = b"".join(iter(stream.readline, b"\r\n"))
        stream.read(int(re.findall(rb"(?i)content-length: (\d+)", head_of_answer)[0]))
        connection.sendall(request.head + b"\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
        second = stream.readline()
        connection.sendall(b"{}")
        rest = stream.read()

    assert (b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n") == (first, second)
    assert b"HTTP/1.1 200 OK\r\n" in rest
    assert 2 == len(aws.accepted)


def test_redirection_of_another_process(aws: VerifyingServer) -> None:
    """A Python program with the folder on its path reaches the server, with asyncio as with sockets."""
    import subprocess
    import sys

    program = """
import asyncio, socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
async def main():
    _, writer = await asyncio.open_connection("sqs.eu-west-1.amazonaws.com", 443, ssl=context)
    print(writer.get_extra_info("peername")[1])
    writer.close()
    await writer.wait_closed()
asyncio.run(main())
with socket.create_connection(("s3.amazonaws.com", 443)) as one:
    print(one.getpeername()[1])
"""
    run = subprocess.run(
        [sys.executable, "-c", program, str(aws.ca_file)],
        env={
            "PYTHONPATH": str(servers.REDIRECTION),
            "REDIRECT_HTTPS_PORT": str(aws.port),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert ([str(aws.port)] * 2, "") == (run.stdout.split(), run.stderr)


# --- what else is accepted


def v4(service: str, region: str = "us-east-1", auth: Any = SigV4Auth, **options: Any) -> Callable[[Any], Any]:
    return lambda credentials: auth(credentials, service, region, **options)


S3_PUT = botocore_signed(
    v4("s3", auth=S3SigV4Auth),
    "PUT",
    "https://bucket.s3.us-east-1.amazonaws.com/a%20b/../c?x-id=PutObject&tag=1",
    {"Content-Type": "text/plain", "x-amz-meta-one": "two  words", "Content-MD5": "XrY7u+Ae7tCTyyK7j1rNww=="},
    b"hello world",
    PASSING,
)
S3_GET = botocore_signed(
    v4("s3", auth=S3SigV4QueryAuth, expires=60),
    "GET",
    "https://bucket.s3.us-east-1.amazonaws.com/a%20b?versionId=1",
    key=PASSING,
)
JSON_POST = botocore_signed(
    v4("dynamodb", "eu-west-1"),
    "POST",
    "https://dynamodb.eu-west-1.amazonaws.com/",
    {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.ListTables"},
    b'{"Limit": 1}',
)
SDB = {"Action": "ListDomains", "Version": "2009-04-15", "Name": "a b*~"}
SDB_GET = botocore_signed(SigV2Auth, "GET", "https://sdb.amazonaws.com/", key=PASSING, params=SDB)
SDB_POST = botocore_signed(
    SigV2Auth, "POST", "https://sdb.amazonaws.com/", {"Content-Type": "application/x-www-form-urlencoded"}, SDB, PASSING
)
UNSIGNED = botocore_signed(
    v4("s3", auth=PayloadAuth, payload="UNSIGNED-PAYLOAD"),
    "PUT",
    "https://s3.us-east-1.amazonaws.com/bucket/key",
    body=b"body",
)


def sts_url() -> Sent:
    auth = v4("sts", auth=SigV4QueryAuth, expires=60)
    return botocore_signed(auth, "GET", "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity", key=PASSING)


def v4a(style: str, regions: str = "us-*,eu-west-1", secret: Key = PASSING) -> Sent:
    """A request to a multi-region access point, signed with the key pair of Version 4a."""
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    scope = f"{now[:8]}/s3/aws4_request"
    host = {"Host": "alias.accesspoint.s3-global.amazonaws.com"}
    credential = f"{secret.access_key}/{scope}"
    if style == "header":
        names = "host;x-amz-content-sha256;x-amz-date;x-amz-region-set;x-amz-security-token"
        headers = {
            **host,
            "x-amz-content-sha256": sha256(b""),
            "x-amz-date": now,
            **({"x-amz-region-set": regions} if regions else {}),
            "x-amz-security-token": PASSING.token,
        }
        names = names if regions else names.replace("x-amz-region-set;", "")
        target, payload = "/key", sha256(b"")
    else:
        names, headers, payload = "host", host, "UNSIGNED-PAYLOAD"
        target = (
            f"/key?X-Amz-Algorithm={V4A}&X-Amz-Credential={credential.replace('/', '%2F')}&X-Amz-Date={now}"
            f"&X-Amz-Expires=60&X-Amz-Region-Set={regions}&X-Amz-Security-Token=a%2Fpassing%2Btoken%3D%3D"
            "&X-Amz-SignedHeaders=host"
        )
    request = parse(sent("GET", target, headers).head, b"")
    text = string_to_sign(V4A, now, scope, canonical_request(request, names.split(";"), payload, is_s3=True))
    signed = signing_key_v4a(secret).sign(text.encode(), ec.ECDSA(hashes.SHA256())).hex()
    if style == "header":
        credential = f"{V4A} Credential={credential}, SignedHeaders={names}, Signature={signed}"
        return sent("GET", target, {**headers, "Authorization": credential})
    return sent("GET", f"{target}&X-Amz-Signature={signed}", headers)


ACCEPTED: dict[str, tuple[Callable[[], Sent], str, str]] = {
    "S3 header": (lambda: S3_PUT, "header", PASSING.access_key),
    "S3 URL": (lambda: S3_GET, "query", PASSING.access_key),
    "JSON": (lambda: JSON_POST, "header", LASTING.access_key),
    "other URL": (sts_url, "query", PASSING.access_key),
    "S3 Express": (
        lambda: botocore_signed(
            v4("s3express", auth=S3ExpressAuth, identity_cache={}),
            "GET",
            "https://b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com/key",
            key=PASSING,
        ),
        "header",
        PASSING.access_key,
    ),
    "unsigned payload": (lambda: UNSIGNED, "header", LASTING.access_key),
    "normalised path": (
        lambda: botocore_signed(v4("lambda"), "GET", "https://lambda.us-east-1.amazonaws.com/a//b/./c/../%3A%20$/"),
        "header",
        LASTING.access_key,
    ),
    "query API of version 2": (lambda: SDB_GET, "v2-query", PASSING.access_key),
    "query API of version 2 with a form": (lambda: SDB_POST, "v2-query", PASSING.access_key),
    "S3 header of version 2": (
        lambda: botocore_signed(
            HmacV1Auth, "GET", "https://s3.amazonaws.com/bucket/a%20b?acl&x=1", {"x-amz-meta-b": "1"}, key=PASSING
        ),
        "v2-header",
        PASSING.access_key,
    ),
    "S3 URL of version 2": (
        lambda: botocore_signed(HmacV1QueryAuth, "GET", "https://s3.amazonaws.com/bucket/a%20b?acl&x=1", key=PASSING),
        "v2-query",
        PASSING.access_key,
    ),
    "version 4a header": (lambda: v4a("header"), "header", PASSING.access_key),
    "version 4a URL": (lambda: v4a("query"), "query", PASSING.access_key),
    "date of HTTP": (
        lambda: botocore_signed(v4("sqs"), "GET", "https://sqs.us-east-1.amazonaws.com/", {"Date": "now"}),
        "header",
        LASTING.access_key,
    ),
    "checksum of a whole upload": (
        lambda: botocore_signed(
            v4("s3", auth=S3SigV4Auth),
            "POST",
            "https://s3.us-east-1.amazonaws.com/bucket/key?uploadId=1",
            {"x-amz-checksum-crc32": "AAAAAA=="},
            b"<CompleteMultipartUpload/>",
        ),
        "header",
        LASTING.access_key,
    ),
    "anonymous": (lambda: sent("GET", "/b/k", {"Host": "s3.amazonaws.com"}), "anonymous", ""),
    "bearer": (
        lambda: sent("GET", "/", {"Host": "codecatalyst.global.api.aws", "Authorization": "Bearer x"}),
        "bearer",
        "",
    ),
}


@pytest.mark.parametrize(("request_", "style", "access_key"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_is_accepted(request_: Callable[[], Sent], style: str, access_key: str) -> None:
    """Each way to authenticate, rightly done."""
    verification = request_().verified()

    assert ("", "", True) == (verification.code, verification.message, verification.accepted)
    assert (style, access_key) == (verification.style, access_key)


# --- what is refused

type Change = Callable[[Sent], Sent]


def headed(pattern: str, replacement: str, count: int = 1) -> Change:
    """Changes the head; the pattern has to be there."""

    def change(original: Sent) -> Sent:
        head, changes = re.subn(pattern.encode(), replacement.encode(), original.head, count=count, flags=re.MULTILINE)
        assert changes
        return replace(original, head=head)

    return change


def added(line: str) -> Change:
    return lambda original: replace(original, head=original.head + b"\r\n" + line.encode())


def bodied(old: bytes, new: bytes) -> Change:
    """Changes the body, and keeps Content-Length right."""

    def change(original: Sent) -> Sent:
        assert old in original.body
        body = original.body.replace(old, new, 1)
        head = re.sub(rb"(?im)^(content-length: )\d+", rb"\g<1>%d" % len(body), original.head)
        return replace(original, head=head, body=body)

    return change


MISMATCH, MALFORMED, PARAMETERS = (
    "SignatureDoesNotMatch",
    "AuthorizationHeaderMalformed",
    "AuthorizationQueryParametersError",
)

REFUSED_S3: dict[str, tuple[Change, str]] = {
    "method": (headed("^PUT", "POST"), MISMATCH),
    "path": (headed("/c", "/d"), MISMATCH),
    "path normalised": (headed(r"/a%20b/\.\./c", "/c"), MISMATCH),
    "path encoded twice": (headed("%20", "%2520"), MISMATCH),
    "path not ASCII": (headed("/c", "/é"), "InvalidURI"),
    "path with a bad escape": (headed("%20", "%2g"), "InvalidURI"),
    "query value": (headed("tag=1", "tag=2"), MISMATCH),
    "query added": (headed("tag=1", "tag=1&a"), MISMATCH),
    "query removed": (headed("&tag=1", ""), MISMATCH),
    "content type": (headed("text/plain", "text/html"), MISMATCH),
    "content MD5": (headed("XrY7", "YrY7"), MISMATCH),
    "metadata": (headed("two", "three"), MISMATCH),
    "metadata removed": (headed("^x-amz-meta-one: .*\r\n", ""), MISMATCH),
    "metadata twice": (added("x-amz-meta-one: more"), MISMATCH),
    "host": (headed("Host: bucket", "Host: basket"), MISMATCH),
    "host twice": (added("Host: bucket.s3.us-east-1.amazonaws.com"), "BadRequest"),
    "host of another region": (headed(r"us-east-1\.amaz", "us-west-1.amaz"), MALFORMED),
    "body": (bodied(b"world", b"there"), "XAmzContentSHA256Mismatch"),
    "hash": (headed("SHA256: .", "SHA256: g"), "InvalidArgument"),
    "hash of something else": (headed("SHA256: .*", f"SHA256: {sha256(b'x')}\r"), MISMATCH),
    "hash missing": (
        lambda original: headed("x-amz-content-sha256;", "")(headed("^X-Amz-Content-SHA256: .*\r\n", "")(original)),
        "InvalidRequest",
    ),
    "length": (headed("Content-Length: 11", "Content-Length: 12"), "IncompleteBody"),
    "chunked transfer": (headed("Content-Length: 11", "Transfer-Encoding: chunked"), "NotImplemented"),
    "two framings": (added("Transfer-Encoding: chunked"), "BadRequest"),
    "date": (headed(r"(X-Amz-Date: \d+T\d+)\d", r"\g<1>x"), "MissingSecurityHeader"),
    "date missing": (headed("^X-Amz-Date: .*\r\n", ""), "MissingSecurityHeader"),
    "date in the scope": (headed(r"/\d{8}/", "/20200101/"), MALFORMED),
    "region": (headed("/us-east-1/", "/us-west-1/"), MALFORMED),
    "service": (headed("/s3/", "/sqs/"), MALFORMED),
    "terminator": (headed("aws4_request", "aws4request"), MALFORMED),
    "signature": (headed("Signature=[0-9a-f]+", "Signature=" + "0" * 64), MISMATCH),
    "signature cut": (headed(r"Signature=..", "Signature="), MALFORMED),
    "signed headers": (headed("content-md5;", ""), MISMATCH),
    "signed headers out of order": (headed("content-md5;content-type", "content-type;content-md5"), MALFORMED),
    "host not signed": (headed("host;", ""), "AccessDenied"),
    "an unsigned x-amz header": (added("x-amz-acl: public-read"), "AccessDenied"),
    "token changed": (headed("Token: a/", "Token: b/"), "InvalidToken"),
    "token removed": (headed("^X-Amz-Security-Token: .*\r\n", ""), "InvalidToken"),
    "token twice": (added("X-Amz-Security-Token: more"), "InvalidToken"),
    "token as one of S3 Express": (headed("X-Amz-Security-Token", "X-Amz-S3session-Token"), "InvalidToken"),
    "unknown key": (headed(PASSING.access_key, "AKIAUNKNOWN"), "InvalidAccessKeyId"),
    "another's key": (headed(PASSING.access_key, OTHER.access_key), "InvalidToken"),
    "two signatures": (added("Authorization: AWS4-HMAC-SHA256 x"), "InvalidArgument"),
    "other scheme": (headed("Authorization: AWS4-HMAC-SHA256", "Authorization: Basic"), "InvalidArgument"),
    "left-over query": (headed("tag=1", "tag=1&X-Amz-Signature=00"), "InvalidArgument"),
    "left-over expiry": (headed("tag=1", "tag=1&X-Amz-Expires=60"), "InvalidArgument"),
    "left-over token": (headed("tag=1", "tag=1&X-Amz-Security-Token=a"), "InvalidArgument"),
    "left-over version 2": (headed("tag=1", "tag=1&AWSAccessKeyId=a"), "InvalidArgument"),
    "checksum": (added("x-amz-checksum-crc32: AAAAAA=="), "AccessDenied"),
    "folded header": (headed("two  words", "two\r\n words"), "BadRequest"),
    "bare line feed": (headed("text/plain\r", "text/plain"), "BadRequest"),
}


@pytest.mark.parametrize(("change", "code"), REFUSED_S3.values(), ids=REFUSED_S3.keys())
def test_what_is_refused_of_s3(change: Change, code: str) -> None:
    """Each change to a signed S3 request is noticed for what it is."""
    verification = change(S3_PUT).verified()

    assert (code, False) == (verification.code, verification.accepted), verification.message


REFUSED_URL: dict[str, tuple[Change, str]] = {
    "method": (headed("^GET", "PUT"), MISMATCH),
    "path": (headed("/a%20b", "/b"), MISMATCH),
    "query": (headed("versionId=1", "versionId=2"), MISMATCH),
    "date": (headed(r"(X-Amz-Date=\d+T\d{4})\d\d", r"\g<1>77"), PARAMETERS),
    "longer": (headed("X-Amz-Expires=60", "X-Amz-Expires=61"), MISMATCH),
    "too long": (headed("X-Amz-Expires=60", "X-Amz-Expires=604801"), PARAMETERS),
    "no time": (headed("X-Amz-Expires=60", "X-Amz-Expires=0"), PARAMETERS),
    "no expiry": (headed("&X-Amz-Expires=60", ""), PARAMETERS),
    "no credential": (headed("&X-Amz-Credential=[^&]*", ""), PARAMETERS),
    "no signature": (headed("&X-Amz-Signature=[^& ]*", ""), PARAMETERS),
    "signature twice": (headed("&X-Amz-Signature=", "&x-amz-signature=0&X-Amz-Signature="), PARAMETERS),
    "algorithm": (headed("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"), PARAMETERS),
    "region": (headed("us-east-1%2F", "us-west-1%2F"), PARAMETERS),
    "token removed": (headed("&X-Amz-Security-Token=[^&]*", ""), "InvalidToken"),
    "token changed": (headed("Security-Token=a", "Security-Token=b"), "InvalidToken"),
    "token in a header": (added(f"X-Amz-Security-Token: {PASSING.token}"), "InvalidToken"),
    "an unsigned x-amz header": (added("x-amz-request-payer: requester"), "AccessDenied"),
    "a header's signature too": (added("Authorization: AWS4-HMAC-SHA256 x"), "InvalidArgument"),
    "version 2 too": (headed("versionId=1", "AWSAccessKeyId=1"), "InvalidArgument"),
    "a signed header not sent": (headed("SignedHeaders=host", "SignedHeaders=host%3Brange"), MISMATCH),
}


@pytest.mark.parametrize(("change", "code"), REFUSED_URL.values(), ids=REFUSED_URL.keys())
def test_what_is_refused_of_a_url(change: Change, code: str) -> None:
    """Each change to a presigned URL is noticed for what it is."""
    verification = change(S3_GET).verified()

    assert (code, False) == (verification.code, verification.accepted), verification.message


REFUSED_JSON: dict[str, tuple[Change, str]] = {
    "body": (bodied(b"1", b"2"), MISMATCH),
    "target": (headed("ListTables", "DeleteTable"), MISMATCH),
    "unsigned header": (added("X-Amz-More: 1"), MISMATCH),
    "region": (headed("/eu-west-1/", "/eu-west-2/"), MISMATCH),
    "service": (headed("/dynamodb/", "/sqs/"), MISMATCH),
    "token added": (added("X-Amz-Security-Token: x"), "InvalidToken"),
    "another's key": (headed(LASTING.access_key, OTHER.access_key), MISMATCH),
    "a wrong checksum": (added("Content-MD5: XrY7u+Ae7tCTyyK7j1rNww=="), "BadDigest"),
    "no checksum": (added("Content-MD5: abc"), "InvalidDigest"),
}


@pytest.mark.parametrize(("change", "code"), REFUSED_JSON.values(), ids=REFUSED_JSON.keys())
def test_what_is_refused_of_other_services(change: Change, code: str) -> None:
    """Each change to a signed request of another service is noticed for what it is."""
    verification = change(JSON_POST).verified()

    assert (code, False) == (verification.code, verification.accepted), verification.message


REFUSED_CHUNKS: dict[str, tuple[Sent, Change, str]] = {
    "changed": (CHUNKS_EXAMPLE, bodied(b"aaaa", b"aaab"), MISMATCH),
    "first signature": (
        CHUNKS_EXAMPLE,
        lambda original: replace(original, body=original.body.replace(b"ad80", b"ad81")),
        MISMATCH,
    ),
    "last signature": (
        CHUNKS_EXAMPLE,
        lambda original: replace(original, body=original.body.replace(b"b6c6", b"b6c7")),
        MISMATCH,
    ),
    "cut": (CHUNKS_EXAMPLE, lambda original: replace(original, body=original.body[:-90]), "IncompleteBody"),
    "trailer cut": (TRAILER_EXAMPLE, bodied(b"fe2e435\r\n\r\n", b"fe2e435"), "MalformedTrailerError"),
    "trailer changed": (TRAILER_EXAMPLE, bodied(b"sOO8", b"sOO9"), MISMATCH),
    "trailer's signature": (TRAILER_EXAMPLE, bodied(b"d81f82", b"d81f83"), MISMATCH),
    "trailer's signature missing": (
        TRAILER_EXAMPLE,
        lambda original: bodied(original.body[-92:], b"\r\n")(original),
        MISMATCH,
    ),
    "decoded length": (TRAILER_EXAMPLE, headed("length: 66560", "length: 66561"), MISMATCH),
}


@pytest.mark.parametrize(("example", "change", "code"), REFUSED_CHUNKS.values(), ids=REFUSED_CHUNKS.keys())
def test_what_is_refused_of_chunks(example: Sent, change: Change, code: str) -> None:
    """Each change to a body in signed chunks is noticed for what it is."""
    verification = change(example).verified(EXAMPLE_TIME)

    assert (code, False) == (verification.code, verification.accepted), verification.message


def unsigned_trailer(body: bytes, length: int = 11, trailer: str = "x-amz-checksum-crc32") -> Sent:
    headers = {"x-amz-decoded-content-length": str(length), "x-amz-trailer": trailer}
    auth = v4("s3", auth=PayloadAuth, payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    return botocore_signed(auth, "PUT", "https://s3.us-east-1.amazonaws.com/bucket/key", headers, body)


CRC32 = base64.b64encode(CHECKSUMS["x-amz-checksum-crc32"](b"hello world"))
TRAILERS: dict[str, tuple[Callable[[], Sent], str]] = {
    "right": (lambda: unsigned_trailer(b"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:" + CRC32 + b"\r\n\r\n"), ""),
    "checksum": (
        lambda: unsigned_trailer(b"b\r\nhello there\r\n0\r\nx-amz-checksum-crc32:" + CRC32 + b"\r\n\r\n"),
        "BadDigest",
    ),
    "missing": (lambda: unsigned_trailer(b"b\r\nhello world\r\n0\r\n\r\n"), "MalformedTrailerError"),
    "another": (
        lambda: unsigned_trailer(
            b"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:" + CRC32 + b"\r\n\r\n", trailer="x-amz-checksum-sha1"
        ),
        "MalformedTrailerError",
    ),
    "size": (
        lambda: unsigned_trailer(b"c\r\nhello world\r\n0\r\nx-amz-checksum-crc32:" + CRC32 + b"\r\n\r\n"),
        "IncompleteBody",
    ),
    "length": (
        lambda: unsigned_trailer(b"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:" + CRC32 + b"\r\n\r\n", 12),
        "IncompleteBody",
    ),
    "small chunks": (
        lambda: unsigned_trailer(b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:" + CRC32 + b"\r\n\r\n"),
        "InvalidChunkSizeError",
    ),
    "signed": (lambda: unsigned_trailer(b"b;chunk-signature=00\r\nhello world\r\n0\r\n\r\n"), "InvalidRequest"),
    "no chunks": (lambda: unsigned_trailer(b"hello world"), "IncompleteBody"),
}


@pytest.mark.parametrize(("request_", "code"), TRAILERS.values(), ids=TRAILERS.keys())
def test_unsigned_chunks(request_: Callable[[], Sent], code: str) -> None:
    """Framing, length and checksum of a body in unsigned chunks have to be right."""
    verification = request_().verified()

    assert code == verification.code, verification.message


@pytest.mark.parametrize("kind", ["STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER", "unsigned"])
def test_chunk_texts_of_both_algorithms(kind: str) -> None:
    """A chunk's text names its algorithm, and a padded signature is chained without its padding."""
    algorithm = V4A if "ECDSA" in kind else V4
    own = signer(algorithm, EXAMPLE, "20130524T000000Z", f"20130524/{'' if algorithm == V4A else 'r/'}s3/aws4_request")

    assert chunk_text(own, "ab**", b"").startswith(f"{algorithm}-PAYLOAD\n20130524T000000Z\n{own.scope}\nab\n")
    assert trailer_text(own, "ab", {"a": "b"}).endswith(hashlib.sha256(b"a:b\n").hexdigest())


MINUTES = {
    "header": (S3_PUT, "RequestTimeTooSkewed", "RequestTimeTooSkewed"),
    "URL": (S3_GET, "AccessDenied", "AccessDenied"),
}


@pytest.mark.parametrize(("example", "early", "late"), MINUTES.values(), ids=MINUTES.keys())
def test_clocks(example: Sent, early: str, late: str) -> None:
    """A clock may be a quarter of an hour off, and a URL is good until it expires."""
    now = example.at

    assert "" == example.verified(now - timedelta(minutes=14)).code
    assert early == example.verified(now - timedelta(minutes=16)).code
    assert late == example.verified(now + timedelta(minutes=16)).code


def test_unsigned_payloads_need_tls() -> None:
    """What is not signed has to be protected by the connection."""
    assert "InvalidRequest" == UNSIGNED.verified(is_tls=False).code


def test_hosts_may_be_left_unchecked() -> None:
    """Without an expected scope any region will do."""
    request = botocore_signed(v4("sqs", "mars-north-1"), "GET", "https://sqs.us-east-1.amazonaws.com/")

    assert MISMATCH == request.verified().code
    assert "" == request.verified(host_scope=lambda _host: None).code


def test_a_signed_header_has_to_be_sent() -> None:
    """A header that was signed empty is not the same as none."""
    url = "https://sqs.us-east-1.amazonaws.com/"
    request = botocore_signed(v4("sqs"), "GET", url, {"More": ""})

    assert "" == request.verified().code
    assert MISMATCH == headed("^More: \r\n", "")(request).verified().code


def test_a_date_has_to_be_signed() -> None:
    """The Date header, where there is no X-Amz-Date, has to be among the signed ones."""
    now = datetime.now(UTC)
    headers = {"Host": "sqs.us-east-1.amazonaws.com", "Date": format_datetime(now, usegmt=True)}
    scope = f"{now:%Y%m%d}/us-east-1/sqs/aws4_request"

    def signed(*names: str) -> str:
        canonical = canonical_request(parse(sent("GET", "/", headers).head, b""), names, sha256(b""), is_s3=False)
        text = string_to_sign(V4, f"{now:%Y%m%dT%H%M%SZ}", scope, canonical)
        signed_text = signature(signing_key(LASTING.secret_key, f"{now:%Y%m%d}", "us-east-1", "sqs"), text)
        credential = (
            f"{V4} Credential={LASTING.access_key}/{scope}, SignedHeaders={';'.join(names)}, Signature={signed_text}"
        )
        return sent("GET", "/", {**headers, "Authorization": credential}).verified().code

    assert ("", MISMATCH) == (signed("date", "host"), signed("host"))


def test_version_4a_refuses() -> None:
    """Another's key, another region and a changed path do not pass."""
    another_key = Key(PASSING.access_key, "another-secret", PASSING.token)
    scope = Scope("s3", "ap-south-1")

    assert MISMATCH == v4a("header", secret=another_key).verified().code
    assert MISMATCH == headed("/key", "/kez")(v4a("query")).verified().code
    assert "AccessDenied" == v4a("header", "").verified().code
    assert MALFORMED == v4a("header").verified(host_scope=lambda _host: scope).code


def test_version_2_refuses() -> None:
    """Changed paths, parameters and tokens do not pass in any form of Version 2."""
    header = botocore_signed(HmacV1Auth, "GET", "https://s3.amazonaws.com/bucket/key?acl")

    assert MISMATCH == headed("acl", "cors")(header).verified().code
    assert MISMATCH == added("x-amz-acl: private")(header).verified().code
    assert "InvalidToken" == added("x-amz-security-token: x")(header).verified().code
    assert "RequestTimeTooSkewed" == header.verified(header.at + timedelta(minutes=16)).code
    assert MISMATCH == headed("ListDomains", "DeleteDomain")(SDB_GET).verified().code
    assert MISMATCH == headed("sdb.amaz", "sdb.eu-west-1.amaz")(SDB_GET).verified().code
    assert "InvalidToken" == headed("&SecurityToken=[^&]*", "")(SDB_GET).verified().code
    assert "RequestTimeTooSkewed" == SDB_GET.verified(SDB_GET.at + timedelta(minutes=16)).code
    assert "" == headed("Host: sdb", "Host: SDB")(SDB_GET).verified().code
