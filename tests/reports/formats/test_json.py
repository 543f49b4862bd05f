"""The JSON report, its schema, and what of a report is cut."""

import copy
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cloudmock_contract.leftovers import inventory
from cloudmock_contract.reports.files import write
from cloudmock_contract.reports.formats import json as json_report
from cloudmock_contract.reports.formats.json import render
from cloudmock_contract.reports.tally.report import (
    MAX_MISMATCHES,
    MAX_NAME_CHARACTERS,
    MAX_NAMES,
    MAX_NOT_COMPARED,
    Report,
    Run,
    Tally,
)
from cloudmock_contract.reports.tally.root_causes import MAX_UNLISTED
from cloudmock_contract.reports.tally.truncation import MAX_DIFFERENCES, MAX_STRING_CHARACTERS, MAX_VALUE_CHARACTERS
from cloudmock_contract.settings import shipped
from cloudmock_contract.values.difference import MAX_SHOWN_CHARACTERS, Difference, Kind, SdkEffect, Severity
from cloudmock_contract.values.exchange import Exchange, Resource, Verdict
from cloudmock_contract.values.operation import Operation

_VALUE = Difference(("a",), Kind.VALUE, 1, 2)


def _read(text: str | bytes) -> dict[str, Any]:
    """The report, read as strictly as other languages do."""

    def refuse(constant: str) -> NoReturn:
        raise AssertionError(constant)

    document: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return document


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The report's JSON Schema, as it is shipped."""
    document: dict[str, Any] = json.loads(shipped("report.schema.json").read_text(encoding="utf-8"))
    return document


