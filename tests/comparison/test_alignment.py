"""Two trees laid beside each other: what differs, and only that."""

import copy
import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cloudmock_contract.comparison.alignment import Tree, align, is_same
from cloudmock_contract.comparison.differences import differences
from cloudmock_contract.exchange import Difference, Kind, Path


def _no_rule(_: Path) -> None:
    """Forgives nothing."""


_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(-1e6, 1e6, allow_nan=False)
    | st.just(math.nan)
    | st.text(max_size=5)
)
_KEYS = st.sampled_from(("a", "b", "__type", "a.b", "[0]", "c[1]", "", "0", "*", "é", "'\"", "\n", "root")) | st.text()
_NODES: st.SearchStrategy[Any] = st.recursive(
    _LEAVES,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(_KEYS, below, max_size=4),
    max_leaves=15,
)
TREES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(_KEYS, _NODES, max_size=5)


def _places(node: object, path: Path = ()) -> Iterator[Path]:
    """Every place in a tree, the root first."""
    yield path
    below: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, item in below:
        yield from _places(item, (*path, step))


def _at(node: Any, path: Path) -> Any:
    for step in path:
        node = node[step]
    return node


class Planted(NamedTuple):
    """A tree, a copy in which one thing was changed, and what that is."""

    aws: dict[str, Any]
    cloudmock: dict[str, Any]
    path: Path
    kind: Kind


_OF_EACH_TYPE: tuple[object, ...] = (None, True, 7, "text", [], {}, [1], {"k": 1})


def _json_type(value: object) -> type:
    return float if type(value) is int else type(value)


def _possible_kinds(node: object, *, is_root: bool) -> list[Kind]:
    """The changes that can be made at a node, or directly below it."""
    is_container, is_scalar = isinstance(node, dict | list), isinstance(node, bool | int | float | str)
    possible = {
        Kind.EXTRA: is_container,
        Kind.MISSING: is_container and bool(node),
        Kind.TYPE: not is_root,
        Kind.VALUE: is_scalar and not is_root,
    }
    return [kind for kind, is_possible in possible.items() if is_possible]


@st.composite
def planted_changes(draw: st.DrawFn) -> Planted:
    """A random tree and one change at a random place in it."""
    aws = draw(TREES)
    cloudmock = copy.deepcopy(aws)
    path = draw(st.sampled_from(list(_places(cloudmock))))
    node = _at(cloudmock, path)
    kind = draw(st.sampled_from(_possible_kinds(node, is_root=not path)))
    if kind is Kind.EXTRA and isinstance(node, list):
        node.append(draw(_NODES))
        path = (*path, len(node) - 1)
    elif kind is Kind.EXTRA:
        key = draw(_KEYS.filter(lambda name: name not in node))
        node[key] = draw(_NODES)
        path = (*path, key)
    elif kind is Kind.MISSING and isinstance(node, list):
        node.pop()
        path = (*path, len(node))
    elif kind is Kind.MISSING:
        key = draw(st.sampled_from(list(node)))
        del node[key]
        path = (*path, key)
    elif kind is Kind.TYPE:
        others = [one for one in _OF_EACH_TYPE if _json_type(one) is not _json_type(node)]
        _at(cloudmock, path[:-1])[path[-1]] = draw(st.sampled_from(others))
    else:
        changed = (not node) if isinstance(node, bool) else f"{node}!" if isinstance(node, str) else 10**7
        _at(cloudmock, path[:-1])[path[-1]] = changed
    return Planted(aws, cloudmock, path, kind)


@settings(deadline=None)
@given(TREES)
def test_equal_trees_have_nothing_that_differs(tree: dict[str, Any]) -> None:
    """A tree and its copy leave nothing over, not even empty containers or not-a-numbers, whatever rules there are."""
    aligned = align(tree, copy.deepcopy(tree), lambda _: "every place")

    assert not aligned.aws
    assert not aligned.cloudmock
    assert not aligned.forgiven


