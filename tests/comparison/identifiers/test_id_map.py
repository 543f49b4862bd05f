"""Which value of one side stands for which of the other."""

import random
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.comparison.identifiers import id_map
from cloudmock_contract.comparison.identifiers.id_map import Identifiers, Pairing

_VPC, _OTHER_VPC = "vpc-0a1b2c3d4e5f60718", "vpc-9f8e7d6c5b4a39281"
_SUBNET, _OTHER_SUBNET = "subnet-0a1b2c3d4e5f60718", "subnet-9f8e7d6c5b4a39281"
_UUID, _OTHER_UUID = "6f1ed002-ab5d-4c0a-9c0a-0b1c2d3e4f50", "c9bf9e57-1685-4c89-bafb-ff5af830be8a"
_ACCOUNT, _OTHER_ACCOUNT = "123456789012", "000000000000"
_ETAG, _OTHER_ETAG = '"5eb63bbbe01eeed093cb22bb8f5acdc3"', '"d41d8cd98f00b204e9800998ecf8427e"'


@pytest.fixture
def known() -> Identifiers:
    """A run that knows nothing yet."""
    return Identifiers()


@pytest.mark.parametrize(
    ("name", "aws", "cloudmock"),
    [
        ("VpcId", _VPC, _OTHER_VPC),
        ("Anything", _VPC, _OTHER_VPC),
        ("KeyId", _UUID, _OTHER_UUID),
        ("Anything", _UUID, _OTHER_UUID),
        ("Account", _ACCOUNT, _OTHER_ACCOUNT),
        ("NextToken", "AAAAbbbb7", "tok-2a4b"),
        ("ReceiptHandle", "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a", "rcpt-1a2b3c"),
        ("AccessKeyId", "AKIAIOSFODNN7EXAMPLE", "AKIAQQQQZZZZ77EXAMPL"),
        ("PrivateIpAddress", "10.0.0.7", "172.31.14.250"),
        ("FunctionName", "stack-Queue-BMTCFKOZNA9A", "stack-Queue-KWGJ91KZGYTX"),
        ("id", "vzhe7j", "ocpdcd"),
        ("MacAddress", "02:42:ac:11:00:02", "0a:1b:2c:3d:4e:5f"),
        ("KeyId", "AB/a1b2c3d4e5f6g7h8==", "CD/h1b2c3d4e5f6g7a8=="),
    ],
)
def test_generated_values_at_one_place_are_partners(known: Identifiers, name: str, aws: str, cloudmock: str) -> None:
    """Two generated values that nobody has named are learned at their first sight, and hold in both directions."""
    assert Pairing.PARTNERS is known.pair(aws, cloudmock, name)
    assert (cloudmock, aws) == (known.for_cloudmock(aws), known.for_aws(cloudmock))
    assert known.knows(aws)
    assert not known.knows(cloudmock)
    assert Pairing.PARTNERS is known.pair(aws, cloudmock, name)


@pytest.mark.parametrize(
    ("name", "aws", "cloudmock"),
    [
        ("RegionName", "eu-west-1", "us-east-1"),
        ("Anything", "eu-west-1", "us-east-1"),
        ("ZoneId", "use1-az1", "use1-az2"),
        ("Id", "us-east-1a", "us-east-1b"),
        ("Id", "2024-01-02", "2024-01-03"),
        ("Label", "20240102T030405Z", "20240102T030406Z"),
        ("Name", "orders", "baskets"),
        ("Name", "my-table", "my-queue"),
        ("Name", "HMAC256", "HMAC384"),
        ("KeyId", "HMAC_256", "HMAC_384"),
        ("CACertificateIdentifier", "rds-ca-2019", "rds-ca-2024"),
        ("OrderId", "order-1", "order-2"),
        ("Value", "10.0.0.1", "10.0.0.2"),
        ("Version", "1.14.2.30", "1.14.2.31"),
        ("Id", "of 2024-01-02T03:04:05Z, a1b2c3d4", "of 2024-01-02T03:04:06Z, b1b2c3d4"),
        ("Id", "abc/a1b2c3d4e5", "abd/f1b2c3d4e5"),
        ("Arn", "a", "b"),
        ("VersionId", "v2", "v1"),
        ("VersionId", "3sL4kqtJlcpXroDTDmJ_rmSpXd3dIbrHY", "null"),
        ("SequenceNumber", "18849496460467696128", "x"),
        ("RoleId", "us-east-1_AbCdEf123", "eu-west-1_XyZwVu456"),
        ("QueueUrl", "//123456789012/q1/a1b2c3d4", "//000000000000/q2/b1b2c3d4"),
        ("ResourceId", "service/default/web1", "service/default/web2"),
        ("VpcId", "", _OTHER_VPC),
        ("VpcId", _VPC, _OTHER_SUBNET),
        ("State", _VPC, _OTHER_VPC),
        ("Message", _VPC, _OTHER_VPC),
        ("errorCode", _VPC, _OTHER_VPC),
        ("Policy", _VPC, _OTHER_VPC),
        ("CidrBlock", "10.0.0.0", "10.1.0.0"),
        ("TopicArn", "arn:aws:sns:eu-west-1:123456789012:a1b2c3d4", "arn:aws:sns:us-east-1:123456789012:f9e8d7c6"),
        ("TopicArn", "arn:aws:sns:eu-west-1:123456789012:a1b2c3d4", "arn:aws:sqs:eu-west-1:123456789012:f9e8d7c6"),
        ("TopicArn", "arn:aws:sns:eu-west-1:123456789012:orders", "arn:aws:sns:eu-west-1:123456789012:x"),
        ("TopicArn", "arn:aws:sns:eu-west-1:123456789012:a1b2c3d4", "a1b2c3d4"),
    ],
)
def test_what_means_something_is_not_learned(known: Identifiers, name: str, aws: str, cloudmock: str) -> None:
    """Regions, dates, words, states and things of two kinds stay a difference, and nothing is translated."""
    assert [Pairing.STRANGERS] * 2 == [known.pair(aws, cloudmock, name) for _ in range(2)]
    assert (aws, cloudmock) == (known.for_cloudmock(aws), known.for_aws(cloudmock))


