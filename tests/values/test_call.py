"""The value that travels."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cloudmock_contract.values.authentication import Authentication, Style
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.endpoint import Endpoint
from cloudmock_contract.values.http import Headers, Request
from cloudmock_contract.values.operation import UNNAMED, Operation


@pytest.mark.parametrize(
    ("headers", "expected"), [(Headers((("Amz-Sdk-Invocation-Id", "a-b"),)), "a-b"), (Headers(), "")]
)
def test_the_attempts_at_a_call_share_an_id(headers: Headers, expected: str) -> None:
    """It is the SDK's own, where there is one."""
    call = Call("1", datetime.now(tz=UTC), Request("GET", "/", headers, b""), Authentication(Style.NONE))

    assert expected == call.invocation_id


def test_a_copy_differs_in_what_has_become_known() -> None:
    """Each stage adds what it has found out, and leaves the rest; the call that it was given stays as it is."""
    call = Call("1", datetime.now(tz=UTC), Request("GET", "/", Headers(), b""), Authentication(Style.NONE))
    operation = Operation("s3", "ListBuckets", "rest-xml", "s3")
    destination = Endpoint("https", "s3.amazonaws.com", 443, "", "s3", "us-east-1")
    other = Request("PUT", "/b", Headers(), b"")

    assert replace(call, operation=operation, region="eu-west-1") == call.identified(operation, "eu-west-1")
    assert replace(call, destination=destination) == call.addressed(destination)
    assert replace(call, request=other) == call.with_request(other)
    assert (UNNAMED, "", None) == (call.operation, call.region, call.destination)
