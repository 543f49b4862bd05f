"""How bad a difference is, by its kind. This file does not know where a difference is."""

from collections.abc import Iterable, Mapping

from cloudmock_contract.values.difference import Difference, Kind, Severity

SEVERITIES: Mapping[Kind, Severity] = {
    Kind.FAILURE: Severity.ERROR,
    Kind.STATUS: Severity.STATUS,
    Kind.MISSING: Severity.SCHEMA,
    Kind.EXTRA: Severity.SCHEMA,
    Kind.TYPE: Severity.SCHEMA,
    Kind.UNPARSABLE: Severity.SCHEMA,
    Kind.FORMAT: Severity.SCHEMA,
    Kind.ENVELOPE: Severity.SCHEMA,
    Kind.VALUE: Severity.DATA,
    Kind.ORDER: Severity.DATA,
}

WORST_LAST = tuple(Severity)


def worst(differences: Iterable[Difference]) -> Severity | None:
    """The severity of the worst difference; None if there is none."""
    found = {SEVERITIES[difference.kind] for difference in differences}
    return max(found, key=WORST_LAST.index, default=None)