@pytest.mark.parametrize("noted", [_VPC, _OTHER_VPC])
def test_what_the_app_has_named_is_not_learned(known: Identifiers, noted: str) -> None:
    """A value that means the same on both sides has no partner, on whichever side it turns up."""
    known.note_sent([noted])

    assert known.is_common(noted)
    assert Pairing.STRANGERS is known.pair(_VPC, _OTHER_VPC, "VpcId")
    assert _VPC == known.for_cloudmock(_VPC)


def test_what_is_known_stays_known_when_the_app_names_it(known: Identifiers) -> None:
    """The app sends back what it was given: that does not make it a value of both sides."""
    known.pair(_VPC, _OTHER_VPC, "VpcId")
    known.note_sent([_VPC])

    assert Pairing.PARTNERS is known.pair(_VPC, _OTHER_VPC, "VpcId")
    assert _OTHER_VPC == known.for_cloudmock(_VPC)


@pytest.mark.parametrize("pair", [(_VPC, "vpc-11111111aaaaaaaa1"), ("vpc-11111111aaaaaaaa1", _OTHER_VPC)])
def test_a_value_with_another_partner_is_a_stranger(known: Identifiers, pair: tuple[str, str]) -> None:
    """The map is one to one: neither a second partner for one side nor for the other is taken, and the first stays."""
    known.pair(_VPC, _OTHER_VPC, "VpcId")

    assert Pairing.STRANGERS is known.pair(*pair, "VpcId")
    assert (_OTHER_VPC, _VPC) == (known.for_cloudmock(_VPC), known.for_aws(_OTHER_VPC))
    assert "vpc-11111111aaaaaaaa1" == known.for_cloudmock("vpc-11111111aaaaaaaa1")


@given(
    st.lists(
        st.tuples(*[st.integers(0, 5).map(lambda number: f"vpc-0a1b2c3d4e5f6071{number}")] * 2).filter(
            lambda pair: pair[0] != pair[1]
        ),
        max_size=30,
    )
)
def test_the_map_is_one_to_one_whatever_comes(pairs: list[tuple[str, str]]) -> None:
    """Of any sequence of pairs, those that are partners make a one-to-one map, and the others break it."""
    known = Identifiers()
    there: dict[str, str] = {}
    for aws, cloudmock in pairs:
        is_free = aws not in there and cloudmock not in there.values()
        expected = is_free or there.get(aws) == cloudmock
        assert expected is (known.pair(aws, cloudmock, "VpcId") is Pairing.PARTNERS)
        if is_free:
            there[aws] = cloudmock

    assert there == {aws: known.for_cloudmock(aws) for aws in there}
    assert list(there) == [known.for_aws(cloudmock) for cloudmock in there.values()]


@pytest.mark.parametrize(
    ("name", "aws", "cloudmock", "learned"),
    [
        (
            "VpcArn",
            f"arn:aws:ec2:eu-west-1:{_ACCOUNT}:vpc/{_VPC}",
            f"arn:aws:ec2:eu-west-1:{_OTHER_ACCOUNT}:vpc/{_OTHER_VPC}",
            {_VPC: _OTHER_VPC, _ACCOUNT: _OTHER_ACCOUNT},
        ),
        ("QueueUrl", f"//{_ACCOUNT}/orders", f"//{_OTHER_ACCOUNT}/orders", {_ACCOUNT: _OTHER_ACCOUNT}),
        ("Source", f"/v1/{_UUID}/x?y={_VPC}", f"/v1/{_OTHER_UUID}/x?y={_OTHER_VPC}", {_UUID: _OTHER_UUID}),
        ("Owner", f"arn:aws:iam::{_ACCOUNT}:root", f"arn:aws:iam::{_OTHER_ACCOUNT}:root", {_ACCOUNT: _OTHER_ACCOUNT}),
    ],
)
def test_the_parts_of_a_longer_value_are_learned(
    known: Identifiers, name: str, aws: str, cloudmock: str, learned: dict[str, str]
) -> None:
    """Of ARNs and URLs that are made alike, the generated parts are partners, by themselves and in other values."""
    assert Pairing.PARTNERS is known.pair(aws, cloudmock, name)
    assert learned == {token: known.for_cloudmock(token) for token in learned}
    assert (cloudmock, aws) == (known.for_cloudmock(aws), known.for_aws(cloudmock))
    token, partner = next(iter(learned.items()))
    assert f"Not found: {partner}." == known.for_cloudmock(f"Not found: {token}.")


