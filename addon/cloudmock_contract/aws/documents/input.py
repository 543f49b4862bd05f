"""The members of a request's input, wherever its protocol puts them: path, query, headers, form, JSON, XML, CBOR.

Whatever a client sends, the result is a tree, perhaps an empty one: what cannot be read is left out. So are bytes, and
a body that is the user's own payload. This file does not know what the members mean.
Source: https://smithy.io/2.0/spec/http-bindings.html and https://smithy.io/2.0/aws/protocols/index.html
"""

import functools
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import cbor2
from botocore.model import OperationModel

from cloudmock_contract.aws.documents import bodies
from cloudmock_contract.aws.documents.resource_names import has_bytes
from cloudmock_contract.aws.models.shapes import bindings
from cloudmock_contract.aws.wire import cbor, forms, xml
from cloudmock_contract.aws.wire.path_labels import path_labels
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.http import Reply, Request

MAX_READ_BYTES = 256 * 2**10
"""Bytes of a body, with and without its compression; a larger one is not read."""

MAX_FIELDS = 10_000
"""Parameters of a form that are read."""

MAX_DEPTH = 32
"""Steps down into a tree; AWS's inputs have fewer."""

type Tree = dict[str, Any]


def members(call: Call, model: OperationModel) -> Mapping[str, object]:
    """The request's members under the model's names: structures and maps as dicts, lists as lists, and scalars.

    Scalars in a path, a query, a header, a form or XML are text, whatever their type; numbers of XML are numbers.
    """
    shape: Any = model.input_shape
    request, operation = call.request, call.operation
    if shape is None:
        return {}
    if operation.protocol in ("query", "ec2"):
        return _of_form(request, operation.protocol, shape)
    in_body = {} if has_bytes(model) else _of_body(request, operation.protocol, shape)
    if not operation.protocol.startswith("rest-"):
        return in_body
    return {**in_body, **_of_head(request, shape), **_of_path(call, model)}


def _of_path(call: Call, model: OperationModel) -> Tree:
    names = _names(model.input_shape)
    labels = path_labels(call, model.http.get("requestUri", ""), must_fit=True)
    return {names.get(label, label): text for label, text in labels.items()}


def _of_head(request: Request, shape: Any) -> Tree:
    """The members that are bound to the query and to headers."""
    pairs = list(_pairs(request.query)) if request.query else []
    tree: Tree = {}
    for name, location, wire_name, type_name in bindings(shape):
        if location == "header" and wire_name in request.headers:
            tree[name] = request.headers.get(wire_name)
        elif location == "querystring" and (values := [value for key, value in pairs if key == wire_name]):
            tree[name] = values if type_name == "list" else values[0]
    return tree


def _of_body(request: Request, protocol: str, shape: Any) -> Tree:
    body = _plain(request)
    if not body or len(body) > MAX_READ_BYTES:
        return {}
    payload = str(shape.serialization.get("payload") or "")
    content_shape = shape.members[payload] if payload else shape
    if cbor.is_cbor(request.headers.get("content-type")):
        protocol = "smithy-rpc-v2-cbor"
    try:
        content = _BUILDERS[protocol](body, content_shape) if protocol in _BUILDERS else {}
    except (ValueError, RecursionError, OverflowError, cbor2.CBORError):
        return {}
    if payload:
        return {payload: content}
    return content if isinstance(content, dict) else {}


def _plain(request: Request) -> bytes:
    """The body without its compression."""
    if len(request.body) > MAX_READ_BYTES:
        return b""
    if "content-encoding" not in request.headers:
        return request.body
    return bodies.decompressed(Reply(200, request.headers, request.body))


def _of_json(body: bytes, shape: Any) -> object:
    return _renamed(json.loads(body), shape, 0)


def _of_cbor(body: bytes, shape: Any) -> object:
    return _renamed(cbor.loads(body), shape, 0)


def _of_xml(body: bytes, shape: Any) -> object:
    return xml.guided(xml.parse(body), shape)


_BUILDERS: Mapping[str, Callable[[bytes, Any], object]] = {
    "json": _of_json,
    "rest-json": _of_json,
    "rest-xml": _of_xml,
    "smithy-rpc-v2-cbor": _of_cbor,
}


