"""The verdict on two replies."""

import itertools
import json
from typing import Any

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import SdkCatalog
from cloudmock_contract.comparison.identifiers.id_map import Identifiers
from cloudmock_contract.comparison.identifiers.own_hosts import OwnHosts
from cloudmock_contract.comparison.rules.rules import Rule, Rules, Tolerate
from cloudmock_contract.comparison.tolerance import IDENTIFIERS, TIMESTAMPS, TRANSITIONAL, ForgivenessPolicy
from cloudmock_contract.comparison.verdict import judge, too_deep, worst
from cloudmock_contract.values.difference import Difference, Kind, SdkEffect, Severity
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.exchange import Verdict
from cloudmock_contract.values.http import Failure

_NO_RULES = Rules()
_ID = Rules((Rule("RequestId"),))
_TOLERANT = Rules(tolerate=Tolerate(identifiers=True, timestamps=300.0, transitional=True))
_SDK_CATALOG = SdkCatalog(Services())


def _verdict(
    operation: str, aws: Document | Failure, cloudmock: Document | Failure, rules: Rules, protocol: str = ""
) -> Verdict:
    service, action = operation.split(".")
    sdk_operation = _SDK_CATALOG.of(service, action)
    return judge(
        aws,
        cloudmock,
        ForgivenessPolicy(rules.of_operation(operation), sdk_operation, Identifiers(), OwnHosts()),
        protocol,
    )


def _judged(aws: dict[str, Any], cloudmock: dict[str, Any], rules: Rules = _NO_RULES) -> Verdict:
    return _verdict("dynamodb.GetItem", Document(200, aws), Document(200, cloudmock), rules)


def _modelled(
    operation: str, aws: dict[str, Any], cloudmock: dict[str, Any], rules: Rules = _NO_RULES, protocol: str = "json"
) -> Verdict:
    """The verdict on two successful replies, of which the operation's model says what they may be."""
    model = _SDK_CATALOG.of(*operation.split(".")).model
    assert model is not None
    return _verdict(
        operation,
        Document(200, aws, shape=model.output_shape),
        Document(200, cloudmock, shape=model.output_shape),
        rules,
        protocol,
    )


