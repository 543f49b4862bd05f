"""The mitmproxy addon. Where a request is at any moment, in the order of the hooks:

    *_connected      a connection, of the app's or to AWS, is read in larger pieces from here on
    requestheaders   who may not use the proxy is turned away; models and credentials are loaded, off the event loop,
                     for the first request that needs them; a long body is streamed from here on, as if in `request`
    request          the operation is named, and let through or denied; the request is addressed and signed for AWS,
                     where mitmproxy takes it; its twin, with AWS's ids translated to CloudMock's, goes to CloudMock in
                     a task (an emulator's own pages go to CloudMock alone; a call that AWS did not do and CloudMock
                     did is not made again); with a large body, all of that is worked out in threads
    responseheaders  a long reply is streamed to the app, and kept or hashed as it passes
    response, error  a request that came too late by AWS's clock is sent once more; the app has AWS's reply; behind its
                     back the twin is awaited, the two replies are compared and their ids learned, the exchange is
                     counted and written down, the flow is annotated (before the app has its reply, where flows are
                     shown or saved)
    done             what is still under way is awaited for a while; the report is written

Each stage is one call; what it does is in the module that it is called from.
"""

import asyncio
import importlib.metadata
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial

import certifi
from botocore.model import OperationModel
from mitmproxy import addonmanager, contentviews, ctx, exceptions, http
from mitmproxy.connection import Client
from mitmproxy.proxy import layer
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.tools.dump import DumpMaster

import cloudmock_contract
from cloudmock_contract import safe_logging
from cloudmock_contract.aws.credentials.botocore_config import certificate_bundle, check_certificates
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.credentials.temporary import VendedCredentials
from cloudmock_contract.aws.documents.error_responses import denial_response, error_response
from cloudmock_contract.aws.documents.substitution import substituted
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import SdkCatalog
from cloudmock_contract.aws.signing import clock_skew
from cloudmock_contract.aws.signing.aws_chunked import reframing
from cloudmock_contract.aws.wire.url_rewriting import BaseUrl, reply_with
from cloudmock_contract.comparison.comparison import Asked, Comparison
from cloudmock_contract.comparison.identifiers.id_map import Identifiers
from cloudmock_contract.comparison.identifiers.own_hosts import OwnHosts
from cloudmock_contract.comparison.rules.yaml_file import rules_of
from cloudmock_contract.errors import AppError, ConfigurationError, ContractError, without_quotes
from cloudmock_contract.proxy.access.access import Access
from cloudmock_contract.proxy.access.gate import Gate
from cloudmock_contract.proxy.exchanges import MAX_QUICK_BYTES, Ending, Exchanges, PendingExchange, compared_on_the_loop
from cloudmock_contract.proxy.mitm import contentview, flows, http1_layers, listeners, options, process, socket_reads
from cloudmock_contract.proxy.sides.aws_side import AwsSide
from cloudmock_contract.proxy.sides.cloudmock_side import CloudMockSide
from cloudmock_contract.proxy.sides.http_client import HttpClient
from cloudmock_contract.proxy.streams import policy
from cloudmock_contract.proxy.streams.offload import run_in_thread
from cloudmock_contract.proxy.streams.spool import Spool
from cloudmock_contract.reports import finish
from cloudmock_contract.reports.recorder import Recorder
from cloudmock_contract.reports.tally.report import Report, Run
from cloudmock_contract.settings import Settings, Url
from cloudmock_contract.values.endpoint import Endpoint
from cloudmock_contract.values.exchange import Exchange
from cloudmock_contract.values.http import Failure, Outcome, Reply, Request, Skipped
from cloudmock_contract.values.operation import Operation

logger = safe_logging.logger(__name__)

MAX_IDLE_DRAIN_SECONDS = 10.0
"""How long `done` waits for exchanges that are under way, when none ends."""

MAX_DRAIN_SECONDS = 120.0
"""How long it waits when some do, and nobody has ended the run by a signal."""

MAX_RETRY_SECONDS = 60.0
"""How long AWS may take to reply to a request that is sent once more."""


