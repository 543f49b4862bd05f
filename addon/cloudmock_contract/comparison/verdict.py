"""The verdict on one exchange. This is the order in which it is reached; each step has its own file.

What the two sides are, and how their replies became documents, is not known here.
"""

import base64
import binascii
from dataclasses import replace

from cloudmock_contract.aws.documents.bodies import blob
from cloudmock_contract.aws.documents.conformance import extra_violation, missing_violation, violation
from cloudmock_contract.aws.models.shapes import at
from cloudmock_contract.comparison.alignment import Position, TreeDiff, align
from cloudmock_contract.comparison.differences import differences
from cloudmock_contract.comparison.sdk_effects import effects
from cloudmock_contract.comparison.severity import worst
from cloudmock_contract.comparison.tolerance import TRANSITIONAL, ForgivenessPolicy, times
from cloudmock_contract.values.difference import Difference, Kind, SdkEffect
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.exchange import Verdict
from cloudmock_contract.values.http import Failure


def judge(
    aws: Document | Failure, cloudmock: Document | Failure, tolerance: ForgivenessPolicy, protocol: str = ""
) -> Verdict:
    """Compares both sides' answers to an operation. `protocol`: by which the model's defaults are read."""
    if isinstance(aws, Failure) or isinstance(cloudmock, Failure):
        found = _failures(aws, cloudmock)
        return Verdict(found, {}, worst(found), effects(tolerance.sdk_operation, aws, cloudmock, found))
    found = _status(aws, cloudmock)
    if aws.is_error is not cloudmock.is_error:
        # An answer and an error share no members: comparing them would bury the one difference that matters.
        return Verdict(found, {}, worst(found), effects(tolerance.sdk_operation, aws, cloudmock, found))
    shape = aws.shape
    try:
        aligned = align(aws.tree, cloudmock.tree, tolerance, shape)
        found += _flaw(aws, cloudmock) + _envelope(aws, cloudmock) + _orders(aligned)
        found += tuple(
            _understood(one, Position(one.path, at(shape, one.path)), at(shape, one.path[:-1]), protocol)
            for one in differences(aligned.aws, aligned.cloudmock)
        )
    except RecursionError:
        return too_deep(found)
    is_in_transit = TRANSITIONAL in aligned.forgiven
    told = effects(tolerance.sdk_operation, aws, cloudmock, found, is_in_transit=is_in_transit)
    return Verdict(found, aligned.forgiven, worst(found), told)


def too_deep(found: tuple[Difference, ...] = ()) -> Verdict:
    """The verdict on documents that are nested too deep for a program to walk."""
    found += (Difference(("body",), Kind.UNPARSABLE, "", "nested too deep to be compared"),)
    return Verdict(found, {}, worst(found), (SdkEffect.UNPARSABLE,))


def _failures(aws: Document | Failure, cloudmock: Document | Failure) -> tuple[Difference, ...]:
    found = []
    if isinstance(aws, Failure):
        found.append(Difference(("aws",), Kind.FAILURE, aws=aws.reason))
    if isinstance(cloudmock, Failure):
        found.append(Difference(("cloudmock",), Kind.FAILURE, cloudmock=cloudmock.reason))
    return tuple(found)


def _status(aws: Document, cloudmock: Document) -> tuple[Difference, ...]:
    if aws.status == cloudmock.status:
        return ()
    return (Difference(("status",), Kind.STATUS, aws.status, cloudmock.status),)


def _flaw(aws: Document, cloudmock: Document) -> tuple[Difference, ...]:
    if bool(aws.flaw) is bool(cloudmock.flaw):
        return ()
    return (Difference(("body",), Kind.UNPARSABLE, aws.flaw, cloudmock.flaw),)


def _envelope(aws: Document, cloudmock: Document) -> tuple[Difference, ...]:
    if aws.root == cloudmock.root or not (aws.root and cloudmock.root):
        return ()
    return (Difference(("root",), Kind.ENVELOPE, aws.root, cloudmock.root),)


def _orders(aligned: TreeDiff) -> tuple[Difference, ...]:
    return tuple(
        Difference(path, Kind.ORDER, [one for one, _ in moved], [other for _, other in moved])
        for path, moved in aligned.orders.items()
    )


def _understood(difference: Difference, place: Position, shape_above: object, protocol: str) -> Difference:
    """The difference with what the model says of it."""
    match difference.kind:
        case Kind.MISSING:
            found = missing_violation(shape_above, difference.path[-1])
        case Kind.EXTRA:
            found = extra_violation(shape_above, difference.path[-1]) or violation(
                place.shape, difference.cloudmock, protocol
            )
        case _:
            found = violation(place.shape, difference.cloudmock, protocol)
    kind = Kind.FORMAT if _is_other_notation(difference, place) else difference.kind
    is_blob = kind is Kind.VALUE and place.shape is not None and place.shape.type_name == "blob"
    show = _bytes_shown if is_blob else lambda value: value
    return replace(
        difference, kind=kind, aws=show(difference.aws), cloudmock=show(difference.cloudmock), violation=found
    )


def _is_other_notation(difference: Difference, place: Position) -> bool:
    if difference.kind is not Kind.VALUE:
        return False
    found = times(place, difference.aws, difference.cloudmock)
    return found is not None and found[0].notation != found[1].notation


def _bytes_shown(value: object) -> object:
    """Bytes in base64 as their length and hash."""
    try:
        return blob(base64.b64decode(value, validate=True)) if isinstance(value, str) else value
    except (binascii.Error, ValueError):
        return value
