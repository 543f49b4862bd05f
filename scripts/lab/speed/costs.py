"""What a verdict costs, from one run: see scripts/measure costs.

For replies of typical make and size, in milliseconds: reading both bodies alone (json.loads, ElementTree); making
documents of replies that are equal and comparing them, with its ratio to reading; the verdict on replies of which one
item in ten differs; and on replies whose ids are all others, as between AWS and an emulator, known and new.
A verdict is everything from bytes on: documents, alignment, rules, differences, effects, root causes.

The replies are made here, to the members that AWS's have; nothing is sent.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import SdkCatalog
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.comparison.comparison import Comparison
from cloudmock_contract.comparison.reply_pair import ReplyPair
from cloudmock_contract.comparison.rules.yaml_file import rules_of
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.http import Headers, Reply, Request
from cloudmock_contract.values.operation import Operation

CHANGED = 10
"""Of how many items one is changed."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of reply that is measured."""

    name: str
    operation: Operation
    body: Callable[[str, int], bytes]
    """A body with these generated values and every so-manyth item changed; 0: none."""
    read: Callable[[bytes], object]


def get_item(seed: str, changed: int) -> bytes:
    name = "Ada" if not changed else "Eve"
    return json.dumps({"Item": {"id": {"S": f"u-{seed}0001"}, "name": {"S": name}, "n": {"N": "36"}}}).encode()


def scan(seed: str, changed: int) -> bytes:
    items = [
        {
            "id": {"S": f"u-{seed}{number:06d}"},
            "name": {"S": "changed" if changed and number % changed == 0 else f"name {number}"},
            "address": {"M": {"street": {"S": f"{number} Main Street"}, "city": {"S": "Springfield"}}},
            "tags": {"SS": ["one", "two", "three"]},
            "n": {"N": str(number)},
        }
        for number in range(100)
    ]
    return json.dumps({"Items": items, "Count": 100, "ScannedCount": 100}).encode()


def list_objects(seed: str, changed: int) -> bytes:
    keys = "".join(
        f"<Contents><Key>folder/key-{number:06d}</Key>"
        f"<LastModified>2026-01-01T00:00:{number % 60:02d}.000Z</LastModified><ETag>&quot;{number:032x}&quot;</ETag>"
        f"<Size>{7 if changed and number % changed == 0 else number + 1000}</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
        for number in range(1000)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>bucket</Name><Prefix></Prefix><KeyCount>1000</KeyCount><MaxKeys>1000</MaxKeys>"
        f"<NextContinuationToken>{seed}token</NextContinuationToken><IsTruncated>true</IsTruncated>{keys}"
        "</ListBucketResult>"
    ).encode()


def describe_instances(number_of: int) -> Callable[[str, int], bytes]:
    def body(seed: str, changed: int) -> bytes:
        instances = "".join(_instance(seed, number, changed) for number in range(number_of))
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
            f"<requestId>{seed}-4f2b-11ee-be56-0242ac120002</requestId><reservationSet><item>"
            f"<reservationId>r-{seed}0a1b2c3d4e</reservationId><ownerId>123456789012</ownerId>"
            f"<instancesSet>{instances}</instancesSet></item></reservationSet></DescribeInstancesResponse>"
        ).encode()

    return body


def _instance(seed: str, number: int, changed: int) -> str:
    kind = "t3.large" if changed and number % changed == 0 else "t3.micro"
    tags = "".join(
        f"<item><key>tag{number_of_tag}</key><value>value {number_of_tag}</value></item>" for number_of_tag in range(5)
    )
    return (
        f"<item><instanceId>i-{seed}{number:09x}</instanceId><imageId>ami-0abcdef1234567890</imageId>"
        f"<instanceState><code>16</code><name>running</name></instanceState><instanceType>{kind}</instanceType>"
        f"<privateIpAddress>10.0.{number // 250}.{number % 250}</privateIpAddress><keyName>key</keyName>"
        f"<launchTime>2026-01-01T00:00:00.000Z</launchTime><placement><availabilityZone>us-east-1a</availabilityZone>"
        f"<tenancy>default</tenancy></placement><monitoring><state>disabled</state></monitoring>"
        f"<subnetId>subnet-{seed}0000{number % 5:05x}</subnetId><vpcId>vpc-{seed}000000001</vpcId>"
        f"<architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>"
        f"<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-{seed}{number:09x}</volumeId>"
        f"<status>attached</status><deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping>"
        f"<groupSet><item><groupId>sg-{seed}000000001</groupId><groupName>web</groupName></item></groupSet>"
        f"<tagSet>{tags}</tagSet><hypervisor>nitro</hypervisor><ebsOptimized>false</ebsOptimized></item>"
    )


