"""Signs a request for another host, in place of the client's own authentication.

A request is authenticated in the way in which the client did it: in the headers, in the query with the client's own
date and expiry, in an upload form with its own policy, by a token, or not at all.

This file does not know which host that is, nor why. It never changes a request: it returns a signed copy.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.signing import aws_chunked, post_policy, sigv2, sigv4
from cloudmock_contract.aws.signing.forwarded_request import (
    DROPPED,
    forwarded,
    normalised_target,
    without_secrets,
)
from cloudmock_contract.aws.signing.sigv4 import percent_encoded
from cloudmock_contract.aws.wire import authentication, forms, hosts
from cloudmock_contract.aws.wire.authentication import PARAMETER_NAMES, S3_SIGNING_NAMES
from cloudmock_contract.aws.wire.body_headers import with_body_and_length
from cloudmock_contract.values.authentication import Authentication, Style, Version
from cloudmock_contract.values.http import Request

MAX_EXPIRY = timedelta(days=7)
"""How long a presigned URL may be valid with signature version 4."""

_OWN_PROGRAMS = frozenset(("execute-api", "lambda"))
"""Where a user's own program answers, which may use cookies; AWS's services use none."""

_SIGNED_HEADERS = frozenset(("host", "content-md5", "content-type"))
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class SigningTarget:
    """Where a signed request goes, and for what it is signed."""

    host: str
    """The Host header's value."""
    signing_name: str
    region: str
    """For `Version.V4A`, the set of regions."""
    now: datetime
    """Timezone-aware, in UTC."""
    version: Version = Version.V4
    is_tls: bool = True
    keep_secrets: bool = True
    """False: nothing that could be a credential stays in the request, wherever the client has put it."""

    @property
    def is_s3(self) -> bool:
        """Whether the canonical path is encoded once, and the body's hash has to stand in a header."""
        return self.signing_name in S3_SIGNING_NAMES


@dataclass(frozen=True, slots=True)
class _Client:
    """What the client sent, decoded, and how it was authenticated."""

    request: Request
    authentication: Authentication


def sign(
    request: Request, client: Authentication, target: SigningTarget, credentials: Credentials, *, bearer_token: str = ""
) -> Request:
    """A copy of the request, authenticated with these credentials in the way in which the client did it.

    A request that the client sent without a signature stays without one: signing it would change what it asks
    (a public object is read as nobody, not as the account's owner). One with a bearer token keeps it, unless
    `bearer_token` takes its place. `client`: how the client authenticated it. Raises AppError if the body's aws-chunked
    framing is broken.
    """
    style = client.style
    request = (
        aws_chunked.restated(request)
        if request.streamed
        else aws_chunked.decoded(request, keeps_unsigned=target.is_tls)
    )
    keeps_cookies = target.keep_secrets and target.signing_name in _OWN_PROGRAMS
    plain = forwarded(request, style, target.host, is_s3=target.is_s3, keeps_cookies=keeps_cookies)
    if not target.keep_secrets:
        plain = without_secrets(plain, style)
    if style is Style.BEARER:
        return _with_token(plain, request, bearer_token)
    return _STYLES[style](plain, _Client(request, client), target, credentials)


