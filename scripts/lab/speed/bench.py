"""Requests a second and latencies, as ratios from one run: see scripts/measure bench.

Four ways to the same server: direct; through stock `mitmdump` as a bare reverse proxy; and through cloudmock-contract,
as a script of mitmdump's and as the wrapper, which beside forwarding identify, sign, replay to a second server, compare
and write down. The ways take turns of which the median counts, so that what else the machine does hits all of them
alike. In the end each report must have compared every request. The app's end shares the processors with what is
measured: figures of `direct` are mostly its own.

With `--against`, another checkout's script and wrapper take turns with these, and a row says what the ratios are.

First, without a network: what identifying, addressing and signing a request for AWS costs, over requests that botocore
makes for all operations of some services. Last, AWS's side by TLS, with an app that keeps its connections, and with one
that makes one for each request, which the proxies then do towards AWS as well.
"""

import argparse
import asyncio
import contextlib
import ipaddress
import itertools
import math
import os
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from mitmproxy import certs

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.errors import AppError
from cloudmock_contract.proxy.sides.aws_side import AwsSide
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.http import Request
from lab.stand_ins import fixed_servers
from lab.stand_ins.fixed_servers import CALLS, FixedCall
from lab.workloads.every_operation import requests_of

WAYS = ("direct", "bare", "script", "wrapper")
OTHER = "*"
"""Behind the name of a way: through the other checkout."""

KINDS = {"plain": "http", "tls": "https, connections are kept", "tls-close": "https, a connection for each request"}
"""How AWS's side is reached, and whether the app keeps its connections."""

HEAD = "connections  way             req/s  ratio    p50 ms  ratio    p99 ms  ratio"

PREPARED = ("dynamodb", "s3", "sqs", "sns", "lambda", "iam", "sts", "cloudwatch", "route53")
"""The services whose requests are made ready for AWS: one of each protocol, and more."""

TURNS = 3
"""How often each way has its turn, and each request is made ready."""


class _Connection(asyncio.Protocol):
    """One of the app's, on which one call is made at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def ask(self, call: FixedCall, *, keeps: bool) -> asyncio.Future[None]:
        """Make the call; done when its reply is there. Raises RuntimeError if that is not AWS's."""
        self._length, self._received = len(call.aws.partition(b"\r\n\r\n")[2]), b""
        self._replied = asyncio.get_running_loop().create_future()
        request = fixed_servers.identified(call.parts)
        self.transport.write(request if keeps else request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        return self._replied

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, is_there, body = self._received.partition(b"\r\n\r\n")
        length = fixed_servers.content_length(head.lower()) if is_there else 0
        if is_there and not (head.startswith(b"HTTP/1.1 200 ") and len(body) <= length == self._length):
            self._end(RuntimeError(f"The reply is not AWS's: {self._received[:1000].decode('latin-1')}"))
        elif is_there and len(body) == length:
            self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or ConnectionResetError("The connection was closed before the reply had ended."))

    def _end(self, error: Exception | None) -> None:
        if not self._replied.done():
            self._replied.set_exception(error) if error else self._replied.set_result(None)


async def load(
    port: int,
    calls: Iterable[FixedCall],
    connections: int,
    note: Callable[[float, float], None],
    tls: ssl.SSLContext | None = None,
    *,
    keeps: bool = True,
) -> None:
    """Make the calls, each on the next connection that is free. Raises OSError, and RuntimeError for a wrong reply.

    `told`: when each was made, by the performance counter, and how many seconds it took. `keeps`: connections serve
    more than one call.
    """
    loop, calls_left = asyncio.get_running_loop(), iter(calls)

    async def client() -> None:
        connection: _Connection | None = None
        for call in calls_left:
            started = time.perf_counter()
            async with asyncio.timeout(fixed_servers.HANG_SECONDS):
                if connection is None or not keeps:
                    _, connection = await loop.create_connection(_Connection, "127.0.0.1", port, ssl=tls)
                await connection.ask(call, keeps=keeps)
            note(started, time.perf_counter() - started)
            if not keeps:
                connection.transport.close()

    await asyncio.gather(*(client() for _ in range(connections)))


@dataclass(frozen=True, slots=True)
class Way:
    """A way to AWS that is open."""

    port: int
    proxy: fixed_servers.Proxy | None = None
    tls: ssl.SSLContext | None = None
    counts: list[int] = field(default_factory=list)
    """How many requests were made on it, turn by turn."""

    def turn(self, call: FixedCall, connections: int, seconds: float, *, keeps: bool) -> tuple[float, float, float]:
        """Requests a second and two quantiles in ms, p50 and p99, after a fifth more of the time to get warm."""
        warm = time.perf_counter() + seconds / 5
        call_times: list[tuple[float, float]] = []
        calls = iter(lambda: call if time.perf_counter() < warm + seconds else None, None)
        asyncio.run(
            load(self.port, calls, connections, lambda *call_time: call_times.append(call_time), self.tls, keeps=keeps)
        )
        self.counts.append(len(call_times))
        latencies = [duration * 1000 for started, duration in call_times if started >= warm]
        quantiles = statistics.quantiles(latencies, n=100)
        return len(latencies) / seconds, quantiles[49], quantiles[98]

    def is_reported(self, name: str) -> bool:
        """End the way. Whether its report, if it makes one, has all that was made as matched; says so if not."""
        report, count = self.proxy.report() if self.proxy else {}, sum(self.counts)
        reported = [report.get(key, count) for key in ("total_requests", "matched")]
        if reported != [count, count]:
            print(
                f"WRONG: {name}: {count} requests were made, {reported[0]} compared, {reported[1]} matched.", flush=True
            )
        return reported == [count, count]


