"""Recorded exchanges of real AWS: read right, quiet where nothing differs, loud where anything does.

The recordings stand beside the checkout; without them what needs them is skipped. Which exchanges and which faults are
tried follows from a seed.
"""

import json
from collections import Counter, defaultdict
from functools import cache
from random import Random

import pytest

from cloudmock_contract.values.http import Headers, Reply, Request
from lab.accuracy import seeded
from lab.accuracy.neutral import OtherRun, other_reply
from lab.accuracy.recorded import Judge, Outcome, false_alarms, identified, measure
from lab.accuracy.recordings import RECORDED, Recorded, cassettes, expected_operation, made
from lab.accuracy.seeded import FAULTS, Before, Bench
from lab.mutations.change import Change
from lab.mutations.frames import Frame, frames, stream

SEED = 3
SAMPLE = 40
"""Cassettes."""

LEAST = 0.98
"""The share of faults of each kind that is found."""

FEW = 2
"""Misses of a kind that its share may allow for: a sample has few of each."""

KNOWN_ALARMS: frozenset[str] = frozenset()
"""False alarms that are raised today, each by its reason."""

needs_recordings = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recordings beside the checkout")


@cache
def _measured() -> Outcome:
    return measure(RECORDED, rounds=1, each=6, seed=SEED, sample=SAMPLE)


@needs_recordings
def test_every_recorded_request_is_identified_and_every_reply_read() -> None:
    """Each is taken for the operation that host, target and path name, and its body has no flaw."""
    outcome = Outcome()
    identified((recorded for group in cassettes() for recorded in group), Judge(), outcome)

    assert [] == outcome.misread
    assert outcome.exchanges > 500


@needs_recordings
def test_another_run_of_aws_matches() -> None:
    """Other ids, accounts, times, paddings, latencies and orders of keys and headers are no difference."""
    alarms = [(reason, example) for reason, example in _measured().alarms if reason not in KNOWN_ALARMS]

    assert [] == alarms
    assert _measured().compared > SAMPLE


@needs_recordings
def test_faults_of_every_kind_are_found() -> None:
    """Of each kind hardly any is missed, whatever the protocol, and of all of them one in a hundred at most."""
    tries = _measured().tries
    made_of, missed = Counter(tried.kind for tried in tries), defaultdict(list)
    for tried in _measured().missed:
        missed[tried.kind].append(tried.where)
    too_many = {kind: lines for kind, lines in missed.items() if len(lines) > max(FEW, (1 - LEAST) * made_of[kind])}

    assert {} == too_many
    assert sum(map(len, missed.values())) <= 0.01 * len(tries)
    assert made_of.keys() >= FAULTS.keys() - {"account in an ARN", "id of another"}  # of few operations


def test_faults_in_what_is_made_by_hand_are_found() -> None:
    """Without recordings too: contents, headers that tell, and checksums, in each of the kinds that fit them."""
    judge = Judge()
    places = [Before(one, (), number) for number in range(2) for one in made()]
    kinds = [kind for kind in FAULTS if not kind.startswith("event")]
    tries = list(Bench(judge.comparison, judge.call, SEED).tries(places, kinds, 6))

    assert [] == [tried.where for tried in tries if not tried.is_found]
    assert {"byte in a blob", "told header dropped", "checksum wrong", "document's encoding"} <= {
        tried.kind for tried in tries
    }


def test_what_is_made_by_hand_is_quiet() -> None:
    """As it is, it raises no alarm and is identified."""
    judge, outcome = Judge(), Outcome()
    identified(made(), judge, outcome)
    false_alarms([[one] for one in made()], judge, 2, SEED, outcome)

    assert [] == outcome.misread
    assert [] == outcome.alarms


def test_a_reply_that_is_only_written_anew_has_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """What faults do beside their one change, as to write the whole reply anew, is not what is found."""
    monkeypatch.setattr(seeded, "FAULTS", {"none": lambda _draft, _context: Change()})
    judge = Judge()
    bench = Bench(judge.comparison, judge.call, SEED)
    places = [Before(one, ()) for group in cassettes()[:30] for one in group[:1]] or [Before(one, ()) for one in made()]

    assert [] == [tried.where for tried in bench.tries(places, ["none"], 100) if tried.is_found]


