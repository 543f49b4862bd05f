"""Whose the credentials are that the requests of the two sides are signed with, as far as the sides say so.

Each side is asked once per access key, when the first request is signed with it, behind the app's back: CloudMock's
copy waits for the answers, the app does not. What both say of the same request's keys belongs together, and is known
before anything is compared: account and partition, and of the user's own keys caller and user id. Who has keys that a
side gave to the app is not taken for granted: that follows from what the app has done on both.

A side that does not say so costs a line among the run's problems, and nothing else. This file does not know how a side
is asked.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator

from cloudmock_contract import safe_logging
from cloudmock_contract.aws.credentials.caller_identity import CallerIdentity
from cloudmock_contract.aws.credentials.provider import Credentials
from cloudmock_contract.errors import ContractError
from cloudmock_contract.values.bounded_dict import BoundedDict

MAX_ASKED = 100
"""Access keys of which a side is asked whose they are: an app may assume a role for each of its requests."""

MAX_SETTLED = 10_000
"""Pairs of access keys of which it is remembered that there is nothing more to learn."""

_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):(?:iam|sts)::\d{12}:[\w+=,.@:/-]+", re.ASCII)
_USER_ID = re.compile(r"[\w+=,.@:/-]+", re.ASCII)

logger = safe_logging.logger(__name__)

type Ask = Callable[[Credentials], Awaitable[CallerIdentity]]
"""Asks a side; raises ContractError if it does not say."""


class Callers:
    """Those of one run. Belongs to the event loop."""

    def __init__(
        self, seed: Callable[[Iterable[tuple[str, str]]], None], note_problem: Callable[[str, str], None]
    ) -> None:
        """`seed`: takes what of AWS's and of CloudMock's belongs together; `note_problem`: a side's name, and why it is
        not known whose keys its requests are signed with.
        """
        self._seed = seed
        self._note_problem = note_problem
        self._asked: dict[tuple[str, str], asyncio.Future[CallerIdentity | None]] = {}
        """By side and access key."""
        self._known: dict[str, CallerIdentity] = {}
        """Of AWS, by access key, what was found out before the run."""
        self._settling: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._settled = BoundedDict[tuple[str, str], bool](MAX_SETTLED)

    def forget(self) -> None:
        """The sides are others from now on, or are asked in another way."""
        self._asked.clear()
        self._settled.clear()

    def note_aws(self, access_key: str, caller: CallerIdentity) -> None:
        """AWS has said whose this key is; it is not asked again."""
        self._known[access_key] = caller

    def are_settled(self, aws: Credentials, cloudmock: Credentials) -> bool:
        """Whether all is known that can be of requests that are signed with these."""
        return (aws.access_key, cloudmock.access_key) in self._settled

    async def settle(
        self, aws: tuple[Credentials, Ask], cloudmock: tuple[Credentials, Ask], *, are_issued: bool
    ) -> None:
        """Wait until it is known whose these credentials are, or that nobody says so; raises nothing.

        `are_issued`: a side gave them to the app in this run.
        """
        keys = (aws[0].access_key, cloudmock[0].access_key)
        if keys in self._settled:
            return
        if keys not in self._settling:
            self._settling[keys] = asyncio.create_task(self._learn(keys, aws, cloudmock, are_issued=are_issued))
        await asyncio.wait((self._settling[keys],))

    async def close(self) -> None:
        """Ask nobody any more."""
        tasks = tuple(self._settling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _learn(
        self,
        keys: tuple[str, str],
        aws: tuple[Credentials, Ask],
        cloudmock: tuple[Credentials, Ask],
        *,
        are_issued: bool,
    ) -> None:
        try:
            of_aws, of_cloudmock = await asyncio.gather(self._ask("AWS", *aws), self._ask("CloudMock", *cloudmock))
            if of_aws and of_cloudmock:
                self._seed(pairs(of_aws, of_cloudmock, are_issued=are_issued))
        except Exception:  # a defect of this program must not cost the exchange
            logger.exception("cloudmock-contract failed to learn whose the credentials are.")
        finally:
            self._settled[keys] = True
            del self._settling[keys]

    async def _ask(self, side: str, credentials: Credentials, ask: Ask) -> CallerIdentity | None:
        """Who the caller is to that side; None if it does not say."""
        if side == "AWS" and (caller := self._known.get(credentials.access_key)):
            return caller
        key = (side, credentials.access_key)
        if key in self._asked:
            return await asyncio.shield(self._asked[key])
        if len(self._asked) >= 2 * MAX_ASKED:
            return None
        self._asked[key] = asyncio.get_running_loop().create_future()
        caller = None
        try:
            caller = await ask(credentials)
        except ContractError as error:
            self._note_problem(side, str(error))
        finally:
            self._asked[key].set_result(caller)
        return caller


def pairs(aws: CallerIdentity, cloudmock: CallerIdentity, *, are_issued: bool) -> Iterator[tuple[str, str]]:
    """What of AWS's and of CloudMock's belongs together, by what both say of the caller."""
    yield aws.account, cloudmock.account
    of_aws, of_cloudmock = _ARN.fullmatch(aws.arn), _ARN.fullmatch(cloudmock.arn)
    if of_aws and of_cloudmock:
        if of_aws["partition"] != of_cloudmock["partition"]:
            yield of_aws["partition"], of_cloudmock["partition"]
        if not are_issued:
            yield aws.arn, cloudmock.arn
    user_ids = (aws.user_id, cloudmock.user_id)
    if not are_issued and all(map(_USER_ID.fullmatch, user_ids)):
        yield user_ids
