"""The report as a short text for a terminal: the totals, each service, and the first root causes."""

from collections.abc import Iterator

from cloudmock_contract.reports.model import Cause, Report

MOST_CAUSES = 10
"""Root causes that are shown."""

MOST_LINES = 3
"""Difference lines that are shown of each."""

WIDEST = 160
"""Characters of a line."""


def render(report: Report) -> str:
    """The text; without a newline at its end."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    if not report.total_requests:
        yield "No request came through the proxy: nothing was compared."
        return
    yield (
        f"{report.matched} of {report.total_requests} requests matched ({report.count.percentage} %): "
        f"{report.run.cloudmock} against {report.run.aws}"
    )
    width = max(len("service"), *map(len, report.by_service))
    yield f"  {'service':<{width}}  total  matched    pct"
    for name, count in report.by_service.items():
        yield f"  {printable(name):<{width}}  {count.total:>5}  {count.matched:>7}  {count.percentage:>5}"
    if report.forgiven:
        rules = ", ".join(f"{rule} {number}" for rule, number in report.forgiven.items())
        yield _cut(f"Forgiven by rule: {rules}")
    if report.mismatches:
        severities = ", ".join(f"{severity} {number}" for severity, number in report.by_severity.items() if number)
        yield f"{report.mismatched} mismatched by severity: {severities}"
        if report.by_effect:
            effects = ", ".join(f"{effect} {number}" for effect, number in report.by_effect.items())
            yield f"by what an SDK would do otherwise: {effects}"
        number = len(report.causes)
        yield f"{number} root cause{'' if number == 1 else 's'}:"
        for cause in report.causes[:MOST_CAUSES]:
            yield from _cause(cause)
        if number > MOST_CAUSES:
            yield f"  … and {number - MOST_CAUSES} more in the report."


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
    for number, difference in enumerate(differences[:MOST_LINES]):
        remark = errors if errors and not number else difference.breach
        yield _cut(f"          {difference}{f' ({remark})' if remark else ''}")
    if len(differences) > MOST_LINES:
        yield f"          … and {len(differences) - MOST_LINES} more"


def _cut(text: str) -> str:
    text = printable(text)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def printable(text: str) -> str:
    """The text with everything escaped that a terminal might act on: it may come from the network."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
