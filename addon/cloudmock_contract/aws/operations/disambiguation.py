"""Which of several operations a request means that its path or target alone leaves open.

What tells them apart, the surest first: the service id that most SDKs put into User-Agent (`api/dynamodb#3.600.0`), the
ARNs in the request, and the members of a JSON body. This file does not look at paths.
"""

import functools
import itertools
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from cloudmock_contract.aws.models.services import Services, agent_id
from cloudmock_contract.values.http import Request

MAX_BODY_BYTES = 256 * 2**10
"""Bytes of a body that is looked at."""

MAX_ARNS = 20
"""ARNs of a request that are looked at."""

_AGENT = re.compile(r"(?:^|\s)api/([^\s#/]+)")
_ARN = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:(?P<type>[A-Za-z][A-Za-z0-9-]*)[/:]")

type OperationName = tuple[str, str]
"""Service and operation."""


def choose_operation(candidates: Sequence[OperationName], request: Request, services: Services) -> int:
    """The index of the candidate that the request means; of the first one where it does not say."""
    if len(candidates) == 1:
        return 0
    remaining = list(range(len(candidates)))
    if service := _service_of_client(request, services):
        remaining = [index for index in remaining if candidates[index][0] == service] or remaining
    for score_all in (_arn_scores, _member_scores):
        if len(remaining) > 1:
            scores = score_all([candidates[index] for index in remaining], request, services)
            remaining = [index for index, score in zip(remaining, scores, strict=True) if score == max(scores)]
    return remaining[0]


def _service_of_client(request: Request, services: Services) -> str:
    """The service that the client says it is for; empty if it says none."""
    for header in ("user-agent", "x-amz-user-agent"):
        for text in _AGENT.findall(request.headers.get(header)):
            if service := services.by_agent_id.get(agent_id(text)):
                return service
    return ""


def _arn_scores(candidates: Sequence[OperationName], request: Request, services: Services) -> list[int]:
    """For each candidate, how well its service knows the types of the resources that the request names."""
    text = unquote(request.target) + request.body[:MAX_BODY_BYTES].decode("utf-8", "replace")
    types = {match["type"].lower() for match in itertools.islice(_ARN.finditer(text), MAX_ARNS)}
    return [sum(_type_score(services, service, resource_type) for resource_type in types) for service, _ in candidates]


@functools.lru_cache(maxsize=4096)
def _type_score(services: Services, service: str, resource_type: str) -> int:
    """2: the model has ARNs of this type; 1: it has operations that are named after it; 0: neither."""
    definition = services.definition(service)
    for shape in definition["shapes"].values():
        pattern = shape.get("pattern", "")
        if "arn" in pattern and re.search(rf"[:(|]{re.escape(resource_type)}[/:)|]", pattern):
            return 2
    word = resource_type.replace("-", "")
    return int(any(word in name.lower() for name in definition["operations"]))


def _member_scores(candidates: Sequence[OperationName], request: Request, services: Services) -> list[int]:
    """For each candidate, minus the number of members that the body lacks or should not have."""
    members = _body_members(request)
    if members is None:
        return [0] * len(candidates)
    return [-_misfits(services.operation_model(*candidate), members) for candidate in candidates]


def _body_members(request: Request) -> frozenset[str] | None:
    """The members of a JSON body; None if the body is none."""
    if len(request.body) > MAX_BODY_BYTES:
        return None
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        return None
    return frozenset(body) if isinstance(body, dict) else None


def _misfits(model: Any, members: frozenset[str]) -> int:
    shape = model.input_shape if model else None
    if shape is None:
        return len(members)
    in_body = {
        member.serialization.get("name", name): name
        for name, member in shape.members.items()
        if "location" not in member.serialization
    }
    missing = sum(name in shape.required_members and wire_name not in members for wire_name, name in in_body.items())
    return missing + len(members.difference(in_body))
