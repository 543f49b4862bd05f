"""How a request is authenticated, as its bytes say it. How they are read is not known here."""

import enum
from dataclasses import dataclass


class Style(enum.StrEnum):
    """Where and how a request carries its authentication."""

    NONE = "none"
    BEARER = "bearer"
    """A token, in Authorization or in a header of its own; nothing is signed."""
    HEADER = "header"
    QUERY = "query"
    """A presigned URL."""
    FORM = "form"
    """A signed policy among the fields of a browser's upload to S3."""
    PARAMETERS = "parameters"
    """Signature version 2 among the parameters of the query protocol, as SimpleDB has it."""


class Version(enum.StrEnum):
    """The signature's version."""

    NONE = ""
    V2 = "2"
    V4 = "4"
    V4A = "4a"
    """Signature version 4 with an asymmetric key: one signature for several regions."""


@dataclass(frozen=True, slots=True)
class Authentication:
    """The credential scope of a request, as far as it has one."""

    style: Style
    version: Version = Version.NONE
    access_key: str = ""
    region: str = ""
    signing_name: str = ""
