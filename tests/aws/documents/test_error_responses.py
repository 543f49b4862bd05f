"""Error replies in the words of each service, read by AWS's own SDK."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cbor2
import pytest
from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.documents.error_responses import denial_response, error_response
from cloudmock_contract.values.http import Reply
from cloudmock_contract.values.operation import Operation

MESSAGE = "AWS said nothing: <html> & \"quotes\", 'more', é, 日本."
FOUND = {"Code": "AWSUnreachable", "Message": MESSAGE}


def operation(service: str, action: str, protocol: str) -> Operation:
    return Operation(service, action, protocol, service, "eu-west-1")


def read(reply: Reply, protocol: str) -> dict[str, Any]:
    """The reply as botocore's parser of this protocol understands it."""
    headers = {name.lower(): value for name, value in reply.headers.fields}
    response = {"status_code": reply.status, "headers": headers, "body": reply.body}
    parsed: dict[str, Any] = create_parser(protocol).parse(response, None)
    return parsed


@pytest.mark.parametrize(
    ("protocol", "asked_in", "expected"),
    [
        ("json", "application/x-amz-cbor-1.1", "application/x-amz-cbor-1.1"),
        ("json", "Application/X-Amz-Cbor-1.1", "application/x-amz-cbor-1.1"),
        ("json", "application/x-amz-json-1.1", "application/x-amz-json-1.0"),
        ("json", "", "application/x-amz-json-1.0"),
        ("rest-json", "application/x-amz-cbor-1.1", "application/json"),
        ("smithy-rpc-v2-cbor", "application/cbor", "application/cbor"),
    ],
)
def test_an_error_is_in_the_notation_that_was_asked_in(protocol: str, asked_in: str, expected: str) -> None:
    """Where the protocol has two; its members are the same."""
    asked = operation("kinesis", "ListStreams", protocol)
    for reply in (
        error_response(asked, 400, "Code", MESSAGE, "r", asked_in),
        denial_response(asked, MESSAGE, "r", asked_in),
    ):
        assert expected == reply.headers.get("content-type")
        assert str(len(reply.body)) == reply.headers.get("content-length")
        loads = cbor2.loads if "cbor" in expected else json.loads
        assert MESSAGE == loads(reply.body)["message"]


@pytest.mark.parametrize("status", [400, 502])
@pytest.mark.parametrize(
    ("service", "method", "parameters", "action", "protocol"),
    [
        ("dynamodb", "list_tables", {}, "ListTables", "json"),
        ("sqs", "list_queues", {}, "ListQueues", "json"),
        ("stepfunctions", "list_state_machines", {}, "ListStateMachines", "json"),
        ("lambda", "list_functions", {}, "ListFunctions", "rest-json"),
        ("apigateway", "get_rest_apis", {}, "GetRestApis", "rest-json"),
        ("iam", "list_users", {}, "ListUsers", "query"),
        ("sns", "list_topics", {}, "ListTopics", "query"),
        ("sts", "get_caller_identity", {}, "GetCallerIdentity", "query"),
        ("ec2", "describe_vpcs", {}, "DescribeVpcs", "ec2"),
        ("route53", "list_hosted_zones", {}, "ListHostedZones", "rest-xml"),
        ("cloudfront", "list_distributions", {}, "ListDistributions", "rest-xml"),
        ("s3", "list_buckets", {}, "ListBuckets", "rest-xml"),
        ("s3", "get_object", {"Bucket": "b", "Key": "k"}, "GetObject", "rest-xml"),
        ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b"b"}, "GET /unmodelled", ""),
        ("lambda", "list_functions", {}, "GET /unmodelled", ""),
    ],
)
def test_an_sdk_raises_it_as_an_error_of_the_service(
    answered: Callable[..., Any],
    service: str,
    method: str,
    parameters: dict[str, Any],
    action: str,
    protocol: str,
    status: int,
) -> None:
    """boto3 raises a ClientError with our code, our message, our status and our request id."""
    reply = error_response(operation(service, action, protocol), status, "AWSUnreachable", MESSAGE, "r-1")
    with pytest.raises(ClientError) as raised:
        answered(reply, service, method, **parameters)
    response = raised.value.response

    assert FOUND == {name: response["Error"][name] for name in FOUND}
    assert status == response["ResponseMetadata"]["HTTPStatusCode"]
    assert "r-1" == response["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize(
    ("service", "protocol", "parser"),
    [
        ("cloudwatch", "smithy-rpc-v2-cbor", "smithy-rpc-v2-cbor"),
        ("sqs", "query", "query"),
        ("cloudwatch", "json", "json"),
        ("s3control", "rest-xml", "rest-xml"),
        ("made-up", "", "rest-json"),
        ("s3", "", "rest-xml"),
    ],
)
def test_every_protocol_can_be_read(service: str, protocol: str, parser: str) -> None:
    """The parsers of the protocols that boto3 itself does not choose read it as well."""
    parsed = read(error_response(operation(service, "Do", protocol), 400, "AWSUnreachable", MESSAGE, "r-1"), parser)

    assert FOUND == {name: parsed["Error"][name] for name in FOUND}
    assert "r-1" == parsed["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize(
    ("status", "expected"), [(400, "Sender"), (404, "Sender"), (500, "Receiver"), (502, "Receiver")]
)
def test_the_query_protocol_says_whose_fault_it_is(status: int, expected: str) -> None:
    """An error below 500 is the sender's, the others are the receiver's."""
    assert (
        expected
        == read(error_response(operation("iam", "Do", "query"), status, "C", "m", "r"), "query")["Error"]["Type"]
    )


