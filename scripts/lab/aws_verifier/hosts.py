"""Which signing name and region the host name of an AWS endpoint stands for.

Written from https://docs.aws.amazon.com/general/latest/gr/rande.html and the endpoint page of each service; which
signing names differ from their hosts is as AWS's SDKs have it. Knows the ordinary hosts only, and says nothing of the
others.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Scope(NamedTuple):
    """A signing name and a region; an empty region is not said by the host."""

    service: str
    region: str


_SUFFIXES = (".amazonaws.com.cn", ".amazonaws.com", ".api.aws", ".api.amazonwebservices.com.cn", ".amazonaws.eu")
_REGION = re.compile(r"(?:af|ap|ca|cn|eu|eusc|il|me|mx|sa|us|us-gov|us-iso[a-z]?)-[a-z]+-[0-9]+")

_GLOBAL = ("budgets", "chime", "cloudfront", "health", "iam", "importexport", "organizations", "route53")
_FIRST_REGIONAL = ("autoscaling", "ec2", "rds", "sdb", "shield", "sns", "sqs", "sts", "support", "waf")
"""Hosts without a region, which then is that of the partition's first one."""

_LABELS: Mapping[str, Sequence[str]] = {
    "account-access": ("account-access-runtime",),
    "agent-registry": ("agent-registry-control",),
    "appconfig": ("appconfigdata",),
    "appstream": ("appstream2",),
    "aws-marketplace": (
        "agreement-marketplace",
        "catalog.marketplace",
        "deployment-marketplace",
        "discovery-marketplace",
        "entitlement.marketplace",
        "metering.marketplace",
        "reporting-marketplace",
    ),
    "bedrock": (
        "bedrock-agent",
        "bedrock-agent-runtime",
        "bedrock-data-automation",
        "bedrock-data-automation-runtime",
        "bedrock-runtime",
    ),
    "bedrock-agentcore": ("bedrock-agentcore-control",),
    "cassandra": ("cassandra-streams",),
    "chime": (
        "identity-chime",
        "media-pipelines-chime",
        "meetings-chime",
        "messaging-chime",
        "voice-chime",
    ),
    "cloudhsm": ("cloudhsmv2",),
    "cloudsearch": ("cloudsearchdomain",),
    "cloudwatch": ("cloudwatch-omni",),
    "codecommit": ("git-codecommit",),
    "connect": ("contact-lens",),
    "dynamodb": ("streams.dynamodb",),
    "events": ("eventsv2",),
    "forecast": ("forecastquery",),
    "iam": ("iam-toolbox",),
    "ivs": ("ivsrealtime",),
    "lex": (
        "models-v2-lex",
        "models.lex",
        "runtime-v2-lex",
        "runtime.lex",
    ),
    "logs": ("streaming-logs",),
    "mediastore": ("data.mediastore",),
    "memorydb": ("memory-db",),
    "mgh": ("migrationhub-config",),
    "mobiletargeting": ("pinpoint",),
    "partnercentral": ("partnercentral-prm",),
    "payment-cryptography": (
        "controlplane.payment-cryptography",
        "dataplane.payment-cryptography",
    ),
    "personalize": (
        "personalize-events",
        "personalize-runtime",
    ),
    "qapps": ("data.qapps",),
    "qldb": ("session.qldb",),
    "sagemaker": (
        "a2i-runtime.sagemaker",
        "edge.sagemaker",
        "featurestore-runtime.sagemaker",
        "inferencerouter-runtime.sagemaker",
        "job-runtime.sagemaker",
        "metrics.sagemaker",
        "runtime.sagemaker",
        "training-session-runtime.sagemaker",
    ),
    "servicecatalog": ("servicecatalog-appregistry",),
    "servicediscovery": ("data-servicediscovery",),
    "ses": (
        "email",
        "mail-manager",
    ),
    "signer": ("data-signer",),
    "sms-voice": ("sms-voice.pinpoint",),
    "states": ("sync-states",),
    "timestream": (
        "ingest.timestream",
        "query.timestream",
    ),
    "transcribe": ("transcribestreaming",),
    "wickr": ("admin.wickr",),
}
"""Signing names whose hosts are called something else."""

