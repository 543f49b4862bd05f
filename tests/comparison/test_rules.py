"""Which differences rules forgive, and how rules are read."""

import datetime as dt
import re
from pathlib import Path as FilePath
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmock_contract.comparison.rules import Rule, Rules
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.exchange import Difference, Kind, Path
from cloudmock_contract.settings import Settings, shipped


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
def test_a_rule_fits_the_places_that_it_names(rule: str, path: Path, *, expected: bool) -> None:
    """A key name fits at any depth, a dotted path from the root, an index one item, and a star any member or item."""
    found = Rules((Rule(rule),)).rule_for("dynamodb.GetItem", path)

    assert (rule if expected else None) == found


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
        ("dynamodb", False),
        ("CreateTable", False),
        ("DynamoDB.*", False),
        ("dynamodbstreams.*", False),
        ("s3.*", False),
    ],
)
def test_a_rule_holds_for_its_operations(path: str, operation: str, *, expected: bool) -> None:
    """A rule that names operations holds for these alone, with wildcards and by exact case."""
    found = Rules((Rule(path, operation),)).rule_for("dynamodb.CreateTable", ("Table", "Name"))

    assert expected is (found is not None)


def test_a_rule_is_named_with_its_scope() -> None:
    """Reports name a rule by its path, and by its operations where it does not hold for all."""
    expected = ["A.B", "A.B in s3.*"]

    assert expected == [str(Rule("A.B")), str(Rule("A.B", "s3.*", reason="why"))]


def test_a_later_rule_counts_where_an_earlier_does_not_hold() -> None:
    """Of several rules for one place, one that holds for the operation is found, wherever it stands."""
    rules = Rules((Rule("A", "s3.*"), Rule("X.A", "sqs.*"), Rule("A", "dynamodb.*"), Rule("X.A", "sns.*")))

    expected = ["A in s3.*", "X.A in sqs.*", "A in dynamodb.*", "X.A in sns.*", None]
    services = ("s3", "sqs", "dynamodb", "sns", "kms")
    assert expected == [rules.rule_for(f"{service}.Do", ("X", "A")) for service in services]


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
    """What a report gives as the place of a difference can be copied into a rule, which forgives just that."""
    rules = Rules((Rule(Difference(path, Kind.VALUE).location),))

    assert rules.rule_for("s3.Get", path) is not None
    assert rules.rule_for("s3.Get", path[:-1]) is None
    assert rules.rule_for("s3.Get", (*path, "below")) is None
    assert rules.rule_for("s3.Get", ("above", *path)) is None
    assert rules.rule_for("s3.Get", (f"{path[0]}x", *path[1:])) is None


@given(st.text() | st.text("ab.[]*0", max_size=12), st.lists(st.sampled_from(("a", "b", "*", 0, 1)), max_size=4))
def test_any_text_is_a_rule_or_refused(text: str, rest: list[str | int]) -> None:
    """Text is either refused as a path or can be asked about any place; nothing else happens."""
    try:
        rules = Rules.from_paths([text])
    except ConfigurationError as error:
        assert repr(text) in str(error)  # noqa: PT017 (either outcome is right)
    else:
        assert rules.rule_for("s3.GetObject", ("a", *rest)) in {text, None}


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


@pytest.fixture
def file(tmp_path: FilePath) -> FilePath:
    """Where the rules file of a test is."""
    return tmp_path / "rules.yaml"


