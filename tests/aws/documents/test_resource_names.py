"""What a call is about."""

import json
from typing import Any
from urllib.parse import urlencode

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.documents.resource_names import (
    MAX_SEARCHED_BYTES,
    has_bytes,
    makes_anew,
    only_reads,
    resource_names,
    texts,
)
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.values.http import Headers, Request
from cloudmock_contract.values.operation import Operation
from support.calls import call_for

FORM = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")


def operation(action: str, service: str = "any", bucket: str = "") -> Operation:
    return Operation(service, action, "json", service, bucket=bucket)


def request(
    body: bytes | dict[str, Any] = b"", *fields: tuple[str, str], target: str = "/", host: str = "localhost:4577"
) -> Request:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request("POST", target, Headers((("Host", host), *fields)), data)


@pytest.mark.parametrize(
    ("action", "reads", "makes"),
    [
        ("GetItem", True, False),
        ("BatchGetItem", True, False),
        ("DescribeInstances", True, False),
        ("HeadObject", True, False),
        ("ListTables", True, False),
        ("Query", True, False),
        ("Scan", True, False),
        ("FilterLogEvents", True, False),
        ("ValidateTemplate", True, False),
        ("GET /unknown", True, False),
        ("HEAD /unknown", True, False),
        ("POST /unknown", False, False),
        ("PutItem", False, False),
        ("BatchWriteItem", False, False),
        ("DeleteTable", False, False),
        ("UpdateItem", False, False),
        ("ReceiveMessage", False, False),
        ("CreateTable", False, True),
        ("RunInstances", False, True),
        ("StartExecution", False, True),
        ("CopyObject", False, True),
        ("PublishVersion", False, True),
        ("AllocateAddress", False, True),
        ("RecreateTable", False, False),
        ("TargetGet", False, False),
        ("CheckDomainAvailability", True, False),
        ("CheckoutLicense", False, False),
        ("QueryObjects", True, False),
        ("TestDNSAnswer", True, False),
        ("ListS3", True, False),
        ("StartInstances", False, False),
        ("StartBuild", False, True),
        ("StartSyncExecution", False, False),
        ("RebootInstances", False, False),
        ("CreateTags", False, False),
        ("RestoreSecret", False, False),
        ("ImportKeyMaterial", False, False),
        ("RegisterTargets", False, False),
        ("RegisterInstancesWithLoadBalancer", False, False),
        ("RegisterTaskDefinition", False, True),
        ("RegisterImage", False, True),
        ("RequestCertificate", False, True),
    ],
)
def test_the_name_tells_what_an_operation_does(action: str, *, reads: bool, makes: bool) -> None:
    """Whether it changes nothing, and whether it makes something of its own."""
    assert (reads, makes) == (only_reads(operation(action)), makes_anew(operation(action)))


@pytest.mark.parametrize(
    ("named_in", "expected"),
    [
        (request(), set()),
        (request({"TableName": "orders", "Limit": 3, "Other": "other"}), {"orders"}),
        (request({"tableNames": ["orders", "users"], "KeyId": "k-1"}), {"k-1"}),
        (request({"QueueUrl": "http://q/1/a", "roleARN": "arn:a"}), {"http://q/1/a", "arn:a"}),
        (request({"InstanceIds": ["i-1", "i-2"]}), {"i-1", "i-2"}),
        (request({"A": [{"B": {"Bucket": "deep"}}], "C": {"Name": None}}), {"deep"}),
        (request({"Name": "ab"}), set()),
        (request({"Name": "abc"}), {"abc"}),
        (request({"Name": "x" * 1024, "Id": "y" * 1025}), {"x" * 1024}),
        (request({"Ideas": "none", "Named": "none"}), set()),
        (request(b'{"Name":"abc"'), set()),
        (request(b'{"Name":' * 100_000), set()),
        (request(urlencode({"Action": "A", "RoleName": "role", "Description": "d d d"}).encode(), FORM), {"role"}),
        (request(b"InstanceId.1=i-1&InstanceId.2=i-2&GroupId.member.1=sg%2D1", FORM), {"i-1", "i-2", "sg-1"}),
        (request(b"Filter.1.Value.1=i-1", FORM), set()),
        (request(b"<A><Id>Z-1</Id><Note>Z-2</Note><Key>a/b</Key></A>"), {"Z-1", "a/b"}),
        (request(b" \n<A><HostedZoneId>Z-1</HostedZoneId></A>"), {"Z-1"}),
        (request(target="/?QueueName=qqq&Action=GetQueueUrl&name="), {"qqq"}),
        (request(target="/?resource-arn=arn%3Aa%2Fb"), {"arn:a/b"}),
        (request(b"\xff\xfe"), set()),
        (request(b' \n\t{"Name":"abc"}'), {"abc"}),
        (request(b"\r\n  <A><Name>abc</Name></A>"), {"abc"}),
        (request(b"<A><Name>a&amp;b &#x62;&#99;&lt;&quot;</Name></A>"), {'a&b bc<"'}),
        (request({"AttributeName": "none", "attributename": "none", "KeyName": "k-1"}), {"k-1"}),
        (request({"AttributeDefinitions": [{"AttributeName": "none"}], "TableName": "ttt"}), {"ttt"}),
        (request(b"AttributeName.1=All&MessageAttributeName=All&QueueName=qqq", FORM), {"qqq"}),
        (request(target="/?AttributeName=All&UserName=uuu"), {"uuu"}),
    ],
)
def test_the_named_resources_are_found(named_in: Request, expected: set[str]) -> None:
    """In query, form, JSON and XML: values of members that name something, if they are neither short nor long."""
    assert expected == resource_names(call_for(named_in, operation("Any")), None)


