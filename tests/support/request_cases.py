"""The table of raw requests: what each of `cases/requests/*.yaml` sends, and which operation it is."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from cloudmock_contract.values.http import Headers, Request

TABLE = Path(__file__).resolve().parents[1] / "aws" / "cases" / "requests"


@dataclass(frozen=True, slots=True)
class Case:
    """One request and what it is."""

    name: str
    request: Request
    expect: Mapping[str, str]
    """Of the operation's fields those that are certain."""
    also: tuple[str, ...] = ()
    """Services whose requests are identical on the wire: right answers too."""


def cases() -> list[Case]:
    """Every case of every file, in the files' order."""
    return [_case(entry) for path in sorted(TABLE.glob("*.yaml")) for entry in yaml.safe_load(path.read_bytes())]


def _case(entry: Mapping[str, object]) -> Case:
    expect, also, body = entry["expect"], entry.get("also", []), entry.get("body_base64")
    if not isinstance(expect, dict) or not isinstance(also, list):
        raise TypeError(f"{entry['name']}: expect is a mapping and also is a list")
    request = _request(str(entry["request"]))
    if body is not None:
        request = Request(request.method, request.target, request.headers, base64.b64decode(str(body)))
    return Case(str(entry["name"]), request, expect, tuple(map(str, also)))


def _request(text: str) -> Request:
    head, _, body = text.partition("\n\n")
    first, *lines = head.removesuffix("\n").split("\n")
    method, target, _ = first.split(" ")
    fields = (line.partition(":") for line in lines)
    headers = Headers(tuple((name, value.strip()) for name, _, value in fields))
    return Request(method, target, headers, body.removesuffix("\n").encode())
