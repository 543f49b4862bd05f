"""Why two differing values are forgiven."""

import base64
from dataclasses import replace
from hashlib import md5
from typing import Any

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.models.shapes import at
from cloudmock_contract.aws.sdk.catalog import SdkCatalog
from cloudmock_contract.comparison.identifiers.id_map import Identifiers
from cloudmock_contract.comparison.identifiers.own_hosts import OwnHosts
from cloudmock_contract.comparison.orders import Orders
from cloudmock_contract.comparison.rules.rules import Rule, Rules, Tolerate
from cloudmock_contract.comparison.tolerance import (
    IDENTIFIERS,
    ORDERS,
    TIMESTAMPS,
    TRANSITIONAL,
    ForgivenessPolicy,
    Position,
)
from cloudmock_contract.values.difference import Path

_SDK_CATALOG = SdkCatalog(Services())
_ALL = Tolerate(identifiers=True, timestamps=300.0, transitional=True)
_NOTHING = Tolerate()
_VPC, _OTHER_VPC = "vpc-0a1b2c3d4e5f60718", "vpc-9f8e7d6c5b4a39281"


def _policy(
    operation: str = "dynamodb.DescribeTable", tolerate: Tolerate = _ALL, sent: str = "", **rules: tuple[Rule, ...]
) -> ForgivenessPolicy:
    service, action = operation.split(".")
    operation_rules = Rules(tolerate=tolerate, **rules).of_operation(operation)
    return ForgivenessPolicy(operation_rules, _SDK_CATALOG.of(service, action), Identifiers(), OwnHosts(), sent)


def _position(*path: str | int, modelled_by: ForgivenessPolicy | None = None) -> Position:
    model = modelled_by.sdk_operation.model if modelled_by else None
    return Position((), model.output_shape if model else None).at(path)


def test_rules_are_asked_by_position() -> None:
    """What is ignored and what has no order is as the operation's rules say."""
    policy = _policy(ignore=(Rule("A"),), unordered=(Rule("B"),))

    paths: list[Path] = [("A",), ("B",), ("C",)]
    assert ["A", None, None] == [policy.ignored(path) for path in paths]
    assert [None, "unordered B", None] == [policy.unordered(path) for path in paths]


