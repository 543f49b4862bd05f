"""Members of JSON objects that are not to be trusted."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudmock_contract.reports.journal.untrusted import LineError, Members

_WRONG = "is missing or of the wrong type"


def test_members_are_what_they_are() -> None:
    """A member of the right type is given back, from a line as from an object."""
    members = Members(b'{"text": "a", "seconds": 1.5, "time": "2026-01-02T03:04:05+01:00", "list": [1, 2], "count": 3}')

    assert members.has("text")
    assert not members.has("other")
    assert ("a", "none") == (members.get("text", str), members.get("other", str, "none"))
    assert (1.5, 0) == (members.seconds("seconds"), members.seconds("other"))
    assert datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC) == members.time("time")
    assert (("1", "2"), ()) == (members.each("list", str), members.each("other", str))
    assert (3, 0) == (members.number("count"), members.number("other"))
    assert {"A": 1} == Members({"A": 1}).all(int)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"1", b"\xff", b"[" * 100_000], ids=range(6))
def test_what_is_no_object_is_refused(content: bytes) -> None:
    """Whatever stands in a line, it is a JSON object or it is not."""
    with pytest.raises(LineError, match="^it is not "):
        Members(content)


@pytest.mark.parametrize(
    ("value", "read", "reason"),
    [
        pytest.param(1, lambda members: members.get("x", str), f"x {_WRONG}", id="number for text"),
        pytest.param(True, lambda members: members.get("x", int), f"x {_WRONG}", id="bool for number"),
        pytest.param("a", lambda members: members.get("y", str), f"y {_WRONG}", id="missing"),
        pytest.param("a", lambda members: members.all(int), f"x {_WRONG}", id="one of all"),
        pytest.param(["a"], lambda members: members.each("x", int), f"x {_WRONG}", id="an item"),
        pytest.param(["a"], lambda members: members.each("x", Members), "it is not an object", id="not an object"),
        pytest.param(-1, lambda members: members.number("x"), "x is less than 0", id="negative"),
        pytest.param(1e300, lambda members: members.seconds("x"), "x is not a number of seconds", id="endless"),
        pytest.param("today", lambda members: members.time("x"), "x is not a time", id="no time"),
        pytest.param("2026-01-02T03:04:05", lambda members: members.time("x"), "x has no time zone", id="no zone"),
    ],
)  # fmt: skip
def test_a_member_that_is_not_as_it_should_be_is_refused(
    value: object, read: Callable[[Members], Any], reason: str
) -> None:
    """The error names the member, and says what is wrong with it."""
    with pytest.raises(LineError, match=f"^{reason}$"):
        read(Members({"x": value}))