@pytest.mark.parametrize(
    ("service", "protocol", "expected"),
    [
        ("dynamodb", "json", "application/x-amz-json-1.0"),
        ("lambda", "rest-json", "application/json"),
        ("made-up", "", "application/json"),
        ("iam", "query", "text/xml"),
        ("route53", "rest-xml", "text/xml"),
        ("ec2", "ec2", "text/xml;charset=UTF-8"),
        ("s3", "rest-xml", "application/xml"),
        ("s3", "", "application/xml"),
        ("cloudwatch", "smithy-rpc-v2-cbor", "application/cbor"),
    ],
)
def test_the_headers_fit_the_body(service: str, protocol: str, expected: str) -> None:
    """The content type is the protocol's, the length is the body's, and each is there once."""
    reply = error_response(operation(service, "Do", protocol), 502, "AWSUnreachable", MESSAGE, "r-1")
    headers = {name.lower(): value for name, value in reply.headers.fields}

    assert len(headers) == len(reply.headers.fields)
    assert (502, expected) == (reply.status, headers["content-type"])
    assert str(len(reply.body)) == headers["content-length"]
    assert (expected == "application/json") == (headers.get("x-amzn-errortype") == "AWSUnreachable")
    assert (protocol == "smithy-rpc-v2-cbor") == (headers.get("smithy-protocol") == "rpc-v2-cbor")


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1)


@given(
    kind=st.sampled_from(
        [
            ("dynamodb", "json"),
            ("lambda", "rest-json"),
            ("iam", "query"),
            ("ec2", "ec2"),
            ("route53", "rest-xml"),
            ("s3", "rest-xml"),
            ("cloudwatch", "smithy-rpc-v2-cbor"),
        ]
    ),
    message=_TEXTS,
)
def test_any_message_comes_through(kind: tuple[str, str], message: str) -> None:
    """Whatever text says what happened, the SDK shows the same text."""
    service, protocol = kind
    parsed = read(error_response(operation(service, "Do", protocol), 400, "InvalidRequest", message, "r-1"), protocol)

    assert message == parsed["Error"]["Message"]
    assert "InvalidRequest" == parsed["Error"]["Code"]


@pytest.mark.parametrize(
    ("service", "protocol"), [("s3", "rest-xml"), ("iam", "query"), ("ec2", "ec2"), ("dynamodb", "json")]
)
def test_characters_that_xml_cannot_have_are_replaced(service: str, protocol: str) -> None:
    """What a stranger put into a path that the message quotes does not make the reply unreadable."""
    parsed = read(
        error_response(operation(service, "Do", protocol), 400, "C", "a\x00b\x1bc\udce9d\uffff\t.", "r-1"), protocol
    )

    assert "a\ufffdb\ufffdc\ufffdd\ufffd\t." == parsed["Error"]["Message"]


