"""What a process whose only work is the proxy is spared, and what nobody's else may be.

This file does not know the proxy.
"""

import gc

from mitmproxy import http

COLLECTED_AFTER = 5_000
"""Objects made and not freed after which the garbage collector looks for cycles, which flows have.

Fewer, and those of the flows under way are looked through again and again; more, and the event loop is held up: 20,000
take it 10 ms.
"""


def collect_rarely() -> None:
    """Set the garbage collector for many short-lived objects beside many that stay: those made by now are left out."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER)


def check_no_messages() -> None:
    """Leave out mitmproxy's debug check of every message's types, as `python -O` does: a console command has no flags.

    It finds mistakes of addons, of which there are none here but this package's, which is tested with the check.
    """
    if hasattr(http.MessageData, "__post_init__"):
        http.MessageData.__post_init__ = _unchecked  # type: ignore[method-assign]


def _unchecked(_message: http.MessageData) -> None:
    pass
