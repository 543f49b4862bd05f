"""Exchanges that are kept up to a bound."""

import time
from collections.abc import Callable

import pytest

from cloudmock_contract.reports.tally import bounded_list
from cloudmock_contract.reports.tally.bounded_list import BoundedList
from cloudmock_contract.values.difference import Difference, Kind
from cloudmock_contract.values.exchange import Exchange


def _with_ids(exchange: Callable[..., Exchange], *ids: str) -> list[Exchange]:
    return [exchange(id=exchange_id) for exchange_id in ids]


def test_exchanges_are_kept_in_order_up_to_the_bound(exchange: Callable[..., Exchange]) -> None:
    """The first are kept, in their order; of the others it is said that there was no room."""
    exchanges = _with_ids(exchange, "a", "b", "c")
    bounded = BoundedList(2)

    assert [True, True, False] == [bounded.add(each) for each in exchanges]
    assert exchanges[:2] == list(bounded)


def test_an_exchange_that_is_taken_out_makes_room(exchange: Callable[..., Exchange]) -> None:
    """The place of one that is taken out is for one that comes later; the others stay in their order."""
    exchanges = _with_ids(exchange, "a", "b", "c")
    bounded = BoundedList(2)
    bounded.add(exchanges[0])
    bounded.add(exchanges[1])
    bounded.remove("a")
    bounded.remove("nobody")

    assert bounded.add(exchanges[2])
    assert exchanges[1:] == list(bounded)


def test_of_equal_ids_the_last_is_taken_out(exchange: Callable[..., Exchange]) -> None:
    """Where two exchanges have one id, the later one is meant, and the other stays."""
    first, second = exchange(id="a", path="/1"), exchange(id="a", path="/2")
    bounded = BoundedList(9)
    bounded.add(first)
    bounded.add(second)
    bounded.remove("a")
    bounded.remove("a")

    assert [first] == list(bounded)


def test_heavy_exchanges_are_not_kept_beyond_the_bound(
    exchange: Callable[..., Exchange], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few they are, exchanges are kept only as long as they do not hold too much text together."""
    monkeypatch.setattr(bounded_list, "MAX_WEIGHT", 10_000)
    heavy = exchange(Difference(("a",), Kind.VALUE, "x" * 4_000, 1), id="heavy")
    bounded = BoundedList(100)

    assert [True, True, False] == [bounded.add(heavy) for _ in range(3)]
    bounded.remove("heavy")
    assert bounded.add(heavy)


def test_taking_out_does_not_cost_more_where_many_are_kept(exchange: Callable[..., Exchange]) -> None:
    """Taking out every one of many takes no longer than keeping them."""
    bounded = BoundedList(20_000)
    exchanges = [exchange(id=str(number)) for number in range(20_000)]
    started = time.perf_counter()
    for each in exchanges:
        bounded.add(each)
    between = time.perf_counter()
    for each in exchanges:
        bounded.remove(each.id)

    assert 0 == len(bounded)
    assert time.perf_counter() - between < 5 * (between - started) + 0.1
