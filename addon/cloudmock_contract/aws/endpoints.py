"""Where AWS answers for an operation: host, path prefix, and the region and name to sign for.

Decided by botocore's endpoint rule sets, which know global services, partitions and S3's bucket hosts. Whatever a
request says, the host is always one of AWS's own: it comes out of the rule sets, never out of the request.

This file does not sign, and does not know about endpoints that are not AWS's.
"""

import contextlib
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

import botocore.exceptions
from botocore.endpoint_provider import EndpointProvider

from cloudmock_contract.aws.identification import bucket_and_path
from cloudmock_contract.aws.services import Services
from cloudmock_contract.errors import AppError
from cloudmock_contract.exchange import Operation, Request

DEFAULT_REGION = "us-east-1"

_HOST_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
"""What a region must look like, whoever names it: rule sets put it into the host as it is, and a region such as
`x.example/` would take the user's signature elsewhere."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to send a request, and for what to sign it."""

    scheme: str
    host: str
    port: int
    path: str
    """What comes before the request's own path: empty, or a path style bucket."""
    signing_name: str
    signing_region: str

    @property
    def host_header(self) -> str:
        """The Host header's value: no port if it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"


def addressed(request: Request, operation: Operation, endpoint: Endpoint) -> Request:
    """A copy of the request with the path that the endpoint wants: an S3 bucket is in its host, or leads its path."""
    path, question_mark, query = request.target.partition("?")
    if operation.bucket:
        path_style = bucket_and_path(request)[1]
        path = "/" + path_style.removeprefix("/").partition("/")[2]
    return replace(request, target=f"{endpoint.path}{path}{question_mark}{query}")


class Endpoints:
    """Resolves endpoints; keeps what it has resolved."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._provider = functools.lru_cache(maxsize=None)(self._load_provider)
        self._resolve = functools.lru_cache(maxsize=4096)(self._resolve_uncached)

    def prepare(self, service: str) -> None:
        """Load what `resolve` needs for this service. Blocks for some tens of milliseconds the first time."""
        with contextlib.suppress(botocore.exceptions.BotoCoreError):  # `resolve` says it, of the request
            self._provider(service)

    def resolve(self, operation: Operation, region: str) -> Endpoint:
        """The endpoint of the operation in this region.

        Raises AppError when the rule set has none, as for a region that does not exist or a bad bucket name.
        """
        if not _HOST_LABEL.fullmatch(region):
            raise AppError(f"{region!r} is not an AWS region: it cannot be part of a host name.")
        return self._resolve(operation.service, operation.action, operation.signing_name, operation.bucket, region)

    def _resolve_uncached(self, service: str, action: str, signing_name: str, bucket: str, region: str) -> Endpoint:
        if not signing_name:
            raise AppError(f"Nothing in the request says which service {action} is for: it has no credential scope.")
        if service not in self._services.by_name:
            host = f"{quote(signing_name.encode('utf-8', 'replace'), '')}.{region}.amazonaws.com"
            return Endpoint("https", host, 443, "", signing_name, region)
        try:
            provider = self._provider(service)
        except botocore.exceptions.BotoCoreError as error:
            raise AppError(f"botocore has no endpoint rules for {service}: {error}") from error
        known = provider.ruleset.parameters
        context = self._static_context(service, action)
        values = {
            "Region": region,
            "UseFIPS": False,
            "UseDualStack": False,
            "UseGlobalEndpoint": False,
            "Bucket": bucket or None,
            **context,
        }
        try:
            found = provider.resolve_endpoint(
                **{name: value for name, value in values.items() if name in known and value is not None}
            )
        except (botocore.exceptions.BotoCoreError, UnicodeError) as error:
            raise AppError(
                f"botocore knows no endpoint for {service}.{action} in region {region!r}: {error}"
            ) from error
        url = urlsplit(found.url)
        scheme = (found.properties.get("authSchemes") or [{}])[0]
        metadata_name = self._services.by_name[service].signing_name
        return Endpoint(
            url.scheme,
            self._host_prefix(service, action) + (url.hostname or ""),
            url.port or 443,
            url.path.rstrip("/"),
            scheme.get("signingName", metadata_name),
            scheme.get("signingRegion", region),
        )

    def _load_provider(self, service: str) -> EndpointProvider:
        loader = self._services.loader
        return EndpointProvider(
            loader.load_service_model(service, "endpoint-rule-set-1"), loader.load_data("partitions")
        )

    def _static_context(self, service: str, action: str) -> Mapping[str, Any]:
        model = self._services.operation_model(service, action)
        parameters = model.static_context_parameters if model else ()
        return {parameter.name: parameter.value for parameter in parameters}

    def _host_prefix(self, service: str, action: str) -> str:
        """The operation's host prefix, where it is a fixed text (`sync-`)."""
        model = self._services.operation_model(service, action)
        prefix: str = (model.endpoint or {}).get("hostPrefix", "") if model else ""
        return "" if "{" in prefix else prefix
