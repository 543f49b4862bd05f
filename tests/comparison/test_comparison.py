"""A finished exchange: both outcomes, compared."""

import base64
import dataclasses
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import SdkCatalog
from cloudmock_contract.comparison import comparison, reply_pair
from cloudmock_contract.comparison.comparison import Comparison
from cloudmock_contract.comparison.identifiers.id_map import Identifiers
from cloudmock_contract.comparison.identifiers.own_hosts import OwnHosts
from cloudmock_contract.comparison.rules.rules import Rule, Rules, Tolerate
from cloudmock_contract.comparison.rules.yaml_file import rules_of
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.difference import Difference, Kind, SdkEffect, Severity
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.http import Digest, Failure, Headers, Outcome, Reply, Request, Skipped
from cloudmock_contract.values.operation import Operation
from support.calls import call_for

_TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_OPERATION = Operation("dynamodb", "GetItem", "json", "dynamodb", "eu-west-1")
_REQUEST = Request("POST", "/path/of%20it?query=secret", Headers((("Authorization", "secret"),)), b"the body")
_NO_RULES = Rules()


def _reply(body: object, status: int = 200, seconds: float = 0.5, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    return Reply(status, Headers(headers), json.dumps(body).encode(), seconds)


_SDK_CATALOG = SdkCatalog(Services())
_SECRET = Operation("secretsmanager", "GetSecretValue", "json", "secretsmanager")


def _compared(
    aws: Outcome, cloudmock: Outcome, *, rules: Rules = _NO_RULES, operation: Operation = _OPERATION
) -> Exchange:
    call = call_for(_REQUEST, operation, id="the-id", time=_TIME)
    return Comparison(rules, _SDK_CATALOG).compare(call, aws, cloudmock)


def test_an_exchange_has_what_was_asked_and_what_it_came_to() -> None:
    """The exchange has the request's name, time and path, each side's status and time, and the verdict."""
    exchange = _compared(_reply({"Count": 1}, seconds=0.25), _reply({"Count": 2}, status=201, seconds=0.75))

    differences = (Difference(("status",), Kind.STATUS, 200, 201), Difference(("Count",), Kind.VALUE, 1, 2))
    expected = Exchange(
        id="the-id",
        time=_TIME,
        operation=_OPERATION,
        method="POST",
        path="/path/of%20it",
        aws_status=200,
        cloudmock_status=201,
        aws_seconds=0.25,
        cloudmock_seconds=0.75,
        aws_error="",
        cloudmock_error="",
        verdict=Verdict(differences, {}, Severity.STATUS, (SdkEffect.DATA,)),
    )
    assert expected == exchange


def test_rules_are_asked_for_the_exchange_s_operation() -> None:
    """What a rule of this operation forgives is no difference, and is counted."""
    rules = Rules((Rule("Count", "dynamodb.GetItem"), Rule("Id", "s3.*")))
    exchange = _compared(_reply({"Count": 1, "Id": 1}), _reply({"Count": 2, "Id": 1}), rules=rules)

    assert Verdict((), {"Count in dynamodb.GetItem": 1}, None) == exchange.verdict


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_reply({}), Failure("It timed out.", 1.5), (200, 0, 0.5, 1.5)),
        (Failure("AWS is down.", 0.1), _reply({}, 503), (0, 503, 0.1, 0.5)),
        (Failure("AWS is down.", 0.1), Failure("It timed out."), (0, 0, 0.1, 0.0)),
    ],
)
def test_a_side_without_reply_has_no_status(
    aws: Outcome, cloudmock: Outcome, expected: tuple[int, int, float, float]
) -> None:
    """A side that failed has status 0, the time until it failed, and no error message of its own; the verdict tells."""
    exchange = _compared(aws, cloudmock)

    assert expected == (
        exchange.aws_status,
        exchange.cloudmock_status,
        exchange.aws_seconds,
        exchange.cloudmock_seconds,
    )
    assert Severity.ERROR is exchange.verdict.severity
    assert not exchange.aws_error


