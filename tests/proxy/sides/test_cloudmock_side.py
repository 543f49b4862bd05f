"""CloudMock's side: what it gets."""

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, unquote_to_bytes, urlencode

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.credentials.provider import TEST_CREDENTIALS, Credentials
from cloudmock_contract.aws.credentials.temporary import VendedCredentials
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.proxy.sides.cloudmock_side import CloudMockSide
from cloudmock_contract.proxy.streams.policy import MAX_KEPT_PAYLOAD_BYTES
from cloudmock_contract.proxy.streams.spool import GivenUpError, Spool
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.endpoint import Endpoint
from cloudmock_contract.values.http import Digest, Failure, Headers, Reply, Request, Skipped, Streamed
from cloudmock_contract.values.operation import Operation
from lab.aws_verifier import signatures
from lab.aws_verifier.signatures import Key, Verification
from lab.stand_ins.stand_in import StandIn, reply
from support.calls import call_for

type MakeSettings = Callable[..., Settings]

S3 = Operation("s3", "GetObject", "rest-xml", "s3", "eu-west-1", "b")
ALGORITHM = "AWS4-HMAC-SHA256"
PRESIGNED = (
    f"X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential=AKIAUSER%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Security-Token=TOKEN"
    "&X-Amz-Signature=SIGNATURE"
)
SECRETS = ("AKIAUSER", "SIGNATURE", "TOKEN")


def s3_call(request: Request, operation: Operation = S3, region: str = "eu-west-1") -> Call:
    """A call to S3."""
    return call_for(request, operation, region)


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        (
            "/b/k",
            (
                ("Authorization", f"{ALGORITHM} Credential=AKIAUSER/20260101/eu-west-1/s3/aws4, Signature=SIGNATURE"),
                ("X-Amz-Security-Token", "TOKEN"),
            ),
        ),
        ("/b/k", (("Authorization", "AWS AKIAUSER:SIGNATURE"),)),
        ("/b/k", (("Authorization", "Bearer TOKEN"),)),
        ("/b/k", (("X-Amz-Security-Token", "TOKEN"),)),
        (
            "/b/k?" + PRESIGNED,
            (),
        ),
        ("/b/k?AWSAccessKeyId=AKIAUSER&Signature=SIGNATURE&Expires=1&x-amz-security-token=TOKEN", ()),
    ],
)  # fmt: skip
def test_carries_nothing_of_the_users(
    settings: MakeSettings, target: str, headers: tuple[tuple[str, str], ...]
) -> None:
    """However the app authenticates, neither key, token nor signature is in CloudMock's copy."""
    request = Request("GET", target, Headers((("Host", "localhost:4577"), *headers)), b"")
    copy = CloudMockSide(settings()).copy_of(s3_call(request, S3, "eu-west-1"))

    assert not [secret for secret in SECRETS if secret in repr(copy)]
    assert "localhost:4577" == copy.headers.get("host")


def test_is_signed_for_the_same_service_and_region(settings: MakeSettings) -> None:
    """Emulators read service and region out of the scope."""
    authorization = f"{ALGORITHM} Credential=A/20260101/eu-west-1/s3/aws4_request, Signature=x"
    headers = Headers((("Authorization", authorization),))
    copy = CloudMockSide(settings()).copy_of(s3_call(Request("GET", "/b/k", headers, b""), S3, "eu-central-1"))

    assert "Credential=test/" in copy.headers.get("authorization")
    assert "/eu-central-1/s3/aws4_request" in copy.headers.get("authorization")


def test_an_unsigned_request_stays_unsigned(settings: MakeSettings) -> None:
    """What nobody signed is sent as nobody's."""
    copy = CloudMockSide(settings()).copy_of(s3_call(Request("GET", "/b/k", Headers((("Host", "x"),)), b"")))

    assert "authorization" not in copy.headers


def test_replays_below_the_path_of_the_url(settings: MakeSettings, stand_in: StandIn) -> None:
    """A CloudMock behind a path prefix is asked there."""
    cloudmock = CloudMockSide(settings(cloudmock=f"{stand_in.url}/mock/"))

    async def run() -> object:
        request = Request("GET", "/b/k?x", Headers((("Host", "h"),)), b"")
        outcome = await cloudmock.ask(s3_call(request))
        await cloudmock.close()
        await asyncio.sleep(0)
        return outcome

    assert isinstance(asyncio.run(run()), Reply)
    assert "/mock/b/k?x" == stand_in.received[0].target


