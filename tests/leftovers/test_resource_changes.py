"""What a run has made on AWS and what it has deleted."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.leftovers.resource_changes import (
    CREATED_BY,
    MAX_CHANGES,
    MAX_REPLY_BYTES,
    NONE,
    ResourceChanges,
    left,
    resource_changes,
    same_name,
    without,
)
from cloudmock_contract.values.exchange import Resource
from cloudmock_contract.values.http import Headers, Reply, Request
from cloudmock_contract.values.operation import Operation

REGION = "eu-west-1"
type Made = Callable[..., Request]
type Done = Callable[..., ResourceChanges]


def thing(service: str, action: str, /, **parameters: str) -> Resource:
    return Resource(service, REGION, action, tuple(sorted(parameters.items())))


@pytest.fixture
def done(made: Made, identifier: Identifier, services: Services) -> Done:
    """What a call has done: `done("dynamodb", "delete_table", reply, TableName="t")`."""

    def do(service: str, method: str, reply: object = b"", /, **parameters: Any) -> ResourceChanges:
        request = made(service, method, **parameters)
        body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        answer = Reply(200, Headers(), body)
        return resource_changes(request, identifier.identify(request), REGION, answer, services)

    return do


def xml(text: str) -> bytes:
    return text.encode()


ROLE = {"RoleName": "app", "AssumeRolePolicyDocument": "{}"}
RUN = xml(
    "<RunInstancesResponse><instancesSet><item><instanceId>i-1</instanceId></item>"
    "<item><instanceId>i-2</instanceId></item></instancesSet></RunInstancesResponse>"
)
FUNCTION = {"FunctionName": "f", "Role": "arn:aws:iam::1:role/r", "Code": {"ZipFile": b"x"}}
CREATED: list[tuple[str, str, object, dict[str, Any], tuple[Resource, ...]]] = [
    (
        "dynamodb",
        "create_table",
        {"TableDescription": {"TableName": "users"}},
        {
            "TableName": "users",
            "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        },
        (thing("dynamodb", "DeleteTable", TableName="users"),),
    ),
    (
        "sqs",
        "create_queue",
        {"QueueUrl": "https://q/1"},
        {"QueueName": "q"},
        (thing("sqs", "DeleteQueue", QueueUrl="https://q/1"),),
    ),
    (
        "sns",
        "create_topic",
        xml(
            "<CreateTopicResponse><CreateTopicResult><TopicArn>arn:t</TopicArn></CreateTopicResult></CreateTopicResponse>"
        ),
        {"Name": "t"},
        (thing("sns", "DeleteTopic", TopicArn="arn:t"),),
    ),
    (
        "sns",
        "subscribe",
        xml(
            "<SubscribeResponse><SubscribeResult><SubscriptionArn>arn:s</SubscriptionArn></SubscribeResult></SubscribeResponse>"
        ),
        {"TopicArn": "arn:t", "Protocol": "sqs"},
        (thing("sns", "Unsubscribe", SubscriptionArn="arn:s"),),
    ),
    (
        "sns",
        "subscribe",
        xml(
            "<SubscribeResponse><SubscribeResult><SubscriptionArn>pending confirmation</SubscriptionArn>"
            "</SubscribeResult></SubscribeResponse>"
        ),
        {"TopicArn": "arn:t", "Protocol": "email", "Endpoint": "a@example.org"},
        (Resource("sns", REGION, "", (("TopicArn", "arn:t"), (CREATED_BY, "Subscribe"))),),
    ),
    (
        "kms",
        "create_key",
        {"KeyMetadata": {"KeyId": "k", "Arn": "arn:k"}},
        {},
        (thing("kms", "ScheduleKeyDeletion", KeyId="k"),),
    ),
    (
        "cloudformation",
        "create_stack",
        b"",
        {"StackName": "s"},
        (thing("cloudformation", "DeleteStack", StackName="s"),),
    ),
    (
        "secretsmanager",
        "create_secret",
        {"ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf", "Name": "db"},
        {"Name": "db", "SecretString": "hush"},
        (thing("secretsmanager", "DeleteSecret", SecretId="arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf"),),
    ),
    (
        "lambda",
        "create_function",
        {"FunctionName": "f"},
        FUNCTION,
        (thing("lambda", "DeleteFunction", FunctionName="f"),),
    ),
    (
        "lambda",
        "create_event_source_mapping",
        {"UUID": "u"},
        {"FunctionName": "f"},
        (thing("lambda", "DeleteEventSourceMapping", UUID="u"),),
    ),
    (
        "lambda",
        "publish_version",
        {"FunctionName": "f", "Version": "3"},
        {"FunctionName": "f"},
        (thing("lambda", "DeleteFunction", FunctionName="f", Qualifier="3"),),
    ),
    (
        "lambda",
        "add_permission",
        {},
        {"FunctionName": "f", "StatementId": "s", "Action": "a", "Principal": "p"},
        (thing("lambda", "RemovePermission", FunctionName="f", StatementId="s"),),
    ),
    ("iam", "create_role", b"", ROLE, (thing("iam", "DeleteRole", RoleName="app"),)),
    (
        "iam",
        "attach_role_policy",
        b"",
        {"RoleName": "app", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        (thing("iam", "DetachRolePolicy", RoleName="app", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"),),
    ),
    (
        "iam",
        "put_role_policy",
        b"",
        {"RoleName": "app", "PolicyName": "p", "PolicyDocument": "{}"},
        (thing("iam", "DeleteRolePolicy", RoleName="app", PolicyName="p"),),
    ),
    ("iam", "create_user", b"", {"UserName": "u"}, (thing("iam", "DeleteUser", UserName="u"),)),
    (
        "ec2",
        "create_vpc",
        xml("<CreateVpcResponse><vpc><vpcId>vpc-1</vpcId></vpc></CreateVpcResponse>"),
        {"CidrBlock": "10.0.0.0/16"},
        (thing("ec2", "DeleteVpc", VpcId="vpc-1"),),
    ),
    (
        "ec2",
        "create_security_group",
        xml("<CreateSecurityGroupResponse><groupId>sg-1</groupId></CreateSecurityGroupResponse>"),
        {"GroupName": "g", "Description": "d"},
        (thing("ec2", "DeleteSecurityGroup", GroupId="sg-1"),),
    ),
    (
        "ec2",
        "run_instances",
        RUN,
        {"ImageId": "ami-1", "MinCount": 2, "MaxCount": 2},
        (
            thing("ec2", "TerminateInstances", InstanceIds='["i-1"]'),
            thing("ec2", "TerminateInstances", InstanceIds='["i-2"]'),
        ),
    ),
    (
        "ec2",
        "allocate_address",
        xml("<AllocateAddressResponse><allocationId>eipalloc-1</allocationId></AllocateAddressResponse>"),
        {},
        (thing("ec2", "ReleaseAddress", AllocationId="eipalloc-1"),),
    ),
    (
        "ec2",
        "create_image",
        xml("<CreateImageResponse><imageId>ami-2</imageId></CreateImageResponse>"),
        {"InstanceId": "i-1", "Name": "name"},
        (thing("ec2", "DeregisterImage", ImageId="ami-2"),),
    ),
    (
        "ec2",
        "copy_image",
        xml("<CopyImageResponse><imageId>ami-3</imageId></CopyImageResponse>"),
        {"SourceImageId": "ami-2", "SourceRegion": "us-east-1", "Name": "name"},
        (thing("ec2", "DeregisterImage", ImageId="ami-3"),),
    ),
    ("ec2", "create_tags", b"", {"Resources": ["i-1"], "Tags": [{"Key": "a", "Value": "b"}]}, ()),
    ("ssm", "put_parameter", {}, {"Name": "/a", "Value": "v"}, (thing("ssm", "DeleteParameter", Name="/a"),)),
    ("events", "put_rule", {}, {"Name": "r"}, (thing("events", "DeleteRule", Name="r"),)),
    ("events", "put_rule", {}, {"Name": "r", "EventBusName": "default"}, (thing("events", "DeleteRule", Name="r"),)),
    (
        "events",
        "put_rule",
        {},
        {"Name": "r", "EventBusName": "b"},
        (thing("events", "DeleteRule", Name="r", EventBusName="b"),),
    ),
    (
        "events",
        "put_targets",
        {"FailedEntryCount": 1, "FailedEntries": [{"TargetId": "2"}]},
        {"Rule": "r", "Targets": [{"Id": "1", "Arn": "arn:a"}, {"Id": "2", "Arn": "arn:b"}]},
        (thing("events", "RemoveTargets", Rule="r", Ids='["1"]'),),
    ),
    ("logs", "create_log_group", b"", {"logGroupName": "g"}, (thing("logs", "DeleteLogGroup", logGroupName="g"),)),
    (
        "logs",
        "create_log_stream",
        b"",
        {"logGroupName": "g", "logStreamName": "s"},
        (thing("logs", "DeleteLogStream", logGroupName="g", logStreamName="s"),),
    ),
    ("kinesis", "create_stream", b"", {"StreamName": "s"}, (thing("kinesis", "DeleteStream", StreamName="s"),)),
    (
        "stepfunctions",
        "create_state_machine",
        {"stateMachineArn": "arn:m"},
        {"name": "m", "definition": "{}", "roleArn": "arn:r"},
        (thing("stepfunctions", "DeleteStateMachine", stateMachineArn="arn:m"),),
    ),
    (
        "apigateway",
        "create_rest_api",
        {"id": "a1"},
        {"name": "api"},
        (thing("apigateway", "DeleteRestApi", restApiId="a1"),),
    ),
    (
        "apigateway",
        "create_resource",
        {"id": "r1"},
        {"restApiId": "a1", "parentId": "root", "pathPart": "x"},
        (thing("apigateway", "DeleteResource", restApiId="a1", resourceId="r1"),),
    ),
    (
        "route53",
        "create_hosted_zone",
        xml(
            "<CreateHostedZoneResponse><ChangeInfo><Id>/change/C1</Id></ChangeInfo>"
            "<HostedZone><Id>/hostedzone/Z1</Id></HostedZone></CreateHostedZoneResponse>"
        ),
        {"Name": "example.org", "CallerReference": "r"},
        (thing("route53", "DeleteHostedZone", Id="/hostedzone/Z1"),),
    ),
    (
        "cloudwatch",
        "put_metric_alarm",
        b"",
        {"AlarmName": "cpu", "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold"},
        (thing("cloudwatch", "DeleteAlarms", AlarmNames='["cpu"]'),),
    ),
    (
        "ecr",
        "create_repository",
        {},
        {"repositoryName": "repo"},
        (thing("ecr", "DeleteRepository", repositoryName="repo"),),
    ),
    (
        "ecs",
        "create_service",
        {"service": {"serviceArn": "arn:s"}},
        {"cluster": "c", "serviceName": "s"},
        (thing("ecs", "DeleteService", cluster="c", service="arn:s"),),
    ),
    (
        "eks",
        "create_cluster",
        {},
        {"name": "c", "roleArn": "r", "resourcesVpcConfig": {}},
        (thing("eks", "DeleteCluster", name="c"),),
    ),
    (
        "rds",
        "create_db_instance",
        b"",
        {"DBInstanceIdentifier": "d", "DBInstanceClass": "c", "Engine": "e", "MasterUserPassword": "hush"},
        (thing("rds", "DeleteDBInstance", DBInstanceIdentifier="d"),),
    ),
    (
        "rds",
        "restore_db_instance_to_point_in_time",
        xml(
            "<R><RestoreDBInstanceToPointInTimeResult><DBInstance><DBInstanceIdentifier>copy</DBInstanceIdentifier>"
            "</DBInstance></RestoreDBInstanceToPointInTimeResult></R>"
        ),
        {"SourceDBInstanceIdentifier": "d", "TargetDBInstanceIdentifier": "copy"},
        (thing("rds", "DeleteDBInstance", DBInstanceIdentifier="copy"),),
    ),
    (
        "acm",
        "request_certificate",
        {"CertificateArn": "arn:c"},
        {"DomainName": "d.org"},
        (thing("acm", "DeleteCertificate", CertificateArn="arn:c"),),
    ),
    (
        "elbv2",
        "register_targets",
        b"",
        {"TargetGroupArn": "arn:g", "Targets": [{"Id": "i-1"}]},
        (thing("elbv2", "DeregisterTargets", TargetGroupArn="arn:g", Targets='[{"Id":"i-1"}]'),),
    ),
    ("s3", "create_bucket", b"", {"Bucket": "b"}, (thing("s3", "DeleteBucket", Bucket="b"),)),
    (
        "s3",
        "put_object",
        b"",
        {"Bucket": "b", "Key": "a/b c", "Body": b"x"},
        (thing("s3", "DeleteObject", Bucket="b", Key="a/b c"),),
    ),
    ("s3", "put_bucket_policy", b"", {"Bucket": "b", "Policy": "{}"}, (thing("s3", "DeleteBucketPolicy", Bucket="b"),)),
    (
        "s3",
        "copy_object",
        b"",
        {"Bucket": "b", "Key": "copy", "CopySource": "other/key"},
        (thing("s3", "DeleteObject", Bucket="b", Key="copy"),),
    ),
    (
        "s3",
        "copy_object",
        xml("<Error><Code>InternalError</Code></Error>"),
        {"Bucket": "b", "Key": "k", "CopySource": "o/k"},
        (),
    ),
    (
        "s3",
        "create_multipart_upload",
        xml("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"),
        {"Bucket": "b", "Key": "k"},
        (thing("s3", "AbortMultipartUpload", Bucket="b", Key="k", UploadId="u"),),
    ),
    ("s3", "upload_part", b"", {"Bucket": "b", "Key": "k", "UploadId": "u", "PartNumber": 1}, ()),
    ("dynamodb", "put_item", {}, {"TableName": "t", "Item": {"k": {"S": "v"}}}, ()),
    ("sqs", "send_message", {"MessageId": "m"}, {"QueueUrl": "https://q/1", "MessageBody": "b"}, ()),
    ("sts", "get_caller_identity", b"", {}, ()),
    ("kms", "replicate_key", {"ReplicaKeyMetadata": {"KeyId": "k"}}, {"KeyId": "k", "ReplicaRegion": "us-east-1"}, ()),
    ("secretsmanager", "restore_secret", {"Name": "db"}, {"SecretId": "db"}, ()),
    (
        "ssm",
        "register_default_patch_baseline",
        {"BaselineId": "pb-0123456789abcdef0"},
        {"BaselineId": "pb-0123456789abcdef0"},
        (),
    ),
]


@pytest.mark.parametrize(
    ("service", "method", "reply", "parameters", "expected"),
    CREATED,
    ids=[f"{service}.{method}-{number}" for number, (service, method, *_) in enumerate(CREATED)],
)
def test_what_is_made_is_known_by_the_call_that_deletes_it(
    done: Done, service: str, method: str, reply: object, parameters: dict[str, Any], expected: tuple[Resource, ...]
) -> None:
    """Whatever the protocol, the deleting operation's members come from the request or from the reply."""
    assert expected == done(service, method, reply, **parameters).created


