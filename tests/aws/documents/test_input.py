"""The members of requests, as AWS's own SDK writes them."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.documents.input import MAX_READ_BYTES, members
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.values.http import Headers, Request
from cloudmock_contract.values.operation import Operation
from support.calls import call_for, identify

type Made = Callable[..., Request]

TARGETS = {"Rule": "r", "Targets": [{"Id": "1", "Arn": "arn:a"}, {"Id": "2", "Arn": "arn:b"}]}
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


@pytest.mark.parametrize(
    ("service", "method", "parameters", "expected"),
    [
        ("dynamodb", "describe_table", {"TableName": "users"}, {"TableName": "users"}),
        ("events", "put_targets", TARGETS, TARGETS),
        ("sqs", "create_queue", {"QueueName": "q", "tags": {"a": "b"}}, {"QueueName": "q", "tags": {"a": "b"}}),
        ("cloudwatch", "delete_alarms", {"AlarmNames": ["a", "b"]}, {"AlarmNames": ["a", "b"]}),
        (
            "sns",
            "publish",
            {"TopicArn": "arn:t", "Message": "a&b=c %", "MessageAttributes": {"k": {"DataType": "String"}}},
            {"TopicArn": "arn:t", "Message": "a&b=c %", "MessageAttributes": {"k": {"DataType": "String"}}},
        ),
        (
            "sns",
            "untag_resource",
            {"ResourceArn": "a", "TagKeys": ["k", "l"]},
            {"ResourceArn": "a", "TagKeys": ["k", "l"]},
        ),
        ("elb", "delete_load_balancer", {"LoadBalancerName": "l"}, {"LoadBalancerName": "l"}),
        (
            "ec2",
            "terminate_instances",
            {"InstanceIds": [f"i-{number}" for number in range(12)]},
            {"InstanceIds": [f"i-{number}" for number in range(12)]},
        ),
        (
            "ec2",
            "create_tags",
            {"Resources": ["i-1"], "Tags": [{"Key": "a", "Value": "b"}]},
            {"Resources": ["i-1"], "Tags": [{"Key": "a", "Value": "b"}]},
        ),
        (
            "lambda",
            "get_function",
            {"FunctionName": "arn:aws:x:f", "Qualifier": "1"},
            {"FunctionName": "arn:aws:x:f", "Qualifier": "1"},
        ),
        ("apigateway", "delete_resource", {"restApiId": "a", "resourceId": "r"}, {"restApiId": "a", "resourceId": "r"}),
        (
            "apigateway",
            "untag_resource",
            {"resourceArn": "a/b", "tagKeys": ["x", "y"]},
            {"resourceArn": "a/b", "tagKeys": ["x", "y"]},
        ),
        (
            "mq",
            "create_user",
            {"BrokerId": "b", "Username": "u", "Password": "p"},
            {"BrokerId": "b", "Username": "u", "Password": "p"},
        ),
        ("route53", "delete_hosted_zone", {"Id": "Z1"}, {"Id": "Z1"}),
        (
            "route53",
            "create_hosted_zone",
            {"Name": "d.org", "CallerReference": "r"},
            {"Name": "d.org", "CallerReference": "r"},
        ),
        ("s3", "put_object", {"Bucket": "b", "Key": "a/é c/", "Body": b"x"}, {"Bucket": "b", "Key": "a/é c/"}),
        (
            "s3",
            "delete_object",
            {"Bucket": "b", "Key": "b/b", "VersionId": "v", "ExpectedBucketOwner": "1"},
            {"Bucket": "b", "Key": "b/b", "VersionId": "v", "ExpectedBucketOwner": "1"},
        ),
        (
            "s3",
            "delete_objects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b", "VersionId": "v"}]}},
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b", "VersionId": "v"}]}},
        ),
        ("s3", "list_buckets", {}, {}),
        ("sts", "get_caller_identity", {}, {}),
    ],
)
def test_members_are_those_that_the_sdk_was_given(
    sdk_request: Made,
    identifier: Identifier,
    services: Services,
    service: str,
    method: str,
    parameters: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    """Whatever the protocol, and wherever it puts them."""
    request = sdk_request(service, method, **parameters)
    operation = identify(identifier, request)
    model = services.operation_model(operation.service, operation.action)
    assert model
    actual = members(call_for(request, operation), model)

    assert expected == {name: value for name, value in actual.items() if name in parameters and name != "Body"}


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_a_bucket_may_stand_in_the_host(
    sdk_request: Made, identifier: Identifier, services: Services, style: str
) -> None:
    """A key that begins with the bucket's name is the key all the same."""
    via = {"url": None, "s3": {"addressing_style": style}}
    request = sdk_request("s3", "get_object", via=via, Bucket="bucket", Key="bucket/key")
    model = services.operation_model("s3", "GetObject")
    assert model
    actual = members(call_for(request, identify(identifier, request)), model)

    assert ("bucket", "bucket/key") == (actual["Bucket"], actual["Key"])


