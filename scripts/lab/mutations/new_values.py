"""Single values of AWS replies: what kind of value a text is, and other values of the same kind.

This file knows ids, hashes, timestamps and plain text by their looks and by their member's name; it knows neither
replies nor models.
"""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from random import Random

_ARN = re.compile(r"arn:[\w-]+:(?P<service>[\w-]+):[\w-]*:\d*:(?P<resource>.+)")
_ID_LOOKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("uuid", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("prefixed", re.compile(r"(?P<kind>[a-z]+(?:-[a-z]+)*-)(?:[0-9a-f]{17}|[0-9a-f]{8})")),
    ("principal", re.compile(r"(?P<kind>A[A-Z]{3})[A-Z0-9]{12,17}")),
    ("account", re.compile(r"\d{12}")),
    ("hexadecimal", re.compile(r"[0-9a-f]{32,64}")),
    ("underscored", re.compile(r"(?P<kind>[a-z]+_(?:bdrk_)?)(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{20,}")),
)
_ID_NAME = re.compile(r"(?:^id|Ids?|ID|[aA]rns?|ARN|[uU]rl|URL|[tT]oken|[hH]andle|[mM]arker|SequenceNumber)$")
"""Members whose longer values are generated, whatever they look like."""

GENERATED_PARTS = re.compile(
    r"arn:\S+|https?://\S+|\d{12}|[0-9a-f]{8,}|[a-z]+-[0-9a-f]{8,17}|[A-Z0-9]{16,}|[a-z]+_[\w-]{20,}"
)
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{2}(?::[0-9a-f]{2}){5}|(?:ip|ec2)-\d+-\d+-\d+-\d+\..*")
"""Addresses and names of network interfaces: assigned, where the client has not asked for them."""

_HASH_NAME = re.compile(r"(?i)(?:contentmd5|md5of\w*|checksum(?:crc|sha)\w+|codesha256|sha256\w*)$")
_HASH = re.compile(r'"?(?P<digits>[0-9a-f]{32,64}|[A-Za-z0-9+/]{6,86}={0,2})(?:-\d+)?"?')
RANDOM_NAME = re.compile(
    r"(?i)(?:password|secret|token|marker|cursor|handle|iterator|ciphertext\w*|plaintext|signature|nonce|accesskey|keymaterial"
    r"|publickey\w*|privatekey\w*|fingerprint|certificate\w*)$|^approximate"
)
"""Members that AWS documents as random, opaque or approximate."""

_TIME_NAME = re.compile(r"(?:[tT]ime|[tT]imestamp|[dD]ate|At|On)$")
_ISO = re.compile(r"(?P<base>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?P<fraction>\.\d+)?(?P<zone>Z|[+-]\d\d:?\d\d)?")
_RFC_822 = re.compile(r"\w{3}, \d\d? \w{3} \d{4} \d\d:\d\d:\d\d \S+")
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789")
_SECONDS, _MILLISECONDS = range(10**9, 3 * 10**9), range(10**12, 3 * 10**12)
_DAY = 86_400


def id_kind(text: str, name: str, request: str) -> str:
    """Which kind of generated id the text is; empty if none. `request`: what a client has written is not generated."""
    if arn := _ARN.fullmatch(text):
        resource_type = re.match(r"([\w-]+)[:/]", arn["resource"])
        return f"arn:{arn['service']}:{resource_type[1] if resource_type else ''}"
    if text.startswith(("http://", "https://")):
        return f"url:{name}"
    for kind, looks in _ID_LOOKS:
        if match := looks.fullmatch(text):
            return f"{kind}:{match.groupdict().get('kind', len(text))}"
    if _ID_NAME.search(name) and len(text) >= 8 and text not in request:
        return f"{name}:{len(text)}"
    return ""


def is_hash(text: str, name: str, service: str) -> bool:
    """Whether the text is a hash of contents. ETags are so in S3 alone: elsewhere they are random."""
    is_named_so = _HASH_NAME.search(name) or (service == "s3" and name == "ETag")
    return bool(is_named_so and _HASH.fullmatch(text))


def other_hash(text: str, random: Random) -> str:
    """Another hash of the same form."""
    match = _HASH.fullmatch(text)
    assert match
    digits = match["digits"]
    if re.fullmatch(r"[0-9a-f]+", digits):
        new_digits = f"{random.getrandbits(4 * len(digits)):0{len(digits)}x}"
    else:
        new_digits = base64.b64encode(
            random.randbytes(len(base64.b64decode(digits + "=" * (-len(digits) % 4))))
        ).decode()
    return text.replace(digits, new_digits)


