"""Where AWS answers, and what a request looks like there."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader
from hypothesis import example, given
from hypothesis import strategies as st

from cloudmock_contract.aws.endpoints.parameters import Context, context
from cloudmock_contract.aws.endpoints.resolver import Endpoints, addressed
from cloudmock_contract.aws.models.partitions import DEFAULT_REGION
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.errors import AppError
from cloudmock_contract.values.authentication import Version
from cloudmock_contract.values.endpoint import Endpoint, Variants
from cloudmock_contract.values.http import Headers, Request
from cloudmock_contract.values.operation import Operation
from support.calls import call_for, identify

type Made = Callable[..., Request]

AWSS_OWN = (
    ".amazonaws.com",
    ".api.aws",
    ".amazonaws.com.cn",
    ".api.amazonwebservices.com.cn",
    ".amazonaws.eu",
    ".api.amazonwebservices.eu",
    ".c2s.ic.gov",
    ".api.aws.ic.gov",
    ".sc2s.sgov.gov",
    ".api.aws.scloud",
    ".cloud.adc-e.uk",
    ".api.cloud-aws.adc-e.uk",
    ".csp.hci.ic.gov",
    ".api.aws.hci.ic.gov",
    ".aws.amazon.com",
    ".on.aws",
)
_A_REGION = r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]+"
CUSTOMERS = re.compile(
    rf"(?:.+\.)?(?:ec2-[0-9-]+\.(?:compute-1|{_A_REGION}\.compute)|[a-z0-9-]+-[a-z0-9]+\.(?:elb\.{_A_REGION}|{_A_REGION}\.elb))"
    r"\.amazonaws\.com(?:\.cn)?",
    re.IGNORECASE,
)
"""Hosts under AWS's suffixes at which customers answer: instances and load balancers."""

ACCOUNT = "123456789012"


@pytest.fixture(scope="session")
def endpoints(services: Services) -> Endpoints:
    return Endpoints(services)


def v4(signing_name: str, region: str = "eu-west-1") -> tuple[str, str]:
    scope = f"AKID/20260101/{region}/{signing_name}/aws4_request"
    return ("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00")


def v4a(signing_name: str) -> tuple[str, str]:
    scope = f"AKID/20260101/{signing_name}/aws4_request"
    return ("Authorization", f"AWS4-ECDSA-P256-SHA256 Credential={scope}, SignedHeaders=host, Signature=00")


def http_request(
    target: str, *fields: tuple[str, str], host: str = "localhost:4577", method: str = "GET", body: bytes = b""
) -> Request:
    return Request(method, target, Headers((("Host", host), *fields)), body)


type Sent = Callable[[Request], tuple[Endpoint, str]]


