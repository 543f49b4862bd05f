"""Credentials that AWS gives to the app in its replies: of a role that it assumes, of an access key that it makes.

A request that the app signs with them is signed with them again, so that it is done as whom the app means, and not as
the user. They are in memory alone. This file does not sign.
"""

import functools
from collections import OrderedDict
from collections.abc import Mapping
from itertools import islice
from typing import Any

from botocore.model import OperationModel

from cloudmock_contract.aws.credentials.provider import Credentials

MAX_KEPT = 1_000

LATEST = 20

MAX_DEPTH = 4
"""How far down in a reply keys are looked for."""

_SECRETS = ("secretaccesskey", "secretkey")
_NOT_FOR_SIGNING = ("s3.CreateSession",)
"""A directory bucket's session is signed for in a way of its own; ordinary credentials do as well there."""


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
    """The credentials that the app was given in this run."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Credentials] = OrderedDict()

    def learn(self, tree: Mapping[str, object], depth: int = 0) -> None:
        """Keep the credentials in the document of a reply, if there are any."""
        members = {name.lower(): text for name, text in tree.items() if isinstance(text, str)}
        secret = next((members[name] for name in _SECRETS if name in members), "")
        if secret and (key := members.get("accesskeyid")):
            self._known[key] = Credentials(key, secret, members.get("sessiontoken"))
        for value in tree.values():
            if isinstance(value, dict) and depth < MAX_DEPTH:
                self.learn(value, depth + 1)
        while len(self._known) > MAX_KEPT:
            self._known.popitem(last=False)

    def latest(self) -> tuple[Credentials, ...]:
        """Those that were given last."""
        return tuple(islice(reversed(self._known.values()), LATEST))

    def knows(self, access_key: str) -> bool:
        """Whether the app was given credentials with this access key."""
        return access_key in self._known

    def get(self, access_key: str) -> Credentials | None:
        """The credentials with this access key, if the app was given them."""
        return self._known.get(access_key)
