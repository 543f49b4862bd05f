"""The mitmproxy addon: its hooks, in their order. Each moves values from one stage to the next and decides nothing.

    *_connected      a connection, of the app's or to AWS, is read in larger pieces from here on
    requestheaders   who may not use the proxy is turned away; models and credentials are loaded, off the event loop,
                     for the first call that needs them; a long body is streamed from here on, as if in `request`
    request          the call is read, identified, addressed, let through or denied, and signed for AWS, where mitmproxy
                     takes it; its copy, with AWS's ids translated to CloudMock's, goes to CloudMock in a task (an
                     emulator's own pages go to CloudMock alone); with a large body, all of that is done in threads
    responseheaders  a long reply is streamed to the app, and kept or hashed as it passes
    response, error  a call that came too late by AWS's clock is sent once more; the app has AWS's reply; behind its
                     back CloudMock's is awaited, the two are compared and their ids learned, the exchange is recorded,
                     the flow is annotated (before the app has its reply, where flows are shown or saved)
    done             what is still under way is awaited for a while

A call's way to both sides is in `dispatcher`, what the stages do in `run`, what the app is told in the place of AWS's
reply in `answers`. This addon is run by a
program with a master of its own; `standalone` has the one for `mitmdump -s`.
"""

import asyncio
from collections.abc import Awaitable, Collection

from mitmproxy import addonmanager, contentviews, ctx, http
from mitmproxy.connection import Client
from mitmproxy.proxy import layer
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from cloudmock_contract import safe_logging
from cloudmock_contract.aws.credentials.botocore_config import certificate_bundle, check_certificates
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.signing import clock_skew
from cloudmock_contract.comparison.verdict import import_deepdiff
from cloudmock_contract.errors import without_quotes
from cloudmock_contract.proxy.access.preflight import Gate
from cloudmock_contract.proxy.answers import Answers
from cloudmock_contract.proxy.dispatcher import Dispatcher
from cloudmock_contract.proxy.exchanges import Exchanges, PendingExchange
from cloudmock_contract.proxy.mitm import contentview, flows, http1_layers, socket_reads
from cloudmock_contract.proxy.mitm.flow_states import FlowStates
from cloudmock_contract.proxy.run import ContractRun
from cloudmock_contract.proxy.streams import policy
from cloudmock_contract.reports.tally.report import Report
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.http import Failure, Outcome, Skipped

logger = safe_logging.logger(__name__)


