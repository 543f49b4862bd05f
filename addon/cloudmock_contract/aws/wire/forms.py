"""Forms in request bodies: `application/x-www-form-urlencoded` parameters, and the parts of `multipart/form-data`.

Parts are read so that they can be put together again byte for byte, with some of them replaced. This file knows neither
AWS nor what the fields mean.
Sources: https://url.spec.whatwg.org/#application/x-www-form-urlencoded and RFC 7578.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qsl

MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"

MAX_FIELDS_BYTES = 2**20
"""Bytes of a urlencoded form that are looked at: what the query protocol allows."""

MAX_PARTS = 1_000
"""Parts of a form that are looked at."""

_DISPOSITION = re.compile(r"(?im)^content-disposition[ \t]*:(?P<value>[^\r\n]*)")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart form."""

    head: bytes
    """Its header lines, without the empty line that ends them."""
    content: bytes

    @property
    def name(self) -> str:
        """The field's name as it is spelled; empty if the part has none."""
        match = _DISPOSITION.search(self.head.decode("utf-8", "replace"))
        return _parameter(match["value"], "name") if match else ""

    @property
    def is_file(self) -> bool:
        return self.name.lower() == "file"


def is_multipart(content_type: str) -> bool:
    return content_type.lower().startswith(MULTIPART)


def is_urlencoded(content_type: str) -> bool:
    return content_type.lower().startswith(URLENCODED)


def parameters(text: str) -> dict[str, str]:
    """The parameters of a query or of a urlencoded form; of two with one name, the last."""
    return dict(parse_qsl(text, keep_blank_values=True))


def boundary(content_type: str) -> bytes:
    """The boundary that a multipart content type names; empty if it names none."""
    return _parameter(content_type, "boundary").encode("utf-8", "replace")


def _parameter(value: str, name: str) -> str:
    """A parameter of a header such as Content-Type, quoted or not; empty if it is not there."""
    message = Message()
    message["content-type"] = value
    try:
        parameter = message.get_param(name)
    except ValueError:  # a continuation (RFC 2231) whose number is none
        return ""
    return parameter if isinstance(parameter, str) else ""


def parts(content_type: str, body: bytes) -> tuple[Part, ...]:
    """The parts of a multipart form; none where the body is not one."""
    if not (delimiter := boundary(content_type)):
        return ()
    pieces = (b"\r\n" + body).split(b"\r\n--" + delimiter, MAX_PARTS)
    form = []
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            break
        head, empty_line, content = piece.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if empty_line:
            form.append(Part(head, content))
    return tuple(form)


def joined(content_type: str, form: Iterable[Part]) -> bytes:
    """The body of a multipart form with these parts."""
    delimiter = b"--" + boundary(content_type)
    pieces = [delimiter + b"\r\n" + part.head + b"\r\n\r\n" + part.content + b"\r\n" for part in form]
    return b"".join(pieces) + delimiter + b"--\r\n"


def field_part(name: str, value: str) -> Part:
    """A part that is a plain field."""
    return Part(f'Content-Disposition: form-data; name="{name}"'.encode(), value.encode())


def multipart_fields(content_type: str, body: bytes) -> dict[str, str]:
    """The fields before the file, by name in lower case: what follows the file, S3 does not read."""
    return fields_before_file(parts(content_type, body))


def fields_before_file(form: Iterable[Part]) -> dict[str, str]:
    """As `multipart_fields`, of parts."""
    return {
        part.name.lower(): part.content.decode("utf-8", "replace")
        for part in itertools.takewhile(lambda part: not part.is_file, form)
    }
