"""How many requests may go, and how fast."""

import asyncio

import pytest

from cloudmock_contract.proxy.access.rate_limit import RateLimit


@pytest.mark.parametrize("most", [1, 3])
def test_the_number_of_requests_is_limited(most: int) -> None:
    """As many as the option says may go, and each one after them is refused with the option's name."""
    limits = RateLimit(most, 0)
    refusals = [limits.refusal() for _ in range(most + 2)]

    expected = f"The run has made the {most} requests that it may make (--max-requests)."
    assert [*[""] * most, expected, expected] == refusals


def test_zero_is_no_limit() -> None:
    """Without the options any number may go, at once."""
    limits = RateLimit(0, 0)

    async def run() -> float:
        loop = asyncio.get_running_loop()
        started = loop.time()
        for _ in range(1_000):
            await limits.turn()
        return loop.time() - started

    assert [""] == sorted({limits.refusal() for _ in range(1_000)})
    assert asyncio.run(run()) < 0.5


async def _turns(limits: RateLimit, number: int) -> list[float]:
    """When each of so many requests that ask at once may go, in seconds from now."""
    loop = asyncio.get_running_loop()
    started = loop.time()

    async def one() -> float:
        await limits.turn()
        return loop.time() - started

    return await asyncio.gather(*(one() for _ in range(number)))


def test_requests_at_once_go_one_after_the_other() -> None:
    """The first may go at once, and each further one as much later as the rate says, in the order of asking."""
    times = asyncio.run(_turns(RateLimit(0, 20), 5))

    assert times == sorted(times)
    assert all(0.05 * number - 0.01 <= time < 0.05 * number + 0.5 for number, time in enumerate(times))


def test_a_pause_is_not_saved_up() -> None:
    """After a time without requests they are no faster than ever."""

    async def run() -> list[float]:
        limits = RateLimit(0, 20)
        await limits.turn()
        await asyncio.sleep(0.3)
        return await _turns(limits, 3)

    first, _, third = asyncio.run(run())

    assert first < 0.05
    assert third >= 0.09


def test_who_comes_slowly_does_not_wait() -> None:
    """Requests that are further apart than the rate wants go at once."""

    async def run() -> list[float]:
        limits, waited = RateLimit(0, 100), []
        for _ in range(3):
            waited += await _turns(limits, 1)
            await asyncio.sleep(0.03)
        return waited

    assert max(asyncio.run(run())) < 0.02
