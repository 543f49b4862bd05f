"""The view of a flow's verdict in mitmproxy's user interfaces."""

from collections.abc import Callable
from datetime import UTC, datetime

from mitmproxy import http
from mitmproxy.contentviews import Metadata

from cloudmock_contract.proxy.mitm import flows
from cloudmock_contract.proxy.mitm.contentview import ContractView
from cloudmock_contract.values.difference import Difference, Kind, SdkEffect, Severity
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.operation import Operation

type MakeFlow = Callable[..., http.HTTPFlow]


def annotated(
    made: http.HTTPFlow, *differences: Difference, effects: tuple[SdkEffect, ...] = (), follows: str = ""
) -> http.HTTPFlow:
    flows.annotate(
        made,
        Exchange(
            id="1",
            time=datetime(2026, 1, 2, tzinfo=UTC),
            operation=Operation("dynamodb", "GetItem", "json", "dynamodb"),
            method="POST",
            path="/",
            aws_status=200,
            cloudmock_status=404,
            aws_seconds=0.1,
            cloudmock_seconds=0.1,
            aws_error="",
            cloudmock_error="Nope: gone",
            verdict=Verdict(differences, {"RequestId": 1}, Severity.STATUS if differences else None, effects),
            follows=follows,
        ),
    )
    return made


def test_shows_verdict_and_differences(flow: MakeFlow) -> None:
    """Operation, severity, both statuses, every difference and what was forgiven are in the text."""
    made = annotated(flow(status_code=200), Difference(("status",), Kind.STATUS, 200, 404))
    text = ContractView().prettify(b"", Metadata(flow=made, http_message=made.response))

    assert (
        "dynamodb.GetItem: mismatched (status)\n"
        "status: 200 from AWS, 404 (Nope: gone) from CloudMock\n"
        "differences (AWS -> CloudMock):\n"
        "- status: 200 -> 404\n"
        "forgiven by rule:\n"
        "- RequestId: 1"
    ) == text


def test_shows_what_a_mismatch_means(flow: MakeFlow) -> None:
    """What an SDK would do, which mismatch it follows from, and what the model says stand with the differences."""
    missing = Difference(("Arn",), Kind.MISSING, "x", violation="the model requires it")
    made = annotated(flow(status_code=200), missing, effects=(SdkEffect.EXCEPTION, SdkEffect.DATA), follows="7")
    text = ContractView().prettify(b"", Metadata(flow=made, http_message=made.response))

    expected = (
        "what an SDK would do otherwise: exception, data\n"
        "follows: 7\n"
        "differences (AWS -> CloudMock):\n"
        "- Arn: missing key (the model requires it)\n"
    )
    assert expected in text


def test_escapes_what_a_terminal_would_act_on(flow: MakeFlow) -> None:
    """Control characters out of a reply are shown as escapes."""
    made = annotated(flow(status_code=200), Difference(("\x1b[2J",), Kind.EXTRA))

    assert "\x1b" not in ContractView().prettify(b"", Metadata(flow=made, http_message=made.response))


def test_is_chosen_for_responses_with_a_verdict_alone(flow: MakeFlow) -> None:
    """The view shows itself for compared responses; for requests and other flows it stays out of the way."""
    made, other = annotated(flow(status_code=200)), flow(status_code=200)
    view = ContractView()

    assert view.render_priority(b"", Metadata(flow=made, http_message=made.response)) > 1
    assert view.render_priority(b"", Metadata(flow=made, http_message=made.request)) < 0
    assert view.render_priority(b"", Metadata(flow=other, http_message=other.response)) < 0
    assert view.render_priority(b"", Metadata()) < 0


def test_says_when_a_flow_was_not_compared(flow: MakeFlow) -> None:
    """Chosen by hand for a flow without a verdict, the view says that there is none."""
    assert "not compared" in ContractView().prettify(b"", Metadata(flow=flow()))
