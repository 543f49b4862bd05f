"""Which services there are."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.loaders import Loader

from cloudmock_contract.aws.models.services import MAX_METADATA_CHARACTERS, Service, Services, agent_id


def write_model(folder: Path, name: str, version: str, *, is_compressed: bool = False, **more: Any) -> None:
    """A user's own model of a service with one operation, `Get<version>`."""
    version_folder = folder / name / version
    version_folder.mkdir(parents=True)
    action = f"Get{version.replace('-', '')}"
    definition = {
        "version": "2.0",
        "metadata": {"apiVersion": version, "endpointPrefix": f"{name}-host", "protocol": "rest-json", "uid": name},
        "operations": {action: {"name": action, "http": {"method": "GET", "requestUri": "/"}}},
        "shapes": {},
        **more,
    }
    text = json.dumps(definition)
    if is_compressed:
        (version_folder / "service-2.json.gz").write_bytes(gzip.compress(text.encode()))
    else:
        (version_folder / "service-2.json").write_text(text, encoding="utf-8")


def test_knows_every_service_of_botocore(services: Services) -> None:
    """The services are those that the SDK itself lists."""
    assert set(botocore.session.Session().get_available_services()) <= set(services.by_name)


def test_the_metadata_is_that_of_the_whole_model(services: Services) -> None:
    """What is read from a model file's first kilobytes is what its whole text says, for every service."""
    builtin = Path(Loader.BUILTIN_DATA_PATH)
    for name, service in services.by_name.items():
        newest = max(builtin.glob(f"{name}/*/service-2.json.gz"), key=lambda file: file.parent.name)
        text = gzip.decompress(newest.read_bytes())
        end = text.index(b'"operations"')
        metadata = json.loads(text[:end].rstrip().rstrip(b",") + b"}")["metadata"]
        expected = Service(
            name=name,
            service_id=metadata["serviceId"],
            signing_name=metadata.get("signingName", metadata["endpointPrefix"]),
            endpoint_prefix=metadata["endpointPrefix"],
            protocols=tuple(metadata.get("protocols", [metadata["protocol"]])),
            target_prefix=metadata.get("targetPrefix", ""),
            api_version=metadata["apiVersion"],
            json_version=metadata.get("jsonVersion", "1.0"),
            takes_bearer=bool(
                {"smithy.api#httpBearerAuth", "bearer"} & {*metadata.get("auth", []), metadata["signatureVersion"]}
            ),
        )

        assert expected == service


@pytest.mark.parametrize(
    ("name", "service_id", "signing_name", "endpoint_prefix", "target_prefix", "api_version"),
    [
        ("stepfunctions", "SFN", "states", "states", "AWSStepFunctions", "2016-11-23"),
        ("dynamodb", "DynamoDB", "dynamodb", "dynamodb", "DynamoDB_20120810", "2012-08-10"),
        ("cloudwatch", "CloudWatch", "monitoring", "monitoring", "GraniteServiceVersion20100801", "2010-08-01"),
        ("s3", "S3", "s3", "s3", "", "2006-03-01"),
        ("ses", "SES", "ses", "email", "", "2010-12-01"),
        ("apigatewayv2", "ApiGatewayV2", "apigateway", "apigateway", "", "2018-11-29"),
    ],
)
def test_services_have_their_many_names(
    services: Services,
    name: str,
    service_id: str,
    signing_name: str,
    endpoint_prefix: str,
    target_prefix: str,
    api_version: str,
) -> None:
    """A service's id, signing name, endpoint and target prefix are four things."""
    service = services.by_name[name]

    assert (service_id, signing_name, endpoint_prefix) == (
        service.service_id,
        service.signing_name,
        service.endpoint_prefix,
    )
    assert (target_prefix, api_version) == (service.target_prefix, service.api_version)