@pytest.mark.parametrize(
    ("name", "aws", "cloudmock", "expected"),
    [
        ("CreatedAt", 1_700_000_000, 1_700_000_000.5, TIMESTAMPS),
        ("CreatedAt", 1_700_000_000, 1_700_000_300, TIMESTAMPS),
        ("CreatedAt", 1_700_000_300, 1_700_000_000, TIMESTAMPS),
        ("CreatedAt", 1_700_000_000, 1_700_000_301, None),
        ("CreatedAt", 1_700_000_000, 1_700_000_000_000, None),
        ("CreatedAt", 1_700_000_000, "1700000000", None),
        ("Anything", "2024-01-02T03:04:05Z", "2024-01-02T03:09:05Z", TIMESTAMPS),
        ("Anything", "2024-01-02T03:04:05Z", "2024-01-02T03:09:06Z", None),
        ("Anything", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.000Z", TIMESTAMPS),
        ("Anything", "2024-01-02T03:04:05.123456Z", "2024-01-02T03:04:05.12Z", TIMESTAMPS),
        ("Anything", "2024-01-02T03:04:05.1Z", "2024-01-02T03:04:05,1Z", None),
        ("Anything", "2024-01-02T03:04:05.1Z", "2024-01-02 03:04:05.1Z", None),
        ("Anything", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05+00:00", None),
        ("LastModified", "Tue, 02 Jan 2024 03:04:05 GMT", "Tue, 02 Jan 2024 03:04:06 GMT", TIMESTAMPS),
        ("LastModified", "Tue, 02 Jan 2024 03:04:05 GMT", "2024-01-02T03:04:05Z", None),
        ("Count", 1_700_000_000, 1_700_000_001, None),
        ("creationTime", 1_700_000_000, 1_700_000_001, TIMESTAMPS),
        ("StartedOn", 1_700_000_000, 1_700_000_001, TIMESTAMPS),
        ("startTimestamp", 1_700_000_000, 1_700_000_001, TIMESTAMPS),
        ("LastUpdatedDate", 1_700_000_000, 1_700_000_001, TIMESTAMPS),
        ("updated_at", 1_700_000_000, 1_700_000_001, TIMESTAMPS),
        ("expiration", 1_700_000_000, 1_700_000_001, TIMESTAMPS),
        ("exp", 1_700_000_000, 1_700_000_001, TIMESTAMPS),
        ("Version", 1_700_000_000, 1_700_000_001, None),
        ("Format", 1_700_000_000, 1_700_000_001, None),
        ("Duration", 1_700_000_000, 1_700_000_001, None),
        ("Weekend", 1_700_000_000, 1_700_000_001, None),
        ("lifetime", 1_700_000_000, 1_700_000_001, None),
        ("CreatedAt", 1, 2, None),
        ("CreatedAt", True, False, None),
        ("CreatedAt", 1_700_000_000, None, None),
        ("CreatedAt", "soon", "later", None),
    ],
)
def test_times_may_be_a_little_apart(name: str, aws: object, cloudmock: object, expected: str | None) -> None:
    """Within the window, and in one notation; numbers are times where a word of their member's name says so."""
    assert expected == _policy().forgiven(_position(name), aws, cloudmock)


def test_the_model_says_what_is_a_time() -> None:
    """A number in a member that the model calls a timestamp is one, whatever the member's name."""
    policy = _policy("sts.GetCallerIdentity")
    model = _SDK_CATALOG.of("dynamodb", "DescribeTable").model
    assert model is not None
    shape = at(model.output_shape, ("Table", "CreationDateTime"))

    assert TIMESTAMPS == policy.forgiven(Position(("Count",), shape), 1_700_000_000, 1_700_000_001)


@pytest.mark.parametrize(("seconds", "expected"), [(0.0, None), (1.0, TIMESTAMPS), (None, None)])
def test_the_window_is_the_rules(seconds: float | None, expected: str | None) -> None:
    """How far apart two times may be is what the rules say; without it they may not be, and are no identifiers."""
    policy = _policy(tolerate=Tolerate(identifiers=True, timestamps=seconds, transitional=True))

    assert expected == policy.forgiven(_position("CreatedAt"), "2024-01-02T03:04:05Z", "2024-01-02T03:04:06Z")
    assert not policy.identifiers.knows("2024-01-02T03:04:05Z")


@pytest.mark.parametrize(
    ("operation", "name", "aws", "cloudmock", "expected"),
    [
        ("dynamodb.DescribeTable", "TableStatus", "CREATING", "ACTIVE", TRANSITIONAL),
        ("dynamodb.DescribeTable", "TableStatus", "ACTIVE", "CREATING", None),
        ("dynamodb.CreateTable", "TableStatus", "CREATING", "ACTIVE", TRANSITIONAL),
        ("dynamodb.DescribeTable", "TableStatus", "UPDATING", "ACTIVE", TRANSITIONAL),
        ("dynamodb.DescribeTable", "TableStatus", "DELETING", "ACTIVE", None),
        ("dynamodb.DescribeTable", "TableStatus", "ACTIVE", "DELETING", None),
        ("dynamodb.DescribeTable", "TableStatus", "CREATING", "UPDATING", None),
        ("dynamodb.DescribeTable", "TableStatus", "ARCHIVED", "ACTIVE", None),
        ("dynamodb.DescribeTable", "OtherStatus", "CREATING", "ACTIVE", None),
        ("dynamodb.DescribeTable", "TableStatus", "CREATING", None, None),
        ("lambda.GetFunction", "State", "Pending", "Active", TRANSITIONAL),
        ("ec2.DescribeInstances", "Name", "shutting-down", "terminated", TRANSITIONAL),
        ("ec2.DescribeInstances", "Name", "pending", "running", TRANSITIONAL),
        ("ec2.DescribeInstances", "Name", "pending", "terminated", None),
        ("ec2.DescribeInstances", "Name", "stopping", "running", None),
        ("sqs.ReceiveMessage", "Status", "CREATING", "ACTIVE", None),
    ],
)
def test_a_state_may_be_on_its_way_to_the_other(
    operation: str, name: str, aws: object, cloudmock: object, expected: str | None
) -> None:
    """CloudMock may be as far as AWS will be, in members where waiters look; not behind, nor somewhere else."""
    assert expected == _policy(operation).forgiven(_position(name), aws, cloudmock)


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ("AAAA", "2", "opaque Token"),
        ("x", "a much longer token", "opaque Token"),
        ("AAAA", "", None),
        ("", "AAAA", None),
        ("AAAA", 2, None),
        ("AAAA", None, None),
    ],
)
def test_opaque_texts_are_as_good_as_each_other(aws: object, cloudmock: object, expected: str | None) -> None:
    """Any text for any other, but not for none; the request that sends it back is translated."""
    policy = _policy(opaque=(Rule("Token"),))

    assert expected == policy.forgiven(_position("x", "Token"), aws, cloudmock)
    if expected is not None:
        assert cloudmock == policy.identifiers.for_cloudmock(str(aws))


