"""Names the differences between two aligned trees, with DeepDiff.

The only file that knows DeepDiff. It is given trees that hold nothing but what differs, laid out so that it never has
to match list items: that is where it would take seconds.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from deepdiff import DeepDiff

from cloudmock_contract.comparison.alignment import Tree
from cloudmock_contract.exchange import Difference, Kind, Path, json_type


def differences(aws: Tree, cloudmock: Tree) -> tuple[Difference, ...]:
    """The differences, in the order of their paths."""
    if not aws and not cloudmock:
        return ()
    delta = DeepDiff(
        _masked(aws),
        _masked(cloudmock),
        view="tree",
        ignore_private_variables=False,  # `__type` is a member like any other: the error's name
        threshold_to_diff_deeper=0,  # members are compared one by one, however few two objects share
    )
    return tuple(sorted(_named(delta, aws, cloudmock), key=lambda difference: _sort_key(difference.path)))


def _masked(value: object) -> Any:
    """The tree with every string on one line: DeepDiff compares the lines of a text, at a cost that has no bounds."""
    if isinstance(value, str) and ("\n" in value or "\\" in value):
        return value.replace("\\", "\\\\").replace("\n", "\\n")
    return {key: _masked(item) for key, item in value.items()} if isinstance(value, dict) else value


def _named(delta: Mapping[str, Any], aws: Tree, cloudmock: Tree) -> Iterator[Difference]:
    for change, name in _KINDS.items():
        for level in delta.get(change, ()):
            path = tuple(level.path(output_format="list"))
            yield name(path, _at(aws, path), _at(cloudmock, path))


def _at(tree: Any, path: Path) -> Any:
    """What stands there; None if nothing does."""
    for step in path:
        tree = tree.get(step)
    return tree


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
