"""sts:GetCallerIdentity, asked of a server."""

import asyncio
from datetime import UTC, datetime

import pytest

from cloudmock_contract.aws.credentials.caller_identity import CallerIdentity
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.errors import CloudMockError
from cloudmock_contract.proxy.sides import caller_question
from cloudmock_contract.proxy.sides.http_client import HttpClient
from cloudmock_contract.url import Url
from lab.aws_verifier import signatures
from lab.aws_verifier.signatures import Key
from lab.stand_ins.stand_in import StandIn, caller, reply

CREDENTIALS = Credentials("ASIASOMEBODY", "a-secret", "a/token+==")
FOUND = CallerIdentity("123456789012", "arn:aws:iam::123456789012:user/stand-in", "eu-west-1", "AIDACKCEVSQ6C2EXAMPLE")


def asked(server: StandIn, path: str = "") -> CallerIdentity:
    """What the server says."""
    url = Url.parse("--cloudmock", server.url + path)

    async def ask() -> CallerIdentity:
        client = HttpClient(url, 30, "CloudMock")
        try:
            return await caller_question.ask(client, url, CREDENTIALS, "eu-west-1")
        finally:
            await client.close()

    return asyncio.run(ask())


@pytest.mark.parametrize("path", ["", "/mock"])
def test_the_question_is_signed(stand_in: StandIn, path: str) -> None:
    """For STS in the region, with these credentials, and with the name of this program on it."""
    assert FOUND == asked(stand_in, path)
    (received,) = stand_in.received_from_proxy
    key = Key(CREDENTIALS.access_key, CREDENTIALS.secret_key, CREDENTIALS.token or "")
    keys, now = {key.access_key: key}, datetime.now(tz=UTC)
    found = signatures.verify(received.head, received.body, keys, now, host_scope=lambda _: None)

    assert (True, "", "header") == (found.accepted, found.message, found.style)
    assert ("eu-west-1", "sts") == (found.region, found.service)
    assert (f"{path}/", b"Action=GetCallerIdentity&Version=2011-06-15") == (received.target, received.body)
    assert [] == stand_in.received


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (caller("000000000000", "arn:aws:iam::000000000000:root", "000000000000"), "000000000000"),
        (reply(b'{"Account": "000000000000", "Arn": "a", "UserId": "u"}'), "000000000000"),
        (
            reply(b'{"GetCallerIdentityResponse": {"GetCallerIdentityResult": {"Account": "000000000000"}}}'),
            "000000000000",
        ),
        (reply(b"<x><Account>000000000000</Account></x>", content_type="text/plain"), "000000000000"),
    ],
)
def test_an_answer_is_read_in_any_form(stand_in: StandIn, answer: bytes, expected: str) -> None:
    """Emulators leave wrappers out, or answer in JSON."""
    stand_in.answer_proxy = lambda *_: answer

    assert expected == asked(stand_in).account


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "closed the connection without a reply"),
        (b"HTTP/9 nothing\r\n\r\n", "CloudMock"),
        (reply(b"<Error/>", "403 Forbidden"), "the status 403"),
        (reply(b"", "204 No Content"), "the status 204"),
        (reply(b""), "names no account"),
        (reply(b"null"), "names no account"),
        (reply(b"[" * 50_000), "names no account"),
        (reply(b'{"Account": ' * 10_000), "names no account"),
        (reply(b'{"Account": 123456789012}'), "names no account"),
        (reply(b"<x><Account>12345678901</Account></x>"), "names no account"),
        (reply(b"<x><Account>123456789012 or so</Account></x>"), "names no account"),
        (reply(b'<!DOCTYPE x [<!ENTITY a "123456789012">]><x><Account>&a;</Account></x>'), "names no account"),
        (reply(b"<x><Account>123456789012</Account></x>" + b" " * 70_000), "names no account"),
    ],
)
def test_what_is_no_answer_is_told(stand_in: StandIn, answer: bytes, reason: str) -> None:
    """An error, a closed connection, and what only looks like an answer."""
    stand_in.answer_proxy = lambda *_: answer

    with pytest.raises(CloudMockError, match=reason):
        asked(stand_in)


def test_an_answer_that_takes_long_is_not_waited_for(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is short, whatever `--timeout` says."""
    monkeypatch.setattr(caller_question, "MAX_SECONDS", 0.1)
    stand_in.answer_proxy = lambda _request, connection: connection.socket.recv(1)

    with pytest.raises(CloudMockError, match=r"no reply within 0\.1 s"):
        asked(stand_in)
