"""sts:GetCallerIdentity, asked of an endpoint in AWS's place or of CloudMock: the request, and what its answer says.

An emulator may answer anything, or nothing: what is no account is no answer. This file does not know which side it
asks, nor what the answer is good for.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from cloudmock_contract.aws.credentials.caller_identity import CallerIdentity
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.signing.signer import SigningTarget, sign
from cloudmock_contract.aws.wire import xml
from cloudmock_contract.errors import CloudMockError
from cloudmock_contract.proxy.sides.http_client import HttpClient
from cloudmock_contract.url import Url
from cloudmock_contract.values.authentication import Authentication, Style, Version
from cloudmock_contract.values.http import Headers, Reply, Request
from cloudmock_contract.version import PROGRAM, __version__

MAX_SECONDS = 2.0
"""How long a side may take to say who the caller is."""

MAX_ANSWER_BYTES = 64 * 2**10

MAX_VALUE_CHARACTERS = 2_048
"""Characters of an ARN or an id, as IAM has them at most."""

_BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
_MEMBERS = ("Account", "Arn", "UserId")
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)


async def ask(client: HttpClient, url: Url, credentials: Credentials, region: str) -> CallerIdentity:
    """Who the caller with these credentials is to the server at this URL. Raises CloudMockError if it does not say."""
    try:
        async with asyncio.timeout(MAX_SECONDS):
            outcome = await client.send(_question(url, credentials, region))
    except TimeoutError as error:
        raise CloudMockError(f"There was no reply within {MAX_SECONDS:g} s.") from error
    if not isinstance(outcome, Reply):
        raise CloudMockError(outcome.reason)
    if outcome.status != 200:
        raise CloudMockError(f"The reply has the status {outcome.status}.")
    caller = _answer(outcome.body, region)
    if caller is None:
        raise CloudMockError("The reply names no account.")
    return caller


def _question(url: Url, credentials: Credentials, region: str) -> Request:
    headers = Headers(
        (
            ("Host", url.netloc),
            ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
            ("User-Agent", f"{PROGRAM}/{__version__}"),
            ("Content-Length", str(len(_BODY))),
        )
    )
    request = Request("POST", f"{url.path}/", headers, _BODY)
    target = SigningTarget(url.netloc, "sts", region, datetime.now(tz=UTC), is_tls=url.scheme == "https")
    return sign(request, Authentication(Style.HEADER, Version.V4), target, credentials)


def _answer(body: bytes, region: str) -> CallerIdentity | None:
    """Who the caller is; None if the body does not say, or says what AWS cannot."""
    if len(body) > MAX_ANSWER_BYTES:
        return None
    try:
        members = _members_of_json(json.loads(body)) if body.lstrip()[:1] == b"{" else _members_of_xml(body)
    except (ValueError, RecursionError):
        return None
    account = members.get("Account", "")
    if not _ACCOUNT.fullmatch(account):
        return None
    return CallerIdentity(account, members.get("Arn", ""), region, user_id=members.get("UserId", ""))


def _members_of_json(tree: object) -> Mapping[str, str]:
    for name in ("GetCallerIdentityResponse", "GetCallerIdentityResult"):
        tree = tree.get(name, tree) if isinstance(tree, dict) else tree
    return {
        name: value
        for name in _MEMBERS
        if isinstance(tree, dict) and isinstance(value := tree.get(name), str) and len(value) <= MAX_VALUE_CHARACTERS
    }


def _members_of_xml(body: bytes) -> Mapping[str, str]:
    return {
        xml.tag(element): text
        for element in xml.parse(body).iter()
        if xml.tag(element) in _MEMBERS and len(text := (element.text or "").strip()) <= MAX_VALUE_CHARACTERS
    }
