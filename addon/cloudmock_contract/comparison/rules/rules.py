"""Which differences are forgiven: the rules, their syntax, and whether one applies to a place.

A rule names either a key, which fits at any depth, or a path from the root:

    RequestId                   the member RequestId, wherever it is
    Table.CreationDateTime      that member of that member
    Users.Arn, Users[*].Arn     the same for every item of a list; Users[0].Arn for the first alone
    Table.*.Arn                 a star is any one member

Such rules say what is ignored, which lists have no order (`unordered`), which values only their maker reads
(`opaque`), and which are random by design (`random`). Beside them stand the members whose URLs lead the app past the
proxy (`rewrite_hosts`), and what is forgiven by kind (`tolerate`). A key that a file does not have is as in the shipped
file.

This file does not know what differences there are, nor how a rules file is written: see rules_file.py.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Self

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.values.difference import Path

_SYNTAX = re.compile(r"[^.\[\]]+(?:\[(?:[0-9]{1,9}|\*)\]|\.[^.\[\]]+)*")
_STEP = re.compile(r"(?P<name>[^.\[\]]+)|\[(?P<index>[0-9]+|\*)\]")
_ANY_INDEX = -1


@dataclass(frozen=True, slots=True)
class Rule:
    """Forgives every difference at one place, and below it."""

    path: str
    operation: str = "*"
    """The operations that it holds for, with wildcards: `dynamodb.CreateTable`, `s3.*`."""
    reason: str = ""
    until: dt.date | None = None
    """The last day on which the rule holds."""

    def __post_init__(self) -> None:
        if not _SYNTAX.fullmatch(self.path):
            raise ValueError(f"{self.path!r} is neither a key name nor a dotted path")
        if not re.search(r"[.*?\[]", self.operation):
            raise ValueError(
                f"{self.operation!r} is no operation: write service and action, as in dynamodb.CreateTable"
            )

    def __str__(self) -> str:
        return self.path if self.operation == "*" else f"{self.path} in {self.operation}"

    @property
    def is_key_name(self) -> bool:
        """Whether the rule names a key at any depth."""
        return "." not in self.path and "[" not in self.path and self.path != "*"

    @property
    def steps(self) -> Path:
        """The member names (a star is any) and list indexes (-1 is any) that the path spells out."""
        return tuple(
            match["name"] or (_ANY_INDEX if match["index"] == "*" else int(match["index"]))
            for match in _STEP.finditer(self.path)
        )


@dataclass(frozen=True, slots=True)
class Tolerate:
    """What is forgiven by kind."""

    identifiers: bool = False
    """Generated values that differ by design are mapped one to one, and later requests are translated."""
    timestamps: float | None = None
    """Seconds by which two times may differ; None if they may not."""
    transitional: bool = False
    """States of AWS that lead to the one that CloudMock is in."""


@dataclass(frozen=True)
class Rules:
    """All rules of a run. What is None nobody has said."""

    ignore: tuple[Rule, ...] = ()
    rewrite_hosts: tuple[Rule, ...] | None = None
    """The members whose URLs get the proxy's host in the answers to the app."""
    unordered: tuple[Rule, ...] | None = None
    """Lists whose items may stand in any order."""
    opaque: tuple[Rule, ...] | None = None
    """Texts that only their maker reads: any two of them are as good as each other."""
    random: tuple[Rule, ...] | None = None
    """Results that are random by design: their length is compared."""
    tolerate: Tolerate | None = None

    @classmethod
    def from_paths(cls, paths: Iterable[str]) -> Self:
        """From the entries of `--ignore-paths`. Raises ConfigurationError."""
        try:
            return cls(tuple(Rule(path) for path in paths))
        except ValueError as error:
            raise ConfigurationError(
                f"--ignore-paths: {error}; write RequestId or Table.CreationDateTime, separated by commas."
            ) from error

    def __add__(self, other: "Rules") -> "Rules":
        """Both; of what is tolerated by kind, what the first one says."""

        def joined(name: str) -> tuple[Rule, ...] | None:
            both = (getattr(self, name), getattr(other, name))
            return None if both == (None, None) else tuple(rule for rules in both for rule in rules or ())

        return Rules(
            self.ignore + other.ignore,
            joined("rewrite_hosts"),
            joined("unordered"),
            joined("opaque"),
            joined("random"),
            self.tolerate or other.tolerate,
        )

    def completed_by(self, shipped: "Rules") -> "Rules":
        """These rules, with the shipped ones where these say nothing."""
        absent = [name for name in ("rewrite_hosts", "unordered", "opaque", "random", "tolerate")
                  if getattr(self, name) is None]  # fmt: skip
        return replace(self, **{name: getattr(shipped, name) for name in absent})

    def rewritten_members(self, operation: str) -> frozenset[str]:
        """The names of the members of this operation whose URLs get the proxy's host."""
        return self.of_operation(operation).rewritten

    def rule_for(self, operation: str, path: Path) -> str | None:
        """The text of the first rule that forgives a difference of this operation at this place."""
        return self.of_operation(operation).ignored(path)

    def of_operation(self, operation: str) -> "OperationRules":
        """Those of the rules that hold for this operation."""
        found = self._by_operation.get(operation)
        if found is None:
            ignore, unordered, opaque, random = (
                _Places.of(rule for rule in rules or () if fnmatchcase(operation, rule.operation))
                for rules in (self.ignore, self.unordered, self.opaque, self.random)
            )
            hosts = (rule.path for rule in self.rewrite_hosts or () if fnmatchcase(operation, rule.operation))
            tolerate = self.tolerate or Tolerate()
            found = OperationRules(ignore, unordered, opaque, random, tolerate, frozenset(hosts))
            self._by_operation[operation] = found
        return found

    @cached_property
    def _by_operation(self) -> dict[str, "OperationRules"]:
        return {}


