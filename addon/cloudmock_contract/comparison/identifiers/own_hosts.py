"""Whose URLs are whose: each side makes URLs that lead to itself, and in these the host says nothing.

This file does not know where in a reply a URL stands.
"""

import re
from dataclasses import dataclass

_SCHEME_AND_HOST = re.compile(r"https?://(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?", re.IGNORECASE)
_LOCAL = re.compile(
    r"(?:.*\.)?(?:localhost|localhost\.localstack\.cloud|host\.docker\.internal)|127\.\d+\.\d+\.\d+|\[::1\]"
)
_AWS = re.compile(r"(?:.*\.)?(?:amazonaws\.com(?:\.cn)?|aws\.amazon\.com|api\.aws|on\.aws|amazoncognito\.com)")


@dataclass(frozen=True, slots=True)
class OwnHosts:
    """The hosts that each side has of its own, beside loopback for an emulator and AWS's domains for AWS."""

    aws: str = ""
    """The host of the endpoint that stands for AWS; empty for AWS itself."""
    cloudmock: str = ""

    def without(self, aws: str, cloudmock: str) -> tuple[str, str]:
        """Both texts, with nothing in place of each side's own scheme, host and port, unless they are the same."""
        if "://" not in aws or "://" not in cloudmock or _hosts(aws) == _hosts(cloudmock):
            return aws, cloudmock
        return _stripped(aws, self.aws), _stripped(cloudmock, self.cloudmock or "localhost")


def _hosts(text: str) -> list[str]:
    return [match[0] for match in _SCHEME_AND_HOST.finditer(text)]


def _stripped(text: str, host: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        url_host = match["host"].lower()
        is_own = url_host.strip("[]") == host or bool((_LOCAL if host else _AWS).fullmatch(url_host))
        return "//" if is_own else match[0]

    return _SCHEME_AND_HOST.sub(replaced, text)
