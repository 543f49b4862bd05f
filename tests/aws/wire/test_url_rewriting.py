"""The hosts of URLs in bodies: what is changed, and that nothing else is."""

import base64
import gzip
import hashlib
import json
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.wire.url_rewriting import BaseUrl, reply_with, request_with
from cloudmock_contract.values.http import Headers, Reply, Request

PROXY = BaseUrl("http", "localhost:4577")
AWS = BaseUrl("https", "sqs.eu-west-1.amazonaws.com")
NAMES = frozenset(("QueueUrl", "QueueUrls"))
AT_AWS, HERE = "https://sqs.eu-west-1.amazonaws.com/123456789012/q", "http://localhost:4577/123456789012/q"
FORM = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")


def replied(body: bytes, names: frozenset[str] = NAMES, base: BaseUrl = PROXY) -> bytes:
    return reply_with(Reply(200, Headers(), body), names, base).body


def requested(body: bytes, *headers: tuple[str, str], target: str = "/") -> Request:
    request = Request("POST", target, Headers((("Host", "localhost:4577"), *headers)), body)
    return request_with(request, NAMES, "localhost:4577", AWS)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f'{{"QueueUrl":"{AT_AWS}"}}', f'{{"QueueUrl":"{HERE}"}}'),
        (f'{{ "QueueUrl" :\n\t"{AT_AWS}" }}', f'{{ "QueueUrl" :\n\t"{HERE}" }}'),
        (f'{{"A":1,"QueueUrl":"{AT_AWS}","B":null}}', f'{{"A":1,"QueueUrl":"{HERE}","B":null}}'),
        (
            '{"QueueUrl":"https:\\/\\/sqs.eu-west-1.amazonaws.com\\/1\\/q"}',
            '{"QueueUrl":"http:\\/\\/localhost:4577\\/1\\/q"}',
        ),
        ('{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com"}', '{"QueueUrl":"http://localhost:4577"}'),
        ('{"QueueUrl":"HTTPS://SQS.amazonaws.com/1/q"}', '{"QueueUrl":"http://localhost:4577/1/q"}'),
        ('{"QueueUrl":"http://[::1]:9324/1/q"}', '{"QueueUrl":"http://localhost:4577/1/q"}'),
        (f'{{"QueueUrls":["{AT_AWS}-1", "{AT_AWS}-2"]}}', f'{{"QueueUrls":["{HERE}-1", "{HERE}-2"]}}'),
        ('{"QueueUrls":[]}', '{"QueueUrls":[]}'),
        (
            f"<R xmlns='http://x/'><QueueUrl>{AT_AWS}</QueueUrl><QueueUrl>{AT_AWS}2</QueueUrl></R>",
            f"<R xmlns='http://x/'><QueueUrl>{HERE}</QueueUrl><QueueUrl>{HERE}2</QueueUrl></R>",
        ),
        (f"<QueueUrl>\n  {AT_AWS}\n</QueueUrl>", f"<QueueUrl>\n  {HERE}\n</QueueUrl>"),
        (f"<QueueUrl>{AT_AWS}?a=1&amp;b</QueueUrl>", f"<QueueUrl>{HERE}?a=1&amp;b</QueueUrl>"),
    ],
)
def test_the_host_of_a_member_is_changed(body: str, expected: str) -> None:
    """In JSON and XML, alone or in a list, with the slashes as they are spelled, and nothing beside the host."""
    assert expected.encode() == replied(body.encode())


