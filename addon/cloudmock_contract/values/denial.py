"""Reasons against something, as values: where there is none, there is no value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a request may not be done."""

    reason: str
    """A sentence or two for the user, with what he can do about it."""

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Violation:
    """How something breaks the rules that it should keep: a signature, a value of a reply."""

    reason: str

    def __str__(self) -> str:
        return self.reason
