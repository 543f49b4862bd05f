"""Servers with replies that are made beforehand, and the calls that ask for them: for the benchmarks.

They cost little, so that what is measured is what stands before them: nothing is parsed but the end of a head and the
length of a body, and no body is kept. Requests are as boto3 makes them, but for the signature, which is of no key.
This file also starts what stands before them, and does not make calls.
"""

import argparse
import asyncio
import itertools
import json
import os
import platform
import ssl
import sys
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore

from lab.stand_ins import servers

BLOCK = bytes(range(256)) * 1024
"""What large bodies consist of: 256 KiB, again and again."""

HANG_SECONDS = 60.0
"""After how long a reply, or a program's end, is not waited for any more."""

_RUN, _numbers = time.time_ns() >> 10 & 0xFFFFFFFF, itertools.count()


@dataclass(frozen=True, slots=True)
class FixedCall:
    """A request that an app makes, and the replies to it."""

    parts: tuple[bytes, bytes]
    """The request: what comes before the SDK's id of the call, and what comes after it."""
    known_by: bytes
    """What stands in its head, in lower case, and in no other's."""
    aws: bytes
    cloudmock: bytes


def identified(parts: tuple[bytes, bytes]) -> bytes:
    """The request with an id of the call that no other has."""
    return b"%b%08x-0000-4000-8000-%012x%b" % (parts[0], _RUN, next(_numbers), parts[1])


