"""Which operation undoes which: tables of verbs and of exceptions, and a look into the service's model.

An operation is undone by one of the same service whose verb is the opposite and whose noun is the same: CreateTable and
DeleteTable. This file does not know requests.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import OperationModel

from cloudmock_contract.aws.models.services import Services

_OPPOSITES: Mapping[str, tuple[str, ...]] = {
    "Create": (
        "Delete", "Terminate", "Remove", "Deregister", "Cancel", "Destroy", "Abort", "Release", "Revoke", "Retire",
        "Stop",
    ),
    "Put": ("Delete", "Remove"),
    "Run": ("Terminate", "Stop"),
    "Launch": ("Terminate",),
    "Provision": ("Deprovision", "Terminate", "Release"),
    "Allocate": ("Release", "Deallocate", "Delete"),
    "Assign": ("Unassign",),
    "Register": ("Deregister", "Unregister", "Delete"),
    "Request": ("Delete", "Cancel"),
    "Subscribe": ("Unsubscribe",),
    "Attach": ("Detach",),
    "Associate": ("Disassociate", "Dissociate"),
    "Add": ("Remove", "Delete"),
    "Import": ("Delete", "Deregister"),
    "Copy": ("Delete", "Deregister"),
    "Restore": ("Delete",),
    "Clone": ("Delete",),
    "Upload": ("Delete",),
    "Publish": ("Delete",),
    "Authorize": ("Revoke", "Deauthorize"),
    "Grant": ("Revoke",),
    "Admin": ("Admin",),
}  # fmt: skip
"""By an operation's first word, the first words of those that undo it, the likeliest first. What is started or enabled
was there before, or ends by itself; a Modify, a Set or an Update has no opposite."""

_PAIRS: Mapping[str, str] = {
    "autoscaling.CreateOrUpdateTags": "",
    "backup.CreateLogicallyAirGappedBackupVault": "DeleteBackupVault",
    "cloudwatch.PutCompositeAlarm": "DeleteAlarms",
    "cloudwatch.PutDashboard": "DeleteDashboards",
    "cloudwatch.PutMetricAlarm": "DeleteAlarms",
    "cognito-idp.AdminCreateUser": "AdminDeleteUser",
    "cognito-idp.SignUp": "AdminDeleteUser",
    "directconnect.CreatePrivateVirtualInterface": "DeleteVirtualInterface",
    "directconnect.CreatePublicVirtualInterface": "DeleteVirtualInterface",
    "directconnect.CreateTransitVirtualInterface": "DeleteVirtualInterface",
    "ds.CreateMicrosoftAD": "DeleteDirectory",
    "dynamodb.CreateGlobalTable": "",
    "dynamodb.PutItem": "",
    "ec2.CreateDefaultSubnet": "DeleteSubnet",
    "ec2.CreateDefaultVpc": "DeleteVpc",
    "ec2.CreateFleet": "DeleteFleets",
    "ec2.CreateImage": "DeregisterImage",
    "ec2.CreateSnapshots": "DeleteSnapshot",
    "ec2.CreateTags": "",
    "ec2.CreateVpcEndpoint": "DeleteVpcEndpoints",
    "ec2.CreateVpcEndpointConnectionNotification": "DeleteVpcEndpointConnectionNotifications",
    "ec2.CreateVpcEndpointServiceConfiguration": "DeleteVpcEndpointServiceConfigurations",
    "ec2.RequestSpotFleet": "CancelSpotFleetRequests",
    "ec2.RequestSpotInstances": "CancelSpotInstanceRequests",
    "ec2.RunInstances": "TerminateInstances",
    "ecr.PutImage": "BatchDeleteImage",
    "ecs.RunTask": "StopTask",
    "ecs.StartTask": "StopTask",
    "efs.CreateTags": "",
    "elb.CreateAppCookieStickinessPolicy": "DeleteLoadBalancerPolicy",
    "elb.CreateLBCookieStickinessPolicy": "DeleteLoadBalancerPolicy",
    "emr.RunJobFlow": "TerminateJobFlows",
    "iot.CreateCertificateFromCsr": "DeleteCertificate",
    "iot.CreateKeysAndCertificate": "DeleteCertificate",
    "kms.CreateKey": "ScheduleKeyDeletion",
    "lambda.PublishVersion": "DeleteFunction",
    "medialive.CreateTags": "",
    "mq.CreateTags": "",
    "rds.CreateDBInstanceReadReplica": "DeleteDBInstance",
    "redshift.CreateTags": "",
    "redshift.RestoreFromClusterSnapshot": "DeleteCluster",
    "route53.CreateTrafficPolicyVersion": "DeleteTrafficPolicy",
    "s3.CompleteMultipartUpload": "DeleteObject",
    "s3.CreateMultipartUpload": "AbortMultipartUpload",
    "s3.UploadPart": "",
    "s3.UploadPartCopy": "",
    "servicediscovery.CreateHttpNamespace": "DeleteNamespace",
    "servicediscovery.CreatePrivateDnsNamespace": "DeleteNamespace",
    "servicediscovery.CreatePublicDnsNamespace": "DeleteNamespace",
    "ses.VerifyDomainIdentity": "DeleteIdentity",
    "ses.VerifyEmailIdentity": "DeleteIdentity",
    "sns.CreatePlatformEndpoint": "DeleteEndpoint",
    "ssm.StartSession": "TerminateSession",
    "storagegateway.CreateCachediSCSIVolume": "DeleteVolume",
    "storagegateway.CreateNFSFileShare": "DeleteFileShare",
    "storagegateway.CreateSMBFileShare": "DeleteFileShare",
    "storagegateway.CreateStorediSCSIVolume": "DeleteVolume",
    "workspaces.CreateTags": "",
}
"""What the names do not tell. Empty: nothing comes to be that is a resource of its own: tags are their bearer's, items
and parts of uploads are payload, and a global table is made of tables that were there."""

_FAMILIES = (
    (re.compile(r"datasync\.CreateLocation\w+"), "DeleteLocation"),
    (re.compile(r"networkmanager\.Create\w+Attachment"), "DeleteAttachment"),
)
"""Likewise, of many kinds of one thing."""

_LEAVES_NOTHING = re.compile(
    r"Create\w*(?:Token|TokenWithIAM|TokenWithTokenExchange|Ur[il]s?|URL|Session|Invalidation\w*|Preview|Login|Quote|"
    r"Authcode|AuthCode|DeepLinkCode|Presigned\w*|Commit|Script|Challenge|Estimate|Inquiry|SampleFindings)$"
)
"""Operations that have no opposite and need none: what they make is an answer, or ends by itself."""

_UNKNOWN_UNDOING = ("Create", "Purchase", "Allocate", "Run")
"""First words of operations that make something even where nothing is found that undoes it; a Put without an opposite
is data or a setting."""

_UNDOING_WORDS = frozenset(word for words in _OPPOSITES.values() for word in words) | {"Batch", "Unsubscribe"}
_UNDOING = frozenset(f"{name.partition('.')[0]}.{undo}" for name, undo in _PAIRS.items() if undo)
_PAYLOAD = frozenset(
    (
        "dynamodb.BatchWriteItem", "dynamodb.DeleteItem", "sqs.DeleteMessage", "sqs.DeleteMessageBatch",
    )
)  # fmt: skip
"""Operations that delete items of a database and messages."""

_WORD = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z][a-z0-9]*")


@dataclass(frozen=True, slots=True)
class ResourceEffect:
    """What an operation does to the list of what there is."""

    undone_by: OperationModel | None = None
    """The operation that deletes what this one makes."""
    makes: bool = False
    """Whether it makes something, even if nothing is known that deletes it."""
    deletes: OperationModel | None = None
    """Of an operation that deletes: the one that deletes one thing of the kind, mostly itself."""


NONE = ResourceEffect()


@functools.lru_cache(maxsize=8192)
def resource_effect(services: Services, service: str, action: str) -> ResourceEffect:
    """What the operation makes or deletes.

    The first look at an operation that is not one that reads loads the service's model, if nothing has (1 to 130 ms);
    further ones take about a microsecond.
    """
    words = _WORD.match(action)
    name = f"{service}.{action}"
    if words is None or name in _PAYLOAD:
        return NONE
    word = words[0]
    makes = name in _PAIRS or word in _OPPOSITES or word in _UNKNOWN_UNDOING
    undoes = word in _UNDOING_WORDS or name in _UNDOING
    if not makes and not undoes:
        return NONE
    model = services.operation_model(service, action)
    if model is None:
        return NONE
    undone_by = _undone_by(model, name, word) if makes else None
    is_known = name in _PAIRS or _LEAVES_NOTHING.match(action) is not None
    deletes = _deletes(model, word) if undoes and undone_by is None else None
    is_made = undone_by is not None or (word in _UNKNOWN_UNDOING and not is_known and deletes is None)
    return ResourceEffect(undone_by, is_made, deletes)


def _undone_by(model: OperationModel, name: str, word: str) -> OperationModel | None:
    there = frozenset(model.service_model.operation_names)
    known = _PAIRS.get(name) or next((undo for pattern, undo in _FAMILIES if pattern.fullmatch(name)), None)
    candidates = iter((known,)) if known or name in _PAIRS else _opposites(model.name, word)
    found = next((one for one in candidates if one in there and one != model.name), None)
    return model.service_model.operation_model(found) if found else None


def _opposites(action: str, word: str) -> Iterator[str]:
    """What may undo the operation, the likeliest first."""
    if word == "Admin":  # cognito-idp's AdminAddUserToGroup and AdminRemoveUserFromGroup
        inner = _WORD.match(action, len(word))
        if inner and inner[0] in _OPPOSITES:
            yield from (f"Admin{one}" for one in _opposites(action.removeprefix(word), inner[0]))
        return
    noun = action.removeprefix(word)
    for one in _nouns(noun, word):
        for opposite in _OPPOSITES.get(word, ()):
            yield f"{opposite}{one}"


def _nouns(noun: str, word: str) -> Iterator[str]:
    """The noun, and what else the thing may be called where it is deleted. A wrong guess deletes another thing."""
    plain = noun
    if word in _OF_ANOTHER:
        plain = _SOURCE.sub("", noun)
    if word not in _UNDELETES or plain != noun:
        for one in dict.fromkeys((noun, plain)):
            yield from (one, singular(one), f"{one}s")
    if word in ("Add", "Associate", "Register"):  # AddRoleToDBCluster, RemoveRoleFromDBCluster
        yield re.sub(r"(?<=[A-Za-z])(?:To|With)(?=[A-Z])", "From", noun)


_OF_ANOTHER = ("Create", "Restore", "Copy")
_SOURCE = re.compile(r"(?<=[a-zA-Z])(?:V[0-9]+|From(?!RecycleBin)[A-Z]\w*|With[A-Z]\w*|ToPointInTime)$")
"""How the name of an operation ends that makes a thing out of another: RestoreDBInstanceFromDBSnapshot."""

_UNDELETES = ("Restore",)
"""First words of operations that bring back what was there before: it is not for this run to delete."""


def singular(noun: str) -> str:
    """`Policies`: `Policy`; `Alarms`: `Alarm`; a noun without a plural's ending stays."""
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else noun


