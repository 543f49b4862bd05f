"""Which members are the user's own payload."""

import pytest

from cloudmock_contract.aws.models.user_data import is_payload_of_reply, is_payload_of_request


@pytest.mark.parametrize(
    ("name", "service", "expected"),
    [
        ("MessageBody", "sqs", True),
        ("messagebody", "sqs", True),
        ("MESSAGEBODY", "any", True),
        ("MessageAttribute", "sqs", True),
        ("MessageAttributes", "sns", True),
        ("MessageAttributeNames", "sqs", False),
        ("Item", "dynamodb", True),
        ("Key", "dynamodb", True),
        ("Keys", "dynamodb", True),
        ("Key", "kms", False),
        ("Keys", "kms", False),
        ("Key", "iam", False),
        ("Plaintext", "kms", True),
        ("S3Key", "lambda", True),
        ("S3Bucket", "lambda", False),
        ("SecretString", "secretsmanager", True),
        ("SecretId", "secretsmanager", False),
        ("Detail", "events", True),
        ("DetailType", "events", False),
        ("S", "dynamodb", False),
        ("output", "stepfunctions", False),
        ("", "any", False),
    ],
)
def test_members_of_requests(name: str, service: str, *, expected: bool) -> None:
    """By their names in any spelling; a service may have another use for a name."""
    assert expected is is_payload_of_request(name, service)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Item", True),
        ("item", True),
        ("Responses", True),
        ("LastEvaluatedKey", True),
        ("SecretString", True),
        ("output", True),
        ("Body", True),
        *((name, True) for name in ("S", "N", "B", "SS", "NS", "BS")),
        *((name, False) for name in ("s", "n", "b", "ss", "M", "L", "BOOL")),
        ("SecretId", False),
        ("Key", True),
        ("Tags", True),
        ("Variables", True),
        ("KeyId", False),
        ("MessageId", False),
        ("", False),
    ],
)
def test_members_of_replies(name: str, *, expected: bool) -> None:
    """By their names in any spelling, and by the types of DynamoDB's values as DynamoDB spells them."""
    assert expected is is_payload_of_reply(name)
