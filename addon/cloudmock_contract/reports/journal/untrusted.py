"""The members of a JSON object that is not to be trusted: each is of the right type, or the line is broken.

This file does not know what the members mean.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

_MAX_SECONDS = 1e9
"""No side takes longer to reply."""


class LineError(ValueError):
    """A line is broken; the text says in what way."""


class Members:
    """The members of a JSON object that is not to be trusted."""

    def __init__(self, content: bytes | Mapping[str, Any]) -> None:
        """Raises LineError for a line that is no JSON object."""
        if isinstance(content, bytes):
            try:
                content = json.loads(content.decode("ascii"))
            except (ValueError, RecursionError) as error:
                raise LineError("it is not JSON") from error
        if not isinstance(content, dict):
            raise LineError("it is not an object")
        self._content = content

    def has(self, name: str) -> bool:
        return name in self._content

    def get[T](self, name: str, kind: type[T], default: T | None = None) -> T:
        """The member, which must be of this type."""
        value = self._content.get(name, default)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise LineError(f"{name} is missing or of the wrong type")
        return value

    def all[T](self, kind: type[T]) -> dict[str, T]:
        """All members, which must be of this type."""
        return {name: self.get(name, kind) for name in self._content}

    def each[T](self, name: str, make: Callable[[Any], T]) -> tuple[T, ...]:
        """The items of a list; none if there is no such member."""
        try:
            return tuple(make(item) for item in self.get(name, list, []))
        except LineError:
            raise
        except (ValueError, TypeError) as error:
            raise LineError(f"{name} is missing or of the wrong type") from error

    def number(self, name: str) -> int:
        """A number of things; 0 if there is no such member."""
        value = self.get(name, int, 0)
        if value < 0:
            raise LineError(f"{name} is less than 0")
        return value

    def seconds(self, name: str) -> float:
        value = self._content.get(name, 0)
        if not isinstance(value, float | int) or not 0 <= value <= _MAX_SECONDS:
            raise LineError(f"{name} is not a number of seconds")
        return value

    def time(self, name: str) -> datetime:
        text = self.get(name, str)
        try:
            moment = datetime.fromisoformat(text)
            in_utc = moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise LineError(f"{name} is not a time") from error
        if moment.tzinfo is None:
            raise LineError(f"{name} has no time zone")
        return in_utc
