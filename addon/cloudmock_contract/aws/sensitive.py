"""Takes secrets out of differences before anything shows or stores them.

A value is secret if the model marks its shape `sensitive`, or if its name is one of those that carry credentials and
that models do not mark.

Source of the trait: https://smithy.io/2.0/spec/documentation-traits.html#sensitive-trait
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cloudmock_contract.exchange import Difference, Kind, Path

REDACTED = "[redacted]"

SECRET_NAMES = frozenset(
    (
        "accesskeyid",
        "accesstoken",
        "authorizationtoken",
        "awsaccesskeyid",
        "canonicalrequest",
        "canonicalrequestbytes",
        "idtoken",
        "password",
        "privatekey",
        "refreshtoken",
        "secretaccesskey",
        "secretbinary",
        "secretkey",
        "secretstring",
        "sessiontoken",
        "signatureprovided",
        "stringtosign",
        "stringtosignbytes",
    )
)
"""Member names, in lower case, whose values are credentials whatever the model says. S3's own error replies quote the
key id, the signature and the string to sign."""


def redacted(difference: Difference, shape: Any) -> Difference:
    """The difference without secrets. `shape`: the operation's output shape, or None."""
    if difference.kind in (Kind.STATUS, Kind.FAILURE, Kind.UNPARSABLE):
        return difference
    secret, shape = _at(shape, difference.path)
    if secret:
        hide = _of_its_type if difference.kind is Kind.TYPE else _hidden
        return replace(difference, aws=hide(difference.aws), cloudmock=hide(difference.cloudmock))
    return replace(difference, aws=_value(difference.aws, shape), cloudmock=_value(difference.cloudmock, shape))


def scrubbed(text: str) -> str:
    """A text without session tokens and access key ids: AWS quotes what was signed when it refuses a signature."""
    return _IN_TEXT.sub(lambda match: f"{match['name'] or ''}{REDACTED}", text)


_IN_TEXT = re.compile(r"(?P<name>(?i:x-amz-security-token)[:=]\s*)[^\s&,;'\"]+|\bA(?:KIA|SIA)[A-Z2-7]{16}\b")


def _hidden(value: object) -> object:
    """What is shown instead of a secret."""
    return None if value is None else {} if isinstance(value, dict) else [] if isinstance(value, list) else REDACTED


def _of_its_type(value: object) -> object:
    """What is shown instead of a secret whose type is what differs."""
    return False if isinstance(value, bool) else 0 if isinstance(value, int | float) else _hidden(value)


def _at(shape: Any, path: Iterable[str | int] | Path) -> tuple[bool, Any]:
    """Whether the place is secret, or under something secret; and its shape."""
    if shape is not None and shape.metadata.get("sensitive"):
        return True, shape
    for step in path:
        shape = _below(shape, step)
        if _is_secret(step, shape):
            return True, shape
    return False, shape


def _below(shape: Any, step: str | int) -> Any:
    if shape is None:
        return None
    if shape.type_name == "list":
        return shape.member if isinstance(step, int) else None
    if shape.type_name == "map":
        return shape.value
    if shape.type_name != "structure":
        return None
    members = shape.members
    if step in members:
        return members[step]
    return next((member for member in members.values() if member.serialization.get("name") == step), None)


def _is_secret(step: str | int, shape: Any) -> bool:
    if isinstance(step, str) and step.lower() in SECRET_NAMES:
        return True
    return shape is not None and bool(shape.metadata.get("sensitive"))


def _value(value: object, shape: Any) -> object:
    """The value with the secrets in it replaced."""
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, dict):
        return {key: _child(key, item, shape) for key, item in value.items()}
    if isinstance(value, list):
        return [_child(index, item, shape) for index, item in enumerate(value)]
    return value


def _child(step: str | int, value: object, shape: Any) -> object:
    below = _below(shape, step)
    return _hidden(value) if _is_secret(step, below) else _value(value, below)