@pytest.fixture(scope="session")
def sent(services: Services, identifier: Identifier, endpoints: Endpoints) -> Sent:
    """Where a request goes, and with which target there: what a run does with it before it is signed."""

    def send(request: Request) -> tuple[Endpoint, str]:
        called = identify(identifier, request)
        region = called.region or DEFAULT_REGION
        endpoint = endpoints.resolve(called, region, context(call_for(request, called, region), services))
        return endpoint, addressed(request, authentication(request), called, endpoint).target

    return send


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
        ("waf", "ListRules", "eu-west-1", "waf.amazonaws.com", "waf", "us-east-1"),
        ("budgets", "DescribeBudgets", "eu-west-1", "budgets.amazonaws.com", "budgets", "us-east-1"),
        ("shield", "ListProtections", "eu-west-1", "shield.us-east-1.amazonaws.com", "shield", "us-east-1"),
        ("ce", "GetTags", "eu-west-1", "ce.us-east-1.amazonaws.com", "ce", "us-east-1"),
        ("support", "DescribeCases", "eu-west-1", "support.us-east-1.amazonaws.com", "support", "us-east-1"),
        ("account", "ListRegions", "eu-west-1", "account.us-east-1.amazonaws.com", "account", "us-east-1"),
        (
            "savingsplans",
            "DescribeSavingsPlans",
            "eu-west-1",
            "savingsplans.amazonaws.com",
            "savingsplans",
            "us-east-1",
        ),
        (
            "route53-recovery-control-config",
            "ListClusters",
            "eu-west-1",
            "route53-recovery-control-config.us-west-2.amazonaws.com",
            "route53-recovery-control-config",
            "us-west-2",
        ),
        ("route53", "ListHostedZones", "cn-north-1", "route53.amazonaws.com.cn", "route53", "cn-northwest-1"),
        ("dynamodb", "ListTables", "us-iso-east-1", "dynamodb.us-iso-east-1.c2s.ic.gov", "dynamodb", "us-iso-east-1"),
        ("s3", "ListBuckets", "us-iso-east-1", "s3.us-iso-east-1.c2s.ic.gov", "s3", "us-iso-east-1"),
        ("sqs", "SendMessage", "us-isob-east-1", "sqs.us-isob-east-1.sc2s.sgov.gov", "sqs", "us-isob-east-1"),
        ("s3", "ListBuckets", "us-isob-east-1", "s3.us-isob-east-1.sc2s.sgov.gov", "s3", "us-isob-east-1"),
        ("s3", "ListBuckets", "eusc-de-east-1", "s3.eusc-de-east-1.amazonaws.eu", "s3", "eusc-de-east-1"),
        ("acm", "ListCertificates", "eu-west-1", "acm.eu-west-1.amazonaws.com", "acm", "eu-west-1"),
        ("acm", "RequestCertificate", "us-gov-west-1", "acm.us-gov-west-1.amazonaws.com", "acm", "us-gov-west-1"),
        ("made-up", "GET /", "eu-west-1", "made-up.eu-west-1.amazonaws.com", "made-up", "eu-west-1"),
        ("made-up", "GET /", "us-gov-west-1", "made-up.us-gov-west-1.amazonaws.com", "made-up", "us-gov-west-1"),
        ("made-up", "GET /", "cn-north-1", "made-up.cn-north-1.amazonaws.com.cn", "made-up", "cn-north-1"),
        ("made-up", "GET /", "us-iso-east-1", "made-up.us-iso-east-1.c2s.ic.gov", "made-up", "us-iso-east-1"),
        ("made-up", "GET /", "us-isob-east-1", "made-up.us-isob-east-1.sc2s.sgov.gov", "made-up", "us-isob-east-1"),
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
    """Regional and global services, unknown ones and other partitions are found where AWS says that they are."""
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
    sdk_request: Made,
    services: Services,
    identifier: Identifier,
    endpoints: Endpoints,
    service: str,
    method: str,
    parameters: dict[str, Any],
    region: str,
) -> None:
    """A request that came to the proxy has the host and the path that it has when the same client talks to AWS."""
    to_proxy = sdk_request(service, method, {"region": region, "inject_host_prefix": False}, **parameters)
    to_aws = sdk_request(service, method, {"region": region, "url": None}, **parameters)
    called = identify(identifier, to_proxy)
    endpoint = endpoints.resolve(called, region, context(call_for(to_proxy, called, region), services))
    readdressed = addressed(to_proxy, authentication(to_proxy), called, endpoint)

    assert to_aws.headers.get("host") == endpoint.host_header
    assert to_aws.target == readdressed.target
    assert f"/{endpoint.signing_region}/{endpoint.signing_name}/aws4_request" in to_aws.headers.get("authorization")


ACCESS_POINT = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/mine"
OBJECT_LAMBDA = f"arn:aws:s3-object-lambda:eu-west-1:{ACCOUNT}:accesspoint/mine"
OUTPOST = f"arn:aws:s3-outposts:eu-west-1:{ACCOUNT}:outpost/op-0123abc/accesspoint/mine"
OUTPOST_BUCKET = f"arn:aws:s3-outposts:eu-west-1:{ACCOUNT}:outpost/op-0123abc/bucket/mine"
VPC = {"VpcConfiguration": {"VpcId": "vpc-1"}}

RESOURCES: list[tuple[str, str, dict[str, Any]]] = [
    ("s3", "get_object", {"Bucket": ACCESS_POINT, "Key": "a b/k"}),
    ("s3", "list_objects_v2", {"Bucket": ACCESS_POINT}),
    ("s3", "get_object", {"Bucket": OBJECT_LAMBDA, "Key": "k"}),
    ("s3", "get_object", {"Bucket": OUTPOST, "Key": "k"}),
    ("s3", "write_get_object_response", {"RequestRoute": "route-1", "RequestToken": "t"}),
    ("s3control", "get_public_access_block", {"AccountId": ACCOUNT}),
    ("s3control", "list_access_points", {"AccountId": ACCOUNT, "Bucket": "my-bucket"}),
    ("s3control", "get_access_point", {"AccountId": ACCOUNT, "Name": "mine"}),
    ("s3control", "list_tags_for_resource", {"AccountId": ACCOUNT, "ResourceArn": ACCESS_POINT}),
    ("s3control", "create_bucket", {"Bucket": "mine", "OutpostId": "op-0123abc"}),
    ("s3control", "list_regional_buckets", {"AccountId": ACCOUNT, "OutpostId": "op-0123abc"}),
    ("s3control", "get_bucket", {"AccountId": ACCOUNT, "Bucket": OUTPOST_BUCKET}),
    ("s3control", "get_access_point", {"AccountId": ACCOUNT, "Name": OUTPOST}),
    ("s3control", "list_access_points", {"AccountId": ACCOUNT, "Bucket": OUTPOST_BUCKET}),
    ("s3control", "create_access_point", {"AccountId": ACCOUNT, "Name": "mine", "Bucket": OUTPOST_BUCKET, **VPC}),
    ("neptune-graph", "get_graph_summary", {"graphIdentifier": "g-0123456789"}),
    ("neptune-graph", "list_graphs", {}),
    ("servicediscovery", "discover_instances", {"NamespaceName": "n", "ServiceName": "s"}),
    ("iot-data", "publish", {"topic": "a/b"}),
]


