"""How the AWS CLI names services, operations and members, and how a value is written for it.

Source: the CLI's own customizations, https://github.com/aws/aws-cli/tree/develop/awscli/customizations (argrename.py,
removals.py and the modules that rename a command). This file runs nothing, and does not know shells.
"""

import json
import re
from collections.abc import Mapping

from botocore import xform_name

_COMMANDS: Mapping[str, str] = {"codedeploy": "deploy", "config": "configservice", "s3": "s3api"}
"""Services that the CLI has under another name."""

_OPERATIONS: Mapping[str, str] = {"emr.TerminateJobFlows": "terminate-clusters"}
"""Operations that the CLI has a command of its own for."""

_ARGUMENTS: Mapping[str, str] = {
    "codepipeline.DeleteCustomActionType.version": "action-version",
    "emr.*.JobFlowIds": "cluster-ids",
    "lex-models.DeleteBot.version": "bot-version",
    "lex-models.DeleteBotVersion.version": "bot-version",
    "lex-models.DeleteIntent.version": "intent-version",
    "lex-models.DeleteIntentVersion.version": "intent-version",
    "lex-models.DeleteSlotType.version": "slot-type-version",
    "lex-models.DeleteSlotTypeVersion.version": "slot-type-version",
    "route53.DeleteTrafficPolicy.Version": "traffic-policy-version",
    "schemas.*.version": "schema-version",
}
"""Members whose names the CLI needs for itself."""

_FLAGS: Mapping[str, Mapping[str, str]] = {
    "ec2.DeleteNetworkAclEntry.Egress": {"true": "--egress", "false": "--ingress"},
}
"""Members that are an option without a value."""

_GLOBAL = frozenset(("debug", "endpoint-url", "output", "profile", "query", "region", "version", "color"))
"""Options that the CLI takes for every command."""

_ADDED: Mapping[str, tuple[str, ...]] = {"kms.ScheduleKeyDeletion": ("--pending-window-in-days", "7")}
"""What a command is told besides. A key waits for 30 days if nothing is said, and for 7 at the least."""

_FROM_ELSEWHERE = re.compile(r"(?i)(?:file|fileb|https?)://")
"""Values that the CLI takes for the place of the value."""


def command(service: str) -> str:
    """The CLI's command for botocore's service."""
    return _COMMANDS.get(service, service)


def operation(service: str, action: str) -> str:
    """The subcommand of an operation: `delete-table`."""
    return _OPERATIONS.get(f"{service}.{action}", str(xform_name(action, "-")))


def argument(service: str, action: str, member: str) -> str:
    """The option of a member, without its dashes: `table-name`."""
    for name in (f"{service}.{action}.{member}", f"{service}.*.{member}"):
        if name in _ARGUMENTS:
            return _ARGUMENTS[name]
    return str(xform_name(member, "-"))


def arguments(service: str, action: str, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The words that tell an operation its members, each as the CLI is to get it; not quoted for a shell.

    Lists and structures are JSON, as the CLI takes them. A text that it would take for a file's name or a URL goes as
    JSON too, and so does what no terminal should be shown as it is, and a member whose option the CLI has for itself.
    """
    words: list[str] = []
    as_json = {}
    for member, value in parameters.items():
        option = argument(service, action, member)
        if flag := _FLAGS.get(f"{service}.{action}.{member}", {}).get(value):
            words.append(flag)
        elif _FROM_ELSEWHERE.match(value) or option in _GLOBAL or not value.isprintable():
            as_json[member] = value
        elif value.startswith("-"):
            words.append(f"--{option}={value}")
        else:
            words += (f"--{option}", value)
    if as_json:
        words = ["--cli-input-json", json.dumps(as_json, sort_keys=True), *words]
    return (*words, *_ADDED.get(f"{service}.{action}", ()))
