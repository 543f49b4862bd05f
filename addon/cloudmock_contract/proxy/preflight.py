"""What can be found out before the run, so that no test starts whose result cannot count. Blocks."""

import socket

from cloudmock_contract.aws.credentials import CredentialSource
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.reports.writing import check_writable
from cloudmock_contract.settings import Settings, Url

CONNECT_SECONDS = 5.0


def check(settings: Settings, credentials: CredentialSource) -> None:
    """Raises ConfigurationError for the first thing that is missing."""
    if settings.output:
        check_writable(settings.output)
    _check_reachable(settings.cloudmock)
    credentials.load()


def _check_reachable(cloudmock: Url) -> None:
    try:
        socket.create_connection((cloudmock.host, cloudmock.port), CONNECT_SECONDS).close()
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(
            f"--cloudmock: nothing answers at {cloudmock} ({reason}). Start CloudMock, or give the URL that it has."
        ) from error
