"""A finished exchange: both outcomes, concluded."""

import dataclasses
import json
from datetime import UTC, datetime

import botocore.session
import pytest
from botocore.model import OperationModel

from cloudmock_contract.comparison.conclusion import Asked, conclude
from cloudmock_contract.comparison.rules import Rule, Rules
from cloudmock_contract.exchange import (
    Difference,
    Exchange,
    Failure,
    Headers,
    Kind,
    Operation,
    Outcome,
    Reply,
    Request,
    Severity,
    Verdict,
)

_TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_OPERATION = Operation("dynamodb", "GetItem", "json", "dynamodb", "eu-west-1")
_REQUEST = Request("POST", "/path/of%20it?query=secret", Headers((("Authorization", "secret"),)), b"the body")
_NO_RULES = Rules()


def _reply(body: object, status: int = 200, seconds: float = 0.5, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    return Reply(status, Headers(headers), json.dumps(body).encode(), seconds)


def _concluded(
    aws: Outcome,
    cloudmock: Outcome,
    *,
    rules: Rules = _NO_RULES,
    operation: Operation = _OPERATION,
    model: OperationModel | None = None,
) -> Exchange:
    return conclude(Asked("the-id", _TIME, _REQUEST, operation), model, aws, cloudmock, rules)


@pytest.fixture(scope="module")
def secret_value() -> OperationModel:
    """The model of an operation that returns secrets."""
    service = botocore.session.Session().get_service_model("secretsmanager")
    return service.operation_model("GetSecretValue")


def test_an_exchange_has_what_was_asked_and_what_it_came_to() -> None:
    """The exchange has the request's name, time and path, each side's status and time, and the verdict."""
    exchange = _concluded(_reply({"Count": 1}, seconds=0.25), _reply({"Count": 2}, status=201, seconds=0.75))

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
        verdict=Verdict(differences, {}, Severity.STATUS),
    )
    assert expected == exchange


def test_rules_are_asked_for_the_exchange_s_operation() -> None:
    """What a rule of this operation forgives is no difference, and is counted."""
    rules = Rules((Rule("Count", "dynamodb.GetItem"), Rule("Id", "s3.*")))
    exchange = _concluded(_reply({"Count": 1, "Id": 1}), _reply({"Count": 2, "Id": 1}), rules=rules)

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
    exchange = _concluded(aws, cloudmock)

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
    exchange = _concluded(_reply({"ok": True}), _reply(no_table, 400))

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
    ],
)
def test_secrets_do_not_leave(secret_value: OperationModel, aws: object, cloudmock: object) -> None:
    """A secret that differs is a difference, and neither side's secret is in the exchange."""
    operation = Operation("secretsmanager", "GetSecretValue", "json", "secretsmanager")
    exchange = _concluded(_reply(aws), _reply(cloudmock), operation=operation, model=secret_value)

    assert not exchange.verdict.matched
    assert "hunter" not in repr(exchange)


def test_the_model_says_what_is_secret() -> None:
    """A member that has no telling name is secret where the operation's model marks it as that."""
    service = botocore.session.Session().get_service_model("secretsmanager")
    operation = Operation("secretsmanager", "GetRandomPassword", "json", "secretsmanager")
    exchange = _concluded(
        _reply({"RandomPassword": "hunter2"}),
        _reply({"RandomPassword": "hunter3"}),
        operation=operation,
        model=service.operation_model("GetRandomPassword"),
    )

    expected = ['RandomPassword: "[redacted]" -> "[redacted]"']
    assert expected == _lines(exchange)


def test_redaction_does_not_change_the_verdict(secret_value: OperationModel) -> None:
    """What is no secret stays readable beside one, and kinds and severity are those of the real values."""
    operation = Operation("secretsmanager", "GetSecretValue", "json", "secretsmanager")
    aws, cloudmock = {"Name": "a", "SecretString": "x"}, {"Name": "b", "SecretString": "y"}
    exchange = _concluded(_reply(aws), _reply(cloudmock), operation=operation, model=secret_value)

    expected = ['Name: "a" -> "b"', 'SecretString: "[redacted]" -> "[redacted]"']
    assert expected == _lines(exchange)
    assert Severity.DATA is exchange.verdict.severity


def test_an_exchange_has_no_bodies() -> None:
    """Nothing of a request's body, query or headers is kept, and nothing of replies but what differs."""
    exchange = _concluded(_reply({"Same": "equal members", "a": 1}), _reply({"Same": "equal members", "a": 2}))

    text = repr(dataclasses.asdict(exchange))
    assert not [part for part in ("the body", "secret", "equal members") if part in text]


def test_a_body_that_cannot_be_read_is_a_schema_difference() -> None:
    """A reply that is not in the operation's notation is told as that."""
    broken = Reply(200, Headers((("Content-Type", "application/json"),)), b"<html>")
    exchange = _concluded(_reply({}), broken)

    assert Severity.SCHEMA is exchange.verdict.severity
    assert _lines(exchange)[0].startswith("body: parsable -> not JSON: ")
