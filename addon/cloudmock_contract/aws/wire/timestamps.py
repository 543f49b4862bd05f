"""Timestamps as AWS protocols write them: the instant that a value means, and the notation that it is in.

Notations are told apart as far as SDKs tell them apart, or choke on them: ISO 8601 with its zone, the dates of HTTP,
seconds and milliseconds since 1970 as numbers or as text. How many digits a fraction of a second has, or whether there
is one, makes no other notation: every SDK reads it. This file does not know where timestamps stand.
Source: https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait
"""

import functools
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"\d{4}-\d\d-\d\d(?P<between>[T ])\d\d:\d\d(?P<seconds>:\d\d)?(?P<fraction>[.,]\d{1,9})?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_HTTP = re.compile(
    r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} [1-9]\d{3} \d\d:\d\d:\d\d (?P<zone>GMT|UTC|[+-]\d{4})", re.ASCII
)
_NUMBER = re.compile(r"\d{9,19}(?:\.\d{1,9})?|\d\.\d{1,12}E\d{1,2}", re.ASCII)
_TAGGED = re.compile(r"(?P<time>.{9,40}) \((?P<tag>tag [01](?: in ms)?)\)")
"""A time of CBOR, which `cbor.py` has made a text of."""
MAX_NUMBER = 10**20
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC).timestamp(), datetime(2100, 1, 1, tzinfo=UTC).timestamp()
_UNITS = ((1, "seconds"), (10**3, "milliseconds"), (10**6, "microseconds"), (10**9, "nanoseconds"))


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A value understood as a timestamp."""

    instant: float
    """Seconds since 1970."""
    notation: str
    """Two values in the same notation can be read by the same reader."""


def timestamp(value: object) -> Timestamp | None:
    """What the value means as a timestamp of this century; None if it cannot be one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _since_1970(float(value), "number") if abs(value) < MAX_NUMBER else None
    return _of_text(value) if isinstance(value, str) and 9 <= len(value) <= 60 else None


@functools.lru_cache(maxsize=1024)
def _of_text(text: str) -> Timestamp | None:
    if match := _TAGGED.fullmatch(text):
        tagged = _of_text(match["time"])
        return Timestamp(tagged.instant, f"CBOR {match['tag']}") if tagged else None
    if match := _ISO.fullmatch(text):
        try:
            moment = datetime.fromisoformat(text.replace(",", "."))
        except ValueError:
            return None
        zone = match["zone"] or ""
        notation = (
            f"ISO 8601{match['between']}{'s' if match['seconds'] else ''}{',' if ',' in text else ''}"
            f"{zone if zone in ('', 'Z') else '+00:00' if ':' in zone else '+0000'}"
        )
        return _of_this_century(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp(), notation)
    if match := _HTTP.fullmatch(text):
        try:
            moment = parsedate_to_datetime(text)
            return _of_this_century(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp(), f"HTTP {match['zone']}")
        except ValueError:
            return None
    return _since_1970(float(text), "text") if _NUMBER.fullmatch(text) else None


def _since_1970(number: float, written_as: str) -> Timestamp | None:
    if not math.isfinite(number):
        return None
    for per_second, unit in _UNITS:
        if moment := _of_this_century(number / per_second, f"{unit} as {written_as}"):
            return moment
    return None


def _of_this_century(instant: float, notation: str) -> Timestamp | None:
    return Timestamp(instant, notation) if _EARLIEST <= instant < _LATEST else None