def test_errors_are_told_as_a_person_reads_them() -> None:
    """An error reply's code and message are kept for each side, also where only the status counts as different."""
    no_table = {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no table"}
    exchange = _compared(_reply({"ok": True}), _reply(no_table, 400))

    expected = (["status: 200 -> 400"], "", "ResourceNotFoundException: no table")
    assert expected == (_lines(exchange), exchange.aws_error, exchange.cloudmock_error)


def _lines(exchange: Exchange) -> list[str]:
    return [str(difference) for difference in exchange.verdict.differences]


@pytest.mark.parametrize(
    ("aws", "cloudmock"),
    [
        ({"SecretString": "hunter2"}, {"SecretString": "hunter3"}),
        ({"SecretString": "hunter2"}, {}),
        ({}, {"SecretString": "hunter2"}),
        ({"SecretString": "hunter2"}, {"SecretString": {"hunter3": "hunter4"}}),
        ({}, {"Unknown": {"Password": "hunter2"}}),
        ({"Unknown": [{"SecretAccessKey": "hunter2"}]}, {}),
        ({"SecretString": '{"k": "hunter2"}'}, {"SecretString": '{"k": "hunter3"}'}),
        ({"SecretString": '["hunter2", "hunter3"]'}, {"SecretString": '["hunter3", "hunter2"]'}),
        ({"SecretString": '{"k": ["hunter2"]}'}, {"SecretString": '{"k": []}'}),
        ({"SecretString": '{"k": "hunter2"}'}, {"SecretString": '["hunter3"]'}),
    ],
)
def test_secrets_do_not_leave(aws: object, cloudmock: object) -> None:
    """A secret that differs is a difference, and neither side's secret is in the exchange."""
    exchange = _compared(_reply(aws), _reply(cloudmock), operation=_SECRET)

    assert not exchange.verdict.matched
    assert "hunter" not in repr(exchange)


def test_the_model_says_what_is_secret() -> None:
    """A member that has no telling name is secret where the operation's model marks it as that."""
    operation = Operation("secretsmanager", "GetRandomPassword", "json", "secretsmanager")
    exchange = _compared(
        _reply({"RandomPassword": "hunter2"}),
        _reply({"RandomPassword": "hunter3"}),
        operation=operation,
    )

    expected = ['RandomPassword: "[redacted]" -> "[redacted]"']
    assert expected == _lines(exchange)


def test_redaction_does_not_change_the_verdict() -> None:
    """What is no secret stays readable beside one, and kinds and severity are those of the real values."""
    aws, cloudmock = {"Name": "a", "SecretString": "x"}, {"Name": "b", "SecretString": "y"}
    exchange = _compared(_reply(aws), _reply(cloudmock), operation=_SECRET)

    expected = ['Name: "a" -> "b"', 'SecretString: "[redacted]" -> "[redacted]"']
    assert expected == _lines(exchange)
    assert Severity.DATA is exchange.verdict.severity


def test_an_exchange_has_no_bodies() -> None:
    """Nothing of a request's body, query or headers is kept, and nothing of replies but what differs."""
    exchange = _compared(_reply({"Same": "equal members", "a": 1}), _reply({"Same": "equal members", "a": 2}))

    text = repr(dataclasses.asdict(exchange))
    assert not [part for part in ("the body", "secret", "equal members") if part in text]


def test_a_body_that_cannot_be_read_is_a_schema_difference() -> None:
    """A reply that is not in the operation's notation is told as that."""
    broken = Reply(200, Headers((("Content-Type", "application/json"),)), b"<html>")
    exchange = _compared(_reply({}), broken)

    assert Severity.SCHEMA is exchange.verdict.severity
    assert _lines(exchange)[0].startswith("body: parsable -> not JSON: ")


_TOLERANT = Rules(tolerate=Tolerate(identifiers=True, timestamps=300.0, transitional=True))
_VPC, _OTHER_VPC = "vpc-0a1b2c3d4e5f60718", "vpc-9f8e7d6c5b4a39281"


class _Run:
    """One run: calls, one after the other, as the proxy makes them."""

    def __init__(self, rules: Rules = _TOLERANT, **known: Any) -> None:
        self.comparison = Comparison(rules, _SDK_CATALOG, **known)
        self._number = 0

    def call(
        self,
        name: str,
        asked: object,
        aws: Outcome | Mapping[str, object],
        cloudmock: Outcome | Mapping[str, object],
        protocol: str = "json",
    ) -> Exchange:
        """Each call's id is its number, as text."""
        self._number += 1
        service, action = name.split(".")
        request = Request("POST", "/", Headers(), json.dumps(asked).encode())
        operation = Operation(service, action, protocol, service)
        call = call_for(request, operation, id=str(self._number), time=_TIME)
        self.comparison.note_sent(call)
        outcomes = (_reply(one) if isinstance(one, Mapping) else one for one in (aws, cloudmock))
        return self.comparison.compare(call, *outcomes)


def _not_found() -> Reply:
    return _reply({"__type": "x#ResourceNotFoundException", "message": "no table"}, 400)


def test_what_is_learned_in_one_exchange_holds_in_the_next() -> None:
    """A created resource's id is mapped, requests are translated for CloudMock, and replies are understood."""
    run = _Run()
    first = run.call("ec2.CreateVpc", {}, {"VpcId": _VPC}, {"VpcId": _OTHER_VPC}, "")
    second = run.call("ec2.DescribeVpcs", {"VpcId": _VPC}, {"Vpc": f"<{_VPC}>"}, {"Vpc": f"<{_OTHER_VPC}>"}, "")
    third = run.call("ec2.DescribeVpcs", {"VpcId": _VPC}, {"VpcId": _VPC}, {"VpcId": "vpc-11111111aaaaaaaa1"}, "")

    assert [True, True, False] == [each.verdict.matched for each in (first, second, third)]
    assert f"/{_OTHER_VPC}/" == run.comparison.for_cloudmock(f"/{_VPC}/")


def test_what_the_app_has_sent_is_not_learned() -> None:
    """A name that looks generated, but is the app's own, has to come back as it is."""
    exchange = _Run().call("ec2.CreateVpc", {"ClientToken": _VPC}, {"VpcId": _VPC}, {"VpcId": _OTHER_VPC}, "")

    assert not exchange.verdict.matched


@pytest.mark.parametrize("beside", [{}, {"Count": 1}])
def test_what_both_sides_have_given_is_not_learned(beside: Mapping[str, object]) -> None:
    """A value that both sides have shown is the same on both, whether or not their replies were alike in all else."""
    run = _Run()
    run.call("ec2.DescribeVpcs", {}, {"VpcId": _VPC, **beside}, {"VpcId": _VPC, **dict.fromkeys(beside, 2)}, "")
    exchange = run.call("ec2.DescribeVpcs", {}, {"VpcId": _VPC}, {"VpcId": _OTHER_VPC}, "")

    assert not exchange.verdict.matched


def test_a_strict_run_learns_and_translates_nothing() -> None:
    """Generated values are differences, every time, and CloudMock gets what the app has sent."""
    run = _Run(rules_of(Settings.from_options({"strict": True})), identifiers=Identifiers())
    for _ in range(2):
        exchange = run.call(
            "ec2.CreateVpc", {}, {"VpcId": _VPC, "NextToken": "AAAAbbbb"}, {"VpcId": _OTHER_VPC, "NextToken": "2"}, ""
        )
        assert ["NextToken", "VpcId"] == [each.location for each in exchange.verdict.differences]
    run.comparison.identifiers.rebind(_VPC, _OTHER_VPC)

    assert [_VPC, "AAAAbbbb"] == [run.comparison.for_cloudmock(text) for text in (_VPC, "AAAAbbbb")]


def test_the_run_s_endpoints_say_nothing() -> None:
    """URLs that lead to either side's own endpoint are the same."""
    run = _Run(own_hosts=OwnHosts("old.example", "new.example"))
    exchange = run.call(
        "sqs.GetQueueUrl", {}, {"QueueUrl": "http://old.example/q"}, {"QueueUrl": "https://new.example:9/q"}
    )

    assert exchange.verdict.matched


def test_a_failure_s_consequences_lead_to_it() -> None:
    """When a creation fails on one side, whatever is about the thing follows from it, even at the third remove."""
    run = _Run()
    found = [
        run.call("dynamodb.CreateTable", {"TableName": "orders"}, {}, _reply({"__type": "InternalFailure"}, 500)),
        run.call("dynamodb.DescribeTable", {"TableName": "orders"}, {"Table": {}}, _not_found()),
        run.call("dynamodb.PutItem", {"TableName": "orders"}, {}, _not_found()),
        run.call("dynamodb.DescribeTable", {"TableName": "baskets"}, {"Table": {}}, _not_found()),
        run.call("dynamodb.GetItem", {"TableName": "orders"}, {"Item": {"a": {"S": "x"}}}, {}),
    ]

    assert ["", "1", "1", "", "1"] == [each.follows for each in found]


def test_a_consequence_s_consequences_lead_to_the_first_cause() -> None:
    """What could not be made because of a failure leads to that failure, and not to its own."""
    run = _Run()
    backup = {"TableName": "orders", "BackupName": "nightly"}
    found = [
        run.call("dynamodb.CreateTable", {"TableName": "orders"}, {}, _reply({"__type": "InternalFailure"}, 500)),
        run.call("dynamodb.CreateBackup", backup, {}, _not_found()),
        run.call("dynamodb.DescribeBackup", {"BackupName": "nightly"}, {"BackupDescription": {}}, _not_found()),
    ]

    assert ["", "1", "1"] == [each.follows for each in found]


def test_a_match_follows_from_nothing() -> None:
    """Both sides may agree on a thing that has diverged before."""
    run = _Run()
    run.call("dynamodb.CreateTable", {"TableName": "orders"}, {}, _not_found())
    exchange = run.call("dynamodb.DescribeTable", {"TableName": "orders"}, _not_found(), _not_found())

    assert (True, "") == (exchange.verdict.matched, exchange.follows)


def test_a_failed_read_has_no_consequences() -> None:
    """A read changes nothing, so that the next mismatch of the same thing is one of its own."""
    run = _Run()
    run.call("dynamodb.DescribeTable", {"TableName": "orders"}, {"Table": {}}, _not_found())

    assert not run.call("dynamodb.DescribeTable", {"TableName": "orders"}, {"Table": {}}, _not_found()).follows


def test_a_difference_in_data_has_no_consequences_for_the_thing() -> None:
    """A write that both sides did, with different answers, does not explain what else is wrong with the thing."""
    run = _Run()
    run.call("dynamodb.PutItem", {"TableName": "orders"}, {"Count": 1}, {"Count": 2})

    assert not run.call("dynamodb.GetItem", {"TableName": "orders"}, {"Count": 1}, {"Count": 2}).follows


def test_an_id_without_partner_leads_to_where_it_was_made() -> None:
    """What the failed side never made has no partner: replies that differ in it follow, and those with more do not."""
    run = _Run()
    run.call("ec2.CreateVpc", {}, {"VpcId": _VPC}, _reply({"Code": "InternalError"}, 500), "")
    about = run.call("ec2.DescribeVpcs", {"VpcIds": [_VPC]}, {"Vpcs": [1]}, {"Vpcs": []}, "")
    inside = run.call("ec2.DescribeVpcs", {}, {"Vpcs": [{"VpcId": _VPC}]}, {"Vpcs": []}, "")
    more = run.call("ec2.DescribeVpcs", {}, {"Vpcs": [{"VpcId": _VPC}], "x": 1}, {"Vpcs": [], "x": 2}, "")

    assert ["1", "1", ""] == [each.follows for each in (about, inside, more)]


def test_a_side_without_reply_has_consequences_as_a_failed_one_has() -> None:
    """What the side did, nobody knows."""
    run = _Run()
    run.call("dynamodb.CreateTable", {"TableName": "orders"}, {}, Failure("It timed out."))

    assert "1" == run.call("dynamodb.DescribeTable", {"TableName": "orders"}, {"Table": {}}, _not_found()).follows


_CANARY = "Zk7pQ2vXw9Lm4TbR8sYn"


@pytest.mark.parametrize(
    ("name", "aws", "cloudmock"),
    [
        ("secretsmanager.GetSecretValue", {"SecretString": _CANARY}, {"SecretString": "x"}),
        ("secretsmanager.GetSecretValue", {"SecretString": "x"}, {"SecretString": _CANARY}),
        ("secretsmanager.GetSecretValue", {"SecretBinary": _CANARY}, {"SecretBinary": "eA=="}),
        ("secretsmanager.GetSecretValue", {"SecretString": json.dumps({"k": _CANARY})}, {"SecretString": "{}"}),
        ("secretsmanager.GetSecretValue", {"Deep": [{"Password": {"a": _CANARY}}]}, {"Deep": [{"Password": 1}]}),
        ("kms.GenerateDataKey", {"Plaintext": _CANARY}, {"Plaintext": "eA=="}),
        ("sts.AssumeRole", {"Credentials": {"SessionToken": _CANARY}}, {"Credentials": {}}),
        ("ssm.GetParameter", {"Parameter": {"Value": _CANARY}}, {"Parameter": {"Value": "x"}}),
    ],
)
@pytest.mark.parametrize("rules", [_NO_RULES, _TOLERANT, rules_of(Settings.from_options({}))])
def test_no_secret_leaves_in_any_run(
    rules: Rules, name: str, aws: Mapping[str, object], cloudmock: Mapping[str, object]
) -> None:
    """Neither an exchange with a secret nor the one after it, which follows from it, has the secret in it."""
    run = _Run(rules)
    exchanges = [run.call(name, {"SecretId": _CANARY}, aws, cloudmock, "json") for _ in range(2)]
    exchanges.append(run.call(name, {"SecretId": _CANARY}, aws, _not_found(), "json"))

    assert _CANARY not in repr(exchanges)


@pytest.mark.parametrize(
    ("aws", "cloudmock", "forgiven"),
    [
        (b"<R><a>1</a></R>", b"<R><a>1</a></R>", {}),
        (b"not XML at all", b"not XML at all", {}),
        (
            b"<R><RequestId>1</RequestId><a>1</a></R>",
            b"<R><RequestId>2</RequestId><a>1</a></R>",
            {"RequestId": 1},
        ),
    ],
)
def test_replies_that_say_the_same_are_not_made_into_documents(
    monkeypatch: pytest.MonkeyPatch, aws: bytes, cloudmock: bytes, forgiven: dict[str, int]
) -> None:
    """Bodies that are equal, or differ in their request ids alone, match for what little that costs."""

    def document(*_: object) -> None:
        pytest.fail("a document was made")

    monkeypatch.setattr(reply_pair, "document", document)
    operation = Operation("sqs", "ListQueues", "query", "sqs")
    exchange = _compared(
        Reply(200, Headers(), aws),
        Reply(200, Headers(), cloudmock),
        rules=Rules((Rule("RequestId"),)),
        operation=operation,
    )

    assert Verdict((), forgiven) == exchange.verdict


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_reply({"a": True}), _reply({"a": 1}), ["a: type boolean -> number"]),
        (_reply({"a": [False]}), _reply({"a": [0]}), ["a[0]: type boolean -> number"]),
        (_reply({"a": 1, "b": "1"}), Reply(200, Headers(), b'{"b": "1",  "a": 1.0}'), []),
        (_reply({}, 200), _reply({}, 201), ["status: 200 -> 201"]),
    ],
)
def test_equality_is_that_of_json(aws: Reply, cloudmock: Reply, expected: list[str]) -> None:
    """However the comparison is cut short, true is not 1, and another status is a difference."""
    assert expected == _lines(_compared(aws, cloudmock))


