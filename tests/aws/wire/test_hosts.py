"""What a Host header says."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.wire.hosts import Host, bucket, bucket_and_path, host
from cloudmock_contract.values.authentication import Authentication, Style, Version
from cloudmock_contract.values.http import Headers, Request

UNSIGNED = Authentication(Style.NONE)
ACCOUNT = "123456789012"


def signed(name: str = "s3", region: str = "eu-west-1", version: Version = Version.V4) -> Authentication:
    return Authentication(Style.HEADER, version, "AKID", region, name)


def request(header: str, target: str = "/", *fields: tuple[str, str]) -> Request:
    return Request("GET", target, Headers((("Host", header), *fields)), b"")


# Header; labels and region: as https://docs.aws.amazon.com/general/latest/gr/rande.html has hosts.


@pytest.mark.parametrize(
    ("header", "labels", "region"),
    [
        ("sqs.eu-west-1.amazonaws.com", ("sqs",), "eu-west-1"),
        ("sqs.eu-west-1.amazonaws.com:443", ("sqs",), "eu-west-1"),
        ("SQS.EU-WEST-1.amazonaws.com", ("sqs",), "eu-west-1"),
        ("iam.amazonaws.com", ("iam",), ""),
        ("api.ecr.eu-west-1.amazonaws.com", ("api", "ecr"), "eu-west-1"),
        ("eu-west-1.queue.amazonaws.com", ("queue",), "eu-west-1"),
        ("lambda.eu-west-1.api.aws", ("lambda",), "eu-west-1"),
        ("dynamodb.cn-north-1.amazonaws.com.cn", ("dynamodb",), "cn-north-1"),
        ("sqs.us-iso-east-1.c2s.ic.gov", ("sqs",), "us-iso-east-1"),
        ("sqs.us-isob-east-1.sc2s.sgov.gov", ("sqs",), "us-isob-east-1"),
        ("sqs.eusc-de-east-1.amazonaws.eu", ("sqs",), "eusc-de-east-1"),
        ("abc123.execute-api.eu-west-1.amazonaws.com", ("abc123", "execute-api"), "eu-west-1"),
        ("abc123.lambda-url.eu-west-1.on.aws", ("abc123", "lambda-url"), "eu-west-1"),
        ("search-mine-abc.eu-west-1.es.amazonaws.com", ("search-mine-abc", "es"), "eu-west-1"),
        ("eu-west-1.signin.aws.amazon.com", ("signin",), "eu-west-1"),
        ("ec2-1-2-3-4.compute-1.amazonaws.com", ("ec2-1-2-3-4", "compute-1"), ""),
        ("ec2-1-2-3-4.eu-west-1.compute.amazonaws.com", ("ec2-1-2-3-4", "compute"), "eu-west-1"),
        ("name-123.elb.eu-west-1.amazonaws.com", ("name-123", "elb"), "eu-west-1"),
    ],
)
def test_a_host_of_awss_names_service_and_region(header: str, labels: tuple[str, ...], region: str) -> None:
    """An AWS host is taken apart into its region, wherever that stands, and the labels before AWS's suffix."""
    name = header.removesuffix(":443")

    assert Host(name, is_aws=True, labels=labels, region=region) == host(header)


# Header; bucket or access point, and region.

