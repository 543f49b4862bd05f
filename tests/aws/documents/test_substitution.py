"""Requests with their values translated, in every protocol."""

import base64
import gzip
import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.sax.saxutils import escape

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.documents.substitution import MAX_TRANSLATED_BYTES, MIN_BLOB_CHARACTERS, substituted
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.values.http import Headers, Request
from cloudmock_contract.values.operation import Operation

AWS, HERE = "i-0a1b2c3d4e5f60718", "i-9f8e7d6c5b4a39281"
ARN, ARN_HERE = (f"arn:aws:ec2:eu-west-1:123456789012:instance/{name}" for name in (AWS, HERE))
CIPHERTEXT, CIPHERTEXT_HERE = (base64.b64encode(bytes([byte]) * 60).decode() for byte in (1, 2))
SHORT_BLOB, SHORT_BLOB_HERE = (name + "A" * (MIN_BLOB_CHARACTERS - len(name)) for name in (AWS, HERE))
CBOR, FORM = "smithy-rpc-v2-cbor", ("Content-Type", "application/x-www-form-urlencoded")
PROTOCOLS = {"s3": "rest-xml", "route53": "rest-xml", "ec2": "ec2", "sqs": "query", "iam": "query", "sns": "query"}


def translate(text: str) -> str:
    """Ids wherever they stand, and one text that is known as a whole."""
    return CIPHERTEXT_HERE if text == CIPHERTEXT else text.replace(AWS, HERE)


type Twin = Callable[..., Request]


@pytest.fixture(scope="session")
def twin(services: Services) -> Twin:
    """The translated request: `twin("ec2", "DescribeInstances", body, header, …, target="/")`."""

    def make(service: str, action: str, body: bytes | str = b"", *fields: tuple[str, str], **more: Any) -> Request:
        protocol = more.get("protocol") or PROTOCOLS.get(service, "json")
        data = body.encode() if isinstance(body, str) else body
        request = Request("POST", more.get("target", "/"), Headers(fields), data)
        operation = Operation(service, action, protocol, service)
        copy = substituted(request, operation, services.operation_model(service, action), translate)
        unknown = substituted(request, operation, services.operation_model(service, action), str)
        assert unknown is request, "where nothing is known, nothing changes"
        return copy

    return make


