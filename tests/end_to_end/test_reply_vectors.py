"""What published replies become, next to the results that their publishers give: Smithy's and AWS's own, by botocore.

The vectors stand beside the checkout; without them the tests are skipped.
"""

from typing import Any

import pytest

from cloudmock_contract.aws.documents.output import document, error_summary
from support.reply_vectors import NOT_READ_BY_BOTOCORE, json_members, mismatches, names, vector


def parameters(*suites: str) -> list[Any]:
    """Every vector, or those of these suites; without any, one test that says why."""
    vectors = [pytest.param(name, id=name) for name in names() if not suites or name.partition("/")[0] in suites]
    absent = pytest.param("", id="absent", marks=pytest.mark.skip(reason="no reply vectors beside the checkout"))
    return vectors or [absent]


@pytest.mark.parametrize("name", parameters())
def test_a_document_says_what_the_published_result_says(name: str) -> None:
    """Every published reply becomes its published result, or an error with its code, message and members."""
    published = vector(name)
    read = document(published.reply, published.protocol, published.model)
    if name.partition("/")[2] in NOT_READ_BY_BOTOCORE:
        pytest.skip("botocore itself does not read it so")

    assert "" == read.flaw
    assert published.is_error == read.is_error
    assert [] == mismatches(published, read)
    if published.is_error:
        code, _, message = error_summary(read).partition(": ")
        assert published.code == code
        assert published.message in (message, "")


@pytest.mark.parametrize("name", parameters("json", "json_1_0", "json_1_0-query-compatible", "rest-json"))
def test_json_stays_as_it_stood_on_the_wire(name: str) -> None:
    """Nulls, timestamps and unknown members of a JSON reply come to its document untouched."""
    published = vector(name)
    sent = json_members(published)
    tree = document(published.reply, published.protocol, published.model).tree

    assert sent == {name: value for name, value in tree.items() if name in sent}
