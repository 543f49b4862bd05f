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


def is_throttled(reply: Document) -> bool:
    """Whether the reply says that there are too many calls."""
    error = error_reply(reply)
    return reply.status == 429 or (error is not None and error.code in THROTTLING_CODES)


@dataclass(frozen=True)
class SdkOperation:
    """What SDKs know of one operation's replies."""

    model: OperationModel | None
    paginator: Mapping[str, Any] | None = None
    waiters: Mapping[str, Mapping[str, Any]] | None = None
    """The operation's, by name."""
    states: Mapping[str, frozenset[str]] | None = None
    """By member name, the states in it that any waiter of the service waits for."""

    def exception(self, reply: Document) -> str:
        """The name of the exception that an SDK raises; empty for a reply that is no error."""
        error = error_reply(reply)
        if error is None:
            return ""
        shape = error_shape(self.model, error)
        return shape.name if shape is not None else error.code or str(reply.status)

    def is_undeclared(self, reply: Document) -> bool:
        """Whether the reply is an error that the operation does not declare; False if it declares none at all."""
        error = error_reply(reply)
        if error is None or not error.code or self.model is None or not self.model.error_shapes:
            return False
        return error_shape(self.model, error) is None and error.code not in COMMON_CODES

    def goes_on(self, reply: Document) -> bool:
        """Whether a paginator asks for another page after this one."""
        if self.paginator is None or reply.is_error:
            return False
        if (more := self.paginator.get("more_results")) and not _search(more, reply.tree):
            return False
        tokens = self.paginator.get("output_token", ())
        return any(bool(_search(token, reply.tree)) for token in ([tokens] if isinstance(tokens, str) else tokens))

    def waiter_states(self, reply: Document) -> Iterator[tuple[str, str]]:
        """By waiter of this operation, what it makes of the reply: `success`, `failure` or `retry`."""
        for name, waiter in (self.waiters or {}).items():
            otherwise = "failure" if reply.is_error else "retry"
            accepting = (acceptor["state"] for acceptor in waiter["acceptors"] if _accepts(acceptor, reply))
            state = next(accepting, otherwise)
            yield name, state

    def is_in_transit(self, name: str, aws: object, cloudmock: object) -> bool:
        """Whether AWS is on its way to a state that CloudMock is in already: AWS takes its time, and emulators do not.

        `name`: the member that says the state.
        """
        awaited = (self.states or {}).get(name)
        if not awaited or not isinstance(aws, str) or not isinstance(cloudmock, str):
            return False
        return cloudmock in awaited and _leads_to(aws, cloudmock)


def _leads_to(passing: str, end: str) -> bool:
    """Whether one state leads to the other: creating to active, deleting to deleted, a rollback to neither."""
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
"""Codes that any operation may reply with, and that models do not repeat.

Source: the page "Common Errors" in each service's API reference.
"""


def is_retryable(reply: Document, sdk_operation: SdkOperation) -> bool:
    """Whether an SDK's standard retry mode tries again after this reply."""
    if reply.status in TRANSIENT_STATUSES or is_throttled(reply):
        return True
    error = error_reply(reply)
    if error is None:
        return False
    shape = error_shape(sdk_operation.model, error)
    return error.code in TRANSIENT_CODES or (shape is not None and bool(shape.metadata.get("retryable")))


class SdkCatalog:
    """What SDKs know of all operations; a service's files are read when it is first asked for (1 to 10 ms)."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._operations: dict[tuple[str, str], SdkOperation] = {}
        self._files: dict[tuple[str, str], Mapping[str, Any]] = {}

    def of(self, service: str, action: str) -> SdkOperation:
        """One operation; one that no model knows, too."""
        key = (service, action)
        if key not in self._operations:
            self._operations[key] = self._read(service, action)
        return self._operations[key]

    def prepare(self, service: str) -> None:
        """Read the service's files. Blocks."""
        self._file(service, "paginators-1", "pagination")
        self._file(service, "waiters-2", "waiters")

    def _read(self, service: str, action: str) -> SdkOperation:
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
        content = self._files.get((service, kind))
        if content is None:
            try:
                content = self.services.loader.load_service_model(service, kind).get(key, {})
            except botocore.exceptions.BotoCoreError:  # most services have neither file
                content = {}
            self._files[service, kind] = content
        return content


def _states(waiters: Mapping[str, Mapping[str, Any]]) -> Mapping[str, frozenset[str]]:
    awaited: dict[str, set[str]] = {}
    for waiter in waiters.values():
        for acceptor in waiter["acceptors"]:
            name = re.split(r"[.\[\]()]+", acceptor.get("argument", ""))[-1]
            if name and acceptor["state"] == "success" and isinstance(acceptor["expected"], str):
                awaited.setdefault(name, set()).add(acceptor["expected"])
    return {name: frozenset(states) for name, states in awaited.items()}


def _accepts(acceptor: Mapping[str, Any], reply: Document) -> bool:
    matches = _MATCHERS.get(acceptor["matcher"])
    return matches is not None and matches(acceptor, reply)


def _status_matches(acceptor: Mapping[str, Any], reply: Document) -> bool:
    return bool(reply.status == acceptor["expected"])


def _error_matches(acceptor: Mapping[str, Any], reply: Document) -> bool:
    error, expected = error_reply(reply), acceptor["expected"]
    if isinstance(expected, bool):
        return expected is (error is not None)
    return error is not None and error.code == expected


def _path_matches(acceptor: Mapping[str, Any], reply: Document) -> bool:
    return not reply.is_error and bool(_search(acceptor["argument"], reply.tree) == acceptor["expected"])


def _all_match(acceptor: Mapping[str, Any], reply: Document) -> bool:
    values = [] if reply.is_error else _search(acceptor["argument"], reply.tree)
    return isinstance(values, list) and bool(values) and all(value == acceptor["expected"] for value in values)


def _any_matches(acceptor: Mapping[str, Any], reply: Document) -> bool:
    values = [] if reply.is_error else _search(acceptor["argument"], reply.tree)
    return isinstance(values, list) and any(value == acceptor["expected"] for value in values)


_MATCHERS: Mapping[str, Callable[[Mapping[str, Any], Document], bool]] = {
    "status": _status_matches,
    "error": _error_matches,
    "path": _path_matches,
    "pathAll": _all_match,
    "pathAny": _any_matches,
}


def _search(expression: str, tree: Mapping[str, object]) -> object:
    try:
        return jmespath.search(expression, tree)
    except jmespath.exceptions.JMESPathError:  # the tree has other types than the expression expects
        return None
