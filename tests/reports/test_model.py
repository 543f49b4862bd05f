"""What the exchanges of a run add up to."""

import math
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.exchange import Difference, Effect, Exchange, Kind, Operation, Severity, Verdict
from cloudmock_contract.reports.model import Count, Latency, Report, Run, Tally

_DIFFERENCE = Difference(("a",), Kind.VALUE, 1, 2)


def test_a_run_without_requests_has_an_empty_report(report: Callable[..., Report]) -> None:
    """Nothing that came through counts as nothing: no service, no time, no mismatch, and 0 per cent."""
    empty = report()

    expected = (0, 0, 0, 0.0)
    assert expected == (empty.total_requests, empty.matched, empty.mismatched, empty.count.percentage)
    assert dict.fromkeys(Severity, 0) == empty.by_severity
    assert not any((empty.by_service, empty.by_operation, empty.forgiven, empty.latency, empty.mismatches))


def test_exchanges_are_counted_by_service_and_operation(
    exchange: Callable[..., Exchange], report: Callable[..., Report]
) -> None:
    """Each exchange counts once for its service and once for its operation, in the order of their names."""
    made = report(
        exchange(name="s3.PutObject"),
        exchange(_DIFFERENCE, name="dynamodb.PutItem"),
        exchange(name="dynamodb.PutItem"),
        exchange(name="dynamodb.GetItem"),
    )

    by_service = {"dynamodb": Count(3, 2), "s3": Count(1, 1)}
    by_operation = {"dynamodb.GetItem": Count(1, 1), "dynamodb.PutItem": Count(2, 1), "s3.PutObject": Count(1, 1)}
    assert list(by_service.items()) == list(made.by_service.items())
    assert list(by_operation.items()) == list(made.by_operation.items())
    assert Count(4, 3) == made.count


