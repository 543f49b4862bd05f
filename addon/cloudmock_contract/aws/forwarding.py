"""What of a client's request goes on to the service: not its own authentication, nor what concerns its connection.

The path and the query come out in the one spelling in which they are signed, in S3's way for S3 and in the other way
for everything else: what AWS's servers canonicalise is the bytes that they receive. This file does not sign.
"""

import re
from dataclasses import replace
from urllib.parse import quote, unquote, unquote_to_bytes

from cloudmock_contract.aws import forms
from cloudmock_contract.aws.authentication import (
    BEARER_HEADERS,
    PARAMETER_NAMES,
    QUERY_NAMES,
    QUERY_NAMES_V2,
    Style,
)
from cloudmock_contract.aws.authentication import HEADERS as AUTHENTICATION_HEADERS
from cloudmock_contract.aws.policies import SIGNING_FIELDS
from cloudmock_contract.aws.sigv4 import percent_encoded
from cloudmock_contract.exchange import Headers, Request

HOP_BY_HOP = frozenset(
    (
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
"""Headers that concern the client's connection to the proxy alone, in lower case."""

FORWARDING = frozenset(
    ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-real-ip")
)
"""Headers that say how the request came here, in lower case."""

DROPPED = HOP_BY_HOP | FORWARDING | {"content-length", "host"}
"""Those, and the two that are written anew."""

_PLAIN_PATH = re.compile(r"/[A-Za-z0-9/._~-]*")
_FOLD = re.compile(r"\s*[\r\n]+\s*")


def forwarded(request: Request, style: Style, host: str, *, is_s3: bool) -> Request:
    """The request for another host, without authentication. `style`: how it was authenticated."""
    target = normalised_target(request.target, is_s3=is_s3, is_signed_v2=style is Style.PARAMETERS)
    headers = Headers((("Host", host), *_forwarded_headers(request, style)))
    return Request(request.method, target, headers, request.body)


def with_body(request: Request, body: bytes) -> Request:
    """A copy with this body, and its length."""
    headers = request.headers.without({"content-length"}).adding(("Content-Length", str(len(body))))
    return replace(request, headers=headers, body=body)


def normalised_target(target: str, *, is_s3: bool, is_signed_v2: bool = False) -> str:
    """The target with one spelling for each character, and without a presigned URL's signature.

    `is_signed_v2`: the query is one of the query protocol with a signature of its own, which is replaced elsewhere.
    """
    path, _, query = target.partition("?")
    if not _PLAIN_PATH.fullmatch(path):
        if is_s3:
            path = quote(_unquoted(path), "/-._~")
        else:
            path = "/".join(percent_encoded(_unquoted(segment)) for segment in path.split("/"))
    if not query:
        return path or "/"
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    names = {unquote(name).lower() for name, _, _ in pairs}
    dropped: frozenset[str] = frozenset()
    if not names.isdisjoint(("x-amz-credential", "x-amz-signature")):
        dropped |= QUERY_NAMES
    if "awsaccesskeyid" in names and "signature" in names and not is_signed_v2:
        dropped |= QUERY_NAMES_V2
    if dropped:
        pairs = [pair for pair in pairs if unquote(pair[0]).lower() not in dropped]
    query = "&".join(f"{_respelled(name)}{equals}{_respelled(value)}" for name, equals, value in pairs)
    return f"{path or '/'}?{query}" if query else path or "/"


def _respelled(text: str) -> str:
    return percent_encoded(_unquoted(text.replace("+", " ")))


def _unquoted(text: str) -> bytes:
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape"))


def _forwarded_headers(request: Request, style: Style) -> list[tuple[str, str]]:
    """The client's headers that are meant for the service, without its authentication, in one line each, with a
    Content-Length that fits the body.
    """
    dropped = DROPPED | (AUTHENTICATION_HEADERS - {"date"} if style is Style.NONE else AUTHENTICATION_HEADERS)
    if "connection" in request.headers:
        named = ",".join(request.headers.values("connection")).split(",")
        dropped |= {name.strip().lower() for name in named}
    kept = [
        (name, _FOLD.sub(" ", value) if "\n" in value or "\r" in value else value)
        for name, value in request.headers.fields
        if name.lower() not in dropped
    ]
    if request.body or "content-length" in request.headers or request.method in ("POST", "PUT"):
        kept.append(("Content-Length", str(len(request.body))))
    return kept


def without_secrets(request: Request, style: Style) -> Request:
    """The request without what authenticates beside the way in which the client did it, or would if it were whole."""
    is_query_protocol = style is Style.PARAMETERS
    dropped = QUERY_NAMES | (frozenset() if is_query_protocol else {"awsaccesskeyid"})
    path, _, query = request.target.partition("?")
    query = "&".join(pair for pair in query.split("&") if unquote(pair.partition("=")[0]).lower() not in dropped)
    headers = request.headers
    if style is not Style.BEARER:
        headers = headers.without(BEARER_HEADERS)
    kept = replace(request, target=f"{path}?{query}" if query else path, headers=headers)
    content_type = headers.get("content-type")
    if forms.is_multipart(content_type) and style is not Style.FORM:
        form = forms.parts(content_type, request.body)
        fields = [part for part in form if part.name.lower() not in SIGNING_FIELDS]
        return kept if len(fields) == len(form) else with_body(kept, forms.joined(content_type, fields))
    if forms.is_urlencoded(content_type) and b"accesskeyid" in unquote_to_bytes(request.body).lower():
        return _without_secret_parameters(kept, style)
    return kept


def _without_secret_parameters(request: Request, style: Style) -> Request:
    pairs = request.body.decode("utf-8", "surrogateescape").split("&")
    names = {unquote(pair.partition("=")[0]) for pair in pairs}
    if style is Style.PARAMETERS or "AWSAccessKeyId" not in names:
        return request
    kept = [pair for pair in pairs if unquote(pair.partition("=")[0]) not in PARAMETER_NAMES]
    return with_body(request, "&".join(kept).encode("utf-8", "surrogateescape"))
