"""What an SDK does with a reply, as far as a service's model files tell: whether it tries again, which exception it
raises, whether a paginator goes on, and what a waiter makes of it.

This file does not compare. Sources: botocore's retry rules (`botocore.retries.standard`), `paginators-1` and
`waiters-2` files; https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import botocore.exceptions
import jmespath
from botocore.model import OperationModel

from cloudmock_contract.aws.documents.output import error_reply, error_shape
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.values.document import Document

TRANSIENT_STATUSES = frozenset((500, 502, 503, 504))
TRANSIENT_CODES = frozenset(("RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"))
THROTTLING_CODES = frozenset(
    (
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    )
)

_IN_TRANSIT = re.compile(
    r"pending|in[-_ ]?progress|creating|updating|modifying|provisioning|starting|registering|activating|attaching|"
    r"initializing|enabling|configuring|backing-up|queued|submitted|launching|stopping|shutting-down|deleting",
    re.IGNORECASE,
)
"""How AWS names states that end by themselves; waiter files name only those that they end with."""

_GOING_BACK = re.compile(r"rollback|fail|cancel", re.IGNORECASE)
_LEAVING = re.compile(r"stop|shut|delet|terminat|remov", re.IGNORECASE)


def is_throttled(answer: Document) -> bool:
    found = error_reply(answer)
    return answer.status == 429 or (found is not None and found.code in THROTTLING_CODES)


@dataclass(frozen=True)
class SdkOperation:
    """What SDKs know of one operation's replies."""

    model: OperationModel | None
    paginator: Mapping[str, Any] | None = None
    waiters: Mapping[str, Mapping[str, Any]] | None = None
    """Of the operation, by name."""
    states: Mapping[str, frozenset[str]] | None = None
    """Where waiters of the whole service look: by member name, the states that they want."""

    def exception(self, answer: Document) -> str:
        """The name of the exception that an SDK raises; empty for a reply that is no error."""
        found = error_reply(answer)
        if found is None:
            return ""
        shape = error_shape(self.model, found)
        return shape.name if shape is not None else found.code or str(answer.status)

    def is_undeclared(self, answer: Document) -> bool:
        """Whether the reply is an error of a code that the operation, which declares some, does not."""
        found = error_reply(answer)
        if found is None or not found.code or self.model is None or not self.model.error_shapes:
            return False
        return error_shape(self.model, found) is None and found.code not in COMMON_CODES

    def goes_on(self, answer: Document) -> bool:
        """Whether a paginator asks for another page after this one."""
        if self.paginator is None or answer.is_error:
            return False
        if (more := self.paginator.get("more_results")) and not _found(more, answer.tree):
            return False
        tokens = self.paginator.get("output_token", ())
        return any(bool(_found(token, answer.tree)) for token in ([tokens] if isinstance(tokens, str) else tokens))

    def waiter_states(self, answer: Document) -> Iterator[tuple[str, str]]:
        """What each waiter for this operation makes of the reply: `success`, `failure` or `retry`."""
        for name, waiter in (self.waiters or {}).items():
            otherwise = "failure" if answer.is_error else "retry"
            state = next((one["state"] for one in waiter["acceptors"] if _accepts(one, answer)), otherwise)
            yield name, state

    def is_in_transit(self, name: str, aws: object, cloudmock: object) -> bool:
        """Whether, by the states in the member of this name, the reference side is on its way to where the candidate
        side is already: AWS takes its time, and an emulator does not.
        """
        wanted = (self.states or {}).get(name)
        if not wanted or not isinstance(aws, str) or not isinstance(cloudmock, str):
            return False
        return cloudmock in wanted and _leads_to(aws, cloudmock)


def _leads_to(passing: str, end: str) -> bool:
    """Whether the one state is on the way to the other: creating to active, deleting to deleted, a rollback to none."""
    if not _IN_TRANSIT.search(passing) or _IN_TRANSIT.search(end):
        return False
    return all(bool(kind.search(passing)) is bool(kind.search(end)) for kind in (_LEAVING, _GOING_BACK))


COMMON_CODES = frozenset(
    (
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InternalFailure",
        "InternalServerError",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "OptInRequired",
        "RequestExpired",
        "SerializationException",
        "ServiceUnavailable",
        "SignatureDoesNotMatch",
        "UnknownOperationException",
        "UnrecognizedClientException",
        "ValidationError",
        "ValidationException",
        *THROTTLING_CODES,
        *TRANSIENT_CODES,
    )
)
"""Codes that any operation may answer with, and models do not repeat.

Source: the page "Common Errors" in each service's API reference.
"""


