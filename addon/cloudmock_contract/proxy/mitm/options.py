"""The `contract_` options of mitmproxy, and the settings that they add up to."""

from typing import Any

from mitmproxy import addonmanager, exceptions, optmanager

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.settings import OPTIONS, Settings

PREFIX = "contract_"


def add_to(loader: addonmanager.Loader) -> None:
    """Make the options known to mitmproxy."""
    for option in OPTIONS:
        loader.add_option(PREFIX + option.name, type(option.kind.default), option.kind.default, option.help)


def settings_from(options: optmanager.OptManager) -> Settings:
    """The settings. Raises OptionsError, which mitmproxy shows as a line at start-up."""
    unknown = sorted(name for name in options.deferred if name.startswith(PREFIX))
    if unknown:
        known = ", ".join(PREFIX + option.name for option in OPTIONS)
        raise exceptions.OptionsError(f"Unknown option {unknown[0]}. There are: {known}.")
    values: dict[str, Any] = {option.name: getattr(options, PREFIX + option.name) for option in OPTIONS}
    if options.listen_port is not None:  # mitmproxy's own flags win
        values["port"] = options.listen_port
    if options.listen_host:
        values["host"] = options.listen_host
    try:
        return Settings.from_options(values)
    except ConfigurationError as error:
        raise exceptions.OptionsError(str(error)) from error
