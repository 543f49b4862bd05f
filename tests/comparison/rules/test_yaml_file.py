"""How rules are read."""

import datetime as dt
import re
from pathlib import Path as FilePath
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmock_contract.comparison.rules.rules import Rule, Tolerate
from cloudmock_contract.comparison.rules.yaml_file import rules_from, rules_of
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.settings import Settings, shipped
from cloudmock_contract.values.difference import Path


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

    assert expected == list(rules_from(file).ignore)


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("ignore: [A]\nunorderd: [Tags]\n", 2, "'unorderd'"),
        ("ignore: [A]\n1: [Tags]\n", 2, "unknown key 1"),
        ("ignore: [A]\n\nignore: [B]\n", 3, "ignore is given twice"),
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
        ("ignore:\n  - path: A\n    reason: x\n    path: B\n", 4, "path is given twice"),
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
        rules_from(file)

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
        rules_from(file)

    message = str(caught.value)
    assert message.startswith(f"--config: {file}, line {line}: it is not YAML: ")
    assert "unicode string" not in message
    assert "\n" not in message


@pytest.mark.parametrize("data", [b"ignore: [\xff]", b"\xff\xfei\x00g\x00", b"\x80"])
def test_a_file_that_is_not_utf_8_is_refused(file: FilePath, data: bytes) -> None:
    """A file in another encoding is refused with its name."""
    file.write_bytes(data)

    with pytest.raises(ConfigurationError, match=f"^--config: {re.escape(str(file))} is not UTF-8 text\\.$"):
        rules_from(file)


@pytest.mark.parametrize("name", ["missing.yaml", "", "file/below"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: FilePath, name: str) -> None:
    """A missing file, a folder and a path through a file are refused with the name and the reason."""
    (tmp_path / "file").touch()
    path = tmp_path / name

    with pytest.raises(ConfigurationError, match=rf"^--config: {re.escape(str(path))} cannot be read: \w.*\.$"):
        rules_from(path)


_YAML_NODES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.binary(),
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(
            st.sampled_from(("ignore", "opaque", "tolerate", "timestamps", "path", "operation", "reason", "until"))
            | st.text(),
            below,
            max_size=4,
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
        rules = rules_from(file)
    except ConfigurationError as error:
        assert re.match(rf"--config: {re.escape(str(file))}(, line \d+: | is not YAML: )", str(error))  # noqa: PT017
    else:
        assert all(isinstance(rule, Rule) for rule in rules.ignore)


@pytest.mark.parametrize(("days", "expected"), [(-1, False), (0, True), (1, True)])
def test_a_rule_holds_until_its_last_day(file: FilePath, days: int, *, expected: bool) -> None:
    """On its last day a rule still holds; from the next day on the run does not start."""
    file.write_text(f"ignore: [{{path: A, until: {_date(days)}}}]\n", encoding="utf-8")
    try:
        rules = rules_from(file)
    except ConfigurationError as error:
        is_valid = False
        assert f"line 1: the rule for A expired on {_date(days)}" in str(error)  # noqa: PT017 (the valid ones raise nothing)
    else:
        is_valid = True
        assert rules.of_operation("s3.GetObject").ignored(("A",)) is not None

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
    rules = rules_of(Settings.from_options({"config": str(file), **arguments}))

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
    rules = rules_of(Settings.from_options({}))

    assert expected is (rules.of_operation(operation).ignored(path) is not None)


@pytest.mark.parametrize("file", sorted(shipped("default.yaml").parent.glob("*.yaml")), ids=lambda file: file.name)
def test_the_shipped_rules_files_can_be_used(file: FilePath) -> None:
    """Every rules file that comes with the program is one that the program takes."""
    rules = rules_of(Settings.from_options({"config": str(file), "ignore_paths": "Own"}))

    expected = Rule("Own")
    assert expected == rules.ignore[0]


def test_every_shipped_rule_has_its_reason() -> None:
    """The rules file that is used by default says of each rule why."""
    rules = rules_from(shipped("default.yaml")).ignore

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
        rules_from(file)


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

    assert expected == rules_from(file).rewrite_hosts


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("rewrite_hosts: QueueUrl\n", 1, "rewrite_hosts must be a list"),
        ("rewrite_hosts:\n", 1, "rewrite_hosts must be a list"),
        ("rewrite_hosts:\n  QueueUrl: sqs.*\n", 2, "rewrite_hosts must be a list"),
        ("rewrite_hosts:\n- A\n- Queue.Url\n", 3, "takes the names of members"),
        ("rewrite_hosts:\n- QueueUrls[*]\n", 2, "takes the names of members"),
        ("rewrite_hosts:\n- '*'\n", 2, "takes the names of members"),
        ("rewrite_hosts:\n- {path: Queue.Url}\n", 2, "takes the names of members"),
        ("rewrite_hosts:\n- A[\n", 2, "'A['"),
        ("rewrite_hosts:\n- 1\n", 2, "a rule must be a path"),
        ("rewrite_hosts:\n- {operation: sqs.*}\n", 2, "a rule needs a path"),
        ("rewrite_hosts:\n- {path: A, host: b}\n", 2, "unknown key 'host'"),
        ("rewrite_hosts:\n- {path: A, until: 2001-01-31}\n", 2, "expired on 2001-01-31"),
        ("rewrite_hosts: [A]\nignore: [B]\nrewrite_hosts: []\n", 3, "rewrite_hosts is given twice"),
        (
            "rewrite_host: [A]\n",
            1,
            "unknown key 'rewrite_host'; the file may have ignore, unordered, ordered, opaque, random, measured,",
        ),
    ],
)
def test_wrong_members_are_refused_with_their_line(file: FilePath, text: str, line: int, fault: str) -> None:
    """What has its host rewritten is read as strictly as what is ignored, and is a key, not a path."""
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        rules_from(file)

    assert str(caught.value).startswith(f"--config: {file}, line {line}: ")
    assert fault in str(caught.value)


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
    rules = rules_of(Settings.from_options({"config": str(file), **arguments}))

    assert expected == rules.rewritten_members("sqs.CreateQueue")


