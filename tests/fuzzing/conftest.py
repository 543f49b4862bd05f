"""What the installed botocore knows, read once."""

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import SdkCatalog


@pytest.fixture(scope="session")
def sdk_catalog(services: Services) -> SdkCatalog:
    """The models of the operations."""
    return SdkCatalog(services)
