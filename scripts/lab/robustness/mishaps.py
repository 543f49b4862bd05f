"""A case for each mishap around a run: a server that restarts, a clock that jumps, a full disk, a crowd."""

import asyncio
import contextlib
import multiprocessing
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab.robustness.client import READ_SECONDS, Client, View
from lab.robustness.judgement import DELAY_SECONDS, LOADING_SECONDS, Case, Row, ending_problems
from lab.robustness.wrapper import Ended, Wrapper
from lab.stand_ins.broken_servers import NONE, Fault, FaultyServer
from lab.stand_ins.misbehaviour import STAYS, Wire
from lab.stand_ins.servers import free_port

CONNECTIONS = 10_000

AT_ONCE = 50
"""How many of them connect, and then call, at a time: asyncio lets 100 wait to be accepted."""


@contextlib.asynccontextmanager
async def _between(folder: Path, **options: Any) -> AsyncIterator[tuple[FaultyServer, FaultyServer, Wrapper]]:
    """The wrapper between two good servers."""
    async with (
        FaultyServer(NONE) as aws,
        FaultyServer(NONE) as cloudmock,
        Wrapper(aws.url, cloudmock.url, folder, **options) as wrapper,
    ):
        yield aws, cloudmock, wrapper


def _row(views: Sequence[View], ended: Ended, problems: Iterable[str], max_delay_seconds: float = DELAY_SECONDS) -> Row:
    """Of calls that all should have gone well. `max_delay_seconds`: that each may take, but for the first."""
    good = sum(view.status == 200 and not view.broken for view in views)
    limits = (LOADING_SECONDS, *[max_delay_seconds] * (len(views) - 1))
    slow = [
        f"delayed: {view.seconds:.1f} s"
        for view, max_seconds in zip(views, limits, strict=True)
        if view.seconds > max_seconds
    ][:1]
    bad = [f"view differs: {len(views) - good} calls failed"] if good < len(views) else []
    problems_found = (*bad, *slow, *problems)
    return Row("200, all", f"200, {good} of {len(views)}", ended.reasons, ended.totals, problems_found)


async def restart_cloudmock(case: Case, folder: Path) -> Row:
    """Three calls with it, three without, three when it is back."""
    views: list[View] = []
    async with _between(folder) as (_aws, cloudmock, wrapper):
        with Client(wrapper.port) as client:
            for change in (None, cloudmock.stop, cloudmock.start):
                await asyncio.sleep(0.3)
                if change:
                    await change()
                views += [await client.call(case.call, len(views) + 10 + number) for number in range(3)]
            await asyncio.sleep(0.3)
            ended = await wrapper.end()
    wrong = [f"{ended.amiss} amiss, 3 were"] if ended.amiss != 3 else []
    return _row(views, ended, [*ending_problems(ended, (9,)), *wrong])


JUMPING_CLOCK = """
import os, time
_now, _jump, _sign = time.time, float(os.environ["CLOCK_JUMP"]), os.environ["CLOCK_JUMP_SIGN"]
time.time = lambda: _now() + (_jump if os.path.exists(_sign) else 0)
"""
"""A sitecustomize: the clock jumps when a file is there. `datetime.now` does not ask time.time, and stays."""


async def _jump_clock(case: Case, folder: Path, seconds: float) -> Row:
    (folder / "sitecustomize.py").write_text(JUMPING_CLOCK)
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    sign = folder / "jump"
    jump = {"PYTHONPATH": path, "CLOCK_JUMP": str(seconds), "CLOCK_JUMP_SIGN": str(sign)}
    async with _between(folder, environment=jump) as (_aws, _cloudmock, wrapper):
        with Client(wrapper.port) as client:
            views = [await client.call(case.call, number) for number in range(10, 20)]
            sign.touch()
            views += [await client.call(case.call, number) for number in range(20, 30)]
        ended = await wrapper.end()
    problems = [*ending_problems(ended, (20,))]
    if ended.amiss:
        problems.append(f"false alarm: {ended.amiss}")
    times = [ended.report.get("duration_sec", 0)]
    times += [value / 1000 for side in ended.report.get("latency_ms", {}).values() for value in side.values()]
    if any(not 0 <= seconds_of_report < 60 for seconds_of_report in times):
        problems.append(f"times of {min(times):.0f} to {max(times):.0f} s in the report")
    return _row(views, ended, problems)


async def jump_ahead(case: Case, folder: Path) -> Row:
    return await _jump_clock(case, folder, 3600)


async def jump_back(case: Case, folder: Path) -> Row:
    return await _jump_clock(case, folder, -3600)


