"""The summary on the terminal."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cloudmock_contract.reports.formats.terminal import (
    MAX_CAUSES,
    MAX_DIFFERENCES,
    MAX_REASONS,
    MAX_RESOURCES,
    MAX_WIDTH,
    render,
)
from cloudmock_contract.reports.tally.report import Report
from cloudmock_contract.values.difference import Difference, Kind, SdkEffect, Severity
from cloudmock_contract.values.exchange import Exchange, Resource, Verdict

_VALUE = Difference(("Name",), Kind.VALUE, "a", "b")
_STATUS = Difference(("status",), Kind.STATUS, 200, 404)


def test_nothing_compared_is_said(report: Callable[..., Report]) -> None:
    """A run in which no request came through says just that."""
    expected = "No request came through the proxy: nothing was compared."

    assert expected == render(report())


def test_a_summary_has_totals_services_and_mismatches(
    exchange: Callable[..., Exchange], report: Callable[..., Report]
) -> None:
    """The whole summary: how many matched of what, each service, what was forgiven, and what did not match."""
    outcome = report(
        exchange(name="s3.PutObject", forgiven={"HostId in s3.*": 2}),
        exchange(_VALUE, name="dynamodb.GetItem", forgiven={"RequestId": 3}),
        exchange(
            _STATUS,
            name="dynamodb.PutItem",
            cloudmock_status=404,
            cloudmock_error="ResourceNotFoundException: no table",
        ),
    )

    expected = """\
1 of 3 requests matched (33.3 %): http://localhost:4566 against AWS
  service   total  matched    pct
  dynamodb      2        0    0.0
  s3            1        1  100.0
Forgiven by rule: RequestId 3, HostId in s3.* 2
2 mismatched by severity: status 1, data 1
2 root causes:
  data    dynamodb.GetItem
          Name: "a" -> "b"
  status  dynamodb.PutItem
          status: 200 -> 404 (CloudMock says ResourceNotFoundException: no table)"""
    assert expected == render(outcome)


def test_a_match_has_no_more_lines_than_it_needs(
    exchange: Callable[..., Exchange], report: Callable[..., Report]
) -> None:
    """Where all matched and nothing was forgiven, there are the totals alone."""
    lines = render(report(exchange())).splitlines()

    expected = 3
    assert expected == len(lines)
    assert lines[0].startswith("1 of 1 requests matched (100.0 %)")


@pytest.mark.parametrize("count", [MAX_CAUSES, MAX_CAUSES + 1, 1000])
def test_only_the_first_mismatches_are_shown(
    exchange: Callable[..., Exchange], report: Callable[..., Report], count: int
) -> None:
    """Of many mismatches the first are shown, and how many more there are."""
    text = render(report(*[exchange(_VALUE, name=f"s3.Do{number}") for number in range(count)]))

    assert [str(number) for number in range(MAX_CAUSES)] == re.findall(r"s3\.Do(\d+)", text)
    more = re.findall(r"… and (\d+) more in the report\.$", text)
    assert ([str(count - MAX_CAUSES)] if count > MAX_CAUSES else []) == more


@pytest.mark.parametrize("count", [1, MAX_DIFFERENCES, MAX_DIFFERENCES + 1, 1000])
def test_only_the_first_differences_are_shown(
    exchange: Callable[..., Exchange], report: Callable[..., Report], count: int
) -> None:
    """Of a mismatch with many differences the first are shown, and how many more there are."""
    text = render(report(exchange(*[Difference(("x", number), Kind.EXTRA) for number in range(count)])))

    assert [f"{number}" for number in range(min(count, MAX_DIFFERENCES))] == re.findall(r"x\[(\d+)\]: extra key", text)
    more = re.findall(r"… and (\d+) more$", text)
    assert ([str(count - MAX_DIFFERENCES)] if count > MAX_DIFFERENCES else []) == more


def test_errors_are_told_where_they_explain_a_status(
    exchange: Callable[..., Exchange], report: Callable[..., Report]
) -> None:
    """Both sides' errors stand beside the status that differs, and nowhere if the status is the same."""
    errors = {"aws_error": "A: one", "cloudmock_error": "B: other"}
    different = render(report(exchange(_STATUS, _VALUE, aws_status=400, cloudmock_status=404, **errors)))
    same = render(report(exchange(_VALUE, aws_status=400, cloudmock_status=400, **errors)))

    expected = "(AWS says A: one; CloudMock says B: other)"
    assert [1, 0] == [different.count(expected), same.count(expected)]
    assert f"status: 200 -> 404 {expected}\n" in different
    assert "says" not in same


