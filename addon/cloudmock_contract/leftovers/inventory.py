"""What a run has made on AWS and not deleted yet.

This file does not know which requests make or delete something: exchanges say so.
"""

from collections.abc import Iterable

from cloudmock_contract.leftovers.resource_changes import goes_with
from cloudmock_contract.values.exchange import Resource

MAX_KEPT = 2_000


class Inventory:
    """Resources in the order of their creation."""

    def __init__(self) -> None:
        self._by_place: dict[tuple[str, str], dict[Resource, None]] = {}
        """By service and region, each a set in the order of creation."""
        self._order: dict[Resource, None] = {}
        self.omitted = 0
        """Resources that were not kept because there were too many; whether they were deleted is not known."""

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Those that are left, in the order of their creation."""
        return tuple(self._order)

    def add(self, created: Iterable[Resource], deleted: Iterable[Resource]) -> None:
        """Heed what one exchange deleted, then what it created: a completed upload is an object instead of itself."""
        for gone in deleted:
            there = self._by_place.get((gone.service, gone.region), {})
            if self._remove(gone, there) and not _may_have_parts(gone, there):
                continue
            for one in [one for one in there if goes_with(one, gone)]:
                self._remove(one, there)
        for one in created:
            self._keep(one)

    def _remove(self, resource: Resource, there: dict[Resource, None]) -> bool:
        """Whether it was there."""
        if resource not in there:
            return False
        del there[resource], self._order[resource]
        return True

    def _keep(self, resource: Resource) -> None:
        if resource in self._order:
            return
        if len(self._order) >= MAX_KEPT:
            self.omitted += 1
            return
        self._order[resource] = None
        self._by_place.setdefault((resource.service, resource.region), {})[resource] = None


def _may_have_parts(gone: Resource, there: dict[Resource, None]) -> bool:
    """Whether something is there that more has to be said of: what is deleted one by one is not looked for in all."""
    return any(len(one.parameters) > len(gone.parameters) for one in there)
