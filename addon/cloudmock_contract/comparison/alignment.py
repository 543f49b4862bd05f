"""Lays one tree beside the other and keeps only where they differ, and nobody forgives it.

The result is two flat mappings from path to value: what stands at one path in the first tree stands at the same path in
the second. JSON inside strings is a tree like the rest. One pass over both trees; the cost is linear in their size.

This file does not know what kinds of difference there are, how bad they are, nor why one is forgiven.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote

from cloudmock_contract.aws.models.shapes import below
from cloudmock_contract.aws.models.user_data import is_payload_of_reply
from cloudmock_contract.comparison.list_matching import match_lists
from cloudmock_contract.values.difference import Path
from cloudmock_contract.values.json_values import is_same

type ValuesByPath = dict[Path, object]

MAX_ORDER_SHOWN = 50
"""Items of a list whose positions an order difference names."""

_ABSENT = object()
"""Stands where one side has nothing: distinct from a null, which is a value."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where the comparison stands."""

    path: Path
    shape: Any
    """The model's shape of the place, or None."""

    def below(self, step: str | int) -> "Position":
        return Position((*self.path, step), below(self.shape, step))

    @property
    def is_payload(self) -> bool:
        """Whether what is there is the user's own and not AWS's."""
        return any(isinstance(step, str) and is_payload_of_reply(step) for step in self.path)

    @property
    def name(self) -> str:
        """The member that is meant: an item of a list goes by the list's name."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")


class Leniency(Protocol):
    """What is forgiven in one exchange, by the texts of the rules that forgive it."""

    def ignored(self, path: Path) -> str | None:
        """The rule that forgives whatever differs at this place."""

    def unordered(self, path: Path) -> str | None:
        """The rule that forgives another order of the items of the list at this place."""

    def forgiven(self, place: Position, aws: object, cloudmock: object) -> str | None:
        """The rule that forgives these two differing values, neither of which is a container."""

    def derived(self, name: str, aws: Mapping[str, object], cloudmock: Mapping[str, object]) -> str | None:
        """The rule that forgives a member of these two objects that follows, on each side, from its neighbours."""

    def for_aws(self, text: str) -> str:
        """A text of the candidate side as the reference side would have it."""


@dataclass(frozen=True, slots=True)
class TreeDiff:
    """Where two trees differ."""

    aws: ValuesByPath
    cloudmock: ValuesByPath
    orders: Mapping[Path, list[tuple[int, int]]]
    """Lists whose items stand in another order: where both sides have the items that are out of place."""
    forgiven: Mapping[str, int]
    """Differing places that were left out, by the rule that forgave them."""


def align(
    aws: Mapping[str, object], cloudmock: Mapping[str, object], leniency: Leniency, shape: Any = None
) -> TreeDiff:
    """The parts of both trees that differ."""
    alignment = _Alignment(leniency)
    alignment.objects(aws, cloudmock, Position((), shape))
    return TreeDiff(alignment.aws, alignment.cloudmock, alignment.orders, alignment.counted)


def tree_in(text: object) -> object:
    """The JSON object or list that a text holds, plain or percent-encoded as IAM does; None if it holds none."""
    if not isinstance(text, str) or not text.startswith(("{", "[", "%7B", "%5B")):
        return None
    try:
        return json.loads(unquote(text) if text.startswith("%") else text)
    except (ValueError, RecursionError):
        return None


class _Alignment:
    def __init__(self, leniency: Leniency) -> None:
        self.aws: ValuesByPath = {}
        self.cloudmock: ValuesByPath = {}
        self.orders: dict[Path, list[tuple[int, int]]] = {}
        self.counted: Counter[str] = Counter()
        self._leniency = leniency

    def objects(self, aws: Mapping[str, object], cloudmock: Mapping[str, object], place: Position) -> None:
        partners = self._renamed(aws, cloudmock, place) if aws.keys() != cloudmock.keys() else {}
        for key, value in aws.items():
            other = cloudmock.get(partners.get(key, key), _ABSENT)
            if value is other or (type(value) is str and value == other):
                continue
            if other is not _ABSENT and (rule := self._leniency.derived(key, aws, cloudmock)):
                self.counted[rule] += 1
            else:
                self._compare(value, other, place.below(key))
        taken = {*aws, *partners.values()}
        for key, value in cloudmock.items():
            if key not in taken:
                self._compare(_ABSENT, value, place.below(key))

    def _renamed(
        self, aws: Mapping[str, object], cloudmock: Mapping[str, object], place: Position
    ) -> Mapping[str, str]:
        """Keys of a map that are identifiers: what each is on the candidate side."""
        if place.shape is not None and place.shape.type_name != "map":
            return {}
        left = [key for key in aws if key not in cloudmock]
        right = [key for key in cloudmock if key not in aws]
        known = {self._leniency.for_aws(key): key for key in right}
        partners = {key: known[key] for key in left if key in known}
        taken = set(partners.values())
        ones, others = [key for key in left if key not in partners], [key for key in right if key not in taken]
        laid = match_lists(
            [aws[key] for key in ones], [cloudmock[key] for key in others], is_same, self._leniency.for_aws
        )
        for index, other_index in laid.pairs:
            key, other = ones[index], others[other_index]
            if rule := self._leniency.forgiven(place, key, other):
                self.counted[rule] += 1
                partners[key] = other
        return partners

    def _lists(self, aws: list[object], cloudmock: list[object], place: Position) -> None:
        laid = match_lists(aws, cloudmock, is_same, self._leniency.for_aws)
        for index, other in laid.differing:
            self._compare(aws[index], cloudmock[other], place.below(index))
        for index in laid.missing:
            self._compare(aws[index], _ABSENT, place.below(index))
        for number, other in enumerate(laid.extra):
            self._compare(_ABSENT, cloudmock[other], place.below(len(aws) + number))
        if laid.moved:
            if rule := self._leniency.unordered(place.path):
                self.counted[rule] += 1
            else:
                self.orders[place.path] = laid.moved[:MAX_ORDER_SHOWN]

    def _compare(self, aws: object, cloudmock: object, place: Position) -> None:
        are_objects = isinstance(aws, dict) and isinstance(cloudmock, dict)
        are_lists = isinstance(aws, list) and isinstance(cloudmock, list)
        if not (are_objects or are_lists) and is_same(aws, cloudmock):
            return
        if rule := self._leniency.ignored(place.path):
            if not is_same(aws, cloudmock):
                self.counted[rule] += 1
                self._leniency.forgiven(place, aws, cloudmock)  # what can be learned from it is learned
            return
        if are_objects:
            self.objects(aws, cloudmock, place)  # type: ignore[arg-type]  # as tested
        elif are_lists:
            self._lists(aws, cloudmock, place)  # type: ignore[arg-type]
        elif (
            (tree := tree_in(aws)) is not None
            and type(other_tree := tree_in(cloudmock)) is type(tree)
            and not (place.is_payload and is_same(tree, other_tree))  # the user's own text, to the letter
        ):
            self._compare(tree, other_tree, Position(place.path, None))
        elif (
            aws is not _ABSENT and cloudmock is not _ABSENT and (rule := self._leniency.forgiven(place, aws, cloudmock))
        ):
            self.counted[rule] += 1
        else:
            if aws is not _ABSENT:
                self.aws[place.path] = aws
            if cloudmock is not _ABSENT:
                self.cloudmock[place.path] = cloudmock
