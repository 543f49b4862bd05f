"""What SDKs do with a reply, as their model files tell; botocore's own retry rules and waiters as oracles."""

from typing import Any

import pytest
from botocore.paginate import PageIterator, Paginator
from botocore.retries import standard
from botocore.retries.standard import RetryContext
from botocore.waiter import AcceptorConfig, is_valid_waiter_error
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.sdk.catalog import (
    COMMON_CODES,
    THROTTLING_CODES,
    TRANSIENT_CODES,
    TRANSIENT_STATUSES,
    SdkCatalog,
    SdkOperation,
    is_retryable,
    is_throttled,
)
from cloudmock_contract.values.document import Document


@pytest.fixture(scope="module")
def sdk_catalog(services: Services) -> SdkCatalog:
    return SdkCatalog(services)


def failed(code: str, status: int = 400) -> Document:
    return Document(status, {"__type": code, "message": "no"} if code else {})


def compatible(name: str, code: str) -> Document:
    """An error of a service that has left the query protocol and keeps its codes."""
    return Document(400, {"__type": name, "x-amzn-query-error": f"{code};Sender"})


def ok(**tree: object) -> Document:
    return Document(200, tree)


# Whether it tries again.


def test_the_codes_are_botocores() -> None:
    """What is retried is what botocore's standard mode retries."""
    assert set(standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES) == THROTTLING_CODES
    assert set(standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES) == TRANSIENT_CODES
    assert set(standard.TransientRetryableChecker._TRANSIENT_STATUS_CODES) == TRANSIENT_STATUSES


@pytest.mark.parametrize(
    ("answer", "retryable", "throttled"),
    [
        (ok(), False, False),
        (ok(__type="ThrottlingException"), False, False),
        (failed("ValidationException"), False, False),
        (failed("ThrottlingException"), True, True),
        (failed("a.b#ThrottlingException"), True, True),
        (Document(400, {"Error": {"Code": "Throttling"}}), True, True),
        (Document(503, {"Code": "SlowDown"}), True, True),
        (Document(503, {"Errors": {"Error": {"Code": "RequestLimitExceeded"}}}), True, True),
        (failed("RequestTimeout"), True, False),
        (failed("", 429), True, True),
        (failed("Whatever", 429), True, True),
        *((failed("", status), True, False) for status in (500, 502, 503, 504)),
        *((failed("", status), False, False) for status in (301, 304, 400, 403, 404, 409, 412, 501, 505)),
    ],
)
def test_a_reply_is_tried_again(answer: Document, *, retryable: bool, throttled: bool) -> None:
    """By its status or by its code; a success never."""
    assert (retryable, throttled) == (is_retryable(answer, SdkOperation(None)), is_throttled(answer))


RETRYABLE = [
    ("dynamodb", "PutItem", failed("ReplicatedWriteConflictException"), True),
    ("dynamodb", "PutItem", failed("a.b#ReplicatedWriteConflictException"), True),
    ("dynamodb", "PutItem", failed("ConditionalCheckFailedException"), False),
    ("dynamodb", "GetItem", failed("ReplicatedWriteConflictException"), False),
    ("dynamodb", "PutItem", ok(__type="ReplicatedWriteConflictException"), False),
    ("verifiedpermissions", "GetPolicy", failed("InternalServerException"), True),
    ("mediaconnect", "AddBridgeSources", failed("ConflictException", 409), True),
    ("scheduler", "CreateSchedule", failed("ConflictException", 409), False),
    ("nobody", "Knows", failed("ConflictException", 409), False),
]


@pytest.mark.parametrize(("service", "action", "answer", "expected"), RETRYABLE)
def test_the_model_says_what_is_tried_again(
    sdk_catalog: SdkCatalog, service: str, action: str, answer: Document, *, expected: bool
) -> None:
    """By the `retryable` trait of an error that the operation declares, with botocore's own detector as the oracle."""
    sdk_operation = sdk_catalog.of(service, action)
    code = str(answer.tree["__type"]).rpartition("#")[2]
    parsed = {"Error": {"Code": code}} if answer.is_error else {}
    context = RetryContext(1, operation_model=sdk_operation.model, parsed_response=parsed)
    detected = standard.ModeledRetryErrorDetector().detect_error_type(context)

    assert expected is is_retryable(answer, sdk_operation) is (detected is not None)


