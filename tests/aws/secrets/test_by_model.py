"""Secrets in differences."""

import json
from typing import Any

import pytest
from botocore.model import ServiceModel
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.secrets.by_model import REDACTED, SECRET_NAMES, redacted, scrubbed
from cloudmock_contract.values.difference import Difference, Kind, Path

SHAPES = {
    "Output": {
        "type": "structure",
        "members": {
            "Plain": {"shape": "String"},
            "Hidden": {"shape": "Secret"},
            "Renamed": {"shape": "Secret", "locationName": "renamed"},
            "HiddenList": {"shape": "SecretList"},
            "HiddenMap": {"shape": "SecretMap"},
            "Whole": {"shape": "SecretStructure"},
            "Deep": {"shape": "Deep"},
        },
    },
    "Deep": {
        "type": "structure",
        "members": {"List": {"shape": "OutputList"}, "Map": {"shape": "OutputMap"}, "Again": {"shape": "Deep"}},
    },
    "OutputList": {"type": "list", "member": {"shape": "Output"}},
    "OutputMap": {"type": "map", "key": {"shape": "String"}, "value": {"shape": "Output"}},
    "String": {"type": "string"},
    "Secret": {"type": "string", "sensitive": True},
    "SecretList": {"type": "list", "member": {"shape": "Secret"}},
    "SecretMap": {"type": "map", "key": {"shape": "String"}, "value": {"shape": "Secret"}},
    "SecretStructure": {"type": "structure", "members": {"Inner": {"shape": "String"}}, "sensitive": True},
}
MODEL = ServiceModel(
    {
        "metadata": {"protocol": "json"},
        "operations": {
            "Do": {"name": "Do", "http": {"method": "POST", "requestUri": "/"}, "output": {"shape": "Output"}}
        },
        "shapes": SHAPES,
    },
    "model",
)
OUTPUT = MODEL.operation_model("Do").output_shape


def differing(path: Path, aws: object = "s3cr3t", cloudmock: object = "0th3r", kind: Kind = Kind.VALUE) -> Difference:
    return Difference(path, kind, aws, cloudmock)


@pytest.mark.parametrize(
    "path",
    [
        ("Hidden",),
        ("renamed",),
        ("Renamed",),
        ("HiddenList", 0),
        ("HiddenList", 17),
        ("HiddenMap", "any key"),
        ("Whole",),
        ("Deep", "List", 0, "Hidden"),
        ("Deep", "Map", "any key", "Hidden"),
        ("Deep", "Again", "Again", "List", 2, "HiddenMap", "k"),
        ("SecretAccessKey",),
        ("secretAccessKey",),
        ("<Hidden>",),
        ("<SecretAccessKey>",),
        ("Deep", "List", 0, "<item>", "Hidden"),
        ("body",),
        ("Unknown", "Password"),
        ("Unknown", 0, "PASSWORD"),
    ],
)
def test_a_secret_is_hidden_on_both_sides(path: Path) -> None:
    """What the model marks, and what is named like a credential, is hidden wherever a path leads to it."""
    assert Difference(path, Kind.VALUE, REDACTED, REDACTED) == redacted(differing(path), OUTPUT)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("Whole", "Inner"), ("Whole",)),
        (("Whole", "Unknown"), ("Whole",)),
        (("Whole", "Unknown", 3, "deeper"), ("Whole",)),
        (("HiddenMap", "any key", "deeper"), ("HiddenMap", "any key")),
        (("HiddenList", 2, 0), ("HiddenList", 2)),
        (("Hidden", "deeper"), ("Hidden",)),
        (("Deep", "List", 0, "Whole", "Inner"), ("Deep", "List", 0, "Whole")),
        (("Deep", "Map", "Password", "Plain"), ("Deep", "Map", "Password")),
        (("Unknown", 0, "PASSWORD", "deeper"), ("Unknown", 0, "PASSWORD")),
        (("password", "SecretKey", "deeper"), ("password",)),
        (("HiddenList", 0, "<item>"), ("HiddenList", 0)),
        (("body", "Message"), ("body",)),
    ],
)
@pytest.mark.parametrize("kind", [Kind.VALUE, Kind.MISSING, Kind.EXTRA, Kind.TYPE, Kind.ORDER, Kind.FORMAT])
def test_what_is_below_a_secret_is_told_of_the_secret(path: Path, expected: Path, kind: Kind) -> None:
    """Names, types and what is there are part of it: all that is told is that it differs."""
    difference = Difference(path, kind, "s3cr3t", {"s3cr3t": 1}, "the model does not know s3cr3t")

    assert Difference(expected, Kind.VALUE, REDACTED, REDACTED) == redacted(difference, OUTPUT)


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("Plain",),
        ("Unknown",),
        ("Deep", "List", 0, "Plain"),
        ("Deep", "Map", "Hidden", "Plain"),
        ("HiddenAway",),
        ("PasswordPolicy",),
        ("Deep", "List", "Hidden"),
        ("Plain", "Hidden"),
    ],
)
def test_what_is_no_secret_is_shown(path: Path) -> None:
    """Other members stay as they are; the model's names count only where the model has them."""
    assert differing(path) == redacted(differing(path), OUTPUT)


