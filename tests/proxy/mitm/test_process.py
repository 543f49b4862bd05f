"""What a process of the proxy's own is spared; in processes of their own, because it is for good."""

import subprocess
import sys

import pytest
from mitmproxy import http

from cloudmock_contract.proxy.mitm import process


def said_by(code: str) -> str:
    """What a Python program prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout


def test_what_is_there_is_not_looked_through_again() -> None:
    """The garbage collector leaves out what was made before, and runs after more objects than it does by itself."""
    code = """
import gc
from cloudmock_contract.proxy.mitm import process
before = gc.get_threshold()[0]
process.relax_garbage_collection()
print(gc.get_freeze_count() > 10_000, gc.get_threshold()[0] > before, gc.isenabled())
"""

    assert "True True True\n" == said_by(code)


RIGHT: dict[type[http.MessageData], dict[str, object]] = {
    http.RequestData: {
        "http_version": b"HTTP/1.1",
        "headers": http.Headers(),
        "content": b"",
        "trailers": None,
        "timestamp_start": 1.5,
        "timestamp_end": None,
        "host": "h",
        "port": 1,
        "method": b"GET",
        "scheme": b"http",
        "authority": b"",
        "path": b"/",
    },
    http.ResponseData: {
        "http_version": b"HTTP/1.1",
        "headers": http.Headers(),
        "content": None,
        "trailers": http.Headers(),
        "timestamp_start": 1,
        "timestamp_end": 2.5,
        "status_code": 200,
        "reason": b"OK",
    },
}
"""Values of every type that mitmproxy takes, by kind of message and name."""

WRONG: tuple[object, ...] = (None, "text", b"bytes", 1, 1.5, True, http.Headers(), [], object())


def refused(kind: type[http.MessageData], values: dict[str, object]) -> str:
    """What the error says; empty if there is none."""
    try:
        kind(**values)  # type: ignore[arg-type]
    except TypeError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", RIGHT)
def test_the_fast_type_check_refuses_what_mitmproxys_refuses(
    kind: type[http.MessageData], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stands in whichever place of a message: it is taken, or refused in the same words."""
    tried = [RIGHT[kind], *(RIGHT[kind] | {name: value} for name in RIGHT[kind] for value in WRONG)]
    expected = [refused(kind, values) for values in tried]
    monkeypatch.setattr(http.MessageData, "__post_init__", process.fast_type_check(http.MessageData.__post_init__))

    assert expected == [refused(kind, values) for values in tried]
    assert not expected[0]
    assert len(WRONG) < sum(map(bool, expected))


def test_mitmproxys_check_is_asked_only_when_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that is plainly right is not checked again; one of a kind that is not known here always is."""
    asked: list[type] = []

    class Another(http.ResponseData):
        pass

    monkeypatch.setattr(http.MessageData, "__post_init__", process.fast_type_check(lambda one: asked.append(type(one))))
    made = {kind: kind(**values) for kind, values in RIGHT.items()}  # type: ignore[arg-type]
    assert [http.ResponseData] == asked  # an int for a float
    Another(**vars(made[http.ResponseData]))

    assert [http.ResponseData, Another] == asked


def test_messages_are_checked_quickly_but_once() -> None:
    """The check is put in once, however often it is asked for, as when a script is loaded again."""
    code = """
from mitmproxy import http
from cloudmock_contract.proxy.mitm import process
process.use_fast_type_check()
check = http.MessageData.__post_init__
process.use_fast_type_check()
print(check is http.MessageData.__post_init__, check.__module__)
"""

    assert "True cloudmock_contract.proxy.mitm.process\n" == said_by(code)


def test_nothing_to_put_in_under_python_o() -> None:
    """Where mitmproxy makes no checks, none are put in."""
    code = """
from mitmproxy import http
from cloudmock_contract.proxy.mitm import process
process.use_fast_type_check()
print(hasattr(http.MessageData, "__post_init__"))
"""
    done = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert "False\n" == done.stdout
