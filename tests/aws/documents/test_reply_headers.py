"""Headers that count although no shape binds them."""

import hashlib
import json
import time
import zlib
from typing import Any

import pytest
from botocore.model import OperationModel
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.documents.output import document
from cloudmock_contract.aws.documents.reply_headers import (
    NEVER,
    NEVER_PREFIXES,
    ROWS,
    VENDOR_PREFIXES,
    Circumstances,
    are_equally_sound,
    checked_headers,
    circumstances,
    has_effect,
    have_like_loose_headers,
    loose_headers,
    with_headers,
)
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.wire import integrity
from cloudmock_contract.values.http import Digest, Headers, Reply

_SERVICES = Services()


def _model(service: str, action: str) -> OperationModel:
    model = _SERVICES.operation_model(service, action)
    assert model
    return model


_GET_OBJECT = _model("s3", "GetObject")
_HEAD_OBJECT = _model("s3", "HeadObject")
_HEAD_BUCKET = _model("s3", "HeadBucket")
_LIST_TABLES = _model("dynamodb", "ListTables")
_INVOKE_MODEL = _model("bedrock-runtime", "InvokeModel")


def _reply(status: int = 200, body: bytes = b"", **headers: str) -> Reply:
    return Reply(status, Headers(tuple((name.replace("_", "-"), value) for name, value in headers.items())), body)


def _loose(reply: Reply, model: OperationModel | None = None, protocol: str = "rest-xml", **more: Any) -> object:
    shape = model.output_shape if model and reply.status < 300 else None
    return loose_headers(reply, Circumstances(protocol, model, **more), shape)


@pytest.mark.parametrize("status", [301, 304, 307, 400, 403, 404, 405, 412, 416, 429, 503])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Amz-Delete-Marker", "true"),
        ("x-amz-version-id", "3HL4kqtJlcpXroDTDmJrmSpXd3dIbrHY"),
        ("x-amz-bucket-region", "eu-west-1"),
        ("Content-Range", "bytes */5"),
        ("ETag", '"e"'),
        ("Last-Modified", "Sat, 28 Nov 2026 19:00:00 GMT"),
        ("Retry-After", "5"),
        ("Location", "https://b.s3.eu-west-1.amazonaws.com/k"),
        ("WWW-Authenticate", 'Basic realm="ecr"'),
    ],
)
def test_what_clients_act_on_counts_in_errors_and_redirects(status: int, name: str, value: str) -> None:
    """Whatever the status above 300, and whether or not a model has the operation."""
    reply = Reply(status, Headers(((name, value),)), b"")

    assert {name.lower(): value} == _loose(reply, _GET_OBJECT) == _loose(reply)


def test_the_same_headers_do_not_count_where_a_shape_speaks() -> None:
    """In a success the operation's model says which headers are members: others nobody reads, but the vendor's own."""
    headers: dict[str, Any] = {"ETag": '"e"', "Location": "/x", "Retry_After": "1", "x_amzn_new": "1"}

    assert {"x-amzn-new": "1"} == _loose(_reply(**headers), _LIST_TABLES, "json")
    assert {"etag", "location", "retry-after", "x-amzn-new"} == set(
        loose_headers(_reply(**headers), Circumstances(), None)
    )


@pytest.mark.parametrize(("status", "expected"), [(304, {"cache-control", "expires"}), (400, set()), (301, set())])
def test_what_renews_a_cache_counts_where_it_does(status: int, expected: set[str]) -> None:
    """In a 304: services send the same with errors, and nobody acts on it there."""
    reply = _reply(status, Cache_Control="max-age=60", Expires="Sat, 28 Nov 2026 19:00:00 GMT")

    assert expected == loose_headers(reply, Circumstances("rest-xml", _GET_OBJECT), None).keys()


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("https://b.s3.eu-west-1.amazonaws.com/k?a=1&b=2#c", "https://b.s3.eu-west-1.amazonaws.com/k?a=1&b=2#c"),
        (
            (
                "https://h/k?X-Amz-Algorithm=A&X-Amz-Credential=secret%2F1&X-Amz-Date=D&X-Amz-Expires=60&x-id=GetObject"
                "&X-Amz-SignedHeaders=host&X-Amz-Security-Token=secret&X-Amz-Signature=secret#c"
            ),
            "https://h/k&x-id=GetObject#c",
        ),
        ("https://h/k?AWSAccessKeyId=secret&Expires=1&Signature=secret", "https://h/k"),
    ],
)
def test_a_redirect_is_followed_without_its_signature(location: str, expected: str) -> None:
    """Each side has signed with its own credentials, and what is shown must not tell."""
    assert {"location": expected} == _loose(_reply(307, Location=location))


