"""The report: what a run's exchanges add up to.

A `Tally` counts exchanges as they end and keeps those that mismatched; `Tally.report` is what it has come to so far.
Bodies never come here. This file does not know how a report looks.
"""

import math
from array import array
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cloudmock_contract.exchange import Effect, Exchange, Severity


@dataclass(frozen=True, slots=True)
class Count:
    """Exchanges of one service or operation."""

    total: int = 0
    matched: int = 0

    @property
    def percentage(self) -> float:
        """Matched, in per cent with one decimal, rounded down: 100.0 means all."""
        return math.floor(1000 * self.matched / self.total) / 10 if self.total else 0.0

    def with_one(self, *, matched: bool, times: int = 1) -> "Count":
        """One more; with `times` -1, one less."""
        return Count(self.total + times, self.matched + matched * times)


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
class Cause:
    """Mismatches that are one: of the same operation, with the same differences; and those that follow from them."""

    first: Exchange
    count: int
    """How many there are."""
    followed_by: int
    """How many mismatches follow from one of them."""


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
    by_effect: Mapping[Effect, int]
    """Mismatches by the gravest of their effects."""
    causes: tuple[Cause, ...]
    """The root causes: mismatches that follow from no other, equal ones once, in the order of the first of each."""

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

    def add(self, exchange: Exchange, *, instead_of: Exchange | None = None) -> None:
        """Count one exchange. `instead_of`: the attempt at the same call that was counted before, and is no more."""
        if instead_of:
            self._account(instead_of, -1)
            self._mismatches = [one for one in self._mismatches if one is not instead_of]
        self._account(exchange, 1)
        if exchange.aws_status:
            self._seconds["aws"].append(exchange.aws_seconds)
        if exchange.cloudmock_status:
            self._seconds["cloudmock"].append(exchange.cloudmock_seconds)
        if exchange.verdict.severity:
            self._mismatches.append(exchange)

    def _account(self, exchange: Exchange, times: int) -> None:
        operation, verdict = exchange.operation, exchange.verdict
        self._count = self._count.with_one(matched=verdict.matched, times=times)
        for counts, name in ((self._by_service, operation.service), (self._by_operation, operation.name)):
            counts[name] = counts.get(name, Count()).with_one(matched=verdict.matched, times=times)
        for rule, number in verdict.forgiven.items():
            self._forgiven[rule] += number * times
        if verdict.severity:
            self._by_severity[verdict.severity] += times

    def report(self) -> Report:
        """The report of all that was added so far."""
        return Report(
            run=self.run,
            seconds=(datetime.now(tz=UTC) - self.run.started_at).total_seconds(),
            count=self._count,
            by_service=dict(sorted(self._by_service.items())),
            by_operation=dict(sorted(self._by_operation.items())),
            by_severity={severity: self._by_severity[severity] for severity in reversed(Severity)},
            forgiven={rule: number for rule, number in self._forgiven.most_common() if number},
            latency={side: _latency(seconds) for side, seconds in self._seconds.items() if seconds},
            mismatches=tuple(self._mismatches),
            by_effect={effect: number for effect, number in self._effects().items() if number},
            causes=_causes(self._mismatches),
        )

    def _effects(self) -> Mapping[Effect, int]:
        found = Counter(one.verdict.effects[0] for one in self._mismatches if one.verdict.effects)
        return {effect: found[effect] for effect in Effect}


def _causes(mismatches: Iterable[Exchange]) -> tuple[Cause, ...]:
    alike: dict[Hashable, list[Exchange]] = {}
    followers: Counter[str] = Counter()
    for one in mismatches:
        if one.follows:
            followers[one.follows] += 1
        else:
            alike.setdefault(_signature(one), []).append(one)
    return tuple(Cause(group[0], len(group), sum(followers[one.id] for one in group)) for group in alike.values())


def _signature(exchange: Exchange) -> Hashable:
    """Equal for mismatches of one operation that differ at the same places, whichever item of a list it is."""
    places = frozenset(
        (one.kind, tuple("*" if isinstance(step, int) else step for step in one.path))
        for one in exchange.verdict.differences
    )
    return exchange.operation.name, exchange.aws_status, exchange.cloudmock_status, places


def _latency(seconds: "array[float]") -> Latency:
    ordered = sorted(seconds)

    def quantile(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Latency(quantile(0.5), quantile(0.95), quantile(0.99), ordered[-1])
