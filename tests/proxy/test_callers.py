"""Whose the credentials are, on both sides, and that no verdict depends on what came before."""

import asyncio
import base64
import contextlib
import hmac
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cloudmock_contract import ContractProxy
from cloudmock_contract.aws.credentials.caller_identity import CallerIdentity
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.errors import CloudMockError
from cloudmock_contract.proxy.callers import MAX_ASKED, Callers, pairs
from lab.stand_ins import servers
from lab.stand_ins.stand_in import Received, StandIn, caller, reply
from support.clients import client

AWS = CallerIdentity("123456789012", "arn:aws:iam::123456789012:user/me", "us-east-1", "AIDACKCEVSQ6C2EXAMPLE")
MOCK = CallerIdentity("000000000000", "arn:aws:iam::000000000000:root", "us-east-1", "000000000000")
OWN, TEST = Credentials("AKIAOWN", "s"), Credentials("test", "test")


@pytest.mark.parametrize(
    ("aws", "cloudmock", "are_issued", "expected"),
    [
        (AWS, MOCK, False, [(AWS.account, MOCK.account), (AWS.arn, MOCK.arn), (AWS.user_id, MOCK.user_id)]),
        (AWS, MOCK, True, [(AWS.account, MOCK.account)]),
        (
            CallerIdentity("1" * 12, f"arn:aws-cn:iam::{'1' * 12}:user/me", "cn-north-1"),
            MOCK,
            True,
            [("1" * 12, MOCK.account), ("aws-cn", "aws")],
        ),
        (
            AWS,
            CallerIdentity("0" * 12, "root", "us-east-1", "root"),
            False,
            [(AWS.account, "0" * 12), (AWS.user_id, "root")],
        ),
        (
            AWS,
            CallerIdentity("0" * 12, "arn:aws:s3:::bucket", "us-east-1", "a b c d"),
            False,
            [(AWS.account, "0" * 12)],
        ),
    ],
    ids=["own keys", "issued keys", "partitions", "an ARN that is none", "another thing's ARN"],
)
def test_what_belongs_together(
    aws: CallerIdentity, cloudmock: CallerIdentity, expected: list[tuple[str, str]], *, are_issued: bool
) -> None:
    """Account and partition; caller and user id where nothing else says who has the keys."""
    assert expected == list(pairs(aws, cloudmock, are_issued=are_issued))


