"""Canaries: values that look like secrets and turn up nowhere by chance, and the search for them in bytes.

A canary is found in every spelling that a program could give it: as it is, percent-encoded, in base64 whatever stands
before it, in hexadecimal digits, and escaped for JSON, HTML or a Python literal. This file knows no AWS.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

MIN_CORE_CHARACTERS = 16
"""Characters of a run without punctuation that are searched for by themselves: no escaping changes them."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One secret."""

    kind: str
    """What it stands for, in words."""
    attempt: str
    """The attempt that it was made for."""
    value: str
    welcome: frozenset[str] = frozenset()
    """The artefacts that it belongs in."""

    @property
    def spellings(self) -> frozenset[bytes]:
        """Any of these bytes gives it away."""
        texts = {self.value, *re.findall(rf"[A-Za-z0-9]{{{MIN_CORE_CHARACTERS},}}", self.value)}
        return frozenset(spelling for text in texts for spelling in _spellings(text))


def value(kind: str, attempt: str, form: str = "token") -> str:
    """A value that is the same in every run. `form`: `key`, `hex`, `password`, `base64`, or `token` for any other."""
    digest = hashlib.sha256(f"{kind} of {attempt}".encode()).digest()
    return _FORMS[form](digest)


def _token(digest: bytes) -> str:
    text = base64.b32encode(digest).decode()
    return f"Canary/{text[:22]}+{text[22:44]}=="


_FORMS: Mapping[str, Callable[[bytes], str]] = {
    "key": lambda digest: f"AKIA{base64.b32encode(digest).decode()[:16]}",
    "hex": lambda digest: digest.hex(),
    "password": lambda digest: f'Pa"\\ <&{base64.b32encode(digest).decode()[:28]}',
    "base64": lambda digest: base64.b64encode(digest).decode(),
    "token": _token,
}


def _spellings(text: str) -> Iterator[bytes]:
    plain = text.encode()
    yield plain
    yield from (quote(text, safe).encode() for safe in ("", "/", "/=", "~"))
    yield re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), quote(text, "")).encode()
    yield from (plain.hex().encode(), plain.hex().upper().encode())
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + plain)
        first, last = -(-before * 4 // 3), (before + len(plain)) * 4 // 3
        yield encoded[first:last]
        yield encoded[first:last].translate(bytes.maketrans(b"+/", b"-_"))


def around(canary: Canary, data: bytes) -> tuple[str, ...]:
    """What stands before the places where it is given away, each once."""
    starts = (
        match.start() for spelling in sorted(canary.spellings) for match in re.finditer(re.escape(spelling), data)
    )
    return tuple(dict.fromkeys(re.sub(r"\d+", "0", repr(data[max(0, start - 70) : start])[2:-1]) for start in starts))


def misplaced(canaries: Iterable[Canary], artefact: str, data: bytes) -> tuple[Canary, ...]:
    """The canaries that are in these bytes and do not belong there."""
    return tuple(
        canary
        for canary in canaries
        if artefact not in canary.welcome and any(spelling in data for spelling in canary.spellings)
    )
