"""A body that comes faster than it is taken: in memory, on disk, given up."""

import asyncio
import errno
import gc
import io
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmock_contract.proxy.streams import spool
from cloudmock_contract.proxy.streams.spool import GivenUpError, Spool

MEMORY, UNWRITTEN, READ = 8, 1_000, 5
"""Small limits, in bytes, at which a few pieces go through every stage."""


@contextmanager
def small(**limits: int) -> Iterator[None]:
    """The limits that are not given are small, but for that of the disk."""
    with pytest.MonkeyPatch.context() as patch:
        values = {
            "MAX_IN_MEMORY_BYTES": MEMORY,
            "MAX_UNWRITTEN_BYTES": UNWRITTEN,
            "READ_BYTES": READ,
            "WRITE_BYTES": READ,
            **limits,
        }
        for name, value in values.items():
            patch.setattr(spool, name, value)
        yield


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[io.IOBase]:
    """The files that are made."""
    made: list[io.IOBase] = []
    make = tempfile.TemporaryFile

    def record(**kwargs: object) -> io.IOBase:
        file = make(**kwargs)  # type: ignore[call-overload]
        made.append(file)
        return file  # type: ignore[no-any-return]

    monkeypatch.setattr(tempfile, "TemporaryFile", record)
    return made


async def read(body: Spool) -> bytes:
    return b"".join([piece async for piece in body.pieces()])


async def written(body: Spool) -> None:
    """Wait until nothing is on its way to the disk."""
    while writing := body._writing:
        await asyncio.wait((writing,))


async def reason(body: Spool) -> str:
    """Why the rest does not come."""
    with pytest.raises(GivenUpError) as error:
        await read(body)
    return str(error.value)


def held(monkeypatch: pytest.MonkeyPatch, name: str) -> tuple[threading.Event, threading.Event]:
    """Hold up os.pread or os.pwrite: the first event is set when it was called, the second lets it go on."""
    called, go_on = threading.Event(), threading.Event()
    real: Callable[..., object] = getattr(os, name)

    def call(*args: object) -> object:
        called.set()
        assert go_on.wait(60)
        return real(*args)

    monkeypatch.setattr(os, name, call)
    return called, go_on


_ACTIONS = st.lists(st.binary(min_size=1, max_size=12) | st.sampled_from(["read", "turn", "written"]), max_size=40)


@settings(deadline=None)
@given(_ACTIONS)
def test_what_was_put_is_read(actions: list[bytes | str]) -> None:
    """However puts, reads and the disk's writing take turns, the same bytes come out in the same order."""

    async def run() -> tuple[bytes, bytes]:
        body, put, got = Spool(), b"", b""
        pieces = body.pieces()
        for action in actions:
            if isinstance(action, bytes):
                body.put(action)
                put += action
            elif action == "read" and len(got) < len(put):
                got += await anext(pieces)
            elif action == "turn":
                await asyncio.sleep(0)
            else:
                await written(body)
        body.put(b"")
        got += b"".join([piece async for piece in pieces])
        body.close()
        return put, got

    with small():
        put, got = asyncio.run(run())

    assert put == got


@pytest.mark.parametrize("size", [0, 1, MEMORY, MEMORY + 1, 10 * MEMORY])
def test_a_reader_that_came_first_gets_what_comes(size: int) -> None:
    """Who waits already reads each piece as it is put, and the end."""
    data = bytes(range(size))

    async def run() -> bytes:
        body = Spool()
        reading = asyncio.create_task(read(body))
        for byte in data:
            body.put(bytes((byte,)))
            await asyncio.sleep(0)
        body.put(b"")
        got = await asyncio.wait_for(reading, 60)
        body.close()
        return got

    with small():
        assert data == asyncio.run(run())


def test_little_never_goes_to_disk(files: list[io.IOBase]) -> None:
    """What fits in memory, or is read in time, makes no file."""

    async def run() -> None:
        body = Spool()
        pieces = body.pieces()
        for _ in range(10):
            body.put(b"12345678")
            assert b"12345678" == await anext(pieces)
        body.close()

    with small():
        asyncio.run(run())

    assert [] == files


def test_more_goes_to_disk(files: list[io.IOBase]) -> None:
    """What does not fit in memory is in a file, which is closed when nobody reads on."""

    async def run() -> tuple[int, bool]:
        body = Spool()
        for _ in range(10):
            body.put(b"12345678")
        await written(body)
        size = os.fstat(files[0].fileno()).st_size
        body.put(b"")
        assert b"12345678" * 10 == await read(body)
        before = files[0].closed
        body.close()
        return size, before

    with small():
        assert (72, False) == asyncio.run(run())

    assert [True] == [file.closed for file in files]


