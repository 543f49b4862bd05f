"""What the exchanges of a run add up to."""

import math
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.leftovers import inventory
from cloudmock_contract.reports.tally import report
from cloudmock_contract.reports.tally.report import MAX_NAME_CHARACTERS, OTHERS, Count, Latency, Report, Run, Tally
from cloudmock_contract.reports.tally.truncation import MAX_EXCHANGE_CHARACTERS, weight
from cloudmock_contract.values.difference import Difference, Kind, SdkEffect, Severity
from cloudmock_contract.values.exchange import Exchange, Resource, Verdict
from cloudmock_contract.values.operation import Operation

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
    outcome = report(
        exchange(name="s3.PutObject"),
        exchange(_DIFFERENCE, name="dynamodb.PutItem"),
        exchange(name="dynamodb.PutItem"),
        exchange(name="dynamodb.GetItem"),
    )

    by_service = {"dynamodb": Count(3, 2), "s3": Count(1, 1)}
    by_operation = {"dynamodb.GetItem": Count(1, 1), "dynamodb.PutItem": Count(2, 1), "s3.PutObject": Count(1, 1)}
    assert list(by_service.items()) == list(outcome.by_service.items())
    assert list(by_operation.items()) == list(outcome.by_operation.items())
    assert Count(4, 3) == outcome.count


