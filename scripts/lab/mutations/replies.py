"""A reply taken apart so that single places of it can be changed, and put together again.

The places are those that the operation's output shape names: its members in JSON, CBOR and XML, and those that it binds
to headers. This file knows the notations and botocore's shapes; it does not know what is done to the places.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, SubElement, TreeBuilder, tostring
from xml.parsers import expat

import cbor2
from botocore.model import OperationModel

from cloudmock_contract.values.difference import Path
from cloudmock_contract.values.http import Headers, Reply
from cloudmock_contract.values.operation import Operation

REQUEST_IDS = frozenset(("requestid", "responsemetadata", "hostid"))
"""Members, in lower case, that are no part of the contract."""

FRAMING = frozenset(("content-length", "content-encoding", "transfer-encoding", "connection", "date", "server"))
_PROLOG = re.compile(rb"^(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a body. `path` is in the model's names, `wire` in those of the reply."""

    path: Path
    wire: Path
    shape: Any
    parent: Any
    """The shape that it is in; None at the root."""

    @property
    def name(self) -> str:
        """The nearest member name."""
        return next((str(step) for step in reversed(self.path) if isinstance(step, str)), "")

    @property
    def is_member(self) -> bool:
        """Whether it has a name that can be missing: as a member of a structure, or as an entry of a map."""
        return self.parent is not None and self.parent.type_name in ("structure", "map")


@dataclass(frozen=True, slots=True)
class DataSpot(Spot):
    """A place in JSON or CBOR."""

    holder: Any
    key: Any

    @property
    def value(self) -> Any:
        return self.holder[self.key]

    @property
    def siblings(self) -> set[str]:
        return set(self.holder)

    @property
    def items(self) -> list[Any]:
        return list(self.value)

    def replace(self, value: object) -> None:
        self.holder[self.key] = value

    def replace_items(self, items: list[Any]) -> None:
        self.replace(items)

    def drop(self) -> None:
        del self.holder[self.key]

    def rename(self, name: str) -> None:
        renamed = {name if key == self.key else key: value for key, value in self.holder.items()}
        self.holder.clear()
        self.holder.update(renamed)

    def add(self, name: str, value: str) -> None:
        self.value[name] = value


@dataclass(frozen=True, slots=True)
class XmlSpot(Spot):
    """A place in XML: an element, an entry of a map, or the elements of a flattened list."""

    holder: Element
    elements: list[Element]
    """What goes if the place goes."""
    node: Element
    """What has the value."""
    label: Element | None = None
    """The key of a map's entry."""

    @property
    def value(self) -> Any:
        return (self.node.text or "") if not len(self.node) else self.node

    @property
    def siblings(self) -> set[str]:
        return {child.tag for child in self.holder}

    @property
    def items(self) -> list[Any]:
        return list(self.elements if self.shape.serialization.get("flattened") else self.node)

    def replace(self, value: object) -> None:
        self.node.text = str(value)

    def replace_items(self, items: list[Any]) -> None:
        if not self.shape.serialization.get("flattened"):
            self.node[:] = items
            return
        position = list(self.holder).index(self.elements[0])
        self.drop()
        self.holder[position:position] = items

    def drop(self) -> None:
        for element in self.elements:
            self.holder.remove(element)

    def rename(self, name: str) -> None:
        if self.label is not None:
            self.label.text = name
            return
        for element in self.elements:
            element.tag = name

    def add(self, name: str, value: str) -> None:
        SubElement(self.node, name).text = value


@dataclass(slots=True)
class Bound:
    """A header that an output member is bound to."""

    path: Path
    header: str
    shape: Any


