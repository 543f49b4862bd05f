"""AWS's side: which operation a request is, where AWS answers for it, and the request as AWS wants it.

Putting together what cloudmock_contract.aws knows. `prepare` may block, the rest does not; nothing here sends anything,
but for `ask_caller`.
"""

import asyncio
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

import certifi
from botocore.model import OperationModel

from cloudmock_contract.aws.credentials.app_keys import credentials_of_account
from cloudmock_contract.aws.credentials.botocore_config import certificate_bundle, session, variants
from cloudmock_contract.aws.credentials.caller_identity import QUICK, CallerIdentity, caller_identity
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
from cloudmock_contract.errors import AppError, ConfigurationError
from cloudmock_contract.proxy.sides import caller_question
from cloudmock_contract.proxy.sides.http_client import HttpClient
from cloudmock_contract.settings import Settings
from cloudmock_contract.url import Url
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
        placeholders = TEST_CREDENTIALS if settings.aws_endpoint else None
        self.credentials = CredentialProvider(placeholders, settings.profile)
        self.mapped: Mapping[str, CredentialProvider] = {
            access_key: CredentialProvider(placeholders, profile) for access_key, profile in settings.credentials
        }
        """By the access key that the app signs with, where not `credentials` are to be used."""

    def is_ready_for(self, call: Call) -> bool:
        """Whether the other methods can do without blocking for a call of which the head, at least, is known."""
        if self._provider(call).needs_loading or self.credentials.needs_loading:
            return False
        return self._ready.issuperset(self.services_for(call))

    def prepare(self, call: Call) -> None:
        """Load the models and credentials that such a call needs. Blocks. Raises ConfigurationError."""
        self._identifier.prepare(call.request, call.authentication)
        for service in self.services_for(call):
            self._services.model(service)
            self._endpoints.prepare(service)
            self._ready.add(service)
        for provider in {self.credentials, self._provider(call)}:
            if provider.needs_loading:
                provider.load()
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
        return sign(request, call.authentication, target, self.credentials_of(call))

    def learn(self, call: Call, reply: Reply) -> None:
        """Keep the credentials that AWS gives to the app with this reply, if it does."""
        if reply.status < 300 and (model := self._model_of_issuer(call)):
            self._vended.learn(document(reply, call.operation.protocol, model).tree)

    def learn_partners(self, call: Call, reply: Reply, cloudmock: Reply) -> None:
        """Keep the credentials that CloudMock gives where AWS gives some with its reply to the same call."""
        if max(reply.status, cloudmock.status) < 300 and (model := self._model_of_issuer(call)):
            trees = (document(one, call.operation.protocol, model).tree for one in (reply, cloudmock))
            self._vended.learn_partners(*trees)

    def _model_of_issuer(self, call: Call) -> OperationModel | None:
        """The model of the call's operation, if it gives credentials."""
        model = self._services.operation_model(call.operation.service, call.operation.action)
        return model if model and gives_credentials(model) else None

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

    async def ask_caller(self, credentials: Credentials) -> CallerIdentity:
        """Who AWS says the caller with these credentials is. Raises ContractError if it does not say so soon."""
        region = self._settings.region
        if url := self._settings.aws_endpoint:
            client = await asyncio.to_thread(self._client, url)
            try:
                return await caller_question.ask(client, url, credentials, region or DEFAULT_REGION)
            finally:
                await client.close()
        try:
            async with asyncio.timeout(caller_question.MAX_SECONDS):
                return await asyncio.to_thread(
                    lambda: caller_identity(session(self._settings.profile), credentials, region, timeouts=QUICK)
                )
        except TimeoutError as error:
            raise AppError(f"There was no reply within {caller_question.MAX_SECONDS:g} s.") from error

    def _client(self, url: Url) -> HttpClient:
        """Reads the user's certificate authorities, if any are needed: blocks."""
        is_tls = url.scheme == "https"
        certificates = (certificate_bundle(self._settings.profile) or certifi.where()) if is_tls else ""
        return HttpClient(url, caller_question.MAX_SECONDS, "AWS", certificates)

    def has_own_credentials_for(self, call: Call) -> bool:
        """Whether the call is signed with credentials that the app's access key says, and not the user's for all."""
        access_key = call.authentication.access_key
        return self._vended.knows(access_key) or access_key in self.mapped or self._of_account(access_key) is not None

    def credentials_of(self, call: Call) -> Credentials:
        """What the call is signed with. Raises ConfigurationError if there is nothing."""
        access_key = call.authentication.access_key
        credentials = self._vended.get(access_key) or self._provider(call).current
        if credentials is None:
            raise ConfigurationError("cloudmock-contract has no AWS credentials to sign the request with: see its log.")
        if credentials.access_key != access_key and access_key not in self.mapped:
            return self._of_account(access_key) or credentials
        return credentials

    def _of_account(self, access_key: str) -> Credentials | None:
        """For an emulator that takes an access key of twelve digits for an account; AWS itself has no such keys."""
        return credentials_of_account(access_key) if self._settings.aws_endpoint else None

    def _provider(self, call: Call) -> CredentialProvider:
        return self.mapped.get(call.authentication.access_key, self.credentials)
