"""Which operations only read."""

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.permissions import read_only
from cloudmock_contract.aws.permissions.read_only import reason_against
from cloudmock_contract.values.operation import Operation


def reason(services: Services, name: str) -> str | None:
    """Why an operation, called with the HTTP method of its model, does not count as one that only reads."""
    service, _, action = name.partition(".")
    known = services.by_name[service]
    model = services.operation_model(service, action)
    method = model.http.get("method", "POST") if model else "POST"
    return reason_against(Operation(service, action, known.protocols[0], known.signing_name), method, services)


@pytest.mark.parametrize(
    "name",
    [
        "s3.GetObject",
        "s3.HeadObject",
        "s3.HeadBucket",
        "s3.ListObjectsV2",
        "s3.GetBucketLocation",
        "s3.SelectObjectContent",
        "dynamodb.GetItem",
        "dynamodb.BatchGetItem",
        "dynamodb.TransactGetItems",
        "dynamodb.Query",
        "dynamodb.Scan",
        "dynamodb.DescribeTable",
        "kinesis.GetRecords",
        "kinesis.GetShardIterator",
        "sqs.GetQueueUrl",
        "sqs.GetQueueAttributes",
        "ec2.DescribeInstances",
        "iam.GetUser",
        "iam.SimulatePrincipalPolicy",
        "sts.GetCallerIdentity",
        "sts.GetAccessKeyInfo",
        "lambda.GetFunction",
        "batch.DescribeJobs",
        "securityhub.GetFindings",
        "secretsmanager.GetSecretValue",
        "secretsmanager.GetRandomPassword",
        "ssm.GetParameter",
        "logs.FilterLogEvents",
        "logs.GetQueryResults",
        "logs.TestMetricFilter",
        "athena.GetQueryResults",
        "redshift-data.GetStatementResult",
        "timestream-query.Query",
        "cloudtrail.LookupEvents",
        "cloudformation.ValidateTemplate",
        "ce.GetCostAndUsage",
        "route53.TestDNSAnswer",
        "sns.CheckIfPhoneNumberIsOptedOut",
    ],
)
def test_what_only_reads_is_known(services: Services, name: str) -> None:
    """Calls that leave everything as it was are reads, whatever they cost and whatever secret they return."""
    assert reason(services, name) is None


@pytest.mark.parametrize(
    "name",
    [
        "s3.PutObject",
        "s3.DeleteObject",
        "s3.CopyObject",
        "s3.CreateSession",
        "s3.RestoreObject",
        "dynamodb.PutItem",
        "dynamodb.BatchWriteItem",
        "dynamodb.TransactWriteItems",
        "dynamodb.ExecuteStatement",
        "dynamodb.BatchExecuteStatement",
        "dynamodb.ExecuteTransaction",
        "sqs.ReceiveMessage",
        "kinesis.SubscribeToShard",
        "lambda.Invoke",
        "rds-data.ExecuteStatement",
        "redshift-data.ExecuteStatement",
        "athena.StartQueryExecution",
        "logs.StartQuery",
        "logs.StartLiveTail",
        "glacier.InitiateJob",
        "iam.GenerateCredentialReport",
        "kms.Decrypt",
        "kms.GenerateDataKey",
        "stepfunctions.TestState",
        "apigateway.TestInvokeMethod",
        "codecommit.TestRepositoryTriggers",
        "cloudformation.DetectStackDrift",
        "ses.VerifyEmailIdentity",
        "swf.PollForDecisionTask",
        "codepipeline.PollForJobs",
        "iot.ConfirmTopicRuleDestination",
    ],
)
def test_what_changes_something_is_no_read(services: Services, name: str) -> None:
    """Writes are none, nor is what starts something, runs a program or hides a message from others."""
    assert "it is not known to only read" == reason(services, name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sts.AssumeRole", "it hands out credentials"),
        ("sts.GetSessionToken", "it hands out credentials"),
        ("sts.GetFederationToken", "it hands out credentials"),
        ("sts.GetWebIdentityToken", "it hands out credentials"),
        ("sso.GetRoleCredentials", "it hands out credentials"),
        ("cognito-identity.GetCredentialsForIdentity", "it hands out credentials"),
        ("s3control.GetDataAccess", "it hands out credentials"),
        ("codepipeline.GetJobDetails", "it hands out credentials"),
        ("ecr.GetAuthorizationToken", "it hands out credentials"),
        ("redshift.GetClusterCredentials", "it hands out credentials"),
        ("quicksight.GetDashboardEmbedUrl", "it hands out credentials or a link"),
        ("kms.GetParametersForImport", "it hands out credentials"),
        ("auditmanager.GetEvidenceFileUploadUrl", "it hands out a link to write to"),
        ("cognito-identity.GetId", "it makes what it returns"),
        ("iot.GetRegistrationCode", "it makes what it returns"),
        ("iot.DescribeEndpoint", "it makes what it returns"),
        ("mediaconvert.DescribeEndpoints", "it makes what it returns"),
        ("stepfunctions.GetActivityTask", "it takes a task"),
        ("cognito-idp.GetUserAttributeVerificationCode", "it sends a message"),
        ("inspector.GetAssessmentReport", "it starts work"),
        ("ec2.GetConsoleScreenshot", "it can press a key"),
        ("ec2.GetFlowLogsIntegrationTemplate", "it writes to a bucket"),
        ("xray.GetSamplingTargets", "it reports statistics"),
        ("redshift-data.ListTables", "it runs a statement"),
        ("waf.GetChangeToken", "it hands out a token to change something with"),
    ],
)
def test_what_only_looks_like_a_read_is_told_apart(services: Services, name: str, expected: str) -> None:
    """Operations that are named as reads and do more are none, and the user is told what they do."""
    assert str(reason(services, name)).startswith(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("verifiedpermissions.IsAuthorized", None),
        ("accessanalyzer.ValidatePolicy", None),
        ("location.CalculateRoute", None),
        ("deadline.StartSessionsStatisticsAggregation", "it is not known to only read"),
        ("ivs.BatchStartViewerSessionRevocation", "it is not known to only read"),
        ("networkflowmonitor.StopQueryWorkloadInsightsTopContributors", "it is not known to only read"),
        ("neptunedata.ExecuteOpenCypherExplainQuery", "it is not known to only read"),
    ],
)
def test_the_readonly_trait_counts(services: Services, name: str, expected: str | None) -> None:
    """What the model calls readonly is a read, unless its name says that it does something."""
    service, _, action = name.partition(".")

    assert services.definition(service)["operations"][action]["readonly"]
    assert expected == reason(services, name)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "get", ""])
