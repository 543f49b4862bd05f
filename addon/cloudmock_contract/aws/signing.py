"""Signs a request for another host, after taking the client's own authentication away.

The path and the query go out exactly as they are signed: normalised first, in S3's way for S3 and in the other way for
everything else, because what AWS's servers canonicalise is the bytes that they receive.

This file knows nothing of where the request goes. The input is never changed; what comes back is a signed copy.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import re
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote, unquote_to_bytes

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from cloudmock_contract.aws import authentication, chunked
from cloudmock_contract.aws.authentication import Style
from cloudmock_contract.aws.credentials import Credentials
from cloudmock_contract.exchange import Headers, Request

S3_SIGNING_NAMES = frozenset(("s3", "s3-object-lambda", "s3-outposts", "s3express"))
"""Services whose canonical path is encoded once, and that want the body's hash in a header."""

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

_UNRESERVED = "-._~"
_SIGNED_HEADERS = frozenset(("content-md5", "content-type"))
_HEX_SHA256 = re.compile(r"^[0-9a-f]{64}$")


def sign(
    request: Request,
    *,
    url_scheme: str,
    host: str,
    credentials: Credentials,
    signing_name: str,
    region: str,
    bearer_token: str = "",
) -> Request:
    """A copy of the request with this Host, signed in the headers with signature version 4.

    A request that the client sent without a signature stays without one: signing it would change what it asks
    (a public object is read as nobody, not as the account's owner). One with a bearer token keeps it, unless
    `bearer_token` takes its place. Raises AppError when the body's aws-chunked framing is broken.
    """
    request = chunked.decoded(request)
    is_s3 = signing_name in S3_SIGNING_NAMES
    style = authentication.authentication(request).style
    target = normalised_target(request.target, is_s3=is_s3)
    own_bearer = request.headers.get("authorization") if style is Style.BEARER else ""
    headers = _forwarded_headers(request).without(authentication.HEADERS | {"host"})
    if style in (Style.NONE, Style.BEARER):
        bearer = f"Bearer {bearer_token}" if bearer_token else own_bearer
        authorization = (("Authorization", bearer),) if own_bearer else ()
        return Request(request.method, target, Headers((("Host", host), *headers.fields, *authorization)), request.body)
    if is_s3:
        body_hash = _s3_body_hash(request, style)
        headers = headers.without({"x-amz-content-sha256"}).adding(("X-Amz-Content-SHA256", body_hash))
    aws_request: Any = AWSRequest(request.method, f"{url_scheme}://{host}{target}", data=request.body)
    aws_request.headers["Host"] = host
    for name, value in headers.fields:
        # Only what AWS asks to be signed is, so that nothing on the way can break the signature.
        if name.lower() in _SIGNED_HEADERS or name.lower().startswith("x-amz-"):
            aws_request.headers.add_header(name, _encodable(value))
    signer = (_S3Signer if is_s3 else _Signer)(credentials, signing_name, region)
    signer.add_auth(aws_request)
    added = tuple(
        (name, aws_request.headers[name])
        for name in ("X-Amz-Date", "X-Amz-Security-Token", "Authorization")
        if name in aws_request.headers
    )
    return Request(request.method, target, Headers((("Host", host), *headers.fields, *added)), request.body)


class _Signer(SigV4Auth):  # type: ignore[misc]  # botocore has no types
    def payload(self, request: Any) -> str:
        return sha256(request.data).hexdigest()  # always: whether the connection is encrypted makes no difference


class _S3Signer(_Signer):
    def _normalize_url_path(self, path: str) -> str:
        return path  # S3 takes the path as it is; `normalised_target` has made it canonical


def normalised_target(target: str, *, is_s3: bool) -> str:
    """The target with one spelling for each character, and without the client's signature."""
    path, _, query = target.partition("?")
    if is_s3:
        path = quote(_unquoted(path), "/" + _UNRESERVED)
    else:
        path = "/".join(quote(_unquoted(segment), _UNRESERVED) for segment in path.split("/"))
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    names = {unquote(name).lower() for name, _, _ in pairs}
    dropped: frozenset[str] = frozenset()
    if not names.isdisjoint(("x-amz-credential", "x-amz-signature")):
        dropped |= authentication.QUERY_NAMES
    if "awsaccesskeyid" in names and "signature" in names:
        dropped |= authentication.QUERY_NAMES_V2
    pairs = [pair for pair in pairs if unquote(pair[0]).lower() not in dropped]
    query = "&".join(f"{_respelled(name)}{equals}{_respelled(value)}" for name, equals, value in pairs)
    return f"{path or '/'}?{query}" if query else path or "/"


def _respelled(text: str) -> str:
    return quote(_unquoted(text.replace("+", " ")), _UNRESERVED)


def _unquoted(text: str) -> bytes:
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape"))


def _forwarded_headers(request: Request) -> Headers:
    """The client's headers that are meant for the service, with a Content-Length that fits the body."""
    named_by_connection = {
        name.strip().lower()
        for key, value in request.headers.fields
        if key.lower() == "connection"
        for name in value.split(",")
    }
    had_length = "content-length" in request.headers
    headers = request.headers.without(HOP_BY_HOP | FORWARDING | named_by_connection | {"content-length"})
    if request.body or had_length or request.method in ("POST", "PUT"):
        headers = headers.adding(("Content-Length", str(len(request.body))))
    return headers


def _s3_body_hash(request: Request, style: Style) -> str:
    """The client's own statement of the body's hash, if it made one: S3 checks it against the body."""
    stated = request.headers.get("x-amz-content-sha256")
    if _HEX_SHA256.match(stated) or stated == "UNSIGNED-PAYLOAD":
        return stated
    return "UNSIGNED-PAYLOAD" if style is Style.QUERY else sha256(request.body).hexdigest()


def _encodable(value: str) -> str:
    """Surrogates (bytes that are not UTF-8) as Latin-1 characters: botocore must be able to encode the header."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    return value
