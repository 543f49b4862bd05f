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

    @property
    def invocation_id(self) -> str:
        """The SDK's id of the call, which its attempts share; empty if it has none."""
        return self.request.headers.get("amz-sdk-invocation-id")
