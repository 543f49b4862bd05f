"""The table of what the proxy must not let through, and what it must: see scripts/guard.py."""

import pytest

import guard


@pytest.mark.parametrize("options", guard.ATTEMPTS, ids=lambda options: " ".join(options) or "no options")
def test_what_is_let_through(options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each attempt at the wrapper is answered as it must be, and what is refused reaches neither side."""
    for name, value in guard.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    assert all(guard.tried(options, guard.ATTEMPTS[options]))
