"""Reads a rules file: YAML, strictly. An unknown key, a wrong type or an expired rule stops the run.

The error names the file and the line.

This file does not know what rules are for.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

import yaml

from cloudmock_contract.comparison.rules.rules import Rule, Rules, Tolerate
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.settings import Settings, shipped

_UNCLOSED = re.compile(r"stream end|end of stream")
"""What YAML says at the end of a file in which something was not closed."""

_RULE_LISTS = ("ignore", "unordered", "ordered", "opaque", "random", "measured", "rewrite_hosts")


def rules_from(file: FilePath, default: Tolerate = Tolerate()) -> Rules:  # noqa: B008 (frozen)
    """The rules of a YAML file; None for each kind that the file does not have. Raises ConfigurationError.

    `default`: for the keys that the file's `tolerate` leaves out.
    """
    return Rules(**_RulesFile(file, default).rules())


def rules_of(settings: Settings) -> Rules:
    """All the rules that the settings ask for. Raises ConfigurationError."""
    flag_rules = Rules.from_paths(settings.ignore_paths)
    default = rules_from(shipped("default.yaml"))
    without_file = flag_rules + Rules((), default.rewrite_hosts)
    if settings.config is None:
        return without_file
    # Read in a strict run as well, so that it finds the same mistakes in the file.
    file_rules = rules_from(settings.config, default.tolerate or Tolerate()).completed_by(default)
    return without_file if settings.strict else flag_rules + file_rules


class _RulesFile:
    """A rules file as YAML nodes, which know their lines."""

    def __init__(self, file: FilePath, default: Tolerate) -> None:
        self._file, self._default, self._root = file, default, _root_of(file)

    def rules(self) -> Mapping[str, Any]:
        """The rules by the key that they are under."""
        if self._root is None:
            return {}
        return {
            key: self._tolerate(value) if key == "tolerate" else self._list(key, value)
            for key, value in self._mapping(self._root, "the file", (*_RULE_LISTS, "tolerate"))
        }

    def _list(self, key: str, value: yaml.Node) -> tuple[Rule, ...]:
        if not isinstance(value, yaml.SequenceNode):
            raise self._error(value, f"{key} must be a list")
        rules = tuple(self._rule(node) for node in value.value)
        for rule, node in zip(rules, value.value, strict=True):
            if key == "rewrite_hosts" and not rule.is_key_name:
                raise self._error(node, "rewrite_hosts takes the names of members, such as QueueUrl, but no paths")
        return rules

    def _tolerate(self, node: yaml.Node) -> Tolerate:
        fields: dict[str, Any] = {}
        for key, value in self._mapping(node, "tolerate", tuple(_TOLERATED)):
            expected, read = _TOLERATED[key]
            try:
                fields[key] = read(self._value(value))
            except ValueError as error:
                raise self._error(value, f"{key} must be {expected}") from error
        return replace(self._default, **fields)

    def _rule(self, node: yaml.Node) -> Rule:
        fields: dict[str, Any] = {}
        if isinstance(node, yaml.MappingNode):
            for key, value in self._mapping(node, "a rule", tuple(_FIELDS)):
                expected, is_valid = _FIELDS[key]
                fields[key] = self._value(value)
                if not is_valid(fields[key]):
                    raise self._error(value, f"{key} must be {expected}")
        else:
            fields["path"] = self._value(node)
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
            key = self._value(key_node)
            if key not in known:
                raise self._error(key_node, f"unknown key {key!r}; {what} may have {', '.join(known)}")
            if key in seen:
                raise self._error(key_node, f"{key} is given twice")
            seen.add(key)
            yield key, value

    def _value(self, node: yaml.Node) -> object:
        """A scalar's value, or a list of what is in something else: enough to say that it does not belong there.

        Raises ConfigurationError for whatever YAML cannot make a value of.
        """
        if not isinstance(node, yaml.ScalarNode):
            return [getattr(item, "value", "") for item in node.value]
        if node.tag not in _PLAIN_TAGS:
            raise self._error(node, f"the tag {node.tag} is not allowed")
        try:
            value: object = yaml.SafeLoader("").construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError) as error:
            raise self._error(node, f"{node.value[:40]!r} cannot be read: {' '.join(str(error).split())}") from error
        return value

    def _error(self, node: yaml.Node, message: str) -> ConfigurationError:
        return ConfigurationError(f"--config: {self._file}, line {node.start_mark.line + 1}: {message}.")


def _root_of(file: FilePath) -> yaml.Node | None:
    """The file's outermost node; None if the file is empty. Raises ConfigurationError."""
    try:
        return yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise ConfigurationError(f"--config: {file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"--config: {file} is not UTF-8 text.") from error
    except RecursionError as error:
        raise ConfigurationError(f"--config: {file}, line 1: it is nested too deep.") from error
    except yaml.MarkedYAMLError as error:
        # What is not closed is noticed at the end of the file, but the mistake is where it began.
        is_unclosed = _UNCLOSED.search(str(error.problem)) and error.context_mark
        mark = error.context_mark if is_unclosed else error.problem_mark
        line = mark.line + 1 if mark else 1
        raise ConfigurationError(f"--config: {file}, line {line}: it is not YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise ConfigurationError(f"--config: {file}, line 1: it is not YAML: {problem}") from error


_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp"))


_FIELDS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "path": ("text", lambda value: isinstance(value, str)),
    "operation": ("text such as dynamodb.CreateTable or s3.*", lambda value: isinstance(value, str)),
    "reason": ("text", lambda value: isinstance(value, str)),
    "until": (
        "a date such as 2027-01-31",
        lambda value: isinstance(value, dt.date) and not isinstance(value, dt.datetime),
    ),
    "unless": ("text that stands in requests", lambda value: isinstance(value, str) and bool(value)),
}


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError  # noqa: TRY004 (the mistake is in the user's file, not in the program)
    return value


def _seconds(value: object) -> float | None:
    """`300s`, `5m`, 300, or false."""
    if value is False:
        return None
    match = re.fullmatch(r"(\d{1,9})([smh]?)", str(value), re.ASCII)
    if match is None or isinstance(value, bool):
        raise ValueError
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


_TOLERATED: Mapping[str, tuple[str, Callable[[object], Any]]] = {
    "identifiers": ("true or false", _switch),
    "timestamps": ("a time such as 300s, or false", _seconds),
    "transitional": ("true or false", _switch),
    "orders": ("true or false", _switch),
}
