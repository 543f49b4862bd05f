"""What an option is."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.option import (
    NAMES,
    NUMBER,
    PATH,
    SWITCH,
    TEXT,
    URL,
    Check,
    Group,
    Kind,
    Option,
    names,
    option,
    options_of,
)
from cloudmock_contract.url import Url


def _option(kind: Kind, check: Check | None = None) -> Option:
    return Option(name="an_option", kind=kind, group=Group.EVERYDAY, help="Helps.", check=check)


def test_a_flag_has_dashes() -> None:
    """A flag is its option's name, as command lines write it."""
    assert _option(TEXT).flag == "--an-option"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (SWITCH, True, True),
        (TEXT, "a b", "a b"),
        (NUMBER, 3, 3),
        (PATH, "a/b", Path("a/b")),
        (PATH, Path("a"), Path("a")),
        (PATH, "", None),
        (URL, "http://h:1", Url("http", "h", 1, "")),
        (URL, "", None),
        (NAMES, "a, b", ("a", "b")),
        (NAMES, ["a", "b"], ("a", "b")),
        (NAMES, "", ()),
    ],
)
def test_a_value_becomes_that_of_the_field(kind: Kind, value: object, expected: object) -> None:
    """What is set is a text, a number or a switch; the program works with what it means."""
    assert expected == _option(kind).parse(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [(SWITCH, 1), (TEXT, None), (NUMBER, "3"), (NUMBER, True), (PATH, 1), (URL, 1), (NAMES, [1]), (NAMES, {"a": 1})],
)
def test_a_value_of_another_type_is_refused(kind: Kind, value: object) -> None:
    """A program that sets what is not of the option's type is told which option."""
    with pytest.raises(ConfigurationError, match="^--an-option: .* is not of the right type"):
        _option(kind).parse(value)


@pytest.mark.parametrize(
    ("kind", "value", "part"), [(TEXT, "b,a", "b,a"), (NAMES, "a,b", "b"), (NAMES, ["a", "c"], "c")]
)
def test_a_check_is_made_of_each_part(kind: Kind, value: object, part: str) -> None:
    """Of a list, the part that is wrong is named; of a text, the whole."""
    with pytest.raises(ConfigurationError) as caught:
        _option(kind, Check(lambda text: text == "a", "is not a")).parse(value)

    assert f"--an-option: {part!r} is not a." == str(caught.value)


@pytest.mark.parametrize(("value", "expected"), [(" a ,, b", ("a", "b")), (("a", " "), ("a",)), ("", ())])
def test_blanks_are_no_names(value: Any, expected: tuple[str, ...]) -> None:
    """Blanks and commas without anything between them name nothing."""
    assert expected == names(value)


@dataclass
class _Declaring:
    first: str = option(TEXT, Group.EVERYDAY, "One.", metavar="WORD")
    second: bool = option(SWITCH, Group.FILES, "Two.", name="no_second")
    third: int = 0


def test_an_option_is_declared_with_its_field() -> None:
    """A dataclass has the options of its fields, under the fields' names unless a declaration says otherwise."""
    options = options_of(dataclasses.fields(_Declaring))

    assert {"first": "--first", "second": "--no-second"} == {name: option.flag for name, option in options.items()}
    assert ("WORD", Group.EVERYDAY) == (options["first"].kind.metavar, options["first"].group)
    assert options["second"].is_switch
