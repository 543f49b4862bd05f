"""The user's AWS configuration as botocore reads it: profile, region, certificate bundle, variants of endpoints.

The session ignores configured endpoint URLs: the environment in which the proxy runs often has AWS_ENDPOINT_URL set to
the proxy itself, and a profile that assumes a role would otherwise ask the proxy for the credentials that the proxy is
waiting for. This file does not know what the configuration is used for.
"""

import os
import ssl
from typing import Any

import botocore.exceptions
import botocore.session

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.values.endpoint import Variants


def session(profile: str = "") -> Any:
    """A botocore session. `profile`: empty for the one that the environment names. Raises ConfigurationError."""
    botocore_session = botocore.session.Session(profile=profile or None)
    botocore_session.set_config_variable("ignore_configured_endpoint_urls", value=True)
    try:
        botocore_session.get_scoped_config()
    except botocore.exceptions.ProfileNotFound as error:
        names = ", ".join(botocore_session.available_profiles) or "none"
        raise ConfigurationError(f"--profile or AWS_PROFILE: {error}. Your profiles: {names}.") from error
    except botocore.exceptions.BotoCoreError as error:
        raise ConfigurationError(f"Your AWS configuration cannot be read: {error}") from error
    return botocore_session


def variants(botocore_session: Any) -> Variants:
    """Which endpoints the user prefers, as AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT or the profile say."""
    s3 = botocore_session.get_config_variable("s3") or {}
    default = Variants()
    return Variants(
        fips=bool(botocore_session.get_config_variable("use_fips_endpoint")),
        dual_stack=bool(botocore_session.get_config_variable("use_dualstack_endpoint")),
        s3_dual_stack=bool(s3.get("use_dualstack_endpoint")),
        accelerate=bool(s3.get("use_accelerate_endpoint")),
        use_arn_region=bool(s3.get("use_arn_region", default.use_arn_region)),
        multi_region_access_points=not s3.get("s3_disable_multiregion_access_points"),
    )


def region(botocore_session: Any) -> str:
    """The region that the user's configuration names; empty if none."""
    return botocore_session.get_config_variable("region") or ""


def certificate_bundle(profile: str = "") -> str:
    """The file of certificate authorities that the user trusts instead of the usual ones; empty if there is none.

    As in botocore: AWS_CA_BUNDLE or the profile's `ca_bundle`, then REQUESTS_CA_BUNDLE.
    """
    return session(profile).get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE", "")


def check_certificates(file: str) -> None:
    """Raises ConfigurationError if the file of `certificate_bundle` cannot be used."""
    try:
        ssl.create_default_context(cafile=file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(
            f"AWS_CA_BUNDLE, ca_bundle or REQUESTS_CA_BUNDLE: {file} is not a file of certificates ({reason})."
        ) from error
