"""Requests for every operation that botocore has a model of, made and signed by botocore and never sent.

The values are made up from the shapes: they hold no real ARNs, unless the awkward ones are asked for. Does not know how
a request is identified, nor how long that takes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import botocore.tokens
from botocore import xform_name
from botocore.config import Config

from cloudmock_contract.values.http import Headers, Request

REGION = "eu-west-1"
URL = "http://127.0.0.1:4577"
MAX_DEPTH = 4
BEARER = ("account-access-runtime", "codecatalyst")
"""Services that know no other authentication; botocore sends tokens by TLS alone."""

TEXTS = {"required": "abc123abc123", "all": "abc123abc123", "awkward": "arn:aws:thing:eu-west-1:123456789012:a/b c+d%e"}
"""The variants, with the string that stands for every string."""

SIMPLE_VALUES: Mapping[str, object] = {
    "float": 1.5,
    "double": 1.5,
    "boolean": True,
    "timestamp": 1_700_000_000,
    "blob": b"blob",
}


class _Stop(BaseException):
    """Carries the request that would have been sent."""


class _Token:
    """botocore's provider of bearer tokens, and the token."""

    def load_token(self, **_: object) -> Any:
        return self

    def get_frozen_token(self) -> Any:
        return botocore.tokens.FrozenAuthToken("token")


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """A request, and the operation that botocore made it for."""

    service: str
    action: str
    request: Request


def requests_of(service: str, variant: str, *, agent: bool = False) -> Iterator[SampleRequest | str]:
    """A request for each operation of the service; or, as a text, why botocore makes none.

    `agent`: with the service id in a User-Agent, as AWS's other SDKs send it.
    """
    session = botocore.session.Session()
    session.set_credentials("AKIDEXAMPLE", "secret", "token")
    session.register_component("token_provider", _Token())
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1}, inject_host_prefix=False)
    url = URL.replace("http:", "https:") if service in BEARER else URL  # or botocore makes none
    client = session.create_client(service, region_name=REGION, endpoint_url=url, config=config)
    if agent:
        client.meta.events.register(
            "request-created", lambda request, **_: request.headers.add_header(*_agent_of(client))
        )

    def stop(request: Any, **_: object) -> None:
        raise _Stop(request)

    client.meta.events.register("before-send", stop)
    for action in client.meta.service_model.operation_names:
        model = client.meta.service_model.operation_model(action)
        try:
            getattr(client, xform_name(action))(**(parameters(model.input_shape, variant) if model.input_shape else {}))
        except _Stop as stopped:
            yield SampleRequest(service, action, request_of(stopped.args[0]))
        except Exception as error:  # noqa: BLE001 (whatever botocore asks of these values)
            yield f"{service}.{action}: {type(error).__name__}: {str(error).splitlines()[0]}"
    client.close()


def _agent_of(client: Any) -> tuple[str, str]:
    """The hint that AWS's other SDKs put into a header: the service id."""
    return (
        "X-Amz-User-Agent",
        f"aws-sdk-js/3.600.0 api/{client.meta.service_model.service_id.lower().replace(' ', '-')}#3.600.0",
    )


def parameters(shape: Any, variant: str, depth: int = 0) -> Any:
    """A value for the shape."""
    match shape.type_name:
        case "structure":
            names = shape.required_members if variant == "required" or depth > 1 else list(shape.members)
            names = list(shape.members)[:1] if getattr(shape, "is_tagged_union", False) else names
            names = names if depth <= MAX_DEPTH else []
            return {name: parameters(shape.members[name], variant, depth + 1) for name in names}
        case "list":
            return [parameters(shape.member, variant, depth + 1)] if depth <= MAX_DEPTH else []
        case "map":
            key = parameters(shape.key, variant, depth + 1)
            return {key: parameters(shape.value, variant, depth + 1)} if depth <= MAX_DEPTH else {}
        case "string":
            return shape.enum[0] if shape.enum else TEXTS[variant].ljust(shape.metadata.get("min", 0), "x")
        case "integer" | "long":
            return max(1, int(shape.metadata.get("min", 1)))
        case simple:
            return SIMPLE_VALUES[simple]


def request_of(prepared: Any) -> Request:
    """botocore's request as this project's."""
    url = urlsplit(prepared.url)
    body = prepared.body or b""
    body = body.read() if hasattr(body, "read") else body
    fields = [
        (name, value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value))
        for name, value in prepared.headers.items()
    ]
    return Request(
        prepared.method,
        (url.path or "/") + (f"?{url.query}" if url.query else ""),
        Headers((("Host", url.netloc), *fields)),
        body.encode() if isinstance(body, str) else bytes(body),
    )