def test_what_a_shape_binds_is_a_member_already() -> None:
    """By its name, or with others by how their names begin."""
    reply = _reply(
        x_amz_version_id="v", x_amz_meta_a="1", x_amz_bucket_region="eu-west-1", content_type="a/b", body=b"x"
    )

    assert {"x-amz-bucket-region": "eu-west-1"} == _loose(reply, _GET_OBJECT)
    assert {"x-amz-version-id": "v", "x-amz-meta-a": "1", "content-type": "a/b"} == _loose(reply, _HEAD_BUCKET)


def test_the_tokens_that_bedrock_counts_count() -> None:
    """The vendor's headers that no shape binds; how long the model took is another thing each time."""
    reply = _reply(
        body=b"{}",
        Content_Type="application/json",
        X_Amzn_Bedrock_Input_Token_Count="7",
        X_Amzn_Bedrock_Output_Token_Count="9",
        X_Amzn_Bedrock_Invocation_Latency="223",
        x_amzn_RequestId="1",
    )

    expected = {"x-amzn-bedrock-input-token-count": "7", "x-amzn-bedrock-output-token-count": "9"}
    assert expected == _loose(reply, _INVOKE_MODEL, "rest-json")


def test_an_upload_form_s_reply_counts() -> None:
    """No model has the operation: what was made stands in the headers alone."""
    reply = _reply(
        204, ETag='"e"', Location="http://h/b/k", x_amz_version_id="v", x_amz_server_side_encryption="AES256"
    )

    expected = {"etag": '"e"', "location": "http://h/b/k", "x-amz-version-id": "v"}
    assert {**expected, "x-amz-server-side-encryption": "AES256"} == _loose(reply)


_CORS: dict[str, Any] = {
    "Access_Control_Allow_Origin": "https://a.example",
    "Access_Control_Allow_Credentials": "true",
    "Access_Control_Allow_Methods": "PUT, GET,PUT",
    "Access_Control_Allow_Headers": "X-Amz-Date, authorization",
    "Access_Control_Expose_Headers": "ETag",
    "Access_Control_Max_Age": "3000",
    "Vary": "Origin, Accept-Encoding, Access-Control-Request-Method",
}


def test_what_a_browser_asks_for_counts_where_one_asked() -> None:
    """Lists without their order, and of field names without their case."""
    expected = {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": ["GET", "PUT"],
        "access-control-allow-headers": ["authorization", "x-amz-date"],
        "access-control-expose-headers": ["etag"],
        "access-control-max-age": "3000",
        "vary": ["access-control-request-method", "origin"],
    }

    assert expected == _loose(_reply(**_CORS), is_from_browser=True)
    assert {} == _loose(_reply(**_CORS))


def test_what_does_not_vary_with_the_origin_does_not_count() -> None:
    """A cache in front of a browser does not mind how a reply is compressed."""
    assert {} == _loose(_reply(Vary="Accept-Encoding"), is_from_browser=True)


@pytest.mark.parametrize(
    ("protocol", "expected"), [("smithy-rpc-v2-cbor", {"smithy-protocol": "rpc-v2-cbor"}), ("json", {}), ("", {})]
)
def test_smithy_s_protocol_says_its_name(protocol: str, expected: object) -> None:
    """Where it is spoken."""
    assert expected == _loose(_reply(Smithy_Protocol="rpc-v2-cbor"), _LIST_TABLES, protocol)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (_reply(body=b"{}", Content_Type="Application/JSON; charset=utf-8"), {"content-type": "application/json"}),
        (_reply(body=b"", Content_Type="text/html"), {}),
        (Reply(200, Headers((("content-type", "a/b"),)), b"", digest=Digest(9, "")), {"content-type": "a/b"}),
    ],
)
def test_a_body_s_type_counts_without_its_parameters(reply: Reply, expected: object) -> None:
    """Where there is a body."""
    assert expected == _loose(reply, _LIST_TABLES, "json")