def signed_at(request: Request) -> datetime | None:
    """When a request was signed in its headers; None if it was not."""
    try:
        return datetime.strptime(request.headers.get("x-amz-date"), _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def _unsigned(plain: Request, _client: _Client, _target: SigningTarget, _credentials: Credentials) -> Request:
    return plain


def _with_token(plain: Request, client: Request, token: str) -> Request:
    added = []
    for name, value in client.headers.fields:
        if name.lower() == "authorization":
            added.append((name, f"Bearer {token}" if token else value))
        elif name.lower() in authentication.BEARER_HEADERS:
            added.append((name, token or value))
    return replace(plain, headers=plain.headers.without(authentication.BEARER_HEADERS).adding(*added))


def _in_headers(plain: Request, client: _Client, target: SigningTarget, credentials: Credentials) -> Request:
    if target.version is Version.V2:
        return _in_headers_v2(plain, client, target, credentials)
    time = target.now.strftime(_TIME)
    payload_hash = _payload_hash(plain, target)
    headers = plain.headers
    if target.is_s3 and payload_hash != headers.get("x-amz-content-sha256"):
        headers = headers.without({"x-amz-content-sha256"}).adding(("X-Amz-Content-SHA256", payload_hash))
    added = [("X-Amz-Date", time)]
    if credentials.token:
        added.append(("X-Amz-Security-Token", credentials.token))
    if target.version is Version.V4A:
        added.append(("X-Amz-Region-Set", target.region))
    headers = headers.adding(*added)
    signed = {name for name in headers.names if name in _SIGNED_HEADERS or name.startswith("x-amz-")}
    canonical, names = sigv4.canonical_request(
        plain.method,
        _canonical_path(plain, target),
        plain.query,
        headers.fields,
        signed,
        payload_hash,
    )
    algorithm, scope = _scope(target, time)
    signature = _signature(credentials, target, sigv4.string_to_sign(algorithm, time, scope, canonical), scope)
    value = f"{algorithm} Credential={credentials.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return plain.to(plain.target, headers.adding(("Authorization", value)))


def _in_headers_v2(plain: Request, client: _Client, target: SigningTarget, credentials: Credentials) -> Request:
    date = target.now.strftime("%a, %d %b %Y %H:%M:%S GMT")
    token = [("x-amz-security-token", credentials.token)] if credentials.token else []
    headers = plain.headers.adding(("Date", date), *token)
    signature = sigv2.s3_signature(
        credentials.secret_key, plain.method, _resource(plain, client), plain.query, headers.fields, date
    )
    return replace(plain, headers=headers.adding(("Authorization", f"AWS {credentials.access_key}:{signature}")))


def _in_query(plain: Request, client: _Client, target: SigningTarget, credentials: Credentials) -> Request:
    client_query = {name.lower(): value for name, value in parse_qsl(client.request.query, keep_blank_values=True)}
    if target.version is Version.V2:
        return _in_query_v2(plain, client, target, credentials, client_query.get("expires", ""))
    if "awsaccesskeyid" not in client_query and not _is_whole(client_query):
        # AWS would refuse this URL, and has to see it to do so.
        return (
            replace(plain, target=normalised_target(client.request.target, is_s3=target.is_s3))
            if target.keep_secrets
            else plain
        )
    time, expires = _validity(client_query, target.now)
    algorithm, scope = _scope(target, time)
    headers = plain.headers
    if "x-amz-signedheaders" in client_query:
        signed = {name for name in client_query["x-amz-signedheaders"].lower().split(";") if name}
    else:
        signed = {name for name in headers.names if name in _SIGNED_HEADERS or name.startswith("x-amz-")}
    signed = (signed - authentication.HEADERS - (DROPPED - {"content-length"})) | {"host"}
    added = {
        "X-Amz-Algorithm": algorithm,
        "X-Amz-Credential": f"{credentials.access_key}/{scope}",
        "X-Amz-Date": time,
        **({"X-Amz-Expires": expires} if expires else {}),
        **({"X-Amz-Region-Set": target.region} if target.version is Version.V4A else {}),
        **({"X-Amz-Security-Token": credentials.token} if credentials.token else {}),
        "X-Amz-SignedHeaders": ";".join(sorted(signed)),
    }
    query = "&".join(filter(None, (plain.query, _encoded(added))))
    # A URL whose signed header is missing is worth nothing, and must stay so.
    missing = [(name, "") for name in signed if name not in headers]
    payload_hash = _payload_hash(plain, target, client_query.get("x-amz-content-sha256", ""), is_presigned=True)
    canonical, _ = sigv4.canonical_request(
        plain.method,
        _canonical_path(plain, target),
        query,
        (*headers.fields, *missing),
        signed,
        payload_hash,
    )
    signature = _signature(credentials, target, sigv4.string_to_sign(algorithm, time, scope, canonical), scope)
    return replace(plain, target=f"{plain.path}?{query}&X-Amz-Signature={signature}")


def _in_query_v2(
    plain: Request, client: _Client, _target: SigningTarget, credentials: Credentials, expires: str
) -> Request:
    token = {"x-amz-security-token": credentials.token} if credentials.token else {}
    signature = sigv2.s3_signature(
        credentials.secret_key,
        plain.method,
        _resource(plain, client),
        plain.query,
        (*plain.headers.fields, *token.items()),
        expires,
    )
    added = {"AWSAccessKeyId": credentials.access_key, "Signature": signature, "Expires": expires, **token}
    query = "&".join(filter(None, (plain.query, _encoded(added))))
    return replace(plain, target=f"{plain.path}?{query}")


def _in_form(plain: Request, _client: _Client, target: SigningTarget, credentials: Credentials) -> Request:
    content_type = plain.headers.get("content-type")
    form = post_policy.signed_form(
        forms.parts(content_type, plain.body), credentials, target.region, target.version, target.now
    )
    return with_body_and_length(plain, forms.joined(content_type, form))


def _in_parameters(plain: Request, _client: _Client, target: SigningTarget, credentials: Credentials) -> Request:
    """Signature version 2, whatever the target says: the services that are called in this way know no other."""
    is_form = forms.is_urlencoded(plain.headers.get("content-type")) and bool(plain.body)
    text = plain.body.decode("utf-8", "replace") if is_form else plain.query
    parameters = [pair for pair in parse_qsl(text, keep_blank_values=True) if pair[0].lower() not in PARAMETER_NAMES]
    times = () if any(name == "Expires" for name, _ in parameters) else (("Timestamp", target.now.strftime(_ISO)),)
    parameters += [
        ("AWSAccessKeyId", credentials.access_key),
        ("SignatureVersion", "2"),
        ("SignatureMethod", "HmacSHA256"),
        *times,
        *((("SecurityToken", credentials.token),) if credentials.token else ()),
    ]
    signature = sigv2.parameters_signature(credentials.secret_key, plain.method, target.host, plain.path, parameters)
    text = "&".join(
        f"{percent_encoded(name)}={percent_encoded(value)}" for name, value in (*parameters, ("Signature", signature))
    )
    if is_form:
        return with_body_and_length(plain, text.encode())
    return replace(plain, target=f"{plain.path}?{text}")


_ISO = "%Y-%m-%dT%H:%M:%SZ"

_STYLES: Mapping[Style, Callable[[Request, _Client, SigningTarget, Credentials], Request]] = {
    Style.NONE: _unsigned,
    Style.HEADER: _in_headers,
    Style.QUERY: _in_query,
    Style.FORM: _in_form,
    Style.PARAMETERS: _in_parameters,
}


def _is_whole(client_query: Mapping[str, str]) -> bool:
    """Whether a presigned URL of signature version 4 has all its parts, and no part that is wrong by itself."""
    parts = ("x-amz-algorithm", "x-amz-date", "x-amz-expires", "x-amz-signedheaders", "x-amz-signature")
    day = client_query.get("x-amz-date", "")[:8]
    return (
        all(client_query.get(name) for name in parts)
        and client_query["x-amz-algorithm"] in (sigv4.ALGORITHM, sigv4.ASYMMETRIC_ALGORITHM)
        and f"/{day}/" in client_query["x-amz-credential"]
    )


def _validity(client_query: Mapping[str, str], now: datetime) -> tuple[str, str]:
    """From when, and for how many seconds, a presigned URL is valid, as the client states it in either version."""
    if "x-amz-date" in client_query:
        return client_query["x-amz-date"], client_query.get("x-amz-expires", "")
    try:
        expiry = datetime.fromtimestamp(int(client_query.get("expires", "")), tz=UTC)
        remaining = min(expiry - now, MAX_EXPIRY)
        an_hour_before = expiry - timedelta(hours=1)
    except (ValueError, OverflowError, OSError):
        return now.strftime(_TIME), client_query.get("expires", "")
    if remaining <= timedelta():  # it has expired, and stays so, as if it had been valid for an hour
        return an_hour_before.strftime(_TIME), "3600"
    return now.strftime(_TIME), str(max(1, int(remaining.total_seconds())))


def _scope(target: SigningTarget, time: str) -> tuple[str, sigv4.Scope]:
    if target.version is Version.V4A:
        return sigv4.ASYMMETRIC_ALGORITHM, sigv4.Scope(time[:8], "", target.signing_name)
    return sigv4.ALGORITHM, sigv4.Scope(time[:8], target.region, target.signing_name)


def _signature(credentials: Credentials, target: SigningTarget, text: str, scope: sigv4.Scope) -> str:
    if target.version is Version.V4A:
        return sigv4.asymmetric_signature(credentials.access_key, credentials.secret_key, text)
    return sigv4.signature(credentials.secret_key, scope, text)


def _canonical_path(plain: Request, target: SigningTarget) -> str:
    """S3 takes the path as it is, and `normalised_target` has made it canonical."""
    return plain.path if target.is_s3 else sigv4.canonical_path(plain.path)


def _payload_hash(request: Request, target: SigningTarget, in_query: str = "", *, is_presigned: bool = False) -> str:
    """The body's hash as the client states it, if it does: AWS checks it against the body.

    An unsigned payload stays unsigned where the connection protects it.
    """
    stated = request.headers.get("x-amz-content-sha256") or in_query
    if request.streamed:
        return stated or sigv4.UNSIGNED_PAYLOAD
    if stated and (stated != sigv4.UNSIGNED_PAYLOAD or target.is_tls or is_presigned):
        return stated
    if is_presigned and target.is_s3:
        return sigv4.UNSIGNED_PAYLOAD
    return sha256(request.body).hexdigest()


def _resource(plain: Request, client: _Client) -> str:
    """The path in path style, whichever style the client used."""
    bucket = hosts.bucket(client.request, client.authentication)
    return f"/{bucket}{plain.path}" if bucket else plain.path


def _encoded(pairs: Mapping[str, str]) -> str:
    return "&".join(f"{name}={percent_encoded(value)}" for name, value in pairs.items())
