"""What goes on to the service of a client's request: not its authentication, nor what concerns its connection.

The path and the query are spelled in the one way in which they are signed, S3's for S3 and the other for everything
else: AWS's servers canonicalise the bytes that they receive. This file does not sign.
"""

import re
from urllib.parse import quote, unquote, unquote_to_bytes

from cloudmock_contract.aws.signing.post_policy import SIGNING_FIELDS
from cloudmock_contract.aws.signing.sigv4 import percent_encoded
from cloudmock_contract.aws.wire import forms
from cloudmock_contract.aws.wire.authentication import BEARER_HEADERS, PARAMETER_NAMES, QUERY_NAMES, QUERY_NAMES_V2
from cloudmock_contract.aws.wire.authentication import HEADERS as AUTHENTICATION_HEADERS
from cloudmock_contract.aws.wire.body_headers import with_body_and_length
from cloudmock_contract.values.authentication import Style
from cloudmock_contract.values.http import Headers, Request

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
"""Headers that concern only the client's connection to the proxy, in lower case."""

FORWARDING = frozenset(
    ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-real-ip")
)
"""Headers that say which way the request came, in lower case."""

DROPPED = HOP_BY_HOP | FORWARDING | {"content-length", "host"}
"""Headers that are left out: those, and the two that are written anew."""

END_TO_END = ("x-amz-", "content-")
"""How headers begin that go on even if the Connection header names them."""

_PLAIN_PATH = re.compile(r"/[A-Za-z0-9/._~-]*")
_FOLD = re.compile(r"\s*[\r\n]+\s*")


def forwarded(request: Request, style: Style, host: str, *, is_s3: bool, keeps_cookies: bool = False) -> Request:
    """The request for another host, without authentication. `style`: how it was authenticated.

    `keeps_cookies`: whether the cookies are meant for the host. A browser sends all those of localhost.
    """
    target = normalised_target(request.target, is_s3=is_s3, is_presigned=style is Style.QUERY)
    headers = Headers((("Host", host), *_forwarded_headers(request, style)))
    if not keeps_cookies and "cookie" in headers:
        headers = headers.without({"cookie"})
    return request.to(target, headers)


def normalised_target(target: str, *, is_s3: bool, is_presigned: bool = False) -> str:
    """The target with one spelling for each character, and, of a presigned URL, without its signature."""
    path, _, query = target.partition("?")
    if not _PLAIN_PATH.fullmatch(path):
        if is_s3:
            path = quote(_unquoted(path), "/-._~")
        else:
            path = "/".join(percent_encoded(_unquoted(segment)) for segment in path.split("/"))
    if not query:
        return path or "/"
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    if is_presigned:
        is_v2 = any(unquote(name).lower() == "awsaccesskeyid" for name, _, _ in pairs)
        dropped = QUERY_NAMES | QUERY_NAMES_V2 if is_v2 else QUERY_NAMES
        pairs = [pair for pair in pairs if unquote(pair[0]).lower() not in dropped]
    query = "&".join(f"{_respelled(name)}{equals}{_respelled(value)}" for name, equals, value in pairs)
    return f"{path or '/'}?{query}" if query else path or "/"


def _respelled(text: str) -> str:
    return percent_encoded(_unquoted(text.replace("+", " ")))


def _unquoted(text: str) -> bytes:
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape"))


def _forwarded_headers(request: Request, style: Style) -> list[tuple[str, str]]:
    """The client's headers that are meant for the service, without its authentication, each in one line, with a
    Content-Length that fits the body.

    An Authorization header that nobody can read stays: AWS refuses it, as it would without the proxy.
    """
    dropped = DROPPED if style is Style.NONE else DROPPED | AUTHENTICATION_HEADERS
    if "connection" in request.headers:
        options = {name.strip().lower() for name in ",".join(request.headers.values("connection")).split(",")}
        dropped |= {name for name in options if not name.startswith(END_TO_END)}
    fields = [
        (name, _FOLD.sub(" ", value) if "\n" in value or "\r" in value else value)
        for name, value in request.headers.fields
        if name.lower() not in dropped
    ]
    if request.streamed and request.streamed.length is None:
        fields.append(("Transfer-Encoding", "chunked"))
    elif request.body or "content-length" in request.headers or request.method in ("POST", "PUT"):
        length = len(request.body) if request.streamed is None else request.streamed.length
        fields.append(("Content-Length", str(length)))
    return fields


def without_secrets(request: Request, style: Style) -> Request:
    """The request without keys, signatures and tokens in places other than `style`, the way it was authenticated in."""
    content_type = request.headers.get("content-type")
    is_in_query = style is Style.PARAMETERS and not forms.is_urlencoded(content_type)
    dropped = QUERY_NAMES if is_in_query else QUERY_NAMES | PARAMETER_NAMES
    path, _, query = request.target.partition("?")
    query = "&".join(pair for pair in query.split("&") if unquote(pair.partition("=")[0]).lower() not in dropped)
    headers = request.headers.without(AUTHENTICATION_HEADERS - {"date"})
    if style is not Style.BEARER:
        headers = headers.without(BEARER_HEADERS)
    request = request.to(f"{path}?{query}" if query else path, headers)
    if forms.is_multipart(content_type) and style is not Style.FORM:
        form = forms.parts(content_type, request.body)
        others = [part for part in form if part.name.lower() not in SIGNING_FIELDS]
        if len(others) < len(form):
            return with_body_and_length(request, forms.joined(content_type, others))
        return request
    if forms.is_urlencoded(content_type) and style is not Style.PARAMETERS:
        return _without_secret_parameters(request)
    return request


def _without_secret_parameters(request: Request) -> Request:
    if not any(name in request.body[: forms.MAX_FIELDS_BYTES].lower() for name in (b"accesskeyid", b"token", b"%")):
        return request
    pairs = request.body.decode("utf-8", "surrogateescape").split("&")
    names = {unquote(pair.partition("=")[0]).lower() for pair in pairs}
    if names.isdisjoint(("awsaccesskeyid", "securitytoken")):
        return request
    others = [pair for pair in pairs if unquote(pair.partition("=")[0]).lower() not in PARAMETER_NAMES]
    return with_body_and_length(request, "&".join(others).encode("utf-8", "surrogateescape"))
