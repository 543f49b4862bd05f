"""Which members hold the user's own payload: texts that AWS stores or passes on, and that mean nothing to it.

Models do not say so; these are their names. This file does not know what is done with payload.
"""

from collections.abc import Mapping

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
_OF_REPLIES = frozenset(
    (
        "body", "cause", "data", "input", "item", "key", "lastevaluatedkey", "messageattributes", "newimage",
        "oldimage", "output", "payload", "responses", "secretbinary", "secretstring", "taglist", "tags", "tagset",
        "userdata", "variables",
    )
)  # fmt: skip
DYNAMODB_TYPES = frozenset(("S", "N", "B", "SS", "NS", "BS"))
"""The types of DynamoDB's values, which no other members are named after."""


def is_payload_of_request(name: str, service: str) -> bool:
    """Whether the member of a request holds payload, it and what is below it."""
    lowered = name.lower()
    return lowered in _OF_REQUESTS and lowered not in _NOT_OF_REQUESTS.get(service, ())


def is_payload_of_reply(name: str) -> bool:
    """Whether the member of a reply holds payload, it and what is below it."""
    return name in DYNAMODB_TYPES or name.lower() in _OF_REPLIES
