"""Why two differing values are forgiven."""

import base64
from hashlib import md5
from typing import Any

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.models.shapes import at
from cloudmock_contract.aws.sdk.catalog import SdkCatalog
from cloudmock_contract.comparison.alignment import Position
from cloudmock_contract.comparison.identifiers.id_map import Identifiers
from cloudmock_contract.comparison.identifiers.own_hosts import OwnHosts
from cloudmock_contract.comparison.rules.rules import Rule, Rules, Tolerate
from cloudmock_contract.comparison.tolerance import IDENTIFIERS, TIMESTAMPS, TRANSITIONAL, ForgivenessPolicy
from cloudmock_contract.values.difference import Path

_BEHAVIOURS = SdkCatalog(Services())
_ALL = Tolerate(identifiers=True, timestamps=300.0, transitional=True)
_NOTHING = Tolerate()
_VPC, _OTHER_VPC = "vpc-0a1b2c3d4e5f60718", "vpc-9f8e7d6c5b4a39281"


def _tolerance(
    operation: str = "dynamodb.DescribeTable", tolerate: Tolerate = _ALL, sent: str = "", **rules: tuple[Rule, ...]
) -> ForgivenessPolicy:
    service, action = operation.split(".")
    held = Rules(tolerate=tolerate, **rules)
    return ForgivenessPolicy(
        held.of_operation(operation), _BEHAVIOURS.of(service, action), Identifiers(), OwnHosts(), sent
    )


def _place(*path: str | int, of: ForgivenessPolicy | None = None) -> Position:
    model = of.sdk_operation.model if of else None
    return Position(path, at(model.output_shape, path) if model else None)


