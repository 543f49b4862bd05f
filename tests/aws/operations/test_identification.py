"""Which operation a request asks for: requests as boto3 makes them, and others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.aws.wire.authentication import authentication
from cloudmock_contract.values.http import Headers, Request
from cloudmock_contract.values.operation import Operation
from support import request_cases
from support.calls import identify
from support.request_cases import Case

type Made = Callable[..., Request]

CBOR = "smithy-rpc-v2-cbor"
LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function:f"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:t"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:m"
FORM = ("Content-Type", "application/x-www-form-urlencoded")
QUEUE = "http://127.0.0.1:4577/123456789012/q"


def v4(signing_name: str, region: str = "eu-west-1") -> tuple[str, str]:
    scope = f"AKID/20260101/{region}/{signing_name}/aws4_request"
    return ("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00")


def http_request(method: str, target: str, *fields: tuple[str, str], body: bytes = b"") -> Request:
    return Request(method, target, Headers((("Host", "127.0.0.1:4577"), *fields)), body)


@dataclass(frozen=True, slots=True)
class SdkCall:
    """A call of boto3's, and the operation that it is."""

    service: str
    method: str
    action: str
    protocol: str
    signing_name: str = ""
    """Empty: the service's name."""
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.service}.{self.method}"

    def operation(self, bucket: str = "") -> Operation:
        signing_name = self.signing_name or self.service
        return Operation(self.service, self.action, self.protocol, signing_name, "eu-west-1", bucket)


SDK_CALLS = (
    SdkCall("sts", "get_caller_identity", "GetCallerIdentity", "query"),
    SdkCall("sts", "assume_role", "AssumeRole", "query", parameters={"RoleArn": "a" * 20, "RoleSessionName": "s" * 2}),
    SdkCall("dynamodb", "list_tables", "ListTables", "json"),
    SdkCall("dynamodb", "put_item", "PutItem", "json", parameters={"TableName": "tab", "Item": {"id": {"S": "1"}}}),
    SdkCall("sqs", "send_message", "SendMessage", "json", parameters={"QueueUrl": QUEUE, "MessageBody": "Action=No"}),
    SdkCall("sns", "publish", "Publish", "query", parameters={"TopicArn": TOPIC, "Message": "a=b&Action=No"}),
    SdkCall("iam", "create_user", "CreateUser", "query", parameters={"UserName": "u"}),
    SdkCall("ec2", "describe_instances", "DescribeInstances", "ec2"),
    SdkCall("ec2", "run_instances", "RunInstances", "ec2", parameters={"MinCount": 1, "MaxCount": 1}),
    SdkCall("lambda", "invoke", "Invoke", "rest-json", parameters={"FunctionName": LAMBDA, "Qualifier": "1"}),
    SdkCall("lambda", "invoke", "Invoke", "rest-json", parameters={"FunctionName": "f"}),
    SdkCall("lambda", "get_function", "GetFunction", "rest-json", parameters={"FunctionName": LAMBDA}),
    SdkCall(
        "lambda",
        "get_function_configuration",
        "GetFunctionConfiguration",
        "rest-json",
        parameters={"FunctionName": LAMBDA},
    ),
    SdkCall("lambda", "list_functions", "ListFunctions", "rest-json"),
    SdkCall("lambda", "list_tags", "ListTags", "rest-json", parameters={"Resource": LAMBDA}),
    SdkCall("lambda", "list_layers", "ListLayers", "rest-json"),
    SdkCall("kms", "encrypt", "Encrypt", "json", parameters={"KeyId": "k", "Plaintext": b"p"}),
    SdkCall("ssm", "get_parameter", "GetParameter", "json", parameters={"Name": "/a/b"}),
    SdkCall("secretsmanager", "get_secret_value", "GetSecretValue", "json", parameters={"SecretId": "s"}),
    SdkCall("logs", "describe_log_groups", "DescribeLogGroups", "json"),
    SdkCall("events", "put_events", "PutEvents", "json", parameters={"Entries": [{"Source": "s"}]}),
    SdkCall("kinesis", "list_streams", "ListStreams", "json"),
    SdkCall(
        "stepfunctions",
        "start_execution",
        "StartExecution",
        "json",
        signing_name="states",
        parameters={"stateMachineArn": MACHINE},
    ),
    SdkCall("cloudformation", "list_stacks", "ListStacks", "query"),
    SdkCall("route53", "list_hosted_zones", "ListHostedZones", "rest-xml"),
    SdkCall("route53", "get_hosted_zone", "GetHostedZone", "rest-xml", parameters={"Id": "/hostedzone/Z1"}),
    SdkCall(
        "route53",
        "list_tags_for_resource",
        "ListTagsForResource",
        "rest-xml",
        parameters={"ResourceType": "hostedzone", "ResourceId": "Z1"},
    ),
    SdkCall("elb", "describe_load_balancers", "DescribeLoadBalancers", "query", signing_name="elasticloadbalancing"),
    SdkCall("elbv2", "describe_load_balancers", "DescribeLoadBalancers", "query", signing_name="elasticloadbalancing"),
    SdkCall("ses", "list_identities", "ListIdentities", "query"),
    SdkCall("sesv2", "list_email_identities", "ListEmailIdentities", "rest-json", signing_name="ses"),
    SdkCall("apigateway", "get_rest_api", "GetRestApi", "rest-json", parameters={"restApiId": "a"}),
    SdkCall("apigatewayv2", "get_api", "GetApi", "rest-json", signing_name="apigateway", parameters={"ApiId": "a"}),
    SdkCall(
        "apigateway",
        "get_tags",
        "GetTags",
        "rest-json",
        parameters={"resourceArn": "arn:aws:apigateway:a::/restapis/b"},
    ),
    SdkCall("eks", "list_clusters", "ListClusters", "rest-json"),
    SdkCall("dynamodbstreams", "list_streams", "ListStreams", "json", signing_name="dynamodb"),
    SdkCall("rds", "describe_db_instances", "DescribeDBInstances", "query"),
    SdkCall("cognito-idp", "list_user_pools", "ListUserPools", "json", parameters={"MaxResults": 1}),
    SdkCall("s3", "list_buckets", "ListBuckets", "rest-xml"),
)


