"""What a run is asked to do: one frozen value, and the table of options that it is made from.

The wrapper's flags and mitmproxy's `contract_` options are both made from `OPTIONS`, so that they cannot drift apart.
This file does not read rules files and knows neither argparse nor mitmproxy.
"""

import functools
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from cloudmock_contract.errors import ConfigurationError

_TYPES: Mapping[str, tuple[type, ...]] = {
    "output": (str, Path),
    "config": (str, Path),
    "ignore_paths": (str, list, tuple, set, frozenset),
}
"""What may be given for an option besides a value of its default's type."""

LOOPBACK_HOSTS = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a user can set: the flag `--name`, and mitmproxy's option `contract_name`."""

    name: str
    metavar: str
    """Empty for a switch."""
    default: str | int | bool
    help: str

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")


OPTIONS = (
    Option("cloudmock", "URL", "http://localhost:4566", "The CloudMock endpoint that is compared with AWS."),
    Option(
        "region",
        "REGION",
        "",
        "The AWS region of every request; without it, the region that each request is signed for, else us-east-1.",
    ),
    Option("port", "PORT", 4577, "The port on which the app reaches the proxy; 0 picks a free one."),
    Option(
        "host",
        "ADDRESS",
        "",
        "The address to listen on, instead of loopback alone. Whoever reaches it uses your AWS credentials.",
    ),
    Option("output", "PATH", "contract-report.json", "Where the JSON report is written."),
    Option(
        "ignore_paths",
        "A,B",
        "RequestId,ResponseMetadata",
        "Differences to ignore: key names at any depth, or dotted paths. Replaces the default list.",
    ),
    Option("aws_endpoint", "URL", "", "Compare with this endpoint instead of with AWS: another emulator, or version."),
    Option("profile", "NAME", "", "The AWS profile whose credentials sign the requests, instead of AWS_PROFILE."),
    Option(
        "expect_account",
        "ACCOUNT",
        "",
        "The AWS account that the credentials must belong to; the run does not start with those of another one.",
    ),
    Option("no_preflight", "", False, "Start without asking AWS whose the credentials are."),
    Option("config", "FILE", "", "A YAML file of rules, instead of the shipped configs/default.yaml."),
    Option("strict", "", False, "Forgive nothing but what --ignore-paths names."),
    Option("timeout", "SECONDS", 30, "How long CloudMock may take to reply."),
    Option("allow_empty", "", False, "A run in which no request came through is a success."),
)


