"""One run of the command line: the proxy, and beside it the user's command, until one of them ends.

This file knows no flags, and nothing of what happens to a request. It brings mitmproxy and botocore with it.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from cloudmock_contract.aws.credentials.botocore_config import region as region_of
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.credentials.temporary import throwaway_credentials
from cloudmock_contract.command import Command
from cloudmock_contract.exit_code import ExitCode
from cloudmock_contract.proxy.master_session import Session
from cloudmock_contract.proxy.mitm import process
from cloudmock_contract.reports import finish
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.host_and_port import host_and_port
from cloudmock_contract.version import PROGRAM


def run(settings: Settings, command: str | None, *, web: bool, isolate_credentials: bool) -> int:
    """Compare until the command, or the user, ends it; the exit code. Raises ContractError."""
    process.use_fast_type_check()
    callers = (throwaway_credentials(),) if isolate_credentials else ()
    return asyncio.run(_run(settings, command, callers, web=web))


async def _run(settings: Settings, command_text: str | None, callers: Sequence[Credentials], *, web: bool) -> int:
    """`callers`: the credentials that the command is given instead of the user's."""
    ready = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, _give_up)
    session = Session(settings, web=web, on_ready=ready.set, callers=callers)
    serving = asyncio.create_task(session.run())
    await asyncio.wait((serving, asyncio.create_task(ready.wait())), return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()
    command = None
    if command_text is not None:
        region = settings.region or region_of(session.contract.run.aws.credentials.session)
        command = Command(command_text, session.port, next(iter(callers), None), region)

    def end(number: signal.Signals) -> None:
        if command and command_code is None:
            command.forward(number)
        else:
            session.stop(drain_short=True)

    command_code: int | None = None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end, number)
    process.relax_garbage_collection()
    _announce(settings, session)
    if command:
        command_code = await command.run()
        if web and sys.stdin.isatty():
            _say("the command has ended; press Ctrl+C to end mitmweb.")
        else:
            session.stop()
    await serving
    code = finish.finish(session.contract.report(), settings)
    if command_code:
        _say(f"the command {_ending(command_code)}.")
        return ExitCode.MISMATCHED
    return code


def _give_up() -> None:
    """Ctrl+C before the proxy listens: AWS may be slow to answer, and the thread that asks it cannot be stopped."""
    _say("interrupted before the proxy listened.")
    os._exit(ExitCode.UNUSABLE)


def _announce(settings: Settings, session: Session) -> None:
    _say(f"listening on http://localhost:{session.port}, comparing {settings.cloudmock} with {settings.aws_name}")
    for caller in session.callers.values():
        _say(f"signing for {caller}")
    if session.web_url:
        _say(f"mitmweb shows the flows at {session.web_url}")
    if settings.listens_beyond_loopback:
        _say(
            f"WARNING: other machines may reach {host_and_port(settings.host, session.port)}, and requests are signed "
            "with your AWS credentials. Only requests that are signed with credentials the proxy knows are accepted."
        )


def _say(text: str) -> None:
    print(f"{PROGRAM}: {text}", file=sys.stderr, flush=True)


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"failed with exit code {code}"