def compare(ways: Mapping[str, Way], call: FixedCall, connections: int, seconds: float, *, keeps: bool) -> None:
    """Let the ways take turns, together of so many seconds for each, and print a row for each."""
    turns: dict[str, list[tuple[float, ...]]] = {name: [] for name in ways}
    for number in range(TURNS):
        for name in list(ways)[:: 1 - number % 2 * 2]:
            turns[name].append(ways[name].turn(call, connections, seconds / TURNS, keeps=keeps))
    medians = {
        name: [statistics.median(values) for values in zip(*figures, strict=True)] for name, figures in turns.items()
    }
    for name, values in medians.items():
        bare = medians.get("bare", [math.nan] * 3)
        cells = "".join(
            f"{value:>10.2f} {value / bare_value:>6.2f}" for value, bare_value in zip(values, bare, strict=True)
        )
        print(f"{connections:>11}  {name:<11}{cells}", flush=True)
    for name, values in medians.items():
        if others := medians.get(name + OTHER):
            rate, p50, p99 = (value / other for value, other in zip(values, others, strict=True))
            print(f"{connections:>11}  {name} / {name + OTHER}: req/s {rate:.2f}, p50 {p50:.2f}, p99 {p99:.2f}")


@contextlib.contextmanager
def opened(
    names: Iterable[str], latency: float, authority: Path | None, against: Path | None
) -> Iterator[dict[str, Way]]:
    """The ways by name, between a server for AWS and one for CloudMock. `authority`: if AWS's speaks TLS. `against`:
    another checkout, whose ways have `OTHER` behind their names.
    """
    with contextlib.ExitStack() as stack:
        aws = stack.enter_context(fixed_servers.server("aws", latency=latency, certificate=authority or ""))
        cloudmock = stack.enter_context(fixed_servers.server("cloudmock"))
        ways = {"direct": Way(aws.port, tls=ssl.create_default_context(cafile=authority) if authority else None)}
        url = aws.url.replace("http:", "https:") if authority else aws.url
        for name in names:
            if name == "direct":
                continue
            through = stack.enter_context(fixed_servers.proxy(name, url, cloudmock.url, authority=authority))
            ways[name] = Way(through.port, through)
            if against and name != "bare":
                other = fixed_servers.proxy(name, url, cloudmock.url, authority=authority, checkout=against)
                ways[name + OTHER] = Way(stack.enter_context(other).port, other)
        yield {name: way for name, way in ways.items() if name.removesuffix(OTHER) in names}


def write_authority(folder: Path) -> Path:
    """A file of a certificate for 127.0.0.1, its key, and the authority that it is from; made anew."""
    store = certs.CertStore.from_store(folder, "authority", 2048)
    entry = store.get_cert("127.0.0.1", [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    file = folder / "certificate.pem"
    file.write_bytes(entry.cert.to_pem() + (folder / "authority-ca.pem").read_bytes())
    return file


def preparation() -> str:
    """How long it takes to make a request ready for AWS: identified, addressed and signed."""
    for name, value in {"AWS_ACCESS_KEY_ID": "AKIABENCHMARK", "AWS_SECRET_ACCESS_KEY": "x" * 40}.items():
        os.environ.setdefault(name, value)
    aws = AwsSide(Settings.from_options({}), Services())
    medians = []
    for sample in itertools.chain.from_iterable(requests_of(service, "required") for service in PREPARED):
        if isinstance(sample, str):
            continue
        aws.prepare(_call(sample.request))
        turns = []
        with contextlib.suppress(AppError):  # a value that no endpoint can be made of
            for _ in range(TURNS):
                started = time.perf_counter()
                aws.sign(aws.address(aws.identify(_call(sample.request))))
                turns.append((time.perf_counter() - started) * 1000)
            medians.append(statistics.median(turns))
    median, p99 = statistics.median(medians), statistics.quantiles(medians, n=100)[98]
    return f"identify, address and sign, {len(medians)} requests: median {median:.3f} ms, p99 {p99:.3f} ms"


def _call(request: Request) -> Call:
    return Call("1", datetime.now(tz=UTC), request, authentication(request))


def main() -> int:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description="Ratios of direct, bare mitmdump and cloudmock-contract from one run.")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long each way is measured for a row (6)")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 32], help="(1 8 32)")
    parser.add_argument("--calls", nargs="+", choices=CALLS, default=[*CALLS][:3], help="(all whose replies match)")
    parser.add_argument("--latency", type=float, nargs="+", default=[0, 20], help="milliseconds, of AWS alone (0 20)")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="(all)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="how AWS is reached (all)")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="another checkout, to be compared with this")
    options = parser.parse_args()
    print(f"{fixed_servers.machine()}\n{preparation()}\n{options.seconds:g} s a row; ratios are to bare mitmdump.")
    cells = [
        (kind, *call_and_latency)
        for kind in options.kinds
        for call_and_latency in itertools.product(options.calls, options.latency)
    ]
    is_right = True
    with tempfile.TemporaryDirectory() as folder:
        authority = write_authority(Path(folder))
        for kind, call, latency in cells:
            if kind != "plain" and (call, latency) != (options.calls[0], options.latency[0]):
                continue  # what TLS costs does not depend on them
            print(f"\n{call}, AWS takes {latency:g} ms, {KINDS[kind]}\n{HEAD}", flush=True)
            with opened(options.ways, latency / 1000, None if kind == "plain" else authority, options.against) as ways:
                for connections in options.connections:
                    compare(ways, CALLS[call], connections, options.seconds, keeps=kind != "tls-close")
                is_right &= sum(not way.is_reported(name) for name, way in ways.items()) == 0
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
