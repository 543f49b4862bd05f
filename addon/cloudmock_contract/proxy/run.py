"""What one run is made of: the sides, the rules, what has been learned, who may ask what, and where findings go.

Made of settings, and made anew when these change; what has been learned and counted stays. This file does not know
hooks, nor flows beyond the note of a verdict on one.
"""

import importlib.metadata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import certifi
from botocore.model import OperationModel
from mitmproxy import http

from cloudmock_contract.aws.credentials.app_keys import AppKeys
from cloudmock_contract.aws.credentials.caller_identity import CallerIdentity
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.credentials.temporary import VendedCredentials
from cloudmock_contract.aws.documents.output import document
from cloudmock_contract.aws.documents.substitution import substituted
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import SdkCatalog
from cloudmock_contract.aws.signing import clock_skew, secret_hash
from cloudmock_contract.aws.signing.secret_hash import ClientSecrets
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.aws.wire.url_rewriting import BaseUrl, reply_with
from cloudmock_contract.comparison.comparison import Comparison
from cloudmock_contract.comparison.identifiers.id_map import Identifiers
from cloudmock_contract.comparison.identifiers.own_hosts import OwnHosts
from cloudmock_contract.comparison.rules.yaml_file import rules_of
from cloudmock_contract.leftovers.resource_changes import resource_changes
from cloudmock_contract.proxy.access.access import Access
from cloudmock_contract.proxy.callers import Callers
from cloudmock_contract.proxy.exchanges import MAX_QUICK_BYTES
from cloudmock_contract.proxy.mitm import flows
from cloudmock_contract.proxy.sides.aws_side import AwsSide
from cloudmock_contract.proxy.sides.cloudmock_side import CloudMockSide
from cloudmock_contract.proxy.sides.http_client import Deadline, HttpClient
from cloudmock_contract.proxy.streams.offload import run_in_thread
from cloudmock_contract.proxy.streams.spool import Spool
from cloudmock_contract.reports.recorder import Recorder
from cloudmock_contract.reports.tally.report import Run
from cloudmock_contract.settings import Settings
from cloudmock_contract.url import Url
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.exchange import Exchange
from cloudmock_contract.values.http import Outcome, Reply, Request
from cloudmock_contract.version import __version__

MAX_RETRY_SECONDS = 60.0
"""How long AWS may take to reply to a request that is sent once more."""


_SEVERAL_ACCOUNTS = (
    "The app signed with access keys that may be of {count} accounts, and all that it signed with them went to AWS "
    "with the same credentials: --credentials KEY=PROFILE says which profile's are to be used for a key."
)


