"""Runs a measurement by its name: see scripts/measure."""

import sys
from importlib import import_module

MEASUREMENTS = {
    "bench": ("speed.bench", "requests a second and latencies: direct, by bare mitmdump, by the wrapper"),
    "bodies": ("speed.bodies", "large uploads, downloads and streams: time and memory"),
    "costs": ("speed.costs", "what a verdict costs, as a ratio to reading the replies alone"),
    "soak": ("speed.soak", "a long run: memory and speed over time, and what its journal is worth"),
    "identification": ("accuracy.identification", "AWS's operations that are identified right, of all of them"),
    "verdicts": ("accuracy.verdicts", "false alarms between equal servers, and faults that are found"),
    "recorded": (
        "accuracy.recorded",
        "recorded exchanges of real AWS: read right, false alarms, faults that are found",
    ),
    "faults": ("robustness.fault_matrix", "what app and report see of every fault on the wire, on either side"),
    "fuzz": ("robustness.fuzz", "fuzzes every parser of bytes from the network: --seconds 600"),
    "canaries": ("secrecy.canaries", "looks for secrets in everything that is written, shown and sent"),
    "intruders": ("secrecy.intruders", "tries what the proxy must not let through, and what it must"),
}
"""By name: the module of this folder, and what it tells."""


def main() -> int:
    """Run it with the rest of the command line; its exit code."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in MEASUREMENTS:
        lines = [f"  {key:15} {text}" for key, (_, text) in MEASUREMENTS.items()]
        print("usage: scripts/measure NAME [ARGUMENTS]; NAME --help tells which", *lines, sep="\n", file=sys.stderr)
        return 0 if name in ("-h", "--help") else 2
    sys.argv = [f"scripts/measure {name}", *sys.argv[2:]]
    code: int = import_module(f"lab.{MEASUREMENTS[name][0]}").main()
    return code


if __name__ == "__main__":
    sys.exit(main())
