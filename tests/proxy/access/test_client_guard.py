"""Who may use the proxy."""

import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.signing import signer
from cloudmock_contract.aws.signing.signer import SigningTarget
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.proxy.access.client_guard import ClientGuard
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.authentication import Version
from cloudmock_contract.values.http import Headers, Request, Streamed
from support.calls import call_for

KNOWN = Credentials("AKIAKNOWN", "secret")
HOST = "localhost:4577"
MOZILLA = ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/60.0")
NAVIGATION = (("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"))

FORGED_SCOPE = "AKIAFORGED%2F20260101%2Fus-east-1%2Fec2%2Faws4_request"
FORGED = f"/?Action=TerminateInstances&X-Amz-Credential={FORGED_SCOPE}&X-Amz-Signature=00"


LISTED = "The proxy takes only requests that are signed with a key of --allow-key."
NOT_ACCEPTED = "The request's signature with AKIAKNOWN is not accepted."
MISFIT = f"{NOT_ACCEPTED} Its signature does not fit the request and the secret of its access key."


def guard(*, is_open: bool = False, **options: Any) -> ClientGuard:
    return ClientGuard.of(Settings.from_options(options), {KNOWN.access_key: KNOWN}.get, is_open=is_open)


def request(*fields: tuple[str, str], host: str | None = HOST, method: str = "GET", target: str = "/b/k") -> Request:
    first = () if host is None else (("Host", host),)
    return Request(method, target, Headers((*first, *fields)), b"")


def denial(guard: ClientGuard, request: Request, *, body_is_known: bool = True) -> str:
    """The reason; empty if there is none."""
    return str(guard.denial(call_for(request), datetime.now(tz=UTC), body_is_known=body_is_known) or "")


def signed(
    credentials: Credentials = KNOWN, *, host: str = HOST, presigned: bool = False, old: bool = False
) -> Request:
    """A request that is signed with these credentials, for the proxy; `old`: presigned with signature version 2."""
    now = datetime.now(tz=UTC)
    scope = f"AKIAANY/{now:%Y%m%d}/eu-west-1/s3/aws4_request"
    if old:
        end = int(now.timestamp()) + 60
        plain = request(host=host, target=f"/b/k?AWSAccessKeyId=AKIAANY&Signature=00&Expires={end}")
    elif presigned:
        target = (
            f"/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}&X-Amz-Date={now:%Y%m%dT%H%M%SZ}"
            "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
        )
        plain = request(host=host, target=target)
    else:
        authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
        plain = request(("Authorization", authorization), host=host)
    version = Version.V2 if old else Version.V4
    return signer.sign(plain, authentication(plain), SigningTarget(host, "s3", "eu-west-1", now, version), credentials)


def with_fields(base: Request, *fields: tuple[str, str]) -> Request:
    return Request(base.method, base.target, base.headers.adding(*fields), base.body)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:4577",
        "LOCALHOST:4577",
        "localhost.",
        "127.0.0.1:4577",
        "127.1",
        "0.0.0.0:4577",
        "192.168.1.20:4577",
        "2130706433",
        "[::1]:4577",
        "[::1]",
        "[fe80::1%25eth0]:80",
        "bucket.localhost:4577",
        "dotted.bucket.localhost:4577",
        "data-localhost:4577",
        "123456789012.data-localhost",
        "sync-127.0.0.1:4577",
        "123456789012.localhost:4577",
        "123456789012.127.0.0.1:4577",
        "bucket.127.0.0.1",
        "localhost.localstack.cloud:4566",
        "bucket.s3.localhost.localstack.cloud:4566",
        "abc.execute-api.us-east-1.localhost.localstack.cloud",
        "data-localhost.localstack.cloud",
        "proxy",
        "cloudmock_contract:4577",
        "data-proxy:4577",
        "host.docker.internal:4577",
        "bucket.host.docker.internal",
        "proxy.default.svc.cluster.local",
        "raspberry.local",
        "aws.test",
        "nas.home.arpa",
        "dynamodb.eu-west-1.amazonaws.com",
        "bucket.s3.eu-west-1.amazonaws.com",
        "s3.cn-north-1.amazonaws.com.cn",
        "x.lambda-url.eu-west-1.on.aws",
    ],
)
def test_local_names_and_aws_own_are_let_through(host: str) -> None:
    """Names that no stranger's DNS can have, with what SDKs put before them, are the proxy's."""
    assert denial(guard(), request(host=host)) == ""


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:4577",
        "localhost.evil.example",
        "127.0.0.1.evil.example:4577",
        "127.0.0.1.nip.io",
        "notlocalhost.com",
        "localhost.localstack.cloud.evil.example",
        "evil.localstack.cloud",
        "amazonaws.com.evil.example",
        "evilamazonaws.com",
        "evil.example.",
        "internal.example",
        "",
        ":4577",
        "[::1",
        "[::1]evil.example",
        "[evil]",
        "localhost:4577:1",
        "localhost:port",
        "evil.example/.localhost",
        "evil.example#.localhost",
        "user@localhost",
        "löcalhost",
        "a." * 200 + "localhost",
        "\udcff.localhost",
    ],
)
def test_other_names_are_refused(host: str) -> None:
    """A name that may be a stranger's, whose DNS leads here, is refused, signed or not."""
    assert "--allow-host" in denial(guard(), request(host=host))
    assert denial(guard(), with_fields(request(host=host), ("Authorization", "AWS AKIAX:c2ln"))) != ""


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        ("proxy.example.com", True),
        ("Proxy.Example.com:80", True),
        ("bucket.proxy.example.com", True),
        ("other.net", True),
        ("evil-proxy.example.com", False),
        ("example.com", False),
        ("evilproxy.example.com", False),
    ],
)
def test_named_hosts_are_let_through(host: str, is_allowed: bool) -> None:
    """--allow-host lets names and their subdomains through, and nothing beside them."""
    assert is_allowed is (denial(guard(allow_host="Proxy.example.com,other.net:4577"), request(host=host)) == "")


