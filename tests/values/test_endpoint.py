"""Where requests go."""

import pytest

from cloudmock_contract.values.endpoint import Endpoint


@pytest.mark.parametrize(
    ("scheme", "host", "port", "expected"),
    [
        ("https", "s3.amazonaws.com", 443, "s3.amazonaws.com"),
        ("https", "s3.amazonaws.com", 80, "s3.amazonaws.com:80"),
        ("http", "localhost", 80, "localhost"),
        ("http", "localhost", 4566, "localhost:4566"),
        ("http", "::1", 4566, "[::1]:4566"),
        ("http", "::1", 80, "[::1]"),
    ],
)
def test_the_host_header_leaves_out_the_usual_port(scheme: str, host: str, port: int, expected: str) -> None:
    """A Host header has the port only where the scheme does not imply it, and brackets around IPv6."""
    assert expected == Endpoint(scheme, host, port, "", "s3", "us-east-1").host_header
