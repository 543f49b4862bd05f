"""A case for each fault of a server, and for each misdeed of the app: the second of three calls meets it."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lab.robustness.client import READ_SECONDS, Client, View, request, send
from lab.robustness.judgement import (
    AWS,
    CLOUDMOCK,
    Case,
    Row,
    ending_problems,
    report_problems,
    view_problems,
    views_in_words,
)
from lab.robustness.wrapper import TIMEOUT_SECONDS, Wrapper
from lab.stand_ins.broken_servers import FAULTY_CALL, LATE, NONE, Fault, FaultyServer
from lab.stand_ins.certificates import LocalCertificates
from lab.stand_ins.misbehaviour import drip as dripping

CALLS = (1, FAULTY_CALL, 3)


async def run_fault(case: Case, folder: Path, fault: Fault) -> Row:
    """A fault of one of the servers."""
    certificates = LocalCertificates(folder) if fault.is_tls else None
    sound = replace(NONE, is_tls=fault.is_tls)
    context, environment = None, {}
    if certificates:
        context = ssl.create_default_context(cafile=str(certificates.authority))
        environment = dict.fromkeys(("AWS_CA_BUNDLE", "SSL_CERT_FILE"), str(certificates.authority))
    faults = {AWS: sound, CLOUDMOCK: sound, case.side: fault}
    async with (
        FaultyServer(faults[AWS], certificates) as aws,
        FaultyServer(faults[CLOUDMOCK], certificates) as cloudmock,
        Wrapper(aws.url, cloudmock.url, folder, environment=environment) as wrapper,
    ):
        faulty, sound_server = (aws, cloudmock) if case.side == AWS else (cloudmock, aws)
        right = await _calls(case.call, Client(sound_server.port, context), sound_server, 0.0)
        wrong = await _calls(case.call, Client(faulty.port, context), faulty, 0.0)
        aws.received.clear()
        cloudmock.received.clear()
        settling = TIMEOUT_SECONDS + 0.5 if case.side == CLOUDMOCK else 0.0
        seen = await _calls(case.call, Client(wrapper.port), faulty, settling)
        if case.side == CLOUDMOCK:
            await asyncio.sleep(min(max(view.seconds for view in wrong), TIMEOUT_SECONDS + 0.5))
        ended = await wrapper.end()
    expected = wrong if case.side == AWS else right
    unsound = sum(_is_unsound(case, good, bad) for good, bad in zip(right, wrong, strict=True))
    mended = fault.may_be_mended
    problems = [
        *view_problems(expected, seen, may_be_mended=mended and case.side == AWS),
        *ending_problems(ended, (len(CALLS),)),
        *report_problems(ended, case.side, unsound, may_be_mended=mended),
    ]
    is_silent = bool(wrong[1].broken) and not wrong[1].status
    may_repeat = mended or (case.side == CLOUDMOCK and case.call == "GetObject" and is_silent)
    if not may_repeat:
        received = ((AWS, aws), (CLOUDMOCK, cloudmock))
        problems += [
            f"sent to {name} twice" for name, server in received if max(server.received.values(), default=0) > 1
        ]
    directly = (
        views_in_words(wrong) if case.side == AWS else f"{views_in_words(right)}; CloudMock: {views_in_words(wrong)}"
    )
    return Row(directly, views_in_words(seen), ended.reasons, ended.totals, tuple(problems))


def _is_unsound(case: Case, right: View, wrong: View) -> bool:
    """Whether the report should say that the faulty side's reply is not the other side's."""
    is_late = case.side == CLOUDMOCK and wrong.seconds > TIMEOUT_SECONDS
    is_missing = case.call == "GetObject" and wrong.length != right.length
    return is_late or is_missing or not wrong.is_same_as(right)


async def _calls(kind: str, client: Client, faulty: FaultyServer, settling: float) -> list[View]:
    """The three calls. `settling`: how many seconds a fault of connections outlasts the call."""
    views = [await client.call(kind, CALLS[0])]
    async with faulty.breaking(settling):
        views.append(await client.call(kind, FAULTY_CALL))
    views.append(await client.call(kind, CALLS[-1]))
    client.leave()
    return views


type Misbehaviour = Callable[[Client, str], Awaitable[View]]
"""Makes the second call, with a request of this kind, in a way that no good client does."""


async def leave_before_the_reply(client: Client, kind: str, *, reset: bool = False) -> View:
    await _begin(client, request(kind, FAULTY_CALL, client.host), 0.3)
    client.leave(reset=reset)
    return View(broken="left")


async def reset_before_the_reply(client: Client, kind: str) -> View:
    return await leave_before_the_reply(client, kind, reset=True)


async def leave_inside_the_body(client: Client, kind: str) -> View:
    await _begin(client, request(kind, FAULTY_CALL, client.host), 1.0)
    client.leave()
    return View(broken="left")


async def leave_inside_the_request(client: Client, kind: str) -> View:
    raw = request(kind, FAULTY_CALL, client.host)
    await _begin(client, raw[: len(raw) - 20], 0.3)
    client.leave()
    return View(broken="left")


async def leave_inside_the_head(client: Client, kind: str) -> View:
    await _begin(client, request(kind, FAULTY_CALL, client.host)[:60], 0.3)
    client.leave()
    return View(broken="left")


async def _begin(client: Client, raw: bytes, seconds: float) -> None:
    _reader, writer = await client.connected()
    await send(writer, raw)
    await asyncio.sleep(seconds)


async def pipeline(client: Client, kind: str) -> View:
    """Send the request with another one behind it; the first reply that is amiss."""
    await _begin(client, request(kind, FAULTY_CALL, client.host) + request(kind, 4, client.host), 0.0)
    views = [await client.read(), await client.read()]
    return next((view for view in views if view.status != 200 or view.broken), views[0])


async def expect_continue(client: Client, kind: str) -> View:
    """Send the body only when the server has said that it wants it."""
    raw = request(kind, FAULTY_CALL, client.host, more=b"Expect: 100-continue\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    reader, writer = await client.connected()
    await send(writer, head + b"\r\n\r\n")
    async with asyncio.timeout(READ_SECONDS):
        interim = await reader.readuntil(b"\r\n\r\n")
    if b" 100 " not in interim:
        return View(broken="no 100")
    await send(writer, body)
    return await client.read()


async def send_chunks(client: Client, kind: str, *, trailers: bytes = b"") -> View:
    raw = request(kind, FAULTY_CALL, client.host, more=b"Transfer-Encoding: chunked\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    return await client.exchange(head + b"\r\n\r\n%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, trailers))


async def send_trailers(client: Client, kind: str) -> View:
    return await send_chunks(client, kind, trailers=b"x-checksum: abc\r\n")


@dataclass(frozen=True, slots=True)
class Misdeed:
    """What the app does wrong, or seldom."""

    name: str
    act: Misbehaviour
    aws: Fault = NONE
    counts: tuple[int, ...] = (3,)
    """How many exchanges there may be: what was cut off was no call, and may be counted for one."""
    received: tuple[int, ...] = (1,)
    """How often each side may get the call; CloudMock need not if AWS did not."""


LARGE_DRIP = Fault("large drip", dripping(2000))

MISDEEDS = (
    Misdeed("gone before the reply", leave_before_the_reply, LATE, received=(0, 1)),
    Misdeed("reset before the reply", reset_before_the_reply, LATE, received=(0, 1)),
    Misdeed("gone inside the reply", leave_inside_the_body, LARGE_DRIP),
    Misdeed("gone inside the request", leave_inside_the_request, counts=(2, 3), received=(0,)),
    Misdeed("gone inside the head", leave_inside_the_head, counts=(2,), received=(0,)),
    Misdeed("pipelined", pipeline, counts=(4,)),
    Misdeed("Expect: 100-continue", expect_continue),
    Misdeed("chunked request", send_chunks),
    Misdeed("request with trailers", send_trailers),
)


async def run_misdeed(case: Case, folder: Path, misdeed: Misdeed) -> Row:
    """A fault of the app."""
    async with (
        FaultyServer(misdeed.aws) as aws,
        FaultyServer(NONE) as cloudmock,
        Wrapper(aws.url, cloudmock.url, folder) as wrapper,
    ):
        views = []
        for port in (aws.port, wrapper.port):
            aws.received.clear()
            with Client(port) as client:
                first, second = await client.call(case.call, 1), await misdeed.act(client, case.call)
                views.append([first, second, await client.call(case.call, 3)])
                await asyncio.sleep(1.0)
        ended = await wrapper.end()
    problems = [*view_problems(*views, may_be_mended=False), *ending_problems(ended, misdeed.counts)]
    for name, server in ((AWS, aws), (CLOUDMOCK, cloudmock)):
        if server.received[FAULTY_CALL] not in misdeed.received:
            problems.append(f"sent to {name} {server.received[FAULTY_CALL]} times")
    return Row(views_in_words(views[0]), views_in_words(views[1]), ended.reasons, ended.totals, tuple(problems))
