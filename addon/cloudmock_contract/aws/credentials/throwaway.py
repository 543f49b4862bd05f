"""Credentials for an app that is to have none of the user's: AWS knows them as nobody's, the proxy knows their secret.

This file does not know who is given them.
"""

import base64
import secrets

from cloudmock_contract.aws.credentials.provider import Credentials

_FIRST_NO_ACCOUNT = 10**12
"""Accounts have twelve digits; an access key id has 40 bits for one, which is room for more."""


def throwaway_credentials() -> Credentials:
    """Credentials as an IAM user's look, made of random numbers, different each time.

    An access key id is `AKIA` and 80 bits in base32: a one, 40 bits for the account, and 39 more. Here the account is
    one that cannot be, so that the key is never some customer's; no request that is signed with it has effects on AWS.
    """
    account = _FIRST_NO_ACCOUNT + secrets.randbelow(2**40 - _FIRST_NO_ACCOUNT)
    number = 1 << 79 | account << 39 | secrets.randbits(39)
    access_key = "AKIA" + base64.b32encode(number.to_bytes(10)).decode()
    return Credentials(access_key, base64.b64encode(secrets.token_bytes(30)).decode())
