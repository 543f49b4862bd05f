"""Times, tokens and targets, by which every signature is judged."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.verification.claim import (
    NO_TIME,
    Case,
    is_same,
    moment,
    parameters,
    skew_violation,
    token_violation,
)
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.values.denial import Violation
from cloudmock_contract.values.http import Headers, Request

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LATE = Violation("It was signed more than 15 minutes ago, or the clocks differ.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20260131T120000Z", NOON),
        ("2026-01-31T12:00:00Z", NOON),
        ("2026-01-31T12:00:00.000Z", NOON),
        ("2026-01-31T13:00:00+01:00", NOON),
        ("2026-01-31T12:00:00", NOON),
        ("Sat, 31 Jan 2026 12:00:00 GMT", NOON),
        ("Sat, 31 Jan 2026 07:00:00 -0500", NOON),
        ("20260131T250000Z", None),
        ("20260231T120000Z", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("", None),
        ("soon", None),
        ("²", None),
    ],
)
def test_times_are_read_in_every_notation_of_aws(text: str, expected: datetime | None) -> None:
    """ISO 8601's two notations and HTTP's give the moment, in UTC; anything else gives none."""
    assert expected == moment(text)


@given(st.text(max_size=40))
def test_no_text_is_an_error(text: str) -> None:
    """Whatever stands where a time should, the answer is a moment in UTC or none."""
    time = moment(text)

    assert time is None or time.utcoffset() == timedelta()


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NOON, None),
        (NOON - timedelta(minutes=15), None),
        (NOON + timedelta(minutes=15), None),
        (NOON - timedelta(minutes=15, seconds=1), LATE),
        (NOON + timedelta(minutes=15, seconds=1), LATE),
        (datetime.max.replace(tzinfo=UTC), LATE),
        (datetime.min.replace(tzinfo=UTC), LATE),
        (None, NO_TIME),
    ],
)
def test_clocks_may_differ_by_15_minutes(at: datetime | None, expected: Violation | None) -> None:
    """A quarter of an hour is let through, either way."""
    assert expected == skew_violation(at, NOON)


@pytest.mark.parametrize(
    ("token", "stated", "is_right"),
    [
        (None, [""], True),
        (None, ["anything"], True),
        ("t", ["t"], True),
        ("t", ["", "t"], True),
        ("t", [""], False),
        ("t", ["T"], False),
        ("t", [], False),
        ("t", ["\udcff"], False),
    ],
)
def test_credentials_with_a_token_want_it(token: str | None, stated: list[str], is_right: bool) -> None:
    """The token of temporary credentials stands beside the signature; others need none."""
    assert is_right is (token_violation(stated, Credentials("k", "s", token)) is None)


def test_the_last_of_two_parameters_counts() -> None:
    """Names are compared in lower case, values are decoded, and a name that stands twice has its last value."""
    expected = {"a": "2", "b": "x y", "c": ""}

    assert expected == parameters("a=1&A=2&B=x+y&c=")


@pytest.mark.parametrize(("stated", "expected"), [("ab", True), ("aB", False), ("", False), ("ab\udc80", False)])
def test_signatures_are_compared_whatever_they_hold(stated: str, expected: bool) -> None:
    """Bytes that are no text make no signature."""
    assert expected is is_same("ab", stated)


@pytest.mark.parametrize(
    ("target", "is_s3", "expected"),
    [
        ("/a/b?c=1", True, ["/a/b?c=1"]),
        ("/a%2fb", True, ["/a%2fb", "/a/b"]),
        ("/a%2fb", False, ["/a%2fb", "/a%2Fb"]),
        ("/a?b=c+d", True, ["/a?b=c+d", "/a?b=c%20d"]),
    ],
)
def test_a_target_has_the_spelling_it_was_sent_in_and_aws_own(target: str, is_s3: bool, expected: list[str]) -> None:
    """A client may have signed either."""
    scope = f"k/20260131/eu-west-1/{'s3' if is_s3 else 'sts'}/aws4_request"
    request = Request("GET", target, Headers((("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}"),)), b"")
    case = Case(request, authentication(request), Credentials("k", "s"), NOON, body_is_known=True)

    assert expected == list(case.targets)
