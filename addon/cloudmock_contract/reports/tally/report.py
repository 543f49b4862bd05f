"""The report: what a run's exchanges add up to.

A `Tally` counts exchanges as they end and keeps those that mismatched; `Tally.report` is what it has come to so far.
Its memory is bounded, however many there are: mismatches beyond the bound are counted and not kept. It is a fold: the
same exchanges, in the same order, come to the same report, whether they come from a run or from its journal. Bodies
never come here. This file does not know how a report looks.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cloudmock_contract.leftovers.inventory import Inventory
from cloudmock_contract.reports.tally.bounded_list import BoundedList
from cloudmock_contract.reports.tally.latency_histogram import LatencyHistogram
from cloudmock_contract.reports.tally.root_causes import RootCauses
from cloudmock_contract.reports.tally.truncation import truncate
from cloudmock_contract.values.difference import SdkEffect, Severity
from cloudmock_contract.values.exchange import Exchange, Resource

MAX_MISMATCHES = 10_000
"""Mismatches that are kept."""

MAX_NOT_COMPARED = 1_000
"""Exchanges that were not compared and are kept."""

MAX_NAMES = 2_000
"""Services, operations, rules or reasons that are counted one by one: a name may be any path that an app asks for."""

MAX_NAME_CHARACTERS = 300

OTHERS = "(others)"
"""The name under which all others are counted."""

AWS_ITSELF = "AWS"
"""The name of what was compared, where no other endpoint took its place."""


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
    """How long one side took to reply, in seconds: up to 1 % more than the exact figure; `longest` is exact."""

    p50: float
    p95: float
    p99: float
    longest: float


@dataclass(frozen=True, slots=True)
class Run:
    """What was compared with what."""

    started_at: datetime
    aws: str
    """A URL, or `AWS` for AWS itself."""
    cloudmock: str
    """CloudMock's URL."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of this tool and of what it stands on, by package name."""

    @property
    def aws_endpoint(self) -> str:
        """The URL in AWS's place; empty for AWS itself."""
        return "" if self.aws == AWS_ITSELF else self.aws


@dataclass(frozen=True, slots=True)
class RootCause:
    """Mismatches that are one: of the same operation, with the same differences; and those that follow from them."""

    first: Exchange
    count: int
    """How many there are."""
    followed_by: int
    """How many mismatches follow from one of them."""


