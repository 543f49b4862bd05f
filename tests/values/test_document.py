"""What a document says of itself."""

import pytest

from cloudmock_contract.values.document import Document


@pytest.mark.parametrize(
    ("status", "expected"), [(200, False), (204, False), (299, False), (300, True), (304, True), (404, True)]
)
def test_a_reply_outside_2xx_is_an_error(status: int, *, expected: bool) -> None:
    """All that is not success is an error reply, redirects among it."""
    assert expected is Document(status, {}).is_error
