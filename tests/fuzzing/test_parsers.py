"""Every parser that eats bytes from the network: whatever they are, it answers, or raises the one error that it says it
raises, in bounded time.
"""

import asyncio
import base64
import json
import re
import shlex
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import strategies as st

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.documents import bodies, conformance, output, resource_names, substitution
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations import paths
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.aws.sdk.catalog import SdkCatalog
from cloudmock_contract.aws.secrets import by_model
from cloudmock_contract.aws.signing import (
    aws_chunked,
    clock_skew,
    forwarded_request,
    post_policy,
    signature_redaction,
    signer,
)
from cloudmock_contract.aws.verification import verify
from cloudmock_contract.aws.wire import authentication, eventstreams, forms, hosts, timestamps, url_rewriting, xml
from cloudmock_contract.aws.wire.url_rewriting import BaseUrl
from cloudmock_contract.comparison.comparison import Comparison
from cloudmock_contract.comparison.rules.yaml_file import rules_of
from cloudmock_contract.errors import AppError
from cloudmock_contract.leftovers import resource_changes
from cloudmock_contract.proxy.access.client_guard import ClientGuard
from cloudmock_contract.proxy.sides import http_client
from cloudmock_contract.reports.formats import cleanup_script, terminal
from cloudmock_contract.reports.formats import json as json_report
from cloudmock_contract.reports.tally.report import Run, Tally
from cloudmock_contract.settings import Settings
from cloudmock_contract.url import Url
from cloudmock_contract.values.authentication import Style, Version
from cloudmock_contract.values.difference import Difference, Kind
from cloudmock_contract.values.http import Failure, Headers, Reply, Request
from cloudmock_contract.values.operation import Operation
from support import hostile
from support.calls import call_for
from support.hostile import fuzzed

KEYS = Credentials("AKIAOURS", "our-secret", "our-token")
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CONTENT_TYPE = "multipart/form-data; boundary=b"
FORM = (
    b'--b\r\nContent-Disposition: form-data; name="policy"\r\n\r\neyJjb25kaXRpb25zIjogW1siZXEiLCAiJGsiLCAiYSJdXX0=\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nbody\r\n--b--\r\n'
)
CHUNKS = (
    b"4;chunk-signature=0\r\nbody\r\n0;chunk-signature=1\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
    b"3\r\nabc\r\n0\r\n\r\n",
)
KINDS = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
TIMES = ("2026-01-01T00:00:00.000Z", "Thu, 01 Jan 2026 00:00:00 GMT", "1767225600", "1.7672256E9")
WIRE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nA: b\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\nConnection: close\r\n\r\n<R/>",
)


@pytest.fixture(scope="session")
def comparison(sdk_catalog: SdkCatalog) -> Callable[[], Comparison]:
    """Makes a comparison by the shipped rules that has learned nothing."""
    rules = rules_of(Settings.from_options({}))
    return lambda: Comparison(rules, sdk_catalog)


@fuzzed(hostile.requests)
def test_authentication(request: Request) -> None:
    """Who signed a request is read from anything."""
    with hostile.bounded():
        assert isinstance(authentication.authentication(request).style, Style)


@fuzzed(hostile.replies, hostile.operations)
def test_bodies(reply: Reply, operation: Operation) -> None:
    """A body that cannot be read has a flaw, and is something else."""
    with hostile.bounded():
        body = bodies.read(reply, operation.protocol)

        assert not body.flaw or body.content is not None or body.notation == "JSON"  # which has a null


@fuzzed(hostile.replies, hostile.replies)
def test_bodies_that_say_the_same(aws: Reply, cloudmock: Reply) -> None:
    """Two bodies are asked whether they say the same, and one always says the same as itself unless none can tell."""
    with hostile.bounded():
        bodies.say_the_same(bodies.read(aws, "json"), bodies.read(cloudmock, "json"))
        bodies.same_but_for(aws.body, cloudmock.body, {"RequestId": "RequestId"})

        assert 0 == sum((bodies.same_but_for(aws.body, aws.body, {"RequestId": "RequestId"}) or {}).values())


