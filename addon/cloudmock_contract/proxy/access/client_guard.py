"""Who may use the proxy, which signs with the user's credentials whatever it is sent.

Refused are names that a stranger's DNS could let point here, requests that a web page makes, keys that are not to be
used, and, where others than this machine reach the proxy, whoever does not hold credentials that the proxy knows.

This file does not know flows, nor where the proxy listens, nor what a request asks for.
Sources: https://www.w3.org/TR/fetch-metadata/, https://fetch.spec.whatwg.org/#origin-header and, for names that are
nobody's in the public DNS, RFC 6761, RFC 6762, RFC 8375 and ICANN's reservation of `.internal`.
"""

import functools
import ipaddress
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.aws.models.partitions import is_aws_host
from cloudmock_contract.aws.verification import verify
from cloudmock_contract.aws.wire.hosts import MAX_HOST_CHARACTERS
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.authentication import Authentication, Style
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.denial import Denial, Violation
from cloudmock_contract.values.http import Request

_LOCAL_ENDINGS = (".internal", ".local", ".test", ".home.arpa")

_LOCALHOST = re.compile(r"(?:.*[.-])?localhost(?:\.localstack\.cloud)?")
"""Localhost, perhaps after what SDKs put before an endpoint's host: `data-localhost`, `bucket.localhost`."""

