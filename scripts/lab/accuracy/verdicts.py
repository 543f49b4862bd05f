"""How often the comparison is right: see scripts/measure verdicts.

False alarms: two servers of one program, with different account ids, answer the same workload; every difference that is
reported between them is one too many. Detection: the same, with faults put into CloudMock's replies; every fault
should be reported, with its severity and at its place.

The rules were made with the workloads `development` and `development_wide` in sight. `held_out` was not, and is the
one whose figures say something.

This file counts; it does not know how faults are made, nor how replies are compared.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import count, cycle
from pathlib import Path
from typing import Any

from cloudmock_contract.aws.models.services import Services
from lab.accuracy.runs import PROGRAMS, WORKLOADS, FaultyRun, Pair, faulty_run, measured, pair, run
from lab.mutations.kinds import KINDS

EVERY = 10
"""Of how many replies one is faulted."""

CLEAN_RUNS = 2
"""Of each pair of servers: some exchanges mismatch in one run and not in the next."""

SEVERITIES = ("data", "schema", "status", "error")
WITHOUT_PLACE = frozenset(("status", "body_truncated", "xml_root", "xml_namespace"))
"""Kinds that are right wherever they are reported."""

_OF_ERRORS = frozenset(
    (
        *("code", "__type", "type", "error", "errors", "fault", "errorlist", "errorcode", "errortype"),
        *("errorresponse", "x-amzn-errortype", "x-amzn-query-error"),
    )
)
"""Names, in lower case, under which one error's code may be reported as well as under another."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A fault, and what was reported of its exchange."""

    pair: str
    seed: int
    fault: Mapping[str, Any]
    severity: str
    """What the exchange was given; empty if it counted as matched."""
    is_right: bool
    diffs: Sequence[str]

    @property
    def is_caught(self) -> bool:
        return bool(self.severity)


class Detection:
    """What has been found out about faults so far."""

    def __init__(self) -> None:
        self.judged: list[Judgement] = []
        self.obscured = 0
        """Faults in replies that are others than in the clean run, because of an earlier fault."""
        self.mismatched_anyway = 0
        self.knock_on = 0
        """Exchanges without a fault that mismatch in faulty runs alone."""

    def add(self, both: Pair, seed: int, cleans: Sequence[FaultyRun], faulty: FaultyRun) -> None:
        """`cleans`: runs without a fault; what mismatches in any of them says nothing about faults."""
        known = {
            clean.calls[invocation] for clean in cleans for invocation in clean.mismatches if invocation in clean.calls
        }
        for number, fault in enumerate(faulty.faults):
            call = faulty.calls[fault["invocation_id"]]
            entry = faulty.mismatches.get(fault["invocation_id"])
            if call in known:
                self.mismatched_anyway += 1
            elif number and _is_obscured(fault, entry, cleans[0].statuses.get(call), faulty.statuses[call]):
                self.obscured += 1
            else:
                severity, diffs = (entry["severity"], entry["diffs"][:5]) if entry else ("", [])
                self.judged.append(Judgement(both.name, seed, fault, severity, _is_right(fault, entry), diffs))
        faulted = {fault["invocation_id"] for fault in faulty.faults}
        self.knock_on += sum(
            invocation not in faulted and faulty.calls.get(invocation) not in known for invocation in faulty.mismatches
        )

    def of_kind(self, kind: str) -> list[Judgement]:
        return [judgement for judgement in self.judged if judgement.fault["kind"] == kind]

    @property
    def missed(self) -> list[Judgement]:
        return [judgement for judgement in self.judged if not judgement.is_caught]

    @property
    def misjudged(self) -> list[Judgement]:
        """Caught, with another severity or at another place."""
        return [judgement for judgement in self.judged if judgement.is_caught and not judgement.is_right]


def _is_obscured(
    fault: Mapping[str, Any], entry: Mapping[str, Any] | None, clean_status: int | None, status: int
) -> bool:
    if clean_status != status:
        return True
    return bool(entry) and entry["severity"] == "status" and fault["kind"] != "status" if entry else False


def _is_right(fault: Mapping[str, Any], entry: Mapping[str, Any] | None) -> bool:
    if entry is None or entry["severity"] != fault["expected"]:
        return False
    if fault["kind"] in WITHOUT_PLACE:
        return True
    paths = [_bare(fault["path"]), _bare(fault["wire"])]
    return any(_touches(_bare(difference["path"]), path) for difference in entry["differences"] for path in paths)


def _bare(path: str) -> str:
    """The path without its list indexes, in lower case."""
    return re.sub(r"\[\d+\]", "", path).lower().strip(".")


def _touches(path: str, other_path: str) -> bool:
    """Whether one is the other, or above it."""
    if path == other_path or path.startswith(f"{other_path}.") or other_path.startswith(f"{path}."):
        return True
    return not _OF_ERRORS.isdisjoint(path.split(".")) and other_path.rpartition(".")[2] in _OF_ERRORS


