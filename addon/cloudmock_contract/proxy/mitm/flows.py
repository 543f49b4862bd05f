"""mitmproxy's flows to this package's values, and back. Decides nothing."""

import copy
import functools
import json
from dataclasses import replace
from typing import Any

from mitmproxy import http
from mitmproxy.connection import ConnectionState
from mitmproxy.net.http.http1.read import connection_close

from cloudmock_contract import safe_logging
from cloudmock_contract.aws.signing.signature_redaction import redact_request
from cloudmock_contract.proxy.mitm.flow_states import FlowState
from cloudmock_contract.proxy.streams.policy import Download
from cloudmock_contract.reports.formats import json as json_report
from cloudmock_contract.values.endpoint import Endpoint
from cloudmock_contract.values.exchange import Exchange
from cloudmock_contract.values.http import Headers, Reply, Request

logger = safe_logging.logger(__name__)

METADATA = "cloudmock_contract"
"""The key in a flow's metadata under which its verdict is, as JSON text: flow files take nothing richer."""


def request_of(flow: http.HTTPFlow) -> Request:
    """The request as the app sent it."""
    data = flow.request.data
    return Request(
        method=data.method.decode("utf-8", "surrogateescape"),
        target=data.path.decode("utf-8", "surrogateescape"),
        headers=_headers(data.headers.fields),
        body=data.content or b"",
    )


@functools.lru_cache(maxsize=32)
def _headers(fields: tuple[tuple[bytes, bytes], ...]) -> Headers:
    """Remembers a few: the hooks of a flow read the same request one after the other."""
    return Headers.from_bytes(fields)


def reply_of(flow: http.HTTPFlow) -> Reply:
    """AWS's reply; of a streamed one, what was kept of its body."""
    assert flow.response
    data = flow.response.data
    ended, sent = data.timestamp_end, flow.request.data.timestamp_end
    reply = Reply(
        status=data.status_code,
        headers=Headers.from_bytes(data.headers.fields),
        body=data.content or b"",
        seconds=max(0.0, ended - sent) if ended and sent else 0.0,
    )
    if data.content is None and isinstance(flow.response.stream, Download):
        reply = flow.response.stream.kept.put_into(reply)
        if reply.digest is None:
            data.content = reply.body  # for whoever looks at the flow: it has been sent
    return reply


def app_is_gone(flow: http.HTTPFlow) -> bool:
    """Whether the app has closed its connection."""
    return flow.client_conn.state is not ConnectionState.OPEN


def retarget(
    flow: http.HTTPFlow,
    endpoint: Endpoint,
    request: Request,
    shown: Request | None = None,
    state: FlowState | None = None,
) -> None:
    """Let mitmproxy send this request to this endpoint. `shown`: what the flow has instead of it, for whoever looks;
    what is sent is in the flow's `state` then.
    """
    data = flow.request.data
    data.scheme = endpoint.scheme.encode()
    data.host, data.port = endpoint.host, endpoint.port
    data.authority = b""
    connection_fields = _connection_fields(data, request)
    _put(data, shown or request, connection_fields)
    if shown is not None and shown is not request and state:
        sent = copy.copy(flow.request)  # mitmproxy's own copy looks at everything once more
        sent.data = copy.copy(data)
        _put(sent.data, request, connection_fields)
        state.signed_request = sent


def _connection_fields(data: http.RequestData, request: Request) -> list[tuple[bytes, bytes]]:
    """What mitmproxy wants to see of the app's connection, and does not send."""
    fields = []
    if connection_close(data.http_version, data.headers):
        fields.append((b"connection", b"close"))  # it looks here whether to keep the app's connection
    if request.streamed is not None and data.headers.get("expect", "").lower() == "100-continue":
        fields.append((b"expect", b"100-continue"))  # it answers it, and takes it out
    return fields


def _put(data: http.RequestData, request: Request, connection_fields: list[tuple[bytes, bytes]]) -> None:
    data.path = request.target.encode("utf-8", "surrogateescape")
    data.headers = http.Headers((*request.headers.to_bytes(), *connection_fields))
    if request.streamed is None:
        data.content = request.body


def put_reply(flow: http.HTTPFlow, reply: Reply) -> None:
    """Let the app have this reply instead of the one that came."""
    assert flow.response
    flow.response.data.status_code = reply.status
    flow.response.data.headers = http.Headers(reply.headers.to_bytes())
    flow.response.data.content = reply.body


def answer(flow: http.HTTPFlow, reply: Reply) -> None:
    """Let mitmproxy answer with this reply."""
    body = b"" if flow.request.method == "HEAD" else reply.body
    flow.response = http.Response.make(reply.status, body, http.Headers(reply.headers.to_bytes()))


def answer_error(flow: http.HTTPFlow, reply: Reply, state: FlowState | None) -> None:
    """In the error hook: let the layer answer with this reply, where the app is still there to take it."""
    answer(flow, reply)
    if state:
        state.has_own_answer = True


def without_signature(request: Request) -> Request:
    """The request as it may be shown; the same one if it has nothing that must not be."""
    try:
        return redact_request(request)
    except Exception:  # a defect of this program: then nothing is shown
        logger.exception("cloudmock-contract failed to take the signature out of a request.")
        return replace(request, target=request.path, headers=Headers(), body=b"")


def redact(flow: http.HTTPFlow) -> None:
    """Take the signature out of a request that has been sent, before anybody sees or saves the flow."""
    sent = request_of(flow)
    shown = without_signature(sent)
    if shown is not sent:
        flow.request.data.path = shown.target.encode("utf-8", "surrogateescape")
        flow.request.data.headers = http.Headers(shown.headers.to_bytes())
        if shown.body != sent.body:
            flow.request.data.content = shown.body


def annotate(flow: http.HTTPFlow, exchange: Exchange) -> None:
    """Put the verdict where mitmproxy's user interfaces and flow files show it."""
    verdict = exchange.verdict
    flow.metadata[METADATA] = json.dumps(
        {
            "operation": exchange.operation.name,
            "verdict": "matched" if verdict.matched else "mismatched",
            "forgiven": dict(verdict.forgiven),
            **json_report.mismatch(exchange),
        }
    )
    if verdict.differences:
        first, more = verdict.differences[0], len(verdict.differences) - 1
        flow.marked = ":red_circle:"
        flow.comment = f"{verdict.severity} {exchange.operation.name} {first}{f' (+{more} more)' if more else ''}"


def verdict_of(flow: Any) -> dict[str, Any] | None:
    """What `annotate` put there; None for a flow without a verdict."""
    text = getattr(flow, "metadata", {}).get(METADATA)
    verdict = json.loads(text) if isinstance(text, str) else None
    return verdict if isinstance(verdict, dict) else None
