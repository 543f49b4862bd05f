"""Credentials that AWS gives to the app."""

import pytest

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.credentials.temporary import MAX_KEPT, VendedCredentials, gives_credentials
from cloudmock_contract.aws.documents.output import document
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.values.http import Headers, Reply

STS = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIAGIVEN</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""
IAM = """<CreateAccessKeyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><CreateAccessKeyResult><AccessKey>
<UserName>app</UserName><AccessKeyId>AKIAGIVEN</AccessKeyId><Status>Active</Status>
<SecretAccessKey>secret</SecretAccessKey></AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>"""
COGNITO = (
    '{"Credentials": {"AccessKeyId": "ASIAGIVEN", "SecretKey": "secret", "SessionToken": "token", "Expiration": 1}}'
)
SSO = '{"roleCredentials": {"accessKeyId": "ASIAGIVEN", "secretAccessKey": "secret", "sessionToken": "token"}}'


@pytest.mark.parametrize(
    ("service", "action", "protocol", "body", "expected"),
    [
        ("sts", "AssumeRole", "query", STS, Credentials("ASIAGIVEN", "secret", "token")),
        ("iam", "CreateAccessKey", "query", IAM, Credentials("AKIAGIVEN", "secret")),
        (
            "cognito-identity",
            "GetCredentialsForIdentity",
            "json",
            COGNITO,
            Credentials("ASIAGIVEN", "secret", "token"),
        ),
        ("sso", "GetRoleCredentials", "rest-json", SSO, Credentials("ASIAGIVEN", "secret", "token")),
    ],
)
def test_credentials_are_found_by_their_access_key(
    services: Services, service: str, action: str, protocol: str, body: str, expected: Credentials
) -> None:
    """The replies of every operation that gives keys are understood."""
    issued = VendedCredentials()
    model = services.operation_model(service, action)
    issued.learn(document(Reply(200, Headers(), body.encode()), protocol, model).tree)

    assert model
    assert gives_credentials(model)
    assert expected == issued.get(expected.access_key)
    assert issued.get("AKIAANOTHER") is None


@pytest.mark.parametrize(
    ("service", "action", "expected"),
    [
        ("sts", "GetSessionToken", True),
        ("s3control", "GetDataAccess", True),
        ("lakeformation", "GetTemporaryGlueTableCredentials", True),
        ("gamelift", "RequestUploadCredentials", True),
        ("s3", "CreateSession", False),
        ("iam", "ListAccessKeys", False),
        ("sts", "GetCallerIdentity", False),
        ("dynamodb", "GetItem", False),
        ("sqs", "DeleteMessage", False),
    ],
)
def test_the_models_say_which_replies_hold_keys(
    services: Services, service: str, action: str, *, expected: bool
) -> None:
    """Operations with a key and its secret in their output give credentials, and no others."""
    model = services.operation_model(service, action)

    assert model
    assert expected is gives_credentials(model)


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"Credentials": None},
        {"Credentials": {"AccessKeyId": "A"}},
        {"Credentials": {"SecretAccessKey": "s"}},
        {"Credentials": {"AccessKeyId": {"x": 1}, "SecretAccessKey": "s"}},
        {"Deep": {"Deep": {"Deep": {"Deep": {"Deep": {"AccessKeyId": "A", "SecretAccessKey": "s"}}}}}},
    ],
)
def test_what_is_no_credentials_is_left(tree: dict[str, object]) -> None:
    """A reply that lacks a part, or has something else in its place, gives none."""
    issued = VendedCredentials()
    issued.learn(tree)

    assert issued.get("A") is None


def test_only_so_many_are_kept() -> None:
    """The oldest ones make room."""
    issued = VendedCredentials()
    for number in range(MAX_KEPT + 1):
        issued.learn({"Credentials": {"AccessKeyId": f"A{number}", "SecretAccessKey": "s"}})

    assert issued.get("A0") is None
    assert Credentials("A1", "s") == issued.get("A1")
    assert Credentials(f"A{MAX_KEPT}", "s") == issued.get(f"A{MAX_KEPT}")
