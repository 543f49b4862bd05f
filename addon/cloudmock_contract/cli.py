"""The command line: `cloudmock-contract`, with the flags of `cloudmock contract`.

Exit codes: 0 all matched; 1 mismatches, or the command failed; 2 usage, configuration or start-up error, or nothing was
compared.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import cloudmock_contract
from cloudmock_contract.command import Command
from cloudmock_contract.errors import ContractError
from cloudmock_contract.proxy.session import Session
from cloudmock_contract.reports import finishing
from cloudmock_contract.settings import OPTIONS, Settings

PROGRAM = "cloudmock-contract"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with these arguments, by default the process's own; its exit code."""
    logging.basicConfig(level=logging.WARNING, format=f"{PROGRAM}: %(message)s")
    logging.getLogger("botocore").setLevel(logging.ERROR)  # what it warns of, it raises as well
    given = vars(_parser().parse_args(arguments))
    command, web = given.pop("run"), given.pop("web")
    try:
        return asyncio.run(_run(Settings.from_options(given), command, web=web))
    except ContractError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted before the proxy listened.", file=sys.stderr)
    return finishing.UNUSABLE


async def _run(settings: Settings, command_text: str | None, *, web: bool) -> int:
    ready = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, _give_up)
    session = Session(settings, web=web, on_ready=ready.set)
    command = Command(command_text, session.port) if command_text is not None else None
    serving = asyncio.create_task(session.run())
    await asyncio.wait((serving, asyncio.create_task(ready.wait())), return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()

    def end(number: signal.Signals) -> None:
        if command and command_code is None:
            command.forward(number)
        else:
            session.stop()

    command_code: int | None = None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end, number)
    _announce(settings, session)
    if command:
        command_code = await command.run()
        if web and sys.stdin.isatty():
            print(f"{PROGRAM}: the command has ended; Ctrl+C ends mitmweb.", file=sys.stderr)
        else:
            session.stop()
    await serving
    code = finishing.finish(session.contract.report(), settings)
    if command_code:
        print(f"{PROGRAM}: the command {_ending(command_code)}.", file=sys.stderr)
        return finishing.MISMATCHED
    return code


def _give_up() -> None:
    """Ctrl+C before the proxy listens: AWS may be slow to answer, and the thread that asks it cannot be stopped."""
    print(f"{PROGRAM}: interrupted before the proxy listened.", file=sys.stderr, flush=True)
    os._exit(finishing.UNUSABLE)


def _announce(settings: Settings, session: Session) -> None:
    lines = [f"listening on http://localhost:{session.port}, comparing {settings.cloudmock} with {settings.aws_name}"]
    if session.identity:
        lines.append(f"signing for {session.identity}")
    if session.web_url:
        lines.append(f"mitmweb shows the flows at {session.web_url}")
    if settings.host:
        lines.append(f"WARNING: whoever reaches {settings.host}:{session.port} uses your AWS credentials")
    for line in lines:
        print(f"{PROGRAM}: {line}", file=sys.stderr, flush=True)


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"failed with exit code {code}"


_NEVER_EMPTY = ("aws_endpoint", "expect_account", "profile", "region")
"""Options that are as if not given where a variable in a script is not set: that must be a mistake."""


def _not_empty(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return text


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(finishing.UNUSABLE, f"{PROGRAM}: {message}. See {PROGRAM} --help.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description="Sends an app's AWS calls to AWS and to CloudMock at the same time, and reports where they differ.",
        epilog="Exit codes: 0 all matched; 1 mismatches, or the command failed; 2 nothing was compared, or could be.",
        allow_abbrev=False,
    )
    for option in OPTIONS:
        kind: dict[str, Any] = {"action": "store_true"}
        text = option.help
        if option.metavar:
            kind = {"metavar": option.metavar, "type": type(option.default), "default": argparse.SUPPRESS}
            if option.name in _NEVER_EMPTY:
                kind["type"] = _not_empty
            text += f" Default: {option.default}." if option.default != "" else ""
        parser.add_argument(option.flag, help=text.replace("%", "%%"), **kind)
    parser.add_argument(
        "--run",
        metavar="COMMAND",
        help="Run this command by sh -c with AWS_ENDPOINT_URL set to the proxy; then report and exit.",
    )
    parser.add_argument("--web", action="store_true", help="Show the flows in mitmweb while the proxy runs.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {cloudmock_contract.__version__}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
