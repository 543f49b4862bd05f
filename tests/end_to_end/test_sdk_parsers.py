"""What an SDK reads otherwise, or not at all, is a difference: botocore's own parser says what it makes of both bodies.

Bodies are botocore's published vectors, where they are at hand, and some written here; each is compared with itself
with a fault in it. Nothing is forgiven by rule.
"""

import functools
import itertools
import json
from dataclasses import replace
from typing import Any

import botocore.session
import cbor2
import pytest
from botocore.awsrequest import HeadersDict
from botocore.model import OperationModel
from botocore.parsers import create_parser

from cloudmock_contract.aws.sdk.catalog import SdkOperation
from cloudmock_contract.comparison.identifiers.id_map import Identifiers
from cloudmock_contract.comparison.identifiers.own_hosts import OwnHosts
from cloudmock_contract.comparison.reply_pair import ReplyPair
from cloudmock_contract.comparison.rules.rules import Rules
from cloudmock_contract.comparison.tolerance import ForgivenessPolicy
from cloudmock_contract.comparison.verdict import judge
from cloudmock_contract.values.exchange import Verdict
from cloudmock_contract.values.http import Headers, Reply
from support import reply_vectors
from support.reply_faults import XML_PROTOCOLS, faults

_RULES = Rules().of_operation("any.Operation")
_CBOR = "smithy-rpc-v2-cbor"
MAX_VECTOR_BYTES = 6_000
EVERY_NTH = 30
"""Which of a vector's faults are tried here; all of them take two minutes."""


def _verdict(protocol: str, model: OperationModel, aws: Reply, cloudmock: Reply) -> Verdict:
    sdk_operation = SdkOperation(model)
    pair = ReplyPair(protocol, sdk_operation, aws, cloudmock)
    verdict = pair.alike(_RULES)
    if verdict is None:
        pair.read()
        assert pair.aws is not None
        assert pair.cloudmock is not None
        policy = ForgivenessPolicy(_RULES, sdk_operation, Identifiers(), OwnHosts())
        verdict = judge(pair.aws, pair.cloudmock, policy, protocol)
    return verdict


def _read_by_botocore(protocol: str, model: OperationModel, reply: Reply) -> str:
    """What botocore makes of the reply, as a text; of one that it cannot read, the name of what it raises."""
    response = {
        "status_code": reply.status,
        "headers": HeadersDict(dict(reply.headers.fields)),
        "body": reply.body,
        "context": {},
    }
    try:
        parsed = create_parser(protocol).parse(response, model.output_shape)
    except Exception as error:  # noqa: BLE001 (whatever an app would meet)
        return f"raises {type(error).__name__}"
    parsed.pop("ResponseMetadata", None)
    return json.dumps(parsed, default=repr, sort_keys=True)


def _model_names(model: OperationModel) -> dict[str, str]:
    service = model.service_model
    structures = [shape for shape in map(service.shape_for, service.shape_names) if shape.type_name == "structure"]
    return {
        str(member.serialization.get("name", name)): name
        for shape in structures
        for name, member in shape.members.items()
    }


def _names() -> list[Any]:
    absent = pytest.param("", marks=pytest.mark.skip(reason="no vectors beside the checkout"))
    return reply_vectors.names() or [absent]


@pytest.mark.parametrize("name", _names())
def test_what_botocore_reads_otherwise_is_a_difference(name: str) -> None:
    """In every published reply, whatever of it is renamed, dropped, wrapped, unwrapped, doubled or filled."""
    published = reply_vectors.vector(name)
    output: Any = published.model.output_shape
    payload = output.serialization.get("payload") if output is not None else None
    is_bytes = payload and output.members[payload].type_name in ("blob", "string")
    if not 0 < len(published.reply.body) <= MAX_VECTOR_BYTES or (is_bytes and not published.is_error):
        pytest.skip("it has no body, one of bytes, or one that is too large for this test")
    names = {} if published.protocol in XML_PROTOCOLS else _model_names(published.model)
    every = faults(published.protocol, published.reply.body, names)
    _, right = next(every)
    aws = replace(published.reply, body=right())
    expected = _read_by_botocore(published.protocol, published.model, aws)
    for kind, faulty in itertools.islice(every, len(name) % EVERY_NTH, None, EVERY_NTH):
        cloudmock = replace(aws, body=faulty())
        if _read_by_botocore(published.protocol, published.model, cloudmock) != expected:
            verdict = _verdict(published.protocol, published.model, aws, cloudmock)
            assert not verdict.matched, (kind, cloudmock.body)


