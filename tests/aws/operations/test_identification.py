"""Which operation a request asks for: requests as boto3 makes them, and others."""

from collections.abc import Callable
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


def request(method: str, target: str, *fields: tuple[str, str], body: bytes = b"") -> Request:
    return Request(method, target, Headers((("Host", "127.0.0.1:4577"), *fields)), body)


# service, method, parameters; action, protocol, signing name.

CALLS: list[tuple[str, str, dict[str, Any], str, str, str]] = [
    ("sts", "get_caller_identity", {}, "GetCallerIdentity", "query", "sts"),
    ("sts", "assume_role", {"RoleArn": "a" * 20, "RoleSessionName": "s" * 2}, "AssumeRole", "query", "sts"),
    ("dynamodb", "list_tables", {}, "ListTables", "json", "dynamodb"),
    ("dynamodb", "put_item", {"TableName": "tab", "Item": {"id": {"S": "1"}}}, "PutItem", "json", "dynamodb"),
    ("sqs", "send_message", {"QueueUrl": QUEUE, "MessageBody": "Action=No"}, "SendMessage", "json", "sqs"),
    ("sns", "publish", {"TopicArn": TOPIC, "Message": "a=b&Action=No"}, "Publish", "query", "sns"),
    ("iam", "create_user", {"UserName": "u"}, "CreateUser", "query", "iam"),
    ("ec2", "describe_instances", {}, "DescribeInstances", "ec2", "ec2"),
    ("ec2", "run_instances", {"MinCount": 1, "MaxCount": 1}, "RunInstances", "ec2", "ec2"),
    ("lambda", "invoke", {"FunctionName": LAMBDA, "Qualifier": "1"}, "Invoke", "rest-json", "lambda"),
    ("lambda", "invoke", {"FunctionName": "f"}, "Invoke", "rest-json", "lambda"),
    ("lambda", "get_function", {"FunctionName": LAMBDA}, "GetFunction", "rest-json", "lambda"),
    (
        "lambda",
        "get_function_configuration",
        {"FunctionName": LAMBDA},
        "GetFunctionConfiguration",
        "rest-json",
        "lambda",
    ),
    ("lambda", "list_functions", {}, "ListFunctions", "rest-json", "lambda"),
    ("lambda", "list_tags", {"Resource": LAMBDA}, "ListTags", "rest-json", "lambda"),
    ("lambda", "list_layers", {}, "ListLayers", "rest-json", "lambda"),
    ("kms", "encrypt", {"KeyId": "k", "Plaintext": b"p"}, "Encrypt", "json", "kms"),
    ("ssm", "get_parameter", {"Name": "/a/b"}, "GetParameter", "json", "ssm"),
    ("secretsmanager", "get_secret_value", {"SecretId": "s"}, "GetSecretValue", "json", "secretsmanager"),
    ("logs", "describe_log_groups", {}, "DescribeLogGroups", "json", "logs"),
    ("events", "put_events", {"Entries": [{"Source": "s"}]}, "PutEvents", "json", "events"),
    ("kinesis", "list_streams", {}, "ListStreams", "json", "kinesis"),
    ("stepfunctions", "start_execution", {"stateMachineArn": MACHINE}, "StartExecution", "json", "states"),
    ("cloudformation", "list_stacks", {}, "ListStacks", "query", "cloudformation"),
    ("route53", "list_hosted_zones", {}, "ListHostedZones", "rest-xml", "route53"),
    ("route53", "get_hosted_zone", {"Id": "/hostedzone/Z1"}, "GetHostedZone", "rest-xml", "route53"),
    (
        "route53",
        "list_tags_for_resource",
        {"ResourceType": "hostedzone", "ResourceId": "Z1"},
        "ListTagsForResource",
        "rest-xml",
        "route53",
    ),
    ("elb", "describe_load_balancers", {}, "DescribeLoadBalancers", "query", "elasticloadbalancing"),
    ("elbv2", "describe_load_balancers", {}, "DescribeLoadBalancers", "query", "elasticloadbalancing"),
    ("ses", "list_identities", {}, "ListIdentities", "query", "ses"),
    ("sesv2", "list_email_identities", {}, "ListEmailIdentities", "rest-json", "ses"),
    ("apigateway", "get_rest_api", {"restApiId": "a"}, "GetRestApi", "rest-json", "apigateway"),
    ("apigatewayv2", "get_api", {"ApiId": "a"}, "GetApi", "rest-json", "apigateway"),
    (
        "apigateway",
        "get_tags",
        {"resourceArn": "arn:aws:apigateway:a::/restapis/b"},
        "GetTags",
        "rest-json",
        "apigateway",
    ),
    ("eks", "list_clusters", {}, "ListClusters", "rest-json", "eks"),
    ("dynamodbstreams", "list_streams", {}, "ListStreams", "json", "dynamodb"),
    ("rds", "describe_db_instances", {}, "DescribeDBInstances", "query", "rds"),
    ("cognito-idp", "list_user_pools", {"MaxResults": 1}, "ListUserPools", "json", "cognito-idp"),
    ("s3", "list_buckets", {}, "ListBuckets", "rest-xml", "s3"),
]


