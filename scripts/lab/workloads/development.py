"""What an app's test suite does to AWS, over two dozen services with boto3: create, use the ids that came back,
list page by page, update, delete, and be refused.

The app chooses nothing at random: what differs from one run to the next is what the server hands out, what the app
makes of it (policies and ARNs with ids inside), the time, and botocore's own idempotency tokens. A scenario ends where
a resource that it is about could not be made.
The endpoint comes from AWS_ENDPOINT_URL, as with any app. Prints how many calls it made.
"""

import hashlib
import io
import json
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParserError

from lab.workloads.caller import Caller

type Call = Callable[..., dict[str, Any]]

REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/demo"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
TAG = {"Key": "app", "Value": "shop"}
PAGES = 3
"""How many pages the app turns at most."""


class NotMadeError(Exception):
    """A reply has nothing where the app looks for the id of what it made."""


def value_at(reply: dict[str, Any], *path: str | int) -> str:
    """What the reply has at the path: `made(reply, "Vpc", "VpcId")`."""
    value: Any = reply
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            raise NotMadeError(f"no {'.'.join(map(str, path))}: {reply.get('Error', 'no error')}") from None
    return str(value)


def turn(call: Call, operation: str, sent: str, answered: str, **parameters: object) -> list[dict[str, Any]]:
    """The first pages of a list: the token `answered` by one page is `sent` for the next."""
    pages = [call(operation, **parameters)]
    while (token := pages[-1].get(answered)) and len(pages) < PAGES:
        pages.append(call(operation, **{**parameters, sent: token}))
    return pages


def main() -> None:
    """Make all the calls."""
    caller = Caller()
    for scenario in SCENARIOS:
        try:
            scenario(caller)
        except (NotMadeError, BotoCoreError, ResponseParserError) as error:
            print(f"{scenario.__name__} ends early: {error}", file=sys.stderr)
    print(f"{caller.count} calls made")


def account(caller: Caller) -> str:
    """The account's id, which apps compose ARNs from."""
    return value_at(caller.client("sts")("get_caller_identity"), "Account")


# ec2


