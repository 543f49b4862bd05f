"""The labels of an operation's path: of `/{Bucket}/{Key+}` and the path `/b/k`, `Bucket` is `b` and `Key` is `k`.

S3's bucket may stand in the host; it is looked for there too. This file does not know which operation has which path,
nor what a label means. Source: https://smithy.io/2.0/spec/http-bindings.html#httplabel-trait
"""

import functools
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from cloudmock_contract.aws.wire.hosts import bucket_and_path
from cloudmock_contract.values.call import Call

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")


def path_labels(call: Call, template: str, *, must_fit: bool = False) -> Mapping[str, str]:
    """The texts in the call's path, decoded, by the labels that they stand for.

    `template`: as a model has it, `/{Bucket}/{Key+}?acl`. A path that does not fit it, such as one with the slashes of
    an ARN as they are, is read segment by segment, as far as that goes; not if it `must_fit`.
    """
    if "{" not in template:
        return {}
    path = call.request.path
    if call.operation.service == "s3":
        bucket, rest = bucket_and_path(call.request, call.authentication)
        path = f"/{quote(bucket, safe=':', errors='surrogateescape')}{rest}"
    pattern, names = _pattern(template)
    match = pattern.fullmatch(path)
    if match:
        return dict(zip(names, map(unquote, match.groups()), strict=True))
    return {} if must_fit else _by_position(path, template)


def _by_position(path: str, template: str) -> Mapping[str, str]:
    segments, steps = path.strip("/").split("/"), template.partition("?")[0].strip("/").split("/")
    labels: dict[str, str] = {}
    start = 0
    for index, step in enumerate(steps):
        label = _LABEL.fullmatch(step)
        end = max(start + 1, len(segments) - (len(steps) - index - 1)) if label and label[2] else start + 1
        if label and start < len(segments):
            labels[label[1]] = unquote("/".join(segments[start:end]))
        start = end
    return labels


@functools.lru_cache(maxsize=4096)
def _pattern(template: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """What a path of this template looks like, with a group for each label; and the labels' names."""
    literal, *rest = _LABEL.split(template.partition("?")[0].strip("/"))
    names, pluses, literals = rest[::3], rest[1::3], rest[2::3]
    groups = ("(.+)" if plus else "([^/]+)" for plus in pluses)
    pattern = re.escape(literal) + "".join(
        group + re.escape(text) for group, text in zip(groups, literals, strict=True)
    )
    # An endpoint URL that ends with a slash makes a path that begins with two. At the end of a greedy label, a slash is
    # part of it.
    end = "" if pattern.endswith("(.+)") else "/*"
    return re.compile(f"/+{pattern}{end}", re.DOTALL), tuple(names)
