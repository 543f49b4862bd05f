"""What an operation is called."""

import pytest

from cloudmock_contract.values.operation import Operation


@pytest.mark.parametrize(("protocol", "expected"), [("json", True), ("smithy-rpc-v2-cbor", True), ("", False)])
def test_an_operation_with_a_protocol_is_modelled(protocol: str, *, expected: bool) -> None:
    """An operation that no model names has no protocol."""
    operation = Operation("dynamodb", "PutItem", protocol, "dynamodb")

    assert expected is operation.is_modelled


def test_an_operation_is_named_by_service_and_action() -> None:
    """Reports and rules write service, dot, action; the signing name is not in it."""
    expected = "stepfunctions.StartExecution"

    assert expected == Operation("stepfunctions", "StartExecution", "json", "states").name