def test_mismatches_are_kept_in_their_order(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """The exchanges that mismatched are in the report as they ended; those that matched are not."""
    first, second = exchange(_DIFFERENCE, id="1"), exchange(_DIFFERENCE, id="3")
    outcome = report(first, exchange(id="2"), second)

    assert (first, second) == outcome.mismatches


def test_severities_are_listed_worst_first(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Every severity has its number, also the ones that did not occur, beginning with the worst."""
    status = Difference(("status",), Kind.STATUS, 200, 404)
    outcome = report(exchange(_DIFFERENCE), exchange(status), exchange(_DIFFERENCE), exchange())

    expected = [("error", 0), ("status", 1), ("schema", 0), ("data", 2)]
    assert expected == list(outcome.by_severity.items())


def test_what_was_forgiven_is_added_up(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Each rule's number is that of all exchanges, matched or not, and the busiest rule comes first."""
    outcome = report(
        exchange(forgiven={"A": 1, "B": 2}), exchange(_DIFFERENCE, forgiven={"B": 3, "C in s3.*": 2}), exchange()
    )

    expected = [("B", 5), ("C in s3.*", 2), ("A", 1)]
    assert expected == list(outcome.forgiven.items())


def test_a_side_without_replies_has_no_latency(
    exchange: Callable[..., Exchange], report: Callable[..., Report]
) -> None:
    """Only replies have a latency: a side's failures do not count, and a side with nothing else is absent."""
    outcome = report(
        exchange(aws_seconds=0.5, cloudmock_status=0, cloudmock_seconds=30.0),
        exchange(aws_status=0, aws_seconds=9.0, cloudmock_status=0),
    )
    mirrored = report(exchange(aws_status=0, cloudmock_seconds=0.5))

    expected = Latency(0.5, 0.5, 0.5, 0.5)
    assert {"aws": expected} == outcome.latency
    assert {"cloudmock": expected} == mirrored.latency


def _tallied(exchanges: list[Exchange]) -> Report:
    tally = Tally(Run(datetime(2026, 1, 1, tzinfo=UTC), "AWS", "http://localhost:4566"))
    for exchange in exchanges:
        tally.add(exchange)
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
    latency = _tallied([_exchange(time) for time in seconds]).latency["aws"]

    for share, value in ((0.5, latency.p50), (0.95, latency.p95), (0.99, latency.p99), (1, latency.longest)):
        assert value in seconds
        assert sum(time <= value for time in seconds) >= share * len(seconds)
    assert max(seconds) == latency.longest
    assert latency.p50 <= latency.p95 <= latency.p99 <= latency.longest


@pytest.mark.parametrize(("count", "expected"), [(1, (0, 0, 0)), (3, (1, 2, 2)), (1001, (500, 950, 990))])
def test_percentiles_are_where_they_should_be(count: int, expected: tuple[int, int, int]) -> None:
    """Half of the replies, 5 and 1 of a hundred took longer than the percentiles say, within 1 %."""
    latency = _tallied([_exchange(float(number)) for number in reversed(range(count))]).latency["aws"]

    for exact, quantile in zip(expected, (latency.p50, latency.p95, latency.p99), strict=True):
        assert exact <= quantile <= exact * 1.01
    assert count - 1 == latency.longest


@given(st.lists(st.tuples(st.sampled_from(("s3", "sqs", "kms")), st.booleans())))
def test_totals_always_add_up(outcomes: list[tuple[str, bool]]) -> None:
    """All is matched plus mismatched, over the services as in the whole, and every mismatch is graded and kept."""
    outcome = _tallied([_exchange(0, name, () if matched else (_DIFFERENCE,)) for name, matched in outcomes])

    totals = Counter(name for name, _ in outcomes)
    assert len(outcomes) == outcome.total_requests == outcome.matched + outcome.mismatched
    assert totals == {name: count.total for name, count in outcome.by_service.items()}
    assert outcome.matched == sum(count.matched for count in outcome.by_service.values())
    assert outcome.mismatched == len(outcome.mismatches) == sum(outcome.by_severity.values())


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
    outcome = tally.report()

    assert (Count(2, 2), {"s3": Count(2, 2)}, {"B": 1}) == (outcome.count, outcome.by_service, outcome.forgiven)
    assert ((), (), 0) == (outcome.mismatches, outcome.root_causes, outcome.by_severity[Severity.STATUS])


def test_what_was_not_compared_is_counted_apart(
    exchange: Callable[..., Exchange], report: Callable[..., Report]
) -> None:
    """An exchange whose sides were not compared is in no other number, by its reason in one of its own."""
    apart = [exchange(id="1", not_compared="B."), exchange(_DIFFERENCE, id="2", not_compared="A."),
             exchange(id="3", not_compared="A.", forgiven={"R": 1})]  # fmt: skip
    outcome = report(*apart)

    assert (0, {}, {}, {}, (), {}) == (
        outcome.total_requests, outcome.by_service, outcome.forgiven,
        outcome.latency, outcome.mismatches, outcome.by_effect,
    )  # fmt: skip
    assert (3, [("A.", 2), ("B.", 1)], tuple(apart)) == (
        outcome.not_compared.total, list(outcome.not_compared.by_reason.items()), outcome.not_compared.exchanges,
    )  # fmt: skip


def test_an_attempt_may_be_compared_when_the_one_before_was_not(exchange: Callable[..., Exchange]) -> None:
    """A call counts as what its last attempt came to, compared or not."""
    tally = Tally(Run(datetime(2026, 1, 1, tzinfo=UTC), "AWS", "http://localhost:4566"))
    first, two, three = (
        exchange(id="1", not_compared="A."),
        exchange(_DIFFERENCE, id="2"),
        exchange(id="3", not_compared="B."),
    )
    tally.add(first)
    tally.add(two, instead_of=first)
    assert (0, (two,)) == (tally.report().not_compared.total, tally.report().mismatches)
    tally.add(three, instead_of=two)

    assert (0, (), {"B.": 1}) == (
        tally.report().total_requests, tally.report().mismatches, tally.report().not_compared.by_reason,
    )  # fmt: skip


def test_mismatches_beyond_the_bound_are_counted(
    exchange: Callable[..., Exchange], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of very many mismatches the first are kept; the numbers and the root causes are those of all."""
    monkeypatch.setattr(report, "MAX_MISMATCHES", 3)
    effects = Verdict((_DIFFERENCE,), {}, Severity.DATA, (SdkEffect.DATA,))
    exchanges = [exchange(id=str(number), verdict=effects) for number in range(10)]
    outcome = _tallied([*exchanges, exchange(_DIFFERENCE, id="last", name="s3.Other")])

    assert (tuple(exchanges[:3]), 8, 11) == (outcome.mismatches, outcome.mismatches_omitted, outcome.mismatched)
    assert ({SdkEffect.DATA: 10}, 11) == (outcome.by_effect, outcome.by_severity[Severity.DATA])
    assert [("0", 10), ("last", 1)] == [(cause.first.id, cause.count) for cause in outcome.root_causes]


def test_a_replaced_mismatch_makes_room_for_another(
    exchange: Callable[..., Exchange], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mismatch that is none any more is not among the kept ones, nor among those left out."""
    monkeypatch.setattr(report, "MAX_MISMATCHES", 1)
    tally = Tally(Run(datetime(2026, 1, 1, tzinfo=UTC), "AWS", "http://localhost:4566"))
    first, two, three = (exchange(_DIFFERENCE, id=str(number)) for number in range(3))
    tally.add(first)
    tally.add(two)
    tally.add(exchange(id="again"), instead_of=two)
    assert ((first,), 0) == (tally.report().mismatches, tally.report().mismatches_omitted)
    tally.add(exchange(id="again"), instead_of=first)
    tally.add(three)

    assert ((three,), 0) == (tally.report().mismatches, tally.report().mismatches_omitted)


def test_names_that_an_app_thinks_up_are_bounded(
    exchange: Callable[..., Exchange], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound names are counted together, also when they are counted no more; long ones are cut."""
    monkeypatch.setattr(report, "MAX_NAMES", 2)
    tally = Tally(Run(datetime(2026, 1, 1, tzinfo=UTC), "AWS", "http://localhost:4566"))
    unknown = [exchange(name=f"s3.GET /{number}") for number in range(5)]
    for each in unknown:
        tally.add(each)
    tally.add(exchange(_DIFFERENCE, name="s3.GET /4"), instead_of=unknown[4])

    expected = {OTHERS: Count(3, 2), "s3.GET /0": Count(1, 1), "s3.GET /1": Count(1, 1)}
    assert expected == tally.report().by_operation
    (long,) = _tallied([exchange(name="s3." + "x" * 10_000)]).by_operation
    assert MAX_NAME_CHARACTERS + 1 == len(long)


def test_what_was_created_and_not_deleted_is_left(
    exchange: Callable[..., Exchange], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What exchanges created is left unless others deleted it, also what an attempt created that another replaced."""
    monkeypatch.setattr(inventory, "MAX_KEPT", 2)
    one, two, three = (Resource("s3", "", "DeleteBucket", (("Bucket", name),)) for name in "abc")
    tally = Tally(Run(datetime(2026, 1, 1, tzinfo=UTC), "AWS", "http://localhost:4566"))
    first = exchange(created=(one, two))
    tally.add(first)
    tally.add(exchange(deleted=(one,)), instead_of=first)
    assert ((two,), 0) == (tally.report().leftovers, tally.report().leftovers_omitted)
    tally.add(exchange(created=(one, three), not_compared="A."))

    assert ((two, one), 1) == (tally.report().leftovers, tally.report().leftovers_omitted)


def test_what_is_kept_of_a_mismatch_is_bounded(exchange: Callable[..., Exchange]) -> None:
    """A mismatch with endless texts and differences is kept truncated."""
    outcome = _tallied([exchange(*[Difference(("a",), Kind.VALUE, "x" * 10**6, 1)] * 2_000)])

    assert weight(outcome.mismatches[0]) < 1.1 * MAX_EXCHANGE_CHARACTERS


def test_problems_and_the_end_are_those_that_are_given() -> None:
    """Whoever makes the report says when the run ended, and what is wrong with it."""
    tally = Tally(Run(datetime(2026, 1, 1, tzinfo=UTC), "AWS", "http://localhost:4566"))
    outcome = tally.report(ended_at=datetime(2026, 1, 1, 1, tzinfo=UTC), problems=["A."])

    assert (3600.0, ("A.",)) == (outcome.seconds, outcome.problems)


def test_memory_does_not_grow_with_the_run(exchange: Callable[..., Exchange]) -> None:
    """A hundred thousand more exchanges, mismatches among them, need no more memory than there was."""
    tally = Tally(Run(datetime(2026, 1, 1, tzinfo=UTC), "AWS", "http://localhost:4566"))
    wrong = exchange(_DIFFERENCE, follows="root")

    def add(number: int) -> None:
        for position in range(number):
            seconds = 0.0001 * (1 + position % 5_000)
            tally.add(replace(wrong if position % 4 else exchange(), id=str(position), aws_seconds=seconds))

    add(20_000)
    tracemalloc.start()
    try:
        add(50_000)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert grown < 200_000


def test_equal_mismatches_are_one_cause(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Mismatches of one operation at the same places, whichever item of a list, are one root cause with its number."""

    def wrong(item: int, name: str = "ec2.DescribeVpcs") -> Exchange:
        return exchange(Difference(("Vpcs", item, "State"), Kind.MISSING, "x"), name=name, id=f"{name} {item}")

    outcome = report(wrong(0), wrong(3), wrong(0, "ec2.CreateVpc"), exchange(_DIFFERENCE, name="ec2.DescribeVpcs"))

    expected = [("ec2.DescribeVpcs 0", 2), ("ec2.CreateVpc 0", 1), ("the-id", 1)]
    assert expected == [(cause.first.id, cause.count) for cause in outcome.root_causes]


def test_what_follows_is_no_cause(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """A mismatch that follows from another is counted with it, and is no root cause of its own."""
    root = exchange(_DIFFERENCE, name="s3.CreateBucket", id="root")
    outcome = report(root, *(exchange(_DIFFERENCE, name=f"s3.Get{n}", id=str(n), follows="root") for n in range(3)))

    expected = [("root", 1, 3)]
    assert expected == [(cause.first.id, cause.count, cause.followed_by) for cause in outcome.root_causes]
    assert 4 == outcome.mismatched


def test_effects_are_counted_gravest_first(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Each mismatch counts for the gravest of its effects; effects that none has are left out."""

    def with_effects(*effects: SdkEffect) -> Exchange:
        return exchange(verdict=Verdict((_DIFFERENCE,), {}, Severity.DATA, effects))

    outcome = report(
        with_effects(SdkEffect.DATA, SdkEffect.MESSAGE), with_effects(SdkEffect.RETRY), with_effects(SdkEffect.DATA)
    )

    assert [(SdkEffect.RETRY, 1), (SdkEffect.DATA, 2)] == list(outcome.by_effect.items())