def test_a_strict_run_forgives_nothing_of_the_shipped_file() -> None:
    """Of the file whose members a strict run takes, it takes nothing else."""
    rules = rules_of(Settings.from_options({"strict": True, "ignore_paths": ""}))

    assert () == rules.ignore


def test_the_shipped_members_are_those_of_sqs_alone() -> None:
    """No other service has its URLs changed unless the user asks for it, and each of the rules says why."""
    rules = rules_from(shipped("default.yaml"))

    assert set() == rules.rewritten_members("s3.CreateBucket") | rules.rewritten_members("dynamodb.GetItem")
    assert all(rule.reason for rule in rules.rewrite_hosts or ())


@pytest.mark.parametrize("kind", ["unordered", "opaque", "random"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ignore: [A]\n", None),
        ("KIND: []\n", ()),
        ("KIND: [A, B.C]\n", (Rule("A"), Rule("B.C"))),
        ("KIND:\n- {path: A, operation: s3.*, reason: why}\n", (Rule("A", "s3.*", "why"),)),
    ],
)
def test_rules_of_each_kind_are_read(file: FilePath, kind: str, text: str, expected: tuple[Rule, ...] | None) -> None:
    """Under its own key, written as any rule is; an empty list is not the same as none."""
    file.write_text(text.replace("KIND", kind), encoding="utf-8")

    assert expected == getattr(rules_from(file), kind)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ignore: [A]\n", None),
        (
            "tolerate: {identifiers: true, timestamps: 300s, transitional: true}\n",
            Tolerate(identifiers=True, timestamps=300.0, transitional=True),
        ),
        (
            "tolerate: {identifiers: false, timestamps: false, transitional: false}\n",
            Tolerate(identifiers=False, timestamps=None, transitional=False),
        ),
    ],
)
def test_what_is_tolerated_is_read(file: FilePath, text: str, expected: Tolerate | None) -> None:
    """Each of the three can be switched on and off."""
    file.write_text(text, encoding="utf-8")

    assert expected == rules_from(file).tolerate


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90.0), ("90s", 90.0), ("5m", 300.0), ("2h", 7200.0), ("0", 0.0), ("0s", 0.0), ("false", None)],
)
def test_times_have_units(file: FilePath, text: str, expected: float | None) -> None:
    """Seconds, minutes and hours are understood, and none at all; no time is not the same as no tolerance."""
    file.write_text(f"tolerate: {{identifiers: true, timestamps: {text}, transitional: true}}\n", encoding="utf-8")

    assert Tolerate(True, expected, True) == rules_from(file).tolerate


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("tolerate: true\n", 1, "tolerate must be an object with the keys identifiers, timestamps, transitional"),
        ("tolerate: []\n", 1, "tolerate must be an object"),
        ("tolerate:\n  identifers: true\n", 2, "unknown key 'identifers'"),
        ("tolerate:\n  identifiers: yes please\n", 2, "identifiers must be true or false"),
        ("tolerate:\n  identifiers: 1\n", 2, "identifiers must be true or false"),
        ("tolerate:\n  transitional: null\n", 2, "transitional must be true or false"),
        ("tolerate:\n  transitional: [true]\n", 2, "transitional must be true or false"),
        ("tolerate:\n  timestamps: true\n", 2, "timestamps must be a time such as 300s, or false"),
        ("tolerate:\n  timestamps: soon\n", 2, "timestamps must be a time"),
        ("tolerate:\n  timestamps: -1\n", 2, "timestamps must be a time"),
        ("tolerate:\n  timestamps: 1.5\n", 2, "timestamps must be a time"),
        ("tolerate:\n  timestamps: 5 m\n", 2, "timestamps must be a time"),
        ("tolerate:\n  timestamps: 5d\n", 2, "timestamps must be a time"),
        ("tolerate:\n  timestamps: null\n", 2, "timestamps must be a time"),
        ("tolerate:\n  timestamps: ''\n", 2, "timestamps must be a time"),
        ("tolerate:\n  timestamps: ٣s\n", 2, "timestamps must be a time"),
        ("tolerate:\n  timestamps: 1s\n  timestamps: 2s\n", 3, "timestamps is given twice"),
        ("opaque: Key\n", 1, "opaque must be a list"),
        ("random:\n- A[\n", 2, "'A['"),
        ("unordered:\n- {path: A, until: 2001-01-31}\n", 2, "expired on 2001-01-31"),
    ],
)
def test_wrong_tolerance_is_refused_with_its_line(file: FilePath, text: str, line: int, fault: str) -> None:
    """What is tolerated is read as strictly as what is ignored."""
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        rules_from(file)

    assert str(caught.value).startswith(f"--config: {file}, line {line}: ")
    assert fault in str(caught.value)


