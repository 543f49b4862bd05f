"""What is said about a run. What is started is tested end to end."""

import subprocess
import sys

import pytest

from cloudmock_contract import live_run


@pytest.mark.parametrize(("code", "expected"), [(3, "failed with exit code 3"), (-9, "was ended by SIGKILL")])
def test_the_ending_of_a_command_in_words(code: int, expected: str) -> None:
    """Exit codes and signals are told apart."""
    assert expected == live_run._ending(code)


def test_a_run_does_not_wait_for_what_it_may_not_need() -> None:
    """Before the proxy listens, neither DeepDiff nor mitmweb's server is imported: together they take 0.4 s."""
    code = "import sys, cloudmock_contract.live_run; print(*{'deepdiff', 'tornado'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "\n" == run.stdout
