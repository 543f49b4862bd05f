"""Exchanges to measure with: recorded ones of real AWS, replies of botocore's protocol vectors, and some made by hand.

The recordings and the vectors stand beside the checkout, not in it. A recording says which host was asked, and so which
service; which operation it was is read off botocore's models here, by code of its own. This file does not judge.
"""

import base64
import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote

import botocore.session
import cbor2
from botocore.model import OperationModel, ServiceModel

from cloudmock_contract.values.http import Headers, Reply, Request
from cloudmock_contract.values.operation import Operation

SHARED = Path(__file__).resolve().parents[4] / "shared" / "vectors"
RECORDED = SHARED / "recorded"
PROTOCOLS = SHARED / "botocore" / "tests" / "unit" / "protocols" / "output"

VECTORS = "vectors"
"""The service of a protocol vector: no service of AWS's."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange, as the app and AWS had it."""

    source: str
    """The file that it is from."""
    cassette: str
    """Exchanges of one cassette were made one after the other, by one program."""
    request: Request
    reply: Reply
    host: str
    model: OperationModel | None
    """What host, target and path say that it asks for; None if they say nothing of the kind."""

    @property
    def operation(self) -> Operation:
        """As the proxy should name it."""
        if self.model is None:
            return Operation(self.host, f"{self.request.method} {self.request.path}", "", "")
        service = self.model.service_model
        if service.service_name == VECTORS:
            return Operation(VECTORS, self.model.name, service.metadata["protocol"], VECTORS)
        protocol = service.metadata["protocol"]
        if protocol not in ("query", "ec2") and b"Action=" in self.request.body:
            protocol = "query"  # an older SDK's: the model has moved on
        return Operation(service.service_name, self.model.name, protocol, service.signing_name, "us-east-1")

    @property
    def name(self) -> str:
        return f"{self.source}/{self.cassette}: {self.operation.name}"