def _parts(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    below: Any = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    for part in below:
        yield from _parts(part)


@pytest.fixture(scope="module")
def strict(schema: dict[str, Any]) -> Draft202012Validator:
    """Accepts reports that follow the schema and have no key that it does not describe."""
    closed = copy.deepcopy(schema)
    for part in _parts(closed):
        if isinstance(part.get("properties"), dict) and part.get("type") == "object":
            part["additionalProperties"] = False
    return Draft202012Validator(closed, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_the_schema_is_one(schema: dict[str, Any]) -> None:
    """The report's schema is a valid JSON Schema of the draft that it names."""
    Draft202012Validator.check_schema(schema)

    assert Draft202012Validator.META_SCHEMA["$id"] == schema["$schema"]


def test_every_key_is_described(schema: dict[str, Any]) -> None:
    """The schema says of every key of the report, in words, what it is."""
    keys = [
        (name, described)
        for part in _parts(schema)
        if part.get("type") == "object"
        for name, described in [*part.get("properties", {}).items(), ("", part.get("additionalProperties"))]
        if described
    ]

    assert len(keys) >= 50
    assert not [name for name, described in keys if len(described.get("description", "")) < 10]


def test_the_limits_are_those_that_the_schema_tells(schema: dict[str, Any]) -> None:
    """Where the schema says what is cut, it says the numbers that hold."""
    mismatch, difference = (schema["$defs"][name]["properties"] for name in ("mismatch", "difference"))

    assert [MAX_DIFFERENCES] * 2 == [mismatch[name]["maxItems"] for name in ("diffs", "differences")]
    assert f"more than {MAX_SHOWN_CHARACTERS:,} characters" in mismatch["diffs"]["description"]
    assert f"after {MAX_STRING_CHARACTERS:,} characters" in mismatch["aws_error"]["description"]
    assert f"after {MAX_STRING_CHARACTERS:,} characters" in difference["aws"]["description"]
    assert f"more than about {MAX_VALUE_CHARACTERS:,} characters" in difference["aws"]["description"]
    whole = schema["properties"]
    assert f"No more than {MAX_MISMATCHES:,} are" in whole["mismatches"]["description"]
    assert f"up to {MAX_UNLISTED} whose first" in whole["root_causes"]["description"]
    assert MAX_NOT_COMPARED == whole["not_compared"]["properties"]["exchanges"]["maxItems"]
    assert inventory.MAX_KEPT == whole["left_on_aws"]["maxItems"]
    for described in (whole["by_service"], whole["by_operation"], whole["not_compared"]["properties"]["by_reason"]):
        assert f"After {MAX_NAMES:,} " in described["description"]
    assert f"cut after {MAX_NAME_CHARACTERS} characters" in whole["by_operation"]["description"]


def test_a_schema_that_describes_less_is_noticed(
    strict: Draft202012Validator, exchange: Callable[..., Exchange], report: Callable[..., Report]
) -> None:
    """A report with a key that the schema does not describe, or without one that it demands, is not accepted."""
    whole = _read(render(report(exchange(_VALUE))))

    assert strict.is_valid(whole)
    for wrong in (whole | {"news": 1}, {key: value for key, value in whole.items() if key != "forgiven"}):
        assert not strict.is_valid(wrong)
    whole["mismatches"][0]["differences"][0]["news"] = 1
    assert not strict.is_valid(whole)


def test_a_report_has_the_keys_of_its_ancestor(
    exchange: Callable[..., Exchange], report: Callable[..., Report]
) -> None:
    """Programs that read the reports of `cloudmock contract` find every key, of the type and meaning they know."""
    status = Difference(("status",), Kind.STATUS, 200, 404)
    outcome = report(
        exchange(name="s3.GetObject"),
        exchange(_VALUE, name="s3.PutObject"),
        exchange(status, name="dynamodb.GetItem", cloudmock_status=404),
    )
    written = _read(render(outcome))

    expected: dict[str, Any] = {
        "started_at": "2026-01-02T03:04:05.000Z",
        "duration_sec": round(outcome.seconds, 3),
        "total_requests": 3,
        "matched": 1,
        "mismatched": 2,
        "compatibility_pct": 33.3,
        "by_service": {
            "dynamodb": {"total": 1, "matched": 0, "pct": 0.0},
            "s3": {"total": 2, "matched": 1, "pct": 50.0},
        },
        "mismatches": [
            {
                "service": "s3",
                "action": "PutObject",
                "aws_status": 200,
                "cloudmock_status": 200,
                "diffs": ["a: 1 -> 2"],
                "severity": "data",
            },
            {
                "service": "dynamodb",
                "action": "GetItem",
                "aws_status": 200,
                "cloudmock_status": 404,
                "diffs": ["status: 200 -> 404"],
                "severity": "status",
            },
        ],
    }
    assert list(expected) == list(written)[: len(expected)]
    mismatch_keys = expected["mismatches"][0].keys()
    ancestors = {key: written[key] for key in expected}
    ancestors["mismatches"] = [{key: entry[key] for key in mismatch_keys} for entry in written["mismatches"]]
    assert expected == ancestors


def test_a_report_has_more_than_its_ancestor(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Beside the ancestor's keys there is what was compared, how fast the sides were, and what was forgiven."""
    slow = exchange(forgiven={"A": 2}, aws_seconds=1.5, cloudmock_status=0)
    written = _read(render(report(slow, cloudmock="http://mock:1", aws="http://moto:2")))

    expected = {
        "aws": "http://moto:2",
        "cloudmock": "http://mock:1",
        "versions": {"cloudmock-contract": "1.2.3"},
        "by_operation": {"dynamodb.GetItem": {"total": 1, "matched": 1, "pct": 100.0}},
        "by_severity": {"error": 0, "status": 0, "schema": 0, "data": 0},
        "forgiven": {"A": 2},
        "latency_ms": {"aws": {"p50": 1500.0, "p95": 1500.0, "p99": 1500.0, "max": 1500.0}},
    }
    assert expected == {key: written[key] for key in expected}


def test_what_was_not_compared_is_listed(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """The requests that were not compared have a part of their own, with their number, reasons and where they went."""
    written = _read(render(report(exchange(), exchange(not_compared="The app left.", aws_status=0, path="/x"))))

    assert (1, 1) == (written["total_requests"], written["matched"])
    expected = {
        "total": 1,
        "by_reason": {"The app left.": 1},
        "exchanges": [
            {
                "service": "dynamodb", "action": "GetItem", "reason": "The app left.", "aws_status": 0,
                "cloudmock_status": 200, "id": "the-id", "time": "2026-01-02T03:04:05.006Z", "method": "POST",
                "path": "/x",
            }
        ],
    }  # fmt: skip
    assert expected == written["not_compared"]


def test_what_is_left_is_listed(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """What the run created and did not delete is told by the call that deletes it."""
    table = Resource("dynamodb", "eu-west-1", "DeleteTable", (("TableName", "users"),))
    written = _read(render(report(exchange(created=(table,)))))

    parameters = [{"name": "TableName", "value": "users"}]
    expected = {
        "service": "dynamodb",
        "region": "eu-west-1",
        "action": "DeleteTable",
        "parameters": parameters,
        "may_be_older": False,
    }
    assert ([expected], 0) == (written["left_on_aws"], written["left_on_aws_omitted"])


def test_what_is_missing_is_told(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Mismatches that are not listed have their number, and so have things that may be left; problems are sentences."""
    whole = report(exchange(_VALUE))
    names = ("mismatches_omitted", "left_on_aws_omitted", "problems")
    cut = _read(render(replace(whole, mismatches_omitted=7, leftovers_omitted=8, problems=("A.", "B."))))

    assert [0, 0, []] == [_read(render(whole))[name] for name in names]
    assert [7, 8, ["A.", "B."]] == [cut[name] for name in names]


def test_latencies_are_in_milliseconds(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Times are milliseconds with two decimals."""
    outcome = report(exchange(aws_seconds=0.1234567), exchange(aws_seconds=2.0), exchange(aws_seconds=0.1))

    expected = {"p50": 123.46, "p95": 2000.0, "p99": 2000.0, "max": 2000.0}
    assert expected == _read(render(outcome))["latency_ms"]["aws"]


def test_a_mismatch_can_be_found_again(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """A mismatch has the request's id, time, method and path, its differences taken apart, and both sides' errors."""
    missing = Difference(("Table", "Keys", 0, "Name"), Kind.MISSING, aws={"a": [1, None]})
    mismatch = exchange(
        replace(missing, violation="the model requires it"),
        _VALUE,
        id="x",
        method="PUT",
        path="/b/é%20",
        aws_error="A: b",
        cloudmock_error="C: d",
        invocation_id="i-1",
        follows="y",
    )
    (written,) = _read(render(report(mismatch)))["mismatches"]

    expected = {
        "id": "x",
        "time": "2026-01-02T03:04:05.006Z",
        "method": "PUT",
        "path": "/b/é%20",
        "differences": [
            {
                "path": "Table.Keys[0].Name",
                "kind": "missing",
                "aws": {"a": [1, None]},
                "cloudmock": None,
                "breach": "the model requires it",
            },
            {"path": "a", "kind": "value", "aws": 1, "cloudmock": 2},
        ],
        "aws_error": "A: b",
        "cloudmock_error": "C: d",
        "invocation_id": "i-1",
        "follows": "y",
    }
    assert expected == {key: written[key] for key in expected}
    assert "differences_omitted" not in written


def test_what_there_is_none_of_is_absent(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Without error replies there are no error texts, and without replies no latency."""
    failure = Difference(("aws",), Kind.FAILURE, aws="AWS is down.")
    written = _read(render(report(exchange(failure, aws_status=0, cloudmock_status=0))))

    assert not {"aws_error", "cloudmock_error"} & written["mismatches"][0].keys()
    assert not written["latency_ms"]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 999_999, tzinfo=UTC), "2026-01-02T03:04:05.999Z"),
        (datetime(2026, 1, 1, 0, 0, tzinfo=timezone(timedelta(hours=5, minutes=30))), "2025-12-31T18:30:00.000Z"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=timezone(timedelta(hours=-2))), "2027-01-01T01:00:00.000Z"),
    ],
)
def test_times_are_rfc_3339_in_utc(exchange: Callable[..., Exchange], moment: datetime, expected: str) -> None:
    """Times end in Z and have milliseconds, in whatever zone they were told."""
    tally = Tally(Run(moment, "AWS", "http://localhost:4566"))
    tally.add(exchange(_VALUE, time=moment))
    written = _read(render(tally.report()))

    assert [expected] * 2 == [written["started_at"], written["mismatches"][0]["time"]]


def _values(exchange: Callable[..., Exchange], report: Callable[..., Report], value: object) -> list[Any]:
    """What a report has of a value that is on one side, on the other, and in an object and a list."""
    differences = (
        Difference(("a",), Kind.MISSING, aws=value),
        Difference(("a",), Kind.EXTRA, cloudmock=value),
        Difference(("a",), Kind.EXTRA, cloudmock={"k": [value]}),
    )
    (written,) = _read(render(report(exchange(*differences))))["mismatches"]
    missing, extra, nested = written["differences"]
    return [missing["aws"], extra["cloudmock"], nested["cloudmock"]["k"][0]]


@pytest.mark.parametrize(
    ("length", "is_cut"), [(MAX_STRING_CHARACTERS, False), (MAX_STRING_CHARACTERS + 1, True), (10**6, True)]
)
def test_long_strings_are_cut(
    exchange: Callable[..., Exchange], report: Callable[..., Report], length: int, *, is_cut: bool
) -> None:
    """A long string is its beginning and its length, wherever it is; one of the greatest length is whole."""
    written = _values(exchange, report, "é" * length)

    expected = f"{'é' * MAX_STRING_CHARACTERS}… ({length} characters)" if is_cut else "é" * length
    assert [expected] * 3 == written


def test_long_error_texts_are_cut(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """An error message as long as a body does not fill the report."""
    mismatch = exchange(_VALUE, aws_error="x" * 10**6, cloudmock_error="y" * 10**6)
    (written,) = _read(render(report(mismatch)))["mismatches"]

    expected = [f"{letter * MAX_STRING_CHARACTERS}… (1000000 characters)" for letter in "xy"]
    assert expected == [written["aws_error"], written["cloudmock_error"]]


@pytest.mark.parametrize(("number", "omitted"), [(MAX_DIFFERENCES, None), (MAX_DIFFERENCES + 1, 1), (5_000, 4_000)])
def test_many_differences_are_cut(
    exchange: Callable[..., Exchange], report: Callable[..., Report], number: int, omitted: int | None
) -> None:
    """Of very many differences the first ones are listed, and the report says how many there are more."""
    differences = [Difference(("a", index), Kind.VALUE, 1, 2) for index in range(number)]
    (written,) = _read(render(report(exchange(*differences))))["mismatches"]

    expected = [f"a[{index}]" for index in range(MAX_DIFFERENCES)]
    assert expected == [difference["path"] for difference in written["differences"]]
    assert [f"{path}: 1 -> 2" for path in expected] == written["diffs"]
    assert omitted == written.get("differences_omitted")


@pytest.mark.parametrize(("value", "expected"), [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")])
def test_numbers_that_json_lacks_are_strings(
    exchange: Callable[..., Exchange], report: Callable[..., Report], value: float, expected: str
) -> None:
    """A report is valid JSON also where a reply had numbers that JSON cannot write."""
    assert [expected] * 3 == _values(exchange, report, value)


@pytest.mark.parametrize("text", ["\ud800", "a\udcffb", "\udfff\ud800", "\x00\x1f\x7f", "\u2028", "é日本🎉", '"\\/'])
def test_any_character_can_be_written(
    exchange: Callable[..., Exchange], report: Callable[..., Report], tmp_path: Path, text: str
) -> None:
    """On disk a report is valid JSON in UTF-8, from which every string reads as it was, lone surrogates too."""
    mismatch = exchange(Difference((text,), Kind.VALUE, text, {text: text}), path=f"/{text}", aws_error=text)
    file = tmp_path / "report.json"
    write(file, render(report(mismatch)))
    (written,) = _read(file.read_bytes())["mismatches"]

    expected = (text, text, {text: text}, f"/{text}", text)
    (difference,) = written["differences"]
    assert expected == (
        difference["path"],
        difference["aws"],
        difference["cloudmock"],
        written["path"],
        written["aws_error"],
    )


def test_a_report_is_text_for_people_too(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """The text is indented, ends with a newline, and has other scripts' letters as they are."""
    text = render(report(exchange(Difference(("Straße",), Kind.VALUE, "日本", "é"))))

    assert '\n      "diffs": [\n        "Straße: \\"日本\\" -> \\"é\\""\n      ]' in text
    assert text.endswith("}\n")


def _json(numbers: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | st.integers() | numbers | st.text(),
        lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
        max_leaves=8,
    )


_FINITE_JSON = _json(st.floats(allow_nan=False, allow_infinity=False))
_JSON = _json(st.floats())
_ANY_TEXT = st.text(st.characters())
_DIFFERENCES = st.builds(
    Difference,
    st.tuples(_ANY_TEXT, st.integers(0, 9) | _ANY_TEXT),
    st.sampled_from((Kind.MISSING, Kind.EXTRA, Kind.TYPE, Kind.VALUE, Kind.ORDER, Kind.FORMAT, Kind.ENVELOPE)),
    _JSON,
    _JSON,
    _ANY_TEXT,
)
_EXCHANGES = st.builds(
    Exchange,
    id=_ANY_TEXT,
    time=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (given there)
    operation=st.builds(Operation, _ANY_TEXT, _ANY_TEXT, st.just("json"), st.just("")),
    method=_ANY_TEXT,
    path=_ANY_TEXT,
    aws_status=st.just(0) | st.integers(100, 599),
    cloudmock_status=st.just(0) | st.integers(100, 599),
    aws_seconds=st.floats(0, 1e5),
    cloudmock_seconds=st.floats(0, 1e5),
    aws_error=_ANY_TEXT,
    cloudmock_error=_ANY_TEXT,
    verdict=st.builds(
        Verdict,
        st.lists(_DIFFERENCES, min_size=1, max_size=3).map(tuple),
        st.dictionaries(_ANY_TEXT, st.integers(1, 9), max_size=2),
        st.sampled_from(Severity),
        st.lists(st.sampled_from(SdkEffect), unique=True).map(tuple),
    )
    | st.builds(Verdict, st.just(()), st.dictionaries(_ANY_TEXT, st.integers(1, 9), max_size=2)),
    invocation_id=_ANY_TEXT,
    follows=_ANY_TEXT,
    not_compared=st.just("") | st.text(st.characters(), min_size=1),
    created=st.lists(
        st.builds(Resource, _ANY_TEXT, _ANY_TEXT, _ANY_TEXT, st.tuples(st.tuples(_ANY_TEXT, _ANY_TEXT))), max_size=2
    ).map(tuple),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(_EXCHANGES, max_size=4))
def test_any_report_follows_the_schema(strict: Draft202012Validator, exchanges: list[Exchange]) -> None:
    """Whatever the replies were, the report is valid JSON that has the schema's keys, all of them described there."""
    tally = Tally(Run(datetime(2026, 1, 1, tzinfo=UTC), "AWS", "http://localhost:4566"))
    for exchange in exchanges:
        tally.add(exchange)
    written = _read(render(tally.report()).encode("utf-8", "backslashreplace"))

    assert not [error.message for error in strict.iter_errors(written)]
    assert written["total_requests"] == written["matched"] + written["mismatched"]
    assert written["mismatched"] == len(written["mismatches"])
    assert len(exchanges) == written["total_requests"] + written["not_compared"]["total"]


@given(_FINITE_JSON)
def test_short_values_are_whole(exchange: Callable[..., Exchange], value: object) -> None:
    """A difference's values are in the report as they were in the replies."""
    (written,) = json_report.mismatch(exchange(Difference(("a",), Kind.TYPE, value, [value])))["differences"]

    assert json.dumps([value, [value]]) == json.dumps([written["aws"], written["cloudmock"]])
