"""Where a request is sent, and for what it is signed. Which of AWS's hosts that is, is not known here."""

from dataclasses import dataclass

from cloudmock_contract.values.authentication import Version


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to send a request, and for what to sign it."""

    scheme: str
    host: str
    port: int
    path: str
    """What comes before the request's own path: empty, or a path style bucket."""
    signing_name: str
    signing_region: str
    """For `Version.V4A`, the set of regions that the signature is for."""
    version: Version = Version.V4

    @property
    def host_header(self) -> str:
        """The Host header's value: no port if it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"
