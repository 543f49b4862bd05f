"""The share of AWS's operations that are identified right: see scripts/measure identification.

botocore makes and signs a request for every operation of every service that it has a model of, once with the required
members alone and once with all members (with awkward values, if asked for); each is identified, and the answer is
compared with what was asked for. Two services whose requests nobody can tell apart on the wire, the endpoint's host
included (`rds` and `docdb`), count as the same one in the line that says so.

The requests are those of `workloads.every_operation`; they have no `api/` in their User-Agent (boto3 sends none) unless
--agent is given.
"""

import argparse
import gc
import statistics
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import botocore

from cloudmock_contract.aws.endpoints.resolver import Endpoints
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.errors import AppError
from cloudmock_contract.values.operation import Operation
from lab.workloads.every_operation import REGION, SampleRequest, requests_of


class Score:
    """What has been counted so far."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._identifier = Identifier(services)
        self._endpoints = Endpoints(services)
        self.count: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.seconds: list[float] = []

    def add(self, sample: SampleRequest) -> None:
        signed = authentication(sample.request)
        self._identifier.identify(sample.request, signed)  # the first one loads models
        started = time.perf_counter()
        operation = self._identifier.identify(sample.request, signed)
        self.seconds.append(time.perf_counter() - started)
        service, action = operation.service == sample.service, operation.action == sample.action
        both = service and action
        alike = both or self._alike(sample, operation)
        addressed = alike or self._host(operation) == self._host(self._expected_operation(sample, operation))
        for name, is_right in {
            "service": service,
            "operation": action,
            "both": both,
            "alike": alike,
            "host": addressed,
        }.items():
            self.count[name] += is_right
        self.count["requests"] += 1
        if not alike:
            line = f"{sample.request.method} {sample.request.path}"
            self.wrong.append(f"{sample.service}.{sample.action} taken for {operation.name} ({line})")

    def _alike(self, sample: SampleRequest, operation: Operation) -> bool:
        """Whether AWS itself could not tell the two apart: same host, same name in scope, same place on the wire."""
        right, chosen = (
            self._services.operation_model(*names)
            for names in ((sample.service, sample.action), (operation.service, operation.action))
        )
        return (
            right is not None
            and chosen is not None
            and _wire(right) == _wire(chosen)
            and self._host(operation) == self._host(self._expected_operation(sample, operation))
        )

    def _expected_operation(self, sample: SampleRequest, identified: Operation) -> Operation:
        signing_name = self._services.by_name[sample.service].signing_name
        return replace(identified, service=sample.service, action=sample.action, signing_name=signing_name)

    def _host(self, operation: Operation) -> str:
        try:
            return self._endpoints.resolve(operation, REGION).host
        except AppError as error:
            return str(error)


def _wire(model: Any) -> tuple[object, ...]:
    metadata = model.service_model.metadata
    return (
        metadata.get("protocol"),
        metadata.get("targetPrefix"),
        metadata["apiVersion"] if metadata["protocol"] in ("query", "ec2") else "",
        model.name if not metadata["protocol"].startswith("rest") else "",
        model.http["method"],
        _template(model.http["requestUri"]),
    )


def _template(uri: str) -> tuple[str, ...]:
    return tuple("{}" if text.startswith("{") else text for text in uri.strip("/").split("/"))


def main() -> int:
    parser = argparse.ArgumentParser(description="The share of AWS's operations that are identified right.")
    parser.add_argument("--variants", default="required,all", help="Which of required, all, awkward to ask for.")
    parser.add_argument("--services", default="", help="Only these services, with commas between them.")
    parser.add_argument(
        "--agent", action="store_true", help="With the service id in a User-Agent, as most SDKs send it."
    )
    parser.add_argument(
        "--wrong", action="store_true", help="List what was identified wrong, and what could not be made."
    )
    arguments = parser.parse_args()
    services = Services()
    score = Score(services)
    unmade: list[str] = []
    if unknown := {name for name in arguments.services.split(",") if name} - services.by_name.keys():
        parser.error(f"botocore knows no service {', '.join(sorted(unknown))}")
    names = [name for name in arguments.services.split(",") if name] or sorted(services.by_name)
    for service in names:
        for variant in arguments.variants.split(","):
            for sample in requests_of(service, variant, agent=arguments.agent):
                if isinstance(sample, str):
                    unmade.append(f"{sample} ({variant})")
                else:
                    score.add(sample)
        gc.collect()
    _print(score, unmade, len(names), verbose=arguments.wrong)
    return 0


def _print(score: Score, unmade: list[str], services: int, *, verbose: bool) -> None:
    total = score.count["requests"]
    print(f"{total} requests for operations of {services} services, botocore {botocore.__version__}")
    print(f"{len(unmade)} operations of which botocore makes no request from these values")
    for name, meaning in MEANINGS.items():
        print(f"{meaning:64} {score.count[name]:6} {100 * score.count[name] / total:7.2f} %")
    microseconds = sorted(1e6 * second for second in score.seconds)
    quantiles = statistics.quantiles(microseconds, n=100)
    median, mean, p99 = quantiles[49], statistics.mean(microseconds), quantiles[98]
    print(f"identification of one: median {median:.1f} us, mean {mean:.1f} us, p99 {p99:.1f} us")
    if verbose:
        print(*sorted(set(score.wrong)), *unmade, sep="\n")


MEANINGS: Mapping[str, str] = {
    "service": "service",
    "operation": "operation",
    "both": "service and operation",
    "alike": "the same, wire-identical services counted as one",
    "host": "sent to the right host",
}

if __name__ == "__main__":
    sys.exit(main())