@pytest.mark.parametrize("path", [("HiddenList", 0), ("Unknown", "password"), ("Whole",)])
def test_the_order_of_a_secret_is_told_as_a_difference(path: Path) -> None:
    """How many items it has is part of it."""
    difference = differing(path, ["s", "t"], ["t", "s"], Kind.ORDER)

    assert Difference(path, Kind.VALUE, REDACTED, REDACTED) == redacted(difference, OUTPUT)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("Deep",), {"List": [{"Hidden": "s", "Plain": "p"}]}, {"List": [{"Hidden": REDACTED, "Plain": "p"}]}),
        (("Deep", "Map"), {"k": {"renamed": "s", "Plain": "p"}}, {"k": {"renamed": REDACTED, "Plain": "p"}}),
        (("HiddenList",), ["s", "t"], [REDACTED, REDACTED]),
        (("HiddenMap",), {"k": "s"}, {"k": REDACTED}),
        ((), {"Plain": "p", "Hidden": "s", "Whole": {"Inner": "s"}}, {"Plain": "p", "Hidden": REDACTED, "Whole": {}}),
        (("Unknown",), {"a": [{"Password": "s"}, 1, None]}, {"a": [{"Password": REDACTED}, 1, None]}),
        (("Unknown",), {"password": ["s", "t"]}, {"password": []}),
        (("Unknown",), {"password": None}, {"password": None}),
        (("Unknown",), {"password": 12345}, {"password": REDACTED}),
        (("Whole",), {"Inner": "s"}, {}),
    ],
)
def test_secrets_in_a_value_are_hidden(path: Path, value: object, expected: object) -> None:
    """A whole object or list that one side lacks is shown without the secrets in it."""
    missing = Difference(path, Kind.MISSING, value, None)
    extra = Difference(path, Kind.EXTRA, None, value)

    assert Difference(path, Kind.MISSING, expected, None) == redacted(missing, OUTPUT)
    assert Difference(path, Kind.EXTRA, None, expected) == redacted(extra, OUTPUT)


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ("s3cr3t", {"a": "s3cr3t"}, "Hidden: type string -> object"),
        (["s3cr3t"], "s3cr3t", "Hidden: type array -> string"),
        ("s3cr3t", None, "Hidden: type string -> null"),
    ],
)
def test_the_type_of_a_secret_is_no_secret(aws: object, cloudmock: object, expected: str) -> None:
    """A difference of types is told although the values are not."""
    difference = Difference(("Hidden",), Kind.TYPE, aws, cloudmock)

    assert expected == str(redacted(difference, OUTPUT))


@pytest.mark.parametrize("kind", [Kind.STATUS, Kind.FAILURE, Kind.UNPARSABLE])
def test_what_is_not_of_a_member_is_shown(kind: Kind) -> None:
    """Statuses and reasons are of no member, whatever their path is called."""
    difference = Difference(("password",), kind, 200, 404)

    assert difference == redacted(difference, OUTPUT)


def test_names_count_without_a_model() -> None:
    """An operation that no model knows has secrets, too."""
    difference = Difference((), Kind.VALUE, {"Credentials": {"SessionToken": "s", "Expiration": 1}}, None)

    assert {"Credentials": {"SessionToken": REDACTED, "Expiration": 1}} == redacted(difference, None).aws


