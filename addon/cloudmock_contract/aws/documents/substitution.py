"""A request with the values in it translated: path, query, headers, form, JSON, XML, CBOR.

`translate` gets each text of the request's own members, whole; JSON inside a text is opened. The user's own payload is
never touched: object bodies and keys, messages, items, secrets, plaintexts, whatever the model calls bytes. A request
in which nothing changes stays byte for byte. Headers that depend on the body are computed anew.

This file does not know what the values mean, nor what they become.
"""

import gzip
import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote, unquote_plus
from xml.sax.saxutils import escape

import cbor2
from botocore.model import OperationModel

from cloudmock_contract.aws.documents import bodies
from cloudmock_contract.aws.documents.resource_names import has_bytes
from cloudmock_contract.aws.models.shapes import below
from cloudmock_contract.aws.models.user_data import is_payload_of_request
from cloudmock_contract.aws.wire import cbor, forms
from cloudmock_contract.aws.wire.authentication import PARAMETER_NAMES, QUERY_NAMES
from cloudmock_contract.aws.wire.body_headers import with_body
from cloudmock_contract.values.http import Reply, Request
from cloudmock_contract.values.operation import Operation

type Translate = Callable[[str], str]

MAX_TRANSLATED_BYTES = 4 * 2**20
"""Bytes of a body that is translated; AWS takes larger ones only as payload."""

MIN_BLOB_CHARACTERS = 64
"""Characters of base64 that bytes of AWS's own have at least, such as a ciphertext."""

_UNESCAPED = "-._~"
_S3_USERS_OWN = frozenset(("prefix", "delimiter", "marker", "start-after", "key-marker", "x-id"))
_TRANSLATED_HEADERS = re.compile(
    r"if-(?:none-)?match|x-amz-(?!meta-|date$|content-sha256$|security-token$|target$|checksum-|sdk-|user-agent$).*"
)
_TRANSLATED_HEADERS_AND_HOST = re.compile(rf"host|{_TRANSLATED_HEADERS.pattern}")
"""A resource may answer at a host of its own, which begins with its id; buckets are named by the user."""


def substituted(request: Request, operation: Operation, model: OperationModel | None, translate: Translate) -> Request:
    """The request with its values translated; the same request if none changes."""
    is_s3 = operation.service == "s3"
    path, mark, query = request.target.partition("?")
    if not is_s3:
        path = "/".join(_segment(segment, translate) for segment in path.split("/"))
    target = path + mark + _query(query, operation.service, translate)
    names = _TRANSLATED_HEADERS if is_s3 else _TRANSLATED_HEADERS_AND_HOST
    headers = tuple(
        (name, _header(name, value, translate) if names.fullmatch(name.lower()) else value)
        for name, value in request.headers.fields
    )
    if target != request.target or headers != request.headers.fields:
        request = replace(request, target=target, headers=replace(request.headers, fields=headers))
    if not request.body or has_bytes(model):
        return request
    return with_body(request, _body(request, operation, model, translate))


def _segment(segment: str, translate: Translate) -> str:
    text = unquote(segment, errors="surrogateescape")
    new = translate(text)
    return segment if new == text else _quoted(new)


def _quoted(text: str) -> str:
    return quote(text, safe=_UNESCAPED, errors="surrogateescape")


def _header(name: str, value: str, translate: Translate) -> str:
    if name.lower() == "x-amz-copy-source":  # bucket and key are the user's own, the version is AWS's
        source, mark, version = value.partition("?")
        return source + mark + _query(version, "s3", translate)
    return translate(value)


def _query(query: str, service: str, translate: Translate) -> str:
    if not query:
        return query
    pairs = []
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        text = unquote_plus(value, errors="surrogateescape")
        plain = unquote(name).lower()
        is_fixed = plain in QUERY_NAMES | PARAMETER_NAMES or is_payload_of_request(plain, service)
        new = text if is_fixed or (service == "s3" and plain in _S3_USERS_OWN) else translate(text)
        pairs.append(pair if new == text else f"{name}{equals}{_quoted(new)}")
    return "&".join(pairs)


