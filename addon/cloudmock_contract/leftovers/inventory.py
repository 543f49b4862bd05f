"""What a run has created on AWS and not deleted yet.

This file does not know which requests create or delete something: exchanges say so.
"""

from collections.abc import Iterable

from cloudmock_contract.leftovers.same_resource import goes_with
from cloudmock_contract.values.exchange import Resource

MAX_KEPT = 2_000


class Inventory:
    """Resources in the order of their creation."""

    def __init__(self) -> None:
        self._by_location: dict[tuple[str, str], dict[Resource, None]] = {}
        """By service and region, each a set in the order of creation."""
        self._order: dict[Resource, None] = {}
        self.omitted = 0
        """Resources that were not kept because there were too many; whether they were deleted is not known."""

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Those that are left, in the order of their creation."""
        return tuple(self._order)

    def add(self, created: Iterable[Resource], deleted: Iterable[Resource]) -> None:
        """Take away what one exchange deleted, then add what it created: a completed upload becomes an object."""
        for resource in deleted:
            neighbours = self._by_location.get((resource.service, resource.region), {})
            if self._remove(resource, neighbours) and not _may_have_parts(resource, neighbours):
                continue
            for part in [neighbour for neighbour in neighbours if goes_with(neighbour, resource)]:
                self._remove(part, neighbours)
        for resource in created:
            self._keep(resource)

    def _remove(self, resource: Resource, neighbours: dict[Resource, None]) -> bool:
        """Whether it was there."""
        if resource not in neighbours:
            return False
        del neighbours[resource], self._order[resource]
        return True

    def _keep(self, resource: Resource) -> None:
        if resource in self._order:
            return
        if len(self._order) >= MAX_KEPT:
            self.omitted += 1
            return
        self._order[resource] = None
        self._by_location.setdefault((resource.service, resource.region), {})[resource] = None


def _may_have_parts(deleted: Resource, neighbours: dict[Resource, None]) -> bool:
    """Whether there is anything that takes more parameters to name; if not, nothing has to be searched."""
    return any(len(neighbour.parameters) > len(deleted.parameters) for neighbour in neighbours)
