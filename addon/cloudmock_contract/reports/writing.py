"""Puts a report where the user wants it, whole or not at all."""

import os
import tempfile
from pathlib import Path

from cloudmock_contract.errors import ConfigurationError

_UNENCODABLE = "backslashreplace"
"""A lone surrogate out of a reply is written as its escape, which in JSON is the same character."""


def check_writable(path: Path) -> None:
    """Find out before the run whether the report can be written after it. Raises ConfigurationError."""
    if path.is_dir():
        raise ConfigurationError(f"--output: {path} is a directory; give a file's path.")
    try:
        if _is_special(path):
            with path.open("a"):
                return
        with tempfile.TemporaryFile(dir=path.resolve().parent):
            return
    except OSError as error:
        raise ConfigurationError(f"--output: {path} cannot be written: {error.strerror}.") from error


def write(path: Path, text: str) -> None:
    """Write the text: readers see the old file or the new one. Raises OSError."""
    if _is_special(path):
        path.write_text(text, encoding="utf-8", errors=_UNENCODABLE)
        return
    target = path.resolve()
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8", errors=_UNENCODABLE) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _is_special(path: Path) -> bool:
    """Whether the path is a device or a pipe, which must not be replaced by a file."""
    return path.exists() and not path.is_file()
