"""The values that travel through the program."""

import dataclasses
import inspect

import pytest

from cloudmock_contract.values import difference, document, exchange, http, operation
from cloudmock_contract.values.difference import Difference, Kind
from cloudmock_contract.values.exchange import Verdict

_MODULES = (http, operation, document, difference, exchange)
_VALUES = [
    value
    for module in _MODULES
    for _, value in inspect.getmembers(module, dataclasses.is_dataclass)
    if isinstance(value, type) and value.__module__ == module.__name__
]


@pytest.mark.parametrize("kind", _VALUES)
def test_values_are_frozen(kind: type) -> None:
    """Nobody can change a value on its way through the program."""
    value: object = object.__new__(kind)
    first = dataclasses.fields(kind)[0].name

    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, first, None)


@pytest.mark.parametrize(("differences", "expected"), [((), True), ((Difference(("a",), Kind.VALUE, 1, 2),), False)])
def test_a_verdict_without_differences_is_a_match(differences: tuple[Difference, ...], *, expected: bool) -> None:
    """An exchange matched exactly if no difference counts, whatever was forgiven."""
    verdict = Verdict(differences, {"RequestId": 3})

    assert expected is verdict.matched
