"""The version."""

import importlib.metadata

import cloudmock_contract
from cloudmock_contract import version


def test_there_is_one_version() -> None:
    """The package, what is installed, and the public name say the same."""
    assert version.__version__ == cloudmock_contract.__version__ == importlib.metadata.version("cloudmock-contract")