# Each kind of fault in each protocol, found whether botocore minds it or not: other SDKs do.

_QUERY_LIST = (
    b'<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult><Users><member>'
    b"<UserName>ann</UserName><Path>/</Path></member></Users><IsTruncated>false</IsTruncated></ListUsersResult>"
    b"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></ListUsersResponse>"
)
_QUERY_MAP = (
    b"<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes><entry><key>Owner</key><value>1</value></entry>"
    b"</Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>"
)
_QUERY_NOTHING = (
    b"<TagResourceResponse><TagResourceResult/><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
    b"</TagResourceResponse>"
)
_EC2_LIST = (
    b'<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><vpcSet><item>'
    b"<vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/16</cidrBlock></item></vpcSet></DescribeVpcsResponse>"
)
_ROUTE53_LIST = (
    b"<ListHostedZonesResponse><HostedZones><HostedZone><Id>/hostedzone/Z1</Id><Name>a.</Name></HostedZone>"
    b"</HostedZones><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesResponse>"
)
_S3_LIST = (
    b"<ListBucketResult><Name>b</Name><Contents><Key>a</Key><Size>1</Size></Contents><Contents><Key>b</Key>"
    b"<Size>2</Size></Contents></ListBucketResult>"
)
_S3_GRANTS = (
    b"<AccessControlPolicy><AccessControlList><Grant>"
    b'<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>u</URI></Grantee>'
    b"</Grant></AccessControlList></AccessControlPolicy>"
)
_QUERY_ERROR = (
    b"<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no</Message></Error>"
    b"<RequestId>r</RequestId></ErrorResponse>"
)
_EC2_ERROR = (
    b"<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>no</Message></Error></Errors>"
    b"<RequestID>r</RequestID></Response>"
)
_S3_ERROR = b"<Error><Code>NoSuchKey</Code><Message>no</Message><Key>k</Key></Error>"
_ALARMS = {"MetricAlarms": [{"AlarmName": "a", "Threshold": 1.5}], "CompositeAlarms": []}


def _cbor(value: object) -> bytes:
    return cbor2.dumps(value, datetime_as_timestamp=True)


