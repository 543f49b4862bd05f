"""Exchanges that are kept in the order in which they ended, up to a bound."""

from collections.abc import Iterator

from cloudmock_contract.reports.tally.truncation import weight
from cloudmock_contract.values.exchange import Exchange

MAX_WEIGHT = 128 * 2**20
"""Characters of all that is kept, about."""


class Listing:
    """Keeps exchanges. Each of them can be taken out again, at a cost that does not depend on how many there are."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._weight = 0
        self._next = 0
        self._kept: dict[int, Exchange] = {}
        self._numbers: dict[str, int] = {}
        """The number in `_kept` of the last one that was kept under an id."""

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._kept.values())

    def add(self, exchange: Exchange) -> bool:
        """Keep it; whether there was room for it."""
        heavier = self._weight + weight(exchange)
        if len(self._kept) >= self._most or heavier > MAX_WEIGHT:
            return False
        self._weight = heavier
        self._kept[self._next] = exchange
        self._numbers[exchange.id] = self._next
        self._next += 1
        return True

    def remove(self, exchange_id: str) -> None:
        """Take out the last one with this id, if there is one."""
        number = self._numbers.pop(exchange_id, None)
        if number is not None:
            self._weight -= weight(self._kept.pop(number))