@pytest.mark.parametrize(("service", "method", "parameters"), RESOURCES)
def test_resources_are_where_an_sdk_finds_them(
    sdk_request: Made, sent: Sent, service: str, method: str, parameters: dict[str, Any]
) -> None:
    """What an SDK puts before the proxy's host, or into headers, leads to the host that it leads to at AWS."""
    endpoint, target = sent(sdk_request(service, method, **parameters))
    to_aws = sdk_request(service, method, {"url": None}, **parameters)

    assert (to_aws.headers.get("host"), to_aws.target) == (endpoint.host_header, target)
    assert f"/{endpoint.signing_region}/{endpoint.signing_name}/aws4_request" in to_aws.headers.get("authorization")


@pytest.mark.parametrize("key", ["k", "a b/ü", "a//b", "/a", "a/", "my-bucket/k", "100%"])
def test_both_s3_styles_are_one_at_aws(
    sdk_request: Made, identifier: Identifier, endpoints: Endpoints, key: str
) -> None:
    """A bucket in the host and a bucket in the path become the same request."""
    vhost = {"url": "http://localhost:4577", "s3": {"addressing_style": "virtual"}}
    targets = set()
    for via in ({}, vhost):
        request = sdk_request("s3", "get_object", via, Bucket="my-bucket", Key=key)
        called = identify(identifier, request)
        targets.add(addressed(request, authentication(request), called, endpoints.resolve(called, "eu-west-1")).target)

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
        (f"mine-{ACCOUNT}.s3-accesspoint.eu-west-1.amazonaws.com", "/b/k?acl", "an-arn", "", "/b/k?acl"),
        ("b.s3.amazonaws.com.evil.example", "/c/k", "c", "", "/k"),
    ],
)
def test_a_bucket_is_named_once(host: str, target: str, bucket: str, path: str, expected: str) -> None:
    """The path style bucket leaves the path when the endpoint has it; everything after it stays as it was."""
    request = http_request(target, host=host, body=b"body")
    endpoint = Endpoint("https", "aws.example", 443, path, "s3", "us-east-1")
    readdressed = addressed(request, authentication(request), operation("s3", "GetObject", bucket=bucket), endpoint)

    assert Request("GET", expected, request.headers, b"body") == readdressed


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
    assert not CUSTOMERS.fullmatch(endpoint.host)
    assert ("https", 443) == (endpoint.scheme, endpoint.port)
    assert all(character.isalnum() or character in "-." for character in endpoint.host)


_PLAIN_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@given(st.text("abc019-.:/?#@[]\\% é", min_size=1))
def test_an_invented_service_stays_with_aws(endpoints: Endpoints, name: str) -> None:
    """A service that nobody knows does not take a request elsewhere; what is no label of a host is refused."""
    try:
        endpoint = endpoints.resolve(operation(name, "GET /", signing_name=name), "eu-west-1")
    except AppError:
        assert not _PLAIN_NAME.fullmatch(name)
        return

    assert f"{name}.eu-west-1.amazonaws.com" == endpoint.host
    assert (name, "eu-west-1") == (endpoint.signing_name, endpoint.signing_region)
    assert not set("/?#@[]\\: %é") & set(endpoint.host)


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("ec2-1-2-3-4", "compute-1"),
        ("ec2-1-2-3-4.eu-west-1", "compute"),
        ("name-123.elb", "eu-west-1"),
        ("name-123.eu-west-1", "elb"),
        ("\u212aey", "eu-west-1"),
    ],
)
def test_an_invented_service_is_at_no_customers_host(sent: Sent, name: str, region: str) -> None:
    """A scope that spells the host of an instance or of a load balancer, or is no host name, leads nowhere."""
    with pytest.raises(AppError):
        sent(http_request("/", v4(name, region)))