@settings(deadline=None)
@given(planted_changes())
def test_a_change_is_found_where_it_was_made(planted: Planted) -> None:
    """One change anywhere in a tree is one difference, of that kind, at that place, with both values."""
    aligned = align(planted.aws, planted.cloudmock, _no_rule)
    (found,) = differences(aligned.aws, aligned.cloudmock)

    assert (planted.path, planted.kind) == (found.path, found.kind)
    if planted.kind is not Kind.EXTRA:
        assert found.aws is _at(planted.aws, planted.path)
    if planted.kind is not Kind.MISSING:
        assert found.cloudmock is _at(planted.cloudmock, planted.path)
    assert not aligned.forgiven


def _skeleton(path: Path) -> Tree:
    tree: Tree = {}
    for step in reversed(path):
        tree = {step: tree}
    return tree


def _without_leaves(tree: Mapping[str | int, object], depth: int) -> Tree:
    return {
        key: _without_leaves(item, depth - 1) if depth and isinstance(item, dict) else {} for key, item in tree.items()
    }


@settings(deadline=None)
@given(planted_changes())
def test_nothing_beside_a_change_is_left(planted: Planted) -> None:
    """The aligned trees lead to the change and nowhere else; the side that has nothing there ends one step above."""
    aligned = align(planted.aws, planted.cloudmock, _no_rule)
    above = _skeleton(planted.path[:-1])
    depth = len(planted.path) - 1

    whole = _skeleton(planted.path)
    assert (above if planted.kind is Kind.EXTRA else whole) == _without_leaves(aligned.aws, depth)
    assert (above if planted.kind is Kind.MISSING else whole) == _without_leaves(aligned.cloudmock, depth)


_MIRRORED = {Kind.MISSING: Kind.EXTRA, Kind.EXTRA: Kind.MISSING, Kind.TYPE: Kind.TYPE, Kind.VALUE: Kind.VALUE}


@settings(deadline=None)
@given(TREES, TREES)
def test_sides_swapped_are_differences_mirrored(one: dict[str, Any], other: dict[str, Any]) -> None:
    """With the sides swapped, missing is extra, each value stands on the other side, and all else is as it was."""
    there = align(one, other, _no_rule)
    back = align(other, one, _no_rule)

    mirrored = [
        Difference(each.path, _MIRRORED[each.kind], each.cloudmock, each.aws)
        for each in differences(there.aws, there.cloudmock)
    ]
    assert repr(mirrored) == repr(list(differences(back.aws, back.cloudmock)))


@settings(deadline=None)
@given(planted_changes(), st.data())
def test_a_rule_at_or_above_a_change_forgives_it(planted: Planted, data: st.DataObject) -> None:
    """A place that a rule fits is left out of both trees, with all that is below it, and counted once."""
    depth = data.draw(st.integers(1, len(planted.path)))
    place = planted.path[:depth]
    aligned = align(planted.aws, planted.cloudmock, lambda path: "the rule" if path == place else None)

    expected: tuple[Tree, Tree, dict[str, int]] = ({}, {}, {"the rule": 1})
    assert expected == (aligned.aws, aligned.cloudmock, dict(aligned.forgiven))


@settings(deadline=None)
@given(planted_changes(), st.data())
def test_a_rule_elsewhere_changes_nothing(planted: Planted, data: st.DataObject) -> None:
    """A rule that fits places that do not lead to the change leaves the change and counts nothing."""
    leading = {planted.path[:depth] for depth in range(len(planted.path) + 1)}
    elsewhere = [place for place in _places(planted.aws) if place not in leading]
    assume(elsewhere)
    fitting = data.draw(st.sets(st.sampled_from(elsewhere)))
    aligned = align(planted.aws, planted.cloudmock, lambda path: "the rule" if path in fitting else None)

    assert [planted.path] == [each.path for each in differences(aligned.aws, aligned.cloudmock)]
    assert not aligned.forgiven


