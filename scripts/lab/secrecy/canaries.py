"""Looks for secrets in everything that the proxy writes, shows and sends: see scripts/measure canaries.

Prints a row for each attempt, way and artefact in which a canary was found that does not belong there.
"""

import argparse
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from lab.aws_verifier.signatures import Key
from lab.secrecy.attempts import ARTEFACTS, Attempt, attempts
from lab.secrecy.runs import WAYS, Ended, run
from lab.secrecy.values import Canary, around, misplaced, value

_EVERYWHERE = "the whole run"
USER = Key(
    value("access key of the user", _EVERYWHERE, "key"),
    value("secret key of the user", _EVERYWHERE),
    value("session token of the user", _EVERYWHERE),
)
"""The credentials that the proxy signs with."""

_SIGNATURES = re.compile(rb"(?i)signature(?:=|\"\r\n\r\n)([0-9a-f]{64}|[A-Za-z0-9%/+]{26,60}(?:=|%3D))")


MAX_CONTEXTS = 6
"""Places that are printed of one secret in one artefact."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret where it does not belong."""

    way: str
    attempt: str
    artefact: str
    kind: str
    around: tuple[str, ...]
    """What stands before it."""


def leaks(way: str, attempts_made: Collection[Attempt]) -> tuple[Leak, ...]:
    """Make these attempts in this way, and search."""
    ended = run(way, attempts_made, USER)
    return tuple(_leaks(way, attempts_made, ended))


def _leaks(way: str, attempts_made: Collection[Attempt], ended: Ended) -> Iterator[Leak]:
    canaries = [*_of_the_user(ended), *(canary for attempt in attempts_made for canary in attempt.canaries)]
    for artefact in ARTEFACTS:
        data = ended.artefacts.get(artefact, b"")
        for canary in misplaced(canaries, artefact, data):
            yield Leak(way, canary.attempt, artefact, canary.kind, around(canary, data))


def _of_the_user(ended: Ended) -> Iterator[Canary]:
    """The user's keys, and the signatures that AWS was sent. AWS may quote these, and the app gets what AWS says."""
    welcome = frozenset(("AWS", "app"))
    yield Canary("access key of the user", _EVERYWHERE, USER.access_key, welcome)
    yield Canary("secret key of the user", _EVERYWHERE, USER.secret_key)
    yield Canary("session token of the user", _EVERYWHERE, USER.token or "", welcome)
    for signature in sorted(set(_SIGNATURES.findall(ended.artefacts["AWS"]))):
        yield Canary("signature for AWS", _EVERYWHERE, signature.decode(), welcome)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--way", action="append", choices=WAYS, help="Only this way of starting the proxy.")
    parser.add_argument("--not-quoted", action="store_true", help="Only attempts in which AWS quotes nothing.")
    parser.add_argument("--attempt", action="append", help="Only this attempt.")
    options = parser.parse_args(arguments)
    chosen = [attempt for attempt in attempts() if not options.attempt or attempt.name in options.attempt]
    chosen = [attempt for attempt in chosen if not (options.not_quoted and attempt.is_quoted)]
    number = 0
    for way in options.way or WAYS:
        ended = run(way, chosen, USER)
        sizes = ", ".join(f"{name} {len(ended.artefacts[name])}" for name in ARTEFACTS if name in ended.artefacts)
        print(f"{way}: {len(chosen)} attempts, exit code {ended.code}; bytes searched: {sizes}", flush=True)
        rows = {(leak.artefact, leak.attempt, leak.kind): leak.around for leak in _leaks(way, chosen, ended)}
        number += len(rows)
        for (artefact, name, kind), contexts in sorted(rows.items()):
            print(f"  FOUND in {artefact}: {kind} | {name}")
            for context in contexts[:MAX_CONTEXTS]:
                print(f"      … {context}")
    print(f"{number} found")
    return 1 if number else 0


if __name__ == "__main__":
    sys.exit(main())
