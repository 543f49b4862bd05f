"""Sends a Python program's HTTPS to a local server: imported by itself when its folder is on PYTHONPATH.

Knows host names and ports only; TLS still sees the real name, which the local server then needs a certificate for.
Without REDIRECT_HTTPS_PORT it does nothing.
"""

import ipaddress
import os
import socket
from collections.abc import Callable
from typing import Any


def is_elsewhere(host: object) -> bool:
    """Whether this is the name of another machine, and neither an address nor this one's."""
    if not isinstance(host, (str, bytes, bytearray)) or not host:
        return False
    name = host if isinstance(host, str) else bytes(host).decode("latin-1")
    if name == "localhost" or name.endswith(".localhost"):
        return False
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return True
    return False


def redirected(resolve: Callable[..., Any], https_port: int) -> Callable[..., Any]:
    """A getaddrinfo for which all other machines are this one, and their port 443 is `https_port`."""

    def getaddrinfo(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        if is_elsewhere(host):
            host = "127.0.0.1"
            port = https_port if port in (443, "443", b"443", "https", b"https") else port
        return resolve(host, port, *arguments, **options)

    return getaddrinfo


if "REDIRECT_HTTPS_PORT" in os.environ:
    socket.getaddrinfo = redirected(socket.getaddrinfo, int(os.environ["REDIRECT_HTTPS_PORT"]))
