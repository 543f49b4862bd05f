"""Both sides' outcomes of one exchange, and what becomes of them as far as it is needed.

Replies that say the same are recognised without making documents of them: that is what most exchanges come to, and it
costs no more than reading the replies. This file does not judge what differs.
"""

import re
from collections.abc import Iterable

from cloudmock_contract.aws.documents import bodies
from cloudmock_contract.aws.documents.bodies import Body
from cloudmock_contract.aws.documents.output import body_of, bound_members, document, holds_bytes
from cloudmock_contract.aws.documents.reply_headers import (
    are_equally_sound,
    circumstances,
    have_like_loose_headers,
    with_headers,
)
from cloudmock_contract.aws.sdk.catalog import SdkOperation
from cloudmock_contract.comparison.identifiers.generated_values import WORD
from cloudmock_contract.comparison.rules.rules import OperationRules
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.exchange import Verdict
from cloudmock_contract.values.http import Failure, Outcome, Reply

MAX_SEARCHED_BYTES = 256 * 2**10
"""Bytes of a reply in which words are looked for."""


def _texts(reply: Reply) -> Iterable[str]:
    yield bodies.text(reply.headers, bodies.decompressed(reply), MAX_SEARCHED_BYTES)
    yield from (value for name, value in reply.headers.fields if name.lower().startswith("x-amz"))


def matches_of(pattern: re.Pattern[str], texts: Iterable[str]) -> set[str]:
    """Everything in the texts that the pattern fits."""
    return {part for text in texts for part in pattern.findall(text)}


def _is_typed(outcome: Outcome) -> bool:
    """Whether it has a body and says its type."""
    return isinstance(outcome, Reply) and outcome.length > 0 and "content-type" in outcome.headers


class ReplyPair:
    """Both sides' outcomes, and what becomes of them as far as it is needed."""

    def __init__(
        self,
        protocol: str,
        sdk_operation: SdkOperation,
        aws: Outcome,
        cloudmock: Outcome,
        *,
        is_from_browser: bool = False,
    ) -> None:
        """`is_from_browser`: whether a browser made the request."""
        self._protocol, self._model = protocol, sdk_operation.model
        self._outcomes = (aws, cloudmock)
        are_typed = self._model is None or (_is_typed(aws) and _is_typed(cloudmock))
        self._circumstances = circumstances(protocol, self._model, is_from_browser=is_from_browser, are_typed=are_typed)
        self._bodies: tuple[Body, Body] | None = None
        self.aws: Document | Failure | None = aws if isinstance(aws, Failure) else None
        """None until the replies are read; likewise below."""
        self.cloudmock: Document | Failure | None = cloudmock if isinstance(cloudmock, Failure) else None

    def alike(self, rules: OperationRules) -> Verdict | None:
        """The verdict on replies that say the same, without making documents of them; None if they may not."""
        aws, cloudmock = self._outcomes
        if not (isinstance(aws, Reply) and isinstance(cloudmock, Reply) and aws.status == cloudmock.status < 300):
            return None
        if not self._have_like_headers(aws, cloudmock):
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
            self.aws = self._document(aws, aws_body)
        if isinstance(cloudmock, Reply):
            self.cloudmock = self._document(cloudmock, cloudmock_body)

    def _document(self, reply: Reply, body: Body | None) -> Document:
        read = document(reply, self._protocol, self._model, body)
        return with_headers(read, reply, self._circumstances)

    def _have_like_headers(self, aws: Reply, cloudmock: Reply) -> bool:
        """Whether the headers of two successes say the same, each of its own body."""
        return (
            aws.headers.get("content-encoding") == cloudmock.headers.get("content-encoding")
            and bound_members(aws, self._model) == bound_members(cloudmock, self._model)
            and have_like_loose_headers(aws, cloudmock, self._circumstances)
            and are_equally_sound(aws, cloudmock, self._model)
        )

    def common_words(self) -> set[str]:
        """The words that both replies have."""
        aws, cloudmock = self._outcomes
        if not (isinstance(aws, Reply) and isinstance(cloudmock, Reply)):
            return set()
        return matches_of(WORD, _texts(aws)) & matches_of(WORD, _texts(cloudmock))

    def aws_texts(self) -> Iterable[str]:
        """The texts of AWS's reply; none if it gave no reply."""
        return _texts(self._outcomes[0]) if isinstance(self._outcomes[0], Reply) else ()
