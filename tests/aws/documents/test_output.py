"""Replies as documents, in every protocol."""

import base64
import gzip
import hashlib
import json
import math
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.model import OperationModel, ServiceModel
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.documents.bodies import MAX_DECODED_BYTES
from cloudmock_contract.aws.documents.output import (
    ErrorReply,
    document,
    error_reply,
    error_shape,
    error_summary,
    error_type,
)
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.http import Digest, Headers, Reply
from support.reply_vectors import NOT_READ_BY_BOTOCORE

VECTORS = Path(__file__).resolve().parents[4] / "shared" / "vectors" / "botocore" / "tests" / "unit"
CBOR = "smithy-rpc-v2-cbor"


def reply(body: bytes, status: int = 200, **headers: str) -> Reply:
    """A reply; `content_type="…"` stands for `Content-Type: …`."""
    fields = tuple((name.replace("_", "-").title(), value) for name, value in headers.items())
    return Reply(status, Headers(fields), body)


def bytes_of(data: bytes) -> dict[str, object]:
    return {"length": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def root_of(answer: Reply, protocol: str, tree: Mapping[str, object]) -> str:
    """The name in the first tag of XML that has been read as such, with its namespace."""
    is_xml = protocol in ("query", "ec2", "rest-xml") or "xml" in answer.headers.get("content-type").lower()
    match = re.search(rb'<(\w+)(?: xmlns="([^"]+)")?', answer.body)
    if not (is_xml and match) or "Body" in tree:
        return ""
    return (f"{{{match[2].decode()}}}" if match[2] else "") + match[1].decode()


# Replies of modelled operations: service, operation, protocol, reply, tree.

JSON_REPLIES = [
    (
        "dynamodb",
        "GetItem",
        "json",
        reply(b'{"Item":{"id":{"S":"1"},"n":{"N":"1.0"}},"Future":[1,{"a":null}]}'),
        {"Item": {"id": {"S": "1"}, "n": {"N": "1.0"}}, "Future": [1, {"a": None}]},
    ),
    ("dynamodb", "DeleteItem", "json", reply(b"{}"), {}),
    ("sqs", "DeleteMessage", "json", reply(b""), {}),
    ("kms", "ListKeys", "json", reply(b'{"Keys":[],"Truncated":false}'), {"Keys": [], "Truncated": False}),
    ("events", "ListRules", "json", reply(b'["not","an","object"]'), {"body": ["not", "an", "object"]}),
    ("events", "ListRules", "json", reply(b"null"), {"body": None}),
    (
        "lambda",
        "GetAccountSettings",
        "rest-json",
        reply(b'{"AccountLimit":{"TotalCodeSize":80530636800}}', x_amzn_requestid="r"),
        {"AccountLimit": {"TotalCodeSize": 80530636800}},
    ),
    (
        "lambda",
        "Invoke",
        "rest-json",
        reply(b'{"a":1}', x_amz_function_error="Unhandled", x_amz_executed_version="$LATEST", date="today"),
        {
            "StatusCode": 200,
            "FunctionError": "Unhandled",
            "ExecutedVersion": "$LATEST",
            "Payload": {"a": 1},
        },
    ),
    ("lambda", "Invoke", "rest-json", reply(b"[1]"), {"StatusCode": 200, "Payload": [1]}),
    ("lambda", "Invoke", "rest-json", reply(b'"text"'), {"StatusCode": 200, "Payload": bytes_of(b'"text"')}),
    ("lambda", "Invoke", "rest-json", reply(b"{broken"), {"StatusCode": 200, "Payload": bytes_of(b"{broken")}),
    ("lambda", "Invoke", "rest-json", reply(b"[" * 99_999), {"StatusCode": 200, "Payload": bytes_of(b"[" * 99_999)}),
    ("lambda", "Invoke", "rest-json", reply(b"", 202), {"StatusCode": 202, "Payload": bytes_of(b"")}),
    (
        "pinpoint",
        "GetApp",
        "rest-json",
        reply(b'{"Id":"1","Name":"n"}'),
        {"ApplicationResponse": {"Id": "1", "Name": "n"}},
    ),
    (
        "polly",
        "SynthesizeSpeech",
        "rest-json",
        reply(b"\xff\xfb", content_type="audio/mpeg", x_amzn_requestcharacters="11"),
        {"ContentType": "audio/mpeg", "RequestCharacters": 11, "AudioStream": bytes_of(b"\xff\xfb")},
    ),
]

XML_REPLIES = [
    (
        "iam",
        "ListUsers",
        "query",
        reply(
            b'<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult>'
            b"<IsTruncated>false</IsTruncated><Users><member><UserName>ann</UserName><Path>/</Path></member></Users>"
            b"<New><member>1</member></New></ListUsersResult>"
            b"<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></ListUsersResponse>"
        ),
        {
            "IsTruncated": False,
            "Users": [{"UserName": "ann", "Path": "/"}],
            "New": {"member": ["1"]},
            "ResponseMetadata": {"RequestId": "r-1"},
        },
    ),
    (
        "iam",
        "DeleteUser",
        "query",
        reply(
            b"<DeleteUserResponse><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DeleteUserResponse>"
        ),
        {"ResponseMetadata": {"RequestId": "r"}},
    ),
    (
        "sns",
        "GetTopicAttributes",
        "query",
        reply(
            b"<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>"
            b"<entry><key>Owner</key><value>1</value></entry><entry><key>Policy</key><value/></entry>"
            b"</Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>"
        ),
        {"Attributes": {"Owner": "1", "Policy": ""}},
    ),
    (
        "sqs",
        "GetQueueUrl",
        "query",
        reply(
            b"<GetQueueUrlResponse><GetQueueUrlResult><QueueUrl>http://q</QueueUrl></GetQueueUrlResult>"
            b"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetQueueUrlResponse>"
        ),
        {"GetQueueUrlResult": {"QueueUrl": "http://q"}, "ResponseMetadata": {"RequestId": "r"}},
    ),
    (
        "ec2",
        "DescribeInstances",
        "ec2",
        reply(
            b'<?xml version="1.0" encoding="UTF-8"?>\n'
            b'<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>'
            b"<reservationSet><item><reservationId>r-1</reservationId><groupSet/><instancesSet><item>"
            b"<instanceId>i-1</instanceId><instanceState><code>16</code><name>running</name></instanceState>"
            b"<ebsOptimized>true</ebsOptimized><tagSet><item><key>a</key><value/></item></tagSet>"
            b"</item></instancesSet></item></reservationSet></DescribeInstancesResponse>"
        ),
        {
            "requestId": "r",
            "Reservations": [
                {
                    "ReservationId": "r-1",
                    "Groups": [],
                    "Instances": [
                        {
                            "InstanceId": "i-1",
                            "State": {"Code": 16, "Name": "running"},
                            "EbsOptimized": True,
                            "Tags": [{"Key": "a", "Value": ""}],
                        }
                    ],
                }
            ],
        },
    ),
    (
        "ec2",
        "DeleteVpc",
        "ec2",
        reply(b"<DeleteVpcResponse><requestId>r</requestId><return>true</return></DeleteVpcResponse>"),
        {"requestId": "r", "return": "true"},
    ),
    (
        "s3",
        "ListObjectsV2",
        "rest-xml",
        reply(
            b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><KeyCount>1</KeyCount>'
            b"<IsTruncated>false</IsTruncated><Contents><Key>only one</Key><Size>3</Size><ETag>&quot;e&quot;</ETag>"
            b"</Contents><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes></ListBucketResult>"
        ),
        {
            "Name": "b",
            "KeyCount": 1,
            "IsTruncated": False,
            "Contents": [{"Key": "only one", "Size": 3, "ETag": '"e"'}],
            "CommonPrefixes": [{"Prefix": "p/"}],
        },
    ),
    (
        "s3",
        "ListObjectsV2",
        "rest-xml",
        reply(
            b"<ListBucketResult><Contents><Key>a</Key></Contents><Contents><Key>b</Key></Contents></ListBucketResult>"
        ),
        {"Contents": [{"Key": "a"}, {"Key": "b"}]},
    ),
    (
        "s3",
        "GetBucketTagging",
        "rest-xml",
        reply(b"<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"),
        {"TagSet": [{"Key": "k", "Value": "v"}]},
    ),
    (
        "s3",
        "GetBucketLocation",
        "rest-xml",
        reply(b'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>'),
        {"LocationConstraint": "eu-west-1"},
    ),
    (
        "s3",
        "GetBucketLocation",
        "rest-xml",
        reply(b'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'),
        {},
    ),
    (
        "s3",
        "GetBucketAcl",
        "rest-xml",
        reply(
            b"<AccessControlPolicy><AccessControlList><Grant>"
            b'<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>1</ID>'
            b"</Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
        ),
        {"Grants": [{"Grantee": {"ID": "1", "Type": "CanonicalUser"}, "Permission": "READ"}]},
    ),
    (
        "s3",
        "PutObject",
        "rest-xml",
        reply(
            b"",
            etag='"e"',
            x_amz_version_id="v",
            x_amz_request_id="r",
            x_amz_server_side_encryption_bucket_key_enabled="true",
        ),
        {"ETag": '"e"', "VersionId": "v", "BucketKeyEnabled": True},
    ),
    (
        "s3",
        "GetObject",
        "rest-xml",
        reply(
            b"<not><parsed",
            content_length="12",
            content_type="text/xml",
            x_amz_meta_owner="ann",
            x_amz_missing_meta="many",
        ),
        {
            "ContentLength": 12,
            "ContentType": "text/xml",
            "Metadata": {"owner": "ann"},
            "MissingMeta": "many",
            "Body": bytes_of(b"<not><parsed"),
        },
    ),
    (
        "s3",
        "GetObject",
        "rest-xml",
        reply(b'{"a":1}', content_type="application/json"),
        {"ContentType": "application/json", "Metadata": {}, "Body": bytes_of(b'{"a":1}')},
    ),
    (
        "s3",
        "HeadObject",
        "rest-xml",
        reply(b"", content_length="5", last_modified="Thu, 01 Jan 2026 00:00:00 GMT"),
        {"ContentLength": 5, "LastModified": "Thu, 01 Jan 2026 00:00:00 GMT", "Metadata": {}},
    ),
    (
        "route53",
        "ListHostedZones",
        "rest-xml",
        reply(
            b'<ListHostedZonesResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZones><HostedZone>'
            b"<Id>/hostedzone/Z1</Id><ResourceRecordSetCount>2</ResourceRecordSetCount></HostedZone></HostedZones>"
            b"<IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesResponse>"
        ),
        {
            "HostedZones": [{"Id": "/hostedzone/Z1", "ResourceRecordSetCount": 2}],
            "IsTruncated": False,
            "MaxItems": "100",
        },
    ),
    (
        "route53",
        "GetChange",
        "rest-xml",
        reply(b"<GetChangeResponse><ChangeInfo><Status>many</Status><Extra>1</Extra></ChangeInfo></GetChangeResponse>"),
        {"ChangeInfo": {"Status": "many", "Extra": "1"}},
    ),
]


@pytest.mark.parametrize(("service", "action", "protocol", "answer", "tree"), JSON_REPLIES + XML_REPLIES)
def test_a_reply_is_a_tree_of_its_members(
    services: Services, service: str, action: str, protocol: str, answer: Reply, tree: dict[str, object]
) -> None:
    """Body, headers and status become members as the model says; what the model does not know is kept."""
    model = services.operation_model(service, action)

    assert model
    assert Document(answer.status, tree, root=root_of(answer, protocol, tree)) == document(answer, protocol, model)


@pytest.mark.parametrize(
    ("protocol", "answer", "expected"),
    [
        ("rest-xml", reply(b'<a xmlns="http://x/"><b/></a>'), "{http://x/}a"),
        ("rest-xml", reply(b'<n:a xmlns:n="http://x/"/>'), "{http://x/}a"),
        ("query", reply(b"<?xml version='1.0'?><a><b/></a>"), "a"),
        ("ec2", reply(b"<Response><Errors/></Response>", 400), "Response"),
        ("rest-xml", reply(b"<a>"), ""),
        ("rest-xml", reply(b""), ""),
        ("json", reply(b'{"a":1}'), ""),
        ("", reply(b"<a/>", content_type="text/xml"), "a"),
        ("", reply(b"<a/>", content_type="text/html"), ""),
    ],
)
def test_the_root_is_the_outermost_element(protocol: str, answer: Reply, expected: str) -> None:
    """Of XML alone, with its namespace."""
    assert expected == document(answer, protocol, None).root


@pytest.mark.parametrize(
    ("service", "action", "answer", "expected"),
    [
        ("dynamodb", "GetItem", reply(b"{}"), "GetItemOutput"),
        ("dynamodb", "GetItem", reply(b"<html/>"), "GetItemOutput"),
        ("s3", "GetObject", reply(b"x"), "GetObjectOutput"),
        ("s3", "PutObject", reply(b""), "PutObjectOutput"),
        ("dynamodb", "GetItem", reply(b'{"__type":"a#ResourceNotFoundException"}', 400), "ResourceNotFoundException"),
        ("dynamodb", "GetItem", reply(b'{"__type":"Invented"}', 400), None),
        ("s3", "GetObject", reply(b"<Error><Code>NoSuchKey</Code></Error>", 404), None),
        ("s3", "DeleteBucket", reply(b"", 204), None),
        ("nobody", "Knows", reply(b"{}"), None),
    ],
)
def test_the_shape_of_the_tree_is_told(
    services: Services, service: str, action: str, answer: Reply, expected: str | None
) -> None:
    """That of the output, or of the error that it is where JSON says so; it is no part of the comparison."""
    protocol = "rest-xml" if service == "s3" else "json"
    actual = document(answer, protocol, services.operation_model(service, action))

    assert expected == (actual.shape and actual.shape.name)
    assert actual == replace(actual, shape=None)


def test_members_of_an_error_in_headers(services: Services) -> None:
    """An error's own shape may bind members to headers, too."""
    answer = reply(
        b'{"Type":"User","message":"slow"}', 429, x_amzn_errortype="TooManyRequestsException", retry_after="3"
    )
    tree = document(answer, "rest-json", services.operation_model("lambda", "Invoke")).tree

    assert {
        "retryAfterSeconds": "3",
        "Type": "User",
        "message": "slow",
        "x-amzn-errortype": "TooManyRequestsException",
    } == tree


@pytest.mark.parametrize(("name", "text"), [("Size", "three"), ("Size", ""), ("Size", "1.5")])
def test_a_scalar_of_the_wrong_type_stays_text(services: Services, name: str, text: str) -> None:
    """A number that is none is shown as what it is instead."""
    body = f"<ListBucketResult><Contents><{name}>{text}</{name}></Contents></ListBucketResult>".encode()
    tree = document(reply(body), "rest-xml", services.operation_model("s3", "ListObjectsV2")).tree

    assert {"Contents": [{name: text}]} == tree


@pytest.mark.parametrize(("text", "expected"), [("12", 12), ("-1", -1), ("many", "many"), ("", "")])
def test_a_header_of_the_wrong_type_stays_text(services: Services, text: str, expected: object) -> None:
    """So it is with a number in a header."""
    answer = reply(b"", content_length=text)

    assert expected == document(answer, "rest-xml", services.operation_model("s3", "HeadObject")).tree["ContentLength"]


# The examples of RFC 8949, appendix A, each as the value of `v` in a map.


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("00", 0),
        ("1bffffffffffffffff", 18446744073709551615),
        ("c249010000000000000000", 18446744073709551616),
        ("3863", -100),
        ("f93e00", 1.5),
        ("fb3ff199999999999a", 1.1),
        ("f4", False),
        ("f5", True),
        ("f6", None),
        ("f7", "undefined"),
        ("6449455446", "IETF"),
        ("62c3bc", "ü"),
        ("7f657374726561646d696e67ff", "streaming"),
        ("4401020304", bytes_of(b"\x01\x02\x03\x04")),
        ("5f42010243030405ff", bytes_of(b"\x01\x02\x03\x04\x05")),
        ("8301820203820405", [1, [2, 3], [4, 5]]),
        ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("a201020304", {"1": 2, "3": 4}),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
        ("c11a514b67b0", "2013-03-21T20:04:00Z (tag 1)"),
        ("c1fb41d452d9ec200000", "2013-03-21T20:04:00.500000Z (tag 1)"),
        ("c074323031332d30332d32315432303a30343a30305a", "2013-03-21T20:04:00Z (tag 0)"),
        ("c07819323031332d30332d32315432323a30343a30302b30323a3030", "2013-03-21T22:04:00+02:00 (tag 0)"),
        ("d9010283010203", [1, 2, 3]),
        ("a1c2490100000000000000000a", {"18446744073709551616": 10}),
        ("a1f60a", {"None": 10}),
    ],
)
def test_cbor_becomes_what_json_has(item: str, expected: object) -> None:
    """Every kind of CBOR item is one of JSON's; bytes are their length and hash, times texts with tags."""
    actual = document(reply(bytes.fromhex(f"a16176{item}")), CBOR, None)

    assert Document(200, {"v": expected}) == actual


