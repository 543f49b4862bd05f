"""Everything that is known of a finished exchange, put together: two outcomes in, an `Exchange` without bodies out.

A `Comparison` is what one run knows: its rules, how operations behave, which identifiers stand for which, and what has
diverged. Concluding an exchange costs up to some tens of milliseconds for large replies. Does no I/O; may run in a
thread, one exchange at a time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
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
from cloudmock_contract.comparison.reply_pair import ReplyPair, matches_of
from cloudmock_contract.comparison.rules.rules import Rules, Tolerate
from cloudmock_contract.comparison.severity import worst
from cloudmock_contract.comparison.tolerance import ForgivenessPolicy
from cloudmock_contract.comparison.verdict import judge, too_deep
from cloudmock_contract.leftovers import resource_changes
from cloudmock_contract.values.difference import Difference, Kind, Severity
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.http import Failure, Outcome, Reply, Request, Skipped
from cloudmock_contract.values.operation import Operation


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with what is known of it before there is a reply."""

    id: str
    time: datetime
    request: Request
    operation: Operation
    region: str = ""
    """Where the request goes on AWS."""

    @property
    def invocation_id(self) -> str:
        """The SDK's id of the call, which its attempts share; empty if it has none."""
        return self.request.headers.get("amz-sdk-invocation-id")


