"""Which members hold the user's own payload: texts that AWS stores or passes on, and that mean nothing to it.

Models say it of bytes alone; of the others, these are the names. This file does not know what is done with payload.
"""

import enum
from collections.abc import Mapping
from typing import Any

_OF_REQUESTS = frozenset(
    (
        "attributevalues", "body", "data", "detail", "expressionattributevalues", "input", "item", "key", "keys",
        "logevents", "message", "messageattribute", "messageattributes", "messagebody", "partitionkey", "password",
        "payload", "plaintext", "records", "s3key", "secretbinary", "secretstring", "subject", "userdata", "zipfile",
    )
)  # fmt: skip
_NOT_OF_REQUESTS: Mapping[str, frozenset[str]] = {
    "kms": frozenset(("key", "keys")),
    "iam": frozenset(("key", "keys")),
}
_KEPT = frozenset(
    (
        "item", "key", "lastevaluatedkey", "messageattributes", "newimage", "oldimage", "responses", "secretbinary",
        "secretstring", "taglist", "tags", "tagset", "userdata", "variables",
    )
)  # fmt: skip
"""Members of replies in which AWS gives back what the user gave it."""

_TAGS = frozenset(("taglist", "tags", "tagset"))
"""Those of them that are lists."""

_PASSED_ON = frozenset(("body", "bytes", "data", "input", "output", "payload"))
"""Members of replies in which AWS passes on what others made: the user, another service, a model."""

DYNAMODB_TYPES = frozenset(("S", "N", "B", "SS", "NS", "BS"))
"""The types of DynamoDB's values, which no other members are named after."""

_TAG_KEYS = ("Key", "key", "TagKey", "tagKey")
_RESERVED = "aws:"
"""How the keys of those tags begin that AWS alone can set.

Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
"""


class Origin(enum.IntEnum):
    """Who wrote what stands in a reply; of two that hold, the higher one counts."""

    AWS = 0
    """AWS, as far as anything is known."""
    PASSED_ON = 1
    """Somebody, and AWS hands it on: what nobody can have written by hand may be another one on each side."""
    USER = 2
    """The user: it comes back as it was given, or it is wrong."""


def is_payload_of_request(name: str, service: str) -> bool:
    """Whether the member of a request holds payload, it and what is below it."""
    lowered = name.lower()
    return lowered in _OF_REQUESTS and lowered not in _NOT_OF_REQUESTS.get(service, ())


def origin(name: str, shape: Any) -> Origin:
    """Who wrote the member of a reply. `shape`: the member's, or None.

    A structure is made by AWS, whatever it is called, and so is a list but of tags; what the user wrote may be in it.
    """
    lowered, type_name = name.lower(), _type_of(shape)
    if name in DYNAMODB_TYPES or (lowered in (_TAGS if type_name == "list" else _KEPT) and type_name != "structure"):
        return Origin.USER
    if type_name == "blob":
        return Origin.PASSED_ON if lowered in _PASSED_ON - {"data"} else Origin.USER
    return Origin.PASSED_ON if lowered in _PASSED_ON and type_name not in ("structure", "list") else Origin.AWS


def _type_of(shape: Any) -> str:
    """The type that the model gives; of what may be anything, none."""
    return "" if shape is None or getattr(shape, "is_document_type", False) else str(shape.type_name)


def is_reserved_tag(value: object) -> bool:
    """Whether the object is a tag that AWS alone can have set."""
    return isinstance(value, dict) and any(
        isinstance(key := value.get(name), str) and is_reserved_key(key) for name in _TAG_KEYS
    )


def is_reserved_key(key: str) -> bool:
    """Whether the key is one of a tag that AWS alone can have set."""
    return key.startswith(_RESERVED)
