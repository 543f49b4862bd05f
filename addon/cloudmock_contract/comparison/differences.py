"""Names the differences between two aligned trees, with DeepDiff.

The only file that knows DeepDiff. It is given flat mappings that hold nothing but what differs, so that it never has to
match list items: that is where it would take seconds.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from deepdiff import DeepDiff

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
    one = {number: _on_one_line(aws[path]) for number, path in enumerate(paths) if path in aws}
    other = {number: _on_one_line(cloudmock[path]) for number, path in enumerate(paths) if path in cloudmock}
    delta = DeepDiff(one, other, view="tree", threshold_to_diff_deeper=0)
    found = dict(_named(delta, paths, aws, cloudmock))
    return tuple(found[number] for number in sorted(found))


def _on_one_line(value: object) -> Any:
    """The value, a text on one line: DeepDiff compares the lines of a text, at a cost that has no bounds."""
    if isinstance(value, str) and ("\n" in value or "\\" in value):
        return value.replace("\\", "\\\\").replace("\n", "\\n")
    return value


def _named(
    delta: Mapping[str, Any], paths: list[Path], aws: ValuesByPath, cloudmock: ValuesByPath
) -> Iterator[tuple[int, Difference]]:
    for change, name in _KINDS.items():
        for level in delta.get(change, ()):
            (number,) = level.path(output_format="list")
            path = paths[number]
            yield number, name(path, aws.get(path), cloudmock.get(path))


def _changed_type(path: Path, aws: object, cloudmock: object) -> Difference:
    """Python's int and float are one type in JSON."""
    kind = Kind.VALUE if json_type(aws) == json_type(cloudmock) else Kind.TYPE
    return Difference(path, kind, aws, cloudmock)


_KINDS: Mapping[str, Callable[[Path, Any, Any], Difference]] = {
    "values_changed": lambda path, aws, cloudmock: Difference(path, Kind.VALUE, aws, cloudmock),
    "type_changes": _changed_type,
    "dictionary_item_removed": lambda path, aws, _: Difference(path, Kind.MISSING, aws=aws),
    "dictionary_item_added": lambda path, _, cloudmock: Difference(path, Kind.EXTRA, cloudmock=cloudmock),
}


def _sort_key(path: Path) -> tuple[tuple[bool, int, str], ...]:
    return tuple((False, step, "") if isinstance(step, int) else (True, 0, step) for step in path)
