"""Exchanges under way whose stages a test decides."""

from collections.abc import Awaitable, Callable

from mitmproxy import http

from cloudmock_contract.comparison.comparison import Comparison
from cloudmock_contract.proxy.exchanges import Exchanges, PendingExchange
from cloudmock_contract.proxy.sides.http_client import Deadline
from cloudmock_contract.proxy.streams.spool import Spool
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.exchange import Exchange
from cloudmock_contract.values.http import Headers, Outcome, Reply, Request
from cloudmock_contract.values.operation import Operation
from support.calls import call_for

_OPERATION = Operation("dynamodb", "PutItem", "json", "dynamodb")
OK = Reply(200, Headers(()), b"{}")

type Ask = Callable[[Call, Spool | None], Awaitable[Outcome]]


def _call(flow: http.HTTPFlow, invocation: str = "") -> Call:
    headers = Headers((("amz-sdk-invocation-id", invocation),)) if invocation else Headers(())
    return call_for(Request("POST", "/", headers, b"{}"), _OPERATION, id=flow.id)


class PendingExchanges:
    """Exchanges under way, and what is recorded of them, in the order in which they end."""

    def __init__(self, comparison: Comparison) -> None:
        self.exchanges = Exchanges(self)
        self.recorded: list[tuple[Exchange, Exchange | None]] = []
        self.compare = comparison.compare
        self._ask: dict[str, Ask] = {}

    async def ask_cloudmock(self, call: Call, _deadline: Deadline, body: Spool | None) -> Outcome:
        return await self._ask[call.id](call, body)

    def record(self, _flow: http.HTTPFlow, exchange: Exchange, superseded: Exchange | None = None) -> None:
        self.recorded.append((exchange, superseded))

    def begin(self, flow: http.HTTPFlow, ask: Ask, invocation: str = "", body: Spool | None = None) -> PendingExchange:
        self._ask[flow.id] = ask
        self.exchanges.begin(flow, _call(flow, invocation), Deadline(5), body)
        pending = self.exchanges.pending(flow)
        assert pending
        return pending

    async def end(self, pending: PendingExchange, aws: Outcome) -> tuple[Exchange, Exchange | None]:
        await self.exchanges.finish(pending, aws)
        return self.recorded[-1]
