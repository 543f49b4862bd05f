"""The URL of an endpoint, taken apart. Which endpoint it is, and what is sent there, is not known here."""

import functools
import ipaddress
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.values.host_and_port import DEFAULT_PORTS, host_and_port

_URL = re.compile(r"(?i:https?)://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?(?:[/?#][!-~]*)?")
_EXAMPLE = "http://localhost:4566"


@dataclass(frozen=True, slots=True)
class Url:
    """An http or https endpoint, taken apart."""

    scheme: str
    host: str
    port: int
    path: str
    """Without a slash at its end."""

    @classmethod
    def parse(cls, flag: str, text: str) -> Self:
        """Raises ConfigurationError, naming the flag that the text was given for."""
        if "@" in text:
            raise ConfigurationError(f"{flag}: a URL with a user name or password is not accepted.")
        if not _URL.fullmatch(text):
            raise ConfigurationError(f"{flag}: {text!r} is not an http:// or https:// URL such as {_EXAMPLE}.")
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as error:
            raise ConfigurationError(f"{flag}: {text!r} is not a URL: {error}.") from error
        if not parts.hostname:
            raise ConfigurationError(f"{flag}: {text!r} is not an http:// or https:// URL such as {_EXAMPLE}.")
        if parts.query or parts.fragment:
            raise ConfigurationError(f"{flag}: {text!r} must be a scheme, a host and a port, such as {_EXAMPLE}.")
        if port == 0:
            raise ConfigurationError(f"{flag}: {text!r} has no port to connect to.")
        return cls(
            parts.scheme,
            parts.hostname,
            DEFAULT_PORTS[parts.scheme] if port is None else port,
            parts.path.rstrip("/"),
        )

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def netloc(self) -> str:
        """Host and port as a Host header has them."""
        return host_and_port(self.host, self.port, self.scheme)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"


@functools.cache
def is_loopback(host: str) -> bool:
    """Whether a host is this machine, and reached by nobody else."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
