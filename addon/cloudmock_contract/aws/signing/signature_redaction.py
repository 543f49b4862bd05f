"""A request that has been sent, as it may be shown and saved: without what authenticated it.

Service and region of the credential scope stay, without the key: a request that is sent again is known by them. This
file does not know where requests are shown.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import unquote

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.signing.signer import SigningTarget, sign
from cloudmock_contract.aws.wire.authentication import BEARER_HEADERS, authentication
from cloudmock_contract.errors import AppError
from cloudmock_contract.values.authentication import Authentication, Style, Version
from cloudmock_contract.values.http import Headers, Request

REDACTED = "redacted"

_TOKENS = BEARER_HEADERS | {"cookie", "x-amz-security-token", "x-amz-s3session-token"}
_ELSEWHERE = (Style.QUERY, Style.FORM, Style.PARAMETERS)
"""Styles with their secrets in the query or in the body."""


def redact_request(request: Request) -> Request:
    """A copy without key, signature and token; the same request if it has none."""
    signed = authentication(request)
    if signed.style in _ELSEWHERE:
        request = _signed_by_nobody(request, signed)
    elif "=" in request.query:
        request = request.to(_redacted_target(request), request.headers)
    if b"-signature" in request.body:
        request = replace(request, body=_CHUNK_SIGNATURE.sub(rb"\g<1>" + REDACTED.encode(), request.body))
    if not (_TOKENS | {"authorization"}).isdisjoint(request.headers.names):
        request = request.to(request.target, _redacted_headers(request.headers, signed))
    return request


_CHUNK_SIGNATURE = re.compile(rb"(;chunk-signature=|x-amz-trailer-signature[ :=]*)[^\r\n;]*")


def _redacted_target(request: Request) -> str:
    """The target without the keys and signatures in it, though they do not authenticate the request."""
    parameters = (parameter.partition("=") for parameter in request.query.split("&"))
    redacted = (
        f"{name}{equals}{REDACTED if unquote(name).lower() in _SECRET_PARAMETERS else value}"
        for name, equals, value in parameters
    )
    target = f"{request.path}?{'&'.join(redacted)}"
    return request.target if target == request.target else target


_SECRET_PARAMETERS = frozenset(
    ("awsaccesskeyid", "signature", "x-amz-credential", "x-amz-security-token", "x-amz-signature", "securitytoken")
)


def _signed_by_nobody(request: Request, signed: Authentication) -> Request:
    """The request signed with keys that are nobody's, in the client's own way."""
    target = SigningTarget(
        request.headers.get("host"),
        signed.signing_name,
        signed.region,
        datetime.now(tz=UTC),
        Version.V2 if signed.version is Version.V2 else Version.V4,
        keep_secrets=False,
    )
    try:
        return sign(request, signed, target, Credentials(REDACTED, REDACTED))
    except AppError:  # where the secrets are is not known: nothing is shown
        return replace(request, target=request.path, body=b"")


def _redacted_headers(headers: Headers, signed: Authentication) -> Headers:
    authorization = REDACTED
    if signed.version is Version.V4:
        scope = f"{REDACTED}/00000000/{signed.region}/{signed.signing_name}/aws4_request"
        authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=, Signature={REDACTED}"
    replacements = {"authorization": authorization, **dict.fromkeys(_TOKENS, REDACTED)}
    return Headers(tuple((name, replacements.get(name.lower(), value)) for name, value in headers.fields))
