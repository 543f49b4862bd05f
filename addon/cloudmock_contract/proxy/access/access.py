"""Whether a request is let through: who may use the proxy, what may be done on AWS, and how much of it.

This file does not answer anything, and does not know flows.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.permissions.allow_deny import Permissions
from cloudmock_contract.proxy.access.client_guard import ClientGuard
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.denial import Denial


class RateLimit:
    """How many requests may go to AWS in a run, and how fast. Belongs to the event loop."""

    def __init__(self, max_requests: int, max_rate: int) -> None:
        """`max_rate`: requests a second. 0 is no limit."""
        self._max_requests, self._max_rate = max_requests, max_rate
        self._count = 0
        self._next = 0.0
        """When the next request may go, in the loop's time."""

    async def wait_for_turn(self) -> None:
        """Wait until one more request is not too fast."""
        if not self._max_rate:
            return
        now = asyncio.get_running_loop().time()
        self._next = max(now, self._next + 1 / self._max_rate)
        await asyncio.sleep(self._next - now)

    def denial(self) -> Denial | None:
        """Count one more request; why it may not go, None if it may."""
        if self._max_requests and self._count >= self._max_requests:
            return Denial(f"The run has made the {self._max_requests} requests that it may make (--max-requests).")
        self._count += 1
        return None


class Access:
    """The access of one run. Belongs to the event loop."""

    def __init__(
        self,
        settings: Settings,
        services: Services,
        known: Callable[[str], Credentials | None],
        is_vended: Callable[[str], bool],
    ) -> None:
        """`known`: the credentials with an access key id, if the proxy has them; `is_vended`: whether AWS gave the key
        to the app in this run. Raises ConfigurationError.
        """
        is_open = settings.listens_beyond_loopback
        self._guard = ClientGuard.of(settings, known, is_open=is_open, is_vended=is_vended)
        self._permissions = Permissions.of(settings, services)
        self._rate_limit = RateLimit(settings.max_requests, settings.max_rate)

    def client_denial(self, call: Call, *, body_is_known: bool) -> Denial | None:
        """Why the sender may not use the proxy; None if he may. `body_is_known`: it is whole in the request."""
        return self._guard.denial(call, datetime.now(tz=UTC), body_is_known=body_is_known)

    async def wait_for_turn(self) -> None:
        """Wait until one more request is not too fast."""
        await self._rate_limit.wait_for_turn()

    def operation_denial(self, call: Call) -> Denial | None:
        """Why the call, whose destination is known, must not be done on AWS; None if it may.

        To be asked before the call is signed.
        """
        assert call.destination
        region = call.destination.signing_region
        region = call.region if "*" in region else region
        return self._permissions.denial(call.operation, region, call.request.method)

    def count_denial(self) -> Denial | None:
        """Count one more call that is ready to go; why it may not, None if it may."""
        return self._rate_limit.denial()
