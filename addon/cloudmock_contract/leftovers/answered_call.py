"""A call that AWS has answered: what its request and its reply say, member by member.

This file does not know what a call makes or deletes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from botocore.model import OperationModel

from cloudmock_contract.aws.documents.input import members
from cloudmock_contract.aws.documents.output import document
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.exchange import Resource
from cloudmock_contract.values.http import Reply

MAX_REPLY_BYTES = 1024 * 2**10
"""Bytes of a reply that is looked at."""


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """Both messages of a call, and where it was sent."""

    model: OperationModel
    region: str
    request: Mapping[str, Any]
    reply: Mapping[str, Any]

    @property
    def operation_name(self) -> str:
        """`dynamodb.CreateTable`."""
        return f"{self.model.service_model.service_name}.{self.model.name}"

    @property
    def messages(self) -> tuple[tuple[Mapping[str, Any], Any], ...]:
        """The members of the request and of the reply, each with its shape."""
        return (self.request, self.model.input_shape), (self.reply, self.model.output_shape)

    def without_reply(self) -> Self:
        """The call, as if its reply said nothing."""
        return replace(self, reply={})

    def resource(self, action: str, parameters: Mapping[str, str]) -> Resource:
        """A resource of the call's service and region, by the call that deletes it."""
        service = self.model.service_model.service_name
        return Resource(service, self.region, action, tuple(sorted(parameters.items())))


def answered_call(call: Call, reply: Reply, model: OperationModel) -> AnsweredCall | None:
    """The call with what both messages say; None where the reply is an error after all."""
    operation, region = call.operation, call.region
    request_members = dict(members(call, model))
    if operation.bucket and model.input_shape is not None and "Bucket" in model.input_shape.members:
        request_members.setdefault("Bucket", operation.bucket)
    if len(reply.body) > MAX_REPLY_BYTES:
        return AnsweredCall(model, region, request_members, {})
    answer = document(reply, operation.protocol, model)
    if answer.root.rpartition("}")[2] == "Error":  # as S3 ends a copy that failed after the reply had begun
        return None
    return AnsweredCall(model, region, request_members, answer.tree)