@pytest.mark.parametrize("call", SDK_CALLS, ids=str)
def test_knows_what_an_sdk_asks_for(identifier: Identifier, sdk_request: Made, call: SdkCall) -> None:
    """A request that boto3 makes is known by service, operation, protocol, signing name and region."""
    request = sdk_request(call.service, call.method, **call.parameters)

    assert call.operation() == identify(identifier, request)


@pytest.mark.parametrize(
    ("service", "action", "signing_name"),
    [
        ("cloudwatch", "ListMetrics", "monitoring"),
        ("cloudwatch", "PutMetricData", "monitoring"),
        ("stepfunctions", "StartExecution", "states"),
    ],
)
@pytest.mark.parametrize("before", ["", "/behind/a/prefix"])
def test_knows_cbor_requests(
    identifier: Identifier, services: Services, service: str, action: str, signing_name: str, before: str
) -> None:
    """An rpc-v2-cbor request is known by its path, whatever stands before it and whatever else the service speaks."""
    model = services.model(service).operation_model(action)
    serialized = create_serializer(CBOR, include_validation=False).serialize_to_request({}, model)
    request = http_request(
        serialized["method"], before + serialized["url_path"], *serialized["headers"].items(), v4(signing_name)
    )

    assert Operation(service, action, CBOR, signing_name, "eu-west-1") == identify(identifier, request)


def test_knows_a_cbor_service_by_its_id(identifier: Identifier) -> None:
    """The service in an rpc-v2-cbor path may be named by its id; one that nobody knows is not guessed."""
    cbor = ("smithy-protocol", "rpc-v2-cbor")
    known = http_request("POST", "/service/CloudWatch/operation/ListMetrics", cbor, v4("monitoring"))
    unknown = http_request("POST", "/service/NoSuch/operation/ListMetrics", cbor, v4("monitoring"))

    assert Operation("cloudwatch", "ListMetrics", CBOR, "monitoring", "eu-west-1") == identify(identifier, known)
    assert "POST /service/NoSuch/operation/ListMetrics" == identify(identifier, unknown).action


def test_a_cbor_path_is_none_without_its_header(identifier: Identifier) -> None:
    """An S3 key may look like an rpc-v2-cbor path."""
    request = http_request("GET", "/service/GraniteServiceVersion20100801/operation/ListMetrics", v4("s3"))

    assert Operation("s3", "GetObject", "rest-xml", "s3", "eu-west-1", "service") == identify(identifier, request)


# What older clients send.


