"""Whose URLs are whose."""

import pytest

from cloudmock_contract.comparison.identifiers.own_hosts import OwnHosts

_AWS = "https://sqs.eu-west-1.amazonaws.com/1/q"


@pytest.mark.parametrize(
    "cloudmock",
    [
        "http://localhost:4566/1/q",
        "HTTP://LOCALHOST:4566/1/q",
        "http://localhost/1/q",
        "http://127.0.0.1:4566/1/q",
        "http://127.1.2.3/1/q",
        "http://[::1]:4566/1/q",
        "http://sqs.eu-west-1.localhost.localstack.cloud:4566/1/q",
        "https://sqs.localhost:4566/1/q",
        "http://host.docker.internal:4566/1/q",
    ],
)
@pytest.mark.parametrize(
    "aws",
    [
        _AWS,
        "https://sqs.cn-north-1.amazonaws.com.cn/1/q",
        "https://sqs.eu-west-1.api.aws/1/q",
        "https://abc.lambda-url.eu-west-1.on.aws/1/q",
        "https://SQS.eu-west-1.AMAZONAWS.com:443/1/q",
    ],
)
def test_each_side_s_own_host_says_nothing(aws: str, cloudmock: str) -> None:
    """URLs that lead to AWS and to the emulator are the same if what comes after the host is."""
    assert ("///1/q", "///1/q") == OwnHosts().without(aws, cloudmock)


@pytest.mark.parametrize(
    ("aws", "cloudmock"),
    [
        ("https://example.com/q", "https://example.com/q"),
        ("https://notamazonaws.com/q", "http://notlocalhost/q"),
        ("https://amazonaws.com.example.com/q", "http://localhost.example.com/q"),
        ("http://localhost:4566/q", "https://sqs.eu-west-1.amazonaws.com/q"),
        ("ftp://sqs.eu-west-1.amazonaws.com/q", "ftp://localhost/q"),
    ],
)
def test_other_hosts_are_left(aws: str, cloudmock: str) -> None:
    """A host that is not the side's own, even if it is the other side's, stays as it is."""
    assert (aws, cloudmock) == OwnHosts().without(aws, cloudmock)


@pytest.mark.parametrize(
    ("aws", "cloudmock"),
    [(_AWS, "no URL"), ("no URL", "http://localhost/q"), (_AWS, ""), ("sqs.amazonaws.com/q", "localhost/q")],
)
def test_without_a_url_on_both_sides_nothing_is_taken(aws: str, cloudmock: str) -> None:
    """A URL against something else is a difference, with both texts as they are."""
    assert (aws, cloudmock) == OwnHosts().without(aws, cloudmock)


def test_the_endpoints_of_the_run_are_own_hosts() -> None:
    """With another endpoint than AWS's, and an emulator on another machine, these are the hosts that say nothing."""
    own_hosts = OwnHosts("old.example", "new.example")

    assert ("///q", "///q") == own_hosts.without("http://old.example:1/q", "https://New.Example:2/q")
    assert (_AWS, "///q") == own_hosts.without(_AWS, "http://localhost:4566/q")
    assert ("http://new.example/q", "http://old.example/q") == own_hosts.without(
        "http://new.example/q", "http://old.example/q"
    )


def test_every_url_in_a_text_is_looked_at() -> None:
    """URLs within a longer text lose their own hosts, and the text around them stays."""
    aws = f'{{"a": "{_AWS}", "b": "https://example.com/x", "c": "{_AWS}"}}'
    cloudmock = aws.replace("https://sqs.eu-west-1.amazonaws.com", "http://localhost:4566")

    expected = aws.replace("https://sqs.eu-west-1.amazonaws.com", "//")
    assert (expected, expected) == OwnHosts().without(aws, cloudmock)


@pytest.mark.parametrize("url", ["http://[fd00::1]:4566/q", "http://[FD00::1]/q", "http://localhost:4566/q"])
def test_an_ipv6_host_of_the_run_is_its_own(url: str) -> None:
    """An emulator that is named by its IPv6 address, which stands in brackets in a URL."""
    assert ("///1/q", "///q") == OwnHosts(cloudmock="fd00::1").without(_AWS, url)
    assert (_AWS.replace("https://sqs.eu-west-1.amazonaws.com", "//"), "http://[fd00::2]/q") == OwnHosts(
        cloudmock="fd00::1"
    ).without(_AWS, "http://[fd00::2]/q")


@pytest.mark.parametrize(
    ("aws", "cloudmock"),
    [(_AWS, _AWS.replace("/1/", "/2/")), ("http://localhost:4566/1/q", "http://localhost:4566/2/q")],
)
def test_a_host_that_both_have_is_left(aws: str, cloudmock: str) -> None:
    """Some emulators give AWS's own host: then what comes after it is compared as in any other text."""
    assert (aws, cloudmock) == OwnHosts().without(aws, cloudmock)
