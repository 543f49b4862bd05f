"""Which mismatch follows from which."""

import pytest

from cloudmock_contract.comparison.divergence import Divergence


@pytest.fixture
def diverged() -> Divergence:
    """A run in which two exchanges have diverged."""
    return _diverged()


def _diverged() -> Divergence:
    divergence = Divergence()
    divergence.diverged(["orders", "vpc-1"], "first")
    divergence.diverged(["baskets"], "second")
    return divergence


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ""),
        (["users"], ""),
        (["orders"], "first"),
        (["users", "orders"], "first"),
        (["baskets"], "second"),
        (["orders", "baskets"], "second"),
        (["baskets", "orders"], "second"),
        (["order"], ""),
        (["ORDERS"], ""),
    ],
)
def test_what_is_about_something_diverged_follows(diverged: Divergence, names: list[str], expected: str) -> None:
    """One name that diverged is enough, as it is spelt, and of several it is the same one in any order."""
    assert expected == diverged.root_of(names)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], ""),
        ([{"vpc-1"}], "first"),
        ([{"vpc-1", "something else"}], "first"),
        ([{"vpc-1"}, {"baskets"}], "first"),
        ([{"baskets"}, {"vpc-1"}], "second"),
        ([{"vpc-1"}, {"something else"}], ""),
        ([{"vpc-1"}, set()], ""),
    ],
)
def test_every_difference_has_to_be_explained(diverged: Divergence, values: list[set[str]], expected: str) -> None:
    """By the differences alone a mismatch follows only if each of them holds something that diverged."""
    assert expected == diverged.root_of(["users"], values)


def test_the_first_cause_remains(diverged: Divergence) -> None:
    """What has diverged once and diverges again still leads to where it began."""
    diverged.diverged(["orders", "users"], "third")

    assert ["first", "third"] == [diverged.root_of([text]) for text in ("orders", "users")]


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many texts are remembered, the latest ones."""
    monkeypatch.setattr("cloudmock_contract.comparison.divergence.MAX_TEXTS", 3)
    diverged = _diverged()
    diverged.diverged(["users"], "third")

    assert ["", "first", "second", "third"] == [
        diverged.root_of([text]) for text in ("orders", "vpc-1", "baskets", "users")
    ]


def test_what_was_there_on_both_sides_is_not_new() -> None:
    """By its exact name; what has merely been named is new."""
    divergence = Divergence()
    divergence.sound(["orders", "users"])

    assert {"order", "baskets"} == divergence.new(["orders", "order", "baskets", "users"])


def test_the_oldest_sound_things_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many are remembered, the latest ones."""
    monkeypatch.setattr("cloudmock_contract.comparison.divergence.MAX_TEXTS", 2)
    divergence = Divergence()
    for name in ("orders", "users", "baskets"):
        divergence.sound([name])

    assert {"orders"} == divergence.new(["orders", "users", "baskets"])
