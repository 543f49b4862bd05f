"""Whether a text looks generated, and whether two generated texts are of one kind. Pure functions of texts.

Nothing here is learned: which values belong together is in id_map.py.
"""

import base64
import binascii
import codecs
import enum
import itertools
import re

_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?"
_GROUP = "[0-9a-f]{1,4}"
_PUBLIC_IPV6 = (
    rf"[23][0-9a-f]{{3}}(?:(?::{_GROUP}){{7}}|(?::{_GROUP}){{0,6}}::(?:{_GROUP}(?::{_GROUP}){{0,5}})?)(?![\w:-])"
)
_NAME_SERVER = r"ns-\d{1,4}\.awsdns-\d\d\.(?:com|net|org|co\.uk)(?![\w-])"
_ADDRESS = rf"\d{{1,3}}(?:\.\d{{1,3}}){{3}}|[0-9a-f]{{2}}(?::[0-9a-f]{{2}}){{5}}|{_PUBLIC_IPV6}|{_NAME_SERVER}"
TOKEN = re.compile(rf"{_TIME}|{_ADDRESS}|[A-Za-z0-9_-]{{6,}}")
"""What a longer value, such as an ARN or a URL, is made of: the parts that can be generated. An address, a MAC or
one of Route 53's name servers is one, and so is the time in the ARN of a stream."""

WORD = re.compile(rf"{_TIME}|{_ADDRESS}|[A-Za-z0-9_-]{{3,}}")
"""The parts by which a value is known again."""

PART = re.compile(rf"{_TIME}|{_ADDRESS}|[A-Za-z0-9_-]+")
"""All parts of a value; what is between them are its delimiters."""

_REGION_OR_ZONE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]+){1,3}-\d{1,2}[a-z]?|[a-z]{3,4}\d-az\d{1,2})(?:-[a-z]{3}-\d[a-z])?"
)
"""Regions and availability zones."""
_REGIONS_WITHIN = re.compile(
    r"(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central)[a-z]*-\d"
)
_REGION = re.compile(r"(?P<region>[a-z]{2,3}(?:-[a-z]+){1,3}-\d{1,2}|[a-z]{3,4}\d(?=-az))(?:[a-z]$|[_:]|-az|$)")
_IAM = re.compile(r"A(?:BIA|CCA|GPA|IDA|IPA|KIA|NPA|NVA|PKA|ROA|SCA|SIA)[A-Z0-9]{12,}")
"""IAM's unique ids, whose first four letters say of what kind they are.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
"""

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PREFIXED_HEX = re.compile(r"[a-z]{1,12}(?:-[a-z]{2,12}){0,3}-(?:[0-9a-f]{8}|[0-9a-f]{17})")
"""Ids of EC2 and of those that took after it, whose characters may happen to be all digits, or all letters.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
"""
_IPV6 = re.compile(_PUBLIC_IPV6)
_DNS_HOST = re.compile(_NAME_SERVER)
_GREEN = re.compile(r"(?P<stem>.+-green-)[a-z0-9]{6}")
"""What RDS calls the copy of a database in a blue/green deployment.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-creating.html
"""
_FORMS = re.compile("|".join(form.pattern for form in (_PREFIXED_HEX, _IAM, _IPV6, _DNS_HOST, _GREEN)))
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_PRIVATE = re.compile(r"10\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.168\.|169\.254\.|127\.")
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_HOST_OF_IPV4 = re.compile(r"(?:[a-z#]+-)?#-#-#-#")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_UTF_8 = codecs.getincrementaldecoder("utf-8")
_BASE64_OF_BYTES = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_BASE64_OF_URLS = re.compile(r"[A-Za-z0-9_-]+")
_WORD_IN_PATH = re.compile(r"(?:^|/)[a-z]{4,}(?:/|$)")
_NAMED_NUMBER = re.compile(r"(?P<stem>(?=.*[A-Za-z]).*[-_])(?P<number>\d{8,})")
"""A name that AWS has completed with a number, as that of a load balancer: `front-1234567890`."""

_NUMBER = re.compile(r"\d+")
_DATE = re.compile(r"(?:19|20)\d\d(?P<dash>-?)(?:0[1-9]|1[0-2])(?P=dash)(?:0[1-9]|[12]\d|3[01])(?:T\d{6}Z?)?")
_PREFIX = re.compile(r"(?:[A-Za-z][A-Za-z0-9]*[-_])*(?=[^-_]*$)")
_RANDOM = re.compile(r"(?:.*[-_])?(?=[^-_]*[0-9])(?=[^-_]*[A-Za-z])(?P<random>[A-Za-z0-9]{16,})")
_WORDS_BEFORE = re.compile(r"(?:[a-z]{3,20}[-_])+")
_WORDS = re.compile(r"[A-Za-z]+(?:[-_ .][A-Za-z]+)*(?:[-_ .]?\d{0,4})")
_SEPARATOR = re.compile(r"[-_.]")
_WORD_BY_ITSELF = re.compile(r"[A-Z]?[a-z]{1,24}|[A-Z]{2,24}")
_UNSPEAKABLE = re.compile(r"[^aeiouy]{5}|[aeiouy]{5}|^[^aeiouy]{4,}$", re.IGNORECASE)
_SUFFIXED = re.compile(r"(?P<stem>.*-)(?=[A-Z]*\d)[A-Z0-9]{10,}")
"""A name that AWS has completed, as CloudFormation does: `stack-Queue-1X2Y3Z4X5Y6Z`."""

