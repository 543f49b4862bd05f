"""Changes the host in URLs that are members of a body, and nothing else of it.

An SQS client sends its next request to the QueueUrl that AWS gave it. The member is looked for by its name, in XML, in
the outermost object of JSON, and in forms; the rest of the body stays byte for byte, above all what is the app's own
text. This file does not know which members, nor whose hosts.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote_plus

from cloudmock_contract.aws.wire.body_headers import headers_for, with_body
from cloudmock_contract.aws.wire.forms import is_urlencoded
from cloudmock_contract.values.http import Reply, Request

_BASE_URL = re.compile(r"(?P<before>[\"\s>]|^)https?:(?P<slashes>\\?/\\?/)(?P<host>[^/\"\\<>\s?#]+)", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """Where a URL leads: `http://localhost:4577`."""

    scheme: str
    host: str
    """With its port."""


def reply_with(reply: Reply, names: Collection[str], base: BaseUrl) -> Reply:
    """The reply with this base in the URLs of the members of these names. The same reply if there are none, or if the
    body is compressed.
    """
    if not names or "content-encoding" in reply.headers or not _HOST.fullmatch(base.host):
        return reply
    body = _changed(reply.body, names, lambda _: base)
    if body == reply.body:
        return reply
    return replace(reply, headers=headers_for(reply.headers, reply.body, body), body=body)


def request_with(request: Request, names: Collection[str], old_host: str, base: BaseUrl) -> Request:
    """The request with this base in those URLs of the members of these names that have the old host."""
    if not names:
        return request

    def change(host: str) -> BaseUrl | None:
        return base if host.lower() == old_host.lower() else None

    path, question_mark, query = request.target.partition("?")
    target = path + question_mark + _form_changed(query, names, change)
    if is_urlencoded(request.headers.get("content-type")):
        body = _form_changed(request.body.decode("utf-8", "surrogateescape"), names, change).encode(
            "utf-8", "surrogateescape"
        )
    else:
        body = _changed(request.body, names, change)
    return with_body(request.to(target, request.headers), body)


type Change = Callable[[str], BaseUrl | None]
"""The base to put in place of one with this host; None leaves it."""


def _changed(body: bytes, names: Collection[str], change: Change) -> bytes:
    """A JSON or XML body with changed URLs."""
    if not any(name.encode() in body for name in names):
        return body
    text = body.decode("utf-8", "surrogateescape")
    spans = _in_xml(text, names) if text.lstrip().startswith("<") else _in_json(text, names)
    pieces, end = [], 0
    for start, stop in spans:
        pieces += [text[end:start], _BASE_URL.sub(lambda url: _url(url, change), text[start:stop])]
        end = stop
    return "".join((*pieces, text[end:])).encode("utf-8", "surrogateescape")


def _in_xml(text: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    """The spans of the elements of these names."""
    for match in re.finditer(rf"<({'|'.join(map(re.escape, names))})>[^<]*</\1>", text):
        yield match.span()


def _in_json(text: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    """The spans of the values of the outermost object's members of these names: of a string, or a list of them."""
    depth, member, start = 0, "", 0
    for token in _JSON_TOKEN.finditer(text):
        kind = token[0][0]
        if kind in "{[":
            start = token.start() if depth == 1 else start
            depth += 1
        elif kind in "}]":
            depth -= 1
            if depth == 1 and kind == "]" and member in names:
                yield start, token.end()
        elif kind == "\\":
            continue  # no JSON at all
        elif depth == 1 and token["colon"]:
            member = token["text"]
        elif depth == 1 and member in names:
            yield token.span()


_JSON_TOKEN = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*+)(?:"(?P<colon>\s*:)?|$)|\\.|[\[\]{}]', re.DOTALL)


def _url(url: re.Match[str], change: Change) -> str:
    base = change(url["host"])
    return f"{url['before']}{base.scheme}:{url['slashes']}{base.host}" if base else url[0]


def _form_changed(text: str, names: Collection[str], change: Change) -> str:
    if not any(f"{name}=" in text for name in names):
        return text
    pairs = []
    for pair in text.split("&"):
        name, equals, value = pair.partition("=")
        old = unquote_plus(value)
        new = _BASE_URL.sub(lambda url: _url(url, change), old) if name in names else old
        pairs.append(pair if new == old else f"{name}{equals}{quote(new, '-._~')}")
    return "&".join(pairs)