# Which exception it raises.


@pytest.mark.parametrize(
    ("service", "action", "answer", "expected"),
    [
        ("dynamodb", "GetItem", ok(), ""),
        ("dynamodb", "GetItem", failed("ResourceNotFoundException"), "ResourceNotFoundException"),
        ("dynamodb", "GetItem", failed("Invented"), "Invented"),
        ("dynamodb", "GetItem", failed(""), "400"),
        ("iam", "GetUser", Document(404, {"Error": {"Code": "NoSuchEntity"}}), "NoSuchEntityException"),
        ("sqs", "GetQueueUrl", failed("QueueDoesNotExist"), "QueueDoesNotExist"),
        ("sqs", "GetQueueUrl", compatible("QueueDoesNotExist", "AWS.SQS.Gone"), "QueueDoesNotExist"),
        ("sqs", "GetQueueUrl", compatible("Invented", "QueueDoesNotExist"), "QueueDoesNotExist"),
        ("sqs", "GetQueueUrl", compatible("Invented", "AWS.SQS.Gone"), "AWS.SQS.Gone"),
        ("cloudwatch", "GetDashboard", compatible("DashboardNotFoundError", "X"), "DashboardNotFoundError"),
        ("cloudwatch", "GetDashboard", compatible("X", "ResourceNotFound"), "DashboardNotFoundError"),
        ("s3", "GetObject", Document(404, {"Code": "NoSuchKey"}), "NoSuchKey"),
        ("s3", "HeadObject", Document(404, {}), "404"),
        ("nobody", "Knows", failed("Invented"), "Invented"),
    ],
)
def test_an_error_is_an_exception(
    sdk_catalog: SdkCatalog, service: str, action: str, answer: Document, expected: str
) -> None:
    """By the name of the shape that the model has for its name or code; else by the code, else by the status."""
    assert expected == sdk_catalog.of(service, action).exception(answer)


@pytest.mark.parametrize(
    ("service", "action", "answer", "expected"),
    [
        ("dynamodb", "GetItem", ok(), False),
        ("dynamodb", "GetItem", failed("ResourceNotFoundException"), False),
        ("dynamodb", "GetItem", failed("Invented"), True),
        ("dynamodb", "GetItem", failed("ConditionalCheckFailedException"), True),
        ("dynamodb", "GetItem", failed(""), False),
        ("dynamodb", "GetItem", failed("AccessDeniedException"), False),
        ("iam", "GetUser", Document(404, {"Error": {"Code": "NoSuchEntity"}}), False),
        ("sqs", "GetQueueUrl", compatible("QueueDoesNotExist", "AWS.SQS.Gone"), False),
        ("sqs", "GetQueueUrl", compatible("Invented", "AWS.SQS.Gone"), True),
        ("ec2", "DescribeVpcs", Document(400, {"Errors": {"Error": {"Code": "InvalidVpcID.NotFound"}}}), False),
        ("nobody", "Knows", failed("Invented"), False),
    ],
)
def test_an_error_that_the_operation_does_not_declare(
    sdk_catalog: SdkCatalog, service: str, action: str, answer: Document, *, expected: bool
) -> None:
    """Of an operation that declares some; codes that are common to all are never undeclared."""
    assert expected is sdk_catalog.of(service, action).is_undeclared(answer)


def test_what_is_tried_again_is_common() -> None:
    """Any operation may be throttled."""
    assert THROTTLING_CODES | TRANSIENT_CODES < COMMON_CODES


# Whether a paginator goes on.

