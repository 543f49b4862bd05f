"""What the app is told where AWS is not asked, or gives no reply: errors in the terms of the service that it calls.

What is not sent is recorded all the same. Why it is not sent is not known here.
"""

from datetime import UTC, datetime

from mitmproxy import http

from cloudmock_contract.aws.documents.error_responses import denial_response, error_response
from cloudmock_contract.errors import AppError, ContractError
from cloudmock_contract.proxy.exchanges import Exchanges
from cloudmock_contract.proxy.mitm import flows
from cloudmock_contract.proxy.mitm.flow_states import FlowState
from cloudmock_contract.proxy.run import ContractRun
from cloudmock_contract.values.authentication import Authentication, Style
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.denial import Denial
from cloudmock_contract.values.http import Failure, Outcome, Request, Skipped

_UNREADABLE = ContractError("cloudmock-contract could not make out the request: see its log.")


def _asked_in(call: Call) -> str:
    return call.request.headers.get("content-type")


class Answers:
    """The proxy's own answers in one run."""

    def __init__(self, run: ContractRun, exchanges: Exchanges) -> None:
        self._run = run
        self._exchanges = exchanges

    def answer_error(self, flow: http.HTTPFlow, call: Call, error: ContractError) -> None:
        """Answer a call that cannot be sent to AWS; CloudMock does not get it either."""
        code = "InvalidRequest" if isinstance(error, AppError) else "NoCredentials"
        flows.answer(flow, error_response(call.operation, 400, code, str(error), flow.id, _asked_in(call)))
        self._record(flow, call, Failure(str(error)), Failure("CloudMock was not asked."))

    def answer_unreadable(self, flow: http.HTTPFlow, request: Request) -> None:
        """Answer a request on which this program has failed."""
        call = Call(flow.id, datetime.now(tz=UTC), request, Authentication(Style.NONE))
        self.answer_error(flow, call, _UNREADABLE)

    def answer_denied(self, flow: http.HTTPFlow, call: Call, denial: Denial) -> None:
        """Answer a call that must not be done as the service itself would; neither side gets it."""
        flows.answer(flow, denial_response(call.operation, denial.reason, flow.id, _asked_in(call)))
        skipped = Skipped(f"Refused: {denial}")
        self._record(flow, call, skipped, skipped)

    def answer_unreachable(self, flow: http.HTTPFlow, call: Call, reason: str, state: FlowState | None) -> None:
        """In the error hook: answer a call to which AWS gave no reply. `reason`: a sentence."""
        reply = error_response(call.operation, 502, "AWSUnreachable", reason, flow.id, _asked_in(call))
        flows.answer_error(flow, reply, state)

    def _record(self, flow: http.HTTPFlow, call: Call, aws: Outcome, cloudmock: Outcome) -> None:
        self._run.redact(flow)
        self._run.record(flow, self._exchanges.compare_now(call, aws, cloudmock))
