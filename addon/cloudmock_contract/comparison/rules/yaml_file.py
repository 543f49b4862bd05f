"""Reads a rules file: YAML, strictly. An unknown key, a wrong type or a rule past its date stops the run, with file
and line.

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

_UNFINISHED = re.compile(r"stream end|end of stream")
_RULE_LISTS = ("ignore", "unordered", "opaque", "random", "rewrite_hosts")


def rules_from(file: FilePath, otherwise: Tolerate = Tolerate()) -> Rules:  # noqa: B008 (frozen)
    """The rules of a YAML file; None for each kind that the file does not have. Raises ConfigurationError.

    `otherwise`: what is tolerated by kind as far as the file's `tolerate` does not say.
    """
    return Rules(**_RulesFile(file, otherwise).rules())


def rules_of(settings: Settings) -> Rules:
    """All the rules that the settings ask for. Raises ConfigurationError."""
    given = Rules.from_paths(settings.ignore_paths)
    default = rules_from(shipped("default.yaml"))
    if settings.config is None:
        return given + Rules((), default.rewrite_hosts)
    asked_for = rules_from(settings.config, default.tolerate or Tolerate()).completed_by(default)  # strict or not
    return given + (Rules((), default.rewrite_hosts) if settings.strict else asked_for)


class _RulesFile:
    """A rules file as YAML nodes, which know their lines."""

    def __init__(self, file: FilePath, otherwise: Tolerate) -> None:
        self._file, self._otherwise = file, otherwise
        try:
            text = file.read_text(encoding="utf-8")
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
        except OSError as error:
            raise ConfigurationError(f"--config: {file} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"--config: {file} is not UTF-8 text.") from error
        except RecursionError as error:
            raise ConfigurationError(f"--config: {file}, line 1: it is nested too deep.") from error
        except yaml.MarkedYAMLError as error:
            # What is not closed is noticed at the end, and is wrong where it began.
            mark = (
                error.context_mark
                if _UNFINISHED.search(str(error.problem)) and error.context_mark
                else error.problem_mark
            )
            line = mark.line + 1 if mark else 1
            raise ConfigurationError(f"--config: {file}, line {line}: it is not YAML: {error.problem}.") from error
        except yaml.YAMLError as error:
            raise ConfigurationError(
                f"--config: {file}, line 1: it is not YAML: {' '.join(str(error).split())}"
            ) from error

    def rules(self) -> Mapping[str, Any]:
        """The rules by the key that they are under."""
        found: dict[str, Any] = {}
        if self._root is None:
            return found
        for key, value in self._mapping(self._root, "the file", (*_RULE_LISTS, "tolerate")):
            found[key] = self._tolerate(value) if key == "tolerate" else self._list(key, value)
        return found

    def _list(self, key: str, value: yaml.Node) -> tuple[Rule, ...]:
        if not isinstance(value, yaml.SequenceNode):
            raise self._error(value, f"{key} must be a list")
        found = tuple(self._rule(node) for node in value.value)
        for rule, node in zip(found, value.value, strict=True):
            if key == "rewrite_hosts" and not rule.is_key_name:
                raise self._error(node, "what has its host rewritten is named by its key alone")
        return found

    def _tolerate(self, node: yaml.Node) -> Tolerate:
        fields: dict[str, Any] = {}
        for key, value in self._mapping(node, "tolerate", tuple(_TOLERATED)):
            expected, read = _TOLERATED[key]
            try:
                fields[key] = read(self._constructed(value))
            except ValueError as error:
                raise self._error(value, f"{key} must be {expected}") from error
        return replace(self._otherwise, **fields)

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


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError  # noqa: TRY004 (the user's file, not the program)
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
}
