"""Which headers of a reply count although no shape of the operation's binds them, which never do, and why.

SDKs and apps act on a few headers that no model names: on the region of a redirect, the validators of a 304, the
tokens that Bedrock has counted, what a browser lets a page see. Everything that is in none of these tables does not
count. A header stands in the reply's document under its name in lower case.

This file does not compare, and does not know the members of a body.
Sources: RFC 9110 (HTTP), the Fetch standard (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol), and AWS's pages
as each row names them.
"""

import functools
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from botocore.model import OperationModel

from cloudmock_contract.aws.documents.output import error_reply, error_shape
from cloudmock_contract.aws.models.shapes import bindings
from cloudmock_contract.aws.wire import integrity
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.http import Reply

VENDOR_PREFIXES = ("x-amz-", "x-amzn-")
"""What AWS's services say for themselves. Apps read it where SDKs do not, such as Bedrock's token counts
(https://docs.aws.amazon.com/bedrock/latest/userguide/inference-invoke.html)."""


class When(IntEnum):
    """In which replies a header counts."""

    UNBOUND = 0
    """Where no shape speaks of headers: errors, redirects, 304s, and operations that no model has."""
    BROWSER = 1
    """In the reply to a request with an Origin: nobody but a browser acts on it."""
    CBOR = 2
    """In Smithy's protocol of CBOR."""
    NOT_MODIFIED = 3
    """In a 304."""
    BODY = 4
    """Beside a body, where the other side's reply says a type as well."""


@dataclass(frozen=True, slots=True)
class Row:
    """One header that counts."""

    name: str
    when: When
    reason: str
    """Who acts on it, and where that is written."""
    read: Callable[[str], object] = str
    """What of its text counts."""


def _tokens(text: str) -> list[str]:
    """A list whose order and case say nothing: field names."""
    return sorted({token.strip().lower() for token in text.split(",") if token.strip()})


def _methods(text: str) -> list[str]:
    """A list whose order says nothing: methods are told apart by their case."""
    return sorted({token.strip() for token in text.split(",") if token.strip()})


def _asked_by_browsers(text: str) -> list[str]:
    """What a reply to a browser varies with."""
    return [name for name in _tokens(text) if name == "origin" or name.startswith("access-control-request-")]


def _unsigned(url: str) -> str:
    """Without the signature in it, which is each side's own, and the sender's secret."""
    return _SIGNATURE.sub("", url)


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().lower()


_SIGNATURE = re.compile(
    r"[?&](?:X-Amz-(?:Algorithm|Credential|Date|Expires|Security-Token|Signature|SignedHeaders)"
    r"|AWSAccessKeyId|Signature|Expires)=[^&#]*",
    re.IGNORECASE,
)

ROWS = (
    Row("etag", When.UNBOUND, "validates what a cache has (RFC 9110, 15.4.5); names what an upload form has made"),
    Row("last-modified", When.UNBOUND, "validates what a cache has (RFC 9110, 8.8.2)"),
    Row("cache-control", When.NOT_MODIFIED, "renews what a cache has (RFC 9110, 15.4.5)"),
    Row("expires", When.NOT_MODIFIED, "likewise"),
    Row("content-range", When.UNBOUND, "a 416 says by it how long the object is (RFC 9110, 15.5.17)"),
    Row("retry-after", When.UNBOUND, "SDKs and apps wait so long (RFC 9110, 10.2.3)"),
    Row("location", When.UNBOUND, "clients go there (RFC 9110, 10.2.2); it names what a form has made", _unsigned),
    Row("allow", When.UNBOUND, "a 405 says by it what may be done (RFC 9110, 15.5.6)", _methods),
    Row("www-authenticate", When.UNBOUND, "clients of a 401 sign in by it (RFC 9110, 11.6.1)"),
    Row("access-control-allow-origin", When.BROWSER, "whether the page may read the reply"),
    Row("access-control-allow-credentials", When.BROWSER, "whether it may where cookies are sent"),
    Row("access-control-expose-headers", When.BROWSER, "which headers the page may read", _tokens),
    Row("access-control-allow-methods", When.BROWSER, "which methods a preflight allows", _methods),
    Row("access-control-allow-headers", When.BROWSER, "which headers a preflight allows", _tokens),
    Row("access-control-max-age", When.BROWSER, "how long a browser remembers that"),
    Row("vary", When.BROWSER, "whether a cache may give the reply to another origin's page", _asked_by_browsers),
    Row(
        "smithy-protocol",
        When.CBOR,
        "SDKs refuse a reply without it (https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html)",
    ),
    Row("content-type", When.BODY, "parsers that know no model choose by it; without effect elsewhere", _media_type),
)
"""The headers that count, beside the vendor's own."""

