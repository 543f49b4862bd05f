"""Which operation of which service a request asks for.

The order in which a request gives itself away: the rpc-v2-cbor path, the X-Amz-Target header, an Action parameter in
the query or the form body, and last, by signing name, the REST routes of the models. What no model knows is named by
its signing name, method and path, and forwarded all the same.

This file knows what requests look like; it does not know where AWS's endpoints are, nor how to sign.
"""

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import parse_qsl, unquote

from cloudmock_contract.aws.authentication import QUERY_NAMES, QUERY_NAMES_V2, Style, authentication
from cloudmock_contract.aws.routes import Routes
from cloudmock_contract.aws.services import Service, Services
from cloudmock_contract.exchange import Operation, Request

_CBOR_PATH = re.compile(r"^(?:/[^?]*)?/service/(?P<service>[^/]+)/operation/(?P<operation>[^/?]+)$")
_BUCKET_HOSTS = (
    re.compile(r"(?P<bucket>.+?)\.(?:s3\.)?localhost(?:\.localstack\.cloud)?", re.IGNORECASE),
    re.compile(r"(?P<bucket>.+)\.s3(?:[.-][a-z0-9]+(?:-[a-z0-9]+)*){0,3}\.amazonaws\.com(?:\.cn)?", re.IGNORECASE),
)
_LONGEST_HOST = 255
_OPERATION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_FORM = "application/x-www-form-urlencoded"


class Identifier:
    """Names operations; keeps the route trees that it has needed so far."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._routes: dict[str, Routes] = {}
        self._lock = threading.Lock()

    def prepare(self, signing_name: str) -> None:
        """Load what `identify` needs for requests with this signing name. Blocks for up to a few 100 ms."""
        self._routes_of(signing_name)

    def identify(self, request: Request) -> Operation:
        """The operation that the request asks for; always an answer."""
        signed = authentication(request)
        found = self._by_cbor_path(request) or self._by_target(request, signed.signing_name)
        found = found or self._by_action(request, signed.signing_name)
        carries_token = signed.style is Style.BEARER or "x-amz-sso_bearer_token" in request.headers
        if found:
            service, action, protocol = found
            return Operation(service.name, action, protocol, signed.signing_name or service.signing_name, signed.region)
        if carries_token and not signed.signing_name:
            # Which service the token is for is not said; it must not be shown to another one.
            return Operation("unknown", f"{request.method} {request.path}", "", "")
        return self._by_route(request, signed.signing_name or "s3", signed.region)

    def _by_cbor_path(self, request: Request) -> tuple[Service, str, str] | None:
        if "smithy-protocol" in request.headers and (match := _CBOR_PATH.match(request.path)):
            # The path names the service by its Smithy shape (`GraniteServiceVersion20100801`), which is what
            # X-Amz-Target has as its prefix, or by its service id.
            services = self._services.by_target_prefix.get(match["service"])
            service = services[0] if services else self._services.by_service_id.get(match["service"])
            if service:
                return service, match["operation"], "smithy-rpc-v2-cbor"
        return None

    def _by_target(self, request: Request, signing_name: str) -> tuple[Service, str, str] | None:
        prefix, _, action = request.headers.get("x-amz-target").rpartition(".")
        services = self._services.by_target_prefix.get(prefix, ())
        if not services or not _OPERATION_NAME.fullmatch(action):
            return None
        if len(services) > 1:  # a prefix that services share: the one that has the operation
            services = [
                service for service in services if self._services.operation_model(service.name, action)
            ] or services
        return _preferred(services, signing_name), action, "json"

    def _by_action(self, request: Request, signing_name: str) -> tuple[Service, str, str] | None:
        parameters = _parameters(request)
        action = parameters.get("Action", "")
        if not _OPERATION_NAME.fullmatch(action):
            return None
        version = parameters.get("Version", "")
        if signing_name:
            candidates: Iterable[Service] = self._services.by_signing_name.get(signing_name, ())
        else:
            candidates = (service for service in self._services.by_name.values() if service.api_version == version)
        # A service that has left the query protocol (sqs) is still spoken to in it by older clients: with its version.
        candidates = [service for service in candidates if service.is_query or service.api_version == version]
        if not candidates:
            return None
        service = min(candidates, key=lambda service: (service.api_version != version, not service.is_query))
        return service, action, "ec2" if "ec2" in service.protocols else "query"

    def _by_route(self, request: Request, signing_name: str, region: str) -> Operation:
        bucket, path = "", request.path
        if signing_name == "s3":
            bucket, path = bucket_and_path(request)
        segments = tuple(unquote(text) for text in path.removeprefix("/").split("/"))
        trailing_slash = path.endswith("/")
        if trailing_slash and (len(segments) <= 2 or signing_name != "s3"):
            segments = segments[:-1]
        route = self._routes_of(signing_name).match(
            request.method,
            segments if path.strip("/") else (),
            trailing_slash=trailing_slash,
            query=tuple(_query_pairs(request)),
            header_names={name.lower() for name, _ in request.headers.fields},
        )
        if route:
            return Operation(route.service, route.action, route.protocol, signing_name, region, bucket)
        known = self._services.by_signing_name.get(signing_name)
        name = known[0].name if known else signing_name
        return Operation(name, f"{request.method} {request.path}", "", signing_name, region, bucket)

    def _routes_of(self, signing_name: str) -> Routes:
        if signing_name not in self._services.by_signing_name:
            return _NO_ROUTES  # a name that somebody made up must not fill the memory
        if signing_name not in self._routes:
            with self._lock:
                names = [service.name for service in self._services.by_signing_name[signing_name] if service.is_rest]
                self._routes[signing_name] = Routes({name: self._services.definition(name) for name in names})
        return self._routes[signing_name]


_NO_ROUTES = Routes({})


def bucket_and_path(request: Request) -> tuple[str, str]:
    """The bucket of an S3 request, and its path in path style, whichever style the client used.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    """
    if (host := _host_name(request)) and (bucket := _bucket_in(host)):
        return bucket, f"/{bucket}{request.path}"
    return unquote(request.path.removeprefix("/").partition("/")[0]), request.path


def _bucket_in(host: str) -> str:
    """The bucket that leads a host name; empty if none does."""
    if len(host) <= _LONGEST_HOST:
        for form in _BUCKET_HOSTS:
            if (match := form.fullmatch(host)) and match["bucket"].lower() != "s3":
                return match["bucket"]
    return ""


def _host_name(request: Request) -> str:
    host = request.headers.get("host")
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _preferred(services: Sequence[Service], signing_name: str) -> Service:
    return next((service for service in services if service.signing_name == signing_name), services[0])


def _parameters(request: Request) -> dict[str, str]:
    """The query's and, for a form, the body's parameters."""
    text = request.query
    if request.headers.get("content-type").lower().startswith(_FORM):
        text = f"{text}&{request.body.decode('utf-8', 'replace')}"
    return dict(parse_qsl(text, keep_blank_values=True)) if "Action=" in text else {}


def _query_pairs(request: Request) -> Iterator[tuple[str, str]]:
    """The query's pairs, without those that authenticate."""
    is_presigned = authentication(request).style is Style.QUERY
    ignored = QUERY_NAMES | QUERY_NAMES_V2 if is_presigned else frozenset()
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        if name.lower() not in ignored:
            yield name, value