def _lines(verdict: Verdict) -> list[str]:
    return [str(difference) for difference in verdict.differences]


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected", "severity"),
    [
        ({"Item": {"a": {"S": "x"}}}, {"Item": {"a": {"S": "x"}}}, [], None),
        ({"Count": 1}, {"Count": 1.0}, [], None),
        ({"Count": float("nan")}, {"Count": float("nan")}, [], None),
        ({"On": True}, {"On": 1}, ["On: type boolean -> number"], "schema"),
        ({"Count": "1"}, {"Count": 1}, ["Count: type string -> number"], "schema"),
        ({"Next": None}, {}, ["Next: missing key"], "schema"),
        ({}, {"Next": None}, ["Next: extra key"], "schema"),
        ({"Next": None}, {"Next": ""}, ["Next: type null -> string"], "schema"),
        ({"Name": "a"}, {"Name": "b"}, ['Name: "a" -> "b"'], "data"),
        ({"x": [1, 2, 3]}, {"x": [1]}, ["x[1]: missing key", "x[2]: missing key"], "schema"),
        ({"x": [1]}, {"x": [2, 3]}, ["x[0]: 1 -> 2", "x[1]: extra key"], "schema"),
        ({"x": [1, 2]}, {"x": [2, 1]}, ["x: order [0, 1] -> [1, 0]"], "data"),
        ({"x": [1, 2, 3]}, {"x": [2, 3]}, ["x[0]: missing key"], "schema"),
        ({"x": '{"a": 1}'}, {"x": '{"a":1}'}, [], None),
        ({"x": '{"a": 1}'}, {"x": '{"a": 2}'}, ["x.a: 1 -> 2"], "data"),
        (
            {"x": "2024-01-02T03:04:05Z"},
            {"x": "2024-01-02T03:04:05+00:00"},
            ['x: "2024-01-02T03:04:05Z" -> "2024-01-02T03:04:05+00:00"'],
            "schema",
        ),
        ({"x": [1]}, {"x": {"0": 1}}, ["x: type array -> object"], "schema"),
        ({"x": {}}, {"x": []}, ["x: type object -> array"], "schema"),
        ({"a.b": {"c[0]": 1}}, {"a.b": {"c[0]": 2}}, ["a.b.c[0]: 1 -> 2"], "data"),
        ({"x": {"__y": {"z": 1}}}, {"x": {"__y": {"z": 2}}}, ["x.__y.z: 1 -> 2"], "data"),
        (
            {"T": {"Name": "t", "Arn": "x", "Keys": [{"K": "HASH"}]}},
            {"T": {"Name": "u", "Keys": [{"K": 1}], "More": {}}},
            ["T.Arn: missing key", "T.Keys[0].K: type string -> number", "T.More: extra key", 'T.Name: "t" -> "u"'],
            "schema",
        ),
    ],
)
def test_answers_are_compared(
    aws: dict[str, Any], cloudmock: dict[str, Any], expected: list[str], severity: str | None
) -> None:
    """Every difference of two successful answers is told in its line, and the worst of them is the severity."""
    verdict = _judged(aws, cloudmock)

    assert (expected, severity) == (_lines(verdict), verdict.severity)
    assert verdict.matched is not bool(expected)


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (Failure("AWS is down."), Document(200, {"a": 1}), ["aws: AWS is down."]),
        (Document(500, {}), Failure("It timed out."), ["cloudmock: It timed out."]),
        (Failure("AWS is down."), Failure("It timed out."), ["aws: AWS is down.", "cloudmock: It timed out."]),
    ],
)
def test_a_side_without_reply_is_an_error(
    aws: Document | Failure, cloudmock: Document | Failure, expected: list[str]
) -> None:
    """A side that gave no reply is named with its reason, and nothing is compared with the other side's reply."""
    verdict = _verdict("s3.GetObject", aws, cloudmock, _ID)

    assert (expected, Severity.ERROR) == (_lines(verdict), verdict.severity)
    assert {Kind.FAILURE} == {difference.kind for difference in verdict.differences}


@pytest.mark.parametrize(("aws", "cloudmock"), [(200, 404), (404, 200), (204, 500), (304, 200), (200, 301)])
def test_an_error_against_a_success_is_the_status_alone(aws: int, cloudmock: int) -> None:
    """Where one side succeeds and the other does not, their members are not compared: only the status is told."""
    aws_document, cloudmock_document = (
        Document(aws, {"a": 1, "RequestId": "x"}),
        Document(cloudmock, {"b": 2, "RequestId": "y"}, "not JSON"),
    )
    verdict = _verdict("s3.GetObject", aws_document, cloudmock_document, _ID)

    expected = Difference(("status",), Kind.STATUS, aws, cloudmock)
    assert ((expected,), {}, Severity.STATUS) == (verdict.differences, verdict.forgiven, verdict.severity)
    assert SdkEffect.EXCEPTION is verdict.effects[0]
    assert [f"status: {aws} -> {cloudmock}"] == _lines(verdict)


@pytest.mark.parametrize(("aws", "cloudmock"), [(200, 201), (400, 404), (304, 500)])
def test_another_status_of_the_same_kind_is_one_difference_more(aws: int, cloudmock: int) -> None:
    """Two successes, or two errors, of different status are compared as well, and the status comes first."""
    aws_document, cloudmock_document = (
        Document(aws, {"__type": "A", "x": 1}),
        Document(cloudmock, {"__type": "B", "x": 1}),
    )
    verdict = _verdict("dynamodb.GetItem", aws_document, cloudmock_document, _NO_RULES)

    assert [f"status: {aws} -> {cloudmock}", '__type: "A" -> "B"'] == _lines(verdict)
    assert Severity.STATUS is verdict.severity


