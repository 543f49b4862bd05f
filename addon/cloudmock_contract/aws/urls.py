"""Changes the host in URLs that are members of a body, and nothing else of it.

An SQS client sends its next request to the QueueUrl that it was given. The member is looked for by its name, in JSON,
XML and form bodies; the rest of the body stays byte for byte. This file does not know which members, nor whose hosts.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from urllib.parse import quote, unquote

from cloudmock_contract.aws.forms import URLENCODED
from cloudmock_contract.exchange import Headers, Reply, Request

_ORIGIN = re.compile(r"(?P<before>[\"\s>]|^)https?:(?P<slashes>\\?/\\?/)(?P<host>[^/\"\\<>\s?#]+)", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a URL leads: `http://localhost:4577`."""

    scheme: str
    host: str
    """With its port."""


def reply_with(reply: Reply, names: Collection[str], origin: Origin) -> Reply:
    """The reply with this origin in the URLs of the members of these names. The same reply if there are none, or if
    the body is compressed.
    """
    if not names or "content-encoding" in reply.headers or not _HOST.fullmatch(origin.host):
        return reply
    body = _changed(reply.body, names, lambda _: origin)
    return reply if body == reply.body else replace(reply, headers=_fitting(reply.headers, reply.body, body), body=body)


def request_with(request: Request, names: Collection[str], old_host: str, origin: Origin) -> Request:
    """The request with this origin in the URLs, of the members of these names, that have the old host."""
    if not names:
        return request

    def change(host: str) -> Origin | None:
        return origin if host.lower() == old_host.lower() else None

    path, question_mark, query = request.target.partition("?")
    target = path + question_mark + _form_changed(query, names, change)
    if request.headers.get("content-type").startswith(URLENCODED):
        body = _form_changed(request.body.decode("utf-8", "surrogateescape"), names, change).encode(
            "utf-8", "surrogateescape"
        )
    else:
        body = _changed(request.body, names, change)
    return Request(request.method, target, _fitting(request.headers, request.body, body), body)


type Change = Callable[[str], Origin | None]
"""The origin to put in place of one with this host; None leaves it."""


def _changed(body: bytes, names: Collection[str], change: Change) -> bytes:
    """A JSON or XML body with changed URLs. A name inside a JSON string has its quotes escaped, and does not fit."""
    if not any(name.encode() in body for name in names):
        return body
    text = body.decode("utf-8", "surrogateescape")
    for name in names:
        text = _member(name).sub(lambda match: _ORIGIN.sub(lambda url: _url(url, change), match[0]), text)
    return text.encode("utf-8", "surrogateescape")


@cache
def _member(name: str) -> re.Pattern[str]:
    escaped = re.escape(name)
    json_value = r'(?:"(?:[^"\\]|\\.)*"|\[[^\[\]{}]*\])'
    return re.compile(rf'"{escaped}"\s*:\s*{json_value}|<{escaped}>[^<]*</{escaped}>')


def _url(url: re.Match[str], change: Change) -> str:
    origin = change(url["host"])
    return f"{url['before']}{origin.scheme}:{url['slashes']}{origin.host}" if origin else url[0]


def _form_changed(text: str, names: Collection[str], change: Change) -> str:
    if not any(f"{name}=" in text for name in names):
        return text
    pairs = [pair.partition("=") for pair in text.split("&")]
    return "&".join(
        f"{name}={quote(_ORIGIN.sub(lambda url: _url(url, change), unquote(value)), '-._~')}"
        if name in names
        else f"{name}{equals}{value}"
        for name, equals, value in pairs
    )


def _fitting(headers: Headers, old: bytes, new: bytes) -> Headers:
    """The headers with a length and a hash that were true of the old body made true of the new one."""
    if old == new:
        return headers
    told = {
        ("content-length", str(len(old))): str(len(new)),
        ("x-amz-content-sha256", sha256(old).hexdigest()): sha256(new).hexdigest(),
    }
    return Headers(tuple((name, told.get((name.lower(), value), value)) for name, value in headers.fields))