PAGES = [
    ("dynamodb", "ListTables", {"TableNames": ["a"], "LastEvaluatedTableName": "a"}, True),
    ("dynamodb", "ListTables", {"TableNames": ["a"]}, False),
    ("dynamodb", "ListTables", {"LastEvaluatedTableName": ""}, False),
    ("s3", "ListObjectsV2", {"IsTruncated": True, "NextContinuationToken": "t"}, True),
    ("s3", "ListObjectsV2", {"IsTruncated": False, "NextContinuationToken": "t"}, False),
    ("s3", "ListObjectsV2", {"NextContinuationToken": "t"}, False),
    ("s3", "ListObjectsV2", {"IsTruncated": True}, False),
    ("s3", "ListObjectsV2", {"IsTruncated": True, "NextContinuationToken": ""}, False),
    ("s3", "ListObjects", {"IsTruncated": True, "Contents": []}, False),
    ("iam", "ListUsers", {"IsTruncated": True, "Users": []}, False),
    ("s3", "ListObjects", {"IsTruncated": True, "Contents": [{"Key": "k"}]}, True),
    ("s3", "ListObjectVersions", {"IsTruncated": True, "NextKeyMarker": "k"}, True),
    ("iam", "ListUsers", {"IsTruncated": True, "Marker": "m"}, True),
    ("kinesis", "DescribeStream", {"StreamDescription": {"HasMoreShards": True, "Shards": [{"ShardId": "s"}]}}, True),
    ("kinesis", "DescribeStream", {"StreamDescription": {"HasMoreShards": False, "Shards": []}}, False),
    ("kinesis", "DescribeStream", {"StreamDescription": "odd"}, False),
    ("route53", "ListResourceRecordSets", {"IsTruncated": True, "NextRecordName": "n", "NextRecordType": "A"}, True),
    ("dynamodb", "GetItem", {"NextToken": "t"}, False),
    ("nobody", "Knows", {"NextToken": "t"}, False),
]


@pytest.mark.parametrize(("service", "action", "tree", "expected"), PAGES)
def test_a_paginator_goes_on(
    sdk_catalog: SdkCatalog, service: str, action: str, tree: dict[str, object], *, expected: bool
) -> None:
    """Where the paginator's file finds a token, and more results if it asks for them; never after an error."""
    sdk_operation = sdk_catalog.of(service, action)

    assert expected is sdk_operation.goes_on(Document(200, tree))
    assert not sdk_operation.goes_on(Document(400, tree))


@pytest.mark.parametrize(("service", "action", "tree", "expected"), PAGES)
def test_botocores_paginator_agrees(
    sdk_catalog: SdkCatalog, service: str, action: str, tree: dict[str, object], *, expected: bool
) -> None:
    """A page has a token for the next if it is so."""
    sdk_operation = sdk_catalog.of(service, action)
    if sdk_operation.paginator is None:
        assert not expected
        return
    pages: Any = Paginator(None, sdk_operation.paginator, sdk_operation.model).paginate()
    assert isinstance(pages, PageIterator)

    assert expected is any(pages._get_next_token(tree).values())


# What a waiter makes of it.

INSTANCES = {"Reservations": [{"Instances": [{"State": {"Name": "running"}}, {"State": {"Name": "pending"}}]}]}
RUNNING = {"Reservations": [{"Instances": [{"State": {"Name": "running"}}]}]}
STOPPING = {"Reservations": [{"Instances": [{"State": {"Name": "running"}}, {"State": {"Name": "stopping"}}]}]}
WAITS: list[tuple[str, str, Document, dict[str, str]]] = [
    (
        "dynamodb",
        "DescribeTable",
        ok(Table={"TableStatus": "ACTIVE"}),
        {"TableExists": "success", "TableNotExists": "retry"},
    ),
    (
        "dynamodb",
        "DescribeTable",
        ok(Table={"TableStatus": "CREATING"}),
        {"TableExists": "retry", "TableNotExists": "retry"},
    ),
    ("dynamodb", "DescribeTable", ok(Table="odd"), {"TableExists": "retry", "TableNotExists": "retry"}),
    (
        "dynamodb",
        "DescribeTable",
        failed("ResourceNotFoundException"),
        {"TableExists": "retry", "TableNotExists": "success"},
    ),
    (
        "ec2",
        "DescribeInstances",
        Document(200, RUNNING),
        {
            "InstanceExists": "success",
            "InstanceRunning": "success",
            "InstanceStopped": "retry",
            "InstanceTerminated": "retry",
        },
    ),
    (
        "ec2",
        "DescribeInstances",
        Document(200, INSTANCES),
        {
            "InstanceExists": "success",
            "InstanceRunning": "retry",
            "InstanceStopped": "failure",
            "InstanceTerminated": "failure",
        },
    ),
    (
        "ec2",
        "DescribeInstances",
        Document(200, STOPPING),
        {
            "InstanceExists": "success",
            "InstanceRunning": "failure",
            "InstanceStopped": "retry",
            "InstanceTerminated": "failure",
        },
    ),
    (
        "ec2",
        "DescribeInstances",
        ok(Reservations=[]),
        {
            "InstanceExists": "retry",
            "InstanceRunning": "retry",
            "InstanceStopped": "retry",
            "InstanceTerminated": "retry",
        },
    ),
    ("s3", "HeadBucket", Document(200, {}), {"BucketExists": "success", "BucketNotExists": "retry"}),
    ("s3", "HeadBucket", Document(301, {}), {"BucketExists": "success", "BucketNotExists": "failure"}),
    ("s3", "HeadBucket", Document(403, {}), {"BucketExists": "success", "BucketNotExists": "failure"}),
    (
        "dynamodb",
        "DescribeTable",
        failed("AccessDeniedException"),
        {"TableExists": "failure", "TableNotExists": "failure"},
    ),
    (
        "dynamodb",
        "DescribeTable",
        failed("InternalServerError", 500),
        {"TableExists": "failure", "TableNotExists": "failure"},
    ),
    ("s3", "HeadBucket", Document(404, {}), {"BucketExists": "retry", "BucketNotExists": "success"}),
    ("lambda", "GetFunctionConfiguration", ok(State="Failed"), {"FunctionActive": "failure"}),
    ("ecs", "DescribeServices", ok(failures=[{"reason": "MISSING"}]), {"ServicesStable": "failure"}),
    ("ecs", "DescribeServices", ok(failures=[{"reason": "OTHER"}], services=[]), {"ServicesInactive": "retry"}),
]


