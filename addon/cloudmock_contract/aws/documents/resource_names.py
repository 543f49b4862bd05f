"""What a call is about: the names and ids of the resources in it, whether it only reads, and the app's own texts.

They stand where clients put them: in path labels, query, forms, JSON, XML. This file does not know which of the
resources exist.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import cbor2
from botocore.model import OperationModel

from cloudmock_contract.aws.documents import bodies
from cloudmock_contract.aws.models import verbs
from cloudmock_contract.aws.wire import cbor
from cloudmock_contract.aws.wire.forms import is_urlencoded
from cloudmock_contract.aws.wire.path_labels import path_labels
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.http import Request
from cloudmock_contract.values.operation import Operation

MAX_SEARCHED_BYTES = 256 * 2**10
"""Bytes of a body that are looked at."""

MIN_NAME_CHARACTERS, MAX_NAME_CHARACTERS = 3, 1024
"""Characters of what may be a resource's name."""

_NAMES = re.compile(
    r"(?<!attribute)(?:name|id|ids|arn|arns|url|bucket|key|alias|identifier|resource|source|target)$", re.IGNORECASE
)
_XML_TEXT = re.compile(r"<(\w+)>([^<>]{3,1024})</\1>")


def only_reads(operation: Operation) -> bool:
    """Whether the operation changes nothing, as far as its name tells."""
    return verbs.probably_reads(operation.action) or operation.action.startswith(("GET ", "HEAD "))


def makes_anew(operation: Operation) -> bool:
    """Whether the operation makes something of its own, and what else it names stays as it was."""
    return verbs.leaves_others(operation.action)


def resource_names(call: Call, model: OperationModel | None) -> frozenset[str]:
    """The names and ids of the resources that the call names."""
    names = {call.operation.bucket, *_labels(call, model)}
    names.update(value for name, value in parse_qsl(call.request.query) if _NAMES.search(name))
    names.update(_in_body(call.request, model))
    return frozenset(name for name in names if MIN_NAME_CHARACTERS <= len(name) <= MAX_NAME_CHARACTERS)


def texts(request: Request, model: OperationModel | None) -> Iterator[str]:
    """Everything in the request in which the app has put values of its own, as texts."""
    yield unquote_plus(request.target)
    for name, value in request.headers.fields:
        if name.lower().startswith("x-amz-") and name.lower() not in _SIGNING:
            yield value
    if not has_bytes(model):
        text = bodies.text(request.headers, request.body, MAX_SEARCHED_BYTES)
        yield unquote_plus(text) if is_urlencoded(request.headers.get("content-type")) else text


_SIGNING = frozenset(("x-amz-security-token", "x-amz-date", "x-amz-content-sha256", "x-amz-target"))


def has_bytes(model: OperationModel | None) -> bool:
    """Whether the request's body is the user's own payload, bytes without structure."""
    shape: Any = model.input_shape if model else None
    payload = shape.serialization.get("payload") if shape is not None else None
    return bool(payload) and shape.members[payload].type_name in ("blob", "string")


def _labels(call: Call, model: OperationModel | None) -> Iterable[str]:
    return path_labels(call, model.http.get("requestUri", "")).values() if model else ()


def _in_body(request: Request, model: OperationModel | None) -> Iterator[str]:
    body = request.body
    if not body or len(body) > MAX_SEARCHED_BYTES or has_bytes(model):
        return
    if is_urlencoded(request.headers.get("content-type")):
        for name, value in parse_qsl(body.decode("utf-8", "replace")):
            if _NAMES.search(re.sub(r"(?:\.member)?\.\d+$", "", name)):
                yield value
    elif body.lstrip()[:1] == b"<":
        for match in _XML_TEXT.finditer(body.decode("utf-8", "replace")):
            if _NAMES.search(match[1]):
                yield html.unescape(match[2])
    elif (is_cbor := cbor.is_cbor(request.headers.get("content-type"))) or body.lstrip()[:1] == b"{":
        try:
            yield from _in_tree((cbor.loads if is_cbor else json.loads)(body), "")
        except (ValueError, RecursionError, cbor2.CBORError):
            return


def _in_tree(value: object, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _in_tree(item, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _in_tree(item, name)
    elif isinstance(value, str) and _NAMES.search(name):
        yield value
