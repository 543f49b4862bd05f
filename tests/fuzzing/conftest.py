"""What the installed botocore knows, read once."""

import pytest

from cloudmock_contract.aws.behaviour import Behaviours
from cloudmock_contract.aws.identification import Identifier
from cloudmock_contract.aws.services import Services


@pytest.fixture(scope="session")
def services() -> Services:
    """AWS's services."""
    return Services()


@pytest.fixture(scope="session")
def identifier(services: Services) -> Identifier:
    """One identifier for all tests: each service's routes are read once."""
    return Identifier(services)


@pytest.fixture(scope="session")
def behaviours(services: Services) -> Behaviours:
    """The models of the operations."""
    return Behaviours(services)
