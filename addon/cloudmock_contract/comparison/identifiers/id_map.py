"""Which value of the reference side stands for which of the candidate side: a one-to-one map, learned from replies.

A resource that is created on both sides has an id of its own on each. A pair of differing values that stand at the same
place in both replies is learned if the app never sent the value, neither side has shown it to mean the same on both,
it looks generated, and both are of one kind. From then on the app's requests are translated for the candidate, and the
candidate's replies are understood. A value that turns up with another partner is a difference.

A pair may be of whole values, or of the tokens that they are made of, such as the account in an ARN. The map stays in
memory, forgets the oldest pairs when it is full, and is in no report. This file knows neither trees nor requests.
"""

import enum
import re
import threading
from collections import deque
from collections.abc import Iterable, Mapping

from cloudmock_contract.comparison.identifiers import member_names
from cloudmock_contract.comparison.identifiers.generated_values import (
    PART,
    TOKEN,
    WORD,
    Similarity,
    is_unmistakable,
    looks_generated,
    looks_like_base64,
    similarity,
)

MAX_PAIRS = 200_000
MAX_WORDS = 500_000
"""Words that the app sent, or that both sides gave alike, which are remembered."""

MAX_ALIKE_BYTES = 256 * 2**10
"""Bytes of bodies alike on both sides that are remembered as they are: to take all of them apart would cost more than
to compare them."""

MIN_TOKEN_CHARACTERS = 6
"""Characters of a part that is learned, as `TOKEN` has it."""

MAX_TOKENISED_CHARACTERS = 64 * 2**10
"""Characters of a text in which tokens are looked for; a longer one is known as a whole or not at all."""

_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(?P<account>\d{12}):")
_ACCOUNT = re.compile(r"\d{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT.*")


class Pairing(enum.Enum):
    """What two differing values are to each other."""

    PARTNERS = "partners"
    """They stand for each other, as known or as learned now."""
    UNLIKE = "unlike"
    """They stand for each other, but are of different make: worth knowing for requests, and a difference."""
    STRANGERS = "strangers"
    """One of them stands for another value, or nothing says that they belong together."""


