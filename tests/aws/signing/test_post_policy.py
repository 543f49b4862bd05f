"""Upload forms signed anew, judged by a verifier that shares no code with the signer."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.signing.post_policy import signed_form
from cloudmock_contract.aws.wire.forms import Part, joined, parts
from cloudmock_contract.errors import AppError
from cloudmock_contract.values.authentication import Version
from lab.aws_verifier import signatures
from lab.aws_verifier.signatures import Key, Verification

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TYPE = "multipart/form-data; boundary=mark"
LASTING = Credentials("AKIATHEUSERS", "the-users-secret")
PASSING = Credentials("ASIATHEUSERS", "the-users-secret", "the/users+token==")
CONDITIONS: list[Any] = [
    {"bucket": "b"},
    ["starts-with", "$key", "user/"],
    ["content-length-range", 1, 10],
    {"acl": "private"},
]
V4_FIELDS = {
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": "CLIENTSKEY/20260131/us-east-1/s3/aws4_request",
    "x-amz-date": "20260131T110000Z",
    "x-amz-security-token": "clientstoken",
    "x-amz-signature": "c0" * 32,
}
V2_FIELDS = {"AWSAccessKeyId": "CLIENTSKEY", "x-amz-security-token": "clientstoken", "signature": "clientssignature="}


def encoded(policy: object) -> str:
    return base64.b64encode(json.dumps(policy).encode()).decode()


def part(name: str, content: str) -> Part:
    return Part(f'Content-Disposition: form-data; name="{name}"'.encode(), content.encode())


FILE = Part(b'Content-Disposition: form-data; name="file"; filename="f"\r\nContent-Type: text/plain', b"con\r\ntent")


def upload(
    signing: dict[str, str], conditions: Sequence[Any] = (), expires: str = "2026-01-31T13:00:00.000Z"
) -> list[Part]:
    """A form as a client signs it for an emulator."""
    on_signature = [{name: value} for name, value in signing.items() if name.lower().startswith("x-amz-")]
    policy = encoded({"expiration": expires, "conditions": [*(conditions or CONDITIONS), *on_signature]})
    fields = {"key": "user/k", "acl": "private", **signing, "policy": policy}
    return [*(part(name, value) for name, value in fields.items()), FILE, part("submit", "Upload")]


def verified(form: Sequence[Part], credentials: Credentials, now: datetime = NOW) -> Verification:
    """What S3 makes of the form."""
    body = joined(TYPE, form)
    head = (
        f"POST / HTTP/1.1\r\nHost: b.s3.eu-west-1.amazonaws.com\r\nContent-Type: {TYPE}\r\nContent-Length: {len(body)}"
    )
    key = Key(credentials.access_key, credentials.secret_key, credentials.token or "")
    return signatures.verify(head.encode(), body, {key.access_key: key}, now)


def fields_of(form: Sequence[Part]) -> dict[str, str]:
    """The fields before the file."""
    names = [part.name for part in form]
    return {part.name: part.content.decode() for part in form[: names.index("file")]}


def policy_of(form: Sequence[Part]) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(base64.b64decode(fields_of(form)["policy"], validate=True))
    return policy


VERSIONS = pytest.mark.parametrize(("signing", "version"), [(V4_FIELDS, Version.V4), (V2_FIELDS, Version.V2)])


@VERSIONS
@pytest.mark.parametrize("credentials", [LASTING, PASSING], ids=["lasting", "passing"])
def test_s3_accepts_the_form(signing: dict[str, str], version: Version, credentials: Credentials) -> None:
    """Signed anew, the form is the user's in either version, with a session token or without."""
    result = verified(signed_form(upload(signing), credentials, "eu-west-1", version, NOW), credentials)

    assert (True, "", "policy", credentials.access_key) == (
        result.accepted,
        result.message,
        result.style,
        result.access_key,
    )


@VERSIONS
def test_nothing_of_the_clients_signature_stays(signing: dict[str, str], version: Version) -> None:
    """Neither the fields nor the policy have the client's key, token, scope or signature."""
    form = signed_form(upload(signing), LASTING, "eu-west-1", version, NOW)
    shown = joined(TYPE, form).decode() + json.dumps(policy_of(form))

    assert not [text for text in ("CLIENTSKEY", "clientstoken", "c0c0", "clientssignature") if text in shown]


@VERSIONS
def test_the_rest_stays_as_it_is(signing: dict[str, str], version: Version) -> None:
    """All other fields, the file and what follows it keep their bytes and their order, and the file stays one."""
    original = upload(signing)
    form = signed_form(original, PASSING, "eu-west-1", version, NOW)
    expected = [part for part in original if part.name in ("key", "acl", "file", "submit")]

    assert expected == list(form[-4:])
    assert len({part.name.lower() for part in form}) == len(form)


@VERSIONS
def test_the_policy_keeps_its_expiration_and_conditions(signing: dict[str, str], version: Version) -> None:
    """What the app allows, and until when, is what it was."""
    policy = policy_of(signed_form(upload(signing), LASTING, "eu-west-1", version, NOW))

    assert "2026-01-31T13:00:00.000Z" == policy["expiration"]
    assert CONDITIONS == policy["conditions"][: len(CONDITIONS)]


