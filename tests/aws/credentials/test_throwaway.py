"""Credentials that are nobody's."""

import base64
import re

from cloudmock_contract.aws.credentials.throwaway import throwaway_credentials


def test_credentials_look_like_an_iam_user_s() -> None:
    """An SDK, and whatever else checks their form, takes them; there is no token."""
    made = throwaway_credentials()

    assert re.fullmatch("AKIA[A-Z2-7]{16}", made.access_key)
    assert re.fullmatch("[A-Za-z0-9+/]{40}", made.secret_key)
    assert made.token is None


def test_credentials_are_made_anew_each_time() -> None:
    """No two runs share a key or a secret."""
    made = [throwaway_credentials() for _ in range(200)]

    assert {200} == {len({one.access_key for one in made}), len({one.secret_key for one in made})}


def test_credentials_are_of_no_account() -> None:
    """The account that an access key id holds in its bits (the 40 after the first) has more than twelve digits."""
    for _ in range(200):
        number = int.from_bytes(base64.b32decode(throwaway_credentials().access_key.removeprefix("AKIA")))
        account = number >> 39 & (2**40 - 1)

        assert len(str(account)) == 13
        assert number >> 79 == 1