@pytest.mark.parametrize("action", ["GET /stage", "PostToConnection"])
def test_an_api_has_no_host_but_its_own(endpoints: Endpoints, action: str) -> None:
    """API Gateway's APIs answer nowhere else: without one in the request, the error says how to name it."""
    service = "apigatewaymanagementapi" if action == "PostToConnection" else "execute-api"

    with pytest.raises(AppError, match=r"http://API-ID\.execute-api\.localhost:PORT"):
        endpoints.resolve(operation(service, action, signing_name="execute-api"), "eu-west-1")


def test_a_request_without_a_service_goes_nowhere(endpoints: Endpoints) -> None:
    """Without a name to sign for there is no endpoint, and the error says why."""
    with pytest.raises(AppError, match="GET /, does not say which service it is for: it has no credential scope"):
        endpoints.resolve(Operation("unknown", "GET /", "", ""), "eu-west-1")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "sqs.eu-west-1.amazonaws.com.evil.example",
        "amazonaws.com",
        "evil.example/.amazonaws.com",
        "127.0.0.1",
        "localhost",
        "::1",
    ],
)
def test_nothing_is_signed_for_a_host_that_is_not_awss(endpoints: Endpoints, host: str) -> None:
    """Wherever a context's host comes from, it is one of AWS's own or there is no endpoint."""
    with pytest.raises(AppError, match=r"is not one of AWS's hosts: nothing is signed for it"):
        endpoints.resolve(operation("lambda", "GET /"), "eu-west-1", Context(host=host))


@pytest.mark.parametrize("prefix", ["evil.example/", "evil.example#", "user@", "a_b.", "-", "a..", "é.", "\r\n"])
def test_a_host_prefix_does_not_lead_away_from_aws(endpoints: Endpoints, prefix: str) -> None:
    """What an operation puts before its host cannot end the host's name."""
    with pytest.raises(AppError, match=r"is not one of AWS's hosts"):
        endpoints.resolve(operation("neptune-graph", "ExecuteQuery"), "eu-west-1", Context(host_prefix=prefix))


# Where requests go: hosts as https://docs.aws.amazon.com/general/latest/gr/ and S3's user guide have them.

TARGET = "X-Amz-Target"
STORE = "arn%3Aaws%3Acloudfront%3A%3A123456789012%3Akey-value-store%2Fabc-def"
EXPRESS = "b--use1-az4--x-s3"