def _recorded(body: str, content_type: str = "text/xml", request: str = "") -> Recorded:
    reply = Reply(200, Headers((("Content-Type", content_type), ("x-amzn-RequestId", "r-1"))), body.encode())
    asked = Request("POST", "/", Headers(), request.encode())
    return Recorded("here", "one", asked, reply, "ec2.us-east-1.amazonaws.com", None)


def test_another_run_has_other_ids_and_nothing_else() -> None:
    """Ids, accounts, addresses and times are replaced, the same ones alike; names and what the app sent stay."""
    body = (
        "<A><vpcId>vpc-0a1b2c3d</vpcId><again>vpc-0a1b2c3d</again><sent>sg-01234567</sent><name>app-one</name>"
        "<arn>arn:aws:iam::111122223333:role/app-one</arn><at>2024-01-02T03:04:05.678Z</at></A>"
    )
    recorded = _recorded(body, request="GroupId=sg-01234567")
    run = OtherRun("seed")
    run.note_request(recorded.request)
    text = other_reply(recorded, run, Random(1)).body.decode()
    first, second = (text.split(f"<{tag}>")[1].split("<")[0] for tag in ("vpcId", "again"))

    assert first == second != "vpc-0a1b2c3d"
    assert first.startswith("vpc-")
    assert "<sent>sg-01234567</sent>" in text
    assert "<name>app-one</name>" in text
    assert ":role/app-one</arn>" in text
    assert "111122223333" not in text
    assert "T03:04:05.678Z" not in text
    assert ".678Z" in text


def test_another_run_keeps_what_json_says() -> None:
    """Keys change places, measurements change, values stay."""
    body = {"a": [1, 2.5, {"x": "y"}], "b": True, "metrics": {"latencyMs": 7}, "createdAt": 1700000000.5}
    recorded = _recorded(json.dumps(body), "application/json")
    told = json.loads(other_reply(recorded, OtherRun("seed"), Random(1)).body)

    assert body["a"] == told["a"]
    assert told["b"] is True
    assert body.keys() == told.keys()
    assert 0 < told["createdAt"] - 1700000000.5 < 60


def test_white_space_stays_out_of_leaves() -> None:
    """Between elements it may stand; an empty element stays empty, a text as it is."""
    recorded = _recorded("<A><B></B><C>x y</C><D/></A>")
    bodies = {other_reply(recorded, OtherRun("seed"), Random(seed)).body for seed in range(20)}

    assert len(bodies) > 1
    assert all(b"<B></B>" in body and b"<C>x y</C>" in body for body in bodies)


def test_frames_are_put_together_as_they_were() -> None:
    """A stream that is taken apart and put together is the same."""
    body = stream([Frame(b"\x01a\x07\x00\x01b", b"{}"), Frame(b"", b"")])

    assert body == stream(frames(body))


@pytest.mark.parametrize(
    ("host", "method", "target", "headers", "body", "expected"),
    [
        ("ec2.eu-west-1.amazonaws.com", "POST", "/", {}, b"Action=DescribeVpcs&Version=2016-11-15", "DescribeVpcs"),
        ("ec2.eu-west-1.amazonaws.com", "POST", "/", {}, b"Version=2016-11-15", None),
        ("s3.eu-west-1.amazonaws.com", "GET", "/b?policy", {}, b"", "GetBucketPolicy"),
        ("s3.eu-west-1.amazonaws.com", "GET", "/b/k/l", {}, b"", "GetObject"),
        ("route53.amazonaws.com", "GET", "/2013-04-01/hostedzone/Z1/rrset", {}, b"", "ListResourceRecordSets"),
        (
            "dynamodb.eu-west-1.amazonaws.com",
            "POST",
            "/",
            {"X-Amz-Target": "DynamoDB_20120810.Scan"},
            b"{}",
            "Scan",
        ),
    ],
)
def test_what_a_recording_is_of(
    host: str, method: str, target: str, headers: dict[str, str], body: bytes, expected: str | None
) -> None:
    """Host, target, action and path say it."""
    model = expected_operation(host, method, target, headers, body)

    assert expected == (model.name if model else None)
