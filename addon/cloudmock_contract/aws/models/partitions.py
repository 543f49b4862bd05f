"""AWS's partitions: which regions and DNS suffixes are AWS's own.

From botocore's `partitions` data. This file knows nothing of services.
"""

import functools
import re
from dataclasses import dataclass

from botocore.loaders import Loader

DEFAULT_REGION = "us-east-1"

HOST_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
"""One label of a host name (RFC 1123)."""

_OTHER_SUFFIXES = ("aws.amazon.com", "on.aws")
"""Where AWS answers besides under a partition's suffixes: sign-in, and function and lattice URLs."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition, as ARNs and host names have it."""

    name: str
    region_pattern: str
    regions: frozenset[str]
    dns_suffix: str
    dual_stack_suffix: str

    def has(self, region: str) -> bool:
        return region in self.regions or re.fullmatch(self.region_pattern, region, re.ASCII) is not None


@functools.cache
def partitions() -> tuple[Partition, ...]:
    """All partitions, the public one first."""
    return tuple(
        Partition(
            partition["id"],
            partition["regionRegex"].removeprefix("^").removesuffix("$"),
            frozenset(partition["regions"]),
            partition["outputs"]["dnsSuffix"],
            partition["outputs"]["dualStackDnsSuffix"],
        )
        for partition in Loader().load_data("partitions")["partitions"]
    )


@functools.lru_cache(maxsize=256)
def partition_of(region: str) -> Partition:
    """The partition of a region; the public one for a region that none knows, as in AWS's own endpoint rules."""
    return next((partition for partition in partitions() if partition.has(region)), partitions()[0])


@functools.lru_cache(maxsize=1024)
def is_region(text: str) -> bool:
    """Whether a text is, or could become, the name of a region."""
    return any(partition.has(text) for partition in partitions())


@functools.cache
def suffixes() -> tuple[str, ...]:
    """AWS's DNS suffixes, the longest first."""
    known = set(_OTHER_SUFFIXES)
    for partition in partitions():
        known |= {partition.dns_suffix, partition.dual_stack_suffix}
    return tuple(sorted(known, key=lambda suffix: -len(suffix)))


def before_suffix(host: str) -> str:
    """What stands before AWS's DNS suffix in a host name; empty if the host is not AWS's."""
    lowered = host.lower() if host.isascii() else ""
    for suffix in suffixes():
        if lowered.endswith(f".{suffix}"):
            return host[: -len(suffix) - 1]
    return ""


def is_aws_host(host: str) -> bool:
    """Whether the host name is one that AWS alone can answer for."""
    return bool(before_suffix(host)) and all(HOST_LABEL.fullmatch(label) for label in host.split("."))
