"""The call: one client request as it was read, once. It is what travels from hook to hook and from stage to stage.

Permission, address, signature, copy, comparison and report take it, and none of them reads the request again. How it is
read is not known here.
"""

from dataclasses import dataclass
from datetime import datetime

from cloudmock_contract.values.authentication import Authentication
from cloudmock_contract.values.endpoint import Endpoint
from cloudmock_contract.values.http import Request
from cloudmock_contract.values.operation import UNNAMED, Operation


@dataclass(frozen=True, slots=True)
class Call:
    """A request with everything that is known of it before there is a reply."""

    id: str
    time: datetime
    """When the request had arrived; timezone-aware."""
    request: Request
    """As the app sent it."""
    authentication: Authentication
    """How the app authenticated it."""
    operation: Operation = UNNAMED
    region: str = ""
    """The region that the user wants it to go to; empty where no operation is known."""
    destination: Endpoint | None = None
    """Where it goes on AWS; None until that is known."""

    # The copies are made by hand: each call is copied some times, and `dataclasses.replace` takes four times as long.

    def with_request(self, request: Request) -> "Call":
        """The same call, made by another request."""
        return Call(self.id, self.time, request, self.authentication, self.operation, self.region, self.destination)

    def identified(self, operation: Operation, region: str) -> "Call":
        """The call, when it is known what it asks for."""
        return Call(self.id, self.time, self.request, self.authentication, operation, region, self.destination)

    def addressed(self, destination: Endpoint) -> "Call":
        """The call, when it is known where it goes."""
        return Call(self.id, self.time, self.request, self.authentication, self.operation, self.region, destination)

    @property
    def invocation_id(self) -> str:
        """The SDK's id of the call, which its attempts share; empty if it has none."""
        return self.request.headers.get("amz-sdk-invocation-id")
