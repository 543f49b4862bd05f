"""Published replies with the results that they mean, and whether a document says the same as such a result.

The vectors are botocore's, which has them from Smithy's protocol tests and from AWS's own replies. They stand beside
the checkout, not in it; without them there are no names here.

A document keeps some things as they stood on the wire, which a result has converted: timestamps, base64, lists in
headers, the wire names of JSON's and CBOR's members, nulls, and members that the model does not know. `mismatches`
allows for these and for nothing else. It shares no code with the package.
"""

import base64
import binascii
import functools
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import botocore.session
from botocore import xform_name
from botocore.model import OperationModel, ServiceModel

from cloudmock_contract.values.document import Document
from cloudmock_contract.values.http import Headers, Reply

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "botocore" / "tests" / "unit"
PROTOCOLS = FOLDER / "protocols" / "output"
XML = FOLDER / "response_parsing" / "xml"
JSON = FOLDER / "response_parsing" / "json"

NOT_READ_BY_BOTOCORE = frozenset(
    ("BodyWithXmlName", "QueryEmptyInputAndEmptyOutput", "QueryNoInputAndNoOutput", "QueryNoInputAndOutput")
)
"""Cases that botocore itself does not read as they say: an empty body where it wants an element, and a member under
another name than its model's."""

_HTTP_BOUND = ("rest-json", "rest-xml")
"""The protocols in which members are bound to headers, the status and the payload."""
_XML = ("query", "ec2", "rest-xml")
_NO_NUMBERS = ("NaN", "Infinity", "-Infinity")
"""Floats that JSON has only as texts."""


@dataclass(frozen=True)
class Vector:
    """One published reply."""

    protocol: str
    model: OperationModel
    reply: Reply
    result: Mapping[str, Any]
    """What the reply means: the output's members by the model's names; of an error its own members."""
    code: str = ""
    """Of an error; empty for an output."""
    message: str = ""
    """Of an error; empty also where the vector does not tell."""

    @property
    def is_error(self) -> bool:
        return bool(self.code)


@functools.cache
def _loaders() -> Mapping[str, Callable[[], Vector]]:
    loaders: dict[str, Callable[[], Vector]] = {}
    for file in sorted(PROTOCOLS.glob("*.json")):
        for suite in json.loads(file.read_text(encoding="utf-8")):
            for case in suite["cases"]:
                loaders[f"{file.stem}/{case['id']}"] = functools.partial(_protocol_test, suite, case)
    for file in sorted(XML.glob("*/*.xml")):
        result = file.with_suffix(".json")
        loaders[f"xml/{file.parent.name}/{file.stem}"] = functools.partial(_recorded, file, result)
    for file in sorted((JSON / "errors").glob("*.json")):
        loaders[f"json/errors/{file.stem}"] = functools.partial(_recorded, file, JSON / "expected" / file.name)
    return loaders


def names() -> list[str]:
    """As `rest-json/RestJsonAllQueryStringTypes` and `xml/responses/ec2-describe-instances`."""
    return list(_loaders())


def vector(name: str) -> Vector:
    """The vector of one of the names."""
    return _loaders()[name]()


def _protocol_test(suite: Mapping[str, Any], case: Mapping[str, Any]) -> Vector:
    protocol = suite["metadata"]["protocol"]
    operation = dict(case["given"])
    if protocol == "query" and "output" in operation:  # as every model of AWS has it, but not the vectors
        operation["output"] = {**operation["output"], "resultWrapper": f"{operation['name']}Result"}
    service = ServiceModel({**suite, "operations": {operation["name"]: operation}}, "vectors")
    response = case["response"]
    text = response.get("body") or ""
    body = base64.b64decode(text) if protocol == "smithy-rpc-v2-cbor" else text.encode()
    reply = Reply(response.get("status_code", 200), Headers(tuple(response.get("headers", {}).items())), body)
    model = service.operation_model(operation["name"])
    if "errorCode" in case:
        return Vector(protocol, model, reply, case["error"], case["errorCode"], case.get("errorMessage", ""))
    return Vector(protocol, model, reply, case["result"])


def _recorded(file: Path, parsed: Path) -> Vector:
    """A reply of AWS itself; the operation is in the file's name: `ec2-describe-instances#2.xml`."""
    service_name, _, dashed = file.stem.partition("#")[0].partition("-")
    service = _service(service_name)
    protocol = "json" if file.suffix == ".json" else service.protocol  # some services have moved on from it
    method = dashed.replace("-", "_")
    operation = next(name for name in service.operation_names if method == xform_name(name))
    result = json.loads(parsed.read_text(encoding="utf-8"))
    del result["ResponseMetadata"]
    error = result.pop("Error", {})
    reply = Reply(400 if error else 200, Headers(), file.read_bytes())
    code, message = error.get("Code", ""), error.get("Message", "")
    return Vector(protocol, service.operation_model(operation), reply, result, code, message)


