"""Root causes: mismatches that are one, because they are of the same operation and differ at the same places.

They are counted by a digest of that, so that the count is of all mismatches, and not only of those that are listed.
This file does not know which mismatch follows from which: exchanges say so.
"""

import hashlib
import itertools
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from cloudmock_contract.reports.tally.bounded_list import BoundedList
from cloudmock_contract.values.exchange import Exchange

MAX_COUNTED = 10_000
"""Root causes that are counted, and mismatches of which it is known what follows from them."""

MAX_UNLISTED = 500
"""Mismatches that are listed nowhere else and are kept as the first of their root cause."""

type _Signature = bytes


class RootCauses:
    """Counts mismatches by their root cause."""

    def __init__(self) -> None:
        self._counts: Counter[_Signature] = Counter()
        self._roots: dict[str, _Signature] = {}
        """By id, the root cause of a mismatch that follows from no other."""
        self._followers: Counter[str] = Counter()
        """By id, how many mismatches follow from one."""
        self._unlisted = BoundedList(MAX_UNLISTED)

    def add(self, exchange: Exchange, *, is_listed: bool) -> None:
        """Count a mismatch. `is_listed`: it is kept elsewhere, and will be among those that `summaries` is given."""
        if exchange.follows:
            _count(self._followers, exchange.follows, 1)
            return
        signature = _signature(exchange)
        _count(self._counts, signature, 1)
        if len(self._roots) < MAX_COUNTED:
            self._roots[exchange.id] = signature
        if not is_listed and self._counts[signature] == 1:
            self._unlisted.add(exchange)

    def remove(self, exchange: Exchange) -> None:
        """Take back a mismatch that was counted."""
        if exchange.follows:
            _count(self._followers, exchange.follows, -1)
            return
        _count(self._counts, _signature(exchange), -1)
        self._roots.pop(exchange.id, None)
        self._unlisted.remove(exchange.id)

    def summaries(self, listed: Iterable[Exchange]) -> Iterator[tuple[Exchange, int, int]]:
        """Of each root cause the first mismatch, how many there are, and how many follow from one of them."""
        firsts: dict[_Signature, Exchange] = {}
        for exchange in itertools.chain(listed, self._unlisted):
            if not exchange.follows:
                firsts.setdefault(_signature(exchange), exchange)
        followers: Counter[_Signature] = Counter()
        for root, count in self._followers.items():
            if root in self._roots:
                followers[self._roots[root]] += count
        for signature, first in firsts.items():
            yield first, max(1, self._counts[signature]), followers[signature]


def _count(counts: Counter[Any], key: Hashable, times: int) -> None:
    """Count it, if it was counted before or there is room."""
    if key in counts or (times > 0 and len(counts) < MAX_COUNTED):
        counts[key] += times


def _signature(exchange: Exchange) -> _Signature:
    """Equal for mismatches of one operation that differ at the same places, whichever item of a list it is."""
    places = {
        (str(difference.kind), *("*" if isinstance(step, int) else step for step in difference.path))
        for difference in exchange.verdict.differences
    }
    whole = (exchange.operation.name, exchange.aws_status, exchange.cloudmock_status, sorted(places))
    return hashlib.blake2b(repr(whole).encode("utf-8", "surrogatepass"), digest_size=16).digest()
