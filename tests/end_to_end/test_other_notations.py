"""Bodies in another notation than a protocol's first one, from the request on: translated, read, compared.

CBOR in place of JSON, which some SDKs speak; formats that are not the protocol's at all, as emulators answer in; and
documents in texts. One run for each test, with the rules that are shipped.
"""

import json
from collections.abc import Mapping
from typing import Any

import cbor2
import pytest

from cloudmock_contract.aws.documents.substitution import substituted
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.aws.sdk.catalog import SdkCatalog
from cloudmock_contract.comparison.comparison import Comparison
from cloudmock_contract.comparison.rules.yaml_file import rules_of
from cloudmock_contract.settings import Settings
from cloudmock_contract.values.difference import Kind
from cloudmock_contract.values.exchange import Exchange
from cloudmock_contract.values.http import Headers, Reply, Request
from support.calls import call_for, identify

_SERVICES = Services()
_IDENTIFIER = Identifier(_SERVICES)
_KINESIS_CBOR = "application/x-amz-cbor-1.1"
_ITERATORS = (
    "AAAAAAAAAAEtS3JzQWxpY2VBV1M0NTY3ODkwMTIzNDU2Nzg5MA==",
    "AAAAAAAAAAHxQ2xvdWRNb2NrU2lkZTk4NzY1NDMyMTA5ODc2",
)
_VPCS = ("vpc-0a1bd3981b9569794", "vpc-2c0bb37dafadda112")


class _Run:
    """One app's calls, each with both sides' replies."""

    def __init__(self) -> None:
        self._catalog = SdkCatalog(_SERVICES)
        self._comparison = Comparison(rules_of(Settings.from_options({})), self._catalog)

    def call(self, request: Request, aws: Reply, cloudmock: Reply) -> tuple[Exchange, Request]:
        """The exchange, and the request that CloudMock got."""
        operation = identify(_IDENTIFIER, request)
        call = call_for(request, operation, region=operation.region)
        self._comparison.note_sent(call)
        model = self._catalog.of(operation.service, operation.action).model
        copy = substituted(request, operation, model, self._comparison.for_cloudmock)
        return self._comparison.compare(call, aws, cloudmock), copy


def _request(
    signing_name: str, body: bytes, *fields: tuple[str, str], method: str = "POST", target: str = "/"
) -> Request:
    scope = f"AKIDEXAMPLE/20260131/us-east-1/{signing_name}/aws4_request"
    signed = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"
    return Request(method, target, Headers((("Host", "localhost:4577"), ("Authorization", signed), *fields)), body)


def _kinesis(action: str, members: object) -> Request:
    target = ("X-Amz-Target", f"Kinesis_20131202.{action}")
    return _request("kinesis", cbor2.dumps(members), target, ("Content-Type", _KINESIS_CBOR))


def _form(service: str, version: str, action: str, parameters: str = "") -> Request:
    body = f"Action={action}&Version={version}{parameters}".encode()
    return _request(service, body, ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"))


def _reply(body: bytes, content_type: str, status: int = 200) -> Reply:
    return Reply(status, Headers((("Content-Type", content_type),)), body)


def _cbor(members: object, status: int = 200) -> Reply:
    return _reply(cbor2.dumps(members), _KINESIS_CBOR, status)


def _lines(exchange: Exchange) -> list[str]:
    return [str(difference) for difference in exchange.verdict.differences]


# CBOR in place of JSON.


def _record(milliseconds: int, data: bytes = b"abc") -> Mapping[str, object]:
    return {"Data": data, "PartitionKey": "p", "ApproximateArrivalTimestamp": cbor2.CBORTag(1, milliseconds)}


def test_an_iterator_in_cbor_is_translated() -> None:
    """It is opaque, and CloudMock is asked with its own; a time of a second later is no difference."""
    run = _Run()
    made, _ = run.call(
        _kinesis("GetShardIterator", {"StreamName": "s"}), *(_cbor({"ShardIterator": one}) for one in _ITERATORS)
    )
    read, copy = run.call(
        _kinesis("GetRecords", {"ShardIterator": _ITERATORS[0]}),
        _cbor({"Records": [_record(1769817600250)], "MillisBehindLatest": 0}),
        _cbor({"MillisBehindLatest": 0, "Records": [_record(1769817601500)]}),
    )

    assert made.verdict.matched
    assert read.verdict.matched
    assert {"ShardIterator": _ITERATORS[1]} == cbor2.loads(copy.body)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"Data": b"abd"}, "data"),
        ({"Data": "YWJj"}, "schema"),
        ({"PartitionKey": "q"}, "data"),
        ({"ApproximateArrivalTimestamp": cbor2.CBORTag(1, 1769817600)}, "schema"),
        ({"ApproximateArrivalTimestamp": 1769817600.25}, "schema"),
        ({"ApproximateArrivalTimestamp": cbor2.CBORTag(0, "2026-01-31T00:00:00.25Z")}, "schema"),
        ({"ApproximateArrivalTimestamp": cbor2.CBORTag(1, 1769990400250)}, "data"),
    ],
)
def test_what_differs_in_cbor_is_found(changed: dict[str, object], expected: str) -> None:
    """Bytes to the letter, and times in their notation."""
    exchange, _ = _Run().call(
        _kinesis("GetRecords", {"ShardIterator": "i"}),
        _cbor({"Records": [_record(1769817600250)]}),
        _cbor({"Records": [{**_record(1769817600250), **changed}]}),
    )

    assert expected == exchange.verdict.severity


