"""HTTP of every kind from the app."""

import pytest

from cloudmock_contract import ContractProxy
from cloudmock_contract.proxy.mitm.http1_layers.buffers import MAX_HEAD_BYTES
from lab.stand_ins.stand_in import StandIn
from support.connections import exchange_bytes


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /b/k HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"x" * (MAX_HEAD_BYTES + 1), b"431"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /b/k HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
    ],
    ids=["endless head", "nonsense", "two lengths"],
)
def test_what_is_no_request_is_refused(
    proxy: ContractProxy, aws: StandIn, cloudmock: StandIn, request_bytes: bytes, status: bytes
) -> None:
    """The app's connection is closed with HTTP's own error, and neither side hears of it."""
    got = exchange_bytes(proxy, request_bytes)

    assert [b"HTTP/1.1", status] == got.split()[:2]
    assert [] == aws.received == cloudmock.received
    assert 0 == proxy.report().total_requests