_PER_REPLY = "names this very reply"
_CONNECTION = "of the connection, not of the reply (RFC 9110, 7.6.1)"
_MEASURED = "how long something took"
_FRONT = "of the servers in front of the service"
_BODY = "of the body, which is compared itself"
_INTEGRITY = "held against the reply's own bytes: see `aws/wire/integrity.py`"

NEVER: Mapping[str, str] = {
    "x-amz-request-id": _PER_REPLY,
    "x-amz-requestid": _PER_REPLY,
    "x-amzn-requestid": _PER_REPLY,
    "x-amzn-request-id": _PER_REPLY,
    "x-amz-id-1": _PER_REPLY,
    "x-amz-id-2": _PER_REPLY,
    "x-amz-rid": _PER_REPLY,
    "x-amz-apigw-id": _PER_REPLY,
    "x-amz-cf-id": _PER_REPLY,
    "x-amzn-trace-id": _PER_REPLY,
    "x-amzn-actiontrace": _PER_REPLY,
    "x-amz-date": "when it was sent",
    "date": "when it was sent",
    "age": "how long a cache has had it",
    "x-amz-cf-pop": _FRONT,
    "x-cache": _FRONT,
    "server": _FRONT,
    "via": _FRONT,
    "alt-svc": _FRONT,
    "strict-transport-security": _FRONT,
    "set-cookie": "of the load balancer",
    "x-amzn-bedrock-invocation-latency": _MEASURED,
    "x-envoy-upstream-service-time": _MEASURED,
    "connection": _CONNECTION,
    "keep-alive": _CONNECTION,
    "proxy-connection": _CONNECTION,
    "transfer-encoding": _CONNECTION,
    "trailer": _CONNECTION,
    "upgrade": _CONNECTION,
    "content-length": _BODY,
    "content-encoding": _BODY,
    "accept-ranges": "says what all of these servers do",
    "x-amz-crc32": _INTEGRITY,
    "content-md5": _INTEGRITY,
    "x-amz-trailer": _CONNECTION,
}
"""Headers that never count, by name in lower case, with the reason."""

NEVER_PREFIXES: Mapping[str, str] = {
    "x-amzn-remapped-": "API Gateway's copies of headers that never count",
    "x-amz-checksum-": _INTEGRITY,
    "x-cloudmock-": "CloudMock's own",
    "x-localstack": "LocalStack's own",
    "x-moto": "moto's own",
}
"""Beginnings of such names."""

_NEVER_PREFIXES = tuple(NEVER_PREFIXES)
_BY_NAME: Mapping[str, Row] = {row.name: row for row in ROWS}
_NONE_BOUND: tuple[Collection[str], tuple[str, ...]] = (frozenset(), ())


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What of a call says which headers count in its replies."""

    protocol: str = ""
    """As in `Operation.protocol`."""
    model: OperationModel | None = None
    """None where no model has the operation."""
    is_from_browser: bool = False
    """Whether the request has an Origin."""
    are_typed: bool = True
    """Whether both sides' replies have a body and say its type."""


@functools.lru_cache(maxsize=1024)
def circumstances(
    protocol: str, model: OperationModel | None, *, is_from_browser: bool, are_typed: bool
) -> Circumstances:
    """Those of a call, made once for each kind of it."""
    return Circumstances(protocol, model, is_from_browser, are_typed)


