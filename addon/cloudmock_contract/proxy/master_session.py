"""One run of the proxy without mitmdump, in the event loop that there is.

mitmproxy keeps its state in module globals, so a process can have one running master at a time. This file does not know
what the proxy does, nor who waits for it.
"""

import asyncio
import threading
from collections.abc import Callable, Collection, Mapping

from mitmproxy import options
from mitmproxy.master import Master

from cloudmock_contract.aws.credentials.caller_identity import CallerIdentity
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.errors import ConfigurationError, ContractError
from cloudmock_contract.proxy.access import preflight
from cloudmock_contract.proxy.addon import ContractAddon
from cloudmock_contract.proxy.mitm import listeners
from cloudmock_contract.proxy.mitm.lean_master import lean_master
from cloudmock_contract.settings import Settings

_one_master = threading.Lock()
"""Held while a master runs in this process."""


class _Running:
    """The last addon: when its turn comes in the running hook, mitmproxy is up, as far as it can be."""

    def __init__(self, on_running: Callable[[], None]) -> None:
        self.running = on_running


class Session:
    """One run of the proxy in the current event loop."""

    def __init__(
        self,
        settings: Settings,
        *,
        web: bool = False,
        on_ready: Callable[[], None] = lambda: None,
        callers: Collection[Credentials] = (),
    ) -> None:
        """`on_ready` is called when the proxy listens; `callers`: credentials that the app has been given for this run.

        Raises ContractError when the settings cannot work.
        """
        if not _one_master.acquire(blocking=False):
            raise ContractError(
                "Another proxy is running in this process, and mitmproxy allows one. "
                "Stop it first, or start this one in a process of its own."
            )
        self._settings = settings
        self._on_ready = on_ready
        self._error: ConfigurationError | None = None
        self.callers: Mapping[str, CallerIdentity] = {}
        """By access key, whose credentials sign the requests, if AWS was asked; known when the proxy listens."""
        try:
            self._addresses = listeners.addresses(settings)
            self.contract = ContractAddon(settings, callers)
            self._master = (
                self._web_master(settings)
                if web
                else lean_master(listeners.modes(settings, self._addresses), self.contract)
            )
            self._master.options.update(
                connection_strategy="lazy", keep_host_header=True, tcp_timeout=listeners.IDLE_SECONDS
            )
            self._master.addons.add(_Running(self._running))
        except BaseException:
            _one_master.release()
            raise

    @property
    def port(self) -> int:
        return self._addresses[0][1]

    @property
    def web_url(self) -> str:
        """mitmweb's address with its token; empty if it is not running."""
        return getattr(self._master, "web_url", "")

    async def run(self) -> None:
        """Check what can be checked, serve until `stop` is called, let end what is under way; once.

        Raises ConfigurationError.
        """
        try:
            await asyncio.to_thread(preflight.check_surroundings, self._settings)
            aws = self.contract.run.aws
            self.callers = await asyncio.to_thread(
                preflight.check_all_credentials, self._settings, aws.credentials, aws.mapped
            )
            self.contract.run.note_callers(self.callers)
            self.contract.run.open_journal()
            await self._master.run()
        finally:
            await self._master.addons.get("proxyserver").servers.update([])  # mitmproxy leaves its sockets open
            _one_master.release()
        if self._error:
            raise self._error

    def stop(self, *, drain_short: bool = False) -> None:
        """End the run. May be called from any thread.

        `drain_short`: what is under way has but seconds to end, however much is.
        """
        self.contract.drain_short = drain_short
        self._master.shutdown()

    def _running(self) -> None:
        """Somebody may have taken a port between the check of it and now."""
        if len(self._master.addons.get("proxyserver").listen_addrs()) < len(self._addresses):
            self._error = ConfigurationError(f"--port: {self.port} cannot be listened on; choose another port.")
            self.stop()
        else:
            self._on_ready()

    def _web_master(self, settings: Settings) -> Master:
        from mitmproxy.tools.web.master import WebMaster  # noqa: PLC0415 (most runs do without its web server)

        web = WebMaster(options.Options(mode=listeners.modes(settings, self._addresses)), with_termlog=False)
        web.options.update(web_open_browser=False)
        # Before the addons that save and show flows: they are to have them without signatures.
        web.addons.chain.insert(0, web.addons.register(self.contract))
        return web
