"""What differences do to an app."""

from typing import Any

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import SdkCatalog, SdkOperation
from cloudmock_contract.comparison.sdk_effects import effects
from cloudmock_contract.values.difference import Difference, Kind, SdkEffect
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.http import Failure

_VALUE = Difference(("x",), Kind.VALUE, 1, 2)
_STATUS = Difference(("status",), Kind.STATUS, 200, 201)
_TEXT = Difference(("message",), Kind.VALUE, "a", "b")
_SDK_CATALOG = SdkCatalog(Services())


def _sdk_operation(action: str = "GetItem", service: str = "dynamodb") -> SdkOperation:
    return _SDK_CATALOG.of(service, action)


def _error(code: str, status: int = 400) -> Document:
    return Document(status, {"__type": code, "message": "m"})


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_error("ResourceNotFoundException"), _error("ResourceNotFoundException"), []),
        (_error("ResourceNotFoundException"), _error("ValidationException"), [SdkEffect.EXCEPTION]),
        (_error("ResourceNotFoundException"), _error("ThrottlingException"), [SdkEffect.EXCEPTION, SdkEffect.RETRY]),
        (_error("ValidationException"), _error("ValidationException", 500), [SdkEffect.RETRY]),
        (_error("ValidationException"), _error("ValidationException", 429), [SdkEffect.RETRY]),
        (_error("ThrottlingException"), _error("ThrottlingException", 503), []),
        (_error("ResourceNotFoundException"), _error("NoSuchTable"), [SdkEffect.EXCEPTION, SdkEffect.UNDECLARED]),
        (_error("NoSuchTable"), _error("NoSuchTable", 404), []),
        (_error("NoSuchTable"), _error("ResourceNotFoundException"), [SdkEffect.EXCEPTION]),
    ],
)
def test_errors_are_what_an_sdk_makes_of_them(aws: Document, cloudmock: Document, expected: list[SdkEffect]) -> None:
    """Another exception, another decision whether to try again, and a code that the operation does not have."""
    sdk_effects = effects(_sdk_operation(), aws, cloudmock, (_VALUE, _TEXT))

    assert [*expected, SdkEffect.DATA, SdkEffect.MESSAGE] == list(sdk_effects)


@pytest.mark.parametrize(("aws", "cloudmock"), [(200, 400), (400, 200)])
def test_an_error_against_a_success_is_an_exception(aws: int, cloudmock: int) -> None:
    """Whichever side it is that fails; the status itself is no other data."""
    tree = {"__type": "ResourceNotFoundException", "message": "m"}
    sdk_effects = effects(_sdk_operation(), Document(aws, tree), Document(cloudmock, tree), (_STATUS,))

    assert (SdkEffect.EXCEPTION,) == sdk_effects


def test_another_text_is_nothing_else() -> None:
    """Where only the message of two errors differs, whatever else they are was forgiven."""
    sdk_effects = effects(_sdk_operation(), _error("ResourceNotFoundException"), _error("NoSuchTable", 500), (_TEXT,))

    assert (SdkEffect.MESSAGE,) == sdk_effects


@pytest.mark.parametrize("name", ["message", "Message", "errorMessage"])
def test_a_success_has_no_message(name: str) -> None:
    """A member of that name in a reply that is no error is data."""
    reply = Document(200, {})

    assert (SdkEffect.DATA,) == effects(_sdk_operation(), reply, reply, (Difference((name,), Kind.VALUE, "a", "b"),))


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ({"LastEvaluatedTableName": "a"}, {"LastEvaluatedTableName": "b"}, [SdkEffect.DATA]),
        ({"LastEvaluatedTableName": "a"}, {}, [SdkEffect.PAGINATION, SdkEffect.DATA]),
        ({}, {"LastEvaluatedTableName": "a"}, [SdkEffect.PAGINATION, SdkEffect.DATA]),
        ({}, {}, [SdkEffect.DATA]),
    ],
)
def test_paginators_go_on_or_end(aws: dict[str, Any], cloudmock: dict[str, Any], expected: list[SdkEffect]) -> None:
    """Where one side has another page and the other has none, a paginator sees other pages."""
    sdk_effects = effects(_sdk_operation("ListTables"), Document(200, aws), Document(200, cloudmock), (_VALUE,))

    assert expected == list(sdk_effects)


