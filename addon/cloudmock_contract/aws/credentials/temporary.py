"""Credentials that last for one run: those that AWS gives to the app in its replies, and throwaway ones.

A request that the app signs with what AWS gave it (a role that it assumes, an access key that it creates) is signed
again with the same, so that AWS does it for the one whom the app means, and not for the user. The endpoint that AWS is
compared with gives credentials of its own for the same call: its partners of AWS's, for what is sent there. Throwaway
credentials are for an app that is to have none of the user's: they belong to nobody at AWS, and this proxy knows their
secret.

They are kept in memory alone. This file does not sign, and does not know who is given which.
"""

import base64
import functools
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import OperationModel

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.values.bounded_dict import BoundedDict

MAX_VENDED = 1_000
"""Credentials of which the secret is known; the oldest are forgotten."""

MAX_LATEST = 20
"""Of them, those that are looked for in what a report shows."""

MAX_DEPTH = 4
"""How far down in a reply keys are looked for."""

_SECRETS = ("secretaccesskey", "secretkey")
_PRINTABLE = re.compile(r"[!-~]{1,16384}")
"""What can stand in a request's header."""
_NOT_FOR_SIGNING = ("s3.CreateSession",)
"""A directory bucket's session signs in a way of its own, and ordinary credentials do there as well."""

_FIRST_IMPOSSIBLE_ACCOUNT = 10**12
"""Accounts have twelve digits; an access key id has 40 bits for one, which is room for more."""


@functools.lru_cache(maxsize=4096)
def gives_credentials(model: OperationModel) -> bool:
    """Whether a reply to the operation holds keys to sign with."""
    if f"{model.service_model.service_name}.{model.name}" in _NOT_FOR_SIGNING or model.output_shape is None:
        return False
    return _holds_keys(model.output_shape, 0)


def _holds_keys(shape: Any, depth: int) -> bool:
    if shape.type_name != "structure" or depth > MAX_DEPTH:
        return False
    names = {name.lower() for name in shape.members}
    if "accesskeyid" in names and not names.isdisjoint(_SECRETS):
        return True
    return any(_holds_keys(member, depth + 1) for member in shape.members.values())


class VendedCredentials:
    """The credentials that AWS gave to the app in this run, and their partners."""

    def __init__(self) -> None:
        self._by_access_key = BoundedDict[str, Credentials](MAX_VENDED)
        self._partners = BoundedDict[str, Credentials](MAX_VENDED)
        """What the other endpoint gave in the same place, by AWS's access key."""

    def learn(self, tree: Mapping[str, object]) -> None:
        """Keep the credentials in the document of a reply of AWS's, if there are any."""
        for credentials in _credentials_by_path(tree).values():
            self._by_access_key[credentials.access_key] = credentials

    def learn_partners(self, aws: Mapping[str, object], other: Mapping[str, object]) -> None:
        """Keep the credentials in the other endpoint's document, as partners of AWS's in the same place."""
        partners = _credentials_by_path(other)
        for path, credentials in _credentials_by_path(aws).items():
            partner = partners.get(path)
            if partner and all(_PRINTABLE.fullmatch(text) for text in _texts(partner)):
                self._partners[credentials.access_key] = partner

    def latest(self) -> tuple[Credentials, ...]:
        """Those that were given last, the newest first."""
        return _latest(self._by_access_key)

    def latest_partners(self) -> tuple[Credentials, ...]:
        """The partners that were given last, the newest first."""
        return _latest(self._partners)

    def knows(self, access_key: str) -> bool:
        """Whether the app was given credentials with this access key."""
        return access_key in self._by_access_key

    def get(self, access_key: str) -> Credentials | None:
        """The credentials with this access key, if the app was given them."""
        return self._by_access_key.get(access_key)

    def partner(self, access_key: str) -> Credentials | None:
        """What the other endpoint gave where AWS gave credentials with this access key; never to be sent to AWS."""
        return self._partners.get(access_key)


def _credentials_by_path(tree: Mapping[str, object]) -> dict[tuple[str, ...], Credentials]:
    """The credentials in a document, each by the names that lead there."""
    return dict(_found(tree, ()))


def _found(tree: Mapping[str, object], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Credentials]]:
    members = {name.lower(): text for name, text in tree.items() if isinstance(text, str)}
    secret_key = next((members[name] for name in _SECRETS if name in members), "")
    if secret_key and (access_key := members.get("accesskeyid")):
        yield path, Credentials(access_key, secret_key, members.get("sessiontoken"))
    for name, value in tree.items():
        if isinstance(value, dict) and len(path) < MAX_DEPTH:
            yield from _found(value, (*path, name))


def _texts(credentials: Credentials) -> tuple[str, ...]:
    token = () if credentials.token is None else (credentials.token,)
    return (credentials.access_key, credentials.secret_key, *token)


def _latest(by_access_key: BoundedDict[str, Credentials]) -> tuple[Credentials, ...]:
    access_keys = list(by_access_key)[-MAX_LATEST:]
    return tuple(by_access_key[access_key] for access_key in reversed(access_keys))


def throwaway_credentials() -> Credentials:
    """Credentials that look like an IAM user's, made of random numbers, different each time.

    An access key id is `AKIA` and 80 bits in base32: a one, 40 bits for the account, and 39 more. Here the account is
    one that cannot exist, so that the key is never some customer's, and no request signed with it has effects on AWS.
    """
    account = _FIRST_IMPOSSIBLE_ACCOUNT + secrets.randbelow(2**40 - _FIRST_IMPOSSIBLE_ACCOUNT)
    number = 1 << 79 | account << 39 | secrets.randbits(39)
    access_key = "AKIA" + base64.b32encode(number.to_bytes(10)).decode()
    return Credentials(access_key, base64.b64encode(secrets.token_bytes(30)).decode())
