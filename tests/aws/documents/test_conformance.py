"""Which values the model allows."""

from typing import Any

import pytest
from botocore.model import ServiceModel

from cloudmock_contract.aws.documents.conformance import (
    JSON_IN_CBOR,
    extra_violation,
    missing_violation,
    violation,
)
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.values.denial import Violation

SHAPES = {
    "Output": {
        "type": "structure",
        "required": ["Id", "Renamed"],
        "members": {
            "Id": {"shape": "String"},
            "Renamed": {"shape": "Choice", "locationName": "renamed"},
            "Number": {"shape": "Integer"},
            "Long": {"shape": "Long"},
            "Double": {"shape": "Double"},
            "Flag": {"shape": "Boolean"},
            "Blob": {"shape": "Blob"},
            "List": {"shape": "List"},
            "Map": {"shape": "Map"},
            "Any": {"shape": "Any"},
            "Time": {"shape": "Time"},
            "IsoTime": {"shape": "Time", "timestampFormat": "iso8601"},
            "HttpTime": {"shape": "Time", "timestampFormat": "rfc822"},
            "UnixTime": {"shape": "Time", "timestampFormat": "unixTimestamp"},
            "HeaderTime": {"shape": "Time", "location": "header", "locationName": "x-time"},
            "OtherTime": {"shape": "OtherTime"},
            "Events": {"shape": "Events"},
        },
    },
    "String": {"type": "string"},
    "Choice": {"type": "string", "enum": ["a", "b"]},
    "Integer": {"type": "integer"},
    "Long": {"type": "long"},
    "Double": {"type": "double"},
    "Boolean": {"type": "boolean"},
    "Blob": {"type": "blob"},
    "List": {"type": "list", "member": {"shape": "String"}},
    "Map": {"type": "map", "key": {"shape": "String"}, "value": {"shape": "String"}},
    "Any": {"type": "structure", "members": {}, "document": True},
    "Time": {"type": "timestamp"},
    "OtherTime": {"type": "timestamp", "timestampFormat": "iso8601"},
    "Events": {"type": "structure", "members": {"Event": {"shape": "Map"}}, "eventstream": True},
}
OUTPUT: Any = ServiceModel({"metadata": {"protocol": "json"}, "operations": {}, "shapes": SHAPES}, "m").shape_for(
    "Output"
)


def reason(broken: Violation | None) -> str:
    return str(broken or "")


def reason_against(name: str, value: object, protocol: str = "json") -> str:
    return reason(violation(OUTPUT.members[name], value, protocol))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Id", "x"),
        ("Id", ""),
        ("Renamed", "a"),
        ("Number", 1),
        ("Number", -(2**40)),
        ("Long", 1),
        ("Double", 1.5),
        ("Double", 1),
        ("Double", "NaN"),
        ("Flag", False),
        ("Blob", "YQ=="),
        ("Blob", {"length": 1, "sha256": "x"}),
        ("List", []),
        ("List", [1, {}]),
        ("Map", {}),
        ("Map", {"a": "b"}),
        ("Any", 1),
        ("Any", [None]),
        ("Any", {"a": 1}),
        ("Events", []),
        ("Events", [{"Event": {"a": "b"}}, {"Other": 1}]),
    ],
)
def test_a_value_of_the_models_type_is_allowed(name: str, value: object) -> None:
    """What is in lists and maps is looked at by itself."""
    assert "" == reason_against(name, value)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Id", 1, "the model wants string, not number"),
        ("Number", "1", "the model wants integer, not string"),
        ("Number", True, "the model wants integer, not boolean"),
        ("Long", "1", "the model wants long, not string"),
        ("Double", False, "the model wants double, not boolean"),
        ("Flag", "true", "the model wants boolean, not string"),
        ("Flag", 0, "the model wants boolean, not number"),
        ("Blob", 1, "the model wants blob, not number"),
        ("List", {}, "the model wants list, not object"),
        ("List", "", "the model wants list, not string"),
        ("Map", [], "the model wants map, not array"),
        ("Time", False, "the model wants timestamp, not boolean"),
        ("Renamed", "c", "the model does not list this value"),
        ("Renamed", "A", "the model does not list this value"),
        ("Renamed", "", "the model does not list this value"),
    ],
)
def test_a_value_of_another_type_breaks_the_model(name: str, value: object, expected: str) -> None:
    """So does a value that an enumeration does not have."""
    assert expected == reason_against(name, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Id": "1", "Renamed": "a"}, ""),
        ({"Id": "1", "renamed": "a"}, ""),
        ({"Id": None, "renamed": None, "More": 1}, ""),
        ({"Renamed": "a"}, "the model requires Id"),
        ({}, "the model requires Id, Renamed"),
        ([], "the model wants structure, not array"),
    ],
)
def test_a_structure_has_what_the_model_requires(value: object, expected: str) -> None:
    """Under the model's name or that on the wire."""
    assert expected == reason(violation(OUTPUT, value, "json"))