def cassettes(folder: Path = RECORDED) -> list[list[Recorded]]:
    """The recorded exchanges by cassette, each in its order; none where the folder is absent."""
    by_cassette: dict[tuple[str, str], list[tuple[int, Recorded]]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            recorded = _recorded(file.stem, entry)
            by_cassette.setdefault((file.stem, entry["cassette"]), []).append((entry["order"], recorded))
    return [
        [recorded for _, recorded in sorted(entries, key=lambda numbered: numbered[0])]
        for entries in by_cassette.values()
    ]


def _recorded(source: str, entry: Mapping[str, Any]) -> Recorded:
    asked, replied = entry["request"], entry["reply"]
    host, bucket = _without_bucket(asked["host"])
    body = _body(asked["body"])
    target = f"/{bucket}{asked['path']}" if bucket else asked["path"]
    fields = [(name, value) for name, value in asked["headers"] if name.lower() not in _NOT_SENT]
    model = expected_operation(host, asked["method"], target, dict(fields), body)
    signing_name = model.service_model.signing_name if model else host.partition(".")[0]
    fields += [("Host", "localhost:4577"), ("Authorization", _signed_for(signing_name, _region(host)))]
    request = Request(asked["method"], target, Headers(tuple(fields)), body)
    reply_body = _body(replied["body"])
    kept = [(name, value) for name, value in replied["headers"] if name.lower() not in _FRAMING]
    length = [] if asked["method"] == "HEAD" else [("Content-Length", str(len(reply_body)))]
    reply = Reply(replied["status"], Headers((*map(tuple, kept), *length)), reply_body, 0.01)
    return Recorded(source, entry["cassette"], request, reply, asked["host"], model)


_NOT_SENT = frozenset(("host", "authorization", "content-length", "x-amz-security-token"))
_FRAMING = frozenset(("content-length", "transfer-encoding"))
_BUCKET = re.compile(r"(?P<bucket>.+)\.(?P<host>s3[.-].*amazonaws\.com)")


def _without_bucket(host: str) -> tuple[str, str]:
    match = _BUCKET.fullmatch(host)
    return (match["host"], match["bucket"]) if match else (host, "")


def _region(host: str) -> str:
    match = re.search(r"\.([a-z]+(?:-[a-z]+)+-\d)\.", host)
    return match[1] if match else "us-east-1"


def _signed_for(signing_name: str, region: str) -> str:
    scope = f"AKIDEXAMPLE/20261128/{region}/{signing_name}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}"


def _body(body: Mapping[str, str]) -> bytes:
    return base64.b64decode(body["base64"]) if "base64" in body else body["text"].encode()


# Which operation a recording is of.


@functools.cache
def _session() -> Any:
    return botocore.session.Session()


@functools.cache
def service_model(name: str) -> ServiceModel:
    """botocore's, by its name of the service."""
    return _session().get_service_model(name)


@functools.cache
def _of_prefix(prefix: str) -> Sequence[ServiceModel]:
    """The services at an endpoint of this name. To look at every model takes some ten seconds."""
    available = _session().get_available_services()
    names = _AT_PREFIX.get(prefix) or ([prefix] if prefix in available else available)
    return [model for model in map(service_model, names) if model.endpoint_prefix == prefix]


_AT_PREFIX: Mapping[str, Sequence[str]] = {
    "elasticloadbalancing": ("elb", "elbv2"),
    "monitoring": ("cloudwatch",),
    "runtime.sagemaker": ("sagemaker-runtime",),
    "streams.dynamodb": ("dynamodbstreams",),
    "email": ("ses", "sesv2"),
    "states": ("stepfunctions",),
}
"""Where the services have other names than the endpoint."""


def expected_operation(
    host: str, method: str, target: str, headers: Mapping[str, str], body: bytes
) -> OperationModel | None:
    """The operation that host, target, version, action and path name."""
    labels = host.removesuffix(".amazonaws.com").split(".")
    first = "s3" if labels[0].startswith("s3-") else labels[0]
    two = ".".join(labels[:2])
    services = _of_prefix(two if two in _AT_PREFIX else first)
    lower = {name.lower(): value for name, value in headers.items()}
    if wanted := lower.get("x-amz-target"):
        prefix, _, name = wanted.rpartition(".")
        fitting = [model for model in services if model.metadata.get("targetPrefix") == prefix]
        return _named(fitting, name)
    query = parse_qs(target.partition("?")[2]) | (parse_qs(body.decode("latin-1")) if b"Action=" in body else {})
    if "Action" in query:
        version = query.get("Version", [""])[0]
        fitting = [model for model in services if model.api_version == version] or list(services)
        return _named(fitting, query["Action"][0])
    if any(model.metadata["protocol"] in ("query", "ec2") for model in services):
        return None
    found = [
        (fit, operation)
        for model in services
        for operation in map(model.operation_model, model.operation_names)
        if (fit := _fit(operation, method, target)) is not None
    ]
    return max(found, key=lambda scored: scored[0])[1] if found else None


def _named(services: Sequence[ServiceModel], action: str) -> OperationModel | None:
    return next((model.operation_model(action) for model in services if action in model.operation_names), None)


def _fit(operation: OperationModel, method: str, target: str) -> tuple[int, int] | None:
    """How well the request fits the operation's route, by literal characters; None if not at all."""
    if operation.http["method"] != method:
        return None
    path, _, query = target.partition("?")
    template, _, wanted = operation.http["requestUri"].partition("?")
    names = set(parse_qs(query, keep_blank_values=True))
    literals = {part.partition("=")[0] for part in wanted.split("&") if part and "{" not in part}
    if not literals <= names:
        return None
    parts = re.split(r"(\{[^}]*\})", template.rstrip("/"))
    pattern = "".join(
        (".+" if part.endswith("+}") else "[^/]+") if part.startswith("{") else re.escape(part) for part in parts
    )
    if not re.fullmatch(f"{pattern}/?", unquote(path) if ".+" in pattern else path):
        return None
    return len(literals), sum(len(part) for part in parts if not part.startswith("{"))


# Protocol vectors.


def vectors(folder: Path = PROTOCOLS) -> Iterator[Recorded]:
    """botocore's protocol vectors for replies, each a cassette of its own."""
    for file in sorted(folder.glob("*.json")):
        for suite in json.loads(file.read_text(encoding="utf-8")):
            for case in suite["cases"]:
                yield _vector(file.stem, suite, case)


def _vector(source: str, suite: Mapping[str, Any], case: Mapping[str, Any]) -> Recorded:
    protocol, operation = suite["metadata"]["protocol"], dict(case["given"])
    if protocol == "query" and "output" in operation:  # as every model of AWS has it, but not the vectors
        operation["output"] = {**operation["output"], "resultWrapper": f"{operation['name']}Result"}
    service = ServiceModel({**suite, "operations": {operation["name"]: operation}}, VECTORS)
    response = case["response"]
    text = response.get("body") or ""
    body = base64.b64decode(text) if protocol == "smithy-rpc-v2-cbor" else text.encode()
    reply = Reply(response.get("status_code", 200), Headers(tuple(response.get("headers", {}).items())), body, 0.01)
    request = Request("POST", "/", Headers((("Host", "localhost:4577"),)), b"")
    return Recorded(source, case["id"], request, reply, VECTORS, service.operation_model(operation["name"]))


# Made by hand, for what no recording shows.


def made() -> list[Recorded]:
    """Replies as AWS documents them, of operations that hand a user's content back or have headers that tell."""
    return [_made(*parts) for parts in _MADE]


def _made(
    service: str, action: str, request: tuple[str, str, str], status: int, headers: Mapping[str, str], body: str | bytes
) -> Recorded:
    model = service_model(service).operation_model(action)
    fields = [("Host", "localhost:4577"), ("Authorization", _signed_for(model.service_model.signing_name, "us-east-1"))]
    metadata = model.service_model.metadata
    fields += [("Content-Type", headers["Content-Type"])] if "targetPrefix" in metadata else []
    if "targetPrefix" in metadata:
        fields.append(("X-Amz-Target", f"{metadata['targetPrefix']}.{action}"))
    if request[2].startswith("Action="):
        fields.append(("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"))
    if "Access-Control-Allow-Origin" in headers:
        fields.append(("Origin", headers["Access-Control-Allow-Origin"]))
    method, target, sent = request
    content = body.encode() if isinstance(body, str) else body
    reply = Reply(status, Headers((*headers.items(), ("Content-Length", str(len(content))))), content, 0.01)
    sent_request = Request(method, target, Headers(tuple(fields)), sent.encode())
    return Recorded("made", f"{action}-{status}", sent_request, reply, f"{service}.amazonaws.com", model)


_JSON = {"Content-Type": "application/x-amz-json-1.1"}
_PLAIN = {"Content-Type": "binary/octet-stream"}
_XML_TYPE = {"Content-Type": "application/xml"}
_XML_DATE = "Wed, 12 Oct 2022 17:50:00 GMT"
_ORDER = base64.b64encode(b"order=1;amount=100;currency=EUR").decode()
_S3_ERROR = "<Error><Code>{0}</Code><Message>m</Message><RequestId>r</RequestId><HostId>h</HostId></Error>"
_POLICY = quote(
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}', safe=""
)
_PARIS = base64.b64encode(b"The capital of France is Paris.").decode()

