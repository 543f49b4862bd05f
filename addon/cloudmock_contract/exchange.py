"""The values that travel through the program, in the order in which they come to be.

A `Request` is identified as an `Operation`; each side answers with a `Reply` or ends in a `Failure`; a reply becomes a
`Document`; two documents give `Difference`s; these, graded, are a `Verdict`; all of it, without the bodies, is an
`Exchange`.

Everything here is frozen and knows neither HTTP libraries nor AWS.
"""

import enum
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

type Path = tuple[str | int, ...]
"""Where in a document: member names and list indexes, from the root."""

LONGEST_VALUE = 1_000
"""Characters of one value that a difference line shows; a longer value is cut, and the line says so."""


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields with their order, spelling and duplicates as they stood on the wire."""

    fields: tuple[tuple[str, str], ...] = ()
    """(name, value) pairs; bytes that are not UTF-8 are kept as surrogates, so encoding gives the same bytes back."""
    _found: list[Mapping[str, str]] = field(init=False, repr=False, compare=False, default_factory=list)
    """The first value of each header, by name in lower case, from when it is first asked for."""

    @property
    def _first(self) -> Mapping[str, str]:
        if not self._found:
            self._found.append({name.lower(): value for name, value in reversed(self.fields)})
        return self._found[0]

    @classmethod
    def from_bytes(cls, fields: Collection[tuple[bytes, bytes]]) -> Self:
        """From raw header fields."""
        return cls(
            tuple(
                (name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape"))
                for name, value in fields
            )
        )

    def to_bytes(self) -> tuple[tuple[bytes, bytes], ...]:
        """The raw header fields."""
        return tuple(
            (name.encode("utf-8", "surrogateescape"), value.encode("utf-8", "surrogateescape"))
            for name, value in self.fields
        )

    def get(self, name: str, default: str = "") -> str:
        """The first value of the header, or the default."""
        return self._first.get(name.lower(), default)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._first

    @property
    def names(self) -> Collection[str]:
        """The names in lower case, each once."""
        return self._first.keys()

    def values(self, name: str) -> tuple[str, ...]:
        """All values of the header, in their order."""
        wanted = name.lower()
        return tuple(value for key, value in self.fields if key.lower() == wanted)

    def without(self, names: Collection[str]) -> "Headers":
        """A copy that lacks the named headers (names in lower case)."""
        return Headers(tuple((key, value) for key, value in self.fields if key.lower() not in names))

    def adding(self, *fields: tuple[str, str]) -> "Headers":
        """A copy with these fields at the end."""
        return Headers(self.fields + fields)


@dataclass(frozen=True, slots=True)
class Streamed:
    """A request's body that passes by, and is not kept."""

    length: int | None
    """Bytes; None where only its end tells."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, complete but for a body that is streamed."""

    method: str
    target: str
    """Path and query as they stand in the request line, percent-encoding untouched."""
    headers: Headers
    body: bytes
    streamed: Streamed | None = None
    """Set where the body is empty here because it is streamed."""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def to(self, target: str, headers: Headers) -> "Request":
        """A copy with these; `dataclasses.replace` takes four times as long, and each call is copied many times."""
        return Request(self.method, target, headers, self.body, self.streamed)


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request asks for, and of which service."""

    service: str
    """botocore's name of the service (`dynamodb`, `stepfunctions`), or the signing name of one it does not know."""
    action: str
    """The operation's name, or method and path where no model names one."""
    protocol: str
    """`json`, `query`, `ec2`, `rest-json`, `rest-xml`, `smithy-rpc-v2-cbor`; empty where no model names one."""
    signing_name: str
    """The service in the credential scope (`states` for stepfunctions)."""
    region: str = ""
    """The region in the client's credential scope; empty where the request has none."""
    bucket: str = ""
    """The S3 bucket, for S3 requests that name one."""

    @property
    def name(self) -> str:
        """As reports and rules write it: `dynamodb.PutItem`."""
        return f"{self.service}.{self.action}"

    @property
    def is_modelled(self) -> bool:
        return bool(self.protocol)


