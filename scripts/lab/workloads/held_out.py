"""An order-processing SaaS from its first role to its last bucket: a stateful workload with boto3.

The company, Ferry, takes orders for its tenants, bills them, notifies them, and reports on them. Each chapter
sets up a part of it, uses the ids that come back, lists page by page, updates, runs into the errors that such an
app runs into, and takes down what it has no more need of. Where a create fails, what depends on it is left out.

The endpoint comes from AWS_ENDPOINT_URL, as with any app. Prints how many calls it made.
"""

import contextlib
import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import jmespath
from botocore.exceptions import BotoCoreError

from lab.workloads.caller import Caller

REGION = "us-east-1"

ZONE_A = f"{REGION}a"

ZONE_B = f"{REGION}b"

IMAGE = "ami-0abcdef1234567890"

TENANTS = ("acorn", "birch", "cedar", "dogwood", "elm")

TAGS = [{"Key": "product", "Value": "ferry"}, {"Key": "stage", "Value": "test"}]

LOWER_TAGS = [{"key": "product", "value": "ferry"}, {"key": "stage", "value": "test"}]

MAX_PAGES = 6

SETTLING_SECONDS = 0.5
"""What is delivered behind the app's back has been by then."""

type Call = Callable[..., dict[str, Any]]


class MissingError(Exception):
    """What a call should have created is not there."""


class Ferry:
    """The company: its clients, and what has been created so far."""

    def __init__(self) -> None:
        self.caller = Caller()
        self._clients: dict[str, Call] = {}
        self._names: dict[str, str] = {}

    def client(self, service: str) -> Call:
        if service not in self._clients:
            self._clients[service] = self.caller.client(service)
        return self._clients[service]

    def __setitem__(self, name: str, value: str) -> None:
        self._names[name] = value

    def __getitem__(self, name: str) -> str:
        if name not in self._names:
            raise MissingError(name)
        return self._names[name]

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{REGION}:{self['account']}:{resource}"


def main() -> None:
    """Make all the calls."""
    ferry = Ferry()
    for chapter in CHAPTERS:
        with contextlib.suppress(MissingError, BotoCoreError):
            chapter(ferry)
    print(f"{ferry.caller.count} calls made")


def pick(reply: dict[str, Any], path: str) -> str:
    """What the reply has at the path (JMESPath), which must be something."""
    value = jmespath.search(path, reply)
    if not value:
        raise MissingError(path)
    return str(value)


def pages(call: Call, operation: str, send: str, receive: str = "", **parameters: object) -> None:
    """Read a list to its end. `send` is the member that asks for the next page, `receive` the one that names it."""
    for _ in range(MAX_PAGES):
        token = call(operation, **parameters).get(receive or send)
        if not token:
            return
        parameters[send] = token


def trust(*services: str) -> str:
    return document("sts:AssumeRole", principal={"Service": [f"{service}.amazonaws.com" for service in services]})


def document(action: str | list[str], resource: str | list[str] = "", principal: object = None) -> str:
    """A policy of one statement."""
    statement: dict[str, object] = {"Sid": "Ferry", "Effect": "Allow", "Action": action}
    if resource:
        statement["Resource"] = resource
    if principal:
        statement["Principal"] = principal
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


# Identity


def account(ferry: Ferry) -> None:
    sts = ferry.client("sts")
    ferry["account"] = pick(sts("get_caller_identity"), "Account")


def roles(ferry: Ferry) -> None:
    iam = ferry.client("iam")
    for name, service in (
        ("billing", "lambda"),
        ("fulfilment", "states"),
        ("forwarding", "pipes"),
        ("hosting", "ec2"),
        ("streaming", "firehose"),
    ):
        role = iam(
            "create_role",
            RoleName=f"ferry-{name}",
            Path="/ferry/",
            AssumeRolePolicyDocument=trust(service),
            Description=f"What {name} may do",
            Tags=TAGS,
        )
        ferry[name] = pick(role, "Role.Arn")
    iam("get_role", RoleName="ferry-billing")
    iam("get_role", RoleName="ferry-nobody")
    iam("list_roles", PathPrefix="/ferry/")
    iam("update_role", RoleName="ferry-billing", Description="Bills tenants", MaxSessionDuration=7200)
    iam("update_assume_role_policy", RoleName="ferry-billing", PolicyDocument=trust("lambda", "scheduler"))
    iam("tag_role", RoleName="ferry-billing", Tags=[{"Key": "team", "Value": "money"}])
    ferry.client("sts")("assume_role", RoleArn=ferry["billing"], RoleSessionName="nightly", DurationSeconds=1800)


def policies(ferry: Ferry) -> None:
    iam = ferry.client("iam")
    created = iam(
        "create_policy",
        PolicyName="ferry-read-orders",
        PolicyDocument=document("dynamodb:GetItem", ferry.arn("dynamodb", "table/ferry-orders")),
        Description="Reads orders",
    )
    policy = pick(created, "Policy.Arn")
    iam(
        "create_policy_version",
        PolicyArn=policy,
        PolicyDocument=document(["dynamodb:GetItem", "dynamodb:Query"], ferry.arn("dynamodb", "table/ferry-orders")),
        SetAsDefault=True,
    )
    iam("get_policy_version", PolicyArn=policy, VersionId="v2")
    iam("list_policy_versions", PolicyArn=policy)
    iam("attach_role_policy", RoleName="ferry-billing", PolicyArn=policy)
    iam("list_attached_role_policies", RoleName="ferry-billing")
    iam("list_entities_for_policy", PolicyArn=policy)
    iam("put_role_policy", RoleName="ferry-billing", PolicyName="queues", PolicyDocument=document("sqs:*", "*"))
    iam("get_role_policy", RoleName="ferry-billing", PolicyName="queues")
    iam("get_role_policy", RoleName="ferry-billing", PolicyName="topics")
    iam("delete_role_policy", RoleName="ferry-billing", PolicyName="queues")
    iam("detach_role_policy", RoleName="ferry-billing", PolicyArn=policy)
    iam("delete_policy_version", PolicyArn=policy, VersionId="v1")
    iam("delete_policy", PolicyArn=policy)
    iam("get_policy", PolicyArn=policy)


def staff(ferry: Ferry) -> None:
    iam = ferry.client("iam")
    iam("create_group", GroupName="support", Path="/ferry/")
    for name in ("ines", "jonas", "kemal"):
        iam("create_user", UserName=name, Path="/ferry/", Tags=TAGS)
        iam("add_user_to_group", GroupName="support", UserName=name)
    pages(iam, "list_users", "Marker", PathPrefix="/ferry/", MaxItems=2)
    iam("get_group", GroupName="support")
    key = pick(iam("create_access_key", UserName="ines"), "AccessKey.AccessKeyId")
    iam("update_access_key", UserName="ines", AccessKeyId=key, Status="Inactive")
    iam("delete_access_key", UserName="ines", AccessKeyId=key)
    iam("remove_user_from_group", GroupName="support", UserName="kemal")
    iam("delete_user", UserName="kemal")
    iam("get_user", UserName="kemal")
    iam("create_instance_profile", InstanceProfileName="ferry-hosting", Path="/ferry/")
    iam("add_role_to_instance_profile", InstanceProfileName="ferry-hosting", RoleName="ferry-hosting")
    iam("get_instance_profile", InstanceProfileName="ferry-hosting")


# Networking


def network(ferry: Ferry) -> None:
    ec2 = ferry.client("ec2")
    tags = [{"ResourceType": "vpc", "Tags": TAGS}]
    vpc = pick(ec2("create_vpc", CidrBlock="10.20.0.0/16", TagSpecifications=tags), "Vpc.VpcId")
    ferry["vpc"] = vpc
    ec2("modify_vpc_attribute", VpcId=vpc, EnableDnsHostnames={"Value": True})
    ec2("describe_vpc_attribute", VpcId=vpc, Attribute="enableDnsHostnames")
    ec2("describe_vpcs", VpcIds=[vpc])
    ec2("describe_vpcs", VpcIds=["vpc-0123456789abcdef0"])
    for name, zone, block in (
        ("public", ZONE_A, "10.20.0.0/24"),
        ("private", ZONE_A, "10.20.1.0/24"),
        ("spare", ZONE_B, "10.20.2.0/24"),
    ):
        created = ec2("create_subnet", VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)
        ferry[name] = pick(created, "Subnet.SubnetId")
    ec2("modify_subnet_attribute", SubnetId=ferry["public"], MapPublicIpOnLaunch={"Value": True})
    ec2("create_tags", Resources=[ferry["public"], ferry["private"]], Tags=[{"Key": "tier", "Value": "web"}])
    ec2("describe_subnets", Filters=[{"Name": "cidr-block", "Values": ["10.20.2.0/24"]}])


