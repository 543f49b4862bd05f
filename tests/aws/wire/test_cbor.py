"""CBOR: values with their times as they are tagged."""

from datetime import UTC, datetime

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.wire import cbor
from cloudmock_contract.aws.wire.timestamps import timestamp


def _plain(data: bytes) -> object:
    return cbor.plain(cbor.loads(data), len)


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/x-amz-cbor-1.1", True),
        ("Application/X-Amz-Cbor-1.1; x=y", True),
        ("application/cbor", False),
        ("application/x-amz-json-1.1", False),
        ("", False),
    ],
)
def test_cbor_in_place_of_json_is_known_by_its_type(content_type: str, *, expected: bool) -> None:
    """The type of RPC v2 is another one: its protocol knows no JSON."""
    assert expected is cbor.is_cbor(content_type)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31T00:00:00Z", "2026-01-31T00:00:00Z"),
        (1769817600, 1769817600),
        (cbor2.CBORTag(0, "2026-01-31T00:00:00Z"), "2026-01-31T00:00:00Z (tag 0)"),
        (cbor2.CBORTag(1, 1769817600), "2026-01-31T00:00:00Z (tag 1)"),
        (cbor2.CBORTag(1, 1769817600.5), "2026-01-31T00:00:00.500000Z (tag 1)"),
        (cbor2.CBORTag(1, 1769817600250), "2026-01-31T00:00:00.250000Z (tag 1 in ms)"),
        (cbor2.CBORTag(1, 0), "1970-01-01T00:00:00Z (tag 1)"),
        (cbor2.CBORTag(1, -1), "1969-12-31T23:59:59Z (tag 1)"),
        (cbor2.CBORTag(1, "1769817600"), "1769817600 (tag 1)"),
        (cbor2.CBORTag(1, True), "True (tag 1)"),
        (cbor2.CBORTag(1, 10**18), "1000000000000000.0 (tag 1 in ms)"),
        (cbor2.CBORTag(1, 2**2000), f"{2**2000} (tag 1)"),
        (cbor2.CBORTag(1, float("nan")), "nan (tag 1)"),
        (cbor2.CBORTag(0, "long ago"), "long ago (tag 0)"),
    ],
)
def test_a_time_says_how_it_is_tagged(value: object, expected: object) -> None:
    """Only what is tagged is a time, and each tag and unit is another notation; what is no time shows as it is."""
    assert {"v": expected} == _plain(cbor2.dumps({"v": value}))


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)).map(lambda time: time.replace(tzinfo=UTC, microsecond=0))  # noqa: DTZ001 (made aware)
)
def test_a_tagged_time_is_understood(time: datetime) -> None:
    """Its instant is that of the number, in a notation of its own."""
    seconds = int(time.timestamp())
    in_seconds, in_milliseconds = (
        timestamp(_plain(cbor2.dumps(cbor2.CBORTag(1, n)))) for n in (seconds, seconds * 1000)
    )

    assert in_seconds
    assert in_milliseconds
    assert (seconds, seconds) == (in_seconds.instant, in_milliseconds.instant)
    assert ("CBOR tag 1", "CBOR tag 1 in ms") == (in_seconds.notation, in_milliseconds.notation)


def test_a_time_is_written_as_it_was_read() -> None:
    """Its tag and its number are kept."""
    data = cbor2.dumps({"at": cbor2.CBORTag(1, 1769817600250)})

    assert data == cbor2.dumps(cbor.loads(data))


@pytest.mark.parametrize(
    "data",
    [
        "82d81c8101d81d00",  # the list that stands first, once more
        "d81c81d81d00",  # a list that holds itself
        "d9010082656161616161d81900",  # the text that stands first, once more
        "d81d00",
    ],
)
def test_what_stands_for_something_else_is_refused(data: str) -> None:
    """Few bytes could grow without bounds by it."""
    with pytest.raises(cbor2.CBORError):
        cbor.loads(bytes.fromhex(data))
    assert [] == list(cbor.texts(bytes.fromhex(data)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"StreamName": "orders", "Limit": 5}, {"StreamName", "orders", "Limit"}),
        ([["a"], {"b": [b"bytes", "c"]}], {"a", "b", "c"}),
        ("x", {"x"}),
        (1, set()),
    ],
)
def test_the_texts_of_a_value_are_found(value: object, expected: set[str]) -> None:
    """Names of members too; bytes are no text."""
    assert expected == set(cbor.texts(cbor2.dumps(value)))


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xa1\x61a", b"\x81" * 100_000])
def test_broken_bytes_have_no_texts(data: bytes) -> None:
    """That is for their readers to say."""
    assert [] == list(cbor.texts(data))


@given(st.binary())
def test_anything_is_read_or_refused(data: bytes) -> None:
    """There are no bytes on which reading breaks otherwise."""
    try:
        cbor.plain(cbor.loads(data), len)
    except (cbor2.CBORError, ValueError, OverflowError, RecursionError):
        assert [] == list(cbor.texts(data)) or cbor.loads(data) is not None
