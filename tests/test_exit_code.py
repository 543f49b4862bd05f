"""The exit codes."""

from cloudmock_contract.exit_code import ExitCode


def test_the_exit_codes_stay_what_they_are() -> None:
    """Scripts and CI jobs rely on these numbers."""
    assert {"MATCHED": 0, "MISMATCHED": 1, "UNUSABLE": 2} == {code.name: int(code) for code in ExitCode}
