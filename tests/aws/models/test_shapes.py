"""What a model says of a path, and of members outside the body."""

from typing import Any

import pytest
from botocore.model import ServiceModel

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.models.shapes import (
    at,
    below,
    bindings,
    enumeration,
    is_event_stream,
    is_sensitive,
)

SHAPES = {
    "Output": {
        "type": "structure",
        "members": {
            "Plain": {"shape": "String"},
            "Renamed": {"shape": "Choice", "locationName": "renamed"},
            "renamed2": {"shape": "Number", "locationName": "Plain"},
            "List": {"shape": "OutputList", "locationName": "listSet"},
            "Map": {"shape": "OutputMap"},
            "Secret": {"shape": "Secret"},
        },
    },
    "OutputList": {"type": "list", "member": {"shape": "Output"}},
    "OutputMap": {"type": "map", "key": {"shape": "String"}, "value": {"shape": "Output"}},
    "String": {"type": "string"},
    "Number": {"type": "integer"},
    "Choice": {"type": "string", "enum": ["a", "b"]},
    "Secret": {"type": "string", "sensitive": True},
}
OUTPUT: Any = ServiceModel({"metadata": {"protocol": "json"}, "operations": {}, "shapes": SHAPES}, "m").shape_for(
    "Output"
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), "Output"),
        (("Plain",), "String"),
        (("Renamed",), "Choice"),
        (("renamed",), "Choice"),
        (("renamed2",), "Number"),
        (("List",), "OutputList"),
        (("listSet", 7), "Output"),
        (("Map", "any key"), "Output"),
        (("Map", "Plain"), "Output"),
        (("List", 0, "Map", "k", "listSet", 1, "renamed"), "Choice"),
        (("<Renamed>",), "Choice"),
        (("<renamed>",), "Choice"),
        (("List", 3, "<item>"), "Output"),
        (("List", 3, "<item>", "Secret"), "Secret"),
        (("Secret", "<item>"), "Secret"),
        (("Map", "<entry>"), "Output"),
    ],
)
def test_a_path_leads_to_its_shape(path: tuple[str | int, ...], expected: str) -> None:
    """Through members by either of their names, the model's own first, items and values of maps."""
    assert expected == at(OUTPUT, path).name


@pytest.mark.parametrize(
    "path",
    [
        ("Unknown",),
        ("plain",),
        (0,),
        ("List", "Plain"),
        ("List", "0"),
        ("Plain", "Plain"),
        ("Plain", 0),
        ("Unknown", "Plain"),
        ("List", 0, "Unknown", 3, "x"),
    ],
)
def test_where_the_model_has_nothing_is_none(path: tuple[str | int, ...]) -> None:
    """A member that it does not know, a step that does not fit the type, and all below."""
    assert at(OUTPUT, path) is None


def test_without_a_model_there_is_nothing() -> None:
    """None leads nowhere, is no secret and lists no values."""
    assert below(None, "a") is None
    assert at(None, ("a", 0)) is None
    assert not is_sensitive(None)
    assert () == enumeration(None)


@pytest.mark.parametrize(("name", "secret", "values"), [("Secret", True, ()), ("Renamed", False, ("a", "b"))])
def test_traits_are_read(name: str, values: tuple[str, ...], *, secret: bool) -> None:
    """What the model marks as sensitive, and the values that it lists."""
    assert (secret, values) == (is_sensitive(below(OUTPUT, name)), enumeration(below(OUTPUT, name)))


def test_members_of_aws_are_found_by_the_names_on_the_wire(services: Services) -> None:
    """EC2's sets have other names in XML than in the model; both lead to the same shape."""
    model = services.operation_model("ec2", "DescribeInstances")
    assert model

    by_name, by_wire = (
        ("Reservations", 0, "Instances", 1, "State"),
        ("reservationSet", 0, "instancesSet", 1, "instanceState"),
    )
    assert "InstanceState" == at(model.output_shape, by_name).name == at(model.output_shape, by_wire).name


@pytest.mark.parametrize(
    ("service", "action", "member", "expected"),
    [
        ("s3", "SelectObjectContent", "Payload", True),
        ("kinesis", "SubscribeToShard", "EventStream", True),
        ("lambda", "Invoke", "Payload", False),
        ("dynamodb", "DescribeTable", "Table", False),
    ],
)
def test_an_event_stream_is_known(
    services: Services, service: str, action: str, member: str, *, expected: bool
) -> None:
    """As the model marks it, which has it as a structure."""
    model = services.operation_model(service, action)
    assert model

    assert expected is is_event_stream(model.output_shape.members[member])


def test_members_outside_the_body_have_bindings(services: Services) -> None:
    """In input and output: each with its place, its name there and its type; members of the body have none."""
    head = services.operation_model("s3", "HeadObject")
    invoke = services.operation_model("lambda", "Invoke")
    assert head
    assert invoke

    inputs = {name: binding for name, *binding in bindings(head.input_shape)}
    outputs = {name: binding for name, *binding in bindings(head.output_shape)}
    assert ["uri", "Bucket", "string"] == inputs["Bucket"]
    assert ["querystring", "partNumber", "integer"] == inputs["PartNumber"]
    assert ["header", "Content-Length", "long"] == outputs["ContentLength"]
    assert ["headers", "x-amz-meta-", "map"] == outputs["Metadata"]
    assert {"statusCode", "header"} == {location for _, location, _, _ in bindings(invoke.output_shape)}
    assert "Payload" not in {name for name, *_ in bindings(invoke.output_shape)}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("body", 0, "chunk", "bytes"), "blob"),
        (("body", 7, "modelTimeoutException", "message"), "string"),
        (("body", 0, "other"), None),
        (("body", 0, 0, "chunk"), "structure"),
        ((0,), None),
    ],
)
def test_an_event_is_found_by_its_number(path: tuple[str | int, ...], expected: str | None) -> None:
    """A stream of events is a list in a tree, and a structure of their kinds in a model."""
    model = Services().operation_model("bedrock-runtime", "InvokeModelWithResponseStream")
    assert model is not None
    shape = at(model.output_shape, path)

    assert expected == (shape and shape.type_name)
