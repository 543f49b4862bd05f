"""What a run has made on AWS and what it has deleted."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.leftovers.resource_changes import NONE, ResourceChanges, resource_changes
from cloudmock_contract.leftovers.same_resource import CREATED_BY, goes_with
from cloudmock_contract.values.authentication import Authentication, Style
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.exchange import Resource
from cloudmock_contract.values.http import Headers, Reply, Request
from cloudmock_contract.values.operation import Operation

REGION = "eu-west-1"
type Changes = Callable[..., ResourceChanges]


def thing(service: str, action: str, /, **parameters: str) -> Resource:
    return Resource(service, REGION, action, tuple(sorted(parameters.items())))


def plain_call(service: str, action: str, body: bytes) -> Call:
    """A call of a service that speaks JSON."""
    request, operation = Request("POST", "/", Headers(), body), Operation(service, action, "json", service)
    return Call("the-id", datetime.now(tz=UTC), request, Authentication(Style.NONE), operation, REGION)


def xml(text: str) -> bytes:
    return text.encode()


@dataclass(frozen=True)
class Example:
    """A call of boto3's, AWS's reply to it, and what it has done."""

    service: str
    method: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    reply: object = b""
    expected: tuple[Resource, ...] = ()

    def __str__(self) -> str:
        return f"{self.service}.{self.method}"


ROLE = {"RoleName": "app", "AssumeRolePolicyDocument": "{}"}
RUN = xml(
    "<RunInstancesResponse><instancesSet><item><instanceId>i-1</instanceId></item>"
    "<item><instanceId>i-2</instanceId></item></instancesSet></RunInstancesResponse>"
)
FUNCTION = {"FunctionName": "f", "Role": "arn:aws:iam::1:role/r", "Code": {"ZipFile": b"x"}}
CREATING = [
    Example(
        "dynamodb",
        "create_table",
        parameters={
            "TableName": "users",
            "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        },
        reply={"TableDescription": {"TableName": "users"}},
        expected=(thing("dynamodb", "DeleteTable", TableName="users"),),
    ),
    Example(
        "sqs",
        "create_queue",
        parameters={"QueueName": "q"},
        reply={"QueueUrl": "https://q/1"},
        expected=(thing("sqs", "DeleteQueue", QueueUrl="https://q/1"),),
    ),
    Example(
        "sns",
        "create_topic",
        parameters={"Name": "t"},
        reply=xml(
            "<CreateTopicResponse><CreateTopicResult><TopicArn>arn:t</TopicArn></CreateTopicResult></CreateTopicResponse>"
        ),
        expected=(thing("sns", "DeleteTopic", TopicArn="arn:t"),),
    ),
    Example(
        "sns",
        "subscribe",
        parameters={"TopicArn": "arn:t", "Protocol": "sqs"},
        reply=xml(
            "<SubscribeResponse><SubscribeResult><SubscriptionArn>arn:s</SubscriptionArn></SubscribeResult></SubscribeResponse>"
        ),
        expected=(thing("sns", "Unsubscribe", SubscriptionArn="arn:s"),),
    ),
    Example(
        "sns",
        "subscribe",
        parameters={"TopicArn": "arn:t", "Protocol": "email", "Endpoint": "a@example.org"},
        reply=xml(
            "<SubscribeResponse><SubscribeResult><SubscriptionArn>pending confirmation</SubscriptionArn>"
            "</SubscribeResult></SubscribeResponse>"
        ),
        expected=(Resource("sns", REGION, "", (("TopicArn", "arn:t"), (CREATED_BY, "Subscribe"))),),
    ),
    Example(
        "kms",
        "create_key",
        reply={"KeyMetadata": {"KeyId": "k", "Arn": "arn:k"}},
        expected=(thing("kms", "ScheduleKeyDeletion", KeyId="k"),),
    ),
    Example(
        "cloudformation",
        "create_stack",
        parameters={"StackName": "s"},
        expected=(thing("cloudformation", "DeleteStack", StackName="s"),),
    ),
    Example(
        "secretsmanager",
        "create_secret",
        parameters={"Name": "db", "SecretString": "hush"},
        reply={"ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf", "Name": "db"},
        expected=(
            thing("secretsmanager", "DeleteSecret", SecretId="arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf"),
        ),
    ),
    Example(
        "lambda",
        "create_function",
        parameters=FUNCTION,
        reply={"FunctionName": "f"},
        expected=(thing("lambda", "DeleteFunction", FunctionName="f"),),
    ),
    Example(
        "lambda",
        "create_event_source_mapping",
        parameters={"FunctionName": "f"},
        reply={"UUID": "u"},
        expected=(thing("lambda", "DeleteEventSourceMapping", UUID="u"),),
    ),
    Example(
        "lambda",
        "add_permission",
        parameters={"FunctionName": "f", "StatementId": "s", "Action": "a", "Principal": "p"},
        reply={},
        expected=(thing("lambda", "RemovePermission", FunctionName="f", StatementId="s"),),
    ),
    Example("iam", "create_role", parameters=ROLE, expected=(thing("iam", "DeleteRole", RoleName="app"),)),
    Example(
        "iam",
        "attach_role_policy",
        parameters={"RoleName": "app", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        expected=(
            thing("iam", "DetachRolePolicy", RoleName="app", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ),
    ),
    Example(
        "iam",
        "put_role_policy",
        parameters={"RoleName": "app", "PolicyName": "p", "PolicyDocument": "{}"},
        expected=(thing("iam", "DeleteRolePolicy", RoleName="app", PolicyName="p"),),
    ),
    Example("iam", "create_user", parameters={"UserName": "u"}, expected=(thing("iam", "DeleteUser", UserName="u"),)),
    Example(
        "ec2",
        "create_vpc",
        parameters={"CidrBlock": "10.0.0.0/16"},
        reply=xml("<CreateVpcResponse><vpc><vpcId>vpc-1</vpcId></vpc></CreateVpcResponse>"),
        expected=(thing("ec2", "DeleteVpc", VpcId="vpc-1"),),
    ),
    Example(
        "ec2",
        "create_security_group",
        parameters={"GroupName": "g", "Description": "d"},
        reply=xml("<CreateSecurityGroupResponse><groupId>sg-1</groupId></CreateSecurityGroupResponse>"),
        expected=(thing("ec2", "DeleteSecurityGroup", GroupId="sg-1"),),
    ),
    Example(
        "ec2",
        "run_instances",
        parameters={"ImageId": "ami-1", "MinCount": 2, "MaxCount": 2},
        reply=RUN,
        expected=(
            thing("ec2", "TerminateInstances", InstanceIds='["i-1"]'),
            thing("ec2", "TerminateInstances", InstanceIds='["i-2"]'),
        ),
    ),
    Example(
        "ec2",
        "allocate_address",
        reply=xml("<AllocateAddressResponse><allocationId>eipalloc-1</allocationId></AllocateAddressResponse>"),
        expected=(thing("ec2", "ReleaseAddress", AllocationId="eipalloc-1"),),
    ),
    Example(
        "ec2",
        "create_image",
        parameters={"InstanceId": "i-1", "Name": "name"},
        reply=xml("<CreateImageResponse><imageId>ami-2</imageId></CreateImageResponse>"),
        expected=(thing("ec2", "DeregisterImage", ImageId="ami-2"),),
    ),
    Example(
        "ec2",
        "copy_image",
        parameters={"SourceImageId": "ami-2", "SourceRegion": "us-east-1", "Name": "name"},
        reply=xml("<CopyImageResponse><imageId>ami-3</imageId></CopyImageResponse>"),
        expected=(thing("ec2", "DeregisterImage", ImageId="ami-3"),),
    ),
    Example("ec2", "create_tags", parameters={"Resources": ["i-1"], "Tags": [{"Key": "a", "Value": "b"}]}),
    Example(
        "ssm",
        "put_parameter",
        parameters={"Name": "/a", "Value": "v"},
        reply={},
        expected=(thing("ssm", "DeleteParameter", Name="/a"),),
    ),
    Example(
        "events", "put_rule", parameters={"Name": "r"}, reply={}, expected=(thing("events", "DeleteRule", Name="r"),)
    ),
    Example(
        "events",
        "put_rule",
        parameters={"Name": "r", "EventBusName": "default"},
        reply={},
        expected=(thing("events", "DeleteRule", Name="r"),),
    ),
    Example(
        "events",
        "put_rule",
        parameters={"Name": "r", "EventBusName": "b"},
        reply={},
        expected=(thing("events", "DeleteRule", Name="r", EventBusName="b"),),
    ),
    Example(
        "events",
        "put_targets",
        parameters={"Rule": "r", "Targets": [{"Id": "1", "Arn": "arn:a"}, {"Id": "2", "Arn": "arn:b"}]},
        reply={"FailedEntryCount": 1, "FailedEntries": [{"TargetId": "2"}]},
        expected=(thing("events", "RemoveTargets", Rule="r", Ids='["1"]'),),
    ),
    Example(
        "logs",
        "create_log_group",
        parameters={"logGroupName": "g"},
        expected=(thing("logs", "DeleteLogGroup", logGroupName="g"),),
    ),
    Example(
        "logs",
        "create_log_stream",
        parameters={"logGroupName": "g", "logStreamName": "s"},
        expected=(thing("logs", "DeleteLogStream", logGroupName="g", logStreamName="s"),),
    ),
    Example(
        "kinesis",
        "create_stream",
        parameters={"StreamName": "s"},
        expected=(thing("kinesis", "DeleteStream", StreamName="s"),),
    ),
    Example(
        "stepfunctions",
        "create_state_machine",
        parameters={"name": "m", "definition": "{}", "roleArn": "arn:r"},
        reply={"stateMachineArn": "arn:m"},
        expected=(thing("stepfunctions", "DeleteStateMachine", stateMachineArn="arn:m"),),
    ),
    Example(
        "apigateway",
        "create_rest_api",
        parameters={"name": "api"},
        reply={"id": "a1"},
        expected=(thing("apigateway", "DeleteRestApi", restApiId="a1"),),
    ),
    Example(
        "apigateway",
        "create_resource",
        parameters={"restApiId": "a1", "parentId": "root", "pathPart": "x"},
        reply={"id": "r1"},
        expected=(thing("apigateway", "DeleteResource", restApiId="a1", resourceId="r1"),),
    ),
    Example(
        "route53",
        "create_hosted_zone",
        parameters={"Name": "example.org", "CallerReference": "r"},
        reply=xml(
            "<CreateHostedZoneResponse><ChangeInfo><Id>/change/C1</Id></ChangeInfo>"
            "<HostedZone><Id>/hostedzone/Z1</Id></HostedZone></CreateHostedZoneResponse>"
        ),
        expected=(thing("route53", "DeleteHostedZone", Id="/hostedzone/Z1"),),
    ),
    Example(
        "cloudwatch",
        "put_metric_alarm",
        parameters={"AlarmName": "cpu", "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold"},
        expected=(thing("cloudwatch", "DeleteAlarms", AlarmNames='["cpu"]'),),
    ),
    Example(
        "ecr",
        "create_repository",
        parameters={"repositoryName": "repo"},
        reply={},
        expected=(thing("ecr", "DeleteRepository", repositoryName="repo"),),
    ),
    Example(
        "ecs",
        "create_service",
        parameters={"cluster": "c", "serviceName": "s"},
        reply={"service": {"serviceArn": "arn:s"}},
        expected=(thing("ecs", "DeleteService", cluster="c", service="arn:s"),),
    ),
    Example(
        "eks",
        "create_cluster",
        parameters={"name": "c", "roleArn": "r", "resourcesVpcConfig": {}},
        reply={},
        expected=(thing("eks", "DeleteCluster", name="c"),),
    ),
    Example(
        "rds",
        "create_db_instance",
        parameters={"DBInstanceIdentifier": "d", "DBInstanceClass": "c", "Engine": "e", "MasterUserPassword": "hush"},
        expected=(thing("rds", "DeleteDBInstance", DBInstanceIdentifier="d"),),
    ),
    Example(
        "rds",
        "restore_db_instance_to_point_in_time",
        parameters={"SourceDBInstanceIdentifier": "d", "TargetDBInstanceIdentifier": "copy"},
        reply=xml(
            "<R><RestoreDBInstanceToPointInTimeResult><DBInstance><DBInstanceIdentifier>copy</DBInstanceIdentifier>"
            "</DBInstance></RestoreDBInstanceToPointInTimeResult></R>"
        ),
        expected=(thing("rds", "DeleteDBInstance", DBInstanceIdentifier="copy"),),
    ),
    Example(
        "acm",
        "request_certificate",
        parameters={"DomainName": "d.org"},
        reply={"CertificateArn": "arn:c"},
        expected=(thing("acm", "DeleteCertificate", CertificateArn="arn:c"),),
    ),
    Example(
        "elbv2",
        "register_targets",
        parameters={"TargetGroupArn": "arn:g", "Targets": [{"Id": "i-1"}]},
        expected=(thing("elbv2", "DeregisterTargets", TargetGroupArn="arn:g", Targets='[{"Id":"i-1"}]'),),
    ),
    Example("s3", "create_bucket", parameters={"Bucket": "b"}, expected=(thing("s3", "DeleteBucket", Bucket="b"),)),
    Example(
        "s3",
        "put_object",
        parameters={"Bucket": "b", "Key": "a/b c", "Body": b"x"},
        expected=(thing("s3", "DeleteObject", Bucket="b", Key="a/b c"),),
    ),
    Example(
        "s3",
        "put_bucket_policy",
        parameters={"Bucket": "b", "Policy": "{}"},
        expected=(thing("s3", "DeleteBucketPolicy", Bucket="b"),),
    ),
    Example(
        "s3",
        "copy_object",
        parameters={"Bucket": "b", "Key": "copy", "CopySource": "other/key"},
        expected=(thing("s3", "DeleteObject", Bucket="b", Key="copy"),),
    ),
    Example(
        "s3",
        "copy_object",
        parameters={"Bucket": "b", "Key": "k", "CopySource": "o/k"},
        reply=xml("<Error><Code>InternalError</Code></Error>"),
    ),
    Example(
        "s3",
        "create_multipart_upload",
        parameters={"Bucket": "b", "Key": "k"},
        reply=xml("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"),
        expected=(thing("s3", "AbortMultipartUpload", Bucket="b", Key="k", UploadId="u"),),
    ),
    Example("s3", "upload_part", parameters={"Bucket": "b", "Key": "k", "UploadId": "u", "PartNumber": 1}),
    Example("dynamodb", "put_item", parameters={"TableName": "t", "Item": {"k": {"S": "v"}}}, reply={}),
    Example(
        "sqs", "send_message", parameters={"QueueUrl": "https://q/1", "MessageBody": "b"}, reply={"MessageId": "m"}
    ),
    Example("sts", "get_caller_identity"),
    Example(
        "kms",
        "replicate_key",
        parameters={"KeyId": "k", "ReplicaRegion": "us-east-1"},
        reply={"ReplicaKeyMetadata": {"KeyId": "k"}},
    ),
    Example("secretsmanager", "restore_secret", parameters={"SecretId": "db"}, reply={"Name": "db"}),
    Example(
        "ssm",
        "register_default_patch_baseline",
        parameters={"BaselineId": "pb-0123456789abcdef0"},
        reply={"BaselineId": "pb-0123456789abcdef0"},
    ),
]


@pytest.mark.parametrize("example", CREATING, ids=str)
def test_what_is_made_is_known_by_the_call_that_deletes_it(changes: Changes, example: Example) -> None:
    """Whatever the protocol, the deleting operation's members come from the request or from the reply."""
    assert example.expected == changes(example.service, example.method, example.reply, **example.parameters).created


