"""Takes secrets out of differences before anything shows or stores them.

A value is secret if the model marks its shape `sensitive`, or if its name is one of those that carry credentials and
that models do not mark.

Source of the trait: https://smithy.io/2.0/spec/documentation-traits.html#sensitive-trait
"""

import functools
import re
from dataclasses import replace
from typing import Any

from cloudmock_contract.aws.models.shapes import below, is_sensitive
from cloudmock_contract.values.difference import Difference, Kind, Path

REDACTED = "[redacted]"

SECRET_NAMES = frozenset(
    (
        "accesskeyid",
        "accesstoken",
        "authkey",
        "authorization",
        "authorizationtoken",
        "authtoken",
        "awsaccesskeyid",
        "canonicalrequest",
        "canonicalrequestbytes",
        "connectiontoken",
        "cookie",
        "idtoken",
        "masteruserpassword",
        "participanttoken",
        "password",
        "privatekey",
        "refreshtoken",
        "secret_block",
        "secretaccesskey",
        "secretbinary",
        "secretkey",
        "secretstring",
        "secrettoken",
        "sessiontoken",
        "signatureprovided",
        "stringtosign",
        "stringtosignbytes",
        "x-amz-credential",
        "x-amz-security-token",
        "x-amz-signature",
    )
)
"""Member names, in lower case, whose values are credentials whatever the model says. S3's error replies quote the key
id, the signature and the string to sign."""

_SECRET_MEMBERS = frozenset((("ApiKey", "value"),))
"""Members that are credentials under a name that does not say so, with the name of their structure."""


def redacted(difference: Difference, shape: Any) -> Difference:
    """The difference without secrets. `shape`: the operation's output shape, or None."""
    if difference.kind in (Kind.STATUS, Kind.FAILURE, Kind.UNPARSABLE):
        return difference
    depth, shape = _secret_depth(shape, difference.path)
    if depth is not None and (depth < len(difference.path) or difference.kind is Kind.ORDER):
        # The names below a secret, and how many there are, are part of it.
        return Difference(difference.path[:depth], Kind.VALUE, REDACTED, REDACTED)
    if depth is not None:
        hide = _of_its_type if difference.kind is Kind.TYPE else _hidden
        return replace(difference, aws=hide(difference.aws), cloudmock=hide(difference.cloudmock))
    return replace(difference, aws=_value(difference.aws, shape), cloudmock=_value(difference.cloudmock, shape))


def scrubbed(text: str) -> str:
    """A text without session tokens and access key ids: AWS quotes what was signed when it refuses a signature."""
    return _IN_TEXT.sub(lambda match: f"{match['name'] or ''}{REDACTED}", text)


_IN_TEXT = re.compile(
    r"(?P<name>(?i:x-amz-security-token|x-amz-signature|\bsignature)[:=]\s*)[^\s&,;'\"]+|\bA(?:KIA|SIA)[A-Z2-7]{16}\b"
)


def _hidden(value: object) -> object:
    """What is shown instead of a secret."""
    return None if value is None else {} if isinstance(value, dict) else [] if isinstance(value, list) else REDACTED


def _of_its_type(value: object) -> object:
    """What is shown instead of a secret whose type is what differs."""
    return False if isinstance(value, bool) else 0 if isinstance(value, int | float) else _hidden(value)


def _secret_depth(shape: Any, path: Path) -> tuple[int | None, Any]:
    """After how many steps the path is at a secret, None if it never is; and the shape there, or at the path's end."""
    if is_sensitive(shape):
        return 1, shape
    for depth, step in enumerate(path, 1):
        parent, shape = shape, below(shape, step)
        if _is_secret(step, shape, parent):
            return depth, shape
    return None, shape


def _is_secret(step: str | int, shape: Any, parent: Any) -> bool:
    if parent is not None and (parent.name, step) in _SECRET_MEMBERS:
        return True
    if isinstance(step, str) and step.strip("<>").lower() in SECRET_NAMES:  # in angle brackets if it is misplaced
        return True
    if step == "body" and parent is not None and parent.type_name == "structure" and step not in parent.members:
        return _holds_secrets(parent)  # what stands there instead of the members may quote them
    return is_sensitive(shape)


@functools.lru_cache(maxsize=1024)
def _holds_secrets(shape: Any) -> bool:
    """Whether there is a secret anywhere below the shape."""
    seen, stack = set(), [shape]
    while stack:
        parent = stack.pop()
        if is_sensitive(parent):
            return True
        if parent.name in seen:
            continue
        seen.add(parent.name)
        match parent.type_name:
            case "structure":
                if any(_is_secret(name, member, parent) for name, member in parent.members.items()):
                    return True
                stack += parent.members.values()
            case "list":
                stack.append(parent.member)
            case "map":
                stack += (parent.key, parent.value)
            case _:
                pass
    return False


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
    shape_below = below(shape, step)
    return _hidden(value) if _is_secret(step, shape_below, shape) else _value(value, shape_below)
