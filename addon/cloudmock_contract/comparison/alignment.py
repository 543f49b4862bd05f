"""Lays one tree beside the other and keeps only where they differ, and the policy does not forgive it.

The result is two flat mappings from path to value: what stands at one path in AWS's tree stands at the same path in
CloudMock's. JSON inside strings is a tree like the rest. One pass over both trees; the cost is linear in their size.

This file does not know what kinds of difference there are, how bad they are, nor why one is forgiven.
"""

import base64
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from cloudmock_contract.comparison.list_matching import match_lists
from cloudmock_contract.comparison.tolerance import ForgivenessPolicy, Position
from cloudmock_contract.values.difference import Path
from cloudmock_contract.values.json_values import is_same

type ValuesByPath = dict[Path, object]

MAX_ORDER_SHOWN = 50
"""Items of a list whose positions an order difference names."""

_ABSENT = object()
"""Stands where one side has nothing: distinct from a null, which is a value."""


@dataclass(frozen=True, slots=True)
class TreeDiff:
    """Where two trees differ."""

    aws: ValuesByPath
    cloudmock: ValuesByPath
    orders: Mapping[Path, list[tuple[int, int]]]
    """Lists whose items stand in another order: where both sides have the items that are out of place."""
    forgiven: Mapping[str, int]
    """How many differing positions each rule forgave, which are left out, by the rule's text."""


def align(
    aws: Mapping[str, object], cloudmock: Mapping[str, object], policy: ForgivenessPolicy, shape: Any = None
) -> TreeDiff:
    """The parts of both trees that differ."""
    alignment = _Alignment(policy)
    alignment.objects(aws, cloudmock, Position((), shape))
    return TreeDiff(alignment.aws, alignment.cloudmock, alignment.orders, alignment.forgiven)


def tree_in(text: object) -> object:
    """The JSON object or list that a text holds, plain or percent-encoded as IAM does; None if it holds none."""
    if not isinstance(text, str) or not text.startswith(("{", "[", "%7B", "%5B")):
        return None
    try:
        return json.loads(unquote(text) if text.startswith("%") else text)
    except (ValueError, RecursionError):
        return None


def _written(value: object, position: Position) -> object:
    """The value without the base64 that it is in where it is bytes."""
    if not (position.is_blob and isinstance(value, str) and value.startswith(("e", "W"))):  # it may begin as JSON does
        return value
    try:
        return base64.b64decode(value, validate=True).decode()
    except ValueError:
        return value


def is_percent_encoded(text: object) -> bool:
    """Whether a text that holds JSON has it percent-encoded."""
    return isinstance(text, str) and text.startswith("%")


