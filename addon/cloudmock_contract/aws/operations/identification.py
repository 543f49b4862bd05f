"""Which operation of which service a request asks for.

What tells, in this order: the rpc-v2-cbor path, the X-Amz-Target header, an Action parameter in the query or the form
body, and last the REST routes of the models. These are the routes of the services that sign with the name in the
credential scope; without a scope, those of the service that the Host names, of the operations that are called without a
signature, or S3's. What no model knows is named by its signing name, method and path.

This file knows what requests look like; it does not know where AWS's endpoints are, nor how to sign.
"""

import functools
import re
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from cloudmock_contract.aws.models.services import Service, Services
from cloudmock_contract.aws.operations.disambiguation import OperationName, choose_operation
from cloudmock_contract.aws.operations.paths import other_spellings, path_template, segments_of
from cloudmock_contract.aws.operations.routes import Route, Routes
from cloudmock_contract.aws.wire import forms, hosts
from cloudmock_contract.aws.wire.authentication import (
    BEARER_HEADERS,
    QUERY_NAMES,
    QUERY_NAMES_V2,
    S3_SIGNING_NAMES,
)
from cloudmock_contract.values.authentication import Authentication, Style
from cloudmock_contract.values.http import Request
from cloudmock_contract.values.operation import Operation

UNKNOWN = "unknown"
"""The service of a request that does not say which service it is for."""

_CBOR_PATH = re.compile(r"^(?:/[^?]*)?/service/(?P<service>[^/]+)/operation/(?P<operation>[^/?]+)$")
_NAMES = re.compile(r"(?:^|&)(?P<name>Action|Version)=(?P<value>[^&]*)")
_OPERATION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_UNSIGNED_AUTHENTICATION = Authentication(Style.NONE)

_BEARER, _UNSIGNED = "bearer", "unsigned"
"""Keys of routes of several signing names."""

_UNSIGNED_REST = ("sso", "sso-oidc", "signin")
"""The REST services with operations that are called without a signature."""

_UNSIGNED_QUERY = ("sts",)
"""The services of the query protocol with such operations."""


