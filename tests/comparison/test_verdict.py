"""The verdict on two answers."""

import json
from typing import Any

import pytest

from cloudmock_contract.comparison.rules import Rule, Rules
from cloudmock_contract.comparison.verdict import judge
from cloudmock_contract.exchange import Difference, Document, Failure, Kind, Severity, Verdict

_NO_RULES = Rules()
_ID = Rules((Rule("RequestId"),))


def _judged(aws: dict[str, Any], cloudmock: dict[str, Any], rules: Rules = _NO_RULES) -> Verdict:
    return judge("dynamodb.GetItem", Document(200, aws), Document(200, cloudmock), rules)


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
    """A side that gave no reply is told with its reason, and nothing is compared with the other side's answer."""
    verdict = judge("s3.GetObject", aws, cloudmock, _ID)

    assert (expected, Severity.ERROR) == (_lines(verdict), verdict.severity)
    assert {Kind.FAILURE} == {difference.kind for difference in verdict.differences}


@pytest.mark.parametrize(("aws", "cloudmock"), [(200, 404), (404, 200), (204, 500), (304, 200), (200, 301)])
def test_an_error_against_a_success_is_the_status_alone(aws: int, cloudmock: int) -> None:
    """Where one side succeeds and the other does not, their members are not compared: only the status is told."""
    one, other = Document(aws, {"a": 1, "RequestId": "x"}), Document(cloudmock, {"b": 2, "RequestId": "y"}, "not JSON")
    verdict = judge("s3.GetObject", one, other, _ID)

    expected = Difference(("status",), Kind.STATUS, aws, cloudmock)
    assert Verdict((expected,), {}, Severity.STATUS) == verdict
    assert [f"status: {aws} -> {cloudmock}"] == _lines(verdict)


@pytest.mark.parametrize(("aws", "cloudmock"), [(200, 201), (400, 404), (304, 500)])
def test_another_status_of_the_same_kind_is_one_difference_more(aws: int, cloudmock: int) -> None:
    """Two successes, or two errors, of different status are compared as well, and the status comes first."""
    one, other = Document(aws, {"__type": "A", "x": 1}), Document(cloudmock, {"__type": "B", "x": 1})
    verdict = judge("dynamodb.GetItem", one, other, _NO_RULES)

    assert [f"status: {aws} -> {cloudmock}", '__type: "A" -> "B"'] == _lines(verdict)
    assert Severity.STATUS is verdict.severity


def test_equal_errors_match() -> None:
    """Two error replies of one status with the same members are a match."""
    error = Document(400, {"__type": "ResourceNotFoundException", "message": "no such table"})

    assert Verdict((), {}, None) == judge("dynamodb.GetItem", error, error, _NO_RULES)


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
    """A body that cannot be read is told if the other side's can; where both cannot, their bytes are what counts."""
    one, other = (
        Document(200, {"body": {"length": 1}}, aws_flaw),
        Document(200, {"body": {"length": 1}}, cloudmock_flaw),
    )
    verdict = judge("dynamodb.GetItem", one, other, _NO_RULES)

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
    assert Verdict((left,), {"Arn in dynamodb.*": 1}, Severity.DATA) == verdict


def test_rules_do_not_forgive_a_status() -> None:
    """A rule that names a member called status leaves the HTTP status alone."""
    verdict = judge("s3.GetObject", Document(200, {}), Document(201, {}), Rules((Rule("status"),)))

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
