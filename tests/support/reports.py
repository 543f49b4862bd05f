"""Exchanges and reports to render."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudmock_contract.reports.recorder import Recorder
from cloudmock_contract.reports.tally.report import Report, Run
from cloudmock_contract.values.difference import Difference, Kind, Severity
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.operation import Operation

_SEVERITIES = {
    Kind.VALUE: Severity.DATA,
    Kind.MISSING: Severity.SCHEMA,
    Kind.EXTRA: Severity.SCHEMA,
    Kind.TYPE: Severity.SCHEMA,
    Kind.UNPARSABLE: Severity.SCHEMA,
    Kind.STATUS: Severity.STATUS,
    Kind.FAILURE: Severity.ERROR,
}


@pytest.fixture(scope="session")
def exchange() -> Callable[..., Exchange]:
    """Makes an exchange that had these differences; the first one decides on its severity."""

    def make(*differences: Difference, name: str = "dynamodb.GetItem", **changes: Any) -> Exchange:
        service, _, action = name.partition(".")
        forgiven = changes.pop("forgiven", {})
        values: dict[str, Any] = {
            "id": "the-id",
            "time": datetime(2026, 1, 2, 3, 4, 5, 6789, tzinfo=UTC),
            "operation": Operation(service, action, "json", service, "eu-west-1"),
            "method": "POST",
            "path": "/",
            "aws_status": 200,
            "cloudmock_status": 200,
            "aws_seconds": 0.25,
            "cloudmock_seconds": 0.125,
            "aws_error": "",
            "cloudmock_error": "",
            "verdict": Verdict(differences, forgiven, _SEVERITIES[differences[0].kind] if differences else None),
        }
        return Exchange(**values | changes)

    return make


@pytest.fixture(scope="session")
def report() -> Callable[..., Report]:
    """Makes the report of these exchanges."""

    def make(*exchanges: Exchange, aws: str = "AWS", cloudmock: str = "http://localhost:4566") -> Report:
        run = Run(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), aws, cloudmock, {"cloudmock-contract": "1.2.3"})
        recorder = Recorder(run)
        for exchange in exchanges:
            recorder.add(exchange)
        return recorder.report()

    return make
