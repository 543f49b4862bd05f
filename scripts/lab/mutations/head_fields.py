"""Faults in headers that no output shape binds, and in checksums: of replies that were given some first.

`with_checksums` gives a reply the checksums that AWS would send with it, right ones. This file does not know how
replies are compared.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from zlib import crc32

from cloudmock_contract.values.http import Reply
from lab.mutations.change import Change, Context
from lab.mutations.replies import Draft

TOLD = re.compile(
    r"x-amz-(?:delete-marker|version-id|bucket-region)|content-range|etag|last-modified|retry-after|location"
    r"|access-control-[a-z-]+|x-amzn-[a-z-]+-count|smithy-protocol",
    re.IGNORECASE,
)
"""Headers that SDKs or apps act on, though no shape binds them."""

_CONTENT_MD5, _CRC32 = "Content-MD5", "X-Amz-Crc32"


def _base64_crc32(body: bytes) -> str:
    return base64.b64encode(crc32(body).to_bytes(4)).decode()


_S3_CHECKSUMS: Mapping[str, Callable[[bytes], str]] = {
    "x-amz-checksum-crc32": _base64_crc32,
    "x-amz-checksum-sha1": lambda body: base64.b64encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode(),
    "x-amz-checksum-sha256": lambda body: base64.b64encode(hashlib.sha256(body).digest()).decode(),
    _CONTENT_MD5: lambda body: base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode(),
    "ETag": lambda body: f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"',
}


def with_checksums(reply: Reply, service: str, action: str) -> Reply:
    """The reply with the checksums that the service sends: DynamoDB's of every reply, S3's of an object."""
    if reply.status != 200 or not reply.body:
        return reply
    if service == "dynamodb":
        return _with(reply, {_CRC32: str(crc32(reply.body))})
    if (service, action) == ("s3", "GetObject"):
        return _with(reply, {name: make(reply.body) for name, make in _S3_CHECKSUMS.items()})
    return reply


def _with(reply: Reply, fields: Mapping[str, str]) -> Reply:
    kept = reply.headers.without({name.lower() for name in fields})
    return Reply(reply.status, kept.adding(*fields.items()), reply.body, reply.seconds)


def checksum_wrong(draft: Draft, context: Context) -> Change | None:
    """A checksum of other bytes than the body's; the body is as it should be."""
    names = [name for name in (*_S3_CHECKSUMS, _CRC32) if draft.get(name)]
    if not names or draft.status != 200 or not draft.body:
        return None
    name = context.random.choice(names)
    was = draft.get(name)
    others = draft.body + b"!"
    now = str(crc32(others)) if name == _CRC32 else _S3_CHECKSUMS[name](others)
    draft.is_cut = True  # nothing is written anew
    draft.set_header(name, now)
    return Change((name,), (name,), was, now)


def _told(draft: Draft) -> list[str]:
    is_etag_md5 = bool(draft.get("x-amz-checksum-sha256"))
    names = [name for name, _ in draft.headers if TOLD.fullmatch(name)]
    return [name for name in names if not (is_etag_md5 and name == "ETag")]


def told_header_dropped(draft: Draft, context: Context) -> Change | None:
    if not (names := _told(draft)):
        return None
    name = context.random.choice(names)
    was = draft.get(name)
    draft.set_header(name, None)
    return Change((name,), (name,), was, "(dropped)")


def told_header_changed(draft: Draft, context: Context) -> Change | None:
    names = [name for name in _told(draft) if name.lower() != "x-amz-version-id"]
    if not names:
        return None
    name = context.random.choice(names)
    was = draft.get(name)
    match = re.search(r"\d+", was)
    now = f"{was[: match.start()]}{int(match[0]) + 1}{was[match.end() :]}" if match else f"{was}x"
    draft.set_header(name, now)
    return Change((name,), (name,), was, now)


def content_type(draft: Draft, context: Context) -> Change | None:
    """Another Content-Type; the body is as it was."""
    was = draft.get("content-type")
    others = [name for name in ("text/plain", "application/json", "application/xml", "text/html") if name not in was]
    if not was or not draft.body:
        return None
    now = context.random.choice(others)
    draft.set_header("content-type", now)
    return Change(("content-type",), ("content-type",), was, now)
