"""Puts a report where the user wants it, whole or not at all. This file does not know what is in it."""

import errno
import os
import tempfile
from pathlib import Path

from cloudmock_contract.errors import ConfigurationError

_UNENCODABLE = "backslashreplace"
"""A lone surrogate out of a reply is written as its escape, which in JSON is the same character."""


def check_writable(path: Path, option: str = "--output") -> None:
    """Find out before the run whether the file can be written after it. Raises ConfigurationError.

    `option`: the one that names the file.
    """
    try:
        if path.is_dir():
            raise ConfigurationError(f"{option}: {path} is a directory; give the path of a file.")
        if _is_special(path):
            # Not by opening it: a pipe would wait for its reader, who would then see its end.
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        with tempfile.TemporaryFile(dir=path.resolve().parent):
            return
    except OSError as error:
        raise ConfigurationError(f"{option}: {path} cannot be written: {error.strerror}.") from error


def write(path: Path, text: str, mode: int | None = None) -> None:
    """Write the text: readers see the old file or the new one. Raises OSError.

    `mode`: the file's permissions, by default those of any new file.
    """
    if _is_special(path):
        path.write_text(text, encoding="utf-8", errors=_UNENCODABLE)
        return
    target = path.resolve()
    unfinished = target.with_name(f".contract-report.{os.getpid()}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8", errors=_UNENCODABLE) as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        if error.errno != errno.EBUSY:
            raise
        path.write_text(text, encoding="utf-8", errors=_UNENCODABLE)  # a file that is mounted cannot be replaced
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _is_special(path: Path) -> bool:
    """Whether the path is a device, a pipe or an open file of this process, which must not be replaced by a file."""
    return (path.is_absolute() and path.parts[1:2] in (("dev",), ("proc",))) or (path.exists() and not path.is_file())
