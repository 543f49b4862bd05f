"""Where AWS answers, and what a request looks like there."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.endpoints import DEFAULT_REGION, Endpoint, Endpoints, addressed
from cloudmock_contract.aws.identification import Identifier
from cloudmock_contract.aws.services import Services
from cloudmock_contract.errors import AppError
from cloudmock_contract.exchange import Headers, Operation, Request

type Made = Callable[..., Request]

AWSS_OWN = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


@pytest.fixture(scope="session")
def endpoints(services: Services) -> Endpoints:
    return Endpoints(services)


def operation(service: str, action: str, *, signing_name: str = "", bucket: str = "") -> Operation:
    return Operation(service, action, "any", signing_name or service, "", bucket)


# service, action, region; host, name and region to sign for: as AWS's reference of endpoints has them.


@pytest.mark.parametrize(
    ("service", "action", "region", "host", "signing_name", "signing_region"),
    [
        ("dynamodb", "ListTables", "eu-west-1", "dynamodb.eu-west-1.amazonaws.com", "dynamodb", "eu-west-1"),
        ("sqs", "SendMessage", "us-east-1", "sqs.us-east-1.amazonaws.com", "sqs", "us-east-1"),
        ("sts", "GetCallerIdentity", "us-east-1", "sts.us-east-1.amazonaws.com", "sts", "us-east-1"),
        ("cloudwatch", "ListMetrics", "ap-south-1", "monitoring.ap-south-1.amazonaws.com", "monitoring", "ap-south-1"),
        ("stepfunctions", "ListStateMachines", "eu-west-1", "states.eu-west-1.amazonaws.com", "states", "eu-west-1"),
        ("ses", "SendEmail", "eu-west-1", "email.eu-west-1.amazonaws.com", "ses", "eu-west-1"),
        ("iam", "ListUsers", "eu-west-1", "iam.amazonaws.com", "iam", "us-east-1"),
        ("route53", "ListHostedZones", "eu-west-1", "route53.amazonaws.com", "route53", "us-east-1"),
        ("cloudfront", "ListDistributions", "eu-west-1", "cloudfront.amazonaws.com", "cloudfront", "us-east-1"),
        (
            "organizations",
            "ListRoots",
            "eu-west-1",
            "organizations.us-east-1.amazonaws.com",
            "organizations",
            "us-east-1",
        ),
        (
            "networkmanager",
            "ListCoreNetworks",
            "eu-west-1",
            "networkmanager.us-west-2.amazonaws.com",
            "networkmanager",
            "us-west-2",
        ),
        ("dynamodb", "ListTables", "cn-north-1", "dynamodb.cn-north-1.amazonaws.com.cn", "dynamodb", "cn-north-1"),
        ("s3", "ListBuckets", "cn-north-1", "s3.cn-north-1.amazonaws.com.cn", "s3", "cn-north-1"),
        ("iam", "ListUsers", "cn-northwest-1", "iam.cn-north-1.amazonaws.com.cn", "iam", "cn-north-1"),
        (
            "dynamodb",
            "ListTables",
            "us-gov-west-1",
            "dynamodb.us-gov-west-1.amazonaws.com",
            "dynamodb",
            "us-gov-west-1",
        ),
        ("iam", "ListUsers", "us-gov-east-1", "iam.us-gov.amazonaws.com", "iam", "us-gov-west-1"),
        ("route53", "ListHostedZones", "us-gov-west-1", "route53.us-gov.amazonaws.com", "route53", "us-gov-west-1"),
        ("s3", "ListBuckets", "us-east-1", "s3.us-east-1.amazonaws.com", "s3", "us-east-1"),
        (
            "stepfunctions",
            "StartSyncExecution",
            "eu-west-1",
            "sync-states.eu-west-1.amazonaws.com",
            "states",
            "eu-west-1",
        ),
        (
            "servicediscovery",
            "DiscoverInstances",
            "eu-west-1",
            "data-servicediscovery.eu-west-1.amazonaws.com",
            "servicediscovery",
            "eu-west-1",
        ),
    ],
)
def test_endpoints_are_awss_own(
    endpoints: Endpoints,
    service: str,
    action: str,
    region: str,
    host: str,
    signing_name: str,
    signing_region: str,
) -> None:
    """Regional and global services, host prefixes and other partitions are found where AWS says that they are."""
    expected = Endpoint("https", host, 443, "", signing_name, signing_region)

    assert expected == endpoints.resolve(operation(service, action, signing_name=signing_name), region)


@pytest.mark.parametrize(
    ("bucket", "host", "path"),
    [
        ("", "s3.eu-west-1.amazonaws.com", ""),
        ("my-bucket", "my-bucket.s3.eu-west-1.amazonaws.com", ""),
        ("my.dotted.bucket", "s3.eu-west-1.amazonaws.com", "/my.dotted.bucket"),
        ("Old_Style", "s3.eu-west-1.amazonaws.com", "/Old_Style"),
        ("a space", "s3.eu-west-1.amazonaws.com", "/a%20space"),
        ("evil.example#", "s3.eu-west-1.amazonaws.com", "/evil.example%23"),
        ("user@evil.example", "s3.eu-west-1.amazonaws.com", "/user%40evil.example"),
        ("..", "s3.eu-west-1.amazonaws.com", "/.."),
    ],
)
def test_a_bucket_is_in_the_host_if_it_can_be(endpoints: Endpoints, bucket: str, host: str, path: str) -> None:
    """A bucket that is no part of a host name, or has dots that no certificate fits, leads the path instead."""
    expected = Endpoint("https", host, 443, path, "s3", "eu-west-1")

    assert expected == endpoints.resolve(operation("s3", "GetObject", bucket=bucket), "eu-west-1")


@pytest.mark.parametrize(
    "bucket", ["arn:", "arn:aws:s3:nowhere", "arn:aws:sqs:eu-west-1:1:q", "arn:aws:s3:evil.example#:1:accesspoint/mine"]
)
def test_a_bad_bucket_is_the_apps_error(endpoints: Endpoints, bucket: str) -> None:
    """An ARN that is none of a bucket has no endpoint, and the error says for which operation."""
    with pytest.raises(AppError, match="botocore knows no endpoint for s3.GetObject in region 'eu-west-1'"):
        endpoints.resolve(operation("s3", "GetObject", bucket=bucket), "eu-west-1")


def test_an_access_point_is_signed_for_its_own_region(endpoints: Endpoints) -> None:
    """The region in an access point's ARN counts, not the region of the request."""
    bucket = "arn:aws:s3:us-west-2:123456789012:accesspoint/mine"
    endpoint = endpoints.resolve(operation("s3", "GetObject", bucket=bucket), "eu-west-1")

    assert "mine-123456789012.s3-accesspoint.us-west-2.amazonaws.com" == endpoint.host
    assert ("s3", "us-west-2") == (endpoint.signing_name, endpoint.signing_region)


