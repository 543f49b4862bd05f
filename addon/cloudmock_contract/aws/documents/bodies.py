"""A reply's body, read in the notation that its protocol has: JSON, XML, CBOR, an event stream, or bytes.

What cannot be read so is not an error here: it is the body's flaw, and the body is read as what it says that it is.
Whether two bodies say the same can be told without documents of them, which cost several times as much as reading them.

This file knows nothing of an operation's members.
Source: https://smithy.io/2.0/aws/protocols/index.html
"""

import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

import cbor2

from cloudmock_contract.aws.wire import cbor, eventstreams, xml
from cloudmock_contract.values.http import Digest, Headers, Reply
from cloudmock_contract.values.json_values import is_same

MAX_DECODED_BYTES = 64 * 2**20
"""Bytes that a compressed body may grow to; a larger one is compared as it is, in bytes."""


MAX_TEXT_BYTES = 64 * 2**10
"""Bytes of a text, in place of what the protocol has, that is compared as a text; a longer one is compared in bytes."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a body holds."""

    notation: str
    """`JSON`, `XML`, `CBOR`, `event stream`, `text`, or empty for bytes. Of a body with a flaw: what it is instead."""
    content: object = None
    """A JSON or CBOR value, an XML element, a list of events, a text, bytes; None where there is no body."""
    data: bytes = b""
    """The bytes without their compression."""
    flaw: str = ""
    """Why it could not be read as its protocol wants it; empty if it could."""
    digest: Digest | None = None
    """Of bytes that were too many to be kept, and are not in `data`."""


def blob(data: bytes, digest: Digest | None = None) -> dict[str, object]:
    """What is compared of bytes that have no structure. `digest`: of those that were not kept."""
    if digest:
        return {"length": digest.length, "sha256": digest.sha256}
    return {"length": len(data), "sha256": sha256(data).hexdigest()}


def read(reply: Reply, protocol: str, *, is_bytes: bool = False) -> Body:
    """The reply's body. `is_bytes`: the model says that it has no structure."""
    if reply.digest:
        return Body("", digest=reply.digest)
    if not reply.body:
        return Body("")
    if is_bytes:
        return Body("", reply.body, reply.body)
    data, flaw = _decompressed(reply)
    return _as_it_looks(data, "", flaw) if flaw else _read(data, protocol, reply.headers.get("content-type").lower())


def _read(data: bytes, protocol: str, content_type: str) -> Body:
    notation = _notation(protocol, content_type)
    if not notation and data[:1] in (b"{", b"[") and (content := _content(data, "JSON")) is not None:
        return Body("JSON", content, data)
    try:
        return Body(notation, _READERS[notation](data), data)
    except (ValueError, xml.NotXmlError, cbor2.CBORError) as error:
        flaw = f"not {_article(notation)}: {error}"
    except RecursionError:
        flaw = "nested too deep"
    return _as_it_looks(data, content_type, flaw)


def _as_it_looks(data: bytes, content_type: str, flaw: str) -> Body:
    """A body that the protocol's reader refuses, as what its type or its first character says that it is."""
    said = _named(content_type) or _LOOKS.get(data.lstrip()[:1], "")
    if said and not content_type.startswith("text/html") and (content := _content(data, said)) is not None:
        return Body(said, content, data, flaw)
    try:
        text = data.decode() if len(data) <= MAX_TEXT_BYTES else ""
    except ValueError:
        text = ""
    return Body("text", text, data, flaw) if text else Body("", data, data, flaw)


def _content(data: bytes, notation: str) -> object:
    """What the bytes hold in this notation; None if they are not in it."""
    try:
        return _READERS[notation](data)
    except (ValueError, xml.NotXmlError, cbor2.CBORError, RecursionError):
        return None


def say_the_same(aws: Body, cloudmock: Body) -> bool:
    """Whether two JSON bodies say the same. False where only documents can tell."""
    if aws.notation != "JSON" or cloudmock.notation != "JSON" or aws.content is None:
        return False
    if bool(aws.flaw) is not bool(cloudmock.flaw):
        return False
    try:
        if aws.content != cloudmock.content:
            return False
        has_booleans = _BOOLEANS.search(aws.data) or _BOOLEANS.search(cloudmock.data)
        return not has_booleans or is_same(aws.content, cloudmock.content)
    except RecursionError:
        return False


