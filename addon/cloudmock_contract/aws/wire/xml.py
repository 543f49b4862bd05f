"""XML as the AWS protocols use it: bytes to an element tree, and an element tree to a document tree.

Guided by a shape, an element becomes what the shape says, under the model's member names. SDKs find a member by its
name on the wire and in its place alone, so elements that the shape does not know there are kept under names of their
own: one that has a member's name, but is none, is `<Name>`, which no member is called. Without a shape, an element with
children becomes an object, repeated children become a list, and the rest are strings.

botocore's own parser is of no use here: it drops the members that the model does not know, and turns times and blobs
into values of Python's. These are the very differences that are looked for.

This file does not know which protocol the XML came in, nor what an operation is.
Source: https://smithy.io/2.0/spec/protocol-traits.html#xml-bindings
"""

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

from botocore.model import Shape

_ANY_NAMESPACE = re.compile(r"^\{[^}]*\}")
_LIST_ITEMS = frozenset(("member", "item"))
"""Element names that AWS gives to list items and to nothing else."""


class NotXmlError(ValueError):
    """The bytes are no XML that AWS would send."""


class _NoDoctype(ElementTree.TreeBuilder):
    """Refuses a document type: it declares entities, which can be made to expand without bounds. AWS sends none."""

    def doctype(self, name: str, *_: object) -> None:
        raise NotXmlError(f"it declares a document type, {name}")


def parse(text: bytes) -> ElementTree.Element:
    """The root element. Raises NotXmlError."""
    try:
        return ElementTree.fromstring(text, ElementTree.XMLParser(target=_NoDoctype()))  # noqa: S314 (no DTD is let in)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        if isinstance(error, NotXmlError):
            raise
        raise NotXmlError(str(error)) from error


