"""The user's AWS credentials, from wherever botocore finds them, refreshed when they near their end.

The session ignores configured endpoint URLs: the environment in which the proxy runs often has AWS_ENDPOINT_URL set to
the proxy itself, and a profile that assumes a role would otherwise ask the proxy for the credentials that the proxy is
waiting for.

Everything here that talks to the outside (STS, SSO, instance metadata) blocks: callers run it off the event loop.
"""

import time
from dataclasses import dataclass, field

import botocore.session
from botocore.credentials import RefreshableCredentials

from cloudmock_contract.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Credentials:
    """One set of keys. Its repr shows none of them."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


RELOAD_SECONDS = 60.0
"""The least time between two refreshes."""

PLACEHOLDERS = Credentials("test", "test")
"""What emulators are signed for: they read the scope and look up no key."""


class CredentialSource:
    """Where the reference side's credentials come from; `placeholders`: used if the user has none."""

    def __init__(self, placeholders: Credentials | None = None) -> None:
        self._placeholders = placeholders
        self._found: botocore.credentials.Credentials | None = None
        self._current: Credentials | None = None
        self._loaded_at = 0.0

    @property
    def current(self) -> Credentials | None:
        """The credentials as they were loaded last; None before that."""
        return self._current

    @property
    def needs_loading(self) -> bool:
        """Whether `load` should be called before `current` is used.

        Credentials that begin their life near their end are not loaded for every request.
        """
        if self._current is None:
            return True
        is_ending = isinstance(self._found, RefreshableCredentials) and self._found.refresh_needed()
        return is_ending and time.monotonic() - self._loaded_at > RELOAD_SECONDS

    def load(self) -> Credentials:
        """Find or refresh the credentials. Blocks. Raises ConfigurationError if there are none."""
        try:
            if self._found is None:
                session = botocore.session.Session()
                session.set_config_variable("ignore_configured_endpoint_urls", value=True)
                self._found = session.get_credentials()
            if self._found is None:
                self._current = self._without_any()
            else:
                frozen = self._found.get_frozen_credentials()
                self._current = Credentials(frozen.access_key, frozen.secret_key, frozen.token)
        except ConfigurationError:
            raise
        except Exception as error:  # whatever a profile's program, a token file or STS makes botocore raise
            raise ConfigurationError(f"The AWS credentials cannot be used: {error}") from error
        self._loaded_at = time.monotonic()
        return self._current

    def _without_any(self) -> Credentials:
        if self._placeholders is None:
            raise ConfigurationError(
                "No AWS credentials found. Set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                "or compare with another endpoint: --aws-endpoint URL."
            )
        return self._placeholders
