"""What the installed botocore knows, read once."""

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import Behaviours


@pytest.fixture(scope="session")
def behaviours(services: Services) -> Behaviours:
    """The models of the operations."""
    return Behaviours(services)