def is_retryable(answer: Document, sdk_operation: SdkOperation) -> bool:
    """Whether an SDK's standard retry mode tries again after this reply."""
    found = error_reply(answer)
    if answer.status in TRANSIENT_STATUSES or is_throttled(answer):
        return True
    if found is None:
        return False
    shape = error_shape(sdk_operation.model, found)
    return found.code in TRANSIENT_CODES or (shape is not None and bool(shape.metadata.get("retryable")))


class SdkCatalog:
    """The behaviours of all operations; a service's files are read when it is first asked for (1 to 10 ms)."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._known: dict[tuple[str, str], SdkOperation] = {}
        self._files: dict[tuple[str, str], Mapping[str, Any]] = {}

    def of(self, service: str, action: str) -> SdkOperation:
        """The behaviour of one operation."""
        key = (service, action)
        if key not in self._known:
            self._known[key] = self._made(service, action)
        return self._known[key]

    def prepare(self, service: str) -> None:
        """Read the service's files. Blocks."""
        self._file(service, "paginators-1", "pagination")
        self._file(service, "waiters-2", "waiters")

    def _made(self, service: str, action: str) -> SdkOperation:
        model = self.services.operation_model(service, action)
        if model is None:
            return SdkOperation(None)
        waiters = self._file(service, "waiters-2", "waiters")
        return SdkOperation(
            model,
            self._file(service, "paginators-1", "pagination").get(action),
            {name: waiter for name, waiter in waiters.items() if waiter.get("operation") == action},
            _states(waiters),
        )

    def _file(self, service: str, kind: str, key: str) -> Mapping[str, Any]:
        known = self._files.get((service, kind))
        if known is None:
            try:
                known = self.services.loader.load_service_model(service, kind).get(key, {})
            except botocore.exceptions.BotoCoreError:  # most services have neither file
                known = {}
            self._files[service, kind] = known
        return known


def _states(waiters: Mapping[str, Mapping[str, Any]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for waiter in waiters.values():
        for acceptor in waiter["acceptors"]:
            name = re.split(r"[.\[\]()]+", acceptor.get("argument", ""))[-1]
            if name and acceptor["state"] == "success" and isinstance(acceptor["expected"], str):
                found.setdefault(name, set()).add(acceptor["expected"])
    return {name: frozenset(states) for name, states in found.items()}


def _accepts(acceptor: Mapping[str, Any], answer: Document) -> bool:
    matches = _MATCHERS.get(acceptor["matcher"])
    return matches is not None and matches(acceptor, answer)


def _status_matches(acceptor: Mapping[str, Any], answer: Document) -> bool:
    return bool(answer.status == acceptor["expected"])


def _error_matches(acceptor: Mapping[str, Any], answer: Document) -> bool:
    found, expected = error_reply(answer), acceptor["expected"]
    if isinstance(expected, bool):
        return expected is (found is not None)
    return found is not None and found.code == expected


def _path_matches(acceptor: Mapping[str, Any], answer: Document) -> bool:
    return not answer.is_error and bool(_found(acceptor["argument"], answer.tree) == acceptor["expected"])


def _all_match(acceptor: Mapping[str, Any], answer: Document) -> bool:
    values = [] if answer.is_error else _found(acceptor["argument"], answer.tree)
    return isinstance(values, list) and bool(values) and all(value == acceptor["expected"] for value in values)


def _any_matches(acceptor: Mapping[str, Any], answer: Document) -> bool:
    values = [] if answer.is_error else _found(acceptor["argument"], answer.tree)
    return isinstance(values, list) and any(value == acceptor["expected"] for value in values)


_MATCHERS: Mapping[str, Callable[[Mapping[str, Any], Document], bool]] = {
    "status": _status_matches,
    "error": _error_matches,
    "path": _path_matches,
    "pathAll": _all_match,
    "pathAny": _any_matches,
}


def _found(expression: str, tree: Mapping[str, object]) -> object:
    try:
        return jmespath.search(expression, tree)
    except jmespath.exceptions.JMESPathError:  # the tree holds what the expression does not expect
        return None