_FAULTS = [
    # The query protocol.
    ("no result wrapper", "iam.ListUsers", 200, _QUERY_LIST, (b"<ListUsersResult>", b""), (b"</ListUsersResult>", b"")),
    ("no empty wrapper", "sns.TagResource", 200, _QUERY_NOTHING, (b"<TagResourceResult/>", b"")),
    ("another wrapper", "sns.TagResource", 200, _QUERY_NOTHING, (b"TagResourceResult", b"TagResourceResponseResult")),
    ("item renamed", "iam.ListUsers", 200, _QUERY_LIST, (b"<member>", b"<item>"), (b"</member>", b"</item>")),
    ("item named as its shape", "iam.ListUsers", 200, _QUERY_LIST, (b"member>", b"User>"), (b"member>", b"User>")),
    ("no item wrapper", "iam.ListUsers", 200, _QUERY_LIST, (b"<member>", b""), (b"</member>", b"")),
    ("no list wrapper", "iam.ListUsers", 200, _QUERY_LIST, (b"<Users>", b""), (b"</Users>", b"")),
    ("list renamed", "iam.ListUsers", 200, _QUERY_LIST, (b"<Users>", b"<users>"), (b"</Users>", b"</users>")),
    ("member outside", "iam.ListUsers", 200, _QUERY_LIST, (b"<IsTruncated>false</IsTruncated></ListUsersResult>",
                                                         b"</ListUsersResult><IsTruncated>false</IsTruncated>")),
    ("member twice", "iam.ListUsers", 200, _QUERY_LIST, (b"<Path>/</Path>", b"<Path>/</Path><Path>/</Path>")),
    ("entry renamed", "sns.GetTopicAttributes", 200, _QUERY_MAP, (b"<entry>", b"<item>"), (b"</entry>", b"</item>")),
    ("key renamed", "sns.GetTopicAttributes", 200, _QUERY_MAP, (b"<key>", b"<Name>"), (b"</key>", b"</Name>")),
    ("more in an entry", "sns.GetTopicAttributes", 200, _QUERY_MAP, (b"</entry>", b"<type>t</type></entry>")),
    ("empty body", "sns.TagResource", 200, _QUERY_NOTHING, (_QUERY_NOTHING, b"")),
    ("error without envelope", "iam.GetUser", 404, _QUERY_ERROR, (b"<ErrorResponse>", b""), (b"</ErrorResponse>", b""),
     (b"<RequestId>r</RequestId>", b"")),
    ("error empty", "iam.GetUser", 404, _QUERY_ERROR, (_QUERY_ERROR, b"")),
    ("error's code renamed", "iam.GetUser", 404, _QUERY_ERROR, (b"<Code>", b"<code>"), (b"</Code>", b"</code>")),
    # EC2's.
    ("model's name", "ec2.DescribeVpcs", 200, _EC2_LIST, (b"<cidrBlock>", b"<CidrBlock>"), (b"</cidrB", b"</CidrB")),
    ("list by the model's name", "ec2.DescribeVpcs", 200, _EC2_LIST, (b"<vpcSet>", b"<Vpcs>"), (b"/vpcSet", b"/Vpcs")),
    ("item renamed", "ec2.DescribeVpcs", 200, _EC2_LIST, (b"<item>", b"<member>"), (b"</item>", b"</member>")),
    ("no item wrapper", "ec2.DescribeVpcs", 200, _EC2_LIST, (b"<item>", b""), (b"</item>", b"")),
    ("no list wrapper", "ec2.DescribeVpcs", 200, _EC2_LIST, (b"<vpcSet>", b""), (b"</vpcSet>", b"")),
    ("empty body", "ec2.DescribeVpcs", 200, _EC2_LIST, (_EC2_LIST, b"")),
    ("error in another envelope", "ec2.DescribeVpcs", 400, _EC2_ERROR, (_EC2_ERROR, _QUERY_ERROR)),
    ("error without envelope", "ec2.DescribeVpcs", 400, _EC2_ERROR, (b"<Response><Errors>", b""),
     (b"</Errors><RequestID>r</RequestID></Response>", b"")),
    # XML over HTTP.
    ("item renamed", "route53.ListHostedZones", 200, _ROUTE53_LIST, (b"HostedZone><", b"member><"),
     (b"</HostedZone>", b"</member>")),
    ("no item wrapper", "route53.ListHostedZones", 200, _ROUTE53_LIST, (b"<HostedZone>", b""), (b"</HostedZone>", b"")),
    ("no list wrapper", "route53.ListHostedZones", 200, _ROUTE53_LIST, (b"<HostedZones>", b""),
     (b"</HostedZones>", b"")),
    ("a wrapper too many", "s3.ListObjectsV2", 200, _S3_LIST, (b"<Contents><Key>a", b"<Contents><member><Key>a"),
     (b"1</Size>", b"1</Size></member>")),
    ("flattened item renamed", "s3.ListObjectsV2", 200, _S3_LIST, (b"Contents>", b"Content>"),
     (b"Contents>", b"Content>")),
    ("empty body", "s3.ListObjectsV2", 200, _S3_LIST, (_S3_LIST, b"")),
    ("attribute without its namespace", "s3.GetBucketAcl", 200, _S3_GRANTS, (b"xsi:type", b"type")),
    ("element in place of an attribute", "s3.GetBucketAcl", 200, _S3_GRANTS,
     (b' xsi:type="Group">', b"><Type>Group</Type>")),
    ("error in an envelope", "s3.GetObject", 404, _S3_ERROR, (b"<Error>", b"<ErrorResponse><Error>"),
     (b"</Error>", b"</Error></ErrorResponse>")),
    ("error without envelope", "route53.GetChange", 404, _QUERY_ERROR, (b"<ErrorResponse>", b""),
     (b"</ErrorResponse>", b""), (b"<RequestId>r</RequestId>", b"")),
    ("header's member in the body", "s3.PutObject", 200, b"<PutObjectResult/>",
     (b"/>", b"><ETag>e</ETag></PutObjectResult>")),
    # JSON and CBOR.
    ("another case", "dynamodb.ListTables", 200, b'{"TableNames":["a"]}', (b"TableNames", b"tableNames")),
    ("a wrapper too many", "dynamodb.ListTables", 200, b'{"TableNames":["a"]}', (b'{"', b'{"Result":{"'),
     (b"]}", b"]}}")),
    ("XML", "dynamodb.ListTables", 200, b'{"TableNames":[]}', (b'{"TableNames":[]}', b"<TableNames/>")),
    ("another case", "lambda.GetFunction", 200, b'{"Tags":{"a":"b"}}', (b"Tags", b"tags")),
    ("model's name", "pinpoint.GetApp", 200, b'{"Id":"1","tags":{"a":"b"}}', (b"tags", b"Tags")),
    ("header's member in the body", "lambda.Invoke", 202, b"{}", (b"{}", b'{"StatusCode":202}')),
    ("empty body", "cloudwatch.DescribeAlarms", 200, _cbor(_ALARMS), (_cbor(_ALARMS), b"")),
    ("another case", "cloudwatch.DescribeAlarms", 200, _cbor(_ALARMS), (b"AlarmName", b"alarmName")),
    ("JSON", "cloudwatch.DescribeAlarms", 200, _cbor(_ALARMS), (_cbor(_ALARMS), json.dumps(_ALARMS).encode())),
    ("empty error", "cloudwatch.DescribeAlarms", 400, _cbor({"__type": "A"}), (_cbor({"__type": "A"}), b"")),
]  # fmt: skip
_CASES = [(*case[:4], case[4:]) for case in _FAULTS]


