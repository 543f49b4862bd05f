"""The user's AWS configuration as botocore reads it: profile, region, certificate bundle, variants of endpoints.

The session ignores configured endpoint URLs: the environment in which the proxy runs often has AWS_ENDPOINT_URL set to
the proxy itself, and a profile that assumes a role would otherwise ask the proxy for the credentials that the proxy is
waiting for.
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
    found = botocore.session.Session(profile=profile or None)
    found.set_config_variable("ignore_configured_endpoint_urls", value=True)
    try:
        found.get_scoped_config()
    except botocore.exceptions.ProfileNotFound as error:
        known = ", ".join(found.available_profiles) or "none"
        raise ConfigurationError(f"--profile or AWS_PROFILE: {error}. Profiles there are: {known}.") from error
    except botocore.exceptions.BotoCoreError as error:
        raise ConfigurationError(f"The AWS configuration cannot be read: {error}") from error
    return found


def variants(of: Any) -> Variants:
    """Which endpoints the user wants, as AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT or the profile say."""
    s3 = of.get_config_variable("s3") or {}
    default = Variants()
    return Variants(
        fips=bool(of.get_config_variable("use_fips_endpoint")),
        dual_stack=bool(of.get_config_variable("use_dualstack_endpoint")),
        s3_dual_stack=bool(s3.get("use_dualstack_endpoint")),
        accelerate=bool(s3.get("use_accelerate_endpoint")),
        use_arn_region=bool(s3.get("use_arn_region", default.use_arn_region)),
        multi_region_access_points=not s3.get("s3_disable_multiregion_access_points"),
    )


def region(of: Any) -> str:
    """The region that the user's configuration names; empty if none."""
    return of.get_config_variable("region") or ""


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
            f"AWS_CA_BUNDLE, ca_bundle or REQUESTS_CA_BUNDLE: {file} is no file of certificates ({reason})."
        ) from error