@dataclass(frozen=True, slots=True)
class Digest:
    """What is left of a body that was too large to be kept."""

    length: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP response, complete but for a body that was too large to be kept."""

    status: int
    headers: Headers
    body: bytes
    seconds: float = 0.0
    """From the request's last byte to the response's last byte."""
    digest: Digest | None = None
    """Of a body that is not here; None where it is."""

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return self.digest.length if self.digest else len(self.body)


@dataclass(frozen=True, slots=True)
class Failure:
    """A side that gave no reply."""

    reason: str
    """What happened, as a sentence for the user."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Skipped:
    """A side whose reply nobody knows, by no fault of its own: there is nothing to compare."""

    reason: str
    """As a sentence for the user."""
    seconds: float = 0.0


type Outcome = Reply | Failure | Skipped


@dataclass(frozen=True, slots=True)
class Document:
    """A reply as a tree: the members of the body and those that the operation binds to headers."""

    status: int
    """The HTTP status."""
    tree: Mapping[str, object]
    """Objects as dicts, lists as lists, and str, int, float, bool, None as leaves. Blobs are `{length, sha256}`."""
    flaw: str = ""
    """Why the body could not be read as the operation's protocol wants it; empty if it could."""
    root: str = ""
    """An XML body's outermost element, with its namespace: `{http://…}ListBucketResult`."""
    shape: Any = field(default=None, compare=False, repr=False)
    """The model's shape of the tree, by which differences are understood; None where no model says."""

    @property
    def is_error(self) -> bool:
        return self.status >= 300


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


class Effect(enum.StrEnum):
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
    """The reference side's value; None where it has none."""
    cloudmock: object = None
    """The candidate side's value; None where it has none."""
    breach: str = ""
    """How the candidate side breaks the operation's model here; empty if it does not, or no model says."""

    @property
    def location(self) -> str:
        """The path as rules write it: `Table.KeySchema[0].KeyType`."""
        return "".join(
            f"[{step}]" if isinstance(step, int) else f".{step}" if position else step
            for position, step in enumerate(self.path)
        )

    def __str__(self) -> str:
        return _LINES[self.kind](self)


def json_type(value: object) -> str:
    """The JSON name of a value's type."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
        case _:
            return "object"


def is_same(aws: object, cloudmock: object) -> bool:
    """Equality as JSON has it: true is not 1, but 1.0 is 1; and NaN is NaN."""
    if isinstance(aws, dict):
        return (
            isinstance(cloudmock, dict)
            and aws.keys() == cloudmock.keys()
            and all(is_same(value, cloudmock[key]) for key, value in aws.items())
        )
    if isinstance(aws, list):
        return isinstance(cloudmock, list) and len(aws) == len(cloudmock) and all(map(is_same, aws, cloudmock))
    if isinstance(aws, bool) is not isinstance(cloudmock, bool):
        return False
    return aws == cloudmock or (aws != aws and cloudmock != cloudmock)  # noqa: PLR0124 (only NaN is not itself)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}… ({len(text)} characters)"


_LINES = {
    Kind.STATUS: lambda d: f"{d.location}: {d.aws} -> {d.cloudmock}",
    Kind.MISSING: lambda d: f"{d.location}: missing key",
    Kind.EXTRA: lambda d: f"{d.location}: extra key",
    Kind.TYPE: lambda d: f"{d.location}: type {json_type(d.aws)} -> {json_type(d.cloudmock)}",
    Kind.VALUE: lambda d: f"{d.location}: {_shown(d.aws)} -> {_shown(d.cloudmock)}",
    Kind.FORMAT: lambda d: f"{d.location}: {_shown(d.aws)} -> {_shown(d.cloudmock)}",
    Kind.ORDER: lambda d: f"{d.location}: order {_shown(d.aws)} -> {_shown(d.cloudmock)}",
    Kind.ENVELOPE: lambda d: f"{d.location}: {_shown(d.aws)} -> {_shown(d.cloudmock)}",
    Kind.UNPARSABLE: lambda d: f"{d.location}: {d.aws or 'parsable'} -> {d.cloudmock or 'parsable'}",
    Kind.FAILURE: lambda d: f"{d.location}: {d.aws or d.cloudmock}",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison of one exchange came to."""

    differences: tuple[Difference, ...] = ()
    """Those that count."""
    forgiven: Mapping[str, int] = field(default_factory=dict)
    """How many differences each rule forgave, by the rule's text."""
    severity: Severity | None = None
    """The worst of the differences; None if there are none."""
    effects: tuple[Effect, ...] = ()
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