def test_an_opaque_text_may_change_its_partner() -> None:
    """The same handle may come with another one each time; the last one is what CloudMock gets back."""
    policy = _policy(opaque=(Rule("Token"),))
    rules = [policy.forgiven(_position("Token"), "AAAA", cloudmock) for cloudmock in ("1", "2")]

    assert ["opaque Token"] * 2 == rules
    assert "2" == policy.identifiers.for_cloudmock("AAAA")


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ("the text", "aTxet he", "random Key"),
        (12, 7_000, "random Key"),
        (1.5, 2.5, "random Key"),
        ("1", 1, None),
        (1, True, None),
        ("", None, None),
    ],
)
def test_random_results_are_of_one_type(aws: object, cloudmock: object, expected: str | None) -> None:
    """What is random by design may be anything of its type."""
    policy = _policy(random=(Rule("Key"),))

    assert expected == policy.forgiven(_position("Key"), aws, cloudmock)


@pytest.mark.parametrize(("length", "expected"), [(32, "random Key"), (16, None), (64, None)])
def test_random_texts_are_of_one_length(length: int, expected: str | None) -> None:
    """A key of another length is another kind of key."""
    aws, cloudmock = base64.b64encode(b"a" * 32).decode(), base64.b64encode(b"b" * length).decode()
    policy = _policy(tolerate=_NOTHING, random=(Rule("Key"),))

    assert expected == policy.forgiven(_position("Key"), aws, cloudmock)


def test_random_texts_that_are_sent_back_are_translated() -> None:
    """An encrypted text is another one on each side, and CloudMock has to get its own to decrypt."""
    policy = _policy(random=(Rule("Blob"),))
    policy.forgiven(_position("Blob"), "AQICAHh8/w==", "S0VZMTIz/w==")

    assert "S0VZMTIz/w==" == policy.identifiers.for_cloudmock("AQICAHh8/w==")


@pytest.mark.parametrize(
    ("name", "aws", "cloudmock", "expected"),
    [
        ("VpcId", _VPC, _OTHER_VPC, IDENTIFIERS),
        ("VpcId", _VPC, "vpc-9f8e7d6c", None),
        ("Name", "orders", "baskets", None),
        ("VpcId", _VPC, None, None),
        ("VpcId", 1, 2, None),
        (
            "QueueUrl",
            "https://sqs.eu-west-1.amazonaws.com/123456789012/q",
            "http://localhost:4566/000000000000/q",
            IDENTIFIERS,
        ),
        ("Url", "https://sqs.eu-west-1.amazonaws.com/orders", "http://localhost:4566/orders", IDENTIFIERS),
        ("Url", "https://sqs.eu-west-1.amazonaws.com/orders", "http://localhost:4566/baskets", None),
        ("Url", "https://example.com/orders", "http://localhost:4566/orders", None),
    ],
)
def test_identifiers_stand_for_each_other(name: str, aws: object, cloudmock: object, expected: str | None) -> None:
    """What is generated is mapped; each side's own host in a URL says nothing."""
    assert expected == _policy().forgiven(_position(name), aws, cloudmock)


def test_a_message_s_request_id_says_nothing() -> None:
    """Messages quote the id of their request, which is another one each time; their other words count."""
    policy = _policy()
    texts = [f"No such thing (Request ID: {number}a1b2c3-d4e5)" for number in range(2)]

    assert IDENTIFIERS == policy.forgiven(_position("Message"), *texts)
    assert policy.forgiven(_position("Message"), texts[0], texts[1].replace("thing", "table")) is None


def test_listed_values_are_no_identifiers() -> None:
    """A value that the model lists means something, however generated it looks."""
    policy = _policy("lambda.GetFunction")
    path = ("Configuration", "Runtime")

    assert policy.forgiven(_position(*path, modelled_by=policy), _VPC, _OTHER_VPC) is None
    assert IDENTIFIERS == policy.forgiven(_position(*path), _VPC, _OTHER_VPC)