def test_the_machine_s_own_name_is_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the machine is one by which the app may call it."""
    monkeypatch.setattr(socket, "gethostname", lambda: "Box.corp.example")

    assert denial(guard(), request(host="box.corp.example:4577")) == ""
    assert denial(guard(), request(host="corp.example")) != ""


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (request(host=None), "The request has no Host header. Only a signed one may lack it."),
        (
            request(("Authorization", "Bearer t"), host=None),
            "The request has no Host header. Only a signed one may lack it.",
        ),
        (request(("Authorization", "AWS AKIAX:c2ln"), host=None), ""),
        (request(("host", "localhost")), "The request has several Host headers."),
        (request(("Host", "evil.example")), "The request has several Host headers."),
    ],
)
def test_there_is_one_host(base: Request, expected: str) -> None:
    """Only a signed request, which no browser sends so, may lack a Host; none may have two."""
    assert expected == denial(guard(), base)


ALLOWED = "http://localhost:3000"
PREFLIGHT = (("Origin", ALLOWED), ("Access-Control-Request-Method", "PUT"))

PAGES: dict[str, tuple[Request, str]] = {
    "fetch": (request(("Origin", "https://evil.example")), "https://evil.example"),
    "fetch of a local page": (request(("Origin", ALLOWED), ("Sec-Fetch-Site", "same-site")), ALLOWED),
    "form": (request(("Origin", ALLOWED), MOZILLA, method="POST"), ALLOWED),
    "preflight": (request(*PREFLIGHT, method="OPTIONS"), ALLOWED),
    "websocket": (request(("Origin", ALLOWED), ("Upgrade", "websocket")), ALLOWED),
    "extension": (request(("Origin", "chrome-extension://abc")), "chrome-extension://abc"),
    "image": (request(("Sec-Fetch-Site", "cross-site"), ("Referer", "https://evil.example/")), "https://evil.example"),
    "link": (request(*NAVIGATION, ("Referer", f"{ALLOWED}/page?x=1"), target=FORGED), ALLOWED),
    "page of the proxy": (request(("Sec-Fetch-Site", "same-origin")), f"http://{HOST}"),
    "image in an old browser": (request(MOZILLA, ("Referer", "http://evil.example/a")), "http://evil.example"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_refused_unless_its_origin_is_allowed(name: str) -> None:
    """What a web page makes a browser send is refused; the refusal names the flag that lets this page through."""
    asked, origin = PAGES[name]
    expected = f"A web page of {origin} made the request. If you trust it, let it through: --allow-origin {origin}."

    assert expected == denial(guard(), asked)
    assert expected == denial(guard(allow_origin="http://localhost:3001,http://other.example"), asked)
    assert denial(guard(allow_origin=origin), asked) == ""
    assert denial(guard(allow_origin=f"http://other.example,{origin.upper()}"), asked) == ""


@pytest.mark.parametrize(
    "make",
    [
        lambda: request(("Origin", "null")),
        lambda: request(("Origin", "")),
        lambda: request(("Origin", ALLOWED), ("Origin", "https://evil.example")),
        lambda: request(("Origin", f"{ALLOWED}.evil.example")),
        lambda: request(*NAVIGATION),
        lambda: request(("Sec-Fetch-Site", "same-site")),
        lambda: request(("Sec-Fetch-Site", "anything")),
        lambda: request(("Sec-Fetch-Site", "same-origin")),
        lambda: request(("Sec-Fetch-Site", "cross-site"), ("Referer", f"http://{HOST}/")),
        lambda: request(("Referer", "about:blank")),
        lambda: request(("Referer", "http://[")),
        lambda: request(MOZILLA, target=FORGED),
        lambda: request(MOZILLA, target=FORGED, host="0.0.0.0:4577"),
        lambda: request(MOZILLA, target="/b/k?AWSAccessKeyId=AKIAX&Signature=x&Expires=9999999999"),
        lambda: with_fields(signed(Credentials("AKIAOTHER", "secret"), presigned=True), MOZILLA),
        lambda: with_fields(signed(Credentials(KNOWN.access_key, "forged"), presigned=True), MOZILLA),
    ],
)
def test_a_page_that_does_not_say_its_origin_is_refused(make: Callable[[], Request]) -> None:
    """An allowed origin helps no page but its own, and none that hides where it is from."""
    assert "--allow-origin" in denial(guard(allow_origin=ALLOWED), make())


@pytest.mark.parametrize(
    "make",
    [
        lambda: request(("User-Agent", "aws-sdk-js/3.0 ua/2.1 os/linux lang/js md/nodejs")),
        lambda: request(("User-Agent", "aws-sdk-js/3.0"), ("Sec-Fetch-Mode", "cors")),
        lambda: request(("Sec-Fetch-Site", "none"), MOZILLA, target=FORGED),
        lambda: request(("Upgrade", "websocket")),
        lambda: request(MOZILLA, ("Referer", f"http://{HOST}/index.html")),
        lambda: request(MOZILLA),
        lambda: with_fields(signed(), MOZILLA),
        lambda: with_fields(signed(presigned=True), MOZILLA),
        lambda: with_fields(signed(old=True), MOZILLA),
    ],
    ids=["sdk", "fetch of Node", "typed", "websocket", "own page", "unsigned", "signed", "presigned", "presigned v2"],
)
def test_what_no_page_has_made_is_let_through(make: Callable[[], Request]) -> None:
    """SDKs send no Origin, and a user may open an address; a presigned URL that was not made up is one."""
    assert denial(guard(), make()) == ""


def test_default_ports_are_no_part_of_an_origin() -> None:
    """A browser leaves them out; the user need not."""
    allowed = guard(allow_origin="https://app.example:443")

    assert denial(allowed, request(("Origin", "https://app.example"))) == ""
    assert denial(allowed, request(("Origin", "http://app.example"))) != ""


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (signed, ""),
        (lambda: signed(presigned=True), ""),
        (lambda: signed(Credentials("AKIALISTED", "whatever")), ""),
        (
            lambda: signed(Credentials("AKIAOTHER", "s")),
            f"{LISTED} This one is signed with AKIAOTHER.",
        ),
        (
            request,
            f"{LISTED} This one is not signed.",
        ),
        (
            lambda: request(("Authorization", "Bearer t")),
            f"{LISTED} This one bears a token.",
        ),
        (
            lambda: signed(Credentials(KNOWN.access_key, "guessed")),
            MISFIT,
        ),
        (lambda: request(*PREFLIGHT, method="OPTIONS"), ""),
        (
            lambda: request(*PREFLIGHT[:1], method="OPTIONS"),
            f"{LISTED} This one is not signed.",
        ),
        (
            lambda: request(*PREFLIGHT, method="OPTIONS", target=FORGED),
            f"{LISTED} This one is signed with AKIAFORGED.",
        ),
    ],
)
def test_only_listed_keys_are_let_through(make: Callable[[], Request], expected: str) -> None:
    """--allow-key wants every request signed with a key of its list, and verifies what it can; preflights have none."""
    assert expected == denial(guard(allow_key="AKIAKNOWN,AKIALISTED", allow_origin=ALLOWED), make())


_OPEN = (
    "The proxy listens beyond this machine (--host) and takes only requests that are signed with credentials it knows. "
    "{} Give the app the proxy's own credentials, or start it with --run and --isolate-credentials."
)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: signed(host="192.168.1.20:4577"), ""),
        (lambda: signed(presigned=True), ""),
        (lambda: signed(Credentials("AKIAOTHER", "s")), _OPEN.format("It does not know AKIAOTHER.")),
        (
            lambda: signed(Credentials("AKIA" + "\x1b" + "x" * 200, "s")),
            _OPEN.format(f"It does not know AKIA?{'x' * 95}."),
        ),
        (request, _OPEN.format("This one is not signed.")),
        (lambda: request(("Authorization", "Bearer t")), _OPEN.format("This one bears a token.")),
        (
            lambda: signed(Credentials(KNOWN.access_key, "guessed")),
            MISFIT,
        ),
        (
            lambda: with_fields(signed(), ("X-Amz-Acl", "public-read")),
            f"{NOT_ACCEPTED} A header that has to be signed is not: x-amz-acl.",
        ),
        (lambda: request(*PREFLIGHT, method="OPTIONS"), ""),
        (lambda: request(*PREFLIGHT, method="OPTIONS", target=FORGED), _OPEN.format("It does not know AKIAFORGED.")),
    ],
)
def test_an_open_proxy_wants_signatures_of_known_keys(make: Callable[[], Request], expected: str) -> None:
    """Whoever can reach the proxy from elsewhere proves that he holds credentials that it knows."""
    assert expected == denial(guard(is_open=True, allow_origin=ALLOWED), make())


def test_a_body_that_is_still_to_come_is_taken_as_stated() -> None:
    """Before the body has come, the signature is verified with the hash that the request states."""
    whole = signed()
    later = Request("GET", whole.target, whole.headers, b"other")

    assert denial(guard(is_open=True), later, body_is_known=False) == ""
    assert "not the one that was signed" in denial(guard(is_open=True), later)


def _without_hash(credentials: Credentials = KNOWN) -> Request:
    """A request whose signature is of its body's hash, which it does not state."""
    now = datetime.now(tz=UTC)
    scope = f"AKIAANY/{now:%Y%m%d}/eu-west-1/dynamodb/aws4_request"
    authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
    plain = Request("POST", "/", Headers((("Host", HOST), ("Authorization", authorization))), b"{}")
    return signer.sign(plain, authentication(plain), SigningTarget(HOST, "dynamodb", "eu-west-1", now), credentials)


