"""Both sides' outcomes of one exchange, and what becomes of them as far as it is needed.

Replies that say the same are recognised without making documents of them: that is what most exchanges come to, and it
costs no more than reading the replies. This file does not judge what differs.
"""

import re
from collections.abc import Iterable

from cloudmock_contract.aws.documents import bodies
from cloudmock_contract.aws.documents.bodies import Body
from cloudmock_contract.aws.documents.output import body_of, bound_members, document, holds_bytes
from cloudmock_contract.aws.sdk.catalog import SdkOperation
from cloudmock_contract.comparison.identifiers.generated_values import WORD
from cloudmock_contract.comparison.rules.rules import OperationRules
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.exchange import Verdict
from cloudmock_contract.values.http import Failure, Outcome, Reply

MAX_SEARCHED_BYTES = 256 * 2**10
"""Bytes of a reply in which words are looked for."""


def _texts(reply: Reply) -> Iterable[str]:
    yield bodies.decompressed(reply)[:MAX_SEARCHED_BYTES].decode("utf-8", "replace")
    yield from (value for name, value in reply.headers.fields if name.lower().startswith("x-amz"))


def matches_of(pattern: re.Pattern[str], texts: Iterable[str]) -> set[str]:
    """Everything in the texts that the pattern fits."""
    return {part for text in texts for part in pattern.findall(text)}


class ReplyPair:
    """Both sides' outcomes, and what becomes of them as far as it is needed."""

    def __init__(self, protocol: str, sdk_operation: SdkOperation, aws: Outcome, cloudmock: Outcome) -> None:
        self._protocol, self._model = protocol, sdk_operation.model
        self._outcomes = (aws, cloudmock)
        self._bodies: tuple[Body, Body] | None = None
        self.aws: Document | Failure | None = aws if isinstance(aws, Failure) else None
        """None until the replies are read; likewise below."""
        self.cloudmock: Document | Failure | None = cloudmock if isinstance(cloudmock, Failure) else None

    def alike(self, rules: OperationRules) -> Verdict | None:
        """The verdict on replies that say the same, without making documents of them; None if they may not."""
        aws, cloudmock = self._outcomes
        if not (isinstance(aws, Reply) and isinstance(cloudmock, Reply) and aws.status == cloudmock.status < 300):
            return None
        if aws.headers.get("content-encoding") != cloudmock.headers.get("content-encoding"):
            return None
        if bound_members(aws, self._model) != bound_members(cloudmock, self._model):
            return None
        is_xml = self._protocol in bodies.XML_PROTOCOLS and not holds_bytes(self._model and self._model.output_shape)
        names = {name: rule for name, rule in rules.ignored_names.items() if isinstance(name, str)} if is_xml else {}
        if aws.digest or cloudmock.digest:
            return Verdict() if aws.digest == cloudmock.digest else None
        forgiven = bodies.same_but_for(aws.body, cloudmock.body, names)
        if forgiven is not None:
            return Verdict((), forgiven)
        self._bodies = (body_of(aws, self._protocol, self._model), body_of(cloudmock, self._protocol, self._model))
        return Verdict() if bodies.say_the_same(*self._bodies) else None

    @property
    def are_successes(self) -> bool:
        """Whether both sides did what the request asks for."""
        return all(isinstance(outcome, Reply) and outcome.status < 300 for outcome in self._outcomes)

    def read(self) -> None:
        """Make documents of the replies."""
        aws, cloudmock = self._outcomes
        aws_body, cloudmock_body = self._bodies or (None, None)
        if isinstance(aws, Reply):
            self.aws = document(aws, self._protocol, self._model, aws_body)
        if isinstance(cloudmock, Reply):
            self.cloudmock = document(cloudmock, self._protocol, self._model, cloudmock_body)

    def common_words(self) -> set[str]:
        """The words that both replies have."""
        aws, cloudmock = self._outcomes
        if not (isinstance(aws, Reply) and isinstance(cloudmock, Reply)):
            return set()
        return matches_of(WORD, _texts(aws)) & matches_of(WORD, _texts(cloudmock))

    def aws_texts(self) -> Iterable[str]:
        """The texts of AWS's reply; none if it gave no reply."""
        return _texts(self._outcomes[0]) if isinstance(self._outcomes[0], Reply) else ()
