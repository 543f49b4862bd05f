"""What an option is: a flag of the program, an option of mitmproxy and a field of the settings, declared in one place.

Which options there are is not known here, nor how a command line is read.
"""

import enum
from collections.abc import Callable, Collection, Mapping
from dataclasses import Field, dataclass, field, replace
from pathlib import Path
from typing import Any

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.url import Url


class Group(enum.Enum):
    """What a user looks for an option under, in the order of `--help`."""

    EVERYDAY = "everyday flags"
    COMPARISON = "what is compared and forgiven"
    ACCOUNT = "what may be done on AWS"
    CALLERS = "who may use the proxy"
    FILES = "files and exit code"
    PROGRAM = "about this program"


@dataclass(frozen=True, slots=True)
class Check:
    """What a value must fulfil."""

    accepts: Callable[[Any], bool]
    complaint: str
    """The end of a sentence about a value that does not."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the values of an option are."""

    types: tuple[type, ...]
    """What a value may be."""
    metavar: str
    """How a value is named in help texts; empty for a switch."""
    default: str | int | bool
    parse: Callable[[str, Any], Any] = lambda _flag, value: value
    """The value of the field, given the flag for error texts and what was set. Raises ConfigurationError."""


def names(value: str | Collection[str]) -> tuple[str, ...]:
    """The parts of a list that is given with commas, or as one."""
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(part.strip() for part in parts if part.strip())


SWITCH = Kind((bool,), "", default=False)
TEXT = Kind((str,), "TEXT", "")
NUMBER = Kind((int,), "NUMBER", 0)
PATH = Kind((str, Path), "PATH", "", lambda _flag, path: Path(path) if path else None)
URL = Kind((str,), "URL", "", lambda flag, text: Url.parse(flag, text) if text else None)
NAMES = Kind((str, list, tuple, set, frozenset), "A,B", "", lambda _flag, value: names(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that a user can set: the flag `--name`, and mitmproxy's option `contract_name`."""

    name: str
    """With underscores. Empty in a declaration that takes its field's name."""
    kind: Kind
    group: Group
    help: str
    check: Check | None = None
    """Of names, each must fulfil it."""
    may_be_empty: bool = True
    """False where an empty text must be a mistake: a variable that is not set in a script."""

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def is_switch(self) -> bool:
        return not self.kind.metavar

    def parse(self, value: object) -> Any:
        """The value of the field. Raises ConfigurationError, naming the flag."""
        if not self._is_of_type(value):
            raise ConfigurationError(f"{self.flag}: {value!r} is not of the right type.")
        parts = names(value) if self.kind.types == NAMES.types else (value,)  # type: ignore[arg-type]
        for part in parts:
            if self.check and not self.check.accepts(part):
                raise ConfigurationError(f"{self.flag}: {part!r} {self.check.complaint}.")
        return self.kind.parse(self.flag, value)

    def _is_of_type(self, value: object) -> bool:
        if isinstance(value, bool) and not self.is_switch:
            return False
        if isinstance(value, list | tuple | set | frozenset) and not all(isinstance(part, str) for part in value):
            return False
        return isinstance(value, self.kind.types)


def option(
    kind: Kind,
    group: Group,
    text: str,
    *,
    name: str = "",
    check: Check | None = None,
    may_be_empty: bool = True,
    **changes: Any,
) -> Any:
    """A field of a dataclass that an option sets. `text`: the help; `changes`: how its kind differs from that given."""
    kind = replace(kind, **changes)
    declared = Option(name=name, kind=kind, group=group, help=text, check=check, may_be_empty=may_be_empty)
    return field(metadata={_KEY: declared})


def options_of(fields: Collection[Field[Any]]) -> Mapping[str, Option]:
    """The options in the metadata of these fields, by field."""
    declared = {field.name: field.metadata[_KEY] for field in fields if _KEY in field.metadata}
    return {name: replace(option, name=option.name or name) for name, option in declared.items()}


_KEY = "option"
