"""How differences read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.values.difference import MAX_SHOWN_CHARACTERS, SEVERITIES, Difference, Kind, Path, Severity


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
        (Difference(("etag",), Kind.UNPARSABLE, "", "not the MD5"), "etag: right -> not the MD5"),
        (Difference(("etag",), Kind.UNPARSABLE, "not the MD5", ""), "etag: not the MD5 -> right"),
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


@pytest.mark.parametrize("length", [MAX_SHOWN_CHARACTERS + 1, 1_000_000])
def test_a_long_value_is_cut(length: int) -> None:
    """A line shows the beginning of a long value and says how long it was; the other side is not touched."""
    line = str(Difference(("key",), Kind.VALUE, "x" * (length - 2), "short"))

    assert f'key: "{"x" * (MAX_SHOWN_CHARACTERS - 1)}… ({length} characters) -> "short"' == line


def test_a_value_of_the_greatest_length_is_whole() -> None:
    """The limit itself is not too long."""
    text = "x" * (MAX_SHOWN_CHARACTERS - 2)

    assert f'key: 1 -> "{text}"' == str(Difference(("key",), Kind.VALUE, 1, text))


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


def test_every_kind_has_a_severity() -> None:
    """Whatever kind of difference there is, it is graded."""
    assert set(Kind) == set(SEVERITIES)


def test_severities_are_ordered_from_mild_to_bad() -> None:
    """The order of the severities is the order of how bad they are."""
    expected = ["data", "schema", "status", "error"]

    assert expected == list(Severity)
