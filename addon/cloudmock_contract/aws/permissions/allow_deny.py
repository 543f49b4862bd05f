"""What may be done on AWS: which operations, whether they only read, and in which regions.

Operations are named by patterns, `service:Action` with `*` and `?`, in any case: `dynamodb:*`, `s3:Get*`. The service
is botocore's name, the name that it signs with, or what its hosts begin with: `stepfunctions` is `states` as well, and
`s3` includes S3 Control. An operation that no model names has its method and path for a name. To let it through, a
pattern must name all operations of the service; to deny it, its method is enough.

A region is where a request goes, whatever it does there: a copy from another region, or a table's replica in one, goes
unnoticed.

This file does not know who asks, nor which operations only read.
"""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Self

from cloudmock_contract.aws.endpoints.resolver import Endpoints
from cloudmock_contract.aws.models.partitions import partition_of, partitions
from cloudmock_contract.aws.models.services import Service, Services
from cloudmock_contract.aws.permissions import read_only
from cloudmock_contract.errors import AppError, ConfigurationError
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.denial import Denial
from cloudmock_contract.values.operation import Operation

MAX_NAME_CHARACTERS = 200
"""Characters of an operation's name that a denial shows."""

_PATTERN = re.compile(r"\*|(?P<service>[A-Za-z0-9.*?-]+):(?P<action>[A-Za-z0-9_*?]+)")
_WILDCARDS = frozenset("*?")

_ANOTHER_NAME: Mapping[str, str] = {"s3.PostObject": "PutObject"}
"""Operations that are another one in another form, as a browser's upload is. They go by either name."""

_OUTSIDE_MODELS: Mapping[str, Collection[str]] = {"s3": ("PostObject", "PreflightObject")}
"""Operations that have a name and are in no model."""

_GLOBAL_FOR: Mapping[str, str] = {"sts": "us-east-1"}
"""Services that answer in every region and at a global endpoint, by the region that this signs for: the app's request
does not tell which of the two was meant. (https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-
endpoints.html)"""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Names some operations."""

    text: str
    """As the user wrote it."""
    service: str
    """In lower case; likewise below."""
    action: str

    @classmethod
    def parse(cls, option: str, text: str) -> Self:
        """Raises ConfigurationError, naming the option."""
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise ConfigurationError(f"{option}: {text!r} is not service:Action, such as s3:GetObject or dynamodb:*.")
        return cls(text, (match["service"] or "*").lower(), (match["action"] or "*").lower())

    def names_service(self, names: Iterable[str]) -> bool:
        """Whether it names a service that goes by these names."""
        return any(fnmatchcase(name.lower(), self.service) for name in names)

    def names_action(self, names: Iterable[str]) -> bool:
        """Whether it names an operation that goes by these names, of a service that it names."""
        return any(fnmatchcase(name.lower(), self.action) for name in names)


@dataclass(frozen=True, slots=True)
class Permissions:
    """What may be done on AWS in a run."""

    allow: tuple[Pattern, ...]
    deny: tuple[Pattern, ...]
    read_only: bool
    regions: tuple[str, ...]
    """Empty: any."""
    services: Services = field(repr=False, compare=False)
    endpoints: Endpoints = field(repr=False, compare=False)

    @classmethod
    def of(cls, settings: Settings, services: Services) -> Self:
        """Those of a run. Blocks: the model of each service that a pattern names outright is loaded.

        Raises ConfigurationError for a pattern that names no operation, and so would not do what the user meant.
        """
        allow = tuple(_checked("--allow", text, services) for text in settings.allow)
        deny = tuple(_checked("--deny", text, services) for text in settings.deny)
        return cls(allow, deny, settings.read_only, settings.allow_region, services, Endpoints(services))

    def denial(self, operation: Operation, region: str, method: str) -> Denial | None:
        """Why the operation may not be done; None if it may.

        `region`: where it goes. `method`: the request's HTTP method. With --read-only or --allow the service's model is
        needed, and with --allow-region, for a request to another region, its endpoint rules too: to load them blocks
        for some tens of milliseconds, unless somebody has done so before.
        """
        return (
            self._of_denied(operation) or self._of_not_allowed(operation, method) or self._of_region(operation, region)
        )

    def _of_denied(self, operation: Operation) -> Denial | None:
        pattern = self._first_naming(operation, self.deny)
        return Denial(f"--deny {pattern.text} does not let {_shown(operation)} through.") if pattern else None

    def _of_not_allowed(self, operation: Operation, method: str) -> Denial | None:
        # `s3:Get*` is not meant to let `GET /whatever` through.
        allow = [pattern for pattern in self.allow if pattern.action == "*" or " " not in operation.action]
        if not (self.allow or self.read_only) or self._first_naming(operation, allow):
            return None
        if not self.read_only:
            return Denial(f"--allow does not name {_shown(operation)}.{self._remedy(operation)}")
        reason = read_only.reason_against(operation, method, self.services)
        if reason is None:
            return None
        return Denial(f"--read-only does not let {_shown(operation)} through: {reason}.{self._remedy(operation)}")

    def _remedy(self, operation: Operation) -> str:
        """What would let the operation through, as a sentence to add; empty if nothing but `*` would."""
        service, action = operation.service, operation.action
        if service not in self.services.by_name and service not in self.services.by_signing_name:
            return ""
        has_name = action in _OUTSIDE_MODELS.get(service, ()) or self.services.operation_model(service, action)
        return f" --allow {service}:{action if has_name else '*'} would let it through."

    def _of_region(self, operation: Operation, region: str) -> Denial | None:
        region = _region_of_arn(operation.bucket, region)
        if not self.regions or region in self.regions or self._is_global(operation, region):
            return None
        return Denial(
            f"--allow-region lets only calls to {' or '.join(self.regions)} through, "
            f"and {_shown(operation)} goes to {region or 'any region'}."
        )

    def _first_naming(self, operation: Operation, patterns: Sequence[Pattern]) -> Pattern | None:
        if not patterns:
            return None
        known = self.services.by_name.get(operation.service)
        # The sender chooses the request's signing name: it counts only where nothing else names the service.
        services = _names(known) if known else (operation.service, operation.signing_name)
        actions = [name for name in (operation.action, _ANOTHER_NAME.get(operation.name)) if name]
        return next(
            (pattern for pattern in patterns if pattern.names_service(services) and pattern.names_action(actions)), None
        )

    def _is_global(self, operation: Operation, region: str) -> bool:
        """Whether the service answers at one place for the whole partition, whatever the region."""
        if _GLOBAL_FOR.get(operation.service) == region:
            return True
        operation = replace(operation, bucket="")
        try:
            here = self.endpoints.resolve(operation, region)
            there = self.endpoints.resolve(operation, _another_region(region))
        except AppError:
            return False
        return here.host == there.host or here.signing_region == there.signing_region


def _names(service: Service) -> tuple[str, ...]:
    return service.name, service.signing_name, service.endpoint_prefix


def _shown(operation: Operation) -> str:
    """The operation's name, which may be a path that somebody made up."""
    return operation.name if len(operation.name) <= MAX_NAME_CHARACTERS else f"{operation.name[:MAX_NAME_CHARACTERS]}…"