def test_members_in_headers_count_though_the_bodies_are_equal() -> None:
    """Equal bodies are not equal replies where the operation binds members to headers."""
    operation = Operation("s3", "GetObject", "rest-xml", "s3")
    one, other = (Reply(200, Headers((("ETag", f'"{text}"'),)), b"x") for text in ("a", "b"))

    expected = [r'ETag: "\"a\"" -> "\"b\""']
    assert expected == _lines(_compared(one, other, operation=operation))


def test_a_call_s_id_is_kept() -> None:
    """The SDK's id of the call, which its attempts share, is the exchange's."""
    request = Request("POST", "/", Headers((("Amz-Sdk-Invocation-Id", "the-call"),)), b"")
    call = call_for(request, _OPERATION)
    exchange = Comparison(_NO_RULES, _SDK_CATALOG).compare(call, _reply({}), _reply({}))

    assert ("the-call", "") == (exchange.invocation_id, _compared(_reply({}), _reply({})).invocation_id)


@pytest.mark.parametrize(
    ("aws", "cloudmock"),
    [
        ({"SecretString": '{"hunter1": 1, "hunter2": [1, 2]}'}, {"SecretString": '{"hunter3": 2, "hunter2": [3]}'}),
        ({"SecretString": '{"hunter1": 1}'}, {"SecretString": "{}"}),
        ({"SecretString": "{}"}, {"SecretString": '{"a": {"hunter1": 1}}'}),
        ({"SecretString": '["hunter1", "hunter2"]'}, {"SecretString": '["hunter2", "hunter1"]'}),
        ({"SecretString": "[1, 2, 3]"}, {"SecretString": "[2, 1, 9]"}),
    ],
)
def test_what_differs_within_a_secret_is_told_once(aws: object, cloudmock: object) -> None:
    """At the member that is secret: neither the names of keys in it nor how many of them differ leave."""
    exchange = _compared(_reply(aws), _reply(cloudmock), operation=_SECRET)

    assert ['SecretString: "[redacted]" -> "[redacted]"'] == _lines(exchange)
    assert "hunter" not in repr(exchange)
    assert Severity.DATA is exchange.verdict.severity


