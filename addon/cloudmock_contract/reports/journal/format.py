"""The lines of a journal: each is a JSON object.

    {"journal": "cloudmock-contract", "version": 1, "run": {…}}     the first
    {"id": …, "time": …, "service": …, …}                           an exchange; members that are empty are left out
    {"ended_at": …, "lost": 0}                                      the last, if the run came to its end

A number that JSON does not have is written as Python's json does: NaN, Infinity. A line may come from a file that was
cut anywhere, or from anyone: what is read is checked. This file does not touch files.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cloudmock_contract.reports.tally.report import Run
from cloudmock_contract.reports.tally.truncation import as_excerpt, differences_omitted
from cloudmock_contract.values.difference import Difference, Kind, SdkEffect, Severity
from cloudmock_contract.values.exchange import Exchange, Resource, Verdict
from cloudmock_contract.values.operation import Operation

VERSION = 1

MARK = b'{"journal": "cloudmock-contract", "version": '
"""How a journal begins."""

_MAX_SECONDS = 1e9
"""No side takes longer to reply."""


class LineError(ValueError):
    """A line is not what it should be; the text says in what."""


class UnknownVersionError(LineError):
    """The journal is of a version that is not known here; the text is the version."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An exchange as the journal has it."""

    exchange: Exchange
    instead_of: str
    """The id of the attempt at the same call that it takes the place of; empty if there is none."""


@dataclass(frozen=True, slots=True)
class End:
    """The run came to its end."""

    ended_at: datetime
    lost: int
    """Exchanges that could not be written."""


def first_line(run: Run) -> bytes:
    """The line with which a run's journal begins."""
    told = {"started_at": run.started_at.isoformat(), "aws": run.aws, "cloudmock": run.cloudmock}
    return _line({"journal": "cloudmock-contract", "version": VERSION, "run": told | {"versions": dict(run.versions)}})


def last_line(end: End) -> bytes:
    """The line with which it ends."""
    return _line({"ended_at": end.ended_at.isoformat(), "lost": end.lost})


def line_of(exchange: Exchange, instead_of: str = "") -> bytes:
    """The line of an exchange, which must be an excerpt. Raises ValueError or RecursionError if JSON cannot say it."""
    operation, verdict = exchange.operation, exchange.verdict
    told: dict[str, Any] = {
        "id": exchange.id,
        "time": exchange.time.isoformat(),
        "service": operation.service,
        "action": operation.action,
        "protocol": operation.protocol,
        "signing_name": operation.signing_name,
        "region": operation.region,
        "bucket": operation.bucket,
        "method": exchange.method,
        "path": exchange.path,
        "aws_status": exchange.aws_status,
        "cloudmock_status": exchange.cloudmock_status,
        "aws_seconds": exchange.aws_seconds,
        "cloudmock_seconds": exchange.cloudmock_seconds,
        "aws_error": exchange.aws_error,
        "cloudmock_error": exchange.cloudmock_error,
        "invocation_id": exchange.invocation_id,
        "follows": exchange.follows,
        "not_compared": exchange.not_compared,
        "instead_of": instead_of,
        "forgiven": verdict.forgiven,
        "severity": verdict.severity,
        "effects": verdict.effects,
        "differences": [_difference(one) for one in verdict.differences],
        "differences_omitted": differences_omitted(exchange),
        "created": [_resource(one) for one in exchange.created],
        "deleted": [_resource(one) for one in exchange.deleted],
    }
    return _line({name: value for name, value in told.items() if value})


def run_of(line: bytes) -> Run:
    """The run that a journal with this first line is of. Raises LineError."""
    told = _Members(line)
    if told.get("journal", str) != "cloudmock-contract":
        raise LineError("it is not the first line of a journal")
    if (version := told.get("version", int)) != VERSION:
        raise UnknownVersionError(str(version))
    run = _Members(told.get("run", dict))
    versions = _Members(run.get("versions", dict))
    return Run(run.time("started_at"), run.get("aws", str), run.get("cloudmock", str), versions.all(str))


def read_line(line: bytes) -> Entry | End:
    """What a line that is not the first says. Raises LineError."""
    told = _Members(line)
    if told.has("ended_at"):
        return End(told.time("ended_at"), told.number("lost"))
    return Entry(_exchange(told), told.get("instead_of", str, ""))


def ended_by(exchange: Exchange) -> datetime:
    """A moment at which both sides had replied."""
    return exchange.time + timedelta(seconds=max(exchange.aws_seconds, exchange.cloudmock_seconds))


