"""The reference side: which operation a request is, where AWS answers for it, and the request as AWS wants it.

Putting together what cloudmock_contract.aws knows. Nothing here sends anything; `prepare` may block, the rest does not.
"""

from dataclasses import replace

from cloudmock_contract.aws.authentication import authentication
from cloudmock_contract.aws.credentials import PLACEHOLDERS, Credentials, CredentialSource
from cloudmock_contract.aws.endpoints import DEFAULT_REGION, Endpoint, Endpoints, addressed
from cloudmock_contract.aws.identification import Identifier
from cloudmock_contract.aws.services import Services
from cloudmock_contract.aws.signing import sign
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.exchange import Operation, Request
from cloudmock_contract.settings import Settings

_UNSIGNED = ("s3", "sts", "cognito-idp", "cognito-identity", "sso", "sso-oauth")
"""Signing names of the services that are called without a signature."""


class Reference:
    """One run's reference side."""

    def __init__(self, settings: Settings, services: Services) -> None:
        self._settings = settings
        self._services = services
        self._identifier = Identifier(services)
        self._endpoints = Endpoints(services)
        self._ready: set[str] = set()
        self.credentials = CredentialSource(PLACEHOLDERS if settings.aws_endpoint else None)

    def is_ready_for(self, head: Request) -> bool:
        """Whether the other methods can do without blocking for a request with this head."""
        return not self.credentials.needs_loading and self._ready.issuperset(self._signing_names(head))

    def prepare(self, head: Request) -> None:
        """Load the models and credentials that a request with this head needs. Blocks. Raises ConfigurationError."""
        for signing_name in self._signing_names(head):
            self._identifier.prepare(signing_name)
            for service in self._services.by_signing_name[signing_name]:
                self._services.model(service.name)
                self._endpoints.prepare(service.name)
            self._ready.add(signing_name)
        self.credentials.load()

    def _signing_names(self, head: Request) -> tuple[str, ...]:
        signing_name = authentication(head).signing_name
        if not signing_name:
            return _UNSIGNED
        return (signing_name,) if signing_name in self._services.by_signing_name else ()

    def identify(self, request: Request) -> Operation:
        """The operation that the request asks for."""
        return self._identifier.identify(request)

    def region(self, operation: Operation) -> str:
        """The region that the user wants the request to go to."""
        return self._settings.region or operation.region or DEFAULT_REGION

    def signed(self, request: Request, operation: Operation) -> tuple[Endpoint, Request]:
        """Where to send the request, and the request signed for it. Raises ContractError."""
        endpoint = self._endpoint(operation)
        host = endpoint.host_header
        url = self._settings.aws_endpoint
        if url and url.is_loopback:
            # An emulator makes URLs out of the Host: it gets the one that the candidate gets.
            host = request.headers.get("host") or host
            request = replace(request, target=url.path + request.target)
        else:
            request = addressed(request, operation, endpoint)
        return endpoint, sign(
            request,
            url_scheme=endpoint.scheme,
            host=host,
            credentials=self._credentials(),
            signing_name=endpoint.signing_name,
            region=endpoint.signing_region,
        )

    def _endpoint(self, operation: Operation) -> Endpoint:
        region = self.region(operation)
        if url := self._settings.aws_endpoint:
            path = f"{url.path}/{operation.bucket}" if operation.bucket else url.path
            return Endpoint(url.scheme, url.host, url.port, path, operation.signing_name, region)
        return self._endpoints.resolve(operation, region)

    def _credentials(self) -> Credentials:
        credentials = self.credentials.current
        if credentials is None:
            raise ConfigurationError("cloudmock-contract has no AWS credentials to sign the request with: see its log.")
        return credentials