@fuzzed(hostile.inputs(*CHUNKS), st.sampled_from(KINDS), st.booleans())
def test_chunked(body: bytes, kind: str, announces: bool) -> None:
    """A body in aws-chunked is decoded to what its chunks hold, or refused."""
    trailer = [("X-Amz-Trailer", "x-amz-checksum-crc32")] if announces else []
    headers = Headers((("X-Amz-Content-SHA256", kind), *trailer))
    with hostile.bounded(), suppress(AppError):
        assert len(aws_chunked.decoded(Request("PUT", "/b/k", headers, body)).body) < len(body)


@fuzzed(hostile.inputs(*CHUNKS), st.sampled_from(KINDS), st.integers(1, 40), st.integers(0, 8))
def test_reframing(body: bytes, kind: str, size: int, length: int) -> None:
    """Of a streamed body in aws-chunked no more bytes go on than were announced, however it is cut up."""
    fields = (("X-Amz-Content-SHA256", kind), ("X-Amz-Decoded-Content-Length", str(length)))
    request = Request("PUT", "/b/k", Headers((*fields, ("X-Amz-Trailer", "x-amz-checksum-crc32"))), b"")
    sent = b""
    with hostile.bounded(), suppress(AppError):
        reframe = aws_chunked.reframing(request)
        for start in range(0, len(body), size if len(body) < 1000 else 1000):
            sent += reframe(body[start : start + (size if len(body) < 1000 else 1000)])
        sent += reframe(b"")

        assert aws_chunked.restated(request).streamed
    if not kind.endswith("-TRAILER"):
        assert len(sent) <= length


@fuzzed(hostile.replies, hostile.operations)
def test_documents(sdk_catalog: SdkCatalog, reply: Reply, operation: Operation) -> None:
    """A reply that is none is a document with a flaw, and says no more of an error than a text."""
    model = sdk_catalog.of(operation.service, operation.action).model
    with hostile.bounded():
        document = output.document(reply, operation.protocol, model)
        assert isinstance(output.error_summary(document), str)
        assert reply.status == document.status


@fuzzed(hostile.inputs(*hostile.BODIES))
def test_eventstreams(body: bytes) -> None:
    """A stream is a list of events, or is broken."""
    with hostile.bounded(), suppress(ValueError):
        assert isinstance(eventstreams.events(body, len), list)


@fuzzed(hostile.texts(CONTENT_TYPE), hostile.inputs(FORM))
def test_forms(content_type: str, body: bytes) -> None:
    """A form's parts are found, as far as it has some."""
    with hostile.bounded():
        for kind in (content_type, CONTENT_TYPE):
            form = forms.parts(kind, body)
            assert sum(len(part.content) for part in form) <= len(body)
            assert set(forms.multipart_fields(kind, body)) <= {part.name.lower() for part in form}


@fuzzed(hostile.texts("a=b&c=%20d"))
def test_parameters(text: str) -> None:
    """A form in a body or a query gives texts by names."""
    with hostile.bounded():
        assert all(isinstance(value, str) for value in forms.parameters(text).values())


@fuzzed(hostile.texts("bucket.s3.eu-west-1.localhost:4577", "123.sqs.localhost", "[::1]:4577"), hostile.requests)
def test_hosts(header: str, request: Request) -> None:
    """A Host header, and the bucket in a request, are read from anything."""
    with hostile.bounded():
        hosts.host(header)
        hosts.is_ambiguous(request)
        bucket, path = hosts.bucket_and_path(request, authentication.authentication(request))

        assert isinstance(bucket, str)
        assert isinstance(path, str)


@fuzzed(hostile.requests)
def test_identification(identifier: Identifier, request: Request) -> None:
    """Every request has a name."""
    with hostile.bounded():
        signed = authentication.authentication(request)
        identifier.services_for(request, signed)
        operation = identifier.identify(request, signed)

        assert operation.service
        assert operation.action


@fuzzed(hostile.inputs(FORM), st.sampled_from((Version.V2, Version.V4)))
def test_policies(body: bytes, version: Version) -> None:
    """A form is signed with our key, or refused."""
    form = forms.parts(CONTENT_TYPE, body)
    with hostile.bounded(), suppress(AppError):
        signed = post_policy.signed_form(form, KEYS, "eu-west-1", version, NOW)
        assert any(KEYS.access_key.encode() in part.content for part in signed)


