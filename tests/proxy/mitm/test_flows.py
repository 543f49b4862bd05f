"""mitmproxy's flows to values, and back."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from mitmproxy import http
from mitmproxy.io import tnetstring

from cloudmock_contract.proxy.mitm import flows
from cloudmock_contract.proxy.mitm.flow_states import FlowState
from cloudmock_contract.values.difference import Difference, Kind, Severity
from cloudmock_contract.values.endpoint import Endpoint
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.http import Headers, Reply, Request
from cloudmock_contract.values.operation import Operation

type MakeFlow = Callable[..., http.HTTPFlow]

V4 = "AWS4-HMAC-SHA256 Credential="
ENDPOINT = Endpoint("https", "dynamodb.eu-west-1.amazonaws.com", 443, "", "dynamodb", "eu-west-1")


def exchange(*differences: Difference) -> Exchange:
    severity = Severity.DATA if differences else None
    return Exchange(
        id="1",
        time=datetime(2026, 1, 2, tzinfo=UTC),
        operation=Operation("dynamodb", "GetItem", "json", "dynamodb"),
        method="POST",
        path="/",
        aws_status=200,
        cloudmock_status=200,
        aws_seconds=0.1,
        cloudmock_seconds=0.1,
        aws_error="",
        cloudmock_error="",
        verdict=Verdict(differences, {"RequestId": 1}, severity),
    )


def test_a_request_keeps_its_bytes(flow: MakeFlow) -> None:
    """Target, header spelling and bytes that are no UTF-8 survive the way through a Request."""
    made = flow("PUT", "/a%2Fb?x=%20&y", body=b"\x00\xff")
    made.request.data.headers = http.Headers([(b"X-oNe", b"\xff\xfe"), (b"x-one", b"2")])
    request = flows.request_of(made)

    assert ("PUT", "/a%2Fb?x=%20&y", b"\x00\xff") == (request.method, request.target, request.body)
    assert ((b"X-oNe", b"\xff\xfe"), (b"x-one", b"2")) == request.headers.to_bytes()


def test_a_reply_says_how_long_it_took(flow: MakeFlow) -> None:
    """A Reply's seconds run from the request's end to the response's end."""
    reply = flows.reply_of(flow(status_code=404, content=b"gone"))

    assert (404, b"gone", 0.25) == (reply.status, reply.body, reply.seconds)


def test_another_reply_takes_the_place_of_the_one_that_came(flow: MakeFlow) -> None:
    """Status, headers with their bytes and their order, and body are the new ones; when it came stays."""
    made = flow(status_code=403, content=b"refused", headers={"X-Old": "1"})
    reply = Reply(201, Headers((("X-oNe", "\udcff"), ("x-one", "2"), ("Content-Length", "2"))), b"\x00\xff")
    flows.put_reply(made, reply)

    assert made.response
    assert (201, b"\x00\xff", 10.25) == (
        made.response.status_code,
        made.response.raw_content,
        made.response.timestamp_end,
    )
    assert ((b"X-oNe", b"\xff"), (b"x-one", b"2"), (b"Content-Length", b"2")) == made.response.headers.fields


def test_a_reply_that_was_put_is_the_one_that_is_read(flow: MakeFlow) -> None:
    """What was put into a flow comes out of it again."""
    made = flow(status_code=200, content=b"old")
    reply = Reply(404, Headers((("X-A", "1"), ("X-A", "2"))), b"new", 0.25)
    flows.put_reply(made, reply)

    assert reply == flows.reply_of(made)


def test_retargeting_replaces_everything_that_is_sent(flow: MakeFlow) -> None:
    """Endpoint, target, headers and body are those of the signed request, and nothing else."""
    made = flow(headers={"Authorization": "the client's", "Host": "localhost:4577"})
    signed = Request("POST", "/new?x=1", Headers((("Host", ENDPOINT.host), ("Authorization", "ours"))), b"new")
    flows.retarget(made, ENDPOINT, signed)

    assert ("https", ENDPOINT.host, 443) == (made.request.scheme, made.request.host, made.request.port)
    assert ("/new?x=1", b"new") == (made.request.path, made.request.raw_content)
    assert signed.headers.to_bytes() == made.request.headers.fields


def test_retargeting_leaves_the_end_of_the_connection_to_the_app(flow: MakeFlow) -> None:
    """An app that wants its connection closed after the answer gets that."""
    made = flow(headers={"Connection": "close"})
    flows.retarget(made, ENDPOINT, Request("POST", "/", Headers(), b""))

    assert "close" == made.request.headers["connection"]


def test_an_error_answer_is_marked_for_the_layer(flow: MakeFlow) -> None:
    """An answer of the error hook is told from a response that came from the server."""
    made = flow()
    state = FlowState()
    flows.answer_error(made, Reply(502, Headers((("X-A", "1"),)), b"sorry"), state)

    assert made.response
    assert (502, b"sorry", "1") == (made.response.status_code, made.response.raw_content, made.response.headers["x-a"])
    assert state.has_own_answer


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        (
            f"{V4}AKIASECRET/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=abcdef",
            f"{V4}redacted/00000000/eu-west-1/s3/aws4_request, SignedHeaders=, Signature=redacted",
        ),
        ("Bearer abcdef", "redacted"),
        ("AWS AKIASECRET:abcdef", "redacted"),
    ],
)
def test_redaction_leaves_the_scope_alone(flow: MakeFlow, sent: str, left: str) -> None:
    """Key, signature and token are gone from the flow; service and region stay."""
    made = flow(headers={"Authorization": sent, "X-Amz-Security-Token": "abcdef"})
    flows.redact(made)

    assert left == made.request.headers["authorization"]
    assert "redacted" == made.request.headers["x-amz-security-token"]


def test_a_mismatch_is_marked_and_commented(flow: MakeFlow) -> None:
    """The flow list shows a mismatch: a marker, and a line with severity, operation and first difference."""
    made = flow()
    flows.annotate(made, exchange(Difference(("a",), Kind.VALUE, 1, 2), Difference(("b",), Kind.VALUE, 1, 2)))

    assert ":red_circle:" == made.marked
    assert "data dynamodb.GetItem a: 1 -> 2 (+1 more)" == made.comment


def test_a_match_is_not_marked(flow: MakeFlow) -> None:
    """A matching flow keeps its list row as it was, and has its verdict."""
    made = flow()
    flows.annotate(made, exchange())
    verdict = flows.verdict_of(made)

    assert ("", "") == (made.marked, made.comment)
    assert verdict
    assert ("matched", {"RequestId": 1}) == (verdict["verdict"], verdict["forgiven"])


def test_an_annotated_flow_can_be_saved(flow: MakeFlow) -> None:
    """The verdict is of types that flow files take."""
    made = flow()
    flows.annotate(made, exchange(Difference(("a",), Kind.VALUE, {"b": [None]}, float("inf"))))

    assert tnetstring.dumps(made.get_state())


@pytest.mark.parametrize("metadata", [{}, {flows.METADATA: 1}, {flows.METADATA: json.dumps([1])}])
def test_a_flow_of_somebody_elses_has_no_verdict(flow: MakeFlow, metadata: dict[str, object]) -> None:
    """Metadata that this package did not write is no verdict."""
    made = flow()
    made.metadata.update(metadata)

    assert flows.verdict_of(made) is None