def test_infinity_in_cbor_is_a_number() -> None:
    """Floats that JSON lacks stay floats."""
    tree = document(reply(bytes.fromhex("a16176f97c00")), CBOR, None).tree

    assert math.inf == tree["v"]


@pytest.mark.parametrize(
    "item",
    [
        b"\xa1\xc2\x59\x08\x00" + b"\xff" * 2048 + b"\x01",
        b"\xa1\xc3\x59\x08\x00" + b"\xff" * 2048 + b"\x01",
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_cbor_that_nothing_else_can_hold_is_a_flaw(item: bytes, status: int) -> None:
    """A key of thousands of digits: compared as bytes."""
    body = b"\xa1\x61v" + item
    actual = document(reply(body, status), CBOR, None)

    assert {"body": bytes_of(body)} == actual.tree
    assert actual.flaw.startswith("not CBOR: ")


def test_a_huge_number_in_cbor_is_told_in_hexadecimal() -> None:
    """Python refuses to write it in decimal."""
    tree = document(reply(b"\xa1\x61v\xc2\x59\x08\x00" + b"\xff" * 2048), CBOR, None).tree

    assert {"v": "0x" + "ff" * 2048} == tree


# Error replies: protocol, reply, tree, summary.

ERROR_REPLIES = [
    (
        "json",
        reply(b'{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no table"}', 400),
        {"__type": "ResourceNotFoundException", "message": "no table"},
        "ResourceNotFoundException: no table",
    ),
    (
        "json",
        reply(
            b'{"__type":"QueueDoesNotExist","Message":"gone"}',
            400,
            x_amzn_query_error="AWS.SimpleQueueService.NonExistentQueue;Sender",
        ),
        {
            "__type": "QueueDoesNotExist",
            "Message": "gone",
            "x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender",
        },
        "AWS.SimpleQueueService.NonExistentQueue: gone",
    ),
    (
        "rest-json",
        reply(
            b'{"Type":"User","Message":"Function not found"}',
            404,
            x_amzn_errortype="ResourceNotFoundException:http://internal.amazon.com/coral/com.amazonaws/",
        ),
        {"Type": "User", "Message": "Function not found", "x-amzn-errortype": "ResourceNotFoundException"},
        "ResourceNotFoundException: Function not found",
    ),
    (
        "rest-json",
        reply(b'{"code":"NotFoundException","message":"no"}', 404),
        {"code": "NotFoundException", "message": "no"},
        "NotFoundException: no",
    ),
    (
        "query",
        reply(
            b'<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
            b"<Code>NoSuchEntity</Code><Message>no user</Message></Error><RequestId>r</RequestId></ErrorResponse>",
            404,
        ),
        {"Error": {"Type": "Sender", "Code": "NoSuchEntity", "Message": "no user"}, "RequestId": "r"},
        "NoSuchEntity: no user",
    ),
    (
        "ec2",
        reply(
            b"<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>no vpc</Message></Error></Errors>"
            b"<RequestID>r</RequestID></Response>",
            400,
        ),
        {"Errors": {"Error": {"Code": "InvalidVpcID.NotFound", "Message": "no vpc"}}, "RequestID": "r"},
        "InvalidVpcID.NotFound: no vpc",
    ),
    (
        "rest-xml",
        reply(
            b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>no key</Message>'
            b"<Key>k</Key><RequestId>r</RequestId><HostId>h</HostId></Error>",
            404,
        ),
        {"Code": "NoSuchKey", "Message": "no key", "Key": "k", "RequestId": "r", "HostId": "h"},
        "NoSuchKey: no key",
    ),
    (
        CBOR,
        reply(b"\xa2\x66__type\x78\x1aaws.cloudwatch#LimitExceed\x67message\x62no", 400),
        {"__type": "LimitExceed", "message": "no"},
        "LimitExceed: no",
    ),
    ("rest-xml", reply(b"", 404), {}, ""),
    ("json", reply(b'{"message":"no code"}', 400), {"message": "no code"}, "no code"),
    ("json", reply(b'{"__type":"NoMessage"}', 400), {"__type": "NoMessage"}, "NoMessage"),
    ("json", reply(b'{"__type":5,"message":{"a":1}}', 500), {"__type": 5, "message": {"a": 1}}, ""),
]


@pytest.mark.parametrize(("protocol", "answer", "tree", "summary"), ERROR_REPLIES)
def test_an_error_names_itself_in_every_protocol(
    services: Services, protocol: str, answer: Reply, tree: dict[str, object], summary: str
) -> None:
    """An error's code and message are found wherever its protocol has them, whatever the operation would answer."""
    model = services.operation_model("s3", "GetObject")
    actual = document(answer, protocol, model)

    assert Document(answer.status, tree, root=root_of(answer, protocol, tree)) == actual
    assert actual.is_error
    assert summary == error_summary(actual)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"__type": "QueueDoesNotExist", "message": "m"}, ErrorReply("QueueDoesNotExist", "m", "QueueDoesNotExist")),
        (
            {"__type": "a.b#QueueDoesNotExist", "x-amzn-query-error": "AWS.SQS.Gone;Sender", "Message": "m"},
            ErrorReply("AWS.SQS.Gone", "m", "QueueDoesNotExist"),
        ),
        ({"x-amzn-query-error": "AWS.SQS.Gone"}, ErrorReply("AWS.SQS.Gone", "")),
        ({"x-amzn-query-error": ";Sender", "__type": "A"}, ErrorReply("A", "", "A")),
        ({"x-amzn-errortype": "A", "__type": "B", "Code": "C"}, ErrorReply("A", "", "A")),
        ({"Error": {"Code": "NoSuchEntity", "Message": "m"}}, ErrorReply("NoSuchEntity", "m", "NoSuchEntity")),
        ({"Errors": [{"Error": {"Code": "A"}}]}, ErrorReply("A", "", "A")),
        ({"errorMessage": "m"}, ErrorReply("", "m")),
        ({}, ErrorReply("", "")),
    ],
)
def test_an_error_has_a_code_and_a_name(tree: dict[str, object], expected: ErrorReply) -> None:
    """The same but for services that have left the query protocol: they keep its codes beside the model's names."""
    assert expected == error_reply(Document(400, tree))
    assert error_reply(Document(200, tree)) is None