@pytest.mark.parametrize(
    ("method", "target", "fields", "body"),
    [
        (
            "POST",
            "/123456789012/q",
            [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            b"Action=SendMessage&Version=2012-11-05&MessageBody=hello",
        ),
        (
            "POST",
            "/",
            [("content-type", "application/x-www-form-urlencoded")],
            b"MessageBody=hello&Version=2012-11-05&QueueUrl=http%3A%2F%2Fq&Action=SendMessage",
        ),
        ("GET", "/?Action=SendMessage&MessageBody=hello&Version=2012-11-05", [], b""),
        ("POST", "/?Action=SendMessage&Version=2012-11-05", [], b"MessageBody=hello"),
    ],
)
def test_knows_the_query_protocol_that_sqs_has_left(
    identifier: Identifier, method: str, target: str, fields: list[tuple[str, str]], body: bytes
) -> None:
    """SQS in the query protocol, in a form or in the URL, is known although its model has JSON alone."""
    request = http_request(method, target, *fields, v4("sqs"), body=body)

    assert Operation("sqs", "SendMessage", "query", "sqs", "eu-west-1") == identify(identifier, request)


def test_knows_which_of_two_versions_is_asked(identifier: Identifier) -> None:
    """Two services that share a signing name are told apart by their version."""
    services = [
        identify(
            identifier,
            http_request(
                "POST", "/", FORM, v4("elasticloadbalancing"), body=f"Action=AddTags&Version={version}".encode()
            ),
        ).service
        for version in ("2012-06-01", "2015-12-01", "")
    ]

    assert ["elb", "elbv2", "elb"] == services


def test_the_scope_is_what_the_client_signed(identifier: Identifier) -> None:
    """The target says which operation it is, the credential scope for whom it was signed, be they at odds or not."""
    request = http_request("POST", "/", ("x-amz-target", "DynamoDB_20120810.ListTables"), v4("dynamodb-accelerated"))

    assert Operation("dynamodb", "ListTables", "json", "dynamodb-accelerated", "eu-west-1") == identify(
        identifier, request
    )


# S3.

S3_CALLS = (
    SdkCall("s3", "create_bucket", "CreateBucket", "rest-xml"),
    SdkCall("s3", "head_bucket", "HeadBucket", "rest-xml"),
    SdkCall("s3", "delete_bucket", "DeleteBucket", "rest-xml"),
    SdkCall("s3", "list_objects", "ListObjects", "rest-xml"),
    SdkCall("s3", "list_objects_v2", "ListObjectsV2", "rest-xml", parameters={"Prefix": "a/", "StartAfter": "b"}),
    SdkCall("s3", "list_object_versions", "ListObjectVersions", "rest-xml"),
    SdkCall("s3", "list_multipart_uploads", "ListMultipartUploads", "rest-xml"),
    SdkCall("s3", "get_bucket_acl", "GetBucketAcl", "rest-xml"),
    SdkCall("s3", "get_bucket_location", "GetBucketLocation", "rest-xml"),
    SdkCall("s3", "get_bucket_policy", "GetBucketPolicy", "rest-xml"),
    SdkCall("s3", "get_bucket_versioning", "GetBucketVersioning", "rest-xml"),
    SdkCall("s3", "get_bucket_tagging", "GetBucketTagging", "rest-xml"),
    SdkCall("s3", "get_bucket_lifecycle_configuration", "GetBucketLifecycleConfiguration", "rest-xml"),
    SdkCall("s3", "get_bucket_notification_configuration", "GetBucketNotificationConfiguration", "rest-xml"),
    SdkCall(
        "s3",
        "get_bucket_inventory_configuration",
        "GetBucketInventoryConfiguration",
        "rest-xml",
        parameters={"Id": "i"},
    ),
    SdkCall("s3", "list_bucket_inventory_configurations", "ListBucketInventoryConfigurations", "rest-xml"),
    SdkCall("s3", "get_public_access_block", "GetPublicAccessBlock", "rest-xml"),
    SdkCall("s3", "delete_bucket_website", "DeleteBucketWebsite", "rest-xml"),
    SdkCall("s3", "delete_objects", "DeleteObjects", "rest-xml", parameters={"Delete": {"Objects": [{"Key": "k"}]}}),
    SdkCall("s3", "put_object", "PutObject", "rest-xml", parameters={"Key": "k", "Body": b"b"}),
    SdkCall("s3", "get_object", "GetObject", "rest-xml", parameters={"Key": "k"}),
    SdkCall(
        "s3",
        "get_object",
        "GetObject",
        "rest-xml",
        parameters={"Key": "k", "VersionId": "v", "PartNumber": 1, "ResponseContentType": "a/b"},
    ),
    SdkCall("s3", "head_object", "HeadObject", "rest-xml", parameters={"Key": "k"}),
    SdkCall("s3", "delete_object", "DeleteObject", "rest-xml", parameters={"Key": "k", "VersionId": "v"}),
    SdkCall("s3", "copy_object", "CopyObject", "rest-xml", parameters={"Key": "k", "CopySource": "b/a b"}),
    SdkCall("s3", "get_object_acl", "GetObjectAcl", "rest-xml", parameters={"Key": "k"}),
    SdkCall("s3", "get_object_tagging", "GetObjectTagging", "rest-xml", parameters={"Key": "k"}),
    SdkCall(
        "s3",
        "get_object_attributes",
        "GetObjectAttributes",
        "rest-xml",
        parameters={"Key": "k", "ObjectAttributes": ["ETag"]},
    ),
    SdkCall(
        "s3", "put_object_tagging", "PutObjectTagging", "rest-xml", parameters={"Key": "k", "Tagging": {"TagSet": []}}
    ),
    SdkCall("s3", "create_multipart_upload", "CreateMultipartUpload", "rest-xml", parameters={"Key": "k"}),
    SdkCall(
        "s3",
        "upload_part",
        "UploadPart",
        "rest-xml",
        parameters={"Key": "k", "UploadId": "u", "PartNumber": 1, "Body": b"b"},
    ),
    SdkCall(
        "s3",
        "upload_part_copy",
        "UploadPartCopy",
        "rest-xml",
        parameters={"Key": "k", "UploadId": "u", "PartNumber": 1, "CopySource": "b/c"},
    ),
    SdkCall("s3", "list_parts", "ListParts", "rest-xml", parameters={"Key": "k", "UploadId": "u"}),
    SdkCall(
        "s3",
        "complete_multipart_upload",
        "CompleteMultipartUpload",
        "rest-xml",
        parameters={"Key": "k", "UploadId": "u"},
    ),
    SdkCall(
        "s3", "abort_multipart_upload", "AbortMultipartUpload", "rest-xml", parameters={"Key": "k", "UploadId": "u"}
    ),
    SdkCall(
        "s3",
        "select_object_content",
        "SelectObjectContent",
        "rest-xml",
        parameters={
            "Key": "k",
            "Expression": "e",
            "ExpressionType": "SQL",
            "InputSerialization": {"CSV": {}},
            "OutputSerialization": {"CSV": {}},
        },
    ),
    SdkCall("s3", "restore_object", "RestoreObject", "rest-xml", parameters={"Key": "k"}),
)
VIRTUAL = {"url": "http://localhost:4577", "s3": {"addressing_style": "virtual"}}


@pytest.mark.parametrize(("via", "bucket"), [({}, "my-bucket"), (VIRTUAL, "my-bucket"), (VIRTUAL, "my.dotted.bucket")])
@pytest.mark.parametrize("call", S3_CALLS, ids=str)
def test_knows_what_an_sdk_asks_of_s3(
    identifier: Identifier, sdk_request: Made, via: dict[str, Any], bucket: str, call: SdkCall
) -> None:
    """Operations and sub-resources of S3 are told apart, with the bucket in the path or in the host."""
    request = sdk_request("s3", call.method, via, Bucket=bucket, **call.parameters)

    assert call.operation(bucket) == identify(identifier, request)
    if call.method != "get_bucket_location":  # for which boto3 keeps to the path
        assert (via is VIRTUAL) == request.headers.get("host").startswith(bucket)


@pytest.mark.parametrize("name", ["x-amz-copy-source", "X-Amz-Copy-Source", "X-AMZ-COPY-SOURCE"])
def test_headers_that_decide_are_in_any_case(identifier: Identifier, name: str) -> None:
    """A copy is told from an upload by its header, however that is spelt."""
    assert "CopyObject" == identify(identifier, http_request("PUT", "/b/k", (name, "a/b"), v4("s3"))).action


_KEYS = "a b|a/b|ü/日本|100%|%2F|a+b|a//b|//a|/a|/|//|a/|a//|..|?acl|a?list-type=2|&|#"
KEYS = _KEYS.split("|")


@pytest.mark.parametrize("via", [{}, VIRTUAL], ids=["path", "virtual"])
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("method", ["put_object", "get_object_acl"])
def test_odd_keys_are_keys(
    identifier: Identifier, sdk_request: Made, via: dict[str, Any], key: str, method: str
) -> None:
    """No key turns an operation on an object into one on its bucket, or into another one."""
    operation = identify(identifier, sdk_request("s3", method, via, Bucket="my-bucket", Key=key))

    assert (method.replace("_", ""), "my-bucket") == (operation.action.lower(), operation.bucket)


# Requests without a signature, and with one in the query.


def test_knows_unsigned_requests_of_an_sdk(identifier: Identifier, sdk_request: Made) -> None:
    """Operations that need no signature are known without one."""
    via = {"unsigned": True}
    sign_up = sdk_request("cognito-idp", "sign_up", via, ClientId="c", Username="u", Password="p")
    token = "t" * 4
    assumed = sdk_request(
        "sts", "assume_role_with_web_identity", via, RoleArn="a" * 20, RoleSessionName="ses", WebIdentityToken=token
    )
    caller = sdk_request("cognito-identity", "get_id", via, IdentityPoolId="eu-west-1:p")

    assert Operation("cognito-idp", "SignUp", "json", "cognito-idp") == identify(identifier, sign_up)
    assert Operation("sts", "AssumeRoleWithWebIdentity", "query", "sts") == identify(identifier, assumed)
    assert Operation("cognito-identity", "GetId", "json", "cognito-identity") == identify(identifier, caller)


@pytest.mark.parametrize(
    ("method", "action"),
    [("get_object", "GetObject"), ("head_object", "HeadObject"), ("get_object_acl", "GetObjectAcl")],
)
@pytest.mark.parametrize("via", [{}, VIRTUAL], ids=["path", "virtual"])
def test_anonymous_requests_are_s3s(
    identifier: Identifier, sdk_request: Made, via: dict[str, Any], method: str, action: str
) -> None:
    """An unsigned REST request is one for a public bucket."""
    request = sdk_request("s3", method, {**via, "unsigned": True}, Bucket="public-bucket", Key="a b")

    assert Operation("s3", action, "rest-xml", "s3", "", "public-bucket") == identify(identifier, request)


@pytest.mark.parametrize(
    ("operation", "parameters", "action"),
    [
        ("get_object", {"Key": "a b"}, "GetObject"),
        ("get_object", {"Key": "k", "ResponseContentType": "text/plain", "VersionId": "1"}, "GetObject"),
        ("list_objects_v2", {}, "ListObjectsV2"),
        ("get_bucket_acl", {}, "GetBucketAcl"),
    ],
)
@pytest.mark.parametrize(("version", "region"), [("s3v4", "eu-west-1"), ("s3", ""), (None, "")])
def test_knows_presigned_s3_requests(
    identifier: Identifier,
    presigned: Made,
    operation: str,
    parameters: dict[str, Any],
    action: str,
    version: str | None,
    region: str,
) -> None:
    """The parameters of either signature version, boto3's own choice among them, do not hide what is asked."""
    via = {"signature_version": version} if version else {}
    request = presigned("s3", operation, via, Bucket="my-bucket", **parameters)

    assert Operation("s3", action, "rest-xml", "s3", region, "my-bucket") == identify(identifier, request)


def test_knows_presigned_requests_of_other_services(identifier: Identifier, presigned: Made) -> None:
    """So it is with a presigned identity, as Kubernetes clusters are shown one."""
    request = presigned("sts", "get_caller_identity")

    assert Operation("sts", "GetCallerIdentity", "query", "sts", "eu-west-1") == identify(identifier, request)


def test_knows_version_two_headers(identifier: Identifier) -> None:
    """S3's first signature, in a header, names no region."""
    request = http_request("DELETE", "/b/k", ("Authorization", "AWS AKID:c2lnbmF0dXJl"))

    assert Operation("s3", "DeleteObject", "rest-xml", "s3", "", "b") == identify(identifier, request)


# What no model knows.


@pytest.mark.parametrize(
    ("incoming", "expected"),
    [
        (
            http_request("GET", "/stage/path?x=1", v4("vpc-lattice-svcs")),
            Operation("vpc-lattice-svcs", "GET /stage/path", "", "vpc-lattice-svcs", "eu-west-1"),
        ),
        (
            http_request("POST", "/", FORM, v4("made-up"), body=b"Action=Do&Version=1"),
            Operation("made-up", "POST /", "", "made-up", "eu-west-1"),
        ),
        (
            http_request("POST", "/", FORM, v4("dynamodb"), body=b"Action=ListTables&Version=1"),
            Operation("dynamodb", "POST /", "", "dynamodb", "eu-west-1"),
        ),
        (
            http_request("PATCH", "/no/such/route", v4("lambda")),
            Operation("lambda", "PATCH /no/such/route", "", "lambda", "eu-west-1"),
        ),
        (http_request("POST", "/", v4("dynamodb")), Operation("dynamodb", "POST /", "", "dynamodb", "eu-west-1")),
        (
            http_request("POST", "/", ("X-Amz-Target", "Unknown_2026.DoIt"), v4("states")),
            Operation("stepfunctions", "POST /", "", "states", "eu-west-1"),
        ),
        (
            http_request("POST", "/", ("X-Amz-Target", "DynamoDB_20120810."), v4("dynamodb")),
            Operation("dynamodb", "POST /", "", "dynamodb", "eu-west-1"),
        ),
        (
            http_request("POST", "/", ("X-Amz-Target", "DynamoDB_20120810.<script>"), v4("dynamodb")),
            Operation("dynamodb", "POST /", "", "dynamodb", "eu-west-1"),
        ),
        (
            http_request("GET", "/?Action=a/../b&Version=2011-06-15", v4("sts")),
            Operation("sts", "GET /", "", "sts", "eu-west-1"),
        ),
        (http_request("BREW", "/b/k"), Operation("unknown", "BREW /b/k", "", "")),
    ],
)
def test_what_no_model_knows_is_named_by_method_and_path(
    identifier: Identifier, incoming: Request, expected: Operation
) -> None:
    """An unknown service or operation has an answer all the same, without a protocol and without its query."""
    operation = identify(identifier, incoming)

    assert expected == operation
    assert not operation.is_modelled


@pytest.mark.parametrize("name", ["made-up", "../../etc/passwd", "S3", "\u00e9", "a" * 1000])
def test_prepares_for_any_signing_name(services: Services, name: str) -> None:
    """A signing name that nobody knows has no routes, and is no error."""
    identifier = Identifier(services)
    head = http_request("GET", "/", v4(name))
    identifier.prepare(head, authentication(head))

    assert {} == identifier._routes


@pytest.mark.parametrize(
    ("fields", "expected"),
    [((v4("lambda"),), ["lambda"]), ((v4("s3"),), ["s3"]), ((), ["s3"]), ((v4("dynamodb"),), [])],
)
def test_prepares_what_it_needs_to_identify(
    services: Services, fields: tuple[tuple[str, str], ...], expected: list[str]
) -> None:
    """After `prepare`, a request with this head is identified with what is there."""
    identifier = Identifier(services)
    head = http_request("GET", "/b/k", *fields)
    identifier.prepare(head, authentication(head))
    before = list(identifier._routes)
    identify(identifier, head)

    assert expected == before == list(identifier._routes)


@pytest.mark.parametrize(
    "target",
    [
        "/" + "a" * 100_000,
        "/" * 100_000,
        "/b/" + "%2F" * 30_000,
        "/b/" + "%" * 30_000,
        "/b/" + "../" * 30_000,
        "/service" * 10_000,
        "/service/a/operation/" * 5_000,
        "/b?" + "&".join(f"a{number}=b" for number in range(10_000)),
        "/b?" + "acl&" * 10_000,
        "/b/\udcff\udcfe",
        "/b/\x00",
        "*",
        "",
    ],
    ids=lambda target: target[:12],
)
@pytest.mark.parametrize(
    "fields", [(), (v4("s3"),), (v4("lambda"),), (v4("made-up"), ("smithy-protocol", "rpc-v2-cbor"))]
)
def test_huge_and_odd_targets_have_an_answer(
    identifier: Identifier, target: str, fields: tuple[tuple[str, str], ...]
) -> None:
    """There is an operation for every path, of any length; none takes for ever to find."""
    operation = identify(identifier, http_request("GET", target, *fields))

    assert operation.action
    assert operation == identify(identifier, http_request("GET", target, *fields))


_WORDS = st.sampled_from(
    [
        "/",
        "?",
        "&",
        "=",
        "%",
        "%2F",
        "Action=",
        "Version=",
        "x-id=",
        "acl",
        "b",
        "é",
        "\udcff",
        "/service/",
        "/operation/",
        "X-Amz-Signature=",
    ]
)
_ODD = st.lists(_WORDS, max_size=12).map("".join)
_AUTHORIZATIONS = st.sampled_from(
    [
        "",
        "garbage",
        "AWS4-",
        "AWS ",
        "Bearer ",
        "AWS4-HMAC-SHA256 Credential=",
        v4("s3")[1],
        v4("ec2")[1],
        v4("")[1],
        v4("é/ü")[1],
    ]
)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "", "é"]),
    target=_ODD,
    authorization=_AUTHORIZATIONS,
    host=st.sampled_from(["", "localhost", ".localhost", "b.localhost", ":", "b:c", "s3.amazonaws.com", "\udcff"]),
    amz_target=st.sampled_from(["", ".", "DynamoDB_20120810.ListTables", "DynamoDB_20120810.\udcff", "a.b.c"]),
    content_type=st.sampled_from(["", "application/x-www-form-urlencoded", "é"]),
    protocol=st.sampled_from([None, "", "rpc-v2-cbor"]),
    body=st.binary() | _ODD.map(lambda text: text.encode("utf-8", "surrogateescape")),
)
def test_every_request_has_an_answer(
    identifier: Identifier,
    *,
    method: str,
    target: str,
    authorization: str,
    host: str,
    amz_target: str,
    content_type: str,
    protocol: str | None,
    body: bytes,
) -> None:
    """Whatever a request looks like, it is an operation of some service, and always the same one."""
    fields = [
        ("Host", host),
        ("Authorization", authorization),
        ("X-Amz-Target", amz_target),
        ("Content-Type", content_type),
    ]
    if protocol is not None:
        fields.append(("Smithy-Protocol", protocol))
    request = Request(method, "/" + target, Headers(tuple(fields)), body)
    operation = identify(identifier, request)

    assert operation.service
    assert operation.action
    assert operation.signing_name or operation.service == "unknown"
    assert operation == identify(identifier, request)