@dataclass(frozen=True, slots=True)
class _Places:
    """Where rules of one kind hold."""

    by_key_name: Mapping[str | int, str]
    """The texts of the rules that name a key at any depth, by that key."""
    by_path: tuple[tuple[Path, str], ...]

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Self:
        held = tuple(rules)
        names: dict[str | int, str] = {}
        for rule in held:
            if rule.is_key_name:
                names.setdefault(rule.path, str(rule))
        return cls(names, tuple((rule.steps, str(rule)) for rule in held if not rule.is_key_name))

    def at(self, path: Path) -> str | None:
        """The text of the first rule that holds there."""
        if path and (found := self.by_key_name.get(path[-1])):
            return found
        return next((text for steps, text in self.by_path if _fits(steps, path)), None)


@dataclass(frozen=True, slots=True)
class OperationRules:
    """The rules that hold for one operation. Each question is answered with the rule's text, or with None."""

    _ignore: _Places
    _unordered: _Places
    _opaque: _Places
    _random: _Places
    tolerate: Tolerate
    rewritten: frozenset[str] = frozenset()
    """The names of the members whose URLs get the proxy's host."""

    def ignored(self, path: Path) -> str | None:
        """Whatever differs there is forgiven."""
        return self._ignore.at(path)

    def unordered(self, path: Path) -> str | None:
        """The list there has no order."""
        return _named("unordered", self._unordered.at(path))

    def opaque(self, path: Path) -> str | None:
        """Only its maker reads the text there. A list of such texts counts by its name."""
        return _named("opaque", self._opaque.at(_of_list(path)))

    def random(self, path: Path) -> str | None:
        """The value there is random by design."""
        return _named("random", self._random.at(_of_list(path)))

    @property
    def ignored_names(self) -> Mapping[str | int, str]:
        """The texts of the rules that ignore a key at any depth, by that key."""
        return self._ignore.by_key_name


def _named(kind: str, rule: str | None) -> str | None:
    return f"{kind} {rule}" if rule else None


def _of_list(path: Path) -> Path:
    return path[:-1] if path and isinstance(path[-1], int) else path


def _fits(steps: Path, path: Path) -> bool:
    """Whether the steps lead to the path. An index in the path that the steps do not name is any item of the list."""
    position = 0
    for place in path:
        step = steps[position] if position < len(steps) else None
        if isinstance(place, int) and not isinstance(step, int):
            continue
        if step not in (place, _ANY_INDEX if isinstance(place, int) else "*"):
            return False
        position += 1
    return position == len(steps)