@functools.cache
def _model(operation: str) -> OperationModel:
    service, _, action = operation.partition(".")
    return botocore.session.Session().get_service_model(service).operation_model(action)


def _protocol(operation: str) -> str:
    service = operation.partition(".")[0]
    return _CBOR if service == "cloudwatch" else str(_model(operation).service_model.metadata["protocol"])


def _changed(body: bytes, changes: tuple[tuple[bytes, bytes], ...]) -> bytes:
    for old, new in changes:
        assert old in body, (old, body)
        body = body.replace(old, new, 1)
    return body


@pytest.mark.parametrize(("fault", "operation", "status", "body", "changes"), _CASES)
def test_each_kind_of_fault_is_found_in_each_protocol(
    fault: str, operation: str, status: int, body: bytes, changes: tuple[tuple[bytes, bytes], ...]
) -> None:
    """It breaks the schema; where both sides have it alike, it is how AWS does it."""
    aws = Reply(status, Headers(), body)
    cloudmock = replace(aws, body=_changed(body, changes))
    model, protocol = _model(operation), _protocol(operation)

    assert "schema" == _verdict(protocol, model, aws, cloudmock).severity, fault
    assert "schema" == _verdict(protocol, model, cloudmock, aws).severity, fault
    spaced = cloudmock if protocol == _CBOR else replace(cloudmock, body=cloudmock.body + b"\n" * bool(cloudmock.body))
    assert _verdict(protocol, model, cloudmock, spaced).matched, fault
