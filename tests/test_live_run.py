"""What is said about a run. What is started is tested end to end."""

import pytest

from cloudmock_contract import live_run


@pytest.mark.parametrize(("code", "expected"), [(3, "failed with exit code 3"), (-9, "was ended by SIGKILL")])
def test_the_ending_of_a_command_in_words(code: int, expected: str) -> None:
    """Exit codes and signals are told apart."""
    assert expected == live_run._ending(code)
