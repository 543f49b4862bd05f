"""The demo: see scripts/demo. Exits 0 when the job was done, whatever the comparison came to."""

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from lab.stand_ins import servers

REPORT = Path("contract-report.json")


def main() -> int:
    """Run the workload through cloudmock-contract."""
    with contextlib.ExitStack() as stack:
        aws = stack.enter_context(servers.moto())
        cloudmock = os.environ.get("CLOUDMOCK_URL") or stack.enter_context(servers.ministack()).url
        stand_in = os.environ.get("CLOUDMOCK_URL") or "ministack"
        print(f"moto stands in for AWS, {stand_in} for CloudMock. moto is not AWS:", flush=True)
        print("what differs below is a difference between two programs, and either may be the wrong one.", flush=True)
        REPORT.unlink(missing_ok=True)
        workload = shlex.join(servers.module_command("lab.workloads.app"))
        run = subprocess.run(
            [
                sys.executable,
                "-m",
                "cloudmock_contract.cli",
                "--aws-endpoint",
                aws.url,
                "--cloudmock",
                cloudmock,
                "--port",
                "0",
                "--output",
                str(REPORT),
                "--run",
                workload,
            ],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    print(run.stdout, end="")
    calls_made = re.search(r"^(\d+) calls made$", run.stdout, re.MULTILINE)
    compared = json.loads(REPORT.read_text(encoding="utf-8"))["total_requests"] if REPORT.exists() else 0
    if calls_made is None or int(calls_made[1]) != compared:
        print(
            f"The demo failed: {calls_made[1] if calls_made else 'no'} calls were made, {compared} compared.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
