"""Which operation undoes which."""

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.leftovers.inverse_operations import (
    is_default,
    is_name_of,
    noun_of,
    resource_effect,
    singular,
    wanted,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dynamodb.CreateTable", "DeleteTable"),
        ("ec2.RunInstances", "TerminateInstances"),
        ("ec2.AllocateAddress", "ReleaseAddress"),
        ("ec2.CreateDefaultVpc", "DeleteVpc"),
        ("ec2.AttachVolume", "DetachVolume"),
        ("ecs.RegisterTaskDefinition", "DeregisterTaskDefinition"),
        ("iam.AddUserToGroup", "RemoveUserFromGroup"),
        ("cognito-idp.AdminAddUserToGroup", "AdminRemoveUserFromGroup"),
        ("cognito-idp.AdminCreateUser", "AdminDeleteUser"),
        ("kms.CreateKey", "ScheduleKeyDeletion"),
        ("kms.CreateGrant", "RevokeGrant"),
        ("rds.RestoreDBInstanceFromDBSnapshot", "DeleteDBInstance"),
        ("rds.RestoreDBClusterToPointInTime", "DeleteDBCluster"),
        ("s3.CompleteMultipartUpload", "DeleteObject"),
        ("iot.AttachPolicy", "DetachPolicy"),
        ("servicediscovery.CreatePrivateDnsNamespace", "DeleteNamespace"),
        ("datasync.CreateLocationS3", "DeleteLocation"),
        ("route53.AssociateVPCWithHostedZone", "DisassociateVPCFromHostedZone"),
    ],
)
def test_what_is_made_is_undone_by_its_opposite(services: Services, name: str, expected: str) -> None:
    """By the verbs, the nouns, and the table of what they do not tell."""
    service, _, action = name.partition(".")
    found = resource_effect(services, service, action)

    assert found.makes
    assert found.undone_by
    assert expected == found.undone_by.name


@pytest.mark.parametrize(
    "name",
    [
        "fsx.CopySnapshotAndUpdateVolume",
        "timestream-influxdb.RestoreFromDbBackup",
        "ssm.RegisterDefaultPatchBaseline",
        "mturk.CreateAdditionalAssignmentsForHIT",
        "cloudformation.ImportStacksToStackSet",
        "cloudfront.CreateInvalidationForDistributionTenant",
        "ec2.RestoreVolumeFromRecycleBin",
        "secretsmanager.RestoreSecret",
        "kms.CancelKeyDeletion",
        "kms.ReplicateKey",
        "s3.RestoreObject",
    ],
)
def test_what_was_there_before_is_not_deleted(services: Services, name: str) -> None:
    """Operations on a thing whose name theirs ends with do not make it: to delete it would be the user's loss."""
    service, _, action = name.partition(".")

    assert resource_effect(services, service, action).undone_by is None


@pytest.mark.parametrize(
    ("name", "makes", "deletes"),
    [
        ("dynamodb.GetItem", False, ""),
        ("dynamodb.PutItem", False, ""),
        ("dynamodb.DeleteItem", False, ""),
        ("dynamodb.DeleteTable", False, "DeleteTable"),
        ("kms.ScheduleKeyDeletion", False, "ScheduleKeyDeletion"),
        ("ssm.DeleteParameters", False, "DeleteParameter"),
        ("glue.BatchDeleteTable", False, "DeleteTable"),
        ("ecr.BatchDeleteImage", False, "BatchDeleteImage"),
        ("glue.BatchGetJobs", False, ""),
        ("sts.AssumeRole", False, ""),
        ("s3.CreateSession", False, ""),
        ("ec2.CreateTags", False, ""),
        ("organizations.CreateAccount", True, ""),
        ("savingsplans.CreateSavingsPlan", True, ""),
        ("events.PutEvents", False, ""),
        ("dynamodb.CreateNothing", False, ""),
        ("nothing.CreateNothing", False, ""),
        ("dynamodb.", False, ""),
        ("s3.GET /x", False, ""),
    ],
)
def test_what_else_an_operation_does(services: Services, name: str, makes: bool, deletes: str) -> None:
    """Payload, sessions and tags are no things; a batch is known by the operation for one."""
    service, _, action = name.partition(".")
    found = resource_effect(services, service, action)

    assert (makes, deletes) == (found.makes, found.deletes.name if found.deletes else "")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dynamodb.DeleteTable", ("TableName",)),
        ("ec2.DeleteSecurityGroup", ("GroupId",)),
        ("kinesis.DeleteStream", ("StreamName",)),
        ("iam.DeleteAccountPasswordPolicy", ()),
        ("workdocs.DeleteFolder", ("FolderId",)),
    ],
)
def test_a_deleting_operation_wants_what_tells_the_thing(
    services: Services, name: str, expected: tuple[str, ...]
) -> None:
    """What the model requires, or what the table says where that is too little."""
    model = services.operation_model(*name.split("."))
    assert model

    assert expected == tuple(member for member, _ in wanted(model).required)


def test_most_of_what_is_created_can_be_undone(services: Services) -> None:
    """Of the services that apps use most, for all that the table of their main operations has."""
    names = ("dynamodb", "sqs", "sns", "lambda", "iam", "kinesis", "logs", "events", "stepfunctions", "ecs", "eks")
    for service in names:
        actions = [one for one in services.model(service).operation_names if one.startswith("Create")]
        missing = [one for one in actions if resource_effect(services, service, one).undone_by is None]

        assert set(missing) <= {"CreateGlobalTable", "CreateDelegationRequest", "CreateExportTask"}


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("Policies", "Policy"),
        ("Alarms", "Alarm"),
        ("Access", "Access"),
        ("Status", "Status"),
        ("Role", "Role"),
        ("", ""),
    ],
)
def test_a_plural_has_a_singular(noun: str, expected: str) -> None:
    """A noun that only ends as a plural does stays."""
    assert expected == singular(noun)


@pytest.mark.parametrize(
    ("action", "expected"),
    [("TerminateInstances", "instance"), ("DeleteDBInstance", "dbinstance"), ("Unsubscribe", ""), ("", "")],
)
def test_an_operation_has_a_noun(action: str, expected: str) -> None:
    """What follows its first word."""
    assert expected == noun_of(action)


@pytest.mark.parametrize(
    ("member", "noun", "expected"),
    [
        ("BucketName", "bucket", True),
        ("Bucket", "bucket", True),
        ("InstanceIds", "instance", True),
        ("Bucket", "bucketpolicy", False),
        ("BucketKey", "bucket", False),
    ],
)
def test_a_member_may_name_the_thing(member: str, noun: str, *, expected: bool) -> None:
    """By the noun, and by what names end with."""
    assert expected is is_name_of(member, noun)


def test_some_defaults_are_known() -> None:
    """The default bus is the bus where none is named."""
    assert is_default("EventBusName", "default")
    assert not is_default("EventBusName", "own")
    assert not is_default("Name", "default")
