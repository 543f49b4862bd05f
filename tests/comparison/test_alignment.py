"""Two trees laid beside each other: what differs, and only that."""

import base64
import copy
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import SdkOperation
from cloudmock_contract.comparison.alignment import MAX_ORDER_SHOWN, ValuesByPath, align, tree_in
from cloudmock_contract.comparison.differences import differences
from cloudmock_contract.comparison.identifiers.id_map import Identifiers
from cloudmock_contract.comparison.identifiers.own_hosts import OwnHosts
from cloudmock_contract.comparison.rules.rules import OperationRules, Rule, Rules
from cloudmock_contract.comparison.tolerance import ForgivenessPolicy, Position
from cloudmock_contract.values.difference import Difference, Kind, Path


@dataclass(frozen=True)
class _Policy(ForgivenessPolicy):
    """Forgives what it is told to, and nothing else; remembers what it was asked."""

    rules: OperationRules = field(default_factory=lambda: Rules().of_operation("s3.GetObject"))
    sdk_operation: SdkOperation = field(default_factory=lambda: SdkOperation(None))
    identifiers: Identifiers = field(default_factory=Identifiers)
    own_hosts: OwnHosts = field(default_factory=OwnHosts)
    ignoring: Callable[[Path], str | None] = lambda _: None
    orderless: Callable[[Path], str | None] = lambda _: None
    forgiving: Callable[[Position, object, object], str | None] = lambda *_: None
    deriving: Callable[[str, Mapping[str, object], Mapping[str, object]], str | None] = lambda *_: None
    known: Mapping[str, str] = field(default_factory=dict)
    """What CloudMock's texts are on AWS."""
    questions: list[tuple[Path, object, object]] = field(default_factory=list)

    def ignored(self, path: Path) -> str | None:
        return self.ignoring(path)

    def unordered(self, path: Path) -> str | None:
        return self.orderless(path)

    def forgiven(self, position: Position, aws: object, cloudmock: object) -> str | None:
        self.questions.append((position.path, aws, cloudmock))
        return self.forgiving(position, aws, cloudmock)

    def derived(self, name: str, aws: Mapping[str, object], cloudmock: Mapping[str, object]) -> str | None:
        return self.deriving(name, aws, cloudmock)

    def for_aws(self, text: str) -> str:
        return self.known.get(text, text)


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


_OBJECTS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    _KEYS, st.recursive(_LEAVES, lambda below: st.dictionaries(_KEYS, below, max_size=4), max_leaves=15), max_size=5
)
"""Trees without lists: of these, neither side's order counts."""


def _paths(node: object, path: Path = ()) -> Iterator[Path]:
    """Every path in a tree, the root first."""
    yield path
    below: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, item in below:
        yield from _paths(item, (*path, step))


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
    path = draw(st.sampled_from(list(_paths(cloudmock))))
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
        of_other_types = [value for value in _OF_EACH_TYPE if _json_type(value) is not _json_type(node)]
        _at(cloudmock, path[:-1])[path[-1]] = draw(st.sampled_from(of_other_types))
    else:
        changed = (not node) if isinstance(node, bool) else f"{node}!" if isinstance(node, str) else 10**7
        _at(cloudmock, path[:-1])[path[-1]] = changed
    return Planted(aws, cloudmock, path, kind)


@settings(deadline=None)
@given(TREES)
def test_equal_trees_have_nothing_that_differs(tree: dict[str, Any]) -> None:
    """A tree and its copy leave nothing over, not even empty containers or not-a-numbers, whatever rules there are."""
    aligned = align(tree, copy.deepcopy(tree), _Policy(ignoring=lambda _: "every place"))

    assert not aligned.aws
    assert not aligned.cloudmock
    assert not aligned.orders
    assert not aligned.forgiven


@settings(deadline=None)
@given(planted_changes())
def test_a_change_is_found_where_it_was_made(planted: Planted) -> None:
    """One change anywhere in a tree is one difference, of that kind, at that place, with both values."""
    aligned = align(planted.aws, planted.cloudmock, _Policy())
    (difference,) = differences(aligned.aws, aligned.cloudmock)

    assert (planted.path, planted.kind) == (difference.path, difference.kind)
    if planted.kind is not Kind.EXTRA:
        assert difference.aws is _at(planted.aws, planted.path)
    if planted.kind is not Kind.MISSING:
        assert difference.cloudmock is _at(planted.cloudmock, planted.path)
    assert not aligned.forgiven