@dataclass(frozen=True, slots=True)
class NotCompared:
    """Exchanges whose sides were not compared: they neither matched nor mismatched."""

    total: int = 0
    by_reason: Mapping[str, int] = field(default_factory=dict)
    """How many, by reason: the commonest first."""
    exchanges: tuple[Exchange, ...] = ()
    """The first of them."""


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
    """Of `aws` and `cloudmock`, over the replies that were compared; a side that gave none is not in it."""
    mismatches: tuple[Exchange, ...]
    """Those that are kept, in the order in which they ended, truncated where they are very long."""
    by_effect: Mapping[SdkEffect, int]
    """Mismatches by the gravest of their effects."""
    root_causes: tuple[RootCause, ...]
    """Mismatches that follow from no other, equal ones once, in the order of the first of each."""
    mismatches_omitted: int = 0
    """Mismatches that were counted and not kept."""
    not_compared: NotCompared = field(default_factory=NotCompared)
    leftovers: tuple[Resource, ...] = ()
    """What was created on AWS and not deleted, in the order of creation."""
    leftovers_omitted: int = 0
    """How many more were created, of which it is not known whether they were deleted."""
    problems: tuple[str, ...] = ()
    """What went wrong with the report itself, or was not found out, as sentences: what may be missing in it."""

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
        self._by_effect: Counter[SdkEffect] = Counter()
        self._by_reason: dict[str, Count] = {}
        self._forgiven: dict[str, Count] = {}
        self._latencies = {"aws": LatencyHistogram(), "cloudmock": LatencyHistogram()}
        self._mismatches = BoundedList(MAX_MISMATCHES)
        self._not_compared = BoundedList(MAX_NOT_COMPARED)
        self._root_causes = RootCauses()
        self._leftovers = Inventory()

    def add(self, exchange: Exchange, *, instead_of: Exchange | None = None) -> Exchange:
        """Count one exchange, and give it back truncated, as it is kept.

        `instead_of`: the earlier attempt at the same call, which no longer counts. Only what it did on AWS, and how
        long its replies took, still does.
        """
        if instead_of:
            self._remove(truncate(instead_of))
        exchange = truncate(exchange)
        self._leftovers.add(exchange.created, exchange.deleted)
        if exchange.not_compared:
            _count(self._by_reason, exchange.not_compared, 1)
            self._not_compared.add(exchange)
            return exchange
        self._account(exchange, 1)
        if exchange.aws_status:
            self._latencies["aws"].add(exchange.aws_seconds)
        if exchange.cloudmock_status:
            self._latencies["cloudmock"].add(exchange.cloudmock_seconds)
        if not exchange.verdict.matched:
            self._root_causes.add(exchange, is_listed=self._mismatches.add(exchange))
        return exchange

    def _remove(self, exchange: Exchange) -> None:
        if exchange.not_compared:
            _count(self._by_reason, exchange.not_compared, -1)
            self._not_compared.remove(exchange.id)
            return
        self._account(exchange, -1)
        if not exchange.verdict.matched:
            self._mismatches.remove(exchange.id)
            self._root_causes.remove(exchange)

    def _account(self, exchange: Exchange, times: int) -> None:
        operation, verdict = exchange.operation, exchange.verdict
        self._count = self._count.with_one(matched=verdict.matched, times=times)
        _count(self._by_service, operation.service, times, matched=verdict.matched)
        _count(self._by_operation, operation.name, times, matched=verdict.matched)
        for rule, count in verdict.forgiven.items():
            _count(self._forgiven, rule, count * times)
        if verdict.severity:
            self._by_severity[verdict.severity] += times
        if verdict.effects and not verdict.matched:
            self._by_effect[verdict.effects[0]] += times

    def report(self, *, ended_at: datetime | None = None, problems: Iterable[str] = ()) -> Report:
        """The report of everything that was added so far.

        `ended_at`: when the run ended, by default now. `problems`: see `Report`.
        """
        mismatched = self._count.total - self._count.matched
        by_reason = _numbers(self._by_reason)
        return Report(
            run=self.run,
            seconds=((ended_at or datetime.now(tz=UTC)) - self.run.started_at).total_seconds(),
            count=self._count,
            by_service=_counts(self._by_service),
            by_operation=_counts(self._by_operation),
            by_severity={severity: self._by_severity[severity] for severity in reversed(Severity)},
            forgiven=_numbers(self._forgiven),
            latency={
                side: Latency(*times.quantiles(0.5, 0.95, 0.99, 1)) for side, times in self._latencies.items() if times
            },
            mismatches=tuple(self._mismatches),
            by_effect={effect: self._by_effect[effect] for effect in SdkEffect if self._by_effect[effect]},
            root_causes=tuple(RootCause(*summary) for summary in self._root_causes.summaries(self._mismatches)),
            mismatches_omitted=mismatched - len(self._mismatches),
            not_compared=NotCompared(sum(by_reason.values()), by_reason, tuple(self._not_compared)),
            leftovers=self._leftovers.resources,
            leftovers_omitted=self._leftovers.omitted,
            problems=tuple(problems),
        )


def _count(counts: dict[str, Count], name: str, times: int, *, matched: bool = False) -> None:
    """Count under the name. A name that is counted by itself stays so: what was added can be taken back."""
    name = name if len(name) <= MAX_NAME_CHARACTERS else f"{name[:MAX_NAME_CHARACTERS]}…"
    if name not in counts and len(counts) >= MAX_NAMES:
        name = OTHERS
    counts[name] = counts.get(name, Count()).with_one(matched=matched, times=times)


def _counts(counts: Mapping[str, Count]) -> dict[str, Count]:
    return {name: count for name, count in sorted(counts.items()) if count.total}


def _numbers(counts: Mapping[str, Count]) -> dict[str, int]:
    """The totals, greatest first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1].total)
    return {name: count.total for name, count in ordered if count.total}
