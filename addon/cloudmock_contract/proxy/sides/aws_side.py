"""The reference side: which operation a request is, where AWS answers for it, and the request as AWS wants it.

Putting together what cloudmock_contract.aws knows. Nothing here sends anything; `prepare` may block, the rest does not.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from cloudmock_contract.aws.credentials.botocore_config import variants
from cloudmock_contract.aws.credentials.provider import TEST_CREDENTIALS, CredentialProvider, Credentials
from cloudmock_contract.aws.credentials.temporary import VendedCredentials, gives_credentials
from cloudmock_contract.aws.documents.output import document
from cloudmock_contract.aws.endpoints.parameters import context
from cloudmock_contract.aws.endpoints.resolver import Endpoints, addressed
from cloudmock_contract.aws.models.partitions import DEFAULT_REGION
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.aws.signing import clock_skew
from cloudmock_contract.aws.signing.signer import SigningTarget, sign, signed_at
from cloudmock_contract.aws.wire import url_rewriting
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.aws.wire.url_rewriting import BaseUrl
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.endpoint import Endpoint
from cloudmock_contract.values.http import Reply, Request
from cloudmock_contract.values.operation import Operation


class AwsSide:
    """One run's reference side."""

    def __init__(self, settings: Settings, services: Services, issued: VendedCredentials | None = None) -> None:
        """`issued`: the credentials that the app was given so far in this run."""
        self._settings = settings
        self._services = services
        self._identifier = Identifier(services)
        self._endpoints = Endpoints(services)
        self._ready: set[str] = set()
        self._ahead = timedelta()
        """By how much AWS's clock is ahead of ours."""
        self._vended = issued or VendedCredentials()
        self.credentials = CredentialProvider(TEST_CREDENTIALS if settings.aws_endpoint else None, settings.profile)

    def is_ready_for(self, head: Request) -> bool:
        """Whether the other methods can do without blocking for a request with this head."""
        if self.credentials.needs_loading:
            return False
        return self._ready.issuperset(self._identifier.services_for(head))

    def prepare(self, head: Request) -> None:
        """Load the models and credentials that a request with this head needs. Blocks. Raises ConfigurationError."""
        self._identifier.prepare(head)
        for service in self._identifier.services_for(head):
            self._services.model(service)
            self._endpoints.prepare(service)
            self._ready.add(service)
        self.credentials.load()
        if not self._settings.aws_endpoint:
            self._endpoints.variants = variants(self.credentials.session)

    def services_for(self, head: Request) -> Collection[str]:
        """The services that a request with this head may be for."""
        return self._identifier.services_for(head)

    def identify(self, request: Request) -> Operation:
        """The operation that the request asks for."""
        return self._identifier.identify(request)

    def region(self, operation: Operation) -> str:
        """The region that the user wants the request to go to."""
        return self._settings.region or operation.region or DEFAULT_REGION

    def signed(
        self, request: Request, operation: Operation, rewritten: Collection[str] = ()
    ) -> tuple[Endpoint, Request]:
        """Where to send the request, and the request signed for it. Raises ContractError.

        `rewritten`: the members whose URLs lead to the proxy where AWS wants its own host.
        """
        endpoint = self._endpoint(request, operation)
        host = endpoint.host_header
        request = url_rewriting.request_with(
            request, rewritten, request.headers.get("host"), BaseUrl(endpoint.scheme, host)
        )
        url = self._settings.aws_endpoint
        if url and url.is_loopback:
            # An emulator makes URLs out of the Host: it gets the one that the candidate gets.
            host = request.headers.get("host") or host
            request = request.to(url.path + request.target, request.headers)
        else:
            request = addressed(request, operation, endpoint)
        purpose = SigningTarget(
            host,
            endpoint.signing_name,
            endpoint.signing_region,
            datetime.now(tz=UTC) + self._ahead,
            endpoint.version,
            is_tls=endpoint.scheme == "https",
        )
        return endpoint, sign(request, purpose, self._credentials(request))

    def learn(self, operation: Operation, reply: Reply) -> None:
        """Keep the credentials that AWS gives to the app with this reply, if it does."""
        model = self._services.operation_model(operation.service, operation.action)
        if model and reply.status < 300 and gives_credentials(model):
            self._vended.learn(document(reply, operation.protocol, model).tree)

    def is_worth_another_try(self, sent: Request, operation: Operation, reply: Reply) -> bool:
        """Whether AWS refused a request that was sent because of our clock. Its time is known then.

        A presigned URL is refused for its own date, and stays so. Whoever answers for an operation that no model knows
        may be somebody's own program, and is not asked for the time.
        """
        time = signed_at(sent) if operation.is_modelled else None
        late = clock_skew.skew(reply, time) if time else None
        if time is None or late is None:
            return False
        self._ahead = time + late - datetime.now(tz=UTC)
        return True

    def _endpoint(self, request: Request, operation: Operation) -> Endpoint:
        region = self.region(operation)
        if url := self._settings.aws_endpoint:
            path = f"{url.path}/{operation.bucket}" if operation.bucket else url.path
            return Endpoint(url.scheme, url.host, url.port, path, operation.signing_name, region)
        return self._endpoints.resolve(operation, region, context(request, operation, region, self._services))

    def _credentials(self, request: Request) -> Credentials:
        credentials = self._vended.get(authentication(request).access_key) or self.credentials.current
        if credentials is None:
            raise ConfigurationError("cloudmock-contract has no AWS credentials to sign the request with: see its log.")
        return credentials
