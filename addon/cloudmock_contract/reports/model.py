"""The report: what a run's exchanges add up to.

A `Tally` counts exchanges as they end and keeps those that mismatched; `Tally.report` is what it has come to so far.
Bodies never come here. This file does not know how a report looks.
"""

import math
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cloudmock_contract.exchange import Exchange, Severity


@dataclass(frozen=True, slots=True)
class Count:
    """Exchanges of one service or operation."""

    total: int = 0
    matched: int = 0

    @property
    def percentage(self) -> float:
        """Matched, in per cent with one decimal, rounded down: 100.0 means all."""
        return math.floor(1000 * self.matched / self.total) / 10 if self.total else 0.0

    def with_one(self, *, matched: bool) -> "Count":
        return Count(self.total + 1, self.matched + matched)


@dataclass(frozen=True, slots=True)
class Latency:
    """How long one side took to reply, in seconds."""

    p50: float
    p95: float
    p99: float
    longest: float


@dataclass(frozen=True, slots=True)
class Run:
    """What was compared with what."""

    started_at: datetime
    aws: str
    """The reference side: a URL, or `AWS`."""
    cloudmock: str
    """The candidate's URL."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of this tool and of what it stands on, by package name."""


@dataclass(frozen=True, slots=True)
class Report:
    """A run's result."""

    run: Run
    seconds: float
    count: Count
    by_service: Mapping[str, Count]
    by_operation: Mapping[str, Count]
    by_severity: Mapping[Severity, int]
    forgiven: Mapping[str, int]
    """How many differences each rule forgave."""
    latency: Mapping[str, Latency]
    """Of `aws` and `cloudmock`, over the replies that they gave; a side that gave none is not in it."""
    mismatches: tuple[Exchange, ...]

    @property
    def total_requests(self) -> int:
        return self.count.total

    @property
    def matched(self) -> int:
        return self.count.matched

    @property
    def mismatched(self) -> int:
        return self.count.total - self.count.matched


class Tally:
    """Counts exchanges. Not thread-safe: it belongs to the event loop."""

    def __init__(self, run: Run) -> None:
        self.run = run
        """May be replaced when the settings change; what has been counted stays."""
        self._count = Count()
        self._by_service: dict[str, Count] = {}
        self._by_operation: dict[str, Count] = {}
        self._by_severity: Counter[Severity] = Counter()
        self._forgiven: Counter[str] = Counter()
        self._seconds = {"aws": array("d"), "cloudmock": array("d")}
        self._mismatches: list[Exchange] = []

    def add(self, exchange: Exchange) -> None:
        """Count one exchange."""
        operation, verdict = exchange.operation, exchange.verdict
        self._count = self._count.with_one(matched=verdict.matched)
        for counts, name in ((self._by_service, operation.service), (self._by_operation, operation.name)):
            counts[name] = counts.get(name, Count()).with_one(matched=verdict.matched)
        self._forgiven.update(verdict.forgiven)
        if exchange.aws_status:
            self._seconds["aws"].append(exchange.aws_seconds)
        if exchange.cloudmock_status:
            self._seconds["cloudmock"].append(exchange.cloudmock_seconds)
        if verdict.severity:
            self._by_severity[verdict.severity] += 1
            self._mismatches.append(exchange)

    def report(self) -> Report:
        """The report of all that was added so far."""
        return Report(
            run=self.run,
            seconds=(datetime.now(tz=UTC) - self.run.started_at).total_seconds(),
            count=self._count,
            by_service=dict(sorted(self._by_service.items())),
            by_operation=dict(sorted(self._by_operation.items())),
            by_severity={severity: self._by_severity[severity] for severity in reversed(Severity)},
            forgiven=dict(self._forgiven.most_common()),
            latency={side: _latency(seconds) for side, seconds in self._seconds.items() if seconds},
            mismatches=tuple(self._mismatches),
        )


def _latency(seconds: "array[float]") -> Latency:
    ordered = sorted(seconds)

    def quantile(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Latency(quantile(0.5), quantile(0.95), quantile(0.99), ordered[-1])
