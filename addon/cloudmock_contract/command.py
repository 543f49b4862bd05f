"""Runs the user's command with the environment that leads its AWS calls through the proxy.

This file does not know what the proxy does with them. The variables are those of the SDKs' reference guide,
https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html, and of SDKs older than it.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping

from cloudmock_contract.aws.credentials.provider import Credentials

GRACE_SECONDS = 10.0
"""How long the command may take to end after a signal, before it is killed."""

_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")

_LEADING_TO_CREDENTIALS = (
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SESSION_EXPIRATION",
    "AWS_SECURITY_TOKEN",
    "AWS_BEARER_TOKEN",
    "AWS_CREDENTIAL",  # ..._EXPIRATION, ..._FILE, ..._PROFILES_FILE, AWS_CREDENTIALS...
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_IAM_ROLE_ARN",
    "AWS_IAM_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN",
    "AWS_SSO_",
    "AWS_LOGIN_CACHE_DIRECTORY",
    "AWS_CONTAINER_",
    "AWS_EC2_METADATA_",
    "AMAZON_ACCESS_KEY_ID",
    "AMAZON_SECRET_ACCESS_KEY",
    "AMAZON_SESSION_TOKEN",
    # Tokens of CI systems, for which a role that trusts them gives credentials.
    "ACTIONS_ID_TOKEN_REQUEST_",
    "BITBUCKET_STEP_OIDC_TOKEN",
    "CIRCLE_OIDC_TOKEN",
    "VERCEL_OIDC_TOKEN",
)
"""How variables begin that hold credentials, or say where there are some."""

_NO_OTHER_CREDENTIALS = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "BOTO_CONFIG": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def environment(
    base: Mapping[str, str], port: int, credentials: Credentials | None = None, region: str = ""
) -> dict[str, str]:
    """The child's environment.

    S3 has an address of its own: with an IP address every SDK names the bucket in the path, where a host such as
    `bucket.localhost` would often not resolve. What would lead calls past the proxy is left out.

    `credentials`: the only ones that the child is to find; None: those that it finds by itself. `region`: where it
    gets credentials, the region that the user's profile names, and that the child cannot read there.
    """
    kept = {name: value for name, value in base.items() if not name.startswith("AWS_ENDPOINT_URL")}
    if credentials:
        kept = _isolated(kept, credentials, region)
    not_proxied = ",".join(filter(None, (kept.get("NO_PROXY"), kept.get("no_proxy"), "localhost", "127.0.0.1")))
    if "*" in (kept.get("NO_PROXY"), kept.get("no_proxy")):
        not_proxied = "*"  # which means all hosts only as long as it stands alone
    return kept | {
        "AWS_ENDPOINT_URL": f"http://localhost:{port}",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",  # also where the user's profile says otherwise
        # The proxy decides which of AWS's endpoints is called; SDKs take these for a mistake beside an endpoint URL.
        "AWS_USE_FIPS_ENDPOINT": "false",
        "AWS_USE_DUALSTACK_ENDPOINT": "false",
        "NO_PROXY": not_proxied,
        "no_proxy": not_proxied,
    }


def _isolated(base: Mapping[str, str], credentials: Credentials, region: str) -> dict[str, str]:
    """The environment with these credentials, and nothing in it that leads to others."""
    kept = {name: value for name, value in base.items() if not name.upper().startswith(_LEADING_TO_CREDENTIALS)}
    has_region = any(base.get(name) for name in _REGIONS)
    return {
        **kept,
        **_NO_OTHER_CREDENTIALS,
        **(dict.fromkeys(_REGIONS, region) if region and not has_region else {}),
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        **({"AWS_SESSION_TOKEN": credentials.token} if credentials.token else {}),
    }


class Command:
    """A shell command that is running or has run."""

    def __init__(self, text: str, port: int, credentials: Credentials | None = None, region: str = "") -> None:
        """`credentials`, `region`: as in `environment`."""
        self._text = text
        self._environment = environment(os.environ, port, credentials, region)
        self._shares_terminal = _is_foreground()
        self._process: asyncio.subprocess.Process | None = None
        self._killing: asyncio.TimerHandle | None = None
        self._early: signal.Signals | None = None
        """A signal that came before the command had started."""

    async def run(self) -> int:
        """Run the command by `sh -c` with this process's own input and output; its exit code, -N for signal N."""
        self._process = await asyncio.create_subprocess_exec(
            "sh",
            "-c",
            self._text,
            env=self._environment,
            # On a terminal the command stays in the foreground group, where it may read the keyboard and gets Ctrl+C
            # from the terminal itself. Elsewhere it leads a group, so that a signal reaches all that it has started.
            process_group=None if self._shares_terminal else 0,
        )
        if self._early:
            self.forward(self._early)
        try:
            return await self._process.wait()
        finally:
            if self._killing:
                self._killing.cancel()

    def forward(self, number: signal.Signals) -> None:
        """Pass a signal on to the command; a second one kills it, and so does its not ending in time."""
        if self._process is None:
            self._early = number
            return
        if self._process.returncode is not None:
            return
        if self._killing:
            self._send(signal.SIGKILL)
            return
        if number is not signal.SIGINT or not self._shares_terminal:
            self._send(number)
        self._killing = asyncio.get_running_loop().call_later(GRACE_SECONDS, self._send, signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        assert self._process
        try:
            if self._shares_terminal:
                self._process.send_signal(number)
            else:
                os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass  # it has just ended by itself, which is what the signal was for


def _is_foreground() -> bool:
    try:
        return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False