@pytest.mark.parametrize(
    ("name", "is_rest", "is_query"),
    [
        ("s3", True, False),
        ("lambda", True, False),
        ("iam", False, True),
        ("ec2", False, True),
        ("dynamodb", False, False),
        ("sqs", False, False),
        ("cloudwatch", False, True),
    ],
)
def test_services_speak_protocols(services: Services, name: str, is_rest: bool, is_query: bool) -> None:
    """REST services have routes, and query services actions; one may speak several protocols."""
    service = services.by_name[name]

    assert (is_rest, is_query) == (service.is_rest, service.is_query)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bedrock-runtime", True),
        ("bedrock", True),
        ("codecatalyst", True),
        ("s3", False),
        ("sqs", False),
        ("sso", False),
    ],
)
def test_some_services_take_bearer_tokens(services: Services, name: str, expected: bool) -> None:
    """Amazon Bedrock's API keys and CodeCatalyst's tokens are bearer tokens; most services take signatures alone."""
    assert expected is services.by_name[name].takes_bearer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DynamoDB", "dynamodb"),
        ("dynamodb", "dynamodb"),
        ("Cognito Identity", "cognitoidentity"),
        ("cognito-identity", "cognitoidentity"),
        ("COGNITO_IDENTITY", "cognitoidentity"),
        ("S3", "s3"),
        ("", ""),
        ("-_ .", ""),
    ],
)
def test_an_agent_id_is_the_same_however_it_is_spelled(text: str, expected: str) -> None:
    """SDKs write a service id with spaces, hyphens, underscores or none of them, in any case."""
    assert expected == agent_id(text)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("SFN", "stepfunctions"),
        ("stepfunctions", "stepfunctions"),
        ("Cognito Identity Provider", "cognito-idp"),
        ("cognito-identity-provider", "cognito-idp"),
        ("Elastic_Load_Balancing_v2", "elbv2"),
        ("elastic-load-balancing", "elb"),
        ("API Gateway", "apigateway"),
        ("ApiGatewayV2", "apigatewayv2"),
        ("DynamoDB_Streams", "dynamodbstreams"),
        ("S3", "s3"),
        ("S3Control", "s3control"),
        ("s3-control", "s3control"),
        ("SESv2", "sesv2"),
    ],
)
def test_services_are_found_by_what_sdks_call_them(services: Services, agent: str, expected: str) -> None:
    """What an SDK puts into User-Agent for itself leads to the service that it was made for."""
    assert expected == services.by_agent_id[agent_id(agent)]


def test_every_service_is_found_by_its_service_id(services: Services) -> None:
    """A service id leads to its service, or to one that has the same id; so does botocore's name for it."""
    by_id = {name: services.by_agent_id[agent_id(service.service_id)] for name, service in services.by_name.items()}
    shared = {name: service for name, service in by_id.items() if name != service}

    assert {"pinpoint-sms-voice": "sms-voice"} == shared
    assert services.by_name["sms-voice"].service_id == services.by_name["pinpoint-sms-voice"].service_id


@pytest.mark.parametrize(
    ("prefix", "signing_name"),
    [
        ("monitoring", "monitoring"),
        ("states", "states"),
        ("email", "ses"),
        ("runtime.lex", "lex"),
        ("api.ecr", "ecr"),
        ("elasticloadbalancing", "elasticloadbalancing"),
        ("portal.sso", "awsssoportal"),
        ("oidc", "sso-oauth"),
    ],
)
def test_services_are_found_by_their_hosts(services: Services, prefix: str, signing_name: str) -> None:
    """What an AWS host begins with leads to a service that is there, and so to what it signs with."""
    service = services.by_endpoint_prefix[prefix]

    assert (prefix, signing_name) == (service.endpoint_prefix, service.signing_name)


@pytest.mark.parametrize("name", ["rds", "lambda", "apigateway", "s3", "iot", "sts"])
def test_the_service_that_bears_its_hosts_name_is_found(services: Services, name: str) -> None:
    """Of several services at hosts of one name, the one that is called so is found."""
    assert name == services.by_endpoint_prefix[name].name


def test_services_are_found_by_what_requests_name(services: Services) -> None:
    """The signing name, the target prefix and the service id of a request lead to its service."""
    assert ["stepfunctions"] == [service.name for service in services.by_signing_name["states"]]
    assert ["kms"] == [service.name for service in services.by_target_prefix["TrentService"]]
    assert "cognito-idp" == services.by_service_id["CognitoIdentityProvider"].name
    assert "made-up" not in services.by_signing_name
    assert "" not in services.by_target_prefix


@pytest.mark.parametrize("name", ["rds", "lambda", "apigateway", "bedrock", "sagemaker", "s3", "ses"])
def test_the_service_that_bears_the_signing_name_comes_first(services: Services, name: str) -> None:
    """Where several services sign with one name, the one that is called so is the likeliest."""
    names = [service.name for service in services.by_signing_name[name]]

    assert len(names) > 1
    assert [name, *sorted(set(names) - {name})] == names