def _deletes(model: OperationModel, word: str) -> OperationModel | None:
    """The operation that does for one thing what this one does for one or many; None where it deletes nothing."""
    action = model.name
    if word == "Batch":
        inner = action.removeprefix("Batch")
        found = _WORD.match(inner)
        if found is None or found[0] not in _UNDOING_WORDS:
            return None
        word, action = found[0], inner
    for one in (singular(action), action):
        if one != model.name and one in model.service_model.operation_names:
            return model.service_model.operation_model(one)
    return model


@functools.lru_cache(maxsize=8192)
def noun_of(action: str) -> str:
    """What the operation is about, in lower case and in the singular: of `TerminateInstances`, `instance`."""
    match = _WORD.match(action)
    return singular(action[match.end() :]).lower() if match else ""


_IDENTIFYING: Mapping[str, tuple[str, ...]] = {
    "ec2.CancelCapacityReservationFleets": ("CapacityReservationFleetIds",),
    "ec2.DeleteKeyPair": ("KeyName",),
    "ec2.DeleteLaunchTemplate": ("LaunchTemplateId",),
    "ec2.DeleteSecurityGroup": ("GroupId",),
    "ec2.DisassociateAddress": ("AssociationId",),
    "ec2.ReleaseAddress": ("AllocationId",),
    "ec2.RevokeSecurityGroupEgress": ("SecurityGroupRuleIds",),
    "ec2.RevokeSecurityGroupIngress": ("SecurityGroupRuleIds",),
    "elasticache.DeleteSnapshot": ("SnapshotName",),
    "kinesis.DeleteStream": ("StreamName",),
    "kinesis.DeregisterStreamConsumer": ("ConsumerARN",),
    "kms.RetireGrant": ("KeyId", "GrantId"),
    "kms.RevokeGrant": ("KeyId", "GrantId"),
    "ssm.DeleteAssociation": ("AssociationId",),
}
"""What tells the thing where the model requires nothing or too little."""

