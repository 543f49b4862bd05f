"""Faults in what stands around the members: the status, the headers, the error's envelope, the body as a whole.

This file does not know how replies are compared.
"""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from xml.etree.ElementTree import Element

from botocore.model import OperationModel

from cloudmock_contract.values.difference import Path
from lab.mutations import new_values
from lab.mutations.change import DATA, Change, Context
from lab.mutations.members import choose
from lab.mutations.replies import Bound, Draft, local

_CODES = (
    "AccessDeniedException",
    "InternalFailure",
    "ResourceNotFoundException",
    "ThrottlingException",
    "ValidationException",
)
"""Error codes of many services."""

_CODE_NAMES = ("__type", "code", "Code")
"""Where JSON and CBOR have an error's code."""

_OTHER_STATUSES: Mapping[bool, Sequence[int]] = {False: (200, 201, 202, 404, 500), True: (200, 400, 403, 404, 409, 500)}
"""By whether the reply is an error."""


def status(draft: Draft, context: Context) -> Change:
    was = draft.status
    draft.status = context.random.choice([status for status in _OTHER_STATUSES[draft.is_error] if status != was])
    return Change((), (), was, draft.status)


def _bound_headers(draft: Draft) -> list[Bound]:
    names = ("x-amzn-errortype", "x-amzn-query-error") if draft.is_error else ()
    return draft.bound + [Bound((name,), name, None) for name in names if draft.get(name)]


def header_dropped(draft: Draft, context: Context) -> Change | None:
    if not (headers := _bound_headers(draft)):
        return None
    bound = context.random.choice(headers)
    was = draft.get(bound.header)
    draft.set_header(bound.header, None)
    return Change(bound.path, (bound.header,), was, "(dropped)")


def header_changed(draft: Draft, context: Context) -> Change | None:
    candidates = [(bound, _other_header(draft.get(bound.header), bound, context)) for bound in _bound_headers(draft)]
    usable = [(bound, text) for bound, text in candidates if text is not None]
    if not usable:
        return None
    bound, text = context.random.choice(usable)
    was = draft.get(bound.header)
    draft.set_header(bound.header, text)
    return Change(bound.path, (bound.header,), was, text)


def _other_header(text: str, bound: Bound, context: Context) -> str | None:  # noqa: PLR0911 (one for each sort of header)
    name = str(bound.path[-1])
    if bound.shape is None:
        return _other_code(text, context.model, context.random)
    if values := [value for value in getattr(bound.shape, "enum", ()) if value != text]:
        return str(context.random.choice(values))
    if bound.shape.type_name == "timestamp" or new_values.is_time(text, name):
        return str(new_values.shifted(text, context.random) or "") or None
    if bound.shape.type_name in ("integer", "long"):
        return str(int(text) + 1) if text.isdecimal() else None
    if context.is_hash(text, name):
        return new_values.other_hash(text, context.random)
    if others := context.memory.others(text):
        return context.random.choice(others)
    is_plain = name != "ETag" and new_values.is_plain(text, name, context.request_text)
    return new_values.other_text(text, context.random) if is_plain else None


def hash_changed(draft: Draft, context: Context) -> Change | None:
    headers = [bound for bound in draft.bound if context.is_hash(draft.get(bound.header), str(bound.path[-1]))]
    spot = choose(draft, context, lambda spot: context.is_hash(spot.value, spot.name))
    if headers and (spot is None or context.random.random() < 0.5):
        bound = context.random.choice(headers)
        was = draft.get(bound.header)
        draft.set_header(bound.header, new_values.other_hash(was, context.random))
        return Change(bound.path, (bound.header,), was, draft.get(bound.header))
    if spot is None:
        return None
    was = spot.value
    spot.replace(new_values.other_hash(was, context.random))
    return Change(spot.path, spot.wire, was, spot.value)


def _other_code(text: str, model: OperationModel, random: Random) -> str:
    """The text with another error's code in it: `prefix#Code`, `Code:http://…`, `Code;Sender`."""
    code = re.split("[:;]", text.rpartition("#")[2])[0]
    own = [str(shape.metadata.get("error", {}).get("code", shape.name)) for shape in model.error_shapes]
    return text.replace(
        code, random.choice([code_of_model for code_of_model in (*own, *_CODES) if code_of_model != code])
    )


def error_code(draft: Draft, context: Context) -> Change | None:
    """Another code, in the body and in a header that says the same."""
    if not draft.is_error or not (places := _code_places(draft)):
        return None
    path, was, put = places[0]
    now = _other_code(was, context.model, context.random)
    put(now)
    header = draft.get("x-amzn-errortype")
    if header and _bare(header) == _bare(was):
        draft.set_header("x-amzn-errortype", header.replace(_bare(was), _bare(now)))
    return Change(path, path, was, now)


def _bare(text: str) -> str:
    return re.split("[:;]", text.rpartition("#")[2])[0]


