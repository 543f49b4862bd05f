"""mitmproxy's options to settings."""

from pathlib import Path

import pytest
from mitmproxy import exceptions
from mitmproxy.options import Options
from mitmproxy.test import taddons

from cloudmock_contract.proxy.mitm import options
from cloudmock_contract.settings import OPTIONS


class Adding:
    """An addon that has the options and nothing else."""

    load = staticmethod(options.add_to)


def settings_for(**values: object) -> object:
    with taddons.context(Adding()) as context:
        context.options.update(**values)
        return options.settings_from(context.options)


def test_every_option_is_there_with_its_default() -> None:
    """Each wrapper option has a mitmproxy option with a prefix, a default and a help text."""
    with taddons.context(Adding()) as context:
        options_of_mitmproxy: Options = context.options

        for option in OPTIONS:
            assert option.kind.default == options_of_mitmproxy.default(f"contract_{option.name}")
            assert option.help == options_of_mitmproxy._options[f"contract_{option.name}"].help


def test_values_become_settings() -> None:
    """What is set with --set is in the settings."""
    settings = settings_for(contract_cloudmock="http://h:1", contract_timeout=3, contract_output="x.json")

    assert ("http://h:1", 3, Path("x.json")) == (
        str(settings.cloudmock),  # type: ignore[attr-defined]
        settings.timeout,  # type: ignore[attr-defined]
        settings.output,  # type: ignore[attr-defined]
    )


def test_mitmproxys_own_flags_win() -> None:
    """-p and --listen-host are stronger than the contract options."""
    settings = settings_for(contract_port=1, listen_port=2, listen_host="0.0.0.0")

    assert (2, "0.0.0.0") == (settings.port, settings.host)  # type: ignore[attr-defined]


def test_a_bad_value_is_an_options_error() -> None:
    """mitmproxy shows an unusable value as one line that names the option."""
    with pytest.raises(exceptions.OptionsError, match="--cloudmock: 'nonsense' is not"):
        settings_for(contract_cloudmock="nonsense")


def test_an_unknown_contract_option_is_an_options_error() -> None:
    """mitmproxy keeps unknown options to itself; those with the prefix are mistakes, and are said to be."""
    with taddons.context(Adding()) as context:
        context.options.set("contract_clodmock=http://h:1", defer=True)
        with pytest.raises(exceptions.OptionsError, match="Unknown option contract_clodmock"):
            options.settings_from(context.options)