@dataclass(slots=True)
class Draft:
    """A reply while it is changed."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    notation: str = ""
    """`JSON`, `XML`, `CBOR`; empty for bytes."""
    tree: Any = None
    spots: list[Any] = field(default_factory=list)
    """DataSpots or XmlSpots: of success replies alone."""
    bound: list[Bound] = field(default_factory=list)
    raw_payload: str = ""
    """The output member that is the body as it is."""
    prolog: bytes = b""
    is_cut: bool = False
    """Whether the body is no longer what the tree says."""

    @property
    def is_error(self) -> bool:
        return self.status >= 300

    def get(self, name: str) -> str:
        return Headers(tuple(self.headers)).get(name)

    def set_header(self, name: str, value: str | None) -> None:
        """Another value for the header's first field; None removes the header."""
        changed = [(key, value if key.lower() == name.lower() else old) for key, old in self.headers]
        self.headers = [(key, new) for key, new in changed if new is not None]

    def reply(self, *, has_body: bool) -> Reply:
        """The reply as it is now, with its length mended."""
        body = self.body if self.is_cut else _WRITERS[self.notation](self)
        headers = Headers(tuple(self.headers))
        if has_body:
            names = {"content-length", "transfer-encoding", "x-amz-crc32", "trailer"}
            headers = headers.without(names).adding(("Content-Length", str(len(body))))
        return Reply(self.status, headers, body)


def draft(reply: Reply, operation: Operation, model: OperationModel) -> Draft:
    """The reply taken apart; a body that is not in the operation's notation stays as it is."""
    taken_apart = Draft(reply.status, list(reply.headers.fields), reply.body)
    output: Any = None if taken_apart.is_error else model.output_shape
    payload = str(output.serialization.get("payload") or "") if output is not None else ""
    taken_apart.bound = list(_bound(reply.headers, output)) if output is not None else []
    shape = output.members[payload] if payload else output
    if payload and shape.type_name in ("blob", "string"):
        taken_apart.raw_payload = payload
        return taken_apart
    if payload and shape.serialization.get("eventstream"):
        return taken_apart
    notation = _notation(reply, operation.protocol)
    try:
        taken_apart.tree = _PARSERS[notation](reply.body)
    except _UNREADABLE:
        return taken_apart
    taken_apart.notation = notation
    if notation == "XML":
        taken_apart.prolog = _prolog(reply.body)
    if shape is not None and notation:
        path: Path = (payload,) if payload else ()
        taken_apart.spots = [
            spot for spot in _WALKS[notation](taken_apart.tree, shape, path) if not _is_request_id(spot)
        ]
    return taken_apart


def parse_xml(body: bytes) -> Element:
    """The root element, with names and xmlns attributes just as they are written. Raises expat.ExpatError."""
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.Parse(body, True)
    return builder.close()


def local(tag: str) -> str:
    """The element's name without its prefix."""
    return tag.rpartition(":")[2]


def _prolog(body: bytes) -> bytes:
    match = _PROLOG.match(body)
    return match[0] if match else b""


def _notation(reply: Reply, protocol: str) -> str:
    start = reply.body.lstrip()[:1]
    if protocol == "smithy-rpc-v2-cbor" or "cbor" in reply.headers.get("content-type"):
        return "CBOR" if reply.body else ""
    return {b"{": "JSON", b"[": "JSON", b"<": "XML"}.get(start, "")


def _is_request_id(spot: Spot) -> bool:
    return any(isinstance(step, str) and step.lower() in REQUEST_IDS for step in (*spot.path, *spot.wire))


def _bound(headers: Headers, output: Any) -> Iterator[Bound]:
    for name, member in output.members.items():
        wire = str(member.serialization.get("name", name)).lower()
        match member.serialization.get("location"):
            case "header" if wire in headers and wire not in FRAMING:
                yield Bound((name,), wire, member)
            case "headers":
                for key in headers.names:
                    if key.startswith(wire):
                        yield Bound((name, key.removeprefix(wire)), key, member.value)


def _data(tree: Any, shape: Any, path: Path) -> Iterator[Spot]:
    holder = {"": tree}
    yield from _data_below(holder, "", DataSpot(path, path, shape, None, holder, ""))


