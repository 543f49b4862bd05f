"""The way of a call to both sides: admitted, identified, addressed, let through or denied, signed, sent.

What of it takes long with a large body is done in threads. This file does not know what happens to the replies.
"""

import asyncio
from collections.abc import Callable
from functools import partial

from mitmproxy import http

from cloudmock_contract import safe_logging
from cloudmock_contract.aws.signing.aws_chunked import reframing
from cloudmock_contract.errors import AppError, ConfigurationError, ContractError
from cloudmock_contract.proxy.access.preflight import Gate
from cloudmock_contract.proxy.answers import Answers
from cloudmock_contract.proxy.exchanges import Exchanges
from cloudmock_contract.proxy.mitm import flows
from cloudmock_contract.proxy.mitm.flow_states import FlowStates
from cloudmock_contract.proxy.mitm.http1_layers import stream
from cloudmock_contract.proxy.run import ContractRun
from cloudmock_contract.proxy.streams import policy
from cloudmock_contract.proxy.streams.offload import run_in_thread
from cloudmock_contract.proxy.streams.spool import Spool
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.http import Request

logger = safe_logging.logger(__name__)

_FAILED = "cloudmock-contract failed to make out a request."


class Dispatcher:
    """That of one run."""

    def __init__(
        self, run: ContractRun, exchanges: Exchanges, answers: Answers, flow_states: FlowStates, gate: Gate
    ) -> None:
        self._run = run
        self._exchanges = exchanges
        self._answers = answers
        self._flow_states = flow_states
        self._gate = gate
        self._is_closed = False

    def close(self) -> None:
        """Send nothing any more: the run has ended, and nobody would record it. What comes ends with the program."""
        self._is_closed = True

    async def admit(self, flow: http.HTTPFlow) -> None:
        """With the head of a request: turn its sender away, or get ready for the call."""
        await self._gate.wait_until_known()  # no request goes to an account that was not meant
        head = flows.request_of(flow)
        try:
            await self._admit(flow, self._run.read(flow.id, head))
        except Exception:
            logger.exception(_FAILED)
            self._answers.answer_unreadable(flow, head)

    async def _admit(self, flow: http.HTTPFlow, call: Call) -> None:
        if denial := self._run.access.client_denial(call, body_is_known=False):
            self._answers.answer_denied(flow, self._identify_if_ready(call), denial)
            return
        await self._run.access.wait_for_turn()
        if not self._run.aws.is_ready_for(call):
            try:
                await asyncio.to_thread(self._run.prepare, call)
            except ConfigurationError as error:
                logger.error(str(error))  # noqa: TRY400 (the user's mistake, not a bug: no traceback)
                return
        if policy.may_stream(call.request):
            await self._stream(flow, call)

    async def forward(self, flow: http.HTTPFlow) -> None:
        """With the whole request: send the call to whom it is for, or answer it."""
        request = flows.request_of(flow)
        try:
            await self._forward(flow, await _in_thread(request, partial(self._run.read, flow.id, request)))
        except Exception:  # left as it is, the request would go on with the app's own signature
            logger.exception(_FAILED)
            self._answers.answer_unreadable(flow, request)

    async def _forward(self, flow: http.HTTPFlow, call: Call) -> None:
        client_denial = partial(self._run.access.client_denial, call, body_is_known=True)
        state = self._flow_states.get(flow.id)
        if state and state.is_too_large:
            error = AppError(
                f"The request's body is larger than {stream.MAX_HELD_BYTES >> 20} MiB, and cannot be streamed."
            )
            self._answers.answer_error(flow, self._identify_if_ready(call), error)
        elif denial := await _in_thread(call.request, client_denial):
            identified = await _in_thread(call.request, partial(self._identify_if_ready, call))
            self._answers.answer_denied(flow, identified, denial)
        elif self._run.cloudmock.has_own_page(call):
            request = self._run.cloudmock.request_for_own_page(call)
            flows.retarget(flow, self._run.cloudmock.endpoint, request)
        else:
            await self._open_exchange(flow, call)

    def _identify_if_ready(self, call: Call) -> Call:
        """A call that goes nowhere, identified as far as that can be done by now: it is answered in its terms."""
        try:
            return self._run.aws.identify(call) if self._run.aws.is_ready_for(call) else call
        except AppError:
            return call

    async def _stream(self, flow: http.HTTPFlow, call: Call) -> None:
        """Let the body pass by as it comes, if it need not be held."""
        try:
            identified = self._run.aws.identify(call)
            streamed = policy.as_streamed(identified, self._run.model(identified))
            upload = policy.Upload(reframing(call.request)) if streamed else None
        except AppError:
            return  # the app is told when the body has come
        if streamed is None or upload is None:
            return
        if denial := self._run.access.client_denial(streamed, body_is_known=False):
            self._answers.answer_denied(flow, streamed, denial)
        elif await self._open_exchange(flow, streamed, upload.spool):
            flow.request.stream = upload

    async def _open_exchange(self, flow: http.HTTPFlow, call: Call, body: Spool | None = None) -> bool:
        """Let the call go to both sides; whether it does."""
        try:
            call = await _in_thread(call.request, partial(self._run.aws.identify, call))
            self._gate.check_open()
            call = await _in_thread(call.request, partial(self._run.aws.address, call))
            if denial := self._run.access.operation_denial(call):
                self._answers.answer_denied(flow, call, denial)
                return False
            signed, shown = await _in_thread(call.request, partial(self._sign, call))
            if denial := self._run.access.count_denial():
                self._answers.answer_denied(flow, call, denial)
                return False
        except ContractError as error:
            self._answers.answer_error(flow, call, error)
            return False
        except Exception:
            logger.exception(_FAILED)
            self._answers.answer_unreadable(flow, call.request)
            return False
        assert call.destination
        if self._is_closed:  # to cut the connection now may break asyncio's server, which is about to close
            await asyncio.get_running_loop().create_future()
        flows.retarget(flow, call.destination, signed, shown, self._flow_states.get(flow.id))
        self._exchanges.begin(flow, call, self._run.cloudmock.new_deadline(), body)
        return True

    def _sign(self, call: Call) -> tuple[Request, Request | None]:
        """The request as AWS gets it, and as a flow shows it, if anybody looks. Raises ContractError."""
        signed = self._run.sign(call)
        return signed, flows.without_signature(signed) if self._run.shows_flows else None


async def _in_thread[T](request: Request, work: Callable[[], T]) -> T:
    """What the work gives, beside the event loop if the request's body is large."""
    return await run_in_thread(len(request.body), work)