@pytest.mark.parametrize("options", [{"is_open": True}, {"allow_key": "AKIAKNOWN"}])
@pytest.mark.parametrize(
    ("make", "is_right_later"),
    [
        (_without_hash, True),
        (lambda: _without_hash(Credentials(KNOWN.access_key, "guessed")), False),
        (lambda: request(("Content-Type", "multipart/form-data; boundary=x"), method="POST"), False),
        (lambda: request(("Content-Type", "application/x-www-form-urlencoded"), method="POST"), False),
    ],
)
def test_what_the_body_will_tell_is_asked_for_again(
    make: Callable[[], Request], is_right_later: bool, options: dict[str, Any]
) -> None:
    """A head that says too little passes; it does not with its body, nor if that is streamed and will not be seen."""
    whole = make()
    head = replace(whole, body=b"")
    strict = guard(**options)

    assert denial(strict, head, body_is_known=False) == ""
    assert is_right_later is (denial(strict, whole) == "")
    assert denial(strict, replace(head, streamed=Streamed(2)), body_is_known=False) != ""


@pytest.mark.parametrize("options", [{"is_open": True}, {"allow_key": "AKIAKNOWN"}])
@pytest.mark.parametrize(
    "make",
    [
        request,
        lambda: _without_hash(Credentials("AKIAOTHER", "s")),
        lambda: signed(Credentials(KNOWN.access_key, "guessed")),
        lambda: request(("Content-Type", "application/x-www-form-urlencoded"), method="PUT"),
        lambda: request(("Content-Type", "text/plain"), method="POST"),
    ],
)
def test_what_the_head_tells_is_enough(make: Callable[[], Request], options: dict[str, Any]) -> None:
    """Nobody is let send a body whose head shows that he may not."""
    assert denial(guard(**options), replace(make(), body=b""), body_is_known=False) != ""


@given(st.lists(st.tuples(st.sampled_from(("Host", "Origin", "Referer", "Sec-Fetch-Site", "User-Agent")), st.text())))
def test_hostile_headers_are_no_error(fields: list[tuple[str, str]]) -> None:
    """Whatever a stranger sends, the answer is one line, short enough to be shown."""
    found = denial(guard(is_open=True), request(*fields, host=None))

    assert found.isprintable()
    assert 0 < len(found) < 600


def test_a_request_costs_the_event_loop_little() -> None:
    """Where nothing is to be verified, a request is judged in far less than a millisecond."""
    judge, call, now = guard().denial, call_for(signed()), datetime.now(tz=UTC)
    best = 1.0
    for _ in range(20):
        start = time.perf_counter()
        for _ in range(50):
            judge(call, now, body_is_known=True)
        best = min(best, (time.perf_counter() - start) / 50)

    assert best < 0.000_1
