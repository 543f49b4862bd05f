"""Where the proxy listens."""

import socket
from collections.abc import Callable

import pytest
from mitmproxy.proxy import mode_specs

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.proxy.mitm import listeners
from cloudmock_contract.settings import Settings

type MakeSettings = Callable[..., Settings]


def test_loopback_is_the_default(settings: MakeSettings) -> None:
    """Without --host both loopback addresses are listened on, with one port, even if that is to be a free one."""
    found = listeners.addresses(settings(port=0))

    assert {"127.0.0.1"} <= {host for host, _ in found} <= {"127.0.0.1", "::1"}
    assert 1 == len({port for _, port in found})
    assert 0 != found[0][1]


def test_a_host_that_is_given_is_the_only_one(settings: MakeSettings) -> None:
    """--host replaces loopback."""
    assert ["0.0.0.0"] == [host for host, _ in listeners.addresses(settings(host="0.0.0.0", port=0))]


def test_a_machine_without_ipv6_listens_on_ipv4(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no ::1, 127.0.0.1 is enough."""
    monkeypatch.setattr(socket, "has_ipv6", False)

    assert ["127.0.0.1"] == [host for host, _ in listeners.addresses(settings(port=0))]


def test_a_busy_port_is_the_users_to_change(settings: MakeSettings) -> None:
    """A port in use is told with its option and a remedy."""
    with (
        socket.create_server(("127.0.0.1", 0)) as holder,
        pytest.raises(ConfigurationError, match="--port: .* in use.*choose another port"),
    ):
        listeners.addresses(settings(port=holder.getsockname()[1]))


def test_an_address_of_another_machine_is_refused(settings: MakeSettings) -> None:
    """An address that is not this machine's cannot be listened on."""
    with pytest.raises(ConfigurationError, match=r"192\.0\.2\.1"):
        listeners.addresses(settings(host="192.0.2.1", port=0))


@pytest.mark.parametrize("address", [("127.0.0.1", 4577), ("::1", 4577)])
def test_modes_are_what_mitmproxy_understands(settings: MakeSettings, address: tuple[str, int]) -> None:
    """Each address becomes a reverse proxy mode that mitmproxy reads back as that address."""
    (mode,) = listeners.modes(settings(aws_endpoint=""), [address])
    parsed = mode_specs.ProxyMode.parse(mode)

    assert isinstance(parsed, mode_specs.ReverseMode)
    assert address == (parsed.listen_host(), parsed.listen_port())
    assert ("aws.invalid", 443) == parsed.address
