"""Which differences rules forgive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.comparison.rules.rules import Rule, Rules, Tolerate
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.values.difference import Difference, Kind, Path


@pytest.mark.parametrize(
    ("rule", "path", "expected"),
    [
        ("RequestId", ("RequestId",), True),
        ("RequestId", ("Metadata", 0, "RequestId"), True),
        ("RequestId", ("RequestId", "Inner"), False),
        ("RequestId", ("requestid",), False),
        ("RequestId", ("RequestIds",), False),
        ("__type", ("__type",), True),
        ("é", ("a", "é"), True),
        ("a b", ("a b",), True),
        ("0", ("Users", 0), False),
        ("0", ("Users", "0"), True),
        ("Table.Arn", ("Table", "Arn"), True),
        ("Table.Arn", ("Arn",), False),
        ("Table.Arn", ("Table",), False),
        ("Table.Arn", ("Table", "Arn", "Inner"), False),
        ("Table.Arn", ("Outer", "Table", "Arn"), False),
        ("Table.Arn", ("Table", "Inner", "Arn"), False),
        ("Table.Arn", ("Table", "arn"), False),
        ("Users.Arn", ("Users", 0, "Arn"), True),
        ("Users.Arn", ("Users", 17, "Arn"), True),
        ("Users.Arn", ("Users", 0, 1, "Arn"), True),
        ("Users[*].Arn", ("Users", 0, "Arn"), True),
        ("Users[*].Arn", ("Users", 17, "Arn"), True),
        ("Users[*].Arn", ("Users", 0, "Name"), False),
        ("Users[0].Arn", ("Users", 0, "Arn"), True),
        ("Users[0].Arn", ("Users", 1, "Arn"), False),
        ("Users[10].Arn", ("Users", 10, "Arn"), True),
        ("Users[10].Arn", ("Users", 1, "Arn"), False),
        ("Users[0].Arn", ("Users", "0", "Arn"), False),
        ("Users[0]", ("Users", 0), True),
        ("Users[0]", ("Users", 1), False),
        ("Users[0]", ("Users",), False),
        ("Users[*]", ("Users", 3), True),
        ("rows[0][1]", ("rows", 0, 1), True),
        ("rows[0][1]", ("rows", 1, 0), False),
        ("rows[0][1]", ("rows", 0), False),
        ("Table.*.Arn", ("Table", "Index", "Arn"), True),
        ("Table.*.Arn", ("Table", "Arn"), False),
        ("Table.*.Arn", ("Table", "A", "B", "Arn"), False),
        ("Table.*.Arn", ("Table", "Index", 4, "Arn"), True),
        ("Table.*", ("Table", "Anything"), True),
        ("Table.*", ("Table",), False),
        ("*.Arn", ("Table", "Arn"), True),
        ("*.Arn", ("Arn",), False),
    ],
)
def test_a_rule_fits_the_paths_that_it_names(rule: str, path: Path, *, expected: bool) -> None:
    """A key name fits at any depth, a dotted path from the root, an index one item, and a star any member or item."""
    rules = Rules((Rule(rule),)).of_operation("dynamodb.GetItem")

    assert (rule if expected else None) == rules.ignored(path)


@pytest.mark.parametrize("path", ["Name", "Table.Name"])
@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("*", True),
        ("dynamodb.CreateTable", True),
        ("dynamodb.*", True),
        ("*.CreateTable", True),
        ("dynamodb.*Table", True),
        ("dynamodb.Create?able", True),
        ("dynamodb.DeleteTable", False),
        ("DynamoDB.*", False),
        ("dynamodbstreams.*", False),
        ("s3.*", False),
    ],
)
def test_a_rule_holds_for_its_operations(path: str, operation: str, *, expected: bool) -> None:
    """A rule that names operations holds for these alone, with wildcards and by exact case."""
    rules = Rules((Rule(path, operation),)).of_operation("dynamodb.CreateTable")

    assert expected is (rules.ignored(("Table", "Name")) is not None)


def test_a_rule_is_named_with_its_scope() -> None:
    """Reports name a rule by its path, and by its operations where it does not hold for all."""
    expected = ["A.B", "A.B in s3.*"]

    assert expected == [str(Rule("A.B")), str(Rule("A.B", "s3.*", reason="why"))]


def test_a_later_rule_counts_where_an_earlier_does_not_hold() -> None:
    """Of several rules for one path, one that holds for the operation is found, wherever it stands."""
    rules = Rules((Rule("A", "s3.*"), Rule("X.A", "sqs.*"), Rule("A", "dynamodb.*"), Rule("X.A", "sns.*")))

    expected = ["A in s3.*", "X.A in sqs.*", "A in dynamodb.*", "X.A in sns.*", None]
    services = ("s3", "sqs", "dynamodb", "sns", "kms")
    assert expected == [rules.of_operation(f"{service}.Do").ignored(("X", "A")) for service in services]


_NAMES = st.text(st.characters(exclude_characters=".[]", exclude_categories=["Cs"]), min_size=1, max_size=6)
_NO_STARS = _NAMES.filter(lambda name: name != "*")
_PLAIN_PATHS = st.tuples(_NO_STARS, st.lists(_NO_STARS | st.integers(0, 99), min_size=1, max_size=5)).map(
    lambda parts: (parts[0], *parts[1])
)


@given(
    _NAMES, st.lists(_NAMES.map(lambda name: f".{name}") | st.integers(0, 99).map(lambda n: f"[{n}]") | st.just("[*]"))
)
def test_a_path_is_understood_as_it_is_written(first: str, rest: list[str]) -> None:
    """Every path that follows the grammar is a rule, with these steps; -1 stands for any item."""
    rule = Rule(first + "".join(rest))

    expected = [first, *(part[1:] if part[0] == "." else int(part[1:-1].replace("*", "-1")) for part in rest)]
    assert expected == list(rule.steps)
    assert rule.is_key_name is not bool(rest)


@given(_PLAIN_PATHS)
def test_the_location_of_a_difference_is_a_rule_for_it(path: Path) -> None:
    """What a report gives as the location of a difference can be copied into a rule, which forgives just that."""
    rules = Rules((Rule(Difference(path, Kind.VALUE).location),)).of_operation("s3.Get")

    assert rules.ignored(path) is not None
    assert rules.ignored(path[:-1]) is None
    assert rules.ignored((*path, "below")) is None
    assert rules.ignored(("above", *path)) is None
    assert rules.ignored((f"{path[0]}x", *path[1:])) is None


@given(st.text() | st.text("ab.[]*0", max_size=12), st.lists(st.sampled_from(("a", "b", "*", 0, 1)), max_size=4))
def test_any_text_is_a_rule_or_refused(text: str, rest: list[str | int]) -> None:
    """Text is either refused as a path or can be asked about any path; nothing else happens."""
    try:
        rules = Rules.from_paths([text])
    except ConfigurationError as error:
        assert repr(text) in str(error)  # noqa: PT017 (either outcome is right)
    else:
        assert rules.of_operation("s3.GetObject").ignored(("a", *rest)) in {text, None}


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "[0]",
        "[*].a",
        "a[",
        "a]",
        "a[]",
        "a[x]",
        "a[-1]",
        "a[0",
        "a[0]b",
        "a[1.5]",
        "a.[0]",
    ],
)
def test_what_is_no_path_is_refused(text: str) -> None:
    """A path with an empty step, an odd bracket or no name to begin with is refused, with what it was."""
    with pytest.raises(ConfigurationError) as caught:
        Rules.from_paths(["RequestId", text])

    assert str(caught.value).startswith(f"--ignore-paths: {text!r} ")


def test_rules_are_joined_in_order() -> None:
    """The rules of the flag come before those of the file, and all of them count."""
    joined = Rules.from_paths(["A", "B.C"]) + Rules.from_paths(["D"])

    assert [Rule("A"), Rule("B.C"), Rule("D")] == list(joined.ignore)


def test_items_of_items_are_told_apart() -> None:
    """A star for an index and an index after it name the item of each item."""
    rules = Rules((Rule("A[*][0]"),)).of_operation("s3.Get")

    assert rules.ignored(("A", 1, 0))
    assert rules.ignored(("A", 0, 1)) is None


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("sqs.CreateQueue", {"QueueUrl", "Location"}),
        ("sqs.ListQueues", {"QueueUrl", "QueueUrls", "Location"}),
        ("s3.CreateBucket", {"Location"}),
        ("SQS.CreateQueue", {"Location"}),
        ("sqs", {"Location"}),
    ],
)
def test_members_are_rewritten_in_their_operations(operation: str, expected: set[str]) -> None:
    """With wildcards and by exact case, as any rule holds for operations."""
    rules = Rules(rewrite_hosts=(Rule("QueueUrl", "sqs.*"), Rule("QueueUrls", "sqs.ListQueues"), Rule("Location")))

    assert expected == rules.rewritten_members(operation)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (None, None, None),
        (None, (), ()),
        ((), None, ()),
        ((Rule("A"),), None, (Rule("A"),)),
        (None, (Rule("B"),), (Rule("B"),)),
        ((Rule("A"),), (Rule("B"),), (Rule("A"), Rule("B"))),
    ],
)
def test_members_are_joined_in_order(
    first: tuple[Rule, ...] | None, second: tuple[Rule, ...] | None, expected: tuple[Rule, ...] | None
) -> None:
    """Joined, both have a say; nothing is said only where neither says anything."""
    assert expected == (Rules(rewrite_hosts=first) + Rules(rewrite_hosts=second)).rewrite_hosts


_KINDS = ("unordered", "ordered", "opaque", "random", "measured")


@pytest.mark.parametrize("kind", _KINDS)
def test_rules_of_each_kind_are_asked_for_by_path(kind: str) -> None:
    """Each kind holds by key or path, and by operation, is named with its kind, and says nothing of the others."""
    rules = Rules(**{kind: (Rule("Key", "s3.*"), Rule("A.B"))})  # type: ignore[arg-type]  # by name
    here, elsewhere = rules.of_operation("s3.Get"), rules.of_operation("sqs.Get")

    paths: list[Path] = [("x", "Key"), ("A", 0, "B"), ("B",)]
    expected = [f"{kind} Key in s3.*", f"{kind} A.B", None]
    assert expected == [getattr(here, kind)(path) for path in paths]
    assert [None, f"{kind} A.B", None] == [getattr(elsewhere, kind)(path) for path in paths]
    other_kinds = [each for each in _KINDS if each != kind]
    assert [None] * 15 == [
        *(getattr(here, each)(path) for each in other_kinds for path in paths),
        *(here.ignored(path) for path in paths),
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("unordered", None),
        ("ordered", None),
        ("opaque", "opaque Key"),
        ("random", "random Key"),
        ("measured", "measured Key"),
    ],
)
def test_a_list_of_values_counts_by_its_name(kind: str, expected: str | None) -> None:
    """What is said of a member is said of each item of a list in it, but for the order, which is the list's own."""
    rules = Rules(**{kind: (Rule("Key"),)}).of_operation("s3.Get")  # type: ignore[arg-type]  # by name

    assert expected == getattr(rules, kind)(("Key", 3))
    assert getattr(rules, kind)(("Key", 3, "x")) is None