def test_never_changes_its_input(identifier: Identifier, sdk_request: Made) -> None:
    """The request that was identified is what it was."""
    request = sdk_request("sqs", "send_message", QueueUrl=QUEUE, MessageBody="b")
    before = repr(request)
    identify(identifier, request)

    assert before == repr(request)


@pytest.mark.parametrize("action", ["WriteRecords", "Query"])
def test_a_shared_target_prefix_is_told_by_the_operation(identifier: Identifier, action: str) -> None:
    """Two services share a prefix of X-Amz-Target: the one that has the operation is meant."""
    headers = Headers((("X-Amz-Target", f"Timestream_20181101.{action}"),))
    expected = {"WriteRecords": "timestream-write", "Query": "timestream-query"}[action]

    assert expected == identify(identifier, Request("POST", "/", headers, b"{}")).service


BEARER, TOKEN = ("Authorization", "Bearer a.b.c"), ("x-amz-sso_bearer_token", "a.b.c")
JSON = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    ("incoming", "expected"),
    [
        (http_request("POST", "/model/m/converse", BEARER, body=b"{}"), ("bedrock-runtime", "Converse", "bedrock")),
        (http_request("POST", "/model/m/invoke", BEARER, body=b"{}"), ("bedrock-runtime", "InvokeModel", "bedrock")),
        (http_request("GET", "/foundation-models", BEARER), ("bedrock", "ListFoundationModels", "bedrock")),
        (http_request("GET", "/2015-03-31/functions", BEARER), ("unknown", "GET /2015-03-31/functions", "")),
        (http_request("GET", "/b/k", BEARER), ("unknown", "GET /b/k", "")),
        (
            http_request("GET", "/federation/credentials?role_name=r&account_id=1", TOKEN),
            ("sso", "GetRoleCredentials", "awsssoportal"),
        ),
        (http_request("GET", "/assignment/accounts", TOKEN), ("sso", "ListAccounts", "awsssoportal")),
        (http_request("POST", "/logout", TOKEN), ("sso", "Logout", "awsssoportal")),
        (http_request("POST", "/model/m/converse", TOKEN, body=b"{}"), ("unknown", "POST /model/m/converse", "")),
        (http_request("GET", "/b/k", TOKEN), ("unknown", "GET /b/k", "")),
    ],
)
def test_a_token_is_for_a_service_that_takes_it(
    identifier: Identifier, incoming: Request, expected: tuple[str, str, str]
) -> None:
    """A bearer token leads to the services that take one, of whose routes it is; S3 is never meant."""
    operation = identify(identifier, incoming)

    assert expected == (operation.service, operation.action, operation.signing_name)


