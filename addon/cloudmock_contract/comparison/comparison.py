"""Everything that is known of a finished exchange, put together: two outcomes in, an `Exchange` without bodies out.

A `Comparison` is what one run knows: its rules, how operations behave, which identifiers stand for which, and what has
diverged. Comparing an exchange costs up to some tens of milliseconds for large replies. Does no I/O; may run in a
thread, one exchange at a time. This file does not know what a call leaves behind on AWS.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from cloudmock_contract.aws.documents.output import error_summary, holds_bytes
from cloudmock_contract.aws.documents.resource_names import makes_anew, only_reads, resource_names, texts
from cloudmock_contract.aws.sdk.catalog import SdkCatalog, SdkOperation
from cloudmock_contract.aws.secrets.by_model import redacted, scrubbed
from cloudmock_contract.aws.secrets.by_value import cleared, secrets_in
from cloudmock_contract.comparison.divergence import Divergence
from cloudmock_contract.comparison.identifiers.generated_values import TOKEN, WORD, looks_generated
from cloudmock_contract.comparison.identifiers.id_map import Identifiers
from cloudmock_contract.comparison.identifiers.own_hosts import OwnHosts
from cloudmock_contract.comparison.orders import Orders
from cloudmock_contract.comparison.reply_pair import ReplyPair, matches_of
from cloudmock_contract.comparison.rules.rules import Rules, Tolerate
from cloudmock_contract.comparison.tolerance import ForgivenessPolicy
from cloudmock_contract.comparison.verdict import judge, too_deep, worst
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.difference import Difference, Kind, Severity
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.http import Failure, Outcome, Reply, Skipped


class Comparison:
    """What one run knows when it compares."""

    def __init__(
        self,
        rules: Rules,
        sdk_catalog: SdkCatalog,
        identifiers: Identifiers | None = None,
        own_hosts: OwnHosts = OwnHosts(),  # noqa: B008 (frozen)
        secrets: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """`identifiers`: those that the run has learned so far; `secrets`: the credentials that it signs with."""
        self._secrets = secrets
        self.rules = rules
        self._own_hosts = own_hosts
        self.sdk_catalog = sdk_catalog
        self.identifiers = identifiers or Identifiers()
        self._divergence = Divergence()
        self._orders = Orders()

    def note_sent(self, call: Call) -> None:
        """Remember what the app itself has said: it is the same on both sides."""
        self.identifiers.note_sent(matches_of(WORD, texts(call.request, self._sdk_operation(call).model)))

    @property
    def translates(self) -> bool:
        """Whether any value of the app's may be another one on CloudMock."""
        return self.identifiers.knows_any

    def for_cloudmock(self, text: str) -> str:
        """A value of the app's request as CloudMock has it."""
        return self.identifiers.for_cloudmock(text) if (self.rules.tolerate or _NOTHING).identifiers else text

    def compare(self, call: Call, aws: Outcome, cloudmock: Outcome) -> Exchange:
        """The exchange with its verdict; secrets are out of it."""
        exchange = self._compare(call, aws, cloudmock)
        if exchange.verdict.matched and not (exchange.not_compared or exchange.aws_error or exchange.cloudmock_error):
            return exchange  # it quotes nothing
        return cleared(exchange, {*self._secrets(), *secrets_in(call, self._sdk_operation(call).model)})

    def _sdk_operation(self, call: Call) -> SdkOperation:
        return self.sdk_catalog.of(call.operation.service, call.operation.action)

    def _compare(self, call: Call, aws: Outcome, cloudmock: Outcome) -> Exchange:
        operation, sdk_operation = call.operation, self._sdk_operation(call)
        reason = _why_not_compared(aws, cloudmock, sdk_operation)
        if reason:
            return _exchange(call, aws, cloudmock, Verdict(), not_compared=reason)
        rules = self.rules.of_operation(operation.name)
        is_from_browser = "origin" in call.request.headers
        replies = ReplyPair(operation.protocol, sdk_operation, aws, cloudmock, is_from_browser=is_from_browser)
        verdict = replies.alike(rules)
        if verdict is None:
            replies.read()
            self.identifiers.note_shown(replies.common_words())
            sent = "\n".join(texts(call.request, sdk_operation.model))
            orders = self._orders.of_request(operation.name, sent)
            policy = ForgivenessPolicy(rules, sdk_operation, self.identifiers, self._own_hosts, sent, orders)
            verdict = _verdict(replies, policy, operation.protocol)
        elif isinstance(aws, Reply) and "content-encoding" not in aws.headers:
            self.identifiers.note_alike(aws.body)
        return _exchange(
            call,
            aws,
            cloudmock,
            verdict,
            aws_error=_error(replies.aws),
            cloudmock_error=_error(replies.cloudmock),
            follows=self._root_cause(call, sdk_operation, verdict, replies),
        )

    def _root_cause(self, call: Call, sdk_operation: SdkOperation, verdict: Verdict, replies: ReplyPair) -> str:
        """The exchange that this mismatch follows from, if any; keeps what diverges with it."""
        names = resource_names(call, sdk_operation.model)
        if verdict.matched:
            if replies.are_successes:
                self._divergence.sound(names)
            return ""
        values = [matches_of(WORD, map(str, (diff.aws, diff.cloudmock))) for diff in verdict.differences]
        root = self._divergence.root_of(names, values)
        diverged = self._without_partner(verdict, replies)
        if verdict.severity in (Severity.STATUS, Severity.ERROR) and not only_reads(call.operation):
            diverged |= self._divergence.new(names) or (set() if makes_anew(call.operation) else names)
        self._divergence.diverged(diverged, root or call.id)
        return root

    def _without_partner(self, verdict: Verdict, replies: ReplyPair) -> set[str]:
        """Generated values of AWS's that CloudMock has nothing for."""
        if verdict.severity in (Severity.STATUS, Severity.ERROR):
            aws_texts: Iterable[str] = replies.aws_texts()
        else:
            aws_texts = (str(diff.aws) for diff in verdict.differences if diff.aws is not None)
        return {
            token
            for token in matches_of(TOKEN, aws_texts)
            if looks_generated(token) and not self.identifiers.knows(token) and not self.identifiers.is_common(token)
        }


