"""Why two differing values are forgiven by design, and under which rule: the policy of one exchange.

Generated values that stand for each other, times a little apart, states in transit, random results. What is switched
off in the rules forgives nothing. This file does not know trees: it is asked about one position at a time.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import md5
from typing import Any

from cloudmock_contract.aws.models.shapes import below, enumeration
from cloudmock_contract.aws.models.user_data import Origin, is_reserved_key, is_reserved_tag, origin
from cloudmock_contract.aws.sdk.catalog import SdkOperation
from cloudmock_contract.aws.wire.timestamps import Timestamp, timestamp
from cloudmock_contract.comparison.identifiers import member_names
from cloudmock_contract.comparison.identifiers.generated_values import holds_text, is_region_or_zone, region_of
from cloudmock_contract.comparison.identifiers.id_map import Identifiers, Pairing
from cloudmock_contract.comparison.identifiers.own_hosts import OwnHosts
from cloudmock_contract.comparison.orders import RequestOrders
from cloudmock_contract.comparison.rules.rules import OperationRules
from cloudmock_contract.values.difference import Path

MIN_SENT_CHARACTERS = 6
"""Characters of a value that is looked for in the request; a shorter one stands in many by chance."""

MAX_LENGTH_DEVIATION = 0.02
"""The share of its length by which a random result may be longer or shorter than another: keys in PEM vary a little."""

MIN_VARYING_CHARACTERS, BASE64_CHARACTERS = 64, 4
"""Characters of a random result whose length may vary by some bytes, which are as many characters of base64: a
signature of ECDSA is two numbers without their leading zeros.
"""

IDENTIFIERS, TIMESTAMPS, TRANSITIONAL = "tolerate identifiers", "tolerate timestamps", "tolerate transitional"
ORDERS = "tolerate orders"
"""The texts under which the report counts what these forgave."""

_REQUEST_ID = re.compile(r"(request ?id[: =]+)[0-9A-Za-z-]{8,64}", re.IGNORECASE)
"""How messages quote the id of their own request."""

_TIME_IN_TEXT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?")
_MEASURED_IN_TEXT = re.compile(r"((?:duration|memory used|elapsed(?: time)?): ?)\d{1,12}(?:\.\d{1,9})?", re.IGNORECASE)
"""How services write what they measured: the last line of a function's log."""

MAX_SAMPLED_ITEMS = 10
"""Items of a list in which it is looked whether any rule names a member."""

MAX_SENTENCE_CHARACTERS = 64 * 2**10
"""Characters of a text in which times are looked for."""

_NO_TIME = "the time"
_MEASURED = re.compile(r"\d{1,12}(?:\.\d{1,9})?")

