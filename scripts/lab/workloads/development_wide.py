"""A test suite's worth of stateful AWS calls with boto3: what a server hands out is used in the calls that follow.

Create, use the generated id, list page by page, update, delete, over some fifty services; now and then an ARN that
the app composes itself, a made-up role, a JSON document with generated ids inside; and errors: what is missing, what is
there already, what is malformed (the lines marked "refused": AWS does, an emulator may not).

It is for measuring false alarms: run through the proxy between two instances of one emulator, every difference reported
is one too many. It knows nothing of how replies are compared, and does not know which calls an emulator has: a reply
that says so is a reply. What needs an id that did not come is left out, so two emulators may see different numbers of
calls. All that the app itself chooses is the same on every run, except the time stamps of log events and metrics.

The endpoint comes from AWS_ENDPOINT_URL, as with any app. Prints how many calls it made.
"""

import base64
import contextlib
import datetime as dt
import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ParamValidationError
from botocore.parsers import ResponseParserError

from lab.workloads.caller import Caller

REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/demo"
"""Made up: no role of this name is ever created."""

LONG = "The quick brown fox jumps over the lazy dog. " * 40
UNICODE = "Größe · 寸法 · размер · 📦"

type Call = Callable[..., dict[str, Any]]


class AbsentError(Exception):
    """A reply lacks what the next calls need."""


class App:
    """The app under test: its clients, and the account that it learned from sts."""

    def __init__(self) -> None:
        self.caller = Caller()
        self.account = "123456789012"

    def client(self, service: str) -> Call:
        """As the caller's, but a reply that botocore cannot read is an empty one."""
        client = self.caller.client(service)

        def call(operation: str, **parameters: object) -> dict[str, Any]:
            try:
                return client(operation, **parameters)
            except ParamValidationError:
                self.caller.count -= 1  # never sent
            except (BotoCoreError, ResponseParserError):
                pass
            return {}

        return call

    def arn(self, service: str, resource: str, region: str = REGION) -> str:
        """An ARN that the app composes by itself."""
        return f"arn:aws:{service}:{region}:{self.account}:{resource}"


def take(reply: Any, *path: str | int) -> Any:
    """What a reply has at a path."""
    for step in path:
        try:
            reply = reply[step]
        except (KeyError, IndexError, TypeError):
            raise AbsentError(path) from None
    if reply in (None, ""):
        raise AbsentError(path)
    return reply


def page(call: Call, operation: str, token: tuple[str, str], **parameters: object) -> None:
    """List page by page: the token's name in the reply and in the next request."""
    came, goes = token
    reply = call(operation, **parameters)
    for _ in range(5):
        if not reply.get(came):
            return
        reply = call(operation, **parameters, **{goes: reply[came]})


