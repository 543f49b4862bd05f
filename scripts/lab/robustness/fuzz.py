"""Fuzzes the parsers for as long as it is told to: see scripts/measure fuzz.

The tests of tests/fuzzing are run again and again, each time with other inputs, until the time is over or one fails.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
EXAMPLES = 500
"""Inputs for each parser in one round."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz; 1 if something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=300, metavar="N", help="How long. Default: 300.")
    parser.add_argument("--seed", type=int, metavar="N", help="Of the first round, to have it again.")
    parser.add_argument("--only", default="", metavar="WORD", help="Only the parsers with this in their test's name.")
    options = parser.parse_args(arguments)
    seed = random.randrange(2**32) if options.seed is None else options.seed
    end, rounds = time.monotonic() + options.seconds, 0
    while time.monotonic() < end:
        print(f"round {rounds + 1}: {EXAMPLES} inputs for each parser, --seed {seed}", flush=True)
        code = _round(seed, options.only)
        if code:
            return 1
        rounds, seed = rounds + 1, seed + 1
    print(f"{rounds * EXAMPLES} inputs for each parser, and none was too much for it")
    return 0


def _round(seed: int, only: str) -> int:
    """pytest's exit code."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/fuzzing", f"--hypothesis-seed={seed}", "-k", only]
    return subprocess.run(command, cwd=TOP, env={**os.environ, "FUZZ_EXAMPLES": str(EXAMPLES)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
