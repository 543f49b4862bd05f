"""Whether two resources are one, and what goes with a deleted one."""

from dataclasses import replace

import pytest

from cloudmock_contract.leftovers.same_resource import CREATED_BY, goes_with, same_name
from cloudmock_contract.values.exchange import Resource


def thing(service: str, action: str, /, **parameters: str) -> Resource:
    return Resource(service, "eu-west-1", action, tuple(sorted(parameters.items())))


BUCKET = thing("s3", "DeleteBucket", Bucket="b")
OBJECT = thing("s3", "DeleteObject", Bucket="b", Key="k")
TAGGED = thing("s3", "PutBucketTagging", Bucket="b", Name="b")


@pytest.mark.parametrize(
    ("deleted", "expected"),
    [
        pytest.param(BUCKET, [BUCKET, OBJECT, TAGGED], id="all of a container"),
        pytest.param(thing("s3", "DeleteBucketPolicy", Bucket="b"), [], id="what only names the container"),
        pytest.param(OBJECT, [OBJECT], id="itself"),
        pytest.param(thing("s3", "DeleteObject", Bucket="b", Key="k", VersionId="1"), [], id="a version"),
        pytest.param(thing("s3", "DeleteBucket", Bucket="c"), [], id="another name"),
        pytest.param(replace(BUCKET, service="dynamodb"), [], id="another service"),
        pytest.param(replace(BUCKET, region="us-east-1"), [], id="another region"),
    ],
)
def test_what_is_in_a_container_goes_with_it(deleted: Resource, expected: list[Resource]) -> None:
    """A deleted thing takes along its parts, and not what only bears the same name, nor what is elsewhere."""
    assert expected == [resource for resource in (BUCKET, OBJECT, TAGGED) if goes_with(resource, deleted)]


def test_things_of_other_kinds_may_have_the_same_name() -> None:
    """A crawler stays when a trigger of its name is deleted."""
    assert not goes_with(thing("glue", "DeleteCrawler", Name="n"), thing("glue", "DeleteTrigger", Name="n"))


def test_what_only_takes_off_a_part_takes_nothing_else() -> None:
    """Only operations that delete a whole thing delete its parts."""
    grant = thing("kms", "RevokeGrant", KeyId="k", GrantId="g")

    assert not goes_with(grant, thing("kms", "CancelKey", KeyId="k"))
    assert goes_with(grant, thing("kms", "DeleteKey", KeyId="k"))


def test_a_thing_without_a_call_is_known_by_what_created_it() -> None:
    """A thing of which not even a call was known goes when one of its kind and name is deleted."""
    key = Resource("iam", "", "", (("AccessKeyId", "sha256:1"), ("UserName", "u"), (CREATED_BY, "CreateAccessKey")))

    assert goes_with(key, Resource("iam", "", "DeleteAccessKey", (("AccessKeyId", "sha256:1"),)))
    assert not goes_with(key, Resource("iam", "", "DeleteAccessKey", (("AccessKeyId", "sha256:2"),)))
    assert not goes_with(key, Resource("iam", "", "DeleteSSHKey", (("UserName", "u"),)))
    assert not goes_with(key, Resource("iam", "", "DeleteAccessKey", ()))


def test_a_precondition_does_not_identify() -> None:
    """A distribution is the same one, whatever version of it the deletion expects."""
    created = thing("cloudfront", "DeleteDistribution", Id="d", IfMatch="e1")

    assert goes_with(created, thing("cloudfront", "DeleteDistribution", Id="d", IfMatch="e2"))
    assert not goes_with(created, thing("cloudfront", "DeleteDistribution", Id="x", IfMatch="e1"))


@pytest.mark.parametrize(
    ("name", "other_name", "expected"),
    [
        ("users", "users", True),
        ("arn:aws:dynamodb:eu-west-1:1:table/users", "users", True),
        ("users", "arn:aws:dynamodb:eu-west-1:1:table/users", True),
        ("arn:aws:lambda:eu-west-1:1:function:f", "f", True),
        ("arn:aws:secretsmanager:eu-west-1:1:secret:a/b-AbCdEf", "a/b", True),
        ("arn:aws:secretsmanager:eu-west-1:1:secret:a/b-AbCdEf", "b", False),
        ("arn:aws:dynamodb:eu-west-1:1:table/users", "arn:aws:dynamodb:us-east-1:1:table/users", False),
        ("arn:aws:sns:eu-west-1:1:t", "", False),
        ("users", "user", False),
        ("a/users", "users", False),
    ],
)
def test_a_thing_is_known_by_its_name_and_by_its_arn(name: str, other_name: str, *, expected: bool) -> None:
    """The two name the same, in either order; parts of a name do not."""
    assert expected is same_name(name, other_name)