@pytest.mark.parametrize(("service", "action", "answer", "expected"), WAITS)
def test_a_waiter_ends_or_waits(
    sdk_catalog: SdkCatalog, service: str, action: str, answer: Document, expected: dict[str, str]
) -> None:
    """The first acceptor that matches says what becomes of each waiter; an error that none names is the end of it."""
    assert expected.items() <= dict(sdk_catalog.of(service, action).waiter_states(answer)).items()


@pytest.mark.parametrize(("service", "action", "answer", "_expected"), WAITS)
def test_botocores_acceptors_agree(
    sdk_catalog: SdkCatalog, service: str, action: str, answer: Document, _expected: dict[str, str]
) -> None:
    """The first of botocore's own acceptors that matches has the waiter's state; without one an error is a failure."""
    sdk_operation = sdk_catalog.of(service, action)
    parsed: dict[str, Any] = {**answer.tree, "ResponseMetadata": {"HTTPStatusCode": answer.status}}
    if answer.is_error:
        parsed["Error"] = {"Code": answer.tree.get("__type", str(answer.status))}
    states = dict(sdk_operation.waiter_states(answer))
    assert states

    for name, waiter in (sdk_operation.waiters or {}).items():
        acceptors = map(AcceptorConfig, waiter["acceptors"])
        otherwise = "failure" if is_valid_waiter_error(parsed) else "retry"
        assert states[name] == next(
            (acceptor.state for acceptor in acceptors if acceptor.matcher_func(parsed)), otherwise
        ), name


def test_an_operation_without_waiters_has_no_states(sdk_catalog: SdkCatalog) -> None:
    """Nor has one without a model."""
    assert [] == list(sdk_catalog.of("dynamodb", "GetItem").waiter_states(ok()))
    assert [] == list(sdk_catalog.of("nobody", "Knows").waiter_states(ok()))


# Which state leads to which.


