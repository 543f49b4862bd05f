"""What a process of the proxy's own is spared; in processes of their own, because it is for good."""

import subprocess
import sys


def said_by(code: str) -> str:
    """What a Python program prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout


def test_what_is_there_is_not_looked_through_again() -> None:
    """The garbage collector leaves out what was made before, and runs after more objects than it does by itself."""
    code = """
import gc
from cloudmock_contract.proxy import process
before = gc.get_threshold()[0]
process.collect_rarely()
print(gc.get_freeze_count() > 10_000, gc.get_threshold()[0] > before, gc.isenabled())
"""

    assert "True True True\n" == said_by(code)


def test_messages_are_not_checked() -> None:
    """A message with a value of the wrong type is made without complaint, as under `python -O`; before, it is not."""
    code = """
from mitmproxy import http
from cloudmock_contract.proxy import process
def made():
    try:
        return http.Response(b"HTTP/1.1", 200, b"", http.Headers(), b"", None, "now", None).data.timestamp_start
    except TypeError:
        return "refused"
print(made())
process.check_no_messages()
print(made())
"""

    assert "refused\nnow\n" == said_by(code)


def test_nothing_to_switch_off_under_python_o() -> None:
    """Where mitmproxy makes no checks, leaving them out is no error."""
    code = "from cloudmock_contract.proxy import process; process.check_no_messages(); print('well')"
    done = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert "well\n" == done.stdout