DELETED: list[tuple[str, str, object, dict[str, Any], tuple[Resource, ...]]] = [
    ("dynamodb", "delete_table", {}, {"TableName": "users"}, (thing("dynamodb", "DeleteTable", TableName="users"),)),
    ("dynamodb", "delete_item", {}, {"TableName": "t", "Key": {"k": {"S": "v"}}}, ()),
    ("dynamodb", "describe_table", {}, {"TableName": "users"}, ()),
    ("sqs", "delete_queue", b"", {"QueueUrl": "https://q/1"}, (thing("sqs", "DeleteQueue", QueueUrl="https://q/1"),)),
    ("sqs", "delete_message", b"", {"QueueUrl": "https://q/1", "ReceiptHandle": "h"}, ()),
    ("kms", "schedule_key_deletion", {}, {"KeyId": "k"}, (thing("kms", "ScheduleKeyDeletion", KeyId="k"),)),
    (
        "ec2",
        "terminate_instances",
        b"",
        {"InstanceIds": ["i-1", "i-2"]},
        (
            thing("ec2", "TerminateInstances", InstanceIds='["i-1"]'),
            thing("ec2", "TerminateInstances", InstanceIds='["i-2"]'),
        ),
    ),
    (
        "cloudwatch",
        "delete_alarms",
        b"",
        {"AlarmNames": ["cpu"]},
        (thing("cloudwatch", "DeleteAlarms", AlarmNames='["cpu"]'),),
    ),
    (
        "ssm",
        "delete_parameters",
        {"DeletedParameters": ["/a"], "InvalidParameters": ["/b"]},
        {"Names": ["/a", "/b"]},
        (thing("ssm", "DeleteParameter", Name="/a"),),
    ),
    ("lambda", "delete_function", b"", {"FunctionName": "f"}, (thing("lambda", "DeleteFunction", FunctionName="f"),)),
    (
        "lambda",
        "delete_function",
        b"",
        {"FunctionName": "f", "Qualifier": "3"},
        (thing("lambda", "DeleteFunction", FunctionName="f", Qualifier="3"),),
    ),
    ("events", "delete_rule", b"", {"Name": "r"}, (thing("events", "DeleteRule", Name="r"),)),
    ("s3", "delete_object", b"", {"Bucket": "b", "Key": "k"}, (thing("s3", "DeleteObject", Bucket="b", Key="k"),)),
    (
        "s3",
        "delete_objects",
        xml("<DeleteResult><Error><Key>kept</Key><Code>AccessDenied</Code></Error></DeleteResult>"),
        {"Bucket": "b", "Delete": {"Objects": [{"Key": "k"}, {"Key": "kept"}, {"Key": "v", "VersionId": "1"}]}},
        (
            thing("s3", "DeleteObject", Bucket="b", Key="k"),
            thing("s3", "DeleteObject", Bucket="b", Key="v", VersionId="1"),
        ),
    ),
    (
        "s3",
        "complete_multipart_upload",
        b"",
        {"Bucket": "b", "Key": "k", "UploadId": "u"},
        (thing("s3", "AbortMultipartUpload", Bucket="b", Key="k", UploadId="u"),),
    ),
]


