"""Which item of one list belongs to which item of the other: equal items first, then by identity key, then by order.

Items that have no partner leave a hole, so that one missing item is one difference. The cost is linear in the number of
items: nothing is compared with everything. This file does not know what an item means.
"""

import bisect
import re
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from cloudmock_contract.aws.wire.timestamps import timestamp
from cloudmock_contract.comparison.identifiers.generated_values import looks_generated

type Translate = Callable[[str], str]

_IDENTITIES = (
    re.compile(r"id$", re.IGNORECASE),
    re.compile(r"arn$", re.IGNORECASE),
    re.compile(r"key$|keyname$|attributename$", re.IGNORECASE),
    re.compile(r"name$|handle$|url$|label$|path$|version$|index$|number$|type$", re.IGNORECASE),
)
"""Names of members that tell an item from its neighbours, the surest first."""

MAX_SAMPLED_ITEMS = 10
"""Items in which members are looked for that could tell items apart."""

_VOLATILE = "\0volatile"


@dataclass(slots=True)
class ListMatch:
    """Two lists laid beside each other."""

    pairs: list[tuple[int, int]] = field(default_factory=list)
    """Indexes of items that belong together, in the order of the first list."""
    differing: list[tuple[int, int]] = field(default_factory=list)
    """Those of the pairs that are not known to be equal."""
    missing: list[int] = field(default_factory=list)
    """Indexes in the first list of items without a partner."""
    extra: list[int] = field(default_factory=list)
    """The same of the second list."""
    moved: list[tuple[int, int]] = field(default_factory=list)
    """Where items that are surely each other's partners stand in another order: the pairs from the first to the last
    that are out of place.
    """


def match_lists(
    aws: Sequence[object],
    cloudmock: Sequence[object],
    is_same: Callable[[object, object], bool],
    for_aws: Translate,
) -> ListMatch:
    """The two lists laid beside each other. `for_aws`: a text of CloudMock's as AWS would have it."""
    equal = _in_place(aws, cloudmock, is_same)
    unmatched = _Unmatched(aws, cloudmock, equal)
    for match in (_by_fingerprint, _by_identity, _by_what_stays):
        if unmatched.aws and unmatched.cloudmock:
            unmatched.take(match(unmatched, for_aws))
    certain = sorted([*equal, *unmatched.pairs])
    moved = _out_of_place(certain)
    unmatched.take(_in_gaps(unmatched, [] if moved else certain))
    return ListMatch(
        sorted([*equal, *unmatched.pairs]), sorted(unmatched.pairs), unmatched.aws, unmatched.cloudmock, moved
    )