@pytest.mark.parametrize(
    ("service", "action", "error", "expected"),
    [
        ("sqs", "GetQueueUrl", ErrorReply("AWS.SQS.Gone", "", "QueueDoesNotExist"), "QueueDoesNotExist"),
        ("sqs", "GetQueueUrl", ErrorReply("QueueDoesNotExist", ""), "QueueDoesNotExist"),
        ("sqs", "GetQueueUrl", ErrorReply("QueueDoesNotExist", "", "Invented"), "QueueDoesNotExist"),
        ("sqs", "GetQueueUrl", ErrorReply("InvalidAddress", "", "QueueDoesNotExist"), "QueueDoesNotExist"),
        ("sqs", "GetQueueUrl", ErrorReply("AWS.SQS.Gone", "", "Invented"), None),
        ("sqs", "GetQueueUrl", ErrorReply("", "no code"), None),
        ("iam", "GetUser", ErrorReply("NoSuchEntity", ""), "NoSuchEntityException"),
        ("iam", "GetUser", ErrorReply("", "", "NoSuchEntityException"), "NoSuchEntityException"),
        ("nobody", "Knows", ErrorReply("A", "", "A"), None),
    ],
)
def test_an_error_has_the_shape_of_its_name_or_code(
    services: Services, service: str, action: str, error: ErrorReply, expected: str | None
) -> None:
    """Its name in the model before its code on the wire; without either it has none."""
    shape = error_shape(services.operation_model(service, action), error)

    assert expected == (shape and shape.name)


