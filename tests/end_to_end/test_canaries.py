"""Secrets in everything that the real programs write, show and send: see scripts/canaries.py for the search."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from canaries import Leak, leaks
from canary_attempts import DEFECTS, attempts
from canary_values import Canary, found, value

QUIET = tuple(one for one in attempts() if not one.is_quoted)
"""Attempts in which AWS does not say what it was sent. Where it does, app and flows have it as it is."""

SHOWS_FLOWS = ("mitmdump", "mitmdump -v --flow-detail 4", "mitmweb", "wrapper --web")

OPEN = {
    **{
        (f"defect in {place}", "app access key"): "the traceback of a defect quotes what the failed function was given"
        for place in DEFECTS
    },
    ("Basic and cookies", "cookie"): "a cookie is a header like any other",
    ("error quotes the password", "Cognito Password quoted by an error"): "an error's text is compared and shown",
    ("web identity, quoted by an error", "web identity token"): "an error's text is compared and shown",
    ("request line that is none", "x-amz-security-token in the query"): "mitmproxy logs a request line that is none",
    ("user and password in the URL", "password in the URL"): "mitmproxy logs a request line that is none",
}
"""What SECURITY.md names as not defended, by attempt and secret."""

OPEN_IN_FLOWS = {
    ("aws-chunked, broken", "trailer signature"): "a body that was refused is shown as it came",
    ("half a presigned URL", "app access key"): "a query that signs nothing is shown as it came",
    ("half a presigned URL", "x-amz-security-token in the query"): "a query that signs nothing is shown as it came",
    ("token in the query of a signed request", "x-amz-security-token in the query"): "only headers sign that request",
}
"""The same of flows, which hold requests as they came."""


def closed(leak: Leak) -> bool:
    """Whether nothing says that this is open."""
    about = (leak.attempt, leak.kind)
    return about not in OPEN and not (about in OPEN_IN_FLOWS and leak.artefact in ("flow file", "mitmweb", "stdout"))


@pytest.mark.parametrize("way", ["wrapper", "wrapper, AWS behind TLS", "ContractProxy"])
def test_no_secret_gets_out(way: str) -> None:
    """Report, journal, script, output and CloudMock have none of the secrets of any attempt, whatever AWS quotes."""
    assert [] == [one for one in leaks(way, attempts()) if closed(one)]


@pytest.mark.parametrize("way", SHOWS_FLOWS)
def test_no_credentials_are_in_flows(way: str) -> None:
    """Saved and shown flows have neither keys, tokens nor signatures, while they are under way and afterwards."""
    assert [] == [one for one in leaks(way, QUIET) if closed(one)]


@pytest.mark.parametrize("form", ["key", "hex", "password", "base64", "token"])
@pytest.mark.parametrize(
    "spelled",
    [
        lambda text: text,
        lambda text: quote(text, ""),
        lambda text: json.dumps(json.dumps(text)),
        html.escape,
        lambda text: text.encode().hex(),
        lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
        lambda text: base64.urlsafe_b64encode(f"a:{text}.".encode()).decode(),
    ],
    ids=["plain", "percent", "json", "html", "hex", "base64", "base64url"],
)
def test_the_search_finds_every_spelling(form: str, spelled: Callable[[str], str]) -> None:
    """A canary is found in each spelling that a program may give it, where it does not belong."""
    canary = Canary("secret", "attempt", value("secret", "attempt", form), frozenset(("AWS",)))
    other = Canary("other", "attempt", value("other", "attempt", form))
    data = f"before {spelled(canary.value)} after".encode()

    assert (canary,) == found((canary, other), "report", data)
    assert () == found((canary, other), "AWS", data)
