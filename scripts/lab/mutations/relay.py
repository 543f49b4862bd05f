"""A relay that stands before a server and makes seeded faults in some of its replies: see scripts/measure verdicts.

All other replies pass byte for byte. It runs in a thread of its own, on a free loopback port, inside a `with`
statement. This file knows HTTP/1.1 and which request asks for what; what a fault is, `faults` knows.
"""

import asyncio
import contextlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import h11

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.values.http import Headers, Reply, Request
from lab.mutations.change import Context
from lab.mutations.kinds import faulted, learn
from lab.mutations.new_values import Memory

CHUNK = 2**16
MAX_HEAD_BYTES = 2**20
"""Bytes of a request's or a reply's head."""

INVOCATION = "amz-sdk-invocation-id"


@dataclass(frozen=True, slots=True)
class Message:
    """A whole HTTP message, taken apart and as it was."""

    head: Any
    body: bytes
    raw: bytes
    headers: Headers


class FaultInjector:
    """The relay; one run's faults and calls."""

    def __init__(
        self,
        target_url: str,
        seed: int,
        every: int,
        *,
        log: Path | None = None,
        counts: Counter[str] | None = None,
        services: Services | None = None,
    ) -> None:
        """`every`: how many replies there are to a fault, 0 for none; `counts`: of the kinds, kept from run to run."""
        target = urlsplit(target_url)
        self._target = (target.hostname or "127.0.0.1", target.port or 80)
        self._random = Random(seed)
        self._every = every
        self._until_next = self._random.randrange(every) if every else -1
        self._log = log
        self._counts = Counter() if counts is None else counts
        self._services = services or Services()
        self._identifier = Identifier(self._services)
        self._memory = Memory()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fault injector", daemon=True)
        self._server: asyncio.Server | None = None
        self.calls: list[tuple[str, str, int]] = []
        """Invocation id, operation and true status of every call, in the order of their replies."""
        self.faults: list[dict[str, Any]] = []
        """As they are logged."""

    @property
    def url(self) -> str:
        assert self._server
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=CHUNK))
        self._ready.set()
        self._loop.run_forever()
        self._server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client's requests, one after the other."""
        upstream = _Upstream(self._target)
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        try:
            with contextlib.suppress(OSError, EOFError, h11.ProtocolError):
                while message := await _receive(connection, reader, writer):
                    reply = await upstream.ask(message)
                    writer.write(self._answer(connection, message, reply))
                    await writer.drain()
                    if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                        return
                    connection.start_next_cycle()
        finally:
            upstream.close()
            writer.close()

    def _answer(self, connection: h11.Connection, message: Message, reply: Message) -> bytes:
        """The reply's bytes as the client gets them."""
        changed = self._faulted(message, reply)
        if changed is None:
            _send(connection, reply.head, reply.body)
            return reply.raw
        head = h11.Response(
            status_code=changed.status, headers=list(changed.headers.to_bytes()), reason=reply.head.reason
        )
        return _send(connection, head, b"" if message.head.method == b"HEAD" else changed.body)

    def _faulted(self, message: Message, answer: Message) -> Reply | None:
        """The reply with a fault, if it is its turn; what was seen is remembered."""
        request = Request(message.head.method.decode(), message.head.target.decode(), message.headers, message.body)
        if INVOCATION not in request.headers:
            return None
        operation = self._identifier.identify(request, authentication(request))
        model = self._services.operation_model(operation.service, operation.action)
        invocation = request.headers.get(INVOCATION)
        self.calls.append((invocation, operation.name, answer.head.status_code))
        if model is None or "content-encoding" in answer.headers:
            return None
        context = Context(operation, model, request, self._memory, self._random)
        reply = Reply(answer.head.status_code, answer.headers, answer.body)
        result = faulted(reply, context, self._counts) if self._until_next == 0 else None
        self._until_next = self._every if result else self._until_next
        self._until_next -= self._until_next > 0
        learn(reply, context)
        if result is None:
            return None
        changed, fault = result
        self._counts[fault.kind] += 1
        entry = {"invocation_id": invocation, "operation": operation.name, **asdict(fault)}
        self.faults.append(entry)
        if self._log:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(entry, ensure_ascii=False) + "\n")
        return changed


class _Upstream:
    """The connection to the server that goes with one client's."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)

    async def ask(self, message: Message) -> Message:
        """The server's reply; a kept connection that the server has closed meanwhile is opened anew."""
        is_kept = self._streams is not None
        reply = await self._try(message)
        if reply is None and is_kept:
            reply = await self._try(message)
        if reply is None:
            raise EOFError
        return reply

    async def _try(self, message: Message) -> Message | None:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._target)
            self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)
        reader, writer = self._streams
        _send(self._connection, message.head, message.body)
        reply = None
        with contextlib.suppress(ConnectionError, h11.RemoteProtocolError):
            writer.write(message.raw)
            await writer.drain()
            reply = await _receive(self._connection, reader)
        if reply and self._connection.our_state is h11.DONE and self._connection.their_state is h11.DONE:
            self._connection.start_next_cycle()
        else:
            self.close()
        return reply

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def _receive(
    connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter | None = None
) -> Message | None:
    """The next whole message; None where there is no more. `writer`: of a client, which may wait for a 100."""
    head: Any = None
    body = raw = b""
    if connection.trailing_data[0]:
        raw = bytes(connection.trailing_data[0])
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if writer and connection.they_are_waiting_for_100_continue:
                writer.write(connection.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            data = await reader.read(CHUNK)
            raw += data
            connection.receive_data(data)
            continue
        match event:
            case h11.InformationalResponse():
                raw = bytes(connection.trailing_data[0])
            case h11.Request() | h11.Response():
                head = event
            case h11.Data():
                body += bytes(event.data)
            case h11.EndOfMessage():
                raw = raw[: len(raw) - len(connection.trailing_data[0])]
                return Message(head, body, raw, Headers.from_bytes(head.headers.raw_items()))
            case _:
                return None


def _send(connection: h11.Connection, head: Any, body: bytes) -> bytes:
    return b"".join(
        _sent(connection, (head, h11.Data(data=body), h11.EndOfMessage()) if body else (head, h11.EndOfMessage()))
    )


def _sent(connection: h11.Connection, events: Any) -> Iterator[bytes]:
    for event in events:
        yield connection.send(event) or b""
