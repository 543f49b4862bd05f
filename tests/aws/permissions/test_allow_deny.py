"""What may be done on AWS."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.permissions.allow_deny import MAX_NAME_CHARACTERS, Pattern, Permissions
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.operation import Operation

PROTOCOLS: Mapping[str, str] = {"s3": "rest-xml", "s3control": "rest-xml", "lambda": "rest-json", "iam": "query"}
ARN = "arn:aws:s3:us-west-2:123456789012:accesspoint/mine"


def operation(name: str, signing_name: str = "", **more: str) -> Operation:
    """By its name; one whose action has a space is one that no model names."""
    service, _, action = name.partition(".")
    protocol = "" if " " in action or action in ("PostObject", "PreflightObject") else PROTOCOLS.get(service, "json")
    return Operation(service, action, protocol, signing_name or service, **more)


def permissions(services: Services, **values: Any) -> Permissions:
    return Permissions.of(Settings.from_options(values), services)


def reason(
    permissions: Permissions, operation: Operation, region: str = "eu-west-1", method: str = "POST"
) -> str | None:
    """Why the operation may not be done."""
    denial = permissions.denial(operation, region, method)
    return None if denial is None else str(denial)


def denial_reason(services: Services, name: str, method: str = "POST", **values: Any) -> str | None:
    """Why this operation may not be done in eu-west-1 in a run with these options."""
    return reason(permissions(services, **values), operation(name), method=method)


@pytest.mark.parametrize("name", ["dynamodb.DeleteTable", "lambda.POST /anything", "unknown.DELETE /", "s3.PostObject"])
@pytest.mark.parametrize("region", ["eu-west-1", "cn-north-1", "", "nowhere"])
def test_everything_may_be_done_unless_the_user_says_otherwise(services: Services, name: str, region: str) -> None:
    """Without options, nothing is refused."""
    assert reason(permissions(services), operation(name), region, "DELETE") is None


@pytest.mark.parametrize(
    ("pattern", "name", "is_named"),
    [
        ("dynamodb:GetItem", "dynamodb.GetItem", True),
        ("dynamodb:GetItem", "dynamodb.BatchGetItem", False),
        ("dynamodb:Get*", "dynamodb.GetItem", True),
        ("dynamodb:*Item", "dynamodb.BatchGetItem", True),
        ("dynamodb:?etItem", "dynamodb.GetItem", True),
        ("dynamodb:?etItem", "dynamodb.BatchGetItem", False),
        ("DYNAMODB:getitem", "dynamodb.GetItem", True),
        ("dynamo*:*", "dynamodb.PutItem", True),
        ("dynamo*:*", "sqs.SendMessage", False),
        ("states:StartExecution", "stepfunctions.StartExecution", True),
        ("stepfunctions:StartExecution", "stepfunctions.StartExecution", True),
        ("monitoring:PutMetricData", "cloudwatch.PutMetricData", True),
        ("cloudwatch:PutMetricData", "cloudwatch.PutMetricData", True),
        ("email:SendEmail", "ses.SendEmail", True),
        ("s3:*", "s3control.CreateJob", True),
        ("s3control:*", "s3.PutObject", False),
        ("*", "dynamodb.PutItem", True),
        ("*:*", "unknown.POST /", True),
        ("*:Put*", "dynamodb.PutItem", True),
        ("*:Put*", "dynamodb.GetItem", False),
        ("s3:PutObject", "s3.PostObject", True),
        ("s3:PostObject", "s3.PostObject", True),
        ("s3:PostObject", "s3.PutObject", False),
        ("s3:PreflightObject", "s3.PreflightObject", True),
        ("s3:*,dynamodb:*", "dynamodb.PutItem", True),
    ],
)
def test_patterns_name_operations(services: Services, pattern: str, name: str, *, is_named: bool) -> None:
    """A pattern names the same operations for --allow, which lets them through, and for --deny, which does not."""
    assert is_named is (denial_reason(services, name, allow=pattern) is None)
    assert is_named is (denial_reason(services, name, deny=pattern) is not None)


@pytest.mark.parametrize(
    ("pattern", "name", "may_allow", "may_deny"),
    [
        ("lambda:*", "lambda.POST /prod/orders", True, True),
        ("*", "lambda.POST /prod/orders", True, True),
        ("s3:Get*", "s3.GET /b/k", False, True),
        ("s3:Delete*", "s3.DELETE /b/k", False, True),
        ("s3:Delete*", "s3.GET /b/k", False, False),
    ],
)
def test_what_no_model_names_is_let_through_by_whole_services_alone(
    services: Services, pattern: str, name: str, *, may_allow: bool, may_deny: bool
) -> None:
    """A method that begins as an operation's name does is no reason to let a request through, but one to deny it."""
    assert may_allow is (denial_reason(services, name, allow=pattern) is None)
    assert may_deny is (denial_reason(services, name, deny=pattern) is not None)


