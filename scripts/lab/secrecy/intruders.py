"""Tries what the proxy must not let through, and what it must: see scripts/measure intruders.

Each attempt is one request to the wrapper, byte by byte; the table says what it answered, and whether it reached AWS
and CloudMock. What is refused must reach neither.
"""

import argparse
import http.client
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lab.stand_ins import fixed_servers
from lab.stand_ins.stand_in import StandIn

USER = Credentials("AKIAINTRUDERSUSER000", "secret-of-the-user-of-the-intruders-table")
STRANGER = Credentials("AKIASTRANGERSKEY0000", "secret-of-a-stranger-of-the-intruders-tab")
FORGER = Credentials(USER.access_key, STRANGER.secret_key)
"""Somebody who knows the user's key id, and not the secret."""

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": USER.access_key,
    "AWS_SECRET_ACCESS_KEY": USER.secret_key,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
"""What the proxy has of the user's."""

GET, PUT, LIST = "GetItem", "PutItem", "ListTables"
EVIL = "http://evil.example"
BROWSER = ("User-Agent", "Mozilla/5.0")
SCOPE = "AKIA/20260101/us-east-1/s3/aws4_request"
FAKE_QUERY = f"/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={SCOPE}&X-Amz-Signature=0"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request. `{port}` in a Host stands for the proxy's."""

    what: str
    passes: bool
    fields: tuple[tuple[str, str], ...] = ()
    """Beside those that are signed."""
    hosts: tuple[str, ...] = ("localhost:{port}",)
    keys: Credentials | None = USER
    """What it is signed with; None: with nothing."""
    action: str = GET
    method: str = "POST"
    target: str = "/"
    region: str = "us-east-1"
    body: bytes = b"{}"
    sent_body: bytes = b""
    """What is sent instead of the body that was signed."""
    age: timedelta = timedelta()


ATTEMPTS: Mapping[tuple[str, ...], tuple[Attempt, ...]] = {
    (): (
        Attempt("the app, at localhost", True),
        Attempt("the app, at 127.0.0.1", True, hosts=("127.0.0.1:{port}",)),
        Attempt("a bucket before localhost", True, hosts=("bucket.localhost:{port}",)),
        Attempt("AWS's own host", True, hosts=("dynamodb.us-east-1.amazonaws.com",)),
        Attempt("DNS rebinding: a stranger's name", False, hosts=("evil.example",)),
        Attempt("DNS rebinding: with the port", False, hosts=("evil.example:{port}",)),
        Attempt("a name that begins like localhost", False, hosts=("localhost.evil.example",)),
        Attempt("two Host headers", False, hosts=("localhost:{port}", "evil.example")),
        Attempt("a page's fetch", False, (("Origin", EVIL),)),
        Attempt("a page's fetch without an origin", False, (("Origin", "null"),)),
        Attempt("a page of another local port", False, (("Origin", "http://localhost:3000"),)),
        Attempt("a page's form, young browser", False, (BROWSER, ("Sec-Fetch-Site", "cross-site")), keys=None),
        Attempt("a page's form, old browser", False, (BROWSER, ("Referer", f"{EVIL}/")), keys=None),
        Attempt("a form with a made-up signature", False, (BROWSER,), keys=None, target=FAKE_QUERY),
        Attempt(
            "a page's preflight",
            False,
            (("Origin", EVIL), ("Access-Control-Request-Method", "PUT")),
            keys=None,
            method="OPTIONS",
            body=b"",
        ),
        Attempt("an image of a page", False, (BROWSER, ("Sec-Fetch-Site", "cross-site")), keys=None, method="GET"),
    ),
    ("--allow-host=dev.example",): (
        Attempt("a host that is allowed", True, hosts=("dev.example",)),
        Attempt("a host below it", True, hosts=("bucket.dev.example",)),
        Attempt("a host that ends like it", False, hosts=("mydev.example",)),
    ),
    ("--allow-origin=http://localhost:3000",): (
        Attempt("a page that is allowed", True, (("Origin", "http://localhost:3000"),)),
        Attempt("another port", False, (("Origin", "http://localhost:3001"),)),
        Attempt("another scheme", False, (("Origin", "https://localhost:3000"),)),
    ),
    (f"--allow-key={USER.access_key}",): (
        Attempt("the key", True),
        Attempt("another key", False, keys=STRANGER),
        Attempt("the key with another secret", False, keys=FORGER),
        Attempt("no signature", False, keys=None),
    ),
    ("--host=0.0.0.0",): (
        Attempt("known credentials", True),
        Attempt("no signature", False, keys=None),
        Attempt("a bearer token", False, (("Authorization", "Bearer token"),), keys=None),
        Attempt("a key that nobody knows", False, keys=STRANGER),
        Attempt("the key with another secret", False, keys=FORGER),
        Attempt("another body than was signed", False, sent_body=b'{"a":1}'),
        Attempt("a signature of an hour ago", False, age=timedelta(hours=1)),
        Attempt("DNS rebinding", False, hosts=("evil.example",)),
    ),
    ("--read-only",): (
        Attempt("a read", True),
        Attempt("a write", False, action=PUT),
    ),
    ("--allow=dynamodb:Get*", "--deny=dynamodb:GetRecords"): (
        Attempt("what is allowed", True),
        Attempt("what is not named", False, action=LIST),
        Attempt("what is denied", False, action="GetRecords"),
    ),
    ("--allow-region=eu-west-1",): (
        Attempt("the region", True, region="eu-west-1"),
        Attempt("another region", False),
    ),
    ("--max-requests=1",): (
        Attempt("the first request", True),
        Attempt("the second request", False),
    ),
}
"""All of them, by the options of the proxy that they are made at."""