@settings(deadline=None)
@given(planted_changes())
def test_nothing_beside_a_change_is_left(planted: Planted) -> None:
    """The place of the change is left on each side that has something there, and no other place and no order is."""
    aligned = align(planted.aws, planted.cloudmock, _Policy())

    assert ([] if planted.kind is Kind.EXTRA else [planted.path]) == list(aligned.aws)
    assert ([] if planted.kind is Kind.MISSING else [planted.path]) == list(aligned.cloudmock)
    assert not aligned.orders


_MIRRORED = {Kind.MISSING: Kind.EXTRA, Kind.EXTRA: Kind.MISSING, Kind.TYPE: Kind.TYPE, Kind.VALUE: Kind.VALUE}


@settings(deadline=None)
@given(_OBJECTS, _OBJECTS)
def test_sides_swapped_are_differences_mirrored(first: dict[str, Any], second: dict[str, Any]) -> None:
    """With the sides swapped, missing is extra, each value stands on the other side, and all else is as it was."""
    there = align(first, second, _Policy())
    back = align(second, first, _Policy())

    mirrored = [
        Difference(difference.path, _MIRRORED[difference.kind], difference.cloudmock, difference.aws)
        for difference in differences(there.aws, there.cloudmock)
    ]
    assert repr(mirrored) == repr(list(differences(back.aws, back.cloudmock)))


@settings(deadline=None)
@given(planted_changes(), st.data())
def test_a_rule_at_or_above_a_change_forgives_it(planted: Planted, data: st.DataObject) -> None:
    """A place that a rule fits is left out of both trees, with all that is below it, and counted once."""
    depth = data.draw(st.integers(1, len(planted.path)))
    above = planted.path[:depth]
    aligned = align(
        planted.aws, planted.cloudmock, _Policy(ignoring=lambda path: "the rule" if path == above else None)
    )

    expected: tuple[ValuesByPath, ValuesByPath, dict[str, int]] = ({}, {}, {"the rule": 1})
    assert expected == (aligned.aws, aligned.cloudmock, dict(aligned.forgiven))


@settings(deadline=None)
@given(planted_changes(), st.data())
def test_a_rule_elsewhere_changes_nothing(planted: Planted, data: st.DataObject) -> None:
    """A rule that fits places that do not lead to the change leaves the change and counts nothing."""
    leading = {planted.path[:depth] for depth in range(len(planted.path) + 1)}
    elsewhere = [path for path in _paths(planted.aws) if path not in leading]
    assume(elsewhere)
    fitting = data.draw(st.sets(st.sampled_from(elsewhere)))
    aligned = align(
        planted.aws, planted.cloudmock, _Policy(ignoring=lambda path: "the rule" if path in fitting else None)
    )

    assert [planted.path] == [difference.path for difference in differences(aligned.aws, aligned.cloudmock)]
    assert not aligned.forgiven


@settings(deadline=None)
@given(planted_changes())
def test_alignment_leaves_its_input_alone(planted: Planted) -> None:
    """Neither tree is changed by being aligned."""
    before = repr(planted)
    align(planted.aws, planted.cloudmock, _Policy())

    assert before == repr(planted)


