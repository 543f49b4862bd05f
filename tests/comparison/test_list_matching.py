"""Two lists laid beside each other."""

import itertools
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.comparison.list_matching import MAX_SAMPLED_ITEMS, ListMatch, match_lists
from cloudmock_contract.values.json_values import is_same

_ITEMS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.sampled_from(("a", "b", "vpc-0a1b2c3d")),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(("Id", "Name", "x")), below),
    max_leaves=6,
)
_DISTINCT = st.lists(st.integers(), unique=True, max_size=12).flatmap(
    lambda numbers: st.sampled_from(
        (
            numbers,
            [str(number) for number in numbers],
            [{"Id": number, "Same": [1]} for number in numbers],
            [[number, None] for number in numbers],
        )
    )
)


type _Parts = tuple[list[tuple[int, int]], list[int], list[int]]


def _matched(aws: list[Any], cloudmock: list[Any]) -> ListMatch:
    return match_lists(aws, cloudmock, is_same, str)


def _parts(match: ListMatch) -> _Parts:
    """Which items are pairs, missing, and extra."""
    return match.pairs, match.missing, match.extra


@given(st.lists(_ITEMS, max_size=8), st.lists(_ITEMS, max_size=8))
def test_every_item_is_matched_once(aws: list[Any], cloudmock: list[Any]) -> None:
    """Of any two lists each index is in one pair or without partner."""
    match = _matched(aws, cloudmock)

    assert list(range(len(aws))) == sorted([*(pair[0] for pair in match.pairs), *match.missing])
    assert list(range(len(cloudmock))) == sorted([*(pair[1] for pair in match.pairs), *match.extra])
    assert match.pairs == sorted(match.pairs)
    assert (match.missing, match.extra) == (sorted(match.missing), sorted(match.extra))


@given(st.lists(_ITEMS, max_size=8), st.lists(_ITEMS, max_size=8))
def test_between_two_pairs_one_side_alone_has_more(aws: list[Any], cloudmock: list[Any]) -> None:
    """Items that both sides have in the same gap are pairs; in a list in another order there is one gap."""
    match = _matched(aws, cloudmock)

    pairs = [(-1, -1), *match.pairs, (len(aws), len(cloudmock))]
    for begin, end in itertools.pairwise([pairs[0], pairs[-1]] if match.moved else pairs):
        missing = [index for index in match.missing if begin[0] < index < end[0]]
        extra = [index for index in match.extra if begin[1] < index < end[1]]
        assert not (missing and extra)


@given(st.lists(_ITEMS, max_size=8), st.lists(_ITEMS, max_size=8))
def test_pairs_that_may_differ_are_named(aws: list[Any], cloudmock: list[Any]) -> None:
    """Every pair whose items are not the same is among those that may differ, and these are pairs."""
    match = _matched(aws, cloudmock)

    assert set(match.pairs) >= set(match.differing)
    same = set(match.pairs) - set(match.differing)
    assert all(is_same(aws[aws_index], cloudmock[cloudmock_index]) for aws_index, cloudmock_index in same)


@given(_DISTINCT, st.data())
def test_what_was_removed_is_missing_and_nothing_else(aws: list[Any], data: st.DataObject) -> None:
    """However many items are gone from wherever: these are missing, and every other has itself as partner."""
    removed = data.draw(st.sets(st.sampled_from(range(len(aws))))) if aws else set()
    left = [index for index in range(len(aws)) if index not in removed]
    there, back = (_matched(aws, [aws[index] for index in left]), _matched([aws[index] for index in left], aws))

    assert ([(index, number) for number, index in enumerate(left)], sorted(removed), []) == _parts(there)
    assert ([(number, index) for number, index in enumerate(left)], [], sorted(removed)) == _parts(back)
    assert ([], []) == (there.moved, back.moved)


@given(_DISTINCT, st.randoms(use_true_random=False))
def test_a_permutation_is_pairs_alone(aws: list[Any], chance: random.Random) -> None:
    """Items in another order all find themselves; from the first to the last that is out of place they are moved."""
    order = list(range(len(aws)))
    chance.shuffle(order)
    match = _matched(aws, [aws[index] for index in order])

    pairs = [(index, order.index(index)) for index in range(len(aws))]
    wrong = [pair[0] for pair in pairs if pair[0] != pair[1]]
    assert (pairs, [], []) == _parts(match)
    assert (pairs[wrong[0] : wrong[-1] + 1] if wrong else []) == match.moved


