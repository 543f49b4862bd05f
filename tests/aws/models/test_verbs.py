"""What the first words of operations' names tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.models import verbs


@pytest.mark.parametrize(
    ("action", "word", "rest"),
    [
        ("CreateTable", "Create", "Table"),
        ("CreateDBInstance", "Create", "DBInstance"),
        ("AssociateVPCWithHostedZone", "Associate", "VPCWithHostedZone"),
        ("Unsubscribe", "Unsubscribe", ""),
        ("ABTest", "AB", "Test"),
        ("GET /x", "GET", " /x"),
        ("getThing", "", "getThing"),
        ("", "", ""),
    ],
)
def test_a_name_is_a_word_and_the_rest(action: str, word: str, rest: str) -> None:
    """A word is a capital and what follows it, or capitals alone; a name that begins otherwise has none."""
    assert (word, rest) == (verbs.leading_word(action), verbs.after_leading_word(action))


@pytest.mark.parametrize("action", ["GetItem", "ListTables", "DescribeVpcs", "HeadObject", "Query", "BatchGetItem"])
def test_a_read_is_one_in_every_sense(action: str) -> None:
    """What surely reads probably reads, and does nothing else."""
    assert verbs.reads(action)
    assert verbs.probably_reads(action)
    assert not verbs.changes(action)


@pytest.mark.parametrize(
    "action", ["CheckDNSAvailability", "SimulateCustomPolicy", "TestEventPattern", "ValidateTemplate"]
)
def test_a_probe_probably_reads(action: str) -> None:
    """Operations that test or validate are a good guess, and no ground for a permission."""
    assert verbs.probably_reads(action)
    assert not verbs.reads(action)


@pytest.mark.parametrize("action", ["TransactGetItems", "BatchDescribeEntities"])
def test_every_batch_of_reads_reads(action: str) -> None:
    """The permission knows all of them, the guess only a BatchGet."""
    assert verbs.reads(action)
    assert not verbs.probably_reads(action)


@pytest.mark.parametrize(
    "action", ["PutItem", "CreateTable", "BatchDeleteImage", "Getaway", "CheckInLicense", "TestFailover", "GET /x"]
)
def test_what_is_not_known_to_read_does_not(action: str) -> None:
    """A word that only begins as a verb does is another word."""
    assert not verbs.reads(action)
    assert not verbs.probably_reads(action)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("StartSessionsStatisticsAggregation", True),
        ("BatchPutMessage", True),
        ("DeleteTable", True),
        ("SynthesizeSpeech", False),
        ("GetItem", False),
        ("Puts", False),
    ],
)
def test_some_verbs_surely_change_something(action: str, *, expected: bool) -> None:
    """Alone and in batches; most verbs tell neither."""
    assert expected is verbs.changes(action)


@pytest.mark.parametrize(
    ("action", "never_overwrites", "leaves_others"),
    [
        ("CreateTable", True, True),
        ("RunInstances", True, True),
        ("CopyObject", True, True),
        ("StartExecution", True, True),
        ("StartInstances", True, False),
        ("RestoreSecret", True, False),
        ("RegisterTaskDefinition", False, True),
        ("RegisterTargets", False, False),
        ("CreateTags", True, False),
        ("PutItem", False, False),
        ("GetItem", False, False),
    ],
)
def test_what_is_made_and_what_is_left_as_it_was(action: str, *, never_overwrites: bool, leaves_others: bool) -> None:
    """A new thing may come with a change to another one, and an operation that replaces one may leave all others."""
    assert (never_overwrites, leaves_others) == (verbs.never_overwrites(action), verbs.leaves_others(action))


def test_opposites_are_words_of_their_own() -> None:
    """Every verb of the table is one word, so that the names of operations can be looked up by it."""
    words = {*verbs.OPPOSITES, *verbs.UNDOES, *verbs.MAKES_WITHOUT_OPPOSITE}

    assert words == {verbs.leading_word(f"{word}Thing") for word in words}


@given(st.text() | st.text("ABCabc019 "))
def test_any_name_is_its_word_and_the_rest(action: str) -> None:
    """Whatever an app calls, nothing of its name is lost, and it is no read and a change at once."""
    assert action == verbs.leading_word(action) + verbs.after_leading_word(action)
    assert not (verbs.reads(action) and verbs.changes(action))
