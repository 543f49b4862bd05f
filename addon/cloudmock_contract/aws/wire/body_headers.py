"""What a request says of its own body, made true of another body: length, hashes, checksums.

A checksum that cannot be computed here (CRC32C, CRC64NVME) is left out, with the header that announces it. This file
does not sign, and does not know why a body changed.
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
    fields = []
    for name, value in request.headers.fields:
        wanted = name.lower()
        if wanted in _UNCOMPUTED or (wanted in _ANNOUNCING and value.upper() in _UNKNOWN):
            continue
        told = _TOLD.get(wanted)
        fields.append((name, told(body) if told and value == told(request.body) else value))
    return replace(request, headers=Headers(tuple(fields)), body=body)


def _in_base64(make: Callable[[bytes], bytes]) -> Callable[[bytes], str]:
    return lambda body: base64.b64encode(make(body)).decode()


_TOLD: Mapping[str, Callable[[bytes], str]] = {
    "content-length": lambda body: str(len(body)),
    "x-amz-content-sha256": lambda body: hashlib.sha256(body).hexdigest(),
    "content-md5": _in_base64(lambda body: hashlib.md5(body, usedforsecurity=False).digest()),
    "x-amz-checksum-crc32": _in_base64(lambda body: zlib.crc32(body).to_bytes(4)),
    "x-amz-checksum-sha1": _in_base64(lambda body: hashlib.sha1(body, usedforsecurity=False).digest()),
    "x-amz-checksum-sha256": _in_base64(lambda body: hashlib.sha256(body).digest()),
}
_UNCOMPUTED = frozenset(("x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme"))
_ANNOUNCING = frozenset(("x-amz-sdk-checksum-algorithm", "x-amz-checksum-algorithm"))
_UNKNOWN = frozenset(("CRC32C", "CRC64NVME"))