def _body(request: Request, operation: Operation, model: OperationModel | None, translate: Translate) -> bytes:
    """The body with its values translated; the same bytes where none is, or where it cannot be read."""
    content_type = request.headers.get("content-type")
    if forms.is_multipart(content_type) or request.headers.get("x-amz-content-sha256").startswith("STREAMING-"):
        return request.body
    is_gzip = request.headers.get("content-encoding").strip().lower() == "gzip"
    body = bodies.decompressed(Reply(200, request.headers, request.body)) if is_gzip else request.body
    is_compressed = body is not request.body
    if len(body) > MAX_TRANSLATED_BYTES:
        return request.body
    tree = _Tree(operation.service, translate)
    try:
        if forms.is_urlencoded(content_type):
            new = _form(body, tree)
        elif operation.protocol == "smithy-rpc-v2-cbor" or cbor.is_cbor(content_type):
            new = _cbor(body, tree, model)
        elif body.lstrip()[:1] == b"<":
            new = _xml(body, tree)
        else:
            new = _json(body, tree, model)
    except (ValueError, RecursionError, cbor2.CBORError):  # it is the service that refuses such a body
        return request.body
    return request.body if new == body else gzip.compress(new) if is_compressed else new


class _Tree:
    """Walks the members of a body."""

    def __init__(self, service: str, translate: Translate) -> None:
        self._service, self._translate = service, translate

    def is_payload(self, name: str) -> bool:
        return is_payload_of_request(name, self._service)

    def value(self, value: object, shape: Any, *, is_text: bool = False) -> object:
        """The value translated. `is_text`: it is inside a text, whose names are no members."""
        match value:
            case dict() if is_text or (shape is not None and shape.type_name == "map"):
                return {
                    self._translate(key) if isinstance(key, str) else key: self.value(
                        item, below(shape, str(key)), is_text=is_text
                    )
                    for key, item in value.items()
                }
            case dict():
                return {
                    key: item if self.is_payload(str(key)) else self.value(item, below(shape, str(key)))
                    for key, item in value.items()
                }
            case list():
                return [self.value(item, below(shape, 0), is_text=is_text) for item in value]
            case str() if shape is not None and shape.type_name == "blob":
                new = self._translate(value)
                # Bytes are the user's own, but for those that AWS made; these are known as a whole.
                return new if len(value) >= MIN_BLOB_CHARACTERS else value
            case str():
                return self.text(value)
            case _:
                return value

    def text(self, value: str) -> str:
        """A text translated; as JSON if it is JSON."""
        if value[:1] in ("{", "["):
            try:
                tree = json.loads(value)
            except (ValueError, RecursionError):
                return self._translate(value)
            new = self.value(tree, None, is_text=True)
            return value if new == tree else json.dumps(new)
        return self._translate(value)


def _json(body: bytes, tree: _Tree, model: OperationModel | None) -> bytes:
    old = json.loads(body)
    new = tree.value(old, _shape_of_body(model))
    return body if new == old else json.dumps(new).encode()


def _shape_of_body(model: OperationModel | None) -> Any:
    shape: Any = model.input_shape if model else None
    payload = shape.serialization.get("payload") if shape is not None else None
    return shape.members[payload] if payload else shape


def _cbor(body: bytes, tree: _Tree, model: OperationModel | None) -> bytes:
    old = cbor.loads(body)
    new = tree.value(old, _shape_of_body(model))
    return body if new == old else cbor2.dumps(new)


def _form(body: bytes, tree: _Tree) -> bytes:
    pairs = []
    for pair in body.decode("utf-8", "surrogateescape").split("&"):
        name, equals, value = pair.partition("=")
        text = unquote_plus(value, errors="surrogateescape")
        steps = unquote(name).split(".")
        is_fixed = steps[-1].lower() in PARAMETER_NAMES or any(map(tree.is_payload, steps)) or name == "Action"
        new = text if is_fixed else tree.text(text)
        pairs.append(pair if new == text else f"{name}{equals}{_quoted(new)}")
    return "&".join(pairs).encode("utf-8", "surrogateescape")


def _xml(body: bytes, tree: _Tree) -> bytes:
    def changed(match: re.Match[str]) -> str:
        if tree.is_payload(match["name"]):
            return match[0]
        text = html.unescape(match["text"])
        new = tree.text(text)
        return match[0] if new == text else f"{match['head']}{escape(new, _ENTITIES)}</"

    return _ELEMENT.sub(changed, body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


_ELEMENT = re.compile(r"(?P<head><(?:\w+:)?(?P<name>\w+)(?:\s[^<>]*)?>)(?P<text>[^<>]+)</")
_ENTITIES = {'"': "&quot;", "\r": "&#13;"}
