"""Secrets that are known by their values go out of exchanges, wherever they are quoted."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.secrets.by_value import MIN_CHARACTERS, cleared, secrets_in
from cloudmock_contract.values.difference import Difference, Kind, Severity
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.http import Headers, Request
from cloudmock_contract.values.operation import Operation
from support.calls import call_for

_SECRET = "s3cr3t/with+signs"
_OPERATION = Operation("secretsmanager", "CreateSecret", "json", "secretsmanager", "eu-west-1")


@pytest.fixture(scope="module")
def services() -> Services:
    """The services that botocore knows."""
    return Services()


def _exchange() -> Exchange:
    differences = (
        Difference((f"a {_SECRET}", 0), Kind.VALUE, f"x{_SECRET}y", {"k": [_SECRET, 1, None], _SECRET: 2}),
        Difference(("cloudmock",), Kind.FAILURE, cloudmock=f"said {_SECRET}", violation=_SECRET),
    )
    return Exchange(
        id="1",
        time=datetime(2026, 1, 2, tzinfo=UTC),
        operation=_OPERATION,
        method="POST",
        path=f"/{_SECRET}",
        aws_status=400,
        cloudmock_status=0,
        aws_seconds=0.1,
        cloudmock_seconds=0.1,
        aws_error=f"Invalid: {_SECRET}",
        cloudmock_error=_SECRET,
        verdict=Verdict(differences, {}, Severity.ERROR),
        not_compared=f"because of {_SECRET}",
    )


def test_a_known_secret_is_nowhere() -> None:
    """In paths, values, names, error texts and reasons there is a mark in its place."""
    exchange = cleared(_exchange(), {_SECRET, "another one"})

    assert _SECRET not in repr(exchange)
    assert "Invalid: [redacted]" == exchange.aws_error
    assert {"k": ["[redacted]", 1, None], "[redacted]": 2} == exchange.verdict.differences[0].cloudmock
    assert (400, Severity.ERROR) == (exchange.aws_status, exchange.verdict.severity)


def test_without_secrets_nothing_changes() -> None:
    """Where none is known, or only ones that are too short to be told from other text, the exchange is the same."""
    exchange = _exchange()

    assert exchange is cleared(exchange, ())
    assert exchange is cleared(exchange, {"", "x" * (MIN_CHARACTERS - 1)})


def test_a_longer_secret_goes_as_a_whole() -> None:
    """One that begins another does not leave the rest of it."""
    exchange = replace(_exchange(), aws_error="token-and-more")

    assert "[redacted]" == cleared(exchange, {"token-", "token-and-more"}).aws_error


@pytest.mark.parametrize(
    ("operation", "body", "expected"),
    [
        (_OPERATION, b'{"Name": "n", "SecretString": "open sesame"}', {"open sesame"}),
        (_OPERATION, b'{"Name": "n"}', set()),
        (_OPERATION, b"\xff{", set()),
        (
            Operation("iam", "CreateLoginProfile", "query", "iam"),
            b"Action=CreateLoginProfile&Version=2010-05-08&UserName=u&Password=open+sesame",
            {"open sesame"},
        ),
    ],
)
def test_a_requests_own_secrets_are_found(
    services: Services, operation: Operation, body: bytes, expected: set[str]
) -> None:
    """What the model marks as sensitive, or a name says, and nothing else; garbage has none."""
    content_type = (
        "application/x-www-form-urlencoded" if operation.protocol == "query" else "application/x-amz-json-1.1"
    )
    request = Request("POST", "/", Headers((("Content-Type", content_type),)), body)

    assert expected == secrets_in(
        call_for(request, operation), services.operation_model(operation.service, operation.action)
    )


def test_without_a_model_no_secret_is_known() -> None:
    """Nobody says what is secret in a request that no model names."""
    assert frozenset() == secrets_in(call_for(Request("POST", "/", Headers(), b"{}"), _OPERATION), None)
