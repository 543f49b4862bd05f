"""The access keys that the app signs with: what they say by themselves, and of how many accounts they are.

This file does not know secrets, nor what is signed with a key.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids for the
prefixes; where the account stands in what follows was found by others, and is what sts:GetAccessKeyInfo says.
"""

import base64
import re

from cloudmock_contract.aws.credentials.provider import TEST_CREDENTIALS, Credentials

MAX_KEYS = 1_000
"""Access keys that are told apart."""

_KEY = re.compile(r"A[KS]IA(?P<number>[A-Z2-7]{16})")
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_ACCOUNT_BITS = 40
_HAS_ACCOUNT = 1 << 79
"""The first of the 80 bits of an id: in those that are older than the layout it is not set."""


def account_in(access_key: str) -> str:
    """The account that an access key of AWS's is of; empty where it does not tell."""
    match = _KEY.fullmatch(access_key)
    if match is None:
        return ""
    number = int.from_bytes(base64.b32decode(match["number"]))
    account = number >> 39 & (1 << _ACCOUNT_BITS) - 1
    return f"{account:012}" if number & _HAS_ACCOUNT else ""


def credentials_of_account(access_key: str) -> Credentials | None:
    """For an emulator that takes an access key of twelve digits for the account, what says so; None for other keys.

    An account is no secret; the secret key, which such an emulator does not look at, is not the app's.
    """
    return Credentials(access_key, TEST_CREDENTIALS.secret_key) if _ACCOUNT.fullmatch(access_key) else None


class AppKeys:
    """The access keys that the app has signed with in a run, where all are signed anew with the same credentials."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._accounts: set[str] = set()

    def is_another_account(self, access_key: str) -> bool:
        """Note a key; whether it is new, and may be of another account than the keys before it."""
        if not access_key or access_key in self._keys or len(self._keys) >= MAX_KEYS:
            return False
        self._keys.add(access_key)
        account = account_in(access_key) or access_key
        is_new = account not in self._accounts
        self._accounts.add(account)
        return is_new and len(self._accounts) > 1

    @property
    def count(self) -> int:
        """How many keys there were, as far as they may be of different accounts."""
        return len(self._accounts)
