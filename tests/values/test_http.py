"""Requests and replies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.values.http import Digest, Headers, Reply, Request

_FIELDS = Headers((("Content-Type", "text/xml"), ("ETag", '"1"'), ("x-amz-id", "a"), ("X-Amz-Id", "b")))


@given(st.lists(st.tuples(st.binary(), st.binary())))
def test_headers_keep_every_byte(fields: list[tuple[bytes, bytes]]) -> None:
    """Raw header fields come back as they were, whatever bytes they have."""
    assert tuple(fields) == Headers.from_bytes(fields).to_bytes()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ETag", '"1"'), ("etag", '"1"'), ("X-AMZ-ID", "a"), ("absent", "nothing"), ("ETa", "nothing")],
)
def test_headers_are_found_in_any_case(name: str, expected: str) -> None:
    """The first field of that name counts, in whatever case; the default stands in for one that is absent."""
    assert expected == _FIELDS.get(name, "nothing")


def test_an_absent_header_is_empty() -> None:
    """Without a default, an absent header reads as the empty string."""
    expected = ""

    assert expected == Headers().get("ETag")


@pytest.mark.parametrize(("name", "expected"), [("etag", True), ("ETAG", True), ("ta", False), ("", False)])
def test_headers_contain_names_in_any_case(name: str, *, expected: bool) -> None:
    """Whether a header is there does not depend on how it is spelled."""
    assert expected is (name in _FIELDS)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((), []),
        (_FIELDS.fields, ["content-type", "etag", "x-amz-id"]),
        ((("A", "1"), ("a", "2"), ("B", "")), ["a", "b"]),
    ],
)
def test_headers_have_names(fields: tuple[tuple[str, str], ...], expected: list[str]) -> None:
    """Each name is there once, in lower case, however often and however it is spelled."""
    assert expected == sorted(Headers(fields).names)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("x-amz-id", ("a", "b")), ("X-AMZ-ID", ("a", "b")), ("etag", ('"1"',)), ("absent", ()), ("", ())],
)
def test_headers_have_all_values_of_a_name(name: str, expected: tuple[str, ...]) -> None:
    """The values of a name stand in their order, whatever the case."""
    assert expected == _FIELDS.values(name)


@given(st.lists(st.tuples(st.sampled_from(("A", "a", "B", "Ä", "ä")), st.text(max_size=2))))
def test_headers_agree_with_themselves(fields: list[tuple[str, str]]) -> None:
    """A name is one of the names if it has values, and the first of them is what the header reads as."""
    headers = Headers(tuple(fields))

    for name in ("A", "b", "ä", "absent"):
        values = [value for key, value in fields if key.lower() == name.lower()]
        assert values == list(headers.values(name))
        assert bool(values) is (name in headers) is (name.lower() in headers.names)
        assert (values or ["nothing"])[0] == headers.get(name, "nothing")


def test_headers_without_some() -> None:
    """A copy without a header lacks all its fields and has the others in their order; the original keeps them."""
    expected = (("Content-Type", "text/xml"), ("ETag", '"1"'))
    original = Headers((*expected, ("x-amz-id", "a"), ("X-Amz-Id", "b")))

    assert expected == original.without({"x-amz-id"}).fields
    assert "x-amz-id" in original


def test_headers_with_more() -> None:
    """Added fields stand at the end, also beside one of the same name; the original does not have them."""
    expected = (("A", "1"), ("B", "2"), ("a", "3"))
    original = Headers(expected[:1])

    assert expected == original.adding(*expected[1:]).fields
    assert expected[:1] == original.fields


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/", "/", ""),
        ("/a/b?list-type=2&prefix=x", "/a/b", "list-type=2&prefix=x"),
        ("/a%3Fb?c?d", "/a%3Fb", "c?d"),
        ("/?", "/", ""),
        ("?acl", "", "acl"),
        ("/a b/é%2F", "/a b/é%2F", ""),
    ],
)
def test_a_target_is_a_path_and_a_query(target: str, path: str, query: str) -> None:
    """The first question mark ends the path; nothing is decoded."""
    request = Request("GET", target, Headers(), b"")

    assert (path, query) == (request.path, request.query)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(200, Headers(), b""), 0),
        (Reply(200, Headers(), b"abc"), 3),
        (Reply(200, Headers(), b"", digest=Digest(2**40, "00")), 2**40),
    ],
)
def test_a_reply_is_as_long_as_it_was(reply: Reply, expected: int) -> None:
    """A body that was too large to be kept counts with its length."""
    assert expected == reply.length