class Identifiers:
    """The map of one run. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._cloudmock: dict[str, str] = {}
        self._aws: dict[str, str] = {}
        self._common: dict[str, bool] = {}
        """Words that mean the same on both sides, and whether both sides said so before the app did."""
        self._alike: deque[bytes] = deque()
        self._alike_size = 0

    def note_sent(self, words: Iterable[str]) -> None:
        """Remember words that the app sent: they mean the same on both sides."""
        with self._lock:
            self._common.update(dict.fromkeys(words, False))
            self._forget_words()

    def note_shown(self, words: Iterable[str]) -> None:
        """Remember words that both sides gave: they mean the same on both."""
        with self._lock:
            for word in words:
                self._common.setdefault(word, True)
            self._forget_words()

    def _forget_words(self) -> None:
        while len(self._common) > MAX_WORDS:
            del self._common[next(iter(self._common))]

    def note_alike(self, body: bytes) -> None:
        """Remember a body that both sides gave, for a while: what is in it means the same on both sides."""
        if len(body) > MAX_ALIKE_BYTES:
            return
        with self._lock:
            self._alike.append(body)
            self._alike_size += len(body)
            while self._alike_size > MAX_ALIKE_BYTES:
                self._alike_size -= len(self._alike.popleft())

    def is_common(self, word: str) -> bool:
        return word in self._common

    @property
    def knows_any(self) -> bool:
        """Whether any value stands for another one."""
        return bool(self._cloudmock)

    def for_cloudmock(self, text: str) -> str:
        """A value of the reference side as the candidate side has it; the same where nothing is known of it."""
        return _translated(text, self._cloudmock)

    def for_aws(self, text: str) -> str:
        """A value of the candidate side as the reference side has it."""
        return _translated(text, self._aws)

    def knows(self, token: str) -> bool:
        """Whether the reference side's value stands for another one."""
        return token in self._cloudmock

    def are_partners(self, aws: str, cloudmock: str) -> bool:
        """Whether the two are known to stand for each other, as a whole or in their parts."""
        return self.for_cloudmock(aws) == cloudmock

    def pair(
        self, aws: str, cloudmock: str, name: str, *, is_opaque: bool = False, is_payload: bool = False
    ) -> Pairing:
        """What two differing values at the place of this member name are to each other; learns it if it is new.

        `is_opaque`: the model or a rule says that only its maker reads the value. `is_payload`: it stands among what is
        the user's own, where nothing is learned but what nobody can have written.
        """
        if is_payload:
            parts = _differing_parts(aws, cloudmock)
            if not parts or not all(map(is_unmistakable, parts)):
                return Pairing.STRANGERS
        with self._lock:
            found = self._paired(aws, cloudmock, name, is_opaque=is_opaque)
        is_hash = member_names.is_hash(name) or "sha256:" in aws
        return Pairing.UNLIKE if found is Pairing.PARTNERS and is_hash else found

    def _paired(self, aws: str, cloudmock: str, name: str, *, is_opaque: bool) -> Pairing:
        if aws in self._cloudmock or cloudmock in self._aws:
            return Pairing.PARTNERS if self._cloudmock.get(aws) == cloudmock else Pairing.STRANGERS
        found = self._composed(aws, cloudmock, name, may_learn=not (is_opaque or member_names.is_opaque(name)))
        return found or self._learned([(aws, cloudmock)], name, is_opaque=is_opaque)

    def rebind(self, aws: str, cloudmock: str) -> None:
        """Let the reference side's value stand for this one from now on, whatever it stood for."""
        with self._lock:
            self._aws.pop(self._cloudmock.pop(aws, ""), None)
            self._cloudmock.pop(self._aws.pop(cloudmock, ""), None)
            self._keep(aws, cloudmock)

    def _composed(self, aws: str, cloudmock: str, name: str, *, may_learn: bool) -> Pairing | None:
        """What the parts say of two values that are made alike; None if they are not, or are one part each."""
        if max(len(aws), len(cloudmock)) > MAX_TOKENISED_CHARACTERS or (
            looks_like_base64(aws) and looks_like_base64(cloudmock)
        ):
            return None
        ones, others = PART.findall(aws), PART.findall(cloudmock)
        if len(ones) != len(others) or ones == [aws] or PART.sub("\0", aws) != PART.sub("\0", cloudmock):
            return None
        strange = [pair for pair in zip(ones, others, strict=True) if pair[0] != pair[1] and not self._is_known(*pair)]
        account = _ARN.match(aws)
        accounts = [pair for pair in strange if account and pair[0] == account["account"]]
        new = [pair for pair in strange if pair not in accounts]
        has_time = any(_TIME.fullmatch(one) for one, _ in new) and not account  # a time in a text is no identifier
        if has_time or any(one in self._cloudmock or other in self._aws for one, other in strange):
            return Pairing.STRANGERS
        if any(
            min(map(len, pair)) < MIN_TOKEN_CHARACTERS for pair in new
        ):  # too short to be translated wherever it stands
            return Pairing.STRANGERS
        return self._learned_with(new, accounts, name) if may_learn or not new else None

    def _is_known(self, one: str, other: str) -> bool:
        return self._cloudmock.get(one) == other

    def _learned_with(self, new: list[tuple[str, str]], accounts: list[tuple[str, str]], name: str) -> Pairing:
        """Learns the parts of a value. An ARN's account is one, whoever has named it before."""
        if not all(self._may_be_accounts(*pair) for pair in accounts):
            return Pairing.STRANGERS
        found = self._learned(new, name, is_opaque=False) if new else Pairing.PARTNERS
        if found is not Pairing.STRANGERS:
            for pair in accounts:
                self._keep(*pair)
        return found

    def _learned(self, pairs: list[tuple[str, str]], name: str, *, is_opaque: bool) -> Pairing:
        if member_names.is_telling(name) and not is_opaque:
            return Pairing.STRANGERS
        named = is_opaque or member_names.is_identifier(name) or member_names.is_opaque(name)
        opaque = is_opaque or member_names.is_opaque(name)
        likenesses = [
            self._likeness(one, other, is_named=named, is_opaque=opaque, is_surely_so=is_opaque) for one, other in pairs
        ]
        if Similarity.NONE in likenesses or (Similarity.KIND in likenesses and not named):
            return Pairing.STRANGERS
        for one, other in pairs:
            self._keep(one, other)
        return Pairing.UNLIKE if Similarity.KIND in likenesses else Pairing.PARTNERS

    def _likeness(self, one: str, other: str, *, is_named: bool, is_opaque: bool, is_surely_so: bool) -> Similarity:
        """`is_surely_so`: a rule says that it is opaque, and not the name alone."""
        if is_named and self._may_be_accounts(one, other):
            return Similarity.EXACT
        if self._is_common(one, self._cloudmock) or self._is_common(other, self._aws):
            return Similarity.NONE
        if not is_surely_so:
            # Of two short texts of one length one may be without a digit by chance.
            enough = any if is_named and len(one) == len(other) and one.isalnum() and other.isalnum() else all
            if not enough(looks_generated(text, is_named_so=is_named) for text in (one, other)):
                return Similarity.NONE
        if is_opaque:
            return similarity(one, other, is_opaque=True)
        return similarity(one, other) if self._are_arns_of_one_kind(one, other) else Similarity.NONE

    def _may_be_accounts(self, one: str, other: str) -> bool:
        """Whether these can be the accounts of the two sides: neither side has shown one to be the same on both."""
        return all(
            _ACCOUNT.fullmatch(text) is not None and not self._common.get(text) and not self._was_alike(text)
            for text in (one, other)
        )

    def _are_arns_of_one_kind(self, one: str, other: str) -> bool:
        """Whether, if one of the two is an ARN, both are, of one service and region, and of accounts that are one."""
        parts, other_parts = one.split(":", 5), other.split(":", 5)
        if "arn" not in (parts[0], other_parts[0]):
            return True
        if len(parts) < 6 or parts[:4] != other_parts[:4]:
            return False
        account, other_account = parts[4], other_parts[4]
        if account == other_account or self._cloudmock.get(account) == other_account:
            return True
        if (
            account in self._cloudmock
            or other_account in self._aws
            or not self._may_be_accounts(account, other_account)
        ):
            return False
        self._keep(account, other_account)
        return True

    def _is_common(self, text: str, known: Mapping[str, str]) -> bool:
        """Whether the value is one that the app sent, or that both sides gave."""
        words = WORD.findall(text)
        if all(word in self._common and word not in known for word in words or (text,)):
            return True
        return text not in known and self._was_alike(text)

    def _was_alike(self, text: str) -> bool:
        return any(_stands_in(text.encode("utf-8", "replace"), body) for body in self._alike)

    def _keep(self, aws: str, cloudmock: str) -> None:
        self._cloudmock[aws] = cloudmock
        self._aws[cloudmock] = aws
        while len(self._cloudmock) > MAX_PAIRS:
            oldest = next(iter(self._cloudmock))
            self._aws.pop(self._cloudmock.pop(oldest), None)


def _differing_parts(aws: str, cloudmock: str) -> list[str]:
    ones, others = PART.findall(aws), PART.findall(cloudmock)
    if len(ones) != len(others):
        return [aws, cloudmock]
    return [part for pair in zip(ones, others, strict=True) if pair[0] != pair[1] for part in pair]


def _stands_in(text: bytes, body: bytes) -> bool:
    """Whether the text is there as a whole, and not within a longer word."""
    start = body.find(text)
    while start >= 0:
        if not (_is_in_word(body[start - 1 : start]) or _is_in_word(body[start + len(text) :][:1])):
            return True
        start = body.find(text, start + 1)
    return False


def _is_in_word(byte: bytes) -> bool:
    return byte.isalnum() or byte in (b"-", b"_")


def _translated(text: str, known: dict[str, str]) -> str:
    if not known:
        return text
    if (whole := known.get(text)) is not None:
        return whole
    if len(text) > MAX_TOKENISED_CHARACTERS:
        return text
    return TOKEN.sub(lambda token: known.get(token[0], token[0]), text)
