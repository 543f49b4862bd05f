"""Faults in what a user or AWS has written, as small as they can be: one letter, one byte, one unit, one day, one name.

This file does not know how replies are compared.
"""

import base64
import binascii
import datetime as dt
import re
from collections.abc import Callable
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

from lab.mutations import new_values
from lab.mutations.change import Change, Context
from lab.mutations.members import choose
from lab.mutations.replies import Draft

BY_NATURE = re.compile(
    r"(?i)^(?:availabilityzone\w*|latencyms|duration\w*|\w*latency|\w*padding|p|requestid|hostid|masteruserpassword"
    r"|millisbehindlatest|sequencenumber|shardid)$"
)
"""Members whose values differ between two runs of AWS itself."""


def _is_content(spot: Any, context: Context) -> bool:
    """Whether it holds a text that another run of AWS would repeat."""
    value = spot.value
    return (
        isinstance(value, str)
        and spot.shape.type_name in ("string", "character")
        and not getattr(spot.shape, "enum", ())
        and not BY_NATURE.match(spot.name)
        and not context.is_hash(value, spot.name)
        and value not in context.memory
        and not new_values.is_time(value, spot.name)
        and new_values.is_plain(value, spot.name, context.request_text)
    )


def letter_changed(draft: Draft, context: Context) -> Change | None:
    """One letter of a text; it is as long as before."""

    def fits(spot: Any) -> bool:
        return _is_content(spot, context) and new_values.other_text(spot.value, context.random) is not None

    spot = choose(draft, context, fits)
    if spot is None:
        return None
    was = spot.value
    spot.replace(new_values.other_text(was, context.random))
    return Change(spot.path, spot.wire, was, spot.value)


def _text_changed(draft: Draft, context: Context, other: Callable[[str], str]) -> Change | None:
    spot = choose(draft, context, lambda spot: _is_content(spot, context) and other(spot.value) != spot.value)
    if spot is None:
        return None
    was = spot.value
    spot.replace(other(was))
    return Change(spot.path, spot.wire, was, spot.value)


_PERCENT_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")


def case_changed(draft: Draft, context: Context) -> Change | None:
    """One letter of a text, large for small or small for large."""

    def other(text: str) -> str:
        patterns = (new_values.GENERATED_PARTS, _PERCENT_ENCODED)
        generated = [match.span() for pattern in patterns for match in pattern.finditer(text)]
        places = [
            index
            for index, letter in enumerate(text)
            if letter.isascii() and letter.isalpha() and not any(start <= index < end for start, end in generated)
        ]
        if not places:
            return text
        index = context.random.choice(places)
        return text[:index] + text[index].swapcase() + text[index + 1 :]

    return _text_changed(draft, context, other)


def space_added(draft: Draft, context: Context) -> Change | None:
    """A space at the end of a text, or a second one inside."""

    def other(text: str) -> str:
        if text.startswith(("%7B", "{", "[")):  # a document, in which white space says nothing
            return text
        return text.replace(" ", "  ", 1) if " " in text else f"{text} "

    return _text_changed(draft, context, other)


def text_emptied(draft: Draft, context: Context) -> Change | None:
    return _text_changed(draft, context, lambda _text: "")


def boolean_flipped(draft: Draft, context: Context) -> Change | None:
    others = {True: False, False: True, "true": "false", "false": "true"}
    spot = choose(
        draft,
        context,
        lambda spot: spot.shape.type_name == "boolean" and isinstance(spot.value, bool | str) and spot.value in others,
    )
    if spot is None:
        return None
    was = spot.value
    spot.replace(others[was])
    return Change(spot.path, spot.wire, was, spot.value)


def id_form(draft: Draft, context: Context) -> Change | None:
    """An id with another prefix, or shorter, or without its dashes."""
    spots = [
        spot
        for spot in draft.spots
        if isinstance(spot.value, str) and re.match("uuid|prefixed|principal", new_values.id_kind(spot.value, "", ""))
    ]
    if not spots:
        return None
    spot = context.random.choice(spots)
    was = spot.value
    head, dash, tail = was.partition("-")
    forms = [was[:-3], f"x{was}", was.replace("-", "") if dash else was[4:], f"{head}_{tail}" if dash else was.lower()]
    spot.replace(context.random.choice(forms))
    return Change(spot.path, spot.wire, was, spot.value)


def document_encoding(draft: Draft, context: Context) -> Change | None:
    """A percent-encoded document as plain text."""
    spot = choose(draft, context, lambda spot: isinstance(spot.value, str) and spot.value.startswith("%7B"))
    if spot is None:
        return None
    was = spot.value
    spot.replace(unquote(was))
    return Change(spot.path, spot.wire, was, spot.value)


def blob_changed(draft: Draft, context: Context) -> Change | None:
    """One byte of a member in base64, of a payload, or of CBOR's bytes; it is as long as before."""
    if draft.raw_payload:
        if not draft.body:
            return None
        was = draft.body
        if not (changed := _one_letter_off(draft.body, context)):
            return None
        draft.body = changed
        return Change((draft.raw_payload,), (draft.raw_payload,), was.decode("latin-1"), draft.body.decode("latin-1"))

    def fits(spot: Any) -> bool:
        is_blob = spot.shape.type_name == "blob" and not new_values.RANDOM_NAME.search(spot.name)
        return is_blob and bool(decoded := _decoded(spot.value)) and bool(_one_letter_off(decoded, context))

    spot = choose(draft, context, fits)
    if spot is None:
        return None
    value = spot.value
    changed = _one_letter_off(_decoded(value), context)
    spot.replace(base64.b64encode(changed).decode() if isinstance(value, str) else changed)
    return Change(spot.path, spot.wire, str(value), str(spot.value))


