"""Whether two resources are one, and what else is no more when a resource is deleted.

This file does not know which resources there are.
"""

import re

from cloudmock_contract.leftovers.nouns import is_name_of, noun_of
from cloudmock_contract.values.exchange import Resource

CREATED_BY = "created by"
"""The parameter, no member's name, of a resource for which no deleting call is known: the operation that created it."""

_UNIDENTIFYING = frozenset(("IfMatch",))
"""Members that a deleting operation requires and that do not say what it deletes."""

_DELETES_WHOLE = ("Delete", "Terminate", "Destroy")
"""How the names of operations begin that delete a thing with all its parts."""

_RANDOM_END = re.compile(r"-[A-Za-z0-9]{6}$")
"""What Secrets Manager adds to a secret's name in its ARN."""


def goes_with(resource: Resource, deleted: Resource) -> bool:
    """Whether a resource is no more when `deleted` has been deleted: it is the same one, or a part of it."""
    if (resource.service, resource.region) != (deleted.service, deleted.region):
        return False
    has, deleted_has = dict(resource.parameters), dict(deleted.parameters)
    identifying = {name: value for name, value in deleted_has.items() if name not in _UNIDENTIFYING}
    if not all(same_name(has.get(name, ""), value) for name, value in identifying.items()):
        return False
    if resource.action == deleted.action:
        return has.keys() - _UNIDENTIFYING == identifying.keys()
    noun = noun_of(deleted.action)
    if not resource.action:
        return bool(deleted_has) and noun_of(has.get(CREATED_BY, "")) == noun
    # A DeleteBucketPolicy names the bucket as well, which stays: only what a call is named after goes with its parts.
    is_part = len(has) > len(deleted_has) and any(is_name_of(name, noun) for name in deleted_has)
    return is_part and deleted.action.startswith(_DELETES_WHOLE)


def same_name(name: str, other_name: str) -> bool:
    """Whether two texts name the same thing: they are equal, or one is the ARN that ends with the other."""
    if name == other_name:
        return True
    arn, short = (name, other_name) if name.startswith("arn:") else (other_name, name)
    if not arn.startswith("arn:") or short.startswith("arn:") or not short:
        return False
    return short in (re.split(r"[:/]", arn)[-1], _RANDOM_END.sub("", re.split(r"[:/]", arn, maxsplit=6)[-1]))
