"""Which members of a deleting operation tell what it deletes.

This file does not know the values of members.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import OperationModel

from cloudmock_contract.leftovers.nouns import is_name_of, noun_of

_REQUIRED: Mapping[str, tuple[str, ...]] = {
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
"""What identifies the thing where the model requires nothing, or too little."""

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
"""Optional members that say which of several things is meant; where they are not given, it is the default one."""

_DEFAULTS = frozenset(("cluster", "EventBusName"))
"""Members whose value is `default` where they are not given."""


@dataclass(frozen=True, slots=True)
class IdentifyingMembers:
    """The members of a deleting operation that tell what it deletes, as (name, shape) pairs."""

    required: tuple[tuple[str, Any], ...]
    """Those without which it is not known what is deleted."""
    scopes: tuple[tuple[str, Any], ...]
    """Those that may be given as well."""


@functools.lru_cache(maxsize=8192)
def identifying_members(model: OperationModel) -> IdentifyingMembers:
    """The members of a deleting operation that tell what it deletes."""
    shape: Any = model.input_shape
    if shape is None:
        return IdentifyingMembers((), ())
    required = _required(model, shape)
    scopes = tuple(name for name in shape.members if name in _SCOPES and name not in required)
    return IdentifyingMembers(
        tuple((name, shape.members[name]) for name in required),
        tuple((name, shape.members[name]) for name in scopes),
    )


def _required(model: OperationModel, shape: Any) -> tuple[str, ...]:
    if names := _REQUIRED.get(f"{model.service_model.service_name}.{model.name}"):
        return names
    if names := tuple(
        name for name in shape.required_members if not shape.members[name].metadata.get("idempotencyToken")
    ):
        return names
    noun = noun_of(model.name)
    return tuple(name for name in shape.members if is_name_of(name, noun))[:1]


def is_default(member: str, value: str) -> bool:
    """Whether the value is what holds where the member is not given."""
    return value == "default" and member in _DEFAULTS
