"""The shape of the project: who may import whom, and that every module has its tests."""

import ast
from pathlib import Path

import pytest

import cloudmock_contract

TOP = Path(__file__).resolve().parent.parent
PACKAGE = TOP / "addon" / "cloudmock_contract"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = (
    {"exchange", "settings", "defects", "errors"},
    {"aws"},
    {"comparison"},
    {"reports"},
    {"proxy"},
    {"cli", "command"},
)
"""From the bottom up: a module may import from its own layer and from those below."""


def layer_of(part: str) -> int:
    return next(number for number, parts in enumerate(LAYERS) if part in parts)


def imported(module: Path) -> set[str]:
    """The first part below the package of everything that the module imports from it, when it is imported."""
    found = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cloudmock_contract"):
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("module", [path for path in MODULES if path.parent != PACKAGE or path.stem != "__init__"])
def test_imports_go_downwards(module: Path) -> None:
    """A module imports only from its own layer and from those below."""
    own = layer_of(module.relative_to(PACKAGE).parts[0].removesuffix(".py"))

    assert [] == sorted(part for part in imported(module) if layer_of(part) > own)


@pytest.mark.parametrize("module", [path for path in MODULES if path.stem != "__init__"])
def test_every_module_has_a_test_file(module: Path) -> None:
    """tests/ mirrors the package one to one."""
    place = module.relative_to(PACKAGE).parent

    assert (TOP / "tests" / place / f"test_{module.stem}.py").is_file()


def test_every_test_file_has_a_module() -> None:
    """No test file outlives what it tests."""
    orphans = [
        str(path.relative_to(TOP))
        for path in (TOP / "tests").rglob("test_*.py")
        if path.parent.name not in ("end_to_end", "fuzzing")
        and path.name not in ("test_architecture.py", "test_package.py")
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
    import subprocess
    import sys

    code = "import sys, cloudmock_contract; sys.exit('mitmproxy' in sys.modules)"

    run = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(TOP / "addon")}, check=False)

    assert 0 == run.returncode