def test_what_is_switched_off_forgives_nothing_and_learns_nothing() -> None:
    """Without tolerance by kind, no generated value, time or state is forgiven, and opaque texts are not mapped."""
    policy = _policy(tolerate=_NOTHING, opaque=(Rule("Token"),), random=(Rule("Key"),))
    pairs: list[tuple[str, Any, Any]] = [
        ("VpcId", _VPC, _OTHER_VPC),
        ("CreatedAt", 1_700_000_000, 1_700_000_001),
        ("TableStatus", "CREATING", "ACTIVE"),
    ]

    assert [None] * 3 == [policy.forgiven(_position(name), aws, cloudmock) for name, aws, cloudmock in pairs]
    assert ["opaque Token", "random Key"] == [
        policy.forgiven(_position(name), "AAAAbbbb", "CCCCdddd") for name in ("Token", "Key")
    ]
    assert ["AAAAbbbb", _VPC] == [policy.identifiers.for_cloudmock(text) for text in ("AAAAbbbb", _VPC)]


def test_cloudmock_s_texts_are_read_as_aws_s() -> None:
    """As far as identifiers are tolerated."""
    policy, strict = _policy(), _policy(tolerate=_NOTHING)
    for each in (policy, strict):
        each.identifiers.pair(_VPC, _OTHER_VPC, "VpcId")

    assert [_VPC, _OTHER_VPC] == [policy.for_aws(_OTHER_VPC), strict.for_aws(_OTHER_VPC)]


def _message(body: object, checksum: str = "", name: str = "MD5OfBody") -> dict[str, object]:
    return {"Body": body, name: checksum or md5(str(body).encode(), usedforsecurity=False).hexdigest()}


@pytest.mark.parametrize(
    ("name", "aws", "cloudmock", "expected"),
    [
        ("MD5OfBody", _message("a"), _message("b"), IDENTIFIERS),
        ("MD5OfBody", _message("é"), _message("b"), IDENTIFIERS),
        ("MD5OfBody", _message("a"), _message("b", "0" * 32), None),
        ("MD5OfBody", _message("a", "0" * 32), _message("b"), None),
        ("MD5OfBody", _message("a"), _message(1), None),
        ("MD5OfBody", _message("a"), {"MD5OfBody": "0" * 32}, None),
        ("MD5Other", _message("a", name="MD5Other"), _message("b", name="MD5Other"), None),
        ("Body", _message("a"), _message("b"), None),
    ],
)
def test_a_checksum_follows_from_its_content(
    name: str, aws: dict[str, object], cloudmock: dict[str, object], expected: str | None
) -> None:
    """If it is right on both sides, it differs because the content does; a wrong one is a difference of its own."""
    assert expected == _policy("sqs.ReceiveMessage").derived(name, aws, cloudmock)
    assert _policy("sqs.ReceiveMessage", _NOTHING).derived(name, aws, cloudmock) is None


@pytest.mark.parametrize(
    ("length", "expected"),
    [(1_600, "random Key"), (1_632, "random Key"), (1_568, "random Key"), (1_633, None), (1_567, None)],
)
def test_random_texts_vary_a_little_in_their_length(length: int, expected: str | None) -> None:
    """Keys in PEM are a few characters longer or shorter by chance; what is much longer is another kind of key."""
    assert expected == _policy(random=(Rule("Key"),)).forgiven(_position("Key"), "a" * 1_600, "b" * length)


def test_a_random_result_of_another_length_is_not_forgiven_otherwise() -> None:
    """Where the rule for random results is sure that two differ, they are not taken for identifiers."""
    policy = _policy(random=(Rule("NextToken"),))

    assert policy.forgiven(_position("NextToken"), "a1" * 40, "b2" * 20) is None
    assert not policy.identifiers.knows("a1" * 40)
    assert IDENTIFIERS == _policy().forgiven(_position("NextToken"), "a1" * 40, "b2" * 20)


@pytest.mark.parametrize("cloudmock", ["eu-west-1b", "xxxxxxxxxx"])
def test_a_place_in_another_region_is_not_random(cloudmock: str) -> None:
    """Where AWS chooses the zone, it chooses one of the region."""
    policy = _policy("ec2.DescribeSubnets", random=(Rule("AvailabilityZone"),))

    assert policy.forgiven(_position("AvailabilityZone"), "us-east-1a", cloudmock) is None


@pytest.mark.parametrize(("aws", "cloudmock"), [("us-east-1a", "us-east-1b"), ("use1-az4", "use1-az6")])
def test_random_places_are_not_learned(aws: str, cloudmock: str) -> None:
    """Where AWS chooses the zone, another one is forgiven each time, and a request that names one stays as it is."""
    policy = _policy("ec2.DescribeSubnets", random=(Rule("AvailabilityZone"),))

    for zone in (cloudmock, aws[:-1] + ("c" if aws.endswith("a") else "5")):
        assert "random AvailabilityZone" == policy.forgiven(_position("AvailabilityZone"), aws, zone)
    assert (aws, cloudmock) == (policy.identifiers.for_cloudmock(aws), policy.identifiers.for_aws(cloudmock))