def test_mismatches_are_kept_in_their_order(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """The exchanges that mismatched are in the report as they ended; those that matched are not."""
    one, other = exchange(_DIFFERENCE, id="1"), exchange(_DIFFERENCE, id="3")
    made = report(one, exchange(id="2"), other)

    assert (one, other) == made.mismatches


def test_severities_are_listed_worst_first(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Every severity has its number, also the ones that did not occur, beginning with the worst."""
    status = Difference(("status",), Kind.STATUS, 200, 404)
    made = report(exchange(_DIFFERENCE), exchange(status), exchange(_DIFFERENCE), exchange())

    expected = [("error", 0), ("status", 1), ("schema", 0), ("data", 2)]
    assert expected == list(made.by_severity.items())


def test_what_was_forgiven_is_added_up(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Each rule's number is that of all exchanges, matched or not, and the busiest rule comes first."""
    made = report(
        exchange(forgiven={"A": 1, "B": 2}), exchange(_DIFFERENCE, forgiven={"B": 3, "C in s3.*": 2}), exchange()
    )

    expected = [("B", 5), ("C in s3.*", 2), ("A", 1)]
    assert expected == list(made.forgiven.items())


def test_a_side_without_replies_has_no_latency(
    exchange: Callable[..., Exchange], report: Callable[..., Report]
) -> None:
    """Only replies have a latency: a side's failures do not count, and a side with nothing else is absent."""
    made = report(
        exchange(aws_seconds=0.5, cloudmock_status=0, cloudmock_seconds=30.0),
        exchange(aws_status=0, aws_seconds=9.0, cloudmock_status=0),
    )
    mirrored = report(exchange(aws_status=0, cloudmock_seconds=0.5))

    expected = Latency(0.5, 0.5, 0.5, 0.5)
    assert {"aws": expected} == made.latency
    assert {"cloudmock": expected} == mirrored.latency


def _tallied(exchanges: list[Exchange]) -> Report:
    tally = Tally(Run(datetime(2026, 1, 1, tzinfo=UTC), "AWS", "http://localhost:4566"))
    for one in exchanges:
        tally.add(one)
    return tally.report()


def _exchange(seconds: float = 0.0, service: str = "s3", differences: tuple[Difference, ...] = ()) -> Exchange:
    verdict = Verdict(differences, {}, Severity.DATA if differences else None)
    operation = Operation(service, "Do", "json", service)
    return Exchange(
        "id", datetime(2026, 1, 1, tzinfo=UTC), operation, "GET", "/", 200, 200, seconds, 0.0, "", "", verdict
    )


@given(st.lists(st.floats(0, 100), min_size=1, max_size=250))
def test_percentiles_are_times_of_replies(seconds: list[float]) -> None:
    """A percentile is the time of one of the replies, and at least that share of them took no longer."""
    latency = _tallied([_exchange(one) for one in seconds]).latency["aws"]

    for share, value in ((0.5, latency.p50), (0.95, latency.p95), (0.99, latency.p99), (1, latency.longest)):
        assert value in seconds
        assert sum(one <= value for one in seconds) >= share * len(seconds)
    assert max(seconds) == latency.longest
    assert latency.p50 <= latency.p95 <= latency.p99 <= latency.longest


@pytest.mark.parametrize(("count", "expected"), [(1, (0, 0, 0)), (3, (1, 2, 2)), (1001, (500, 950, 990))])
def test_percentiles_are_where_they_should_be(count: int, expected: tuple[int, int, int]) -> None:
    """Half of the replies, 5 and 1 of a hundred took longer than the percentiles say."""
    latency = _tallied([_exchange(float(number)) for number in reversed(range(count))]).latency["aws"]

    assert expected == (latency.p50, latency.p95, latency.p99)


@given(st.lists(st.tuples(st.sampled_from(("s3", "sqs", "kms")), st.booleans())))
def test_totals_always_add_up(outcomes: list[tuple[str, bool]]) -> None:
    """All is matched plus mismatched, over the services as in the whole, and every mismatch is graded and kept."""
    made = _tallied([_exchange(0, name, () if matched else (_DIFFERENCE,)) for name, matched in outcomes])

    totals = Counter(name for name, _ in outcomes)
    assert len(outcomes) == made.total_requests == made.matched + made.mismatched
    assert totals == {name: count.total for name, count in made.by_service.items()}
    assert made.matched == sum(count.matched for count in made.by_service.values())
    assert made.mismatched == len(made.mismatches) == sum(made.by_severity.values())


@pytest.mark.parametrize(
    ("total", "matched", "expected"),
    [
        (0, 0, 0.0),
        (1, 0, 0.0),
        (1, 1, 100.0),
        (3, 1, 33.3),
        (3, 2, 66.6),
        (8, 7, 87.5),
        (1000, 999, 99.9),
        (10_000, 9_999, 99.9),
        (1_000_000, 999_999, 99.9),
        (10_000, 1, 0.0),
        (1000, 1, 0.1),
    ],
)
def test_percentages_are_rounded_down(total: int, matched: int, expected: float) -> None:
    """Only a run in which all matched has 100 per cent, and none has more than it earned."""
    assert expected == Count(total, matched).percentage


@given(st.integers(1, 10**9).flatmap(lambda total: st.tuples(st.just(total), st.integers(0, total))))
def test_percentages_are_exact(counts: tuple[int, int]) -> None:
    """The percentage is the largest with one decimal that is not above the true share."""
    total, matched = counts
    tenths = Fraction(str(Count(total, matched).percentage)) * 10

    assert tenths == math.floor(Fraction(matched * 1000, total))


def test_a_report_does_not_change_afterwards(exchange: Callable[..., Exchange]) -> None:
    """A report is what the run had come to when it was asked for; exchanges that end later are in the next one."""
    tally = Tally(Run(datetime.now(tz=UTC), "AWS", "http://localhost:4566"))
    tally.add(exchange(forgiven={"A": 1}))
    before = tally.report()
    text = repr(before)
    tally.add(exchange(_DIFFERENCE, forgiven={"A": 1}))

    assert text == repr(before)
    assert before.total_requests + 1 == tally.report().total_requests


def test_the_duration_is_the_time_since_the_start() -> None:
    """The report says how many seconds have passed since the run began, whatever zone its start was told in."""
    started = datetime.now(tz=UTC).astimezone() - timedelta(seconds=90)

    assert 90 <= Tally(Run(started, "AWS", "http://localhost:4566")).report().seconds < 100


def test_a_later_attempt_takes_the_place_of_the_one_before(exchange: Callable[..., Exchange]) -> None:
    """A call that was tried twice counts once, as what its last attempt came to, in every number."""
    tally = Tally(Run(datetime(2026, 1, 1, tzinfo=UTC), "AWS", "http://localhost:4566"))
    status = Difference(("status",), Kind.STATUS, 503, 200)
    first = exchange(status, name="s3.PutObject", aws_status=503, forgiven={"A": 2})
    tally.add(exchange(name="s3.GetObject"))
    tally.add(first)
    tally.add(exchange(name="s3.PutObject", forgiven={"B": 1}), instead_of=first)
    made = tally.report()

    assert (Count(2, 2), {"s3": Count(2, 2)}, {"B": 1}) == (made.count, made.by_service, made.forgiven)
    assert ((), (), 0) == (made.mismatches, made.causes, made.by_severity[Severity.STATUS])


def test_equal_mismatches_are_one_cause(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Mismatches of one operation at the same places, whichever item of a list, are one root cause with its number."""

    def wrong(item: int, name: str = "ec2.DescribeVpcs") -> Exchange:
        return exchange(Difference(("Vpcs", item, "State"), Kind.MISSING, "x"), name=name, id=f"{name} {item}")

    made = report(wrong(0), wrong(3), wrong(0, "ec2.CreateVpc"), exchange(_DIFFERENCE, name="ec2.DescribeVpcs"))

    expected = [("ec2.DescribeVpcs 0", 2), ("ec2.CreateVpc 0", 1), ("the-id", 1)]
    assert expected == [(cause.first.id, cause.count) for cause in made.causes]


def test_what_follows_is_no_cause(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """A mismatch that follows from another is counted with it, and is no root cause of its own."""
    root = exchange(_DIFFERENCE, name="s3.CreateBucket", id="root")
    made = report(root, *(exchange(_DIFFERENCE, name=f"s3.Get{n}", id=str(n), follows="root") for n in range(3)))

    expected = [("root", 1, 3)]
    assert expected == [(cause.first.id, cause.count, cause.followed_by) for cause in made.causes]
    assert 4 == made.mismatched


def test_effects_are_counted_gravest_first(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Each mismatch counts for the gravest of its effects; effects that none has are left out."""

    def with_effects(*effects: Effect) -> Exchange:
        return exchange(verdict=Verdict((_DIFFERENCE,), {}, Severity.DATA, effects))

    made = report(with_effects(Effect.DATA, Effect.MESSAGE), with_effects(Effect.RETRY), with_effects(Effect.DATA))

    assert [(Effect.RETRY, 1), (Effect.DATA, 2)] == list(made.by_effect.items())