def test_a_type_that_one_side_alone_says_does_not_count() -> None:
    """Nobody would choose otherwise by it."""
    reply = _reply(body=b"{}", Content_Type="application/json")

    assert {} == _loose(reply, _LIST_TABLES, "json", are_typed=False)


@pytest.mark.parametrize(
    ("name", "model", "expected"),
    [
        ("content-type", _LIST_TABLES, False),
        ("content-type", None, True),
        ("etag", _LIST_TABLES, True),
        ("TableNames", _LIST_TABLES, True),
    ],
)
def test_sdks_do_not_choose_a_parser_by_the_type(name: str, model: OperationModel | None, expected: bool) -> None:
    """They have the protocol from the model; whoever has no model chooses by it."""
    assert expected is has_effect(name, model)


@pytest.mark.parametrize("name", [*NEVER, *(f"{prefix}x" for prefix in NEVER_PREFIXES), "x-powered-by", "x-amzfoo"])
@pytest.mark.parametrize("status", [200, 304, 404])
def test_what_never_counts_never_does(name: str, status: int) -> None:
    """Request ids, dates, the connection's own, an emulator's own, and everything that is in no table."""
    reply = Reply(status, Headers(((name.title(), "1"),)), b"x")

    assert {} == loose_headers(reply, Circumstances("smithy-rpc-v2-cbor", is_from_browser=True), None)


def test_the_tables_agree() -> None:
    """Each header is in one of them, in lower case, and has its reason."""
    counted = [row.name for row in ROWS]

    assert len(counted) == len(set(counted))
    assert not set(counted) & set(NEVER)
    assert all(name == name.lower() for name in (*counted, *NEVER, *NEVER_PREFIXES, *VENDOR_PREFIXES))
    assert all(reason for reason in (*(row.reason for row in ROWS), *NEVER.values(), *NEVER_PREFIXES.values()))


def test_the_first_of_several_counts() -> None:
    """As SDKs read them."""
    reply = Reply(404, Headers((("Retry-After", " 1 "), ("retry-after", "2"), ("x-amz-a", "1"), ("X-Amz-A", "2"))), b"")

    assert {"retry-after": "1", "x-amz-a": "1"} == _loose(reply)


def test_a_document_gets_its_headers() -> None:
    """Beside the members of its body, which keep their names; what an error's shape binds is there already."""
    error = _reply(503, json.dumps({"location": "here"}).encode(), Location="there", Retry_After="5")
    read = with_headers(document(error, "rest-json", None), error, Circumstances("rest-json"))

    assert {"location": "here", "retry-after": "5"} == read.tree
    assert not read.unsound


def test_what_an_error_s_own_shape_binds_does_not_count_twice() -> None:
    """Lambda's throttling says when to come back in a member."""
    model = _model("lambda", "Invoke")
    error = _reply(429, b'{"Type": "User"}', x_amzn_ErrorType="TooManyRequestsException:x", Retry_After="5")
    read = with_headers(document(error, "rest-json", model), error, Circumstances("rest-json", model))

    assert {"Type": "User", "retryAfterSeconds": "5", "x-amzn-errortype": "TooManyRequestsException"} == read.tree


def test_a_document_without_such_headers_stays_as_it_is() -> None:
    """Not a copy."""
    reply = _reply(body=b"{}", Date="now")
    read = document(reply, "json", _LIST_TABLES)

    assert read is with_headers(read, reply, Circumstances("json", _LIST_TABLES))


_CRC = str(zlib.crc32(b"{}"))


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (_reply(body=b"{}", x_amz_crc32=_CRC), _reply(body=b"{}", x_amz_crc32=_CRC), True),
        (_reply(body=b"{}", x_amz_crc32=_CRC), _reply(body=b"{}"), True),
        (_reply(body=b"{}", x_amz_crc32=_CRC), _reply(body=b"{}", x_amz_crc32="1"), False),
        (_reply(body=b"{}", x_amz_crc32="2"), _reply(body=b"{}", x_amz_crc32="1"), True),
        (_reply(body=b"{}", x_amz_crc32="2"), _reply(body=b"{}"), False),
        (_reply(body=b"{}", x_amz_crc32=_CRC), _reply(body=b"{ }", x_amz_crc32=_CRC), False),
        (_reply(body=b"{}"), _reply(body=b"{ }"), True),
    ],
)
def test_two_sides_are_sound_or_not(aws: Reply, cloudmock: Reply, *, expected: bool) -> None:
    """Each side's checksums are held against its own bytes; both failing alike is no difference."""
    assert expected is are_equally_sound(aws, cloudmock, _LIST_TABLES)