def _out_of_place(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    in_order = sorted(cloudmock_index for _, cloudmock_index in pairs)
    wrong = [number for number, (_, cloudmock_index) in enumerate(pairs) if cloudmock_index != in_order[number]]
    return pairs[wrong[0] : wrong[-1] + 1] if wrong else []


def _in_gaps(unmatched: "_Unmatched", pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left between the same two pairs on both sides, in its order."""
    aws_indexes, cloudmock_indexes = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    waiting: dict[int, deque[int]] = {}
    for index in unmatched.cloudmock:
        waiting.setdefault(bisect.bisect(cloudmock_indexes, index), deque()).append(index)
    return [
        (index, partners.popleft())
        for index in unmatched.aws
        if (partners := waiting.get(bisect.bisect(aws_indexes, index)))
    ]


class _Unmatched:
    """The items that have no partner yet, by their indexes, and the pairs that were found since."""

    def __init__(self, aws: Sequence[object], cloudmock: Sequence[object], equal: list[tuple[int, int]]) -> None:
        self.aws_items, self.cloudmock_items = aws, cloudmock
        self.aws, self.cloudmock = list(range(len(aws))), list(range(len(cloudmock)))
        self._leave_out(equal)
        self.pairs: list[tuple[int, int]] = []

    def take(self, pairs: list[tuple[int, int]]) -> None:
        self._leave_out(pairs)
        self.pairs += pairs

    def _leave_out(self, pairs: list[tuple[int, int]]) -> None:
        aws_taken, cloudmock_taken = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
        self.aws = [index for index in self.aws if index not in aws_taken]
        self.cloudmock = [index for index in self.cloudmock if index not in cloudmock_taken]


def _in_place(
    aws: Sequence[object], cloudmock: Sequence[object], is_same: Callable[[object, object], bool]
) -> list[tuple[int, int]]:
    """Equal items at the same place, counted from the front and, in lists of different length, from the end."""
    if len(aws) == len(cloudmock):
        return [(index, index) for index in range(len(aws)) if is_same(aws[index], cloudmock[index])]
    shorter = min(len(aws), len(cloudmock))
    front = next((index for index in range(shorter) if not is_same(aws[index], cloudmock[index])), shorter)
    back = next(
        (index for index in range(shorter - front) if not is_same(aws[-1 - index], cloudmock[-1 - index])),
        shorter - front,
    )
    return [
        *((index, index) for index in range(front)),
        *((len(aws) - 1 - index, len(cloudmock) - 1 - index) for index in range(back)),
    ]


def _matched(
    unmatched: _Unmatched, of_aws: Callable[[object], Hashable], of_cloudmock: Callable[[object], Hashable]
) -> list[tuple[int, int]]:
    """The items that both sides mark alike; one whose mark is None has no partner by it."""
    waiting: dict[Hashable, deque[int]] = {}
    for index in unmatched.cloudmock:
        if (mark := of_cloudmock(unmatched.cloudmock_items[index])) is not None:
            waiting.setdefault(mark, deque()).append(index)
    pairs = []
    for index in unmatched.aws:
        mark = of_aws(unmatched.aws_items[index])
        if mark is not None and (partners := waiting.get(mark)):
            pairs.append((index, partners.popleft()))
    return pairs


def _by_fingerprint(unmatched: _Unmatched, for_aws: Translate) -> list[tuple[int, int]]:
    return _matched(unmatched, lambda item: _fingerprint(item, str), lambda item: _fingerprint(item, for_aws))


def _by_what_stays(unmatched: _Unmatched, for_aws: Translate) -> list[tuple[int, int]]:
    """By all that is neither generated nor a time."""
    if not any(isinstance(unmatched.aws_items[index], dict) for index in unmatched.aws):
        return []
    return _matched(
        unmatched,
        lambda item: _fingerprint(item, _without_volatile),
        lambda item: _fingerprint(item, lambda text: _without_volatile(for_aws(text))),
    )


def _by_identity(unmatched: _Unmatched, for_aws: Translate) -> list[tuple[int, int]]:
    """By the member by which most items of both lists find a partner, and whose values are all different."""
    items = [
        item for index in unmatched.aws[:MAX_SAMPLED_ITEMS] if isinstance(item := unmatched.aws_items[index], dict)
    ]
    best: list[tuple[int, int]] = []
    names = [name for kind in _IDENTITIES for item in items for name in item if kind.search(name)]
    for name in dict.fromkeys(names):
        pairs = _by_member(unmatched, name, for_aws)
        if len(pairs) > len(best):
            best = pairs
    return best


def _by_member(unmatched: _Unmatched, name: str, for_aws: Translate) -> list[tuple[int, int]]:
    aws_marks = [_identity(unmatched.aws_items[index], name, str) for index in unmatched.aws]
    cloudmock_marks = [_identity(unmatched.cloudmock_items[index], name, for_aws) for index in unmatched.cloudmock]
    if _has_duplicates(aws_marks) or _has_duplicates(cloudmock_marks):
        return []
    partners = dict(zip(cloudmock_marks, unmatched.cloudmock, strict=True))
    return [
        (index, partners[mark])
        for index, mark in zip(unmatched.aws, aws_marks, strict=True)
        if mark and mark in partners
    ]


def _has_duplicates(marks: Iterable[str]) -> bool:
    not_empty = [mark for mark in marks if mark]
    return len(set(not_empty)) < len(not_empty)


def _identity(item: object, name: str, translate: Translate) -> str:
    value = item.get(name) if isinstance(item, dict) else None
    return translate(value) if isinstance(value, str) else "" if value is None else repr(value)


def _fingerprint(value: object, translate: Translate) -> Hashable:
    """Equal for equal values; 1 and 1.0 are equal, 1 and true are not."""
    match value:
        case str():
            return translate(value)
        case bool() | None:
            return (bool, value)
        case dict():
            return frozenset((key, _fingerprint(item, translate)) for key, item in value.items())
        case list():
            return tuple(_fingerprint(item, translate) for item in value)
        case _:
            assert isinstance(value, int | float)
            return value


def _without_volatile(text: str) -> str:
    return _VOLATILE if looks_generated(text) or timestamp(text) else text
