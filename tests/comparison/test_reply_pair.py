"""Both sides' outcomes, and what becomes of them."""

import gzip
import json
import zlib

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import SdkCatalog, SdkOperation
from cloudmock_contract.comparison import reply_pair
from cloudmock_contract.comparison.identifiers.generated_values import TOKEN, WORD
from cloudmock_contract.comparison.reply_pair import ReplyPair, matches_of
from cloudmock_contract.comparison.rules.rules import OperationRules, Rule, Rules
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.exchange import Verdict
from cloudmock_contract.values.http import Digest, Failure, Headers, Outcome, Reply, Skipped

_RULES = Rules((Rule("RequestId"), Rule("Other", "s3.*"), Rule("A.B"))).of_operation("dynamodb.GetItem")
_SDK_CATALOG = SdkCatalog(Services())


def _reply(body: bytes, status: int = 200, **headers: str) -> Reply:
    return Reply(status, Headers(tuple((name.replace("_", "-"), value) for name, value in headers.items())), body)


def _alike(
    aws: Outcome, cloudmock: Outcome, protocol: str = "json", rules: OperationRules = _RULES, sdk_operation: str = ""
) -> Verdict | None:
    model = _SDK_CATALOG.of(*sdk_operation.split(".")) if sdk_operation else SdkOperation(None)
    return ReplyPair(protocol, model, aws, cloudmock).alike(rules)


@pytest.mark.parametrize(
    ("protocol", "aws", "cloudmock"),
    [
        ("json", b"{}", b"{}"),
        ("json", b"broken {", b"broken {"),
        ("json", b'{"a": 7, "b": [true, null]}', b'{"b":[true,null],"a":7}'),
        ("query", b"<A>1</A>", b"<A>1</A>"),
        ("query", b'{"a": 1}', b'{"a":1}'),
        ("", b"any bytes \xff", b"any bytes \xff"),
        ("", b"", b""),
    ],
)
def test_replies_that_say_the_same_are_alike(protocol: str, aws: bytes, cloudmock: bytes) -> None:
    """Equal bytes, and JSON that means the same, are a match without differences."""
    assert Verdict() == _alike(_reply(aws), _reply(cloudmock), protocol)


@pytest.mark.parametrize(
    ("protocol", "aws", "cloudmock"),
    [
        ("json", b'{"a": 1}', b'{"a": 2}'),
        ("json", b'{"a": true}', b'{"a": 1}'),
        ("json", b'{"a": 1}', b'{"a": true}'),
        ("json", b'{"a": 0}', b'{"a": false}'),
        ("json", b'{"b": true, "a": 1}', b'{"a": true, "b": 1}'),
        ("json", b'{"a": false}', b'{"a": 0}'),
        ("json", b'{"a": [1, true]}', b'{"a": [true, 1]}'),
        ("json", b'{"a": [1, 2]}', b'{"a": [2, 1]}'),
        ("json", b'{"a": null}', b"{}"),
        ("json", b"{}", b"broken {"),
        ("json", b"broken {", b"broken  {"),
        ("json", b"{}", b"<a/>"),
        ("query", b"<A/>", b""),
        ("query", b"{}", b"<A/>"),
        ("query", b"<A>1</A>", b"<A>2</A>"),
        ("query", b"<A>1</A>", b"<A> 1</A>"),
        ("", b"x", b"y"),
    ],
)
def test_replies_that_may_differ_are_not(protocol: str, aws: bytes, cloudmock: bytes) -> None:
    """What is not known to be the same is left to the comparison of documents."""
    assert _alike(_reply(aws), _reply(cloudmock), protocol) is None


@pytest.mark.parametrize(
    ("aws", "cloudmock"),
    [
        (_reply(b"{}"), _reply(b"{}", 201)),
        (_reply(b"{}", 400), _reply(b"{}", 400)),
        (_reply(b"{}", 304), _reply(b"{}", 304)),
        (_reply(b"{}", content_encoding="gzip"), _reply(b"{}")),
        (_reply(b"{}"), Failure("x")),
        (Failure("x"), _reply(b"{}")),
        (Failure("x"), Failure("x")),
    ],
)
def test_only_two_replies_of_one_status_are_alike(aws: Outcome, cloudmock: Outcome) -> None:
    """Errors, failures and replies that are coded differently are looked at more closely."""
    assert _alike(aws, cloudmock) is None


