"""Whether texts look generated, and alike."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.comparison.identifiers.generated_values import (
    PART,
    TOKEN,
    WORD,
    Similarity,
    holds_text,
    is_generated_anywhere,
    is_region_or_zone,
    is_unmistakable,
    looks_generated,
    similarity,
)

_UUID = "6f1ed002-ab5d-4c0a-9c0a-0b1c2d3e4f50"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eu-west-1", True),
        ("us-east-1a", True),
        ("us-gov-west-1", True),
        ("ap-southeast-12b", True),
        ("us-west-2-lax-1a", True),
        ("use1-az4", True),
        ("apne1-az1", True),
        ("eu-west", False),
        ("eu-west-1ab", False),
        ("EU-WEST-1", False),
        ("my_eu-west-1", False),
        ("az4", False),
        ("", False),
    ],
)
def test_places_are_known(text: str, *, expected: bool) -> None:
    """Regions, zones, local zones and zone ids are places, and what merely resembles them is not."""
    assert expected is is_region_or_zone(text)


@pytest.mark.parametrize(
    ("text", "is_named_so", "expected"),
    [
        (_UUID, False, True),
        (_UUID.upper(), False, True),
        ("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", False, True),
        ("vpc-0a1b2c3d", False, True),
        ("10.0.0.1", False, False),
        ("10.0.0.1", True, True),
        ("1.14.2.30", False, False),
        ("QWxhZGRpbjpvcGVuIHNlc2FtZQ", False, True),
        ("AROAXQKJZPLMWNEOBRTY", True, True),
        ("1234567890", False, True),
        ("123456789", False, False),
        ("123456789", True, True),
        ("ab12", True, True),
        ("a12", True, False),
        ("orders", False, False),
        ("orders", True, False),
        ("orderqueue", True, True),
        ("order queue", True, False),
        ("my-table", False, False),
        ("HMAC256", False, False),
        ("HMAC_256", False, False),
        ("HMAC_256", True, False),
        ("rds-ca-2019", False, False),
        ("rds-ca-2019", True, False),
        ("order-1", True, False),
        ("my table 12", True, False),
        ("order-12345", False, True),
        ("order-1a", False, True),
        ("my-table-of-many-words-in-one-name", False, False),
        ("eu-west-1", True, False),
        ("us-east-1a", False, False),
        ("2024-01-02", True, False),
        ("20240102T030405Z", True, False),
        ("20240102", True, False),
        ("orders-basket", True, False),
        ("My-Order_Queue", True, False),
        ("MY_QUEUE-CREATE_COMPLETE", True, False),
        ("prod-orders-dlq", True, False),
        ("scr-qwrtzplkmn", True, True),
        ("orders-AbCdEf", True, True),
        ("subnet-abcdefab", False, True),
        ("vpc-12345678", False, True),
        ("eni-attach-abcdefab", False, True),
        ("AIDAABCDEFGHIJKLMNOP", False, True),
        ("orders-green-efbkti", False, True),
        ("orders-green-house", False, False),
        ("2600:1f18:1234:5600::", False, True),
        ("ns-831.awsdns-39.net", False, True),
        ("ns-831", False, False),
        ("", True, False),
    ],
)
def test_generated_texts_are_told_from_chosen_ones(text: str, *, is_named_so: bool, expected: bool) -> None:
    """Ids, keys, addresses and long numbers look generated; words, places and dates do not, whatever they are."""
    assert expected is looks_generated(text, is_named_so=is_named_so)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("vpc-0a1b2c3d", "vpc-9f8e7d6c", Similarity.EXACT),
        ("eni-attach-0a1b2c3d", "eni-attach-9f8e7d6c", Similarity.EXACT),
        ("vpc-0a1b2c3d", "vpc-0a1b2c3d4e5f60718", Similarity.KIND),
        ("vpc-0a1b2c3d", "vpc-" + "9" * 40, Similarity.NONE),
        ("vpc-0a1b2c3d", "igw-9f8e7d6c", Similarity.NONE),
        ("eni-attach-0a1b2c3d", "eni-9f8e7d6c00000000", Similarity.NONE),
        (_UUID, "C9BF9E57-1685-4C89-BAFB-FF5AF830BE8A", Similarity.KIND),
        (_UUID, "c9bf9e57-1685-4c89-bafb-ff5af830be8a", Similarity.EXACT),
        (_UUID, "9f8e7d6c5b4a39281f8e", Similarity.KIND),
        (_UUID, "9f8e7d6c", Similarity.NONE),
        ("10.0.0.1", "172.31.200.17", Similarity.EXACT),
        ("ip-10-0-0-1", "ip-172-31-200-17", Similarity.EXACT),
        ("1234567890", "123456789012", Similarity.EXACT),
        ("1234567890", "12345678901234", Similarity.KIND),
        ("123456789", "1234567890", Similarity.KIND),
        ("AROAXQKJZPLMWNEOBRTY", "aroaxqkjzplmwneobrty", Similarity.KIND),
        ("a1b2c3d4e5f60718a1b2c3d4", "123456789012345678901234", Similarity.KIND),
        ("a1b2c3d4", "12345678", Similarity.EXACT),
        ("abcdef" * 5, "xbc123" * 5, Similarity.KIND),
        ("abcdef" * 3, "abc123" * 3, Similarity.EXACT),
        ("abc/def1", "abcxdef1", Similarity.KIND),
        ("02:42:ac:11:00:02", "0a:1b:2c:3d:4e:5f", Similarity.EXACT),
        ("02:42:ac:11:00:02", "99:99:99:99:99:99", Similarity.EXACT),
        ("tooluse_Qx06fk-ZTJik1Otgpkc1uB", "tooluse_kJ3mQ8xTzR1vWnFyLpB2cA", Similarity.EXACT),
        ("tooluse_abc-ZTJik1Otgpkc1uBq_9", "tooluse_kJ3mQ8xTzR1vWnFyLpB2cA", Similarity.EXACT),
        ("tooluse_Qx06fk-ZTJik1Otgpkc1uB", "answer_Zk3mQ8xTzR1-WnFyLpB2cA9", Similarity.NONE),
        ("tooluse_Qx06fk-ZTJik1Otgpkc1uB", "Qx06fkZTJik1Otgpkc1uBa8dkeJ3mX", Similarity.NONE),
        ("subnet-abcdefab", "subnet-01234567", Similarity.EXACT),
        ("subnet-abcdefab", "vpc-abcdefab", Similarity.NONE),
        ("orders-green-efbkti", "orders-green-kqxpzn", Similarity.EXACT),
        ("orders-green-efbkti", "basket-green-kqxpzn", Similarity.NONE),
        ("front-1234567890", "front-987654321", Similarity.EXACT),
        ("front-1-22921474", "front-1-1975255388", Similarity.EXACT),
        ("front-1234567890", "cover-1234567891", Similarity.NONE),
        ("My2-Queue-1X2Y3Z4X5Y6Z", "My3-Queue-9A8B7C6D5E4F", Similarity.NONE),
        ("vpce-0a1b2c3d-us-east-1a", "vpce-9f8e7d6c-us-east-1b", Similarity.EXACT),
        ("vpce-0a1b2c3d-us-east-1a", "vpce-9f8e7d6c-us-west-1a", Similarity.NONE),
        ("2600:1f18:1234:5600::", "2a05:d018:9abc:de00::", Similarity.EXACT),
        ("ns-831.awsdns-39.net", "ns-1048.awsdns-05.net", Similarity.EXACT),
        ("", "a", Similarity.NONE),
        ("a", "", Similarity.NONE),
    ],
)
def test_similarity_is_of_prefix_length_and_alphabet(first: str, second: str, expected: Similarity) -> None:
    """Texts of one generator are exactly similar, of one prefix in another make of one kind, and others not at all."""
    assert [expected] * 2 == [similarity(first, second), similarity(second, first)]


@pytest.mark.parametrize(
    ("first", "second", "expected"), [("x", "abc/def" * 99, Similarity.EXACT), ("", "x", Similarity.NONE)]
)
def test_opaque_texts_are_all_alike(first: str, second: str, expected: Similarity) -> None:
    """Where only the maker reads a text, any other one is like it, but none is not a text."""
    assert [expected] * 2 == [similarity(first, second, is_opaque=True), similarity(second, first, is_opaque=True)]


@given(st.text("ab1-:/.", max_size=12), st.text("ab1-:/.", max_size=12))
def test_similarity_has_no_side(first: str, second: str) -> None:
    """Which of the two comes first makes no difference, and a text is like itself."""
    assert similarity(first, second) is similarity(second, first)
    assert (Similarity.EXACT if first else Similarity.NONE) is similarity(first, first)


@pytest.mark.parametrize(
    ("text", "tokens", "words"),
    [
        (
            "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0a1b2c3d",
            ["eu-west-1", "123456789012", "vpc-0a1b2c3d"],
            ["arn", "aws", "ec2", "eu-west-1", "123456789012", "vpc", "vpc-0a1b2c3d"],
        ),
        ("net 2600:1f18:1234:5600::/56", ["2600:1f18:1234:5600::"], None),
        ("2600:1f18:1234:5600:a:b:c:d", ["2600:1f18:1234:5600:a:b:c:d"], None),
        ("ns-831.awsdns-39.co.uk.", ["ns-831.awsdns-39.co.uk"], ["ns-831.awsdns-39.co.uk"]),
        ("at 2024:12:31", [], None),
        ("12 of 12345 and 123456", ["123456"], ["12345", "and", "123456"]),
        ("t/stream/2024-01-02T03:04:05.678", ["stream", "2024-01-02T03:04:05.678"], None),
        ("http://10.0.0.1:80/", ["10.0.0.1"], ["http", "10.0.0.1"]),
        ("0a:1b:2c:3d:4e:5f", ["0a:1b:2c:3d:4e:5f"], ["0a:1b:2c:3d:4e:5f"]),
        ("a.b.c", [], []),
        ("<Id>ab_12-cd</Id>", ["ab_12-cd"], ["ab_12-cd"]),
        ("", [], []),
    ],
)
def test_longer_values_are_made_of_tokens(text: str, tokens: list[str], words: list[str] | None) -> None:
    """What can be generated is found whole, such as an address, a time or a MAC; a word may be shorter than a token."""
    assert tokens == TOKEN.findall(text)
    assert words is None or words == WORD.findall(text)


@given(st.text("ab1-_:/. Z", max_size=20))
def test_parts_and_what_is_between_them_are_the_text(text: str) -> None:
    """No character is lost, and none is in two parts."""
    assert text == "".join(
        piece for pair in zip(PART.split(text), [*PART.findall(text), ""], strict=True) for piece in pair
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a/b-c_d.e", ["a", "b-c_d", "e"]),
        ("10.0.0.1:80", ["10.0.0.1", "80"]),
        ("at 2024-01-02T03:04:05Z", ["at", "2024-01-02T03:04:05Z"]),
        ("...", []),
    ],
)
def test_every_part_of_a_value_is_found(text: str, expected: list[str]) -> None:
    """However short it is."""
    assert expected == PART.findall(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (_UUID, True),
        (_UUID.upper(), True),
        ("Zk7pQ2vXw9Lm4TbR8sYn", True),
        ("a1b2c3d4e5f60718", True),
        ("job-a1b2c3d4e5f60718", True),
        ("job_a1b2c3d4e5f60718", True),
        ("tooluse_Qx06fk-ZTJik1Otgpkc1uB", True),
        ("tooluse_kJ3mQ8x-zR1vWnFyLpB2cA", True),
        ("Order-Service-V2-Prod2024", False),
        ("T3JkZXIgb25lIHR3byB0aHJlZSE=", False),
        ("T3JkZXIgb25lIHR3byB0aHJlZSEh", False),
        ("a1b2c3d4e5f6071", False),
        ("12345678901234567890", False),
        ("abcdefghijklmnopqrst", False),
        ("orderqueuenumber2024", False),
        ("my-table-of-many-words-1", False),
        ("2024-01-02T03:04:05Z", False),
        ("vpc-0a1b2c3d", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_what_nobody_writes_is_unmistakable(text: str, *, expected: bool) -> None:
    """UUIDs and long mixtures of letters and digits, with or without words before them; nothing else."""
    assert expected is is_unmistakable(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (base64.b64encode(b"The capital of France is Paris.").decode(), True),
        (base64.b64encode('{"a": "\u00e9"}\r\n\t'.encode()).decode(), True),
        (base64.b64encode(b"Hi there, you").decode(), True),
        (base64.b64encode(b"true").decode(), True),
        (base64.b64encode("\u00e9".encode() * 10_000).decode(), True),
        (base64.b64encode(b"x" + "\u00e9".encode() * 10_000).decode(), True),
        (base64.b64encode(b"long enough" + "\u00e9".encode()[:1]).decode(), False),
        (base64.b64encode(b"yes").decode(), False),
        (base64.b64encode(bytes(range(128, 160))).decode(), False),
        (base64.b64encode(b"\x00\x01\x02 with bytes in it").decode(), False),
        ("orderqueuenumber", False),
        ("a1b2c3d4e5f6071", False),
        ("0a1b2c3d4e5f60718293a4b5c6d7e8f9", False),
        (_UUID, False),
        ("", False),
    ],
)
def test_base64_of_a_text_is_a_content(text: str, *, expected: bool) -> None:
    """What can be read was written by somebody; what decodes to other bytes may be an id."""
    assert expected is holds_text(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (_UUID, True),
        ("vpc-0a1b2c3d", True),
        ("subnet-abcdefab", True),
        ("AROAXQKJZPLMWNEOBRTY", True),
        ("2600:1f18:1234:5600::", True),
        ("a1b2c3d4e5f60718", True),
        ("order-1001", False),
        ("123456789012", False),
        ("AB12CD34", False),
        ("10.0.0.1", False),
        ("available", False),
        ("", False),
    ],
)
def test_some_ids_are_known_in_any_sentence(text: str, *, expected: bool) -> None:
    """By their form alone: what could be a number or a name that says something is not."""
    assert expected is is_generated_anywhere(text)
