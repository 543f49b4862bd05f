"""Which members are the user's own payload."""

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.models.shapes import at
from cloudmock_contract.aws.models.user_data import (
    Origin,
    is_payload_of_request,
    is_reserved_key,
    is_reserved_tag,
    origin,
)


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
        *(
            (name, Origin.USER)
            for name in ("Item", "item", "Responses", "LastEvaluatedKey", "Key", "Tags", "Variables")
        ),
        *((name, Origin.USER) for name in ("SecretString", "SecretBinary", "UserData", "MessageAttributes")),
        *((name, Origin.USER) for name in ("S", "N", "B", "SS", "NS", "BS")),
        *((name, Origin.PASSED_ON) for name in ("output", "Body", "Payload", "bytes", "Data")),
        *((name, Origin.AWS) for name in ("s", "n", "b", "ss", "M", "L", "BOOL", "SecretId", "KeyId", "MessageId", "")),
        ("Cause", Origin.AWS),
    ],
)
def test_members_of_replies(name: str, expected: Origin) -> None:
    """By their names in any spelling, and by the types of DynamoDB's values as DynamoDB spells them."""
    assert expected is origin(name, None)


@pytest.mark.parametrize(
    ("operation", "path", "expected"),
    [
        ("kms.Decrypt", ("Plaintext",), Origin.USER),
        ("kinesis.GetRecords", ("Records", 0, "Data"), Origin.USER),
        ("secretsmanager.GetSecretValue", ("SecretBinary",), Origin.USER),
        ("lambda.Invoke", ("Payload",), Origin.PASSED_ON),
        ("bedrock-runtime.InvokeModel", ("body",), Origin.PASSED_ON),
        ("bedrock-runtime.InvokeModelWithResponseStream", ("body", 0, "chunk", "bytes"), Origin.PASSED_ON),
        ("bedrock-runtime.InvokeModelWithResponseStream", ("body",), Origin.AWS),
        ("bedrock-runtime.Converse", ("output",), Origin.AWS),
        ("stepfunctions.DescribeExecution", ("output",), Origin.PASSED_ON),
        ("dynamodb.GetItem", ("Item",), Origin.USER),
        ("ec2.DescribeVpcs", ("Vpcs", 0, "Tags"), Origin.USER),
        ("apigateway.GetRestApis", ("item",), Origin.AWS),
        ("dynamodb.BatchGetItem", ("Responses",), Origin.USER),
        ("s3.ListObjectsV2", ("Contents", 0, "Key"), Origin.USER),
    ],
)
def test_the_model_says_what_is_bytes_and_what_has_members(
    operation: str, path: tuple[str | int, ...], expected: Origin
) -> None:
    """Bytes are nobody's but the user's, or of whoever AWS passes on; what has members of its own is AWS's."""
    model = Services().operation_model(*operation.split("."))
    assert model is not None

    assert expected is origin(str(path[-1]), at(model.output_shape, path))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Key": "aws:cloudformation:stack-id", "Value": "x"}, True),
        ({"key": "aws:autoscaling:groupName", "value": "x"}, True),
        ({"TagKey": "aws:ecs:clusterName", "TagValue": "x"}, True),
        ({"Key": "stack", "Value": "aws:x"}, False),
        ({"Key": "my-aws:x"}, False),
        ({"Key": 1}, False),
        ({}, False),
        ("aws:x", False),
        (None, False),
    ],
)
def test_tags_that_aws_alone_can_set(value: object, *, expected: bool) -> None:
    """By how their keys begin."""
    assert expected is is_reserved_tag(value)


@pytest.mark.parametrize(("key", "expected"), [("aws:x", True), ("AWS:x", False), ("", False), ("x", False)])
def test_keys_that_aws_alone_can_set(key: str, *, expected: bool) -> None:
    """In small letters, as AWS has them."""
    assert expected is is_reserved_key(key)