@pytest.mark.parametrize(
    ("aws", "cloudmock", "sent", "expected"),
    [
        (_VPC, _OTHER_VPC, f'{{"VpcId": "{_VPC}"}}', None),
        (_VPC, _OTHER_VPC, f"/path/{_VPC}?x=y", None),
        (_VPC, _OTHER_VPC, f'{{"VpcId": "{_OTHER_VPC}"}}', IDENTIFIERS),
        (_VPC, _OTHER_VPC, "something else", IDENTIFIERS),
        ("ab1234", "ab1235", '{"Id": "ab1234"}', None),
        ("ab123", "ab124", '{"Id": "ab123"}', IDENTIFIERS),
    ],
)
def test_what_stands_in_the_request_is_not_learned(aws: str, cloudmock: str, sent: str, expected: str | None) -> None:
    """What the app has said has to come back as it is; a short text stands there by chance."""
    policy = _policy(sent=sent)

    assert expected == policy.forgiven(_position("Id"), aws, cloudmock)
    assert policy.identifiers.knows(aws) is (expected is not None)


def test_what_was_learned_counts_though_the_request_says_it() -> None:
    """The app sends back what it was given: CloudMock's partner is the right answer, and no other one is."""
    policy = _policy(sent=f'{{"VpcId": "{_VPC}"}}')
    policy.identifiers.pair(_VPC, _OTHER_VPC, "VpcId")

    assert IDENTIFIERS == policy.forgiven(_position("VpcId"), _VPC, _OTHER_VPC)
    assert policy.forgiven(_position("VpcId"), _VPC, "vpc-11111111aaaaaaaa1") is None


_UUID, _OTHER_UUID = "6f1ed002-ab5d-4c0a-9c0a-0b1c2d3e4f50", "c9bf9e57-1685-4c89-bafb-ff5af830be8a"


@pytest.mark.parametrize(
    "path",
    [("Messages", 0, "Body"), ("Records", 0, "Data"), ("output", "Id"), ("Payload", "Id")],
)
@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_UUID, _OTHER_UUID, IDENTIFIERS),
        (f"/jobs/{_UUID}/end", f"/jobs/{_OTHER_UUID}/end", IDENTIFIERS),
        ("Zk7pQ2vXw9Lm4TbR8sYn", "Qm3xR8bNk2Lw7VcT5jHd", IDENTIFIERS),
        ("order-1001", "order-1002", None),
        ("1234567890", "1234567891", None),
        ("vpc-0a1b2c3d", "vpc-9f8e7d6c", None),
        ("AB12CD34", "EF56GH78", None),
        ("10.0.0.1", "10.0.0.2", None),
        (_UUID, "order-1001", None),
        (f"{_UUID} of 1001", f"{_OTHER_UUID} of 1002", None),
    ],
)
def test_of_payload_only_unmistakable_values_are_learned(
    path: Path, aws: str, cloudmock: str, expected: str | None
) -> None:
    """Of what AWS passes on, UUIDs and long random texts are by nobody's hand; the rest is content, whatever it is."""
    policy = _policy("dynamodb.GetItem")

    assert expected == policy.forgiven(_position(*path), aws, cloudmock)
    assert (aws == policy.identifiers.for_cloudmock(aws)) is (expected is None)


def test_payload_of_known_values_is_understood() -> None:
    """What was learned elsewhere stands for its partner also among the user's own."""
    policy = _policy("dynamodb.GetItem")
    policy.forgiven(_position("VpcId"), "vpc-0a1b2c3d", "vpc-9f8e7d6c")

    assert IDENTIFIERS == policy.forgiven(_position("Item", "k", "S"), "in vpc-0a1b2c3d", "in vpc-9f8e7d6c")


@pytest.mark.parametrize("name", ["ETag", "ChecksumSHA256"])
def test_a_hash_of_other_content_is_never_forgiven(name: str) -> None:
    """Neither when it is new nor when it is known."""
    policy = _policy("s3.PutObject")

    assert [None] * 3 == [policy.forgiven(_position(name), "a1" * 16, "b2" * 16) for _ in range(3)]


