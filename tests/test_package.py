"""What is in the package that users install, and that it runs where nothing else is installed."""

import re
import subprocess
import zipfile
from pathlib import Path

import pytest

import cloudmock_contract
from lab.stand_ins import servers

UV = str(servers.TOP / "scripts" / "uv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([UV, "build", "--quiet", "--wheel", "--out-dir", str(folder), str(servers.TOP)], check=True)
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has this wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([UV, "venv", "--quiet", str(folder)], cwd=servers.TOP, check=True)
    subprocess.run(
        [UV, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), str(wheel)], check=True
    )
    return folder / "bin"


def test_the_wheel_has_all_that_is_needed(wheel: Path) -> None:
    """The wheel holds the package with its types, the rules that it ships, the report's schema, and the command."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        commands = next(archive.read(name).decode() for name in names if name.endswith("entry_points.txt"))

    assert names >= {
        "cloudmock_contract/__init__.py",
        "cloudmock_contract/py.typed",
        "cloudmock_contract/configs/default.yaml",
        "cloudmock_contract/configs/strict.yaml",
        "cloudmock_contract/configs/report.schema.json",
    }
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]
    assert "cloudmock-contract = cloudmock_contract.cli:program" in commands


def test_the_installed_command_says_its_version(installed: Path, tmp_path: Path) -> None:
    """The console command of an environment of its own is of this version."""
    assert cloudmock_contract.__version__ in output_of(installed / "cloudmock-contract", "--version", cwd=tmp_path)


def test_the_installed_command_explains_itself(installed: Path, tmp_path: Path) -> None:
    """--help of an environment of its own names the flags that everybody needs."""
    text = output_of(installed / "cloudmock-contract", "--help", cwd=tmp_path)

    assert {"--cloudmock", "--run", "--output"} <= set(re.findall(r"--[a-z-]+", text))


def test_the_installed_command_runs_a_command(installed: Path, tmp_path: Path) -> None:
    """A run between two sides finds its rules and writes its report: nothing of the checkout is needed."""
    with servers.moto() as side:
        sides = ("--aws-endpoint", side.url, "--cloudmock", side.url, "--port", "0")
        output_of(installed / "cloudmock-contract", *sides, "--allow-empty", "--run", "true", cwd=tmp_path)

    assert (tmp_path / "contract-report.json").is_file()


def output_of(program: Path, *arguments: str, cwd: Path) -> str:
    """What the program prints; fails if it does not end well."""
    return subprocess.run([program, *arguments], cwd=cwd, stdout=subprocess.PIPE, text=True, check=True).stdout