def test_a_longer_value_of_known_parts_is_understood_anywhere(known: Identifiers) -> None:
    """Even in a message, of which nothing is learned, two values that differ in known parts alone are partners."""
    known.pair(_VPC, _OTHER_VPC, "VpcId")

    assert Pairing.PARTNERS is known.pair(f"{_VPC} is in use.", f"{_OTHER_VPC} is in use.", "Message")
    assert Pairing.STRANGERS is known.pair(f"{_VPC} is in use.", "vpc-11111111aaaaaaaa1 is in use.", "Message")
    assert Pairing.STRANGERS is known.pair(f"{_VPC} is in use.", f"{_OTHER_VPC} is free.", "Message")


def test_one_part_with_another_partner_makes_the_whole_a_stranger(known: Identifiers) -> None:
    """Where one part stands for something else, the other parts are not learned."""
    known.pair(_VPC, _OTHER_VPC, "VpcId")
    paired = known.pair(f"{_SUBNET}/{_VPC}", f"{_OTHER_SUBNET}/vpc-11111111aaaaaaaa1", "Id")

    assert Pairing.STRANGERS is paired
    assert not known.knows(_SUBNET)


def test_an_account_is_learned_although_the_app_has_named_it(known: Identifiers) -> None:
    """Accounts differ by the credentials, so that naming one does not make it the same on both sides."""
    known.note_sent([_ACCOUNT, _OTHER_ACCOUNT])

    arns = [f"arn:aws:sqs:eu-west-1:{account}:orders" for account in (_ACCOUNT, _OTHER_ACCOUNT)]
    assert Pairing.PARTNERS is known.pair(arns[0], arns[1], "QueueArn")
    assert _OTHER_ACCOUNT == known.for_cloudmock(_ACCOUNT)
    assert Pairing.STRANGERS is known.pair(arns[0], arns[1].replace(_OTHER_ACCOUNT, "111111111111"), "QueueArn")


@pytest.mark.parametrize(
    "text",
    [
        f"x{_VPC}",
        f"{_VPC}x",
        f"{_VPC}-1",
        f"my_{_VPC}",
        _VPC[:-1],
        _VPC.upper(),
        "10.0.0.77",
        "110.0.0.7",
        f"1{_ACCOUNT}",
        f"{_ACCOUNT}3",
        "",
        "vpc",
    ],
)
def test_a_part_of_a_word_is_never_replaced(known: Identifiers, text: str) -> None:
    """A known value is translated where it stands by itself, not where it is the beginning or end of something else."""
    known.pair(_VPC, _OTHER_VPC, "VpcId")
    known.pair(_ACCOUNT, _OTHER_ACCOUNT, "Account")
    known.pair("10.0.0.7", "10.9.9.9", "PrivateIpAddress")

    assert text == known.for_cloudmock(text)


@pytest.mark.parametrize("mark", [" ", "/", ":", ",", '"', "(", "=", "\n", ".", "&"])
def test_a_known_value_is_replaced_between_marks(known: Identifiers, mark: str) -> None:
    """Whatever stands around it, as long as it is no letter, digit, hyphen or underscore."""
    known.pair(_VPC, _OTHER_VPC, "VpcId")

    expected = f"{mark}{_OTHER_VPC}{mark}{_OTHER_VPC}{mark}"
    assert expected == known.for_cloudmock(f"{mark}{_VPC}{mark}{_VPC}{mark}")


def test_values_that_stand_for_each_other_crosswise_are_translated_once(known: Identifiers) -> None:
    """Where one side's value is the other side's other value, no translation is translated again."""
    known.rebind(_VPC, _OTHER_VPC)
    known.rebind(_OTHER_VPC, _VPC)

    assert f"{_OTHER_VPC},{_VPC}" == known.for_cloudmock(f"{_VPC},{_OTHER_VPC}")


def test_very_long_texts_are_known_as_a_whole(known: Identifiers, monkeypatch: pytest.MonkeyPatch) -> None:
    """No part of a text that is longer than the bound is looked for, but the text itself may be known."""
    monkeypatch.setattr(id_map, "MAX_TOKENISED_CHARACTERS", 50)
    known.pair(_VPC, _OTHER_VPC, "VpcId")
    short, long = f"{_VPC} ".ljust(50, "."), f"{_VPC} ".ljust(51, ".")

    assert [short.replace(_VPC, _OTHER_VPC), long] == [known.for_cloudmock(short), known.for_cloudmock(long)]
    known.rebind(long, "short")
    assert "short" == known.for_cloudmock(long)


