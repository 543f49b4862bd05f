"""AWS's side: which operation a request is, where AWS answers for it, and the request as AWS wants it.

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
from cloudmock_contract.aws.wire.url_rewriting import BaseUrl
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.endpoint import Endpoint
from cloudmock_contract.values.http import Reply, Request


class AwsSide:
    """One run's AWS."""

    def __init__(self, settings: Settings, services: Services, vended: VendedCredentials | None = None) -> None:
        """`vended`: the credentials that AWS gave to the app so far in this run."""
        self._settings = settings
        self._services = services
        self._identifier = Identifier(services)
        self._endpoints = Endpoints(services)
        self._ready: set[str] = set()
        self._ahead = timedelta()
        """By how much AWS's clock is ahead of ours."""
        self._vended = vended or VendedCredentials()
        self.credentials = CredentialProvider(TEST_CREDENTIALS if settings.aws_endpoint else None, settings.profile)

    def is_ready_for(self, call: Call) -> bool:
        """Whether the other methods can do without blocking for a call of which the head, at least, is known."""
        if self.credentials.needs_loading:
            return False
        return self._ready.issuperset(self.services_for(call))

    def prepare(self, call: Call) -> None:
        """Load the models and credentials that such a call needs. Blocks. Raises ConfigurationError."""
        self._identifier.prepare(call.request, call.authentication)
        for service in self.services_for(call):
            self._services.model(service)
            self._endpoints.prepare(service)
            self._ready.add(service)
        self.credentials.load()
        if not self._settings.aws_endpoint:
            self._endpoints.variants = variants(self.credentials.session)

    def services_for(self, call: Call) -> Collection[str]:
        """The services that a call with this head may be for."""
        return self._identifier.services_for(call.request, call.authentication)

    def identify(self, call: Call) -> Call:
        """The call with the operation that it asks for, and the region that the user wants it to go to."""
        operation = self._identifier.identify(call.request, call.authentication)
        region = self._settings.region or operation.region or DEFAULT_REGION
        return call.identified(operation, region)

    def address(self, call: Call) -> Call:
        """The identified call with its destination. Raises ContractError."""
        operation, region = call.operation, call.region
        if url := self._settings.aws_endpoint:
            path = f"{url.path}/{operation.bucket}" if operation.bucket else url.path
            endpoint = Endpoint(url.scheme, url.host, url.port, path, operation.signing_name, region)
        else:
            endpoint = self._endpoints.resolve(operation, region, context(call, self._services))
        return call.addressed(endpoint)

    def sign(self, call: Call, rewritten: Collection[str] = ()) -> Request:
        """The request of an addressed call, signed for its destination. Raises ContractError.

        `rewritten`: the members whose URLs lead to the proxy where AWS wants its own host.
        """
        request, endpoint = call.request, call.destination
        assert endpoint
        host = endpoint.host_header
        request = url_rewriting.request_with(
            request, rewritten, request.headers.get("host"), BaseUrl(endpoint.scheme, host)
        )
        url = self._settings.aws_endpoint
        if url and url.is_loopback:
            # An emulator makes URLs out of the Host: it gets the one that CloudMock gets.
            host = request.headers.get("host") or host
            request = request.to(url.path + request.target, request.headers)
        else:
            request = addressed(request, call.authentication, call.operation, endpoint)
        target = SigningTarget(
            host,
            endpoint.signing_name,
            endpoint.signing_region,
            datetime.now(tz=UTC) + self._ahead,
            endpoint.version,
            is_tls=endpoint.scheme == "https",
        )
        return sign(request, call.authentication, target, self._credentials(call))

    def learn(self, call: Call, reply: Reply) -> None:
        """Keep the credentials that AWS gives to the app with this reply, if it does."""
        operation = call.operation
        model = self._services.operation_model(operation.service, operation.action)
        if model and reply.status < 300 and gives_credentials(model):
            self._vended.learn(document(reply, operation.protocol, model).tree)

    def learns_time(self, call: Call, sent: Request, reply: Reply) -> bool:
        """Whether AWS refused the request that was sent because of our clock: its time is known then.

        A presigned URL is refused for its own date, and stays so. Whoever answers for an operation that no model knows
        may be somebody's own program, and is not asked for the time.
        """
        time = signed_at(sent) if call.operation.is_modelled else None
        late = clock_skew.skew(reply, time) if time else None
        if time is None or late is None:
            return False
        self._ahead = time + late - datetime.now(tz=UTC)
        return True

    def _credentials(self, call: Call) -> Credentials:
        credentials = self._vended.get(call.authentication.access_key) or self.credentials.current
        if credentials is None:
            raise ConfigurationError("cloudmock-contract has no AWS credentials to sign the request with: see its log.")
        return credentials
