"""Paths, taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.operations.paths import other_spellings, path_template, segments_of


@pytest.mark.parametrize(
    ("path", "signing_name", "bucket", "expected"),
    [
        ("/", "lambda", "", ((), True)),
        ("/2015-03-31/functions", "lambda", "", (("2015-03-31", "functions"), False)),
        ("/2015-03-31/functions/", "lambda", "", (("2015-03-31", "functions"), True)),
        ("/tags/arn%3Aaws%3Aa%2Fb", "lambda", "", (("tags", "arn:aws:a/b"), False)),
        ("/b", "s3", "", (("b",), False)),
        ("/b/", "s3", "", (("b",), True)),
        ("/b/folder/", "s3", "", (("b", "folder", ""), True)),
        ("/b//k", "s3", "", (("b", "", "k"), False)),
        ("/", "s3", "b", (("b",), False)),
        ("/k/", "s3", "b", (("b", "k", ""), False)),
        ("/prod/@connections/x%3D", "execute-api", "", (("@connections", "x="), False)),
        ("/a/prod/%40connections/x", "execute-api", "", (("@connections", "x"), False)),
        ("/prod/connections/x", "execute-api", "", (("prod", "connections", "x"), False)),
    ],
)
def test_a_path_has_segments(path: str, signing_name: str, bucket: str, expected: tuple[tuple[str, ...], bool]) -> None:
    """Empty segments count for S3; an API's stage does not; a bucket in the host comes first."""
    assert expected == segments_of(path, signing_name, bucket)


@pytest.mark.parametrize(
    ("path", "signing_name", "expected"),
    [
        ("/a/b", "lambda", []),
        ("//a//b", "lambda", ["/a/b"]),
        ("/tags/arn:aws:a/b", "lambda", ["/tags/arn:aws:a%2Fb"]),
        ("/topics/a/b", "iotdata", ["/topics/a%2Fb"]),
        ("/topics/a/b", "lambda", []),
        ("//b//arn:aws:a/b", "s3", []),
    ],
)
def test_what_a_client_should_have_written(path: str, signing_name: str, expected: list[str]) -> None:
    """Doubled slashes, and slashes in ARNs and topics, are mended for everyone but S3."""
    assert expected == list(other_spellings(path, signing_name))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("/prod/pets", "/prod/pets"),
        ("/prod/pets/123/photos", "/prod/pets/{id}/photos"),
        ("/2013-04-01/hostedzone/Z0123456789ABC", "/2013-04-01/hostedzone/{id}"),
        ("/x/6f1c2f5e-0b1a-4a52-9f3b-000000000000", "/x/{id}"),
        ("/v1/orders", "/v1/orders"),
    ],
)
def test_calls_of_one_kind_have_one_name(path: str, expected: str) -> None:
    """What looks generated is replaced, words and API versions stay."""
    assert expected == path_template(path)


@given(st.text())
def test_any_path_is_taken_apart(text: str) -> None:
    """Nothing that can be sent is an error, and the name has as many segments as the path."""
    segments_of(f"/{text}", "s3", "")
    list(other_spellings(f"/{text}", "lambda"))

    assert f"/{text}".count("/") == path_template(f"/{text}").count("/")