@pytest.mark.parametrize(
    ("name", "aws", "cloudmock"),
    [
        ("VpcId", "vpc-0a1b2c3d4e5f60718", "vpc-9f8e7d6c"),
        ("KeyId", _UUID, "9f8e7d6c5b4a39281f8e7d6c5b4a3928"),
        ("RoleId", "AROA1234567890ABCDEF", "aroa0987654321fedcba"),
        ("ETag", _ETAG, _OTHER_ETAG),
        ("Sha256", "a1" * 32, "b2" * 32),
        ("ChecksumCRC32", "f80a1b==", "a1b2c3=="),
        ("BodyMD5", _ETAG.strip('"'), _OTHER_ETAG.strip('"')),
    ],
)
def test_values_of_other_make_are_known_and_yet_unlike(known: Identifiers, name: str, aws: str, cloudmock: str) -> None:
    """Ids of another length and hashes of another content are a difference, but requests are translated for them."""
    assert Pairing.UNLIKE is known.pair(aws, cloudmock, name)
    assert (cloudmock, aws) == (known.for_cloudmock(aws), known.for_aws(cloudmock))


@pytest.mark.parametrize("name", ["ETag", "sha256", "ChecksumCRC32", "MD5OfBody", "ContentDigest"])
def test_hashes_are_a_difference_each_time(known: Identifiers, name: str) -> None:
    """A hash says that the content differs, however often it is seen beside the same other one."""
    assert [Pairing.UNLIKE] * 3 == [known.pair("a1" * 16, "b2" * 16, name) for _ in range(3)]


@pytest.mark.parametrize("cloudmock", ["vpc-9f8e7d6c", "vpc-" + "9" * 80])
def test_values_of_other_make_are_not_learned_without_a_telling_name(known: Identifiers, cloudmock: str) -> None:
    """Where neither the make nor the member's name says that they belong together, nothing does."""
    assert Pairing.STRANGERS is known.pair(_VPC, cloudmock, "Value")
    assert not known.knows(_VPC)


def test_what_is_opaque_has_no_shape(known: Identifiers) -> None:
    """Where the caller says that only its maker reads a value, any two are partners, whatever the member's name."""
    assert Pairing.PARTNERS is known.pair("orders", "17", "State", is_opaque=True)
    assert "17" == known.for_cloudmock("orders")


def test_a_rebound_value_has_its_new_partner_alone(known: Identifiers) -> None:
    """What the value and its new partner stood for before is forgotten, and free for others."""
    known.rebind("a1", "c1")
    known.rebind("a2", "c2")
    known.rebind("a1", "c2")

    assert ["c2", "a2"] == [known.for_cloudmock(aws) for aws in ("a1", "a2")]
    assert ["c1", "a1"] == [known.for_aws(cloudmock) for cloudmock in ("c1", "c2")]
    known.rebind("a2", "c1")
    assert ["c2", "c1"] == [known.for_cloudmock(aws) for aws in ("a1", "a2")]


@given(st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from("wxyz")), min_size=1, max_size=20))
def test_rebinding_keeps_the_map_one_to_one(pairs: list[tuple[str, str]]) -> None:
    """However values are rebound, each has one partner, which leads back to it, and the last binding holds."""
    known = Identifiers()
    for aws, cloudmock in pairs:
        known.rebind(aws, cloudmock)
        assert (cloudmock, aws) == (known.for_cloudmock(aws), known.for_aws(cloudmock))

    bound = [aws for aws in "ABCD" if known.knows(aws)]
    assert bound == [known.for_aws(known.for_cloudmock(aws)) for aws in bound]


