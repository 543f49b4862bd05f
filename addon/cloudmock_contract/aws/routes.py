"""Which REST operation a method, path and query belong to.

A `Routes` holds the routes of all services that share a signing name in one tree over path segments. Matching walks
every branch that fits (a label takes one segment, a greedy label one or more, also in the middle of a route) and ranks
the routes found: those whose required query and header members are all there first, then the more literal path, then
the one that asks for more of the query and headers, which are there.

This file does not know HTTP beyond a method, a path, query pairs and header names; nor which service is asked.
Source of the rules: Smithy's `http` trait, https://smithy.io/2.0/spec/http-bindings.html
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")
_LITERAL_SEGMENT, _LABEL_SEGMENT, _GREEDY_SEGMENT = range(3)


@dataclass(frozen=True, slots=True)
class Route:
    """One REST operation's place."""

    service: str
    action: str
    protocol: str
    method: str
    segments: tuple[tuple[int, str], ...]
    """(kind, literal text or label name) from the root."""
    trailing_slash: bool
    query_literals: frozenset[tuple[str, str]]
    """Query pairs that the route spells out (`acl`, `list-type=2`); an empty value fits any."""
    required_query: frozenset[str]
    required_headers: frozenset[str]
    deprecated: bool
    preference: int
    """Among services that answer to the same route: the lowest is the likeliest."""


@dataclass(slots=True)
class _Node:
    literals: dict[str, "_Node"] = field(default_factory=dict)
    label: "_Node | None" = None
    greedy: "_Node | None" = None
    routes: dict[str, list[Route]] = field(default_factory=dict)
    """By method, the routes that end here."""


class Routes:
    """The routes of the services that share a signing name."""

    def __init__(self, definitions: Mapping[str, Mapping[str, Any]]) -> None:
        """From model files' contents by service name, the likeliest service first."""
        self._root = _Node()
        for preference, (service, definition) in enumerate(definitions.items()):
            for route in _routes_of(service, definition, preference):
                self._add(route)

    def match(
        self,
        method: str,
        segments: tuple[str, ...],
        *,
        trailing_slash: bool,
        query: Collection[tuple[str, str]],
        header_names: Collection[str],
    ) -> Route | None:
        """The best route.

        `segments`: the path's parts between slashes, decoded or not; `header_names` in lower case. None: no route fits.
        """
        names = {name for name, _ in query}
        hint = dict(query).get("x-id")
        best: tuple[Any, ...] | None = None
        chosen = None
        for route in self._ending_at(self._root, segments, 0, method):
            if not all(name in names and (not value or (name, value) in query) for name, value in route.query_literals):
                continue
            missing = len(route.required_query - names) + len(route.required_headers.difference(header_names))
            rank = (
                hint is not None and hint != route.action,
                missing,
                -sum(kind == _LITERAL_SEGMENT for kind, _ in route.segments),
                tuple(kind for kind, _ in route.segments),
                -len(route.query_literals),
                missing - len(route.required_query) - len(route.required_headers),
                route.trailing_slash != trailing_slash,
                route.deprecated,
                route.preference,
                route.action,
            )
            if best is None or rank < best:
                best, chosen = rank, route
        return chosen

    def _add(self, route: Route) -> None:
        node = self._root
        for kind, text in route.segments:
            if kind == _LITERAL_SEGMENT:
                node = node.literals.setdefault(text, _Node())
            elif kind == _LABEL_SEGMENT:
                node.label = node.label or _Node()
                node = node.label
            else:
                node.greedy = node.greedy or _Node()
                node = node.greedy
        node.routes.setdefault(route.method, []).append(route)

    def _ending_at(self, node: _Node, segments: tuple[str, ...], position: int, method: str) -> Iterator[Route]:
        if position == len(segments):
            yield from node.routes.get(method, ())
            return
        if literal := node.literals.get(segments[position]):
            yield from self._ending_at(literal, segments, position + 1, method)
        if node.label and segments[position]:
            yield from self._ending_at(node.label, segments, position + 1, method)
        if node.greedy:
            if node.greedy.literals or node.greedy.label:
                ends: Iterable[int] = range(position + 1, len(segments) + 1)
            else:
                ends = (len(segments),)
            for end in ends:
                yield from self._ending_at(node.greedy, segments, end, method)


def _routes_of(service: str, definition: Mapping[str, Any], preference: int) -> Iterator[Route]:
    shapes = definition["shapes"]
    protocol = next((name for name in _protocols(definition["metadata"]) if name.startswith("rest-")), None)
    if protocol is None:
        return
    for action, operation in definition["operations"].items():
        path, _, literals = operation["http"]["requestUri"].partition("?")
        query, headers = _required_bindings(shapes.get(operation.get("input", {}).get("shape"), {}))
        pairs = frozenset((name, value) for name, _, value in (pair.partition("=") for pair in literals.split("&")))
        yield Route(
            service=service,
            action=action,
            protocol=protocol,
            method=operation["http"]["method"],
            segments=tuple(_segment(text) for text in path.strip("/").split("/")) if path.strip("/") else (),
            trailing_slash=path.endswith("/"),
            query_literals=frozenset((name, value) for name, value in pairs if name and name != "x-id"),
            required_query=query,
            required_headers=headers,
            deprecated=bool(operation.get("deprecated")),
            preference=preference,
        )


def _protocols(metadata: Mapping[str, Any]) -> Iterable[str]:
    return tuple(metadata.get("protocols", (metadata["protocol"],)))


def _segment(text: str) -> tuple[int, str]:
    if label := _LABEL.fullmatch(text):
        return (_GREEDY_SEGMENT if label[2] else _LABEL_SEGMENT, label[1])
    return (_LITERAL_SEGMENT, text)


def _required_bindings(shape: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    members = shape.get("members", {})
    bound: dict[str, set[str]] = {"querystring": set(), "header": set()}
    for name in shape.get("required", ()):
        member = members[name]
        if member.get("location") in bound:
            bound[member["location"]].add(member.get("locationName", name))
    return frozenset(bound["querystring"]), frozenset(name.lower() for name in bound["header"])
