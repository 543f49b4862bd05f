"""Runs the proxy without mitmdump: in an event loop for the command line, in a thread for test code.

The master has only the parts of mitmproxy that forward HTTP; stock mitmdump spends as much time again in addons that
are of no use here. mitmproxy keeps its state in module globals, so a process can have one running master at a time.
"""

import asyncio
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mitmproxy import addonmanager, hooks, http, master, options
from mitmproxy.addons import core, next_layer, proxyserver, tlsconfig
from mitmproxy.tls import TlsData
from mitmproxy.tools.web.master import WebMaster

from cloudmock_contract.aws.credentials.caller_identity import CallerIdentity
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.errors import ConfigurationError, ContractError
from cloudmock_contract.proxy.access import preflight
from cloudmock_contract.proxy.addon import ContractAddon
from cloudmock_contract.proxy.mitm import listeners
from cloudmock_contract.reports import finish
from cloudmock_contract.reports.tally.report import Report
from cloudmock_contract.settings import Settings

START_SECONDS = 30.0
"""How long a start may take before it counts as failed."""

_one_master = threading.Lock()
"""Held while a master runs in this process."""


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
            found = (getattr(addon, event.name, None) for addon in self.chain)
            self._hooks[event.name] = tuple(hook for hook in found if hook)
        for hook in self._hooks[event.name]:
            with addonmanager.safecall():
                result = hook(*event.args())
                if result is not None:
                    await result


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
        self.caller: CallerIdentity | None = None
        """Whose credentials sign the requests, if AWS was asked; known when the proxy listens."""
        try:
            self._addresses = listeners.addresses(settings)
            self.contract = ContractAddon(settings, callers)
            self._master = self._web_master(settings) if web else self._lean_master(settings)
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
        return self._master.web_url if isinstance(self._master, WebMaster) else ""

    async def run(self) -> None:
        """Check what can be checked, serve until `stop` is called, let end what is under way; once.

        Raises ConfigurationError.
        """
        try:
            await asyncio.to_thread(preflight.check_surroundings, self._settings)
            self.caller = await asyncio.to_thread(
                preflight.check_credentials, self._settings, self.contract.reference.credentials
            )
            self.contract.open_journal()
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

    def _lean_master(self, settings: Settings) -> master.Master:
        lean = master.Master(options.Options(mode=listeners.modes(settings, self._addresses)))
        lean.addons = _LeanAddons(lean)
        parts = (core.Core(), proxyserver.Proxyserver(), self.contract, next_layer.NextLayer(), _UpstreamTls())
        lean.addons.add(*parts)  # type: ignore[no-untyped-call]
        return lean

    def _web_master(self, settings: Settings) -> WebMaster:
        web = WebMaster(options.Options(mode=listeners.modes(settings, self._addresses)), with_termlog=False)
        web.options.update(web_open_browser=False)
        # Before the addons that save and show flows: they are to have them without signatures.
        web.addons.chain.insert(0, web.addons.register(self.contract))
        return web


class ContractProxy:
    """A proxy in a thread of this process, for test code:

        with ContractProxy(cloudmock="http://localhost:4566", region="eu-west-1") as proxy:
            boto3.client("s3", endpoint_url=proxy.url).list_buckets()
            print(proxy.report().count.percentage)

    The keyword arguments are the options of the command line with underscores (`ignore_paths` may be a list). They
    differ in two defaults: the port is a free one, and no report is written unless `output` says where.
    """

    def __init__(self, **arguments: str | int | bool | Path | Sequence[str]) -> None:
        values = {"port": 0, "output": ""} | arguments
        self._settings = Settings.from_options(values)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: Session | None = None
        self._started = threading.Event()
        self._error: BaseException | None = None
        self._last_report: Report | None = None

    @property
    def url(self) -> str:
        """The endpoint URL for AWS clients. With an IP address, every SDK addresses S3 buckets by path."""
        if self._session is None:
            raise ContractError("The proxy is not running: use it in a with statement, or call start().")
        host = self._settings.listen_hosts[0]
        return f"http://{f'[{host}]' if ':' in host else host}:{self._session.port}"

    def start(self) -> Self:
        """Start the proxy; it listens when this returns. Raises ContractError."""
        self._thread = threading.Thread(target=self._serve, name="cloudmock-contract", daemon=True)
        self._thread.start()
        self._started.wait(START_SECONDS)
        if self._error:
            self._thread.join()
            raise self._error
        if not self._started.is_set():
            raise ContractError(f"The proxy did not start within {START_SECONDS:g} s.")
        return self

    def stop(self) -> None:
        """Stop the proxy, after the exchanges that are under way; write the report if `output` was given."""
        if self._session and self._thread:
            if self._thread.is_alive():
                self._session.stop()
            self._thread.join()
        if self._error:
            raise self._error

    def report(self) -> Report:
        """The report of the exchanges that have ended. Every answered call is in it."""
        if self._last_report is not None:
            return self._last_report
        if self._loop is None or self._session is None:
            raise ContractError("The proxy was not started.")
        return asyncio.run_coroutine_threadsafe(self._current_report(self._session), self._loop).result()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:  # noqa: BLE001 (whatever it is, the caller's thread raises it)
            self._error = error
        finally:
            self._started.set()

    async def _run(self) -> None:
        session = Session(self._settings, on_ready=self._started.set)
        self._loop, self._session = asyncio.get_running_loop(), session
        try:
            await session.run()
        finally:
            await _drop_connections()
            self._last_report = session.contract.report()
        finish.write_quietly(self._last_report, self._settings)

    @staticmethod
    async def _current_report(session: Session) -> Report:
        await session.contract.wait_recorded()
        return session.contract.report()


async def _drop_connections() -> None:
    """End what mitmproxy has closed and a peer that does not read keeps from ending: this loop is about to be closed.

    In a test's process it would be a warning of an unclosed socket, in whichever test comes next.
    """
    # asyncio has no public list of them, and by now mitmproxy's own has none of these.
    for transport in list(getattr(asyncio.get_running_loop(), "_transports", {}).values()):
        if transport.get_extra_info("socket").fileno() != -1:  # what is lost already cannot be aborted
            transport.abort()
    await asyncio.sleep(0)
