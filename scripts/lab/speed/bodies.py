"""Large bodies and streams, as ratios from one run: see scripts/measure bodies.

For an upload of known hash, one in aws-chunked framing with a checksum after it, a download, and a stream of events:
how long they take directly, through stock `mitmdump` that streams large bodies, and through the wrapper; when the
reply's body begins; and the most memory that the proxy ever had. Once more the upload, with a CloudMock that reads
slowly: the app must not notice, and the report must say what happened. The servers keep no body that they get.
"""

import argparse
import asyncio
import base64
import contextlib
import functools
import hashlib
import http.client
import json
import math
import select
import socket
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.stand_ins import fixed_servers
from lab.stand_ins.fixed_servers import BLOCK, HANG_SECONDS

DOWNLOADS = "/bucket/download-"
"""How the path of a download begins; what follows is its number of bytes."""

UPLOAD = "/bucket/upload"
RECEIVED = "x-benchmark-received"
"""The header in which the reply to an upload says how long its body was: no model knows it."""

STREAM = "/model/amazon.nova-lite-v1%3a0/converse-stream"
FRAMES, FRAME_SECONDS = 10, 0.1
"""How many events a stream has, and how long it is from one to the next."""

SLOW_BYTES_PER_SECOND = 20_000_000
"""Bytes a second that a slow CloudMock reads."""

CONTINUE_SECONDS = 1.0  # after which botocore sends a body without having been told to go on
SMALL = 1024  # bytes of the body of a request that each way makes before
WAYS: Mapping[str, tuple[str, ...]] = {"direct": (), "bare": ("--set", "stream_large_bodies=1m"), "wrapper": ()}


class LargeBodies(fixed_servers.FixedReplies):
    """A connection on which bodies may be of any size."""

    _unsent, _is_writable = 0, True
    """Bytes of the reply's body that are still to come, and whether the client takes them."""

    def body_received(self, size: int) -> None:
        if self._options.rate:
            self._transport.pause_reading()
            self._loop.call_later(size / self._options.rate, self._transport.resume_reading)

    def answer(self, head: bytes) -> None:
        path = head.split(b" ", 2)[1].decode("latin-1")
        if path.startswith(DOWNLOADS):
            self._unsent = int(path.removeprefix(DOWNLOADS))
            self._begin("Content-Type: binary/octet-stream", f"Content-Length: {self._unsent}")
            self.resume_writing()
        elif path == UPLOAD:
            self._begin(f"{RECEIVED}: {fixed_servers.content_length(head)}", "Content-Length: 0")
        elif path == STREAM:
            self._begin("Content-Type: application/vnd.amazon.eventstream", "Transfer-Encoding: chunked")
            self._send_frame(0)
        else:
            super().answer(head)

    def _begin(self, *lines: str) -> None:
        known = ("HTTP/1.1 200 OK", "x-amz-request-id: 0A1B2C3D4E5F6G7H", f'ETag: "{"0a1b2c3d" * 4}"')
        self._transport.write("\r\n".join((*known, *lines, "", "")).encode())

    def pause_writing(self) -> None:
        self._is_writable = False

    def resume_writing(self) -> None:
        self._is_writable = True
        while self._unsent and self._is_writable and not self._transport.is_closing():
            block = BLOCK[: self._unsent]
            self._unsent -= len(block)
            self._transport.write(block)

    def _send_frame(self, number: int) -> None:
        message = frame(number) if number < FRAMES else b""
        self._transport.write(b"%x\r\n%b\r\n" % (len(message), message))
        if message:
            self._loop.call_later(FRAME_SECONDS if number + 1 < FRAMES else 0, self._send_frame, number + 1)


def frame(number: int) -> bytes:
    """An event of ConverseStream, framed: https://smithy.io/2.0/aws/amazon-eventstream.html"""
    payload = json.dumps({"contentBlockIndex": 0, "delta": {"text": f"word {number} "}}).encode()
    fields = {b":event-type": b"contentBlockDelta", b":content-type": b"application/json", b":message-type": b"event"}
    headers = b"".join(bytes((len(name),)) + name + b"\7\0" + bytes((len(of),)) + of for name, of in fields.items())
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack("!I", zlib.crc32(message))


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and what its reply must say."""

    head: tuple[bytes, bytes]
    body: Callable[[], Iterable[bytes]] = tuple
    stored: int = 0
    """Bytes of the body that must have reached AWS; its framing may be another."""
    length: int = 0
    """Bytes of the reply's body."""


def blocks(size: int) -> Iterator[bytes]:
    """A body of this size."""
    for start in range(0, size, len(BLOCK)):
        yield BLOCK[: size - start]


def plain_upload(size: int) -> Exchange:
    digest = hashlib.sha256()
    for block in blocks(size):
        digest.update(block)
    fields = {"X-Amz-Content-SHA256": digest.hexdigest(), "Expect": "100-continue", "Content-Length": str(size)}
    return Exchange(fixed_servers.sdk_request(f"PUT {UPLOAD}", "s3", fields), lambda: blocks(size), size)


