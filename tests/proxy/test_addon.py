"""The addon's hooks, called one by one. That they work together is tested in test_session and end to end."""

import asyncio
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from mitmproxy import exceptions, flow, http
from mitmproxy.test import taddons

from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.proxy.access import preflight
from cloudmock_contract.proxy.addon import ContractAddon
from cloudmock_contract.proxy.mitm import flows
from cloudmock_contract.proxy.streams.offload import MIN_OFFLOADED_BYTES
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.difference import Severity
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.operation import Operation
from lab.stand_ins.stand_in import Received, StandIn, reply

type MakeFlow = Callable[..., http.HTTPFlow]
type MakeSettings = Callable[..., Settings]

HEADERS = {
    "Host": "localhost:4577",
    "X-Amz-Target": "DynamoDB_20120810.ListTables",
    "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/dynamodb/aws4_request, Signature=0",
}


@pytest.fixture
def addon(settings: MakeSettings, stand_in: StandIn) -> ContractAddon:
    """An addon with settings of its own, loaded, whose CloudMock is the stand-in."""
    made = ContractAddon(settings(cloudmock=stand_in.url))
    with taddons.context(made):
        return made


async def asked(addon: ContractAddon, made: http.HTTPFlow) -> None:
    await addon.requestheaders(made)
    await addon.request(made)


def test_a_flow_goes_through_all_hooks(addon: ContractAddon, flow: MakeFlow, stand_in: StandIn) -> None:
    """requestheaders and request retarget and sign; response compares, counts, annotates and redacts."""
    made = flow(headers=HEADERS, body=b"{}")

    async def run() -> None:
        await asked(addon, made)
        assert ("127.0.0.1", 9) == (made.request.host, made.request.port)
        assert "Credential=redacted/" in made.request.headers["authorization"]
        made.response = http.Response.make(200, b'{"TableNames":[]}')
        await addon.response(made)
        await addon.done()

    asyncio.run(run())
    (mismatch,) = addon.report().mismatches

    assert ["TableNames: missing key"] == [str(one) for one in mismatch.verdict.differences]
    assert b"{}" == stand_in.received[0].body
    assert ":red_circle:" == made.marked
    assert "Signature=redacted" in made.request.headers["authorization"]