def routing(ferry: Ferry) -> None:
    ec2 = ferry.client("ec2")
    gateway = pick(ec2("create_internet_gateway"), "InternetGateway.InternetGatewayId")
    ec2("attach_internet_gateway", InternetGatewayId=gateway, VpcId=ferry["vpc"])
    table = pick(ec2("create_route_table", VpcId=ferry["vpc"]), "RouteTable.RouteTableId")
    ec2("create_route", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    associated = ec2("associate_route_table", RouteTableId=table, SubnetId=ferry["public"])
    ec2("describe_route_tables", RouteTableIds=[table])
    address = pick(ec2("allocate_address", Domain="vpc"), "AllocationId")
    ec2("describe_addresses", AllocationIds=[address])
    created = ec2("create_nat_gateway", SubnetId=ferry["public"], AllocationId=address)
    translator = pick(created, "NatGateway.NatGatewayId")
    inner = pick(ec2("create_route_table", VpcId=ferry["vpc"]), "RouteTable.RouteTableId")
    ec2("create_route", RouteTableId=inner, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=translator)
    ec2("describe_route_tables", RouteTableIds=[inner])
    ec2("delete_route", RouteTableId=inner, DestinationCidrBlock="0.0.0.0/0")
    ec2("delete_route_table", RouteTableId=inner)
    ec2("delete_nat_gateway", NatGatewayId=translator)
    ec2("disassociate_route_table", AssociationId=pick(associated, "AssociationId"))
    ec2("release_address", AllocationId=address)
    ec2("detach_internet_gateway", InternetGatewayId=gateway, VpcId=ferry["vpc"])
    ec2("delete_internet_gateway", InternetGatewayId=gateway)
    ec2("delete_route_table", RouteTableId=table)


def firewalls(ferry: Ferry) -> None:
    ec2 = ferry.client("ec2")
    for name in ("web", "data"):
        created = ec2(
            "create_security_group", GroupName=f"ferry-{name}", Description=f"Guards {name}", VpcId=ferry["vpc"]
        )
        ferry[f"{name} group"] = pick(created, "GroupId")
    web, data = ferry["web group"], ferry["data group"]
    ec2("create_security_group", GroupName="ferry-web", Description="Again", VpcId=ferry["vpc"])
    https = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "everyone"}],
    }
    postgres = {
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "UserIdGroupPairs": [{"GroupId": web}],
    }
    ec2("authorize_security_group_ingress", GroupId=web, IpPermissions=[https])
    ec2("authorize_security_group_ingress", GroupId=data, IpPermissions=[postgres])
    ec2("describe_security_groups", GroupIds=[web])
    ec2("revoke_security_group_ingress", GroupId=web, IpPermissions=[https])
    ec2("describe_security_groups", Filters=[{"Name": "group-name", "Values": ["ferry-web"]}])


def hosts(ferry: Ferry) -> None:
    ec2 = ferry.client("ec2")
    reply = ec2(
        "run_instances",
        ImageId=IMAGE,
        InstanceType="t3.small",
        MinCount=1,
        MaxCount=1,
        SubnetId=ferry["private"],
        PrivateIpAddress="10.20.1.10",
        SecurityGroupIds=[ferry["web group"]],
        TagSpecifications=[{"ResourceType": "instance", "Tags": TAGS}],
    )
    host = pick(reply, "Instances[0].InstanceId")
    ec2("describe_instances", InstanceIds=[host])
    created = ec2("create_volume", AvailabilityZone=ZONE_A, Size=20, VolumeType="gp3")
    volume = pick(created, "VolumeId")
    ec2("attach_volume", VolumeId=volume, InstanceId=host, Device="/dev/sdf")
    ec2("describe_volumes", VolumeIds=[volume])
    snapshot = pick(ec2("create_snapshot", VolumeId=volume, Description="before the sale"), "SnapshotId")
    ec2("describe_snapshots", SnapshotIds=[snapshot])
    ec2("detach_volume", VolumeId=volume, InstanceId=host)
    ec2("delete_snapshot", SnapshotId=snapshot)
    ec2("delete_volume", VolumeId=volume)
    ec2("describe_volumes", VolumeIds=[volume])
    ec2("stop_instances", InstanceIds=[host])
    ec2("start_instances", InstanceIds=[host])
    ec2("terminate_instances", InstanceIds=[host])
    ec2("stop_instances", InstanceIds=["i-0123456789abcdef0"])


