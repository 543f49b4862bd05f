"""Calls, and what they have done by AWS's replies."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.leftovers.resource_changes import ResourceChanges, resource_changes
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.http import Headers, Reply, Request


@pytest.fixture
def call(sdk_request: Callable[..., Request], identifier: Identifier) -> Callable[..., Call]:
    """A call as boto3 makes it: `call("dynamodb", "delete_table", TableName="t")`."""

    def make(service: str, method: str, **parameters: Any) -> Call:
        request = sdk_request(service, method, **parameters)
        signed = authentication(request)
        operation = identifier.identify(request, signed)
        return Call("the-id", datetime.now(tz=UTC), request, signed, operation, "eu-west-1")

    return make


@pytest.fixture
def changes(call: Callable[..., Call], services: Services) -> Callable[..., ResourceChanges]:
    """What a call has done: `changes("dynamodb", "delete_table", reply, TableName="t")`.

    The reply is one, or the body of one: bytes, or what is JSON of it.
    """

    def changes_of(service: str, method: str, reply: object = b"", /, **parameters: Any) -> ResourceChanges:
        if not isinstance(reply, Reply):
            reply = Reply(200, Headers(), reply if isinstance(reply, bytes) else json.dumps(reply).encode())
        return resource_changes(call(service, method, **parameters), reply, services)

    return changes_of
