"""The report as JSON. Its keys are described in configs/report.schema.json.

The keys of the first block are those of `cloudmock contract`, and stay as they are; everything else is additional.
"""

import json
import math
from datetime import UTC, datetime
from typing import Any

from cloudmock_contract.exchange import Difference, Exchange
from cloudmock_contract.reports.model import Cause, Count, Report

LONGEST_STRING = 4_000
"""Characters of one string that the structured differences keep."""

MOST_DIFFERENCES = 1_000
"""Differences that one mismatch lists."""


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
        "mismatches": [mismatch(exchange) for exchange in report.mismatches],
        "aws": report.run.aws,
        "cloudmock": report.run.cloudmock,
        "versions": dict(report.run.versions),
        "by_operation": {name: _count(count) for name, count in report.by_operation.items()},
        "by_severity": dict(report.by_severity),
        "by_effect": dict(report.by_effect),
        "root_causes": [_cause(cause) for cause in report.causes],
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
    }


def _count(count: Count) -> dict[str, Any]:
    return {"total": count.total, "matched": count.matched, "pct": count.percentage}


def mismatch(exchange: Exchange) -> dict[str, Any]:
    """One exchange, as an entry of `mismatches`."""
    differences = exchange.verdict.differences
    entry: dict[str, Any] = {
        "service": exchange.operation.service,
        "action": exchange.operation.action,
        "aws_status": exchange.aws_status,
        "cloudmock_status": exchange.cloudmock_status,
        "diffs": [str(difference) for difference in differences[:MOST_DIFFERENCES]],
        "severity": exchange.verdict.severity,
        "id": exchange.id,
        "time": _time(exchange.time),
        "method": exchange.method,
        "path": exchange.path,
        "effects": list(exchange.verdict.effects),
        "differences": [_difference(difference) for difference in differences[:MOST_DIFFERENCES]],
    }
    if len(differences) > MOST_DIFFERENCES:
        entry["differences_omitted"] = len(differences) - MOST_DIFFERENCES
    if exchange.follows:
        entry["follows"] = exchange.follows
    if exchange.invocation_id:
        entry["invocation_id"] = exchange.invocation_id
    if exchange.aws_error:
        entry["aws_error"] = _cut(exchange.aws_error)
    if exchange.cloudmock_error:
        entry["cloudmock_error"] = _cut(exchange.cloudmock_error)
    return entry


def _cause(cause: Cause) -> dict[str, Any]:
    first = cause.first
    return {
        "id": first.id,
        "service": first.operation.service,
        "action": first.operation.action,
        "severity": first.verdict.severity,
        "effects": list(first.verdict.effects),
        "diffs": [str(difference) for difference in first.verdict.differences[:MOST_DIFFERENCES]],
        "count": cause.count,
        "followed_by": cause.followed_by,
    }


def _difference(difference: Difference) -> dict[str, Any]:
    told: dict[str, Any] = {
        "path": difference.location,
        "kind": difference.kind,
        "aws": _cut(difference.aws),
        "cloudmock": _cut(difference.cloudmock),
    }
    if difference.breach:
        told["breach"] = difference.breach
    return told


def _cut(value: object) -> Any:
    """The value with its long strings cut."""
    match value:
        case str() if len(value) > LONGEST_STRING:
            return f"{value[:LONGEST_STRING]}… ({len(value)} characters)"
        case dict():
            return {str(key): _cut(item) for key, item in value.items()}
        case list():
            return [_cut(item) for item in value]
        case float() if not math.isfinite(value):
            return str(value)  # JSON has no NaN and no infinity
        case _:
            return value


def _time(moment: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)