UNTOUCHED = [
    f'{{"MessageBody":"{AT_AWS}"}}',
    f'{{"queueurl":"{AT_AWS}"}}',
    f'{{"MyQueueUrl":"{AT_AWS}"}}',
    f'{{"QueueUrlX":"{AT_AWS}"}}',
    f'{{"Body":"QueueUrl","Other":"{AT_AWS}"}}',
    json.dumps({"MessageBody": json.dumps({"QueueUrl": AT_AWS})}),
    json.dumps({"MessageBody": json.dumps({"MessageBody": json.dumps({"QueueUrl": AT_AWS})})}),
    json.dumps({"MessageBody": f'"QueueUrl":"{AT_AWS}"'}),
    json.dumps({"MessageAttributes": {"QueueUrl": {"DataType": "String", "StringValue": AT_AWS}}}),
    '{"QueueUrl":"arn:aws:sqs:eu-west-1:123456789012:q"}',
    '{"QueueUrl":null}',
    '{"QueueUrl":"a text with https://sqs.eu-west-1.amazonaws.com"}'.replace(" https", "_https"),
    f"<MessageBody>{AT_AWS}</MessageBody>",
    f"<MyQueueUrl>{AT_AWS}</MyQueueUrl>",
    f"<Body>{escape(f'<QueueUrl>{AT_AWS}</QueueUrl>')}</Body>",
    f"<Body>{escape(json.dumps({'QueueUrl': AT_AWS}), {chr(34): '&quot;'})}</Body>",
    f"<QueueUrl/><Other>{AT_AWS}</Other>",
    f"<Tag><Key>QueueUrl</Key><Value>{AT_AWS}</Value></Tag>",
    "",
    "QueueUrl",
    f"QueueUrl: {AT_AWS}",
]


@pytest.mark.parametrize("body", UNTOUCHED)
def test_everything_else_stays(body: str) -> None:
    """A member of another name, a text of the app's with the same words in it, and what is no URL stay as they are."""
    reply = Reply(200, Headers((("Content-Length", str(len(body))),)), body.encode())

    assert reply is reply_with(reply, NAMES, PROXY)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"Messages": [{"Body": f"<QueueUrl>{AT_AWS}</QueueUrl>"}]}),
        f'<Message><Body>{{"QueueUrl":"{AT_AWS}"}}</Body></Message>',
    ],
)
def test_an_apps_text_in_another_format_stays(body: str) -> None:
    """A message that is XML, in a JSON reply, and one that is JSON, in an XML reply whose quotes need no escape."""
    assert body.encode() == replied(body.encode())


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(AT_AWS),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(("MessageBody", "Attributes", "queueUrl", "A")), _VALUES),
    st.booleans(),
    st.sampled_from((None, 1)),
)
def test_in_any_json_the_member_alone_is_changed(others: dict[str, object], is_ascii: bool, indent: int | None) -> None:
    """Whatever else a JSON reply holds, the same bytes come back with one URL changed."""
    body, expected = (
        json.dumps({**others, "QueueUrl": url}, ensure_ascii=is_ascii, indent=indent).encode() for url in (AT_AWS, HERE)
    )

    assert expected == replied(body)


@given(st.lists(st.tuples(st.sampled_from(("Body", "queueUrl", "A")), st.text("a<>&\"' /:é"))))
def test_in_any_xml_the_element_alone_is_changed(others: list[tuple[str, str]]) -> None:
    """Whatever else an XML reply holds, the same bytes come back with one URL changed."""
    before = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in others)
    body = replied(f"<R>{before}<QueueUrl>{AT_AWS}</QueueUrl></R>".encode())

    assert f"<R>{before}<QueueUrl>{HERE}</QueueUrl></R>".encode() == body


@given(st.binary().map(lambda noise: noise.translate(None, b'"\\\\')))
def test_any_body_is_read(noise: bytes) -> None:
    """Bytes that are no text stay what they are, beside a member that is changed."""
    before = b'{"Note":"' + noise + b'",'
    body = before + f'"QueueUrl":"{AT_AWS}"}}'.encode()

    assert before + f'"QueueUrl":"{HERE}"}}'.encode() == replied(body)