@pytest.mark.parametrize(("size", "is_beside"), [(MIN_OFFLOADED_BYTES - 1, False), (MIN_OFFLOADED_BYTES, True)])
def test_a_large_body_is_made_out_and_signed_beside_the_event_loop(
    addon: ContractAddon, flow: MakeFlow, monkeypatch: pytest.MonkeyPatch, size: int, *, is_beside: bool
) -> None:
    """Hashing and signing it, for AWS and for CloudMock, would hold up every other flow."""
    made = flow(headers=HEADERS, body=b" " * size)
    seen: list[bool] = []

    def watched(work: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            seen.append(threading.current_thread() is not threading.main_thread())
            return work(*arguments, **named)

        return call

    for of, name in (
        (addon._access, "refusal"),
        (addon.reference, "identify"),
        (addon.reference, "signed"),
        (addon._candidate, "copy_of"),
    ):
        monkeypatch.setattr(of, name, watched(getattr(of, name)))

    async def run() -> None:
        await addon.requestheaders(flow(headers=HEADERS))
        seen.clear()
        await addon.request(made)
        made.response = http.Response.make(200, b"{}")
        await addon.response(made)
        await addon.done()

    asyncio.run(run())

    assert [is_beside] * 4 == seen


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_reply_waits_for_its_verdict_where_flows_are_kept(
    addon: ContractAddon, flow: MakeFlow, stand_in: StandIn, *, is_kept: bool
) -> None:
    """Where somebody looks at flows or saves them, they are annotated first; elsewhere the app does not wait."""
    made = flow(headers=HEADERS, body=b"{}")
    addon._keeps_flows = is_kept
    stand_in.delay = 0.2

    async def run() -> tuple[bool, bool]:
        await asked(addon, made)
        made.response = http.Response.make(200, b"{}")
        await addon.response(made)
        at_once = flows.METADATA in made.metadata
        await addon.wait_recorded()
        settled = flows.METADATA in made.metadata
        await addon.done()
        return at_once, settled

    assert (is_kept, True) == asyncio.run(run())


def test_a_flow_is_counted_once(addon: ContractAddon, flow: MakeFlow) -> None:
    """An error that follows a response, or a response that comes twice, changes nothing."""
    made = flow(headers=HEADERS, body=b"{}")

    async def run() -> None:
        await asked(addon, made)
        made.response = http.Response.make(200, b"{}")
        made.error = _error("late")
        await asyncio.gather(addon.response(made), addon.response(made), addon.error(made))
        await addon.error(made)
        await addon.done()

    asyncio.run(run())

    assert 1 == addon.report().total_requests


def test_a_flow_that_another_addon_answered_is_left_alone(
    addon: ContractAddon, flow: MakeFlow, stand_in: StandIn
) -> None:
    """A request that does not go to AWS does not go to CloudMock either, and is not counted."""
    made = flow(headers=HEADERS, status_code=200)

    async def run() -> None:
        await asked(addon, made)
        await addon.response(made)
        await addon.done()

    asyncio.run(run())

    assert [] == stand_in.received
    assert 0 == addon.report().total_requests


def test_an_error_is_answered_in_the_services_protocol(addon: ContractAddon, flow: MakeFlow) -> None:
    """When AWS gave no reply the flow gets one that the app's SDK understands, and counts as an error."""
    made = flow(headers=HEADERS, body=b"{}")

    async def run() -> None:
        await asked(addon, made)
        made.error = _error("connection refused")
        await addon.error(made)
        await addon.done()

    asyncio.run(run())

    assert made.response
    assert (502, "AWSUnreachable") == (made.response.status_code, made.response.json()["__type"])
    assert Severity.ERROR is addon.report().mismatches[0].verdict.severity


def test_what_is_under_way_at_the_end_is_counted(
    addon: ContractAddon, flow: MakeFlow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`done` waits for a while, then counts what has not ended as an error."""
    monkeypatch.setattr("cloudmock_contract.proxy.addon.MAX_IDLE_DRAIN_SECONDS", 0.1)

    async def run() -> None:
        await asked(addon, flow(headers=HEADERS, body=b"{}"))
        await addon.done()

    asyncio.run(run())

    assert "had not" in str(addon.report().mismatches[0].verdict.differences[0])


def test_a_change_of_options_while_running_is_checked() -> None:
    """In mitmweb's option tab a bad value is refused, a good one is in force at once, and the count goes on."""
    addon = ContractAddon()

    async def run() -> None:
        with taddons.context() as context:
            context.options.server = False
            context.master.addons.add(_Proxyserver())
            context.master.addons.add(addon)
            context.options.update(contract_cloudmock="http://localhost:1")
            with pytest.raises(exceptions.OptionsError, match="--cloudmock"):
                context.options.update(contract_cloudmock="nonsense")
            assert "http://localhost:1" == context.options.contract_cloudmock
            addon._recorder.add(_exchange())
            context.options.update(contract_cloudmock="http://localhost:2")

    asyncio.run(run())

    assert ("http://localhost:2", 1) == (addon.report().run.cloudmock, addon.report().total_requests)


def _exchange() -> Exchange:
    operation = Operation("dynamodb", "ListTables", "json", "dynamodb")
    return Exchange("1", datetime.now(tz=UTC), operation, "POST", "/", 200, 200, 0.1, 0.1, "", "", Verdict())


class _Proxyserver:
    """Takes the place of mitmproxy's own, which has options and sockets."""

    name = "proxyserver"
    is_running = True


def _error(message: str) -> flow.Error:
    return flow.Error(message)


def test_a_page_of_the_emulators_own_goes_to_it_alone(addon: ContractAddon, flow: MakeFlow, stand_in: StandIn) -> None:
    """A health check is CloudMock's to answer: AWS does not see it, nothing is replayed, nothing is counted."""
    made = flow("GET", "/_localstack/health?a=1", {"Host": "localhost:4577", "X-A": "1"})

    async def run() -> None:
        await asked(addon, made)
        made.response = http.Response.make(200, b"{}")
        await addon.response(made)
        await addon.done()

    asyncio.run(run())

    assert stand_in.url == f"{made.request.scheme}://{made.request.host}:{made.request.port}"
    assert ("/_localstack/health?a=1", "1") == (made.request.path, made.request.headers["x-a"])
    assert "authorization" not in made.request.headers
    assert [] == stand_in.received
    assert 0 == addon.report().total_requests


TWO_HOURS = timedelta(hours=2)


def refused(ahead: timedelta = TWO_HOURS) -> bytes:
    """AWS's refusal because of the time, with the time that it is there."""
    date = format_datetime(datetime.now(tz=UTC) + ahead, usegmt=True)
    body = b'{"__type":"RequestTimeTooSkewed","message":"too late"}'
    head = f"HTTP/1.1 403 Forbidden\r\nDate: {date}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def through(addon: ContractAddon, made: http.HTTPFlow, aws: StandIn) -> None:
    """The flow's whole way; mitmproxy's part, sending it to AWS, is done by hand."""

    async def run() -> None:
        with taddons.context(addon):
            await asked(addon, made)
            with socket.create_connection(("127.0.0.1", aws.port)) as connection:
                lines = [f"{made.request.method} {made.request.path} HTTP/1.1".encode()]
                lines += [name + b": " + value for name, value in made.request.headers.fields]
                connection.sendall(b"\r\n".join([*lines, b"", b""]) + (made.request.raw_content or b""))
                answer = await asyncio.to_thread(connection.recv, 65536)
            head, _, body = answer.partition(b"\r\n\r\n")
            first, *fields = head.split(b"\r\n")
            pairs = [(name, value.strip()) for name, _, value in (line.partition(b":") for line in fields)]
            made.response = http.Response.make(int(first.split()[1]), body, http.Headers(pairs))
            await addon.response(made)
            await addon.done()

    asyncio.run(run())


def time_of(received: Received) -> datetime:
    return datetime.strptime(received.header("x-amz-date") or "", "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def test_a_request_that_came_too_late_is_sent_once_more(
    settings: MakeSettings, flow: MakeFlow, stand_in: StandIn, aws: StandIn
) -> None:
    """With AWS's time, and only to AWS; the app gets the second answer, and the exchange is counted once."""
    aws.answer = lambda *_: refused() if len(aws.received) == 1 else reply(b'{"TableNames":["again"]}')
    stand_in.answer = lambda *_: reply(b'{"TableNames":["again"]}')
    addon = ContractAddon(settings(cloudmock=stand_in.url, aws_endpoint=aws.url))
    made = flow(headers=HEADERS, body=b"{}")
    through(addon, made, aws)

    assert made.response
    assert (200, b'{"TableNames":["again"]}') == (made.response.status_code, made.response.raw_content)
    assert [b"{}", b"{}"] == [one.body for one in aws.received]
    first, second = map(time_of, aws.received)
    assert timedelta(seconds=5) > abs(second - first - TWO_HOURS)
    assert aws.received[0].header("authorization") != aws.received[1].header("authorization")
    assert 1 == len(stand_in.received)
    assert (1, []) == (addon.report().total_requests, list(addon.report().mismatches))


def test_a_request_is_not_sent_a_third_time(
    settings: MakeSettings, flow: MakeFlow, stand_in: StandIn, aws: StandIn
) -> None:
    """If AWS refuses it by its own time as well, the app gets that refusal."""
    aws.answer = lambda *_: refused(TWO_HOURS * len(aws.received))
    made = flow(headers=HEADERS, body=b"{}")
    through(ContractAddon(settings(cloudmock=stand_in.url, aws_endpoint=aws.url)), made, aws)

    assert made.response
    assert 403 == made.response.status_code
    assert 2 == len(aws.received)


def test_a_second_time_without_an_answer_leaves_the_first(
    settings: MakeSettings, flow: MakeFlow, stand_in: StandIn, aws: StandIn
) -> None:
    """If the connection breaks the second time, the app gets the refusal that came."""
    aws.answer = lambda *_: refused() if len(aws.received) == 1 else b""
    addon = ContractAddon(settings(cloudmock=stand_in.url, aws_endpoint=aws.url))
    made = flow(headers=HEADERS, body=b"{}")
    through(addon, made, aws)

    assert made.response
    assert (403, "RequestTimeTooSkewed") == (made.response.status_code, made.response.json()["__type"])
    assert 1 == addon.report().total_requests


PRESIGNED = (
    "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (PRESIGNED, refused),
        ("/b/k", refused),
        ("", lambda: refused(timedelta())),
        ("", lambda: reply(b"{}", "403 Forbidden")),
    ],
    ids=["presigned", "unsigned", "no skew", "another refusal"],
)
def test_other_refusals_are_the_answer(
    settings: MakeSettings, flow: MakeFlow, stand_in: StandIn, aws: StandIn, path: str, answer: Callable[[], bytes]
) -> None:
    """A presigned URL has the client's date and an unsigned request none: they are sent once, as all others."""
    aws.answer = lambda *_: answer()
    made = flow("GET", path, {"Host": "localhost:4577"}) if path else flow(headers=HEADERS, body=b"{}")
    through(ContractAddon(settings(cloudmock=stand_in.url, aws_endpoint=aws.url)), made, aws)

    assert made.response
    assert 403 == made.response.status_code
    assert 1 == len(aws.received)


SQS = {
    "Host": "localhost:4577",
    "X-Amz-Target": "AmazonSQS.CreateQueue",
    "Content-Type": "application/x-amz-json-1.0",
    "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/sqs/aws4_request, Signature=0",
}


def test_a_queues_url_leads_to_the_proxy(
    settings: MakeSettings, flow: MakeFlow, stand_in: StandIn, aws: StandIn
) -> None:
    """The app gets the proxy's host in QueueUrl and every other byte as AWS sent it; hosts are no difference."""
    aws.answer = lambda *_: reply(
        b'{ "X" : "https://a.example/" ,"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/1/q"}'
    )
    stand_in.answer = lambda *_: reply(b'{"QueueUrl":"http://sqs.localhost:4566/1/q", "X": "https://a.example/"}')
    addon = ContractAddon(settings(cloudmock=stand_in.url, aws_endpoint=aws.url))
    made = flow(headers=SQS, body=b'{"QueueName":"q"}')
    through(addon, made, aws)

    assert made.response
    expected = b'{ "X" : "https://a.example/" ,"QueueUrl":"http://localhost:4577/1/q"}'
    assert (expected, str(len(expected))) == (made.response.raw_content, made.response.headers["content-length"])
    assert [] == list(addon.report().mismatches)


def test_hosts_are_left_alone_where_the_rules_say_so(
    settings: MakeSettings, flow: MakeFlow, stand_in: StandIn, aws: StandIn, tmp_path: Path
) -> None:
    """With `rewrite_hosts: []` the app gets what AWS sent."""
    rules = tmp_path / "rules.yaml"
    rules.write_text("rewrite_hosts: []\n", encoding="utf-8")
    answer = b'{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/1/q"}'
    aws.answer = lambda *_: reply(answer)
    made = flow(headers=SQS, body=b'{"QueueName":"q"}')
    through(ContractAddon(settings(cloudmock=stand_in.url, aws_endpoint=aws.url, config=str(rules))), made, aws)

    assert made.response
    assert answer == made.response.raw_content


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (HEADERS, b'"__type": "NoCredentials"'),
        (
            {
                "Host": "localhost:4577",
                "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/s3/aws4_request, Signature=0",
            },
            b"<Code>NoCredentials</Code>",
        ),
    ],
    ids=["json", "xml"],
)
def test_after_a_failed_check_all_requests_are_refused(
    flow: MakeFlow,
    stand_in: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    headers: dict[str, str],
    expected: bytes,
) -> None:
    """Where the proxy cannot be ended, no request leaves it, and each is told why in its service's protocol."""

    def fail(*_: object) -> None:
        raise ConfigurationError("--expect-account: these credentials are another account's.")

    monkeypatch.setattr(preflight, "check_credentials", fail)
    addon = ContractAddon()
    made = flow(headers=headers, body=b"{}")

    async def run() -> None:
        with taddons.context() as context:
            context.options.server = False
            context.master.addons.add(_Proxyserver())
            context.master.addons.add(addon)
            context.options.update(
                contract_cloudmock=stand_in.url, contract_aws_endpoint="http://127.0.0.1:9", contract_output=""
            )
            addon.running()
            await asked(addon, made)

    asyncio.run(run())

    assert made.response
    assert 400 == made.response.status_code
    assert expected in (made.response.raw_content or b"")
    assert b"--expect-account: these credentials are another account" in (made.response.raw_content or b"")
    assert [] == stand_in.received
    assert 1 == addon.report().total_requests
    assert "--expect-account" in caplog.text


