"""What a client's request with both replies came to: the value that is counted, reported and written down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cloudmock_contract.values.difference import Difference, SdkEffect, Severity
from cloudmock_contract.values.operation import Operation


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison of one exchange came to."""

    differences: tuple[Difference, ...] = ()
    """Those that count."""
    forgiven: Mapping[str, int] = field(default_factory=dict)
    """How many differences each rule forgave, by the rule's text."""
    severity: Severity | None = None
    """The worst of the differences; None if there are none."""
    effects: tuple[SdkEffect, ...] = ()
    """What the differences do to the app, gravest first."""

    @property
    def matched(self) -> bool:
        return not self.differences


@dataclass(frozen=True, slots=True)
class Resource:
    """Something on AWS, by the call that deletes it."""

    service: str
    """botocore's name of the service."""
    region: str
    action: str
    """The operation that deletes it: `DeleteTable`."""
    parameters: tuple[tuple[str, str], ...]
    """What that operation needs to be told: (member, value) pairs, sorted."""
    may_be_older: bool = field(default=False, compare=False)
    """Whether the call that is taken to have created it may have met it there already."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One client request with what both replies came to; the bodies are gone."""

    id: str
    time: datetime
    """When the request had arrived; timezone-aware."""
    operation: Operation
    method: str
    path: str
    """The request's path, without its query."""
    aws_status: int
    """0 where that side gave no reply; likewise below."""
    cloudmock_status: int
    aws_seconds: float
    cloudmock_seconds: float
    aws_error: str
    """Code and message of an error reply; empty if the reply was none. Likewise below."""
    cloudmock_error: str
    verdict: Verdict
    invocation_id: str = ""
    """The SDK's own id of the call, which all its attempts share; empty where the request has none."""
    follows: str = ""
    """The id of the mismatched exchange that this mismatch follows from: what it is about differed already."""
    not_compared: str = ""
    """Why the sides were not compared, as a sentence; empty if they were. Such an exchange neither matches nor not."""
    created: tuple[Resource, ...] = ()
    """What the request has created on AWS."""
    deleted: tuple[Resource, ...] = ()
    """What it has deleted there, as the created ones that are gone now are known by."""