MAKING = (
    Operation("dynamodb", "CreateTable", "json", "dynamodb", "eu-west-1"),
    Operation("s3", "CreateBucket", "rest-xml", "s3", "eu-west-1", "bucket"),
    Operation("s3", "PutObject", "rest-xml", "s3", "eu-west-1", "bucket"),
    Operation("sqs", "CreateQueue", "json", "sqs", "eu-west-1"),
    Operation("ec2", "CreateVpc", "ec2", "ec2", "eu-west-1"),
    Operation("iam", "CreateUser", "query", "iam", "us-east-1"),
    Operation("lambda", "CreateFunction", "rest-json", "lambda", "eu-west-1"),
)
"""Operations that make something."""

FRAME = ("", "set -u", "export AWS_PAGER=", "failed=0", 'exit "$failed"')
"""Lines of the clean-up script that are no commands of things."""

POLICIES = (b'{"expiration": "2030-01-01T00:00:00Z", "conditions": [{"bucket": "b"}, ["starts-with", "$key", "u/"]]}',)


@fuzzed(hostile.inputs(*POLICIES))
def test_policy_texts(policy: bytes) -> None:
    """A policy in base64 is signed, or refused."""
    form = (forms.field_part("policy", base64.b64encode(policy).decode()),)
    with hostile.bounded(), suppress(AppError):
        post_policy.signed_form(form, KEYS, "eu-west-1", Version.V4, NOW)


@fuzzed(hostile.requests, hostile.operations)
def test_resource_names(sdk_catalog: SdkCatalog, request: Request, operation: Operation) -> None:
    """What a call is about is a set of texts of bounded length."""
    model = sdk_catalog.of(operation.service, operation.action).model
    with hostile.bounded():
        names = resource_names.resource_names(call_for(request, operation), model)
        assert all(3 <= len(name) <= 1024 for name in names)
        assert all(isinstance(text, str) for text in resource_names.texts(request, model))


@fuzzed(st.one_of(hostile.texts(*TIMES), st.floats(), st.integers(), st.none(), st.booleans()))
def test_timestamps(value: object) -> None:
    """A value is a time of this century, or none."""
    with hostile.bounded():
        timestamp = timestamps.timestamp(value)
        assert timestamp is None or 9e8 < timestamp.instant < 4.2e9


@fuzzed(hostile.requests, hostile.operations)
def test_translation(sdk_catalog: SdkCatalog, request: Request, operation: Operation) -> None:
    """A request in which nothing is translated stays as it is; any other is a request of bounded size."""
    model = sdk_catalog.of(operation.service, operation.action).model
    with hostile.bounded():
        assert request == substitution.substituted(request, operation, model, lambda text: text)
        new = substitution.substituted(request, operation, model, lambda text: text.replace("e", "x"))
        assert len(new.body) <= 10 * len(request.body) + 100


@fuzzed(hostile.replies, hostile.requests)
def test_urls(reply: Reply, request: Request) -> None:
    """URLs in replies and requests are rewritten where they are some."""
    origin = BaseUrl("http", "localhost:4577")
    with hostile.bounded():
        url_rewriting.reply_with(reply, ("QueueUrl", "Arn", "a"), origin)
        url_rewriting.request_with(request, ("QueueUrl", "Arn", "a"), "127.0.0.1", origin)


@fuzzed(hostile.inputs(*(body for body in hostile.BODIES if body[:1] == b"<")), hostile.operations)
def test_xml(sdk_catalog: SdkCatalog, text: bytes, operation: Operation) -> None:
    """Bytes are XML without a document type, or none."""
    model = sdk_catalog.of(operation.service, operation.action).model
    with hostile.bounded(), suppress(xml.NotXmlError, RecursionError):
        root = xml.parse(text)
        xml.raw(root)
        if model and model.output_shape and model.output_shape.type_name == "structure":
            assert isinstance(xml.structure(root, model.output_shape), dict)


@fuzzed(hostile.texts("/bucket/key", "/2015-03-31/functions/a%2Fb"), st.sampled_from(("s3", "lambda", "")))
def test_paths(path: str, signing_name: str) -> None:
    """A path is taken apart whatever it is."""
    with hostile.bounded():
        assert isinstance(paths.segments_of(path, signing_name, "bucket")[0], tuple)
        assert all(isinstance(spelling, str) for spelling in paths.other_spellings(path, signing_name))
        assert isinstance(paths.path_template(path), str)


