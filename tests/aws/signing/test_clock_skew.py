"""What is taken for a refusal because of the clock, and what is not."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.signing import clock_skew
from cloudmock_contract.aws.signing.clock_skew import skew
from cloudmock_contract.values.http import Headers, Reply

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TWO_HOURS = timedelta(hours=2)


def refusal(body: bytes, date: str | None = None, status: int = 403) -> Reply:
    headers = () if date == "" else (("Date", date or format_datetime(NOW + TWO_HOURS, usegmt=True)),)
    return Reply(status, Headers(headers), body)


S3 = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between '
    b"the request time and the current time is too large.</Message><RequestTime>20260131T120000Z</RequestTime>"
    b"<ServerTime>2026-01-31T14:00:00Z</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>"
    b"<RequestId>0</RequestId><HostId>0</HostId></Error>"
)
JSON = (
    b'{"__type":"InvalidSignatureException","message":"Signature expired: 20260131T120000Z is now earlier than '
    b'20260131T134500Z (20260131T140000Z - 15 min.)"}'
)
QUERY = (
    b'<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
    b"<Code>SignatureDoesNotMatch</Code><Message>Signature not yet current: 20260131T120000Z is still later than "
    b"20260131T101500Z (20260131T100000Z + 15 min.)</Message></Error><RequestId>0</RequestId></ErrorResponse>"
)
EC2 = (
    b"<Response><Errors><Error><Code>RequestExpired</Code><Message>Request has expired.</Message></Error></Errors>"
    b"<RequestID>0</RequestID></Response>"
)
REST_JSON = b'{"message":"Signature expired: 20260131T120000Z is now earlier than 20260131T134500Z"}'
CBOR = b"\xa2f__typex\x19InvalidSignatureExceptiongmessagepSignature expired"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (S3, 403),
        (JSON, 400),
        (JSON, 403),
        (QUERY, 403),
        (EC2, 400),
        (REST_JSON, 403),
        (CBOR, 400),
        (b'{"__type":"RequestExpired"}', 400),
        (b'{"__type":"com.amazon.coral.service#RequestInTheFuture"}', 400),
        (b"<Code>AuthFailure</Code>", 401),
    ],
)
def test_a_refusal_because_of_the_clock(body: bytes, status: int) -> None:
    """In the words of each protocol, AWS's clock being ahead or behind is told from the reply's Date."""
    behind = format_datetime(NOW - TWO_HOURS, usegmt=True)

    assert [TWO_HOURS, -TWO_HOURS] == [skew(refusal(body, date, status), NOW) for date in (None, behind)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", 403),
        (b'{"__type":"AccessDeniedException","message":"User is not authorized"}', 400),
        (b'{"__type":"ExpiredTokenException","message":"The security token included in the request is expired"}', 400),
        (b"<Error><Code>ExpiredToken</Code></Error>", 403),
        (b"<Error><Code>InvalidAccessKeyId</Code></Error>", 403),
        (b"", 403),
        (S3, 200),
        (S3, 399),
        (S3, 404),
        (S3, 500),
        (S3, 503),
        (S3 + b" " * 2**16, 403),
    ],
    ids=range(12),
)
def test_another_refusal_is_none(body: bytes, status: int) -> None:
    """Whatever the Date says, a reply that does not speak of the time, no refusal, or a long one is no skew."""
    assert skew(refusal(body, status=status), NOW) is None


@pytest.mark.parametrize(
    "date",
    [
        "",
        "garbage",
        "2026-01-31",
        "Sat, 31 Foo 2026 14:00:00 GMT",
        "Sat, 99 Jan 2026 14:00:00 GMT",
        "Sat, 31 Jan 2026 25:00:00 GMT",
        "Sat, 31 Jan 2026 14:00:00 +9999",
        "Sat, 31 Jan 99999999999999999999 14:00:00 GMT",
        "\udcff",
    ],
)
def test_without_a_readable_date_nothing_is_known(date: str) -> None:
    """A refusal whose Date is absent or none says nothing of AWS's clock."""
    assert skew(refusal(S3, date), NOW) is None


@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000", "UT", ""])
def test_a_date_without_a_zone_is_universal(zone: str) -> None:
    """AWS's dates are in universal time, whether they say so or not."""
    assert skew(refusal(S3, f"Sat, 31 Jan 2026 14:00:00 {zone}"), NOW) == TWO_HOURS


def test_a_date_in_another_zone_is_that_time() -> None:
    """A Date that a proxy rewrote into its own zone is the same moment."""
    assert skew(refusal(S3, "Sat, 31 Jan 2026 16:00:00 +0200"), NOW) == TWO_HOURS


@pytest.mark.parametrize("sign", [1, -1])
def test_a_small_difference_is_none(sign: int) -> None:
    """A clock that is off by no more than the tolerance is not what AWS refused."""
    differences = [clock_skew.TOLERANCE + timedelta(seconds=seconds) for seconds in (0, 1)]
    dates = [format_datetime(NOW + sign * difference, usegmt=True) for difference in differences]

    assert [None, sign * differences[1]] == [skew(refusal(S3, date), NOW) for date in dates]


def test_the_tolerance_is_less_than_any_services() -> None:
    """The strictest of AWS's services allow five minutes."""
    assert timedelta(minutes=1) <= clock_skew.TOLERANCE < timedelta(minutes=5)


_NUMBERS = st.integers(0, 99_999)


@given(
    st.builds(
        "Sat, {} {} {} {}:{}:{} {}".format,
        _NUMBERS,
        st.sampled_from(("Jan", "feb", "13", "")),
        _NUMBERS,
        _NUMBERS,
        _NUMBERS,
        _NUMBERS,
        st.sampled_from(("GMT", "+0000", "-9999", "PST", "")),
    )
    | st.text(min_size=1)
)
def test_any_date_is_read(date: str) -> None:
    """There is no Date on which reading breaks, and none of a small difference counts."""
    ahead = skew(refusal(S3, date), NOW)

    assert ahead is None or abs(ahead) > clock_skew.TOLERANCE