EC2 = {
    "Host": "localhost:4577",
    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
    "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/ec2/aws4_request, Signature=0",
}


def _vpc(identifier: str, name: str) -> bytes:
    root = f'<{name}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>{identifier}</requestId>'
    return reply(f"{root}<vpc><vpcId>vpc-{identifier}</vpcId></vpc></{name}Response>".encode(), content_type="text/xml")


@pytest.mark.parametrize("strict", [False, True])
def test_a_generated_id_is_translated(
    settings: MakeSettings, flow: MakeFlow, stand_in: StandIn, aws: StandIn, *, strict: bool
) -> None:
    """An id that each side made up is no difference, and the app's next request has CloudMock's own; not if strict."""
    aws.answer = lambda *_: _vpc("0a1b2c3d4e5f60718", "CreateVpc")
    stand_in.answer = lambda *_: _vpc("9f8e7d6c5b4a39281", "CreateVpc")
    addon = ContractAddon(settings(cloudmock=stand_in.url, aws_endpoint=aws.url, strict=strict))
    through(addon, flow(headers=EC2, body=b"Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16"), aws)
    delete = b"Action=DeleteVpc&Version=2016-11-15&VpcId=vpc-0a1b2c3d4e5f60718"
    through(addon, flow(headers=EC2, body=delete), aws)

    assert delete == aws.received[1].body
    translated = delete.replace(b"0a1b2c3d4e5f60718", b"9f8e7d6c5b4a39281")
    assert (delete if strict else translated) == stand_in.received[1].body
    assert stand_in.received[1].header("content-length") == str(len(delete))
    assert (0 if not strict else 2) == addon.report().mismatched
    assert "0a1b2c3d4e5f60718" not in str(addon.report().forgiven)


def test_attempts_at_one_call_count_once(
    settings: MakeSettings, flow: MakeFlow, stand_in: StandIn, aws: StandIn
) -> None:
    """AWS fails, the SDK tries again: CloudMock is asked once, and the report has the one exchange that matched."""
    aws.answer = lambda *_: reply(b"{}", "503 Slow Down") if len(aws.received) == 1 else reply(b"{}")
    addon = ContractAddon(settings(cloudmock=stand_in.url, aws_endpoint=aws.url))
    for _ in range(2):
        through(addon, flow(headers={**HEADERS, "amz-sdk-invocation-id": "call-1"}, body=b"{}"), aws)

    assert (2, 1) == (len(aws.received), len(stand_in.received))
    assert (1, 1) == (addon.report().total_requests, addon.report().matched)
