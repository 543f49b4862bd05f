"""The proxy in a thread, between two stand-ins."""

import http.client
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from cloudmock_contract import (
    ContractError,
    ContractProxy,
    Severity,
)
from cloudmock_contract.proxy import exchanges
from lab.stand_ins.stand_in import Connection, Received, StandIn, reply
from support.clients import ACCESS_KEY, SECRET_KEY, TOKEN, client


def raw(proxy: ContractProxy, request: bytes) -> bytes:
    """What comes back for these bytes, until the connection is closed."""
    port = int(proxy.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_both_sides_get_the_request(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """One call of the app reaches AWS and CloudMock once each, with the same target and body."""
    client("dynamodb", proxy.url).list_tables(Limit=3)
    proxy.report()  # CloudMock has been asked by then

    assert 1 == len(aws.received) == len(cloudmock.received)
    assert aws.received[0].target == cloudmock.received[0].target
    assert b'{"Limit": 3}' == aws.received[0].body == cloudmock.received[0].body
    assert "DynamoDB_20120810.ListTables" == cloudmock.received[0].header("x-amz-target")


def test_the_app_gets_aws_answer_byte_for_byte(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """Status line, header spelling, order, duplicates and body come back as AWS sent them."""
    headers = b"X-oNe: 1\r\nx-two:2\r\nX-oNe: 1b\r\nContent-Length: 7\r\nConnection: close\r\n"
    answer = b"HTTP/1.1 299 Very Fine\r\n" + headers + b"\r\n\x00\xff{\r\n}\t"
    aws.answer = lambda *_: answer
    cloudmock.answer = lambda *_: reply(b"other")

    got = raw(proxy, b"GET /bucket/key HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert answer.replace(b"x-two:2", b"x-two: 2") == got


def test_equal_answers_match(proxy: ContractProxy) -> None:
    """Equal replies are a match, and are no mismatch."""
    client("dynamodb", proxy.url).list_tables()
    report = proxy.report()

    assert (1, 1, 0) == (report.total_requests, report.matched, report.mismatched)
    assert () == report.mismatches


def test_a_difference_in_the_body_is_captured(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """A mismatch holds the operation, the path and both values of each difference, and the severity."""
    aws.answer = lambda *_: reply(b'{"TableNames":["a","b"],"Count":1}')
    cloudmock.answer = lambda *_: reply(b'{"TableNames":["a","c"],"Count":"1","Extra":true}')
    client("dynamodb", proxy.url).list_tables()
    (mismatch,) = proxy.report().mismatches

    assert "dynamodb.ListTables" == mismatch.operation.name
    assert Severity.SCHEMA is mismatch.verdict.severity
    assert [
        "Count: type number -> string",
        "Extra: extra key",
        'TableNames[1]: "b" -> "c"',
    ] == [str(difference) for difference in mismatch.verdict.differences]


def test_another_status_is_the_difference(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """Where AWS succeeds and CloudMock fails, the status is what differs, and what CloudMock said is kept."""
    cloudmock.answer = lambda *_: reply(b'{"__type":"x#Nope","message":"no such thing"}', "400 Bad Request")
    client("dynamodb", proxy.url).list_tables()
    (mismatch,) = proxy.report().mismatches

    assert ["status: 200 -> 400"] == [str(difference) for difference in mismatch.verdict.differences]
    assert Severity.STATUS is mismatch.verdict.severity
    assert "Nope: no such thing" == mismatch.cloudmock_error


def test_ignored_paths_do_not_count(aws: StandIn, cloudmock: StandIn) -> None:
    """Differences at ignored paths are forgiven, and the report says by which rule."""
    aws.answer = lambda *_: reply(b'{"a":{"Id":1},"b":2,"c":3}')
    cloudmock.answer = lambda *_: reply(b'{"a":{"Id":9},"b":8,"c":3}')
    with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url, ignore_paths=["Id", "b"]) as proxy:
        client("dynamodb", proxy.url).list_tables()
        report = proxy.report()

    assert 0 == report.mismatched
    assert {"Id": 1, "b": 1} == dict(report.forgiven)


def test_fifty_at_once_lose_none(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """Fifty requests under way at the same time are all answered rightly, and all counted."""
    aws.answer = lambda received, _: reply(b'{"TableNames":[%s]}' % received.body.partition(b'Name": ')[2].rstrip(b"}"))
    cloudmock.answer = aws.answer

    def ask(number: int) -> str:
        name: str = client("dynamodb", proxy.url).list_tables(ExclusiveStartTableName=f"t-{number}")["TableNames"][0]
        return name

    with ThreadPoolExecutor(50) as pool:
        names = list(pool.map(ask, range(50)))
    report = proxy.report()

    assert [f"t-{number}" for number in range(50)] == names
    assert (50, 50) == (report.total_requests, report.matched)
    assert 50 == len(aws.received) == len(cloudmock.received)


def test_totals_by_service_and_operation(proxy: ContractProxy) -> None:
    """The report counts by service and by operation, and the counts add up."""
    dynamodb = client("dynamodb", proxy.url)
    dynamodb.list_tables()
    dynamodb.list_tables()
    client("kms", proxy.url).list_keys()
    report = proxy.report()

    assert {"dynamodb": 2, "kms": 1} == {name: count.total for name, count in report.by_service.items()}
    assert {"dynamodb.ListTables", "kms.ListKeys"} == set(report.by_operation)
    assert {"aws", "cloudmock"} == set(report.latency)


def test_neither_side_gets_the_clients_signature(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """Without credentials of the user's, an endpoint of one's own is signed for as emulators are: test/test."""
    client("dynamodb", proxy.url).list_tables()
    proxy.report()

    assert [1, 1] == [len(aws.received), len(cloudmock.received)]

    for received in (*aws.received, *cloudmock.received):
        authorization = received.header("authorization") or ""
        assert "Credential=test/" in authorization
        assert not any(secret.encode() in received.head for secret in (ACCESS_KEY, SECRET_KEY, TOKEN))


def test_cloudmock_never_gets_the_users_credentials(
    aws: StandIn, cloudmock: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's own key and token sign the request for AWS, and only that."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUSERSKEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-users-secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the-users-token")
    with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url) as proxy:
        client("dynamodb", proxy.url).list_tables()

    assert b"AKIAUSERSKEY" in aws.received[0].head
    assert "the-users-token" == aws.received[0].header("x-amz-security-token")
    for secret in (b"AKIAUSERSKEY", b"the-users-secret", b"the-users-token"):
        assert secret not in cloudmock.received[0].head + cloudmock.received[0].body


def test_the_region_option_wins(aws: StandIn, cloudmock: StandIn) -> None:
    """Both sides are signed for the region of the option, where it is given."""
    with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url, region="eu-central-1") as proxy:
        client("dynamodb", proxy.url, region="us-west-2").list_tables()

    found = ["/eu-central-1/" in (one.header("authorization") or "") for one in aws.received + cloudmock.received]
    assert [True, True] == found


def test_the_requests_own_region_is_kept(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """Without the option, both sides are signed for the region that the client signed for."""
    client("dynamodb", proxy.url, region="us-west-2").list_tables()
    proxy.report()

    found = ["/us-west-2/" in (one.header("authorization") or "") for one in aws.received + cloudmock.received]
    assert [True, True] == found


@pytest.mark.parametrize(
    ("service", "call"),
    [("dynamodb", "list_tables"), ("sts", "get_caller_identity"), ("s3", "list_buckets"), ("lambda", "list_functions"),
     ("ec2", "describe_vpcs"), ("route53", "list_hosted_zones")],
)  # fmt: skip
def test_aws_down_is_an_error_in_the_services_own_protocol(
    proxy: ContractProxy, aws: StandIn, service: str, call: str
) -> None:
    """With AWS out of reach the app's SDK raises a ClientError with code, message and status; the severity is error."""
    aws.stop()
    with pytest.raises(ClientError) as raised:
        getattr(client(service, proxy.url), call)()
    (mismatch,) = proxy.report().mismatches

    assert 502 == raised.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert "AWSUnreachable" == raised.value.response["Error"]["Code"]
    assert "AWS gave no reply" in raised.value.response["Error"]["Message"]
    assert (Severity.ERROR, 0, 200) == (mismatch.verdict.severity, mismatch.aws_status, mismatch.cloudmock_status)


def test_a_connection_goes_on_after_an_error(proxy: ContractProxy, aws: StandIn) -> None:
    """The answer to a request that AWS did not answer leaves the app's connection usable."""

    def once_reset(_request: Received, connection: Connection) -> bytes:
        if len(aws.received) == 1:
            connection.reset()
            return b""
        return reply()

    aws.answer = once_reset
    connection = http.client.HTTPConnection("127.0.0.1", int(proxy.url.rpartition(":")[2]), timeout=60)
    statuses = []
    for _ in range(2):
        connection.request("GET", "/bucket/key")
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()

    assert [502, 200] == statuses


def test_cloudmock_down_does_not_concern_the_app(proxy: ContractProxy, cloudmock: StandIn) -> None:
    """With CloudMock gone the app gets AWS's answers, and the exchanges are errors that say so."""
    dynamodb = client("dynamodb", proxy.url)
    dynamodb.list_tables()
    proxy.report()  # CloudMock has been asked by then
    cloudmock.stop()
    dynamodb.list_tables()
    dynamodb.list_tables()
    report = proxy.report()

    assert (3, 1) == (report.total_requests, report.matched)
    assert {Severity.ERROR} == {one.verdict.severity for one in report.mismatches}
    assert all("CloudMock" in str(one.verdict.differences[0]) for one in report.mismatches)


def test_a_silent_cloudmock_is_given_up(proxy: ContractProxy, cloudmock: StandIn) -> None:
    """A CloudMock that does not answer in time is an error that names the option, after that time."""
    cloudmock.delay = 5
    started = time.monotonic()
    client("dynamodb", proxy.url).list_tables()
    (mismatch,) = proxy.report().mismatches

    assert 2 <= time.monotonic() - started < 4
    assert ["cloudmock: CloudMock gave no reply within 2 s (--timeout)."] == [
        str(difference) for difference in mismatch.verdict.differences
    ]


def test_both_sides_are_asked_at_the_same_time(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """An exchange takes as long as the slower side, not as both together."""
    dynamodb = client("dynamodb", proxy.url)
    dynamodb.list_tables()
    aws.delay = cloudmock.delay = 0.6
    started = time.monotonic()
    dynamodb.list_tables()

    assert 0.6 <= time.monotonic() - started < 1.1


def test_an_app_that_goes_away_is_told_of(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """An exchange whose app hangs up before the answer is counted once, as one that was not compared."""
    aws.delay = 0.5
    with socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2]))) as connection:
        connection.sendall(b"GET /bucket/key HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while not cloudmock.received:
            time.sleep(0.01)
    proxy.stop()
    report = proxy.report()

    assert (0, 1) == (report.total_requests, report.not_compared.total)
    assert "The app closed the connection" in report.not_compared.exchanges[0].not_compared


def test_stopping_waits_for_what_is_under_way(aws: StandIn, cloudmock: StandIn) -> None:
    """Requests whose answers are still to come when the proxy is stopped are answered and counted."""
    aws.delay = cloudmock.delay = 0.7
    with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url) as proxy:
        dynamodb = client("dynamodb", proxy.url)
        asking = threading.Thread(target=dynamodb.list_tables)
        asking.start()
        while not cloudmock.received:
            time.sleep(0.01)
    asking.join()

    assert (1, 1) == (proxy.report().total_requests, proxy.report().matched)


def test_what_does_not_end_is_counted_all_the_same(
    aws: StandIn, cloudmock: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that AWS never answers does not keep the proxy from stopping, and is an error in the report."""
    monkeypatch.setattr("cloudmock_contract.proxy.exchanges.MAX_IDLE_DRAIN_SECONDS", 0.3)
    aws.delay = 30
    with (
        ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url) as proxy,
        socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2]))) as connection,
    ):
        connection.sendall(b"GET /bucket/key HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while not cloudmock.received:
            time.sleep(0.01)
        proxy.stop()
        report = proxy.report()

    assert (1, Severity.ERROR) == (report.total_requests, report.mismatches[0].verdict.severity)


def test_large_replies_are_compared(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """A reply of some megabytes is compared like any other."""
    names = [f"table-{number}" for number in range(100_000)]
    aws.answer = lambda *_: reply(json.dumps({"TableNames": names}).encode())
    cloudmock.answer = lambda *_: reply(json.dumps({"TableNames": [*names[:-1], "x"]}).encode())
    client("dynamodb", proxy.url).list_tables()

    assert ['TableNames[99999]: "table-99999" -> "x"'] == [
        str(difference) for difference in proxy.report().mismatches[0].verdict.differences
    ]


def test_a_request_that_cannot_be_sent_is_answered(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """Broken aws-chunked framing is the app's fault: it is told so in S3's words, and neither side is asked."""
    body = b"zz\r\nnonsense"
    got = raw(
        proxy,
        b"PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body),
    )

    assert got.startswith(b"HTTP/1.1 400 ")
    assert b"<Error><Code>InvalidRequest</Code>" in got
    assert [] == aws.received == cloudmock.received
    assert Severity.ERROR is proxy.report().mismatches[0].verdict.severity


def test_a_chunked_upload_arrives_whole(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """A body that the app sends in HTTP chunks reaches both sides in one piece, with its length."""
    connection = http.client.HTTPConnection("127.0.0.1", int(proxy.url.rpartition(":")[2]), timeout=60)
    connection.request("PUT", "/bucket/key", body=iter([b"one ", b"two"]), encode_chunked=True)
    status = connection.getresponse().status
    connection.close()
    proxy.report()

    assert 200 == status
    assert [b"one two"] * 2 == [received.body for received in aws.received + cloudmock.received]
    assert "transfer-encoding" not in str(aws.received[0].head).lower()


@pytest.mark.parametrize("number", range(3))
def test_an_upload_that_waits_for_100_continue(
    proxy: ContractProxy, aws: StandIn, cloudmock: StandIn, number: int
) -> None:
    """boto3 asks before it sends an object's body; it is let to, and the object arrives."""
    aws.answer = cloudmock.answer = lambda *_: reply(b"")
    body = b"x" * (number * 300_000 + 1)
    client("s3", proxy.url).put_object(Bucket="bucket", Key="key", Body=body)
    proxy.report()

    assert [body] * 2 == [received.body for received in aws.received + cloudmock.received]
    assert aws.received[0].header("expect") is None


def test_the_report_is_written_where_it_is_asked_for(aws: StandIn, cloudmock: StandIn, tmp_path: Path) -> None:
    """With `output` the JSON report is there when the proxy has stopped."""
    path = tmp_path / "report.json"
    with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url, output=str(path)) as proxy:
        client("dynamodb", proxy.url).list_tables()

    assert 1 == json.loads(path.read_text(encoding="utf-8"))["total_requests"]


def test_using_it_unstarted_says_so(aws: StandIn) -> None:
    """URL and report of a proxy that was not started are an error that says what to do."""
    proxy = ContractProxy(aws_endpoint=aws.url)
    with pytest.raises(ContractError, match="with statement"):
        _ = proxy.url
    with pytest.raises(ContractError, match="not started"):
        proxy.report()


PUT = (
    b"PUT /bucket/key HTTP/1.1\r\nHost: %b\r\nContent-Length: %d\r\nAuthorization: AWS4-HMAC-SHA256 "
    b"Credential=A/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00\r\n\r\n"
)


@pytest.mark.parametrize("size", [10, 3_000_000], ids=["held", "streamed"])
@pytest.mark.parametrize(
    ("host", "options"),
    [(b"evil.example", {}), (b"localhost", {"read_only": True}), (b"localhost", {"deny": "s3:Put*"})],
    ids=["guard", "read only", "denied"],
)
def test_what_is_refused_reaches_neither_side(
    aws: StandIn, cloudmock: StandIn, size: int, host: bytes, options: dict[str, str | bool]
) -> None:
    """A call that may not be made is answered with 403, is done nowhere, and counts as not compared."""
    with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url, **options) as proxy:
        got = raw(proxy, PUT % (host, size) + b"x" * size)
        report = proxy.report()

    assert got.startswith(b"HTTP/1.1 403 ")
    assert b"AccessDenied" in got
    assert [] == aws.received == cloudmock.received
    assert (0, 1) == (report.total_requests, report.not_compared.total)
    assert report.not_compared.exchanges[0].not_compared.startswith("Refused: ")


def test_calls_that_are_not_compared_do_not_fail_a_run(aws: StandIn, cloudmock: StandIn) -> None:
    """A denial in an app's SDK is AWS's own exception, and the calls around it are compared as ever."""
    with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url, read_only=True) as proxy:
        dynamodb = client("dynamodb", proxy.url)
        dynamodb.list_tables()
        with pytest.raises(ClientError) as raised:
            dynamodb.delete_table(TableName="table")
        dynamodb.list_tables()
        report = proxy.report()

    assert "AccessDeniedException" == raised.value.response["Error"]["Code"]
    assert (2, 2, 1) == (report.total_requests, report.matched, report.not_compared.total)


def test_what_cloudmock_was_not_asked_is_not_held_against_it(
    aws: StandIn, cloudmock: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end of a run, the call that CloudMock is stuck with is an error, and what waits for it not compared."""
    monkeypatch.setattr(exchanges, "MAX_IDLE_DRAIN_SECONDS", 0.5)
    cloudmock.delay = 3
    with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url, timeout=60, cleanup="") as proxy:
        for _ in range(2):
            client("dynamodb", proxy.url).list_tables()
    report = proxy.report()

    assert 1 == len(cloudmock.received)
    assert ["CloudMock had not replied when the run ended, nor 0.5 s later."] == [
        one.verdict.differences[0].cloudmock for one in report.mismatches
    ]
    assert ["CloudMock was busy with an earlier call when the run ended, and was not asked."] == list(
        report.not_compared.by_reason
    )