def same_but_for(aws: bytes, cloudmock: bytes, names: Mapping[str, str]) -> Counter[str] | None:
    """How often each of these XML elements differs, if nothing else does; None if something else does.

    `names`: what to count an element as, by its name.
    """
    if aws == cloudmock:
        return Counter()
    if not names or aws[:1] != b"<" or cloudmock[:1] != b"<" or b"<!" in aws or b"<!" in cloudmock:
        return None
    element = re.compile(rf"<({'|'.join(map(re.escape, names))})>[^<]*</\1>".encode())
    if element.sub(rb"\0\1", aws) != element.sub(rb"\0\1", cloudmock) or b"\0" in aws or b"\0" in cloudmock:
        return None
    pairs = zip(element.finditer(aws), element.finditer(cloudmock), strict=True)
    return Counter(names[on_aws[1].decode()] for on_aws, on_cloudmock in pairs if on_aws[0] != on_cloudmock[0])


def decompressed(reply: Reply) -> bytes:
    """The body without its gzip or deflate coding; as it is where it has none or is broken or too large."""
    return _decompressed(reply)[0]


def text(headers: Headers, body: bytes, max_bytes: int) -> str:
    """The beginning of a body without compression as a text in which words can be found; of CBOR its texts alone, which
    otherwise run into the bytes that say their lengths.
    """
    if "cbor" not in headers.get("content-type").lower():
        return body[:max_bytes].decode("utf-8", "replace")
    return "\n".join(cbor.texts(body))[:max_bytes] if len(body) <= max_bytes else ""


def _decompressed(reply: Reply) -> tuple[bytes, str]:
    """As `decompressed`, and why it could not be; empty if it could, or need not be."""
    coding = reply.headers.get("content-encoding").strip().lower()
    if coding not in ("gzip", "deflate") or not reply.body:
        return reply.body, ""
    decoder = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # gzip or zlib, as the bytes say
    try:
        body = decoder.decompress(reply.body, MAX_DECODED_BYTES)
    except zlib.error:
        return reply.body, f"not {coding}, as its Content-Encoding says"
    if decoder.unconsumed_tail:
        return reply.body, ""
    if not decoder.eof or decoder.unused_data:
        return reply.body, f"not whole {coding}, as its Content-Encoding says"
    return body, ""


def _notation(protocol: str, content_type: str) -> str:
    """The notation that the protocol has, or that the message is in where the protocol has two; without a protocol,
    the one that the content type names.
    """
    if content_type.startswith(eventstreams.CONTENT_TYPE):
        return "event stream"
    if protocol == "json" and cbor.is_cbor(content_type):
        return "CBOR"
    return _NOTATIONS.get(protocol) or _named(content_type)


def _named(content_type: str) -> str:
    return next((name for name in ("JSON", "XML", "CBOR") if name.lower() in content_type), "")


def _article(notation: str) -> str:
    return f"an {notation}" if notation == "event stream" else notation


_BOOLEANS = re.compile(rb"true|false")
"""To Python, true is equal to 1, and false to 0; to JSON they are not."""

_NOTATIONS: Mapping[str, str] = {
    "json": "JSON",
    "rest-json": "JSON",
    "query": "XML",
    "ec2": "XML",
    "rest-xml": "XML",
    "smithy-rpc-v2-cbor": "CBOR",
}
_LOOKS: Mapping[bytes, str] = {b"{": "JSON", b"[": "JSON", b"<": "XML"}
XML_PROTOCOLS = frozenset(protocol for protocol, notation in _NOTATIONS.items() if notation == "XML")
_READERS: Mapping[str, Callable[[bytes], object]] = {
    "JSON": json.loads,
    "XML": xml.parse,
    "CBOR": cbor.loads,
    "event stream": lambda data: eventstreams.events(data, blob),
    "": lambda data: data,
}
