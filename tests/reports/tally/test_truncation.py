"""What of very long exchanges is kept."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.reports.tally.truncation import (
    MAX_DEPTH,
    MAX_DIFFERENCES,
    MAX_EXCHANGE_CHARACTERS,
    MAX_STRING_CHARACTERS,
    MAX_VALUE_CHARACTERS,
    differences_omitted,
    truncate,
    truncate_text,
    weight,
)
from cloudmock_contract.values.difference import Difference, Kind
from cloudmock_contract.values.exchange import Exchange

_VALUE = Difference(("a",), Kind.VALUE, {"b": ["c" * 900]}, 2)


def _nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def test_an_ordinary_exchange_stays_itself(exchange: Callable[..., Exchange]) -> None:
    """Nothing is made anew of an exchange of which all is kept."""
    for original in (exchange(), exchange(_VALUE), exchange(*[_VALUE] * 9, aws_error="x" * MAX_STRING_CHARACTERS)):
        assert original is truncate(original)
        assert 0 == differences_omitted(original)


@pytest.mark.parametrize("length", [MAX_STRING_CHARACTERS + 1, 10**6])
def test_long_texts_are_cut_everywhere(exchange: Callable[..., Exchange], length: int) -> None:
    """Texts of the exchange, names in a path, values, and what is in values, are cut after the same length."""
    text = "é" * length
    expected = f"{'é' * MAX_STRING_CHARACTERS}… ({length} characters)"
    long = Difference((text, 3), Kind.VALUE, text, {text: [text]}, text)
    truncated = truncate(
        exchange(long, name=f"s3.{text}", path=text, aws_error=text, cloudmock_error=text, not_compared=text)
    )

    (difference,) = truncated.verdict.differences
    assert {expected} == {
        truncated.path, truncated.aws_error, truncated.cloudmock_error,
        truncated.not_compared, truncated.operation.action,
        difference.path[0], difference.aws, difference.violation,
    }  # fmt: skip
    assert {expected: [expected]} == difference.cloudmock


@pytest.mark.parametrize("length", [MAX_STRING_CHARACTERS, MAX_STRING_CHARACTERS + 1, MAX_STRING_CHARACTERS + 30])
def test_what_was_cut_is_not_cut_again(length: int) -> None:
    """A text that was cut tells the length that it had at first, however often it is cut."""
    once = truncate_text("x" * length)

    assert once == truncate_text(once)
    assert (f"({length} characters)" in once) is (length > MAX_STRING_CHARACTERS)


@pytest.mark.parametrize(("number", "omitted"), [(MAX_DIFFERENCES, 0), (MAX_DIFFERENCES + 1, 1), (4_000, 3_000)])
def test_the_first_differences_are_kept(exchange: Callable[..., Exchange], number: int, omitted: int) -> None:
    """Of very many differences the first are kept, and how many more there were is known."""
    truncated = truncate(exchange(*(Difference((item,), Kind.EXTRA) for item in range(number))))

    assert omitted == differences_omitted(truncated)
    assert [*range(number - omitted)] == [difference.path[0] for difference in truncated.verdict.differences]


def test_differences_do_not_add_up_to_more_than_the_bound(exchange: Callable[..., Exchange]) -> None:
    """Differences with large values are left out from where they would be too much together."""
    value = ["x" * 1_000] * 90
    truncated = truncate(exchange(*(Difference((item,), Kind.MISSING, value) for item in range(100))))

    assert 100 == len(truncated.verdict.differences) + differences_omitted(truncated)
    assert MAX_EXCHANGE_CHARACTERS * 0.8 < weight(truncated) < MAX_EXCHANGE_CHARACTERS + 1_000


def test_a_large_value_is_the_beginning_of_its_json(exchange: Callable[..., Exchange]) -> None:
    """A list or an object that is too large is told as a text that says how large it was."""
    value = [{"Name": "x"}] * MAX_VALUE_CHARACTERS
    (difference,) = truncate(exchange(Difference(("a",), Kind.MISSING, value))).verdict.differences

    assert isinstance(difference.aws, str)
    assert difference.aws.startswith('[{"Name": "x"}, {"Name": "x"}, ')
    assert difference.aws.endswith(f"… ({len(json.dumps(value))} characters)")


@pytest.mark.parametrize(("levels", "is_kept"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False), (100_000, False)])
def test_a_deep_value_is_not_followed(exchange: Callable[..., Exchange], levels: int, *, is_kept: bool) -> None:
    """A value that is nested deeper than anything can write is told as such."""
    value = _nested(levels)
    (difference,) = truncate(exchange(Difference(("a",), Kind.MISSING, value))).verdict.differences

    assert (difference.aws is value) is is_kept
    assert is_kept or difference.aws == "… (nested too deep)"


_LONG = st.sampled_from((1, MAX_STRING_CHARACTERS, MAX_STRING_CHARACTERS + 1, 9_000)).map(lambda length: "x" * length)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _LONG | st.integers() | st.none(),
    lambda below: st.lists(below, max_size=40) | st.dictionaries(_LONG, below),
    max_leaves=30,
)


@given(st.lists(st.builds(Difference, st.tuples(_LONG), st.just(Kind.VALUE), _VALUES, _VALUES), max_size=8))
def test_truncating_again_changes_nothing(exchange: Callable[..., Exchange], differences: list[Difference]) -> None:
    """It does not matter how often an exchange is truncated, and none is larger than the bound by more than a value."""
    once = truncate(exchange(*differences))

    assert once == truncate(once)
    assert weight(once) < MAX_EXCHANGE_CHARACTERS + 2 * MAX_VALUE_CHARACTERS + 10_000
