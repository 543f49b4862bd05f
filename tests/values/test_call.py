"""The value that travels."""

from datetime import UTC, datetime

import pytest

from cloudmock_contract.values.authentication import Authentication, Style
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.http import Headers, Request


@pytest.mark.parametrize(
    ("headers", "expected"), [(Headers((("Amz-Sdk-Invocation-Id", "a-b"),)), "a-b"), (Headers(), "")]
)
def test_the_attempts_at_a_call_share_an_id(headers: Headers, expected: str) -> None:
    """It is the SDK's own, where there is one."""
    call = Call("1", datetime.now(tz=UTC), Request("GET", "/", headers, b""), Authentication(Style.NONE))

    assert expected == call.invocation_id
