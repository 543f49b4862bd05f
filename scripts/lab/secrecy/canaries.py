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
from lab.secrecy.values import Canary, around, found, value

_EVERYWHERE = "the whole run"
USER = Key(
    value("access key of the user", _EVERYWHERE, "key"),
    value("secret key of the user", _EVERYWHERE),
    value("session token of the user", _EVERYWHERE),
)
"""The credentials that the proxy signs with."""

_SIGNATURES = re.compile(rb"(?i)signature(?:=|\"\r\n\r\n)([0-9a-f]{64}|[A-Za-z0-9%/+]{26,60}(?:=|%3D))")


MAX_PLACES = 6
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


def leaks(way: str, made: Collection[Attempt]) -> tuple[Leak, ...]:
    """Make these attempts in this way, and search."""
    ended = run(way, made, USER)
    return tuple(_leaks(way, made, ended))


def _leaks(way: str, made: Collection[Attempt], ended: Ended) -> Iterator[Leak]:
    canaries = [*_of_the_user(ended), *(one for attempt in made for one in attempt.canaries)]
    for artefact in ARTEFACTS:
        data = ended.artefacts.get(artefact, b"")
        for one in found(canaries, artefact, data):
            yield Leak(way, one.attempt, artefact, one.kind, around(one, data))


def _of_the_user(ended: Ended) -> Iterator[Canary]:
    """The user's keys, and the signatures that AWS was sent. AWS may quote these, and the app gets what AWS says."""
    told = frozenset(("AWS", "app"))
    yield Canary("access key of the user", _EVERYWHERE, USER.access_key, told)
    yield Canary("secret key of the user", _EVERYWHERE, USER.secret_key)
    yield Canary("session token of the user", _EVERYWHERE, USER.token or "", told)
    for signature in sorted(set(_SIGNATURES.findall(ended.artefacts["AWS"]))):
        yield Canary("signature for AWS", _EVERYWHERE, signature.decode(), told)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if something was found."""
    parser = argparse.ArgumentParser(prog="canaries", description=__doc__)
    parser.add_argument("--way", action="append", choices=WAYS, help="Only this way of starting the proxy.")
    parser.add_argument("--not-quoted", action="store_true", help="Only attempts in which AWS quotes nothing.")
    parser.add_argument("--attempt", action="append", help="Only this attempt.")
    given = parser.parse_args(arguments)
    made = [one for one in attempts() if not given.attempt or one.name in given.attempt]
    made = [one for one in made if not (given.not_quoted and one.is_quoted)]
    number = 0
    for way in given.way or WAYS:
        ended = run(way, made, USER)
        sizes = ", ".join(f"{name} {len(ended.artefacts[name])}" for name in ARTEFACTS if name in ended.artefacts)
        print(f"{way}: {len(made)} attempts, exit code {ended.code}; bytes searched: {sizes}", flush=True)
        rows = {(one.artefact, one.attempt, one.kind): one.around for one in _leaks(way, made, ended)}
        number += len(rows)
        for (artefact, attempt, kind), places in sorted(rows.items()):
            print(f"  FOUND in {artefact}: {kind} | {attempt}")
            for place in places[:MAX_PLACES]:
                print(f"      … {place}")
    print(f"{number} found")
    return 1 if number else 0


if __name__ == "__main__":
    sys.exit(main())
