"""A dict that forgets its oldest items when there are too many, or when they weigh too much.

This file does not know what is kept, nor what it weighs.
"""

from collections.abc import Callable, Iterator, MutableMapping


def _one(_value: object) -> int:
    return 1


class BoundedDict[Key, Value](MutableMapping[Key, Value]):
    """Keeps the items that were set last, in the order in which they were set."""

    def __init__(self, max_weight: int, weight: Callable[[Value], int] = _one) -> None:
        """`weight`: of one value; without it each counts 1, and `max_weight` is a number of items.

        A value that alone weighs more than `max_weight` is kept until the next one comes.
        """
        self._max_weight = max_weight
        self._weight_of = weight
        self._weight = 0
        self._items: dict[Key, Value] = {}

    def __getitem__(self, key: Key) -> Value:
        return self._items[key]

    def __setitem__(self, key: Key, value: Value) -> None:
        """Set the item as the newest; the oldest go where there is no room for it."""
        self._take_out(key)
        self._items[key] = value
        self._weight += self._weight_of(value)
        while self._weight > self._max_weight and len(self._items) > 1:
            self._take_out(next(iter(self._items)))

    def __delitem__(self, key: Key) -> None:
        if key not in self._items:
            raise KeyError(key)
        self._take_out(key)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def _take_out(self, key: Key) -> None:
        if key in self._items:
            self._weight -= self._weight_of(self._items.pop(key))