def is_time(value: object, name: str) -> bool:
    """Whether a value that the model does not call a timestamp is one."""
    if isinstance(value, str):
        return bool(
            _ISO.fullmatch(value) or _RFC_822.fullmatch(value) or (value.isdecimal() and is_time(int(value), name))
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return isinstance(value, datetime)
    return bool(_TIME_NAME.search(name)) and (int(value) in _SECONDS or int(value) in _MILLISECONDS)


def shifted(value: object, random: Random) -> object | None:  # noqa: PLR0911 (one for each format)
    """The time some days away, in the same format; None for what is no time."""
    days = random.choice((-1, 1)) * random.randint(1, 400)
    match value:
        case datetime():
            return value + timedelta(days=days)
        case bool():
            return None
        case int() | float():
            return value + days * _DAY * (1000 if int(value) in _MILLISECONDS else 1)
        case str() if match := _ISO.fullmatch(value):
            moment = datetime.fromisoformat(match["base"]) + timedelta(days=days)
            return moment.isoformat() + value[len(match["base"]) :]
        case str() if _RFC_822.fullmatch(value):
            return format_datetime(parsedate_to_datetime(value) + timedelta(days=days), usegmt=value.endswith("GMT"))
        case str() if value.isdecimal():
            return str(shifted(int(value), random))
    return None


def other_notation(value: object, random: Random, *, is_text: bool) -> object | None:
    """The same instant written otherwise; None where there is no such. `is_text`: everything is, as in XML."""
    match value:
        case datetime():
            return _iso(value)
        case bool():
            return None
        case int() | float():
            return _iso(datetime.fromtimestamp(value, UTC)) if int(value) in _SECONDS else None
        case str() if match := _ISO.fullmatch(value):
            notations = _other_notations(match.groupdict(default=""), is_text=is_text)
            return random.choice(notations) if notations else None
    return None


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _other_notations(parts: Mapping[str, str], *, is_text: bool) -> list[object]:
    base, fraction, zone = parts["base"], parts["fraction"], parts["zone"]
    is_whole = not fraction.strip(".0")
    moment = datetime.fromisoformat(base + fraction + (zone or "Z"))
    notations: list[object] = []
    if zone == "Z":
        notations += [base + fraction, base + fraction + "+00:00"]
    if is_whole:
        notations.append(format_datetime(moment.astimezone(UTC), usegmt=True))
    if not is_text:
        notations.append(int(moment.timestamp()) if is_whole else moment.timestamp())
    return notations


def is_plain(value: object, name: str, request: str) -> bool:
    """Whether a scalar is the same in every correct reply: neither generated, nor random, nor of its time."""
    if value == "" or is_time(value, name):
        return False
    if isinstance(value, str):
        is_random = RANDOM_NAME.search(name) or _ADDRESS.fullmatch(value)
        return (value in request or not is_random) and not id_kind(value, name, request)
    return isinstance(value, bool | int | float | bytes) and not RANDOM_NAME.search(name)


def other_plain(value: object, random: Random) -> object | None:
    """A value near it, of the same type; None where there is no such."""
    match value:
        case bool():
            return not value
        case int():
            return value + random.randint(1, 3)
        case float():
            return value + random.randint(1, 3)
        case bytes() if value:
            position = random.randrange(len(value))
            return value[:position] + bytes((value[position] ^ 1,)) + value[position + 1 :]
        case str():
            return other_text(value, random)
    return None


def other_text(text: str, random: Random) -> str | None:
    """The text with one letter or digit changed, outside of what may be generated in it."""
    if text in ("true", "false"):
        return {"true": "false", "false": "true"}[text]
    generated = [match.span() for match in GENERATED_PARTS.finditer(text)]
    positions = [
        position
        for position, character in enumerate(text)
        if any(character in alphabet for alphabet in _ALPHABETS)
        and not any(start <= position < end for start, end in generated)
        and text[position - 1 : position] not in ("\\", "&")
    ]
    if not positions:
        return None
    position = random.choice(positions)
    alphabet = next(alphabet for alphabet in _ALPHABETS if text[position] in alphabet)
    new_character = random.choice(alphabet.replace(text[position], "").replace("0", "") or "1")
    return text[:position] + new_character + text[position + 1 :]


class Memory:
    """The generated ids that earlier replies have held, by kind."""

    def __init__(self) -> None:
        self._by_kind: dict[str, dict[str, None]] = {}
        self._kinds: dict[str, str] = {}

    def learn(self, text: str, kind: str) -> None:
        if kind and text not in self._kinds:
            self._kinds[text] = kind
            self._by_kind.setdefault(kind, {})[text] = None

    def __contains__(self, text: object) -> bool:
        return text in self._kinds

    def others(self, text: str) -> list[str]:
        """Ids of the same kind as this one, which an earlier reply has held as well."""
        return [same_kind for same_kind in self._by_kind.get(self._kinds.get(text, ""), ()) if same_kind != text]
