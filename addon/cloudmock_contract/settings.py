"""What a run is asked to do: one frozen value, each field of which is declared with its option.

The wrapper's flags, its help, mitmproxy's `contract_` options and the pages are all made from these declarations.
This file does not read rules files and knows neither argparse nor mitmproxy.
"""

# ruff: noqa: RUF009 (each call of `option` makes a dataclass field)

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.option import NAMES, NUMBER, PATH, SWITCH, TEXT, URL, Check, Group, names, option, options_of
from cloudmock_contract.url import Url, is_loopback

LOOPBACK_HOSTS = ("127.0.0.1", "::1")


def shipped(name: str) -> Path:
    """A file of configs/: beside the package in a wheel, at the top of a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "configs" / name
    return installed if installed.exists() else package.parent.parent / "configs" / name


def _is_region(text: str) -> bool:
    return re.fullmatch(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", text) is not None


def _is_account(text: str) -> bool:
    return re.fullmatch(r"\d{4}-?\d{4}-?\d{4}", text, re.ASCII) is not None


def _is_host(text: str) -> bool:
    return re.fullmatch(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?(?::[0-9]+)?", text, re.IGNORECASE | re.ASCII) is not None


def _is_origin(text: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9+.-]*://[^/\s]+", text, re.IGNORECASE | re.ASCII) is not None


def _is_key_and_profile(text: str) -> bool:
    return re.fullmatch(r"\s*\w{3,128}\s*=\s*[^\s=].*", text, re.ASCII) is not None


_NOT_NEGATIVE = Check(lambda number: number >= 0, "is less than 0")
_PORT = Check(lambda port: 0 <= port <= 65535, "is not a port number from 0 to 65535")
_SECONDS = Check(lambda seconds: seconds > 0, "must be one second or more")
_REGION = Check(_is_region, "is not a region such as us-east-1")
_REGION_OR_NONE = Check(lambda region: not region or _is_region(region), _REGION.complaint)
_ACCOUNT = Check(_is_account, "is not an account id of 12 digits")
_HOST = Check(_is_host, "is not a host name such as proxy.example")
_KEY_AND_PROFILE = Check(_is_key_and_profile, "is not an access key id and a profile, such as AKIA…=NAME")
_ORIGIN = Check(_is_origin, "is not an origin such as http://localhost:3000")


def _lower_case(_flag: str, value: Any) -> tuple[str, ...]:
    return tuple(name.lower() for name in names(value))


def _profiles_by_key(flag: str, value: Any) -> tuple[tuple[str, str], ...]:
    pairs: dict[str, str] = {}
    for text in names(value):
        access_key, _, profile = (part.strip() for part in text.partition("="))
        if pairs.setdefault(access_key, profile) != profile:
            raise ConfigurationError(f"{flag}: {access_key} is given with two profiles.")
    return tuple(pairs.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run is asked to do; `from_options` makes one, and checks it."""

    cloudmock: Url = option(
        URL,
        Group.EVERYDAY,
        "The CloudMock endpoint to compare with AWS.",
        default="http://localhost:4566",
        parse=Url.parse,
    )
    region: str = option(
        TEXT,
        Group.EVERYDAY,
        "Send every request to this AWS region. Without it: to the region that each request is signed for, else "
        "us-east-1.",
        metavar="REGION",
        check=_REGION_OR_NONE,
        may_be_empty=False,
    )
    """Empty: the region of each request."""
    port: int = option(
        NUMBER,
        Group.EVERYDAY,
        "The port on which your app reaches the proxy; 0 picks a free one.",
        metavar="PORT",
        default=4577,
        check=_PORT,
    )
    output: Path | None = option(
        PATH, Group.EVERYDAY, "Where to write the JSON report.", default="contract-report.json"
    )
    """None: no report is written."""
    ignore_paths: tuple[str, ...] = option(
        NAMES,
        Group.EVERYDAY,
        "Differences to ignore: key names at any depth, or dotted paths. Replaces the default list.",
        default="RequestId,ResponseMetadata",
    )
    profile: str = option(
        TEXT,
        Group.EVERYDAY,
        "The AWS profile whose credentials sign the requests, instead of AWS_PROFILE.",
        metavar="NAME",
        may_be_empty=False,
    )
    """Empty: the one that the environment names."""
    aws_endpoint: Url | None = option(
        URL,
        Group.EVERYDAY,
        "Compare with this endpoint instead of AWS: another emulator, or another version of CloudMock.",
        may_be_empty=False,
    )
    """None: AWS itself."""

    config: Path | None = option(
        PATH,
        Group.COMPARISON,
        "A YAML file of rules, instead of the shipped configs/default.yaml.",
        metavar="FILE",
        parse=lambda _flag, path: Path(path) if path else shipped("default.yaml"),
    )
    strict: bool = option(SWITCH, Group.COMPARISON, "Forgive nothing except what --ignore-paths names.")
    timeout: int = option(
        NUMBER,
        Group.COMPARISON,
        "How long CloudMock may take to reply.",
        metavar="SECONDS",
        default=30,
        check=_SECONDS,
    )

    credentials: tuple[tuple[str, str], ...] = option(
        NAMES,
        Group.ACCOUNT,
        "For an app with keys of several accounts: sign what it signs with the access key KEY with this profile's "
        "credentials, and not with those of --profile.",
        metavar="KEY=PROFILE",
        parse=_profiles_by_key,
        check=_KEY_AND_PROFILE,
        may_be_empty=False,
    )
    """Access key ids of the app's, each with the name of a profile."""
    expect_account: tuple[str, ...] = option(
        NAMES,
        Group.ACCOUNT,
        "Start only if the credentials belong to one of these AWS accounts.",
        parse=lambda _flag, value: tuple(account.replace("-", "") for account in names(value)),
        check=_ACCOUNT,
        may_be_empty=False,
    )
    """The accounts that may be used. Empty: any."""
    preflight: bool = option(
        SWITCH,
        Group.ACCOUNT,
        "Start without asking AWS whose the credentials are.",
        name="no_preflight",
        parse=lambda _flag, is_skipped: not is_skipped,
    )
    read_only: bool = option(SWITCH, Group.ACCOUNT, "Allow only calls that read, and those that --allow names.")
    allow: tuple[str, ...] = option(
        NAMES,
        Group.ACCOUNT,
        "Allow only these calls: 'dynamodb:*,s3:Get*', with operations named as in AWS's API.",
        may_be_empty=False,
    )
    """Patterns of operations, as `dynamodb:Get*`. Empty: any; likewise below."""
    deny: tuple[str, ...] = option(
        NAMES, Group.ACCOUNT, "Deny these calls, even if another flag allows them.", may_be_empty=False
    )
    """Patterns as in `allow`. Empty: none."""
    allow_region: tuple[str, ...] = option(
        NAMES, Group.ACCOUNT, "Allow only calls to these regions.", check=_REGION, may_be_empty=False
    )
    max_requests: int = option(
        NUMBER, Group.ACCOUNT, "Deny every request after this many; 0 sets no limit.", check=_NOT_NEGATIVE
    )
    """0: no limit; likewise below."""
    max_rate: int = option(
        NUMBER,
        Group.ACCOUNT,
        "Send at most this many requests per second, and let the others wait; 0 sets no limit.",
        check=_NOT_NEGATIVE,
    )
    """Requests a second."""

    host: str = option(
        TEXT,
        Group.CALLERS,
        "Listen on this address instead of loopback only. Beyond loopback, every request must be signed with "
        "credentials that the proxy knows.",
        metavar="ADDRESS",
    )
    """Empty: loopback, IPv4 and IPv6."""
    allow_key: tuple[str, ...] = option(
        NAMES, Group.CALLERS, "Accept only requests that are signed with these access keys.", may_be_empty=False
    )
    """Access key ids. Empty: any."""
    allow_host: tuple[str, ...] = option(
        NAMES,
        Group.CALLERS,
        "Host names, besides local ones, by which your app may call the proxy (Host header).",
        parse=_lower_case,
        check=_HOST,
    )
    """Names, in lower case."""
    allow_origin: tuple[str, ...] = option(
        NAMES,
        Group.CALLERS,
        "Origins of web pages that may call the proxy, such as http://localhost:3000.",
        parse=_lower_case,
        check=_ORIGIN,
    )
    """Origins, in lower case."""

    journal: Path | None = option(
        PATH,
        Group.FILES,
        "Write each exchange to this file as it ends, and keep the file. Without it: to a file beside --output, which "
        "is removed after the report.",
    )
    """None: none is written."""
    keeps_journal: bool
    """Whether the journal stays when the report has been written."""
    cleanup: Path | None = option(
        PATH,
        Group.FILES,
        "Where to write a script that deletes what the run created on AWS and did not delete.",
        default="contract-cleanup.sh",
    )
    """None: no script is written."""
    allow_empty: bool = option(SWITCH, Group.FILES, "Succeed even if no request came through.")

    @classmethod
    def from_options(cls, values: Mapping[str, Any]) -> Self:
        """From option values by name (see `OPTIONS`); an option that is missing has its default."""
        unknown = values.keys() - {option.name for option in OPTIONS}
        if unknown:
            raise ConfigurationError(f"Unknown option: {', '.join(sorted(unknown))}.")
        parsed = {
            name: option.parse(values.get(option.name, option.kind.default))
            for name, option in _OPTIONS_BY_FIELD.items()
        }
        _check_together(parsed)
        output, journal = parsed["output"], parsed["journal"]
        has_cleanup = output is not None or "cleanup" in values
        return cls(
            **parsed
            | {
                "journal": journal or _journal_beside(output),
                "keeps_journal": journal is not None,
                "cleanup": parsed["cleanup"] if has_cleanup else None,
            }
        )

    @property
    def listen_hosts(self) -> tuple[str, ...]:
        return (self.host,) if self.host else LOOPBACK_HOSTS

    @property
    def listens_beyond_loopback(self) -> bool:
        """Whether other machines may reach the proxy."""
        return not all(map(is_loopback, self.listen_hosts))

    @property
    def aws_name(self) -> str:
        """The AWS side as reports name it."""
        return str(self.aws_endpoint) if self.aws_endpoint else "AWS"


