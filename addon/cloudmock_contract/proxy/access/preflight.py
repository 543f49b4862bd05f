"""What is found out before the run, so that no test starts whose result cannot count, and no request goes to an account
that was not meant. The wrapper finds it out before it listens; the addon by itself holds requests back until it knows.

This file does not know flows.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from types import MappingProxyType

from cloudmock_contract.aws.credentials.caller_identity import (
    CallerIdentity,
    caller_identity,
    check_account,
    check_is_real,
)
from cloudmock_contract.aws.credentials.provider import CredentialProvider
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.reports.files import check_writable
from cloudmock_contract.settings import Settings
from cloudmock_contract.url import Url

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0


def check_surroundings(settings: Settings) -> None:
    """Raises ConfigurationError if a file of the run's could not be written, or CloudMock does not answer. Blocks."""
    written = (
        ("--output", settings.output),
        ("--journal" if settings.keeps_journal else "--output", settings.journal),  # without its option, beside it
        ("--cleanup", settings.cleanup),
    )
    for option, path in written:
        if path:
            check_writable(path, option)
    _check_reachable(settings.cloudmock)


def check_credentials(settings: Settings, source: CredentialProvider) -> CallerIdentity | None:
    """Whose the credentials are; None where AWS is not asked. Raises ConfigurationError if they cannot be used.

    Blocks.
    """
    credentials = source.load()
    if settings.aws_endpoint:
        return None
    check_is_real(credentials)
    if not settings.preflight:
        return None
    caller = caller_identity(source.session, credentials, settings.region)
    check_account(caller, settings.expect_account)
    return caller


def check_all_credentials(
    settings: Settings, source: CredentialProvider, mapped: Mapping[str, CredentialProvider]
) -> dict[str, CallerIdentity]:
    """By access key, whose the credentials are, the main ones first; empty where AWS is not asked.

    `mapped`: those of --credentials. Raises ConfigurationError if some cannot be used. Blocks.
    """
    callers = {}
    for provider in (source, *mapped.values()):
        try:
            caller = check_credentials(settings, provider)
        except ConfigurationError as error:
            if provider is source:
                raise
            raise ConfigurationError(f"--credentials, profile {provider.profile}: {error}") from error
        if caller and provider.current:
            callers[provider.current.access_key] = caller
    return callers


def _check_reachable(cloudmock: Url) -> None:
    try:
        socket.create_connection((cloudmock.host, cloudmock.port), CONNECT_SECONDS).close()
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(
            f"--cloudmock: nothing answers at {cloudmock} ({reason}). Start CloudMock, or give the URL that it has."
        ) from error


class Gate:
    """Holds requests back from `check` on until its result is known, and refuses them all if nothing can be signed."""

    def __init__(self) -> None:
        self._error: ConfigurationError | None = None
        self._up = asyncio.Event()
        self._checking: asyncio.Task[None] | None = None

    def check(
        self,
        settings: Settings,
        credentials: CredentialProvider,
        on_unusable: Callable[[], None],
        mapped: Mapping[str, CredentialProvider] = MappingProxyType({}),
        on_known: Callable[[Mapping[str, CallerIdentity]], None] = lambda _callers: None,
    ) -> None:
        """Begin to find out; `on_unusable` is called if no request may be sent.

        `mapped`: the credentials of --credentials; `on_known` is told by access key what AWS has said.
        """
        self._error = None
        if self._checking:
            self._checking.cancel()
        self._checking = asyncio.create_task(self._check(settings, credentials, on_unusable, mapped, on_known))

    def open_when_known(self) -> None:
        """mitmproxy is up: what is wrong may be said now without being taken for a failed start."""
        self._up.set()

    @property
    def error(self) -> ConfigurationError | None:
        """Why no request may be sent; None if they may."""
        if self._checking and not self._checking.done():
            return ConfigurationError("The options have changed, and the credentials are being checked: send it again.")
        return self._error

    def check_open(self) -> None:
        """Raises ConfigurationError if no request may be sent."""
        if self.error:
            raise self.error

    async def wait_until_known(self) -> None:
        """Wait until the result is known."""
        while self._checking and not self._checking.done():
            await asyncio.wait((self._checking,))

    async def _check(
        self,
        settings: Settings,
        credentials: CredentialProvider,
        on_unusable: Callable[[], None],
        mapped: Mapping[str, CredentialProvider],
        on_known: Callable[[Mapping[str, CallerIdentity]], None],
    ) -> None:
        await self._up.wait()
        try:
            await asyncio.to_thread(check_surroundings, settings)
        except ConfigurationError as error:
            logger.warning(str(error))  # it may still come
        try:
            callers = await asyncio.to_thread(check_all_credentials, settings, credentials, mapped)
        except ConfigurationError as error:
            logger.error(str(error))  # noqa: TRY400 (the user's mistake, not a bug: no traceback)
            self._error = error
            on_unusable()
        except Exception as error:
            self._error = ConfigurationError(f"The credentials could not be checked: {error}.")
            on_unusable()
            raise
        else:
            on_known(callers)
            for caller in callers.values():
                logger.info("signing for %s", caller)
