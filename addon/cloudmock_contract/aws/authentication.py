"""What a request's own authentication tells: who signed it, for which service and region, and in what way.

Read, never verified: the client signed for another host, with whatever keys it has. This file does not sign.
Source of the formats: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
and, for signature version 2, https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
"""

import enum
import functools
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from cloudmock_contract.exchange import Request


class Style(enum.StrEnum):
    """Where and how a request carries its authentication."""

    NONE = "none"
    BEARER = "bearer"
    HEADER = "header"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Authentication:
    """The credential scope of a request, as far as it has one."""

    style: Style
    access_key: str = ""
    region: str = ""
    signing_name: str = ""


HEADERS = frozenset(
    (
        "authorization",
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

_SCOPE = re.compile(r"Credential=(?P<scope>[^,\s]+)")


def authentication(request: Request) -> Authentication:
    """How the request is authenticated, from its Authorization header or its query."""
    return _read(request.headers.get("authorization"), request.query)


@functools.lru_cache(maxsize=256)
def _read(header: str, query_text: str) -> Authentication:
    """Remembers a little: every stage that a request goes through asks the same of it."""
    if header.startswith("AWS4-") and (match := _SCOPE.search(header)):
        return _from_scope(Style.HEADER, match["scope"], has_region="ECDSA" not in header.partition(" ")[0])
    if header.startswith("AWS "):  # signature version 2: `AWS keyid:signature`, S3 alone
        return Authentication(Style.HEADER, header[4:].partition(":")[0], signing_name="s3")
    if header.lower().startswith("bearer "):
        return Authentication(Style.BEARER)
    query = {name.lower(): value for name, value in parse_qsl(query_text, keep_blank_values=True)}
    if "x-amz-credential" in query and "x-amz-signature" in query:
        has_region = "ECDSA" not in query.get("x-amz-algorithm", "")
        return _from_scope(Style.QUERY, query["x-amz-credential"], has_region=has_region)
    if "awsaccesskeyid" in query and "signature" in query:
        return Authentication(Style.QUERY, query["awsaccesskeyid"], signing_name="s3")
    return Authentication(Style.NONE)


def _from_scope(style: Style, scope: str, *, has_region: bool) -> Authentication:
    """From `key/date/region/service/aws4_request`; a SigV4a scope has no region. The key itself may hold slashes."""
    parts = scope.split("/")
    if has_region and len(parts) >= 5:
        return Authentication(style, "/".join(parts[:-4]), region=parts[-3], signing_name=parts[-2])
    if not has_region and len(parts) >= 4:
        return Authentication(style, "/".join(parts[:-3]), signing_name=parts[-2])
    return Authentication(style, parts[0])