def tag(element: ElementTree.Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def raw(element: ElementTree.Element) -> object:
    """The element's tree without a model."""
    if not len(element):
        return element.text or ""
    tree: dict[str, Any] = {}
    for child in element:
        name, value = tag(child), raw(child)
        if name in _LIST_ITEMS:
            tree.setdefault(name, []).append(value)
        elif name not in tree:
            tree[name] = value
        elif isinstance(tree[name], _Repeated):
            tree[name].append(value)
        else:
            tree[name] = _Repeated((tree[name], value))
    return tree


class _Repeated(list[object]):
    """The values of an element that is there more than once; not a plain list, as a value can be one itself."""


def structure(element: ElementTree.Element, shape: Any) -> dict[str, object]:
    """The element's children and attributes as members of a structure shape."""
    by_tag, attributes = _members(shape)
    tree: dict[str, object] = {}
    others: list[ElementTree.Element] = []
    flattened: dict[str, list[ElementTree.Element]] = {}
    for child in element:
        name, member = by_tag.get(tag(child), ("", None))
        if member is None or name in tree:  # of an element that must not be repeated, SDKs read the first, or none
            others.append(child)
        elif member.serialization.get("flattened"):
            flattened.setdefault(name, []).append(child)
        else:
            tree[name] = guided(child, member)
    for name, children in flattened.items():
        member = shape.members[name]
        is_list = member.type_name == "list"
        tree[name] = [guided(child, member.member) for child in children] if is_list else _entries(children, member)
    for attribute, value in element.attrib.items() if attributes else ():
        if bound_to := attributes.get(_ANY_NAMESPACE.sub(":", attribute)):
            tree[bound_to] = value
    return {**unknown(others, shape), **tree} if others else tree


def unknown(elements: Iterable[ElementTree.Element], shape: Any) -> dict[str, object]:
    """Elements that are no members of the structure shape where they stand, under names that no member has."""
    return {misplaced(name) if name in shape.members else name: value for name, value in _raw_members(elements).items()}


def misplaced(name: str) -> str:
    """The key of what has this name and stands where no SDK looks for it."""
    return f"<{name}>"


def _raw_members(elements: Iterable[ElementTree.Element]) -> dict[str, object]:
    holder = ElementTree.Element("holder")
    holder.extend(elements)
    tree = raw(holder)
    return tree if isinstance(tree, dict) else {}


def guided(element: ElementTree.Element, shape: Shape) -> object:
    """The element's tree as its shape says; a scalar that does not fit its type stays a string."""
    return _READERS.get(shape.type_name, _text)(element, shape)


@functools.lru_cache(maxsize=4096)
def _members(shape: Any) -> tuple[Mapping[str, tuple[str, Shape]], Mapping[str, str]]:
    """A structure's members by the element that holds each, and the names of those in attributes by attribute."""
    elements: dict[str, tuple[str, Shape]] = {}
    attributes = {}
    for name, member in shape.members.items():
        if member.serialization.get("location") in OUTSIDE:
            continue
        if member.serialization.get("xmlAttribute"):
            _, colon, local_name = str(member.serialization.get("name", name)).rpartition(":")
            attributes[colon + local_name] = name  # with a colon if it has to be in a namespace
        else:
            elements.setdefault(_member_tag(name, member), (name, member))
    return elements, attributes


OUTSIDE = frozenset(("header", "headers", "statusCode"))
"""Locations of members that are not in the body."""


def _member_tag(name: str, member: Any) -> str:
    """The name of the elements that hold a member. A flattened list's items have the list's own name; SimpleDB's have
    the name that its models give to the items, which is more than that of any item.
    """
    own = str(member.serialization.get("name", name)).rpartition(":")[2]
    if not (member.serialization.get("flattened") and member.type_name == "list"):
        return own
    of_items = str(member.member.serialization.get("name", own))
    return own if of_items in _LIST_ITEMS else of_items


def _list(children: Iterable[ElementTree.Element], shape: Any) -> list[object]:
    item_tag = shape.member.serialization.get("name", "member")
    return [
        guided(child, shape.member)
        if (name := tag(child)) == item_tag
        else {misplaced(name): guided(child, shape.member)}
        for child in children
    ]


def _map(entries: Iterable[ElementTree.Element], shape: Any) -> dict[str, object]:
    return _entries(entries, shape, "entry")


def _entries(entries: Iterable[ElementTree.Element], shape: Any, entry_tag: str = "") -> dict[str, object]:
    """A map of its entries. `entry_tag`: the name that they have to have; empty where they were found by it."""
    key_tag = shape.key.serialization.get("name", "key")
    value_tag = shape.value.serialization.get("name", "value")
    tree: dict[str, object] = {}
    others: list[ElementTree.Element] = []
    for entry in entries:
        children = {tag(child): child for child in entry}
        is_known = not entry_tag or tag(entry) == entry_tag
        if is_known and key_tag in children and children.keys() <= {key_tag, value_tag}:
            value = children.get(value_tag)
            tree[children[key_tag].text or ""] = None if value is None else guided(value, shape.value)
        else:
            others.append(entry)
    odd = {misplaced(name): value for name, value in _raw_members(others).items()} if others else {}
    return {**odd, **tree}


def _text(element: ElementTree.Element, _shape: Shape) -> object:
    return raw(element)  # a scalar that has children is wrong, and shows as the object that it is


def _number(convert: Callable[[str], int | float]) -> Callable[[ElementTree.Element, Shape], object]:
    def read(element: ElementTree.Element, _shape: Shape) -> object:
        value = raw(element)
        try:
            return convert(value) if isinstance(value, str) else value
        except ValueError:
            return value

    return read


def _boolean(element: ElementTree.Element, _shape: Shape) -> object:
    value = raw(element)
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


_READERS: dict[str, Callable[[ElementTree.Element, Any], object]] = {
    "structure": structure,
    "list": _list,
    "map": _map,
    "integer": _number(int),
    "long": _number(int),
    "float": _number(float),
    "double": _number(float),
    "boolean": _boolean,
}