DELETING = [
    Example(
        "dynamodb",
        "delete_table",
        parameters={"TableName": "users"},
        reply={},
        expected=(thing("dynamodb", "DeleteTable", TableName="users"),),
    ),
    Example("dynamodb", "delete_item", parameters={"TableName": "t", "Key": {"k": {"S": "v"}}}, reply={}),
    Example("dynamodb", "describe_table", parameters={"TableName": "users"}, reply={}),
    Example(
        "sqs",
        "delete_queue",
        parameters={"QueueUrl": "https://q/1"},
        expected=(thing("sqs", "DeleteQueue", QueueUrl="https://q/1"),),
    ),
    Example("sqs", "delete_message", parameters={"QueueUrl": "https://q/1", "ReceiptHandle": "h"}),
    Example(
        "kms",
        "schedule_key_deletion",
        parameters={"KeyId": "k"},
        reply={},
        expected=(thing("kms", "ScheduleKeyDeletion", KeyId="k"),),
    ),
    Example(
        "ec2",
        "terminate_instances",
        parameters={"InstanceIds": ["i-1", "i-2"]},
        expected=(
            thing("ec2", "TerminateInstances", InstanceIds='["i-1"]'),
            thing("ec2", "TerminateInstances", InstanceIds='["i-2"]'),
        ),
    ),
    Example(
        "cloudwatch",
        "delete_alarms",
        parameters={"AlarmNames": ["cpu"]},
        expected=(thing("cloudwatch", "DeleteAlarms", AlarmNames='["cpu"]'),),
    ),
    Example(
        "ssm",
        "delete_parameters",
        parameters={"Names": ["/a", "/b"]},
        reply={"DeletedParameters": ["/a"], "InvalidParameters": ["/b"]},
        expected=(thing("ssm", "DeleteParameter", Name="/a"),),
    ),
    Example(
        "lambda",
        "delete_function",
        parameters={"FunctionName": "f"},
        expected=(thing("lambda", "DeleteFunction", FunctionName="f"),),
    ),
    Example(
        "lambda",
        "delete_function",
        parameters={"FunctionName": "f", "Qualifier": "3"},
        expected=(thing("lambda", "DeleteFunction", FunctionName="f", Qualifier="3"),),
    ),
    Example("events", "delete_rule", parameters={"Name": "r"}, expected=(thing("events", "DeleteRule", Name="r"),)),
    Example(
        "s3",
        "delete_object",
        parameters={"Bucket": "b", "Key": "k"},
        expected=(thing("s3", "DeleteObject", Bucket="b", Key="k"),),
    ),
]