@fuzzed(hostile.requests)
def test_redaction(request: Request) -> None:
    """A request in which a key is found is shown without it, and what is shown needs no more redaction."""
    with hostile.bounded():
        key = authentication.authentication(request).access_key
        shown = signature_redaction.redact_request(request)
        if len(key) > 12:
            assert key not in authentication.authentication(shown).access_key
        assert "" == re.sub(
            "redacted.*", "", authentication.authentication(signature_redaction.redact_request(shown)).access_key
        )


@fuzzed(hostile.requests, st.sampled_from(tuple(Style)), st.booleans())
def test_forwarding(request: Request, style: Style, is_s3: bool) -> None:
    """What is forwarded has our host, one length and no line breaks."""
    with hostile.bounded():
        sent = forwarded_request.without_secrets(
            forwarded_request.forwarded(request, style, "host", is_s3=is_s3), style
        )

        assert ("host",) == sent.headers.values("host")
        assert len(sent.headers.values("content-length")) <= 1
        assert not any(re.search("[\r\n]", value) for _, value in sent.headers.fields)
        assert not re.search("[\\s\x00]", sent.target)


@fuzzed(
    hostile.requests,
    st.sampled_from(("s3", "dynamodb", "sdb", "s3express", "")),
    st.sampled_from((Version.V2, Version.V4, Version.V4A)),
    st.booleans(),
)
def test_signing(request: Request, service: str, version: Version, keep_secrets: bool) -> None:
    """A request is signed, left as nobody's, or refused; without disclosure the app's key is gone from it."""
    target = signer.SigningTarget("host", service, "eu-west-1", NOW, version, keep_secrets=keep_secrets)
    with hostile.bounded(), suppress(AppError):
        clients = authentication.authentication(request)
        signed = signer.sign(request, clients, target, KEYS, bearer_token="test")
        assert ("host",) == signed.headers.values("host")
        if not keep_secrets and len(clients.access_key) > 12:
            assert clients.access_key not in authentication.authentication(signed).access_key


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
)


@fuzzed(VALUES)
def test_conformance(sdk_catalog: SdkCatalog, value: object) -> None:
    """Any value is allowed by a shape, or breaks it in a way that can be said."""
    for operation in hostile.OPERATIONS:
        model: Any = sdk_catalog.of(operation.service, operation.action).model
        output = model.output_shape if model else None
        with hostile.bounded():
            for shape in (output, *(output.members.values() if output is not None else ())):
                for violation in (
                    conformance.violation(shape, value, operation.protocol),
                    conformance.missing_violation(shape, "Name"),
                    conformance.extra_violation(shape, 0),
                ):
                    assert violation is None or violation.reason.isprintable()


@fuzzed(hostile.replies, hostile.texts("Thu, 01 Jan 2026 00:00:00 GMT"))
def test_clock(reply: Reply, date: str) -> None:
    """A refusal says how far AWS's clock is ahead, or does not."""
    refused = replace(
        reply, status=403, headers=reply.headers.adding(("Date", date)), body=reply.body + b"SignatureDoesNotMatch"
    )
    with hostile.bounded():
        ahead = clock_skew.skew(refused, NOW)
        assert ahead is None or abs(ahead) < clock_skew.MAX_SKEW


@fuzzed(hostile.texts("Signature=abc&X-Amz-Security-Token=def AKIAABCDEFGHIJKLMNOP", "x-amz-security-token:abc\n"))
def test_sensitive(text: str) -> None:
    """A text is scrubbed whatever it is, and has no access key id in it then."""
    with hostile.bounded():
        scrubbed = by_model.scrubbed(text)
        assert not re.search(r"\bA(?:KIA|SIA)[A-Z2-7]{16}\b", scrubbed)
        difference = Difference((text, 0), Kind.VALUE, {text: text}, [text])
        shown = by_model.redacted(difference, None).path
        assert shown == difference.path[: len(shown)]


