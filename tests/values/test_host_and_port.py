"""Where to connect, in writing."""

import pytest

from cloudmock_contract.values.host_and_port import host_and_port


@pytest.mark.parametrize(
    ("host", "port", "scheme", "expected"),
    [
        ("localhost", 4566, "http", "localhost:4566"),
        ("localhost", 80, "http", "localhost"),
        ("localhost", 443, "https", "localhost"),
        ("localhost", 443, "http", "localhost:443"),
        ("::1", 4577, "http", "[::1]:4577"),
        ("::1", 443, "https", "[::1]"),
        ("localhost", 80, "", "localhost:80"),
    ],
)
def test_a_port_is_written_unless_it_is_the_scheme_s_own(host: str, port: int, scheme: str, expected: str) -> None:
    """A Host header has the port unless it is the scheme's own, and IPv6 addresses in brackets."""
    assert expected == host_and_port(host, port, scheme)