@pytest.mark.parametrize(("service", "method", "parameters", "action", "protocol", "signing_name"), CALLS)
def test_knows_what_an_sdk_asks_for(
    identifier: Identifier,
    sdk_request: Made,
    service: str,
    method: str,
    parameters: dict[str, Any],
    action: str,
    protocol: str,
    signing_name: str,
) -> None:
    """A request that boto3 makes is known by service, operation, protocol, signing name and region."""
    expected = Operation(service, action, protocol, signing_name, "eu-west-1")

    assert expected == identify(identifier, sdk_request(service, method, **parameters))


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
    made = create_serializer(CBOR, include_validation=False).serialize_to_request({}, model)
    asked = request(made["method"], before + made["url_path"], *made["headers"].items(), v4(signing_name))

    assert Operation(service, action, CBOR, signing_name, "eu-west-1") == identify(identifier, asked)


def test_knows_a_cbor_service_by_its_id(identifier: Identifier) -> None:
    """The service in an rpc-v2-cbor path may be named by its id; one that nobody knows is not guessed."""
    cbor = ("smithy-protocol", "rpc-v2-cbor")
    known = request("POST", "/service/CloudWatch/operation/ListMetrics", cbor, v4("monitoring"))
    unknown = request("POST", "/service/NoSuch/operation/ListMetrics", cbor, v4("monitoring"))

    assert Operation("cloudwatch", "ListMetrics", CBOR, "monitoring", "eu-west-1") == identify(identifier, known)
    assert "POST /service/NoSuch/operation/ListMetrics" == identify(identifier, unknown).action


def test_a_cbor_path_is_none_without_its_header(identifier: Identifier) -> None:
    """An S3 key may look like an rpc-v2-cbor path."""
    asked = request("GET", "/service/GraniteServiceVersion20100801/operation/ListMetrics", v4("s3"))

    assert Operation("s3", "GetObject", "rest-xml", "s3", "eu-west-1", "service") == identify(identifier, asked)


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
    asked = request(method, target, *fields, v4("sqs"), body=body)

    assert Operation("sqs", "SendMessage", "query", "sqs", "eu-west-1") == identify(identifier, asked)


def test_knows_which_of_two_versions_is_asked(identifier: Identifier) -> None:
    """Two services that share a signing name are told apart by their version."""
    services = [
        identify(
            identifier,
            request("POST", "/", FORM, v4("elasticloadbalancing"), body=f"Action=AddTags&Version={version}".encode()),
        ).service
        for version in ("2012-06-01", "2015-12-01", "")
    ]

    assert ["elb", "elbv2", "elb"] == services


def test_the_scope_is_what_the_client_signed(identifier: Identifier) -> None:
    """The target says which operation it is, the credential scope for whom it was signed, be they at odds or not."""
    asked = request("POST", "/", ("x-amz-target", "DynamoDB_20120810.ListTables"), v4("dynamodb-accelerated"))

    assert Operation("dynamodb", "ListTables", "json", "dynamodb-accelerated", "eu-west-1") == identify(
        identifier, asked
    )


