"""Exchanges in the order in which they ended, the first ones up to a bound.

This file does not know why they are kept.
"""

from collections.abc import Iterator

from cloudmock_contract.reports.tally.truncation import weight
from cloudmock_contract.values.exchange import Exchange

MAX_WEIGHT = 128 * 2**20
"""Characters of all that is kept, about."""


class BoundedList:
    """Keeps exchanges. Each can be removed again, at a cost that does not depend on how many there are."""

    def __init__(self, max_length: int) -> None:
        self._max_length = max_length
        self._weight = 0
        self._next = 0
        self._exchanges: dict[int, Exchange] = {}
        """By number, in their order."""
        self._numbers: dict[str, int] = {}
        """By id, the number of the last exchange that has it."""

    def __len__(self) -> int:
        return len(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges.values())

    def add(self, exchange: Exchange) -> bool:
        """Keep the exchange; whether there was room for it."""
        heavier = self._weight + weight(exchange)
        if len(self._exchanges) >= self._max_length or heavier > MAX_WEIGHT:
            return False
        self._weight = heavier
        self._exchanges[self._next] = exchange
        self._numbers[exchange.id] = self._next
        self._next += 1
        return True

    def remove(self, exchange_id: str) -> None:
        """Remove the last exchange with this id, if there is one."""
        number = self._numbers.pop(exchange_id, None)
        if number is not None:
            self._weight -= weight(self._exchanges.pop(number))
