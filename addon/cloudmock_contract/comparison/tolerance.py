"""Why two differing values are forgiven by design, and under which rule: the policy of one exchange.

Generated values that stand for each other, times a little apart, states in transit, random results. What is switched
off in the rules forgives nothing. This file does not know trees: it is asked for one place at a time.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import md5

from cloudmock_contract.aws.models.shapes import enumeration
from cloudmock_contract.aws.models.user_data import DYNAMODB_TYPES
from cloudmock_contract.aws.sdk.catalog import SdkOperation
from cloudmock_contract.aws.wire.timestamps import Timestamp, timestamp
from cloudmock_contract.comparison.alignment import Position
from cloudmock_contract.comparison.identifiers import member_names
from cloudmock_contract.comparison.identifiers.generated_values import is_region_or_zone, region_of
from cloudmock_contract.comparison.identifiers.id_map import Identifiers, Pairing
from cloudmock_contract.comparison.identifiers.own_hosts import OwnHosts
from cloudmock_contract.comparison.rules.rules import OperationRules
from cloudmock_contract.values.difference import Path

MIN_SENT_CHARACTERS = 6
"""Characters of a value that is looked for in the request; a shorter one stands in many by chance."""

LENGTH_BY_CHANCE = 0.02
"""By which share of its length a random result may be longer or shorter than another: keys in PEM vary a little."""

NOT_FORGIVEN = ""
"""What a reason says that is sure that a difference counts; one that says nothing leaves it to the next."""

IDENTIFIERS, TIMESTAMPS, TRANSITIONAL = "tolerate identifiers", "tolerate timestamps", "tolerate transitional"
"""The texts under which the report counts what these forgave."""

_REQUEST_ID = re.compile(r"(request ?id[: =]+)[0-9A-Za-z-]{8,64}", re.IGNORECASE)
"""How messages quote the id of their own request."""

_CHECKSUMS = {"MD5OfBody": "Body", "MD5OfMessageBody": "MessageBody"}
"""Members that are the MD5 of another member beside them, which SDKs check."""


def _is_checksum(checksum: object, content: object) -> bool:
    return isinstance(content, str) and md5(content.encode(), usedforsecurity=False).hexdigest() == checksum


def times(place: Position, aws: object, cloudmock: object) -> tuple[Timestamp, Timestamp] | None:
    """Both values as timestamps; None if the place does not hold a time."""
    one, other = timestamp(aws), timestamp(cloudmock)
    if one is None or other is None:
        return None
    if place.shape is not None and place.shape.type_name == "timestamp":
        return one, other
    if member_names.is_time(place.name) or (one.notation.startswith("ISO") and other.notation.startswith("ISO")):
        return one, other
    return None


@dataclass(frozen=True, slots=True)
class ForgivenessPolicy:
    """What is forgiven in an exchange of one operation."""

    rules: OperationRules
    sdk_operation: SdkOperation
    identifiers: Identifiers
    """Asked only where the rules tolerate identifiers."""
    origins: OwnHosts
    sent: str = ""
    """The request's own text: what stands in it the app has said."""

    def ignored(self, path: Path) -> str | None:
        return self.rules.ignored(path)

    def unordered(self, path: Path) -> str | None:
        return self.rules.unordered(path)

    def derived(self, name: str, aws: Mapping[str, object], cloudmock: Mapping[str, object]) -> str | None:
        """A checksum of another member, which is right on both sides: it differs because that one does."""
        content = _CHECKSUMS.get(name) if self.rules.tolerate.identifiers else None
        if content is None or not all(_is_checksum(one.get(name), one.get(content)) for one in (aws, cloudmock)):
            return None
        return IDENTIFIERS

    def for_aws(self, text: str) -> str:
        return self.identifiers.for_aws(text) if self.rules.tolerate.identifiers else text

    def forgiven(self, place: Position, aws: object, cloudmock: object) -> str | None:
        """The rule that forgives the two values at the place; learns what they are to each other."""
        answers = (ask(self, place, aws, cloudmock) for ask in _REASONS)
        return next((rule for rule in answers if rule is not None), None) or None

    def _has_been_sent(self, text: str) -> bool:
        """Whether the app has said this in the very request."""
        return len(text) >= MIN_SENT_CHARACTERS and text in self.sent

    def _opaque(self, place: Position, aws: object, cloudmock: object) -> str | None:
        rule = self.rules.opaque(place.path)
        if not rule or not (isinstance(aws, str) and isinstance(cloudmock, str) and aws and cloudmock):
            return None
        if self.rules.tolerate.identifiers:
            self.identifiers.rebind(aws, cloudmock)
        return rule

    def _random(self, place: Position, aws: object, cloudmock: object) -> str | None:
        rule = self.rules.random(place.path)
        if not rule or type(aws) is not type(cloudmock):
            return None
        if isinstance(aws, str) and isinstance(cloudmock, str):
            if abs(len(aws) - len(cloudmock)) > len(aws) * LENGTH_BY_CHANCE or self._has_been_sent(aws):
                return NOT_FORGIVEN
            if is_region_or_zone(aws) and region_of(aws) != region_of(cloudmock):
                return NOT_FORGIVEN
            if self.rules.tolerate.identifiers and not is_region_or_zone(aws):
                self.identifiers.pair(aws, cloudmock, place.name, is_opaque=True)
        return rule

    def _timestamps(self, place: Position, aws: object, cloudmock: object) -> str | None:
        if self.rules.tolerate.timestamps is None or not (found := times(place, aws, cloudmock)):
            return None
        if place.is_payload and (place.name in DYNAMODB_TYPES or self.identifiers.is_common(str(aws))):
            return None  # the user wrote it, and wants it back
        one, other = found
        is_near = abs(one.instant - other.instant) <= self.rules.tolerate.timestamps
        return TIMESTAMPS if is_near and one.notation == other.notation else None

    def _transitional(self, place: Position, aws: object, cloudmock: object) -> str | None:
        is_on = self.rules.tolerate.transitional
        return TRANSITIONAL if is_on and self.sdk_operation.is_in_transit(place.name, aws, cloudmock) else None

    def _identifiers(self, place: Position, aws: object, cloudmock: object) -> str | None:
        if not (isinstance(aws, str) and isinstance(cloudmock, str) and self.rules.tolerate.identifiers):
            return None
        if enumeration(place.shape) or times(place, aws, cloudmock):
            return None
        one, other = (_REQUEST_ID.sub(r"\1", text) for text in self.origins.without(aws, cloudmock))
        if one == other or self.identifiers.are_partners(one, other):
            return None if member_names.is_hash(place.name) else IDENTIFIERS
        if self._has_been_sent(aws):
            return None
        found = self.identifiers.pair(one, other, place.name, is_payload=place.is_payload)
        return IDENTIFIERS if found is Pairing.PARTNERS else None


_REASONS: tuple[Callable[[ForgivenessPolicy, Position, object, object], str | None], ...] = (
    ForgivenessPolicy._opaque,  # noqa: SLF001 (the table of this class's own reasons, in the order in which they are asked)
    ForgivenessPolicy._random,  # noqa: SLF001
    ForgivenessPolicy._timestamps,  # noqa: SLF001
    ForgivenessPolicy._transitional,  # noqa: SLF001
    ForgivenessPolicy._identifiers,  # noqa: SLF001
)