def sdk_request(line: str, service: str, fields: Mapping[str, str], body: bytes = b"") -> tuple[bytes, bytes]:
    """The two parts of a request as boto3 makes it. `line`: its method and target."""
    signed = ";".join(sorted({name.lower() for name in fields} - {"expect", "content-length"} | {"host", "x-amz-date"}))
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"AKIDEXAMPLE/{date[:8]}/us-east-1/{service}/aws4_request"
    lines = {
        "Host": "localhost:4577",
        "Accept-Encoding": "identity",
        **fields,
        "User-Agent": f"Boto3/{botocore.__version__} md/Botocore#{botocore.__version__} ua/2.1 os/linux m/b,E,e,N,Z",
        "X-Amz-Date": date,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={'0a1b2c3d' * 8}",
        "amz-sdk-invocation-id": "\0",
        "amz-sdk-request": "attempt=1; max=3",
    }
    lines |= {"Content-Length": str(len(body))} if body else {}
    text = "\r\n".join((f"{line} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items()), "", ""))
    before, _, after = (text.encode() + body).partition(b"\0")
    return before, after


def _reply(fields: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _dynamodb(action: str, parameters: Mapping[str, object], *replies: Mapping[str, object]) -> FixedCall:
    """`replies`: AWS's and CloudMock's, or one for both."""
    target = f"DynamoDB_20120810.{action}"
    fields = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"}
    head = (
        "Server: Server\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: application/x-amz-json-1.0\r\n"
        f"Connection: keep-alive\r\nx-amzn-RequestId: {'0ABCDEFG' * 6}\r\nx-amz-crc32: "
    )
    bodies = [json.dumps(reply, separators=(",", ":")).encode() for reply in replies]
    messages = [_reply(f"{head}{zlib.crc32(body)}\r\n", body) for body in bodies]
    parts = sdk_request("POST /", "dynamodb", fields, json.dumps(parameters).encode())
    return FixedCall(parts, f"x-amz-target: {target.lower()}\r\n".encode(), messages[0], messages[-1])


def _s3_fields(etag: str) -> str:
    return (
        f"x-amz-id-2: {'a1B2c3D4' * 9}\r\nx-amz-request-id: 0A1B2C3D4E5F6G7H\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
        f'ETag: "{etag * 2}"\r\nx-amz-server-side-encryption: AES256\r\nServer: AmazonS3\r\n'
    )


_OBJECT = (
    f"{_s3_fields('0123456789abcdef')}Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nAccept-Ranges: bytes\r\n"
    "Content-Type: binary/octet-stream\r\n"
)
GET_FIELDS = {
    "x-amz-checksum-mode": "ENABLED",
    "X-Amz-Content-SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
}
"""What a GetObject's head has besides: the hash is that of no body."""

_ITEM = {"id": {"S": "1"}, "name": {"S": "Ada " * 220}, "age": {"N": "36"}}
_ADDRESS = {"street": {"S": "1 Main Street"}, "city": {"S": "Springfield"}}
_MORE = {"address": {"M": _ADDRESS}, "tags": {"SS": ["one", "two", "three"]}}
_ITEMS = [
    {"id": {"S": f"user-{n:04}"}, "name": {"S": f"{n} of a hundred names"}, "age": {"N": str(n)}, **_MORE}
    for n in range(100)
]

CALLS: Mapping[str, FixedCall] = {
    "get-item": _dynamodb("GetItem", {"TableName": "users", "Key": {"id": {"S": "1"}}}, {"Item": _ITEM}),
    "get-object": FixedCall(
        sdk_request("GET /bucket/folder/key", "s3", GET_FIELDS),
        b"get /bucket/folder/key ",
        *[_reply(_OBJECT, BLOCK[:1024])] * 2,
    ),
    "scan": _dynamodb("Scan", {"TableName": "users"}, {"Items": _ITEMS, "Count": 100, "ScannedCount": 100}),
    "differing": _dynamodb("Query", {"TableName": "users"}, {"Items": [_ITEM], "Count": 1}, {"Items": [], "Count": 0}),
}
"""By name. The replies to the last one are not the same."""


class Proxy(servers.Server):
    """What stands between the app and the servers, as a process."""

    def memory(self, name: str) -> float:
        """MiB: `VmHWM`, the most that it ever had, or `VmRSS`, what it has."""
        assert self._process
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return int(status.partition(f"{name}:")[2].split()[0]) / 1024

    def report(self) -> dict[str, Any]:
        """End it; the report that it leaves, which is empty for one that makes none."""
        assert self._process
        self._process.terminate()
        self._process.wait(HANG_SECONDS)
        file = self.log.with_name("contract-report.json")
        return dict(json.loads(file.read_bytes())) if file.exists() else {}


def proxy(
    way: str, aws: str, cloudmock: str, *more: str, authority: Path | None = None, checkout: Path | None = None
) -> Proxy:
    """A way through a proxy. `more`: arguments; `authority`: a file of the certificates that it trusts; `checkout`: of
    another version of this project, installed in its .venv.
    """
    folder = checkout / ".venv" / "bin" if checkout else Path(sys.executable).parent
    port = servers.free_port()
    mitmdump = [f"{folder}/mitmdump", "-q", f"--listen-port={port}"]
    trusted = ["--set", f"ssl_verify_upstream_trusted_ca={authority}"] if authority else []
    options = ["--set", f"contract_aws_endpoint={aws}", "--set", f"contract_cloudmock={cloudmock}"]
    command = {
        "bare": [*mitmdump, "--listen-host", "127.0.0.1", "-m", f"reverse:{aws}", *trusted],
        "script": [*mitmdump, "-s", f"{checkout or servers.TOP}/addon/contract.py", *options],
        "wrapper": [
            f"{folder}/cloudmock-contract",
            f"--port={port}",
            f"--aws-endpoint={aws}",
            f"--cloudmock={cloudmock}",
        ],
    }[way]
    return Proxy([*command, *more], port, {"AWS_CA_BUNDLE": str(authority)} if authority else {})


class FixedReplies(asyncio.Protocol):
    """One connection. A request's body must have a Content-Length."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._replies = {call.known_by: getattr(call, options.side) for call in CALLS.values()}
        self._loop = asyncio.get_running_loop()
        self._buffer = self._head = b""
        self._left = 0  # bytes of the request's body that are still to come

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._left > len(data):
            self._left -= len(data)
            self.body_received(len(data))
            return
        self._buffer += data
        while self._head or b"\r\n\r\n" in self._buffer:
            if not self._head:
                head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
                self._head = head.lower()
                self._left = content_length(self._head)
                if b"\r\nexpect: 100-continue" in self._head:
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            if len(self._buffer) < self._left:
                self._left -= len(self._buffer)
                self._buffer = b""
                return
            self._buffer, self._left = self._buffer[self._left :], 0
            self._loop.call_later(self._options.latency, self.answer, self._head)
            self._head = b""

    def body_received(self, size: int) -> None:
        """So many bytes of a body have come, which is not at its end."""

    def answer(self, head: bytes) -> None:
        """Reply to the request with this head, which is in lower case."""
        refusal = b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n"
        self._transport.write(next((self._replies[name] for name in self._replies if name in head), refusal))


def content_length(head: bytes) -> int:
    """Of a head in lower case; 0 if it has none."""
    return int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0] or 0)


def server(side: str, module: str = __name__, **options: object) -> servers.Server:
    """A server of a side, `aws` or `cloudmock`, as a process of a program that calls `serve`."""
    port = servers.free_port()
    words = [f"--{name}={value}" for name, value in {"side": side, "port": port, **options}.items()]
    return servers.Server([*servers.module_command(module), "serve", *words], port)


async def serve(protocol: Callable[[argparse.Namespace], FixedReplies], words: Sequence[str]) -> None:
    """Serve for ever, as the words of the command line say."""
    parser = argparse.ArgumentParser(description="A server of one side, with replies that are made beforehand.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--side", choices=("aws", "cloudmock"), required=True)
    parser.add_argument("--latency", type=float, default=0, help="seconds before each reply (0)")
    parser.add_argument("--rate", type=float, default=0, help="bytes of an upload that are read in a second (any)")
    parser.add_argument("--certificate", default="", help="a file of certificate and key, to speak TLS")
    options = parser.parse_args(words)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if options.certificate else None
    if tls:
        tls.load_cert_chain(options.certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: protocol(options), "127.0.0.1", options.port, ssl=tls)
    await server.serve_forever()


def machine() -> str:
    """What figures are of."""
    cpus = Path("/proc/cpuinfo")
    model = cpus.read_text(encoding="utf-8").partition("model name\t: ")[2].partition("\n")[0] if cpus.exists() else ""
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}, loopback"
    return f"{os.cpu_count()} cores, {model or platform.machine()}, {system}."


if __name__ == "__main__":
    asyncio.run(serve(FixedReplies, sys.argv[2:]))