def zipped(source: str) -> bytes:
    """A function's deployment package: the same bytes on every run."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py", (2024, 1, 1, 0, 0, 0)), source)
    return buffer.getvalue()


def policy(*actions: str, resource: str = "*", **statement: object) -> str:
    """A policy document with one statement."""
    one = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": [one]})


def trust(service: str) -> str:
    """The policy document that lets a service assume a role."""
    one = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [one]})


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


# sts


def identity(app: App) -> None:
    sts = app.client("sts")
    app.account = take(sts("get_caller_identity"), "Account")
    assumed = sts("assume_role", RoleArn=app.arn("iam", "role/deployer", region=""), RoleSessionName="held-out")
    sts("get_access_key_info", AccessKeyId=take(assumed, "Credentials", "AccessKeyId"))
    sts("get_session_token", DurationSeconds=900)
    sts("assume_role", RoleArn=ROLE, RoleSessionName="second", DurationSeconds=1200, Policy=policy("s3:GetObject"))


# ec2


def network(app: App) -> None:
    ec2 = app.client("ec2")
    vpc = take(ec2("create_vpc", CidrBlock="10.20.0.0/16"), "Vpc", "VpcId")
    ec2("create_tags", Resources=[vpc], Tags=tags(Name="held-out", Size=UNICODE))
    ec2("modify_vpc_attribute", VpcId=vpc, EnableDnsHostnames={"Value": True})
    ec2("describe_vpc_attribute", VpcId=vpc, Attribute="enableDnsHostnames")
    ec2("describe_vpcs", VpcIds=[vpc])
    ec2("describe_vpcs", Filters=[{"Name": "tag:Name", "Values": ["held-out"]}])
    first = take(ec2("create_subnet", VpcId=vpc, CidrBlock="10.20.1.0/24"), "Subnet", "SubnetId")
    second = take(ec2("create_subnet", VpcId=vpc, CidrBlock="10.20.2.0/24"), "Subnet", "SubnetId")
    ec2("create_subnet", VpcId=vpc, CidrBlock="10.99.0.0/24")  # refused
    ec2("modify_subnet_attribute", SubnetId=first, MapPublicIpOnLaunch={"Value": True})
    ec2("describe_subnets", Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    ec2("describe_subnets", SubnetIds=["subnet-0123456789abcdef0"])  # refused
    routes(ec2, vpc, first)
    ec2("delete_subnet", SubnetId=second)
    ec2("describe_subnets", SubnetIds=[second])  # refused
    ec2("describe_network_acls", Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    ec2("describe_tags", Filters=[{"Name": "resource-id", "Values": [vpc]}])
    ec2("delete_tags", Resources=[vpc], Tags=[{"Key": "Size"}])
    ec2("delete_subnet", SubnetId=first)


def routes(ec2: Call, vpc: str, subnet: str) -> None:
    gateway = take(ec2("create_internet_gateway"), "InternetGateway", "InternetGatewayId")
    ec2("attach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
    table = take(ec2("create_route_table", VpcId=vpc), "RouteTable", "RouteTableId")
    ec2("create_route", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    association = take(ec2("associate_route_table", RouteTableId=table, SubnetId=subnet), "AssociationId")
    ec2("describe_route_tables", RouteTableIds=[table])
    ec2("describe_internet_gateways", InternetGatewayIds=[gateway])
    ec2("disassociate_route_table", AssociationId=association)
    ec2("delete_route", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    ec2("delete_route_table", RouteTableId=table)
    ec2("detach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
    ec2("delete_internet_gateway", InternetGatewayId=gateway)
    ec2("describe_internet_gateways", InternetGatewayIds=[gateway])  # refused


def firewalls(app: App) -> None:
    ec2 = app.client("ec2")
    vpc = take(ec2("create_vpc", CidrBlock="10.21.0.0/16"), "Vpc", "VpcId")
    web = take(ec2("create_security_group", GroupName="web", Description="Web servers", VpcId=vpc), "GroupId")
    store = take(ec2("create_security_group", GroupName="store", Description="Stores", VpcId=vpc), "GroupId")
    ec2("create_security_group", GroupName="web", Description="Again", VpcId=vpc)  # refused
    anyone = [{"CidrIp": "0.0.0.0/0", "Description": "anyone"}]
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": anyone}
    ec2("authorize_security_group_ingress", GroupId=web, IpPermissions=[https])
    ec2("authorize_security_group_ingress", GroupId=web, IpPermissions=[https])  # refused
    inside = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": web}]}
    ec2("authorize_security_group_ingress", GroupId=store, IpPermissions=[inside])
    ec2("describe_security_group_rules", Filters=[{"Name": "group-id", "Values": [web, store]}])
    ec2("describe_security_groups", GroupIds=[web, store])
    ec2("revoke_security_group_ingress", GroupId=store, IpPermissions=[inside])
    ec2("delete_security_group", GroupId=store)
    ec2("describe_security_groups", GroupIds=[store])  # refused
    ec2("delete_security_group", GroupId=web)
    ec2("delete_vpc", VpcId=vpc)
    ec2("describe_vpcs", VpcIds=[vpc])  # refused


def disks(app: App) -> None:
    ec2 = app.client("ec2")
    named = [{"ResourceType": "volume", "Tags": tags(Name="scratch")}]
    created = ec2("create_volume", AvailabilityZone=f"{REGION}a", Size=8, VolumeType="gp3", TagSpecifications=named)
    volume = take(created, "VolumeId")
    second_volume = take(ec2("create_volume", AvailabilityZone=f"{REGION}b", Size=4, Encrypted=True), "VolumeId")
    ec2("describe_volumes", VolumeIds=[volume, second_volume])
    page(ec2, "describe_volumes", ("NextToken", "NextToken"), MaxResults=5)
    ec2("modify_volume", VolumeId=volume, Size=16)
    snapshot = take(ec2("create_snapshot", VolumeId=volume, Description=UNICODE), "SnapshotId")
    ec2("describe_snapshots", SnapshotIds=[snapshot])
    restored = ec2("create_volume", AvailabilityZone=f"{REGION}a", SnapshotId=snapshot)
    ec2("delete_volume", VolumeId=take(restored, "VolumeId"))
    ec2("delete_snapshot", SnapshotId=snapshot)
    ec2("delete_snapshot", SnapshotId=snapshot)  # refused
    ec2("delete_volume", VolumeId=volume)
    ec2("delete_volume", VolumeId=second_volume)
    ec2("describe_volumes", VolumeIds=[volume])  # refused


def machines(app: App) -> None:
    ec2 = app.client("ec2")
    images = ec2("describe_images", Owners=["amazon"], Filters=[{"Name": "architecture", "Values": ["x86_64"]}])
    image = (images.get("Images") or [{}])[0].get("ImageId", "ami-12c6146b")
    key = take(ec2("create_key_pair", KeyName="login"), "KeyName")
    ec2("create_key_pair", KeyName="login")  # refused
    ec2("describe_key_pairs", KeyNames=[key])
    ran = ec2("run_instances", ImageId=image, MinCount=3, MaxCount=3, InstanceType="t3.micro", KeyName=key)
    first, second, third = (take(ran, "Instances", number, "InstanceId") for number in range(3))
    ec2("create_tags", Resources=[first, second], Tags=tags(Name="worker", Stage="test"))
    ec2("describe_instances", InstanceIds=[first])
    ec2("describe_instances", Filters=[{"Name": "tag:Stage", "Values": ["test"]}])
    page(ec2, "describe_instances", ("NextToken", "NextToken"), MaxResults=5)
    ec2("describe_instance_status", InstanceIds=[first, second, third], IncludeAllInstances=True)
    ec2("stop_instances", InstanceIds=[second])
    ec2("modify_instance_attribute", InstanceId=second, InstanceType={"Value": "t3.small"})
    ec2("describe_instance_attribute", InstanceId=second, Attribute="instanceType")
    ec2("start_instances", InstanceIds=[second])
    ec2("reboot_instances", InstanceIds=[first])
    ec2("terminate_instances", InstanceIds=[first, second, third])
    ec2("describe_instances", InstanceIds=[third])
    ec2("terminate_instances", InstanceIds=["i-0123456789abcdef0"])  # refused
    ec2("run_instances", ImageId="not-an-image", MinCount=1, MaxCount=1)  # refused
    ec2("delete_key_pair", KeyName=key)
    ec2("describe_key_pairs", KeyNames=[key])  # refused


def addresses(app: App) -> None:
    ec2 = app.client("ec2")
    vpc = take(ec2("create_vpc", CidrBlock="10.22.0.0/16"), "Vpc", "VpcId")
    subnet = take(ec2("create_subnet", VpcId=vpc, CidrBlock="10.22.1.0/24"), "Subnet", "SubnetId")
    created = ec2("create_network_interface", SubnetId=subnet, Description="Spare")
    interface = take(created, "NetworkInterface", "NetworkInterfaceId")
    ec2("describe_network_interfaces", NetworkInterfaceIds=[interface])
    address = take(ec2("allocate_address", Domain="vpc"), "AllocationId")
    ec2("describe_addresses", AllocationIds=[address])
    association = ec2("associate_address", AllocationId=address, NetworkInterfaceId=interface)
    ec2("describe_addresses", AllocationIds=[address])
    ec2("disassociate_address", AssociationId=take(association, "AssociationId"))
    ec2("release_address", AllocationId=address)
    ec2("release_address", AllocationId=address)  # refused
    ec2("delete_network_interface", NetworkInterfaceId=interface)
    ec2("describe_network_interfaces", NetworkInterfaceIds=[interface])  # refused


def templates(app: App) -> None:
    ec2 = app.client("ec2")
    data = {"InstanceType": "t3.micro", "UserData": base64.b64encode(b"#!/bin/sh\necho hello\n").decode()}
    created = ec2("create_launch_template", LaunchTemplateName="worker", LaunchTemplateData=data)
    template = take(created, "LaunchTemplate", "LaunchTemplateId")
    ec2("create_launch_template", LaunchTemplateName="worker", LaunchTemplateData=data)  # refused
    larger = {**data, "InstanceType": "t3.large"}
    ec2("create_launch_template_version", LaunchTemplateId=template, LaunchTemplateData=larger, SourceVersion="1")
    ec2("describe_launch_template_versions", LaunchTemplateId=template)
    ec2("describe_launch_templates", LaunchTemplateIds=[template])
    ec2("modify_launch_template", LaunchTemplateId=template, DefaultVersion="2")
    ec2("delete_launch_template", LaunchTemplateId=template)
    ec2("describe_availability_zones")
    ec2("describe_regions", RegionNames=["us-east-1", "eu-west-1"])


# s3


def objects(app: App) -> None:
    s3 = app.client("s3")
    bucket = "held-out-objects"
    s3("create_bucket", Bucket=bucket)
    s3("head_bucket", Bucket=bucket)
    for number in range(7):
        body = f"{number}: {UNICODE}".encode()
        s3(
            "put_object",
            Bucket=bucket,
            Key=f"reports/2024/{number:02}.txt",
            Body=body,
            Metadata={"number": str(number)},
        )
    s3("put_object", Bucket=bucket, Key="ein Ordner/größe+%.json", Body=b'{"a": 1}', ContentType="application/json")
    page(s3, "list_objects_v2", ("NextContinuationToken", "ContinuationToken"), Bucket=bucket, MaxKeys=3)
    s3("list_objects_v2", Bucket=bucket, Delimiter="/")
    s3("list_objects", Bucket=bucket, Prefix="reports/", MaxKeys=2)
    etag = take(s3("get_object", Bucket=bucket, Key="reports/2024/01.txt"), "ETag")
    s3("get_object", Bucket=bucket, Key="reports/2024/01.txt", IfMatch=etag)
    s3("get_object", Bucket=bucket, Key="reports/2024/01.txt", IfMatch='"0123456789abcdef0123456789abcdef"')  # refused
    s3("get_object", Bucket=bucket, Key="reports/2024/01.txt", Range="bytes=0-3")
    s3("copy_object", Bucket=bucket, Key="copy.txt", CopySource={"Bucket": bucket, "Key": "reports/2024/02.txt"})
    s3("head_object", Bucket=bucket, Key="copy.txt")
    s3("put_object_tagging", Bucket=bucket, Key="copy.txt", Tagging={"TagSet": tags(kind="copy", stage="test")})
    s3("get_object_tagging", Bucket=bucket, Key="copy.txt")
    s3("get_object_attributes", Bucket=bucket, Key="copy.txt", ObjectAttributes=["ETag", "ObjectSize"])
    s3("get_object", Bucket=bucket, Key="missing")  # refused
    s3("delete_bucket", Bucket=bucket)  # refused
    doomed = [{"Key": f"reports/2024/{number:02}.txt"} for number in range(7)]
    s3("delete_objects", Bucket=bucket, Delete={"Objects": [*doomed, {"Key": "never there"}]})
    s3("delete_object", Bucket=bucket, Key="copy.txt")
    s3("delete_object", Bucket=bucket, Key="ein Ordner/größe+%.json")
    s3("delete_bucket", Bucket=bucket)
    s3("list_objects_v2", Bucket=bucket)  # refused


def uploads(app: App) -> None:
    s3 = app.client("s3")
    bucket, key = "held-out-uploads", "large/file.bin"
    s3("create_bucket", Bucket=bucket)
    upload = take(s3("create_multipart_upload", Bucket=bucket, Key=key, ContentType="video/mp4"), "UploadId")
    abandoned = take(s3("create_multipart_upload", Bucket=bucket, Key="abandoned"), "UploadId")
    s3("list_multipart_uploads", Bucket=bucket)
    parts = []
    for number, body in ((1, b"x" * 5 * 1024 * 1024), (2, b"the end")):
        sent = s3("upload_part", Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": take(sent, "ETag")})
    s3("list_parts", Bucket=bucket, Key=key, UploadId=upload)
    s3("complete_multipart_upload", Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts})
    s3("head_object", Bucket=bucket, Key=key)
    s3("abort_multipart_upload", Bucket=bucket, Key="abandoned", UploadId=abandoned)
    s3("list_parts", Bucket=bucket, Key="abandoned", UploadId=abandoned)  # refused
    s3("upload_part", Bucket=bucket, Key=key, UploadId="made-up", PartNumber=1, Body=b"x")  # refused
    s3("delete_object", Bucket=bucket, Key=key)


def versions(app: App) -> None:
    s3 = app.client("s3")
    bucket = "held-out-versions"
    s3("create_bucket", Bucket=bucket)
    s3("put_bucket_versioning", Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3("get_bucket_versioning", Bucket=bucket)
    first = take(s3("put_object", Bucket=bucket, Key="notes", Body=b"one"), "VersionId")
    second = take(s3("put_object", Bucket=bucket, Key="notes", Body=b"two"), "VersionId")
    s3("get_object", Bucket=bucket, Key="notes", VersionId=first)
    s3("list_object_versions", Bucket=bucket)
    marker = take(s3("delete_object", Bucket=bucket, Key="notes"), "VersionId")
    s3("get_object", Bucket=bucket, Key="notes")  # refused
    s3("list_object_versions", Bucket=bucket, Prefix="notes")
    s3("delete_object", Bucket=bucket, Key="notes", VersionId=marker)
    s3("head_object", Bucket=bucket, Key="notes")
    doomed = [{"Key": "notes", "VersionId": version} for version in (first, second)]
    s3("delete_objects", Bucket=bucket, Delete={"Objects": doomed})


def buckets(app: App) -> None:
    s3 = app.client("s3")
    bucket = "held-out-settings"
    arn = f"arn:aws:s3:::{bucket}"
    s3("create_bucket", Bucket=bucket)
    s3("get_bucket_location", Bucket=bucket)
    s3("put_bucket_tagging", Bucket=bucket, Tagging={"TagSet": tags(team="räder", cost="12")})
    s3("get_bucket_tagging", Bucket=bucket)
    s3("delete_bucket_tagging", Bucket=bucket)
    s3("get_bucket_tagging", Bucket=bucket)  # refused
    document = policy("s3:GetObject", resource=f"{arn}/*", Sid="Read", Principal={"AWS": app.account})
    s3("put_bucket_policy", Bucket=bucket, Policy=document)
    s3("get_bucket_policy", Bucket=bucket)
    s3("delete_bucket_policy", Bucket=bucket)
    s3("get_bucket_policy", Bucket=bucket)  # refused
    rule = {"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}
    s3("put_bucket_lifecycle_configuration", Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    s3("get_bucket_lifecycle_configuration", Bucket=bucket)
    cors = {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://example.com"], "MaxAgeSeconds": 300}
    s3("put_bucket_cors", Bucket=bucket, CORSConfiguration={"CORSRules": [cors]})
    s3("get_bucket_cors", Bucket=bucket)
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3("put_bucket_encryption", Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [default]})
    s3("get_bucket_encryption", Bucket=bucket)
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False}
    s3("put_public_access_block", Bucket=bucket, PublicAccessBlockConfiguration=block)
    s3("get_public_access_block", Bucket=bucket)
    s3("get_bucket_acl", Bucket=bucket)
    s3("list_buckets")
    s3("delete_bucket", Bucket=bucket)
    s3("delete_bucket", Bucket="held-out-never-made")  # refused


# sqs, sns


def queues(app: App) -> None:
    sqs = app.client("sqs")
    dead = take(sqs("create_queue", QueueName="orders-dead"), "QueueUrl")
    queue_attributes = sqs("get_queue_attributes", QueueUrl=dead, AttributeNames=["QueueArn"])
    redrive = json.dumps(
        {"deadLetterTargetArn": take(queue_attributes, "Attributes", "QueueArn"), "maxReceiveCount": 3}
    )
    created = sqs("create_queue", QueueName="orders", Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "45"})
    queue = take(created, "QueueUrl")
    sqs("create_queue", QueueName="orders", Attributes={"VisibilityTimeout": "60"})  # refused
    sqs("get_queue_url", QueueName="orders")
    sqs("get_queue_attributes", QueueUrl=queue, AttributeNames=["All"])
    sqs("set_queue_attributes", QueueUrl=queue, Attributes={"DelaySeconds": "0", "MaximumMessageSize": "4096"})
    sqs("list_dead_letter_source_queues", QueueUrl=dead)
    sqs("tag_queue", QueueUrl=queue, Tags={"team": "orders", "größe": "klein"})
    sqs("list_queue_tags", QueueUrl=queue)
    sqs("untag_queue", QueueUrl=queue, TagKeys=["team"])
    page(sqs, "list_queues", ("NextToken", "NextToken"), QueueNamePrefix="orders", MaxResults=1)
    sqs("get_queue_url", QueueName="missing")  # refused
    sqs("get_queue_attributes", QueueUrl=f"{queue}-missing", AttributeNames=["All"])  # refused
    messages(sqs, queue)
    sqs("purge_queue", QueueUrl=queue)
    sqs("delete_queue", QueueUrl=queue)
    sqs("send_message", QueueUrl=queue, MessageBody="too late")  # refused
    sqs("delete_queue", QueueUrl=dead)


def messages(sqs: Call, queue: str) -> None:
    attributes = {
        "Kind": {"DataType": "String", "StringValue": UNICODE},
        "N": {"DataType": "Number", "StringValue": "7"},
    }
    sqs("send_message", QueueUrl=queue, MessageBody=json.dumps({"order": 1, "note": UNICODE}))
    sqs("send_message", QueueUrl=queue, MessageBody=LONG, MessageAttributes=attributes)
    batch = [{"Id": f"m{number}", "MessageBody": f"batch {number}"} for number in range(3)]
    sqs("send_message_batch", QueueUrl=queue, Entries=batch)
    got = sqs("receive_message", QueueUrl=queue, MessageAttributeNames=["All"], AttributeNames=["All"])
    handle = take(got, "Messages", 0, "ReceiptHandle")
    sqs("change_message_visibility", QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=10)
    sqs("delete_message", QueueUrl=queue, ReceiptHandle=handle)
    got = sqs("receive_message", QueueUrl=queue, MaxNumberOfMessages=10)
    handles = [message["ReceiptHandle"] for message in got.get("Messages", [])]
    doomed = [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)]
    sqs("delete_message_batch", QueueUrl=queue, Entries=doomed)
    sqs("delete_message", QueueUrl=queue, ReceiptHandle="made up")  # refused


def ordered(app: App) -> None:
    sqs = app.client("sqs")
    created = sqs("create_queue", QueueName="steps.fifo", Attributes={"FifoQueue": "true"})
    queue = take(created, "QueueUrl")
    step = {"QueueUrl": queue, "MessageGroupId": "one", "MessageBody": "step"}
    sqs("send_message", **step, MessageDeduplicationId="a")
    sqs("send_message", **step, MessageDeduplicationId="a")
    sqs("send_message", **step)  # refused
    got = sqs("receive_message", QueueUrl=queue, AttributeNames=["All"])
    sqs("delete_message", QueueUrl=queue, ReceiptHandle=take(got, "Messages", 0, "ReceiptHandle"))
    sqs("delete_queue", QueueUrl=queue)


def topics(app: App) -> None:
    sns, sqs = app.client("sns"), app.client("sqs")
    queue = take(sqs("create_queue", QueueName="news-reader"), "QueueUrl")
    topic = take(sns("create_topic", Name="news", Tags=tags(team="press")), "TopicArn")
    sns("create_topic", Name="news", Tags=tags(team="press"))
    sns("set_topic_attributes", TopicArn=topic, AttributeName="DisplayName", AttributeValue="News")
    sns("get_topic_attributes", TopicArn=topic)
    created = sns("subscribe", TopicArn=topic, Protocol="sqs", Endpoint=app.arn("sqs", "news-reader"))
    subscription = take(created, "SubscriptionArn")
    only = json.dumps({"kind": ["sport", {"prefix": "local-"}], "size": [{"numeric": [">", 3]}]})
    wanted = {"SubscriptionArn": subscription, "AttributeName": "FilterPolicy", "AttributeValue": only}
    sns("set_subscription_attributes", **wanted)
    sns("get_subscription_attributes", SubscriptionArn=subscription)
    kind = {"kind": {"DataType": "String", "StringValue": "sport"}, "size": {"DataType": "Number", "StringValue": "5"}}
    sns("publish", TopicArn=topic, Message=UNICODE, Subject="Hello", MessageAttributes=kind)
    sns("publish", TopicArn=topic, Message=LONG)
    batch = [{"Id": str(number), "Message": f"news {number}", "MessageAttributes": kind} for number in range(2)]
    sns("publish_batch", TopicArn=topic, PublishBatchRequestEntries=batch)
    got = sqs("receive_message", QueueUrl=queue, MaxNumberOfMessages=1)
    for message in got.get("Messages", []):
        sqs("delete_message", QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    sns("list_subscriptions_by_topic", TopicArn=topic)
    sns("list_subscriptions")
    sns("list_tags_for_resource", ResourceArn=topic)
    sns("publish", TopicArn=app.arn("sns", "missing"), Message="to nobody")  # refused
    sns("unsubscribe", SubscriptionArn=subscription)
    sns("get_subscription_attributes", SubscriptionArn=subscription)  # refused
    sns("delete_topic", TopicArn=topic)
    sns("get_topic_attributes", TopicArn=topic)  # refused
    sqs("delete_queue", QueueUrl=queue)


# dynamodb


def items(app: App) -> None:
    dynamodb = app.client("dynamodb")
    table = {"TableName": "orders"}
    dynamodb(
        "create_table",
        **table,
        KeySchema=[{"AttributeName": "who", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "who", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "N"},
            {"AttributeName": "state", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-state",
                "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    for number in range(6):
        state = {"S": "open" if number % 2 else "sent"}
        item = {"who": {"S": "ada"}, "at": {"N": str(number)}, "state": state, "price": {"N": f"{number}.5"}}
        dynamodb("put_item", **table, Item=item)
    rich = {"M": {"list": {"L": [{"N": "1"}, {"BOOL": True}, {"NULL": True}]}, "set": {"SS": ["a", "ü"]}}}
    dynamodb("put_item", **table, Item={"who": {"S": UNICODE}, "at": {"N": "0"}, "rich": rich, "raw": {"B": b"\0\1"}})
    dynamodb("get_item", **table, Key={"who": {"S": UNICODE}, "at": {"N": "0"}}, ConsistentRead=True)
    mine: dict[str, Any] = {
        "KeyConditionExpression": "who = :who AND #at >= :at",
        "ExpressionAttributeNames": {"#at": "at"},
        "ExpressionAttributeValues": {":who": {"S": "ada"}, ":at": {"N": "1"}},
    }
    page(dynamodb, "query", ("LastEvaluatedKey", "ExclusiveStartKey"), **table, **mine, Limit=2)
    dynamodb("query", **table, **mine, ScanIndexForward=False, ReturnConsumedCapacity="TOTAL")
    page(dynamodb, "scan", ("LastEvaluatedKey", "ExclusiveStartKey"), **table, Limit=4)
    changes(dynamodb, table)
    conditions(dynamodb, table)
    stream(app, take(dynamodb("describe_table", **table), "Table", "LatestStreamArn"))
    dynamodb("delete_table", **table)
    dynamodb("describe_table", **table)  # refused


def changes(dynamodb: Call, table: dict[str, str]) -> None:
    key = {"who": {"S": "ada"}, "at": {"N": "1"}}
    dynamodb(
        "update_item",
        **table,
        Key=key,
        UpdateExpression="SET price = price + :more, note = :note REMOVE gone",
        ExpressionAttributeValues={":more": {"N": "2.25"}, ":note": {"S": UNICODE}},
        ReturnValues="ALL_NEW",
    )
    put = [{"PutRequest": {"Item": {"who": {"S": "bob"}, "at": {"N": str(number)}}}} for number in range(3)]
    dynamodb("batch_write_item", RequestItems={table["TableName"]: put})
    keys = [{"who": {"S": "bob"}, "at": {"N": str(number)}} for number in range(4)]
    dynamodb("batch_get_item", RequestItems={table["TableName"]: {"Keys": keys}})
    dynamodb(
        "transact_write_items",
        TransactItems=[
            {"Put": {**table, "Item": {"who": {"S": "cy"}, "at": {"N": "1"}}}},
            {"Delete": {**table, "Key": keys[2]}},
        ],
        ClientRequestToken="held-out-1",
    )
    dynamodb("transact_get_items", TransactItems=[{"Get": {**table, "Key": one}} for one in keys[:2]])
    dynamodb("delete_item", **table, Key=keys[0], ReturnValues="ALL_OLD")
    dynamodb("execute_statement", Statement="SELECT * FROM orders WHERE who = 'cy'")


def conditions(dynamodb: Call, table: dict[str, str]) -> None:
    item = {"who": {"S": "ada"}, "at": {"N": "1"}}
    dynamodb("put_item", **table, Item=item, ConditionExpression="attribute_not_exists(who)")  # refused
    dynamodb("put_item", **table, Item={"who": {"N": "1"}, "at": {"N": "1"}})  # refused
    dynamodb("get_item", **table, Key={"who": {"S": "ada"}})  # refused
    dynamodb("get_item", TableName="missing", Key=item)  # refused
    check = {"ConditionCheck": {**table, "Key": item, "ConditionExpression": "attribute_not_exists(who)"}}
    put = {"Put": {**table, "Item": {"who": {"S": "dee"}, "at": {"N": "1"}}}}
    dynamodb("transact_write_items", TransactItems=[check, put])  # refused
    dynamodb("query", **table, KeyConditionExpression="nonsense ==")  # refused


def stream(app: App, arn: str) -> None:
    streams = app.client("dynamodbstreams")
    described = streams("describe_stream", StreamArn=arn)
    shard = take(described, "StreamDescription", "Shards", 0, "ShardId")
    got = streams("get_shard_iterator", StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = streams("get_records", ShardIterator=take(got, "ShardIterator"), Limit=2)
    streams("list_streams", TableName="orders")
    if records.get("NextShardIterator"):
        streams("get_records", ShardIterator=records["NextShardIterator"], Limit=2)


def tables(app: App) -> None:
    dynamodb = app.client("dynamodb")
    simple: dict[str, Any] = {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 1},
    }
    names = ["cache", "cache-2", "cache-3"]
    for name in names:
        dynamodb("create_table", TableName=name, **simple)
    dynamodb("create_table", TableName="cache", **simple)  # refused
    page(dynamodb, "list_tables", ("LastEvaluatedTableName", "ExclusiveStartTableName"), Limit=1)
    arn = take(dynamodb("describe_table", TableName="cache"), "Table", "TableArn")
    dynamodb("tag_resource", ResourceArn=arn, Tags=tags(team="cache"))
    dynamodb("list_tags_of_resource", ResourceArn=app.arn("dynamodb", "table/cache"))
    expiry = {"Enabled": True, "AttributeName": "expires"}
    dynamodb("update_time_to_live", TableName="cache", TimeToLiveSpecification=expiry)
    dynamodb("describe_time_to_live", TableName="cache")
    throughput = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    dynamodb("update_table", TableName="cache", ProvisionedThroughput=throughput)
    recovery = {"PointInTimeRecoveryEnabled": True}
    dynamodb("update_continuous_backups", TableName="cache", PointInTimeRecoverySpecification=recovery)
    dynamodb("describe_continuous_backups", TableName="cache")
    for name in names:
        dynamodb("delete_table", TableName=name)


def backups(app: App) -> None:
    dynamodb = app.client("dynamodb")
    dynamodb(
        "create_table",
        TableName="ledger",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "B"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb("put_item", TableName="ledger", Item={"id": {"B": b"\xff\x00"}, "big": {"S": LONG}})
    created = dynamodb("create_backup", TableName="ledger", BackupName="nightly")
    arn = take(created, "BackupDetails", "BackupArn")
    dynamodb("describe_backup", BackupArn=arn)
    dynamodb("list_backups", TableName="ledger")
    dynamodb("delete_backup", BackupArn=arn)
    dynamodb("delete_table", TableName="ledger")


# lambda


def functions(app: App) -> None:
    function, iam = app.client("lambda"), app.client("iam")
    role = iam("create_role", RoleName="runner", AssumeRolePolicyDocument=trust("lambda"))
    first = zipped("def handler(event, context):\n    return {'size': 1}\n")
    created = function(
        "create_function",
        FunctionName="resize",
        Runtime="python3.12",
        Handler="index.handler",
        Role=take(role, "Role", "Arn"),
        Code={"ZipFile": first},
        Environment={"Variables": {"TABLE": "orders", "SIZE": UNICODE}},
        MemorySize=256,
        Tags={"team": "pictures"},
    )
    arn = take(created, "FunctionArn")
    function("get_function", FunctionName="resize")
    function("get_function_configuration", FunctionName=arn)
    function("update_function_configuration", FunctionName="resize", Timeout=30, Description=UNICODE)
    version = take(function("publish_version", FunctionName="resize", Description="first"), "Version")
    function("create_alias", FunctionName="resize", Name="live", FunctionVersion=version)
    function("get_alias", FunctionName="resize", Name="live")
    function(
        "update_function_code", FunctionName="resize", ZipFile=zipped("def handler(event, context):\n    return 2\n")
    )
    version = take(function("publish_version", FunctionName="resize"), "Version")
    function("update_alias", FunctionName="resize", Name="live", FunctionVersion=version)
    function("list_versions_by_function", FunctionName="resize")
    function("list_aliases", FunctionName="resize")
    permissions(app, function, arn)
    function("invoke", FunctionName="resize", InvocationType="DryRun", Payload=b"{}")
    function("invoke", FunctionName="missing", Payload=b"{}")  # refused
    function("get_function", FunctionName="missing")  # refused
    function("list_tags", Resource=arn)
    function("delete_alias", FunctionName="resize", Name="live")
    function("delete_function", FunctionName="resize")
    function("get_function", FunctionName="resize")  # refused
    iam("delete_role", RoleName="runner")


def permissions(app: App, function: Call, arn: str) -> None:
    allowed = {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "SourceAccount": app.account}
    function("add_permission", FunctionName="resize", StatementId="s3", **allowed)
    function("get_policy", FunctionName=arn)
    function("remove_permission", FunctionName="resize", StatementId="s3")
    function("get_policy", FunctionName="resize")  # refused
    function("put_function_concurrency", FunctionName="resize", ReservedConcurrentExecutions=5)
    function("get_function_concurrency", FunctionName="resize")
    created = function("create_function_url_config", FunctionName="resize", AuthType="NONE")
    if created.get("FunctionUrl"):
        function("get_function_url_config", FunctionName="resize")
        function("delete_function_url_config", FunctionName="resize")


def consumers(app: App) -> None:
    function, sqs = app.client("lambda"), app.client("sqs")
    iam = app.client("iam")
    iam("create_role", RoleName="consumer", AssumeRolePolicyDocument=trust("lambda"))
    queue = take(sqs("create_queue", QueueName="pictures"), "QueueUrl")
    code = {"ZipFile": zipped("def handler(event, context):\n    print(event)\n")}
    role = app.arn("iam", "role/consumer", region="")
    common: dict[str, Any] = {"Runtime": "python3.12", "Handler": "index.handler", "Role": role, "Code": code}
    for number in range(3):
        function("create_function", FunctionName=f"consume-{number}", **common)
    function("create_function", FunctionName="consume-0", **common)  # refused
    page(function, "list_functions", ("NextMarker", "Marker"), MaxItems=2)
    source = app.arn("sqs", "pictures")
    mapped = function("create_event_source_mapping", FunctionName="consume-0", EventSourceArn=source, BatchSize=5)
    mapping = take(mapped, "UUID")
    function("get_event_source_mapping", UUID=mapping)
    function("update_event_source_mapping", UUID=mapping, BatchSize=7, Enabled=False)
    function("list_event_source_mappings", FunctionName="consume-0")
    function("delete_event_source_mapping", UUID=mapping)
    function("get_event_source_mapping", UUID="00000000-0000-4000-8000-000000000000")  # refused
    for number in range(3):
        function("delete_function", FunctionName=f"consume-{number}")
    sqs("delete_queue", QueueUrl=queue)
    iam("delete_role", RoleName="consumer")


def layers(app: App) -> None:
    function = app.client("lambda")
    content = {"ZipFile": zipped("SHARED = True\n")}
    runtimes = {"CompatibleRuntimes": ["python3.12", "python3.11"], "LicenseInfo": "MIT"}
    created = function("publish_layer_version", LayerName="shared", Content=content, **runtimes)
    number = take(created, "Version")
    function("publish_layer_version", LayerName="shared", Content=content, **runtimes)
    function("get_layer_version", LayerName="shared", VersionNumber=number)
    function("list_layer_versions", LayerName="shared")
    function("list_layers")
    function("delete_layer_version", LayerName="shared", VersionNumber=number)
    function("get_layer_version", LayerName="shared", VersionNumber=99)  # refused


# iam


def roles(app: App) -> None:
    iam = app.client("iam")
    created = iam("create_role", RoleName="reader", AssumeRolePolicyDocument=trust("ec2"), Description="Größe")
    take(created, "Role", "RoleId")
    iam("create_role", RoleName="reader", AssumeRolePolicyDocument=trust("ec2"))  # refused
    iam("get_role", RoleName="reader")
    iam("update_role", RoleName="reader", Description="Reads", MaxSessionDuration=7200)
    iam("tag_role", RoleName="reader", Tags=tags(stage="test"))
    iam("list_role_tags", RoleName="reader")
    iam("put_role_policy", RoleName="reader", PolicyName="inline", PolicyDocument=policy("s3:Get*", "s3:List*"))
    iam("get_role_policy", RoleName="reader", PolicyName="inline")
    iam("list_role_policies", RoleName="reader")
    arn = take(iam("create_policy", PolicyName="read", PolicyDocument=policy("sqs:ReceiveMessage")), "Policy", "Arn")
    iam("attach_role_policy", RoleName="reader", PolicyArn=arn)
    iam("list_attached_role_policies", RoleName="reader")
    policies(iam, arn)
    iam("create_instance_profile", InstanceProfileName="reader")
    iam("add_role_to_instance_profile", InstanceProfileName="reader", RoleName="reader")
    iam("get_instance_profile", InstanceProfileName="reader")
    iam("list_instance_profiles_for_role", RoleName="reader")
    iam("remove_role_from_instance_profile", InstanceProfileName="reader", RoleName="reader")
    iam("delete_instance_profile", InstanceProfileName="reader")
    iam("delete_role", RoleName="reader")  # refused
    iam("detach_role_policy", RoleName="reader", PolicyArn=arn)
    iam("delete_role_policy", RoleName="reader", PolicyName="inline")
    iam("delete_role", RoleName="reader")
    iam("delete_policy", PolicyArn=arn)
    iam("get_policy", PolicyArn=arn)  # refused


def policies(iam: Call, arn: str) -> None:
    wider = policy("sqs:*", resource="arn:aws:sqs:us-east-1:123456789012:orders")
    created = iam("create_policy_version", PolicyArn=arn, PolicyDocument=wider, SetAsDefault=True)
    version = take(created, "PolicyVersion", "VersionId")
    iam("get_policy", PolicyArn=arn)
    iam("get_policy_version", PolicyArn=arn, VersionId=version)
    iam("list_policy_versions", PolicyArn=arn)
    iam("set_default_policy_version", PolicyArn=arn, VersionId="v1")
    iam("delete_policy_version", PolicyArn=arn, VersionId=version)
    iam("list_policies", Scope="Local")
    iam("list_entities_for_policy", PolicyArn=arn)
    iam("create_policy", PolicyName="broken", PolicyDocument="{not json")  # refused


def people(app: App) -> None:
    iam = app.client("iam")
    for name in ("ada", "bob", "cy", "dee"):
        iam("create_user", UserName=name, Path="/staff/", Tags=tags(floor="3"))
    page(iam, "list_users", ("Marker", "Marker"), MaxItems=2)
    key = take(iam("create_access_key", UserName="ada"), "AccessKey", "AccessKeyId")
    iam("update_access_key", UserName="ada", AccessKeyId=key, Status="Inactive")
    iam("list_access_keys", UserName="ada")
    iam("get_access_key_last_used", AccessKeyId=key)
    iam("create_group", GroupName="admins")
    iam("add_user_to_group", GroupName="admins", UserName="ada")
    iam("add_user_to_group", GroupName="admins", UserName="bob")
    iam("get_group", GroupName="admins")
    iam("list_groups_for_user", UserName="ada")
    iam("put_user_policy", UserName="bob", PolicyName="own", PolicyDocument=policy("iam:ChangePassword"))
    iam("list_user_policies", UserName="bob")
    iam("get_user_policy", UserName="bob", PolicyName="own")
    iam("create_user", UserName="ada")  # refused
    iam("get_user", UserName="nobody")  # refused
    iam("add_user_to_group", GroupName="nobodies", UserName="ada")  # refused
    iam("update_user", UserName="dee", NewUserName="dora")
    iam("remove_user_from_group", GroupName="admins", UserName="ada")
    iam("remove_user_from_group", GroupName="admins", UserName="bob")
    iam("delete_group", GroupName="admins")
    iam("delete_access_key", UserName="ada", AccessKeyId=key)
    iam("delete_user_policy", UserName="bob", PolicyName="own")
    for name in ("ada", "bob", "cy", "dora"):
        iam("delete_user", UserName=name)


# kms, secretsmanager, ssm


def keys(app: App) -> None:
    kms = app.client("kms")
    created = kms("create_key", Description=UNICODE, Tags=[{"TagKey": "stage", "TagValue": "test"}])
    key = take(created, "KeyMetadata", "KeyId")
    kms("create_alias", AliasName="alias/held-out", TargetKeyId=key)
    kms("create_alias", AliasName="alias/held-out", TargetKeyId=key)  # refused
    kms("describe_key", KeyId="alias/held-out")
    kms("describe_key", KeyId=app.arn("kms", f"key/{key}"))
    sealed = kms("encrypt", KeyId=key, Plaintext=UNICODE.encode(), EncryptionContext={"app": "held-out"})
    blob = take(sealed, "CiphertextBlob")
    kms("decrypt", CiphertextBlob=blob, EncryptionContext={"app": "held-out"})
    kms("decrypt", CiphertextBlob=blob, EncryptionContext={"app": "another"})  # refused
    data = kms("generate_data_key", KeyId="alias/held-out", KeySpec="AES_256")
    kms("decrypt", CiphertextBlob=take(data, "CiphertextBlob"))
    kms("generate_data_key_without_plaintext", KeyId=key, NumberOfBytes=32)
    kms("re_encrypt", CiphertextBlob=blob, DestinationKeyId=key, SourceEncryptionContext={"app": "held-out"})
    kms("generate_random", NumberOfBytes=16)
    kms("list_aliases", KeyId=key)
    kms("enable_key_rotation", KeyId=key)
    kms("get_key_rotation_status", KeyId=key)
    kms("list_resource_tags", KeyId=key)
    kms("get_key_policy", KeyId=key, PolicyName="default")
    kms("update_key_description", KeyId=key, Description="changed")
    grants(kms, key)
    kms("disable_key", KeyId=key)
    kms("encrypt", KeyId=key, Plaintext=b"no")  # refused
    kms("enable_key", KeyId=key)
    kms("delete_alias", AliasName="alias/held-out")
    kms("schedule_key_deletion", KeyId=key, PendingWindowInDays=7)
    kms("describe_key", KeyId=key)
    kms("describe_key", KeyId="00000000-0000-4000-8000-000000000000")  # refused


def grants(kms: Call, key: str) -> None:
    created = kms("create_grant", KeyId=key, GranteePrincipal=ROLE, Operations=["Encrypt", "Decrypt"], Name="demo")
    grant = take(created, "GrantId")
    kms("list_grants", KeyId=key)
    kms("revoke_grant", KeyId=key, GrantId=grant)
    page(kms, "list_keys", ("NextMarker", "Marker"), Limit=1)


def signatures(app: App) -> None:
    kms = app.client("kms")
    created = kms("create_key", KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")
    key = take(created, "KeyMetadata", "KeyId")
    kms("get_public_key", KeyId=key)
    algorithm = {"KeyId": key, "SigningAlgorithm": "ECDSA_SHA_256", "MessageType": "RAW"}
    signed = kms("sign", **algorithm, Message=b"a contract")
    kms("verify", **algorithm, Message=b"a contract", Signature=take(signed, "Signature"))
    kms("schedule_key_deletion", KeyId=key, PendingWindowInDays=7)
    kms("cancel_key_deletion", KeyId=key)


def secrets(app: App) -> None:
    secretsmanager = app.client("secretsmanager")
    secret = "held-out/database"
    value = json.dumps({"user": "ada", "password": "pässwörd", "port": 5432})
    created = secretsmanager("create_secret", Name=secret, SecretString=value, Tags=tags(stage="test"))
    arn, first = take(created, "ARN"), take(created, "VersionId")
    secretsmanager("create_secret", Name=secret, SecretString="again")  # refused
    secretsmanager("get_secret_value", SecretId=secret)
    secretsmanager("get_secret_value", SecretId=arn, VersionId=first)
    put = secretsmanager("put_secret_value", SecretId=secret, SecretString="second")
    second = take(put, "VersionId")
    secretsmanager("get_secret_value", SecretId=secret, VersionStage="AWSPREVIOUS")
    secretsmanager("list_secret_version_ids", SecretId=secret)
    moved = {"VersionStage": "AWSCURRENT", "MoveToVersionId": first, "RemoveFromVersionId": second}
    secretsmanager("update_secret_version_stage", SecretId=secret, **moved)
    secretsmanager("describe_secret", SecretId=arn)
    secretsmanager("update_secret", SecretId=secret, Description=UNICODE, SecretString="third")
    secretsmanager("tag_resource", SecretId=secret, Tags=tags(team="data"))
    secretsmanager("put_resource_policy", SecretId=secret, ResourcePolicy=policy("secretsmanager:*", Principal="*"))
    secretsmanager("get_resource_policy", SecretId=secret)
    secretsmanager("get_random_password", PasswordLength=20, ExcludePunctuation=True)
    secretsmanager("create_secret", Name="held-out/raw", SecretBinary=b"\x00\xfe\xff")
    secretsmanager("get_secret_value", SecretId="held-out/raw")
    page(secretsmanager, "list_secrets", ("NextToken", "NextToken"), MaxResults=1)
    secretsmanager("get_secret_value", SecretId="missing")  # refused
    secretsmanager("delete_secret", SecretId=secret, RecoveryWindowInDays=7)
    secretsmanager("get_secret_value", SecretId=secret)  # refused
    secretsmanager("restore_secret", SecretId=secret)
    secretsmanager("delete_secret", SecretId=secret, ForceDeleteWithoutRecovery=True)
    secretsmanager("delete_secret", SecretId="held-out/raw", ForceDeleteWithoutRecovery=True)


def parameters(app: App) -> None:
    ssm = app.client("ssm")
    values = {"size": "12", "name": UNICODE, "text": LONG, "flag": "true"}
    for name, value in values.items():
        ssm("put_parameter", Name=f"/held-out/{name}", Value=value, Type="String", Description="A setting")
    ssm("put_parameter", Name="/held-out/secret", Value="hush", Type="SecureString")
    ssm("put_parameter", Name="/held-out/list", Value="a,b,c", Type="StringList", Tags=tags(stage="test"))
    ssm("put_parameter", Name="/held-out/size", Value="13", Type="String")  # refused
    version = take(ssm("put_parameter", Name="/held-out/size", Value="14", Type="String", Overwrite=True), "Version")
    ssm("get_parameter", Name=f"/held-out/size:{version}")
    ssm("get_parameter", Name="/held-out/secret", WithDecryption=True)
    ssm("get_parameter", Name="/held-out/secret")
    ssm("get_parameters", Names=["/held-out/list", "/held-out/missing"])
    page(ssm, "get_parameters_by_path", ("NextToken", "NextToken"), Path="/held-out", Recursive=True, MaxResults=2)
    ssm("get_parameter_history", Name="/held-out/size")
    ssm("label_parameter_version", Name="/held-out/size", ParameterVersion=1, Labels=["first"])
    starts = {"Key": "Name", "Option": "BeginsWith", "Values": ["/held-out/"]}
    ssm("describe_parameters", ParameterFilters=[starts], MaxResults=10)
    ssm("list_tags_for_resource", ResourceType="Parameter", ResourceId="/held-out/list")
    ssm("get_parameter", Name="/held-out/missing")  # refused
    ssm("delete_parameter", Name="/held-out/size")
    ssm("delete_parameter", Name="/held-out/size")  # refused
    ssm("delete_parameters", Names=["/held-out/name", "/held-out/text", "/held-out/missing"])


def documents(app: App) -> None:
    ssm = app.client("ssm")
    step = {"action": "aws:runShellScript", "name": "hello", "inputs": {"runCommand": ["echo hello"]}}
    content = {"schemaVersion": "2.2", "description": UNICODE, "mainSteps": [step]}
    created = ssm("create_document", Name="hello", Content=json.dumps(content), DocumentType="Command")
    take(created, "DocumentDescription", "Name")
    ssm("describe_document", Name="hello")
    ssm("get_document", Name="hello")
    ssm("delete_document", Name="hello")


# cloudformation


def stacks(app: App) -> None:
    cloudformation = app.client("cloudformation")
    template: dict[str, Any] = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Queues",
        "Parameters": {"Delay": {"Type": "Number", "Default": 5}},
        "Resources": {
            "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": {"Ref": "Delay"}}},
            "News": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "News"}},
        },
        "Outputs": {"Url": {"Value": {"Ref": "Jobs"}}, "Arn": {"Value": {"Fn::GetAtt": ["Jobs", "Arn"]}}},
    }
    body = json.dumps(template)
    cloudformation("validate_template", TemplateBody=body)
    created = cloudformation("create_stack", StackName="pipes", TemplateBody=body, Tags=tags(stage="test"))
    stack = take(created, "StackId")
    cloudformation("create_stack", StackName="pipes", TemplateBody=body)  # refused
    time.sleep(1)  # until it is there
    described = cloudformation("describe_stacks", StackName=stack)
    cloudformation("describe_stack_events", StackName=stack)
    cloudformation("describe_stack_resources", StackName="pipes")
    cloudformation("list_stack_resources", StackName="pipes")
    cloudformation("describe_stack_resource", StackName="pipes", LogicalResourceId="Jobs")
    cloudformation("get_template", StackName=stack)
    for output in take(described, "Stacks", 0).get("Outputs", []):
        if output["OutputKey"] == "Url":
            app.client("sqs")("send_message", QueueUrl=output["OutputValue"], MessageBody="from a stack")
    more = {**template["Resources"], "Bucket": {"Type": "AWS::S3::Bucket"}}
    change_sets(cloudformation, stack, json.dumps({**template, "Resources": more}))
    parameter = {"ParameterKey": "Delay", "ParameterValue": "9"}
    cloudformation("update_stack", StackName="pipes", TemplateBody=body, Parameters=[parameter])
    time.sleep(1)
    cloudformation("list_stacks")
    cloudformation("describe_stacks", StackName="missing")  # refused
    cloudformation("create_stack", StackName="broken", TemplateBody="{}")  # refused
    cloudformation("delete_stack", StackName=stack)


def change_sets(cloudformation: Call, stack: str, body: str) -> None:
    created = cloudformation("create_change_set", StackName="pipes", ChangeSetName="bucket", TemplateBody=body)
    change = take(created, "Id")
    cloudformation("describe_change_set", ChangeSetName=change)
    cloudformation("list_change_sets", StackName=stack)
    cloudformation("execute_change_set", ChangeSetName=change)
    time.sleep(1)
    cloudformation("describe_stack_resources", StackName=stack)


# logs, cloudwatch, events


def logs(app: App) -> None:
    cloudwatch_logs = app.client("logs")
    group = "/held-out/app"
    cloudwatch_logs("create_log_group", logGroupName=group, tags={"stage": "test"})
    cloudwatch_logs("create_log_group", logGroupName=group)  # refused
    cloudwatch_logs("create_log_group", logGroupName="/held-out/other")
    cloudwatch_logs("put_retention_policy", logGroupName=group, retentionInDays=14)
    page(cloudwatch_logs, "describe_log_groups", ("nextToken", "nextToken"), logGroupNamePrefix="/held-out", limit=1)
    for name in ("one", "two", "three"):
        cloudwatch_logs("create_log_stream", logGroupName=group, logStreamName=name)
    stream = {"logGroupName": group, "logStreamName": "one"}
    now = int(time.time()) * 1000
    lines = [{"timestamp": now + number, "message": f"line {number} {UNICODE}"} for number in range(4)]
    sent = cloudwatch_logs("put_log_events", **stream, logEvents=lines)
    more = [{"timestamp": now + 10, "message": '{"level": "ERROR", "code": 500}'}]
    if sent.get("nextSequenceToken"):
        cloudwatch_logs("put_log_events", **stream, logEvents=more, sequenceToken=sent["nextSequenceToken"])
    got = cloudwatch_logs("get_log_events", **stream, startFromHead=True, limit=2)
    cloudwatch_logs("get_log_events", **stream, startFromHead=True, nextToken=take(got, "nextForwardToken"))
    cloudwatch_logs("filter_log_events", logGroupName=group, filterPattern="ERROR")
    page(cloudwatch_logs, "describe_log_streams", ("nextToken", "nextToken"), logGroupName=group, limit=2)
    log_filters(cloudwatch_logs, group)
    cloudwatch_logs("get_log_events", logGroupName=group, logStreamName="missing")  # refused
    cloudwatch_logs("put_log_events", logGroupName="/missing", logStreamName="one", logEvents=more)  # refused
    cloudwatch_logs("delete_log_stream", logGroupName=group, logStreamName="two")
    cloudwatch_logs("delete_log_group", logGroupName=group)
    cloudwatch_logs("describe_log_streams", logGroupName=group)  # refused


def log_filters(cloudwatch_logs: Call, group: str) -> None:
    metric = {"metricName": "errors", "metricNamespace": "HeldOut", "metricValue": "1"}
    errors = {"filterName": "errors", "filterPattern": "ERROR", "metricTransformations": [metric]}
    cloudwatch_logs("put_metric_filter", logGroupName=group, **errors)
    cloudwatch_logs("describe_metric_filters", logGroupName=group)
    cloudwatch_logs("delete_metric_filter", logGroupName=group, filterName="errors")
    cloudwatch_logs("list_tags_log_group", logGroupName=group)


def metrics(app: App) -> None:
    cloudwatch = app.client("cloudwatch")
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    dimensions = [{"Name": "service", "Value": "orders"}]
    data = [
        {"MetricName": "latency", "Dimensions": dimensions, "Timestamp": now, "Value": value, "Unit": "Milliseconds"}
        for value in (12.5, 80.0, 0.001)
    ]
    cloudwatch("put_metric_data", Namespace="HeldOut", MetricData=data)
    cloudwatch("list_metrics", Namespace="HeldOut")
    span: dict[str, Any] = {
        "StartTime": now - dt.timedelta(hours=1),
        "EndTime": now + dt.timedelta(hours=1),
    }
    metric = {"Namespace": "HeldOut", "MetricName": "latency", "Dimensions": dimensions}
    cloudwatch("get_metric_statistics", **metric, **span, Period=3600, Statistics=["Average", "Maximum"])
    query = {"Id": "latency", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Sum"}}
    cloudwatch("get_metric_data", MetricDataQueries=[query], **span)
    alarm: dict[str, Any] = {
        **metric,
        "AlarmActions": [app.arn("sns", "alarms")],
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 2,
        "Period": 60,
        "Statistic": "Average",
        "Threshold": 99.5,
    }
    for name in ("slow", "slower", "slowest"):
        cloudwatch("put_metric_alarm", AlarmName=name, AlarmDescription=UNICODE, **alarm)
    arn = take(cloudwatch("describe_alarms", AlarmNames=["slow"]), "MetricAlarms", 0, "AlarmArn")
    cloudwatch("tag_resource", ResourceARN=arn, Tags=tags(stage="test"))
    cloudwatch("list_tags_for_resource", ResourceARN=arn)
    cloudwatch("set_alarm_state", AlarmName="slow", StateValue="ALARM", StateReason="a test")
    page(cloudwatch, "describe_alarms", ("NextToken", "NextToken"), MaxRecords=1)
    cloudwatch("describe_alarm_history", AlarmName="slow")
    dashboard = {"widgets": [{"type": "metric", "properties": {"metrics": [["HeldOut", "latency"]]}}]}
    cloudwatch("put_dashboard", DashboardName="orders", DashboardBody=json.dumps(dashboard))
    cloudwatch("get_dashboard", DashboardName="orders")
    cloudwatch("list_dashboards")
    cloudwatch("get_dashboard", DashboardName="missing")  # refused
    cloudwatch("delete_dashboards", DashboardNames=["orders"])
    cloudwatch("delete_alarms", AlarmNames=["slow", "slower", "slowest"])


def rules(app: App) -> None:
    events, sqs = app.client("events"), app.client("sqs")
    queue = take(sqs("create_queue", QueueName="big-orders"), "QueueUrl")
    app.client("logs")("create_log_group", logGroupName="/held-out/events")
    bus = take(events("create_event_bus", Name="shop"), "EventBusArn")
    events("create_event_bus", Name="shop")  # refused
    events("describe_event_bus", Name="shop")
    events("list_event_buses", NamePrefix="sh")
    pattern = json.dumps({"source": ["shop.orders"], "detail": {"total": [{"numeric": [">", 10]}]}})
    events("put_rule", Name="big-orders", EventBusName="shop", EventPattern=pattern, Description=UNICODE)
    for name in ("hourly", "daily", "weekly"):
        events("put_rule", Name=name, ScheduleExpression="rate(1 hour)", State="DISABLED")
    events("describe_rule", Name="big-orders", EventBusName="shop")
    targets = [
        {"Id": "queue", "Arn": app.arn("sqs", "big-orders")},
        {"Id": "logs", "Arn": app.arn("logs", "log-group:/held-out/events")},
    ]
    events("put_targets", Rule="big-orders", EventBusName="shop", Targets=targets)
    events("list_targets_by_rule", Rule="big-orders", EventBusName="shop")
    events("list_rule_names_by_target", TargetArn=app.arn("sqs", "big-orders"), EventBusName="shop")
    page(events, "list_rules", ("NextToken", "NextToken"), Limit=2)
    entry = {"Source": "shop.orders", "DetailType": "order", "Detail": json.dumps({"total": 12, "of": UNICODE})}
    events("put_events", Entries=[{**entry, "EventBusName": "shop"}, {**entry, "EventBusName": bus}])
    event = {"id": "1", "account": app.account, "source": "shop.orders", "time": "2024-01-01T00:00:00Z"}
    whole = {**event, "region": REGION, "resources": [], "detail-type": "order", "detail": {"total": 12}}
    events("test_event_pattern", EventPattern=pattern, Event=json.dumps(whole))
    events("enable_rule", Name="hourly")
    archives(events, bus)
    events("describe_rule", Name="missing")  # refused
    events("put_targets", Rule="missing", Targets=targets)  # refused
    events("remove_targets", Rule="big-orders", EventBusName="shop", Ids=["queue", "logs"])
    events("delete_rule", Name="big-orders", EventBusName="shop")
    for name in ("hourly", "daily", "weekly"):
        events("delete_rule", Name=name)
    events("delete_event_bus", Name="shop")
    sqs("delete_queue", QueueUrl=queue)


def archives(events: Call, bus: str) -> None:
    created = events("create_archive", ArchiveName="orders", EventSourceArn=bus, RetentionDays=7)
    if not created.get("ArchiveArn"):
        return
    events("describe_archive", ArchiveName="orders")
    events("list_archives", EventSourceArn=bus)
    events("update_archive", ArchiveName="orders", RetentionDays=9)
    events("delete_archive", ArchiveName="orders")
    events("describe_archive", ArchiveName="orders")  # refused


# stepfunctions, kinesis, firehose


def workflows(app: App) -> None:
    states = app.client("stepfunctions")
    first = {"Type": "Pass", "Result": {"size": 3, "name": UNICODE}, "Next": "Done"}
    definition = {"Comment": app.account, "StartAt": "First", "States": {"First": first, "Done": {"Type": "Succeed"}}}
    created = states("create_state_machine", name="checkout", definition=json.dumps(definition), roleArn=ROLE)
    machine = take(created, "stateMachineArn")
    states("create_state_machine", name="refund", definition=json.dumps(definition), roleArn=ROLE)
    states("describe_state_machine", stateMachineArn=machine)
    page(states, "list_state_machines", ("nextToken", "nextToken"), maxResults=1)
    started = states("start_execution", stateMachineArn=machine, name="one", input=json.dumps({"order": 1}))
    execution = take(started, "executionArn")
    states("start_execution", stateMachineArn=machine, input="{}")
    time.sleep(1)  # until it is done
    states("describe_execution", executionArn=execution)
    states("get_execution_history", executionArn=execution)
    states("describe_state_machine_for_execution", executionArn=execution)
    page(states, "list_executions", ("nextToken", "nextToken"), stateMachineArn=machine, maxResults=1)
    states("update_state_machine", stateMachineArn=machine, definition=json.dumps({**definition, "Comment": "new"}))
    states("tag_resource", resourceArn=machine, tags=[{"key": "stage", "value": "test"}])
    states("list_tags_for_resource", resourceArn=machine)
    states("describe_execution", executionArn=app.arn("states", "execution:checkout:missing"))  # refused
    states("describe_state_machine", stateMachineArn=app.arn("states", "stateMachine:missing"))  # refused
    states("create_state_machine", name="broken", definition="{not json", roleArn=ROLE)  # refused
    activity = take(states("create_activity", name="approve"), "activityArn")
    states("describe_activity", activityArn=activity)
    states("delete_activity", activityArn=activity)
    states("delete_state_machine", stateMachineArn=machine)
    states("delete_state_machine", stateMachineArn=app.arn("states", "stateMachine:refund"))


def streams(app: App) -> None:
    kinesis = app.client("kinesis")
    stream = "clicks"
    kinesis("create_stream", StreamName=stream, ShardCount=2)
    kinesis("create_stream", StreamName=stream, ShardCount=2)  # refused
    time.sleep(1)  # until it is active
    kinesis("describe_stream_summary", StreamName=stream)
    described = kinesis("describe_stream", StreamName=stream)
    arn = take(described, "StreamDescription", "StreamARN")
    put = kinesis("put_record", StreamName=stream, Data=UNICODE.encode(), PartitionKey="a")
    shard, number = take(put, "ShardId"), take(put, "SequenceNumber")
    records = [{"Data": f"click {key}".encode(), "PartitionKey": str(key)} for key in range(5)]
    kinesis("put_records", StreamName=stream, Records=records)
    kinesis("list_shards", StreamName=stream)
    place: dict[str, Any] = {"StreamName": stream, "ShardId": shard}
    got = kinesis("get_shard_iterator", **place, ShardIteratorType="TRIM_HORIZON")
    got = kinesis("get_records", ShardIterator=take(got, "ShardIterator"), Limit=2)
    kinesis("get_records", ShardIterator=take(got, "NextShardIterator"), Limit=10)
    after = kinesis(
        "get_shard_iterator", **place, ShardIteratorType="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=number
    )
    kinesis("get_records", ShardIterator=take(after, "ShardIterator"))
    consumer = take(kinesis("register_stream_consumer", StreamARN=arn, ConsumerName="reader"), "Consumer")
    kinesis("describe_stream_consumer", ConsumerARN=consumer["ConsumerARN"])
    kinesis("list_stream_consumers", StreamARN=arn)
    kinesis("deregister_stream_consumer", StreamARN=arn, ConsumerName="reader")
    kinesis("increase_stream_retention_period", StreamName=stream, RetentionPeriodHours=48)
    kinesis("add_tags_to_stream", StreamName=stream, Tags={"stage": "test"})
    kinesis("list_tags_for_stream", StreamName=stream)
    kinesis("create_stream", StreamName="views", ShardCount=1)
    page(kinesis, "list_streams", ("NextToken", "NextToken"), Limit=1)
    kinesis("describe_stream", StreamName="missing")  # refused
    kinesis("get_records", ShardIterator="made up")  # refused
    kinesis("delete_stream", StreamName=stream)
    kinesis("delete_stream", StreamName="views")


def deliveries(app: App) -> None:
    firehose, s3 = app.client("firehose"), app.client("s3")
    s3("create_bucket", Bucket="held-out-delivered")
    to = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::held-out-delivered", "Prefix": "clicks/"}
    stream = {"DeliveryStreamName": "clicks"}
    created = firehose("create_delivery_stream", **stream, ExtendedS3DestinationConfiguration=to)
    take(created, "DeliveryStreamARN")
    firehose("create_delivery_stream", **stream, ExtendedS3DestinationConfiguration=to)  # refused
    firehose("describe_delivery_stream", **stream)
    firehose("put_record", **stream, Record={"Data": UNICODE.encode()})
    firehose("put_record_batch", **stream, Records=[{"Data": f"click {number}".encode()} for number in range(3)])
    firehose("tag_delivery_stream", **stream, Tags=tags(stage="test"))
    firehose("list_tags_for_delivery_stream", **stream)
    firehose("list_delivery_streams", Limit=1)
    firehose("describe_delivery_stream", DeliveryStreamName="missing")  # refused
    firehose("delete_delivery_stream", **stream)


# apigateway, apigatewayv2, cognito


def apis(app: App) -> None:
    gateway = app.client("apigateway")
    created = gateway("create_rest_api", name="shop", description=UNICODE, tags={"stage": "test"})
    api = {"restApiId": take(created, "id")}
    gateway("get_rest_api", **api)
    root = take(gateway("get_resources", **api), "items", 0, "id")
    resource = take(gateway("create_resource", **api, parentId=root, pathPart="orders"), "id")
    gateway("create_resource", **api, parentId=resource, pathPart="{order}")
    gateway("create_resource", **api, parentId=root, pathPart="orders")  # refused
    method = {**api, "resourceId": resource, "httpMethod": "GET"}
    gateway("put_method", **method, authorizationType="NONE", apiKeyRequired=True)
    mock = {"application/json": '{"statusCode": 200}'}
    gateway("put_integration", **method, type="MOCK", requestTemplates=mock)
    gateway("put_method_response", **method, statusCode="200")
    gateway("put_integration_response", **method, statusCode="200", responseTemplates={"application/json": "{}"})
    gateway("get_method", **method)
    gateway("get_integration", **method)
    deployment = take(gateway("create_deployment", **api, stageName="test", description="first"), "id")
    gateway("get_deployment", **api, deploymentId=deployment)
    gateway("create_stage", **api, stageName="live", deploymentId=deployment, variables={"size": "3"})
    gateway("get_stage", **api, stageName="live")
    change = {"op": "replace", "path": "/description", "value": "changed"}
    gateway("update_stage", **api, stageName="live", patchOperations=[change])
    gateway("get_stages", **api)
    plans(gateway, api["restApiId"])
    gateway("update_rest_api", **api, patchOperations=[{"op": "replace", "path": "/name", "value": "shop 2"}])
    gateway("get_rest_api", restApiId="a1b2c3d4e5")  # refused
    gateway("get_method", **{**method, "httpMethod": "POST"})  # refused
    gateway("delete_stage", **api, stageName="live")
    gateway("delete_resource", **api, resourceId=resource)
    gateway("delete_rest_api", **api)


def plans(gateway: Call, api: str) -> None:
    key = take(gateway("create_api_key", name="partner", enabled=True), "id")
    gateway("get_api_key", apiKey=key, includeValue=True)
    stage = {"apiId": api, "stage": "live"}
    created = gateway(
        "create_usage_plan", name="small", apiStages=[stage], throttle={"rateLimit": 5.5, "burstLimit": 10}
    )
    plan = take(created, "id")
    gateway("create_usage_plan_key", usagePlanId=plan, keyId=key, keyType="API_KEY")
    gateway("get_usage_plan_keys", usagePlanId=plan)
    gateway("get_usage_plans")
    gateway("delete_usage_plan_key", usagePlanId=plan, keyId=key)
    gateway("delete_api_key", apiKey=key)
    gateway("get_api_key", apiKey=key)  # refused


def http_apis(app: App) -> None:
    gateway = app.client("apigatewayv2")
    created = gateway("create_api", Name="shop-http", ProtocolType="HTTP", CorsConfiguration={"AllowOrigins": ["*"]})
    api = {"ApiId": take(created, "ApiId")}
    gateway("get_api", **api)
    uri = app.arn("lambda", "function:resize")
    to = {"IntegrationType": "AWS_PROXY", "IntegrationUri": uri, "PayloadFormatVersion": "2.0"}
    integration = take(gateway("create_integration", **api, **to), "IntegrationId")
    created = gateway("create_route", **api, RouteKey="GET /orders/{id}", Target=f"integrations/{integration}")
    route = take(created, "RouteId")
    gateway("get_route", **api, RouteId=route)
    gateway("update_route", **api, RouteId=route, RouteKey="POST /orders")
    gateway("get_routes", **api)
    gateway("get_integrations", **api)
    gateway("create_stage", **api, StageName="$default", AutoDeploy=True)
    gateway("get_stages", **api)
    gateway("update_api", **api, Name="shop-http-2", Description=UNICODE)
    gateway("get_apis")
    gateway("delete_route", **api, RouteId=route)
    gateway("get_route", **api, RouteId=route)  # refused
    gateway("delete_api", **api)
    gateway("get_api", **api)  # refused


def pools(app: App) -> None:
    cognito = app.client("cognito-idp")
    rules = {"PasswordPolicy": {"MinimumLength": 8, "RequireSymbols": False}}
    created = cognito("create_user_pool", PoolName="customers", Policies=rules, AutoVerifiedAttributes=["email"])
    pool = {"UserPoolId": take(created, "UserPool", "Id")}
    cognito("describe_user_pool", **pool)
    cognito("list_user_pools", MaxResults=10)
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    created = cognito("create_user_pool_client", **pool, ClientName="web", ExplicitAuthFlows=flows)
    client = take(created, "UserPoolClient", "ClientId")
    cognito("describe_user_pool_client", **pool, ClientId=client)
    cognito("list_user_pool_clients", **pool)
    for name in ("ada", "bob", "cy"):
        attributes = [{"Name": "email", "Value": f"{name}@example.com"}, {"Name": "name", "Value": UNICODE}]
        cognito("admin_create_user", **pool, Username=name, UserAttributes=attributes, MessageAction="SUPPRESS")
    cognito("admin_create_user", **pool, Username="ada")  # refused
    page(cognito, "list_users", ("PaginationToken", "PaginationToken"), **pool, Limit=2)
    cognito("admin_set_user_password", **pool, Username="ada", Password="Correct-Horse-1", Permanent=True)
    cognito("admin_get_user", **pool, Username="ada")
    credentials = {"USERNAME": "ada", "PASSWORD": "Correct-Horse-1"}
    signing_in = {**pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH"}
    session = cognito("admin_initiate_auth", **signing_in, AuthParameters=credentials)
    cognito("admin_initiate_auth", **signing_in, AuthParameters={**credentials, "PASSWORD": "wrong"})  # refused
    token = session.get("AuthenticationResult", {}).get("AccessToken")
    if token:
        cognito("get_user", AccessToken=token)
    members(cognito, pool)
    cognito("admin_get_user", **pool, Username="nobody")  # refused
    cognito("admin_delete_user", **pool, Username="cy")
    cognito("delete_user_pool_client", **pool, ClientId=client)
    cognito("delete_user_pool", **pool)
    cognito("describe_user_pool", **pool)  # refused


def members(cognito: Call, pool: dict[str, str]) -> None:
    cognito("create_group", **pool, GroupName="staff", Description="Staff", Precedence=3)
    cognito("create_group", **pool, GroupName="staff")  # refused
    cognito("admin_add_user_to_group", **pool, Username="ada", GroupName="staff")
    cognito("admin_list_groups_for_user", **pool, Username="ada")
    cognito("list_users_in_group", **pool, GroupName="staff")
    cognito("admin_disable_user", **pool, Username="bob")
    changed = [{"Name": "email", "Value": "bob@example.org"}]
    cognito("admin_update_user_attributes", **pool, Username="bob", UserAttributes=changed)
    cognito("admin_get_user", **pool, Username="bob")
    cognito("list_groups", **pool)
    cognito("delete_group", **pool, GroupName="staff")


def identities(app: App) -> None:
    cognito = app.client("cognito-identity")
    created = cognito("create_identity_pool", IdentityPoolName="guests", AllowUnauthenticatedIdentities=True)
    pool = {"IdentityPoolId": take(created, "IdentityPoolId")}
    cognito("describe_identity_pool", **pool)
    identity = take(cognito("get_id", **pool, AccountId=app.account), "IdentityId")
    cognito("get_credentials_for_identity", IdentityId=identity)
    cognito("get_open_id_token", IdentityId=identity)
    cognito("list_identity_pools", MaxResults=5)
    cognito("list_identities", **pool, MaxResults=5)
    cognito("describe_identity_pool", IdentityPoolId="us-east-1:00000000-0000-4000-8000-000000000000")  # refused
    cognito("delete_identity_pool", **pool)


# route53, acm, servicediscovery


def zones(app: App) -> None:
    route53 = app.client("route53")
    zone = ""
    for number, name in enumerate(("example.org", "example.net", "shop.example")):
        created = route53("create_hosted_zone", Name=name, CallerReference=f"held-out-{number}")
        zone = take(created, "HostedZone", "Id")
        change = take(created, "ChangeInfo", "Id")
        route53("get_change", Id=change)
    page(route53, "list_hosted_zones", ("NextMarker", "Marker"), MaxItems="1")
    route53("list_hosted_zones_by_name", DNSName="example.net")
    route53("get_hosted_zone", Id=zone)
    address = {"Type": "A", "TTL": 300, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    text = {"Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"hello world"'}]}
    sets = [{"Name": f"host-{number}.shop.example", **address} for number in range(4)]
    sets.append({"Name": "note.shop.example", **text})
    creates = [{"Action": "CREATE", "ResourceRecordSet": one} for one in sets]
    changed = route53("change_resource_record_sets", HostedZoneId=zone, ChangeBatch={"Changes": creates})
    route53("get_change", Id=take(changed, "ChangeInfo", "Id"))
    route53("list_resource_record_sets", HostedZoneId=zone)
    got = route53("list_resource_record_sets", HostedZoneId=zone, MaxItems="3")
    if got.get("NextRecordName"):
        start = {"StartRecordName": got["NextRecordName"], "StartRecordType": got["NextRecordType"]}
        route53("list_resource_record_sets", HostedZoneId=zone, MaxItems="3", **start)
    route53("change_resource_record_sets", HostedZoneId=zone, ChangeBatch={"Changes": creates[:1]})  # refused
    route53("delete_hosted_zone", Id=zone)  # refused
    deletes = [{"Action": "DELETE", "ResourceRecordSet": one} for one in sets]
    route53("change_resource_record_sets", HostedZoneId=zone, ChangeBatch={"Changes": deletes})
    route53("change_tags_for_resource", ResourceType="hostedzone", ResourceId=zone.split("/")[-1], AddTags=tags(a="b"))
    route53("list_tags_for_resource", ResourceType="hostedzone", ResourceId=zone.split("/")[-1])
    route53("delete_hosted_zone", Id=zone)
    route53("get_hosted_zone", Id="Z0123456789ABCDEFGHIJ")  # refused


def health(app: App) -> None:
    route53 = app.client("route53")
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "example.org", "ResourcePath": "/up", "FailureThreshold": 2}
    created = route53("create_health_check", CallerReference="held-out", HealthCheckConfig=config)
    check = take(created, "HealthCheck", "Id")
    route53("get_health_check", HealthCheckId=check)
    route53("list_health_checks")
    route53("update_health_check", HealthCheckId=check, FailureThreshold=5)
    route53("delete_health_check", HealthCheckId=check)
    route53("get_health_check", HealthCheckId=check)  # refused


def certificates(app: App) -> None:
    acm = app.client("acm")
    created = acm("request_certificate", DomainName="shop.example", ValidationMethod="DNS", Tags=tags(stage="test"))
    certificate = take(created, "CertificateArn")
    acm("describe_certificate", CertificateArn=certificate)
    acm("list_certificates")
    acm("add_tags_to_certificate", CertificateArn=certificate, Tags=tags(team="räder"))
    acm("list_tags_for_certificate", CertificateArn=certificate)
    acm("delete_certificate", CertificateArn=certificate)
    acm("describe_certificate", CertificateArn=certificate)  # refused


def namespaces(app: App) -> None:
    discovery = app.client("servicediscovery")
    created = discovery("create_http_namespace", Name="shop", Description="Services of the shop")
    operation = discovery("get_operation", OperationId=take(created, "OperationId"))
    namespace = take(operation, "Operation", "Targets", "NAMESPACE")
    discovery("get_namespace", Id=namespace)
    discovery("list_namespaces")
    service = take(discovery("create_service", Name="orders", NamespaceId=namespace), "Service", "Id")
    discovery("get_service", Id=service)
    discovery("register_instance", ServiceId=service, InstanceId="one", Attributes={"AWS_INSTANCE_IPV4": "192.0.2.7"})
    discovery("get_instance", ServiceId=service, InstanceId="one")
    discovery("list_instances", ServiceId=service)
    discovery("deregister_instance", ServiceId=service, InstanceId="one")
    discovery("delete_service", Id=service)
    discovery("get_service", Id=service)  # refused
    discovery("delete_namespace", Id=namespace)


# ecr, ecs, elbv2, autoscaling


def images(app: App) -> None:
    ecr = app.client("ecr")
    for name in ("shop/web", "shop/jobs"):
        ecr("create_repository", repositoryName=name, tags=tags(stage="test"))
    ecr("create_repository", repositoryName="shop/web")  # refused
    repository = {"repositoryName": "shop/web"}
    take(ecr("describe_repositories", repositoryNames=["shop/web"]), "repositories", 0, "repositoryUri")
    page(ecr, "describe_repositories", ("nextToken", "nextToken"), maxResults=1)
    layer = {
        "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "size": 10,
        "digest": f"sha256:{'a' * 64}",
    }
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 5, "digest": f"sha256:{'b' * 64}"}
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": [layer]}
    put = ecr("put_image", **repository, imageManifest=json.dumps(manifest), imageTag="v1")
    digest = put.get("image", {}).get("imageId", {}).get("imageDigest", f"sha256:{'c' * 64}")
    ecr("list_images", **repository)
    ecr("describe_images", **repository, imageIds=[{"imageDigest": digest}])
    ecr("batch_get_image", **repository, imageIds=[{"imageTag": "v1"}, {"imageTag": "missing"}])
    expire = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 5}
    rule = {"rulePriority": 1, "selection": expire, "action": {"type": "expire"}}
    ecr("put_lifecycle_policy", **repository, lifecyclePolicyText=json.dumps({"rules": [rule]}))
    ecr("get_lifecycle_policy", **repository)
    ecr("get_authorization_token")
    ecr("batch_delete_image", **repository, imageIds=[{"imageDigest": digest}])
    ecr("describe_repositories", repositoryNames=["missing"])  # refused
    for name in ("shop/web", "shop/jobs"):
        ecr("delete_repository", repositoryName=name, force=True)


def containers(app: App) -> None:
    ecs = app.client("ecs")
    cluster = take(ecs("create_cluster", clusterName="shop"), "cluster", "clusterArn")
    ecs("describe_clusters", clusters=[cluster, "missing"])
    ecs("list_clusters")
    container = {"name": "web", "image": "nginx:1.27", "memory": 128, "essential": True, "environment": []}
    task = ""
    for memory in (128, 256):
        one = {**container, "memory": memory}
        created = ecs("register_task_definition", family="web", containerDefinitions=[one])
        task = take(created, "taskDefinition", "taskDefinitionArn")
    ecs("describe_task_definition", taskDefinition="web:1")
    page(ecs, "list_task_definitions", ("nextToken", "nextToken"), familyPrefix="web", maxResults=1)
    created = ecs("create_service", cluster="shop", serviceName="web", taskDefinition=task, desiredCount=0)
    service = take(created, "service", "serviceArn")
    ecs("describe_services", cluster=cluster, services=[service])
    ecs("update_service", cluster="shop", service="web", taskDefinition="web:1")
    ecs("list_services", cluster=cluster)
    ecs("tag_resource", resourceArn=service, tags=[{"key": "stage", "value": "test"}])
    ecs("list_tags_for_resource", resourceArn=service)
    ecs("describe_services", cluster="missing", services=["web"])  # refused
    ecs("describe_task_definition", taskDefinition="missing")  # refused
    ecs("delete_service", cluster="shop", service="web", force=True)
    ecs("deregister_task_definition", taskDefinition=task)
    ecs("delete_cluster", cluster=cluster)


def balancers(app: App) -> None:
    ec2, elb = app.client("ec2"), app.client("elbv2")
    vpc = take(ec2("create_vpc", CidrBlock="10.30.0.0/16"), "Vpc", "VpcId")
    subnets = []
    for number, zone in enumerate("ab"):
        place = {"CidrBlock": f"10.30.{number}.0/24", "AvailabilityZone": REGION + zone}
        subnets.append(take(ec2("create_subnet", VpcId=vpc, **place), "Subnet", "SubnetId"))
    created = elb("create_load_balancer", Name="shop", Subnets=subnets, Scheme="internal", Tags=tags(stage="test"))
    balancer = take(created, "LoadBalancers", 0, "LoadBalancerArn")
    created = elb("create_target_group", Name="web", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
    group = take(created, "TargetGroups", 0, "TargetGroupArn")
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    created = elb("create_listener", LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    listener = take(created, "Listeners", 0, "ListenerArn")
    elb("register_targets", TargetGroupArn=group, Targets=[{"Id": "10.30.0.10", "Port": 80}])
    elb("describe_target_health", TargetGroupArn=group)
    path = {"Field": "path-pattern", "Values": ["/orders/*"]}
    created = elb("create_rule", ListenerArn=listener, Priority=10, Conditions=[path], Actions=forward)
    rule = take(created, "Rules", 0, "RuleArn")
    elb("describe_rules", ListenerArn=listener)
    elb("describe_load_balancers", LoadBalancerArns=[balancer])
    elb("describe_listeners", LoadBalancerArn=balancer)
    elb("modify_target_group", TargetGroupArn=group, HealthCheckPath="/up")
    elb("describe_load_balancer_attributes", LoadBalancerArn=balancer)
    elb("describe_tags", ResourceArns=[balancer])
    elb("delete_rule", RuleArn=rule)
    elb("delete_listener", ListenerArn=listener)
    elb("deregister_targets", TargetGroupArn=group, Targets=[{"Id": "10.30.0.10", "Port": 80}])
    elb("delete_load_balancer", LoadBalancerArn=balancer)
    elb("delete_target_group", TargetGroupArn=group)
    elb("describe_target_groups", TargetGroupArns=[group])  # refused
    elb("describe_load_balancers", Names=["missing"])  # refused


def groups(app: App) -> None:
    scaling = app.client("autoscaling")
    launch = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    scaling("create_launch_configuration", LaunchConfigurationName="worker", **launch)
    scaling("describe_launch_configurations", LaunchConfigurationNames=["worker"])
    group = {"AutoScalingGroupName": "workers"}
    size = {"MinSize": 0, "MaxSize": 3, "DesiredCapacity": 0, "AvailabilityZones": [f"{REGION}a"]}
    scaling("create_auto_scaling_group", **group, LaunchConfigurationName="worker", **size)
    scaling("describe_auto_scaling_groups", AutoScalingGroupNames=["workers"])
    scaling("update_auto_scaling_group", **group, MaxSize=4)
    step = {"PolicyName": "more", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}
    scaling("put_scaling_policy", **group, **step)
    scaling("describe_policies", **group)
    scaling("delete_policy", **group, PolicyName="more")
    scaling("delete_auto_scaling_group", **group, ForceDelete=True)
    scaling("delete_launch_configuration", LaunchConfigurationName="worker")


# rds, elasticache, efs


def databases(app: App) -> None:
    rds = app.client("rds")
    group = {"DBParameterGroupName": "tuned", "DBParameterGroupFamily": "postgres16", "Description": "Tuned"}
    rds("create_db_parameter_group", **group)
    rds("describe_db_parameter_groups", DBParameterGroupName="tuned")
    login = {"MasterUsername": "ada", "MasterUserPassword": "correct-horse"}
    size = {"Engine": "postgres", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20}
    created = rds("create_db_instance", DBInstanceIdentifier="shop", **size, **login, Tags=tags(stage="test"))
    arn = take(created, "DBInstance", "DBInstanceArn")
    rds("create_db_instance", DBInstanceIdentifier="shop", **size, **login)  # refused
    rds("describe_db_instances", DBInstanceIdentifier="shop")
    rds("list_tags_for_resource", ResourceName=arn)
    rds("modify_db_instance", DBInstanceIdentifier="shop", BackupRetentionPeriod=3, ApplyImmediately=True)
    rds("create_db_snapshot", DBInstanceIdentifier="shop", DBSnapshotIdentifier="before")
    rds("describe_db_snapshots", DBSnapshotIdentifier="before")
    rds("delete_db_snapshot", DBSnapshotIdentifier="before")
    rds("describe_db_instances", DBInstanceIdentifier="missing")  # refused
    rds("delete_db_instance", DBInstanceIdentifier="shop", SkipFinalSnapshot=True)
    rds("delete_db_parameter_group", DBParameterGroupName="tuned")


def caches(app: App) -> None:
    cache = app.client("elasticache")
    size = {"Engine": "redis", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1}
    created = cache("create_cache_cluster", CacheClusterId="sessions", **size)
    take(created, "CacheCluster", "CacheClusterId")
    cache("describe_cache_clusters", CacheClusterId="sessions")
    cache("list_tags_for_resource", ResourceName=app.arn("elasticache", "cluster:sessions"))
    cache("describe_cache_clusters", CacheClusterId="missing")  # refused
    cache("delete_cache_cluster", CacheClusterId="sessions")


def files(app: App) -> None:
    efs, ec2 = app.client("efs"), app.client("ec2")
    created = efs("create_file_system", CreationToken="held-out", Encrypted=True, Tags=tags(Name="shared"))
    system = take(created, "FileSystemId")
    efs("describe_file_systems", FileSystemId=system)
    vpc = take(ec2("create_vpc", CidrBlock="10.40.0.0/16"), "Vpc", "VpcId")
    subnet = take(ec2("create_subnet", VpcId=vpc, CidrBlock="10.40.0.0/24"), "Subnet", "SubnetId")
    target = efs("create_mount_target", FileSystemId=system, SubnetId=subnet)
    efs("describe_mount_targets", FileSystemId=system)
    user = {"Uid": 1000, "Gid": 1000}
    point = efs("create_access_point", ClientToken="held-out", FileSystemId=system, PosixUser=user)
    efs("describe_access_points", FileSystemId=system)
    if point.get("AccessPointId"):
        efs("delete_access_point", AccessPointId=point["AccessPointId"])
    if target.get("MountTargetId"):
        efs("delete_mount_target", MountTargetId=target["MountTargetId"])
    efs("delete_file_system", FileSystemId=system)
    efs("describe_file_systems", FileSystemId="fs-0123456789abcdef0")  # refused


# glue, athena, wafv2, cloudtrail, backup, codebuild, ses, scheduler, resource tags


def catalogs(app: App) -> None:
    glue = app.client("glue")
    glue("create_database", DatabaseInput={"Name": "shop", "Description": UNICODE})
    glue("create_database", DatabaseInput={"Name": "shop"})  # refused
    glue("get_database", Name="shop")
    columns = [{"Name": "id", "Type": "bigint"}, {"Name": "note", "Type": "string"}]
    storage = {"Columns": columns, "Location": "s3://held-out/orders/"}
    for name in ("orders", "clicks"):
        table = {"Name": name, "StorageDescriptor": storage, "PartitionKeys": [{"Name": "day", "Type": "string"}]}
        glue("create_table", DatabaseName="shop", TableInput=table)
    glue("get_table", DatabaseName="shop", Name="orders")
    glue("get_tables", DatabaseName="shop")
    partition = {"Values": ["2024-01-01"], "StorageDescriptor": storage}
    glue("create_partition", DatabaseName="shop", TableName="orders", PartitionInput=partition)
    glue("get_partitions", DatabaseName="shop", TableName="orders")
    glue("get_table", DatabaseName="shop", Name="missing")  # refused
    command = {"Name": "glueetl", "ScriptLocation": "s3://held-out/job.py"}
    glue("create_job", Name="nightly", Role=ROLE, Command=command)
    glue("get_job", JobName="nightly")
    run = glue("start_job_run", JobName="nightly").get("JobRunId")
    if run:
        glue("get_job_run", JobName="nightly", RunId=run)
    glue("delete_job", JobName="nightly")
    for name in ("orders", "clicks"):
        glue("delete_table", DatabaseName="shop", Name=name)
    glue("delete_database", Name="shop")


def queries(app: App) -> None:
    athena = app.client("athena")
    results = {"ResultConfiguration": {"OutputLocation": "s3://held-out-results/"}}
    athena("create_work_group", Name="analysts", Description="Analysts", Configuration=results)
    athena("get_work_group", WorkGroup="analysts")
    athena("list_work_groups")
    saved = {"Name": "count", "Database": "shop", "QueryString": "SELECT COUNT(*) FROM orders", "WorkGroup": "analysts"}
    query = take(athena("create_named_query", **saved), "NamedQueryId")
    athena("get_named_query", NamedQueryId=query)
    athena("list_named_queries", WorkGroup="analysts")
    started = athena("start_query_execution", QueryString="SELECT 1", WorkGroup="analysts", **results)
    execution = take(started, "QueryExecutionId")
    athena("get_query_execution", QueryExecutionId=execution)
    athena("list_query_executions", WorkGroup="analysts")
    athena("stop_query_execution", QueryExecutionId=execution)
    athena("get_query_execution", QueryExecutionId="00000000-0000-4000-8000-000000000000")  # refused
    athena("delete_named_query", NamedQueryId=query)


def filters(app: App) -> None:
    waf = app.client("wafv2")
    scope = {"Scope": "REGIONAL"}
    created = waf("create_ip_set", **scope, Name="office", IPAddressVersion="IPV4", Addresses=["192.0.2.0/24"])
    addresses = {**scope, "Name": "office", "Id": take(created, "Summary", "Id")}
    got = waf("get_ip_set", **addresses)
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": False, "MetricName": "office"}
    rule = {
        "Name": "office",
        "Priority": 0,
        "Statement": {"IPSetReferenceStatement": {"ARN": take(created, "Summary", "ARN")}},
        "Action": {"Allow": {}},
        "VisibilityConfig": seen,
    }
    rest: dict[str, Any] = {"DefaultAction": {"Block": {}}, "VisibilityConfig": seen, "Rules": [rule]}
    acl = waf("create_web_acl", **scope, Name="shop", **rest)
    waf("list_web_acls", **scope)
    if acl.get("Summary"):
        place = {**scope, "Name": "shop", "Id": acl["Summary"]["Id"]}
        lock = take(waf("get_web_acl", **place), "LockToken")
        waf("update_web_acl", **place, **{**rest, "Rules": []}, LockToken=lock)
        lock = take(waf("get_web_acl", **place), "LockToken")
        waf("delete_web_acl", **place, LockToken=lock)
    waf("update_ip_set", **addresses, Addresses=["198.51.100.0/24"], LockToken=take(got, "LockToken"))
    waf("list_ip_sets", **scope)
    waf("delete_ip_set", **addresses, LockToken=take(waf("get_ip_set", **addresses), "LockToken"))
    waf("get_ip_set", **addresses)  # refused


def trails(app: App) -> None:
    trail, s3 = app.client("cloudtrail"), app.client("s3")
    s3("create_bucket", Bucket="held-out-trail")
    arn = take(trail("create_trail", Name="audit", S3BucketName="held-out-trail"), "TrailARN")
    trail("get_trail", Name=arn)
    trail("start_logging", Name="audit")
    trail("get_trail_status", Name=arn)
    trail("describe_trails", trailNameList=["audit"])
    trail("list_trails")
    trail("stop_logging", Name="audit")
    trail("delete_trail", Name=arn)
    trail("get_trail", Name="missing")  # refused


def vaults(app: App) -> None:
    backup = app.client("backup")
    take(backup("create_backup_vault", BackupVaultName="vault", BackupVaultTags={"stage": "test"}), "BackupVaultArn")
    backup("create_backup_vault", BackupVaultName="vault")  # refused
    backup("describe_backup_vault", BackupVaultName="vault")
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault", "ScheduleExpression": "cron(0 5 ? * * *)"}
    created = backup("create_backup_plan", BackupPlan={"BackupPlanName": "daily", "Rules": [rule]})
    plan = take(created, "BackupPlanId")
    backup("get_backup_plan", BackupPlanId=plan)
    backup("list_backup_plans")
    backup("list_backup_vaults")
    backup("delete_backup_plan", BackupPlanId=plan)
    backup("delete_backup_vault", BackupVaultName="vault")


def builds(app: App) -> None:
    codebuild = app.client("codebuild")
    project: dict[str, Any] = {
        "name": "shop",
        "source": {"type": "S3", "location": "held-out-objects/source.zip"},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        "serviceRole": app.arn("iam", "role/service-role/builder", region=""),
    }
    codebuild("create_project", **project)
    codebuild("list_projects")
    codebuild("batch_get_projects", names=["shop"])
    build = take(codebuild("start_build", projectName="shop"), "build", "id")
    codebuild("batch_get_builds", ids=[build])
    codebuild("list_builds_for_project", projectName="shop")
    codebuild("start_build", projectName="missing")  # refused
    codebuild("delete_project", name="shop")


def letters(app: App) -> None:
    ses = app.client("ses")
    ses("verify_email_identity", EmailAddress="shop@example.com")
    ses("list_identities")
    ses("get_identity_verification_attributes", Identities=["shop@example.com", "example.net"])
    body = {"Text": {"Data": UNICODE}, "Html": {"Data": f"<p>{UNICODE}</p>"}}
    letter = {"Subject": {"Data": "Größe"}, "Body": body}
    ses("send_email", Source="shop@example.com", Destination={"ToAddresses": ["ada@example.com"]}, Message=letter)
    template = {"TemplateName": "welcome", "SubjectPart": "Hello {{name}}", "TextPart": "Welcome, {{name}}"}
    ses("create_template", Template=template)
    ses("get_template", TemplateName="welcome")
    ses("list_templates")
    ses("get_send_quota")
    ses("get_template", TemplateName="missing")  # refused
    ses("delete_identity", Identity="shop@example.com")


def schedules(app: App) -> None:
    scheduler = app.client("scheduler")
    scheduler("create_schedule_group", Name="shop")
    target = {"Arn": app.arn("sqs", "orders"), "RoleArn": ROLE, "Input": json.dumps({"size": 3})}
    rest: dict[str, Any] = {"GroupName": "shop", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    for name in ("one", "two", "three"):
        scheduler("create_schedule", Name=name, ScheduleExpression="rate(5 minutes)", **rest)
    scheduler("create_schedule", Name="one", ScheduleExpression="rate(5 minutes)", **rest)  # refused
    scheduler("get_schedule", Name="one", GroupName="shop")
    page(scheduler, "list_schedules", ("NextToken", "NextToken"), GroupName="shop", MaxResults=2)
    scheduler("update_schedule", Name="one", ScheduleExpression="rate(9 minutes)", **rest)
    scheduler("list_schedule_groups")
    scheduler("get_schedule", Name="missing", GroupName="shop")  # refused
    scheduler("delete_schedule", Name="one", GroupName="shop")
    scheduler("delete_schedule_group", Name="shop")


def tagged(app: App) -> None:
    tagging, sqs = app.client("resourcegroupstaggingapi"), app.client("sqs")
    urls = [sqs("create_queue", QueueName=f"tagged-{n}", tags={"kind": "tagged"}).get("QueueUrl") for n in range(3)]
    wanted = [{"Key": "kind", "Values": ["tagged"]}]
    tagging("get_resources", TagFilters=wanted)
    page(tagging, "get_resources", ("PaginationToken", "PaginationToken"), TagFilters=wanted, ResourcesPerPage=1)
    tagging("get_tag_keys")
    tagging("get_tag_values", Key="kind")
    for url in filter(None, urls):
        sqs("delete_queue", QueueUrl=url)


# the rest


def collections(app: App) -> None:
    groups = app.client("resource-groups")
    query = json.dumps(
        {"ResourceTypeFilters": ["AWS::AllSupported"], "TagFilters": [{"Key": "stage", "Values": ["test"]}]}
    )
    resources = {"Type": "TAG_FILTERS_1_0", "Query": query}
    created = groups(
        "create_group", Name="testing", Description="Tests", ResourceQuery=resources, Tags={"stage": "test"}
    )
    arn = take(created, "Group", "GroupArn")
    groups("get_group", GroupName="testing")
    groups("get_group_query", GroupName="testing")
    groups("get_tags", Arn=arn)
    groups("update_group", GroupName="testing", Description="Changed")
    groups("list_groups")
    groups("delete_group", GroupName="testing")
    groups("get_group", GroupName="testing")  # refused


def newsletters(app: App) -> None:
    ses = app.client("sesv2")
    ses("create_email_identity", EmailIdentity="news.example", Tags=tags(stage="test"))
    ses("get_email_identity", EmailIdentity="news.example")
    ses("list_email_identities")
    ses("create_configuration_set", ConfigurationSetName="tracked")
    ses("get_configuration_set", ConfigurationSetName="tracked")
    ses("create_contact_list", ContactListName="readers", Description="Readers")
    ses("get_contact_list", ContactListName="readers")
    letter = {"Simple": {"Subject": {"Data": "Größe"}, "Body": {"Text": {"Data": UNICODE}}}}
    sent = {"Destination": {"ToAddresses": ["ada@example.com"]}, "Content": letter}
    ses("send_email", FromEmailAddress="shop@news.example", **sent)
    ses("get_email_identity", EmailIdentity="missing.example")  # refused
    ses("delete_configuration_set", ConfigurationSetName="tracked")
    ses("delete_email_identity", EmailIdentity="news.example")


def graphs(app: App) -> None:
    appsync = app.client("appsync")
    created = appsync("create_graphql_api", name="shop", authenticationType="API_KEY", tags={"stage": "test"})
    api = {"apiId": take(created, "graphqlApi", "apiId")}
    appsync("get_graphql_api", **api)
    key = take(appsync("create_api_key", **api, description="partner"), "apiKey", "id")
    appsync("list_api_keys", **api)
    appsync("delete_api_key", **api, id=key)
    appsync("list_graphql_apis")
    appsync("update_graphql_api", **api, name="shop-2", authenticationType="AWS_IAM")
    appsync("delete_graphql_api", **api)
    appsync("get_graphql_api", **api)  # refused


def distributions(app: App) -> None:
    cloudfront = app.client("cloudfront")
    origin = {"Id": "shop", "DomainName": "held-out.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    forwarded = {"QueryString": False, "Cookies": {"Forward": "none"}}
    cached = {
        "TargetOriginId": "shop",
        "ViewerProtocolPolicy": "https-only",
        "MinTTL": 60,
        "ForwardedValues": forwarded,
    }
    config: dict[str, Any] = {
        "CallerReference": "held-out",
        "Comment": "Shop",
        "Enabled": False,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": cached,
    }
    created = cloudfront("create_distribution", DistributionConfig=config)
    distribution, etag = take(created, "Distribution", "Id"), take(created, "ETag")
    cloudfront("get_distribution", Id=distribution)
    got = cloudfront("get_distribution_config", Id=distribution)
    changed = {**take(got, "DistributionConfig"), "Comment": "Changed"}
    updated = cloudfront("update_distribution", Id=distribution, IfMatch=etag, DistributionConfig=changed)
    batch = {"CallerReference": "one", "Paths": {"Quantity": 1, "Items": ["/index.html"]}}
    created = cloudfront("create_invalidation", DistributionId=distribution, InvalidationBatch=batch)
    cloudfront("get_invalidation", DistributionId=distribution, Id=take(created, "Invalidation", "Id"))
    cloudfront("list_invalidations", DistributionId=distribution)
    cloudfront("list_distributions")
    cloudfront("delete_distribution", Id=distribution, IfMatch=updated.get("ETag", etag))
    cloudfront("get_distribution", Id="E0123456789ABC")  # refused


def settings(app: App) -> None:
    appconfig = app.client("appconfig")
    place = {"ApplicationId": take(appconfig("create_application", Name="shop", Description=UNICODE), "Id")}
    appconfig("get_application", **place)
    created = appconfig("create_configuration_profile", **place, Name="flags", LocationUri="hosted")
    profile = {**place, "ConfigurationProfileId": take(created, "Id")}
    appconfig("get_configuration_profile", **profile)
    content = {"Content": json.dumps({"dark": True, "size": 3}).encode(), "ContentType": "application/json"}
    created = appconfig("create_hosted_configuration_version", **profile, **content)
    appconfig("get_hosted_configuration_version", **profile, VersionNumber=take(created, "VersionNumber"))
    appconfig("list_configuration_profiles", **place)
    appconfig("update_application", **place, Name="shop-2")
    appconfig("get_application", ApplicationId="abc1234")  # refused
    appconfig("delete_hosted_configuration_version", **profile, VersionNumber=1)
    appconfig("delete_configuration_profile", **profile)
    appconfig("delete_application", **place)


def domains(app: App) -> None:
    opensearch = app.client("opensearch")
    cluster = {"InstanceType": "t3.small.search", "InstanceCount": 1}
    disk = {"EBSEnabled": True, "VolumeSize": 10}
    created = opensearch("create_domain", DomainName="search", ClusterConfig=cluster, EBSOptions=disk)
    arn = take(created, "DomainStatus", "ARN")
    opensearch("describe_domain", DomainName="search")
    opensearch("list_domain_names")
    opensearch("add_tags", ARN=arn, TagList=tags(stage="test"))
    opensearch("list_tags", ARN=arn)
    opensearch("describe_domain", DomainName="missing")  # refused
    opensearch("delete_domain", DomainName="search")


def transfers(app: App) -> None:
    transfer = app.client("transfer")
    created = transfer("create_server", Protocols=["SFTP"], IdentityProviderType="SERVICE_MANAGED")
    server = {"ServerId": take(created, "ServerId")}
    transfer("describe_server", **server)
    transfer("create_user", **server, UserName="partner", Role=ROLE, HomeDirectory="/held-out/partner")
    transfer("describe_user", **server, UserName="partner")
    transfer("describe_user", **server, UserName="missing")  # refused
    transfer("delete_user", **server, UserName="partner")
    transfer("delete_server", **server)


SECTIONS = (
    identity,
    *(network, firewalls, disks, machines, addresses, templates),
    *(objects, uploads, versions, buckets),
    *(queues, ordered, topics),
    *(items, tables, backups),
    *(functions, consumers, layers),
    *(roles, people),
    *(keys, signatures, secrets, parameters, documents),
    stacks,
    *(logs, metrics, rules),
    *(workflows, streams, deliveries),
    *(apis, http_apis, pools, identities),
    *(zones, health, certificates, namespaces),
    *(images, containers, balancers, groups),
    *(databases, caches, files),
    *(catalogs, queries, filters, trails, vaults, builds, letters, schedules, tagged),
    *(collections, newsletters, graphs, distributions, settings, domains, transfers),
)


def main() -> None:
    """Make all the calls."""
    app = App()
    for section in SECTIONS:
        with contextlib.suppress(AbsentError):
            section(app)
    print(f"{app.caller.count} calls made")


if __name__ == "__main__":
    main()