def _decoded(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _one_letter_off(data: bytes, context: Context) -> bytes:
    """Another letter or digit in place of one, outside of ids; one bit of what is no text. Empty if there is none."""
    try:
        return (new_values.other_text(data.decode(), context.random) or "").encode()
    except ValueError:
        position = context.random.randrange(len(data))
        return data[:position] + bytes((data[position] ^ 1,)) + data[position + 1 :]


_IN_TRANSIT = re.compile(r"(?i)pending|ing$|progress")
"""States that end by themselves: a second run of AWS itself may be in the next one."""


def enum_changed(draft: Draft, context: Context) -> Change | None:
    """Another of the values that the model knows."""

    def fits(spot: Any) -> bool:
        values = getattr(spot.shape, "enum", ())
        return spot.value in values and len(values) > 1 and not _IN_TRANSIT.search(str(spot.value))

    spot = choose(draft, context, fits)
    if spot is None:
        return None
    was = spot.value
    spot.replace(context.random.choice([value for value in spot.shape.enum if value != was]))
    return Change(spot.path, spot.wire, was, spot.value)


def number_off_by_one(draft: Draft, context: Context) -> Change | None:
    def fits(spot: Any) -> bool:
        is_number = spot.shape.type_name in ("integer", "long", "short", "byte")
        return (
            is_number
            and not isinstance(spot.value, bool)
            and bool(re.fullmatch(r"-?\d{1,15}", str(spot.value)))
            and not BY_NATURE.match(spot.name)
            and not new_values.is_time(spot.value, spot.name)
        )

    spot = choose(draft, context, fits)
    if spot is None:
        return None
    was = spot.value
    now = int(was) + context.random.choice((-1, 1))
    spot.replace(str(now) if isinstance(was, str) else now)
    return Change(spot.path, spot.wire, was, spot.value)


_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_DAY = dt.timedelta(days=1)


def day_off(draft: Draft, context: Context) -> Change | None:
    """A time of one day before or after."""
    step = context.random.choice((-_DAY, _DAY))

    def fits(spot: Any) -> bool:
        return spot.shape.type_name == "timestamp" and _moved(spot.value, step) is not None

    spot = choose(draft, context, fits)
    if spot is None:
        return None
    was = spot.value
    spot.replace(_moved(was, step))
    return Change(spot.path, spot.wire, was, spot.value)


def _moved(value: object, step: dt.timedelta) -> object | None:  # noqa: PLR0911 (one for each notation)
    match value:
        case dt.datetime():
            return value + step
        case bool():
            return None
        case int() | float():
            return value + step.total_seconds()
        case str() if match := _ISO.match(value):
            return (dt.datetime.fromisoformat(match[0]) + step).isoformat() + value[match.end() :]
        case str() if re.fullmatch(r"\w{3}, \d\d? \w{3} \d{4} \d\d:\d\d:\d\d GMT", value):
            return format_datetime(parsedate_to_datetime(value) + step, usegmt=True)
        case str() if re.fullmatch(r"\d{9,10}(\.\d+)?", value):
            whole, dot, rest = value.partition(".")
            return f"{int(whole) + int(step.total_seconds())}{dot}{rest}"
    return None


_ARN = re.compile(r"arn:(?P<partition>[\w-]+):(?P<service>[\w-]+):(?P<region>[\w-]*):(?P<account>\d{12})?:(?P<rest>.+)")


def arn_account(draft: Draft, context: Context) -> Change | None:
    """Another account in one ARN of a reply that names the same account elsewhere too."""
    spots = [spot for spot in draft.spots if isinstance(spot.value, str) and _part(spot.value, "account")]
    counted = [
        spot
        for spot in spots
        if sum(_part(spot.value, "account") in str(other.value) for other in draft.spots if _is_text(other)) >= 2
    ]
    if not counted:
        return None
    spot = context.random.choice(counted)
    was, account = spot.value, _part(spot.value, "account")
    spot.replace(was.replace(account, f"{(int(account) + 77_777) % 10**12:012}"))
    return Change(spot.path, spot.wire, was, spot.value)


def arn_region(draft: Draft, context: Context) -> Change | None:
    """Another region in one ARN."""
    spots = [spot for spot in draft.spots if isinstance(spot.value, str) and _part(spot.value, "region")]
    if not spots:
        return None
    spot = context.random.choice(spots)
    was, region = spot.value, _part(spot.value, "region")
    other = context.random.choice([one for one in ("eu-west-1", "us-east-2", "ap-south-1") if one != region])
    spot.replace(was.replace(f":{region}:", f":{other}:", 1))
    return Change(spot.path, spot.wire, was, spot.value)


def _part(text: str, name: str) -> str:
    match = _ARN.fullmatch(text)
    return (match[name] or "") if match else ""


def _is_text(spot: Any) -> bool:
    return isinstance(spot.value, str)


def id_of_another(draft: Draft, context: Context) -> Change | None:
    """A resource's id replaced by that of another one of the same kind in the same reply."""
    by_kind: dict[str, list[Any]] = {}
    for spot in draft.spots:
        if isinstance(spot.value, str) and (kind := new_values.id_kind(spot.value, "", "")):
            by_kind.setdefault(kind, []).append(spot)
    spots = [
        (spot, others)
        for same in by_kind.values()
        for spot in same
        if (others := sorted({other.value for other in same} - {spot.value}))
    ]
    if not spots:
        return None
    spot, others = context.random.choice(spots)
    was = spot.value
    spot.replace(context.random.choice(others))
    return Change(spot.path, spot.wire, was, spot.value)