# S3.

S3_CALLS: list[tuple[str, dict[str, Any], str]] = [
    ("create_bucket", {}, "CreateBucket"),
    ("head_bucket", {}, "HeadBucket"),
    ("delete_bucket", {}, "DeleteBucket"),
    ("list_objects", {}, "ListObjects"),
    ("list_objects_v2", {"Prefix": "a/", "StartAfter": "b"}, "ListObjectsV2"),
    ("list_object_versions", {}, "ListObjectVersions"),
    ("list_multipart_uploads", {}, "ListMultipartUploads"),
    ("get_bucket_acl", {}, "GetBucketAcl"),
    ("get_bucket_location", {}, "GetBucketLocation"),
    ("get_bucket_policy", {}, "GetBucketPolicy"),
    ("get_bucket_versioning", {}, "GetBucketVersioning"),
    ("get_bucket_tagging", {}, "GetBucketTagging"),
    ("get_bucket_lifecycle_configuration", {}, "GetBucketLifecycleConfiguration"),
    ("get_bucket_notification_configuration", {}, "GetBucketNotificationConfiguration"),
    ("get_bucket_inventory_configuration", {"Id": "i"}, "GetBucketInventoryConfiguration"),
    ("list_bucket_inventory_configurations", {}, "ListBucketInventoryConfigurations"),
    ("get_public_access_block", {}, "GetPublicAccessBlock"),
    ("delete_bucket_website", {}, "DeleteBucketWebsite"),
    ("delete_objects", {"Delete": {"Objects": [{"Key": "k"}]}}, "DeleteObjects"),
    ("put_object", {"Key": "k", "Body": b"b"}, "PutObject"),
    ("get_object", {"Key": "k"}, "GetObject"),
    ("get_object", {"Key": "k", "VersionId": "v", "PartNumber": 1, "ResponseContentType": "a/b"}, "GetObject"),
    ("head_object", {"Key": "k"}, "HeadObject"),
    ("delete_object", {"Key": "k", "VersionId": "v"}, "DeleteObject"),
    ("copy_object", {"Key": "k", "CopySource": "b/a b"}, "CopyObject"),
    ("get_object_acl", {"Key": "k"}, "GetObjectAcl"),
    ("get_object_tagging", {"Key": "k"}, "GetObjectTagging"),
    ("get_object_attributes", {"Key": "k", "ObjectAttributes": ["ETag"]}, "GetObjectAttributes"),
    ("put_object_tagging", {"Key": "k", "Tagging": {"TagSet": []}}, "PutObjectTagging"),
    ("create_multipart_upload", {"Key": "k"}, "CreateMultipartUpload"),
    ("upload_part", {"Key": "k", "UploadId": "u", "PartNumber": 1, "Body": b"b"}, "UploadPart"),
    ("upload_part_copy", {"Key": "k", "UploadId": "u", "PartNumber": 1, "CopySource": "b/c"}, "UploadPartCopy"),
    ("list_parts", {"Key": "k", "UploadId": "u"}, "ListParts"),
    ("complete_multipart_upload", {"Key": "k", "UploadId": "u"}, "CompleteMultipartUpload"),
    ("abort_multipart_upload", {"Key": "k", "UploadId": "u"}, "AbortMultipartUpload"),
    ("select_object_content", {"Key": "k", "Expression": "e", "ExpressionType": "SQL"}, "SelectObjectContent"),
    ("restore_object", {"Key": "k"}, "RestoreObject"),
]
VIRTUAL = {"url": "http://localhost:4577", "s3": {"addressing_style": "virtual"}}