def test_members_in_headers_are_looked_at() -> None:
    """Equal bodies with other members in their headers are not alike; other headers do not count."""
    aws, with_other_tag = _reply(b"x", ETag='"a"', Date="1"), _reply(b"x", ETag='"b"', Date="1")
    with_other_date = _reply(b"x", ETag='"a"', Date="2")

    assert _alike(aws, with_other_tag, "rest-xml", sdk_operation="s3.GetObject") is None
    assert Verdict() == _alike(aws, with_other_date, "rest-xml", sdk_operation="s3.GetObject")


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ("<R><RequestId>1</RequestId></R>", "<R><RequestId>2</RequestId></R>", {"RequestId": 1}),
        ("<R><RequestId>1</RequestId></R>", "<R><RequestId>1</RequestId></R>", {}),
        (
            "<R><RequestId>1</RequestId><RequestId>1</RequestId></R>",
            "<R><RequestId>2</RequestId><RequestId>1</RequestId></R>",
            {"RequestId": 1},
        ),
        ("<R><RequestId>1</RequestId></R>", "<R></R>", None),
        ("<R><RequestId>1</RequestId><a/></R>", "<R><RequestId>2</RequestId></R>", None),
        ("<R><Other>1</Other></R>", "<R><Other>2</Other></R>", None),
        ("<R><A><B>1</B></A></R>", "<R><A><B>2</B></A></R>", None),
        ("<R><RequestId>1</RequestId><!-- x --></R>", "<R><RequestId>2</RequestId><!-- x --></R>", None),
    ],
)
def test_request_ids_are_seen_through(aws: str, cloudmock: str, expected: dict[str, int] | None) -> None:
    """XML that differs in members that a rule ignores by their key is alike, and each that differs is counted."""
    verdict = _alike(_reply(aws.encode()), _reply(cloudmock.encode()), "query")

    assert (None if expected is None else Verdict((), expected)) == verdict


@pytest.mark.parametrize("is_compared_first", [False, True])
def test_replies_are_made_into_documents(*, is_compared_first: bool) -> None:
    """Each side's outcome becomes its document, whether or not it was asked before whether they are alike."""
    reply_pair = ReplyPair("json", SdkOperation(None), _reply(b'{"a": 1}'), _reply(b'{"a": 2}', 400))
    if is_compared_first:
        reply_pair.alike(_RULES)
    reply_pair.read()

    assert (Document(200, {"a": 1}), Document(400, {"a": 2})) == (reply_pair.aws, reply_pair.cloudmock)


def test_a_failure_stays_one() -> None:
    """A side that gave no reply has no document."""
    reply_pair = ReplyPair("json", SdkOperation(None), Failure("x"), _reply(b'{"a": 2}'))
    reply_pair.read()

    assert (Failure("x"), Document(200, {"a": 2})) == (reply_pair.aws, reply_pair.cloudmock)


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_reply(b"<a>one two</a>"), _reply(b"<b>two three</b>"), {"two"}),
        (_reply(b"no"), _reply(b"no"), set()),
        (_reply(b"", x_amz_id="one"), _reply(b"the one"), {"one"}),
        (_reply(b"", other="one"), _reply(b"the one"), set()),
        (_reply(gzip.compress(b"one two"), content_encoding="gzip"), _reply(b"two"), {"two"}),
        (_reply(b"\xff one"), _reply(b"one"), {"one"}),
        (_reply(b"\xa1\x63one\x63two", content_type="application/cbor"), _reply(b"one two"), {"one", "two"}),
        (_reply(b"\xa1\x63one", content_type="application/x-amz-cbor-1.1"), _reply(b"one"), set()),
        (_reply(b"one"), Failure("one"), set()),
        (Failure("one"), _reply(b"one"), set()),
    ],
)
def test_the_words_of_both_replies_are_known(aws: Outcome, cloudmock: Outcome, expected: set[str]) -> None:
    """Whatever stands in both bodies, or in the headers of AWS's own, wherever it stands."""
    assert expected == ReplyPair("", SdkOperation(None), aws, cloudmock).common_words()


