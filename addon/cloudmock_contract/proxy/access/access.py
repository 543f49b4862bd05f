"""Whether a request is let through: who may use the proxy, what may be done on AWS, and how much of it.

Puts together what the guard, the permissions and the limits know. This file does not answer anything.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.permissions.allow_deny import Permissions
from cloudmock_contract.comparison.comparison import Asked
from cloudmock_contract.proxy.access.client_guard import ClientGuard
from cloudmock_contract.proxy.access.rate_limit import RateLimit
from cloudmock_contract.settings import Settings, is_loopback
from cloudmock_contract.values.http import Request


class Access:
    """That of one run. Belongs to the event loop."""

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
        is_open = not all(map(is_loopback, settings.listen_hosts))
        self._guard = ClientGuard.of(settings, known, is_open=is_open, is_vended=is_vended)
        self._permissions = Permissions.of(settings, services)
        self._limits = RateLimit(settings.max_requests, settings.max_rate)

    def refusal(self, request: Request, *, body_is_known: bool) -> str:
        """Why the sender may not use the proxy; empty if he may. `body_is_known`: it is whole in the request."""
        return self._guard.refusal(request, datetime.now(tz=UTC), body_is_known=body_is_known)

    async def turn(self) -> None:
        """Wait until one more request is not too fast."""
        await self._limits.turn()

    def denial(self, asked: Asked, region: str) -> str:
        """Why the request must not be done on AWS; empty if it may. `region`: the one that it is signed for."""
        region = asked.region if "*" in region else region
        reason = self._permissions.refusal(asked.operation, region, asked.request.method)
        return reason or self._limits.refusal()
