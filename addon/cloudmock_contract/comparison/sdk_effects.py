"""What the differences between two replies do to an app that uses an SDK.

The order of the table is the order of gravity. What was forgiven has no effect. This file does not find differences.
"""

from collections.abc import Callable

from cloudmock_contract.aws.documents.conformance import NO_WRAPPER
from cloudmock_contract.aws.documents.reply_headers import has_effect
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
    differences = tuple(difference for difference in differences if _has_effect(sdk_operation, difference))
    others = [difference for difference in differences if not (aws.is_error and _is_message(difference))]
    sdk_effects = [effect for effect, holds in _BY_REPLIES if holds(sdk_operation, aws, cloudmock)] if others else []
    if is_in_transit and SdkEffect.WAITER in sdk_effects:
        sdk_effects.remove(SdkEffect.WAITER)
    if any(map(_is_unreadable, others)):
        sdk_effects.append(SdkEffect.UNPARSABLE)
    if any(difference.kind is not Kind.STATUS for difference in others):
        sdk_effects.append(SdkEffect.DATA)
    return tuple(sdk_effects) if len(others) == len(differences) else (*sdk_effects, SdkEffect.MESSAGE)


def _has_effect(sdk_operation: SdkOperation, difference: Difference) -> bool:
    """Whether an SDK looks at what differs."""
    name = difference.path[0]
    return len(difference.path) > 1 or not isinstance(name, str) or has_effect(name, sdk_operation.model)


def _is_message(difference: Difference) -> bool:
    """Whether the difference is in nothing but the text of an error."""
    name = difference.path[-1]
    return difference.kind is Kind.VALUE and isinstance(name, str) and name.lower() in _MESSAGES


def _is_unreadable(difference: Difference) -> bool:
    is_of_other_type = difference.kind in (Kind.TYPE, Kind.FORMAT) and bool(difference.violation)
    return difference.kind is Kind.UNPARSABLE or is_of_other_type or difference.violation == NO_WRAPPER


def _is_other_exception(sdk_operation: SdkOperation, aws: Document, cloudmock: Document) -> bool:
    return sdk_operation.exception(aws) != sdk_operation.exception(cloudmock)


def _is_other_retry(sdk_operation: SdkOperation, aws: Document, cloudmock: Document) -> bool:
    return is_retryable(aws, sdk_operation) is not is_retryable(cloudmock, sdk_operation)


def _is_undeclared(sdk_operation: SdkOperation, aws: Document, cloudmock: Document) -> bool:
    return sdk_operation.is_undeclared(cloudmock) and not sdk_operation.is_undeclared(aws)


def _is_other_page(sdk_operation: SdkOperation, aws: Document, cloudmock: Document) -> bool:
    return not (aws.is_error or cloudmock.is_error) and sdk_operation.goes_on(aws) is not sdk_operation.goes_on(
        cloudmock
    )


def _is_other_wait(sdk_operation: SdkOperation, aws: Document, cloudmock: Document) -> bool:
    return dict(sdk_operation.waiter_states(aws)) != dict(sdk_operation.waiter_states(cloudmock))


_BY_REPLIES: tuple[tuple[SdkEffect, Callable[[SdkOperation, Document, Document], bool]], ...] = (
    (SdkEffect.EXCEPTION, _is_other_exception),
    (SdkEffect.RETRY, _is_other_retry),
    (SdkEffect.UNDECLARED, _is_undeclared),
    (SdkEffect.PAGINATION, _is_other_page),
    (SdkEffect.WAITER, _is_other_wait),
)
