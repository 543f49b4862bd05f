"""Which of several operations a request means that its path or target alone leaves open."""

import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.disambiguation import MAX_BODY_BYTES, choose_operation
from cloudmock_contract.values.http import Headers, Request

STREAMS = [("dynamodb", "ListStreams"), ("dynamodbstreams", "ListStreams")]


def http_request(target: str = "/", *fields: tuple[str, str], body: bytes = b"") -> Request:
    return Request("POST", target, Headers(fields), body)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("aws-sdk-js/3.600.0 ua/2.0 os/linux#6.1.0 lang/js md/nodejs#20.11.0 api/dynamodb-streams#3.600.0", 1),
        ("aws-sdk-java/2.29.20 md/io#sync ua/2.1 api/DynamoDB_Streams#2.29.x os/Linux#6.1.0", 1),
        ("aws-sdk-go-v2/1.30.0 os/linux lang/go#1.22 md/GOOS#linux api/dynamodbstreams#1.22.0", 1),
        ("api/dynamodb-streams", 1),
        ("aws-sdk-js/3.600.0 api/dynamodb#3.600.0", 0),
        ("aws-sdk-js/3.600.0 api/s3#3.600.0", 0),
        ("aws-sdk-js/3.600.0 api/unheard-of#1 api/dynamodb-streams#1", 1),
        ("my-api/dynamodb-streams#1", 0),
        ("api/", 0),
        ("Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1 os/linux", 0),
        ("", 0),
    ],
)
@pytest.mark.parametrize("header", ["User-Agent", "X-Amz-User-Agent"])
def test_the_client_says_what_it_was_made_for(services: Services, header: str, agent: str, expected: int) -> None:
    """The service id that an SDK puts into one of its agent headers decides, in any spelling."""
    assert expected == choose_operation(STREAMS, http_request("/", (header, agent)), services)


def test_the_hint_is_surer_than_anything_else(services: Services) -> None:
    """A client's own word outweighs what its body looks like."""
    candidates = [("timestream-query", "TagResource"), ("dynamodb", "TagResource")]
    body = json.dumps({"ResourceARN": "arn:aws:timestream:eu-west-1:123456789012:database/d", "Tags": []}).encode()
    agent = "aws-sdk-js/3.600.0 api/dynamodb#3.600.0"

    assert 0 == choose_operation(candidates, http_request(body=body), services)
    assert 1 == choose_operation(candidates, http_request("/", ("User-Agent", agent), body=body), services)


BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/x/1"


@pytest.mark.parametrize(
    ("incoming", "expected"),
    [
        (http_request(f"/tags/{BALANCER}"), 1),
        (http_request("/tags/" + quote(BALANCER, "")), 1),
        (http_request(f"/tags?resource={BALANCER}"), 1),
        (http_request(body=f'{{"Resource":"{BALANCER}"}}'.encode()), 1),
        (http_request(body=b"\xff" + BALANCER.encode()), 1),
        (http_request(body=b" " * MAX_BODY_BYTES + BALANCER.encode()), 0),
        (http_request("/tags/arn:aws-cn:rds:cn-north-1:123456789012:cluster:c"), 0),
        (http_request("/tags/arn:aws:elasticloadbalancing"), 0),
        (http_request("/tags/loadbalancer"), 0),
    ],
)
def test_a_resource_says_whose_it_is(services: Services, incoming: Request, expected: int) -> None:
    """The type in an ARN, encoded or not, in path or body, is known to one service more than to the other."""
    assert expected == choose_operation([("rds", "Undecided"), ("elbv2", "Undecided")], incoming, services)


@pytest.mark.parametrize(
    ("candidates", "body", "expected"),
    [
        ([("sqs", "SendMessage"), ("sqs", "ReceiveMessage")], {"QueueUrl": "q", "MaxNumberOfMessages": 1}, 1),
        ([("sqs", "ReceiveMessage"), ("sqs", "SendMessage")], {"QueueUrl": "q", "MessageBody": "b"}, 1),
        ([("sqs", "SendMessage"), ("sqs", "ListQueues")], {}, 1),
        ([("sqs", "SendMessage"), ("sqs", "ListQueues")], {"QueueNamePrefix": "a"}, 1),
        ([("lambda", "CreateFunction"), ("lambda", "CreateAlias")], {"Name": "a", "FunctionVersion": "1"}, 1),
        ([("sqs", "NoSuch"), ("sqs", "SendMessage")], {"QueueUrl": "q", "MessageBody": "b"}, 1),
        ([("made-up", "Do"), ("sqs", "SendMessage")], {"QueueUrl": "q", "MessageBody": "b"}, 1),
    ],
)
def test_a_body_says_which_operation_it_is_for(
    services: Services, candidates: list[tuple[str, str]], body: dict[str, object], expected: int
) -> None:
    """The operation is meant that lacks the fewest of its required members and has a place for the most others."""
    assert expected == choose_operation(candidates, http_request(body=json.dumps(body).encode()), services)


@pytest.mark.parametrize(
    "body",
    [
        b"not JSON",
        b"[]",
        b"1",
        b"null",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"QueueNamePrefix": "a"}' + b" " * MAX_BODY_BYTES,
    ],
    ids=lambda body: repr(body[:8]),
)
def test_a_body_that_is_no_object_says_nothing(services: Services, body: bytes) -> None:
    """What is no JSON object, or too much to look at, leaves the first candidate."""
    candidates = [("sqs", "SendMessage"), ("sqs", "ListQueues")]

    assert 0 == choose_operation(candidates, http_request(body=body), services)
    assert 0 == choose_operation(candidates[::-1], http_request(body=body), services)


def test_one_candidate_needs_no_reasons(services: Services) -> None:
    """The only candidate is the answer, even if no model knows it."""
    assert 0 == choose_operation(
        [("made-up", "Do")], http_request("/", ("User-Agent", "api/sqs#1"), body=b"{"), services
    )


@pytest.mark.parametrize("candidates", [STREAMS, STREAMS[::-1]])
def test_the_first_one_is_the_answer_where_nothing_speaks(
    services: Services, candidates: list[tuple[str, str]]
) -> None:
    """A request that says nothing more means the likeliest, which comes first."""
    assert 0 == choose_operation(candidates, http_request(), services)


@given(
    agent=st.text() | st.text("api/#dynmo-s3_ ").map("api/".__add__),
    body=st.binary() | st.dictionaries(st.text(), st.none()).map(lambda members: json.dumps(members).encode()),
    target=st.text("/arn:aws%3A:x-1234ABC[](|.*+?\\"),
)
def test_any_request_has_a_preference(services: Services, agent: str, body: bytes, target: str) -> None:
    """Whatever a request holds, one of the candidates is preferred, and always the same one."""
    request = http_request(target, ("User-Agent", agent), body=body)
    choice = choose_operation(STREAMS, request, services)

    assert choice in (0, 1)
    assert choice == choose_operation(STREAMS, request, services)


def test_a_hostile_body_costs_no_time(services: Services) -> None:
    """A body full of what looks like ARNs is looked at in reasonable time."""
    body = b"".join(b"arn:aws:x:y:1:t%d/" % number for number in range(20_000))
    begun = time.perf_counter()
    choose_operation(STREAMS, http_request(body=body), services)

    assert time.perf_counter() - begun < 5
