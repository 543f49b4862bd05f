"""Everything that is known of a finished exchange, put together: two outcomes in, an `Exchange` without bodies out.

Costs up to some tens of milliseconds for large replies. Does no I/O; may run in a thread.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from botocore.model import OperationModel

from cloudmock_contract.aws.documents import document, error_summary
from cloudmock_contract.aws.sensitive import redacted, scrubbed
from cloudmock_contract.comparison.rules import Rules
from cloudmock_contract.comparison.verdict import judge, too_deep
from cloudmock_contract.exchange import Document, Exchange, Failure, Operation, Outcome, Reply, Request


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with what is known of it before there is a reply."""

    id: str
    time: datetime
    request: Request
    operation: Operation


def conclude(asked: Asked, model: OperationModel | None, aws: Outcome, cloudmock: Outcome, rules: Rules) -> Exchange:
    """The exchange with its verdict; secrets are out of it."""
    operation = asked.operation
    aws_answer, cloudmock_answer = (
        document(outcome, operation.protocol, model) if isinstance(outcome, Reply) else outcome
        for outcome in (aws, cloudmock)
    )
    shape = model.output_shape if model else None
    try:
        verdict = judge(operation.name, aws_answer, cloudmock_answer, rules)
        verdict = replace(verdict, differences=tuple(redacted(one, shape) for one in verdict.differences))
    except RecursionError:  # a difference whose value is too deep to have its secrets taken out
        verdict = too_deep()
    return Exchange(
        id=asked.id,
        time=asked.time,
        operation=operation,
        method=asked.request.method,
        path=asked.request.path,
        aws_status=_status(aws),
        cloudmock_status=_status(cloudmock),
        aws_seconds=aws.seconds,
        cloudmock_seconds=cloudmock.seconds,
        aws_error=_error(aws_answer),
        cloudmock_error=_error(cloudmock_answer),
        verdict=verdict,
    )


def _status(outcome: Outcome) -> int:
    return outcome.status if isinstance(outcome, Reply) else 0


def _error(answer: Document | Failure) -> str:
    return scrubbed(error_summary(answer)) if isinstance(answer, Document) else ""
