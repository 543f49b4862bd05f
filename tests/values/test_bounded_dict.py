"""A dict that forgets the oldest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.values.bounded_dict import BoundedDict


def test_the_oldest_is_forgotten() -> None:
    """There is room for so many items: those that were set last."""
    items = BoundedDict[str, int](2)
    items.update(a=1, b=2, c=3)

    assert {"b": 2, "c": 3} == dict(items)


def test_what_is_set_again_is_the_newest() -> None:
    """An item that is set again outlives those that were not."""
    items = BoundedDict[str, int](2)
    items.update(a=1, b=2)
    items["a"] = 3
    items["c"] = 4

    assert {"a": 3, "c": 4} == dict(items)


def test_items_may_weigh_differently() -> None:
    """What counts is what the values weigh together."""
    items = BoundedDict[str, bytes](9, 10, len)
    items.update(a=b"1234", b=b"1234", c=b"12345")

    assert {"b": b"1234", "c": b"12345"} == dict(items)


def test_an_item_that_is_too_heavy_is_kept_for_itself() -> None:
    """The newest item is always there."""
    items = BoundedDict[str, bytes](9, 3, len)
    items.update(a=b"1", b=b"12345")

    assert {"b": b"12345"} == dict(items)


def test_a_deleted_item_makes_room() -> None:
    """What is deleted weighs nothing any more; what is not there cannot be deleted."""
    items = BoundedDict[str, int](2)
    items.update(a=1, b=2)
    del items["a"]
    items["c"] = 3

    assert {"b": 2, "c": 3} == dict(items)
    with pytest.raises(KeyError):
        del items["a"]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 5))), st.integers(1, 12))
def test_it_is_never_too_heavy(pairs: list[tuple[str, int]], max_weight: int) -> None:
    """Whatever is set, the items that are left are the last ones, and fit, but for a single one."""
    items = BoundedDict[str, int](4, max_weight, lambda value: value)
    plain: dict[str, int] = {}
    for key, value in pairs:
        items[key] = value
        plain.pop(key, None)
        plain[key] = value
        assert list(plain)[-len(items) :] == list(items)
        assert len(items) <= 4
        assert sum(items.values()) <= max_weight or len(items) == 1
