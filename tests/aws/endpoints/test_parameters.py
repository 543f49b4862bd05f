"""What a request itself says that its endpoint depends on."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.endpoints.parameters import NO_CONTEXT, Context, context, own_host
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.values.http import Headers, Request
from cloudmock_contract.values.operation import Operation
from support.calls import call_for

type Made = Callable[..., Request]

ACCOUNT = "123456789012"
SIGNED = ("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/any/aws4_request, Signature=0")
KEY_VALUE_STORE = f"arn:aws:cloudfront::{ACCOUNT}:key-value-store/abc-def"


def http_request(
    target: str = "/", *fields: tuple[str, str], host: str = "localhost:4577", body: bytes = b"", method: str = "POST"
) -> Request:
    return Request(method, target, Headers((("Host", host), *fields)), body)


def operation(service: str, action: str, signing_name: str = "") -> Operation:
    return Operation(service, action, "any", signing_name or service, "eu-west-1")


@pytest.mark.parametrize(
    ("incoming", "called", "expected"),
    [
        (
            http_request("/v20180820/accesspoint", ("x-amz-account-id", ACCOUNT)),
            operation("s3control", "ListAccessPoints", "s3"),
            Context((("AccountId", ACCOUNT),)),
        ),
        (
            http_request("/v20180820/accesspoint", ("X-AMZ-ACCOUNT-ID", ACCOUNT)),
            operation("s3control", "ListAccessPoints", "s3"),
            Context((("AccountId", ACCOUNT),)),
        ),
        (http_request("/v20180820/accesspoint"), operation("s3control", "ListAccessPoints", "s3"), NO_CONTEXT),
        (
            http_request("/WriteGetObjectResponse", ("x-amz-request-route", "route-1")),
            operation("s3", "WriteGetObjectResponse", "s3-object-lambda"),
            Context(host_prefix="route-1."),
        ),
        (
            http_request("/queries", ("graphIdentifier", "g-0123456789")),
            operation("neptune-graph", "ExecuteQuery"),
            Context(host_prefix="g-0123456789."),
        ),
        (http_request(), operation("stepfunctions", "StartSyncExecution", "states"), Context(host_prefix="sync-")),
        (http_request(), operation("stepfunctions", "StartExecution", "states"), NO_CONTEXT),
        (http_request(), operation("servicediscovery", "DiscoverInstances"), Context(host_prefix="data-")),
        (
            http_request("/key-value-stores/arn%3Aaws%3Acloudfront%3A%3A123456789012%3Akey-value-store%2Fabc-def"),
            operation("cloudfront-keyvaluestore", "DescribeKeyValueStore"),
            Context((("KvsARN", KEY_VALUE_STORE),)),
        ),
        (
            http_request(
                "/key-value-stores/arn%3Aaws%3Acloudfront%3A%3A123456789012%3Akey-value-store%2Fabc-def/keys/k%20y"
            ),
            operation("cloudfront-keyvaluestore", "GetKey"),
            Context((("KvsARN", KEY_VALUE_STORE),)),
        ),
        (
            http_request(body=b'{"EndpointId":"abcde.veo","Entries":[]}'),
            operation("events", "PutEvents"),
            Context((("EndpointId", "abcde.veo"),)),
        ),
        (http_request(body=b'{"Entries":[]}'), operation("events", "PutEvents"), NO_CONTEXT),
        (http_request(body=b'{"EndpointId":""}'), operation("events", "PutEvents"), NO_CONTEXT),
        (http_request(body=b'{"EndpointId":1}'), operation("events", "PutEvents"), NO_CONTEXT),
        (http_request(body=b'{"EndpointId":null}'), operation("events", "PutEvents"), NO_CONTEXT),
        (http_request(body=b'["EndpointId"]'), operation("events", "PutEvents"), NO_CONTEXT),
        (http_request(body=b'{"EndpointId":'), operation("events", "PutEvents"), NO_CONTEXT),
        (http_request(body=b'{"EndpointId":"' + b"[" * 9), operation("events", "PutEvents"), NO_CONTEXT),
        (http_request(body=b'{"EndpointId":"a"}'), operation("events", "ListRules"), NO_CONTEXT),
        (http_request(body=b'{"TableName":"t"}'), operation("dynamodb", "GetItem"), NO_CONTEXT),
        (http_request("/b/k?prefix=p"), operation("s3", "ListObjectsV2"), NO_CONTEXT),
        (http_request(), operation("made-up", "GET /"), NO_CONTEXT),
        (http_request(), operation("dynamodb", "POST /"), NO_CONTEXT),
    ],
)
def test_a_request_says_what_its_operation_binds(
    services: Services, incoming: Request, called: Operation, expected: Context
) -> None:
    """Members in headers, path and body that the endpoint is made from are found; nothing else is looked for."""
    assert expected == context(call_for(incoming, called, "eu-west-1"), services)


@pytest.mark.parametrize(
    ("service", "method", "parameters", "called", "expected"),
    [
        (
            "s3control",
            "get_public_access_block",
            {"AccountId": ACCOUNT},
            operation("s3control", "GetPublicAccessBlock", "s3"),
            Context((("AccountId", ACCOUNT),)),
        ),
        (
            "neptune-graph",
            "get_graph_summary",
            {"graphIdentifier": "g-0123456789"},
            operation("neptune-graph", "GetGraphSummary"),
            Context(host_prefix="g-0123456789."),
        ),
        (
            "stepfunctions",
            "start_sync_execution",
            {"stateMachineArn": f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:m"},
            operation("stepfunctions", "StartSyncExecution", "states"),
            Context(host_prefix="sync-"),
        ),
    ],
)
def test_reads_what_an_sdk_sends(
    services: Services,
    sdk_request: Made,
    service: str,
    method: str,
    parameters: dict[str, Any],
    called: Operation,
    expected: Context,
) -> None:
    """A request of boto3's says the same, whether or not the client puts it before the host as well."""
    for inject in (False, True):
        request = sdk_request(
            service, method, {"url": "http://localhost:4577", "inject_host_prefix": inject}, **parameters
        )

        assert expected == context(call_for(request, called, "eu-west-1"), services)