def test_equal_replies_are_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with one is wrong with the other."""
    monkeypatch.setattr(integrity, "unsound", None)
    reply = _reply(body=b"{}", x_amz_crc32="1")

    assert are_equally_sound(reply, reply, _LIST_TABLES)


@pytest.mark.parametrize(
    ("model", "status", "expected"),
    [
        (None, 200, {"x-amz-crc32", "content-md5"}),
        (_LIST_TABLES, 200, {"x-amz-crc32", "content-md5"}),
        (_GET_OBJECT, 404, {"x-amz-crc32", "content-md5"}),
        (_model("s3", "PutObject"), 200, {"x-amz-crc32", "content-md5"}),
        (_HEAD_OBJECT, 200, set()),
    ],
)
def test_checksums_of_the_reply_s_own_body_are_checked(
    model: OperationModel | None, status: int, expected: set[str]
) -> None:
    """An upload's checksums are those of the request's body, a HEAD's of a body that is not there."""
    assert expected == set(checked_headers(model, status))


def test_the_model_says_where_sdks_check_the_payload() -> None:
    """S3's objects: the checksums that the model lists, and the ETag."""
    names = set(checked_headers(_GET_OBJECT, 200))
    body = b"an object"
    etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    wrong = _reply(body=body, ETag=etag, x_amz_checksum_crc32="AAAAAA==")
    read = with_headers(document(wrong, "rest-xml", _GET_OBJECT), wrong, Circumstances("rest-xml", _GET_OBJECT))

    assert {"etag", "x-amz-checksum-crc32", "x-amz-checksum-crc64nvme", "x-amz-checksum-sha256"} <= names
    assert {"x-amz-checksum-crc32": "not the CRC32 of the body"} == read.unsound


@given(
    st.lists(st.tuples(st.sampled_from([*(row.name for row in ROWS), *NEVER, "x-amz-a", "X-AMZN-B", ""]), st.text())),
    st.sampled_from([200, 204, 206, 304, 307, 416, 503]),
    st.binary(max_size=20),
)
def test_whatever_a_header_says_is_no_error(fields: list[tuple[str, str]], status: int, body: bytes) -> None:
    """Headers come from the network: each is read, and what fits no form counts as it is."""
    reply = Reply(status, Headers(tuple(fields)), body)
    call = Circumstances("smithy-rpc-v2-cbor", is_from_browser=True)
    read = with_headers(document(reply, "json", None), reply, call)

    assert loose_headers(reply, call, None).keys() <= read.tree.keys()
    assert are_equally_sound(reply, reply, _GET_OBJECT)


def test_many_headers_take_no_longer_each() -> None:
    """A head may have as many as fit into a MiB."""
    fields = tuple((f"x-amz-{number}", "1") for number in range(50_000))
    started = time.process_time()
    found = _loose(Reply(404, Headers((*fields, ("Vary", "a," * 200_000), ("Location", "?Expires=" * 50_000))), b""))
    spent = time.process_time() - started

    assert isinstance(found, dict)
    assert 50_001 == len(found)
    assert spent < 1


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        ({"Date": "1", "x_amzn_a": "1"}, {"Date": "2", "x_amzn_a": "1"}, True),
        ({"Date": "1", "x_amzn_a": "1"}, {"x_amzn_a": "1", "Server": "2", "date": "2"}, True),
        ({"x_amzn_a": "1"}, {"X_Amzn_A": "1"}, True),
        ({"x_amzn_a": "1"}, {"x_amzn_a": "2"}, False),
        ({"Date": "1"}, {"x_amzn_a": "1"}, False),
        ({"x_amzn_a": "1"}, {}, False),
    ],
)
def test_two_sides_headers_say_the_same(aws: dict[str, Any], cloudmock: dict[str, Any], *, expected: bool) -> None:
    """In whatever order and spelling they stand."""
    call = circumstances("json", _LIST_TABLES, is_from_browser=False, are_typed=False)

    assert expected is have_like_loose_headers(_reply(**aws), _reply(**cloudmock), call)