@pytest.mark.parametrize(
    ("service", "method", "reply", "parameters", "expected"),
    DELETED,
    ids=[f"{service}.{method}-{number}" for number, (service, method, *_) in enumerate(DELETED)],
)
def test_what_is_deleted_is_known_as_it_was_made(
    done: Done, service: str, method: str, reply: object, parameters: dict[str, Any], expected: tuple[Resource, ...]
) -> None:
    """Of one thing and of batches, without those for which the deletion failed."""
    assert expected == done(service, method, reply, **parameters).deleted


@pytest.mark.parametrize(
    ("service", "method", "reply", "parameters", "expected"),
    [
        ("iam", "create_group", "<CreateGroupResponse/>", {"GroupName": "g"}, False),
        ("sqs", "create_queue", {"QueueUrl": "https://q/1/a"}, {"QueueName": "a"}, True),
        ("ssm", "put_parameter", {}, {"Name": "p", "Value": "v"}, True),
        ("s3", "put_object", b"", {"Bucket": "b", "Key": "k"}, True),
        ("s3", "create_bucket", b"", {"Bucket": "b"}, True),
    ],
)
def test_what_may_have_been_there_is_marked(
    done: Done, service: str, method: str, reply: object, parameters: dict[str, Any], *, expected: bool
) -> None:
    """A call that overwrites, or gives back what is there, may have made nothing."""
    (made,) = done(service, method, reply, **parameters).created

    assert expected is made.may_be_older


