"""What of a client's request goes on."""

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.signing.forwarded_request import forwarded, normalised_target, without_secrets
from cloudmock_contract.values.authentication import Style
from cloudmock_contract.values.http import Headers, Request, Streamed

_TARGETS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20).map(lambda text: f"/{text}")


def uri_decoded(data: bytes) -> bytes:
    return unquote_to_bytes(data)


@pytest.mark.parametrize(
    ("target", "s3", "other"),
    [
        ("/b/a%2Fb", "/b/a/b", "/b/a%2Fb"),
        ("/b/a%2fb", "/b/a/b", "/b/a%2Fb"),
        ("/b/a b", "/b/a%20b", "/b/a%20b"),
        ("/b/a+b", "/b/a%2Bb", "/b/a%2Bb"),
        ("/b//k", "/b//k", "/b//k"),
        ("/b/../k", "/b/../k", "/b/../k"),
        ("/b/%C3%A9", "/b/%C3%A9", "/b/%C3%A9"),
        ("/arn%3Aaws", "/arn%3Aaws", "/arn%3Aaws"),
        ("/arn:aws", "/arn%3Aaws", "/arn%3Aaws"),
        ("/?acl", "/?acl", "/?acl"),
        ("/?acl=", "/?acl=", "/?acl="),
        ("/?a=b+c", "/?a=b%20c", "/?a=b%20c"),
        ("/?a=b%2bc", "/?a=b%2Bc", "/?a=b%2Bc"),
        ("/?b&a&b", "/?b&a&b", "/?b&a&b"),
        ("/?", "/", "/"),
        ("", "/", "/"),
    ],
)
def test_a_target_has_one_spelling(target: str, s3: str, other: str) -> None:
    """S3 takes an encoded slash for a slash, the others do not; the order of the query stays."""
    assert s3 == normalised_target(target, is_s3=True)
    assert other == normalised_target(target, is_s3=False)


@given(is_s3=st.booleans(), target=_TARGETS | st.text("/.%2Fa?&=+ ", max_size=20).map(lambda text: f"/{text}"))
def test_a_normal_target_stays(*, is_s3: bool, target: str) -> None:
    """What has been normalised once is not changed by doing it again, and means what it meant."""
    once = normalised_target(target, is_s3=is_s3)
    path, _, query = target.partition("?")

    assert once == normalised_target(once, is_s3=is_s3)
    assert uri_decoded(path.encode()) == uri_decoded(once.partition("?")[0].encode())
    assert [uri_decoded(pair.replace("+", " ").encode()) for pair in query.split("&") if pair] == [
        uri_decoded(pair.encode()) for pair in once.partition("?")[2].split("&") if pair
    ]


@pytest.mark.parametrize(
    "target",
    [
        "/b/k?X%2DAmz-Credential=AKIA%2F1%2Fr%2Fs3%2Faws4_request&X%2DAmz-Signature=abc",
        "/b/k?AWSAccessKey%49d=AKIA&Sign%61ture=abc&Expires=1",
    ],
)
def test_an_oddly_spelled_signature_is_taken_out_too(target: str) -> None:
    """A signature in the query is recognised decoded, and taken out however its names are spelled."""
    assert normalised_target(target, is_s3=True, is_presigned=True) == "/b/k"


def test_bytes_that_are_no_utf8_are_signed_as_they_are() -> None:
    """A path with bytes that are not UTF-8 is spelled in percents."""
    assert normalised_target("/b/caf\udce9", is_s3=True) == "/b/caf%E9"


def test_a_folded_header_is_one_line() -> None:
    """A value over several lines goes on in one, as RFC 9112 wants it of who passes it on."""
    folded = Request("GET", "/", Headers((("X-Note", "one\r\n  two"),)), b"")

    assert "one two" == forwarded(folded, Style.NONE, "host", is_s3=False).headers.get("x-note")


SIGNATURE_PART = b'--XX\r\nContent-Disposition: form-data; name="x-amz-signature"\r\n\r\nabc\r\n'
KEY_PART = b'--XX\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--XX--\r\n'


@pytest.mark.parametrize(
    ("content_type", "body", "left"),
    [
        ("application/x-www-form-urlencoded", b"Action=A&AWSAccessKeyId=K&Signature=s&%41=1", b"Action=A&%41=1"),
        ("application/x-www-form-urlencoded", b"Action=A&AWS%41ccessKeyId=K&Signature=s", b"Action=A"),
        (
            "application/x-www-form-urlencoded",
            b"Action=DeleteAccessKey&AccessKeyId=K",
            b"Action=DeleteAccessKey&AccessKeyId=K",
        ),
        ("application/json", b'{"AWSAccessKeyId":"K"}', b'{"AWSAccessKeyId":"K"}'),
        (
            "multipart/form-data; boundary=XX",
            SIGNATURE_PART + KEY_PART,
            KEY_PART,
        ),
    ],
)
def test_a_second_authentication_in_the_body_is_left_out(content_type: str, body: bytes, left: bytes) -> None:
    """Beside a signature in the headers, one among the fields of a form would be shown for nothing."""
    request = Request("POST", "/", Headers((("Content-Type", content_type),)), body)

    assert left == without_secrets(request, Style.HEADER).body


@pytest.mark.parametrize(
    ("fields", "length", "expected"),
    [
        ((("Content-Length", "7"),), 7, (("Content-Length", "7"),)),
        ((), 0, (("Content-Length", "0"),)),
        ((("Content-Length", "999"),), 7, (("Content-Length", "7"),)),
        ((("Transfer-Encoding", "chunked"),), None, (("Transfer-Encoding", "chunked"),)),
        ((("Content-Length", "999"),), None, (("Transfer-Encoding", "chunked"),)),
        ((("Transfer-Encoding", "gzip, chunked"), ("Content-Length", "9")), 7, (("Content-Length", "7"),)),
    ],
)
def test_a_streamed_body_has_one_framing(
    fields: tuple[tuple[str, str], ...], length: int | None, expected: tuple[tuple[str, str], ...]
) -> None:
    """What follows the head is announced once: by its length, or in chunks where nobody knows that yet."""
    request = Request("PUT", "/k", Headers((("Host", "here"), *fields)), b"", Streamed(length))
    sent = forwarded(request, Style.NONE, "there", is_s3=True)

    assert (("Host", "there"), *expected) == sent.headers.fields
    assert Streamed(length) == sent.streamed


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=XX", "application/x-www-form-urlencoded"])
def test_a_body_that_is_not_here_is_no_form(content_type: str) -> None:
    """A streamed object may be of a form's type: its length is not that of a form without fields."""
    request = Request("PUT", "/k", Headers((("Content-Type", content_type),)), b"", Streamed(7))
    sent = without_secrets(forwarded(request, Style.HEADER, "there", is_s3=True), Style.HEADER)

    assert (b"", Streamed(7), ("7",)) == (sent.body, sent.streamed, sent.headers.values("content-length"))
