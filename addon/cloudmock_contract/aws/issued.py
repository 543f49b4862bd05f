"""Credentials that AWS gives to the app in its replies: of a role that it assumes, of an access key that it makes.

A request that the app signs with them is signed with them again, so that it is done as whom the app means, and not as
the user. They are in memory alone. This file does not sign.
"""

from collections import OrderedDict
from collections.abc import Mapping

from cloudmock_contract.aws.credentials import Credentials

MOST_KEPT = 1_000

OPERATIONS = frozenset(
    (
        "cognito-identity.GetCredentialsForIdentity",
        "iam.CreateAccessKey",
        "sso.GetRoleCredentials",
        "sts.AssumeRole",
        "sts.AssumeRoleWithSAML",
        "sts.AssumeRoleWithWebIdentity",
        "sts.AssumeRoot",
        "sts.GetFederationToken",
        "sts.GetSessionToken",
    )
)
"""The operations whose replies hold keys to sign with."""

_PLACES = ("credentials", "rolecredentials", "accesskey")
_SECRETS = ("secretaccesskey", "secretkey")


class Issued:
    """The credentials that the app was given in this run."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Credentials] = OrderedDict()

    def learn(self, tree: Mapping[str, object]) -> None:
        """Keep the credentials in the document of a reply to one of `OPERATIONS`, if there are any."""
        for place, value in tree.items():
            if place.lower() not in _PLACES or not isinstance(value, dict):
                continue
            members = {name.lower(): text for name, text in value.items() if isinstance(text, str)}
            secret = next((members[name] for name in _SECRETS if name in members), "")
            if secret and (key := members.get("accesskeyid")):
                self._known[key] = Credentials(key, secret, members.get("sessiontoken"))
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)

    def get(self, access_key: str) -> Credentials | None:
        """The credentials with this access key, if the app was given them."""
        return self._known.get(access_key)
