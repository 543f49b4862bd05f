"""Cognito's secret hash: which client of a user pool asks, proved with the secret that the pool gave to the client.

Each side gives its clients secrets of their own, so a hash that is right on one is wrong on the other. Where both
sides' secrets of a client are known from their replies, the hash is made again with the other one's; but only if it is
right as it stands: a wrong one is to be refused by both. Secrets stay in memory.

This file does not know which side is which.
Source: https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
"""

import base64
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from cloudmock_contract.aws.wire.body_headers import with_body
from cloudmock_contract.values.bounded_dict import BoundedDict
from cloudmock_contract.values.http import Request

SERVICE = "cognito-idp"

ISSUERS = frozenset(("CreateUserPoolClient", "DescribeUserPoolClient", "UpdateUserPoolClient"))
"""Operations whose replies have a client's secret."""

MAX_CLIENTS = 1_000
MAX_LATEST = 20
"""Clients whose secrets are looked for in what a report shows."""

MAX_SECRET_CHARACTERS = 1_024
MAX_USERS = 20
"""Users of one client by whom a hash was made of late: a request that refreshes tokens does not name its user."""

MAX_BODY_BYTES = 256 * 2**10

_PLACES: Mapping[str, tuple[str, str]] = {
    "AuthParameters": ("USERNAME", "SECRET_HASH"),
    "ChallengeResponses": ("USERNAME", "SECRET_HASH"),
}
"""Members in which user and hash have these names; elsewhere they are `Username` and `SecretHash`."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client of a user pool, as one side knows it."""

    id: str
    secret: str = field(repr=False)

    def hash_for(self, user: str) -> str:
        """The secret hash of a request about this user."""
        message = (user + self.id).encode("utf-8", "surrogatepass")
        return base64.b64encode(hmac.digest(self.secret.encode(), message, "sha256")).decode()


@dataclass(slots=True)
class _Pair:
    own: Client
    other: Client
    users: BoundedDict[str, str] = field(default_factory=lambda: BoundedDict[str, str](MAX_USERS))
    """Those that a right hash was seen of, and what they are on the other side."""


class ClientSecrets:
    """The clients of a run that have a secret on both sides. Threads may share it: each call is one step."""

    def __init__(self) -> None:
        self._pairs = BoundedDict[str, _Pair](MAX_CLIENTS)
        """By the client's id on the one side."""

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def learn(self, own: Mapping[str, object], other: Mapping[str, object]) -> None:
        """Keep a client's secrets, from the documents of both sides' replies to the same call."""
        client, partner = _client_in(own), _client_in(other)
        if client is None or partner is None:
            return
        known = self._pairs.get(client.id)
        if known is None or (known.own, known.other) != (client, partner):
            self._pairs[client.id] = _Pair(client, partner)

    def latest(self) -> Iterator[str]:
        """The secrets that were learned last, as texts."""
        for pair in tuple(self._pairs.values())[-MAX_LATEST:]:
            yield from (pair.own.secret, pair.other.secret)

    def translated(self, request: Request, copy: Request) -> Request:
        """The copy with the hash, or the secret itself, that the other side wants; the same copy if nothing proves what
        that is. `request`: as the app sent it; `copy`: with the other side's ids in it.
        """
        if not self._pairs or max(len(request.body), len(copy.body)) > MAX_BODY_BYTES:
            return copy
        try:
            own, new = json.loads(request.body), json.loads(copy.body)
        except (ValueError, RecursionError):
            return copy
        if not (isinstance(own, dict) and isinstance(new, dict) and isinstance(own.get("ClientId"), str)):
            return copy
        pair = self._pairs.get(own["ClientId"])
        if pair is None or new.get("ClientId") != pair.other.id:
            return copy
        changed = [self._with_hash(pair, own, new, "Username", "SecretHash")]
        for place, names in _PLACES.items():
            if isinstance(own.get(place), dict) and isinstance(new.get(place), dict):
                changed.append(self._with_hash(pair, own[place], new[place], *names))
        if own.get("ClientSecret") == pair.own.secret:
            new["ClientSecret"] = pair.other.secret
            changed.append(True)
        return with_body(copy, json.dumps(new).encode()) if any(changed) else copy

    @staticmethod
    def _with_hash(
        pair: _Pair, own: Mapping[str, object], new: dict[str, object], user_name: str, hash_name: str
    ) -> bool:
        """Puts the other side's hash into the members `new`, if the one in `own` is right; whether it did."""
        stated, user = own.get(hash_name), own.get(user_name)
        if not isinstance(stated, str):
            return False
        if isinstance(user, str):
            other_user = new.get(user_name)
            users = {user: other_user if isinstance(other_user, str) else user}
        else:
            users = dict(pair.users)
        for user_here, user_there in users.items():
            if hmac.compare_digest(pair.own.hash_for(user_here).encode(), stated.encode("utf-8", "surrogatepass")):
                pair.users[user_here] = user_there
                new[hash_name] = pair.other.hash_for(user_there)
                return True
        return False


def _client_in(tree: Mapping[str, object]) -> Client | None:
    client = tree.get("UserPoolClient")
    if not isinstance(client, dict):
        return None
    members = cast(Mapping[str, object], client)
    client_id, secret = members.get("ClientId"), members.get("ClientSecret")
    if not (isinstance(client_id, str) and isinstance(secret, str) and client_id and secret.isascii()):
        return None
    return Client(client_id, secret) if 0 < len(secret) <= MAX_SECRET_CHARACTERS else None