_OPTIONS_BY_FIELD = options_of(fields(Settings))

OPTIONS = tuple(_OPTIONS_BY_FIELD.values())
"""All that a user can set."""


def _check_together(parsed: Mapping[str, Any]) -> None:
    """Raises ConfigurationError for values that cannot work together."""
    if parsed["expect_account"]:
        if parsed["aws_endpoint"]:
            raise ConfigurationError(
                "--expect-account: with --aws-endpoint, AWS is not asked whose the credentials are."
            )
        if not parsed["preflight"]:
            raise ConfigurationError(
                "--expect-account and --no-preflight: without the preflight, nobody knows the account."
            )
    flags: dict[Path, str] = {}
    for name in ("output", "journal", "cleanup"):
        path, flag = parsed[name], _OPTIONS_BY_FIELD[name].flag
        if path and not _is_system(path) and flags.setdefault(path, flag) != flag:
            raise ConfigurationError(f"{flags[path]} and {flag}: {path} cannot be both.")


def _journal_beside(output: Path | None) -> Path | None:
    """Where a run that keeps no journal has it; None where there is no report, or it goes to a device or a pipe."""
    if output is None or _is_system(output) or (output.exists() and not output.is_file()):
        return None
    return output.with_name(f"{output.name}.journal")


def _is_system(path: Path) -> bool:
    """Whether the path is a device or an open file of the process: `/dev/stdout`."""
    return path.is_absolute() and path.parts[1:2] in (("dev",), ("proc",))