class ContractRun:
    """Everything that the addon's hooks put to work. Belongs to the event loop, but for what says that it may not."""

    def __init__(self, callers: Collection[Credentials] = ()) -> None:
        """`callers`: the credentials that the app has been given for this run, and is to use."""
        self._callers = {credentials.access_key: credentials for credentials in callers}
        self._services = Services()
        self._sdk_catalog = SdkCatalog(self._services)
        self._identifiers = Identifiers()
        self._vended = VendedCredentials()
        self._client_secrets = ClientSecrets()
        self._app_keys = AppKeys()
        self.recorder = Recorder(Run(datetime.now(tz=UTC), aws="", cloudmock=""))
        self.callers = Callers(self._identifiers.seed, self._note_unknown_caller)
        self.settings: Settings | None = None
        self.shows_flows = True
        """Whether anybody sees flows, or saves them."""

    def start(self, settings: Settings) -> None:
        """Go by these settings from now on. Raises ConfigurationError."""
        self.settings = settings
        self._services.by_name  # noqa: B018 (read now: 0.1 s that no request has to wait for)
        self._rules = rules_of(settings)
        own_hosts = OwnHosts(settings.aws_endpoint.host if settings.aws_endpoint else "", settings.cloudmock.host)
        self._comparison = Comparison(self._rules, self._sdk_catalog, self._identifiers, own_hosts, self._secrets)
        self.aws = AwsSide(settings, self._services, self._vended)
        self.cloudmock = CloudMockSide(settings, self._vended)
        self.callers.forget()
        self.access = Access(settings, self._services, self._known_credentials, self._vended.knows)
        versions = {name: importlib.metadata.version(name) for name in ("mitmproxy", "botocore", "deepdiff")}
        self.recorder.describe(
            Run(
                started_at=self.recorder.run.started_at,
                aws=settings.aws_name,
                cloudmock=str(settings.cloudmock),
                versions={"cloudmock-contract": __version__, **versions},
            )
        )

    def note_callers(self, callers: Mapping[str, CallerIdentity]) -> None:
        """Take over what AWS has said before the run of whose the credentials are, by access key."""
        for access_key, caller in callers.items():
            self.callers.note_aws(access_key, caller)

    def open_journal(self) -> None:
        """Write exchanges down from now on, if the settings say where. Raises ConfigurationError."""
        assert self.settings
        self.recorder.open(self.settings.journal)

    @staticmethod
    def read(call_id: str, request: Request) -> Call:
        """The call that a request makes, before it is known what it asks for. The one place where it is read."""
        return Call(call_id, datetime.now(tz=UTC), request, authentication(request))

    def prepare(self, call: Call) -> None:
        """Load what such a call needs. Blocks. Raises ConfigurationError."""
        self.aws.prepare(call)
        for service in self.aws.services_for(call):
            self._sdk_catalog.prepare(service)

    def model(self, call: Call) -> OperationModel | None:
        """The model of an identified call's operation."""
        return self._sdk_catalog.of(call.operation.service, call.operation.action).model

    def sign(self, call: Call) -> Request:
        """The request of an addressed call as AWS gets it. Raises ContractError."""
        if not self.aws.has_own_credentials_for(call) and self._app_keys.is_another_account(
            call.authentication.access_key
        ):
            self.recorder.note_problem("access keys", _SEVERAL_ACCOUNTS.format(count=self._app_keys.count))
        return self.aws.sign(call, self.rewritten_members(call))

    def rewritten_members(self, call: Call) -> Collection[str]:
        """The members whose URLs lead to the proxy where AWS has its own host."""
        return self._rules.rewritten_members(call.operation.name)

    async def adapt_reply(self, call: Call, sent: Request, reply: Reply, certificates: str) -> Reply:
        """AWS's reply as the app gets it; what AWS gives to the app with it is learned.

        A request that came too late by AWS's clock is sent once more: of the first one AWS has done nothing.
        `certificates`: the file of authorities that AWS is trusted by.
        """
        if reply.status in clock_skew.STATUSES and self.aws.learns_time(call, sent, reply):
            reply = await self._by_aws_clock(call, reply, certificates)
        self.aws.learn(call, reply)
        return self._with_own_host(call, reply)

    async def _by_aws_clock(self, call: Call, reply: Reply, certificates: str) -> Reply:
        if call.request.streamed or call.destination is None:
            return reply  # the body is gone; the SDK tries again
        endpoint = call.destination
        url = Url(endpoint.scheme, endpoint.host, endpoint.port, "")
        client = HttpClient(url, MAX_RETRY_SECONDS, "AWS", certificates or certifi.where())
        outcome = await client.send(self.sign(call))
        await client.close()
        return outcome if isinstance(outcome, Reply) else reply

    def _with_own_host(self, call: Call, reply: Reply) -> Reply:
        """The reply with the proxy's host in those URLs that would lead the app past it."""
        return reply_with(reply, self.rewritten_members(call), BaseUrl("http", call.request.headers.get("host")))

    async def ask_cloudmock(self, call: Call, deadline: Deadline, body: Spool | None) -> Outcome:
        """CloudMock's reply to the call, in which what AWS has generated is what CloudMock has."""
        model = self.model(call)
        await self._settle_callers(call)

        def translate() -> Call:
            self._comparison.note_sent(call)
            if not self._comparison.translates:
                return call
            request = substituted(call.request, call.operation, model, self._comparison.for_cloudmock)
            if call.operation.service == secret_hash.SERVICE:
                request = self._client_secrets.translated(call.request, request)
            return call.with_request(request)

        copy = await run_in_thread(len(call.request.body), translate, MAX_QUICK_BYTES)
        return await self.cloudmock.ask(copy, deadline, body, model)

    async def close(self) -> None:
        """Ask nobody any more, and close the connections to CloudMock."""
        await self.callers.close()
        await self.cloudmock.close()

    async def _settle_callers(self, call: Call) -> None:
        """Have it known whose keys the call is signed with, on both sides, as far as they say so."""
        assert self.settings
        if not self.settings.preflight:
            return
        of_aws, of_cloudmock = self.aws.credentials_of(call), self.cloudmock.credentials_of(call)
        if not self.callers.are_settled(of_aws, of_cloudmock):
            await self.callers.settle(
                (of_aws, self.aws.ask_caller),
                (of_cloudmock, self.cloudmock.ask_caller),
                are_issued=self._vended.knows(call.authentication.access_key),
            )

    def _note_unknown_caller(self, side: str, reason: str) -> None:
        text = f"{side} did not say whose credentials its requests are signed with (sts:GetCallerIdentity). {reason}"
        self.recorder.note_problem(f"caller of {side}", text)

    def compare(self, call: Call, aws: Outcome, cloudmock: Outcome) -> Exchange:
        """The exchange with its verdict, and with what the call has left on AWS. May run in a thread, one at a time."""
        if isinstance(cloudmock, Reply):
            cloudmock = self._with_own_host(call, cloudmock)
            if isinstance(aws, Reply):
                self._learn_secrets(call, aws, cloudmock)
        exchange = self._comparison.compare(call, aws, cloudmock)
        if isinstance(aws, Reply):
            changes = resource_changes(call, aws, self._services)
            if changes.created or changes.deleted:
                exchange = replace(exchange, created=changes.created, deleted=changes.deleted)
        return exchange

    def _learn_secrets(self, call: Call, aws: Reply, cloudmock: Reply) -> None:
        """Keep what each side has given to the app to prove itself with: it is good for that side alone."""
        self.aws.learn_partners(call, aws, cloudmock)
        operation = call.operation
        if operation.service == secret_hash.SERVICE and operation.action in secret_hash.ISSUERS:
            model = self.model(call)
            trees = (document(reply, operation.protocol, model).tree for reply in (aws, cloudmock))
            self._client_secrets.learn(*trees)

    def record(self, flow: http.HTTPFlow, exchange: Exchange, superseded: Exchange | None = None) -> None:
        """Count the exchange, in the place of the attempt before it at the same call, and note it on the flow."""
        self.recorder.add(exchange, superseded)
        if self.shows_flows:
            flows.annotate(flow, exchange)

    def redact(self, flow: http.HTTPFlow) -> None:
        """Take what is signed out of a flow that has been sent, if anybody sees flows."""
        if self.shows_flows:
            flows.redact(flow)

    def _secrets(self) -> Iterator[str]:
        """The credentials of the run, as texts. Those that the app was given come and go: the last ones are enough."""
        own = (provider.current for provider in (self.aws.credentials, *self.aws.mapped.values()))
        given = (*self._callers.values(), *self._vended.latest(), *self._vended.latest_partners())
        for credentials in (*filter(None, own), *given):
            yield from filter(None, (credentials.access_key, credentials.secret_key, credentials.token))
        yield from self._client_secrets.latest()

    def _known_credentials(self, access_key: str) -> Credentials | None:
        """The credentials that the app may sign with, as far as the proxy has them."""
        mapped = self.aws.mapped.get(access_key)
        for provider in filter(None, (self.aws.credentials, mapped)):
            if provider.current and provider.current.access_key == access_key:
                return provider.current
        return self._callers.get(access_key) or self._vended.get(access_key)
