"""Signature version 2, which SimpleDB still wants and old S3 clients still use.

Values in, values out: this file does not know requests, nor where the signature stands in them.
Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html and
https://docs.aws.amazon.com/AmazonSimpleDB/latest/DeveloperGuide/HMACAuth.html
"""

import base64
import hmac
from collections.abc import Iterable
from urllib.parse import unquote

from cloudmock_contract.aws.signing.sigv4 import percent_encoded, trimmed

_SUB_RESOURCES = frozenset(
    (
        "accelerate",
        "acl",
        "analytics",
        "cors",
        "delete",
        "inventory",
        "lifecycle",
        "location",
        "logging",
        "metrics",
        "notification",
        "object-lock",
        "partNumber",
        "policy",
        "replication",
        "requestPayment",
        "restore",
        "select",
        "select-type",
        "storageClass",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
        "website",
    )
)
"""Query parameters that belong to the resource; so do those that begin with `response-`."""


def s3_signature(
    secret_key: str, method: str, resource: str, query: str, headers: Iterable[tuple[str, str]], date: str
) -> str:
    """The signature of an S3 request.

    `resource`: the path in path style; `date`: the Date header's value, or the expiry of a presigned URL; empty if
    x-amz-date is among the headers.
    """
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(trimmed(value))
    lines = [method, *(",".join(values.get(name, [""])) for name in ("content-md5", "content-type")), date]
    lines += [f"{name}:{','.join(values[name])}" for name in sorted(values) if name.startswith("x-amz-")]
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    sub_resources = sorted(
        f"{name}{equals}{unquote(value)}"
        for name, equals, value in pairs
        if name in _SUB_RESOURCES or name.startswith("response-")
    )
    lines.append(f"{resource}?{'&'.join(sub_resources)}" if sub_resources else resource)
    return _signature(secret_key, "\n".join(lines), "sha1")


def policy_signature(secret_key: str, policy: str) -> str:
    """The signature of an upload form's policy. `policy`: in base64."""
    return _signature(secret_key, policy, "sha1")


def parameters_signature(
    secret_key: str, method: str, host: str, path: str, parameters: Iterable[tuple[str, str]]
) -> str:
    """The signature of a request of the query protocol."""
    pairs = sorted((percent_encoded(name), percent_encoded(value)) for name, value in parameters)
    text = "&".join(f"{name}={value}" for name, value in pairs)
    return _signature(secret_key, f"{method}\n{host.lower()}\n{path}\n{text}", "sha256")


def _signature(secret_key: str, text: str, digest: str) -> str:
    return base64.b64encode(hmac.digest(secret_key.encode(), text.encode("utf-8", "surrogateescape"), digest)).decode()