@pytest.mark.parametrize(
    ("target", "body", "service", "action"),
    [
        ("/token", b'{"grantType":"refresh_token"}', "sso-oidc", "CreateToken"),
        ("/client/register", b"{}", "sso-oidc", "RegisterClient"),
        ("/device_authorization", b"{}", "sso-oidc", "StartDeviceAuthorization"),
    ],
)
def test_signing_in_needs_no_signature(
    identifier: Identifier, target: str, body: bytes, service: str, action: str
) -> None:
    """JSON that is posted without a signature is for one of the services that one signs in with, or for none."""
    operation = identify(identifier, http_request("POST", target, JSON, body=body))
    unknown = identify(identifier, http_request("POST", f"{target}/other", JSON, body=body))

    assert (service, action) == (operation.service, operation.action)
    assert "unknown" == unknown.service


@pytest.mark.parametrize(
    ("host", "method", "target", "expected"),
    [
        ("oidc.eu-west-1.amazonaws.com", "POST", "/token", ("sso-oidc", "CreateToken", "eu-west-1")),
        ("portal.sso.eu-west-1.amazonaws.com", "GET", "/assignment/accounts", ("sso", "ListAccounts", "eu-west-1")),
        ("b.s3.eu-west-1.amazonaws.com", "GET", "/k", ("s3", "GetObject", "eu-west-1")),
        ("s3.amazonaws.com", "GET", "/b/k", ("s3", "GetObject", "")),
        ("lambda.eu-west-1.amazonaws.com", "GET", "/b/k", ("lambda", "GET /b/k", "eu-west-1")),
        ("evil.example", "GET", "/b/k", ("s3", "GetObject", "")),
        ("s3.amazonaws.com.evil.example", "GET", "/b/k", ("s3", "GetObject", "")),
    ],
)
def test_without_a_scope_the_host_names_the_service(
    identifier: Identifier, host: str, method: str, target: str, expected: tuple[str, str, str]
) -> None:
    """An unsigned request for a host of AWS's own is for the service there, in the region there."""
    operation = identify(identifier, Request(method, target, Headers((("Host", host),)), b"{}"))

    assert expected == (operation.service, operation.action, operation.region)


