"""A reply as a document: the tree of its body, with the members that the operation binds to headers.

The body is read as the operation's protocol says, guided by the output shape where the protocol is XML; members that
the model does not know are kept. Blobs are their length and hash. A body that cannot be read so is not an error here:
it is the document's flaw, for the comparison to report.

This file does not compare, and does not know which side a reply comes from.
Sources: https://smithy.io/2.0/aws/protocols/index.html; botocore's models for the shapes.
"""

import json
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import cbor2
from botocore.model import OperationModel

from cloudmock_contract.aws import xml
from cloudmock_contract.exchange import Document, Headers, Reply

LARGEST_DECODED = 64 * 2**20
"""Bytes that a compressed body may grow to; a larger one is compared as it is, in bytes."""

LARGEST_INTEGER = 4096
"""Bits of a CBOR integer that stays a number; Python refuses to write much larger ones in decimal."""

type Tree = dict[str, object]


def document(reply: Reply, protocol: str, model: OperationModel | None) -> Document:
    """The reply's document. `protocol`: as in `Operation.protocol`; `model`: None where no model has the operation."""
    output: Any = model.output_shape if model and reply.status < 300 else None
    bound = _error_headers(reply) if output is None else _bound(reply, output)
    payload = _payload_member(output)
    if payload and output.members[payload].type_name in ("blob", "string"):
        return Document(reply.status, {**bound, payload: blob(reply.body)})
    if not reply.body:
        return Document(reply.status, bound)
    body = _decompressed(reply)
    try:
        tree = _reader(protocol, reply.headers, body)(body, output, payload)
    except _UNREADABLE as error:
        flaw = f"not {_notation(protocol, reply.headers)}: {error}"
    except RecursionError:
        flaw = "nested too deep"
    else:
        members = tree if isinstance(tree, dict) else {"body": tree}
        name = members.get("__type")
        if reply.status >= 300 and isinstance(name, str):
            members = {**members, "__type": error_type(name)}
        return Document(reply.status, {**members, **bound})
    return Document(reply.status, {**bound, "body": blob(reply.body)}, flaw)


def blob(data: bytes) -> Tree:
    """What is compared of bytes that have no structure."""
    return {"length": len(data), "sha256": sha256(data).hexdigest()}


def error_type(value: str) -> str:
    """The error's name in a `__type` or an x-amzn-errortype: `prefix#Name` and `Name:http://…` are both `Name`.

    Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
    """
    return value.partition(":")[0].rpartition("#")[2]


def error_summary(document: Document) -> str:
    """An error reply's code and message as a person reads them; empty if the reply is none, or says neither."""
    if not document.is_error:
        return ""
    nested = document.tree
    for step in ("Errors", "Error"):
        below = nested.get(step)
        nested = below if isinstance(below, dict) else nested
    places = ({name.lower(): value for name, value in tree.items()} for tree in (nested, document.tree))
    members = {name: value for place in places for name, value in place.items() if isinstance(value, str)}
    code = members.get("x-amzn-errortype") or members.get("__type") or error_type(members.get("code", ""))
    return ": ".join(text for text in (code, members.get("message", "")) if text)


def _error_headers(reply: Reply) -> Tree:
    """The headers in which an error reply names its error."""
    found: Tree = {}
    if reply.status >= 300:
        if "x-amzn-errortype" in reply.headers:
            found["x-amzn-errortype"] = error_type(reply.headers.get("x-amzn-errortype"))
        if "x-amzn-query-error" in reply.headers:
            found["x-amzn-query-error"] = reply.headers.get("x-amzn-query-error")
    return found


def _bound(reply: Reply, output: Any) -> Tree:
    """The output members that the model binds to headers and the status."""
    tree: Tree = {}
    for name, member in output.members.items():
        location = member.serialization.get("location")
        wire_name = member.serialization.get("name", name)
        if location == "statusCode":
            tree[name] = reply.status
        elif location == "header" and wire_name in reply.headers:
            tree[name] = _scalar(reply.headers.get(wire_name), member.type_name)
        elif location == "headers":
            prefix = wire_name.lower()
            tree[name] = {
                key.lower().removeprefix(prefix): value
                for key, value in reply.headers.fields
                if key.lower().startswith(prefix)
            }
    return tree