def test_check_then_create_leads_to_the_failure() -> None:
    """An app that first asks whether a thing is there names it before it is made; consequences follow all the same."""
    run = _Run()
    found = [
        run.call("dynamodb.DescribeTable", {"TableName": "orders"}, _not_found(), _not_found()),
        run.call("dynamodb.CreateTable", {"TableName": "orders"}, {}, _reply({"__type": "InternalFailure"}, 500)),
        run.call("dynamodb.DescribeTable", {"TableName": "orders"}, {"Table": {}}, _not_found()),
        run.call("dynamodb.PutItem", {"TableName": "orders"}, {}, _not_found()),
    ]

    assert [True, False, False, False] == [each.verdict.matched for each in found]
    assert ["", "", "2", "2"] == [each.follows for each in found]


def test_what_was_there_before_does_not_diverge_with_what_fails_to_be_made_of_it() -> None:
    """The backup of a table that both sides have is what the failure is about, and the table is not."""
    run = _Run()
    backup = {"TableName": "orders", "BackupName": "nightly"}
    found = [
        run.call("dynamodb.DescribeTable", {"TableName": "orders"}, {"Table": {}}, {"Table": {}}),
        run.call("dynamodb.CreateBackup", backup, {}, _reply({"__type": "InternalFailure"}, 500)),
        run.call("dynamodb.GetItem", {"TableName": "orders"}, {"Count": 1}, {"Count": 2}),
        run.call("dynamodb.DescribeBackup", {"BackupName": "nightly"}, {"BackupDescription": {}}, _not_found()),
    ]

    assert ["", "", "", "2"] == [each.follows for each in found]