class ContractAddon:
    """Compares AWS's replies with CloudMock's, for every flow.

    `settings`: given by a program that runs its own master, and takes care of listening and of the report; without
    them, as with `mitmdump -s`, they come from mitmproxy's options and the addon takes care of both. `callers`: the
    credentials that the app has been given for this run, and is to use.
    """

    def __init__(self, settings: Settings | None = None, callers: Collection[Credentials] = ()) -> None:
        self._is_embedded = settings is not None
        self._settings = settings
        self._callers = {credentials.access_key: credentials for credentials in callers}
        self._services = Services()
        self._recorder = Recorder(Run(datetime.now(tz=UTC), aws="", cloudmock=""))
        self._exchanges = Exchanges()
        self.drain_short = True
        """Whether the run's end waits no longer than it must."""
        self._gate = Gate()
        self._vended = VendedCredentials()
        self._sdk_catalog = SdkCatalog(self._services)
        self._identifiers = Identifiers()
        self._exit_code = 0
        self._keeps_flows = self._shows_flows = True

    def load(self, loader: addonmanager.Loader) -> None:
        contentviews.add(contentview.ContractView)
        if self._is_embedded:
            self._start()
        else:
            logging.getLogger("botocore").setLevel(logging.ERROR)  # what it warns of, it raises as well
            options.add_to(loader)
            process.use_fast_type_check()
            listeners.stop_the_default()
            asyncio.get_running_loop().call_soon(self._say_if_unconfigured)

    def configure(self, updated: Iterable[str]) -> None:
        if self._is_embedded or not any(name.startswith(options.PREFIX) for name in updated):
            return
        if self._settings:
            self._settings = options.settings_from(ctx.options)
            self._start()  # what has been counted stays counted
            self._check()
            return
        try:
            self._settings = options.settings_from(ctx.options)
            self._start()
            self.open_journal()
            self._check()
            listeners.start(self._settings)
        except (ConfigurationError, exceptions.OptionsError) as error:
            # Raised, it would be shown with a traceback; logged while mitmproxy starts, it ends the program.
            logger.error(str(error))  # noqa: TRY400

    def _check(self) -> None:
        """Find out whose the credentials are, before a request is sent with them."""
        assert self._settings
        self._gate.check(self._settings, self.reference.credentials, self._end_unusable)

    def _end_unusable(self) -> None:
        """End mitmdump; mitmweb stays, and refuses all requests, for its user to set the options right."""
        if isinstance(ctx.master, DumpMaster):
            self._exit_code = finish.UNUSABLE
            ctx.master.shutdown()

    def _say_if_unconfigured(self) -> None:
        """mitmproxy drops a script without a word if one of the options for it cannot be read."""
        if self._settings is None:
            try:
                ctx.options.process_deferred()
            except exceptions.OptionsError as error:
                logger.error(str(error))  # noqa: TRY400

    def _start(self) -> None:
        assert self._settings
        settings = self._settings
        self._services.by_name  # noqa: B018 (read now: 0.1 s that no request has to wait for)
        self._rules = rules_of(settings)
        self._comparison = Comparison(
            self._rules,
            self._sdk_catalog,
            self._identifiers,
            OwnHosts(settings.aws_endpoint.host if settings.aws_endpoint else "", settings.cloudmock.host),
            self._secrets,
        )
        self.reference = AwsSide(settings, self._services, self._vended)
        self._candidate = CloudMockSide(settings)
        is_vended = self._vended.knows
        self._access = Access(settings, self._services, self._known, is_vended)
        if not ctx.options.ssl_verify_upstream_trusted_ca and (bundle := certificate_bundle(settings.profile)):
            check_certificates(bundle)
            ctx.options.update(ssl_verify_upstream_trusted_ca=bundle)
        versions = {name: importlib.metadata.version(name) for name in ("mitmproxy", "botocore", "deepdiff")}
        self._recorder.describe(
            Run(
                started_at=self._recorder.run.started_at,
                aws=settings.aws_name,
                cloudmock=str(settings.cloudmock),
                versions={"cloudmock-contract": cloudmock_contract.__version__, **versions},
            )
        )

    def open_journal(self) -> None:
        """Write exchanges down from now on, if the settings say where. Raises ConfigurationError."""
        assert self._settings
        self._recorder.open(self._settings.journal)

    def _secrets(self) -> Iterator[str]:
        """The credentials of the run, as texts. Those that the app was given come and go: the last ones are enough."""
        own = self.reference.credentials.current
        for credentials in (*((own,) if own else ()), *self._callers.values(), *self._vended.latest()):
            yield from filter(None, (credentials.access_key, credentials.secret_key, credentials.token))

    def _known(self, access_key: str) -> Credentials | None:
        """The credentials that the app may sign with, as far as the proxy has them."""
        own = self.reference.credentials.current
        if own and own.access_key == access_key:
            return own
        return self._callers.get(access_key) or self._vended.get(access_key)

    def running(self) -> None:
        self._gate.open_when_known()
        if not self._is_embedded:
            process.relax_garbage_collection()
        # Where flows are shown or saved they have their verdict first; elsewhere the app does not wait for it.
        self._keeps_flows = ctx.master.addons.get("view") is not None
        self._shows_flows = self._keeps_flows or not self._is_embedded
        columns = ctx.options.default("web_columns") if "web_columns" in ctx.options else None
        if columns and ctx.options.web_columns == columns:
            ctx.options.update(web_columns=[*columns, "comment"])  # where a mismatch is told in a line

    def report(self) -> Report:
        """The report of the exchanges that have ended."""
        return self._recorder.report()

    async def wait_recorded(self) -> None:
        """Wait until every call that AWS has answered by now is in the report."""
        await self._exchanges.wait_recorded()

    def client_connected(self, client: Client) -> None:
        socket_reads.read_more(client, client)

    def server_connected(self, data: ServerConnectionHookData) -> None:
        socket_reads.read_more(data.client, data.server)

    def next_layer(self, data: layer.NextLayer) -> None:
        http1_layers.choose_layer(data)

    async def requestheaders(self, flow: http.HTTPFlow) -> None:
        await self._gate.passed()  # no request goes to an account that was not meant
        head = flows.request_of(flow)
        try:
            await self._let_in(flow, head)
        except Exception:
            logger.exception(_FAILED)
            self._refuse(flow, self._asked(flow, head), ContractError(_REFUSED))

    async def _let_in(self, flow: http.HTTPFlow, head: Request) -> None:
        if reason := self._access.refusal(head, body_is_known=False):
            self._deny(flow, self._named(flow, head), reason)
            return
        await self._access.turn()
        if not self.reference.is_ready_for(head):
            try:
                await asyncio.to_thread(self._prepare, head)
            except ConfigurationError as error:
                logger.error(str(error))  # noqa: TRY400 (the user's mistake, not a bug: no traceback)
                return
        if policy.may_stream(head):
            await self._stream(flow, head)

    async def request(self, flow: http.HTTPFlow) -> None:
        if flow.response or flow.error or self._exchanges.opened(flow):
            return
        request = flows.request_of(flow)
        try:
            await self._send_on(flow, request)
        except Exception:  # left as it is, the request would go on with the app's own signature
            logger.exception(_FAILED)
            self._refuse(flow, self._asked(flow, request), ContractError(_REFUSED))

    async def _send_on(self, flow: http.HTTPFlow, request: Request) -> None:
        if http1_layers.TOO_LARGE in flow.metadata:
            error = AppError(
                f"The request's body is larger than {http1_layers.MAX_HELD_BYTES >> 20} MiB, and cannot be streamed."
            )
            self._refuse(flow, self._named(flow, request), error)
        elif reason := await _beside(request, partial(self._access.refusal, request, body_is_known=True)):
            self._deny(flow, await _beside(request, partial(self._named, flow, request)), reason)
        elif self._candidate.is_alone_with(request):
            flows.retarget(flow, self._candidate.endpoint, self._candidate.plain(request))
        else:
            await self._begin(flow, request)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        opened = self._exchanges.opened(flow)
        if opened is None or flow.response is None:
            return
        operation, status = opened.asked.operation, flow.response.status_code
        if status in clock_skew.STATUSES or self._rules.rewritten_members(operation.name):
            return  # the app may have to have another reply than this
        most = policy.max_kept_bytes(self._model(operation)) if status < 300 else policy.MAX_KEPT_BYTES
        if policy.is_streamed(status, flow.response.headers):
            flow.response.stream = policy.Download(most)
        else:
            http1_layers.stream_when_slow(flow.response, policy.Download(most))

    async def response(self, flow: http.HTTPFlow) -> None:
        opened = self._exchanges.opened(flow)
        if opened is None:
            return
        reply = answer = flows.reply_of(flow)
        try:
            answer = await self._adapted(opened.asked, flow, reply)
            if answer is not reply:
                flows.put_reply(flow, answer)
        except Exception:  # a defect of this program: the app has AWS's reply as it came
            logger.exception("cloudmock-contract failed to look into a reply of AWS's.")
        await self._answered(opened, answer)

    async def error(self, flow: http.HTTPFlow) -> None:
        assert flow.error
        opened = self._exchanges.opened(flow)
        if opened is None:
            flows.redact(flow)
            return
        if flows.app_is_gone(flow):
            self._redact(flow)
            await self._answered(opened, Skipped("The app closed the connection before it had AWS's reply."))
            return
        said = flow.error.msg
        reason = said if http1_layers.ENDED in flow.metadata else f"AWS gave no reply: {without_quotes(said)}."
        if flow.response is None or not flow.response.stream:  # else the app has the head of AWS's reply
            flows.answer_error(flow, error_response(opened.asked.operation, 502, "AWSUnreachable", reason, flow.id))
        self._redact(flow)
        await self._answered(opened, Failure(reason))

    def done(self) -> Awaitable[None]:
        # A task and not a coroutine: when mitmproxy reloads the script, it does not await this.
        return asyncio.create_task(self._finish())

    async def _adapted(self, asked: Asked, flow: http.HTTPFlow, reply: Reply) -> Reply:
        """AWS's reply as the app gets it."""
        if reply.status in clock_skew.STATUSES and self.reference.is_worth_another_try(
            flows.request_of(flow), asked.operation, reply
        ):
            reply = await self._by_the_right_clock(asked, reply)
        self.reference.learn(asked.operation, reply)
        return self._leading_here(asked, reply)

    def _asked(self, flow: http.HTTPFlow, request: Request, operation: Operation | None = None) -> Asked:
        region = self.reference.region(operation) if operation else ""
        return Asked(flow.id, datetime.now(tz=UTC), request, operation or _UNNAMED, region)

    def _named(self, flow: http.HTTPFlow, request: Request) -> Asked:
        """What a request that goes nowhere asks for, as far as that is known by now: it is answered in its terms."""
        try:
            operation = self.reference.identify(request) if self.reference.is_ready_for(request) else None
        except AppError:
            operation = None
        return self._asked(flow, request, operation)

    async def _stream(self, flow: http.HTTPFlow, head: Request) -> None:
        """Let the body pass by as it comes, if it need not be held."""
        try:
            operation = self.reference.identify(head)
            streamed = policy.as_streamed(head, operation, self._model(operation))
            upload = policy.Upload(reframing(head)) if streamed else None
        except AppError:
            return  # said in the request hook
        if streamed is None or upload is None:
            return
        if reason := self._access.refusal(streamed, body_is_known=False):
            self._deny(flow, self._asked(flow, streamed, operation), reason)
        elif await self._begin(flow, streamed, upload.spool):
            flow.request.stream = upload

    async def _begin(self, flow: http.HTTPFlow, request: Request, body: Spool | None = None) -> bool:
        """Let the request go to both sides; whether it does."""
        asked = self._asked(flow, request)
        try:
            operation = await _beside(request, partial(self.reference.identify, request))
            asked = self._asked(flow, request, operation)
            self._gate.check_open()
            endpoint, signed, shown = await _beside(request, partial(self._signed_and_shown, asked))
            if reason := self._access.denial(asked, endpoint.signing_region):
                self._deny(flow, asked, reason)
                return False
        except ContractError as error:
            self._refuse(flow, asked, error)
            return False
        except Exception:
            logger.exception(_FAILED)
            self._refuse(flow, asked, ContractError(_REFUSED))
            return False
        flows.retarget(flow, endpoint, signed, shown)
        self._exchanges.begin(flow, asked, self._replayed, self._candidate.new_deadline(), body)
        return True

    def _signed_and_shown(self, asked: Asked) -> tuple[Endpoint, Request, Request | None]:
        """Where the request goes, how, and what a flow shows of it. Raises ContractError."""
        endpoint, signed = self._signed(asked)
        return endpoint, signed, flows.without_signature(signed) if self._shows_flows else None

    def _signed(self, asked: Asked) -> tuple[Endpoint, Request]:
        rewritten = self._rules.rewritten_members(asked.operation.name)
        return self.reference.signed(asked.request, asked.operation, rewritten)

    async def _by_the_right_clock(self, asked: Asked, reply: Reply) -> Reply:
        """AWS's reply to the request signed by AWS's time: of the one signed by ours it has done nothing."""
        if asked.request.streamed:
            return reply  # the body is gone; the SDK tries again
        endpoint, signed = self._signed(asked)
        url = Url(endpoint.scheme, endpoint.host, endpoint.port, "")
        again = HttpClient(url, MAX_RETRY_SECONDS, ctx.options.ssl_verify_upstream_trusted_ca or certifi.where())
        outcome = await again.send(signed)
        await again.close()
        return outcome if isinstance(outcome, Reply) else reply

    def _leading_here(self, asked: Asked, reply: Reply) -> Reply:
        """The reply with the proxy's host in those URLs that would lead the app past it."""
        rewritten = self._rules.rewritten_members(asked.operation.name)
        return reply_with(reply, rewritten, BaseUrl("http", asked.request.headers.get("host")))

    def _prepare(self, head: Request) -> None:
        """Load what a request with this head needs. Blocks. Raises ConfigurationError."""
        self.reference.prepare(head)
        for service in self.reference.services_for(head):
            self._sdk_catalog.prepare(service)

    async def _replayed(self, opened: PendingExchange) -> Outcome:
        """CloudMock's reply to the request, in which what AWS has generated is what CloudMock has."""
        asked = opened.asked
        operation, request = asked.operation, asked.request
        model = self._model(operation)

        def translate() -> Request:
            self._comparison.asked(asked)
            if not self._comparison.translates:
                return request
            return substituted(request, operation, model, self._comparison.for_cloudmock)

        copy = await run_in_thread(len(request.body), translate, MAX_QUICK_BYTES)
        return await self._candidate.replay(copy, asked, opened.deadline, opened.body, model)

    def _model(self, operation: Operation) -> OperationModel | None:
        return self._sdk_catalog.of(operation.service, operation.action).model

    def _refuse(self, flow: http.HTTPFlow, asked: Asked, error: ContractError) -> None:
        """Answer a request that cannot be sent to AWS; CloudMock does not get it either."""
        status, code = (400, "InvalidRequest") if isinstance(error, AppError) else (400, "NoCredentials")
        flows.answer(flow, error_response(asked.operation, status, code, str(error), flow.id))
        failure = Failure("CloudMock was not asked.")
        self._redact(flow)
        self._count(flow, compared_on_the_loop(self._comparison, asked, Failure(str(error)), failure))

    def _deny(self, flow: http.HTTPFlow, asked: Asked, reason: str) -> None:
        """Answer a request that must not be done as the service itself would; neither side gets it."""
        flows.answer(flow, denial_response(asked.operation, reason, flow.id))
        self._redact(flow)
        skipped = Skipped(f"Refused: {reason}")
        self._count(flow, compared_on_the_loop(self._comparison, asked, skipped, skipped))

    async def _answered(self, opened: PendingExchange, aws: Outcome) -> None:
        """The app has its answer; what is left to do goes on behind its back, unless the flow is kept."""
        ending = self._exchanges.answered(opened, aws, Ending(self._comparison, self._leading_here, self._count))
        if self._keeps_flows or getattr(ctx.options, "save_stream_file", None):
            await ending
        else:
            await self._exchanges.catch_up()

    def _redact(self, flow: http.HTTPFlow) -> None:
        if self._shows_flows:
            flows.redact(flow)

    def _count(self, flow: http.HTTPFlow, exchange: Exchange, before: Exchange | None = None) -> None:
        """Count the exchange, in the place of the attempt before it at the same call."""
        self._recorder.add(exchange, before)
        if self._shows_flows:
            flows.annotate(flow, exchange)

    async def _finish(self) -> None:
        try:
            await self._drain()
            await self._candidate.close()
        finally:
            self._recorder.close()
        if self._is_embedded or self._settings is None:
            return
        code = self._exit_code or finish.finish(self.report(), self._settings)
        if code and isinstance(ctx.master, DumpMaster):
            ctx.master.addons.add(_ExitCode(code))

    async def _drain(self) -> None:
        most = MAX_IDLE_DRAIN_SECONDS if self.drain_short else MAX_DRAIN_SECONDS
        for opened in await self._exchanges.drain(MAX_IDLE_DRAIN_SECONDS, most):
            self._redact(opened.flow)
            aws = opened.aws or _too_late("AWS")
            busy = Skipped("CloudMock was busy with an earlier call when the run ended, and was not asked.")
            cloudmock = _too_late("CloudMock") if opened.is_asked or isinstance(aws, Failure) else busy
            self._recorder.add(compared_on_the_loop(self._comparison, opened.asked, aws, cloudmock))


def _too_late(side: str) -> Failure:
    return Failure(f"{side} had not replied when the run ended, nor {MAX_IDLE_DRAIN_SECONDS:g} s later.")


_FAILED = "cloudmock-contract failed to make out a request."
_REFUSED = "cloudmock-contract could not make out the request: see its log."
_UNNAMED = Operation("unknown", "unknown", "", "")


async def _beside[T](request: Request, work: Callable[[], T]) -> T:
    return await run_in_thread(len(request.body), work)


class _ExitCode:
    """The last addon: ends mitmdump with this code when all other addons are done."""

    def __init__(self, code: int) -> None:
        self._code = code

    def done(self) -> None:
        raise SystemExit(self._code)