@pytest.mark.parametrize(("via", "bucket"), [({}, "my-bucket"), (VIRTUAL, "my-bucket"), (VIRTUAL, "my.dotted.bucket")])
@pytest.mark.parametrize(("method", "parameters", "action"), S3_CALLS)
def test_knows_what_an_sdk_asks_of_s3(
    identifier: Identifier,
    sdk_request: Made,
    via: dict[str, Any],
    method: str,
    parameters: dict[str, Any],
    action: str,
    bucket: str,
) -> None:
    """Operations and sub-resources of S3 are told apart, with the bucket in the path or in the host."""
    if method == "select_object_content":
        parameters = {**parameters, "InputSerialization": {"CSV": {}}, "OutputSerialization": {"CSV": {}}}
    asked = sdk_request("s3", method, via, Bucket=bucket, **parameters)

    assert Operation("s3", action, "rest-xml", "s3", "eu-west-1", bucket) == identify(identifier, asked)
    if method != "get_bucket_location":  # for which boto3 keeps to the path
        assert (via is VIRTUAL) == asked.headers.get("host").startswith(bucket)


@pytest.mark.parametrize("name", ["x-amz-copy-source", "X-Amz-Copy-Source", "X-AMZ-COPY-SOURCE"])
def test_headers_that_decide_are_in_any_case(identifier: Identifier, name: str) -> None:
    """A copy is told from an upload by its header, however that is spelt."""
    assert "CopyObject" == identify(identifier, request("PUT", "/b/k", (name, "a/b"), v4("s3"))).action


_KEYS = "a b|a/b|ü/日本|100%|%2F|a+b|a//b|//a|/a|/|//|a/|a//|..|?acl|a?list-type=2|&|#"
KEYS = _KEYS.split("|")


@pytest.mark.parametrize("via", [{}, VIRTUAL], ids=["path", "virtual"])
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("method", ["put_object", "get_object_acl"])
def test_odd_keys_are_keys(
    identifier: Identifier, sdk_request: Made, via: dict[str, Any], key: str, method: str
) -> None:
    """No key turns an operation on an object into one on its bucket, or into another one."""
    found = identify(identifier, sdk_request("s3", method, via, Bucket="my-bucket", Key=key))

    assert (method.replace("_", ""), "my-bucket") == (found.action.lower(), found.bucket)


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
    asked = sdk_request("s3", method, {**via, "unsigned": True}, Bucket="public-bucket", Key="a b")

    assert Operation("s3", action, "rest-xml", "s3", "", "public-bucket") == identify(identifier, asked)


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
    asked = presigned("s3", operation, via, Bucket="my-bucket", **parameters)

    assert Operation("s3", action, "rest-xml", "s3", region, "my-bucket") == identify(identifier, asked)


def test_knows_presigned_requests_of_other_services(identifier: Identifier, presigned: Made) -> None:
    """So it is with a presigned identity, as Kubernetes clusters are shown one."""
    asked = presigned("sts", "get_caller_identity")

    assert Operation("sts", "GetCallerIdentity", "query", "sts", "eu-west-1") == identify(identifier, asked)


def test_knows_version_two_headers(identifier: Identifier) -> None:
    """S3's first signature, in a header, names no region."""
    asked = request("DELETE", "/b/k", ("Authorization", "AWS AKID:c2lnbmF0dXJl"))

    assert Operation("s3", "DeleteObject", "rest-xml", "s3", "", "b") == identify(identifier, asked)