def _members(services: Services, name: str, protocol: str, request: Request) -> object:
    service, _, action = name.partition(".")
    model = services.operation_model(service, action)
    assert model
    return members(call_for(request, Operation(service, action, protocol, service)), model)


def test_cbor_is_read(services: Services) -> None:
    """A service of several protocols is read in the one that the request speaks."""
    request = Request("POST", "/", Headers(), cbor2.dumps({"AlarmNames": ["a"], "x": b"bytes"}))

    assert {"AlarmNames": ["a"], "x": None} == _members(
        services, "cloudwatch.DeleteAlarms", "smithy-rpc-v2-cbor", request
    )


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/x-amz-cbor-1.1", {"StreamName": "s", "Limit": 5, "Exclusive": None}),
        ("Application/X-Amz-Cbor-1.1", {"StreamName": "s", "Limit": 5, "Exclusive": None}),
        ("application/x-amz-json-1.1", {}),
    ],
)
def test_cbor_in_place_of_json_is_read(services: Services, content_type: str, expected: object) -> None:
    """The protocol is JSON's; that the request is in CBOR, its type says."""
    body = cbor2.dumps({"StreamName": "s", "Limit": 5, "Exclusive": cbor2.CBORTag(1, 1769817600250)})
    request = Request("POST", "/", Headers((("Content-Type", content_type),)), body)

    assert expected == _members(services, "kinesis.DescribeStream", "json", request)


def test_a_compressed_body_is_read(services: Services) -> None:
    """Newer SDKs compress large bodies."""
    body = gzip.compress(json.dumps({"TableName": "t"}).encode())
    request = Request("POST", "/", Headers((("Content-Encoding", "gzip"),)), body)

    assert {"TableName": "t"} == _members(services, "dynamodb.DeleteTable", "json", request)


def test_a_body_has_bounds(services: Services) -> None:
    """A larger one, compressed or not, is as if it were not there."""
    text = json.dumps({"TableName": "t", "x": "y" * MAX_READ_BYTES}).encode()
    for request in (
        Request("POST", "/", Headers(), text),
        Request("POST", "/", Headers((("Content-Encoding", "gzip"),)), gzip.compress(text)),
    ):
        assert {} == _members(services, "dynamodb.DeleteTable", "json", request)


@pytest.mark.parametrize(
    ("protocol", "body"),
    [
        ("json", b""),
        ("json", b"{"),
        ("json", b"[1]"),
        ("json", b"[" * 100_000),
        ("json", b"\xff"),
        ("smithy-rpc-v2-cbor", b"\xff"),
        ("smithy-rpc-v2-cbor", cbor2.dumps([1])),
        ("rest-xml", b"<a>"),
        ("rest-xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        ("unheard-of", b"{}"),
    ],
)
def test_garbage_has_no_members(services: Services, protocol: str, body: bytes) -> None:
    """What cannot be read is not there."""
    assert {} == _members(services, "dynamodb.DeleteTable", protocol, Request("POST", "/", Headers(), body))


def test_a_cbor_value_that_holds_itself_is_not_followed(services: Services) -> None:
    """Nor one that stands in many places, and would grow without bounds."""
    cycle: list[object] = []
    cycle += [cycle, cycle]
    body = cbor2.dumps({"AlarmNames": cycle}, value_sharing=True)

    assert {} == _members(
        services, "cloudwatch.DeleteAlarms", "smithy-rpc-v2-cbor", Request("POST", "/", Headers(), body)
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("InstanceId.2=b&InstanceId.1=a", {"InstanceIds": ["a", "b"]}),
        ("InstanceId=a", {}),
        ("InstanceId.x=a", {"InstanceIds": []}),
        ("InstanceId.1=a&InstanceId.1.2=b", {"InstanceIds": ["a"]}),
        ("InstanceId.1.1=a", {"InstanceIds": [None]}),
        (f"InstanceId.{'9' * 5000}=a", {"InstanceIds": []}),
        ("." * 100_000 + "=a", {}),
        ("%ff=%ff", {}),
    ],
)
def test_forms_are_read_as_far_as_they_are_right(services: Services, body: str, expected: object) -> None:
    """Numbers may come in any order; contradictions and nonsense are left."""
    request = Request("POST", "/", Headers(FORM), body.encode())

    assert expected == _members(services, "ec2.TerminateInstances", "ec2", request)


@given(
    st.sampled_from(["json", "rest-json", "rest-xml", "query", "ec2", "smithy-rpc-v2-cbor", ""]),
    st.binary(max_size=200) | st.text(alphabet='InstanceId.member12=&<>/{}[]":%', max_size=100).map(str.encode),
    st.text(alphabet="/?&=%a.2\u00e9", max_size=30),
)
def test_no_request_is_an_error(services: Services, protocol: str, body: bytes, target: str) -> None:
    """Whatever it holds, the answer is a tree."""
    for name in ("ec2.TerminateInstances", "s3.DeleteObjects", "lambda.AddPermission", "cloudwatch.PutMetricAlarm"):
        assert isinstance(_members(services, name, protocol, Request("POST", f"/{target}", Headers(FORM), body)), dict)