def test_equal_errors_match() -> None:
    """Two error replies of one status with the same members are a match."""
    error = Document(400, {"__type": "ResourceNotFoundException", "message": "no such table"})

    assert Verdict((), {}, None) == _verdict("dynamodb.GetItem", error, error, _NO_RULES)


@pytest.mark.parametrize(
    ("aws_flaw", "cloudmock_flaw", "expected"),
    [
        ("", "", []),
        ("", "not JSON: x", ["body: parsable -> not JSON: x"]),
        ("not XML: y", "", ["body: not XML: y -> parsable"]),
        ("not JSON: x", "not JSON: z", []),
    ],
)
def test_a_body_that_one_side_alone_got_wrong_is_a_difference(
    aws_flaw: str, cloudmock_flaw: str, expected: list[str]
) -> None:
    """A body that cannot be read is named if the other side's can; where both cannot, their bytes are what counts."""
    aws_document, cloudmock_document = (
        Document(200, {"body": {"length": 1}}, aws_flaw),
        Document(200, {"body": {"length": 1}}, cloudmock_flaw),
    )
    verdict = _verdict("dynamodb.GetItem", aws_document, cloudmock_document, _NO_RULES)

    assert expected == _lines(verdict)
    assert (Severity.SCHEMA if expected else None) is verdict.severity


def test_what_rules_forgive_does_not_count() -> None:
    """Forgiven differences leave a match, with the number that each rule forgave."""
    aws = {"RequestId": "1", "Metadata": {"RequestId": "2"}, "Users": [{"Arn": "a"}, {"Arn": "b"}], "Same": 1}
    cloudmock = {"RequestId": "3", "Metadata": {}, "Users": [{"Arn": "c"}, {"Arn": "d"}], "Same": 1}
    verdict = _judged(aws, cloudmock, Rules((Rule("RequestId"), Rule("Users[*].Arn"), Rule("Same"))))

    assert Verdict((), {"RequestId": 2, "Users[*].Arn": 2}, None) == verdict


def test_what_rules_do_not_forgive_counts() -> None:
    """A rule takes away what it fits and nothing else, and the severity is that of what is left."""
    rules = Rules((Rule("Arn", operation="dynamodb.*"), Rule("Name", operation="s3.*")))
    verdict = _judged({"Name": "a", "Arn": 1}, {"Name": "b"}, rules)

    left = Difference(("Name",), Kind.VALUE, "a", "b")
    assert Verdict((left,), {"Arn in dynamodb.*": 1}, Severity.DATA, (SdkEffect.DATA,)) == verdict


def test_rules_do_not_forgive_a_status() -> None:
    """A rule that names a member called status leaves the HTTP status alone."""
    verdict = _verdict("s3.GetObject", Document(200, {}), Document(201, {}), Rules((Rule("status"),)))

    expected = ["status: 200 -> 201"]
    assert expected == _lines(verdict)


def _deep(depth: int, leaf: object, *, of_lists: bool) -> dict[str, Any]:
    tree = leaf
    for _ in range(depth):
        tree = [tree] if of_lists else {"a": tree}
    return {"top": tree}


@pytest.mark.parametrize("of_lists", [False, True])
@pytest.mark.parametrize("depth", [10, 50, 5_000])
def test_deep_trees_are_no_crash(depth: int, *, of_lists: bool) -> None:
    """Two replies that differ at the bottom mismatch with one difference, however deep they are nested."""
    verdict = _judged(_deep(depth, 1, of_lists=of_lists), _deep(depth, 2, of_lists=of_lists))

    expected = (["body: parsable -> nested too deep to be compared"], Severity.SCHEMA)
    if depth <= 50:
        expected = ([f"top{('[0]' if of_lists else '.a') * depth}: 1 -> 2"], Severity.DATA)
    assert expected == (_lines(verdict), verdict.severity)