class Comparison:
    """What one run knows when it compares."""

    def __init__(
        self,
        rules: Rules,
        sdk_catalog: SdkCatalog,
        identifiers: Identifiers | None = None,
        origins: OwnHosts = OwnHosts(),  # noqa: B008 (frozen)
        secrets: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """`identifiers`: those that the run has learned so far; `secrets`: the credentials that it signs with."""
        self._secrets = secrets
        self.rules = rules
        self._origins = origins
        self.sdk_catalog = sdk_catalog
        self.identifiers = identifiers or Identifiers()
        self._causes = Divergence()

    def asked(self, asked: Asked) -> None:
        """Remember what the app itself has said: it is the same on both sides."""
        model = self.sdk_catalog.of(asked.operation.service, asked.operation.action).model
        self.identifiers.note_sent(matches_of(WORD, texts(asked.request, model)))

    @property
    def translates(self) -> bool:
        """Whether any value of the app's may be another one on the candidate side."""
        return self.identifiers.knows_any

    def for_cloudmock(self, text: str) -> str:
        """A value of the app's request as the candidate side has it."""
        return self.identifiers.for_cloudmock(text) if (self.rules.tolerate or _NOTHING).identifiers else text

    def conclude(self, asked: Asked, aws: Outcome, cloudmock: Outcome) -> Exchange:
        """The exchange with its verdict; secrets are out of it."""
        exchange = self._conclude(asked, aws, cloudmock)
        if exchange.verdict.matched and not (exchange.not_compared or exchange.aws_error or exchange.cloudmock_error):
            return exchange  # it quotes nothing
        model = self.sdk_catalog.of(asked.operation.service, asked.operation.action).model
        return cleared(exchange, {*self._secrets(), *secrets_in(asked.request, asked.operation, model)})

    def _conclude(self, asked: Asked, aws: Outcome, cloudmock: Outcome) -> Exchange:
        operation = asked.operation
        sdk_operation = self.sdk_catalog.of(operation.service, operation.action)
        reason = _incomparable(aws, cloudmock, sdk_operation)
        if reason:
            return self._exchange(asked, aws, cloudmock, Verdict(), not_compared=reason)
        rules = self.rules.of_operation(operation.name)
        answers = ReplyPair(operation.protocol, sdk_operation, aws, cloudmock)
        verdict = answers.alike(rules)
        if verdict is None:
            answers.read()
            self.identifiers.note_shown(answers.common_words())
            sent = "\n".join(texts(asked.request, sdk_operation.model))
            tolerance = ForgivenessPolicy(rules, sdk_operation, self.identifiers, self._origins, sent)
            verdict = _judged(answers, tolerance, operation.protocol)
        elif isinstance(aws, Reply) and "content-encoding" not in aws.headers:
            self.identifiers.note_alike(aws.body)
        return self._exchange(
            asked,
            aws,
            cloudmock,
            verdict,
            aws_error=_error(answers.aws),
            cloudmock_error=_error(answers.cloudmock),
            follows=self._follows(asked, sdk_operation, verdict, answers),
        )

    def _exchange(self, asked: Asked, aws: Outcome, cloudmock: Outcome, verdict: Verdict, **told: str) -> Exchange:
        traces = resource_changes.NONE
        if isinstance(aws, Reply):
            traces = resource_changes.resource_changes(
                asked.request, asked.operation, asked.region, aws, self.sdk_catalog.services
            )
        return _bare(asked, aws, cloudmock, verdict, created=traces.created, deleted=traces.deleted, **told)

    def _follows(self, asked: Asked, sdk_operation: SdkOperation, verdict: Verdict, answers: ReplyPair) -> str:
        """The exchange that this mismatch follows from; keeps what diverges with it."""
        about = resource_names(asked.request, asked.operation, sdk_operation.model)
        if verdict.matched:
            if answers.are_successes:
                self._causes.sound(about)
            return ""
        values = [matches_of(WORD, map(str, (one.aws, one.cloudmock))) for one in verdict.differences]
        root = self._causes.root_of(about, values)
        diverged = self._without_partner(verdict, answers)
        if verdict.severity in (Severity.STATUS, Severity.ERROR) and not only_reads(asked.operation):
            diverged |= self._causes.new(about) or (set() if makes_anew(asked.operation) else about)
        self._causes.diverged(diverged, root or asked.id)
        return root

    def _without_partner(self, verdict: Verdict, answers: ReplyPair) -> set[str]:
        """Generated values of the reference side that the candidate side has nothing for."""
        if verdict.severity in (Severity.STATUS, Severity.ERROR):
            told: Iterable[str] = answers.aws_texts()
        else:
            told = (str(one.aws) for one in verdict.differences if one.aws is not None)
        return {
            token
            for token in matches_of(TOKEN, told)
            if looks_generated(token) and not self.identifiers.knows(token) and not self.identifiers.is_common(token)
        }


def failed_comparison(asked: Asked, aws: Outcome, cloudmock: Outcome, reason: str) -> Exchange:
    """The exchange of which nothing more can be said than that comparing it failed."""
    verdict = Verdict((Difference(("comparison",), Kind.FAILURE, cloudmock=reason),), {}, Severity.ERROR)
    return _bare(asked, aws, cloudmock, verdict)


def _judged(answers: ReplyPair, tolerance: ForgivenessPolicy, protocol: str) -> Verdict:
    assert answers.aws
    assert answers.cloudmock
    try:
        verdict = judge(answers.aws, answers.cloudmock, tolerance, protocol)
        shape = getattr(answers.aws, "shape", None)
        shown = {(one.path, str(one)): one for one in (redacted(one, shape) for one in verdict.differences)}
        return replace(verdict, differences=tuple(shown.values()), severity=worst(shown.values()))
    except RecursionError:  # a difference whose value is too deep to have its secrets taken out
        return too_deep()


_NOTHING = Tolerate()


def _bare(asked: Asked, aws: Outcome, cloudmock: Outcome, verdict: Verdict, **told: Any) -> Exchange:
    """`told`: what else there is to say, by the fields of an exchange."""
    return Exchange(
        id=asked.id,
        time=asked.time,
        operation=asked.operation,
        method=asked.request.method,
        path=asked.request.path,
        aws_status=_status(aws),
        cloudmock_status=_status(cloudmock),
        aws_seconds=aws.seconds,
        cloudmock_seconds=cloudmock.seconds,
        verdict=verdict,
        invocation_id=asked.invocation_id,
        **({"aws_error": "", "cloudmock_error": ""} | told),
    )


def _incomparable(aws: Outcome, cloudmock: Outcome, sdk_operation: SdkOperation) -> str:
    """Why there is nothing to compare; empty if there is."""
    for outcome in (aws, cloudmock):
        if isinstance(outcome, Skipped):
            return outcome.reason
    if isinstance(aws, Reply) and isinstance(cloudmock, Reply) and aws.digest == cloudmock.digest:
        return ""
    for side, outcome in (("AWS", aws), ("CloudMock", cloudmock)):
        if isinstance(outcome, Reply) and outcome.digest and not holds_bytes(_output(sdk_operation, outcome)):
            return f"{side}'s reply of {outcome.length} bytes is too large to be compared."
    return ""


def _output(sdk_operation: SdkOperation, reply: Reply) -> Any:
    return sdk_operation.model.output_shape if sdk_operation.model and reply.status < 300 else None


def _status(outcome: Outcome) -> int:
    return outcome.status if isinstance(outcome, Reply) else 0


def _error(answer: Document | Failure | None) -> str:
    return scrubbed(error_summary(answer)) if isinstance(answer, Document) else ""
