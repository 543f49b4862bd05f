"""What a process whose main work is the proxy is spared, for as long as it lives.

The check of types can go when mitmproxy's own is cheap for messages that are right.
This file does not know the proxy.
"""

import gc
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import get_args

from mitmproxy import http

COLLECTED_AFTER = 5_000
"""Objects made and not freed after which the garbage collector looks for cycles, which flows have.

Fewer, and those of the flows under way are looked through again and again; more, and the event loop is held up: 20,000
take it 10 ms.
"""


def relax_garbage_collection() -> None:
    """Set the garbage collector for many short-lived objects beside many that stay: those made by now are left out."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER)


def use_fast_type_check() -> None:
    """Have mitmproxy check the types in every message by `fast_type_check`, if it checks them: `python -O` does not."""
    check = vars(http.MessageData).get("__post_init__")
    if check and check.__module__ != __name__:
        http.MessageData.__post_init__ = fast_type_check(check)  # type: ignore[method-assign]


def fast_type_check(check: Callable[[http.MessageData], None]) -> Callable[[http.MessageData], None]:
    """The check with the same outcome, which asks `check` only where a type is not plainly right.

    mitmproxy's raises and catches three errors for each message that is right. They take a tenth of the time that
    mitmproxy needs for a request, and hold the flow until garbage is collected.
    """

    def check_types(message: http.MessageData) -> None:
        values = vars(message)
        for name, types in _TYPES.get(type(message), _UNKNOWN):
            if not isinstance(values.get(name, _MISSING), types):
                check(message)
                return

    return check_types


_MISSING = object()
_UNKNOWN: tuple[tuple[str, tuple[type, ...]], ...] = (("", ()),)
"""Of a message of another kind, nothing is plainly right."""

_TYPES: Mapping[type[http.MessageData], tuple[tuple[str, tuple[type, ...]], ...]] = {
    kind: tuple((field.name, get_args(field.type) or (field.type,)) for field in fields(kind))
    for kind in (http.RequestData, http.ResponseData)
}
