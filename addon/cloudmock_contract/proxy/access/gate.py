"""Holds requests back until it is known whose credentials sign them, and refuses them all if these cannot be used.

For the addon by itself: the wrapper finds the same out before it listens. This file does not know flows.
"""

import asyncio
import logging
from collections.abc import Callable

from cloudmock_contract.aws.credentials.provider import CredentialProvider
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.proxy.access import preflight
from cloudmock_contract.settings import Settings

logger = logging.getLogger(__name__)


class Gate:
    """Closed from `check` on until its result is known."""

    def __init__(self) -> None:
        self._refusal: ConfigurationError | None = None
        self._up = asyncio.Event()
        self._checking: asyncio.Task[None] | None = None

    def check(self, settings: Settings, credentials: CredentialProvider, on_refusal: Callable[[], None]) -> None:
        """Begin to find out; `on_refusal` is called if no request may be sent."""
        self._refusal = None
        if self._checking:
            self._checking.cancel()
        self._checking = asyncio.create_task(self._check(settings, credentials, on_refusal))

    def open_when_known(self) -> None:
        """mitmproxy is up: what is wrong may be said now without being taken for a failed start."""
        self._up.set()

    @property
    def refusal(self) -> ConfigurationError | None:
        """Why no request may be sent; None if they may."""
        if self._checking and not self._checking.done():
            return ConfigurationError("The options have changed, and the credentials are being checked: send it again.")
        return self._refusal

    def check_open(self) -> None:
        """Raises ConfigurationError if no request may be sent."""
        if self.refusal:
            raise self.refusal

    async def passed(self) -> None:
        """Wait until the result is known."""
        while self._checking and not self._checking.done():
            await asyncio.wait((self._checking,))

    async def _check(self, settings: Settings, credentials: CredentialProvider, on_refusal: Callable[[], None]) -> None:
        await self._up.wait()
        try:
            await asyncio.to_thread(preflight.check_surroundings, settings)
        except ConfigurationError as error:
            logger.warning(str(error))  # it may still come
        try:
            found = await asyncio.to_thread(preflight.check_credentials, settings, credentials)
        except ConfigurationError as error:
            logger.error(str(error))  # noqa: TRY400 (the user's mistake, not a bug: no traceback)
            self._refusal = error
            on_refusal()
        except Exception as error:
            self._refusal = ConfigurationError(f"The credentials could not be checked: {error}.")
            on_refusal()
            raise
        else:
            if found:
                logger.info("signing for %s", found)