@pytest.mark.parametrize(
    ("aws", "cloudmock", "pairs"),
    [
        ([{"Id": 1, "v": 1}, {"Id": 2, "v": 2}], [{"Id": 2, "v": 3}, {"Id": 1, "v": 4}], [(0, 1), (1, 0)]),
        ([{"Name": "a", "v": 1}, {"Name": "b", "v": 2}], [{"Name": "b"}, {"Name": "a"}], [(0, 1), (1, 0)]),
        ([{"Key": "a", "Value": 1}, {"Key": "b", "Value": 2}], [{"Key": "b"}, {"Key": "a"}], [(0, 1), (1, 0)]),
        # An id is surer than a name.
        (
            [{"Name": "x", "Id": "1"}, {"Name": "y", "Id": "2"}],
            [{"Name": "y", "Id": "1"}, {"Name": "x", "Id": "2"}],
            [(0, 0), (1, 1)],
        ),
        # A member that two items share tells nothing.
        (
            [{"Id": 1, "Name": "a", "v": 1}, {"Id": 1, "Name": "b", "v": 2}],
            [{"Id": 1, "Name": "b"}, {"Id": 1, "Name": "a"}],
            [(0, 1), (1, 0)],
        ),
        # Nothing tells the items apart: they are taken in their order.
        ([{"v": 1}, {"v": 2}], [{"v": 3}, {"v": 4}], [(0, 0), (1, 1)]),
        ([1, 2], [3, 4], [(0, 0), (1, 1)]),
        # All but generated values and times says which is which.
        (
            [{"Vpc": "vpc-0a1b2c3d", "N": "a"}, {"Vpc": "vpc-1a1b2c3d", "N": "b"}],
            [{"Vpc": "vpc-2f8e7d6c", "N": "b"}, {"Vpc": "vpc-3f8e7d6c", "N": "a"}],
            [(0, 1), (1, 0)],
        ),
        (
            [{"On": "2024-01-02T03:04:05Z", "N": "a"}, {"On": "2024-01-02T03:04:06Z", "N": "b"}],
            [{"On": "2024-01-02T03:04:08Z", "N": "b"}, {"On": "2024-01-02T03:04:09Z", "N": "a"}],
            [(0, 1), (1, 0)],
        ),
    ],
)
def test_items_that_differ_belong_together_by_identity(
    aws: list[Any], cloudmock: list[Any], pairs: list[tuple[int, int]]
) -> None:
    """A member that tells items apart says which belong together; without one, what stays the same; then the order."""
    assert (pairs, [], []) == _parts(_matched(aws, cloudmock))


@pytest.mark.parametrize("items", [["vpc-c1", "vpc-c2"], [{"Id": "vpc-c1", "v": 8}, {"Id": "vpc-c2", "v": 9}]])
def test_known_identifiers_are_seen_through(items: list[Any]) -> None:
    """CloudMock's items are read as AWS would have them."""
    aws = [
        item.replace("-c", "-a") if isinstance(item, str) else {"Id": item["Id"].replace("-c", "-a"), "v": index}
        for index, item in enumerate(items)
    ]
    match = match_lists(aws, items[::-1], is_same, lambda text: text.replace("-c", "-a"))

    assert [(0, 1), (1, 0)] == match.pairs


@pytest.mark.parametrize(
    ("aws", "cloudmock", "pairs"),
    [
        ([1, 2], [2, 1.0], [(0, 1), (1, 0)]),
        ([True, 5], [5, True], [(0, 1), (1, 0)]),
        ([1, 5, 6, 1], [True, 6, 1, 5], [(0, 2), (1, 3), (2, 1), (3, 0)]),
        ([{"x": 0}, 7, 8], [8, 7, {"x": False}], [(0, 2), (1, 1), (2, 0)]),
        (["1", 1], [1, "1"], [(0, 1), (1, 0)]),
        ([[], {}], [{}, []], [(0, 1), (1, 0)]),
        ([None, ""], ["", None], [(0, 1), (1, 0)]),
    ],
)
def test_equality_is_that_of_json(aws: list[Any], cloudmock: list[Any], pairs: list[tuple[int, int]]) -> None:
    """1 and 1.0 are one item, 1 and true are two."""
    assert (pairs, [], []) == _parts(_matched(aws, cloudmock))


def test_equal_items_are_each_used_once() -> None:
    """Of three equal items against two, one is missing."""
    assert ([(0, 0), (1, 1)], [2], []) == _parts(_matched(["a", "a", "a"], ["a", "a"]))