@pytest.mark.parametrize("step", [10, 1])
def test_large_lists_are_compared_item_by_item(step: int) -> None:
    """A list of 1,000 items with many changes gives exactly these."""
    items = [
        {"Id": number, "Name": f"name-{number}", "Tags": [{"Key": "k", "Value": "v"}] * 3} for number in range(1_000)
    ]
    aws, cloudmock = {"Items": items}, {"Items": json.loads(json.dumps(items))}
    for number in range(0, 1_000, step):
        cloudmock["Items"][number]["Tags"][1]["Value"] = f"changed-{number}"
    verdict = _judged(aws, cloudmock)

    assert [
        Difference(("Items", number, "Tags", 1, "Value"), Kind.VALUE, "v", f"changed-{number}")
        for number in range(0, 1_000, step)
    ] == list(verdict.differences)


@pytest.mark.parametrize(
    ("operation", "aws", "cloudmock", "protocol", "expected"),
    [
        # A number where the model wants one is a time in seconds.
        (
            "dynamodb.DescribeTable",
            {"Table": {"CreationDateTime": 1_700_000_000}},
            {"Table": {"CreationDateTime": 1_700_000_000_000}},
            "json",
            [(Kind.FORMAT, "the model wants a timestamp in unixtimestamp")],
        ),
        (
            "dynamodb.DescribeTable",
            {"Table": {"CreationDateTime": 1_700_000_000}},
            {"Table": {"CreationDateTime": "2023-11-14T22:13:20Z"}},
            "json",
            [(Kind.TYPE, "the model wants a timestamp in unixtimestamp")],
        ),
        (
            "iam.GetUser",
            {"User": {"CreateDate": "2023-11-14T22:13:20Z"}},
            {"User": {"CreateDate": "2023-11-14T22:13:20+00:00"}},
            "query",
            [(Kind.FORMAT, "the model wants a timestamp in iso8601")],
        ),
        (
            "iam.GetUser",
            {"User": {"CreateDate": "2023-11-14T22:13:20Z"}},
            {"User": {"CreateDate": "2023-11-14T22:13:20.000Z"}},
            "query",
            [(Kind.VALUE, "")],
        ),
        (
            "iam.GetUser",
            {"User": {"CreateDate": "2023-11-14T22:13:20Z"}},
            {"User": {"CreateDate": "2020-11-14T22:13:20Z"}},
            "query",
            [(Kind.VALUE, "")],
        ),
        (
            "dynamodb.DescribeTable",
            {"Table": {"ItemCount": 1}},
            {"Table": {"ItemCount": "1"}},
            "json",
            [(Kind.TYPE, "the model wants long, not string")],
        ),
        (
            "dynamodb.DescribeTable",
            {"Table": {"TableStatus": "ACTIVE"}},
            {"Table": {"TableStatus": "Ready"}},
            "json",
            [(Kind.VALUE, "the model does not list this value")],
        ),
        (
            "dynamodb.DescribeTable",
            {"Table": {"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}},
            {"Table": {"KeySchema": [{"AttributeName": "a"}], "Extra": 1}},
            "json",
            [(Kind.EXTRA, "the model does not know it"), (Kind.MISSING, "the model requires it")],
        ),
        (
            "dynamodb.DescribeTable",
            {"Table": {"TableName": "a"}},
            {"Table": {"TableId": "b"}},
            "json",
            [(Kind.EXTRA, ""), (Kind.MISSING, "")],
        ),
    ],
)
def test_violations_of_the_model_are_named(
    operation: str, aws: dict[str, Any], cloudmock: dict[str, Any], protocol: str, expected: list[tuple[Kind, str]]
) -> None:
    """What CloudMock answers is checked against the model, and a time in another notation is another format."""
    verdict = _modelled(operation, aws, cloudmock, protocol=protocol)

    assert expected == [(difference.kind, difference.violation) for difference in verdict.differences]


def test_another_notation_of_the_same_time_is_not_forgiven() -> None:
    """Times may be apart, but an SDK that reads the one may not read the other."""
    verdict = _judged({"CreatedAt": 1_700_000_000}, {"CreatedAt": 1_700_000_000_000}, _TOLERANT)

    assert ([Kind.FORMAT], Severity.SCHEMA) == ([each.kind for each in verdict.differences], verdict.severity)


def test_values_that_differ_by_design_match() -> None:
    """Identifiers, times and states in transit leave a match, with the number of each."""
    aws = {
        "Table": {
            "TableId": "6f1ed002-ab5d-4c0a-9c0a-0b1c2d3e4f50",
            "CreationDateTime": 1_700_000_000.25,
            "TableStatus": "CREATING",
            "TableArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders",
        }
    }
    cloudmock = {
        "Table": {
            "TableId": "c9bf9e57-1685-4c89-bafb-ff5af830be8a",
            "CreationDateTime": 1_700_000_001.5,
            "TableStatus": "ACTIVE",
            "TableArn": "arn:aws:dynamodb:eu-west-1:000000000000:table/orders",
        }
    }
    verdict = _modelled("dynamodb.DescribeTable", aws, cloudmock, _TOLERANT)

    assert Verdict((), {IDENTIFIERS: 2, TIMESTAMPS: 1, TRANSITIONAL: 1}) == verdict
    assert 4 == len(_modelled("dynamodb.DescribeTable", aws, cloudmock).differences)


def test_an_id_that_stands_for_two_is_a_difference() -> None:
    """Within one reply as well: the second position at which the id has another partner is named."""
    aws = {"A": {"VpcId": "vpc-0a1b2c3d"}, "B": {"VpcId": "vpc-0a1b2c3d"}, "C": {"VpcId": "vpc-1a1b2c3d"}}
    cloudmock = {"A": {"VpcId": "vpc-9f8e7d6c"}, "B": {"VpcId": "vpc-8f8e7d6c"}, "C": {"VpcId": "vpc-9f8e7d6c"}}
    verdict = _judged(aws, cloudmock, _TOLERANT)

    assert ["B.VpcId", "C.VpcId"] == [difference.location for difference in verdict.differences]
    assert {IDENTIFIERS: 1} == verdict.forgiven


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ("{urn:s3}A", "{urn:s3}A", []),
        ("{urn:s3}A", "A", ['root: "{urn:s3}A" -> "A"']),
        ("A", "B", ['root: "A" -> "B"']),
        ("", "A", []),
        ("A", "", []),
    ],
)
def test_the_envelope_is_compared(aws: str, cloudmock: str, expected: list[str]) -> None:
    """The root of an XML body and its namespace are compared where both sides have one."""
    verdict = _verdict("s3.ListObjects", Document(200, {}, root=aws), Document(200, {}, root=cloudmock), _NO_RULES)

    assert expected == _lines(verdict)
    assert (Severity.SCHEMA if expected else None) is verdict.severity


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (Document(200, {}), Document(200, {}, lacks="AResult"), ["AResult: missing key"]),
        (Document(200, {}, lacks="AResult"), Document(200, {}), ["AResult: extra key"]),
        (Document(200, {}, lacks="AResult"), Document(200, {}, lacks="AResult"), []),
        (Document(200, {}, "empty"), Document(200, {}, lacks="AResult"), ["body: empty -> parsable"]),
        (Document(200, {}, lacks="AResult"), Document(200, {}, "empty"), ["body: parsable -> empty"]),
    ],
)
def test_what_is_around_all_members_is_told(aws: Document, cloudmock: Document, expected: list[str]) -> None:
    """Where one side alone lacks it; of a body that cannot be read, it is that which is told."""
    verdict = _verdict("sns.TagResource", aws, cloudmock, _NO_RULES)

    assert expected == _lines(verdict)
    assert (Severity.SCHEMA if expected else None) is verdict.severity


