"""Which operation undoes which: by opposite verbs, by tables of exceptions, and by a look into the service's model.

An operation is undone by one of the same service whose verb is the opposite and whose noun is the same: CreateTable and
DeleteTable. This file does not know requests.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from botocore.model import OperationModel

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.models.verbs import (
    MAKES_WITHOUT_OPPOSITE,
    OPPOSITES,
    UNDOES,
    after_leading_word,
    leading_word,
)
from cloudmock_contract.leftovers.nouns import singular

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

_UNDOES = frozenset(f"{name.partition('.')[0]}.{undo}" for name, undo in _PAIRS.items() if undo)
"""Operations that undo others, whatever their names."""

_UNDOING_VERBS = UNDOES | {"Batch"}

_PAYLOAD = frozenset(
    (
        "dynamodb.BatchWriteItem", "dynamodb.DeleteItem", "sqs.DeleteMessage", "sqs.DeleteMessageBatch",
    )
)  # fmt: skip
"""Operations that delete items of a database and messages."""

_OF_ANOTHER = ("Create", "Restore", "Copy")
"""Verbs of operations whose names may end with what the thing is made from."""

_SOURCE = re.compile(r"(?<=[a-zA-Z])(?:V[0-9]+|From(?!RecycleBin)[A-Z]\w*|With[A-Z]\w*|ToPointInTime)$")
"""How they end then: RestoreDBInstanceFromDBSnapshot."""

_UNDELETES = ("Restore",)
"""Verbs of operations that bring back what was there before: it is not for this run to delete."""

_JOINS = ("Add", "Associate", "Register")
"""Verbs of operations that join two things: AddRoleToDBCluster, RemoveRoleFromDBCluster."""


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
    verb, name = leading_word(action), f"{service}.{action}"
    makes = name in _PAIRS or verb in OPPOSITES or verb in MAKES_WITHOUT_OPPOSITE
    undoes = name in _UNDOES or verb in _UNDOING_VERBS
    if name in _PAYLOAD or not (makes or undoes):
        return NONE
    model = services.operation_model(service, action)
    if model is None:
        return NONE
    undone_by = _undone_by(model, name, verb) if makes else None
    deletes = _deletes(model, verb) if undoes and undone_by is None else None
    leaves_nothing = name in _PAIRS or _LEAVES_NOTHING.match(action) is not None
    is_made = verb in MAKES_WITHOUT_OPPOSITE and not leaves_nothing and deletes is None
    return ResourceEffect(undone_by, undone_by is not None or is_made, deletes)


def _undone_by(model: OperationModel, name: str, verb: str) -> OperationModel | None:
    if name in _PAIRS:
        candidates = iter((_PAIRS[name],))
    elif family := next((undo for pattern, undo in _FAMILIES if pattern.fullmatch(name)), None):
        candidates = iter((family,))
    else:
        candidates = _opposites(model.name, verb)
    operations = frozenset(model.service_model.operation_names)
    undo = next((candidate for candidate in candidates if candidate in operations and candidate != model.name), None)
    return model.service_model.operation_model(undo) if undo else None


def _opposites(action: str, verb: str) -> Iterator[str]:
    """What may undo the operation, the likeliest first."""
    rest = after_leading_word(action)
    if verb == "Admin":  # cognito-idp's AdminAddUserToGroup and AdminRemoveUserFromGroup
        inner_verb = leading_word(rest)
        if inner_verb in OPPOSITES:
            yield from (f"Admin{inner}" for inner in _opposites(rest, inner_verb))
        return
    for noun in _nouns(rest, verb):
        for opposite in OPPOSITES.get(verb, ()):
            yield f"{opposite}{noun}"


def _nouns(noun: str, verb: str) -> Iterator[str]:
    """The noun, and what else the thing may be called where it is deleted. A wrong guess deletes another thing."""
    without_source = _SOURCE.sub("", noun) if verb in _OF_ANOTHER else noun
    if verb not in _UNDELETES or without_source != noun:
        for spelling in dict.fromkeys((noun, without_source)):
            yield from (spelling, singular(spelling), f"{spelling}s")
    if verb in _JOINS:
        yield re.sub(r"(?<=[A-Za-z])(?:To|With)(?=[A-Z])", "From", noun)


def _deletes(model: OperationModel, verb: str) -> OperationModel | None:
    """The operation that does for one thing what this one does for one or many; None where it deletes nothing."""
    action = model.name
    if verb == "Batch":
        action = after_leading_word(action)
        if leading_word(action) not in _UNDOING_VERBS:
            return None
    for name in (singular(action), action):
        if name != model.name and name in model.service_model.operation_names:
            return model.service_model.operation_model(name)
    return model