def test_the_oldest_pairs_are_forgotten(known: Identifiers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the oldest pair goes, on both sides, and can be learned anew."""
    monkeypatch.setattr(id_map, "MAX_PAIRS", 2)
    pairs = [(f"vpc-0a1b2c3d4e5f6071{number}", f"vpc-9f8e7d6c5b4a3928{number}") for number in range(3)]
    for aws, cloudmock in pairs:
        known.pair(aws, cloudmock, "VpcId")

    assert [pairs[0][0], pairs[1][1], pairs[2][1]] == [known.for_cloudmock(aws) for aws, _ in pairs]
    assert [pairs[0][1], pairs[1][0], pairs[2][0]] == [known.for_aws(cloudmock) for _, cloudmock in pairs]
    assert Pairing.PARTNERS is known.pair(pairs[0][0], "vpc-5555555566666666a", "VpcId")


def test_the_oldest_common_words_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the app sends is remembered up to a bound."""
    monkeypatch.setattr(id_map, "MAX_WORDS", 2)
    known = Identifiers()
    for word in ("one", "two", "three"):
        known.note_sent([word])

    assert [False, True, True] == [known.is_common(word) for word in ("one", "two", "three")]


def test_what_stands_in_a_body_of_both_sides_is_not_learned(known: Identifiers) -> None:
    """A value in a body that both sides gave is the same on both, on whichever side it turns up later."""
    known.note_alike(f'{{"VpcId": "{_VPC}"}}'.encode())

    assert Pairing.STRANGERS is known.pair(_VPC, _OTHER_VPC, "VpcId")
    assert Pairing.STRANGERS is known.pair(_OTHER_VPC, _VPC, "VpcId")
    assert Pairing.PARTNERS is known.pair(_SUBNET, _OTHER_SUBNET, "SubnetId")


def test_bodies_of_both_sides_are_remembered_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest ones up to a bound; one that is larger than the bound is not."""
    monkeypatch.setattr(id_map, "MAX_ALIKE_BYTES", 50)
    known = Identifiers()
    for text in (_VPC.ljust(30), _SUBNET.ljust(30), _UUID.ljust(51)):
        known.note_alike(text.encode())

    pairs = ((_VPC, _OTHER_VPC), (_SUBNET, _OTHER_SUBNET), (_UUID, _OTHER_UUID))
    expected = [Pairing.PARTNERS, Pairing.STRANGERS, Pairing.PARTNERS]
    assert expected == [known.pair(aws, cloudmock, "Id") for aws, cloudmock in pairs]


def test_threads_learn_one_map() -> None:
    """Of threads that each offer a partner of their own for the same values, one wins, and the same one throughout."""
    known = Identifiers()
    values = [f"vpc-0a1b2c3d4e5f6{number:04}" for number in range(100)]
    ready = threading.Barrier(4)
    learned_by: list[set[str]] = [set() for _ in range(4)]

    def learn(mine: int) -> None:
        ready.wait()
        for number, value in enumerate(values):
            if known.pair(value, f"vpc-{mine}f8e7d6c5b4a{number:05}", "VpcId") is Pairing.PARTNERS:
                learned_by[mine].add(value)

    threads = [threading.Thread(target=learn, args=(mine,)) for mine in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(values) == sum(map(len, learned_by))
    assert set(values) == set().union(*learned_by)
    assert values == [known.for_aws(known.for_cloudmock(value)) for value in values]


def test_the_time_in_an_arn_is_learned(known: Identifiers) -> None:
    """A stream's label is part of its name, which each side makes by itself."""
    aws, cloudmock = (
        f"arn:aws:dynamodb:eu-west-1:{_ACCOUNT}:table/orders/stream/2024-01-02T03:04:0{second}.678" for second in (5, 6)
    )

    assert [Pairing.PARTNERS] * 2 == [known.pair(aws, cloudmock, "LatestStreamArn") for _ in range(2)]
    assert "2024-01-02T03:04:06.678" == known.for_cloudmock("2024-01-02T03:04:05.678")


@pytest.mark.parametrize("cloudmock_name", ["baskets", "subscription"])
def test_an_account_is_kept_only_with_its_arn(known: Identifiers, cloudmock_name: str) -> None:
    """ARNs of two things say nothing of whose they are."""
    arns = f"arn:aws:sns:eu-west-1:{_ACCOUNT}:orders", f"arn:aws:sns:eu-west-1:{_OTHER_ACCOUNT}:{cloudmock_name}"

    assert Pairing.STRANGERS is known.pair(*arns, "TopicArn")
    assert (_ACCOUNT, _OTHER_ACCOUNT) == (known.for_cloudmock(_ACCOUNT), known.for_aws(_OTHER_ACCOUNT))


@pytest.mark.parametrize(("aws", "cloudmock"), [(_ACCOUNT, "111111111111"), ("222222222222", _OTHER_ACCOUNT)])
def test_accounts_are_one_to_one(known: Identifiers, aws: str, cloudmock: str) -> None:
    """In ARNs, too, neither side's account has a second partner, and the first one stays."""
    known.pair(_ACCOUNT, _OTHER_ACCOUNT, "Account")
    arns = [f"arn:aws:sns:eu-west-1:{account}:orders" for account in (aws, cloudmock)]

    assert Pairing.STRANGERS is known.pair(arns[0], arns[1], "TopicArn")
    assert (_OTHER_ACCOUNT, _ACCOUNT) == (known.for_cloudmock(_ACCOUNT), known.for_aws(_OTHER_ACCOUNT))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f'{{"Id": "{_VPC}"}}', Pairing.STRANGERS),
        (f"<Id>{_VPC}</Id>", Pairing.STRANGERS),
        (_VPC, Pairing.STRANGERS),
        (f"{_VPC}0 {_VPC}", Pairing.STRANGERS),
        (f"{_VPC}0", Pairing.PARTNERS),
        (f"my-{_VPC}", Pairing.PARTNERS),
        (f"{_VPC}_x", Pairing.PARTNERS),
        (_VPC[:-1], Pairing.PARTNERS),
    ],
)
def test_a_body_of_both_sides_counts_by_its_words(known: Identifiers, body: str, expected: Pairing) -> None:
    """A value stands in it only as a whole, and not within a longer one."""
    known.note_alike(body.encode())

    assert expected is known.pair(_VPC, _OTHER_VPC, "VpcId")


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_VPC, _OTHER_VPC, True),
        (f"<{_VPC}>", f"<{_OTHER_VPC}>", True),
        (_VPC, _VPC, False),
        (_OTHER_VPC, _VPC, False),
        ("orders", "orders", True),
    ],
)
def test_partners_are_known(known: Identifiers, aws: str, cloudmock: str, *, expected: bool) -> None:
    """As a whole or in their parts, from AWS to CloudMock; nothing is learned by asking."""
    known.pair(_VPC, _OTHER_VPC, "VpcId")

    assert expected is known.are_partners(aws, cloudmock)
    assert (_OTHER_VPC, _VPC) == (known.for_cloudmock(_VPC), known.for_aws(_OTHER_VPC))