@settings(deadline=None)
@given(planted_changes())
def test_alignment_leaves_its_input_alone(planted: Planted) -> None:
    """Neither tree is changed by being aligned."""
    before = repr(planted)
    align(planted.aws, planted.cloudmock, _no_rule)

    assert before == repr(planted)


@pytest.mark.parametrize(
    ("aws", "cloudmock", "left", "right"),
    [
        ({"a": 1}, {"a": 1.0}, {}, {}),
        ({"a": math.nan}, {"a": math.nan}, {}, {}),
        ({"a": 0.0}, {"a": -0.0}, {}, {}),
        ({"a": True}, {"a": 1}, {"a": True}, {"a": 1}),
        ({"a": 0}, {"a": False}, {"a": 0}, {"a": False}),
        ({"a": None}, {}, {"a": None}, {}),
        ({}, {"a": None}, {}, {"a": None}),
        ({"a": {}}, {}, {"a": {}}, {}),
        ({"a": []}, {"a": {}}, {"a": []}, {"a": {}}),
        ({"a": [1, 2, 3]}, {"a": [1, 9]}, {"a": {1: 2, 2: 3}}, {"a": {1: 9}}),
        ({"a": []}, {"a": [1]}, {"a": {}}, {"a": {0: 1}}),
        ({"a": [1]}, {"a": {"0": 1}}, {"a": [1]}, {"a": {"0": 1}}),
        ({"a": [[1], [2]]}, {"a": [[1], [3]]}, {"a": {1: {0: 2}}}, {"a": {1: {0: 3}}}),
        ({"a": {"b": {"c": 1}, "d": 1}}, {"a": {"b": {}, "d": 1}}, {"a": {"b": {"c": 1}}}, {"a": {"b": {}}}),
    ],
)
def test_lists_become_dicts_by_index(
    aws: dict[str, object], cloudmock: dict[str, object], left: Tree, right: Tree
) -> None:
    """What differs is left at its place on each side; of a list, the items that differ, by their indexes."""
    aligned = align(aws, cloudmock, _no_rule)

    assert (left, right) == (aligned.aws, aligned.cloudmock)


def test_each_rule_has_its_own_count() -> None:
    """Forgiven places are counted for the rule that forgave them, and equal places that rules fit are not."""
    aws = {"a": 1, "list": [{"b": 1}, {"b": 2}, {"b": 3}], "c": 1}
    cloudmock = {"a": 2, "list": [{"b": 9}, {"b": 2}, {"b": 9}], "c": 1}
    aligned = align(
        aws, cloudmock, lambda path: None if path == ("list",) or isinstance(path[-1], int) else str(path[-1])
    )

    expected = {"a": 1, "b": 2}
    assert expected == dict(aligned.forgiven)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1, True),
        (1, 1.0, True),
        (10**30, 10**30, True),
        (2**53 + 1, float(2**53), False),
        (1, True, False),
        (0, False, False),
        (True, True, True),
        (None, None, True),
        (None, False, False),
        (None, 0, False),
        ("", None, False),
        ("1", 1, False),
        ("a", "A", False),
        ("é", "e\u0301", False),
        (math.nan, math.nan, True),
        (math.nan, 1.0, False),
        (math.inf, math.inf, True),
        (math.inf, -math.inf, False),
        ([], {}, False),
        ([], None, False),
        ([1], [True], False),
        ([1, 2], [2, 1], False),
        ([1], [1, 1], False),
        ([math.nan], [math.nan], True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": None}, {}, False),
        ({"a": None}, {"b": None}, False),
        ({"a": [{"b": 1}]}, {"a": [{"b": True}]}, False),
    ],
)
def test_equality_is_that_of_json(one: object, other: object, *, expected: bool) -> None:
    """Numbers are equal by value, booleans are no numbers, order counts in lists alone, and neither side is special."""
    assert [expected] * 2 == [is_same(one, other), is_same(other, one)]
