"""How bad differences are."""

import itertools

import pytest

from cloudmock_contract.comparison.severity import SEVERITIES, worst
from cloudmock_contract.values.difference import Difference, Kind, Severity

_GRADES = [
    (Kind.VALUE, Severity.DATA),
    (Kind.ORDER, Severity.DATA),
    (Kind.MISSING, Severity.SCHEMA),
    (Kind.EXTRA, Severity.SCHEMA),
    (Kind.TYPE, Severity.SCHEMA),
    (Kind.FORMAT, Severity.SCHEMA),
    (Kind.ENVELOPE, Severity.SCHEMA),
    (Kind.UNPARSABLE, Severity.SCHEMA),
    (Kind.STATUS, Severity.STATUS),
    (Kind.FAILURE, Severity.ERROR),
]


@pytest.mark.parametrize(("kind", "expected"), _GRADES)
def test_each_kind_has_a_severity(kind: Kind, expected: Severity) -> None:
    """One difference alone makes the exchange as bad as its kind is."""
    assert expected is worst([Difference(("a",), kind)])


def test_no_kind_is_without_severity() -> None:
    """Whatever kind of difference there is, it is graded."""
    assert set(Kind) == set(SEVERITIES)


@pytest.mark.parametrize(("milder", "worse"), list(itertools.combinations(_GRADES, 2)))
def test_the_worst_wins(milder: tuple[Kind, Severity], worse: tuple[Kind, Severity]) -> None:
    """Of two differences the worse one decides, in whatever order they come."""
    both = [Difference(("a",), milder[0]), Difference(("b",), worse[0])]

    assert [worse[1]] * 2 == [worst(both), worst(reversed(both))]


def test_nothing_is_not_bad() -> None:
    """Without differences there is no severity."""
    assert worst([]) is None
