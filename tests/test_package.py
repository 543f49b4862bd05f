"""What is in the package that users install."""

import subprocess
import zipfile
from pathlib import Path

from lab.stand_ins import servers


def test_the_wheel_has_all_that_is_needed(tmp_path: Path) -> None:
    """The wheel holds the package with its types, the rules that it ships, the report's schema, and the command."""
    build = [str(servers.TOP / "scripts" / "uv"), "build", "--quiet", "--wheel", "--out-dir", str(tmp_path)]
    subprocess.run([*build, str(servers.TOP)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
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