def test_without_the_wrapper_sdks_read_nothing() -> None:
    """Some raise an error, and the report says why."""
    verdict = _verdict("sns.TagResource", Document(200, {}), Document(200, {}, lacks="AResult"), _NO_RULES)

    assert ["SDKs look for all members in it"] == [difference.violation for difference in verdict.differences]
    assert SdkEffect.UNPARSABLE in verdict.effects


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ("CBOR", "JSON", ["body: in CBOR -> in JSON"]),
        ("JSON", "event stream", ["body: in JSON -> in event stream"]),
        ("JSON", "JSON", []),
        ("JSON", "", []),
        ("", "XML", []),
    ],
)
def test_another_notation_of_the_body_is_told(aws: str, cloudmock: str, expected: list[str]) -> None:
    """Whoever asked in the one cannot read the other, whatever it says."""
    documents = [Document(200, {"A": 1}, notation=notation) for notation in (aws, cloudmock)]
    verdict = _verdict("kinesis.ListStreams", documents[0], documents[1], _NO_RULES)

    assert expected == _lines(verdict)
    assert ((SdkEffect.UNPARSABLE, SdkEffect.DATA) if expected else ()) == verdict.effects


_POLICY, _ENCODED = '{"Version":"2012-10-17"}', "%7B%22Version%22%3A%222012-10-17%22%7D"


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_ENCODED, _POLICY, Kind.FORMAT),
        (_POLICY, _ENCODED, Kind.FORMAT),
        (_ENCODED, _POLICY.replace("2012", "2008"), Kind.FORMAT),
        (_ENCODED, _ENCODED.replace("%3A", "%3A%20"), None),
        (_ENCODED, "%7B", Kind.VALUE),
        (_ENCODED, "none", Kind.VALUE),
        ("100%", "100 %", Kind.VALUE),
    ],
)
@pytest.mark.parametrize("rules", [_NO_RULES, _TOLERANT])
def test_a_document_is_encoded_on_both_sides_or_on_none(
    aws: str, cloudmock: str, expected: Kind | None, rules: Rules
) -> None:
    """Most SDKs give the app the text as it came."""
    verdict = _judged({"Policy": aws}, {"Policy": cloudmock}, rules)

    assert ([] if expected is None else [expected]) == [difference.kind for difference in verdict.differences]
    assert (None if expected is None else {Kind.FORMAT: "schema", Kind.VALUE: "data"}[expected]) == verdict.severity