def test_the_names_that_are_ignored_are_known() -> None:
    """Of the rules that hold for the operation, those that name a key, by that key."""
    rules = Rules((Rule("A"), Rule("B", "s3.*"), Rule("B"), Rule("C", "sqs.*"), Rule("D.E")))

    assert {"A": "A", "B": "B in s3.*"} == rules.of_operation("s3.Get").ignored_names


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (None, None, None),
        (Tolerate(identifiers=True), None, Tolerate(identifiers=True)),
        (None, Tolerate(timestamps=1.0), Tolerate(timestamps=1.0)),
        (Tolerate(), Tolerate(True, 1.0, True), Tolerate()),
    ],
)
def test_the_first_says_what_is_tolerated(
    first: Tolerate | None, second: Tolerate | None, expected: Tolerate | None
) -> None:
    """Joined, the first rules that say something of what is tolerated by kind are those that count."""
    assert expected == (Rules(tolerate=first) + Rules(tolerate=second)).tolerate


def test_nothing_is_tolerated_by_itself() -> None:
    """An operation's rules tolerate nothing by kind where nobody has said so."""
    assert Tolerate(False, None, False) == Rules().of_operation("s3.Get").tolerate


@pytest.mark.parametrize("name", ["rewrite_hosts", *_KINDS, "tolerate"])
def test_shipped_rules_stand_where_nothing_is_said(name: str) -> None:
    """Each key that the rules lack is completed, one that is empty is not, and `ignore` is the rules' own."""
    full = Rules(
        (Rule("I"),),
        (Rule("W"),),
        (Rule("U"),),
        (Rule("O"),),
        (Rule("R"),),
        Tolerate(True, 1.0, True),
        (Rule("M"),),
        (Rule("N"),),
    )
    empty = Rules((), (), (), (), (), Tolerate(), (), ())
    values = {each: getattr(empty, each) for each in ("rewrite_hosts", *_KINDS, "tolerate") if each != name}
    completed = Rules(**values).completed_by(full)

    assert getattr(full, name) == getattr(completed, name)
    assert values == {each: getattr(completed, each) for each in values}
    assert () == completed.ignore
    assert empty == empty.completed_by(full)