def test_a_completed_upload_is_an_object(done: Done) -> None:
    """The upload is gone, and the object is there."""
    expected = (thing("s3", "DeleteObject", Bucket="b", Key="k"),)

    assert expected == done("s3", "complete_multipart_upload", Bucket="b", Key="k", UploadId="u").created


@pytest.mark.parametrize("bucket", ["b", "with.dots"])
def test_a_bucket_in_the_host_is_the_bucket(
    made: Made, identifier: Identifier, services: Services, bucket: str
) -> None:
    """An object is the same one, whichever style the client has for its bucket."""
    for style in ("path", "virtual"):
        request = made(
            "s3", "put_object", via={"url": None, "s3": {"addressing_style": style}}, Bucket=bucket, Key=f"{bucket}/k"
        )
        found = resource_changes(request, identifier.identify(request), REGION, Reply(200, Headers(), b""), services)

        assert (thing("s3", "DeleteObject", Bucket=bucket, Key=f"{bucket}/k"),) == found.created


def _s3(made: Made, identifier: Identifier, services: Services, method: str, **headers: str) -> ResourceChanges:
    request = made("s3", method, Bucket="b", Key="k")
    reply = Reply(200, Headers(tuple((name.replace("_", "-"), value) for name, value in headers.items())), b"")
    return resource_changes(request, identifier.identify(request), REGION, reply, services)


