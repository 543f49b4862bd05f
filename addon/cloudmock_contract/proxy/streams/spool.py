"""A body on its way to whoever takes it more slowly than it comes: in memory for a while, then on disk, then given up.

What puts pieces in never waits, and memory and disk are bounded. The file has no name, so that nothing is left of it
when the process ends, however it ends. This file does not know what the body is.
"""

import asyncio
import os
import tempfile
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import IO

MAX_IN_MEMORY_BYTES = 8 * 2**20
"""Bytes that wait in memory before they go to disk."""

MAX_UNWRITTEN_BYTES = 48 * 2**20
"""Bytes that wait for the disk."""

WRITE_BYTES = 4 * 2**20
"""Bytes that go to the thread that writes them: few enough for those that wait to become fewer while it writes."""

MAX_ON_DISK_BYTES = 8 * 2**30
"""Bytes that one body may take there."""

READ_BYTES = 2**20


class GivenUpError(Exception):
    """The rest of the body will not come; the text says why, as a sentence."""


class Spool:
    """One body, put in at one end and read at the other. Belongs to the event loop."""

    def __init__(self) -> None:
        self._ahead: deque[bytes] = deque()
        """What is read first: it never went to disk."""
        self._behind: deque[bytes] = deque()
        """What comes after that which is on disk, or on its way there."""
        self._in_memory = 0
        self._unwritten = 0
        """Bytes that come after those on disk: those on their way there as well."""
        self._written = self._read = 0
        self._disk = _Disk()
        self._writing: asyncio.Task[None] | None = None
        self.has_ended = False
        """Whether the last piece has been put in."""
        self._given_up: str | None = None
        """Why the rest will not come; None while it may."""
        self._changed = asyncio.Event()

    def put(self, piece: bytes) -> None:
        """One more piece; an empty one is the end."""
        if self._given_up:
            return
        if not piece:
            self.has_ended = True
        elif self._unwritten or self._read < self._written or self._in_memory >= MAX_IN_MEMORY_BYTES:
            self._put_behind(piece)
        else:
            self._ahead.append(piece)
            self._in_memory += len(piece)
        self._changed.set()

    def give_up(self, reason: str) -> None:
        """Let go of everything: reading raises GivenUpError with this reason."""
        if self._given_up:
            return
        self._given_up = reason
        self._ahead.clear()
        self._behind.clear()
        self._disk.close()
        self._changed.set()

    def close(self) -> None:
        """Nobody reads on."""
        self.give_up("Nobody wants the rest.")

    async def pieces(self) -> AsyncIterator[bytes]:
        """The pieces, in their order, as they come. Raises GivenUpError. To be read by one reader."""
        while True:
            if self._given_up:
                raise GivenUpError(self._given_up)
            if self._ahead:
                piece = self._ahead.popleft()
                self._in_memory -= len(piece)
                yield piece
            elif self._read < self._written:
                yield await self._from_disk()
            elif self.has_ended and not self._unwritten:
                return
            else:
                self._changed.clear()
                await self._changed.wait()

    def _put_behind(self, piece: bytes) -> None:
        if not self._unwritten and self._read == self._written:
            self._read = self._written = 0  # what is there has been read: the file is filled anew
        self._behind.append(piece)
        self._unwritten += len(piece)
        if self._unwritten > MAX_UNWRITTEN_BYTES:
            self.give_up("CloudMock took the request's body much more slowly than AWS, and the disk is slow as well.")
        elif self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._to_disk())

    async def _to_disk(self) -> None:
        try:
            while self._behind and not self._given_up:
                pieces, size = [], 0
                while self._behind and size < WRITE_BYTES:
                    pieces.append(self._behind.popleft())
                    size += len(pieces[-1])
                await asyncio.to_thread(self._disk.write, pieces, self._written)
                self._unwritten -= size
                self._written += size
                self._changed.set()
                if self._written > MAX_ON_DISK_BYTES:
                    waited = f"{MAX_ON_DISK_BYTES >> 30} GiB waited."
                    self.give_up(f"CloudMock took the request's body much more slowly than AWS: {waited}")
        except OSError as error:
            self._give_up_disk("could not be put on disk", error)
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            self._writing = None

    async def _from_disk(self) -> bytes:
        size = min(READ_BYTES, self._written - self._read)
        try:
            piece = await asyncio.to_thread(self._disk.read, size, self._read)
        except OSError as error:
            self._give_up_disk("could not be read from disk", error)
            raise GivenUpError(str(self._given_up)) from error
        self._read += size
        return piece

    def _give_up_disk(self, what: str, error: OSError) -> None:
        reason = error.strerror or error
        self.give_up(f"CloudMock took the request's body more slowly than AWS, and what waited {what}: {reason}.")


class _Disk:
    """A file without a name, which is there when it is first written to. Used in threads, and closed in any of them.

    Where a thread is in the middle of it, it closes when that thread has done: a descriptor that was closed may be
    somebody else's file a moment later.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._users = 0
        self._is_closed = False

    def write(self, pieces: Sequence[bytes], position: int) -> None:
        """Write all of them, one after the other. Blocks; raises OSError."""
        with self._used():
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="cloudmock-contract-", buffering=0)  # noqa: SIM115 (below)
            for piece in pieces:
                left = memoryview(piece)
                while left:
                    size = os.pwrite(self._file.fileno(), left, position)
                    left, position = left[size:], position + size

    def read(self, size: int, position: int) -> bytes:
        """So many of the bytes that were written. Blocks; raises OSError."""
        data = bytearray()
        with self._used():
            assert self._file
            while len(data) < size:
                piece = os.pread(self._file.fileno(), size - len(data), position + len(data))
                if not piece:
                    raise OSError("the file is shorter than what was written to it")
                data += piece
        return bytes(data)

    def close(self) -> None:
        """Nobody uses it from now on. Does not block."""
        with self._lock:
            self._is_closed = True
            self._close_unused()

    @contextmanager
    def _used(self) -> Iterator[None]:
        with self._lock:
            if self._is_closed:
                raise OSError("the file was closed")
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                self._close_unused()

    def _close_unused(self) -> None:
        if self._is_closed and not self._users and self._file:
            self._file.close()
            self._file = None