def test_a_success_has_no_error_summary() -> None:
    """What looks like an error in a successful reply is none."""
    actual = document(reply(b'{"__type":"a.b#C","message":"all is well"}'), "json", None)

    assert "a.b#C" == actual.tree["__type"]
    assert "" == error_summary(actual)


@pytest.mark.parametrize(
    "value",
    [
        "FooError",
        "FooError:http://internal.amazon.com/coral/com.amazon.coral.validate/",
        "aws.protocoltests.restjson#FooError",
        "aws.protocoltests.restjson#FooError:http://internal.amazon.com/coral/com.amazon.coral.validate/",
    ],
)
def test_an_error_type_is_its_bare_name(value: str) -> None:
    """The namespace before the name and the address after it are left out."""
    assert "FooError" == error_type(value)


# Bodies that are not what the protocol says.


@pytest.mark.parametrize(
    ("protocol", "body", "flaw"),
    [
        ("json", b"<html><body>502 Bad Gateway</body></html>", "not JSON: "),
        ("rest-json", b"<html></html>", "not JSON: "),
        ("json", b'{"a":', "not JSON: "),
        ("json", b'{"a":"\xff"}', "not JSON: "),
        ("json", b'{"a":' + b"9" * 5000 + b"}", "not JSON: "),
        ("query", b'{"a":1}', "not XML: "),
        ("ec2", b"<html><br></html>", "not XML: "),
        ("rest-xml", b"<a>\x00</a>", "not XML: "),
        ("rest-xml", b'<?xml version="1.0" encoding="no-such-code"?><a/>', "not XML: "),
        (CBOR, b'{"a":1}', "not CBOR: "),
        (CBOR, b"\xff", "not CBOR: "),
        (CBOR, b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff", "not CBOR: "),
        ("json", b"[" * 200_000, "nested too deep"),
        ("rest-xml", b"<a>" * 50_000 + b"</a>" * 50_000, "nested too deep"),
        (CBOR, b"\x81" * 200_000 + b"\x00", ""),
        (
            "query",
            b'<!DOCTYPE a [<!ENTITY x "x"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;&x;">]><a>&y;</a>',
            "not XML: it declares a document type, a",
        ),
        ("query", b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "not XML: it declares a document type, a"),
        ("query", b"<!DOCTYPE html><html/>", "not XML: it declares a document type, html"),
    ],
)
@pytest.mark.parametrize("status", [200, 500])
def test_an_unreadable_body_is_a_flaw(services: Services, protocol: str, body: bytes, flaw: str, status: int) -> None:
    """The document says why, and has no members but what stands there instead, whatever it is."""
    actual = document(reply(body, status), protocol, services.operation_model("s3", "ListObjectsV2"))

    assert ["body"] == list(actual.tree)
    assert actual.tree["body"]
    assert actual.flaw.startswith(flaw)
    assert actual.flaw


@pytest.mark.parametrize(
    ("protocol", "content_type", "body", "expected"),
    [
        ("ec2", "application/json", b'{"__type":"A","Message":"m"}', {"__type": "A", "Message": "m"}),
        ("query", "", b'[{"a":true}]', [{"a": True}]),
        ("rest-xml", "text/plain", b' {"a":1}', {"a": 1}),
        ("json", "text/xml", b"<a><b>1</b><b>2</b></a>", {"a": {"b": ["1", "2"]}}),
        ("rest-json", "", b"\n<Error><Code>C</Code></Error>", {"Error": {"Code": "C"}}),
        ("json", "application/cbor", b"\xa1\x61a\xc1\x1a\x51\x4b\x67\xb0", {"a": "2013-03-21T20:04:00Z (tag 1)"}),
        ("json", "application/json", b"<a>1</a>", "<a>1</a>"),
        ("json", "text/html", b"<html>502</html>", "<html>502</html>"),
        ("query", "text/plain", b"404 page not found", "404 page not found"),
        ("query", "text/plain", "Störung".encode(), "Störung"),
        ("json", "", b"\xff\xfe", bytes_of(b"\xff\xfe")),
        ("json", "", b"x" * 70_000, bytes_of(b"x" * 70_000)),
        ("json", "application/cbor", b"\xa1\x61a", bytes_of(b"\xa1\x61a")),
        (CBOR, "application/json", b'{"a":1}', {"a": 1}),
    ],
)
@pytest.mark.parametrize("status", [200, 404])
def test_a_body_of_another_format_is_read_as_what_it_is(
    protocol: str, content_type: str, body: bytes, expected: object, status: int
) -> None:
    """As its type says, or its first character; else as a text. No SDK finds members in it: none stands at the top."""
    actual = document(reply(body, status, content_type=content_type), protocol, None)

    assert {"body": expected} == actual.tree
    assert actual.flaw
    assert "" == error_summary(actual)


def test_headers_are_kept_beside_an_unreadable_body() -> None:
    """The name of an error in a header is read although its body cannot be."""
    actual = document(reply(b"<html/>", 502, x_amzn_errortype="BadGateway"), "rest-json", None)

    assert {"x-amzn-errortype": "BadGateway", "body": {"html": ""}} == actual.tree
    assert "BadGateway" == error_summary(actual)


@pytest.mark.parametrize("protocol", ["json", "rest-json", "rest-xml", ""])
@pytest.mark.parametrize("status", [200, 204, 304, 404])
def test_an_empty_body_is_no_flaw(protocol: str, status: int) -> None:
    """A reply without a body has no members."""
    assert Document(status, {}) == document(reply(b"", status), protocol, None)


@pytest.mark.parametrize(
    ("service", "action", "protocol", "status"),
    [
        ("ec2", "DescribeVpcs", "ec2", 200),
        ("ec2", "DeleteVpc", "ec2", 200),
        ("ec2", "DeleteVpc", "ec2", 400),
        ("iam", "DeleteUser", "query", 200),
        ("sns", "TagResource", "query", 200),
        ("iam", "GetUser", "query", 404),
        ("nobody", "Knows", "query", 200),
        ("cloudwatch", "DescribeAlarms", CBOR, 200),
        ("cloudwatch", "DescribeAlarms", CBOR, 404),
        ("cloudwatch", "DeleteAlarms", CBOR, 404),
    ],
)
def test_an_empty_body_is_a_flaw_where_sdks_need_one(
    services: Services, service: str, action: str, protocol: str, status: int
) -> None:
    """In the query protocols always, in CBOR where there are members: SDKs raise an error."""
    actual = document(reply(b"", status), protocol, services.operation_model(service, action))

    assert Document(status, {}, "empty") == actual


def test_an_empty_body_is_no_flaw_of_an_operation_without_members(services: Services) -> None:
    """CBOR asks for none of an operation that has no output."""
    assert Document(200, {}) == document(reply(b""), CBOR, services.operation_model("cloudwatch", "DeleteAlarms"))


@pytest.mark.parametrize(
    ("answer", "tree"),
    [
        (reply(b'{"a":[1]}', content_type="application/json"), {"a": [1]}),
        (reply(b'{"a":1}', content_type="application/x-amz-json-1.1; charset=utf-8"), {"a": 1}),
        (reply(b"<a><b>1</b><b>2</b></a>", content_type="Application/XML"), {"b": ["1", "2"]}),
        (reply(b"<a>1</a>", content_type="text/xml"), {"a": "1"}),
        (reply(b"\xa1\x61a\x01", content_type="application/cbor"), {"a": 1}),
        (reply(b'{"a":1}'), {"a": 1}),
        (reply(b"[1]", content_type="text/plain"), {"body": [1]}),
        (reply(b"{not json", content_type="text/plain"), {"body": bytes_of(b"{not json")}),
        (reply(b"<html></html>", content_type="text/html"), {"body": bytes_of(b"<html></html>")}),
        (reply(b"plain", content_type="application/octet-stream"), {"body": bytes_of(b"plain")}),
    ],
)
def test_an_unknown_operation_is_read_by_its_content_type(answer: Reply, tree: dict[str, object]) -> None:
    """Where no model names the protocol, the content type does, or the look of the body; else it is bytes."""
    assert Document(200, tree, root=root_of(answer, "", tree)) == document(answer, "", None)


def test_an_unknown_body_that_is_not_what_its_type_says_is_a_flaw() -> None:
    """A content type is a promise, too."""
    actual = document(reply(b"<html>", content_type="application/json"), "", None)

    assert actual.flaw.startswith("not JSON")


# Compressed bodies.


@pytest.mark.parametrize("body", [b'{"a":1}', gzip.compress(b'{"a":1}')[:-4], gzip.compress(b"{}") + b"more"])
def test_a_body_that_is_not_compressed_as_it_says_is_a_flaw(body: bytes) -> None:
    """No SDK can read it."""
    actual = document(reply(body, content_encoding="gzip"), "json", None)

    assert "gzip, as its Content-Encoding says" in actual.flaw


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b'{"a":1}')),
        ("GZIP", gzip.compress(b'{"a":1}')),
        (" gzip ", gzip.compress(b'{"a":1}')),
        ("deflate", zlib.compress(b'{"a":1}')),
        ("identity", b'{"a":1}'),
    ],
)
def test_a_compressed_body_is_read(coding: str, body: bytes) -> None:
    """A content coding is taken off."""
    assert Document(200, {"a": 1}) == document(reply(body, content_encoding=coding), "json", None)


