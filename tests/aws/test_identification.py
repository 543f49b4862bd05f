"""Which operation a request asks for: requests as boto3 makes them, and others."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.identification import Identifier, bucket_and_path
from cloudmock_contract.aws.services import Services
from cloudmock_contract.exchange import Headers, Operation, Request

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
    made: Made,
    service: str,
    method: str,
    parameters: dict[str, Any],
    action: str,
    protocol: str,
    signing_name: str,
) -> None:
    """A request that boto3 makes is known by service, operation, protocol, signing name and region."""
    expected = Operation(service, action, protocol, signing_name, "eu-west-1")

    assert expected == identifier.identify(made(service, method, **parameters))


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

    assert Operation(service, action, CBOR, signing_name, "eu-west-1") == identifier.identify(asked)


def test_knows_a_cbor_service_by_its_id(identifier: Identifier) -> None:
    """The service in an rpc-v2-cbor path may be named by its id; one that nobody knows is not guessed."""
    cbor = ("smithy-protocol", "rpc-v2-cbor")
    known = request("POST", "/service/CloudWatch/operation/ListMetrics", cbor, v4("monitoring"))
    unknown = request("POST", "/service/NoSuch/operation/ListMetrics", cbor, v4("monitoring"))

    assert Operation("cloudwatch", "ListMetrics", CBOR, "monitoring", "eu-west-1") == identifier.identify(known)
    assert "POST /service/NoSuch/operation/ListMetrics" == identifier.identify(unknown).action


def test_a_cbor_path_is_none_without_its_header(identifier: Identifier) -> None:
    """An S3 key may look like an rpc-v2-cbor path."""
    asked = request("GET", "/service/GraniteServiceVersion20100801/operation/ListMetrics", v4("s3"))

    assert Operation("s3", "GetObject", "rest-xml", "s3", "eu-west-1", "service") == identifier.identify(asked)


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

    assert Operation("sqs", "SendMessage", "query", "sqs", "eu-west-1") == identifier.identify(asked)


def test_knows_which_of_two_versions_is_asked(identifier: Identifier) -> None:
    """Two services that share a signing name are told apart by their version."""
    services = [
        identifier.identify(
            request("POST", "/", FORM, v4("elasticloadbalancing"), body=f"Action=AddTags&Version={version}".encode())
        ).service
        for version in ("2012-06-01", "2015-12-01", "")
    ]

    assert ["elb", "elbv2", "elb"] == services


def test_the_scope_is_what_the_client_signed(identifier: Identifier) -> None:
    """The target says which operation it is, the credential scope for whom it was signed, be they at odds or not."""
    asked = request("POST", "/", ("x-amz-target", "DynamoDB_20120810.ListTables"), v4("dynamodb-accelerated"))

    assert Operation("dynamodb", "ListTables", "json", "dynamodb-accelerated", "eu-west-1") == identifier.identify(
        asked
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
    made: Made,
    via: dict[str, Any],
    method: str,
    parameters: dict[str, Any],
    action: str,
    bucket: str,
) -> None:
    """Operations and sub-resources of S3 are told apart, with the bucket in the path or in the host."""
    if method == "select_object_content":
        parameters = {**parameters, "InputSerialization": {"CSV": {}}, "OutputSerialization": {"CSV": {}}}
    asked = made("s3", method, via, Bucket=bucket, **parameters)

    assert Operation("s3", action, "rest-xml", "s3", "eu-west-1", bucket) == identifier.identify(asked)
    if method != "get_bucket_location":  # for which boto3 keeps to the path
        assert (via is VIRTUAL) == asked.headers.get("host").startswith(bucket)


@pytest.mark.parametrize("name", ["x-amz-copy-source", "X-Amz-Copy-Source", "X-AMZ-COPY-SOURCE"])
def test_headers_that_decide_are_in_any_case(identifier: Identifier, name: str) -> None:
    """A copy is told from an upload by its header, however that is spelt."""
    assert "CopyObject" == identifier.identify(request("PUT", "/b/k", (name, "a/b"), v4("s3"))).action


_KEYS = "a b|a/b|ü/日本|100%|%2F|a+b|a//b|//a|/a|/|//|a/|a//|..|?acl|a?list-type=2|&|#"
KEYS = _KEYS.split("|")


@pytest.mark.parametrize("via", [{}, VIRTUAL], ids=["path", "virtual"])
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("method", ["put_object", "get_object_acl"])
def test_odd_keys_are_keys(identifier: Identifier, made: Made, via: dict[str, Any], key: str, method: str) -> None:
    """No key turns an operation on an object into one on its bucket, or into another one."""
    found = identifier.identify(made("s3", method, via, Bucket="my-bucket", Key=key))

    assert (method.replace("_", ""), "my-bucket") == (found.action.lower(), found.bucket)


@pytest.mark.parametrize(
    ("host", "target", "bucket", "path"),
    [
        ("localhost:4577", "/b/k", "b", "/b/k"),
        ("localhost", "/b", "b", "/b"),
        ("localhost", "/b?acl", "b", "/b"),
        ("localhost", "/", "", "/"),
        ("localhost", "//k", "", "//k"),
        ("127.0.0.1:4577", "/b/k", "b", "/b/k"),
        ("[::1]:4577", "/b/k", "b", "/b/k"),
        ("[::1]", "/b/k", "b", "/b/k"),
        ("", "/b/k", "b", "/b/k"),
        ("localhost", "/b%20c/k%20l", "b c", "/b%20c/k%20l"),
        ("b.localhost:4577", "/k", "b", "/b/k"),
        ("b.localhost", "/", "b", "/b/"),
        ("B.LocalHost", "/k", "B", "/B/k"),
        ("b.c.localhost:4577", "/k", "b.c", "/b.c/k"),
        ("b.s3.localhost.localstack.cloud:4566", "/k", "b", "/b/k"),
        ("b.localhost.localstack.cloud:4566", "/k", "b", "/b/k"),
        ("s3.amazonaws.com", "/b/k", "b", "/b/k"),
        ("s3.eu-west-1.amazonaws.com", "/b/k", "b", "/b/k"),
        ("s3-us-west-2.amazonaws.com", "/b/k", "b", "/b/k"),
        ("b.s3.amazonaws.com", "/k", "b", "/b/k"),
        ("b.s3.eu-west-1.amazonaws.com", "/k", "b", "/b/k"),
        ("b.s3-us-west-2.amazonaws.com", "/k", "b", "/b/k"),
        ("b.s3.dualstack.eu-west-1.amazonaws.com", "/k", "b", "/b/k"),
        ("b.s3.cn-north-1.amazonaws.com.cn", "/k", "b", "/b/k"),
        ("b.c.s3.eu-west-1.amazonaws.com", "/k", "b.c", "/b.c/k"),
        ("proxy.example:4577", "/b/k", "b", "/b/k"),
        ("notlocalhost:4577", "/b/k", "b", "/b/k"),
        ("b.s3.amazonaws.com.evil.example", "/c/k", "c", "/c/k"),
    ],
)
def test_finds_the_bucket_in_host_or_path(host: str, target: str, bucket: str, path: str) -> None:
    """The hosts of S3, of emulators and of the proxy itself say whether a bucket is in them."""
    assert (bucket, path) == bucket_and_path(Request("GET", target, Headers((("Host", host),)), b""))


# Requests without a signature, and with one in the query.


def test_knows_unsigned_requests_of_an_sdk(identifier: Identifier, made: Made) -> None:
    """Operations that need no signature are known without one."""
    via = {"unsigned": True}
    sign_up = made("cognito-idp", "sign_up", via, ClientId="c", Username="u", Password="p")
    token = "t" * 4
    assumed = made(
        "sts", "assume_role_with_web_identity", via, RoleArn="a" * 20, RoleSessionName="ses", WebIdentityToken=token
    )
    identity = made("cognito-identity", "get_id", via, IdentityPoolId="eu-west-1:p")

    assert Operation("cognito-idp", "SignUp", "json", "cognito-idp") == identifier.identify(sign_up)
    assert Operation("sts", "AssumeRoleWithWebIdentity", "query", "sts") == identifier.identify(assumed)
    assert Operation("cognito-identity", "GetId", "json", "cognito-identity") == identifier.identify(identity)


@pytest.mark.parametrize(
    ("method", "action"),
    [("get_object", "GetObject"), ("head_object", "HeadObject"), ("get_object_acl", "GetObjectAcl")],
)
@pytest.mark.parametrize("via", [{}, VIRTUAL], ids=["path", "virtual"])
def test_anonymous_requests_are_s3s(
    identifier: Identifier, made: Made, via: dict[str, Any], method: str, action: str
) -> None:
    """An unsigned REST request is one for a public bucket."""
    asked = made("s3", method, {**via, "unsigned": True}, Bucket="public-bucket", Key="a b")

    assert Operation("s3", action, "rest-xml", "s3", "", "public-bucket") == identifier.identify(asked)


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

    assert Operation("s3", action, "rest-xml", "s3", region, "my-bucket") == identifier.identify(asked)


def test_knows_presigned_requests_of_other_services(identifier: Identifier, presigned: Made) -> None:
    """So it is with a presigned identity, as Kubernetes clusters are shown one."""
    asked = presigned("sts", "get_caller_identity")

    assert Operation("sts", "GetCallerIdentity", "query", "sts", "eu-west-1") == identifier.identify(asked)


def test_knows_version_two_headers(identifier: Identifier) -> None:
    """S3's first signature, in a header, names no region."""
    asked = request("DELETE", "/b/k", ("Authorization", "AWS AKID:c2lnbmF0dXJl"))

    assert Operation("s3", "DeleteObject", "rest-xml", "s3", "", "b") == identifier.identify(asked)


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
        (request("BREW", "/b/k"), Operation("s3", "BREW /b/k", "", "s3", "", "b")),
    ],
)
def test_what_no_model_knows_is_named_by_method_and_path(
    identifier: Identifier, asked: Request, expected: Operation
) -> None:
    """An unknown service or operation has an answer all the same, without a protocol and without its query."""
    found = identifier.identify(asked)

    assert expected == found
    assert not found.is_modelled


