"""The proxy in this process, between boto3 and two servers whose every byte is decided here."""

import socket

import pytest

from cloudmock_contract import (
    ConfigurationError,
    ContractError,
    ContractProxy,
)
from lab.stand_ins.stand_in import StandIn
from support.clients import client


def raw(proxy: ContractProxy, request: bytes) -> bytes:
    """What comes back for these bytes, until the connection is closed."""
    port = int(proxy.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_two_proxies_at_once_are_refused(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """A second proxy in the process says why it cannot start, and the first one goes on."""
    with pytest.raises(ContractError, match="mitmproxy allows one"):
        ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url).start()
    client("dynamodb", proxy.url).list_tables()

    assert 1 == proxy.report().matched


def test_one_after_the_other_is_fine(aws: StandIn, cloudmock: StandIn) -> None:
    """A proxy that has stopped makes room for the next, also after a failed start."""
    for _ in range(2):
        with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url) as proxy:
            client("dynamodb", proxy.url).list_tables()
        assert 1 == proxy.report().total_requests
        with pytest.raises(ConfigurationError):
            ContractProxy(aws_endpoint=aws.url, cloudmock="http://127.0.0.1:1").start()


def test_no_credentials_for_aws_is_an_error_at_the_start(cloudmock: StandIn) -> None:
    """Comparing with AWS itself needs credentials: without any the proxy does not start, and says what to do."""
    with pytest.raises(ConfigurationError, match="AWS_PROFILE.*--aws-endpoint"):
        ContractProxy(cloudmock=cloudmock.url).start()


def test_it_listens_on_loopback_alone(proxy: ContractProxy) -> None:
    """No other interface of the machine reaches the proxy."""
    port = int(proxy.url.rpartition(":")[2])
    own = socket.gethostbyname(socket.gethostname())
    with socket.socket() as probe:
        probe.settimeout(2)
        refused = own.startswith("127.") or probe.connect_ex((own, port)) != 0

    assert refused
    with socket.create_connection(("127.0.0.1", port), 60):
        pass


def test_a_port_lost_between_check_and_start_is_an_error(
    aws: StandIn, cloudmock: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where somebody else takes the port at the last moment, the proxy stops and names the option."""
    monkeypatch.setattr(
        "cloudmock_contract.proxy.mitm.listeners.addresses", lambda _settings: [("127.0.0.1", aws.port)]
    )
    with pytest.raises(ConfigurationError, match="--port"):
        ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url).start()
