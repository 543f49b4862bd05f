"""Which requests are attempts at one call: SDKs give all attempts one id, and number them.

When AWS fails or throttles an attempt, the SDK sends the call again; CloudMock may have done it the first time. This
file does not send anything. Source: botocore's `amz-sdk-invocation-id` and `amz-sdk-request` headers, and
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from dataclasses import dataclass

from cloudmock_contract.values.bounded_dict import BoundedDict
from cloudmock_contract.values.exchange import Exchange
from cloudmock_contract.values.http import Outcome, Reply

MAX_CALLS = 2_000
"""Calls whose last attempt is remembered."""

MAX_KEPT_BYTES = 16 * 2**20
"""Bytes of CloudMock's replies that are kept for next attempts; where one is not kept, CloudMock is asked again."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that has ended."""

    exchange: Exchange
    cloudmock: Reply | None
    """CloudMock's reply, if the next attempt has to do with it: AWS did nothing, and CloudMock did."""


class Retries:
    """The calls of a run that may be tried again."""

    def __init__(self) -> None:
        self._last: BoundedDict[str, Attempt] = BoundedDict(MAX_CALLS, MAX_KEPT_BYTES, _weight)

    def before(self, invocation_id: str) -> Attempt | None:
        """The attempt before this one at the same call; None for a first one."""
        return self._last.get(invocation_id) if invocation_id else None

    def ended(self, exchange: Exchange, aws: Outcome, cloudmock: Outcome) -> None:
        """Remember how an attempt ended."""
        if exchange.invocation_id:
            self._last[exchange.invocation_id] = Attempt(exchange, _reply_to_keep(aws, cloudmock))


def _reply_to_keep(aws: Outcome, cloudmock: Outcome) -> Reply | None:
    if isinstance(aws, Reply) and aws.status < 300:
        return None
    if not isinstance(cloudmock, Reply) or cloudmock.status >= 300 or len(cloudmock.body) > MAX_KEPT_BYTES:
        return None
    return cloudmock


def _weight(attempt: Attempt) -> int:
    """Bytes of the reply that is kept."""
    return len(attempt.cloudmock.body) if attempt.cloudmock else 0
