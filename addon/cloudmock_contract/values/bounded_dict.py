"""A dict that forgets its oldest items when there are too many, or when they weigh too much.

This file does not know what is kept, nor what it weighs.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, MutableMapping


class BoundedDict[Key, Value](MutableMapping[Key, Value]):
    """Keeps the items that were set last, in the order in which they were set."""

    def __init__(self, max_items: int, max_weight: int = 0, weight: Callable[[Value], int] | None = None) -> None:
        """`weight`: of one value; `max_weight`: of all of them together, without `weight` any.

        A value that alone weighs more than `max_weight` is kept until the next one comes.
        """
        self._max_items = max_items
        self._max_weight = max_weight
        self._weight_of = weight
        self._weight = 0
        # A plain dict takes ever longer to find its first item when many before it have gone.
        self._items: OrderedDict[Key, Value] = OrderedDict()

    def __getitem__(self, key: Key) -> Value:
        return self._items[key]

    def __setitem__(self, key: Key, value: Value) -> None:
        """Set the item as the newest; the oldest go where there is no room for it."""
        items = self._items
        if key in items:
            del self[key]
        items[key] = value
        self._weight += self._weight_of(value) if self._weight_of else 0
        while len(items) > self._max_items or (self._weight > self._max_weight and len(items) > 1):
            _, oldest = items.popitem(last=False)
            self._weight -= self._weight_of(oldest) if self._weight_of else 0

    def __delitem__(self, key: Key) -> None:
        value = self._items.pop(key)
        self._weight -= self._weight_of(value) if self._weight_of else 0

    def __iter__(self) -> Iterator[Key]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items