def chunked_upload(size: int) -> Exchange:
    checksum = functools.reduce(lambda sofar, block: zlib.crc32(block, sofar), blocks(size), 0)
    end = b"0\r\nx-amz-checksum-crc32:%b\r\n\r\n" % base64.b64encode(struct.pack("!I", checksum))

    def body() -> Iterator[bytes]:
        yield from (b"%x\r\n%b\r\n" % (len(block), block) for block in blocks(size))
        yield end

    fields = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "X-Amz-Decoded-Content-Length": str(size),
        "X-Amz-Trailer": "x-amz-checksum-crc32",
        "x-amz-sdk-checksum-algorithm": "CRC32",
        "Expect": "100-continue",
        "Content-Length": str(sum(len(part) for part in body())),
    }
    return Exchange(fixed_servers.sdk_request(f"PUT {UPLOAD}", "s3", fields), body, size)


def download(size: int) -> Exchange:
    return Exchange(fixed_servers.sdk_request(f"GET {DOWNLOADS}{size}", "s3", fixed_servers.GET_FIELDS), length=size)


def stream(_size: int) -> Exchange:
    body = b'{"messages": [{"role": "user", "content": [{"text": "hi"}]}]}'
    head = fixed_servers.sdk_request(f"POST {STREAM}", "bedrock", {"Content-Type": "application/json"}, body)
    return Exchange(head, length=FRAMES * len(frame(0)))


CASES: Mapping[str, tuple[Callable[[int], Exchange], int]] = {
    "upload": (plain_upload, 0),
    "aws-chunked": (chunked_upload, 0),
    "download": (download, 0),
    "slow-upload": (plain_upload, SLOW_BYTES_PER_SECOND),
    "stream": (stream, 0),
}
"""By name: the exchange of a size, and how many bytes a second CloudMock reads; 0: as many as come."""


def make(port: int, exchange: Exchange) -> tuple[float, float]:
    """Seconds to the first byte of the reply's body, or to its head, and to its end. Raises if the reply is wrong."""
    buffer = bytearray(2**20)
    with socket.create_connection(("127.0.0.1", port), HANG_SECONDS) as connection:
        started = time.perf_counter()
        connection.sendall(fixed_servers.identified(exchange.head))
        if exchange.stored and select.select([connection], [], [], CONTINUE_SECONDS)[0]:
            interim = connection.recv(1000)
            if not interim.startswith(b"HTTP/1.1 100 "):
                raise RuntimeError(f"no leave to go on: {interim.decode('latin-1')}")
        for part in exchange.body():
            connection.sendall(part)
        with http.client.HTTPResponse(connection) as reply:
            reply.begin()
            length = len(reply.read(1))
            begun = time.perf_counter() - started
            while count := reply.readinto(buffer):
                length += count
            stored = int(reply.headers.get(RECEIVED, 0))
            if (reply.status, length) != (200, exchange.length) or stored < exchange.stored:
                raise RuntimeError(f"status {reply.status}, {length} bytes, and AWS has had {stored}")
    return begun, time.perf_counter() - started


def in_words(report: Mapping[str, Any]) -> str:
    """What the report says of the exchanges."""
    if not report:
        return "-"
    left_out = report.get("not_compared", {})
    reasons = [*left_out.get("by_reason", {}), *(mismatch["diffs"][0] for mismatch in report["mismatches"])]
    counts = f"{report['matched']} matched, {report['mismatched']} mismatched, {left_out.get('total', 0)} not compared"
    return "; ".join((counts, *reasons))


def row(way: str, exchanges: Sequence[Exchange], aws: str, cloudmock: str, port: int) -> tuple[str, float]:
    """A row of the table without its first cells, and the seconds that the last exchange took. `port`: AWS's."""
    if way == "direct":
        begun, took = [make(port, exchange) for exchange in exchanges][-1]
        peak, report = math.nan, {}
    else:
        with fixed_servers.proxy(way, aws, cloudmock, *WAYS[way]) as proxy:
            begun, took = [make(proxy.port, exchange) for exchange in exchanges][-1]
            peak, report = proxy.memory("VmHWM"), proxy.report()
    speed = max(exchanges[-1].stored, exchanges[-1].length) / took / 1e6
    return f"{took:>8.2f} {speed:>8.0f} {begun * 1000:>13.1f} {peak:>9.0f}  {in_words(report)}", took


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="Large bodies: direct, bare mitmdump and cloudmock-contract.")
    parser.add_argument("--size", type=int, default=1024, help="of a large body, in MiB (1024)")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES), help="(all)")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), help="(all)")
    options = parser.parse_args()
    print(f"{fixed_servers.machine()}\n{options.size} MiB; the ratio is of seconds, to bare mitmdump.\n")
    print("case         way      ratio  seconds     MB/s first byte ms  peak MiB  report", flush=True)
    code, bare = 0, math.nan
    for case in options.cases:
        exchange, rate = CASES[case]
        exchanges = [exchange(SMALL), exchange(options.size * 2**20)]
        for way in sorted(options.ways, key=("bare", "direct", "wrapper").index):
            with contextlib.ExitStack() as stack:
                aws = stack.enter_context(fixed_servers.server("aws", "lab.speed.bodies"))
                cloudmock = stack.enter_context(fixed_servers.server("cloudmock", "lab.speed.bodies", rate=rate))
                try:
                    text, took = row(way, exchanges, aws.url, cloudmock.url, aws.port)
                except (OSError, RuntimeError, http.client.HTTPException, subprocess.TimeoutExpired) as error:
                    text, took, code = f"  FAILED: {type(error).__name__}: {error}", math.nan, 1
            bare = took if way == "bare" else bare
            print(f"{case:<12} {way:<8} {took / bare:>5.2f} {text}", flush=True)
    return code


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(fixed_servers.serve(LargeBodies, sys.argv[2:]))
    sys.exit(main())
