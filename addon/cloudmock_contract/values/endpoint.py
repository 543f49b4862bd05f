"""Where a request is sent, for what it is signed, and which of AWS's endpoints the user prefers.

Which host that makes is not known here.
"""

from dataclasses import dataclass

from cloudmock_contract.values.authentication import Version
from cloudmock_contract.values.host_and_port import host_and_port


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
        return host_and_port(self.host, self.port, self.scheme)


@dataclass(frozen=True, slots=True)
class Variants:
    """Which of AWS's endpoints the user prefers, as the usual AWS settings say it."""

    fips: bool = False
    dual_stack: bool = False
    s3_dual_stack: bool = False
    """Dual-stack endpoints for S3 and S3 Control alone."""
    accelerate: bool = False
    use_arn_region: bool = True
    """Whether an access point's ARN decides the region, against the region of the request."""
    multi_region_access_points: bool = True