def test_an_id_of_another_length_is_a_difference_at_first_sight() -> None:
    """It is told once; from then on the two stand for each other."""
    policy = _policy()
    rules = [policy.forgiven(_position("VpcId"), _VPC, "vpc-9f8e7d6c") for _ in range(3)]

    assert [None, IDENTIFIERS, IDENTIFIERS] == rules


@pytest.mark.parametrize(
    ("path", "expected"), [((), ""), (("a",), "a"), (("a", 0), "a"), (("a", "b", 1, 2), "b"), ((0,), "")]
)
def test_a_place_goes_by_its_member(path: Path, expected: str) -> None:
    """An item of a list has the name of the list."""
    assert expected == Position(path, None).name == Position((), None).at(path).name


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("Item", "k", "S"), True),
        (("Messages", 0, "Body"), True),
        (("Body", "k", 0), True),
        (("Records", 0, "Data"), True),
        (("output",), True),
        (("Table", "TableName"), False),
        (("s",), False),
        ((0,), False),
        ((), False),
    ],
)
def test_a_place_knows_whose_it_is(path: Path, *, expected: bool) -> None:
    """What is in a member that holds payload, or below one, is the user's own."""
    assert expected is Position((), None).at(path).is_payload


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("kms.Decrypt", ("Plaintext",)),
        ("kinesis.GetRecords", ("Records", 0, "Data")),
        ("sqs.ReceiveMessage", ("Messages", 0, "MessageAttributes", "a", "BinaryValue")),
        ("secretsmanager.GetSecretValue", ("SecretBinary",)),
        ("secretsmanager.GetSecretValue", ("SecretString",)),
        ("dynamodb.GetItem", ("Item", "a", "B")),
        ("dynamodb.GetItem", ("Item", "a", "S")),
        ("dynamodb.GetItem", ("Item", "a", "M", "b", "SS", 0)),
        ("ec2.DescribeVpcs", ("Vpcs", 0, "Tags", 0, "Value")),
        ("lambda.GetFunctionConfiguration", ("Environment", "Variables", "a")),
    ],
)
@pytest.mark.parametrize(
    ("aws", "cloudmock"),
    [
        (_UUID, _OTHER_UUID),
        ("Zk7pQ2vXw9Lm4TbR8sYn", "Qm3xR8bNk2Lw7VcT5jHd"),
        ("b3JkZXI9MTthbW91bnQ9MTAwOw==", "b3JkZXI9MTthbW91bnQ9OTk5Ow=="),
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:06Z"),
        (_VPC, _OTHER_VPC),
    ],
)
def test_a_user_s_content_is_no_id(operation: str, path: Path, aws: str, cloudmock: str) -> None:
    """However random it looks, of whichever length: it comes back as it was given, or it is wrong."""
    policy = _policy(operation)

    assert policy.forgiven(_position(*path, modelled_by=policy), aws, cloudmock) is None
    assert aws == policy.identifiers.for_cloudmock(aws)


def test_a_user_s_content_may_be_known_values() -> None:
    """What was learned where AWS made it stands for its partner everywhere: the app may have given it back."""
    policy = _policy("kms.Decrypt", random=(Rule("New"),))
    aws, cloudmock = (base64.b64encode(bytes(range(start, start + 32))).decode() for start in (0, 100))
    policy.forgiven(_position("New"), aws, cloudmock)

    assert IDENTIFIERS == policy.forgiven(_position("Plaintext", modelled_by=policy), aws, cloudmock)
    assert policy.forgiven(_position("Plaintext", modelled_by=policy), aws, f"A{cloudmock[1:]}") is None


@pytest.mark.parametrize(
    ("name", "expected"), [("Value", None), ("Id", None), ("NextToken", IDENTIFIERS), ("Cursor", IDENTIFIERS)]
)
def test_base64_of_a_text_is_no_id(name: str, expected: str | None) -> None:
    """Unless only its maker reads it: a page token is often base64 of where the next page begins."""
    aws, cloudmock = (base64.b64encode(f"page {number} of 20".encode()).decode() for number in (10, 11))

    assert expected == _policy().forgiven(_position(name), aws, cloudmock)


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("bedrock-runtime.Converse", ("output", "message", "content", 0, "toolUse", "toolUseId")),
        ("bedrock-runtime.ConverseStream", ("stream", 0, "contentBlockStart", "start", "toolUse", "toolUseId")),
        ("bedrock-runtime.InvokeModel", ("body", "content", 0, "id")),
    ],
)
def test_an_id_in_what_is_passed_on_is_aws_s(operation: str, path: Path) -> None:
    """A structure of the model's is AWS's, whatever it is called; and in a model's answer the ids are made anew."""
    policy = _policy(operation)
    position = _position(*path, modelled_by=policy)

    assert IDENTIFIERS == policy.forgiven(position, "tooluse_Qx06fk-ZTJik1Otgpkc1uB", "tooluse_kJ3mQ8xTzR1vWnFyLpB2cA")
    text = position.at(())
    assert policy.forgiven(text, "The weather is fine.", "The weather is grim.") is None


