"""Bytes as an attacker sends them: arbitrary ones, valid ones with a few changes, and one piece many times over.

Strategies for hypothesis, how many inputs a parser gets, and the time within which it has to be done with each. Knows
notations, no parser.
"""

import json
import os
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from struct import pack

import cbor2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudmock_contract.values.http import Headers, Reply, Request
from cloudmock_contract.values.operation import Operation
from lab.secrecy.attempts import attempts

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
"""Inputs for each parser: a few in every run of the tests, more with scripts/measure fuzz."""

MAX_SECONDS = 3.0
"""Of processor time, for any input of these strategies."""

MAX_REPEATED_BYTES = 32_768
"""Bytes that a repeated piece adds up to."""

PIECES = (
    *(b"%", b"%ZZ", b"%2", b"%00", b"%C3%28", b"%25%32%35", b"+", b"&", b"=", b";", b":", b"/", b"//", b"/../", b"?"),
    *(b"{", b"}", b"[", b"]", b'"', b"\\", b"\\u", b"\\ud800", b",", b"null", b"NaN", b"1e999", b"-", b"9" * 5000),
    *(b"<", b">", b"</", b"<a>", b"]]>", b"<!DOCTYPE a [", b"<!--", b"<?xml", b"&#0;", b"&amp;", b"xmlns:a='b' "),
    *(b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r\n", b"\n", b"\r", b" ", b"\t"),
    *(b"\x1b[2J", b"\xe2\x80\xae", b"\x9f", b"\xbf", b"\x5f", b"\xfb\x7f\xf0" + bytes(6), b"\xc2\x58\x20", b"\xd8\x1c"),
    *(
        b"Credential=",
        b"AWS4-HMAC-SHA256 ",
        b"Signature=",
        b"aws4_request",
        b"X-Amz-",
        b"--b",
        b"--b--",
        b"name=",
        b"#",
    ),
    *(b"chunk-signature=", b"STREAMING-", b"arn:aws:", b"vpc-0123456789abcdef0", b"2026-01-01T00:00:00Z", b"Mon, 01"),
    *(b"http://127.0.0.1/", b"[::1]", b"a.", b"s3.", b".localhost", b"Action", b".member.1", b"key", b"e", b"0" * 20),
)
"""Pieces that mean something to one parser or another."""

REQUESTS = tuple(dict.fromkeys(attempt.request for attempt in attempts()))
"""Valid requests in every notation and with every kind of authentication, and some that are not valid, as they come."""

OPERATIONS = (
    Operation("dynamodb", "ListTables", "json", "dynamodb", "eu-west-1"),
    Operation("secretsmanager", "GetSecretValue", "json", "secretsmanager", "eu-west-1"),
    Operation("iam", "CreateAccessKey", "query", "iam", "us-east-1"),
    Operation("ec2", "DescribeVpcs", "ec2", "ec2", "eu-west-1"),
    Operation("s3", "ListObjectsV2", "rest-xml", "s3", "eu-west-1", "bucket"),
    Operation("s3", "GetObject", "rest-xml", "s3", "eu-west-1", "bucket"),
    Operation("lambda", "GetFunction", "rest-json", "lambda", "eu-west-1"),
    Operation("cloudwatch", "DescribeAlarms", "smithy-rpc-v2-cbor", "monitoring", "eu-west-1"),
    Operation("kinesis", "SubscribeToShard", "json", "kinesis", "eu-west-1"),
    Operation("nobody", "GET /knows", "", "nobody", "eu-west-1"),
)
"""One or more of each protocol."""


def _event(payload: bytes) -> bytes:
    headers = b"\x0b:event-type\x07\x00\x01A\x0d:content-type\x07\x00\x10application/json"
    prelude = pack("!II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + pack("!I", zlib.crc32(prelude)) + headers + payload
    return message + pack("!I", zlib.crc32(message))


BODIES = (
    json.dumps({"TableNames": ["a"], "CreationDateTime": 1.7e9, "Arn": "arn:aws:a:b:c:d", "a": [1, None]}).encode(),
    b'{"__type": "com.amazon#NotFound", "message": "no", "Error": {"Code": "X"}}',
    b"<R xmlns='u'><vpcSet><item><vpcId>vpc-0123456789abcdef0</vpcId></item></vpcSet><Name>a&amp;b</Name></R>",
    b"<ErrorResponse><Error><Code>C</Code><Message>M</Message></Error><RequestId>1</RequestId></ErrorResponse>",
    b"<ListBucketResult><Contents><Key>a</Key><Size>1</Size></Contents><KeyCount>1</KeyCount></ListBucketResult>",
    cbor2.dumps({"MetricAlarms": [{"AlarmName": "a", "Threshold": 1.5}], "NextToken": b"bytes"}),
    _event(b'{"a": [1]}') + _event(b"text"),
    zlib.compress(b'{"a": 1}' * 100),
)
"""Valid bodies of replies in every notation."""


@st.composite
def changed(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """A valid input with one to four changes."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        stop = min(len(data), start + draw(st.sampled_from((0, 1, 2, 8, 64))))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4), st.just(data[start:stop] * 2)))
        data = data[:start] + piece + data[stop:]
    return data


@st.composite
def repeated(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One or two pieces many times over, alone or in the middle of a valid input."""
    unit = b"".join(draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=2)))
    many = unit * draw(st.sampled_from((2, 100, 1000, MAX_REPEATED_BYTES)))
    data = draw(st.sampled_from((b"", *seeds)))
    at = draw(st.integers(0, len(data)))
    return data[:at] + many[:MAX_REPEATED_BYTES] + data[at:]


def inputs(*seeds: bytes) -> st.SearchStrategy[bytes]:
    """Hostile bytes for a parser to which these are valid."""
    return st.one_of(st.binary(max_size=200), changed(seeds), repeated(seeds))


def texts(*seeds: str) -> st.SearchStrategy[str]:
    """The same as text, with bytes that are not UTF-8 as surrogates, as `Request` and `Headers` have them."""
    return inputs(*(seed.encode() for seed in seeds)).map(lambda data: data.decode("utf-8", "surrogateescape"))


def _request(raw: bytes) -> Request:
    """What mitmproxy would make of the bytes, were it less strict."""
    head, _, body = raw.partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    method, _, rest = line.partition(b" ")
    fields = [
        (name, value.strip()) for name, colon, value in (line_read.partition(b":") for line_read in lines) if colon
    ]
    target = rest.rpartition(b" ")[0] or rest
    return Request(
        method.decode("utf-8", "surrogateescape"),
        target.decode("utf-8", "surrogateescape"),
        Headers.from_bytes(fields),
        body,
    )


requests = inputs(*REQUESTS).map(_request)
"""Hostile requests."""

_FIELDS = st.sampled_from(
    (
        *((b"content-type", value) for value in (b"application/json", b"text/xml", b"application/cbor", b"\xff")),
        (b"content-type", b"application/vnd.amazon.eventstream"),
        *((b"content-encoding", value) for value in (b"gzip", b"deflate")),
        *((b"x-amzn-errortype", value) for value in (b"A:http://b", b"\xff", b"")),
        (b"etag", b'"0123456789abcdef"'),
        (b"last-modified", b"Thu, 99 Foo 9999 99:99:99 GMT"),
        (b"date", b"Thu, 01 Jan 9999 99:99:99 +9999"),
        (b"content-length", b"9" * 30),
        (b"x-amz-meta-a", b"\xed\xa0\x80"),
    )
)

replies = st.builds(
    Reply,
    st.sampled_from((200, 204, 301, 400, 403, 404, 500, 599)),
    st.lists(_FIELDS, max_size=3).map(Headers.from_bytes),
    inputs(*BODIES),
)
"""Hostile replies."""

operations = st.sampled_from(OPERATIONS)


@contextmanager
def bounded() -> Iterator[None]:
    """Fails if what is in it takes too much of the processor, however busy that is."""
    started = time.thread_time()
    yield
    assert time.thread_time() - started < MAX_SECONDS


def fuzzed[**P](*inputs: st.SearchStrategy[object]) -> Callable[[Callable[P, None]], Callable[..., None]]:
    """Makes a property of a test: it holds for these inputs, its last parameters."""
    budget = settings(
        max_examples=EXAMPLES,
        derandomize="FUZZ_EXAMPLES" not in os.environ,  # the tests are the same every time; scripts/measure fuzz is not
        deadline=None,  # wall-clock time says little on a busy machine: see `bounded`
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )

    def decorate(test: Callable[P, None]) -> Callable[..., None]:
        return budget(given(*inputs)(test))

    return decorate
