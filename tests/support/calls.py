"""Calls as the proxy reads them, for tests of what takes one."""

from datetime import UTC, datetime
from typing import Any

from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.http import Request
from cloudmock_contract.values.operation import UNNAMED, Operation


def call_for(request: Request, operation: Operation = UNNAMED, region: str = "", **fields: Any) -> Call:
    """The call that this request makes. `fields`: others of a call's than these."""
    defaults: dict[str, Any] = {"id": "1", "time": datetime.now(tz=UTC), "authentication": authentication(request)}
    return Call(request=request, operation=operation, region=region, **(defaults | fields))


def identify(identifier: Identifier, request: Request) -> Operation:
    """The operation of a request, read as the proxy reads it."""
    return identifier.identify(request, authentication(request))