_METRICS = ("cloudwatch.GetMetricStatistics", "smithy-rpc-v2-cbor", "Datapoints", "Timestamp")
_KINESIS = ("kinesis.GetRecords", "json", "Records", "ApproximateArrivalTimestamp")


@pytest.mark.parametrize(
    ("where", "aws", "cloudmock", "expected"),
    [
        (_METRICS, " (tag 1)", " (tag 1)", ""),
        (_METRICS, " (tag 1)", "", "the model wants a timestamp in seconds under tag 1"),
        (_METRICS, " (tag 1)", " (tag 0)", "the model wants a timestamp in seconds under tag 1"),
        (_METRICS, " (tag 1)", " (tag 1 in ms)", "the model wants a timestamp in seconds under tag 1"),
        (_KINESIS, " (tag 1 in ms)", " (tag 1 in ms)", ""),
        (_KINESIS, " (tag 1 in ms)", " (tag 1)", "the model wants a timestamp in milliseconds under tag 1"),
        (_KINESIS, " (tag 1 in ms)", "", "the model wants a timestamp in milliseconds under tag 1"),
    ],
)
def test_times_of_cbor_have_one_notation(
    where: tuple[str, str, str, str], aws: str, cloudmock: str, expected: str
) -> None:
    """A text, another tag or another unit is none that an SDK takes for this time; a little later in it is."""
    operation, protocol, items, member = where
    model = _SDK_CATALOG.of(*operation.split(".")).model
    assert model is not None
    trees = [{items: [{member: f"2026-01-31T12:00:0{second}Z{tag}"}]} for second, tag in enumerate((aws, cloudmock))]
    documents = [Document(200, tree, notation="CBOR", shape=model.output_shape) for tree in trees]
    verdict = _verdict(operation, documents[0], documents[1], _TOLERANT, protocol)

    assert [(Kind.FORMAT, expected)] * bool(expected) == [
        (difference.kind, difference.violation) for difference in verdict.differences
    ]