def test_an_objects_own_coding_stays(services: Services) -> None:
    """What S3 stores compressed is compared as it is stored."""
    body = gzip.compress(b"object")
    tree = document(reply(body, content_encoding="gzip"), "rest-xml", services.operation_model("s3", "GetObject")).tree

    assert bytes_of(body) == tree["Body"]
    assert "gzip" == tree["ContentEncoding"]


def test_a_bomb_is_not_unpacked() -> None:
    """A small body that would grow beyond all bounds is compared in bytes, as it is."""
    body = gzip.compress(b" " * (MAX_DECODED_BYTES + 1), compresslevel=1)
    actual = document(reply(body, content_encoding="gzip"), "json", None)

    assert bytes_of(body) == actual.tree["body"]
    assert actual.flaw.startswith("not JSON")


# What holds for every body.

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=10,
)


@given(tree=st.dictionaries(st.text(), JSON_VALUES, max_size=4), is_compressed=st.booleans())
def test_json_comes_through_as_it_is(*, tree: dict[str, object], is_compressed: bool) -> None:
    """Whatever JSON object a reply is, its document is the same object."""
    body = json.dumps(tree).encode()
    answer = reply(gzip.compress(body), content_encoding="gzip") if is_compressed else reply(body)

    assert Document(200, tree) == document(answer, "json", None)


