"""The table of what the proxy must not let through, and what it must: see scripts/measure intruders."""

import pytest

from lab.secrecy import intruders


@pytest.mark.parametrize("options", intruders.ATTEMPTS, ids=lambda options: " ".join(options) or "no options")
def test_what_is_let_through(options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each attempt at the wrapper is answered as it must be, and what is refused reaches neither side."""
    for name, value in intruders.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    assert all(intruders.tried(options, intruders.ATTEMPTS[options]))
