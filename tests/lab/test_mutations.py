"""The faults alone: each kind changes what it says and nothing else, in every notation."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any
from xml.etree.ElementTree import Element

import cbor2
import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.values.http import Headers, Reply, Request
from cloudmock_contract.values.operation import Operation
from lab.mutations.change import Change, Context
from lab.mutations.kinds import KINDS, dotted, faulted, learn
from lab.mutations.new_values import Memory, id_kind, is_hash, other_notation, shifted
from lab.mutations.replies import draft, parse_xml

SERVICES = Services()
SEEDS = range(30)


@dataclass(frozen=True)
class Example:
    """A reply of an operation."""

    operation: Operation
    reply: Reply


def example(service: str, action: str, protocol: str, body: bytes, status: int = 200, **headers: str) -> Example:
    fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    operation = Operation(service, action, protocol, service, "us-east-1")
    return Example(operation, Reply(status, Headers((*fields, ("Content-Length", str(len(body))))), body))


TABLE = {
    "Table": {
        "TableName": "users",
        "TableStatus": "ACTIVE",
        "CreationDateTime": 1_700_000_000.5,
        "ItemCount": 3,
        "TableArn": "arn:aws:dynamodb:us-east-1:111111111111:table/users",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
    }
}
JSON = example("dynamodb", "DescribeTable", "json", json.dumps(TABLE).encode(), x_amz_crc32="1")
JSON_ERROR = example(
    "dynamodb", "GetItem", "json", b'{"__type": "com.amazonaws#ResourceNotFoundException", "message": "No"}', 400
)
REST_ERROR = example(
    "lambda", "GetFunction", "rest-json", b'{"message": "No"}', 404, x_amzn_ErrorType="ResourceNotFoundException:x"
)
S3_LIST = example(
    "s3",
    "ListObjectsV2",
    "rest-xml",
    b'<?xml version="1.0"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>box</Name>'
    b"<KeyCount>2</KeyCount><Contents><Key>a</Key><LastModified>2024-01-02T03:04:05.000Z</LastModified>"
    b"<ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag><StorageClass>STANDARD</StorageClass></Contents>"
    b"<Contents><Key>b</Key></Contents></ListBucketResult>",
)
S3_GET = example("s3", "GetObject", "rest-xml", b"contents", ETag='"0123456789abcdef0123456789abcdef"')
S3_ERROR = example(
    "s3", "GetObject", "rest-xml", b"<Error><Code>NoSuchKey</Code><Message>No</Message><HostId>h</HostId></Error>", 404
)
EC2 = example(
    "ec2",
    "DescribeVpcs",
    "ec2",
    b'<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><vpcSet>'
    b"<item><vpcId>vpc-0123456789abcdef0</vpcId><state>available</state><cidrBlock>10.0.0.0/16</cidrBlock></item>"
    b"</vpcSet></DescribeVpcsResponse>",
)
EC2_ERROR = example(
    "ec2",
    "DescribeVpcs",
    "ec2",
    b"<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code></Error></Errors><RequestID>r</RequestID></Response>",
    400,
)
QUERY = example(
    "iam",
    "ListUsers",
    "query",
    b'<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult><Users>'
    b"<member><UserName>ada</UserName><CreateDate>2024-01-02T03:04:05Z</CreateDate></member>"
    b"<member><UserName>bob</UserName></member></Users><IsTruncated>false</IsTruncated></ListUsersResult>"
    b"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></ListUsersResponse>",
)
CBOR = example(
    "cloudwatch",
    "DescribeAlarms",
    "smithy-rpc-v2-cbor",
    cbor2.dumps(
        {
            "MetricAlarms": [
                {"AlarmName": "a", "StateValue": "OK", "StateUpdatedTimestamp": datetime(2024, 1, 2, tzinfo=UTC)},
                {"AlarmName": "b", "Threshold": 1.5},
            ]
        },
        datetime_as_timestamp=True,
    ),
    smithy_protocol="rpc-v2-cbor",
)
EXAMPLES = (JSON, JSON_ERROR, REST_ERROR, S3_LIST, S3_GET, S3_ERROR, EC2, EC2_ERROR, QUERY, CBOR)

OTHER_ARN = "arn:aws:dynamodb:us-east-1:111111111111:table/orders"
OTHER_VPC = "vpc-fedcba9876543210f"


def context_of(case: Example, seed: int = 1) -> Context:
    """With ids in mind that an earlier reply has held."""
    model = SERVICES.operation_model(case.operation.service, case.operation.action)
    assert model is not None
    memory = Memory()
    for text in (TABLE["Table"]["TableArn"], OTHER_ARN, "vpc-0123456789abcdef0", OTHER_VPC):
        memory.learn(str(text), id_kind(str(text), "", ""))
    return Context(case.operation, model, Request("POST", "/", Headers(), b""), memory, Random(seed))


def mutated(kind: str, case: Example, seed: int = 1) -> tuple[Reply, Change] | None:
    """The reply with a fault of the kind."""
    context = context_of(case, seed)
    changed = draft(case.reply, case.operation, context.model)
    change = KINDS[kind][0](changed, context)
    return (changed.reply(has_body=True), change) if change else None


def tree(reply: Reply) -> Any:
    """The body as plain values, whatever its notation."""
    if reply.body.startswith(b"<"):
        return ("xml", _plain(parse_xml(reply.body)))
    if reply.body.startswith(b"{"):
        return json.loads(reply.body)
    return cbor2.loads(reply.body) if reply.body[:1] >= b"\x80" else reply.body


def _plain(element: Element) -> Any:
    return (
        element.tag,
        dict(element.attrib),
        ("" if len(element) else element.text or ""),
        [_plain(child) for child in element],
    )


def changes(was: Any, now: Any) -> int:
    """How many places differ; a whole list or object that has other names or another length is one place."""
    match was, now:
        case (dict(), dict()) if was.keys() == now.keys():
            return sum(changes(was[key], now[key]) for key in was)
        case (list() | tuple(), list() | tuple()) if len(was) == len(now):
            return sum(changes(*pair) for pair in zip(was, now, strict=True))
    return int((type(was), was) != (type(now), now))


def value_at(reply: Reply, path: tuple[str | int, ...]) -> Any:
    value = tree(reply)
    for step in path:
        value = value[step]
    return value


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_example(kind: str) -> None:
    """No kind is for replies that do not exist."""
    assert any(mutated(kind, case) for case in EXAMPLES)


MAX_PLACES = {"member_renamed": 2, "error_envelope": 9}
"""Where not one: a flattened list has its name in every item, and an envelope is around everything."""


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"items_reordered", "body_truncated"}))
def test_a_fault_changes_one_place(kind: str) -> None:
    """Body, headers or status differ in one place, whichever place the seed has chosen."""
    for case in EXAMPLES:
        for seed in SEEDS:
            if mutation := mutated(kind, case, seed):
                reply, _change = mutation
                places = changes(tree(case.reply), tree(reply)) + changes(case.reply.status, reply.status)
                headers = [
                    set(some.headers.fields) - {("Content-Length", str(len(some.body))), ("x-amz-crc32", "1")}
                    for some in (case.reply, reply)
                ]
                places += len(headers[0] - headers[1])

                assert 1 <= places <= MAX_PLACES.get(kind, 1), (case.operation.name, seed)


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda case: f"{case.operation.name}-{case.reply.status}")
def test_the_length_is_mended(case: Example) -> None:
    """The faulted reply has one Content-Length, which is its body's, and no checksum of the body that it had."""
    for kind in KINDS:
        if mutation := mutated(kind, case):
            reply, _change = mutation

            assert (str(len(reply.body)),) == reply.headers.values("content-length")
            assert "x-amz-crc32" not in reply.headers


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda case: f"{case.operation.name}-{case.reply.status}")
def test_request_ids_stay(case: Example) -> None:
    """No fault of any kind is in a request id."""
    for kind in KINDS:
        for seed in SEEDS:
            mutation = mutated(kind, case, seed)

            assert not mutation or "requestid" not in dotted(mutation[1].wire).lower()


