"""A master with only those parts of mitmproxy that forward HTTP.

Stock mitmdump spends as much time again in addons that are of no use here, and tells all of them of every hook. It can
go when mitmproxy has a master for programs, without the parts for people. This file does not know what is forwarded.
"""

from collections.abc import Callable, Iterable
from typing import Any

from mitmproxy import addonmanager, hooks, http, master, options
from mitmproxy.addons import core, next_layer, proxyserver, tlsconfig
from mitmproxy.tls import TlsData


class _UpstreamTls(tlsconfig.TlsConfig):
    """TLS towards AWS alone. Towards the app there is none, so no certificate authority is made in the user's home."""

    def configure(self, updated: Iterable[str]) -> None:
        super().configure(set(updated) - {"certs", "confdir", "key_size", "cert_passphrase"})  # type: ignore[no-untyped-call]

    def tls_start_client(self, tls_start: TlsData) -> None:
        """Leaves the connection without TLS settings, which closes it."""

    def request(self, flow: http.HTTPFlow) -> None:
        """Serves no revocation list: there is no certificate authority."""


class _LeanAddons(addonmanager.AddonManager):
    """Calls those addons that have a hook. Nobody is told of flows that have changed: nobody shows them."""

    def __init__(self, master: master.Master) -> None:
        super().__init__(master)  # type: ignore[no-untyped-call]
        self._hooks: dict[str, tuple[Callable[..., Any], ...]] = {}

    async def handle_lifecycle(self, event: hooks.Hook) -> None:
        if event.name not in self._hooks:
            hooks_or_none = (getattr(addon, event.name, None) for addon in self.chain)
            self._hooks[event.name] = tuple(hook for hook in hooks_or_none if hook)
        for hook in self._hooks[event.name]:
            with addonmanager.safecall():
                result = hook(*event.args())
                if result is not None:
                    await result


def lean_master(modes: list[str], addon: object) -> master.Master:
    """A master that listens in these modes and has this addon."""
    lean = master.Master(options.Options(mode=modes))
    lean.addons = _LeanAddons(lean)
    parts = (core.Core(), proxyserver.Proxyserver(), addon, next_layer.NextLayer(), _UpstreamTls())
    lean.addons.add(*parts)  # type: ignore[no-untyped-call]
    return lean
