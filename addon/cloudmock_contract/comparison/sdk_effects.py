"""What the differences between two answers do to an app that uses an SDK.

The order of the tables is the order of gravity. What was forgiven has no effect.
"""

from collections.abc import Callable

from cloudmock_contract.aws.sdk.catalog import Behaviour, is_retryable
from cloudmock_contract.values.difference import Difference, Effect, Kind
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.http import Failure

_MESSAGES = ("message", "errormessage")


def effects(
    behaviour: Behaviour,
    aws: Document | Failure,
    cloudmock: Document | Failure,
    differences: tuple[Difference, ...],
    *,
    is_in_transit: bool = False,
) -> tuple[Effect, ...]:
    """The effects, gravest first; none without differences.

    `is_in_transit`: states that waiters look at differ, and were forgiven.
    """
    if not differences:
        return ()
    if isinstance(aws, Failure) or isinstance(cloudmock, Failure):
        return (Effect.EXCEPTION,)
    messages = [one for one in differences if aws.is_error and _is_message(one)]
    others = [one for one in differences if one not in messages]
    found = [effect for effect, holds in _BY_ANSWERS if holds(behaviour, aws, cloudmock)] if others else []
    if is_in_transit and Effect.WAITER in found:
        found.remove(Effect.WAITER)
    if any(map(_is_unreadable, others)):
        found.append(Effect.UNPARSABLE)
    if any(one.kind is not Kind.STATUS for one in others):
        found.append(Effect.DATA)
    return (*found, Effect.MESSAGE) if messages else tuple(found)


def _is_message(difference: Difference) -> bool:
    """Whether the difference is in nothing but the text of an error."""
    name = difference.path[-1]
    return difference.kind is Kind.VALUE and isinstance(name, str) and name.lower() in _MESSAGES


def _is_unreadable(difference: Difference) -> bool:
    return difference.kind is Kind.UNPARSABLE or (
        difference.kind in (Kind.TYPE, Kind.FORMAT) and bool(difference.breach)
    )


def _other_exception(behaviour: Behaviour, aws: Document, cloudmock: Document) -> bool:
    return behaviour.exception(aws) != behaviour.exception(cloudmock)


def _other_retry(behaviour: Behaviour, aws: Document, cloudmock: Document) -> bool:
    return is_retryable(aws, behaviour) is not is_retryable(cloudmock, behaviour)


def _undeclared(behaviour: Behaviour, aws: Document, cloudmock: Document) -> bool:
    return behaviour.is_undeclared(cloudmock) and not behaviour.is_undeclared(aws)


def _other_page(behaviour: Behaviour, aws: Document, cloudmock: Document) -> bool:
    return not (aws.is_error or cloudmock.is_error) and behaviour.goes_on(aws) is not behaviour.goes_on(cloudmock)


def _other_wait(behaviour: Behaviour, aws: Document, cloudmock: Document) -> bool:
    return dict(behaviour.waiter_states(aws)) != dict(behaviour.waiter_states(cloudmock))


_BY_ANSWERS: tuple[tuple[Effect, Callable[[Behaviour, Document, Document], bool]], ...] = (
    (Effect.EXCEPTION, _other_exception),
    (Effect.RETRY, _other_retry),
    (Effect.UNDECLARED, _undeclared),
    (Effect.PAGINATION, _other_page),
    (Effect.WAITER, _other_wait),
)