def test_long_lines_are_cut(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """No line is wider than a terminal may be, and one that is cut ends in an ellipsis."""
    long = Difference(("Body",), Kind.VALUE, "x" * 5_000, "y")
    rules = {f"rule{number}": 1 for number in range(100)}
    lines = render(report(exchange(long, forgiven=rules, aws_error="z" * 5_000))).splitlines()

    assert max(map(len, lines)) == MAX_WIDTH
    assert [MAX_WIDTH] * 2 == [len(line) for line in lines if line.endswith("…")]


def test_a_line_of_the_greatest_width_is_whole(
    exchange: Callable[..., Exchange], report: Callable[..., Report]
) -> None:
    """A line that just fits is not cut."""
    indent = 10
    fitting = Difference(("x" * (MAX_WIDTH - indent - len(": extra key")),), Kind.EXTRA)
    last = render(report(exchange(fitting))).splitlines()[-1]

    assert f"{' ' * indent}{fitting}" == last


_HOSTILE = "\x1b]0;title\x07\x1b[2J\r\n\x00\x9b\u202e\u2028\ud800"


@pytest.mark.parametrize(
    "hostile",
    [
        {"name": f"s3{_HOSTILE}.Do{_HOSTILE}"},
        {"forgiven": {_HOSTILE: 1}},
        {"aws_error": _HOSTILE, "aws_status": 500},
        {"cloudmock_error": _HOSTILE, "cloudmock_status": 500},
    ],
    ids=["name", "rule", "AWS", "CloudMock"],
)
def test_what_a_terminal_acts_on_is_escaped(
    exchange: Callable[..., Exchange], report: Callable[..., Report], hostile: dict[str, object]
) -> None:
    """Names, values and messages from the network cannot move the cursor, break lines or name the window."""
    differences = [
        Difference((_HOSTILE, 0), Kind.VALUE, _HOSTILE, {_HOSTILE: 1}),
        Difference(("aws",), Kind.FAILURE, aws=_HOSTILE),
    ]
    text = render(report(exchange(*differences, **hostile)))

    assert all(line.isprintable() for line in text.split("\n"))
    assert text.count("\n") < 12
    assert r"\x1b]0;title\x07\x1b[2J\r\n" in text


def test_causes_are_told_with_their_number(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """A root cause says how often it is there and what follows from it; effects and the model's word stand with it."""
    violation = "the model requires it"
    missing = Difference(("Arn",), Kind.MISSING, "x", violation=violation)
    verdict = Verdict((missing,), {}, Severity.SCHEMA, (SdkEffect.PAGINATION, SdkEffect.DATA))
    text = render(
        report(
            exchange(name="s3.Make", id="1", verdict=verdict),
            exchange(name="s3.Make", id="2", verdict=verdict),
            exchange(_VALUE, name="s3.Read", follows="2"),
        )
    )

    expected = """\
3 mismatched by severity: schema 2, data 1
by what an SDK would do differently: pagination 2
1 root cause:
  schema  s3.Make (2 times), and 1 that follows
          Arn: missing key (the model requires it)"""
    assert text.endswith(expected)


def test_what_was_not_compared_is_told_by_reason(
    exchange: Callable[..., Exchange], report: Callable[..., Report]
) -> None:
    """How many were not compared stands beside what matched, with the commonest reasons."""
    aborted, streamed = exchange(not_compared="The app left."), exchange(not_compared="It was streamed.")
    outcome = report(exchange(), aborted, streamed, streamed)

    expected = """\
3 requests were not compared:
  It was streamed. (2 times)
  The app left."""
    assert render(outcome).endswith(expected)
    assert "1 request was not compared:" in render(report(aborted))
    assert render(report(aborted)).startswith("Nothing was compared.")


def test_only_the_commonest_reasons_are_shown(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Of many reasons the first are shown, cut where they are long, and how many more there are."""
    outcome = report(*(exchange(not_compared=f"{number} {'x' * 5_000}") for number in range(MAX_REASONS + 3)))
    lines = render(outcome).splitlines()

    assert "  … and 3 more reasons in the report." == lines[-1]
    assert MAX_REASONS + 3 == len(lines)
    assert max(map(len, lines)) == MAX_WIDTH


def test_what_comes_from_the_network_is_escaped_everywhere(
    exchange: Callable[..., Exchange], report: Callable[..., Report]
) -> None:
    """Reasons, and names of things that were created, cannot act on the terminal either."""
    resource = Resource("s3", _HOSTILE, "DeleteBucket", (("Bucket", _HOSTILE),))
    text = render(report(exchange(created=(resource,), not_compared=_HOSTILE)), Path(_HOSTILE.replace("\0", "")))

    assert all(line.isprintable() for line in text.split("\n"))
    assert 5 == text.count("\n")


def test_what_is_left_is_told_with_its_script(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """What was created and not deleted is shown, the first of it, and where the script is that deletes it."""
    resources = [Resource("s3", "", "DeleteBucket", (("Bucket", f"b{number}"),)) for number in range(MAX_RESOURCES + 2)]
    single = render(report(exchange(created=tuple(resources[:1]))))
    many = render(report(exchange(created=tuple(resources))), Path("clean\n.sh")).splitlines()

    assert single.endswith("\n1 resource was created on AWS and not deleted:\n  s3 DeleteBucket Bucket=b0")
    assert "7 resources were created on AWS and not deleted:" in many
    assert [r"  … and 2 more in the report.", r"Clean-up script: clean\n.sh"] == many[-2:]


def test_what_is_missing_in_a_report_is_told(exchange: Callable[..., Exchange], report: Callable[..., Report]) -> None:
    """Mismatches and things that are counted and not listed have a line, and so has each problem."""
    outcome = replace(
        report(exchange(_VALUE)), mismatches_omitted=7, leftovers_omitted=8, problems=("Bad\x1b.", "Worse.")
    )
    text = render(outcome)

    assert "\n7 of them are counted, but not listed in the report.\n" in text
    assert "\n8 more were created: too many to keep track of whether they were deleted.\n" in text
    assert text.endswith("\nNote: Bad\\x1b.\nNote: Worse.")