@functools.cache
def _service(name: str) -> ServiceModel:
    return botocore.session.Session().get_service_model(name)


def mismatches(published: Vector, document: Document) -> list[str]:
    """Where the document does not say what the result says, each as `path: what`; of an error, its own members."""
    comparison = _Comparison(published.protocol)
    if not published.is_error:
        output = published.model.output_shape
        if output is None:
            return [f"the model knows no output, but the result has {name}" for name in published.result]
        return list(comparison.top(published.result, document.tree, output))
    shapes = published.model.error_shapes
    shape = next((shape for shape in shapes if published.code in (shape.name, shape.error_code)), None)
    return list(comparison.error(published.result, document.tree, shape)) if shape is not None else []


def json_members(published: Vector) -> Mapping[str, Any]:
    """The members of a JSON reply as they were sent, but for an error's name; none if its body is text or bytes."""
    output = published.model.output_shape
    payload = output.serialization.get("payload") if output is not None else None
    if not published.reply.body or (payload and output.members[payload].type_name in ("blob", "string")):
        return {}
    sent = json.loads(published.reply.body)
    return {payload: sent} if payload else {name: value for name, value in sent.items() if name != "__type"}


class _Comparison:
    """A walk through a result and a document side by side."""

    def __init__(self, protocol: str) -> None:
        self._is_xml = protocol in _XML
        self._is_http_bound = protocol in _HTTP_BOUND

    def top(self, expected: Mapping[str, Any], actual: object, shape: Any) -> Iterator[str]:
        """The members of an output; those outside the body are under the model's names in every protocol."""
        payload = shape.serialization.get("payload") if self._is_http_bound else None
        outside = {
            name
            for name, member in shape.members.items()
            if self._is_http_bound and (name == payload or "location" in member.serialization)
        }
        yield from self._members(expected, actual, shape, "", outside)

    def error(self, expected: Mapping[str, Any], tree: Mapping[str, object], shape: Any) -> Iterator[str]:
        """The members of an error, which XML has below Error, and headers have at the top."""
        body: object = tree
        for step in ("Errors", "Error"):
            body = body.get(step, body) if isinstance(body, dict) else body
        assert isinstance(body, dict)
        for name, value in expected.items():
            member = shape.members[name]
            is_bound = self._is_http_bound and "location" in member.serialization
            holder, key = (tree, name) if is_bound else (body, self._key(name, member))
            if key in holder:
                yield from self._value(value, holder[key], member, name)
            else:
                yield f"{name}: missing"

    def _key(self, name: str, member: Any) -> str:
        return name if self._is_xml else str(member.serialization.get("name", name))

    def _members(
        self, expected: Mapping[str, Any], actual: object, shape: Any, path: str, outside: set[str]
    ) -> Iterator[str]:
        if not isinstance(actual, Mapping):
            yield f"{path}: {expected!r} is {actual!r}"
            return
        for name in expected.keys() - shape.members.keys():
            yield f"{path}.{name}: not in the model"
        for name, member in shape.members.items():
            key = name if name in outside else self._key(name, member)
            value = actual.get(key)
            below = f"{path}.{name}" if path else name
            if expected.get(name) is None:
                if value is not None and not (name in outside and value == _digest(b"")):  # a body is never not there
                    yield f"{below}: {value!r} too much"
            elif value is None:
                yield f"{below}: missing"
            elif name in outside:
                yield from self._bound(expected[name], value, member, below)
            else:
                yield from self._value(expected[name], value, member, below)

    def _bound(self, expected: Any, actual: object, member: Any, path: str) -> Iterator[str]:
        """A member of a header, the status or the payload."""
        location = member.serialization.get("location")
        if location == "headers" and isinstance(actual, Mapping):  # the names of headers have no case
            expected = {name.lower(): value for name, value in expected.items()}
            actual = {name.lower(): value for name, value in actual.items()}
        elif location == "header" and member.type_name == "list" and isinstance(actual, str):
            actual = [_converted(item, member.member.type_name) for item in _listed(actual, member.member)]
        elif location == "header" and member.serialization.get("jsonvalue"):
            actual = base64.b64decode(str(actual)).decode()
        yield from self._value(expected, actual, member, path)

    def _value(self, expected: Any, actual: Any, shape: Any, path: str) -> Iterator[str]:
        match shape.type_name:
            case "structure" if not shape.is_document_type:
                yield from self._members(expected, actual, shape, path, set())
            case "list":
                yield from self._list(expected, actual, shape, path)
            case "map":
                yield from self._map(expected, actual, shape, path)
            case kind if not self._is_same(expected, actual, kind):
                yield f"{path}: {expected!r} is {actual!r}"

    def _list(self, expected: list[Any], actual: Any, shape: Any, path: str) -> Iterator[str]:
        if isinstance(actual, list) and len(expected) != len(actual):  # a result leaves out nulls
            actual = [item for item in actual if item is not None]
        if not isinstance(actual, list) or len(expected) != len(actual):
            yield f"{path}: {expected!r} is {actual!r}"
            return
        for index, (expected_item, actual_item) in enumerate(zip(expected, actual, strict=True)):
            yield from self._item(expected_item, actual_item, shape.member, f"{path}[{index}]")

    def _map(self, expected: Mapping[str, Any], actual: Any, shape: Any, path: str) -> Iterator[str]:
        if not isinstance(actual, Mapping):
            yield f"{path}: {expected!r} is {actual!r}"
            return
        for key in expected.keys() | actual.keys():
            if key not in actual:
                yield f"{path}.{key}: missing"
            elif key in expected:
                yield from self._item(expected[key], actual[key], shape.value, f"{path}.{key}")
            elif actual[key] is not None:  # as for lists
                yield f"{path}.{key}: {actual[key]!r} too much"

    def _item(self, expected: Any, actual: Any, shape: Any, path: str) -> Iterator[str]:
        if expected is None or actual is None:
            if expected is not actual:
                yield f"{path}: {expected!r} is {actual!r}"
        else:
            yield from self._value(expected, actual, shape, path)

    def _is_same(self, expected: Any, actual: Any, kind: str) -> bool:
        match kind:
            case "timestamp":
                return _is_same_time(expected, actual)
            case "blob":
                return _is_same_blob(expected.encode(), actual)
            case "float" | "double":
                return _is_same_float(expected, actual)
            case "string" | "character" if isinstance(actual, dict):  # a payload
                return bool(_digest(expected.encode()) == actual)
            case "string" if isinstance(expected, dict):  # JSON in a text, which clients know of outside the model
                return bool(expected == json.loads(unquote(actual)))
            case _:
                return type(expected) is type(actual) and bool(expected == actual)


