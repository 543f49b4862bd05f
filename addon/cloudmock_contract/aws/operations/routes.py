"""Which REST operation a method, path and query belong to.

A `Routes` holds the routes of all services that share a signing name in one tree over path segments. Matching walks
every branch that fits (a label takes one segment, a greedy label one or more, also in the middle of a route) and ranks
the routes at their ends: those that spell out more of the query first, then those whose required query and header
members are all there, then the more literal path, then the one that asks for more of the query and headers, which are
there.

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
    """Where one REST operation is called."""

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

    @property
    def literalness(self) -> tuple[int, tuple[int, ...]]:
        """The lower, the more of the path is spelled out, and the earlier."""
        kinds = tuple(kind for kind, _ in self.segments)
        return -kinds.count(_LITERAL_SEGMENT), kinds


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
    ) -> tuple[Route, ...]:
        """The best route; more than one where only what is in the request's values can tell them apart.

        `segments`: the path's parts between slashes, decoded or not; `header_names` in lower case. Empty: none fits.
        """
        routes = self._ending_at(segments, method)
        if len(routes) > 1 or (routes and routes[0].query_literals):
            names = {name for name, _ in query}
            complete = [route for route in routes if _has_literals(route, names, query)]
            # A pair that the model always sends (`format=sdk`) may be missing in what another client sends.
            routes = complete or [route for route in routes if all(value for _, value in route.query_literals)]
        if len(routes) <= 1:
            return tuple(routes)
        hint = dict(query).get("x-id")
        ranks = [_rank(route, hint, names, header_names, trailing_slash=trailing_slash) for route in routes]
        best = min(ranks)
        tied = [route for route, rank in zip(routes, ranks, strict=True) if rank == best]
        return tuple(sorted(tied, key=lambda route: (route.deprecated, route.preference, route.action)))

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

    def _ending_at(self, segments: tuple[str, ...], method: str) -> list[Route]:
        """The routes of every way through the tree that takes all segments."""
        routes: list[Route] = []
        length = len(segments)
        stack = [(self._root, 0)]
        while stack:
            node, position = stack.pop()
            if position == length:
                routes += node.routes.get(method, ())
                continue
            segment = segments[position]
            if literal := node.literals.get(segment):
                stack.append((literal, position + 1))
            if node.label and segment:
                stack.append((node.label, position + 1))
            if node.greedy:
                is_last = not (node.greedy.literals or node.greedy.label)
                stack += [(node.greedy, end) for end in range(length if is_last else position + 1, length + 1)]
        return routes


def _has_literals(route: Route, names: Collection[str], query: Collection[tuple[str, str]]) -> bool:
    return all(name in names and (not value or (name, value) in query) for name, value in route.query_literals)


def _rank(
    route: Route, hint: str | None, names: Collection[str], header_names: Collection[str], *, trailing_slash: bool
) -> tuple[Any, ...]:
    """What decides between routes that fit; the lowest is the best."""
    missing = len(route.required_query.difference(names)) + len(route.required_headers.difference(header_names))
    return (
        hint is not None and hint != route.action,
        -len(route.query_literals),
        missing,
        route.literalness,
        missing - len(route.required_query) - len(route.required_headers),
        route.trailing_slash != trailing_slash,
    )


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
