"""Reports on disk: whole or not at all."""

import contextlib
import os
import resource
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.reports.files import check_writable, write

_OLD, _NEW = "old " * 5_000, "new " * 10_000


@contextlib.contextmanager
def _full_disk() -> Iterator[None]:
    """Files cannot grow beyond 1,000 bytes meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("text", ["", "{}\n", _NEW, "é日本\r\n\x00"])
@pytest.mark.parametrize("old", [None, _OLD])
def test_a_report_is_written(tmp_path: Path, text: str, old: str | None) -> None:
    """The text is in the file as UTF-8, instead of what was there before, and no other file is left."""
    file = tmp_path / "report.json"
    if old is not None:
        file.write_text(old, encoding="utf-8")
    write(file, text)

    assert text.encode() == file.read_bytes()
    assert [file] == list(tmp_path.iterdir())


def test_a_relative_path_is_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without a folder is a file where the program was started."""
    monkeypatch.chdir(tmp_path)
    check_writable(Path("report.json"))
    write(Path("report.json"), "new")

    expected = "new"
    assert expected == (tmp_path / "report.json").read_text(encoding="utf-8")


def test_lone_surrogates_are_written_as_escapes(tmp_path: Path) -> None:
    """What UTF-8 has no bytes for is written as the escape that JSON has for it."""
    file = tmp_path / "report.json"
    write(file, '"a\ud800é"')

    expected = '"a\\ud800é"'
    assert expected == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("old", [None, _OLD])
def test_a_failed_write_leaves_what_was_there(tmp_path: Path, old: str | None) -> None:
    """If the disk is full, the old report stays whole, no half of a new one appears, and nothing else is left."""
    file = tmp_path / "report.json"
    if old is not None:
        file.write_text(old, encoding="utf-8")

    with _full_disk(), pytest.raises(OSError, match="File too large"):
        write(file, _NEW)

    assert ({} if old is None else {file: old}) == {
        path: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()
    }


def test_readers_never_see_half_a_report(tmp_path: Path) -> None:
    """Whoever reads the file while it is written again and again sees one whole report or the other."""
    file = tmp_path / "report.json"
    write(file, _OLD)
    is_over = threading.Event()
    seen: list[str] = []

    def read() -> None:
        while not is_over.is_set():
            seen.append(file.read_text(encoding="utf-8"))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(60):
            write(file, _OLD if number % 2 else _NEW)
    finally:
        is_over.set()
        reader.join()

    assert seen
    assert {_OLD, _NEW} >= set(seen)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_stays_a_link(tmp_path: Path, *, is_there: bool) -> None:
    """A symbolic link is not replaced: what it leads to is written, also if that is not there yet."""
    target, link = tmp_path / "elsewhere" / "target.json", tmp_path / "report.json"
    target.parent.mkdir()
    if is_there:
        target.write_text(_OLD, encoding="utf-8")
    link.symlink_to(target)
    check_writable(link)
    write(link, _NEW)

    assert link.is_symlink()
    assert _NEW == target.read_text(encoding="utf-8")
    assert [target] == list(target.parent.iterdir())


@pytest.mark.parametrize("is_linked", [False, True])
def test_a_device_is_written_to(tmp_path: Path, *, is_linked: bool) -> None:
    """A device such as a terminal gets the text and stays a device, also by a link to it."""
    ours, theirs = os.openpty()
    device = Path(os.ttyname(theirs))
    path = tmp_path / "link" if is_linked else device
    if is_linked:
        path.symlink_to(device)
    try:
        check_writable(path)
        write(path, "the report")
        received = os.read(ours, 100)
    finally:
        os.close(ours)
        os.close(theirs)

    expected = b"the report"
    assert expected == received
    assert is_linked is path.is_symlink()


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """A named pipe's reader gets the text, and the pipe stays one."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    write(pipe, _NEW)
    reader.join()

    assert [_NEW] == received
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("old", [None, _OLD])
def test_what_can_be_written_is_left_alone(tmp_path: Path, old: str | None) -> None:
    """Finding out whether a report can be written makes no file and changes none."""
    file = tmp_path / "report.json"
    if old is not None:
        file.write_text(old, encoding="utf-8")
    check_writable(file)

    assert ({} if old is None else {file: old}) == {
        path: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()
    }


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A path that is a folder is refused before the run, with the option and the remedy."""
    with pytest.raises(ConfigurationError, match=r"^--output: .* is a directory; give the path of a file\.$"):
        check_writable(tmp_path)

    with pytest.raises(OSError, match="directory"):
        write(tmp_path, _NEW)


@pytest.mark.parametrize("name", ["missing/report.json", "file/report.json", "link"])
def test_what_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    """A path below a missing folder or below a file is refused before the run, and written nowhere after it."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "missing" / "target")
    path = tmp_path / name

    with pytest.raises(ConfigurationError, match=r"^--output: .* cannot be written: \w.*\.$"):
        check_writable(path)
    with pytest.raises(OSError, match="directory"):
        write(path, _NEW)

    assert {"file", "link"} == {entry.name for entry in tmp_path.iterdir()}


@contextlib.contextmanager
def _without_privileges() -> Iterator[None]:
    """Root, who may write everywhere, is somebody else meanwhile."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_a_folder_without_permission_is_refused() -> None:
    """A folder in which the user may not make files is found out before the run."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        path = Path(folder) / "report.json"

        with (
            _without_privileges(),
            pytest.raises(ConfigurationError, match=r"^--output: .* cannot be written: Permission denied\.$"),
        ):
            check_writable(path)
        with _without_privileges(), pytest.raises(PermissionError):
            write(path, _NEW)


@pytest.mark.parametrize("old", [None, _OLD])
def test_a_file_may_have_permissions_of_its_own(tmp_path: Path, old: str | None) -> None:
    """A script is executable for its owner, and nobody else's, whatever was there before."""
    file = tmp_path / "script"
    if old is not None:
        file.write_text(old, encoding="utf-8")
    write(file, _NEW, 0o700)

    assert (_NEW, 0o700) == (file.read_text(encoding="utf-8"), stat.S_IMODE(file.stat().st_mode))


def test_the_option_is_named(tmp_path: Path) -> None:
    """A path that cannot be written is told with the option that gave it."""
    for path in (tmp_path, tmp_path / "missing" / "x"):
        with pytest.raises(ConfigurationError, match=f"^--cleanup: {path} "):
            check_writable(path, "--cleanup")