@pytest.mark.parametrize(
    ("aws", "cloudmock", "aws_left", "cloudmock_left"),
    [
        ({"a": 1}, {"a": 1.0}, {}, {}),
        ({"a": math.nan}, {"a": math.nan}, {}, {}),
        ({"a": 0.0}, {"a": -0.0}, {}, {}),
        ({"a": True}, {"a": 1}, {("a",): True}, {("a",): 1}),
        ({"a": 0}, {"a": False}, {("a",): 0}, {("a",): False}),
        ({"a": None}, {}, {("a",): None}, {}),
        ({}, {"a": None}, {}, {("a",): None}),
        ({"a": {}}, {}, {("a",): {}}, {}),
        ({"a": []}, {"a": {}}, {("a",): []}, {("a",): {}}),
        ({"a": [1, 2, 3]}, {"a": [1, 9]}, {("a", 1): 2, ("a", 2): 3}, {("a", 1): 9}),
        ({"a": []}, {"a": [1]}, {}, {("a", 0): 1}),
        ({"a": [1]}, {"a": {"0": 1}}, {("a",): [1]}, {("a",): {"0": 1}}),
        ({"a": [[1], [2]]}, {"a": [[1], [3]]}, {("a", 1, 0): 2}, {("a", 1, 0): 3}),
        ({"a": {"b": {"c": 1}, "d": 1}}, {"a": {"b": {}, "d": 1}}, {("a", "b", "c"): 1}, {}),
        ({"a": [1, 2, 3]}, {"a": [2, 3]}, {("a", 0): 1}, {}),
        ({"a": [1, 2, 3]}, {"a": [1, 9, 2, 3, 8]}, {}, {("a", 3): 9, ("a", 4): 8}),
        ({"a": '{"b": 1, "c": [1]}'}, {"a": '{"c":[1],"b":1.0}'}, {}, {}),
        ({"a": '{"b": 1}'}, {"a": '{"b": 2}'}, {("a", "b"): 1}, {("a", "b"): 2}),
        ({"a": "%7B%22b%22%3A1%7D"}, {"a": "%7B%22b%22%3A%202%7D"}, {("a", "b"): 1}, {("a", "b"): 2}),
        ({"a": "%7B%22b%22%3A1%7D"}, {"a": "%7B%22b%22%3A%201%7D"}, {}, {}),
        ({"a": "%7B%22b%22%3A1%7D"}, {"a": '{"b":1}'}, {("a",): "%7B%22b%22%3A1%7D"}, {("a",): '{"b":1}'}),
        ({"a": "[1]"}, {"a": "%5B1%5D"}, {("a",): "[1]"}, {("a",): "%5B1%5D"}),
        ({"a": '{"b": 1}'}, {"a": "[1]"}, {("a",): '{"b": 1}'}, {("a",): "[1]"}),
        ({"a": '{"b": 1}'}, {"a": '{"b": '}, {("a",): '{"b": 1}'}, {("a",): '{"b": '}),
        ({"a": '{"b": 1}'}, {"a": {"b": 1}}, {("a",): '{"b": 1}'}, {("a",): {"b": 1}}),
        ({"a": '{"b": 1}'}, {}, {("a",): '{"b": 1}'}, {}),
        ({"a": "1"}, {"a": "1.0"}, {("a",): "1"}, {("a",): "1.0"}),
    ],
)
def test_what_differs_is_left_at_its_place(
    aws: dict[str, object], cloudmock: dict[str, object], aws_left: ValuesByPath, cloudmock_left: ValuesByPath
) -> None:
    """By path on each side; items that CloudMock alone has come after the end, and JSON in a text is a tree."""
    aligned = align(aws, cloudmock, _Policy())

    assert (aws_left, cloudmock_left) == (aligned.aws, aligned.cloudmock)
    assert repr((aws_left, cloudmock_left)) == repr((aligned.aws, aligned.cloudmock))  # true is not 1 here


def test_each_rule_has_its_own_count() -> None:
    """Forgiven places are counted for the rule that forgave them, and equal places that rules fit are not."""
    aws = {"a": 1, "list": [{"b": 1}, {"b": 2}, {"b": 3}], "c": 1}
    cloudmock = {"a": 2, "list": [{"b": 9}, {"b": 2}, {"b": 9}], "c": 1}
    aligned = align(
        aws,
        cloudmock,
        _Policy(ignoring=lambda path: None if path == ("list",) or isinstance(path[-1], int) else str(path[-1])),
    )

    expected = {"a": 1, "b": 2}
    assert expected == dict(aligned.forgiven)


@pytest.mark.parametrize("index", [0, 200, 399])
def test_one_missing_item_of_many_is_one_difference(index: int) -> None:
    """The items after it are not compared with their neighbours, and are not in another order."""
    items = [{"Id": f"id {number}", "Value": "the same"} for number in range(400)]
    there = align({"a": items}, {"a": items[:index] + items[index + 1 :]}, _Policy())
    back = align({"a": items[:index] + items[index + 1 :]}, {"a": items}, _Policy())

    assert ({("a", index): items[index]}, {}, {}) == (there.aws, there.cloudmock, there.orders)
    assert ({}, {("a", 399): items[index]}, {}) == (back.aws, back.cloudmock, back.orders)


