"""The lines of a journal: each is a JSON object.

    {"journal": "cloudmock-contract", "version": 1, "run": {…}}     the first
    {"id": …, "time": …, "service": …, …}                           an exchange; members that are empty are left out
    {"ended_at": …, "lost": 0}                                      the last, if the run came to its end

A number that JSON does not have is written as Python's json does: NaN, Infinity. A line may come from a file that was
cut off anywhere, or from anyone: what is read is checked. This file does not touch files.
"""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cloudmock_contract.reports.journal.untrusted import LineError, Members
from cloudmock_contract.reports.tally.report import Run
from cloudmock_contract.reports.tally.truncation import differences_omitted, with_differences_omitted
from cloudmock_contract.values.difference import Difference, Kind, SdkEffect, Severity
from cloudmock_contract.values.exchange import Exchange, Resource, Verdict
from cloudmock_contract.values.operation import Operation

VERSION = 1

MARK = b'{"journal": "cloudmock-contract", "version": '
"""How a journal begins."""

_OPERATION = ("service", "action", "protocol", "signing_name", "region", "bucket")
"""The members that name an operation, in the order of its fields."""


class UnknownVersionError(LineError):
    """The journal has a format that is not known here; the text is its version."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An exchange as the journal has it."""

    exchange: Exchange
    instead_of: str
    """The id of the earlier attempt at the same call that it replaces; empty if there is none."""


@dataclass(frozen=True, slots=True)
class End:
    """The run came to its end."""

    ended_at: datetime
    lost: int
    """Exchanges that could not be written."""


def first_line(run: Run) -> bytes:
    """The line with which a run's journal begins."""
    record = {
        "started_at": run.started_at.isoformat(),
        "aws": run.aws,
        "cloudmock": run.cloudmock,
        "versions": dict(run.versions),
    }
    return _line({"journal": "cloudmock-contract", "version": VERSION, "run": record})


def last_line(end: End) -> bytes:
    """The line with which it ends."""
    return _line({"ended_at": end.ended_at.isoformat(), "lost": end.lost})


def line_of(exchange: Exchange, instead_of: str = "") -> bytes:
    """The line of a truncated exchange. Raises ValueError or RecursionError for what cannot be written as JSON."""
    operation, verdict = exchange.operation, exchange.verdict
    record: dict[str, Any] = {
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
        "differences": [_difference(difference) for difference in verdict.differences],
        "differences_omitted": differences_omitted(exchange),
        "created": [_resource(resource) for resource in exchange.created],
        "deleted": [_resource(resource) for resource in exchange.deleted],
    }
    return _line({name: value for name, value in record.items() if value})


def run_of(line: bytes) -> Run:
    """The run that a journal with this first line is of. Raises LineError."""
    members = Members(line)
    if members.get("journal", str) != "cloudmock-contract":
        raise LineError("it is not the first line of a journal")
    if (version := members.get("version", int)) != VERSION:
        raise UnknownVersionError(str(version))
    run = Members(members.get("run", dict))
    versions = Members(run.get("versions", dict))
    return Run(run.time("started_at"), run.get("aws", str), run.get("cloudmock", str), versions.all(str))


def read_line(line: bytes) -> Entry | End:
    """What a line that is not the first says. Raises LineError."""
    members = Members(line)
    if members.has("ended_at"):
        return End(members.time("ended_at"), members.number("lost"))
    return Entry(_exchange(members), members.get("instead_of", str, ""))


def ended_by(exchange: Exchange) -> datetime:
    """A moment at which both sides had replied."""
    return exchange.time + timedelta(seconds=max(exchange.aws_seconds, exchange.cloudmock_seconds))


def _line(record: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(record).encode("ascii") + b"\n"


_ENCODER = json.JSONEncoder(default=str)


def _difference(difference: Difference) -> dict[str, Any]:
    record: dict[str, Any] = {"path": difference.path, "kind": difference.kind}
    if difference.aws is not None:
        record["aws"] = difference.aws
    if difference.cloudmock is not None:
        record["cloudmock"] = difference.cloudmock
    if difference.violation:
        record["breach"] = difference.violation
    return record


def _resource(resource: Resource) -> list[Any]:
    parameters = list(map(list, resource.parameters))
    return [resource.service, resource.region, resource.action, resource.may_be_older, *parameters]


def _exchange(members: Members) -> Exchange:
    exchange = Exchange(
        id=members.get("id", str),
        time=members.time("time"),
        operation=Operation(*(members.get(name, str, "") for name in _OPERATION)),
        method=members.get("method", str, ""),
        path=members.get("path", str, ""),
        aws_status=members.number("aws_status"),
        cloudmock_status=members.number("cloudmock_status"),
        aws_seconds=members.seconds("aws_seconds"),
        cloudmock_seconds=members.seconds("cloudmock_seconds"),
        aws_error=members.get("aws_error", str, ""),
        cloudmock_error=members.get("cloudmock_error", str, ""),
        verdict=_verdict(members),
        invocation_id=members.get("invocation_id", str, ""),
        follows=members.get("follows", str, ""),
        not_compared=members.get("not_compared", str, ""),
        created=members.each("created", _resource_of),
        deleted=members.each("deleted", _resource_of),
    )
    try:
        ended_by(exchange)
    except OverflowError as error:
        raise LineError("time is out of range") from error
    return with_differences_omitted(exchange, members.number("differences_omitted"))


def _verdict(members: Members) -> Verdict:
    differences, effects = members.each("differences", _difference_of), members.each("effects", SdkEffect)
    forgiven = Members(members.get("forgiven", dict, {})).all(int)
    severity = members.get("severity", str, "")
    if bool(severity) is not bool(differences):
        raise LineError("differences and severity contradict each other")
    try:
        grade = Severity(severity) if severity else None
    except ValueError as error:
        raise LineError("severity is unknown") from error
    return Verdict(differences, {rule: count for rule, count in forgiven.items() if count >= 0}, grade, effects)


def _difference_of(content: Any) -> Difference:
    members = Members(content)
    path = members.get("path", list)
    if not all(isinstance(step, str | int) and not isinstance(step, bool) for step in path):
        raise LineError("path is malformed")
    return Difference(
        tuple(path),
        Kind(members.get("kind", str)),
        content.get("aws"),
        content.get("cloudmock"),
        members.get("breach", str, ""),
    )


def _resource_of(content: Any) -> Resource:
    service, region, action, may_be_older, *parameters = content
    pairs = tuple((name, value) for name, value in parameters)
    if not all(isinstance(text, str) for text in (service, region, action, *itertools.chain(*pairs))):
        raise LineError("a resource is malformed")
    return Resource(service, region, action, pairs, may_be_older is True)
