"""Requests a second and latencies, as ratios from one run: see scripts/bench.

Three ways to the same server, one after the other, for each number of connections: direct; through stock `mitmdump` as
a bare reverse proxy; through cloudmock-contract, which besides forwarding identifies, signs, replays to a second server
and compares. The servers answer with a fixed reply, so that what is measured is what stands before them.

Before that, without a network: what identifying, addressing and signing a request for AWS costs, over requests that
botocore makes for all operations of some services.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import evaluate
import servers
from cloudmock_contract.aws.services import Services
from cloudmock_contract.errors import AppError
from cloudmock_contract.proxy.reference import Reference
from cloudmock_contract.settings import Settings

PREPARED = ("dynamodb", "s3", "sqs", "sns", "lambda", "iam", "sts", "cloudwatch", "route53")
"""The services whose requests are made ready for AWS: one of each protocol, and more."""

ROUNDS = 5
"""How often each of them is; the middle one counts."""

REPLY_BODY = b'{"Item":{"id":{"S":"1"},"name":{"S":"' + b"x" * 900 + b'"}}}'
REPLY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: 1\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(REPLY_BODY), REPLY_BODY)
)
REQUEST_BODY = b'{"TableName":"users","Key":{"id":{"S":"1"}}}'
REQUEST = (
    b"POST / HTTP/1.1\r\nHost: localhost:4577\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\n"
    b"Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20260101T000000Z\r\n"
    b"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/dynamodb/aws4_request, "
    b"SignedHeaders=host;x-amz-date;x-amz-target, Signature=%s\r\nContent-Length: %d\r\n\r\n%s"
    % (b"0" * 64, len(REQUEST_BODY), REQUEST_BODY)
)


class FixedReply(asyncio.Protocol):
    """Answers every request, whose length is known, with the same reply."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            assert isinstance(self._transport, asyncio.WriteTransport)
            self._transport.write(REPLY)


def serve(port: int) -> None:
    """Serve the fixed reply on a loopback port, for ever."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(FixedReply, "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(run())


@contextlib.contextmanager
def fixed_server() -> Iterator[int]:
    """A process that serves the fixed reply; its port."""
    port = servers.free_port()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(port,), daemon=True)
    process.start()
    try:
        yield port
    finally:
        process.terminate()
        process.join()


@dataclass(frozen=True, slots=True)
class Result:
    """What one way came to at one number of connections."""

    per_second: float
    p50: float
    p99: float


async def load(port: int, connections: int, seconds: float) -> Result:
    """Send the request again and again on each connection, one at a time."""
    latencies: list[float] = []
    warm = time.perf_counter() + min(1.0, seconds / 4)
    end = warm + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (sent := time.perf_counter()) < end:
            writer.write(REQUEST)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode("latin-1"))
            await reader.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
            if sent >= warm:
                latencies.append(time.perf_counter() - sent)
        writer.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    quantiles = statistics.quantiles(latencies, n=100)
    return Result(len(latencies) / seconds, quantiles[49], quantiles[98])


def proxies(aws: int, cloudmock: int) -> dict[str, servers.Server]:
    """The ways through a proxy, by name."""
    folder = Path(sys.executable).parent
    bare, script, wrapper = (servers.free_port() for _ in range(3))
    aws_url, cloudmock_url = f"http://127.0.0.1:{aws}", f"http://127.0.0.1:{cloudmock}"
    return {
        "bare mitmdump": servers.Server(
            [f"{folder}/mitmdump", "-q", "--listen-host", "127.0.0.1", "-p", str(bare), "-m", f"reverse:{aws_url}"],
            bare,
        ),
        "mitmdump -s": servers.Server(
            [
                f"{folder}/mitmdump", "-q", "-p", str(script), "-s", str(servers.TOP / "addon" / "contract.py"),
                "--set", f"contract_aws_endpoint={aws_url}", "--set", f"contract_cloudmock={cloudmock_url}",
            ],
            script,
        ),
        "wrapper": servers.Server(
            [
                f"{folder}/cloudmock-contract", "--port", str(wrapper),
                "--aws-endpoint", aws_url, "--cloudmock", cloudmock_url,
            ],
            wrapper,
        ),
    }  # fmt: skip


def preparation() -> list[float]:
    """Seconds that it takes to make each request ready for AWS: identified, addressed and signed."""
    for name, value in {"AWS_ACCESS_KEY_ID": "AKIABENCHMARK", "AWS_SECRET_ACCESS_KEY": "x" * 40}.items():
        os.environ.setdefault(name, value)
    reference = Reference(Settings.from_options({}), Services())
    found = []
    for service in PREPARED:
        for asked in evaluate.requests_of(service, "required", ""):
            if isinstance(asked, str):
                continue
            reference.prepare(asked.request)
            rounds = []
            try:
                for _ in range(ROUNDS):
                    started = time.perf_counter()
                    reference.signed(asked.request, reference.identify(asked.request))
                    rounds.append(time.perf_counter() - started)
            except AppError:
                continue  # a value that no endpoint can be made of
            found.append(statistics.median(rounds))
    return found


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="Ratios of direct, bare mitmdump and cloudmock-contract from one run.")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each cell is measured (5)")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 32], help="(1 8 32)")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, loopback.\n")
    prepared = preparation()
    median, last = statistics.median(prepared), statistics.quantiles(prepared, n=100)[98]
    print(
        f"identify, address and sign, {len(prepared)} requests: median {median * 1e3:.3f} ms, p99 {last * 1e3:.3f} ms\n"
    )
    print(f"One run of {arguments.seconds:g} s a cell; POST of {len(REQUEST_BODY)} B, reply of {len(REPLY_BODY)} B.")
    print("Ratios are to bare mitmdump at the same number of connections.\n")
    print("connections  way               req/s  ratio   p50 ms  ratio   p99 ms  ratio")
    with fixed_server() as aws, fixed_server() as cloudmock:
        time.sleep(1)
        for connections in arguments.connections:
            results = {"direct": asyncio.run(load(aws, connections, arguments.seconds))}
            for name, proxy in proxies(aws, cloudmock).items():
                with proxy:
                    results[name] = asyncio.run(load(proxy.port, connections, arguments.seconds))
            bare = results["bare mitmdump"]
            for name, result in results.items():
                print(
                    f"{connections:>11}  {name:<14} {result.per_second:>8.0f}"
                    f" {result.per_second / bare.per_second:>6.2f}"
                    f"  {result.p50 * 1000:>7.2f} {result.p50 / bare.p50:>6.2f}"
                    f"  {result.p99 * 1000:>7.2f} {result.p99 / bare.p99:>6.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
