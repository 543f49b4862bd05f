"""Which value of AWS stands for which of CloudMock: a one-to-one map, learned from replies.

A resource that is created on both sides has an id of its own on each. A pair of differing values that stand at the same
path in both replies is learned if the app never sent the value, neither side has shown it to mean the same on both,
it looks generated, and both are of one kind. From then on the app's requests are translated for CloudMock, and its
replies are understood. A value that turns up with another partner is a difference.

A pair may be of whole values, or of the tokens that they are made of, such as the account in an ARN. The map stays in
memory, forgets the oldest pairs when it is full, and is in no report. This file knows neither trees nor requests.
"""

import enum
import itertools
import re
import threading
from collections.abc import Iterable, Mapping

from cloudmock_contract.comparison.identifiers import member_names
from cloudmock_contract.comparison.identifiers.generated_values import (
    PART,
    TOKEN,
    WORD,
    Similarity,
    is_generated_anywhere,
    is_unmistakable,
    looks_generated,
    looks_like_base64,
    similarity,
)
from cloudmock_contract.values.bounded_dict import BoundedDict

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

_ARN = re.compile(r"arn:[^:\s]{0,64}:[^:\s]{0,64}:[^:\s]{0,64}:(?P<account>\d{12}):")
_ACCOUNT = re.compile(r"\d{12}")
_ROOT = ":root"
"""The end of the ARN of an account's root."""
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
        self._cloudmock_of: dict[str, str] = {}
        """CloudMock's value by AWS's."""
        self._aws_of: dict[str, str] = {}
        """AWS's value by CloudMock's."""
        self._common = BoundedDict[str, bool](MAX_WORDS)
        """Words that mean the same on both sides, and whether both sides said so before the app did."""
        self._alike = BoundedDict[int, bytes](MAX_WORDS, MAX_ALIKE_BYTES, len)
        """Bodies that both sides gave, numbered as they came."""
        self._numbers = itertools.count()
        self._seeds: frozenset[tuple[str, str]] = frozenset()
        """Pairs of AWS's value and CloudMock's that are known from elsewhere, whatever is learned."""
        self._seeded_of_aws: frozenset[str] = frozenset()
        self._seeded_of_cloudmock: frozenset[str] = frozenset()

    def seed(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Take these pairs of AWS's value and CloudMock's for granted: what was learned, or will be, gives way to them.

        They need not be one to one: two accounts of AWS's may be one of CloudMock's. A value is translated to what it
        was seeded with first, unless it may mean something else as well: a common word, or the root of an account, who
        is the caller on one side and another's neighbour on the other.
        """
        with self._lock:
            for aws, cloudmock in pairs:
                if aws == cloudmock:
                    self._common[aws] = True
                    continue
                of_aws, of_cloudmock = aws not in self._seeded_of_aws, cloudmock not in self._seeded_of_cloudmock
                self._seeds |= {(aws, cloudmock)}
                self._seeded_of_aws |= {aws}
                self._seeded_of_cloudmock |= {cloudmock}
                if of_aws:
                    self._forget(self._cloudmock_of, self._aws_of, aws)
                if of_cloudmock:
                    self._forget(self._aws_of, self._cloudmock_of, cloudmock)
                if of_aws and not _is_common_word(aws) and not aws.endswith(_ROOT):
                    self._cloudmock_of[aws] = cloudmock
                if of_cloudmock and not _is_common_word(cloudmock) and TOKEN.fullmatch(cloudmock):
                    self._aws_of[cloudmock] = aws

    @staticmethod
    def _forget(partner_of: dict[str, str], other_of: dict[str, str], value: str) -> None:
        """Take a learned pair out of both directions."""
        partner = partner_of.pop(value, None)
        if partner is not None and other_of.get(partner) == value:
            del other_of[partner]

    def note_sent(self, words: Iterable[str]) -> None:
        """Remember words that the app sent: they mean the same on both sides."""
        with self._lock:
            for word in words:
                if word not in self._common or self._common[word]:
                    self._common[word] = False

    def note_shown(self, words: Iterable[str]) -> None:
        """Remember words that both sides gave: they mean the same on both."""
        with self._lock:
            for word in words:
                if word not in self._common:
                    self._common[word] = True

    def note_alike(self, body: bytes) -> None:
        """Remember a body that both sides gave, for a while: what is in it means the same on both sides."""
        if 0 < len(body) <= MAX_ALIKE_BYTES:
            with self._lock:
                self._alike[next(self._numbers)] = body

    def is_common(self, word: str) -> bool:
        return word in self._common

    @property
    def knows_any(self) -> bool:
        """Whether any value stands for another one."""
        return bool(self._cloudmock_of)

    def for_cloudmock(self, text: str) -> str:
        """A value of AWS as CloudMock has it; the same where nothing is known of it."""
        return _translated(text, self._cloudmock_of)

    def for_aws(self, text: str) -> str:
        """A value of CloudMock as AWS has it."""
        return _translated(text, self._aws_of)

    def knows(self, token: str) -> bool:
        """Whether AWS's value stands for another one."""
        return token in self._cloudmock_of

    def are_partners(self, aws: str, cloudmock: str) -> bool:
        """Whether the two are known to stand for each other, as a whole or in their parts."""
        return self.for_cloudmock(aws) == cloudmock or self._are_seeded(aws, cloudmock)

    def _are_seeded(self, aws: str, cloudmock: str) -> bool:
        """Whether it is known from elsewhere that the two stand for each other, as a whole or else in their parts."""
        if (aws, cloudmock) in self._seeds:
            return True
        return aws in self._seeded_of_aws and _translated_by_tokens(aws, self._cloudmock_of) == cloudmock

    def pair(
        self, aws: str, cloudmock: str, name: str, *, is_opaque: bool = False, is_payload: bool = False
    ) -> Pairing:
        """What two differing values of a member of this name are to each other; learns it if it is new.

        `is_opaque`: the model or a rule says that only its maker reads the value. `is_payload`: it stands among what is
        the user's own, where nothing is learned but what nobody can have written.
        """
        if is_payload:
            parts = _differing_parts(aws, cloudmock)
            if not parts or not all(map(is_unmistakable, parts)):
                return Pairing.STRANGERS
        with self._lock:
            pairing = self._paired(aws, cloudmock, name, is_opaque=is_opaque)
        is_hash = member_names.is_hash(name) or "sha256:" in aws
        return Pairing.UNLIKE if pairing is Pairing.PARTNERS and is_hash else pairing

    def _paired(self, aws: str, cloudmock: str, name: str, *, is_opaque: bool) -> Pairing:
        if self._are_seeded(aws, cloudmock):
            return Pairing.PARTNERS
        if aws in self._cloudmock_of or cloudmock in self._aws_of:
            return Pairing.PARTNERS if self._cloudmock_of.get(aws) == cloudmock else Pairing.STRANGERS
        may_learn = not (is_opaque or member_names.is_opaque(name))
        by_parts = self._paired_by_parts(aws, cloudmock, name, may_learn=may_learn)
        return by_parts or self._learned([(aws, cloudmock)], name, is_opaque=is_opaque)

    def rebind(self, aws: str, cloudmock: str) -> None:
        """Let AWS's value stand for this one from now on, whatever it stood for."""
        with self._lock:
            if aws in self._seeded_of_aws or cloudmock in self._seeded_of_cloudmock:
                return
            self._aws_of.pop(self._cloudmock_of.pop(aws, ""), None)
            self._cloudmock_of.pop(self._aws_of.pop(cloudmock, ""), None)
            self._keep(aws, cloudmock)

    def _paired_by_parts(self, aws: str, cloudmock: str, name: str, *, may_learn: bool) -> Pairing | None:
        """What the parts say of two values that are made alike; None if they are not, or are one part each."""
        if max(len(aws), len(cloudmock)) > MAX_TOKENISED_CHARACTERS or (
            looks_like_base64(aws) and looks_like_base64(cloudmock)
        ):
            return None
        aws_parts, cloudmock_parts = PART.findall(aws), PART.findall(cloudmock)
        if len(aws_parts) != len(cloudmock_parts) or aws_parts == [aws] or _delimiters(aws) != _delimiters(cloudmock):
            return None
        unknown = [
            pair
            for pair in zip(aws_parts, cloudmock_parts, strict=True)
            if pair[0] != pair[1] and not self._is_known(*pair)
        ]
        arn = _ARN.match(aws)
        named = {match["account"] for match in _ARN.finditer(aws)}
        accounts = [pair for pair in unknown if pair[0] in named]
        new = [pair for pair in unknown if pair not in accounts]
        has_time = any(_TIME.fullmatch(part) for part, _ in new) and not arn  # a time in a text is no identifier
        if has_time or any(pair[0] in self._cloudmock_of or pair[1] in self._aws_of for pair in unknown):
            return Pairing.STRANGERS
        if any(min(map(len, pair)) < MIN_TOKEN_CHARACTERS for pair in new):  # too short to be translated everywhere
            return Pairing.STRANGERS
        return self._learned_with(new, accounts, name) if may_learn or not new else None

    def _is_known(self, aws: str, cloudmock: str) -> bool:
        return self._cloudmock_of.get(aws) == cloudmock or (aws, cloudmock) in self._seeds

    def _learned_with(self, new: list[tuple[str, str]], accounts: list[tuple[str, str]], name: str) -> Pairing:
        """Learns the parts of a value. An ARN's account is one, whoever has named it before."""
        if not all(self._may_be_accounts(*pair) for pair in accounts):
            return Pairing.STRANGERS
        pairing = self._learned(new, name, is_opaque=False, is_within=True) if new else Pairing.PARTNERS
        if pairing is not Pairing.STRANGERS:
            for pair in accounts:
                self._keep(*pair)
        return pairing

    def _learned(self, pairs: list[tuple[str, str]], name: str, *, is_opaque: bool, is_within: bool = False) -> Pairing:
        """`is_within`: the pairs are parts of two longer texts that are the same but for them."""
        if member_names.is_telling(name) and not is_opaque and not (is_within and _are_named(pairs)):
            return Pairing.STRANGERS
        is_opaque_by_name = is_opaque or member_names.is_opaque(name)
        is_named_so = is_opaque_by_name or member_names.is_identifier(name)
        similarities = [
            self._similarity(*pair, is_named_so=is_named_so, is_opaque=is_opaque_by_name, is_surely_opaque=is_opaque)
            for pair in pairs
        ]
        if Similarity.NONE in similarities or (Similarity.KIND in similarities and not is_named_so):
            return Pairing.STRANGERS
        for pair in pairs:
            self._keep(*pair)
        return Pairing.UNLIKE if Similarity.KIND in similarities else Pairing.PARTNERS

    def _similarity(
        self, aws: str, cloudmock: str, *, is_named_so: bool, is_opaque: bool, is_surely_opaque: bool
    ) -> Similarity:
        """`is_surely_opaque`: a rule says that it is opaque, and not the name alone."""
        if is_named_so and self._may_be_accounts(aws, cloudmock):
            return Similarity.EXACT
        if self._is_common(aws, self._cloudmock_of) or self._is_common(cloudmock, self._aws_of):
            return Similarity.NONE
        if not is_surely_opaque:
            # Of two texts of one length one may be without a digit by chance, or look like words.
            is_short_id = is_named_so and len(aws) == len(cloudmock) and _is_id(aws) and _is_id(cloudmock)
            looks = (looks_generated(text, is_named_so=is_named_so) for text in (aws, cloudmock))
            if not (any(looks) if is_short_id else all(looks)):
                return Similarity.NONE
        if is_opaque:
            return similarity(aws, cloudmock, is_opaque=True)
        return similarity(aws, cloudmock) if self._are_arns_of_one_kind(aws, cloudmock) else Similarity.NONE

    def _may_be_accounts(self, aws: str, cloudmock: str) -> bool:
        """Whether these can be the accounts of the two sides: neither side has shown one to be the same on both."""
        return all(
            _ACCOUNT.fullmatch(text) is not None and not self._common.get(text) and not self._was_alike(text)
            for text in (aws, cloudmock)
        )

    def _are_arns_of_one_kind(self, aws: str, cloudmock: str) -> bool:
        """Whether, if one of the two is an ARN, both are, of one service and region, and of accounts that are one."""
        aws_fields, cloudmock_fields = aws.split(":", 5), cloudmock.split(":", 5)
        if "arn" not in (aws_fields[0], cloudmock_fields[0]):
            return True
        if len(aws_fields) < 6 or aws_fields[:4] != cloudmock_fields[:4]:
            return False
        aws_account, cloudmock_account = aws_fields[4], cloudmock_fields[4]
        if aws_account == cloudmock_account or self._is_known(aws_account, cloudmock_account):
            return True
        if (
            aws_account in self._cloudmock_of
            or cloudmock_account in self._aws_of
            or not self._may_be_accounts(aws_account, cloudmock_account)
        ):
            return False
        self._keep(aws_account, cloudmock_account)
        return True

    def _is_common(self, text: str, known: Mapping[str, str]) -> bool:
        """Whether the value is one that the app sent, or that both sides gave."""
        words = WORD.findall(text)
        if all(word in self._common and word not in known for word in words or (text,)):
            return True
        return text not in known and self._was_alike(text)

    def _was_alike(self, text: str) -> bool:
        word = text.encode("utf-8", "replace")
        return any(word in body and _stands_in(word, body) for body in self._alike.values())

    def _keep(self, aws: str, cloudmock: str) -> None:
        if aws in self._seeded_of_aws or cloudmock in self._seeded_of_cloudmock:
            return
        self._cloudmock_of[aws] = cloudmock
        self._aws_of[cloudmock] = aws
        while len(self._cloudmock_of) > MAX_PAIRS:
            oldest = next(iter(self._cloudmock_of))
            partner = self._cloudmock_of.pop(oldest)
            if oldest in self._seeded_of_aws:
                self._cloudmock_of[oldest] = partner  # the newest, from now on
            else:
                self._aws_of.pop(partner, None)


def _are_named(pairs: list[tuple[str, str]]) -> bool:
    """Whether these are what a sentence of the service's is about, which both sides name in the same place."""
    return all(is_generated_anywhere(text) for pair in pairs for text in pair)


def _is_id(text: str) -> bool:
    """Whether the text is letters and digits, with hyphens or underscores between them."""
    return text.replace("-", "").replace("_", "").isalnum()


def _differing_parts(aws: str, cloudmock: str) -> list[str]:
    aws_parts, cloudmock_parts = PART.findall(aws), PART.findall(cloudmock)
    if len(aws_parts) != len(cloudmock_parts):
        return [aws, cloudmock]
    pairs = zip(aws_parts, cloudmock_parts, strict=True)
    return [part for pair in pairs if pair[0] != pair[1] for part in pair]


def _delimiters(text: str) -> str:
    return PART.sub("\0", text)


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
    return _translated_by_tokens(text, known)


def _translated_by_tokens(text: str, known: dict[str, str]) -> str:
    return TOKEN.sub(lambda token: known.get(token[0], token[0]), text)


def _is_common_word(text: str) -> bool:
    return len(text) < MIN_TOKEN_CHARACTERS or text.isalpha()