_NUMBERED = re.compile(r"[A-Za-z]+(?:[-_ .][A-Za-z]+)*[-_ .]\d{1,4}")
"""Words that a person chose, with or without a number at the end: `my-table`, `HMAC_256`, `table2`."""


class Similarity(enum.Enum):
    """How alike two generated texts are."""

    EXACT = "exact"
    """In prefix, length and alphabet."""
    KIND = "kind"
    """The same kind of thing by prefix and name, in another length or alphabet."""
    NONE = "none"


MIN_TEXT_CHARACTERS, MIN_PADDED_CHARACTERS = 16, 8
"""Characters of base64 that can be told from an id by what it holds; with padding, which few ids have, fewer do."""


MAX_READ_CHARACTERS = 4096
"""Characters of base64, from its beginning, that are read to see what it holds; a multiple of four."""


def is_region_or_zone(text: str) -> bool:
    """Whether the text names a region or an availability zone."""
    return _REGION_OR_ZONE.fullmatch(text) is not None


def region_of(text: str) -> str:
    """The region that a text begins with: a zone's, or a user pool's; empty if it begins with none."""
    match = _REGION.match(text)
    return match["region"] if match else ""


def looks_generated(text: str, *, is_named_so: bool = False) -> bool:
    """Whether nobody would have chosen this text. `is_named_so`: its member's name says that it is an identifier."""
    if _UUID.fullmatch(text) or _is_of_a_form(text):
        return True
    if len(text) < 4 or is_region_or_zone(text) or _DATE.fullmatch(text) or _NUMBERED.fullmatch(text):
        return False
    has_digit = any(map(str.isdigit, text))
    if is_named_so:
        return has_digit or (len(text) >= 8 and " " not in text and not _are_words(text))
    if text.isdigit() or _IPV4.fullmatch(text):
        return text.isdigit() and len(text) >= 10
    if _WORDS.fullmatch(text) and not _SUFFIXED.fullmatch(text):
        return len(text) >= 16 and _kind_changes(text) > len(text) / 3
    return (has_digit and len(text) >= 6) or (len(text) >= 16 and _kind_changes(text) > len(text) / 3)


def _are_words(text: str) -> bool:
    """Whether the text is several words that can be spoken: a name, although it stands where ids do."""
    words = _SEPARATOR.split(text)
    return len(words) > 1 and all(_WORD_BY_ITSELF.fullmatch(word) and not _UNSPEAKABLE.search(word) for word in words)


def _is_of_a_form(text: str) -> bool:
    """Whether the text has a form that AWS gives to what it names, and that nobody else does."""
    return _FORMS.fullmatch(text) is not None


def is_generated_anywhere(text: str) -> bool:
    """Whether the text is generated also in a sentence, or in a member that says something."""
    return _is_of_a_form(text) or is_unmistakable(text)


def is_unmistakable(text: str) -> bool:
    """Whether the text is generated wherever it stands, also among a user's own."""
    if _UUID.fullmatch(text):
        return True
    if holds_text(text):
        return False
    match = _RANDOM.fullmatch(text)
    if match is not None and _kind_changes(match["random"]) > len(match["random"]) / 5:
        return True
    words = _WORDS_BEFORE.match(text)
    rest = text[words.end() :] if words else text
    letters = rest.replace("-", "").replace("_", "")
    return _is_mixed(rest) and _kind_changes(letters) > len(letters) * 0.4


def _is_mixed(text: str) -> bool:
    """Whether these may be characters of base64 for URLs, in which hyphens and underscores are like any other."""
    return (
        len(text) >= 16
        and _BASE64_OF_URLS.fullmatch(text) is not None
        and all(any(map(kind, text)) for kind in (str.isupper, str.islower, str.isdigit))
    )


def holds_text(text: str) -> bool:
    """Whether the text is base64 of what somebody can read, and so a content."""
    min_characters = MIN_PADDED_CHARACTERS if text.endswith("=") else MIN_TEXT_CHARACTERS
    if len(text) < min_characters or len(text) % 4 or not _BASE64_OF_BYTES.fullmatch(text):
        return False
    try:
        content = _UTF_8().decode(base64.b64decode(text[:MAX_READ_CHARACTERS]), final=len(text) <= MAX_READ_CHARACTERS)
    except (binascii.Error, ValueError):
        return False
    return all(character.isprintable() or character.isspace() for character in content)


