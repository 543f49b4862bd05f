"""What every signature is checked by, whichever its version: the request, the credentials, the time and the token.

Times and tokens are right if AWS would accept them. This file does not know how a signature is made: see `verify`.
"""

import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.signing.forwarded_request import normalised_target
from cloudmock_contract.aws.wire.authentication import S3_SIGNING_NAMES
from cloudmock_contract.values.authentication import Authentication
from cloudmock_contract.values.denial import Violation
from cloudmock_contract.values.http import Request

SKEW = timedelta(minutes=15)
"""How far AWS lets a client's clock be off."""

TOKENS = ("x-amz-security-token", "x-amz-s3session-token")
"""Headers and parameters that hold a session token, in lower case."""

SECONDS = re.compile(r"[0-9]{1,12}")

MISFIT = Violation("Its signature does not fit the request and the secret of its access key.")
MALFORMED = Violation("What it says about its signature is not complete, or not well formed.")
EXPIRED = Violation("Its signature has expired.")
NO_TIME = Violation("It does not say when it was signed.")

_TIME = re.compile(r"[0-9]{8}T[0-9]{6}Z")


@dataclass(frozen=True, slots=True)
class Case:
    """A request to check, and what it is checked by: see `verify.violation`."""

    request: Request
    signed: Authentication
    credentials: Credentials
    now: datetime
    body_is_known: bool

    @property
    def is_s3(self) -> bool:
        return self.signed.signing_name in S3_SIGNING_NAMES

    @property
    def targets(self) -> Iterator[str]:
        """The target as it was sent, then in AWS's own spelling: a client may have signed either."""
        yield self.request.target
        respelled = normalised_target(self.request.target, is_s3=self.is_s3)
        if respelled != self.request.target:
            yield respelled


def moment(text: str) -> datetime | None:
    """The time in UTC of a text in ISO 8601's basic or extended notation or in HTTP's; None for any other text."""
    try:
        if _TIME.fullmatch(text):
            return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        time = datetime.fromisoformat(text) if text[:1].isdecimal() else parsedate_to_datetime(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def skew_violation(signed_at: datetime | None, now: datetime) -> Violation | None:
    """Why a signature in headers is too old or too new; None if it is neither."""
    if signed_at is None:
        return NO_TIME
    if abs(now - signed_at) > SKEW:
        return Violation("It was signed more than 15 minutes ago, or the clocks differ.")
    return None


def token_violation(stated: Iterable[str], credentials: Credentials) -> Violation | None:
    """Why the tokens beside a signature are not those of its credentials; None if one is.

    Credentials without a token of their own are proved by their secret key, whatever token the request states.
    """
    if not credentials.token or any(is_same(credentials.token, token) for token in stated):
        return None
    return Violation("Its session token is not that of its access key.")


def parameters(query: str) -> dict[str, str]:
    """The parameters of a query by name in lower case; of two of one name the last, as `authentication` takes it."""
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    return {name.lower(): value for name, value in pairs}


def is_same(own: str, stated: str) -> bool:
    """Whether two texts are equal, in a time that does not tell how much of them is."""
    return hmac.compare_digest(own.encode(), stated.encode("utf-8", "surrogateescape"))