def test_a_bucket_with_versions_keeps_them(made: Made, identifier: Identifier, services: Services) -> None:
    """Each write is a version, and a deletion without one adds a marker and deletes nothing."""
    version = thing("s3", "DeleteObject", Bucket="b", Key="k", VersionId="v1")
    marker = thing("s3", "DeleteObject", Bucket="b", Key="k", VersionId="v2")

    put = _s3(made, identifier, services, "put_object", x_amz_version_id="v1")
    deleted = _s3(made, identifier, services, "delete_object", x_amz_version_id="v2", x_amz_delete_marker="true")

    assert ResourceChanges((version,)) == put
    assert ResourceChanges((marker,)) == deleted
    assert (version, marker) == left((put, deleted))


def test_an_access_key_is_listed_without_its_id(done: Done) -> None:
    """The id is a credential: what is shown stands for it, names no call, and tells one key from another."""
    reply = xml(
        "<R><CreateAccessKeyResult><AccessKey><UserName>u</UserName><AccessKeyId>AKIAIOSFODNN{}</AccessKeyId>"
        "<SecretAccessKey>hush</SecretAccessKey></AccessKey></CreateAccessKeyResult></R>"
    )
    made = [
        done("iam", "create_access_key", reply.replace(b"{}", end), UserName="u") for end in (b"EXAMPONE", b"EXAMPTWO")
    ]
    gone = done("iam", "delete_access_key", UserName="u", AccessKeyId="AKIAIOSFODNNEXAMPONE")

    assert made[1].created == left((*made, gone))
    assert "" == made[1].created[0].action
    assert "AKIA" not in str(made) + str(gone)
    assert "hush" not in str(made)


