"""Contract testing for AWS emulators: does CloudMock answer as AWS does, for the calls that your app makes?

from cloudmock_contract import ContractProxy

with ContractProxy(cloudmock="http://localhost:4566") as proxy:
    boto3.client("dynamodb", endpoint_url=proxy.url).list_tables()
    assert proxy.report().mismatched == 0
"""

import importlib
from typing import TYPE_CHECKING, Any

from cloudmock_contract.errors import (
    AppError,
    CloudMockError,
    ConfigurationError,
    ContractError,
)
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.difference import Difference, Kind, Severity
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.operation import Operation
from cloudmock_contract.version import __version__

if TYPE_CHECKING:
    from cloudmock_contract.proxy.contract_proxy import ContractProxy
    from cloudmock_contract.reports.tally.report import Count, Report

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
    "__version__",
]

_IMPORTED_WHEN_ASKED_FOR = {
    "ContractProxy": "cloudmock_contract.proxy.contract_proxy",
    "Count": "cloudmock_contract.reports.tally.report",
    "Report": "cloudmock_contract.reports.tally.report",
}
"""The first brings mitmproxy with it, the others botocore: 0.5 s and 0.1 s, which `--help` does without."""


def __getattr__(name: str) -> Any:
    if name in _IMPORTED_WHEN_ASKED_FOR:
        return getattr(importlib.import_module(_IMPORTED_WHEN_ASKED_FOR[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