OPERATIONS = [
    ("s3", "ListObjectsV2", "rest-xml"),
    ("s3", "GetObject", "rest-xml"),
    ("s3", "GetBucketLocation", "rest-xml"),
    ("ec2", "DescribeInstances", "ec2"),
    ("iam", "ListUsers", "query"),
    ("sns", "GetTopicAttributes", "query"),
    ("dynamodb", "GetItem", "json"),
    ("lambda", "Invoke", "rest-json"),
    ("pinpoint", "GetApp", "rest-json"),
    ("cloudwatch", "GetMetricData", CBOR),
    ("nobody", "Knows", ""),
]
_XML_PARTS = (
    "<ListBucketResult> <Contents> </Contents> <Key> </Key> <Size> 1 </Size> <a/> <ListUsersResult> </ListUsersResult> "
    "<Attributes> </Attributes> <entry> </entry> <key> </key> <reservationSet> </reservationSet> <item> </item> "
    "<member> </member> &amp; é"
)
NEARLY_XML = st.lists(st.sampled_from(_XML_PARTS.split())).map(lambda parts: f"<r>{''.join(parts)}</r>".encode())


@given(
    operation=st.sampled_from(OPERATIONS),
    status=st.sampled_from([200, 204, 304, 400, 500]),
    body=st.binary() | NEARLY_XML | st.text('{}[]":,abc\\u019').map(str.encode),
    coding=st.sampled_from(["", "gzip", "deflate", "br"]),
)
def test_any_body_has_a_document(
    services: Services, operation: tuple[str, str, str], status: int, body: bytes, coding: str
) -> None:
    """No reply, of whatever operation, is too odd to be a document or to be told in a line."""
    service, action, protocol = operation
    answer = reply(body, status, content_encoding=coding)
    actual = document(answer, protocol, services.operation_model(service, action))

    assert status == actual.status
    assert isinstance(actual.tree, dict)
    assert bool(error_summary(actual)) <= actual.is_error
    assert actual == document(answer, protocol, services.operation_model(service, action))