UNIX, UNIX_TEXT, MILLISECONDS = 1769862645.5, "1769862645", 1769862645500
ISO, ISO_MILLISECONDS, ISO_OFFSET = "2026-01-31T12:30:45Z", "2026-01-31T12:30:45.500Z", "2026-01-31T12:30:45+00:00"
HTTP = "Sat, 31 Jan 2026 12:30:45 GMT"
TAGGED, TAGGED_MILLISECONDS, TAGGED_TEXT = f"{ISO} (tag 1)", f"{ISO} (tag 1 in ms)", f"{ISO} (tag 0)"
ALL_TIMES = {UNIX, UNIX_TEXT, MILLISECONDS, ISO, ISO_MILLISECONDS, ISO_OFFSET, HTTP, "2026-01-31 12:30:45", "soon"}
ALL_TIMES |= {TAGGED, TAGGED_MILLISECONDS, TAGGED_TEXT}
IN_SECONDS, IN_ISO, IN_HTTP = {UNIX}, {ISO, ISO_MILLISECONDS}, {HTTP}


@pytest.mark.parametrize(
    ("name", "protocol", "allowed"),
    [
        ("Time", "json", IN_SECONDS),
        ("Time", "rest-json", IN_SECONDS),
        ("Time", "query", IN_ISO),
        ("Time", "ec2", IN_ISO),
        ("Time", "rest-xml", IN_ISO),
        ("Time", "smithy-rpc-v2-cbor", {TAGGED}),
        ("Time", JSON_IN_CBOR, {TAGGED_MILLISECONDS}),
        ("Time", "", ALL_TIMES),
        ("IsoTime", "json", IN_ISO),
        ("OtherTime", "json", IN_ISO),
        ("IsoTime", "smithy-rpc-v2-cbor", {TAGGED}),
        ("UnixTime", JSON_IN_CBOR, {TAGGED_MILLISECONDS}),
        ("HttpTime", "json", IN_HTTP),
        ("UnixTime", "rest-xml", IN_SECONDS),
        ("HeaderTime", "rest-json", IN_HTTP),
        ("HeaderTime", "rest-xml", IN_HTTP),
    ],
)
def test_a_timestamp_has_the_notation_of_its_protocol(name: str, protocol: str, allowed: set[object]) -> None:
    """Unless the model gives it another; one in a header has that of HTTP."""
    assert allowed == {value for value in ALL_TIMES if not reason_against(name, value, protocol)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UnixTime", 0),
        ("UnixTime", 0.0),
        ("UnixTime", -1),
        ("UnixTime", -62135596800),
        ("UnixTime", 253402300799),
        ("IsoTime", "0001-01-01T00:00:00Z"),
        ("IsoTime", "1970-01-01T00:00:00Z"),
        ("IsoTime", "1970-01-01T00:00:00.000Z"),
        ("IsoTime", "9999-12-31T23:59:59Z"),
        ("HttpTime", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("HttpTime", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ],
)
def test_a_time_of_another_century_is_allowed(name: str, value: object) -> None:
    """Services write the first or the last of all times where they have none."""
    assert "" == reason_against(name, value)


@pytest.mark.parametrize(
    ("protocol", "value", "is_right"),
    [
        ("smithy-rpc-v2-cbor", "1970-01-01T00:00:00Z (tag 1)", True),
        ("smithy-rpc-v2-cbor", "1970-01-01T00:00:00Z (tag 0)", False),
        ("smithy-rpc-v2-cbor", "1970-01-01T00:00:00Z", False),
        ("smithy-rpc-v2-cbor", "never (tag 1)", False),
        (JSON_IN_CBOR, "1970-01-01T00:00:00Z (tag 1)", True),
        (JSON_IN_CBOR, "9999-12-31T23:59:59Z (tag 1 in ms)", True),
        (JSON_IN_CBOR, "9999-12-31T23:59:59Z", False),
    ],
)
def test_a_time_of_another_century_has_its_tag_too(protocol: str, value: str, *, is_right: bool) -> None:
    """Near 1970, milliseconds cannot be told from seconds."""
    assert is_right is (reason_against("Time", value, protocol) == "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UnixTime", "0"),
        ("UnixTime", "0001-01-01T00:00:00Z"),
        ("IsoTime", 0),
        ("IsoTime", "never"),
        ("IsoTime", ""),
        ("HttpTime", 0),
        ("HttpTime", "never"),
    ],
)
def test_what_is_not_written_as_a_time_breaks_the_model(name: str, value: object) -> None:
    """What is no time in any century is none, whether it is a text or a number."""
    assert reason_against(name, value).startswith("the model wants a timestamp in ")


