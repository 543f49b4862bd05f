"""Where AWS answers for an operation: host, path prefix, and the region and name to sign for.

Decided by botocore's endpoint rule sets, which know global services, partitions and S3's hosts. Whatever a request
says, the host is one of AWS's own: a signature goes nowhere else.

This file does not sign, and does not know about endpoints that are not AWS's.
"""

import contextlib
import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import botocore.exceptions
from botocore.endpoint_provider import EndpointProvider

from cloudmock_contract.aws.endpoints.parameters import NO_CONTEXT, OWN_HOSTS, Context
from cloudmock_contract.aws.models.partitions import HOST_LABEL, is_aws_host, is_region, partition_of
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.wire.hosts import bucket_and_path
from cloudmock_contract.errors import AppError
from cloudmock_contract.values.authentication import Authentication, Version
from cloudmock_contract.values.endpoint import Endpoint, Variants
from cloudmock_contract.values.http import Request
from cloudmock_contract.values.operation import Operation


def addressed(request: Request, signed: Authentication, operation: Operation, endpoint: Endpoint) -> Request:
    """A copy of the request with the path that the endpoint wants: an S3 bucket is in its host, or leads its path."""
    path, question_mark, query = request.target.partition("?")
    if operation.bucket:
        path = bucket_and_path(request, signed)[1]
    return request.to(f"{endpoint.path}{path}{question_mark}{query}", request.headers)


class Endpoints:
    """Resolves endpoints; keeps what it has resolved."""

    def __init__(self, services: Services, variants: Variants | None = None) -> None:
        self._services = services
        self.variants = variants or Variants()
        self._provider = functools.lru_cache(maxsize=None)(self._load_provider)
        self._resolve = functools.lru_cache(maxsize=4096)(self._resolve_uncached)

    def prepare(self, service: str) -> None:
        """Load what `resolve` needs for this service. Blocks for some tens of milliseconds the first time."""
        with contextlib.suppress(botocore.exceptions.BotoCoreError):  # `resolve` raises it, for the request
            self._provider(service)

    def resolve(self, operation: Operation, region: str, context: Context = NO_CONTEXT) -> Endpoint:
        """The endpoint of the operation in this region.

        Raises AppError when there is none, as for a region that does not exist or a bad bucket name.
        """
        # Rule sets put a region into the host as it stands: one such as `x.example/` or `s3` would lead elsewhere.
        if not is_region(region):
            raise AppError(f"{region!r} is not an AWS region.")
        key = replace(operation, region="", protocol="")
        return self._resolve(key, region, context, self.variants)

    def _resolve_uncached(self, operation: Operation, region: str, context: Context, variants: Variants) -> Endpoint:
        if not operation.signing_name:
            raise AppError(
                f"The request, {operation.action}, does not say which service it is for: it has no credential scope."
            )
        if context.host:
            scheme, port = ("http", 80) if context.is_website else ("https", 443)
            endpoint = Endpoint(scheme, context.host, port, "", operation.signing_name, region)
        elif operation.service in OWN_HOSTS:
            raise AppError(
                "Each API of API Gateway answers at a host of its own, which the request does not name. "
                "Use http://API-ID.execute-api.localhost:PORT as its endpoint URL."
            )
        elif operation.service in self._services.by_name:
            endpoint = self._by_rules(operation, region, context, variants)
        else:
            endpoint = _unknown(operation.signing_name, region)
        if not is_aws_host(endpoint.host):
            raise AppError(f"{endpoint.host} is not one of AWS's hosts: nothing is signed for it.")
        return endpoint

    def _by_rules(self, operation: Operation, region: str, context: Context, variants: Variants) -> Endpoint:
        try:
            provider = self._provider(operation.service)
        except botocore.exceptions.BotoCoreError as error:
            raise AppError(f"botocore has no endpoint rules for {operation.service}: {error}") from error
        declared = provider.ruleset.parameters
        values = {
            "Region": region,
            "UseFIPS": variants.fips,
            "UseDualStack": variants.dual_stack
            or (variants.s3_dual_stack and operation.service in ("s3", "s3control")),
            "UseGlobalEndpoint": False,
            "Accelerate": variants.accelerate,
            "UseArnRegion": variants.use_arn_region,
            "DisableMultiRegionAccessPoints": not variants.multi_region_access_points,
            # The app's session key is not ours to sign with; S3 Express takes ordinary signatures as well.
            "DisableS3ExpressSessionAuth": True,
            "Bucket": operation.bucket or None,
            **dict(context.parameters),
            **self._static_parameters(operation),
        }
        try:
            resolved = provider.resolve_endpoint(
                **{name: value for name, value in values.items() if name in declared and value is not None}
            )
        except (botocore.exceptions.BotoCoreError, UnicodeError) as error:
            raise AppError(f"botocore knows no endpoint for {operation.name} in region {region!r}: {error}") from error
        url = urlsplit(resolved.url)
        host = context.host_prefix + (url.hostname or "")
        version, name, signing_region = _scheme(resolved.properties.get("authSchemes", ()), region)
        return Endpoint(
            url.scheme,
            host,
            url.port or 443,
            url.path.rstrip("/"),
            name or self._services.by_name[operation.service].signing_name,
            signing_region,
            version,
        )

    def _load_provider(self, service: str) -> EndpointProvider:
        loader = self._services.loader
        return EndpointProvider(
            loader.load_service_model(service, "endpoint-rule-set-1"), loader.load_data("partitions")
        )

    def _static_parameters(self, operation: Operation) -> Mapping[str, Any]:
        model = self._services.operation_model(operation.service, operation.action)
        parameters = model.static_context_parameters if model else ()
        return {parameter.name: parameter.value for parameter in parameters}


def _scheme(schemes: Sequence[Mapping[str, Any]], region: str) -> tuple[Version, str, str]:
    """How to sign: version, name, and region or set of regions. Without schemes: version 4, in the region."""
    for scheme in schemes:
        if scheme["name"] == "sigv4":
            return Version.V4, scheme.get("signingName", ""), scheme.get("signingRegion", region)
    for scheme in schemes:
        if scheme["name"] == "sigv4a":
            return Version.V4A, scheme.get("signingName", ""), ",".join(scheme.get("signingRegionSet", ("*",)))
    return Version.V4, "", region


def _unknown(signing_name: str, region: str) -> Endpoint:
    """The endpoint of a service that botocore does not know, where most services have theirs.

    What is no name and no region could be put together to the host of a customer's machine at AWS.
    """
    if not HOST_LABEL.fullmatch(signing_name) or not is_region(region):
        raise AppError(f"AWS has no service {signing_name!r} in a region {region!r}.")
    return Endpoint(
        "https", f"{signing_name}.{region}.{partition_of(region).dns_suffix}", 443, "", signing_name, region
    )