def _code_places(draft: Draft) -> list[tuple[Path, str, Callable[[str], None]]]:
    """Where in an error's body its code stands: the path, the code, and how to set another."""
    if isinstance(draft.tree, Element):
        return [
            (path, element.text, functools.partial(setattr, element, "text"))
            for path, element in _descendants(draft.tree, ())
            if local(element.tag) == "Code" and element.text
        ]
    tree = draft.tree if isinstance(draft.tree, dict) else {}
    return [
        ((name,), tree[name], functools.partial(tree.__setitem__, name))
        for name in _CODE_NAMES
        if isinstance(tree.get(name), str) and tree[name]
    ]


def _descendants(holder: Element, path: Path) -> list[tuple[Path, Element]]:
    descendants: list[tuple[Path, Element]] = []
    for element in holder:
        below = (*path, local(element.tag))
        descendants += [(below, element), *_descendants(element, below)]
    return descendants


_MESSAGE_NAMES = ("message", "Message", "errorMessage")


def error_message(draft: Draft, context: Context) -> Change | None:
    """One letter of an error's text."""
    if not draft.is_error:
        return None
    places: list[tuple[Path, str, Callable[[str], None]]] = []
    if isinstance(draft.tree, Element):
        places = [
            (path, element.text, functools.partial(setattr, element, "text"))
            for path, element in _descendants(draft.tree, ())
            if local(element.tag) == "Message" and element.text
        ]
    elif isinstance(draft.tree, dict):
        tree = draft.tree
        places = [
            ((name,), tree[name], functools.partial(tree.__setitem__, name))
            for name in _MESSAGE_NAMES
            if isinstance(tree.get(name), str)
        ]
    for path, was, put in places:
        if now := new_values.other_text(was, context.random):
            put(now)
            return Change(path, path, was, now)
    return None


def error_envelope(draft: Draft, context: Context) -> Change | None:
    """The error's code under another name, or in another place."""
    if not draft.is_error or not (places := _code_places(draft)):
        return None
    path = places[0][0]
    if isinstance(draft.tree, Element):
        was, now = _other_xml_envelope(draft, context.random)
    else:
        was, now = _other_data_envelope(draft, str(path[0]), context.random)
    return Change(path, path, was, now)


def _other_data_envelope(draft: Draft, name: str, random: Random) -> tuple[str, str]:
    tree = draft.tree
    value = tree.pop(name)
    choice = random.choice([key for key in ("type", "errorType", "code", "Error.Code", "header") if key != name])
    if choice == "header" and not draft.get("x-amzn-errortype"):
        draft.headers.append(("x-amzn-ErrorType", value))
    elif choice == "Error.Code":
        tree["Error"] = {"Code": value}
    else:
        choice = "errorType" if choice == "header" else choice
        tree[choice] = value
    return name, choice


def _other_xml_envelope(draft: Draft, random: Random) -> tuple[str, str]:
    renamed = {"Code": "ErrorCode", "Error": "Fault", "Errors": "ErrorList"}
    elements = [element for _path, element in _descendants(draft.tree, ()) if local(element.tag) in renamed]
    errors = [element for element in elements if local(element.tag) == "Error"]
    choice = random.choice([*elements, None])
    if choice is not None:
        was = choice.tag
        choice.tag = was.replace(local(was), renamed[local(was)])
        return was, choice.tag
    root = draft.tree
    if errors:  # the envelope goes
        draft.tree = errors[0]
        return root.tag, errors[0].tag
    draft.tree = Element("ErrorResponse")
    draft.tree.append(root)
    return root.tag, "ErrorResponse"


def body_truncated(draft: Draft, context: Context) -> Change | None:
    """The body cut somewhere inside."""
    whole = draft.body.rstrip()
    if len(whole) < 2 or not (draft.notation or draft.raw_payload):
        return None
    length = context.random.randrange(1, len(whole))
    was = len(draft.body)
    draft.body, draft.is_cut = whole[:length], True
    if draft.raw_payload:
        return Change((draft.raw_payload,), (draft.raw_payload,), was, length, DATA)
    return Change((), (), was, length)


def xml_root(draft: Draft, context: Context) -> Change | None:
    """The root element under another name."""
    if draft.notation != "XML":
        return None
    was = draft.tree.tag
    variants = ("Response", "Result", f"{context.operation.action}Output", f"{was}Data", was[:1].swapcase() + was[1:])
    draft.tree.tag = context.random.choice([name for name in variants if name != was])
    return Change((), (), was, draft.tree.tag)


def xml_namespace(draft: Draft, context: Context) -> Change | None:
    """The root element's namespace changed or dropped."""
    if draft.notation != "XML" or not (was := draft.tree.get("xmlns")):
        return None
    now = context.random.choice(("", was + "x", re.sub(r"\d{4}", "1999", was), "http://example.com/doc/"))
    if now in ("", was):
        del draft.tree.attrib["xmlns"]
        return Change((), (), was, "(dropped)")
    draft.tree.set("xmlns", now)
    return Change((), (), was, now)