def test_ids_of_another_length_are_partners_once_they_are_known(known: Identifiers) -> None:
    """That the make is another one is said once."""
    pairings = [known.pair(_VPC, "vpc-9f8e7d6c", "VpcId") for _ in range(3)]

    assert [Pairing.UNLIKE, Pairing.PARTNERS, Pairing.PARTNERS] == pairings


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_UUID, _OTHER_UUID, Pairing.PARTNERS),
        (f"job {_UUID} done", f"job {_OTHER_UUID} done", Pairing.PARTNERS),
        (_VPC.partition("-")[2], _OTHER_VPC.partition("-")[2], Pairing.PARTNERS),
        ("vpc-0a1b2c3d", "vpc-9f8e7d6c", Pairing.STRANGERS),
        (_ACCOUNT, _OTHER_ACCOUNT, Pairing.STRANGERS),
        (f"job {_UUID} done", f"run {_OTHER_UUID} done", Pairing.STRANGERS),
        (f"job {_UUID}", _OTHER_UUID, Pairing.STRANGERS),
    ],
)
def test_payload_is_learned_where_nobody_can_have_written_it(
    known: Identifiers, aws: str, cloudmock: str, expected: Pairing
) -> None:
    """Every part that differs has to be unmistakable, whatever the member's name is."""
    assert expected is known.pair(aws, cloudmock, "Id", is_payload=True)
    assert (aws == known.for_cloudmock(aws)) is (expected is Pairing.STRANGERS)


@pytest.mark.parametrize(
    ("name", "aws", "cloudmock"),
    [
        ("RoleId", "AROA2X3Y4Z5A6B7C8D9E0", "AIDA9X8Y7Z6A5B4C3D2E1"),
        ("AccessKeyId", "ASIA2X3Y4Z5A6B7C8D9E", "AKIA9X8Y7Z6A5B4C3D2E"),
        ("PrivateIpAddress", "10.0.0.5", "54.1.2.3"),
        ("ResolvedImageUri", "app@sha256:a1b2c3d4e5f6a7b8c9", "app@sha256:b1b2c3d4e5f6a7b8c0"),
    ],
)
def test_what_is_of_another_kind_is_a_difference(known: Identifiers, name: str, aws: str, cloudmock: str) -> None:
    """An id that says of itself what it is of says something else: known for requests, and a difference."""
    assert Pairing.PARTNERS is not known.pair(aws, cloudmock, name)


def test_an_account_that_both_sides_have_shown_is_no_others(known: Identifiers) -> None:
    """Where both sides have said the same account of their own accord, another one is wrong, in ARNs as well."""
    known.note_shown([_ACCOUNT])
    aws, cloudmock = (f"arn:aws:lambda:us-east-1:{account}:function:f" for account in (_ACCOUNT, _OTHER_ACCOUNT))

    assert Pairing.STRANGERS is known.pair(aws, cloudmock, "FunctionArn")
    assert Pairing.STRANGERS is known.pair(_ACCOUNT, _OTHER_ACCOUNT, "Account")
    assert _ACCOUNT == known.for_cloudmock(_ACCOUNT)


def test_an_account_that_was_alike_is_no_others(known: Identifiers) -> None:
    """The same where whole replies were alike."""
    known.note_alike(f'{{"Account": "{_ACCOUNT}"}}'.encode())

    assert Pairing.STRANGERS is known.pair(_ACCOUNT, _OTHER_ACCOUNT, "Account")


@pytest.mark.parametrize(
    ("alphabet", "length", "name", "prefix"),
    [
        ("0123456789abcdef", 17, "VpcId", "vpc-"),
        ("0123456789abcdef", 8, "id", ""),
        ("abcdefghijklmnopqrstuvwxyz0123456789", 10, "id", ""),
        ("abcdefghijklmnopqrstuvwxyz0123456789", 26, "ClientId", ""),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 16, "AccessKeyId", "AKIA"),
        ("0123456789", 19, "SequenceNumber", ""),
    ],
)
def test_ids_of_one_generator_are_partners(alphabet: str, length: int, name: str, prefix: str) -> None:
    """Of a thousand random pairs of each kind of id that AWS has, all but a few by chance are understood."""
    chance = random.Random(7)
    pairs = [[prefix + "".join(chance.choices(alphabet, k=length)) for _ in range(2)] for _ in range(1_000)]

    assert 5 >= sum(Pairing.PARTNERS is not Identifiers().pair(aws, cloudmock, name) for aws, cloudmock in pairs)