_DYNAMODB = Operation("dynamodb", "GetItem", "json", "dynamodb")
SUBJECTS = (
    Subject("DynamoDB GetItem", _DYNAMODB, get_item, json.loads),
    Subject("DynamoDB Scan, 100 items", Operation("dynamodb", "Scan", "json", "dynamodb"), scan, json.loads),
    Subject(
        "S3 ListObjectsV2, 1,000 keys",
        Operation("s3", "ListObjectsV2", "rest-xml", "s3"),
        list_objects,
        ET.fromstring,
    ),
    Subject(
        "EC2 DescribeInstances, 50",
        Operation("ec2", "DescribeInstances", "ec2", "ec2"),
        describe_instances(50),
        ET.fromstring,
    ),
    Subject(
        "EC2 DescribeInstances, 500",
        Operation("ec2", "DescribeInstances", "ec2", "ec2"),
        describe_instances(500),
        ET.fromstring,
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a line for each kind of reply."""
    parser = argparse.ArgumentParser(description="What a verdict costs, as a ratio to reading the replies alone.")
    parser.add_argument("--rounds", type=int, default=9, help="How often each is done; the median counts.")
    rounds = parser.parse_args(arguments).rounds
    sdk_catalog = SdkCatalog(Services())
    print(
        f"{platform.machine()}, Python {platform.python_version()}, median of {rounds}; milliseconds for both replies"
    )
    print(f"{'':30} {'bytes':>8} {'read':>8} {'equal':>8} {'ratio':>6} {'1 in 10':>8} {'ids known':>10} {'ids new':>8}")
    for subject in SUBJECTS:
        print(_line(subject, sdk_catalog, rounds), flush=True)
    return 0


def _line(subject: Subject, sdk_catalog: SdkCatalog, rounds: int) -> str:
    aws, cloudmock_body = subject.body("0a1b2c3d", 0), subject.body("9f8e7d6c", 0)
    changed = subject.body("0a1b2c3d", CHANGED)

    def compare(comparison: Comparison, cloudmock: bytes) -> None:
        comparison.compare(_CALLS[subject.name], _reply(aws), _reply(cloudmock))

    def fresh() -> Comparison:
        return Comparison(_RULES, sdk_catalog)

    known = fresh()
    compare(known, cloudmock_body)
    read = _median(rounds, lambda: None, lambda _: (subject.read(aws), subject.read(aws)))
    equal = _median(rounds, lambda: None, lambda _: _alike(subject, sdk_catalog, aws))
    tenth = _median(rounds, fresh, lambda comparison: compare(comparison, changed))
    again = _median(rounds, lambda: known, lambda comparison: compare(comparison, cloudmock_body))
    new = _median(rounds, fresh, lambda comparison: compare(comparison, cloudmock_body))
    return (
        f"{subject.name:30} {len(aws):>8} {read:>8.3f} {equal:>8.3f} {equal / read:>6.2f} {tenth:>8.2f} {again:>10.2f} "
        f"{new:>8.2f}"
    )


def _alike(subject: Subject, sdk_catalog: SdkCatalog, body: bytes) -> None:
    """Document and compare two replies that are equal but for their request ids."""
    operation = subject.operation
    sdk_operation = sdk_catalog.of(operation.service, operation.action)
    other_id = body.replace(b"<requestId>", b"<requestId>other")
    if (
        ReplyPair(operation.protocol, sdk_operation, _reply(body), _reply(other_id)).alike(
            _RULES.of_operation(operation.name)
        )
        is None
    ):
        raise RuntimeError(f"{subject.name}: equal replies are said to differ")


_RULES = rules_of(Settings.from_options({}))


def _reply(body: bytes) -> Reply:
    return Reply(200, Headers((("x-amzn-RequestId", "r"),)), body)


def _median[T](rounds: int, prepare: Callable[[], T], work: Callable[[T], object]) -> float:
    """Milliseconds of the work, whose preparation does not count."""
    times = []
    for _ in range(rounds + 1):
        prepared = prepare()
        begin = time.perf_counter()
        work(prepared)
        times.append(time.perf_counter() - begin)
    return 1000 * statistics.median(times[1:])


_REQUEST = Request("POST", "/", Headers(()), b"")
_CALLS = {
    subject.name: Call("1", datetime.now(tz=UTC), _REQUEST, authentication(_REQUEST), subject.operation)
    for subject in SUBJECTS
}

if __name__ == "__main__":
    sys.exit(main())