def test_items_are_compared_with_those_that_they_belong_to() -> None:
    """In a list in another order, what differs is told at its place in AWS's list."""
    aws = {"a": [{"Id": "x", "v": 1}, {"Id": "y", "v": 2}]}
    cloudmock = {"a": [{"Id": "y", "v": 2}, {"Id": "x", "v": 9}]}
    aligned = align(aws, cloudmock, _Policy())

    assert ({("a", 0, "v"): 1}, {("a", 0, "v"): 9}) == (aligned.aws, aligned.cloudmock)
    assert {("a",): [(0, 1), (1, 0)]} == aligned.orders


def test_another_order_is_shown_up_to_a_bound() -> None:
    """Of a long list, both sides' positions of the first items that are out of place are told."""
    items = list(range(MAX_ORDER_SHOWN + 10))

    expected = {("a",): list(zip(items, reversed(items), strict=True))[:MAX_ORDER_SHOWN]}
    assert expected == align({"a": items}, {"a": items[::-1]}, _Policy()).orders


@pytest.mark.parametrize(
    ("cloudmock", "expected"), [([3, 1, 2], {"any order": 1}), ([1, 2, 3], {}), ([2, 1], {"any order": 1})]
)
def test_a_list_without_order_may_have_any(cloudmock: list[int], expected: dict[str, int]) -> None:
    """Another order is forgiven and counted once where a rule says so; what is missing is a difference all the same."""
    policy = _Policy(orderless=lambda path: "any order" if path == ("a",) else None)
    aligned = align({"a": [1, 2, 3], "b": [1, 2]}, {"a": cloudmock, "b": [2, 1]}, policy)

    assert ({("b",): [(0, 1), (1, 0)]}, expected) == (aligned.orders, dict(aligned.forgiven))
    assert ([("a", 2)] if len(cloudmock) == 2 else []) == list(aligned.aws)


@pytest.mark.parametrize(("aws", "cloudmock"), [(1, 2), ("x", "y"), (None, 0), ([1], {}), ("x", '{"a": 1}')])
def test_differing_values_can_be_forgiven(aws: object, cloudmock: object) -> None:
    """Each pair of values that are not two containers is asked about, once, and counted for its rule."""
    policy = _Policy(forgiving=lambda *_: "the rule")
    aligned = align({"a": {"b": aws}}, {"a": {"b": cloudmock}}, policy)

    assert ({}, {}, {"the rule": 1}) == (aligned.aws, aligned.cloudmock, dict(aligned.forgiven))
    assert [(("a", "b"), aws, cloudmock)] == policy.questions


@pytest.mark.parametrize(
    ("aws", "cloudmock", "left"), [({"a": 1}, {}, ({("a",): 1}, {})), ({}, {"a": [1]}, ({}, {("a",): [1]}))]
)
def test_what_one_side_alone_has_is_not_forgiven(
    aws: dict[str, object], cloudmock: dict[str, object], left: tuple[ValuesByPath, ValuesByPath]
) -> None:
    """Where one side has nothing there are no two values that could stand for each other."""
    policy = _Policy(forgiving=lambda *_: "the rule")
    aligned = align(aws, cloudmock, policy)

    assert left == (aligned.aws, aligned.cloudmock)
    assert [] == policy.questions


def test_what_is_ignored_can_be_learned_from() -> None:
    """Differing values at an ignored place are shown to the policy, but count for the rule that ignores them."""
    policy = _Policy(ignoring=lambda _: "ignored", forgiving=lambda *_: "learned")

    assert {"ignored": 1} == align({"a": "x"}, {"a": "y"}, policy).forgiven
    assert [(("a",), "x", "y")] == policy.questions


def test_what_follows_from_its_neighbours_is_forgiven() -> None:
    """A member that is derived on each side counts for the rule that says so, if it differs."""
    policy = _Policy(deriving=lambda name, *_: "derived" if name.startswith("MD5") else None)
    aligned = align({"MD5": "1", "MD5Too": "2", "Body": "x"}, {"MD5": "9", "MD5Too": "2", "Body": "y"}, policy)

    assert ({("Body",): "x"}, {("Body",): "y"}) == (aligned.aws, aligned.cloudmock)
    assert {"derived": 1} == aligned.forgiven