S3_HOSTS = [
    ("s3.amazonaws.com", "", ""),
    ("s3.eu-west-1.amazonaws.com", "", "eu-west-1"),
    ("my-bucket.s3.amazonaws.com", "my-bucket", ""),
    ("my-bucket.s3-external-1.amazonaws.com", "my-bucket", ""),
    ("my-bucket.s3.eu-west-1.amazonaws.com", "my-bucket", "eu-west-1"),
    ("my-bucket.s3-us-west-2.amazonaws.com", "my-bucket", "us-west-2"),
    ("my.dotted.bucket.s3.eu-west-1.amazonaws.com", "my.dotted.bucket", "eu-west-1"),
    ("My_Old.Bucket.s3.amazonaws.com", "My_Old.Bucket", ""),
    ("my-bucket.s3.dualstack.eu-west-1.amazonaws.com", "my-bucket", "eu-west-1"),
    ("my-bucket.s3-fips.us-east-1.amazonaws.com", "my-bucket", "us-east-1"),
    ("my-bucket.s3-fips.dualstack.us-gov-west-1.amazonaws.com", "my-bucket", "us-gov-west-1"),
    ("my-bucket.s3-accelerate.amazonaws.com", "my-bucket", ""),
    ("my-bucket.s3-accelerate.dualstack.amazonaws.com", "my-bucket", ""),
    ("my-bucket.s3.cn-north-1.amazonaws.com.cn", "my-bucket", "cn-north-1"),
    ("s3.s3.amazonaws.com", "s3", ""),
    ("b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com", "b--use1-az4--x-s3", "us-east-1"),
    (
        f"mine-{ACCOUNT}.s3-accesspoint.eu-west-1.amazonaws.com",
        f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/mine",
        "eu-west-1",
    ),
    (
        f"my-own-{ACCOUNT}.s3-accesspoint-fips.dualstack.us-gov-west-1.amazonaws.com",
        f"arn:aws-us-gov:s3:us-gov-west-1:{ACCOUNT}:accesspoint/my-own",
        "us-gov-west-1",
    ),
    (
        f"mine-{ACCOUNT}.s3-accesspoint.cn-north-1.amazonaws.com.cn",
        f"arn:aws-cn:s3:cn-north-1:{ACCOUNT}:accesspoint/mine",
        "cn-north-1",
    ),
    (
        f"mine-{ACCOUNT}.s3-object-lambda.eu-west-1.amazonaws.com",
        f"arn:aws:s3-object-lambda:eu-west-1:{ACCOUNT}:accesspoint/mine",
        "eu-west-1",
    ),
    (
        f"mine-{ACCOUNT}.op-01ac5d28a6a232904.s3-outposts.eu-west-1.amazonaws.com",
        f"arn:aws:s3-outposts:eu-west-1:{ACCOUNT}:outpost/op-01ac5d28a6a232904/accesspoint/mine",
        "eu-west-1",
    ),
    (
        "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com",
        "arn:aws:s3::000000000000:accesspoint/mfzwi23gnjvgw.mrap",
        "",
    ),
]


@pytest.mark.parametrize(("header", "expected", "region"), S3_HOSTS)
def test_a_host_of_s3_names_a_bucket_or_an_access_point(header: str, expected: str, region: str) -> None:
    """S3's hosts of every kind say what they begin with, whoever signs for them."""
    actual = host(header)

    assert (True, ("s3",), expected, region) == (actual.is_aws, actual.labels, actual.bucket, actual.region)
    assert not actual.is_website
    assert expected == bucket(request(header), UNSIGNED) == bucket(request(header), signed())


@pytest.mark.parametrize(
    ("header", "expected", "region"),
    [
        ("my-bucket.s3-website-us-east-1.amazonaws.com", "my-bucket", "us-east-1"),
        ("my-bucket.s3-website.eu-central-1.amazonaws.com", "my-bucket", "eu-central-1"),
        ("www.example.com.s3-website-eu-west-1.amazonaws.com", "www.example.com", "eu-west-1"),
        ("my-bucket.s3-website.cn-northwest-1.amazonaws.com.cn", "my-bucket", "cn-northwest-1"),
    ],
)
def test_a_website_is_a_buckets(header: str, expected: str, region: str) -> None:
    """Both forms of website hosts name a bucket and are known as websites."""
    actual = host(header)

    assert (expected, region, True) == (actual.bucket, actual.region, actual.is_website)


@pytest.mark.parametrize(
    "header",
    [
        "evil.example",
        "sqs.eu-west-1.amazonaws.com.evil.example",
        "b.s3.amazonaws.com.evil.example",
        "b.s3.eu-west-1.amazonaws.com.",
        "b.s3.evilamazonaws.com",
        "localhost",
        "127.0.0.1",
        "b.127.0.0.1.example",
        "notlocalhost",
    ],
)
def test_another_host_is_not_awss(header: str) -> None:
    """A name that only begins or only nearly ends as AWS's do says nothing, and names no bucket."""
    assert Host(header) == host(header)
    assert "" == bucket(request(header), signed())


@pytest.mark.parametrize("header", ["", ":443", "a" * 256, "a." * 200 + "amazonaws.com", "b.s3" * 100 + ".localhost"])
def test_what_is_no_host_says_nothing(header: str) -> None:
    """An empty host, and one that is longer than a host can be, are none."""
    assert Host() == host(header)
    assert "" == bucket(request(header), signed())


def test_the_longest_host_is_one() -> None:
    """255 characters are a host, 256 are none; a port does not count."""
    name = "b" * (255 - len(".s3.amazonaws.com")) + ".s3.amazonaws.com"

    assert name == host(name).name == host(f"{name}:443").name
    assert Host() == host(f"b{name}")