# What no model knows.


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            request("GET", "/stage/path?x=1", v4("vpc-lattice-svcs")),
            Operation("vpc-lattice-svcs", "GET /stage/path", "", "vpc-lattice-svcs", "eu-west-1"),
        ),
        (
            request("POST", "/", FORM, v4("made-up"), body=b"Action=Do&Version=1"),
            Operation("made-up", "POST /", "", "made-up", "eu-west-1"),
        ),
        (
            request("POST", "/", FORM, v4("dynamodb"), body=b"Action=ListTables&Version=1"),
            Operation("dynamodb", "POST /", "", "dynamodb", "eu-west-1"),
        ),
        (
            request("PATCH", "/no/such/route", v4("lambda")),
            Operation("lambda", "PATCH /no/such/route", "", "lambda", "eu-west-1"),
        ),
        (request("POST", "/", v4("dynamodb")), Operation("dynamodb", "POST /", "", "dynamodb", "eu-west-1")),
        (
            request("POST", "/", ("X-Amz-Target", "Unknown_2026.DoIt"), v4("states")),
            Operation("stepfunctions", "POST /", "", "states", "eu-west-1"),
        ),
        (
            request("POST", "/", ("X-Amz-Target", "DynamoDB_20120810."), v4("dynamodb")),
            Operation("dynamodb", "POST /", "", "dynamodb", "eu-west-1"),
        ),
        (
            request("POST", "/", ("X-Amz-Target", "DynamoDB_20120810.<script>"), v4("dynamodb")),
            Operation("dynamodb", "POST /", "", "dynamodb", "eu-west-1"),
        ),
        (
            request("GET", "/?Action=a/../b&Version=2011-06-15", v4("sts")),
            Operation("sts", "GET /", "", "sts", "eu-west-1"),
        ),
        (request("BREW", "/b/k"), Operation("unknown", "BREW /b/k", "", "")),
    ],
)
def test_what_no_model_knows_is_named_by_method_and_path(
    identifier: Identifier, asked: Request, expected: Operation
) -> None:
    """An unknown service or operation has an answer all the same, without a protocol and without its query."""
    found = identify(identifier, asked)

    assert expected == found
    assert not found.is_modelled


@pytest.mark.parametrize("name", ["made-up", "../../etc/passwd", "S3", "\u00e9", "a" * 1000])
def test_prepares_for_any_signing_name(services: Services, name: str) -> None:
    """A signing name that nobody knows has no routes, and is no error."""
    identifier = Identifier(services)
    head = request("GET", "/", v4(name))
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
    head = request("GET", "/b/k", *fields)
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
    found = identify(identifier, request("GET", target, *fields))

    assert found.action
    assert found == identify(identifier, request("GET", target, *fields))


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
    asked = Request(method, "/" + target, Headers(tuple(fields)), body)
    found = identify(identifier, asked)

    assert found.service
    assert found.action
    assert found.signing_name or found.service == "unknown"
    assert found == identify(identifier, asked)


def test_never_changes_its_input(identifier: Identifier, sdk_request: Made) -> None:
    """The request that was identified is what it was."""
    asked = sdk_request("sqs", "send_message", QueueUrl=QUEUE, MessageBody="b")
    before = repr(asked)
    identify(identifier, asked)

    assert before == repr(asked)


@pytest.mark.parametrize("action", ["WriteRecords", "Query"])
def test_a_shared_target_prefix_is_told_by_the_operation(identifier: Identifier, action: str) -> None:
    """Two services share a prefix of X-Amz-Target: the one that has the operation is meant."""
    headers = Headers((("X-Amz-Target", f"Timestream_20181101.{action}"),))
    expected = {"WriteRecords": "timestream-write", "Query": "timestream-query"}[action]

    assert expected == identify(identifier, Request("POST", "/", headers, b"{}")).service


BEARER, TOKEN = ("Authorization", "Bearer a.b.c"), ("x-amz-sso_bearer_token", "a.b.c")
JSON = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (request("POST", "/model/m/converse", BEARER, body=b"{}"), ("bedrock-runtime", "Converse", "bedrock")),
        (request("POST", "/model/m/invoke", BEARER, body=b"{}"), ("bedrock-runtime", "InvokeModel", "bedrock")),
        (request("GET", "/foundation-models", BEARER), ("bedrock", "ListFoundationModels", "bedrock")),
        (request("GET", "/2015-03-31/functions", BEARER), ("unknown", "GET /2015-03-31/functions", "")),
        (request("GET", "/b/k", BEARER), ("unknown", "GET /b/k", "")),
        (
            request("GET", "/federation/credentials?role_name=r&account_id=1", TOKEN),
            ("sso", "GetRoleCredentials", "awsssoportal"),
        ),
        (request("GET", "/assignment/accounts", TOKEN), ("sso", "ListAccounts", "awsssoportal")),
        (request("POST", "/logout", TOKEN), ("sso", "Logout", "awsssoportal")),
        (request("POST", "/model/m/converse", TOKEN, body=b"{}"), ("unknown", "POST /model/m/converse", "")),
        (request("GET", "/b/k", TOKEN), ("unknown", "GET /b/k", "")),
    ],
)
def test_a_token_is_for_a_service_that_takes_it(
    identifier: Identifier, asked: Request, expected: tuple[str, str, str]
) -> None:
    """A bearer token leads to the services that take one, of whose routes it is; S3 is never meant."""
    found = identify(identifier, asked)

    assert expected == (found.service, found.action, found.signing_name)


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
    found = identify(identifier, request("POST", target, JSON, body=body))
    other = identify(identifier, request("POST", f"{target}/other", JSON, body=body))

    assert (service, action) == (found.service, found.action)
    assert "unknown" == other.service


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
    found = identify(identifier, Request(method, target, Headers((("Host", host),)), b"{}"))

    assert expected == (found.service, found.action, found.region)


