"""Text that is shown is text alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.reports.formats.escaping import printable


@given(st.text(st.characters()))
def test_printable_text_stays_and_the_rest_is_escaped(text: str) -> None:
    """What a terminal just shows stays as it is; everything else is its escape, of visible characters alone."""
    result = printable(text)

    assert result.isprintable()
    assert (result == text) is text.isprintable()
    for character in filter(str.isprintable, text):
        assert character in result


@pytest.mark.parametrize(
    ("text", "expected"),
    [("é日本🎉 \\n", "é日本🎉 \\n"), ("\x1b", "\\x1b"), ("\n", "\\n"), ("\u202e", "\\u202e"), ("\ud800", "\\ud800")],
)
def test_escapes_are_readable(text: str, expected: str) -> None:
    """A character that is not shown is written as Python and JSON write it."""
    assert expected == printable(text)