_MADE: Sequence[tuple[str, str, tuple[str, str, str], int, Mapping[str, str], str | bytes]] = (
    (
        "kms",
        "Decrypt",
        ("POST", "/", '{"CiphertextBlob":"AQ=="}'),
        200,
        _JSON,
        f'{{"KeyId":"k","Plaintext":"{_PARIS}"}}',
    ),
    (
        "kinesis",
        "GetRecords",
        ("POST", "/", '{"ShardIterator":"AAAA"}'),
        200,
        _JSON,
        f'{{"MillisBehindLatest":0,"Records":[{{"Data":"{_ORDER}","PartitionKey":"p","SequenceNumber":"1"}}]}}',
    ),
    (
        "dynamodb",
        "Query",
        ("POST", "/", '{"TableName":"t"}'),
        200,
        _JSON,
        json.dumps({"Count": 3, "Items": [{"id": {"S": "a"}, "at": {"N": str(at)}} for at in range(3)]}),
    ),
    (
        "s3",
        "ListObjectsV2",
        ("GET", "/b?list-type=2", ""),
        200,
        _XML_TYPE | {"x-amz-bucket-region": "us-east-1"},
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><KeyCount>3</KeyCount>'
        + "".join(f"<Contents><Key>{key}</Key><Size>{len(key)}</Size></Contents>" for key in ("a", "bb", "ccc"))
        + "</ListBucketResult>",
    ),
    (
        "secretsmanager",
        "GetSecretValue",
        ("POST", "/", '{"SecretId":"s"}'),
        200,
        _JSON,
        f'{{"Name":"s","SecretBinary":"{_PARIS}","VersionStages":["AWSCURRENT"]}}',
    ),
    (
        "dynamodb",
        "GetItem",
        ("POST", "/", '{"TableName":"t","Key":{"id":{"S":"a"}}}'),
        200,
        {"Content-Type": "application/x-amz-json-1.0"},
        f'{{"Item":{{"id":{{"S":"a"}},"b":{{"B":"{_ORDER}"}},"n":{{"N":"36"}},"t":{{"S":"eight days a week"}}}}}}',
    ),
    (
        "sqs",
        "ReceiveMessage",
        ("POST", "/", '{"QueueUrl":"http://localhost:4577/1/q"}'),
        200,
        {"Content-Type": "application/x-amz-json-1.0"},
        f'{{"Messages":[{{"Body":"one","MessageAttributes":{{"a":{{"BinaryValue":"{_ORDER}","DataType":"Binary"}}}}}}]}}',
    ),
    (
        "kinesis",
        "DescribeStreamSummary",
        ("POST", "/", ""),
        200,
        {"Content-Type": "application/x-amz-cbor-1.1"},
        cbor2.dumps(
            {
                "StreamDescriptionSummary": {
                    "StreamName": "orders",
                    "StreamStatus": "ACTIVE",
                    "RetentionPeriodHours": 24,
                    "OpenShardCount": 3,
                    "EnhancedMonitoring": [{"ShardLevelMetrics": ["IncomingBytes", "OutgoingBytes"]}],
                }
            }
        ),
    ),
    (
        "kinesis",
        "GetRecords",
        ("POST", "/", ""),
        200,
        {"Content-Type": "application/x-amz-cbor-1.1"},
        cbor2.dumps({"Records": [{"Data": b"order=1;amount=100", "PartitionKey": "p"}], "MillisBehindLatest": 0}),
    ),
    (
        "lambda",
        "Invoke",
        ("POST", "/2015-03-31/functions/f/invocations", "{}"),
        200,
        {"Content-Type": "application/json", "X-Amz-Executed-Version": "$LATEST"},
        '{"total": 100, "currency": "EUR"}',
    ),
    (
        "iam",
        "GetRolePolicy",
        ("POST", "/", "Action=GetRolePolicy&Version=2010-05-08&RoleName=r&PolicyName=p"),
        200,
        {"Content-Type": "text/xml"},
        (
            '<GetRolePolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRolePolicyResult>'
            f"<RoleName>r</RoleName><PolicyName>p</PolicyName><PolicyDocument>{_POLICY}</PolicyDocument>"
            "</GetRolePolicyResult></GetRolePolicyResponse>"
        ),
    ),
    ("s3", "GetObject", ("GET", "/b/k", ""), 200, _PLAIN, b"order=1;amount=100;currency=EUR\n" * 4),
    (
        "s3",
        "GetObject",
        ("GET", "/b/gone", ""),
        404,
        _XML_TYPE | {"x-amz-delete-marker": "true", "x-amz-version-id": "3HL4kqtJlcpXroDTDmjVBH40Nrjfkd"},
        _S3_ERROR.format("NoSuchKey"),
    ),
    ("s3", "HeadBucket", ("HEAD", "/elsewhere", ""), 301, _XML_TYPE | {"x-amz-bucket-region": "eu-west-1"}, ""),
    (
        "s3",
        "GetObject",
        ("GET", "/b/short", ""),
        416,
        _XML_TYPE | {"Content-Range": "bytes */10"},
        _S3_ERROR.format("InvalidRange"),
    ),
    (
        "s3",
        "GetObject",
        ("GET", "/b/same", ""),
        304,
        {"ETag": '"9b2cf535f27731c974343645a3985328"', "Last-Modified": _XML_DATE},
        "",
    ),
    ("s3", "GetObject", ("GET", "/b/busy", ""), 503, _XML_TYPE | {"Retry-After": "7"}, _S3_ERROR.format("SlowDown")),
    (
        "s3",
        "GetBucketLocation",
        ("GET", "/b?location", ""),
        200,
        _XML_TYPE | {"Access-Control-Allow-Origin": "https://app.example", "Access-Control-Expose-Headers": "ETag"},
        '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>',
    ),
)