@pytest.mark.parametrize("key", ["unordered", "opaque", "random", "rewrite_hosts", "tolerate"])
def test_keys_that_a_file_lacks_are_as_shipped(file: FilePath, key: str) -> None:
    """All but `ignore`, of which a file has its own."""
    file.write_text("# nothing\n", encoding="utf-8")
    default = rules_from(shipped("default.yaml"))
    rules = rules_of(Settings.from_options({"config": str(file), "ignore_paths": ""}))

    assert getattr(default, key)
    assert getattr(default, key) == getattr(rules, key)
    assert () == rules.ignore


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("unordered", "[]", ()),
        ("opaque", "[Own]", (Rule("Own"),)),
        ("random", "[]", ()),
        ("measured", "[]", ()),
        ("ordered", "[{path: Own, unless: x}]", (Rule("Own", unless="x"),)),
        (
            "tolerate",
            "{identifiers: false, timestamps: false, transitional: false, orders: false}",
            Tolerate(identifiers=False, timestamps=None, transitional=False),
        ),
    ],
)
def test_a_file_s_own_key_stands_alone(file: FilePath, key: str, text: str, expected: object) -> None:
    """What the file says of a key replaces what is shipped, and the other keys stay as shipped."""
    file.write_text(f"{key}: {text}\n", encoding="utf-8")
    default = rules_from(shipped("default.yaml"))
    rules = rules_of(Settings.from_options({"config": str(file)}))

    assert expected == getattr(rules, key)
    others = {"unordered", "ordered", "opaque", "random", "measured", "tolerate"} - {key}
    assert {other: getattr(default, other) for other in others} == {other: getattr(rules, other) for other in others}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", Tolerate(identifiers=True, timestamps=300.0, transitional=True, orders=True)),
        ("{identifiers: false}", Tolerate(identifiers=False, timestamps=300.0, transitional=True, orders=True)),
        ("{timestamps: 1m}", Tolerate(identifiers=True, timestamps=60.0, transitional=True, orders=True)),
        ("{timestamps: false}", Tolerate(identifiers=True, timestamps=None, transitional=True, orders=True)),
        ("{transitional: false}", Tolerate(identifiers=True, timestamps=300.0, transitional=False, orders=True)),
        (
            "{identifiers: false, transitional: false}",
            Tolerate(identifiers=False, timestamps=300.0, transitional=False, orders=True),
        ),
    ],
)
def test_tolerance_is_completed_key_by_key(file: FilePath, text: str, expected: Tolerate) -> None:
    """A file that switches one thing off leaves the others as they are shipped."""
    file.write_text(f"tolerate: {text}\n", encoding="utf-8")

    assert expected == rules_of(Settings.from_options({"config": str(file)})).tolerate