@pytest.mark.parametrize(
    ("service", "action", "name", "aws", "cloudmock", "expected"),
    [
        ("dynamodb", "CreateTable", "TableStatus", "CREATING", "ACTIVE", True),
        ("dynamodb", "CreateTable", "TableStatus", "UPDATING", "ACTIVE", True),
        ("dynamodb", "CreateTable", "TableStatus", "DELETING", "ACTIVE", False),
        ("dynamodb", "CreateTable", "TableStatus", "ACTIVE", "ACTIVE", False),
        ("dynamodb", "CreateTable", "TableStatus", "CREATING", "UPDATING", False),
        ("dynamodb", "CreateTable", "TableStatus", "ARCHIVED", "ACTIVE", False),
        ("dynamodb", "CreateTable", "Other", "CREATING", "ACTIVE", False),
        ("dynamodb", "CreateTable", "TableStatus", None, "ACTIVE", False),
        ("dynamodb", "CreateTable", "TableStatus", 1, 2, False),
        ("ec2", "RunInstances", "Name", "pending", "running", True),
        ("ec2", "RunInstances", "Name", "stopping", "stopped", True),
        ("ec2", "RunInstances", "Name", "shutting-down", "terminated", True),
        ("ec2", "RunInstances", "Name", "stopping", "running", False),
        ("ec2", "RunInstances", "Name", "pending", "stopped", False),
        ("ec2", "RunInstances", "Name", "running", "stopped", False),
        *(
            ("cloudformation", "CreateStack", "StackStatus", passing, end, expected)
            for passing, end, expected in (
                ("CREATE_IN_PROGRESS", "CREATE_COMPLETE", True),
                ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", True),
                ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE", True),
                ("DELETE_IN_PROGRESS", "DELETE_COMPLETE", True),
                ("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", True),
                ("ROLLBACK_IN_PROGRESS", "CREATE_COMPLETE", False),
                ("ROLLBACK_COMPLETE", "CREATE_COMPLETE", False),
                ("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_COMPLETE", False),
                ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", False),
                ("UPDATE_IN_PROGRESS", "UPDATE_FAILED", False),
                ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", False),
                ("DELETE_IN_PROGRESS", "CREATE_COMPLETE", False),
            )
        ),
        ("nobody", "Knows", "Name", "pending", "running", False),
    ],
)
def test_a_state_is_on_its_way_to_another(
    sdk_catalog: SdkCatalog, service: str, action: str, name: str, aws: object, cloudmock: object, *, expected: bool
) -> None:
    """If waiters end with CloudMock's, and AWS's ends by itself, in the same direction; never the other way round."""
    sdk_operation = sdk_catalog.of(service, action)

    assert expected is sdk_operation.is_in_transit(name, aws, cloudmock)
    assert not sdk_operation.is_in_transit(name, cloudmock, aws)


def test_a_state_that_passes_is_no_end() -> None:
    """Though a waiter ends with it; and it leads to another that the waiter ends with."""
    sdk_operation = SdkOperation(None, states={"State": frozenset(("created", "creating"))})

    assert not sdk_operation.is_in_transit("State", "pending", "creating")
    assert sdk_operation.is_in_transit("State", "creating", "created")
    assert sdk_operation.is_in_transit("State", "pending", "created")


# Where it is from.


def test_an_operation_is_read_once(services: Services) -> None:
    """A service's files are read before its first request, if they are asked for, and then no more."""
    sdk_catalog = SdkCatalog(services)
    sdk_catalog.prepare("dynamodb")
    sdk_catalog.prepare("nobody")

    assert sdk_catalog.of("dynamodb", "ListTables") is sdk_catalog.of("dynamodb", "ListTables")
    assert SdkOperation(None) == sdk_catalog.of("nobody", "Knows") == sdk_catalog.of("dynamodb", "Invented")


_TREES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from(("Contents", "Key", "Reservations", "Instances", "services")), below)
    ),
    max_leaves=8,
)
_OPERATIONS = (("s3", "ListObjects"), ("ec2", "DescribeInstances"), ("ecs", "DescribeServices"), ("s3", "HeadBucket"))


@given(st.sampled_from(_OPERATIONS), st.sampled_from((200, 304, 400, 500)), st.dictionaries(st.text(), _TREES), _TREES)
def test_any_reply_is_understood(
    sdk_catalog: SdkCatalog, operation: tuple[str, str], status: int, tree: dict[str, object], value: object
) -> None:
    """No tree is too odd for expressions that expect another."""
    members = ("IsTruncated", "NextMarker", "Contents", "Reservations", "services", "failures", "Error", "__type")
    answer = Document(status, {**tree, **dict.fromkeys(members, value)})
    sdk_operation = sdk_catalog.of(*operation)

    assert sdk_operation.goes_on(answer) in (True, False)
    assert bool(sdk_operation.exception(answer)) is (status >= 300)
    assert sdk_operation.is_undeclared(answer) <= (status >= 300)
    assert {state for _, state in sdk_operation.waiter_states(answer)} <= {"success", "failure", "retry"}
    assert is_retryable(answer, sdk_operation) >= is_throttled(answer)