def loose_headers(reply: Reply, call: Circumstances, shape: Any) -> dict[str, object]:
    """The headers that count and that the shape does not bind, by name in lower case.

    `shape`: the operation's output, or that of its error; None where there is none.
    """
    names, prefixes = _bound_names(shape) if shape is not None else _NONE_BOUND
    holds = (
        call.model is None or reply.status >= 300,
        call.is_from_browser,
        call.protocol == "smithy-rpc-v2-cbor",
        reply.status == 304,
        call.are_typed and bool(reply.length),
    )
    found: dict[str, object] = {}
    for name, value in reply.headers.fields:
        lowered = name.lower()
        if lowered in NEVER or lowered in names:
            continue
        if row := _BY_NAME.get(lowered):
            if holds[row.when] and (counted := row.read(value.strip())) != []:
                found.setdefault(lowered, counted)
        elif lowered.startswith(VENDOR_PREFIXES) and not lowered.startswith((*_NEVER_PREFIXES, *prefixes)):
            found.setdefault(lowered, value)
    return found


def have_like_loose_headers(aws: Reply, cloudmock: Reply, call: Circumstances) -> bool:
    """Whether the loose headers of two successes say the same."""
    if _differ_by_nature_alone(aws.headers.fields, cloudmock.headers.fields):
        return True
    shape = call.model.output_shape if call.model else None
    return loose_headers(aws, call, shape) == loose_headers(cloudmock, call, shape)


def _differ_by_nature_alone(aws: Sequence[tuple[str, str]], cloudmock: Sequence[tuple[str, str]]) -> bool:
    """Whether headers in the same order differ in what never counts, as those of one program do."""
    if len(aws) != len(cloudmock):
        return False
    for of_aws, of_cloudmock in zip(aws, cloudmock, strict=True):
        if of_aws != of_cloudmock and (of_aws[0] != of_cloudmock[0] or of_aws[0].lower() not in NEVER):
            return False
    return True


def with_headers(document: Document, reply: Reply, call: Circumstances) -> Document:
    """The reply's document with the headers that count, and with what is wrong with its checksums."""
    model = call.model
    if document.is_error:
        error = error_reply(document)
        shape = error_shape(model, error) if error else None
    else:
        shape = model.output_shape if model else None
    loose = loose_headers(reply, call, shape)
    unsound = integrity.unsound(reply, checked_headers(model, reply.status))
    return replace(document, tree={**loose, **document.tree}, unsound=unsound) if loose or unsound else document


def are_equally_sound(aws: Reply, cloudmock: Reply, model: OperationModel | None) -> bool:
    """Whether the checksums in two replies' headers fit their bytes on both sides, or on neither.

    The members of both replies are the same.
    """
    names = checked_headers(model, aws.status)
    said = aws.headers.names & names
    if said == cloudmock.headers.names & names and (
        not said
        or (
            aws.body == cloudmock.body
            and aws.digest == cloudmock.digest
            and all(aws.headers.get(name) == cloudmock.headers.get(name) for name in said)
        )
    ):
        return True
    return integrity.unsound(aws, names) == integrity.unsound(cloudmock, names)


def checked_headers(model: OperationModel | None, status: int) -> frozenset[str]:
    """The headers, in lower case, whose checksums are those of a reply's body, in replies with this status.

    An operation's model says where SDKs check the payload. Elsewhere the same headers speak of what was stored.
    """
    if model is not None and model.http.get("method") == "HEAD":
        return frozenset()
    return _of_payload(model) if model is not None and status < 300 else integrity.OF_ANY_REPLY


@functools.lru_cache(maxsize=2048)
def _of_payload(model: OperationModel) -> frozenset[str]:
    algorithms = model.http_checksum.get("responseAlgorithms", ())
    is_object = model.service_model.service_name == "s3" and model.name == "GetObject"
    names = {f"{integrity.CHECKSUM_PREFIX}{algorithm.lower()}" for algorithm in algorithms}
    return integrity.OF_ANY_REPLY | names | ({integrity.ETAG} if is_object else set())


def has_effect(name: str, model: OperationModel | None) -> bool:
    """Whether a difference in the loose header of this name can reach an app that uses an SDK."""
    return name != "content-type" or model is None


@functools.lru_cache(maxsize=8192)
def _bound_names(shape: Any) -> tuple[Collection[str], tuple[str, ...]]:
    """The names of the headers that the shape binds, and how those begin that it binds together."""
    bound = bindings(shape)
    return (
        frozenset(wire_name.lower() for _, location, wire_name, _ in bound if location == "header"),
        tuple(wire_name.lower() for _, location, wire_name, _ in bound if location == "headers"),
    )
