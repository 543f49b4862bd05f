"""The shape of the project: who may import whom, how full a folder may be, and that every module has its tests."""

import ast
import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import cloudmock_contract

TOP = Path(__file__).resolve().parent.parent
PACKAGE = TOP / "addon" / "cloudmock_contract"
MODULES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = sorted({path.parent for path in MODULES})

MAX_MODULES = 12
"""In one folder: what a newcomer takes in at a look."""

ALLOWED: dict[str, str] = {
    "errors": "",
    "version": "",
    "exit_code": "",
    "safe_logging": "",
    "values": "",
    "url": "errors values",
    "option": "errors url",
    "settings": "errors option url",
    "aws": "",
    "aws/models": "errors",
    "aws/wire": "aws/models values",
    "aws/endpoints": "aws/models aws/wire errors values",
    "aws/operations": "aws/models aws/wire values",
    "aws/documents": "aws/models aws/wire values",
    "aws/sdk": "aws/documents aws/models values",
    "aws/secrets": "aws/documents aws/models values",
    "aws/credentials": "aws/models errors values",
    "aws/signing": "aws/credentials aws/wire errors values",
    "aws/verification": "aws/credentials aws/signing aws/wire values",
    "aws/permissions": "aws/credentials aws/endpoints aws/models errors settings values",
    "leftovers": "aws/documents aws/models aws/secrets values",
    "comparison/rules": "errors settings values",
    "comparison/identifiers": "values",
    "comparison": (
        "aws/documents aws/models aws/sdk aws/secrets aws/wire comparison/identifiers comparison/rules values"
    ),
    "reports/tally": "leftovers values",
    "reports/journal": "errors reports/tally values",
    "reports/formats": "leftovers reports/tally values",
    "reports": "errors exit_code reports/formats reports/journal reports/tally settings values",
    "proxy/streams": "aws/documents aws/wire values",
    "proxy/sides": (
        "aws/credentials aws/documents aws/endpoints aws/models aws/operations aws/signing aws/wire errors"
        " proxy/streams settings url values version"
    ),
    "proxy/mitm": "aws/signing errors proxy/streams reports/formats safe_logging settings values",
    "proxy/mitm/http1_layers": "errors proxy/mitm safe_logging",
    "proxy/access": (
        "aws/credentials aws/models aws/permissions aws/verification aws/wire errors reports settings url values"
    ),
    "proxy": (
        "aws/credentials aws/documents aws/models aws/sdk aws/signing aws/wire comparison comparison/identifiers"
        " comparison/rules errors exit_code leftovers proxy/access proxy/mitm proxy/mitm/http1_layers proxy/sides"
        " proxy/streams reports reports/tally safe_logging settings url values version"
    ),
    "command": "aws/credentials",
    "live_run": "aws/credentials command exit_code proxy proxy/mitm reports settings values version",
    "cli": "errors exit_code live_run proxy/mitm option reports reports/journal settings version",
    "__init__": "errors proxy reports/tally settings values version",
}
"""What may be imported from where, from the bottom up: a row names rows above it alone. Nothing imports upwards."""


def row_of(parts: tuple[str, ...]) -> str:
    """The row of the table for a module, by its path or its dotted name below the package."""
    folders = itertools.takewhile(lambda number: PACKAGE.joinpath(*parts[:number]).is_dir(), range(1, len(parts) + 1))
    depth = max(folders, default=0)
    return "/".join(parts[:depth]) or (parts[0] if parts else "__init__")


def imports_of(module: Path) -> Iterator[tuple[str, ...]]:
    """The dotted names below the package that the module imports, wherever in it."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE.name:
            yield from ((*(node.module or "").split(".")[1:], alias.name) for alias in node.names)


@pytest.mark.parametrize("row", ALLOWED)
def test_a_row_names_rows_above_it(row: str) -> None:
    """The table has no circle."""
    above = list(ALLOWED)[: list(ALLOWED).index(row)]

    assert [] == sorted(set(ALLOWED[row].split()) - set(above))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_are_those_of_the_table(module: Path) -> None:
    """A module imports from its own folder and from those that its row of the table names."""
    own = row_of(module.relative_to(PACKAGE).with_suffix("").parts)

    assert [] == sorted({row_of(parts) for parts in imports_of(module)} - {own, *ALLOWED[own].split()})


def test_the_table_allows_what_is_needed() -> None:
    """Nothing is allowed that nobody does."""
    used = {row: set[str]() for row in ALLOWED}
    for module in MODULES:
        own = row_of(module.relative_to(PACKAGE).with_suffix("").parts)
        used[own] |= {row_of(parts) for parts in imports_of(module)} - {own}

    assert {row: sorted(set(names.split())) for row, names in ALLOWED.items()} == {
        row: sorted(names) for row, names in used.items()
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_folder_is_taken_in_at_a_look(folder: Path) -> None:
    """No folder holds more modules than anybody can keep in mind."""
    assert len([path for path in folder.glob("*.py") if path.stem != "__init__"]) <= MAX_MODULES


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_folder_says_what_it_knows(folder: Path) -> None:
    """What a folder knows, and what it does not know, stands in its __init__."""
    assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))


@pytest.mark.parametrize("top", ["addon", "scripts"])
def test_nothing_imports_from_the_tests(top: str) -> None:
    """Imports go from tests/ to scripts/lab/ to addon/, never back."""
    upper = {"support", "tests", "conftest"} | ({"lab"} if top == "addon" else set())
    found = {
        f"{path.relative_to(TOP)}: {name}"
        for path in (TOP / top).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else
            [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        )
        if name.split(".")[0] in upper
    }  # fmt: skip

    assert set() == found


@pytest.mark.parametrize("module", [path for path in MODULES if path.stem != "__init__"])
def test_every_module_has_a_test_file(module: Path) -> None:
    """tests/ mirrors the package one to one."""
    folder = module.relative_to(PACKAGE).parent

    assert (TOP / "tests" / folder / f"test_{module.stem}.py").is_file()


def test_every_test_file_has_a_module() -> None:
    """No test file outlives what it tests."""
    orphans = [
        str(path.relative_to(TOP))
        for path in (TOP / "tests").rglob("test_*.py")
        if path.parent.name not in ("end_to_end", "fuzzing", "lab")
        and path.name not in ("test_architecture.py", "test_mitmproxy_internals.py", "test_package.py", "test_pages.py")
        and not (PACKAGE / path.relative_to(TOP / "tests").parent / path.name.removeprefix("test_")).is_file()
    ]

    assert [] == orphans


def test_the_public_names_are_sorted_and_there() -> None:
    """Everything in __all__ can be imported, and stands in order."""
    names = cloudmock_contract.__all__

    assert sorted(names) == names
    assert all(getattr(cloudmock_contract, name) for name in names)


def test_importing_the_package_does_not_import_mitmproxy() -> None:
    """A pytest run that never starts a proxy does not pay for one."""
    code = "import sys, cloudmock_contract; sys.exit('mitmproxy' in sys.modules)"

    run = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(TOP / "addon")}, check=False)

    assert 0 == run.returncode
