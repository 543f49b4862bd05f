"""What a fault is, and what a kind of fault is given to make one. This file knows no kind."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from botocore.model import OperationModel

from cloudmock_contract.values.difference import Path
from cloudmock_contract.values.http import Request
from cloudmock_contract.values.operation import Operation
from lab.mutations import new_values
from lab.mutations.new_values import Memory
from lab.mutations.replies import Draft

DATA, SCHEMA, STATUS = "data", "schema", "status"
"""Severities."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a kind did to a draft."""

    path: Path = ()
    wire: Path = ()
    was: object = None
    now: object = None
    expected: str = ""
    """Where it is not the kind's own."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a kind may know besides the reply."""

    operation: Operation
    model: OperationModel
    request: Request
    memory: Memory
    random: Random

    @property
    def request_text(self) -> str:
        """What the client has written."""
        return self.request.target + self.request.body.decode("utf-8", "replace")

    def is_hash(self, text: object, name: str) -> bool:
        """Whether the member's value is a hash of contents."""
        return isinstance(text, str) and new_values.is_hash(text, name, self.operation.service)


type Make = Callable[[Draft, Context], Change | None]
"""Changes one place of the draft; None where there is none for it, and the draft is as it was."""
