"""A reply's body, read in the notation that its protocol has: JSON, XML, CBOR, an event stream, or bytes.

What cannot be read is not an error here: it is the body's flaw. Whether two bodies say the same can be told without
documents of them, which cost several times as much as reading them.

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

from cloudmock_contract.aws.wire import eventstreams, xml
from cloudmock_contract.values.http import Digest, Headers, Reply
from cloudmock_contract.values.json_values import is_same

MAX_DECODED_BYTES = 64 * 2**20
"""Bytes that a compressed body may grow to; a larger one is compared as it is, in bytes."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a body holds."""

    notation: str
    """`JSON`, `XML`, `CBOR`, `event stream`, or empty for bytes."""
    content: object = None
    """A JSON or CBOR value, an XML element, a list of events, bytes; None where there is a flaw or no body."""
    data: bytes = b""
    """The bytes without their compression."""
    flaw: str = ""
    """Why it could not be read; empty if it could."""
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
    notation = _notation(protocol, reply.headers)
    if flaw:
        return Body(notation, None, data, flaw)
    if not notation and data[:1] in (b"{", b"[") and _is_json(data):
        notation = "JSON"
    try:
        return Body(notation, _READERS[notation](data), data)
    except (ValueError, xml.NotXmlError, cbor2.CBORError) as error:
        flaw = f"not {_article(notation)}: {error}"
    except RecursionError:
        flaw = "nested too deep"
    return Body(notation, None, data, flaw)


def say_the_same(aws: Body, cloudmock: Body) -> bool:
    """Whether two JSON bodies say the same. False where only documents can tell."""
    if aws.notation != "JSON" or cloudmock.notation != "JSON" or aws.content is None:
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


def _notation(protocol: str, headers: Headers) -> str:
    """The notation that the protocol has; without a protocol, the one that the content type names."""
    content_type = headers.get("content-type").lower()
    if content_type.startswith(eventstreams.CONTENT_TYPE):
        return "event stream"
    if notation := _NOTATIONS.get(protocol):
        return notation
    return next((name for name in ("JSON", "XML", "CBOR") if name.lower() in content_type), "")


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


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
XML_PROTOCOLS = frozenset(protocol for protocol, notation in _NOTATIONS.items() if notation == "XML")
_READERS: Mapping[str, Callable[[bytes], object]] = {
    "JSON": json.loads,
    "XML": xml.parse,
    "CBOR": cbor2.loads,
    "event stream": lambda data: eventstreams.events(data, blob),
    "": lambda data: data,
}
