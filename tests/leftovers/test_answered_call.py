"""Calls that AWS has answered."""

from collections.abc import Callable

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.leftovers.answered_call import MAX_REPLY_BYTES, AnsweredCall, answered_call
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.exchange import Resource
from cloudmock_contract.values.http import Headers, Reply


@pytest.fixture
def answer(call: Callable[..., Call], services: Services) -> Callable[..., AnsweredCall | None]:
    """A call with a reply of this body: `answer("sqs", "create_queue", b"{}", QueueName="q")`."""

    def make(service: str, method: str, body: bytes, /, **parameters: object) -> AnsweredCall | None:
        unanswered = call(service, method, **parameters)
        model = services.operation_model(unanswered.operation.service, unanswered.operation.action)
        assert model
        return answered_call(unanswered, Reply(200, Headers(), body), model)

    return make


def test_both_messages_are_read(answer: Callable[..., AnsweredCall | None]) -> None:
    """The members of the request and of the reply, each beside its shape, and the operation's name."""
    answered = answer("sqs", "create_queue", b'{"QueueUrl": "https://q/1"}', QueueName="q")
    assert answered

    request, reply = answered.messages
    assert ({"QueueName": "q"}, "CreateQueueRequest") == (request[0], request[1].name)
    assert ({"QueueUrl": "https://q/1"}, "CreateQueueResult") == (reply[0], reply[1].name)
    assert "sqs.CreateQueue" == answered.operation_name
    assert ({"QueueName": "q"}, {}) == (answered.without_reply().request, answered.without_reply().reply)


@pytest.mark.parametrize("bucket", ["b", "with.dots"])
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_a_bucket_in_the_host_is_the_bucket(
    answer: Callable[..., AnsweredCall | None], bucket: str, style: str
) -> None:
    """An object is the same one, whichever style the client has for its bucket."""
    answered = answer(
        "s3", "put_object", b"", via={"url": None, "s3": {"addressing_style": style}}, Bucket=bucket, Key=f"{bucket}/k"
    )
    assert answered

    assert (bucket, f"{bucket}/k") == (answered.request["Bucket"], answered.request["Key"])


def test_a_reply_may_turn_out_to_be_an_error(answer: Callable[..., AnsweredCall | None]) -> None:
    """S3 ends a copy that failed after the reply had begun with an error of status 200."""
    error = b"<Error><Code>InternalError</Code></Error>"

    assert answer("s3", "copy_object", error, Bucket="b", Key="k", CopySource="o/k") is None


def test_a_large_reply_is_not_read(answer: Callable[..., AnsweredCall | None]) -> None:
    """What a hostile reply holds beyond the bound costs no time."""
    answered = answer("sqs", "create_queue", b'{"QueueUrl": "x"}' + b" " * MAX_REPLY_BYTES, QueueName="q")
    assert answered

    assert ({"QueueName": "q"}, {}) == (answered.request, answered.reply)


def test_a_resource_is_where_the_call_went(answer: Callable[..., AnsweredCall | None]) -> None:
    """Of the call's service and region, its parameters sorted."""
    answered = answer("sqs", "create_queue", b"{}", QueueName="q")
    assert answered

    assert Resource("sqs", "eu-west-1", "Delete", (("a", "1"), ("b", "2"))) == answered.resource(
        "Delete", {"b": "2", "a": "1"}
    )