@pytest.mark.parametrize("operation", ["CreateTable", "dynamodb", "", "s3"])
def test_an_operation_without_service_or_action_is_refused(operation: str) -> None:
    """A rule that could never hold is a mistake, and says how operations are written."""
    with pytest.raises(ValueError, match="is not an operation: write service and action"):
        Rule("A", operation)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("SELECT * FROM t", "unordered Items in dynamodb.*"),
        ("", "unordered Items in dynamodb.*"),
        ("SELECT * FROM t ORDER BY a", None),
        ("select * from t order by a", None),
    ],
)
@pytest.mark.parametrize("path", ["Items", "Items[*]"])
def test_a_rule_may_except_requests(path: str, sent: str, expected: str | None) -> None:
    """By a text that stands in them in whichever case; the rule's other conditions hold as ever."""
    rules = Rules(unordered=(Rule(path, "dynamodb.*", unless="Order By"),)).of_operation("dynamodb.ExecuteStatement")
    place: Path = ("Items",) if path == "Items" else ("Items", 0)

    assert (expected and expected.replace("Items", path)) == rules.unordered(place, sent)
    assert rules.unordered(("Others",), sent) is None


def test_rules_that_except_requests_are_no_names_that_are_ignored() -> None:
    """What holds for some requests alone cannot be known without the request."""
    rules = Rules((Rule("A", unless="x"), Rule("B"))).of_operation("s3.Get")

    assert {"B": "B"} == rules.ignored_names
    assert ["A", None] == [rules.ignored(("A",), sent) for sent in ("y", "x")]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("I",), True),
        (("x", "I"), True),
        (("a", 3, "b", "M"), True),
        (("O",), False),
        (("R",), False),
        (("a", "M"), False),
        (("U",), False),
        (("N",), False),
        (("C",), False),
        ((), False),
    ],
)
def test_what_is_forgiven_whatever_it_is(path: Path, *, expected: bool) -> None:
    """By a rule for every request that ignores it, or that says that it is measured.

    What is random or opaque looks so, and may be alike on both sides, which tells items apart.
    """
    rules = Rules(
        (Rule("I"), Rule("C", unless="x")), None, (Rule("U"),), (Rule("O"),), (Rule("R"),), None, (Rule("a.*.M"),)
    ).of_operation("s3.Get")

    assert expected is rules.forgives_any(path)
    assert {"I", "M"} == rules.names_of_any
