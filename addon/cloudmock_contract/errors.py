"""The errors of this package, by whose fault they are.

    ContractError
    ├── ConfigurationError   the user's: a flag, a rules file, credentials, a busy port; the run does not start
    ├── AppError             the app's: a request that nobody could send on
    └── CloudMockError       CloudMock's: it gave no usable reply

The text of each says what happened and what to do about it, in one or two lines: it is shown to the user as it is.
This file does not know where errors are caught.
"""

import re


def without_quotes(text: str) -> str:
    """A library's error text without the bytes that it quotes: they came from the network, and may be anything."""
    return re.sub(r"""[ :]*\b(?:bytearray\()?b(['"]).*""", "", text, flags=re.DOTALL).rstrip(" :.")


class ContractError(Exception):
    """Anything that went wrong, as this package says it."""


class ConfigurationError(ContractError):
    """The run cannot start as it was asked to."""


class AppError(ContractError):
    """The app's request cannot be sent on."""


class CloudMockError(ContractError):
    """CloudMock gave no usable reply."""
