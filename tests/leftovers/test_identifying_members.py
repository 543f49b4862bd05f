"""Which members of a deleting operation tell what it deletes."""

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.leftovers.identifying_members import identifying_members, is_default


@pytest.mark.parametrize(
    ("name", "required", "scopes"),
    [
        pytest.param("dynamodb.DeleteTable", ("TableName",), (), id="what the model requires"),
        pytest.param("ec2.DeleteSecurityGroup", ("GroupId",), (), id="what the table says"),
        pytest.param("kinesis.DeleteStream", ("StreamName",), (), id="of several names the best"),
        pytest.param("iam.DeleteAccountPasswordPolicy", (), (), id="nothing: there is one of it"),
        pytest.param("workdocs.DeleteFolder", ("FolderId",), (), id="without the app's credentials"),
        pytest.param("ecs.DeleteService", ("service",), ("cluster",), id="with its scope"),
        pytest.param("s3.DeleteObject", ("Bucket", "Key"), ("VersionId",), id="with its version"),
    ],
)
def test_a_deleting_operation_is_told_what_identifies_the_thing(
    services: Services, name: str, required: tuple[str, ...], scopes: tuple[str, ...]
) -> None:
    """What the model requires, or what the table says where that is too little; and optional members that matter."""
    model = services.operation_model(*name.split("."))
    assert model
    members = identifying_members(model)

    assert (required, scopes) == (
        tuple(member for member, _ in members.required),
        tuple(member for member, _ in members.scopes),
    )


def test_some_defaults_are_known() -> None:
    """The default bus is the bus where none is named."""
    assert is_default("EventBusName", "default")
    assert not is_default("EventBusName", "own")
    assert not is_default("Name", "default")
