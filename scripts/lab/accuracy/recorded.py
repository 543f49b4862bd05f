"""How often the comparison is right on recorded exchanges of real AWS: see scripts/measure recorded.

For each exchange: whether it is identified as what host, target and path say, and its body read without a flaw. Then
CloudMock's reply is AWS's as another run would give it (`neutral`): whatever is reported is a false alarm. Then it has
one fault more (`seeded`), as have the replies of botocore's protocol vectors and some made by hand: whatever is not
reported is a miss. The rules are the shipped ones; nothing is sent.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from cloudmock_contract.aws.documents.output import document
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.aws.sdk.catalog import SdkCatalog, SdkOperation
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.comparison.comparison import Comparison
from cloudmock_contract.comparison.identifiers.id_map import Identifiers
from cloudmock_contract.comparison.rules.yaml_file import rules_of
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.exchange import Exchange
from lab.accuracy.neutral import OtherRun, other_reply
from lab.accuracy.recordings import RECORDED, VECTORS, Recorded, cassettes, made, vectors
from lab.accuracy.runs import measured
from lab.accuracy.seeded import FAULTS, Before, Bench, Try

ROUNDS = 3
"""How many other runs each recording is compared with."""

EACH = 40
"""Faults of each kind, from recordings and from vectors."""

MADE_TIMES = 5
"""How often each exchange that is made by hand is faulted in each way: there are few."""


class _Catalog(SdkCatalog):
    """AWS's operations, and that of the vector which is compared at the moment."""

    vector = SdkOperation(None)

    def of(self, service: str, action: str) -> SdkOperation:
        return self.vector if service == VECTORS else super().of(service, action)


class Judge:
    """Calls and comparisons as the proxy makes them."""

    def __init__(self) -> None:
        self._services = Services()
        self._identifier = Identifier(self._services)
        self._catalog = _Catalog(self._services)
        self._rules = rules_of(Settings.from_options({}))

    def call(self, recorded: Recorded) -> Call:
        """The call of the recorded request."""
        signed = authentication(recorded.request)
        is_vector = recorded.operation.service == VECTORS
        operation = recorded.operation if is_vector else self._identifier.identify(recorded.request, signed)
        return Call("1", datetime.now(tz=UTC), recorded.request, signed, operation, "us-east-1")

    def comparison(self, recorded: Recorded, accounts: Iterable[tuple[str, str]] = ()) -> Comparison:
        """One that has seen nothing yet, but knows AWS's account and CloudMock's, as a run does from its start."""
        if recorded.operation.service == VECTORS:
            self._catalog.vector = SdkOperation(recorded.model)
        identifiers = Identifiers()
        identifiers.seed(accounts)
        return Comparison(self._rules, self._catalog, identifiers)


@dataclass(slots=True)
class Outcome:
    """What has been counted."""

    exchanges: int = 0
    damaged: list[str] = field(default_factory=list)
    """Recordings whose request names no operation: their publishers have cut something out. Compared all the same."""
    misread: list[str] = field(default_factory=list)
    """Identified as something else, or with a flaw in the body."""
    compared: int = 0
    alarms: list[tuple[str, str]] = field(default_factory=list)
    """False ones: the reason, and the place with its values."""
    tries: list[Try] = field(default_factory=list)

    @property
    def missed(self) -> list[Try]:
        return [tried for tried in self.tries if not tried.is_found]


def identified(all_of: Iterable[Recorded], judge: Judge, outcome: Outcome) -> None:
    """Count what is named or read wrongly."""
    for recorded in all_of:
        outcome.exchanges += 1
        operation, expected = judge.call(recorded).operation, recorded.operation
        if recorded.model is None:
            outcome.exchanges -= 1
            outcome.damaged.append(f"{recorded.name}: {recorded.request.body.decode('utf-8', 'replace')[:80]}")
            continue
        if (operation.service, operation.action) != (expected.service, expected.action):
            outcome.misread.append(f"{recorded.name}: taken for {operation.name}")
            continue
        flaw = document(recorded.reply, operation.protocol, recorded.model).flaw
        if flaw:
            outcome.misread.append(f"{recorded.name}: {flaw}")


def false_alarms(groups: Sequence[Sequence[Recorded]], judge: Judge, rounds: int, seed: int, outcome: Outcome) -> None:
    """Compare every recording with other runs of it."""
    for number in range(rounds):
        for group in groups:
            run = OtherRun(f"{seed} {number} {group[0].cassette}")
            comparison = judge.comparison(group[0], run.accounts(group))
            random = Random(f"{seed} {number} {group[0].cassette}")
            for recorded in group:
                call = judge.call(recorded)
                run.note_request(recorded.request)
                comparison.note_sent(call)
                exchange = comparison.compare(call, recorded.reply, other_reply(recorded, run, random))
                outcome.compared += 1
                if not exchange.verdict.matched:
                    outcome.alarms.append(_alarm(recorded, exchange))


def _alarm(recorded: Recorded, exchange: Exchange) -> tuple[str, str]:
    first = exchange.verdict.differences[0]
    path = ".".join("[]" if isinstance(step, int) else step for step in first.path)
    reason = f"{recorded.operation.name} {path}: {first.kind}"
    return reason, f"{recorded.source}/{recorded.cassette}: {first}"


