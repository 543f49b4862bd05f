"""The script that deletes what a run has left, and the lines that tell of it."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.leftovers.same_resource import CREATED_BY
from cloudmock_contract.reports.formats.cleanup_script import in_words, render
from cloudmock_contract.reports.tally.report import Run, Tally
from cloudmock_contract.values.exchange import Resource

RUN = Run(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "AWS", "http://localhost:4566")
TABLE = Resource("dynamodb", "eu-west-1", "DeleteTable", (("TableName", "users"),))
BUCKET = Resource("s3", "eu-west-1", "DeleteBucket", (("Bucket", "b"),))
OBJECT = Resource("s3", "eu-west-1", "DeleteObject", (("Bucket", "b"), ("Key", "it's $(rm -rf /)")))
KEY = Resource("kms", "us-east-1", "ScheduleKeyDeletion", (("KeyId", "k"),))
ALARM = Resource("cloudwatch", "eu-west-1", "DeleteAlarms", (("AlarmNames", '["cpu high"]'),))
UNKNOWN = Resource("iam", "us-east-1", "", (("UserName", "app"), (CREATED_BY, "CreateAccessKey")))


def script_for(*leftovers: Resource, run: Run = RUN) -> str:
    """The script of a report with these leftovers."""
    return render(replace(Tally(run).report(), leftovers=leftovers))


RECORDER = """#!/bin/sh
printf '<%s>' "$@" >> calls
echo >> calls
case "$*" in *fails*) exit 255;; esac
"""


def _run(script: str, folder: Path) -> tuple[int, list[str]]:
    """The script's exit code, and the calls of the CLI that it made."""
    cli = folder / "aws"
    cli.write_text(RECORDER)
    cli.chmod(0o755)
    ended = subprocess.run(
        ["/bin/sh", "-c", script], cwd=folder, env={"PATH": f"{folder}:/usr/bin:/bin"}, check=False, capture_output=True
    )
    assert b"" == ended.stderr
    calls = folder / "calls"
    return ended.returncode, calls.read_text().splitlines() if calls.exists() else []


def test_a_script_deletes_all_in_reverse_order() -> None:
    """The whole of it: what it is, of which run, and one command for each thing, the last one first."""
    expected = """\
#!/bin/sh
# Deletes what a run of cloudmock-contract created on AWS and did not delete:
# 6 resources, the last one first.
# The run began at 2026-01-02T03:04:05+00:00; it compared AWS with http://localhost:4566.
#
# Nobody has run this script: read it first. A command behind a # is for a resource that may be older than
# the run, as the call that wrote it overwrites (an object, a parameter, a rule). Remove the # if it is not.
# The script needs the AWS CLI, and credentials of the same account.

set -u
export AWS_PAGER=
failed=0

# By hand: iam CreateAccessKey UserName=app (us-east-1): no call is known that deletes it
aws cloudwatch delete-alarms --region eu-west-1 --alarm-names '["cpu high"]' || failed=1
aws kms schedule-key-deletion --region us-east-1 --key-id k --pending-window-in-days 7 || failed=1
aws s3api delete-object --region eu-west-1 --bucket b --key 'it'"'"'s $(rm -rf /)' || failed=1
aws s3api delete-bucket --region eu-west-1 --bucket b || failed=1
aws dynamodb delete-table --region eu-west-1 --table-name users || failed=1

exit "$failed"
"""

    assert expected == script_for(TABLE, BUCKET, OBJECT, KEY, ALARM, UNKNOWN)


def test_a_script_of_nothing_does_nothing(tmp_path: Path) -> None:
    """It is a script all the same."""
    assert (0, []) == _run(script_for(), tmp_path)


def test_the_shell_hands_on_every_name_as_it_is(tmp_path: Path) -> None:
    """Quotes and dollars are the name's own."""
    expected = [
        "<s3api><delete-object><--region><eu-west-1><--bucket><b><--key><it's $(rm -rf /)>",
        "<dynamodb><delete-table><--region><eu-west-1><--table-name><users>",
    ]

    assert (0, expected) == _run(script_for(TABLE, OBJECT), tmp_path)


def test_a_command_that_fails_fails_the_script_and_stops_nothing(tmp_path: Path) -> None:
    """The rest is deleted, and the exit code is 1."""
    failing = Resource("dynamodb", "eu-west-1", "DeleteTable", (("TableName", "fails"),))
    code, calls = _run(script_for(TABLE, failing), tmp_path)

    assert (1, 2) == (code, len(calls))


def test_another_endpoint_is_named() -> None:
    """A run against another endpoint is cleaned up there."""
    expected = "aws --endpoint-url 'http://aws.test/?a=b' dynamodb delete-table --region eu-west-1 --table-name users"

    assert expected in script_for(TABLE, run=replace(RUN, aws="http://aws.test/?a=b"))


def test_what_may_have_been_there_before_is_left_to_the_reader() -> None:
    """A thing that the run may only have overwritten is not deleted unless somebody says so."""
    script = script_for(TABLE, replace(OBJECT, may_be_older=True))

    assert "\naws dynamodb delete-table" in script
    assert "\n# aws s3api delete-object --region eu-west-1 --bucket b --key" in script


def test_a_header_stays_a_comment() -> None:
    """A URL with a newline in it begins no command."""
    run = Run(RUN.started_at, "AWS\nrm -rf /", "http://x\r\nrm -rf /")

    assert not [line for line in script_for(run=run).splitlines() if line.startswith("rm")]


@pytest.mark.parametrize("value", ["a\0b", "\udcff"])
def test_what_no_command_can_be_told_is_a_comment(value: str) -> None:
    """No name of AWS's own has it."""
    script = script_for(Resource("s3", "eu-west-1", "DeleteObject", (("Bucket", "b"), ("Key", value))))

    assert "# By hand: s3 DeleteObject" in script
    assert script.encode()
    assert "\0" not in script


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=3))
def test_no_name_breaks_the_script(names: list[tuple[str, str]]) -> None:
    """Whatever the network has said, it is valid for the shell, and each thing is one line."""
    resources = [
        Resource(key, region, action, (("Key", key),) if action else (("Key", key), (CREATED_BY, region)))
        for key, region in names
        for action in ("DeleteObject", "")
    ]
    script = script_for(*resources)
    checked = subprocess.run(["/bin/sh", "-n"], input=script.encode(), check=False, capture_output=True)

    assert (0, b"") == (checked.returncode, checked.stderr)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (TABLE, "dynamodb DeleteTable TableName=users (eu-west-1)"),
        (OBJECT, "s3 DeleteObject Bucket=b Key=it's $(rm -rf /) (eu-west-1)"),
        (UNKNOWN, "iam CreateAccessKey UserName=app (us-east-1): no call is known that deletes it"),
        (Resource("iam", "", "DeleteAccountPasswordPolicy", ()), "iam DeleteAccountPasswordPolicy"),
        (Resource("s3", "r", "DeleteObject", (("Key", "a\n\x1b[2J"),)), "s3 DeleteObject Key=a\\n\\x1b[2J (r)"),
    ],
)
def test_a_thing_is_one_line(resource: Resource, expected: str) -> None:
    """The call that deletes it and where; nothing that a terminal acts on."""
    assert expected == in_words(resource)