@pytest.mark.parametrize("case", request_cases.cases(), ids=lambda case: case.name)
def test_knows_what_is_in_the_table(identifier: Identifier, case: Case) -> None:
    """Every request of the table is what the table says, or a service whose requests look the same."""
    found = identify(identifier, case.request)
    actual = {name: getattr(found, name) for name in case.expect}
    if found.service in case.also:
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
        (request("POST", "/", ("X-Amz-Target", "AWSStepFunctions.StartExecution"), v4("states")), {"stepfunctions"}),
        (request("POST", "/", ("X-Amz-Target", "TrentService.Encrypt"), v4("kms")), {"kms"}),
        (request("POST", "/", ("X-Amz-Target", "TrentService.Encrypt")), {"kms", "s3", "s3control", "sts"}),
        (request("GET", "/b/k", v4("s3")), {"s3", "s3control"}),
        (request("GET", "/b/k"), {"s3", "s3control", "sts"}),
        (request("GET", "/b/k", v4("s3express")), {"s3", "s3control"}),
        (request("POST", "/", FORM, v4("elasticloadbalancing")), {"elb", "elbv2"}),
        (request("POST", "/", JSON), {"sso", "sso-oidc", "signin", "sts"}),
        (request("GET", "/", TOKEN), {"sso", "sso-oidc", "signin", "sts"}),
        (request("GET", "/", v4("made-up")), set()),
    ],
)
def test_says_whose_models_it_needs(identifier: Identifier, head: Request, expected: set[str]) -> None:
    """A request's head tells which services it may be for, without a model being loaded."""
    assert expected == set(identifier.services_for(head, authentication(head)))


def test_a_token_needs_the_models_of_all_who_take_one(identifier: Identifier) -> None:
    """A bearer token says no service: all REST services that take one are looked at."""
    head = request("GET", "/", BEARER)
    found = set(identifier.services_for(head, authentication(head)))

    assert {"bedrock", "bedrock-runtime", "codecatalyst"} <= found
    assert {"s3", "sqs", "sso"}.isdisjoint(found)


SIGNED_CASES = [case for case in request_cases.cases() if "aws4_request" in case.request.headers.get("authorization")]


@pytest.mark.parametrize("case", SIGNED_CASES, ids=lambda case: case.name)
def test_the_service_is_among_those_that_it_needs(identifier: Identifier, case: Case) -> None:
    """Whatever service a signed request turns out to be for, its head alone said that it may be."""
    found = identify(identifier, case.request)
    head = Request(case.request.method, case.request.target, case.request.headers, b"")

    assert not found.is_modelled or found.service in identifier.services_for(head, authentication(head))


def test_a_longer_route_wins_over_a_greedy_one(identifier: Identifier) -> None:
    """Of two routes that fit, the one with more literal segments is meant."""
    scope = "A/20260101/us-east-1/workspaces-web/aws4_request"
    headers = Headers((("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"),))
    target = "/portals/arn%3Aaws/x/browserSettings?browserSettingsArn=a"

    assert "AssociateBrowserSettings" == identify(identifier, Request("PUT", target, headers, b"")).action
