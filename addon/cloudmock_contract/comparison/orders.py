"""In which orders each side has given the items of a list: one that a side itself has changed is no order.

Where AWS promises no order, it may give the same items in another order each time, and so may an emulator. To tell that
from an order that one side has and the other has not, the same request is looked at: a side that answers it with the
same items in another order than before has none for this operation, and from then on no order of it counts.

Kept are hashes, in bounded memory. Threads may share it. This file does not know which orders AWS promises.
"""

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from cloudmock_contract.aws.wire.timestamps import timestamp
from cloudmock_contract.values.bounded_dict import BoundedDict
from cloudmock_contract.values.difference import Path

MAX_LISTS = 20_000
"""Lists whose order is remembered, and, apart from them, lists that are known to have none."""

MAX_ITEMS = 200
"""Items of a list whose order is looked at; of a longer one, it would cost more than to compare them."""

_SIDES = ("aws", "cloudmock")


class Orders:
    """What one run has seen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen = BoundedDict[Hashable, int](MAX_LISTS)
        """By side, operation, request, path and items, their order."""
        self._undefined = BoundedDict[Hashable, bool](MAX_LISTS)
        """Operations with the paths of lists that have no order."""

    def of_request(self, operation: str, sent: str) -> "RequestOrders":
        """What is known of this operation's lists. `sent`: the request's text, by which it is known again."""
        return RequestOrders(self, operation, hash(sent))

    def note(self, operation: str, request: int, path: Path, side: str, items: Sequence[object]) -> None:
        """Remember in which order the side has the items."""
        marks = [hash(_mark(item)) for item in items]
        where = (side, operation, request, path, hash(tuple(sorted(marks))))
        order = hash(tuple(marks))
        with self._lock:
            before = self._seen.get(where)
            self._seen[where] = order
            if before is not None and before != order:
                self._undefined[operation, path] = True

    def is_undefined(self, operation: str, path: Path) -> bool:
        """Whether a side has given the list at this path in more than one order."""
        return (operation, path) in self._undefined


@dataclass(frozen=True, slots=True)
class RequestOrders:
    """What is known of the lists in the replies to one request."""

    orders: Orders
    operation: str
    request: int

    def note(self, path: Path, aws: Sequence[object], cloudmock: Sequence[object]) -> None:
        """Remember in which order each side has the items of the list at this path."""
        for side, items in zip(_SIDES, (aws, cloudmock), strict=True):
            if 1 < len(items) <= MAX_ITEMS:
                self.orders.note(self.operation, self.request, _without_indexes(path), side, items)

    def is_undefined(self, path: Path) -> bool:
        """Whether a side has given the list at this path in more than one order."""
        return self.orders.is_undefined(self.operation, _without_indexes(path))


def _without_indexes(path: Path) -> Path:
    return tuple(step for step in path if isinstance(step, str))


def _mark(value: object) -> Hashable:
    """Equal for items that are the same but for times."""
    match value:
        case str():
            may_be_time = value[:1].isdigit() or value.endswith(("GMT", "UTC"))
            return "" if may_be_time and timestamp(value) else value
        case dict():
            return frozenset((key, _mark(item)) for key, item in value.items())
        case list():
            return tuple(map(_mark, value))
        case _:
            return 0 if timestamp(value) else repr(value)