async def terminate_under_load(case: Case, folder: Path) -> Row:
    """SIGTERM while eight clients call; what was answered is in the report, and nothing that was not asked."""
    numbers = iter(range(10, 10**6))
    views: list[View] = []
    call_count = 0

    async def load() -> None:
        nonlocal call_count
        with Client(wrapper.port) as client:
            while wrapper.process.returncode is None:
                call_count += 1
                views.append(await client.call(case.call, next(numbers)))

    async with _between(folder) as (_aws, _cloudmock, wrapper):
        loads = [asyncio.create_task(load()) for _ in range(8)]
        await asyncio.sleep(2)
        ended = await wrapper.end()
        for task in loads:
            task.cancel()
        await asyncio.gather(*loads, return_exceptions=True)
    answered = sum(view.status == 200 and not view.broken for view in views)
    problems = [*ending_problems(ended, range(answered, call_count + 1))]
    wrong = {view.status for view in views if view.status and view.status not in (200, 502, 503)}
    problems += [f"view differs: {wrong}"] if wrong else []
    slow = [view for view in views if not view.broken and view.seconds > DELAY_SECONDS]
    problems += [f"delayed: {len(slow)} calls"] if slow else []
    shown = f"{answered} answered of {call_count}, ended in {ended.seconds:.1f} s"
    return Row("-", shown, ended.reasons, ended.totals, tuple(problems))


def _no_space(limits: Sequence[str], output: str) -> Callable[[Case, Path], Awaitable[Row]]:
    """A run whose report cannot be written: 150 mismatches, so that it is larger than what there is room for."""

    async def run(case: Case, folder: Path) -> Row:
        before = [*limits, str(folder / "small")] if limits else []
        (folder / "small").mkdir()
        different = Fault("different", replace_by_an_error, is_always=True)
        async with (
            FaultyServer(NONE) as aws,
            FaultyServer(different) as cloudmock,
            Wrapper(aws.url, cloudmock.url, folder, output=output, before=before) as wrapper,
        ):
            with Client(wrapper.port) as client:
                views = [await client.call(case.call, number) for number in range(10, 160)]
            ended = await wrapper.end()
        problems = [f"exit code {ended.code}"] if ended.code != 2 else []
        problems += [] if "could not be written" in ended.stderr else ["it does not say that the report is missing"]
        problems += ["a traceback"] if "Traceback" in ended.stderr else []
        last_line = ended.stderr.strip().splitlines()[-1] if ended.stderr else ""
        return replace(_row(views, ended, problems), reasons=last_line.replace(str(folder), "…")[-160:])

    return run


async def replace_by_an_error(wire: Wire) -> bool:
    body = b'{"__type":"ResourceNotFoundException","message":"%s"}' % (b"No. " * 100)
    length = b"Content-Length: %d" % len(body)
    await wire.send(wire.answer.head(length, status=b"400 Bad Request") + body)
    return STAYS


_AS_ROOT = () if os.geteuid() == 0 else ("--map-root-user",)

SMALL_DISK = ("unshare", *_AS_ROOT, "--mount", "sh", "-c", 'mount -t tmpfs -o size=64k none "$0" && exec "$@"')

SMALL_FILES = ("sh", "-c", 'ulimit -f 32; exec "$@"')


def _serve(port: int) -> None:
    async def run() -> None:
        async with FaultyServer(NONE, port=port):
            await asyncio.Event().wait()

    asyncio.run(run())


@contextlib.contextmanager
def _server_process() -> Iterator[int]:
    """A good server with file descriptors of its own; its port."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(port,), daemon=True)
    process.start()
    try:
        yield port
    finally:
        process.terminate()
        process.join()


async def crowd(case: Case, folder: Path) -> Row:
    """10,000 connections: one more is served while they are idle, and then each of them."""
    with _server_process() as aws, _server_process() as cloudmock:
        await asyncio.sleep(2)
        async with Wrapper(f"http://localhost:{aws}", f"http://localhost:{cloudmock}", folder) as wrapper:
            clients = [Client(wrapper.port) for _ in range(CONNECTIONS)]
            for start in range(0, CONNECTIONS, AT_ONCE):
                await asyncio.gather(*(client.connected() for client in clients[start : start + AT_ONCE]))
            with Client(wrapper.port) as one_more:
                views = [await one_more.call(case.call, 1)]
            started = time.monotonic()
            for start in range(0, CONNECTIONS, AT_ONCE):
                chosen = enumerate(clients[start : start + AT_ONCE], start + 10)
                calls = (client.call(case.call, number) for number, client in chosen)
                views += await asyncio.gather(*calls)
            seconds = time.monotonic() - started
            for client in clients:
                client.leave()
            ended = await wrapper.end()
    row = _row(views, ended, ending_problems(ended, (CONNECTIONS + 1,)), READ_SECONDS)
    broken = ", ".join(sorted({view.broken or str(view.status) for view in views} - {"200"}))
    shown = f"{row.through} in {seconds:.0f} s" + (f"; others: {broken}" if broken else "")
    return replace(row, through=shown, problems=(*row.problems, *(["false alarm"] if ended.amiss else [])))


MISHAPS: Mapping[str, Callable[[Case, Path], Awaitable[Row]]] = {
    "CloudMock restarts": restart_cloudmock,
    "clock jumps ahead by 1 h": jump_ahead,
    "clock jumps back by 1 h": jump_back,
    "SIGTERM under load": terminate_under_load,
    "full disk": _no_space(SMALL_DISK, "small/report.json"),
    "file size limit": _no_space(SMALL_FILES, "report.json"),
    "/dev/full": _no_space((), "/dev/full"),
    "10,000 connections": crowd,
}