# Smithy's own protocol tests, where they are at hand.


def vectors(*protocols: str) -> Iterator[Any]:
    """(operation's model, protocol, reply, case) of every case of these protocols."""
    for protocol in protocols:
        file = VECTORS / "protocols" / "output" / f"{protocol}.json"
        for suite in json.loads(file.read_text(encoding="utf-8")) if file.exists() else ():
            for case in suite["cases"]:
                yield pytest.param(suite, protocol, case, id=case["id"])


def vectors_or_skip(*protocols: str) -> list[Any]:
    absent = pytest.param({}, "", {}, marks=pytest.mark.skip(reason="no protocol vectors beside the checkout"))
    return list(vectors(*protocols)) or [absent]


def vector(suite: Mapping[str, Any], protocol: str, case: Mapping[str, Any]) -> tuple[OperationModel, Reply]:
    operation = dict(case["given"])
    if protocol == "query" and "output" in operation:  # as every query model of AWS has it, but not the vectors
        operation["output"] = {**operation["output"], "resultWrapper": f"{operation['name']}Result"}
    definition = {
        "metadata": suite["metadata"],
        "shapes": suite["shapes"],
        "operations": {operation["name"]: operation},
    }
    text = case["response"].get("body") or ""
    body = base64.b64decode(text) if "cbor" in protocol else text.encode()
    headers = Headers(tuple(case["response"].get("headers", {}).items()))
    model = ServiceModel(definition, "vectors").operation_model(operation["name"])
    return model, Reply(case["response"].get("status_code", 200), headers, body)