class Identifier:
    """Names operations; keeps the route trees that it has needed so far."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._routes: dict[str, Routes] = {}
        self._lock = threading.Lock()
        self._route_services = functools.lru_cache(maxsize=1024)(self._find_route_services)

    def services_for(self, head: Request, signed: Authentication) -> Collection[str]:
        """The services that a request with this head may be for, as far as their models are needed to tell."""
        names = {service.name for service in self._services.by_target_prefix.get(_target_prefix(head), ())}
        if key := self._routes_key(head, signed):
            names.update(service.name for service in self._services.by_signing_name.get(key, ()))
            names.update(self._route_services(key))
        if not signed.signing_name:
            names.update(_UNSIGNED_QUERY)
            if version := _parameters(head).get("Version"):
                services = self._services.by_name.values()
                names.update(service.name for service in services if service.api_version == version)
        return names

    def prepare(self, head: Request, signed: Authentication) -> None:
        """Load what `identify` needs for requests with this head. Blocks for up to a few 100 ms."""
        self._routes_of(self._routes_key(head, signed))

    def identify(self, request: Request, signed: Authentication) -> Operation:
        """The operation that the request asks for; always an answer. `signed`: how it is authenticated."""
        named = None
        if "smithy-protocol" in request.headers:
            named = self._by_cbor_path(request)
        if named is None and "x-amz-target" in request.headers:
            named = self._by_target(request, signed)
        if named is None:
            named = self._by_action(request, signed)
        if named is None:
            return self._by_route(request, signed)
        service, action, protocol = named
        region = signed.region or hosts.host(request.headers.get("host")).region
        return Operation(service.name, action, protocol, signed.signing_name or service.signing_name, region)

    def _by_cbor_path(self, request: Request) -> tuple[Service, str, str] | None:
        if match := _CBOR_PATH.match(request.path):
            # The path names the service by its Smithy shape (`GraniteServiceVersion20100801`), which is what
            # X-Amz-Target has as its prefix, or by its service id.
            services = self._services.by_target_prefix.get(match["service"])
            service = services[0] if services else self._services.by_service_id.get(match["service"])
            if service:
                return service, match["operation"], "smithy-rpc-v2-cbor"
        return None

    def _by_target(self, request: Request, signed: Authentication) -> tuple[Service, str, str] | None:
        action = request.headers.get("x-amz-target").rpartition(".")[2]
        services = self._services.by_target_prefix.get(_target_prefix(request), ())
        if not services or not _OPERATION_NAME.fullmatch(action):
            return None
        if len(services) > 1:  # a prefix that services share: one that has the operation, and that signs so
            services = [service for service in services if self._has(service.name, action)] or services
            services = [service for service in services if service.signing_name == signed.signing_name] or services
        return services[self._choice([(service.name, action) for service in services], request)], action, "json"

    def _by_action(self, request: Request, signed: Authentication) -> tuple[Service, str, str] | None:
        parameters = _parameters(request)
        action = parameters.get("Action", "")
        if not _OPERATION_NAME.fullmatch(action):
            return None
        version = parameters.get("Version", "")
        name = signed.signing_name or self._named_by_host(request)
        signers: Iterable[Service] = self._services.by_signing_name.get(name, ())
        if not signers:
            signers = (service for service in self._services.by_name.values() if service.api_version == version)
        # Older clients still speak the query protocol to a service that has left it (sqs).
        candidates = [
            service
            for service in signers
            if service.is_query or service.api_version == version or (not version and self._has(service.name, action))
        ]
        if not candidates:
            return None
        ranks = [
            (
                service.api_version != version,
                not service.is_query,
                len(candidates) > 1 and not self._has(service.name, action),
            )
            for service in candidates
        ]
        best = [service for service, rank in zip(candidates, ranks, strict=True) if rank == min(ranks)]
        service = best[self._choice([(service.name, action) for service in best], request)]
        return service, action, "ec2" if "ec2" in service.protocols else "query"

    def _by_route(self, request: Request, signed: Authentication) -> Operation:
        key = self._routes_key(request, signed)
        region = signed.region or hosts.host(request.headers.get("host")).region
        path = request.path
        is_s3 = key in S3_SIGNING_NAMES
        bucket = hosts.bucket(request, signed) if is_s3 else ""
        action = _S3_BROWSER_ACTIONS.get(_browser_kind(request, signed), "") if is_s3 else ""
        routes: Sequence[Route] = ()
        if not action:
            spellings = (path, *other_spellings(path, key)) if key in self._services.by_signing_name else (path,)
            matches = (self._matching(request, signed, key, spelling, bucket) for spelling in spellings)
            routes = next(filter(None, matches), ())
        if not routes:
            bucket = hosts.bucket_and_path(request, signed)[0] if is_s3 else ""
            signing_name = signed.signing_name or (key if key in self._services.by_signing_name else "")
            action = action or f"{request.method} {path_template(path)}"
            return Operation(self._service_named(signing_name), action, "", signing_name, region, bucket)
        if signed.signing_name == "s3express":  # ListDirectoryBuckets and ListBuckets are both `GET /`
            routes = [route for route in routes if "Directory" in route.action] or routes
        route = routes[self._choice([(route.service, route.action) for route in routes], request)]
        has_bucket = route.service == "s3" and bool(route.segments) and route.segments[0][1] == "Bucket"
        bucket = hosts.bucket_and_path(request, signed)[0] if has_bucket else ""
        signing_name = signed.signing_name or self._services.by_name[route.service].signing_name
        return Operation(route.service, route.action, route.protocol, signing_name, region, bucket)

    def _matching(self, request: Request, signed: Authentication, key: str, path: str, bucket: str) -> Sequence[Route]:
        """The routes that fit; `bucket`: the one in the request's host."""
        segments, trailing_slash = segments_of(path, key, bucket)
        query = _query_pairs(request.query, signed) if request.query else ()
        readings = [(request.method, query)]
        if signed.style is Style.QUERY:  # an operation that is called by POST is presigned as a GET
            readings.append(("POST", query))
        elif forms.is_urlencoded(request.headers.get("content-type")):  # a query too long for a URL
            readings.append(("GET", _query_pairs(request.body.decode("utf-8", "replace"), signed)))
        for method, pairs in readings:
            routes = self._routes_of(key).match(
                method, segments, trailing_slash=trailing_slash, query=pairs, header_names=request.headers.names
            )
            if routes:
                return routes
        return ()

    def _has(self, service: str, action: str) -> bool:
        return action in self._services.definition(service)["operations"]

    def _choice(self, candidates: Sequence[OperationName], request: Request) -> int:
        return choose_operation(candidates, request, self._services)

    def _routes_key(self, request: Request, signed: Authentication) -> str:
        """The key of the routes that the request may be for; empty if it is for none."""
        if signed.signing_name:
            return signed.signing_name
        if signed.style is Style.BEARER:
            has_own_header = not BEARER_HEADERS.isdisjoint(request.headers.names)
            return _UNSIGNED if has_own_header else _BEARER
        if signed.style is Style.PARAMETERS:
            return ""
        if hosts.host(request.headers.get("host")).labels:
            return self._named_by_host(request)
        return _key_without_scope(request)

    def _named_by_host(self, request: Request) -> str:
        """The signing name that goes with the host of a service or of a resource; empty for another host."""
        labels = hosts.host(request.headers.get("host")).labels
        for start in range(len(labels)):
            if service := self._services.by_endpoint_prefix.get(".".join(labels[start:])):
                return service.signing_name
        return _SIGNING_NAMES.get(labels[-1], labels[-1]) if labels else ""

    def _service_named(self, signing_name: str) -> str:
        """What a request's service is called where no operation is known."""
        if signing_name in S3_SIGNING_NAMES:
            return "s3"
        services = self._services.by_signing_name.get(signing_name, ())
        if len(services) == 1 or (services and services[0].name == signing_name):
            return services[0].name
        return signing_name or UNKNOWN

    def _find_route_services(self, key: str) -> Sequence[str]:
        """The services whose routes are under the key, the likeliest first."""
        if key == _BEARER:
            services = self._services.by_name.values()
            return tuple(service.name for service in services if service.takes_bearer and service.is_rest)
        if key == _UNSIGNED:
            return tuple(name for name in _UNSIGNED_REST if name in self._services.by_name)
        signers = [*self._services.by_signing_name.get(key, ())]
        if key in S3_SIGNING_NAMES and key != "s3":
            signers += self._services.by_signing_name["s3"]
        return tuple(service.name for service in signers if service.is_rest)

    def _routes_of(self, key: str) -> Routes:
        routes = self._routes.get(key)
        if routes is None:
            services = self._route_services(key)
            if not services:
                return _NO_ROUTES  # and keep nothing: made-up names must not fill the memory
            with self._lock:
                definitions = {name: self._services.definition(name) for name in services}
                if key == _UNSIGNED:
                    definitions = {name: _unsigned(definition) for name, definition in definitions.items()}
                routes = self._routes[key] = Routes(definitions)
        return routes