def _line(told: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(told).encode("ascii") + b"\n"


_ENCODER = json.JSONEncoder(default=str)


def _difference(difference: Difference) -> dict[str, Any]:
    told: dict[str, Any] = {"path": difference.path, "kind": difference.kind}
    if difference.aws is not None:
        told["aws"] = difference.aws
    if difference.cloudmock is not None:
        told["cloudmock"] = difference.cloudmock
    if difference.violation:
        told["breach"] = difference.violation
    return told


def _resource(resource: Resource) -> list[Any]:
    parameters = list(map(list, resource.parameters))
    return [resource.service, resource.region, resource.action, resource.may_be_older, *parameters]


class _Members:
    """The members of a JSON object that is not to be trusted."""

    def __init__(self, content: bytes | Mapping[str, Any]) -> None:
        """Raises LineError for a line that is no JSON object."""
        if isinstance(content, bytes):
            try:
                content = json.loads(content.decode("ascii"))
            except (ValueError, RecursionError) as error:
                raise LineError("it is not JSON") from error
        if not isinstance(content, dict):
            raise LineError("it is not an object")
        self._content = content

    def has(self, name: str) -> bool:
        return name in self._content

    def get[T](self, name: str, kind: type[T], default: T | None = None) -> T:
        """The member, which must be of this type."""
        value = self._content.get(name, default)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise LineError(f"{name} is not what it should be")
        return value

    def all[T](self, kind: type[T]) -> dict[str, T]:
        """All members, which must be of this type."""
        return {name: self.get(name, kind) for name in self._content}

    def each[T](self, name: str, make: Callable[[Any], T]) -> tuple[T, ...]:
        """The items of a list; none if there is no such member."""
        try:
            return tuple(make(item) for item in self.get(name, list, []))
        except (ValueError, TypeError) as error:
            raise LineError(f"{name} is not what it should be") from error

    def number(self, name: str) -> int:
        """A number of things; 0 if there is no such member."""
        value = self.get(name, int, 0)
        if value < 0:
            raise LineError(f"{name} is less than 0")
        return value

    def seconds(self, name: str) -> float:
        value = self._content.get(name, 0)
        if not isinstance(value, float | int) or not 0 <= value <= _MAX_SECONDS:
            raise LineError(f"{name} is not a number of seconds")
        return value

    def time(self, name: str) -> datetime:
        try:
            moment = datetime.fromisoformat(self.get(name, str))
            if moment.tzinfo is None:
                raise LineError(f"{name} has no time zone")
            return moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise LineError(f"{name} is not a time") from error


def _exchange(told: _Members) -> Exchange:
    severity = told.get("severity", str, "")
    differences = told.each("differences", _difference_of)
    if bool(severity) is not bool(differences):
        raise LineError("differences and severity do not fit together")
    try:
        verdict = Verdict(
            differences,
            {rule: number for rule, number in _Members(told.get("forgiven", dict, {})).all(int).items() if number >= 0},
            Severity(severity) if severity else None,
            told.each("effects", SdkEffect),
        )
    except ValueError as error:
        raise LineError("severity is not one") from error
    exchange = Exchange(
        id=told.get("id", str),
        time=told.time("time"),
        operation=Operation(
            *(told.get(name, str, "") for name in ("service", "action", "protocol", "signing_name", "region", "bucket"))
        ),
        method=told.get("method", str, ""),
        path=told.get("path", str, ""),
        aws_status=told.number("aws_status"),
        cloudmock_status=told.number("cloudmock_status"),
        aws_seconds=told.seconds("aws_seconds"),
        cloudmock_seconds=told.seconds("cloudmock_seconds"),
        aws_error=told.get("aws_error", str, ""),
        cloudmock_error=told.get("cloudmock_error", str, ""),
        verdict=verdict,
        invocation_id=told.get("invocation_id", str, ""),
        follows=told.get("follows", str, ""),
        not_compared=told.get("not_compared", str, ""),
        created=told.each("created", _resource_of),
        deleted=told.each("deleted", _resource_of),
    )
    try:
        ended_by(exchange)
    except OverflowError as error:
        raise LineError("time is not one at which anything ended") from error
    return as_excerpt(exchange, told.number("differences_omitted"))


def _difference_of(content: Any) -> Difference:
    told = _Members(content)
    path = told.get("path", list)
    if not all(isinstance(step, str | int) and not isinstance(step, bool) for step in path):
        raise LineError("path is not one")
    return Difference(
        tuple(path),
        Kind(told.get("kind", str)),
        content.get("aws"),
        content.get("cloudmock"),
        told.get("breach", str, ""),
    )


def _resource_of(content: Any) -> Resource:
    service, region, action, may_be_older, *parameters = content
    found = tuple((name, value) for name, value in parameters)
    if not all(isinstance(text, str) for text in (service, region, action, *(text for pair in found for text in pair))):
        raise LineError("a resource is not one")
    return Resource(service, region, action, found, may_be_older is True)