@pytest.mark.parametrize("example", DELETING, ids=str)
def test_what_is_deleted_is_known_as_it_was_made(changes: Changes, example: Example) -> None:
    """Of one thing and of batches, without those for which the deletion failed."""
    assert example.expected == changes(example.service, example.method, example.reply, **example.parameters).deleted


OVERWRITING = [
    Example("sqs", "create_queue", {"QueueName": "a"}, {"QueueUrl": "https://q/1/a"}),
    Example("ssm", "put_parameter", {"Name": "p", "Value": "v"}, {}),
    Example("s3", "put_object", {"Bucket": "b", "Key": "k"}),
    Example("s3", "create_bucket", {"Bucket": "b"}),
]


@pytest.mark.parametrize("example", OVERWRITING, ids=str)
def test_what_may_have_been_there_is_marked(changes: Changes, example: Example) -> None:
    """A call that overwrites, or gives back what is there, may have made nothing."""
    (created,) = changes(example.service, example.method, example.reply, **example.parameters).created

    assert created.may_be_older


def test_what_is_new_is_not_marked(changes: Changes) -> None:
    """A call that fails where there is such a thing has made one."""
    (created,) = changes("iam", "create_group", b"<CreateGroupResponse/>", GroupName="g").created

    assert not created.may_be_older


