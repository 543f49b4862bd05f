"""The addon by itself, as with `mitmdump -s`: settings from mitmproxy's options, listening, the report, the exit code.

What becomes of a flow is not known here: see `addon`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Iterable

from mitmproxy import addonmanager, ctx, exceptions
from mitmproxy.tools.dump import DumpMaster

from cloudmock_contract import safe_logging
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.exit_code import ExitCode
from cloudmock_contract.proxy.addon import ContractAddon
from cloudmock_contract.proxy.mitm import listeners, options, process
from cloudmock_contract.reports import finish

logger = safe_logging.logger(__name__)


class StandaloneAddon(ContractAddon):
    """Takes care of what a program with a master of its own would take care of."""

    def __init__(self) -> None:
        super().__init__()
        self._exit_code = 0

    def load(self, loader: addonmanager.Loader) -> None:
        super().load(loader)
        logging.getLogger("botocore").setLevel(logging.ERROR)  # what it warns of, it raises as well
        options.add_to(loader)
        process.use_fast_type_check()
        listeners.stop_the_default()
        asyncio.get_running_loop().call_soon(self._report_unreadable_options)

    def configure(self, updated: Iterable[str]) -> None:
        if not any(name.startswith(options.PREFIX) for name in updated):
            return
        if self.run.settings:
            self._start(options.settings_from(ctx.options))  # what has been counted stays counted
            self._check_credentials()
            return
        try:
            settings = options.settings_from(ctx.options)
            self._start(settings)
            self.run.open_journal()
            self._check_credentials()
            listeners.start(settings)
        except (ConfigurationError, exceptions.OptionsError) as error:
            # Raised, it would be shown with a traceback; logged while mitmproxy starts, it ends the program.
            logger.error(str(error))  # noqa: TRY400

    def _check_credentials(self) -> None:
        """Find out whose the credentials are, before a request is sent with them."""
        assert self.run.settings
        aws = self.run.aws
        self._gate.check(self.run.settings, aws.credentials, self._end_unusable, aws.mapped, self.run.note_callers)

    def _end_unusable(self) -> None:
        """End mitmdump; mitmweb stays, and refuses all requests, for its user to set the options right."""
        if isinstance(ctx.master, DumpMaster):
            self._exit_code = ExitCode.UNUSABLE
            ctx.master.shutdown()

    def _report_unreadable_options(self) -> None:
        """mitmproxy drops a script without a word if one of the options for it cannot be read."""
        if self.run.settings is None:
            try:
                ctx.options.process_deferred()
            except exceptions.OptionsError as error:
                logger.error(str(error))  # noqa: TRY400

    def running(self) -> None:
        super().running()
        process.relax_garbage_collection()
        self.run.shows_flows = True  # mitmdump prints them, and may save them

    def done(self) -> Awaitable[None]:
        return asyncio.create_task(self._finish_run())

    async def _finish_run(self) -> None:
        await self._finish()
        if self.run.settings is None:
            return
        code = self._exit_code or finish.finish(self.report(), self.run.settings)
        if code and isinstance(ctx.master, DumpMaster):
            ctx.master.addons.add(_ExitCode(code))


class _ExitCode:
    """The last addon: ends mitmdump with this code when all other addons are done."""

    def __init__(self, code: int) -> None:
        self._code = code

    def done(self) -> None:
        raise SystemExit(self._code)