def _data_below(holder: Any, key: Any, spot: DataSpot) -> Iterator[Spot]:
    value, shape = holder[key], spot.shape
    if value is None:
        return  # the same as no member to every SDK
    yield spot
    children: list[tuple[Any, Any, Any]] = []
    match shape.type_name:
        case "structure" if isinstance(value, dict) and not getattr(shape, "is_document_type", False):
            named = ((name, member, member.serialization.get("name", name)) for name, member in shape.members.items())
            children = [
                (name, member, wire)
                for name, member, wire in named
                if wire in value and "location" not in member.serialization
            ]
        case "list" if isinstance(value, list):
            children = [(index, shape.member, index) for index in range(len(value))]
        case "map" if isinstance(value, dict):
            children = [(key, shape.value, key) for key in value if isinstance(key, str)]
    for name, member, wire in children:
        below = DataSpot((*spot.path, name), (*spot.wire, wire), member, shape, value, wire)
        yield from _data_below(value, wire, below)


def _xml(root: Element, shape: Any, path: Path) -> Iterator[Spot]:
    wrapper = shape.serialization.get("resultWrapper")
    top = next((child for child in root if local(child.tag) == wrapper), None) if wrapper else root
    if top is not None:
        yield from _xml_below(XmlSpot(path, path, shape, None, root, [top], top))


def _xml_below(spot: XmlSpot) -> Iterator[Spot]:
    yield spot
    for child in _XML_CHILDREN.get(spot.shape.type_name, _no_children)(spot):
        yield from _xml_below(child)


def _no_children(_spot: XmlSpot) -> Iterator[XmlSpot]:
    return iter(())


def _xml_members(spot: XmlSpot) -> Iterator[XmlSpot]:
    for name, member in spot.shape.members.items():
        serialization = member.serialization
        if "location" in serialization or serialization.get("xmlAttribute"):
            continue
        tags = {local(str(serialization.get("name", name)))}
        if serialization.get("flattened") and member.type_name == "list":
            tags.add(str(member.member.serialization.get("name", "")))
        elements = [child for child in spot.node if local(child.tag) in tags]
        if elements:
            wire = (*spot.wire, local(elements[0].tag))
            yield XmlSpot((*spot.path, name), wire, member, spot.shape, spot.node, elements, elements[0])


def _xml_items(spot: XmlSpot) -> Iterator[XmlSpot]:
    holder = spot.holder if spot.shape.serialization.get("flattened") else spot.node
    for index, item in enumerate(spot.items):
        yield XmlSpot((*spot.path, index), (*spot.wire, index), spot.shape.member, spot.shape, holder, [item], item)


def _xml_entries(spot: XmlSpot) -> Iterator[XmlSpot]:
    holder = spot.holder if spot.shape.serialization.get("flattened") else spot.node
    key_tag = spot.shape.key.serialization.get("name", "key")
    value_tag = spot.shape.value.serialization.get("name", "value")
    for entry in spot.items:
        parts = {local(child.tag): child for child in entry}
        if {key_tag, value_tag} <= parts.keys():
            key = parts[key_tag].text or ""
            path, wire = (*spot.path, key), (*spot.wire, key)
            yield XmlSpot(path, wire, spot.shape.value, spot.shape, holder, [entry], parts[value_tag], parts[key_tag])


def _write_xml(draft: Draft) -> bytes:
    return draft.prolog + tostring(draft.tree, encoding="unicode").encode()


_XML_CHILDREN = {"structure": _xml_members, "list": _xml_items, "map": _xml_entries}
_UNREADABLE = (ValueError, expat.ExpatError, cbor2.CBORError)
_PARSERS: Mapping[str, Any] = {"JSON": json.loads, "XML": parse_xml, "CBOR": cbor2.loads, "": bytes}
_WALKS: Mapping[str, Any] = {"JSON": _data, "XML": _xml, "CBOR": _data}
_WRITERS: Mapping[str, Any] = {
    "JSON": lambda draft: json.dumps(draft.tree).encode(),
    "XML": _write_xml,
    "CBOR": lambda draft: cbor2.dumps(draft.tree, datetime_as_timestamp=True),
    "": lambda draft: draft.body,
}