# Path, query, headers.


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (f"/things/{AWS}", f"/things/{HERE}"),
        (f"/things/{AWS}/", f"/things/{HERE}/"),
        (f"/a%20b/{AWS}", f"/a%20b/{HERE}"),
        (f"/a%2Fb%7e/{AWS}?x", f"/a%2Fb%7e/{HERE}?x"),
        (f"/things/{AWS.replace('-', '%2D')}", f"/things/{HERE}"),
        (f"/x/arn%3Aa%2F{AWS}", f"/x/arn%3Aa%2F{HERE}"),
        (f"/x?id={AWS}", f"/x?id={HERE}"),
        (f"/x?a=b%20c+d&id={AWS}&&e&f=", f"/x?a=b%20c+d&id={HERE}&&e&f="),
        (f"/x?id={AWS.replace('-', '%2d')}+%C3%A9", f"/x?id={HERE}%20%C3%A9"),
        (f"/x?id={AWS}&id={AWS}", f"/x?id={HERE}&id={HERE}"),
        (f"/x?{AWS}=1&{AWS}", f"/x?{AWS}=1&{AWS}"),
        (f"/x?X-Amz-Credential={AWS}&x-amz-signature={AWS}", f"/x?X-Amz-Credential={AWS}&x-amz-signature={AWS}"),
        (f"/x?AWSAccessKeyId={AWS}&Timestamp={AWS}", f"/x?AWSAccessKeyId={AWS}&Timestamp={AWS}"),
        (f"/x?prefix={AWS}", f"/x?prefix={HERE}"),
        ("/%zz/%ff/a+b?%zz=%ff", "/%zz/%ff/a+b?%zz=%ff"),
        (f"/%ff{AWS}?a=%ff{AWS}", f"/%FF{HERE}?a=%FF{HERE}"),
        (f"/%ed%a0%80{AWS}?a=%ed%a0%80{AWS}", f"/%ED%A0%80{HERE}?a=%ED%A0%80{HERE}"),
        (f"/\udcff{AWS}?a=\udcff{AWS}", f"/%FF{HERE}?a=%FF{HERE}"),
        (f"/x?MessageBody={AWS}&id={AWS}", f"/x?MessageBody={AWS}&id={HERE}"),
        (f"/x?secret%53tring={AWS}&key={AWS}", f"/x?secret%53tring={AWS}&key={AWS}"),
    ],
)
def test_path_and_query_are_translated(twin: Twin, target: str, expected: str) -> None:
    """Segments and values; what does not change keeps its spelling, and names and signatures are left alone."""
    assert expected == twin("lambda", "Any", target=target, protocol="rest-json").target


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (f"/bucket/{AWS}/key", f"/bucket/{AWS}/key"),
        (f"/{AWS}?list-type=2&prefix={AWS}", f"/{AWS}?list-type=2&prefix={AWS}"),
        (f"/b?marker={AWS}&Delimiter={AWS}&start-after={AWS}", f"/b?marker={AWS}&Delimiter={AWS}&start-after={AWS}"),
        (f"/b?versions&key-marker={AWS}", f"/b?versions&key-marker={AWS}"),
        (f"/b/k?versionId={AWS}", f"/b/k?versionId={HERE}"),
        (f"/b/{AWS}?uploadId={AWS}&partNumber=1", f"/b/{AWS}?uploadId={HERE}&partNumber=1"),
        (f"/b?list-type=2&continuation-token={AWS}", f"/b?list-type=2&continuation-token={HERE}"),
        (f"/b?version-id-marker={AWS}&upload-id-marker={AWS}", f"/b?version-id-marker={HERE}&upload-id-marker={HERE}"),
    ],
)
def test_paths_and_keys_of_s3_are_the_users(twin: Twin, target: str, expected: str) -> None:
    """A key may look like an id: it is the same on both sides, unlike versions, uploads and tokens."""
    assert expected == twin("s3", "ListObjectsV2", target=target).target