@pytest.mark.parametrize(
    ("service", "action", "target", "expected"),
    [
        ("lambda", "Invoke", "/2015-03-31/functions/my-function/invocations", {"my-function"}),
        ("lambda", "Invoke", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Ax/invocations", {"arn:aws:lambda:x"}),
        ("route53", "GetHostedZone", "/2013-04-01/hostedzone/Z123", {"Z123"}),
        ("s3", "HeadObject", "/bucket/a/b%20c?versionId=v-1", {"bucket", "a/b c", "v-1"}),
        ("s3", "ListObjectsV2", "/bucket?list-type=2&prefix=aaa", {"bucket"}),
        ("s3", "ListBuckets", "/", set()),
        ("apigateway", "GetResource", "/restapis/api1/resources/res1", {"api1", "res1"}),
        ("dynamodb", "ListTables", "/", set()),
    ],
)
def test_labels_of_the_path_are_found(
    services: Services, service: str, action: str, target: str, expected: set[str]
) -> None:
    """Where the model has a label in the path; a greedy one goes on to the end."""
    model = services.operation_model(service, action)
    assert model

    assert expected == resource_names(call_for(request(target=target), operation(action, service)), model)


def test_the_bucket_of_a_host_is_a_resource() -> None:
    """As S3 has it."""
    call = call_for(request(), operation("ListObjects", "s3", "my-bucket"))

    assert {"my-bucket"} == resource_names(call, None)


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("my-bucket.localhost:4577", "/a/b%20c?versionId=v-1"),
        ("localhost:4577", "/my-bucket/a/b%20c?versionId=v-1"),
    ],
)
def test_the_key_is_the_same_wherever_the_bucket_stands(services: Services, host: str, target: str) -> None:
    """In the host or in the path."""
    model = services.operation_model("s3", "HeadObject")
    call = call_for(request(target=target, host=host), operation("HeadObject", "s3", "my-bucket"))

    assert {"my-bucket", "a/b c", "v-1"} == resource_names(call, model)


def test_a_bucket_of_a_host_has_no_key_of_its_own(services: Services) -> None:
    """An empty path is that of the bucket alone."""
    model = services.operation_model("s3", "ListObjectsV2")
    call = call_for(request(host="my-bucket.localhost:4577"), operation("ListObjectsV2", "s3", "my-bucket"))

    assert {"my-bucket"} == resource_names(call, model)


def test_a_payload_is_not_looked_into(services: Services) -> None:
    """What an object, or a function's event, says names nothing; nor does a body that is too large."""
    body = {"Name": "no-resource"}
    put, invoke = services.operation_model("s3", "PutObject"), services.operation_model("lambda", "Invoke")
    large = {**body, "Padding": "x" * MAX_SEARCHED_BYTES}

    upload = call_for(request(body, target="/bkt/key"), operation("PutObject", "s3"))
    event = call_for(request(body, target="/2015-03-31/functions/fff/invocations"), operation("Invoke", "lambda"))

    assert {"bkt", "key"} == resource_names(upload, put)
    assert {"fff"} == resource_names(event, invoke)
    assert set() == resource_names(call_for(request(large), operation("Any")), None)


