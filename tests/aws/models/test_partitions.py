"""AWS's partitions: which regions and DNS suffixes are AWS's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.models.partitions import (
    HOST_LABEL,
    before_suffix,
    is_aws_host,
    is_region,
    partition_of,
    partitions,
    suffixes,
)

# As AWS's documentation of each partition has them: ARNs begin with the name, hosts end with a suffix.

SUFFIXES = {
    "aws": ("amazonaws.com", "api.aws"),
    "aws-cn": ("amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    "aws-us-gov": ("amazonaws.com", "api.aws"),
    "aws-iso": ("c2s.ic.gov", "api.aws.ic.gov"),
    "aws-iso-b": ("sc2s.sgov.gov", "api.aws.scloud"),
    "aws-iso-e": ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    "aws-iso-f": ("csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    "aws-eusc": ("amazonaws.eu", "api.amazonwebservices.eu"),
}
OTHER_SUFFIXES = ("aws.amazon.com", "on.aws")
ALL_SUFFIXES = sorted({*sum(SUFFIXES.values(), ()), *OTHER_SUFFIXES})


def test_the_public_partition_comes_first() -> None:
    """Every partition is there once, and the first is the one that most regions are in."""
    names = [partition.name for partition in partitions()]

    assert "aws" == names[0]
    assert sorted(SUFFIXES) == sorted(names)


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("us-east-1", "aws"),
        ("eu-west-1", "aws"),
        ("il-central-1", "aws"),
        ("mx-central-1", "aws"),
        ("aws-global", "aws"),
        ("ap-invented-7", "aws"),
        ("cn-north-1", "aws-cn"),
        ("cn-northwest-1", "aws-cn"),
        ("aws-cn-global", "aws-cn"),
        ("cn-invented-3", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-gov-east-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-iso-west-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eusc-de-east-1", "aws-eusc"),
        ("", "aws"),
        ("local", "aws"),
        ("xn-north-1", "aws"),
    ],
)
def test_a_region_is_in_a_partition(region: str, expected: str) -> None:
    """Regions are known by name and future ones by how they are named; one that nobody knows is taken for public."""
    partition = partition_of(region)

    assert expected == partition.name
    assert SUFFIXES[expected] == (partition.dns_suffix, partition.dual_stack_suffix)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("us-east-1", True),
        ("eu-west-9", True),
        ("us-gov-west-1", True),
        ("eusc-de-east-1", True),
        ("aws-global", True),
        ("", False),
        ("us-east", False),
        ("us-east-", False),
        ("us-east-1a", False),
        ("us-east-1\n", False),
        ("\nus-east-1", False),
        ("US-EAST-1", False),
        ("us-east-\u0661", False),
        ("us-\u00e9ast-1", False),
        ("us-east-1.evil.example", False),
        ("xx-east-1", False),
        ("compute-1", False),
        ("s3", False),
        ("us--1", False),
    ],
)
def test_a_region_is_told_from_another_text(text: str, expected: bool) -> None:
    """A region has AWS's own form, in small ASCII letters, from its first character to its last."""
    assert expected is is_region(text)


