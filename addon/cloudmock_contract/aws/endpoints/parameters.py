"""What a request itself says that its endpoint depends on.

Endpoint rule sets take parameters that operations bind to their input (S3 Control's account, an EventBridge endpoint),
operations put members into the host (`{AccountId}.`), and some services answer at a host of each resource's own, which
only the request's Host can say (`API-ID.execute-api…`). This file does not resolve endpoints.
Sources: https://smithy.io/2.0/additional-specs/rules-engine/parameters.html and
https://smithy.io/2.0/spec/endpoint-traits.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloudmock_contract.aws.models.partitions import is_aws_host, partition_of
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.wire import hosts
from cloudmock_contract.aws.wire.forms import parameters as form_parameters
from cloudmock_contract.aws.wire.path_labels import path_labels
from cloudmock_contract.errors import AppError
from cloudmock_contract.values.authentication import Style
from cloudmock_contract.values.call import Call

OWN_HOSTS = ("execute-api", "apigatewaymanagementapi")
"""Services that have no endpoints of their own; their resources have."""

_DATA_PLANES: Mapping[str, tuple[str, ...]] = {
    "execute-api": ("execute-api",),
    "es": ("es",),
    "aoss": ("aoss",),
    "osis": ("osis",),
    "lambda": ("lambda-url",),
    "vpc-lattice-svcs": ("vpc-lattice-svcs",),
    "iotdata": ("iot",),
    "iotdevicegateway": ("iot",),
    "dynamodb": ("ddb",),
    "cloudsearch": ("cloudsearch",),
    "kinesisvideo": ("kinesisvideo",),
    "mediastore": ("data.mediastore",),
    "timestream": ("timestream",),
}
"""By signing name, how the hosts of resources end, as far as they are not those of the service as a whole. Whoever
answers there can use a signature for that service alone."""

_FROM_BODY = frozenset(("EndpointId", "SpaceId", "Bucket"))
"""Rule set parameters that stand in the body and decide where a request goes. The others there (a stream's or a
table's ARN) only choose among hosts that give the same answer."""

_UNUSED = {"s3": frozenset(("Key", "Prefix", "CopySource", "Bucket"))}
"""Parameters of S3 that no rule reads, and the bucket, which the operation has already."""

MAX_SEARCHED_BYTES = 256 * 2**10
"""Bytes of a body that is looked at."""

_LABEL = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Context:
    """What the endpoint depends on beside operation and region."""

    parameters: tuple[tuple[str, str], ...] = ()
    """The rule set's parameters that are bound to the input."""
    host_prefix: str = ""
    host: str = ""
    """A resource's own host at AWS, which no rule set knows."""
    is_website: bool = False


NO_CONTEXT = Context()


def context(call: Call, services: Services) -> Context:
    """What this call says of its endpoint. Raises AppError if it leaves open which bucket it is for."""
    request, operation = call.request, call.operation
    if operation.service == "s3" and operation.bucket and hosts.is_ambiguous(request):
        raise AppError(
            f"The request's host, {hosts.host(request.headers.get('host')).name!r}, may begin with a bucket or not. "
            "Use an IP address or localhost in the endpoint URL for S3."
        )
    own = own_host(call, services)
    model = services.operation_model(operation.service, operation.action)
    if model is None:
        return own
    bound = tuple(
        (parameter.name, value)
        for parameter in model.context_parameters
        if parameter.name not in _UNUSED.get(operation.service, ())
        and (value := _member(call, model, parameter.member_name, in_body=parameter.name in _FROM_BODY))
    )
    prefix = (model.endpoint or {}).get("hostPrefix", "")
    if "{" in prefix:
        in_rules = {parameter.member_name for parameter in model.context_parameters}
        if not in_rules.isdisjoint(_LABEL.findall(prefix)):  # S3 Control's rules put the account there themselves
            prefix = ""
        prefix = _LABEL.sub(lambda match: _member(call, model, match[1], in_body=False), prefix)
    return Context(bound, prefix.removeprefix("."), own.host, own.is_website) if bound or prefix else own


def own_host(call: Call, services: Services) -> Context:
    """The resource's own host, if the call is for one."""
    operation, region = call.operation, call.region
    host = hosts.host(call.request.headers.get("host"))
    if host.is_website and call.authentication.style is Style.NONE:
        return Context(host=host.name.lower(), is_website=True)
    if operation.signing_name in ("execute-api", "lambda") and (match := hosts.LOCAL_RESOURCE.fullmatch(host.name)):
        local_region = match["region"] or region
        if match["kind"].lower() == "lambda-url":
            return Context(host=f"{match['id'].lower()}.lambda-url.{local_region}.on.aws")
        return Context(host=f"{match['id'].lower()}.execute-api.{local_region}.{partition_of(region).dns_suffix}")
    if not host.is_aws or len(host.labels) < 2 or operation.service == "s3":
        return NO_CONTEXT
    labels = ".".join(host.labels)
    if any(labels == service.endpoint_prefix for service in services.by_signing_name.get(operation.signing_name, ())):
        return NO_CONTEXT  # the service's own host, which the rule set knows better
    is_own = any(labels.endswith(f".{end}") for end in _DATA_PLANES.get(operation.signing_name, ()))
    return Context(host=host.name.lower()) if is_own and is_aws_host(host.name) else NO_CONTEXT


def _member(call: Call, model: Any, name: str, *, in_body: bool) -> str:
    """The member's value in the request as a text; empty if it is not there. `in_body`: whether to look there too."""
    request = call.request
    member = model.input_shape.members.get(name) if model.input_shape else None
    if member is None:
        return ""
    wire_name = member.serialization.get("name", name)
    match member.serialization.get("location"):
        case "header":
            return request.headers.get(wire_name)
        case "querystring":
            return form_parameters(request.query).get(wire_name, "")
        case "uri":
            return path_labels(call, model.http["requestUri"]).get(wire_name, "")
        case _:
            return _in_body(request.body, wire_name) if in_body else ""


def _in_body(body: bytes, name: str) -> str:
    if len(body) > MAX_SEARCHED_BYTES or name.encode() not in body:
        return ""
    if body.lstrip().startswith(b"<"):
        match = re.search(rf"<{re.escape(name)}>([^<]*)</", body.decode("utf-8", "replace"))
        return match[1] if match else ""
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    value = tree.get(name) if isinstance(tree, dict) else None
    return value if isinstance(value, str) else ""