def _tagged(key: str, value: str) -> dict[str, str]:
    return {"Key": key, "Value": value}


_STACKS = [
    f"arn:aws:cloudformation:eu-west-1:{account}:stack/n/{uuid}"
    for account, uuid in (("123456789012", _UUID), ("000000000000", _OTHER_UUID))
]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("aws:cloudformation:stack-id", IDENTIFIERS),
        ("stack-id", None),
        ("AWS:stack-id", None),
        ("my-aws:stack-id", None),
    ],
)
def test_tags_of_aws_s_own_hold_what_aws_made(key: str, expected: str | None) -> None:
    """Those whose keys begin with `aws:`, which no user can set, in lists of tags and in maps."""
    policy = _policy("ec2.DescribeVpcs")
    tag = _position("Vpcs", 0, "Tags", 0, modelled_by=policy).holding(_tagged(key, _STACKS[0]))

    assert expected == policy.forgiven(tag.below("Value"), *_STACKS)
    assert expected == _policy("lambda.ListTags").forgiven(_position("Tags", key), *_STACKS)


def test_a_tag_of_aws_s_own_is_one_only_among_tags() -> None:
    """An item of the user's that looks like one is still an item."""
    position = _position("Item", "tag", "M").holding(_tagged("aws:x", _UUID))

    assert _policy().forgiven(position.below("Value").below("S"), _UUID, _OTHER_UUID) is None


_AT = "At 2024-01-02T03:04:05Z an instance was started"


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_AT, _AT.replace("05Z", "09Z"), TIMESTAMPS),
        (_AT, _AT.replace("05Z", "05.123Z"), TIMESTAMPS),
        (_AT, _AT.replace("T03", "T04"), None),
        (_AT, _AT.replace("05Z", "05+00:00"), None),
        (_AT, _AT.replace("started", "stopped"), None),
        (_AT, f"{_AT} 2024-01-02T03:04:05Z", None),
        (_AT, _AT.replace("an instance", "the instance"), None),
        (f"{_AT}: {_VPC}", f"{_AT}: {_OTHER_VPC}".replace("05Z", "06Z"), IDENTIFIERS),
        ("Duration: 1.23 ms\tMax Memory Used: 35 MB", "Duration: 105 ms\tMax Memory Used: 36 MB", TIMESTAMPS),
        ("Duration: 1.23 ms", "Duration: 1.23 s", None),
        ("Timeout: 3 s", "Timeout: 4 s", None),
        ("queue-CREATE_COMPLETE-2024-01-02T03:04:05.678Z", "queue-CREATE_COMPLETE-2024-01-02T03:04:06.1Z", TIMESTAMPS),
        ("queue-CREATE_COMPLETE-2024-01-02T03:04:05.678Z", "topic-CREATE_COMPLETE-2024-01-02T03:04:05.678Z", None),
    ],
)
@pytest.mark.parametrize("name", ["Cause", "Description", "message", "EventId"])
def test_times_and_durations_in_a_sentence(name: str, aws: str, cloudmock: str, expected: str | None) -> None:
    """Where the service says when it was and how long it took, in the same place of the same sentence."""
    assert expected == _policy().forgiven(_position(name), aws, cloudmock)


def test_the_time_in_the_name_of_a_stream_is_learned() -> None:
    """It is sent back, and CloudMock has to get its own."""
    policy = _policy()
    aws, cloudmock = (
        f"arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-02T03:04:0{second}.678"
        for second in (5, 6)
    )

    assert IDENTIFIERS == policy.forgiven(_position("LatestStreamArn"), aws, cloudmock)
    assert cloudmock == policy.identifiers.for_cloudmock(aws)


