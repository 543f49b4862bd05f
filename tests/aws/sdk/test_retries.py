"""Which requests are attempts at one call, and what is kept between them."""

from datetime import UTC, datetime

import pytest

from cloudmock_contract.aws.sdk.retries import MAX_CALLS, MAX_KEPT_BYTES, Attempt, Retries
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.http import Digest, Failure, Headers, Outcome, Reply, Skipped
from cloudmock_contract.values.operation import Operation

OPERATION = Operation("sqs", "SendMessage", "json", "sqs")
DONE, THROTTLED, FAILED = (Reply(status, Headers(), b"{}") for status in (200, 400, 503))
GONE = Failure("It hung up.")
UNKNOWN = Skipped("The app hung up.")
LARGE = Reply(200, Headers(), b"", digest=Digest(2**40, "00"))


def exchange(invocation_id: str, number: int = 1) -> Exchange:
    return Exchange(
        id=f"{invocation_id}-{number}",
        time=datetime(2026, 1, 31, tzinfo=UTC),
        operation=OPERATION,
        method="POST",
        path="/",
        aws_status=0,
        cloudmock_status=0,
        aws_seconds=0,
        cloudmock_seconds=0,
        aws_error="",
        cloudmock_error="",
        verdict=Verdict(),
        invocation_id=invocation_id,
    )


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (FAILED, DONE, DONE),
        (THROTTLED, DONE, DONE),
        (GONE, DONE, DONE),
        *((Reply(status, Headers(), b""), DONE, DONE) for status in (301, 304, 307)),
        (Reply(299, Headers(), b""), DONE, None),
        (FAILED, Reply(204, Headers(), b""), Reply(204, Headers(), b"")),
        (DONE, DONE, None),
        (DONE, FAILED, None),
        (FAILED, FAILED, None),
        (FAILED, GONE, None),
        (GONE, GONE, None),
        (UNKNOWN, DONE, DONE),
        (UNKNOWN, UNKNOWN, None),
        (FAILED, UNKNOWN, None),
        (DONE, UNKNOWN, None),
        (FAILED, LARGE, LARGE),
        (LARGE, DONE, None),
        *((FAILED, Reply(status, Headers(), b""), None) for status in (300, 304, 307, 399)),
    ],
)
def test_the_reply_is_kept_if_only_cloudmock_did_it(aws: Outcome, cloudmock: Outcome, expected: Reply | None) -> None:
    """The next attempt gets CloudMock's reply to a call that AWS did not do."""
    retries = Retries()
    retries.ended(exchange("i"), aws, cloudmock)

    assert Attempt(exchange("i"), expected) == retries.before("i")


def test_a_first_attempt_has_none_before_it() -> None:
    """Another call's attempts are not this one's, and a request without an id has no attempts at all."""
    retries = Retries()
    retries.ended(exchange("i"), FAILED, DONE)
    retries.ended(exchange(""), FAILED, DONE)

    assert retries.before("other") is None
    assert retries.before("") is None


def test_the_last_attempt_counts() -> None:
    """Of several attempts the latest is the one before; what it did not do, it does not keep."""
    retries = Retries()
    retries.ended(exchange("i", 1), FAILED, DONE)
    retries.ended(exchange("i", 2), DONE, DONE)

    assert Attempt(exchange("i", 2), None) == retries.before("i")


def test_old_calls_are_forgotten() -> None:
    """The number of calls is bounded; one that was tried again of late is kept longer than one that was not."""
    retries = Retries()
    for number in range(MAX_CALLS):
        retries.ended(exchange(str(number)), FAILED, DONE)
    retries.ended(exchange("0", 2), FAILED, DONE)
    retries.ended(exchange("new"), FAILED, DONE)

    assert retries.before("1") is None
    assert all(map(retries.before, ("0", "2", "new")))


def test_what_is_kept_is_bounded() -> None:
    """Old replies go when all that is kept grows too large; a new attempt of a call frees what its last one held."""
    retries = Retries()
    half = Reply(200, Headers(), bytes(MAX_KEPT_BYTES // 2))
    for number in range(5):
        retries.ended(exchange("same", number), FAILED, half)
    retries.ended(exchange("other"), FAILED, half)
    assert all(map(retries.before, ("same", "other")))

    retries.ended(exchange("third"), FAILED, DONE)
    assert retries.before("same") is None
    assert all(map(retries.before, ("other", "third")))


def test_a_reply_of_the_other_kind_costs_nothing() -> None:
    """Where CloudMock's reply is not kept, its size does not count."""
    retries = Retries()
    for number in range(3):
        retries.ended(exchange(str(number)), DONE, Reply(200, Headers(), bytes(MAX_KEPT_BYTES)))

    assert all(map(retries.before, "012"))


def test_a_reply_that_is_too_large_is_not_kept() -> None:
    """CloudMock is asked again then."""
    retries = Retries()
    retries.ended(exchange("i"), FAILED, Reply(200, Headers(), bytes(MAX_KEPT_BYTES + 1)))

    assert Attempt(exchange("i"), None) == retries.before("i")


def test_a_reply_that_was_not_kept_costs_nothing() -> None:
    """Of a large reply only the digest is there, and that is small."""
    retries = Retries()
    for number in range(3):
        retries.ended(exchange(str(number)), FAILED, LARGE)

    assert all(map(retries.before, "012"))