@pytest.mark.parametrize(
    ("service", "action", "expected"),
    [
        ("s3", "PutObject", True),
        ("s3", "UploadPart", True),
        ("s3", "PutBucketPolicy", True),
        ("lambda", "Invoke", True),
        ("s3", "PutBucketTagging", False),
        ("s3", "GetObject", False),
        ("dynamodb", "PutItem", False),
        ("pinpoint", "CreateApp", False),
    ],
)
def test_a_payload_of_bytes_is_known(services: Services, service: str, action: str, *, expected: bool) -> None:
    """By the model's payload member, bytes or text; no model, no such payload."""
    assert expected is has_bytes(services.operation_model(service, action))
    assert not has_bytes(None)


def test_the_texts_of_a_request(services: Services) -> None:
    """Target, AWS's headers but for those that sign, and the body; decoded as the app has given them."""
    fields = (
        ("X-Amz-Copy-Source", "b/k"),
        ("x-amz-meta-a", "meta"),
        ("X-Amz-Date", "date"),
        ("x-amz-security-token", "token"),
        ("x-amz-content-sha256", "hash"),
        ("X-Amz-Target", "target"),
        ("Authorization", "secret"),
        FORM,
    )
    form = request(b"A=b%2Bc+d", *fields, target="/a%20b?c=%C3%A9")

    assert ["/a b?c=é", "b/k", "meta", "A=b+c d"] == list(texts(form, None))
    assert ["/a b?c=é", "b/k", "meta"] == list(texts(form, services.operation_model("s3", "PutObject")))


CBOR = ("Content-Type", "application/x-amz-cbor-1.1")


def test_texts_of_cbor_are_apart(services: Services) -> None:
    """Not run into the bytes that say their lengths."""
    asked = request(cbor2.dumps({"StreamName": "orders-of-today", "Data": b"x"}), CBOR)

    assert {"/", "StreamName", "orders-of-today", "Data"} == {
        line for text in texts(asked, services.operation_model("kinesis", "PutRecord")) for line in text.split("\n")
    }


@pytest.mark.parametrize("value", [{"StreamName": "orders"}, {"Requests": [{"StreamName": "orders", 5: "other"}]}])
def test_resources_in_cbor_are_found(services: Services, value: object) -> None:
    """As in JSON."""
    model = services.operation_model("kinesis", "DescribeStream")
    call = call_for(request(cbor2.dumps(value), CBOR), operation("DescribeStream", "kinesis"))

    assert {"orders"} == resource_names(call, model)


@pytest.mark.parametrize("body", [b"\xff", b"\xa1\x61a", b"\x81" * 100_000, b"\xd8\x1d\x00"])
def test_broken_cbor_names_nothing(services: Services, body: bytes) -> None:
    """That is for the service to say."""
    model = services.operation_model("kinesis", "DescribeStream")

    assert frozenset() == resource_names(call_for(request(body, CBOR), operation("DescribeStream", "kinesis")), model)


def test_the_texts_of_a_body_are_bounded() -> None:
    """Only the first part of a large body is read; bytes that are no text are no error."""
    assert ["/", "\ufffd" * MAX_SEARCHED_BYTES] == list(texts(request(b"\xff" * (MAX_SEARCHED_BYTES + 1)), None))


@given(
    body=st.binary() | st.text('{}[]":,Nameid\\u01').map(str.encode) | st.text("<>/Id&;").map(str.encode),
    target=st.text("/?&=%aName{}+é\udcff"),
    content_type=st.sampled_from(("", FORM[1])),
    action=st.sampled_from((("s3", "PutBucketTagging"), ("lambda", "GetFunction"), ("x", "y"))),
)
def test_any_request_names_resources(
    services: Services, body: bytes, target: str, content_type: str, action: tuple[str, str]
) -> None:
    """No request is too odd to have texts and names, perhaps none."""
    odd = request(body, ("Content-Type", content_type), target=target)
    service, name = action
    model = services.operation_model(service, name)

    assert all(3 <= len(text) <= 1024 for text in resource_names(call_for(odd, operation(name, service)), model))
    assert all(isinstance(text, str) for text in texts(odd, model))
