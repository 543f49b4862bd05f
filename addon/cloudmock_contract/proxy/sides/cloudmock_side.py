"""CloudMock's side: the app's request as CloudMock gets it, and CloudMock's reply.

The copy carries nothing of the user's: neither key, token nor signature. It is signed in the style in which AWS's is,
because emulators read service and region out of the credential scope: with what CloudMock gave where AWS gave the app
the keys that it signs with, with the app's own access key if that is the number of an account, else with test/test.
"""

from datetime import UTC, datetime

from botocore.model import OperationModel

from cloudmock_contract.aws.credentials.app_keys import credentials_of_account
from cloudmock_contract.aws.credentials.caller_identity import CallerIdentity
from cloudmock_contract.aws.credentials.provider import TEST_CREDENTIALS, Credentials
from cloudmock_contract.aws.credentials.temporary import VendedCredentials
from cloudmock_contract.aws.models.partitions import DEFAULT_REGION
from cloudmock_contract.aws.signing.signer import SigningTarget, sign
from cloudmock_contract.aws.wire.hosts import bucket
from cloudmock_contract.errors import ContractError
from cloudmock_contract.proxy.sides import caller_question
from cloudmock_contract.proxy.sides.http_client import Deadline, HttpClient
from cloudmock_contract.proxy.streams.offload import run_in_thread
from cloudmock_contract.proxy.streams.policy import MAX_KEPT_BYTES, max_kept_bytes
from cloudmock_contract.proxy.streams.spool import Spool
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.authentication import Style, Version
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.endpoint import Endpoint
from cloudmock_contract.values.http import Failure, Outcome, Request
from cloudmock_contract.values.operation import Operation

OWN_PAGES = ("/_cloudmock/", "/_localstack/", "/_aws/", "/moto-api/")
"""Where emulators have their health checks and controls. The last could be a bucket, were it not unsigned."""


class CloudMockSide:
    """One run's CloudMock."""

    def __init__(self, settings: Settings, vended: VendedCredentials | None = None) -> None:
        """`vended`: what CloudMock gave so far in this run, as partners of what AWS gave to the app."""
        self._url = settings.cloudmock
        self._region = settings.region or DEFAULT_REGION
        self._vended = vended or VendedCredentials()
        self._timeout = settings.timeout
        self._http = HttpClient(settings.cloudmock, settings.timeout, "CloudMock")

    def copy_of(self, call: Call) -> Request:
        """The call's request as it is sent to CloudMock. Raises ContractError."""
        request = call.request
        target = SigningTarget(
            request.headers.get("host") or self._url.netloc,
            call.operation.signing_name,
            call.region,
            datetime.now(tz=UTC),
            # As AWS's side has it, but for a signature for several regions: it names none, and emulators want one.
            Version.V4,
            is_tls=self._url.scheme == "https",
            keep_secrets=False,
        )
        request = request.to(self._url.path + request.target, request.headers)
        return sign(request, call.authentication, target, self.credentials_of(call), bearer_token="test")  # noqa: S106

    def credentials_of(self, call: Call) -> Credentials:
        """What the copy is signed with."""
        access_key = call.authentication.access_key
        return self._vended.partner(access_key) or credentials_of_account(access_key) or TEST_CREDENTIALS

    async def ask_caller(self, credentials: Credentials) -> CallerIdentity:
        """Who CloudMock says the caller with these credentials is. Raises CloudMockError if it does not say so."""
        return await caller_question.ask(self._http, self._url, credentials, self._region)

    async def ask(
        self,
        call: Call,
        deadline: Deadline | None = None,
        body: Spool | None = None,
        model: OperationModel | None = None,
    ) -> Outcome:
        """CloudMock's reply to its copy of the call, whose request is in CloudMock's own words."""

        def max_kept(status: int) -> int:
            return max_kept_bytes(model) if status < 300 else MAX_KEPT_BYTES

        try:
            copy = await run_in_thread(len(call.request.body), lambda: self.copy_of(call))
            return await self._http.send(copy, deadline, body, max_kept)
        except ContractError as error:
            return Failure(str(error))
        finally:
            if body:
                body.close()

    def new_deadline(self) -> Deadline:
        """How long CloudMock may take to reply to one request."""
        return Deadline(self._timeout)

    def has_own_page(self, call: Call) -> bool:
        """Whether the call is for a page of the emulator's own, which AWS has not."""
        if not call.request.path.startswith(OWN_PAGES):
            return False
        return call.authentication.style is Style.NONE and not bucket(call.request, call.authentication)

    @property
    def endpoint(self) -> Endpoint:
        url = self._url
        return Endpoint(url.scheme, url.host, url.port, url.path, "", "")

    def request_for_own_page(self, call: Call) -> Request:
        """A request for a page of the emulator's own, as it is sent."""
        return self.copy_of(call.identified(Operation("", "", "", ""), ""))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
