"""Lays one tree beside the other and keeps only where they differ.

The result is a pair of trees in which lists are dicts by index, so that what stands at one place in the first tree
stands at the same place in the second. Places that are equal on both sides, and places that a rule forgives, are in
neither. One pass over both trees; the cost is linear in their size.

This file does not know what kinds of difference there are, nor how bad they are.
"""

import functools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cloudmock_contract.exchange import Path

type Tree = dict[str | int, object]

type RuleFor = Callable[[Path], str | None]
"""The text of the rule that forgives differences at this place, or None."""

_ABSENT = object()
"""Stands where one side has nothing: distinct from a null, which is a value."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """Where two trees differ."""

    aws: Tree
    cloudmock: Tree
    forgiven: Mapping[str, int]
    """Differing places that were left out, by the rule that forgave them."""


def align(aws: Mapping[str, object], cloudmock: Mapping[str, object], rule_for: RuleFor) -> Aligned:
    """The parts of both trees that differ."""
    alignment = _Alignment(rule_for)
    left, right = alignment.objects(aws, cloudmock, ())
    return Aligned(left, right, alignment.forgiven)


def is_same(aws: object, cloudmock: object) -> bool:
    """Equality as JSON has it: true is not 1, but 1.0 is 1; and NaN is NaN."""
    if isinstance(aws, dict):
        return (
            isinstance(cloudmock, dict)
            and aws.keys() == cloudmock.keys()
            and all(is_same(value, cloudmock[key]) for key, value in aws.items())
        )
    if isinstance(aws, list):
        return isinstance(cloudmock, list) and len(aws) == len(cloudmock) and all(map(is_same, aws, cloudmock))
    if isinstance(aws, bool) is not isinstance(cloudmock, bool):
        return False
    return aws == cloudmock or (aws != aws and cloudmock != cloudmock)  # noqa: PLR0124 (only NaN is not itself)


class _Alignment:
    def __init__(self, rule_for: RuleFor) -> None:
        self.forgiven: Counter[str] = Counter()
        self._rule_for = rule_for

    def objects(self, aws: Mapping[str, object], cloudmock: Mapping[str, object], path: Path) -> tuple[Tree, Tree]:
        left: Tree = {}
        right: Tree = {}
        for key, value in aws.items():
            self._place(left, right, key, value, cloudmock.get(key, _ABSENT), path)
        for key, value in cloudmock.items():
            if key not in aws:
                self._place(left, right, key, _ABSENT, value, path)
        return left, right

    def _lists(self, aws: list[object], cloudmock: list[object], path: Path) -> tuple[Tree, Tree]:
        left: Tree = {}
        right: Tree = {}
        for index in range(max(len(aws), len(cloudmock))):
            one = aws[index] if index < len(aws) else _ABSENT
            other = cloudmock[index] if index < len(cloudmock) else _ABSENT
            self._place(left, right, index, one, other, path)
        return left, right

    def _place(self, left: Tree, right: Tree, key: str | int, aws: object, cloudmock: object, above: Path) -> None:
        path = (*above, key)
        below: Callable[[], tuple[Tree, Tree]] | None = None
        if isinstance(aws, dict) and isinstance(cloudmock, dict):
            below = functools.partial(self.objects, aws, cloudmock, path)
        elif isinstance(aws, list) and isinstance(cloudmock, list):
            below = functools.partial(self._lists, aws, cloudmock, path)
        elif is_same(aws, cloudmock):
            return
        if rule := self._rule_for(path):
            if not is_same(aws, cloudmock):
                self.forgiven[rule] += 1
            return
        if below:
            one, other = below()
            if one or other:
                left[key], right[key] = one, other
            return
        if aws is not _ABSENT:
            left[key] = aws
        if cloudmock is not _ABSENT:
            right[key] = cloudmock
