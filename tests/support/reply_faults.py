"""Faults in bodies, one at a time: what an emulator may get wrong in the XML, JSON or CBOR around its values.

A fault changes one element, or one member, of a body that is right. Some of them no SDK minds; which ones is for an
SDK's parser to say. This file shares no code with the package.
"""

import copy
import functools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

import cbor2

XML_PROTOCOLS = ("query", "ec2", "rest-xml")


type Fault = tuple[str, Callable[[], bytes]]
"""Its kind, and what writes the body with it."""


def faults(protocol: str, body: bytes, model_names: Mapping[str, str]) -> Iterator[Fault]:
    """The body as this file writes it, as `none`, and each fault in it.

    `model_names`: the model's names of members by those on the wire.
    """
    if protocol in XML_PROTOCOLS:
        yield from _of_xml(fromstring(body))
    elif protocol == "smithy-rpc-v2-cbor":
        yield from _of_tree(
            cbor2.loads(body), model_names, lambda value: cbor2.dumps(value, datetime_as_timestamp=True)
        )
    else:
        yield from _of_tree(json.loads(body), model_names, lambda value: json.dumps(value).encode())


def _of_xml(root: Element) -> Iterator[Fault]:
    yield "none", lambda: tostring(root)
    yield "empty body", lambda: b""
    for index in range(sum(1 for _ in root.iter())):
        for kind, change in _XML_FAULTS.items():
            yield kind, functools.partial(_xml_with, root, index, change)


def _xml_with(root: Element, index: int, change: Callable[[Element, Element], None]) -> bytes:
    holder = Element("holder")
    holder.append(copy.deepcopy(root))
    element = list(holder[0].iter())[index]
    change(element, next(parent for parent in holder.iter() if element in list(parent)))
    return b"".join(map(tostring, holder))


def _named(change: Callable[[str], str]) -> Callable[[Element, Element], None]:
    def rename(element: Element, _parent: Element) -> None:
        namespace, brace, name = element.tag.rpartition("}")
        element.tag = namespace + brace + change(name)

    return rename


def _unwrap(element: Element, parent: Element) -> None:
    index = list(parent).index(element)
    parent[index : index + 1] = list(element)


def _wrap(element: Element, parent: Element) -> None:
    index = list(parent).index(element)
    wrapper = Element("Wrapper")
    wrapper.append(element)
    parent[index] = wrapper


def _empty(element: Element, _parent: Element) -> None:
    element[:] = []
    element.text = None


def _fill(element: Element, _parent: Element) -> None:
    element.text = "junk"


def _add(element: Element, _parent: Element) -> None:
    SubElement(element, "Junk").text = "1"


_XML_FAULTS: Mapping[str, Callable[[Element, Element], None]] = {
    "first letter upper": _named(lambda name: name[:1].upper() + name[1:]),
    "first letter lower": _named(lambda name: name[:1].lower() + name[1:]),
    "renamed": _named(lambda name: f"{name}s"),
    "named as an item": _named(lambda _: "item"),
    "named as a member": _named(lambda _: "member"),
    "dropped": lambda element, parent: parent.remove(element),
    "wrapper dropped": _unwrap,
    "wrapped": _wrap,
    "twice": lambda element, parent: parent.insert(list(parent).index(element), copy.deepcopy(element)),
    "without content": _empty,
    "text in it": _fill,
    "element in it": _add,
}


def _of_tree(tree: Any, model_names: Mapping[str, str], written: Callable[[Any], bytes]) -> Iterator[Fault]:
    yield "none", lambda: written(tree)
    yield "empty body", lambda: b""
    for path in _paths(tree, ()):
        changes = {**_TREE_FAULTS, "model's name": _rename(lambda name: model_names.get(name, name))}
        for kind, change in changes.items():
            yield kind, functools.partial(_tree_with, tree, path, change, written)


def _tree_with(
    tree: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None], written: Callable[[Any], bytes]
) -> bytes:
    changed = copy.deepcopy(tree)
    parent = changed
    for step in path[:-1]:
        parent = parent[step]
    change(parent, path[-1])
    return written(changed)


def _paths(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in steps:
        yield (*path, step)
        yield from _paths(below, (*path, step))


def _rename(change: Callable[[str], str]) -> Callable[[Any, Any], None]:
    def rename(parent: Any, step: Any) -> None:
        if isinstance(step, str):
            parent[change(step)] = parent.pop(step)

    return rename


def _replace(change: Callable[[Any], Any]) -> Callable[[Any, Any], None]:
    def put(parent: Any, step: Any) -> None:
        parent[step] = change(parent[step])

    return put


def _drop(parent: Any, step: Any) -> None:
    del parent[step]


def _unwrap_value(parent: Any, step: Any) -> None:
    if isinstance(parent, dict) and isinstance(parent[step], dict):
        parent.update(parent.pop(step))


_TREE_FAULTS: Mapping[str, Callable[[Any, Any], None]] = {
    "first letter upper": _rename(lambda name: name[:1].upper() + name[1:]),
    "first letter lower": _rename(lambda name: name[:1].lower() + name[1:]),
    "renamed": _rename(lambda name: f"{name}s"),
    "dropped": _drop,
    "wrapper dropped": _unwrap_value,
    "wrapped": _replace(lambda value: {"Wrapper": value}),
    "in a list": _replace(lambda value: [value]),
    "null": _replace(lambda _: None),
    "a text": _replace(lambda _: "junk"),
    "a number": _replace(lambda _: 123),
}
