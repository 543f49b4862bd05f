"""What the first word of an operation's name tells: whether the operation reads, what it makes, and what undoes it.

Names are all that this file knows. An operation that does not do what its name says is listed by the file that asks.

Two questions have two answers, because a wrong answer costs different things in different places: `reads` decides what
may reach AWS, `probably_reads` only where a report looks for the root cause of a mismatch; `never_overwrites` is about
the thing that is made, `leaves_others` about whatever else the request names. Where the answers differ, a set says so,
with the reason.
"""

import re
from collections.abc import Mapping

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*")

_READS = frozenset(
    ("Count", "Describe", "Filter", "Get", "Head", "List", "Lookup", "Query", "Scan", "Search", "Select")
)  # fmt: skip
"""Operations that change nothing."""

_PROBABLY_READS = _READS | {"Check", "Discover", "Estimate", "Preview", "Simulate", "Test", "Validate", "View"}
"""Operations most of which change nothing. Some that test or validate run or send something: these verbs are no ground
for a permission."""

_PROBABLY_READS_NOT = ("CheckIn", "CheckOut", "TestFailover", "TestMigration")
"""How the names begin of operations with these verbs that do change what they name."""

_BATCHES_OF_READS = frozenset(("Batch", "Transact"))
"""What may stand before a verb that reads. `probably_reads` takes it before a Get alone: the other batches are few, and
what it does not know counts as a change."""

_CHANGES = frozenset(
    ("Cancel", "Create", "Delete", "Execute", "Invoke", "Put", "Run", "Send", "Start", "Stop", "Update")
)  # fmt: skip
"""Operations that change something, whatever their model says: Smithy's readonly trait stands on
`StartSessionsStatisticsAggregation`. A verb that is neither here nor among those that read tells nothing."""

_MAKES = frozenset(("Allocate", "Copy", "Create", "Publish", "Request", "Run"))
"""Operations that make a new thing of their own."""

_NEVER_OVERWRITES = _MAKES | {"Clone", "Launch", "Provision", "Restore", "Start"}
"""Operations that fail, or make a second thing, where there is one already. Not a Register, which may replace what was
registered before."""

_LEAVES_OTHERS = ("Register", "StartBuild", "StartExecution")
"""How the names begin of more operations that change nothing else that they name. Any other Start, and a Restore, may
change a thing that was there before: StartInstances, RestoreSecret."""

_LEAVES_OTHERS_NOT = ("CreateTags", "RegisterInstances", "RegisterTargets")
"""How the names begin of operations with verbs that make something, but which change another thing that they name."""

OPPOSITES: Mapping[str, tuple[str, ...]] = {
    "Create": (
        "Delete", "Terminate", "Remove", "Deregister", "Cancel", "Destroy", "Abort", "Release", "Revoke", "Retire",
        "Stop",
    ),
    "Put": ("Delete", "Remove"),
    "Run": ("Terminate", "Stop"),
    "Launch": ("Terminate",),
    "Provision": ("Deprovision", "Terminate", "Release"),
    "Allocate": ("Release", "Deallocate", "Delete"),
    "Assign": ("Unassign",),
    "Register": ("Deregister", "Unregister", "Delete"),
    "Request": ("Delete", "Cancel"),
    "Subscribe": ("Unsubscribe",),
    "Attach": ("Detach",),
    "Associate": ("Disassociate", "Dissociate"),
    "Add": ("Remove", "Delete"),
    "Import": ("Delete", "Deregister"),
    "Copy": ("Delete", "Deregister"),
    "Restore": ("Delete",),
    "Clone": ("Delete",),
    "Upload": ("Delete",),
    "Publish": ("Delete",),
    "Authorize": ("Revoke", "Deauthorize"),
    "Grant": ("Revoke",),
    "Admin": ("Admin",),
}  # fmt: skip
"""By a verb, the verbs that undo it, the likeliest first. What is started or enabled was there before, or ends by
itself; a Modify, a Set or an Update has no opposite."""

UNDOES = frozenset(verb for verbs in OPPOSITES.values() for verb in verbs)
"""Operations that may undo others."""

MAKES_WITHOUT_OPPOSITE = frozenset(("Allocate", "Create", "Purchase", "Run"))
"""Operations that make something even where nothing is known to undo it. A Put without an opposite is data or a
setting."""


def leading_word(action: str) -> str:
    """The first word of an operation's name: of `CreateDBInstance`, `Create`; empty if the name begins with none."""
    match = _WORD.match(action)
    return match[0] if match else ""


def after_leading_word(action: str) -> str:
    """What an operation is about: of `CreateDBInstance`, `DBInstance`."""
    return action[len(leading_word(action)) :]


def reads(action: str) -> bool:
    """Whether the operation changes nothing: as sure as a name can make it."""
    word = leading_word(action)
    return word in _READS or (word in _BATCHES_OF_READS and leading_word(after_leading_word(action)) in _READS)


def probably_reads(action: str) -> bool:
    """Whether the operation changes nothing: a good guess."""
    word = leading_word(action)
    if word == "Batch":
        return leading_word(after_leading_word(action)) == "Get"
    return word in _PROBABLY_READS and not action.startswith(_PROBABLY_READS_NOT)


def changes(action: str) -> bool:
    """Whether the operation changes something, whatever else is said of it."""
    return leading_word(action.removeprefix("Batch")) in _CHANGES


def never_overwrites(action: str) -> bool:
    """Whether what the operation makes is new: it writes over nothing, and gives back nothing that was there."""
    return leading_word(action) in _NEVER_OVERWRITES


def leaves_others(action: str) -> bool:
    """Whether the operation makes a thing of its own, and leaves whatever else its request names as it was."""
    is_making = leading_word(action) in _MAKES or action.startswith(_LEAVES_OTHERS)
    return is_making and not action.startswith(_LEAVES_OTHERS_NOT)