def test_a_huge_body_is_not_read(services: Services) -> None:
    """What stands in a body of more than 256 KiB, or in one that is nested without end, is not looked for."""
    called = operation("events", "PutEvents")
    small = json.dumps({"EndpointId": "a.b", "Entries": "x" * 200_000}).encode()
    large = json.dumps({"EndpointId": "a.b", "Entries": "x" * 300_000}).encode()
    deep = b'{"EndpointId":"a.b","Entries":' + b"[" * 200_000

    assert (("EndpointId", "a.b"),) == context(
        call_for(http_request(body=small), called, "eu-west-1"), services
    ).parameters
    assert NO_CONTEXT == context(call_for(http_request(body=large), called, "eu-west-1"), services)
    assert NO_CONTEXT == context(call_for(http_request(body=deep), called, "eu-west-1"), services)


# Hosts that are a resource's own.


@pytest.mark.parametrize(
    ("host", "called", "expected"),
    [
        (
            "abc123.execute-api.eu-west-1.amazonaws.com",
            operation("execute-api", "GET /"),
            "abc123.execute-api.eu-west-1.amazonaws.com",
        ),
        (
            "ABC123.Execute-API.eu-west-1.amazonaws.com:443",
            operation("execute-api", "GET /"),
            "abc123.execute-api.eu-west-1.amazonaws.com",
        ),
        (
            "abc123.execute-api.cn-north-1.amazonaws.com.cn",
            operation("execute-api", "GET /"),
            "abc123.execute-api.cn-north-1.amazonaws.com.cn",
        ),
        (
            "abc123.execute-api.localhost:4577",
            operation("execute-api", "GET /"),
            "abc123.execute-api.eu-west-1.amazonaws.com",
        ),
        (
            "abc123.execute-api.localhost.localstack.cloud:4566",
            operation("execute-api", "GET /"),
            "abc123.execute-api.eu-west-1.amazonaws.com",
        ),
        (
            "abc123.execute-api.eu-west-1.localhost.localstack.cloud:4566",
            operation("execute-api", "GET /"),
            "abc123.execute-api.eu-west-1.amazonaws.com",
        ),
        (
            "abc.lambda-url.eu-west-1.on.aws",
            operation("lambda", "GET /"),
            "abc.lambda-url.eu-west-1.on.aws",
        ),
        (
            "search-mine-abc.eu-west-1.es.amazonaws.com",
            operation("es", "GET /_search"),
            "search-mine-abc.eu-west-1.es.amazonaws.com",
        ),
        ("abc.eu-west-1.aoss.amazonaws.com", operation("aoss", "GET /"), "abc.eu-west-1.aoss.amazonaws.com"),
        (
            "abc-ats.iot.eu-west-1.amazonaws.com",
            operation("iot-data", "Publish", "iotdata"),
            "abc-ats.iot.eu-west-1.amazonaws.com",
        ),
        ("sqs.eu-west-1.amazonaws.com", operation("sqs", "SendMessage"), ""),
        ("api.ecr.eu-west-1.amazonaws.com", operation("ecr", "ListImages"), ""),
        ("runtime.lex.eu-west-1.amazonaws.com", operation("lex-runtime", "PostText", "lex"), ""),
        ("b.s3.eu-west-1.amazonaws.com", operation("s3", "GetObject"), ""),
        ("abc123.execute-api.eu-west-1.amazonaws.com", operation("sqs", "SendMessage"), ""),
        ("abc123.execute-api.eu-west-1.amazonaws.com", operation("lambda", "Invoke"), ""),
        ("abc.lambda-url.eu-west-1.on.aws", operation("execute-api", "GET /"), ""),
        ("abc.lambda-url.eu-west-1.on.aws", operation("dynamodb", "GetItem"), ""),
        ("ec2-1-2-3-4.compute-1.amazonaws.com", operation("ec2", "RunInstances"), ""),
        ("ec2-1-2-3-4.compute-1.amazonaws.com", operation("made-up", "GET /", "compute-1"), ""),
        ("ec2-1-2-3-4.eu-west-1.compute.amazonaws.com", operation("execute-api", "GET /"), ""),
        ("ec2-1-2-3-4.eu-west-1.compute.amazonaws.com", operation("compute", "GET /"), ""),
        ("name-123.elb.eu-west-1.amazonaws.com", operation("elb", "GET /", "elasticloadbalancing"), ""),
        ("name-123.eu-west-1.elb.amazonaws.com", operation("elb", "GET /", "elb"), ""),
        ("abc.execute-api.eu-west-1.amazonaws.com.evil.example", operation("execute-api", "GET /"), ""),
        ("abc.execute-api.evil.example", operation("execute-api", "GET /"), ""),
        ("evil.example/.execute-api.eu-west-1.amazonaws.com", operation("execute-api", "GET /"), ""),
        ("evil.example#.execute-api.eu-west-1.amazonaws.com", operation("execute-api", "GET /"), ""),
        ("user@evil.execute-api.eu-west-1.amazonaws.com", operation("execute-api", "GET /"), ""),
        ("evil.example/abc.execute-api.localhost", operation("execute-api", "GET /"), ""),
        ("a.b.execute-api.localhost", operation("execute-api", "GET /"), ""),
        ("localhost:4577", operation("execute-api", "GET /"), ""),
        ("execute-api.localhost:4577", operation("execute-api", "GET /"), ""),
        ("evil.example", operation("execute-api", "GET /"), ""),
        ("", operation("execute-api", "GET /"), ""),
    ],
)
def test_a_resource_has_a_host_of_its_own(services: Services, host: str, called: Operation, expected: str) -> None:
    """The host of an API, a function, a domain counts for the service that signs for it, and no other host does."""
    request = http_request("/", SIGNED, host=host)

    assert Context(host=expected) == own_host(call_for(request, called, "eu-west-1"), services)
    assert expected == context(call_for(request, called, "eu-west-1"), services).host


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("us-gov-west-1", "abc.execute-api.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "abc.execute-api.cn-north-1.amazonaws.com.cn"),
        ("us-iso-east-1", "abc.execute-api.us-iso-east-1.c2s.ic.gov"),
    ],
)
def test_a_local_api_is_in_the_region_of_the_request(services: Services, region: str, expected: str) -> None:
    """An API before the proxy's own host is the one of that id where the request goes."""
    request = http_request(host="ABC.execute-api.localhost:4577")

    assert expected == own_host(call_for(request, operation("execute-api", "GET /"), region), services).host


