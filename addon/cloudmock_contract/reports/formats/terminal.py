"""The report as a short text for a terminal: the totals, each service, and the first root causes."""

from collections.abc import Iterator
from pathlib import Path

from cloudmock_contract.reports.formats.cleanup_script import in_words
from cloudmock_contract.reports.formats.escaping import printable
from cloudmock_contract.reports.tally.report import Cause, Report

MAX_CAUSES = 10
"""Root causes that are shown."""

MAX_LINES = 3
"""Difference lines that are shown of each."""

MAX_REASONS = 5
"""Reasons not to compare that are shown."""

MAX_RESOURCES = 5
"""Resources that were left that are shown."""

WIDEST = 160
"""Characters of a line."""


def render(report: Report, cleanup: Path | None = None) -> str:
    """The text; without a newline at its end. `cleanup`: the script that was written to delete what is left."""
    return "\n".join(_lines(report, cleanup))


def _lines(report: Report, cleanup: Path | None) -> Iterator[str]:
    if report.total_requests:
        yield from _totals(report)
    elif report.not_compared.total:
        yield "Nothing was compared."
    else:
        yield "No request came through the proxy: nothing was compared."
    if report.mismatched:
        yield from _mismatches(report)
    if report.not_compared.total:
        yield from _not_compared(report)
    if report.left or report.left_omitted:
        yield from _left(report, cleanup)
    for problem in report.problems:
        yield f"Note: {printable(problem)}"


def _totals(report: Report) -> Iterator[str]:
    yield (
        f"{report.matched} of {report.total_requests} requests matched ({report.count.percentage} %): "
        f"{report.run.cloudmock} against {report.run.aws}"
    )
    width = max(len("service"), *(len(printable(name)) for name in report.by_service))
    yield f"  {'service':<{width}}  total  matched    pct"
    for name, count in report.by_service.items():
        yield f"  {printable(name):<{width}}  {count.total:>5}  {count.matched:>7}  {count.percentage:>5}"
    if report.forgiven:
        rules = ", ".join(f"{rule} {number}" for rule, number in report.forgiven.items())
        yield _cut(f"Forgiven by rule: {rules}")


def _mismatches(report: Report) -> Iterator[str]:
    severities = ", ".join(f"{severity} {number}" for severity, number in report.by_severity.items() if number)
    yield f"{report.mismatched} mismatched by severity: {severities}"
    if report.omitted_mismatches:
        yield f"{report.omitted_mismatches} of them are counted, and not listed in the report."
    if report.by_effect:
        effects = ", ".join(f"{effect} {number}" for effect, number in report.by_effect.items())
        yield f"by what an SDK would do otherwise: {effects}"
    number = len(report.causes)
    yield f"{number} root cause{'' if number == 1 else 's'}:"
    for cause in report.causes[:MAX_CAUSES]:
        yield from _cause(cause)
    if number > MAX_CAUSES:
        yield f"  … and {number - MAX_CAUSES} more in the report."


def _not_compared(report: Report) -> Iterator[str]:
    number = report.not_compared.total
    yield f"{number} {'was' if number == 1 else 'were'} not compared:"
    reasons = list(report.not_compared.by_reason.items())
    for reason, times in reasons[:MAX_REASONS]:
        remark = f" ({times} times)" if times > 1 else ""
        yield f"  {_cut(reason, WIDEST - len(remark) - 2)}{remark}"
    if len(reasons) > MAX_REASONS:
        yield f"  … and for {len(reasons) - MAX_REASONS} more reasons."


def _left(report: Report, cleanup: Path | None) -> Iterator[str]:

    number = len(report.left)
    if number:
        yield f"{number} {'resource was' if number == 1 else 'resources were'} created on AWS and not deleted:"
    for resource in report.left[:MAX_RESOURCES]:
        yield f"  {_cut(in_words(resource), WIDEST - 2)}"
    if number > MAX_RESOURCES:
        yield f"  … and {number - MAX_RESOURCES} more in the report."
    if report.left_omitted:
        yield f"{report.left_omitted} more were created, too many to keep account of whether they were deleted."
    if cleanup:
        yield f"Clean-up script: {printable(str(cleanup))}"


def _cause(cause: Cause) -> Iterator[str]:
    exchange = cause.first
    times = f" ({cause.count} times)" if cause.count > 1 else ""
    followers = f", and {cause.followed_by} that follow" if cause.followed_by else ""
    yield _cut(f"  {exchange.verdict.severity:<6}  {exchange.operation.name}{times}{followers}")
    errors = "; ".join(
        f"{side} says {text}"
        for side, text in (("AWS", exchange.aws_error), ("CloudMock", exchange.cloudmock_error))
        if text and exchange.aws_status != exchange.cloudmock_status
    )
    differences = exchange.verdict.differences
    for number, difference in enumerate(differences[:MAX_LINES]):
        remark = errors if errors and not number else difference.violation
        yield _cut(f"          {difference}{f' ({remark})' if remark else ''}")
    if len(differences) > MAX_LINES:
        yield f"          … and {len(differences) - MAX_LINES} more"


def _cut(text: str, width: int = WIDEST) -> str:
    text = printable(text)
    return text if len(text) <= width else f"{text[: width - 1]}…"