def test_words_are_looked_for_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large body only the beginning is read for words."""
    monkeypatch.setattr(reply_pair, "MAX_SEARCHED_BYTES", 8)
    reply = _reply(b"one two three")

    assert {"one", "two"} == ReplyPair("", SdkOperation(None), reply, reply).common_words()


@pytest.mark.parametrize(("aws", "expected"), [(_reply(b"one"), ["one"]), (Failure("one"), [])])
def test_aws_s_texts_are_known(aws: Outcome, expected: list[str]) -> None:
    """The body as text; a failure has none."""
    assert expected == list(ReplyPair("", SdkOperation(None), aws, _reply(b"other")).aws_texts())


def test_everything_that_fits_is_found() -> None:
    """Each part once, from all texts."""
    texts = [json.dumps({"Id": "vpc-0a1b2c3d"}), "vpc-0a1b2c3d on"]

    assert ({"vpc-0a1b2c3d"}, {"vpc-0a1b2c3d"}) == (matches_of(TOKEN, texts), matches_of(WORD, texts))


_DIGEST, _OTHER_DIGEST = Digest(2**40, "c0" * 32), Digest(2**40, "c1" * 32)


def _large(digest: Digest, status: int = 200, **headers: str) -> Reply:
    return Reply(status, _reply(b"", status, **headers).headers, b"", digest=digest)


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_large(_DIGEST), _large(_DIGEST), Verdict()),
        (_large(_DIGEST), _large(_OTHER_DIGEST), None),
        (_large(_DIGEST), _large(Digest(1, _DIGEST.sha256)), None),
        (_large(_DIGEST), _reply(b""), None),
        (_reply(b""), _large(_DIGEST), None),
        (_large(_DIGEST, 404), _large(_DIGEST, 404), None),
        (_large(_DIGEST, content_encoding="gzip"), _large(_DIGEST), None),
        (_large(_DIGEST, ETag="1"), _large(_DIGEST, ETag="2"), None),
    ],
)
def test_large_bodies_are_alike_by_their_digests(aws: Reply, cloudmock: Reply, expected: Verdict | None) -> None:
    """Bodies that were not kept are the same if length and hash are; one that is not here is not an empty one."""
    assert expected == _alike(aws, cloudmock, "rest-xml", sdk_operation="s3.GetObject")


@pytest.mark.parametrize("outcome", [Failure("It hung up."), None])
def test_reading_leaves_the_other_side_as_it_is(outcome: Failure | None) -> None:
    """Only replies are made into documents, whichever side gave one."""
    no_reply: Outcome = outcome or Skipped("Nobody knows.")
    of_aws = ReplyPair("json", SdkOperation(None), _reply(b"{}"), no_reply)
    of_cloudmock = ReplyPair("json", SdkOperation(None), no_reply, _reply(b"{}"))
    of_aws.read()
    of_cloudmock.read()

    assert (Document(200, {}), outcome) == (of_aws.aws, of_aws.cloudmock)
    assert (outcome, Document(200, {})) == (of_cloudmock.aws, of_cloudmock.cloudmock)


_CRC32 = str(zlib.crc32(b"{}"))


@pytest.mark.parametrize(
    ("aws", "cloudmock", "is_alike"),
    [
        (_reply(b"{}", x_amz_crc32=_CRC32), _reply(b"{}", x_amz_crc32=_CRC32), True),
        (_reply(b"{}", x_amz_crc32=_CRC32), _reply(b"{}"), True),
        (_reply(b"{}"), _reply(b"{}", x_amz_crc32="7"), False),
        (_reply(b"{}", x_amz_crc32="7"), _reply(b"{}", x_amz_crc32="8"), True),
        (_reply(b"{}", x_amz_crc32=_CRC32), _reply(b"{ }", x_amz_crc32=_CRC32), False),
        (_reply(b"{}", x_amzn_requestid="1"), _reply(b"{}", x_amzn_requestid="2"), True),
        (_reply(b"{}", x_amzn_thing="1"), _reply(b"{}", x_amzn_thing="2"), False),
        (_reply(b"{}", x_amzn_thing="1"), _reply(b"{}"), False),
        (_reply(b"{}", content_type="a/b;c"), _reply(b"{}", content_type="a/b"), True),
        (_reply(b"{}", content_type="a/b"), _reply(b"{}", content_type="a/c"), False),
        (_reply(b"{}", content_type="a/b"), _reply(b"{}"), True),
        (_reply(b"", content_type="a/b"), _reply(b"", content_type="a/c"), True),
    ],
)
def test_headers_without_a_shape_are_looked_at(aws: Reply, cloudmock: Reply, *, is_alike: bool) -> None:
    """Those that somebody acts on, and the checksums, each of its own body."""
    assert (Verdict() if is_alike else None) == _alike(aws, cloudmock, sdk_operation="dynamodb.GetItem")


@pytest.mark.parametrize("is_from_browser", [False, True])
def test_what_browsers_act_on_is_looked_at_for_them(*, is_from_browser: bool) -> None:
    """No other client does."""
    aws, cloudmock = _reply(b"{}", Access_Control_Allow_Origin="*"), _reply(b"{}")
    replies = ReplyPair("json", SdkOperation(None), aws, cloudmock, is_from_browser=is_from_browser)
    alike = replies.alike(_RULES)
    replies.read()

    assert (None if is_from_browser else Verdict()) == alike
    assert Document(200, {"access-control-allow-origin": "*"} if is_from_browser else {}) == replies.aws
    assert Document(200, {}) == replies.cloudmock
