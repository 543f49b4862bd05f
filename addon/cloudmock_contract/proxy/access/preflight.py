"""What can be found out before the run, so that no test starts whose result cannot count, and no request goes to an
account that was not meant. Blocks.
"""

import socket

from cloudmock_contract.aws.credentials.caller_identity import (
    CallerIdentity,
    caller_identity,
    check_account,
    check_is_real,
)
from cloudmock_contract.aws.credentials.provider import CredentialProvider
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.reports.files import check_writable
from cloudmock_contract.settings import Settings, Url

CONNECT_SECONDS = 5.0


def check_surroundings(settings: Settings) -> None:
    """Raises ConfigurationError if a file of the run's could not be written, or CloudMock does not answer."""
    written = (
        ("--output", settings.output),
        ("--journal" if settings.keeps_journal else "--output", settings.journal),  # without its option, beside it
        ("--cleanup", settings.cleanup),
    )
    for option, path in written:
        if path:
            check_writable(path, option)
    _check_reachable(settings.cloudmock)


def check_credentials(settings: Settings, source: CredentialProvider) -> CallerIdentity | None:
    """Whose the credentials are; None where AWS is not asked. Raises ConfigurationError if they cannot be used."""
    credentials = source.load()
    if settings.aws_endpoint:
        return None
    check_is_real(credentials)
    if not settings.preflight:
        return None
    found = caller_identity(source.session, credentials, settings.region)
    check_account(found, settings.expect_account)
    return found


def _check_reachable(cloudmock: Url) -> None:
    try:
        socket.create_connection((cloudmock.host, cloudmock.port), CONNECT_SECONDS).close()
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(
            f"--cloudmock: nothing answers at {cloudmock} ({reason}). Start CloudMock, or give the URL that it has."
        ) from error
