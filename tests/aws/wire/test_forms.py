"""Forms in request bodies, taken apart and put together again."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.wire import forms
from cloudmock_contract.aws.wire.forms import Part, boundary, field_part, joined, multipart_fields, parameters, parts

TYPE = "multipart/form-data; boundary=mark"


def named(name: str, content: bytes = b"") -> Part:
    return Part(f'Content-Disposition: form-data; name="{name}"'.encode(), content)


@given(st.dictionaries(st.text(), st.text()))
def test_any_parameters_are_read_as_they_were_written(expected: dict[str, str]) -> None:
    """Whatever names and values a urlencoded form has, they come back, empty ones too."""
    assert expected == parameters(urlencode(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("acl", {"acl": ""}),
        ("a=1&a=2", {"a": "2"}),
        ("a=b=c&&d", {"a": "b=c", "d": ""}),
        ("a+b=c%2Bd", {"a b": "c+d"}),
        ("X%2DAmz%2DDate=1", {"X-Amz-Date": "1"}),
    ],
)
def test_parameters_are_decoded(text: str, expected: dict[str, str]) -> None:
    """Names and values are decoded, a plus is a blank, and of a name that stands twice the last counts."""
    assert expected == parameters(text)


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (TYPE, b"mark"),
        ('multipart/form-data; boundary="a b:c"', b"a b:c"),
        ("multipart/form-data;charset=utf-8;BOUNDARY=----x", b"----x"),
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=", b""),
        ("", b""),
    ],
)
def test_a_content_type_names_its_boundary(content_type: str, expected: bytes) -> None:
    """With or without quotes and in any case; none is empty."""
    assert expected == boundary(content_type)


@given(st.text(), st.text(), st.binary())
def test_any_content_type_is_read(kind: str, text: str, body: bytes) -> None:
    """There is no content type on which reading a form breaks."""
    content_type = f"{kind}; boundary{text}"

    assert (parts(content_type, body) == ()) or boundary(content_type) in body


BODY = (
    b"--mark\r\n"
    b'Content-Disposition: form-data; name="Key"\r\n\r\na/${filename}\r\n'
    b"--mark\r\n"
    b'content-disposition: form-data; name="file"; filename="a \\"b\\".txt"\r\n'
    b"Content-Type: text/plain\r\n\r\none\r\n\r\ntwo\r\n\r\n"
    b"--mark\r\n"
    b'Content-Disposition: form-data; name="submit"\r\n\r\n\r\n'
    b"--mark--\r\n"
)


def test_a_form_is_its_parts() -> None:
    """Each part has its head as it stands, its content with all its lines, and a name."""
    form = parts(TYPE, BODY)

    assert ["Key", "file", "submit"] == [part.name for part in form]
    assert [b"a/${filename}", b"one\r\n\r\ntwo\r\n", b""] == [part.content for part in form]
    assert [False, True, False] == [part.is_file for part in form]
    assert form[1].head.endswith(b"\r\nContent-Type: text/plain")
    assert joined(TYPE, form) == BODY


_HEADS = st.lists(
    st.binary(min_size=1).map(lambda line: b"X: " + line.replace(b"\r", b"").replace(b"\n", b"")), min_size=1
)
_PARTS = st.lists(
    st.builds(
        Part,
        _HEADS.map(b"\r\n".join),
        st.binary() | st.text('-\r\nmark:" ', max_size=30).map(str.encode),
    ).filter(lambda part: b"--mark" not in part.content and b"\r\n\r\n" not in part.head)
)  # fmt: skip


@given(_PARTS)
def test_any_form_is_put_together_as_it_was(form: list[Part]) -> None:
    """Taken apart, a form has the parts that it was made of; put together, its bytes."""
    body = joined(TYPE, form)

    assert tuple(form) == parts(TYPE, body)
    assert body == joined(TYPE, parts(TYPE, body))


def test_a_form_with_padding_around_it_is_read() -> None:
    """What stands before the first boundary and after the last is no part, nor are blanks after a boundary."""
    body = (
        b"preamble\r\n" + BODY.replace(b"--mark\r\n", b"--mark \t\r\n") + b"epilogue\r\n--mark\r\nX: y\r\n\r\nno part"
    )

    assert parts(TYPE, BODY) == parts(TYPE, body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", []),
        (b"no form", []),
        (b"--mark", []),
        (b"--mark--", []),
        (b"--mark\r\n", []),
        (b"--mark\r\nA: b\r\ncontent without an empty line\r\n--mark--", []),
        (b"--mark\r\nA: b\r\n\r\nnever ends", [b"never ends"]),
        (b"--mark\nA: b\n\ncontent\n--mark--\n", []),
        (b"x--mark\r\nA: b\r\n\r\ncontent\r\n--mark--", []),
        (b"--mark\r\nA: b\r\n\r\nc--mark--\r\n--mark--\r\n", [b"c--mark--"]),
        (b"--mark\r\nA: b\r\n\r\nc\n--mark--\r\n--mark--\r\n", [b"c\n--mark--"]),
    ],
)
def test_what_is_no_form_has_no_parts(body: bytes, expected: list[bytes]) -> None:
    """Cut off, with other line ends, or without an empty line: what cannot be a part is none."""
    assert expected == [part.content for part in parts(TYPE, body)]


@pytest.mark.parametrize("content_type", ["multipart/form-data", 'multipart/form-data; boundary=""', ""])
def test_a_form_without_a_boundary_has_no_parts(content_type: str) -> None:
    """Without a boundary nothing is taken apart."""
    assert parts(content_type, b"--\r\nA: b\r\n\r\nc\r\n----\r\n") == ()


def test_only_so_many_parts_are_looked_at() -> None:
    """A body of nothing but boundaries costs no more than a form of the usual size."""
    body = b"--mark\r\nA: b\r\n\r\n\r\n" * (3 * forms.MAX_PARTS)

    assert forms.MAX_PARTS == len(parts(TYPE, body))


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'Content-Disposition: form-data; name="Key"', "Key"),
        (b'Content-Disposition: form-data;name="Key"', "Key"),
        (b'CONTENT-DISPOSITION: FORM-DATA; NAME="Key"', "Key"),
        (b'Content-Disposition: form-data; filename="x"; name="Key"', "Key"),
        (b'Content-Disposition: form-data; filename="name"; name="Key"', "Key"),
        (b'Content-Disposition: form-data; filename="a\\"; name=\\"no\\""; name="Key"', "Key"),
        (b'Content-Type: text/plain\r\nContent-Disposition: form-data; name="Key"', "Key"),
        (b'Content-Type: text/plain; name="other"\r\nContent-Disposition: form-data; name="Key"', "Key"),
        (b"Content-Disposition: form-data; name=Key", "Key"),
        ('Content-Disposition: form-data; name="é"'.encode(), "é"),
        (b'Content-Disposition: form-data; name="\xff"', "\ufffd"),
        (b'Content-Disposition: form-data; name=""', ""),
        (b'Content-Disposition: form-data; filename="x"', ""),
        (b"Content-Type: text/plain", ""),
    ],
)
def test_a_part_has_the_name_of_its_disposition(head: bytes, expected: str) -> None:
    """Wherever the name stands in the disposition, and whatever else has one."""
    assert expected == Part(head, b"").name


@pytest.mark.parametrize(("name", "expected"), [("file", True), ("File", True), ("FILE", True), ("files", False)])
def test_a_file_is_the_part_of_that_name(name: str, *, expected: bool) -> None:
    """In any case; with a file name or without."""
    assert expected is named(name).is_file


def test_fields_after_the_file_are_not_read() -> None:
    """S3 reads no field that follows the file; the names are in lower case, and of two alike the last counts."""
    form = [named("KEY", b"first"), named("key", b"a"), named("é", b"\xff"), named("File", b"f"), named("acl", b"x")]

    assert {"key": "a", "é": "\ufffd"} == multipart_fields(TYPE, joined(TYPE, form))


def test_a_field_is_made_as_it_is_read() -> None:
    """A part that is made has the name and the content that it was made with."""
    part = field_part("x-amz-date", "20260131T000000Z")

    assert ("x-amz-date", b"20260131T000000Z") == (part.name, part.content)
    assert (part,) == parts(TYPE, joined(TYPE, [part]))