def comparable(value: Any, shape: Any, *, is_text: bool) -> Any:
    """A result with timestamps left out, and blobs and floats as XML writes them. `is_text`: it is out of the XML."""
    below: Any = value
    match shape.type_name:
        case "structure":
            in_body = {name: member for name, member in shape.members.items() if not _is_elsewhere(member, shape)}
            below = {
                name: comparable(value[name], member, is_text=is_text)
                for name, member in in_body.items()
                if name in value and value[name] is not None
            }
        case "list":
            below = [comparable(item, shape.member, is_text=is_text) for item in value]
        case "map":
            below = {key: comparable(item, shape.value, is_text=is_text) for key, item in value.items()}
        case "timestamp":
            below = "a time"
        case "blob" if not is_text:
            below = base64.b64encode(value.encode()).decode()
        case "float" | "double":
            below = str(float(value))
    return below


def _is_elsewhere(member: Any, shape: Any) -> bool:
    """Lists in headers and payloads of text have documents of another kind than the vectors' results."""
    is_payload = shape.serialization.get("payload") is not None and member.type_name in ("blob", "string")
    return is_payload or (member.serialization.get("location") == "header" and member.type_name == "list")


@pytest.mark.parametrize(("suite", "protocol", "case"), vectors_or_skip("ec2", "query", "rest-xml"))
def test_agrees_with_smithys_vectors(suite: dict[str, Any], protocol: str, case: dict[str, Any]) -> None:
    """The XML of AWS's own protocol tests becomes the result, or the error, that they ask for."""
    model, answer = vector(suite, protocol, case)
    actual = document(answer, protocol, model)

    if case["id"] in NOT_READ_BY_BOTOCORE:
        pytest.skip("botocore itself does not read it so")
    assert "" == actual.flaw
    if "errorCode" in case:
        assert case["errorCode"] == error_summary(actual).partition(":")[0]
    elif model.output_shape is not None:
        expected = comparable(case["result"], model.output_shape, is_text=False)
        assert expected == comparable(actual.tree, model.output_shape, is_text=True)


@pytest.mark.parametrize(
    ("suite", "protocol", "case"), vectors_or_skip("json", "json_1_0", "rest-json", "smithy-rpc-v2-cbor")
)
def test_reads_smithys_vectors(suite: dict[str, Any], protocol: str, case: dict[str, Any]) -> None:
    """No JSON or CBOR of AWS's own protocol tests is unreadable."""
    model, answer = vector(suite, protocol, case)

    assert "" == document(answer, suite["metadata"]["protocol"], model).flaw


LARGE = Digest(2**40, "c0" * 32)
LARGE_SAID = {"length": 2**40, "sha256": "c0" * 32}


@pytest.mark.parametrize(
    ("service", "action", "protocol", "status", "tree"),
    [
        ("s3", "GetObject", "rest-xml", 200, {"ETag": '"1"', "Body": LARGE_SAID, "Metadata": {}}),
        ("s3", "ListObjectsV2", "rest-xml", 200, {"body": LARGE_SAID}),
        ("dynamodb", "Scan", "json", 200, {"body": LARGE_SAID}),
        ("s3", "GetObject", "rest-xml", 404, {"body": LARGE_SAID}),
        ("nobody", "knows", "", 200, {"body": LARGE_SAID}),
    ],
)
def test_a_body_that_was_not_kept_is_its_digest(
    services: Services, service: str, action: str, protocol: str, status: int, tree: dict[str, object]
) -> None:
    """Of a large body length and hash are compared, as of bytes that are there; that it is not here is no flaw."""
    model = services.operation_model(service, action)
    answer = Reply(status, Headers((("ETag", '"1"'),)), b"", digest=LARGE)
    actual = document(answer, protocol, model)

    assert tree == actual.tree
    assert ("", status) == (actual.flaw, actual.status)


def test_a_payload_is_the_same_kept_or_not(services: Services) -> None:
    """An object's bytes give one document, whether they were kept or let go of."""
    model = services.operation_model("s3", "GetObject")
    data = b"any bytes"
    whole = reply(data)
    digested = replace(whole, body=b"", digest=Digest(len(data), hashlib.sha256(data).hexdigest()))

    assert document(whole, "rest-xml", model) == document(digested, "rest-xml", model)
