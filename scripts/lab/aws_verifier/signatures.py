"""Whether AWS would accept a request: a strict verifier of request authentication, as AWS's front ends do it.

Written from the specification, for bytes as they were received:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and sigv4-query-string-auth.html.
Shares no code with any signer. Does not know permissions, operations, nor whether a bearer token is a good one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal

from lab.aws_verifier import post_policy, sigv2
from lab.aws_verifier.canonical import V4, V4A, Signer, canonical_request, sha256, signer, string_to_sign
from lab.aws_verifier.chunks import KINDS, verify_chunks
from lab.aws_verifier.hosts import Scope, expected_scope
from lab.aws_verifier.request import (
    S3_FAMILY,
    SKEW,
    Key,
    RefusedError,
    Request,
    check_expiry,
    check_form,
    check_integrity,
    check_skew,
    find_key,
    moment,
    parse,
)

__all__ = ["Key", "Verification", "verify"]

type Style = Literal["header", "query", "policy", "v2-header", "v2-query", "anonymous", "bearer"]

UNSIGNED = "UNSIGNED-PAYLOAD"
_EVENTS = "STREAMING-AWS4-HMAC-SHA256-EVENTS"
_MAX_EXPIRY = timedelta(days=7)

_PARTS = ("algorithm", "credential", "date", "expires", "region-set", "signature", "signedheaders", "s3session-token")
_QUERY_V4 = frozenset(f"x-amz-{part}" for part in _PARTS)
_QUERY_V2 = frozenset({"awsaccesskeyid", "signature"})
_TOKENS = ("x-amz-security-token", "x-amz-s3session-token")


@dataclass(frozen=True, slots=True)
class Verification:
    """What a front end makes of a request: `code` and `message` are AWS's, empty if it is accepted."""

    accepted: bool
    code: str = ""
    message: str = ""
    style: Style = "anonymous"
    service: str = ""
    region: str = ""
    access_key: str = ""


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a Version 4 signature says of itself."""

    style: Style
    algorithm: str
    access_key: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str

    @property
    def is_s3(self) -> bool:
        return self.service in S3_FAMILY

    @property
    def scope(self) -> str:
        return "/".join(part for part in (self.date, self.region, self.service, "aws4_request") if part)


@dataclass
class _Seen:
    """What is known so far, for the verification of a refused request."""

    verification: Verification = field(default_factory=lambda: Verification(accepted=False))


def verify(
    head: bytes,
    body: bytes,
    keys: Mapping[str, Key],
    now: datetime,
    *,
    is_tls: bool = True,
    host_scope: Callable[[str], Scope | None] = expected_scope,
) -> Verification:
    """Verify a request: its head without the empty line, its body after HTTP's own transfer decoding.

    `host_scope` says what a request to a host has to be signed for; None leaves the scope unchecked.
    """
    request = parse(head, body)
    seen = _Seen()
    try:
        check_form(head, request)
        _verify(request, keys, now, is_tls=is_tls, expected=host_scope(request.host), seen=seen)
    except RefusedError as refused:
        return replace(seen.verification, code=refused.code, message=refused.message)
    return replace(seen.verification, accepted=True)


def _verify(
    request: Request, keys: Mapping[str, Key], now: datetime, *, is_tls: bool, expected: Scope | None, seen: _Seen
) -> None:
    mechanism, form = _mechanism(request)
    service, region = expected or Scope("", "")
    seen.verification = Verification(False, style=mechanism, service=service, region=region)
    if mechanism in ("header", "query"):
        claim = _claim_of_header(request) if mechanism == "header" else _claim_of_query(request)
        seen.verification = replace(
            seen.verification, service=claim.service, region=claim.region, access_key=claim.access_key
        )
        _verify_v4(request, claim, keys, now, is_tls=is_tls, expected=expected)
        return
    access_key = ""
    if mechanism == "policy":
        assert form is not None
        signed = post_policy.verify_form(request, form, keys, now)
        access_key = signed.access_key
        if region and signed.region and signed.region != region:
            raise RefusedError("InvalidArgument", f"the region {signed.region!r} is wrong; expecting {region!r}")
    elif mechanism == "v2-header":
        credential = (request.header("authorization") or "").removeprefix("AWS ")
        access_key = sigv2.verify_s3_header(request, credential, keys, now)
    elif mechanism == "v2-query":
        is_query_api = "SignatureVersion" in dict(sigv2.query_api_parameters(request))
        check = sigv2.verify_query_api if is_query_api else sigv2.verify_s3_query
        access_key = check(request, keys, now)
    seen.verification = replace(seen.verification, access_key=access_key)
    _check_body(request, request.body)


def _mechanism(request: Request) -> tuple[Style, post_policy.Form | None]:
    """The one mechanism of the request; refused if there are two, or what is left of a second."""
    styles: list[Style] = [_scheme(value) for value in request.values("authorization")]
    names = {name.lower() for name, _ in request.query}
    api = dict(sigv2.query_api_parameters(request))
    if names & _QUERY_V2 or "SignatureVersion" in api:
        styles.append("v2-query")
    if names & _QUERY_V4 or ("x-amz-security-token" in names and "v2-query" not in styles):
        styles.append("query")
    form = post_policy.read_form(request)
    if form and form.has_policy:
        styles.append("policy")
    if len(styles) > 1:
        raise RefusedError("InvalidArgument", f"Only one auth mechanism allowed; found {', '.join(styles)}")
    return styles[0] if styles else "anonymous", form


def _scheme(authorization: str) -> Style:
    scheme = authorization.strip().partition(" ")[0]
    styles: Mapping[str, Style] = {V4: "header", V4A: "header", "AWS": "v2-header", "Bearer": "bearer"}
    if scheme not in styles:
        raise RefusedError("InvalidArgument", f"Unsupported Authorization Type: {scheme!r}")
    return styles[scheme]


def _claim_of_header(request: Request) -> _Claim:
    algorithm, _, rest = (request.header("authorization") or "").partition(" ")
    parts = [part.strip().partition("=") for part in rest.split(",")]
    fields = {name: value for name, _, value in parts}
    if sorted(("Credential", "SignedHeaders", "Signature")) != sorted(name for name, _, _ in parts):
        raise RefusedError("AuthorizationHeaderMalformed", f"The authorization header is malformed: {rest!r}")
    own, sent = request.values("x-amz-date"), request.values("x-amz-date") or request.values("date")
    is_basic = not own or re.fullmatch("[0-9]{8}T[0-9]{6}Z", own[0].strip())
    if len(sent) != 1 or not is_basic or not (at := moment(sent[0].strip())):
        raise RefusedError("MissingSecurityHeader", f"one valid Date or x-amz-date header is required, not {sent}")
    return _claim("header", algorithm, fields["Credential"], fields, f"{at:%Y%m%dT%H%M%SZ}")


def _claim_of_query(request: Request) -> _Claim:
    names = ("Algorithm", "Credential", "Date", "SignedHeaders", "Signature")
    fields = {name: request.parameter(f"X-Amz-{name}") or "" for name in names}
    if missing := [f"X-Amz-{name}" for name, value in fields.items() if not value]:
        message = "Query-string authentication version 4 requires more parameters"
        raise RefusedError("AuthorizationQueryParametersError", f"{message}: {missing}")
    if fields["Algorithm"] not in (V4, V4A):
        raise RefusedError("AuthorizationQueryParametersError", f"X-Amz-Algorithm is {fields['Algorithm']!r}")
    if not re.fullmatch("[0-9]{8}T[0-9]{6}Z", fields["Date"]) or not moment(fields["Date"]):
        raise RefusedError("AuthorizationQueryParametersError", f"X-Amz-Date is {fields['Date']!r}")
    return _claim("query", fields["Algorithm"], fields["Credential"], fields, fields["Date"])


def _claim(style: Style, algorithm: str, credential: str, fields: Mapping[str, str], timestamp: str) -> _Claim:
    code = _malformed(style)
    access_key, *scope = credential.split("/")
    if len(scope) != (4 if algorithm == V4 else 3) or scope[-1] != "aws4_request" or not all(scope):
        raise RefusedError(code, f"the Credential is malformed: {credential!r}")
    if scope[0] != timestamp[:8]:
        raise RefusedError(code, f"Invalid credential date {scope[0]!r}; the request is of {timestamp!r}")
    signed = tuple(fields["SignedHeaders"].split(";"))
    if list(signed) != sorted(set(signed)) or fields["SignedHeaders"] != fields["SignedHeaders"].lower():
        raise RefusedError(code, f"the SignedHeaders are not sorted names in lower case: {signed}")
    if not re.fullmatch("[0-9a-f]{64}" if algorithm == V4 else "[0-9a-f]{130,144}", fields["Signature"]):
        raise RefusedError(code, f"the Signature is not hexadecimal: {fields['Signature']!r}")
    region = scope[1] if algorithm == V4 else ""
    return _Claim(style, algorithm, access_key, scope[0], region, scope[-2], signed, fields["Signature"], timestamp)


def _malformed(style: Style) -> str:
    return "AuthorizationHeaderMalformed" if style == "header" else "AuthorizationQueryParametersError"


def _verify_v4(
    request: Request, claim: _Claim, keys: Mapping[str, Key], now: datetime, *, is_tls: bool, expected: Scope | None
) -> None:
    _check_scope(request, claim, expected)
    _check_time(request, claim, now)
    key = find_key(keys, claim.access_key, _token(request, claim))
    _check_signed_headers(request, claim)
    payload = _payload(request, claim, is_tls=is_tls)
    canonical = canonical_request(
        request,
        claim.signed_headers,
        payload,
        is_s3=claim.is_s3,
        without=("x-amz-signature",) * (claim.style == "query"),
    )
    text = string_to_sign(claim.algorithm, claim.timestamp, claim.scope, canonical)
    own = signer(claim.algorithm, key, claim.timestamp, claim.scope)
    if not own.fits(text, claim.signature):
        message = "The request signature we calculated does not match the signature you provided."
        detail = f"Canonical request:\n{canonical}\nString to sign:\n{text}"
        raise RefusedError("SignatureDoesNotMatch", f"{message}\n{detail}")
    _check_body(request, _decoded(request, claim, payload, own))


def _check_scope(request: Request, claim: _Claim, expected: Scope | None) -> None:
    if expected is None:
        return
    code = _malformed(claim.style) if expected.service in S3_FAMILY else "SignatureDoesNotMatch"
    if claim.service != expected.service:
        raise RefusedError(code, f"the service {claim.service!r} is wrong; expecting {expected.service!r}")
    if not expected.region:
        return
    if claim.algorithm == V4A:
        name = "x-amz-region-set"
        regions = (request.header(name) if claim.style == "header" else request.parameter(name)) or ""
        if not any(fnmatchcase(expected.region, pattern.strip()) for pattern in regions.split(",")):
            raise RefusedError(code, f"the region set {regions!r} is wrong; expecting {expected.region!r}")
    elif claim.region != expected.region:
        raise RefusedError(code, f"the region {claim.region!r} is wrong; expecting {expected.region!r}")


def _check_time(request: Request, claim: _Claim, now: datetime) -> None:
    signed = moment(claim.timestamp)
    assert signed is not None
    if claim.style == "header":
        if "x-amz-date" not in dict(request.headers) and "date" not in claim.signed_headers:
            raise RefusedError("SignatureDoesNotMatch", "Date must be a SignedHeader")
        check_skew(signed, now)
        return
    expires = request.parameter("X-Amz-Expires")
    if expires is None and not claim.is_s3:
        check_expiry(signed, signed + SKEW, now)
        return
    if not re.fullmatch("[0-9]{1,6}", expires or "") or not 1 <= int(expires or 0) <= _MAX_EXPIRY.total_seconds():
        message = f"X-Amz-Expires must be between 1 and {_MAX_EXPIRY.total_seconds():.0f}, not {expires!r}"
        raise RefusedError("AuthorizationQueryParametersError", message)
    check_expiry(signed, signed + timedelta(seconds=int(expires or 0)), now)


def _token(request: Request, claim: _Claim) -> str | None:
    """The session token; S3 Express has a header of its own for those of its sessions."""
    names = _TOKENS if claim.service == "s3express" else _TOKENS[:1]
    source = request.header if claim.style == "header" else request.parameter
    tokens = [value for value in map(source, names) if value is not None]
    if claim.style == "query" and any(name in dict(request.headers) for name in names):
        raise RefusedError("InvalidToken", "the security token of a presigned URL belongs into its query")
    if len(tokens) > 1:
        raise RefusedError("InvalidToken", "there are two security tokens")
    return tokens[0] if tokens else None


def _check_signed_headers(request: Request, claim: _Claim) -> None:
    names = {name for name, _ in request.headers}
    needed = {name for name in names if name == "host" or name.startswith("x-amz-")}
    if claim.algorithm == V4A and claim.style == "header":
        needed.add("x-amz-region-set")
    if unsigned := sorted(needed - set(claim.signed_headers)):
        code = "AccessDenied" if claim.is_s3 else "SignatureDoesNotMatch"
        raise RefusedError(code, f"There were headers present in the request which were not signed: {unsigned}")
    if absent := sorted(set(claim.signed_headers) - names):
        raise RefusedError("SignatureDoesNotMatch", f"headers were signed that are not in the request: {absent}")


def _payload(request: Request, claim: _Claim, *, is_tls: bool) -> str:
    """The last line of the canonical request."""
    name = "x-amz-content-sha256"
    hashed = request.header(name)
    if claim.style == "query" and hashed is None:
        hashed = request.parameter(name) or (UNSIGNED if claim.is_s3 else None)
    if hashed is None:
        if claim.is_s3:
            raise RefusedError("InvalidRequest", f"Missing required header for this request: {name}")
        return sha256(request.body)
    if hashed in (UNSIGNED, "STREAMING-UNSIGNED-PAYLOAD-TRAILER") and not is_tls:
        raise RefusedError("InvalidRequest", f"{hashed} is for TLS only")
    if hashed in (UNSIGNED, _EVENTS) or (claim.is_s3 and hashed in KINDS):
        return hashed
    if not re.fullmatch("[0-9a-f]{64}", hashed):
        message = f"{name} must be {UNSIGNED}, STREAMING-*, or a valid sha256 value"
        raise RefusedError("InvalidArgument", f"{message}, not {hashed!r}")
    return hashed


def _decoded(request: Request, claim: _Claim, payload: str, own: Signer) -> bytes:
    """The body without aws-chunked; refused if it is not the signed one, or not framed as S3 wants it."""
    if payload in KINDS:
        return verify_chunks(request, payload, own, claim.signature)
    if claim.is_s3 and request.header("transfer-encoding"):
        message = "A header you provided implies functionality that is not implemented: Transfer-Encoding"
        raise RefusedError("NotImplemented", message)
    if payload not in (UNSIGNED, _EVENTS) and payload != sha256(request.body):
        message = "The provided 'x-amz-content-sha256' header does not match what was computed"
        raise RefusedError("XAmzContentSHA256Mismatch", f"{message}: {payload}, {sha256(request.body)}")
    return request.body


def _check_body(request: Request, body: bytes) -> None:
    """Check the checksums; those of a finished multipart upload are the object's and not the body's."""
    if request.parameter("uploadId") is not None and request.method == "POST":
        return
    if request.method in ("PUT", "POST", "PATCH", "DELETE"):
        check_integrity({name: request.header(name) or "" for name, _ in request.headers}, body)
