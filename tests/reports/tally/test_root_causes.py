"""Root causes over more mismatches than are kept."""

from collections.abc import Callable

import pytest

from cloudmock_contract.reports.tally import root_causes
from cloudmock_contract.reports.tally.root_causes import RootCauses
from cloudmock_contract.values.difference import Difference, Kind
from cloudmock_contract.values.exchange import Exchange

_DIFFERENCE = Difference(("a",), Kind.VALUE, 1, 2)


@pytest.fixture
def wrong(exchange: Callable[..., Exchange]) -> Callable[..., Exchange]:
    """Makes a mismatch of an operation."""
    return lambda number, name="s3.Do", **changes: exchange(_DIFFERENCE, id=str(number), name=name, **changes)


def test_mismatches_that_are_not_listed_count(wrong: Callable[..., Exchange]) -> None:
    """A cause's number is that of all its mismatches, and so is the number of those that follow."""
    causes, first = RootCauses(), wrong(0)
    causes.add(first, is_listed=True)
    for number in range(1, 50):
        causes.add(wrong(number), is_listed=False)
        causes.add(wrong(f"after {number}", "s3.Get", follows=str(number)), is_listed=False)

    assert [(first, 50, 49)] == list(causes.summaries([first]))


def test_the_first_of_a_cause_is_kept_if_none_is_listed(wrong: Callable[..., Exchange]) -> None:
    """A cause that shows only when no more mismatches are listed is told all the same, after the others."""
    causes, first, second = RootCauses(), wrong(1), wrong(2, "s3.Other")
    causes.add(first, is_listed=True)
    causes.add(second, is_listed=False)
    causes.add(wrong(3, "s3.Other"), is_listed=False)

    assert [(first, 1, 0), (second, 2, 0)] == list(causes.summaries([first]))


def test_a_mismatch_that_is_none_any_more_does_not_count(wrong: Callable[..., Exchange]) -> None:
    """What was removed is in no number, and what follows from it has no cause."""
    causes, first, second, follower = RootCauses(), wrong(1), wrong(2), wrong(3, "s3.Get", follows="1")
    for exchange in (first, second, follower):
        causes.add(exchange, is_listed=True)
    causes.remove(first)

    assert [(second, 1, 0)] == list(causes.summaries([second, follower]))
    causes.remove(follower)
    causes.remove(second)
    assert [] == list(causes.summaries([]))


def test_an_unlisted_first_can_be_removed(wrong: Callable[..., Exchange]) -> None:
    """A first that was kept because it is not listed is not told when it has been replaced."""
    causes, first = RootCauses(), wrong(1)
    causes.add(first, is_listed=False)
    causes.remove(first)

    assert [] == list(causes.summaries([]))


def test_memory_is_bounded(wrong: Callable[..., Exchange], monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound, causes, roots and followers are not told apart any more; what is listed counts as one."""
    monkeypatch.setattr(root_causes, "MAX_COUNTED", 10)
    causes = RootCauses()
    mismatches = [wrong(number, f"s3.Do{number}") for number in range(50)]
    for exchange in mismatches:
        causes.add(exchange, is_listed=True)
        causes.add(wrong(f"after {exchange.id}", follows=exchange.id), is_listed=False)

    assert (10, 10, 10) == (len(causes._counts), len(causes._roots), len(causes._followers))
    assert [(mismatch, 1, number < 10) for number, mismatch in enumerate(mismatches)] == list(
        causes.summaries(mismatches)
    )