@VERSIONS
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"expires": "2026-01-31T11:59:59Z"}, "AccessDenied"),
        ({"conditions": [{"bucket": "other"}, ["starts-with", "$key", ""], {"acl": "private"}]}, "AccessDenied"),
        ({"conditions": [{"bucket": "b"}, ["eq", "$key", "another"], {"acl": "private"}]}, "AccessDenied"),
        ({"conditions": [{"bucket": "b"}, ["starts-with", "$key", ""]]}, "AccessDenied"),
        ({"conditions": [*CONDITIONS, ["content-length-range", 100, 200]]}, "EntityTooSmall"),
    ],
)
def test_s3_refuses_what_it_would_have_refused(
    signing: dict[str, str], version: Version, change: dict[str, Any], code: str
) -> None:
    """An expired policy stays expired, and a condition that the form does not meet is not met."""
    result = verified(signed_form(upload(signing, **change), LASTING, "eu-west-1", version, NOW), LASTING)

    assert (False, code) == (result.accepted, result.code)


@pytest.mark.parametrize(
    "condition",
    [
        {"X-Amz-Credential": "CLIENTSKEY/20260131/us-east-1/s3/aws4_request"},
        ["eq", "$x-amz-credential", "CLIENTSKEY/20260131/us-east-1/s3/aws4_request"],
        ["starts-with", "$X-Amz-Credential", "CLIENTSKEY/"],
        ["eq", "$x-amz-algorithm", "AWS4-HMAC-SHA256"],
        ["starts-with", "$x-amz-date", "20250101"],
        {"x-amz-security-token": "another"},
    ],
)
def test_every_condition_on_the_signature_is_replaced(condition: Any) -> None:
    """However the client wrote it, what it demanded of its own signature is demanded no more."""
    form = signed_form(upload(V4_FIELDS, [*CONDITIONS, condition]), PASSING, "eu-west-1", Version.V4, NOW)
    result = verified(form, PASSING)

    assert (True, "") == (result.accepted, result.message)
    assert condition not in policy_of(form)["conditions"]


def test_the_scope_is_of_the_region_and_of_the_forms_own_date() -> None:
    """The region is the one that is asked for, and the date the client's."""
    fields = fields_of(signed_form(upload(V4_FIELDS), LASTING, "eu-west-1", Version.V4, NOW))

    assert "20260131T110000Z" == fields["x-amz-date"]
    assert "AKIATHEUSERS/20260131/eu-west-1/s3/aws4_request" == fields["x-amz-credential"]
    assert "x-amz-security-token" not in fields


def test_a_form_without_a_date_gets_one() -> None:
    """Signed in another version than the client's, a form is of now."""
    later = NOW + timedelta(minutes=1)
    form = signed_form(upload(V2_FIELDS), PASSING, "eu-west-1", Version.V4, later)
    result = verified(form, PASSING, later)

    assert "20260131T120100Z" == fields_of(form)["x-amz-date"]
    assert (True, "") == (result.accepted, result.message)


def test_fields_after_the_file_sign_nothing() -> None:
    """S3 reads no field that follows the file: a policy there does not become the one that is signed."""
    wide = encoded({"expiration": "2999-01-01T00:00:00Z", "conditions": [["starts-with", "$key", ""]]})
    original = [*upload(V4_FIELDS), part("policy", wide), part("x-amz-date", "20200101T000000Z")]
    form = signed_form(original, LASTING, "eu-west-1", Version.V4, NOW)

    assert "2026-01-31T13:00:00.000Z" == policy_of(form)["expiration"]
    assert "20260131T110000Z" == fields_of(form)["x-amz-date"]


def test_a_policy_in_odd_base64_is_read() -> None:
    """Line ends in the base64, as forms have them from templates, do not matter."""
    text = encoded({"expiration": "2026-01-31T13:00:00Z", "conditions": CONDITIONS})
    lines = "\r\n".join(text[start : start + 20] for start in range(0, len(text), 20))
    fields = {"key": "user/k", "acl": "private", **V4_FIELDS, "policy": f"{lines}\r\n"}
    form = [*(part(name, value) for name, value in fields.items()), FILE]

    assert verified(signed_form(form, LASTING, "eu-west-1", Version.V4, NOW), LASTING).accepted


@VERSIONS
@pytest.mark.parametrize(
    "policy",
    [
        "",
        "!",
        "abc",
        base64.b64encode(b"no JSON").decode(),
        base64.b64encode(b"\xff\xfe").decode(),
        base64.b64encode(b'{"conditions": ' + b"[" * 100_000 + b"]" * 100_000 + b"}").decode(),
        encoded([]),
        encoded(None),
        encoded("conditions"),
        encoded({}),
        encoded({"expiration": "2026-01-31T13:00:00Z"}),
        encoded({"conditions": None}),
        encoded({"conditions": 1}),
        encoded({"conditions": [1]}),
        encoded({"conditions": [None]}),
    ],
    ids=range(15),
)
def test_a_policy_that_cannot_be_read_is_the_apps_error(signing: dict[str, str], version: Version, policy: str) -> None:
    """What is no JSON object with conditions, in base64, is refused with a sentence."""
    form = [part(name, value) for name, value in {**signing, "policy": policy}.items()]

    with pytest.raises(AppError, match="policy of the app's upload form is not a JSON object with conditions"):
        signed_form(form, LASTING, "eu-west-1", version, NOW)


def test_a_form_without_a_policy_is_the_apps_error() -> None:
    """A form that says who signed it, and not what, is refused."""
    with pytest.raises(AppError, match="policy of the app's upload form"):
        signed_form([part("x-amz-credential", "CLIENTSKEY/1/2/s3/aws4_request")], LASTING, "r", Version.V4, NOW)


def test_the_original_is_not_changed() -> None:
    """The form that came in is what it was."""
    body = joined(TYPE, upload(V4_FIELDS))
    original = parts(TYPE, body)
    signed_form(original, PASSING, "eu-west-1", Version.V4, NOW)

    assert body == joined(TYPE, original)
