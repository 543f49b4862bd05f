"""The view "Contract" of mitmproxy's user interfaces: an exchange's verdict and its differences."""

import itertools
from collections.abc import Iterator
from typing import Any

from mitmproxy.contentviews import Contentview, Metadata
from mitmproxy.optmanager import OptManager

from cloudmock_contract.proxy.mitm.flows import verdict_of
from cloudmock_contract.reports.formats.escaping import printable


class ContractView(Contentview):
    """Shown by itself for a response that has a verdict."""

    name = "Contract"
    syntax_highlight = "yaml"

    def prettify(self, data: bytes, metadata: Metadata) -> str:  # noqa: ARG002 (the interface)
        verdict = verdict_of(metadata.flow)
        if verdict is None:
            return "This flow was not compared with CloudMock."
        return "\n".join(map(printable, _lines(verdict)))

    def render_priority(self, data: bytes, metadata: Metadata) -> float:  # noqa: ARG002 (as above)
        flow = metadata.flow
        is_reply = flow is not None and metadata.http_message is getattr(flow, "response", None)
        return 100 if is_reply and verdict_of(flow) else -1


def show_verdicts_in_list(options: OptManager) -> None:
    """Let mitmweb's list of flows have the column in which a mismatch is told in a line, unless the user chose his."""
    columns = options.default("web_columns") if "web_columns" in options else None
    if columns and options.web_columns == columns:
        options.update(web_columns=[*columns, "comment"])


def _lines(verdict: dict[str, Any]) -> Iterator[str]:
    severity = f" ({verdict['severity']})" if verdict["severity"] else ""
    yield f"{verdict['operation']}: {verdict['verdict']}{severity}"
    yield f"status: {_status(verdict, 'aws')} from AWS, {_status(verdict, 'cloudmock')} from CloudMock"
    if verdict.get("effects"):
        yield f"what an SDK would do otherwise: {', '.join(verdict['effects'])}"
    if verdict.get("follows"):
        yield f"follows: {verdict['follows']}"
    if verdict["diffs"]:
        yield "differences (AWS -> CloudMock):"
        violations = [difference.get("breach", "") for difference in verdict["differences"]]
        yield from (
            f"- {line}{f' ({violation})' if violation else ''}"
            for line, violation in itertools.zip_longest(verdict["diffs"], violations, fillvalue="")
        )
    if verdict["forgiven"]:
        yield "forgiven by rule:"
        yield from (f"- {rule}: {number}" for rule, number in verdict["forgiven"].items())


def _status(verdict: dict[str, Any], side: str) -> str:
    status = str(verdict[f"{side}_status"] or "no reply")
    error = verdict.get(f"{side}_error")
    return f"{status} ({error})" if error else status
