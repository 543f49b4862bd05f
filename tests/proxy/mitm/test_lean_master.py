"""The master without the parts for people."""

import time

from cloudmock_contract import (
    ContractProxy,
)
from support.connections import exchange_bytes


def test_an_idle_proxy_does_nothing(proxy: ContractProxy) -> None:
    """After a call without a body the proxy waits for the next one, and takes no time of the processor's."""
    exchange_bytes(proxy, b"GET /bucket/key HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    proxy.report()
    before = time.process_time()
    time.sleep(0.5)

    assert time.process_time() - before < 0.2
