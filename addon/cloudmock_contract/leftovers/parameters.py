"""The parameters of the call that deletes a thing, filled in from the call that made it, or from any that deletes it.

A member is looked for in the request, else in the reply: under the same name, or under one that says the same
(`Table.TableName`, the `id` of a CreateRestApi for `restApiId`). Secrets are never filled in. This file does not know
which operation deletes what, and keeps nothing.
"""

import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cloudmock_contract.aws.models.shapes import below, is_sensitive
from cloudmock_contract.aws.secrets.by_model import SECRET_NAMES
from cloudmock_contract.leftovers.answered_call import AnsweredCall
from cloudmock_contract.leftovers.identifying_members import IdentifyingMembers, is_default
from cloudmock_contract.leftovers.nouns import singular

MAX_CHANGES = 1_000
"""Things that one request makes or deletes, as far as they are listed; AWS's own batches are not larger."""

MAX_PARAMETER_CHARACTERS = 2_048
"""Characters of a name or an id."""

type Texts = tuple[str, ...]
type ShapedValue = tuple[object, Any]
"""A member's value and its shape; None where the model has none."""

_FROM_ANOTHER = re.compile(r"Copy|Clone|Restore|Replicate|Create\w+From[A-Z]")
"""Operations whose requests may name, by the same member, the thing that the new one is made from."""

_ALIASES = {"IfMatch": ("etag",)}
"""Other names of a member, in lower case."""

_NO_NAMES = frozenset(("pending confirmation", "PendingConfirmation"))
"""What SNS gives as the ARN of a subscription that nobody has confirmed."""

_IDENTIFIES = re.compile(r"(?:name|id|arn|identifier)$", re.IGNORECASE)

_FAILURES = re.compile(r"(?i)errors?$|fail|unsuccessful|unprocessed|invalid|unfound")


def fill(call: AnsweredCall, name: str, shape: Any, noun: str) -> Texts:
    """The values for a member of the deleting operation, from the likeliest place that has any; () if none has.

    `noun`: what the deleting operation deletes, as `noun_of` has it.
    """
    if _is_secret(name, shape):
        return ()
    is_list = shape.type_name == "list"
    for message, message_shape, candidate in _places(call, name, noun):
        if candidate in SECRET_NAMES:
            continue
        values = _look_up(message, message_shape, candidate, noun)
        texts = tuple(text for value in values if (text := _text(value, shape.member if is_list else shape)))
        if texts:
            return tuple(map(_as_list, texts)) if is_list else texts
    return ()


def combinations(filled: Mapping[str, Texts], failed: frozenset[str]) -> Iterator[dict[str, str]]:
    """The parameters of each thing, where members have several values, without those of which the deletion failed."""
    lists = {name for name, texts in filled.items() if len(texts) > 1 or (texts and texts[0].startswith("["))}
    for texts in itertools.islice(itertools.product(*filled.values()), MAX_CHANGES):
        parameters = dict(zip(filled, texts, strict=True))
        if failed.isdisjoint(_item(parameters[name]) for name in lists):
            yield parameters


def scopes(call: AnsweredCall, members: IdentifyingMembers) -> dict[str, str]:
    """The optional members that the request gives, but for those that say what holds without them."""
    texts = {
        name: _text((call.request.get(name), shape), shape)
        for name, shape in members.scopes
        if not _is_secret(name, shape)
    }
    return {name: text for name, text in texts.items() if text and not is_default(name, text)}


def digest(call: AnsweredCall, name: str, noun: str) -> str:
    """What stands for an access key's id, so that its deletion is known; empty for any other member.

    Access keys' ids are credentials, and too long to guess from their digest.
    """
    if name.lower() != "accesskeyid":
        return ""
    for message, shape in call.messages:
        for value, _ in _look_up(message, shape, name, noun):
            if isinstance(value, str):
                return f"sha256:{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:16]}"
    return ""


def names_and_ids(call: AnsweredCall) -> dict[str, str]:
    """Those at the top of both messages, for a thing of which nothing more is known."""
    texts: dict[str, str] = {}
    for message, message_shape in call.messages:
        for name, value in message.items():
            shape = below(message_shape, name)
            is_name = shape is not None and shape.type_name == "string" and _IDENTIFIES.search(name)
            if is_name and name.lower() not in SECRET_NAMES and (text := _text((value, shape), shape)):
                texts.setdefault(name, text)
    return texts


def only_list(call: AnsweredCall) -> Texts:
    """The only list of texts in the request of an operation that deletes several things; () if there is another."""
    lists = [
        value
        for name, value in call.request.items()
        if isinstance(value, list) and not _is_secret(name, below(call.model.input_shape, name))
    ]
    if len(lists) != 1 or any(not isinstance(item, str) for item in lists[0]):
        return ()
    return tuple(item for item in lists[0][:MAX_CHANGES] if 0 < len(item) <= MAX_PARAMETER_CHARACTERS)


