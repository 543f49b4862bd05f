"""What a message says of its own body, made true of another body: length, hashes, checksums.

A checksum that cannot be computed here (CRC32C, CRC64NVME) is left out, with the header that announces it. This file
does not sign, and does not know why a body changes.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from cloudmock_contract.values.http import Headers, Request


def with_body(request: Request, body: bytes) -> Request:
    """The request with this body, and headers that are true of it where they were true of the old one."""
    if body == request.body:
        return request
    return replace(request, headers=headers_for(request.headers, request.body, body), body=body)


def with_body_and_length(request: Request, body: bytes) -> Request:
    """The request with this body, and its length as the last header, whatever the length was said to be before.

    For a request that is about to be signed: what else it says of its body is the app's.
    """
    headers = request.headers.without({"content-length"}).adding(("Content-Length", str(len(body))))
    return replace(request, headers=headers, body=body)


def headers_for(headers: Headers, old: bytes, new: bytes) -> Headers:
    """A message's headers, true of the new body where they were true of the old one."""
    if old == new:
        return headers
    fields = []
    for name, value in headers.fields:
        lowered = name.lower()
        if lowered in _UNCOMPUTED or (lowered in _ANNOUNCING and value.upper() in _UNCOMPUTED_ALGORITHMS):
            continue
        compute = _COMPUTED.get(lowered)
        fields.append((name, compute(new) if compute and value == compute(old) else value))
    return Headers(tuple(fields))


def _in_base64(digest: Callable[[bytes], bytes]) -> Callable[[bytes], str]:
    return lambda body: base64.b64encode(digest(body)).decode()


_COMPUTED: Mapping[str, Callable[[bytes], str]] = {
    "content-length": lambda body: str(len(body)),
    "x-amz-content-sha256": lambda body: hashlib.sha256(body).hexdigest(),
    "content-md5": _in_base64(lambda body: hashlib.md5(body, usedforsecurity=False).digest()),
    "x-amz-crc32": lambda body: str(zlib.crc32(body)),
    "x-amz-checksum-crc32": _in_base64(lambda body: zlib.crc32(body).to_bytes(4)),
    "x-amz-checksum-sha1": _in_base64(lambda body: hashlib.sha1(body, usedforsecurity=False).digest()),
    "x-amz-checksum-sha256": _in_base64(lambda body: hashlib.sha256(body).digest()),
}
_UNCOMPUTED = frozenset(("x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme"))
_ANNOUNCING = frozenset(("x-amz-sdk-checksum-algorithm", "x-amz-checksum-algorithm"))
_UNCOMPUTED_ALGORITHMS = frozenset(("CRC32C", "CRC64NVME"))
