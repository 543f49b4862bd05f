"""The verdict on one exchange. This is the order in which it is reached; each step has its own file.

What the two sides are, and how their replies became documents, is not known here.
"""

from cloudmock_contract.comparison.alignment import align
from cloudmock_contract.comparison.differences import differences
from cloudmock_contract.comparison.rules import Rules
from cloudmock_contract.comparison.severity import worst
from cloudmock_contract.exchange import Difference, Document, Failure, Kind, Verdict


def judge(operation: str, aws: Document | Failure, cloudmock: Document | Failure, rules: Rules) -> Verdict:
    """Compares both sides' answers to an operation (`dynamodb.PutItem`)."""
    if isinstance(aws, Failure) or isinstance(cloudmock, Failure):
        found = _failures(aws, cloudmock)
        return Verdict(found, {}, worst(found))
    found = _status(aws, cloudmock)
    if aws.is_error is not cloudmock.is_error:
        # An answer and an error share no members: comparing them would bury the one difference that matters.
        return Verdict(found, {}, worst(found))
    try:
        aligned = align(aws.tree, cloudmock.tree, lambda path: rules.rule_for(operation, path))
        found += _flaw(aws, cloudmock) + differences(aligned.aws, aligned.cloudmock)
    except RecursionError:
        return too_deep(found)
    return Verdict(found, aligned.forgiven, worst(found))


def too_deep(found: tuple[Difference, ...] = ()) -> Verdict:
    """The verdict on documents that are nested too deep for a program to walk."""
    found += (Difference(("body",), Kind.UNPARSABLE, "", "nested too deep to be compared"),)
    return Verdict(found, {}, worst(found))


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
