"""Whether a request bears a valid signature of a key whose secret is known: signature version 4, 4a and 2, in headers,
in the query, in an upload form, and among the parameters of the query protocol.

It has to be the request as it was received. Not checked here: the chunk signatures of an aws-chunked body and the
conditions of an upload form's policy, which AWS checks, and what the key may do.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html and, for signature version 2, those
of `sigv2`.
"""

import base64
import binascii
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.signing import sigv2, sigv4
from cloudmock_contract.aws.signing.signer import MAX_EXPIRY
from cloudmock_contract.aws.verification import v2
from cloudmock_contract.aws.verification.claim import (
    EXPIRED,
    MALFORMED,
    MISFIT,
    NO_TIME,
    SECONDS,
    SKEW,
    TOKENS,
    Case,
    is_same,
    moment,
    parameters,
    skew_violation,
    token_violation,
)
from cloudmock_contract.aws.wire import forms
from cloudmock_contract.aws.wire.authentication import S3_SIGNING_NAMES
from cloudmock_contract.values.authentication import Authentication, Style, Version
from cloudmock_contract.values.denial import Violation
from cloudmock_contract.values.http import Request

_ALGORITHMS = {Version.V4: sigv4.ALGORITHM, Version.V4A: sigv4.ASYMMETRIC_ALGORITHM}
_OTHER_DAY = Violation("It is signed for another day than the one it names.")


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request says about its signature of version 4 or 4a."""

    algorithm: str
    credential: str
    signed_headers: str
    signature: str
    signed_at: datetime

    @property
    def time(self) -> str:
        """As it stands in the string to sign."""
        return self.signed_at.strftime("%Y%m%dT%H%M%SZ")


def violation(
    request: Request, signed: Authentication, credentials: Credentials, now: datetime, *, body_is_known: bool = True
) -> Violation | None:
    """Why the request does not bear a valid signature of these credentials, None if it does.

    `signed`: how it is authenticated. `now`: timezone-aware. `body_is_known`: False where the body is still to come.
    The hash that the request states counts as the body's then, and a request that is signed in its body as not signed.
    """
    if signed.access_key and signed.access_key != credentials.access_key:
        return Violation("It is signed with another access key.")
    check = _CHECKS.get((signed.style, signed.version))
    if check is None:
        bears_token = signed.style is Style.BEARER
        return Violation("It bears a token in place of a signature." if bears_token else "It is not signed.")
    return check(Case(request, signed, credentials, now, body_is_known and request.streamed is None))


def needs_body(request: Request, signed: Authentication) -> bool:
    """Whether `violation` needs the body of a request: it may be signed there, or the signature is of a hash that the
    request does not state. S3 wants it stated. A request whose body is streamed is checked without it.
    """
    headers = request.headers
    if request.streamed or "x-amz-content-sha256" in headers:
        return False
    if signed.style is Style.NONE:
        content_type = headers.get("content-type")
        return request.method == "POST" and (forms.is_multipart(content_type) or forms.is_urlencoded(content_type))
    return signed.version in _ALGORITHMS and signed.signing_name not in S3_SIGNING_NAMES


def _in_headers(case: Case) -> Violation | None:
    headers = case.request.headers
    algorithm, _, rest = headers.get("authorization").partition(" ")
    pairs = [part.strip().partition("=")[::2] for part in rest.split(",")]
    if sorted(name for name, _ in pairs) != ["Credential", "Signature", "SignedHeaders"]:
        return MALFORMED
    parts = dict(pairs)
    if "x-amz-date" not in headers and "date" not in parts["SignedHeaders"].split(";"):
        return Violation("Its Date header is not signed.")
    signed_at = moment(headers.get("x-amz-date") or headers.get("date"))
    if signed_at is None:
        return NO_TIME
    claim = _Claim(algorithm, parts["Credential"], parts["SignedHeaders"], parts["Signature"], signed_at)
    tokens = [headers.get(name) for name in TOKENS]
    return (
        skew_violation(signed_at, case.now)
        or token_violation(tokens, case.credentials)
        or _claim_violation(case, claim, headers.get("x-amz-content-sha256"))
    )


def _in_query(case: Case) -> Violation | None:
    query = parameters(case.request.query)
    expires = query.get("x-amz-expires", "" if case.is_s3 else str(int(SKEW.total_seconds())))
    seconds = int(expires) if SECONDS.fullmatch(expires) else 0
    if not 1 <= seconds <= MAX_EXPIRY.total_seconds():
        return Violation("Its X-Amz-Expires is not from one second to seven days.")
    signed_at = moment(query.get("x-amz-date", ""))
    if signed_at is None:
        return NO_TIME
    age = case.now - signed_at
    if age < -SKEW:
        return Violation("Its signature is not valid yet.")
    if age > timedelta(seconds=seconds):
        return EXPIRED
    claim = _Claim(
        algorithm=query.get("x-amz-algorithm", ""),
        credential=query["x-amz-credential"],
        signed_headers=query.get("x-amz-signedheaders", ""),
        signature=query["x-amz-signature"],
        signed_at=signed_at,
    )
    tokens = [query.get(name, "") for name in TOKENS]
    stated_hash = case.request.headers.get("x-amz-content-sha256") or query.get("x-amz-content-sha256", "")
    return token_violation(tokens, case.credentials) or _claim_violation(case, claim, stated_hash)


def _claim_violation(case: Case, claim: _Claim, stated_hash: str) -> Violation | None:
    """Why a signature of version 4 or 4a with the right time and the right token is not valid; None if it is."""
    scope = _scope(claim.credential, case)
    if scope is None or claim.algorithm != _ALGORITHMS[case.signed.version] or not claim.signature:
        return MALFORMED
    if scope.date != claim.time[:8]:
        return _OTHER_DAY
    if names_violation := _names_violation(case, claim.signed_headers.split(";")):
        return names_violation
    payload_hash = _payload_hash(case, stated_hash)
    if isinstance(payload_hash, Violation):
        return payload_hash
    return None if _fits(case, claim, scope, payload_hash) else MISFIT


def _names_violation(case: Case, signed: Collection[str]) -> Violation | None:
    """Why these are not the headers to sign: AWS wants the host signed, and every header that it acts on."""
    sent = case.request.headers.names
    needed = {name for name in sent if name.startswith("x-amz-")} | {"host"}
    if unsigned := needed.difference(signed):
        return Violation(f"A header that has to be signed is not: {min(unsigned)[:80]}.")
    if missing := set(signed).difference(sent):
        return Violation(f"A header that is signed is missing: {min(missing)[:80]}.")
    return None


def _fits(case: Case, claim: _Claim, scope: sigv4.Scope, payload_hash: str) -> bool:
    request = case.request
    for target in case.targets:
        path, _, query = target.partition("?")
        if case.signed.style is Style.QUERY:
            pairs = query.split("&")
            query = "&".join(pair for pair in pairs if unquote(pair.partition("=")[0]).lower() != "x-amz-signature")
        canonical, names = sigv4.canonical_request(
            request.method,
            (path or "/") if case.is_s3 else sigv4.canonical_path(path),
            query,
            request.headers.fields,
            claim.signed_headers.split(";"),
            payload_hash,
        )
        text = sigv4.string_to_sign(claim.algorithm, claim.time, scope, canonical)
        if names == claim.signed_headers and _is_signature(case, claim.signature, scope, text):
            return True
    return False


def _is_signature(case: Case, signature: str, scope: sigv4.Scope, text: str) -> bool:
    keys = case.credentials
    if case.signed.version is Version.V4:
        return is_same(sigv4.signature(keys.secret_key, scope, text), signature)
    key = sigv4.asymmetric_key(keys.access_key, keys.secret_key)
    try:
        key.public_key().verify(bytes.fromhex(signature), text.encode("utf-8", "surrogateescape"), _ECDSA)
    except (InvalidSignature, ValueError):
        return False
    return True


_ECDSA = ec.ECDSA(hashes.SHA256())


def _payload_hash(case: Case, stated: str) -> str | Violation:
    """The last line of the canonical request. `stated`: what the request says of its body's hash; empty if nothing."""
    if stated.startswith("STREAMING-") or stated == sigv4.UNSIGNED_PAYLOAD:
        return stated
    if not stated and case.signed.style is Style.QUERY and case.is_s3:
        return sigv4.UNSIGNED_PAYLOAD
    if not case.body_is_known:
        return stated or Violation("It does not state the hash of its body, which is still to come.")
    actual = sha256(case.request.body).hexdigest()
    return actual if stated in ("", actual) else Violation("Its body is not the one that was signed.")