@pytest.mark.parametrize(
    ("name", "protocol", "expected"),
    [
        ("Time", "json", "the model wants a timestamp in unixtimestamp"),
        ("Time", "query", "the model wants a timestamp in iso8601"),
        ("HeaderTime", "json", "the model wants a timestamp in rfc822"),
    ],
)
def test_the_expected_notation_is_named(name: str, protocol: str, expected: str) -> None:
    """As models name it."""
    assert expected == reason_against(name, "soon", protocol)


@pytest.mark.parametrize("value", [1, "x", None, [], {}])
def test_without_a_model_everything_is_allowed(value: object) -> None:
    """So is null, which SDKs take for absent."""
    assert violation(None, value, "json") is missing_violation(None, "a") is extra_violation(None, "a") is None
    assert violation(OUTPUT, None, "json") is None


@pytest.mark.parametrize(
    ("name", "missing", "extra"),
    [
        ("Id", "the model requires it", ""),
        ("Renamed", "the model requires it", ""),
        ("renamed", "the model requires it", ""),
        ("Number", "", ""),
        ("x-time", "", ""),
        ("id", "", "the model does not know it"),
        ("Unknown", "", "the model does not know it"),
        (0, "", "the model does not know it"),
    ],
)
def test_members_of_one_side_alone(name: str | int, missing: str, extra: str) -> None:
    """A member that is not there breaks the model if it is required, one that is more if it is unknown."""
    assert (missing, extra) == (reason(missing_violation(OUTPUT, name)), reason(extra_violation(OUTPUT, name)))


@pytest.mark.parametrize("parent", ["Map", "List", "Id", "Any"])
def test_only_structures_have_members(parent: str) -> None:
    """No model says what keys a map has, nor what members a document."""
    assert missing_violation(OUTPUT.members[parent], "x") is None
    assert extra_violation(OUTPUT.members[parent], "x") is None


def test_the_event_streams_of_aws_are_lists(services: Services) -> None:
    """As trees have them, and not the structures that models have."""
    model = services.operation_model("s3", "SelectObjectContent")
    assert model

    payload = model.output_shape.members["Payload"]
    assert violation(payload, [{"Records": {"length": 1}}, {"End": {}}], "rest-xml") is None


def test_the_models_of_aws_are_understood(services: Services) -> None:
    """Of DynamoDB's: a state that does not exist, a time as text, a key schema that lacks a member."""
    model = services.operation_model("dynamodb", "DescribeTable")
    assert model
    table = model.output_shape.members["Table"]

    state, time, key = (
        table.members["TableStatus"],
        table.members["CreationDateTime"],
        table.members["KeySchema"].member,
    )
    assert Violation("the model does not list this value") == violation(state, "READY", "json")
    assert Violation("the model wants a timestamp in unixtimestamp") == violation(time, ISO, "json")
    assert Violation("the model requires KeyType") == violation(key, {"AttributeName": "a"}, "json")
