"""The values that travel through the program."""

import dataclasses
import inspect
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract import exchange
from cloudmock_contract.exchange import (
    LONGEST_VALUE,
    Difference,
    Digest,
    Document,
    Headers,
    Kind,
    Operation,
    Path,
    Reply,
    Request,
    Severity,
    Verdict,
    is_same,
    json_type,
)

_FIELDS = Headers((("Content-Type", "text/xml"), ("ETag", '"1"'), ("x-amz-id", "a"), ("X-Amz-Id", "b")))

_VALUES = [value for _, value in inspect.getmembers(exchange, dataclasses.is_dataclass) if isinstance(value, type)]


@pytest.mark.parametrize("kind", _VALUES)
def test_values_are_frozen(kind: type) -> None:
    """Nobody can change a value on its way through the program."""
    value: object = object.__new__(kind)
    first = dataclasses.fields(kind)[0].name

    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, first, None)


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


@pytest.mark.parametrize(("protocol", "expected"), [("json", True), ("smithy-rpc-v2-cbor", True), ("", False)])
def test_an_operation_with_a_protocol_is_modelled(protocol: str, *, expected: bool) -> None:
    """An operation that no model names has no protocol."""
    operation = Operation("dynamodb", "PutItem", protocol, "dynamodb")

    assert expected is operation.is_modelled


def test_an_operation_is_named_by_service_and_action() -> None:
    """Reports and rules write service, dot, action; the signing name is not in it."""
    expected = "stepfunctions.StartExecution"

    assert expected == Operation("stepfunctions", "StartExecution", "json", "states").name


@pytest.mark.parametrize(
    ("status", "expected"), [(200, False), (204, False), (299, False), (300, True), (304, True), (404, True)]
)
def test_a_reply_outside_2xx_is_an_error(status: int, *, expected: bool) -> None:
    """All that is not success is an error reply, redirects among it."""
    assert expected is Document(status, {}).is_error


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("RequestId",), "RequestId"),
        (("Table", "KeySchema", 0, "KeyType"), "Table.KeySchema[0].KeyType"),
        (("rows", 10, 2), "rows[10][2]"),
        (("__type",), "__type"),
        (("a.b", "c[0]", ""), "a.b.c[0]."),
        (("0", 0, "0"), "0[0].0"),
        (("é", "日本"), "é.日本"),
    ],
)
def test_a_location_is_written_as_rules_write_it(path: Path, expected: str) -> None:
    """Members are joined by dots and indexes stand in brackets."""
    assert expected == Difference(path, Kind.MISSING).location


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (Difference(("status",), Kind.STATUS, 200, 404), "status: 200 -> 404"),
        (Difference(("Table", "Arn"), Kind.MISSING, aws="x"), "Table.Arn: missing key"),
        (Difference(("Table", "Arn"), Kind.MISSING, aws=None), "Table.Arn: missing key"),
        (Difference(("Table", "Arn"), Kind.EXTRA, cloudmock="x"), "Table.Arn: extra key"),
        (Difference(("Count",), Kind.TYPE, "1", 1), "Count: type string -> number"),
        (Difference(("Count",), Kind.TYPE, None, {}), "Count: type null -> object"),
        (Difference(("Count",), Kind.TYPE, [], True), "Count: type array -> boolean"),
        (Difference(("Name",), Kind.VALUE, "a", "b"), 'Name: "a" -> "b"'),
        (Difference(("Count",), Kind.VALUE, 1, 2.5), "Count: 1 -> 2.5"),
        (Difference(("On",), Kind.VALUE, True, False), "On: true -> false"),
        (Difference(("Name",), Kind.VALUE, 'say "é"\n', ""), 'Name: "say \\"é\\"\\n" -> ""'),
        (Difference(("body",), Kind.UNPARSABLE, "", "not JSON: x"), "body: parsable -> not JSON: x"),
        (Difference(("body",), Kind.UNPARSABLE, "not XML: y", ""), "body: not XML: y -> parsable"),
        (Difference(("aws",), Kind.FAILURE, aws="AWS gave no reply."), "aws: AWS gave no reply."),
        (Difference(("cloudmock",), Kind.FAILURE, cloudmock="It timed out."), "cloudmock: It timed out."),
    ],
)
def test_a_difference_is_one_line(difference: Difference, expected: str) -> None:
    """Each kind of difference has the line that consumers of the report know."""
    assert expected == str(difference)


