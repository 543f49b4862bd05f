"""The user's AWS configuration: profile, region, certificates, and which endpoints are wanted."""

import os
from pathlib import Path

import pytest

from cloudmock_contract.aws.credentials.botocore_config import (
    certificate_bundle,
    check_certificates,
    region,
    session,
    variants,
)
from cloudmock_contract.aws.endpoints.resolver import Endpoints
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.values.endpoint import Variants
from cloudmock_contract.values.operation import Operation

PROFILES = """
[default]
region = eu-west-1
[profile work]
region = eu-central-1
{line}
"""


def write_config(text: str) -> None:
    """What ~/.aws/config says in this test."""
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("profile", "environment", "expected"),
    [
        ("", {}, "eu-west-1"),
        ("work", {}, "eu-central-1"),
        ("", {"AWS_PROFILE": "work"}, "eu-central-1"),
        ("default", {"AWS_PROFILE": "work"}, "eu-west-1"),
        ("work", {"AWS_DEFAULT_REGION": "us-west-2"}, "us-west-2"),
    ],
)
def test_the_profile_that_is_asked_for_counts(
    monkeypatch: pytest.MonkeyPatch, profile: str, environment: dict[str, str], expected: str
) -> None:
    """The given profile comes before the environment's, and the environment's region before any profile's."""
    write_config(PROFILES.format(line=""))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert expected == region(session(profile))


def test_no_region_is_empty() -> None:
    """Where nothing names a region, there is none."""
    assert region(session()) == ""


@pytest.mark.parametrize("in_environment", [True, False])
def test_a_profile_that_is_not_there_lists_those_that_are(
    monkeypatch: pytest.MonkeyPatch, *, in_environment: bool
) -> None:
    """Whoever mistypes a profile reads which there are."""
    write_config(PROFILES.format(line=""))
    if in_environment:
        monkeypatch.setenv("AWS_PROFILE", "wrok")

    with pytest.raises(ConfigurationError, match=r"wrok.* Your profiles: default, work\."):
        session("" if in_environment else "wrok")


def test_a_profile_where_there_is_none() -> None:
    """Without any configuration there is no profile to be named."""
    with pytest.raises(ConfigurationError, match=r"\(work\).* Your profiles: none\."):
        session("work")


def test_a_configuration_that_cannot_be_read_is_the_users_error() -> None:
    """A broken file is named."""
    write_config("[[[")

    with pytest.raises(ConfigurationError, match=r"Your AWS configuration cannot be read: .*config"):
        session()


