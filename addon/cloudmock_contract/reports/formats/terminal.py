"""The report as a short text for a terminal: the totals, each service, and the first root causes.

This file does not know which stream the text goes to, nor what else is printed there.
"""

from collections.abc import Iterator
from pathlib import Path

from cloudmock_contract.reports.formats.cleanup_script import in_words
from cloudmock_contract.reports.formats.escaping import printable
from cloudmock_contract.reports.tally.report import Report, RootCause

MAX_CAUSES = 10
"""Root causes that are shown."""

MAX_DIFFERENCES = 3
"""Differences that are shown of each."""

MAX_REASONS = 5
"""Reasons not to compare that are shown."""

MAX_RESOURCES = 5
"""Leftovers that are shown."""

MAX_WIDTH = 160
"""Characters of a line."""


def render(report: Report, cleanup: Path | None = None) -> str:
    """The text, without a newline at its end. `cleanup`: the script that was written to delete the leftovers."""
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
    if report.leftovers or report.leftovers_omitted:
        yield from _leftovers(report, cleanup)
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
        rules = ", ".join(f"{rule} {count}" for rule, count in report.forgiven.items())
        yield _cut(f"Forgiven by rule: {rules}")


def _mismatches(report: Report) -> Iterator[str]:
    severities = ", ".join(f"{severity} {count}" for severity, count in report.by_severity.items() if count)
    yield f"{report.mismatched} mismatched by severity: {severities}"
    if report.mismatches_omitted:
        yield f"{report.mismatches_omitted} of them are counted, but not listed in the report."
    if report.by_effect:
        effects = ", ".join(f"{effect} {count}" for effect, count in report.by_effect.items())
        yield f"by what an SDK would do differently: {effects}"
    count = len(report.root_causes)
    yield f"{count} root cause{'' if count == 1 else 's'}:"
    for cause in report.root_causes[:MAX_CAUSES]:
        yield from _root_cause(cause)
    if count > MAX_CAUSES:
        yield f"  … and {count - MAX_CAUSES} more in the report."


def _not_compared(report: Report) -> Iterator[str]:
    count = report.not_compared.total
    yield f"{count} {'request was' if count == 1 else 'requests were'} not compared:"
    reasons = list(report.not_compared.by_reason.items())
    for reason, times in reasons[:MAX_REASONS]:
        remark = f" ({times} times)" if times > 1 else ""
        yield f"  {_cut(reason, MAX_WIDTH - len(remark) - 2)}{remark}"
    if len(reasons) > MAX_REASONS:
        yield f"  … and {len(reasons) - MAX_REASONS} more reasons in the report."


def _leftovers(report: Report, cleanup: Path | None) -> Iterator[str]:
    count = len(report.leftovers)
    if count:
        yield f"{count} {'resource was' if count == 1 else 'resources were'} created on AWS and not deleted:"
    for resource in report.leftovers[:MAX_RESOURCES]:
        yield f"  {_cut(in_words(resource), MAX_WIDTH - 2)}"
    if count > MAX_RESOURCES:
        yield f"  … and {count - MAX_RESOURCES} more in the report."
    if report.leftovers_omitted:
        yield f"{report.leftovers_omitted} more were created: too many to keep track of whether they were deleted."
    if cleanup:
        yield f"Clean-up script: {printable(str(cleanup))}"


def _root_cause(cause: RootCause) -> Iterator[str]:
    exchange = cause.first
    times = f" ({cause.count} times)" if cause.count > 1 else ""
    plural = "" if cause.followed_by > 1 else "s"
    followers = f", and {cause.followed_by} that follow{plural}" if cause.followed_by else ""
    yield _cut(f"  {exchange.verdict.severity:<6}  {exchange.operation.name}{times}{followers}")
    errors = "; ".join(
        f"{side} says {text}"
        for side, text in (("AWS", exchange.aws_error), ("CloudMock", exchange.cloudmock_error))
        if text and exchange.aws_status != exchange.cloudmock_status
    )
    differences = exchange.verdict.differences
    for index, difference in enumerate(differences[:MAX_DIFFERENCES]):
        remark = errors if errors and index == 0 else difference.violation
        yield _cut(f"          {difference}{f' ({remark})' if remark else ''}")
    if len(differences) > MAX_DIFFERENCES:
        yield f"          … and {len(differences) - MAX_DIFFERENCES} more"


def _cut(text: str, width: int = MAX_WIDTH) -> str:
    text = printable(text)
    return text if len(text) <= width else f"{text[: width - 1]}…"
