"""An app's worth of AWS calls over a dozen services with boto3: create, read, list, update, and errors.

The endpoint comes from AWS_ENDPOINT_URL, as with any app. Prints how many calls it made.
"""

import json

from lab.workloads.caller import Caller


def main() -> None:
    """Make all the calls."""
    caller = Caller()
    for work in (
        storage, tables, queues, topics, users, functions, keys, parameters, secrets, logs, events, streams, machines,
        networks, stacks, zones,
    ):  # fmt: skip
        work(caller)
    caller.client("sts")("get_caller_identity")
    print(f"{caller.count} calls made")


def storage(caller: Caller) -> None:
    s3 = caller.client("s3")
    s3("create_bucket", Bucket="contract-demo")
    s3("put_object", Bucket="contract-demo", Key="a folder/ü+%.txt", Body=b"hello", ContentType="text/plain")
    s3("get_object", Bucket="contract-demo", Key="a folder/ü+%.txt")
    s3("head_object", Bucket="contract-demo", Key="a folder/ü+%.txt")
    s3("list_objects_v2", Bucket="contract-demo")
    s3("get_object", Bucket="contract-demo", Key="missing")
    s3("delete_object", Bucket="contract-demo", Key="a folder/ü+%.txt")


def tables(caller: Caller) -> None:
    dynamodb = caller.client("dynamodb")
    dynamodb(
        "create_table",
        TableName="users",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb("put_item", TableName="users", Item={"id": {"S": "1"}, "name": {"S": "Ada"}})
    dynamodb("get_item", TableName="users", Key={"id": {"S": "1"}})
    dynamodb("scan", TableName="users")
    dynamodb("list_tables")
    dynamodb("get_item", TableName="nobody", Key={"id": {"S": "1"}})


def queues(caller: Caller) -> None:
    sqs = caller.client("sqs")
    sqs("create_queue", QueueName="jobs")
    sqs("list_queues")
    sqs("get_queue_url", QueueName="missing")


def topics(caller: Caller) -> None:
    sns = caller.client("sns")
    sns("create_topic", Name="news")
    sns("list_topics")


def users(caller: Caller) -> None:
    iam = caller.client("iam")
    iam("create_user", UserName="ada")
    iam("get_user", UserName="ada")
    iam("get_user", UserName="nobody")


def functions(caller: Caller) -> None:
    function = caller.client("lambda")
    function("list_functions")
    function("get_function", FunctionName="missing")


def keys(caller: Caller) -> None:
    kms = caller.client("kms")
    kms("create_key", Description="demo")
    kms("list_aliases")


def parameters(caller: Caller) -> None:
    ssm = caller.client("ssm")
    ssm("put_parameter", Name="/demo/size", Value="12", Type="String")
    ssm("get_parameter", Name="/demo/size")
    ssm("get_parameter", Name="/demo/missing")


def secrets(caller: Caller) -> None:
    secretsmanager = caller.client("secretsmanager")
    secretsmanager("create_secret", Name="password", SecretString="correct horse")
    secretsmanager("get_secret_value", SecretId="password")


def logs(caller: Caller) -> None:
    cloudwatch_logs = caller.client("logs")
    cloudwatch_logs("create_log_group", logGroupName="/demo")
    cloudwatch_logs("describe_log_groups")


def events(caller: Caller) -> None:
    eventbridge = caller.client("events")
    eventbridge("put_rule", Name="nightly", ScheduleExpression="rate(1 day)")
    eventbridge("list_rules")


def streams(caller: Caller) -> None:
    kinesis = caller.client("kinesis")
    kinesis("create_stream", StreamName="clicks", ShardCount=1)
    kinesis("list_streams")


def machines(caller: Caller) -> None:
    states = caller.client("stepfunctions")
    definition = {"StartAt": "End", "States": {"End": {"Type": "Pass", "End": True}}}
    role = "arn:aws:iam::123456789012:role/demo"
    states("create_state_machine", name="demo", definition=json.dumps(definition), roleArn=role)
    states("list_state_machines")


def networks(caller: Caller) -> None:
    ec2 = caller.client("ec2")
    ec2("describe_vpcs")
    ec2("describe_instances", InstanceIds=["i-0123456789abcdef0"])


def stacks(caller: Caller) -> None:
    cloudformation = caller.client("cloudformation")
    cloudformation("list_stacks")
    cloudformation("describe_stacks", StackName="missing")


def zones(caller: Caller) -> None:
    route53 = caller.client("route53")
    route53("list_hosted_zones")


if __name__ == "__main__":
    main()
