"""The verdict on one exchange. This is the order in which it is reached; each step has its own file.

What the two sides are, and how their replies became documents, is not known here.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import replace

from cloudmock_contract.aws.documents.bodies import blob
from cloudmock_contract.aws.documents.conformance import (
    JSON_IN_CBOR,
    NO_WRAPPER,
    extra_violation,
    missing_violation,
    violation,
)
from cloudmock_contract.aws.models.shapes import at
from cloudmock_contract.comparison.alignment import TreeDiff, align, is_percent_encoded, tree_in
from cloudmock_contract.comparison.sdk_effects import effects
from cloudmock_contract.comparison.tolerance import TRANSITIONAL, ForgivenessPolicy, Position, times
from cloudmock_contract.values.denial import Violation
from cloudmock_contract.values.difference import SEVERITIES, Difference, Kind, SdkEffect, Severity
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.exchange import Verdict
from cloudmock_contract.values.http import Failure

_WORST_LAST = tuple(Severity)


def judge(
    aws: Document | Failure, cloudmock: Document | Failure, policy: ForgivenessPolicy, protocol: str = ""
) -> Verdict:
    """Compares both sides' replies to an operation. `protocol`: by which the model's defaults are read."""
    if isinstance(aws, Failure) or isinstance(cloudmock, Failure):
        failures = _failures(aws, cloudmock)
        return Verdict(failures, {}, worst(failures), effects(policy.sdk_operation, aws, cloudmock, failures))
    counted = _status(aws, cloudmock)
    if aws.is_error is not cloudmock.is_error:
        # A success and an error share no members: comparing them would bury the one difference that matters.
        return Verdict(counted, {}, worst(counted), effects(policy.sdk_operation, aws, cloudmock, counted))
    shape = aws.shape
    if protocol == "json" and aws.notation == "CBOR":
        protocol = JSON_IN_CBOR
    try:
        tree_diff = align(aws.tree, cloudmock.tree, policy, shape)
        counted += _flaw(aws, cloudmock) + _envelope(aws, cloudmock) + _integrity(aws, cloudmock, policy)
        counted += _orders(tree_diff)
        counted += tuple(_with_model(difference, shape, protocol) for difference in _differences(tree_diff))
    except RecursionError:
        return too_deep(counted)
    is_in_transit = TRANSITIONAL in tree_diff.forgiven
    sdk_effects = effects(policy.sdk_operation, aws, cloudmock, counted, is_in_transit=is_in_transit)
    return Verdict(counted, tree_diff.forgiven, worst(counted), sdk_effects)


def import_deepdiff() -> None:
    """Import what the first difference needs: it takes 0.2 s, which a start should not, nor the event loop later."""
    from cloudmock_contract.comparison import differences  # noqa: F401, PLC0415


def _differences(tree_diff: TreeDiff) -> tuple[Difference, ...]:
    if not tree_diff.aws and not tree_diff.cloudmock:
        return ()
    from cloudmock_contract.comparison.differences import differences  # noqa: PLC0415 (see `import_deepdiff`)

    return differences(tree_diff.aws, tree_diff.cloudmock)


def too_deep(others: tuple[Difference, ...] = ()) -> Verdict:
    """The verdict on documents that are nested too deep for a program to walk. `others`: what is known to differ."""
    counted = (*others, Difference(("body",), Kind.UNPARSABLE, "", "nested too deep to be compared"))
    return Verdict(counted, {}, worst(counted), (SdkEffect.UNPARSABLE,))


def worst(differences: Iterable[Difference]) -> Severity | None:
    """The severity of the worst difference; None if there is none."""
    severities = {SEVERITIES[difference.kind] for difference in differences}
    return max(severities, key=_WORST_LAST.index, default=None)


def _failures(aws: Document | Failure, cloudmock: Document | Failure) -> tuple[Difference, ...]:
    failures = []
    if isinstance(aws, Failure):
        failures.append(Difference(("aws",), Kind.FAILURE, aws=aws.reason))
    if isinstance(cloudmock, Failure):
        failures.append(Difference(("cloudmock",), Kind.FAILURE, cloudmock=cloudmock.reason))
    return tuple(failures)


def _status(aws: Document, cloudmock: Document) -> tuple[Difference, ...]:
    if aws.status == cloudmock.status:
        return ()
    return (Difference(("status",), Kind.STATUS, aws.status, cloudmock.status),)


def _flaw(aws: Document, cloudmock: Document) -> tuple[Difference, ...]:
    if bool(aws.flaw) is not bool(cloudmock.flaw):
        return (Difference(("body",), Kind.UNPARSABLE, aws.flaw, cloudmock.flaw),)
    if not aws.flaw and aws.notation and cloudmock.notation and aws.notation != cloudmock.notation:
        # Each may be right where it is asked for: SDKs read the one that they asked in.
        return (Difference(("body",), Kind.UNPARSABLE, f"in {aws.notation}", f"in {cloudmock.notation}"),)
    return ()


def _integrity(aws: Document, cloudmock: Document, policy: ForgivenessPolicy) -> tuple[Difference, ...]:
    """The checksums that do not fit on one side alone: SDKs refuse that reply, or ask for it once more."""
    return tuple(
        Difference((name,), Kind.UNPARSABLE, aws.unsound.get(name, ""), cloudmock.unsound.get(name, ""))
        for name in sorted(aws.unsound.keys() ^ cloudmock.unsound.keys())
        if not policy.ignored((name,))
    )


def _envelope(aws: Document, cloudmock: Document) -> tuple[Difference, ...]:
    envelope = []
    if aws.root != cloudmock.root and aws.root and cloudmock.root:
        envelope.append(Difference(("root",), Kind.ENVELOPE, aws.root, cloudmock.root))
    if cloudmock.lacks and not (aws.lacks or aws.flaw):
        envelope.append(Difference((cloudmock.lacks,), Kind.MISSING, {}, violation=NO_WRAPPER))
    if aws.lacks and not (cloudmock.lacks or cloudmock.flaw):
        envelope.append(Difference((aws.lacks,), Kind.EXTRA, cloudmock={}))
    return tuple(envelope)


def _orders(tree_diff: TreeDiff) -> tuple[Difference, ...]:
    return tuple(
        Difference(path, Kind.ORDER, [aws_index for aws_index, _ in moved], [index for _, index in moved])
        for path, moved in tree_diff.orders.items()
    )


def _with_model(difference: Difference, shape: object, protocol: str) -> Difference:
    """The difference with what the model says of it. `shape`: the model's of the whole tree."""
    position = Position(difference.path, at(shape, difference.path))
    kind = Kind.FORMAT if _is_other_notation(difference, position) else difference.kind
    is_blob = kind is Kind.VALUE and position.shape is not None and position.shape.type_name == "blob"
    show = _bytes_shown if is_blob else lambda value: value
    return replace(
        difference,
        kind=kind,
        aws=show(difference.aws),
        cloudmock=show(difference.cloudmock),
        violation=str(_violation(difference, position.shape, at(shape, difference.path[:-1]), protocol) or ""),
    )


def _violation(difference: Difference, shape: object, parent_shape: object, protocol: str) -> Violation | None:
    """How CloudMock breaks the model there; None if it does not."""
    name, cloudmock = difference.path[-1], difference.cloudmock
    match difference.kind:
        case Kind.MISSING:
            return missing_violation(parent_shape, name)
        case Kind.EXTRA:
            return extra_violation(parent_shape, name) or violation(shape, cloudmock, protocol)
        case _:
            return violation(shape, cloudmock, protocol)


def _is_other_notation(difference: Difference, position: Position) -> bool:
    if difference.kind is not Kind.VALUE:
        return False
    if is_percent_encoded(difference.aws) is not is_percent_encoded(difference.cloudmock):
        return tree_in(difference.aws) is not None and tree_in(difference.cloudmock) is not None
    pair = times(position, difference.aws, difference.cloudmock)
    return pair is not None and pair[0].notation != pair[1].notation


def _bytes_shown(value: object) -> object:
    """Bytes in base64 as their length and hash."""
    try:
        return blob(base64.b64decode(value, validate=True)) if isinstance(value, str) else value
    except (binascii.Error, ValueError):
        return value
