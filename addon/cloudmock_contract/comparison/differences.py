"""Names the differences between two aligned trees, with DeepDiff.

DeepDiff says of each path whether a side lacks it, or has it with another type or another value. Which values belong
together is decided before, by our alignment, for two reasons: DeepDiff matches list items by comparing each with each,
which takes seconds for long lists, and it knows neither rules nor identifiers. So it is given flat mappings from path
to value that hold only what differs; rebuilt as trees, the same differences take it about ten times as long.

The only file that knows DeepDiff.
"""

from collections.abc import Callable, Mapping
from typing import Any

from deepdiff import DeepDiff
from deepdiff.operator import BaseOperator

from cloudmock_contract.comparison.alignment import ValuesByPath
from cloudmock_contract.values.difference import Difference, Kind, Path
from cloudmock_contract.values.json_values import json_type

MAX_DIFFERENCES = 5_000
"""Differences that are named one by one; of more, these are enough to know that the replies have little in common."""


def differences(aws: ValuesByPath, cloudmock: ValuesByPath) -> tuple[Difference, ...]:
    """The differences, in the order of their paths."""
    if not aws and not cloudmock:
        return ()
    paths = sorted({*aws, *cloudmock}, key=_sort_key)[:MAX_DIFFERENCES]
    delta = DeepDiff(
        {path: aws[path] for path in paths if path in aws},
        {path: cloudmock[path] for path in paths if path in cloudmock},
        view="tree",
        threshold_to_diff_deeper=0,  # otherwise mappings that share few paths would be one single difference
        custom_operators=[_WholeTexts(types=[str])],
    )
    by_path: dict[Path, Difference] = {}
    for change, difference in _DIFFERENCE_OF.items():
        for level in delta.get(change, ()):
            (path,) = level.path(output_format="list")
            by_path[path] = difference(path, level.t1, level.t2)
    return tuple(by_path[path] for path in paths if path in by_path)


class _WholeTexts(BaseOperator):
    """Two texts that differ are one difference: DeepDiff would compare their lines, at a cost that has no bounds."""

    def give_up_diffing(self, level: Any, diff_instance: Any) -> bool:
        if level.t1 != level.t2:
            diff_instance.custom_report_result("values_changed", level)
        return True


def _changed_type(path: Path, aws: object, cloudmock: object) -> Difference:
    """Python's int and float are one type in JSON."""
    kind = Kind.VALUE if json_type(aws) == json_type(cloudmock) else Kind.TYPE
    return Difference(path, kind, aws, cloudmock)


_DIFFERENCE_OF: Mapping[str, Callable[[Path, Any, Any], Difference]] = {
    "values_changed": lambda path, aws, cloudmock: Difference(path, Kind.VALUE, aws, cloudmock),
    "type_changes": _changed_type,
    "dictionary_item_removed": lambda path, aws, _: Difference(path, Kind.MISSING, aws=aws),
    "dictionary_item_added": lambda path, _, cloudmock: Difference(path, Kind.EXTRA, cloudmock=cloudmock),
}
"""What each change that DeepDiff reports is as a difference."""


def _sort_key(path: Path) -> tuple[tuple[bool, int, str], ...]:
    return tuple((False, step, "") if isinstance(step, int) else (True, 0, step) for step in path)