def test_a_whole_service_counts_wherever_it_stands(services: Services) -> None:
    """A narrower pattern before it does not hide the one that lets everything through."""
    assert denial_reason(services, "s3.GET /b/k", allow="s3:Get*,s3:*") is None


@pytest.mark.parametrize(("service", "signing_name"), [("dynamodb", "s3"), ("lambda", "dynamodb"), ("sqs", "")])
def test_the_sender_does_not_choose_the_service(services: Services, service: str, signing_name: str) -> None:
    """The name in the request's own signature does not make a call that of another service."""
    call = Operation(service, "*", "json", signing_name)

    assert reason(permissions(services, allow="s3:*"), call) is not None
    assert reason(permissions(services, deny=f"{service}:*"), call) is not None


def test_a_service_that_botocore_does_not_know_goes_by_its_names(services: Services) -> None:
    """What is left to tell it by is what it is signed for."""
    call = Operation("brand-new", "POST /", "", "brand-new")

    assert reason(permissions(services, deny="*"), call) is not None
    assert reason(permissions(services, allow="*:*"), call) is None
    assert reason(permissions(services, allow="s3:*"), call) is not None


@pytest.mark.parametrize(
    ("values", "name", "expected"),
    [
        ({"deny": "s3:Delete*", "allow": "s3:*"}, "s3.DeleteObject", "--deny s3:Delete* does not"),
        ({"deny": "s3:Get*", "read_only": True}, "s3.GetObject", "--deny s3:Get* does not"),
        ({"deny": "s3:Delete*"}, "s3.GetObject", None),
        ({"deny": "s3:Delete*", "allow": "dynamodb:*"}, "s3.GetObject", "--allow does not name s3.GetObject."),
        ({"allow": "dynamodb:*"}, "dynamodb.DeleteTable", None),
        ({"read_only": True}, "dynamodb.GetItem", None),
        ({"read_only": True}, "dynamodb.PutItem", "--read-only does not let dynamodb.PutItem through"),
        ({"read_only": True, "allow": "dynamodb:Put*"}, "dynamodb.PutItem", None),
        ({"read_only": True, "allow": "dynamodb:Put*"}, "dynamodb.GetItem", None),
        ({"read_only": True, "allow": "dynamodb:Put*"}, "dynamodb.DeleteItem", "--read-only does not"),
        ({"read_only": True, "allow": "s3:*", "deny": "s3:Put*"}, "s3.PutObject", "--deny s3:Put* does not"),
        ({"read_only": True}, "lambda.GET /prod/orders", "--read-only does not"),
        ({"read_only": True, "allow": "lambda:*"}, "lambda.POST /prod/orders", None),
        ({"read_only": True}, "s3.PreflightObject", "--read-only does not"),
    ],
)
def test_the_options_work_together(services: Services, values: dict[str, Any], name: str, expected: str | None) -> None:
    """What is denied is refused in any case; else --allow or --read-only must let it through, if either is given."""
    denial = denial_reason(services, name, method="POST" if "dynamodb" in name else "GET", **values)

    assert denial is None if expected is None else str(denial).startswith(expected)