def test_times_in_a_sentence_are_as_far_apart_as_the_rules_say() -> None:
    """Without tolerance of times they count, and so do durations; in what is the user's own they always do."""
    strict = Tolerate(identifiers=True, timestamps=None, transitional=True)
    texts = _AT, _AT.replace("05Z", "06Z")

    assert _policy(tolerate=strict).forgiven(_position("Cause"), *texts) is None
    assert _policy(tolerate=strict).forgiven(_position("Cause"), "Duration: 1 ms", "Duration: 2 ms") is None
    assert _policy().forgiven(_position("Item", "a", "S"), *texts) is None


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (683, 12, "measured took"),
        (683, 0.5, "measured took"),
        ("683", "12", "measured took"),
        ("1.5", "12", "measured took"),
        ("683", 12, None),
        (683, "12", None),
        (683, None, None),
        (1, True, None),
        (True, False, None),
        ("683", "", None),
        ("683", "12 ms", None),
        ([1], [2], None),
    ],
)
def test_measured_numbers_are_as_good_as_each_other(aws: object, cloudmock: object, expected: str | None) -> None:
    """Any number for any other, and any text of one for any other; none of them is an identifier."""
    policy = _policy(measured=(Rule("took"),))

    assert expected == policy.forgiven(_position("x", "took"), aws, cloudmock)
    assert str(aws) == policy.identifiers.for_cloudmock(str(aws))


@pytest.mark.parametrize(
    ("length", "other", "expected"), [(96, 92, "random Key"), (92, 96, "random Key"), (96, 88, None), (44, 40, None)]
)
def test_signatures_vary_by_some_bytes(length: int, other: int, expected: str | None) -> None:
    """The numbers of an ECDSA signature lack their leading zeros; a short key lacks nothing."""
    assert expected == _policy(random=(Rule("Key"),)).forgiven(_position("Key"), "a" * length, "b" * other)


_LISTS: list[list[object]] = [[{"Name": name} for name in names] for names in ("abc", "bca", "cab")]


@pytest.mark.parametrize(
    ("tolerate", "rules", "expected"),
    [
        (Tolerate(orders=True), {}, ORDERS),
        (Tolerate(orders=False), {}, None),
        (Tolerate(orders=True), {"ordered": (Rule("Items"),)}, None),
        (Tolerate(orders=True), {"ordered": (Rule("Items", unless="a text"),)}, ORDERS),
        (Tolerate(orders=False), {"unordered": (Rule("Items"),)}, "unordered Items"),
        (Tolerate(orders=True), {"unordered": (Rule("Items", unless="a text"),)}, ORDERS),
        (Tolerate(orders=True), {"unordered": (Rule("Items"),), "ordered": (Rule("Items"),)}, "unordered Items"),
    ],
)
def test_an_order_that_a_side_itself_changes_is_none(
    tolerate: Tolerate, rules: dict[str, tuple[Rule, ...]], expected: str | None
) -> None:
    """Where orders are tolerated, and AWS does not promise this one."""
    orders = Orders()
    policy = replace(
        _policy("sqs.ListQueues", tolerate, "a text", **rules), orders=orders.of_request("sqs.ListQueues", "a text")
    )
    policy.note_order(("Items",), _LISTS[0], _LISTS[1])
    before = policy.unordered(("Items",))
    policy.note_order(("Items",), _LISTS[0], _LISTS[2])

    assert [None if expected == ORDERS else expected, expected] == [before, policy.unordered(("Items",))]


def test_without_a_memory_every_order_counts() -> None:
    """A policy that is not told of a run knows of no other exchange."""
    policy = _policy(tolerate=Tolerate(orders=True))
    for cloudmock in _LISTS:
        policy.note_order(("Items",), _LISTS[0], cloudmock)

    assert policy.unordered(("Items",)) is None


def test_the_essence_of_items_is_what_rules_leave() -> None:
    """Whatever is forgiven for whatever else is taken out at its path; items of which no rule says anything stay."""
    policy = _policy(
        "sqs.ReceiveMessage",
        ignore=(Rule("L.*.p"), Rule("L.token")),
        measured=(Rule("took"),),
        random=(Rule("q"),),
    )
    items: list[object] = [{"e": {"p": 1, "q": [{"took": 2, "token": 3}]}, "token": 4}, 5]

    assert [{"e": {"p": None, "q": [{"took": None, "token": 3}]}, "token": None}, 5] == policy.essences(("L",), items)
    assert [{"e": {"p": 1, "q": [{"took": None, "token": 3}]}, "token": 4}, 5] == policy.essences(("M",), items)
    others: list[object] = [{"a": [{"b": 1}]}, None]
    assert policy.essences(("L",), others) is others
    assert _policy(measured=(Rule("took"),)).essences(("L",), others) is others
    assert _policy().essences(("L",), items) is items
