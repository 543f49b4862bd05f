"""What the differences between two answers do to an app that uses an SDK.

The order of the tables is the order of gravity. What was forgiven has no effect.
"""

from collections.abc import Callable

from cloudmock_contract.aws.sdk.catalog import SdkOperation, is_retryable
from cloudmock_contract.values.difference import Difference, Kind, SdkEffect
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.http import Failure

_MESSAGES = ("message", "errormessage")


def effects(
    sdk_operation: SdkOperation,
    aws: Document | Failure,
    cloudmock: Document | Failure,
    differences: tuple[Difference, ...],
    *,
    is_in_transit: bool = False,
) -> tuple[SdkEffect, ...]:
    """The effects, gravest first; none without differences.

    `is_in_transit`: states that waiters look at differ, and were forgiven.
    """
    if not differences:
        return ()
    if isinstance(aws, Failure) or isinstance(cloudmock, Failure):
        return (SdkEffect.EXCEPTION,)
    messages = [one for one in differences if aws.is_error and _is_message(one)]
    others = [one for one in differences if one not in messages]
    found = [effect for effect, holds in _BY_ANSWERS if holds(sdk_operation, aws, cloudmock)] if others else []
    if is_in_transit and SdkEffect.WAITER in found:
        found.remove(SdkEffect.WAITER)
    if any(map(_is_unreadable, others)):
        found.append(SdkEffect.UNPARSABLE)
    if any(one.kind is not Kind.STATUS for one in others):
        found.append(SdkEffect.DATA)
    return (*found, SdkEffect.MESSAGE) if messages else tuple(found)


def _is_message(difference: Difference) -> bool:
    """Whether the difference is in nothing but the text of an error."""
    name = difference.path[-1]
    return difference.kind is Kind.VALUE and isinstance(name, str) and name.lower() in _MESSAGES


def _is_unreadable(difference: Difference) -> bool:
    return difference.kind is Kind.UNPARSABLE or (
        difference.kind in (Kind.TYPE, Kind.FORMAT) and bool(difference.violation)
    )


def _other_exception(sdk_operation: SdkOperation, aws: Document, cloudmock: Document) -> bool:
    return sdk_operation.exception(aws) != sdk_operation.exception(cloudmock)


def _other_retry(sdk_operation: SdkOperation, aws: Document, cloudmock: Document) -> bool:
    return is_retryable(aws, sdk_operation) is not is_retryable(cloudmock, sdk_operation)


def _undeclared(sdk_operation: SdkOperation, aws: Document, cloudmock: Document) -> bool:
    return sdk_operation.is_undeclared(cloudmock) and not sdk_operation.is_undeclared(aws)


def _other_page(sdk_operation: SdkOperation, aws: Document, cloudmock: Document) -> bool:
    return not (aws.is_error or cloudmock.is_error) and sdk_operation.goes_on(aws) is not sdk_operation.goes_on(
        cloudmock
    )


def _other_wait(sdk_operation: SdkOperation, aws: Document, cloudmock: Document) -> bool:
    return dict(sdk_operation.waiter_states(aws)) != dict(sdk_operation.waiter_states(cloudmock))


_BY_ANSWERS: tuple[tuple[SdkEffect, Callable[[SdkOperation, Document, Document], bool]], ...] = (
    (SdkEffect.EXCEPTION, _other_exception),
    (SdkEffect.RETRY, _other_retry),
    (SdkEffect.UNDECLARED, _undeclared),
    (SdkEffect.PAGINATION, _other_page),
    (SdkEffect.WAITER, _other_wait),
)
