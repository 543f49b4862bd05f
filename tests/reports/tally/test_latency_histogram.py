"""Quantiles of times, in bounded memory."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.reports.tally.latency_histogram import RELATIVE_ERROR, LatencyHistogram

_SHARES = (0.5, 0.95, 0.99, 1)


def _of(times: list[float]) -> LatencyHistogram:
    histogram = LatencyHistogram()
    for seconds in times:
        histogram.add(seconds)
    return histogram


@given(st.lists(st.floats(1e-6, 1e5), min_size=1, max_size=300))
def test_quantiles_are_nearly_exact(times: list[float]) -> None:
    """Each quantile is a time that was given, and at most 1 % above the exact one; the longest is exact."""
    ordered = sorted(times)
    exact = [ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in _SHARES]
    quantiles = _of(times).quantiles(*_SHARES)

    assert set(quantiles) <= set(times)
    for true, quantile in zip(exact, quantiles, strict=True):
        assert true <= quantile <= true * (1 + RELATIVE_ERROR) * (1 + 1e-9)
    assert max(times) == quantiles[-1]


@pytest.mark.parametrize("seconds", [0.0, 5e-324, 1e-7, 1e7, math.nextafter(1e6, 2e6), 1.7e308])
def test_any_time_can_be_counted(seconds: float) -> None:
    """Times beyond what a reply may take are counted as well, and told as they were."""
    assert (seconds,) * 4 == _of([seconds]).quantiles(*_SHARES)


def test_memory_does_not_grow_with_the_number_of_times() -> None:
    """However many different times there are, the classes in which they are counted are few."""
    histogram = _of([1e-6 * 1.0003**number for number in range(90_000)])

    assert len(histogram._classes) < 3_000


def test_without_a_time_there_are_no_latencies() -> None:
    """A side that gave no reply can be told from one that did."""
    assert [False, True] == [bool(_of([])), bool(_of([0.0]))]