def failures(reply: Mapping[str, Any]) -> frozenset[str]:
    """The texts in what a reply says of those things of a batch for which the operation has failed."""
    texts: set[str] = set()
    unread = [value for name, value in reply.items() if _FAILURES.match(name) and isinstance(value, list)]
    while unread:
        value = unread.pop()
        if isinstance(value, str):
            texts.add(value)
        elif isinstance(value, dict | list):
            unread += value.values() if isinstance(value, dict) else value
    return frozenset(texts)


def _places(call: AnsweredCall, name: str, noun: str) -> Iterator[tuple[Mapping[str, Any], Any, str]]:
    """The messages in which the member may be found, and under what name, the likeliest first."""
    messages = call.messages[::-1] if _FROM_ANOTHER.match(call.model.name) else call.messages
    for candidate in dict.fromkeys(_candidates(name, noun)):
        for message, shape in messages:
            yield message, shape, candidate


def _candidates(name: str, noun: str) -> Iterator[str]:
    """The names, in lower case, under which a member of the deleting operation may stand in the creating one's."""
    stem = singular(name).lower()
    yield from (name.lower(), stem, f"{stem}s")
    suffix = next((ending for ending in ("identifier", "name", "arn", "id") if stem.endswith(ending)), "")
    base = stem.removesuffix(suffix)
    if not base:  # Id: HostedZoneId
        yield f"{noun}{stem}"
    if not suffix:  # taskDefinition: taskDefinitionArn
        yield from (f"{stem}{ending}" for ending in ("arn", "name", "id"))
    if suffix == "identifier":
        yield from (f"{base}{ending}" for ending in ("id", "arn"))
    if suffix:  # restApiId: id
        yield from (suffix, *(("id",) if suffix == "identifier" else ()))
    if suffix in ("id", "identifier") or stem == noun:
        yield from (f"{base}arn", "arn", f"{base}name", "name")
    yield from _ALIASES.get(name, ())


def _look_up(message: Mapping[str, Any], shape: Any, name: str, noun: str) -> tuple[ShapedValue, ...]:
    """The values of this name at the top, else one step down: in what is named as the thing, or in the only one."""
    top = _named(message, shape, name)
    if top:
        return top
    matches = []
    for key, value in message.items():
        items = value if isinstance(value, list) else [value]
        item_shape = below(shape, key)
        item_shape = below(item_shape, 0) if isinstance(value, list) else item_shape
        values = tuple(
            pair for item in items[:MAX_CHANGES] if isinstance(item, dict) for pair in _named(item, item_shape, name)
        )
        if values:
            if singular(key).lower() in (noun, f"{noun}details", f"{noun}description"):
                return values
            matches.append(values)
    return matches[0] if len(matches) == 1 else ()


def _named(members: Mapping[str, Any], shape: Any, name: str) -> tuple[ShapedValue, ...]:
    """The value of the member, or the items of its list; of a secret none."""
    lower = name.lower()
    for key, value in members.items():
        if isinstance(key, str) and key.lower() == lower:
            member_shape = below(shape, key)
            if is_sensitive(member_shape):
                return ()
            if isinstance(value, list):
                return tuple((item, below(member_shape, 0)) for item in value[:MAX_CHANGES])
            return ((value, member_shape),) if value is not None else ()
    return ()


def _text(shaped_value: ShapedValue, target: Any) -> str:
    """The value as a parameter of the target shape; empty where it is none."""
    value, shape = shaped_value
    if is_sensitive(shape):
        return ""
    match value:
        case bool():
            text = "true" if value else "false"
        case int() | float() | str():
            text = str(value)
        case dict() if target.type_name == "structure" and not _holds_secret(value, shape):
            text = json.dumps(value, sort_keys=True, separators=(",", ":"))
        case _:
            return ""
    fits = isinstance(value, dict) is (target.type_name == "structure") and target.type_name not in ("list", "map")
    return text if fits and 0 < len(text) <= MAX_PARAMETER_CHARACTERS and text not in _NO_NAMES else ""


def _is_secret(name: str, shape: Any) -> bool:
    return is_sensitive(shape) or name.lower() in SECRET_NAMES


def _holds_secret(value: object, shape: Any) -> bool:
    if isinstance(value, dict):
        return any(
            _is_secret(str(key), below(shape, key)) or _holds_secret(item, below(shape, key))
            for key, item in value.items()
        )
    return isinstance(value, list) and any(_holds_secret(item, below(shape, 0)) for item in value)


def _as_list(text: str) -> str:
    """A list of this one value, as JSON has it; a structure is JSON already."""
    return f"[{text}]" if text.startswith("{") else f"[{json.dumps(text)}]"


def _item(text: str) -> str:
    """The value itself, where it is a text in a list of one."""
    return text[2:-2] if text.startswith('["') else text
