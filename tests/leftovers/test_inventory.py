"""What a run leaves on AWS."""

import time

import pytest

from cloudmock_contract.leftovers import inventory
from cloudmock_contract.leftovers.inventory import Inventory
from cloudmock_contract.values.exchange import Resource


def _resource(action: str = "DeleteThing", region: str = "eu-west-1", service: str = "s3", **names: str) -> Resource:
    return Resource(service, region, action, tuple(sorted(names.items())))


_BUCKET = _resource("DeleteBucket", Bucket="b")
_OBJECT = _resource("DeleteObject", Bucket="b", Key="k")
_OTHER = _resource("DeleteObject", Bucket="c", Key="k")


def _after(*steps: tuple[tuple[Resource, ...], tuple[Resource, ...]]) -> tuple[Resource, ...]:
    leftovers = Inventory()
    for created, deleted in steps:
        leftovers.add(created, deleted)
    return leftovers.resources


def test_what_was_created_is_left_in_order() -> None:
    """What was created is left, in the order of creation; what is created once more is still one."""
    assert (_BUCKET, _OBJECT, _OTHER) == _after(((_BUCKET, _OBJECT), ()), ((_BUCKET, _OTHER), ()))


@pytest.mark.parametrize(
    ("deleted", "expected"),
    [
        (_OBJECT, (_BUCKET, _OTHER)),
        (_BUCKET, (_OTHER,)),
        (_resource("DeleteBucket", Bucket="d"), (_BUCKET, _OBJECT, _OTHER)),
        (_resource("DeleteBucket", region="us-east-1", Bucket="b"), (_BUCKET, _OBJECT, _OTHER)),
        (_resource("DeleteBucket", service="s3control", Bucket="b"), (_BUCKET, _OBJECT, _OTHER)),
        (_resource("DeleteKey", Bucket="b", Key="k", Version="1"), (_BUCKET, _OBJECT, _OTHER)),
        (_resource("DeleteAll"), (_BUCKET, _OBJECT, _OTHER)),
    ],
    ids=["itself", "container", "other name", "other region", "other service", "a part", "no parameters"],
)
def test_what_is_deleted_is_not_left(deleted: Resource, expected: tuple[Resource, ...]) -> None:
    """A deletion removes the thing and what was in it, of the same service and region, and nothing else."""
    assert expected == _after(((_BUCKET, _OBJECT, _OTHER), ()), ((), (deleted,)))


def test_a_thing_without_parameters_can_be_deleted() -> None:
    """What an account has once is known by its action alone, and takes nothing else with it."""
    policy = _resource("DeleteAccountPasswordPolicy", service="iam")
    role = _resource("DeleteRole", service="iam", RoleName="r")

    assert (role,) == _after(((policy, role), ()), ((), (policy,)))


def test_what_takes_the_place_of_something_is_left() -> None:
    """An exchange that deletes and creates, as the completion of an upload, leaves what it creates."""
    upload = _resource("AbortMultipartUpload", Bucket="b", Key="k", UploadId="u")

    assert (_OBJECT,) == _after(((upload,), ()), ((_OBJECT,), (upload,)))


def test_what_is_created_again_comes_last() -> None:
    """What was deleted in between counts from its second creation."""
    assert (_OTHER, _OBJECT) == _after(((_OBJECT, _OTHER), ()), ((), (_OBJECT,)), ((_OBJECT,), ()))


def test_too_many_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound, what is created is counted and not kept; what is deleted makes room."""
    monkeypatch.setattr(inventory, "MAX_KEPT", 2)
    leftovers = Inventory()
    leftovers.add((_BUCKET, _OBJECT, _OTHER), ())

    assert ((_BUCKET, _OBJECT), 1) == (leftovers.resources, leftovers.omitted)
    leftovers.add((_OTHER,), (_OBJECT,))
    assert ((_BUCKET, _OTHER), 1) == (leftovers.resources, leftovers.omitted)


def test_a_deletion_does_not_look_through_all() -> None:
    """In a bucket of thousands of objects each can be deleted in little time, and all of it is forgotten."""
    objects = [_resource("DeleteObject", Bucket="b", Key=str(number)) for number in range(inventory.MAX_KEPT)]
    leftovers = Inventory()
    leftovers.add(objects, ())
    started = time.perf_counter()
    for resource in objects:
        leftovers.add((), (resource,))

    assert () == leftovers.resources
    assert time.perf_counter() - started < 2