def looks_like_base64(text: str) -> bool:
    """Whether the text is random bytes in base64, and no path."""
    kinds = (str.isupper, str.islower, str.isdigit)
    return (
        _BASE64.fullmatch(text) is not None
        and not _WORD_IN_PATH.search(text)
        and all(any(map(kind, text)) for kind in kinds)
        and _kind_changes(text) > len(text) / 4
    )


def _kind_changes(text: str) -> int:
    """How often capital, small letter and digit follow each other: often in random texts, rarely in words."""
    kinds = [character.isdigit() + 2 * character.isupper() for character in text]
    return sum(first != second for first, second in itertools.pairwise(kinds))


def similarity(first: str, second: str, *, is_opaque: bool = False) -> Similarity:
    """How alike two generated texts are. `is_opaque`: nobody reads anything in them but their maker."""
    if not first or not second or is_opaque:
        return Similarity.EXACT if first and second else Similarity.NONE
    if bool(_UUID.fullmatch(first)) is not bool(_UUID.fullmatch(second)):
        return Similarity.KIND if 0.5 <= len(first) / len(second) <= 2 else Similarity.NONE
    if not (_UUID.fullmatch(first) or _have_one_prefix(first, second)) or not _are_of_one_region(first, second):
        return Similarity.NONE
    if _are_of_two_kinds(first, second):
        return Similarity.KIND
    if (len(first) == len(second) and _is_one_alphabet(first, second)) or _are_numbers(first, second):
        return Similarity.EXACT
    return Similarity.KIND if 0.4 <= len(first) / len(second) <= 2.5 else Similarity.NONE


def _completed(text: str) -> re.Match[str] | None:
    """The name that AWS has completed, and by what."""
    return _GREEN.fullmatch(text) or _SUFFIXED.fullmatch(text) or _NAMED_NUMBER.fullmatch(text)


def _have_one_prefix(first: str, second: str) -> bool:
    """Whether both begin with the same words, or with none."""
    words = _prefix(first)
    if words == _prefix(second):
        stems = [] if words else [match["stem"] for text in (first, second) if (match := _completed(text))]
        return len(stems) < 2 or stems[0] == stems[1]
    # Where random characters may be hyphens, some of them look like words.
    alike = next((index for index, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), 0)
    start = max(first.rfind(mark, 0, alike) for mark in "-_") + 1
    return start > 0 and _is_mixed(first[start:]) and _is_mixed(second[start:])


def _are_of_one_region(first: str, second: str) -> bool:
    return region_of(first) == region_of(second) and _REGIONS_WITHIN.findall(first) == _REGIONS_WITHIN.findall(second)


def _are_of_two_kinds(first: str, second: str) -> bool:
    """Whether both say by themselves of what kind they are, and it is not the same."""
    if _IPV4.fullmatch(first) and _IPV4.fullmatch(second):
        return bool(_PRIVATE.match(first)) is not bool(_PRIVATE.match(second))
    return bool(_IAM.fullmatch(first) and _IAM.fullmatch(second)) and first[:4] != second[:4]


def _prefix(text: str) -> str:
    """What stands before the last hyphen or the like, if it is words: `vpc-`, `eni-attach-`; else the words at the
    beginning.
    """
    match = _PREFIX.match(text)
    prefix = match[0] if match else ""
    is_word = _WORDS.fullmatch(prefix.rstrip("-_")) is not None and (prefix.islower() or prefix.isupper())
    if is_word and len(prefix) <= 40:
        return prefix
    words = _WORDS_BEFORE.match(text)
    return words[0] if words and _is_mixed(text[words.end() :]) else ""


def _are_numbers(first: str, second: str) -> bool:
    """Whether both are addresses, hosts named after one, or numbers so long that their lengths vary by chance."""
    if first.isdigit() and second.isdigit():
        return min(len(first), len(second)) >= 10 and abs(len(first) - len(second)) <= 3
    numbers = [match["number"] for text in (first, second) if (match := _NAMED_NUMBER.fullmatch(text))]
    if len(numbers) == 2:
        return abs(len(numbers[0]) - len(numbers[1])) <= 3
    if any(form.fullmatch(first) and form.fullmatch(second) for form in (_MAC, _IPV4, _IPV6, _DNS_HOST)):
        return True
    masks = _NUMBER.sub("#", first), _NUMBER.sub("#", second)
    return _HOST_OF_IPV4.fullmatch(masks[0]) is not None and masks[0] == masks[1]


def _is_one_alphabet(first: str, second: str) -> bool:
    """Whether two texts of one length can come from one generator. What both begin with alike says nothing."""
    pairs = enumerate(zip(first, second, strict=True))
    start = next((index for index, pair in pairs if pair[0] != pair[1]), len(first))
    first, second = first[start:], second[start:]
    if first.isdigit() is not second.isdigit():
        return len(first) < 20  # so few characters can all be digits by chance
    for kind, min_characters in ((str.isupper, 12), (str.islower, 12), (str.isdigit, 24)):
        if any(map(kind, first)) is not any(map(kind, second)) and len(first) >= min_characters:
            return False
    return all((character in first) is (character in second) for character in "/+.:") or len(first) >= 20
