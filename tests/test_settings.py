"""What a run is asked to do."""

import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.option import Option
from cloudmock_contract.settings import OPTIONS, Settings, shipped
from cloudmock_contract.url import Url

_EXAMPLE = "http://localhost:4566"


@pytest.mark.parametrize(
    ("flag", "default"),
    [
        ("--cloudmock", _EXAMPLE),
        ("--region", ""),
        ("--port", 4577),
        ("--host", ""),
        ("--output", "contract-report.json"),
        ("--ignore-paths", "RequestId,ResponseMetadata"),
        ("--aws-endpoint", ""),
        ("--profile", ""),
        ("--credentials", ""),
        ("--expect-account", ""),
        ("--no-preflight", False),
        ("--config", ""),
        ("--strict", False),
        ("--timeout", 30),
        ("--allow-empty", False),
        ("--journal", ""),
        ("--read-only", False),
        ("--allow", ""),
        ("--deny", ""),
        ("--allow-region", ""),
        ("--max-requests", 0),
        ("--max-rate", 0),
        ("--allow-key", ""),
        ("--allow-host", ""),
        ("--allow-origin", ""),
        ("--cleanup", "contract-cleanup.sh"),
    ],
)
def test_the_defaults_are_those_of_the_documentation(flag: str, default: object) -> None:
    """Each flag has the default that its documentation names, and of that type."""
    (option,) = (option for option in OPTIONS if option.flag == flag)

    assert default == option.kind.default
    assert type(default) is type(option.kind.default)


def test_without_options_a_run_has_the_defaults() -> None:
    """What is not given has its default, in the form that the program works with."""
    expected = Settings(
        cloudmock=Url("http", "localhost", 4566, ""),
        region="",
        port=4577,
        host="",
        output=Path("contract-report.json"),
        ignore_paths=("RequestId", "ResponseMetadata"),
        aws_endpoint=None,
        profile="",
        credentials=(),
        expect_account=(),
        preflight=True,
        config=shipped("default.yaml"),
        strict=False,
        timeout=30,
        allow_empty=False,
        journal=Path("contract-report.json.journal"),
        keeps_journal=False,
        read_only=False,
        allow=(),
        deny=(),
        allow_region=(),
        max_requests=0,
        max_rate=0,
        allow_key=(),
        allow_host=(),
        allow_origin=(),
        cleanup=Path("contract-cleanup.sh"),
    )

    assert expected == Settings.from_options({})


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("cloudmock", "https://mock.example", "cloudmock", Url("https", "mock.example", 443, "")),
        ("region", "eu-central-1", "region", "eu-central-1"),
        ("region", "x" * 63, "region", "x" * 63),
        ("port", 0, "port", 0),
        ("port", 65535, "port", 65535),
        ("host", "0.0.0.0", "host", "0.0.0.0"),
        ("aws_endpoint", "http://[::1]:1", "aws_endpoint", Url("http", "::1", 1, "")),
        ("profile", "my profile", "profile", "my profile"),
        ("credentials", "AKIAONE=a", "credentials", (("AKIAONE", "a"),)),
        ("credentials", " AKIAONE = a b , AKIATWO=c=d", "credentials", (("AKIAONE", "a b"), ("AKIATWO", "c=d"))),
        ("credentials", ["AKIAONE=a", "AKIAONE=a"], "credentials", (("AKIAONE", "a"),)),
        ("expect_account", "123456789012", "expect_account", ("123456789012",)),
        ("expect_account", "000000000000", "expect_account", ("000000000000",)),
        ("expect_account", "1234-5678-9012", "expect_account", ("123456789012",)),
        ("expect_account", "1234-56789012", "expect_account", ("123456789012",)),
        ("expect_account", "123456789012, 2345-6789-0123,", "expect_account", ("123456789012", "234567890123")),
        ("expect_account", ["123456789012", "234567890123"], "expect_account", ("123456789012", "234567890123")),
        ("expect_account", " ,", "expect_account", ()),
        ("no_preflight", True, "preflight", False),
        ("no_preflight", False, "preflight", True),
        ("config", "rules.yaml", "config", Path("rules.yaml")),
        ("strict", True, "strict", True),
        ("timeout", 1, "timeout", 1),
        ("allow_empty", True, "allow_empty", True),
        ("ignore_paths", "", "ignore_paths", ()),
        ("ignore_paths", "A", "ignore_paths", ("A",)),
        ("ignore_paths", " A , Table.B,,C[0],", "ignore_paths", ("A", "Table.B", "C[0]")),
        ("ignore_paths", ["A", "Table.B"], "ignore_paths", ("A", "Table.B")),
        ("ignore_paths", ("A", " B ", " "), "ignore_paths", ("A", "B")),
        ("ignore_paths", [], "ignore_paths", ()),
        ("read_only", True, "read_only", True),
        ("allow", "dynamodb:*, s3:Get*", "allow", ("dynamodb:*", "s3:Get*")),
        ("allow", ("dynamodb:*",), "allow", ("dynamodb:*",)),
        ("deny", "*:Delete*", "deny", ("*:Delete*",)),
        ("allow_region", "eu-west-1,us-gov-west-1", "allow_region", ("eu-west-1", "us-gov-west-1")),
        ("max_requests", 1, "max_requests", 1),
        ("max_requests", 0, "max_requests", 0),
        ("max_rate", 50, "max_rate", 50),
        ("allow_key", "AKIAone, AKIAtwo", "allow_key", ("AKIAone", "AKIAtwo")),
        ("allow_host", "Proxy.Example,ci_proxy,h:4577,h.", "allow_host", ("proxy.example", "ci_proxy", "h:4577", "h.")),
        ("allow_origin", "HTTP://Localhost:3000", "allow_origin", ("http://localhost:3000",)),
        ("allow_origin", "chrome-extension://abc", "allow_origin", ("chrome-extension://abc",)),
        ("cleanup", "clean.sh", "cleanup", Path("clean.sh")),
        ("cleanup", Path("clean.sh"), "cleanup", Path("clean.sh")),
        ("cleanup", "", "cleanup", None),
    ],
)
def test_an_option_sets_its_field_and_no_other(name: str, value: object, field: str, expected: object) -> None:
    """An option changes what it names; everything else keeps its default."""
    changed: dict[str, Any] = {field: expected}

    assert dataclasses.replace(Settings.from_options({}), **changed) == Settings.from_options({name: value})


