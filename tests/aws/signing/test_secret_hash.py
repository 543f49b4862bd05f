"""Cognito's secret hash, made anew for the other side."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.signing.secret_hash import MAX_CLIENTS, Client, ClientSecrets
from cloudmock_contract.values.http import Headers, Request

OWN, OTHER = Client("1h57kf5cpq17m0eml12EXAMPLE", "own-secret"), Client("7abc57kf5cpq17m0eml12OTHER", "other-secret")
USER, OTHER_USER = "6f1ed002-ab5d-4c0a-9c0a-0b1c2d3e4f50", "c9bf9e57-1685-4c89-bafb-ff5af830be8a"


def hash_of(client: Client, user: str) -> str:
    """As AWS's documentation computes it."""
    digest = hmac.new(client.secret.encode(), (user + client.id).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def reply_with(client: Client) -> dict[str, object]:
    return {"UserPoolClient": {"ClientId": client.id, "ClientSecret": client.secret, "ClientName": "app"}}


def request(members: dict[str, Any]) -> Request:
    body = json.dumps(members).encode()
    return Request("POST", "/", Headers((("Content-Length", str(len(body))),)), body)


@pytest.fixture
def secrets() -> ClientSecrets:
    """A run that has seen a client made on both sides."""
    known = ClientSecrets()
    known.learn(reply_with(OWN), reply_with(OTHER))
    return known


def sent(secrets: ClientSecrets, own: dict[str, Any], copy: dict[str, Any]) -> Any:
    """The members that the other side gets."""
    made = secrets.translated(request(own), request(copy))
    assert made.headers.get("content-length") == str(len(made.body))
    return json.loads(made.body)


@pytest.mark.parametrize(
    ("own", "copy", "expected"),
    [
        (
            {"ClientId": OWN.id, "Username": "u", "SecretHash": hash_of(OWN, "u"), "Password": "p"},
            {"ClientId": OTHER.id, "Username": "u", "SecretHash": hash_of(OWN, "u"), "Password": "p"},
            {"ClientId": OTHER.id, "Username": "u", "SecretHash": hash_of(OTHER, "u"), "Password": "p"},
        ),
        (
            {"ClientId": OWN.id, "AuthParameters": {"USERNAME": "ü", "SECRET_HASH": hash_of(OWN, "ü")}},
            {"ClientId": OTHER.id, "AuthParameters": {"USERNAME": "ü", "SECRET_HASH": hash_of(OWN, "ü")}},
            {"ClientId": OTHER.id, "AuthParameters": {"USERNAME": "ü", "SECRET_HASH": hash_of(OTHER, "ü")}},
        ),
        (
            {"ClientId": OWN.id, "ChallengeResponses": {"USERNAME": USER, "SECRET_HASH": hash_of(OWN, USER)}},
            {"ClientId": OTHER.id, "ChallengeResponses": {"USERNAME": OTHER_USER, "SECRET_HASH": "x"}},
            {
                "ClientId": OTHER.id,
                "ChallengeResponses": {"USERNAME": OTHER_USER, "SECRET_HASH": hash_of(OTHER, OTHER_USER)},
            },
        ),
        (
            {"ClientId": OWN.id, "ClientSecret": OWN.secret, "RefreshToken": "t"},
            {"ClientId": OTHER.id, "ClientSecret": OWN.secret, "RefreshToken": "t"},
            {"ClientId": OTHER.id, "ClientSecret": OTHER.secret, "RefreshToken": "t"},
        ),
    ],
    ids=["SignUp", "InitiateAuth", "RespondToAuthChallenge", "GetTokensFromRefreshToken"],
)
def test_a_right_hash_is_made_anew(
    secrets: ClientSecrets, own: dict[str, Any], copy: dict[str, Any], expected: dict[str, Any]
) -> None:
    """With the other side's client, secret and user, wherever the hash stands."""
    assert expected == sent(secrets, own, copy)


@pytest.mark.parametrize(
    ("own", "copy"),
    [
        ({"ClientId": OWN.id, "Username": "u", "SecretHash": hash_of(OWN, "v")}, {"ClientId": OTHER.id}),
        ({"ClientId": OWN.id, "Username": "u", "SecretHash": 7}, {"ClientId": OTHER.id}),
        ({"ClientId": OWN.id, "Username": "u", "SecretHash": "\ud800"}, {"ClientId": OTHER.id}),
        ({"ClientId": OWN.id, "Username": "\ud800", "SecretHash": "x"}, {"ClientId": OTHER.id}),
        ({"ClientId": OWN.id, "Username": "u", "SecretHash": hash_of(OWN, "u")}, {"ClientId": OWN.id}),
        ({"ClientId": "unknown", "Username": "u", "SecretHash": hash_of(OWN, "u")}, {"ClientId": OTHER.id}),
        ({"ClientId": ["x"]}, {"ClientId": OTHER.id}),
        ({"ClientId": OWN.id, "AuthParameters": "x"}, {"ClientId": OTHER.id, "AuthParameters": "x"}),
        ({"ClientId": OWN.id, "ClientSecret": "another"}, {"ClientId": OTHER.id, "ClientSecret": "another"}),
        ({"ClientId": OWN.id, "SecretHash": hash_of(OWN, "u")}, {"ClientId": OTHER.id}),
    ],
    ids=[
        "another user's",
        "a number",
        "no text",
        "a user that is no text",
        "not translated",
        "another client",
        "a list",
        "a text",
        "another secret",
        "a user that is not known",
    ],
)
def test_what_is_not_proved_stays(secrets: ClientSecrets, own: dict[str, Any], copy: dict[str, Any]) -> None:
    """A hash that is wrong for the one side is left to be refused by the other."""
    copied = request(own | copy)

    assert copied is secrets.translated(request(own), copied)


def test_a_refresh_is_of_a_user_that_was_there_before(secrets: ClientSecrets) -> None:
    """It names none: the hash tells which one of those it is."""
    for user, other in (("first", "first"), (USER, OTHER_USER)):
        own = {"ClientId": OWN.id, "AuthParameters": {"USERNAME": user, "SECRET_HASH": hash_of(OWN, user)}}
        sent(secrets, own, {"ClientId": OTHER.id, "AuthParameters": {"USERNAME": other, "SECRET_HASH": "x"}})
    own = {"ClientId": OWN.id, "AuthParameters": {"REFRESH_TOKEN": "t", "SECRET_HASH": hash_of(OWN, USER)}}
    found = sent(secrets, own, {"ClientId": OTHER.id, "AuthParameters": {"REFRESH_TOKEN": "s", "SECRET_HASH": "x"}})

    assert {"REFRESH_TOKEN": "s", "SECRET_HASH": hash_of(OTHER, OTHER_USER)} == found["AuthParameters"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"[" * 200_000, b"\xff"])
