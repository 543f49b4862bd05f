"""Timestamps in all the notations of AWS's protocols."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.wire.timestamps import Timestamp, timestamp

MOMENTS = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)).map(  # noqa: DTZ001 (made aware below)
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
)
_ARABIC = {ord("0") + digit: 0x660 + digit for digit in range(10)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def http(moment: datetime) -> str:
    day = f"{_DAYS[moment.weekday()]}, {moment.day:02} {_MONTHS[moment.month - 1]} {moment.year}"
    return f"{day} {moment.hour:02}:{moment.minute:02}:{moment.second:02}"


WRITERS: list[tuple[Callable[[datetime], object], str, int]] = [
    (lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}Z", "ISO 8601TsZ", 1000),
    (lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z", "ISO 8601TsZ", 1),
    (lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z", "ISO 8601TsZ", 1),
    (lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S.%f}000Z", "ISO 8601TsZ", 1),
    (lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}", "ISO 8601 s", 1000),
    (lambda moment: f"{moment:%Y-%m-%dT%H:%M}Z", "ISO 8601TZ", 60_000),
    (lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}+00:00", "ISO 8601Ts+00:00", 1000),
    (
        lambda moment: moment.astimezone(timezone(timedelta(hours=-7))).isoformat("T", "seconds"),
        "ISO 8601Ts+00:00",
        1000,
    ),
    (lambda moment: moment.astimezone(timezone(timedelta(hours=9))).strftime("%Y-%m-%dT%H:%M:%S%z"), "+0000", 1000),
    (lambda moment: f"{http(moment)} GMT", "HTTP GMT", 1000),
    (lambda moment: f"{http(moment)} UTC", "HTTP UTC", 1000),
    (lambda moment: f"{http(moment)} +0000", "HTTP +0000", 1000),
    (lambda moment: milliseconds(moment) // 1000, "seconds as number", 1000),
    (lambda moment: milliseconds(moment) / 1000, "seconds as number", 1),
    (milliseconds, "milliseconds as number", 1),
    (lambda moment: milliseconds(moment) * 1000, "microseconds as number", 1),
    (lambda moment: milliseconds(moment) * 1_000_000, "nanoseconds as number", 1),
    (lambda moment: str(milliseconds(moment) // 1000), "seconds as text", 1000),
    (lambda moment: str(milliseconds(moment)), "milliseconds as text", 1),
    (lambda moment: f"{milliseconds(moment) // 1000}.{milliseconds(moment) % 1000:03}", "seconds as text", 1),
]


@pytest.mark.parametrize(("write", "notation", "precision"), WRITERS)
@given(moment=MOMENTS)
def test_a_moment_is_understood_in_every_notation(
    write: Callable[[datetime], object], notation: str, precision: int, moment: datetime
) -> None:
    """Whoever writes it, and however, the instant is the same to the precision of the notation, which is told."""
    understood = timestamp(write(moment))

    assert understood
    assert understood.notation.endswith(notation)
    assert milliseconds(moment) // precision == round(understood.instant * 1000) // precision


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31T12:30:45Z", Timestamp(1769862645, "ISO 8601TsZ")),
        ("2026-01-31T12:30:45.5Z", Timestamp(1769862645.5, "ISO 8601TsZ")),
        ("2026-01-31T14:30:45+02:00", Timestamp(1769862645, "ISO 8601Ts+00:00")),
        ("2026-01-31T07:00:45-0530", Timestamp(1769862645, "ISO 8601Ts+0000")),
        ("2026-01-31 12:30:45", Timestamp(1769862645, "ISO 8601 s")),
        ("Sat, 31 Jan 2026 12:30:45 GMT", Timestamp(1769862645, "HTTP GMT")),
        ("Sat, 31 Jan 2026 14:30:45 +0200", Timestamp(1769862645, "HTTP +0200")),
        (1769862645, Timestamp(1769862645, "seconds as number")),
        (1769862645.25, Timestamp(1769862645.25, "seconds as number")),
        (1769862645250, Timestamp(1769862645.25, "milliseconds as number")),
        ("Sat, 31 Jan 2026 12:30:45 -0000", Timestamp(1769862645, "HTTP -0000")),
        ("Sat, 31 Jan 2026 07:30:45 -0500", Timestamp(1769862645, "HTTP -0500")),
        (4102444799000000000, Timestamp(4102444799, "nanoseconds as number")),
        ("1769862645", Timestamp(1769862645, "seconds as text")),
        ("1.769862645E9", Timestamp(1769862645, "seconds as text")),
        (946684800, Timestamp(946684800, "seconds as number")),
        (4102444799, Timestamp(4102444799, "seconds as number")),
    ],
)
def test_the_instant_and_the_notation(value: object, expected: Timestamp) -> None:
    """Examples, with their instants from `date -u +%s`."""
    assert expected == timestamp(value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -1769862645,
        17698626,
        946684799,
        10**19,
        10**20,
        -(10**20),
        10**400,
        -(10**400),
        2**1024,
        1e300,
        math.nan,
        math.inf,
        -math.inf,
        "",
        "today",
        "12345678",
        "2026-01-31",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-31T25:00:00Z",
        "2026-01-31T00:00:00+99:00",
        "2026-01-31T00:00:00.1234567890Z",
        "2026-01-31T00:00:00z",
        " 2026-01-31T00:00:00Z",
        "2026-01-31T00:00:00Z\n",
        "1999-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-14:00",
        "2026-01-31T12:30:45Z".translate(_ARABIC),
        "1769862645".translate(_ARABIC),
        "Sat, 31 Jan 2026 12:30:45 GMT".translate(_ARABIC),
        "2026-01-31T12:30:4\uff15Z",
        "Sat, 31 Jan 0101 12:30:45 GMT",
        "Fri, 31 Dec 9999 23:59:59 -1400",
        "Fri, 31 Dec 9999 23:59:59 -0000",
        "Sat, 31 Jan 2026 12:30:45 +9999",
        "9.999999999E99",
        "Sat, 32 Jan 2026 12:30:45 GMT",
        "Sat, 31 Xxx 2026 12:30:45 GMT",
        "Sat, 31 Jan 2026 12:30:45",
        "Sat, 31 Jan 2026 12:30:45 EST",
        "1769862645x",
        "-1769862645",
        "17698626451769862645",
        b"2026-01-31T00:00:00Z",
        ["2026-01-31T00:00:00Z"],
        {},
    ],
)
def test_what_is_no_time_of_this_century_is_none(value: object) -> None:
    """A date that does not exist, a number that is too small or too large, another type, another text."""
    assert timestamp(value) is None


@given(st.text() | st.from_regex(r"[\dT:Z.,+ -]{9,40}") | st.floats() | st.integers(-(10**300), 10**300) | st.binary())
def test_any_value_has_an_answer(value: object) -> None:
    """Nothing that a reply may hold is too odd to be asked about."""
    understood = timestamp(value)

    assert understood is None or 946684800 <= understood.instant < 4102444800
