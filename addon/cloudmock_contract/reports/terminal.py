"""The report as a short text for a terminal: the totals, each service, and the first differences."""

from collections.abc import Iterator

from cloudmock_contract.exchange import Exchange
from cloudmock_contract.reports.model import Report

MOST_MISMATCHES = 10
"""Mismatched exchanges that are shown."""

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
        for exchange in report.mismatches[:MOST_MISMATCHES]:
            yield from _mismatch(exchange)
        if report.mismatched > MOST_MISMATCHES:
            yield f"  … and {report.mismatched - MOST_MISMATCHES} more in the report."


def _mismatch(exchange: Exchange) -> Iterator[str]:
    yield _cut(f"  {exchange.verdict.severity:<6}  {exchange.operation.name}")
    errors = "; ".join(
        f"{side} says {text}"
        for side, text in (("AWS", exchange.aws_error), ("CloudMock", exchange.cloudmock_error))
        if text and exchange.aws_status != exchange.cloudmock_status
    )
    differences = exchange.verdict.differences
    for number, difference in enumerate(differences[:MOST_LINES]):
        yield _cut(f"          {difference}{f' ({errors})' if errors and not number else ''}")
    if len(differences) > MOST_LINES:
        yield f"          … and {len(differences) - MOST_LINES} more"


def _cut(text: str) -> str:
    text = printable(text)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def printable(text: str) -> str:
    """The text with everything escaped that a terminal might act on: it may come from the network."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