def detection(
    groups: Sequence[Sequence[Recorded]], judge: Judge, each: int, seed: int, kinds: Sequence[str], outcome: Outcome
) -> None:
    """Put in faults of every kind."""
    bench = Bench(judge.comparison, judge.call, seed)
    in_recordings = [
        Before(recorded, group[:index]) for group in groups for index, recorded in enumerate(group) if recorded.model
    ]
    by_hand = [Before(one, (), number) for number in range(MADE_TIMES) for one in made()]
    for places in (in_recordings, [Before(vector, ()) for vector in vectors()], by_hand):
        outcome.tries += bench.tries(places, kinds, each)


def measure(
    folder: Path, *, rounds: int, each: int, seed: int, kinds: Sequence[str] = tuple(FAULTS), sample: int = 0
) -> Outcome:
    """Everything, over the recordings of a folder, or so many cassettes of it."""
    groups, judge, outcome = cassettes(folder), Judge(), Outcome()
    if sample:
        groups = Random(seed).sample(groups, min(sample, len(groups)))
    identified((recorded for group in groups for recorded in group), judge, outcome)
    false_alarms([*groups, *([one] for one in made())], judge, rounds, seed, outcome)
    detection(groups, judge, each, seed, kinds, outcome)
    return outcome


# Printing.


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "-"


def _print(outcome: Outcome, examples: int) -> None:
    right = outcome.exchanges - len(outcome.misread)
    print(f"operation and body right: {right} of {outcome.exchanges} ({_share(right, outcome.exchanges)})")
    print(*(f"    {line}" for line in outcome.misread), sep="\n", end="\n" if outcome.misread else "")
    print(f"left out there, since their requests were damaged by their publishers: {len(outcome.damaged)}")
    print(
        f"false alarms: {len(outcome.alarms)} of {outcome.compared} ({_share(len(outcome.alarms), outcome.compared)})"
    )
    by_reason: dict[str, list[str]] = defaultdict(list)
    for reason, example in outcome.alarms:
        by_reason[reason].append(example)
    for reason, lines in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        print(f"    {len(lines):4} {reason}", *(f"         {line[:300]}" for line in lines[:examples]), sep="\n")
    _print_tries(outcome, examples)


def _print_tries(outcome: Outcome, examples: int) -> None:
    protocols = sorted({tried.protocol for tried in outcome.tries})
    print(f"\n{'seeded faults: found of made':26}{'all':>18}", *(f"{protocol[:14]:>14}" for protocol in protocols))
    for kind in (*FAULTS, ""):
        of_kind = [tried for tried in outcome.tries if kind in ("", tried.kind)]
        if not of_kind:
            continue
        cells = [_cell(tried for tried in of_kind if tried.protocol == protocol) for protocol in protocols]
        found = sum(tried.is_found for tried in of_kind)
        all_of = f"{found}/{len(of_kind)} {_share(found, len(of_kind))}"
        print(f"{kind or 'all kinds':26}{all_of:>20}", *(f"{cell:>14}" for cell in cells))
    missed: dict[tuple[str, str], list[Try]] = defaultdict(list)
    for tried in outcome.missed:
        missed[tried.kind, tried.parser].append(tried)
    print("\nmissed, by kind and by what botocore's parser makes of the fault:")
    for (kind, parser), tries in missed.items():
        print(f"  {kind} ({parser}): {len(tries)}")
        print(*(f"      {tried.where} {dict(tried.forgiven) or ''}" for tried in tries[:examples]), sep="\n")


def _cell(tries: Iterable[Try]) -> str:
    counted = Counter(tried.is_found for tried in tries)
    return f"{counted[True]}/{counted.total()}" if counted else ""


def _as_json(outcome: Outcome) -> Mapping[str, Any]:
    return {
        "measured": measured(),
        "exchanges": outcome.exchanges,
        "damaged": outcome.damaged,
        "misread": outcome.misread,
        "compared": outcome.compared,
        "alarms": [{"reason": reason, "example": example} for reason, example in outcome.alarms],
        "tries": [
            asdict(tried) | {"forgiven": _texts(tried.forgiven), "found": tried.is_found} for tried in outcome.tries
        ],
    }


def _texts(forgiven: Mapping[str, int]) -> Mapping[str, int]:
    return {str(rule): count for rule, count in forgiven.items()}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How often the comparison is right on recorded exchanges of real AWS.")
    parser.add_argument("folder", nargs="?", type=Path, default=RECORDED, help="Where the recordings (.jsonl) are.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="How many other runs each is compared with.")
    parser.add_argument("--each", type=int, default=EACH, help="Faults of each kind and source.")
    parser.add_argument("--seed", type=int, default=1, help="Of all that is chosen.")
    parser.add_argument("--kinds", default="", help="Only kinds of fault whose name has this pattern in it.")
    parser.add_argument("--examples", type=int, default=1, help="Of each reason and kind that is missed.")
    parser.add_argument("--json", type=Path, help="Where everything is written.")
    arguments = parser.parse_args()
    if not any(arguments.folder.glob("*.jsonl")):
        print(f"There are no recordings in {arguments.folder}: nothing to measure.")
        return 0
    kinds = [kind for kind in FAULTS if re.search(arguments.kinds, kind)]
    sources, started = measured(), time.monotonic()
    print(f"measured: {sources}", flush=True)
    outcome = measure(arguments.folder, rounds=arguments.rounds, each=arguments.each, seed=arguments.seed, kinds=kinds)
    _print(outcome, arguments.examples)
    print(f"\n{time.monotonic() - started:.0f} s")
    if arguments.json:
        arguments.json.write_text(json.dumps(_as_json(outcome), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
