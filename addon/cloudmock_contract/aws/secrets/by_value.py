"""Takes secrets out of an exchange that are known by their values: what the run signs with, and what the app has sent.

AWS, CloudMock and whoever stands between may quote in an error, or anywhere, what they were sent. What is secret by its
name or by its model, `by_model` takes out.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from botocore.model import OperationModel

from cloudmock_contract.aws.documents.input import members
from cloudmock_contract.aws.models.shapes import below, is_sensitive
from cloudmock_contract.aws.secrets.by_model import REDACTED, SECRET_NAMES
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.difference import Difference
from cloudmock_contract.values.exchange import Exchange

MIN_CHARACTERS = 6
"""Characters of a secret that is looked for: a shorter one stands in texts that do not quote it."""


def secrets_in(call: Call, model: OperationModel | None) -> frozenset[str]:
    """The texts in the call's input that are secret by its model or by their names."""
    if model is None or model.input_shape is None:
        return frozenset()
    return frozenset(_secrets(members(call, model), model.input_shape, is_secret=False))


def cleared(exchange: Exchange, secrets: Collection[str]) -> Exchange:
    """The exchange without these texts, wherever they are quoted."""
    known = sorted((text for text in secrets if len(text) >= MIN_CHARACTERS), key=len, reverse=True)
    if not known:
        return exchange
    pattern = re.compile("|".join(map(re.escape, known)))

    def clear(value: object) -> Any:
        match value:
            case str():
                return pattern.sub(REDACTED, value)
            case dict():
                return {clear(key): clear(item) for key, item in value.items()}
            case list() | tuple():
                return type(value)(map(clear, value))
            case _:
                return value

    differences = tuple(
        Difference(
            clear(difference.path),
            difference.kind,
            clear(difference.aws),
            clear(difference.cloudmock),
            clear(difference.violation),
        )
        for difference in exchange.verdict.differences
    )
    return replace(
        exchange,
        path=clear(exchange.path),
        aws_error=clear(exchange.aws_error),
        cloudmock_error=clear(exchange.cloudmock_error),
        not_compared=clear(exchange.not_compared),
        verdict=replace(exchange.verdict, differences=differences),
    )


def _secrets(value: object, shape: Any, *, is_secret: bool) -> Iterator[str]:
    is_secret = is_secret or is_sensitive(shape)
    match value:
        case dict():
            for name, item in value.items():
                is_named = str(name).lower() in SECRET_NAMES
                yield from _secrets(item, below(shape, str(name)), is_secret=is_secret or is_named)
        case list():
            for item in value:
                yield from _secrets(item, below(shape, 0), is_secret=is_secret)
        case str() if is_secret:
            yield value