@pytest.mark.parametrize(
    ("host", "fields", "expected"),
    [
        (
            "Docs.s3-website.eu-west-1.amazonaws.com",
            [],
            Context(host="docs.s3-website.eu-west-1.amazonaws.com", is_website=True),
        ),
        (
            "docs.s3-website-us-east-1.amazonaws.com:80",
            [],
            Context(host="docs.s3-website-us-east-1.amazonaws.com", is_website=True),
        ),
        ("docs.s3-website.eu-west-1.amazonaws.com", [SIGNED], NO_CONTEXT),
        ("docs.s3-website.eu-west-1.amazonaws.com.evil.example", [], NO_CONTEXT),
        ("docs.s3.eu-west-1.amazonaws.com", [], NO_CONTEXT),
    ],
)
def test_a_website_is_for_unsigned_requests(
    services: Services, host: str, fields: list[tuple[str, str]], expected: Context
) -> None:
    """A website host, which has no TLS, counts for a browser's request; a signed one is for S3 itself."""
    request = http_request("/index.html", *fields, host=host, method="GET")

    assert expected == context(call_for(request, operation("s3", "GetObject"), "eu-west-1"), services)


_CALLED = [
    operation("s3control", "ListAccessPoints", "s3"),
    operation("neptune-graph", "ExecuteQuery"),
    operation("events", "PutEvents"),
    operation("cloudfront-keyvaluestore", "GetKey"),
    operation("execute-api", "GET /"),
]


@given(
    called=st.sampled_from(_CALLED),
    target=st.text("/ab%2Farn:?=&"),
    host=st.text("ab.-:/@")
    | st.sampled_from(["a.execute-api.localhost", "\udcff.execute-api.eu-west-1.amazonaws.com"]),
    value=st.text(),
    body=st.binary() | st.text().map(lambda text: json.dumps({"EndpointId": text}).encode()),
)
def test_any_request_has_a_context(
    services: Services, *, called: Operation, target: str, host: str, value: str, body: bytes
) -> None:
    """No request is too odd, and its context is the same each time."""
    request = http_request(target, ("x-amz-account-id", value), ("graphIdentifier", value), host=host, body=body)
    actual = context(call_for(request, called, "eu-west-1"), services)

    assert actual == context(call_for(request, called, "eu-west-1"), services)
    assert all(value for _, value in actual.parameters)
    assert not actual.host or actual.host.endswith(".amazonaws.com")