def _digest(data: bytes) -> dict[str, object]:
    return {"length": len(data), "sha256": sha256(data).hexdigest()}


def _is_same_blob(expected: bytes, actual: object) -> bool:
    if not isinstance(actual, str):
        return _digest(expected) == actual
    try:
        return expected == base64.b64decode(actual, validate=True)
    except binascii.Error:
        return False


def _is_same_float(expected: Any, actual: object) -> bool:
    if isinstance(actual, str) and actual not in _NO_NUMBERS:
        return False
    if isinstance(actual, bool) or not isinstance(actual, (int, float, str)):
        return False
    left, right = float(expected), float(actual)
    return left == right or (math.isnan(left) and math.isnan(right))


def _is_same_time(expected: object, actual: object) -> bool:
    if isinstance(actual, bool) or not isinstance(actual, (int, float, str)):
        return False
    try:
        return _instant(expected) == _instant(actual)
    except ValueError:
        return expected == actual


def _instant(value: Any) -> datetime:
    """Of seconds since the epoch, RFC 3339, also as a document has it of CBOR, or an HTTP date."""
    value = value.removesuffix(" (tag 1)") if isinstance(value, str) else value
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except ValueError:
        pass
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        time = parsedate_to_datetime(value)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _listed(header: str, item: Any) -> Iterator[str]:
    """The items of a header; an HTTP date has a comma itself, and a quoted item may."""
    if item.type_name == "timestamp" and " GMT" in header:
        yield from (f"{date.strip(' ,')} GMT" for date in header.split("GMT") if date)
        return
    rest = header.strip()
    while rest:
        if rest.startswith('"'):
            end = next(at for at in range(1, len(rest)) if rest[at] == '"' and rest[at - 1] != "\\")
            yield rest[1:end].replace('\\"', '"')
            rest = rest[end + 1 :].partition(",")[2].strip()
        else:
            text, _, rest = rest.partition(",")
            yield text.strip()
            rest = rest.strip()


def _converted(text: str, kind: str) -> object:
    match kind:
        case "integer" | "long":
            return int(text)
        case "float" | "double":
            return float(text)
        case "boolean":
            return {"true": True, "false": False}[text]
        case _:
            return text
