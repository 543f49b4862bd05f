"""Whose fault an error is, told by its class."""

import pytest

from cloudmock_contract import errors

_LEAVES = (errors.ConfigurationError, errors.AppError, errors.CloudMockError)


@pytest.mark.parametrize("error", _LEAVES)
def test_one_except_clause_catches_every_error(error: type[Exception]) -> None:
    """Every error of the package is a ContractError, so that one clause catches them all."""
    with pytest.raises(errors.ContractError):
        raise error


@pytest.mark.parametrize("error", _LEAVES)
def test_faults_are_told_apart(error: type[Exception]) -> None:
    """No error is another's kind: a clause for one party's fault leaves the other parties' alone."""
    caught_by = [other for other in _LEAVES if issubclass(error, other)]

    assert [error] == caught_by


def test_the_base_is_no_builtin_error() -> None:
    """A clause for a built-in error, such as OSError or ValueError, does not swallow the package's errors."""
    assert (errors.ContractError, Exception, BaseException, object) == errors.ContractError.__mro__


def test_the_text_is_shown_as_it_is() -> None:
    """The text of an error is the sentence that it was raised with, and nothing around it."""
    expected = "--port: 1 is taken."

    assert expected == str(errors.ConfigurationError(expected))
