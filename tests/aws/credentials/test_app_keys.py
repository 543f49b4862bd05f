"""The access keys that the app signs with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.credentials.app_keys import MAX_KEYS, AppKeys, account_in, credentials_of_account
from cloudmock_contract.aws.credentials.temporary import throwaway_credentials

OF_ONE_ACCOUNT = ("AKIAQYLPMN5HFIQR7XYA", "ASIAQYLPMN5HNMZ7Q2AB")
"""Two keys whose numbers begin with the same account."""


@pytest.mark.parametrize(
    ("access_key", "expected"),
    [
        ("ASIAQNZGKIQY56JQ7WML", "029608264753"),  # in the documentation of several tools that decode keys
        ("AKIAIOSFODNN7EXAMPLE", ""),  # older than the layout
        ("AKIAQYLPMN5HFIQR7XY", ""),
        ("AKIAQYLPMN5HFIQR7XY1", ""),
        ("AROAQYLPMN5HFIQR7XYA", ""),
        ("test", ""),
        ("", ""),
    ],
)
def test_a_key_tells_its_account(access_key: str, expected: str) -> None:
    """An id that AWS makes today has it in its first bits; others tell nothing."""
    assert expected == account_in(access_key)


def test_two_keys_of_one_account_tell_the_same() -> None:
    """Lasting and temporary keys alike."""
    first, second = map(account_in, OF_ONE_ACCOUNT)

    assert 12 == len(first)
    assert first == second


def test_a_throwaway_key_is_of_no_account() -> None:
    """It has thirteen digits."""
    assert 13 == len(account_in(throwaway_credentials().access_key))


@given(st.text(max_size=24))
def test_any_text_is_read(text: str) -> None:
    """Access keys come from the app, and may be anything."""
    account_in(text)
    AppKeys().is_another_account(text)


@pytest.mark.parametrize(
    ("access_key", "is_account"),
    [("123456789012", True), ("12345678901", False), ("1234567890123", False), ("١٢٣٤٥٦٧٨٩٠١٢", False), ("", False)],
)
def test_twelve_digits_are_an_account(access_key: str, *, is_account: bool) -> None:
    """Such a key is passed on, with a secret that is none."""
    credentials = credentials_of_account(access_key)

    assert is_account == (credentials is not None)
    if credentials:
        assert (access_key, "test", None) == (credentials.access_key, credentials.secret_key, credentials.token)


@pytest.mark.parametrize(
    ("keys", "told", "count"),
    [
        (["AKIAA"], [False], 1),
        (["AKIAA", "AKIAA"], [False, False], 1),
        (["AKIAA", "", "AKIAB", "AKIAB", "AKIAC"], [False, False, True, False, True], 3),
        (OF_ONE_ACCOUNT, [False, False], 1),
        (["ASIAQNZGKIQY56JQ7WML", *OF_ONE_ACCOUNT], [False, True, False], 2),
    ],
)
def test_accounts_are_told_apart(keys: list[str], told: list[bool], count: int) -> None:
    """A key is told of once, and not if it is surely of an account that had one."""
    seen = AppKeys()

    assert told == [seen.is_another_account(key) for key in keys]
    assert count == seen.count


def test_many_keys_take_no_more_memory() -> None:
    """Beyond the bound none is looked at."""
    seen = AppKeys()
    for number in range(MAX_KEYS + 10):
        seen.is_another_account(f"key-{number}")

    assert MAX_KEYS == seen.count