def test_a_failed_write_diverges_what_was_there_before() -> None:
    """What one side alone has written to is another thing from then on, though both sides have it."""
    run = _Run()
    found = [
        run.call("dynamodb.DescribeTable", {"TableName": "orders"}, {"Table": {}}, {"Table": {}}),
        run.call("dynamodb.PutItem", {"TableName": "orders"}, {}, _reply({"__type": "InternalFailure"}, 500)),
        run.call("dynamodb.GetItem", {"TableName": "orders"}, {"Count": 1}, {"Count": 2}),
    ]

    assert ["", "", "2"] == [each.follows for each in found]


def test_the_names_of_attributes_lead_nowhere() -> None:
    """Two tables may have attributes of one name and nothing else in common."""
    run = _Run()
    for table in ("orders", "baskets"):
        exchange = run.call(
            "dynamodb.CreateTable",
            {"TableName": table, "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}]},
            {},
            _reply({"__type": "InternalFailure"}, 500),
        )
        assert not exchange.follows


def test_a_secret_too_deep_to_be_taken_out_does_not_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """Differences that are nested too deep to be searched for secrets are told as nothing but that."""

    def redacted(*_: object) -> Difference:
        raise RecursionError

    monkeypatch.setattr(comparison, "redacted", redacted)
    exchange = _compared(_reply({"x": {"Password": "hunter2"}, "Name": "a"}), _reply({"Name": "b"}))

    assert ["body: parsable -> nested too deep to be compared"] == _lines(exchange)
    assert (Severity.SCHEMA, (SdkEffect.UNPARSABLE,)) == (exchange.verdict.severity, exchange.verdict.effects)


def test_what_stands_in_the_request_is_not_learned_from_its_reply() -> None:
    """A text that the app has sent as a whole, and not in words, has to come back as it is."""
    name = "a.b2/c.d4:e6"
    exchange = _Run().call("sqs.CreateQueue", {"Id": name}, {"Id": name}, {"Id": "a.b3/c.d5:e7"})

    assert ["Id"] == [each.location for each in exchange.verdict.differences]


_GET_OBJECT = Operation("s3", "GetObject", "rest-xml", "s3", "eu-west-1", "b")
_SKIPPED = Skipped("The app hung up.", 1.25)


def _large(name: str = "c0", size: int = 2**30, status: int = 200) -> Reply:
    return Reply(status, Headers(), b"", 0.5, Digest(size, name * 32))


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_reply({}), _SKIPPED, (200, 0, 0.5, 1.25)),
        (_SKIPPED, _reply({}, 400), (0, 400, 1.25, 0.5)),
        (_SKIPPED, Failure("It broke.", 0.1), (0, 0, 1.25, 0.1)),
        (Failure("It broke.", 0.1), _SKIPPED, (0, 0, 0.1, 1.25)),
    ],
)
def test_a_side_that_was_skipped_leaves_nothing_to_compare(
    aws: Outcome, cloudmock: Outcome, expected: tuple[int, int, float, float]
) -> None:
    """The exchange says why, and neither matches nor mismatches, whatever the other side came to."""
    exchange = _compared(aws, cloudmock)

    assert "The app hung up." == exchange.not_compared
    assert (Verdict(), "", "", "") == (exchange.verdict, exchange.aws_error, exchange.cloudmock_error, exchange.follows)
    assert expected == (
        exchange.aws_status,
        exchange.cloudmock_status,
        exchange.aws_seconds,
        exchange.cloudmock_seconds,
    )


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_large(), _reply({}), "AWS's reply of 1073741824 bytes is too large to be compared."),
        (_reply({}), _large(size=5), "CloudMock's reply of 5 bytes is too large to be compared."),
        (_large(), Failure("It broke."), "AWS's reply of 1073741824 bytes is too large to be compared."),
    ],
)
def test_a_structure_that_was_not_kept_is_not_compared(aws: Outcome, cloudmock: Outcome, expected: str) -> None:
    """Whether a large reply with members says what it should nobody knows: it is not called a difference."""
    exchange = _compared(aws, cloudmock)

    assert (expected, Verdict()) == (exchange.not_compared, exchange.verdict)


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_large(), _large(), []),
        (_large(), _large("c1"), ["Body.sha256"]),
        (_large(), _large("c1", 2**30 - 1), ["Body.length", "Body.sha256"]),
        (_large(), Reply(200, Headers(), b"small", 0.5), ["Body.length", "Body.sha256"]),
        (_large(), Failure("It broke."), ["cloudmock"]),
    ],
)
def test_a_payload_that_was_not_kept_is_compared(aws: Outcome, cloudmock: Outcome, expected: list[str]) -> None:
    """Of an object's bytes length and hash say whether they are the same."""
    exchange = _compared(aws, cloudmock, operation=_GET_OBJECT)

    assert "" == exchange.not_compared
    assert expected == sorted(difference.location for difference in exchange.verdict.differences)


def test_a_large_error_is_not_compared() -> None:
    """What a model says of an operation's payload does not hold for its errors."""
    exchange = _compared(_large(status=500), _reply({}), operation=_GET_OBJECT)

    assert exchange.not_compared.startswith("AWS's reply of")


