"""The AWS CLI's names."""

from collections.abc import Mapping

import pytest

from cloudmock_contract.leftovers.aws_cli import argument, arguments, command, operation


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("s3", "s3api"),
        ("codedeploy", "deploy"),
        ("config", "configservice"),
        ("dynamodb", "dynamodb"),
        ("logs", "logs"),
    ],
)
def test_services(service: str, expected: str) -> None:
    """botocore's names, but for three."""
    assert expected == command(service)


@pytest.mark.parametrize(
    ("service", "action", "expected"),
    [
        ("dynamodb", "DeleteTable", "delete-table"),
        ("rds", "DeleteDBInstance", "delete-db-instance"),
        ("emr", "TerminateJobFlows", "terminate-clusters"),
    ],
)
def test_operations(service: str, action: str, expected: str) -> None:
    """As botocore writes names, with dashes."""
    assert expected == operation(service, action)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dynamodb.DeleteTable.TableName", "table-name"),
        ("rds.DeleteDBInstance.DBInstanceIdentifier", "db-instance-identifier"),
        ("emr.TerminateJobFlows.JobFlowIds", "cluster-ids"),
        ("route53.DeleteTrafficPolicy.Version", "traffic-policy-version"),
        ("lambda.DeleteEventSourceMapping.UUID", "uuid"),
        ("cloudwatch.DeleteAlarms.AlarmNames", "alarm-names"),
    ],
)
def test_members(name: str, expected: str) -> None:
    """Likewise, but where the CLI has another use for the name."""
    assert expected == argument(*name.split("."))


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        ("dynamodb.DeleteTable", {"TableName": "t"}, ("--table-name", "t")),
        ("cloudwatch.DeleteAlarms", {"AlarmNames": '["a"]'}, ("--alarm-names", '["a"]')),
        ("kms.ScheduleKeyDeletion", {"KeyId": "k"}, ("--key-id", "k", "--pending-window-in-days", "7")),
        ("iam.DeleteRole", {"RoleName": "-r"}, ("--role-name=-r",)),
        ("s3.DeleteObject", {"Bucket": "b", "Key": ""}, ("--bucket", "b", "--key", "")),
        (
            "s3.DeleteObject",
            {"Bucket": "b", "Key": "file:///etc/passwd"},
            ("--cli-input-json", '{"Key": "file:///etc/passwd"}', "--bucket", "b"),
        ),
        ("sqs.DeleteQueue", {"QueueUrl": "https://q"}, ("--cli-input-json", '{"QueueUrl": "https://q"}')),
        ("s3.DeleteObject", {"Key": "a\n\x1b[2J"}, ("--cli-input-json", '{"Key": "a\\n\\u001b[2J"}')),
        ("license-manager.DeleteGrant", {"Version": "1"}, ("--cli-input-json", '{"Version": "1"}')),
        ("ec2.DeleteNetworkAclEntry", {"Egress": "true"}, ("--egress",)),
        ("ec2.DeleteNetworkAclEntry", {"Egress": "false"}, ("--ingress",)),
    ],
)
def test_values_reach_the_operation_as_they_are(
    name: str, parameters: Mapping[str, str], expected: tuple[str, ...]
) -> None:
    """What the CLI would take for something else is told it in JSON."""
    service, _, action = name.partition(".")

    assert expected == arguments(service, action, parameters)
