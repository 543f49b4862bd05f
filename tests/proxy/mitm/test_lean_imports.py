"""What a start of the wrapper does not import."""

import subprocess
import sys

import pytest

START = """
import sys
{before}
from cloudmock_contract.proxy.mitm.lean_imports import skip_default_addons
skip_default_addons()
from cloudmock_contract import live_run
from mitmproxy.addons import core, proxyserver
print("flask" in sys.modules, "ldap3" in sys.modules, core.Core.__name__, proxyserver.Proxyserver.__name__)
"""


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param("", "False False Core Proxyserver", id="first"),
        pytest.param("import mitmproxy.addons", "True True Core Proxyserver", id="too late"),
    ],
)
def test_default_addons_are_not_imported(before: str, expected: str) -> None:
    """The modules that are used are there, without those that are not; what was imported before stays as it is."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", START.format(before=before)], capture_output=True, text=True, check=True
    )

    assert expected == run.stdout.strip()