def test_what_was_not_compared_teaches_nothing() -> None:
    """Of a side that nobody knows no identifiers are learned, and no failure is remembered that others follow from."""
    comparison = Comparison(_NO_RULES, _SDK_CATALOG)
    call = call_for(_REQUEST, _OPERATION)
    comparison.compare(call, _reply({"Id": "i-0123456789abcdef0"}), _SKIPPED)
    later = comparison.compare(dataclasses.replace(call, id="2"), _reply({"Count": 1}), _reply({"Count": 2}))

    assert "" == later.follows
    assert 1 == len(later.verdict.differences)


def _s3(status: int, **headers: str) -> Reply:
    return Reply(status, Headers(tuple((name.replace("_", "-"), value) for name, value in headers.items())), b"")


_VERSION = "3HL4kqtJlcpXroDTDmJrmSpXd3dIbrHY"


@pytest.mark.parametrize(
    ("operation", "aws", "cloudmock", "expected"),
    [
        (
            "s3.HeadObject",
            _s3(404, x_amz_delete_marker="true", x_amz_version_id=_VERSION),
            _s3(404),
            ["x-amz-delete-marker: missing key", "x-amz-version-id: missing key"],
        ),
        ("s3.GetObject", _s3(405, Allow="DELETE, GET"), _s3(405, Allow="GET,  DELETE"), []),
        ("s3.GetObject", _s3(405, Allow="DELETE"), _s3(405), ["allow: missing key"]),
        (
            "s3.ListObjectsV2",
            _s3(307, Location="https://b.s3.eu-west-1.amazonaws.com/?list-type=2", x_amz_bucket_region="eu-west-1"),
            _s3(307, Location="http://localhost:4566/other", x_amz_bucket_region="us-east-1"),
            [
                'location: "https://b.s3.eu-west-1.amazonaws.com/?list-type=2" -> "http://localhost:4566/other"',
                'x-amz-bucket-region: "eu-west-1" -> "us-east-1"',
            ],
        ),
        ("s3.GetObject", _s3(416, Content_Range="bytes */5"), _s3(416), ["content-range: missing key"]),
        ("s3.GetObject", _s3(416, Content_Range="bytes */5"), _s3(416, Content_Range="bytes */6"), 1),
        ("s3.GetObject", _s3(304, ETag='"a"'), _s3(304, ETag='"b"'), ['etag: "\\"a\\"" -> "\\"b\\""']),
        (
            "s3.GetObject",
            _s3(304, Last_Modified="Sat, 28 Nov 2026 19:00:00 GMT"),
            _s3(304, Last_Modified="Sat, 28 Nov 2026 19:00:02 GMT"),
            [],
        ),
        (
            "s3.GetObject",
            _s3(304, Last_Modified="Sat, 28 Nov 2026 19:00:00 GMT"),
            _s3(304, Last_Modified="2026-11-28T19:00:00Z"),
            1,
        ),
        (
            "s3.GetObject",
            _s3(404, x_amz_delete_marker="true", x_amz_version_id=_VERSION),
            _s3(404, x_amz_delete_marker="true", x_amz_version_id="f4b1b3a2-9d06-4d6a-8f9f-0c7d0b3f6a11"),
            [],
        ),
        ("lambda.GetFunction", _s3(429, Retry_After="7"), _s3(429), ["retry-after: missing key"]),
        ("s3.PostObject", _s3(204, ETag='"a"', Location="https://b.s3.amazonaws.com/k"), _s3(204), 2),
        ("s3.PutObject", _s3(200, x_amz_id_2="1", Date="2"), _s3(200, X_Cloudmock_Trace_Id="3", Server="x"), []),
    ],
)
def test_headers_that_apps_act_on_count(
    operation: str, aws: Reply, cloudmock: Reply, expected: list[str] | int
) -> None:
    """Of errors, redirects, 304s and operations without a model; ids and times in them are forgiven like members."""
    service, _, action = operation.partition(".")
    rules = rules_of(Settings.from_options({}))
    exchange = _compared(aws, cloudmock, rules=rules, operation=Operation(service, action, "rest-xml", service))

    assert expected in (_lines(exchange), len(_lines(exchange)))
    assert (exchange.verdict.severity is None) is exchange.verdict.matched


def test_the_tokens_that_a_model_took_count() -> None:
    """Bedrock says them in headers that no shape binds; how long it took is no difference."""
    operation = Operation("bedrock-runtime", "InvokeModel", "rest-json", "bedrock")
    tokens, latency = "X-Amzn-Bedrock-Input-Token-Count", "X-Amzn-Bedrock-Invocation-Latency"
    aws = _reply({"a": 1}, headers=((tokens, "7"), (latency, "223")))
    cloudmock = _reply({"a": 1}, headers=((tokens, "8"), (latency, "2")))

    assert [f'{tokens.lower()}: "7" -> "8"'] == _lines(_compared(aws, cloudmock, operation=operation))


@pytest.mark.parametrize(
    ("origin", "expected"), [(("Origin", "https://a.example"), 2), (("X-Origin", "https://a.example"), 0)]
)
def test_a_browser_s_headers_count_for_browsers(origin: tuple[str, str], expected: int) -> None:
    """A preflight that allows less, and a reply that a page may not read."""
    request = Request("OPTIONS", "/b/k", Headers((origin, ("Access-Control-Request-Method", "PUT"))), b"")
    call = call_for(request, Operation("s3", "PreflightObject", "rest-xml", "s3"))
    aws = _s3(200, Access_Control_Allow_Origin="https://a.example", Access_Control_Allow_Methods="PUT, GET")
    cloudmock = _s3(200, Access_Control_Allow_Origin="*", Access_Control_Allow_Methods="GET")

    assert expected == len(Comparison(_NO_RULES, _SDK_CATALOG).compare(call, aws, cloudmock).verdict.differences)