def test_a_read_has_a_method_to_read_with(services: Services, method: str) -> None:
    """A request with the name of a read, and with another method, is not known to be one."""
    operation = Operation("s3", "GetObject", "rest-xml", "s3")

    assert "it is not known to only read" == reason_against(operation, method, services)
    assert reason_against(operation, "GET", services) is None


@pytest.mark.parametrize(
    "operation",
    [
        Operation("lambda", "GET /prod/orders", "", "lambda"),
        Operation("s3", "GET /b/k", "", "s3"),
        Operation("s3", "GetObject", "", "s3"),
        Operation("dynamodb", "GetWhatNobodyKnows", "json", "dynamodb"),
        Operation("dynamodb", "getItem", "json", "dynamodb"),
        Operation("no-such-service", "GetItem", "json", "no-such-service"),
        Operation("iam", "ListEverything", "query", "iam"),
    ],
)
def test_what_no_model_names_is_no_read(services: Services, operation: Operation) -> None:
    """A name alone is nothing to go by: whoever sent the request chose it."""
    assert "no model names it" == reason_against(operation, "GET", services)


@pytest.mark.parametrize(
    "name", sorted(read_only._ALSO_READ | {name for name in read_only._DOES_MORE if "*" not in name})
)
def test_the_tables_name_operations(services: Services, name: str) -> None:
    """Each line of the tables is the name of an operation: a misspelled one would let something through."""
    service, _, action = name.partition(".")

    assert action in services.definition(service)["operations"]


def test_the_tables_do_not_contradict_each_other() -> None:
    """No operation is listed both as reading and as doing more."""
    assert [] == [
        name for name in sorted(read_only._ALSO_READ) if read_only._by_pattern(name) or name in read_only._DOES_MORE
    ]


@pytest.mark.parametrize(
    "service", ["s3", "dynamodb", "sqs", "sns", "iam", "lambda", "ec2", "rds", "kms", "ssm", "route53"]
)
def test_no_change_counts_as_a_read(services: Services, service: str) -> None:
    """Of the services that apps use most, no operation with a changing name or method is a read."""
    changes = (
        "Create",
        "Delete",
        "Put",
        "Update",
        "Modify",
        "Start",
        "Stop",
        "Run",
        "Send",
        "Publish",
        "Invoke",
        "Set",
    )
    reads = [
        action
        for action, operation in services.definition(service)["operations"].items()
        if reason(services, f"{service}.{action}") is None
    ]

    assert [] == [action for action in reads if action.startswith(changes)]
    assert [] == [
        action
        for action in reads
        if services.definition(service)["operations"][action]["http"]["method"] not in ("GET", "HEAD", "POST")
    ]
    assert any(action.startswith(("Get", "List", "Describe")) for action in reads)
