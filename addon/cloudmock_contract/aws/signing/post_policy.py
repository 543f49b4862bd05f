"""Signs a browser's upload form anew: the policy among its fields, and the fields that say who signed it.

The policy keeps its expiration and every condition but those on the signature itself, so that S3 still refuses what the
client's policy forbids. This file does not know HTTP.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.signing import sigv2, sigv4
from cloudmock_contract.aws.wire import forms
from cloudmock_contract.errors import AppError
from cloudmock_contract.values.authentication import Version

SIGNING_FIELDS = frozenset(
    (
        "awsaccesskeyid",
        "policy",
        "signature",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-signature",
    )
)
"""The fields that are made anew, in lower case."""


def signed_form(
    form: Sequence[forms.Part], credentials: Credentials, region: str, version: Version, now: datetime
) -> tuple[forms.Part, ...]:
    """The form with its policy signed by these credentials. Raises AppError for a policy that is not JSON in base64."""
    fields = forms.fields_before_file(form)
    is_v2 = version is Version.V2
    signing_fields = _fields_v2(fields, credentials) if is_v2 else _fields_v4(fields, credentials, region, now)
    other_parts = [part for part in form if part.name.lower() not in SIGNING_FIELDS]
    return (*(forms.field_part(name, value) for name, value in signing_fields.items()), *other_parts)


def _fields_v4(fields: Mapping[str, str], credentials: Credentials, region: str, now: datetime) -> dict[str, str]:
    time = fields.get("x-amz-date") or now.strftime("%Y%m%dT%H%M%SZ")
    scope = sigv4.Scope(time[:8], region, "s3")
    added = {
        "x-amz-algorithm": sigv4.ALGORITHM,
        "x-amz-credential": f"{credentials.access_key}/{scope}",
        "x-amz-date": time,
    }
    if credentials.token:
        added["x-amz-security-token"] = credentials.token
    policy = _policy(fields, added)
    return {**added, "policy": policy, "x-amz-signature": sigv4.signature(credentials.secret_key, scope, policy)}


def _fields_v2(fields: Mapping[str, str], credentials: Credentials) -> dict[str, str]:
    token = {"x-amz-security-token": credentials.token} if credentials.token else {}
    policy = _policy(fields, token)
    signature = sigv2.policy_signature(credentials.secret_key, policy)
    return {"AWSAccessKeyId": credentials.access_key, **token, "policy": policy, "signature": signature}


def _policy(fields: Mapping[str, str], added: Mapping[str, str]) -> str:
    """The form's policy in base64, with conditions on the added fields in place of those on the client's signature."""
    try:
        policy = json.loads(base64.b64decode(fields.get("policy", ""), validate=False))
        conditions = [condition for condition in policy["conditions"] if _names(condition).isdisjoint(SIGNING_FIELDS)]
        text = json.dumps({**policy, "conditions": [*conditions, *({name: value} for name, value in added.items())]})
    except (binascii.Error, ValueError, TypeError, KeyError, RecursionError) as error:
        raise AppError(
            "The policy of the app's upload form is not a JSON object with conditions, in base64."
        ) from error
    return base64.b64encode(text.encode()).decode()


def _names(condition: Any) -> set[str]:
    """The fields that a condition is on: `{"acl": "private"}` or `["starts-with", "$key", "user/"]`."""
    if isinstance(condition, Mapping):
        names: Iterable[Any] = condition
    else:
        names = (str(condition[1]).removeprefix("$"),) if len(condition) > 1 else ()
    return {str(name).lower() for name in names}