_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""The last label of an IPv4 address, and of nothing in DNS (https://url.spec.whatwg.org/#ends-in-a-number-checker)."""

_HOST = re.compile(r"(?P<name>[a-z0-9._-]+|\[[0-9a-z:.%]+\])(?::[0-9]*)?", re.IGNORECASE)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_WITHOUT_SIGNATURE = (Style.NONE, Style.BEARER)
_UNASKED = (Style.QUERY, Style.FORM, Style.PARAMETERS)
"""Where a browser puts into a request whatever a page says."""


def _never(_access_key: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class ClientGuard:
    """Says which requests may pass."""

    known: Callable[[str], Credentials | None]
    """The credentials with an access key id; None if the proxy does not know them."""
    is_open: bool
    """Whether the proxy is reached from beyond loopback."""
    hosts: tuple[str, ...] = ()
    """Names that are allowed, and whose subdomains are, besides local ones."""
    web_origins: frozenset[str] = frozenset()
    """Origins of web pages that are allowed, in lower case."""
    keys: frozenset[str] = frozenset()
    """Access key ids that are allowed. Empty: any."""
    is_vended: Callable[[str], bool] = _never
    """Whether a key is one that AWS gave to the app in this run: who asked for it had an allowed one."""

    @classmethod
    def of(
        cls,
        settings: Settings,
        known: Callable[[str], Credentials | None],
        *,
        is_open: bool,
        is_vended: Callable[[str], bool] = _never,
    ) -> Self:
        """The guard of a run. Asks the operating system for the machine's name."""
        own = socket.gethostname()
        hosts = tuple(sorted({name for name in map(_name, (*settings.allow_host, own)) if name}))
        web_origins = frozenset(map(_origin, settings.allow_origin))
        return cls(known, is_open, hosts, web_origins, frozenset(settings.allow_key), is_vended)

    def denial(self, call: Call, now: datetime, *, body_is_known: bool) -> Denial | None:
        """Why the request may not pass, in a sentence or two for the user; None if it may.

        `now`: timezone-aware. `body_is_known`: whether the request has its body already. Without it, what only the
        body can tell (see `verification.needs_body`) is not held against the request: ask once more, with the body, or
        with `streamed` set where there will be none.
        """
        signature = _Signature(call, now, body_is_known=body_is_known)
        return self._of_host(call) or self._of_page(call, signature) or self._of_key(call, signature)

    def _of_host(self, call: Call) -> Denial | None:
        headers = call.request.headers
        if "host" not in headers:
            if call.authentication.style not in _WITHOUT_SIGNATURE:
                return None
            return Denial("The request has no Host header. Only a signed one may lack it.")
        values = headers.values("host")
        if len(values) > 1:
            return Denial("The request has several Host headers.")
        if _is_allowed_host(values[0], self.hosts):
            return None
        shown = _shown(_name(values[0]) or values[0])
        return Denial(
            f"The request calls the proxy by the name {shown}, which is not known to be this machine's. "
            f"If it is, let it through: --allow-host {shown}."
        )

    def _of_page(self, call: Call, signature: "_Signature") -> Denial | None:
        page = _page(call.request)
        if page:
            return None if page.origin in self.web_origins else _denied_page(page)
        if _may_be_forged(call) and not self._is_proved(call, signature):
            return _denied_page(_NAMELESS_PAGE)
        return None

    def _is_proved(self, call: Call, signature: "_Signature") -> bool:
        credentials = self.known(call.authentication.access_key)
        return credentials is not None and signature.violation(credentials) is None

    def _of_key(self, call: Call, signature: "_Signature") -> Denial | None:
        signed = call.authentication
        if not (self.is_open or self.keys):
            return None
        if signed.style is Style.NONE and _is_preflight(call.request):  # its origin is allowed, else it were not here
            return None
        if not signed.access_key:
            if signature.needs_body:
                return None
            lack = "bears a token" if signed.style is Style.BEARER else "is not signed"
            return self._only_known(f"This one {lack}.") if self.is_open else _only_listed(f"This one {lack}.")
        if self.keys and signed.access_key not in self.keys and not self.is_vended(signed.access_key):
            return _only_listed(f"This one is signed with {_shown(signed.access_key)}.")
        return self._of_signature(signed, signature)

    def _of_signature(self, signed: Authentication, signature: "_Signature") -> Denial | None:
        credentials = self.known(signed.access_key)
        if credentials is None:
            return self._only_known(f"It does not know {_shown(signed.access_key)}.") if self.is_open else None
        violation = signature.violation(credentials)
        if violation is None:
            return None
        return Denial(f"The request's signature with {_shown(signed.access_key)} is not accepted. {violation}")

    def _only_known(self, detail: str) -> Denial:
        return Denial(
            "The proxy listens beyond this machine (--host) and takes only requests that are signed with credentials "
            f"it knows. {detail} Give the app the proxy's own credentials, or start it with --run and "
            "--isolate-credentials."
        )


@dataclass(frozen=True, slots=True)
class _Signature:
    """A request's signature, as far as it can be checked yet."""

    call: Call
    now: datetime
    body_is_known: bool = field(kw_only=True)

    @property
    def needs_body(self) -> bool:
        """Whether nothing can be said of it before the body is there."""
        return not self.body_is_known and verify.needs_body(self.call.request, self.call.authentication)

    def violation(self, credentials: Credentials) -> Violation | None:
        """What is wrong with it, if it was made with these credentials."""
        if self.needs_body:
            return None
        call = self.call
        return verify.violation(
            call.request, call.authentication, credentials, self.now, body_is_known=self.body_is_known
        )


def _only_listed(detail: str) -> Denial:
    return Denial(f"The proxy takes only requests that are signed with a key of --allow-key. {detail}")


@dataclass(frozen=True, slots=True)
class _WebPage:
    """A web page that made a request."""

    origin: str | None
    """None if it does not say."""


_NAMELESS_PAGE = _WebPage(None)


def _page(request: Request) -> _WebPage | None:
    """The web page that made the request; None if none did."""
    headers = request.headers
    if "origin" in headers:
        return _WebPage(",".join(headers.values("origin")).lower() or None)
    site = headers.get("sec-fetch-site").lower()
    if not site and "referer" not in headers:
        return None
    referer = _origin(headers.get("referer"))
    own = _origin(f"http://{headers.get('host')}")
    if site == "none" or (not site and referer == own):
        return None  # an address that the user typed; or, in an older browser, a page that came through the proxy
    return _WebPage(referer or (own if site == "same-origin" else None))


def _may_be_forged(call: Call) -> bool:
    """Whether a page may have made up the request in a browser that does not tell.

    No page sets Authorization without asking first, with an Origin; the address of an image or a form, with what looks
    like a signature in it, is sent unasked. Older browsers do not say for whom, and younger ones only to hosts that
    they take for trustworthy: localhost and 127.0.0.1, and not 0.0.0.0.
    """
    headers = call.request.headers
    return (
        headers.get("user-agent").startswith("Mozilla/")
        and "sec-fetch-site" not in headers
        and "referer" not in headers
        and call.authentication.style in _UNASKED
    )


def _denied_page(page: _WebPage) -> Denial:
    if shown := _shown(_origin(page.origin or "")):
        return Denial(
            f"A web page of {shown} made the request. If you trust it, let it through: --allow-origin {shown}."
        )
    return Denial(
        "A web page made the request, or may have, and does not say from where it is. Call the proxy as "
        "http://localhost or http://127.0.0.1, where browsers say so, and let the page's origin through: "
        "--allow-origin http://localhost:3000."
    )


def _is_preflight(request: Request) -> bool:
    headers = request.headers
    return request.method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


@functools.lru_cache(maxsize=1024)
def _is_allowed_host(header: str, allowed: tuple[str, ...]) -> bool:
    name = _name(header)
    if not name:
        return False
    if name.startswith("["):
        return _is_ipv6(name[1:-1])
    last = name.rpartition(".")[2]
    return (
        last == name
        or _NUMBER.fullmatch(last) is not None
        or name.endswith(_LOCAL_ENDINGS)
        or _LOCALHOST.fullmatch(name) is not None
        or any(name == host or name.endswith(f".{host}") for host in allowed)
        or is_aws_host(name)
    )


def _name(header: str) -> str:
    """The host without its port, in lower case, without the dot that stands for DNS's root; empty if it is none."""
    match = _HOST.fullmatch(header) if len(header) <= MAX_HOST_CHARACTERS else None
    return match["name"].lower().removesuffix(".") if match else ""


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _origin(url: str) -> str:
    """The origin of a URL as browsers spell it; empty if it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    scheme, netloc = parts.scheme.lower(), parts.netloc.lower()
    return f"{scheme}://{netloc.removesuffix(_DEFAULT_PORTS.get(scheme, '/'))}" if scheme and netloc else ""


def _shown(text: str) -> str:
    """What a stranger sent, fit for one line."""
    return "".join(character if character.isprintable() else "?" for character in text[:100])