@fuzzed(hostile.replies, st.one_of(hostile.replies, st.just(Failure("none"))), hostile.requests, hostile.operations)
def test_conclusion(
    comparison: Callable[[], Comparison],
    aws: Reply,
    cloudmock: Reply | Failure,
    request: Request,
    operation: Operation,
) -> None:
    """Two hostile replies to a hostile request are an exchange, which every report can show."""
    run = comparison()
    with hostile.bounded():
        call = call_for(request, operation)
        run.note_sent(call)
        exchange = run.compare(call, aws, cloudmock)
        tally = Tally(Run(NOW, "AWS", "http://localhost:4566"))
        tally.add(exchange)
        shown = json.loads(json_report.render(tally.report()))
        line = terminal.render(tally.report())

        assert 1 == shown["total_requests"]
        assert [] == [character for character in line if not character.isprintable() and character != "\n"]
        assert line.encode()


@fuzzed(hostile.replies, hostile.requests, hostile.operations)
def test_conclusion_on_the_same_reply_twice(
    comparison: Callable[[], Comparison], reply: Reply, request: Request, operation: Operation
) -> None:
    """A reply, however hostile, that both sides give is no difference."""
    with hostile.bounded():
        assert comparison().compare(call_for(request, operation), reply, reply).verdict.matched


@fuzzed(hostile.requests, st.booleans())
def test_verification(request: Request, body_is_known: bool) -> None:
    """No hostile request bears a valid signature of a key whose secret nobody has."""
    signed = authentication.authentication(request)
    keys = replace(KEYS, access_key=signed.access_key or KEYS.access_key)
    with hostile.bounded():
        verify.needs_body(request, signed)
        assert verify.violation(request, signed, keys, NOW, body_is_known=body_is_known)


@fuzzed(hostile.requests, st.booleans(), st.booleans())
def test_guard(request: Request, is_open: bool, body_is_known: bool) -> None:
    """Whoever reaches the proxy from elsewhere without a known key is refused, in a sentence that can be shown."""
    guard = ClientGuard.of(Settings.from_options({}), lambda _key: None, is_open=is_open)
    with hostile.bounded():
        denial = guard.denial(call_for(request), NOW, body_is_known=body_is_known)
        assert denial is None or denial.reason.isprintable()
        if is_open and body_is_known and "access-control-request-method" not in request.headers:
            assert denial


@fuzzed(hostile.requests, hostile.replies, st.sampled_from(MAKING))
def test_cleanup(services: Services, request: Request, reply: Reply, operation: Operation) -> None:
    """Whatever a thing is named, the script has it as words of one command of the AWS CLI, or in a comment."""
    with hostile.bounded():
        call = call_for(request, operation, "eu-west-1")
        changes = resource_changes.resource_changes(call, replace(reply, status=200), services)
        report = Tally(Run(NOW, "AWS", "http://localhost:4566")).report()
        report = replace(report, leftovers=changes.created)
        lines = cleanup_script.render(report).split("\n")
        commands = [line for line in lines if not line.startswith("#") and line not in FRAME]

        for words in map(shlex.split, commands):
            assert ["aws", "||", "failed=1"] == [words[0], *words[-2:]]
            assert all(word.isprintable() for word in words)


class _Nowhere(asyncio.Transport):
    """Takes everything, and sends nothing."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._protocol = protocol
        self._closing = False

    def write(self, data: object) -> None:
        pass

    def is_closing(self) -> bool:
        return self._closing

    def abort(self) -> None:
        self.close()

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._protocol.connection_lost(None)


async def _replayed(data: bytes, method: str) -> object:
    async def connect(*_: object, **__: object) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport = _Nowhere(protocol)
        protocol.connection_made(transport)
        reader.feed_data(data)
        reader.feed_eof()
        return reader, asyncio.StreamWriter(transport, protocol, reader, asyncio.get_running_loop())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "open_connection", connect)
        client = http_client.HttpClient(Url("http", "127.0.0.1", 1, ""), 5, "CloudMock")
        try:
            return await client.send(Request(method, "/", Headers((("Host", "h"),)), b""))
        finally:
            await client.close()


@fuzzed(hostile.inputs(*WIRE), st.sampled_from(("GET", "HEAD", "POST")))
def test_replay(data: bytes, method: str) -> None:
    """Whatever CloudMock sends is a reply or a failure, never an exception."""
    with hostile.bounded():
        assert isinstance(asyncio.run(_replayed(data, method)), Reply | Failure)