@pytest.mark.parametrize(
    ("incoming", "expected", "target"),
    [
        (
            http_request("/k", v4("s3", "us-west-2"), host=f"mine-{ACCOUNT}.s3-accesspoint.us-west-2.amazonaws.com"),
            Endpoint("https", f"mine-{ACCOUNT}.s3-accesspoint.us-west-2.amazonaws.com", 443, "", "s3", "us-west-2"),
            "/k",
        ),
        (
            http_request("/k?acl", v4("s3"), host=f"mine-{ACCOUNT}.127.0.0.1:4577"),
            Endpoint("https", f"mine-{ACCOUNT}.s3-accesspoint.eu-west-1.amazonaws.com", 443, "", "s3", "eu-west-1"),
            "/k?acl",
        ),
        (
            http_request("/k", v4("s3", "cn-north-1"), host=f"mine-{ACCOUNT}.127.0.0.1:4577"),
            Endpoint(
                "https", f"mine-{ACCOUNT}.s3-accesspoint.cn-north-1.amazonaws.com.cn", 443, "", "s3", "cn-north-1"
            ),
            "/k",
        ),
        (
            http_request("/k", v4("s3-object-lambda"), host=f"mine-{ACCOUNT}.127.0.0.1:4577"),
            Endpoint(
                "https",
                f"mine-{ACCOUNT}.s3-object-lambda.eu-west-1.amazonaws.com",
                443,
                "",
                "s3-object-lambda",
                "eu-west-1",
            ),
            "/k",
        ),
        (
            http_request(
                "/k", v4("s3-outposts"), host=f"mine-{ACCOUNT}.op-0123abc.s3-outposts.eu-west-1.amazonaws.com"
            ),
            Endpoint(
                "https",
                f"mine-{ACCOUNT}.op-0123abc.s3-outposts.eu-west-1.amazonaws.com",
                443,
                "",
                "s3-outposts",
                "eu-west-1",
            ),
            "/k",
        ),
        (
            http_request("/k", v4a("s3"), host="abc.mrap.localhost:4577"),
            Endpoint("https", "abc.mrap.accesspoint.s3-global.amazonaws.com", 443, "", "s3", "*", Version.V4A),
            "/k",
        ),
        (
            http_request("/k", v4a("s3"), host="abc.mrap.accesspoint.s3-global.amazonaws.com"),
            Endpoint("https", "abc.mrap.accesspoint.s3-global.amazonaws.com", 443, "", "s3", "*", Version.V4A),
            "/k",
        ),
        (
            http_request(f"/{EXPRESS}/k", v4("s3express", "us-east-1")),
            Endpoint(
                "https", f"{EXPRESS}.s3express-use1-az4.us-east-1.amazonaws.com", 443, "", "s3express", "us-east-1"
            ),
            "/k",
        ),
        (
            http_request(f"/{EXPRESS}?session", v4("s3express", "us-east-1")),
            Endpoint(
                "https", f"{EXPRESS}.s3express-use1-az4.us-east-1.amazonaws.com", 443, "", "s3express", "us-east-1"
            ),
            "/?session",
        ),
        (
            http_request("/", v4("s3express", "us-east-1")),
            Endpoint("https", "s3express-control.us-east-1.amazonaws.com", 443, "", "s3express", "us-east-1"),
            "/",
        ),
        (
            http_request("/v20180820/accesspoint", v4("s3"), ("x-amz-account-id", ACCOUNT)),
            Endpoint("https", f"{ACCOUNT}.s3-control.eu-west-1.amazonaws.com", 443, "", "s3", "eu-west-1"),
            "/v20180820/accesspoint",
        ),
        (
            http_request(
                "/v20180820/accesspoint", v4("s3"), ("x-amz-account-id", ACCOUNT), host=f"{ACCOUNT}.localhost:4577"
            ),
            Endpoint("https", f"{ACCOUNT}.s3-control.eu-west-1.amazonaws.com", 443, "", "s3", "eu-west-1"),
            "/v20180820/accesspoint",
        ),
        (
            http_request("/queries", v4("neptune-graph"), ("graphIdentifier", "g-0123456789"), method="POST"),
            Endpoint(
                "https", "g-0123456789.eu-west-1.neptune-graph.amazonaws.com", 443, "", "neptune-graph", "eu-west-1"
            ),
            "/queries",
        ),
        (
            http_request("/graphs", v4("neptune-graph")),
            Endpoint("https", "neptune-graph.eu-west-1.amazonaws.com", 443, "", "neptune-graph", "eu-west-1"),
            "/graphs",
        ),
        (
            http_request(f"/key-value-stores/{STORE}", v4a("cloudfront-keyvaluestore")),
            Endpoint(
                "https",
                f"{ACCOUNT}.cloudfront-kvs.global.api.aws",
                443,
                "",
                "cloudfront-keyvaluestore",
                "*",
                Version.V4A,
            ),
            f"/key-value-stores/{STORE}",
        ),
        (
            http_request(
                "/", v4("events"), (TARGET, "AWSEvents.PutEvents"), method="POST", body=b'{"EndpointId":"abcde.veo"}'
            ),
            Endpoint("https", "abcde.veo.endpoint.events.amazonaws.com", 443, "", "events", "*", Version.V4A),
            "/",
        ),
        (
            http_request("/", v4("events"), (TARGET, "AWSEvents.PutEvents"), method="POST", body=b'{"Entries":[]}'),
            Endpoint("https", "events.eu-west-1.amazonaws.com", 443, "", "events", "eu-west-1"),
            "/",
        ),
        (
            http_request("/prod/pets?a=b", v4("execute-api"), host="abc123.execute-api.eu-west-1.amazonaws.com"),
            Endpoint("https", "abc123.execute-api.eu-west-1.amazonaws.com", 443, "", "execute-api", "eu-west-1"),
            "/prod/pets?a=b",
        ),
        (
            http_request("/prod/pets", v4("execute-api"), host="abc123.execute-api.localhost:4577"),
            Endpoint("https", "abc123.execute-api.eu-west-1.amazonaws.com", 443, "", "execute-api", "eu-west-1"),
            "/prod/pets",
        ),
        (
            http_request(
                "/prod/%40connections/c", v4("execute-api"), host="abc123.execute-api.localhost:4577", method="POST"
            ),
            Endpoint("https", "abc123.execute-api.eu-west-1.amazonaws.com", 443, "", "execute-api", "eu-west-1"),
            "/prod/%40connections/c",
        ),
        (
            http_request("/a", v4("lambda"), host="abc.lambda-url.eu-west-1.on.aws"),
            Endpoint("https", "abc.lambda-url.eu-west-1.on.aws", 443, "", "lambda", "eu-west-1"),
            "/a",
        ),
        (
            http_request("/index.html", host="docs.s3-website.eu-west-1.amazonaws.com"),
            Endpoint("http", "docs.s3-website.eu-west-1.amazonaws.com", 80, "", "s3", "eu-west-1"),
            "/index.html",
        ),
        (
            http_request("/index.html", v4("s3"), host="docs.s3-website.eu-west-1.amazonaws.com"),
            Endpoint("https", "docs.s3.eu-west-1.amazonaws.com", 443, "", "s3", "eu-west-1"),
            "/index.html",
        ),
        (
            http_request("/", v4("states"), (TARGET, "AWSStepFunctions.StartSyncExecution"), method="POST"),
            Endpoint("https", "sync-states.eu-west-1.amazonaws.com", 443, "", "states", "eu-west-1"),
            "/",
        ),
        (
            http_request(
                "/", v4("servicediscovery"), (TARGET, "Route53AutoNaming_v20170314.DiscoverInstances"), method="POST"
            ),
            Endpoint(
                "https", "data-servicediscovery.eu-west-1.amazonaws.com", 443, "", "servicediscovery", "eu-west-1"
            ),
            "/",
        ),
        (
            http_request("/k", v4("ec2"), host="ec2-1-2-3-4.compute-1.amazonaws.com"),
            Endpoint("https", "ec2.eu-west-1.amazonaws.com", 443, "", "ec2", "eu-west-1"),
            "/k",
        ),
        (
            http_request("/k", v4("elasticloadbalancing"), host="name-123.elb.eu-west-1.amazonaws.com"),
            Endpoint(
                "https",
                "elasticloadbalancing.eu-west-1.amazonaws.com",
                443,
                "",
                "elasticloadbalancing",
                "eu-west-1",
            ),
            "/k",
        ),
    ],
)
def test_a_request_goes_where_aws_answers_it(sent: Sent, incoming: Request, expected: Endpoint, target: str) -> None:
    """Resources with hosts of their own are found there, from the proxy's host and from AWS's; others are not."""
    assert (expected, target) == sent(incoming)


