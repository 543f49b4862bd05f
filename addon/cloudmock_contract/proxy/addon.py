"""The mitmproxy addon. Where a request is at any moment, in the order of the hooks:

    requestheaders   models and credentials are loaded, off the event loop, for the first request that needs them
    request          the operation is named; the request is addressed and signed for AWS, where mitmproxy takes it;
                     its twin, with AWS's ids translated to CloudMock's, goes to CloudMock in a task (an emulator's own
                     pages go to CloudMock alone; a call that AWS did not do and CloudMock did is not made again)
    response, error  a request that came too late by AWS's clock is sent once more; the twin is awaited, the two replies
                     are compared and their ids learned, the exchange is counted, the flow is annotated; only then has
                     the app AWS's reply, and can use what is in it
    done             what is still under way is awaited for a while; the report is written

Each stage is one call; what it does is in the module that it is called from.
"""

import asyncio
import importlib.metadata
import logging
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

import certifi
from botocore.model import OperationModel
from mitmproxy import addonmanager, contentviews, ctx, exceptions, http
from mitmproxy.proxy import layer
from mitmproxy.tools.dump import DumpMaster

import cloudmock_contract
from cloudmock_contract.aws import clock
from cloudmock_contract.aws.behaviour import Behaviours
from cloudmock_contract.aws.endpoints import Endpoint
from cloudmock_contract.aws.faults import fault
from cloudmock_contract.aws.issued import Issued
from cloudmock_contract.aws.services import Services
from cloudmock_contract.aws.session import certificate_bundle, check_certificates
from cloudmock_contract.aws.translation import translated
from cloudmock_contract.aws.urls import Origin, reply_with
from cloudmock_contract.comparison.conclusion import Asked, Comparison
from cloudmock_contract.comparison.identifiers import Identifiers
from cloudmock_contract.comparison.origins import Origins
from cloudmock_contract.comparison.rules_file import rules_of
from cloudmock_contract.errors import AppError, ConfigurationError, ContractError
from cloudmock_contract.exchange import Exchange, Failure, Operation, Outcome, Reply, Request
from cloudmock_contract.proxy import contentview, flows, layers, listening, options
from cloudmock_contract.proxy.candidate import Candidate
from cloudmock_contract.proxy.exchanges import LARGE, Exchanges
from cloudmock_contract.proxy.gate import Gate
from cloudmock_contract.proxy.reference import Reference
from cloudmock_contract.proxy.replay import Replayer
from cloudmock_contract.reports import finishing
from cloudmock_contract.reports.model import Report, Run, Tally
from cloudmock_contract.settings import Settings, Url

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 10.0
"""How long `done` waits for exchanges that are under way."""

AGAIN_SECONDS = 60.0
"""How long AWS may take to reply to a request that is sent once more."""


