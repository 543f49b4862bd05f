"""What a run is made of, through the hooks that put it to work."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from cloudmock_contract.proxy.addon import ContractAddon
from lab.stand_ins.stand_in import Received, StandIn, reply
from support.flows import HEADERS, MakeFlow, MakeSettings, through

TWO_HOURS = timedelta(hours=2)


def refused(ahead: timedelta = TWO_HOURS) -> bytes:
    """AWS's refusal because of the time, with the time that it is there."""
    date = format_datetime(datetime.now(tz=UTC) + ahead, usegmt=True)
    body = b'{"__type":"RequestTimeTooSkewed","message":"too late"}'
    head = f"HTTP/1.1 403 Forbidden\r\nDate: {date}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


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
