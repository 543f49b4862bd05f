"""Faults in event streams: events dropped, out of order, renamed, or with other content.

This file does not know how replies are compared.
"""

import base64
import json
import re
from collections.abc import Callable

from lab.mutations.change import Change, Context
from lab.mutations.frames import Frame, frames, stream
from lab.mutations.replies import Draft

_EVENT_TYPE = re.compile(rb"(?<=\x0b:event-type\x07)..(?P<name>[A-Za-z]+?)(?=\r:content-type)", re.DOTALL)


def _events(draft: Draft) -> list[Frame]:
    return frames(draft.body) if "eventstream" in draft.get("content-type") and draft.body else []


def _written(draft: Draft, messages: list[Frame]) -> None:
    draft.body, draft.is_cut = stream(messages), True


def event_dropped(draft: Draft, context: Context) -> Change | None:
    if not (messages := _events(draft)):
        return None
    index = context.random.randrange(len(messages))
    dropped = messages.pop(index)
    _written(draft, messages)
    return Change((index,), (index,), dropped.payload.decode("latin-1"), "(dropped)")


def events_swapped(draft: Draft, context: Context) -> Change | None:
    """Two events that follow each other and say different things."""
    messages = _events(draft)
    places = [index for index in range(len(messages) - 1) if _said(messages[index]) != _said(messages[index + 1])]
    if not places:
        return None
    index = context.random.choice(places)
    messages[index], messages[index + 1] = messages[index + 1], messages[index]
    _written(draft, messages)
    return Change((index,), (index,), index, index + 1)


def _said(frame: Frame) -> object:
    """The event without its padding."""
    if frame.payload[:1] != b"{":
        return frame
    payload = json.loads(frame.payload)
    payload.pop("p", None)
    return frame.headers, payload


def event_renamed(draft: Draft, context: Context) -> Change | None:
    """One letter of an event's type."""
    messages = _events(draft)
    places = [index for index, message in enumerate(messages) if _EVENT_TYPE.search(message.headers)]
    if not places:
        return None
    index = context.random.choice(places)
    match = _EVENT_TYPE.search(messages[index].headers)
    assert match
    position = match.start("name")
    headers = messages[index].headers
    changed = headers[:position] + bytes((headers[position] ^ 1,)) + headers[position + 1 :]
    messages[index] = Frame(changed, messages[index].payload)
    _written(draft, messages)
    return Change((index,), (index,), match["name"].decode(), "(renamed)")


def event_content(draft: Draft, context: Context) -> Change | None:
    """One letter of what an event says; in base64 of what it holds."""
    messages = _events(draft)
    changed = [(index, frame) for index, message in enumerate(messages) if (frame := _other(message, context))]
    if not changed:
        return None
    index, frame = context.random.choice(changed)
    was = messages[index].payload
    messages[index] = frame
    _written(draft, messages)
    return Change((index,), (index,), was.decode("latin-1"), frame.payload.decode("latin-1"))


_WORDS = re.compile(r"(?<=\"text\":\")[^\"\\]*[A-Za-z][^\"\\]*(?=\")|(?<=\"text\": \")[^\"\\]*[A-Za-z][^\"\\]*(?=\")")
_STOPS = re.compile(r"(?<=\"stopReason\":\")\w+|(?<=\"stop_reason\":\")\w+|(?<=\"role\":\")\w+|(?<=\"role\": \")\w+")


def _other(frame: Frame, context: Context) -> Frame | None:
    if frame.payload[:1] != b"{":
        return None
    payload = json.loads(frame.payload)
    inner = payload.get("bytes")
    if isinstance(inner, str):
        text = _other_letter(base64.b64decode(inner).decode(), context)
        payload["bytes"] = base64.b64encode(text.encode()).decode() if text else inner
        return Frame(frame.headers, json.dumps(payload).encode()) if text else None
    text = _other_letter(frame.payload.decode(), context)
    return Frame(frame.headers, text.encode()) if text else None


def _other_letter(text: str, context: Context) -> str:
    """Another letter in one word that a person or a program reads; empty where there is none."""
    match = next((found for pattern in (_WORDS, _STOPS) if (found := pattern.search(text))), None)
    if match is None:
        return ""
    positions = [
        match.start() + index for index, letter in enumerate(match[0]) if letter.isascii() and letter.isalpha()
    ]
    position = context.random.choice(positions)
    other = "x" if text[position] != "x" else "y"
    return text[:position] + other + text[position + 1 :]


MAKES: tuple[Callable[[Draft, Context], Change | None], ...] = (
    event_dropped,
    events_swapped,
    event_renamed,
    event_content,
)