def networks(caller: Caller) -> None:
    ec2 = caller.client("ec2")
    vpc = value_at(ec2("create_vpc", CidrBlock="10.20.0.0/16"), "Vpc", "VpcId")
    ec2("create_tags", Resources=[vpc], Tags=[{"Key": "Name", "Value": "shop"}])
    ec2("modify_vpc_attribute", VpcId=vpc, EnableDnsHostnames={"Value": True})
    ec2("describe_vpc_attribute", VpcId=vpc, Attribute="enableDnsHostnames")
    ec2("describe_vpcs", VpcIds=[vpc])
    subnets = [
        value_at(ec2("create_subnet", VpcId=vpc, CidrBlock=block, AvailabilityZone=zone), "Subnet", "SubnetId")
        for block, zone in (("10.20.1.0/24", "us-east-1a"), ("10.20.2.0/24", "us-east-1b"))
    ]
    ec2("modify_subnet_attribute", SubnetId=subnets[0], MapPublicIpOnLaunch={"Value": True})
    ec2("describe_subnets", Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    routes(ec2, vpc, subnets[0])
    groups(ec2, vpc)
    balancers(caller, vpc, subnets)
    interfaces(ec2, vpc, subnets[0])
    templates(ec2)
    machines(ec2, subnets[0])
    ec2("describe_network_acls", Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    ec2("describe_tags", Filters=[{"Name": "resource-id", "Values": [vpc]}])
    for subnet in subnets:
        ec2("delete_subnet", SubnetId=subnet)
    ec2("describe_subnets", SubnetIds=subnets)
    ec2("delete_vpc", VpcId=vpc)
    ec2("describe_vpcs", VpcIds=[vpc])
    ec2("create_vpc", CidrBlock="10.20.0.0/99")


def routes(ec2: Call, vpc: str, subnet: str) -> None:
    gateway = value_at(ec2("create_internet_gateway"), "InternetGateway", "InternetGatewayId")
    ec2("attach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
    ec2("describe_internet_gateways", Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}])
    table = value_at(ec2("create_route_table", VpcId=vpc), "RouteTable", "RouteTableId")
    ec2("create_route", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    association = value_at(ec2("associate_route_table", RouteTableId=table, SubnetId=subnet), "AssociationId")
    ec2("describe_route_tables", RouteTableIds=[table])
    ec2("describe_route_tables", Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])
    ec2("disassociate_route_table", AssociationId=association)
    ec2("delete_route", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    ec2("delete_route_table", RouteTableId=table)
    ec2("delete_route_table", RouteTableId=table)
    ec2("detach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
    ec2("delete_internet_gateway", InternetGatewayId=gateway)


def groups(ec2: Call, vpc: str) -> None:
    web = value_at(ec2("create_security_group", GroupName="web", Description="in front", VpcId=vpc), "GroupId")
    app = value_at(ec2("create_security_group", GroupName="app", Description="behind", VpcId=vpc), "GroupId")
    ec2("create_security_group", GroupName="web", Description="again", VpcId=vpc)
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2("authorize_security_group_ingress", GroupId=web, IpPermissions=[https])
    from_web = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "UserIdGroupPairs": [{"GroupId": web}]}
    ec2("authorize_security_group_ingress", GroupId=app, IpPermissions=[from_web])
    ec2("describe_security_groups", GroupIds=[web, app])
    ec2("describe_security_group_rules", Filters=[{"Name": "group-id", "Values": [web]}])
    ec2("revoke_security_group_ingress", GroupId=app, IpPermissions=[from_web])
    ec2("delete_security_group", GroupId=app)
    ec2("delete_security_group", GroupId=web)
    ec2("describe_security_groups", GroupIds=[web])


def interfaces(ec2: Call, vpc: str, subnet: str) -> None:
    interface = value_at(
        ec2("create_network_interface", SubnetId=subnet, PrivateIpAddress="10.20.1.50"),
        "NetworkInterface",
        "NetworkInterfaceId",
    )
    ec2("describe_network_interfaces", NetworkInterfaceIds=[interface])
    ec2("delete_network_interface", NetworkInterfaceId=interface)
    ec2("describe_network_interfaces", NetworkInterfaceIds=[interface])
    address = value_at(ec2("allocate_address", Domain="vpc"), "AllocationId")
    nat = value_at(ec2("create_nat_gateway", SubnetId=subnet, AllocationId=address), "NatGateway", "NatGatewayId")
    ec2("describe_nat_gateways", NatGatewayIds=[nat])
    ec2("delete_nat_gateway", NatGatewayId=nat)
    ec2("release_address", AllocationId=address)
    how = {"ServiceName": f"com.amazonaws.{REGION}.sqs", "VpcEndpointType": "Interface", "SubnetIds": [subnet]}
    endpoint = value_at(ec2("create_vpc_endpoint", VpcId=vpc, **how), "VpcEndpoint", "VpcEndpointId")
    ec2("describe_vpc_endpoints", VpcEndpointIds=[endpoint])
    ec2("delete_vpc_endpoints", VpcEndpointIds=[endpoint])


def templates(ec2: Call) -> None:
    data = {"InstanceType": "t3.micro", "ImageId": "ami-0abcdef1234567890"}
    template = value_at(
        ec2("create_launch_template", LaunchTemplateName="web", LaunchTemplateData=data),
        "LaunchTemplate",
        "LaunchTemplateId",
    )
    larger = {**data, "InstanceType": "t3.small"}
    ec2("create_launch_template_version", LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData=larger)
    ec2("describe_launch_template_versions", LaunchTemplateId=template)
    ec2("describe_launch_templates", LaunchTemplateIds=[template])
    ec2("create_launch_template", LaunchTemplateName="web", LaunchTemplateData=data)
    ec2("delete_launch_template", LaunchTemplateId=template)


def machines(ec2: Call, subnet: str) -> None:
    ec2("create_key_pair", KeyName="deploy")
    ec2("describe_key_pairs", KeyNames=["deploy"])
    run = ec2(
        "run_instances",
        ImageId="ami-0abcdef1234567890",
        InstanceType="t3.micro",
        KeyName="deploy",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
    )
    instance = value_at(run, "Instances", 0, "InstanceId")
    ec2("describe_instances", InstanceIds=[instance])
    ec2("describe_instance_status", InstanceIds=[instance])
    volume = value_at(ec2("create_volume", AvailabilityZone="us-east-1a", Size=8, VolumeType="gp3"), "VolumeId")
    ec2("attach_volume", VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
    ec2("describe_volumes", VolumeIds=[volume])
    ec2("detach_volume", VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
    snapshot = value_at(ec2("create_snapshot", VolumeId=volume, Description="before"), "SnapshotId")
    ec2("describe_snapshots", SnapshotIds=[snapshot])
    ec2("delete_snapshot", SnapshotId=snapshot)
    ec2("delete_volume", VolumeId=volume)
    ec2("describe_volumes", VolumeIds=[volume])
    address = value_at(ec2("allocate_address", Domain="vpc"), "AllocationId")
    linked = value_at(ec2("associate_address", AllocationId=address, InstanceId=instance), "AssociationId")
    ec2("describe_addresses", AllocationIds=[address])
    ec2("disassociate_address", AssociationId=linked)
    ec2("release_address", AllocationId=address)
    ec2("stop_instances", InstanceIds=[instance])
    ec2("start_instances", InstanceIds=[instance])
    ec2("terminate_instances", InstanceIds=[instance])
    ec2("describe_instances", InstanceIds=["i-0123456789abcdef0"])
    ec2("delete_key_pair", KeyName="deploy")


def balancers(caller: Caller, vpc: str, subnets: list[str]) -> None:
    elbv2 = caller.client("elbv2")
    balancer = value_at(
        elbv2("create_load_balancer", Name="shop", Subnets=subnets, Tags=[TAG]), "LoadBalancers", 0, "LoadBalancerArn"
    )
    group = value_at(
        elbv2("create_target_group", Name="shop-web", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip"),
        "TargetGroups",
        0,
        "TargetGroupArn",
    )
    forward = {"Type": "forward", "TargetGroupArn": group}
    listener = value_at(
        elbv2("create_listener", LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[forward]),
        "Listeners",
        0,
        "ListenerArn",
    )
    rule = value_at(
        elbv2(
            "create_rule",
            ListenerArn=listener,
            Priority=10,
            Conditions=[{"Field": "path-pattern", "Values": ["/api/*"]}],
            Actions=[forward],
        ),
        "Rules",
        0,
        "RuleArn",
    )
    elbv2("register_targets", TargetGroupArn=group, Targets=[{"Id": "10.20.1.10", "Port": 80}])
    elbv2("describe_target_health", TargetGroupArn=group)
    elbv2("describe_load_balancers", LoadBalancerArns=[balancer])
    elbv2("describe_target_groups", LoadBalancerArn=balancer)
    elbv2("describe_listeners", LoadBalancerArn=balancer)
    elbv2("describe_rules", ListenerArn=listener)
    elbv2("describe_tags", ResourceArns=[balancer])
    elbv2("modify_target_group", TargetGroupArn=group, HealthCheckPath="/health")
    elbv2("describe_load_balancer_attributes", LoadBalancerArn=balancer)
    elbv2("delete_rule", RuleArn=rule)
    elbv2("delete_listener", ListenerArn=listener)
    elbv2("delete_load_balancer", LoadBalancerArn=balancer)
    elbv2("delete_target_group", TargetGroupArn=group)
    elbv2("describe_target_groups", TargetGroupArns=[group])


# s3


def objects(caller: Caller) -> None:
    s3 = caller.client("s3")
    bucket = "shop-assets"
    s3("create_bucket", Bucket=bucket)
    s3("head_bucket", Bucket=bucket)
    s3("put_bucket_tagging", Bucket=bucket, Tagging={"TagSet": [TAG]})
    s3("get_bucket_tagging", Bucket=bucket)
    for number in range(5):
        s3("put_object", Bucket=bucket, Key=f"images/{number}.png", Body=b"\x89PNG" * (number + 1))
    tag = value_at(s3("head_object", Bucket=bucket, Key="images/0.png"), "ETag")
    s3("get_object", Bucket=bucket, Key="images/0.png", IfMatch=tag)
    s3("get_object", Bucket=bucket, Key="images/0.png", IfNoneMatch=tag)
    s3("get_object", Bucket=bucket, Key="images/4.png", Range="bytes=0-3")
    turn(s3, "list_objects_v2", "ContinuationToken", "NextContinuationToken", Bucket=bucket, MaxKeys=2)
    turn(s3, "list_objects", "Marker", "NextMarker", Bucket=bucket, MaxKeys=3, Delimiter="|")
    s3("list_objects_v2", Bucket=bucket, Delimiter="/")
    s3("copy_object", Bucket=bucket, Key="copies/0.png", CopySource={"Bucket": bucket, "Key": "images/0.png"})
    s3("put_object_tagging", Bucket=bucket, Key="copies/0.png", Tagging={"TagSet": [TAG]})
    s3("get_object_tagging", Bucket=bucket, Key="copies/0.png")
    s3("delete_bucket", Bucket=bucket)
    keys = [{"Key": key} for key in ("copies/0.png", *(f"images/{number}.png" for number in range(5)))]
    s3("delete_objects", Bucket=bucket, Delete={"Objects": keys})
    s3("get_object", Bucket=bucket, Key="images/0.png")
    s3("delete_bucket", Bucket=bucket)
    s3("list_objects_v2", Bucket=bucket)


def versions(caller: Caller) -> None:
    s3 = caller.client("s3")
    bucket = "shop-documents"
    s3("create_bucket", Bucket=bucket)
    s3("put_bucket_versioning", Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3("get_bucket_versioning", Bucket=bucket)
    first = value_at(s3("put_object", Bucket=bucket, Key="terms.txt", Body=b"one"), "VersionId")
    second = value_at(s3("put_object", Bucket=bucket, Key="terms.txt", Body=b"two"), "VersionId")
    s3("get_object", Bucket=bucket, Key="terms.txt", VersionId=first)
    s3("head_object", Bucket=bucket, Key="terms.txt", VersionId=second)
    marker = value_at(s3("delete_object", Bucket=bucket, Key="terms.txt"), "VersionId")
    s3("get_object", Bucket=bucket, Key="terms.txt")
    s3("list_object_versions", Bucket=bucket)
    for version in (marker, second, first):
        s3("delete_object", Bucket=bucket, Key="terms.txt", VersionId=version)
    s3("list_object_versions", Bucket=bucket)
    s3("delete_bucket", Bucket=bucket)


def buckets(caller: Caller) -> None:
    s3, sqs = caller.client("s3"), caller.client("sqs")
    bucket = "shop-configured"
    s3("create_bucket", Bucket=bucket)
    s3("get_bucket_location", Bucket=bucket)
    s3("get_bucket_policy", Bucket=bucket)
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account(caller)}:root"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3("put_bucket_policy", Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    s3("get_bucket_policy", Bucket=bucket)
    s3("delete_bucket_policy", Bucket=bucket)
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}
    s3("put_bucket_lifecycle_configuration", Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    s3("get_bucket_lifecycle_configuration", Bucket=bucket)
    cors = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://shop.example"]}
    s3("put_bucket_cors", Bucket=bucket, CORSConfiguration={"CORSRules": [cors]})
    s3("get_bucket_cors", Bucket=bucket)
    queue = value_at(sqs("create_queue", QueueName="uploaded"), "QueueUrl")
    arn = value_at(sqs("get_queue_attributes", QueueUrl=queue, AttributeNames=["QueueArn"]), "Attributes", "QueueArn")
    notify = {"QueueConfigurations": [{"Id": "all", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3("put_bucket_notification_configuration", Bucket=bucket, NotificationConfiguration=notify)
    s3("get_bucket_notification_configuration", Bucket=bucket)
    s3("put_object", Bucket=bucket, Key="logs/one.txt", Body=b"one", Metadata={"order": "1"})
    s3("head_object", Bucket=bucket, Key="logs/one.txt")
    received = sqs("receive_message", QueueUrl=queue, MaxNumberOfMessages=10)
    for message in received.get("Messages", ()):
        sqs("delete_message", QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    s3("list_buckets")
    s3("delete_object", Bucket=bucket, Key="logs/one.txt")
    s3("delete_bucket", Bucket=bucket)
    sqs("delete_queue", QueueUrl=queue)


def uploads(caller: Caller) -> None:
    s3 = caller.client("s3")
    bucket = "shop-uploads"
    s3("create_bucket", Bucket=bucket)
    where = {"Bucket": bucket, "Key": "film.mp4"}
    upload = value_at(s3("create_multipart_upload", **where), "UploadId")
    parts = [
        value_at(s3("upload_part", **where, UploadId=upload, PartNumber=number, Body=body), "ETag")
        for number, body in ((1, b"a" * (5 * 1024 * 1024)), (2, b"the end"))
    ]
    s3("list_parts", **where, UploadId=upload)
    s3("list_multipart_uploads", Bucket=bucket)
    done = [{"ETag": part, "PartNumber": number} for number, part in enumerate(parts, 1)]
    s3("complete_multipart_upload", **where, UploadId=upload, MultipartUpload={"Parts": done})
    s3("head_object", **where)
    s3("list_parts", **where, UploadId=upload)
    second_upload = value_at(s3("create_multipart_upload", **where), "UploadId")
    s3("abort_multipart_upload", **where, UploadId=second_upload)
    s3("abort_multipart_upload", **where, UploadId=second_upload)
    s3("delete_object", **where)
    s3("delete_bucket", Bucket=bucket)


# sqs, sns, events


def queues(caller: Caller) -> None:
    sqs = caller.client("sqs")
    dead = value_at(sqs("create_queue", QueueName="orders-dead"), "QueueUrl")
    dead_arn = value_at(
        sqs("get_queue_attributes", QueueUrl=dead, AttributeNames=["QueueArn"]), "Attributes", "QueueArn"
    )
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "3"})
    orders = value_at(sqs("create_queue", QueueName="orders", Attributes={"RedrivePolicy": redrive}), "QueueUrl")
    sqs("get_queue_url", QueueName="orders")
    sqs("get_queue_attributes", QueueUrl=orders, AttributeNames=["All"])
    sqs("list_dead_letter_source_queues", QueueUrl=dead)
    sqs("set_queue_attributes", QueueUrl=orders, Attributes={"VisibilityTimeout": "45"})
    sqs("tag_queue", QueueUrl=orders, Tags={"app": "shop"})
    sqs("list_queue_tags", QueueUrl=orders)
    sqs("send_message", QueueUrl=orders, MessageBody='{"order": 1}', MessageAttributes={"kind": text("new")})
    received = sqs("receive_message", QueueUrl=orders, MessageAttributeNames=["All"], AttributeNames=["All"])
    handle = value_at(received, "Messages", 0, "ReceiptHandle")
    sqs("change_message_visibility", QueueUrl=orders, ReceiptHandle=handle, VisibilityTimeout=90)
    sqs("delete_message", QueueUrl=orders, ReceiptHandle=handle)
    entries = [{"Id": str(number), "MessageBody": f"order {number}"} for number in range(3)]
    sqs("send_message_batch", QueueUrl=orders, Entries=entries)
    batch = sqs("receive_message", QueueUrl=orders, MaxNumberOfMessages=10)
    handles = [message["ReceiptHandle"] for message in batch.get("Messages", ())]
    done = [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)]
    if done:
        sqs("delete_message_batch", QueueUrl=orders, Entries=done)
    sqs("receive_message", QueueUrl=orders)
    turn(sqs, "list_queues", "NextToken", "NextToken", QueueNamePrefix="orders", MaxResults=1)
    sqs("purge_queue", QueueUrl=orders)
    sqs("delete_queue", QueueUrl=orders)
    sqs("delete_queue", QueueUrl=dead)
    sqs("get_queue_url", QueueName="orders")


def fifo(caller: Caller) -> None:
    sqs = caller.client("sqs")
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    queue = value_at(sqs("create_queue", QueueName="invoices.fifo", Attributes=attributes), "QueueUrl")
    for number in range(2):
        sqs("send_message", QueueUrl=queue, MessageBody=f"invoice {number}", MessageGroupId="customer")
    sqs("send_message", QueueUrl=queue, MessageBody="no group")
    received = sqs("receive_message", QueueUrl=queue, AttributeNames=["All"])
    sqs("delete_message", QueueUrl=queue, ReceiptHandle=value_at(received, "Messages", 0, "ReceiptHandle"))
    sqs("delete_queue", QueueUrl=queue)
    sqs("send_message", QueueUrl=queue, MessageBody="too late", MessageGroupId="customer")


def text(value: str) -> dict[str, str]:
    """A message's attribute."""
    return {"DataType": "String", "StringValue": value}


def topics(caller: Caller) -> None:
    sns, sqs = caller.client("sns"), caller.client("sqs")
    topic = value_at(sns("create_topic", Name="shipments", Tags=[TAG]), "TopicArn")
    queue = value_at(sqs("create_queue", QueueName="shipments"), "QueueUrl")
    arn = value_at(sqs("get_queue_attributes", QueueUrl=queue, AttributeNames=["QueueArn"]), "Attributes", "QueueArn")
    allow = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
            }
        ],
    }
    sqs("set_queue_attributes", QueueUrl=queue, Attributes={"Policy": json.dumps(allow)})
    sqs("get_queue_attributes", QueueUrl=queue, AttributeNames=["Policy"])
    subscription = value_at(
        sns("subscribe", TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True), "SubscriptionArn"
    )
    sns("get_subscription_attributes", SubscriptionArn=subscription)
    sns(
        "set_subscription_attributes",
        SubscriptionArn=subscription,
        AttributeName="RawMessageDelivery",
        AttributeValue="false",
    )
    sns("publish", TopicArn=topic, Message="sent", Subject="parcel", MessageAttributes={"kind": text("new")})
    entries = [{"Id": str(number), "Message": f"parcel {number}"} for number in range(2)]
    sns("publish_batch", TopicArn=topic, PublishBatchRequestEntries=entries)
    received = sqs("receive_message", QueueUrl=queue)
    if received.get("Messages"):
        sqs("delete_message", QueueUrl=queue, ReceiptHandle=received["Messages"][0]["ReceiptHandle"])
    sns("list_subscriptions_by_topic", TopicArn=topic)
    sns("set_topic_attributes", TopicArn=topic, AttributeName="DisplayName", AttributeValue="Parcels")
    sns("get_topic_attributes", TopicArn=topic)
    sns("list_tags_for_resource", ResourceArn=topic)
    sns("list_topics")
    sns("unsubscribe", SubscriptionArn=subscription)
    sns("delete_topic", TopicArn=topic)
    sns("get_topic_attributes", TopicArn=topic)
    sns("publish", TopicArn=f"arn:aws:sns:{REGION}:{account(caller)}:nothing", Message="lost")
    sqs("delete_queue", QueueUrl=queue)


def events(caller: Caller) -> None:
    eventbridge, sqs = caller.client("events"), caller.client("sqs")
    number = account(caller)
    queue = value_at(sqs("create_queue", QueueName="placed"), "QueueUrl")
    bus = value_at(eventbridge("create_event_bus", Name="shop"), "EventBusArn")
    eventbridge("describe_event_bus", Name="shop")
    pattern = json.dumps({"source": ["shop.orders"], "account": [number]})
    for name in ("placed", "paid", "sent"):
        eventbridge("put_rule", Name=name, EventBusName="shop", EventPattern=pattern)
    target = {"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{number}:placed"}
    eventbridge("put_targets", Rule="placed", EventBusName="shop", Targets=[target])
    eventbridge("list_targets_by_rule", Rule="placed", EventBusName="shop")
    eventbridge("list_rule_names_by_target", TargetArn=target["Arn"], EventBusName="shop")
    eventbridge("describe_rule", Name="placed", EventBusName="shop")
    eventbridge("disable_rule", Name="paid", EventBusName="shop")
    turn(eventbridge, "list_rules", "NextToken", "NextToken", EventBusName="shop", Limit=2)
    entry = {"Source": "shop.orders", "DetailType": "placed", "Detail": '{"order": 1}', "EventBusName": bus}
    eventbridge("put_events", Entries=[entry])
    sqs("receive_message", QueueUrl=queue)
    sqs("delete_queue", QueueUrl=queue)
    archive = {"ArchiveName": "shop", "EventSourceArn": bus, "RetentionDays": 3}
    eventbridge("create_archive", **archive)
    eventbridge("describe_archive", ArchiveName="shop")
    eventbridge("delete_archive", ArchiveName="shop")
    eventbridge("remove_targets", Rule="placed", EventBusName="shop", Ids=["queue"])
    for name in ("placed", "paid", "sent"):
        eventbridge("delete_rule", Name=name, EventBusName="shop")
    eventbridge("describe_rule", Name="placed", EventBusName="shop")
    eventbridge("delete_event_bus", Name="shop")
    eventbridge("describe_event_bus", Name="shop")


# kms, secretsmanager, ssm


def keys(caller: Caller) -> None:
    kms = caller.client("kms")
    created = kms("create_key", Description="shop", Tags=[{"TagKey": "app", "TagValue": "shop"}])
    key, arn = value_at(created, "KeyMetadata", "KeyId"), value_at(created, "KeyMetadata", "Arn")
    kms("create_alias", AliasName="alias/shop", TargetKeyId=key)
    kms("describe_key", KeyId="alias/shop")
    kms("describe_key", KeyId=arn)
    blob = kms("encrypt", KeyId=key, Plaintext=b"a card's number", EncryptionContext={"order": "1"}).get(
        "CiphertextBlob", b"none"
    )
    kms("decrypt", CiphertextBlob=blob, EncryptionContext={"order": "1"})
    kms("decrypt", CiphertextBlob=blob, EncryptionContext={"order": "2"})
    wrapped = kms("generate_data_key", KeyId="alias/shop", KeySpec="AES_256").get("CiphertextBlob", b"none")
    kms("decrypt", CiphertextBlob=wrapped, KeyId=key)
    kms("enable_key_rotation", KeyId=key)
    kms("get_key_rotation_status", KeyId=key)
    allow = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "root",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account(caller)}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    kms("put_key_policy", KeyId=key, PolicyName="default", Policy=json.dumps(allow))
    kms("get_key_policy", KeyId=key, PolicyName="default")
    kms("update_key_description", KeyId=key, Description="the shop's")
    kms("list_resource_tags", KeyId=key)
    kms("disable_key", KeyId=key)
    kms("encrypt", KeyId=key, Plaintext=b"refused")
    kms("enable_key", KeyId=key)
    for name in ("two", "three"):
        kms("create_key", Description=name)
    turn(kms, "list_keys", "Marker", "NextMarker", Limit=2)
    kms("list_aliases", KeyId=key)
    kms("delete_alias", AliasName="alias/shop")
    kms("schedule_key_deletion", KeyId=key, PendingWindowInDays=7)
    kms("describe_key", KeyId=key)
    kms("cancel_key_deletion", KeyId=key)
    kms("describe_key", KeyId="alias/shop")


def signatures(caller: Caller) -> None:
    kms = caller.client("kms")
    key = value_at(kms("create_key", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY"), "KeyMetadata", "KeyId")
    kms("get_public_key", KeyId=key)
    how = {"KeyId": key, "Message": b"the order", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
    signature = kms("sign", **how).get("Signature", b"none")
    kms("verify", **how, Signature=signature)
    kms("schedule_key_deletion", KeyId=key, PendingWindowInDays=7)
    kms("sign", **how)


def secrets(caller: Caller) -> None:
    manager = caller.client("secretsmanager")
    created = manager("create_secret", Name="shop/database", SecretString='{"password": "one"}', Tags=[TAG])
    arn, first = value_at(created, "ARN"), value_at(created, "VersionId")
    manager("get_secret_value", SecretId=arn)
    second = value_at(manager("put_secret_value", SecretId=arn, SecretString='{"password": "two"}'), "VersionId")
    manager("get_secret_value", SecretId=arn, VersionId=first)
    manager("get_secret_value", SecretId="shop/database", VersionStage="AWSPREVIOUS")
    manager("list_secret_version_ids", SecretId=arn)
    manager(
        "update_secret_version_stage",
        SecretId=arn,
        VersionStage="AWSCURRENT",
        MoveToVersionId=first,
        RemoveFromVersionId=second,
    )
    manager("get_secret_value", SecretId=arn)
    manager("update_secret", SecretId=arn, Description="the shop's database")
    manager("tag_resource", SecretId=arn, Tags=[{"Key": "tier", "Value": "1"}])
    manager("describe_secret", SecretId=arn)
    allow = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "secretsmanager:GetSecretValue", "Resource": arn}
    policy = {"Version": "2012-10-17", "Statement": [allow]}
    manager("put_resource_policy", SecretId=arn, ResourcePolicy=json.dumps(policy))
    manager("get_resource_policy", SecretId=arn)
    manager("create_secret", Name="shop/database", SecretString="again")
    manager("create_secret", Name="shop/mail", SecretBinary=b"\x00\x01")
    manager("get_secret_value", SecretId="shop/mail")
    turn(manager, "list_secrets", "NextToken", "NextToken", MaxResults=1)
    manager("delete_secret", SecretId=arn, RecoveryWindowInDays=7)
    manager("get_secret_value", SecretId=arn)
    manager("restore_secret", SecretId=arn)
    for name in ("shop/database", "shop/mail"):
        manager("delete_secret", SecretId=name, ForceDeleteWithoutRecovery=True)
    manager("describe_secret", SecretId=arn)


def parameters(caller: Caller) -> None:
    ssm = caller.client("ssm")
    for number in range(4):
        ssm("put_parameter", Name=f"/shop/limits/{number}", Value=str(number), Type="String")
    ssm("put_parameter", Name="/shop/password", Value="hidden", Type="SecureString")
    ssm("put_parameter", Name="/shop/limits/0", Value="10", Type="String")
    ssm("put_parameter", Name="/shop/limits/0", Value="10", Type="String", Overwrite=True)
    arn = value_at(ssm("get_parameter", Name="/shop/limits/0"), "Parameter", "ARN")
    ssm("get_parameter", Name=arn)
    ssm("get_parameter", Name="/shop/limits/0:1")
    ssm("get_parameter", Name="/shop/password", WithDecryption=True)
    ssm("get_parameters", Names=["/shop/limits/1", "/shop/limits/9"])
    turn(ssm, "get_parameters_by_path", "NextToken", "NextToken", Path="/shop/limits", MaxResults=2)
    turn(ssm, "describe_parameters", "NextToken", "NextToken", MaxResults=2)
    ssm("get_parameter_history", Name="/shop/limits/0")
    ssm("label_parameter_version", Name="/shop/limits/0", Labels=["live"])
    ssm("add_tags_to_resource", ResourceType="Parameter", ResourceId="/shop/limits/0", Tags=[TAG])
    ssm("list_tags_for_resource", ResourceType="Parameter", ResourceId="/shop/limits/0")
    ssm("delete_parameters", Names=[f"/shop/limits/{number}" for number in range(4)])
    ssm("delete_parameter", Name="/shop/password")
    ssm("delete_parameter", Name="/shop/password")
    ssm("get_parameter", Name="/shop/limits/0")


# iam, sts


def roles(caller: Caller) -> None:
    iam = caller.client("iam")
    role = value_at(
        iam("create_role", RoleName="shop-worker", AssumeRolePolicyDocument=json.dumps(TRUST), Tags=[TAG]),
        "Role",
        "Arn",
    )
    statement = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    policy = value_at(iam("create_policy", PolicyName="shop-pass", PolicyDocument=document), "Policy", "Arn")
    iam("attach_role_policy", RoleName="shop-worker", PolicyArn=policy)
    iam("list_attached_role_policies", RoleName="shop-worker")
    iam("get_policy_version", PolicyArn=policy, VersionId="v1")
    version = iam("create_policy_version", PolicyArn=policy, PolicyDocument=document, SetAsDefault=True)
    iam("list_policy_versions", PolicyArn=policy)
    iam("get_policy", PolicyArn=policy)
    iam("delete_policy_version", PolicyArn=policy, VersionId="v1")
    iam("get_policy_version", PolicyArn=policy, VersionId=value_at(version, "PolicyVersion", "VersionId"))
    iam("put_role_policy", RoleName="shop-worker", PolicyName="inline", PolicyDocument=document)
    iam("get_role_policy", RoleName="shop-worker", PolicyName="inline")
    iam("list_role_policies", RoleName="shop-worker")
    iam("update_role", RoleName="shop-worker", Description="works", MaxSessionDuration=7200)
    iam("get_role", RoleName="shop-worker")
    iam("create_role", RoleName="shop-worker", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam("create_instance_profile", InstanceProfileName="shop-worker")
    iam("add_role_to_instance_profile", InstanceProfileName="shop-worker", RoleName="shop-worker")
    iam("get_instance_profile", InstanceProfileName="shop-worker")
    iam("delete_role", RoleName="shop-worker")
    sessions(caller, role)
    iam("remove_role_from_instance_profile", InstanceProfileName="shop-worker", RoleName="shop-worker")
    iam("delete_instance_profile", InstanceProfileName="shop-worker")
    iam("delete_role_policy", RoleName="shop-worker", PolicyName="inline")
    iam("detach_role_policy", RoleName="shop-worker", PolicyArn=policy)
    iam("delete_policy", PolicyArn=policy)
    iam("delete_role", RoleName="shop-worker")
    iam("get_role", RoleName="shop-worker")
    iam("get_policy", PolicyArn=f"arn:aws:iam::{account(caller)}:policy/nothing")


def sessions(caller: Caller, role: str) -> None:
    sts = caller.client("sts")
    assumed = sts("assume_role", RoleArn=role, RoleSessionName="nightly")
    key = value_at(assumed, "Credentials", "AccessKeyId")
    sts("assume_role", RoleArn=ROLE, RoleSessionName="demo")
    sts("get_session_token", DurationSeconds=900)
    sts("get_access_key_info", AccessKeyId=key)


def people(caller: Caller) -> None:
    iam = caller.client("iam")
    names = ("ada", "ben", "cyd")
    for name in names:
        iam("create_user", UserName=name, Path="/staff/")
    iam("get_user", UserName="ada")
    turn(iam, "list_users", "Marker", "Marker", PathPrefix="/staff/", MaxItems=2)
    key = value_at(iam("create_access_key", UserName="ada"), "AccessKey", "AccessKeyId")
    iam("list_access_keys", UserName="ada")
    iam("update_access_key", UserName="ada", AccessKeyId=key, Status="Inactive")
    iam("delete_access_key", UserName="ada", AccessKeyId=key)
    iam("create_group", GroupName="clerks")
    iam("add_user_to_group", GroupName="clerks", UserName="ada")
    iam("get_group", GroupName="clerks")
    iam("list_groups_for_user", UserName="ada")
    iam("remove_user_from_group", GroupName="clerks", UserName="ada")
    iam("delete_group", GroupName="clerks")
    iam("tag_user", UserName="ada", Tags=[TAG])
    iam("list_user_tags", UserName="ada")
    iam("create_user", UserName="ada")
    for name in names:
        iam("delete_user", UserName=name)
    iam("get_user", UserName="ada")


# lambda, stepfunctions


def code() -> bytes:
    """A function's code: the same archive each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            zipfile.ZipInfo("main.py", (2024, 1, 1, 0, 0, 0)), "def handler(event, _):\n    return event\n"
        )
    return buffer.getvalue()


def functions(caller: Caller) -> None:
    iam, function = caller.client("iam"), caller.client("lambda")
    role = value_at(iam("create_role", RoleName="shop-fn", AssumeRolePolicyDocument=json.dumps(TRUST)), "Role", "Arn")
    how = {"Runtime": "python3.12", "Handler": "main.handler", "Role": role, "Code": {"ZipFile": code()}}
    for name in ("price", "stock", "tax"):
        function("create_function", FunctionName=name, **how, Environment={"Variables": {"ROLE": role}})
    arn = value_at(function("get_function", FunctionName="price"), "Configuration", "FunctionArn")
    function("create_function", FunctionName="price", **how)
    function("get_function_configuration", FunctionName=arn)
    turn(function, "list_functions", "Marker", "NextMarker", MaxItems=2)
    function("update_function_configuration", FunctionName="price", Timeout=30, MemorySize=256)
    function("update_function_code", FunctionName="price", ZipFile=code())
    version = value_at(function("publish_version", FunctionName="price", Description="first"), "Version")
    alias = function("create_alias", FunctionName="price", Name="live", FunctionVersion=version)
    function("get_alias", FunctionName="price", Name="live")
    function("get_function", FunctionName="price", Qualifier=version)
    function("list_versions_by_function", FunctionName="price")
    function("list_aliases", FunctionName="price")
    function("update_alias", FunctionName="price", Name="live", Description="what customers see")
    function(
        "add_permission",
        FunctionName="price",
        StatementId="bus",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=f"arn:aws:events:{REGION}:{account(caller)}:rule/placed",
    )
    function("get_policy", FunctionName="price")
    function("remove_permission", FunctionName="price", StatementId="bus")
    function("tag_resource", Resource=arn, Tags={"app": "shop"})
    function("list_tags", Resource=arn)
    function("put_function_concurrency", FunctionName="price", ReservedConcurrentExecutions=5)
    function("get_function_concurrency", FunctionName="price")
    function("delete_function_concurrency", FunctionName="price")
    if "AliasArn" in alias:
        function("delete_alias", FunctionName="price", Name="live")
    mappings(caller, function)
    for name in ("price", "stock", "tax"):
        function("delete_function", FunctionName=name)
    function("get_function", FunctionName=arn)
    function("invoke", FunctionName="nothing", Payload=b"{}")
    iam("delete_role", RoleName="shop-fn")


def mappings(caller: Caller, function: Call) -> None:
    sqs = caller.client("sqs")
    queue = value_at(sqs("create_queue", QueueName="restock"), "QueueUrl")
    arn = value_at(sqs("get_queue_attributes", QueueUrl=queue, AttributeNames=["All"]), "Attributes", "QueueArn")
    mapping = value_at(
        function("create_event_source_mapping", EventSourceArn=arn, FunctionName="stock", BatchSize=5), "UUID"
    )
    function("get_event_source_mapping", UUID=mapping)
    function("update_event_source_mapping", UUID=mapping, BatchSize=7, Enabled=False)
    function("list_event_source_mappings", FunctionName="stock")
    function("delete_event_source_mapping", UUID=mapping)
    sqs("delete_queue", QueueUrl=queue)


def workflows(caller: Caller) -> None:
    states = caller.client("stepfunctions")
    definition = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Result": "done", "End": True}}}
    machine = value_at(
        states("create_state_machine", name="checkout", definition=json.dumps(definition), roleArn=ROLE),
        "stateMachineArn",
    )
    states("describe_state_machine", stateMachineArn=machine)
    runs = [
        value_at(
            states("start_execution", stateMachineArn=machine, name=f"run-{number}", input='{"order": 1}'),
            "executionArn",
        )
        for number in range(3)
    ]
    time.sleep(0.5)
    states("describe_execution", executionArn=runs[0])
    states("describe_state_machine_for_execution", executionArn=runs[0])
    states("get_execution_history", executionArn=runs[0])
    turn(states, "list_executions", "nextToken", "nextToken", stateMachineArn=machine, maxResults=2)
    definition["States"]["Only"]["Comment"] = "changed"  # type: ignore[index]
    states("update_state_machine", stateMachineArn=machine, definition=json.dumps(definition))
    states("tag_resource", resourceArn=machine, tags=[{"key": "app", "value": "shop"}])
    states("list_tags_for_resource", resourceArn=machine)
    states("create_state_machine", name="refund", definition=json.dumps(definition), roleArn=ROLE)
    turn(states, "list_state_machines", "nextToken", "nextToken", maxResults=1)
    activity = value_at(states("create_activity", name="pack"), "activityArn")
    states("describe_activity", activityArn=activity)
    states("list_activities")
    states("delete_activity", activityArn=activity)
    states("delete_state_machine", stateMachineArn=machine)
    states("describe_execution", executionArn=f"{runs[0]}-nothing")
    nothing = f"arn:aws:states:{REGION}:{account(caller)}:stateMachine:nothing"
    states("describe_state_machine", stateMachineArn=nothing)
    states("start_execution", stateMachineArn=nothing)


# dynamodb, dynamodbstreams, kinesis, firehose


def table(name: str) -> dict[str, Any]:
    """What a table with a stream is made of."""
    return {
        "TableName": name,
        "KeySchema": [
            {"AttributeName": "customer", "KeyType": "HASH"},
            {"AttributeName": "order", "KeyType": "RANGE"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": "customer", "AttributeType": "S"},
            {"AttributeName": "order", "AttributeType": "N"},
        ],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    }


def tables(caller: Caller) -> None:
    dynamodb = caller.client("dynamodb")
    arn = value_at(dynamodb("create_table", **table("orders")), "TableDescription", "TableArn")
    dynamodb("create_table", **table("orders"))
    dynamodb("create_table", **table("returns"))
    described = dynamodb("describe_table", TableName="orders")
    for number in range(5):
        item = {"customer": {"S": "ada"}, "order": {"N": str(number)}, "total": {"N": str(number * 10)}}
        dynamodb("put_item", TableName="orders", Item=item)
    turn(dynamodb, "scan", "ExclusiveStartKey", "LastEvaluatedKey", TableName="orders", Limit=2)
    query = {
        "TableName": "orders",
        "KeyConditionExpression": "customer = :customer",
        "ExpressionAttributeValues": {":customer": {"S": "ada"}},
        "Limit": 3,
    }
    turn(dynamodb, "query", "ExclusiveStartKey", "LastEvaluatedKey", **query)
    turn(dynamodb, "list_tables", "ExclusiveStartTableName", "LastEvaluatedTableName", Limit=1)
    items(dynamodb)
    dynamodb("tag_resource", ResourceArn=arn, Tags=[TAG])
    dynamodb("list_tags_of_resource", ResourceArn=arn)
    dynamodb("update_time_to_live", TableName="orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "t"})
    dynamodb("describe_time_to_live", TableName="orders")
    changes(caller, value_at(described, "Table", "LatestStreamArn"))
    for name in ("orders", "returns"):
        dynamodb("delete_table", TableName=name)
    dynamodb("describe_table", TableName="orders")


def items(dynamodb: Call) -> None:
    key = {"customer": {"S": "ada"}, "order": {"N": "1"}}
    dynamodb("get_item", TableName="orders", Key=key, ConsistentRead=True)
    dynamodb(
        "update_item",
        TableName="orders",
        Key=key,
        UpdateExpression="SET paid = :paid",
        ExpressionAttributeValues={":paid": {"BOOL": True}},
        ReturnValues="ALL_NEW",
    )
    dynamodb("put_item", TableName="orders", Item=key, ConditionExpression="attribute_not_exists(customer)")
    dynamodb("batch_get_item", RequestItems={"orders": {"Keys": [key]}})
    puts = [{"PutRequest": {"Item": {"customer": {"S": "ben"}, "order": {"N": str(n)}}}} for n in range(2)]
    dynamodb("batch_write_item", RequestItems={"orders": puts})
    dynamodb("transact_get_items", TransactItems=[{"Get": {"TableName": "orders", "Key": key}}])
    check = {"TableName": "orders", "Key": key, "ConditionExpression": "attribute_not_exists(customer)"}
    dynamodb("transact_write_items", TransactItems=[{"ConditionCheck": check}])
    dynamodb("delete_item", TableName="orders", Key=key, ReturnValues="ALL_OLD")
    dynamodb("get_item", TableName="orders", Key=key)
    dynamodb("get_item", TableName="orders", Key={"customer": {"S": "ada"}})
    dynamodb("get_item", TableName="nothing", Key=key)


def changes(caller: Caller, stream: str) -> None:
    streams = caller.client("dynamodbstreams")
    streams("list_streams", TableName="orders")
    described = streams("describe_stream", StreamArn=stream)
    shard = value_at(described, "StreamDescription", "Shards", 0, "ShardId")
    where = {"StreamArn": stream, "ShardId": shard}
    start = value_at(streams("get_shard_iterator", **where, ShardIteratorType="TRIM_HORIZON"), "ShardIterator")
    pages = turn(streams, "get_records", "ShardIterator", "NextShardIterator", ShardIterator=start, Limit=4)
    number = value_at(pages[0], "Records", 0, "dynamodb", "SequenceNumber")
    after = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": number}
    again = value_at(streams("get_shard_iterator", **where, **after), "ShardIterator")
    streams("get_records", ShardIterator=again)
    streams("describe_stream", StreamArn=f"{stream}9")


def clicks(caller: Caller) -> None:
    kinesis = caller.client("kinesis")
    for name in ("clicks", "views"):
        kinesis("create_stream", StreamName=name, ShardCount=1)
    time.sleep(0.5)
    described = kinesis("describe_stream", StreamName="clicks")
    arn = value_at(described, "StreamDescription", "StreamARN")
    shard = value_at(described, "StreamDescription", "Shards", 0, "ShardId")
    kinesis("describe_stream_summary", StreamARN=arn)
    number = value_at(kinesis("put_record", StreamName="clicks", Data=b"one", PartitionKey="ada"), "SequenceNumber")
    records = [{"Data": word, "PartitionKey": "ada"} for word in (b"two", b"three", b"four")]
    kinesis("put_records", StreamName="clicks", Records=records)
    where = {"StreamName": "clicks", "ShardId": shard}
    start = value_at(kinesis("get_shard_iterator", **where, ShardIteratorType="TRIM_HORIZON"), "ShardIterator")
    turn(kinesis, "get_records", "ShardIterator", "NextShardIterator", ShardIterator=start, Limit=2)
    at = {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": number}
    kinesis("get_records", ShardIterator=value_at(kinesis("get_shard_iterator", **where, **at), "ShardIterator"))
    kinesis("list_shards", StreamName="clicks")
    kinesis("list_streams", Limit=1)
    kinesis("add_tags_to_stream", StreamName="clicks", Tags={"app": "shop"})
    kinesis("list_tags_for_stream", StreamName="clicks")
    kinesis("increase_stream_retention_period", StreamName="clicks", RetentionPeriodHours=48)
    consumer = value_at(
        kinesis("register_stream_consumer", StreamARN=arn, ConsumerName="billing"), "Consumer", "ConsumerARN"
    )
    kinesis("describe_stream_consumer", ConsumerARN=consumer)
    kinesis("list_stream_consumers", StreamARN=arn)
    kinesis("deregister_stream_consumer", ConsumerARN=consumer)
    kinesis("create_stream", StreamName="clicks", ShardCount=1)
    for name in ("clicks", "views"):
        kinesis("delete_stream", StreamName=name)
    kinesis("put_record", StreamName="nothing", Data=b"lost", PartitionKey="ada")


def deliveries(caller: Caller) -> None:
    firehose = caller.client("firehose")
    to = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::shop-archive"}
    arn = value_at(
        firehose("create_delivery_stream", DeliveryStreamName="archive", ExtendedS3DestinationConfiguration=to),
        "DeliveryStreamARN",
    )
    caller.client("s3")("create_bucket", Bucket="shop-archive")
    firehose("describe_delivery_stream", DeliveryStreamName="archive")
    firehose("put_record", DeliveryStreamName="archive", Record={"Data": b"one\n"})
    firehose("put_record_batch", DeliveryStreamName="archive", Records=[{"Data": b"two\n"}, {"Data": b"three\n"}])
    firehose("tag_delivery_stream", DeliveryStreamName="archive", Tags=[TAG])
    firehose("list_tags_for_delivery_stream", DeliveryStreamName="archive")
    firehose("list_delivery_streams", Limit=5)
    firehose("delete_delivery_stream", DeliveryStreamName=arn.rpartition("/")[2])
    firehose("describe_delivery_stream", DeliveryStreamName="archive")


# cognito-idp, cognito-identity


def pools(caller: Caller) -> None:
    idp = caller.client("cognito-idp")
    pool = value_at(idp("create_user_pool", PoolName="customers"), "UserPool", "Id")
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = value_at(
        idp("create_user_pool_client", UserPoolId=pool, ClientName="web", ExplicitAuthFlows=flows),
        "UserPoolClient",
        "ClientId",
    )
    idp("describe_user_pool", UserPoolId=pool)
    idp("describe_user_pool_client", UserPoolId=pool, ClientId=client)
    idp("list_user_pools", MaxResults=10)
    idp("list_user_pool_clients", UserPoolId=pool, MaxResults=10)
    customers(idp, pool, client)
    identities(caller, f"cognito-idp.{REGION}.amazonaws.com/{pool}", client)
    idp("delete_user_pool_client", UserPoolId=pool, ClientId=client)
    idp("describe_user_pool_client", UserPoolId=pool, ClientId=client)
    idp("delete_user_pool", UserPoolId=pool)
    idp("describe_user_pool", UserPoolId=pool)


def customers(idp: Call, pool: str, client: str) -> None:
    for name in ("ada", "ben", "cyd"):
        attributes = [{"Name": "email", "Value": f"{name}@example.com"}]
        idp("admin_create_user", UserPoolId=pool, Username=name, UserAttributes=attributes, MessageAction="SUPPRESS")
    idp("admin_create_user", UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")
    idp("admin_set_user_password", UserPoolId=pool, Username="ada", Password="Correct-horse-1", Permanent=True)
    idp("admin_get_user", UserPoolId=pool, Username="ada")
    turn(idp, "list_users", "PaginationToken", "PaginationToken", UserPoolId=pool, Limit=2)
    idp("create_group", UserPoolId=pool, GroupName="gold")
    idp("admin_add_user_to_group", UserPoolId=pool, Username="ada", GroupName="gold")
    idp("admin_list_groups_for_user", UserPoolId=pool, Username="ada")
    idp("list_users_in_group", UserPoolId=pool, GroupName="gold")
    login = {"USERNAME": "ada", "PASSWORD": "Correct-horse-1"}
    entered = idp(
        "admin_initiate_auth",
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters=login,
    )
    token = value_at(entered, "AuthenticationResult", "AccessToken")
    idp("get_user", AccessToken=token)
    idp("update_user_attributes", AccessToken=token, UserAttributes=[{"Name": "name", "Value": "Ada"}])
    renew = {"REFRESH_TOKEN": value_at(entered, "AuthenticationResult", "RefreshToken")}
    idp("initiate_auth", ClientId=client, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=renew)
    wrong = {**login, "PASSWORD": "Wrong-horse-1"}
    idp("initiate_auth", ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=wrong)
    idp("global_sign_out", AccessToken=token)
    idp("admin_disable_user", UserPoolId=pool, Username="ben")
    idp("admin_delete_user", UserPoolId=pool, Username="cyd")
    idp("admin_get_user", UserPoolId=pool, Username="cyd")


def identities(caller: Caller, provider: str, client: str) -> None:
    identity = caller.client("cognito-identity")
    how = {"IdentityPoolName": "customers", "AllowUnauthenticatedIdentities": True}
    providers = [{"ProviderName": provider, "ClientId": client}]
    pool = value_at(identity("create_identity_pool", **how, CognitoIdentityProviders=providers), "IdentityPoolId")
    identity("describe_identity_pool", IdentityPoolId=pool)
    identity("list_identity_pools", MaxResults=5)
    guest = value_at(identity("get_id", IdentityPoolId=pool), "IdentityId")
    identity("get_credentials_for_identity", IdentityId=guest)
    identity("get_open_id_token", IdentityId=guest)
    identity("list_identities", IdentityPoolId=pool, MaxResults=5)
    identity("update_identity_pool", IdentityPoolId=pool, **{**how, "IdentityPoolName": "guests"})
    identity("delete_identity_pool", IdentityPoolId=pool)
    identity("describe_identity_pool", IdentityPoolId=pool)


# apigateway


def apis(caller: Caller) -> None:
    gateway = caller.client("apigateway")
    api = value_at(gateway("create_rest_api", name="shop", description="the shop's"), "id")
    gateway("create_rest_api", name="back-office")
    gateway("get_rest_api", restApiId=api)
    turn(gateway, "get_rest_apis", "position", "position", limit=1)
    root = value_at(gateway("get_resources", restApiId=api), "items", 0, "id")
    orders = value_at(gateway("create_resource", restApiId=api, parentId=root, pathPart="orders"), "id")
    resource = value_at(gateway("create_resource", restApiId=api, parentId=orders, pathPart="{order}"), "id")
    gateway("get_resource", restApiId=api, resourceId=resource)
    where = {"restApiId": api, "resourceId": resource, "httpMethod": "GET"}
    gateway("put_method", **where, authorizationType="NONE")
    gateway("put_method_response", **where, statusCode="200")
    function = f"arn:aws:lambda:{REGION}:{account(caller)}:function:price"
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"
    gateway("put_integration", **where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    gateway("put_integration_response", **where, statusCode="200")
    gateway("get_method", **where)
    gateway("get_integration", **where)
    deployment = value_at(gateway("create_deployment", restApiId=api, description="first"), "id")
    gateway("create_stage", restApiId=api, stageName="live", deploymentId=deployment)
    gateway("get_deployment", restApiId=api, deploymentId=deployment)
    change = {"op": "replace", "path": "/description", "value": "what customers see"}
    gateway("update_stage", restApiId=api, stageName="live", patchOperations=[change])
    gateway("get_stages", restApiId=api)
    plans(gateway, api)
    gateway("delete_stage", restApiId=api, stageName="live")
    gateway("delete_resource", restApiId=api, resourceId=resource)
    gateway("get_resource", restApiId=api, resourceId=resource)
    gateway("delete_rest_api", restApiId=api)
    gateway("get_rest_api", restApiId=api)


def plans(gateway: Call, api: str) -> None:
    plan = value_at(gateway("create_usage_plan", name="partners", apiStages=[{"apiId": api, "stage": "live"}]), "id")
    key = value_at(gateway("create_api_key", name="partner", enabled=True), "id")
    gateway("create_usage_plan_key", usagePlanId=plan, keyId=key, keyType="API_KEY")
    gateway("get_usage_plan_keys", usagePlanId=plan)
    gateway("get_api_key", apiKey=key, includeValue=True)
    gateway("get_usage_plan", usagePlanId=plan)
    gateway("delete_usage_plan_key", usagePlanId=plan, keyId=key)
    gateway("delete_api_key", apiKey=key)
    gateway("get_api_key", apiKey=key)


def routed(caller: Caller) -> None:
    gateway = caller.client("apigatewayv2")
    api = value_at(gateway("create_api", Name="shop-http", ProtocolType="HTTP"), "ApiId")
    gateway("get_api", ApiId=api)
    function = f"arn:aws:lambda:{REGION}:{account(caller)}:function:price"
    proxy = {"IntegrationType": "AWS_PROXY", "IntegrationUri": function, "PayloadFormatVersion": "2.0"}
    integration = value_at(gateway("create_integration", ApiId=api, **proxy), "IntegrationId")
    target = f"integrations/{integration}"
    route = value_at(gateway("create_route", ApiId=api, RouteKey="GET /orders", Target=target), "RouteId")
    gateway("get_route", ApiId=api, RouteId=route)
    gateway("get_integration", ApiId=api, IntegrationId=integration)
    gateway("update_route", ApiId=api, RouteId=route, RouteKey="GET /orders/{order}")
    gateway("get_routes", ApiId=api)
    gateway("create_stage", ApiId=api, StageName="live", AutoDeploy=True)
    gateway("get_stages", ApiId=api)
    gateway("get_apis")
    gateway("delete_stage", ApiId=api, StageName="live")
    gateway("delete_route", ApiId=api, RouteId=route)
    gateway("get_route", ApiId=api, RouteId=route)
    gateway("delete_integration", ApiId=api, IntegrationId=integration)
    gateway("delete_api", ApiId=api)
    gateway("get_api", ApiId=api)


# logs, cloudwatch


def logs(caller: Caller) -> None:
    watch = caller.client("logs")
    for name in ("/shop/web", "/shop/api", "/shop/jobs"):
        watch("create_log_group", logGroupName=name)
    watch("create_log_group", logGroupName="/shop/web")
    watch("put_retention_policy", logGroupName="/shop/web", retentionInDays=7)
    turn(watch, "describe_log_groups", "nextToken", "nextToken", logGroupNamePrefix="/shop", limit=2)
    where = {"logGroupName": "/shop/web", "logStreamName": "one"}
    watch("create_log_stream", **where)
    now = int(datetime.now(UTC).timestamp() * 1000)
    lines = [{"timestamp": now + number, "message": f"GET /orders/{number}"} for number in range(5)]
    watch("put_log_events", **where, logEvents=lines)
    turn(watch, "get_log_events", "nextToken", "nextForwardToken", **where, startFromHead=True, limit=2)
    turn(watch, "filter_log_events", "nextToken", "nextToken", logGroupName="/shop/web", filterPattern="GET", limit=2)
    watch("describe_log_streams", logGroupName="/shop/web")
    arn = f"arn:aws:logs:{REGION}:{account(caller)}:log-group:/shop/web"
    watch("tag_resource", resourceArn=arn, tags={"app": "shop"})
    watch("list_tags_for_resource", resourceArn=arn)
    count = {"metricName": "gets", "metricNamespace": "shop", "metricValue": "1"}
    metric = {"logGroupName": "/shop/web", "filterName": "gets"}
    watch("put_metric_filter", **metric, filterPattern="GET", metricTransformations=[count])
    watch("describe_metric_filters", logGroupName="/shop/web")
    watch("delete_metric_filter", **metric)
    query = {"logGroupName": "/shop/web", "startTime": now // 1000 - 60, "endTime": now // 1000 + 60}
    started = watch("start_query", **query, queryString="fields @message")
    watch("get_query_results", queryId=value_at(started, "queryId"))
    watch("delete_log_stream", **where)
    for name in ("/shop/web", "/shop/api", "/shop/jobs"):
        watch("delete_log_group", logGroupName=name)
    watch("get_log_events", **where)


def alarms(caller: Caller) -> None:
    watch = caller.client("cloudwatch")
    topic = f"arn:aws:sns:{REGION}:{account(caller)}:alerts"
    now = datetime.now(UTC)
    data = [{"MetricName": "orders", "Value": float(value), "Unit": "Count", "Timestamp": now} for value in (1, 2, 3)]
    watch("put_metric_data", Namespace="shop", MetricData=data)
    watch("list_metrics", Namespace="shop")
    over = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(minutes=1)}
    what = {"Namespace": "shop", "MetricName": "orders", "Period": 60}
    watch("get_metric_statistics", **what, **over, Statistics=["Sum", "Average"])
    stat = {"Metric": {"Namespace": "shop", "MetricName": "orders"}, "Period": 60, "Stat": "Sum"}
    watch("get_metric_data", **over, MetricDataQueries=[{"Id": "sum", "MetricStat": stat}])
    how = {"EvaluationPeriods": 1, "Threshold": 5.0, "ComparisonOperator": "LessThanThreshold", "Statistic": "Sum"}
    for name in ("few-orders", "no-orders"):
        watch("put_metric_alarm", AlarmName=name, **what, **how, AlarmActions=[topic])
    arn = value_at(watch("describe_alarms", AlarmNames=["few-orders"]), "MetricAlarms", 0, "AlarmArn")
    turn(watch, "describe_alarms", "NextToken", "NextToken", MaxRecords=1)
    watch("describe_alarms_for_metric", MetricName="orders", Namespace="shop")
    watch("set_alarm_state", AlarmName="few-orders", StateValue="ALARM", StateReason="tried")
    watch("tag_resource", ResourceARN=arn, Tags=[TAG])
    watch("list_tags_for_resource", ResourceARN=arn)
    widget = {"type": "text", "width": 6, "height": 6, "properties": {"markdown": arn}}
    watch("put_dashboard", DashboardName="shop", DashboardBody=json.dumps({"widgets": [widget]}))
    watch("get_dashboard", DashboardName="shop")
    watch("delete_dashboards", DashboardNames=["shop"])
    watch("get_dashboard", DashboardName="shop")
    watch("delete_alarms", AlarmNames=["few-orders", "no-orders"])


# cloudformation, route53, acm


def template(name: str) -> str:
    """A stack of one queue."""
    return json.dumps(
        {
            "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}},
            "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}, "Url": {"Value": {"Ref": "Queue"}}},
        }
    )


def stacks(caller: Caller) -> None:
    formation = caller.client("cloudformation")
    formation("validate_template", TemplateBody=template("stacked"))
    stack = value_at(formation("create_stack", StackName="shop", TemplateBody=template("stacked")), "StackId")
    time.sleep(0.5)
    outputs = formation("describe_stacks", StackName=stack)
    formation("describe_stack_resources", StackName=stack)
    formation("describe_stack_resource", StackName="shop", LogicalResourceId="Queue")
    formation("list_stack_resources", StackName=stack)
    formation("describe_stack_events", StackName=stack)
    formation("get_template", StackName="shop")
    values = outputs.get("Stacks", [{}])[0].get("Outputs", ())
    for url in (output["OutputValue"] for output in values if output["OutputKey"] == "Url"):
        caller.client("sqs")("send_message", QueueUrl=url, MessageBody="from a stack")
    change = formation(
        "create_change_set", StackName="shop", ChangeSetName="rename", TemplateBody=template("stacked-again")
    )
    formation("describe_change_set", ChangeSetName=value_at(change, "Id"))
    formation("list_change_sets", StackName="shop")
    formation("delete_change_set", ChangeSetName=value_at(change, "Id"))
    formation("update_stack", StackName="shop", TemplateBody=template("stacked-again"))
    time.sleep(0.5)
    formation("list_stacks")
    formation("delete_stack", StackName=stack)
    formation("describe_stacks", StackName="shop")


def zones(caller: Caller) -> None:
    route53 = caller.client("route53")
    created = route53("create_hosted_zone", Name="shop.example.", CallerReference="first")
    zone = value_at(created, "HostedZone", "Id")
    route53("get_hosted_zone", Id=zone)
    route53("create_hosted_zone", Name="back.example.", CallerReference="second")
    for host in ("www", "api"):
        record = {
            "Name": f"{host}.shop.example.",
            "Type": "A",
            "TTL": 60,
            "ResourceRecords": [{"Value": "192.0.2.1"}],
        }
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        change = route53("change_resource_record_sets", HostedZoneId=zone, ChangeBatch=batch)
        route53("get_change", Id=value_at(change, "ChangeInfo", "Id"))
    pages = [route53("list_resource_record_sets", HostedZoneId=zone, MaxItems="2")]
    if "NextRecordName" in pages[0]:
        more = {"StartRecordName": pages[0]["NextRecordName"], "StartRecordType": pages[0]["NextRecordType"]}
        route53("list_resource_record_sets", HostedZoneId=zone, **more)
    turn(route53, "list_hosted_zones", "Marker", "NextMarker", MaxItems="1")
    route53("list_hosted_zones_by_name", DNSName="shop.example.")
    short = zone.rpartition("/")[2]
    route53("change_tags_for_resource", ResourceType="hostedzone", ResourceId=short, AddTags=[TAG])
    route53("list_tags_for_resource", ResourceType="hostedzone", ResourceId=short)
    route53("delete_hosted_zone", Id=zone)
    check = {"Type": "HTTP", "FullyQualifiedDomainName": "www.shop.example", "ResourcePath": "/health"}
    health = value_at(
        route53("create_health_check", CallerReference="health", HealthCheckConfig=check), "HealthCheck", "Id"
    )
    route53("get_health_check", HealthCheckId=health)
    route53("list_health_checks")
    route53("delete_health_check", HealthCheckId=health)
    route53("get_health_check", HealthCheckId=health)
    route53("get_hosted_zone", Id="Z0NOTHING0ZONE")


def certificates(caller: Caller) -> None:
    acm = caller.client("acm")
    arn = value_at(
        acm("request_certificate", DomainName="www.shop.example", ValidationMethod="DNS", IdempotencyToken="first"),
        "CertificateArn",
    )
    acm("describe_certificate", CertificateArn=arn)
    acm("add_tags_to_certificate", CertificateArn=arn, Tags=[TAG])
    acm("list_tags_for_certificate", CertificateArn=arn)
    acm("request_certificate", DomainName="api.shop.example", ValidationMethod="DNS")
    turn(acm, "list_certificates", "NextToken", "NextToken", MaxItems=1)
    acm("delete_certificate", CertificateArn=arn)
    acm("describe_certificate", CertificateArn=arn)


# ecr, ecs


def images(caller: Caller) -> None:
    ecr = caller.client("ecr")
    arn = value_at(ecr("create_repository", repositoryName="shop/web"), "repository", "repositoryArn")
    ecr("create_repository", repositoryName="shop/web")
    ecr("create_repository", repositoryName="shop/api")
    ecr("describe_repositories", repositoryNames=["shop/web"])
    turn(ecr, "describe_repositories", "nextToken", "nextToken", maxResults=1)
    ecr("get_authorization_token")
    ecr("tag_resource", resourceArn=arn, tags=[TAG])
    ecr("list_tags_for_resource", resourceArn=arn)
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {
                "mediaType": "application/vnd.docker.container.image.v1+json",
                "size": 2,
                "digest": "sha256:" + hashlib.sha256(b"{}").hexdigest(),
            },
            "layers": [],
        }
    )
    put = ecr("put_image", repositoryName="shop/web", imageManifest=manifest, imageTag="1.0")
    ecr("list_images", repositoryName="shop/web")
    ecr("describe_images", repositoryName="shop/web")
    digest = put.get("image", {}).get("imageId", {}).get("imageDigest")
    if digest:
        ecr("batch_get_image", repositoryName="shop/web", imageIds=[{"imageDigest": digest}])
        ecr("batch_delete_image", repositoryName="shop/web", imageIds=[{"imageDigest": digest}])
    ecr("put_image_tag_mutability", repositoryName="shop/web", imageTagMutability="IMMUTABLE")
    rule = {
        "rulePriority": 1,
        "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3},
        "action": {"type": "expire"},
    }
    ecr("put_lifecycle_policy", repositoryName="shop/web", lifecyclePolicyText=json.dumps({"rules": [rule]}))
    ecr("get_lifecycle_policy", repositoryName="shop/web")
    for name in ("shop/web", "shop/api"):
        ecr("delete_repository", repositoryName=name, force=True)
    ecr("describe_repositories", repositoryNames=["shop/web"])


def services(caller: Caller) -> None:
    ecs = caller.client("ecs")
    cluster = value_at(ecs("create_cluster", clusterName="shop"), "cluster", "clusterArn")
    image = f"{account(caller)}.dkr.ecr.{REGION}.amazonaws.com/shop/web:1.0"
    container = {"name": "web", "image": image, "memory": 128, "essential": True}
    definitions = [
        value_at(
            ecs("register_task_definition", family="web", containerDefinitions=[container], taskRoleArn=ROLE),
            "taskDefinition",
            "taskDefinitionArn",
        )
        for _ in range(2)
    ]
    ecs("describe_task_definition", taskDefinition=definitions[0])
    ecs("describe_task_definition", taskDefinition="web:2")
    turn(ecs, "list_task_definitions", "nextToken", "nextToken", familyPrefix="web", maxResults=1)
    service = value_at(
        ecs("create_service", cluster=cluster, serviceName="web", taskDefinition=definitions[0], desiredCount=0),
        "service",
        "serviceArn",
    )
    ecs("describe_services", cluster=cluster, services=[service, "nothing"])
    ecs("update_service", cluster=cluster, service=service, taskDefinition=definitions[1])
    ecs("list_services", cluster=cluster)
    ecs("tag_resource", resourceArn=cluster, tags=[{"key": "app", "value": "shop"}])
    ecs("list_tags_for_resource", resourceArn=cluster)
    ecs("describe_clusters", clusters=[cluster, f"{cluster}-nothing"])
    ecs("list_clusters")
    ecs("list_tasks", cluster=cluster)
    ecs("delete_service", cluster=cluster, service=service, force=True)
    for definition in definitions:
        ecs("deregister_task_definition", taskDefinition=definition)
    ecs("delete_cluster", cluster=cluster)
    ecs("create_service", cluster="nothing", serviceName="web", taskDefinition="web")
    ecs("describe_task_definition", taskDefinition="nothing")


SCENARIOS = (
    networks, objects, versions, buckets, uploads, queues, fifo, topics, events, keys, signatures, secrets, parameters,
    roles, people, functions, workflows, tables, clicks, deliveries, pools, apis, routed, logs, alarms, stacks, zones,
    certificates, images, services,
)  # fmt: skip


if __name__ == "__main__":
    main()
