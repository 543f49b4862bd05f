"""The user's AWS credentials, from wherever botocore finds them, refreshed shortly before they expire.

Everything here that talks to the outside (STS, SSO, instance metadata) blocks: callers run it off the event loop. This
file does not know what is signed with the credentials, nor whose they are.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from botocore.credentials import RefreshableCredentials
from botocore.exceptions import (
    BotoCoreError,
    SSOError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from cloudmock_contract.aws.credentials.botocore_config import session
from cloudmock_contract.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Credentials:
    """One set of keys. Its repr shows none of them."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


_SIGN_ON = (SSOError, SSOTokenLoadError, TokenRetrievalError, UnauthorizedSSOTokenError)

RELOAD_SECONDS = 60.0
"""The shortest time between two refreshes of credentials that are still valid."""

RELOAD_SECONDS_EXPIRED = 2.0
"""The same for credentials that have expired."""

TEST_CREDENTIALS = Credentials("test", "test")
"""What requests to emulators are signed with: these read the scope, and look up no key."""


class CredentialProvider:
    """Where the credentials of the AWS side come from."""

    def __init__(self, placeholders: Credentials | None = None, profile: str = "") -> None:
        """`placeholders`: used if the user has no credentials. `profile`: empty for the one of the environment."""
        self.profile = profile
        self._placeholders = placeholders
        self._session: Any = None
        self._botocore_credentials: Any = None
        self._current: Credentials | None = None
        self._loaded_at = 0.0

    @property
    def current(self) -> Credentials | None:
        """The credentials as they were loaded last; None before that."""
        return self._current

    @property
    def needs_loading(self) -> bool:
        """Whether `load` should be called before `current` is used.

        Credentials that are issued shortly before they expire are not loaded for every request.
        """
        if self._current is None:
            return True
        credentials = self._botocore_credentials
        if not isinstance(credentials, RefreshableCredentials) or not credentials.refresh_needed():
            return False
        has_expired = credentials.refresh_needed(refresh_in=0)
        return time.monotonic() - self._loaded_at > (RELOAD_SECONDS_EXPIRED if has_expired else RELOAD_SECONDS)

    @property
    def session(self) -> Any:
        """The botocore session, made at the first use. Blocks for some milliseconds. Raises ConfigurationError."""
        if self._session is None:
            self._session = session(self.profile)
        return self._session

    def load(self) -> Credentials:
        """Find or refresh the credentials. Blocks. Raises ConfigurationError if there are none."""
        try:
            if self._botocore_credentials is None:
                self._botocore_credentials = self.session.get_credentials()
            if self._botocore_credentials is None:
                self._current = self._placeholders_or_error()
            else:
                frozen = self._botocore_credentials.get_frozen_credentials()
                self._current = Credentials(frozen.access_key, frozen.secret_key, frozen.token)
        except ConfigurationError:
            raise
        except Exception as error:  # whatever a profile's program, a token file or STS makes botocore raise
            name = type(error).__name__
            reason = str(error) if isinstance(error, BotoCoreError) and str(error) else f"{name}: {error}".rstrip(": ")
            remedy = " Log in: `aws sso login`, with the same --profile." if isinstance(error, _SIGN_ON) else ""
            raise ConfigurationError(f"The AWS credentials cannot be used. {reason.rstrip('.')}.{remedy}") from error
        self._loaded_at = time.monotonic()
        return self._current

    def _placeholders_or_error(self) -> Credentials:
        if self._placeholders is None:
            raise ConfigurationError(
                "No AWS credentials found. Set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                "or compare with another endpoint: --aws-endpoint URL."
            )
        return self._placeholders
