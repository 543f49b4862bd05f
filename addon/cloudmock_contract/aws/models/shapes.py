"""What a model says of a position in a tree, and of the members that stand outside a body.

A shape is botocore's, or None where no model says anything. Members are found by their name in the model and by their
name on the wire, since XML trees have the former and JSON trees the latter. This file does not look at values.
"""

import functools
from collections.abc import Iterable, Mapping
from typing import Any


def below(shape: Any, step: str | int) -> Any:
    """The shape one step down: a member, an item, or a map's value. None where the model has none."""
    if shape is None:
        return None
    match shape.type_name:
        case "structure":
            if isinstance(step, int):
                return shape if is_event_stream(shape) else None
            # What is misplaced (`aws/wire/xml.py`) is the member of its name, or else an item of another name.
            return _members(shape).get(step) or (_members(shape).get(step[1:-1], shape) if step[:1] == "<" else None)
        case "list":
            return shape.member if isinstance(step, int) else None
        case "map":
            return shape.value
        case _:
            return shape if isinstance(step, str) and step[:1] == "<" else None


def at(shape: Any, path: Iterable[str | int]) -> Any:
    """The shape at the end of the path."""
    for step in path:
        shape = below(shape, step)
    return shape


@functools.lru_cache(maxsize=8192)
def _members(shape: Any) -> Mapping[str, Any]:
    by_wire_name = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    return {**by_wire_name, **shape.members}


type Binding = tuple[str, str, str, str]
"""Of a member outside the body: its name, its location (`header`, `headers`, `querystring`, `uri` or `statusCode`), its
name there (of `headers`, how their names begin), and its type."""


@functools.lru_cache(maxsize=8192)
def bindings(shape: Any) -> tuple[Binding, ...]:
    """The members of an operation's input or output that do not stand in the body."""
    return tuple(
        (name, location, member.serialization.get("name", name), member.type_name)
        for name, member in shape.members.items()
        if (location := member.serialization.get("location")) is not None
    )


def is_sensitive(shape: Any) -> bool:
    """Whether the model marks the shape as one whose values must not be shown."""
    return shape is not None and bool(shape.metadata.get("sensitive"))


def enumeration(shape: Any) -> tuple[str, ...]:
    """The values that the model lists for the shape; none where it lists none."""
    return tuple(shape.metadata.get("enum", ())) if shape is not None else ()


def is_event_stream(shape: Any) -> bool:
    """Whether it comes as a stream of events, which is a list in a tree."""
    return bool(shape.serialization.get("eventstream"))
