"""The names of the differences between two aligned trees."""

import math

import pytest

from cloudmock_contract.comparison.alignment import ValuesByPath
from cloudmock_contract.comparison.differences import MAX_DIFFERENCES, differences
from cloudmock_contract.values.difference import Difference, Kind


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ({}, {}, ()),
        ({("a",): 1}, {("a",): 2}, (Difference(("a",), Kind.VALUE, 1, 2),)),
        ({("a",): 1}, {("a",): 1.5}, (Difference(("a",), Kind.VALUE, 1, 1.5),)),
        ({("a",): "x"}, {("a",): ""}, (Difference(("a",), Kind.VALUE, "x", ""),)),
        ({("a",): True}, {("a",): False}, (Difference(("a",), Kind.VALUE, True, False),)),
        ({("a",): True}, {("a",): 1}, (Difference(("a",), Kind.TYPE, True, 1),)),
        ({("a",): 0}, {("a",): False}, (Difference(("a",), Kind.TYPE, 0, False),)),
        ({("a",): 1.0}, {("a",): True}, (Difference(("a",), Kind.TYPE, 1.0, True),)),
        ({("a",): None}, {("a",): 0}, (Difference(("a",), Kind.TYPE, None, 0),)),
        ({("a",): "1"}, {("a",): 1}, (Difference(("a",), Kind.TYPE, "1", 1),)),
        ({("a",): [1]}, {("a",): {"0": 1}}, (Difference(("a",), Kind.TYPE, [1], {"0": 1}),)),
        ({("a",): {}}, {("a",): None}, (Difference(("a",), Kind.TYPE, {}, None),)),
        ({("a",): None}, {}, (Difference(("a",), Kind.MISSING, None, None),)),
        ({}, {("a",): None}, (Difference(("a",), Kind.EXTRA, None, None),)),
        ({("a",): {"b": [1]}}, {}, (Difference(("a",), Kind.MISSING, {"b": [1]}),)),
        ({("a", 0, "b"): 1}, {}, (Difference(("a", 0, "b"), Kind.MISSING, 1),)),
        ({}, {("a", 3): "x"}, (Difference(("a", 3), Kind.EXTRA, cloudmock="x"),)),
        ({("a",): math.inf}, {("a",): -math.inf}, (Difference(("a",), Kind.VALUE, math.inf, -math.inf),)),
        ({("__type",): "A"}, {("__type",): "B"}, (Difference(("__type",), Kind.VALUE, "A", "B"),)),
        ({("a", "__x"): 1}, {}, (Difference(("a", "__x"), Kind.MISSING, 1),)),
        ({}, {("__type",): "B"}, (Difference(("__type",), Kind.EXTRA, cloudmock="B"),)),
    ],
)
def test_each_difference_has_its_kind(
    aws: ValuesByPath, cloudmock: ValuesByPath, expected: tuple[Difference, ...]
) -> None:
    """Missing, extra, of another JSON type, or of another value: each difference is named with both values."""
    named = differences(aws, cloudmock)

    assert expected == named
    assert repr(expected) == repr(named)  # true is not 1 here


def test_not_a_number_is_a_value() -> None:
    """NaN against a number is another value, and against text another type."""
    named = differences({("a",): math.nan, ("b",): math.nan}, {("a",): 1.0, ("b",): "NaN"})

    expected = [Kind.VALUE, Kind.TYPE]
    assert expected == [difference.kind for difference in named]


@pytest.mark.parametrize(
    "key",
    [
        "a.b",
        "a[0]",
        "[0]",
        "['a']",
        '["a"]',
        "root",
        "root['a']",
        "'",
        '"',
        "\\",
        "\n",
        "",
        " ",
        "0",
        "__x",
        "*",
        "é",
        "a" * 999,
    ],
)
def test_any_name_can_be_a_key(key: str) -> None:
    """A key is one step of the path, whatever its name looks like."""
    named = differences({("up", key, "down"): 1, (key,): 1}, {("up", key, "down"): 2, (key,): 2})

    assert {(key,), ("up", key, "down")} == {difference.path for difference in named}


def test_differences_are_in_the_order_of_their_paths() -> None:
    """Members come by name and items by number, the tenth after the second, whatever kind of difference they are."""
    aws: ValuesByPath = {("b", 10): 1, ("b", 2): 1, ("b", 0, "z"): 1, ("b", 0, "a"): 1, ("a",): "1", ("ab",): 1}
    cloudmock: ValuesByPath = {("c",): 1, ("b", 10): 2, ("b", 2): "1", ("b", 0, "z"): 2, ("a",): 1}

    expected = ["a", "ab", "b[0].a", "b[0].z", "b[2]", "b[10]", "c"]
    assert expected == [difference.location for difference in differences(aws, cloudmock)]


def test_thousands_of_differences_are_each_named() -> None:
    """However many differences there are, each is named, and once."""
    size = 1_000
    aws: ValuesByPath = {
        **{("list", number, "id"): number for number in range(size)},
        **{("text", str(number)): str(number) for number in range(size)},
    }
    named = differences(aws, {("list", number, "id"): -1 - number for number in range(size)})

    expected = {
        *((("list", number, "id"), Kind.VALUE) for number in range(size)),
        *((("text", str(number)), Kind.MISSING) for number in range(size)),
    }
    assert expected == {(difference.path, difference.kind) for difference in named}
    assert len(expected) == len(named)


def test_the_first_of_too_many_are_named() -> None:
    """Beyond the bound, the differences that come first by their paths are enough."""
    named = differences({}, {("a", number): 0 for number in reversed(range(MAX_DIFFERENCES + 5))})

    assert [("a", number) for number in range(MAX_DIFFERENCES)] == [difference.path for difference in named]


def test_long_texts_are_compared_as_values() -> None:
    """Two texts of many lines are one difference, with both texts, at no more cost than others."""
    aws = "\n".join(f"line {number}" for number in range(50_000))
    cloudmock = aws.replace("line 7\n", "line\\n7\n")

    expected = (Difference(("a",), Kind.VALUE, aws, cloudmock),)
    assert expected == differences({("a",): aws}, {("a",): cloudmock})


def test_a_line_feed_is_not_a_backslash_and_an_n() -> None:
    """Texts that differ only in how a line end is written differ."""
    expected = (Difference(("a",), Kind.VALUE, "x\n", "x\\n"),)
    assert expected == differences({("a",): "x\n"}, {("a",): "x\\n"})
