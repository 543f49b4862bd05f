"""Signature Version 2, as S3 and as the query services (SimpleDB among them) have it.

Written from https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html and
https://docs.aws.amazon.com/AmazonSimpleDB/latest/DeveloperGuide/HMACAuth.html. Does not know Version 4.
"""

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from lab.aws_verifier.canonical import canonical_query
from lab.aws_verifier.hosts import virtual_bucket
from lab.aws_verifier.request import Key, RefusedError, Request, check_expiry, check_skew, find_key, moment, pairs

SUBRESOURCES = frozenset(
    (
        *(
            "accelerate",
            "acl",
            "analytics",
            "cors",
            "defaultObjectAcl",
            "delete",
            "encryption",
            "inventory",
            "legal-hold",
        ),
        *("lifecycle", "location", "logging", "metrics", "notification", "object-lock", "partNumber", "policy"),
        *("replication", "requestPayment", "response-cache-control", "response-content-disposition"),
        *("response-content-encoding", "response-content-language", "response-content-type", "response-expires"),
        *("restore", "retention", "select", "select-type", "storageClass", "tagging", "torrent", "uploadId", "uploads"),
        *("versionId", "versioning", "versions", "website"),
    )
)


def _sign(key: Key, text: str, digest: str = "sha1") -> str:
    return base64.b64encode(hmac.digest(key.secret_key.encode(), text.encode("latin-1"), digest)).decode()


def _compare(expected: str, claimed: str, text: str) -> None:
    if not hmac.compare_digest(expected.encode(), claimed.encode("latin-1")):
        raise RefusedError("SignatureDoesNotMatch", f"the signature is not that of:\n{text}")


def s3_text(request: Request, date: str, extra: Mapping[str, str]) -> str:
    """S3's string to sign; `extra` are the headers that a presigned URL carries in its query."""
    headers = {name: request.header(name) or "" for name, _ in request.headers} | dict(extra)
    amz = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()) if name.startswith("x-amz-"))
    bucket = virtual_bucket(request.host)
    resource = (f"/{bucket}" if bucket else "") + request.path
    named = sorted((name, value) for name, value in request.query if name in SUBRESOURCES)
    query = "&".join(f"{name}={value}" if value or name.startswith("response-") else name for name, value in named)
    first = (request.method, headers.get("content-md5", ""), headers.get("content-type", ""), date)
    return "\n".join((*first, amz + resource + ("?" + query if query else "")))


def verify_s3_header(request: Request, credential: str, keys: Mapping[str, Key], now: datetime) -> str:
    """The access key of `AWS KEY:SIGNATURE`."""
    access_key, colon, claimed = credential.strip().partition(":")
    if not colon:
        raise RefusedError("InvalidArgument", "AWS authorization header is invalid. Expected AwsAccessKeyId:signature")
    key = find_key(keys, access_key, request.header("x-amz-security-token"))
    date = request.header("x-amz-date")
    signed = moment(date or request.header("date") or "")
    if signed is None:
        raise RefusedError("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
    check_skew(signed, now)
    text = s3_text(request, "" if date else request.header("date") or "", {})
    _compare(_sign(key, text), claimed, text)
    return access_key


def verify_s3_query(request: Request, keys: Mapping[str, Key], now: datetime) -> str:
    """The access key of a presigned URL."""
    access_key, expires, claimed = (request.parameter(name) for name in ("AWSAccessKeyId", "Expires", "Signature"))
    if access_key is None or claimed is None or not (expires or "").isdecimal():
        raise RefusedError(
            "AccessDenied", "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
        )
    extra = {
        name.lower(): value
        for name, value in request.query
        if name.lower().startswith("x-amz-") or name.lower() in ("content-md5", "content-type")
    }
    key = find_key(keys, access_key, request.header("x-amz-security-token") or extra.get("x-amz-security-token"))
    check_expiry(now, datetime.fromtimestamp(int(expires or 0), UTC), now)
    text = s3_text(request, expires or "", extra)
    _compare(_sign(key, text), claimed, text)
    return access_key


def query_api_parameters(request: Request) -> tuple[tuple[str, str], ...]:
    """What a query service is asked, wherever it stands."""
    form = request.body.decode("latin-1") if request.media_type() == "application/x-www-form-urlencoded" else ""
    return (*request.query, *pairs(form))


def verify_query_api(request: Request, keys: Mapping[str, Key], now: datetime) -> str:
    """The access key of a request with SignatureVersion=2."""
    parameters = query_api_parameters(request)
    values = dict(parameters)
    if len(values) != len(parameters):
        raise RefusedError("InvalidParameterValue", "a parameter is there twice")
    needed = ("AWSAccessKeyId", "Signature", "SignatureMethod", "SignatureVersion")
    if missing := [name for name in needed if name not in values]:
        raise RefusedError("MissingParameter", f"The request must contain the parameters {missing}")
    digest = {"HmacSHA256": "sha256", "HmacSHA1": "sha1"}.get(values["SignatureMethod"])
    if values["SignatureVersion"] != "2" or digest is None:
        raise RefusedError("InvalidParameterValue", f"{values['SignatureVersion']}, {values['SignatureMethod']}")
    key = find_key(keys, values["AWSAccessKeyId"], values.get("SecurityToken"))
    signed, expires = moment(values.get("Timestamp", "")), moment(values.get("Expires", ""))
    if (signed is None) == (expires is None):
        raise RefusedError("MissingParameter", "The request must contain either Timestamp or Expires")
    if signed:
        check_skew(signed, now)
    if expires and now > expires:
        raise RefusedError("RequestExpired", f"Request has expired. Expires: {expires:%c}, server: {now:%c}")
    query = canonical_query((name, value) for name, value in parameters if name != "Signature")
    text = "\n".join((request.method, request.host.lower(), request.path or "/", query))
    _compare(_sign(key, text, digest), values["Signature"], text)
    return key.access_key
