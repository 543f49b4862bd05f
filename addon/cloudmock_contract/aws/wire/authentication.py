"""What a request's own authentication tells: who signed it, for which service and region, and in what way.

Read, never verified: the client signed for another host, with whatever keys it has. This file does not sign.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html and, for signature version 2,
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
"""

import functools
import re
from urllib.parse import parse_qsl

from cloudmock_contract.aws.wire import forms
from cloudmock_contract.values.authentication import Authentication, Style, Version
from cloudmock_contract.values.http import Request

S3_SIGNING_NAMES = frozenset(("s3", "s3-object-lambda", "s3-outposts", "s3express"))
"""The names that the endpoint rules of S3 and S3 Control sign for."""

BEARER_HEADERS = frozenset(("x-amz-sso_bearer_token",))
"""Headers beside Authorization that carry a bearer token, in lower case."""

HEADERS = frozenset(
    (
        "authorization",
        "date",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-region-set",
        "x-amz-s3session-token",
    )
)
"""Headers that authenticate, in lower case. (`x-amz-content-sha256` describes the body and stays.)"""

QUERY_NAMES = frozenset(
    (
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-expires",
        "x-amz-signedheaders",
        "x-amz-signature",
        "x-amz-security-token",
        "x-amz-region-set",
        "x-amz-s3session-token",
    )
)
"""Query parameters that authenticate a signature version 4 request, in lower case."""

QUERY_NAMES_V2 = frozenset(("awsaccesskeyid", "signature", "expires", "x-amz-security-token"))
"""Those of a presigned S3 request with signature version 2, in lower case."""

PARAMETER_NAMES = frozenset(
    (
        "awsaccesskeyid",
        "securitytoken",
        "signature",
        "signaturemethod",
        "signatureversion",
        "timestamp",
    )
)
"""Parameters of the query protocol that authenticate with signature version 2, in lower case."""

_SCOPE = re.compile(r"Credential=(?P<scope>[^,\s]+)")
_ALGORITHMS = {"AWS4-HMAC-SHA256": Version.V4, "AWS4-ECDSA-P256-SHA256": Version.V4A}
_MIN_SCOPE_PARTS = {Version.V4: 5, Version.V4A: 4}
"""Parts of `key/date/region/service/aws4_request`; a SigV4a scope has no region. The key itself may hold slashes."""


def authentication(request: Request) -> Authentication:
    """How the request is authenticated, from its Authorization header, its query or its form."""
    in_head = _in_head(request.headers.get("authorization"), request.query)
    if in_head.style is not Style.NONE:
        return in_head
    return _in_body(request) if BEARER_HEADERS.isdisjoint(request.headers.names) else _BEARER


def _in_body(request: Request) -> Authentication:
    content_type = request.headers.get("content-type")
    if request.method == "POST" and forms.is_multipart(content_type):
        return _of_fields(forms.multipart_fields(content_type, request.body))
    if forms.is_urlencoded(content_type) and len(request.body) <= forms.MAX_FIELDS_BYTES:
        lowered = request.body.lower()
        if b"accesskeyid" in lowered or b"%" in lowered:
            return _of_parameters(forms.parameters(request.body.decode("utf-8", "replace")))
    return _NONE


@functools.lru_cache(maxsize=256)
def _in_head(header: str, query_text: str) -> Authentication:
    """Remembers a little: a request is read when its head is there, when its body is, and when it is shown."""
    algorithm, _, rest = header.partition(" ")
    if (version := _ALGORITHMS.get(algorithm)) and (match := _SCOPE.search(rest)):
        return _from_scope(Style.HEADER, version, match["scope"])
    if algorithm == "AWS":  # `AWS keyid:signature`, S3 alone
        return Authentication(Style.HEADER, Version.V2, rest.partition(":")[0], signing_name="s3")
    if algorithm.lower() == "bearer":
        return _BEARER
    return _in_query(query_text) if "=" in query_text else _NONE


def _in_query(query_text: str) -> Authentication:
    query = {name.lower(): value for name, value in parse_qsl(query_text, keep_blank_values=True)}
    if "x-amz-credential" in query and "x-amz-signature" in query:
        version = _ALGORITHMS.get(query.get("x-amz-algorithm", ""), Version.V4)
        return _from_scope(Style.QUERY, version, query["x-amz-credential"])
    if "awsaccesskeyid" in query and "signature" in query:
        if "signatureversion" in query:
            return Authentication(Style.PARAMETERS, Version.V2, query["awsaccesskeyid"])
        return Authentication(Style.QUERY, Version.V2, query["awsaccesskeyid"], signing_name="s3")
    return _NONE


_NONE = Authentication(Style.NONE)
_BEARER = Authentication(Style.BEARER)


def _of_fields(fields: dict[str, str]) -> Authentication:
    """From the fields of an upload form, whose names S3 takes in any case."""
    if scope := fields.get("x-amz-credential"):
        return _from_scope(Style.FORM, _ALGORITHMS.get(fields.get("x-amz-algorithm", ""), Version.V4), scope)
    if access_key := fields.get("awsaccesskeyid"):
        return Authentication(Style.FORM, Version.V2, access_key, signing_name="s3")
    return _NONE


def _of_parameters(parameters: dict[str, str]) -> Authentication:
    """From the parameters of the query protocol, where no scope says the service."""
    lowered = {name.lower(): value for name, value in parameters.items()}
    if "signatureversion" in lowered and (access_key := lowered.get("awsaccesskeyid")):
        return Authentication(Style.PARAMETERS, Version.V2, access_key)
    return _NONE


def _from_scope(style: Style, version: Version, scope: str) -> Authentication:
    parts = scope.split("/")
    if len(parts) < _MIN_SCOPE_PARTS[version]:
        return Authentication(style, version, parts[0])
    if version is Version.V4A:
        return Authentication(style, version, "/".join(parts[:-3]), signing_name=parts[-2])
    return Authentication(style, version, "/".join(parts[:-4]), region=parts[-3], signing_name=parts[-2])