_SCOPES = frozenset(
    (
        "AccountId",
        "CallAs",
        "CatalogId",
        "DestinationCidrBlock",
        "DestinationIpv6CidrBlock",
        "DestinationPrefixListId",
        "EventBusName",
        "LoadBalancerPort",
        "Qualifier",
        "UserName",
        "VersionId",
        "cluster",
        "domainOwner",
        "meshOwner",
        "registryId",
        "vectorBucketName",
    )
)
"""Optional members that, where they are given, say of several things which one; without them it is the default."""

_DEFAULTS = frozenset(("cluster", "EventBusName"))
"""Members of which `default` is what holds where they are not given."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a deleting operation is told."""

    required: tuple[tuple[str, Any], ...]
    """The members without which it is not known what is deleted: (name, shape) pairs."""
    scopes: tuple[tuple[str, Any], ...]
    """Members that may be there as well."""


@functools.lru_cache(maxsize=8192)
def wanted(model: OperationModel) -> Wanted:
    """The members of a deleting operation that tell what it deletes."""
    shape: Any = model.input_shape
    if shape is None:
        return Wanted((), ())
    name = f"{model.service_model.service_name}.{model.name}"
    names = _IDENTIFYING.get(name) or tuple(
        one for one in shape.required_members if not shape.members[one].metadata.get("idempotencyToken")
    )
    if not names:
        noun = noun_of(model.name)
        named = (one for one in shape.members if is_name_of(one, noun))
        names = tuple(named)[:1]
    scopes = tuple(one for one in shape.members if one in _SCOPES and one not in names)
    return Wanted(
        tuple((one, shape.members[one]) for one in names),
        tuple((one, shape.members[one]) for one in scopes),
    )


SUFFIXES = ("", "name", "id", "arn", "identifier", "url", "uuid")
"""How a member that names a thing goes on after the thing's noun."""


def is_name_of(member: str, noun: str) -> bool:
    """Whether a member of this name tells which thing of the noun is meant. `noun`: as `noun_of` has it."""
    name = member.lower()
    return any(name in (f"{noun}{suffix}", f"{noun}{suffix}s") for suffix in SUFFIXES)


def is_default(member: str, value: str) -> bool:
    """Whether the value is what holds where the member is not given."""
    return value == "default" and member in _DEFAULTS