@pytest.mark.parametrize("source", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "profile", "services"])
def test_configured_endpoints_are_ignored(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """What leads the app's calls to the proxy does not lead the proxy's own calls there."""
    here = "http://localhost:4577"
    lines = {"profile": f"endpoint_url = {here}", "services": "services = here"}
    write_config(
        PROFILES.format(line=lines.get(source, "")) + f"[services here]\nsts =\n  endpoint_url = {here}\n"
        "[profile explicit]\nignore_configured_endpoint_urls = false\n"
    )
    if source not in lines:
        monkeypatch.setenv(source, here)
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false")
    client = session("work").create_client("sts", aws_access_key_id="A", aws_secret_access_key="s")
    client.close()

    assert client.meta.endpoint_url == "https://sts.eu-central-1.amazonaws.com"


@pytest.mark.parametrize(
    ("line", "environment", "expected"),
    [
        ("", {}, Variants()),
        ("use_fips_endpoint = true", {}, Variants(fips=True)),
        ("use_fips_endpoint = false", {}, Variants()),
        ("", {"AWS_USE_FIPS_ENDPOINT": "true"}, Variants(fips=True)),
        ("use_fips_endpoint = true", {"AWS_USE_FIPS_ENDPOINT": "false"}, Variants()),
        ("use_dualstack_endpoint = true", {}, Variants(dual_stack=True)),
        ("", {"AWS_USE_DUALSTACK_ENDPOINT": "true"}, Variants(dual_stack=True)),
        ("use_dualstack_endpoint = true", {"AWS_USE_DUALSTACK_ENDPOINT": "false"}, Variants()),
        ("s3 =\n  use_accelerate_endpoint = true", {}, Variants(accelerate=True)),
        ("s3 =\n  use_accelerate_endpoint = false", {}, Variants()),
        ("s3 =\n  addressing_style = path", {}, Variants()),
        ("s3 =\n  use_arn_region = false", {}, Variants(use_arn_region=False)),
        ("s3 =\n  use_arn_region = true", {}, Variants(use_arn_region=True)),
        ("", {"AWS_S3_USE_ARN_REGION": "false"}, Variants(use_arn_region=False)),
        ("s3_use_arn_region = false", {}, Variants(use_arn_region=False)),
        ("s3 =\n  s3_disable_multiregion_access_points = true", {}, Variants(multi_region_access_points=False)),
        ("", {"AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS": "true"}, Variants(multi_region_access_points=False)),
        ("", {"AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS": "false"}, Variants()),
        (
            "use_fips_endpoint = true\nuse_dualstack_endpoint = true",
            {},
            Variants(fips=True, dual_stack=True),
        ),
    ],
)
def test_the_usual_settings_say_which_endpoints_are_wanted(
    monkeypatch: pytest.MonkeyPatch, line: str, environment: dict[str, str], expected: Variants
) -> None:
    """FIPS, dual stack, acceleration and the ARNs' regions, by profile or environment, which comes first."""
    write_config(PROFILES.format(line=line))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert expected == variants(session("work"))
    assert line == "" or environment or variants(session()) == Variants()


def test_dual_stack_of_s3_alone_is_wanted_for_s3_alone(services: Services) -> None:
    """The setting in the profile's `s3` section changes S3's hosts, and no other service's."""
    write_config(PROFILES.format(line="s3 =\n  use_dualstack_endpoint = true"))
    endpoints = Endpoints(services, variants(session("work")))
    operations = (Operation("s3", "ListBuckets", "rest-xml", "s3"), Operation("dynamodb", "Scan", "json", "dynamodb"))

    expected = ["s3.dualstack.eu-central-1.amazonaws.com", "dynamodb.eu-central-1.amazonaws.com"]
    assert expected == [endpoints.resolve(operation, "eu-central-1").host for operation in operations]


@pytest.mark.parametrize(
    ("line", "environment", "expected"),
    [
        ("", {}, ""),
        ("ca_bundle = /profile.pem", {}, "/profile.pem"),
        ("", {"AWS_CA_BUNDLE": "/aws.pem"}, "/aws.pem"),
        ("", {"REQUESTS_CA_BUNDLE": "/requests.pem"}, "/requests.pem"),
        ("ca_bundle = /profile.pem", {"REQUESTS_CA_BUNDLE": "/requests.pem"}, "/profile.pem"),
        ("", {"AWS_CA_BUNDLE": "/aws.pem", "REQUESTS_CA_BUNDLE": "/requests.pem"}, "/aws.pem"),
        ("ca_bundle = /profile.pem", {"AWS_CA_BUNDLE": "/aws.pem", "REQUESTS_CA_BUNDLE": "/r.pem"}, "/aws.pem"),
    ],
)
def test_the_users_certificates_are_found_as_aws_says(
    monkeypatch: pytest.MonkeyPatch, line: str, environment: dict[str, str], expected: str
) -> None:
    """AWS_CA_BUNDLE comes before the profile's bundle, and that before REQUESTS_CA_BUNDLE."""
    write_config(PROFILES.format(line=line))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert expected == certificate_bundle("work")


def test_the_certificates_are_those_of_the_profile() -> None:
    """Another profile's bundle is not used."""
    write_config(PROFILES.format(line="ca_bundle = /profile.pem"))

    assert ["", "/profile.pem"] == [certificate_bundle(), certificate_bundle("work")]


@pytest.mark.parametrize("text", [None, "no certificate", ""])
def test_a_file_that_holds_no_certificates_is_named(tmp_path: Path, text: str | None) -> None:
    """Where the bundle is not there, or is something else, the start says which file it is."""
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"AWS_CA_BUNDLE.*ca\.pem is not a file of certificates"):
        check_certificates(str(file))
