"""Where the proxy listens: on loopback alone, unless the user says otherwise.

mitmproxy starts its servers, on all interfaces, before a script given with `-s` has been loaded. `stop_the_default`
stops that start while it is still under way, and `Listening` starts the right servers instead, early enough that a
busy port ends the program as it does in mitmproxy. Both can go when mitmproxy loads scripts before it listens; the
program of this package has a master of its own, and needs neither.
"""

import asyncio
import dataclasses
import socket
from collections.abc import Sequence

from mitmproxy import ctx
from mitmproxy.proxy import mode_specs

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.settings import Settings

PLACEHOLDER = "https://aws.invalid"
"""The reverse proxy's target; every request is given its own, and none can go here."""

IDLE_SECONDS = 1_000
"""After which a connection is closed when nothing moves: a Lambda function may take 900 to reply."""

_DEFAULT_MODE = ["regular"]


def addresses(settings: Settings) -> Sequence[tuple[str, int]]:
    """The (address, port) pairs to listen on, all with one port. Raises ConfigurationError if one cannot be had."""
    hosts = [host for host in settings.listen_hosts if host != "::1" or len(settings.listen_hosts) == 1 or _has_ipv6()]
    port = settings.port
    for host in hosts:
        port = _bindable(host, port)
    return [(host, port) for host in hosts]


def modes(settings: Settings, listen_at: Sequence[tuple[str, int]]) -> list[str]:
    """mitmproxy's reverse proxy modes for these addresses."""
    target = settings.aws_endpoint or PLACEHOLDER
    return [f"reverse:{target}@{host}:{port}" for host, port in listen_at]


def _has_ipv6() -> bool:
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _bindable(host: str, port: int) -> int:
    """The port, or a free one for 0, after having bound it once."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(f"--host: {host!r} is not an address of this machine.") from error
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except PermissionError as error:
        raise ConfigurationError(f"--port: {port} needs privileges; take one from 1024 to 65535.") from error
    except OSError as error:
        raise ConfigurationError(
            f"--port: {host}:{port} cannot be listened on ({error.strerror}); choose another port, or 0 for a free one."
        ) from error


def stop_the_default() -> None:
    """Stop the start of mitmproxy's servers, while a script is being loaded; does nothing once they are running."""
    proxyserver = ctx.master.addons.get("proxyserver")
    if proxyserver.is_running:
        return
    for task in asyncio.all_tasks():
        if task.get_name().startswith("setup_servers"):
            task.cancel()
            proxyserver.servers._instances.clear()  # noqa: SLF001 (none of them has begun to listen)


def start(settings: Settings) -> None:
    """Have the right servers started, in place of those that were stopped. Raises ConfigurationError."""
    if not ctx.options.server or ctx.master.addons.get("proxyserver").is_running:
        return
    if ctx.options.mode == _DEFAULT_MODE:
        specs = modes(settings, addresses(settings))
    else:
        specs = [spec for mode in ctx.options.mode for spec in _on_loopback(mode, settings)]
    ctx.options.update(connection_strategy="lazy", keep_host_header=True, tcp_timeout=IDLE_SECONDS)
    ctx.master.addons.add(Listening(specs))


def _on_loopback(mode: str, settings: Settings) -> list[str]:
    """A mode that the user gave, kept to the settings' addresses unless it names one itself."""
    parsed = mode_specs.ProxyMode.parse(mode)
    if parsed.custom_listen_host is not None:
        return [mode]
    port = settings.port if parsed.custom_listen_port is None else parsed.custom_listen_port
    spec = mode if parsed.custom_listen_port is None else mode.rpartition("@")[0]
    return [f"{spec}@{host}:{port}" for host, port in addresses(dataclasses.replace(settings, port=port))]


class Listening:
    """Starts the servers; an addon of its own, because it has to be awaited while mitmproxy starts."""

    def __init__(self, specs: Sequence[str]) -> None:
        self._specs = list(specs)

    async def running(self) -> None:
        ctx.options.update(mode=self._specs)
        servers = ctx.master.addons.get("proxyserver").servers
        await servers.update([mode_specs.ProxyMode.parse(spec) for spec in self._specs])