@pytest.mark.parametrize(
    ("kind", "case", "now"),
    [
        ("enum_changed", CBOR, {"ALARM", "INSUFFICIENT_DATA"}),
        ("id_replaced", EC2, {OTHER_VPC}),
        ("id_replaced", JSON, {OTHER_ARN}),
        ("timestamp_format", JSON, {"2023-11-14T22:13:20.500000Z"}),
        ("timestamp_format", CBOR, {"2024-01-02T00:00:00Z"}),
        ("null", CBOR, {None}),
        ("status", EC2, {201, 202, 404, 500}),
        ("status", EC2_ERROR, {200, 403, 404, 409, 500}),
    ],
    ids=lambda value: getattr(getattr(value, "operation", None), "name", None),
)
def test_values(kind: str, case: Example, now: set[object]) -> None:
    """The kind puts one of these values."""
    mutation = mutated(kind, case)

    assert mutation
    assert mutation[1].now in now


@pytest.mark.parametrize(
    "kind", ["other_value", "other_type", "null", "enum_changed", "timestamp_value", "id_replaced"]
)
def test_a_place_in_json_is_the_value_that_was_changed(kind: str) -> None:
    """The logged place, before and after, are those in the two bodies."""
    for seed in SEEDS:
        mutation = mutated(kind, JSON, seed)
        assert mutation
        reply, change = mutation

        assert change.was == value_at(JSON.reply, change.wire)
        assert change.now == value_at(reply, change.wire)
        assert change.was != change.now