# service, method, parameters: each is sent to the proxy and to AWS.

CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("acm", "list_certificates", {}),
    ("apigateway", "get_rest_apis", {}),
    ("cloudformation", "list_stacks", {}),
    ("cloudwatch", "list_metrics", {}),
    ("dynamodb", "list_tables", {}),
    ("ec2", "describe_vpcs", {}),
    ("events", "list_rules", {}),
    ("iam", "list_users", {}),
    ("kinesis", "list_streams", {}),
    ("kms", "list_keys", {}),
    ("lambda", "invoke", {"FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:f"}),
    ("logs", "describe_log_groups", {}),
    ("route53", "get_hosted_zone", {"Id": "Z1"}),
    ("secretsmanager", "list_secrets", {}),
    ("sns", "list_topics", {}),
    ("sqs", "list_queues", {}),
    ("ssm", "describe_parameters", {}),
    ("stepfunctions", "list_executions", {}),
    ("stepfunctions", "start_sync_execution", {"stateMachineArn": "arn:aws:states:eu-west-1:123456789012:a:b"}),
    ("sts", "get_caller_identity", {}),
    ("s3", "list_buckets", {}),
    ("s3", "list_objects_v2", {"Bucket": "my-bucket", "Prefix": "a b/"}),
    ("s3", "create_bucket", {"Bucket": "my-bucket", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
    ("s3", "get_bucket_acl", {"Bucket": "my-bucket"}),
    ("s3", "put_object", {"Bucket": "my.dotted.bucket", "Key": "a/b c+d%2F~é", "Body": b"body"}),
]
KEYS = "k|a/b|a b|ü/日本|100%|%2F|a+b|a//b|//a|/a|a/|a/../b|./a|;:@$?#&=!'()*"
CALLS_BY_REGION = [
    *((*call, region) for call in CALLS for region in ("eu-west-1", "cn-north-1")),
    *(("s3", "get_object", {"Bucket": "my-bucket", "Key": key}, "eu-west-1") for key in KEYS.split("|")),
]


@pytest.mark.parametrize(("service", "method", "parameters", "region"), CALLS_BY_REGION)
def test_requests_go_where_an_sdk_sends_them(
    made: Made,
    identifier: Identifier,
    endpoints: Endpoints,
    service: str,
    method: str,
    parameters: dict[str, Any],
    region: str,
) -> None:
    """A request that came to the proxy has the host and the path that it has when the same client talks to AWS."""
    to_proxy = made(service, method, {"region": region, "inject_host_prefix": False}, **parameters)
    to_aws = made(service, method, {"region": region, "url": None}, **parameters)
    found = identifier.identify(to_proxy)
    endpoint = endpoints.resolve(found, region)
    readdressed = addressed(to_proxy, found, endpoint)

    assert to_aws.headers.get("host") == endpoint.host_header
    assert to_aws.target == readdressed.target
    assert f"/{endpoint.signing_region}/{endpoint.signing_name}/aws4_request" in to_aws.headers.get("authorization")


@pytest.mark.parametrize("key", ["k", "a b/ü", "a//b", "/a", "a/", "my-bucket/k", "100%"])
def test_both_s3_styles_are_one_at_aws(made: Made, identifier: Identifier, endpoints: Endpoints, key: str) -> None:
    """A bucket in the host and a bucket in the path become the same request."""
    vhost = {"url": "http://localhost:4577", "s3": {"addressing_style": "virtual"}}
    targets = set()
    for via in ({}, vhost):
        request = made("s3", "get_object", via, Bucket="my-bucket", Key=key)
        found = identifier.identify(request)
        targets.add(addressed(request, found, endpoints.resolve(found, "eu-west-1")).target)

    assert 1 == len(targets)


@pytest.mark.parametrize(
    ("host", "target", "bucket", "path", "expected"),
    [
        ("localhost:4577", "/b", "b", "", "/"),
        ("localhost:4577", "/b/", "b", "", "/"),
        ("localhost:4577", "/b?acl", "b", "", "/?acl"),
        ("localhost:4577", "/b/k?versionId=1", "b", "", "/k?versionId=1"),
        ("localhost:4577", "/b//k", "b", "", "//k"),
        ("localhost:4577", "/b/b", "b", "", "/b"),
        ("localhost:4577", "/b%2Fc/k", "b/c", "", "/k"),
        ("localhost:4577", "/d.b/k", "d.b", "/d.b", "/d.b/k"),
        ("localhost:4577", "/d.b?acl", "d.b", "/d.b", "/d.b/?acl"),
        ("b.localhost:4577", "/", "b", "", "/"),
        ("b.localhost:4577", "/?acl", "b", "", "/?acl"),
        ("b.localhost:4577", "/b/k", "b", "", "/b/k"),
        ("b.localhost:4577", "//k", "b", "", "//k"),
        ("d.b.localhost:4577", "/k", "d.b", "/d.b", "/d.b/k"),
        ("b.s3.us-east-1.amazonaws.com", "/k", "b", "", "/k"),
        ("localhost:4577", "/", "", "", "/"),
        ("localhost:4577", "/2015-03-31/functions?x=/y", "", "", "/2015-03-31/functions?x=/y"),
        ("localhost:4577", "/?", "", "/prefix", "/prefix/?"),
    ],
)
def test_a_bucket_is_named_once(host: str, target: str, bucket: str, path: str, expected: str) -> None:
    """The path style bucket leaves the path when the endpoint has it; everything after it stays as it was."""
    request = Request("GET", target, Headers((("Host", host),)), b"body")
    endpoint = Endpoint("https", "aws.example", 443, path, "s3", "us-east-1")
    found = addressed(request, operation("s3", "GetObject", bucket=bucket), endpoint)

    assert Request("GET", expected, request.headers, b"body") == found


@pytest.mark.parametrize(
    ("scheme", "host", "port", "expected"),
    [
        ("https", "s3.amazonaws.com", 443, "s3.amazonaws.com"),
        ("https", "s3.amazonaws.com", 80, "s3.amazonaws.com:80"),
        ("http", "localhost", 80, "localhost"),
        ("http", "localhost", 4566, "localhost:4566"),
        ("http", "::1", 4566, "[::1]:4566"),
        ("http", "::1", 80, "[::1]"),
    ],
)
def test_the_host_header_leaves_out_the_usual_port(scheme: str, host: str, port: int, expected: str) -> None:
    """A Host header has the port only where the scheme does not imply it, and brackets around IPv6."""
    assert expected == Endpoint(scheme, host, port, "", "s3", "us-east-1").host_header


# Hosts that are not AWS's.

HOSTILE_REGIONS = [
    "",
    "bad region",
    "evil.example#",
    "evil.example/",
    "evil.example?",
    "evil.example:8443/",
    "user@evil.example#",
    "us-east-1.evil.example\\",
    "[::1]#",
    "-",
    "ü",
    "us-east-1\n",
    "a" * 300,
    "%2e",
    "\udcff",
]


@pytest.mark.parametrize("region", HOSTILE_REGIONS)
@pytest.mark.parametrize(
    ("service", "action", "bucket"),
    [("dynamodb", "ListTables", ""), ("s3", "GetObject", "b"), ("made-up", "GET /", "")],
)
def test_a_bad_region_is_the_apps_error(
    endpoints: Endpoints, service: str, action: str, bucket: str, region: str
) -> None:
    """What cannot be part of AWS's host names is refused, whichever service it is meant for."""
    with pytest.raises(AppError):
        endpoints.resolve(operation(service, action, bucket=bucket), region)


_SERVICES = [
    ("dynamodb", "ListTables"),
    ("s3", "GetObject"),
    ("iam", "ListUsers"),
    ("lambda", "Invoke"),
    ("made-up", "GET /"),
]


@given(
    called=st.sampled_from(_SERVICES),
    region=st.text("abc019-.:/?#@[]\\% ") | st.text(),
    bucket=st.text("ab9-.:/?#@[]\\% ") | st.text(st.characters(codec="utf-8")),
)
def test_no_request_leaves_aws(endpoints: Endpoints, called: tuple[str, str], region: str, bucket: str) -> None:
    """Whatever region and bucket a request names, it goes to a host of AWS, or is refused."""
    service, action = called
    try:
        endpoint = endpoints.resolve(operation(service, action, bucket=bucket if service == "s3" else ""), region)
    except AppError:
        return

    assert endpoint.host.endswith(AWSS_OWN)
    assert ("https", 443) == (endpoint.scheme, endpoint.port)
    assert all(character.isalnum() or character in "-." for character in endpoint.host)


@given(st.text("abc019-.:/?#@[]\\% é", min_size=1))
def test_an_invented_service_stays_with_aws(endpoints: Endpoints, name: str) -> None:
    """Nor does a service that nobody knows take a request elsewhere."""
    endpoint = endpoints.resolve(operation(name, "GET /", signing_name=name), "eu-west-1")

    assert endpoint.host.endswith(".eu-west-1.amazonaws.com")
    assert (name, "eu-west-1") == (endpoint.signing_name, endpoint.signing_region)
    assert not set("/?#@[]\\: ") & set(endpoint.host)


def test_a_service_that_botocore_does_not_know_has_a_host_of_its_name(endpoints: Endpoints) -> None:
    """A signing name without a model is taken for the first label of the host."""
    expected = Endpoint("https", "execute-api.eu-west-1.amazonaws.com", 443, "", "execute-api", "eu-west-1")

    assert expected == endpoints.resolve(operation("execute-api", "GET /stage"), "eu-west-1")


def test_endpoints_are_kept(services: Services) -> None:
    """What has been prepared and resolved once is not resolved again."""
    endpoints = Endpoints(services)
    endpoints.prepare("sqs")
    first = endpoints.resolve(operation("sqs", "SendMessage"), "eu-west-1")

    assert first is endpoints.resolve(operation("sqs", "SendMessage"), "eu-west-1")
    assert first != endpoints.resolve(operation("sqs", "SendMessage"), "eu-west-2")


def test_the_default_region_has_endpoints(endpoints: Endpoints) -> None:
    """A request without a region goes to us-east-1."""
    endpoint = endpoints.resolve(operation("s3", "ListBuckets"), DEFAULT_REGION)

    assert "s3.us-east-1.amazonaws.com" == endpoint.host
