"""Runs the user's command with an environment that sends its AWS calls to the proxy.

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
"""How long the command may take to end after a signal before it is killed."""

_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")

_CREDENTIAL_PREFIXES = (
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
"""How the names of variables begin that hold credentials, or say where to find some."""

_NO_OTHER_CREDENTIALS = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "BOTO_CONFIG": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def environment(
    base: Mapping[str, str], port: int, credentials: Credentials | None = None, region: str = ""
) -> dict[str, str]:
    """The environment of the command.

    S3 has an address of its own: with an IP address every SDK names the bucket in the path, where a host such as
    `bucket.localhost` would often not resolve. Variables that would send calls past the proxy are left out.

    `credentials`: the only ones that the command is to find; None: those that it finds by itself. `region`: the region
    of the user's profile, for a command that is given credentials and so cannot read the profile.
    """
    variables = {name: value for name, value in base.items() if not name.startswith("AWS_ENDPOINT_URL")}
    if credentials:
        variables = _isolated(variables, credentials, region)
    own_lists = (variables.get("NO_PROXY"), variables.get("no_proxy"))
    no_proxy = ",".join(filter(None, (*own_lists, "localhost", "127.0.0.1")))
    if "*" in own_lists:
        no_proxy = "*"  # it means all hosts only if it stands alone
    return variables | {
        "AWS_ENDPOINT_URL": f"http://localhost:{port}",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",  # even if the user's profile says otherwise
        # The proxy decides which of AWS's endpoints is called; SDKs refuse these beside an endpoint URL.
        "AWS_USE_FIPS_ENDPOINT": "false",
        "AWS_USE_DUALSTACK_ENDPOINT": "false",
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
    }


def _isolated(base: Mapping[str, str], credentials: Credentials, region: str) -> dict[str, str]:
    """The environment with these credentials, and without any way to others."""
    variables = {name: value for name, value in base.items() if not name.upper().startswith(_CREDENTIAL_PREFIXES)}
    has_region = any(base.get(name) for name in _REGIONS)
    return {
        **variables,
        **_NO_OTHER_CREDENTIALS,
        **(dict.fromkeys(_REGIONS, region) if region and not has_region else {}),
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        **({"AWS_SESSION_TOKEN": credentials.token} if credentials.token else {}),
    }


class Command:
    """A shell command that is running or has ended."""

    def __init__(self, text: str, port: int, credentials: Credentials | None = None, region: str = "") -> None:
        """`credentials`, `region`: as in `environment`."""
        self._text = text
        self._environment = environment(os.environ, port, credentials, region)
        self._shares_terminal = _is_foreground()
        self._process: asyncio.subprocess.Process | None = None
        self._killing: asyncio.TimerHandle | None = None
        self._early_signal: signal.Signals | None = None
        """A signal that came before the command had started."""

    async def run(self) -> int:
        """Run the command with `sh -c` on this process's own input and output; its exit code, -N for signal N."""
        self._process = await asyncio.create_subprocess_exec(
            "sh",
            "-c",
            self._text,
            env=self._environment,
            # On a terminal the command stays in the foreground group, where it may read the keyboard and gets Ctrl+C
            # from the terminal itself. Elsewhere it leads a group, so that a signal reaches everything it has started.
            process_group=None if self._shares_terminal else 0,
        )
        if self._early_signal:
            self.forward(self._early_signal)
        try:
            return await self._process.wait()
        finally:
            if self._killing:
                self._killing.cancel()

    def forward(self, number: signal.Signals) -> None:
        """Pass a signal on to the command. It is killed at the second one, or if it does not end in time."""
        if self._process is None:
            self._early_signal = number
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
            pass  # it has just ended by itself, as the signal asked


def _is_foreground() -> bool:
    try:
        return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False
