"""What a run has left on AWS: one line for each thing, and a script that deletes them all.

The script is written for a person to read before it is run. Names in it come from the network: each is one word to the
shell, or a comment of one line. This file runs nothing.
"""

import shlex
from collections.abc import Iterator, Sequence

from cloudmock_contract.leftovers import aws_cli
from cloudmock_contract.leftovers.resource_changes import CREATED_BY
from cloudmock_contract.reports.formats.escaping import printable
from cloudmock_contract.reports.tally.report import Run
from cloudmock_contract.values.exchange import Resource


def render(resources: Sequence[Resource], run: Run, endpoint: str = "") -> str:
    """The script, for a POSIX shell. `resources`: in the order in which they were created; the last one goes first.

    `endpoint`: where AWS was reached, if not at its own endpoints. The script exits with 1 if a command failed.
    """
    return "\n".join(_lines(resources, run, endpoint)) + "\n"


def in_words(resource: Resource) -> str:
    """One line: `dynamodb DeleteTable TableName=users (eu-west-1)`."""
    parameters = dict(resource.parameters)
    made_by = parameters.pop(CREATED_BY, "")
    words = [resource.service, resource.action or made_by, *(f"{name}={value}" for name, value in parameters.items())]
    place = f" ({resource.region})" if resource.region else ""
    remark = "" if resource.action else ": no call that deletes it is known"
    return printable(f"{' '.join(filter(None, words))}{place}{remark}")


def _lines(resources: Sequence[Resource], run: Run, endpoint: str) -> Iterator[str]:
    number = len(resources)
    yield from (
        "#!/bin/sh",
        f"# Deletes what a run of cloudmock-contract has created on {printable(run.aws)} and has not deleted:",
        f"# {number} thing{'' if number == 1 else 's'}, the last one first.",
        f"# The run began at {run.started_at.isoformat()}; it compared AWS with {printable(run.cloudmock)}.",
        "#",
        "# Nobody has run this script. Read it first. What may have been there before, because the call that wrote it",
        "# overwrites (an object, a parameter, a rule), stands behind a #: take that away where it was not.",
        "# It needs the AWS CLI, and credentials of the same account.",
        "",
        "set -u",
        "export AWS_PAGER=",
        "failed=0",
        "",
    )
    for resource in reversed(resources):
        yield _command(resource, endpoint) if resource.action else f"# By hand: {in_words(resource)}"
    yield from ("", 'exit "$failed"')


def _command(resource: Resource, endpoint: str) -> str:
    parameters = dict(resource.parameters)
    if any("\0" in value or not _is_encodable(value) for value in parameters.values()):  # no command can be told that
        return f"# By hand: {in_words(resource)}"
    words = [
        "aws",
        *(("--endpoint-url", endpoint) if endpoint else ()),
        aws_cli.command(resource.service),
        aws_cli.operation(resource.service, resource.action),
        *(("--region", resource.region) if resource.region else ()),
        *aws_cli.arguments(resource.service, resource.action, parameters),
    ]
    line = f"{shlex.join(words)} || failed=1"
    if resource.may_be_older:
        return f"# {line}" if line.isprintable() else f"# By hand: {in_words(resource)}"
    return line


def _is_encodable(word: str) -> bool:
    """Whether the word can be written as UTF-8: it may have come from bytes that are not."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
