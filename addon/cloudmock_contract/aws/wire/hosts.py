"""What a Host header says: an S3 bucket or access point, and, of a host of AWS's own, the service and the region.

A client that was given an endpoint URL sends the proxy's host, perhaps with a bucket before it; one whose connections
are redirected sends AWS's. This file does not decide where a request goes.
Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html,
https://docs.aws.amazon.com/general/latest/gr/s3.html and the `s3` endpoint rule set.
"""

import functools
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote

from cloudmock_contract.aws.models.partitions import before_suffix, is_region, partition_of
from cloudmock_contract.values.authentication import Authentication, Version
from cloudmock_contract.values.http import Request

MAX_HOST_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Host:
    """What a host name says."""

    name: str = ""
    """The host without its port."""
    is_aws: bool = False
    bucket: str = ""
    """A bucket's name or an access point's ARN, if the host begins with one."""
    labels: tuple[str, ...] = ()
    """Of an AWS host, what stands before AWS's suffix, without the region: `("api", "ecr")`."""
    region: str = ""
    is_website: bool = False


@functools.lru_cache(maxsize=4096)
def host(header: str) -> Host:
    """What a Host header says by itself."""
    name, colon, port = header.rpartition(":")
    name = name if colon and port.isdigit() else header
    if not name or len(name) > MAX_HOST_CHARACTERS:
        return Host()
    if rest := before_suffix(name):
        return _aws_host(name, rest)
    if match := LOCAL_RESOURCE.fullmatch(name):
        return Host(name, labels=(match["id"].lower(), match["kind"].lower()), region=(match["region"] or "").lower())
    return Host(name)


def bucket(request: Request, signed: Authentication) -> str:
    """The bucket, or the ARN of the access point, that the request's host begins with; empty if it begins with none."""
    target_host = host(request.headers.get("host"))
    prefix = _injected_prefix(request)
    if not target_host.name or (prefix and target_host.name.startswith(f"{prefix}.")):
        return ""
    if target_host.is_aws or target_host.labels:
        return target_host.bucket
    return _local_bucket(target_host.name, signed)


def is_ambiguous(request: Request) -> bool:
    """Whether the request's host leaves open if it begins with a bucket: it has several labels, and means nothing."""
    target_host = host(request.headers.get("host"))
    if target_host.is_aws or _is_ip(target_host.name.strip("[]")) or target_host.name.lower() in _OWN_NAMES:
        return False
    return "." in target_host.name and _LOCAL.fullmatch(target_host.name) is None


def bucket_and_path(request: Request, signed: Authentication) -> tuple[str, str]:
    """The bucket of an S3 request, and its path without the bucket, whichever style the client used."""
    if in_host := bucket(request, signed):
        return in_host, request.path
    first, slash, rest = request.path.removeprefix("/").partition("/")
    return unquote(first, errors="surrogateescape"), f"{slash}{rest}" or "/"


def _injected_prefix(request: Request) -> str:
    """What an SDK puts before the host for S3 Control and for Object Lambda replies; it is no bucket."""
    name = next((name for path, name in _PREFIXED if request.path.startswith(path)), "")
    return request.headers.get(name) if name else ""


_PREFIXED = (("/v20180820/", "x-amz-account-id"), ("/WriteGetObjectResponse", "x-amz-request-route"))

_REGION = r"(?P<region>[a-z0-9-]+)"
_ACCESS_POINT = r"(?P<name>.+)-(?P<account>[0-9]{12})"

