"""The pages say of the program what is true: its flags, exit codes and commands, and no link leads nowhere."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudmock_contract import cli
from cloudmock_contract.exit_code import ExitCode
from cloudmock_contract.option import Group, Option
from cloudmock_contract.settings import Settings

TOP = Path(__file__).resolve().parent.parent
README = TOP / "README.md"
ALL_FLAGS = TOP / "addon" / "README.md"
PAGES = sorted(
    page
    for folder in ("", ".github/**/", "addon/**/", "configs/**/", "scripts/**/", "tests/**/")
    for page in TOP.glob(f"{folder}*.md")
    if "node_modules" not in page.parts
)

MAX_README_LINES = 130

FLAGS_OF_OTHERS = {
    *("--listen-host", "--mode", "--set"),  # mitmproxy
    *("--retry", "--retry-delay", "--retry-all-errors"),  # curl
    "--file",  # docker
    "--wheel",  # uv
}
"""What README.md and addon/README.md may name beside our own flags."""

BEGIN, END = "<!-- flags -->", "<!-- /flags -->"
"""What stands between these marks in addon/README.md is made from the declarations of the flags."""

RUN_ONLY = ("run", "web", "isolate_credentials")
"""Flags that are no settings."""


def flags_tables() -> str:
    """The flags as Markdown: a table for each group."""
    return "\n\n".join(
        "\n".join(
            (
                f"**{group.value[0].upper()}{group.value[1:]}**",
                "",
                "| flag | default | meaning |",
                "|---|---|---|",
                *(row(option) for option in cli.FLAGS if option.group is group),
            )
        )
        for group in Group
    )


def row(option: Option) -> str:
    """The row of an option in the table of its group."""
    words = " ".join(filter(None, (option.flag, option.kind.metavar)))
    default = "none" if option.is_switch or option.kind.default == "" else f"`{option.kind.default}`"
    meaning = re.sub(r"(--[a-z-]+)|'([^' ]+)'", lambda match: f"`{match[1] or match[2]}`", option.help)
    return f"| `{words}` | {default} | {meaning} |"


def flags_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", text))


def code_blocks(page: Path) -> Iterator[tuple[str, str]]:
    """The language and the text of each code block of a page."""
    for match in re.finditer(r"^```(\w*)\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        yield match[1], match[2]


def commands(page: Path) -> Iterator[list[str]]:
    """The commands of a page's shell sessions and workflows, as words."""
    for language, text in code_blocks(page):
        if language not in ("sh", "bash", "shell", "console", "yaml"):
            continue
        for line in text.replace("\\\n", " ").splitlines():
            prompt = {"console": r"\$ ", "yaml": r"\s*(?:- )?run: "}.get(language, "")
            if match := re.match(prompt, line):
                yield from commands_of(line[match.end() :])


def commands_of(line: str) -> Iterator[list[str]]:
    """The commands of a shell's line, without the variables that are set for them, and what they are redirected to."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    command: list[str] = []
    for word in (*lexer, ";"):
        if set(word) <= set("();<>|&"):
            if command:
                yield command
            command = []
        elif command or not re.match(r"\w+=", word):
            command.append(word)


COMMANDS = [(page, command) for page in PAGES for command in commands(page)]
OF_THE_PROGRAM = [
    pytest.param(command[1:], id=f"{page.relative_to(TOP)}: {shlex.join(command)}")
    for page, command in COMMANDS
    if command[0].rpartition("/")[2] == "cloudmock-contract"
]
OF_SCRIPTS = [
    pytest.param(command[0], id=f"{page.relative_to(TOP)}: {shlex.join(command)}")
    for page, command in COMMANDS
    if command[0].startswith("scripts/")
]
LINKS = [
    pytest.param(page, link, id=f"{page.relative_to(TOP)}: {link}")
    for page in PAGES
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    if not re.match(r"[a-z]+:", link)
]


def test_the_page_of_all_flags_has_the_declarations() -> None:
    """Between its marks, addon/README.md has exactly what the flags' declarations say."""
    match = re.search(f"{BEGIN}(.*?){END}", ALL_FLAGS.read_text(encoding="utf-8"), re.DOTALL)

    if match is None or match[1].strip() != flags_tables():
        pytest.fail(f"addon/README.md is to have this:\n\n{BEGIN}\n\n{flags_tables()}\n\n{END}", pytrace=False)


@pytest.mark.parametrize("page", [README, ALL_FLAGS], ids=["README.md", "addon/README.md"])
def test_a_page_names_no_flag_that_does_not_exist(page: Path) -> None:
    """What a page calls a flag is one of the program's, or a known one of another program."""
    ours = {option.flag for option in cli.FLAGS}

    assert set() == flags_in(page.read_text(encoding="utf-8")) - ours - FLAGS_OF_OTHERS


@pytest.mark.parametrize("option", [option for option in cli.FLAGS if option.group is Group.EVERYDAY], ids=str)
def test_the_first_page_names_the_everyday_flags(option: Option) -> None:
    """Whoever reads README.md alone knows the flags that most runs need."""
    assert option.flag in flags_in(README.read_text(encoding="utf-8"))


def test_the_first_page_has_the_flags_as_they_are() -> None:
    """A row about a flag names its value as --help does, and its default."""
    rows = re.findall(r"^\| `(--[^`]+)` \| (.*?) \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    options = {" ".join(filter(None, (option.flag, option.kind.metavar))): option.kind.default for option in cli.FLAGS}

    assert {flag for flag, _ in rows} <= options.keys()
    assert [f"`{options[flag]}`" for flag, _ in rows if options[flag]] == [text for flag, text in rows if options[flag]]


def test_the_first_page_tells_the_exit_codes() -> None:
    """README.md says what each exit code means, which CI jobs rely on: the code in bold, and then its meaning."""
    (paragraph,) = re.findall(r"Exit codes: .*?\n\n", README.read_text(encoding="utf-8"), re.DOTALL)

    assert [f"{code:d}" for code in ExitCode] == re.findall(r"\*\*(\d+)\*\*", paragraph)


def test_the_first_page_is_one_page() -> None:
    """README.md is read in one go."""
    assert len(README.read_text(encoding="utf-8").splitlines()) <= MAX_README_LINES


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_somewhere(page: Path, link: str) -> None:
    """A link within the repository leads to a file that exists, and to a heading that it has."""
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page

    assert target.exists()
    if anchor:
        headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("arguments", OF_THE_PROGRAM)
def test_a_command_of_the_program_is_understood(arguments: list[str]) -> None:
    """What a page shows to be typed, the program takes."""
    if arguments[:1] == ["report"]:
        cli._report_parser().parse_args(arguments[1:])
        return
    values = vars(cli._parser().parse_args(arguments))
    Settings.from_options({name: value for name, value in values.items() if name not in RUN_ONLY})


@pytest.mark.parametrize("script", OF_SCRIPTS)
def test_a_script_of_the_pages_is_there(script: str) -> None:
    """What a page shows to be run is there to be run."""
    assert (TOP / script).is_file()


def test_the_pages_show_commands() -> None:
    """The pages are read as they are meant to be: their commands are found."""
    assert OF_THE_PROGRAM
    assert OF_SCRIPTS
    assert [["scripts/x", "--a", "b c"], ["y"], ["z"]] == list(commands_of("A=1 scripts/x --a 'b c' && y > z  # a"))
