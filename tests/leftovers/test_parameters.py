"""How the parameters of a deleting call are found in the messages of another call."""

from collections.abc import Callable
from typing import Any

import pytest

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.leftovers import parameters
from cloudmock_contract.leftovers.answered_call import AnsweredCall
from cloudmock_contract.leftovers.identifying_members import identifying_members
from cloudmock_contract.leftovers.nouns import noun_of
from cloudmock_contract.leftovers.parameters import MAX_CHANGES, MAX_PARAMETER_CHARACTERS
from cloudmock_contract.leftovers.resource_changes import ResourceChanges

type Fill = Callable[[AnsweredCall, str], dict[str, tuple[str, ...]]]


@pytest.fixture
def answered(services: Services) -> Callable[..., AnsweredCall]:
    """A call with these members in both messages: `answered("sqs.CreateQueue", {"QueueName": "q"}, {})`."""

    def make(name: str, request: dict[str, Any], reply: dict[str, Any]) -> AnsweredCall:
        model = services.operation_model(*name.split("."))
        assert model
        return AnsweredCall(model, "eu-west-1", request, reply)

    return make


@pytest.fixture
def fill(services: Services) -> Fill:
    """The values for each member of a deleting operation of the call's service."""

    def all_members(call: AnsweredCall, action: str) -> dict[str, tuple[str, ...]]:
        model = services.operation_model(call.model.service_model.service_name, action)
        assert model
        return {
            name: parameters.fill(call, name, shape, noun_of(action))
            for name, shape in identifying_members(model).required
        }

    return all_members


@pytest.mark.parametrize(
    ("name", "request_members", "reply_members", "action", "expected"),
    [
        pytest.param(
            "sqs.CreateQueue", {}, {"QueueUrl": "u"}, "DeleteQueue", {"QueueUrl": ("u",)}, id="same name"
        ),
        pytest.param(
            "apigateway.CreateRestApi", {}, {"id": "i"}, "DeleteRestApi", {"restApiId": ("i",)}, id="only its end"
        ),
        pytest.param(
            "kms.CreateKey",
            {},
            {"KeyMetadata": {"KeyId": "k"}},
            "ScheduleKeyDeletion",
            {"KeyId": ("k",)},
            id="one step down",
        ),
        pytest.param(
            "ec2.RunInstances",
            {},
            {"Instances": [{"InstanceId": "i-1"}, {"InstanceId": "i-2"}]},
            "TerminateInstances",
            {"InstanceIds": ('["i-1"]', '["i-2"]')},
            id="lists of one",
        ),
        pytest.param(
            "elbv2.RegisterTargets",
            {"TargetGroupArn": "g", "Targets": [{"Port": 1, "Id": "i-1"}]},
            {},
            "DeregisterTargets",
            {"TargetGroupArn": ("g",), "Targets": ('[{"Id":"i-1","Port":1}]',)},
            id="structures as JSON",
        ),
        pytest.param(
            "ec2.CopyImage", {"ImageId": "a"}, {"ImageId": "b"}, "DeregisterImage", {"ImageId": ("b",)}, id="copy"
        ),
        pytest.param(
            "sns.Subscribe",
            {"TopicArn": "t"},
            {"SubscriptionArn": "pending confirmation"},
            "Unsubscribe",
            {"SubscriptionArn": ()},
            id="no name at all",
        ),
        pytest.param(
            "sqs.CreateQueue",
            {},
            {"QueueUrl": "x" * (MAX_PARAMETER_CHARACTERS + 1)},
            "DeleteQueue",
            {"QueueUrl": ()},
            id="too long for a name",
        ),
        pytest.param(
            "iam.CreateAccessKey",
            {"UserName": "u"},
            {"AccessKey": {"AccessKeyId": "AKIA", "UserName": "u"}},
            "DeleteAccessKey",
            {"AccessKeyId": ()},
            id="a credential",
        ),
    ],
)  # fmt: skip
def test_a_member_is_found_where_it_says_the_same(
    answered: Callable[..., AnsweredCall],
    fill: Fill,
    name: str,
    request_members: dict[str, Any],
    reply_members: dict[str, Any],
    action: str,
    expected: dict[str, tuple[str, ...]],
) -> None:
    """In either message, under its name or one that says the same, and never a secret."""
    assert expected == fill(answered(name, request_members, reply_members), action)