_CHECKSUMS = {"MD5OfBody": "Body", "MD5OfMessageBody": "MessageBody"}
"""Members that are the MD5 of another member beside them, which SDKs check."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where the comparison stands in the two trees."""

    path: Path
    shape: Any
    """The model's shape of what is there, or None."""
    origin: Origin = Origin.AWS
    """Who wrote what is there."""

    def below(self, step: str | int) -> "Position":
        shape = below(self.shape, step)
        if isinstance(step, int):
            return Position((*self.path, step), shape, self.origin)
        if self.origin is Origin.USER and is_reserved_key(step):
            return Position((*self.path, step), shape)
        return Position((*self.path, step), shape, max(self.origin, origin(step, shape)))

    def at(self, path: Path) -> "Position":
        """The position further down."""
        position = self
        for step in path:
            position = position.below(step)
        return position

    def holding(self, value: object) -> "Position":
        """The same position, when it is known what AWS has there: a tag may be one of AWS's own."""
        return replace(self, origin=Origin.AWS) if self.origin is Origin.USER and is_reserved_tag(value) else self

    @property
    def inside(self) -> "Position":
        """The same position, when what is there is itself written in some notation, of which no model says anything."""
        return Position(self.path, None, self.origin)

    @property
    def is_payload(self) -> bool:
        """Whether what is there is the user's own and not AWS's."""
        return self.origin is not Origin.AWS

    @property
    def is_blob(self) -> bool:
        """Whether it is bytes, which stand there in base64."""
        return self.shape.type_name == "blob" if self.shape is not None else self.name == "bytes"

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
    orders: RequestOrders | None = None
    """In which orders each side has answered this request; None where no order is forgiven for that."""

    def ignored(self, path: Path) -> str | None:
        """Forgives whatever differs at this path."""
        return self.rules.ignored(path, self.sent)

    def unordered(self, path: Path) -> str | None:
        """Forgives another order of the items of the list at this path."""
        if rule := self.rules.unordered(path, self.sent):
            return rule
        is_promised = not self.rules.tolerate.orders or self.rules.ordered(path, self.sent)
        return None if is_promised or self.orders is None or not self.orders.is_undefined(path) else ORDERS

    def essences(self, path: Path, items: Sequence[object]) -> Sequence[object]:
        """The items of the list at this path without what rules forgive in them whatever it is.

        By these it is told which items belong together; where no rule names anything in them, they are the very items.
        """
        names = self.rules.names_of_any
        if not names or not any(_names(item, names) for item in items[:MAX_SAMPLED_ITEMS]):
            return items
        return [self._essence((*path, index), item) for index, item in enumerate(items)]

    def _essence(self, path: Path, value: object) -> object:
        if isinstance(value, list):
            return [self._essence((*path, index), item) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        names = self.rules.names_of_any
        return {
            name: None
            if (name in names or "*" in names) and self.rules.forgives_any((*path, name))
            else self._essence((*path, name), item)
            for name, item in value.items()
        }

    def note_order(self, path: Path, aws: Sequence[object], cloudmock: Sequence[object]) -> None:
        """Remember in which order each side has the items of the list at this path."""
        if self.orders is not None and self.rules.tolerate.orders:
            self.orders.note(path, aws, cloudmock)

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
        if rule := self._opaque(position, aws, cloudmock) or self._measured(position, aws, cloudmock):
            return rule
        if (rule := self.rules.random(position.path, self.sent)) and type(aws) is type(cloudmock):
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
        rule = self.rules.opaque(position.path, self.sent)
        if not rule or not (isinstance(aws, str) and isinstance(cloudmock, str) and aws and cloudmock):
            return None
        if self.rules.tolerate.identifiers:
            self.identifiers.rebind(aws, cloudmock)
        return rule

    def _measured(self, position: Position, aws: object, cloudmock: object) -> str | None:
        rule = self.rules.measured(position.path, self.sent)
        if not rule or type(aws) is bool or type(cloudmock) is bool:
            return None
        if isinstance(aws, str) and isinstance(cloudmock, str):
            return rule if _MEASURED.fullmatch(aws) and _MEASURED.fullmatch(cloudmock) else None
        return rule if isinstance(aws, int | float) and isinstance(cloudmock, int | float) else None

    def _are_equally_random(self, position: Position, aws: object, cloudmock: object) -> bool:
        """Whether one generator can have made both values, which are of one type; learns them as partners."""
        if not (isinstance(aws, str) and isinstance(cloudmock, str)):
            return True
        deviation = BASE64_CHARACTERS if len(aws) >= MIN_VARYING_CHARACTERS else 0
        if abs(len(aws) - len(cloudmock)) > max(len(aws) * MAX_LENGTH_DEVIATION, deviation):
            return False
        if self._has_been_sent(aws):
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
        if position.origin is Origin.USER or (position.is_payload and self.identifiers.is_common(str(aws))):
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
        if self._has_been_sent(aws) or _is_content(position, aws):
            return None
        if _may_say_times(position, aws):
            aws_text, cloudmock_text = self._without_times(aws_text, cloudmock_text)
            if aws_text == cloudmock_text or self.identifiers.are_partners(aws_text, cloudmock_text):
                return TIMESTAMPS
        pairing = self.identifiers.pair(aws_text, cloudmock_text, position.name, is_payload=position.is_payload)
        return IDENTIFIERS if pairing is Pairing.PARTNERS else None

    def _without_times(self, aws: str, cloudmock: str) -> tuple[str, str]:
        """Two texts of the services' own without what each of them says of its own time, where both say it."""
        max_seconds = self.rules.tolerate.timestamps
        if max_seconds is None:
            return aws, cloudmock
        aws, cloudmock = (_MEASURED_IN_TEXT.sub(r"\1", text) for text in (aws, cloudmock))
        found = [_TIME_IN_TEXT.findall(text) for text in (aws, cloudmock)]
        times_of = [[timestamp(text) for text in texts] for texts in found]
        are_near = len(found[0]) == len(found[1]) and all(
            first
            and second
            and first.notation == second.notation
            and abs(first.instant - second.instant) <= max_seconds
            for first, second in zip(*times_of, strict=True)
        )
        if not found[0] or not are_near:
            return aws, cloudmock
        return _TIME_IN_TEXT.sub(_NO_TIME, aws), _TIME_IN_TEXT.sub(_NO_TIME, cloudmock)


def _names(value: object, names: Collection[str | int]) -> bool:
    """Whether the value has, at any depth, a member of one of these names."""
    if isinstance(value, list):
        return any(_names(item, names) for item in value)
    return isinstance(value, dict) and (
        "*" in names or any(name in names or _names(item, names) for name, item in value.items())
    )


def _may_say_times(position: Position, aws: str) -> bool:
    """Whether it is a text of the service's own that may say times; the time in an ARN is a part of a name."""
    is_of_service = position.origin is Origin.AWS and not aws.startswith("arn:")
    return is_of_service and ":" in aws and len(aws) <= MAX_SENTENCE_CHARACTERS


def _is_content(position: Position, aws: str) -> bool:
    """Whether a value is what somebody wrote, however random it looks: it has to be the same on both sides."""
    if position.origin is Origin.USER or position.is_blob:
        return True
    return holds_text(aws) and not member_names.is_opaque(position.name)


def _is_checksum(checksum: object, content: object) -> bool:
    return isinstance(content, str) and md5(content.encode(), usedforsecurity=False).hexdigest() == checksum