@pytest.mark.parametrize(
    ("values", "name", "expected"),
    [
        ({"deny": "S3:put*"}, "s3.PutObject", "--deny S3:put* does not let s3.PutObject through."),
        (
            {"allow": "dynamodb:*"},
            "s3.PutObject",
            "--allow does not name s3.PutObject. --allow s3:PutObject would let it through.",
        ),
        (
            {"read_only": True},
            "sqs.ReceiveMessage",
            (
                "--read-only does not let sqs.ReceiveMessage through: it is not known to only read. "
                "--allow sqs:ReceiveMessage would let it through."
            ),
        ),
        (
            {"read_only": True},
            "lambda.POST /prod/orders",
            (
                "--read-only does not let lambda.POST /prod/orders through: no model names it. "
                "--allow lambda:* would let it through."
            ),
        ),
    ],
)
def test_a_denial_names_the_option_and_the_way_out(
    services: Services, values: dict[str, Any], name: str, expected: str
) -> None:
    """The app's user reads which option denied the call, and what would let it through."""
    assert expected == denial_reason(services, name, **values)


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (operation("dynamodb.PutItem"), " --allow dynamodb:PutItem would let it through."),
        (operation("stepfunctions.StartExecution", "states"), " --allow stepfunctions:StartExecution would"),
        (operation("s3.PostObject"), " --allow s3:PostObject would"),
        (operation("s3.PATCH /b"), " --allow s3:* would"),
        (operation("iam.MakeEverything"), " --allow iam:* would"),
        (operation("execute-api.POST /prod"), " --allow execute-api:* would"),
        (operation("brand-new.POST /"), ""),
        (Operation("unknown", "POST /", "", ""), ""),
    ],
)
@pytest.mark.parametrize("values", [{"read_only": True}, {"allow": "sqs:*"}])
def test_the_way_out_is_one(services: Services, values: dict[str, Any], call: Operation, remedy: str) -> None:
    """The pattern that a denial names is accepted, and lets the call through."""
    denial = str(reason(permissions(services, **values), call))
    pattern = denial.partition(" --allow ")[2].partition(" ")[0]

    assert (remedy in denial) if remedy else not pattern
    if pattern:
        assert reason(permissions(services, **{**values, "allow": pattern}), call) is None


@pytest.mark.parametrize("values", [{"deny": "*"}, {"allow": "dynamodb:*"}, {"read_only": True}, {"allow_region": "a"}])
def test_a_denial_is_short(services: Services, values: dict[str, Any]) -> None:
    """A path that somebody made up does not make the message long."""
    denial = str(denial_reason(services, f"unknown.POST /{'x' * 10_000}", **values))

    assert f"unknown.POST /{'x' * (MAX_NAME_CHARACTERS - 14)}…" in denial
    assert len(denial) < MAX_NAME_CHARACTERS + 150


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("dynamodb.GetItem", "eu-west-1"),
        ("s3.GetObject", "eu-central-1"),
        ("iam.ListUsers", "us-east-1"),
        ("iam.ListUsers", "ap-south-1"),
        ("iam.ListUsers", "cn-north-1"),
        ("iam.ListUsers", "us-gov-west-1"),
        ("route53.ListHostedZones", "us-east-1"),
        ("cloudfront.ListDistributions", "us-east-1"),
        ("organizations.ListAccounts", "us-east-1"),
        ("networkmanager.GetSites", "us-west-2"),
        ("ce.GetCostAndUsage", "us-east-1"),
        ("sts.GetCallerIdentity", "us-east-1"),
    ],
)
def test_calls_to_allowed_regions_and_to_none_go_through(services: Services, name: str, region: str) -> None:
    """A region of the list is allowed; a service that answers at one place for all regions is in none."""
    allowed = permissions(services, allow_region="eu-west-1,eu-central-1")

    assert reason(allowed, operation(name), region) is None


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("dynamodb.GetItem", "us-east-1"),
        ("dynamodb.GetItem", "eu-west-2"),
        ("dynamodb.GetItem", "cn-north-1"),
        ("dynamodb.GetItem", "eusc-de-east-1"),
        ("s3.ListBuckets", "us-east-1"),
        ("sts.GetCallerIdentity", "us-west-2"),
        ("acm.ListCertificates", "us-east-1"),
        ("execute-api.GET /prod", "us-east-1"),
        ("brand-new.GET /", "us-east-1"),
        ("dynamodb.GetItem", "EU-WEST-1"),
        ("iam.ListUsers", "nowhere/"),
    ],
)
def test_calls_to_other_regions_are_denial_reason(services: Services, name: str, region: str) -> None:
    """The denial names the regions that are allowed, and the one that the call goes to."""
    allowed = permissions(services, allow_region="eu-west-1,eu-central-1")
    expected = f"--allow-region lets only calls to eu-west-1 or eu-central-1 through, and {name} goes to {region}."

    assert expected == reason(allowed, operation(name), region, "GET")