def sent(port: int, attempt: Attempt) -> http.client.HTTPResponse:
    """Make the attempt; the answer, whose body has been read."""
    hosts = [host.format(port=port) for host in attempt.hosts]
    fields = {"Host": hosts[0], "X-Amz-Target": f"DynamoDB_20120810.{attempt.action}"}
    fields["Content-Type"] = "application/x-amz-json-1.0"
    if attempt.keys:
        request = AWSRequest(attempt.method, f"http://{hosts[0]}{attempt.target}", data=attempt.body, headers=fields)
        signer = SigV4Auth(attempt.keys, "dynamodb", attempt.region)
        request.context["timestamp"] = (datetime.now(tz=UTC) - attempt.age).strftime("%Y%m%dT%H%M%SZ")
        request.headers["X-Amz-Date"] = request.context["timestamp"]
        text = signer.string_to_sign(request, signer.canonical_request(request))
        signature = signer.signature(text, request)
        names = signer.signed_headers(signer.headers_to_sign(request))
        scope = signer.scope(request)
        fields["X-Amz-Date"] = request.context["timestamp"]
        fields["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={signature}"
    body = attempt.sent_body or attempt.body
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=fixed_servers.HANG_SECONDS)
    connection.putrequest(attempt.method, attempt.target, skip_host=True, skip_accept_encoding=True)
    for name, value in (*fields.items(), *(("Host", host) for host in hosts[1:]), *attempt.fields):
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def tried(options: tuple[str, ...], attempts: Sequence[Attempt]) -> Iterator[bool]:
    """Make the attempts at one proxy, and print a row for each; whether it went as it must."""
    with StandIn() as aws, StandIn() as cloudmock:
        with fixed_servers.proxy("wrapper", aws.url, cloudmock.url, *options) as proxy:
            before, rows = 0, []
            for attempt in attempts:
                status = sent(proxy.port, attempt).status
                rows.append((attempt, status, len(aws.received) - before))
                before = len(aws.received)
        passed = sum(attempt.passes for attempt in attempts)
        for attempt, status, reached in rows:
            is_right = (status, reached) == (200, 1) if attempt.passes else 400 <= status < 500 and not reached
            verdict = "OK" if is_right else "**FAIL**"
            shown = " ".join(options) or "(none)"
            print(f"| {shown} | {attempt.what} | {status} | {'yes' if reached else 'no'} | {verdict} |", flush=True)
            yield is_right
        if len(cloudmock.received) != passed:
            print(f"CloudMock was asked {len(cloudmock.received)} times, and {passed} attempts may pass.")
            yield False


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if something was let through that must not be, or was refused that must."""
    argparse.ArgumentParser(description=__doc__).parse_args(arguments)
    os.environ |= ENVIRONMENT
    print("| options | attempt | answer | reached AWS | verdict |\n| --- | --- | --- | --- | --- |")
    verdicts = [is_right for options, attempts in ATTEMPTS.items() for is_right in tried(options, attempts)]
    print(f"\n{len(verdicts)} attempts, {verdicts.count(False)} failed.")
    return 1 if False in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