def failed_comparison(call: Call, aws: Outcome, cloudmock: Outcome, reason: str) -> Exchange:
    """The exchange of which nothing more can be said than that comparing it failed."""
    verdict = Verdict((Difference(("comparison",), Kind.FAILURE, cloudmock=reason),), {}, Severity.ERROR)
    return _exchange(call, aws, cloudmock, verdict)


def _verdict(replies: ReplyPair, policy: ForgivenessPolicy, protocol: str) -> Verdict:
    assert replies.aws
    assert replies.cloudmock
    try:
        verdict = judge(replies.aws, replies.cloudmock, policy, protocol)
        shape = getattr(replies.aws, "shape", None)
        shown = {(diff.path, str(diff)): diff for diff in (redacted(diff, shape) for diff in verdict.differences)}
        return replace(verdict, differences=tuple(shown.values()), severity=worst(shown.values()))
    except RecursionError:  # a difference whose value is too deep to have its secrets taken out
        return too_deep()


_NOTHING = Tolerate()


def _exchange(call: Call, aws: Outcome, cloudmock: Outcome, verdict: Verdict, **fields: Any) -> Exchange:
    """`fields`: what else there is to say, by the names of an exchange's fields."""
    return Exchange(
        id=call.id,
        time=call.time,
        operation=call.operation,
        method=call.request.method,
        path=call.request.path,
        aws_status=_status(aws),
        cloudmock_status=_status(cloudmock),
        aws_seconds=aws.seconds,
        cloudmock_seconds=cloudmock.seconds,
        verdict=verdict,
        invocation_id=call.invocation_id,
        **({"aws_error": "", "cloudmock_error": ""} | fields),
    )


def _why_not_compared(aws: Outcome, cloudmock: Outcome, sdk_operation: SdkOperation) -> str | None:
    """Why there is nothing to compare; None if there is."""
    for outcome in (aws, cloudmock):
        if isinstance(outcome, Skipped):
            return outcome.reason
    if isinstance(aws, Reply) and isinstance(cloudmock, Reply) and aws.digest == cloudmock.digest:
        return None
    for side, outcome in (("AWS", aws), ("CloudMock", cloudmock)):
        if isinstance(outcome, Reply) and outcome.digest and not holds_bytes(_output(sdk_operation, outcome)):
            return f"{side}'s reply of {outcome.length} bytes is too large to be compared."
    return None


def _output(sdk_operation: SdkOperation, reply: Reply) -> Any:
    return sdk_operation.model.output_shape if sdk_operation.model and reply.status < 300 else None


def _status(outcome: Outcome) -> int:
    return outcome.status if isinstance(outcome, Reply) else 0


def _error(document: Document | Failure | None) -> str:
    return scrubbed(error_summary(document)) if isinstance(document, Document) else ""