@pytest.mark.parametrize("status", [0, 100, 301, 400, 404, 500])
def test_what_aws_has_not_done_leaves_nothing(
    made: Made, identifier: Identifier, services: Services, status: int
) -> None:
    """Only a success makes or deletes."""
    request = made("sqs", "create_queue", QueueName="q")
    reply = Reply(status, Headers(), b'{"QueueUrl": "https://q/1"}')

    assert NONE == resource_changes(request, identifier.identify(request), REGION, reply, services)


def test_what_cannot_be_told_is_listed_all_the_same(done: Done) -> None:
    """A reply that lacks the id, or a thing that no operation deletes, is listed by what is known."""
    lost = done("ec2", "create_vpc", b"<CreateVpcResponse/>", CidrBlock="10.0.0.0/16")
    account = done("organizations", "create_account", {}, Email="a@example.org", AccountName="n")

    assert (Resource("ec2", REGION, "", ((CREATED_BY, "CreateVpc"),)),) == lost.created
    assert [("", "CreateAccount")] == [(one.action, dict(one.parameters)[CREATED_BY]) for one in account.created]
    assert "example.org" not in str(account)


def test_reads_cost_next_to_nothing(services: Services) -> None:
    """It is asked for every request, on the event loop."""
    request = Request("POST", "/", Headers(), b"{}")
    operation = Operation("dynamodb", "GetItem", "json", "dynamodb")
    reply = Reply(200, Headers(), b"{}")
    resource_changes(request, operation, REGION, reply, services)

    def timed() -> float:
        started = time.perf_counter()
        for _ in range(1_000):
            resource_changes(request, operation, REGION, reply, services)
        return (time.perf_counter() - started) / 1_000

    assert 30e-6 > min(timed() for _ in range(5))


