"""A reply as a tree of values. How it is read is not known here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """A reply as a tree: the members of the body and those that the operation binds to headers."""

    status: int
    """The HTTP status."""
    tree: Mapping[str, object]
    """Objects as dicts, lists as lists, and str, int, float, bool, None as leaves. Blobs are `{length, sha256}`."""
    flaw: str = ""
    """Why the body could not be read as the operation's protocol wants it; empty if it could."""
    root: str = ""
    """An XML body's outermost element, with its namespace: `{http://…}ListBucketResult`."""
    lacks: str = ""
    """The element in which SDKs look for all of an XML body's members, if the body has none."""
    notation: str = field(default="", compare=False)
    """What the body is written in, as in `aws/documents/bodies.py`; empty for bytes and for no body."""
    shape: Any = field(default=None, compare=False, repr=False)
    """The model's shape of the tree, by which differences are understood; None where no model says."""
    unsound: Mapping[str, str] = field(default_factory=dict)
    """The headers whose checksums are not those of the reply's own bytes, in lower case, and why not."""

    @property
    def is_error(self) -> bool:
        return self.status >= 300
