"""Secrets in everything that the real programs write, show and send: see scripts/measure canaries for the search."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from lab.secrecy.attempts import attempts
from lab.secrecy.canaries import USER, leaks
from lab.secrecy.runs import run
from lab.secrecy.values import Canary, misplaced, value

LEAKY = {
    "defect in learn": "a response hook that fails leaves the signed request in the flow",
    "defect in learns_time": "a response hook that fails leaves the signed request in the flow",
    "defect in redact_request": "a flow that cannot be redacted is saved as it was sent",
}
"""Attempts after which a saved flow has the user's credentials."""

ECHOES = {
    "AWS sends the request back as a status": "a broken reply is quoted in the report",
    "AWS replies with the headers as JSON": "a session token is known by no name of a header",
}
"""Attempts after which the report has them."""

UNDER_WAY = ("under way", "presigned URL under way")
"""Attempts at which mitmweb is looked at before there is an answer."""

_APART = {*LEAKY, *ECHOES, *UNDER_WAY, "defect in compare"}
BY_NAME = {attempt.name: attempt for attempt in attempts()}
ALL = tuple(attempt for attempt in attempts() if attempt.name not in _APART)
QUIET = tuple(attempt for attempt in ALL if not attempt.is_quoted)
"""Those in which AWS does not say what it was sent. Where it does, app and flows have it as it is."""


@pytest.mark.parametrize("way", ["wrapper", "wrapper, AWS behind TLS", "ContractProxy"])
def test_no_secret_gets_out(way: str) -> None:
    """Report, journal, script, output and CloudMock have none of the secrets of any attempt, whatever AWS quotes."""
    assert [] == list(leaks(way, ALL))


@pytest.mark.parametrize("way", ["mitmdump -v --flow-detail 4", "mitmweb", "wrapper --web"])
def test_no_credentials_are_in_flows(way: str) -> None:
    """Saved and shown flows that have ended have neither keys, tokens nor signatures."""
    assert [] == list(leaks(way, QUIET))


@pytest.mark.parametrize("name", LEAKY)
def test_a_defect_of_ours_leaves_no_credentials_in_a_flow(name: str) -> None:
    """Whatever fails in a hook, the flow is saved without the user's credentials."""
    assert [] == list(leaks("mitmdump", [BY_NAME[name]]))


@pytest.mark.parametrize("name", ECHOES)
def test_what_the_user_signs_with_is_in_no_report(name: str) -> None:
    """However the other side says what it was sent, the report has none of it."""
    assert [] == list(leaks("wrapper", [BY_NAME[name]]))


@pytest.mark.parametrize("name", UNDER_WAY)
def test_a_flow_under_way_is_shown_without_credentials(name: str) -> None:
    """mitmweb shows no key, token or signature before there is an answer."""
    assert [] == list(leaks("wrapper --web", [BY_NAME[name]]))


@pytest.mark.parametrize("way", ["wrapper", "mitmdump"])
def test_a_defect_in_the_comparison_is_never_a_success(way: str) -> None:
    """An exchange that cannot be compared is in the report, and the run does not pass."""
    ended = run(way, [BY_NAME["matched"], BY_NAME["defect in compare"]], USER)
    report = json.loads(ended.artefacts.get("report", b"{}"))

    assert (1, 2) == (ended.code, report.get("total_requests"))


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

    assert (canary,) == misplaced((canary, other), "report", data)
    assert () == misplaced((canary, other), "AWS", data)
