"""The command line: `cloudmock-contract`, with the flags of `cloudmock contract`; and its `report JOURNAL`.

This file knows flags, and not what a run does with them. What only a run needs, mitmproxy and botocore above all, is
imported when there is one: a mistake in the flags is told at once.
"""

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from cloudmock_contract.errors import ConfigurationError, ContractError
from cloudmock_contract.exit_code import ExitCode
from cloudmock_contract.option import SWITCH, TEXT, Group, Option
from cloudmock_contract.proxy.mitm.lean_imports import skip_default_addons
from cloudmock_contract.settings import OPTIONS, Settings
from cloudmock_contract.version import PROGRAM, __version__

_REPORT = "report"
"""The first argument that asks for a report from a journal; any other begins the flags of a run."""

_OF_REPORT = ("output", "cleanup", "allow_empty")
"""The options of `report`."""

_OWN = (
    Option(
        name="run",
        kind=replace(TEXT, metavar="COMMAND"),
        group=Group.EVERYDAY,
        help="Run this command with sh -c and with AWS_ENDPOINT_URL set to the proxy; then report and exit.",
    ),
    Option(
        name="web",
        kind=SWITCH,
        group=Group.EVERYDAY,
        help="Show the requests in mitmweb while the proxy runs.",
    ),
    Option(
        name="isolate_credentials",
        kind=SWITCH,
        group=Group.CALLERS,
        help="Give the command of --run throwaway credentials that only this proxy accepts, instead of yours.",
    ),
    Option(name="version", kind=SWITCH, group=Group.PROGRAM, help="Show the version, and exit."),
    Option(name="help", kind=SWITCH, group=Group.PROGRAM, help="Show this help, and exit."),
)
"""What is said to this program, and is no setting of a run."""

_ACTIONS: dict[str, dict[str, Any]] = {
    "version": {"action": "version", "version": f"{PROGRAM} {__version__}"},
    "help": {"action": "help"},
}

_SHORT = {"help": ("-h",)}

FLAGS = tuple(option for group in Group for option in (*_OWN, *OPTIONS) if option.group is group)
"""All that can be set on the command line, in the order of `--help`."""


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
    return ExitCode.UNUSABLE


def _compare(*, run: str | None = None, web: bool, isolate_credentials: bool, **options: Any) -> int:
    """Compare until the command, or the user, ends it."""
    if isolate_credentials and run is None:
        raise ConfigurationError("--isolate-credentials: these are for the command of --run; add --run COMMAND.")
    settings = Settings.from_options(options)
    if not web:
        skip_default_addons()
    from cloudmock_contract import live_run  # noqa: PLC0415 (takes a second to import)

    return live_run.run(settings, run, web=web, isolate_credentials=isolate_credentials)


def _report(*, journal: Path, output: str, cleanup: str, allow_empty: bool) -> int:
    """Make the report of a run from its journal, which stays."""
    from cloudmock_contract.reports import finish  # noqa: PLC0415 (a run that does not start does without)
    from cloudmock_contract.reports.files import check_writable  # noqa: PLC0415 (as above)
    from cloudmock_contract.reports.journal import reader  # noqa: PLC0415 (as above)

    for flag, text in (("--output", output), ("--cleanup", cleanup)):
        if text and journal.exists() and Path(text).exists() and journal.samefile(text):
            raise ConfigurationError(f"{flag}: {text} is the journal itself; choose another path.")
        if text:
            check_writable(Path(text), flag)
    options = {"journal": journal, "output": output, "cleanup": cleanup, "allow_empty": allow_empty}
    return finish.finish(reader.read(journal), Settings.from_options(options))


_EXIT_CODES = (
    "Exit codes: 0 everything matched; 1 something mismatched, or the command failed; 2 the run could not start, or "
    "nothing was compared."
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.UNUSABLE, f"{PROGRAM}: {message}. See {self.prog} --help.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [FLAGS]\n       {PROGRAM} {_REPORT} JOURNAL [FLAGS]",
        description="Sends your app's AWS calls to AWS and to CloudMock at the same time, and reports where the two "
        "differ.",
        epilog=f"{_EXIT_CODES} `{PROGRAM} {_REPORT} JOURNAL` makes the report of a run that was cut off.",
        allow_abbrev=False,
        add_help=False,
    )
    for group in Group:
        section = parser.add_argument_group(group.value)
        for option in FLAGS:
            if option.group is group:
                section.add_argument(*_SHORT.get(option.name, ()), option.flag, **_argument(option))
    return parser


def _report_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"{PROGRAM} {_REPORT}",
        description="Makes the report of a run from its journal: if the run was cut off, or to have all that the "
        "journal holds.",
        epilog=_EXIT_CODES,
        allow_abbrev=False,
    )
    parser.add_argument("journal", metavar="JOURNAL", type=Path, help="The journal's path; the file stays as it is.")
    for option in OPTIONS:
        if option.name in _OF_REPORT:
            parser.add_argument(option.flag, **_argument(option) | {"default": option.kind.default})
    return parser


def _argument(option: Option) -> dict[str, Any]:
    """The option as argparse takes it; what is not given on the command line is left to the option's default."""
    kind = option.kind
    text = option.help.replace("%", "%%")
    if option.is_switch:
        return {"help": text} | _ACTIONS.get(option.name, {"action": "store_true"})
    return {
        "help": f"{text} Default: {kind.default}." if kind.default != "" else text,
        "metavar": kind.metavar,
        "type": type(kind.default) if option.may_be_empty else _not_empty,
        "default": argparse.SUPPRESS,
    }


def _not_empty(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return text


def program() -> NoReturn:
    """The console command: end with the exit code of `main`, at once.

    mitmproxy has threads of its own, not Python's, that can crash while the interpreter takes itself apart.
    """
    try:
        code = main()
    except SystemExit as ending:  # of argparse
        code = ending.code if isinstance(ending.code, int) else ExitCode.MATCHED
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    program()