@dataclass(frozen=True, slots=True)
class Url:
    """An http or https endpoint, taken apart."""

    scheme: str
    host: str
    port: int
    path: str
    """Without a slash at its end."""

    @classmethod
    def parse(cls, option: str, text: str) -> Self:
        """Raises ConfigurationError, naming the option."""
        if "@" in text:
            raise ConfigurationError(f"{option}: a URL with a user name or password is not taken.")
        if not _URL.fullmatch(text):
            raise ConfigurationError(f"{option}: {text!r} is not an http:// or https:// URL such as {_EXAMPLE}.")
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as error:
            raise ConfigurationError(f"{option}: {text!r} is not a URL: {error}.") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError(f"{option}: {text!r} is not an http:// or https:// URL such as {_EXAMPLE}.")
        if parts.query or parts.fragment:
            raise ConfigurationError(f"{option}: {text!r} must be a scheme, a host and a port, such as {_EXAMPLE}.")
        if port == 0:
            raise ConfigurationError(f"{option}: {text!r} has no port to connect to.")
        default_port = {"http": 80, "https": 443}[parts.scheme]
        return cls(parts.scheme, parts.hostname, default_port if port is None else port, parts.path.rstrip("/"))

    @property
    def is_loopback(self) -> bool:
        return _is_loopback(self.host)

    @property
    def netloc(self) -> str:
        """Host and port as a Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"


_URL = re.compile(r"(?i:https?)://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?(?:[/?#][!-~]*)?")
_EXAMPLE = "http://localhost:4566"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run is asked to do; `from_options` makes one, and checks it."""

    cloudmock: Url
    region: str
    """Empty: the region of each request."""
    port: int
    host: str
    """Empty: loopback, IPv4 and IPv6."""
    output: Path | None
    """None: no report is written."""
    ignore_paths: tuple[str, ...]
    aws_endpoint: Url | None
    """None: AWS itself."""
    profile: str
    """Empty: the one that the environment names."""
    expect_account: str
    """Empty: any."""
    preflight: bool
    config: Path | None
    """The rules file; None if there is to be none."""
    strict: bool
    timeout: int
    """Seconds."""
    allow_empty: bool

    @classmethod
    def from_options(cls, values: Mapping[str, Any]) -> Self:
        """From option values by name (see `OPTIONS`); what is not given has its default."""
        unknown = values.keys() - {option.name for option in OPTIONS}
        if unknown:
            raise ConfigurationError(f"Unknown option: {', '.join(sorted(unknown))}.")
        given = {option.name: option.default for option in OPTIONS} | dict(values)
        for option in OPTIONS:
            value = given[option.name]
            if not isinstance(value, _TYPES.get(option.name, type(option.default))) or (
                isinstance(value, bool) and option.metavar
            ):
                raise ConfigurationError(f"{option.flag}: {value!r} is not of the right type.")
        if not 0 <= given["port"] <= 65535:
            raise ConfigurationError(f"--port: {given['port']} is not a port number from 0 to 65535.")
        if given["timeout"] <= 0:
            raise ConfigurationError(f"--timeout: {given['timeout']} must be one second or more.")
        if given["region"] and not _is_host_label(given["region"]):
            raise ConfigurationError(f"--region: {given['region']!r} is not a region such as us-east-1.")
        if given["expect_account"] and not re.fullmatch(r"\d{4}-?\d{4}-?\d{4}", given["expect_account"], re.ASCII):
            raise ConfigurationError(
                f"--expect-account: {given['expect_account']!r} is not an account id of 12 digits."
            )
        if given["expect_account"] and given["aws_endpoint"]:
            raise ConfigurationError(
                "--expect-account: with --aws-endpoint, AWS is not asked whose the credentials are."
            )
        if given["expect_account"] and given["no_preflight"]:
            raise ConfigurationError(
                "--expect-account and --no-preflight: the account is what the preflight finds out."
            )
        ignored = given["ignore_paths"]
        paths = ignored.split(",") if isinstance(ignored, str) else ignored
        return cls(
            cloudmock=Url.parse("--cloudmock", given["cloudmock"]),
            region=given["region"],
            port=given["port"],
            host=given["host"],
            output=Path(given["output"]) if given["output"] else None,
            ignore_paths=tuple(path.strip() for path in paths if path.strip()),
            aws_endpoint=Url.parse("--aws-endpoint", given["aws_endpoint"]) if given["aws_endpoint"] else None,
            profile=given["profile"],
            expect_account=given["expect_account"].replace("-", ""),
            preflight=not given["no_preflight"],
            config=Path(given["config"]) if given["config"] else shipped("default.yaml"),
            strict=given["strict"],
            timeout=given["timeout"],
            allow_empty=given["allow_empty"],
        )

    @property
    def listen_hosts(self) -> tuple[str, ...]:
        return (self.host,) if self.host else LOOPBACK_HOSTS

    @property
    def aws_name(self) -> str:
        """The reference side as reports name it."""
        return str(self.aws_endpoint) if self.aws_endpoint else "AWS"


def shipped(name: str) -> Path:
    """A file of configs/: beside the package in a wheel, at the top of a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "configs" / name
    return installed if installed.exists() else package.parent.parent / "configs" / name


@functools.cache
def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_host_label(text: str) -> bool:
    return re.fullmatch(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", text) is not None
