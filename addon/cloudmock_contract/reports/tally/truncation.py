"""How much of an exchange is kept for a report: all of it, unless it is very long.

Replies may hold as much as a hostile server likes, and a run may last for days. What has been truncated stays as it is
when it is truncated again. This file does not know where an exchange is kept.
"""

import json
import operator
import re
from dataclasses import dataclass, fields, replace
from typing import Any

from cloudmock_contract.values.difference import Difference
from cloudmock_contract.values.exchange import Exchange

MAX_STRING_CHARACTERS = 4_000
"""Characters of one string; the rest of a longer one is cut off, and its end says how long it was."""

MAX_VALUE_CHARACTERS = 100_000
"""Characters of a list or an object, about; a larger one is kept as the beginning of its JSON."""

MAX_DEPTH = 100
"""Levels of nesting in a list or an object."""

MAX_DIFFERENCES = 1_000
"""Differences of one mismatch."""

MAX_EXCHANGE_CHARACTERS = 2**20
"""Characters of one mismatch's differences, about; those that come after are left out."""

_TRUNCATED = re.compile(r"… \(\d+ characters\)")
"""The end of a text that was truncated."""

_TEXTS = ("path", "aws_error", "cloudmock_error", "not_compared")
"""Fields of an exchange that may be long."""


@dataclass(frozen=True, slots=True)
class TruncatedExchange(Exchange):
    """An exchange that had more differences."""

    differences_omitted: int = 0


def truncate(exchange: Exchange) -> Exchange:
    """What is kept of the exchange: the exchange itself unless it is very long."""
    operation = exchange.operation
    if max(len(operation.service), len(operation.action)) > MAX_STRING_CHARACTERS:
        operation = replace(operation, service=truncate_text(operation.service), action=truncate_text(operation.action))
        exchange = replace(exchange, operation=operation)
    texts: dict[str, str] = {name: getattr(exchange, name) for name in _TEXTS}
    if any(len(text) > MAX_STRING_CHARACTERS for text in texts.values()):
        shorter: dict[str, Any] = {name: truncate_text(text) for name, text in texts.items()}
        exchange = replace(exchange, **shorter)
    if not exchange.verdict.differences:
        return exchange
    return _with_few_differences(exchange)


def differences_omitted(exchange: Exchange) -> int:
    """How many differences of the exchange were left out."""
    return exchange.differences_omitted if isinstance(exchange, TruncatedExchange) else 0


def _with_few_differences(exchange: Exchange) -> Exchange:
    differences = exchange.verdict.differences
    truncated: list[Difference] = []
    characters = 0
    for difference in differences[:MAX_DIFFERENCES]:
        short = _truncate_difference(difference)
        characters += _size_of(short)
        if truncated and characters > MAX_EXCHANGE_CHARACTERS:
            break
        truncated.append(short)
    omitted = len(differences) - len(truncated)
    if not omitted and all(map(operator.is_, truncated, differences)):
        return exchange
    shorter = replace(exchange, verdict=replace(exchange.verdict, differences=tuple(truncated)))
    return with_differences_omitted(shorter, differences_omitted(exchange) + omitted) if omitted else shorter


def with_differences_omitted(exchange: Exchange, omitted: int) -> Exchange:
    """The exchange as one that had so many more differences."""
    if not omitted:
        return exchange
    values = {field.name: getattr(exchange, field.name) for field in fields(Exchange)}
    return TruncatedExchange(**values, differences_omitted=omitted)


def _truncate_difference(difference: Difference) -> Difference:
    """The difference with its values truncated; itself if there is nothing to truncate."""
    path = tuple(truncate_text(step) if isinstance(step, str) else step for step in difference.path)
    aws, cloudmock = _truncate_value(difference.aws), _truncate_value(difference.cloudmock)
    violation = truncate_text(difference.violation)
    if (
        aws is difference.aws
        and cloudmock is difference.cloudmock
        and (path, violation) == (difference.path, difference.violation)
    ):
        return difference
    return replace(difference, path=path, aws=aws, cloudmock=cloudmock, violation=violation)


def _truncate_value(value: object) -> object:
    if isinstance(value, str):
        return truncate_text(value)
    if not isinstance(value, dict | list):
        return value
    characters, depth = _measure(value)
    if depth > MAX_DEPTH:
        return "… (nested too deep)"
    if characters <= MAX_STRING_CHARACTERS:  # then no string in it is longer
        return value
    shorter = truncate_texts_in(value)
    if _measure(shorter)[0] <= MAX_VALUE_CHARACTERS:
        return shorter
    return truncate_text(json.dumps(value, ensure_ascii=False, default=str))


def _measure(value: object) -> tuple[int, int]:
    """How many characters the value has in JSON, about, and how deep it is nested."""
    characters = max_depth = 0
    unmeasured = [(value, 0)]
    while unmeasured:
        node, depth = unmeasured.pop()
        max_depth = max(max_depth, depth)
        match node:
            case str():
                characters += len(node) + 4
            case dict():
                characters += 2 + sum(len(str(name)) + 6 for name in node)
                unmeasured.extend((item, depth + 1) for item in node.values())
            case list():
                characters += 2 + 2 * len(node)
                unmeasured.extend((item, depth + 1) for item in node)
            case int():
                characters += 1 + node.bit_length() // 3
            case _:
                characters += 8
    return characters, max_depth


def weight(exchange: Exchange) -> int:
    """How many characters an exchange has, about."""
    texts = sum(len(getattr(exchange, name)) for name in _TEXTS)
    return 500 + texts + sum(map(_size_of, exchange.verdict.differences))


def _size_of(difference: Difference) -> int:
    steps = sum(len(step) if isinstance(step, str) else 4 for step in difference.path)
    return 100 + steps + len(difference.violation) + _measure(difference.aws)[0] + _measure(difference.cloudmock)[0]


def truncate_text(text: str) -> str:
    """The text, or its beginning and how many characters it had."""
    if len(text) <= MAX_STRING_CHARACTERS or _TRUNCATED.fullmatch(text, MAX_STRING_CHARACTERS):
        return text
    return f"{text[:MAX_STRING_CHARACTERS]}… ({len(text)} characters)"


def truncate_texts_in(value: object) -> Any:
    """The value with every long string in it truncated."""
    match value:
        case str():
            return truncate_text(value)
        case dict():
            return {truncate_text(str(key)): truncate_texts_in(item) for key, item in value.items()}
        case list():
            return [truncate_texts_in(item) for item in value]
        case _:
            return value