@given(aws=st.text() | st.integers() | st.floats(allow_nan=False), cloudmock=st.text(max_size=20))
def test_a_value_line_has_both_values_as_json(aws: object, cloudmock: str) -> None:
    """What stands on each side of the arrow reads as JSON and is the value."""
    line = str(Difference(("key",), Kind.VALUE, aws, cloudmock))

    decoder = json.JSONDecoder()
    rest = line.removeprefix("key: ")
    left, end = decoder.raw_decode(rest)
    right, _ = decoder.raw_decode(rest.removeprefix(rest[:end] + " -> "))
    assert (aws, cloudmock) == (left, right)


def test_a_difference_is_one_line_whatever_the_values() -> None:
    """Line breaks in values are escaped."""
    assert "\n" not in str(Difference(("key",), Kind.VALUE, "a\nb", {"c": "d\r\ne"}))


@pytest.mark.parametrize("length", [LONGEST_VALUE + 1, 1_000_000])
def test_a_long_value_is_cut(length: int) -> None:
    """A line shows the beginning of a long value and says how long it was; the other side is not touched."""
    line = str(Difference(("key",), Kind.VALUE, "x" * (length - 2), "short"))

    assert f'key: "{"x" * (LONGEST_VALUE - 1)}… ({length} characters) -> "short"' == line


def test_a_value_of_the_greatest_length_is_whole() -> None:
    """The limit itself is not too long."""
    text = "x" * (LONGEST_VALUE - 2)

    assert f'key: 1 -> "{text}"' == str(Difference(("key",), Kind.VALUE, 1, text))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "boolean"),
        (0, "number"),
        (1.5, "number"),
        (float("nan"), "number"),
        ("", "string"),
        ([], "array"),
        ((), "array"),
        ({}, "object"),
    ],
)
def test_types_have_the_names_of_json(value: object, expected: str) -> None:
    """Python's types are named as JSON names them; true is no number."""
    assert expected == json_type(value)


def test_kinds_have_the_names_that_reports_know() -> None:
    """The kinds of difference are written as the report's schema names them."""
    expected = [
        "status",
        "missing",
        "extra",
        "type",
        "value",
        "format",
        "order",
        "envelope",
        "unparsable",
        "failure",
    ]

    assert expected == list(Kind)


def test_severities_are_ordered_from_mild_to_bad() -> None:
    """The order of the severities is the order of how bad they are."""
    expected = ["data", "schema", "status", "error"]

    assert expected == list(Severity)


@pytest.mark.parametrize(("differences", "expected"), [((), True), ((Difference(("a",), Kind.VALUE, 1, 2),), False)])
def test_a_verdict_without_differences_is_a_match(differences: tuple[Difference, ...], *, expected: bool) -> None:
    """An exchange matched exactly if no difference counts, whatever was forgiven."""
    verdict = Verdict(differences, {"RequestId": 3})

    assert expected is verdict.matched


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1, True),
        (1, 1.0, True),
        (10**30, 10**30, True),
        (2**53 + 1, float(2**53), False),
        (1, True, False),
        (0, False, False),
        (True, True, True),
        (None, None, True),
        (None, False, False),
        (None, 0, False),
        ("", None, False),
        ("1", 1, False),
        ("a", "A", False),
        ("é", "e\u0301", False),
        (math.nan, math.nan, True),
        (math.nan, 1.0, False),
        (math.inf, math.inf, True),
        (math.inf, -math.inf, False),
        ([], {}, False),
        ([], None, False),
        ([1], [True], False),
        ([1, 2], [2, 1], False),
        ([1], [1, 1], False),
        ([math.nan], [math.nan], True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": None}, {}, False),
        ({"a": None}, {"b": None}, False),
        ({"a": [{"b": 1}]}, {"a": [{"b": True}]}, False),
    ],
)
def test_equality_is_that_of_json(one: object, other: object, *, expected: bool) -> None:
    """Numbers are equal by value, booleans are no numbers, order counts in lists alone, and neither side is special."""
    assert [expected] * 2 == [is_same(one, other), is_same(other, one)]


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