@pytest.mark.parametrize(
    "incoming",
    [
        http_request("/v20180820/accesspoint", v4("s3"), ("x-amz-account-id", "evil.example/")),
        http_request("/v20180820/accesspoint", v4("s3"), ("x-amz-account-id", "a.b")),
        http_request("/queries", v4("neptune-graph"), ("graphIdentifier", "evil.example/"), method="POST"),
        http_request("/", v4("events"), (TARGET, "AWSEvents.PutEvents"), method="POST", body=b'{"EndpointId":"evil/"}'),
        http_request("/", host="ec2-1-2-3-4.compute-1.amazonaws.com"),
        http_request("/", host="ec2-1-2-3-4.eu-west-1.compute.amazonaws.com"),
        http_request("/", v4("execute-api"), host="name-123.elb.eu-west-1.amazonaws.com"),
        http_request("/", v4("execute-api"), host="abc.execute-api.eu-west-1.amazonaws.com.evil.example"),
        http_request("/", v4("sqs", "evil.example")),
        http_request("/", v4("sqs", "s3")),
        http_request("/b1b/k", v4("s3"), host="b.s3.amazonaws.com.evil.example"),
        http_request("/backups", v4("s3"), host="mybucket.proxy.test:4577", method="DELETE"),
    ],
)
def test_a_request_that_would_leave_aws_is_the_apps_error(sent: Sent, incoming: Request) -> None:
    """Whatever part of a host's name a request names, it is not a way out."""
    with pytest.raises(AppError):
        sent(incoming)


@pytest.mark.parametrize("kind", ["execute-api", "lambda-url"])
def test_a_resources_host_is_for_its_own_scope(sent: Sent, kind: str) -> None:
    """What is signed for a service of AWS goes to that service, and not to whoever answers for an API or function."""
    request = http_request(
        "/?Action=GetCallerIdentity&Version=2011-06-15", v4("sts"), host=f"evil123.{kind}.localhost:4577"
    )

    assert "sts.eu-west-1.amazonaws.com" == sent(request)[0].host


# What the user's configuration says.