def test_errors_in_cbor_are_read() -> None:
    """With their names, as those in JSON."""
    error = {"__type": "ResourceNotFoundException", "message": "Stream s under account 111122223333 not found."}
    exchange, _ = _Run().call(
        _kinesis("GetRecords", {"ShardIterator": "i"}), _cbor(error, 400), _cbor({**error, "__type": "Gone"}, 400)
    )

    assert ['__type: "ResourceNotFoundException" -> "Gone"'] == _lines(exchange)
    assert "Gone: " in exchange.cloudmock_error


def test_json_is_no_answer_to_a_request_in_cbor() -> None:
    """It says the same, and the SDK that asked cannot read it."""
    members = {"StreamNames": ["s"], "HasMoreStreams": False}
    exchange, _ = _Run().call(
        _kinesis("ListStreams", {}),
        _cbor(members),
        _reply(json.dumps(members).encode(), "application/x-amz-json-1.1"),
    )

    assert "body: in CBOR -> in JSON" in _lines(exchange)


# A format that is not the protocol's.

_OTHER_FORMATS = [
    ("application/json", '{"__type":"InvalidSubnet.Range","Message":"The CIDR is invalid for VPC \'%s\'."}'),
    ("text/plain", "The CIDR is invalid for VPC '%s'."),
    ("text/xml", "<html><p>The CIDR is invalid for VPC '%s'.</html>"),
    ("text/html", "<html><body>no VPC %s</body></html>"),
]


@pytest.mark.parametrize(("content_type", "text"), _OTHER_FORMATS)
def test_an_error_in_another_format_is_read_as_what_it_is(content_type: str, text: str) -> None:
    """With ids translated it is the same on both sides; where it says something else, its texts are shown."""
    run = _Run()
    vpcs = (
        f"<CreateVpcResponse><requestId>r</requestId><vpc><vpcId>{one}</vpcId></vpc></CreateVpcResponse>"
        for one in _VPCS
    )
    run.call(_form("ec2", "2016-11-15", "CreateVpc"), *(_reply(one.encode(), "text/xml") for one in vpcs))
    asked = _form("ec2", "2016-11-15", "CreateSubnet", f"&VpcId={_VPCS[0]}&CidrBlock=10.99.0.0%2F24")
    same, _ = run.call(asked, *(_reply((text % one).encode(), content_type, 400) for one in _VPCS))
    other, _ = run.call(
        asked,
        _reply((text % _VPCS[0]).encode(), content_type, 400),
        _reply((text % _VPCS[1]).replace("VPC", "network").encode(), content_type, 400),
    )

    assert [] == _lines(same)
    assert "data" == other.verdict.severity
    assert "network" in "".join(_lines(other))


