"""Calls that AWS has answered, and what they have done."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.leftovers.resource_changes import ResourceChanges, resource_changes
from cloudmock_contract.values.http import Headers, Reply, Request


@pytest.fixture
def changes(made: Callable[..., Request], identifier: Identifier, services: Services) -> Callable[..., ResourceChanges]:
    """What a call has done: `changes("dynamodb", "delete_table", reply, TableName="t")`.

    The reply is one, or the body of one: bytes, or what is JSON of it.
    """

    def call(service: str, method: str, reply: object = b"", /, **parameters: Any) -> ResourceChanges:
        request = made(service, method, **parameters)
        if not isinstance(reply, Reply):
            reply = Reply(200, Headers(), reply if isinstance(reply, bytes) else json.dumps(reply).encode())
        operation = identifier.identify(request, authentication(request))
        return resource_changes(request, operation, "eu-west-1", reply, services)

    return call