class Sides:
    """Both sides, and what they were asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.seeded: list[tuple[str, str]] = []
        self.problems: list[tuple[str, str]] = []
        self.callers = Callers(self._seed, lambda side, reason: self.problems.append((side, reason)))
        self.fails = False
        self.never = False

    def _seed(self, found: Iterable[tuple[str, str]]) -> None:
        self.seeded += found

    async def ask_aws(self, credentials: Credentials) -> CallerIdentity:
        self.asked.append(f"AWS {credentials.access_key}")
        await asyncio.sleep(0.01)
        return AWS

    async def ask_cloudmock(self, credentials: Credentials) -> CallerIdentity:
        self.asked.append(f"CloudMock {credentials.access_key}")
        if self.never:
            await asyncio.sleep(60)
        if self.fails:
            raise CloudMockError("It closed the connection.")
        return MOCK

    async def settle(self, aws: Credentials = OWN, cloudmock: Credentials = TEST) -> None:
        await self.callers.settle((aws, self.ask_aws), (cloudmock, self.ask_cloudmock), are_issued=False)


def test_each_side_is_asked_once_per_access_key() -> None:
    """Whoever asks at the same time, or later, waits for the same answer."""
    sides = Sides()

    async def run() -> None:
        await asyncio.gather(*(sides.settle() for _ in range(5)))
        assert sides.callers.are_settled(OWN, TEST)
        await sides.settle()
        await asyncio.gather(sides.settle(Credentials("AKIANEW", "s")), sides.settle(Credentials("AKIANEW", "s")))

    asyncio.run(run())

    assert ["AWS AKIANEW", "AWS AKIAOWN", "CloudMock test"] == sorted(sides.asked)
    assert [] == sides.problems
    assert {(AWS.account, MOCK.account), (AWS.arn, MOCK.arn), (AWS.user_id, MOCK.user_id)} == set(sides.seeded)


def test_what_aws_said_before_the_run_is_not_asked() -> None:
    """The check of the credentials has asked it."""
    sides = Sides()
    sides.callers.note_aws(OWN.access_key, AWS)
    asyncio.run(sides.settle())

    assert ["CloudMock test"] == sides.asked
    assert (AWS.account, MOCK.account) in sides.seeded


def test_a_side_that_says_nothing_seeds_nothing() -> None:
    """It is told once, and not asked again."""
    sides = Sides()
    sides.fails = True

    async def run() -> None:
        for number in range(3):
            await sides.settle(Credentials(f"AKIA{number}", "s"))

    asyncio.run(run())

    assert [] == sides.seeded
    assert [("CloudMock", "It closed the connection.")] == sides.problems


def test_a_defect_costs_nothing() -> None:
    """Whatever an answer makes this program raise, the call goes on."""
    sides = Sides()

    async def broken(_credentials: Credentials) -> CallerIdentity:
        raise ZeroDivisionError

    asyncio.run(sides.callers.settle((OWN, broken), (TEST, sides.ask_cloudmock), are_issued=False))

    assert [] == sides.seeded


def test_the_end_of_a_run_does_not_wait() -> None:
    """Who waits for an answer then is let go."""
    sides = Sides()
    sides.never = True

    async def run() -> None:
        waiting = asyncio.create_task(sides.settle())
        await asyncio.sleep(0.01)
        async with asyncio.timeout(5):
            await sides.callers.close()
            await waiting

    asyncio.run(run())

    assert [] == sides.seeded


def test_an_app_with_many_keys_does_not_ask_for_all() -> None:
    """STS is not flooded by an app that assumes a role for each request."""
    sides = Sides()

    async def run() -> None:
        for number in range(2 * MAX_ASKED + 10):
            sides.callers.note_aws(f"AKIA{number}", AWS)
            await sides.settle(Credentials(f"AKIA{number}", "s"), Credentials(f"MOCK{number}", "s"))

    asyncio.run(run())

    assert 2 * MAX_ASKED == len(sides.asked)


def not_found(account: str) -> bytes:
    message = f"Function not found: arn:aws:lambda:us-east-1:{account}:function:nope"
    return reply(json.dumps({"Type": "User", "Message": message}).encode(), "404 Not Found")


@pytest.fixture
def differ(aws: StandIn, cloudmock: StandIn) -> None:
    """The sides are of two accounts."""
    aws.answer_proxy = lambda *_: caller("123456789012", AWS.arn)
    cloudmock.answer_proxy = lambda *_: caller(MOCK.account, MOCK.arn, MOCK.user_id)


@pytest.mark.usefixtures("differ")
def test_a_first_call_knows_the_accounts(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """An ARN in a message of the very first exchange is no difference, whichever test comes first."""
    aws.answer = lambda *_: not_found("123456789012")
    cloudmock.answer = lambda *_: not_found(MOCK.account)
    with pytest.raises(ClientError):
        client("lambda", proxy.url).get_function(FunctionName="nope")
    report = proxy.report()

    assert ((), ()) == (report.mismatches, report.problems)
    assert (1, 1) == (len(aws.received_from_proxy), len(cloudmock.received_from_proxy))


@pytest.mark.usefixtures("differ")
def test_a_wrong_account_is_a_difference(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """What is known holds against what could be learned: a third account is nobody's partner."""
    aws.answer = lambda *_: not_found("123456789012")
    cloudmock.answer = lambda *_: not_found("999999999999")
    with pytest.raises(ClientError):
        client("lambda", proxy.url).get_function(FunctionName="nope")

    assert 1 == proxy.report().mismatched