_S3_HOSTS = tuple(
    (re.compile(pattern, re.IGNORECASE), arn)
    for pattern, arn in (
        (
            rf"{_ACCESS_POINT}\.s3-accesspoint(?:-fips)?(?:\.dualstack)?\.{_REGION}",
            "s3:{region}:{account}:accesspoint/{name}",
        ),
        (
            rf"{_ACCESS_POINT}\.s3-object-lambda(?:-fips)?\.{_REGION}",
            "s3-object-lambda:{region}:{account}:accesspoint/{name}",
        ),
        (
            rf"{_ACCESS_POINT}\.(?P<outpost>op-[a-z0-9]+)\.s3-outposts\.{_REGION}",
            "s3-outposts:{region}:{account}:outpost/{outpost}/accesspoint/{name}",
        ),
        (r"(?P<name>.+\.mrap)\.accesspoint\.s3-global", "s3::000000000000:accesspoint/{name}"),
        (rf"(?P<bucket>.+)\.s3express-[a-z0-9-]+\.{_REGION}", ""),
        (rf"(?P<bucket>.+)\.s3-website[.-]{_REGION}", ""),
        (r"(?P<bucket>.+)\.s3-accelerate(?:\.dualstack)?", ""),
        (rf"(?P<bucket>.+)\.s3(?:-fips)?(?:\.dualstack)?[.-]{_REGION}", ""),
        (r"(?P<bucket>.+)\.s3(?:-external-1)?", ""),
    )
)
"""S3's hosts that begin with a bucket or an access point, and the ARN of the latter. (A multi-region access point's
host does not say the account, and its endpoint does not need it.)"""

_LOCAL = re.compile(
    r"(?P<prefix>.+?)\.(?:s3\.(?:[a-z0-9-]+\.)?)?"
    r"(?:(?P<ip>[0-9]+(?:\.[0-9]+){3})|localhost(?:\.localstack\.cloud)?|host\.docker\.internal)",
    re.IGNORECASE,
)
LOCAL_RESOURCE = re.compile(
    r"(?P<id>[a-z0-9-]+)\.(?P<kind>execute-api|lambda-url)(?:\.(?P<region>[a-z0-9-]+))?\.localhost"
    r"(?:\.localstack\.cloud)?",
    re.IGNORECASE,
)
"""The host of an API or of a function, as emulators have it."""

_S3_ITSELF = re.compile(r"s3(?:\.[a-z]{2,}(?:-[a-z]+)+-[0-9]+)?", re.IGNORECASE)
_OWN_NAMES = ("localhost.localstack.cloud", "host.docker.internal")
_LOCAL_ACCESS_POINT = re.compile(rf"{_ACCESS_POINT}(?:\.(?P<outpost>op-[a-z0-9]+))?", re.IGNORECASE)
_LOCAL_ARNS = {
    "s3": "s3:{region}:{account}:accesspoint/{name}",
    "s3-object-lambda": "s3-object-lambda:{region}:{account}:accesspoint/{name}",
    "s3-outposts": "s3-outposts:{region}:{account}:outpost/{outpost}/accesspoint/{name}",
}


def _aws_host(name: str, rest: str) -> Host:
    for pattern, arn in _S3_HOSTS:
        match = pattern.fullmatch(rest)
        if match is None:
            continue
        parts = match.groupdict(default="")
        region = parts.get("region", "").lower()
        if region and not is_region(region):
            continue
        bucket = f"arn:{partition_of(region).name}:{arn.format(**parts)}" if arn else parts["bucket"]
        return Host(name, is_aws=True, bucket=bucket, labels=("s3",), region=region, is_website="s3-website" in rest)
    labels = tuple(rest.lower().split("."))
    region = next((label for label in reversed(labels) if is_region(label)), "")
    labels = tuple(label for label in labels if label != region)
    return Host(name, is_aws=True, labels=labels, region=region)


def _local_bucket(name: str, signed: Authentication) -> str:
    """What stands before the proxy's own host.

    With an IP address as endpoint, SDKs put a bucket into the path; what they put before the address is an access
    point. The scope tells those of Object Lambda and of Outposts.
    """
    match = _LOCAL.fullmatch(name)
    if match is None or _is_ip(name) or _S3_ITSELF.fullmatch(match["prefix"]):
        return ""
    prefix: str = match["prefix"]
    if signed.version is Version.V4A and prefix.endswith(".mrap"):
        return f"arn:aws:s3::000000000000:accesspoint/{prefix}"
    if match["ip"] or signed.signing_name in ("s3-object-lambda", "s3-outposts"):
        point = _LOCAL_ACCESS_POINT.fullmatch(prefix)
        if point is None or bool(point["outpost"]) is not (signed.signing_name == "s3-outposts"):
            return "" if match["ip"] else prefix
        arn = _LOCAL_ARNS.get(signed.signing_name, _LOCAL_ARNS["s3"])
        partition = partition_of(signed.region).name
        return f"arn:{partition}:" + arn.format(**{**point.groupdict(), "region": signed.region})
    return prefix


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
