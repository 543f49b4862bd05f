"""How far our clock is off, as told by the reply in which AWS refuses a request for that.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-clock-skew.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from cloudmock_contract.values.http import Reply

TOLERANCE = timedelta(minutes=4)
"""A little less than what the strictest of AWS's services allows."""

STATUSES = (400, 401, 403)
"""Those of such replies."""

MAX_SKEW = timedelta(days=2)
"""A reply that says that our clock is off by more is not believed."""

_MAX_ERROR_BYTES = 64 * 2**10
_SKEWED = re.compile(
    rb"RequestTimeTooSkewed|RequestExpired|RequestInTheFuture|Signature expired|Signature not yet current"
    rb"|InvalidSignatureException|SignatureDoesNotMatch|AuthFailure"
)


def skew(reply: Reply, signed_at: datetime) -> timedelta | None:
    """How far AWS's clock is ahead of `signed_at`, if that is why it refused the request; else None."""
    if reply.status not in STATUSES or len(reply.body) > _MAX_ERROR_BYTES or not _SKEWED.search(reply.body):
        return None
    try:
        aws_time = parsedate_to_datetime(reply.headers.get("date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if aws_time.tzinfo is None:
        aws_time = aws_time.replace(tzinfo=UTC)
    ahead = aws_time - signed_at
    return ahead if TOLERANCE < abs(ahead) < MAX_SKEW else None