@pytest.mark.parametrize(
    ("operation", "header", "right", "wrong"),
    [
        ("dynamodb.ListTables", "X-Amz-Crc32", "{crc}", "1"),
        ("dynamodb.ListTables", "X-Amz-Crc32", "{crc}", "{crc_in_base64}"),
        ("s3.GetObject", "x-amz-checksum-crc32", "{crc_in_base64}", "AAAAAA=="),
        ("s3.GetObject", "Content-MD5", "{md5_in_base64}", "{crc_in_base64}"),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_a_checksum_that_is_not_that_of_its_body_is_told(
    operation: str, header: str, right: str, wrong: str, status: int
) -> None:
    """SDKs refuse such a reply, or ask once more. Bodies that differ by design have other checksums, which fit."""
    service, _, action = operation.partition(".")
    protocol = "json" if service == "dynamodb" else "rest-xml"

    def side(body: bytes, checksum: str) -> Reply:
        crc = zlib.crc32(body)
        text = checksum.format(
            crc=crc,
            crc_in_base64=base64.b64encode(crc.to_bytes(4)).decode(),
            md5_in_base64=base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode(),
        )
        return Reply(status, Headers(((header, text),)), body)

    def told(aws: Reply, cloudmock: Reply) -> bool:
        exchange = _compared(aws, cloudmock, rules=rules, operation=Operation(service, action, protocol, service))
        return any("of the body" in line for line in _lines(exchange))

    rules = rules_of(Settings.from_options({}))
    is_checked = status < 300 or "checksum" not in header
    body, other = b'{"RequestId":"a"}', b'{"RequestId":"b"}'

    assert [False, is_checked, is_checked, False, False] == [
        told(side(body, right), side(other, right)),
        told(side(body, right), side(body, wrong)),
        told(side(body, wrong), side(body, right)),
        told(side(body, wrong), side(body, wrong)),
        told(side(body, right), Reply(status, Headers(()), body)),
    ]


_SHIPPED = rules_of(Settings.from_options({}))


def _run(*exchanges: tuple[str, object, object], sent: str = "") -> list[list[str]]:
    """The differences in each of these exchanges of one run: operation, and both sides' bodies."""
    known = Comparison(_SHIPPED, _SDK_CATALOG)
    found = []
    for name, aws, cloudmock in exchanges:
        service, action = name.split(".")
        model = _SDK_CATALOG.of(service, action).model
        assert model is not None
        protocol = model.service_model.resolved_protocol
        request = Request("POST", "/", Headers(), sent.encode())
        call = call_for(request, Operation(service, action, protocol, service, "eu-west-1"))
        known.note_sent(call)
        found.append([str(each) for each in known.compare(call, _reply(aws), _reply(cloudmock)).verdict.differences])
    return found


def _blob(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("name", "holding"),
    [
        ("kms.Decrypt", lambda content: {"KeyId": "k", "Plaintext": content}),
        ("kinesis.GetRecords", lambda content: {"Records": [{"Data": content, "PartitionKey": "p"}]}),
        ("sqs.ReceiveMessage", lambda content: {"Messages": [{"MessageAttributes": {"a": {"BinaryValue": content}}}]}),
        ("secretsmanager.GetSecretValue", lambda content: {"Name": "n", "SecretBinary": content}),
        ("dynamodb.GetItem", lambda content: {"Item": {"id": {"S": "1"}, "data": {"B": content}}}),
        ("dynamodb.GetItem", lambda content: {"Item": {"id": {"S": "1"}, "data": {"S": content}}}),
    ],
)
@pytest.mark.parametrize(
    ("aws", "cloudmock"),
    [
        (_blob("amount=100;order=17;to=ada"), _blob("amount=999;order=17;to=ada")),
        (base64.b64encode(bytes(range(200, 230))).decode(), base64.b64encode(bytes(range(100, 130))).decode()),
        ("6f1ed002-ab5d-4c0a-9c0a-0b1c2d3e4f50", "6f1ed002-ab5d-4c0a-9c0a-0b1c2d3e4f51"),
    ],
)
def test_a_user_s_content_counts_to_the_letter(
    name: str, holding: Callable[[str], object], aws: str, cloudmock: str
) -> None:
    """Of equal length, and never seen before: it is what the app wrote, and no id."""
    assert [[], 1] == [
        _run((name, holding(aws), holding(aws)))[0],
        len(_run((name, holding(aws), holding(cloudmock)))[0]),
    ]


def test_what_is_random_by_nature_is_known_again() -> None:
    """A data key is another one on each side; decrypted later, each is its own side's again, and no other one is."""
    plaintexts = [base64.b64encode(bytes(range(start, start + 32))).decode() for start in (0, 100, 200)]
    ciphertexts = [base64.b64encode(bytes(range(start, start + 80))).decode() for start in (0, 100)]
    aws, cloudmock = (
        {"CiphertextBlob": ciphertext, "Plaintext": plaintext, "KeyId": "k"}
        for ciphertext, plaintext in zip(ciphertexts, plaintexts, strict=False)
    )
    decrypted = [{"KeyId": "k", "Plaintext": plaintext} for plaintext in plaintexts]
    found = _run(
        ("kms.GenerateDataKey", aws, cloudmock),
        ("kms.Decrypt", decrypted[0], decrypted[1]),
        ("kms.Decrypt", decrypted[0], decrypted[2]),
    )

    assert [0, 0, 1] == list(map(len, found))


_ITEMS = [{"id": {"S": letter}, "n": {"N": "1"}} for letter in "bca"]
_SORTED = sorted(_ITEMS, key=str)


@pytest.mark.parametrize(
    ("name", "sent", "aws", "cloudmock", "is_free"),
    [
        ("dynamodb.Scan", "", {"Items": _ITEMS}, {"Items": _SORTED}, True),
        ("dynamodb.Query", "", {"Items": _ITEMS}, {"Items": _SORTED}, False),
        ("dynamodb.BatchGetItem", "", {"Responses": {"t": _ITEMS}}, {"Responses": {"t": _SORTED}}, True),
        ("dynamodb.ExecuteStatement", "SELECT * FROM t", {"Items": _ITEMS}, {"Items": _SORTED}, True),
        ("dynamodb.ExecuteStatement", "SELECT * FROM t ORDER BY n", {"Items": _ITEMS}, {"Items": _SORTED}, False),
        ("dynamodb.TransactGetItems", "", {"Responses": _ITEMS}, {"Responses": _SORTED}, False),
        (
            "sqs.ReceiveMessage",
            "http://localhost/1/q",
            {"Messages": [{"Body": letter} for letter in "bca"]},
            {"Messages": [{"Body": letter} for letter in "abc"]},
            True,
        ),
        (
            "sqs.ReceiveMessage",
            "http://localhost/1/q.fifo",
            {"Messages": [{"Body": letter} for letter in "bca"]},
            {"Messages": [{"Body": letter} for letter in "abc"]},
            False,
        ),
    ],
)
def test_an_order_counts_where_aws_promises_one(
    name: str, sent: str, aws: object, cloudmock: object, *, is_free: bool
) -> None:
    """Elsewhere the items alone do."""
    assert is_free is not bool(_run((name, aws, cloudmock), sent=sent)[0])


def test_an_item_that_is_wrong_is_found_in_any_order() -> None:
    """Another value in one of them, and one that is missing."""
    other = [*_SORTED[:2], {"id": {"S": "c"}, "n": {"N": "2"}}]

    assert [1, 1] == list(
        map(
            len,
            _run(
                ("dynamodb.Scan", {"Items": _ITEMS}, {"Items": other}),
                ("dynamodb.Scan", {"Items": _ITEMS}, {"Items": _SORTED[:2]}),
            ),
        )
    )


def test_an_order_that_a_side_changes_by_itself_counts_no_more() -> None:
    """The first time it cannot be told from a wrong one; an order that AWS promises is wrong each time."""
    orders = [[{"TopicArn": f"arn:aws:sns:eu-west-1:123456789012:{letter}"} for letter in text] for text in _ORDERS]
    topics = [("sns.ListSubscriptions", {"Subscriptions": orders[0]}, {"Subscriptions": each}) for each in orders]
    events = [("logs.FilterLogEvents", {"events": _events(_ORDERS[0])}, {"events": _events(text)}) for text in _ORDERS]

    assert [0, 1, 0, 0] == [len(found) for found in _run(*topics)]
    assert [0, 1, 1, 1] == [len(found) for found in _run(*events)]


_ORDERS = ("abc", "bca", "cab", "cba")


def _events(text: str) -> list[dict[str, object]]:
    return [{"logStreamName": "s", "timestamp": 1_700_000_000_000, "message": letter} for letter in text]


@pytest.mark.parametrize(
    ("name", "aws", "cloudmock"),
    [
        ("bedrock-runtime.Converse", {"metrics": {"latencyMs": 683}}, {"metrics": {"latencyMs": 12}}),
        ("athena.GetQueryExecution", {"TotalExecutionTimeInMillis": 5}, {"TotalExecutionTimeInMillis": 50}),
        ("logs.FilterLogEvents", {"events": [{"eventId": "3" * 56}]}, {"events": [{"eventId": "7"}]}),
        (
            "logs.FilterLogEvents",
            {"events": [{"message": "REPORT RequestId: 87d044b8-f154-41e2-8f38-1d5a8d0f2c11\tDuration: 1.23 ms"}]},
            {"events": [{"message": "REPORT RequestId: 11d044b8-f154-41e2-8f38-1d5a8d0f2c99\tDuration: 105.1 ms"}]},
        ),
        ("kms.Sign", {"Signature": "a1B2" * 24}, {"Signature": "c3D4" * 23}),
        ("kms.GenerateMac", {"Mac": "a1B2" * 11}, {"Mac": "c3D4" * 11}),
    ],
)
def test_what_is_measured_or_made_anew_is_forgiven(name: str, aws: object, cloudmock: object) -> None:
    """By the shipped rules, each with its reason."""
    assert [[]] == _run((name, aws, cloudmock))


@pytest.mark.parametrize(
    ("name", "aws", "cloudmock"),
    [
        ("bedrock-runtime.Converse", {"usage": {"inputTokens": 683}}, {"usage": {"inputTokens": 12}}),
        ("bedrock-runtime.Converse", {"metrics": {"latencyMs": 683}}, {"metrics": {"latencyMs": "12"}}),
        ("bedrock-runtime.Converse", {"metrics": {"latencyMs": 683}}, {"metrics": {}}),
        ("bedrock-runtime.Converse", {"output": {"message": {"p": "abc"}}}, {"output": {"message": {"p": "xyz"}}}),
        (
            "logs.FilterLogEvents",
            {"events": [{"message": "Timeout: 3 ms"}]},
            {"events": [{"message": "Timeout: 4 ms"}]},
        ),
        ("kms.Sign", {"Signature": "a1B2" * 24}, {"Signature": "c3D4" * 48}),
        ("kms.Verify", {"SignatureValid": True}, {"SignatureValid": False}),
    ],
)
def test_what_is_next_to_it_still_counts(name: str, aws: object, cloudmock: object) -> None:
    """A rule forgives its member's value, and not that it is missing, or of another type."""
    assert 1 == len(_run((name, aws, cloudmock))[0])
