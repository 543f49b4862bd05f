"""The app's own connection to the proxy."""

import http.client
from collections.abc import Iterator

import pytest

from cloudmock_contract import ContractProxy
from support.connections import port_of


@pytest.fixture
def app(proxy: ContractProxy) -> Iterator[http.client.HTTPConnection]:
    """One connection of the app's."""
    connection = http.client.HTTPConnection("127.0.0.1", port_of(proxy), timeout=60)
    yield connection
    connection.close()
