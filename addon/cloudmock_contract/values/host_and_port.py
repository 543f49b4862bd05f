"""Writes where to connect, as URLs and Host headers have it. What is there is not known here."""

from collections.abc import Mapping

DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443}
"""By scheme."""


def host_and_port(host: str, port: int, scheme: str = "") -> str:
    """`host:port`, with an IPv6 address in brackets; without the port if it is the scheme's own."""
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if DEFAULT_PORTS.get(scheme) == port else f"{bracketed}:{port}"