class Contract:
    """Compares AWS's replies with CloudMock's, for every flow.

    `settings`: given by a program that runs its own master, and takes care of listening and of the report; without
    them, as with `mitmdump -s`, they come from mitmproxy's options and the addon takes care of both.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._is_embedded = settings is not None
        self._settings = settings
        self._services = Services()
        self._tally = Tally(Run(datetime.now(tz=UTC), aws="", cloudmock=""))
        self._exchanges = Exchanges()
        self._gate = Gate()
        self._issued = Issued()
        self._behaviours = Behaviours(self._services)
        self._identifiers = Identifiers()
        self._exit_code = 0

    def load(self, loader: addonmanager.Loader) -> None:
        contentviews.add(contentview.Contract)
        if self._is_embedded:
            self._start()
        else:
            logging.getLogger("botocore").setLevel(logging.ERROR)  # what it warns of, it raises as well
            options.add_to(loader)
            listening.stop_the_default()
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
            self._check()
            listening.start(self._settings)
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
            self._exit_code = finishing.UNUSABLE
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
            self._behaviours,
            self._identifiers,
            Origins(settings.aws_endpoint.host if settings.aws_endpoint else "", settings.cloudmock.host),
        )
        self.reference = Reference(settings, self._services, self._issued)
        self._candidate = Candidate(settings)
        if not ctx.options.ssl_verify_upstream_trusted_ca and (bundle := certificate_bundle(settings.profile)):
            check_certificates(bundle)
            ctx.options.update(ssl_verify_upstream_trusted_ca=bundle)
        versions = {name: importlib.metadata.version(name) for name in ("mitmproxy", "botocore", "deepdiff")}
        self._tally.run = Run(
            started_at=self._tally.run.started_at,
            aws=settings.aws_name,
            cloudmock=str(settings.cloudmock),
            versions={"cloudmock-contract": cloudmock_contract.__version__, **versions},
        )

    def running(self) -> None:
        self._gate.open_when_known()
        columns = ctx.options.default("web_columns") if "web_columns" in ctx.options else None
        if columns and ctx.options.web_columns == columns:
            ctx.options.update(web_columns=[*columns, "comment"])  # where a mismatch is told in a line

    def report(self) -> Report:
        """The report of the exchanges that have ended."""
        return self._tally.report()

    def next_layer(self, data: layer.NextLayer) -> None:
        layers.answering(data)

    async def requestheaders(self, flow: http.HTTPFlow) -> None:
        await self._gate.passed()  # no request goes to an account that was not meant
        head = flows.request_of(flow)
        if not self.reference.is_ready_for(head):
            try:
                await asyncio.to_thread(self._prepare, head)
            except ConfigurationError as error:
                logger.error(str(error))  # noqa: TRY400 (the user's mistake, not a bug: no traceback)

    def request(self, flow: http.HTTPFlow) -> None:
        if flow.response or flow.error:
            return
        request = flows.request_of(flow)
        if self._candidate.is_alone_with(request):
            flows.retarget(flow, self._candidate.endpoint, self._candidate.plain(request))
            return
        asked = Asked(flow.id, datetime.now(tz=UTC), request, _UNNAMED)
        try:
            asked = replace(asked, operation=self.reference.identify(request))
            self._gate.check_open()
            endpoint, signed = self._signed(asked)
        except ContractError as error:
            self._refuse(flow, asked, error)
            return
        except Exception:
            # Left as it is, the request would go on with the app's own signature.
            self._refuse(flow, asked, ContractError("cloudmock-contract could not make out the request: see its log."))
            raise
        flows.retarget(flow, endpoint, signed)
        self._exchanges.begin(flow, asked, self._replayed)

    async def response(self, flow: http.HTTPFlow) -> None:
        reply = flows.reply_of(flow)
        if asked := self._exchanges.asked(flow):
            answer = reply
            if reply.status in clock.STATUSES and self.reference.is_worth_another_try(
                flows.request_of(flow), asked.operation, reply
            ):
                answer = await self._by_the_right_clock(asked, reply)
            self.reference.learn(asked.operation, answer)
            answer = self._leading_here(asked, answer)
            if answer is not reply:
                flows.put_reply(flow, answer)
            await self._end(flow, answer)

    async def error(self, flow: http.HTTPFlow) -> None:
        assert flow.error
        if asked := self._exchanges.asked(flow):
            reason = f"AWS gave no reply: {flow.error.msg}."
            flows.answer_error(flow, fault(asked.operation, 502, "AWSUnreachable", reason, flow.id))
            await self._end(flow, Failure(reason))
        else:
            flows.redact(flow)

    def done(self) -> Awaitable[None]:
        # A task and not a coroutine: when mitmproxy reloads the script, it does not await this.
        return asyncio.create_task(self._finish())

    def _signed(self, asked: Asked) -> tuple[Endpoint, Request]:
        rewritten = self._rules.rewritten_members(asked.operation.name)
        return self.reference.signed(asked.request, asked.operation, rewritten)

    async def _by_the_right_clock(self, asked: Asked, reply: Reply) -> Reply:
        """AWS's reply to the request signed by AWS's time: of the one signed by ours it has done nothing."""
        endpoint, signed = self._signed(asked)
        url = Url(endpoint.scheme, endpoint.host, endpoint.port, "")
        again = Replayer(url, AGAIN_SECONDS, ctx.options.ssl_verify_upstream_trusted_ca or certifi.where())
        outcome = await again.send(signed)
        await again.close()
        return outcome if isinstance(outcome, Reply) else reply

    def _leading_here(self, asked: Asked, reply: Reply) -> Reply:
        """The reply with the proxy's host in those URLs that would lead the app past it."""
        rewritten = self._rules.rewritten_members(asked.operation.name)
        return reply_with(reply, rewritten, Origin("http", asked.request.headers.get("host")))

    def _prepare(self, head: Request) -> None:
        """Load what a request with this head needs. Blocks. Raises ConfigurationError."""
        self.reference.prepare(head)
        for service in self.reference.services_for(head):
            self._behaviours.prepare(service)

    async def _replayed(self, asked: Asked) -> Outcome:
        """CloudMock's reply to the request, in which what AWS has generated is what CloudMock has."""
        operation, request = asked.operation, asked.request

        def translate() -> Request:
            self._comparison.asked(asked)
            return translated(request, operation, self._model(operation), self._comparison.for_cloudmock)

        copy = translate() if len(request.body) < LARGE else await asyncio.to_thread(translate)
        return await self._candidate.replay(copy, operation, self.reference.region(operation))

    def _model(self, operation: Operation) -> OperationModel | None:
        return self._behaviours.of(operation.service, operation.action).model

    def _refuse(self, flow: http.HTTPFlow, asked: Asked, error: ContractError) -> None:
        """Answer a request that cannot be sent to AWS; CloudMock does not get it either."""
        status, code = (400, "InvalidRequest") if isinstance(error, AppError) else (400, "NoCredentials")
        flows.answer(flow, fault(asked.operation, status, code, str(error), flow.id))
        failure = Failure("CloudMock was not asked.")
        self._count(flow, self._comparison.conclude(asked, Failure(str(error)), failure))

    async def _end(self, flow: http.HTTPFlow, aws: Outcome) -> None:
        """Await the twin, compare, count. Does nothing for a flow that is not under way."""
        if ended := await self._exchanges.end(flow, aws, self._comparison, self._leading_here):
            exchange, before = ended
            self._count(flow, exchange, before)

    def _count(self, flow: http.HTTPFlow, exchange: Exchange, before: Exchange | None = None) -> None:
        """Count the exchange, in the place of the attempt before it at the same call."""
        self._tally.add(exchange, instead_of=before)
        flows.redact(flow)
        flows.annotate(flow, exchange)

    async def _finish(self) -> None:
        await self._drain()
        await self._candidate.close()
        if self._is_embedded or self._settings is None:
            return
        code = self._exit_code or finishing.finish(self._tally.report(), self._settings)
        if code and isinstance(ctx.master, DumpMaster):
            ctx.master.addons.add(_ExitCode(code))

    async def _drain(self) -> None:
        for opened in await self._exchanges.drain(DRAIN_SECONDS):
            flows.redact(opened.flow)
            reason = f"The run ended, and {DRAIN_SECONDS:g} s later this exchange had not."
            self._tally.add(self._comparison.conclude(opened.asked, Failure(reason), Failure(reason)))


_UNNAMED = Operation("unknown", "unknown", "", "")


class _ExitCode:
    """The last addon: ends mitmdump with this code when all other addons are done."""

    def __init__(self, code: int) -> None:
        self._code = code

    def done(self) -> None:
        raise SystemExit(self._code)
