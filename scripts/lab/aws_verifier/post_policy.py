"""Uploads by form, whose fields carry a signed policy.

Written from https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html,
sigv4-authentication-HTTPPOST.html and, for Signature Version 2,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/HTTPPOSTForms.html. Does not know other ways to authenticate.
"""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lab.aws_verifier.canonical import V4, signature, signing_key
from lab.aws_verifier.hosts import bucket_of
from lab.aws_verifier.request import SKEW, Key, RefusedError, Request, find_key, moment

_UNCOVERED = frozenset({"x-amz-signature", "signature", "awsaccesskeyid", "file", "policy"})
_NAME = re.compile(r'^content-disposition:.*?[; ]name="([^"]*)"', re.IGNORECASE | re.MULTILINE)
_OF_V4 = ("x-amz-credential", "x-amz-algorithm", "x-amz-date", "x-amz-signature")


@dataclass(frozen=True, slots=True)
class Form:
    """The fields before the file, by name in lower case, and the file."""

    fields: Mapping[str, str]
    file: bytes
    filename: str

    @property
    def has_policy(self) -> bool:
        return bool({"policy", "x-amz-signature", "signature"} & self.fields.keys())


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed a form, for what."""

    access_key: str
    region: str


def read_form(request: Request) -> Form | None:
    """The form of a multipart POST; None if it is something else."""
    boundary = re.search(r'boundary=(?:"([^"]+)"|([^;\s]+))', request.header("content-type") or "")
    if request.method != "POST" or request.media_type() != "multipart/form-data" or not boundary:
        return None
    mark = (boundary[1] or boundary[2]).encode("latin-1")
    fields: dict[str, str] = {}
    for part in (b"\r\n" + request.body).split(b"\r\n--" + mark)[1:]:
        if part.startswith(b"--"):
            break
        head, head_end, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        disposition = _NAME.search(head.decode("latin-1"))
        if not head_end or not disposition:
            raise RefusedError("MalformedPOSTRequest", f"malformed part {head!r}")
        name = disposition[1].lower()
        if name == "file":
            filename = re.search(r'filename="([^"]*)"', head.decode("latin-1"))
            return Form(fields, content, filename[1] if filename else "")
        if name in fields:
            raise RefusedError("InvalidArgument", f"the form field {name} is there twice")
        fields[name] = content.decode("utf-8", "surrogateescape")
    return Form(fields, b"", "")


def verify_form(request: Request, form: Form, keys: Mapping[str, Key], now: datetime) -> Signed:
    """Refuse a form whose policy is not signed, has expired or does not allow the fields."""
    if not form.fields.get("policy"):
        raise RefusedError("InvalidArgument", "Bucket POST must contain a field named 'policy'")
    if "key" not in form.fields:
        raise RefusedError("InvalidArgument", "Bucket POST must contain a field named 'key'")
    has_v2, has_v4 = "signature" in form.fields, "x-amz-signature" in form.fields
    if has_v2 and has_v4:
        raise RefusedError("InvalidArgument", "Only one auth mechanism allowed: the form has two signatures")
    signed = _verify_v4(form.fields, keys, now) if has_v4 else _verify_v2(form.fields, keys)
    _check_policy(_policy(form.fields["policy"]), request, form, now)
    return signed


def _verify_v4(fields: Mapping[str, str], keys: Mapping[str, Key], now: datetime) -> Signed:
    if missing := [name for name in _OF_V4 if name not in fields]:
        raise RefusedError("InvalidArgument", f"Bucket POST must contain the fields {missing}")
    if fields["x-amz-algorithm"] != V4:
        raise RefusedError("InvalidArgument", f"x-amz-algorithm is {fields['x-amz-algorithm']!r}")
    parts = fields["x-amz-credential"].split("/")
    signed = moment(fields["x-amz-date"])
    if len(parts) != 5 or parts[3:] != ["s3", "aws4_request"] or signed is None:
        raise RefusedError("InvalidArgument", f"malformed {fields['x-amz-credential']!r} or {fields['x-amz-date']!r}")
    access_key, date, region, service, _ = parts
    if date != signed.strftime("%Y%m%d") or signed - now > SKEW or now - signed > timedelta(days=7):
        raise RefusedError("AccessDenied", f"x-amz-date {fields['x-amz-date']!r} in the scope of {date}, now {now:%c}")
    key = find_key(keys, access_key, fields.get("x-amz-security-token"))
    expected = signature(signing_key(key.secret_key, date, region, service), fields["policy"])
    if not hmac.compare_digest(expected.encode(), fields["x-amz-signature"].encode("latin-1")):
        raise RefusedError("SignatureDoesNotMatch", f"the signature is not that of the policy:\n{fields['policy']}")
    return Signed(access_key, region)


def _verify_v2(fields: Mapping[str, str], keys: Mapping[str, Key]) -> Signed:
    if "awsaccesskeyid" not in fields or "signature" not in fields:
        raise RefusedError("InvalidArgument", "Bucket POST must contain the fields AWSAccessKeyId and signature")
    key = find_key(keys, fields["awsaccesskeyid"], fields.get("x-amz-security-token"))
    digest = hmac.digest(key.secret_key.encode(), fields["policy"].encode("latin-1"), "sha1")
    if not hmac.compare_digest(base64.b64encode(digest), fields["signature"].encode("latin-1")):
        raise RefusedError("SignatureDoesNotMatch", f"the signature is not that of the policy:\n{fields['policy']}")
    return Signed(key.access_key, "")


def _policy(text: str) -> dict[str, Any]:
    try:
        policy = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise RefusedError("InvalidPolicyDocument", f"Invalid Policy: {error}") from None
    if not isinstance(policy, dict) or not isinstance(policy.get("conditions"), list) or "expiration" not in policy:
        raise RefusedError("InvalidPolicyDocument", "Invalid Policy: no expiration or no conditions")
    return policy


def _check_policy(policy: Mapping[str, Any], request: Request, form: Form, now: datetime) -> None:
    expiration = moment(str(policy["expiration"]))
    if expiration is None:
        raise RefusedError("InvalidPolicyDocument", f"Invalid Policy: expiration {policy['expiration']!r}")
    if now > expiration:
        raise RefusedError("AccessDenied", "Invalid according to Policy: Policy expired.")
    values = {name: value.replace("${filename}", form.filename) for name, value in form.fields.items()}
    values["bucket"] = bucket_of(request.host, request.path)
    covered = {"bucket"}
    for condition in policy["conditions"]:
        covered.add(_check_condition(condition, values, len(form.file)))
    extra = sorted(name for name in values if name not in covered | _UNCOVERED and not name.startswith("x-ignore-"))
    if extra:
        raise RefusedError("AccessDenied", f"Invalid according to Policy: Extra input fields: {', '.join(extra)}")


def _check_condition(condition: Any, values: Mapping[str, str], size: int) -> str:
    """The field that the condition is about."""
    match condition:
        case dict() if len(condition) == 1:
            ((name, expected),) = condition.items()
            kind, name = "eq", str(name).lower()
        case ["content-length-range" | "Content-Length-Range", low, high]:
            if size < int(low):
                raise RefusedError("EntityTooSmall", f"the file has {size} bytes, the policy wants {low} or more")
            if size > int(high):
                raise RefusedError("EntityTooLarge", f"the file has {size} bytes, the policy allows {high}")
            return ""
        case [str(kind), str(name), expected] if name.startswith("$"):
            kind, name = kind.lower(), name[1:].lower()
        case _:
            raise RefusedError("InvalidPolicyDocument", f"Invalid Policy: Invalid condition {condition}")
    if kind not in ("eq", "starts-with"):
        raise RefusedError("InvalidPolicyDocument", f"Invalid Policy: Invalid condition {condition}")
    value = values.get(name)
    if value is None or not (value == expected if kind == "eq" else _starts(name, value, str(expected))):
        message = "Invalid according to Policy: Policy Condition failed"
        raise RefusedError("AccessDenied", f"{message}: {json.dumps(condition)}, the field is {value!r}")
    return name


def _starts(name: str, value: str, prefix: str) -> bool:
    """Whether each of the values starts so; only Content-Type may hold several."""
    return all(part.startswith(prefix) for part in (value.split(",") if name == "content-type" else [value]))