def test_what_is_on_its_way_to_disk_comes_in_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A piece that is put while an earlier one is being written is read after it, though memory has room again."""
    called, go_on = held(monkeypatch, "pwrite")

    async def run() -> bytes:
        body = Spool()
        body.put(b"A" * MEMORY)
        body.put(b"B")
        await asyncio.to_thread(called.wait, 5)
        pieces = body.pieces()
        got = await anext(pieces)
        body.put(b"C")
        asyncio.get_running_loop().call_later(0.02, go_on.set)
        body.put(b"")
        got += b"".join([piece async for piece in pieces])
        body.close()
        return got

    with small():
        assert b"A" * MEMORY + b"BC" == asyncio.run(run())


def test_the_end_waits_for_what_is_being_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body has not ended as long as its last bytes are on their way to the disk."""
    called, go_on = held(monkeypatch, "pwrite")

    async def run() -> bytes:
        body = Spool()
        body.put(b"A" * MEMORY)
        body.put(b"B")
        body.put(b"")
        await asyncio.to_thread(called.wait, 5)
        asyncio.get_running_loop().call_later(0.02, go_on.set)
        got = await read(body)
        body.close()
        return got

    with small():
        assert b"A" * MEMORY + b"B" == asyncio.run(run())


def test_reading_and_writing_at_once_do_not_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written while another thread reads stands where it should."""
    data = bytes(range(250))

    async def run() -> bytes:
        body = Spool()
        body.put(data[:10])
        body.put(data[10:20])
        await written(body)
        called, go_on = held(monkeypatch, "pread")
        reading = asyncio.create_task(read(body))
        await asyncio.to_thread(called.wait, 5)
        body.put(data[20:])
        body.put(b"")
        await written(body)
        go_on.set()
        got = await reading
        body.close()
        return got

    with small():
        assert data == asyncio.run(run())


def test_a_disk_may_take_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operating system may write less than it was given, and read less than it was asked for."""
    pwrite, pread = os.pwrite, os.pread
    monkeypatch.setattr(os, "pwrite", lambda file, data, position: pwrite(file, data[:3], position))
    monkeypatch.setattr(os, "pread", lambda file, size, position: pread(file, min(size, 2), position))

    async def run() -> bytes:
        body = Spool()
        for part in (b"0123456789", b"abcdefghij", b"ABCDEFGHIJ"):
            body.put(part)
        await written(body)
        body.put(b"")
        got = await read(body)
        body.close()
        return got

    with small():
        assert b"0123456789abcdefghijABCDEFGHIJ" == asyncio.run(run())


def test_a_file_that_was_read_is_filled_anew(files: list[io.IOBase]) -> None:
    """Of a body of any length, no more than what waits at one time is on disk."""

    async def run() -> bytes:
        body, got = Spool(), b""
        pieces = body.pieces()
        for _ in range(10):
            body.put(b"1" * MEMORY)
            body.put(b"2" * READ)
            await written(body)
            got += await anext(pieces) + await anext(pieces)
        size = os.fstat(files[0].fileno()).st_size
        body.close()
        assert size == READ
        return got

    with small(MAX_ON_DISK_BYTES=READ):
        assert (b"1" * MEMORY + b"2" * READ) * 10 == asyncio.run(run())


def test_a_slow_disk_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more waits for the disk than there may, the body is given up, and what is put after that is dropped."""
    called, go_on = held(monkeypatch, "pwrite")

    async def run() -> str:
        body = Spool()
        body.put(b"A" * MEMORY)
        body.put(b"B" * UNWRITTEN)
        await asyncio.to_thread(called.wait, 5)
        assert not body._given_up
        body.put(b"C")
        body.put(b"D" * 10**6)
        assert not body._behind
        assert not body._ahead
        go_on.set()
        await written(body)
        return await reason(body)

    with small():
        assert "the disk is slow as well." in asyncio.run(run())


@pytest.mark.parametrize(("most", "is_given_up"), [(99, True), (100, False)])
def test_a_body_that_takes_too_much_of_the_disk_is_given_up(
    files: list[io.IOBase], most: int, is_given_up: bool
) -> None:
    """Up to the limit it waits there; beyond it the file is closed at once."""

    async def run() -> bool:
        body = Spool()
        body.put(b"A" * MEMORY)
        body.put(b"B" * 100)
        await written(body)
        assert is_given_up == files[0].closed
        body.put(b"")
        if is_given_up:
            assert "GiB waited" in await reason(body)
            return False
        got = await read(body)
        body.close()
        return got == b"A" * MEMORY + b"B" * 100

    with small(MAX_ON_DISK_BYTES=most):
        assert is_given_up != asyncio.run(run())


@pytest.mark.parametrize("call", ["TemporaryFile", "pwrite", "pread"])
def test_a_disk_that_fails_gives_up(monkeypatch: pytest.MonkeyPatch, files: list[io.IOBase], call: str) -> None:
    """A full or broken disk is said to be the reason, in the system's words; the file is closed."""

    def fail(*_: object, **__: object) -> object:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile if call == "TemporaryFile" else os, call, fail)

    async def run() -> str:
        body = Spool()
        body.put(b"A" * MEMORY)
        body.put(b"B")
        await written(body)
        return await reason(body)

    with small():
        text = asyncio.run(run())

    how = "read from disk" if call == "pread" else "put on disk"
    expected = (
        "CloudMock took the request's body more slowly than AWS, "
        f"and what waited could not be {how}: No space left on device."
    )
    assert expected == text
    assert all(file.closed for file in files)