DENIALS = [
    ("dynamodb", "list_tables", {}, "ListTables", "json", 400, "AccessDeniedException"),
    ("kinesis", "list_streams", {}, "ListStreams", "json", 400, "AccessDeniedException"),
    ("stepfunctions", "list_state_machines", {}, "ListStateMachines", "json", 400, "AccessDeniedException"),
    ("sqs", "list_queues", {}, "ListQueues", "json", 403, "AccessDenied"),
    ("lambda", "list_functions", {}, "ListFunctions", "rest-json", 403, "AccessDeniedException"),
    ("lambda", "list_functions", {}, "GET /unmodelled", "", 403, "AccessDeniedException"),
    ("apigateway", "get_rest_apis", {}, "GetRestApis", "rest-json", 403, "AccessDeniedException"),
    ("iam", "list_users", {}, "ListUsers", "query", 403, "AccessDenied"),
    ("sts", "get_caller_identity", {}, "GetCallerIdentity", "query", 403, "AccessDenied"),
    ("sns", "list_topics", {}, "ListTopics", "query", 403, "AuthorizationError"),
    ("ec2", "describe_vpcs", {}, "DescribeVpcs", "ec2", 403, "UnauthorizedOperation"),
    ("route53", "list_hosted_zones", {}, "ListHostedZones", "rest-xml", 403, "AccessDenied"),
    ("s3", "list_buckets", {}, "ListBuckets", "rest-xml", 403, "AccessDenied"),
    ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b"b"}, "PutObject", "rest-xml", 403, "AccessDenied"),
    ("s3", "get_object", {"Bucket": "b", "Key": "k"}, "GET /unmodelled", "", 403, "AccessDenied"),
    ("cloudwatch", "list_metrics", {}, "ListMetrics", "smithy-rpc-v2-cbor", 403, "AccessDenied"),
    ("codebuild", "list_projects", {}, "ListProjects", "smithy-rpc-v2-cbor", 403, "AccessDeniedException"),
]


def protocol_of(clients: Any, service: str) -> str:
    """The protocol that the installed SDK speaks to the service."""
    return str(clients.client(service).meta.service_model.resolved_protocol)


@pytest.mark.parametrize(("service", "method", "parameters", "action", "protocol", "status", "code"), DENIALS)
def test_a_denial_is_raised_as_the_services_own(
    clients: Any,
    answered: Callable[..., Any],
    service: str,
    method: str,
    parameters: dict[str, Any],
    action: str,
    protocol: str,
    status: int,
    code: str,
) -> None:
    """boto3 raises the code and status with which AWS itself refuses, and the user reads why."""
    reply = denial_response(operation(service, action, protocol), MESSAGE, "r-1")
    assert status == reply.status
    if protocol in ("", protocol_of(clients, service)):
        with pytest.raises(ClientError) as raised:
            answered(reply, service, method, **parameters)
        response = raised.value.response
    else:
        response = read(reply, protocol)

    assert {"Code": code, "Message": MESSAGE} == {name: response["Error"][name] for name in FOUND}
    assert status == response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize(
    ("service", "protocol", "parser"),
    [
        ("cloudwatch", "query", "query"),
        ("cloudwatch", "json", "json"),
        ("cloudwatch", "smithy-rpc-v2-cbor", "smithy-rpc-v2-cbor"),
        ("sqs", "query", "query"),
        ("sqs", "json", "json"),
    ],
)
def test_a_service_keeps_its_code_in_all_its_protocols(service: str, protocol: str, parser: str) -> None:
    """SDKs of every age raise the code that the query protocol had."""
    parsed = read(denial_response(operation(service, "Do", protocol), MESSAGE, "r-1"), parser)

    assert (403, "AccessDenied") == (parsed["ResponseMetadata"]["HTTPStatusCode"], parsed["Error"]["Code"])


@pytest.mark.parametrize(
    ("service", "method", "parameters"),
    [("s3", "head_object", {"Bucket": "b", "Key": "k"}), ("s3", "head_bucket", {"Bucket": "b"})],
)
def test_a_denial_without_its_body_is_a_denial(
    answered: Callable[..., Any], service: str, method: str, parameters: dict[str, Any]
) -> None:
    """The reply to HEAD has no body: boto3 goes by the status, as with S3's own."""
    reply = replace(denial_response(operation(service, "HeadObject", "rest-xml"), MESSAGE, "r-1"), body=b"")
    with pytest.raises(ClientError) as raised:
        answered(reply, service, method, **parameters)

    assert {"Code": "403", "Message": "Forbidden"} == raised.value.response["Error"]


@pytest.mark.parametrize("mode", ["standard", "legacy", "adaptive"])
@pytest.mark.parametrize(
    ("service", "method", "action", "protocol"),
    [
        ("dynamodb", "list_tables", "ListTables", "json"),
        ("sqs", "list_queues", "ListQueues", "json"),
        ("lambda", "list_functions", "ListFunctions", "rest-json"),
        ("sns", "list_topics", "ListTopics", "query"),
        ("ec2", "describe_vpcs", "DescribeVpcs", "ec2"),
        ("s3", "list_buckets", "ListBuckets", "rest-xml"),
    ],
)
def test_a_denial_is_not_tried_again(
    clients: Any, mode: str, service: str, method: str, action: str, protocol: str
) -> None:
    """An SDK that may make several attempts makes one."""
    clients.reply = denial_response(operation(service, action, protocol), MESSAGE, "r-1")
    client = clients.client(service, retries={"mode": mode, "total_max_attempts": 3})
    with pytest.raises(ClientError):
        getattr(client, method)()

    assert 1 == len(clients.sent)