def balancers(ferry: Ferry) -> None:
    elb = ferry.client("elbv2")
    created = elb(
        "create_load_balancer",
        Name="ferry-front",
        Subnets=[ferry["public"], ferry["spare"]],
        SecurityGroups=[ferry["web group"]],
        Tags=TAGS,
    )
    balancer = pick(created, "LoadBalancers[0].LoadBalancerArn")
    created = elb("create_target_group", Name="ferry-api", Protocol="HTTP", Port=8080, VpcId=ferry["vpc"])
    targets = pick(created, "TargetGroups[0].TargetGroupArn")
    forward = [{"Type": "forward", "TargetGroupArn": targets}]
    created = elb("create_listener", LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    listener = pick(created, "Listeners[0].ListenerArn")
    created = elb(
        "create_rule",
        ListenerArn=listener,
        Priority=10,
        Conditions=[{"Field": "path-pattern", "Values": ["/orders/*"]}],
        Actions=forward,
    )
    rule = pick(created, "Rules[0].RuleArn")
    elb("describe_load_balancers", Names=["ferry-front"])
    elb("describe_rules", ListenerArn=listener)
    elb("modify_target_group", TargetGroupArn=targets, HealthCheckPath="/healthy", HealthyThresholdCount=3)
    elb("describe_target_groups", TargetGroupArns=[targets])
    elb("describe_tags", ResourceArns=[balancer])
    elb("delete_rule", RuleArn=rule)
    elb("delete_listener", ListenerArn=listener)
    elb("delete_load_balancer", LoadBalancerArn=balancer)
    elb("delete_target_group", TargetGroupArn=targets)
    elb("describe_target_groups", TargetGroupArns=[targets])


def scaling(ferry: Ferry) -> None:
    autoscaling = ferry.client("autoscaling")
    autoscaling(
        "create_launch_configuration", LaunchConfigurationName="ferry-api", ImageId=IMAGE, InstanceType="t3.micro"
    )
    autoscaling(
        "create_auto_scaling_group",
        AutoScalingGroupName="ferry-api",
        LaunchConfigurationName="ferry-api",
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=0,
        VPCZoneIdentifier=ferry["private"],
    )
    autoscaling("describe_auto_scaling_groups", AutoScalingGroupNames=["ferry-api"])
    autoscaling("update_auto_scaling_group", AutoScalingGroupName="ferry-api", MaxSize=6)
    autoscaling(
        "put_scaling_policy",
        AutoScalingGroupName="ferry-api",
        PolicyName="ferry-more",
        AdjustmentType="ChangeInCapacity",
        ScalingAdjustment=1,
    )
    autoscaling("describe_policies", AutoScalingGroupName="ferry-api")
    autoscaling("delete_policy", AutoScalingGroupName="ferry-api", PolicyName="ferry-more")
    autoscaling("delete_auto_scaling_group", AutoScalingGroupName="ferry-api", ForceDelete=True)
    autoscaling("delete_launch_configuration", LaunchConfigurationName="ferry-api")
    autoscaling("describe_auto_scaling_groups", AutoScalingGroupNames=["ferry-api"])


# Storage


def buckets(ferry: Ferry) -> None:
    s3 = ferry.client("s3")
    for bucket in ("ferry-invoices", "ferry-reports", "ferry-uploads"):
        s3("create_bucket", Bucket=bucket)
    s3("list_buckets")
    s3("head_bucket", Bucket="ferry-invoices")
    s3("head_bucket", Bucket="ferry-nothing")
    s3("put_bucket_versioning", Bucket="ferry-invoices", VersioningConfiguration={"Status": "Enabled"})
    s3("get_bucket_versioning", Bucket="ferry-invoices")
    s3("get_bucket_policy", Bucket="ferry-invoices")
    access = document("s3:GetObject", "arn:aws:s3:::ferry-invoices/*", {"AWS": ferry["billing"]})
    s3("put_bucket_policy", Bucket="ferry-invoices", Policy=access)
    s3("get_bucket_policy", Bucket="ferry-invoices")
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 7}}
    s3("put_bucket_lifecycle_configuration", Bucket="ferry-reports", LifecycleConfiguration={"Rules": [rule]})
    s3("get_bucket_lifecycle_configuration", Bucket="ferry-reports")
    origins = {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://ferry.example"], "MaxAgeSeconds": 600}
    s3("put_bucket_cors", Bucket="ferry-uploads", CORSConfiguration={"CORSRules": [origins]})
    s3("get_bucket_cors", Bucket="ferry-uploads")
    encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    s3("put_bucket_encryption", Bucket="ferry-invoices", ServerSideEncryptionConfiguration=encryption)
    s3("get_bucket_encryption", Bucket="ferry-invoices")


def invoices(ferry: Ferry) -> None:
    s3 = ferry.client("s3")
    invoice = {"Bucket": "ferry-invoices", "Key": "acorn/2024-01.json"}
    first = s3(
        "put_object",
        **invoice,
        Body=b'{"total": 1200}',
        ContentType="application/json",
        Metadata={"tenant": "acorn"},
        Tagging="paid=no",
    )
    s3("put_object", **invoice, Body=b'{"total": 1250}', ContentType="application/json")
    s3("get_object", **invoice, VersionId=pick(first, "VersionId"))
    s3("get_object", **invoice)
    s3("get_object", **invoice, Range="bytes=0-7")
    known = s3("head_object", **invoice)
    s3("get_object", **invoice, IfNoneMatch=pick(known, "ETag"))
    s3("put_object_tagging", **invoice, Tagging={"TagSet": [{"Key": "paid", "Value": "yes"}]})
    s3("get_object_tagging", **invoice)
    s3("list_object_versions", Bucket="ferry-invoices", Prefix="acorn/")
    s3("delete_object", **invoice, VersionId=pick(first, "VersionId"))
    s3("delete_object", **invoice)
    s3("get_object", **invoice)
    s3("get_object", Bucket="ferry-nothing", Key="acorn/2024-01.json")


def reports(ferry: Ferry) -> None:
    s3 = ferry.client("s3")
    bucket = {"Bucket": "ferry-reports"}
    for tenant in TENANTS:
        s3("put_object", **bucket, Key=f"daily/{tenant}.csv", Body=f"tenant,orders\n{tenant},3\n".encode())
    pages(s3, "list_objects_v2", "ContinuationToken", "NextContinuationToken", **bucket, Prefix="daily/", MaxKeys=2)
    s3("copy_object", **bucket, Key="latest.csv", CopySource="ferry-reports/daily/acorn.csv")
    s3("copy_object", **bucket, Key="none.csv", CopySource="ferry-reports/daily/zelkova.csv")
    upload = pick(s3("create_multipart_upload", **bucket, Key="year.csv", ContentType="text/csv"), "UploadId")
    year_part = {**bucket, "Key": "year.csv", "UploadId": upload}
    parts = []
    for number, body in ((1, b"x" * 5 * 1024 * 1024), (2, b"the end\n")):
        part = s3("upload_part", **year_part, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": pick(part, "ETag")})
    s3("list_parts", **year_part)
    s3("complete_multipart_upload", **year_part, MultipartUpload={"Parts": parts})
    s3("head_object", **bucket, Key="year.csv")
    given_up = pick(s3("create_multipart_upload", **bucket, Key="decade.csv"), "UploadId")
    s3("list_multipart_uploads", **bucket)
    s3("abort_multipart_upload", **bucket, Key="decade.csv", UploadId=given_up)
    gone = [{"Key": f"daily/{tenant}.csv"} for tenant in TENANTS] + [{"Key": "latest.csv"}, {"Key": "year.csv"}]
    s3("delete_objects", **bucket, Delete={"Objects": gone})
    s3("delete_bucket", **bucket)
    s3("list_objects_v2", **bucket)


def disks(ferry: Ferry) -> None:
    efs = ferry.client("efs")
    created = efs("create_file_system", CreationToken="ferry-shared", PerformanceMode="generalPurpose", Tags=TAGS)
    system = pick(created, "FileSystemId")
    efs("describe_file_systems", FileSystemId=system)
    target = pick(efs("create_mount_target", FileSystemId=system, SubnetId=ferry["private"]), "MountTargetId")
    efs("describe_mount_targets", FileSystemId=system)
    created = efs(
        "create_access_point", ClientToken="orders", FileSystemId=system, PosixUser={"Uid": 1000, "Gid": 1000}
    )
    point = pick(created, "AccessPointId")
    efs("describe_access_points", FileSystemId=system)
    efs("delete_access_point", AccessPointId=point)
    efs("delete_mount_target", MountTargetId=target)
    efs("delete_file_system", FileSystemId=system)
    efs("describe_file_systems", FileSystemId=system)


# Secrets


def keys(ferry: Ferry) -> None:
    kms = ferry.client("kms")
    created = kms("create_key", Description="Tenants' data", Tags=[{"TagKey": "product", "TagValue": "ferry"}])
    key = pick(created, "KeyMetadata.KeyId")
    ferry["key"] = key
    kms("create_alias", AliasName="alias/ferry-data", TargetKeyId=key)
    kms("create_alias", AliasName="alias/ferry-data", TargetKeyId=key)
    kms("describe_key", KeyId="alias/ferry-data")
    kms("list_aliases", KeyId=key)
    kms("update_key_description", KeyId=key, Description="What tenants entrust to us")
    kms("enable_key_rotation", KeyId=key)
    kms("get_key_rotation_status", KeyId=key)
    context = {"tenant": "acorn"}
    sealed = kms("encrypt", KeyId="alias/ferry-data", Plaintext=b"4111", EncryptionContext=context)
    if blob := sealed.get("CiphertextBlob"):
        kms("decrypt", CiphertextBlob=blob, EncryptionContext=context)
        kms("decrypt", CiphertextBlob=blob, EncryptionContext={"tenant": "birch"})
    kms("generate_data_key", KeyId=key, KeySpec="AES_256")
    kms("disable_key", KeyId=key)
    kms("enable_key", KeyId=key)


def secrets(ferry: Ferry) -> None:
    secretsmanager = ferry.client("secretsmanager")
    for tenant in TENANTS:
        secretsmanager(
            "create_secret",
            Name=f"ferry/{tenant}",
            SecretString=json.dumps({"user": tenant, "password": "a"}),
            Tags=TAGS,
        )
    secret = {"SecretId": "ferry/acorn"}
    secretsmanager("create_secret", Name="ferry/acorn", SecretString="again")
    pages(secretsmanager, "list_secrets", "NextToken", MaxResults=2)
    secretsmanager("get_secret_value", **secret)
    changed = secretsmanager("put_secret_value", **secret, SecretString='{"user": "acorn", "password": "b"}')
    secretsmanager("get_secret_value", **secret, VersionId=pick(changed, "VersionId"))
    secretsmanager("get_secret_value", **secret, VersionStage="AWSPREVIOUS")
    secretsmanager("list_secret_version_ids", **secret)
    secretsmanager("update_secret", **secret, Description="Of acorn's shop")
    secretsmanager("describe_secret", **secret)
    secretsmanager("delete_secret", **secret, RecoveryWindowInDays=7)
    secretsmanager("get_secret_value", **secret)
    secretsmanager("restore_secret", **secret)
    secretsmanager("get_secret_value", SecretId="ferry/zelkova")
    secretsmanager("delete_secret", SecretId="ferry/elm", ForceDeleteWithoutRecovery=True)


def settings(ferry: Ferry) -> None:
    ssm = ferry.client("ssm")
    for tenant in TENANTS:
        ssm("put_parameter", Name=f"/ferry/{tenant}/currency", Value="EUR", Type="String")
    ssm("put_parameter", Name="/ferry/acorn/currency", Value="USD", Type="String")
    ssm("put_parameter", Name="/ferry/acorn/currency", Value="USD", Type="String", Overwrite=True)
    ssm("put_parameter", Name="/ferry/acorn/token", Value="hidden", Type="SecureString")
    ssm("put_parameter", Name="/ferry/zones", Value="a,b", Type="StringList", Description="Where we run")
    ssm("get_parameter", Name="/ferry/acorn/currency")
    ssm("get_parameter", Name="/ferry/acorn/token", WithDecryption=True)
    ssm("get_parameters", Names=["/ferry/zones", "/ferry/nothing"])
    pages(ssm, "get_parameters_by_path", "NextToken", Path="/ferry", Recursive=True, MaxResults=3)
    ssm("get_parameter_history", Name="/ferry/acorn/currency")
    ssm("label_parameter_version", Name="/ferry/acorn/currency", ParameterVersion=2, Labels=["current"])
    ssm("get_parameter", Name="/ferry/acorn/currency:current")
    ssm("delete_parameter", Name="/ferry/acorn/token")
    ssm("delete_parameters", Names=["/ferry/elm/currency", "/ferry/nothing"])


# Data


def tables(ferry: Ferry) -> None:
    dynamodb = ferry.client("dynamodb")
    created = dynamodb(
        "create_table",
        TableName="ferry-orders",
        KeySchema=[{"AttributeName": "tenant", "KeyType": "HASH"}, {"AttributeName": "number", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "tenant", "AttributeType": "S"},
            {"AttributeName": "number", "AttributeType": "N"},
            {"AttributeName": "status", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-status",
                "KeySchema": [
                    {"AttributeName": "status", "KeyType": "HASH"},
                    {"AttributeName": "number", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        Tags=TAGS,
    )
    ferry["orders table"] = pick(created, "TableDescription.TableArn")
    ferry["orders stream"] = pick(created, "TableDescription.LatestStreamArn")
    for name in ("ferry-audit", "ferry-stock", "ferry-tenants"):
        dynamodb(
            "create_table",
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        )
    dynamodb("describe_table", TableName="ferry-orders")
    dynamodb("describe_table", TableName="ferry-nothing")
    pages(dynamodb, "list_tables", "ExclusiveStartTableName", "LastEvaluatedTableName", Limit=2)
    expiry = {"Enabled": True, "AttributeName": "expires"}
    dynamodb("update_time_to_live", TableName="ferry-audit", TimeToLiveSpecification=expiry)
    dynamodb(
        "update_table",
        TableName="ferry-audit",
        ProvisionedThroughput={"ReadCapacityUnits": 10, "WriteCapacityUnits": 5},
    )
    dynamodb("delete_table", TableName="ferry-audit")


def order(tenant: str, number: int, status: str = "open") -> dict[str, object]:
    return {
        "tenant": {"S": tenant},
        "number": {"N": str(number)},
        "status": {"S": status},
        "lines": {"L": [{"M": {"sku": {"S": "bolt"}, "count": {"N": str(number * 2)}}}]},
        "rush": {"BOOL": number % 2 == 0},
        "note": {"NULL": True},
    }


def orders(ferry: Ferry) -> None:
    dynamodb = ferry.client("dynamodb")
    table = {"TableName": "ferry-orders"}
    for number in range(1, 4):
        dynamodb("put_item", **table, Item=order("acorn", number))
    puts = [{"PutRequest": {"Item": order("birch", number, "paid")}} for number in range(4, 9)]
    dynamodb("batch_write_item", RequestItems={"ferry-orders": puts})
    first = {"tenant": {"S": "acorn"}, "number": {"N": "1"}}
    dynamodb("get_item", **table, Key=first, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")
    dynamodb("put_item", **table, Item=order("acorn", 1), ConditionExpression="attribute_not_exists(tenant)")
    status = {
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":new": {"S": "paid"}, ":old": {"S": "open"}},
        "UpdateExpression": "SET #status = :new",
        "ConditionExpression": "#status = :old",
    }
    dynamodb("update_item", **table, Key=first, **status, ReturnValues="ALL_NEW")
    dynamodb("update_item", **table, Key=first, **status)
    pages(
        dynamodb,
        "query",
        "ExclusiveStartKey",
        "LastEvaluatedKey",
        **table,
        KeyConditionExpression="tenant = :tenant",
        ExpressionAttributeValues={":tenant": {"S": "birch"}},
        Limit=2,
    )
    dynamodb(
        "query",
        **table,
        IndexName="by-status",
        KeyConditionExpression="#status = :status AND #number > :least",
        ExpressionAttributeNames={"#status": "status", "#number": "number"},
        ExpressionAttributeValues={":status": {"S": "paid"}, ":least": {"N": "5"}},
        ScanIndexForward=False,
    )
    dynamodb("batch_get_item", RequestItems={"ferry-orders": {"Keys": [first]}})
    dynamodb(
        "scan",
        **table,
        FilterExpression="rush = :yes",
        ExpressionAttributeValues={":yes": {"BOOL": True}},
        Select="COUNT",
    )
    dynamodb("delete_item", **table, Key={"tenant": {"S": "acorn"}, "number": {"N": "3"}}, ReturnValues="ALL_OLD")
    dynamodb("query", **table, KeyConditionExpression="amount = :one", ExpressionAttributeValues={":one": {"N": "1"}})


def stock(ferry: Ferry) -> None:
    dynamodb = ferry.client("dynamodb")
    for name, count in (("bolt", "10"), ("nut", "0")):
        dynamodb("put_item", TableName="ferry-stock", Item={"id": {"S": name}, "count": {"N": count}})
    for name, number in (("bolt", 20), ("nut", 21)):
        take = {
            "TableName": "ferry-stock",
            "Key": {"id": {"S": name}},
            "UpdateExpression": "SET #count = #count - :one",
            "ConditionExpression": "#count >= :one",
            "ExpressionAttributeNames": {"#count": "count"},
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
        put = {"TableName": "ferry-orders", "Item": order("cedar", number)}
        dynamodb("transact_write_items", TransactItems=[{"Update": take}, {"Put": put}])
    gets = [{"Get": {"TableName": "ferry-stock", "Key": {"id": {"S": name}}}} for name in ("bolt", "nut")]
    dynamodb("transact_get_items", TransactItems=gets)
    dynamodb(
        "execute_statement",
        Statement='SELECT * FROM "ferry-stock" WHERE id = ?',
        Parameters=[{"S": "bolt"}],
    )


def changes(ferry: Ferry) -> None:
    streams = ferry.client("dynamodbstreams")
    stream = ferry["orders stream"]
    streams("list_streams", TableName="ferry-orders")
    shard = pick(streams("describe_stream", StreamArn=stream), "StreamDescription.Shards[0].ShardId")
    started = streams("get_shard_iterator", StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    read = streams("get_records", ShardIterator=pick(started, "ShardIterator"), Limit=5)
    streams("get_records", ShardIterator=pick(read, "NextShardIterator"), Limit=5)


def clicks(ferry: Ferry) -> None:
    kinesis = ferry.client("kinesis")
    for name in ("ferry-clicks", "ferry-orders", "ferry-visits"):
        kinesis("create_stream", StreamName=name, ShardCount=1)
    time.sleep(SETTLING_SECONDS)
    described = kinesis("describe_stream_summary", StreamName="ferry-clicks")
    stream = pick(described, "StreamDescriptionSummary.StreamARN")
    ferry["clicks"] = stream
    shard = pick(kinesis("list_shards", StreamName="ferry-clicks"), "Shards[0].ShardId")
    kinesis("put_record", StreamName="ferry-clicks", Data=b"home", PartitionKey="acorn")
    records = [{"Data": f"page {number}".encode(), "PartitionKey": "birch"} for number in range(4)]
    kinesis("put_records", StreamName="ferry-clicks", Records=records)
    started = kinesis("get_shard_iterator", StreamName="ferry-clicks", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    read = kinesis("get_records", ShardIterator=pick(started, "ShardIterator"), Limit=3)
    read = kinesis("get_records", ShardIterator=pick(read, "NextShardIterator"), Limit=3)
    kinesis("get_records", ShardIterator=pick(read, "NextShardIterator"), Limit=3)
    listed = kinesis("list_streams", Limit=2)
    if listed.get("HasMoreStreams"):
        kinesis("list_streams", Limit=2, ExclusiveStartStreamName=pick(listed, "StreamNames[-1]"))
    kinesis("add_tags_to_stream", StreamName="ferry-clicks", Tags={"product": "ferry"})
    kinesis("register_stream_consumer", StreamARN=stream, ConsumerName="billing")
    kinesis("list_stream_consumers", StreamARN=stream)
    kinesis("put_record", StreamName="ferry-nothing", Data=b"home", PartitionKey="acorn")
    kinesis("delete_stream", StreamName="ferry-visits")


def deliveries(ferry: Ferry) -> None:
    firehose = ferry.client("firehose")
    destination = {
        "RoleARN": ferry["streaming"],
        "BucketARN": "arn:aws:s3:::ferry-uploads",
        "Prefix": "events/",
        "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60},
    }
    firehose(
        "create_delivery_stream",
        DeliveryStreamName="ferry-events",
        DeliveryStreamType="DirectPut",
        ExtendedS3DestinationConfiguration=destination,
    )
    firehose(
        "create_delivery_stream",
        DeliveryStreamName="ferry-events",
        ExtendedS3DestinationConfiguration=destination,
    )
    firehose("describe_delivery_stream", DeliveryStreamName="ferry-events")
    firehose("put_record", DeliveryStreamName="ferry-events", Record={"Data": b'{"event": "paid"}\n'})
    records = [{"Data": b'{"event": "sent"}\n'}, {"Data": b'{"event": "late"}\n'}]
    firehose("put_record_batch", DeliveryStreamName="ferry-events", Records=records)
    firehose("list_delivery_streams", Limit=10)
    firehose("delete_delivery_stream", DeliveryStreamName="ferry-events")


def ledgers(ferry: Ferry) -> None:
    rds = ferry.client("rds")
    rds(
        "create_db_subnet_group",
        DBSubnetGroupName="ferry-data",
        DBSubnetGroupDescription="Where the ledger lives",
        SubnetIds=[ferry["private"], ferry["spare"]],
    )
    rds("describe_db_subnet_groups", DBSubnetGroupName="ferry-data")
    rds(
        "create_db_parameter_group",
        DBParameterGroupName="ferry-ledger",
        DBParameterGroupFamily="postgres16",
        Description="Of the ledger",
        Tags=TAGS,
    )
    rds("describe_db_parameter_groups", DBParameterGroupName="ferry-ledger")
    slow = {"ParameterName": "log_min_duration_statement", "ParameterValue": "500", "ApplyMethod": "immediate"}
    rds("modify_db_parameter_group", DBParameterGroupName="ferry-ledger", Parameters=[slow])
    rds("list_tags_for_resource", ResourceName=ferry.arn("rds", "pg:ferry-ledger"))
    rds("describe_db_instances", DBInstanceIdentifier="ferry-nothing")
    rds("delete_db_parameter_group", DBParameterGroupName="ferry-ledger")
    rds("delete_db_subnet_group", DBSubnetGroupName="ferry-data")


def caches(ferry: Ferry) -> None:
    elasticache = ferry.client("elasticache")
    elasticache(
        "create_cache_subnet_group",
        CacheSubnetGroupName="ferry-cache",
        CacheSubnetGroupDescription="Where sessions live",
        SubnetIds=[ferry["private"]],
    )
    elasticache("describe_cache_subnet_groups", CacheSubnetGroupName="ferry-cache")
    elasticache("describe_cache_clusters", CacheClusterId="ferry-nothing")
    elasticache("describe_replication_groups", ReplicationGroupId="ferry-nothing")


# Messaging


def queues(ferry: Ferry) -> None:
    sqs = ferry.client("sqs")
    dead = pick(sqs("create_queue", QueueName="ferry-failed"), "QueueUrl")
    described = sqs("get_queue_attributes", QueueUrl=dead, AttributeNames=["QueueArn"])
    redrive = {"deadLetterTargetArn": pick(described, "Attributes.QueueArn"), "maxReceiveCount": "3"}
    created = sqs(
        "create_queue",
        QueueName="ferry-orders",
        Attributes={"VisibilityTimeout": "45", "RedrivePolicy": json.dumps(redrive)},
        tags={"product": "ferry"},
    )
    queue = pick(created, "QueueUrl")
    ferry["queue"] = queue
    described = sqs("get_queue_attributes", QueueUrl=queue, AttributeNames=["All"])
    ferry["queue arn"] = pick(described, "Attributes.QueueArn")
    sqs("create_queue", QueueName="ferry-orders", Attributes={"VisibilityTimeout": "90"})
    sqs("get_queue_url", QueueName="ferry-orders")
    sqs("get_queue_url", QueueName="ferry-nothing")
    sqs("tag_queue", QueueUrl=queue, Tags={"team": "orders"})
    sqs("list_queue_tags", QueueUrl=queue)
    for name in ("ferry-emails", "ferry-webhooks"):
        sqs("create_queue", QueueName=name)
    pages(sqs, "list_queues", "NextToken", QueueNamePrefix="ferry-", MaxResults=2)


def messages(ferry: Ferry) -> None:
    sqs = ferry.client("sqs")
    queue = ferry["queue"]
    sqs(
        "send_message",
        QueueUrl=queue,
        MessageBody='{"order": 1}',
        MessageAttributes={"tenant": {"DataType": "String", "StringValue": "acorn"}},
    )
    received = sqs("receive_message", QueueUrl=queue, MessageAttributeNames=["All"], AttributeNames=["All"])
    handle = pick(received, "Messages[0].ReceiptHandle")
    sqs("change_message_visibility", QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=120)
    sqs("delete_message", QueueUrl=queue, ReceiptHandle=handle)
    entries = [{"Id": f"order-{number}", "MessageBody": f'{{"order": {number}}}'} for number in (2, 3)]
    sqs("send_message_batch", QueueUrl=queue, Entries=entries)
    received = sqs("receive_message", QueueUrl=queue, MaxNumberOfMessages=10)
    handles = [message["ReceiptHandle"] for message in received.get("Messages", [])]
    parts_done = [{"Id": f"done-{number}", "ReceiptHandle": handle} for number, handle in enumerate(handles)]
    if parts_done:
        sqs("delete_message_batch", QueueUrl=queue, Entries=parts_done)
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    ordered = pick(sqs("create_queue", QueueName="ferry-payments.fifo", Attributes=attributes), "QueueUrl")
    sqs("send_message", QueueUrl=ordered, MessageBody="pay 1", MessageGroupId="acorn")
    sqs("send_message", QueueUrl=ordered, MessageBody="pay 1", MessageGroupId="acorn")
    sqs("receive_message", QueueUrl=ordered, AttributeNames=["All"])
    sqs("delete_queue", QueueUrl=ordered)
    sqs("get_queue_url", QueueName="ferry-payments.fifo")


def topics(ferry: Ferry) -> None:
    sns = ferry.client("sns")
    topic = pick(sns("create_topic", Name="ferry-orders", Tags=TAGS), "TopicArn")
    ferry["topic"] = topic
    sns("create_topic", Name="ferry-alarms")
    sns("set_topic_attributes", TopicArn=topic, AttributeName="DisplayName", AttributeValue="Orders")
    sns("get_topic_attributes", TopicArn=topic)
    created = sns("subscribe", TopicArn=topic, Protocol="sqs", Endpoint=ferry["queue arn"], ReturnSubscriptionArn=True)
    subscription = pick(created, "SubscriptionArn")
    filters = json.dumps({"tenant": ["acorn", "birch"]})
    sns(
        "set_subscription_attributes",
        SubscriptionArn=subscription,
        AttributeName="FilterPolicy",
        AttributeValue=filters,
    )
    sns("get_subscription_attributes", SubscriptionArn=subscription)
    sns("list_subscriptions_by_topic", TopicArn=topic)
    for tenant in ("acorn", "cedar"):
        attributes = {"tenant": {"DataType": "String", "StringValue": tenant}}
        sns("publish", TopicArn=topic, Subject="Paid", Message=f"{tenant} paid", MessageAttributes=attributes)
    time.sleep(SETTLING_SECONDS)
    sqs = ferry.client("sqs")
    received = sqs("receive_message", QueueUrl=ferry["queue"], MaxNumberOfMessages=10)
    for message in received.get("Messages", []):
        sqs("delete_message", QueueUrl=ferry["queue"], ReceiptHandle=message["ReceiptHandle"])
    entries = [{"Id": "one", "Message": "first"}, {"Id": "two", "Message": "second"}]
    sns("publish_batch", TopicArn=topic, PublishBatchRequestEntries=entries)
    sns("list_topics")
    sns("list_tags_for_resource", ResourceArn=topic)
    sns("unsubscribe", SubscriptionArn=subscription)
    sns("get_subscription_attributes", SubscriptionArn=subscription)
    sns("publish", TopicArn=topic.replace("ferry-orders", "ferry-nothing"), Message="lost")


def events(ferry: Ferry) -> None:
    eventbridge = ferry.client("events")
    eventbridge("create_event_bus", Name="ferry")
    eventbridge("describe_event_bus", Name="ferry")
    pattern = json.dumps({"source": ["ferry.orders"], "detail-type": ["OrderPaid"]})
    for name in ("order-audited", "order-paid", "order-sent"):
        eventbridge("put_rule", Name=name, EventBusName="ferry", EventPattern=pattern, State="ENABLED")
    pages(eventbridge, "list_rules", "NextToken", EventBusName="ferry", Limit=2)
    target = {"Id": "queue", "Arn": ferry["queue arn"]}
    eventbridge("put_targets", Rule="order-paid", EventBusName="ferry", Targets=[target])
    eventbridge("list_targets_by_rule", Rule="order-paid", EventBusName="ferry")
    eventbridge("describe_rule", Name="order-paid", EventBusName="ferry")
    entry = {
        "EventBusName": "ferry",
        "Source": "ferry.orders",
        "DetailType": "OrderPaid",
        "Detail": json.dumps({"tenant": "acorn", "number": 1}),
    }
    eventbridge("put_events", Entries=[entry])
    time.sleep(SETTLING_SECONDS)
    sqs = ferry.client("sqs")
    received = sqs("receive_message", QueueUrl=ferry["queue"], MaxNumberOfMessages=10)
    for message in received.get("Messages", []):
        sqs("delete_message", QueueUrl=ferry["queue"], ReceiptHandle=message["ReceiptHandle"])
    eventbridge("disable_rule", Name="order-paid", EventBusName="ferry")
    eventbridge("remove_targets", Rule="order-paid", EventBusName="ferry", Ids=["queue"])
    eventbridge("delete_rule", Name="order-paid", EventBusName="ferry")
    eventbridge("describe_rule", Name="order-paid", EventBusName="ferry")


def schedules(ferry: Ferry) -> None:
    scheduler = ferry.client("scheduler")
    scheduler("create_schedule_group", Name="ferry")
    target = {"Arn": ferry["queue arn"], "RoleArn": ferry["billing"], "Input": '{"run": "invoices"}'}
    window = {"Mode": "OFF"}
    for name, expression in (("daily", "rate(1 day)"), ("monthly", "cron(0 3 1 * ? *)"), ("weekly", "rate(7 days)")):
        scheduler(
            "create_schedule",
            Name=f"ferry-{name}",
            GroupName="ferry",
            ScheduleExpression=expression,
            FlexibleTimeWindow=window,
            Target=target,
        )
    scheduler("get_schedule", Name="ferry-daily", GroupName="ferry")
    scheduler("get_schedule", Name="ferry-yearly", GroupName="ferry")
    scheduler("list_schedules", GroupName="ferry")
    scheduler(
        "update_schedule",
        Name="ferry-daily",
        GroupName="ferry",
        ScheduleExpression="rate(12 hours)",
        FlexibleTimeWindow=window,
        Target=target,
        State="DISABLED",
    )
    scheduler("delete_schedule", Name="ferry-daily", GroupName="ferry")
    scheduler("delete_schedule_group", Name="ferry")


def pipelines(ferry: Ferry) -> None:
    pipes = ferry.client("pipes")
    pipes(
        "create_pipe",
        Name="ferry-changes",
        Source=ferry["orders stream"],
        SourceParameters={"DynamoDBStreamParameters": {"StartingPosition": "LATEST", "BatchSize": 5}},
        Target=ferry["queue arn"],
        RoleArn=ferry["forwarding"],
        DesiredState="STOPPED",
    )
    pipes("describe_pipe", Name="ferry-changes")
    pipes("describe_pipe", Name="ferry-nothing")
    pipes("list_pipes", NamePrefix="ferry")
    pipes("delete_pipe", Name="ferry-changes")


def letters(ferry: Ferry) -> None:
    ses = ferry.client("ses")
    ses("verify_email_identity", EmailAddress="orders@ferry.example")
    ses("verify_email_identity", EmailAddress="invoices@ferry.example")
    ses("list_identities", IdentityType="EmailAddress")
    ses("get_identity_verification_attributes", Identities=["orders@ferry.example"])
    mail = {"Subject": {"Data": "Your order"}, "Body": {"Text": {"Data": "It is on its way."}}}
    to = {"ToAddresses": ["ada@acorn.example"]}
    ses("send_email", Source="orders@ferry.example", Destination=to, Message=mail)
    ses("send_email", Source="nobody@ferry.example", Destination=to, Message=mail)
    template = {"TemplateName": "ferry-paid", "SubjectPart": "Paid: {{number}}", "TextPart": "Thank you, {{name}}."}
    ses("create_template", Template=template)
    ses("get_template", TemplateName="ferry-paid")
    ses(
        "send_templated_email",
        Source="invoices@ferry.example",
        Destination=to,
        Template="ferry-paid",
        TemplateData=json.dumps({"number": "1", "name": "Ada"}),
    )
    ses("delete_template", TemplateName="ferry-paid")
    ses("delete_identity", Identity="invoices@ferry.example")


def newsletters(ferry: Ferry) -> None:
    sesv2 = ferry.client("sesv2")
    sesv2("create_email_identity", EmailIdentity="news@ferry.example")
    sesv2("get_email_identity", EmailIdentity="news@ferry.example")
    sesv2("list_email_identities")
    sesv2("create_configuration_set", ConfigurationSetName="ferry-news")
    sesv2("list_configuration_sets")
    sesv2("delete_configuration_set", ConfigurationSetName="ferry-news")
    sesv2("delete_email_identity", EmailIdentity="news@ferry.example")


# Compute


def archive(answer: str) -> bytes:
    """A function's code, the same bytes each time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as files:
        entry = zipfile.ZipInfo("bill.py", date_time=(2024, 1, 1, 0, 0, 0))
        files.writestr(entry, f"def handler(event, context):\n    return {answer!r}\n")
    return packed.getvalue()


def functions(ferry: Ferry) -> None:
    function = ferry.client("lambda")
    for name in ("ferry-bill", "ferry-notify", "ferry-report"):
        function(
            "create_function",
            FunctionName=name,
            Runtime="python3.12",
            Role=ferry["billing"],
            Handler="bill.handler",
            Code={"ZipFile": archive("billed")},
            Timeout=20,
            Environment={"Variables": {"TABLE": "ferry-orders"}},
            Tags={"product": "ferry"},
        )
    bill = {"FunctionName": "ferry-bill"}
    ferry["function"] = pick(function("get_function", **bill), "Configuration.FunctionArn")
    function("get_function", FunctionName="ferry-nothing")
    function("update_function_configuration", **bill, MemorySize=256, Description="Bills tenants")
    function("publish_version", **bill, Description="first")
    function("update_function_code", **bill, ZipFile=archive("billed twice"))
    function("publish_version", **bill, Description="second")
    pages(function, "list_versions_by_function", "Marker", "NextMarker", **bill, MaxItems=2)
    pages(function, "list_functions", "Marker", "NextMarker", MaxItems=2)
    function("create_alias", **bill, Name="live", FunctionVersion="1")
    function("update_alias", **bill, Name="live", FunctionVersion="2", Description="What tenants see")
    function("get_alias", **bill, Name="live")
    function("list_aliases", **bill)


def mappings(ferry: Ferry) -> None:
    function = ferry.client("lambda")
    notify = {"FunctionName": "ferry-notify"}
    function(
        "add_permission",
        **notify,
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    function("get_policy", **notify)
    created = function(
        "create_event_source_mapping", **notify, EventSourceArn=ferry["queue arn"], BatchSize=5, Enabled=False
    )
    mapping = pick(created, "UUID")
    function("get_event_source_mapping", UUID=mapping)
    function("list_event_source_mappings", **notify)
    function("update_event_source_mapping", UUID=mapping, BatchSize=8)
    function("delete_event_source_mapping", UUID=mapping)
    function("put_function_concurrency", **notify, ReservedConcurrentExecutions=5)
    function("get_function_concurrency", **notify)
    function("delete_function", **notify)


def images(ferry: Ferry) -> None:
    ecr = ferry.client("ecr")
    for name in ("ferry/api", "ferry/worker"):
        ecr("create_repository", repositoryName=name, tags=TAGS)
    ecr("create_repository", repositoryName="ferry/api")
    ecr("describe_repositories", repositoryNames=["ferry/api"])
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {
                "mediaType": "application/vnd.docker.container.image.v1+json",
                "size": 7023,
                "digest": "sha256:" + "b5" * 32,
            },
            "layers": [],
        }
    )
    ecr("put_image", repositoryName="ferry/api", imageManifest=manifest, imageTag="v1")
    ecr("list_images", repositoryName="ferry/api")
    ecr("batch_get_image", repositoryName="ferry/api", imageIds=[{"imageTag": "v1"}])
    ecr("set_repository_policy", repositoryName="ferry/api", policyText=document("ecr:BatchGetImage", principal="*"))
    ecr("get_repository_policy", repositoryName="ferry/api")
    ecr("delete_repository", repositoryName="ferry/api")
    ecr("batch_delete_image", repositoryName="ferry/api", imageIds=[{"imageTag": "v1"}])
    ecr("delete_repository", repositoryName="ferry/api")


def containers(ferry: Ferry) -> None:
    ecs = ferry.client("ecs")
    created = ecs("create_cluster", clusterName="ferry", tags=LOWER_TAGS)
    cluster = pick(created, "cluster.clusterArn")
    ecs("describe_clusters", clusters=[cluster])
    for memory in (256, 512):
        ecs(
            "register_task_definition",
            family="ferry-worker",
            containerDefinitions=[
                {"name": "worker", "image": "ferry/worker:v1", "cpu": 128, "memory": memory, "essential": True}
            ],
        )
    ecs("describe_task_definition", taskDefinition="ferry-worker:1")
    pages(ecs, "list_task_definitions", "nextToken", familyPrefix="ferry-worker", maxResults=1)
    ecs(
        "create_service",
        cluster="ferry",
        serviceName="ferry-worker",
        taskDefinition="ferry-worker:1",
        desiredCount=0,
    )
    ecs("describe_services", cluster="ferry", services=["ferry-worker"])
    ecs("update_service", cluster="ferry", service="ferry-worker", taskDefinition="ferry-worker:2", desiredCount=0)
    ecs("list_services", cluster="ferry")
    ecs("update_service", cluster="ferry", service="ferry-nothing", desiredCount=0)
    ecs("delete_service", cluster="ferry", service="ferry-worker", force=True)
    ecs("deregister_task_definition", taskDefinition="ferry-worker:1")
    ecs("delete_cluster", cluster="ferry")


def flows(ferry: Ferry) -> None:
    states = ferry.client("stepfunctions")
    definition: dict[str, object] = {
        "StartAt": "Check",
        "States": {"Check": {"Type": "Pass", "Result": {"checked": True}, "End": True}},
    }
    for name in ("ferry-fulfil", "ferry-refund"):
        created = states(
            "create_state_machine",
            name=name,
            definition=json.dumps(definition),
            roleArn=ferry["fulfilment"],
            tags=LOWER_TAGS,
        )
        ferry[name] = pick(created, "stateMachineArn")
    fulfil = ferry["ferry-fulfil"]
    states("describe_state_machine", stateMachineArn=fulfil)
    states("describe_state_machine", stateMachineArn=fulfil + "-nothing")
    pages(states, "list_state_machines", "nextToken", maxResults=1)
    states("update_state_machine", stateMachineArn=fulfil, definition=json.dumps({**definition, "Comment": "v2"}))
    wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
    states("update_state_machine", stateMachineArn=fulfil, definition=json.dumps(wait))
    started = states("start_execution", stateMachineArn=fulfil, name="order-1", input='{"number": 1}')
    execution = pick(started, "executionArn")
    states("describe_execution", executionArn=execution)
    states("list_executions", stateMachineArn=fulfil)
    states("stop_execution", executionArn=execution, error="Cancelled", cause="The tenant changed their mind")
    states("describe_execution", executionArn=execution)
    for name in ("ferry-fulfil", "ferry-refund"):
        states("delete_state_machine", stateMachineArn=ferry[name])


def builds(ferry: Ferry) -> None:
    codebuild = ferry.client("codebuild")
    for name in ("ferry-api", "ferry-worker"):
        codebuild(
            "create_project",
            name=name,
            source={"type": "S3", "location": "ferry-uploads/source.zip"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
            },
            serviceRole=ferry["billing"],
        )
    codebuild("list_projects", sortBy="NAME", sortOrder="ASCENDING")
    codebuild("batch_get_projects", names=["ferry-api", "ferry-nothing"])
    codebuild("delete_project", name="ferry-api")


# People


def tenants(ferry: Ferry) -> None:
    cognito = ferry.client("cognito-idp")
    created = cognito(
        "create_user_pool",
        PoolName="ferry-tenants",
        Policies={"PasswordPolicy": {"MinimumLength": 8, "RequireNumbers": True}},
        AutoVerifiedAttributes=["email"],
    )
    pool = {"UserPoolId": pick(created, "UserPool.Id")}
    ferry["pool"] = pool["UserPoolId"]
    created = cognito(
        "create_user_pool_client",
        **pool,
        ClientName="ferry-web",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )
    ferry["pool client"] = pick(created, "UserPoolClient.ClientId")
    cognito("describe_user_pool", **pool)
    cognito("describe_user_pool_client", **pool, ClientId=ferry["pool client"])
    cognito("create_group", **pool, GroupName="owners", Description="Who pay", Precedence=1)
    for tenant in TENANTS[:3]:
        cognito(
            "admin_create_user",
            **pool,
            Username=tenant,
            UserAttributes=[{"Name": "email", "Value": f"owner@{tenant}.example"}],
            MessageAction="SUPPRESS",
        )
    cognito("admin_get_user", **pool, Username="acorn")
    cognito("admin_get_user", **pool, Username="zelkova")
    cognito("list_users", **pool, Filter='username = "birch"')
    cognito("admin_add_user_to_group", **pool, Username="acorn", GroupName="owners")
    cognito("list_users_in_group", **pool, GroupName="owners")
    name = [{"Name": "name", "Value": "Acorn Ltd"}]
    cognito("admin_update_user_attributes", **pool, Username="acorn", UserAttributes=name)
    cognito("admin_set_user_password", **pool, Username="acorn", Password="Enter-2024", Permanent=True)
    login = {**pool, "ClientId": ferry["pool client"], "AuthFlow": "ADMIN_USER_PASSWORD_AUTH"}
    entry = cognito("admin_initiate_auth", **login, AuthParameters={"USERNAME": "acorn", "PASSWORD": "Enter-2024"})
    cognito("admin_initiate_auth", **login, AuthParameters={"USERNAME": "acorn", "PASSWORD": "Enter-2023"})
    cognito("get_user", AccessToken=pick(entry, "AuthenticationResult.AccessToken"))
    cognito("admin_delete_user", **pool, Username="cedar")
    cognito("admin_get_user", **pool, Username="cedar")


def visitors(ferry: Ferry) -> None:
    cognito = ferry.client("cognito-identity")
    created = cognito("create_identity_pool", IdentityPoolName="ferry_visitors", AllowUnauthenticatedIdentities=True)
    pool = {"IdentityPoolId": pick(created, "IdentityPoolId")}
    cognito("describe_identity_pool", **pool)
    cognito("update_identity_pool", **pool, IdentityPoolName="ferry_guests", AllowUnauthenticatedIdentities=True)
    identity = pick(cognito("get_id", **pool), "IdentityId")
    cognito("get_credentials_for_identity", IdentityId=identity)
    cognito("delete_identity_pool", **pool)
    cognito("describe_identity_pool", **pool)


# Interfaces


def endpoints(ferry: Ferry) -> None:
    gateway = ferry.client("apigateway")
    created = gateway("create_rest_api", name="ferry", description="Orders", tags={"product": "ferry"})
    api = {"restApiId": pick(created, "id")}
    gateway("get_rest_api", **api)
    gateway("get_rest_api", restApiId="nothing0000")
    root = pick(gateway("get_resources", **api), "items[0].id")
    path = {**api, "resourceId": pick(gateway("create_resource", **api, parentId=root, pathPart="orders"), "id")}
    gateway("put_method", **path, httpMethod="GET", authorizationType="NONE")
    gateway(
        "put_integration",
        **path,
        httpMethod="GET",
        type="MOCK",
        requestTemplates={"application/json": '{"statusCode": 200}'},
    )
    gateway("put_method_response", **path, httpMethod="GET", statusCode="200")
    gateway("put_integration_response", **path, httpMethod="GET", statusCode="200", selectionPattern="")
    gateway("get_integration", **path, httpMethod="GET")
    deployment = pick(gateway("create_deployment", **api, description="first"), "id")
    gateway("create_stage", **api, stageName="test", deploymentId=deployment, variables={"region": "north"})
    gateway("get_stage", **api, stageName="test")
    change = [{"op": "replace", "path": "/description", "value": "For testers"}]
    gateway("update_stage", **api, stageName="test", patchOperations=change)
    gateway("update_rest_api", **api, patchOperations=[{"op": "replace", "path": "/name", "value": "ferry-orders"}])
    gateway("delete_stage", **api, stageName="test")
    gateway("delete_resource", **path)
    gateway("delete_rest_api", **api)


def gateways(ferry: Ferry) -> None:
    gateway = ferry.client("apigatewayv2")
    created = gateway("create_api", Name="ferry-hooks", ProtocolType="HTTP", Tags={"product": "ferry"})
    api = {"ApiId": pick(created, "ApiId")}
    gateway("get_api", ApiId="nothing000")
    created = gateway(
        "create_integration",
        **api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=ferry["function"],
        PayloadFormatVersion="2.0",
    )
    integration = pick(created, "IntegrationId")
    created = gateway("create_route", **api, RouteKey="POST /hooks", Target=f"integrations/{integration}")
    route = pick(created, "RouteId")
    gateway("get_routes", **api)
    gateway("update_route", **api, RouteId=route, RouteKey="PUT /hooks")
    gateway("create_stage", **api, StageName="test", AutoDeploy=True)
    gateway("get_stage", **api, StageName="test")
    gateway("update_api", **api, Description="Where tenants call us")
    gateway("delete_stage", **api, StageName="test")
    gateway("delete_route", **api, RouteId=route)
    gateway("delete_integration", **api, IntegrationId=integration)
    gateway("delete_api", **api)


def zones(ferry: Ferry) -> None:
    route53 = ferry.client("route53")
    created = route53(
        "create_hosted_zone",
        Name="ferry.example.",
        CallerReference="ferry-2024",
        HostedZoneConfig={"Comment": "Where tenants go", "PrivateZone": False},
    )
    zone = {"HostedZoneId": pick(created, "HostedZone.Id").removeprefix("/hostedzone/")}
    route53("get_hosted_zone", Id=zone["HostedZoneId"])
    route53("get_hosted_zone", Id="Z0NOTHING0000")
    records: list[dict[str, Any]] = [
        {
            "Name": f"{tenant}.ferry.example.",
            "Type": "A",
            "TTL": 300,
            "ResourceRecords": [{"Value": f"192.0.2.{number}"}],
        }
        for number, tenant in enumerate(TENANTS, 1)
    ]
    creates = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record} for record in records]}
    changed = route53("change_resource_record_sets", **zone, ChangeBatch=creates)
    route53("get_change", Id=pick(changed, "ChangeInfo.Id").removeprefix("/change/"))
    route53("change_resource_record_sets", **zone, ChangeBatch=creates)
    start: dict[str, object] = {}
    for _ in range(MAX_PAGES):
        page = route53("list_resource_record_sets", **zone, MaxItems="3", **start)
        if not page.get("IsTruncated"):
            break
        start = {"StartRecordName": page["NextRecordName"], "StartRecordType": page["NextRecordType"]}
    upsert = {"Action": "UPSERT", "ResourceRecordSet": {**records[0], "TTL": 60}}
    route53("change_resource_record_sets", **zone, ChangeBatch={"Changes": [upsert]})
    route53("delete_hosted_zone", Id=zone["HostedZoneId"])
    deletes = [{**records[0], "TTL": 60}, *records[1:]]
    gone = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record} for record in deletes]}
    route53("change_resource_record_sets", **zone, ChangeBatch=gone)
    route53("delete_hosted_zone", Id=zone["HostedZoneId"])


def certificates(ferry: Ferry) -> None:
    acm = ferry.client("acm")
    requested = acm(
        "request_certificate",
        DomainName="ferry.example",
        SubjectAlternativeNames=["www.ferry.example"],
        ValidationMethod="DNS",
        IdempotencyToken="ferry2024",
    )
    certificate = {"CertificateArn": pick(requested, "CertificateArn")}
    acm("describe_certificate", **certificate)
    acm("list_certificates")
    acm("delete_certificate", **certificate)
    acm("describe_certificate", **certificate)


def fronts(ferry: Ferry) -> None:
    cloudfront = ferry.client("cloudfront")
    config: dict[str, object] = {
        "CallerReference": "ferry-2024",
        "Comment": "The web app",
        "Enabled": True,
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": "uploads",
                    "DomainName": "ferry-uploads.s3.amazonaws.com",
                    "S3OriginConfig": {"OriginAccessIdentity": ""},
                }
            ],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "uploads",
            "ViewerProtocolPolicy": "redirect-to-https",
            "MinTTL": 0,
            "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
        },
    }
    created = cloudfront("create_distribution", DistributionConfig=config)
    front = pick(created, "Distribution.Id")
    got = cloudfront("get_distribution", Id=front)
    config |= {"Enabled": False, "Comment": "Closed"}
    changed = cloudfront("update_distribution", Id=front, IfMatch=pick(got, "ETag"), DistributionConfig=config)
    cloudfront("list_distributions")
    paths = {"Quantity": 1, "Items": ["/*"]}
    batch = {"CallerReference": "first", "Paths": paths}
    cloudfront("create_invalidation", DistributionId=front, InvalidationBatch=batch)
    cloudfront("list_invalidations", DistributionId=front)
    cloudfront("delete_distribution", Id=front, IfMatch=pick(changed, "ETag"))
    cloudfront("get_distribution", Id=front)


def shields(ferry: Ferry) -> None:
    waf = ferry.client("wafv2")
    addresses = {
        "Name": "ferry-banned",
        "Scope": "REGIONAL",
        "Addresses": ["192.0.2.0/24"],
    }
    created = waf("create_ip_set", **addresses, IPAddressVersion="IPV4", Description="Who may not come in")
    banned = {"Name": "ferry-banned", "Scope": "REGIONAL", "Id": pick(created, "Summary.Id")}
    got = waf("get_ip_set", **banned)
    changed = ["192.0.2.0/24", "198.51.100.0/24"]
    waf("update_ip_set", **banned, Addresses=changed, LockToken=pick(got, "LockToken"))
    waf("list_ip_sets", Scope="REGIONAL")
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "ferry"}
    created = waf(
        "create_web_acl",
        Name="ferry-web",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig=seen,
        Rules=[],
    )
    acl = {"Name": "ferry-web", "Scope": "REGIONAL", "Id": pick(created, "Summary.Id")}
    got = waf("get_web_acl", **acl)
    waf("list_web_acls", Scope="REGIONAL")
    waf("delete_web_acl", **acl, LockToken=pick(got, "LockToken"))
    waf("get_web_acl", **acl)
    got = waf("get_ip_set", **banned)
    waf("delete_ip_set", **banned, LockToken=pick(got, "LockToken"))


# Operations


def alarms(ferry: Ferry) -> None:
    cloudwatch = ferry.client("cloudwatch")
    for name in ("ferry-backlog", "ferry-errors", "ferry-latency"):
        cloudwatch(
            "put_metric_alarm",
            AlarmName=name,
            Namespace="Ferry",
            MetricName=name.removeprefix("ferry-"),
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=2,
            Threshold=5,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[ferry["topic"]],
        )
    cloudwatch("describe_alarms", AlarmNames=["ferry-errors"])
    cloudwatch("set_alarm_state", AlarmName="ferry-errors", StateValue="ALARM", StateReason="A drill")
    cloudwatch("describe_alarms", AlarmNames=["ferry-errors"])
    for value in (1.0, 2.0):
        metric = {
            "MetricName": "orders",
            "Dimensions": [{"Name": "tenant", "Value": "acorn"}],
            "Value": value,
            "Unit": "Count",
        }
        cloudwatch("put_metric_data", Namespace="Ferry", MetricData=[metric])
    cloudwatch("list_metrics", Namespace="Ferry", MetricName="orders")
    widgets = {"widgets": [{"type": "text", "x": 0, "y": 0, "width": 6, "height": 2, "properties": {"markdown": "Hi"}}]}
    cloudwatch("put_dashboard", DashboardName="ferry", DashboardBody=json.dumps(widgets))
    cloudwatch("get_dashboard", DashboardName="ferry")
    cloudwatch("delete_dashboards", DashboardNames=["ferry"])
    cloudwatch("delete_alarms", AlarmNames=["ferry-backlog", "ferry-errors", "ferry-latency"])


def logbooks(ferry: Ferry) -> None:
    logs = ferry.client("logs")
    for name in ("api", "billing", "worker"):
        logs("create_log_group", logGroupName=f"/ferry/{name}", tags={"product": "ferry"})
    logs("create_log_group", logGroupName="/ferry/api")
    pages(logs, "describe_log_groups", "nextToken", logGroupNamePrefix="/ferry/", limit=2)
    logs("put_retention_policy", logGroupName="/ferry/api", retentionInDays=14)
    for name in ("one", "two"):
        logs("create_log_stream", logGroupName="/ferry/api", logStreamName=name)
    logs("describe_log_streams", logGroupName="/ferry/api", orderBy="LogStreamName")
    now = int(time.time() * 1000)
    lines = [{"timestamp": now + number, "message": f"order {number} paid"} for number in range(3)]
    logs("put_log_events", logGroupName="/ferry/api", logStreamName="one", logEvents=lines)
    logs("get_log_events", logGroupName="/ferry/api", logStreamName="one", startFromHead=True)
    logs("filter_log_events", logGroupName="/ferry/api", filterPattern="paid")
    transformation = {"metricName": "paid", "metricNamespace": "Ferry", "metricValue": "1"}
    logs(
        "put_metric_filter",
        logGroupName="/ferry/api",
        filterName="paid",
        filterPattern="paid",
        metricTransformations=[transformation],
    )
    logs("describe_metric_filters", logGroupName="/ferry/api")
    logs("delete_metric_filter", logGroupName="/ferry/api", filterName="paid")
    logs("delete_log_group", logGroupName="/ferry/worker")


def stacks(ferry: Ferry) -> None:
    cloudformation = ferry.client("cloudformation")
    template: dict[str, Any] = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "What a new tenant gets",
        "Parameters": {"Tenant": {"Type": "String"}},
        "Resources": {
            "Inbox": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "ferry-inbox-${Tenant}"}}}
        },
        "Outputs": {"InboxName": {"Value": {"Fn::GetAtt": ["Inbox", "QueueName"]}}},
    }
    cloudformation("validate_template", TemplateBody=json.dumps(template))
    name = {"StackName": "ferry-tenant-acorn"}
    parameters = [{"ParameterKey": "Tenant", "ParameterValue": "acorn"}]
    cloudformation("create_stack", **name, TemplateBody=json.dumps(template), Parameters=parameters, Tags=TAGS)
    time.sleep(SETTLING_SECONDS)
    cloudformation("describe_stacks", **name)
    cloudformation("create_stack", **name, TemplateBody=json.dumps(template), Parameters=parameters)
    cloudformation("list_stack_resources", **name)
    ferry.client("sqs")("get_queue_url", QueueName="ferry-inbox-acorn")
    template["Resources"]["Outbox"] = {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": {"Fn::Sub": "ferry-outbox-${Tenant}"}},
    }
    cloudformation("update_stack", **name, TemplateBody=json.dumps(template), Parameters=parameters)
    time.sleep(SETTLING_SECONDS)
    cloudformation("describe_stack_resources", **name)
    cloudformation("get_template", **name)
    cloudformation("delete_stack", **name)
    time.sleep(SETTLING_SECONDS)
    cloudformation("describe_stacks", **name)


def names(ferry: Ferry) -> None:
    discovery = ferry.client("servicediscovery")
    created = discovery("create_http_namespace", Name="ferry", Description="Who is where")
    discovery("get_operation", OperationId=pick(created, "OperationId"))
    namespace = pick(discovery("list_namespaces"), "Namespaces[?Name=='ferry'].Id | [0]")
    service = pick(discovery("create_service", Name="billing", NamespaceId=namespace), "Service.Id")
    discovery("get_service", Id=service)
    discovery("list_services", Filters=[{"Name": "NAMESPACE_ID", "Values": [namespace]}])
    discovery(
        "register_instance",
        ServiceId=service,
        InstanceId="billing-1",
        Attributes={"AWS_INSTANCE_IPV4": "10.20.1.10", "AWS_INSTANCE_PORT": "8080"},
    )
    discovery("get_instance", ServiceId=service, InstanceId="billing-1")
    discovery("deregister_instance", ServiceId=service, InstanceId="billing-1")
    discovery("delete_service", Id=service)
    discovery("delete_namespace", Id=namespace)


def catalogue(ferry: Ferry) -> None:
    glue = ferry.client("glue")
    glue("create_database", DatabaseInput={"Name": "ferry", "Description": "What analysts read"})
    glue("create_database", DatabaseInput={"Name": "ferry"})
    descriptor = {
        "Columns": [{"Name": "number", "Type": "bigint"}, {"Name": "total", "Type": "double"}],
        "Location": "s3://ferry-uploads/orders/",
    }
    table = {"Name": "orders", "StorageDescriptor": descriptor, "PartitionKeys": [{"Name": "day", "Type": "string"}]}
    glue("create_table", DatabaseName="ferry", TableInput=table)
    glue("create_table", DatabaseName="ferry", TableInput={**table, "Name": "payments"})
    glue("get_table", DatabaseName="ferry", Name="orders")
    glue("get_table", DatabaseName="ferry", Name="nothing")
    glue("get_tables", DatabaseName="ferry")
    for day in ("2024-01-01", "2024-01-02"):
        part = {**descriptor, "Location": f"s3://ferry-uploads/orders/{day}/"}
        entry = {"Values": [day], "StorageDescriptor": part}
        glue("create_partition", DatabaseName="ferry", TableName="orders", PartitionInput=entry)
    glue("get_partitions", DatabaseName="ferry", TableName="orders")
    glue("delete_partition", DatabaseName="ferry", TableName="orders", PartitionValues=["2024-01-01"])
    glue("update_table", DatabaseName="ferry", TableInput={**table, "Description": "One row per order"})
    glue("delete_table", DatabaseName="ferry", Name="payments")
    glue("delete_database", Name="ferry")


def questions(ferry: Ferry) -> None:
    athena = ferry.client("athena")
    configuration = {"ResultConfiguration": {"OutputLocation": "s3://ferry-uploads/answers/"}}
    athena("create_work_group", Name="ferry", Description="Analysts", Configuration=configuration)
    athena("get_work_group", WorkGroup="ferry")
    athena("list_work_groups")
    created = athena(
        "create_named_query",
        Name="late",
        Database="ferry",
        QueryString="SELECT number FROM orders WHERE late",
        WorkGroup="ferry",
    )
    query = pick(created, "NamedQueryId")
    athena("get_named_query", NamedQueryId=query)
    athena("delete_work_group", WorkGroup="ferry", RecursiveDeleteOption=True)


def flags(ferry: Ferry) -> None:
    appconfig = ferry.client("appconfig")
    application = pick(appconfig("create_application", Name="ferry", Description="Flags"), "Id")
    created = appconfig(
        "create_configuration_profile", ApplicationId=application, Name="checkout", LocationUri="hosted"
    )
    profile = {"ApplicationId": application, "ConfigurationProfileId": pick(created, "Id")}
    appconfig("get_configuration_profile", **profile)
    for content in (b'{"express": false}', b'{"express": true}'):
        appconfig("create_hosted_configuration_version", **profile, Content=content, ContentType="application/json")
    appconfig("get_hosted_configuration_version", **profile, VersionNumber=2)
    appconfig("update_application", ApplicationId=application, Description="What is on and what is off")
    for version in (1, 2):
        appconfig("delete_hosted_configuration_version", **profile, VersionNumber=version)
    appconfig("delete_configuration_profile", **profile)
    appconfig("delete_application", ApplicationId=application)
    appconfig("get_application", ApplicationId=application)


def inventory(ferry: Ferry) -> None:
    tagging = ferry.client("resourcegroupstaggingapi")
    filters = [{"Key": "product", "Values": ["ferry"]}]
    tagging("get_resources", TagFilters=filters, ResourceTypeFilters=["sns"])
    tagging("get_resources", TagFilters=filters, ResourceTypeFilters=["dynamodb:table"])
    tagging("get_tag_values", Key="product")
    tagging("tag_resources", ResourceARNList=[ferry["topic"]], Tags={"owner": "platform"})
    ferry.client("sns")("list_tags_for_resource", ResourceArn=ferry["topic"])
    groups = ferry.client("resource-groups")
    search = {"ResourceTypeFilters": ["AWS::AllSupported"], "TagFilters": filters}
    query = {"Type": "TAG_FILTERS_1_0", "Query": json.dumps(search)}
    groups("create_group", Name="ferry-all", Description="All of it", ResourceQuery=query)
    groups("list_groups")
    groups("delete_group", GroupName="ferry-all")


def empty(ferry: Ferry, bucket: str) -> None:
    """Delete a bucket with all versions of its objects."""
    s3 = ferry.client("s3")
    listed = s3("list_object_versions", Bucket=bucket)
    versions = listed.get("Versions", []) + listed.get("DeleteMarkers", [])
    gone = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
    if gone:
        s3("delete_objects", Bucket=bucket, Delete={"Objects": gone, "Quiet": True})
    s3("delete_bucket", Bucket=bucket)


def closing(ferry: Ferry) -> None:
    dynamodb, sqs, sns = (ferry.client(service) for service in ("dynamodb", "sqs", "sns"))
    for table in ("ferry-orders", "ferry-stock", "ferry-tenants"):
        dynamodb("delete_table", TableName=table)
    dynamodb("list_tables")
    sns("delete_topic", TopicArn=ferry["topic"])
    sqs("purge_queue", QueueUrl=ferry["queue"])
    sqs("delete_queue", QueueUrl=ferry["queue"])
    sqs("list_queues", QueueNamePrefix="ferry-orders")
    empty(ferry, "ferry-invoices")
    kms = ferry.client("kms")
    kms("delete_alias", AliasName="alias/ferry-data")
    kms("schedule_key_deletion", KeyId=ferry["key"], PendingWindowInDays=7)
    kms("describe_key", KeyId=ferry["key"])
    cognito = ferry.client("cognito-idp")
    cognito("delete_user_pool_client", UserPoolId=ferry["pool"], ClientId=ferry["pool client"])
    cognito("delete_user_pool", UserPoolId=ferry["pool"])
    ec2 = ferry.client("ec2")
    ec2("delete_security_group", GroupId=ferry["data group"])
    ec2("delete_security_group", GroupId=ferry["web group"])
    for name in ("public", "private", "spare"):
        ec2("delete_subnet", SubnetId=ferry[name])
    ec2("delete_vpc", VpcId=ferry["vpc"])
    ec2("describe_vpcs", VpcIds=[ferry["vpc"]])


CHAPTERS: tuple[Callable[[Ferry], None], ...] = (
    account, roles, policies, staff,
    network, routing, firewalls, hosts, balancers, scaling,
    buckets, invoices, reports, disks,
    keys, secrets, settings,
    tables, orders, stock, changes, clicks, deliveries, ledgers, caches,
    queues, messages, topics, events, schedules, pipelines, letters, newsletters,
    functions, mappings, images, containers, flows, builds,
    tenants, visitors,
    endpoints, gateways, zones, certificates, fronts, shields,
    alarms, logbooks, stacks, names, catalogue, questions, flags, inventory,
    closing,
)  # fmt: skip


if __name__ == "__main__":
    main()