@pytest.mark.parametrize(
    ("bucket", "region", "goes_to"),
    [
        ("my-bucket", "eu-west-1", None),
        ("my-bucket", "us-east-1", "us-east-1"),
        (ARN, "eu-west-1", "us-west-2"),
        (ARN.replace("us-west-2", "eu-west-1"), "us-east-1", None),
        ("arn:aws:s3::123456789012:accesspoint/m.mrap", "eu-west-1", "any region"),
        ("arn:", "us-east-1", "us-east-1"),
    ],
)
def test_an_access_point_is_where_its_arn_says(
    services: Services, bucket: str, region: str, goes_to: str | None
) -> None:
    """The region of a request to S3 is the bucket's; an access point's ARN overrides it, or leaves it open."""
    call = operation("s3.GetObject", bucket=bucket)
    denial = reason(permissions(services, allow_region="eu-west-1"), call, region, "GET")

    assert denial is None if goes_to is None else str(denial).endswith(f" goes to {goes_to}.")


def test_a_region_does_not_make_up_for_the_rest(services: Services) -> None:
    """A call must be allowed by its name and by its region."""
    both = permissions(services, allow="s3:*", allow_region="eu-west-1")

    assert str(reason(both, operation("s3.GetObject"), "us-east-1", "GET")).startswith("--allow-region")
    assert str(reason(both, operation("sqs.ListQueues"))).startswith("--allow ")
    assert reason(both, operation("s3.GetObject"), method="GET") is None


_SHAPE = "is not service:Action, such as s3:GetObject or dynamodb:*."
_API = "They are named as in {}'s API, and not as the actions of IAM policies."