def false_alarms(program: str, workload: str) -> None:
    """Print what is reported between two servers of the program."""
    with pair(program) as both:
        for options in ((), ("--strict",)):
            both.reset()
            report = run(both, workload, options=options)
            by_severity = report["by_severity"]
            total, mismatched = report["total_requests"], report["mismatched"]
            size = (report["calls"], len(report["by_service"]), total)
            amounts = (
                mismatched,
                f"{100 * mismatched / total:.2f} %",
                *(by_severity.get(severity, 0) for severity in SEVERITIES),
            )
            _row((both.name, " ".join(options) or "default", *size, *amounts), WIDTHS_ALARMS)
            for entry in report["mismatches"] if not options else ():
                print(
                    f"    {entry['service']}.{entry['action']} ({entry['severity']})", *entry["diffs"], sep="\n        "
                )


def detection(workload: str, faults: int, seed: int) -> Detection:
    """Put faults into replies until there are enough."""
    result = Detection()
    counts: Counter[str] = Counter()
    services = Services()
    cleans: dict[str, Sequence[FaultyRun]] = {}
    for number, program in zip(count(), cycle(PROGRAMS)):
        if sum(counts.values()) >= faults:
            return result
        with pair(program) as both:
            if program not in cleans:
                cleans[program] = [faulty_run(both, workload, seed, 0, Counter(), services) for _ in range(CLEAN_RUNS)]
            faulty = faulty_run(both, workload, seed + number, EVERY, counts, services)
        result.add(both, seed + number, cleans[program], faulty)
        print(f"{both.name}, seed {seed + number}: {len(faulty.faults)} faults", file=sys.stderr, flush=True)
    raise AssertionError("unreachable")


def _print_detection(detection: Detection) -> None:
    _row(("kind", "expected", "injected", "caught", "", "right", ""), WIDTHS_DETECTION)
    for kind, (_make, expected) in KINDS.items():
        _detection_row(kind, expected, detection.of_kind(kind))
    _detection_row("total", "", detection.judged)
    print(f"{detection.obscured} faults obscured by an earlier one of the same run: not counted")
    print(f"{detection.mismatched_anyway} faults in exchanges that mismatch without any: not counted")
    print(f"{detection.knock_on} exchanges without a fault that mismatch because of an earlier one")
    for title, judgements in (("Missed:", detection.missed), ("Caught, not right:", detection.misjudged)):
        print(f"\n{title}")
        for judgement in judgements:
            fault = judgement.fault
            print(f"  {fault['kind']}: {fault['operation']} {fault['path']}: {fault['was']} -> {fault['now']}")
            if judgement.severity:
                diffs = "; ".join(judgement.diffs[:2])[:300]
                print(f"      expected {fault['expected']}, reported {judgement.severity}: {diffs}")


def _detection_row(kind: str, expected: str, judged: Sequence[Judgement]) -> None:
    caught, right = sum(judgement.is_caught for judgement in judged), sum(judgement.is_right for judgement in judged)
    shares = [f"{100 * number / len(judged):.1f} %" if judged else "-" for number in (caught, right)]
    _row((kind, expected, len(judged), caught, shares[0], right, shares[1]), WIDTHS_DETECTION)


WIDTHS_ALARMS = (-22, -9, 6, 9, 10, 11, 9, 6, 7, 7, 6)
WIDTHS_DETECTION = (-22, -9, 9, 7, 8, 7, 8)
"""Of columns; negative: aligned to the left."""


def _row(cells: Iterable[object], widths: Sequence[int]) -> None:
    aligned = (
        str(cell).ljust(-width) if width < 0 else str(cell).rjust(width)
        for cell, width in zip(cells, widths, strict=True)
    )
    print(" ".join(aligned), flush=True)


def _write(path: Path, detection: Detection) -> None:
    text = {
        "measured": measured(),
        "obscured": detection.obscured,
        "mismatched_anyway": detection.mismatched_anyway,
        "knock_on": detection.knock_on,
        "missed": [asdict(judgement) for judgement in detection.missed],
        "misjudged": [asdict(judgement) for judgement in detection.misjudged],
        "right": [asdict(judgement) for judgement in detection.judged if judgement.is_right],
    }
    path.write_text(json.dumps(text, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description="How often the comparison is right, on two servers of one program.")
    parser.add_argument("--workload", default="held_out", choices=WORKLOADS)
    parser.add_argument("--faults", type=int, default=1000, help="How many faults to inject at least.")
    parser.add_argument("--seed", type=int, default=1, help="Of the faults.")
    parser.add_argument("--only", choices=("false-alarms", "detection"))
    parser.add_argument("--json", type=Path, help="Where all faults are written, with what was reported of them.")
    arguments = parser.parse_args()
    sources = measured()
    print(f"measured: {sources}", flush=True)
    if arguments.only != "detection":
        heads = ("servers", "rules", "calls", "services", "exchanges", "mismatched", "", *SEVERITIES)
        _row(heads, WIDTHS_ALARMS)
        for program in PROGRAMS:
            false_alarms(program, arguments.workload)
    if arguments.only != "false-alarms":
        outcome = detection(arguments.workload, arguments.faults, arguments.seed)
        _print_detection(outcome)
        if arguments.json:
            _write(arguments.json, outcome)
    if measured() != sources:
        print("The sources have changed meanwhile: these figures are of no one version.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
