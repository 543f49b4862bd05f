"""Emulators for the whole session, and programs that are stopped at the end of their test."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from lab.stand_ins import servers
from support.programs import FOLDER, Program, Start


@pytest.fixture(scope="session")
def moto() -> Iterator[servers.Server]:
    """A moto server; it stands in for AWS."""
    with servers.moto() as server:
        yield server


@pytest.fixture(scope="session")
def ministack() -> Iterator[servers.Server]:
    """A ministack server; it stands in for CloudMock."""
    with servers.ministack() as server:
        yield server


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a program of the environment with these arguments; kills at the end what is left of it."""
    started: list[Program] = []

    def run(
        *arguments: str, program: str = "cloudmock-contract", environment: Mapping[str, str] | None = None
    ) -> Program:
        output = tmp_path / "contract-report.json"
        started.append(Program([str(FOLDER / program), *arguments], output, environment or {}))
        return started[-1]

    yield run
    for running in started:
        if running.process.poll() is None:
            running.process.kill()
            running.process.communicate()


@pytest.fixture
def between(start: Start, moto: servers.Server, ministack: servers.Server) -> Callable[..., Program]:
    """The wrapper between moto and ministack, on a free port unless the arguments name one."""

    def run(*arguments: str) -> Program:
        sides = ["--aws-endpoint", moto.url, "--cloudmock", ministack.url]
        port = [] if "--port" in arguments else ["--port", "0"]
        return start(*sides, *port, *arguments)

    return run
