"""What the name of a member says of its values, where no model does. Names end in what they are: `VpcId`, `CreatedAt`.

This file does not look at values.
"""

import re

_NOT_IDENTIFIERS = re.compile(
    r"(?:code|message|msg|reason|state|status|type|cidr\w*|definition|policy|description|region\w*|zone|"
    r"availabilityzone\w*|engine\w*|format|mode|method|algorithm|protocol|class)$",
    re.IGNORECASE,
)
"""Members whose values say something, and are not there only to be told apart."""

_IDENTIFIERS = re.compile(
    r"(?:id|ids|arn|arns|handle|token|marker|iterator|url|uri|uuid|owner|account|secret|serial\w*|number|"
    r"fingerprint|cursor|etag|blob|endpoints?|address|ip|ips|hash|label|principal|user|role|dnsname|domain|domainname|"
    r"hostname|nameservers?)$",
    re.IGNORECASE,
)
_OPAQUE = re.compile(
    r"(?:token|marker|handle|iterator|cursor|uploadid|version-?id|revisionid|sequencenumber|blob|lockid|etag)$",
    re.IGNORECASE,
)
"""Members whose values nobody reads but their maker, so that no shape is promised."""

_HASHES = re.compile(
    r"(?:etag|checksum\w*|\w*md5\w*|\w*sha1\w*|\w*sha256\w*|\w*crc\w*|\w*digest|contenthash)$", re.IGNORECASE
)
"""Members whose values follow from the content: they are translated like any other, and yet a difference."""

_NAMED_TIME = re.compile(
    r"(?:Time|Timestamp|Date|Created|Modified|Updated|Start|End|Until|Since|At|On|Label|Expir\w*|Epoch\w*|Last\w*)$"
    r"|^(?:time|date|created|modified|updated|start|end|until|since|label|expir\w*|epoch\w*|exp|iat|auth_time)$"
    r"|(?:timestamp|datetime|_time|_date|_at|_on)$"
    r"|^(?:last-modified|retry-after)$"
)
"""Members that hold a time where the model says number or text."""


def is_telling(name: str) -> bool:
    """Whether the member's values say something, so that another one says something else."""
    return _NOT_IDENTIFIERS.search(name) is not None


def is_identifier(name: str) -> bool:
    """Whether the member's values are there to tell things apart."""
    return _IDENTIFIERS.search(name) is not None


def is_opaque(name: str) -> bool:
    """Whether nobody but their maker reads anything in the member's values."""
    return _OPAQUE.search(name) is not None


def is_hash(name: str) -> bool:
    """Whether the member's values follow from a content."""
    return _HASHES.search(name) is not None


def is_time(name: str) -> bool:
    """Whether the member's values are times."""
    return _NAMED_TIME.search(name) is not None
