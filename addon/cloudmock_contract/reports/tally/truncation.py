"""What of an exchange is kept for a report: all of it, unless it is very long.

Replies may hold as much as a hostile server likes, and a run may last for days. An excerpt of an excerpt is the same
excerpt, so it does not matter how often one is made. This file does not know where an exchange is kept.
"""

import json
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
"""Levels of a list or an object."""

MAX_DIFFERENCES = 1_000
"""Differences of one mismatch."""

MAX_EXCHANGE_CHARACTERS = 2**20
"""Characters of one mismatch's differences, about; those that come after are left out."""

_CUT = re.compile(r"… \(\d+ characters\)")


@dataclass(frozen=True, slots=True)
class Excerpt(Exchange):
    """An exchange of which there were more differences."""

    differences_omitted: int = 0


def excerpt(exchange: Exchange) -> Exchange:
    """What is kept of the exchange; the exchange itself if that is all."""
    operation = exchange.operation
    if max(len(operation.service), len(operation.action)) > MAX_STRING_CHARACTERS:
        operation = replace(operation, service=cut(operation.service), action=cut(operation.action))
        exchange = replace(exchange, operation=operation)
    texts: dict[str, str] = {name: getattr(exchange, name) for name in _TEXTS}
    if any(len(text) > MAX_STRING_CHARACTERS for text in texts.values()):
        shorter: dict[str, Any] = {name: cut(text) for name, text in texts.items()}
        exchange = replace(exchange, **shorter)
    if not exchange.verdict.differences:
        return exchange
    return _with_few_differences(exchange)


def differences_omitted(exchange: Exchange) -> int:
    """How many differences of this excerpt were left out."""
    return exchange.differences_omitted if isinstance(exchange, Excerpt) else 0


_TEXTS = ("path", "aws_error", "cloudmock_error", "not_compared")


def _with_few_differences(exchange: Exchange) -> Exchange:
    every = exchange.verdict.differences
    kept: list[Difference] = []
    characters = 0
    for difference in every[:MAX_DIFFERENCES]:
        short = _short(difference)
        characters += _size_of(short)
        if kept and characters > MAX_EXCHANGE_CHARACTERS:
            break
        kept.append(short)
    if len(kept) == len(every):
        if all(short is difference for short, difference in zip(kept, every, strict=True)):
            return exchange
        return replace(exchange, verdict=replace(exchange.verdict, differences=tuple(kept)))
    omitted = differences_omitted(exchange) + len(every) - len(kept)
    return as_excerpt(replace(exchange, verdict=replace(exchange.verdict, differences=tuple(kept))), omitted)


def as_excerpt(exchange: Exchange, omitted: int) -> Exchange:
    """The exchange as one that had so many more differences."""
    if not omitted:
        return exchange
    values = {one.name: getattr(exchange, one.name) for one in fields(Exchange)}
    return Excerpt(**values, differences_omitted=omitted)


def _short(difference: Difference) -> Difference:
    """The difference with its values cut; itself if there is nothing to cut."""
    path = tuple(cut(step) if isinstance(step, str) else step for step in difference.path)
    aws, cloudmock, violation = _value(difference.aws), _value(difference.cloudmock), cut(difference.violation)
    if (
        aws is difference.aws
        and cloudmock is difference.cloudmock
        and (path, violation) == (difference.path, difference.violation)
    ):
        return difference
    return replace(difference, path=path, aws=aws, cloudmock=cloudmock, violation=violation)


def _value(value: object) -> object:
    if isinstance(value, str):
        return cut(value)
    if not isinstance(value, dict | list):
        return value
    characters, depth = _measure(value)
    if depth > MAX_DEPTH:
        return "… (nested too deep)"
    if characters <= MAX_STRING_CHARACTERS:  # then no string in it is longer
        return value
    short = cut_in(value)
    if _measure(short)[0] <= MAX_VALUE_CHARACTERS:
        return short
    return cut(json.dumps(value, ensure_ascii=False, default=str))


def _measure(value: object) -> tuple[int, int]:
    """How many characters the value has in JSON, about, and how deep it is nested."""
    characters = deepest = 0
    left = [(value, 0)]
    while left:
        one, depth = left.pop()
        deepest = max(deepest, depth)
        match one:
            case str():
                characters += len(one) + 4
            case dict():
                characters += 2 + sum(len(str(name)) + 6 for name in one)
                left.extend((item, depth + 1) for item in one.values())
            case list():
                characters += 2 + 2 * len(one)
                left.extend((item, depth + 1) for item in one)
            case int():
                characters += 1 + one.bit_length() // 3
            case _:
                characters += 8
    return characters, deepest


def weight(exchange: Exchange) -> int:
    """How many characters an excerpt has, about."""
    texts = sum(len(getattr(exchange, name)) for name in _TEXTS)
    return 500 + texts + sum(map(_size_of, exchange.verdict.differences))


def _size_of(difference: Difference) -> int:
    steps = sum(len(step) if isinstance(step, str) else 4 for step in difference.path)
    return 100 + steps + len(difference.violation) + _measure(difference.aws)[0] + _measure(difference.cloudmock)[0]


def cut(text: str) -> str:
    """The text, or its beginning and how many characters it had."""
    if len(text) <= MAX_STRING_CHARACTERS or _CUT.fullmatch(text, MAX_STRING_CHARACTERS):
        return text
    return f"{text[:MAX_STRING_CHARACTERS]}… ({len(text)} characters)"


def cut_in(value: object) -> Any:
    """The value with every long string in it cut."""
    match value:
        case str():
            return cut(value)
        case dict():
            return {cut(str(key)): cut_in(item) for key, item in value.items()}
        case list():
            return [cut_in(item) for item in value]
        case _:
            return value