def test_an_error_is_no_page() -> None:
    """That an error has no next page is not counted beside the exception."""
    sdk_effects = effects(
        _sdk_operation("ListTables"), Document(200, {"LastEvaluatedTableName": "a"}), _error("X"), (_STATUS,)
    )

    assert SdkEffect.EXCEPTION in sdk_effects
    assert SdkEffect.PAGINATION not in sdk_effects


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ("ACTIVE", "ACTIVE", [SdkEffect.DATA]),
        ("CREATING", "UPDATING", [SdkEffect.DATA]),
        ("CREATING", "ACTIVE", [SdkEffect.WAITER, SdkEffect.DATA]),
        ("ACTIVE", "DELETING", [SdkEffect.WAITER, SdkEffect.DATA]),
        ("ACTIVE", None, [SdkEffect.WAITER, SdkEffect.DATA]),
    ],
)
def test_waiters_wait_or_end(aws: str, cloudmock: str | None, expected: list[SdkEffect]) -> None:
    """Where a waiter would end at one side's state and not at the other's, it waits for something else."""
    sdk_effects = effects(
        _sdk_operation("DescribeTable"),
        Document(200, {"Table": {"TableStatus": aws}}),
        Document(200, {"Table": {"TableStatus": cloudmock}}),
        (_VALUE,),
    )

    assert expected == list(sdk_effects)


@pytest.mark.parametrize(
    ("is_in_transit", "expected"), [(True, [SdkEffect.DATA]), (False, [SdkEffect.WAITER, SdkEffect.DATA])]
)
def test_a_forgiven_transition_keeps_no_waiter(*, is_in_transit: bool, expected: list[SdkEffect]) -> None:
    """Beside a state on its way to the other, which was forgiven, another difference has its own effect alone."""
    sdk_effects = effects(
        _sdk_operation("DescribeTable"),
        Document(200, {"Table": {"TableStatus": "CREATING"}}),
        Document(200, {"Table": {"TableStatus": "ACTIVE"}}),
        (_VALUE,),
        is_in_transit=is_in_transit,
    )

    assert expected == list(sdk_effects)


