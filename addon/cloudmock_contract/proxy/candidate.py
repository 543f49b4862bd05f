"""The candidate side: the app's request as CloudMock gets it, and CloudMock's reply.

The copy carries nothing of the user's: neither key, token nor signature. It is signed test/test, because emulators read
service and region out of the credential scope.
"""

from dataclasses import replace

from cloudmock_contract.aws.credentials import PLACEHOLDERS
from cloudmock_contract.aws.signing import sign
from cloudmock_contract.errors import ContractError
from cloudmock_contract.exchange import Failure, Operation, Outcome, Request
from cloudmock_contract.proxy.replay import Replayer
from cloudmock_contract.settings import Settings


class Candidate:
    """One run's candidate side."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.cloudmock
        self._replayer = Replayer(settings.cloudmock, settings.timeout)

    def copy_of(self, request: Request, operation: Operation, region: str) -> Request:
        """The request as it is sent to CloudMock. Raises ContractError."""
        return sign(
            replace(
                request,
                target=self._url.path + request.target,
                headers=request.headers.without({"x-amz-sso_bearer_token"}),
            ),
            url_scheme=self._url.scheme,
            host=request.headers.get("host") or self._url.netloc,
            credentials=PLACEHOLDERS,
            signing_name=operation.signing_name,
            region=region,
            bearer_token="test",  # noqa: S106
        )

    async def replay(self, request: Request, operation: Operation, region: str) -> Outcome:
        """CloudMock's reply to its copy of the request."""
        try:
            copy = self.copy_of(request, operation, region)
        except ContractError as error:
            return Failure(str(error))
        return await self._replayer.send(copy)

    async def close(self) -> None:
        """Close the connections."""
        await self._replayer.close()
