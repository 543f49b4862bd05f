"""Which differences are forgiven: the rules, their syntax, and which of them hold at a path.

A rule names either a key, which fits at any depth, or a path from the root:

    RequestId                   the member RequestId, wherever it is
    Table.CreationDateTime      that member of that member
    Users.Arn, Users[*].Arn     the same for every item of a list; Users[0].Arn for the first alone
    Table.*.Arn                 a star is any one member

Such rules say what is ignored, which lists have no order (`unordered`) and which have one (`ordered`), which values
only their maker reads (`opaque`), which are random by design (`random`), and which are measured (`measured`). A rule
may except requests in which a text stands (`unless`). Beside them stand the members whose URLs lead the app past the
proxy (`rewrite_hosts`), and what is forgiven by kind (`tolerate`). What a rules file leaves out is as in the shipped
file.

This file does not know what differences there are, nor how a rules file is written: see yaml_file.py.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
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
    """Forgives every difference at one path, and below it."""

    path: str
    operation: str = "*"
    """The operations that it holds for, with wildcards: `dynamodb.CreateTable`, `s3.*`."""
    reason: str = ""
    until: dt.date | None = None
    """The last day on which the rule holds."""
    unless: str = ""
    """A text, in whichever case, that no request has for which the rule holds: `ORDER BY`."""

    def __post_init__(self) -> None:
        if not _SYNTAX.fullmatch(self.path):
            raise ValueError(f"{self.path!r} is neither a key name nor a dotted path")
        if not re.search(r"[.*?\[]", self.operation):
            raise ValueError(
                f"{self.operation!r} is not an operation: write service and action, as in dynamodb.CreateTable"
            )

    def __str__(self) -> str:
        return self.path if self.operation == "*" else f"{self.path} in {self.operation}"

    def holds_for(self, sent: str) -> bool:
        """Whether the rule holds for the request with this text."""
        return not self.unless or self.unless.lower() not in sent.lower()

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
    """Generated values that differ by design: they are mapped one to one, and later requests are translated."""
    timestamps: float | None = None
    """Seconds by which two times may differ; None if they may not."""
    transitional: bool = False
    """States that lead to the one that CloudMock is in already."""
    orders: bool = False
    """Another order of a list of which a side itself was seen to change the order."""


@dataclass(frozen=True)
class Rules:
    """All rules of a run. None stands for a kind of rule of which nothing is said."""

    ignore: tuple[Rule, ...] = ()
    rewrite_hosts: tuple[Rule, ...] | None = None
    """The members whose URLs get the proxy's host in the replies to the app."""
    unordered: tuple[Rule, ...] | None = None
    """Lists whose items may stand in any order."""
    opaque: tuple[Rule, ...] | None = None
    """Texts that only their maker reads: any one is as good as any other."""
    random: tuple[Rule, ...] | None = None
    """Results that are random by design: their length is compared."""
    tolerate: Tolerate | None = None
    measured: tuple[Rule, ...] | None = None
    """Numbers that say what this very call took: no two are alike."""
    ordered: tuple[Rule, ...] | None = None
    """Lists whose order AWS promises, so that a side which changes it is wrong."""

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
        """The rules of both, these first; what is tolerated by kind is what the first of them says."""
        return Rules(
            self.ignore + other.ignore,
            _joined(self.rewrite_hosts, other.rewrite_hosts),
            _joined(self.unordered, other.unordered),
            _joined(self.opaque, other.opaque),
            _joined(self.random, other.random),
            self.tolerate or other.tolerate,
            _joined(self.measured, other.measured),
            _joined(self.ordered, other.ordered),
        )

    def completed_by(self, shipped: "Rules") -> "Rules":
        """These rules, with the shipped ones where these say nothing."""
        absent = {
            field.name: getattr(shipped, field.name) for field in fields(self) if getattr(self, field.name) is None
        }
        return replace(self, **absent)

    def rewritten_members(self, operation: str) -> frozenset[str]:
        """The names of the members of this operation whose URLs get the proxy's host."""
        return self.of_operation(operation).rewritten

    def of_operation(self, operation: str) -> "OperationRules":
        """Those of the rules that hold for this operation."""
        if operation not in self._by_operation:
            self._by_operation[operation] = OperationRules(
                RuleIndex.of(_holding(self.ignore, operation)),
                RuleIndex.of(_holding(self.unordered, operation)),
                RuleIndex.of(_holding(self.opaque, operation)),
                RuleIndex.of(_holding(self.random, operation)),
                RuleIndex.of(_holding(self.measured, operation)),
                RuleIndex.of(_holding(self.ordered, operation)),
                self.tolerate or Tolerate(),
                frozenset(rule.path for rule in _holding(self.rewrite_hosts, operation)),
            )
        return self._by_operation[operation]

    @cached_property
    def _by_operation(self) -> dict[str, "OperationRules"]:
        return {}


