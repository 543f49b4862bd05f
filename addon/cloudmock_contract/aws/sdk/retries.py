"""Which requests are attempts at one call: SDKs give all attempts one id, and number them.

When AWS fails or throttles an attempt, the SDK sends the call again; the candidate may have done it the first time.
This file does not send anything. Source: botocore's `amz-sdk-invocation-id` and `amz-sdk-request` headers, and
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from collections import OrderedDict
from dataclasses import dataclass

from cloudmock_contract.values.exchange import Exchange
from cloudmock_contract.values.http import Outcome, Reply

MAX_CALLS = 2_000
"""Calls whose last attempt is remembered."""

MAX_KEPT_BYTES = 16 * 2**20
"""Bytes of candidates' replies that are kept for next attempts; what is not kept any more is asked for again."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that has ended."""

    exchange: Exchange
    cloudmock: Reply | None
    """The candidate's reply, if the next attempt has to do with it: AWS did nothing, and the candidate did."""


class Retries:
    """The calls of a run that may be tried again."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, Attempt] = OrderedDict()
        self._size = 0

    def before(self, invocation_id: str) -> Attempt | None:
        """The attempt before this one at the same call; None for a first one."""
        return self._last.get(invocation_id) if invocation_id else None

    def ended(self, exchange: Exchange, aws: Outcome, cloudmock: Outcome) -> None:
        """Remember how an attempt ended."""
        if not exchange.invocation_id:
            return
        self._forget(exchange.invocation_id)
        is_undone = not isinstance(aws, Reply) or aws.status >= 300
        kept = cloudmock if is_undone and isinstance(cloudmock, Reply) and cloudmock.status < 300 else None
        attempt = Attempt(exchange, kept)
        self._last[exchange.invocation_id] = attempt
        self._size += _size(attempt)
        while len(self._last) > MAX_CALLS or self._size > MAX_KEPT_BYTES:
            self._forget(next(iter(self._last)))

    def _forget(self, invocation_id: str) -> None:
        if attempt := self._last.pop(invocation_id, None):
            self._size -= _size(attempt)


def _size(attempt: Attempt) -> int:
    return len(attempt.cloudmock.body) if attempt.cloudmock else 0
