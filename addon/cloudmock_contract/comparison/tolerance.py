"""Why two differing values are forgiven by design, and under which rule: the policy of one exchange.

Generated values that stand for each other, times a little apart, states in transit, random results. What is switched
off in the rules forgives nothing. This file does not know trees: it is asked about one position at a time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import md5
from typing import Any

from cloudmock_contract.aws.models.shapes import below, enumeration
from cloudmock_contract.aws.models.user_data import DYNAMODB_TYPES, is_payload_of_reply
from cloudmock_contract.aws.sdk.catalog import SdkOperation
from cloudmock_contract.aws.wire.timestamps import Timestamp, timestamp
from cloudmock_contract.comparison.identifiers import member_names
from cloudmock_contract.comparison.identifiers.generated_values import is_region_or_zone, region_of
from cloudmock_contract.comparison.identifiers.id_map import Identifiers, Pairing
from cloudmock_contract.comparison.identifiers.own_hosts import OwnHosts
from cloudmock_contract.comparison.rules.rules import OperationRules
from cloudmock_contract.values.difference import Path

MIN_SENT_CHARACTERS = 6
"""Characters of a value that is looked for in the request; a shorter one stands in many by chance."""

MAX_LENGTH_DEVIATION = 0.02
"""The share of its length by which a random result may be longer or shorter than another: keys in PEM vary a little."""

IDENTIFIERS, TIMESTAMPS, TRANSITIONAL = "tolerate identifiers", "tolerate timestamps", "tolerate transitional"
"""The texts under which the report counts what these forgave."""

_REQUEST_ID = re.compile(r"(request ?id[: =]+)[0-9A-Za-z-]{8,64}", re.IGNORECASE)
"""How messages quote the id of their own request."""

_CHECKSUMS = {"MD5OfBody": "Body", "MD5OfMessageBody": "MessageBody"}
"""Members that are the MD5 of another member beside them, which SDKs check."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where the comparison stands in the two trees."""

    path: Path
    shape: Any
    """The model's shape of what is there, or None."""

    def below(self, step: str | int) -> "Position":
        return Position((*self.path, step), below(self.shape, step))

    @property
    def is_payload(self) -> bool:
        """Whether what is there is the user's own and not AWS's."""
        return any(isinstance(step, str) and is_payload_of_reply(step) for step in self.path)

    @property
    def name(self) -> str:
        """The name of the member there: an item of a list goes by the list's name."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")


def times(position: Position, aws: object, cloudmock: object) -> tuple[Timestamp, Timestamp] | None:
    """Both values as timestamps; None if the position does not hold a time."""
    aws_time, cloudmock_time = timestamp(aws), timestamp(cloudmock)
    if aws_time is None or cloudmock_time is None:
        return None
    is_time = (
        (position.shape is not None and position.shape.type_name == "timestamp")
        or member_names.is_time(position.name)
        or (aws_time.notation.startswith("ISO") and cloudmock_time.notation.startswith("ISO"))
    )
    return (aws_time, cloudmock_time) if is_time else None


@dataclass(frozen=True, slots=True)
class ForgivenessPolicy:
    """What is forgiven in one exchange. Each question is answered with the text of the rule that forgives, or None."""

    rules: OperationRules
    sdk_operation: SdkOperation
    identifiers: Identifiers
    """Asked only where the rules tolerate identifiers."""
    own_hosts: OwnHosts
    sent: str = ""
    """The request's own text: what stands in it comes from the app."""

    def ignored(self, path: Path) -> str | None:
        """Forgives whatever differs at this path."""
        return self.rules.ignored(path)

    def unordered(self, path: Path) -> str | None:
        """Forgives another order of the items of the list at this path."""
        return self.rules.unordered(path)

    def derived(self, name: str, aws: Mapping[str, object], cloudmock: Mapping[str, object]) -> str | None:
        """Forgives a member of these two objects that follows, on each side, from its neighbours: a checksum.

        It has to be right on both sides: then it differs because what it is the checksum of does.
        """
        content = _CHECKSUMS.get(name) if self.rules.tolerate.identifiers else None
        if content is None or not all(_is_checksum(side.get(name), side.get(content)) for side in (aws, cloudmock)):
            return None
        return IDENTIFIERS

    def for_aws(self, text: str) -> str:
        """A text of CloudMock's as AWS would have it."""
        return self.identifiers.for_aws(text) if self.rules.tolerate.identifiers else text

    def forgiven(self, position: Position, aws: object, cloudmock: object) -> str | None:
        """Forgives these two differing values; learns what they are to each other.

        A rule that names the position comes before what is tolerated by kind.
        """
        if rule := self._opaque(position, aws, cloudmock):
            return rule
        if (rule := self.rules.random(position.path)) and type(aws) is type(cloudmock):
            # Random results that are too unlike may not pass for something else, such as identifiers.
            return rule if self._are_equally_random(position, aws, cloudmock) else None
        return (
            self._timestamps(position, aws, cloudmock)
            or self._transitional(position, aws, cloudmock)
            or self._identifiers(position, aws, cloudmock)
        )

    def _has_been_sent(self, text: str) -> bool:
        """Whether the app has said this in the very request."""
        return len(text) >= MIN_SENT_CHARACTERS and text in self.sent

    def _opaque(self, position: Position, aws: object, cloudmock: object) -> str | None:
        rule = self.rules.opaque(position.path)
        if not rule or not (isinstance(aws, str) and isinstance(cloudmock, str) and aws and cloudmock):
            return None
        if self.rules.tolerate.identifiers:
            self.identifiers.rebind(aws, cloudmock)
        return rule

    def _are_equally_random(self, position: Position, aws: object, cloudmock: object) -> bool:
        """Whether one generator can have made both values, which are of one type; learns them as partners."""
        if not (isinstance(aws, str) and isinstance(cloudmock, str)):
            return True
        if abs(len(aws) - len(cloudmock)) > len(aws) * MAX_LENGTH_DEVIATION or self._has_been_sent(aws):
            return False
        if is_region_or_zone(aws):
            return region_of(aws) == region_of(cloudmock)
        if self.rules.tolerate.identifiers:
            self.identifiers.pair(aws, cloudmock, position.name, is_opaque=True)
        return True

    def _timestamps(self, position: Position, aws: object, cloudmock: object) -> str | None:
        max_seconds = self.rules.tolerate.timestamps
        if max_seconds is None or not (pair := times(position, aws, cloudmock)):
            return None
        if position.is_payload and (position.name in DYNAMODB_TYPES or self.identifiers.is_common(str(aws))):
            return None  # the user wrote it, and wants it back
        aws_time, cloudmock_time = pair
        is_near = abs(aws_time.instant - cloudmock_time.instant) <= max_seconds
        return TIMESTAMPS if is_near and aws_time.notation == cloudmock_time.notation else None

    def _transitional(self, position: Position, aws: object, cloudmock: object) -> str | None:
        is_on = self.rules.tolerate.transitional
        return TRANSITIONAL if is_on and self.sdk_operation.is_in_transit(position.name, aws, cloudmock) else None

    def _identifiers(self, position: Position, aws: object, cloudmock: object) -> str | None:
        if not (isinstance(aws, str) and isinstance(cloudmock, str) and self.rules.tolerate.identifiers):
            return None
        if enumeration(position.shape) or times(position, aws, cloudmock):
            return None
        aws_text, cloudmock_text = (_REQUEST_ID.sub(r"\1", text) for text in self.own_hosts.without(aws, cloudmock))
        if aws_text == cloudmock_text or self.identifiers.are_partners(aws_text, cloudmock_text):
            return None if member_names.is_hash(position.name) else IDENTIFIERS
        if self._has_been_sent(aws):
            return None
        pairing = self.identifiers.pair(aws_text, cloudmock_text, position.name, is_payload=position.is_payload)
        return IDENTIFIERS if pairing is Pairing.PARTNERS else None


def _is_checksum(checksum: object, content: object) -> bool:
    return isinstance(content, str) and md5(content.encode(), usedforsecurity=False).hexdigest() == checksum