def test_a_body_that_is_no_object_stays(secrets: ClientSecrets, body: bytes) -> None:
    """Whatever the app sends."""
    made = Request("POST", "/", Headers(), body)

    assert made is secrets.translated(made, made)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.dictionaries(
            st.sampled_from(("ClientId", "Username", "SecretHash", "AuthParameters", "USERNAME", "SECRET_HASH")), inner
        ),
    )
)
def test_any_members_are_read(members: Any) -> None:
    """Nothing raises, and nothing is changed without proof."""
    known = ClientSecrets()
    known.learn(reply_with(OWN), reply_with(OTHER))
    body = json.dumps({"ClientId": OWN.id, "AuthParameters": members}).encode()
    copy = Request("POST", "/", Headers(), body.replace(OWN.id.encode(), OTHER.id.encode()))

    assert copy is known.translated(Request("POST", "/", Headers(), body), copy)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"UserPoolClient": None},
        {"UserPoolClient": {"ClientId": "c"}},
        {"UserPoolClient": {"ClientId": "c", "ClientSecret": ""}},
        {"UserPoolClient": {"ClientId": "c", "ClientSecret": "é"}},
        {"UserPoolClient": {"ClientId": "c", "ClientSecret": "s" * 2_000}},
        {"UserPoolClient": {"ClientId": 7, "ClientSecret": "s"}},
    ],
)
def test_a_side_without_a_secret_teaches_nothing(other: dict[str, object]) -> None:
    """Nor does one with a secret that Cognito has not made."""
    known = ClientSecrets()
    known.learn(reply_with(OWN), other)

    assert not known
    assert [] == list(known.latest())


def test_secrets_are_not_shown(secrets: ClientSecrets) -> None:
    """Neither in a repr, nor where they are looked for in a report, without being told."""
    assert "secret" not in repr(OWN).replace("secret=", "")
    assert [OWN.secret, OTHER.secret] == list(secrets.latest())


def test_many_clients_take_no_more_memory(secrets: ClientSecrets) -> None:
    """The oldest are forgotten."""
    for number in range(MAX_CLIENTS):
        secrets.learn(reply_with(Client(f"own-{number}", "s")), reply_with(Client(f"other-{number}", "s")))
    copy = request({"ClientId": OTHER.id, "ClientSecret": OWN.secret})

    assert copy is secrets.translated(request({"ClientId": OWN.id, "ClientSecret": OWN.secret}), copy)