def test_a_waiter_heeds_errors() -> None:
    """The waiter that waits for a table to be gone ends at one side's error."""
    sdk_effects = effects(
        _sdk_operation("DescribeTable"),
        _error("ResourceNotFoundException"),
        Document(200, {"Table": {"TableStatus": "DELETING"}}),
        (_STATUS,),
    )

    assert (SdkEffect.EXCEPTION, SdkEffect.WAITER) == sdk_effects


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (Difference(("x",), Kind.MISSING, 1), [SdkEffect.DATA]),
        (Difference(("x",), Kind.EXTRA, None, 1), [SdkEffect.DATA]),
        (Difference(("x",), Kind.ORDER, [0, 1], [1, 0]), [SdkEffect.DATA]),
        (Difference(("x",), Kind.ENVELOPE, "a", "b"), [SdkEffect.DATA]),
        (Difference(("x",), Kind.TYPE, 1, "1"), [SdkEffect.DATA]),
        (Difference(("x",), Kind.TYPE, 1, "1", "no number"), [SdkEffect.UNPARSABLE, SdkEffect.DATA]),
        (Difference(("x",), Kind.FORMAT, "1", "2"), [SdkEffect.DATA]),
        (Difference(("x",), Kind.FORMAT, "1", "2", "no date"), [SdkEffect.UNPARSABLE, SdkEffect.DATA]),
        (Difference(("x",), Kind.VALUE, "1", "2", "not listed"), [SdkEffect.DATA]),
        (Difference(("body",), Kind.UNPARSABLE, "", "not JSON"), [SdkEffect.UNPARSABLE, SdkEffect.DATA]),
        (Difference(("Error", "Message"), Kind.VALUE, "1", "2"), [SdkEffect.MESSAGE]),
        (Difference(("errorMessage",), Kind.VALUE, "1", "2"), [SdkEffect.MESSAGE]),
        (Difference(("Errors", 0, "Message"), Kind.VALUE, "1", "2"), [SdkEffect.MESSAGE]),
        (Difference(("messages",), Kind.VALUE, "1", "2"), [SdkEffect.DATA]),
        (Difference(("message", "x"), Kind.VALUE, "1", "2"), [SdkEffect.DATA]),
        (Difference(("message", 0), Kind.VALUE, "1", "2"), [SdkEffect.DATA]),
        (Difference(("message",), Kind.MISSING, "1"), [SdkEffect.DATA]),
        (Difference(("message",), Kind.TYPE, "1", 2), [SdkEffect.DATA]),
        (_STATUS, []),
    ],
)
def test_differences_are_what_an_app_sees(difference: Difference, expected: list[SdkEffect]) -> None:
    """Values that a model forbids cannot be read, other texts are read by people, and all else is other data."""
    error = Document(400, {})

    assert expected == list(effects(SdkOperation(None), error, error, (difference,)))


@pytest.mark.parametrize(
    ("aws", "cloudmock"),
    [(Failure("x"), Document(200, {})), (Document(200, {}), Failure("x")), (Failure("x"), Failure("x"))],
)
def test_no_reply_is_an_exception(aws: Document | Failure, cloudmock: Document | Failure) -> None:
    """A side that gives no reply raises, and nothing else is said."""
    assert (SdkEffect.EXCEPTION,) == effects(
        _sdk_operation(), aws, cloudmock, (Difference(("aws",), Kind.FAILURE, aws="x"),)
    )


def test_without_differences_there_are_no_effects() -> None:
    """Whatever the two replies are, what was forgiven has no effect."""
    assert () == effects(_sdk_operation(), _error("A"), _error("B", 500), ())


def test_the_gravest_comes_first() -> None:
    """Effects stand in the order in which they are declared, each once."""
    sdk_effects = effects(
        _sdk_operation(),
        _error("ResourceNotFoundException"),
        _error("NoSuchTable", 500),
        (_TEXT, _VALUE, Difference(("body",), Kind.UNPARSABLE), _TEXT),
    )

    order = list(SdkEffect)
    assert sorted(set(sdk_effects), key=order.index) == list(sdk_effects)
    assert {*SdkEffect} - {SdkEffect.PAGINATION, SdkEffect.WAITER} == set(sdk_effects)


_CONTENT_TYPE = Difference(("content-type",), Kind.VALUE, "text/xml", "application/xml")


@pytest.mark.parametrize(
    ("sdk_operation", "differences", "expected"),
    [
        (_sdk_operation(), (_CONTENT_TYPE,), ()),
        (_sdk_operation(), (_CONTENT_TYPE, _VALUE), (SdkEffect.DATA,)),
        (_sdk_operation(), (Difference(("Metadata", "content-type"), Kind.VALUE, 1, 2),), (SdkEffect.DATA,)),
        (SdkOperation(None), (_CONTENT_TYPE,), (SdkEffect.DATA,)),
    ],
)
def test_a_type_that_no_parser_looks_at_has_no_effect(
    sdk_operation: SdkOperation, differences: tuple[Difference, ...], expected: tuple[SdkEffect, ...]
) -> None:
    """SDKs have the protocol from the model; whoever has no model chooses by the type."""
    assert expected == effects(sdk_operation, Document(200, {}), Document(200, {}), differences)
