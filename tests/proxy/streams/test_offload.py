"""What is done beside the event loop."""

import asyncio
import threading

import pytest

from cloudmock_contract.proxy.streams.offload import MIN_OFFLOADED_BYTES, run_in_thread


@pytest.mark.parametrize(
    ("size", "is_beside"), [(0, False), (MIN_OFFLOADED_BYTES - 1, False), (MIN_OFFLOADED_BYTES, True)]
)
def test_work_on_a_large_body_is_done_in_a_thread(size: int, *, is_beside: bool) -> None:
    """From a size on the event loop is free while the work is done; below it, no thread is worth it."""

    def work() -> tuple[int, bool]:
        return size, threading.current_thread() is not threading.main_thread()

    assert (size, is_beside) == asyncio.run(run_in_thread(size, work))


@pytest.mark.parametrize("size", [0, MIN_OFFLOADED_BYTES])
def test_what_the_work_raises_is_raised(size: int) -> None:
    """Wherever it is done."""

    def work() -> None:
        raise ValueError("as it is")

    with pytest.raises(ValueError, match="^as it is$"):
        asyncio.run(run_in_thread(size, work))