def test_names_of_the_model_and_of_the_wire() -> None:
    """A place is given in both."""
    mutation = mutated("id_replaced", EC2)

    assert mutation
    assert ("Vpcs[0].VpcId", "vpcSet[0].vpcId") == (dotted(mutation[1].path), dotted(mutation[1].wire))


@pytest.mark.parametrize(("case", "step"), [(JSON, "KeySchema"), (S3_LIST, "Contents"), (QUERY, "Users")])
def test_lists(case: Example, step: str) -> None:
    """An item is dropped or doubled, or both items change places, in a flattened list as in any other."""
    keys = {"KeySchema": "AttributeName", "Contents": "Key", "Users": "UserName"}

    def names(reply: Reply) -> list[str]:
        spots = draft(reply, case.operation, context_of(case).model).spots
        return [str(spot.value) for spot in spots if step in spot.path and spot.name == keys[step]]

    first, second = names(case.reply)

    def after(kind: str) -> set[tuple[str, ...]]:
        mutation = (mutated(kind, case, seed) for seed in SEEDS)
        return {tuple(names(reply)) for reply, _change in filter(None, mutation)}

    assert {(first,), (second,)} == after("item_dropped")
    assert {(first, first, second), (first, second, second)} == after("item_duplicated")
    assert {(second, first)} == after("items_reordered")


def test_an_error_code_in_body_and_header_changes_in_both() -> None:
    """A reply that named two errors would be another fault."""
    case = example(
        "lambda", "GetFunction", "rest-json", b'{"code": "Missing", "message": "No"}', 404, x_amzn_ErrorType="Missing:x"
    )
    mutation = mutated("error_code", case)

    assert mutation
    assert f"{mutation[1].now}:x" == mutation[0].headers.get("x-amzn-errortype")
    assert mutation[1].now == json.loads(mutation[0].body)["code"]


def test_truncation_of_contents_is_a_difference_in_data() -> None:
    """Bytes without a notation are not unreadable for being fewer."""
    contents, document = mutated("body_truncated", S3_GET), mutated("body_truncated", JSON)

    assert contents
    assert document
    assert ("data", "") == (contents[1].expected, document[1].expected)
    assert S3_GET.reply.body.startswith(contents[0].body)
    assert JSON.reply.body.startswith(document[0].body)


def test_a_generated_value_is_neither_plain_nor_known_at_first() -> None:
    """Another value for an id that nobody has seen before is no fault that anybody could find."""
    case = example("ec2", "CreateVpc", "ec2", b"<R><vpc><vpcId>vpc-11111111111111111</vpcId></vpc></R>")

    assert mutated("other_value", case) is None
    assert mutated("id_replaced", case) is None


def test_ids_are_learned_from_replies() -> None:
    """What a reply has held can take the place of what another has held."""
    context = context_of(EC2)
    empty = Context(context.operation, context.model, context.request, Memory(), context.random)
    learn(EC2.reply, empty)
    learn(Reply(200, Headers(), EC2.reply.body.replace(b"0123456789abcdef0", b"1" * 17)), empty)

    assert ["vpc-" + "1" * 17] == empty.memory.others("vpc-0123456789abcdef0")


def test_the_rarest_kind_is_chosen() -> None:
    """Every kind gets about the same number."""
    counts = Counter({**dict.fromkeys(KINDS, 5), "enum_changed": 4})
    mutation = faulted(JSON.reply, context_of(JSON), counts)

    assert mutation
    assert "enum_changed" == mutation[1].kind


def test_values_of_a_kind() -> None:
    """Times stay the same instant in another notation (more digits are none); hashes are told by their names."""
    notations = {other_notation("2024-01-02T03:04:05Z", Random(seed), is_text=True) for seed in SEEDS}

    assert {
        "2024-01-02T03:04:05",
        "2024-01-02T03:04:05+00:00",
        "Tue, 02 Jan 2024 03:04:05 GMT",
    } == notations
    assert "T03:04:05.000Z" == str(shifted("2024-01-02T03:04:05.000Z", Random(1)))[10:]
    assert is_hash('"0123456789abcdef0123456789abcdef"', "ETag", "s3")
    assert not is_hash("E2QWRUHAPOMQZL", "ETag", "cloudfront")