@pytest.mark.parametrize("case", request_cases.cases(), ids=lambda case: case.name)
def test_knows_what_is_in_the_table(identifier: Identifier, case: Case) -> None:
    """Every request of the table is what the table says, or a service whose requests look the same."""
    operation = identify(identifier, case.request)
    actual = {name: getattr(operation, name) for name in case.expect}
    if operation.service in case.also:
        actual["service"] = case.expect["service"]

    assert case.expect == actual


def test_the_tables_names_are_each_there_once() -> None:
    """A case that fails can be found by its name."""
    names = [case.name for case in request_cases.cases()]

    assert len(names) > 500
    assert len(set(names)) == len(names)


# What is loaded before.


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            http_request("POST", "/", ("X-Amz-Target", "AWSStepFunctions.StartExecution"), v4("states")),
            {"stepfunctions"},
        ),
        (http_request("POST", "/", ("X-Amz-Target", "TrentService.Encrypt"), v4("kms")), {"kms"}),
        (http_request("POST", "/", ("X-Amz-Target", "TrentService.Encrypt")), {"kms", "s3", "s3control", "sts"}),
        (http_request("GET", "/b/k", v4("s3")), {"s3", "s3control"}),
        (http_request("GET", "/b/k"), {"s3", "s3control", "sts"}),
        (http_request("GET", "/b/k", v4("s3express")), {"s3", "s3control"}),
        (http_request("POST", "/", FORM, v4("elasticloadbalancing")), {"elb", "elbv2"}),
        (http_request("POST", "/", JSON), {"sso", "sso-oidc", "signin", "sts"}),
        (http_request("GET", "/", TOKEN), {"sso", "sso-oidc", "signin", "sts"}),
        (http_request("GET", "/", v4("made-up")), set()),
    ],
)
def test_says_whose_models_it_needs(identifier: Identifier, head: Request, expected: set[str]) -> None:
    """A request's head tells which services it may be for, without a model being loaded."""
    assert expected == set(identifier.services_for(head, authentication(head)))


