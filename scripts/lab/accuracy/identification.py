"""The share of AWS's operations that are identified right: see scripts/measure identification.

botocore makes and signs a request for every operation of every service that it has a model of, once with the required
members alone and once with all members (with awkward values, if asked for); each is identified, and the answer is
compared with what was asked for. Two services whose requests nobody can tell apart on the wire, the endpoint's host
included (`rds` and `docdb`), count as the same one in the line that says so.

The values are made up from the shapes, so they hold no real ARNs, and the requests have no `api/` in their User-Agent
(boto3 sends none) unless --agent is given.
"""

import argparse
import gc
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import botocore.tokens
from botocore import xform_name
from botocore.config import Config

from cloudmock_contract.aws.endpoints.resolver import Endpoints
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.errors import AppError
from cloudmock_contract.values.http import Headers, Request
from cloudmock_contract.values.operation import Operation

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
class Asked:
    """A request, and what botocore was asked to make."""

    service: str
    action: str
    request: Request


def requests_of(service: str, variant: str, agent: str) -> Iterator[Asked | str]:
    """A request for each operation of the service; or, as a text, why botocore makes none."""
    session = botocore.session.Session()
    session.set_credentials("AKIDEXAMPLE", "secret", "token")
    session.register_component("token_provider", _Token())
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1}, inject_host_prefix=False)
    url = URL.replace("http:", "https:") if service in BEARER else URL  # or botocore makes none
    client = session.create_client(service, region_name=REGION, endpoint_url=url, config=config)
    if agent:
        client.meta.events.register(
            "request-created", lambda request, **_: request.headers.add_header(*agent_of(client))
        )

    def stop(request: Any, **_: object) -> None:
        raise _Stop(request)

    client.meta.events.register("before-send", stop)
    for action in client.meta.service_model.operation_names:
        model = client.meta.service_model.operation_model(action)
        try:
            getattr(client, xform_name(action))(**(parameters(model.input_shape, variant) if model.input_shape else {}))
        except _Stop as made:
            yield Asked(service, action, request_of(made.args[0]))
        except Exception as error:  # noqa: BLE001 (whatever botocore asks of these values)
            yield f"{service}.{action}: {type(error).__name__}: {str(error).splitlines()[0]}"
    client.close()


def agent_of(client: Any) -> tuple[str, str]:
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
            kept = names if depth <= MAX_DEPTH else []
            return {name: parameters(shape.members[name], variant, depth + 1) for name in kept}
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
        (name, value.decode() if isinstance(value, bytes) else str(value)) for name, value in prepared.headers.items()
    ]
    return Request(
        prepared.method,
        (url.path or "/") + (f"?{url.query}" if url.query else ""),
        Headers((("Host", url.netloc), *fields)),
        body.encode() if isinstance(body, str) else bytes(body),
    )


class Score:
    """What has been counted so far."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._identifier = Identifier(services)
        self._endpoints = Endpoints(services)
        self.count: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.seconds: list[float] = []

    def add(self, asked: Asked) -> None:
        self._identifier.identify(asked.request)  # the first one loads models
        started = time.perf_counter()
        found = self._identifier.identify(asked.request)
        self.seconds.append(time.perf_counter() - started)
        service, action = found.service == asked.service, found.action == asked.action
        both = service and action
        alike = both or self._alike(asked, found)
        addressed = alike or self._host(found) == self._host(self._asked_operation(asked, found))
        for name, is_right in {
            "service": service,
            "operation": action,
            "both": both,
            "alike": alike,
            "host": addressed,
        }.items():
            self.count[name] += is_right
        self.count["requests"] += 1
        if not alike:
            self.wrong.append(
                f"{asked.service}.{asked.action} taken for {found.name} ({asked.request.method} {asked.request.path})"
            )

    def _alike(self, asked: Asked, found: Operation) -> bool:
        """Whether AWS itself could not tell the two apart: same host, same name in scope, same place on the wire."""
        right, chosen = (
            self._services.operation_model(*one)
            for one in ((asked.service, asked.action), (found.service, found.action))
        )
        return (
            right is not None
            and chosen is not None
            and _wire(right) == _wire(chosen)
            and self._host(found) == self._host(self._asked_operation(asked, found))
        )

    def _asked_operation(self, asked: Asked, found: Operation) -> Operation:
        service = self._services.by_name[asked.service]
        return Operation(asked.service, asked.action, found.protocol, service.signing_name, found.region, found.bucket)

    def _host(self, operation: Operation) -> str:
        try:
            return self._endpoints.resolve(operation, REGION).host
        except AppError as error:
            return str(error)


def _wire(model: Any) -> tuple[object, ...]:
    metadata = model.service_model.metadata
    return (
        metadata.get("protocol"),
        metadata.get("targetPrefix"),
        metadata["apiVersion"] if metadata["protocol"] in ("query", "ec2") else "",
        model.name if not metadata["protocol"].startswith("rest") else "",
        model.http["method"],
        _template(model.http["requestUri"]),
    )


def _template(uri: str) -> tuple[str, ...]:
    return tuple("{}" if text.startswith("{") else text for text in uri.strip("/").split("/"))


def main() -> int:
    parser = argparse.ArgumentParser(description="The share of AWS's operations that are identified right.")
    parser.add_argument("--variants", default="required,all", help="Which of required, all, awkward to ask for.")
    parser.add_argument("--services", default="", help="Only these services, with commas between them.")
    parser.add_argument(
        "--agent", action="store_true", help="With the service id in a User-Agent, as most SDKs send it."
    )
    parser.add_argument(
        "--wrong", action="store_true", help="List what was identified wrong, and what could not be made."
    )
    arguments = parser.parse_args()
    services = Services()
    score = Score(services)
    unmade: list[str] = []
    if unknown := {name for name in arguments.services.split(",") if name} - services.by_name.keys():
        parser.error(f"botocore knows no service {', '.join(sorted(unknown))}")
    asked_for = [name for name in arguments.services.split(",") if name] or sorted(services.by_name)
    for service in asked_for:
        for variant in arguments.variants.split(","):
            for one in requests_of(service, variant, arguments.agent):
                if isinstance(one, str):
                    unmade.append(f"{one} ({variant})")
                else:
                    score.add(one)
        gc.collect()
    _print(score, unmade, len(asked_for), verbose=arguments.wrong)
    return 0


def _print(score: Score, unmade: list[str], services: int, *, verbose: bool) -> None:
    total = score.count["requests"]
    print(f"{total} requests for operations of {services} services, botocore {botocore.__version__}")
    print(f"{len(unmade)} operations of which botocore makes no request from these values")
    for name, meaning in MEANINGS.items():
        print(f"{meaning:64} {score.count[name]:6} {100 * score.count[name] / total:7.2f} %")
    microseconds = sorted(1e6 * second for second in score.seconds)
    quantiles = statistics.quantiles(microseconds, n=100)
    median, mean, p99 = quantiles[49], statistics.mean(microseconds), quantiles[98]
    print(f"identification of one: median {median:.1f} us, mean {mean:.1f} us, p99 {p99:.1f} us")
    if verbose:
        print(*sorted(set(score.wrong)), *unmade, sep="\n")


MEANINGS: Mapping[str, str] = {
    "service": "service",
    "operation": "operation",
    "both": "service and operation",
    "alike": "the same, wire-identical services counted as one",
    "host": "sent to the right host",
}

if __name__ == "__main__":
    sys.exit(main())
