"""Reasons against something."""

import pytest

from cloudmock_contract.values.denial import Denial, Violation


@pytest.mark.parametrize("kind", [Denial, Violation])
def test_a_reason_reads_as_it_is(kind: type[Denial | Violation]) -> None:
    """Where a text is wanted, it is the reason."""
    assert "It may not." == str(kind("It may not."))