def test_every_service_is_found_by_its_signing_name(services: Services) -> None:
    """No service is lost, and none is there twice."""
    names = [service.name for group in services.by_signing_name.values() for service in group]

    assert sorted(services.by_name) == sorted(names)


def test_models_are_loaded_once(services: Services) -> None:
    """All that ask at the same time for a model get the same one."""
    fresh = Services(services.loader)
    with ThreadPoolExecutor(8) as threads:
        models = list(threads.map(fresh.model, ["iam"] * 16))

    assert {id(fresh.model("iam"))} == {id(model) for model in models}
    assert "iam" == fresh.model("iam").service_name


def test_an_operation_has_its_model(services: Services) -> None:
    """An operation's model has the operation's shapes."""
    model = services.operation_model("sqs", "SendMessage")

    assert model
    assert "MessageBody" in model.input_shape.members


@pytest.mark.parametrize("service", ["made-up", "", "../sqs", "SQS"])
def test_an_unknown_service_has_no_operations(services: Services, service: str) -> None:
    """An operation that no service has, has no model."""
    assert services.operation_model(service, "SendMessage") is None


@pytest.mark.parametrize("is_compressed", [True, False])
def test_knows_the_users_own_models(tmp_path: Path, is_compressed: bool) -> None:
    """A service in a folder of the user's own is one like the others, in its newest version."""
    for version in ("2019-01-01", "2024-02-02", "2020-03-03"):
        write_model(tmp_path, "mine", version, is_compressed=is_compressed)
    services = Services(Loader(extra_search_paths=[str(tmp_path)]))
    service = services.by_name["mine"]

    assert ("mine-host", "mine-host", "2024-02-02") == (
        service.signing_name,
        service.endpoint_prefix,
        service.api_version,
    )
    assert ("mine", "mine-host") == (service.service_id, services.by_signing_name["mine-host"][0].signing_name)
    assert services.operation_model("mine", "Get20240202") is not None
    assert "s3" in services.by_name


def test_the_users_model_of_a_known_service_counts(tmp_path: Path) -> None:
    """A newer model of the user's own takes the place of botocore's."""
    write_model(tmp_path, "sqs", "2099-01-01")
    services = Services(Loader(extra_search_paths=[str(tmp_path)]))

    assert ("sqs-host", ("rest-json",)) == (services.by_name["sqs"].signing_name, services.by_name["sqs"].protocols)
    assert services.operation_model("sqs", "Get20990101") is not None


@pytest.mark.parametrize(
    "size", [0, 10, MAX_METADATA_CHARACTERS - 200, MAX_METADATA_CHARACTERS, 3 * MAX_METADATA_CHARACTERS]
)
def test_the_metadata_may_be_anywhere(tmp_path: Path, size: int) -> None:
    """It is found behind, and cut in two by, whatever else comes first in a model."""
    version_folder = tmp_path / "mine" / "2024-01-01"
    version_folder.mkdir(parents=True)
    metadata = {"apiVersion": "2024-01-01", "endpointPrefix": "late", "protocol": "json", "note": "x" * 400}
    definition = {"documentation": "{é" * (size // 2), "metadata": metadata, "operations": {}}
    (version_folder / "service-2.json").write_text(json.dumps(definition, ensure_ascii=False), encoding="utf-8")

    assert "late" == Services(Loader(extra_search_paths=[str(tmp_path)])).by_name["mine"].signing_name


def test_other_files_are_no_services(tmp_path: Path) -> None:
    """A folder without a model, and a file among the folders, are passed over."""
    (tmp_path / "empty" / "2024-01-01").mkdir(parents=True)
    (tmp_path / "waiters-alone" / "2024-01-01").mkdir(parents=True)
    (tmp_path / "waiters-alone" / "2024-01-01" / "waiters-2.json").write_text("{}", encoding="utf-8")
    (tmp_path / "endpoints.json").write_text("{}", encoding="utf-8")
    services = Services(Loader(extra_search_paths=[str(tmp_path)]))

    assert {"empty", "waiters-alone", "endpoints", "endpoints.json"}.isdisjoint(services.by_name)
    assert "s3" in services.by_name


def test_an_operation_that_is_not_in_the_model_has_none() -> None:
    """An operation that the model does not have is no error."""
    assert Services().operation_model("dynamodb", "NoSuch") is None