@pytest.mark.parametrize(
    ("aws", "cloudmock", "part", "other_part"),
    [
        ("/hostedzone/Z0UE9WMV110DUI", "/hostedzone/Z9AB8CDE771FGH", "Z0UE9WMV110DUI", "Z9AB8CDE771FGH"),
        ("app/shop/50dc6c495c0c9188", "app/shop/73e2d6bc24d8a067", "50dc6c495c0c9188", "73e2d6bc24d8a067"),
    ],
)
def test_the_id_in_a_path_is_known_by_itself(
    known: Identifiers, aws: str, cloudmock: str, part: str, other_part: str
) -> None:
    """An app takes an id out of the path that it got: what is learned of the path is learned of the id."""
    assert Pairing.PARTNERS is known.pair(aws, cloudmock, "Id")
    assert other_part == known.for_cloudmock(part)


_CALLER, _OTHER_CALLER = f"arn:aws:iam::{_ACCOUNT}:user/me", f"arn:aws:iam::{_OTHER_ACCOUNT}:root"


def test_a_seeded_pair_is_known_at_once(known: Identifiers) -> None:
    """It is translated in both directions, as a whole and within a text, before anything was learned."""
    known.seed([(_ACCOUNT, _OTHER_ACCOUNT), (_CALLER, _OTHER_CALLER)])

    assert known.knows_any
    assert _OTHER_CALLER == known.for_cloudmock(_CALLER)
    assert f"arn:aws:sqs:eu-west-1:{_OTHER_ACCOUNT}:q" == known.for_cloudmock(f"arn:aws:sqs:eu-west-1:{_ACCOUNT}:q")
    assert f"arn:aws:sqs:eu-west-1:{_ACCOUNT}:q" == known.for_aws(f"arn:aws:sqs:eu-west-1:{_OTHER_ACCOUNT}:q")
    assert Pairing.PARTNERS is known.pair(_CALLER, _OTHER_CALLER, "Arn")


def test_a_seeded_pair_holds_against_what_is_learned(known: Identifiers) -> None:
    """Neither side's value gets another partner, however well it would fit."""
    known.seed([(_ACCOUNT, _OTHER_ACCOUNT)])

    assert Pairing.STRANGERS is known.pair(_ACCOUNT, "999999999999", "Account")
    assert Pairing.STRANGERS is known.pair("888888888888", _OTHER_ACCOUNT, "Account")
    known.rebind(_ACCOUNT, "999999999999")
    known.rebind("888888888888", _OTHER_ACCOUNT)

    assert _OTHER_ACCOUNT == known.for_cloudmock(_ACCOUNT)
    assert _ACCOUNT == known.for_aws(_OTHER_ACCOUNT)


def test_a_seeded_pair_takes_the_place_of_what_was_learned(known: Identifiers) -> None:
    """Knowing is better than guessing, even afterwards."""
    known.pair(_ACCOUNT, "999999999999", "Account")
    known.pair("888888888888", _OTHER_ACCOUNT, "Account")
    known.seed([(_ACCOUNT, _OTHER_ACCOUNT)])

    assert _OTHER_ACCOUNT == known.for_cloudmock(_ACCOUNT)
    assert _ACCOUNT == known.for_aws(_OTHER_ACCOUNT)
    assert "999999999999" == known.for_aws("999999999999")
    assert "888888888888" == known.for_cloudmock("888888888888")


def test_two_accounts_may_be_one(known: Identifiers) -> None:
    """What CloudMock calls by one name, AWS may call by two; back goes what was seeded first."""
    known.seed([(_ACCOUNT, _OTHER_ACCOUNT)])
    known.seed([("888888888888", _OTHER_ACCOUNT)])

    assert [_OTHER_ACCOUNT] * 2 == [known.for_cloudmock(account) for account in (_ACCOUNT, "888888888888")]
    assert _ACCOUNT == known.for_aws(_OTHER_ACCOUNT)
    assert known.are_partners("888888888888", _OTHER_ACCOUNT)


def test_what_is_the_same_on_both_sides_is_nobodys_partner(known: Identifiers) -> None:
    """Accounts that are equal are known to be so; nothing is translated for their sake."""
    known.seed([(_ACCOUNT, _ACCOUNT)])

    assert not known.knows_any
    assert Pairing.STRANGERS is known.pair(_ACCOUNT, _OTHER_ACCOUNT, "Account")


def test_a_short_value_is_not_translated(known: Identifiers) -> None:
    """A partition's name may be any word; it is a partner where it stands for itself."""
    known.seed([("aws-cn", "aws"), (_ACCOUNT, _OTHER_ACCOUNT)])

    assert "aws" == known.for_aws("aws")
    assert f"arn:aws:sqs:r:{_OTHER_ACCOUNT}:q" == known.for_cloudmock(f"arn:aws-cn:sqs:r:{_ACCOUNT}:q")
    assert known.are_partners("aws-cn", "aws")
    assert Pairing.PARTNERS is known.pair(f"arn:aws-cn:sqs:r:{_ACCOUNT}:q", f"arn:aws:sqs:r:{_OTHER_ACCOUNT}:q", "Arn")


