"""Whether a signature of version 2 is valid: of an S3 request, in its headers or its query, and of the parameters of
the query protocol.

This file does not know which requests are signed in which way.
"""

from urllib.parse import parse_qsl

from cloudmock_contract.aws.signing import sigv2
from cloudmock_contract.aws.verification.claim import (
    EXPIRED,
    MALFORMED,
    MISFIT,
    SECONDS,
    TOKENS,
    Case,
    is_same,
    moment,
    parameters,
    skew_violation,
    token_violation,
)
from cloudmock_contract.aws.wire import forms, hosts
from cloudmock_contract.values.denial import Violation

_HEADERS_IN_QUERY = ("x-amz-", "content-md5", "content-type")
"""How parameters begin that a presigned URL has in place of headers."""


def in_headers(case: Case) -> Violation | None:
    """Why the signature in the Authorization header of an S3 request is not valid; None if it is."""
    headers = case.request.headers
    date = "" if "x-amz-date" in headers else headers.get("date")
    signature = headers.get("authorization").partition(" ")[2].partition(":")[2]
    return (
        skew_violation(moment(headers.get("x-amz-date") or date), case.now)
        or token_violation([headers.get(TOKENS[0])], case.credentials)
        or _s3_violation(case, signature.strip(), headers.fields, date)
    )


def in_query(case: Case) -> Violation | None:
    """Why the signature of a presigned URL of S3 is not valid; None if it is."""
    query = parameters(case.request.query)
    expires = query.get("expires", "")
    if not SECONDS.fullmatch(expires):
        return MALFORMED
    if case.now.timestamp() > int(expires):
        return EXPIRED
    headers = case.request.headers
    stand_ins = [(name, value) for name, value in query.items() if name.startswith(_HEADERS_IN_QUERY)]
    fields = (*headers.fields, *((name, value) for name, value in stand_ins if value != headers.get(name)))
    token = headers.get(TOKENS[0]) or query.get(TOKENS[0], "")
    return token_violation([token], case.credentials) or _s3_violation(case, query["signature"], fields, expires)


def _s3_violation(case: Case, signature: str, fields: tuple[tuple[str, str], ...], date: str) -> Violation | None:
    bucket = hosts.bucket(case.request, case.signed)
    for target in case.targets:
        path, _, query = target.partition("?")
        resource = f"/{bucket}{path}" if bucket else path
        own = sigv2.s3_signature(case.credentials.secret_key, case.request.method, resource, query, fields, date)
        if is_same(own, signature):
            return None
    return MISFIT


def in_parameters(case: Case) -> Violation | None:
    """Why the signature among the parameters of the query protocol is not valid; None if it is.

    The older HmacSHA1 counts as not valid: no SDK signs with it.
    """
    request = case.request
    is_form = forms.is_urlencoded(request.headers.get("content-type")) and bool(request.body)
    text = request.body.decode("utf-8", "surrogateescape") if is_form else request.query
    pairs = parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
    values = {name.lower(): value for name, value in pairs}
    if (values.get("signatureversion"), values.get("signaturemethod")) != ("2", "HmacSHA256"):
        return Violation("It is not signed with HmacSHA256 and signature version 2.")
    expiry = moment(values.get("expires", ""))
    if expiry is None and (violation := skew_violation(moment(values.get("timestamp", "")), case.now)):
        return violation
    if expiry is not None and case.now > expiry:
        return EXPIRED
    own = sigv2.parameters_signature(
        case.credentials.secret_key,
        request.method,
        request.headers.get("host"),
        request.path or "/",
        [pair for pair in pairs if pair[0].lower() != "signature"],
    )
    if not is_same(own, values.get("signature", "")):
        return MISFIT
    return token_violation([values.get("securitytoken", "")], case.credentials)