@pytest.mark.parametrize("name", ["made-up", "../../etc/passwd", "", "S3", "s3 ", "é"])
def test_prepares_for_any_signing_name(identifier: Identifier, name: str) -> None:
    """A signing name that nobody knows has no routes, and is no error."""
    before = len(identifier._routes)
    identifier.prepare(name)

    assert before == len(identifier._routes)


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
    found = identifier.identify(request("GET", target, *fields))

    assert found.action
    assert found == identifier.identify(request("GET", target, *fields))


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
    found = identifier.identify(asked)

    assert found.service
    assert found.action
    assert found.signing_name or found.service == "unknown"
    assert found == identifier.identify(asked)


def test_never_changes_its_input(identifier: Identifier, made: Made) -> None:
    """The request that was identified is what it was."""
    asked = made("sqs", "send_message", QueueUrl=QUEUE, MessageBody="b")
    before = repr(asked)
    identifier.identify(asked)

    assert before == repr(asked)


@pytest.mark.parametrize("action", ["WriteRecords", "Query"])
def test_a_shared_target_prefix_is_told_by_the_operation(identifier: Identifier, action: str) -> None:
    """Two services share a prefix of X-Amz-Target: the one that has the operation is meant."""
    headers = Headers((("X-Amz-Target", f"Timestream_20181101.{action}"),))
    expected = {"WriteRecords": "timestream-write", "Query": "timestream-query"}[action]

    assert expected == identifier.identify(Request("POST", "/", headers, b"{}")).service