def test_an_access_key_is_listed_without_its_id(changes: Changes) -> None:
    """The id is a credential: what is shown stands for it, names no call, and tells one key from another."""
    reply = xml(
        "<R><CreateAccessKeyResult><AccessKey><UserName>u</UserName><AccessKeyId>AKIAIOSFODNN{}</AccessKeyId>"
        "<SecretAccessKey>hush</SecretAccessKey></AccessKey></CreateAccessKeyResult></R>"
    )
    (first,), (second,) = (
        changes("iam", "create_access_key", reply.replace(b"{}", ending), UserName="u").created
        for ending in (b"EXAMPONE", b"EXAMPTWO")
    )
    (deleted,) = changes("iam", "delete_access_key", UserName="u", AccessKeyId="AKIAIOSFODNNEXAMPONE").deleted

    assert [True, False] == [goes_with(key, deleted) for key in (first, second)]
    assert "" == first.action
    assert "AKIA" not in str((first, second, deleted))
    assert "hush" not in str((first, second))


@pytest.mark.parametrize("status", [0, 100, 301, 400, 404, 500])
def test_what_aws_has_not_done_leaves_nothing(changes: Changes, status: int) -> None:
    """Only a success makes or deletes."""
    reply = Reply(status, Headers(), b'{"QueueUrl": "https://q/1"}')

    assert NONE == changes("sqs", "create_queue", reply, QueueName="q")


