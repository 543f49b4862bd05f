"""What a run is asked to do."""

import dataclasses
import ipaddress
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.settings import OPTIONS, Option, Settings, Url, shipped

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
    (option,) = (one for one in OPTIONS if one.flag == flag)

    assert default == option.default
    assert type(default) is type(option.default)


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
    ("name", "given_value", "field", "expected"),
    [
        ("cloudmock", "https://mock.example", "cloudmock", Url("https", "mock.example", 443, "")),
        ("region", "eu-central-1", "region", "eu-central-1"),
        ("region", "x" * 63, "region", "x" * 63),
        ("port", 0, "port", 0),
        ("port", 65535, "port", 65535),
        ("host", "0.0.0.0", "host", "0.0.0.0"),
        ("aws_endpoint", "http://[::1]:1", "aws_endpoint", Url("http", "::1", 1, "")),
        ("profile", "my profile", "profile", "my profile"),
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
def test_an_option_sets_its_field_and_no_other(name: str, given_value: object, field: str, expected: object) -> None:
    """An option changes what it names; everything else keeps its default."""
    changed: dict[str, Any] = {field: expected}

    assert dataclasses.replace(Settings.from_options({}), **changed) == Settings.from_options({name: given_value})


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
            "--aws-endpoint: a URL with a user name or password is not taken.",
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
            "--expect-account and --no-preflight: the account is what the preflight finds out.",
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
    given_account = text.strip()
    try:
        accounts = Settings.from_options({"expect_account": text}).expect_account
    except ConfigurationError as error:
        assert repr(given_account) in str(error)  # noqa: PT017 (either outcome is right)
        assert len(given_account.replace("-", "")) != 12 or not given_account.isdecimal()
    else:
        assert accounts == ((given_account.replace("-", ""),) if given_account else ())
        assert all(len(account) == 12 and set(account) <= set("0123456789") for account in accounts)


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
    assert (option.default is False) is not bool(option.metavar)


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


@pytest.mark.parametrize(("endpoint", "expected"), [("", "AWS"), ("http://localhost:5000/", "http://localhost:5000")])
def test_the_reference_has_a_name(endpoint: str, expected: str) -> None:
    """Reports name the reference side: AWS, or the endpoint that stands in for it."""
    settings = Settings.from_options({"aws_endpoint": endpoint})

    assert expected == settings.aws_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://localhost:4566", Url("http", "localhost", 4566, "")),
        ("http://localhost", Url("http", "localhost", 80, "")),
        ("https://localhost", Url("https", "localhost", 443, "")),
        ("http://localhost:", Url("http", "localhost", 80, "")),
        ("https://localhost:80", Url("https", "localhost", 80, "")),
        ("HTTP://LocalHost:4566/", Url("http", "localhost", 4566, "")),
        ("http://h/base/path/", Url("http", "h", 80, "/base/path")),
        ("http://h/a%2Fb", Url("http", "h", 80, "/a%2Fb")),
        ("http://[::1]:4566", Url("http", "::1", 4566, "")),
        ("https://[2001:DB8::1]", Url("https", "2001:db8::1", 443, "")),
        ("http://127.0.0.1:1", Url("http", "127.0.0.1", 1, "")),
        ("http://host:65535", Url("http", "host", 65535, "")),
    ],
)
def test_urls_are_taken_apart(text: str, expected: Url) -> None:
    """A URL of scheme, host, port and path is understood in every usual spelling."""
    assert expected == Url.parse("--cloudmock", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost",
        "localhost:4566",
        "//localhost:4566",
        "/path",
        "http:",
        "http://",
        "http:///path",
        "http://:4566",
        "http:localhost",
        "ftp://localhost",
        "file:///etc/hosts",
        "ws://localhost",
        "http://local host:1",
        "http://a\nb",
        "http://h ",
        "http://h:0",
        "http://*",
        "http://[::1]x:3",
        "http://localhost/?a=b",
        "http://localhost?a",
        "http://localhost#a",
        "http://localhost:99999",
        "http://localhost:-1",
        "http://localhost:http",
        "http://localhost:1:2",
        "http://::1",
        "http://[::1",
        "http://[]",
        "http://[localhost]",
    ],
)
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    """What has no scheme, host and port to connect to, or has more than these, is refused in one line."""
    with pytest.raises(ConfigurationError) as caught:
        Url.parse("--cloudmock", text)

    message = str(caught.value)
    assert message.startswith("--cloudmock: ")
    assert repr(text) in message
    assert "\n" not in message


@given(st.text())
def test_any_text_is_a_url_or_a_configuration_error(text: str) -> None:
    """Parsing never fails in another way than by the error that the user is shown."""
    try:
        url = Url.parse("--cloudmock", "http://" + text)
    except ConfigurationError as error:
        assert str(error).startswith("--cloudmock: ")  # noqa: PT017 (either outcome is right)
    else:
        assert url.host


_HOSTS = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?", fullmatch=True) | st.ip_addresses().map(
    lambda address: f"[{address}]" if isinstance(address, ipaddress.IPv6Address) else str(address)
)


@given(
    scheme=st.sampled_from(("http", "https")),
    host=_HOSTS,
    port=st.none() | st.integers(1, 65535),
    path=st.from_regex(r"(/[a-z0-9%._~-]+)*", fullmatch=True),
)
def test_a_url_reads_back_as_itself(scheme: str, host: str, port: int | None, path: str) -> None:
    """What a URL prints as is the same URL, with the port written only where it is not the scheme's own."""
    text = f"{scheme}://{host}{'' if port is None else f':{port}'}{path}"
    url = Url.parse("--cloudmock", text)

    own_port = {"http": 80, "https": 443}[scheme]
    expected = f"{scheme}://{host}{'' if port in (None, own_port) else f':{port}'}{path}"
    assert expected == str(url)
    assert url == Url.parse("--cloudmock", str(url))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://h:80", "h"),
        ("http://h:443", "h:443"),
        ("https://h:443", "h"),
        ("https://h:8443/x", "h:8443"),
        ("http://[::1]", "[::1]"),
        ("http://[::1]:4566", "[::1]:4566"),
    ],
)
def test_the_netloc_is_what_a_host_header_has(text: str, expected: str) -> None:
    """A Host header has the port unless it is the scheme's own, and IPv6 addresses in brackets."""
    assert expected == Url.parse("--cloudmock", text).netloc


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("s3.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("[::1]", True),
        ("localhost.example", False),
        ("notlocalhost", False),
        ("127.0.0.1.example", False),
        ("10.0.0.1", False),
        ("0.0.0.0", False),
        ("[2001:db8::1]", False),
    ],
)
def test_loopback_is_told_from_other_hosts(host: str, *, expected: bool) -> None:
    """Only addresses and names that cannot leave the machine are loopback."""
    assert expected is Url.parse("--cloudmock", f"http://{host}:1").is_loopback


def test_the_shipped_rules_are_there() -> None:
    """The rules file that is used by default exists."""
    assert shipped("default.yaml").is_file()


@pytest.mark.parametrize("url", ["http://user@localhost", "http://user:hunter2@localhost", "http://@localhost"])
def test_a_url_with_a_password_is_refused_without_showing_it(url: str) -> None:
    """A user name or password in a URL is not taken, and is not in the message."""
    with pytest.raises(ConfigurationError, match="--cloudmock: a URL with a user name or password") as raised:
        Url.parse("--cloudmock", url)

    assert "hunter2" not in str(raised.value)