def test_rules_are_asked_by_place() -> None:
    """What is ignored and what has no order is as the operation's rules say."""
    tolerance = _tolerance(ignore=(Rule("A"),), unordered=(Rule("B"),))

    paths: list[Path] = [("A",), ("B",), ("C",)]
    assert ["A", None, None] == [tolerance.ignored(path) for path in paths]
    assert [None, "unordered B", None] == [tolerance.unordered(path) for path in paths]


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
        ("Anything", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.000Z", None),
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
    assert expected == _tolerance().forgiven(_place(name), aws, cloudmock)


def test_the_model_says_what_is_a_time() -> None:
    """A number in a member that the model calls a timestamp is one, whatever the member's name."""
    tolerance = _tolerance("sts.GetCallerIdentity")
    model = _BEHAVIOURS.of("dynamodb", "DescribeTable").model
    assert model is not None
    shape = at(model.output_shape, ("Table", "CreationDateTime"))

    assert TIMESTAMPS == tolerance.forgiven(Position(("Count",), shape), 1_700_000_000, 1_700_000_001)


@pytest.mark.parametrize(("seconds", "expected"), [(0.0, None), (1.0, TIMESTAMPS), (None, None)])
def test_the_window_is_the_rules(seconds: float | None, expected: str | None) -> None:
    """How far apart two times may be is what the rules say; without it they may not be, and are no identifiers."""
    tolerance = _tolerance(tolerate=Tolerate(identifiers=True, timestamps=seconds, transitional=True))

    assert expected == tolerance.forgiven(_place("CreatedAt"), "2024-01-02T03:04:05Z", "2024-01-02T03:04:06Z")
    assert not tolerance.identifiers.knows("2024-01-02T03:04:05Z")


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
    assert expected == _tolerance(operation).forgiven(_place(name), aws, cloudmock)


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
    tolerance = _tolerance(opaque=(Rule("Token"),))

    assert expected == tolerance.forgiven(_place("x", "Token"), aws, cloudmock)
    if expected is not None:
        assert cloudmock == tolerance.identifiers.for_cloudmock(str(aws))


def test_an_opaque_text_may_change_its_partner() -> None:
    """The same handle may come with another one each time; the last one is what the candidate gets back."""
    tolerance = _tolerance(opaque=(Rule("Token"),))
    found = [tolerance.forgiven(_place("Token"), "AAAA", other) for other in ("1", "2")]

    assert ["opaque Token"] * 2 == found
    assert "2" == tolerance.identifiers.for_cloudmock("AAAA")


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
    tolerance = _tolerance(random=(Rule("Key"),))

    assert expected == tolerance.forgiven(_place("Key"), aws, cloudmock)


@pytest.mark.parametrize(("length", "expected"), [(32, "random Key"), (16, None), (64, None)])
def test_random_texts_are_of_one_length(length: int, expected: str | None) -> None:
    """A key of another length is another kind of key."""
    one, other = base64.b64encode(b"a" * 32).decode(), base64.b64encode(b"b" * length).decode()
    tolerance = _tolerance(tolerate=_NOTHING, random=(Rule("Key"),))

    assert expected == tolerance.forgiven(_place("Key"), one, other)


def test_random_texts_that_are_sent_back_are_translated() -> None:
    """An encrypted text is another one on each side, and the candidate has to get its own to decrypt."""
    tolerance = _tolerance(random=(Rule("Blob"),))
    tolerance.forgiven(_place("Blob"), "AQICAHh8/w==", "S0VZMTIz/w==")

    assert "S0VZMTIz/w==" == tolerance.identifiers.for_cloudmock("AQICAHh8/w==")


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
    assert expected == _tolerance().forgiven(_place(name), aws, cloudmock)


def test_a_message_s_request_id_says_nothing() -> None:
    """Messages quote the id of their request, which is another one each time; their other words count."""
    tolerance = _tolerance()
    texts = [f"No such thing (Request ID: {number}a1b2c3-d4e5)" for number in range(2)]

    assert IDENTIFIERS == tolerance.forgiven(_place("Message"), *texts)
    assert tolerance.forgiven(_place("Message"), texts[0], texts[1].replace("thing", "table")) is None


def test_listed_values_are_no_identifiers() -> None:
    """A value that the model lists means something, however generated it looks."""
    tolerance = _tolerance("lambda.GetFunction")
    path = ("Configuration", "Runtime")

    assert tolerance.forgiven(_place(*path, of=tolerance), _VPC, _OTHER_VPC) is None
    assert IDENTIFIERS == tolerance.forgiven(_place(*path), _VPC, _OTHER_VPC)


def test_what_is_switched_off_forgives_nothing_and_learns_nothing() -> None:
    """Without tolerance by kind, no generated value, time or state is forgiven, and opaque texts are not mapped."""
    tolerance = _tolerance(tolerate=_NOTHING, opaque=(Rule("Token"),), random=(Rule("Key"),))
    pairs: list[tuple[str, Any, Any]] = [
        ("VpcId", _VPC, _OTHER_VPC),
        ("CreatedAt", 1_700_000_000, 1_700_000_001),
        ("TableStatus", "CREATING", "ACTIVE"),
    ]

    assert [None] * 3 == [tolerance.forgiven(_place(name), aws, cloudmock) for name, aws, cloudmock in pairs]
    assert ["opaque Token", "random Key"] == [
        tolerance.forgiven(_place(name), "AAAAbbbb", "CCCCdddd") for name in ("Token", "Key")
    ]
    assert ["AAAAbbbb", _VPC] == [tolerance.identifiers.for_cloudmock(text) for text in ("AAAAbbbb", _VPC)]


def test_the_candidate_s_texts_are_read_as_the_reference_s() -> None:
    """As far as identifiers are tolerated."""
    tolerance, strict = _tolerance(), _tolerance(tolerate=_NOTHING)
    for each in (tolerance, strict):
        each.identifiers.pair(_VPC, _OTHER_VPC, "VpcId")

    assert [_VPC, _OTHER_VPC] == [tolerance.for_aws(_OTHER_VPC), strict.for_aws(_OTHER_VPC)]


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
    assert expected == _tolerance("sqs.ReceiveMessage").derived(name, aws, cloudmock)
    assert _tolerance("sqs.ReceiveMessage", _NOTHING).derived(name, aws, cloudmock) is None


@pytest.mark.parametrize(
    ("length", "expected"),
    [(1_600, "random Key"), (1_632, "random Key"), (1_568, "random Key"), (1_633, None), (1_567, None)],
)
def test_random_texts_vary_a_little_in_their_length(length: int, expected: str | None) -> None:
    """Keys in PEM are a few characters longer or shorter by chance; what is much longer is another kind of key."""
    assert expected == _tolerance(random=(Rule("Key"),)).forgiven(_place("Key"), "a" * 1_600, "b" * length)


def test_a_random_result_of_another_length_is_not_forgiven_otherwise() -> None:
    """Where the rule for random results is sure that two differ, they are not taken for identifiers."""
    tolerance = _tolerance(random=(Rule("NextToken"),))

    assert tolerance.forgiven(_place("NextToken"), "a1" * 40, "b2" * 20) is None
    assert not tolerance.identifiers.knows("a1" * 40)
    assert IDENTIFIERS == _tolerance().forgiven(_place("NextToken"), "a1" * 40, "b2" * 20)


@pytest.mark.parametrize("cloudmock", ["eu-west-1b", "xxxxxxxxxx"])
def test_a_place_in_another_region_is_not_random(cloudmock: str) -> None:
    """Where AWS chooses the zone, it chooses one of the region."""
    tolerance = _tolerance("ec2.DescribeSubnets", random=(Rule("AvailabilityZone"),))

    assert tolerance.forgiven(_place("AvailabilityZone"), "us-east-1a", cloudmock) is None


@pytest.mark.parametrize(("aws", "cloudmock"), [("us-east-1a", "us-east-1b"), ("use1-az4", "use1-az6")])
def test_random_places_are_not_learned(aws: str, cloudmock: str) -> None:
    """Where AWS chooses the zone, another one is forgiven each time, and a request that names one stays as it is."""
    tolerance = _tolerance("ec2.DescribeSubnets", random=(Rule("AvailabilityZone"),))

    for other in (cloudmock, aws[:-1] + ("c" if aws.endswith("a") else "5")):
        assert "random AvailabilityZone" == tolerance.forgiven(_place("AvailabilityZone"), aws, other)
    assert (aws, cloudmock) == (tolerance.identifiers.for_cloudmock(aws), tolerance.identifiers.for_aws(cloudmock))


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
    tolerance = _tolerance(sent=sent)

    assert expected == tolerance.forgiven(_place("Id"), aws, cloudmock)
    assert tolerance.identifiers.knows(aws) is (expected is not None)


def test_what_was_learned_counts_though_the_request_says_it() -> None:
    """The app sends back what it was given: the candidate's partner is the right answer, and no other one is."""
    tolerance = _tolerance(sent=f'{{"VpcId": "{_VPC}"}}')
    tolerance.identifiers.pair(_VPC, _OTHER_VPC, "VpcId")

    assert IDENTIFIERS == tolerance.forgiven(_place("VpcId"), _VPC, _OTHER_VPC)
    assert tolerance.forgiven(_place("VpcId"), _VPC, "vpc-11111111aaaaaaaa1") is None


_UUID, _OTHER_UUID = "6f1ed002-ab5d-4c0a-9c0a-0b1c2d3e4f50", "c9bf9e57-1685-4c89-bafb-ff5af830be8a"


@pytest.mark.parametrize(
    "path",
    [("Item", "Id", "S"), ("Messages", 0, "Body"), ("Records", 0, "Data"), ("output", "Id"), ("Item", "Id", "B")],
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
    """What the user may have written is the user's, however generated it looks; UUIDs and long random texts are not."""
    tolerance = _tolerance("dynamodb.GetItem")

    assert expected == tolerance.forgiven(_place(*path), aws, cloudmock)
    assert (aws == tolerance.identifiers.for_cloudmock(aws)) is (expected is None)


def test_payload_of_known_values_is_understood() -> None:
    """What was learned elsewhere stands for its partner also among the user's own."""
    tolerance = _tolerance("dynamodb.GetItem")
    tolerance.forgiven(_place("VpcId"), "vpc-0a1b2c3d", "vpc-9f8e7d6c")

    assert IDENTIFIERS == tolerance.forgiven(_place("Item", "k", "S"), "in vpc-0a1b2c3d", "in vpc-9f8e7d6c")


@pytest.mark.parametrize("name", ["ETag", "ChecksumSHA256"])
def test_a_hash_of_other_content_is_never_forgiven(name: str) -> None:
    """Neither when it is new nor when it is known."""
    tolerance = _tolerance("s3.PutObject")

    assert [None] * 3 == [tolerance.forgiven(_place(name), "a1" * 16, "b2" * 16) for _ in range(3)]


def test_an_id_of_another_length_is_a_difference_at_first_sight() -> None:
    """It is told once; from then on the two stand for each other."""
    tolerance = _tolerance()
    found = [tolerance.forgiven(_place("VpcId"), _VPC, "vpc-9f8e7d6c") for _ in range(3)]

    assert [None, IDENTIFIERS, IDENTIFIERS] == found