def test_tolerance_is_completed_by_the_caller_s_default(file: FilePath) -> None:
    """By itself a file completes nothing: without a default, what it does not name is not tolerated."""
    file.write_text("tolerate: {transitional: true}\n", encoding="utf-8")
    default = Tolerate(identifiers=True, timestamps=7.0, transitional=False)

    assert Tolerate(identifiers=False, timestamps=None, transitional=True) == rules_from(file).tolerate
    assert Tolerate(identifiers=True, timestamps=7.0, transitional=True) == rules_from(file, default).tolerate


def test_a_strict_run_tolerates_nothing_by_kind() -> None:
    """Neither rules of any kind nor tolerance are left."""
    rules = rules_of(Settings.from_options({"strict": True}))

    kinds = (rules.unordered, rules.ordered, rules.opaque, rules.random, rules.measured, rules.tolerate)
    assert [None] * 6 == list(kinds)


def test_the_shipped_tolerance_is_what_the_readme_says() -> None:
    """By default identifiers are mapped, times may differ by five minutes, and states in transit and changing orders
    are forgiven.
    """
    expected = Tolerate(identifiers=True, timestamps=300.0, transitional=True, orders=True)

    assert expected == rules_of(Settings.from_options({})).tolerate


def test_every_shipped_rule_of_every_kind_has_its_reason() -> None:
    """Whatever is forgiven by default, the file says why."""
    rules = rules_from(shipped("default.yaml"))

    kinds = (rules.unordered, rules.ordered, rules.opaque, rules.random, rules.measured)
    assert all(rule.reason for kind in kinds for rule in kind or ())


@pytest.mark.parametrize(("text", "is_right"), [("ORDER BY", True), ("''", False), ("1", False), ("[a]", False)])
def test_a_rule_may_except_requests(file: FilePath, text: str, *, is_right: bool) -> None:
    """By a text that stands in them, and is none that stands in all."""
    file.write_text(f"unordered:\n- {{path: Items, unless: {text}}}\n", encoding="utf-8")

    if is_right:
        assert (Rule("Items", unless=text),) == rules_from(file).unordered
    else:
        with pytest.raises(ConfigurationError, match="line 2: unless must be text that stands in requests"):
            rules_from(file)