def test_a_derived_member_that_one_side_lacks_is_missing() -> None:
    """What is not there follows from nothing."""
    policy = _Policy(deriving=lambda *_: "derived")

    assert {("MD5",): "1"} == align({"MD5": "1"}, {}, policy).aws


def test_keys_that_are_known_identifiers_are_one_key() -> None:
    """The values under a key and under its partner are compared, at AWS's key."""
    policy = _Policy(known={"c1": "a1", "c2": "a2"})
    aligned = align({"m": {"a1": 1, "a2": 2}}, {"m": {"c2": 2, "c1": 9}}, policy)

    assert ({("m", "a1"): 1}, {("m", "a1"): 9}) == (aligned.aws, aligned.cloudmock)
    assert [] == [question for question in policy.questions if question[0] == ("m",)]


def test_keys_can_be_forgiven_as_values_are() -> None:
    """Keys that only one side has are asked about in pairs; those that are strangers are missing and extra."""
    policy = _Policy(forgiving=lambda _, aws, cloudmock: "learned" if (aws, cloudmock) == ("a1", "c1") else None)
    aligned = align({"m": {"same": 0, "a1": 1, "a2": 2}}, {"m": {"c1": 1, "same": 0, "c2": 2}}, policy)

    assert ({("m", "a2"): 2}, {("m", "c2"): 2}) == (aligned.aws, aligned.cloudmock)
    assert ({"learned": 1}, ("m",)) == (dict(aligned.forgiven), policy.questions[0][0])


def test_the_members_of_a_structure_have_no_partners() -> None:
    """Where the model says structure, a member's name is its name, and no identifier."""
    shape = Services().operation_model("dynamodb", "DescribeTable")
    assert shape is not None
    policy = _Policy(forgiving=lambda *_: "learned")
    aligned = align({"a1": 1}, {"c1": 1}, policy, shape.output_shape)

    assert ({("a1",): 1}, {("c1",): 1}) == (aligned.aws, aligned.cloudmock)


def test_places_know_what_the_model_says_of_them() -> None:
    """The shape goes along with the path, into lists and maps, and ends where JSON in a text begins."""
    model = Services().operation_model("dynamodb", "GetItem")
    assert model is not None
    shape_names: dict[Path, object] = {}

    def forgiving(position: Position, *_: object) -> None:
        shape_names[position.path] = position.shape.name if position.shape is not None else None

    aws = {"Item": {"k": {"SS": ["a"], "S": '{"x": 1}'}}, "Unknown": 1}
    cloudmock = {"Item": {"k": {"SS": ["b"], "S": '{"x": 2}'}}, "Unknown": 2}
    align(aws, cloudmock, _Policy(forgiving=forgiving), model.output_shape)

    expected = {
        ("Item", "k", "SS", 0): "StringAttributeValue",
        ("Item", "k", "S", "x"): None,
        ("Unknown",): None,
    }
    assert expected == shape_names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}', {"a": 1}),
        ("[1, 2]", [1, 2]),
        ("%7B%22a%22%3A%20%22%25%22%7D", {"a": "%"}),
        ("%5B1%5D", [1]),
        ("{", None),
        ("{}{}", None),
        ('"a"', None),
        ("1", None),
        ("", None),
        ("null", None),
        ("[" * 100_000, None),
        ("[" + "1" * 10_000 + "]", None),
        ({"a": 1}, None),
        (None, None),
    ],
)
def test_json_is_found_in_texts(text: object, expected: object) -> None:
    """A text that is an object or a list, also percent-encoded, holds a tree; anything else holds none."""
    assert expected == tree_in(text)


def _work(size: int) -> int:
    """How often a policy is asked, about two lists of this size that have nothing in common."""
    policy = _Policy()
    align({"a": [{"Id": f"a{n}"} for n in range(size)]}, {"a": [{"Id": f"c{n}"} for n in range(size)]}, policy)
    return len(policy.questions)


def test_the_cost_grows_as_the_lists_do() -> None:
    """Twice as many items are asked about twice as often."""
    assert 2 * _work(500) == _work(1_000)