@pytest.mark.parametrize(
    ("aws", "cloudmock", "expected"),
    [
        (b"<A><RequestId>1-2</RequestId><B>c</B></A>", b"<A><RequestId>3-4</RequestId><B>c</B></A>", []),
        (b"<A><B>c</B></A>", b"<A><B>d</B></A>", ['body.A.B: "c" -> "d"']),
        (b'{"MetricAlarms":[]}', b"<A><B>c</B></A>", ["body: parsable -> not JSON: "]),
    ],
)
def test_xml_of_a_json_service_is_read_as_xml(aws: bytes, cloudmock: bytes, expected: list[str]) -> None:
    """Where both sides answer so; one alone is a difference."""
    target = ("X-Amz-Target", "GraniteServiceVersion20100801.DescribeAlarms")
    asked = _request("monitoring", b"{}", target, ("Content-Type", "application/x-amz-json-1.0"))
    exchange, _ = _Run().call(asked, _reply(aws, "text/xml"), _reply(cloudmock, "text/xml"))

    assert len(expected) <= len(_lines(exchange))
    assert bool(expected) is not exchange.verdict.matched
    assert all(line.startswith(start) for start, line in zip(expected, _lines(exchange), strict=False))


def test_a_text_instead_of_secrets_is_not_shown() -> None:
    """It may quote them."""
    target = ("X-Amz-Target", "secretsmanager.GetSecretValue")
    asked = _request("secretsmanager", b'{"SecretId":"s"}', target, ("Content-Type", "application/x-amz-json-1.1"))
    exchange, _ = _Run().call(asked, _reply(b"it is hunter2", "text/plain"), _reply(b"it is hunter3", "text/plain"))

    assert ['body: "[redacted]" -> "[redacted]"'] == _lines(exchange)


# Documents in texts.

_POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}],
}


@pytest.mark.parametrize(
    ("cloudmock", "expected"),
    [
        (json.dumps(_POLICY, indent=2), []),
        (json.dumps(dict(reversed(_POLICY.items()))), []),
        (json.dumps({**_POLICY, "Version": "2008-10-17"}), ['Policy.Version: "2012-10-17" -> "2008-10-17"']),
        (json.dumps({**_POLICY, "Id": "p"}), ["Policy.Id: extra key"]),
    ],
)
def test_a_bucket_s_policy_is_compared_by_value(cloudmock: str, expected: list[str]) -> None:
    """AWS does not keep its spaces."""
    asked = _request("s3", b"", method="GET", target="/b?policy")
    aws = json.dumps(_POLICY, separators=(",", ":")).encode()
    exchange, _ = _Run().call(asked, _reply(aws, "application/json"), _reply(cloudmock.encode(), "application/json"))

    assert expected == _lines(exchange)


def test_an_object_is_compared_byte_by_byte() -> None:
    """It is the user's own, JSON or not."""
    asked = _request("s3", b"", method="GET", target="/b/k.json")
    exchange, _ = _Run().call(asked, _reply(b'{"a":1}', "application/json"), _reply(b'{"a": 1}', "application/json"))

    assert ["Body.length", "Body.sha256"] == [difference.location for difference in exchange.verdict.differences]


@pytest.mark.parametrize(
    ("operation", "member"), [("GetPolicyVersion", "PolicyVersion><Document"), ("GetRolePolicy", "PolicyDocument")]
)
def test_a_policy_of_iam_is_encoded(operation: str, member: str) -> None:
    """As AWS does it; plain, only botocore reads it."""
    encoded, spaced = "%7B%22Version%22%3A%222012-10-17%22%7D", "%7B%22Version%22%3A%20%222012-10-17%22%7D"
    closing = "></".join(reversed(member.split("><")))
    replies = [
        _reply(
            f"<{operation}Response><{operation}Result><{member}>{text}</{closing}></{operation}Result>"
            f"</{operation}Response>".encode(),
            "text/xml",
        )
        for text in (encoded, spaced, '{"Version":"2012-10-17"}')
    ]
    asked = _form("iam", "2010-05-08", operation, "&PolicyArn=a&RoleName=r&PolicyName=p&VersionId=v1")

    assert _Run().call(asked, replies[0], replies[1])[0].verdict.matched
    plain, _ = _Run().call(asked, replies[0], replies[2])
    assert ([Kind.FORMAT], "schema") == (
        [difference.kind for difference in plain.verdict.differences],
        plain.verdict.severity,
    )
