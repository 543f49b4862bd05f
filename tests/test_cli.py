"""The command line's own logic. What it starts is tested end to end."""

import pytest

from cloudmock_contract import cli
from cloudmock_contract.settings import OPTIONS


def test_every_option_is_a_flag() -> None:
    """The flags are those of the table, and --run and --web; what is not given is left to the table's defaults."""
    values = {option.name: option.default or "x" for option in OPTIONS if option.metavar}
    arguments = [part for option in OPTIONS if option.metavar for part in (option.flag, str(values[option.name]))]
    switches = {option.name: False for option in OPTIONS if not option.metavar} | {"run": None, "web": False}

    assert switches == vars(cli._parser().parse_args([]))
    assert switches | values == vars(cli._parser().parse_args(arguments))


@pytest.mark.parametrize("flag", ["--expect-account", "--profile", "--region", "--aws-endpoint"])
def test_an_empty_value_is_a_mistake(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A variable that is not set in a script does not switch off what it was for."""
    with pytest.raises(SystemExit) as raised:
        cli.main([flag, ""])

    assert 2 == raised.value.code
    assert f"argument {flag}: it is empty" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--port"], ["--port", "x"], ["--nonsense"], ["--cloud", "x"], ["extra"]])
def test_a_usage_error_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake in the flags ends with exit code 2 and one line that points to --help; flags are not guessed."""
    with pytest.raises(SystemExit) as raised:
        cli.main(arguments)
    said = capsys.readouterr().err

    assert 2 == raised.value.code
    assert 1 == len(said.splitlines())
    assert "--help" in said


def test_a_configuration_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A value that cannot be used ends with exit code 2 and a line that names the flag."""
    assert 2 == cli.main(["--cloudmock", "nonsense"])
    assert capsys.readouterr().err.startswith("cloudmock-contract: --cloudmock: 'nonsense' is not an http://")


@pytest.mark.parametrize(("code", "expected"), [(3, "failed with exit code 3"), (-9, "was ended by SIGKILL")])
def test_the_ending_of_a_command_in_words(code: int, expected: str) -> None:
    """Exit codes and signals are told apart."""
    assert expected == cli._ending(code)