# The proxy's own hosts, with something before them.


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("localhost:4577", ""),
        ("s3.localhost:4577", ""),
        ("S3.LocalHost", ""),
        ("s3.eu-west-1.localhost:4577", ""),
        ("s3.localhost.localstack.cloud:4566", ""),
        ("localhost.localstack.cloud", ""),
        ("127.0.0.1:4577", ""),
        ("[::1]:4577", ""),
        ("proxy.example:4577", ""),
        ("b.proxy.example:4577", ""),
        ("b.localhost:4577", "b"),
        ("B.LocalHost", "B"),
        ("b.c.localhost", "b.c"),
        ("b.s3.localhost:4577", "b"),
        ("b.s3.eu-west-1.localhost:4577", "b"),
        ("b.s3.localhost.localstack.cloud:4566", "b"),
        ("b.s3.eu-west-1.localhost.localstack.cloud:4566", "b"),
        ("my-bucket.127.0.0.1:4577", ""),
    ],
)
def test_a_bucket_stands_before_the_proxys_host(header: str, expected: str) -> None:
    """What stands before localhost is a bucket; before an address, to which SDKs put none, it is not."""
    assert expected == bucket(request(header), signed())


@pytest.mark.parametrize(
    ("header", "auth", "expected"),
    [
        (f"mine-{ACCOUNT}.127.0.0.1:4577", signed(), f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/mine"),
        (f"my-own-{ACCOUNT}.127.0.0.1", signed(), f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/my-own"),
        (
            f"mine-{ACCOUNT}.127.0.0.1:4577",
            signed(region="cn-north-1"),
            f"arn:aws-cn:s3:cn-north-1:{ACCOUNT}:accesspoint/mine",
        ),
        (
            f"mine-{ACCOUNT}.127.0.0.1:4577",
            signed("s3-object-lambda"),
            f"arn:aws:s3-object-lambda:eu-west-1:{ACCOUNT}:accesspoint/mine",
        ),
        (
            f"mine-{ACCOUNT}.localhost:4577",
            signed("s3-object-lambda"),
            f"arn:aws:s3-object-lambda:eu-west-1:{ACCOUNT}:accesspoint/mine",
        ),
        (
            f"mine-{ACCOUNT}.op-0123abc.localhost:4577",
            signed("s3-outposts"),
            f"arn:aws:s3-outposts:eu-west-1:{ACCOUNT}:outpost/op-0123abc/accesspoint/mine",
        ),
        (
            f"mine-{ACCOUNT}.op-0123abc.127.0.0.1:4577",
            signed("s3-outposts"),
            f"arn:aws:s3-outposts:eu-west-1:{ACCOUNT}:outpost/op-0123abc/accesspoint/mine",
        ),
        (f"mine-{ACCOUNT}.op-0123abc.127.0.0.1:4577", signed(), ""),
        (f"mine-{ACCOUNT}.127.0.0.1:4577", signed("s3-outposts"), ""),
        (f"mine-{ACCOUNT}.localhost:4577", signed(), f"mine-{ACCOUNT}"),
        (f"mine-{ACCOUNT}1.127.0.0.1:4577", signed(), ""),
        (f"-{ACCOUNT}.127.0.0.1:4577", signed(), ""),
        ("mine.127.0.0.1:4577", signed("s3-object-lambda"), ""),
        ("mine.localhost:4577", signed("s3-object-lambda"), "mine"),
        (
            "abc.mrap.localhost:4577",
            signed(region="", version=Version.V4A),
            "arn:aws:s3::000000000000:accesspoint/abc.mrap",
        ),
        (
            "abc.mrap.127.0.0.1:4577",
            signed(region="", version=Version.V4A),
            "arn:aws:s3::000000000000:accesspoint/abc.mrap",
        ),
        ("abc.mrap.localhost:4577", signed(), "abc.mrap"),
    ],
)
def test_an_access_point_stands_before_the_proxys_host(header: str, auth: Authentication, expected: str) -> None:
    """What an SDK puts before its endpoint for an access point's ARN is that ARN again, of the scope's kind."""
    assert expected == bucket(request(header), auth)


@pytest.mark.parametrize("name", ["x-amz-account-id", "X-Amz-Request-Route"])
@pytest.mark.parametrize("suffix", ["localhost:4577", "s3-control.eu-west-1.amazonaws.com"])
def test_what_an_sdk_puts_before_the_host_is_no_bucket(name: str, suffix: str) -> None:
    """An account id or a route that a header names, and that the host begins with, is not a bucket."""
    path = "/WriteGetObjectResponse" if "Route" in name else "/v20180820/accesspoint"

    assert "" == bucket(request(f"{ACCOUNT}.{suffix}", path, (name, ACCOUNT)), signed())
    assert "b" == bucket(request("b.localhost:4577", path, (name, ACCOUNT)), signed())


def test_an_account_header_hides_no_bucket() -> None:
    """On S3's own paths a header that names the bucket does not make a bucket's host the proxy's."""
    assert "backups" == bucket(request("backups.localhost:4577", "/k", ("x-amz-account-id", "backups")), signed())


# Bucket and path.


@pytest.mark.parametrize(
    ("header", "target", "name", "path"),
    [
        ("localhost:4577", "/b/k", "b", "/k"),
        ("localhost", "/b", "b", "/"),
        ("localhost", "/b/", "b", "/"),
        ("localhost", "/b?acl", "b", "/"),
        ("localhost", "/", "", "/"),
        ("localhost", "//k", "", "/k"),
        ("localhost", "/b//k", "b", "//k"),
        ("localhost", "/b/b/k", "b", "/b/k"),
        ("localhost", "/b%20c/k%20l?a=/d", "b c", "/k%20l"),
        ("localhost", "/b%2Fc/k", "b/c", "/k"),
        ("localhost", "/%ff/k", "\udcff", "/k"),
        ("127.0.0.1:4577", "/b/k", "b", "/k"),
        ("[::1]:4577", "/b/k", "b", "/k"),
        ("", "/b/k", "b", "/k"),
        ("b.localhost:4577", "/k", "b", "/k"),
        ("b.localhost", "/", "b", "/"),
        ("b.localhost", "/b/k", "b", "/b/k"),
        ("b.localhost", "//k", "b", "//k"),
        ("b.localhost", "/k?acl", "b", "/k"),
        ("b.s3.eu-west-1.amazonaws.com", "/k", "b", "/k"),
        ("s3.eu-west-1.amazonaws.com", "/b/k", "b", "/k"),
        ("b.s3.amazonaws.com.evil.example", "/c/k", "c", "/k"),
        ("localhost", "", "", "/"),
        ("localhost", "*", "*", "/"),
    ],
)
def test_the_path_does_not_have_the_bucket(header: str, target: str, name: str, path: str) -> None:
    """Whichever style the client uses, the bucket is decoded and the rest of the path is as it was."""
    assert (name, path) == bucket_and_path(request(header, target), signed())


_NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{1,20}[a-z0-9]", fullmatch=True).filter(lambda name: name != "s3")
_PATHS = st.from_regex(r"/[a-z%/.~-]{0,20}", fullmatch=True)


@given(name=_NAMES, path=_PATHS)
def test_both_styles_say_the_same(name: str, path: str) -> None:
    """A bucket in the host, of the proxy or of AWS, and one in the path are the same bucket, with the same path."""
    expected = (name, path)

    assert expected == bucket_and_path(request("localhost:4577", f"/{name}{path}"), signed())
    assert expected == bucket_and_path(request(f"{name}.localhost:4577", path), signed())
    assert expected == bucket_and_path(request(f"{name}.s3.eu-west-1.amazonaws.com", path), signed())


@given(
    st.text(max_size=300) | st.text("abs3.-:012/[]amzonw", max_size=260),
    st.sampled_from(["", ".localhost", ".127.0.0.1:1", ".s3.amazonaws.com", ".amazonaws.com"]),
    st.sampled_from(["", "s3", "s3-outposts", "s3-object-lambda"]),
)
def test_any_host_is_read(text: str, suffix: str, name: str) -> None:
    """No Host header is too odd, and what is not below one of AWS's suffixes is not taken for AWS's."""
    actual = host(text + suffix)

    assert isinstance(bucket(request(text + suffix), signed(name)), str)
    assert not actual.is_aws or actual.name.lower().endswith((".com", ".cn", ".aws", ".eu", ".gov", ".uk", ".scloud"))


@pytest.mark.parametrize(
    "header",
    [
        "b.s3" + "-" * 200 + "!",
        "-123456789012" * 18 + ".s3-accesspoint.x",
        ("a-123456789012." * 15) + "127.0.0.1x",
        ".s3" * 80 + ".amazonaws.com",
        "1." * 120 + "1",
        "a" * 10**6 + ".localhost",
    ],
    ids=lambda header: header[:12],
)
def test_a_hostile_host_costs_no_time(header: str) -> None:
    """A host that is made to confuse the patterns is read at once."""
    begun = time.perf_counter()
    bucket(request(header, "/a"), signed("s3-outposts"))

    assert time.perf_counter() - begun < 0.5