@pytest.mark.parametrize(
    ("service", "action", "path"),
    [
        ("secretsmanager", "GetSecretValue", ("SecretString",)),
        ("secretsmanager", "GetSecretValue", ("SecretBinary",)),
        ("secretsmanager", "GetRandomPassword", ("RandomPassword",)),
        ("kms", "Decrypt", ("Plaintext",)),
        ("kms", "GenerateDataKey", ("Plaintext",)),
        ("ssm", "GetParameter", ("Parameter", "Value")),
        ("ssm", "GetParametersByPath", ("Parameters", 3, "Value")),
        ("sts", "AssumeRole", ("Credentials", "SecretAccessKey")),
        ("sts", "AssumeRole", ("Credentials", "SessionToken")),
        ("sts", "AssumeRole", ("Credentials", "AccessKeyId")),
        ("iam", "CreateAccessKey", ("AccessKey", "SecretAccessKey")),
        ("cognito-idp", "InitiateAuth", ("AuthenticationResult", "AccessToken")),
        ("cognito-idp", "InitiateAuth", ("AuthenticationResult", "IdToken")),
        ("cognito-idp", "InitiateAuth", ("AuthenticationResult", "RefreshToken")),
        ("cognito-idp", "DescribeUserPoolClient", ("UserPoolClient", "ClientSecret")),
        ("ec2", "CreateKeyPair", ("KeyMaterial",)),
        ("lambda", "GetFunctionConfiguration", ("Environment", "Variables", "DATABASE_URL")),
        ("rds", "DescribeDBInstances", ("DBInstances", 0, "Password")),
        ("s3", "GetObject", ("StringToSign",)),
        ("s3", "GetObject", ("AWSAccessKeyId",)),
        ("ecr", "GetAuthorizationToken", ("authorizationData", 0, "authorizationToken")),
    ],
)
def test_the_secrets_of_aws_are_hidden(services: Services, service: str, action: str, path: Path) -> None:
    """Keys, tokens, passwords, plaintexts and parameters of AWS's own services are not shown."""
    shape = services.model(service).operation_model(action).output_shape
    shown = redacted(differing(path), shape)

    assert (REDACTED, REDACTED) == (shown.aws, shown.cloudmock)


VALUES = st.sampled_from(["s3cr3t", ["s3cr3t", {"a": "s3cr3t"}], {"a": ["s3cr3t"]}, {"Plain": {"b": "s3cr3t"}}, None])
NAMES = st.sampled_from([*SECRET_NAMES, *(name.upper() for name in SECRET_NAMES)])
TREES = st.recursive(
    st.dictionaries(NAMES, VALUES, max_size=3),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["Plain", "Deep", "a", ""]), below),
    max_leaves=6,
)


@given(value=TREES, shape=st.sampled_from([OUTPUT, None]))
def test_no_named_secret_survives(value: object, shape: Any) -> None:
    """However deep a secret is in what a difference shows, it is gone, and the difference that came in is unchanged."""
    before = json.dumps(value)
    shown = redacted(Difference(("Deep",), Kind.MISSING, value, value), shape)

    assert "s3cr3t" not in repr(shown)
    assert before == json.dumps(value)


@pytest.mark.parametrize("name", ["X-Amz-Signature", "x-amz-signature", "Signature", "X-Amz-Security-Token"])
def test_a_presigned_url_is_shown_without_what_signs_it(name: str) -> None:
    """A presigned URL in a reply is a credential: its signature and token are taken out, the rest stays."""
    shown = scrubbed(f"https://b.s3.amazonaws.com/k?X-Amz-Date=20260101T000000Z&{name}=canary1&a=b")

    assert f"https://b.s3.amazonaws.com/k?X-Amz-Date=20260101T000000Z&{name}=[redacted]&a=b" == shown


def test_an_api_key_s_value_is_a_secret() -> None:
    """API Gateway's keys are credentials, though their member has a name like any other."""
    model = Services().operation_model("apigateway", "CreateApiKey")
    assert model
    shape = model.output_shape
    shown = redacted(Difference(("value",), Kind.VALUE, "canary1", "canary2"), shape)

    assert ("[redacted]", "[redacted]") == (shown.aws, shown.cloudmock)