def test_an_order_is_told_beside_what_differs() -> None:
    """Items that differ and stand elsewhere are both told; a rule for lists without order forgives the order alone."""
    aws = {"x": [{"Id": "a", "v": 1}, {"Id": "b", "v": 2}]}
    cloudmock = {"x": [{"Id": "b", "v": 3}, {"Id": "a", "v": 1}]}

    expected = ["x: order [0, 1] -> [1, 0]", "x[1].v: 2 -> 3"]
    assert expected == _lines(_judged(aws, cloudmock))
    verdict = _judged(aws, cloudmock, Rules(unordered=(Rule("x"),)))
    assert (expected[1:], {"unordered x": 1}) == (_lines(verdict), verdict.forgiven)


def test_bytes_are_shown_by_their_hash() -> None:
    """Where the model says bytes, a difference shows how many there are, and which, but not the bytes."""
    verdict = _modelled("kinesis.GetRecords", {"Records": [{"Data": "aGVsbG8="}]}, {"Records": [{"Data": "aGk="}]})

    (difference,) = verdict.differences
    assert (Kind.VALUE, ("Records", 0, "Data")) == (difference.kind, difference.path)
    assert [5, 2] == [value["length"] for value in (difference.aws, difference.cloudmock) if isinstance(value, dict)]
    assert "aGVsbG8" not in repr(verdict)


def test_effects_come_with_the_verdict() -> None:
    """The verdict says what the differences do to the app."""
    aws = Document(400, {"__type": "ResourceNotFoundException"})
    cloudmock = Document(400, {"__type": "ValidationException"})
    verdict = _verdict("dynamodb.GetItem", aws, cloudmock, _NO_RULES)

    assert (SdkEffect.EXCEPTION, SdkEffect.DATA) == verdict.effects


def test_what_is_too_deep_cannot_be_read() -> None:
    """The verdict on it has the effect of a reply that an SDK cannot read, and of nothing else."""
    verdict = _judged(_deep(5_000, 1, of_lists=True), _deep(5_000, 2, of_lists=True))

    assert ((SdkEffect.UNPARSABLE,), {}) == (verdict.effects, verdict.forgiven)
    assert (verdict.differences, verdict) == (too_deep().differences, too_deep())


@pytest.mark.parametrize(
    ("rules", "expected"),
    [(_TOLERANT, (SdkEffect.DATA,)), (_NO_RULES, (SdkEffect.WAITER, SdkEffect.DATA))],
)
def test_a_forgiven_transition_has_no_effect(rules: Rules, expected: tuple[SdkEffect, ...]) -> None:
    """Where the state is forgiven and something else is not, no waiter is said to wait for something else."""
    aws = {"Table": {"TableStatus": "CREATING", "ItemCount": 1}}
    cloudmock = {"Table": {"TableStatus": "ACTIVE", "ItemCount": 2}}

    assert expected == _modelled("dynamodb.DescribeTable", aws, cloudmock, rules).effects


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ("aGVsbG8=", 5, "Records[0].Data: type string -> number"),
        ("aGVsbG8=", {"a": 1}, "Records[0].Data: type string -> object"),
        ("aGVsbG8=", None, "Records[0].Data: type string -> null"),
        (None, "aGVsbG8=", "Records[0].Data: type null -> string"),
    ],
)
def test_bytes_of_another_type_keep_their_type(aws: object, cloudmock: object, expected: str) -> None:
    """Where the one side has bytes and the other something else, the line tells what each is on the wire."""
    verdict = _modelled("kinesis.GetRecords", {"Records": [{"Data": aws}]}, {"Records": [{"Data": cloudmock}]})

    assert [expected] == _lines(verdict)


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ([1, 2, 3, 4], [1, 3, 2, 4], ["x: order [1, 2] -> [2, 1]"]),
        ([1, 2, 3], [2, 3, 4], ["x[0]: missing key", "x[3]: extra key"]),
        ([1, 2, 3], [3, 1], ["x: order [0, 2] -> [1, 0]", "x[1]: missing key"]),
    ],
)
def test_an_order_names_what_is_out_of_place(aws: list[int], cloudmock: list[int], expected: list[str]) -> None:
    """The places of both sides; a list that begins later and ends later has no other order."""
    assert expected == _lines(_judged({"x": aws}, {"x": cloudmock}))


