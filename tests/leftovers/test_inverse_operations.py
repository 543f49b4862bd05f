"""Which operation undoes which."""

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.leftovers.inverse_operations import resource_effect


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
    effect = resource_effect(services, service, action)

    assert effect.makes
    assert effect.undone_by
    assert expected == effect.undone_by.name


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
    effect = resource_effect(services, service, action)

    assert (makes, deletes) == (effect.makes, effect.deletes.name if effect.deletes else "")


def test_most_of_what_is_created_can_be_undone(services: Services) -> None:
    """Of the services that apps use most, for all that the table of their main operations has."""
    names = ("dynamodb", "sqs", "sns", "lambda", "iam", "kinesis", "logs", "events", "stepfunctions", "ecs", "eks")
    for service in names:
        actions = [action for action in services.model(service).operation_names if action.startswith("Create")]
        missing = [action for action in actions if resource_effect(services, service, action).undone_by is None]

        assert set(missing) <= {"CreateGlobalTable", "CreateDelegationRequest", "CreateExportTask"}