class _Alignment:
    def __init__(self, policy: ForgivenessPolicy) -> None:
        self.aws: ValuesByPath = {}
        self.cloudmock: ValuesByPath = {}
        self.orders: dict[Path, list[tuple[int, int]]] = {}
        self.forgiven: Counter[str] = Counter()
        self._policy = policy

    def objects(self, aws: Mapping[str, object], cloudmock: Mapping[str, object], position: Position) -> None:
        position = position.holding(aws)
        partners = self._partner_keys(aws, cloudmock, position) if aws.keys() != cloudmock.keys() else {}
        for key, aws_value in aws.items():
            cloudmock_value = cloudmock.get(partners.get(key, key), _ABSENT)
            if aws_value is cloudmock_value or (type(aws_value) is str and aws_value == cloudmock_value):
                continue
            if cloudmock_value is not _ABSENT and (rule := self._policy.derived(key, aws, cloudmock)):
                self.forgiven[rule] += 1
            else:
                self._compare(aws_value, cloudmock_value, position.below(key))
        compared = {*aws, *partners.values()}
        for key, cloudmock_value in cloudmock.items():
            if key not in compared:
                self._compare(_ABSENT, cloudmock_value, position.below(key))

    def _partner_keys(
        self, aws: Mapping[str, object], cloudmock: Mapping[str, object], position: Position
    ) -> Mapping[str, str]:
        """Keys of a map that are identifiers: for each of AWS's, the one that CloudMock has in its place."""
        if position.shape is not None and position.shape.type_name != "map":
            return {}
        aws_keys = [key for key in aws if key not in cloudmock]
        cloudmock_keys = [key for key in cloudmock if key not in aws]
        known = {self._policy.for_aws(key): key for key in cloudmock_keys}
        partners = {key: known[key] for key in aws_keys if key in known}
        taken = set(partners.values())
        aws_keys = [key for key in aws_keys if key not in partners]
        cloudmock_keys = [key for key in cloudmock_keys if key not in taken]
        match = match_lists(
            [aws[key] for key in aws_keys], [cloudmock[key] for key in cloudmock_keys], is_same, self._policy.for_aws
        )
        for aws_index, cloudmock_index in match.pairs:
            aws_key, cloudmock_key = aws_keys[aws_index], cloudmock_keys[cloudmock_index]
            if rule := self._policy.forgiven(position, aws_key, cloudmock_key):
                self.forgiven[rule] += 1
                partners[aws_key] = cloudmock_key
        return partners

    def _lists(self, aws: list[object], cloudmock: list[object], position: Position) -> None:
        aws_essences, cloudmock_essences = (self._policy.essences(position.path, items) for items in (aws, cloudmock))
        match = match_lists(aws_essences, cloudmock_essences, is_same, self._policy.for_aws)
        self._policy.note_order(position.path, aws_essences, cloudmock_essences)
        for aws_index, cloudmock_index in match.differing if aws_essences is aws else match.pairs:
            self._compare(aws[aws_index], cloudmock[cloudmock_index], position.below(aws_index))
        for aws_index in match.missing:
            self._compare(aws[aws_index], _ABSENT, position.below(aws_index))
        for number, cloudmock_index in enumerate(match.extra):
            self._compare(_ABSENT, cloudmock[cloudmock_index], position.below(len(aws) + number))
        if match.moved:
            if rule := self._policy.unordered(position.path):
                self.forgiven[rule] += 1
            else:
                self.orders[position.path] = match.moved[:MAX_ORDER_SHOWN]

    def _compare(self, aws: object, cloudmock: object, position: Position) -> None:
        are_objects = isinstance(aws, dict) and isinstance(cloudmock, dict)
        are_lists = isinstance(aws, list) and isinstance(cloudmock, list)
        if not (are_objects or are_lists) and is_same(aws, cloudmock):
            return
        if rule := self._policy.ignored(position.path):
            if not is_same(aws, cloudmock):
                self.forgiven[rule] += 1
                self._policy.forgiven(position, aws, cloudmock)  # what can be learned from it is learned
            return
        if are_objects:
            self.objects(aws, cloudmock, position)  # type: ignore[arg-type]  # as tested
        elif are_lists:
            self._lists(aws, cloudmock, position)  # type: ignore[arg-type]
        elif (
            (aws_tree := tree_in(_written(aws, position))) is not None
            and is_percent_encoded(aws) is is_percent_encoded(cloudmock)  # most SDKs give the app the text as it is
            and type(cloudmock_tree := tree_in(_written(cloudmock, position))) is type(aws_tree)
            and not (position.is_payload and is_same(aws_tree, cloudmock_tree))  # the user's own text, to the letter
        ):
            self._compare(aws_tree, cloudmock_tree, position.inside)
        elif (
            aws is not _ABSENT
            and cloudmock is not _ABSENT
            and (rule := self._policy.forgiven(position, aws, cloudmock))
        ):
            self.forgiven[rule] += 1
        else:
            if aws is not _ABSENT:
                self.aws[position.path] = aws
            if cloudmock is not _ABSENT:
                self.cloudmock[position.path] = cloudmock
