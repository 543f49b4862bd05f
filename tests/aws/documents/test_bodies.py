"""Bodies read in their protocols' notations."""

import gzip
import hashlib
import json
import struct
import zlib
from collections import Counter
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.documents import bodies
from cloudmock_contract.aws.documents.bodies import (
    XML_PROTOCOLS,
    Body,
    blob,
    decompressed,
    read,
    same_but_for,
    say_the_same,
    text,
)
from cloudmock_contract.values.http import Digest, Headers, Reply

CBOR = "smithy-rpc-v2-cbor"
PROTOCOLS = ["json", "rest-json", "query", "ec2", "rest-xml", CBOR, ""]
STREAM = "application/vnd.amazon.eventstream"


def reply(body: bytes, **headers: str) -> Reply:
    """A reply; `content_type="…"` stands for `Content-Type: …`."""
    return Reply(200, Headers(tuple((name.replace("_", "-").title(), value) for name, value in headers.items())), body)


def frame(payload: bytes) -> bytes:
    """A message of an event stream that has no headers."""
    prelude = struct.pack("!II", 16 + len(payload), 0)
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + payload
    return message + struct.pack("!I", zlib.crc32(message))


def headed(headers: bytes) -> bytes:
    """A message of an event stream that has headers, right or wrong, and no payload."""
    prelude = struct.pack("!II", 16 + len(headers), len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers
    return message + struct.pack("!I", zlib.crc32(message))


@pytest.mark.parametrize(
    ("protocol", "content_type", "body", "notation", "content"),
    [
        ("json", "", b'{"a":1}', "JSON", {"a": 1}),
        ("rest-json", "text/html", b"[]", "JSON", []),
        (CBOR, "", b"\xa1\x61a\x01", "CBOR", {"a": 1}),
        ("", "application/x-amz-json-1.0", b"1", "JSON", 1),
        ("", "Application/CBOR", b"\x01", "CBOR", 1),
        ("", "", b'{"a":1}', "JSON", {"a": 1}),
        ("", "text/plain", b"[1]", "JSON", [1]),
        ("", "text/plain", b"1", "", b"1"),
        ("", "text/plain", b"{a}", "", b"{a}"),
        ("", "text/plain", b"[" * 200_000, "", b"[" * 200_000),
        ("rest-json", STREAM, frame(b'{"a":1}'), "event stream", [{"event": {"a": 1}}]),
        ("", f"{STREAM}; charset=x", frame(b""), "event stream", [{"event": {"length": 0, "sha256": "e3b0c442"}}]),
    ],
)
def test_a_body_is_read_in_its_notation(
    protocol: str, content_type: str, body: bytes, notation: str, content: Any
) -> None:
    """As the protocol says; without one as the content type does, or as JSON that looks like it. A stream is one."""
    actual = read(reply(body, content_type=content_type), protocol)
    if "sha256" in str(content):
        content = [{"event": {"length": 0, "sha256": hashlib.sha256(b"").hexdigest()}}]

    assert Body(notation, content, body) == actual


@pytest.mark.parametrize("protocol", ["query", "ec2", "rest-xml"])
def test_xml_is_an_element(protocol: str) -> None:
    """With its namespace and all that is in it."""
    actual = read(reply(b'<a xmlns="http://x/"><b>1</b></a>'), protocol)
    root: Any = actual.content

    assert ("XML", "", "{http://x/}a", "1") == (actual.notation, actual.flaw, root.tag, root[0].text)


@pytest.mark.parametrize(
    ("protocol", "content_type", "body", "notation", "flaw"),
    [
        ("json", "", b"<a/>", "XML", "not JSON: "),
        ("json", "", b"\xff", "", "not JSON: "),
        ("json", "", b"gone", "text", "not JSON: "),
        ("rest-xml", "", b"{}", "JSON", "not XML: "),
        (CBOR, "", b"\x9f", "", "not CBOR: "),
        (CBOR, "", b"\xd8\x1e\x82\x01\x00", "", "not CBOR: "),
        (CBOR, "", b"\x82\xd8\x1c\x81\x01\xd8\x1d\x00", "", "not CBOR: "),
        ("rest-json", STREAM, b"{}", "JSON", "not an event stream: event 0 is broken: it breaks off"),
        ("rest-json", STREAM, b"\0" * 16, "text", "not an event stream: event 0 is broken: it breaks off"),
        ("rest-json", STREAM, frame(b"")[:-1] + b"?", "", "not an event stream: event 0 is broken: Check"),
        ("rest-json", STREAM, headed(b"\x01a\x04\x00"), "", "not an event stream: event 0 is broken: "),
        ("json", "", b"[" * 200_000, "", "nested too deep"),
    ],
)
def test_what_cannot_be_read_is_a_flaw(protocol: str, content_type: str, body: bytes, notation: str, flaw: str) -> None:
    """The body says why, and is what it is instead."""
    actual = read(reply(body, content_type=content_type), protocol)

    assert (notation, body) == (actual.notation, actual.data)
    assert actual.flaw.startswith(flaw)


@pytest.mark.parametrize(
    ("protocol", "content_type", "expected"),
    [
        ("json", "application/x-amz-cbor-1.1", "CBOR"),
        ("json", "Application/X-AMZ-CBOR-1.1; a=b", "CBOR"),
        ("", "application/x-amz-cbor-1.1", "CBOR"),
        (CBOR, "application/json", "CBOR"),
        ("json", "application/cbor", ""),
        ("rest-json", "application/x-amz-cbor-1.1", ""),
    ],
)
def test_the_message_says_the_notation_where_a_protocol_has_two(
    protocol: str, content_type: str, expected: str
) -> None:
    """JSON's protocol is spoken in CBOR too; others have one notation, whatever a type says."""
    actual = read(reply(b"\xa1\x61a\x81\x01", content_type=content_type), protocol)

    assert (expected or "JSON") == (actual.notation if not actual.flaw else "JSON")
    assert bool(expected) is (actual.content == {"a": [1]} and not actual.flaw)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_bytes_are_not_looked_into(protocol: str) -> None:
    """What the model calls bytes stays as it came, compressed or not; an empty body is nothing."""
    body = gzip.compress(b'{"a":1}')

    assert Body("", body, body) == read(reply(body, content_encoding="gzip"), protocol, is_bytes=True)
    assert Body("") == read(reply(b""), protocol, is_bytes=True) == read(reply(b""), protocol)


def test_the_text_of_a_body_is_what_words_are_looked_for_in() -> None:
    """Of CBOR its texts alone; of what is too long, the beginning or, where it cannot be cut, nothing."""
    cbor = Headers((("Content-Type", "application/cbor"),))
    data = b"\xa1\x63one\x63two"

    assert "one two" == text(Headers(), b"one two", 99)
    assert "one" == text(Headers(), b"one two", 3)
    assert {"one", "two"} == set(text(cbor, data, 99).split("\n"))
    assert "" == text(cbor, data, 3) == text(cbor, b"\xff", 99)


@given(
    protocol=st.sampled_from(PROTOCOLS),
    body=st.binary() | st.text('{}[]":,a\\u01tfn').map(str.encode) | st.text("<>/a&;!-[] ").map(str.encode),
    content_type=st.sampled_from(("", "application/json", "text/xml", "application/cbor")) | st.text(),
    coding=st.sampled_from(("", "gzip", "deflate")),
)
def test_any_body_is_read(protocol: str, body: bytes, content_type: str, coding: str) -> None:
    """Whatever a side answers: the body has a content, or a flaw, or nothing in it."""
    actual = read(reply(body, content_type=content_type, content_encoding=coding), protocol)

    assert actual.content is not None or not body or actual.notation in ("JSON", "CBOR")
    assert bool(actual.data) is bool(body) or coding


@pytest.mark.parametrize(
    ("coding", "body", "expected"),
    [
        ("gzip", gzip.compress(b"text"), b"text"),
        (" GZip ", gzip.compress(b"text"), b"text"),
        ("deflate", zlib.compress(b"text"), b"text"),
        ("deflate", gzip.compress(b"text"), b"text"),
        ("", gzip.compress(b"text", mtime=0), gzip.compress(b"text", mtime=0)),
        ("br", b"text", b"text"),
        ("gzip", b"text", b"text"),
        ("gzip", gzip.compress(b"text", mtime=0)[:-1], gzip.compress(b"text", mtime=0)[:-1]),
        ("gzip", b"", b""),
    ],
)
def test_a_coding_is_taken_off(coding: str, body: bytes, expected: bytes) -> None:
    """Gzip or zlib, whichever it is; a body that has none, or is broken, stays as it is."""
    assert expected == decompressed(reply(body, content_encoding=coding))


def test_a_bomb_stays_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would grow beyond the limit is compared as it is."""
    monkeypatch.setattr(bodies, "MAX_DECODED_BYTES", 1000)
    small, large = (gzip.compress(bytes(size)) for size in (999, 1001))

    assert bytes(999) == decompressed(reply(small, content_encoding="gzip"))
    assert large == decompressed(reply(large, content_encoding="gzip"))


def test_a_blob_is_its_length_and_hash() -> None:
    """The hash is the published one of "abc"."""
    assert {
        "length": 3,
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    } == blob(b"abc")


# Whether two bodies say the same.


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (b'{"a":[1,true]}', b'{ "a" : [ 1, true ] }', True),
        (b'{"a":1,"b":"x"}', b'{"b":"x","a":1}', True),
        (b'{"a":"\\u0061"}', b'{"a":"a"}', True),
        (b'{"a":1}', b'{"a":true}', False),
        (b'{"a":0}', b'{"a":false}', False),
        (b"[1]", b"[true]", False),
        (b'{"a":true}', b'{"a":1}', False),
        (b'{"a":false}', b'{"a":0}', False),
        (b"[true]", b"[1]", False),
        (b"true", b"1", False),
        (b'{"a":true,"b":1}', b'{"b":true,"a":1}', False),
        (b'{"a":[{"b":false}],"c":0}', b'{"c":false,"a":[{"b":0}]}', False),
        (b'{"a":true,"b":1.0}', b'{"b":true,"a":1.0}', False),
        (b'{"a":true,"b":1}', b'{"b":1,"a":true}', True),
        (b'{"a":true,"b":1,"c":0}', b'{"c":-0,"b":1.0,"a":true}', True),
        (b'{"a":"true","b":10,"c":1e0}', b'{"c":1,"a":"true","b":10.0}', True),
        (b'{"a":1}', b'{"a":2}', False),
        (b'{"a":"1"}', b'{"a":1}', False),
        (b'{"a":null}', b"{}", False),
        (b"{", b"{", False),
    ],
)
def test_json_that_says_the_same(aws: bytes, cloudmock: bytes, *, expected: bool) -> None:
    """However it is spelled; true is not 1, and what has a flaw says nothing."""
    assert expected is say_the_same(read(reply(aws), "json"), read(reply(cloudmock), "json"))


def test_only_json_is_known_to_say_the_same() -> None:
    """Of other notations only documents tell."""
    assert not say_the_same(read(reply(b"\x01"), CBOR), read(reply(b"\x01"), CBOR))
    assert not say_the_same(read(reply(b"1"), "json"), read(reply(b"\x01"), CBOR))
    assert not say_the_same(read(reply(b""), "json"), read(reply(b""), "json"))


NAMES = {"RequestId": "ignore RequestId", "HostId": "ignore HostId"}


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ("<a><b>1</b></a>", "<a><b>1</b></a>", {}),
        ("no xml", "no xml", {}),
        ("<a><RequestId>1</RequestId></a>", "<a><RequestId>2</RequestId></a>", {"ignore RequestId": 1}),
        ("<a><RequestId>1</RequestId></a>", "<a><RequestId></RequestId></a>", {"ignore RequestId": 1}),
        (
            "<a><HostId>h</HostId><RequestId>1</RequestId><b/><RequestId>2</RequestId></a>",
            "<a><HostId>h</HostId><RequestId>3</RequestId><b/><RequestId>4</RequestId></a>",
            {"ignore RequestId": 2},
        ),
        (
            "<a><HostId>h</HostId><RequestId>1</RequestId></a>",
            "<a><HostId>i</HostId><RequestId>2</RequestId></a>",
            {"ignore HostId": 1, "ignore RequestId": 1},
        ),
        ("<a><RequestId>1</RequestId><b>1</b></a>", "<a><RequestId>2</RequestId><b>2</b></a>", None),
        ("<a><RequestId>1</RequestId></a>", "<a></a>", None),
        ("<a><RequestId>1</RequestId></a>", "<a><RequestId></a>", None),
        ("<a><RequestId>1</RequestId></a>", "<RequestId>", None),
        ("<a><RequestId>1</RequestId></a>", "<a>\0RequestId</a>", None),
        ("<a>\0<RequestId>1</RequestId></a>", "<a>\0<RequestId>2</RequestId></a>", None),
        (
            "<a><RequestId><RequestId>1</RequestId></a>",
            "<a><RequestId>1</RequestId><RequestId></a>",
            None,
        ),
        ("<RequestId>1</RequestId><RequestId>", "<RequestId><RequestId>2</RequestId>", None),
        ("<a><RequestId>1</RequestId></a>", "<a><RequestId/></a>", None),
        ("<a><RequestId>1</RequestId></a>", "<a><HostId>1</HostId></a>", None),
        ("<a><RequestId>1</RequestId></a>", "<a><RequestId><b/></RequestId></a>", None),
        ("<a><RequestId x='1'>1</RequestId></a>", "<a><RequestId x='1'>2</RequestId></a>", None),
        ("<a><MyRequestId>1</MyRequestId></a>", "<a><MyRequestId>2</MyRequestId></a>", None),
        ("<a><!--<RequestId>1</RequestId>--></a>", "<a><!--<RequestId>2</RequestId>--></a>", None),
        ('{"a":"<RequestId>1</RequestId>"}', '{"a":"<RequestId>2</RequestId>"}', None),
        ("", "<a/>", None),
    ],
)
def test_bodies_that_differ_in_these_elements_alone(aws: str, cloudmock: str, expected: dict[str, int] | None) -> None:
    """They are counted by what is ignored; with any other difference, or what is not plain XML, nothing is said."""
    assert (None if expected is None else Counter(expected)) == same_but_for(aws.encode(), cloudmock.encode(), NAMES)


def test_without_names_any_difference_counts() -> None:
    """Only the same bytes are the same then."""
    assert Counter() == same_but_for(b"<a/>", b"<a/>", {})
    assert same_but_for(b"<a>1</a>", b"<a>2</a>", {}) is None


def test_a_name_is_no_pattern() -> None:
    """A name with a dot is that name alone."""
    assert same_but_for(b"<a><aXb>1</aXb></a>", b"<a><aXb>2</aXb></a>", {"a.b": "r"}) is None
    assert Counter({"r": 1}) == same_but_for(b"<a><a.b>1</a.b></a>", b"<a><a.b>2</a.b></a>", {"a.b": "r"})


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(st.lists(st.tuples(st.sampled_from(("RequestId", "HostId", "b", "c")), TEXTS, TEXTS)))
def test_of_flat_xml_it_is_known_whether_anything_else_differs(elements: list[tuple[str, str, str]]) -> None:
    """The count is that of the pairs that differ and may; a pair that differs and may not makes it none."""
    aws, cloudmock = (
        f"<a>{''.join(f'<{element[0]}>{escape(element[side])}</{element[0]}>' for element in elements)}</a>".encode()
        for side in (1, 2)
    )
    differing = Counter(name for name, on_aws, on_cloudmock in elements if on_aws != on_cloudmock)
    expected = {NAMES[name]: count for name, count in differing.items() if name in NAMES}

    actual = same_but_for(aws, cloudmock, NAMES)
    assert (None if set(differing) - set(NAMES) else expected) == (actual if actual is None else dict(actual))


@given(st.lists(st.sampled_from((b"<RequestId>", b"</RequestId>", b"<a>", b"\0", b"1", b"2")), max_size=8), st.data())
def test_of_any_tags_it_is_known_whether_they_differ(tags: list[bytes], data: st.DataObject) -> None:
    """However broken the XML is, nothing is raised; and nothing is counted only where the bytes are the same."""
    aws, cloudmock = (b"<a>" + b"".join(order) for order in (tags, data.draw(st.permutations(tags))))

    assert (aws == cloudmock) is (same_but_for(aws, cloudmock, NAMES) == Counter())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_protocols_of_xml_are_known(protocol: str) -> None:
    """They are those whose bodies are read as XML."""
    actual = read(reply(b"<a/>"), protocol)

    assert (actual.notation == "XML" and not actual.flaw) is (protocol in XML_PROTOCOLS)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda below: st.lists(below, max_size=3), max_leaves=5))
def test_json_is_the_same_as_itself_in_any_spelling(value: object) -> None:
    """Spaces and escapes say nothing."""
    ascii_only, plain = (
        json.dumps(value, ensure_ascii=is_ascii, indent=2 * is_ascii).encode() for is_ascii in (True, False)
    )

    assert say_the_same(read(reply(ascii_only), "json"), read(reply(plain), "json")) is (value is not None)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("is_bytes", [False, True])
def test_of_a_large_body_there_is_a_digest(protocol: str, *, is_bytes: bool) -> None:
    """A body that was not kept is not read in any notation, and is no flaw."""
    digest = Digest(2**40, "c0" * 32)
    large = Reply(
        200, Headers((("Content-Encoding", "gzip"), ("Content-Type", "application/json"))), b"", digest=digest
    )

    assert Body("", digest=digest) == read(large, protocol, is_bytes=is_bytes)


def test_a_digest_is_compared_like_a_body() -> None:
    """Whether it is here or was let go of, a body is its length and its hash."""
    data = b"any bytes"

    assert blob(data) == blob(b"", Digest(len(data), hashlib.sha256(data).hexdigest()))


def test_two_digests_are_not_known_to_say_the_same() -> None:
    """Where a body has not been read nothing is said of its meaning."""
    digest = Body("", digest=Digest(1, "00"))

    assert not say_the_same(digest, digest)