def _date(days: int) -> dt.date:
    return dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# nothing but a comment\n", []),
        ("ignore: []\n", []),
        ("ignore: [RequestId, Table.Arn]\n", [Rule("RequestId"), Rule("Table.Arn")]),
        ("ignore:\n  - Users[*].Arn\n  - rows[0]\n", [Rule("Users[*].Arn"), Rule("rows[0]")]),
        ("ignore: ['2027', \"null\"]\n", [Rule("2027"), Rule("null")]),
        ("{ignore: [{path: A}]}", [Rule("A")]),
        (
            "ignore:\n- {path: A.B, operation: s3.*, reason: 'why', until: 9999-12-31}\n",
            [Rule("A.B", "s3.*", "why", dt.date(9999, 12, 31))],
        ),
        ("ignore: [&name A, *name]\n", [Rule("A"), Rule("A")]),
        ("ignore: [!!str 1]\n", [Rule("1")]),
        ("\ufeffignore: [A]\n", [Rule("A")]),
        ("ignore: [A]\r\n", [Rule("A")]),
        ("%YAML 1.1\n---\nignore: [é]\n...\n", [Rule("é")]),
    ],
)
def test_a_rules_file_is_read(file: FilePath, text: str, expected: list[Rule]) -> None:
    """A file of paths and rule objects, in any notation that YAML has, gives its rules in their order."""
    file.write_text(text, encoding="utf-8")

    assert expected == list(Rules.from_file(file).ignore)


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("ignore: [A]\nunordered: [Tags]\n", 2, "'unordered'"),
        ("ignore: [A]\n1: [Tags]\n", 2, "unknown key 1"),
        ("ignore: [A]\n\nignore: [B]\n", 3, "ignore stands here a second time"),
        ("- A\n", 1, "must be an object"),
        ("\nA\n", 2, "must be an object"),
        ("ignore: A\n", 1, "ignore must be a list"),
        ("ignore:\n  path: A\n", 2, "ignore must be a list"),
        ("ignore:\n", 1, "ignore must be a list"),
        ("ignore:\n  - A\n  - 1\n", 3, "a rule must be a path"),
        ("ignore:\n  - A\n  - null\n", 3, "a rule must be a path"),
        ("ignore:\n  - [A]\n", 2, "a rule must be a path"),
        ("ignore:\n  - 2027-01-31\n", 2, "a rule must be a path"),
        ("ignore:\n  - A..B\n", 2, "'A..B'"),
        ("ignore:\n  - ''\n", 2, "''"),
        ("ignore:\n  - {}\n", 2, "a rule needs a path"),
        ("ignore:\n  - {reason: x}\n", 2, "a rule needs a path"),
        ("ignore:\n  - path: A\n    opperation: x\n", 3, "'opperation'"),
        ("ignore:\n  - path: A\n    ? [x]\n    : 1\n", 3, "['x']"),
        ("ignore:\n  - path: A\n    reason: x\n    path: B\n", 4, "path stands here a second time"),
        ("ignore:\n  - path: 1\n", 2, "path must be text"),
        ("ignore:\n  - path: null\n", 2, "path must be text"),
        ("ignore:\n  - path: A[\n", 2, "'A['"),
        ("ignore:\n  - path: A\n    operation: [s3.*]\n", 3, "operation must be text"),
        ("ignore:\n  - path: A\n    reason: 7\n", 3, "reason must be text"),
        ("ignore:\n  - path: A\n    until: 2027\n", 3, "until must be a date"),
        ("ignore:\n  - path: A\n    until: '2027-01-31'\n", 3, "until must be a date"),
        ("ignore:\n  - path: A\n    until: 2027-01-31 10:00:00\n", 3, "until must be a date"),
        ("ignore:\n  - path: A\n    until: null\n", 3, "until must be a date"),
        ("ignore:\n  - A\n  - path: A\n    until: 2001-01-31\n", 3, "expired on 2001-01-31"),
    ],
)
def test_a_wrong_rules_file_is_refused_with_its_line(file: FilePath, text: str, line: int, fault: str) -> None:
    """What a rules file must not have is refused in one line of text that names the file, its line and the fault."""
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        Rules.from_file(file)

    message = str(caught.value)
    assert message.startswith(f"--config: {file}, line {line}: ")
    assert fault in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ignore: [A\n", 1),
        ("ignore:\n\t- A\n", 2),
        ("ignore: [*nowhere]\n", 1),
        ("ignore: [A]\n---\nignore: [B]\n", 2),
        ("ignore: [A]\n}\n", 2),
        ("ignore:\n  - 'A\n", 2),
        ("%YAML 9\n---\n", 1),
        ("ignore: [A]\nignore: @\n", 2),
        ("ignore:\n  - &a A\n  - &a B\n", 3),
    ],
)
def test_what_is_not_yaml_is_refused_with_its_line(file: FilePath, text: str, line: int) -> None:
    """Text that is not one YAML document is refused as that, with the file, the line and YAML's own reason."""
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        Rules.from_file(file)

    message = str(caught.value)
    assert message.startswith(f"--config: {file} is not YAML: ")
    assert f"line {line}," in message
    assert "\n" not in message


@pytest.mark.parametrize("data", [b"ignore: [\xff]", b"\xff\xfei\x00g\x00", b"\x80"])
def test_a_file_that_is_not_utf_8_is_refused(file: FilePath, data: bytes) -> None:
    """A file in another encoding is refused with its name."""
    file.write_bytes(data)

    with pytest.raises(ConfigurationError, match=f"^--config: {re.escape(str(file))} is not UTF-8 text\\.$"):
        Rules.from_file(file)


