"""The report as JSON. Its keys are described in configs/report.schema.json.

The keys of the first block are those of `cloudmock contract`, and stay as they are; everything else is additional. This
file does not know where the report is written.
"""

import json
import math
from datetime import UTC, datetime
from typing import Any

from cloudmock_contract.reports.tally.report import Count, NotCompared, Report, RootCause
from cloudmock_contract.reports.tally.truncation import differences_omitted, truncate
from cloudmock_contract.values.difference import Difference
from cloudmock_contract.values.exchange import Exchange, Resource


def render(report: Report) -> str:
    """The text of the report."""
    return json.dumps(as_dict(report), indent=2, ensure_ascii=False) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "started_at": _time(report.run.started_at),
        "duration_sec": round(report.seconds, 3),
        "total_requests": report.total_requests,
        "matched": report.matched,
        "mismatched": report.mismatched,
        "compatibility_pct": report.count.percentage,
        "by_service": {name: _count(count) for name, count in report.by_service.items()},
        "mismatches": [_mismatch(exchange) for exchange in report.mismatches],
        "aws": report.run.aws,
        "cloudmock": report.run.cloudmock,
        "versions": dict(report.run.versions),
        "by_operation": {name: _count(count) for name, count in report.by_operation.items()},
        "by_severity": dict(report.by_severity),
        "by_effect": dict(report.by_effect),
        "root_causes": [_root_cause(cause) for cause in report.root_causes],
        "forgiven": dict(report.forgiven),
        "latency_ms": {
            side: {
                "p50": _milliseconds(latency.p50),
                "p95": _milliseconds(latency.p95),
                "p99": _milliseconds(latency.p99),
                "max": _milliseconds(latency.longest),
            }
            for side, latency in report.latency.items()
        },
        "mismatches_omitted": report.mismatches_omitted,
        "not_compared": _not_compared(report.not_compared),
        "left_on_aws": [_resource(resource) for resource in report.leftovers],
        "left_on_aws_omitted": report.leftovers_omitted,
        "problems": list(report.problems),
    }


def _count(count: Count) -> dict[str, Any]:
    return {"total": count.total, "matched": count.matched, "pct": count.percentage}


def mismatch(exchange: Exchange) -> dict[str, Any]:
    """Any exchange, as an entry of `mismatches`."""
    return _mismatch(truncate(exchange))


def _mismatch(exchange: Exchange) -> dict[str, Any]:
    differences = exchange.verdict.differences
    entry: dict[str, Any] = {
        "service": exchange.operation.service,
        "action": exchange.operation.action,
        "aws_status": exchange.aws_status,
        "cloudmock_status": exchange.cloudmock_status,
        "diffs": [str(difference) for difference in differences],
        "severity": exchange.verdict.severity,
        "id": exchange.id,
        "time": _time(exchange.time),
        "method": exchange.method,
        "path": exchange.path,
        "effects": list(exchange.verdict.effects),
        "differences": [_difference(difference) for difference in differences],
    }
    if omitted := differences_omitted(exchange):
        entry["differences_omitted"] = omitted
    if exchange.follows:
        entry["follows"] = exchange.follows
    if exchange.invocation_id:
        entry["invocation_id"] = exchange.invocation_id
    if exchange.aws_error:
        entry["aws_error"] = exchange.aws_error
    if exchange.cloudmock_error:
        entry["cloudmock_error"] = exchange.cloudmock_error
    return entry


def _not_compared(not_compared: NotCompared) -> dict[str, Any]:
    return {
        "total": not_compared.total,
        "by_reason": dict(not_compared.by_reason),
        "exchanges": [
            {
                "service": exchange.operation.service,
                "action": exchange.operation.action,
                "reason": exchange.not_compared,
                "aws_status": exchange.aws_status,
                "cloudmock_status": exchange.cloudmock_status,
                "id": exchange.id,
                "time": _time(exchange.time),
                "method": exchange.method,
                "path": exchange.path,
            }
            for exchange in not_compared.exchanges
        ],
    }


def _resource(resource: Resource) -> dict[str, Any]:
    return {
        "service": resource.service,
        "region": resource.region,
        "action": resource.action,
        "parameters": [{"name": name, "value": value} for name, value in resource.parameters],
        "may_be_older": resource.may_be_older,
    }


def _root_cause(cause: RootCause) -> dict[str, Any]:
    first = cause.first
    return {
        "id": first.id,
        "service": first.operation.service,
        "action": first.operation.action,
        "severity": first.verdict.severity,
        "effects": list(first.verdict.effects),
        "diffs": [str(difference) for difference in first.verdict.differences],
        "count": cause.count,
        "followed_by": cause.followed_by,
    }


def _difference(difference: Difference) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "path": difference.location,
        "kind": difference.kind,
        "aws": _finite(difference.aws),
        "cloudmock": _finite(difference.cloudmock),
    }
    if difference.violation:
        entry["breach"] = difference.violation
    return entry


def _finite(value: object) -> Any:
    """The value; numbers that JSON does not have are strings."""
    match value:
        case dict():
            return {str(key): _finite(item) for key, item in value.items()}
        case list():
            return [_finite(item) for item in value]
        case float() if not math.isfinite(value):
            return str(value)
        case _:
            return value


def _time(moment: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)
