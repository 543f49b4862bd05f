"""Credentials that AWS gives to the app, and those that are nobody's."""

import base64
import re

import pytest

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.credentials.temporary import (
    MAX_LATEST,
    MAX_VENDED,
    VendedCredentials,
    gives_credentials,
    throwaway_credentials,
)
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
    vended = VendedCredentials()
    model = services.operation_model(service, action)
    vended.learn(document(Reply(200, Headers(), body.encode()), protocol, model).tree)

    assert model
    assert gives_credentials(model)
    assert expected == vended.get(expected.access_key)
    assert vended.get("AKIAANOTHER") is None


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
    vended = VendedCredentials()
    vended.learn(tree)

    assert vended.get("A") is None
    assert not vended.knows("A")


def test_only_so_many_are_kept() -> None:
    """The oldest ones make room."""
    vended = VendedCredentials()
    for number in range(MAX_VENDED + 1):
        vended.learn({"Credentials": {"AccessKeyId": f"A{number}", "SecretAccessKey": "s"}})

    assert vended.get("A0") is None
    assert Credentials("A1", "s") == vended.get("A1")
    assert Credentials(f"A{MAX_VENDED}", "s") == vended.get(f"A{MAX_VENDED}")
    assert vended.knows("A1")


def test_the_latest_come_first() -> None:
    """The credentials that were given last are those that an app uses, and so are those that are given once more."""
    vended = VendedCredentials()
    for number in (*range(MAX_LATEST + 2), 0):
        vended.learn({"Credentials": {"AccessKeyId": f"A{number}", "SecretAccessKey": "s"}})

    expected = [0, *range(MAX_LATEST + 1, 2, -1)]
    assert [f"A{number}" for number in expected] == [credentials.access_key for credentials in vended.latest()]


def test_throwaway_credentials_look_like_an_iam_user_s() -> None:
    """An SDK, and whatever else checks their form, takes them; there is no token."""
    credentials = throwaway_credentials()

    assert re.fullmatch("AKIA[A-Z2-7]{16}", credentials.access_key)
    assert re.fullmatch("[A-Za-z0-9+/]{40}", credentials.secret_key)
    assert credentials.token is None


def test_throwaway_credentials_are_different_each_time() -> None:
    """No two runs share a key or a secret."""
    runs = [throwaway_credentials() for _ in range(200)]

    assert 200 == len({credentials.access_key for credentials in runs})
    assert 200 == len({credentials.secret_key for credentials in runs})


def test_throwaway_credentials_are_of_no_account() -> None:
    """The account that an access key id holds in its bits (the 40 after the first) has more than twelve digits."""
    for _ in range(200):
        number = int.from_bytes(base64.b32decode(throwaway_credentials().access_key.removeprefix("AKIA")))
        account = number >> 39 & (2**40 - 1)

        assert len(str(account)) == 13
        assert number >> 79 == 1


def _giving(access_key: str, *, secret: str = "s", token: str | None = None) -> dict[str, object]:
    token_member = {"SessionToken": token} if token else {}
    return {"AccessKeyId": access_key, "SecretAccessKey": secret, **token_member}


@pytest.mark.parametrize(
    ("aws", "other", "expected"),
    [
        (
            {"Credentials": _giving("ASIAAWS", token="t")},
            {"Credentials": _giving("ASIAMOCK", secret="m", token="n")},
            Credentials("ASIAMOCK", "m", "n"),
        ),
        (
            {"A": _giving("ASIAAWS"), "B": _giving("ASIASECOND")},
            {"B": _giving("ASIAOTHER"), "A": _giving("ASIAMOCK")},
            Credentials("ASIAMOCK", "s"),
        ),
        ({"Credentials": _giving("ASIAAWS")}, {"Other": _giving("ASIAMOCK")}, None),
        ({"Credentials": _giving("ASIAAWS")}, {}, None),
        ({"Credentials": _giving("ASIAAWS")}, {"Credentials": {"AccessKeyId": "ASIAMOCK"}}, None),
        ({"Credentials": _giving("ASIAAWS")}, {"Credentials": _giving("ASIA\r\nX: y")}, None),
        ({"Credentials": _giving("ASIAAWS")}, {"Credentials": _giving("ASIAMOCK", secret="\ud800")}, None),
        ({"Credentials": _giving("ASIAAWS")}, {"Credentials": _giving("ASIAMOCK", token="t" * 20_000)}, None),
    ],
)
def test_partners_stand_in_the_same_place(
    aws: dict[str, object], other: dict[str, object], expected: Credentials | None
) -> None:
    """What the other endpoint gave is found by AWS's key, if it is in the same place and can be sent."""
    vended = VendedCredentials()
    vended.learn(aws)
    vended.learn_partners(aws, other)

    assert expected == vended.partner("ASIAAWS")
    assert (expected is not None) == (expected in vended.latest_partners())


def test_a_partner_is_none_of_awss_own() -> None:
    """What CloudMock gave is not to be signed with for AWS, not even under a name of AWS's."""
    vended = VendedCredentials()
    vended.learn({"Credentials": _giving("ASIAAWS")})
    vended.learn_partners({"Credentials": _giving("ASIAAWS")}, {"Credentials": _giving("ASIAMOCK", secret="m")})
    vended.learn_partners({"Credentials": _giving("ASIATWO")}, {"Credentials": _giving("ASIAAWS", secret="forged")})

    assert Credentials("ASIAAWS", "s") == vended.get("ASIAAWS")
    assert vended.get("ASIAMOCK") is None
    assert not vended.knows("ASIAMOCK")
    assert Credentials("ASIAMOCK", "m") == vended.partner("ASIAAWS")
    assert vended.partner("ASIAMOCK") is None