@pytest.mark.parametrize("name", ["missing.yaml", "", "file/below"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: FilePath, name: str) -> None:
    """A missing file, a folder and a path through a file are refused with the name and the reason."""
    (tmp_path / "file").touch()
    path = tmp_path / name

    with pytest.raises(ConfigurationError, match=rf"^--config: {re.escape(str(path))} cannot be read: \w.*\.$"):
        Rules.from_file(path)


_YAML_NODES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.binary(),
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(
            st.sampled_from(("ignore", "path", "operation", "reason", "until")) | st.text(), below, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    text=_YAML_NODES.map(lambda node: yaml.safe_dump(node, allow_unicode=True))
    | st.lists(_YAML_NODES).map(lambda rules: yaml.safe_dump({"ignore": rules}))
    | st.text("ignorepath: -[],#'\"|>&%@`\n\t\\", max_size=30)
    | st.text(st.characters(exclude_characters="!*=<?{0123456789"))
)
def test_any_file_is_rules_or_a_configuration_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever is in the file, it is read as rules or refused by name: never does it fail in another way."""
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(text.encode("utf-8", "replace"))
    try:
        rules = Rules.from_file(file)
    except ConfigurationError as error:
        assert re.match(rf"--config: {re.escape(str(file))}(, line \d+: | is not YAML: )", str(error))  # noqa: PT017
    else:
        assert all(isinstance(rule, Rule) for rule in rules.ignore)


@pytest.mark.parametrize(("days", "expected"), [(-1, False), (0, True), (1, True)])
def test_a_rule_holds_until_its_last_day(file: FilePath, days: int, *, expected: bool) -> None:
    """On its last day a rule still holds; from the next day on the run does not start."""
    file.write_text(f"ignore: [{{path: A, until: {_date(days)}}}]\n", encoding="utf-8")
    try:
        rules = Rules.from_file(file)
    except ConfigurationError as error:
        is_valid = False
        assert f"line 1: the rule for A expired on {_date(days)}" in str(error)  # noqa: PT017 (the valid ones raise nothing)
    else:
        is_valid = True
        assert rules.rule_for("s3.GetObject", ("A",)) is not None

    assert expected is is_valid


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ["RequestId", "ResponseMetadata", "Own"]),
        ({"ignore_paths": "A,B.C"}, ["A", "B.C", "Own"]),
        ({"ignore_paths": ""}, ["Own"]),
        ({"strict": True}, ["RequestId", "ResponseMetadata"]),
        ({"strict": True, "ignore_paths": ["A"]}, ["A"]),
        ({"strict": True, "ignore_paths": []}, []),
    ],
)
def test_settings_say_which_rules_there_are(file: FilePath, arguments: dict[str, Any], expected: list[str]) -> None:
    """The given paths replace the default list and come before the file's rules, which a strict run does not have."""
    file.write_text("ignore: [Own]\n", encoding="utf-8")
    rules = Rules.of(Settings.from_options({"config": str(file), **arguments}))

    assert expected == [str(rule) for rule in rules.ignore]


@pytest.mark.parametrize(
    ("operation", "path", "expected"),
    [
        ("dynamodb.GetItem", ("RequestId",), True),
        ("iam.GetUser", ("ResponseMetadata", "RequestId"), True),
        ("ec2.DescribeInstances", ("requestId",), True),
        ("ec2.DescribeInstances", ("RequestID",), True),
        ("s3.GetObject", ("HostId",), True),
        ("ec2.DescribeHosts", ("HostId",), False),
        ("dynamodb.GetItem", ("Item", "Id"), False),
    ],
)
def test_the_shipped_rules_forgive_request_ids(operation: str, path: Path, *, expected: bool) -> None:
    """Without any option, the ids that differ in every reply are forgiven in each spelling that AWS has."""
    rules = Rules.of(Settings.from_options({}))

    assert expected is (rules.rule_for(operation, path) is not None)


@pytest.mark.parametrize("file", sorted(shipped("default.yaml").parent.glob("*.yaml")), ids=lambda file: file.name)
def test_the_shipped_rules_files_can_be_used(file: FilePath) -> None:
    """Every rules file that comes with the program is one that the program takes."""
    rules = Rules.of(Settings.from_options({"config": str(file), "ignore_paths": "Own"}))

    expected = Rule("Own")
    assert expected == rules.ignore[0]


def test_every_shipped_rule_has_its_reason() -> None:
    """The rules file that is used by default says of each rule why."""
    rules = Rules.from_file(shipped("default.yaml")).ignore

    assert rules
    assert all(rule.reason for rule in rules)


@pytest.mark.parametrize(
    "text",
    [
        "ignore: [{path: A, until: 2027-02-30}]", "ignore: [2027-99-99]", "ignore: [!!python/object:os.system x]",
        "ignore: [!x a]", "ignore: [=]", "ignore:\n- <<: {path: A}", "ignore: &a [*a]", "ignore: [!!int x]",
        "ignore: [!!bool x]", "ignore: [!!timestamp x]", "ignore: [0x_]", "? {[a]: b}\n: c",
        "ignore: " + "[" * 3000 + "]" * 3000, "ignore: [" + "1" * 5000 + "]",
    ],
)  # fmt: skip
def test_a_value_that_yaml_cannot_make_is_refused(file: FilePath, text: str) -> None:
    """A tag, a date or a number that cannot be is refused with its line."""
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"line \d"):
        Rules.from_file(file)