@pytest.mark.parametrize(
    ("name", "is_translated"),
    [
        ("X-Amz-Copy-Source-If-Match", True),
        ("If-Match", True),
        ("if-none-match", True),
        ("x-amz-server-side-encryption-aws-kms-key-id", True),
        ("x-amz-mfa", True),
        ("x-amz-meta-id", False),
        ("X-Amz-Meta-Id", False),
        ("Authorization", False),
        ("X-Amz-Date", False),
        ("X-Amz-Target", False),
        ("X-Amz-Security-Token", False),
        ("x-amz-content-sha256", False),
        ("x-amz-checksum-sha256", False),
        ("x-amz-sdk-checksum-algorithm", False),
        ("x-amz-user-agent", False),
        ("User-Agent", False),
        ("amz-sdk-invocation-id", False),
        ("Content-Type", False),
        ("If-Modified-Since", False),
        ("x-if-match", False),
    ],
)
def test_headers_of_aws_are_translated(twin: Twin, name: str, *, is_translated: bool) -> None:
    """Those that name something; none of the user's own, and none that authenticates or describes the request."""
    expected = (("A", AWS), (name, HERE if is_translated else AWS))

    assert expected == twin("s3", "PutObject", b"", ("A", AWS), (name, AWS)).headers.fields


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"/{AWS}/{AWS}", f"/{AWS}/{AWS}"),
        (f"{AWS}/{AWS}?versionId={AWS}", f"{AWS}/{AWS}?versionId={HERE}"),
        (f"/b/%3F{AWS}?versionId=1", f"/b/%3F{AWS}?versionId=1"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("name", ["x-amz-copy-source", "X-Amz-Copy-Source"])
def test_of_a_copys_source_the_version_is_translated(twin: Twin, name: str, source: str, expected: str) -> None:
    """Bucket and key are the user's own, the version is AWS's."""
    assert expected == twin("s3", "CopyObject", b"", (name, source)).headers.get(name)


@pytest.mark.parametrize(
    ("service", "expected"), [("lambda", HERE), ("execute-api", HERE), ("s3control", HERE), ("s3", AWS)]
)
def test_a_host_may_begin_with_an_id(twin: Twin, service: str, expected: str) -> None:
    """A resource's own host is translated; a bucket in it is the user's."""
    copy = twin(service, "Any", b"", ("Host", f"{AWS}.amazonaws.com"))

    assert f"{expected}.amazonaws.com" == copy.headers.get("host")


# Forms.


@pytest.mark.parametrize(
    ("service", "body", "expected"),
    [
        (
            "ec2",
            f"Action=StopInstances&Version=2016-11-15&InstanceId.1={AWS}&InstanceId.2=i-2",
            f"Action=StopInstances&Version=2016-11-15&InstanceId.1={HERE}&InstanceId.2=i-2",
        ),
        ("ec2", f"Filter.1.Name=a+b%2f&Filter.1.Value.1={AWS}", f"Filter.1.Name=a+b%2f&Filter.1.Value.1={HERE}"),
        ("ec2", f"Tag.1.Key={AWS}&Tag.1.Value={AWS}", f"Tag.1.Key={AWS}&Tag.1.Value={HERE}"),
        ("ec2", f"UserData={AWS}&ImageId={AWS}", f"UserData={AWS}&ImageId={HERE}"),
        ("ec2", f"a&=&&{AWS}=1&Id={AWS}", f"a&=&&{AWS}=1&Id={HERE}"),
        ("sqs", f"Action=SendMessage&MessageBody={AWS}", f"Action=SendMessage&MessageBody={AWS}"),
        (
            "sqs",
            f"SendMessageBatchRequestEntry.1.MessageBody={AWS}&ReceiptHandle={AWS}",
            f"SendMessageBatchRequestEntry.1.MessageBody={AWS}&ReceiptHandle={HERE}",
        ),
        (
            "sns",
            f"Message={AWS}&Subject={AWS}&MessageAttributes.entry.1.Value.StringValue={AWS}&TopicArn={AWS}",
            f"Message={AWS}&Subject={AWS}&MessageAttributes.entry.1.Value.StringValue={AWS}&TopicArn={HERE}",
        ),
        (
            "sqs",
            f"MessageAttribute.1.Name={AWS}&MessageAttribute.1.Value.StringValue={AWS}&MessageAttributeName.1={AWS}",
            f"MessageAttribute.1.Name={AWS}&MessageAttribute.1.Value.StringValue={AWS}&MessageAttributeName.1={HERE}",
        ),
        ("sqs", f"SendMessageBatchRequestEntry.1.MessageAttribute.2.Value.StringValue={AWS}", "="),
        ("lambda", f"Code.S3Key={AWS}&Code.S3ObjectVersion={AWS}", f"Code.S3Key={AWS}&Code.S3ObjectVersion={HERE}"),
        ("iam", f"A=%ff{AWS}&B=%ed%a0%80{AWS}", f"A=%FF{HERE}&B=%ED%A0%80{HERE}"),
        ("iam", f"A=%7B%22Message%22:+%22{AWS}%22%7D", f"A=%7B%22Message%22%3A%20%22{HERE}%22%7D"),
        ("iam", f"Action={AWS}&Signature={AWS}&Timestamp={AWS}", f"Action={AWS}&Signature={AWS}&Timestamp={AWS}"),
        (
            "iam",
            f"PolicyDocument=%7B%22A%22:+%5B%22{AWS}%22%5D%7D&PolicyName=a+b",
            f"PolicyDocument=%7B%22A%22%3A%20%5B%22{HERE}%22%5D%7D&PolicyName=a+b",
        ),
    ],
)
def test_a_forms_values_are_translated(twin: Twin, service: str, body: str, expected: str) -> None:
    """At any step of any name; payload is left alone, and a pair that does not change keeps its spelling."""
    assert (body if expected == "=" else expected).encode() == twin(service, "Any", body, FORM).body


def test_an_upload_in_a_form_stays(twin: Twin) -> None:
    """A browser's upload is the user's own."""
    body = f'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n{AWS}\r\n--x--\r\n'

    assert body.encode() == twin("s3", "Any", body, ("Content-Type", "multipart/form-data; boundary=x")).body


# JSON.


@pytest.mark.parametrize(
    ("service", "action", "tree", "expected"),
    [
        ("kinesis", "Any", {"ShardIterator": AWS, "Limit": 1}, {"ShardIterator": HERE, "Limit": 1}),
        (
            "events",
            "PutRule",
            {"A": [{"B": {"C": [AWS, None, 1.5, True]}}]},
            {"A": [{"B": {"C": [HERE, None, 1.5, True]}}]},
        ),
        ("kms", "Decrypt", {"KeyId": ARN, "é": "é\u2028"}, {"KeyId": ARN_HERE, "é": "é\u2028"}),
        ("kms", "Any", {"Key": AWS, "Keys": [AWS]}, {"Key": HERE, "Keys": [HERE]}),
        ("any", "Any", {AWS: AWS}, {AWS: HERE}),
        ("any", "Any", {"Policy": json.dumps({AWS: AWS})}, {"Policy": json.dumps({HERE: HERE})}),
        ("any", "Any", {"Policy": json.dumps({"é\u2028": ARN})}, {"Policy": json.dumps({"é\u2028": ARN_HERE})}),
        ("any", "Any", [AWS, [AWS]], [HERE, [HERE]]),
        ("any", "Any", {"Policy": json.dumps({"a": [ARN]})}, {"Policy": json.dumps({"a": [ARN_HERE]})}),
        (
            "any",
            "Any",
            {"Outer": json.dumps({"Inner": json.dumps([AWS]), "Message": AWS})},
            {"Outer": json.dumps({"Inner": json.dumps([HERE]), "Message": HERE})},
        ),
        ("any", "Any", {"A": f'{{"broken": {AWS}'}, {"A": f'{{"broken": {HERE}'}),
        ("any", "Any", {"A": '{ "a":  1 }', "B": AWS}, {"A": '{ "a":  1 }', "B": HERE}),
        ("sqs", "SendMessage", {"QueueUrl": AWS, "MessageBody": AWS}, {"QueueUrl": HERE, "MessageBody": AWS}),
        (
            "dynamodb",
            "PutItem",
            {"TableName": AWS, "Item": {"id": {"S": AWS}}, "ExpressionAttributeValues": {":a": {"S": AWS}}},
            {"TableName": HERE, "Item": {"id": {"S": AWS}}, "ExpressionAttributeValues": {":a": {"S": AWS}}},
        ),
        ("dynamodb", "GetItem", {"Key": {"id": {"S": AWS}}}, {"Key": {"id": {"S": AWS}}}),
        (
            "secretsmanager",
            "PutSecretValue",
            {"SecretId": AWS, "SecretString": AWS},
            {"SecretId": HERE, "SecretString": AWS},
        ),
        ("stepfunctions", "StartExecution", {"input": AWS, "name": AWS}, {"input": AWS, "name": HERE}),
        (
            "events",
            "PutEvents",
            {"Entries": [{"Detail": AWS, "Source": AWS}]},
            {"Entries": [{"Detail": AWS, "Source": HERE}]},
        ),
        ("logs", "PutLogEvents", {"logEvents": [{"message": AWS}]}, {"logEvents": [{"message": AWS}]}),
        (
            "lambda",
            "UpdateFunctionCode",
            {"S3Bucket": AWS, "S3Key": AWS, "S3ObjectVersion": AWS},
            {"S3Bucket": HERE, "S3Key": AWS, "S3ObjectVersion": HERE},
        ),
        # JSON in a text has no members of AWS's: nothing in it is payload by its name.
        (
            "events",
            "PutRule",
            {"EventPattern": json.dumps({"detail": {"id": [AWS], "message": AWS}, "key": AWS})},
            {"EventPattern": json.dumps({"detail": {"id": [HERE], "message": HERE}, "key": HERE})},
        ),
        (
            "stepfunctions",
            "CreateStateMachine",
            {"definition": json.dumps({"Parameters": {"Message": AWS}})},
            {"definition": json.dumps({"Parameters": {"Message": HERE}})},
        ),
        # A map's keys may be AWS's own.
        (
            "dynamodb",
            "BatchWriteItem",
            {"RequestItems": {AWS: [{"PutRequest": {"Item": {"id": {"S": AWS}}}}]}},
            {"RequestItems": {HERE: [{"PutRequest": {"Item": {"id": {"S": AWS}}}}]}},
        ),
        ("lambda", "TagResource", {"Tags": {AWS: AWS, "Key": AWS}}, {"Tags": {HERE: HERE, "Key": HERE}}),
        # What is the payload of a model has a shape of its own: its maps are maps, and its blobs are blobs.
        (
            "pinpoint",
            "CreateApp",
            {"Name": AWS, "tags": {"message": AWS, AWS: AWS}},
            {"Name": HERE, "tags": {"message": HERE, HERE: HERE}},
        ),
        # A map's keys are no members: what is under one named like a payload is not the user's.
        (
            "kms",
            "Encrypt",
            {"EncryptionContext": {"message": AWS}, "Plaintext": AWS},
            {"EncryptionContext": {"message": HERE}, "Plaintext": AWS},
        ),
    ],
)
def test_json_is_translated(twin: Twin, service: str, action: str, tree: Any, expected: Any) -> None:
    """Texts at any depth, and in JSON within a text; the user's own payload is left alone."""
    assert expected == json.loads(twin(service, action, json.dumps(tree)).body)


@pytest.mark.parametrize(
    ("blob", "expected"),
    [
        (CIPHERTEXT, CIPHERTEXT_HERE),
        (AWS, AWS),
        (CIPHERTEXT[:60], CIPHERTEXT[:60]),
        (SHORT_BLOB, SHORT_BLOB_HERE),
        (SHORT_BLOB[:-1], SHORT_BLOB[:-1]),
        (CIPHERTEXT + "AAAA", CIPHERTEXT + "AAAA"),
    ],
)
def test_bytes_are_known_as_a_whole(twin: Twin, blob: str, expected: str) -> None:
    """A ciphertext that AWS made is translated; short bytes are the user's own, whatever they look like."""
    body = json.dumps({"CiphertextBlob": blob, "KeyId": AWS})

    assert {"CiphertextBlob": expected, "KeyId": HERE} == json.loads(twin("kms", "Decrypt", body).body)


def test_a_translated_body_is_ascii(twin: Twin) -> None:
    """Whatever stands beside the id, so that no encoding can be wrong for it."""
    body = json.dumps({"Id": AWS, "A": "é\u2028\U0001f600", "B": json.dumps([AWS, "é"], ensure_ascii=False)}).encode()
    spelled = json.dumps(json.loads(body), ensure_ascii=False).encode()
    new = json.dumps({"Id": HERE, "A": "é\u2028\U0001f600", "B": json.dumps([HERE, "é"])}).encode()

    assert new == twin("any", "Any", body).body == twin("any", "Any", spelled).body
    assert new.isascii()


def test_half_a_character_comes_through(twin: Twin) -> None:
    """A lone surrogate that the app has escaped is escaped again."""
    assert b'{"Id": "' + HERE.encode() + b'\\ud800"}' == twin("any", "Any", f'{{"Id":"{AWS}\\ud800"}}').body


def test_a_payload_of_bytes_stays(twin: Twin) -> None:
    """The body of an object and a function's event go through as they are; what is around them does not."""
    put = twin("s3", "PutObject", AWS, target=f"/b/{AWS}?versionId={AWS}")
    invoke = twin("lambda", "Invoke", json.dumps({"id": AWS}), target=f"/functions/{AWS}", protocol="rest-json")

    assert (AWS.encode(), f"/b/{AWS}?versionId={HERE}") == (put.body, put.target)
    assert (json.dumps({"id": AWS}).encode(), f"/functions/{HERE}") == (invoke.body, invoke.target)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (f"not JSON {AWS}", ()),
        (f'{{"a": "{AWS}"', ()),
        (b"\xff\xfe" + AWS.encode(), ()),
        ("[" * 100_000 + f'"{AWS}"', ()),
        (json.dumps(AWS + "x" * MAX_TRANSLATED_BYTES), ()),
        (gzip.compress(json.dumps(AWS + "x" * MAX_TRANSLATED_BYTES).encode()), (("Content-Encoding", "gzip"),)),
        (json.dumps(AWS), (("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),)),
        (gzip.compress(AWS.encode()), ()),
        (gzip.compress(json.dumps(AWS).encode())[:-4], (("Content-Encoding", "gzip"),)),
    ],
)
def test_what_cannot_be_read_stays(twin: Twin, body: bytes | str, fields: tuple[tuple[str, str], ...]) -> None:
    """Broken, too large, in chunks: CloudMock gets it as it is."""
    assert (body.encode() if isinstance(body, str) else body) == twin("any", "Any", body, *fields).body


def test_the_size_that_counts_is_that_without_compression(twin: Twin) -> None:
    """A body just below the limit is translated, compressed or not."""
    body = json.dumps(AWS + "x" * (MAX_TRANSLATED_BYTES - len(AWS) - 2)).encode()
    assert MAX_TRANSLATED_BYTES == len(body)

    new = body.replace(AWS.encode(), HERE.encode())
    packed = twin("any", "Any", gzip.compress(body, 1), ("Content-Encoding", "gzip")).body
    assert new == twin("any", "Any", body).body == gzip.decompress(packed)


# XML.


@pytest.mark.parametrize(
    ("service", "body", "expected"),
    [
        ("s3", f"<A><VersionId>{AWS}</VersionId></A>", f"<A><VersionId>{HERE}</VersionId></A>"),
        (
            "s3",
            f"<Delete><Object><Key>{AWS}</Key><VersionId>{AWS}</VersionId></Object></Delete>",
            f"<Delete><Object><Key>{AWS}</Key><VersionId>{HERE}</VersionId></Object></Delete>",
        ),
        (
            "route53",
            f'<?xml version="1.0"?>\n<A xmlns="http://x/{AWS}">\n  <Id a="{AWS}">{AWS}</Id>\n  <!-- {AWS} -->\n</A>\n',
            f'<?xml version="1.0"?>\n<A xmlns="http://x/{AWS}">\n  <Id a="{AWS}">{HERE}</Id>\n  <!-- {AWS} -->\n</A>\n',
        ),
        ("route53", f"<n:A><n:Id>{AWS}</n:Id></n:A>", f"<n:A><n:Id>{HERE}</n:Id></n:A>"),
        (
            "route53",
            f"<A><B>&quot;a&apos;</B><B>a&amp;{AWS}</B></A>",
            f"<A><B>&quot;a&apos;</B><B>a&amp;{HERE}</B></A>",
        ),
        ("route53", f"<A><B>&amp;lt;{AWS}&lt;</B></A>", f"<A><B>&amp;lt;{HERE}&lt;</B></A>"),
        ("route53", f"  <A>{AWS}</A>", f"  <A>{HERE}</A>"),
        ("sns", f"<A><Message>{AWS}</Message></A>", f"<A><Message>{AWS}</Message></A>"),
        ("route53", f"<A>&#x69;{AWS[1:]}</A>", f"<A>{HERE}</A>"),
        ("route53", f"<A>&#105;{AWS[1:]}&#xE9;&#13;</A>", f"<A>{HERE}é&#13;</A>"),
        ("route53", f"<A><B>&#x69;&#13;&apos;</B><B>{AWS}</B></A>", f"<A><B>&#x69;&#13;&apos;</B><B>{HERE}</B></A>"),
        ("route53", f"<A>&quot;{AWS}&quot;&gt;</A>", f"<A>&quot;{HERE}&quot;&gt;</A>"),
        ("route53", f"<A><{AWS}/></A>", f"<A><{AWS}/></A>"),
    ],
)
def test_xml_is_translated(twin: Twin, service: str, body: str, expected: str) -> None:
    """The texts of elements; all around them keeps its spelling, and payload is left alone."""
    assert expected.encode() == twin(service, "Any", body).body


def test_json_in_xml_is_translated(twin: Twin) -> None:
    """Quotes may be escaped by name or number or not at all, and are afterwards."""
    old, new = (json.dumps({"Resource": arn, "Message": arn}) for arn in (ARN, ARN_HERE))
    expected = f"<A><P>{escape(new, {chr(34): '&quot;'})}</P></A>".encode()

    for quote in ('"', "&quot;", "&#34;", "&#x22;"):
        assert expected == twin("s3", "Any", f"<A><P>{escape(old, {chr(34): quote})}</P></A>").body, quote


# CBOR.


@pytest.mark.parametrize("is_compressed", [False, True])
def test_cbor_is_translated(twin: Twin, *, is_compressed: bool) -> None:
    """Texts at any depth; numbers, bytes and times stay what they are, and so does a compression."""
    # {"AlarmNames": [AWS], "Start": 1(1363896240), "Half": 1.5, "Data": AWS, "Raw": h'01'}
    body = (
        b"\xa5\x6aAlarmNames\x81\x73" + AWS.encode() + b"\x65Start\xc1\x1a\x51\x4b\x67\xb0\x64Half\xf9\x3e\x00"
        b"\x64Data\x73" + AWS.encode() + b"\x63Raw\x41\x01"
    )
    sent, fields = (gzip.compress(body), (("Content-Encoding", "GZIP"),)) if is_compressed else (body, ())
    copied = twin("cloudwatch", "DescribeAlarms", sent, *fields, protocol=CBOR).body

    data = gzip.decompress(copied) if is_compressed else copied
    tree = cbor2.loads(data)
    assert {"AlarmNames": [HERE], "Half": 1.5, "Data": AWS, "Raw": b"\x01"} == {
        key: value for key, value in tree.items() if key != "Start"
    }
    assert b"\x65Start\xc1\x1a\x51\x4b\x67\xb0" in data
    assert data.index(b"AlarmNames") < data.index(b"Start") < data.index(b"Half")


def test_keys_of_maps_in_cbor_are_translated(twin: Twin) -> None:
    """Where the model has a map; keys that are no texts stay."""
    old, new = ({"tags": {name: name, "message": name, 5: name}} for name in (AWS, HERE))
    body = cbor2.dumps(old)

    assert new == cbor2.loads(twin("pinpoint", "CreateApp", body, protocol=CBOR).body)


def test_cbor_in_place_of_json_is_translated(twin: Twin) -> None:
    """As its type says; times in milliseconds and the user's own bytes stay what they are."""
    fields = (("Content-Type", "application/x-amz-cbor-1.1"),)
    old, new = (
        {"ShardIterator": name, "Data": AWS.encode(), "Timestamp": cbor2.CBORTag(1, 1769817600250)}
        for name in (AWS, HERE)
    )

    assert cbor2.dumps(new) == twin("kinesis", "GetRecords", cbor2.dumps(old), *fields).body


def test_broken_cbor_stays(twin: Twin) -> None:
    """So do bytes that are no CBOR at all."""
    body = b"\x82\x73" + AWS.encode()

    assert body == twin("cloudwatch", "DescribeAlarms", body, protocol=CBOR).body


# What depends on the body.


def test_what_is_said_of_the_body_follows(twin: Twin) -> None:
    """Length, hashes and checksums are true of the translated body; a checksum that cannot be made is left out."""
    body = json.dumps({"Id": AWS, "Padding": "x"}).encode()
    fields = (
        ("Content-Length", str(len(body))),
        ("Content-MD5", base64.b64encode(hashlib.md5(body).digest()).decode()),
        ("X-Amz-Content-SHA256", hashlib.sha256(body).hexdigest()),
        ("x-amz-checksum-sha256", base64.b64encode(hashlib.sha256(body).digest()).decode()),
        ("x-amz-checksum-crc32c", "AAAAAA=="),
        ("Other", AWS),
    )
    copy = twin("any", "Any", body, *fields)

    new = json.dumps({"Id": HERE, "Padding": "x"}).encode()
    assert new == copy.body
    assert (
        ("Content-Length", str(len(new))),
        ("Content-MD5", base64.b64encode(hashlib.md5(new).digest()).decode()),
        ("X-Amz-Content-SHA256", hashlib.sha256(new).hexdigest()),
        ("x-amz-checksum-sha256", base64.b64encode(hashlib.sha256(new).digest()).decode()),
        ("Other", AWS),
    ) == copy.headers.fields


def test_a_crc32_follows(twin: Twin) -> None:
    """As S3 wants it for the deletion of objects; what announces it stays."""
    body = f"<Delete><Object><Key>k</Key><VersionId>{AWS}</VersionId></Object></Delete>".encode()
    sent = base64.b64encode(_crc32(body).to_bytes(4)).decode()
    copy = twin("s3", "DeleteObjects", body, ("x-amz-checksum-crc32", sent), ("x-amz-sdk-checksum-algorithm", "CRC32"))

    expected = base64.b64encode(_crc32(body.replace(AWS.encode(), HERE.encode())).to_bytes(4)).decode()
    assert (("x-amz-checksum-crc32", expected), ("x-amz-sdk-checksum-algorithm", "CRC32")) == copy.headers.fields


def _crc32(data: bytes) -> int:
    """Bit by bit."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


# What holds for every request.

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=8,
)
_BODIES = (
    st.binary()
    | st.text('{}[]":,a\\u019.eE-').map(str.encode)
    | st.text("<>/a&;#x!-[] ='\"").map(lambda text: f"<{text}".encode())
    | st.text("a=&%+.ZzÄ").map(str.encode)
    | st.builds(json.dumps, _JSON, ensure_ascii=st.booleans(), indent=st.sampled_from((None, 1))).map(
        lambda text: text.encode("utf-8", "surrogatepass")
    )
)
_OPERATIONS = [
    ("s3", "PutBucketTagging", "rest-xml"),
    ("s3", "PutObject", "rest-xml"),
    ("ec2", "DescribeInstances", "ec2"),
    ("kms", "Decrypt", "json"),
    ("pinpoint", "CreateApp", "rest-json"),
    ("cloudwatch", "DescribeAlarms", CBOR),
    ("nobody", "Knows", ""),
]


@given(
    names=st.sampled_from(_OPERATIONS),
    target=st.text("/?&=%aA0.+;:~é\udcff", min_size=1),
    body=_BODIES | _BODIES.map(gzip.compress),
    fields=st.lists(
        st.tuples(
            st.sampled_from(
                ("x-amz-copy-source", "Content-Length", "content-md5", "x-amz-checksum-crc32c", "If-Match")
            ),
            st.text(),
        )
    ),
    content_type=st.sampled_from(("", FORM[1], "multipart/form-data; boundary=a", "application/json")),
    coding=st.sampled_from(("", "gzip")),
)
def test_a_request_in_which_nothing_is_known_stays(
    services: Services,
    names: tuple[str, str, str],
    target: str,
    body: bytes,
    fields: list[tuple[str, str]],
    content_type: str,
    coding: str,
) -> None:
    """Byte for byte, whatever its target, its headers and its body: it is the same request."""
    service, action, protocol = names
    headers = Headers((*fields, ("Content-Type", content_type), ("Content-Encoding", coding)))
    request = Request("POST", target, headers, body)
    operation = Operation(service, action, protocol, service)

    assert request is substituted(request, operation, services.operation_model(service, action), str)


@given(st.dictionaries(st.text(), _JSON, max_size=3).filter(lambda tree: "Id" not in tree))
def test_in_any_json_the_rest_stays(services: Services, tree: dict[str, object]) -> None:
    """Whatever stands beside an id that is translated means what it did."""
    body = json.dumps({**tree, "Id": AWS}).encode()
    operation = Operation("any", "Any", "json", "any")
    copy = substituted(Request("POST", "/", Headers(), body), operation, None, translate)

    assert repr({**tree, "Id": HERE}) == repr(json.loads(copy.body))


@given(
    target=st.text("/?&=%afe0.+;:~é\udcff", max_size=20),
    body=st.text("a=&%fe0+Zé\udcff", max_size=20).map(lambda text: text.encode("utf-8", "surrogateescape")),
    service=st.sampled_from(("s3", "lambda")),
)
def test_beside_any_target_an_id_is_translated(services: Services, target: str, body: bytes, service: str) -> None:
    """However odd the rest of target and form is, it means the same bytes as before."""
    request = Request("POST", f"/{target}&VersionId={AWS}", Headers((FORM,)), body + b"&Id=" + AWS.encode())
    copy = substituted(request, Operation(service, "Any", "query", service), None, translate)

    if "?" in target:
        assert unquote_to_bytes(
            f"/{target}&VersionId={HERE}".replace("+", "%20").encode("utf-8", "surrogateescape")
        ) == (unquote_to_bytes(copy.target.replace("+", "%20").encode("utf-8", "surrogateescape")))
    assert copy.body.endswith(b"&Id=" + HERE.encode())
    assert copy.body.startswith(body)
