"""In which orders each side gives the items of a list."""

import itertools
import threading

import pytest

from cloudmock_contract.comparison import orders as orders_module
from cloudmock_contract.comparison.orders import MAX_ITEMS, Orders

_A, _B, _C = ({"Name": name, "Size": number} for number, name in enumerate("abc"))
_PATH = ("Items",)


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ([[_A, _B], [_B, _A]], True),
        ([[_A, _B, _C], [_A, _B, _C], [_A, _C, _B]], True),
        ([[_A, _B], [_A, _B]], False),
        ([[_A, _B], [_C, _A]], False),
        ([[_A, _B], [_B, _A, _C]], False),
        ([[_A, _B], [_B]], False),
        ([[_A], [_A]], False),
        ([[], []], False),
        ([["x", 1, None], [None, "x", 1]], True),
        ([[[1, 2]], [[2, 1]]], False),
        ([[1, True], [True, 1]], True),
    ],
)
@pytest.mark.parametrize("side", [0, 1])
def test_a_side_that_gives_the_same_items_in_another_order_has_none(
    lists: list[list[object]], side: int, *, expected: bool
) -> None:
    """On whichever side, while the other one keeps its order; other items say nothing of the order."""
    seen = Orders().of_request("sqs.ListQueues", "the request")
    for items in lists:
        seen.note(_PATH, *((items, []) if side == 0 else ([_A, _B], items)))

    assert expected is seen.is_undefined(_PATH)


def test_two_sides_with_an_order_each_have_one() -> None:
    """That the sides differ is what is to be told, however often they do."""
    seen = Orders().of_request("sqs.ListQueues", "")
    for _ in range(3):
        seen.note(_PATH, [_A, _B], [_B, _A])

    assert not seen.is_undefined(_PATH)


@pytest.mark.parametrize(
    ("operation", "sent", "path"),
    [("sqs.ListQueues", "descending", _PATH), ("sns.ListTopics", "", _PATH), ("sqs.ListQueues", "", ("Others",))],
)
def test_an_order_is_of_one_request_and_list(operation: str, sent: str, path: tuple[str, ...]) -> None:
    """Who asks for another order gets one."""
    orders = Orders()
    orders.of_request("sqs.ListQueues", "").note(_PATH, [_A, _B], [])
    orders.of_request(operation, sent).note(path, [_B, _A], [])

    assert not orders.of_request("sqs.ListQueues", "").is_undefined(_PATH)
    assert not orders.of_request(operation, sent).is_undefined(path)


def test_what_is_known_of_one_request_holds_for_the_operation() -> None:
    """And for every list at the path, whichever item it is in."""
    orders = Orders()
    for items in ([_A, _B], [_B, _A]):
        orders.of_request("ec2.RunInstances", "one").note(("Groups", 0, "Tags"), items, [])

    assert orders.of_request("ec2.RunInstances", "two").is_undefined(("Groups", 7, "Tags"))
    assert not orders.of_request("ec2.RunInstances", "two").is_undefined(("Groups",))
    assert not orders.of_request("ec2.StopInstances", "two").is_undefined(("Groups", 7, "Tags"))


def test_times_do_not_tell_items_apart() -> None:
    """An item that was used in the meantime is the same one."""
    seen = Orders().of_request("iam.ListUsers", "")
    for second, names in enumerate(("ab", "ba")):
        items = [{"Name": name, "LastUsed": f"2026-01-31T12:00:0{second}Z"} for name in names]
        seen.note(_PATH, items, [])

    assert seen.is_undefined(_PATH)


@pytest.mark.parametrize(("count", "expected"), [(MAX_ITEMS, True), (MAX_ITEMS + 1, False)])
def test_long_lists_are_not_looked_at(count: int, *, expected: bool) -> None:
    """Beyond the bound an order counts, whoever changes it."""
    seen = Orders().of_request("s3.ListBuckets", "")
    for items in (list(range(count)), list(reversed(range(count)))):
        seen.note(_PATH, items, [])

    assert expected is seen.is_undefined(_PATH)


def test_the_oldest_lists_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of those whose order is remembered and of those that have none."""
    monkeypatch.setattr(orders_module, "MAX_LISTS", 2)
    orders = Orders()
    for number, items in itertools.product(range(3), ([_A, _B], [_B, _A])):
        orders.of_request(f"sqs.List{number}", "").note(_PATH, items, [])

    assert [False, True, True] == [orders.is_undefined(f"sqs.List{number}", _PATH) for number in range(3)]


def test_threads_share_what_was_seen() -> None:
    """Whichever of them sees the other order."""
    orders = Orders()
    threads = [
        threading.Thread(target=orders.of_request("sqs.ListQueues", "").note, args=(_PATH, items, []))
        for items in ([_A, _B], [_B, _A], [_A, _B], [_B, _A])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert orders.is_undefined("sqs.ListQueues", _PATH)