def test_a_file_that_somebody_cut_off_is_an_error(files: list[io.IOBase]) -> None:
    """Bytes that are not there any more are not waited for without end."""

    async def run() -> str:
        body = Spool()
        body.put(b"A" * MEMORY)
        body.put(b"B" * 10)
        await written(body)
        os.truncate(files[0].fileno(), 7)
        return await reason(body)

    with small():
        assert "could not be read from disk: the file is shorter" in asyncio.run(run())


def test_the_first_reason_counts() -> None:
    """A body that was given up has one reason, whatever else becomes of it."""

    async def run() -> str:
        body = Spool()
        body.put(b"A")
        body.give_up("The app hung up.")
        body.give_up("Something else.")
        body.close()
        body.put(b"B")
        body.put(b"")
        return await reason(body)

    assert "The app hung up." == asyncio.run(run())


def test_a_waiting_reader_is_told() -> None:
    """Giving up wakes the one who waits for the next piece."""

    async def run() -> str:
        body = Spool()
        telling = asyncio.create_task(reason(body))
        await asyncio.sleep(0.01)
        body.give_up("The app hung up.")
        return await asyncio.wait_for(telling, 60)

    assert "The app hung up." == asyncio.run(run())


@pytest.mark.parametrize("call", ["pread", "pwrite"])
def test_closing_waits_for_the_thread(monkeypatch: pytest.MonkeyPatch, files: list[io.IOBase], call: str) -> None:
    """A file that a thread is in the middle of is closed when the thread has done, and not before."""
    called, go_on = threading.Event(), threading.Event()

    async def run() -> bool:
        nonlocal called, go_on
        body = Spool()
        body.put(b"A" * MEMORY)
        if call == "pread":
            body.put(b"B")
            await written(body)
        called, go_on = held(monkeypatch, call)
        reading = asyncio.create_task(read(body))
        body.put(b"C")
        await asyncio.to_thread(called.wait, 5)
        body.close()
        was_open = not files[0].closed
        go_on.set()
        with pytest.raises(GivenUpError):
            await reading
        await written(body)
        return was_open

    with small():
        assert asyncio.run(run())

    assert [True] == [file.closed for file in files]


def test_a_cancelled_reader_leaves_no_file(monkeypatch: pytest.MonkeyPatch, files: list[io.IOBase]) -> None:
    """A reader that is cancelled in the middle of a read, and a close after it, leave nothing open."""

    async def run() -> None:
        body = Spool()
        body.put(b"A" * MEMORY)
        body.put(b"B")
        await written(body)
        called, go_on = held(monkeypatch, "pread")
        reading = asyncio.create_task(read(body))
        await asyncio.to_thread(called.wait, 5)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        body.close()
        go_on.set()

    with small():
        asyncio.run(run())

    assert [True] == [file.closed for file in files]


def test_the_end_of_the_loop_leaves_no_file(monkeypatch: pytest.MonkeyPatch, files: list[io.IOBase]) -> None:
    """A run that ends while a body is on its way to the disk closes the file, though nobody closed the spool."""
    called, go_on = held(monkeypatch, "pwrite")

    async def run() -> None:
        body = Spool()
        body.put(b"A" * MEMORY)
        body.put(b"B")
        await asyncio.to_thread(called.wait, 5)
        threading.Timer(0.02, go_on.set).start()

    with small():
        asyncio.run(run())
    gc.collect()

    assert [True] == [file.closed for file in files]


def test_the_file_has_no_name(files: list[io.IOBase], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing is left of it when the process dies: no directory has it."""

    async def run() -> int:
        body = Spool()
        body.put(b"A" * MEMORY)
        body.put(b"B")
        await written(body)
        links = os.fstat(files[0].fileno()).st_nlink
        body.close()
        return links

    with small():
        assert 0 == asyncio.run(run())