def _joined(first: tuple[Rule, ...] | None, second: tuple[Rule, ...] | None) -> tuple[Rule, ...] | None:
    return None if first is None and second is None else (*(first or ()), *(second or ()))


def _holding(rules: tuple[Rule, ...] | None, operation: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules or () if fnmatchcase(operation, rule.operation))


@dataclass(frozen=True, slots=True)
class RuleIndex:
    """The texts of rules of one kind, by where the rules hold."""

    by_key_name: Mapping[str | int, str]
    """Of the rules that name a key at any depth, by that key."""
    by_path: tuple[tuple[Path, str], ...]
    """Of the other rules, with the steps of their paths."""
    conditional: tuple[Rule, ...] = ()
    """The rules that do not hold for every request."""

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Self:
        by_key_name: dict[str | int, str] = {}
        by_path: list[tuple[Path, str]] = []
        conditional = []
        for rule in rules:
            if rule.unless:
                conditional.append(rule)
            elif rule.is_key_name:
                by_key_name.setdefault(rule.path, str(rule))
            else:
                by_path.append((rule.steps, str(rule)))
        return cls(by_key_name, tuple(by_path), tuple(conditional))

    def at(self, path: Path, sent: str | None) -> str | None:
        """The text of the first rule that holds there for the request with this text; None: for every request."""
        if path and (text := self.by_key_name.get(path[-1])):
            return text
        if text := next((text for steps, text in self.by_path if _fits(steps, path)), None):
            return text
        if sent is None:
            return None
        return next((str(rule) for rule in self.conditional if _is_at(rule, path) and rule.holds_for(sent)), None)


@dataclass(frozen=True)
class OperationRules:
    """The rules that hold for one operation. Each question is answered with the rule's text, or with None.

    `sent`: the text of the request.
    """

    _ignore: RuleIndex
    _unordered: RuleIndex
    _opaque: RuleIndex
    _random: RuleIndex
    _measured: RuleIndex
    _ordered: RuleIndex
    tolerate: Tolerate
    rewritten: frozenset[str] = frozenset()
    """The names of the members whose URLs get the proxy's host."""

    def ignored(self, path: Path, sent: str = "") -> str | None:
        """The rule that forgives whatever differs there."""
        return self._ignore.at(path, sent)

    def unordered(self, path: Path, sent: str = "") -> str | None:
        """The rule that says that the list there has no order."""
        return _named("unordered", self._unordered.at(path, sent))

    def ordered(self, path: Path, sent: str = "") -> str | None:
        """The rule that says that AWS promises the order of the list there."""
        return _named("ordered", self._ordered.at(path, sent))

    def opaque(self, path: Path, sent: str = "") -> str | None:
        """The rule that says that only its maker reads the text there. A list of such texts goes by its name."""
        return _named("opaque", self._opaque.at(_of_list(path), sent))

    def random(self, path: Path, sent: str = "") -> str | None:
        """The rule that says that the value there is random by design. A list of such values goes by its name."""
        return _named("random", self._random.at(_of_list(path), sent))

    def measured(self, path: Path, sent: str = "") -> str | None:
        """The rule that says that the value there was measured. A list of such values goes by its name."""
        return _named("measured", self._measured.at(_of_list(path), sent))

    def forgives_any(self, path: Path) -> bool:
        """Whether a rule forgives whatever is there, or any number for any other, for every request."""
        return any(index.at(path, None) for index in (self._ignore, self._measured))

    @cached_property
    def names_of_any(self) -> frozenset[str | int]:
        """The names of the members at the ends of such paths; a star is any name."""
        return frozenset(
            name
            for index in (self._ignore, self._measured)
            for name in (*index.by_key_name, *(steps[-1] for steps, _ in index.by_path))
        )

    @property
    def ignored_names(self) -> Mapping[str | int, str]:
        """The texts of the rules that ignore a key at any depth, by that key."""
        return self._ignore.by_key_name


def _named(kind: str, rule: str | None) -> str | None:
    return f"{kind} {rule}" if rule else None


def _is_at(rule: Rule, path: Path) -> bool:
    return bool(path) and (path[-1] == rule.path if rule.is_key_name else _fits(rule.steps, path))


def _of_list(path: Path) -> Path:
    return path[:-1] if path and isinstance(path[-1], int) else path


def _fits(steps: Path, path: Path) -> bool:
    """Whether the steps lead to the path. An index in the path that the steps leave out is any item of the list."""
    position = 0
    for key in path:
        step = steps[position] if position < len(steps) else None
        if isinstance(key, int) and not isinstance(step, int):
            continue
        if step not in (key, _ANY_INDEX if isinstance(key, int) else "*"):
            return False
        position += 1
    return position == len(steps)
