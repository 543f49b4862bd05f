"""One thing that the two sides answered differently, its kinds, and how it reads as a line of the report."""

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass

from cloudmock_contract.values.json_values import json_type

type Path = tuple[str | int, ...]
"""Where in a document: member names and list indexes, from the root."""


MAX_SHOWN_CHARACTERS = 1_000
"""Characters of one value that a difference line shows; a longer value is cut, and the line says so."""


class Kind(enum.StrEnum):
    """The kinds of difference."""

    STATUS = "status"
    MISSING = "missing"
    EXTRA = "extra"
    TYPE = "type"
    VALUE = "value"
    FORMAT = "format"
    """The same kind of value, written in another notation: a timestamp."""
    ORDER = "order"
    """The items of a list are the same, in another order."""
    ENVELOPE = "envelope"
    """What stands around the members: an XML body's root and its namespace."""
    UNPARSABLE = "unparsable"
    FAILURE = "failure"


class Severity(enum.StrEnum):
    """How bad an exchange's worst difference is, mildest first."""

    DATA = "data"
    SCHEMA = "schema"
    STATUS = "status"
    ERROR = "error"


SEVERITIES: Mapping[Kind, Severity] = {
    Kind.FAILURE: Severity.ERROR,
    Kind.STATUS: Severity.STATUS,
    Kind.MISSING: Severity.SCHEMA,
    Kind.EXTRA: Severity.SCHEMA,
    Kind.TYPE: Severity.SCHEMA,
    Kind.UNPARSABLE: Severity.SCHEMA,
    Kind.FORMAT: Severity.SCHEMA,
    Kind.ENVELOPE: Severity.SCHEMA,
    Kind.VALUE: Severity.DATA,
    Kind.ORDER: Severity.DATA,
}
"""How bad a difference of each kind is, wherever it is."""


class SdkEffect(enum.StrEnum):
    """What a difference does to an app that uses an SDK, gravest first."""

    EXCEPTION = "exception"
    """It raises another exception, or one where there should be none, or none where there should be one."""
    RETRY = "retry"
    """It tries again where it should give up, or gives up where it should try again."""
    UNDECLARED = "undeclared"
    """The error's code is none that the operation declares: it is raised as the service's general error."""
    PAGINATION = "pagination"
    """A paginator goes on where it should end, or ends where it should go on."""
    WAITER = "waiter"
    """A waiter ends where it should wait, or waits where it should end."""
    UNPARSABLE = "unparsable"
    """A value, or the whole reply, cannot be read as the type that the model declares."""
    DATA = "data"
    """The app sees other data."""
    MESSAGE = "message"
    """A person sees another text."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the two sides answered differently."""

    path: Path
    kind: Kind
    aws: object = None
    """AWS's value; None where it has none."""
    cloudmock: object = None
    """CloudMock's value; None where it has none."""
    violation: str = ""
    """How CloudMock breaks the operation's model here; empty if it does not, or no model says."""

    @property
    def location(self) -> str:
        """The path as rules write it: `Table.KeySchema[0].KeyType`."""
        return "".join(
            f"[{step}]" if isinstance(step, int) else f".{step}" if position else step
            for position, step in enumerate(self.path)
        )

    def __str__(self) -> str:
        return _LINES[self.kind](self)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[:MAX_SHOWN_CHARACTERS]}… ({len(text)} characters)"


def _without_fault(difference: Difference) -> str:
    """What is said of the side that has none: of a body, or of a checksum in a header."""
    return "parsable" if difference.path == ("body",) else "right"


_LINES = {
    Kind.STATUS: lambda d: f"{d.location}: {d.aws} -> {d.cloudmock}",
    Kind.MISSING: lambda d: f"{d.location}: missing key",
    Kind.EXTRA: lambda d: f"{d.location}: extra key",
    Kind.TYPE: lambda d: f"{d.location}: type {json_type(d.aws)} -> {json_type(d.cloudmock)}",
    Kind.VALUE: lambda d: f"{d.location}: {_shown(d.aws)} -> {_shown(d.cloudmock)}",
    Kind.FORMAT: lambda d: f"{d.location}: {_shown(d.aws)} -> {_shown(d.cloudmock)}",
    Kind.ORDER: lambda d: f"{d.location}: order {_shown(d.aws)} -> {_shown(d.cloudmock)}",
    Kind.ENVELOPE: lambda d: f"{d.location}: {_shown(d.aws)} -> {_shown(d.cloudmock)}",
    Kind.UNPARSABLE: lambda d: f"{d.location}: {d.aws or _without_fault(d)} -> {d.cloudmock or _without_fault(d)}",
    Kind.FAILURE: lambda d: f"{d.location}: {d.aws or d.cloudmock}",
}