@pytest.mark.parametrize(
    ("values", "output", "journal", "keeps_journal"),
    [
        ({}, "contract-report.json", "contract-report.json.journal", False),
        ({"output": "out/r.json"}, "out/r.json", "out/r.json.journal", False),
        ({"output": Path("r.json")}, "r.json", "r.json.journal", False),
        ({"output": ""}, None, None, False),
        ({"output": "/dev/stdout"}, "/dev/stdout", None, False),
        ({"output": "/proc/self/fd/1"}, "/proc/self/fd/1", None, False),
        ({"output": "dev/r.json"}, "dev/r.json", "dev/r.json.journal", False),
        ({"journal": "j"}, "contract-report.json", "j", True),
        ({"output": "", "journal": "j"}, None, "j", True),
        ({"output": "/dev/stdout", "journal": Path("j")}, "/dev/stdout", "j", True),
    ],
)
def test_a_journal_is_beside_the_report(
    values: dict[str, object], output: str | None, journal: str | None, *, keeps_journal: bool
) -> None:
    """A run has a journal beside its report while it lasts, and keeps one that it was given a place for."""
    settings = Settings.from_options(values)

    assert (output and Path(output), journal and Path(journal)) == (settings.output, settings.journal)
    assert keeps_journal is settings.keeps_journal


