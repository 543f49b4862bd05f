"""The command line: `cloudmock-contract`, with the flags of `cloudmock contract`; and its `report JOURNAL`.

Exit codes: 0 all matched; 1 mismatches, or the command failed; 2 usage, configuration or start-up error, or nothing was
compared.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import cloudmock_contract
from cloudmock_contract.aws.credentials.botocore_config import region as region_of
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.credentials.throwaway import throwaway_credentials
from cloudmock_contract.command import Command
from cloudmock_contract.errors import ConfigurationError, ContractError
from cloudmock_contract.proxy.master_session import Session
from cloudmock_contract.proxy.mitm import process
from cloudmock_contract.reports import finish
from cloudmock_contract.reports.files import check_writable
from cloudmock_contract.reports.journal import reader
from cloudmock_contract.settings import OPTIONS, Settings, is_loopback

PROGRAM = "cloudmock-contract"

_REPORT = "report"
"""The first argument that asks for a report from a journal; any other begins the flags of a run."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with these arguments, by default the process's own; its exit code."""
    logging.basicConfig(level=logging.WARNING, format=f"{PROGRAM}: %(message)s")
    logging.getLogger("botocore").setLevel(logging.ERROR)  # what it warns of, it raises as well
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if words[:1] == [_REPORT]:
            return _report(**vars(_report_parser().parse_args(words[1:])))
        return _compare(**vars(_parser().parse_args(words)))
    except ContractError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted before the proxy listened.", file=sys.stderr)
    return finish.UNUSABLE


def _compare(*, run: str | None, web: bool, isolate_credentials: bool, **options: Any) -> int:
    """Compare until the command, or the user, ends it."""
    if isolate_credentials and run is None:
        raise ConfigurationError("--isolate-credentials: they are for the command that --run names; give one.")
    callers = (throwaway_credentials(),) if isolate_credentials else ()
    return asyncio.run(_run(Settings.from_options(options), run, callers, web=web))


def _report(*, journal: Path, output: str, cleanup: str, allow_empty: bool) -> int:
    """Make the report of a run from its journal, which stays."""
    for option, text in (("--output", output), ("--cleanup", cleanup)):
        if text and journal.exists() and Path(text).exists() and journal.samefile(text):
            raise ConfigurationError(f"{option}: {text} is the journal itself; choose another path.")
        if text:
            check_writable(Path(text), option)
    options = {"journal": journal, "output": output, "cleanup": cleanup, "allow_empty": allow_empty}
    return finish.finish(reader.read(journal), Settings.from_options(options))


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
        region = settings.region or region_of(session.contract.reference.credentials.session)
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
            print(f"{PROGRAM}: the command has ended; Ctrl+C ends mitmweb.", file=sys.stderr)
        else:
            session.stop()
    await serving
    code = finish.finish(session.contract.report(), settings)
    if command_code:
        print(f"{PROGRAM}: the command {_ending(command_code)}.", file=sys.stderr)
        return finish.MISMATCHED
    return code


def _give_up() -> None:
    """Ctrl+C before the proxy listens: AWS may be slow to answer, and the thread that asks it cannot be stopped."""
    print(f"{PROGRAM}: interrupted before the proxy listened.", file=sys.stderr, flush=True)
    os._exit(finish.UNUSABLE)


def _announce(settings: Settings, session: Session) -> None:
    lines = [f"listening on http://localhost:{session.port}, comparing {settings.cloudmock} with {settings.aws_name}"]
    if session.caller:
        lines.append(f"signing for {session.caller}")
    if session.web_url:
        lines.append(f"mitmweb shows the flows at {session.web_url}")
    if not all(map(is_loopback, settings.listen_hosts)):
        lines.append(
            f"WARNING: {settings.host}:{session.port} may be reached from other machines, and requests are signed with "
            "your AWS credentials. Only those are taken that the app has signed with credentials known here."
        )
    for line in lines:
        print(f"{PROGRAM}: {line}", file=sys.stderr, flush=True)


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"failed with exit code {code}"


_NEVER_EMPTY = (
    "allow",
    "allow_key",
    "allow_region",
    "aws_endpoint",
    "deny",
    "expect_account",
    "profile",
    "region",
)
"""Options that are as if not given where a variable in a script is not set: that must be a mistake."""


def _not_empty(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return text


_EXIT_CODES = "Exit codes: 0 all matched; 1 mismatches, or the command failed; 2 nothing was compared, or could be."


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(finish.UNUSABLE, f"{PROGRAM}: {message}. See {self.prog} --help.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description="Sends an app's AWS calls to AWS and to CloudMock at the same time, and reports where they differ.",
        epilog=f"{_EXIT_CODES} `{PROGRAM} {_REPORT} JOURNAL` makes the report of a run that was cut off.",
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
    parser.add_argument(
        "--isolate-credentials",
        action="store_true",
        help="Give the command of --run credentials that are good for the proxy alone, instead of yours.",
    )
    parser.add_argument("--web", action="store_true", help="Show the flows in mitmweb while the proxy runs.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {cloudmock_contract.__version__}")
    return parser


def _report_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"{PROGRAM} {_REPORT}",
        description="Makes the report of a run from its journal: of one that was cut off, or has more than its report.",
        epilog=_EXIT_CODES,
        allow_abbrev=False,
    )
    parser.add_argument("journal", metavar="JOURNAL", type=Path, help="The journal's path; the file stays as it is.")
    for option in OPTIONS:
        if option.name in ("output", "cleanup"):
            text = f"{option.help} Default: {option.default}."
            parser.add_argument(option.flag, metavar=option.metavar, default=option.default, help=text)
        elif option.name == "allow_empty":
            parser.add_argument(option.flag, action="store_true", help=option.help)
    return parser


def program() -> NoReturn:
    """The console command: end with the exit code of `main`, at once.

    mitmproxy has threads of its own, not Python's, that can crash while the interpreter takes itself apart.
    """
    process.use_fast_type_check()
    try:
        code = main()
    except SystemExit as ending:  # of argparse
        code = ending.code if isinstance(ending.code, int) else finish.MATCHED
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    program()