def test_several_values_are_several_things() -> None:
    """Each combination is a thing, but for those that the reply says have failed, and for those beyond the bound."""
    filled = {"Rule": ("r",), "Ids": ('["1"]', '["2"]')}
    many = {"Id": tuple(map(str, range(MAX_CHANGES + 5)))}

    assert [{"Rule": "r", "Ids": '["1"]'}] == list(parameters.combinations(filled, frozenset(("2", "r"))))
    assert MAX_CHANGES == len(list(parameters.combinations(many, frozenset())))
    assert [{}] == list(parameters.combinations({}, frozenset()))


def test_a_scope_is_told_unless_it_is_the_default(answered: Callable[..., AnsweredCall], services: Services) -> None:
    """A rule of the default bus is the same, whether the bus was named or not."""
    model = services.operation_model("events", "DeleteRule")
    assert model
    members = identifying_members(model)

    for bus, expected in (("own", {"EventBusName": "own"}), ("default", {}), (None, {})):
        assert expected == parameters.scopes(answered("events.PutRule", {"EventBusName": bus}, {}), members)


def test_a_digest_stands_for_an_access_key(answered: Callable[..., AnsweredCall]) -> None:
    """It is the same for the same key, wherever its id stands, and of nothing else is there one."""
    created = answered("iam.CreateAccessKey", {}, {"AccessKey": {"AccessKeyId": "AKIA1"}})
    deleted = answered("iam.DeleteAccessKey", {"AccessKeyId": "AKIA1"}, {})
    digest = parameters.digest(created, "AccessKeyId", "accesskey")

    assert digest.startswith("sha256:")
    assert digest == parameters.digest(deleted, "AccessKeyId", "accesskey")
    assert "" == parameters.digest(answered("iam.CreateAccessKey", {}, {}), "AccessKeyId", "accesskey")
    assert "" == parameters.digest(created, "UserName", "accesskey")


def test_names_and_ids_are_shown_of_what_is_unknown(answered: Callable[..., AnsweredCall]) -> None:
    """What identifies at the top of both messages; no other text, and no secret."""
    unknown = answered("organizations.CreateAccount", {"Email": "a@example.org", "RoleName": "r"}, {})

    assert {"RoleName": "r"} == parameters.names_and_ids(unknown)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"Names": ["/a", "/b"]}, ("/a", "/b")),
        ({"Names": ["/a", 1]}, ()),
        ({"Names": ["/a"], "More": ["/b"]}, ()),
        ({"Name": "/a"}, ()),
        ({"Names": ["", "x" * (MAX_PARAMETER_CHARACTERS + 1)]}, ()),
    ],
    ids=["one", "no texts", "two lists", "none", "no names"],
)
def test_a_batch_has_one_list(
    answered: Callable[..., AnsweredCall], members: dict[str, Any], expected: tuple[str, ...]
) -> None:
    """The only list of texts is what a batch deletes; where there are two, nobody knows which."""
    assert expected == parameters.only_list(answered("ssm.DeleteParameters", members, {}))


def test_what_has_failed_is_in_the_reply() -> None:
    """Every text below a member that is named after a failure."""
    reply = {
        "Deleted": [{"Key": "a"}],
        "Errors": [{"Key": "b", "More": ["c", {"Id": "d"}]}],
        "FailedEntryCount": 1,
        "InvalidParameters": ["e"],
    }

    assert frozenset("bcde") == parameters.failures(reply)


def test_only_so_many_are_listed(changes: Callable[..., ResourceChanges]) -> None:
    """A hostile reply makes no endless list."""
    items = b"".join(b"<item><instanceId>i-%d</instanceId></item>" % number for number in range(MAX_CHANGES + 5))
    body = b"<R><instancesSet>" + items + b"</instancesSet></R>"

    assert MAX_CHANGES == len(changes("ec2", "run_instances", body, ImageId="a", MinCount=1, MaxCount=1).created)
