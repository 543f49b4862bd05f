"""HTTP as the program sees it: requests, replies, and what becomes of a side that gives none.

Frozen, and not of any HTTP library. What the bytes mean to AWS is not known here.
"""

from collections.abc import Collection, KeysView, Mapping
from dataclasses import dataclass, field
from typing import Self


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
    def names(self) -> KeysView[str]:
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
class Digest:
    """What is left of a body that was too large to be kept."""

    length: int
    """Bytes."""
    sha256: str
    checksums: Mapping[str, str] = field(default_factory=dict, compare=False)
    """What headers that say checksums of it ought to say, by name in lower case."""


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