def _scalar(text: str, type_name: str) -> object:
    try:
        match type_name:
            case "integer" | "long":
                return int(text)
            case "float" | "double":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}.get(text.lower(), text)
    except ValueError:
        pass
    return text


def _payload_member(output: Any) -> str:
    payload = output.serialization.get("payload", "") if output is not None else ""
    return str(payload or "")


def _decompressed(reply: Reply) -> bytes:
    """The body without its gzip or deflate coding; as it is where it has none or is broken or too large."""
    if reply.headers.get("content-encoding").strip().lower() not in ("gzip", "deflate"):
        return reply.body
    decoder = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # finds out by itself whether it is gzip or zlib
    try:
        body = decoder.decompress(reply.body, LARGEST_DECODED)
    except zlib.error:
        return reply.body
    return body if decoder.eof and not decoder.unused_data else reply.body


def _notation(protocol: str, headers: Headers) -> str:
    """`JSON`, `XML`, `CBOR`, or empty for bytes: what the protocol, or without one the content type, says."""
    if notation := _NOTATIONS.get(protocol):
        return notation
    content_type = headers.get("content-type").lower()
    return next((name for name in ("JSON", "XML", "CBOR") if name.lower() in content_type), "")


def _reader(protocol: str, headers: Headers, body: bytes) -> Callable[..., object]:
    notation = _notation(protocol, headers)
    if not notation and body[:1] in (b"{", b"["):
        notation = "JSON" if _is_json(body) else ""
    return _READERS[notation]


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _read_json(body: bytes, _output: Any, payload: str) -> object:
    tree = json.loads(body)
    return {payload: tree} if payload else tree


def _read_cbor(body: bytes, _output: Any, _payload: str) -> object:
    return _plain(cbor2.loads(body))


def _plain(value: object) -> object:  # noqa: PLR0911 (one for each type)
    """A CBOR value with JSON's types alone."""
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(item) for item in value]
        case bytes():
            return blob(value)
        case datetime():
            return value.timestamp()
        case int() if value.bit_length() > LARGEST_INTEGER:
            return hex(value)
        case bool() | int() | float() | str() | None:
            return value
        case _:
            return str(value)


def _read_xml(body: bytes, output: Any, payload: str) -> object:
    root = xml.parse(body)
    if output is None:
        return _rooted(root)
    if payload:
        return {payload: xml.guided(root, output.members[payload])}
    wrapper = output.serialization.get("resultWrapper")
    if not wrapper:
        return xml.structure(root, output) if len(root) else _rooted(root)
    tree: Tree = {}
    for child in root:
        if xml.tag(child) == wrapper:
            tree |= xml.structure(child, output)
        else:
            tree[xml.tag(child)] = xml.raw(child)
    return tree


def _rooted(root: Any) -> Tree:
    """Without a shape: the root's children, or its text under its own name."""
    tree = xml.raw(root)
    if isinstance(tree, dict):
        return tree
    return {xml.tag(root): tree} if tree else {}


def _read_bytes(body: bytes, *_: object) -> object:
    return {"body": blob(body)}


_UNREADABLE = (ValueError, xml.NotXmlError, cbor2.CBORError)
_NOTATIONS: Mapping[str, str] = {
    "json": "JSON",
    "rest-json": "JSON",
    "query": "XML",
    "ec2": "XML",
    "rest-xml": "XML",
    "smithy-rpc-v2-cbor": "CBOR",
}
_READERS: Mapping[str, Callable[..., object]] = {
    "JSON": _read_json,
    "XML": _read_xml,
    "CBOR": _read_cbor,
    "": _read_bytes,
}
