"""The labels in a path, wherever S3's bucket stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.wire.path_labels import path_labels
from cloudmock_contract.values.http import Headers, Request
from cloudmock_contract.values.operation import Operation
from support.calls import call_for


def labels(
    template: str, path: str, service: str = "any", host: str = "localhost:4577", *, must_fit: bool = True
) -> dict[str, str]:
    request = Request("GET", path, Headers((("Host", host),)), b"")
    return dict(
        path_labels(call_for(request, Operation(service, "Any", "rest-json", service)), template, must_fit=must_fit)
    )


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("/{Id}", "/a", {"Id": "a"}),
        ("/{Id}", "/a/", {"Id": "a"}),
        ("/{Id}", "/a%2Fb%20c+d%C3%A9", {"Id": "a/b c+dé"}),
        ("/{Id}?acl&x=1", "/a?other", {"Id": "a"}),
        ("/v1/things/{x-amz-id}/parts/{PartId}", "/v1/things/a.b/parts/7", {"x-amz-id": "a.b", "PartId": "7"}),
        ("/v1/things/{Id}/", "/v1/things/a", {"Id": "a"}),
        ("/{Path+}", "/a//b/", {"Path": "a//b/"}),
        ("/{Path+}/policy", "/a/b/policy", {"Path": "a/b"}),
        ("/{Id}/{Path+}/policy", "/a/b/policy/policy", {"Id": "a", "Path": "b/policy"}),
        ("/v1/a.b/{Id}", "/v1/a.b/c", {"Id": "c"}),
        ("/v1/{Id}", "//v1/a", {"Id": "a"}),
        ("/", "/", {}),
    ],
)
def test_a_path_has_the_labels_of_its_template(template: str, path: str, expected: dict[str, str]) -> None:
    """One segment each, decoded, and several where the label is greedy; slashes around the path do not count."""
    assert expected == labels(template, path)


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/{Id}", "/"),
        ("/{Id}", "/a/b"),
        ("/v1/{Id}", "/v2/a"),
        ("/v1/{Id}", "/a"),
        ("/v1/a.b/{Id}", "/v1/a-b/c"),
        ("/{Path+}", "/"),
        ("/{Path+}/policy", "/policy"),
    ],
)
def test_another_path_has_none(template: str, path: str) -> None:
    """What does not fit the template as a whole tells nothing."""
    assert {} == labels(template, path)


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("localhost:4577", "/bucket/key", {"Bucket": "bucket", "Key": "key"}),
        ("localhost:4577", "/bucket//key/", {"Bucket": "bucket", "Key": "/key/"}),
        ("bucket.localhost:4577", "/key", {"Bucket": "bucket", "Key": "key"}),
        ("bucket.localhost:4577", "/bucket/key", {"Bucket": "bucket", "Key": "bucket/key"}),
        ("bucket.s3.eu-west-1.amazonaws.com", "/key", {"Bucket": "bucket", "Key": "key"}),
        (
            "mine-123456789012.s3-accesspoint.eu-west-1.amazonaws.com",
            "/key",
            {"Bucket": "arn:aws:s3:eu-west-1:123456789012:accesspoint/mine", "Key": "key"},
        ),
        ("bucket.localhost:4577", "/", {}),
    ],
)
def test_a_bucket_may_stand_in_the_host(host: str, path: str, expected: dict[str, str]) -> None:
    """For S3 alone, and the key is the rest, whatever it begins with."""
    assert expected == labels("/{Bucket}/{Key+}", path, "s3", host)


@given(st.text("/ab%2Fé\udcff\n"))
def test_any_path_is_read(path: str) -> None:
    """A path is too odd for its template, or has texts for all of its labels."""
    assert set(labels("/v1/{Id}/{Path+}", f"/v1/{path}")) in ({"Id", "Path"}, set())


KVS_ARN = "arn:aws:cloudfront::123456789012:key-value-store"


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        pytest.param(
            "/key-value-stores/{KvsARN}/keys/{Key}",
            f"/key-value-stores/{KVS_ARN}/abcd/keys/k",
            {"KvsARN": KVS_ARN, "Key": "keys"},
            id="an ARN with its slash",
        ),
        pytest.param("/a/{Rest+}/b/{Id}", "/x/1/2/b/3", {"Rest": "1/2", "Id": "3"}, id="a greedy label in the middle"),
        pytest.param("/v1/{Id}/{Name}", "/v2/a", {"Id": "a"}, id="too short"),
        pytest.param("/{Bucket}/{Key+}", "/", {"Bucket": ""}, id="nothing"),
    ],
)
def test_a_path_that_does_not_fit_is_read_by_position(template: str, path: str, expected: dict[str, str]) -> None:
    """What a client has not encoded, or has spelled in its own way, still tells what can be told."""
    assert expected == labels(template, path, must_fit=False)
