"""Which operations only read: change nothing, start nothing, and give nobody the means to.

An operation is known to read by its name and its HTTP methods, or by Smithy's readonly trait. Both are wrong about some
operations, which stand in tables here. An operation in doubt does not count as one that reads. One that costs money
(Cost Explorer, Rekognition) or returns a stored secret may still count.

This file does not know what the user allows.
Source: https://smithy.io/2.0/spec/behavior-traits.html#readonly-trait
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from cloudmock_contract.aws.credentials.temporary import gives_credentials
from cloudmock_contract.aws.models import verbs
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.values.operation import Operation

_METHODS = frozenset(("GET", "HEAD", "POST"))
"""POST as well: the RPC protocols have nothing else, and REST services search with it."""

_ALSO_READ = frozenset(
    (
        "apigatewayv2.ExportApi",
        "backup.ExportBackupPlanTemplate",
        "clouddirectory.BatchRead",
        "cloudformation.ValidateTemplate",
        "ecr-public.BatchCheckLayerAvailability",
        "ecr.BatchCheckLayerAvailability",
        "elasticbeanstalk.CheckDNSAvailability",
        "elasticbeanstalk.RetrieveEnvironmentInfo",
        "elasticbeanstalk.ValidateConfigurationSettings",
        "events.TestEventPattern",
        "glue.CheckSchemaVersionValidity",
        "iam.SimulateCustomPolicy",
        "iam.SimulatePrincipalPolicy",
        "logs.TestMetricFilter",
        "route53.TestDNSAnswer",
        "route53domains.CheckDomainAvailability",
        "route53domains.CheckDomainTransferability",
        "route53domains.ViewBilling",
        "schemas.ExportSchema",
        "secretsmanager.ValidateResourcePolicy",
        "servicediscovery.DiscoverInstances",
        "servicediscovery.DiscoverInstancesRevision",
        "sns.CheckIfPhoneNumberIsOptedOut",
        "stepfunctions.ValidateStateMachineDefinition",
        "wafv2.CheckCapacity",
    )
)
"""Operations that only read, whatever their names. Others that test, validate or simulate run or send something."""

_GIVES_ACCESS = "it hands out credentials or a link, which work past this proxy as well"
_GIVES_UPLOAD = "it hands out a link to write to"
_GIVES_CHANGE = "it hands out a token to change something with"
_MAKES = "it makes what it returns, where that is not there yet"
_STARTS = "it starts work on AWS"
_RUNS_STATEMENT = "it runs a statement on the database, whose capacity it may wake up"

_DOES_MORE: Mapping[str, str] = {
    "*.Get*Credentials": _GIVES_ACCESS,
    "*.Get*CredentialsFor*": _GIVES_ACCESS,
    "*.Get*CredentialsWith*": _GIVES_ACCESS,
    "*.Get*Token": _GIVES_ACCESS,
    "*.Get*TokenFor*": _GIVES_ACCESS,
    "*.GetTokens*": _GIVES_ACCESS,
    "*.Get*EmbedUrl": _GIVES_ACCESS,
    "*.Get*LoginUrl": _GIVES_ACCESS,
    "*.Get*PresignedURL": _GIVES_ACCESS,
    "athena.GetResourceDashboard": _GIVES_ACCESS,
    "athena.GetSessionEndpoint": _GIVES_ACCESS,
    "bedrock-agentcore.GetResourceApiKey": _GIVES_ACCESS,
    "connectparticipant.GetAuthenticationUrl": _GIVES_ACCESS,
    "emr-serverless.GetDashboardForJobRun": _GIVES_ACCESS,
    "emr-serverless.GetResourceDashboard": _GIVES_ACCESS,
    "emr-serverless.GetSessionEndpoint": _GIVES_ACCESS,
    "emr.GetSessionEndpoint": _GIVES_ACCESS,
    "evs.GetDepotUrl": _GIVES_ACCESS,
    "gamelift.GetInstanceAccess": _GIVES_ACCESS,
    "glue.GetDashboardUrl": _GIVES_ACCESS,
    "glue.GetSessionEndpoint": _GIVES_ACCESS,
    "kinesis-video-signaling.GetIceServerConfig": _GIVES_ACCESS,
    "kms.GetParametersForImport": _GIVES_ACCESS,
    "lakeformation.GetGlueFunctionSessionContext": _GIVES_ACCESS,
    "lightsail.GetInstanceAccessDetails": _GIVES_ACCESS,
    "m2.GetSignedBluinsightsUrl": _GIVES_ACCESS,
    "marketplace-reporting.GetBuyerDashboard": _GIVES_ACCESS,
    "payment-cryptography.GetParametersForExport": _GIVES_ACCESS,
    "payment-cryptography.GetParametersForImport": _GIVES_ACCESS,
    "quicksight.GetIdentityContext": _GIVES_ACCESS,
    "wickr.GetOidcInfo": _GIVES_ACCESS,
    "*.Get*UploadUrl": _GIVES_UPLOAD,
    "customer-profiles.GetUploadJobPath": _GIVES_UPLOAD,
    "groundstation.GetAgentTaskResponseUrl": _GIVES_UPLOAD,
    "support.GetAttachmentUploadLinks": _GIVES_UPLOAD,
    "cognito-identity.GetId": _MAKES,
    "importexport.GetShippingLabel": _MAKES,
    "iot.DescribeEndpoint": _MAKES,
    "iot.GetRegistrationCode": _MAKES,
    "mediaconvert.DescribeEndpoints": _MAKES,
    "bedrock-agentcore.GetAgentCard": _STARTS,
    "frauddetector.GetEventPrediction": "it keeps the event that it judges",
    "inspector.GetAssessmentReport": _STARTS,
    "macie2.GetSensitiveDataOccurrences": _STARTS,
    "sagemaker.GetScalingConfigurationRecommendation": _STARTS,
    "redshift-data.DescribeTable": _RUNS_STATEMENT,
    "redshift-data.ListDatabases": _RUNS_STATEMENT,
    "redshift-data.ListSchemas": _RUNS_STATEMENT,
    "redshift-data.ListTables": _RUNS_STATEMENT,
    "stepfunctions.GetActivityTask": "it takes a task, which nobody else gets then",
    "cognito-idp.GetUserAttributeVerificationCode": "it sends a message to the user",
    "ec2.GetConsoleScreenshot": "it can press a key, which wakes up the instance",
    "ec2.GetFlowLogsIntegrationTemplate": "it writes to a bucket",
    "ecr.BatchGetImage": "it may copy an image into the registry, where that caches another one",
    "socialmessaging.GetWhatsAppMessageMedia": "it writes to a bucket",
    "waf-regional.GetChangeToken": _GIVES_CHANGE,
    "waf.GetChangeToken": _GIVES_CHANGE,
    "xray.GetSamplingTargets": "it reports statistics, and is given a quota",
}
"""What an operation does that only reads by its name or trait. Where a parameter decides whether it does
(`Mode=GET_ONLY`, `WakeUp`), all calls count as doing it."""

_EXACT = {name: reason for name, reason in _DOES_MORE.items() if "*" not in name}
_PATTERNS: Sequence[tuple[str, str]] = tuple(pair for pair in _DOES_MORE.items() if "*" in pair[0])

_NOT_MODELLED = "no model names it"
_NOT_KNOWN = "it is not known to only read"


def reason_against(operation: Operation, method: str, services: Services) -> str | None:
    """Why the operation does not count as one that only reads, as half a sentence; None if it only reads.

    `method`: the HTTP method of the request. Loads the service's model the first time: 1 to 130 ms.
    """
    model = services.operation_model(operation.service, operation.action) if operation.is_modelled else None
    if model is None:
        return _NOT_MODELLED
    if reason := _EXACT.get(operation.name) or _by_pattern(operation.name):
        return reason
    if gives_credentials(model):
        return _GIVES_ACCESS
    if not _METHODS.issuperset((method, model.http.get("method", "POST"))):
        return _NOT_KNOWN
    if operation.name in _ALSO_READ or verbs.reads(operation.action):
        return None
    is_declared = services.definition(operation.service)["operations"][operation.action].get("readonly", False)
    return None if is_declared and not verbs.changes(operation.action) else _NOT_KNOWN


def _by_pattern(name: str) -> str | None:
    return next((reason for pattern, reason in _PATTERNS if fnmatchcase(name, pattern)), None)