def test_the_user_s_own_text_is_compared_to_the_letter() -> None:
    """A message whose JSON is written with other white space is another message; of AWS's own texts that is not so."""
    assert ['Body: "{\\"a\\": 1}" -> "{\\"a\\":1}"'] == _lines(_judged({"Body": '{"a": 1}'}, {"Body": '{"a":1}'}))
    assert _judged({"Policy": '{"a": 1}'}, {"Policy": '{"a":1}'}).matched


_GRADES = [
    (Kind.VALUE, Severity.DATA),
    (Kind.ORDER, Severity.DATA),
    (Kind.MISSING, Severity.SCHEMA),
    (Kind.EXTRA, Severity.SCHEMA),
    (Kind.TYPE, Severity.SCHEMA),
    (Kind.FORMAT, Severity.SCHEMA),
    (Kind.ENVELOPE, Severity.SCHEMA),
    (Kind.UNPARSABLE, Severity.SCHEMA),
    (Kind.STATUS, Severity.STATUS),
    (Kind.FAILURE, Severity.ERROR),
]


@pytest.mark.parametrize(("kind", "expected"), _GRADES)
def test_each_kind_has_a_severity(kind: Kind, expected: Severity) -> None:
    """One difference alone makes the exchange as bad as its kind is."""
    assert expected is worst([Difference(("a",), kind)])


@pytest.mark.parametrize(("milder", "worse"), list(itertools.combinations(_GRADES, 2)))
def test_the_worst_wins(milder: tuple[Kind, Severity], worse: tuple[Kind, Severity]) -> None:
    """Of two differences the worse one decides, in whatever order they come."""
    both = [Difference(("a",), milder[0]), Difference(("b",), worse[0])]

    assert [worse[1]] * 2 == [worst(both), worst(reversed(both))]


def test_nothing_is_not_bad() -> None:
    """Without differences there is no severity."""
    assert worst([]) is None


_FAULT = "not the CRC32 of the body"


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ({}, {"x-amz-crc32": _FAULT}, [f"x-amz-crc32: right -> {_FAULT}"]),
        ({"x-amz-crc32": _FAULT}, {}, [f"x-amz-crc32: {_FAULT} -> right"]),
        ({"x-amz-crc32": _FAULT}, {"x-amz-crc32": _FAULT}, []),
        (
            {"x-amz-crc32": _FAULT},
            {"etag": "not the MD5 of the body"},
            ["etag: right -> not the MD5 of the body", f"x-amz-crc32: {_FAULT} -> right"],
        ),
        ({}, {}, []),
    ],
)
def test_a_checksum_that_does_not_fit_on_one_side_is_a_difference(
    aws: dict[str, str], cloudmock: dict[str, str], expected: list[str]
) -> None:
    """As grave as a reply that cannot be read: SDKs refuse it. On both sides alike it is none."""
    verdict = _verdict(
        "dynamodb.GetItem", Document(200, {}, unsound=aws), Document(200, {}, unsound=cloudmock), _NO_RULES
    )

    assert expected == _lines(verdict)
    assert (Severity.SCHEMA if expected else None) is verdict.severity
    assert (SdkEffect.UNPARSABLE in verdict.effects) is bool(expected)


def test_a_rule_may_name_a_checksum() -> None:
    """By its header."""
    documents = Document(200, {}), Document(200, {}, unsound={"x-amz-crc32": _FAULT})

    assert Verdict() == _verdict("dynamodb.GetItem", *documents, Rules((Rule("x-amz-crc32"),)))
