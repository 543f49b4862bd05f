"""Event streams, from frames that are built by hand."""

import struct
import time
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.wire.eventstreams import CONTENT_TYPE, events


def header(name: str, value: str) -> bytes:
    """A header of type 7, a string."""
    text = value.encode()
    return struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(text)) + text


def frame(payload: bytes, headers: bytes = b"") -> bytes:
    """A message as the specification has it: prelude, its CRC, headers, payload, CRC of all."""
    prelude = struct.pack("!II", 12 + len(headers) + len(payload) + 4, len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack("!I", zlib.crc32(message))


def event(name: str, payload: bytes, content_type: str = "") -> bytes:
    headers = header(":message-type", "event") + header(":event-type", name)
    return frame(payload, headers + (header(":content-type", content_type) if content_type else b""))


def found_in(body: bytes) -> list[object]:
    return events(body, lambda data: ["bytes", len(data)])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", []),
        (event("Records", b"1,2\n", "application/octet-stream"), [{"Records": ["bytes", 4]}]),
        (event("Records", b"1,2\n"), [{"Records": ["bytes", 4]}]),
        (event("End", b""), [{"End": ["bytes", 0]}]),
        (event("Chunk", b'{"a":[1]}', "application/json"), [{"Chunk": {"a": [1]}}]),
        (event("Chunk", b'{"a":[1]}'), [{"Chunk": {"a": [1]}}]),
        (event("Chunk", b"[1]", "application/x-amz-json-1.1"), [{"Chunk": [1]}]),
        (event("Chunk", b'{"a"', "application/json"), [{"Chunk": ["bytes", 4]}]),
        (event("Chunk", b"[" * 200_000, "application/json"), [{"Chunk": ["bytes", 200_000]}]),
        (event("Record", b"\xa1\x61a\x41b", "application/cbor"), [{"Record": {"a": ["bytes", 1]}}]),
        (event("Record", b"\xa1\x61a", "application/cbor"), [{"Record": ["bytes", 3]}]),
        (event("Stats", b"<Stats/>", "text/xml"), [{"Stats": "<Stats/>"}]),
        (event("Stats", b"\xff", "text/plain"), [{"Stats": ["bytes", 1]}]),
        (frame(b"{}", header(":exception-type", "Throttled")), [{"Throttled": {}}]),
        (frame(b"", header(":error-code", "500") + header(":error-message", "no")), [{"500": ["bytes", 0]}]),
        (frame(b""), [{"event": ["bytes", 0]}]),
        (frame(b"", b"\x01a\x00\x01b\x01\x01c\x04\x00\x00\x00\x07"), [{"event": ["bytes", 0]}]),
        (event("A", b"{}") + event("B", b"x"), [{"A": {}}, {"B": ["bytes", 1]}]),
    ],
)
def test_a_stream_is_a_list_of_its_events(body: bytes, expected: list[object]) -> None:
    """Each event under its type's name: a tree where it is JSON, a text where it is one, else what bytes become."""
    assert expected == found_in(body)


@given(st.lists(st.tuples(st.text("ABCxyz", min_size=1, max_size=9), st.binary()), max_size=5))
def test_any_events_come_out_in_their_order(written: list[tuple[str, bytes]]) -> None:
    """Whatever payloads there are, none is lost, and each keeps its name and its bytes."""
    body = b"".join(event(name, payload, "application/octet-stream") for name, payload in written)

    assert [{name: payload} for name, payload in written] == events(body, lambda data: data)


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=3), st.data())
def test_a_stream_that_breaks_off_is_an_error(payloads: list[bytes], data: st.DataObject) -> None:
    """A body that ends inside a frame has not all of its events, and says so."""
    frames = [event("A", payload) for payload in payloads]
    body = b"".join(frames)
    ends = {sum(map(len, frames[:count])) for count in range(len(frames) + 1)}
    length = data.draw(st.integers(0, len(body)).filter(lambda length: length not in ends))

    with pytest.raises(ValueError, match=r"event \d is broken: it breaks off at byte \d"):
        found_in(body[:length])


@given(st.binary(max_size=20), st.data())
def test_a_flipped_bit_is_an_error(payload: bytes, data: st.DataObject) -> None:
    """The checksums are looked at: no frame with a wrong bit is read."""
    body = bytearray(event("A", payload))
    body[data.draw(st.integers(0, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(ValueError, match="it breaks off|event 0 is broken"):
        found_in(bytes(body))


def test_the_broken_event_is_told() -> None:
    """The message says how many events were well."""
    broken = event("C", b"x")[:-1] + b"\x00"

    with pytest.raises(ValueError, match="event 2 is broken: Checksum mismatch"):
        found_in(event("A", b"") + event("B", b"") + broken)


@pytest.mark.parametrize(
    "headers",
    [
        b"\x01a\xff",
        b"\x01\xff\x00",
        b"\x01a\x00\x01a\x00",
        b"\x01a",
        b"\x01a\x02",
        b"\x01a\x04\x00\x00",
        b"\x01a\x05\x00",
        b"\x01a\x07\x00",
        b"\x01a\x08\x00",
    ],
)
def test_a_header_that_is_none_is_an_error(headers: bytes) -> None:
    """An unknown type, a name that is no text or stands twice, a value that breaks off: with right checksums, too."""
    with pytest.raises(ValueError, match="event 0 is broken"):
        found_in(frame(b"", headers))


@given(
    st.binary() | st.binary().map(lambda noise: event("A", b"{}") + noise) | st.binary().map(lambda h: frame(b"", h))
)
def test_arbitrary_bytes_are_events_or_an_error(body: bytes) -> None:
    """No other error than ValueError comes of any bytes; without one, the events account for all of them."""
    with suppress(ValueError):
        assert bool(found_in(body)) is bool(body)


def test_a_long_stream_is_read_in_no_time() -> None:
    """Many events behind each other are read in time that grows with their number alone, and not with its square."""
    seconds = []
    message = event("A", bytes(2_000))
    for count in (1_000, 10_000):
        started = time.process_time()
        assert count == len(found_in(message * count))
        seconds.append(time.process_time() - started)

    assert seconds[1] < 40 * seconds[0]


def test_the_content_type_is_that_of_event_streams() -> None:
    """As the specification has it."""
    assert "application/vnd.amazon.eventstream" == CONTENT_TYPE