@pytest.mark.parametrize("option", ["allow", "deny"])
@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("s3", f"'s3' {_SHAPE}"),
        ("s3:", f"'s3:' {_SHAPE}"),
        (":GetObject", f"':GetObject' {_SHAPE}"),
        ("s3.GetObject", f"'s3.GetObject' {_SHAPE}"),
        ("s3: Get*", f"'s3: Get*' {_SHAPE}"),
        ("s3:Get[a-z]*", f"'s3:Get[a-z]*' {_SHAPE}"),
        ("arn:aws:s3:::b", f"'arn:aws:s3:::b' {_SHAPE}"),
        ("s3:Gét*", f"'s3:Gét*' {_SHAPE}"),
        ("dynamo:*", "'dynamo:*': botocore knows no service 'dynamo'. Did you mean dynamodb?"),
        ("zzzzzz:*", "'zzzzzz:*': botocore knows no service 'zzzzzz'."),
        ("dyn*x:*", "'dyn*x:*': botocore knows no service 'dyn*x'."),
        (
            "lambda:InvokeFunction",
            f"'lambda:InvokeFunction' names no operation. {_API.format('lambda')} Did you mean lambda:Invoke or ",
        ),
        ("s3:ListBucket", f"'s3:ListBucket' names no operation. {_API.format('s3')} Did you mean s3:ListBuckets or "),
        ("states:StartExecutoin", "'states:StartExecutoin' names no operation."),
        (
            "execute-api:Invoke",
            f"'execute-api:Invoke' names no operation. {_API.format('execute-api')} execute-api:* n",
        ),
        ("dynamodb:Zap*", f"'dynamodb:Zap*' names no operation. {_API.format('dynamodb')} dynamodb:* names them all."),
    ],
)
def test_a_pattern_that_names_nothing_is_denial_reason(
    services: Services, option: str, pattern: str, expected: str
) -> None:
    """A pattern that would not do what was meant stops the run, with the option and with what was meant perhaps."""
    with pytest.raises(ConfigurationError) as caught:
        permissions(services, **{option: f"sqs:*,{pattern}"})

    assert str(caught.value).startswith(f"--{option}: {expected}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("pattern", ["*:NoSuchOperation", "*:*", "dynamo*:NoSuchOperation", "*", "?3:Get*"])
def test_a_service_with_wildcards_is_not_asked_for_its_operations(pattern: str) -> None:
    """To look into the models of all services would take seconds; where no service is named outright, none is."""
    services = Services()
    services.by_name  # noqa: B018 (the heads of the models)
    permissions(services, allow=pattern)

    assert {} == services._models


def test_only_the_models_of_named_services_are_loaded() -> None:
    """The services that a pattern names outright, by any of their names, and no others."""
    services = Services()
    permissions(services, allow="dynamodb:Get*,*:List*", deny="states:StopExecution")

    assert {"dynamodb", "dynamodbstreams", "stepfunctions"} == set(services._models)


def test_nothing_is_loaded_without_options() -> None:
    """A run without options loads no model, neither when it starts nor when it lets a call through."""
    services = Services()
    permissions(services).denial(operation("dynamodb.GetItem"), "eu-west-1", "POST")

    assert {} == services._models


_NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=20)


@given(st.text() | st.from_regex(r"[a-z0-9*?:.\[\]-]*", fullmatch=True))
def test_any_text_is_a_pattern_or_a_configuration_error(text: str) -> None:
    """Parsing ends in a pattern of what fnmatch knows and this does not mean (brackets), or in the user's error."""
    try:
        pattern = Pattern.parse("--deny", text)
    except ConfigurationError as error:
        assert str(error).startswith(f"--deny: {text!r} ")  # noqa: PT017 (either outcome is right)
    else:
        assert text == pattern.text
        assert not set("[]! ") & set(pattern.service + pattern.action)


@given(service=_NAMES, action=_NAMES, other=_NAMES)
def test_a_pattern_without_wildcards_names_itself_in_any_case(service: str, action: str, other: str) -> None:
    """A literal pattern names what it spells, in any case, and nothing else."""
    pattern = Pattern.parse("--allow", f"{service}:{action}")

    assert pattern.names_service([service.upper()])
    assert pattern.names_action([action.swapcase()])
    assert (other.lower() == action.lower()) is pattern.names_action([other])


@given(name=_NAMES, cut=st.integers(0, 20))
def test_a_star_stands_for_any_rest(name: str, cut: int) -> None:
    """The beginning of a name and a star name it; a question mark stands for one character."""
    assert Pattern.parse("--allow", f"s3:{name[:cut]}*").names_action([name])
    assert Pattern.parse("--allow", f"s3:{'?' * len(name)}").names_action([name])
    assert not Pattern.parse("--allow", f"s3:{'?' * len(name)}?").names_action([name])
