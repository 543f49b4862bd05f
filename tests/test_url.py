"""The URLs of endpoints."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.url import Url, is_loopback


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


@pytest.mark.parametrize("url", ["http://user@localhost", "http://user:hunter2@localhost", "http://@localhost"])
def test_a_url_with_a_password_is_refused_without_showing_it(url: str) -> None:
    """A user name or password in a URL is not accepted, and is not in the message."""
    with pytest.raises(ConfigurationError, match="--cloudmock: a URL with a user name or password") as raised:
        Url.parse("--cloudmock", url)

    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(("host", "expected"), [("::1", True), ("127.0.0.1", True), ("0.0.0.0", False), ("h", False)])
def test_an_address_to_listen_on_is_loopback_or_not(host: str, *, expected: bool) -> None:
    """An address without a URL around it is told apart likewise."""
    assert expected is is_loopback(host)