def test_an_accounts_root_is_not_only_the_caller(known: Identifiers) -> None:
    """Where CloudMock's caller is its root, the root of a policy is still the root, on both sides."""
    root = f"arn:aws:iam::{_ACCOUNT}:root"
    known.seed([(_ACCOUNT, _OTHER_ACCOUNT), (_CALLER, _OTHER_CALLER)])

    assert root == known.for_aws(_OTHER_CALLER)
    assert known.are_partners(root, _OTHER_CALLER)
    assert Pairing.PARTNERS is known.pair(root, _OTHER_CALLER, "AWS")
    known.seed([(root, "arn:aws:iam::000000000000:user/me")])
    assert _OTHER_CALLER == known.for_cloudmock(root)
    assert known.are_partners(root, "arn:aws:iam::000000000000:user/me")


def test_a_callers_arn_may_stand_for_itself(known: Identifiers) -> None:
    """CloudMock may have a user of the caller's name besides its own caller."""
    known.seed([(_ACCOUNT, _OTHER_ACCOUNT), (_CALLER, _OTHER_CALLER)])
    its_own = f"arn:aws:iam::{_OTHER_ACCOUNT}:user/me"

    assert known.are_partners(_CALLER, its_own)
    assert Pairing.PARTNERS is known.pair(_CALLER, its_own, "Arn")
    assert Pairing.STRANGERS is known.pair(_CALLER, f"arn:aws:iam::{_OTHER_ACCOUNT}:user/other", "Arn")


@pytest.mark.parametrize("word", ["root", "default", "administrator"])
def test_a_word_that_is_an_id_is_not_translated(known: Identifiers, word: str) -> None:
    """A user id that CloudMock has made up of letters is one where it stands for AWS's, and elsewhere a word."""
    known.seed([("AIDACKCEVSQ6C2EXAMPLE", word)])

    assert known.are_partners("AIDACKCEVSQ6C2EXAMPLE", word)
    assert word == known.for_aws(word)


def test_a_full_map_keeps_its_seeds(known: Identifiers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest pairs go, but for those that are known from elsewhere."""
    monkeypatch.setattr(id_map, "MAX_PAIRS", 3)
    known.seed([(_ACCOUNT, _OTHER_ACCOUNT)])
    for number in range(10):
        known.pair(f"vpc-0a1b2c3d4e5f6071{number}", f"vpc-9f8e7d6c5b4a3928{number}", "VpcId")

    assert _OTHER_ACCOUNT == known.for_cloudmock(_ACCOUNT)
    assert "vpc-9f8e7d6c5b4a39289" == known.for_cloudmock("vpc-0a1b2c3d4e5f60719")
    assert "vpc-0a1b2c3d4e5f60710" == known.for_cloudmock("vpc-0a1b2c3d4e5f60710")


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (f"{_VPC} is in use.", f"{_OTHER_VPC} is in use.", Pairing.PARTNERS),
        (f"Terminating instance {_UUID} (old)", f"Terminating instance {_OTHER_UUID} (old)", Pairing.PARTNERS),
        ("the role AROA1234567890ABCDEF", "the role AROAFEDCBA0987654321", Pairing.PARTNERS),
        ("2600:1f18:1234:5600::/56", "2600:1f18:abcd:ef00::/56", Pairing.PARTNERS),
        (
            f"User: arn:aws:iam::{_ACCOUNT}:user/ada may not",
            f"User: arn:aws:iam::{_OTHER_ACCOUNT}:user/ada may not",
            Pairing.PARTNERS,
        ),
        (f"{_VPC} is in use.", f"{_OTHER_VPC} is free.", Pairing.STRANGERS),
        (f"{_VPC} is in use.", f"in use is {_OTHER_VPC}.", Pairing.STRANGERS),
        (f"{_VPC} is in use.", "subnet-9f8e7d6c is in use.", Pairing.STRANGERS),
        (f"{_VPC} in eu-west-1", f"{_OTHER_VPC} in us-east-1", Pairing.STRANGERS),
        ("order-1001 is open.", "order-1002 is open.", Pairing.STRANGERS),
        ("wait 1234567890 seconds", "wait 1234567891 seconds", Pairing.STRANGERS),
        ("2600:1f18:1234:5600::/56", "2600:1f18:abcd:ef00::/64", Pairing.STRANGERS),
        ("10.0.0.0/16", "10.1.0.0/16", Pairing.STRANGERS),
        (_VPC, _OTHER_VPC, Pairing.STRANGERS),
    ],
)
@pytest.mark.parametrize("name", ["Message", "Description", "StatusReason", "CidrBlock"])
def test_a_sentence_may_name_ids(known: Identifiers, name: str, aws: str, cloudmock: str, expected: Pairing) -> None:
    """On both sides in the same place of the same sentence, if they can be nothing else; all other words count."""
    assert expected is known.pair(aws, cloudmock, name)


def test_an_id_in_a_sentence_is_known_from_then_on(known: Identifiers) -> None:
    """In requests, and in other sentences, where another one is a difference."""
    known.pair(f"{_VPC} is in use.", f"{_OTHER_VPC} is in use.", "Message")

    assert _OTHER_VPC == known.for_cloudmock(_VPC)
    assert Pairing.STRANGERS is known.pair(f"No {_VPC} here", "No vpc-11111111aaaaaaaa1 here", "Message")
