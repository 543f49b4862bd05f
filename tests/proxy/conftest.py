"""Flows, settings and stand-ins for the tests of the proxy. mitmproxy's own test helpers are imported here alone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mitmproxy import http
from mitmproxy.test import taddons, tflow

from cloudmock_contract import ContractProxy
from cloudmock_contract.proxy.addon import ContractAddon
from cloudmock_contract.settings import Settings
from lab.stand_ins.stand_in import StandIn
from support.flows import MakeSettings


@pytest.fixture
def settings() -> Callable[..., Settings]:
    """Settings from option values; AWS is an endpoint that nothing listens on unless it is given."""

    def make(**values: Any) -> Settings:
        return Settings.from_options({"aws_endpoint": "http://127.0.0.1:9", **values})

    return make


@pytest.fixture
def flow() -> Callable[..., http.HTTPFlow]:
    """A flow with this request, as mitmproxy makes it in reverse mode."""

    def make(
        method: str = "POST", path: str = "/", headers: dict[str, str] | None = None, body: bytes = b"", **reply: Any
    ) -> http.HTTPFlow:
        made = tflow.tflow()
        made.request = http.Request.make(method, "https://aws.invalid" + path, body)
        made.request.headers = http.Headers(
            [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        )
        made.request.timestamp_end = 10.0
        if reply:
            made.response = http.Response.make(**reply)
            made.response.timestamp_end = 10.25
        return made

    return make


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A server whose answers the test decides."""
    with StandIn() as server:
        yield server


@pytest.fixture
def aws() -> Iterator[StandIn]:
    """Stands in for AWS."""
    with StandIn() as server:
        yield server


@pytest.fixture
def cloudmock() -> Iterator[StandIn]:
    """Stands in for CloudMock."""
    with StandIn() as server:
        yield server


@pytest.fixture
def proxy(aws: StandIn, cloudmock: StandIn) -> Iterator[ContractProxy]:
    """A proxy between the two."""
    with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url, timeout=2) as running:
        yield running


@pytest.fixture
def addon(settings: MakeSettings, stand_in: StandIn) -> ContractAddon:
    """An addon with settings of its own, loaded, whose CloudMock is the stand-in."""
    loaded = ContractAddon(settings(cloudmock=stand_in.url))
    with taddons.context(loaded):
        return loaded