def test_the_suffixes_are_awss_and_the_longest_comes_first() -> None:
    """No suffix is cut short by another one that it ends with, and none is there that is not AWS's."""
    lengths = [len(suffix) for suffix in suffixes()]

    assert ALL_SUFFIXES == sorted(suffixes())
    assert sorted(lengths, reverse=True) == lengths


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("sqs.eu-west-1.amazonaws.com", "sqs.eu-west-1"),
        ("sqs.cn-north-1.amazonaws.com.cn", "sqs.cn-north-1"),
        ("SQS.EU-West-1.AmazonAWS.com", "SQS.EU-West-1"),
        ("lambda.eu-west-1.api.aws", "lambda.eu-west-1"),
        ("abc.lambda-url.eu-west-1.on.aws", "abc.lambda-url.eu-west-1"),
        ("eu-west-1.signin.aws.amazon.com", "eu-west-1.signin"),
        ("sqs.us-isof-south-1.csp.hci.ic.gov", "sqs.us-isof-south-1"),
        ("s3.us-iso-east-1.api.aws.ic.gov", "s3.us-iso-east-1"),
        ("amazonaws.com", ""),
        (".amazonaws.com", ""),
        ("amazonaws.com.cn", ""),
        ("sqs.eu-west-1.amazonaws.com.", ""),
        ("sqs.eu-west-1.amazonaws.com.evil.example", ""),
        ("sqs.eu-west-1.evilamazonaws.com", ""),
        ("sqs.amazonaws.co", ""),
        ("sqs.eu-west-1.amazonaws.com:443", ""),
        ("evil.aws", ""),
        ("xon.aws", ""),
        ("amazon.com", ""),
        ("www.amazon.com", ""),
        ("ic.gov", ""),
        ("evil.ic.gov", ""),
        ("localhost", ""),
        ("", ""),
    ],
)
def test_what_stands_before_the_suffix(host: str, expected: str) -> None:
    """A host of AWS's has something, as it is spelled, before one of AWS's suffixes; another host has nothing."""
    assert expected == before_suffix(host)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("sqs.eu-west-1.amazonaws.com", True),
        ("SQS.eu-west-1.AMAZONAWS.COM", True),
        ("123456789012.s3-control.eu-west-1.amazonaws.com", True),
        ("a" * 63 + ".amazonaws.com", True),
        ("a" * 64 + ".amazonaws.com", False),
        ("-a.amazonaws.com", False),
        ("a-.amazonaws.com", False),
        ("a..amazonaws.com", False),
        (".a.amazonaws.com", False),
        ("a_b.amazonaws.com", False),
        ("evil.example/.amazonaws.com", False),
        ("evil.example#.amazonaws.com", False),
        ("evil.example?.amazonaws.com", False),
        ("evil.example:80.amazonaws.com", False),
        ("user@evil.amazonaws.com", False),
        ("a\\b.amazonaws.com", False),
        ("a b.amazonaws.com", False),
        ("a\n.amazonaws.com", False),
        ("a\x00.amazonaws.com", False),
        ("\u00e9.amazonaws.com", False),
        ("\u212aey.amazonaws.com", False),
        ("a%2e.amazonaws.com", False),
        ("sqs.eu-west-1.amazonaws.com\n", False),
        ("evil.example", False),
        ("amazonaws.com", False),
        ("", False),
    ],
)
def test_an_aws_host_is_told_from_every_other(host: str, expected: bool) -> None:
    """A host name is AWS's if it ends so and each of its labels is one by RFC 1123."""
    assert expected is is_aws_host(host)


_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@given(st.text(_LETTERS + "-", min_size=1, max_size=64) | st.text(max_size=5))
def test_a_label_is_one_by_rfc_1123(text: str) -> None:
    """A label has 1 to 63 letters, digits and hyphens, and a hyphen neither first nor last."""
    expected = 0 < len(text) < 64 and set(text) <= {*_LETTERS, "-"} and "-" not in (text[0], text[-1])

    assert expected is (HOST_LABEL.fullmatch(text) is not None)


@given(labels=st.lists(st.text(_LETTERS, min_size=1, max_size=9), min_size=1), suffix=st.sampled_from(ALL_SUFFIXES))
def test_every_name_below_a_suffix_is_awss(labels: list[str], suffix: str) -> None:
    """Whatever stands below a suffix is AWS's, and no longer is if one more label follows."""
    host = ".".join([*labels, suffix])

    assert is_aws_host(host)
    assert not is_aws_host(f"{host}.example")
    assert not is_aws_host(f"{host}/")
    assert not is_aws_host(host.replace(".", "x"))


@given(st.text() | st.text("abz019.-:/@#?%\\ ").map(lambda text: f"{text}.amazonaws.com"))
def test_any_text_is_a_host_of_awss_or_not(text: str) -> None:
    """No text is too odd, and none that is taken for a host of AWS's has anything in it that ends a host name."""
    if is_aws_host(text):
        assert set(text) <= {*_LETTERS, ".", "-"}
        assert text.lower().endswith(tuple(f".{suffix}" for suffix in ALL_SUFFIXES))