def test_a_token_needs_the_models_of_all_who_take_one(identifier: Identifier) -> None:
    """A bearer token says no service: all REST services that take one are looked at."""
    head = http_request("GET", "/", BEARER)
    services = set(identifier.services_for(head, authentication(head)))

    assert {"bedrock", "bedrock-runtime", "codecatalyst"} <= services
    assert {"s3", "sqs", "sso"}.isdisjoint(services)


SIGNED_CASES = [case for case in request_cases.cases() if "aws4_request" in case.request.headers.get("authorization")]


@pytest.mark.parametrize("case", SIGNED_CASES, ids=lambda case: case.name)
def test_the_service_is_among_those_that_it_needs(identifier: Identifier, case: Case) -> None:
    """Whatever service a signed request turns out to be for, its head alone said that it may be."""
    operation = identify(identifier, case.request)
    head = Request(case.request.method, case.request.target, case.request.headers, b"")

    assert not operation.is_modelled or operation.service in identifier.services_for(head, authentication(head))


def test_a_longer_route_wins_over_a_greedy_one(identifier: Identifier) -> None:
    """Of two routes that fit, the one with more literal segments is meant."""
    scope = "A/20260101/us-east-1/workspaces-web/aws4_request"
    headers = Headers((("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"),))
    target = "/portals/arn%3Aaws/x/browserSettings?browserSettingsArn=a"

    assert "AssociateBrowserSettings" == identify(identifier, Request("PUT", target, headers, b"")).action
