"""What a thing is called: in the names of operations, and in the names of members that tell which thing is meant.

This file knows spelling alone, and no model.
"""

import functools

from cloudmock_contract.aws.models.verbs import after_leading_word

_SUFFIXES = ("", "name", "id", "arn", "identifier", "url", "uuid")
"""How a member that names a thing goes on after the thing's noun."""


def singular(noun: str) -> str:
    """`Policies`: `Policy`; `Alarms`: `Alarm`; a noun without a plural's ending stays."""
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else noun


@functools.lru_cache(maxsize=8192)
def noun_of(action: str) -> str:
    """What the operation is about, in lower case and in the singular: of `TerminateInstances`, `instance`."""
    noun = after_leading_word(action)
    return "" if noun == action else singular(noun).lower()


def is_name_of(member: str, noun: str) -> bool:
    """Whether a member of this name tells which thing of the noun is meant. `noun`: as `noun_of` has it."""
    name = member.lower()
    return any(name in (f"{noun}{suffix}", f"{noun}{suffix}s") for suffix in _SUFFIXES)