@pytest.mark.parametrize("length", [10_000, 200_000])
def test_a_long_body_is_read_in_no_time(length: int) -> None:
    """A body that begins like a member again and again does not hold up the proxy."""
    started = time.monotonic()
    for text in ('"QueueUrl":"', '"QueueUrl":["https://', "<QueueUrl>", '"QueueUrl"' + " " * 50, "https://"):
        replied((text * (length // len(text)) + '"QueueUrl').encode())

    assert time.monotonic() - started < 10


@pytest.mark.parametrize("spelling", ["Content-Length", "content-length"])
def test_the_length_fits(spelling: str) -> None:
    """A changed reply says how long it is, and keeps its other headers, their order and their spelling."""
    body = f'{{"QueueUrl":"{AT_AWS}"}}'.encode()
    fields = (("X-A", "1"), (spelling, str(len(body))), ("x-a", "2"))
    reply = reply_with(Reply(201, Headers(fields), body, 0.5), NAMES, PROXY)

    expected = (("X-A", "1"), (spelling, str(len(reply.body))), ("x-a", "2"))
    assert (201, 0.5, expected) == (reply.status, reply.seconds, reply.headers.fields)
    assert len(body) != len(reply.body)


def test_a_reply_without_a_length_gets_none() -> None:
    """A reply in chunks stays without a Content-Length."""
    reply = reply_with(Reply(200, Headers((("X-A", "1"),)), f'{{"QueueUrl":"{AT_AWS}"}}'.encode()), NAMES, PROXY)

    assert (("X-A", "1"),) == reply.headers.fields
    assert HERE.encode() in reply.body


@pytest.mark.parametrize("coding", ["gzip", "br", "identity"])
def test_a_compressed_reply_stays(coding: str) -> None:
    """A body in a coding is left alone, whatever its bytes look like."""
    body = gzip.compress(AT_AWS.encode()) + f'{{"QueueUrl":"{AT_AWS}"}}'.encode()
    reply = Reply(200, Headers((("content-encoding", coding),)), body)

    assert reply is reply_with(reply, NAMES, PROXY)


def test_without_names_nothing_is_changed() -> None:
    """Where no member is named, request and reply stay the same values."""
    reply = Reply(200, Headers(), f'{{"QueueUrl":"{AT_AWS}"}}'.encode())
    request = Request("POST", "/", Headers(), f'{{"QueueUrl":"{HERE}"}}'.encode())

    assert reply is reply_with(reply, frozenset(), PROXY)
    assert request is request_with(request, frozenset(), "localhost:4577", AWS)


@pytest.mark.parametrize(
    "host", ["", 'a"b', "a<b", "a b", "a/b", "a\\b", "a\nb", "a?b", "a@b", "é", "\udcff", "localhost\n"]
)
def test_a_host_with_odd_characters_is_put_nowhere(host: str) -> None:
    """What an app sends as its Host can break neither JSON nor XML."""
    reply = Reply(200, Headers(), f'{{"QueueUrl":"{AT_AWS}"}}'.encode())

    assert reply is reply_with(reply, NAMES, BaseUrl("http", host))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:4577", "[::1]:4577", "proxy.test_net:1"])
def test_a_host_is_put_as_it_is(host: str) -> None:
    """Names and addresses, with a port or without."""
    expected = f'{{"QueueUrl":"http://{host}/123456789012/q"}}'.encode()

    assert expected == replied(f'{{"QueueUrl":"{AT_AWS}"}}'.encode(), base=BaseUrl("http", host))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (HERE, AT_AWS),
        ("http://LOCALHOST:4577/1/q", "https://sqs.eu-west-1.amazonaws.com/1/q"),
        ("http://localhost:4578/1/q", "http://localhost:4578/1/q"),
        ("http://localhost/1/q", "http://localhost/1/q"),
        ("http://localhost:4577.example/1/q", "http://localhost:4577.example/1/q"),
        ("https://sqs.us-east-1.amazonaws.com/1/q", "https://sqs.us-east-1.amazonaws.com/1/q"),
        ("q", "q"),
        ("", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("notation", ["json", "xml", "form", "query"])
def test_a_request_has_the_proxys_host_turned_back(notation: str, url: str, expected: str) -> None:
    """Where the host is the proxy's own, in any case; another host is the app's own business."""
    texts: dict[str, Callable[[str], tuple[str, bytes, tuple[tuple[str, str], ...]]]] = {
        "json": lambda queue_url: ("/", json.dumps({"QueueUrl": queue_url, "MessageBody": HERE}).encode(), ()),
        "xml": lambda queue_url: ("/", f"<QueueUrl>{queue_url}</QueueUrl><Body>{HERE}</Body>".encode(), ()),
        "form": lambda queue_url: ("/", urlencode({"MessageBody": HERE, "QueueUrl": queue_url}).encode(), (FORM,)),
        "query": lambda queue_url: (f"/?{urlencode({'QueueUrl': queue_url, 'MessageBody': HERE})}", b"", ()),
    }
    (target, body, headers), (expected_target, expected_body, _) = texts[notation](url), texts[notation](expected)
    actual = requested(body, *headers, target=target)

    assert (expected_target, expected_body) == (actual.target, actual.body)


def test_a_form_keeps_its_other_pairs_byte_for_byte() -> None:
    """Spellings, order, doubled names and empty pairs beside the member stay as they came."""
    others = (
        "Action=SendMessage&MessageBody=a+b%20c%2f%C3%A9%zz&&x&MessageBody=QueueUrl%3Dhttp%3A%2F%2Flocalhost%3A4577"
    )
    request = requested(f"{others}&QueueUrl=http%3A%2F%2Flocalhost%3A4577%2F1%2Fq&Version=2012-11-05".encode(), FORM)

    assert others.encode() in request.body
    assert [f"https://{AWS.host}/1/q"] == parse_qs(request.body.decode(errors="replace"))["QueueUrl"]
    assert request.body.endswith(b"&Version=2012-11-05")


def test_a_requests_length_fits() -> None:
    """A changed request says how long it is; its method and its other headers stay."""
    body = f'{{"QueueUrl":"{HERE}"}}'.encode()
    request = requested(body, ("Content-Length", str(len(body))), ("Authorization", "x"))

    expected = (("Host", "localhost:4577"), ("Content-Length", str(len(request.body))), ("Authorization", "x"))
    assert ("POST", expected) == (request.method, request.headers.fields)


@pytest.mark.parametrize("stated", ["", "UNSIGNED-PAYLOAD", "00" * 32])
def test_a_requests_hash_fits_if_it_did(stated: str) -> None:
    """A hash of the body becomes that of the changed one; a wrong one, or none, is AWS's to judge."""
    body = f'{{"QueueUrl":"{HERE}"}}'.encode()
    hashed = requested(body, ("X-Amz-Content-SHA256", hashlib.sha256(body).hexdigest()))
    unhashed = requested(body, ("X-Amz-Content-SHA256", stated))

    assert hashlib.sha256(hashed.body).hexdigest() == hashed.headers.get("x-amz-content-sha256")
    assert stated == unhashed.headers.get("x-amz-content-sha256")


def test_a_requests_checksums_fit_if_they_did() -> None:
    """A checksum of the body becomes that of the changed one."""
    body = f'{{"QueueUrl":"{HERE}"}}'.encode()
    request = requested(body, ("Content-MD5", _md5(body)))

    assert body != request.body
    assert _md5(request.body) == request.headers.get("content-md5")


def _md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


@pytest.mark.parametrize("body", [text for text in UNTOUCHED if "QueueUrl" in text])
def test_an_apps_text_in_a_request_stays(body: str) -> None:
    """What a reply keeps, a request keeps as well."""
    text = body.replace("https://sqs.eu-west-1.amazonaws.com", "http://localhost:4577").encode()

    assert text == requested(text, ("Content-Type", "application/x-amz-json-1.0")).body


@given(st.dictionaries(st.sampled_from(("QueueName", "MessageBody", "DelaySeconds", "QueueUrl")), st.text()))
def test_any_form_means_what_it_meant(parameters: dict[str, str]) -> None:
    """A form in which no URL is the proxy's asks the same thing."""
    request = requested(urlencode(parameters).encode(), FORM)

    assert parse_qs(urlencode(parameters), keep_blank_values=True) == parse_qs(
        request.body.decode(), keep_blank_values=True
    )


@given(st.sampled_from(("q", "a-b_c", "q.fifo")), st.sampled_from(("localhost:4577", "127.0.0.1:1", "[::1]:80")))
def test_there_and_back_is_the_same(name: str, host: str) -> None:
    """A URL that the app got is, when the app sends it, what AWS said."""
    body = json.dumps({"QueueUrl": f"https://{AWS.host}/1/{name}"}).encode()
    given_to_app = replied(body, base=BaseUrl("http", host))
    request = Request("POST", "/", Headers((("Host", host),)), given_to_app)

    assert body != given_to_app
    assert body == request_with(request, NAMES, host, AWS).body