def _region_of_arn(bucket: str, region: str) -> str:
    """The region in an access point's ARN, empty for a point in many regions; `region` for any other bucket."""
    parts = bucket.split(":")
    return parts[3] if parts[0] == "arn" and len(parts) > 3 else region


def _another_region(region: str) -> str:
    """Another region of the same partition; one of the public partition where it has no other."""
    for partition in (partition_of(region), partitions()[0]):
        for name in sorted(partition.regions):
            if name != region and re.fullmatch(partition.region_pattern, name, re.ASCII):
                return name
    return region


def _checked(option: str, text: str, services: Services) -> Pattern:
    pattern = Pattern.parse(option, text)
    named = [service for service in services.by_name.values() if pattern.names_service(_names(service))]
    if not named:
        known = {name.lower() for service in services.by_name.values() for name in _names(service)}
        raise ConfigurationError(
            f"{option}: {text!r}: botocore knows no service {pattern.service!r}.{_hint(pattern.service, known)}"
        )
    if _WILDCARDS.isdisjoint(pattern.service):
        actions = [action for service in named for action in _actions(service, services)]
        if not pattern.names_action(actions):
            hint = _hint(pattern.action, actions, f"{pattern.service}:")
            raise ConfigurationError(
                f"{option}: {text!r} names no operation. They are named as in {pattern.service}'s API, "
                f"and not as the actions of IAM policies.{hint}"
            )
    return pattern


def _actions(service: Service, services: Services) -> Collection[str]:
    return (*services.model(service.name).operation_names, *_OUTSIDE_MODELS.get(service.name, ()))


def _hint(word: str, known: Iterable[str], prefix: str = "") -> str:
    """What the user may have meant, in AWS's spelling, as a sentence to add; empty if nobody knows."""
    word = word.strip("*?")
    spelled = {name.lower(): name for name in known}
    beginnings = [name for name in spelled if len(name) > 3 and word.startswith(name)]  # Invoke of InvokeFunction
    close = dict.fromkeys((*beginnings, *difflib.get_close_matches(word, spelled, 3)))
    suggestions = " or ".join(f"{prefix}{spelled[name]}" for name in list(close)[:3])
    return f" Did you mean {suggestions}?" if suggestions else f" {prefix}* names them all." if prefix else ""
