"""What a thing is called."""

import pytest

from cloudmock_contract.leftovers.nouns import is_name_of, noun_of, singular


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("Policies", "Policy"),
        ("Alarms", "Alarm"),
        ("Access", "Access"),
        ("Status", "Status"),
        ("Role", "Role"),
        ("", ""),
    ],
)
def test_a_plural_has_a_singular(noun: str, expected: str) -> None:
    """A noun that only ends as a plural does stays."""
    assert expected == singular(noun)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("TerminateInstances", "instance"),
        ("DeleteDBInstance", "dbinstance"),
        ("Unsubscribe", ""),
        ("noOperation", ""),
        ("", ""),
    ],
)
def test_an_operation_has_a_noun(action: str, expected: str) -> None:
    """What follows its first word."""
    assert expected == noun_of(action)


@pytest.mark.parametrize(
    ("member", "noun", "expected"),
    [
        ("BucketName", "bucket", True),
        ("Bucket", "bucket", True),
        ("InstanceIds", "instance", True),
        ("Bucket", "bucketpolicy", False),
        ("BucketKey", "bucket", False),
    ],
)
def test_a_member_may_name_the_thing(member: str, noun: str, *, expected: bool) -> None:
    """By the noun, and by what names end with."""
    assert expected is is_name_of(member, noun)