_NO_ROUTES = Routes({})

_SIGNING_NAMES = {"lambda-url": "lambda"}
"""By a label in resources' hosts, where the two differ."""

_READS = ("GET", "HEAD", "OPTIONS")

_S3_BROWSER_ACTIONS = {"form": "PostObject", "preflight": "PreflightObject"}
"""What S3 does for browsers alone, and its model does not have."""


def _key_without_scope(request: Request) -> str:
    """The key of the routes for a request whose service neither a scope nor a host of AWS's own says."""
    headers = request.headers
    if "x-amz-target" in headers.get("access-control-request-headers").lower():
        return ""  # a browser's question before a call of some JSON service
    if request.method not in _READS and not _speaks_aws(request):
        return ""  # some program's request to its own server: it means no bucket
    is_json = headers.get("content-type").startswith("application/json")
    return _UNSIGNED if is_json and request.method == "POST" else "s3"


def _speaks_aws(request: Request) -> bool:
    """Whether a request without a signature has anything of AWS about it."""
    headers = request.headers
    if any(name.startswith(("x-amz-", "amz-sdk-")) for name in headers.names) or forms.is_multipart(
        headers.get("content-type")
    ):
        return True
    if headers.get("content-type").startswith("application/json"):
        return True  # only the operations that are called without a signature are looked for then
    return hosts.host(headers.get("host")).is_aws or bool(hosts.bucket(request, _UNSIGNED_AUTHENTICATION))


def _target_prefix(request: Request) -> str:
    return request.headers.get("x-amz-target").rpartition(".")[0]


def _unsigned(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    """The model with only the operations that are called without a signature."""
    operations = {
        name: operation
        for name, operation in definition["operations"].items()
        if operation.get("authtype") == "none" or operation.get("auth") == ["smithy.api#noAuth"]
    }
    return {**definition, "operations": operations}


def _browser_kind(request: Request, signed: Authentication) -> str:
    if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
        return "preflight"
    is_form = request.method == "POST" and forms.is_multipart(request.headers.get("content-type"))
    return "form" if is_form or signed.style is Style.FORM else ""


def _parameters(request: Request) -> Mapping[str, str]:
    """Action and Version, of the query and of a form; none where there is no Action. (A form may be large.)"""
    texts = [request.query]
    if forms.is_urlencoded(request.headers.get("content-type")):
        texts.append(request.body.decode("utf-8", "replace"))
    parameters = {}
    for text in texts:
        parameters.update({match["name"]: unquote_plus(match["value"]) for match in _NAMES.finditer(text)})
    return parameters if "Action" in parameters else {}


def _query_pairs(text: str, signed: Authentication) -> Collection[tuple[str, str]]:
    """The query's pairs, without those that authenticate."""
    pairs = parse_qsl(text, keep_blank_values=True)
    if signed.style is not Style.QUERY:
        return pairs
    return [(name, value) for name, value in pairs if name.lower() not in QUERY_NAMES | QUERY_NAMES_V2]