_NAMES = {label: name for name, labels in _LABELS.items() for label in labels}

_PREFIXED: Mapping[str, str] = {
    "control-kinesis": "kinesis",
    "data-kinesis": "kinesis",
    "ddb": "dynamodb",
    "es": "es",
    "execute-api": "execute-api",
}
"""Labels after one of an account, an API or a domain."""

_UNCLEAR = frozenset({"iot", "oidc"})
"""Labels of more than one service, or of one that does not sign."""

_S3 = re.compile(
    r"""(?:(?P<bucket>.+)\.)?
    (?:(?P<kind>s3|s3-fips|s3-external-1|s3-accelerate|s3-accesspoint|s3-accesspoint-fips|s3-control|s3-control-fips
       |s3-object-lambda|s3-object-lambda-fips|s3-outposts|s3-outposts-fips|s3express-[a-z0-9-]+)
       (?:\.dualstack)?(?:\.(?P<region>"""
    + _REGION.pattern
    + r"""))?
      |s3-(?P<old>"""
    + _REGION.pattern
    + r"""))""",
    re.VERBOSE,
)


def expected_scope(host: str) -> Scope | None:
    """What a request to this host has to be signed for; None if the host is not an ordinary one."""
    name = host.lower().partition(":")[0]
    if match := re.fullmatch(r"[a-z0-9]+\.lambda-url\.([a-z0-9-]+)\.on\.aws", name):
        return Scope("lambda", match[1])
    suffix = next((suffix for suffix in _SUFFIXES if name.endswith(suffix)), None)
    if suffix is None:
        return None
    rest = name.removesuffix(suffix)
    return _s3_scope(rest) or _queue_scope(rest) or _global_scope(rest, suffix) or _regional_scope(rest)


def bucket_of(host: str, path: str) -> str:
    """The bucket of an S3 request of either style."""
    return virtual_bucket(host) or path.removeprefix("/").partition("/")[0]


def virtual_bucket(host: str) -> str:
    """The bucket in the host's name, if there is one."""
    name = host.lower().partition(":")[0]
    rest = next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), "")
    match = _S3.fullmatch(rest)
    return match["bucket"] or "" if match else ""


def _s3_scope(rest: str) -> Scope | None:
    if rest.endswith(".accesspoint.s3-global"):
        return Scope("s3", "")
    if not (match := _S3.fullmatch(rest)):
        return None
    kind = (match["kind"] or "s3").removesuffix("-fips")
    if kind.startswith("s3express"):
        kind = "s3express"
    region = match["region"] or match["old"] or ""
    if not region and kind in ("s3", "s3-external-1") and not match["bucket"]:
        region = "us-east-1"
    return Scope(kind if kind in ("s3express", "s3-object-lambda", "s3-outposts") else "s3", region)


def _queue_scope(rest: str) -> Scope | None:
    region = "us-east-1" if rest == "queue" else rest.removesuffix(".queue")
    return Scope("sqs", region) if (rest == "queue" or rest.endswith(".queue")) and _REGION.fullmatch(region) else None


def _global_scope(rest: str, suffix: str) -> Scope | None:
    service, _, part = rest.removeprefix("global.").removesuffix("-fips").partition(".")
    if part == "us-gov" and service in _GLOBAL:
        return Scope(service, "us-gov-west-1")
    if part or service not in (*_GLOBAL, *_FIRST_REGIONAL):
        return None
    return Scope(service, "cn-northwest-1" if suffix.endswith(".cn") else "us-east-1")


def _regional_scope(rest: str) -> Scope | None:
    labels, _, region = rest.rpartition(".")
    if not _REGION.fullmatch(region):
        return None
    name = labels.removesuffix("-fips")
    if name in _NAMES:
        return Scope(_NAMES[name], region)
    prefix, _, label = name.rpartition(".")
    if not prefix:
        return None if name in _UNCLEAR else Scope(name, region)
    if prefix == "api":
        return Scope(label, region)
    return Scope(_PREFIXED[label], region) if label in _PREFIXED else None