@pytest.mark.parametrize(
    ("variants", "service", "region", "bucket", "host"),
    [
        (Variants(fips=True), "dynamodb", "us-east-1", "", "dynamodb-fips.us-east-1.amazonaws.com"),
        (Variants(fips=True), "s3", "us-east-1", "my-bucket", "my-bucket.s3-fips.us-east-1.amazonaws.com"),
        (Variants(fips=True), "dynamodb", "us-gov-west-1", "", "dynamodb.us-gov-west-1.amazonaws.com"),
        (Variants(dual_stack=True), "lambda", "eu-west-1", "", "lambda.eu-west-1.api.aws"),
        (Variants(dual_stack=True), "s3", "eu-west-1", "my-bucket", "my-bucket.s3.dualstack.eu-west-1.amazonaws.com"),
        (
            Variants(dual_stack=True),
            "s3",
            "cn-north-1",
            "my-bucket",
            "my-bucket.s3.dualstack.cn-north-1.amazonaws.com.cn",
        ),
        (Variants(fips=True, dual_stack=True), "lambda", "us-east-1", "", "lambda-fips.us-east-1.api.aws"),
        (
            Variants(fips=True, dual_stack=True),
            "s3",
            "us-east-1",
            "my-bucket",
            "my-bucket.s3-fips.dualstack.us-east-1.amazonaws.com",
        ),
        (Variants(accelerate=True), "s3", "eu-west-1", "my-bucket", "my-bucket.s3-accelerate.amazonaws.com"),
        (
            Variants(accelerate=True, dual_stack=True),
            "s3",
            "eu-west-1",
            "my-bucket",
            "my-bucket.s3-accelerate.dualstack.amazonaws.com",
        ),
        (Variants(accelerate=True), "dynamodb", "eu-west-1", "", "dynamodb.eu-west-1.amazonaws.com"),
    ],
)
def test_the_user_chooses_among_awss_endpoints(
    services: Services, variants: Variants, service: str, region: str, bucket: str, host: str
) -> None:
    """FIPS, dual-stack and accelerated endpoints are used where the user's configuration asks for them."""
    action = "GetObject" if bucket else "Any"

    assert host == Endpoints(services, variants).resolve(operation(service, action, bucket=bucket), region).host


@pytest.mark.parametrize(
    ("variants", "region", "bucket"),
    [
        (Variants(fips=True), "cn-north-1", "my-bucket"),
        (Variants(accelerate=True), "eu-west-1", "my.dotted.bucket"),
        (Variants(use_arn_region=False), "eu-west-1", f"arn:aws:s3:us-west-2:{ACCOUNT}:accesspoint/mine"),
        (Variants(multi_region_access_points=False), "eu-west-1", f"arn:aws:s3::{ACCOUNT}:accesspoint/abc.mrap"),
    ],
)
def test_what_the_user_rules_out_has_no_endpoint(
    services: Services, variants: Variants, region: str, bucket: str
) -> None:
    """An endpoint that AWS does not have, or that the user does not want, is the app's error."""
    called = operation("s3", "GetObject", bucket=bucket)

    with pytest.raises(AppError, match=r"botocore knows no endpoint for s3\.GetObject"):
        Endpoints(services, variants).resolve(called, region)


def test_variants_may_change(services: Services) -> None:
    """What was resolved for other variants is not what is answered."""
    endpoints = Endpoints(services)
    hosts = []
    for variants in (Variants(), Variants(fips=True), Variants()):
        endpoints.variants = variants
        hosts.append(endpoints.resolve(operation("dynamodb", "ListTables"), "us-east-1").host)

    plain = "dynamodb.us-east-1.amazonaws.com"
    assert [plain, "dynamodb-fips.us-east-1.amazonaws.com", plain] == hosts


@pytest.mark.parametrize(
    ("action", "host"),
    [
        ("ListCertificates", "acm-fips.us-east-1.amazonaws.com"),
        ("PutRecord", "kinesis-fips.us-east-1.amazonaws.com"),
    ],
)
def test_the_model_says_what_its_operations_are(services: Services, action: str, host: str) -> None:
    """Parameters that the model sets for an operation reach the rules."""
    service = {"ListCertificates": "acm", "PutRecord": "kinesis"}[action]

    assert host == Endpoints(services, Variants(fips=True)).resolve(operation(service, action), "us-east-1").host


