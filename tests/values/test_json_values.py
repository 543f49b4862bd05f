"""Types and equality as JSON has them."""

import math

import pytest

from cloudmock_contract.values.json_values import is_same, json_type


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "boolean"),
        (0, "number"),
        (1.5, "number"),
        (float("nan"), "number"),
        ("", "string"),
        ([], "array"),
        ((), "array"),
        ({}, "object"),
    ],
)
def test_types_have_the_names_of_json(value: object, expected: str) -> None:
    """Python's types are named as JSON names them; true is no number."""
    assert expected == json_type(value)


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
