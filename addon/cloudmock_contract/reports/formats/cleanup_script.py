"""What a run has left on AWS: one line for each resource, and a script that deletes them all.

The script is for a person to read before running it. Names in it come from the network: each is one word to the shell,
or part of a comment of one line. This file runs nothing.
"""

import shlex
from collections.abc import Iterator

from cloudmock_contract.leftovers import aws_cli
from cloudmock_contract.leftovers.same_resource import CREATED_BY
from cloudmock_contract.reports.formats.escaping import printable
from cloudmock_contract.reports.tally.report import Report
from cloudmock_contract.values.exchange import Resource


def render(report: Report) -> str:
    """The script, for a POSIX shell; it deletes the last resource first, and exits with 1 if a command failed."""
    return "\n".join(_lines(report)) + "\n"


def in_words(resource: Resource) -> str:
    """One line: `dynamodb DeleteTable TableName=users (eu-west-1)`."""
    parameters = dict(resource.parameters)
    creator = parameters.pop(CREATED_BY, "")
    words = [resource.service, resource.action or creator, *(f"{name}={value}" for name, value in parameters.items())]
    region = f" ({resource.region})" if resource.region else ""
    remark = "" if resource.action else ": no call is known that deletes it"
    return printable(f"{' '.join(filter(None, words))}{region}{remark}")


def _lines(report: Report) -> Iterator[str]:
    run, count = report.run, len(report.leftovers)
    yield from (
        "#!/bin/sh",
        f"# Deletes what a run of cloudmock-contract created on {printable(run.aws)} and did not delete:",
        f"# {count} resource{'' if count == 1 else 's'}, the last one first.",
        f"# The run began at {run.started_at.isoformat()}; it compared AWS with {printable(run.cloudmock)}.",
        "#",
        "# Nobody has run this script: read it first. A command behind a # is for a resource that may be older than",
        "# the run, as the call that wrote it overwrites (an object, a parameter, a rule). Remove the # if it is not.",
        "# The script needs the AWS CLI, and credentials of the same account.",
        "",
        "set -u",
        "export AWS_PAGER=",
        "failed=0",
        "",
    )
    for resource in reversed(report.leftovers):
        yield _command(resource, run.aws_endpoint) if resource.action else f"# By hand: {in_words(resource)}"
    yield from ("", 'exit "$failed"')


def _command(resource: Resource, endpoint: str) -> str:
    parameters = dict(resource.parameters)
    if any("\0" in value or not _is_encodable(value) for value in parameters.values()):  # no command line can hold it
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
    """Whether the word can be written as UTF-8: it may come from bytes that are not."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