def test_a_report_into_a_pipe_has_no_journal_beside_it(tmp_path: Path) -> None:
    """A pipe may be where no file can be made, and nobody expects one there."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    assert Settings.from_options({"output": pipe}).journal is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"journal": "r", "output": "r"}, "--output and --journal: r cannot be both."),
        ({"cleanup": "./r", "output": Path("r")}, "--output and --cleanup: r cannot be both."),
        ({"cleanup": "j", "journal": "j"}, "--journal and --cleanup: j cannot be both."),
        ({"journal": "contract-report.json"}, "--output and --journal: contract-report.json cannot be both."),
    ],
)
def test_two_files_of_a_run_are_not_one(values: dict[str, object], expected: str) -> None:
    """What would be written over what the run writes elsewhere is refused."""
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_options(values)

    assert expected == str(caught.value)


def test_devices_take_everything() -> None:
    """A device can stand for several files, none of which is to be kept."""
    settings = Settings.from_options({"output": "/dev/null", "cleanup": "/dev/null"})

    assert (Path("/dev/null"), Path("/dev/null")) == (settings.output, settings.cleanup)


_NO_PAIR = "is not an access key id and a profile, such as AKIA…=NAME."
_NO_URL = "is not an http:// or https:// URL such as http://localhost:4566."
_NO_REGION = "is not a region such as us-east-1."
_NO_ACCOUNT = "is not an account id of 12 digits."
_NO_HOST = "is not a host name such as proxy.example."
_NO_ORIGIN = "is not an origin such as http://localhost:3000."


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("port", -1, "--port: -1 is not a port number from 0 to 65535."),
        ("port", 65536, "--port: 65536 is not a port number from 0 to 65535."),
        ("timeout", 0, "--timeout: 0 must be one second or more."),
        ("timeout", -5, "--timeout: -5 must be one second or more."),
        ("region", "us_east_1", f"--region: 'us_east_1' {_NO_REGION}"),
        ("region", "us east", f"--region: 'us east' {_NO_REGION}"),
        ("region", "a.b", f"--region: 'a.b' {_NO_REGION}"),
        ("region", "é", f"--region: 'é' {_NO_REGION}"),
        ("region", "evil/", f"--region: 'evil/' {_NO_REGION}"),
        ("region", "a\n", f"--region: 'a\\n' {_NO_REGION}"),
        ("region", "x" * 64, f"--region: '{'x' * 64}' {_NO_REGION}"),
        ("credentials", "AKIAONE", f"--credentials: 'AKIAONE' {_NO_PAIR}"),
        ("credentials", "AKIAONE=", f"--credentials: 'AKIAONE=' {_NO_PAIR}"),
        ("credentials", "=name", f"--credentials: '=name' {_NO_PAIR}"),
        ("credentials", "AKIA ONE=name", f"--credentials: 'AKIA ONE=name' {_NO_PAIR}"),
        ("credentials", "AKIAONE=a,AKIAONE=b", "--credentials: AKIAONE is given with two profiles."),
        ("expect_account", "12345678901", f"--expect-account: '12345678901' {_NO_ACCOUNT}"),
        ("expect_account", "1234567890123", f"--expect-account: '1234567890123' {_NO_ACCOUNT}"),
        ("expect_account", "12345678901a", f"--expect-account: '12345678901a' {_NO_ACCOUNT}"),
        ("expect_account", "123456-789012", f"--expect-account: '123456-789012' {_NO_ACCOUNT}"),
        ("expect_account", "-123456789012", f"--expect-account: '-123456789012' {_NO_ACCOUNT}"),
        ("expect_account", "1234--56789012", f"--expect-account: '1234--56789012' {_NO_ACCOUNT}"),
        ("expect_account", "1234 5678 9012", f"--expect-account: '1234 5678 9012' {_NO_ACCOUNT}"),
        ("expect_account", "123456789012,1", f"--expect-account: '1' {_NO_ACCOUNT}"),
        ("expect_account", "123456789012 234567890123", f"--expect-account: '123456789012 234567890123' {_NO_ACCOUNT}"),
        ("max_requests", -1, "--max-requests: -1 is less than 0."),
        ("max_rate", -2, "--max-rate: -2 is less than 0."),
        ("allow_region", "eu-west-1,EU", f"--allow-region: 'EU' {_NO_REGION}"),
        ("allow_region", "eu-*", f"--allow-region: 'eu-*' {_NO_REGION}"),
        ("allow_host", "http://proxy", f"--allow-host: 'http://proxy' {_NO_HOST}"),
        ("allow_host", "*.example", f"--allow-host: '*.example' {_NO_HOST}"),
        ("allow_host", "a..b", f"--allow-host: 'a..b' {_NO_HOST}"),
        ("allow_host", "proxy:http", f"--allow-host: 'proxy:http' {_NO_HOST}"),
        ("allow_origin", "localhost:3000", f"--allow-origin: 'localhost:3000' {_NO_ORIGIN}"),
        ("allow_origin", "http://localhost:3000/app", f"--allow-origin: 'http://localhost:3000/app' {_NO_ORIGIN}"),
        ("allow_origin", "*", f"--allow-origin: '*' {_NO_ORIGIN}"),
        ("allow_origin", "null", f"--allow-origin: 'null' {_NO_ORIGIN}"),
        ("expect_account", "١٢٣٤٥٦٧٨٩٠١٢", f"--expect-account: '١٢٣٤٥٦٧٨٩٠١٢' {_NO_ACCOUNT}"),
        ("cloudmock", "", f"--cloudmock: '' {_NO_URL}"),
        ("cloudmock", "localhost:4566", f"--cloudmock: 'localhost:4566' {_NO_URL}"),
        ("aws_endpoint", "ftp://localhost", f"--aws-endpoint: 'ftp://localhost' {_NO_URL}"),
        (
            "aws_endpoint",
            "http://u:p@h",
            "--aws-endpoint: a URL with a user name or password is not accepted.",
        ),
    ],
)
def test_a_bad_value_is_named_by_its_flag(name: str, value: object, expected: str) -> None:
    """A value that cannot work is refused in one line that names the flag, shows the value and says what would do."""
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_options({name: value})

    assert expected == str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "flag"),
    [
        ("port", "4577", "--port"),
        ("port", None, "--port"),
        ("port", True, "--port"),
        ("timeout", "3", "--timeout"),
        ("timeout", 0.5, "--timeout"),
        ("region", 1, "--region"),
        ("cloudmock", None, "--cloudmock"),
        ("aws_endpoint", Url("http", "h", 1, ""), "--aws-endpoint"),
        ("ignore_paths", None, "--ignore-paths"),
        ("ignore_paths", {"A": 1}, "--ignore-paths"),
        ("profile", None, "--profile"),
        ("expect_account", 123456789012, "--expect-account"),
        ("no_preflight", "no", "--no-preflight"),
        ("strict", "yes", "--strict"),
        ("allow_empty", 1, "--allow-empty"),
        ("output", 1, "--output"),
        ("config", None, "--config"),
        ("journal", None, "--journal"),
        ("cleanup", False, "--cleanup"),
        ("read_only", "yes", "--read-only"),
        ("allow", None, "--allow"),
        ("allow", [1], "--allow"),
        ("deny", {"s3:*": 1}, "--deny"),
        ("expect_account", [123456789012], "--expect-account"),
        ("allow_region", 1, "--allow-region"),
        ("max_requests", True, "--max-requests"),
        ("max_requests", "10", "--max-requests"),
        ("max_rate", 0.5, "--max-rate"),
    ],
)
def test_a_value_of_another_type_is_named_by_its_flag(name: str, value: object, flag: str) -> None:
    """A program that gives an option what is not of its type is told which one, and what it gave."""
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_options({name: value})

    message = str(caught.value)
    assert message.startswith(f"{flag}: ")
    assert repr(value) in message


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "aws_endpoint",
            "http://localhost:5000",
            "--expect-account: with --aws-endpoint, AWS is not asked whose the credentials are.",
        ),
        (
            "no_preflight",
            True,
            "--expect-account and --no-preflight: without the preflight, nobody knows the account.",
        ),
    ],
)
def test_an_account_that_nobody_would_ask_for_is_refused(name: str, value: object, expected: str) -> None:
    """An account can be expected only of a run that asks AWS whose the credentials are."""
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_options({"expect_account": "123456789012", name: value})

    assert expected == str(caught.value)
    assert Settings.from_options({name: value}) != Settings.from_options({})


@given(st.text("0123456789-", min_size=1, max_size=16) | st.text(st.characters(exclude_characters=","), min_size=1))
def test_an_account_is_twelve_digits_or_refused(text: str) -> None:
    """Whatever is given as an account, the run has its twelve ASCII digits or does not start."""
    account = text.strip()
    try:
        accounts = Settings.from_options({"expect_account": text}).expect_account
    except ConfigurationError as error:
        assert repr(account) in str(error)  # noqa: PT017 (either outcome is right)
        assert len(account.replace("-", "")) != 12 or not account.isdecimal()
    else:
        assert accounts == ((account.replace("-", ""),) if account else ())
        assert all(len(digits) == 12 and set(digits) <= set("0123456789") for digits in accounts)


_PARTS = st.text(st.characters(exclude_characters=",", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(_PARTS))
def test_a_list_is_the_same_with_commas_and_without(parts: list[str]) -> None:
    """A program gives the parts of a list as they are; a user writes them with commas, and blanks do not count."""
    as_list, as_text = (Settings.from_options({"allow": value}).allow for value in (parts, ",".join(parts)))

    assert as_list == as_text
    assert tuple(part.strip() for part in parts if part.strip()) == as_list


def test_unknown_options_are_refused() -> None:
    """A misspelled option is not ignored."""
    with pytest.raises(ConfigurationError, match=r"^Unknown option: por, stict\.$"):
        Settings.from_options({"stict": True, "por": 1, "port": 2})


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_option_is_a_flag_with_help(option: Option) -> None:
    """Every option is a long flag with a help text; a switch is off by default and has no value to name."""
    assert option.flag.startswith("--")
    assert "_" not in option.flag
    assert option.help.endswith(".")
    assert (option.kind.default is False) is option.is_switch
    assert isinstance(option.kind.default, option.kind.types)


def test_every_field_but_one_is_declared_with_its_option() -> None:
    """A new flag is one field: what is set and what can be set are the same, but for what follows from --journal."""
    fields = {field.name for field in dataclasses.fields(Settings)}

    assert fields - {"keeps_journal"} == {option.name for option in OPTIONS} - {"no_preflight"} | {"preflight"}


def test_settings_are_frozen() -> None:
    """Nobody can change what was asked for once the run has begun."""
    settings = Settings.from_options({})

    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]


@pytest.mark.parametrize(("host", "expected"), [("", ["127.0.0.1", "::1"]), ("0.0.0.0", ["0.0.0.0"])])
def test_only_loopback_is_listened_on_unless_asked(host: str, expected: list[str]) -> None:
    """Nobody outside the machine reaches the proxy, which has the user's credentials, unless an address is given."""
    settings = Settings.from_options({"host": host})

    assert expected == list(settings.listen_hosts)


@pytest.mark.parametrize(
    ("host", "expected"), [("", False), ("localhost", False), ("::1", False), ("0.0.0.0", True), ("192.0.2.1", True)]
)
def test_an_address_beyond_loopback_is_told_from_others(host: str, *, expected: bool) -> None:
    """Where other machines may reach the proxy, more is asked of those who call it."""
    assert expected is Settings.from_options({"host": host}).listens_beyond_loopback


@pytest.mark.parametrize(("endpoint", "expected"), [("", "AWS"), ("http://localhost:5000/", "http://localhost:5000")])
def test_the_aws_side_has_a_name(endpoint: str, expected: str) -> None:
    """Reports name the AWS side: AWS, or the endpoint that stands in for it."""
    settings = Settings.from_options({"aws_endpoint": endpoint})

    assert expected == settings.aws_name


def test_the_shipped_rules_are_there() -> None:
    """The rules file that is used by default exists."""
    assert shipped("default.yaml").is_file()