def test_items_of_items_are_told_apart() -> None:
    """A star for an index and an index after it name the item of each item."""
    rules = Rules((Rule("A[*][0]"),))

    assert rules.rule_for("s3.Get", ("A", 1, 0))
    assert rules.rule_for("s3.Get", ("A", 0, 1)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("ignore: [A]\n", None),
        ("rewrite_hosts: []\n", ()),
        ("rewrite_hosts: [QueueUrl]\n", (Rule("QueueUrl"),)),
        ("ignore: [A]\nrewrite_hosts:\n- QueueUrl\n- Location\n", (Rule("QueueUrl"), Rule("Location"))),
        (
            "rewrite_hosts:\n- {path: QueueUrl, operation: sqs.*, reason: why, until: 9999-12-31}\n",
            (Rule("QueueUrl", "sqs.*", "why", dt.date(9999, 12, 31)),),
        ),
    ],
)
def test_a_file_names_the_members_whose_hosts_are_rewritten(
    file: FilePath, text: str, expected: tuple[Rule, ...] | None
) -> None:
    """By key, with operations and reasons as any rule has them; an empty list is not the same as none."""
    file.write_text(text, encoding="utf-8")

    assert expected == Rules.from_file(file).rewrite_hosts


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("rewrite_hosts: QueueUrl\n", 1, "rewrite_hosts must be a list"),
        ("rewrite_hosts:\n", 1, "rewrite_hosts must be a list"),
        ("rewrite_hosts:\n  QueueUrl: sqs.*\n", 2, "rewrite_hosts must be a list"),
        ("rewrite_hosts:\n- A\n- Queue.Url\n", 3, "named by its key alone"),
        ("rewrite_hosts:\n- QueueUrls[*]\n", 2, "named by its key alone"),
        ("rewrite_hosts:\n- '*'\n", 2, "named by its key alone"),
        ("rewrite_hosts:\n- {path: Queue.Url}\n", 2, "named by its key alone"),
        ("rewrite_hosts:\n- A[\n", 2, "'A['"),
        ("rewrite_hosts:\n- 1\n", 2, "a rule must be a path"),
        ("rewrite_hosts:\n- {operation: sqs.*}\n", 2, "a rule needs a path"),
        ("rewrite_hosts:\n- {path: A, host: b}\n", 2, "unknown key 'host'"),
        ("rewrite_hosts:\n- {path: A, until: 2001-01-31}\n", 2, "expired on 2001-01-31"),
        ("rewrite_hosts: [A]\nignore: [B]\nrewrite_hosts: []\n", 3, "rewrite_hosts stands here a second time"),
        ("rewrite_host: [A]\n", 1, "unknown key 'rewrite_host'; the file may have ignore, rewrite_hosts"),
    ],
)
def test_wrong_members_are_refused_with_their_line(file: FilePath, text: str, line: int, fault: str) -> None:
    """What has its host rewritten is read as strictly as what is ignored, and is a key, not a path."""
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        Rules.from_file(file)

    assert str(caught.value).startswith(f"--config: {file}, line {line}: ")
    assert fault in str(caught.value)


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


SHIPPED = {"QueueUrl", "QueueUrls", "queueUrls"}


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        ("", {}, SHIPPED),
        ("ignore: [Own]\n", {}, SHIPPED),
        ("rewrite_hosts: [Own]\n", {}, {"Own"}),
        ("rewrite_hosts: []\n", {}, set()),
        ("", {"strict": True}, SHIPPED),
        ("rewrite_hosts: [Own]\n", {"strict": True}, SHIPPED),
        ("rewrite_hosts: []\n", {"strict": True}, SHIPPED),
    ],
)
def test_where_a_file_says_nothing_the_shipped_members_count(
    file: FilePath, text: str, arguments: dict[str, Any], expected: set[str]
) -> None:
    """A file without the key, and a strict run, have the shipped members; an empty list leaves all hosts alone."""
    file.write_text(text, encoding="utf-8")
    rules = Rules.of(Settings.from_options({"config": str(file), **arguments}))

    assert expected == rules.rewritten_members("sqs.CreateQueue")


def test_a_strict_run_forgives_nothing_of_the_shipped_file() -> None:
    """Of the file whose members a strict run takes, it takes nothing else."""
    rules = Rules.of(Settings.from_options({"strict": True, "ignore_paths": ""}))

    assert () == rules.ignore


def test_the_shipped_members_are_sqss_alone() -> None:
    """No other service has its URLs changed unless the user asks for it, and each of the rules says why."""
    rules = Rules.from_file(shipped("default.yaml"))

    assert set() == rules.rewritten_members("s3.CreateBucket") | rules.rewritten_members("dynamodb.GetItem")
    assert all(rule.reason for rule in rules.rewrite_hosts or ())


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