class _Counted:
    """Counts what is asked of it."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def is_same(self, aws: object, cloudmock: object) -> bool:
        self.calls["is_same"] += 1
        return aws == cloudmock

    def for_aws(self, text: str) -> str:
        self.calls["for_aws"] += 1
        return text


@pytest.mark.parametrize("change", ["shuffled", "shuffled and changed", "first gone", "every tenth gone", "all new"])
def test_the_cost_is_linear(change: str) -> None:
    """In 20,000 items, whatever has become of them, no more is looked at than a few times each."""
    size = 20_000
    aws = [{"Id": f"id {number}", "Value": f"v{number}"} for number in range(size)]
    order = list(range(size))
    if "shuffled" in change:
        random.Random(1).shuffle(order)
    if "gone" in change:
        order = order[1:] if change == "first gone" else [index for index in order if index % 10]
    cloudmock = [dict(aws[index]) for index in order]
    if change == "shuffled and changed":
        cloudmock = [{**item, "Value": f"w{index}"} for index, item in enumerate(cloudmock)]
    if change == "all new":
        cloudmock = [{"Id": f"new {index}", "Value": f"w{index}"} for index in order]
    counted = _Counted()
    match = match_lists(aws, cloudmock, counted.is_same, counted.for_aws)

    partners = {index: number for number, index in enumerate(order)}
    assert (sorted(partners.items()), [index for index in range(size) if index not in partners], []) == _parts(match)
    assert counted.calls["is_same"] <= 2 * size
    assert counted.calls["for_aws"] <= 8 * size


@pytest.mark.parametrize(
    ("aws", "cloudmock", "parts"),
    [
        ([1, 2, 3], [2, 3, 4], ([(1, 0), (2, 1)], [0], [2])),
        ([1, 2, 3], [1, 9, 3], ([(0, 0), (1, 1), (2, 2)], [], [])),
        ([1, 2, 3, 4], [1, 8, 9, 4], ([(0, 0), (1, 1), (2, 2), (3, 3)], [], [])),
        ([1, 5, 1], [True, 1, 5], ([(0, 1), (1, 2)], [2], [0])),
        ([{"x": 0}, 7], [7, {"x": False}], ([(1, 0)], [0], [1])),
        ([{"Id": 1}, None], [None, {"Id": 2}], ([(1, 0)], [0], [1])),
        ([7, 1, 2], [8, 9, 1, 2], ([(0, 0), (1, 2), (2, 3)], [], [1])),
    ],
)
def test_what_is_left_belongs_together_within_a_gap(aws: list[Any], cloudmock: list[Any], parts: _Parts) -> None:
    """Items without partner are taken in their order between the same neighbours; elsewhere they are not moved."""
    match = _matched(aws, cloudmock)

    assert (parts, []) == (_parts(match), match.moved)


@pytest.mark.parametrize(
    ("aws", "cloudmock", "moved"),
    [
        ([1, 2, 3, 4], [1, 3, 2, 4], [(1, 2), (2, 1)]),
        ([1, 2, 3, 4], [1, 4, 2, 3], [(1, 2), (2, 3), (3, 1)]),
        ([1, 2, 3, 4], [3, 2, 1, 4], [(0, 2), (1, 1), (2, 0)]),
        ([1, 2, 3], [3, 1], [(0, 1), (2, 0)]),
        ([1, 2], [1, 2], []),
    ],
)
def test_what_is_out_of_place_is_told_with_both_places(
    aws: list[Any], cloudmock: list[Any], moved: list[tuple[int, int]]
) -> None:
    """Where the items stand on each side, from the first that is out of place to the last, without missing ones."""
    assert moved == _matched(aws, cloudmock).moved


def test_in_another_order_whatever_is_left_belongs_together() -> None:
    """Once neighbours say nothing any more, items without partner are taken in their order, wherever they are."""
    match = _matched([1, 2, 3, 4], [4, 9, 1, 3])

    assert ([(0, 2), (1, 1), (2, 3), (3, 0)], [], []) == _parts(match)


@pytest.mark.parametrize(("plain", "pairs"), [(MAX_SAMPLED_ITEMS - 1, True), (MAX_SAMPLED_ITEMS, False)])
def test_the_first_items_are_asked_for_what_tells_them_apart(plain: int, *, pairs: bool) -> None:
    """A member that only later items have tells nothing."""
    aws = [*({"v": number} for number in range(plain)), {"Id": "a", "v": "x"}, {"Id": "b", "v": "y"}]
    cloudmock = [*({"v": -1 - number} for number in range(plain)), {"Id": "b", "v": "z"}, {"Id": "a", "v": "z"}]
    match = _matched(aws, cloudmock)

    assert pairs is ((plain, plain + 1) in match.pairs)
    assert pairs is bool(match.moved)