def test_what_cannot_be_named_is_listed_all_the_same(changes: Changes) -> None:
    """A reply that lacks the id, or a thing that no operation deletes, is listed by what is known."""
    vpc = changes("ec2", "create_vpc", b"<CreateVpcResponse/>", CidrBlock="10.0.0.0/16")
    account = changes("organizations", "create_account", {}, Email="a@example.org", AccountName="n")

    assert (Resource("ec2", REGION, "", ((CREATED_BY, "CreateVpc"),)),) == vpc.created
    assert [("", "CreateAccount")] == [
        (resource.action, dict(resource.parameters)[CREATED_BY]) for resource in account.created
    ]
    assert "example.org" not in str(account)


def test_reads_cost_next_to_nothing(services: Services) -> None:
    """It is asked for every request, on the event loop."""
    call, reply = plain_call("dynamodb", "GetItem", b"{}"), Reply(200, Headers(), b"{}")
    resource_changes(call, reply, services)

    def timed() -> float:
        started = time.perf_counter()
        for _ in range(1_000):
            resource_changes(call, reply, services)
        return (time.perf_counter() - started) / 1_000

    assert 30e-6 > min(timed() for _ in range(5))


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
    answer = Reply(200, Headers(), json.dumps(reply).encode())
    for action in ("CreateQueue", "DeleteQueue", "AddPermission", "DeleteMessageBatch"):
        changes = resource_changes(plain_call("sqs", action, json.dumps(body).encode()), answer, services)
        for resource in (*changes.created, *changes.deleted):
            assert all(isinstance(text, str) for pair in resource.parameters for text in pair)
