"""What a run is asked to do: one frozen value, and the table of options that it is made from.

The wrapper's flags and mitmproxy's `contract_` options are both made from `OPTIONS`, so that they cannot drift apart.
This file does not read rules files and knows neither argparse nor mitmproxy.
"""

import functools
import ipaddress
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from cloudmock_contract.errors import ConfigurationError

_PATHS = ("output", "config", "journal", "cleanup")
_LISTS = (
    "ignore_paths",
    "expect_account",
    "allow",
    "deny",
    "allow_region",
    "allow_key",
    "allow_host",
    "allow_origin",
)
_TYPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(_PATHS, (str, Path)),
    **dict.fromkeys(_LISTS, (str, list, tuple, set, frozenset)),
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
        "The address to listen on, instead of loopback alone. Beyond loopback, only requests are taken that are signed "
        "with credentials that the proxy knows.",
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
        "A,B",
        "",
        "The AWS accounts, with commas, to one of which the credentials must belong; the run does not start else.",
    ),
    Option("no_preflight", "", False, "Start without asking AWS whose the credentials are."),
    Option("config", "FILE", "", "A YAML file of rules, instead of the shipped configs/default.yaml."),
    Option("strict", "", False, "Forgive nothing but what --ignore-paths names."),
    Option("timeout", "SECONDS", 30, "How long CloudMock may take to reply."),
    Option("allow_empty", "", False, "A run in which no request came through is a success."),
    Option(
        "journal",
        "PATH",
        "",
        "Where each exchange is written down as it ends. Without it: beside --output, and removed after the report.",
    ),
    Option("read_only", "", False, "Let only calls through that read; --allow lets others through as well."),
    Option("allow", "A,B", "", "Let only these calls through: 'dynamodb:*,s3:Get*', operations as in AWS's API."),
    Option("deny", "A,B", "", "Let these calls not through, whatever else says."),
    Option("allow_region", "A,B", "", "Let only calls to these regions through."),
    Option("max_requests", "NUMBER", 0, "Let no more requests than this through; 0 sets no limit."),
    Option("max_rate", "NUMBER", 0, "Let no more requests than this through in a second, and hold up others; 0: any."),
    Option("allow_key", "A,B", "", "Take requests only that are signed with these access keys."),
    Option("allow_host", "A,B", "", "Names, besides local ones, by which the app may call the proxy (Host header)."),
    Option("allow_origin", "A,B", "", "Origins of web pages that may call the proxy: http://localhost:3000."),
    Option(
        "cleanup",
        "PATH",
        "contract-cleanup.sh",
        "Where a script is written that deletes what the run has created on AWS and not deleted.",
    ),
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
        return is_loopback(self.host)

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
    expect_account: tuple[str, ...]
    """The accounts that may be used. Empty: any."""
    preflight: bool
    config: Path | None
    """The rules file; None if there is to be none."""
    strict: bool
    timeout: int
    """Seconds."""
    allow_empty: bool
    journal: Path | None
    """None: none is written."""
    keeps_journal: bool
    """Whether the journal stays when the report has been written."""
    read_only: bool
    allow: tuple[str, ...]
    """Patterns of operations, as `dynamodb:Get*`. Empty: any; likewise below."""
    deny: tuple[str, ...]
    """Patterns as in `allow`. Empty: none."""
    allow_region: tuple[str, ...]
    max_requests: int
    """0: no limit; likewise below."""
    max_rate: int
    """Requests a second."""
    allow_key: tuple[str, ...]
    """Access key ids. Empty: any."""
    allow_host: tuple[str, ...]
    """Names, in lower case."""
    allow_origin: tuple[str, ...]
    """Origins, in lower case."""
    cleanup: Path | None
    """None: no script is written."""

    @classmethod
    def from_options(cls, values: Mapping[str, Any]) -> Self:
        """From option values by name (see `OPTIONS`); what is not given has its default."""
        unknown = values.keys() - {option.name for option in OPTIONS}
        if unknown:
            raise ConfigurationError(f"Unknown option: {', '.join(sorted(unknown))}.")
        given = {option.name: option.default for option in OPTIONS} | dict(values)
        for option in OPTIONS:
            if not _is_of_type(option, given[option.name]):
                raise ConfigurationError(f"{option.flag}: {given[option.name]!r} is not of the right type.")
        _check(given)
        output = Path(given["output"]) if given["output"] else None
        return cls(
            cloudmock=Url.parse("--cloudmock", given["cloudmock"]),
            region=given["region"],
            port=given["port"],
            host=given["host"],
            output=output,
            ignore_paths=_names(given["ignore_paths"]),
            aws_endpoint=Url.parse("--aws-endpoint", given["aws_endpoint"]) if given["aws_endpoint"] else None,
            profile=given["profile"],
            expect_account=tuple(account.replace("-", "") for account in _names(given["expect_account"])),
            preflight=not given["no_preflight"],
            config=Path(given["config"]) if given["config"] else shipped("default.yaml"),
            strict=given["strict"],
            timeout=given["timeout"],
            allow_empty=given["allow_empty"],
            journal=Path(given["journal"]) if given["journal"] else _journal_beside(output),
            keeps_journal=bool(given["journal"]),
            read_only=given["read_only"],
            allow=_names(given["allow"]),
            deny=_names(given["deny"]),
            allow_region=_names(given["allow_region"]),
            max_requests=given["max_requests"],
            max_rate=given["max_rate"],
            allow_key=_names(given["allow_key"]),
            allow_host=tuple(name.lower() for name in _names(given["allow_host"])),
            allow_origin=tuple(origin.lower() for origin in _names(given["allow_origin"])),
            cleanup=Path(given["cleanup"]) if given["cleanup"] and (output or "cleanup" in values) else None,
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


def _is_of_type(option: Option, value: object) -> bool:
    if isinstance(value, bool) and option.metavar:
        return False
    if isinstance(value, list | tuple | set | frozenset) and not all(isinstance(part, str) for part in value):
        return False
    return isinstance(value, _TYPES.get(option.name, type(option.default)))


def _check(given: Mapping[str, Any]) -> None:
    """Raises ConfigurationError for values that cannot work, alone or together."""
    for option in OPTIONS:
        fits, complaint = _CHECKS.get(option.name, _ANYTHING)
        values = _names(given[option.name]) if option.name in _LISTS else (given[option.name],)
        for value in values:
            if not fits(value):
                raise ConfigurationError(f"{option.flag}: {value!r} {complaint}.")
    if _names(given["expect_account"]):
        if given["aws_endpoint"]:
            raise ConfigurationError(
                "--expect-account: with --aws-endpoint, AWS is not asked whose the credentials are."
            )
        if given["no_preflight"]:
            raise ConfigurationError(
                "--expect-account and --no-preflight: the account is what the preflight finds out."
            )
    written: dict[Path, str] = {}
    for name in ("output", "journal", "cleanup"):
        path, flag = Path(given[name]), f"--{name}"
        if given[name] and not _is_system(path) and written.setdefault(path, flag) != flag:
            raise ConfigurationError(f"{written[path]} and {flag}: {path} cannot be both.")


def _is_region(text: str) -> bool:
    return re.fullmatch(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", text) is not None


def _is_account(text: str) -> bool:
    return re.fullmatch(r"\d{4}-?\d{4}-?\d{4}", text, re.ASCII) is not None


def _is_host(text: str) -> bool:
    return re.fullmatch(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?(?::[0-9]+)?", text, re.IGNORECASE | re.ASCII) is not None


def _is_origin(text: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9+.-]*://[^/\s]+", text, re.IGNORECASE | re.ASCII) is not None


def _is_none_or_more(number: int) -> bool:
    return number >= 0


_NO_REGION = "is not a region such as us-east-1"
_ANYTHING: tuple[Callable[[Any], bool], str] = (lambda _value: True, "")
_CHECKS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "port": (lambda port: 0 <= port <= 65535, "is not a port number from 0 to 65535"),
    "timeout": (lambda seconds: seconds > 0, "must be one second or more"),
    "region": (lambda region: not region or _is_region(region), _NO_REGION),
    "allow_region": (_is_region, _NO_REGION),
    "expect_account": (_is_account, "is not an account id of 12 digits"),
    "max_requests": (_is_none_or_more, "is less than 0"),
    "max_rate": (_is_none_or_more, "is less than 0"),
    "allow_host": (_is_host, "is not a host name such as proxy.example"),
    "allow_origin": (_is_origin, "is not an origin such as http://localhost:3000"),
}
"""What each value of an option must fulfil, and what is said of one that does not."""


def _names(value: str | Collection[str]) -> tuple[str, ...]:
    """The parts of a list that is given with commas, or as one."""
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(part.strip() for part in parts if part.strip())


def _journal_beside(output: Path | None) -> Path | None:
    """Where a run that keeps no journal has it; None where there is no report, or it goes to a device or a pipe."""
    if output is None or _is_system(output) or (output.exists() and not output.is_file()):
        return None
    return output.with_name(f"{output.name}.journal")


def _is_system(path: Path) -> bool:
    """Whether the path is a device or an open file of the process: `/dev/stdout`."""
    return path.is_absolute() and path.parts[1:2] in (("dev",), ("proc",))


@functools.cache
def is_loopback(host: str) -> bool:
    """Whether a host is this machine, and reached by nobody else."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
