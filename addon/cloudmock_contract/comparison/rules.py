"""Which differences are forgiven: the rules, their syntax, and whether one applies to a place.

A rule names either a key, which fits at any depth, or a path from the root:

    RequestId                   the member RequestId, wherever it is
    Table.CreationDateTime      that member of that member
    Users.Arn, Users[*].Arn     the same for every item of a list; Users[0].Arn for the first alone
    Table.*.Arn                 a star is any one member

Beside what is ignored, a file names the members whose URLs lead the app past the proxy (`rewrite_hosts`); a file that
does not has those of the shipped one.

Rules come from `--ignore-paths` and from a YAML file, which is read strictly: an unknown key, a wrong type or a rule
past its date stops the run, with file and line.

This file does not know what differences there are.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any, Self

import yaml

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.exchange import Path
from cloudmock_contract.settings import Settings, shipped

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


@dataclass(frozen=True)
class Rules:
    """All rules of a run."""

    ignore: tuple[Rule, ...] = ()
    rewrite_hosts: tuple[Rule, ...] | None = None
    """The members whose URLs get the proxy's host in the answers to the app; None where nothing says."""

    @classmethod
    def from_paths(cls, paths: Iterable[str]) -> Self:
        """From the entries of `--ignore-paths`. Raises ConfigurationError."""
        try:
            return cls(tuple(Rule(path) for path in paths))
        except ValueError as error:
            raise ConfigurationError(
                f"--ignore-paths: {error}; write RequestId or Table.CreationDateTime, separated by commas."
            ) from error

    @classmethod
    def from_file(cls, file: FilePath) -> Self:
        """From a YAML file. Raises ConfigurationError, with file and line."""
        return cls(**_RulesFile(file).rules())

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """All the rules that the settings ask for. Raises ConfigurationError."""
        rules = cls.from_paths(settings.ignore_paths)
        if not settings.strict and settings.config is not None:
            rules += cls.from_file(settings.config)
        if rules.rewrite_hosts is None:
            rules += cls(rewrite_hosts=cls.from_file(shipped("default.yaml")).rewrite_hosts)
        return rules

    def __add__(self, other: "Rules") -> "Rules":
        both = (self.rewrite_hosts, other.rewrite_hosts)
        hosts = None if both == (None, None) else tuple(rule for rules in both for rule in rules or ())
        return Rules(self.ignore + other.ignore, hosts)

    def rewritten_members(self, operation: str) -> frozenset[str]:
        """The names of the members of this operation whose URLs get the proxy's host."""
        return frozenset(rule.path for rule in self.rewrite_hosts or () if fnmatchcase(operation, rule.operation))

    def rule_for(self, operation: str, path: Path) -> str | None:
        """The text of the first rule that forgives a difference of this operation at this place."""
        for rule in self._by_key_name.get(path[-1], ()):
            if fnmatchcase(operation, rule.operation):
                return str(rule)
        for steps, rule in self._by_path:
            if _fits(steps, path) and fnmatchcase(operation, rule.operation):
                return str(rule)
        return None

    @cached_property
    def _by_key_name(self) -> Mapping[str | int, list[Rule]]:
        grouped: dict[str | int, list[Rule]] = {}
        for rule in self.ignore:
            if rule.is_key_name:
                grouped.setdefault(rule.path, []).append(rule)
        return grouped

    @cached_property
    def _by_path(self) -> list[tuple[Path, Rule]]:
        return [(rule.steps, rule) for rule in self.ignore if not rule.is_key_name]


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


class _RulesFile:
    """A rules file as YAML nodes, which know their lines."""

    def __init__(self, file: FilePath) -> None:
        self._file = file
        try:
            text = file.read_text(encoding="utf-8")
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
        except OSError as error:
            raise ConfigurationError(f"--config: {file} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"--config: {file} is not UTF-8 text.") from error
        except RecursionError as error:
            raise ConfigurationError(f"--config: {file}, line 1: it is nested too deep.") from error
        except yaml.YAMLError as error:
            raise ConfigurationError(f"--config: {file} is not YAML: {' '.join(str(error).split())}") from error

    def rules(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules by the key that they are under."""
        found: dict[str, tuple[Rule, ...]] = {}
        if self._root is None:
            return found
        for key, value in self._mapping(self._root, "the file", ("ignore", "rewrite_hosts")):
            if not isinstance(value, yaml.SequenceNode):
                raise self._error(value, f"{key} must be a list")
            found[key] = tuple(self._rule(node) for node in value.value)
            for rule, node in zip(found[key], value.value, strict=True):
                if key == "rewrite_hosts" and not rule.is_key_name:
                    raise self._error(node, "what has its host rewritten is named by its key alone")
        return found

    def _rule(self, node: yaml.Node) -> Rule:
        fields: dict[str, Any] = {}
        if isinstance(node, yaml.MappingNode):
            for key, value in self._mapping(node, "a rule", tuple(_FIELDS)):
                expected, is_valid = _FIELDS[key]
                fields[key] = self._constructed(value)
                if not is_valid(fields[key]):
                    raise self._error(value, f"{key} must be {expected}")
        else:
            fields["path"] = self._constructed(node)
            if not isinstance(fields["path"], str):
                raise self._error(node, "a rule must be a path, or an object with a path")
        if "path" not in fields:
            raise self._error(node, "a rule needs a path")
        if "until" in fields and fields["until"] < dt.datetime.now(tz=dt.UTC).date():
            raise self._error(node, f"the rule for {fields['path']} expired on {fields['until']}: renew or remove it")
        try:
            return Rule(**fields)
        except ValueError as error:
            raise self._error(node, str(error)) from error

    def _mapping(self, node: yaml.Node, what: str, known: tuple[str, ...]) -> Iterator[tuple[str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            raise self._error(node, f"{what} must be an object with the keys {', '.join(known)}")
        seen = set()
        for key_node, value in node.value:
            key = self._constructed(key_node)
            if key not in known:
                raise self._error(key_node, f"unknown key {key!r}; {what} may have {', '.join(known)}")
            if key in seen:
                raise self._error(key_node, f"{key} stands here a second time")
            seen.add(key)
            yield key, value

    def _constructed(self, node: yaml.Node) -> object:
        """A scalar's value, or a list of what is in something else: enough to say that it is not wanted.

        Raises ConfigurationError for whatever YAML cannot make a value of.
        """
        if not isinstance(node, yaml.ScalarNode):
            return [getattr(item, "value", "") for item in node.value]
        if node.tag not in _PLAIN_TAGS:
            raise self._error(node, f"{node.tag} is not wanted here")
        try:
            value: object = yaml.SafeLoader("").construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError) as error:
            raise self._error(
                node, f"{node.value[:40]!r} is not what it seems: {' '.join(str(error).split())}"
            ) from error
        return value

    def _error(self, node: yaml.Node, message: str) -> ConfigurationError:
        return ConfigurationError(f"--config: {self._file}, line {node.start_mark.line + 1}: {message}.")


_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp"))


_FIELDS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "path": ("text", lambda value: isinstance(value, str)),
    "operation": ("text such as dynamodb.CreateTable or s3.*", lambda value: isinstance(value, str)),
    "reason": ("text", lambda value: isinstance(value, str)),
    "until": (
        "a date such as 2027-01-31",
        lambda value: isinstance(value, dt.date) and not isinstance(value, dt.datetime),
    ),
}