def test_what_cannot_be_copied_is_a_failure(settings: MakeSettings) -> None:
    """A request whose framing is broken is a failure with the reason, not an exception in a task."""
    headers = Headers((("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),))
    request = Request("PUT", "/b/k", headers, b"zz")
    outcome = asyncio.run(CloudMockSide(settings()).ask(s3_call(request)))

    assert isinstance(outcome, Failure)
    assert "aws-chunked" in outcome.reason


def streamed_put(*fields: tuple[str, str], length: int | None) -> Request:
    """An upload that the app signed in its headers, and whose body passes by."""
    signature = f"{ALGORITHM} Credential=AKIAUSER/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=x"
    headers = Headers((("Host", "localhost:4577"), ("Authorization", signature), *fields))
    return Request("PUT", "/b/k", headers, b"", Streamed(length))


PUT = Operation("s3", "PutObject", "rest-xml", "s3", "eu-west-1", "b")


def test_a_streamed_body_is_replayed(settings: MakeSettings, stand_in: StandIn) -> None:
    """The body goes from the spool to CloudMock, and the spool is let go of."""
    cloudmock = CloudMockSide(settings(cloudmock=stand_in.url))
    request = streamed_put(("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"), length=6)

    async def run() -> tuple[object, str]:
        body = Spool()
        for piece in (b"abc", b"def", b""):
            body.put(piece)
        outcome = await cloudmock.ask(s3_call(request, PUT), cloudmock.new_deadline(), body)
        await cloudmock.close()
        with pytest.raises(GivenUpError) as closed:
            await anext(body.pieces())
        return outcome, str(closed.value)

    outcome, closed = asyncio.run(run())

    assert isinstance(outcome, Reply)
    assert "Nobody wants the rest." == closed
    assert (b"abcdef", "6") == (stand_in.received[0].body, stand_in.received[0].header("content-length"))


def test_a_body_that_was_given_up_is_nobodys_fault(settings: MakeSettings, stand_in: StandIn) -> None:
    """Where the rest of a body does not come there is nothing to compare, and the reason is told."""
    cloudmock = CloudMockSide(settings(cloudmock=stand_in.url))
    request = streamed_put(length=6)

    async def run() -> object:
        body = Spool()
        body.put(b"abc")
        body.give_up("The app hung up.")
        outcome = await cloudmock.ask(s3_call(request, PUT), None, body)
        await cloudmock.close()
        await asyncio.sleep(0)
        return outcome

    outcome = asyncio.run(run())

    assert isinstance(outcome, Skipped)
    assert "The app hung up." == outcome.reason


def test_a_spool_whose_request_cannot_be_copied_is_let_go_of(settings: MakeSettings) -> None:
    """A streamed request that cannot be signed is a failure, and nothing of its body is kept."""
    request = streamed_put(("X-Amz-Content-SHA256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), length=6)

    async def run() -> tuple[object, bool]:
        body = Spool()
        body.put(b"abc")
        outcome = await CloudMockSide(settings()).ask(s3_call(request, PUT), None, body)
        return outcome, bool(body._given_up)

    outcome, is_closed = asyncio.run(run())

    assert isinstance(outcome, Failure)
    assert "x-amz-decoded-content-length" in outcome.reason
    assert is_closed


@pytest.mark.parametrize(("status", "is_digest"), [("200 OK", True), ("206 Partial Content", True), ("404 No", False)])
def test_of_a_long_payload_a_digest_is_kept(
    settings: MakeSettings, stand_in: StandIn, status: str, *, is_digest: bool
) -> None:
    """An object's bytes are compared by their hash; an error's body, which has structure, is kept."""
    data = b"x" * (MAX_KEPT_PAYLOAD_BYTES + 1)
    stand_in.answer = lambda _received, _connection: reply(data, status)
    cloudmock = CloudMockSide(settings(cloudmock=stand_in.url))
    request = Request("GET", "/b/k", Headers((("Host", "h"),)), b"")
    model = Services().operation_model("s3", "GetObject")

    async def run() -> object:
        outcome = await cloudmock.ask(s3_call(request), model=model)
        await cloudmock.close()
        return outcome

    outcome = asyncio.run(run())

    assert isinstance(outcome, Reply)
    assert (Digest(len(data), hashlib.sha256(data).hexdigest()) if is_digest else None) == outcome.digest
    assert (b"" if is_digest else data) == outcome.body


@pytest.mark.parametrize(
    ("fields", "length", "stated", "framing"),
    [
        ((("X-Amz-Content-SHA256", "c0" * 32),), 6, "c0" * 32, ("content-length", "6")),
        ((), 6, "UNSIGNED-PAYLOAD", ("content-length", "6")),
        ((), None, "UNSIGNED-PAYLOAD", ("transfer-encoding", "chunked")),
        (
            (
                ("X-Amz-Content-SHA256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
                ("X-Amz-Decoded-Content-Length", "6"),
                ("Content-Encoding", "aws-chunked"),
            ),
            999,
            "UNSIGNED-PAYLOAD",
            ("content-length", "6"),
        ),
        (
            (
                ("X-Amz-Content-SHA256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
                ("X-Amz-Decoded-Content-Length", "6"),
                ("X-Amz-Trailer", "x-amz-checksum-crc32"),
            ),
            999,
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            ("transfer-encoding", "chunked"),
        ),
    ],
    ids=["hashed", "nothing said", "no length", "signed chunks", "signed trailer"],
)
def test_a_streamed_copy_states_what_it_can(
    settings: MakeSettings,
    fields: tuple[tuple[str, str], ...],
    length: int | None,
    stated: str,
    framing: tuple[str, str],
) -> None:
    """The hash that the app stated is signed, or none; the framing is that of the body that will follow."""
    copy = CloudMockSide(settings()).copy_of(s3_call(streamed_put(*fields, length=length), PUT, "eu-west-1"))

    assert (stated,) == copy.headers.values("x-amz-content-sha256")
    assert (framing[1],) == copy.headers.values(framing[0])
    assert ({"content-length", "transfer-encoding"} - {framing[0]}).isdisjoint(copy.headers.names)
    assert not [secret for secret in SECRETS if secret in repr(copy)]


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded"])
def test_a_streamed_object_may_be_a_form(settings: MakeSettings, content_type: str) -> None:
    """The body that is not here is not taken for a form without fields: head and length stay."""
    copy = CloudMockSide(settings()).copy_of(s3_call(streamed_put(("Content-Type", content_type), length=2**21), PUT))

    assert (b"", Streamed(2**21)) == (copy.body, copy.streamed)
    assert ((str(2**21),), (content_type,)) == (
        copy.headers.values("content-length"),
        copy.headers.values("content-type"),
    )


TEST = {"test": Key("test", "test")}
NOW = datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)
HOST = ("Host", "localhost:4577")


def wire(request: Request) -> tuple[bytes, bytes]:
    """The copy's head and body as CloudMock receives them."""
    lines = [f"{request.method} {request.target} HTTP/1.1".encode()]
    return b"\r\n".join([*lines, *(n + b": " + v for n, v in request.headers.to_bytes())]), request.body


def verified(copy: Request, now: datetime | None = None) -> Verification:
    """What a strict server whose key is test/test makes of the copy."""
    head, body = wire(copy)
    return signatures.verify(head, body, TEST, now or datetime.now(tz=UTC), host_scope=lambda _: None)


def test_a_presigned_url_stays_one(settings: MakeSettings) -> None:
    """It has the client's date and expiry, and is worth what the client's was: nothing once it has expired."""
    copy = CloudMockSide(settings()).copy_of(s3_call(Request("GET", f"/b/k?{PRESIGNED}", Headers((HOST,)), b"")))
    query = parse_qs(copy.query)
    found = verified(copy, NOW)

    assert (["20260101T000000Z"], ["60"]) == (query["X-Amz-Date"], query["X-Amz-Expires"])
    assert ["test/20260101/eu-west-1/s3/aws4_request"] == query["X-Amz-Credential"]
    assert (True, "query") == (found.accepted, found.style)
    assert "AccessDenied" == verified(copy, NOW + timedelta(minutes=1)).code
    assert "authorization" not in copy.headers


@pytest.mark.parametrize(
    ("target", "headers", "style"),
    [
        ("/b/k", (("Date", "x"), ("Authorization", "AWS AKIAUSER:SIGNATURE")), "header"),
        ("/b/k?AWSAccessKeyId=AKIAUSER&Signature=SIGNATURE&Expires=1767225660", (), "query"),
        ("/b/k", (("Authorization", f"{ALGORITHM} Credential=AKIAUSER/1/eu-west-1/s3/aws4_request, S=x"),), "header"),
        (
            "/b/k",
            (
                ("Authorization", "AWS4-ECDSA-P256-SHA256 Credential=AKIAUSER/1/s3/aws4_request, Signature=SIGNATURE"),
                ("X-Amz-Region-Set", "*"),
            ),
            "header",
        ),
        ("/b/k", (), "anonymous"),
        ("/b/k", (("Authorization", "Bearer TOKEN"),), "bearer"),
    ],
)
def test_is_signed_in_the_style_of_the_client(
    settings: MakeSettings, target: str, headers: tuple[tuple[str, str], ...], style: str
) -> None:
    """Each way of authenticating stays what it is, but in version 4 and for one region, as AWS gets it."""
    copy = CloudMockSide(settings()).copy_of(
        s3_call(Request("GET", target, Headers((HOST, *headers)), b""), S3, "eu-west-1")
    )
    found = verified(copy, NOW if "Expires" in target else None)

    assert (True, "", style) == (found.accepted, found.message, found.style)
    assert "x-amz-region-set" not in copy.headers
    assert "ECDSA" not in copy.headers.get("authorization")
    assert found.region in ("eu-west-1", "")


def test_a_presigned_url_of_version_2_keeps_its_expiry(settings: MakeSettings) -> None:
    """The moment at which it ends is the client's."""
    now = datetime.now(tz=UTC)
    target = f"/b/k?AWSAccessKeyId=AKIAUSER&Signature=SIGNATURE&Expires={int(now.timestamp()) + 600}"
    copy = CloudMockSide(settings()).copy_of(s3_call(Request("GET", target, Headers((HOST,)), b""), S3, "eu-west-1"))

    assert "AKIAUSER" not in copy.query
    assert verified(copy, now + timedelta(seconds=590)).accepted
    assert "AccessDenied" == verified(copy, now + timedelta(seconds=610)).code


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((("Authorization", "Bearer TOKEN"),), (("Authorization", "Bearer test"),)),
        ((("authorization", "bearer TOKEN"),), (("authorization", "Bearer test"),)),
        ((("x-amz-sso_bearer_token", "TOKEN"),), (("x-amz-sso_bearer_token", "test"),)),
    ],
)
def test_a_token_is_a_dummy(
    settings: MakeSettings, headers: tuple[tuple[str, str], ...], expected: tuple[tuple[str, str], ...]
) -> None:
    """Whoever authenticates by a token does so at CloudMock with a word that is none."""
    copy = CloudMockSide(settings()).copy_of(
        s3_call(Request("GET", "/b/k", Headers((HOST, *headers)), b""), S3, "eu-west-1")
    )

    assert (HOST, *expected) == copy.headers.fields


FORM = "multipart/form-data; boundary=mark"


def form_of(fields: Mapping[str, str]) -> bytes:
    """An upload form with these fields before its file."""
    parts = [f'--mark\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{v}\r\n' for name, v in fields.items()]
    end = '--mark\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\ncontent\r\n--mark--\r\n'
    return "".join([*parts, end]).encode()


def policy(conditions: list[object]) -> str:
    document = {"expiration": "2999-01-01T00:00:00Z", "conditions": [["starts-with", "$key", ""], *conditions]}
    return base64.b64encode(json.dumps(document).encode()).decode()


def fields_v4() -> dict[str, str]:
    signed = {
        "X-Amz-Credential": "AKIAUSER/20260101/eu-west-1/s3/aws4_request",
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Date": "20260101T000000Z",
        "X-Amz-Security-Token": "TOKEN",
    }
    return {
        **signed,
        "policy": policy([{name: value} for name, value in signed.items()]),
        "X-Amz-Signature": "SIGNATURE",
    }


def fields_v2() -> dict[str, str]:
    token = {"x-amz-security-token": "TOKEN"}
    return {"AWSAccessKeyId": "AKIAUSER", **token, "policy": policy([token]), "signature": "SIGNATURE"}


@pytest.mark.parametrize(("fields", "now"), [(fields_v4(), NOW), (fields_v2(), None)], ids=["4", "2"])
def test_an_upload_form_stays_one(settings: MakeSettings, fields: dict[str, str], now: datetime | None) -> None:
    """A browser's form is a form for CloudMock, too, with a policy of its own, in version 4 as AWS gets it."""
    body = form_of({"key": "k", **fields})
    headers = Headers((HOST, ("Content-Type", FORM), ("Content-Length", str(len(body)))))
    operation = replace(S3, action="PostObject")
    copy = CloudMockSide(settings()).copy_of(s3_call(Request("POST", "/b", headers, body), operation, "eu-west-1"))
    found = verified(copy, now)

    assert (True, "", "policy", "test") == (found.accepted, found.message, found.style, found.access_key)
    assert copy.body.endswith(b'name="file"; filename="f"\r\n\r\ncontent\r\n--mark--\r\n')


KEY_ID, SIGNATURE, TOKEN = "AKIACANARYCANARY", "c0ffee" * 10 + "c0ff", "canary0token"
CANARIES = re.compile(f"{KEY_ID}|{SIGNATURE}|{TOKEN}".encode(), re.IGNORECASE)


def cased(text: str) -> st.SearchStrategy[str]:
    """The text in any case."""
    return st.lists(st.booleans(), min_size=len(text), max_size=len(text)).map(
        lambda upper: "".join(one.upper() if up else one.lower() for one, up in zip(text, upper, strict=True))
    )


def percented(text: str) -> st.SearchStrategy[str]:
    """The text with any of its characters in percents, in either case."""
    spellings = ("{}", "%{:02x}", "%{:02X}")
    return st.lists(st.sampled_from(spellings), min_size=len(text), max_size=len(text)).map(
        lambda chosen: "".join(
            quote(one, "") if how == "{}" else how.format(ord(one)) for one, how in zip(text, chosen, strict=True)
        )
    )


def pairs_of(parameters: Mapping[str, str], *, in_any_case: bool) -> st.SearchStrategy[str]:
    """A query of these parameters in any order, their names spelled oddly."""
    one = [
        st.tuples((cased(name) if in_any_case else st.just(name)).flatmap(percented), percented(value)).map("=".join)
        for name, value in parameters.items()
    ]
    return st.tuples(*one).flatmap(st.permutations).map("&".join)


SCOPE = "20260101/eu-west-1/s3/aws4_request"
V4_QUERY = {
    "X-Amz-Algorithm": ALGORITHM,
    "X-Amz-Credential": f"{KEY_ID}/{SCOPE}",
    "X-Amz-Date": "20260101T000000Z",
    "X-Amz-Expires": "60",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Security-Token": TOKEN,
    "X-Amz-Signature": SIGNATURE,
}
V2_QUERY = {"AWSAccessKeyId": KEY_ID, "Signature": SIGNATURE, "Expires": "1", "x-amz-security-token": TOKEN}
PARAMETERS = {
    "AWSAccessKeyId": KEY_ID,
    "Signature": SIGNATURE,
    "SignatureVersion": "2",
    "SignatureMethod": "HmacSHA256",
    "SecurityToken": TOKEN,
    "Timestamp": "2026-01-01T00:00:00Z",
}
AUTHORIZATIONS = (
    f"{ALGORITHM} Credential={KEY_ID}/{SCOPE}, SignedHeaders=host, Signature={SIGNATURE}",
    f"{ALGORITHM} Credential={KEY_ID}/{SCOPE},SignedHeaders=host,Signature={SIGNATURE}",
    f"{ALGORITHM} Signature={SIGNATURE}, Credential={KEY_ID}",
    f"AWS4-ECDSA-P256-SHA256 Credential={KEY_ID}/20260101/s3/aws4_request, SignedHeaders=host, Signature={SIGNATURE}",
    f"AWS {KEY_ID}:{SIGNATURE}",
    f"Bearer {TOKEN}",
    f"Unheard-of {KEY_ID}:{SIGNATURE}",
)
TOKEN_HEADERS = ("X-Amz-Security-Token", "x-amz-s3session-token")


def request(
    query: str = "", headers: tuple[tuple[str, str], ...] = (), body: bytes = b"", method: str = "GET"
) -> Request:
    return Request(method, f"/b/k{query and '?'}{query}", Headers((HOST, *headers)), body)


def form_request(fields: tuple[tuple[str, str], ...]) -> Request:
    conditions: list[object] = [{name: value} for name, value in fields]
    return request("", (("Content-Type", FORM),), form_of({**dict(fields), "policy": policy(conditions)}), "POST")


def spelled_fields(fields: Mapping[str, str]) -> st.SearchStrategy[Request]:
    return st.tuples(*(st.tuples(cased(name), st.just(value)) for name, value in fields.items())).map(form_request)


IN_HEADERS = st.tuples(
    st.tuples(cased("Authorization"), st.sampled_from(AUTHORIZATIONS)),
    st.lists(st.tuples(st.sampled_from(TOKEN_HEADERS).flatmap(cased), st.just(TOKEN)), max_size=2),
).map(lambda found: request("", (found[0], *found[1])))
IN_QUERY = st.sampled_from((V4_QUERY, V2_QUERY)).flatmap(lambda one: pairs_of(one, in_any_case=True)).map(request)
IN_PARAMETERS = (
    pairs_of(PARAMETERS, in_any_case=False).map(lambda query: request(f"Action=ListDomains&{query}"))
    | st.just(urlencode({"Action": "ListDomains", **PARAMETERS}).encode()).map(
        lambda body: request("", (("Content-Type", "application/x-www-form-urlencoded"),), body, "POST")
    )
)  # fmt: skip
IN_FORM = st.sampled_from(
    (
        {name: value for name, value in V4_QUERY.items() if name not in ("X-Amz-Expires", "X-Amz-SignedHeaders")},
        {name: value for name, value in V2_QUERY.items() if name != "Expires"},
    )
).flatmap(spelled_fields)


@hypothesis.settings(deadline=None)
@given(
    IN_HEADERS | IN_QUERY | IN_PARAMETERS | IN_FORM,
    st.lists(st.tuples(st.sampled_from(("X-Amz-Security-Token", "x-amz-s3session-token")), st.just(TOKEN)), max_size=1),
)
def test_no_byte_of_the_clients_credentials_is_sent(asked: Request, stray: list[tuple[str, str]]) -> None:
    """Wherever key id, signature and token stand, and however they are spelled, CloudMock gets none of them."""
    asked = replace(asked, headers=asked.headers.adding(*stray))
    copy = CloudMockSide(Settings.from_options({})).copy_of(s3_call(asked, S3, "eu-west-1"))
    head, body = wire(copy)
    policies = [base64.b64decode(one) for one in re.findall(rb'name="policy"\r\n\r\n([^\r]*)', body)]

    assert CANARIES.search(unquote_to_bytes(b"\n".join(wire(asked))))
    assert not [text for text in (head, body, *policies) if CANARIES.search(unquote_to_bytes(text))]


SIGNED = ("Authorization", AUTHORIZATIONS[0])
FORM_FIELDS = tuple((name, value) for name, value in V4_QUERY.items() if name != "X-Amz-SignedHeaders")


@pytest.mark.parametrize(
    "asked",
    [
        request("", (SIGNED, ("x-amz-sso_bearer_token", TOKEN))),
        request(f"X-Amz-Security-Token={TOKEN}", (SIGNED,)),
        request(
            "",
            (("Content-Type", "Application/X-WWW-Form-Urlencoded"),),
            urlencode({"Action": "ListDomains", **PARAMETERS}).encode(),
            "POST",
        ),
        replace(
            form_request(FORM_FIELDS), headers=Headers((HOST, ("Content-Type", FORM.replace("multipart", "Multipart"))))
        ),
        replace(
            form_request(FORM_FIELDS),
            body=form_request(FORM_FIELDS).body.replace(b'name="X-Amz-Credential"', b"name=X-Amz-Credential"),
        ),
    ],
    ids=["two tokens", "token in the query", "case of a form's type", "case of an upload's type", "unquoted names"],
)
def test_nothing_is_sent_in_unusual_places(settings: MakeSettings, asked: Request) -> None:
    """So it is where an app spells a media type in capitals, a field's name without quotes, or sends a second token."""
    head, body = wire(CloudMockSide(settings()).copy_of(s3_call(asked, S3, "eu-west-1")))

    assert not [text for text in (head, body) if CANARIES.search(unquote_to_bytes(text))]


@pytest.mark.parametrize(
    ("target", "headers", "expected"),
    [
        ("/_localstack/health", (HOST,), True),
        ("/_localstack/health?reload", (HOST,), True),
        ("/_cloudmock/state/reset", (HOST,), True),
        ("/_aws/sqs/messages", (HOST,), True),
        ("/moto-api/reset", (HOST,), True),
        ("/moto-api/", (), True),
        ("/_localstack", (HOST,), False),
        ("/_localstackx/health", (HOST,), False),
        ("/b/_localstack/health", (HOST,), False),
        ("/health", (HOST,), False),
        ("/", (HOST,), False),
        ("/_localstack/health", (("Host", "bucket.localhost:4577"),), False),
        ("/moto-api/k", (("Host", "bucket.s3.eu-west-1.amazonaws.com"),), False),
        ("/moto-api/k", (HOST, ("Authorization", AUTHORIZATIONS[0])), False),
        ("/_aws/k", (HOST, ("Authorization", "AWS A:b")), False),
        ("/moto-api/k", (HOST, ("Authorization", "Bearer TOKEN")), False),
        (f"/moto-api/k?{PRESIGNED}", (HOST,), False),
    ],
)
def test_an_emulators_own_pages_are_told_from_requests(
    settings: MakeSettings, target: str, headers: tuple[tuple[str, str], ...], *, expected: bool
) -> None:
    """Only what is unsigned, of no bucket and below one of the emulators' paths is a page of CloudMock's own."""
    call = call_for(Request("GET", target, Headers(headers), b""))

    assert expected is CloudMockSide(settings()).has_own_page(call)


@pytest.mark.parametrize(
    ("url", "endpoint", "target"),
    [
        ("http://localhost:4566", ("http", "localhost", 4566), "/_localstack/health?a=1"),
        ("https://mock.example/prefix/", ("https", "mock.example", 443), "/prefix/_localstack/health?a=1"),
    ],
)
def test_an_own_page_is_asked_of_cloudmock(
    settings: MakeSettings, url: str, endpoint: tuple[str, str, int], target: str
) -> None:
    """It is sent to CloudMock's URL as it is, without a signature."""
    cloudmock = CloudMockSide(settings(cloudmock=url))
    request = Request("POST", "/_localstack/health?a=1", Headers((HOST, ("X-A", "1"), ("Content-Length", "2"))), b"{}")
    sent = cloudmock.request_for_own_page(call_for(request))
    destination: Endpoint = cloudmock.endpoint

    assert endpoint == (destination.scheme, destination.host, destination.port)
    assert ("POST", target, b"{}") == (sent.method, sent.target, sent.body)
    assert {HOST, ("X-A", "1"), ("Content-Length", "2")} == set(sent.headers.fields)


@pytest.mark.parametrize(
    ("access_key", "expected"),
    [
        ("ASIAAWS", Credentials("ASIAMOCK", "m", "n")),
        ("ASIAMOCK", TEST_CREDENTIALS),
        ("ASIAOTHER", TEST_CREDENTIALS),
        ("", TEST_CREDENTIALS),
        ("123456789012", Credentials("123456789012", "test")),
        ("1234567890123", TEST_CREDENTIALS),
    ],
)
def test_what_a_copy_is_signed_with(settings: MakeSettings, access_key: str, expected: Credentials) -> None:
    """The partner of what AWS gave, an account's number, or test/test; no key of the user's or of the app's."""
    vended = VendedCredentials()
    aws = {"AccessKeyId": "ASIAAWS", "SecretAccessKey": "a", "SessionToken": "b"}
    vended.learn(aws)
    vended.learn_partners(aws, {"AccessKeyId": "ASIAMOCK", "SecretAccessKey": "m", "SessionToken": "n"})
    call = s3_call(Request("GET", "/b/k", Headers((HOST,)), b""))
    authentication = replace(call.authentication, access_key=access_key)

    assert expected == CloudMockSide(settings(), vended).credentials_of(replace(call, authentication=authentication))


def test_a_presigned_url_has_the_partner(settings: MakeSettings) -> None:
    """Key, token and signature in it are CloudMock's own."""
    vended = VendedCredentials()
    aws = {"AccessKeyId": "AKIAUSER", "SecretAccessKey": "a", "SessionToken": "TOKEN"}
    vended.learn_partners(aws, {"AccessKeyId": "ASIAMOCK", "SecretAccessKey": "m", "SessionToken": "n"})
    call = s3_call(Request("GET", f"/b/k?{PRESIGNED}", Headers((HOST,)), b""))
    query = parse_qs(CloudMockSide(settings(), vended).copy_of(call).query)

    assert ["n"] == query["X-Amz-Security-Token"]
    assert query["X-Amz-Credential"][0].startswith("ASIAMOCK/")
    assert not [secret for secret in SECRETS if secret in str(query)]