@pytest.mark.usefixtures("differ")
def test_the_apps_own_question_matches(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """Account, caller and user id of the app's sts:GetCallerIdentity are those of the same keys."""
    aws.answer = lambda *_: caller("123456789012", AWS.arn)
    cloudmock.answer = lambda *_: caller(MOCK.account, MOCK.arn, MOCK.user_id)
    client("sts", proxy.url).get_caller_identity()

    assert () == proxy.report().mismatches


@pytest.mark.usefixtures("differ")
def test_the_first_request_is_translated(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """An ARN that the app got from its configuration names CloudMock's account there."""
    arn = "arn:aws:sns:us-east-1:{}:topic"
    answer = b"<GetTopicAttributesResponse><GetTopicAttributesResult/></GetTopicAttributesResponse>"
    aws.answer = cloudmock.answer = lambda *_: reply(answer, content_type="text/xml")
    client("sns", proxy.url).get_topic_attributes(TopicArn=arn.format("123456789012"))
    proxy.report()

    assert b"123456789012" in aws.received[0].body
    assert b"000000000000" in cloudmock.received[0].body
    assert b"123456789012" not in cloudmock.received[0].body


@pytest.mark.parametrize("side", ["AWS", "CloudMock"])
def test_a_side_that_closes_the_connection_is_a_note(
    proxy: ContractProxy, aws: StandIn, cloudmock: StandIn, side: str
) -> None:
    """The call is compared all the same, and the report says what is not known, once."""
    {"AWS": aws, "CloudMock": cloudmock}[side].answer_proxy = lambda *_: b""
    for _ in range(3):
        client("dynamodb", proxy.url).list_tables()
    report = proxy.report()
    (problem,) = report.problems

    assert 3 == report.matched
    assert problem.startswith(f"{side} did not say whose credentials its requests are signed with")


def test_nobody_is_asked_without_a_preflight(aws: StandIn, cloudmock: StandIn) -> None:
    """With --no-preflight no side gets a request that the app did not make."""
    with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url, no_preflight=True) as proxy:
        client("dynamodb", proxy.url).list_tables()
        proxy.report()

    assert [] == aws.received_from_proxy == cloudmock.received_from_proxy
    assert (1, 1) == (len(aws.received), len(cloudmock.received))


def test_the_app_does_not_wait(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """Its answer is there while the sides still think about who it is."""
    answered: list[bool] = []
    aws.answer_proxy = cloudmock.answer_proxy = lambda *_: _wait_for(lambda: bool(answered), caller())
    client("dynamodb", proxy.url).list_tables()
    answered.append(True)
    report = proxy.report()

    assert (1, ()) == (report.matched, report.problems)


def _wait_for(is_done: Callable[[], bool], answer: bytes) -> Iterator[bytes]:
    for _ in range(150):
        if is_done():
            break
        time.sleep(0.01)
    else:
        yield b""
        return
    yield answer


def key_of(received: Received) -> str:
    """The access key that a request is signed with."""
    match = re.search(r"Credential=([^/]+)/", received.header("authorization") or "")
    return match[1] if match else ""


def role(access_key: str, secret: str) -> bytes:
    body = (
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
        f"<AccessKeyId>{access_key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>"
        f"<SessionToken>token-of-{access_key}</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials>"
        "</AssumeRoleResult></AssumeRoleResponse>"
    )
    return reply(body.encode(), content_type="text/xml")


def signing_with(service: str, url: str, credentials: dict[str, Any], **settings: Any) -> Any:
    """A client with these keys, as STS gave them."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
        config=Config(retries={"total_max_attempts": 1}, **settings),
    )


@pytest.mark.parametrize("is_given", [True, False], ids=["both give", "CloudMock gives none"])
def test_what_a_side_gave_is_used_there(
    proxy: ContractProxy, aws: StandIn, cloudmock: StandIn, *, is_given: bool
) -> None:
    """A call that is signed with AWS's new keys is signed for CloudMock with those that it gave, and for AWS never."""
    aws.answer = lambda *_: role("ASIAGIVENBYAWS", "secret-of-aws")
    cloudmock.answer = (
        (lambda *_: role("ASIAGIVENBYMOCK", "secret-of-mock")) if is_given else lambda *_: reply(b"", "501 No")
    )
    given = client("sts", proxy.url).assume_role(RoleArn="arn:aws:iam::123456789012:role/r", RoleSessionName="session")
    proxy.report()
    aws.answer = cloudmock.answer = lambda *_: reply(b'{"TableNames": []}')
    signing_with("dynamodb", proxy.url, given["Credentials"]).list_tables()
    proxy.report()

    assert "ASIAGIVENBYAWS" == key_of(aws.received[-1])
    assert ("ASIAGIVENBYMOCK" if is_given else "test") == key_of(cloudmock.received[-1])
    token = cloudmock.received[-1].header("x-amz-security-token")
    assert ("token-of-ASIAGIVENBYMOCK" if is_given else None) == token
    everything = [b"".join((one.head, one.body)) for one in aws.received + aws.received_from_proxy]
    assert not any(b"GIVENBYMOCK" in one for one in everything)
    everything = [b"".join((one.head, one.body)) for one in cloudmock.received + cloudmock.received_from_proxy]
    assert not any(b"GIVENBYAWS" in one for one in everything)


def test_an_account_as_a_key_is_passed_on(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """Emulators that tell accounts by such a key get it on both sides, and each is asked with it."""
    signing_with(
        "dynamodb", proxy.url, {"AccessKeyId": "111122223333", "SecretAccessKey": "the-apps-secret"}
    ).list_tables()
    proxy.report()

    for side in (aws, cloudmock):
        assert ["111122223333"] * 2 == [key_of(one) for one in side.received + side.received_from_proxy]


def test_signature_version_2_goes_up_as_4_on_both_sides(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """An app that signs in the old way is no reason to tell CloudMock so, where AWS is not told."""
    aws.answer = cloudmock.answer = lambda *_: reply(b"<ListAllMyBucketsResult/>", content_type="application/xml")
    keys = {"AccessKeyId": "AKIAAPP", "SecretAccessKey": "s"}
    signing_with("s3", proxy.url, keys, signature_version="s3").list_buckets()
    proxy.report()

    for side in (aws, cloudmock):
        assert (side.received[0].header("authorization") or "").startswith("AWS4-HMAC-SHA256 ")


@pytest.mark.parametrize("maps", [True, False])
def test_keys_of_two_accounts(
    aws: StandIn, cloudmock: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, *, maps: bool
) -> None:
    """--credentials says whose are to be used for which; without it the report says that all were signed alike."""
    profiles = tmp_path / "credentials"
    profiles.write_text(
        "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = d\n"
        "[second]\naws_access_key_id = AKIASECOND\naws_secret_access_key = s\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(profiles))
    mapping = {"credentials": "AKIAAPPTWO=second"} if maps else {}
    with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url, **mapping) as proxy:
        for access_key in ("AKIAAPPONE", "AKIAAPPTWO", "AKIAAPPONE"):
            keys = {"AccessKeyId": access_key, "SecretAccessKey": "s"}
            signing_with("dynamodb", proxy.url, keys).list_tables()
        problems = proxy.report().problems

    expected = ["AKIADEFAULT", "AKIASECOND" if maps else "AKIADEFAULT", "AKIADEFAULT"]
    assert expected == [key_of(one) for one in aws.received]
    assert ["test"] * 3 == [key_of(one) for one in cloudmock.received]
    assert maps == (not problems)
    assert maps or ("may be of 2 accounts" in problems[0] and "--credentials KEY=PROFILE" in problems[0])
    assert "AKIA" not in str(problems)


def pool_client(client_id: str, secret: str) -> bytes:
    members = {"UserPoolId": "us-east-1_Abcdef123", "ClientName": "app", "ClientId": client_id, "ClientSecret": secret}
    return reply(json.dumps({"UserPoolClient": members}).encode(), content_type="application/x-amz-json-1.1")


def test_a_secret_hash_is_made_with_cloudmocks_secret(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """The app's hash, made with AWS's secret, is CloudMock's own there; no secret of AWS's goes to it."""

    def made(client_id: str, secret: str) -> str:
        return base64.b64encode(hmac.digest(secret.encode(), f"somebody{client_id}".encode(), "sha256")).decode()

    own, other = (
        ("1h57kf5cpq17m0eml12k4f3ab", "aws-secret-0123456789"),
        ("7q2mk0cpq9a7m0xx112k4f3zz", "mock-secret-98765"),
    )
    aws.answer, cloudmock.answer = lambda *_: pool_client(*own), lambda *_: pool_client(*other)
    cognito = client("cognito-idp", proxy.url)
    cognito.create_user_pool_client(UserPoolId="us-east-1_Abcdef123", ClientName="app", GenerateSecret=True)
    proxy.report()
    aws.answer = cloudmock.answer = lambda *_: reply(b'{"UserConfirmed":false,"UserSub":"x"}')
    cognito.sign_up(ClientId=own[0], SecretHash=made(*own), Username="somebody", Password="Passw0rd!")
    report = proxy.report()

    assert made(*own) == json.loads(aws.received[-1].body)["SecretHash"]
    sent = json.loads(cloudmock.received[-1].body)
    assert (other[0], made(*other)) == (sent["ClientId"], sent["SecretHash"])
    assert b"aws-secret" not in b"".join(one.body for one in cloudmock.received)
    assert not any(text in str(report) for text in ("aws-secret", "mock-secret"))


def test_two_emulators_of_two_accounts_agree() -> None:
    """The same calls in any order, each in a run of its own or not, are matched."""
    calls: tuple[Callable[[str], object], ...] = (
        lambda url: client("sts", url).get_caller_identity(),
        lambda url: client("sns", url).create_topic(Name="t"),
        lambda url: client("sqs", url).create_queue(QueueName="q"),
        lambda url: _ignoring_errors(lambda: client("lambda", url).get_function(FunctionName="nope")),
        lambda url: _ignoring_errors(
            lambda: client("sns", url).get_topic_attributes(TopicArn="arn:aws:sns:us-east-1:111122223333:none")
        ),
    )
    with servers.moto("111122223333") as aws, servers.moto("444455556666") as cloudmock:
        for some in (*((call,) for call in calls), calls, calls[::-1]):
            with ContractProxy(aws_endpoint=aws.url, cloudmock=cloudmock.url) as proxy:
                for call in some:
                    call(proxy.url)
                report = proxy.report()
            assert ((), ()) == (report.mismatches, report.problems)


def _ignoring_errors(call: Callable[[], object]) -> None:
    with contextlib.suppress(ClientError):
        call()
