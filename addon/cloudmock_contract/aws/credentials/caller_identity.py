"""Whose the credentials are: checked before the run, so that no test writes into another account than the user means.

Asks AWS's STS, and blocks. This file does not know where the credentials come from.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import botocore.exceptions
from botocore.config import Config
from botocore.parsers import ResponseParserError

from cloudmock_contract.aws.credentials.botocore_config import region as region_of
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.models.partitions import DEFAULT_REGION
from cloudmock_contract.errors import ConfigurationError

_PLACEHOLDER = re.compile(
    r"(?i:|test(?:ing)?|mock(?:ed)?|fake|foo|bar|dummy|local|localstack|cloudmock|none|access_?key(?:_?id)?|key)"
    r"|.*EXAMPLE|L[KS]IA.*"
)
"""Access key ids of documentation and emulators: AWS's examples end in EXAMPLE, LocalStack's ids begin so."""

_REMEDIES = {
    "ExpiredToken": "They have expired: log in or assume the role again (`aws sso login` for a profile with SSO).",
    "ExpiredTokenException": "They have expired: log in or assume the role again.",
    "InvalidClientTokenId": "The access key is wrong, deleted, or of another partition than the region (--region); "
    "or AWS_SESSION_TOKEN is missing, or belongs to another key.",
    "SignatureDoesNotMatch": "The secret key does not belong to the access key, or this machine's clock is wrong.",
    "RequestTimeTooSkewed": "This machine's clock is wrong: set it.",
    "AccessDenied": "A policy forbids sts:GetCallerIdentity: --no-preflight skips this check.",
}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long AWS may take to say who the caller is."""

    connect: float
    read: float
    attempts: int


PATIENT = Timeouts(connect=5, read=10, attempts=2)
"""Before a run, which cannot begin without an answer."""

QUICK = Timeouts(connect=2, read=2, attempts=1)
"""In a run, which can do without one."""


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """Who AWS, or an endpoint in its place, says the caller is."""

    account: str
    arn: str
    region: str
    """Where AWS was asked."""
    user_id: str = ""

    def __str__(self) -> str:
        return f"AWS account {self.account} as {self.arn}, region {self.region}"


def check_is_real(credentials: Credentials) -> None:
    """Raises ConfigurationError for keys that can only be for emulators: AWS would refuse them."""
    if _PLACEHOLDER.fullmatch(credentials.access_key):
        raise ConfigurationError(
            f"The AWS access key {credentials.access_key!r} is a placeholder, and AWS refuses it. Set AWS_PROFILE, or "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; or compare with another endpoint: --aws-endpoint URL."
        )


def caller_identity(
    session: Any, credentials: Credentials, region: str, *, timeouts: Timeouts = PATIENT
) -> CallerIdentity:
    """Ask AWS who the caller is. `region`: empty for the configured one. Raises ConfigurationError."""
    region = region or region_of(session) or DEFAULT_REGION
    try:
        client = session.create_client(
            "sts",
            region_name=region,
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
            config=Config(
                proxies={},
                connect_timeout=timeouts.connect,
                read_timeout=timeouts.read,
                retries={"total_max_attempts": timeouts.attempts},
            ),
        )
        try:
            response = client.get_caller_identity()
        finally:
            client.close()
    except botocore.exceptions.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        remedy = _REMEDIES.get(code, "--no-preflight skips this check.")
        raise ConfigurationError(f"AWS does not accept the credentials ({code}). {remedy}") from error
    except (botocore.exceptions.BotoCoreError, ResponseParserError, ValueError) as error:
        raise ConfigurationError(
            f"AWS cannot be asked whose the credentials are: {str(error).rstrip('.')}. "
            "Check the network and the region; --no-preflight skips this check."
        ) from error
    return CallerIdentity(
        response.get("Account", ""), response.get("Arn", ""), region, user_id=response.get("UserId", "")
    )


def check_account(caller: CallerIdentity, expected: Collection[str]) -> None:
    """Raises ConfigurationError if the account is not an expected one. `expected`: empty for any."""
    if expected and caller.account not in expected:
        raise ConfigurationError(
            f"--expect-account: the credentials are those of account {caller.account} ({caller.arn}), "
            f"not of {' or '.join(expected)}. Nothing was sent. Choose the right profile: --profile NAME."
        )