def _renamed(value: object, shape: Any, depth: int) -> object:
    """The value under the model's names of members instead of those on the wire, and without bytes."""
    if depth > MAX_DEPTH:
        return None
    match value:
        case dict() if shape is not None and shape.type_name == "structure":
            names = _names(shape)
            return {
                names.get(key, key): _renamed(item, shape.members.get(names.get(key, key)), depth + 1)
                for key, item in value.items()
                if isinstance(key, str)
            }
        case dict():
            below = shape.value if shape is not None and shape.type_name == "map" else None
            return {str(key): _renamed(item, below, depth + 1) for key, item in value.items()}
        case list():
            below = shape.member if shape is not None and shape.type_name == "list" else None
            return [_renamed(item, below, depth + 1) for item in value]
        case str() | bool() | int() | float() if shape is None or shape.type_name != "blob":
            return value
        case _:
            return None


@functools.lru_cache(maxsize=8192)
def _names(shape: Any) -> Mapping[str, str]:
    """The model's names of a structure's members by those on the wire."""
    return {str(member.serialization.get("name", name)): name for name, member in shape.members.items()}


def _of_form(request: Request, protocol: str, shape: Any) -> Tree:
    """The members in the query and the form of the query protocols."""
    texts = [request.query]
    body = _plain(request)
    if len(body) <= MAX_READ_BYTES and forms.is_urlencoded(request.headers.get("content-type")):
        texts.append(body.decode("utf-8", "replace"))
    root: Tree = {}
    for text in texts:
        for name, value in _pairs(text):
            _grow(root, name.split(".", MAX_DEPTH), value)
    tree = _structure(root, shape, protocol, 0)
    return tree if isinstance(tree, dict) else {}


def _pairs(text: str) -> Iterable[tuple[str, str]]:
    return parse_qsl("&".join(text.split("&", MAX_FIELDS)[:MAX_FIELDS]), keep_blank_values=True)


def _grow(root: Tree, steps: list[str], value: str) -> None:
    """Put a parameter into the tree, a step for each part of its name. Where two contradict, the first one holds."""
    node = root
    for step in steps[:-1]:
        below = node.setdefault(step, {})
        if not isinstance(below, dict):
            return
        node = below
    node.setdefault(steps[-1], value)


def _guided(node: object, shape: Any, protocol: str, depth: int) -> object:
    if depth > MAX_DEPTH:
        return None
    if not isinstance(node, dict):
        return node if shape.type_name not in ("structure", "list", "map", "blob") else None
    match shape.type_name:
        case "structure":
            return _structure(node, shape, protocol, depth)
        case "list":
            items = _items(node, shape.member.serialization.get("name", "member"))
            return [_guided(item, shape.member, protocol, depth + 1) for item in items]
        case "map":
            key_name = shape.key.serialization.get("name", "key")
            value_name = shape.value.serialization.get("name", "value")
            return {
                entry[key_name]: _guided(entry.get(value_name), shape.value, protocol, depth + 1)
                for entry in _items(node, "entry")
                if isinstance(entry, dict) and isinstance(entry.get(key_name), str)
            }
        case _:
            return None


def _structure(node: Tree, shape: Any, protocol: str, depth: int) -> object:
    tree: Tree = {}
    for name, member in shape.members.items():
        below = next((node[spelling] for spelling in _wire_names(name, member, protocol) if spelling in node), None)
        if below is not None and (value := _guided(below, member, protocol, depth + 1)) is not None:
            tree[name] = value
    return tree


def _wire_names(name: str, member: Any, protocol: str) -> tuple[str, ...]:
    """How a parameter for the member may be named.

    Source: https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#query-key-resolution
    """
    wire_name = str(member.serialization.get("name", name))
    if protocol == "ec2":
        wire_name = str(member.serialization.get("queryName") or f"{wire_name[:1].upper()}{wire_name[1:]}")
    elif member.type_name == "list" and member.serialization.get("flattened"):
        return (str(member.member.serialization.get("name", wire_name)), wire_name, name)
    return (wire_name, name)


def _items(node: Tree, wrapper: str) -> list[object]:
    """The items of a list in the order of their numbers, below `member` or not."""
    for name in (wrapper, "member"):
        if isinstance(inner := node.get(name), dict):
            node = inner
            break
    # No list has an index of more digits.
    numbered = [(int(key), item) for key, item in node.items() if key.isascii() and key.isdigit() and len(key) < 10]
    return [item for _, item in sorted(numbered, key=lambda pair: pair[0])]