def test_a_service_without_rules_is_the_apps_error(tmp_path: Path) -> None:
    """A model of the user's own that comes without endpoint rules can be loaded, and has no endpoint."""
    version_folder = tmp_path / "mine" / "2024-01-01"
    version_folder.mkdir(parents=True)
    metadata = {"apiVersion": "2024-01-01", "endpointPrefix": "mine", "protocol": "rest-json"}
    model = {"metadata": metadata, "operations": {}, "shapes": {}}
    (version_folder / "service-2.json").write_text(json.dumps(model), encoding="utf-8")
    endpoints = Endpoints(Services(Loader(extra_search_paths=[str(tmp_path)])))
    endpoints.prepare("mine")
    endpoints.prepare("made-up")

    with pytest.raises(AppError, match="botocore has no endpoint rules for mine"):
        endpoints.resolve(operation("mine", "Do"), "eu-west-1")


# Anything.

_LABELS = st.sampled_from(
    [
        "s3",
        "s3-control",
        "execute-api",
        "compute-1",
        "compute",
        "elb",
        "eu-west-1",
        "us-iso-east-1",
        "cn-north-1",
        "ec2-1-2-3-4",
        "name-123",
        "lambda-url",
        "s3-accesspoint",
        f"mine-{ACCOUNT}",
        "abc.mrap.accesspoint.s3-global",
        "s3-website",
        "\u212aey",
        "iot",
        "es",
    ]
) | st.text("ab1-_/#?@%:", max_size=4)
_NAMES = st.lists(_LABELS, min_size=1, max_size=4).map(".".join)
_ENDS = st.sampled_from(
    ["localhost:4577", "127.0.0.1:4577", "amazonaws.com", "amazonaws.com.cn", "on.aws", "api.aws", "c2s.ic.gov"]
) | st.sampled_from(["evil.example", "amazonaws.com.evil.example", "evilamazonaws.com", "amazonaws.com.", ""])
_SIGNERS = st.sampled_from(
    [
        "s3",
        "s3express",
        "s3-outposts",
        "s3-object-lambda",
        "execute-api",
        "lambda",
        "ec2",
        "es",
        "iotdata",
        "neptune-graph",
        "elasticloadbalancing",
    ]
)


@given(
    region=st.sampled_from(["eu-west-1", "us-east-1", "cn-north-1", "us-isob-east-1"]) | _LABELS | st.text(max_size=3),
    bucket=_NAMES | st.sampled_from([EXPRESS, "v20180820", f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/mine"]),
    host=st.tuples(_NAMES, _ENDS).map(".".join),
    name=_SIGNERS | _NAMES,
    account=_NAMES | st.just(ACCOUNT) | st.just(""),
    is_signed=st.sampled_from([True, True, True, False]),
)
@example(region="compute-1", bucket="b", host="localhost:4577", name="ec2-1-2-3-4", account="", is_signed=True)
@example(region="eu-west-1", bucket="b", host="localhost:4577", name="name-123.elb", account="", is_signed=True)
@example(
    region="us-east-1", bucket="b", host="ec2-1-2-3-4.compute-1.amazonaws.com", name="ec2", account="", is_signed=True
)
@example(
    region="eu-west-1",
    bucket="b",
    host="name-123.eu-west-1.elb.amazonaws.com",
    name="elasticloadbalancing",
    account="",
    is_signed=True,
)
@example(
    region="eu-west-1",
    bucket="v20180820/accesspoint",
    host="localhost:4577",
    name="s3",
    account="evil.example/",
    is_signed=True,
)
@example(
    region="eu-west-1",
    bucket="queries",
    host="localhost:4577",
    name="neptune-graph",
    account="evil.example/",
    is_signed=True,
)
def test_no_request_leaves_aws_whatever_it_says(
    sent: Sent, region: str, bucket: str, host: str, name: str, account: str, *, is_signed: bool
) -> None:
    """Whatever region, bucket, host, service and account a request names, AWS gets it, or nobody does."""
    fields = [("x-amz-account-id", account), ("graphIdentifier", account), ("x-amz-request-route", account)]
    fields = [field for field in fields if field[1]]
    if is_signed:
        fields.append(v4(name, region))
    try:
        endpoint, target = sent(http_request(f"/{bucket}/k", *fields, host=host))
    except AppError:
        return

    assert endpoint.host.lower().endswith(AWSS_OWN)
    assert not CUSTOMERS.fullmatch(endpoint.host)
    assert all(re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", label) for label in endpoint.host.split("."))
    assert ("https", 443) == (endpoint.scheme, endpoint.port) or (
        not is_signed and ("http", 80) == (endpoint.scheme, endpoint.port)
    )
    assert target.startswith("/")


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
