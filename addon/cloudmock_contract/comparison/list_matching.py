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

ITEMS_ASKED = 10
"""Items that are asked which members could tell them apart."""

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
    """The two lists laid beside each other. `for_aws`: a text of the second list as the first one would have it."""
    equal = _in_place(aws, cloudmock, is_same)
    left = _Left(aws, cloudmock, equal)
    for match in (_by_fingerprint, _by_identity, _by_what_stays):
        if left.aws and left.cloudmock:
            left.take(match(left, for_aws))
    surely = sorted([*equal, *left.pairs])
    moved = _out_of_place(surely)
    left.take(_in_gaps(left, [] if moved else surely))
    return ListMatch(sorted([*equal, *left.pairs]), sorted(left.pairs), left.aws, left.cloudmock, moved)


def _out_of_place(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    wanted = sorted(other for _, other in pairs)
    wrong = [place for place, (_, other) in enumerate(pairs) if other != wanted[place]]
    return pairs[wrong[0] : wrong[-1] + 1] if wrong else []


def _in_gaps(left: "_Left", pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left between the same two pairs on both sides, in its order."""
    ones, others = [one for one, _ in pairs], [other for _, other in pairs]
    waiting: dict[int, deque[int]] = {}
    for index in left.cloudmock:
        waiting.setdefault(bisect.bisect(others, index), deque()).append(index)
    return [(index, partners.popleft()) for index in left.aws if (partners := waiting.get(bisect.bisect(ones, index)))]


class _Left:
    """The items that have no partner yet."""

    def __init__(self, aws: Sequence[object], cloudmock: Sequence[object], equal: list[tuple[int, int]]) -> None:
        self.pairs: list[tuple[int, int]] = []
        taken, other_taken = {one for one, _ in equal}, {other for _, other in equal}
        self.aws = [index for index in range(len(aws)) if index not in taken]
        self.cloudmock = [index for index in range(len(cloudmock)) if index not in other_taken]
        self.aws_items, self.cloudmock_items = aws, cloudmock

    def take(self, pairs: Iterable[tuple[int, int]]) -> None:
        found = list(pairs)
        taken, other_taken = {one for one, _ in found}, {other for _, other in found}
        self.pairs += found
        self.aws = [index for index in self.aws if index not in taken]
        self.cloudmock = [index for index in self.cloudmock if index not in other_taken]


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
    left: _Left, of_aws: Callable[[object], Hashable], of_cloudmock: Callable[[object], Hashable]
) -> list[tuple[int, int]]:
    """The items of which both sides say the same by these; what is None says nothing."""
    waiting: dict[Hashable, deque[int]] = {}
    for index in left.cloudmock:
        if (mark := of_cloudmock(left.cloudmock_items[index])) is not None:
            waiting.setdefault(mark, deque()).append(index)
    found = []
    for index in left.aws:
        mark = of_aws(left.aws_items[index])
        if mark is not None and (partners := waiting.get(mark)):
            found.append((index, partners.popleft()))
    return found


def _by_fingerprint(left: _Left, for_aws: Translate) -> list[tuple[int, int]]:
    return _matched(left, lambda item: _fingerprint(item, str), lambda item: _fingerprint(item, for_aws))


def _by_what_stays(left: _Left, for_aws: Translate) -> list[tuple[int, int]]:
    """By all that is neither generated nor a time."""
    if not any(isinstance(left.aws_items[index], dict) for index in left.aws):
        return []
    return _matched(
        left,
        lambda item: _fingerprint(item, _without_volatile),
        lambda item: _fingerprint(item, lambda text: _without_volatile(for_aws(text))),
    )


def _by_identity(left: _Left, for_aws: Translate) -> list[tuple[int, int]]:
    """By the member that most items of both lists have in common, and whose values are different in each."""
    items = [item for index in left.aws[:ITEMS_ASKED] if isinstance(item := left.aws_items[index], dict)]
    best: list[tuple[int, int]] = []
    names = [name for kind in _IDENTITIES for item in items for name in item if kind.search(name)]
    for name in dict.fromkeys(names):
        found = _by_member(left, name, for_aws)
        if len(found) > len(best):
            best = found
    return best


def _by_member(left: _Left, name: str, for_aws: Translate) -> list[tuple[int, int]]:
    marks = [_identity(left.aws_items[index], name, str) for index in left.aws]
    other_marks = [_identity(left.cloudmock_items[index], name, for_aws) for index in left.cloudmock]
    if _has_twice(marks) or _has_twice(other_marks):
        return []
    partners = dict(zip(other_marks, left.cloudmock, strict=True))
    return [(index, partners[mark]) for index, mark in zip(left.aws, marks, strict=True) if mark and mark in partners]


def _has_twice(marks: Iterable[str]) -> bool:
    there = [mark for mark in marks if mark]
    return len(set(there)) < len(there)


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