@pytest.mark.parametrize("host", ["s3.localhost:4577", "s3.localhost.localstack.cloud:4566"])
def test_s3s_own_host_names_no_bucket(host: str) -> None:
    """The host s3.localhost is S3's, and not a bucket's."""
    request = Request("GET", "/bucket/key", Headers((("Host", host),)), b"")

    assert ("bucket", "/bucket/key") == bucket_and_path(request)


def test_a_hostile_host_costs_no_time() -> None:
    """A host that is made to confuse the pattern is read at once."""
    host = "b.s3" + "-" * 200 + "!"

    assert ("a", "/a") == bucket_and_path(Request("GET", "/a", Headers((("Host", host),)), b""))


@pytest.mark.parametrize("header", [("Authorization", "Bearer abc"), ("x-amz-sso_bearer_token", "abc")])
def test_a_token_is_for_no_service_that_is_not_named(identifier: Identifier, header: tuple[str, str]) -> None:
    """A request that has a token and does not say for which service is not taken for S3's."""
    operation = identifier.identify(Request("POST", "/model/m/converse", Headers((header,)), b"{}"))

    assert ("unknown", "") == (operation.service, operation.signing_name)


def test_a_longer_route_wins_over_a_greedy_one(identifier: Identifier) -> None:
    """Of two routes that fit, the one with more literal segments is meant."""
    scope = "A/20260101/us-east-1/workspaces-web/aws4_request"
    headers = Headers((("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"),))
    target = "/portals/arn%3Aaws/x/browserSettings?browserSettingsArn=a"

    assert "AssociateBrowserSettings" == identifier.identify(Request("PUT", target, headers, b"")).action
