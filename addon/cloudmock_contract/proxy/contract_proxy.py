"""The proxy in a thread of a test's own process.

This file does not know what the proxy does.
"""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from cloudmock_contract.errors import ContractError
from cloudmock_contract.proxy.master_session import Session
from cloudmock_contract.proxy.mitm.transports import drop_connections
from cloudmock_contract.reports import finish
from cloudmock_contract.reports.tally.report import Report
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.host_and_port import host_and_port

START_SECONDS = 60.0
"""How long a start may take before it counts as failed."""


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
        return f"http://{host_and_port(self._settings.listen_hosts[0], self._session.port)}"

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
            await drop_connections()
            self._last_report = session.contract.report()
        finish.write_quietly(self._last_report, self._settings)

    @staticmethod
    async def _current_report(session: Session) -> Report:
        await session.contract.wait_recorded()
        return session.contract.report()
