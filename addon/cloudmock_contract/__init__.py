"""Contract testing for AWS emulators: does CloudMock answer as AWS does, for the calls that your app makes?

from cloudmock_contract import ContractProxy

with ContractProxy(cloudmock="http://localhost:4566") as proxy:
    boto3.client("dynamodb", endpoint_url=proxy.url).list_tables()
    assert proxy.report().mismatched == 0
"""

from typing import TYPE_CHECKING, Any

from cloudmock_contract.errors import (
    AppError,
    CloudMockError,
    ConfigurationError,
    ContractError,
)
from cloudmock_contract.reports.tally.report import Count, Report
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.difference import Difference, Kind, Severity
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.operation import Operation

if TYPE_CHECKING:
    from cloudmock_contract.proxy.master_session import ContractProxy

__version__ = "0.1.0"

__all__ = [
    "AppError",
    "CloudMockError",
    "ConfigurationError",
    "ContractError",
    "ContractProxy",
    "Count",
    "Difference",
    "Exchange",
    "Kind",
    "Operation",
    "Report",
    "Settings",
    "Severity",
    "Verdict",
]


def __getattr__(name: str) -> Any:
    """`ContractProxy` brings mitmproxy with it (0.5 s to import): only for those who ask for it."""
    if name == "ContractProxy":
        from cloudmock_contract.proxy.master_session import ContractProxy  # noqa: PLC0415

        return ContractProxy
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