def _in_form(case: Case) -> Violation | None:
    fields = forms.multipart_fields(case.request.headers.get("content-type"), case.request.body)
    policy = fields.get("policy", "")
    if case.signed.version is Version.V2:
        own = sigv2.policy_signature(case.credentials.secret_key, policy)
        signature = fields.get("signature", "")
    else:
        signed_at, scope = moment(fields.get("x-amz-date", "")), _scope(fields["x-amz-credential"], case)
        if signed_at is None or scope is None or fields.get("x-amz-algorithm") != sigv4.ALGORITHM:
            return MALFORMED
        if scope.date != signed_at.strftime("%Y%m%d"):
            return _OTHER_DAY
        if not -SKEW <= case.now - signed_at <= MAX_EXPIRY:
            return Violation("Its policy was signed more than seven days ago, or is not valid yet.")
        own, signature = sigv4.signature(case.credentials.secret_key, scope, policy), fields.get("x-amz-signature", "")
    if not is_same(own, signature):
        return MISFIT
    return token_violation([fields.get(TOKENS[0], "")], case.credentials) or _policy_expiry(policy, case.now)


def _policy_expiry(policy: str, now: datetime) -> Violation | None:
    try:
        expiry = moment(json.loads(base64.b64decode(policy))["expiration"])
    except (binascii.Error, ValueError, TypeError, KeyError, RecursionError):
        expiry = None
    if expiry is None:
        return Violation("Its policy does not say when it expires.")
    return Violation("Its policy has expired.") if now > expiry else None


_CHECKS: Mapping[tuple[Style, Version], Callable[[Case], Violation | None]] = {
    (Style.HEADER, Version.V4): _in_headers,
    (Style.HEADER, Version.V4A): _in_headers,
    (Style.HEADER, Version.V2): v2.in_headers,
    (Style.QUERY, Version.V4): _in_query,
    (Style.QUERY, Version.V4A): _in_query,
    (Style.QUERY, Version.V2): v2.in_query,
    (Style.FORM, Version.V4): _in_form,
    (Style.FORM, Version.V4A): _in_form,
    (Style.FORM, Version.V2): _in_form,
    (Style.PARAMETERS, Version.V2): v2.in_parameters,
}


def _scope(credential: str, case: Case) -> sigv4.Scope | None:
    """The scope in a credential that begins with the access key; None if it is not well formed."""
    prefix = f"{case.credentials.access_key}/"
    parts = credential.removeprefix(prefix).split("/")
    if not credential.startswith(prefix) or parts[-1] != "aws4_request" or not all(parts):
        return None
    match case.signed.version, parts:
        case Version.V4, [date, region, service, _]:
            return sigv4.Scope(date, region, service)
        case Version.V4A, [date, service, _]:
            return sigv4.Scope(date, "", service)
    return None