def test_only_so_many_are_told(done: Done) -> None:
    """A hostile reply, or a hostile request, makes no endless list."""
    items = b"".join(b"<item><instanceId>i-%d</instanceId></item>" % number for number in range(MAX_CHANGES + 5))
    body = b"<R><instancesSet>" + items + b"</instancesSet></R>"
    assert MAX_CHANGES == len(done("ec2", "run_instances", body, ImageId="a", MinCount=1, MaxCount=1).created)

    large = {"QueueUrl": "https://q/1", "x": "y" * MAX_REPLY_BYTES}
    assert [""] == [one.action for one in done("sqs", "create_queue", large, QueueName="q").created]


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        (thing("s3", "DeleteBucket", Bucket="b"), ["k"]),
        (thing("s3", "DeleteBucketPolicy", Bucket="b"), ["b", "k", "other"]),
        (thing("s3", "DeleteObject", Bucket="b", Key="k"), ["b", "other"]),
        (thing("s3", "DeleteObject", Bucket="b", Key="k", VersionId="1"), ["b", "k", "other"]),
        (thing("dynamodb", "DeleteBucket", Bucket="b"), ["b", "k", "other"]),
        (Resource("s3", "us-east-1", "DeleteBucket", (("Bucket", "b"),)), ["b", "k", "other"]),
    ],
)
def test_what_is_in_a_container_goes_with_it(gone: Resource, expected: list[str]) -> None:
    """A deleted thing takes along its parts, and not what only bears the same name, nor what is elsewhere."""
    there = {
        "b": thing("s3", "DeleteBucket", Bucket="b"),
        "k": thing("s3", "DeleteObject", Bucket="b", Key="k"),
        "other": thing("s3", "PutBucketTagging", Bucket="b", Name="b"),
    }
    if gone.action == "DeleteBucket" and gone.service == "s3" and gone.region == REGION:
        expected = []

    assert expected == [name for name, one in there.items() if one in without(there.values(), gone)]


def test_things_of_other_kinds_may_have_the_same_name() -> None:
    """A crawler stays when a trigger of its name is deleted."""
    crawler = thing("glue", "DeleteCrawler", Name="n")

    assert (crawler,) == without((crawler,), thing("glue", "DeleteTrigger", Name="n"))


def test_what_is_left_is_listed_once_and_in_order() -> None:
    """A thing that is made again counts once, at its last place; one that is deleted does not."""
    first, second, third = (thing("sqs", "DeleteQueue", QueueUrl=name) for name in "abc")
    run = [
        ResourceChanges((first, second)),
        ResourceChanges((third,)),
        ResourceChanges((first,)),
        ResourceChanges((), (second,)),
    ]

    assert (third, first) == left(run)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("users", "users", True),
        ("arn:aws:dynamodb:eu-west-1:1:table/users", "users", True),
        ("users", "arn:aws:dynamodb:eu-west-1:1:table/users", True),
        ("arn:aws:lambda:eu-west-1:1:function:f", "f", True),
        ("arn:aws:secretsmanager:eu-west-1:1:secret:a/b-AbCdEf", "a/b", True),
        ("arn:aws:secretsmanager:eu-west-1:1:secret:a/b-AbCdEf", "b", False),
        ("arn:aws:dynamodb:eu-west-1:1:table/users", "arn:aws:dynamodb:us-east-1:1:table/users", False),
        ("arn:aws:sns:eu-west-1:1:t", "", False),
        ("users", "user", False),
        ("a/users", "users", False),
    ],
)
def test_a_thing_is_known_by_its_name_and_by_its_arn(one: str, other: str, *, expected: bool) -> None:
    """The two name the same, in either order; parts of a name do not."""
    assert expected is same_name(one, other)


_TREE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(["QueueUrl", "Failed"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(body=_TREE, reply=_TREE)
def test_hostile_messages_are_no_errors(services: Services, body: object, reply: object) -> None:
    """Whatever stands in both messages, there is an answer, and its parameters are texts."""
    request = Request("POST", "/", Headers(), json.dumps(body).encode())
    for action in ("CreateQueue", "DeleteQueue", "AddPermission", "DeleteMessageBatch"):
        found = resource_changes(
            request,
            Operation("sqs", action, "json", "sqs"),
            REGION,
            Reply(200, Headers(), json.dumps(reply).encode()),
            services,
        )
        for one in (*found.created, *found.deleted):
            assert all(isinstance(text, str) for pair in one.parameters for text in pair)