def test_unknown_keys_belong_together_by_their_values() -> None:
    """Of the keys that only one side has, those with equal values are asked about, in whatever order they stand."""
    policy = _Policy(forgiving=lambda position, *_: "learned" if position.path == ("m",) else None)
    aligned = align({"m": {"a1": 1, "a2": 2, "a3": 3}}, {"m": {"c3": 3, "c2": 9, "c1": 1}}, policy)

    assert ({("m", "a2"): 2}, {("m", "a2"): 9}) == (aligned.aws, aligned.cloudmock)
    assert [(("m",), "a1", "c1"), (("m",), "a2", "c2"), (("m",), "a3", "c3")] == policy.questions[:3]
    assert {"learned": 3} == aligned.forgiven


def test_the_cost_of_unknown_keys_grows_as_the_maps_do() -> None:
    """Of many keys that are other ones on each side, none is asked about more than once."""
    size = 20_000
    policy = _Policy()
    align(
        {"m": {f"a{number}": number for number in range(size)}},
        {"m": {f"c{number}": number for number in reversed(range(size))}},
        policy,
    )

    assert size == len(policy.questions)


@pytest.mark.parametrize("name", ["Body", "Data", "Payload", "S", "Output"])
@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ('{"a": 1}', '{"a":1}', ["x"]),
        ('{"a": 1}', '{"a": 1.0}', ["x"]),
        ('{"a": 1, "b": 2}', '{"a":3,"b":2}', ["x.a"]),
        ('{"a": 1}', '{"a": 1}', []),
    ],
)
def test_the_user_s_own_text_counts_to_the_letter(name: str, aws: str, cloudmock: str, expected: list[str]) -> None:
    """In payload, JSON that says the same in other letters is another value; what it says differently is told below."""
    aligned = align({name: aws}, {name: cloudmock}, _Policy())

    assert [location.replace("x", name) for location in expected] == [
        difference.location for difference in differences(aligned.aws, aligned.cloudmock)
    ]


def _base64(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    ("name", "aws", "cloudmock", "expected"),
    [
        ("bytes", _base64({"a": 1, "b": [1]}), _base64({"a": 2, "b": [1]}), {("bytes", "a"): 1}),
        ("bytes", _base64([1, 2]), _base64([1, 3]), {("bytes", 1): 2}),
        ("other", _base64({"a": 1}), _base64({"a": 2}), {("other",): _base64({"a": 1})}),
        ("bytes", _base64({"a": 1}), "eyJh", {("bytes",): _base64({"a": 1})}),
        ("bytes", _base64({"a": 1}), _base64([1]), {("bytes",): _base64({"a": 1})}),
        ("bytes", "eA==", "eQ==", {("bytes",): "eA=="}),
    ],
)
def test_json_in_bytes_is_a_tree(name: str, aws: str, cloudmock: str, expected: ValuesByPath) -> None:
    """Where bytes stand in base64, and JSON on both sides; a text that merely looks so stays one."""
    assert expected == align({name: aws}, {name: cloudmock}, _Policy()).aws


def test_json_in_bytes_is_the_user_s_to_the_letter() -> None:
    """That two texts say the same is not enough where they are passed on."""
    aws, cloudmock = (base64.b64encode(text).decode() for text in (b'{"a":1}', b'{"a": 1}'))

    assert {("bytes",): aws} == align({"bytes": aws}, {"bytes": cloudmock}, _Policy()).aws


def test_items_are_matched_without_what_is_forgiven_in_them() -> None:
    """Padding of random length does not make an event the partner of another one, and is forgiven in each."""
    rules = Rules((Rule("events.*.p"),)).of_operation("s3.GetObject")
    texts = ["a", "b", "a", "c"]
    aws, cloudmock = (
        {"events": [{"delta": {"text": text, "p": padding}} for text, padding in zip(texts, paddings, strict=True)]}
        for paddings in (("x", "xy", "xyz", "x"), ("xyz", "x", "xy", "xy"))
    )
    policy = _Policy(rules=rules, ignoring=rules.ignored)
    tree_diff = align(aws, cloudmock, policy)
    cloudmock["events"][3]["delta"]["text"] = "d"

    assert ({}, {}, {"events.*.p": 4}) == (tree_diff.aws, tree_diff.orders, tree_diff.forgiven)
    assert {("events", 3, "delta", "text"): "c"} == align(aws, cloudmock, policy).aws