class ContractAddon:
    """Compares AWS's replies with CloudMock's, for every flow."""

    def __init__(self, settings: Settings | None = None, callers: Collection[Credentials] = ()) -> None:
        """`settings`: None where they come later. `callers`: the credentials that the app has been given for this run,
        and is to use.
        """
        self.run = ContractRun(callers)
        self.run.settings = settings
        self.drain_short = True
        """Whether the run's end waits no longer than it must."""
        self._exchanges = Exchanges(self.run)
        self._flow_states = FlowStates()
        self._gate = Gate()
        self._answers = Answers(self.run, self._exchanges)
        self._dispatcher = Dispatcher(self.run, self._exchanges, self._answers, self._flow_states, self._gate)
        self._keeps_flows = True

    def load(self, _loader: addonmanager.Loader) -> None:
        contentviews.add(contentview.ContractView)
        if self.run.settings:
            self._start(self.run.settings)

    def _start(self, settings: Settings) -> None:
        self.run.start(settings)
        if not ctx.options.ssl_verify_upstream_trusted_ca and (bundle := certificate_bundle(settings.profile)):
            check_certificates(bundle)
            ctx.options.update(ssl_verify_upstream_trusted_ca=bundle)

    def running(self) -> None:
        self._gate.open_when_known()
        asyncio.get_running_loop().run_in_executor(None, import_deepdiff)
        # Where flows are shown or saved they have their verdict first; elsewhere the app does not wait for it.
        self._keeps_flows = self.run.shows_flows = ctx.master.addons.get("view") is not None
        contentview.show_verdicts_in_list(ctx.options)

    def report(self) -> Report:
        """The report of the exchanges that have ended."""
        return self.run.recorder.report()

    async def wait_recorded(self) -> None:
        """Wait until every call that AWS has answered by now is in the report."""
        await self._exchanges.wait_recorded()

    def client_connected(self, client: Client) -> None:
        socket_reads.read_more(client, client)

    def server_connected(self, data: ServerConnectionHookData) -> None:
        socket_reads.read_more(data.client, data.server)

    def next_layer(self, data: layer.NextLayer) -> None:
        http1_layers.choose_layer(data, self._flow_states)

    async def requestheaders(self, flow: http.HTTPFlow) -> None:
        await self._dispatcher.admit(flow)

    async def request(self, flow: http.HTTPFlow) -> None:
        if not (flow.response or flow.error or self._exchanges.pending(flow)):
            await self._dispatcher.forward(flow)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        pending = self._exchanges.pending(flow)
        if pending is None or flow.response is None:
            return
        status = flow.response.status_code
        if status in clock_skew.STATUSES or self.run.rewritten_members(pending.call):
            return  # the app may have to have another reply than this
        model = self.run.model(pending.call)
        headers = flow.response.headers
        max_bytes = policy.max_kept_bytes(model) if status < 300 else policy.MAX_KEPT_BYTES
        download = policy.Download(max_bytes, lambda: [name.lower() for name in headers])
        if policy.is_streamed(status, flow.response.headers):
            flow.response.stream = download
        elif state := self._flow_states.get(flow.id):
            state.slow_stream = download

    async def response(self, flow: http.HTTPFlow) -> None:
        pending = self._exchanges.pending(flow)
        if pending is None:
            return
        reply = adapted = flows.reply_of(flow)
        try:
            certificates = ctx.options.ssl_verify_upstream_trusted_ca or ""
            adapted = await self.run.adapt_reply(pending.call, flows.request_of(flow), reply, certificates)
            if adapted is not reply:
                flows.put_reply(flow, adapted)
        except Exception:  # a defect of this program: the app has AWS's reply as it came
            logger.exception("cloudmock-contract failed to look into a reply of AWS's.")
        await self._finish_exchange(pending, adapted)

    async def error(self, flow: http.HTTPFlow) -> None:
        assert flow.error
        pending, state = self._exchanges.pending(flow), self._flow_states.get(flow.id)
        if state and state.has_own_error:
            self._flow_states.drop(flow.id)
        if pending is None:
            flows.redact(flow)
            return
        if flows.app_is_gone(flow):
            self.run.redact(flow)
            skipped = Skipped("The app closed the connection before it had AWS's reply.")
            await self._finish_exchange(pending, skipped)
            return
        message = flow.error.msg
        reason = message if state and state.has_own_error else f"AWS gave no reply: {without_quotes(message)}."
        if flow.response is None or not flow.response.stream:  # else the app has the head of AWS's reply
            self._answers.answer_unreachable(flow, pending.call, reason, state)
        self.run.redact(flow)
        await self._finish_exchange(pending, Failure(reason))

    async def _finish_exchange(self, pending: PendingExchange, aws: Outcome) -> None:
        """The app has its answer; what is left to do goes on behind its back, unless the flow is kept."""
        ending = self._exchanges.finish(pending, aws)
        if self._keeps_flows or getattr(ctx.options, "save_stream_file", None):
            await ending
        else:
            await self._exchanges.catch_up()

    def done(self) -> Awaitable[None]:
        # A task and not a coroutine: when mitmproxy reloads the script, it does not await this.
        return asyncio.create_task(self._finish())

    async def _finish(self) -> None:
        try:
            for flow, exchange in await self._exchanges.end(short=self.drain_short):
                self.run.redact(flow)
                self.run.recorder.add(exchange)
            self._dispatcher.close()
            await self.run.close()
        finally:
            self.run.recorder.close()
